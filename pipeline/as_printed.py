"""What an applicant changed online after the form was printed (打印后的网上变更): told beside what the rules found.

Paper that agrees with the record as it was accuses nobody of a wrong figure: the finding stays, since paper and record
differ now, and says when the record was changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from pipeline import book
from pipeline.book import Version, changes_between
from pipeline.checks.sureness import stands_for
from pipeline.judging import Judged
from pipeline.model import EnvelopeReport, FieldValue, Finding, FindingCode, Record, RecordChange, Text
from pipeline.store import Store
from pipeline.values.names import same_text

__all__ = ["record_changes", "said_of_versions", "with_record_changes"]

_CODES = frozenset({FindingCode.FIGURE_MISMATCH, FindingCode.IDENTITY_MISMATCH, FindingCode.TEXT_MISMATCH})
_SIGN_FOR_SIGN = ("uscc", "mobile", "email")  # every sign of them counts
_HERE = ZoneInfo("Asia/Shanghai")
_FEN = Decimal("0.01")


def with_record_changes(store: Store, judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The same judgements; those of applications whose record ever changed say so."""
    histories = book.histories(store, {j.report.application_no for j in judged if j.report.application_no})
    if not histories:
        return tuple(judged)
    told = [j for j in judged if j.report.application_no in histories]
    undated = {j.arrival for j in told if j.report.received_on is None}
    taken = {a.id: a.taken_at for a in store.arrivals_of(undated)}
    return tuple(
        replace(j, report=_told(j.report, histories[j.report.application_no], taken.get(j.arrival)))
        if j.report.application_no in histories
        else j
        for j in judged
    )


def _told(report: EnvelopeReport, versions: Sequence[Version], taken_at: datetime | None) -> EnvelopeReport:
    changes = record_changes(versions, _printed_before(report.received_on, taken_at))
    findings = tuple(said_of_versions(finding, versions) for finding in report.findings)
    checks = tuple(
        c.model_copy(update={"findings": tuple(said_of_versions(f, versions) for f in c.findings)}) if c.findings else c
        for c in report.checks
    )
    return report.model_copy(update={"record_changes": changes, "findings": findings, "checks": checks})


def _printed_before(received_on: date | None, taken_at: datetime | None) -> datetime | None:
    """What came in the mail was printed before the day it came."""
    if received_on is not None:
        return datetime.combine(received_on, time(), _HERE)
    return taken_at.replace(tzinfo=UTC) if taken_at is not None else None


def record_changes(versions: Sequence[Version], printed_before: datetime | None) -> tuple[RecordChange, ...]:
    """Each field in which the record differs from what it was when the form was printed.

    Of a form older than the book the first version known is the nearest to it.
    """
    known = [version for version in versions if version.record is not None]
    if not known or versions[-1].record is None:
        return ()
    then = [v for v in known if printed_before is not None and v.since < printed_before] or known[:1]
    return tuple(
        RecordChange(field=name, then=_shown(was), now=_shown(now), changed_at=_changed_at(known, name, now))
        for name, was, now in changes_between(then[-1].record, known[-1].record)
    )


def _changed_at(versions: Sequence[Version], name: str, now: object) -> datetime:
    """When a field last became what it is."""
    since = versions[-1].since
    for version in reversed(versions):
        if getattr(version.record, name) != now:
            break
        since = version.since
    return since


def said_of_versions(finding: Finding, versions: Sequence[Version]) -> Finding:
    """A mismatch whose paper agrees with an older version of the record says so."""
    now = versions[-1].record
    if finding.code not in _CODES or finding.field not in Record.model_fields or now is None:
        return finding
    name = finding.field
    older = [v for v in versions[:-1] if v.record is not None and getattr(v.record, name) != getattr(now, name)]
    match = next((v for v in reversed(older) if _agrees(name, finding.found, getattr(v.record, name))), None)
    if match is None:
        return finding
    after = next(v for v in versions[versions.index(match) + 1 :] if _value(v, name) != _value(match, name))
    day = after.since.astimezone(_HERE).date().isoformat()
    was = _words(finding.found)
    more = Text(
        zh=f"网上数据于 {day} 改过，此前为“{was}”，与纸面一致。",
        en=f" The online record was changed on {day}; before that it had {was}, as the paper has.",
    )
    message = Text(zh=finding.message.zh + more.zh, en=finding.message.en.rstrip() + more.en)
    return finding.model_copy(update={"message": message})


def _value(version: Version, name: str) -> object:
    return getattr(version.record, name) if version.record is not None else None


def _agrees(name: str, found: FieldValue, was: object) -> bool:
    """Whether the paper's value, as a finding shows it, is the record's of then."""
    if found is None or was in (None, "", ()):
        return False
    if isinstance(was, Decimal):
        yuan = _number(found)
        return yuan is not None and stands_for(yuan, _FEN, was)
    if isinstance(was, int):
        return _number(found) == was
    if isinstance(was, date):
        return found == was.isoformat()
    if isinstance(was, tuple):
        return isinstance(found, tuple) and {str(one) for one in was} == set(found)
    if not isinstance(found, str) or not isinstance(was, str):
        return False
    if name in _SIGN_FOR_SIGN:
        return "".join(found.split()).casefold() == "".join(was.split()).casefold()
    return same_text(found, was)


def _number(found: FieldValue) -> Decimal | None:
    try:
        return Decimal(str(found)) if not isinstance(found, bool | tuple) else None
    except InvalidOperation:
        return None


def _words(found: FieldValue) -> str:
    return "、".join(found) if isinstance(found, tuple) else str(found)


def _shown(value: object) -> object:
    """A record's value as JSON has it: money in 万元, as records do."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [one if isinstance(one, str) else one.model_dump(mode="json") for one in value]
    return value
