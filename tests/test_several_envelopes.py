"""补件: several envelopes of one application, through the real judging, with what people said of them."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from checks_builders import (
    NAME,
    SEAL_A,
    SEAL_B,
    audit,
    copyright_,
    field,
    form,
    form_fields,
    iso,
    page,
    record,
    seal,
)
from said_builders import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    bare_form,
    findings,
    judged,
    reads,
    says,
    sent,
    sha,
    the,
)

from pipeline.judging import Judged, Received
from pipeline.model import Document, DocumentType
from pipeline.report.evidence import _wanted

FORM = DocumentType.INFORMATION_FORM
APPLICANT = seal(NAME, "applicant", SEAL_A)


def unsealed(**changes: object) -> Document:
    """A form that the commerce department did not seal."""
    return form(seals=(APPLICANT,), **changes)  # type: ignore[arg-type]


def main(day: date | None = MONDAY, order: int = 1, name: str = "main.pdf", **changes: object) -> Received:
    """A whole envelope that lacks the commerce department's seal."""
    return sent(name, unsealed(), audit(), iso(), copyright_(), day=day, order=order, **changes)  # type: ignore[arg-type]


def restamped(day: date | None = TUESDAY, order: int = 2, name: str = "restamped.pdf", **changes: object) -> Received:
    """补件: the form alone, sealed."""
    return sent(name, form(), day=day, order=order, **changes)  # type: ignore[arg-type]


def verdicts(results: dict[str, Judged]) -> dict[str, tuple[str, str | None]]:
    return {name: (one.report.verdict, one.report.part_of) for name, one in results.items()}


def codes(results: dict[str, Judged], name: str) -> list[str]:
    return [f.code.value for f in results[name].report.findings]


def test_a_restamped_page_mends_the_application_and_the_first_envelope_is_part_of_it() -> None:
    assert codes(judged(main()), "main.pdf") == ["MISSING_SEAL"]
    after = judged(main(), restamped())
    assert verdicts(after) == {"main.pdf": ("clean", "restamped.pdf"), "restamped.pdf": ("clean", None)}


@pytest.mark.parametrize("places", list(permutations(range(3))))
def test_the_order_in_which_they_are_looked_at_says_nothing(places: tuple[int, ...]) -> None:
    third = sent("third.pdf", sealed_report(), day=WEDNESDAY, order=3)
    came = [main(), restamped(), third]
    after = judged(*(came[i] for i in places))
    assert {name: v[1] for name, v in verdicts(after).items()} == {
        "main.pdf": "third.pdf",
        "restamped.pdf": "third.pdf",
        "third.pdf": None,
    }
    assert not findings(after)


def sealed_report() -> Document:
    return audit(index=0)


def test_what_a_later_envelope_does_not_bring_still_counts_from_the_earlier_one() -> None:
    after = judged(restamped(), sent("later.pdf", audit(), day=WEDNESDAY, order=3))
    missing = [f for f in findings(after) if f.code == "MISSING_DOCUMENT"]
    assert {f.document for f in missing} == {"iso_certificate", "software_copyright"}
    assert all(f in after["later.pdf"].report.findings for f in missing)


def test_a_newer_value_counts_before_an_older_one() -> None:
    wrong = form(form_fields(staff=field("staff", 590)))
    first = sent("main.pdf", wrong, audit(), iso(), copyright_(), day=MONDAY)
    assert the(judged(first), "FIGURE_MISMATCH").found == 590
    assert not findings(judged(first, restamped()))
    spoiled = sent("later.pdf", wrong, day=WEDNESDAY, order=3)
    told = the(judged(first, restamped(), spoiled), "FIGURE_MISMATCH")
    assert (told.found, told.envelope) == (590, None)


def test_an_older_good_seal_is_not_hidden_by_a_newer_page_without_it() -> None:
    """The newest *good* document of a kind counts."""
    good = sent("main.pdf", form(), audit(), iso(), copyright_(), day=MONDAY)
    assert not findings(judged(good, sent("later.pdf", unsealed(), day=TUESDAY, order=2)))


