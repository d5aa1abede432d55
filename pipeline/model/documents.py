"""Documents (材料): pages that belong together, the fields read from them, and the envelope they came in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pipeline.model.frozen import Frozen
from pipeline.model.geometry import Box
from pipeline.model.pages import Page
from pipeline.model.seals import RidingSeal, Seal, SealCandidate, SealPlace
from pipeline.model.statements import Statement

__all__ = ["Corrected", "Document", "DocumentType", "Field", "FieldValue", "PageScore", "Submission"]


class DocumentType(StrEnum):
    INFORMATION_FORM = "information_form"
    AUDIT_REPORT = "audit_report"
    ISO_CERTIFICATE = "iso_certificate"
    CMMI_CERTIFICATE = "cmmi_certificate"
    HI_TECH_CERTIFICATE = "hi_tech_certificate"
    ADVANCED_TECH_CERTIFICATE = "advanced_tech_certificate"
    SOFTWARE_COPYRIGHT = "software_copyright"
    PATENT_CERTIFICATE = "patent_certificate"
    BUSINESS_LICENCE = "business_licence"
    LEGAL_PERSON_PROOF = "legal_person_proof"
    SUPPORTING_STATEMENT = "supporting_statement"
    COVER_LETTER = "cover_letter"
    OTHER = "other"


class PageScore(Frozen):
    """How well one page fits a document type, as an extractor sees it.

    ``score``: 0 to 100; 90 and more: the page says so itself (a title, a form's labels); 50: layout or wording fits.
    ``opens``: the page is a first page of such a document (title, cover), so a new document begins here.
    ``subject``: the organisation (or the number) the page is about, as read; keeps strangers' pages apart.
    ``number``: what identifies a certificate, with ``dated`` the day that tells renewals under one number apart: first
    pages that agree in them are copies of one document (正本 and 副本).
    """

    type: DocumentType
    score: int
    opens: bool = False
    subject: str = ""
    number: str = ""
    dated: str = ""


FieldValue = bool | int | str | tuple[str, ...] | None


class Corrected(Frozen):
    """A person read the paper (人工更正): who, when, why; ``was``, ``raw``: what the machine had read, if anything."""

    by: str
    at: datetime
    note: str = ""
    was: FieldValue = None
    raw: str = ""


class Field(Frozen):
    """One value read from paper.

    ``value`` normalised (dates ISO, amounts yuan with two decimals as text, counts int, lists tuples of str, flags
    bool); None where the cell is there and empty, or cannot be read. ``raw`` and ``unit`` (元, 万元 …): as printed.
    ``confidence``: probability that ``value`` is right. ``alternatives``: rival normalised readings as text.
    ``reasons``: why it is (not) trusted, machine words: "check_digit", "two_engines", "engines_differ",
    "repaired:<from>", "handwritten", "under_seal", "low_score", "unit_from_form" …
    ``corrected``: never of an observation: when judging, what a person read takes the place of what was read.
    """

    name: str
    value: FieldValue
    raw: str = ""
    unit: str | None = None
    page: int
    box: Box
    confidence: float
    alternatives: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    corrected: Corrected | None = None


class Document(Frozen):
    """Pages that belong together, with all that was read from them.

    ``subject``: whose document it is, as read (applicant on a form, audited company, certificate holder).
    ``places``: where seals and signatures belong. ``rejected``: what was seen on its pages and not taken for a seal.
    ``parts``: what the document was seen to hold (an audit report: "cover", "opinion", "balance_sheet",
    "income_statement", "cash_flow", "notes", "firm_licence" …). ``lacks``: parts it should have by its own words or
    kind and does not ("balance_sheet", "page 3" …). ``remarks``: facts for the checks in machine words ("draft",
    "acceptance_notice", "second_page", "special_purpose" …).
    """

    index: int = 0
    type: DocumentType
    pages: tuple[int, ...]
    confidence: float
    subject: str = ""
    fields: tuple[Field, ...] = ()
    statements: tuple[Statement, ...] = ()
    seals: tuple[Seal, ...] = ()
    rejected: tuple[SealCandidate, ...] = ()
    riding_seals: tuple[RidingSeal, ...] = ()
    places: tuple[SealPlace, ...] = ()
    parts: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that name, the surest if there are several."""
        named = [f for f in self.fields if f.name == name]
        return max(named, key=lambda f: f.confidence) if named else None


class Submission(Frozen):
    """One envelope as observed: its page ledger and its documents. Boxes are on the page as scanned.

    ``order``: rank of arrival within the store; ``part``: which of the envelopes its file was cut into, from 1.
    ``cover_application_no``: what the envelope's cover sheet's QR says.
    """

    envelope: str
    sha256: str
    received_on: date | None = None
    order: int = 0
    part: int = 1
    pages: tuple[Page, ...] = ()
    documents: tuple[Document, ...] = ()
    cover_application_no: str | None = None
    problem: str = ""  # why nothing of it could be opened, one sentence

    def page(self, number: int | None) -> Page | None:
        """The page of that number as scanned (the first of two that share a sheet)."""
        return next((page for page in self.pages if page.number == number), None)

    def sheet(self, number: int | None) -> str:
        """What that page is by its content, whatever the envelope is called; empty where there is none."""
        page = self.page(number)
        return page.sheet if page else ""
