"""Drawn seals (印章): what a rubber stamp leaves on paper, as an RGBA picture.

Measures follow DOMAIN §6.1 (国发〔1999〕25号 and the local police rules): a round company seal is 40 to 42 mm with
a rim of 1 mm, an oval invoice seal 40×30 mm, a name seal about 20 mm square. The name runs clockwise from lower left
over the top, the 13-digit code along the bottom the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from samples.seal_fonts import Face, face_for, faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["SealSpec", "Stamp", "draw_seal", "engrave", "lines_of", "press_seal"]

WORK_PX_PER_MM = 24.0  # drawn at about 600 dpi, then reduced: strokes get the soft edges of a scan
MARGIN_MM = 2.0  # room for the smear around the rim
INKS: dict[str, tuple[tuple[int, int, int], ...]] = {  # RGB at full ink
    "red": ((214, 26, 32), (200, 30, 44), (226, 48, 40), (190, 22, 52)),
    "pink": ((236, 104, 128), (228, 120, 130), (220, 92, 140)),
    "blue": ((36, 52, 168), (52, 60, 150), (28, 70, 180)),
    "grey": ((70, 70, 70), (92, 92, 92), (112, 112, 112)),
}


@dataclass(frozen=True, slots=True)
class SealSpec:
    """What a seal says and looks like.

    ``name``: round the arc; on square and rectangular seals the text itself ("\\n" parts rows). ``diameter_mm``:
    width of other shapes. ``height_mm``: None for the usual proportion. ``centre_text``: straight text under the star
    ("\\n" parts lines). ``code``: on the lower arc, or, with more than 13 signs on an oval seal, straight through the
    centre. ``wear`` and ``faint``: 0 to 1. ``rotation``: degrees clockwise as stamped. ``font``: a family or a file;
    None takes one by the seed. ``columns``: columns of a name seal, the rightmost first; empty lays a square seal's
    name out in two.
    """

    name: str
    shape: Literal["round", "oval", "square", "rectangle"] = "round"
    diameter_mm: float = 40.0
    height_mm: float | None = None
    centre_text: str = ""
    code: str = ""
    star: bool = True
    emblem: bool = False
    double_ring: bool = False
    colour: Literal["red", "grey", "blue", "pink"] = "red"
    wear: float = 0.0
    faint: float = 0.0
    rotation: float = 0.0
    font: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp leaves, with the seal's centre in the middle of the picture.

    ``art``: RGBA (H, W, 4). ``places``: the uprights of the signs of a ring's name, radians clockwise from the top of
    the upright seal; empty for other shapes.
    """

    art: Image
    places: tuple[float, ...]


def draw_seal(spec: SealSpec, *, dpi: int = 200, seed: int = 0) -> Image:
    """The seal as RGBA (H, W, 4), cropped to its ink's box; alpha is how much ink lies there.

    The same spec, dpi, seed and fonts give the same picture.

    :raises pipeline.errors.MissingTool: no installed font can write the name
    """
    return _cropped(engrave(spec, dpi=dpi, seed=seed).art)


def engrave(spec: SealSpec, *, dpi: int = 200, seed: int = 0, px_per_mm: float = WORK_PX_PER_MM) -> Stamp:
    """The seal as :func:`draw_seal` draws it, whole, and where the signs of its name stand.

    :param px_per_mm: fineness of the drawing that is then reduced; half of it takes a quarter of the time
    :raises pipeline.errors.MissingTool: no installed font can write the name
    """
    rng = np.random.default_rng([seed, *spec.name.encode()])
    plate, places = _clean_ink(spec, rng, px_per_mm)
    ink = _worn(plate.ink, spec, rng, px_per_mm)
    ink = _turned(ink, spec.rotation)
    scale = dpi / 25.4 / px_per_mm
    height, width = ink.shape
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small: Ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    return Stamp(_inked(small, spec, rng), places)


