"""Where on a seal each of its slices lies, told by the rim: a slice's upper and lower end are a chord's.

Positions follow each other as the pages do. The likeliest chain of positions is looked for as a whole: near the
middle chords hardly change, and only the slices on both sides tell that something between them is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Chain", "Profile", "alone", "chained"]

STEP_MM = 0.25  # of positions and heights
SHIFT_MM = 7.0  # by which a page lies higher or lower than the others
LEVEL_MM = 2.5  # … that costs nothing: scanners feed so unevenly
COLUMNS = 10  # of a slice that are compared with the rim
OFF_MM = 2.5  # an end of ink that lies further off the rim is no part of it
RIM_WEIGHT = 14.0  # cost of a millimetre off the rim
LOSS_MM = 0.45  # spread of what the scanner cuts off between two slices
TOUCH_MM = 0.9  # of ink at a cut that is compared with the next slice's
REACH_MM = 40.0  # of ink at a cut, on both sides of the seal's middle
RIM_MM = 2.2  # the rim itself goes on everywhere
SLACK = 3  # steps by which a page's shift may be misjudged
ALIKE = 0.5  # of the radius about the middle: there slices and their mirror images have one outline
SWAPPED = 0.8  # sum of three correlations: of slices in order the sum falls by 0.3 and more when two change places
SWAPPED_APART = 1.1  # … of four, of slices that do not touch
BREAK = 9.0  # cost of a leap: three times the usual spread
OVERLAP = 40.0  # cost of slices that lie on each other, which paper cannot do
RESTART = 5.0  # cost of a new seal behind one that is complete
NEAR_END = 0.7  # of the radius: from there on a seal is complete
RADII_MM = (9.0, 31.0)
RADIUS_STEPS = (-1.0, -0.5, -0.25, 0.0, 0.25, 0.5)
SHAPES = (1.0, 1.33, 1.5)  # width to height of the whole seal: round, and the usual ovals
SHAPE_COST = 1.0  # a slice, in favour of round ones
LEAP_MM = 1.9  # beyond what is usually lost from which a leap is told
LEAP_SHARE = 0.45  # … and in shares of the lesser slice's width


@dataclass(frozen=True, slots=True)
class Profile:
    """A slice's outline: ``x`` mm from its left end, ``top`` and ``bottom`` of its ink in mm from the seal's usual
    middle. ``left`` and ``right``: ink along its two ends, a step each :data:`STEP_MM` from -40 mm on.
    ``place``: of its page in reading order.
    """

    place: int
    width: float
    x: Floats
    top: Floats
    bottom: Floats
    left: Floats
    right: Floats


@dataclass(frozen=True, slots=True)
class Chain:
    """``position``: of each slice's left end, mm from the seal's centre; ``shift``: mm that its page lies lower.
    ``leaps``: index of slices before which the seal does not go on; ``starts``: of those that begin another seal.
    ``misfit``: mm that rims lie off, on average.
    """

    radius: float
    shape: float
    position: tuple[float, ...]
    shift: tuple[float, ...]
    leaps: tuple[int, ...]
    starts: tuple[int, ...]
    misfit: float
    cost: float
    loss: float
    gaps: tuple[float, ...]


def chained(slices: Sequence[Profile]) -> Chain:
    """The likeliest positions of slices, given in the order in which they should follow each other left to right."""
    heights = np.array([float(np.max(s.bottom) - np.min(s.top)) for s in slices])
    base = float(np.quantile(heights, 0.9)) / 2
    coarse = [replace(s, x=s.x[::2], top=s.top[::2], bottom=s.bottom[::2]) for s in slices]
    best: tuple[float, float, float] | None = None
    for shape in SHAPES:
        for step in RADIUS_STEPS:
            radius = min(max(base + step, RADII_MM[0]), RADII_MM[1])
            rims = [_rim_costs(s, radius, shape) for s in coarse]
            cost = _walk(coarse, rims, radius * shape, 0.3)[0] + (shape != 1.0) * SHAPE_COST * len(slices)
            if best is None or cost < best[0]:
                best = (cost, radius, shape)
    assert best is not None
    _, radius, shape = best
    rims = [_rim_costs(s, radius, shape) for s in slices]
    loss = 0.3
    for _ in range(2):  # what is usually lost between two slices is known once they have a place
        cost, path = _walk(slices, rims, radius * shape, loss)
        gaps = _gaps(slices, path)
        usual = [g for (a, b), g in zip(pairwise(slices), gaps, strict=True) if _next(a, b) and -1 < g < 2.5]
        loss = float(np.median(usual)) if len(usual) >= 2 else loss
    return _told(slices, rims, path, radius, shape, cost, loss)


def alone(slices: Sequence[Profile], radius: float, shape: float) -> tuple[float, ...]:
    """Where each slice fits the rim best, told by itself: mm from the seal's centre to its middle."""
    grid = _grid(radius * shape)
    return tuple(float(grid[int(np.argmin(_rim_costs(s, radius, shape)[0]))]) + s.width / 2 for s in slices)


