"""Riding seals (骑缝章): one seal stamped across the fanned edges of all pages, so that each bears a slice of it.

A slice is ink that reaches the paper's edge, narrower than a seal and as high as a chord of one. Slices at one height
of one edge belong together; the chords of their rims tell where on the seal each lies (:mod:`pipeline.seals.chain`). A
page without its slice, one more slice than the seal has, or one in another's place breaks the series (DOMAIN §6.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box
from pipeline.seals.chain import REACH_MM, STEP_MM, TOUCH_MM, Chain, Profile, alone, chained
from pipeline.seals.edges import EDGES, Edge, EdgeInk, Sort, edge_inks, opposite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["Ridden", "RidingSlice", "find_riding"]

AT_EDGE_MM = 3.0  # a scanner cuts off, or adds, so much
WIDE_EDGE_MM = 11.0  # … where it shows a table as white as the paper
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
MIN_SLICES = {"coloured": 2, "dark": 4}
COVER = (0.42, 1.7)  # share of the seal's width that its slices make up
MISFIT_MM = {"coloured": 1.15, "dark": 0.8}
LEAPS = 0.34  # share of slices that may leap: more are bits of print
SHUFFLED = 0.25  # share of pages out of order from which a pile was scanned as it came, and order tells nothing
FULL = 0.9
FAINTEST = 11  # of an edge's ink levels
BACKWARDS = 0.7  # of the cost in reading order, at which slices follow each other backwards


@dataclass(frozen=True, slots=True)
class RidingSlice:
    """A slice of a seal at a page's edge. ``box``: fractions of the upright page, as high as the whole seal.

    ``turned``: it lies on the edge opposite to the others', as on a page that stands on its head.
    """

    page: int
    edge: Edge
    box: Box
    width: float
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Ridden:
    """One riding seal. ``slices`` in the order in which they make the seal, left to right, with their ``positions``
    (mm from its centre). ``lacking``: pages between them that should bear a slice and do not. ``leaps``: pages before
    which something is missing or that are out of order. ``complete``: nothing of the seal is missing.
    """

    slices: tuple[RidingSlice, ...]
    positions: tuple[float, ...]
    radius: float
    shape: float
    lacking: tuple[int, ...]
    leaps: tuple[int, ...]
    complete: bool
    misfit: float

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(sorted(s.page for s in self.slices))

    @property
    def breaks(self) -> tuple[int, ...]:
        return tuple(sorted({*self.lacking, *self.leaps}))


def find_riding(pages: Sequence[tuple[int, Image]]) -> tuple[Ridden, ...]:
    """Riding seals on upright pages (place in the document from 1, BGR), first pages first.

    Pages without a picture are left out; their numbers tell that they are there.
    """
    wide = {number: image.shape[1] > image.shape[0] for number, image in pages}
    inks = {(number, edge): edge_inks(number, image, edge) for number, image in pages for edge in EDGES}
    sorts: tuple[Sort, ...] = ("coloured", "dark")
    for sort in sorts:
        strips = {key: sorted_[sort] for key, sorted_ in inks.items() if sort in sorted_}
        for reach in (AT_EDGE_MM, WIDE_EDGE_MM):
            found = _found(_Pages(strips, wide, sort, reach))
            if found:
                return found
    return ()


@dataclass(frozen=True, slots=True)
class _Pages:
    """The edges of a document's pages. ``wide``: which lie. ``reach``: mm from the paper's edge within which ink
    must end."""

    strips: Mapping[tuple[int, Edge], EdgeInk]
    wide: Mapping[int, bool]
    sort: Sort
    reach: float

    @property
    def usual(self) -> bool:
        """Whether most of the pages lie."""
        return 2 * sum(self.wide.values()) > len(self.wide)


# ---------------------------------------------------------------------------------------------------------- slices


@dataclass(frozen=True, slots=True)
class _Bit:
    """A piece of ink at an edge: mm along it from its middle, mm from the paper's end inwards."""

    start: float
    end: float
    depth: float


@dataclass(frozen=True, slots=True)
class _Cut:
    """A slice cut out: its strip, rows and columns (px of the strip's mask), and its outline."""

    ink: EdgeInk
    rows: tuple[int, int]
    columns: tuple[int, int]
    mask: NDArray[np.uint8]
    middle: float
    turned: bool = False


