"""A pile of envelopes with covers, as people lay it: covers lost, empty, on the wrong envelope, turned, printed twice.

Read with the real reader; two files, as few pages as show it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from cover_piles import DEMO, Pile
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.covering import said_of_covers
from pipeline.intake.split import make_cover_payload, split_at_covers
from pipeline.judging import Judged
from pipeline.model import (
    Box,
    Code,
    Document,
    DocumentType,
    EnvelopeReport,
    Finding,
    FindingCode,
    Page,
    PageKind,
    Record,
    Severity,
    Text,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("covering")
    batch = folder / "batch"
    batch.mkdir()
    pile = Pile(batch)
    pile.cover("CCIIP2023P00103").cover("CCIIP2023P00103").pages("env-0003", 1, 2)  # both sides of the cover
    pile.pages("env-0007", 1, 2, 3)  # its cover is lost
    pile.cover("CCIIP2023S90001").blank()  # nothing behind it
    pile.cover("CCIIP2023S00102", turned=180).blank().pages("env-0001", 1, 2)  # another's papers
    pile.cover("CCIIP2023S77777").pages("env-0006", 4)  # of no online record
    pile.save("pile.pdf")
    late = Pile(batch)
    late.pages("env-0005", 2).blank().cover("CCIIP2023S00102").pages("env-0002", 2)  # the first pages have no cover
    late.save("second.pdf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YANZHANG_HOME", str(folder / "home"))
        patch.setenv("YANZHANG_WORKERS", "1")
        patch.delenv("PREFECT_API_URL", raising=False)
        arguments = ["process", str(batch), "--records", str(DEMO / "records.json"), "--out", str(folder / "out")]
        patch.setattr(sys, "argv", ["yanzhang", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code  # nothing of it could not be processed
    loaded: dict[str, Any] = json.loads((folder / "out" / "report.json").read_text())
    return loaded


def by_name(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {e["envelope"]: e for e in report["envelopes"]}


def said(report: dict[str, Any], envelope: str) -> str:
    return "\n".join(p for p in report["problems"] if p.startswith(f"{envelope}: "))


@pytest.mark.slow
def test_every_envelope_is_its_own(report: dict[str, Any]) -> None:
    parts = {name: (e["application_no"], len(e["pages"])) for name, e in by_name(report).items()}
    assert parts == {
        "pile.pdf": ("CCIIP2023P00103", 4),
        "pile.pdf#2": ("CCIIP2023T00107", 3),
        "pile.pdf#3": (None, 2),
        "pile.pdf#4": ("CCIIP2023S00101", 4),
        "pile.pdf#5": ("CCIIP2023P00106", 2),
        "second.pdf": ("CCIIP2023T00105", 2),
        "second.pdf#2": (None, 2),
    }


@pytest.mark.slow
def test_what_lacks_its_cover_is_said_and_not_merged(report: dict[str, Any]) -> None:
    assert "no cover sheet lies before it (page 5 of the file)" in said(report, "pile.pdf#2")
    assert "no cover sheet lies before its first pages" in said(report, "second.pdf")
    assert not said(report, "pile.pdf")


@pytest.mark.slow
def test_an_empty_envelope_is_an_alarm(report: dict[str, Any]) -> None:
    assert "nothing lies behind the cover sheet of CCIIP2023S90001 (page 8 of the file)" in said(report, "pile.pdf#3")
    empty = by_name(report)["pile.pdf#3"]
    assert (empty["verdict"], [f["code"] for f in empty["findings"]]) == ("findings", ["UNREADABLE_PAGE"])
    assert "CCIIP2023S90001" in empty["findings"][0]["message"]["zh"]
    assert "CCIIP2023S90001" in report["not_received"]


@pytest.mark.slow
def test_a_cover_on_the_wrong_envelope_accuses_nobody(report: dict[str, Any]) -> None:
    for name, covered, owner in (
        ("pile.pdf#4", "CCIIP2023S00102 (西安市易启", "CCIIP2023S00101"),
        ("pile.pdf#5", "CCIIP2023S77777, which no online record bears", "CCIIP2023P00106"),
    ):
        assert f"its cover sheet names {covered}" in said(report, name)
        assert f"judged as {owner}" in said(report, name)
        # Of the form the cover is no reading: nothing of it is held against the applicant.
        codes = {f["code"] for f in by_name(report)[name]["findings"]}
        assert codes <= {"MISSING_DOCUMENT", "LOW_CONFIDENCE", "UNREADABLE_SEAL"}
    assert "does not confirm it" in said(report, "second.pdf#2")


@pytest.mark.slow
def test_two_envelopes_with_one_cover_are_named(report: dict[str, Any]) -> None:
    told = [p for p in report["problems"] if p.startswith("2 envelopes of this batch")]
    assert len(told) == 1 and "pile.pdf#4, second.pdf#2" in told[0]


# ------------------------------------------------------------------------------------------ without reading a page


def page(number: int, kind: PageKind = "content", payload: str = "") -> Page:
    codes = (Code(kind="QRCode", text=payload, box=Box(0.1, 0.1, 0.3, 0.3)),) if payload else ()
    return Page(
        number=number, file="p.pdf", index=number + 9, sha256="a" * 64, width=9, height=9, kind=kind, codes=codes
    )


def cover(number: int, application_no: str, **changes: Any) -> Page:
    return page(number, "cover", make_cover_payload("cciip-2023", application_no, **changes))


def document(index: int, type_: DocumentType, *pages: int, subject: str = "", **changes: Any) -> Document:
    return Document(index=index, type=type_, pages=pages, confidence=0.9, subject=subject, **changes)


def envelope(name: str, pages: list[Page], number: str | None = None, **changes: Any) -> Judged:
    base: dict[str, Any] = {
        "envelope": name,
        "sha256": "a" * 64,
        "part": int(name.partition("#")[2] or 1),
        "application_no": number,
        "pages": tuple(pages),
    }
    return Judged(EnvelopeReport(**(base | changes)), arrival=1)


def foreign(index: int) -> Finding:
    return Finding(
        id=str(index),
        code=FindingCode.FOREIGN_DOCUMENT,
        basis="letter",
        severity=Severity.ERROR,
        rule="r",
        document="audit_report",
        document_index=index,
        message=Text(zh="", en=""),
    )


A = Record(application_no="CCIIP2023S00001", track="supplier", name="甲科技有限公司")
B = Record(application_no="CCIIP2023S00002", track="supplier", name="乙软件有限公司", uscc="91110108MA01EBFH9B")
AUDIT, FORM, OTHER = DocumentType.AUDIT_REPORT, DocumentType.INFORMATION_FORM, DocumentType.OTHER


def told(*judged: Judged) -> tuple[str, ...]:
    return said_of_covers(judged, [A, B], "cciip-2023")


def test_a_sound_pile_says_nothing() -> None:
    one = envelope("p.pdf", [cover(1, A.application_no), page(2)], A.application_no)
    two = envelope("p.pdf#2", [cover(1, B.application_no), page(2, "blank"), page(3)], B.application_no)
    assert told(one, two) == ()
    assert told(envelope("q.pdf", [page(1), page(2)], A.application_no)) == ()


def test_papers_of_one_who_sent_nothing_else_may_lack_their_cover() -> None:
    papers = (document(0, FORM, 2), document(1, AUDIT, 3, 4, subject="乙软件有限公司"), document(2, OTHER, 5))
    pages = [cover(1, A.application_no), *map(page, range(2, 6))]
    (sentence,) = told(
        envelope("p.pdf", pages, A.application_no, documents=papers, findings=(foreign(1),), verdict="findings")
    )
    assert "from page 13 of the file on its papers are those of CCIIP2023S00002" in sentence
    # Own papers lie behind them: no envelope begins there, so that no cover is missing.
    own = (*papers, document(3, AUDIT, 5))
    assert told(envelope("p.pdf", pages, A.application_no, documents=own, findings=(foreign(1),))) == ()


def test_papers_before_a_form_that_was_cut_off_are_said_to_lie_in_the_envelope_before() -> None:
    papers = (document(0, FORM, 2), document(1, AUDIT, 3, subject="乙软件有限公司"))
    first = envelope(
        "p.pdf",
        [cover(1, A.application_no), page(2), page(3)],
        A.application_no,
        documents=papers,
        findings=(foreign(1),),
    )
    second = envelope("p.pdf#2", [page(1), page(2)], B.application_no)
    missing, stray = told(first, second)
    assert "no cover sheet lies before it" in missing
    assert "its envelope p.pdf#2 has no cover" in stray


def test_a_second_form_that_nobody_can_read_is_said_and_not_cut() -> None:
    papers = (document(0, FORM, 2), document(1, FORM, 3))
    pages = [cover(1, A.application_no), page(2), page(3)]
    (sentence,) = told(envelope("p.pdf", pages, A.application_no, documents=papers))
    assert "a second information form begins at page 13" in sentence and "nothing was cut" in sentence


def test_a_second_form_of_the_same_applicant_lacks_no_cover() -> None:
    first = envelope("p.pdf", [cover(1, A.application_no), page(2)], A.application_no)
    assert told(first, envelope("p.pdf#2", [page(1)], A.application_no)) == ()


def test_separators_of_another_and_covers_in_between_are_said() -> None:
    pages = [
        cover(1, A.application_no),
        page(2),
        cover(3, A.application_no, sheet="document:audit_report"),
        page(4),
        cover(5, B.application_no, sheet="document:audit_report"),
        page(6),
        cover(7, A.application_no),
        page(8),
    ]
    stray, again = told(envelope("p.pdf", pages, A.application_no))
    assert "separator of CCIIP2023S00002 lies at page 15" in stray
    assert "once more at page 17" in again


def test_the_cover_of_another_call_is_said() -> None:
    payload = make_cover_payload("cciip-2022", A.application_no)
    (sentence,) = told(envelope("p.pdf", [page(1, "cover", payload), page(2)], A.application_no))
    assert "printed for cciip-2022" in sentence


def test_the_same_file_twice_is_no_second_envelope() -> None:
    one = envelope("p.pdf", [cover(1, A.application_no), page(2)], A.application_no)
    again = envelope("copy.pdf", [cover(1, A.application_no), page(2)], A.application_no)
    assert told(one, replace(again, arrival=2)) == ()


@given(st.lists(st.sampled_from(["content", "blank", "unreadable", "A", "B", "sep", "parcel"]), max_size=9), st.data())
def test_any_pile_is_survived_and_accounted_for(kinds: list[str], data: st.DataObject) -> None:
    made = {"A": ("A1", "envelope"), "B": ("B1", "envelope"), "sep": ("A1", "document:x"), "parcel": ("某局", "parcel")}
    pages = [
        cover(i, made[k][0], sheet=made[k][1]) if k in made else page(i, k)  # type: ignore[arg-type]
        for i, k in enumerate(kinds, start=1)
    ]
    segments = split_at_covers(pages)
    assert [i for a, b in segments for i in range(a, b)] == list(range(len(pages)))
    # No segment holds papers of two covers that name two applications.
    for a, b in segments:
        covers = {k for k in kinds[a:b] if k in "AB"}
        assert len(covers) <= 1
    judged = [
        envelope(f"p.pdf#{n}", pages[a:b], data.draw(st.sampled_from([None, "A1", "B1"])))
        for n, (a, b) in enumerate(segments, start=1)
    ]
    assert all(sentence.isprintable() for sentence in told(*judged))
