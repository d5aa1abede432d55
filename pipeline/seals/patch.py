"""A candidate as a picture: its four inks, made straight and small, for whoever judges by the look of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.seals.ink import Inks
    from pipeline.seals.rings import Ellipse

    Bytes = NDArray[np.uint8]

__all__ = ["SIDE", "patch_of", "pictured"]

SIDE = 40  # px of the picture
REACH = 1.3  # of its half axes: some of what lies about it is seen too
FULL = 1.2  # density that is as much ink as anybody needs to know
UNIT = 84.0  # steps of a byte to one of density, as in :mod:`pipeline.seals.ink`
_ROOT = np.round(np.sqrt(np.minimum(np.arange(256) / UNIT / FULL, 1.0)) * 255).astype(np.uint8).reshape(1, 256)


def pictured(inks: Inks) -> Bytes:
    """The ink maps as one picture (H, W, 4): the root of the density, for faint ink says as much as full ink."""
    maps = [cv2.convertScaleAbs(m, alpha=UNIT) for m in (inks.red, inks.cool, inks.dark, inks.gold)]
    return np.asarray(cv2.LUT(cv2.merge(maps), _ROOT), dtype=np.uint8)


def patch_of(picture: Bytes, ring: Ellipse) -> Bytes:
    """The ring's or frame's own square of :data:`SIDE` px, turned upright; beyond the page there is no ink."""
    half = math.hypot(ring.a, ring.b) * REACH + 4
    rows, columns = picture.shape[:2]
    x0, y0 = max(0, int(ring.x - half)), max(0, int(ring.y - half))
    x1, y1 = min(columns, math.ceil(ring.x + half)), min(rows, math.ceil(ring.y + half))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return np.zeros((SIDE, SIDE, 4), np.uint8)
    part = picture[y0:y1, x0:x1]
    times = int(2 * REACH * ring.b / SIDE)
    if times > 1:
        size = (max(1, part.shape[1] // times), max(1, part.shape[0] // times))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    kx, ky = part.shape[1] / (x1 - x0), part.shape[0] / (y1 - y0)
    step_a, step_b = 2 * REACH * ring.a / SIDE, 2 * REACH * ring.b / SIDE
    cos, sin = math.cos(ring.angle), math.sin(ring.angle)
    middle = (SIDE - 1) / 2
    matrix = np.array([[step_a * cos, -step_b * sin, ring.x - x0], [step_a * sin, step_b * cos, ring.y - y0]])
    matrix[:, 2] -= matrix[:, :2] @ (middle, middle)
    matrix[0] *= kx
    matrix[1] *= ky
    return np.asarray(
        cv2.warpAffine(part, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), dtype=np.uint8
    )
