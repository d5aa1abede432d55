"""Rings made straight: the rim of a seal fitted, its text band found, the band unrolled.

All geometry is in pixels of a work picture in which the seal has a fixed size (:data:`WORK_RADIUS`), so that every
length here is a share of the seal. Angles are clockwise from the top, in radians; a depth is measured from the rim's
middle line inward along the normal, in shares of the smaller half axis, because engravers set ovals with a band of even
width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.seals.quantile import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = [
    "RIM_MIDDLE",
    "WORK_RADIUS",
    "Arc",
    "Band",
    "Ring",
    "find_arcs",
    "find_band",
    "fit_ring",
    "places_on",
    "rim_cover",
    "rim_level",
    "rings_of_ink",
    "unroll",
]

WORK_RADIUS = 150.0  # px: characters of a company seal come out about 42 px high, near the recogniser's 48
ANGLES = 180  # samples round a rim while it is fitted
PERIMETER_STEPS = 1440  # of the table between angle and arc length
# shift and growth in shares of the radius, tilt in radians: standard deviations
FIT_ROUNDS = ((0.08, 0.07, 0.06), (0.05, 0.05, 0.06), (0.02, 0.02, 0.03), (0.008, 0.008, 0.01))
TILT_OF_ROUND = 6.0  # times as far a nearly round ring may be tilted: a photo's slant has any direction
OVAL = 0.88  # axes' proportion under which a tilt can be told (and a seal counts as oval)
FIT_TRIES = 160  # candidates a round
STROKE_PERCENTILE = 93  # of a strip's pixels: strokes cover a fifth of it
FAINTEST = 0.15  # of full ink: a strip without strokes is not blown up into noise
# Of the name's height, from its heads: the code's digits reach only into the first range, the corners of the straight
# text only into the second; a character of the name has ink in both.
GAP_SHARES = ((0.12, 0.42), (0.5, 0.85))
TOP_DEPTHS = (0.03, 0.17)  # where the clear line between rim and name may lie
BOTTOM_DEPTHS = (0.24, 0.52)  # where the name's feet may lie
MAX_ARCS = 3  # gaps that are tried
RIVAL_GAP = 0.6  # of the longest gap: a gap as long may be the true one
WIDE_GAP_DEGREES = 45  # a name leaves at least that much, unless its ring is crowded
RIM_INK = 0.35  # of full ink, from which a place is inked
RIM_MIDDLE = 0.975  # of the outer half axis: where the middle line of a 1 mm rim runs on a seal of 40 mm
MAX_PIECES = 3
RIM_PERCENTILE = 65  # of the angles: print that crosses a rim covers fewer than a third of them
MAX_STRIP = 8000  # px: no ring's text is that long, and OpenCV cannot sample more than 32767
QUIET = 0.22  # ink, in shares of the name's own, below which an angle holds no character


@dataclass(frozen=True, slots=True)
class Ring:
    """The rim's middle line: an ellipse; ``tilt``: clockwise turn of its first axis from the horizontal, radians."""

    cx: float
    cy: float
    a: float
    b: float
    tilt: float = 0.0

    @property
    def small(self) -> float:
        return min(self.a, self.b)

    def points(self, t: Ink) -> tuple[Ink, Ink, Ink, Ink]:
        """x, y on the rim and the outward unit normal, for parameters clockwise from the top."""
        x, y = self.a * np.sin(t), -self.b * np.cos(t)
        nx, ny = np.sin(t) / self.a, -np.cos(t) / self.b
        length = np.hypot(nx, ny)
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        nx, ny = nx / length, ny / length
        return (
            np.asarray(self.cx + x * cos - y * sin, np.float32),
            np.asarray(self.cy + x * sin + y * cos, np.float32),
            np.asarray(nx * cos - ny * sin, np.float32),
            np.asarray(nx * sin + ny * cos, np.float32),
        )


@dataclass(frozen=True, slots=True)
class Band:
    """Depths between which the name stands."""

    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Arc:
    """From where to where the name runs, clockwise, as parameters of the ring; ``sure`` says how clear the gap is."""

    start: float
    end: float
    sure: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2

    @property
    def span(self) -> float:
        return self.end - self.start


