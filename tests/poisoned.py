"""A report in which every text that could come from paper, file names or records is hostile."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from checks_builders import record, supplier
from pydantic import BaseModel

from pipeline.checks import judge
from pipeline.model import (
    Check,
    EnvelopeReport,
    Finding,
    FindingCode,
    Outcome,
    Record,
    Report,
    Severity,
    Text,
    Totals,
)

__all__ = ["poisoned_records", "poisoned_report"]

# Texts of ours: types of documents, rules, machine words that the page looks up.
OURS = {"document", "rule", "basis", "id", "sha256", "unit", "kind", "programme", "rules_version", "evidence", "field"}


def poisoned_report(text: str, *, evidence: str | None = None) -> Report:
    """``text`` in every field of free text, marked by a number so that each can be told; real checks and findings."""
    case = supplier()
    submission = case.submissions[0]
    finding = Finding(
        id="f1",
        code=FindingCode.TEXT_MISMATCH,
        basis=text,
        severity=Severity.WARNING,
        rule="supplier.form.text.address",
        document="information_form",
        field=text,
        expected=(text, text),
        found=text,
        message=Text(zh=text, en=text),
        page=1,
        evidence=evidence,
        envelope=text,
    )
    checks = (
        *judge(case),
        Check(rule=text, outcome=Outcome.UNCLEAR, because=Text(zh=text, en=text)),
        Check(rule="supplier.form.text.address", outcome=Outcome.FAIL, findings=(finding,)),
    )
    envelope = EnvelopeReport(
        envelope=text,
        sha256="0" * 64,
        application_no=text,
        track="supplier",
        name=text,
        matched_by=("name",),
        received_on=date(2023, 9, 20),
        part_of=text,
        verdict="findings",
        pages=tuple(_poisoned(page, text) for page in submission.pages),
        documents=tuple(_poisoned(document, text) for document in submission.documents),
        checks=checks,
        findings=tuple(f for check in checks for f in check.findings),
    )
    return Report(
        programme="cciip-2023",
        rules_version="1",
        generated_at=datetime(2023, 9, 20, tzinfo=UTC),
        totals=Totals(envelopes=2, pages=3, clean=0, with_findings=2, failed=0, not_received=1),
        envelopes=(envelope, envelope.model_copy(update={"unchanged": True, "envelope": f"{text}#2"})),
        not_received=(text,),
        problems=(text, f"{text}: {text}"),
    )


def poisoned_records(text: str) -> tuple[Record, ...]:
    return (_poisoned(record(), text).model_copy(update={"application_no": text}),)


def _poisoned(model: Any, text: str) -> Any:
    """The model with every free text of it replaced."""
    changed = {name: _value(name, getattr(model, name), text) for name in type(model).model_fields}
    return model.model_copy(update=changed)


def _value(name: str, value: Any, text: str) -> Any:
    if isinstance(value, BaseModel):
        return _poisoned(value, text)
    if type(value) is str and name not in OURS | {"shape", "colour", "role", "rests_on", "track", "depth", "file"}:
        return text
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(_value(name, item, text) for item in value)
    return value
