"""Frames on a map of ink: square and rectangular seals, told from table cells and print.

At each angle that a stamp may be turned by, the edges that lie along it are gathered into straight sides, gaps and all.
Two sides of like length facing each other, with ink along both ends, are a frame; sides that run on past the corners
are a table's. Worn frames, frames across print and frames crossing each other keep enough of their sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.seals.quantile import quantile
from pipeline.seals.rings import Edges, Ellipse, around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Map = NDArray[np.float32]
    Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]

__all__ = ["FRAME_FEATURES", "frame_features", "frames_in", "likely_turns", "refined"]

SIDE_MM = (6.5, 62.0)  # of a seal's frame: the shorter side of a narrow name seal to the longer of a receipt stamp
MAX_ASPECT = 4.5
STEP = 2  # px of a bin across a side: a side is one to four px thick
ALONG = 3  # px of a bin along a side
FULL = ALONG - 1  # edge pixels of a full bin
TURN_SLACK = math.radians(4.5)  # by which an edge's own direction may differ: print disturbs it
GAPS = ((6.5, 0.33),)  # mm over which a side's ink is averaged, and how much of it makes a side
ENDS_MM = 3.0  # within which of a side's end its corner may lie
MIN_SIDE = 0.25  # ink of the weakest side: worn frames have no more, and are judged afterwards
MIN_MEAN = 0.45  # ink of all four
RUN_ON_MM = (1.5, 4.5)  # beyond a corner, where a table's rule goes on
MOST_SIDES = 150  # of one direction and turn; the longest say enough
MOST_TRIED = 300  # pairs of one direction and turn that are measured out
MOST = 24  # frames kept
LEFT, TOP, WIDTH, HEIGHT = range(4)  # of a box
PEAKS = 7  # turns tried where any may be
PEAK_STEP = 2.0  # degrees


@dataclass(frozen=True, slots=True)
class _Sides:
    """Straight sides of one direction: rows of (across, start, end) in px, and the ink they were taken from.

    ``ink``: of each bin (across, along), 0 to :data:`FULL`; ``near``: the most within a corner's reach across.
    """

    rows: NDArray[np.float32]
    ink: Bytes
    near: Bytes
    origin: tuple[float, float]

    def running(self) -> _Running:
        """Ink summed up from bin to bin: what lies on a line is one difference."""
        return _Running(_summed(self.ink), _summed(self.near), (self.ink.shape[0], self.ink.shape[1]), self.origin)


@dataclass(frozen=True, slots=True)
class _Running:
    """Running sums of the ink along the sides, row after row; ``near``: never less than any line within reach."""

    ink: NDArray[np.int32]
    near: NDArray[np.int32]
    shape: tuple[int, int]
    origin: tuple[float, float]


def frames_in(edges: Edges, *, px_per_mm: float, turns: Sequence[float]) -> list[Ellipse]:
    """Rectangles with ink along all four sides: half sides ``a`` >= ``b``, ``votes``: how much ink, less what runs on.

    :param turns: degrees that frames may be turned by
    """
    found = [frame for turn in turns for frame in _at_turn(edges, math.radians(turn), px_per_mm)]
    kept: list[Ellipse] = []
    for frame in sorted(found, key=lambda e: -e.votes):
        if not any(_alike(frame, k) for k in kept):
            kept.append(frame)
        if len(kept) >= MOST:
            break
    return [refined(edges, frame) for frame in kept]


def refined(edges: Edges, frame: Ellipse) -> Ellipse:
    """The frame laid by least squares along the edges of each of its sides: finer than bins and turns."""
    cos, sin = math.cos(frame.angle), math.sin(frame.angle)
    reach = math.hypot(frame.a, frame.b) * 1.1
    own = around(edges, (frame.x, frame.y), (reach, reach))
    dx, dy = own.x - frame.x, own.y - frame.y
    u, v = dx * cos + dy * sin, dy * cos - dx * sin
    along_u = np.abs(own.nx * cos + own.ny * sin) < math.sin(1.5 * TURN_SLACK)
    along_v = np.abs(own.ny * cos - own.nx * sin) < math.sin(1.5 * TURN_SLACK)
    slopes, places = [], []
    level_sides = [(v, u, at, frame.a, along_u) for at in (-frame.b, frame.b)]
    for across, along, at, half, level in (*level_sides, *((u, v, at, frame.b, along_v) for at in (-frame.a, frame.a))):
        near = level & (np.abs(across - at) < 2.5 * STEP) & (np.abs(along) < half)
        if np.count_nonzero(near) < 0.3 * half:
            return frame
        slope, place = _line(along[near], across[near])
        slopes.append(slope)
        places.append(place)
    turn = (slopes[0] + slopes[1] - slopes[2] - slopes[3]) / 4
    if abs(turn) > 2 * TURN_SLACK:
        return frame
    mu, mv = (places[2] + places[3]) / 2, (places[0] + places[1]) / 2
    half_u, half_v = (places[3] - places[2]) / 2 + 1, (places[1] - places[0]) / 2 + 1
    x, y = frame.x + mu * cos - mv * sin, frame.y + mu * sin + mv * cos
    angle = frame.angle + turn
    if half_u < half_v:
        half_u, half_v, angle = half_v, half_u, angle + math.pi / 2
    return Ellipse(x, y, half_u, half_v, angle, frame.votes)


def _line(x: NDArray[Any], y: NDArray[Any]) -> tuple[float, float]:
    """Slope and height at 0 of the straight line through points, by least squares."""
    mx, my = float(x.mean(dtype=np.float64)), float(y.mean(dtype=np.float64))
    dx = x - mx
    square = float(dx @ dx)
    slope = float(dx @ (y - my)) / square if square > 0 else 0.0
    return slope, my - slope * mx


def likely_turns(edges: Edges) -> list[float]:
    """The degrees, -45 to 45, that most edges of a map lie along or across."""
    angles = np.degrees(np.arctan2(edges.ny, edges.nx)) % 90
    bins = round(90 / PEAK_STEP)
    counts = np.bincount((angles / PEAK_STEP).astype(int) % bins, minlength=bins).astype(float)
    smooth = counts + 0.5 * (np.roll(counts, 1) + np.roll(counts, -1))
    peaks = (smooth >= np.roll(smooth, 1)) & (smooth > np.roll(smooth, -1)) & (smooth > 0.8 * smooth.mean())
    at = np.flatnonzero(peaks)
    at = at[np.argsort(-smooth[at])][:PEAKS]
    middles = [(k + 0.5) * PEAK_STEP for k in at]
    return [m - 90 if m > 45 else m for m in middles]


def _alike(one: Ellipse, other: Ellipse) -> bool:
    apart = math.hypot(one.x - other.x, one.y - other.y)
    return apart < 0.3 * other.b and abs(math.log(one.mean_radius / other.mean_radius)) < 0.25


def _at_turn(edges: Edges, turn: float, px_per_mm: float) -> list[Ellipse]:
    cos, sin = math.cos(turn), math.sin(turn)
    normal_u = np.abs(edges.nx * np.float32(cos) + edges.ny * np.float32(sin))
    level = np.flatnonzero(normal_u < math.sin(TURN_SLACK))
    upright = np.flatnonzero(normal_u > math.cos(TURN_SLACK))
    if min(len(level), len(upright)) < 3 * SIDE_MM[0] * px_per_mm:
        return []
    u, v = edges.x * cos + edges.y * sin, edges.y * cos - edges.x * sin
    origin = (float(u.min()), float(v.min()))
    size = (float(u.max()) - origin[0] + 1, float(v.max()) - origin[1] + 1)
    across = _sides(v[level] - origin[1], u[level] - origin[0], (size[1], size[0]), px_per_mm, (origin[1], origin[0]))
    down = _sides(u[upright] - origin[0], v[upright] - origin[1], size, px_per_mm, origin)
    facing = _facing(across.rows, px_per_mm), _facing(down.rows, px_per_mm)
    if not any(len(one) for one, _ in facing):
        return []
    inks = across.running(), down.running()
    boxes = _paired(across, facing[0], inks, px_per_mm)
    boxes += [(v0, u0, v1, u1, s) for u0, v0, u1, v1, s in _paired(down, facing[1], inks[::-1], px_per_mm)]
    found = []
    for u0, v0, u1, v1, support in boxes:
        mu, mv, half_u, half_v = (u0 + u1) / 2, (v0 + v1) / 2, (u1 - u0) / 2, (v1 - v0) / 2
        angle = turn if half_u >= half_v else turn + math.pi / 2
        x, y = mu * cos - mv * sin, mu * sin + mv * cos
        found.append(Ellipse(x, y, max(half_u, half_v), min(half_u, half_v), angle, support))
    return found


def _sides(
    across: NDArray[Any], along: NDArray[Any], size: tuple[float, float], px_per_mm: float, origin: tuple[float, float]
) -> _Sides:
    """Edges of one direction as ink in bins, and the straight pieces of it."""
    rows, columns = int(size[0] / STEP) + 1, int(size[1] / ALONG) + 1
    flat = (across / STEP).astype(np.int32) * columns + (along / ALONG).astype(np.int32)
    counts = np.bincount(flat, minlength=rows * columns).reshape(rows, columns)
    ink = cv2.dilate(np.minimum(counts, FULL).astype(np.uint8), np.ones((3, 1), np.uint8))
    stats = np.concatenate([_pieces(ink, mm * px_per_mm / ALONG, full) for mm, full in GAPS])
    stats = stats[stats[:, WIDTH] * ALONG > 0.8 * SIDE_MM[0] * px_per_mm]
    stats = stats[np.argsort(-stats[:, WIDTH], kind="stable")][:MOST_SIDES]
    reach = 2 * math.ceil(ENDS_MM * px_per_mm / STEP) + 1
    near = cv2.dilate(ink, np.ones((reach, 1), np.uint8))
    # the mean over a gap's length reaches beyond a full side's end, and falls short of a weak one's: neither by much
    middle = (stats[:, TOP] + stats[:, HEIGHT] / 2) * STEP
    start = stats[:, LEFT] * ALONG
    places = np.stack([middle, start, start + stats[:, WIDTH] * ALONG], axis=1).astype(np.float32)
    moved = places + np.array([origin[0], origin[1], origin[1]], np.float32)
    return _Sides(moved, np.asarray(ink, np.uint8), np.asarray(near, np.uint8), origin)


def _summed(ink: Bytes) -> NDArray[np.int32]:
    sums = np.zeros(ink.size + 1, np.int32)
    np.cumsum(ink.ravel(), dtype=np.int32, out=sums[1:])
    return sums


def _pieces(ink: Bytes, gap: float, full: float) -> NDArray[np.int32]:
    """Boxes (x, y, width, height), in bins, of stretches that hold ink on average over ``gap`` bins."""
    reach = max(3, round(gap)) | 1
    summed = cv2.boxFilter(ink, cv2.CV_16U, (reach, 1), normalize=False, borderType=cv2.BORDER_CONSTANT)
    full_ones = cv2.compare(summed, full * FULL * reach, cv2.CMP_GT)
    # outlines of pieces, five times quicker than numbering all their pixels; holes have a parent
    outlines, family = cv2.findContours(full_ones, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [cv2.boundingRect(o) for o, kin in zip(outlines, family[0], strict=True) if kin[3] < 0] if outlines else []
    return np.array(boxes[::-1], np.int32).reshape(-1, 4)


def _ink_along(
    sides: _Running, across: NDArray[Any], start: NDArray[Any], end: NDArray[Any], *, near: bool = False
) -> NDArray[Any]:
    """Mean ink from ``start`` to ``end`` on the line at ``across``; ``near``: at most, on any line close to it."""
    summed, (rows, columns) = sides.near if near else sides.ink, sides.shape
    row = np.floor((across - sides.origin[0]) / STEP).astype(np.int32)
    on = (row >= 0) & (row < rows)
    row = np.where(on, row, 0) * columns
    first = ((start - sides.origin[1]) / ALONG).astype(np.int32)
    stop = np.ceil((end - sides.origin[1]) / ALONG).astype(np.int32)
    inside = (np.minimum(np.maximum(at, 0), columns) for at in (first, stop))
    before, after = (summed[row + place] for place in inside)
    ink = after - before
    return np.asarray(ink * on / (FULL * np.maximum(1, stop - first)))


def _best_near(
    sides: _Running, across: NDArray[Any], start: NDArray[Any], end: NDArray[Any], reach: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The fullest line within ``reach`` px of ``across``: its ink and its place."""
    offsets = np.arange(-reach, reach + 0.1, STEP)
    inks = _ink_along(sides, across + offsets[:, None], start, end)
    best = inks.argmax(axis=0)
    return inks.max(axis=0), across + offsets[best]


