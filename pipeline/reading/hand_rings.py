"""Rings drawn by hand around printed words (圈选): another way to tick one of several choices.

A ring is a thin, round, closed stroke with print inside. Cells are square, seals are red and as round as a coin, the
holes of large characters are empty or square.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box, Ruling, TickBox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

__all__ = ["hand_rings"]

WORK_SIDE = 1700  # px: the long side of A4 at 145 dpi
BLOCK, DARKER = 31, 12  # px of the neighbourhood, levels: ink is that much darker than what lies around it
REDDISH = 45  # levels by which red must lead for ink to be a red pen's, or a seal's
LOWEST, HIGHEST = 0.011, 0.05  # share of the long side: how high a ring is (3 to 15 mm)
WIDEST = 0.25  # the same: how wide
FILL = (0.58, 0.92)  # of its bounding box: an ellipse fills 0.785, a cell all of it
CONVEX = 0.88  # of its hull that a ring fills
ROUND = 0.2  # of an ellipse's half axes: how far the stroke lies off the one that fits it best, on average
PRINTED = 0.04  # share of ink inside
OBLONG = 1.25  # width over height of a red ring: a seal is as wide as high
GAPS = (1, 7)  # px: over which an open ring is closed


def hand_rings(image: Image, rules: Sequence[Ruling] = ()) -> tuple[TickBox, ...]:
    """The rings on an upright page, BGR, as boxes from top to bottom."""
    share = min(1.0, WORK_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else image
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    dark = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, BLOCK, DARKER)
    height, width = dark.shape
    for rule in rules:
        start, end = (
            (round(rule.x0 * width), round(rule.y0 * height)),
            (round(rule.x1 * width), round(rule.y1 * height)),
        )
        cv2.line(dark, start, end, 0, 5)
    blue, green, red = cv2.split(small)
    reddish = cv2.threshold(cv2.subtract(red, cv2.max(blue, green)), REDDISH, 1, cv2.THRESH_BINARY)[1]
    bluish = cv2.threshold(cv2.subtract(blue, red), REDDISH, 1, cv2.THRESH_BINARY)[1]
    # A coloured ring is best seen alone: print that touches it is not of its colour.
    inks = ((dark & ~reddish & 1, False), (dark & bluish, False), (dark & reddish, True))
    found: list[Box] = []
    for (ink, is_red), gap in product(inks, GAPS):
        for box in _rings(np.asarray(ink, np.uint8), dark, gap, is_red=is_red):
            if not any(box.intersection(other) > 0.5 * min(box.area, other.area) for other in found):
                found.append(box)
    return tuple(TickBox(box=b, filled=0.0, round=True, ring=True) for b in sorted(found, key=lambda b: (b.y0, b.x0)))


def _rings(ink: Mask, dark: Mask, gap: int, *, is_red: bool) -> list[Box]:
    height, width = ink.shape
    side = max(height, width)
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap)))
    contours, tree = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for contour, (_, _, _, parent) in zip(contours, tree[0] if tree is not None else (), strict=True):
        x, y, w, h = cv2.boundingRect(contour)
        if parent < 0 or not LOWEST * side <= h <= HIGHEST * side or not h * 0.7 <= w <= WIDEST * side:
            continue
        if is_red and w < OBLONG * h:
            continue
        if _is_round(contour, w, h) and _print_inside(contour, dark, x, y, w, h) >= PRINTED:
            box = (x / width, y / height, (x + w) / width, (y + h) / height)
            found.append(Box(*(round(min(1.0, v), 5) for v in box)))
    return found


def _is_round(contour: NDArray[np.int32], w: int, h: int) -> bool:
    area = cv2.contourArea(contour)
    hull = cv2.contourArea(cv2.convexHull(contour))
    if not FILL[0] * w * h <= area <= FILL[1] * w * h or area < CONVEX * hull:
        return False
    (cx, cy), (a, b), angle = cv2.fitEllipse(cv2.convexHull(contour)) if len(contour) > 20 else ((0, 0), (1, 1), 0)
    turn = np.radians(angle)
    off = contour[:, 0, :].astype(np.float64) - (cx, cy)
    along = off @ (np.cos(turn), np.sin(turn)) / max(1.0, a / 2)
    across = off @ (-np.sin(turn), np.cos(turn)) / max(1.0, b / 2)
    return bool(np.mean(np.abs(np.hypot(along, across) - 1)) < ROUND)


def _print_inside(contour: NDArray[np.int32], dark: Mask, x: int, y: int, w: int, h: int) -> float:
    inside = np.zeros((h, w), np.uint8)
    cv2.drawContours(inside, [contour - (x, y)], -1, 1, -1)
    inside = cv2.erode(inside, np.ones((5, 5), np.uint8))
    area = int(inside.sum())
    return float((dark[y : y + h, x : x + w] & inside).sum()) / area if area else 0.0
