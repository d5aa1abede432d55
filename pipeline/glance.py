"""A glance at a page that hardly matters: where its rows stand, its headings, head and foot, its coloured ink.

Rows are blobs of ink on the page at half its size: whatever is no row of print (a seal's ring, a picture, a large
title) shows as what it is, without any model. Only the few crops that are read are cut from the whole page. A glance
that cannot tell gives nothing, and the page is then read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.blank import ink_of
from pipeline.intake.codes import read_codes
from pipeline.intake.light import is_shaded
from pipeline.intake.look import fingerprint, reduced_dpi, to_upright
from pipeline.intake.quality import measure
from pipeline.intake.reduce import blobs_of, halved
from pipeline.intake.sheet import find_sheet
from pipeline.intake.turn import Turn, skew_of
from pipeline.intake.upright import fractions_to_scan, mapped, warped
from pipeline.model import Box, Line, Page, ReadPage
from pipeline.reading.quads import line_crop
from pipeline.reading.read import typed_lines
from pipeline.seals.ink import Inks, inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.intake.text import TextPage
    from pipeline.reading.openvino import OpenVinoEngine

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Matrix = NDArray[np.float64]

__all__ = ["Glance", "Layout", "glance", "layout_of"]

WORK_SIDE = 2000  # px: pictures with a longer side are halved; A4 at 200 dpi has 1170 then
DARK_BLOCK, DARKER = 25, 14  # px and levels: ink against the paper around it
RULE_MM = 11.0  # a stroke longer than this is a rule
WORD_MM = 4.2  # clear space within a row that does not part it: less than between two columns
PARTS_MM = 0.7  # … between the parts of one character
LEAST_MM = 0.9  # height of the smallest row: 一 alone is lower, a page number is not
ORDINAL_WIDTH, ORDINAL_GAP = 5.0, 2.5  # in WORD_MM: of what may be a heading's ordinal, and behind it
WIDE = 1.6  # width over height from which a blob tells the height of print
MERGED = 0.55  # of the lower row's height that two blobs on one height share
EM = 1.05  # of a row's height: the size of its print
SHORT = 32  # ems: a heading is no longer
BEGINNING = 6  # ems of a row that may be a paragraph's end, and of a label: enough to see an ordinal, or what it is
LONG = 16  # ems of a row that are read: its ordinal and most of its name
LEADING = 2.4  # row heights from one row of a paragraph to the next at most
RIGHT_HALF = 0.6  # of the width: a row that begins beyond it is a unit or a date
HEAD, FOOT = 0.1, 0.88  # of the height: the head's rows lie above, the foot's below
FEW = 2  # boxes of a row in head or foot that are all read: three are a table's
NUMBER = 22  # ems of a foot that is one: 第 41 页 共 80 页
BREAK = 1.3  # times the distance between rows from which a new table or heading begins
PAD = (0.28, 0.3)  # of a row's height: across and along, around its ink
TALL = 2.0  # row heights of a blob that is no row of print
INK = 0.09  # density of coloured ink
DARK = 0.22  # … of black ink on a page without colour
MARK_MM, MARK_INK_MM2 = 5.0, 4.0  # side and ink of a mark that may be (part of) a seal
CLOSE_MM = 2.6  # clear space within a seal
EDGE_MM = 6.0  # from the paper's edges: a riding seal's slices touch one
EDGE_INK_MM2 = 0.4
STRIP_MM = 34.0  # of the page kept at each side where slices may be (pipeline.seals.riding looks at 32)
SLICE_MM = 30.0  # width of the widest slice
A4_LONG_MM = 297.0
ON_HEAD = 0.7  # mean vote of a page's rows from which it stands on its head
VOTERS = 8
HARMLESS = frozenset({"grey"})  # problems of a picture in spite of which a glance can tell
ORDINAL = re.compile(
    r"\s*(?:[(（]?[一二三四五六七八九十百\d]{1,4}(?:[、.．,，:：)）]|\s+[\u4e00-\u9fa5])|附?注释?[\s一二三四五六七八九十\d])"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How an upright page looks: its rows of print top to bottom, each of boxes left to right.

    ``row_height``: the usual one, as a fraction of the page's height. ``shapes``: dark ink that is no row of print.
    ``marks``: coloured ink that may be a seal, without what touches an edge. ``edge_ink``: some touches one.
    """

    rows: tuple[tuple[Box, ...], ...]
    row_height: float
    shapes: tuple[Box, ...]
    marks: tuple[Box, ...]
    edge_ink: bool


