"""Text that a seal lies over: looked for once more with the coloured ink faded, where coloured ink is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import halved
from pipeline.reading.crops import faded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.engine import Engine

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["with_text_under_seals"]

TALLER = 2  # times a line's height, from which a quad over it is no line
COLOURED = 60  # levels between channels of seal ink, whatever the paper
PALE = 25  # of a watermark (仅供…使用) on white paper
OFF_PAPER = 20  # that it differs by from tinted paper, or from a lamp's colour
HALVINGS = 2  # of the page to find coloured ink
REDUCED = 2**HALVINGS
SEAL = 0.05  # of the page's short side: smaller blobs hide no line (10 mm of A4)
MOST = 0.5  # share of the page: larger coloured areas are a certificate's ground, not a seal
MARGIN = 0.6  # of the blob's size around it: lines that reach under it are wanted whole
DETAIL = 1150  # px of the whole page's long side at which its part is looked at: a little finer than the page was
SHARED = 0.5  # share of a quad that two must share to be the same text
BESIDE = 0.04  # share of a quad in coloured ink from which the seal touches it


def with_text_under_seals(image: Image, quads: Sequence[Floats], engine: Engine) -> list[Floats]:
    """The quads of an upright page, those under seals found again without the seal's strokes."""
    mask = _coloured(image)
    regions = list(_regions(mask, image.shape))
    if not regions:
        return list(quads)
    again = [quad for region in regions for quad in _detected(image, region, engine)]
    better = [quad for quad in again if _inked(mask, quad) > BESIDE or _unseen(quad, quads)]
    kept = [quad for quad in quads if not any(_hides(new, quad) and not _taller(new, quad) for new in better)]
    fresh = [
        new
        for i, new in enumerate(better)
        if not any(_hides(other, new) and not _taller(other, new) for other in [*kept, *better[:i]])
    ]
    return [*kept, *fresh]


def _coloured(image: Image) -> Image:
    small = halved(image, HALVINGS)
    blue, green, red = cv2.split(small)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    level = min(COLOURED, max(PALE, int(np.median(spread)) + OFF_PAPER))
    mask: Image = cv2.threshold(spread, level, 255, cv2.THRESH_BINARY)[1]
    return mask


def _regions(mask: Image, shape: tuple[int, ...]) -> Iterator[tuple[int, int, int, int]]:
    """x0, y0, x1, y1 in pixels of the page around each blob of coloured ink that could hide a line."""
    height, width = shape[:2]
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    boxes = []
    for x, y, w, h, _ in stats[1:] * REDUCED:
        size = min(w, h)
        if size < SEAL * min(width, height) or w * h > MOST * width * height:
            continue
        grow = round(MARGIN * max(w, h))
        boxes.append((max(0, x - 2 * grow), max(0, y - grow), min(width, x + w + 2 * grow), min(height, y + h + grow)))
    yield from _merged(boxes)


def _merged(boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    merged: list[tuple[int, int, int, int]] = []
    for box in sorted(boxes):
        for i, other in enumerate(merged):
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                low, high = np.minimum(box, other)[:2], np.maximum(box, other)[2:]
                merged[i] = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
                break
        else:
            merged.append(box)
    return merged


def _detected(image: Image, region: tuple[int, int, int, int], engine: Engine) -> list[Floats]:
    x0, y0, x1, y1 = region
    share = min(1.0, DETAIL / max(image.shape))
    part = cv2.resize(faded(image[y0:y1, x0:x1]), None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    edge = 3.0
    found = []
    for quad in engine.detect(part):
        low, high = quad.min(axis=0), quad.max(axis=0)
        # What the cut-out's own edge cuts was found whole on the page.
        inside = (low > edge).all() and (high < np.array(part.shape[1::-1]) - edge).all()
        if inside:
            found.append((quad / share + np.array([x0, y0])).astype(np.float32))
    return found


def _inked(mask: Image, quad: Floats) -> float:
    (x0, y0), (x1, y1) = (quad.min(axis=0) / REDUCED).astype(int), (quad.max(axis=0) / REDUCED).astype(int) + 1
    part = mask[max(0, y0) : y1, max(0, x0) : x1]
    return float((part > 0).mean()) if part.size else 0.0


def _unseen(new: Floats, quads: Sequence[Floats]) -> bool:
    """Whether nothing was found there before: a watermark's stroke beside a line can hide all of it."""
    return not any(_hides(old, new) or _hides(new, old) for old in quads)


def _taller(one: Floats, other: Floats) -> bool:
    """Whether a quad is a seal's ring, or a slanting watermark: it holds lines without being their text."""
    return float(np.ptp(one[:, 1])) > TALLER * float(np.ptp(other[:, 1]))


def _hides(new: Floats, old: Floats) -> bool:
    """Whether ``new`` holds most of ``old``: the same text, found at least as whole."""
    low, high = np.maximum(new.min(axis=0), old.min(axis=0)), np.minimum(new.max(axis=0), old.max(axis=0))
    shared = float(np.prod(np.clip(high - low, 0, None)))
    area = float(np.prod(old.max(axis=0) - old.min(axis=0)))
    return shared > SHARED * max(1.0, area)
