"""Riding seals (骑缝章): one seal stamped across the fanned edges of all pages, so that each bears a slice of it.

A slice is coloured ink that reaches the page's edge, narrower than a seal and as high as a chord of one. Slices of
consecutive pages at one height belong together; side by side they make the seal again. A page without its slice, or one
whose rim does not go on where its neighbour's ends, breaks the series (DOMAIN §6.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from pipeline.model import Box, RidingSeal
from pipeline.seals.ink import A4_LONG_MM, inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["RidingSlice", "assembled", "find_riding", "riding_seals"]

STRIP_MM = 32.0  # of the page's edge that is looked at: half of a large seal, and some
AT_EDGE_MM = 3.0  # a scanner cuts off, or adds, so much
MAX_WIDTH_MM = 30.0  # half of the largest seal: of two pages each bears one
MIN_HEIGHT_MM, MAX_HEIGHT_MM = 8.0, 64.0
MIN_INK_MM2 = 4.0
SOLID = 0.85  # share of its box that ink covers: a bar of colour, no seal
INK = 0.07  # density of coloured ink
PIECES_APART_MM = 26.0  # from the name's foot to the lower rim of a seal of 45 mm
CLOSE_MM = 2.6  # clear space within a seal
LEVEL_MM = 7.0  # by which pages shift up or down between two scans
RIM_JUMP_MM = 6.0  # by which the rim may leap from one slice to the next before the series is broken
FULL = 0.86  # of a seal's height that its slices must be wide together to be all of it
PROPORTION = (0.5, 1.6)  # width to height of what the slices make: an oval seal's, and a round one's that lacks an end
MIN_SLICES = 2
THIN_INK_MM2 = 0.6  # of a thin slice: where it falls between two characters, two bits of rim are all there is
RIMS_APART_MM = 48.0  # from the upper rim to the lower one of a seal of 45 mm
FORMAT_MM = 20.0  # by which heights of upright pages of one format differ


@dataclass(frozen=True, slots=True)
class RidingSlice:
    """A slice of a seal at a page's edge.

    ``box``: fractions of the page. ``picture``: the strip of page from its top to its bottom, BGR, whole height of
    ``box`` grown to the seal's, in work px. ``top`` and ``bottom``: mm from the page's top, of the ink at the slice's
    left and right end. ``middle`` and ``width`` in mm.
    """

    page: int
    side: Literal["left", "right"]
    box: Box
    picture: Image
    top: tuple[float, float]
    bottom: tuple[float, float]
    middle: float
    width: float
    thin: bool = False  # too little to be a slice by itself; it may fill a series

    @property
    def page_height(self) -> float:
        """mm"""
        return self.middle / max(1e-6, self.box.cy)

    @property
    def height(self) -> float:
        """mm"""
        return max(self.bottom) - min(self.top)


def find_riding(pages: Sequence[tuple[int, Image]]) -> tuple[RidingSlice, ...]:
    """Slices of riding seals on the edges of upright pages (number, BGR), those that at least one neighbour answers.

    In the order of pages. One slice alone is no riding seal: it may be a seal cut by the scanner.
    """
    found = [s for number, image in pages for side in ("right", "left") for s in _slices(number, image, side)]
    return tuple(s for group in _groups(found) for s in group)


def riding_seals(slices: Sequence[RidingSlice]) -> tuple[RidingSeal, ...]:
    """The seals that the slices make, with the pages at which the series breaks; texts are for a reader to fill in."""
    return tuple(_seal(group) for group in _groups(slices))


def assembled(slices: Sequence[RidingSlice]) -> Image:
    """The slices of one seal side by side, left to right in the order of pages, as a picture to look at and to read."""
    height = max(s.picture.shape[0] for s in slices)
    parts = []
    for one in slices:
        lacking = height - one.picture.shape[0]
        parts.append(cv2.copyMakeBorder(one.picture, 0, lacking, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255)))
    return np.asarray(np.hstack(parts), dtype=np.uint8)


# -------------------------------------------------------------------------------------------------------- one page


def _slices(number: int, image: Image, side: str) -> list[RidingSlice]:
    rows, columns = image.shape[:2]
    px_per_mm = max(rows, columns) / A4_LONG_MM
    wide = min(columns // 2, round(STRIP_MM * px_per_mm))
    if wide < STRIP_MM or rows < wide:
        return []
    strip = np.ascontiguousarray(image[:, columns - wide :] if side == "right" else image[:, :wide])
    inks = inks_of(strip, round(px_per_mm * 25.4))
    ink = cv2.max(inks.red, inks.cool)
    if side == "left":
        ink = np.ascontiguousarray(ink[:, ::-1])
    found = []
    for (x0, y0, x1, y1), thin in _at_edge(ink, inks.px_per_mm):
        part = ink[y0:y1, x0:x1] > INK
        one = _slice(number, side, strip, part, (x0, y0, x1, y1), inks.scale, inks.px_per_mm, (rows, columns))
        found.append(replace(one, thin=thin))
    return found


def _at_edge(ink: Map, px_per_mm: float) -> list[tuple[tuple[int, int, int, int], bool]]:
    """Boxes of ink that reach the right edge, no wider than a slice; and whether each is but a thin one."""
    mask = (ink > INK).astype(np.uint8)
    reach = max(1, round(CLOSE_MM * px_per_mm)) | 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    edge = mask.shape[1] - AT_EDGE_MM * px_per_mm
    touching = [k for k in range(1, count) if stats[k, cv2.CC_STAT_LEFT] + stats[k, cv2.CC_STAT_WIDTH] >= edge]
    pieces = [tuple(int(v) for v in stats[k, :4]) for k in touching]
    whole = [box for box in _joined(pieces, px_per_mm, PIECES_APART_MM) if _is_slice(box, mask, px_per_mm, MIN_INK_MM2)]
    thin = [box for box in _joined(pieces, px_per_mm, RIMS_APART_MM) if _is_slice(box, mask, px_per_mm, THIN_INK_MM2)]
    rest = [box for box in thin if not any(box[1] < other[3] and other[1] < box[3] for other in whole)]
    return [*((box, False) for box in whole), *((box, True) for box in rest)]


def _is_slice(box: tuple[int, int, int, int], mask: NDArray[np.uint8], px_per_mm: float, least: float) -> bool:
    x0, y0, x1, y1 = box
    size_mm = ((x1 - x0) / px_per_mm, (y1 - y0) / px_per_mm)
    inked = float(mask[y0:y1, x0:x1].sum()) / px_per_mm**2
    sized = size_mm[0] <= MAX_WIDTH_MM and MIN_HEIGHT_MM <= size_mm[1] <= MAX_HEIGHT_MM
    return sized and inked >= least and inked / (size_mm[0] * size_mm[1]) < SOLID


def _joined(pieces: Sequence[tuple[int, ...]], px_per_mm: float, apart_mm: float) -> list[tuple[int, int, int, int]]:
    """Pieces of one slice together: a slice of a seal's middle holds its upper and its lower rim and little between."""
    gap, most = apart_mm * px_per_mm, MAX_HEIGHT_MM * px_per_mm
    joined: list[tuple[int, int, int, int]] = []
    for x, y, w, h in sorted(pieces, key=lambda p: p[1]):
        if joined and y - joined[-1][3] < gap and y + h - joined[-1][1] < most:
            last = joined[-1]
            joined[-1] = (min(last[0], x), last[1], max(last[2], x + w), max(last[3], y + h))
        else:
            joined.append((x, y, x + w, y + h))
    return joined