@dataclass(frozen=True, slots=True)
class Glance:
    """What a glance showed. ``page.lines``: heads, foot and what may be a heading. ``labels``: the beginnings of what
    stands at the left of tables' rows. ``edges``: the upright picture (BGR), white but for its
    edges, where ink touches one.
    """

    page: ReadPage
    layout: Layout
    labels: tuple[str, ...] = ()
    edges: Image | None = None


def glance(
    image: Image,
    *,
    number: int,
    file: str,
    index: int,
    sha256: str,
    dpi: int | None,
    native_dpi: int | None,
    rotation: int,
    engine: OpenVinoEngine,
    text_page: TextPage | None = None,
) -> Glance | None:
    """Glance at a page as scanned (BGR); None where a glance cannot tell: blank, a photograph, a bad picture, a code.

    :param rotation: degrees clockwise that put the pages before upright
    :param text_page: the page's text layer, if those of its file are known to be what is seen
    """
    height, width = image.shape[:2]
    half, share = _reduced(image)
    ink = ink_of(half)
    if ink.blank or read_codes(half) or is_shaded(half) or find_sheet(half, (width, height)) is not None:
        return None
    quality = measure(image, half, ink, dpi=dpi, native_dpi=native_dpi, photo=False)
    if not HARMLESS.issuperset(quality.problems):
        return None
    turn = Turn(rotation, skew_of(half, across=rotation in (0, 180)))
    matrix, size = to_upright((width, height), turn)
    upright = _warped_half(half, matrix, size, share, ink.paper)
    layout = layout_of(upright, None if dpi is None else reduced_dpi(dpi, matrix / share))
    if not layout.rows:
        return None
    page = Page(
        number=number, file=file, index=index, sha256=sha256, width=width, height=height, rotation=turn.rotation,
        skew=turn.skew, to_scan=fractions_to_scan(matrix, (width, height), size), upright_width=size[0],
        upright_height=size[1], quality=quality.model_copy(update={"dpi": reduced_dpi(dpi, matrix)}), depth="looked",
        fingerprint=fingerprint(upright, halvings=2 if share > 1 else 3),
    )  # fmt: skip
    lines = typed_lines(page, text_page, ()) if text_page is not None else ()
    labels: tuple[str, ...] = ()
    if lines:
        page = page.model_copy(update={"born_digital": True})
    else:
        lines, labels = _Reader(image, np.asarray(np.linalg.inv(matrix), np.float64), size, engine).told(layout)
    return Glance(
        page=ReadPage(page=page, lines=lines, depth="looked", engine=engine.name),
        layout=layout,
        labels=labels,
        edges=_edges(image, matrix, size, ink.paper)
        if layout.edge_ink or _dark_edge(upright, quality.colour)
        else None,
    )


def _reduced(image: Image) -> tuple[Image, int]:
    share = 1
    while max(image.shape[:2]) > WORK_SIDE:
        image, share = halved(image), 2 * share
    return image, share