def _facing(rows: NDArray[np.float32], px_per_mm: float) -> Pairs:
    """Indexes of the sides that face each other as a frame's do: first the nearer to the origin."""
    low, high = SIDE_MM[0] * px_per_mm, SIDE_MM[1] * px_per_mm
    at, start, stop = rows[:, 0], rows[:, 1], rows[:, 2]
    length = stop - start
    apart = at[None, :] - at[:, None]
    one, other = np.nonzero((apart > low) & (apart < high))
    apart, shorter = apart[one, other], np.minimum(length[one], length[other])
    shared = np.minimum(stop[one], stop[other]) - np.maximum(start[one], start[other])
    fit = (shared > 0.7 * shorter) & (shorter > 0.85 * low) & (shorter < 1.1 * high)
    fit &= (shorter < MAX_ASPECT * apart) & (apart < MAX_ASPECT * shorter)
    return one[fit], other[fit]


def _paired(
    own: _Sides, facing: Pairs, summed: tuple[_Running, _Running], px_per_mm: float
) -> list[tuple[float, float, float, float, float]]:
    """Frames (along 0, across 0, along 1, across 1, support) of facing sides with ends between them.

    ``summed``: ink of the sides' own direction, and of the ends'.
    """
    one, other = facing
    if len(one) == 0:
        return []
    sides, ends = summed
    low = SIDE_MM[0] * px_per_mm
    at, start, stop = own.rows[:, 0], own.rows[:, 1], own.rows[:, 2]
    length = stop - start
    # a rule or a word may lengthen one side: the shorter tells the corners, or, where it is worn, both together
    first = np.concatenate(
        [np.where(length[one] <= length[other], start[one], start[other]), np.minimum(start[one], start[other])]
    )
    final = np.concatenate(
        [np.where(length[one] <= length[other], stop[one], stop[other]), np.maximum(stop[one], stop[other])]
    )
    v0, v1 = np.tile(at[one], 2), np.tile(at[other], 2)
    bound = np.minimum(_ink_along(ends, first, v0, v1, near=True), _ink_along(ends, final, v0, v1, near=True))
    likely = np.flatnonzero(bound > MIN_SIDE * 1.25)
    likely = likely[np.argsort(-bound[likely] * np.sqrt(v1 - v0)[likely], kind="stable")][:MOST_TRIED]
    first, final, v0, v1 = first[likely], final[likely], v0[likely], v1[likely]
    reach = ENDS_MM * px_per_mm
    left_ink, left = _best_near(ends, first, v0, v1, reach)
    right_ink, right = _best_near(ends, final, v0, v1, reach)
    top_ink, bottom_ink = _ink_along(sides, v0, left, right), _ink_along(sides, v1, left, right)
    inks = np.stack([left_ink, right_ink, top_ink, bottom_ink])
    near, far = (mm * px_per_mm for mm in RUN_ON_MM)
    on = [
        _ink_along(sides, v, edge + min(a, b), edge + max(a, b))
        for v in (v0, v1)
        for edge, a, b in ((left, -far, -near), (right, near, far))
    ]
    small = np.minimum(v1 - v0, right - left) / (SIDE_MM[0] * px_per_mm)
    size = np.sqrt(
        np.clip(small, 0.5, 3.0) / 3.0
    )  # four lines of print meet by chance the sooner, the shorter they are
    support = (inks.mean(axis=0) + inks.min(axis=0)) / 2 * (0.5 + 0.5 * size) - 0.3 * np.mean(on, axis=0)
    good = (inks.min(axis=0) > MIN_SIDE) & (inks.mean(axis=0) > MIN_MEAN) & (right - left > low)
    order = np.flatnonzero(good)
    order = order[np.argsort(-support[order])][:MOST]
    return [(float(left[k]), float(v0[k]), float(right[k]), float(v1[k]), float(support[k])) for k in order]