def _grid(reach: float) -> Floats:
    return np.arange(-reach - 2.0, reach + 1.0 + STEP_MM, STEP_MM)


def _rim_costs(one: Profile, radius: float, shape: float) -> tuple[Floats, Floats]:
    """For each position of the slice's left end: mm that its ends of ink lie off the rim, and the best shift."""
    starts = _grid(radius * shape)
    u = (starts[:, None] + one.x[None, :]) / shape
    half = np.sqrt(np.maximum(0.0, radius**2 - u**2))
    beyond = (np.abs(u) > radius + 0.6) * OFF_MM
    shifts = np.arange(-SHIFT_MM, SHIFT_MM + STEP_MM, STEP_MM)
    over = np.minimum(np.abs(one.top[None, None, :] - shifts[None, :, None] + half[:, None, :]), OFF_MM)
    under = np.minimum(np.abs(one.bottom[None, None, :] - shifts[None, :, None] - half[:, None, :]), OFF_MM)
    off = np.maximum(0.5 * (over + under), beyond[:, None, :]).mean(axis=2)
    off = off + 0.08 * np.maximum(0.0, np.abs(shifts) - LEVEL_MM)[None, :]
    at = np.argmin(off, axis=1)
    return off[np.arange(len(starts)), at], shifts[at]


def _walk(
    slices: Sequence[Profile], rims: Sequence[tuple[Floats, Floats]], reach: float, loss: float
) -> tuple[float, list[int]]:
    """The cheapest chain of positions (Viterbi): its cost, and indexes into the grid."""
    grid = _grid(reach)
    widths = [s.width for s in slices]
    usual = float(np.median(widths))
    cost = RIM_WEIGHT * rims[0][0]
    back: list[NDArray[np.intp]] = []
    for i, (one, other) in enumerate(pairwise(slices)):
        lost = grid[None, :] - grid[:, None] - one.width
        between = abs(other.place - one.place) - 1
        if between:
            # a page between that lacks its slice leaves a gap, or was put in and leaves none
            most = between * usual * 1.5 + 1.5
            step = np.where(lost < loss, (lost - loss) ** 2, np.maximum(0.0, lost - most) ** 2) / LOSS_MM**2
        else:
            step = (lost - loss) ** 2 / LOSS_MM**2
        # Slices lie beside each other: one begins behind the other's end, or ends before its beginning.
        apart = (lost - loss > LEAP_MM) | (lost + one.width + other.width < 1.0)
        step = np.minimum(step, np.where(apart, BREAK, OVERLAP))
        again = (grid[:, None] + one.width > NEAR_END * reach) & (grid[None, :] < -NEAR_END * reach)
        step = np.where(again, np.minimum(step, RESTART), step)
        total = cost[:, None] + step
        at = np.argmin(total, axis=0)
        back.append(at)
        cost = total[at, np.arange(len(grid))] + RIM_WEIGHT * rims[i + 1][0]
    last = int(np.argmin(cost))
    path = [last]
    for at in reversed(back):
        path.append(int(at[path[-1]]))
    return float(cost.min()), path[::-1]


