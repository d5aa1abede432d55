"""Square and rectangular seals: the frame taken off, the text cut into rows, or into columns read from right to left.

A column is laid out as a row of its cells, so that a recogniser of horizontal lines can read it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["BOX_HEIGHT", "Layout", "layouts"]

BOX_HEIGHT = 200.0  # px of the smaller side in the work picture: a cell of a 2x2 name seal is 90 px, a row of three 55
FRAME_REACH = 0.2  # the frame lies within this share of a side from the edge
FRAME_INK = 0.45  # of a row or column of pixels: only a frame is that full
CUT_INK = 0.30  # a cut between characters holds at most this share of the mean ink
CELL_SIDE = 60  # px of one character in a laid-out strip
MAX_PARTS = 5  # rows or columns
QUIET_INK = 0.05  # share of a part's fullest line under which a line of pixels holds nothing: two thin characters in a
# wide row ink little of it, so that no fixed share will do
LEAST_PART = 0.06  # share of the ink of an even part under which there is no text: a name of two characters has 0.2
LEAST_GAP = 0.5  # of the widest gap: 孟 falls in two at a narrower one
LEAST_ROW = 0.6  # of the middle row's height: digits are set at 0.7 of the characters' height
REST_AT, REST_WIDE, REST_GAP = 2, 8, 3  # px: what is left of a frame begins at the edge, is thin, and stands apart
CELL_LOW, CELL_HIGH = 0.6, 1.6  # characters in a column per column width of height
GRID_COST = 0.5  # mean ink of a grid's cuts, in shares of the mean ink, over which it is no grid
TALL = 1.35  # height to width over which a seal holds one column
LINE_WIDE = 3.2  # width to height of a row, from which it is a line of text: 注册会计师 in a square seal
WIDE = 1.35  # width to height over which a seal holds rows


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to read a boxed seal: its lines in reading order, each a strip, dark on white."""

    strips: tuple[Image, ...]
    vertical: bool


def layouts(ink: Ink) -> tuple[Layout, ...]:
    """The ways to read the upright, cropped ink of a boxed seal, the likelier first."""
    inner = _inner(ink)
    if min(inner.shape) < 12:
        return ()
    height, width = inner.shape
    if height > TALL * width:
        return (Layout((_picture(_as_row(inner)),), True),)
    rows = Layout(tuple(_picture(part) for part in _parts(inner)), False)
    if width > WIDE * height:
        return (rows,)
    grid = _grid(inner)
    if grid is None:
        return (Layout((_picture(_as_row(inner)),), True), rows)
    if len(rows.strips) > 1 and any(_is_line(strip) for strip in rows.strips):
        return (rows,)
    lines = [[_tight(_tight(cell).T).T for cell in line] for line in grid]
    by_columns = [line[c] for c in range(len(lines[0]) - 1, -1, -1) for line in lines]
    by_rows = [cell for line in lines for cell in line]
    return (Layout((_picture(_joined(by_columns)),), True), Layout((_picture(_joined(by_rows)),), False))


def _is_line(strip: Image) -> bool:
    """Whether a row holds more characters than any name seal's has side by side."""
    return bool(strip.shape[1] > LINE_WIDE * strip.shape[0])


def _grid(inner: Ink) -> list[list[Ink]] | None:
    """The cells of a square seal, row by row: as many rows and columns as give clear cuts and nearly square cells."""
    height, width = inner.shape
    best: tuple[float, list[int], list[int]] | None = None
    for rows in range(1, MAX_PARTS + 1):
        for columns in range(1, MAX_PARTS + 1):
            aspect = (height / rows) / (width / columns)
            if rows * columns < 2 or not CELL_LOW <= aspect <= CELL_HIGH:
                continue
            across, ink_across = _cuts(inner.mean(axis=1), rows)
            down, ink_down = _cuts(inner.mean(axis=0), columns)
            inks = [*ink_across, *ink_down]
            cost = sum(inks) / len(inks) + 0.3 * abs(math.log(aspect))
            if best is None or cost < best[0]:
                best = (cost, across, down)
    if best is None or best[0] > GRID_COST:
        return None
    return [[inner[r0:r1, c0:c1] for c0, c1 in pairwise(best[2])] for r0, r1 in pairwise(best[1])]


def _cuts(profile: Ink, count: int) -> tuple[list[int], list[float]]:
    """Bounds of ``count`` parts, cut near even shares where the ink is least, and each cut's ink against the mean."""
    mean = max(float(profile.mean()), 1e-3)
    cuts = [_least(profile, len(profile) * k / count, len(profile) * 0.15 / count) for k in range(1, count)]
    return [0, *cuts, len(profile)], [min(2.0, float(profile[cut]) / mean) for cut in cuts]


def _inner(ink: Ink) -> Ink:
    """Without the frame, and without the empty margin inside it."""
    top, bottom = _frame(ink.mean(axis=1))
    left, right = _frame(ink.mean(axis=0))
    inside = _without_rest(_without_rest(ink[top:bottom, left:right]).T).T
    if inside.size == 0:
        return ink
    return _tight(_tight(inside).T).T


def _without_rest(inside: Ink) -> Ink:
    """Without the thin lines that a frame, set a little askew, leaves along the upper and the lower edge."""
    profile = inside.mean(axis=1)
    first, last = _rest(profile), len(profile) - _rest(profile[::-1])
    return inside[first:last] if last - first >= REST_WIDE else inside


