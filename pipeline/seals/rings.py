"""Rings on a map of ink: round and oval rims found by what their edges point at.

Every edge of a rim lies across a line to the centre. So each edge votes for the places at distance r before and behind
it, for every r of a seal; where a whole rim agrees the votes pile up, and neither text nor rules do that. Worn, crossed
and half-inked rims lose votes, not their place; touching and overlapping ones pile up apart. Ovals become circles when
the page is squeezed by their proportion. A candidate is then fitted to its own edges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Map = NDArray[np.float32]
    Bytes = NDArray[np.uint8]
    Points = NDArray[np.floating[Any]]
    Squeeze = tuple[float, float]

__all__ = ["MAX_EDGES", "Edges", "Ellipse", "around", "edges_of", "edges_outside", "fit_rim", "vote_rings"]

EDGE_SOFT = 1.1  # px, blur before edges are taken: the grain of ink is no edge
COHERENCE_REACH = (7, 7)  # px: over how far an edge must keep its direction to be a line
MIN_COHERENCE = 0.35  # of text strokes at this resolution most stay under it, a rim at 10 px radius is over it
CELL, LARGE_CELL = 4, 6  # px of a vote's cell: the direction of an edge is no surer than that at a seal's radius
LARGE = 36.0  # px of radius from which on the larger cell will do
MOST_PEAKS = 24  # of one band and squeeze
BAND = 1.75  # largest to smallest radius of those that vie for a place
RADIUS_STEP = 1.09  # each radius tried is so much longer than the last
MAX_EDGES = 9_000  # that vote: drawn by weight out of more, they say the same
MIN_WORTH = 0.45  # of a vote: below it edges of full weight only would be drawn the more often
AXIS_SLACK = 0.09  # radians round the axes where rules and strokes of print point: those edges vote less
AXIS_SINE = math.sin(AXIS_SLACK)
AXIS_WEIGHT = 0.25
OUTSIDE = 1.08  # of the radius: past the rim and its smear
HOPELESS = 0.24  # votes of a fitted circle that no ellipse will make a rim
AROUND = 1.3  # of a start's box, within which the edges lie that it is fitted to
PARALLEL = 0.94  # cosine between an edge's normal and its ellipse's, from which it runs along that
FLAT = 0.9  # proportion of the axes under which a candidate was voted for as an oval


@dataclass(frozen=True, slots=True)
class Edges:
    """Edge pixels of a map: places (N,), unit normals (N,) and weights (N,), in px of the map."""

    x: Points
    y: Points
    nx: Points
    ny: Points
    weight: Points
    shape: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ellipse:
    """``a`` >= ``b`` are half axes in px; ``angle`` is the clockwise turn of ``a`` from the horizontal, radians."""

    x: float
    y: float
    a: float
    b: float
    angle: float = 0.0
    votes: float = 0.0

    @property
    def mean_radius(self) -> float:
        return math.sqrt(self.a * self.b)

    @property
    def half_size(self) -> tuple[float, float]:
        """Half width and half height of the upright box around it."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return math.hypot(self.a * cos, self.b * sin), math.hypot(self.a * sin, self.b * cos)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        half_w, half_h = self.half_size
        return self.x - half_w, self.y - half_h, self.x + half_w, self.y + half_h

    def scaled(self, factor: float) -> Ellipse:
        """The same about its own centre, ``factor`` times as large."""
        return Ellipse(self.x, self.y, self.a * factor, self.b * factor, self.angle, self.votes)


