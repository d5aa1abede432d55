"""Seals prepared for reading: ink apart from print at one size, rings' names unrolled, boxed seals cut into lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.boxed import BOX_HEIGHT, layouts
from pipeline.seals.inside import turn_of
from pipeline.seals.unmix import dense_ink, density_of, grey_ink, seal_ink
from pipeline.seals.unwrap import (
    WORK_RADIUS,
    Arc,
    Band,
    Ring,
    find_arcs,
    find_band,
    fit_ring,
    rim_cover,
    rim_level,
    rings_of_ink,
    unroll,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Colour
    from pipeline.seals.find import FoundSeal

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["ARC_MARGIN", "STRIP_HEIGHT", "Job", "Ringed", "Strip", "name_strip", "prepared", "variants"]

WORK_MARGIN = 0.5  # of the radius around the ring: the fit may move it
COVERED = 0.75  # share of a rim's angles with ink from which a ring lies on its rim, wear allowed for
COVER_GAIN = 0.15  # by which another ring must be better covered
FLATTEST = 0.5  # axes' proportion of the flattest seal: 45x30 mm on a slanting photo
RESIZED = 1.6  # times by which the finder's ring may be too large or too small
STANDING = 1.2  # height to width from which a box may lie on its side
STRIP_HEIGHT = 48  # px, the recogniser's own
ARC_MARGIN = math.radians(5)  # kept on both sides of the name
BAND_MARGIN = 0.02  # kept over heads and under feet


@dataclass(frozen=True, slots=True)
class Ringed:
    """A ring seal prepared: the ink in its work picture and the geometry of its name."""

    crop: Image  # the work picture
    colour: Colour
    ink: Ink
    other: Ink | None  # a grey one's with the ink seen in another way
    ring: Ring
    arc: Arc
    band: Band
    turn: float


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of a ring made straight, and what part it is."""

    image: Image
    band: Band
    arc: Arc


@dataclass(frozen=True, slots=True)
class Job:
    """What of one seal goes to the engine in the first round."""

    strips: tuple[Strip, ...] = ()  # one a view of a ring
    views: tuple[Ringed, ...] = ()  # more than one where the ink or the name's beginning may be seen in more ways
    boxed: tuple[tuple[Image, int], ...] = ()  # of a boxed seal: each crop and the way of reading that it belongs to

    @property
    def crops(self) -> tuple[Image, ...]:
        return tuple(strip.image for strip in self.strips) or tuple(crop for crop, _ in self.boxed)


def prepared(image: Image, seal: FoundSeal) -> Job:
    if seal.shape in ("round", "oval"):
        return _ring_job(image, seal)
    return _box_job(image, seal)


def _ring_job(image: Image, seal: FoundSeal) -> Job:
    views = _ringed(image, seal)
    return Job(strips=tuple(name_strip(view, view.ink, 1.0) for view in views), views=views)


def _ringed(image: Image, seal: FoundSeal) -> tuple[Ringed, ...]:
    """The seal in its work picture; a grey one also with all ink taken for its own, as it may be as dark as print."""
    crop, near = _work_picture(image, seal.centre, seal.axes, math.radians(seal.angle))
    ink = seal_ink(crop, seal.colour)
    better = None if seal.cut or seal.colour == "grey" else _moved(ink, near)
    if better is not None:  # the finder's ring is off: start again around the rim that the ink shows
        scale = near.a / seal.axes[0]
        x, y = (seal.centre[0] + (better.cx - near.cx) / scale, seal.centre[1] + (better.cy - near.cy) / scale)
        crop, near = _work_picture(image, (x, y), (better.a / scale, better.b / scale), better.tilt)
        ink = seal_ink(crop, seal.colour)
    if seal.colour != "grey":
        return _views((crop, seal.colour, ink, None), near)
    everything = dense_ink(crop)
    apart = grey_ink(crop, rim_level(density_of(crop), near))
    if apart is None:
        return _views((crop, seal.colour, everything, everything), near)
    return (
        *_views((crop, seal.colour, apart, everything), near),
        *_views((crop, seal.colour, everything, apart), near)[:1],
    )


def _work_picture(
    image: Image, centre: tuple[float, float], axes: tuple[float, float], tilt: float
) -> tuple[Image, Ring]:
    """The seal's surroundings at the work size, and its ring there."""
    scale = WORK_RADIUS / math.sqrt(max(1.0, axes[0] * axes[1]))
    side = 2 * math.ceil(max(axes) * scale + WORK_RADIUS * WORK_MARGIN)
    crop = _scaled(image, centre, scale, 0.0, (side, side))
    return crop, Ring(side / 2, side / 2, axes[0] * scale, axes[1] * scale, tilt)