def _rest(edge: Ink) -> int:
    """How many lines at an edge are a frame's rest: 0 unless a thin run begins there and a clear gap follows it."""
    if not len(edge):
        return 0
    busy = edge > QUIET_INK * float(edge.max())
    starts = np.flatnonzero(busy[: REST_AT + 1])
    if not len(starts):
        return 0
    quiet = np.flatnonzero(~busy[starts[0] : starts[0] + REST_WIDE + 1])
    if not len(quiet):
        return 0
    end = int(starts[0] + quiet[0])
    return end if not busy[end : end + REST_GAP].any() else 0


def _frame(profile: Ink) -> tuple[int, int]:
    """First and last index inside the frame, from the mean ink of rows (or columns)."""
    reach = round(len(profile) * FRAME_REACH)
    return _past_frame(profile[:reach]), len(profile) - _past_frame(profile[::-1][:reach])


def _past_frame(edge: Ink) -> int:
    full = np.flatnonzero(edge > FRAME_INK)
    if not len(full):
        return 0
    at = int(full[0])
    while at < len(edge) and edge[at] > FRAME_INK * 0.5:
        at += 1
    later = full[full > at + 1]  # a second, thin line of a double frame
    if len(later) and later[-1] - later[0] < 6 and later[0] - at < 0.4 * len(edge):
        return int(later[-1]) + 2
    return at


def _parts(inner: Ink, *, cells: bool = False) -> list[Ink]:
    """Cut into rows where the ink is least, as many as there are clear cuts.

    ``cells``: the rows are single characters, so that their height is near the width.
    """
    profile = inner.mean(axis=1)
    mean = float(profile.mean())
    ways: list[tuple[float, list[int]]] = []
    counts = range(2, MAX_PARTS + 1)
    if cells:
        even = inner.shape[0] / inner.shape[1]
        counts = range(max(2, math.ceil(even * CELL_LOW)), min(MAX_PARTS + 1, int(even * CELL_HIGH) + 1))
    for count in counts:
        cuts = [_least(profile, len(profile) * k / count, len(profile) * 0.3 / count) for k in range(1, count)]
        if max(profile[cut] for cut in cuts) <= CUT_INK * mean and (cells or _even(inner, [0, *cuts, len(profile)])):
            ways.append((min(_quiet(profile, cut, QUIET_INK * float(profile.max())) for cut in cuts), cuts))
    clear = max((gap for gap, _ in ways), default=0.0)
    bounds = [0, *max((cuts for gap, cuts in ways if gap >= LEAST_GAP * clear), key=len, default=[]), len(profile)]
    parts = [inner[a:b] for a, b in pairwise(bounds) if b - a >= 8]
    even = float(inner.sum()) / max(1, len(parts))
    return [_tight(part) for part in parts if part.sum() > LEAST_PART * even]


def _quiet(profile: Ink, cut: int, level: float) -> float:
    """How many lines of pixels around a cut hold hardly any ink: a gap between rows, or one inside a character."""
    loud = np.flatnonzero(profile > level)
    above, below = loud[loud < cut], loud[loud > cut]
    return float((below[0] if len(below) else len(profile)) - (above[-1] if len(above) else -1) - 1)


def _even(inner: Ink, bounds: list[int]) -> bool:
    """Whether all rows are of like height: a cut through thin characters leaves slivers."""
    heights = sorted(len(_tight(inner[a:b])) for a, b in pairwise(bounds))
    return heights[0] >= LEAST_ROW * heights[len(heights) // 2]


def _least(profile: Ink, centre: float, reach: float) -> int:
    """The line with the least ink near ``centre``; of a stretch of such lines the middle."""
    low, high = max(0, round(centre - reach)), min(len(profile) - 1, round(centre + reach))
    near = profile[low : high + 1]
    quiet = near <= float(near.min()) + 0.5 * QUIET_INK * float(profile.max())
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    start, end = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return low + int(start + end) // 2


def _tight(part: Ink) -> Ink:
    profile = part.mean(axis=1)
    rows = np.flatnonzero(profile > QUIET_INK * float(profile.max()))
    return part[rows[0] : rows[-1] + 1] if len(rows) else part


def _as_row(column: Ink) -> Ink:
    """The cells of a column side by side, each made square."""
    return _joined(_parts(column, cells=True))


def _squared(cell: Ink) -> Ink:
    """One character at the common size, not blown up across its own grain."""
    size = (CELL_SIDE, CELL_SIDE)
    if max(cell.shape) > 2.2 * min(cell.shape):  # 一 and its like keep their form
        scale = CELL_SIDE / max(cell.shape)
        small = cv2.resize(cell, (max(2, round(cell.shape[1] * scale)), max(2, round(cell.shape[0] * scale))))
        top, left = (CELL_SIDE - small.shape[0]) // 2, (CELL_SIDE - small.shape[1]) // 2
        canvas = np.zeros(size, np.float32)
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
        return canvas
    return np.asarray(cv2.resize(cell, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _joined(cells: list[Ink]) -> Ink:
    if not cells:
        return np.zeros((8, 8), np.float32)
    gap = np.zeros((CELL_SIDE, CELL_SIDE // 8), np.float32)
    padded = [piece for cell in cells for piece in (gap, _squared(cell))]
    return np.asarray(np.concatenate([*padded, gap], axis=1), dtype=np.float32)


def _picture(ink: Ink) -> Image:
    pad = max(3, round(ink.shape[0] * 0.12))
    framed = np.pad(ink, pad)
    return np.asarray(np.round(255 * (1 - np.clip(framed, 0, 1))), dtype=np.uint8)