def _slice(
    number: int,
    side: str,
    strip: Image,
    part: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    scale: float,
    px_per_mm: float,
    size: tuple[int, int],
) -> RidingSlice:
    rows, columns = size
    x0, y0, x1, y1 = box
    wide = round(strip.shape[1] / scale)
    left = (wide - x1 if side == "left" else x0) * scale + (0 if side == "left" else columns - strip.shape[1])
    right = left + (x1 - x0) * scale
    ends = [_extent(part, first, px_per_mm) for first in (True, False)]
    if side == "left":
        ends.reverse()
    (top_a, bottom_a), (top_b, bottom_b) = ((y0 / px_per_mm + t, y0 / px_per_mm + b) for t, b in ends)
    offset = left - (0 if side == "left" else columns - strip.shape[1])
    picture = strip[:, max(0, int(offset)) : max(1, math.ceil(offset + right - left))]
    reduced = cv2.resize(
        picture,
        (max(1, round(picture.shape[1] / scale)), max(1, round(picture.shape[0] / scale))),
        interpolation=cv2.INTER_AREA,
    )
    span = MAX_HEIGHT_MM * px_per_mm
    middle = (y0 + y1) / 2
    cut_from = max(0, round(middle - span / 2))
    return RidingSlice(
        page=number,
        side="left" if side == "left" else "right",
        box=Box(left / columns, y0 * scale / rows, min(1.0, right / columns), min(1.0, y1 * scale / rows)),
        picture=np.asarray(reduced[cut_from : round(middle + span / 2)], dtype=np.uint8),
        top=(top_a, top_b),
        bottom=(bottom_a, bottom_b),
        middle=middle / px_per_mm,
        width=(x1 - x0) / px_per_mm,
    )