def fit_ring(ink: Ink, first: Ring) -> Ring:
    """The rim near ``first``: the ellipse under which the most ink lies, evenly round.

    A random search in shrinking rounds; the same picture gives the same ring.
    """
    soft = cv2.GaussianBlur(ink, (0, 0), 2.0)
    rng = np.random.default_rng(7)
    best = np.array([first.cx, first.cy, first.a, first.b, first.tilt])
    best_score = float(_rim_scores(soft, best[None])[0])
    oval = first.small < OVAL * max(first.a, first.b)
    for shift, growth, turn in FIT_ROUNDS:
        scale = min(best[2], best[3])
        spread = np.array(
            [shift * scale, shift * scale, growth * scale, growth * scale, turn if oval else turn * TILT_OF_ROUND]
        )
        noise = rng.normal(size=(FIT_TRIES, 5)) * spread
        noise[: FIT_TRIES // 2, 3] = noise[: FIT_TRIES // 2, 2]  # half of the tries keep the proportion
        tries = best + noise
        scores = _rim_scores(soft, tries)
        top = int(scores.argmax())
        if scores[top] > best_score:
            best, best_score = tries[top], float(scores[top])
    return Ring(*(float(v) for v in best))


def _rim_scores(soft: Ink, tries: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ink under each ellipse less the ink just outside it; the median keeps print that crosses from counting."""
    t = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    cos, sin = np.cos(tries[:, 4:5]), np.sin(tries[:, 4:5])
    x, y = tries[:, 2:3] * np.sin(t), -tries[:, 3:4] * np.cos(t)
    dx, dy = x * cos - y * sin, x * sin + y * cos
    under = _sampled(soft, tries[:, 0:1] + dx, tries[:, 1:2] + dy)
    outside = _sampled(soft, tries[:, 0:1] + 1.09 * dx, tries[:, 1:2] + 1.09 * dy)
    sectors = under.reshape(len(tries), 12, -1).mean(axis=2)
    return np.asarray(under.mean(axis=1) + 0.5 * np.median(sectors, axis=1) - 0.35 * outside.mean(axis=1))


def rim_cover(ink: Ink, ring: Ring) -> float:
    """Share of a ring's angles under which ink lies: near 1 on a true rim, less where it is worn or the ring is off."""
    t = np.linspace(0, 2 * np.pi, 240, endpoint=False, dtype=np.float32)
    under = depth_picture(ink, ring, np.linspace(-0.025, 0.025, 5, dtype=np.float32), t).max(axis=0)
    return float((under > RIM_INK).mean())


def rings_of_ink(ink: Ink) -> list[Ring]:
    """Ellipses round the largest connected pieces of ink: rims, wherever they are."""
    solid = cv2.morphologyEx((ink > RIM_INK).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    large = sorted(contours, key=lambda c: -math.prod(cv2.boundingRect(c)[2:]))[:MAX_PIECES]
    hulls = [cv2.convexHull(contour) for contour in large if max(cv2.boundingRect(contour)[2:]) > WORK_RADIUS]
    return [_upright_ring(cv2.fitEllipse(hull)) for hull in hulls if len(hull) >= 5]


def _upright_ring(ellipse: Any) -> Ring:
    """OpenCV's ellipse (round the rim's outside) as a ring whose first axis is the one nearer the horizontal."""
    (cx, cy), (first, second), degrees = ellipse
    a, b = first / 2 * RIM_MIDDLE, second / 2 * RIM_MIDDLE
    if 45 < degrees % 180 < 135:
        a, b, degrees = b, a, degrees - 90
    return Ring(cx, cy, a, b, math.radians((degrees + 90) % 180 - 90))


def rim_level(density: Ink, ring: Ring) -> float:
    """The density of a rim: of the densest places near it, one a angle, the typical full one; gaps do not count."""
    t = np.linspace(0, 2 * np.pi, 360, endpoint=False, dtype=np.float32)
    depths = np.linspace(-0.07, 0.07, 22, dtype=np.float32)
    densest = depth_picture(cv2.GaussianBlur(density, (0, 0), 0.8), ring, depths, t).max(axis=0)
    return quantile(densest, RIM_PERCENTILE / 100)


def _sampled(picture: Ink, x: NDArray[Any], y: NDArray[Any]) -> Ink:
    sampled = cv2.remap(
        picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )
    return np.asarray(sampled, dtype=np.float32)


def depth_picture(ink: Ink, ring: Ring, depths: Ink, t: Ink) -> Ink:
    """Ink by depth (rows) and parameter (columns)."""
    x, y, nx, ny = ring.points(t)
    inward = depths[:, None] * ring.small
    return _sampled(ink, x[None] - inward * nx[None], y[None] - inward * ny[None])


def find_arcs(ink: Ink, ring: Ring) -> tuple[Arc, ...]:
    """Where the name may run, the likeliest first: all but a long stretch without ink at the name's depth.

    One arc where one gap is much longer than all others; print that crosses the gap, or a crowded ring, gives more.
    """
    t = np.linspace(0, 2 * np.pi, 360, endpoint=False, dtype=np.float32)
    band = find_band(ink, ring, Arc(-math.pi * 0.6, math.pi * 1.4, 0.0))
    smooth = np.minimum(*(_smooth_profile(ink, ring, band, shares, t) for shares in GAP_SHARES))
    level = QUIET * quantile(smooth, 0.75)
    gaps = sorted(_circular_runs(smooth < level), key=lambda run: run[1], reverse=True)
    wide = np.convolve(np.tile(smooth, 3), np.ones(WIDE_GAP_DEGREES) / WIDE_GAP_DEGREES, mode="same")[360:720]
    quietest = int(wide.argmin())
    if not any((quietest - start) % 360 <= length for start, length in gaps[:MAX_ARCS]):
        half = WIDE_GAP_DEGREES // 3
        gaps.insert(0 if not gaps or gaps[0][1] < half else 1, ((quietest - half) % 360, 2 * half))
    longest = gaps[0][1]
    second = gaps[1][1] if len(gaps) > 1 else 0
    sure = (longest - second) / longest
    rivals = [gap for gap in gaps[:MAX_ARCS] if gap[1] >= RIVAL_GAP * longest]
    return tuple(_arc_of(start, start + length, sure) for start, length in rivals)


def _smooth_profile(ink: Ink, ring: Ring, band: Band, shares: tuple[float, float], t: Ink) -> Ink:
    """Mean ink at each degree between two shares of the band's height, over 9 degrees."""
    low, high = (band.top + share * (band.bottom - band.top) for share in shares)
    profile = depth_picture(ink, ring, np.linspace(low, high, 10, dtype=np.float32), t).mean(axis=0)
    wide = np.concatenate([profile[-4:], profile, profile[:4]])
    return np.asarray(np.convolve(wide, np.ones(9) / 9, mode="valid"), dtype=np.float32)


def _arc_of(gap_start: int, gap_end: int, sure: float) -> Arc:
    """The arc left by a gap, in whole degrees."""
    start, end = math.radians(gap_end), math.radians(gap_start + 360)
    while (start + end) / 2 > math.pi:
        start, end = start - 2 * math.pi, end - 2 * math.pi
    return Arc(start, end, sure)


def _circular_runs(low: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and length of each run of True on a circle; empty where all or none are True."""
    n = len(low)
    if low.all() or not low.any():
        return []
    first = int(np.flatnonzero(~low)[0])
    turned = np.roll(low, -first)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], turned.astype(np.int8), [0]])))
    return [(int(s + first) % n, int(e - s)) for s, e in zip(edges[::2], edges[1::2], strict=True)]


def find_band(ink: Ink, ring: Ring, arc: Arc) -> Band:
    """The depths of the name, from the ink along its arc: a clear line under the rim, another under the feet."""
    t = np.linspace(arc.start, arc.end, 240, dtype=np.float32)
    depths = np.linspace(0, 0.6, 121, dtype=np.float32)
    profile = depth_picture(ink, ring, depths, t).mean(axis=1)
    profile = np.convolve(np.pad(profile, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    body = quantile(profile[(depths > 0.12) & (depths < 0.3)], 0.7)
    top = _valley(profile, depths, TOP_DEPTHS, body * 0.45, last=True)
    bottom = _valley(profile, depths, (max(BOTTOM_DEPTHS[0], top + 0.14), BOTTOM_DEPTHS[1]), body * 0.3, last=False)
    return Band(top, bottom)


def _valley(profile: Ink, depths: Ink, within: tuple[float, float], level: float, *, last: bool) -> float:
    """A depth of little ink: the last quiet one before the text (``last``) or the first one after; else the least."""
    inside = np.flatnonzero((depths >= within[0]) & (depths <= within[1]))
    quiet = inside[profile[inside] < level]
    if not len(quiet):
        return float(depths[inside[profile[inside].argmin()]])
    return float(depths[quiet[-1] if last else quiet[0]])


def _lengths(ring: Ring, band: Band, arc: Arc) -> tuple[Ink, NDArray[np.float64]]:
    """Parameters of an arc, and for each the length of the way to it along the middle of the band, px."""
    t = np.linspace(arc.start, arc.end, PERIMETER_STEPS, dtype=np.float32)
    x, y, nx, ny = ring.points(t)
    middle = (band.top + band.bottom) / 2 * ring.small
    steps = np.hypot(np.diff(x - middle * nx), np.diff(y - middle * ny))
    return t, np.concatenate([[0.0], np.cumsum(steps)])


def places_on(ring: Ring, band: Band, arc: Arc, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parameters at which shares (0 to 1) of an unrolled strip's width lie."""
    t, along = _lengths(ring, band, arc)
    return np.interp(shares * float(along[-1]), along, t.astype(np.float64))


def unroll(
    picture: Ink, ring: Ring, band: Band, arc: Arc, *, height: int, stretch: float, feet_out: bool = False
) -> Image:
    """The band between two parameters as a straight strip, dark on white, grey (height, width).

    ``stretch`` widens crowded characters. ``feet_out``: read from inside, as the code on the lower arc is (its digits
    stand with their feet to the rim and run anticlockwise).
    """
    table_t, along = _lengths(ring, band, arc)
    depth_px = (band.bottom - band.top) * ring.small
    width = min(MAX_STRIP, max(16, round(float(along[-1]) / max(1.0, depth_px) * height * stretch)))
    t = np.interp(np.linspace(0, along[-1], width), along, table_t).astype(np.float32)
    depths = np.linspace(band.top, band.bottom, height, dtype=np.float32)
    strip = depth_picture(picture, ring, depths, t)
    strip = strip / max(FAINTEST, quantile(strip, STROKE_PERCENTILE / 100))
    if feet_out:
        strip = strip[::-1, ::-1]
    return np.asarray(np.round(255 * (1 - np.clip(strip, 0, 1))), dtype=np.uint8)
