"""What Prefect's pages show of a run: tables of plain text, cut where a page would become slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flows.plain import plain_cell
from pipeline.model import Severity
from pipeline.model.nights import Night, NightFinding
from pipeline.street import Outcome

__all__ = ["ROWS", "batch_rows", "batch_sentence", "finding_rows", "night_of", "night_rows", "night_sentence"]

ROWS = 500  # the page that shows a table becomes slow past that

Row = dict[str, Any]


def batch_rows(outcome: Outcome) -> list[Row]:
    """A row an envelope."""
    return [
        {
            "envelope": plain_cell(e.envelope),
            "application": plain_cell(e.application_no or ""),
            "verdict": e.verdict,
            "errors": sum(f.severity == Severity.ERROR for f in e.findings),
            "warnings": sum(f.severity == Severity.WARNING for f in e.findings),
            "codes": " ".join(sorted({f.code.value for f in e.findings})),
        }
        for e in outcome.report.envelopes[:ROWS]
    ]


def batch_sentence(outcome: Outcome) -> str:
    """The totals."""
    totals = outcome.report.totals
    return (
        f"{totals.envelopes} envelopes, {totals.clean} clean, {totals.with_findings} with findings, "
        f"{totals.failed} failed, {totals.not_received} not received"
    )


def night_of(outcome: Outcome) -> Night:
    """The night that an outcome tells of."""
    if outcome.night is not None:
        return outcome.night
    report, totals = outcome.report, outcome.report.totals
    return Night(
        started_at=report.generated_at,
        finished_at=report.generated_at,
        programme=report.programme,
        rules_version=report.rules_version,
        envelopes=totals.envelopes,
        clean=totals.clean,
        with_findings=totals.with_findings,
        failed=totals.failed,
        changed=sum(not e.unchanged for e in report.envelopes),
        unchanged=sum(e.unchanged for e in report.envelopes),
        not_received=totals.not_received,
        without_record=sum(e.application_no is None for e in report.envelopes),
    )


def night_rows(night: Night) -> list[Row]:
    """夜间小结: what changed since last night, what is missing, what went wrong."""
    counts = (
        ("新问题 new findings", night.new_count),
        ("已消除 resolved", night.resolved_count),
        ("未变信封 envelopes unchanged", night.unchanged),
        ("有变信封 envelopes changed", night.changed),
        ("未收到 applications not received", night.not_received),
        ("无申报记录 envelopes without record", night.without_record),
        ("无法读取 failed", night.failed),
    )
    told = [("警报 ALARM", text) for text in night.alarms] + [("待处理 stuck", text) for text in night.stuck]
    return [
        *({"what": what, "count": count, "detail": ""} for what, count in counts),
        *({"what": what, "count": "", "detail": plain_cell(text)} for what, text in told[:ROWS]),
    ]


def finding_rows(night: Night) -> list[Row]:
    """Each finding that came or went."""
    return [*_findings("新 new", night.new), *_findings("消除 resolved", night.resolved)][:ROWS]


def night_sentence(night: Night) -> str:
    """The night in one line, alarms first."""
    alarms = f"警报 {len(night.alarms)} ALARMS; " if night.alarms else ""
    return (
        f"{alarms}{night.new_count} new, {night.resolved_count} resolved, {night.unchanged} unchanged of "
        f"{night.envelopes} envelopes; {night.applications} applications, {night.not_received} not received"
    )


def _findings(what: str, findings: Sequence[NightFinding]) -> list[Row]:
    return [
        {
            "what": what,
            "application": plain_cell(f.application_no or ""),
            "envelope": plain_cell(f.envelope),
            "code": f.code.value,
            "severity": f.severity.value,
            "message": plain_cell(f.message.zh),
        }
        for f in findings
    ]
