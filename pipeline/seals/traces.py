"""What a seal pressed with hardly any ink leaves: pale red strokes, too few to be found as a seal, yet ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.ink import inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["has_faint_trace"]

PALE = 0.04  # density of red from which a pixel is inked: above the noise of phones
PRINTED = 0.2  # density from which red is print or a seal that is found as one
STROKE = 3.0  # mm² of a piece that is no speck
TRACE = 20.0  # mm² of all pieces: a seal of 40 mm has 250, what is left of one some tens, dust a few
SPREAD = 15.0  # mm from the first piece to the last: a seal is 38 wide or more
STAINED = 0.35  # share of the place that no seal inks: the paper is tinted there
SOLID = 9.0  # mm: a piece that wide both ways and filled is a stain, no stroke and no star of a seal
FILLED = 0.7  # share of its box that such a piece fills


def has_faint_trace(picture: Image, dpi: float) -> bool:
    """Whether a part of a page bears pale red strokes, spread as a seal's are.

    :param picture: the place on the page (BGR)
    """
    inks = inks_of(np.ascontiguousarray(picture), max(1, round(dpi)))
    inked = (inks.red > PALE).astype(np.uint8)
    if not inked.any() or float(inked.mean()) > STAINED:
        return False
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    unit = inks.px_per_mm
    pieces = [
        stats[i]
        for i in range(1, count)
        if stats[i][4] >= STROKE * unit**2
        and float(np.median(inks.red[labels == i])) < PRINTED
        and not _is_stain(stats[i], unit)
    ]
    if sum(piece[4] for piece in pieces) < TRACE * unit**2:
        return False
    wide = max(p[0] + p[2] for p in pieces) - min(p[0] for p in pieces)
    high = max(p[1] + p[3] for p in pieces) - min(p[1] for p in pieces)
    return bool(max(wide, high) >= SPREAD * unit)


def _is_stain(piece: NDArray[np.int32], unit: float) -> bool:
    _, _, width, height, area = (int(v) for v in piece)
    return min(width, height) > SOLID * unit and area > FILLED * width * height
