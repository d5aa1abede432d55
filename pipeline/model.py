"""The spine: frozen models that travel down the street, and nothing that computes.

Three layers, never mixed (HOUSE, "What the model must hold"):

* **observation**: what was seen on paper, without any record: :class:`Page`, :class:`Line`, :class:`ReadPage`,
  :class:`SealReading`, :class:`Document` with :class:`Field` and :class:`Statement`, :class:`Submission`;
* **declaration**: what was declared online: :class:`Record`;
* **judgement**: what follows from both under a programme: :class:`Check`, :class:`Finding`, :class:`EnvelopeReport`,
  :class:`Report`.

Coordinates. A :class:`Box` is in fractions of a page, origin top left. *Inside* the street, up to and including the
extractors, boxes lie on the **upright** page (turned and deskewed), so that geometry can be trusted. The street maps
documents to the page **as scanned** once, when they leave the extractors
(:func:`pipeline.intake.upright.to_scan_box`);
from there on (store, checks, report) every box is on the page as scanned, which is what CONTRACT promises.

Amounts are :class:`~decimal.Decimal` in yuan (元).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

__all__ = [
    "Bend",
    "Box",
    "Certificate",
    "Check",
    "Code",
    "Colour",
    "Document",
    "DocumentType",
    "EnvelopeReport",
    "Field",
    "FieldValue",
    "Finding",
    "FindingCode",
    "InkGrid",
    "Line",
    "Outcome",
    "Page",
    "PageKind",
    "PageScore",
    "Quality",
    "ReadPage",
    "Record",
    "Report",
    "RidingSeal",
    "Row",
    "Ruling",
    "Seal",
    "SealKind",
    "SealPlace",
    "SealReading",
    "SealRole",
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


class Box(NamedTuple):
    """Axis-parallel box in fractions of the page, origin top left, ``0 <= x0 <= x1 <= 1``."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def intersection(self, other: Box) -> float:
        """Area shared with ``other``."""
        w = min(self.x1, other.x1) - max(self.x0, other.x0)
        h = min(self.y1, other.y1) - max(self.y0, other.y0)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.intersection(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def grown(self, dx: float, dy: float) -> Box:
        """Grown by ``dx`` and ``dy`` on each side, kept within the page."""
        return Box(max(0.0, self.x0 - dx), max(0.0, self.y0 - dy), min(1.0, self.x1 + dx), min(1.0, self.y1 + dy))

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --------------------------------------------------------------------------------------------------------- pages

PageKind = Literal["content", "blank", "cover", "unreadable"]
Homography = tuple[float, float, float, float, float, float, float, float, float]
IDENTITY: Homography = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class Quality(Frozen):
    """What the picture of a page is worth. ``dpi`` is None where neither file nor paper size tells."""

    dpi: int | None = None
    sharpness: float = 0.0  # variance of the Laplacian on the grey page reduced to 1000 px width
    clipped: bool = False  # ink runs over the edge of the picture
    colour: Literal["colour", "grey", "bilevel"] = "colour"
    ink: float = 0.0  # fraction of pixels that are ink
    photo: bool = False  # taken by a camera: shadow, perspective
    problems: tuple[str, ...] = ()  # "low_dpi", "blurred", "grey", "clipped", "dark", "low_contrast" …


class Code(Frozen):
    """A QR or bar code (zxing-cpp) on the page as scanned."""

    kind: str
    text: str
    box: Box


class Bend(Frozen):
    """How a page that did not lie flat is bent: displacements at the nodes of a grid over the straightened page.

    A spot of the straightened page shows what lies ``across`` and ``down`` from there (fractions of width and height,
    row by row) on the page that is merely upright. The grid's outer nodes lie on the page's edges.
    """

    columns: int
    rows: int
    across: tuple[float, ...]
    down: tuple[float, ...]


class Page(Frozen):
    """One logical page of an envelope, as received.

    ``number`` counts from 1 within the envelope, as scanned. ``part``: 1 or 2 of two logical pages side by side on one
    scanned sheet, which bear the same number; 0: the sheet is one page. ``file`` and ``index`` (from 0) say where the
    pixels are; ``sha256`` is that file's. ``width`` and ``height``: pixels as scanned (a PDF page at 200 dpi; EXIF turn
    applied).
    ``rotation``: degrees clockwise (0, 90, 180, 270) that put the page upright, ``skew`` the rest in degrees.
    ``to_scan``: 3×3 homography, row-major, from fractions of the upright page to fractions of the page as scanned.
    ``bend``: of paper that did not lie flat; boxes inside the street lie on the straightened page, from which it leads
    to the one that ``to_scan`` starts from.
    ``upright_width``/``upright_height``: pixels of the upright picture.
    """

    number: int
    part: int = 0
    file: str
    index: int
    sha256: str
    width: int
    height: int
    kind: PageKind = "content"
    rotation: int = 0
    skew: float = 0.0
    to_scan: Homography = IDENTITY
    bend: Bend | None = None
    upright_width: int = 0
    upright_height: int = 0
    quality: Quality = Quality()
    codes: tuple[Code, ...] = ()
    born_digital: bool = False
    fingerprint: str = ""  # perceptual hash, hex: the same page scanned again is near
    problem: str = ""  # why it is unreadable, one sentence
    depth: Literal["looked", "read"] = "read"  # "looked": a page of long notes, of which only headings were read


class Line(Frozen):
    """One line (or cell fragment) of text on the upright page.

    ``chars``: per character its centre as a fraction of the line box's width (0 to 1) and its probability; empty where
    the source cannot tell. ``source``: "openvino", "text_layer" or "tesseract".
    """

    text: str
    box: Box
    confidence: float
    centres: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    source: str = "openvino"


class Ruling(Frozen):
    """A printed straight rule, horizontal or vertical, on the upright page (fractions)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def horizontal(self) -> bool:
        return abs(self.x1 - self.x0) >= abs(self.y1 - self.y0)


class InkGrid(Frozen):
    """Dark (not coloured) ink on the upright page, rulings removed: a coarse grid of coverage, one hex digit a cell.

    ``0`` none, ``f`` all; row by row, ``columns * rows`` digits. Signatures and handwriting show as ink where no line
    of text was read.
    """

    columns: int
    rows: int
    cells: str

    def coverage(self, box: Box) -> float:
        """Mean ink coverage, 0 to 1, inside ``box``; 0 for an empty grid."""
        if not self.cells:
            return 0.0
        c0, c1 = int(box.x0 * self.columns), max(int(box.x0 * self.columns) + 1, round(box.x1 * self.columns))
        r0, r1 = int(box.y0 * self.rows), max(int(box.y0 * self.rows) + 1, round(box.y1 * self.rows))
        values = [
            int(digit, 16)
            for row in range(max(0, r0), min(self.rows, r1))
            for digit in self.cells[row * self.columns + max(0, c0) : row * self.columns + min(self.columns, c1)]
        ]
        return sum(values) / (15 * len(values)) if values else 0.0

    def inked(self, box: Box, least: int = 2) -> tuple[tuple[int, int], ...]:
        """(row, column) of the cells inside ``box`` with at least ``least`` fifteenths of ink."""
        c0, c1 = max(0, int(box.x0 * self.columns)), min(self.columns, round(box.x1 * self.columns))
        r0, r1 = max(0, int(box.y0 * self.rows)), min(self.rows, round(box.y1 * self.rows))
        return tuple(
            (row, column)
            for row in range(r0, r1)
            for column in range(c0, c1)
            if int(self.cells[row * self.columns + column], 16) >= least
        )


class TickBox(Frozen):
    """A printed box (□ ○) found by its frame, on the upright page; shares of ink from 0 to 1.

    ``filled``: of what lies within the frame; ``red``: red ink there, which may be a seal's; ``beside``: ink left of it
    and over it, where a stroke that missed it shows; ``bracketed``: the room between ( and ), not a frame.
    """

    box: Box
    filled: float
    red: float = 0.0
    beside: float = 0.0
    round: bool = False
    bracketed: bool = False


# --------------------------------------------------------------------------------------------------------- seals

Shape = Literal["round", "oval", "square", "rectangle"]
Colour = Literal["red", "grey", "blue", "other"]
SealKind = Literal["official", "contract", "finance", "invoice", "personal", "registration", "other"]
SealRole = Literal["applicant", "commerce_department", "audit_firm", "cpa", "issuer", "unknown"]


class TextCandidate(Frozen):
    """One reading of a seal's name with its score, 0 to 1 (mean probability a character)."""

    text: str
    score: float


class SealReading(Frozen):
    """A seal as seen and read without any record (observation).

    ``box`` as its page's other boxes. ``candidates``: readings of the name, best first. ``straight``: the straight text
    inside (e.g. 合同专用章, a date, a tax number). ``code``: the 13-digit code on the lower arc.
    ``lattice``: per time step of the best unwrapping the few likeliest characters with probabilities ("" is the CTC
    blank), kept so that names can be matched later without pixels. ``legible``: 0 (ink only) to 1 (every character
    sure). ``found``: probability that this is a seal at all.
    """

    page: int
    box: Box
    shape: Shape = "round"
    colour: Colour = "red"
    found: float = 1.0
    legible: float = 0.0
    faint: bool = False
    cut: bool = False  # cut by the page's edge
    rotation: float = 0.0  # degrees clockwise that put the seal upright
    diameter_mm: float | None = None
    candidates: tuple[TextCandidate, ...] = ()
    straight: tuple[str, ...] = ()
    code: str | None = None
    lattice: tuple[tuple[tuple[str, float], ...], ...] = ()
    fingerprint: str = ""
    remarks: tuple[str, ...] = ()  # reasons that make it suspect or odd: "flat_ink", "zero_rotation" …


class Seal(Frozen):
    """A seal with what it is and whose it is; ``reading`` is the observation it rests on."""

    page: int
    box: Box
    shape: Shape
    colour: Colour
    kind: SealKind = "other"
    text: str = ""
    role: SealRole = "unknown"
    owner: str | None = None
    confidence: float = 0.0
    rests_on: Literal["free", "constrained", "none"] = "none"
    reading: SealReading | None = None


class RidingSeal(Frozen):
    """骑缝章: slices of one seal on consecutive page edges."""

    pages: tuple[int, ...]
    text: str = ""
    complete: bool = False
    breaks: tuple[int, ...] = ()
    evidence: str | None = None


class SealPlace(Frozen):
    """The place of a document where a seal (or signature) of a role belongs: the 盖章 cell or line."""

    role: SealRole
    page: int
    box: Box
    label: str = ""
    signature: bool = False  # a place to sign (签字), not to stamp
    signed: bool | None = None  # whether ink that is no printed text stands there; None: cannot tell
    ink: float | None = None  # share of the place that coloured ink covers, 0 to 1; None: not measured
    imprint: str = ""  # text read there that only a seal prints (a CPA's number), seen or not as a seal


class ReadPage(Frozen):
    """One page with all that was seen on it; boxes on the upright page."""

    page: Page
    lines: tuple[Line, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    ink: InkGrid = InkGrid(columns=0, rows=0, cells="")
    boxes: tuple[TickBox, ...] = ()
    seals: tuple[SealReading, ...] = ()
    depth: Literal["looked", "read", "verified"] = "read"
    engine: str = ""

    @property
    def text(self) -> str:
        """All lines joined in reading order, one a row."""
        return "\n".join(line.text for line in self.lines)


# ----------------------------------------------------------------------------------------------------- documents


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


class Field(Frozen):
    """One value read from paper.

    ``value`` normalised (dates ISO, amounts yuan with two decimals as text, counts int, lists tuples of str, flags
    bool); None where the cell is there and empty, or cannot be read. ``raw`` and ``unit`` (元, 万元 …): as printed.
    ``confidence``: probability that ``value`` is right. ``alternatives``: rival normalised readings as text.
    ``reasons``: why it is (not) trusted, machine words: "check_digit", "two_engines", "engines_differ",
    "repaired:<from>", "handwritten", "under_seal", "low_score", "unit_from_form" …
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


StatementKind = Literal["balance_sheet", "income_statement", "cash_flow", "equity_changes"]


class StatementColumn(Frozen):
    label: str
    period: str | None = None


class Row(Frozen):
    """One row of a statement: item as printed, one value a column, in yuan; None where the paper is blank.

    ``reasons``: one tuple a column, as a field's ("identity", "repaired:<from>"); empty where there is none for any.
    """

    item: str
    page: int
    values: tuple[Decimal | None, ...]
    boxes: tuple[Box | None, ...]
    confidence: tuple[float | None, ...]
    reasons: tuple[tuple[str, ...], ...] = ()


class Statement(Frozen):
    kind: StatementKind
    consolidated: bool | None
    unit: str
    pages: tuple[int, ...]
    columns: tuple[StatementColumn, ...]
    rows: tuple[Row, ...]


class Document(Frozen):
    """Pages that belong together, with all that was read from them.

    ``subject``: whose document it is, as read (applicant on a form, audited company, certificate holder).
    ``places``: where seals and signatures belong. ``parts``: what the document was seen to hold (an audit report:
    "cover", "opinion", "balance_sheet", "income_statement", "cash_flow", "notes", "firm_licence" …). ``lacks``: parts
    it should have by its own words or kind and does not ("balance_sheet", "page 3" …). ``remarks``: facts for the
    checks in machine words ("draft", "acceptance_notice", "second_page", "special_purpose" …).
    """

    index: int = 0
    type: DocumentType
    pages: tuple[int, ...]
    confidence: float
    subject: str = ""
    fields: tuple[Field, ...] = ()
    statements: tuple[Statement, ...] = ()
    seals: tuple[Seal, ...] = ()
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

    ``order``: rank of arrival within the store. ``cover_application_no``: what the envelope's cover sheet's QR says.
    """

    envelope: str
    sha256: str
    received_on: date | None = None
    order: int = 0
    pages: tuple[Page, ...] = ()
    documents: tuple[Document, ...] = ()
    cover_application_no: str | None = None
    problem: str = ""  # why nothing of it could be opened, one sentence


# ------------------------------------------------------------------------------------------------------- records

Track = Literal["supplier", "park", "training"]


class Certificate(Frozen):
    """A certificate as declared.

    kind: iso9001 iso20000 iso27001 cmmi hi_tech advanced_tech software_copyright patent other.
    """

    kind: str
    number: str = ""
    name: str = ""
    issuer: str = ""
    valid_until: date | None = None


class Record(Frozen):
    """One application as declared online. Money is in 万元, as CONTRACT's records have it; None or empty: unknown."""

    application_no: str
    track: Track
    name: str = ""
    previous_names: tuple[str, ...] = ()
    uscc: str = ""
    address: str = ""
    headquarters: str = ""
    delivery_location: str = ""
    established: date | None = None
    legal_representative: str = ""
    contact: str = ""
    mobile: str = ""
    email: str = ""
    registered_capital: Decimal | None = None
    operating_revenue: Decimal | None = None
    outsourcing_revenue: Decimal | None = None
    offshore_revenue: Decimal | None = None
    staff: int | None = None
    outsourcing_staff: int | None = None
    degree_staff: int | None = None
    industry: str = ""
    functions: tuple[str, ...] = ()
    commerce_department: str = ""
    certificates: tuple[Certificate, ...] = ()
    submitted_at: datetime | None = None


# ---------------------------------------------------------------------------------------------------- judgements


class Outcome(StrEnum):
    """符合 / 不符 / 看不清 / 不适用."""

    PASS = "pass"
    FAIL = "fail"
    UNCLEAR = "unclear"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FindingCode(StrEnum):
    MISSING_DOCUMENT = "MISSING_DOCUMENT"
    INCOMPLETE_DOCUMENT = "INCOMPLETE_DOCUMENT"
    MISSING_SEAL = "MISSING_SEAL"
    SEAL_OWNER_MISMATCH = "SEAL_OWNER_MISMATCH"
    UNREADABLE_SEAL = "UNREADABLE_SEAL"
    SUSPECT_SEAL = "SUSPECT_SEAL"
    MISSING_SIGNATURE = "MISSING_SIGNATURE"
    FIGURE_MISMATCH = "FIGURE_MISMATCH"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    TEXT_MISMATCH = "TEXT_MISMATCH"
    CERTIFICATE_MISMATCH = "CERTIFICATE_MISMATCH"
    EXPIRED_CERTIFICATE = "EXPIRED_CERTIFICATE"
    WRONG_PERIOD = "WRONG_PERIOD"
    AUDIT_OPINION = "AUDIT_OPINION"
    NOT_CONSOLIDATED = "NOT_CONSOLIDATED"
    ARITHMETIC_MISMATCH = "ARITHMETIC_MISMATCH"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
    LATE_SUBMISSION = "LATE_SUBMISSION"
    INVALID_IDENTIFIER = "INVALID_IDENTIFIER"
    FOREIGN_DOCUMENT = "FOREIGN_DOCUMENT"
    DUPLICATE_ENVELOPE = "DUPLICATE_ENVELOPE"
    NO_ONLINE_RECORD = "NO_ONLINE_RECORD"
    UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"
    UNREADABLE_PAGE = "UNREADABLE_PAGE"
    LOW_SCAN_QUALITY = "LOW_SCAN_QUALITY"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"


class Text(Frozen):
    """The same sentence in Chinese and English."""

    zh: str
    en: str


class Finding(Frozen):
    """One fact a reviewer should see. ``expected`` and ``found`` are in the same unit, as text (or list)."""

    id: str
    code: FindingCode
    basis: str
    severity: Severity
    rule: str
    document: str | None = None
    document_index: int | None = None
    field: str | None = None
    expected: FieldValue = None
    found: FieldValue = None
    message: Text
    page: int | None = None
    box: Box | None = None
    evidence: str | None = None
    envelope: str | None = None  # where page and box lie, if not in the envelope the finding stands at


class Check(Frozen):
    """The outcome of one rule, with the findings that follow."""

    rule: str
    outcome: Outcome
    because: Text | None = None
    findings: tuple[Finding, ...] = ()


Verdict = Literal["clean", "findings", "unreadable"]


class EnvelopeReport(Frozen):
    """All about one envelope, as CONTRACT's report has it."""

    envelope: str
    sha256: str
    application_no: str | None = None
    track: Track | None = None
    name: str = ""
    matched_by: tuple[str, ...] = ()
    received_on: date | None = None
    part_of: str | None = None
    verdict: Verdict = "clean"
    pages: tuple[Page, ...] = ()
    documents: tuple[Document, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
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
