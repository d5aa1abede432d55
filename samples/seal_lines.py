"""Lines of seals to learn reading from: strips just as the program cuts them, with what stands on each.

A seal is drawn, pressed on print, scanned, and cut by :mod:`pipeline.seals.prepare` from a ring or frame that is a
little off, as the finder's is. Where each sign stands is known from the drawing, so that a strip which begins within
the name, or shows a part of it, still has its true text. Strips that were cut beside the ring are left out: nothing can
be learnt from them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from pipeline.model import Box
from pipeline.seals.find import FoundSeal
from pipeline.seals.inside import code_strip, straight_rows
from pipeline.seals.prepare import STRIP_HEIGHT, Ringed, Strip, name_strip, prepared, variants
from pipeline.seals.unwrap import RIM_MIDDLE, WORK_RADIUS, Arc
from samples.seal_art import SealSpec, Stamp, engrave, lines_of, press_seal
from samples.seal_decoys import DARKS
from samples.seal_pages import paper_colour, print_body
from samples.seal_scenes import ink_state
from samples.seal_texts import any_signs, boxed_text, inner_text, organisation, person

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Colour, Shape

    Image = NDArray[np.uint8]

__all__ = ["Lesson", "lessons", "seen_on"]

DPI = 200  # of paper and stamps before the scan
FINENESS = (11.0, 14.0, 18.0)  # px a mm that stamps are drawn with
SHEETS = 24  # of print that seals are pressed on
CROSSING = 16  # stamps kept that others are crossed by
OFF_CENTRE, OFF_SIZE = 0.05, 0.05  # of the half axis: a fitted ring farther from the true one is no lesson
CUT_SIGN = 0.38  # of the pitch between a sign's middle and a strip's end, within which the sign is cut
CELL, CELL_GAP = 48.0 / 74 * 60, 48.0 / 74 * 7  # px of a sign in a laid-out column, at the strip's height


@dataclass(frozen=True, slots=True)
class Lesson:
    """A strip, dark on white (48, W), and what stands on it."""

    strip: Image
    text: str


@dataclass(frozen=True, slots=True)
class _Pressed:
    """A seal on a scan: the picture (BGR), px a mm, and where the seal's centre is, px."""

    image: Image
    px_per_mm: float
    centre: tuple[float, float]
    colour: Colour
    stamp: Stamp
    spec: SealSpec


def lessons(seed: int) -> tuple[Lesson, ...]:
    """The lines of one drawn seal; the same seed and fonts give the same."""
    r = random.Random(seed)
    one = _pressed(_spec(r), r, np.random.default_rng(seed))
    lines = _ring_lines(one, r) if one.spec.shape in ("round", "oval") else _box_lines(one, r)
    return tuple(Lesson(_of_height(strip), text) for strip, text in lines)


def _of_height(strip: Image) -> Image:
    high, wide = strip.shape
    size = (max(8, round(wide * STRIP_HEIGHT / high)), STRIP_HEIGHT)
    way = cv2.INTER_AREA if high > STRIP_HEIGHT else cv2.INTER_LINEAR
    return strip if high == STRIP_HEIGHT else np.asarray(cv2.resize(strip, size, interpolation=way), np.uint8)


# ----------------------------------------------------------------------------------------------------- the seal


def _spec(r: random.Random) -> SealSpec:
    shape: Shape = r.choices(("round", "oval", "square", "rectangle"), (62, 14, 12, 12))[0]
    ring = shape in ("round", "oval")
    tilt = r.gauss(0, 4) if not ring else r.gauss(0, 14) if r.random() < 0.75 else r.uniform(-180, 180)
    ink: Literal["red", "pink", "blue", "grey"] = r.choices(("red", "pink", "blue", "grey"), (74, 12, 8, 6))[0]
    spec = SealSpec(
        "", shape=shape, colour=ink, wear=r.random() ** 1.7 * 0.75, faint=r.random() ** 2.5 * 0.75, rotation=tilt,
        double_ring=r.random() < 0.12,
    )  # fmt: skip
    if shape == "round":
        return _round(spec, r)
    if shape == "oval":
        return _oval(spec, r)
    if shape == "square":
        who = any_signs(r, 4) if r.random() < 0.3 else person(r)
        return replace(spec, name=f"{who}{'印' if len(who) == 3 else '之印'}"[:4], diameter_mm=r.uniform(12, 26))
    rows = boxed_text(r)
    wide = min(70.0, max(18.0, max(len(row) for row in rows.split("\n")) * r.uniform(2.6, 6)))
    high = (rows.count("\n") + 1) * r.uniform(4.5, 8) + 2
    return replace(spec, name=rows, diameter_mm=max(wide, high), height_mm=min(high, 0.95 * wide))