def edges_of(density: Map, floor: float, *, ceiling: float = 0.5) -> Edges:
    """Edges of lines in a density map.

    :param floor: density step below which there is no edge
    :param ceiling: density above which more ink makes no stronger edge
    """
    soft = cv2.GaussianBlur(cv2.min(density, ceiling), (0, 0), EDGE_SOFT)
    gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    gxx, gyy = cv2.multiply(gx, gx), cv2.multiply(gy, gy)
    magnitude = cv2.add(gxx, gyy)
    steep = cv2.compare(magnitude, (floor * 2.0) ** 2, cv2.CMP_GT)
    at = np.flatnonzero(cv2.bitwise_and(steep, _crests(magnitude, cv2.compare(gxx, gyy, cv2.CMP_GT))))
    xx, yy, xy = (cv2.boxFilter(p, -1, COHERENCE_REACH).ravel()[at] for p in (gxx, gyy, cv2.multiply(gx, gy)))
    total, apart = xx + yy, xx - yy
    spread = np.sqrt(apart * apart + 4 * xy * xy)
    lines = np.flatnonzero(spread > MIN_COHERENCE * total)
    at, xy, total, apart, spread = (v[lines] for v in (at, xy, total, apart, spread))
    rows, columns = np.divmod(at.astype(np.int32), np.int32(density.shape[1]))
    # the tensor's main direction: the normal of the line, surer than one pixel's gradient
    double = apart / spread  # cosine of twice its angle
    nx = np.sqrt((1 + double).clip(0) / 2)
    ny = np.copysign(np.sqrt((1 - double).clip(0) / 2), xy)
    weight = spread / np.maximum(total, 1e-9) * np.where(np.minimum(nx, np.abs(ny)) < AXIS_SINE, AXIS_WEIGHT, 1.0)
    return Edges(
        x=columns.astype(np.float32),
        y=rows.astype(np.float32),
        nx=nx,
        ny=ny,
        weight=weight.astype(np.float32),
        shape=(density.shape[0], density.shape[1]),
    )


def _crests(magnitude: Map, sideways: Bytes) -> Bytes:
    """Where the gradient is greatest across its edge: an edge then is one pixel wide."""
    crest = np.zeros(magnitude.shape, np.uint8)
    middle = magnitude[1:-1, 1:-1]
    across, along = (
        cv2.bitwise_and(cv2.compare(middle, before, cv2.CMP_GE), cv2.compare(middle, after, cv2.CMP_GT))
        for before, after in (
            (magnitude[1:-1, :-2], magnitude[1:-1, 2:]),
            (magnitude[:-2, 1:-1], magnitude[2:, 1:-1]),
        )
    )
    crest[1:-1, 1:-1] = along
    cv2.copyTo(across, sideways[1:-1, 1:-1], crest[1:-1, 1:-1])
    return crest


def vote_rings(
    edges: Edges,
    radii: tuple[float, float],
    *,
    squeezes: Sequence[Squeeze],
    floor: float,
    most: int,
    voters: int = MAX_EDGES,
) -> list[Ellipse]:
    """Where rims may be, best first.

    :param radii: smallest and largest mean radius, px
    :param squeezes: (proportion, degrees) of the ovals looked for, as they lie; (1, 0) is a circle
    :param floor: votes to an expected edge pixel that make a candidate
    :param most: candidates kept
    :param voters: edges that vote
    """
    found: list[Ellipse] = []
    edges, worth = _sampled(edges, voters)
    for squeeze in squeezes:
        found += _vote_circles(edges, radii, floor, squeeze, worth)
    found.sort(key=lambda e: -e.votes)
    return _apart(found, most)


def edges_outside(edges: Edges, rings: Sequence[Ellipse]) -> Edges:
    """The edges that lie neither on nor within any of the rings."""
    out = np.ones(len(edges.x), np.bool_)
    for ring in rings:
        out &= _rho2(*_polar(edges, ring)) > OUTSIDE**2
    return Edges(edges.x[out], edges.y[out], edges.nx[out], edges.ny[out], edges.weight[out], edges.shape)


def _sampled(edges: Edges, voters: int) -> tuple[Edges, float]:
    """Edges drawn by their weight, so that each has one vote, and what a vote is then worth."""
    total = float(edges.weight.sum())
    worth = max(MIN_WORTH, total / voters)
    draws = np.random.default_rng(0).random(len(edges.x), dtype=np.float32)
    kept = np.flatnonzero(draws * worth < edges.weight)
    parts = (edges.x[kept], edges.y[kept], edges.nx[kept], edges.ny[kept], edges.weight[kept])
    return Edges(*parts, edges.shape), worth


