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
    Points = NDArray[np.floating[Any]]

__all__ = ["Edges", "Ellipse", "edges_of", "fit_rim", "vote_rings"]

EDGE_SOFT = 1.1  # px, blur before edges are taken: the grain of ink is no edge
COHERENCE_REACH = (7, 7)  # px: over how far an edge must keep its direction to be a line
MIN_COHERENCE = 0.35  # of text strokes at this resolution most stay under it, a rim at 10 px radius is over it
CELL = 4  # px of a vote's cell: the direction of an edge is no surer than that at a seal's radius
RADIUS_STEP = 1.065  # each radius tried is so much longer than the last
MAX_EDGES = 16_000  # that vote: drawn by weight out of more, they say the same
MIN_WORTH = 0.45  # of a vote: below it edges of full weight only would be drawn the more often
AXIS_SLACK = 0.09  # radians round the axes where rules and strokes of print point: those edges vote less
AXIS_WEIGHT = 0.25
HOPELESS = 0.2  # votes of a fitted circle that no ellipse will make a rim


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
    rows, columns = np.nonzero((magnitude > (floor * 2.0) ** 2) & _crests(magnitude, gxx > gyy))
    tensor = [cv2.boxFilter(p, -1, COHERENCE_REACH)[rows, columns] for p in (gxx, gyy, cv2.multiply(gx, gy))]
    xx, yy, xy = tensor
    total, spread = xx + yy, np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    lines = np.flatnonzero(spread > MIN_COHERENCE * total)
    rows, columns, xx, yy, xy, total, spread = (v[lines] for v in (rows, columns, xx, yy, xy, total, spread))
    # the tensor's main direction: the normal of the line, surer than one pixel's gradient
    angle = np.arctan2(2 * xy, xx - yy) / 2
    coherence = spread / np.maximum(total, 1e-9)
    off_axis = np.abs((angle + math.pi / 4) % (math.pi / 2) - math.pi / 4)
    weight = coherence * np.where(off_axis < AXIS_SLACK, AXIS_WEIGHT, 1.0)
    return Edges(
        x=columns.astype(np.float32),
        y=rows.astype(np.float32),
        nx=np.cos(angle).astype(np.float32),
        ny=np.sin(angle).astype(np.float32),
        weight=weight.astype(np.float32),
        shape=(density.shape[0], density.shape[1]),
    )