def _warped_half(half: Image, matrix: Matrix, size: tuple[int, int], share: int, paper: tuple[int, int, int]) -> Image:
    down, up = np.diag([1 / share, 1 / share, 1.0]), np.diag([float(share), float(share), 1.0])
    return warped(half, down @ matrix @ up, (size[0] // share, size[1] // share), paper)


# ----------------------------------------------------------------------------------------------------------- rows


def layout_of(upright: Image, dpi: int | None) -> Layout:
    """How an upright page looks, at any resolution."""
    half, share = _reduced(upright)
    inks = inks_of(half, None if dpi is None else dpi // share)
    height, width = half.shape[:2]
    px_per_mm = max(height, width) / A4_LONG_MM if dpi is None else dpi / share / 25.4
    coloured: Image = (cv2.max(inks.red, inks.cool) > INK).astype(np.uint8)
    blobs = _blobs(half, coloured, px_per_mm)
    usual = _usual(blobs)
    fits = blobs[:, 3] <= TALL * usual
    boxes = [_fractions(blob, width, height) for blob in blobs[fits].tolist()]
    marks = _marks(coloured, inks)
    return Layout(
        rows=_rows(boxes, px_per_mm * WORD_MM / width),
        row_height=usual / height,
        shapes=tuple(_fractions(blob, width, height) for blob in blobs[~fits].tolist()),
        marks=tuple(mark for mark in marks if not _is_slice(mark, px_per_mm * share, upright.shape[1])),
        edge_ink=_inked_edge(coloured, inks.px_per_mm),
    )


def _blobs(half: Image, coloured: Image, px_per_mm: float) -> NDArray[np.int32]:
    """Boxes (x, y, w, h) of what print runs together to, rules and coloured ink left out."""
    grey = cv2.cvtColor(half, cv2.COLOR_BGR2GRAY)
    dark = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, DARK_BLOCK, DARKER)
    if coloured.shape != dark.shape:
        coloured = cv2.resize(coloured, (dark.shape[1], dark.shape[0]), interpolation=cv2.INTER_NEAREST)
    dark[cv2.dilate(coloured, np.ones((3, 3), np.uint8)) > 0] = 0
    rule = round(RULE_MM * px_per_mm)
    for kernel in (np.ones((1, rule), np.uint8), np.ones((rule, 1), np.uint8)):
        found = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
        dark[cv2.dilate(found, np.ones((3, 3), np.uint8)) > 0] = 0
    joining = np.ones((max(1, round(PARTS_MM * px_per_mm)), max(1, round(WORD_MM * px_per_mm))), np.uint8)
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, joining)
    found, _ = blobs_of(np.asarray(joined, np.uint8))
    least = LEAST_MM * px_per_mm
    return np.asarray(found[(found[:, 3] >= least) & (found[:, 2] >= 0.6 * least)][:, :4], np.int32)


def _usual(blobs: NDArray[np.int32]) -> float:
    wide = blobs[blobs[:, 2] > WIDE * blobs[:, 3]]
    return float(np.median(wide[:, 3])) if len(wide) else 1e9


def _fractions(blob: Sequence[int], width: int, height: int) -> Box:
    x, y, w, h = blob
    return Box(x / width, y / height, (x + w) / width, (y + h) / height)


def _rows(boxes: Sequence[Box], gap: float) -> tuple[tuple[Box, ...], ...]:
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.cy):
        for row in reversed(rows[-4:]):
            shared = min(row[0].y1, box.y1) - max(row[0].y0, box.y0)
            if shared > MERGED * min(row[0].height, box.height):
                row.append(box)
                break
        else:
            rows.append([box])
    return tuple(_joined(sorted(row, key=lambda box: box.x0), gap) for row in rows)


def _joined(row: Sequence[Box], gap: float) -> tuple[Box, ...]:
    joined = [row[0]]
    for box in row[1:]:
        # An ordinal and the heading behind it stand further apart than words.
        apart = gap if len(joined) > 1 or joined[0].width > ORDINAL_WIDTH * gap else ORDINAL_GAP * gap
        if box.x0 - joined[-1].x1 < apart:
            joined[-1] = joined[-1].union(box)
        else:
            joined.append(box)
    return tuple(joined)


# ----------------------------------------------------------------------------------------------------------- text


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows of a page as scanned; ``back``: from upright pixels to the scan's."""

    image: Image
    back: Matrix
    size: tuple[int, int]
    engine: OpenVinoEngine

    def told(self, layout: Layout) -> tuple[tuple[Line, ...], tuple[str, ...]]:
        """Lines of head and foot and of rows that may be headings, and labels; nothing of a page on its head."""
        em = layout.row_height * EM * self.size[1] / self.size[0]
        chosen = _chosen(layout.rows, em)
        if self._on_head([*chosen.whole, *chosen.beginnings, *chosen.labels]):
            return (), ()
        # A running head says what it is at its end.
        whole = [box if box.cy < HEAD else _first(box, LONG * em) for box in chosen.whole]
        begun = [_first(box, BEGINNING * em) for box in (*chosen.beginnings, *chosen.labels)]
        lines = self.read([*whole, *begun])
        begun_lines = lines[len(whole) :]
        pairs = zip(chosen.beginnings, begun_lines, strict=False)
        headings = self.read([_first(box, LONG * em) for box, line in pairs if ORDINAL.match(line.text)])
        kept = [line for line in (*lines[: len(whole)], *headings) if line.text.strip()]
        labels = tuple(line.text for line in begun_lines[len(chosen.beginnings) :])
        return tuple(sorted(kept, key=lambda line: (round(line.box.cy, 2), line.box.x0))), labels

    def read(self, boxes: Sequence[Box]) -> list[Line]:
        """One line a box."""
        found = self.engine.recognise([self.crop(box) for box in boxes])
        return [
            Line(text=r.text, box=box, confidence=r.confidence, source="openvino")
            for box, r in zip(boxes, found, strict=True)
        ]

    def crop(self, box: Box) -> Image:
        """The picture of a row, with a little paper around its ink."""
        width, height = self.size
        across = PAD[0] * box.height * height
        along = PAD[1] * box.height * height
        x0, x1 = box.x0 * width - along, box.x1 * width + along
        y0, y1 = box.y0 * height - across, box.y1 * height + across
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
        return line_crop(self.image, mapped(self.back, corners))

    def _on_head(self, boxes: Sequence[Box]) -> bool:
        longest = sorted(boxes, key=lambda box: -box.width)[:VOTERS]
        votes = self.engine.upside_down([self.crop(box) for box in longest])
        return bool(votes) and float(np.mean(votes)) > ON_HEAD