def _squeezed(edges: Edges, squeeze: Squeeze) -> tuple[Edges, tuple[float, float]]:
    """The page turned back by the ovals' angle and squeezed by their proportion, so that they are circles of their mean
    radius; and what was taken off its coordinates to begin at 0."""
    proportion, degrees = squeeze
    if proportion == 1.0:
        return edges, (0.0, 0.0)
    k, turn = math.sqrt(proportion), math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    x, y = (edges.x * cos + edges.y * sin) / k, (edges.y * cos - edges.x * sin) * k
    nx, ny = (edges.nx * cos + edges.ny * sin) * k, (edges.ny * cos - edges.nx * sin) / k
    length = np.hypot(nx, ny)
    corners = [(cx * cos + cy * sin, cy * cos - cx * sin) for cx in (0, edges.shape[1]) for cy in (0, edges.shape[0])]
    us, vs = [c[0] / k for c in corners], [c[1] * k for c in corners]
    shape = (math.ceil(max(vs) - min(vs)) + 1, math.ceil(max(us) - min(us)) + 1)
    moved = Edges(x - min(us), y - min(vs), nx / length, ny / length, edges.weight, shape)
    return moved, (min(us), min(vs))


def _vote_circles(
    page: Edges, radii: tuple[float, float], floor: float, squeeze: Squeeze, worth: float
) -> list[Ellipse]:
    edges, offset = _squeezed(page, squeeze)
    k, turn = math.sqrt(squeeze[0]), math.radians(squeeze[1])
    cos, sin = math.cos(turn), math.sin(turn)
    found = []
    for band in _bands(radii):
        for votes, radius, x, y in _peaks(edges, band, worth, floor):
            u, v = (x + offset[0]) * k, (y + offset[1]) / k
            found.append(Ellipse(u * cos - v * sin, u * sin + v * cos, radius * k, radius / k, turn, votes))
    return found


def _bands(radii: tuple[float, float]) -> list[tuple[float, float]]:
    """Radii by size: an emblem or star votes for a small circle at the very centre of its seal's rim."""
    bands, low = [], radii[0]
    while low < radii[1]:
        bands.append((low, min(radii[1], low * BAND)))
        low *= BAND
    return bands