def _bits(ink: EdgeInk, reach: float) -> list[_Bit]:
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
        found.append(_Bit(y / ink.mm - middle, (y + h) / ink.mm - middle, depth))
    return found


def _cut_straight(ink: EdgeInk, box: tuple[int, int, int, int]) -> bool:
    """Whether ink ends along one line, as paper cuts it."""
    x, y, w, h = box
    near = max(2, round(0.5 * ink.mm))
    part = ink.mask[y : y + h, x + w - near : x + w] if ink.far else ink.mask[y : y + h, x : x + near]
    return bool(part.all(axis=1).sum() >= CUT_MM * ink.mm * 0.5)


def _windows(pages: _Pages, bits: Mapping[tuple[int, Edge], list[_Bit]], edge: Edge) -> list[tuple[float, float]]:
    """Stretches of an edge, mm from its middle, in which pages bear ink: as high as a seal, over all pages."""
    spans = [
        (b.start, b.end, n)
        for (n, e), found in bits.items()
        if e == edge and pages.wide[n] is pages.usual
        for b in found
    ]
    if len({n for *_, n in spans}) < MIN_SLICES[pages.sort]:
        return []
    reach = 250
    seen = np.zeros(2 * reach + 1, np.int32)
    for start, end, _ in spans:
        seen[max(0, int(start - SPREAD_MM / 2) + reach) : max(0, int(end + SPREAD_MM / 2) + reach + 1)] += 1
    return _stretches(seen, 1, spans, reach)


def _stretches(
    seen: NDArray[np.int32], level: int, spans: Sequence[tuple[float, float, int]], reach: int
) -> list[tuple[float, float]]:
    """Stretches of at least that many bits; one that is too long for a seal is cut where fewer pages bear ink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (seen >= level).astype(np.int8), [0]])))
    found = []
    for a, b in edges.reshape(-1, 2).tolist():
        inside = [s for s in spans if s[0] < b - reach and s[1] > a - reach]
        if b - a > MAX_HEIGHT_MM + 2 * SPREAD_MM:
            part = np.where((np.arange(len(seen)) >= a) & (np.arange(len(seen)) < b), seen, 0)
            found += _stretches(part, level + 1, inside, reach) if level < int(part.max()) else []
        elif b - a >= MIN_HEIGHT_MM and len({n for *_, n in inside}) >= 2:
            found.append((a - reach + 0.0, b - reach + 0.0))
    return found


def _cut(ink: EdgeInk, bits: Sequence[_Bit], window: tuple[float, float], middle: float) -> _Cut | None:
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
    return _Cut(ink, (y0, y1), (offset + x0, offset + x1), part[:, x0:x1], middle)


def _firm(level: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink of at least half the usual density: a scanner's blur makes strokes no wider there."""
    inked = level[level > FAINTEST]
    usual = float(np.quantile(inked, 0.8)) if len(inked) else 255.0
    return (level > usual / 2).astype(np.uint8)


def _profile(cut: _Cut, place: int) -> Profile:
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


# ------------------------------------------------------------------------------------------------------------ seals


def _found(pages: _Pages) -> tuple[Ridden, ...]:
    bits = {key: _bits(ink, pages.reach) for key, ink in pages.strips.items()}
    series = [
        (edge, window, cuts)
        for edge in EDGES
        for window in _windows(pages, bits, edge)
        if len(cuts := _cuts(pages, bits, edge, window)) >= MIN_SLICES[pages.sort]
    ]
    found: list[Ridden] = []
    for _, _, cuts in _alternating(series):
        found += _seals(pages, cuts)
    return tuple(sorted(found, key=lambda r: r.pages))


def _cuts(
    pages: _Pages, bits: Mapping[tuple[int, Edge], list[_Bit]], edge: Edge, window: tuple[float, float]
) -> dict[int, _Cut]:
    """The slice of each page that has one there; of sheets of another format wherever it lies on them."""
    middle = (window[0] + window[1]) / 2
    cuts: dict[int, _Cut] = {}
    for (number, e), ink in pages.strips.items():
        if e == edge and pages.wide[number] is pages.usual and (cut := _cut(ink, bits[number, e], window, middle)):
            cuts[number] = cut
    if len(cuts) < MIN_SLICES[pages.sort]:
        return {}
    for number in pages.wide:
        if number not in cuts and min(cuts) < number < max(cuts):
            other = _elsewhere(pages, bits, number, edge, window)
            if other is not None:
                cuts[number] = other
    return cuts