def _extent(part: NDArray[np.bool_], first: bool, px_per_mm: float) -> tuple[float, float]:
    """mm from the slice's top to its first and last ink, at its left or right end."""
    near = max(2, min(round(1.2 * px_per_mm), part.shape[1]))
    end = part[:, :near] if first else part[:, -near:]
    at = np.flatnonzero(end.any(axis=1))
    if len(at) == 0:
        at = np.flatnonzero(part.any(axis=1))
    return float(at[0]) / px_per_mm, float(at[-1] + 1) / px_per_mm


# ------------------------------------------------------------------------------------------------------ all pages


def _groups(slices: Sequence[RidingSlice]) -> list[list[RidingSlice]]:
    """Slices of one side at one height; at most one a page. Thin ones only fill the pages that a series lacks."""
    groups: list[list[RidingSlice]] = []
    for one in sorted((s for s in slices if not s.thin), key=lambda s: (s.side, s.page)):
        for group in groups:
            last = group[-1]
            if last.side == one.side and last.page < one.page <= last.page + 3 and _apart(group, one) < _level(one):
                group.append(one)
                break
        else:
            groups.append([one])
    seals = [g for g in groups if len(g) >= MIN_SLICES and _like_a_seal(g)]
    return [_filled(group, [s for s in slices if s.thin]) for group in seals]


def _apart(group: Sequence[RidingSlice], one: RidingSlice) -> float:
    """mm by which a slice stands higher or lower than a group's; on a page of another format in shares of its height,
    for sheets of two formats are fanned about the middle.
    """
    alike = [s.middle for s in group if abs(s.page_height - one.page_height) < FORMAT_MM]
    if alike:
        return abs(float(np.median(alike)) - one.middle)
    share = float(np.median([s.box.cy for s in group]))
    return abs(share - one.box.cy) * one.page_height


def _filled(group: Sequence[RidingSlice], thin: Sequence[RidingSlice]) -> list[RidingSlice]:
    first, last, there = group[0].page, group[-1].page, {s.page for s in group}
    filling: dict[int, RidingSlice] = {}
    for one in thin:
        fits = one.side == group[0].side and first < one.page < last and _apart(group, one) < _level(one)
        if fits and one.page not in there:
            filling.setdefault(one.page, one)
    return sorted((*group, *filling.values()), key=lambda s: s.page)


def _like_a_seal(group: Sequence[RidingSlice]) -> bool:
    """As wide as high, lacking pages thrown in: bits of coloured print at the edge are anything else."""
    height = max(s.height for s in group)
    width = sum(s.width for s in group) / len(group) * (group[-1].page - group[0].page + 1)
    return height >= 2 * MIN_HEIGHT_MM and PROPORTION[0] < width / height < PROPORTION[1]


def _level(one: RidingSlice) -> float:
    """Slices of the ends are short, and worn ones lose their top or bottom."""
    return LEVEL_MM + 0.15 * one.height


def _seal(group: Sequence[RidingSlice]) -> RidingSeal:
    present = [s.page for s in group]
    missing = [p for p in range(present[0], present[-1]) if p not in present]
    told = [(a, b) for a, b in pairwise(group) if b.page == a.page + 1 and not (a.thin or b.thin)]
    leaps = [b.page for a, b in told if _leap(a, b) > RIM_JUMP_MM]
    wide = sum(s.width for s in group)
    complete = not missing and not leaps and wide >= FULL * max(s.height for s in group)
    return RidingSeal(pages=tuple(present), complete=complete, breaks=tuple(sorted({*missing, *leaps})))


def _leap(one: RidingSlice, other: RidingSlice) -> float:
    """mm by which the rim jumps where two slices meet: the chord's length, which a page's shift does not change."""
    ends = one.bottom[1] - one.top[1]
    starts = other.bottom[0] - other.top[0]
    return abs(ends - starts) / 2