def _peaks(
    edges: Edges, radii: tuple[float, float], worth: float, floor: float
) -> list[tuple[float, float, float, float]]:
    """Votes, radius and place (x, y) of the cells that most edges point at, best first."""
    if len(edges.x) * worth <= floor * 2 * math.pi * radii[0]:
        return []  # not even if all of them pointed at one place
    cell = CELL if radii[0] < LARGE else LARGE_CELL
    pad = int(radii[1] / cell) + 2  # votes that fall outside the page need no test
    shape = (edges.shape[0] // cell + 1 + 2 * pad, edges.shape[1] // cell + 1 + 2 * pad)
    x, y = edges.x / np.float32(cell) + np.float32(pad), edges.y / np.float32(cell) + np.float32(pad)
    tried = _radii(radii)
    counts = _votes(edges, (x, y), [radius / cell for radius in tried], shape)
    votes = counts * np.array([worth / (2 * math.pi * radius) for radius in tried], np.float32)[:, None, None]
    best = votes.max(axis=0)
    if best.max() <= floor:
        return []
    peaks = cv2.compare(best, cv2.dilate(best, np.ones((5, 5), np.uint8)), cv2.CMP_GE) & cv2.compare(
        best, floor, cv2.CMP_GT
    )
    ys, xs = np.nonzero(peaks)
    order = np.argsort(-best[ys, xs])[:MOST_PEAKS]
    ys, xs = ys[order], xs[order]
    ranks = votes[::-1, ys, xs].argmax(axis=0)  # of radii with as many votes the largest
    return [
        (float(best[row, column]), tried[-1 - rank], (column - pad + 0.5) * cell, (row - pad + 0.5) * cell)
        for row, column, rank in zip(ys.tolist(), xs.tolist(), ranks.tolist(), strict=True)
    ]


def _radii(bounds: tuple[float, float]) -> list[float]:
    tried = []
    radius = bounds[0]
    while radius < bounds[1]:
        tried.append(radius)
        radius *= RADIUS_STEP
    return tried


def _votes(
    edges: Edges, places: tuple[Points, Points], radii: Sequence[float], shape: tuple[int, int]
) -> NDArray[np.uint16]:
    """For each radius (first axis) how many edges point at each cell and those about it."""
    rows, columns = shape
    along = np.array(radii, np.float32)[:, None]
    dx, dy = along * edges.nx, along * edges.ny
    first = np.arange(len(radii), dtype=np.int32)[:, None] * np.int32(rows * columns)
    at = np.empty((2, *dx.shape), np.int32)
    for one, x, y in ((at[0], places[0] + dx, places[1] + dy), (at[1], places[0] - dx, places[1] - dy)):
        one[:] = y.astype(np.int32)
        one *= np.int32(columns)
        one += x.astype(np.int32)
        one += first
    total = np.bincount(at.ravel(), minlength=len(radii) * rows * columns).astype(np.uint16)
    # a centre is spread over neighbouring cells; those at the border are empty, so that all radii are one picture
    spread = cv2.boxFilter(total.reshape(-1, columns), -1, (3, 3), normalize=False)
    return np.asarray(spread, np.uint16).reshape(len(radii), rows, columns)


def _apart(found: Sequence[Ellipse], most: int) -> list[Ellipse]:
    """Without those that a better one already says: the same centre and about the same size."""
    if not found:
        return []
    x, y, size = np.array([(e.x, e.y, e.mean_radius) for e in found]).T
    log = np.log(np.maximum(size, 1e-6))
    gone = np.zeros(len(found), np.bool_)
    kept: list[Ellipse] = []
    for k, e in enumerate(found):
        if gone[k]:
            continue
        kept.append(e)
        if len(kept) == most:
            break
        near = np.hypot(x - x[k], y - y[k]) < 0.25 * np.minimum(size, size[k])
        gone |= near & (np.abs(log - log[k]) < 0.22)
    return kept


# ------------------------------------------------------------------------------------------------------------ fitting


def fit_rim(edges: Edges, start: Ellipse, *, oval: bool) -> Ellipse:
    """The candidate fitted to the edges that run along it; as it was where too few do.

    A circle, or an ellipse if ``oval`` allows one and it explains clearly more edges.
    """
    half_w, half_h = start.half_size
    edges = around(edges, (start.x, start.y), (AROUND * half_w, AROUND * half_h))
    circle = _fit(edges, start, free=False)
    if not oval or (circle.votes < HOPELESS and start.b > FLAT * start.a):
        return circle
    ellipse = _fit(edges, start if start.b < FLAT * start.a else circle, free=True)
    return ellipse if ellipse.votes > 1.06 * circle.votes else circle


def around(edges: Edges, middle: tuple[float, float], half: tuple[float, float]) -> Edges:
    """The edges within a box: ``half`` its width and height. Edges are sorted by row."""
    bounds = np.array((middle[1] - half[1], middle[1] + half[1]), edges.y.dtype)  # others have all rows copied
    first, last = np.searchsorted(edges.y, bounds)
    kept = np.flatnonzero(np.abs(edges.x[first:last] - middle[0]) <= half[0]) + first
    parts = (edges.x[kept], edges.y[kept], edges.nx[kept], edges.ny[kept], edges.weight[kept])
    return Edges(*parts, edges.shape)


def _fit(edges: Edges, start: Ellipse, *, free: bool) -> Ellipse:
    current = start
    for tolerance in (max(0.14, LARGE_CELL / start.mean_radius), 0.08, 0.05):
        rho, near = _along(edges, current, tolerance)
        if len(near) < 12:
            return current
        weight = edges.weight[near] * _nearness(rho, tolerance)
        solved = _solve(edges.x[near], edges.y[near], weight, current, free)
        if solved is None:
            return current
        current = solved
        votes = float(edges.weight[near].sum()) / (2 * math.pi * current.mean_radius)
        if votes < HOPELESS:  # of those within the wider reach: there is no rim
            break
    else:
        _, near = _along(edges, current, 0.05)
        votes = float(edges.weight[near].sum()) / (2 * math.pi * current.mean_radius)
    return Ellipse(current.x, current.y, current.a, current.b, current.angle, votes)


def _polar(edges: Edges, e: Ellipse) -> tuple[Points, Points]:
    """Places along the ellipse's axes, in shares of them."""
    cos, sin = math.cos(e.angle), math.sin(e.angle)
    dx, dy = edges.x - e.x, edges.y - e.y
    return dx * (cos / e.a) + dy * (sin / e.a), dy * (cos / e.b) - dx * (sin / e.b)


def _rho2(u: Points, v: Points) -> Points:
    """Square of the distance in shares of the ellipse's radius."""
    return np.asarray(u * u + v * v)


def _along(edges: Edges, e: Ellipse, tolerance: float) -> tuple[Points, NDArray[np.intp]]:
    """Which edges run along the ellipse, and their distances in shares of its radius."""
    u, v = _polar(edges, e)
    rho2 = _rho2(u, v)
    near = np.flatnonzero((rho2 > (1 - tolerance) ** 2) & (rho2 < (1 + tolerance) ** 2))
    cos, sin = math.cos(e.angle), math.sin(e.angle)
    nx, ny = edges.nx[near], edges.ny[near]
    gu, gv = u[near] / e.a, v[near] / e.b  # along the ellipse's own normal there
    across = gu * (nx * cos + ny * sin) + gv * (ny * cos - nx * sin)
    along = np.flatnonzero(across * across > PARALLEL**2 * (gu * gu + gv * gv))
    near = near[along]
    return np.sqrt(rho2[near]), near


def _nearness(rho: Points, tolerance: float) -> Points:
    return np.asarray(np.maximum(0.0, 1 - ((rho - 1) / tolerance) ** 2), dtype=np.float32)


def _solve(x: Points, y: Points, weight: Points, e: Ellipse, free: bool) -> Ellipse | None:
    """Weighted least squares of a circle (or conic), in coordinates about the present ellipse."""
    scale = e.mean_radius
    u, v = ((x - e.x) / scale).astype(np.float64), ((y - e.y) / scale).astype(np.float64)
    squares = u * u + v * v
    parts = np.empty((5 if free else 3, len(u)))
    parts[-3], parts[-2], parts[-1] = u, v, 1.0
    if free:
        parts[0], parts[1] = u * u - v * v, 2 * u * v
    weighted = parts * weight
    ridge = 0.02 * weight.sum() if free else 0.0  # an arc alone does not tell a proportion: then it stays a circle
    normal = weighted @ parts.T
    normal[0, 0] += ridge * free
    normal[1, 1] += ridge * free
    solvable, solution = cv2.solve(normal, (weighted @ squares)[:, None])
    if not solvable:
        return None
    p, q, d, f, g = (0.0,) * (5 - len(solution)) + tuple(solution[:, 0].tolist())
    return _conic(1 - p, -q, 1 + p, -d, -f, -g, e, scale)


def _conic(a: float, b: float, c: float, d: float, e_: float, f: float, old: Ellipse, scale: float) -> Ellipse | None:
    """a u² + 2b uv + c v² + d u + e v + f = 0 as an ellipse on the map; None where it is none, or ran away."""
    det = a * c - b * b
    if det <= 1e-6:
        return None
    x, y = -(c * d - b * e_) / (2 * det), -(a * e_ - b * d) / (2 * det)
    level = a * x * x + 2 * b * x * y + c * y * y - f
    middle, spread = (a + c) / 2, math.hypot((a - c) / 2, b)
    if level <= 0 or middle - spread <= 0:
        return None
    long, short = math.sqrt(level / (middle - spread)), math.sqrt(level / (middle + spread))
    angle = math.atan2(2 * b, a - c) / 2 + math.pi / 2  # of the smaller eigenvalue: the longer axis
    if math.hypot(x, y) > 0.35 or not 0.7 < math.sqrt(long * short) < 1.4 or short / long < 0.5:
        return None
    angle = (angle + math.pi / 2) % math.pi - math.pi / 2
    return Ellipse(old.x + x * scale, old.y + y * scale, long * scale, short * scale, angle, old.votes)
