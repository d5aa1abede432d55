"""Reports: all that was seen and judged, an envelope and a batch."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import JsonValue

from pipeline.model.documents import Document
from pipeline.model.frozen import Frozen
from pipeline.model.judgements import Check, Finding
from pipeline.model.pages import Page
from pipeline.model.parcels import Parcel
from pipeline.model.records import Track

__all__ = ["EnvelopeReport", "RecordChange", "Report", "Totals", "Verdict"]

Verdict = Literal["clean", "findings", "unreadable"]


class RecordChange(Frozen):
    """A field of the online record that was another when the form was printed; money in 万元, as records have it."""

    field: str
    then: JsonValue = None
    now: JsonValue = None
    changed_at: datetime


class EnvelopeReport(Frozen):
    """All about one envelope, as CONTRACT's report has it.

    ``part``: which of the envelopes its file was cut into. ``sheets``: pages of earlier envelopes of the application
    that its findings point to. ``record_changes``: what was changed online since its form was printed.
    """

    envelope: str
    sha256: str
    part: int = 1
    application_no: str | None = None
    track: Track | None = None
    name: str = ""
    matched_by: tuple[str, ...] = ()
    received_on: date | None = None
    part_of: str | None = None
    verdict: Verdict = "clean"
    pages: tuple[Page, ...] = ()
    sheets: tuple[Page, ...] = ()
    documents: tuple[Document, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    record_changes: tuple[RecordChange, ...] = ()
    unchanged: bool = False  # by reference: as it was in the last report of the whole store


class Totals(Frozen):
    envelopes: int = 0
    pages: int = 0
    clean: int = 0
    with_findings: int = 0
    failed: int = 0
    not_received: int = 0


class Report(Frozen):
    programme: str
    rules_version: str
    generated_at: datetime
    totals: Totals
    envelopes: tuple[EnvelopeReport, ...] = ()
    not_received: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # rows and files left out, one sentence each
    parcels: tuple[Parcel, ...] = ()
