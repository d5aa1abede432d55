"""Seals read without any record: name, straight text and code, with rival readings and a lattice.

Two rounds, each one call of the engine for a whole page: first every seal's likeliest strips; then, for those that are
not clear, the same ring cut and stretched in other ways, and all of it voted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import SealReading
from pipeline.seals.boxed import BOX_HEIGHT, layouts
from pipeline.seals.glyphs import glyph_judge, seconded
from pipeline.seals.inside import code_strip, straight_rows, turn_of
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
from pipeline.seals.vote import KNOWN_ENDINGS, Reading, candidates, cleaned, voted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.reading.engine import Engine, Recognition
    from pipeline.seals.find import FoundSeal

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]
    Lattice = tuple[tuple[tuple[str, float], ...], ...]

__all__ = ["read_seals"]

NAMED = ("name", "columns", "rows")  # parts of a job that hold a name
STRIP_HEIGHT = 48  # px, the recogniser's own
WORK_MARGIN = 0.5  # of the radius around the ring: the fit may move it
COVERED = 0.75  # share of a rim's angles with ink from which a ring lies on its rim, wear allowed for
COVER_GAIN = 0.15  # by which another ring must be better covered
FLATTEST = 0.5  # axes' proportion of the flattest seal: 45x30 mm on a slanting photo
RESIZED = 1.6  # times by which the finder's ring may be too large or too small
SOUND_RIM = 0.95  # share of a rim's angles with ink on a seal that is not worn
ARC_MARGIN = math.radians(5)  # kept on both sides of the name
BAND_MARGIN = 0.02  # kept over heads and under feet
CLEAR_MEAN, CLEAR_LEAST = 0.97, 0.80  # mean and least probability a character over which one reading is enough
MIN_NAME = 4  # characters: no organisation's name is shorter, DOMAIN §6.5
CODE_DIGITS = 13  # 印章编码, DOMAIN §6.1
WIDE_GAP = 1.7  # of the median distance between characters: over it one was missed
CODE_SURE, CODE_LEAST = 0.92, 0.6  # mean and least probability a digit: a wrong code is worse than none
STRAIGHT_SURE = 0.45  # mean probability under which straight text is noise


@dataclass(frozen=True, slots=True)
class _Ringed:
    """A ring seal prepared: the ink in its work picture and the geometry of its name."""

    ink: Ink
    other: Ink  # the same with the ink seen in another way
    ring: Ring
    arc: Arc
    band: Band
    turn: float


@dataclass(frozen=True, slots=True)
class _Job:
    """What of one seal goes to the engine in the first round; ``parts`` says what each crop is."""

    crops: tuple[Image, ...]
    parts: tuple[str, ...]
    ringed: tuple[_Ringed, ...] = ()  # more than one where the ink may be seen in more than one way


def read_seals(image: Image, found: Sequence[FoundSeal], engine: Engine, *, page: int) -> tuple[SealReading, ...]:
    """Read the seals of one page.

    :param image: the upright page (H, W, 3), BGR
    :param found: the seals found on it, in fractions and pixels of that picture
    :param page: the page's number within its envelope
    :returns: one reading a found seal, in the same order; ``legible`` is 0 where no character could be read
    """
    jobs = [_prepared(image, seal) for seal in found]
    first = _first_round(engine, jobs)
    chosen = [_best_view(job, found_) for job, found_ in zip(jobs, first, strict=True)]
    unclear = [i for i, job in enumerate(jobs) if job.ringed and not _clear(first[i][chosen[i]])]
    again = [_variants(jobs[i].ringed[chosen[i]]) for i in unclear]
    second = dict(zip(unclear, map(_seconded, again, _recognised(engine, again)), strict=True))
    return tuple(
        _reading(seal, job, chosen[i], first[i], second.get(i, []), page)
        for i, (seal, job) in enumerate(zip(found, jobs, strict=True))
    )


def _first_round(engine: Engine, jobs: Sequence[_Job]) -> list[list[Recognition]]:
    """All crops read; names with their lattices, which cost as much again, the rest without."""
    named = [[crop for crop, part in zip(job.crops, job.parts, strict=True) if part in NAMED] for job in jobs]
    other = [[crop for crop, part in zip(job.crops, job.parts, strict=True) if part not in NAMED] for job in jobs]
    names, rest = _recognised(engine, named), _recognised(engine, other, lattice=False)
    read = [
        [(read_names if part in NAMED else read_rest).pop(0) for part in job.parts]
        for job, read_names, read_rest in zip(jobs, names, rest, strict=True)
    ]
    return [
        _seconded(job.crops[: len(job.ringed)], found) + found[len(job.ringed) :]
        for job, found in zip(jobs, read, strict=True)
    ]


def _seconded(strips: Sequence[Image], found: Sequence[Recognition]) -> list[Recognition]:
    """A ring's strips with a second opinion on their characters."""
    return [seconded(reading, strip, glyph_judge()) for reading, strip in zip(found, strips, strict=False)]