def press_seal(page: Image, art: Image, centre: tuple[float, float]) -> Image:
    """A copy of ``page`` (H, W, 3; RGB) with ``art`` stamped around ``centre`` (px): ink darkens what it covers."""
    out = page.copy()
    height, width = art.shape[:2]
    x0, y0 = round(centre[0] - width / 2), round(centre[1] - height / 2)
    px0, py0, px1, py1 = max(0, x0), max(0, y0), min(page.shape[1], x0 + width), min(page.shape[0], y0 + height)
    if px0 >= px1 or py0 >= py1:
        return out
    part = art[py0 - y0 : py1 - y0, px0 - x0 : px1 - x0].astype(np.float32)
    alpha = part[:, :, 3:] / 255
    filtered = 1 - alpha * (1 - part[:, :, :3] / 255)
    out[py0:py1, px0:px1] = np.clip(out[py0:py1, px0:px1] * filtered, 0, 255).astype(np.uint8)
    return out


# ------------------------------------------------------------------------------------------------ the clean engraving


@dataclass(frozen=True, slots=True)
class _Plate:
    """The canvas of a seal: its ink (0 to 1), half axes and centre in px."""

    ink: Ink
    a: float
    b: float
    cx: float
    cy: float
    px_per_mm: float

    def mm(self, value: float) -> float:
        return value * self.px_per_mm


def _size_mm(spec: SealSpec) -> tuple[float, float]:
    proportion = {"round": 1.0, "oval": 0.72, "square": 1.0, "rectangle": 0.42}[spec.shape]
    return spec.diameter_mm, spec.height_mm or spec.diameter_mm * proportion


def _clean_ink(spec: SealSpec, rng: np.random.Generator, px_per_mm: float) -> tuple[_Plate, tuple[float, ...]]:
    width, height = _size_mm(spec)
    pixels = [round((side + 2 * MARGIN_MM) * px_per_mm) for side in (height, width)]
    plate = _Plate(
        ink=np.zeros((pixels[0], pixels[1]), np.float32),
        a=width / 2 * px_per_mm,
        b=height / 2 * px_per_mm,
        cx=pixels[1] / 2,
        cy=pixels[0] / 2,
        px_per_mm=px_per_mm,
    )
    face = face_for(spec.name + spec.centre_text, spec.font, int(rng.integers(1 << 16)))
    if spec.shape in ("round", "oval"):
        return plate, _draw_ring_seal(plate, spec, face, rng)
    _draw_box_seal(plate, spec, face, rng)
    return plate, ()


def _draw_ring_seal(plate: _Plate, spec: SealSpec, face: Face, rng: np.random.Generator) -> tuple[float, ...]:
    """Draws a ring seal; where the uprights of its name's signs point."""
    rim = plate.mm(float(rng.uniform(0.8, 1.2)) * min(1.0, spec.diameter_mm / 36))
    _ellipse(plate, plate.a - rim / 2, plate.b - rim / 2, rim)
    inset = rim + plate.mm(0.7)
    if spec.double_ring:
        thin = plate.mm(0.25)
        _ellipse(plate, plate.a - rim - plate.mm(0.9), plate.b - rim - plate.mm(0.9), thin)
        inset += plate.mm(1.0)
    char_height = _name_height(plate, spec, rng)
    middle = inset + char_height / 2
    places = _name_arc(plate, spec, face, middle, char_height, rng)
    if spec.emblem:
        _emblem(plate, min(plate.a, plate.b) * 0.34)
    elif spec.star:
        _star(plate, plate.cx, plate.cy, min(plate.a, plate.b) * float(rng.uniform(0.31, 0.36)))
    if spec.code and _code_in_centre(spec):
        _straight(plate, spec.code, faces()[0], 0.0, plate.mm(3.7), plate.a * 1.22)
    elif spec.code:
        _code_arc(plate, spec, rim, rng)
    _centre_lines(plate, spec, face, rng)
    return places


def _code_in_centre(spec: SealSpec) -> bool:
    return spec.shape == "oval" and len(spec.code) > 13


