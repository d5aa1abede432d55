"""One damage at a time, in strengths: what a page goes through between the desk and our inbox, each alone.

:mod:`samples.damage` mixes light damages into envelopes; here each stands by itself, so that its cost can be measured
(:mod:`samples.pages_bench`) and a remedy be held against it. Pictures are RGB as printed at 200 dpi.

Geometry is told backwards: :attr:`Worn.printed_at` says which spot of the printed page a spot of the scan shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Field = NDArray[np.float64]

__all__ = [
    "Spots",
    "Worn",
    "blurred",
    "faxed",
    "folded",
    "photographed",
    "pressed_jpeg",
    "punched",
    "rolled",
    "shadowed",
    "shining_through",
    "side_by_side",
    "spilled",
    "turned_page",
]

Spots = Callable[["Field"], "Field"]  # n×2 fractions to n×2 fractions
PRINT_DPI = 200
MM = PRINT_DPI / 25.4  # px
CAMERA_MM = 420.0  # from a page of A4 that fills the picture
GRID = 24  # px: geometry is worked out on a grid this fine and smoothed in between
ROUNDS = 40  # of solving where a spot of the scan came from
DESK = (96, 88, 80)


@dataclass(frozen=True, slots=True)
class Worn:
    """A page as it arrives. ``dpi``: across and down, as its file tells; None as with telephones."""

    image: Image
    printed_at: Spots
    dpi: tuple[float, float] | None = (PRINT_DPI, PRINT_DPI)


def _same(spots: Field) -> Field:
    return spots


# ------------------------------------------------------------------------------------------------------- geometry


def turned_page(page: Image, degrees: float) -> Worn:
    """Laid down turned clockwise; the scanner's glass is as large as the page then needs."""
    height, width = page.shape[:2]
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0), [0, 0, 1]])
    corners = cv2.perspectiveTransform(_corners(width, height)[None], matrix)[0]
    low, high = corners.min(axis=0), corners.max(axis=0)
    matrix[:2, 2] -= low
    return _warped(page, matrix, (round(high[0] - low[0]), round(high[1] - low[1])), (250, 250, 249))


def photographed(page: Image, degrees: float, *, sideways: float = 0.0, ground: tuple[int, int, int] = DESK) -> Worn:
    """Seen by a camera that is tilted from straight above by ``degrees``, and ``sideways``."""
    height, width = page.shape[:2]
    spots = _projected(_flat(_corners(width, height), width, height), degrees, sideways)
    return _warped(page, *_framed(_corners(width, height), spots, width, height), ground, photo=True)


def rolled(
    page: Image, lift_mm: float, *, degrees: float = 12.0, spine: bool = False, ground: tuple[int, int, int] = DESK
) -> Worn:
    """A page that bulges (it was rolled up), or that rises to the ``spine`` it is bound at, seen at a slant."""

    def height_at(x: Field, y: Field, width: float, height: float) -> tuple[Field, Field, Field]:
        share = x / width
        if spine:
            lift = lift_mm * np.exp(-np.maximum(share, 0) / 0.13)
        else:
            lift = lift_mm * np.sin(np.pi * np.clip(share, 0, 1))
        return _along(share, lift, width, lift_mm, spine), y - height / 2, lift * MM

    return _bent(page, height_at, degrees, 3.0, ground, light=0.35)


def folded(page: Image, kink: float, *, across: bool, creases: int = 1, degrees: float = 10.0) -> Worn:
    """A page folded once or twice whose parts stand at ``kink`` degrees to each other; creases run across or down."""

    def height_at(x: Field, y: Field, width: float, height: float) -> tuple[Field, Field, Field]:
        along, length = (y, height) if across else (x, width)
        edges = np.linspace(0, length, creases + 2)
        slope = np.tan(np.radians(kink / 2)) * np.array([1 if i % 2 == 0 else -1 for i in range(creases + 1)])
        lifts = np.concatenate([[0.0], np.cumsum(slope * np.diff(edges))])
        flat = np.cos(np.radians(kink / 2))
        lift = np.interp(along, edges, lifts)
        moved = (along - length / 2) * flat
        return (x - width / 2, moved, lift) if across else (moved, y - height / 2, lift)

    sideways = degrees if across else 3.0
    return _bent(page, height_at, 3.0 if across else degrees, sideways, DESK, light=0.5)


