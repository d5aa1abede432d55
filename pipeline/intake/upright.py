"""The transform between a page as scanned and the upright page, and boxes carried over it.

A transform is a 3×3 homography. In pixels it maps the page as scanned to the upright picture; kept on
:class:`~pipeline.model.Page` it maps fractions of the upright page back to fractions of the page as scanned.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import IDENTITY, Bend, Box, Homography, Page

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Matrix = NDArray[np.float64]
    Points = NDArray[np.float32]

__all__ = [
    "bent",
    "fractions_to_scan",
    "mapped",
    "scaled",
    "skewed",
    "to_scan_box",
    "to_upright_box",
    "turned",
    "warped",
]

Size = tuple[int, int]  # width, height in pixels
ROUND_POINTS = 32  # of an ellipse: its bounds are exact to 0.5 %
SIDE_POINTS = 9  # of a box's side on bent paper: a line over the whole page bends in between
BACK_STEPS = 6  # towards the spot of the straightened page; each is ten times nearer


def turned(size: Size, rotation: int) -> tuple[Matrix, Size]:
    """The transform that turns a picture clockwise by 0, 90, 180 or 270°, and the size it gives."""
    w, h = size
    matrices = {
        0: ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], (w, h)),
        90: ([[0, -1, h], [1, 0, 0], [0, 0, 1]], (h, w)),
        180: ([[-1, 0, w], [0, -1, h], [0, 0, 1]], (w, h)),
        270: ([[0, 1, 0], [-1, 0, w], [0, 0, 1]], (h, w)),
    }
    matrix, turned_size = matrices[rotation]
    return np.array(matrix, np.float64), turned_size


def skewed(size: Size, degrees: float) -> tuple[Matrix, Size]:
    """The transform that turns clockwise by a small angle about the centre, and a size that loses no corner."""
    w, h = size
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    new_w, new_h = math.ceil(w * c + h * abs(s)), math.ceil(h * c + w * abs(s))
    x = new_w / 2 - c * w / 2 + s * h / 2
    y = new_h / 2 - s * w / 2 - c * h / 2
    return np.array([[c, -s, x], [s, c, y], [0, 0, 1]], np.float64), (new_w, new_h)


def scaled(size: Size, long_side: int) -> tuple[Matrix, Size]:
    """The transform that reduces a picture to a long side in pixels; never enlarges."""
    share = min(1.0, long_side / max(size))
    new = (max(1, round(size[0] * share)), max(1, round(size[1] * share)))
    return np.diag([new[0] / size[0], new[1] / size[1], 1.0]), new


def warped(image: Image, matrix: Matrix, size: Size, paper: tuple[int, int, int]) -> Image:
    """The picture under a transform; turns by right angles move pixels without touching them.

    :param paper: BGR that fills what lies outside the scan
    """
    height, width = image.shape[:2]
    for rotation, code in _RIGHT_ANGLES.items():
        same, same_size = turned((width, height), rotation)
        if size == same_size and np.allclose(matrix, same, atol=1e-6):
            return image if code is None else _rotated(image, code)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]], np.float64)  # pixel centres lie at halves
    centred = np.linalg.inv(half) @ matrix @ half
    shrinks = abs(np.linalg.det(matrix[:2, :2])) < 0.7
    done: Image = cv2.warpPerspective(
        image,
        centred,
        size,
        flags=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(float(v) for v in paper),
    )
    return done


_RIGHT_ANGLES = {
    0: None,
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def _rotated(image: Image, code: int) -> Image:
    done: Image = cv2.rotate(image, code)
    return done


def mapped(matrix: NDArray[np.floating], points: NDArray[np.floating]) -> Points:
    """Points (n×2) under a transform."""
    moved = np.c_[points, np.ones(len(points))] @ matrix.T
    result: Points = (moved[:, :2] / moved[:, 2:]).astype(np.float32)
    return result


def fractions_to_scan(matrix: Matrix, scan: Size, upright: Size) -> Homography:
    """The homography of :class:`Page` for a transform from scan pixels to upright pixels."""
    back = np.diag([1 / scan[0], 1 / scan[1], 1.0]) @ np.linalg.inv(matrix) @ np.diag([upright[0], upright[1], 1.0])
    back = back / back[2, 2]
    if np.allclose(back, np.eye(3), atol=1e-9):
        return IDENTITY
    a, b, c, d, e, f, g, h, i = (round(float(v), 9) for v in back.ravel())
    return (a, b, c, d, e, f, g, h, i)


def to_scan_box(page: Page, box: Box, *, round: bool = False) -> Box:
    """A box on the upright page as the tightest box around the same thing on the page as scanned.

    :param round: what the box holds is round or oval (a seal): its bounds grow less under a skew than a line's do
    """
    matrix = np.array(page.to_scan, np.float64).reshape(3, 3)
    if page.bend is None:
        return box if np.array_equal(matrix, np.eye(3)) else _around(mapped(matrix, _rim(box, round)))
    return _around(mapped(matrix, bent(page.bend, _rim(box, round, bent=True))))


def to_upright_box(page: Page, box: Box, *, round: bool = False) -> Box:
    """The inverse of :func:`to_scan_box`, up to the slack that a skew gives to boxes."""
    matrix = np.array(page.to_scan, np.float64).reshape(3, 3)
    if page.bend is None:
        return box if np.array_equal(matrix, np.eye(3)) else _around(mapped(np.linalg.inv(matrix), _rim(box, round)))
    there = mapped(np.linalg.inv(matrix), _rim(box, round, bent=True)).astype(np.float64)
    flat = there
    for _ in range(BACK_STEPS):
        flat = flat + there - bent(page.bend, flat)
    return _around(flat)


def bent(bend: Bend, points: NDArray[np.floating]) -> Matrix:
    """Points (n×2, fractions) of the straightened page on the page that is merely upright."""
    columns, rows = bend.columns, bend.rows
    grid = np.stack([bend.across, bend.down], axis=1).reshape(rows, columns, 2)
    x, y = np.clip(points[:, 0], 0, 1) * (columns - 1), np.clip(points[:, 1], 0, 1) * (rows - 1)
    left, top = np.minimum(x.astype(int), columns - 2), np.minimum(y.astype(int), rows - 2)
    along, below = (x - left)[:, None], (y - top)[:, None]
    upper = grid[top, left] * (1 - along) + grid[top, left + 1] * along
    lower = grid[top + 1, left] * (1 - along) + grid[top + 1, left + 1] * along
    return np.asarray(points + upper * (1 - below) + lower * below, np.float64)


def _rim(box: Box, is_round: bool, *, bent: bool = False) -> Points:
    """Spots around a box: its corners suffice where straight stays straight."""
    if is_round:
        angles = np.linspace(0, 2 * np.pi, ROUND_POINTS, endpoint=False)
        points = np.stack([box.cx + box.width / 2 * np.cos(angles), box.cy + box.height / 2 * np.sin(angles)], axis=1)
    else:
        count = SIDE_POINTS if bent else 2
        xs, ys = np.linspace(box.x0, box.x1, count), np.linspace(box.y0, box.y1, count)
        points = np.array(
            [(x, y) for x in (box.x0, box.x1) for y in ys] + [(x, y) for y in (box.y0, box.y1) for x in xs]
        )
    return points.astype(np.float32)


def _around(points: NDArray[np.floating]) -> Box:
    inside = np.clip(points, 0.0, 1.0)
    (x0, y0), (x1, y1) = inside.min(axis=0), inside.max(axis=0)
    return Box(*(math.floor(float(v) * 1e5 + 0.5) / 1e5 for v in (x0, y0, x1, y1)))