def _name_height(plate: _Plate, spec: SealSpec, rng: np.random.Generator) -> float:
    """Characters are lower on small and crowded seals: about a quarter of the half height."""
    share = 0.27 if len(spec.name) <= 18 else 0.235
    base = min(plate.b, plate.a) * share * float(rng.uniform(0.94, 1.06))
    return base * (1.05 if spec.shape == "oval" else 1.0)


def _name_arc(
    plate: _Plate, spec: SealSpec, face: Face, middle: float, height: float, rng: np.random.Generator
) -> tuple[float, ...]:
    """The name over the top, its characters narrowed until they fit between the arc's ends."""
    a, b = plate.a - middle, plate.b - middle
    crowded = 275.0 if not spec.code or _code_in_centre(spec) else 262.0
    natural = 26.0 + 24.0 * len(spec.name) if len(spec.name) < 12 else 400.0
    span = min(natural, (crowded if len(spec.name) > 13 else 244.0) * float(rng.uniform(0.95, 1.02)))
    if spec.shape == "oval" and spec.centre_text:
        span = min(span, 248.0)
    slots = _arc_slots(a, b, math.radians(-span / 2), math.radians(span / 2), len(spec.name))
    pitch = slots.length / max(1, len(spec.name))
    glyph_width = min(height * 0.95, pitch * 0.88)
    for sign, (x, y, angle) in zip(spec.name, slots.places, strict=True):
        _glyph(plate, sign, face, (plate.cx + x, plate.cy + y), (glyph_width, height), angle)
    return tuple(angle for _, _, angle in slots.places)


@dataclass(frozen=True, slots=True)
class _Slots:
    places: tuple[tuple[float, float, float], ...]  # x, y from the centre; angle of the upright, clockwise, radians
    length: float


def _arc_slots(a: float, b: float, start: float, end: float, count: int) -> _Slots:
    """Evenly spaced places along an ellipse; angles clockwise from the top, reading clockwise."""
    t = np.linspace(start, end, 2001)
    x, y = a * np.sin(t), -b * np.cos(t)
    steps = np.hypot(np.diff(x), np.diff(y))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = float(along[-1])
    targets = (np.arange(count) + 0.5) * length / max(1, count)
    ts = np.interp(targets, along, t)
    normal = np.arctan2(np.sin(ts) / a, np.cos(ts) / b)
    return _Slots(
        tuple((float(a * math.sin(u)), float(-b * math.cos(u)), float(n)) for u, n in zip(ts, normal, strict=True)),
        length,
    )


def _code_arc(plate: _Plate, spec: SealSpec, rim: float, rng: np.random.Generator) -> None:
    """The code along the bottom, its digits upright where the seal is upright: the other sense than the name."""
    height = plate.mm(float(rng.uniform(1.3, 1.7)) * min(1.1, spec.diameter_mm / 40))
    middle = rim + plate.mm(0.6) + height / 2
    a, b = plate.a - middle, plate.b - middle
    half = math.radians(min(34.0, 2.6 * len(spec.code)))
    slots = _arc_slots(a, b, -half, half, len(spec.code))
    width = min(height * 0.62, slots.length / len(spec.code) * 0.8)
    for sign, (x, y, angle) in zip(spec.code, slots.places, strict=True):
        _glyph(plate, sign, faces()[0], (plate.cx + x, plate.cy - y), (width, height), -angle)


def _centre_lines(plate: _Plate, spec: SealSpec, face: Face, rng: np.random.Generator) -> None:
    lines = [line for line in spec.centre_text.split("\n") if line]
    if not lines:
        return
    height = plate.mm(3.6 if spec.shape == "oval" else 3.9) * min(1.1, spec.diameter_mm / 40)
    if spec.shape == "oval":
        first = plate.b * (0.5 if spec.code or spec.star else 0.2)
    else:
        first = plate.b * (float(rng.uniform(0.5, 0.56)) if spec.star or spec.emblem else float(rng.uniform(0.1, 0.4)))
    room = plate.a * (1.0 if spec.shape == "oval" else 1.02)
    for index, line in enumerate(lines):
        _straight(plate, line, face, first + index * height * 1.15, height, room)


