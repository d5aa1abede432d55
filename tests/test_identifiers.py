"""Identifiers: DOMAIN's worked vectors, unique repair, and numbers without a check digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values import identifiers as ids

SOUND = ("91350100M000100Y43", "914403001922038216", "9144030071526726XG", "91110108551385082Q", "91110108MA01EBFH9B")


@pytest.mark.parametrize("code", SOUND)
def test_sound_codes(code: str) -> None:
    assert ids.uscc_valid(code) and ids.uscc_org_valid(code)
    assert ids.uscc_valid(f" {code[:8]} {code[8:]} ")
    assert ids.repair_uscc(f"统一社会信用代码：{code}") == ids.Repair(code, False, code)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y4Z",
        "91350100M0001TGQXM",
        "91310115MA1H8R7C6D",
        "91310115MA1G4L1WXK",
        "",
        "91",
        "9135010",
        "A" * 18,
    ],
)
def test_codes_that_fail(code: str) -> None:
    assert not ids.uscc_valid(code)
    assert ids.repair_uscc(code) is None


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("91110108551385O82Q", "91110108551385082Q"),
        ("9I44O3OO1922O38216", "914403001922038216"),
        ("91110108MAO1EBFH9B", "91110108MA01EBFH9B"),
        ("911101085513850820", "91110108551385082Q"),
        ("91350100M000100Y43|", "91350100M000100Y43"),
    ],
)
def test_unique_repairs(read: str, meant: str) -> None:
    repair = ids.repair_uscc(read)
    assert repair is not None and (repair.value, repair.repaired, repair.from_) == (meant, True, read)


def test_id_cards_are_no_codes() -> None:
    assert ids.looks_like_id_card("11010519491231002X") and ids.looks_like_id_card("110105194912310021") is False
    assert ids.find_uscc("身份证号：11010519491231002X 电话 13800138000") == ()
    assert ids.repair_uscc("110105199003072375") is None


def test_codes_in_running_text() -> None:
    text = "甲方 91110108551385082Q，乙方 91310115MA1H8R7C6D；订单 123456789012345678"
    found = ids.find_uscc(text)
    assert [(f.value, f.valid) for f in found] == [("91110108551385082Q", True), ("91310115MA1H8R7C6D", False)]
    assert text[slice(*found[0].span)] == "91110108551385082Q"


@given(st.sampled_from(SOUND), st.integers(0, 17), st.sampled_from(ids.ALPHABET))
def test_every_single_substitution_is_detected(code: str, position: int, sign: str) -> None:
    changed = code[:position] + sign + code[position + 1 :]
    assert ids.uscc_valid(changed) == (changed == code)


@given(
    st.sampled_from(["91", "12", "52", "93"]),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text(alphabet="0123456789ABCDEFGH", min_size=8, max_size=8),
    st.data(),
)
def test_made_codes_pass_and_forbidden_letters_come_back(head: str, region: str, org: str, data: st.DataObject) -> None:
    first17 = head + region + org + ids.org_check_char(org)
    code = first17 + ids.uscc_check_char(first17)
    if ids.looks_like_id_card(code):
        return
    assert ids.uscc_valid(code)
    spots = [i for i, c in enumerate(code) if c in "0125"]
    if spots:
        i = data.draw(st.sampled_from(spots))
        read = code[:i] + {"0": "O", "1": "I", "2": "Z", "5": "S"}[code[i]] + code[i + 1 :]
        repair = ids.repair_uscc(read)
        assert repair is None or repair.value == code or ids.uscc_org_valid(repair.value)
        if "O" not in read:  # O has three readings, the others one
            assert repair is not None and repair.value == code


@given(st.text(max_size=40) | st.text(alphabet="0123456789OIZSVABCDX -|", max_size=24))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for function in (
        ids.repair_uscc,
        ids.find_uscc,
        ids.parse_patent_no,
        ids.parse_org_code,
        ids.sr_number,
        ids.audit_report_no,
    ):
        function(text)
    for function in (ids.iso_number, ids.report_code, ids.phone, ids.email, ids.postcode, ids.hi_tech_number):
        function(text)
    ids.registration15_valid(text)
    ids.org_code_valid(text)
    ids.compare_numbers(text, text)


def test_organisation_codes_and_old_registration_numbers() -> None:
    assert ids.org_code_valid("D2143569-X") and ids.org_code_valid("MA01EBFH9")
    assert not ids.org_code_valid("MA01EBFH1")
    assert ids.parse_org_code("组织机构代码：D2143569-X") == "D2143569-X"
    assert ids.registration15_valid("110108000000016") and ids.registration15_valid("440301103097413")
    assert not ids.registration15_valid("440301103097414") and not ids.registration15_valid("91110108551385")


@pytest.mark.parametrize(
    ("text", "value", "kind", "valid"),
    [
        ("ZL 2017 1 0601862.3", "ZL201710601862.3", "invention", True),
        ("专利号：ZL95115608.×", "ZL95115608.X", "invention", True),
        ("97101765.4", "ZL97101765.4", "invention", True),
        ("ZL202220123456.7", "ZL202220123456.7", "utility", True),
        ("ZL202130098765.4", "ZL202130098765.4", "design", True),
        ("ZL201710601862.4", "ZL201710601862.4", "invention", False),
    ],
)
def test_patent_numbers(text: str, value: str, kind: str, valid: bool) -> None:
    found = ids.parse_patent_no(text)
    assert found is not None and (found.value, found.kind, found.valid) == (value, kind, valid)


AUDIT_NUMBERS = (
    "大华审字[2023]001405号",
    "信会师报字[2023]第ZA12345号",
    "天健审[2023]1234号",
    "容诚审字[2023]230Z1234号",
    "致同审字[2023]第110A012345号",
    "天职业字[2023]12345号",
    "大信审字[2023]第1-01234号",
    "中兴华审字[2023]第010123号",
    "立信中联审字[2023]D-0123号",
    "XYZH/2023BJAA1B0123",
    "普华永道中天审字[2023]第10123号",
    "安永华明[2023]审字第60123456_A01号",
    "德师报[审]字[23]第P01234号",
    "毕马威华振审字第2301234号",
    "苏公W[2023]A123号",
)


@pytest.mark.parametrize("number", AUDIT_NUMBERS)
@pytest.mark.parametrize("brackets", ["[]", "()", "（）", "〔〕", "【】"])
def test_audit_report_numbers_in_any_brackets(number: str, brackets: str) -> None:
    printed = number.replace("[", brackets[0]).replace("]", brackets[1])
    assert ids.audit_report_no(printed) == number
    assert ids.audit_report_no(f"报告文号： {printed}") == number
    assert ids.compare_numbers(printed, number) == "equal"


@pytest.mark.parametrize(
    "text", ["中投促函[2023]84号", "财会〔2019〕6号", "安化北里1号长保大厦", "软著登字第123456号", ""]
)
def test_other_numbers_are_no_report_numbers(text: str) -> None:
    assert ids.audit_report_no(text) is None


def test_certificate_numbers() -> None:
    assert ids.report_code("报告编码： 京25CLW5B6TX") == "京25CLW5B6TX"
    assert ids.sr_number("登记号：2014 SR 001852") == ids.sr_number("2014SB001852") == "2014SR001852"
    assert ids.sr_number("软著登字第2016SR172900号") == "2016SR172900"
    assert ids.copyright_certificate_no("证书号： 软著登字第 0671096 号") == "软著登字第0671096号"
    assert ids.hi_tech_number("证书编号：GR2O2111000001") == "GR202111000001"
    assert ids.iso_number("证书编号：03410Q10286R0S") == "03410Q10286R0S"
    assert ids.iso_number("Certificate No.: CN-12345/A") == "CN-12345/A"
    assert ids.compare_numbers("ZL201710601862.3", "２０１７１０６０１８６２．３") == "equal"
    assert ids.compare_numbers("GR202111000001", "GR2O2111000001") == "near"
    assert ids.compare_numbers("A1", "B7") == ids.compare_numbers("", "") == "different"


def test_contacts() -> None:
    for text in ("138 0013 8000", "+86-13800138000", "138-0013-8000", "１３８００１３８０００", "手机：13800138000"):
        assert ids.mobile(text) == "13800138000", text
    assert ids.mobile("010-12345678") is None
    assert ids.phone("010-87654321转123") == "010-87654321-123"
    assert ids.same_phone("（010）87654321", "010 87654321-12") and not ids.same_phone("13800138000", "13800138001")
    assert ids.email("邮箱：Li.Na@ABC。com.cn") == "li.na@abc.com.cn"
    assert ids.same_email("A@b.com", "a@b.com ") and not ids.same_email("", "")
    assert ids.postcode("邮编 100062") == "100062" and ids.postcode("1000621") is None


def test_near_codes() -> None:
    assert ids.near_code("CCIIP2023S00001", "CCIIP2023S0000l") and not ids.near_code("A1", "A2")
    assert ids.edit_distance("abc", "abd") == 1 and ids.edit_distance("a" * 9, "b" * 9, limit=2) == 3