# ----------------------------------------------------------------------------------------------------------- evidence

GRID = 48  # samples across a frame made straight
BEYOND = 0.16  # of the half side: how far outside the frame is looked at
_AXIS = np.linspace(-1 - BEYOND, 1 + BEYOND, GRID, dtype=np.float32)
_U, _V = np.meshgrid(_AXIS, _AXIS)
_RHO = np.maximum(np.abs(_U), np.abs(_V))
_BINS = np.clip(((_RHO) / (1 + BEYOND) * 16).astype(int), 0, 15)
_SIDE_BAND = np.abs(_RHO - 0.97) < 0.07
_MARGIN = np.flatnonzero(_RHO > 1.06)
_CORE = np.flatnonzero(_RHO < 0.86)
MIN_STRENGTH = 0.05
INKED = 0.4

FRAME_FEATURES = (
    *("side_0", "side_1", "side_2", "side_3", "weakest", "support", "core", "margin", "runs_on", "across", "down"),
    *("rows", "columns", "solid", "aspect", "mm_a", "mm_b", "px", "turn", "strength"),
    *(f"rho_{k}" for k in range(16)),
)


def _run(inside: NDArray[np.bool_]) -> slice:
    """The one stretch of True."""
    at = np.flatnonzero(inside)
    return slice(int(at[0]), int(at[-1]) + 1)


