"""Pages as received and what was seen on them: lines, rules, ink, boxes to tick."""

from __future__ import annotations

from typing import Literal

from pipeline.model.frozen import Frozen
from pipeline.model.geometry import IDENTITY, Bend, Box, Homography
from pipeline.model.seals import SealCandidate, SealReading

__all__ = ["Code", "InkGrid", "Line", "Page", "PageKind", "Quality", "ReadPage", "Ruling", "TickBox"]

PageKind = Literal["content", "blank", "cover", "unreadable"]


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

    @property
    def sheet(self) -> str:
        """The scanned sheet by its content: the file's bytes and the place in them, whatever the file is called."""
        return f"{self.sha256}#{self.index}"


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
    and over it, where a stroke that missed it shows; ``bracketed``: the room between ( and ), not a frame;
    ``ring``: nothing printed, but drawn by hand around words.
    """

    box: Box
    filled: float
    red: float = 0.0
    beside: float = 0.0
    round: bool = False
    bracketed: bool = False
    ring: bool = False


class ReadPage(Frozen):
    """One page with all that was seen on it; boxes on the upright page.

    ``red_figures``: lines of pages of accounts that are figures printed in red, which stands for a minus (红字).
    """

    page: Page
    lines: tuple[Line, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    ink: InkGrid = InkGrid(columns=0, rows=0, cells="")
    boxes: tuple[TickBox, ...] = ()
    red_figures: tuple[Box, ...] = ()
    seals: tuple[SealReading, ...] = ()
    rejected: tuple[SealCandidate, ...] = ()  # what the finder saw and did not take for a seal, the likeliest first
    depth: Literal["looked", "read", "verified"] = "read"
    engine: str = ""

    @property
    def text(self) -> str:
        """All lines joined in reading order, one a row."""
        return "\n".join(line.text for line in self.lines)