def _elsewhere(
    pages: _Pages, bits: Mapping[tuple[int, Edge], list[_Bit]], number: int, edge: Edge, window: tuple[float, float]
) -> _Cut | None:
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


_Series = tuple[Edge, tuple[float, float], dict[int, "_Cut"]]


def _alternating(series: Sequence[_Series]) -> list[_Series]:
    """Series on the right edge of odd and the left of even pages are one where their slices make but one seal."""
    kept: list[_Series] = []
    for edge, window, cuts in series:
        for i, (other, place, theirs) in enumerate(kept):
            apart = abs(sum(window) - sum(place)) / 2
            if edge == opposite(other) and apart < 8.0 and not set(cuts) & set(theirs) and _interlaced(cuts, theirs):
                both = {**theirs, **cuts}
                if _width(both) < COVER[1] * 0.75 * max(window[1] - window[0], place[1] - place[0]):
                    kept[i] = (other, place, both)
                    break
        else:
            kept.append((edge, window, cuts))
    return kept


def _interlaced(one: Mapping[int, _Cut], other: Mapping[int, _Cut]) -> bool:
    order = sorted([(n, 0) for n in one] + [(n, 1) for n in other])
    changes = sum(a[1] != b[1] for a, b in pairwise(order))
    return changes >= 0.6 * (len(order) - 1)


def _width(cuts: Mapping[int, _Cut]) -> float:
    return sum((c.columns[1] - c.columns[0]) / c.ink.mm for c in cuts.values())


def _seals(pages: _Pages, cuts: Mapping[int, _Cut]) -> list[Ridden]:
    """The seals of one series: pages stamped in groups bear one each."""
    profiles = {n: _profile(cut, n) for n, cut in cuts.items()}
    if max(float(p.bottom.max() - p.top.min()) for p in profiles.values()) < MIN_HEIGHT_MM:
        return []
    order = sorted(cuts)
    chain, way = chained([profiles[n] for n in order]), order
    if chain.leaps or chain.misfit > MISFIT_MM[pages.sort]:  # a pile read from its end
        back = chained([profiles[n] for n in reversed(order)])
        if back.cost < BACKWARDS * chain.cost:
            chain, way = back, order[::-1]
    if len(chain.leaps) + len(chain.starts) > LEAPS * len(way) + 0.5:  # a pile scanned as it came makes one seal
        all_of_it = _Told(pages, cuts, profiles, chain, order, tuple(range(len(way))), 1)
        if (sorted_ := _in_order(all_of_it)) is not None:
            one = _ridden(replace(sorted_, moved=_moved(order, sorted_.numbers)))
            return [one] if one is not None else []
    stride = _stride(order, chain)
    bounds = [0, *chain.starts, len(way)]
    found = []
    for a, b in pairwise(bounds):
        mine = _Told(pages, cuts, profiles, chain, way, tuple(range(a, b)), stride)
        if (one := _ridden(mine)) is not None:
            found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What a chain told of a series, and which of its slices (``at``) are one seal's."""

    pages: _Pages
    cuts: Mapping[int, _Cut]
    profiles: Mapping[int, Profile]
    chain: Chain
    way: Sequence[int]
    at: tuple[int, ...]
    stride: int
    moved: tuple[int, ...] = ()  # pages out of order

    @property
    def numbers(self) -> list[int]:
        return [self.way[i] for i in self.at]

    @property
    def leaps(self) -> list[int]:
        return [i for i in self.chain.leaps if i in self.at and i != self.at[0]]

    @property
    def width(self) -> float:
        return _width({n: self.cuts[n] for n in self.numbers})

    @property
    def reach(self) -> float:
        """The whole seal's width, mm"""
        return 2 * self.chain.radius * self.chain.shape


def _stride(order: Sequence[int], chain: Chain) -> int:
    """2 where only the fronts of sheets printed on both sides bear slices."""
    apart = [b - a for a, b in pairwise(order)]
    even = sum(step == 2 for step in apart)
    close = sum(abs(g - chain.loss) < 1.5 for g, step in zip(chain.gaps, apart, strict=True) if step == 2)
    others = sum(step not in (2, 4) for step in apart)
    return 2 if even >= 2 and not others and close >= 0.6 * even else 1


