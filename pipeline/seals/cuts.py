"""Slices at the edges of pages: which ink there may be part of a riding seal, and its outline.

Over all pages the ink of one seal fills a stretch of an edge as high as the seal; what of a page's ink lies in that
stretch and reaches the edge is its slice. Sheets of another format, and pages that stand on their head, bear theirs
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.chain import REACH_MM, STEP_MM, TOUCH_MM, Profile
from pipeline.seals.edges import EDGES, Edge, EdgeInk, Sort, opposite

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "AT_EDGE_MM",
    "MIN_HEIGHT_MM",
    "MIN_SLICES",
    "Bit",
    "Cut",
    "EdgePages",
    "Window",
    "bits_of",
    "cuts_of",
    "profile_of",
    "width_of",
    "windows_of",
]

AT_EDGE_MM = 3.0  # a scanner cuts off, or adds, so much
CUT_MM = 1.6  # of ink that ends on one line there: cut by the paper's edge
MAX_WIDTH_MM = 31.0  # half of the largest seal: of two pages each bears one
MIN_HEIGHT_MM, MAX_HEIGHT_MM = 12.0, 64.0
LEAST_INK_MM2 = 0.5  # of a slice: between two characters two bits of rim are all there is
MIN_WIDTH_MM = 0.5
CLOSE_MM = 1.6  # clear space within a stroke
LONG_MM = 66.0  # along the edge: a frame, a rule
SOLID, SOLID_MM = 0.85, 12.0  # share of its box that a bar of colour covers, and its length
SPREAD_MM = 4.0  # clear paper along the edge, over all pages, between two seals
OTHER_FORMAT_MM = 24.0  # by which a seal lies elsewhere on a sheet of another format
PARTED_MM, PARTED_PAGES = 4.0, 3  # by which seals over different pages lie elsewhere, and how many these are
TURNED = 0.25  # share of slices on the opposite edge from which they are a series of their own
MIN_SLICES = {"coloured": 2, "dark": 4}
FAINTEST = 11  # of an edge's ink levels


@dataclass(frozen=True, slots=True)
class EdgePages:
    """The edges of some pages. ``wide``: which lie. ``reach``: mm from the paper's edge within which ink
    must end. ``blank``: pages without print, which need bear no slice; ``kin``: the document of each page."""

    strips: Mapping[tuple[int, Edge], EdgeInk]
    wide: Mapping[int, bool]
    sort: Sort
    reach: float
    blank: Set[int] = field(default_factory=frozenset)
    kin: Mapping[int, int] = field(default_factory=dict)

    def only(self, numbers: Set[int]) -> EdgePages:
        """Those of some pages."""
        strips = {key: ink for key, ink in self.strips.items() if key[0] in numbers}
        return replace(self, strips=strips, wide={n: lying for n, lying in self.wide.items() if n in numbers})

    @property
    def usual(self) -> bool:
        """Whether most of the pages lie."""
        return 2 * sum(self.wide.values()) > len(self.wide)


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of ink at an edge: mm along it from its middle, mm from the paper's end inwards."""

    start: float
    end: float
    depth: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice cut out: its strip, rows and columns (px of the strip's mask), and its outline."""

    ink: EdgeInk
    rows: tuple[int, int]
    columns: tuple[int, int]
    mask: NDArray[np.uint8]
    middle: float
    turned: bool = False


def bits_of(ink: EdgeInk, reach: float) -> list[Bit]:
    """Pieces that reach the paper's edge and are no frames, rules or bars."""
    radius = max(1, round(CLOSE_MM * ink.mm)) | 1
    closed = cv2.morphologyEx(ink.mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (radius, radius)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    width, middle = ink.mask.shape[1], ink.length / 2
    found = []
    for x, y, w, h, _area in stats[1:count].tolist():
        outer = width - (x + w) if ink.far else x
        depth = (width - x if ink.far else x + w) / ink.mm
        if outer > reach * ink.mm or depth > MAX_WIDTH_MM or h > LONG_MM * ink.mm:
            continue
        solid = ink.mask[y : y + h, x : x + w].mean() > SOLID
        if solid and max(w, h) > SOLID_MM * ink.mm:
            continue
        if reach > AT_EDGE_MM and outer > AT_EDGE_MM * ink.mm and not _cut_straight(ink, (x, y, w, h)):
            continue
        found.append(Bit(y / ink.mm - middle, (y + h) / ink.mm - middle, depth))
    return found


def _cut_straight(ink: EdgeInk, box: tuple[int, int, int, int]) -> bool:
    """Whether ink ends along one line, as paper cuts it."""
    x, y, w, h = box
    near = max(2, round(0.5 * ink.mm))
    part = ink.mask[y : y + h, x + w - near : x + w] if ink.far else ink.mask[y : y + h, x : x + near]
    return bool(part.all(axis=1).sum() >= CUT_MM * ink.mm * 0.5)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of an edge, mm from its middle, and the first and last page on which ink lies in it."""

    span: tuple[float, float]
    pages: tuple[int, int]


_Span = tuple[float, float, int]  # from, to, page


def windows_of(pages: EdgePages, bits: Mapping[tuple[int, Edge], list[Bit]], edge: Edge) -> list[Window]:
    """Stretches of an edge in which pages bear ink: as high as a seal, over all pages that one seal rides over."""
    spans = [
        (b.start, b.end, n)
        for (n, e), found in bits.items()
        if e == edge and pages.wide[n] is pages.usual
        for b in found
    ]
    if len({n for *_, n in spans}) < MIN_SLICES[pages.sort]:
        return []
    return _windows(spans)


def _windows(spans: Sequence[_Span]) -> list[Window]:
    reach = 250
    seen = np.zeros(2 * reach + 1, np.int32)
    for start, end, _ in spans:
        seen[max(0, int(start - SPREAD_MM / 2) + reach) : max(0, int(end + SPREAD_MM / 2) + reach + 1)] += 1
    return _stretches(seen, 1, spans, reach)


def _stretches(seen: NDArray[np.int32], level: int, spans: Sequence[_Span], reach: int) -> list[Window]:
    """Stretches of at least that many bits.

    One in which some pages bear ink elsewhere than those before them is cut between them: seals of several documents,
    or of groups of pages. One that still is too long for a seal is cut where fewer pages bear ink.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (seen >= level).astype(np.int8), [0]])))
    found: list[Window] = []
    for a, b in edges.reshape(-1, 2).tolist():
        inside = [s for s in spans if s[0] < b - reach and s[1] > a - reach]
        numbers = sorted({n for *_, n in inside})
        cut = _parted(inside, numbers) if level == 1 else None
        if cut is not None:
            found += _windows([s for s in inside if s[2] < cut])
            found += _windows([s for s in inside if s[2] >= cut])
        elif b - a > MAX_HEIGHT_MM + 2 * SPREAD_MM:
            part = np.where((np.arange(len(seen)) >= a) & (np.arange(len(seen)) < b), seen, 0)
            found += _stretches(part, level + 1, inside, reach) if level < int(part.max()) else []
        elif b - a >= MIN_HEIGHT_MM and len(numbers) >= 2:
            found.append(Window((a - reach + 0.0, b - reach + 0.0), (numbers[0], numbers[-1])))
    return found


