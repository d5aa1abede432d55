"""The report as CONTRACT's JSON ("yanzhang.report/1"). Shapes only; decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.model import (
    Box,
    Check,
    Corrected,
    Decided,
    Document,
    EnvelopeReport,
    Field,
    FieldValue,
    Finding,
    Page,
    Parcel,
    ParcelEntry,
    Report,
    RidingSeal,
    Seal,
    SealCandidate,
    SealReading,
    Statement,
)
from pipeline.store.durable import write_atomically
from pipeline.values.printable import json_printable

__all__ = [
    "SCHEMA",
    "box_json",
    "document_json",
    "envelope_json",
    "finding_json",
    "page_json",
    "parcel_json",
    "report_json",
    "seal_json",
    "whole_text",
    "write_json",
]

SCHEMA = "yanzhang.report/1"
BOX_DIGITS = 5  # a fifth of a pixel on an A3 page at 200 dpi

_KIND_OF_SEAL = re.compile(r"(?:专用|业务|合同|财务|发票|登记|审核|审批)章$")

Json = dict[str, Any]


def write_json(report: Report, path: Path) -> None:
    """Write the whole report, or leave what was there."""
    text = json_printable(json.dumps(report_json(report), ensure_ascii=False, indent=1))
    write_atomically(path, (text + "\n").encode())


def report_json(report: Report) -> Json:
    return {
        "schema": SCHEMA,
        "programme": report.programme,
        "rules_version": report.rules_version,
        "generated_at": report.generated_at.isoformat(),
        "totals": report.totals.model_dump(),
        "envelopes": [envelope_json(e) for e in report.envelopes],
        "not_received": list(report.not_received),
        "problems": list(report.problems),
        "parcels": [parcel_json(p) for p in report.parcels],
    }


def parcel_json(parcel: Parcel) -> Json:
    """A department's parcel: its list, and what was found of it."""

    def entries(some: Sequence[ParcelEntry]) -> list[Json]:
        return [{**one.model_dump(), "application_no": one.application_no or None} for one in some]

    return {
        "department": parcel.department,
        "list_envelope": parcel.list_envelope or None,
        "list_pages": list(parcel.list_pages),
        "seal": parcel.seal or None,
        "listed": [
            {
                "name": row.name,
                "application_no": row.application_no or None,
                "page": row.page,
                "box": box_json(row.box),
                "confidence": row.confidence,
            }
            for row in parcel.listed
        ],
        "received": entries(parcel.received),
        "missing": entries(parcel.missing),
        "unlisted": entries(parcel.unlisted),
        "unclear": entries(parcel.unclear),
    }


def envelope_json(envelope: EnvelopeReport) -> Json:
    head: Json = {
        "envelope": envelope.envelope,
        "sha256": envelope.sha256,
        "application_no": envelope.application_no,
        "track": envelope.track,
        "name": envelope.name,
        "matched_by": list(envelope.matched_by),
        "received_on": envelope.received_on.isoformat() if envelope.received_on else None,
        "part_of": envelope.part_of,
        "verdict": envelope.verdict,
    }
    if envelope.unchanged:
        return {**head, "unchanged": True, "findings": [{"id": f.id} for f in envelope.findings]}
    changes = [change.model_dump(mode="json") for change in envelope.record_changes]
    return {
        **head,
        **({"record_changes": changes} if changes else {}),
        "pages": [page_json(p, envelope.documents) for p in envelope.pages],
        "documents": [document_json(d) for d in envelope.documents],
        "checks": [_check(c) for c in envelope.checks],
        "findings": [finding_json(f) for f in envelope.findings],
    }


def page_json(page: Page, documents: Sequence[Document] = ()) -> Json:
    shape: Json = {
        "page": page.number,
        "documents": [d.index for d in documents if page.number in d.pages],
        "kind": page.kind,
        "rotation": page.rotation,
        "skew": page.skew,
        "width": page.width,
        "height": page.height,
        "file": page.file,
        "depth": page.depth,
        "quality": page.quality.model_dump(mode="json"),
    }
    return {**shape, "problem": page.problem} if page.problem else shape


def document_json(document: Document) -> Json:
    return {
        "index": document.index,
        "type": document.type.value,
        "pages": list(document.pages),
        "confidence": round(document.confidence, 4),
        "subject": document.subject,
        "fields": [_field(f) for f in document.fields],
        "statements": [_statement(s) for s in document.statements],
        "seals": [seal_json(s) for s in document.seals],
        "riding_seals": [_riding(r) for r in document.riding_seals],
        "parts": list(document.parts),
        "lacks": list(document.lacks),
        "remarks": list(document.remarks),
    }


