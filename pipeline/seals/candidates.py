"""Candidates: rings and frames of each ink, with their measures, before anybody judges them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box
from pipeline.seals.evidence import ring_features
from pipeline.seals.frames import frame_features, frames_in, likely_turns, refined
from pipeline.seals.glance import Glimpse
from pipeline.seals.ink import A4_LONG_MM, WORK_DPI, Hue, Inks
from pipeline.seals.judge import Kind
from pipeline.seals.rings import MAX_EDGES, Edges, Ellipse, edges_of, edges_outside, fit_rim, vote_rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Map = NDArray[np.float32]

__all__ = ["Candidate", "candidates_of", "density_of", "glimpsed"]

RING_MM = (10.0, 62.0)  # diameters: annual inspection marks to the seal of the State Council (DOMAIN 6.1)
OVAL = 1.42  # proportion voted for: 40x30 and 45x30 mm are within reach of it
UPRIGHT = ((1.0, 0.0), (OVAL, 0.0), (OVAL, 90.0))  # circles, and ovals that lie, or stand on turned pages
TILTED = tuple((OVAL, turn) for turn in (30.0, 60.0, 120.0, 150.0))  # looked for where coloured ink is left over
REST = 0.12  # of a region's edges outside its clear rims: less is print and specks about a seal
EDGE_FLOOR: dict[Hue, float] = {"red": 0.045, "cool": 0.06, "grey": 0.05}  # density step of an edge, above the grain
GREY_TURNS = (
    -9.0,
    -4.5,
    0.0,
    4.5,
    9.0,
)  # degrees: black print is all over a page; a frame set by a steady hand is sought
MIN_VOTES = 0.30  # of 1.6 that a perfect rim gets
START_VOTES = 0.18  # before the fit: a centre spread over cells loses votes
GREY_START, GREY_VOTERS = 0.26, 6_000  # of black rims, which are told from print only when they are clear
STARTS = 90  # places voted for that are remembered
CLEAR = 0.85  # votes of a rim that is there beyond doubt
OWN = 0.6  # of its radius: closer than this no two seals are stamped
MOST = 22  # rings of a region that are looked at
CLEAR_MM = 24.0  # diameter: a cutting's own characters have rings of a few mm, as if it were a page
NEARER = 2.2  # times less paper than before
CUTTING_MM = 55.0  # no seal of 62 mm lies within less
WORK_PX_PER_MM = WORK_DPI / 25.4
CUTTING_SLACK = 0.2  # so little short of a whole reduction, it is reduced all the same
HUES: tuple[Hue, ...] = ("red", "cool", "grey")
AROUND = 1.25  # of a glimpsed box, within which its edges lie
TRACE = 0.004  # mean density under which there is no such ink
HELD = 0.6  # shared box (IoU) under which a fit has run away from what was glimpsed
CELL = 8  # px: ink is first looked for in cells
CELL_INK = 5  # px of ink in a cell that holds any
NEAR_CELLS = 7  # cells within which ink belongs to one region: 14 mm, a worn seal's widest gap
MOST_REGIONS = 8  # with more of them the page is taken as one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ring or frame on the maps, the ink that draws it, and its measures."""

    kind: Kind
    ring: Ellipse
    hue: Hue
    measures: NDArray[np.float32]

    @property
    def bounds(self) -> Box:
        """The upright box about it, px of the maps."""
        return _bounds(self.kind, self.ring)


def density_of(inks: Inks, hue: Hue) -> Map:
    """The map of one ink."""
    return {"red": inks.red, "cool": inks.cool, "grey": inks.dark}[hue]


def candidates_of(inks: Inks) -> list[Candidate]:
    """All candidates on a page.

    Where nobody knows the resolution, the picture may be a piece cut out around a seal: as long as no clear rim is
    found it is taken for less and less paper, and rings are sought that were too wide before.
    """
    found = list(_on_page(inks))
    across = A4_LONG_MM / NEARER
    while not inks.measured and across > CUTTING_MM and not any(_is_clear(c, inks) for c in found):
        found += _on_cutting(inks, across)
        across /= NEARER
    return found