def _parted(spans: Sequence[_Span], numbers: Sequence[int]) -> int | None:
    """The page from which on ink lies elsewhere along the edge; None if it lies at one place on all."""
    low = {n: min(s[0] for s in spans if s[2] == n) for n in numbers}
    high = {n: max(s[1] for s in spans if s[2] == n) for n in numbers}

    def tall(some: Sequence[int]) -> float:
        return max(high[n] for n in some) - min(low[n] for n in some)

    parts = [
        (tall(numbers[:i]) + tall(numbers[i:]), numbers[i])
        for i in range(PARTED_PAGES, len(numbers) - PARTED_PAGES + 1)
        if max(tall(numbers[:i]), tall(numbers[i:])) < tall(numbers) - PARTED_MM
    ]
    return min(parts)[1] if parts else None


def _cut(ink: EdgeInk, bits: Sequence[Bit], window: tuple[float, float], middle: float) -> Cut | None:
    """What of a strip's ink within a window is a slice."""
    mine = [b for b in bits if b.start < window[1] and b.end > window[0]]
    mine = [b for b in mine if b.start > window[0] - 6 and b.end < window[1] + 6]
    if not mine:
        return None
    half = ink.length / 2
    y0 = max(0, round((min(b.start for b in mine) + half) * ink.mm))
    y1 = min(ink.mask.shape[0], round((max(b.end for b in mine) + half) * ink.mm))
    deep = round(max(b.depth for b in mine) * ink.mm)
    part = _firm(ink.level[y0:y1, -deep:] if ink.far else ink.level[y0:y1, :deep])
    columns = np.flatnonzero(part.sum(axis=0) >= 2)
    if len(columns) < MIN_WIDTH_MM * ink.mm or part.sum() < LEAST_INK_MM2 * ink.mm**2:
        return None
    offset = ink.mask.shape[1] - deep if ink.far else 0
    x0, x1 = int(columns[0]), int(columns[-1]) + 1
    return Cut(ink, (y0, y1), (offset + x0, offset + x1), part[:, x0:x1], middle)