_ENDS = np.abs(np.abs(_AXIS) - 0.97) < 0.08
_LOW, _HIGH = _run(_ENDS & (_AXIS < 0)), _run(_ENDS & (_AXIS > 0))
_WITHIN = _run(np.abs(_AXIS) < 0.95)
_OUT, _SIDE = np.flatnonzero(np.abs(_AXIS) > 1.07), np.flatnonzero(np.abs(np.abs(_AXIS) - 0.97) < 0.06)
_BEYOND = (np.ix_(_OUT, _SIDE), np.ix_(_SIDE, _OUT))
_OWN = np.flatnonzero(_RHO < 1.02)
_COUNTS = np.bincount(_BINS.ravel(), minlength=16)


def frame_features(density: Map, frame: Ellipse, *, px_per_mm: float) -> NDArray[np.float32]:
    """Measures of a rectangle, in the order of :data:`FRAME_FEATURES`."""
    patch = _straight(density, frame)
    strength = max(MIN_STRENGTH, quantile(patch.ravel()[_OWN], 0.9))
    patch = np.minimum(patch / np.float32(strength), np.float32(1.5))
    sides = _side_cover(patch)
    core = patch.ravel()[_CORE]
    inner = patch[6:-6, 6:-6]
    ink_rows, ink_columns = inner.mean(axis=1), inner.mean(axis=0)
    values = [
        *sorted(sides),
        min(sides),
        frame.votes,
        float(core.mean()),
        float(patch.ravel()[_MARGIN].mean()),
        _runs_on(patch),
        float(np.abs(np.diff(inner, axis=1)).mean()),
        float(np.abs(np.diff(inner, axis=0)).mean()),
        float(ink_rows.std()),
        float(ink_columns.std()),
        np.count_nonzero(core > 0.6) / len(core),
        frame.b / frame.a,
        math.log(2 * frame.a / px_per_mm),
        math.log(2 * frame.b / px_per_mm),
        math.log(frame.b),
        _turn(frame.angle),
        math.log(strength),
    ]
    profile = np.bincount(_BINS.ravel(), weights=patch.ravel(), minlength=16) / _COUNTS
    return np.concatenate([np.array(values), profile]).astype(np.float32)