def _straight(plate: _Plate, text: str, face: Face, dy: float, height: float, room: float) -> None:
    """One straight line, ``dy`` px under the centre, at most ``room`` px wide."""
    pitch = min(height * (1.12 if not text.isascii() else 0.42), room / len(text))
    for index, sign in enumerate(text):
        x = plate.cx + (index - (len(text) - 1) / 2) * pitch
        width = min(pitch * (0.92 if not sign.isascii() else 0.86), height)
        _glyph(plate, sign, face, (x, plate.cy + dy), (width, height), 0.0)


def _draw_box_seal(plate: _Plate, spec: SealSpec, face: Face, rng: np.random.Generator) -> None:
    thick = plate.mm(float(rng.uniform(0.5, 0.9)))
    x0, y0 = round(plate.cx - plate.a), round(plate.cy - plate.b)
    x1, y1 = round(plate.cx + plate.a), round(plate.cy + plate.b)
    plate.ink[y0:y1, x0:x1] = 1
    inner = round(thick)
    plate.ink[y0 + inner : y1 - inner, x0 + inner : x1 - inner] = 0
    if spec.double_ring:
        gap = inner + round(plate.mm(0.5))
        cv2.rectangle(plate.ink, (x0 + gap, y0 + gap), (x1 - gap, y1 - gap), 1.0, max(1, round(plate.mm(0.2))))
    pad = thick + plate.mm(0.6)
    lines, vertical = lines_of(spec)
    across, down = 2 * (plate.a - pad), 2 * (plate.b - pad)
    if vertical:
        _fill_columns(plate, lines, face, across, down)
    else:
        _fill_rows(plate, lines, face, across, down)


def lines_of(spec: SealSpec) -> tuple[list[str], bool]:
    """The rows of a boxed seal top down, or its columns from the right, and whether they are columns."""
    return _layout(spec), bool(spec.columns) or ("\n" not in spec.name and spec.shape == "square")


def _layout(spec: SealSpec) -> list[str]:
    if spec.columns:
        return list(spec.columns)
    if spec.shape == "square" and "\n" not in spec.name:
        half = len(spec.name) // 2 if len(spec.name) != 3 else 1
        return [spec.name[: max(1, half)], spec.name[max(1, half) :]] if len(spec.name) > 1 else [spec.name]
    rows = spec.name.split("\n")
    return [*rows, *([spec.code] if spec.code else [])]


def _fill_columns(plate: _Plate, columns: Sequence[str], face: Face, across: float, down: float) -> None:
    """Columns from right to left, each filled from top to bottom."""
    wide = across / len(columns)
    for c, column in enumerate(columns):
        tall = down / len(column)
        for r, sign in enumerate(column):
            x = plate.cx + across / 2 - (c + 0.5) * wide
            y = plate.cy - down / 2 + (r + 0.5) * tall
            _glyph(plate, sign, face, (x, y), (wide * 0.9, tall * 0.9), 0.0)


def _fill_rows(plate: _Plate, rows: Sequence[str], face: Face, across: float, down: float) -> None:
    tall = down / len(rows)
    for r, row in enumerate(rows):
        digits = row.isascii()
        pitch = min(across / max(1, len(row)), tall * (0.7 if digits else 1.3))
        for i, sign in enumerate(row):
            x = plate.cx + (i - (len(row) - 1) / 2) * pitch
            y = plate.cy - down / 2 + (r + 0.5) * tall
            _glyph(plate, sign, face, (x, y), (min(pitch * 0.9, tall * 0.9), tall * (0.72 if digits else 0.88)), 0.0)


def _ellipse(plate: _Plate, a: float, b: float, thick: float) -> None:
    """An elliptic line of constant thickness."""
    t = np.linspace(0, 2 * np.pi, 721)
    points = np.stack([plate.cx + a * np.cos(t), plate.cy + b * np.sin(t)], axis=1)
    cv2.polylines(plate.ink, [np.round(points * 16).astype(np.int32)], True, 1.0, max(1, round(thick)), cv2.LINE_AA, 4)