def seal_json(seal: Seal) -> Json:
    reading = seal.reading
    return {
        "page": seal.page,
        "box": box_json(seal.box),
        "shape": seal.shape,
        "colour": seal.colour,
        "kind": seal.kind,
        "text": whole_text(seal),
        "role": seal.role,
        "owner": seal.owner,
        "confidence": round(seal.confidence, 4),
        "rests_on": seal.rests_on,
        **(_reading(reading) if reading else {}),
    }


def _riding(riding: RidingSeal) -> Json:
    return {
        "pages": list(riding.pages),
        "text": riding.text,
        "owner": riding.owner,
        "complete": riding.complete,
        "breaks": list(riding.breaks),
        "evidence": riding.evidence,
        "slices": [{"page": s.page, "box": box_json(s.box)} for s in riding.slices],
    }


def whole_text(seal: Seal) -> str:
    """All that is written on a seal but its code: the name, and what kind of seal it says it is (…专用章)."""
    if seal.text.endswith("章"):
        return seal.text
    kinds = [t for t in (seal.reading.straight if seal.reading else ()) if _KIND_OF_SEAL.search(t)]
    return seal.text + "".join(k for k in kinds[:1] if k not in seal.text)


def box_json(box: Box) -> list[float]:
    return [round(v, BOX_DIGITS) for v in box]


def value_json(value: FieldValue) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _reading(reading: SealReading) -> Json:
    return {
        "straight": list(reading.straight),
        "code": reading.code,
        "legible": round(reading.legible, 4),
        "faint": reading.faint,
        "cut": reading.cut,
        "angle": round(reading.rotation, 1),
        "diameter_mm": reading.diameter_mm,
        "found": round(reading.found, 4),
        "remarks": list(reading.remarks),
        "signs": dict(reading.signs),
    }


def _field(field: Field) -> Json:
    shape: Json = {
        "name": field.name,
        "value": value_json(field.value),
        "raw": field.raw,
        "unit": field.unit,
        "page": field.page,
        "box": box_json(field.box),
        "confidence": round(field.confidence, 4),
        "alternatives": list(field.alternatives),
        "reasons": list(field.reasons),
    }
    return {**shape, "corrected": _corrected(field.corrected)} if field.corrected else shape


def _corrected(said: Corrected) -> Json:
    return {
        "from": value_json(said.was),
        "raw": said.raw,
        "by": said.by,
        "at": said.at.isoformat(),
        "note": said.note,
    }


def _statement(statement: Statement) -> Json:
    return {
        "kind": statement.kind,
        "consolidated": statement.consolidated,
        "unit": statement.unit,
        "pages": list(statement.pages),
        "columns": [c.model_dump() for c in statement.columns],
        "rows": [
            {
                "item": row.item,
                "page": row.page,
                "values": [_amount(v) for v in row.values],
                "boxes": [box_json(b) if b else None for b in row.boxes],
                "confidence": [round(c, 4) if c is not None else None for c in row.confidence],
                "reasons": [list(r) for r in row.reasons],
            }
            for row in statement.rows
        ],
    }


def _amount(value: Decimal | None) -> str | None:
    """Exact, with two decimals at least: earnings a share (每股收益) are printed with three and four."""
    if value is None:
        return None
    exponent = value.normalize().as_tuple().exponent
    return f"{value:.{max(2, -exponent)}f}" if isinstance(exponent, int) else None


def _check(check: Check) -> Json:
    shape: Json = {"rule": check.rule, "outcome": check.outcome.value}
    return {**shape, "because": check.because.model_dump()} if check.because else shape


def finding_json(finding: Finding) -> Json:
    shape: Json = {
        "id": finding.id,
        "code": finding.code.value,
        "basis": finding.basis,
        "severity": finding.severity.value,
        "rule": finding.rule,
        "document": finding.document,
        "document_index": finding.document_index,
        "field": finding.field,
        "expected": value_json(finding.expected),
        "found": value_json(finding.found),
        "message": finding.message.model_dump(),
        "page": finding.page,
        "box": box_json(finding.box) if finding.box else None,
        "evidence": finding.evidence,
    }
    if finding.candidates:
        shape["candidates"] = [_candidate(one) for one in finding.candidates]
    if finding.decision:
        shape["decision"] = _decided(finding.decision)
    if finding.earlier:
        values = {"expected": value_json(finding.earlier.expected), "found": value_json(finding.earlier.found)}
        shape["earlier_decision"] = {**_decided(finding.earlier), **values}
    return {**shape, "envelope": finding.envelope} if finding.envelope else shape


def _decided(said: Decided) -> Json:
    return {"as": said.kind, "by": said.by, "at": said.at.isoformat(), "note": said.note}


def _candidate(one: SealCandidate) -> Json:
    return {
        "page": one.page,
        "box": box_json(one.box),
        "shape": one.shape,
        "colour": one.colour,
        "found": round(one.found, 4),
    }
