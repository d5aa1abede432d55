"""Where text lies: quads (4×2 pixels, clockwise from the top left), cut at table rules, grown to ink they missed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import blobs_of
from pipeline.model import Box, Ruling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["clockwise", "cut_at_rules", "cut_between_rows", "grown_to_ink", "line_crop", "quad_box"]

TALL = 1.5  # height over width from which a crop is a line that runs down the page
LEVEL = 4.0  # degrees: quads that lean more are left as they are (a seal's straight text, a watermark)
INSIDE = 0.35  # of the height: a rule nearer to an end of the quad cuts nothing off
LONGER = 1.5  # rule over quad height: shorter ones are strokes of large characters
CROSSES = 0.75  # share of the quad's height (or width) that a rule must cross
TWO_ROWS = 1.4  # of the usual height of the page's quads, from which one may hold two rows
FULL_ROWS = 1.8  # of the usual height: two whole lines of the page's print
SQUARISH = 0.6  # short over long side of a quad whose lean is the detector's whim
MIDDLE = (0.3, 0.7)  # of the height: where the paper between two rows lies
CLEAN = 0.02  # of the fullest row of pixels: paper between rows holds no more ink
ROW_WIDTH = 2.0  # of the height: narrower quads may be a 二
SLIVER = 0.4  # of the height: narrower pieces hold no character
REACH = 0.7  # of the height: ink this near to an end belongs to the line
SIGN = 1.2  # of the height: larger blobs are no signs of the line
BAND = 0.36  # of the height above and below the middle in which a sign's middle must lie


def clockwise(quad: Floats) -> Floats:
    """Corners clockwise, beginning so that the first side runs to the right, also for long lines that lean."""
    centre = quad.mean(axis=0)
    around = quad[np.argsort(np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0]))]
    sides = np.roll(around, -1, axis=0) - around
    return np.roll(around, -int(np.argmax(sides[:, 0] / np.maximum(1e-6, np.linalg.norm(sides, axis=1)))), axis=0)


def line_crop(image: Image, quad: Floats) -> Image:
    """The line's picture, straightened; tall ones (vertical text) turned by 90°."""
    sides = [float(np.linalg.norm(quad[i] - quad[i - 1])) for i in range(4)]
    width, height = int(max(sides[1], sides[3], 1.0)), int(max(sides[0], sides[2], 1.0))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    crop: Image = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.rot90(crop).copy() if height >= width * TALL else crop


def quad_box(quad: Floats, width: int, height: int) -> Box:
    """The box around a quad, in fractions of the page."""
    xs, ys = np.clip(quad[:, 0] / width, 0, 1), np.clip(quad[:, 1] / height, 0, 1)
    return Box(*(round(float(v), 5) for v in (xs.min(), ys.min(), xs.max(), ys.max())))


def cut_at_rules(quads: Sequence[Floats], rules: Sequence[Ruling], size: tuple[int, int]) -> list[Floats]:
    """Quads that run over several cells of a ruled table, cut into one a cell.

    :param size: width and height of the picture in pixels
    """
    width, height = size
    down = [(r.x0 * width, r.y0 * height, r.y1 * height) for r in rules if not r.horizontal]
    across = [(r.y0 * height, r.x0 * width, r.x1 * width) for r in rules if r.horizontal]
    usual = float(np.median([_height(quad) for quad in quads])) if quads else 0.0
    cut: list[Floats] = []
    for quad in quads:
        if not _is_level(quad):
            cut.append(quad)
            continue
        # One line of the usual height is never two rows, whatever strikes it through.
        for row in _cut(quad, across, along=1) if _height(quad) > TWO_ROWS * usual else [quad]:
            cut.extend(_cut(row, down, along=0))
    return cut


def cut_between_rows(quads: Sequence[Floats], dark: Mask, size: tuple[int, int]) -> list[Floats]:
    """Quads much higher than the page's others that hold two rows of text (a label wrapped in its cell), cut into both.

    :param dark: ink of the page, 0 or 1, rules taken out, at any scale
    """
    share = dark.shape[1] / size[0]
    usual = float(np.median([_height(quad) for quad in quads])) if quads else 0.0
    cut: list[Floats] = []
    for quad in quads:
        whole = quad if _is_level(quad) else _squared(quad)
        if whole is None or _height(whole) <= TWO_ROWS * usual:
            cut.append(quad)
            continue
        # As high as two lines of this page's print: no 二 of a title, so it need not be wide.
        least = ROW_WIDTH if _height(whole) < FULL_ROWS * usual else 1.0
        at = _between_rows(whole, dark, share, least)
        cut += [_part(whole, 0.0, at, 1), _part(whole, at, 1.0, 1)] if at is not None else [quad]
    return cut


