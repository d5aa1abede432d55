"""The second look: how probably a candidate is a seal, from its picture.

Measures tell rings from print; what kind of thing the ring holds (characters round a star, or an emblem, a code, a
badge) is told better by eye. A small network over the candidate's own square of ink (:mod:`pipeline.seals.patch`), its
kind, colour and size and the first judge's opinion. ``samples.train_second_look`` trains it and writes its file.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.reading.openvino import small_network
from pipeline.seals.evidence import RING_FEATURES
from pipeline.seals.frames import FRAME_FEATURES
from pipeline.seals.judge import HUES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.seals.candidates import Candidate

    Array = NDArray[np.float32]
    Bytes = NDArray[np.uint8]

__all__ = ["FILE", "facts_of", "logit", "second_look"]

FILE = Path(__file__).with_name("second_look.onnx")
SIZES = {
    "ring": tuple(RING_FEATURES.index(name) for name in ("mm", "px", "aspect")),
    "frame": tuple(FRAME_FEATURES.index(name) for name in ("mm_a", "px", "aspect")),
}
USUAL_MM, USUAL_PX = math.log(20.0), math.log(60.0)
SURE = 6.0  # of the first judge's log odds: beyond it says no more


def facts_of(candidate: Candidate, first: float) -> Array:
    """What the picture does not tell: the first judge's opinion, kind, colour, size (mm, px of the maps), shape."""
    odds = logit(first)
    hues = (float(candidate.hue == h) for h in HUES)
    mm, px, aspect = (float(candidate.measures[k]) for k in SIZES[candidate.kind])
    told = (min(SURE, max(-SURE, odds)) / SURE, float(candidate.kind == "frame"), *hues)
    return np.array([*told, mm - USUAL_MM, px - USUAL_PX, aspect], np.float32)


def logit(probability: float) -> float:
    """Log odds, within reason."""
    p = min(1 - 1e-6, max(1e-6, probability))
    return math.log(p / (1 - p))


def second_look(patches: Bytes, facts: Array) -> Array:
    """Probabilities (N,) of pictures (N, SIDE, SIDE, 4) with their facts (N, 8)."""
    if not len(patches):
        return np.zeros(0, np.float32)
    ink = np.ascontiguousarray(patches.transpose(0, 3, 1, 2), np.float32) / np.float32(255)
    return np.asarray(small_network(FILE)({"ink": ink, "facts": facts})[0], dtype=np.float32).reshape(-1)
