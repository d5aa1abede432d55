"""Rules (检查规则): from what was seen and what was declared to Checks with Findings.

One module a family of rules; each rule is a function registered under the pattern of its ids
(:mod:`pipeline.checks.registry`). What is asked for comes from the programme; how doubt is judged from CONTRACT's
Judgement. Nothing here reads a page, and today's date changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from pipeline.checks import (  # noqa: F401  (importing a family registers its rules; their order is the report's)
    arithmetic,
    audit,
    certificates,
    criteria,
    documents,
    envelope,
    figures,
    identity,
    seal_looks,
    seal_rules,
    texts,
)
from pipeline.checks.case import Case, Duplicate, Told
from pipeline.checks.envelope import copy_of
from pipeline.checks.making import broken, faults_of, told_apart
from pipeline.checks.registry import Rule, registered
from pipeline.checks.sureness import sure
from pipeline.model import Check, Finding, FindingCode, Outcome

__all__ = ["Case", "Duplicate", "Told", "broken", "copy_of", "faults_of", "judge"]

log = logging.getLogger(__name__)

_SAID = (
    FindingCode.FIGURE_MISMATCH,
    FindingCode.IDENTITY_MISMATCH,
    FindingCode.TEXT_MISMATCH,
    FindingCode.INVALID_IDENTIFIER,
    FindingCode.CERTIFICATE_MISMATCH,
    FindingCode.WRONG_PERIOD,
    FindingCode.AUDIT_OPINION,
)


def judge(case: Case) -> tuple[Check, ...]:
    """Every rule's outcome on one application, findings in the order of the rules; one finding for one fact.

    An envelope of which nothing could be opened or read is judged by that alone.
    """
    case = _with_track(case)
    checks = [check for rule in registered() for check in _run(rule, case) if _has_matter(case, check)]
    return told_apart(_one_for_one(_merged(checks)))


def _run(rule: Rule, case: Case) -> list[Check]:
    """What a rule says; one that breaks costs itself only, and is said."""
    try:
        return list(rule.run(case))
    except Exception as error:
        in_detail = log.isEnabledFor(logging.INFO)  # a user never sees a traceback unasked (CONTRACT)
        log.error("rule %s broke on %s: %r", rule.pattern, case.newest.envelope, error, exc_info=in_detail)
        return [broken(case, rule.pattern.replace("{track}", case.track or "application"), error)]


def _with_track(case: Case) -> Case:
    """Without a record the form says which track it is of."""
    if case.track is not None:
        return case
    if case.record is not None:
        return replace(case, track=case.record.track)
    shown = case.form.document.field("track") if case.form else None
    track = next(
        (one for one in case.programme.tracks if shown is not None and sure(shown) and shown.value == one), None
    )
    return replace(case, track=track)


_GRAVITY = (Outcome.FAIL, Outcome.UNCLEAR, Outcome.PASS, Outcome.NOT_APPLICABLE)


def _merged(checks: Iterable[Check]) -> list[Check]:
    """One check a rule: the gravest outcome of all it looked at, and all its findings."""
    merged: dict[str, Check] = {}
    for one in checks:
        if (first := merged.get(one.rule)) is None:
            merged[one.rule] = one
            continue
        grave = min(first, one, key=lambda check: _GRAVITY.index(check.outcome))
        merged[one.rule] = grave.model_copy(update={"findings": (*first.findings, *one.findings)})
    return list(merged.values())


def _has_matter(case: Case, check: Check) -> bool:
    """Without one readable page only the envelope's own rules say anything."""
    read = any(page.kind == "content" for submission in case.submissions for page in submission.pages)
    return read or bool(case.held) or check.rule.startswith("envelope.")


def _one_for_one(checks: Iterable[Check]) -> list[Check]:
    """LOW_CONFIDENCE about a value is said once, and not at all where a difference of that value is said."""
    kept: list[Check] = []
    checks = list(checks)
    said = {_place(one) for check in checks for one in check.findings if one.code in _SAID}
    for check in checks:
        findings: list[Finding] = []
        for one in check.findings:
            if one.code is FindingCode.LOW_CONFIDENCE and one.field:
                if _place(one) in said:
                    continue
                said.add(_place(one))
            findings.append(one)
        kept.append(
            check if len(findings) == len(check.findings) else check.model_copy(update={"findings": tuple(findings)})
        )
    return kept


def _place(one: Finding) -> tuple[str | None, int | None, str | None, str | None, object]:
    return one.envelope, one.document_index, one.document, one.field, one.expected
