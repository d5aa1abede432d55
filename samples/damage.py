"""What happens to a page between the applicant's desk and our inbox: copiers, scanners, telephones, coffee.

Every function takes and gives RGB pictures; geometry is returned as a 3×3 homography from printed to scanned pixels, so
that the truth's boxes can follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from samples.paper import Scan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Matrix = NDArray[np.float64]

__all__ = ["boxed", "copied", "rescan", "smudged", "stained"]

PRINT_DPI = 200
GREY = np.array([0.299, 0.587, 0.114], np.float32)


def copied(page: Image, rng: np.random.Generator) -> Image:
    """A grey photocopy: no colour, harder contrast, specks."""
    grey = page.astype(np.float32) @ GREY
    grey = np.clip((grey - 128) * 1.15 + 132, 0, 255)
    specks = rng.random(grey.shape) < 0.00006
    grey[specks] = rng.uniform(20, 120)
    return np.asarray(np.repeat(grey[:, :, None], 3, axis=2), np.uint8)


def smudged(page: Image, centre: tuple[float, float], size: tuple[float, float], rng: np.random.Generator) -> Image:
    """Dark ink wiped over a place (centre and half axes in px): what stood there can no longer be read for sure."""
    out = page.astype(np.float32)
    layer = np.zeros(page.shape[:2], np.float32)
    for _ in range(7):
        at = (int(centre[0] + rng.uniform(-0.7, 0.7) * size[0]), int(centre[1] + rng.uniform(-0.5, 0.5) * size[1]))
        axes = (max(3, int(size[0] * rng.uniform(0.25, 0.5))), max(3, int(size[1] * rng.uniform(0.5, 1.0))))
        cv2.ellipse(layer, at, axes, rng.uniform(-8, 8), 0, 360, float(rng.uniform(0.7, 0.95)), -1)
    layer = cv2.GaussianBlur(layer, (0, 0), 3)
    grain = 0.82 + 0.18 * rng.random(layer.shape, np.float32)
    out = out * (1 - layer[:, :, None] * grain[:, :, None]) + 38 * layer[:, :, None]
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def stained(page: Image, rng: np.random.Generator) -> Image:
    """A ring of coffee or a fold, light enough to read through."""
    height, width = page.shape[:2]
    layer = np.zeros((height, width), np.float32)
    if rng.random() < 0.5:
        at = (int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.1, 0.9) * height))
        cv2.circle(layer, at, int(rng.uniform(120, 240)), 1.0, int(rng.uniform(8, 22)))
    else:
        y = int(rng.uniform(0.3, 0.7) * height)
        cv2.line(layer, (0, y), (width, y + int(rng.uniform(-20, 20))), 1.0, 3)
    layer = cv2.GaussianBlur(layer, (0, 0), 4) * 0.25
    tint = np.array([120, 90, 40], np.float32)
    return np.asarray(np.clip(page * (1 - layer[:, :, None]) + tint * layer[:, :, None], 0, 255), np.uint8)


def rescan(page: Image, scan: Scan, turn: int, rng: np.random.Generator) -> tuple[Image, Matrix]:
    """One printed page (200 dpi) as it comes out of the scanner or camera.

    :param turn: degrees clockwise that put the scan upright: 0, 90, 180 or 270
    :return: the picture and the homography of pixels, printed to scanned
    """
    moved, matrix = _photographed(page, rng) if scan.photo else _fed(page, scan, rng)
    moved, matrix = _turned(moved, matrix, turn)
    if scan.dpi != PRINT_DPI and not scan.photo:
        factor = scan.dpi / PRINT_DPI
        size = (round(moved.shape[1] * factor), round(moved.shape[0] * factor))
        moved = cv2.resize(moved, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = np.diag([factor, factor, 1.0]) @ matrix
    return _sensed(moved, scan, rng), matrix


def _fed(page: Image, scan: Scan, rng: np.random.Generator) -> tuple[Image, Matrix]:
    """Through a sheet feeder: a little askew, a few pixels off."""
    height, width = page.shape[:2]
    angle = float(rng.uniform(-scan.skew, scan.skew))
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]])
    matrix[0, 2] += rng.uniform(-6, 6)
    matrix[1, 2] += rng.uniform(-6, 6)
    edge = (250, 250, 249)
    moved = cv2.warpAffine(page, matrix[:2], (width, height), flags=cv2.INTER_LINEAR, borderValue=edge)
    return moved.astype(np.uint8), matrix


def _photographed(page: Image, rng: np.random.Generator) -> tuple[Image, Matrix]:
    """By telephone on a desk: perspective, desk around it, shadow across it."""
    height, width = page.shape[:2]
    out_w, out_h = int(width * 1.12), int(height * 1.10)
    margin = np.array([(out_w - width) / 2, (out_h - height) / 2])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shift = rng.uniform(-1, 1, (4, 2)) * np.array([width, height]) * 0.025
    target = (corners + margin + shift).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target).astype(np.float64)
    desk = np.array(((104, 84, 66), (70, 74, 80), (150, 140, 128))[int(rng.integers(3))], np.float32)
    grain = cv2.resize(rng.normal(0, 10, (out_h // 8, out_w // 3)).astype(np.float32), (out_w, out_h))
    scene = np.clip(desk + grain[:, :, None], 0, 255)
    paper = cv2.warpPerspective(page, matrix, (out_w, out_h), flags=cv2.INTER_LINEAR).astype(np.float32)
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, (out_w, out_h))[:, :, None]
    scene = scene * (1 - mask) + paper * mask
    return np.clip(scene * _light(out_h, out_w, rng)[:, :, None], 0, 255).astype(np.uint8), matrix


def _light(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light: a slope, and the soft shadow of a hand."""
    y, x = np.mgrid[0:1:64j, 0:1:64j].astype(np.float32)
    slope = 0.86 + 0.14 * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1))
    d = (x - rng.uniform(0.0, 1.0)) * np.cos(0.6) + (y - rng.uniform(0.6, 1.1)) * np.sin(0.6)
    shadow = 1 - 0.24 / (1 + np.exp(-18 * (d - 0.05)))
    return np.asarray(cv2.resize((slope * shadow).astype(np.float32), (width, height)), np.float32)


