"""Judgements: what one rule says, with the findings that follow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pipeline.model.documents import FieldValue
from pipeline.model.frozen import Frozen
from pipeline.model.geometry import Box
from pipeline.model.seals import SealCandidate

__all__ = ["Check", "Decided", "DecisionKind", "Finding", "FindingCode", "Outcome", "Severity", "Text"]


class Outcome(StrEnum):
    """符合 / 不符 / 看不清 / 不适用."""

    PASS = "pass"
    FAIL = "fail"
    UNCLEAR = "unclear"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FindingCode(StrEnum):
    MISSING_DOCUMENT = "MISSING_DOCUMENT"
    INCOMPLETE_DOCUMENT = "INCOMPLETE_DOCUMENT"
    MISSING_SEAL = "MISSING_SEAL"
    SEAL_OWNER_MISMATCH = "SEAL_OWNER_MISMATCH"
    UNREADABLE_SEAL = "UNREADABLE_SEAL"
    SUSPECT_SEAL = "SUSPECT_SEAL"
    MISSING_SIGNATURE = "MISSING_SIGNATURE"
    FIGURE_MISMATCH = "FIGURE_MISMATCH"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    TEXT_MISMATCH = "TEXT_MISMATCH"
    CERTIFICATE_MISMATCH = "CERTIFICATE_MISMATCH"
    EXPIRED_CERTIFICATE = "EXPIRED_CERTIFICATE"
    WRONG_PERIOD = "WRONG_PERIOD"
    AUDIT_OPINION = "AUDIT_OPINION"
    NOT_CONSOLIDATED = "NOT_CONSOLIDATED"
    ARITHMETIC_MISMATCH = "ARITHMETIC_MISMATCH"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
    LATE_SUBMISSION = "LATE_SUBMISSION"
    INVALID_IDENTIFIER = "INVALID_IDENTIFIER"
    FOREIGN_DOCUMENT = "FOREIGN_DOCUMENT"
    DUPLICATE_ENVELOPE = "DUPLICATE_ENVELOPE"
    NO_ONLINE_RECORD = "NO_ONLINE_RECORD"
    UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"
    UNREADABLE_PAGE = "UNREADABLE_PAGE"
    LOW_SCAN_QUALITY = "LOW_SCAN_QUALITY"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"


class Text(Frozen):
    """The same sentence in Chinese and English."""

    zh: str
    en: str


DecisionKind = Literal["confirmed", "overruled", "reopened"]  # 属实, 不算问题, 重新打开


class Decided(Frozen):
    """What a person decided about a finding (人工裁定), and the values it was decided about."""

    kind: DecisionKind
    by: str
    at: datetime
    note: str = ""
    expected: FieldValue = None
    found: FieldValue = None


class Finding(Frozen):
    """One fact a reviewer should see. ``expected`` and ``found`` are in the same unit, as text (or list).

    ``candidates``: of a missing seal, what was seen in its place and not taken for one, the likeliest first.
    ``sheet``: the page's content, whatever its envelope is called. ``decision``: what a person said of this very fact;
    ``earlier``: what was said of another value, or of another page, in its place: it holds no longer.
    """

    id: str
    code: FindingCode
    basis: str
    severity: Severity
    rule: str
    document: str | None = None
    document_index: int | None = None
    field: str | None = None
    expected: FieldValue = None
    found: FieldValue = None
    message: Text
    page: int | None = None
    box: Box | None = None
    evidence: str | None = None
    candidates: tuple[SealCandidate, ...] = ()
    envelope: str | None = None  # where page and box lie, if not in the envelope the finding stands at
    sheet: str = ""
    decision: Decided | None = None
    earlier: Decided | None = None

    @property
    def open(self) -> bool:
        """Whether it counts: a person may have overruled it."""
        return self.decision is None or self.decision.kind != "overruled"


class Check(Frozen):
    """The outcome of one rule, with the findings that follow."""

    rule: str
    outcome: Outcome
    because: Text | None = None
    findings: tuple[Finding, ...] = ()