@pytest.mark.parametrize("lost", [(1,), (1, 2, 3, 4, 5, 6, 7, 8)])
def test_a_later_envelope_that_cannot_be_read_hides_nothing(lost: tuple[int, ...]) -> None:
    good = sent("main.pdf", form(), audit(), iso(), copyright_(), day=MONDAY)
    later = sent("later.pdf", day=TUESDAY, order=2)
    pages = tuple(
        p.model_copy(update={"kind": "unreadable" if p.number in lost else "cover"}) for p in later.submission.pages
    )
    broken = Received(later.submission.model_copy(update={"pages": pages}), 2)
    # The cover's number and the name on it bring it to its application, whatever the rest of it is.
    named = Document(type=DocumentType.COVER_LETTER, pages=(2,), confidence=0.9, subject=NAME)
    broken = Received(broken.submission.model_copy(update={"documents": (named,)}), 2)
    after = judged(good, broken)
    assert after["main.pdf"].report.part_of == "later.pdf"
    assert {f.code.value for f in findings(after)} == {"UNREADABLE_PAGE"}
    assert all(f.severity == "warning" for f in findings(after))
    assert after["later.pdf"].report.verdict == ("unreadable" if len(lost) == 8 else "findings")


def test_a_supplement_that_comes_before_the_main_envelope_is_judged_with_it() -> None:
    before = judged(restamped(day=MONDAY, order=1))
    assert "MISSING_DOCUMENT" in codes(before, "restamped.pdf")
    after = judged(restamped(day=MONDAY, order=1), main(day=TUESDAY, order=2))
    assert verdicts(after) == {"restamped.pdf": ("clean", "main.pdf"), "main.pdf": ("clean", None)}


def test_newest_is_by_date_received_then_in_the_order_taken_in() -> None:
    """Scanned late, received early."""
    after = judged(main(day=TUESDAY, order=1), restamped(day=MONDAY, order=2))
    assert after["restamped.pdf"].report.part_of == "main.pdf"
    same_day = judged(main(day=MONDAY, order=1), restamped(day=MONDAY, order=2))
    assert same_day["main.pdf"].report.part_of == "restamped.pdf"


def test_an_envelope_without_a_date_is_no_older_than_what_was_taken_in_before_it() -> None:
    """Before, it was older than all that had one: a 补件 taken in without --received-on counted for nothing."""
    wrong = form(form_fields(staff=field("staff", 590)))
    first = sent("main.pdf", wrong, audit(), iso(), copyright_(), day=MONDAY)
    after = judged(first, restamped(day=None))
    assert after["main.pdf"].report.part_of == "restamped.pdf"
    assert not findings(after)
    early = judged(restamped(day=None, order=1), main(day=MONDAY, order=2))
    assert early["restamped.pdf"].report.part_of == "main.pdf"


# --------------------------------------------------------------------------------------------------------- copies


def test_the_same_file_under_another_name_is_a_duplicate_and_both_are_listed() -> None:
    after = judged(main(), main(day=TUESDAY, order=2, name="copy.pdf", content="main.pdf"))
    assert codes(after, "main.pdf") == []
    assert sorted(codes(after, "copy.pdf")) == ["DUPLICATE_ENVELOPE", "MISSING_SEAL"]
    assert the(after, "DUPLICATE_ENVELOPE").found == ("main.pdf",)


def test_the_same_paper_scanned_again_is_a_duplicate_only_where_the_pages_are_the_same() -> None:
    scanned = main(looks="paper")
    again = main(day=TUESDAY, order=2, name="again.pdf", looks="paper")
    assert "DUPLICATE_ENVELOPE" in codes(judged(scanned, again), "again.pdf")
    stamped = sent("again.pdf", form(), audit(), iso(), copyright_(), day=TUESDAY, order=2, looks="paper")
    assert not findings(judged(scanned, stamped))
    other = main(day=TUESDAY, order=2, name="other.pdf")
    assert "DUPLICATE_ENVELOPE" not in codes(judged(scanned, other), "other.pdf")


def test_a_copy_of_the_first_envelope_undoes_no_supplement() -> None:
    """The old paper scanned once more is not newer than the page sent after it; it bears the findings as the newest."""
    wrong = form(form_fields(staff=field("staff", 590)))
    first = sent("main.pdf", wrong, audit(), iso(), copyright_(), day=MONDAY, looks="paper")
    again = sent("again.pdf", wrong, audit(), iso(), copyright_(), day=WEDNESDAY, order=3, looks="paper")
    after = judged(first, restamped(), again)
    assert codes(after, "again.pdf") == ["DUPLICATE_ENVELOPE"]
    assert {name: v[1] for name, v in verdicts(after).items()} == {
        "main.pdf": "again.pdf",
        "restamped.pdf": "again.pdf",
        "again.pdf": None,
    }