def _first(box: Box, width: float) -> Box:
    return Box(box.x0, box.y0, min(box.x1, box.x0 + width), box.y1)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Boxes to read; those of which the beginning is looked at first, for they may end a paragraph; tables' labels."""

    whole: list[Box]
    beginnings: list[Box]
    labels: list[Box]


def _chosen(rows: Sequence[Sequence[Box]], em: float) -> _Chosen:
    left = float(np.percentile([row[0].x0 for row in rows], 10))
    right = float(np.percentile([row[-1].x1 for row in rows], 95))
    chosen = _Chosen([], [], [])
    for at, row in enumerate(rows):
        before = rows[at - 1] if at else None
        first, union = row[0], row[0].union(row[-1])
        if at == 0 or (at >= len(rows) - 2 and first.cy > FOOT):
            chosen.whole.extend([union] if union.width <= NUMBER * em else row[:FEW] if len(row) <= FEW else row[:1])
        elif len(row) > 1:
            # The first row of a table, or a heading with its unit at the other end.
            begins = len(rows[at - 1]) == 1 or _begins(rows, at)
            (chosen.whole if begins and first.width <= SHORT * em else chosen.labels).append(first)
        elif first.width <= SHORT * em and first.x0 < RIGHT_HALF:
            ends = before is not None and _ends_paragraph(first, before, left, right, em)
            (chosen.beginnings if ends else chosen.whole).append(first)
    return chosen


def _begins(rows: Sequence[Sequence[Box]], at: int) -> bool:
    """Whether more paper lies above a row than between the rows before it."""
    if at < 2:
        return True
    return rows[at][0].cy - rows[at - 1][0].cy > BREAK * (rows[at - 1][0].cy - rows[at - 2][0].cy)


def _ends_paragraph(box: Box, before: Sequence[Box], left: float, right: float, em: float) -> bool:
    """Whether a short row goes on from a full one above it."""
    near = box.cy - before[0].cy < LEADING * max(box.height, before[0].height)
    full = len(before) == 1 and before[0].x1 > right - 2.5 * em
    return near and full and box.x0 < left + 1.2 * em


# ------------------------------------------------------------------------------------------------------------ ink


def _marks(coloured: Image, inks: Inks) -> list[Box]:
    """Boxes of coloured ink as large as a part of a seal."""
    height, width = coloured.shape
    reach = max(1, round(CLOSE_MM * inks.px_per_mm)) | 1
    closed = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    boxes = []
    for x, y, w, h, _ in blobs_of(np.asarray(closed, np.uint8))[0].tolist():
        inked = float(coloured[y : y + h, x : x + w].sum()) / inks.px_per_mm**2
        if max(w, h) >= MARK_MM * inks.px_per_mm and inked >= MARK_INK_MM2:
            boxes.append(_fractions((x, y, w, h), width, height))
    return boxes


def _is_slice(box: Box, px_per_mm: float, width: int) -> bool:
    mm = width / px_per_mm
    return box.width * mm <= SLICE_MM and (box.x0 * mm < EDGE_MM or (1 - box.x1) * mm < EDGE_MM)


def _inked_edge(inked: Image, px_per_mm: float) -> bool:
    rim = max(1, round(EDGE_MM * px_per_mm))
    edges = (inked[:, :rim], inked[:, -rim:], inked[:rim], inked[-rim:])
    return max(int(edge.sum()) for edge in edges) > EDGE_INK_MM2 * px_per_mm**2


def _dark_edge(upright: Image, colour: str) -> bool:
    """Whether a page without colour bears black ink at an edge: a copied slice, or the lid's shadow."""
    if colour == "colour":
        return False
    inks = inks_of(_reduced(upright)[0], None)
    return _inked_edge((inks.dark > DARK).astype(np.uint8), inks.px_per_mm)


def _edges(image: Image, matrix: Matrix, size: tuple[int, int], paper: tuple[int, int, int]) -> Image:
    picture = warped(image, matrix, size, paper).copy()
    strip = round(STRIP_MM * max(size) / A4_LONG_MM)
    picture[strip:-strip, strip:-strip] = 255
    return picture