def _straight(density: Map, frame: Ellipse) -> Map:
    cos, sin = math.cos(frame.angle), math.sin(frame.angle)
    u, v = _U * frame.a, _V * frame.b
    x, y = frame.x + u * cos - v * sin, frame.y + u * sin + v * cos
    x0, y0 = max(0, int(x.min()) - 2), max(0, int(y.min()) - 2)
    part = density[y0 : max(0, int(y.max()) + 3), x0 : max(0, int(x.max()) + 3)]
    if part.size == 0:
        return np.zeros((GRID, GRID), np.float32)
    soft = cv2.GaussianBlur(part, (0, 0), max(0.5, frame.b / GRID * 0.8))
    return np.asarray(cv2.remap(soft, x - x0, y - y0, cv2.INTER_LINEAR), dtype=np.float32)


def _side_cover(patch: Map) -> list[float]:
    """The share of each side's length that holds ink: left, right, top, bottom."""
    left, right = (patch[_WITHIN, columns].max(axis=1) for columns in (_LOW, _HIGH))
    top, bottom = (patch[rows, _WITHIN].max(axis=0) for rows in (_LOW, _HIGH))
    return [float((side > INKED).mean()) for side in (left, right, top, bottom)]


def _runs_on(patch: Map) -> float:
    """Ink where the sides would go on past the corners: a cell's rules do, a seal's frame does not."""
    above, beside = (patch[places].mean() for places in _BEYOND)
    return float((above + beside) / 2)


def _turn(angle: float) -> float:
    """Degrees off the upright, 0 to 45: a frame set by hand is hardly ever quite straight."""
    return abs((math.degrees(angle) + 45) % 90 - 45)