def side_by_side(left: Image, right: Image) -> Worn:
    """Two pages on one sheet of A3, as a copier with an open booklet makes them; spots are of the whole sheet."""
    height = max(left.shape[0], right.shape[0])
    sheet = np.full((height, left.shape[1] + right.shape[1], 3), 252, np.uint8)
    sheet[: left.shape[0], : left.shape[1]] = left
    sheet[: right.shape[0], left.shape[1] :] = right
    return Worn(sheet, _same)


def _corners(width: float, height: float) -> Field:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)


def _flat(points: Field, width: float, height: float) -> Field:
    return np.asarray(np.c_[points - (width / 2, height / 2), np.zeros(len(points))], np.float64)


def _projected(points: Field, degrees: float, sideways: float) -> Field:
    """Points of space (px; z towards the camera) on the picture, the camera over the middle."""
    a, b = np.radians(degrees), np.radians(sideways)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    seen = points @ (about_x @ about_y).T
    far = CAMERA_MM * MM
    return np.asarray(seen[:, :2] * (far / (far - seen[:, 2:])), np.float64)


def _framed(corners: Field, spots: Field, width: int, height: int) -> tuple[Field, tuple[int, int]]:
    """The homography of corners to spots on a picture with some desk around them, and the picture's size."""
    low, high = spots.min(axis=0), spots.max(axis=0)
    rim = 0.05 * max(width, height)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), (spots - low + rim).astype(np.float32))
    size = (round(high[0] - low[0] + 2 * rim), round(high[1] - low[1] + 2 * rim))
    return np.asarray(matrix, np.float64), size


def _warped(
    page: Image, matrix: Field, size: tuple[int, int], ground: tuple[int, int, int], *, photo: bool = False
) -> Worn:
    height, width = page.shape[:2]
    image = cv2.warpPerspective(
        page,
        matrix,
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(float(v) for v in ground),
    )
    back = np.linalg.inv(matrix)

    def printed_at(spots: Field) -> Field:
        moved = cv2.perspectiveTransform((np.asarray(spots, np.float64) * size)[None], back)[0]
        return np.asarray(moved / (width, height), np.float64)

    return Worn(np.asarray(image, np.uint8), printed_at, None if photo else (PRINT_DPI, PRINT_DPI))


def _along(share: Field, lift: Field, width: float, lift_mm: float, spine: bool) -> Field:
    """Where a spot of a bent page comes to lie across: paper does not stretch."""
    steps = np.linspace(0, 1, 400)
    lifts = lift_mm * (np.exp(-steps / 0.13) if spine else np.sin(np.pi * steps)) * MM
    rise = np.gradient(lifts, steps * width)
    reach = np.concatenate([[0.0], np.cumsum(np.sqrt(np.clip(1 - rise**2, 0.05, 1))[1:] * np.diff(steps) * width)])
    beyond = (share - np.clip(share, 0, 1)) * width  # the desk goes on where the page ends
    return np.asarray(np.interp(share, steps, reach) - reach[-1] / 2 + beyond)