def _goes_on(one: Profile, other: Profile, shifts: tuple[float, float], radius: float) -> float:
    """How well the ink within the rim at one slice's right end goes on at another's left end: a correlation.

    0.5 where there is none on either side.
    """
    places = np.arange(len(one.right)) * STEP_MM - REACH_MM
    inside = np.abs(places) < radius - RIM_MM
    near = np.roll(one.right, -round(shifts[0] / STEP_MM))
    best = -1.0
    for step in range(-SLACK, SLACK + 1):
        far = np.roll(other.left, step - round(shifts[1] / STEP_MM))
        a, b = (np.convolve(ink[inside], (0.25, 0.5, 0.25), "same") for ink in (near, far))
        if max(a.sum(), b.sum()) < 1:
            return 0.5
        best = max(best, float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-6)))
    return best


def _swapped(slices: Sequence[Profile], found: Chain) -> list[int]:
    """Indexes of slices that stand in each other's place: about the middle their rims are alike, their ink is not."""
    reach = found.radius * found.shape
    broken = {*found.leaps, *found.starts}
    free = [
        i
        for i in range(1, len(slices) - 1)
        if abs(found.position[i] + slices[i].width / 2) < ALIKE * reach
        and not {i, i + 1} & broken
        and _next(slices[i - 1], slices[i])
        and _next(slices[i], slices[i + 1])
    ]

    @cache
    def on(a: int, b: int) -> float:
        return _goes_on(slices[a], slices[b], (found.shift[a], found.shift[b]), found.radius)

    def gain(i: int, k: int) -> float:
        order = list(range(len(slices)))
        order[i], order[k] = k, i
        at = sorted({i - 1, i, k - 1, k})
        return sum(on(order[j], order[j + 1]) - on(j, j + 1) for j in at)

    pairs = [(gain(i, k), i, k) for i in free for k in free if k == i + 1 or (i < k and _alike(slices[i], slices[k]))]
    best = max(pairs, default=(0.0, 0, 0))
    return [best[1], best[2]] if best[0] > (SWAPPED if best[2] == best[1] + 1 else SWAPPED_APART) else []


def _alike(one: Profile, other: Profile) -> bool:
    """Whether two slices may stand in each other's place without moving those between."""
    return abs(one.width - other.width) < 1.5


def _next(one: Profile, other: Profile) -> bool:
    """Whether no page lies between."""
    return abs(other.place - one.place) == 1


def _gaps(slices: Sequence[Profile], path: Sequence[int]) -> list[float]:
    return [STEP_MM * (q - p) - one.width for one, p, q in zip(slices, path, path[1:], strict=False)]


def _told(
    slices: Sequence[Profile],
    rims: Sequence[tuple[Floats, Floats]],
    path: Sequence[int],
    radius: float,
    shape: float,
    cost: float,
    loss: float,
) -> Chain:
    grid = _grid(radius * shape)
    reach = radius * shape
    leaps, starts = [], []
    gaps = _gaps(slices, path)
    for i, gap in enumerate(gaps, start=1):
        one, other = slices[i - 1], slices[i]
        if grid[path[i - 1]] + one.width > NEAR_END * reach and grid[path[i]] < -NEAR_END * reach:
            starts.append(i)
        else:
            most = max(LEAP_MM, LEAP_SHARE * min(one.width, other.width))
            if gap - loss < -most or (gap - loss > most and _next(one, other)):
                leaps.append(i)
    found = Chain(
        radius=radius,
        shape=shape,
        position=tuple(float(grid[p]) for p in path),
        shift=tuple(float(rim[1][p]) for rim, p in zip(rims, path, strict=True)),
        leaps=tuple(leaps),
        starts=tuple(starts),
        misfit=float(np.mean([rim[0][p] for rim, p in zip(rims, path, strict=True)])),
        cost=cost,
        loss=loss,
        gaps=tuple(gaps),
    )
    crossed = _swapped(slices, found)
    return replace(found, leaps=tuple(sorted({*leaps, *crossed}))) if crossed else found