def _recognised(engine: Engine, groups: Sequence[Sequence[Image]], *, lattice: bool = True) -> list[list[Recognition]]:
    """All crops in one call, handed back group by group."""
    crops = [cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR) for group in groups for crop in group]
    results = iter(engine.recognise(crops, lattice=lattice) if crops else [])
    return [[next(results) for _ in group] for group in groups]


# ------------------------------------------------------------------------------------------------------ preparing


def _prepared(image: Image, seal: FoundSeal) -> _Job:
    if seal.shape in ("round", "oval"):
        return _ring_job(image, seal)
    return _box_job(image, seal)


def _ring_job(image: Image, seal: FoundSeal) -> _Job:
    views = _ringed(image, seal)
    crops, parts = [_name_strip(view, view.ink, 1.0) for view in views], ["name"] * len(views)
    ringed = views[0]
    code = code_strip(ringed.ink, ringed.ring, ringed.turn, height=STRIP_HEIGHT)
    if code is not None:
        crops.append(code)
        parts.append("code")
    rows = straight_rows(ringed.ink, ringed.ring, ringed.band, ringed.arc, ringed.turn)
    return _Job((*crops, *rows), (*parts, *["straight"] * len(rows)), views)


def _ringed(image: Image, seal: FoundSeal) -> tuple[_Ringed, ...]:
    """The seal in its work picture; a grey one also with all ink taken for its own, as it may be as dark as print."""
    crop, near = _work_picture(image, seal.centre, seal.axes, math.radians(seal.angle))
    ink = seal_ink(crop, seal.colour)
    better = None if seal.cut or seal.colour == "grey" else _moved(ink, near)
    if better is not None:  # the finder's ring is off: start again around the rim that the ink shows
        scale = near.a / seal.axes[0]
        x, y = (seal.centre[0] + (better.cx - near.cx) / scale, seal.centre[1] + (better.cy - near.cy) / scale)
        crop, near = _work_picture(image, (x, y), (better.a / scale, better.b / scale), better.tilt)
        ink = seal_ink(crop, seal.colour)
    everything = dense_ink(crop)
    if seal.colour != "grey":
        return _views(ink, everything, near)
    apart = grey_ink(crop, rim_level(density_of(crop), near))
    if apart is None:
        return _views(everything, everything, near)
    return (*_views(apart, everything, near), *_views(everything, apart, near)[:1])


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