def _round(spec: SealSpec, r: random.Random) -> SealSpec:
    emblem = r.random() < 0.07
    name = organisation(r)
    size = r.choice((38.0, 40.0, 40.0, 40.0, 42.0, 42.0, 44.0, 45.0, 50.0, 58.0, 36.0, 30.0, 25.0))
    if len(name) > 16:
        size = max(size, 38.0)
    return replace(
        spec, name=name, diameter_mm=size, star=r.random() < 0.78 and not emblem, emblem=emblem,
        centre_text=inner_text(r) if r.random() < 0.4 else "",
        code="".join(r.choices("0123456789", k=13)) if r.random() < 0.6 else "",
    )  # fmt: skip


def _oval(spec: SealSpec, r: random.Random) -> SealSpec:
    size = r.choice(((40.0, 30.0), (45.0, 30.0), (42.0, 32.0), (38.0, 26.0), (50.0, 36.0), (46.0, 34.0)))
    tax = "91" + "".join(r.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=16))
    return replace(
        spec, name=organisation(r), diameter_mm=size[0], height_mm=size[1], star=r.random() < 0.15,
        centre_text="发票专用章" if r.random() < 0.4 else inner_text(r) if r.random() < 0.5 else "",
        code=tax if r.random() < 0.5 else "",
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------- paper and scan


@lru_cache(maxsize=SHEETS)
def _sheet(number: int) -> Image:
    r = random.Random(f"sheet-{number}")
    canvas = Pillow.new("RGB", (1654, 1654), paper_colour(r))
    print_body(canvas, r)
    return np.asarray(canvas, dtype=np.uint8)


@lru_cache(maxsize=CROSSING)
def _crossing(number: int) -> Image:
    r = random.Random(f"crossing-{number}")
    return engrave(_spec(r), dpi=DPI, seed=number, px_per_mm=FINENESS[0]).art


def _pressed(spec: SealSpec, r: random.Random, rng: Any) -> _Pressed:
    stamp = engrave(spec, dpi=DPI, seed=r.randrange(1 << 30), px_per_mm=r.choice(FINENESS))
    art = _inked(stamp.art, r, rng)
    high, wide = art.shape[:2]
    side = round(max(high, wide) * 1.7)
    sheet = _sheet(r.randrange(SHEETS))
    if r.random() < 0.3:  # on blank paper
        page = np.empty((side, side, 3), np.uint8)
        page[:] = sheet[0, 0]
    else:
        x, y = r.randrange(max(1, 1654 - side)), r.randrange(max(1, 1654 - side))
        page = sheet[y : y + side, x : x + side]
    middle = (page.shape[1] / 2, page.shape[0] / 2)
    page = press_seal(page, art, middle)
    if r.random() < 0.16:
        other, way = _crossing(r.randrange(CROSSING)), r.uniform(0, 2 * math.pi)
        apart = (max(other.shape[:2]) + max(high, wide)) / 2 * r.uniform(0.62, 0.9)
        page = press_seal(page, other, (middle[0] + apart * math.cos(way), middle[1] + apart * math.sin(way)))
    if r.random() < 0.12:
        page = _signed(page, r)
    image, px_per_mm, colour = _scanned(page, spec, r, rng)
    factor = px_per_mm / (DPI / 25.4)
    # press_seal sets whole pixels: where the middle of the art came to lie.
    lies = [round(m - n / 2) + n / 2 for m, n in zip(middle, (wide, high), strict=True)]
    return _Pressed(image, px_per_mm, (lies[0] * factor, lies[1] * factor), colour, stamp, spec)


def _inked(art: Image, r: random.Random, rng: Any) -> Image:
    """The stamp with thicker or thinner strokes, inked unevenly, doubled, dragged."""
    alpha = art[:, :, 3].astype(np.float32) / 255
    way = r.random()
    if way < 0.14:
        alpha = cv2.dilate(alpha, np.ones((r.choice((2, 3)), r.choice((2, 3))), np.uint8))
    elif way < 0.22:
        alpha = cv2.erode(alpha, np.ones((2, 2), np.uint8)) * 0.7 + alpha * 0.3
    if r.random() < 0.5:
        alpha = ink_state(alpha, r, rng)
    out = art.copy()
    out[:, :, 3] = np.round(np.clip(alpha, 0, 1) * 255)
    return out


def _signed(page: Image, r: random.Random) -> Image:
    canvas = Pillow.fromarray(page)
    side = page.shape[0]
    points = [(r.uniform(0.1, 0.9) * side, r.uniform(0.2, 0.8) * side)]
    for _ in range(14):
        points.append((points[-1][0] + r.uniform(-20, 34), points[-1][1] + r.uniform(-46, 46)))
    ImageDraw.Draw(canvas).line(points, fill=r.choice((*DARKS, (20, 30, 110))), width=r.randint(2, 6), joint="curve")
    return np.asarray(canvas, dtype=np.uint8)


def _scanned(page: Image, spec: SealSpec, r: random.Random, rng: Any) -> tuple[Image, float, Colour]:
    """Copier and scanner: grey or not, contrast, blur, resolution, grain, JPEG."""
    grey = r.random() < 0.33 and spec.faint < 0.35
    picture = page[:, :, ::-1].astype(np.float32)
    if grey:
        weights = r.choice(((0.114, 0.587, 0.299), (0.114, 0.587, 0.299), (0.0, 1.0, 0.0), (0.33, 0.33, 0.34)))
        picture = np.repeat((picture @ np.array(weights, np.float32))[:, :, None], 3, axis=2)
        picture = np.clip((picture - 128) * r.uniform(1.0, 1.7) + 128 + r.uniform(-10, 20), 0, 255)
    elif r.random() < 0.4:
        picture = picture * np.array([r.uniform(0.86, 1), r.uniform(0.92, 1), 1.0], np.float32) * r.uniform(0.75, 1)
    dpi = r.choice((100, 120, 130, 150, 150, 200, 200, 200, 240, 300))
    factor = dpi / DPI
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)
    picture = cv2.GaussianBlur(picture, (0, 0), r.uniform(0.3, 1.1))
    picture = picture + rng.normal(0, r.uniform(0.5, 6), picture.shape[:2]).astype(np.float32)[:, :, None]
    image = np.clip(picture, 0, 255).astype(np.uint8)
    colour: Colour = "grey" if grey else "red" if spec.colour in ("red", "pink") else spec.colour  # type: ignore[assignment]
    if grey and r.random() < 0.18:
        plain = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        image = cv2.cvtColor(((plain > r.uniform(130, 205)) * np.uint8(255)), cv2.COLOR_GRAY2BGR)
    else:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, r.randint(45, 95)])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    return image, dpi / 25.4, colour


