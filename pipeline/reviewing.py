"""What a person at the desk may say, looked up in the store, made sure of and kept: decide, correct, list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from pipeline.deciding import documents_on
from pipeline.errors import BadInput, BadSetting
from pipeline.keeping import received_as
from pipeline.model import (
    Correction,
    Decision,
    DecisionKind,
    Document,
    DocumentType,
    EnvelopeReport,
    Finding,
    Submission,
)
from pipeline.store import Store, add_correction, add_decision, all_corrections, all_decisions
from pipeline.store.verdicts import last_told
from pipeline.typed import Typed, known_field, name_of, note_of, typed

__all__ = ["correct_value", "decide_finding", "everything_said"]

LEAST_ID = 8  # signs of a finding's id, or of a content's hash, that may stand for the whole
MOST_NAMED = 6  # of what a sentence lists


def decide_finding(store: Store, finding_id: str, kind: DecisionKind, by: str, note: str = "") -> Decision:
    """Keep a decision on a finding of the last judgement.

    :raises BadInput: no such finding, or an id that several begin with
    """
    who, why = name_of(by), note_of(note)
    envelope, finding = _finding(store, finding_id.strip().lower().removeprefix("f-"))
    return add_decision(
        store,
        Decision(
            finding=finding.id,
            kind=kind,
            by=who,
            note=why,
            at=_now(),
            envelope=envelope.envelope,
            sha256=envelope.sha256,
            part=envelope.part,
            application_no=envelope.application_no or "",
            sheet=finding.sheet,
            code=finding.code,
            rule=finding.rule,
            document=finding.document,
            field=finding.field,
            expected=finding.expected,
            found=finding.found,
        ),
    )


def correct_value(
    store: Store,
    envelope: str,
    name: str,
    value: str | None,
    *,
    document: str,
    by: str,
    note: str = "",
    page: int | None = None,
    index: int | None = None,
) -> Correction:
    """Keep what a person read on the paper; ``value`` None takes back what was said before.

    :param page: as scanned; None: where the machine read the field, else the document's first page
    :param index: of the document in the report, where several of its type stand on the page
    :raises BadInput: no such envelope, document, page or field, or a value that is none
    """
    who, why = name_of(by), note_of(note)
    type_ = _type(document)
    submission = _envelope(store, envelope)
    shown = _document(submission, type_, page, index)
    read = shown.field(name)
    if read is None and not known_field(name):
        there = ", ".join(dict.fromkeys(f.name for f in shown.fields)) or "none"
        raise BadInput(f"a {type_.value} has no field {name}: read in this one were {there}")
    number = page or (read.page if read else next(iter(shown.pages), 1))
    sheet = submission.sheet(number)
    if not sheet:
        raise BadInput(f"{submission.envelope} has no page {number}: it has {len(submission.pages)}")
    said = Typed(None, "") if value is None else typed(name, value, read)
    made = Correction(
        by=who,
        note=why,
        at=_now(),
        envelope=submission.envelope,
        sha256=submission.sha256,
        part=submission.part,
        application_no=_application(store, submission),
        sheet=sheet,
        page=number,
        document=shown.type,
        place=documents_on(submission, sheet, type_).index(shown),
        field=name,
        value=said.value,
        raw=said.raw,
        unit=said.unit,
        withdrawn=value is None,
    )
    if made.withdrawn and not _stands(store, made):
        raise BadInput(
            f"nobody corrected {name} on page {number} of {submission.envelope}: there is nothing to take back"
        )
    return add_correction(store, made)


def everything_said(store: Store) -> Iterator[dict[str, Any]]:
    """Every decision and correction ever made, for audits: decisions first, each in the order in which they came."""
    for decision in all_decisions(store):
        yield {"what": "decision", **decision.model_dump(mode="json")}
    for correction in all_corrections(store):
        yield {"what": "correction", **correction.model_dump(mode="json")}


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


# ------------------------------------------------------------------------------------------------------ looking up


def _finding(store: Store, finding_id: str) -> tuple[EnvelopeReport, Finding]:
    """The finding of that id, at the envelope that was judged to bear it last."""
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_ID},16}}", finding_id):
        raise BadSetting(
            f"{finding_id[:40]} is no finding's id: take the id (16 letters and digits) from report.html or report.json"
        )
    found: dict[str, tuple[EnvelopeReport, Finding]] = {}
    begun = finding_id.encode()
    for *_, data in store.each_judgement():
        if begun not in data:  # most of a season's
            continue
        for envelope, finding in _findings(data):
            if finding.id.startswith(finding_id):
                # One fact that stood at an earlier envelope before a later one came stands there now.
                before = found.get(finding.id)
                if before is None or before[0].part_of is not None or envelope.part_of is None:
                    found[finding.id] = (envelope, finding)
    if len(found) > 1:
        raise BadInput(f"{len(found)} findings have an id that begins with {finding_id}: write the whole id")
    if not found:
        raise BadInput(f"no finding of the last judgement has the id {finding_id}: take it from the newest report")
    return next(iter(found.values()))


def _findings(data: bytes) -> Iterator[tuple[EnvelopeReport, Finding]]:
    try:
        envelope = EnvelopeReport.model_validate_json(data)
    except ValidationError:
        return  # kept by another version: the next judgement replaces it
    yield from ((envelope, finding) for finding in envelope.findings)


def _envelope(store: Store, name: str) -> Submission:
    """The envelope of that name, or whose content's hash begins so."""
    by_content = bool(re.fullmatch(rf"[0-9a-f]{{{LEAST_ID},64}}(#\d+)?", name))
    found = [one.submission for one in received_as(store, name, by_content=by_content)]
    contents = {(one.sha256, one.part): one for one in found}
    if not contents:
        raise BadInput(f"no envelope is called {name}: take the name from the report (a file cut in two has name#2)")
    if len(contents) > 1:
        which = ", ".join(
            f"{one.sha256[:12]} ({one.envelope}, received {one.received_on or 'on no known day'})"
            for one in list(contents.values())[:MOST_NAMED]
        )
        raise BadInput(f"{len(contents)} envelopes go by {name}: say which by the start of its sha256: {which}")
    one = next(iter(contents.values()))
    if not one.documents:
        raise BadInput(
            f"no document was read in {one.envelope}, so there is nothing to correct: {one.problem or 'blank'}"
        )
    return one