def _turned(page: Image, matrix: Matrix, turn: int) -> tuple[Image, Matrix]:
    """Turned so that ``turn`` degrees clockwise put it upright again."""
    height, width = page.shape[:2]
    quarter = (360 - turn) % 360 // 90  # clockwise quarter turns that were done to the page
    turns: dict[int, Matrix] = {
        0: np.eye(3),
        1: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]], np.float64),
        2: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]], np.float64),
        3: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]], np.float64),
    }
    return np.ascontiguousarray(np.rot90(page, -quarter)), turns[quarter] @ matrix


def _sensed(page: Image, scan: Scan, rng: np.random.Generator) -> Image:
    """Optics and sensor: blur, paper tint, noise, then the colour mode."""
    out = cv2.GaussianBlur(page, (0, 0), scan.blur) if scan.blur > 0.2 else page
    tint = np.array([rng.uniform(0.97, 1.0), rng.uniform(0.97, 1.0), rng.uniform(0.95, 1.0)], np.float32)
    small = rng.normal(0, scan.noise, (out.shape[0] // 2 + 1, out.shape[1] // 2 + 1)).astype(np.float32)
    noise = cv2.resize(small, (out.shape[1], out.shape[0]), interpolation=cv2.INTER_NEAREST)[:, :, None]
    level = out.astype(np.float32) * tint + noise
    if scan.colour == "colour":
        return np.asarray(np.clip(level, 0, 255), np.uint8)
    grey = np.clip(level @ GREY, 0, 255).astype(np.uint8)
    if scan.colour == "bilevel":
        grey = np.where(grey > 158, 255, 0).astype(np.uint8)
    return np.asarray(np.repeat(grey[:, :, None], 3, axis=2), np.uint8)


def boxed(points: NDArray[np.float64], matrix: Matrix, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Fractions of the scanned page (``size`` = width, height) around printed points (N, 2) in pixels."""
    moved = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), matrix).reshape(-1, 2)
    scaled = np.clip(moved / np.array(size), 0, 1)
    (x0, y0), (x1, y1) = scaled.min(axis=0), scaled.max(axis=0)
    return (round(float(x0), 5), round(float(y0), 5), round(float(x1), 5), round(float(y1), 5))