# ------------------------------------------------------------------------------------------------------- the lines


def _found(one: _Pressed, r: random.Random, *, off: float) -> FoundSeal:
    """The seal as the finder would hand it over, a little off."""
    spec = one.spec
    high = spec.height_mm or spec.diameter_mm * {"oval": 0.72, "rectangle": 0.42}.get(spec.shape, 1.0)
    a, b = spec.diameter_mm / 2 * one.px_per_mm, high / 2 * one.px_per_mm
    ring = RIM_MIDDLE if spec.shape in ("round", "oval") else 1.0
    grown = ring * (1 + r.gauss(0, off))
    centre = (one.centre[0] + r.gauss(0, off) * b, one.centre[1] + r.gauss(0, off) * b)
    return FoundSeal(
        box=Box(x0=0.2, y0=0.2, x1=0.8, y1=0.8), centre=centre, axes=(a * grown, b * grown),
        angle=0.0 if spec.shape == "round" else spec.rotation + r.gauss(0, 20 * off), shape=spec.shape,
        colour=one.colour, found=1.0,
    )  # fmt: skip


def _ring_lines(one: _Pressed, r: random.Random) -> Iterator[tuple[Image, str]]:
    seal = _found(one, r, off=0.012)
    job = prepared(one.image, seal)
    rest = 2
    for view, strip in zip(job.views, job.strips, strict=True):
        if not _true(view, one, seal):
            continue
        places = _places(view, one)
        text = seen_on(strip, places, one.spec.name)
        if text:
            yield strip.image, text
        if rest:
            near = _near(places, r)
            cuts = [*r.sample(variants(replace(view, arc=near)), 2), _other_cut(view, near, r)]
            for cut in r.sample(cuts, rest):
                text = seen_on(cut, places, one.spec.name)
                if text:
                    yield cut.image, text
            yield from _inner_lines(view, near, one, r)
            rest = 0