def _firm(level: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink of at least half the usual density: a scanner's blur makes strokes no wider there."""
    inked = level[level > FAINTEST]
    usual = float(np.quantile(inked, 0.8)) if len(inked) else 255.0
    return (level > usual / 2).astype(np.uint8)


def profile_of(cut: Cut, place: int) -> Profile:
    """The slice's outline about the window's middle; upside down if it is turned."""
    mm, mask = cut.ink.mm, cut.mask
    first = cut.rows[0] / mm - cut.ink.length / 2 - cut.middle
    if cut.turned:
        mask = mask[::-1, ::-1]
        first = -(cut.rows[1] / mm - cut.ink.length / 2 - cut.middle)
    inked = np.flatnonzero(mask.any(axis=0))
    step = max(1, len(inked) // 12)
    inked = inked[step // 2 :: step]
    top = np.array([np.argmax(mask[:, c]) for c in inked]) / mm + first
    bottom = np.array([mask.shape[0] - np.argmax(mask[::-1, c]) for c in inked]) / mm + first
    near = max(2, round(TOUCH_MM * mm))
    return Profile(
        place=place,
        width=mask.shape[1] / mm,
        x=np.asarray((inked + 0.5) / mm, np.float64),
        top=top,
        bottom=bottom,
        left=_ends(mask[:, :near], first, mm),
        right=_ends(mask[:, -near:], first, mm),
    )


def _ends(part: NDArray[np.uint8], first: float, mm: float) -> NDArray[np.float64]:
    ink = part.mean(axis=1)
    places = np.arange(-REACH_MM, REACH_MM, STEP_MM)
    found = np.interp(places, first + (np.arange(len(ink)) + 0.5) / mm, ink, left=0.0, right=0.0)
    return np.asarray(found, np.float64)


def cuts_of(pages: EdgePages, bits: Mapping[tuple[int, Edge], list[Bit]], edge: Edge, window: Window) -> dict[int, Cut]:
    """The slice of each page that has one there; of sheets of another format wherever it lies on them."""
    middle = (window.span[0] + window.span[1]) / 2
    cuts: dict[int, Cut] = {}
    for (number, e), ink in pages.strips.items():
        if e != edge or pages.wide[number] is not pages.usual or not window.pages[0] <= number <= window.pages[1]:
            continue
        if cut := _cut(ink, bits[number, e], window.span, middle):
            cuts[number] = cut
    if len(cuts) < MIN_SLICES[pages.sort]:
        return {}
    others = {
        number: other
        for number in pages.wide
        if number not in cuts and min(cuts) < number < max(cuts)
        if (other := _elsewhere(pages, bits, number, edge, window.span)) is not None
    }
    turned = [number for number in others if pages.wide[number] is pages.usual]
    if len(turned) > max(1, TURNED * len(cuts)):  # backs with a seal of their own
        others = {number: other for number, other in others.items() if number not in turned}
    return {**cuts, **others}


def _elsewhere(
    pages: EdgePages, bits: Mapping[tuple[int, Edge], list[Bit]], number: int, edge: Edge, window: tuple[float, float]
) -> Cut | None:
    """A slice on a page that lacks it at the others' place: lying sheets, and pages that stand on their head."""
    usual = pages.wide[number] is pages.usual
    edges = (opposite(edge),) if usual else (edge, *(e for e in EDGES if e != edge))
    tall = window[1] - window[0]
    for e in edges:
        ink = pages.strips.get((number, e))
        if ink is None:
            continue
        turned = ink.far is not (edge in ("right", "bottom"))
        middle = (window[0] + window[1]) / 2 * (-1 if turned else 1)
        slack = 3.0 if usual else OTHER_FORMAT_MM
        near = [b for b in bits[number, e] if abs((b.start + b.end) / 2 - middle) < tall / 2 + slack]
        if not near:
            continue
        start, end = min(b.start for b in near), max(b.end for b in near)
        if end - start > tall + 6:
            continue
        if not usual:
            middle = (start + end) / 2
        cut = _cut(ink, near, (middle - tall / 2, middle + tall / 2), middle)
        if cut is not None:
            return replace(cut, turned=turned)
    return None


def width_of(cuts: Mapping[int, Cut]) -> float:
    return sum((c.columns[1] - c.columns[0]) / c.ink.mm for c in cuts.values())