def test_a_duplicate_says_so_still_when_a_supplement_comes_after_it() -> None:
    """Before, the finding was gone with the next envelope."""
    copy = main(day=MONDAY, order=2, name="copy.pdf", content="main.pdf")
    after = judged(main(), copy, restamped(order=3))
    assert codes(after, "copy.pdf") == ["DUPLICATE_ENVELOPE"] and codes(after, "restamped.pdf") == []
    assert verdicts(after)["copy.pdf"] == ("findings", "restamped.pdf")
    lost = the(after, "DUPLICATE_ENVELOPE")
    quiet = judged(main(), copy, restamped(order=3), decisions=[says(lost, "overruled", after)])
    assert verdicts(quiet)["copy.pdf"] == ("clean", "restamped.pdf")


def test_copies_of_one_file_have_findings_of_their_own() -> None:
    copies = [main(day=MONDAY, order=n, name=f"copy{n}.pdf", content="main.pdf") for n in (2, 3)]
    after = judged(main(), *copies)
    twice = [f for f in findings(after) if f.code == "DUPLICATE_ENVELOPE"]
    assert [f.found for f in twice] == [("main.pdf",), ("main.pdf", "copy2.pdf")]
    assert len({f.id for f in twice}) == 2


def test_a_copy_made_after_the_deadline_makes_nothing_late() -> None:
    late = date(2023, 10, 9)
    first = main(looks="paper")
    again = main(day=late, order=3, name="again.pdf", looks="paper")
    assert "LATE_SUBMISSION" not in codes(judged(first, again), "again.pdf")
    assert judged(first, again)["again.pdf"].report.received_on == late
    assert "LATE_SUBMISSION" in codes(judged(first, restamped(day=late), again), "again.pdf")
    undated = main(day=None, looks="paper")
    assert "LATE_SUBMISSION" in codes(judged(undated, again), "again.pdf")


def test_what_stands_twice_in_copies_is_said_once() -> None:
    def with_lost_page(one: Received) -> Received:
        pages = (*one.submission.pages[:-1], page(8, sha256=sha("lost"), kind="unreadable"))
        return Received(one.submission.model_copy(update={"pages": pages}), one.arrival)

    first = with_lost_page(main())
    copy = with_lost_page(main(day=MONDAY, order=2, name="copy.pdf", content="main.pdf"))
    after = judged(first, copy, restamped(order=3))
    assert len([f for f in findings(after) if f.code == "UNREADABLE_PAGE"]) == 1


def test_two_envelopes_cut_from_one_scan_are_no_copies_of_each_other() -> None:
    """A stack scanned as one PDF: the envelope and its 补件 have the file's bytes in common, and no page."""
    whole = main(name="stack.pdf")
    first = part_of(whole, 1, range(0, 8))
    second = part_of(restamped(name="stack.pdf#2", content="stack.pdf", day=MONDAY, order=1), 2, range(8, 16))
    after = judged(first, second)
    assert verdicts(after) == {"stack.pdf": ("clean", "stack.pdf#2"), "stack.pdf#2": ("clean", None)}


def part_of(one: Received, part: int, indices: range) -> Received:
    """The envelope as the part of its file that lies there."""
    pages = tuple(
        p.model_copy(update={"index": index, "fingerprint": sha(f"{index}")[:16]})
        for p, index in zip(one.submission.pages, indices, strict=True)
    )
    return Received(one.submission.model_copy(update={"pages": pages, "part": part}), one.arrival)


# -------------------------------------------------------------------------------------------- envelopes of one name


def test_two_envelopes_of_one_name_are_two() -> None:
    """Scanners call every day's file the same: what a finding shows is found by content, not by name."""
    wrong = form(form_fields(staff=field("staff", 590)))
    first = sent("scan.pdf", wrong, audit(), iso(), copyright_(), day=MONDAY, content="monday")
    later = sent("scan.pdf", iso(pages=(1,)), day=TUESDAY, order=2, content="tuesday", pages=2)
    said = judged_list(first, later)
    assert [one.report.part_of for one in said] == ["scan.pdf", None]
    newest = said[-1].report
    told = next(f for f in newest.findings if f.code == "FIGURE_MISMATCH")
    assert told.envelope == "scan.pdf" and told.sheet == first.submission.sheet(1)
    shown = [one for one in _wanted(newest, {"scan.pdf": newest}) if one.finding.id == told.id]
    assert [one.page.sha256 for one in shown] == [sha("monday")]


def judged_list(*received: Received) -> list[Judged]:
    from said_builders import PROGRAMME

    from pipeline.judging import judge_all

    return list(judge_all(received, [record()], PROGRAMME))


