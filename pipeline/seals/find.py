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
from pipeline.seals.candidates import Candidate, candidates_of, glimpsed
from pipeline.seals.evidence import RHO, RING_FEATURES
from pipeline.seals.frames import FRAME_FEATURES
from pipeline.seals.glance import LARGEST, LEAST, Glimpse, glance
from pipeline.seals.ink import Hue, Inks, inks_of
from pipeline.seals.judge import KINDS, inputs_of, judge_of
from pipeline.seals.patch import patch_of, pictured
from pipeline.seals.rings import Ellipse
from pipeline.seals.second_look import facts_of, logit, second_look

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["FoundSeal", "Opinion", "find_seals", "look_for_seals", "opinions_of"]

MIN_PICTURE = 24  # px: less is no picture of a seal
DISMISSED = 0.004  # by its measures: it is not looked at again, unless it was glimpsed
MOST_LOOKED_AT = 40
ACCEPT = {  # measured on real scans: table cells are the likest thing to a black frame, and there are many
    ("ring", "colour"): 0.15,
    ("ring", "grey"): 0.32,
    ("frame", "colour"): 0.30,
    ("frame", "grey"): 0.50,
    ("ring", "glimpsed"): 0.45,
    ("frame", "glimpsed"): 0.45,
    ("ring", "large"): 0.40,
    ("frame", "large"): 0.57,
}
WORTH_A_LOOK, MOST_REJECTED = 0.05, 5  # probability and number a page of what is kept though not taken for a seal
AGREES = 0.5  # shared box (IoU) of a candidate and what is glimpsed
NOT_SEEN = LEAST / 2  # heat where nothing is glimpsed
WEIGHTS: dict[tuple[str, str], tuple[float, float, float, float]] = {
    # level, measures, picture, glance: by samples.fit_opinions and, for a quarter, alike, as on real paper all may err
    ("ring", "colour"): (0.04, 0.28, 0.42, 0.52),
    ("ring", "grey"): (-0.29, 0.17, 0.35, 0.83),
    ("frame", "colour"): (-0.02, 0.53, 0.1, 0.65),
    ("frame", "grey"): (0.42, 0.47, 0.1, 0.91),
    ("ring", "glimpsed"): (0.1, 0.05, 0.09, 2.39),
    ("frame", "glimpsed"): (0.06, 0.0, 0.0, 2.45),
    ("ring", "large"): (0.0, 0.5, 0.5, 0.0),  # as it was: the glance was not taught those
    ("frame", "large"): (0.0, 0.5, 0.5, 0.0),
}
TINGE = 2.0  # times the coloured density that the black one must be for the colour to be a tinge
NEAR_CENTRE = 0.55  # of the larger radius: nobody stamps a seal on another's star
SHARED = 0.6  # of the smaller box: part of a frame read as a frame, print inside a ring
FAINT_DENSITY = 0.25  # ink that takes less than a fifth of the light
CIRCLE = 0.9  # axes' proportion above which a ring counts as round: perspective and skew flatten circles that much
SQUARE = 0.8  # sides' proportion above which a frame counts as square
STRENGTH = {"ring": RING_FEATURES.index("strength"), "frame": FRAME_FEATURES.index("strength")}
WITHIN = [RING_FEATURES.index(f"mean_{rho:.2f}") for rho in RHO if rho < 0.86]
EMPTY = 0.06  # mean ink within a ring's rim, of its strongest: of 390 seals none but sure ones had less than 0.08
SURE = 0.9  # ovals with a name and nothing else are as empty, but clear
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
    least: float

    @property
    def ring(self) -> Ellipse:
        return self.candidate.ring

    @property
    def accepted(self) -> bool:
        return self.score >= self.least

    @property
    def empty(self) -> bool:
        """A ring with hardly anything in it, and no sure seal: drawn by hand round something, or printed."""
        if self.candidate.kind != "ring" or self.score > SURE:
            return False
        return float(self.candidate.measures[WITHIN].mean()) < EMPTY

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
    inks, opinions = opinions_of(image, dpi)
    judged = [_weighed(one) for one in opinions]
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


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is thought of a candidate: log odds by its measures, by its picture, by the glance where it lies.

    ``kind``: what it is weighed as: a ring or a frame in colour or in grey, or one that only the glance has seen.
    """

    candidate: Candidate
    kind: tuple[str, str]
    odds: tuple[float, float, float]


def opinions_of(image: Image, dpi: int | None) -> tuple[Inks, list[Opinion]]:
    """The inks of a page (BGR), and every candidate on it worth a look."""
    inks = inks_of(image, dpi)
    picture = pictured(inks)
    sought = _sought(inks, glance(picture))
    firsts = [(s, first) for kind in KINDS for s, first in _measured([s for s in sought if s.candidate.kind == kind])]
    firsts = [f for f in firsts if f[1] >= DISMISSED or f[0].heat > NOT_SEEN]
    likely = sorted(firsts, key=lambda f: -max(f[1], f[0].heat))[:MOST_LOOKED_AT]
    if not likely:
        return inks, []
    patches = np.stack([patch_of(picture, s.candidate.ring) for s, _ in likely])
    seconds = second_look(patches, np.stack([facts_of(s.candidate, first) for s, first in likely]))
    return inks, [
        Opinion(s.candidate, s.weighed_as, (logit(first), logit(float(second)), logit(s.heat)))
        for (s, first), second in zip(likely, seconds, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Sought:
    """A candidate, how hot the glance was where it lies (:data:`NOT_SEEN` at least), whether nothing else saw it."""

    candidate: Candidate
    heat: float
    only: bool = False

    @property
    def weighed_as(self) -> tuple[str, str]:
        if self.only:
            return self.candidate.kind, "glimpsed"
        if 2 * self.candidate.ring.mean_radius > LARGEST:
            return self.candidate.kind, "large"
        return self.candidate.kind, "grey" if self.candidate.hue == "grey" else "colour"


def _sought(inks: Inks, glimpses: list[Glimpse]) -> list[_Sought]:
    """What geometry and the glance see, each once."""
    drawn = candidates_of(inks)
    boxes = [(c.kind, c.bounds) for c in drawn]
    found = [
        _Sought(c, max((g.heat for g in glimpses if g.kind == kind and box.iou(g.box) > AGREES), default=NOT_SEEN))
        for c, (kind, box) in zip(drawn, boxes, strict=True)
    ]
    for g in glimpses:
        if not any(g.kind == kind and box.iou(g.box) > AGREES for kind, box in boxes):
            found += [_Sought(c, g.heat, only=True) for c in glimpsed(inks, g)]
    return found


def _measured(sought: list[_Sought]) -> list[tuple[_Sought, float]]:
    """Each with the judge's opinion of its measures; all of one kind."""
    if not sought:
        return []
    judge = judge_of(sought[0].candidate.kind)
    scores = judge(np.stack([inputs_of(s.candidate.measures, s.candidate.hue) for s in sought]))
    return list(zip(sought, scores.tolist(), strict=True))


