"""Riding seals (骑缝章): one seal stamped across the fanned edges of all pages, so that each bears a slice of it.

A slice is ink that reaches the paper's edge, narrower than a seal and as high as a chord of one. Slices at one height
of one edge belong together; the chords of their rims tell where on the seal each lies (:mod:`pipeline.seals.chain`). A
page without its slice, one more slice than the seal has, or one in another's place breaks the series (DOMAIN §6.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import Box
from pipeline.seals.chain import BREAK, Chain, Profile, alone, chained
from pipeline.seals.cuts import (
    AT_EDGE_MM,
    MIN_HEIGHT_MM,
    MIN_SLICES,
    Bit,
    Cut,
    EdgePages,
    bits_of,
    cuts_of,
    profile_of,
    width_of,
    windows_of,
)
from pipeline.seals.edges import EDGES, Edge, EdgeInk, Sort, edge_inks, opposite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["LEAST_RIDDEN", "Ridden", "RidingSlice", "find_riding"]

WIDE_EDGE_MM = 11.0  # … where it shows a table as white as the paper
COVER = (0.42, 1.7)  # share of the seal's width that its slices make up
MISFIT_MM = {"coloured": 0.85, "dark": 0.7}
FEW_MISFIT_MM = 0.5  # of two slices, which fit many a circle
LEAPS = 0.34  # share of slices that may leap: more are bits of print
SHUFFLED = 0.25  # share of pages out of order from which a pile was scanned as it came, and order tells nothing
DOUBTFUL_MM = 0.3  # that rims lie off on average where slices may have changed places
MOVED = 2  # pages out of order that are told of the thinnest pile: two that changed places
FULL = 0.9
LEAST_RIDDEN = 3  # pages of a document that is worth a riding seal
LEAST_OVER_ALL = 3  # slices of a seal that is sought over all documents: two alike are soon found
STRANGERS = 0.2  # share of other pages among a document's from which the pile was scanned as it came
MOST_SERIES = 5  # stretches of edges that are tried
BACKWARDS = 0.9  # of the cost in reading order, at which slices follow each other backwards


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


def find_riding(
    pages: Iterable[tuple[int, Image]],
    *,
    copied: bool | Set[int] = True,
    blank: Set[int] = frozenset(),
    kin: Mapping[int, int] | None = None,
) -> tuple[Ridden, ...]:
    """Riding seals on upright pages (number in the order of scanning, BGR), first pages first.

    They are sought over all pages, and over each document in which that found none: a seal may ride over several
    documents, and sorting may take a page for another's. Pages without a picture are left out; their numbers tell that
    they are there.

    :param copied: whether pages may be copies without colour, or which: there black ink is looked at, too
    :param blank: pages without print
    :param kin: the document of each page; pages without one are nobody's
    """
    wide: dict[int, bool] = {}
    inks: dict[tuple[int, Edge], Mapping[Sort, EdgeInk]] = {}
    dark: set[int] = set()
    for number, image in pages:
        wide[number] = image.shape[1] > image.shape[0]
        black = copied if isinstance(copied, bool) else number in copied
        dark |= {number} if black else set()
        inks.update({(number, edge): edge_inks(number, image, edge, copied=black) for edge in EDGES})
    kin = kin or {}
    documents = [{n for n, of in kin.items() if of == document} for document in sorted(set(kin.values()))]
    found: list[Ridden] = []
    sorts: tuple[Sort, ...] = ("coloured", "dark") if dark else ("coloured",)
    for sort in sorts:
        strips = {key: by_sort[sort] for key, by_sort in inks.items() if sort in by_sort}
        looked = {n: lying for n, lying in wide.items() if sort == "coloured" or n in dark}
        for reach in (AT_EDGE_MM, WIDE_EDGE_MM):
            everywhere = EdgePages(strips, looked, sort, reach, blank, kin)
            bits = {key: bits_of(ink, reach) for key, ink in strips.items()}
            if not found:
                least = LEAST_OVER_ALL if kin else MIN_SLICES[sort]
                found += [one for one in _found(everywhere, bits) if len(one.slices) >= least]
            for own in documents:
                if len(own) >= LEAST_RIDDEN and not own & {n for one in found for n in one.pages}:
                    found += _found(everywhere.only(own), bits)
    return tuple(sorted(found, key=lambda r: r.pages))


def _found(pages: EdgePages, bits: Mapping[tuple[int, Edge], list[Bit]]) -> tuple[Ridden, ...]:
    bits = {key: bits[key] for key in pages.strips}
    series = [
        (edge, window.span, cuts)
        for edge in EDGES
        for window in windows_of(pages, bits, edge)
        if len(cuts := cuts_of(pages, bits, edge, window)) >= MIN_SLICES[pages.sort]
    ]
    if len(series) > MOST_SERIES:  # a photograph's desk, a printed border
        series = sorted(series, key=lambda one: -len(one[2]))[:MOST_SERIES]
    found: list[Ridden] = []
    for _, _, cuts in _alternating(series):
        found += _seals(pages, cuts)
    return tuple(sorted(found, key=lambda r: r.pages))


_Series = tuple[Edge, tuple[float, float], dict[int, "Cut"]]


def _alternating(series: Sequence[_Series]) -> list[_Series]:
    """Series on the right edge of odd and the left of even pages are one where their slices make but one seal."""
    kept: list[_Series] = []
    for edge, window, cuts in series:
        for i, (other, place, theirs) in enumerate(kept):
            apart = abs(sum(window) - sum(place)) / 2
            if edge == opposite(other) and apart < 8.0 and not set(cuts) & set(theirs) and _interlaced(cuts, theirs):
                both = {**theirs, **cuts}
                if width_of(both) < COVER[1] * 0.75 * max(window[1] - window[0], place[1] - place[0]):
                    kept[i] = (other, place, both)
                    break
        else:
            kept.append((edge, window, cuts))
    return kept


def _interlaced(one: Mapping[int, Cut], other: Mapping[int, Cut]) -> bool:
    order = sorted([(n, 0) for n in one] + [(n, 1) for n in other])
    changes = sum(a[1] != b[1] for a, b in pairwise(order))
    return changes >= 0.6 * (len(order) - 1)


def _seals(pages: EdgePages, cuts: Mapping[int, Cut]) -> list[Ridden]:
    """The seals of one series: pages stamped in groups bear one each."""
    order = sorted(cuts)
    count = _counted(pages, order)
    profiles = {n: profile_of(cut, count.place[n]) for n, cut in cuts.items()}
    if max(float(p.bottom.max() - p.top.min()) for p in profiles.values()) < MIN_HEIGHT_MM:
        return []
    chain, way = chained([profiles[n] for n in order]), order
    if chain.leaps or chain.misfit > MISFIT_MM[pages.sort]:  # a pile read from its end, or stamped at its left edge
        back = chained([profiles[n] for n in reversed(order)])
        if back.cost < BACKWARDS * chain.cost:
            chain, way = back, order[::-1]
    if len(chain.leaps) + len(chain.starts) > LEAPS * len(way) + 0.5:  # a pile scanned as it came makes one seal
        all_of_it = _Told(pages, cuts, profiles, chain, way, tuple(range(len(way))), count)
        if (sorted_ := _in_order(all_of_it)) is not None:
            moved = min(_out_of_order(way, sorted_.numbers), _out_of_order(way[::-1], sorted_.numbers), key=len)
            one = _ridden(replace(sorted_, moved=_told_of(moved, way)))
            return [one] if one is not None else []
    bounds = [0, *chain.starts, len(way)]
    found = []
    for a, b in pairwise(bounds):
        mine = _Told(pages, cuts, profiles, chain, way, tuple(range(a, b)), count)
        if (one := _ridden(mine)) is not None:
            found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class _Count:
    """``place``: of each page with a slice among those that should bear one. ``lacking``: of these, pages that do not;
    ``strange``: pages of other documents between two slices, by the page behind them; ``scattered``: there are so many
    that the pile was scanned as it came, and order tells nothing."""

    place: Mapping[int, int]
    lacking: tuple[int, ...]
    strange: Mapping[int, int]
    scattered: bool


def _counted(pages: EdgePages, order: Sequence[int]) -> _Count:
    """Which pages between slices should bear one: no blank ones, no backs where only fronts do, nor strangers."""
    ridden = {pages.kin.get(n) for n in order}
    strangers = {n for n, document in pages.kin.items() if document not in ridden}
    backs = _fronts_only([n - sum(s < n for s in strangers) for n in order])
    place, lacking, strange = {order[0]: 0}, [], {}
    for one, other in pairwise(order):
        between = [n for n in range(one + 1, other) if n not in strangers]
        asked = between[1::2] if backs else between
        if len(between) < other - one - 1:
            strange[other] = next(n for n in range(one + 1, other) if n in strangers)
        place[other] = place[one] + 1 + len(asked)
        # A page without a picture was seen to bear no coloured ink at its edges; black ink was not looked for.
        lacking += [n for n in asked if n not in pages.blank and (n in pages.wide or pages.sort != "dark")]
    among = sum(order[0] < n < order[-1] for n in strangers)
    return _Count(place, tuple(lacking), strange, among > max(2, STRANGERS * len(order)))


def _fronts_only(order: Sequence[int]) -> bool:
    """Whether only the fronts of sheets printed on both sides bear slices: mostly every other page does."""
    apart = [b - a for a, b in pairwise(order)]
    return len(apart) >= 2 and min(apart) >= 2 and 2 * sum(step % 2 == 0 for step in apart) > len(apart)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a chain told of a series, and which of its slices (``at``) are one seal's."""

    pages: EdgePages
    cuts: Mapping[int, Cut]
    profiles: Mapping[int, Profile]
    chain: Chain
    way: Sequence[int]
    at: tuple[int, ...]
    count: _Count
    moved: tuple[int, ...] = ()  # pages out of order

    @property
    def numbers(self) -> list[int]:
        return [self.way[i] for i in self.at]

    @property
    def leaps(self) -> list[int]:
        return [i for i in self.chain.leaps if i in self.at and i != self.at[0]]

    @property
    def width(self) -> float:
        return width_of({n: self.cuts[n] for n in self.numbers})

    @property
    def reach(self) -> float:
        """The whole seal's width, mm"""
        return 2 * self.chain.radius * self.chain.shape