def test_evidence_of_an_earlier_envelope_is_at_hand_in_a_report_that_lists_only_the_later() -> None:
    wrong = form(form_fields(staff=field("staff", 590)))
    first = sent("main.pdf", wrong, audit(), iso(), copyright_(), day=MONDAY)
    report = judged(first, sent("later.pdf", iso(pages=(1,)), day=TUESDAY, order=2))["later.pdf"].report
    told = next(f for f in report.findings if f.code == "FIGURE_MISMATCH")
    (shown,) = [one for one in _wanted(report, {report.envelope: report}) if one.finding.id == told.id]
    assert (shown.page.file, shown.page.number) == ("main.pdf", 1)


# ---------------------------------------------------------------------------------------------- with people's word


def test_a_decision_on_the_first_envelopes_finding_holds_when_it_moves_to_the_newest() -> None:
    before = judged(main())
    said = [says(the(before, "MISSING_SEAL"), "overruled", before)]
    later = sent("later.pdf", iso(pages=(1,)), day=TUESDAY, order=2)
    after = judged(main(), later, decisions=said)
    moved = the(after, "MISSING_SEAL")
    assert moved in after["later.pdf"].report.findings and not moved.open
    assert verdicts(after)["later.pdf"] == ("clean", None)
    still_bare = judged(main(), sent("later.pdf", unsealed(), day=TUESDAY, order=2), decisions=said)
    assert not the(still_bare, "MISSING_SEAL").open


def test_a_decision_dies_with_its_finding_when_the_supplement_mends_it_and_comes_back_with_it() -> None:
    before = judged(main())
    said = [says(the(before, "MISSING_SEAL"), "confirmed", before)]
    mended = judged(main(), restamped(), decisions=said)
    assert not findings(mended)
    gone = judged(main(), decisions=said)
    decision = the(gone, "MISSING_SEAL").decision
    assert decision is not None and decision.kind == "confirmed"


def test_a_decision_on_a_figure_holds_for_the_figure_sent_again_and_not_for_another() -> None:
    def form_with(staff: int) -> Document:
        return form(form_fields(staff=field("staff", staff)))

    first = sent("main.pdf", form_with(590), audit(), iso(), copyright_(), day=MONDAY)
    before = judged(first)
    said = [says(the(before, "FIGURE_MISMATCH"), "overruled", before)]
    again = sent("later.pdf", form_with(590), day=TUESDAY, order=2)
    assert not the(judged(first, again, decisions=said), "FIGURE_MISMATCH").open
    other = sent("later.pdf", form_with(580), day=TUESDAY, order=2)
    told = the(judged(first, other, decisions=said), "FIGURE_MISMATCH")
    assert told.open and told.earlier is not None and told.earlier.found == 590


def test_a_correction_on_the_first_envelope_stands_until_newer_paper_says_otherwise() -> None:
    first = sent("main.pdf", form(form_fields(staff=field("staff", 590))), audit(), iso(), copyright_(), day=MONDAY)
    said = [reads(first, FORM, "staff", 600)]
    without = sent("later.pdf", bare_form(), day=TUESDAY, order=2)
    assert not findings(judged(first, without, corrections=said))
    other = sent("later.pdf", form(form_fields(staff=field("staff", 580))), day=TUESDAY, order=2)
    assert the(judged(first, other, corrections=said), "FIGURE_MISMATCH").found == 580


def test_decisions_of_one_application_say_nothing_of_another() -> None:
    other = record(application_no="CCIIP2023S00002", name="南京云杉软件有限公司", uscc="914403001922038216")
    papers = (form(form_fields(staff=field("staff", 590))), audit(), iso(), copyright_())
    mine = sent("mine.pdf", *papers, day=MONDAY)
    before = judged(mine)
    said = [says(the(before, "FIGURE_MISMATCH"), "overruled", before)]
    renamed = form(
        form_fields(
            application_no=field("application_no", other.application_no),
            name=field("name", other.name),
            uscc=field("uscc", other.uscc),
            staff=field("staff", 590),
        )
    )
    theirs = sent("theirs.pdf", renamed, day=MONDAY, order=2, cover_application_no=other.application_no)
    after = judged(mine, theirs, records=[record(), other], decisions=said)
    assert after["theirs.pdf"].report.application_no == other.application_no
    by_envelope = {
        name: [f.open for f in one.report.findings if f.field == "staff" and f.code == "FIGURE_MISMATCH"]
        for name, one in after.items()
    }
    assert by_envelope == {"mine.pdf": [False], "theirs.pdf": [True]}


def test_a_bureau_that_sealed_at_last_is_enough() -> None:
    assert SEAL_B and codes(judged(restamped()), "restamped.pdf")