def _bounds(kind: Kind, ring: Ellipse) -> Box:
    """The upright box about a ring or a frame, px of the maps."""
    if kind == "ring":
        return Box(*ring.bounds)
    cos, sin = abs(math.cos(ring.angle)), abs(math.sin(ring.angle))
    half_w, half_h = ring.a * cos + ring.b * sin, ring.a * sin + ring.b * cos
    return Box(ring.x - half_w, ring.y - half_h, ring.x + half_w, ring.y + half_h)


def glimpsed(inks: Inks, glimpse: Glimpse) -> Iterator[Candidate]:
    """A candidate of each ink that lies where a seal was glimpsed: its rim or frame as far as there is one."""
    x0, y0, x1, y1 = glimpse.box
    half_w, half_h = (x1 - x0) / 2, (y1 - y0) / 2
    reach = AROUND * max(half_w, half_h) + 8
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    left, top = (max(0, int(m - reach)) for m in middle)
    for hue in HUES:
        whole = density_of(inks, hue)
        part = whole[top : max(0, int(middle[1] + reach)), left : max(0, int(middle[0] + reach))]
        if min(part.shape) < 8 or float(part.mean()) < TRACE:
            continue
        start = _lying(middle[0] - left, middle[1] - top, half_w, half_h)
        edges = edges_of(part, EDGE_FLOOR[hue])
        fitted = fit_rim(edges, start, oval=True) if glimpse.kind == "ring" else refined(edges, start)
        at = Ellipse(fitted.x + left, fitted.y + top, fitted.a, fitted.b, fitted.angle, fitted.votes)
        if _bounds(glimpse.kind, at).iou(glimpse.box) < HELD:
            at = replace(_lying(*middle, half_w, half_h), votes=fitted.votes)
        if glimpse.kind == "ring":
            measures = ring_features(whole, inks.gold, at, px_per_mm=inks.px_per_mm)
        else:
            measures = frame_features(whole, at, px_per_mm=inks.px_per_mm)
        yield Candidate(glimpse.kind, at, hue, measures)


def _lying(x: float, y: float, half_w: float, half_h: float) -> Ellipse:
    """An ellipse or frame along the axes: its longer half axis first."""
    turned = half_h > half_w
    return Ellipse(x, y, max(half_w, half_h), min(half_w, half_h), math.pi / 2 if turned else 0.0)


def _is_clear(candidate: Candidate, inks: Inks) -> bool:
    """Whether it is a coloured rim of an organisation's size: then the picture is a page."""
    ring = candidate.ring
    sized = 2 * ring.mean_radius > CLEAR_MM * inks.px_per_mm
    return candidate.kind == "ring" and candidate.hue != "grey" and sized and ring.votes >= CLEAR


def _on_page(inks: Inks) -> Iterator[Candidate]:
    for hue in HUES:
        density = density_of(inks, hue)
        for x0, y0, x1, y1 in _regions(density, hue, inks.px_per_mm):
            yield from _in_region(density[y0:y1, x0:x1], inks, hue, (x0, y0))


