"""Nights (夜间复核): what one run of the nightly job came to, for the digest and for whoever watches the job."""

from __future__ import annotations

from datetime import datetime

from pipeline.model.frozen import Frozen
from pipeline.model.judgements import FindingCode, Severity, Text

__all__ = ["Night", "NightFinding"]


class NightFinding(Frozen):
    """One finding that came or went since the last night. ``department``: that audits the application, if known."""

    application_no: str | None = None
    department: str = ""
    envelope: str = ""
    id: str
    code: FindingCode
    severity: Severity
    message: Text


class Night(Frozen):
    """A nightly run (夜间小结). Counts are of the whole store; lists are cut, counts never.

    :ivar finished_at: UTC; None: it has not finished, or never will
    :ivar new: findings that the last night did not have (``new_count`` of them)
    :ivar resolved: findings that it had and this one has not any more (``resolved_count``)
    :ivar unchanged: envelopes of which all is as it was
    :ivar not_received: applications without an envelope; ``without_record``: envelopes without a record
    :ivar stuck: a sentence for each thing that waits for somebody: quarantine, files that cannot be read
    :ivar alarms: sentences on what went wrong with the run itself: a source that is down or has shrunk
    """

    started_at: datetime
    finished_at: datetime | None = None
    programme: str = ""
    rules_version: str = ""
    applications: int = 0
    envelopes: int = 0
    clean: int = 0
    with_findings: int = 0
    failed: int = 0
    changed: int = 0
    unchanged: int = 0
    new_count: int = 0
    resolved_count: int = 0
    not_received: int = 0
    without_record: int = 0
    new: tuple[NightFinding, ...] = ()
    resolved: tuple[NightFinding, ...] = ()
    stuck: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
