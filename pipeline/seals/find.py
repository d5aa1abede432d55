"""Seals (印章) on a page: where they are, their shape and colour, and how surely each is one.

The page is reduced, its ink is parted by colour (:mod:`pipeline.seals.ink`), rims are voted for by their edges
(:mod:`pipeline.seals.rings`), and each candidate is judged by what its ring holds
 (:mod:`pipeline.seals.evidence`). No text is read here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import Box, Colour, Shape
from pipeline.seals.evidence import RING_FEATURES, ring_features
from pipeline.seals.ink import Hue, Inks, inks_of
from pipeline.seals.rings import Ellipse, edges_of, fit_rim, vote_rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["FoundSeal", "find_seals"]

RING_MM = (10.0, 62.0)  # diameters: annual inspection marks to the seal of the State Council (DOMAIN 6.1)
OVAL_ASPECTS = (1.0, 1.4, 1 / 1.4)  # 40x30 and 45x30 mm are within reach of 1.4; standing ones on turned pages
EDGE_FLOOR = {"red": 0.05, "cool": 0.06, "grey": 0.08}  # density step of an edge: faint ink, above the grain
MIN_VOTES = 0.30  # of 1.6 that a perfect rim gets
MOST = 30  # candidates a colour
ACCEPT = 0.5
FAINT_DENSITY = 0.16  # ink that takes less than 15 % of the light
CIRCLE = 0.9  # axes' proportion above which a ring counts as round: perspective and skew flatten circles that much


@dataclass(frozen=True, slots=True)
class FoundSeal:
    """A seal seen on a page.

    ``box``: fractions of the picture. ``centre`` (x, y) and ``axes`` (half axes a >= b, of rectangles half sides) in px
    of the picture; ``angle``: degrees clockwise that the first axis is turned from the horizontal. ``found``:
    probability that it is a seal. ``faint``: hardly any ink. ``cut``: it runs over the picture's edge.
    ``diameter_mm``: its longer side, where the resolution is known.
    """

    box: Box
    centre: tuple[float, float]
    axes: tuple[float, float]
    angle: float
    shape: Shape
    colour: Colour
    found: float
    faint: bool = False
    cut: bool = False
    diameter_mm: float | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    ring: Ellipse
    hue: Hue
    shape: Shape
    score: float
    strength: float


def find_seals(image: Image, *, dpi: int | None) -> tuple[FoundSeal, ...]:
    """Every seal on a page (BGR uint8, any resolution, any turn), best first.

    :param dpi: the scan's resolution; None where nobody knows: sizes are then as if an A4 page filled the picture
    """
    if min(image.shape[:2]) < 24:
        return ()
    inks = inks_of(image, dpi)
    candidates: list[_Candidate] = []
    maps: tuple[tuple[Hue, Map], ...] = (("red", inks.red), ("cool", inks.cool), ("grey", inks.dark))
    for hue, density in maps:
        candidates += _rings(density, hue, inks)
    kept = _distinct(candidates)
    return tuple(_found(c, inks, image.shape[:2]) for c in kept)


def _rings(density: Map, hue: Hue, inks: Inks) -> list[_Candidate]:
    if not (density > 2 * EDGE_FLOOR[hue]).any():
        return []
    edges = edges_of(density, EDGE_FLOOR[hue])
    radii = (RING_MM[0] / 2 * inks.px_per_mm, RING_MM[1] / 2 * inks.px_per_mm)
    found = []
    for start in vote_rings(edges, radii, aspects=OVAL_ASPECTS, floor=MIN_VOTES * 0.6, most=MOST):
        ring = fit_rim(edges, start, oval=True)
        if ring.votes < MIN_VOTES:
            continue
        features = ring_features(density, ring, px_per_mm=inks.px_per_mm)
        score = _judged(features, hue)
        shape: Shape = "round" if ring.b / ring.a > CIRCLE else "oval"
        found.append(_Candidate(ring, hue, shape, score, math.exp(features[RING_FEATURES.index("strength")])))
    return found


def _judged(features: NDArray[np.float32], hue: Hue) -> float:
    f = dict(zip(RING_FEATURES, features.tolist(), strict=True))
    z = 5 * (f["rim_clear"] - 0.55) + 2.5 * (f["votes"] - 0.7) - 3 * max(0.0, f["rim_gap"] - 0.2)
    z += 4 * min(0.0, 0.45 - f["fill"]) + 3 * min(0.0, f["band_inked"] - 0.5) + 3 * min(0, f["band"] - 0.12)
    z -= 0.8 if hue == "grey" else 0
    return 1 / (1 + math.exp(-3 * z))


def _distinct(candidates: list[_Candidate]) -> list[_Candidate]:
    """One for each seal. A colour goes before grey: a coloured ring shows in the dark map as well, not the reverse."""
    kept: list[_Candidate] = []
    for c in sorted(candidates, key=lambda c: (c.hue == "grey", -c.score)):
        if c.score >= ACCEPT and not any(_same(c.ring, k.ring) for k in kept):
            kept.append(c)
    return sorted(kept, key=lambda c: -c.score)


def _same(one: Ellipse, other: Ellipse) -> bool:
    """Two readings of one seal: the centre of one well inside the other, or much of their boxes shared."""
    apart = math.hypot(one.x - other.x, one.y - other.y)
    return apart < 0.55 * max(one.mean_radius, other.mean_radius)


def _found(c: _Candidate, inks: Inks, size: tuple[int, int]) -> FoundSeal:
    rows, columns = size
    s = inks.scale
    ring = c.ring
    x0, y0, x1, y1 = (v * s for v in ring.bounds)
    x0, y0, x1, y1 = float(x0), float(y0), float(x1), float(y1)
    box = Box(max(0.0, x0 / columns), max(0.0, y0 / rows), min(1.0, x1 / columns), min(1.0, y1 / rows))
    cut = x0 < -1 or y0 < -1 or x1 > columns + 1 or y1 > rows + 1
    colours: dict[Hue, Colour] = {"red": "red", "cool": "blue", "grey": "grey"}
    return FoundSeal(
        box=box,
        centre=(ring.x * s, ring.y * s),
        axes=(ring.a * s, ring.b * s),
        angle=math.degrees(ring.angle),
        shape=c.shape,
        colour=colours[c.hue],
        found=c.score,
        faint=c.strength < FAINT_DENSITY,
        cut=cut,
        diameter_mm=2 * ring.a / inks.px_per_mm if inks.measured else None,
    )