def _ridden(told: _Told) -> Ridden | None:
    numbers, leaps = told.numbers, told.leaps
    if len(numbers) < MIN_SLICES[told.pages.sort]:
        return None
    moved = told.moved
    if leaps and (sorted_ := _in_order(told)) is not None:
        moved, told, leaps = _moved(sorted(told.numbers), sorted_.numbers), sorted_, []
    lacking = _lacking(told)
    share = told.width * (1 + len(lacking) / len(numbers)) / told.reach
    if told.chain.misfit > MISFIT_MM[told.pages.sort] or not COVER[0] < share < COVER[1]:
        return None
    if len(leaps) > LEAPS * len(numbers) + 0.5:
        return None
    covered = told.width + max(0.0, told.chain.loss) * (len(numbers) - 1)
    return Ridden(
        slices=tuple(_slice(told.cuts[told.way[i]], told.chain, i) for i in told.at),
        positions=tuple(told.chain.position[i] for i in told.at),
        radius=told.chain.radius,
        shape=told.chain.shape,
        lacking=lacking,
        leaps=tuple(sorted({*(told.way[i] for i in leaps), *moved})),
        complete=not lacking and not leaps and not moved and covered > FULL * told.reach,
        misfit=round(told.chain.misfit, 2),
    )


def _lacking(told: _Told) -> tuple[int, ...]:
    """Pages between the first and the last slice that bear none. One without a picture was seen to have no coloured ink
    at its edges; black ink was not looked for."""
    numbers, dark = told.numbers, told.pages.sort == "dark"
    between = range(min(numbers), max(numbers), told.stride)
    return tuple(p for p in between if p not in numbers and (p in told.pages.wide or not dark))


def _in_order(told: _Told) -> _Told | None:
    """The same slices in the order in which they make a seal without a gap; None if they make none."""
    chain = told.chain
    places = alone([told.profiles[n] for n in told.numbers], chain.radius, chain.shape)
    way = [n for _, n in sorted(zip(places, told.numbers, strict=True))]
    if way == told.numbers:
        return None
    again = chained([replace(told.profiles[n], place=i) for i, n in enumerate(way)])
    found = replace(told, chain=again, way=way, at=tuple(range(len(way))))
    whole = not again.leaps and not again.starts and found.width > FULL * found.reach
    return found if whole and again.misfit < chain.misfit + 0.1 else None


def _moved(read: Sequence[int], right: Sequence[int]) -> tuple[int, ...]:
    """Pages out of order: those outside the longest run that is in order; none where a pile was merely shuffled."""
    rank = {n: i for i, n in enumerate(right)}
    runs: list[list[int]] = []
    for n in read:
        before = max((run for run in runs if rank[run[-1]] < rank[n]), key=len, default=[])
        runs.append([*before, n])
    kept = max(runs, key=len)
    moved = tuple(n for n in read if n not in kept)
    return moved if len(moved) <= max(1, SHUFFLED * len(read)) else ()


def _slice(cut: _Cut, chain: Chain, at: int) -> RidingSlice:
    """The slice's place on its page, as high as the whole seal about its middle."""
    ink = cut.ink
    middle = (cut.middle + chain.shift[at] * (-1 if cut.turned else 1)) + ink.length / 2
    half = chain.radius + 1.5
    long = max(1e-6, ink.length)
    y0, y1 = max(0.0, (middle - half) / long), min(1.0, (middle + half) / long)
    deep = ink.mask.shape[1] / ink.mm
    edges = [(deep - c / ink.mm if ink.far else c / ink.mm) + ink.beneath for c in cut.columns]
    d0, d1 = min(edges) / ink.across, max(edges) / ink.across  # from the picture's edge inwards
    boxes = {
        "right": Box(1 - d1, y0, 1 - d0, y1),
        "left": Box(d0, y0, d1, y1),
        "bottom": Box(1 - y1, 1 - d1, 1 - y0, 1 - d0),
        "top": Box(1 - y1, d0, 1 - y0, d1),
    }
    return RidingSlice(ink.page, ink.edge, boxes[ink.edge], cut.mask.shape[1] / ink.mm, cut.turned)