def _star(plate: _Plate, x: float, y: float, radius: float) -> None:
    angles = np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2 == 0, radius, radius * 0.382)
    points = np.stack([x + radii * np.sin(angles), y - radii * np.cos(angles)], axis=1)
    cv2.fillPoly(plate.ink, [np.round(points * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)


def _emblem(plate: _Plate, radius: float) -> None:
    """A wreath with five stars over a gate: the outline of 国徽, as government seals carry it."""
    centre = (round(plate.cx), round(plate.cy))
    cv2.circle(plate.ink, centre, round(radius), 1.0, max(2, round(radius * 0.2)), cv2.LINE_AA)
    for step in range(24):
        angle = step * math.pi / 12
        x, y = plate.cx + radius * math.sin(angle), plate.cy - radius * math.cos(angle)
        cv2.circle(plate.ink, (round(x), round(y)), round(radius * 0.05), 0.0, -1)
    _star(plate, plate.cx, plate.cy - radius * 0.35, radius * 0.28)
    for dx, dy in ((-0.5, -0.1), (-0.2, 0.05), (0.2, 0.05), (0.5, -0.1)):
        _star(plate, plate.cx + dx * radius, plate.cy + dy * radius, radius * 0.12)
    top, bottom = plate.cy + radius * 0.25, plate.cy + radius * 0.55
    cv2.rectangle(
        plate.ink,
        (round(plate.cx - radius * 0.5), round(top)),
        (round(plate.cx + radius * 0.5), round(bottom)),
        1.0,
        -1,
    )
    cv2.circle(plate.ink, (round(plate.cx), round(bottom)), round(radius * 0.1), 0.0, -1)


def _glyph(
    plate: _Plate, sign: str, face: Face, centre: tuple[float, float], size: tuple[float, float], angle: float
) -> None:
    """One character filling ``size`` (width, height px), turned clockwise by ``angle`` radians around ``centre``."""
    tile = face.tile(sign)
    height, width = tile.shape
    slim = sign in "（）()·.-1一丨"  # these fill their box by design, not by stretching
    scale_x = size[0] / (height if slim else max(width, height * 0.4))
    if sign.isascii():
        scale_x = min(size[0] / width, size[1] / height * 1.2)
    scale_y = size[1] / (width if sign == "一" else height)
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos * scale_x, -sin * scale_y, 0.0], [sin * scale_x, cos * scale_y, 0.0]], np.float64)
    matrix[0, 2] = centre[0] - matrix[0, 0] * width / 2 - matrix[0, 1] * height / 2
    matrix[1, 2] = centre[1] - matrix[1, 0] * width / 2 - matrix[1, 1] * height / 2
    reach = math.ceil(math.hypot(*size) / 2) + 2
    left, top = max(0, int(centre[0]) - reach), max(0, int(centre[1]) - reach)
    part = plate.ink[top : int(centre[1]) + reach, left : int(centre[0]) + reach]
    if part.size == 0:
        return
    matrix[:, 2] -= (left, top)
    drawn = cv2.warpAffine(tile, matrix, (part.shape[1], part.shape[0]), flags=cv2.INTER_AREA)
    np.maximum(part, drawn, out=part)


# ----------------------------------------------------------------------------------------------- the stamp on paper


def _noise(shape: tuple[int, int], cells: float, rng: np.random.Generator) -> Ink:
    """Smooth noise, 0 to 1, with about ``cells`` bumps across the longer side."""
    longest = max(shape)
    grid = (max(2, round(shape[0] / longest * cells)), max(2, round(shape[1] / longest * cells)))
    small = rng.random(grid, dtype=np.float32)
    grown = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(grown, 0, 1), dtype=np.float32)