def _type(text: str) -> DocumentType:
    try:
        return DocumentType(text)
    except ValueError as error:
        raise BadSetting(
            f"{text[:40]} is no document type: one of {', '.join(t.value for t in DocumentType)}"
        ) from error


def _document(submission: Submission, type_: DocumentType, page: int | None, index: int | None) -> Document:
    """The one document that is meant."""
    akin = {DocumentType.BUSINESS_LICENCE, DocumentType.LEGAL_PERSON_PROOF}
    types = akin if type_ in akin else {type_}
    meant = [
        one
        for one in submission.documents
        if one.type in types and (page is None or page in one.pages) and (index is None or one.index == index)
    ]
    if len(meant) == 1:
        return meant[0]
    where = f" on page {page}" if page is not None else ""
    if not meant:
        there = ", ".join(f"{one.type.value} (page {_pages(one)})" for one in submission.documents[:MOST_NAMED])
        raise BadInput(f"{submission.envelope} has no {type_.value}{where}: it has {there}")
    which = ", ".join(f"page {_pages(one)}: --index {one.index}" for one in meant[:MOST_NAMED])
    raise BadInput(f"{submission.envelope} has {len(meant)} of {type_.value}{where}: say which, with --page or {which}")


def _pages(document: Document) -> str:
    return "、".join(map(str, document.pages))


def _application(store: Store, submission: Submission) -> str:
    """The application it was judged to belong to, so that what is said of it goes when the application goes."""
    found = last_told(store, [submission.order]).get((submission.order, submission.part))
    if found is not None:
        return found.application_no
    mine = (submission.envelope, submission.order)
    judged = (data for envelope, arrival, _, data in store.each_judgement() if (envelope, arrival) == mine)
    try:
        return next((EnvelopeReport.model_validate_json(data).application_no or "" for data in judged), "")
    except ValidationError:
        return ""


def _stands(store: Store, one: Correction) -> bool:
    before: Sequence[Correction] = [
        other
        for other in all_corrections(store)
        if (other.sheet, other.place, other.field) == (one.sheet, one.place, one.field)
    ]
    return bool(before) and not before[-1].withdrawn