def _crests(magnitude: Map, sideways: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the gradient is greatest across its edge: an edge then is one pixel wide."""
    crest = np.zeros(magnitude.shape, np.bool_)
    m = magnitude
    across = (m[1:-1, 1:-1] >= m[1:-1, :-2]) & (m[1:-1, 1:-1] > m[1:-1, 2:])
    along = (m[1:-1, 1:-1] >= m[:-2, 1:-1]) & (m[1:-1, 1:-1] > m[2:, 1:-1])
    crest[1:-1, 1:-1] = np.where(sideways[1:-1, 1:-1], across, along)
    return crest


def vote_rings(
    edges: Edges, radii: tuple[float, float], *, aspects: Sequence[float] = (1.0,), floor: float, most: int
) -> list[Ellipse]:
    """Where rims may be, best first: upright ellipses whose width is ``aspect`` times their height.

    :param radii: smallest and largest mean radius, px
    :param floor: votes to an expected edge pixel that make a candidate
    :param most: candidates kept
    """
    found: list[Ellipse] = []
    edges, worth = _sampled(edges)
    for aspect in aspects:
        found += _vote_circles(_squeezed(edges, aspect), radii, floor, most, aspect, worth)
    found.sort(key=lambda e: -e.votes)
    return _apart(found)[:most]


def _sampled(edges: Edges) -> tuple[Edges, float]:
    """Edges drawn by their weight, so that each has one vote, and what a vote is then worth."""
    total = float(edges.weight.sum())
    worth = max(MIN_WORTH, total / MAX_EDGES)
    draws = np.random.default_rng(0).random(len(edges.x), dtype=np.float32)
    kept = np.flatnonzero(draws * worth < edges.weight)
    parts = (edges.x[kept], edges.y[kept], edges.nx[kept], edges.ny[kept], edges.weight[kept])
    return Edges(*parts, edges.shape), worth


def _squeezed(edges: Edges, aspect: float) -> Edges:
    """The page with x divided, and y multiplied, by the root of ``aspect``: such ellipses become circles."""
    if aspect == 1.0:
        return edges
    k = math.sqrt(aspect)
    nx, ny = edges.nx * k, edges.ny / k
    length = np.hypot(nx, ny)
    shape = (math.ceil(edges.shape[0] * k), math.ceil(edges.shape[1] / k))
    return Edges(edges.x / k, edges.y * k, nx / length, ny / length, edges.weight, shape)


def _vote_circles(
    edges: Edges, radii: tuple[float, float], floor: float, most: int, aspect: float, worth: float
) -> list[Ellipse]:
    pad = int(radii[1] / CELL) + 2  # votes that fall outside the page need no test
    rows, columns = edges.shape[0] // CELL + 1 + 2 * pad, edges.shape[1] // CELL + 1 + 2 * pad
    best = np.zeros((rows, columns), np.float32)
    best_radius = np.zeros((rows, columns), np.float32)
    x, y = edges.x / np.float32(CELL) + np.float32(pad), edges.y / np.float32(CELL) + np.float32(pad)
    radius = radii[0]
    while radius <= radii[1]:
        votes = _votes_at(edges, x, y, radius / CELL, (rows, columns)) * np.float32(worth / (2 * math.pi * radius))
        better = votes > best
        np.copyto(best, votes, where=better)
        np.copyto(best_radius, np.float32(radius), where=better)
        radius *= RADIUS_STEP
    peaks = (best > floor) & (best >= cv2.dilate(best, np.ones((5, 5), np.uint8)))
    ys, xs = np.nonzero(peaks)
    order = np.argsort(-best[ys, xs])[:most]
    k = math.sqrt(aspect)
    found = []
    for index in order:
        r, c = int(ys[index]), int(xs[index])
        reach, centre = float(best_radius[r, c]), ((c - pad + 0.5) * CELL * k, (r - pad + 0.5) * CELL / k)
        wide, high = reach * k, reach / k
        turn = 0.0 if wide >= high else math.pi / 2
        found.append(Ellipse(*centre, max(wide, high), min(wide, high), turn, float(best[r, c])))
    return found


def _votes_at(edges: Edges, x: Points, y: Points, radius: float, shape: tuple[int, int]) -> Map:
    rows, columns = shape
    dx, dy = np.float32(radius) * edges.nx, np.float32(radius) * edges.ny
    ahead = (y + dy).astype(np.int32) * columns + (x + dx).astype(np.int32)
    behind = (y - dy).astype(np.int32) * columns + (x - dx).astype(np.int32)
    total = np.bincount(np.concatenate([ahead, behind]), minlength=rows * columns).astype(np.float32)
    # a centre is spread over neighbouring cells
    return np.asarray(cv2.boxFilter(total.reshape(rows, columns), -1, (3, 3), normalize=False), dtype=np.float32)


def _apart(found: Sequence[Ellipse]) -> list[Ellipse]:
    """Without those that a better one already says: the same centre and about the same size."""
    kept: list[Ellipse] = []
    for ellipse in found:
        same = any(
            math.hypot(ellipse.x - k.x, ellipse.y - k.y) < 0.25 * min(ellipse.mean_radius, k.mean_radius)
            and 0.8 < ellipse.mean_radius / k.mean_radius < 1.25
            for k in kept
        )
        if not same:
            kept.append(ellipse)
    return kept


# ------------------------------------------------------------------------------------------------------------ fitting


def fit_rim(edges: Edges, start: Ellipse, *, oval: bool) -> Ellipse:
    """The candidate fitted to the edges that run along it; as it was where too few do.

    A circle first, then an ellipse if ``oval`` allows one and it explains clearly more edges.
    """
    edges = _around(edges, start, 1.3)
    circle = _fit(edges, start, free=False)
    if not oval or circle.votes < HOPELESS:
        return circle
    ellipse = _fit(edges, circle, free=True)
    return ellipse if ellipse.votes > 1.06 * circle.votes else circle


def _around(edges: Edges, e: Ellipse, reach: float) -> Edges:
    """The edges in the rows and columns about an ellipse; edges are sorted by row."""
    half_w, half_h = e.half_size
    first, last = np.searchsorted(edges.y, (e.y - half_h * reach, e.y + half_h * reach))
    kept = np.flatnonzero(np.abs(edges.x[first:last] - e.x) <= half_w * reach) + first
    parts = (edges.x[kept], edges.y[kept], edges.nx[kept], edges.ny[kept], edges.weight[kept])
    return Edges(*parts, edges.shape)


def _fit(edges: Edges, start: Ellipse, *, free: bool) -> Ellipse:
    current = start
    for tolerance in (max(0.14, CELL / start.mean_radius), 0.08, 0.05):
        near = _along(edges, current, tolerance)
        if near.sum() < 12:
            return current
        weight = edges.weight[near] * _nearness(edges, current, tolerance)[near]
        solved = _solve(edges.x[near], edges.y[near], weight, current, free)
        if solved is None:
            return current
        current = solved
    near = _along(edges, current, 0.05)
    votes = float(edges.weight[near].sum()) / (2 * math.pi * current.mean_radius)
    return Ellipse(current.x, current.y, current.a, current.b, current.angle, votes)


def _rho(edges: Edges, e: Ellipse) -> tuple[Points, Points, Points]:
    """Distance in shares of the ellipse's radius, and the unit normal of the ellipse there."""
    cos, sin = math.cos(e.angle), math.sin(e.angle)
    dx, dy = edges.x - e.x, edges.y - e.y
    u, v = (dx * cos + dy * sin) / e.a, (-dx * sin + dy * cos) / e.b
    rho = np.hypot(u, v)
    gu, gv = u / e.a, v / e.b
    length = np.maximum(np.hypot(gu, gv), 1e-9)
    return rho, (gu * cos - gv * sin) / length, (gu * sin + gv * cos) / length


def _along(edges: Edges, e: Ellipse, tolerance: float) -> NDArray[np.bool_]:
    rho, nx, ny = _rho(edges, e)
    return (np.abs(rho - 1) < tolerance) & (np.abs(nx * edges.nx + ny * edges.ny) > 0.94)


def _nearness(edges: Edges, e: Ellipse, tolerance: float) -> Points:
    rho, _, _ = _rho(edges, e)
    return np.asarray(np.maximum(0.0, 1 - ((rho - 1) / tolerance) ** 2), dtype=np.float32)


def _solve(x: Points, y: Points, weight: Points, e: Ellipse, free: bool) -> Ellipse | None:
    """Weighted least squares of a circle (or conic), in coordinates about the present ellipse."""
    scale = e.mean_radius
    u, v = ((x - e.x) / scale).astype(np.float64), ((y - e.y) / scale).astype(np.float64)
    columns = [u, v, np.ones_like(u)]
    if free:
        columns = [u * u - v * v, 2 * u * v, *columns]
    target = u * u + v * v
    root = np.sqrt(weight.astype(np.float64))
    matrix = np.stack(columns, axis=1) * root[:, None]
    ridge = 0.02 * weight.sum() if free else 0.0  # an arc alone does not tell a proportion: then it stays a circle
    normal = matrix.T @ matrix
    normal[0, 0] += ridge * free
    normal[1, 1] += ridge * free
    try:
        solution = np.linalg.solve(normal, matrix.T @ (target * root))
    except np.linalg.LinAlgError:
        return None
    p, q, d, f, g = (*solution,) if free else (0.0, 0.0, *solution)
    return _conic(1 - p, -q, 1 + p, -d, -f, -g, e, scale)


def _conic(a: float, b: float, c: float, d: float, e_: float, f: float, old: Ellipse, scale: float) -> Ellipse | None:
    """a u² + 2b uv + c v² + d u + e v + f = 0 as an ellipse on the map; None where it is none, or ran away."""
    form = np.array([[a, b], [b, c]])
    if np.linalg.det(form) <= 1e-6:
        return None
    centre = np.linalg.solve(2 * form, -np.array([d, e_]))
    level = -f + centre @ form @ centre
    values, vectors = np.linalg.eigh(form)
    if level <= 0 or values[0] <= 0:
        return None
    half = np.sqrt(level / values)  # the first eigenvalue is the smaller: the longer axis
    angle = math.atan2(vectors[1, 0], vectors[0, 0])
    moved = math.hypot(*centre)
    mean = math.sqrt(half[0] * half[1])
    if moved > 0.35 or not 0.7 < mean < 1.4 or half[1] / half[0] < 0.5:
        return None
    angle = (angle + math.pi / 2) % math.pi - math.pi / 2
    return Ellipse(
        old.x + centre[0] * scale, old.y + centre[1] * scale, half[0] * scale, half[1] * scale, angle, old.votes
    )