def _weighed(opinion: Opinion) -> _Judged:
    """All opinions as one, as they were weighed on drawn pages."""
    level, *weights = WEIGHTS[opinion.kind]
    odds = level + sum(w * o for w, o in zip(weights, opinion.odds, strict=True))
    return _Judged(opinion.candidate, 1 / (1 + math.exp(-odds)), ACCEPT[opinion.kind])


def _distinct(judged: list[_Judged]) -> list[_Judged]:
    """One for each seal. A colour goes before grey, for a coloured ring may show in the dark map as well; but grey ink
    on tinted paper has a tinge only. Where an empty ring is the best of its ink, nothing is stamped in that ink."""
    greys = [j for j in judged if j.candidate.hue == "grey" and j.accepted]
    kept: list[_Judged] = []
    empty: list[_Judged] = []
    for j in sorted(judged, key=lambda j: (j.candidate.hue == "grey", -j.score)):
        if not j.accepted or any(_same(j, k) for k in kept):
            continue
        if j.empty:
            empty.append(j)
        if any(e.candidate.hue == j.candidate.hue and _same(j, e) for e in empty):
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
    mine, other = one.candidate.bounds, kept.candidate.bounds
    return mine.intersection(other) > SHARED * min(mine.area, other.area)


def _found(judged: _Judged, inks: Inks, size: tuple[int, int]) -> FoundSeal:
    rows, columns = size
    candidate, ring, s = judged.candidate, judged.ring, inks.scale
    x0, y0, x1, y1 = (float(v * s) for v in candidate.bounds)
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


def _shape(candidate: Candidate) -> Shape:
    proportion = candidate.ring.b / candidate.ring.a
    if candidate.kind == "ring":
        return "round" if proportion > CIRCLE else "oval"
    return "square" if proportion > SQUARE else "rectangle"
