"""Making Checks and Findings: severities by code, ids that stay the same from night to night."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.model import (
    Box,
    Check,
    DocumentType,
    FieldValue,
    Finding,
    FindingCode,
    Outcome,
    SealCandidate,
    Severity,
    Submission,
    Text,
)

__all__ = [
    "SEVERITIES",
    "Where",
    "broken",
    "check",
    "failed",
    "faults_of",
    "finding",
    "not_applicable",
    "passed",
    "sheet_mark",
    "told_apart",
    "unclear",
]

_ERRORS = {
    FindingCode.MISSING_DOCUMENT,
    FindingCode.MISSING_SEAL,
    FindingCode.SEAL_OWNER_MISMATCH,
    FindingCode.FIGURE_MISMATCH,
    FindingCode.IDENTITY_MISMATCH,
    FindingCode.CERTIFICATE_MISMATCH,
    FindingCode.WRONG_PERIOD,
    FindingCode.AUDIT_OPINION,
    FindingCode.BELOW_THRESHOLD,
    FindingCode.LATE_SUBMISSION,
    FindingCode.INVALID_IDENTIFIER,
    FindingCode.FOREIGN_DOCUMENT,
    FindingCode.NO_ONLINE_RECORD,
}
SEVERITIES: Mapping[FindingCode, Severity] = {
    code: Severity.ERROR
    if code in _ERRORS
    else Severity.INFO
    if code is FindingCode.UNKNOWN_DOCUMENT
    else Severity.WARNING
    for code in FindingCode
}
"""CONTRACT's severity of each code, where the rule has no reason for a milder one."""

OWN_FAULT = "yanzhang"  # basis of a finding that says nothing of the paper: our own check broke
ID_LENGTH = 16  # hex digits: a store of millions of findings stays free of collisions


@dataclass(frozen=True)
class Where:
    """Where the eye should go: a document (if it stands in one), a page, a box on the page as scanned.

    ``submission``: the envelope of a page that stands in no document, if it is not the newest.
    """

    held: Held | None = None
    page: int | None = None
    box: Box | None = None
    submission: Submission | None = None


def finding(
    case: Case,
    code: FindingCode,
    rule: str,
    *,
    basis: str,
    message: Text,
    where: Where | None = None,
    severity: Severity | None = None,
    document: DocumentType | None = None,
    field: str | None = None,
    expected: FieldValue = None,
    found: FieldValue = None,
    mark: str = "",
    candidates: Sequence[SealCandidate] = (),
) -> Finding:
    """One finding of this case.

    :param document: its type where no document stands for it (a missing one); else that of ``where``
    :param mark: what tells two findings of one rule apart (a certificate's number, a page's content), part of the id;
        never a name of an envelope or a place in it, which may change
    """
    where = where or Where()
    held = where.held
    type_ = document or (held.type if held else None)
    first, at = case.submissions[0], where.submission or (held.submission if held else case.newest)
    subject = case.record.application_no if case.record else f"{first.sha256}#{first.part}"
    key = "\n".join((subject, code.value, rule, type_.value if type_ else "", field or "", mark))
    return Finding(
        id=hashlib.sha256(key.encode()).hexdigest()[:ID_LENGTH],
        code=code,
        basis=basis,
        severity=severity or SEVERITIES[code],
        rule=rule,
        document=type_.value if type_ else None,
        document_index=held.document.index if held else None,
        field=field,
        expected=expected,
        found=found,
        message=message,
        page=where.page,
        box=where.box,
        candidates=tuple(candidates),
        envelope=at.envelope if at is not case.newest else None,
        sheet=at.sheet(where.page),
    )


def sheet_mark(held: Held) -> str:
    """What tells a document's finding from another's: the page it begins on, by content."""
    return held.submission.sheet(held.document.pages[0] if held.document.pages else None)


def check(rule: str, outcome: Outcome, *findings: Finding, because: Text | None = None) -> Check:
    """A check with its findings; ``because`` defaults to the first finding's words."""
    reason = because or (findings[0].message if findings else None)
    return Check(rule=rule, outcome=outcome, because=reason, findings=findings)


def passed(rule: str, *findings: Finding, because: Text | None = None) -> Check:
    """符合 (a warning may still go with it: a former name)."""
    return check(rule, Outcome.PASS, *findings, because=because)


def failed(rule: str, *findings: Finding) -> Check:
    """不符."""
    return check(rule, Outcome.FAIL, *findings)


def unclear(rule: str, *findings: Finding, because: Text | None = None) -> Check:
    """看不清: never more than a warning, whatever the code's usual severity."""
    mild = tuple(
        found.model_copy(update={"severity": Severity.WARNING}) if found.severity is Severity.ERROR else found
        for found in findings
    )
    return check(rule, Outcome.UNCLEAR, *mild, because=because)


def not_applicable(rule: str, because: Text | None = None) -> Check:
    """不适用."""
    return check(rule, Outcome.NOT_APPLICABLE, because=because)


def broken(case: Case, rule: str, error: Exception) -> Check:
    """A check that broke by a fault of our own: unclear, said to the reviewer, and the envelope is not clean."""
    name = type(error).__name__
    message = Text(
        zh=f"程序出错，这一项（{rule}）没有检查成（{name}）。请人工核对，并告知系统管理员。",
        en=f"This check ({rule}) could not be made, by a fault of the program ({name}). "
        "Please check by hand, and tell whoever runs it.",
    )
    return unclear(rule, finding(case, FindingCode.LOW_CONFIDENCE, rule, basis=OWN_FAULT, message=message))


def faults_of(checks: Sequence[Check]) -> tuple[str, ...]:
    """A sentence for each check that :func:`broken` made."""
    return tuple(one.message.en for check in checks for one in check.findings if one.basis == OWN_FAULT)


def told_apart(checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks with ids that differ: a second finding of the same key gets its number into the id."""
    seen: dict[str, int] = {}
    return tuple(
        one.model_copy(update={"findings": tuple(_numbered(found, seen) for found in one.findings)})
        if one.findings
        else one
        for one in checks
    )


def _numbered(found: Finding, seen: dict[str, int]) -> Finding:
    seen[found.id] = seen.get(found.id, 0) + 1
    if seen[found.id] == 1:
        return found
    numbered = hashlib.sha256(f"{found.id}\n{seen[found.id]}".encode()).hexdigest()[:ID_LENGTH]
    return found.model_copy(update={"id": numbered})
