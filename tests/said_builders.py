"""Envelopes as they come in and what people say of them, for the tests of the layer between paper and verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from checks_builders import field, form, form_fields, page, record, submission

from pipeline.deciding import SILENCE, Said, documents_on
from pipeline.judging import Judged, Received, judge_all
from pipeline.model import (
    Correction,
    Decision,
    DecisionKind,
    Document,
    DocumentType,
    FieldValue,
    Finding,
    Record,
    Seal,
    SealPlace,
    SealReading,
    Submission,
    TextCandidate,
)
from pipeline.programmes import load

PROGRAMME = load("cciip-2023")
MONDAY, TUESDAY, WEDNESDAY = date(2023, 9, 18), date(2023, 9, 19), date(2023, 9, 20)
THEN = datetime(2023, 9, 21, 8, 30, tzinfo=UTC)


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def sent(
    name: str,
    *documents: Document,
    order: int = 1,
    day: date | None = None,
    content: str = "",
    looks: str = "",
    pages: int = 8,
    **changes: Any,
) -> Received:
    """An envelope; ``content`` makes its bytes, ``looks`` its pages' pictures (both its name, if nothing is said)."""
    sha256 = sha(content or name)
    prints = [hashlib.sha256(f"{looks or content or name} {n}".encode()).hexdigest()[:16] for n in range(1, pages + 1)]
    there = tuple(page(n, sha256=sha256, file=name, fingerprint=prints[n - 1]) for n in range(1, pages + 1))
    base: dict[str, Any] = {
        "envelope": name,
        "sha256": sha256,
        "order": order,
        "received_on": day,
        "cover_application_no": record().application_no,
    }
    paper = submission(*map(with_readings, documents), pages=0, **(base | changes))
    return Received(paper if "pages" in changes else paper.model_copy(update={"pages": there}), order)


def with_readings(document: Document) -> Document:
    """The document with seals that can be read again: judging attributes each anew from its reading."""
    places = tuple(
        SealPlace(role="cpa", page=one.page, box=one.box, label="中国注册会计师")
        for one in document.seals
        if one.role == "cpa"
    )
    seals = tuple(map(_readable, document.seals))
    return document.model_copy(update={"seals": seals, "places": (*document.places, *places)})


def _readable(one: Seal) -> Seal:
    seen = (TextCandidate(text=one.text, score=0.98),) if one.text else ()
    reading = SealReading(page=one.page, box=one.box, shape=one.shape, colour=one.colour, legible=0.95, candidates=seen)
    return one.model_copy(update={"reading": reading})


def bare_form(**changes: Any) -> Document:
    """A form without a value but name and number: what it does not say contradicts nothing."""
    kept = {"application_no", "name", "uscc", *changes}
    return form(tuple(one for one in form_fields(**changes) if one.name in kept))


def judged(
    *received: Received,
    records: Sequence[Record] | None = None,
    decisions: Sequence[Decision] = (),
    corrections: Sequence[Correction] = (),
) -> dict[str, Judged]:
    said = Said(tuple(decisions), tuple(corrections)) if decisions or corrections else SILENCE
    there = [record()] if records is None else list(records)
    return {one.report.envelope: one for one in judge_all(received, there, PROGRAMME, said=said)}


def findings(results: dict[str, Judged]) -> list[Finding]:
    return [found for one in results.values() for found in one.report.findings]


def the(results: dict[str, Judged], code: str, field_: str | None = None) -> Finding:
    """The one finding of that code (and field)."""
    found = [one for one in findings(results) if one.code == code and field_ in (None, one.field)]
    assert len(found) == 1, [(one.code.value, one.field) for one in findings(results)]
    return found[0]


def says(
    found: Finding, kind: DecisionKind, results: dict[str, Judged], *, id_: int = 1, by: str = "张三", note: str = ""
) -> Decision:
    """What ``yanzhang decide`` would keep of that finding."""
    report = next(one.report for one in results.values() if found.id in {f.id for f in one.report.findings})
    return Decision(
        id=id_,
        finding=found.id,
        kind=kind,
        by=by,
        note=note,
        at=THEN,
        envelope=report.envelope,
        sha256=report.sha256,
        part=report.part,
        application_no=report.application_no or "",
        sheet=found.sheet,
        code=found.code,
        rule=found.rule,
        document=found.document,
        field=found.field,
        expected=found.expected,
        found=found.found,
    )


def reads(
    received: Received | Submission,
    document: DocumentType,
    name: str,
    value: FieldValue,
    *,
    number: int = 1,
    id_: int = 1,
    place: int = 0,
    **changes: Any,
) -> Correction:
    """What ``yanzhang correct`` would keep."""
    paper = received.submission if isinstance(received, Received) else received
    sheet = paper.sheet(number)
    assert len(documents_on(paper, sheet, document)) > place
    base: dict[str, Any] = {
        "id": id_,
        "by": "李四",
        "at": THEN,
        "envelope": paper.envelope,
        "sha256": paper.sha256,
        "part": paper.part,
        "application_no": record().application_no,
        "sheet": sheet,
        "page": number,
        "document": document,
        "place": place,
        "field": name,
        "value": value,
        "raw": str(value),
    }
    return Correction(**(base | changes))


def wrong(name: str, value: FieldValue, **changes: Any) -> dict[str, Any]:
    return {name: field(name, value, **changes)}
