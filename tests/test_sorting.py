"""Pages to documents: openers, continuations, strangers, disorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, Document, DocumentType, Line, Page, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.sorting import Section, printed_page_number, same_subject, sort_pages

FORM, AUDIT, ISO, OTHER = (
    DocumentType.INFORMATION_FORM,
    DocumentType.AUDIT_REPORT,
    DocumentType.ISO_CERTIFICATE,
    DocumentType.OTHER,
)


def page(number: int, text: str, footer: str = "") -> ReadPage:
    lines = [Line(text=text, box=Box(0.2, 0.4, 0.8, 0.45), confidence=1.0)]
    if footer:
        lines.append(Line(text=footer, box=Box(0.4, 0.95, 0.6, 0.97), confidence=1.0))
    return ReadPage(
        page=Page(number=number, file="a", index=number, sha256="", width=100, height=140), lines=tuple(lines)
    )


@dataclass(frozen=True)
class Words:
    """A real extractor in small: pages say ``<type> <score> <opens> <subject>``."""

    type: DocumentType

    def score(self, page: ReadPage) -> PageScore | None:
        words = page.lines[0].text.split()
        if words[0] != self.type.value:
            return None
        subject = words[3] if len(words) > 3 else ""
        return PageScore(type=self.type, score=int(words[1]), opens=words[2] == "first", subject=subject)

    def extract(self, pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
        return Document(type=type, pages=tuple(p.page.number for p in pages), confidence=1.0)


EXTRACTORS = (Words(FORM), Words(AUDIT), Words(ISO))


def sort(*texts: str) -> list[tuple[DocumentType, tuple[int, ...]]]:
    pages = [page(i, text) for i, text in enumerate(texts)]
    return [(g.type, g.pages) for g in sort_pages(pages, EXTRACTORS)]


def test_shuffled_pages_come_together() -> None:
    assert sort(
        "audit_report 60 next",
        "information_form 95 first 甲软件有限公司",
        "audit_report 95 first 甲软件有限公司",
        "iso_certificate 95 first",
        "information_form 70 next",
        "audit_report 60 next",
    ) == [(AUDIT, (0, 2, 5)), (FORM, (1, 4)), (ISO, (3,))]


def test_a_page_with_little_but_a_seal_ends_the_statement_before_it() -> None:
    statement = Words(DocumentType.SUPPORTING_STATEMENT)
    pages = [page(0, "supporting_statement 95 first"), page(1, "甲软件园管理委员会（盖章）"), page(2, "menu 0 x")]
    groups = sort_pages(pages, (statement,))
    assert [(g.type, g.pages) for g in groups] == [(DocumentType.SUPPORTING_STATEMENT, (0, 1)), (OTHER, (2,))]


def test_each_certificate_is_its_own() -> None:
    assert sort("iso_certificate 95 first", "iso_certificate 60 next", "iso_certificate 95 first") == [
        (ISO, (0, 1)),
        (ISO, (2,)),
    ]


def test_cover_and_title_page_are_one_report() -> None:
    assert sort("audit_report 95 first 甲软件有限公司", "audit_report 95 first 甲软件有限公司") == [(AUDIT, (0, 1))]


def test_a_strangers_statement_stays_apart() -> None:
    assert sort(
        "audit_report 95 first 北京云帆软件有限公司",
        "audit_report 80 next 北京星海软件有限公司",
        "audit_report 80 next 北京云帆软件有限公司",
    ) == [(AUDIT, (0, 2)), (AUDIT, (1,))]


def test_second_form_opens_a_second_document() -> None:
    assert sort("information_form 95 first 甲甲甲甲公司", "information_form 95 first 乙乙乙乙公司") == [
        (FORM, (0,)),
        (FORM, (1,)),
    ]


def test_unknown_pages_in_a_row_are_one_document() -> None:
    assert sort("menu 0 x", "menu 0 x", "iso_certificate 95 first", "menu 0 x") == [
        (OTHER, (0, 1)),
        (ISO, (2,)),
        (OTHER, (3,)),
    ]


def test_weak_page_goes_with_its_neighbour_only() -> None:
    assert sort("audit_report 95 first", "audit_report 20 next", "menu 0 x", "audit_report 20 next") == [
        (AUDIT, (0, 1)),
        (OTHER, (2, 3)),
    ]


def test_a_silent_page_inside_a_report_is_the_reports() -> None:
    assert sort("audit_report 95 first", "menu 0 x", "audit_report 60 next", "menu 0 x") == [
        (AUDIT, (0, 1, 2)),
        (OTHER, (3,)),
    ]


def test_silent_pages_in_a_row_inside_a_report_are_the_reports() -> None:
    """Notes that hold nothing but figures, several in a row."""
    silent = ["menu 0 x"] * 3
    assert sort("audit_report 95 first", *silent, "audit_report 60 next") == [(AUDIT, (0, 1, 2, 3, 4))]
    many = ["menu 0 x"] * 9
    assert sort("audit_report 95 first", *many, "audit_report 60 next")[0] == (AUDIT, (0, 10))


def test_a_silent_last_page_goes_with_the_report_whose_page_numbers_it_continues() -> None:
    pages = [page(1, "audit_report 95 first", "- 7 -"), page(2, "menu 0 x", "- 8 -"), page(3, "menu 0 x", "- 3 -")]
    assert [(g.type, g.pages) for g in sort_pages(pages, EXTRACTORS)] == [(AUDIT, (0, 1)), (OTHER, (2,))]


def test_printed_numbers_give_the_reading_order() -> None:
    pages = [
        page(1, "information_form 60 next", "第 2 页 共 2 页"),
        page(2, "information_form 95 first", "第 1 页 共 2 页"),
    ]
    assert [g.pages for g in sort_pages(pages, EXTRACTORS)] == [(1, 0)]


def test_printed_page_number_forms() -> None:
    assert [printed_page_number(page(1, "x", f)) for f in ("第3页", "- 12 -", "3/8", "2022", "")] == [
        3,
        12,
        3,
        None,
        None,
    ]


def test_one_misread_character_is_the_same_subject() -> None:
    assert same_subject("北京云帆软件有限公司", "北京云帆软件有限公同")
    assert same_subject("", "北京云帆软件有限公司")
    assert not same_subject("北京云帆软件有限公司", "北京星海软件有限公司")


@given(
    st.lists(
        st.sampled_from(["information_form 95 first 甲", "audit_report 60 next", "menu 0 x", "iso_certificate 40 next"])
    )
)
def test_every_page_is_in_exactly_one_document(texts: list[str]) -> None:
    groups = sort(*texts)
    assert sorted(i for _, pages in groups for i in pages) == list(range(len(texts)))


def test_a_page_that_got_a_glance_stays_in_its_report() -> None:
    pages = [page(0, "audit_report 95 first"), page(1, "audit_report 80 next"), page(2, "iso_certificate 95 first")]
    pages[1] = pages[1].model_copy(update={"depth": "looked"})
    pages.append(page(3, "audit_report 80 next").model_copy(update={"depth": "looked"}))
    groups = sort_pages(pages, EXTRACTORS)
    assert [(g.type, g.pages) for g in groups] == [(AUDIT, (0, 1, 3)), (ISO, (2,))]


def sort_behind(sections: Sequence[Section | None], *texts: str) -> list[tuple[DocumentType, tuple[int, ...]]]:
    pages = [page(i, text) for i, text in enumerate(texts)]
    return [(g.type, g.pages) for g in sort_pages(pages, EXTRACTORS, sections)]


def test_an_unknown_page_goes_where_the_separator_before_it_says() -> None:
    audit, certificates = Section(1, "audit_report"), Section(7, "iso_certificate")
    texts = ("audit_report 95 first", "photo 0 x", "iso_certificate 95 first", "photo 0 x", "iso_certificate 60 next")
    assert sort_behind((audit, audit, certificates, certificates, certificates), *texts) == [
        (AUDIT, (0, 1)),
        (ISO, (2, 3, 4)),
    ]
    # Of two certificates behind one separator it may be either's; and nothing was said before the first separator.
    two = ("iso_certificate 95 first", "photo 0 x", "iso_certificate 95 first")
    assert sort_behind((certificates,) * 3, *two) == [(ISO, (0,)), (OTHER, (1,)), (ISO, (2,))]
    assert sort_behind((audit, None), *texts[:2]) == [(AUDIT, (0,)), (OTHER, (1,))]


def test_a_separator_makes_nothing_else_of_a_page_that_says_what_it_is() -> None:
    wrong = Section(1, "audit_report")
    texts = ("information_form 95 first", "audit_report 95 first", "iso_certificate 95 first")
    assert sort_behind((wrong,) * 3, *texts) == [(FORM, (0,)), (AUDIT, (1,)), (ISO, (2,))]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["x 0 x", "audit_report 95 first", "iso_certificate 60 next"]),
            st.sampled_from([None, Section(1, "audit_report"), Section(2, "iso_certificate")]),
        ),
        max_size=9,
    )
)
def test_every_page_stays_in_one_group_whatever_separators_say(drawn: list[tuple[str, Section | None]]) -> None:
    groups = sort_behind([section for _, section in drawn], *(text for text, _ in drawn))
    assert sorted(i for _, pages in groups for i in pages) == list(range(len(drawn)))