def _moved(ink: Ink, near: Ring) -> Ring | None:
    """The rim that the ink shows, where little of it lies under the given ring; None if that one is right."""
    cover = rim_cover(ink, fit_ring(ink, near))
    if cover >= COVERED:
        return None
    others = [(rim_cover(ink, fit_ring(ink, ring)), ring) for ring in rings_of_ink(ink) if _like(ring, near)]
    best = max(others, key=lambda pair: pair[0], default=(0.0, near))
    return best[1] if best[0] > cover + COVER_GAIN else None


def _like(ring: Ring, near: Ring) -> bool:
    """Whether a piece of ink may be the rim that was looked for: a border's or a line's ellipse is none."""
    size = math.sqrt(max(0.0, ring.a * ring.b)) / math.sqrt(near.a * near.b)
    return ring.small >= FLATTEST * max(ring.a, ring.b) and 1 / RESIZED <= size <= RESIZED


def _views(inks: tuple[Image, Colour, Ink, Ink | None], near: Ring) -> tuple[Ringed, ...]:
    """One view for each place where the name may begin; ``inks``: what a view holds of the picture."""
    ink = inks[2]
    ring = fit_ring(ink, near)
    return tuple(
        Ringed(*inks, ring, arc, find_band(ink, ring, arc), turn_of(ring, arc)) for arc in find_arcs(ink, ring)
    )


def _scaled(image: Image, centre: tuple[float, float], scale: float, turn: float, size: tuple[int, int]) -> Image:
    """The surroundings of ``centre`` at ``scale``, turned back by ``turn`` radians; ``size``: width and height, px."""
    if scale < 0.5:
        step = 0.5 / scale
        reduced = cv2.resize(image, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        return _scaled(reduced, (centre[0] / step, centre[1] / step), 0.5, turn, size)
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[0, 2] = size[0] / 2 - matrix[0, 0] * centre[0] - matrix[0, 1] * centre[1]
    matrix[1, 2] = size[1] / 2 - matrix[1, 0] * centre[0] - matrix[1, 1] * centre[1]
    flags = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    crop: Image = cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return crop


def name_strip(ringed: Ringed, ink: Ink, stretch: float, *, shift: float = 0.0, grow: float = 0.0) -> Strip:
    """The name unrolled; ``shift`` and ``grow`` move and widen the band, in shares of the half axis."""
    band = Band(ringed.band.top - BAND_MARGIN + shift - grow, ringed.band.bottom + BAND_MARGIN + shift + grow)
    arc = Arc(ringed.arc.start - ARC_MARGIN, ringed.arc.end + ARC_MARGIN, ringed.arc.sure)
    return Strip(unroll(ink, ringed.ring, band, arc, height=STRIP_HEIGHT, stretch=stretch), band, arc)


def variants(ringed: Ringed) -> tuple[Strip, ...]:
    """Other cuts of a name that the first did not make clear: narrower, wider, higher, and the ink seen otherwise."""
    bled = ringed.ink if ringed.colour == "grey" else seal_ink(ringed.crop, ringed.colour, bled=True)
    return (
        name_strip(ringed, ringed.ink, 0.85),
        name_strip(ringed, ringed.ink, 1.35),
        name_strip(ringed, dense_ink(ringed.crop) if ringed.other is None else ringed.other, 1.0),
        *(name_strip(ringed, bled, stretch, grow=grow) for stretch, grow in ((1.0, 0.02), (1.25, 0.0))),
    )


def _box_job(image: Image, seal: FoundSeal) -> Job:
    quarter = round(seal.angle / 90)  # a frame has no upper side, its text has: it stands nearly upright on the page
    a, b = seal.axes if quarter % 2 == 0 else (seal.axes[1], seal.axes[0])
    scale = BOX_HEIGHT / max(1.0, 2 * min(a, b))
    size = (max(16, round(2.08 * a * scale)), max(16, round(2.08 * b * scale)))
    crop = _scaled(image, seal.centre, scale, math.radians(seal.angle - 90 * quarter), size)
    ink = seal_ink(crop, seal.colour)
    ways = [way for turned in _sides(ink) for way in layouts(turned)]
    return Job(boxed=tuple((strip, i) for i, way in enumerate(ways) for strip in way.strips))


def _sides(ink: Ink) -> tuple[Ink, ...]:
    """A box's ink as it stands; one that stands on end, also laid on either side: rows are commoner than columns."""
    height, width = ink.shape
    if height < STANDING * width:
        return (ink,)
    return (ink, *(np.ascontiguousarray(np.rot90(ink, turn)) for turn in (1, -1)))
