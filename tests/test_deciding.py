"""What people decided holds for its fact, whatever is called, read, sorted or judged anew; and for no other fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from checks_builders import (
    BUREAU,
    NAME,
    SEAL_B,
    audit,
    audit_fields,
    copyright_,
    field,
    form,
    form_fields,
    iso,
    money,
    record,
    seal,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from said_builders import MONDAY, THEN, TUESDAY, findings, judged, says, sent, sha, the

from pipeline.checks import registry
from pipeline.checks.case import Case
from pipeline.judging import Received
from pipeline.model import Check, DecisionKind, Document, Finding, Page
from pipeline.report.json_report import finding_json


def envelope(staff: int = 590, **changes: object) -> Received:
    """A supplier's whole envelope in which one thing is wrong: the head count on the form."""
    paper = form(form_fields(staff=field("staff", staff)))
    return sent("env.pdf", paper, audit(), iso(), copyright_(), day=TUESDAY, **changes)  # type: ignore[arg-type]


def test_an_overruled_finding_stays_listed_and_counts_no_more() -> None:
    before = judged(envelope())
    found = the(before, "FIGURE_MISMATCH")
    assert before["env.pdf"].report.verdict == "findings"
    after = judged(envelope(), decisions=[says(found, "overruled", before, note="原件上是 600")])
    told = the(after, "FIGURE_MISMATCH")
    assert after["env.pdf"].report.verdict == "clean"
    assert told.decision is not None and not told.open
    assert finding_json(told)["decision"] == {
        "as": "overruled",
        "by": "张三",
        "at": THEN.isoformat(),
        "note": "原件上是 600",
    }
    assert {**finding_json(told), "decision": None} == {**finding_json(found), "decision": None}


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("confirmed",), "findings"),
        (("overruled", "reopened"), "findings"),
        (("overruled", "confirmed"), "findings"),
        (("confirmed", "overruled"), "clean"),
        (("overruled", "reopened", "overruled"), "clean"),
    ],
)
def test_the_last_word_counts_by_rank_and_not_by_clock(words: tuple[str, ...], verdict: str) -> None:
    before = judged(envelope())
    found = the(before, "FIGURE_MISMATCH")
    said = [
        says(found, word, before, id_=rank).model_copy(update={"at": THEN - timedelta(days=rank)})  # type: ignore[arg-type]
        for rank, word in enumerate(words, start=1)
    ]
    after = judged(envelope(), decisions=said)
    assert after["env.pdf"].report.verdict == verdict
    told = the(after, "FIGURE_MISMATCH").decision
    assert told is not None and told.kind == words[-1]


def test_it_holds_under_another_name_and_rank_and_in_another_order() -> None:
    before = judged(envelope())
    said = [says(the(before, "FIGURE_MISMATCH"), "overruled", before)]
    papers = (copyright_(), iso(), audit(), form(form_fields(staff=field("staff", 590))))
    again = sent("renamed.pdf", *papers, order=7, day=TUESDAY, content="env.pdf")
    assert judged(again, decisions=said)["renamed.pdf"].report.verdict == "clean"


def test_another_value_is_another_fact_and_the_finding_says_what_was_decided_before() -> None:
    before = judged(envelope())
    said = [says(the(before, "FIGURE_MISMATCH"), "overruled", before, note="看过原件")]
    other = judged(envelope(staff=580), decisions=said)
    told = the(other, "FIGURE_MISMATCH")
    assert other["env.pdf"].report.verdict == "findings" and told.open and told.decision is None
    assert finding_json(told)["earlier_decision"] == {
        "as": "overruled",
        "by": "张三",
        "at": THEN.isoformat(),
        "note": "看过原件",
        "expected": 600,
        "found": 590,
    }
    mended = judged(envelope(staff=600), decisions=said)
    assert mended["env.pdf"].report.verdict == "clean" and not findings(mended)
    back = judged(envelope(), decisions=said)
    assert back["env.pdf"].report.verdict == "clean" and not the(back, "FIGURE_MISMATCH").open


def test_another_declared_value_is_another_fact_too() -> None:
    before = judged(envelope())
    said = [says(the(before, "FIGURE_MISMATCH"), "overruled", before)]
    after = judged(envelope(), records=[record(staff=610)], decisions=said)
    told = the(after, "FIGURE_MISMATCH")
    assert told.open and told.earlier is not None and told.earlier.expected == 600


def test_a_decision_that_was_taken_back_leaves_nothing_to_say_of_another_value() -> None:
    before = judged(envelope())
    found = the(before, "FIGURE_MISMATCH")
    said = [says(found, "overruled", before), says(found, "reopened", before, id_=2)]
    told = the(judged(envelope(staff=580), decisions=said), "FIGURE_MISMATCH")
    assert told.decision is None and told.earlier is None


def unknown(*pages: int) -> Document:
    return Document(type="other", pages=pages, confidence=0.5)  # type: ignore[arg-type]


def incomplete(number: str, page: int) -> Document:
    return iso(number, pages=(page,), lacks=("page 2",))