def _views(ink: Ink, other: Ink, near: Ring) -> tuple[_Ringed, ...]:
    """One view for each place where the name may begin."""
    ring = fit_ring(ink, near)
    return tuple(
        _Ringed(ink, other, ring, arc, find_band(ink, ring, arc), turn_of(ring, arc)) for arc in find_arcs(ink, ring)
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


def _name_strip(ringed: _Ringed, ink: Ink, stretch: float, *, shift: float = 0.0, grow: float = 0.0) -> Image:
    """The name unrolled; ``shift`` and ``grow`` move and widen the band, in shares of the half axis."""
    band = Band(ringed.band.top - BAND_MARGIN + shift - grow, ringed.band.bottom + BAND_MARGIN + shift + grow)
    arc = Arc(ringed.arc.start - ARC_MARGIN, ringed.arc.end + ARC_MARGIN, ringed.arc.sure)
    return unroll(ink, ringed.ring, band, arc, height=STRIP_HEIGHT, stretch=stretch)


def _variants(ringed: _Ringed) -> list[Image]:
    """Other cuts of a name that the first did not make clear: narrower, wider, higher, and the ink seen otherwise."""
    return [
        _name_strip(ringed, ringed.ink, 0.85),
        _name_strip(ringed, ringed.ink, 1.0, grow=0.02),
        _name_strip(ringed, ringed.ink, 1.35),
        _name_strip(ringed, ringed.other, 1.0),
    ]


def _box_job(image: Image, seal: FoundSeal) -> _Job:
    a, b = seal.axes
    scale = BOX_HEIGHT / max(1.0, 2 * min(a, b))
    size = (max(16, round(2.08 * a * scale)), max(16, round(2.08 * b * scale)))
    crop = _scaled(image, seal.centre, scale, math.radians(seal.angle), size)
    ways = layouts(seal_ink(crop, seal.colour))
    crops = [(strip, f"{'columns' if way.vertical else 'rows'}") for way in ways for strip in way.strips]
    return _Job(tuple(crop for crop, _ in crops), tuple(part for _, part in crops))


# ------------------------------------------------------------------------------------------------------- judging


def _clear(found: Recognition) -> bool:
    reading = cleaned(found)
    return (
        len(reading.text) >= MIN_NAME and reading.score >= CLEAR_MEAN and min(reading.scores, default=0) >= CLEAR_LEAST
    )


def _best_view(job: _Job, first: Sequence[Recognition]) -> int:
    """Which of the first round's name strips reads best."""
    readings = [cleaned(found) for found in first[: len(job.ringed)]]
    return max(range(len(readings)), key=lambda i: _sense(readings[i]), default=0)


def _sense(reading: Reading) -> float:
    """How much a ring's reading makes sense: sure, of a name's length, ending as names do."""
    whole = 0.15 * reading.text.endswith(KNOWN_ENDINGS)
    return reading.score * min(1.0, len(reading.text) / 6) + whole


def _reading(
    seal: FoundSeal, job: _Job, chosen: int, first: Sequence[Recognition], second: Sequence[Recognition], page: int
) -> SealReading:
    if not job.ringed:
        return _boxed_reading(seal, job, first, page)
    ringed = job.ringed[chosen]
    names = [first[chosen], *second]
    readings = [replace(cleaned(found), whole=_completeness(found, ringed.arc)) for found in names]
    best = voted(readings)
    nearest = max(range(len(names)), key=lambda i: (readings[i].text == best.text, readings[i].score))
    # What is missing from the rim is missing from the name too: an engine may be sure of half a character.
    whole = _completeness(names[nearest], ringed.arc) * min(1.0, rim_cover(ringed.ink, ringed.ring) / SOUND_RIM) ** 2
    straight = [r.text for p, r in zip(job.parts, first, strict=True) if p == "straight" and _meant(r)]
    codes = [r for p, r in zip(job.parts, first, strict=True) if p == "code"]
    return SealReading(
        page=page,
        box=seal.box,
        shape=seal.shape,
        colour=seal.colour,
        found=seal.found,
        legible=round(_legible(best) * whole, 3),
        faint=seal.faint,
        cut=seal.cut,
        rotation=round(-math.degrees(ringed.turn) % 360, 1),
        diameter_mm=seal.diameter_mm,
        candidates=candidates(best, readings),
        straight=tuple(straight),
        code=_code(codes[0]) if codes else None,
        lattice=names[nearest].lattice,
    )


def _legible(best: Reading) -> float:
    """How far a name can be trusted: the mean probability, pulled down by its worst characters; 0 without a name."""
    if len(best.text) < 2:
        return 0.0
    worst = sorted(best.scores)[: max(1, len(best.scores) // 4)]
    return round(min(1.0, 0.6 * best.score + 0.4 * sum(worst) / len(worst)), 3)


def _completeness(found: Recognition, arc: Arc) -> float:
    """Share of a ring's characters that were read: engravers set them evenly, a wide gap is a character missed."""
    centres = found.centres
    if len(centres) < MIN_NAME:
        return 1.0
    margin = ARC_MARGIN / (arc.span + 2 * ARC_MARGIN)
    gaps = np.diff(centres)
    pitch = float(np.median(gaps))
    missed = sum(round(gap / pitch) - 1 for gap in gaps if gap > WIDE_GAP * pitch)
    missed += sum(1 for end in (centres[0] - margin, 1 - margin - centres[-1]) if end > (WIDE_GAP - 0.4) * pitch)
    return float(len(centres) / (len(centres) + 1.5 * missed))


def _meant(found: Recognition) -> bool:
    """Whether straight text is text: sure enough, and more than a speck."""
    return found.confidence >= STRAIGHT_SURE and len(found.text.strip()) >= 2


def _code(found: Recognition) -> str | None:
    """The 13 digits of the lower arc, or None where not just that many can be read."""
    digits = re.sub(r"\D", "", found.text.translate(str.maketrans("OoIlBSZ", "0011852")))
    sure = found.confidence >= CODE_SURE and min(found.scores, default=0.0) >= CODE_LEAST
    return digits if len(digits) == CODE_DIGITS and sure else None


# ------------------------------------------------------------------------------------------------- boxed readings

NAME_ENDS = ("印", "章", "之印", "印章", "专用章", "公司")  # what a boxed seal's text ends with, read the right way
USUAL_WORDS = re.compile(
    "公司|有限|财务|专用|科技|会计|注册|合同|之印|中国|市|省"
)  # in a boxed seal read the right way
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)


def _boxed_reading(seal: FoundSeal, job: _Job, first: Sequence[Recognition], page: int) -> SealReading:
    ways: list[tuple[Reading, tuple[str, ...], Lattice]] = []
    for part in ("columns", "rows"):
        read = [r for p, r in zip(job.parts, first, strict=True) if p == part and r.text.strip()]
        if read:
            lines = [cleaned(r) for r in read]
            joined = Reading("".join(line.text for line in lines), tuple(s for line in lines for s in line.scores))
            ways.append((joined, tuple(line.text for line in lines), _chained([r.lattice for r in read])))
    ways.sort(key=lambda way: -_boxed_sense(way[0]))
    best, rows, lattice = ways[0] if ways else (Reading("", ()), (), ())
    return SealReading(
        page=page,
        box=seal.box,
        shape=seal.shape,
        colour=seal.colour,
        found=seal.found,
        legible=_legible(best),
        faint=seal.faint,
        cut=seal.cut,
        rotation=round(-seal.angle % 360, 1),
        diameter_mm=seal.diameter_mm,
        candidates=candidates(best, [way[0] for way in ways]),
        straight=rows if len(rows) > 1 else (),
        lattice=lattice,
    )


def _boxed_sense(reading: Reading) -> float:
    """How much a reading of a boxed seal makes sense: sure, and ending or beginning as such seals do."""
    ends = 0.3 * reading.text.endswith(NAME_ENDS)
    starts = 0.1 * (reading.text[:1] in SURNAMES)
    words = 0.15 * len(USUAL_WORDS.findall(reading.text))
    return reading.score + ends + starts + words


def _chained(lattices: Sequence[Lattice]) -> Lattice:
    """The lattices of several rows as one, a sure blank between them."""
    blank = ((("", 1.0),),)
    return tuple(step for lattice in lattices for step in (*lattice, *blank))
