"""Cover sheets: payloads and where they cut."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.split import (
    CoverPayload,
    cover_application_no,
    make_cover_payload,
    parcel_department,
    parse_cover_payload,
    separated_type,
    split_at_covers,
)
from pipeline.model import Box, Code, Page, PageKind

NUMBER = "CCIIP2023S00001"
words = st.text(
    st.characters(codec="ascii", exclude_characters="|", exclude_categories=["Cc"]), min_size=1, max_size=20
)
signs = st.characters(exclude_categories=[])  # halves of pairs, too
numbers = words.map(str.strip).filter(bool)


def sealed(number: str, ordinal: str = "1") -> str:
    """A payload as anybody can make it: the checksum is no secret."""
    text = f"YANZHANG1|cciip-2023|{number}|envelope|{ordinal}|"
    return f"{text}|{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"


def page(number: int, kind: PageKind = "content", text: str = "") -> Page:
    codes = (Code(kind="QRCode", text=text, box=Box(0.1, 0.1, 0.3, 0.3)),) if text else ()
    return Page(number=number, file="a.pdf", index=number - 1, sha256="", width=10, height=10, kind=kind, codes=codes)


def cover(number: int, application: str, ordinal: int = 1, sheet: str = "envelope") -> Page:
    return page(number, "cover", make_cover_payload("cciip-2023", application, sheet=sheet, ordinal=ordinal))


@given(numbers, numbers, st.integers(1, 10_000), st.none() | st.dates())
def test_payloads_come_back(programme: str, number: str, ordinal: int, received: date | None) -> None:
    text = make_cover_payload(programme, number, ordinal=ordinal, received_on=received)
    assert parse_cover_payload(text) == CoverPayload(number, programme, "envelope", ordinal, received)


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_a_changed_sign_is_noticed(at: int, sign: str) -> None:
    text = make_cover_payload("cciip-2023", NUMBER, ordinal=3)
    at %= len(text)
    changed = text[:at] + sign + text[at + 1 :]
    parsed = parse_cover_payload(changed)
    assert changed.strip().lower() == text.lower() or parsed is None or parsed.programme == ""


def test_parts_may_not_hold_the_separator() -> None:
    with pytest.raises(ValueError, match="may hold"):
        make_cover_payload("cciip|2023", NUMBER)


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    parse_cover_payload(text)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f" {NUMBER}\n",
        f'{{"application_no": "{NUMBER}", "name": "x"}}',
        f"https://example.org/form?application_no={NUMBER}&page=1",
        f"申报编号 {NUMBER}",
    ],
)
def test_codes_of_other_systems(text: str) -> None:
    parsed = parse_cover_payload(text)
    assert parsed is not None
    assert parsed.application_no == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "http://www.gsxt.gov.cn/index.html?uniscid=91420100695336650X",
        "01,10,012001800311,33207675,46.62,20190508,76939056883466677916,E1BD,",
        "91320594MA1MX7QK3T",
        "2020SR1268379",
        "",
        "{not json",
    ],
)
def test_other_codes_are_no_covers(text: str) -> None:
    assert parse_cover_payload(text) is None


def test_application_number_of_a_page() -> None:
    assert cover_application_no(cover(1, NUMBER)) == NUMBER
    assert cover_application_no(page(1, "content", make_cover_payload("p", NUMBER))) is None
    assert cover_application_no(page(1, "cover", "nonsense")) is None


@pytest.mark.parametrize(
    "text",
    [
        "http://[::1",
        "http://\u2100.com/?no=CCIIP2023S00001",
        '{"no": ' + "[" * 2_000,
        '{"no":' * 2_000,
        sealed("CCIIP2023S00001", ordinal="9" * 4_400),
        sealed("CCIIP2023S00001", ordinal="²"),
        sealed("\x1b[2J"),
        sealed("CCIIP2023S\u202e10000"),
        sealed("A" * 2_000),
    ],
)
def test_codes_that_mean_harm_are_no_covers(text: str) -> None:
    """Each of these broke the page it was printed on, or named an envelope as no number can be."""
    assert parse_cover_payload(text) is None


@given(st.one_of(st.text(signs, max_size=300), st.builds(sealed, st.text(signs, max_size=90), st.text(max_size=9))))
def test_any_text_of_a_code_is_a_cover_or_none(text: str) -> None:
    told = parse_cover_payload(text)
    if told is not None:
        assert told.application_no.isprintable()
        assert 0 < len(told.application_no) <= 64


def test_no_cover_no_cut() -> None:
    assert split_at_covers([page(i) for i in range(1, 5)]) == ((0, 4),)
    assert split_at_covers([]) == ()


def test_each_cover_begins_an_envelope() -> None:
    pages = [cover(1, "A"), page(2), page(3), cover(4, "B"), page(5)]
    assert split_at_covers(pages) == ((0, 3), (3, 5))


def test_pages_before_the_first_cover_stay_by_themselves() -> None:
    assert split_at_covers([page(1), cover(2, "A"), page(3)]) == ((0, 1), (1, 3))


def test_blank_pages_before_the_first_cover_go_with_it() -> None:
    assert split_at_covers([page(1, "blank"), cover(2, "A"), page(3)]) == ((0, 3),)


def test_both_sides_of_a_cover_and_inner_separators_do_not_cut() -> None:
    pages = [
        cover(1, "A"),
        cover(2, "A"),
        page(3),
        cover(4, "A", sheet="audit_report"),
        page(5),
        cover(6, "A", 2),
        page(7),
    ]
    assert split_at_covers(pages) == ((0, 5), (5, 7))


@given(st.lists(st.sampled_from(["content", "blank", "A", "B"]), max_size=12))
def test_segments_account_for_every_page(kinds: list[str]) -> None:
    pages = [
        cover(i, kind) if kind in "AB" else page(i, "blank" if kind == "blank" else "content")
        for i, kind in enumerate(kinds, start=1)
    ]
    segments = split_at_covers(pages)
    assert [i for a, b in segments for i in range(a, b)] == list(range(len(pages)))


def test_a_parcel_goes_with_the_first_envelope_or_with_its_list() -> None:
    parcel = cover(1, "某市商务局", sheet="parcel")
    assert split_at_covers([parcel, cover(2, "A"), page(3), cover(4, "B"), page(5)]) == ((0, 3), (3, 5))
    assert split_at_covers([parcel, page(2), cover(3, "A"), page(4)]) == ((0, 2), (2, 4))
    # What goes on of its list, and the other side of it, part nothing; another parcel does.
    more = [parcel, cover(2, "某市商务局", 2, sheet="parcel-list"), page(3, "blank"), cover(4, "A"), page(5)]
    assert split_at_covers(more) == ((0, 5),)
    assert split_at_covers([parcel, cover(2, "另一商务局", sheet="parcel"), page(3)]) == ((0, 1), (1, 3))
    assert parcel_department(parcel) == "某市商务局" and cover_application_no(parcel) is None


def test_an_empty_envelope_is_no_part_of_the_next() -> None:
    assert split_at_covers([cover(1, "A"), page(2, "blank"), cover(3, "B"), page(4)]) == ((0, 2), (2, 4))


def test_a_page_that_cannot_be_read_before_the_first_cover_is_not_the_covers() -> None:
    assert split_at_covers([page(1, "unreadable"), cover(2, "A"), page(3)]) == ((0, 1), (1, 3))


@pytest.mark.parametrize("sheet", ["document:audit_report", "document:", "checklist", "parcel"])
def test_what_a_sheet_announces(sheet: str) -> None:
    told = separated_type(cover(1, "A", sheet=sheet))
    assert told == ("audit_report" if sheet == "document:audit_report" else None)