def _true(view: Ringed, one: _Pressed, seal: FoundSeal) -> bool:
    """Whether a view's ring lies on the drawn one."""
    spec = one.spec
    proportion = (spec.height_mm or spec.diameter_mm) / spec.diameter_mm
    scale = WORK_RADIUS / math.sqrt(seal.axes[0] * seal.axes[1])
    side = view.ink.shape[1] / 2
    x = side + (one.centre[0] - seal.centre[0]) * scale
    y = side + (one.centre[1] - seal.centre[1]) * scale
    a = spec.diameter_mm / 2 * one.px_per_mm * RIM_MIDDLE * scale
    ring = view.ring
    small, large = sorted((ring.a, ring.b))
    off = math.hypot(ring.cx - x, ring.cy - y) / small
    sizes = (abs(large / a - 1), abs(small / (a * proportion) - 1))
    return off < OFF_CENTRE and max(sizes) < OFF_SIZE


def _places(view: Ringed, one: _Pressed) -> list[float]:
    """Where the name's signs stand, as parameters of the view's ring, each behind the one before."""
    turn = math.radians(one.spec.rotation) - view.ring.tilt
    out: list[float] = []
    for upright in one.stamp.places:
        way = upright + turn
        t = math.atan2(view.ring.a * math.sin(way), view.ring.b * math.cos(way))
        while out and t < out[-1]:
            t += 2 * math.pi
        out.append(t)
    return out


def seen_on(strip: Strip, places: Sequence[float], name: str) -> str | None:
    """What of the name a strip shows; None where it cuts a sign."""
    pitch = (places[-1] - places[0]) / max(1, len(places) - 1)
    low, high = strip.arc.start, strip.arc.end
    shown: list[tuple[float, str]] = []
    for place, sign in zip(places, name, strict=True):
        first = low + (place - low) % (2 * math.pi)
        for at in (first - 2 * math.pi, first, first + 2 * math.pi):
            if min(abs(at - low), abs(at - high)) < CUT_SIGN * pitch:
                return None
            if low < at < high:
                shown.append((at, sign))
    return "".join(sign for _, sign in sorted(shown))


def _near(places: Sequence[float], r: random.Random) -> Arc:
    pitch = (places[-1] - places[0]) / max(1, len(places) - 1)
    arc = Arc(places[0] - r.uniform(0.5, 1.6) * pitch, places[-1] + r.uniform(0.5, 1.6) * pitch, 1.0)
    over = max(0.0, arc.span - 2 * math.pi + 0.2) / 2
    return Arc(arc.start + over, arc.end - over, 1.0)


def _other_cut(view: Ringed, near: Arc, r: random.Random) -> Strip:
    shift, grow = r.gauss(0, 0.012), r.uniform(-0.01, 0.035)
    return name_strip(replace(view, arc=near), view.ink, r.uniform(0.75, 1.5), shift=shift, grow=grow)


def _inner_lines(view: Ringed, near: Arc, one: _Pressed, r: random.Random) -> Iterator[tuple[Image, str]]:
    """The code and the straight lines, where as many are seen as there are."""
    spec = one.spec
    turn = math.radians(spec.rotation) + r.gauss(0, 0.03)
    arc_code = spec.code if len(spec.code) == 13 else ""
    if arc_code and (strip := code_strip(view.ink, view.ring, turn, height=STRIP_HEIGHT)) is not None:
        yield strip, arc_code
    wanted = [spec.code] if spec.code and not arc_code else []
    wanted += [line for line in spec.centre_text.split("\n") if line]
    rows = straight_rows(view.ink, view.ring, view.band, near, turn, coded=bool(arc_code))
    if len(rows) == len(wanted):
        yield from ((row.image, text) for row, text in zip(rows, wanted, strict=True))


def _box_lines(one: _Pressed, r: random.Random) -> Iterator[tuple[Image, str]]:
    lines, vertical = lines_of(one.spec)
    job = prepared(one.image, _found(one, r, off=0.01))
    ways = [[strip for strip, way in job.boxed if way == number] for number in sorted({way for _, way in job.boxed})]
    if not vertical:
        for way in ways[:1]:
            if len(way) == len(lines):
                yield from zip(way, lines, strict=True)
        return
    if len({len(line) for line in lines}) > 1:
        return
    across = "".join(line[row] for row in range(len(lines[0])) for line in reversed(lines))
    for way, text in zip(ways[:2], ("".join(lines), across), strict=False):
        if len(way) == 1 and abs(_of_height(way[0]).shape[1] - len(text) * (CELL + CELL_GAP) - 14) < CELL / 2:
            yield way[0], text
