"""Where seals lie, at a glance: a small network over the page's ink, and its boxes.

The network sees the four ink maps of :mod:`pipeline.seals.ink` at 50 dpi, so that paper, light and most of the colour
are gone before it looks. It says at each cell of 2 mm how probably the middle of a ring or frame of a seal lies there,
and how wide and high its box is. ``samples.train_finder`` draws what it learns from, trains it and writes its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

from pipeline.seals.ink import Inks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["FILE", "STRIDE", "Spot", "factor_of", "input_of", "spots_in"]

FILE = Path(__file__).with_name("finder.onnx")
PX_PER_MM = 50 / 25.4  # of the network's input: 50 dpi
WHOLE_SLACK = 0.02  # so near to a half, a half will do
STRIDE = 4  # px of the input to a cell of the output
MULTIPLE = 32  # px: the input's sides are filled up to it
FULL = 1.2  # density that is as much ink as the network needs to know
MOST = 24  # spots of a page
LEAST = 0.03  # probability under which nothing is looked at further
SHARED = 0.45  # box in common (IoU) above which two spots are one


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle and size of what may be a seal, in px of the ink maps; ``score``: how probably it is one."""

    kind: Literal["ring", "frame"]
    x: float
    y: float
    width: float
    height: float
    score: float


def factor_of(inks: Inks, px_per_mm: float | None = None) -> float:
    """How many px of the network's input one of the ink maps' px is: never more than one."""
    return min(1.0, PX_PER_MM / (px_per_mm or inks.px_per_mm))


def input_of(inks: Inks, factor: float) -> Bytes:
    """What the network sees: (H, W, 4) bytes; the root of the density, for faint ink says as much as full ink."""
    rows, columns = inks.red.shape
    size = (max(8, round(columns * factor)), max(8, round(rows * factor)))
    maps = (inks.red, inks.cool, inks.dark, inks.gold)
    if abs(factor - 0.5) < WHOLE_SLACK:  # by a whole number it is ten times quicker
        size = (columns // 2, rows // 2)
        maps = tuple(m[: size[1] * 2, : size[0] * 2] for m in maps)  # type: ignore[assignment]
    stacked = np.stack([cv2.resize(m, size, interpolation=cv2.INTER_AREA) for m in maps], axis=2)
    return np.asarray(np.sqrt(np.minimum(stacked / FULL, 1.0)) * 255 + 0.5, dtype=np.uint8)