def _on_cutting(inks: Inks, across: float) -> Iterator[Candidate]:
    """Rings on a picture taken to be ``across`` mm long."""
    longest = max(inks.red.shape)
    times = max(1, int(longest / across / WORK_PX_PER_MM + CUTTING_SLACK))
    size = (max(1, inks.red.shape[1] // times), max(1, inks.red.shape[0] // times))
    px_per_mm = longest / across / times
    radii = (RING_MM[1] / NEARER / 2 * px_per_mm, RING_MM[1] / 2 * px_per_mm)
    gold = _shrunk(inks.gold, size)
    for hue in HUES:
        density = _shrunk(density_of(inks, hue), size)
        edges = edges_of(density, EDGE_FLOOR[hue])
        for ring in _fitted(edges, vote_rings(edges, radii, squeezes=UPRIGHT, floor=START_VOTES, most=STARTS)):
            measures = ring_features(density, gold, ring, px_per_mm=px_per_mm)
            at = Ellipse(ring.x * times, ring.y * times, ring.a * times, ring.b * times, ring.angle, ring.votes)
            yield Candidate("ring", at, hue, measures)


def _shrunk(density: Map, size: tuple[int, int]) -> Map:
    return np.asarray(cv2.resize(density, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _in_region(part: Map, inks: Inks, hue: Hue, offset: tuple[int, int]) -> Iterator[Candidate]:
    whole, px_per_mm = density_of(inks, hue), inks.px_per_mm
    widest = min(RING_MM[1] / 2 * px_per_mm, 0.75 * max(part.shape))
    edges = edges_of(part, EDGE_FLOOR[hue])
    radii = (RING_MM[0] / 2 * px_per_mm, widest)
    floor, voters = (GREY_START, GREY_VOTERS) if hue == "grey" else (START_VOTES, MAX_EDGES)
    starts = vote_rings(edges, radii, squeezes=UPRIGHT, floor=floor, most=STARTS, voters=voters)
    rings = _fitted(edges, starts)
    rest = edges if hue == "grey" else edges_outside(edges, [r for r in rings if r.votes >= CLEAR])
    more = len(rest.x) > REST * len(edges.x)
    if more and hue != "grey":
        rings += _fitted(rest, vote_rings(rest, radii, squeezes=TILTED, floor=START_VOTES, most=STARTS))
    for ring in rings:
        at = Ellipse(ring.x + offset[0], ring.y + offset[1], ring.a, ring.b, ring.angle, ring.votes)
        yield Candidate("ring", at, hue, ring_features(whole, inks.gold, at, px_per_mm=px_per_mm))
    if not more:
        return
    turns = GREY_TURNS if hue == "grey" else likely_turns(rest)
    for frame in frames_in(edges, px_per_mm=px_per_mm, turns=turns):
        at = Ellipse(frame.x + offset[0], frame.y + offset[1], frame.a, frame.b, frame.angle, frame.votes)
        yield Candidate("frame", at, hue, frame_features(whole, at, px_per_mm=px_per_mm))


def _fitted(edges: Edges, starts: list[Ellipse]) -> list[Ellipse]:
    """Rims fitted to the starts; within a clear rim nothing else is tried: its own parts vote for much there."""
    found: list[Ellipse] = []
    clear: list[Ellipse] = []
    fits = 0
    for start in starts:
        if any(math.hypot(start.x - c.x, start.y - c.y) < OWN * c.mean_radius for c in clear):
            continue
        ring = fit_rim(edges, start, oval=True)
        fits += 1
        if ring.votes >= MIN_VOTES:
            found.append(ring)
        if ring.votes >= CLEAR:
            clear.append(ring)
        if fits >= MOST:
            break
    return found


def _regions(density: Map, hue: Hue, px_per_mm: float) -> list[tuple[int, int, int, int]]:
    """Boxes (x0, y0, x1, y1) that hold the ink; black print is everywhere, so the grey map is one region."""
    rows, columns = density.shape
    if hue == "grey":
        return [(0, 0, columns, rows)]
    ink = cv2.compare(density, EDGE_FLOOR[hue] * 1.3, cv2.CMP_GT)
    # Filled up to whole cells: reducing by a whole number is ten times quicker.
    ink = cv2.copyMakeBorder(ink, 0, -rows % CELL, 0, -columns % CELL, cv2.BORDER_CONSTANT, value=0)
    share = cv2.resize(ink, (ink.shape[1] // CELL, ink.shape[0] // CELL), interpolation=cv2.INTER_AREA)
    cells = cv2.compare(share, 255.0 * CELL_INK / CELL**2, cv2.CMP_GE)
    near = cv2.dilate(cells, np.ones((NEAR_CELLS, NEAR_CELLS), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    grown = NEAR_CELLS // 2
    boxes = []
    for x, y, w, h, _area in stats[1:count].tolist():
        inner_w, inner_h = (w - 2 * grown) * CELL, (h - 2 * grown) * CELL
        if max(inner_w, inner_h) < 0.8 * RING_MM[0] * px_per_mm:
            continue
        boxes.append(
            (
                max(0, (x + grown - 1) * CELL),
                max(0, (y + grown - 1) * CELL),
                min(columns, math.ceil((x + w - grown + 2) * CELL)),
                min(rows, math.ceil((y + h - grown + 2) * CELL)),
            )
        )
    if len(boxes) <= MOST_REGIONS:
        return boxes
    lows, highs = np.array(boxes)[:, :2].min(axis=0), np.array(boxes)[:, 2:].max(axis=0)
    return [(int(lows[0]), int(lows[1]), int(highs[0]), int(highs[1]))]