def _worn(ink: Ink, spec: SealSpec, rng: np.random.Generator, px_per_mm: float) -> Ink:
    """Uneven pressure, gaps (露白), a worn rim and a slight smear, all growing with wear."""
    wear = min(1.0, max(0.0, spec.wear))
    shape = (ink.shape[0], ink.shape[1])
    soft = cv2.GaussianBlur(ink, (0, 0), 1.2 + 1.8 * wear)
    edge = soft + (_noise(shape, 150, rng) - 0.5) * (0.25 + 0.35 * wear)
    body = np.clip((edge - 0.42) * 6, 0, 1)
    pressure = _noise(shape, 3.2, rng) * 0.7 + _noise(shape, 9, rng) * 0.3
    body *= 1 - (0.12 + 0.55 * wear) * pressure
    gaps = _noise(shape, 38, rng) * 0.6 + _noise(shape, 110, rng) * 0.4
    level = 0.16 + 0.30 * wear * (0.5 + pressure)
    body *= np.clip((gaps - level) * 9 + 0.5, 0.15 if wear < 0.5 else 0.0, 1)
    body *= _rim_wear(spec, shape, wear, rng, px_per_mm)
    if wear > 0.3:
        body = _smeared(body, wear, rng, px_per_mm)
    return np.asarray(body, np.float32)


def _rim_wear(spec: SealSpec, shape: tuple[int, int], wear: float, rng: np.random.Generator, px_per_mm: float) -> Ink:
    """The outermost 1.5 mm lose ink over some stretches; one side presses less than the other."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    width, height = _size_mm(spec)
    x = (columns - shape[1] / 2) / (width / 2 * px_per_mm)
    y = (rows - shape[0] / 2) / (height / 2 * px_per_mm)
    radius = np.hypot(x, y) if spec.shape in ("round", "oval") else np.maximum(np.abs(x), np.abs(y))
    angle = np.arctan2(y, x)
    phases = rng.uniform(0, 2 * np.pi, 3)
    weak = sum(np.sin((k + 1) * angle + p) for k, p in enumerate(phases)) / 3
    outer = np.clip((radius - (1 - 3.0 / width)) * width, 0, 1)
    rim = 1 - outer * np.clip(weak, 0, 1) * wear
    direction = rng.uniform(0, 2 * np.pi)
    side = 1 - 0.6 * wear * np.clip(x * np.cos(direction) + y * np.sin(direction), 0, 1)
    return np.asarray(rim * side, dtype=np.float32)


def _smeared(ink: Ink, wear: float, rng: np.random.Generator, px_per_mm: float) -> Ink:
    length = max(3, round(px_per_mm * 0.45 * wear))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    half = (length - 1) / 2
    dx, dy = half * math.cos(angle), half * math.sin(angle)
    cv2.line(kernel, (round(half - dx), round(half - dy)), (round(half + dx), round(half + dy)), 1.0, 1)
    smear = cv2.filter2D(ink, -1, kernel / kernel.sum())
    return np.asarray(np.maximum(ink * 0.75, smear), dtype=np.float32)


def _turned(ink: Ink, degrees: float) -> Ink:
    """Turned clockwise, on a canvas that holds it."""
    if not degrees % 360:
        return ink
    height, width = ink.shape
    side = math.ceil(math.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    matrix[:, 2] += ((side - width) / 2, (side - height) / 2)
    turned: Ink = cv2.warpAffine(ink, matrix, (side, side), flags=cv2.INTER_LINEAR)
    return turned


def _inked(ink: Ink, spec: SealSpec, rng: np.random.Generator) -> Image:
    tints = INKS[spec.colour]
    tint = np.array(tints[int(rng.integers(len(tints)))], np.float32)
    tint = np.clip(tint + rng.normal(0, 6, 3).astype(np.float32) * (spec.colour != "grey"), 0, 255)
    strength = 1 - 0.78 * min(1.0, max(0.0, spec.faint))
    out = np.zeros((*ink.shape, 4), np.uint8)
    out[:, :, :3] = np.round(tint)
    out[:, :, 3] = np.round(np.clip(ink * strength, 0, 1) * 255)
    return out


def _cropped(art: Image) -> Image:
    seen = art[:, :, 3] > 12
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return art
    return art[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