def _ridden(told: _Told) -> Ridden | None:
    numbers, leaps = told.numbers, told.leaps
    if len(numbers) < MIN_SLICES[told.pages.sort]:
        return None
    moved = told.moved
    doubtful = leaps or (not moved and told.chain.misfit > DOUBTFUL_MM)
    sorted_ = _in_order(told) if doubtful else None
    if sorted_ is not None and (leaps or sorted_.chain.cost < told.chain.cost - BREAK):
        moved, told, leaps = _told_of(_out_of_order(told.numbers, sorted_.numbers), told.numbers), sorted_, []
    lacking = _lacking(told)
    if len(numbers) == 2 and (lacking or leaps or told.chain.misfit > FEW_MISFIT_MM):
        return None  # two bits of ink that hardly meet
    share = told.width * (1 + len(lacking) / len(numbers)) / told.reach
    if told.chain.misfit > MISFIT_MM[told.pages.sort] or not COVER[0] < share < COVER[1]:
        return None
    if len(leaps) > LEAPS * len(numbers) + 0.5:
        return None
    # A gap lies before the later of two pages, whichever way they make the seal.
    whole = not lacking and not leaps and not moved
    if told.count.scattered:
        leaps, moved = [], ()
    found_at = [max(told.way[i - 1], told.way[i]) for i in leaps]
    lacking += tuple(told.count.strange[n] for n in found_at if n in told.count.strange)
    found_at = [n for n in found_at if n not in told.count.strange]
    covered = told.width + max(0.0, told.chain.loss) * (len(numbers) - 1)
    return Ridden(
        slices=tuple(_slice(told.cuts[told.way[i]], told.chain, i) for i in told.at),
        positions=tuple(told.chain.position[i] for i in told.at),
        radius=told.chain.radius,
        shape=told.chain.shape,
        lacking=tuple(sorted(lacking)),
        leaps=tuple(sorted({*found_at, *moved})),
        complete=whole and covered > FULL * told.reach,
        misfit=round(told.chain.misfit, 2),
    )


def _lacking(told: _Told) -> tuple[int, ...]:
    """Pages between the first and the last slice that should bear one and do not."""
    first, last = min(told.numbers), max(told.numbers)
    return tuple(n for n in told.count.lacking if first < n < last)


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


def _out_of_order(read: Sequence[int], right: Sequence[int]) -> tuple[int, ...]:
    """Pages outside the longest run that is in order."""
    rank = {n: i for i, n in enumerate(right)}
    runs: list[list[int]] = []
    for n in read:
        before = max((run for run in runs if rank[run[-1]] < rank[n]), key=len, default=[])
        runs.append([*before, n])
    kept = max(runs, key=len)
    return tuple(n for n in read if n not in kept)


def _told_of(moved: Sequence[int], read: Sequence[int]) -> tuple[int, ...]:
    """Pages out of order; none where a pile was merely shuffled."""
    return tuple(moved) if len(moved) <= max(MOVED, SHUFFLED * len(read)) else ()


def _slice(cut: Cut, chain: Chain, at: int) -> RidingSlice:
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