def _squared(quad: Floats) -> Floats | None:
    """The upright rectangle around a quad about as wide as high: its own lean tells nothing of the rows in it."""
    sides = (float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0])))
    if min(sides) < SQUARISH * max(sides):
        return None
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def _between_rows(quad: Floats, dark: Mask, share: float, least: float) -> float | None:
    """Where in a quad's height white paper runs through it from side to side, near its middle."""
    (x0, y0), (x1, y1) = quad.min(axis=0) * share, quad.max(axis=0) * share
    inside = dark[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
    if inside.size == 0 or inside.shape[1] < least * inside.shape[0]:
        return None
    ink = inside.sum(axis=1)
    low, high = (round(edge * len(ink)) for edge in MIDDLE)
    blank = [row for row in range(low, high) if ink[row] <= CLEAN * ink.max()]
    return (blank[len(blank) // 2] + 0.5) / len(ink) if blank else None


def grown_to_ink(quads: Sequence[Floats], dark: Mask, rules: Sequence[Ruling], size: tuple[int, int]) -> list[Floats]:
    """Quads whose ends take in a sign right beside them that nobody owns: a thin 一, a bracket, a minus.

    :param dark: ink of the page, 0 or 1, rules taken out, at any scale
    """
    share = dark.shape[1] / size[0]
    free = dark.copy()
    for quad in quads:
        cv2.fillConvexPoly(free, np.round(quad * share).astype(np.int32), 0)
    found, _ = blobs_of(free)
    if not len(found):
        return list(quads)
    blobs = found[:, :4].astype(np.float32) / share  # x, y, w, h
    blobs = blobs[(found[:, 4] >= 6) & (np.minimum(blobs[:, 2], blobs[:, 3]) < 80)]
    down = np.array([(r.x0 * size[0], r.y0 * size[1], r.y1 * size[1]) for r in rules if not r.horizontal], np.float32)
    return [_grown(quad, blobs, down.reshape(-1, 3)) if _is_level(quad) else quad for quad in quads]


def _height(quad: Floats) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _is_level(quad: Floats) -> bool:
    right = quad[1] - quad[0] + quad[2] - quad[3]
    return bool(right[0] > 0 and abs(np.degrees(np.arctan2(right[1], right[0]))) < LEVEL)


def _cut(quad: Floats, rules: Sequence[tuple[float, float, float]], *, along: int) -> list[Floats]:
    """``along`` 0: cut by vertical rules (position, from, to) at their x; 1: by horizontal ones at their y."""
    other = 1 - along
    start, end = float(quad[:, along].min()), float(quad[:, along].max())
    low, high = float(quad[:, other].min()), float(quad[:, other].max())
    line = high - low if along == 0 else end - start
    reach = INSIDE * line
    places = sorted(
        at
        for at, a, b in rules
        if start + reach < at < end - reach
        and min(b, high) - max(a, low) > CROSSES * (high - low)
        and b - a > LONGER * (high - low if along == 0 else line)
    )
    if not places:
        return [quad]
    edges = [start, *places, end]
    pieces = []
    for a, b in pairwise(edges):
        if b - a < SLIVER * line:
            continue
        inset = min(3.0, 0.08 * line)
        first, last = (a + (inset if a > start else 0)), (b - (inset if b < end else 0))
        pieces.append(_part(quad, (first - start) / (end - start), (last - start) / (end - start), along))
    return pieces


def _part(quad: Floats, first: float, last: float, along: int) -> Floats:
    tl, tr, br, bl = quad
    if along == 0:
        corners = (tl + (tr - tl) * first, tl + (tr - tl) * last, bl + (br - bl) * last, bl + (br - bl) * first)
    else:
        corners = (tl + (bl - tl) * first, tr + (br - tr) * first, tr + (br - tr) * last, tl + (bl - tl) * last)
    return np.array(corners, np.float32)


def _grown(quad: Floats, blobs: Floats, down: Floats) -> Floats:
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    height = _height(quad)
    if x1 - x0 < TALL * height and height > 80:
        return quad
    middle = blobs[:, 1] + blobs[:, 3] / 2
    signs = blobs[
        (np.abs(middle - (y0 + y1) / 2) < BAND * height)
        & (np.maximum(blobs[:, 2], blobs[:, 3]) < SIGN * height)
        & (np.maximum(blobs[:, 2], blobs[:, 3]) > 0.12 * height)
    ]
    walls = down[(down[:, 1] < (y0 + y1) / 2) & (down[:, 2] > (y0 + y1) / 2), 0]
    left, right = float(x0), float(x1)
    for _ in range(2):
        beside = signs[(signs[:, 0] < left) & (left - signs[:, 0] - signs[:, 2] < REACH * height)]
        beside = beside[beside[:, 0] > left - (SIGN + REACH) * height]
        if len(beside) and not np.any((walls > beside[:, 0].min()) & (walls < left)):
            left = float(beside[:, 0].min()) - 0.12 * height
        beside = signs[(signs[:, 0] + signs[:, 2] > right) & (signs[:, 0] - right < REACH * height)]
        beside = beside[beside[:, 0] + beside[:, 2] < right + (SIGN + REACH) * height]
        if len(beside) and not np.any((walls < (beside[:, 0] + beside[:, 2]).max()) & (walls > right)):
            right = float((beside[:, 0] + beside[:, 2]).max()) + 0.12 * height
    if left == x0 and right == x1:
        return quad
    span = max(1.0, float(x1 - x0))
    return _part(quad, (left - x0) / span, 1 + (right - x1) / span, 0)
