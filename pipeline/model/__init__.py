"""The spine: frozen models that travel down the street, and nothing that computes.

Layers, never mixed (HOUSE, "What the model must hold"):

* **observation**: what was seen on paper, without any record: :class:`Page`, :class:`Line`, :class:`ReadPage`,
  :class:`SealReading`, :class:`Document` with :class:`Field` and :class:`Statement`, :class:`Submission`;
* **declaration**: what was declared online: :class:`Record`;
* **people's word** (:class:`Decision`, :class:`Correction`): between the two, only ever added to, and applied each time
  that something is judged;
* **judgement**: what follows from both under a programme: :class:`Check`, :class:`Finding`, :class:`EnvelopeReport`,
  :class:`Report`.

Coordinates. A :class:`Box` is in fractions of a page, origin top left. *Inside* the street, up to and including the
extractors, boxes lie on the **upright** page (turned and deskewed), so that geometry can be trusted. The street maps
documents to the page **as scanned** once, when they leave the extractors
(:func:`pipeline.intake.upright.to_scan_box`);
from there on (store, checks, report) every box is on the page as scanned, which is what CONTRACT promises.

Amounts are :class:`~decimal.Decimal` in yuan (元).

One module a layer, each importing only what stands before it: geometry, seals, pages, statements, documents; records;
judgements, reports. Users import from here.
"""

from __future__ import annotations

from pipeline.model.decisions import Correction, Decision
from pipeline.model.documents import Corrected, Document, DocumentType, Field, FieldValue, PageScore, Submission
from pipeline.model.geometry import IDENTITY, Bend, Box, Homography
from pipeline.model.judgements import Check, Decided, DecisionKind, Finding, FindingCode, Outcome, Severity, Text
from pipeline.model.nights import Night, NightFinding
from pipeline.model.pages import Code, InkGrid, Line, Page, PageKind, Quality, ReadPage, Ruling, TickBox
from pipeline.model.parcels import Parcel, ParcelEntry, ParcelRow
from pipeline.model.records import Certificate, Record, Track
from pipeline.model.reports import EnvelopeReport, RecordChange, Report, Totals, Verdict
from pipeline.model.seals import (
    Colour,
    RidingSeal,
    Seal,
    SealCandidate,
    SealKind,
    SealPlace,
    SealReading,
    SealRole,
    SealSlice,
    Shape,
    TextCandidate,
)
from pipeline.model.statements import Row, Statement, StatementColumn, StatementKind

__all__ = [
    "IDENTITY",
    "Bend",
    "Box",
    "Certificate",
    "Check",
    "Code",
    "Colour",
    "Corrected",
    "Correction",
    "Decided",
    "Decision",
    "DecisionKind",
    "Document",
    "DocumentType",
    "EnvelopeReport",
    "Field",
    "FieldValue",
    "Finding",
    "FindingCode",
    "Homography",
    "InkGrid",
    "Line",
    "Night",
    "NightFinding",
    "Outcome",
    "Page",
    "PageKind",
    "PageScore",
    "Parcel",
    "ParcelEntry",
    "ParcelRow",
    "Quality",
    "ReadPage",
    "Record",
    "RecordChange",
    "Report",
    "RidingSeal",
    "Row",
    "Ruling",
    "Seal",
    "SealCandidate",
    "SealKind",
    "SealPlace",
    "SealReading",
    "SealRole",
    "SealSlice",
    "Severity",
    "Shape",
    "Statement",
    "StatementColumn",
    "StatementKind",
    "Submission",
    "Text",
    "TextCandidate",
    "TickBox",
    "Totals",
    "Track",
    "Verdict",
]
