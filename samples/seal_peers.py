"""Other ways to find and read seals, as plain as they are mostly published: what the benchmark compares with.

None of them is used by the product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Box = tuple[float, float, float, float]

__all__ = ["circles", "polar_strip", "red_blobs"]

SIDE = 1600  # px of the longer side both finders work on
ROUND_ENOUGH = 0.6  # 4π area / perimeter²
SMALLEST, LARGEST = 0.03, 0.4  # of the longer side


def red_blobs(image: Image) -> list[Box]:
    """Red by hue and saturation, closed, kept where the outline is round: the textbook's way (BGR in, px out)."""
    small, scale = _reduced(image)
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    red = cv2.inRange(hsv, (0, 60, 60), (12, 255, 255)) | cv2.inRange(hsv, (160, 60, 60), (180, 255, 255))
    closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    side = max(small.shape[:2])
    found: list[Box] = []
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        hull = cv2.convexHull(outline)
        around = cv2.arcLength(hull, True)
        round_ = 4 * np.pi * cv2.contourArea(hull) / max(1.0, around * around)
        if SMALLEST * side < min(w, h) and max(w, h) < LARGEST * side and round_ > ROUND_ENOUGH:
            found.append((x / scale, y / scale, (x + w) / scale, (y + h) / scale))
    return found


def circles(image: Image) -> list[Box]:
    """OpenCV's Hough circles on the smoothed grey page: finds every colour, knows no ovals or frames."""
    small, scale = _reduced(image)
    grey = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), 5)
    side = max(small.shape[:2])
    rings = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, 2, side * 0.05, param1=120, param2=140,
        minRadius=round(SMALLEST * side), maxRadius=round(LARGEST * side / 2),
    )  # fmt: skip
    if rings is None:
        return []
    return [((x - r) / scale, (y - r) / scale, (x + r) / scale, (y + r) / scale) for x, y, r in rings[0].astype(float)]


def polar_strip(image: Image, box: Box) -> Image:
    """The ring of a true box unrolled from the bottom, its outer 45 % kept, as BGR (48, W, 3): no fit, no cleaning."""
    x0, y0, x1, y1 = box
    radius = ((x1 - x0) + (y1 - y0)) / 4
    around = round(2 * np.pi * radius)
    flags = cv2.INTER_LINEAR | cv2.WARP_POLAR_LINEAR
    polar = cv2.warpPolar(image, (max(8, round(radius)), max(8, around)), ((x0 + x1) / 2, (y0 + y1) / 2), radius, flags)
    band = np.rot90(polar[:, round(polar.shape[1] * 0.55) :])  # the rim comes up
    turned = np.roll(band, -round(0.25 * band.shape[1]), axis=1)  # warpPolar starts at the right, names at the bottom
    width = max(48, round(turned.shape[1] * 48 / max(1, turned.shape[0])))
    strip: Image = cv2.resize(np.ascontiguousarray(turned), (width, 48), interpolation=cv2.INTER_AREA)
    return strip


def _reduced(image: Image) -> tuple[Image, float]:
    scale = min(1.0, SIDE / max(image.shape[:2]))
    if scale == 1.0:
        return image, 1.0
    small: Image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return small, scale