def test_of_two_facts_alike_on_two_pages_each_has_its_own_decision() -> None:
    """Two certificates that lack a page: sorted the other way round, the word stays with its certificate."""
    one, two = incomplete("03410Q10286R0S", 4), incomplete("03410Q10999R0S", 6)
    papers = (form(), audit(), copyright_())
    before = judged(sent("env.pdf", *papers, one, two))
    on_four = next(f for f in findings(before) if f.code == "INCOMPLETE_DOCUMENT" and f.page == 4)
    said = [says(on_four, "overruled", before)]
    turned = judged(sent("env.pdf", two, one, *papers), decisions=said)
    states = {f.page: f.open for f in findings(turned) if f.code == "INCOMPLETE_DOCUMENT"}
    assert states == {4: False, 6: True}
    whole = iso("03410Q10286R0S", pages=(4,))
    mended = judged(sent("env.pdf", *papers, whole, two), decisions=said)
    left = the(mended, "INCOMPLETE_DOCUMENT")
    assert (left.page, left.open) == (6, True)


def test_of_two_facts_alike_on_one_page_only_the_one_meant_is_decided() -> None:
    """Two certificates copied onto one sheet that both lack a page."""
    one, two = incomplete("03410Q10286R0S", 4), incomplete("03410Q10999R0S", 4)
    paper = sent("env.pdf", form(), audit(), copyright_(), one, two)
    before = judged(paper)
    alike = [f for f in findings(before) if f.code == "INCOMPLETE_DOCUMENT"]
    assert len({f.id for f in alike}) == 2 and len({f.sheet for f in alike}) == 1
    for meant in alike:
        after = judged(paper, decisions=[says(meant, "overruled", before)])
        assert [f.id for f in findings(after) if not f.open] == [meant.id]


def grey(content: str, name: str = "env.pdf", looks: str = "", **changes: object) -> Received:
    """A sound envelope on grey pages."""
    papers = (form(), audit(), iso(), copyright_())
    one = sent(name, *papers, day=TUESDAY, content=content, looks=looks, **changes)  # type: ignore[arg-type]
    pages = tuple(
        p.model_copy(update={"quality": p.quality.model_copy(update={"colour": "grey"})}) for p in one.submission.pages
    )
    return Received(one.submission.model_copy(update={"pages": pages}), one.arrival)


def test_a_page_without_values_is_covered_by_no_word_on_another_page() -> None:
    """LOW_SCAN_QUALITY names no value: a person who looked at one grey page did not look at the next."""
    before = judged(grey("first"))
    said = [says(the(before, "LOW_SCAN_QUALITY"), "overruled", before)]
    assert judged(grey("first"), decisions=said)["env.pdf"].report.verdict == "clean"
    told = the(judged(grey("second"), decisions=said), "LOW_SCAN_QUALITY")
    assert told.open and told.earlier is not None


def test_a_word_on_a_page_holds_for_the_same_page_scanned_again() -> None:
    first = grey("first", looks="paper")
    again = grey("second", name="again.pdf", looks="paper", order=2)
    before = judged(first)
    said = [says(the(before, "LOW_SCAN_QUALITY"), "overruled", before)]
    after = judged(first, again, decisions=said)
    assert {f.code.value: f.open for f in findings(after)} == {"DUPLICATE_ENVELOPE": True, "LOW_SCAN_QUALITY": False}


def breaks(case: Case) -> Iterator[Check]:
    yield Check(rule="never.reached", outcome="pass") if case.track == "nobody" else 1 / 0  # type: ignore[misc]


