"""A fault of our own while judging costs the rule or the application it struck, is said, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from checks_builders import record, supplier

from pipeline import judging
from pipeline.checks import registry
from pipeline.checks.case import Case
from pipeline.judging import Judged, Received, judge_all
from pipeline.model import Check, Submission
from pipeline.programmes import load

PROGRAMME = load("cciip-2023")


def received() -> list[Received]:
    one = supplier().submissions[0]
    other = one.model_copy(
        update={"envelope": "other.pdf", "sha256": "f" * 64, "documents": (), "order": one.order + 1}
    )
    return [Received(one, 1), Received(other, 2)]


def judged() -> dict[str, Judged]:
    return {one.report.envelope: one for one in judge_all(received(), [record()], PROGRAMME)}


def breaks(case: Case) -> Iterator[Check]:
    yield Check(rule="never.reached", outcome="pass") if case.track == "nobody" else 1 / 0  # type: ignore[misc]


def test_a_rule_that_breaks_is_unclear_and_the_others_still_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    before = judged()
    pattern = next(one.pattern for one in registry.registered() if "figure" in one.pattern)
    monkeypatch.setitem(registry._RULES, pattern, registry.Rule(pattern, breaks))
    after = judged()
    name = next(n for n, one in before.items() if one.report.application_no)
    checks = {c.rule: c.outcome for c in after[name].report.checks}
    fault = next(f for f in after[name].report.findings if f.basis == "yanzhang")
    assert checks[fault.rule] == "unclear"
    assert (fault.code, fault.severity) == ("LOW_CONFIDENCE", "warning")
    assert "ZeroDivisionError" in fault.message.zh and "ZeroDivisionError" in fault.message.en
    kept = {c.rule: c.outcome for c in before[name].report.checks if ".figure." not in c.rule}
    assert kept and all(checks[rule] == outcome for rule, outcome in kept.items())
    assert after[name].report.verdict == "findings"
    assert any("could not be made" in problem for problem in after[name].problems)


def test_an_application_that_breaks_the_judge_is_reported_and_the_others_are_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, settle = judged(), judging._settled

    def only_once(one: Submission, *rest: object) -> Submission:
        if one.documents:
            raise KeyError("a fault of ours")
        return settle(one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "_settled", only_once)
    after = judged()
    assert set(after) == set(before)
    struck = next(one for one in received() if one.submission.documents).submission.envelope
    assert [f.rule for f in after[struck].report.findings] == ["envelope.judged"]
    assert after[struck].report.documents and after[struck].report.verdict == "findings"
    assert after[struck].problems
    spared = next(name for name in after if name != struck)
    assert after[spared].report == before[spared].report