def _bent(
    page: Image,
    space: Callable[[Field, Field, float, float], tuple[Field, Field, Field]],
    degrees: float,
    sideways: float,
    ground: tuple[int, int, int],
    *,
    light: float,
) -> Worn:
    """A page bent in space, seen by a camera; light from one side makes slopes brighter or darker."""
    height, width = page.shape[:2]

    def seen(points: Field) -> Field:
        x, y, z = space(points[:, 0], points[:, 1], width, height)
        return _projected(np.stack([x, y, z], axis=1), degrees, sideways)

    rim_points = np.concatenate([np.linspace(a, b, 60) for a, b in _sides(width, height)])
    outline = seen(rim_points)
    low, high = outline.min(axis=0), outline.max(axis=0)
    rim = 0.04 * max(width, height)
    size = (round(high[0] - low[0] + 2 * rim), round(high[1] - low[1] + 2 * rim))
    source = _solved(lambda p: seen(p) - low + rim, size, (width, height))
    full = cv2.resize(source.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    image = cv2.remap(
        page,
        full[..., 0],
        full[..., 1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(float(v) for v in ground),
    ).astype(np.float32)
    on_page = (full[..., 0] >= 0) & (full[..., 0] < width) & (full[..., 1] >= 0) & (full[..., 1] < height)
    shade = _shade(source, space, (width, height), light)
    image *= np.where(on_page, cv2.resize(shade, size), 1.0)[..., None]

    def printed_at(spots: Field) -> Field:
        x = np.clip(np.asarray(spots)[:, 0] * size[0], 0, size[0] - 1).astype(int)
        y = np.clip(np.asarray(spots)[:, 1] * size[1], 0, size[1] - 1).astype(int)
        return np.asarray(full[y, x] / (width, height), np.float64)

    return Worn(np.clip(image, 0, 255).astype(np.uint8), printed_at, None)


def _sides(width: float, height: float) -> list[tuple[Field, Field]]:
    corners = _corners(width, height)
    return [(corners[i], corners[(i + 1) % 4]) for i in range(4)]


def _solved(seen: Callable[[Field], Field], size: tuple[int, int], page: tuple[int, int]) -> Field:
    """For a grid over the picture: which spot of the page (px) it shows, by stepwise approach."""
    columns, rows = size[0] // GRID + 2, size[1] // GRID + 2
    xs, ys = np.meshgrid(np.linspace(0, size[0], columns), np.linspace(0, size[1], rows))
    wanted = np.stack([xs.ravel(), ys.ravel()], axis=1)
    spots = wanted / size * page
    for _ in range(ROUNDS):
        missed = wanted - seen(spots)
        spots = spots + 0.7 * missed
    return np.asarray(spots.reshape(rows, columns, 2), np.float64)


def _shade(
    source: Field,
    space: Callable[[Field, Field, float, float], tuple[Field, Field, Field]],
    page: tuple[int, int],
    light: float,
) -> Floats:
    rows, columns = source.shape[:2]
    flat = source.reshape(-1, 2)
    right, below = (
        space(flat[:, 0] + dx, flat[:, 1] + dy, page[0], page[1])[2]
        - space(flat[:, 0] - dx, flat[:, 1] - dy, page[0], page[1])[2]
        for dx, dy in ((6, 0), (0, 6))
    )
    slope = (right + below) / 12
    return np.clip(1 - light * np.clip(slope, -0.6, 1.2), 0.35, 1.05).reshape(rows, columns).astype(np.float32)


# ------------------------------------------------------------------------------------------------- light and dirt


def shadowed(page: Image, depth: float, *, hand: bool) -> Worn:
    """Light that falls off over the page; or a ``hand``'s shadow with an edge, ``depth`` (0 to 1) dark."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:1:200j, 0:1:140j].astype(np.float32)
    if hand:
        inside = ((x - 0.55) / 0.40) ** 2 + ((y - 0.36) / 0.26) ** 2 + 0.12 * np.sin(9 * x + 5 * y)
        level = 1 - depth / (1 + np.exp(np.minimum(28 * (inside - 1), 30)))
    else:
        level = 1 - depth * np.clip(0.75 * x + 0.35 * y, 0, 1)
    light = cv2.resize(level.astype(np.float32), (width, height))[..., None]
    return Worn(np.clip(page * light, 0, 255).astype(np.uint8), _same)


def shining_through(page: Image, back: Image, share: float) -> Worn:
    """Print of the other side, mirrored and a little soft, ``share`` (0 to 1) as dark as it is there."""
    height, width = page.shape[:2]
    other = cv2.resize(back, (width, height))[:, ::-1]
    other = cv2.GaussianBlur(np.ascontiguousarray(other), (0, 0), 1.4).astype(np.float32)
    return Worn(np.clip(page * (1 - share * (255 - other) / 255), 0, 255).astype(np.uint8), _same)


def spilled(page: Image, depth: float, rng: np.random.Generator) -> Worn:
    """Coffee: rings with dark rims and two puddles."""
    height, width = page.shape[:2]
    layer = np.zeros((height, width), np.float32)
    for _ in range(2):
        at = (int(rng.uniform(0.2, 0.8) * width), int(rng.uniform(0.2, 0.8) * height))
        cv2.circle(layer, at, int(rng.uniform(150, 260)), 1.0, int(rng.uniform(10, 26)))
        pool = (int(rng.uniform(0.2, 0.8) * width), int(rng.uniform(0.2, 0.8) * height))
        axes = (int(rng.uniform(150, 330)), int(rng.uniform(90, 230)))
        spot = np.zeros_like(layer)
        cv2.ellipse(spot, pool, axes, rng.uniform(0, 180), 0, 360, 0.6, -1)
        cv2.ellipse(spot, pool, axes, rng.uniform(0, 180), 0, 360, 1.0, 5)
        layer = np.maximum(layer, spot)
    layer = cv2.GaussianBlur(layer, (0, 0), 3)[..., None] * depth
    tint = np.array([112, 76, 40], np.float32)
    return Worn(np.clip(page * (1 - layer) + tint * layer, 0, 255).astype(np.uint8), _same)


def punched(page: Image, rng: np.random.Generator, *, torn: bool = False) -> Worn:
    """Two punch holes and a staple with its shadow; ``torn``: a corner gone, a black lid around."""
    out = page.copy()
    height = page.shape[0]
    for y in (0.36, 0.64):
        cv2.circle(out, (round(11 * MM), round(y * height)), round(2.9 * MM), (18, 18, 20), -1, cv2.LINE_AA)
    for shift, level in ((4, 168), (0, 60)):
        start = (round(9 * MM) + shift, round(9 * MM) + shift)
        cv2.line(out, start, (start[0] + round(9 * MM), start[1] - round(5 * MM)), (level,) * 3, 5, cv2.LINE_AA)
    if torn:
        corner = np.array([[0, 0], [round(26 * MM), 0], [0, round(24 * MM)]], np.int32)
        cv2.fillPoly(out, [corner], (12, 12, 14))
        cv2.line(out, (round(26 * MM), 0), (0, round(24 * MM)), (150, 150, 150), 7, cv2.LINE_AA)
        out[-round(5 * MM) :] = (14, 14, 14)
        out[:, -round(4 * MM) :] = (14, 14, 14)
    speckled = rng.random(out.shape[:2]) < 0.0002
    out[speckled] = 60
    return Worn(out, _same)


# ------------------------------------------------------------------------------------------------------- machines


def faxed(page: Image, across: int, down: int, rng: np.random.Generator, *, noise: float = 0.002) -> Worn:
    """Black and white at so many dots an inch across and down, with specks and a threshold that eats thin strokes."""
    height, width = page.shape[:2]
    size = (round(width * across / PRINT_DPI), round(height * down / PRINT_DPI))
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small += rng.normal(0, 14, small.shape)
    black = small < 168
    black ^= rng.random(small.shape) < noise
    image = np.where(black, 0, 255).astype(np.uint8)
    return Worn(np.repeat(image[..., None], 3, axis=2), _same, (across, down))


def pressed_jpeg(page: Image, quality: int) -> Worn:
    """Stored with so little quality that blocks show."""
    data = cv2.imencode(".jpg", page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    stored = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return Worn(np.ascontiguousarray(stored[..., ::-1]), _same)


def blurred(page: Image, sigma: float) -> Worn:
    """Out of focus, px at 200 dpi."""
    return Worn(np.asarray(cv2.GaussianBlur(page, (0, 0), sigma), np.uint8), _same)
