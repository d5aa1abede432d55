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
from pipeline.seals.candidates import Candidate, candidates_of
from pipeline.seals.evidence import RING_FEATURES
from pipeline.seals.frames import FRAME_FEATURES
from pipeline.seals.ink import Hue, Inks, inks_of
from pipeline.seals.judge import inputs_of, judge_of
from pipeline.seals.rings import Ellipse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["FoundSeal", "find_seals", "look_for_seals"]

MIN_PICTURE = 24  # px: less is no picture of a seal
ACCEPT = 0.38  # measured: half as many seals missed as at 0.5, no more false ones
ACCEPT_GREY_FRAME = 0.65  # table cells are the likest thing to a black frame, and there are many
WORTH_A_LOOK, MOST_REJECTED = 0.05, 5  # probability and number a page of what is kept though not taken for a seal
TINGE = 2.0  # times the coloured density that the black one must be for the colour to be a tinge
NEAR_CENTRE = 0.55  # of the larger radius: nobody stamps a seal on another's star
SHARED = 0.6  # of the smaller box: part of a frame read as a frame, print inside a ring
FAINT_DENSITY = 0.25  # ink that takes less than a fifth of the light
CIRCLE = 0.9  # axes' proportion above which a ring counts as round: perspective and skew flatten circles that much
SQUARE = 0.8  # sides' proportion above which a frame counts as square
STRENGTH = {"ring": RING_FEATURES.index("strength"), "frame": FRAME_FEATURES.index("strength")}
COLOURS: dict[Hue, Colour] = {"red": "red", "cool": "blue", "grey": "grey"}


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
class _Judged:
    candidate: Candidate
    score: float

    @property
    def ring(self) -> Ellipse:
        return self.candidate.ring

    @property
    def accepted(self) -> bool:
        black_frame = self.candidate.kind == "frame" and self.candidate.hue == "grey"
        return self.score >= (ACCEPT_GREY_FRAME if black_frame else ACCEPT)

    @property
    def strength(self) -> float:
        """Density of its ink, in the map it was found on."""
        return math.exp(self.candidate.measures[STRENGTH[self.candidate.kind]])


def find_seals(image: Image, *, dpi: int | None) -> tuple[FoundSeal, ...]:
    """Every seal on a page (BGR uint8, any resolution, any turn), best first.

    :param dpi: the scan's resolution; None where nobody knows: sizes are then as if an A4 page filled the picture
    """
    return look_for_seals(image, dpi=dpi)[0]


def look_for_seals(image: Image, *, dpi: int | None) -> tuple[tuple[FoundSeal, ...], tuple[FoundSeal, ...]]:
    """The seals (:func:`find_seals`), and what was looked at and not taken for one, the likeliest first."""
    if min(image.shape[:2]) < MIN_PICTURE:
        return (), ()
    inks = inks_of(image, dpi)
    judged = _judged(candidates_of(inks))
    kept = _distinct(judged)
    size = image.shape[:2]
    return tuple(_found(j, inks, size) for j in kept), tuple(_found(j, inks, size) for j in _rejected(judged, kept))


def _rejected(judged: list[_Judged], kept: list[_Judged]) -> list[_Judged]:
    """The likeliest of what was not accepted, each once: where a seal is missing, a person looks at it."""
    rest: list[_Judged] = []
    for j in sorted(judged, key=lambda j: -j.score):
        if len(rest) == MOST_REJECTED or j.score < WORTH_A_LOOK:
            break
        if not j.accepted and not any(_same(j, k) for k in (*kept, *rest)):
            rest.append(j)
    return rest


def _judged(candidates: list[Candidate]) -> list[_Judged]:
    judged = []
    for kind in ("ring", "frame"):
        mine = [c for c in candidates if c.kind == kind]
        if mine:
            scores = judge_of(mine[0].kind)(np.stack([inputs_of(c.measures, c.hue) for c in mine]))
            judged += [_Judged(c, float(s)) for c, s in zip(mine, scores, strict=True)]
    return judged


def _distinct(judged: list[_Judged]) -> list[_Judged]:
    """One for each seal. A colour goes before grey, for a coloured ring may show in the dark map as well; but grey ink
    on tinted paper has a tinge only."""
    greys = [j for j in judged if j.candidate.hue == "grey" and j.accepted]
    kept: list[_Judged] = []
    for j in sorted(judged, key=lambda j: (j.candidate.hue == "grey", -j.score)):
        if not j.accepted or any(_same(j, k) for k in kept):
            continue
        if j.candidate.hue != "grey" and any(_same(j, g) and g.strength > TINGE * j.strength for g in greys):
            continue
        kept.append(j)
    return sorted(kept, key=lambda j: -j.score)


def _same(one: _Judged, kept: _Judged) -> bool:
    """Two readings of one seal: the centre of one well inside the other, or most of its box."""
    apart = math.hypot(one.ring.x - kept.ring.x, one.ring.y - kept.ring.y)
    if apart < NEAR_CENTRE * max(one.ring.mean_radius, kept.ring.mean_radius):
        return True
    mine, other = Box(*_bounds(one.candidate)), Box(*_bounds(kept.candidate))
    return mine.intersection(other) > SHARED * min(mine.area, other.area)


def _found(judged: _Judged, inks: Inks, size: tuple[int, int]) -> FoundSeal:
    rows, columns = size
    candidate, ring, s = judged.candidate, judged.ring, inks.scale
    x0, y0, x1, y1 = (float(v * s) for v in _bounds(candidate))
    return FoundSeal(
        box=Box(max(0.0, x0 / columns), max(0.0, y0 / rows), min(1.0, x1 / columns), min(1.0, y1 / rows)),
        centre=(float(ring.x * s), float(ring.y * s)),
        axes=(float(ring.a * s), float(ring.b * s)),
        angle=math.degrees(ring.angle),
        shape=_shape(candidate),
        colour=COLOURS[candidate.hue],
        found=judged.score,
        faint=judged.strength < FAINT_DENSITY,
        cut=x0 < -1 or y0 < -1 or x1 > columns + 1 or y1 > rows + 1,
        diameter_mm=float(2 * ring.a / inks.px_per_mm) if inks.measured else None,
    )


def _bounds(candidate: Candidate) -> tuple[float, float, float, float]:
    ring = candidate.ring
    if candidate.kind == "ring":
        return ring.bounds
    cos, sin = abs(math.cos(ring.angle)), abs(math.sin(ring.angle))
    half_w, half_h = ring.a * cos + ring.b * sin, ring.a * sin + ring.b * cos
    return ring.x - half_w, ring.y - half_h, ring.x + half_w, ring.y + half_h


def _shape(candidate: Candidate) -> Shape:
    proportion = candidate.ring.b / candidate.ring.a
    if candidate.kind == "ring":
        return "round" if proportion > CIRCLE else "oval"
    return "square" if proportion > SQUARE else "rectangle"
