"""What leaves the house holds no personal data, however it is written (pipeline/values/masking.py)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.masking import MASK, masked, masked_number

MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
ID_CARD = re.compile(r"[0-9]{17}[0-9Xx]")

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
id_cards = st.from_regex(
    r"[1-6][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{3}[0-9Xx]", fullmatch=True
)
users = st.from_regex(r"[A-Za-z][A-Za-z0-9._+-]{2,20}[A-Za-z0-9]", fullmatch=True)
around = st.text(max_size=40)
# What stands beside a number in a sentence; a digit beside it makes another number of it.
beside = st.sampled_from(["", " ", "：", "手机", "电话:", "(", ")", "，", "\n", "tel.", "/", "+86", "86", "a", "号"])
full_width = str.maketrans("0123456789@", "０１２３４５６７８９＠")


@given(around, beside, mobiles, beside, around)
def test_no_mobile_comes_out(before: str, left: str, number: str, right: str, after: str) -> None:
    said = masked(before + left + number + right + after)
    assert number not in said
    assert not MOBILE.search(said)


@given(beside, mobiles, st.sampled_from(["", " ", "-", "\u200b", "\u2011", ".", "·", "_", "）"]), st.booleans())
def test_a_mobile_in_groups_or_in_full_width_is_one(left: str, number: str, between: str, wide: bool) -> None:
    written = between.join((number[:3], number[3:7], number[7:]))
    said = masked(left + (written.translate(full_width) if wide else written))
    assert number[3:7] not in said
    assert number[7:] not in said


@given(around, id_cards, around)
def test_no_id_card_comes_out(before: str, number: str, after: str) -> None:
    said = masked(f"{before}身份证{number}号{after}")
    assert number not in said
    assert not ID_CARD.search(said)


@given(
    beside,
    users,
    st.sampled_from(["@", "＠", " @ ", "(at)", " [at] "]),
    st.sampled_from(["qq.com", "163.com", "hz.gov.cn"]),
)
def test_no_user_of_an_address_comes_out(left: str, user: str, at: str, domain: str) -> None:
    said = masked(f"{left}{user}{at}{domain} 收")
    assert user not in said
    assert domain not in said


@given(st.text(max_size=300))
def test_what_is_masked_stays_masked_and_text_of_any_kind_is_taken(text: str) -> None:
    said = masked(text)
    assert not MOBILE.search(said)
    assert not ID_CARD.search(said)
    assert masked(said) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("法定代表人：欧阳建国，手机 138 1234 5678", f"法定代表人:{MASK},手机 {MASK}"),
        ("联系人 张三丰", f"联系人 {MASK}"),
        ("legal representative: Zhang San, here", f"legal representative: {MASK}, here"),
        ("张三.pdf: it asks for a password", f"{MASK}.pdf: it asks for a password"),
        ("scan 李建国 13812345678.pdf", f"scan {MASK} {MASK}.pdf"),
        ("一三八一二三四五六七八", MASK),
        ("138.1234.5678", MASK),
        ("tel 010-12345678", f"tel {MASK}"),
        ("٠١٢٣٤٥٦٧٨٩٠", MASK),
    ],
)
def test_names_and_numbers_of_persons(text: str, said: str) -> None:
    assert masked(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "杭州市创云网络科技股份有限公司",
        "王府井集团股份有限公司",
        "CCIIP2023S00001",
        "20230928101530.pdf",
        "202309281015300123.pdf"[:17] + ".pdf",
        "2023-09-28 02:13",
        "91350100M000100Y43",
        "env-0001.pdf#2: page 3 could not be read to its end",
        "postgresql://h:5432 does not answer (192.168.10.20)",
        "12,345,678 bytes, 99.5 %",
        "江苏.pdf",
    ],
)
def test_what_an_operator_needs_stays(text: str) -> None:
    assert masked(text) == text


@given(st.text(max_size=60))
def test_a_number_of_an_application_is_plain_or_masked(text: str) -> None:
    said = masked_number(text)
    assert len(said) <= 40
    assert not MOBILE.search(said)


def test_numbers_of_applications() -> None:
    assert masked_number("CCIIP2023S00001") == "CCIIP2023S00001"
    assert masked_number("2023-000123") == "2023-000123"
    assert masked_number("13812345678") == MASK
    assert masked_number("张三") == MASK
