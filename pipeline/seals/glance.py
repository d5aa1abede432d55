"""A glance at the whole page: where a small network sees seals, of any make, before anything is measured.

Rims and frames are found by their geometry where they are clear (:mod:`pipeline.seals.rings`,
:mod:`pipeline.seals.frames`); what is worn, half inked, crossed by print or without a whole frame is told better by the
look of it. The network looks at the page's inks at half the work resolution and says, for each place, how probably a
ring's or a frame's centre lies there and how large it is. ``samples.train_glance`` trains it on drawn pages and writes
its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box
from pipeline.reading.openvino import small_network
from pipeline.seals.judge import KINDS, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["FILE", "HALF", "LARGEST", "LEAST", "STRIDE", "USUAL", "Glimpse", "glance", "halved"]

FILE = Path(__file__).with_name("glance.onnx")
HALF = 2  # times that the page is reduced for it
STRIDE = 8  # px of that to a place it speaks of
WHOLE = 64  # px: the picture is filled up to a multiple, so that few shapes of kernels are compiled
USUAL = 4.0  # places across, to which sizes are told by their logarithm
LEAST = 0.06  # probability: less is not worth a candidate
MOST = 24
LARGEST = 300.0  # px of the maps: larger seals it was not taught, they are on cuttings whose scale nobody knows
NEAR = 0.4  # shared box (IoU) of two that are one


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A seal as the network sees it: its upright box in px of the maps, and how probably it is one."""

    kind: Kind
    box: Box
    heat: float


def halved(picture: Bytes) -> Bytes:
    """The inks' picture (H, W, 4) as the network sees it."""
    rows, columns = (max(1, side // HALF) for side in picture.shape[:2])
    whole = picture[: rows * HALF, : columns * HALF] if min(picture.shape[:2]) >= HALF else picture
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def glance(picture: Bytes) -> list[Glimpse]:
    """What is seen on a page's inks (:func:`pipeline.seals.patch.pictured`), the likeliest first."""
    small = halved(picture)
    rows, columns = small.shape[:2]
    ink = np.zeros((-(-rows // WHOLE) * WHOLE, -(-columns // WHOLE) * WHOLE, 4), np.uint8)
    ink[:rows, :columns] = small
    told = small_network(FILE)(
        {"ink": np.ascontiguousarray(ink.transpose(2, 0, 1)[None], np.float32) / np.float32(255)}
    )
    heat, size = np.asarray(told[0][0], np.float32), np.asarray(told[1][0], np.float32)
    seen = sorted(_peaks(heat, size), key=lambda g: -g.heat)
    kept: list[Glimpse] = []
    for one in seen:
        if len(kept) == MOST:
            break
        if not any(one.kind == k.kind and one.box.iou(k.box) > NEAR for k in kept):
            kept.append(one)
    return kept


def _peaks(heat: Map, size: Map) -> list[Glimpse]:
    found = []
    for kind, level in zip(KINDS, heat, strict=True):
        crest = cv2.compare(level, cv2.dilate(level, np.ones((3, 3), np.uint8)), cv2.CMP_GE)
        for i, j in np.argwhere((crest > 0) & (level > LEAST)).tolist():
            wide, high, dx, dy = size[:, i, j].tolist()
            w, h = USUAL * np.exp(min(wide, 3.0)), USUAL * np.exp(min(high, 3.0))
            x, y = j + 0.5 + dx, i + 0.5 + dy
            box = Box(*(float(v * STRIDE * HALF) for v in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)))
            found.append(Glimpse(kind, box, float(level[i, j])))
    return found