def test_a_word_on_one_broken_check_is_none_on_another_nor_on_another_part_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Findings about no page, field or value are told apart by their rule and the envelope alone."""
    sound = {one.pattern: one for one in registry.registered() if "figure" in one.pattern or "text" in one.pattern}
    for pattern in sound:
        monkeypatch.setitem(registry._RULES, pattern, registry.Rule(pattern, breaks))
    parts = [
        sent(f"stack.pdf#{part}", form(), content="stack", part=part, cover_application_no=None) for part in (1, 2)
    ]
    before = judged(*parts, records=[])
    mine = [f for f in before["stack.pdf#1"].report.findings if f.basis == "yanzhang"]
    assert len(mine) >= 2
    after = judged(*parts, records=[], decisions=[says(mine[0], "overruled", before)])
    assert [f.id for f in findings(after) if not f.open] == [mine[0].id]
    whole = next(one for name, one in sound.items() if name.partition("}.")[2] == mine[0].rule.partition(".")[2])
    monkeypatch.setitem(registry._RULES, whole.pattern, whole)
    left = judged(*parts, records=[], decisions=[says(mine[0], "overruled", before)])
    broken = [f for f in findings(left) if f.basis == "yanzhang"]
    assert broken and all(f.open and f.decision is None and f.id != mine[0].id for f in broken)


def test_envelopes_of_one_name_that_nobody_declared_are_not_one_envelope() -> None:
    """Before, their findings had one id, for it was made of the name: a decision on one silenced the other."""
    papers = (form(form_fields(application_no=None)),)
    one = sent("scan.pdf", *papers, content="one", cover_application_no=None)
    two = sent("scan.pdf", *papers, content="two", cover_application_no=None, order=2)
    ids = [f.id for each in (one, two) for f in findings(judged(each, records=[]))]
    assert len(ids) == len(set(ids)) and ids
    before = judged(one, records=[])
    said = [says(the(before, "NO_ONLINE_RECORD"), "overruled", before)]
    assert the(judged(two, records=[], decisions=said), "NO_ONLINE_RECORD").open
    renamed = sent("other.pdf", *papers, content="one", cover_application_no=None, order=9)
    assert not the(judged(renamed, records=[], decisions=said), "NO_ONLINE_RECORD").open


def test_a_word_on_paper_of_nobody_holds_when_its_record_comes() -> None:
    lost = page_lost(sent("env.pdf", form(), audit(), iso(), copyright_(), day=TUESDAY), 8)
    before = judged(lost, records=[])
    said = [says(the(before, "UNREADABLE_PAGE"), "overruled", before)]
    after = judged(lost, decisions=said)
    assert after["env.pdf"].report.application_no
    assert not the(after, "UNREADABLE_PAGE").open
    assert after["env.pdf"].report.verdict == "clean"


def page_lost(one: Received, number: int) -> Received:
    def kept(page: Page) -> Page:
        return page.model_copy(update={"kind": "unreadable"}) if page.number == number else page

    pages = tuple(map(kept, one.submission.pages))
    return Received(one.submission.model_copy(update={"pages": pages}), one.arrival)


def test_a_decision_on_another_application_says_nothing_here() -> None:
    before = judged(envelope())
    found = the(before, "FIGURE_MISMATCH")
    other = says(found, "overruled", before).model_copy(
        update={"application_no": "CCIIP2023S00077", "sha256": sha("another"), "finding": "0" * 16, "sheet": ""}
    )
    assert the(judged(envelope(), decisions=[other]), "FIGURE_MISMATCH").open


MESSY = (
    form(
        form_fields(staff=field("staff", 590), operating_revenue=money("operating_revenue", "1")),
        seals=(seal(NAME, "applicant"), seal("北京市商务局", "commerce_department", SEAL_B)),
    ),
    audit(audit_fields(period=field("period", "2020", page=2)), lacks=("cash_flow", "notes"), pages=(2, 3)),
    incomplete("03410Q10286R0S", 4),
    copyright_(holder="上海别家软件有限公司", pages=(5,)),
    unknown(6),
    unknown(7),
)


def facts(found: list[Finding]) -> dict[str, tuple[object, ...]]:
    return {f.id: (f.code, f.rule, f.document, f.field, f.expected, f.found, f.page) for f in found}


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations(range(len(MESSY))),
    name=st.sampled_from(["env.pdf", "重扫#1.pdf", "a#2"]),
    rank=st.integers(1, 99),
)
def test_a_findings_id_is_the_same_in_any_order_under_any_name(order: list[int], name: str, rank: int) -> None:
    known = facts(findings(judged(sent("env.pdf", *MESSY, day=MONDAY))))
    assert len(known) > 8
    again = sent(name, *(MESSY[i] for i in order), day=MONDAY, order=rank, content="env.pdf")
    assert facts(findings(judged(again))) == known
    nobody = sent(name, *(MESSY[i] for i in order), content="env.pdf", order=rank, cover_application_no=None)
    first = sent("env.pdf", *MESSY, cover_application_no=None)
    assert facts(findings(judged(nobody, records=[]))) == facts(findings(judged(first, records=[])))


def test_the_bureau_named() -> None:
    """The clean envelope of these tests is clean: else they would show nothing."""
    assert BUREAU and judged(envelope(staff=600))["env.pdf"].report.verdict == "clean"


@settings(max_examples=40, deadline=None)
@given(
    said=st.lists(
        st.tuples(st.sampled_from([580, 590]), st.sampled_from(["confirmed", "overruled", "reopened"])), max_size=6
    ),
    now=st.sampled_from([580, 590, 600]),
)
def test_whatever_was_said_in_whatever_order_the_last_word_on_this_very_value_counts(
    said: list[tuple[int, DecisionKind]], now: int
) -> None:
    rows = []
    for rank, (value, kind) in enumerate(said, start=1):
        before = judged(envelope(staff=value))
        rows.append(says(the(before, "FIGURE_MISMATCH"), kind, before, id_=rank, by=f"{rank}"))
    after = judged(envelope(staff=now), decisions=rows)
    if now == 600:
        assert not findings(after)
        return
    told = the(after, "FIGURE_MISMATCH")
    mine = [(rank, kind) for rank, (value, kind) in enumerate(said, start=1) if value == now]
    others = [(rank, kind) for rank, (value, kind) in enumerate(said, start=1) if value != now]
    assert (told.decision and (int(told.decision.by), told.decision.kind)) == (mine[-1] if mine else None)
    kept = others[-1] if others and not mine and others[-1][1] != "reopened" else None
    assert (told.earlier and (int(told.earlier.by), told.earlier.kind)) == kept
    assert (after["env.pdf"].report.verdict == "clean") == bool(mine and mine[-1][1] == "overruled")
