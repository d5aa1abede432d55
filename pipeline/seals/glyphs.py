"""A second opinion on a seal's single characters, from a network that has seen nothing but engraved ones.

The recogniser reads a ring's strip as a line of print: it knows what follows what, but not how a worn, narrow 宋 or
仿宋 character looks in rubber. Here every character is cut out at the place where the recogniser saw it and shown to a
small network, trained by ``samples.train_glyphs`` on drawn cells alone. Both opinions are weighed; where they differ
the character becomes unclear, with both as rivals, so that whoever knows the names may settle it. Where engraving
leaves room for a character that was not read, the cell is shown as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.vote import plain_sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Step = tuple[tuple[str, float], ...]

__all__ = [
    "CELL_SIDE",
    "CELL_WIDTH",
    "FILE",
    "INK_LEVEL",
    "Judge",
    "best_of",
    "blended",
    "cell",
    "glyph_judge",
    "settled",
    "unread",
    "weighed",
]

FILE = Path(__file__).with_name("glyphs.onnx")
CELL_SIDE = 40  # px of the network's picture
CELL_WIDTH = 1.25  # of the characters' pitch: a bit of the neighbours shows where the character ends
CELL_WIDEST = 1.35  # of the strip's height: few characters stand far apart, but are no wider for it
INK_LEVEL = 0.25  # taken from the ink, 0 to 1, so that pictures lie around zero
KEPT = 6  # of the network's likeliest signs that are rivals

# Weights of the two opinions' logarithms, and what a sign counts that one of them does not name: fitted on drawn seals.
FIRST, SECOND = 0.9, 0.4
UNNAMED_FIRST, UNNAMED_SECOND = 1e-3, 1e-4
OTHER = -2.0  # added to the logarithm for all signs together that neither names
OTHER_LEAST = 1e-6
STRONG, WEAK = 0.6, 0.92  # a sign is replaced only by one of the former probability, against one below the latter
TIE = 0.001  # by which what was read stays ahead of a rival as likely
MISSED_SURE = 0.6  # probability from which a character that only the network saw is put into a gap
MISSED_WORTH = 0.8  # of its probability: nobody else saw it


@dataclass(frozen=True, slots=True)
class Judge:
    """``signs``: the classes; ``probabilities``: of cells (N, CELL_SIDE, CELL_SIDE) of ink 0 to 1, (N, signs)."""

    signs: str
    probabilities: Callable[[Floats], Floats]

    def opinions(self, cells: Sequence[Floats], asked: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
        """For each cell the likeliest signs with their probabilities, and those of the signs ``asked`` for."""
        if not cells:
            return []
        rows = self.probabilities(np.stack(cells))
        best = np.argpartition(-rows, KEPT, axis=1)[:, :KEPT].tolist()
        told = []
        for row, kept, signs in zip(rows, best, asked, strict=True):
            places = {*kept, *(place for sign in signs if (place := self.signs.find(sign)) >= 0)}
            told.append({self.signs[k]: float(row[k]) for k in sorted(places, key=lambda k: -row[k])})
        return told


@lru_cache(maxsize=1)
def glyph_judge() -> Judge:
    """The trained network, loaded once a process."""
    from pipeline.reading.openvino import classifier

    signs, probabilities = classifier(FILE)
    return Judge(signs, lambda cells: probabilities(cells[:, None] - np.float32(INK_LEVEL)))


def weighed(signs: Sequence[Mapping[str, float]], cells: Sequence[Floats], judge: Judge) -> list[Step]:
    """What many strips together saw at each place of a ring, with the network's opinion on its cell.

    A place where nothing could be read (an empty mapping) gets a sign only if the network is sure of it.
    """
    plain = [best_of([tuple(seen.items())]) for seen in signs]
    told: list[Step] = []
    for seen, second in zip(plain, judge.opinions(cells, plain), strict=True):
        read = max(seen, key=lambda sign: seen[sign], default="")
        told.append(settled(read, seen, second if read in judge.signs else {}) if read else unread(seen, second))
    return told


def cell(strip: Image, middle: float, pitch: float) -> Floats:
    """The ink, 0 to 1, round one character of a strip (dark on white), stretched to the network's square."""
    wide = min(CELL_WIDTH * pitch, CELL_WIDEST * strip.shape[0])
    across, down = CELL_SIDE / wide, CELL_SIDE / strip.shape[0]
    matrix = np.array([[across, 0.0, CELL_SIDE / 2 - middle * across], [0.0, down, 0.0]])
    cut = cv2.warpAffine(strip, matrix, (CELL_SIDE, CELL_SIDE), flags=cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(1 - cut.astype(np.float32) / 255, np.float32)


def blended(first: Mapping[str, float], second: Mapping[str, float], *, read: bool = True) -> dict[str, float]:
    """Probabilities of all signs that either opinion names, the likeliest first.

    They sum up to less than 1: it may also be a sign that neither names. ``read``: False where the first opinion saw
    nothing, so that what it leaves open speaks for no other sign.
    """
    levels = {
        sign: FIRST * math.log(max(first.get(sign, 0.0), UNNAMED_FIRST))
        + SECOND * math.log(max(second.get(sign, 0.0), UNNAMED_SECOND))
        for sign in (*first, *second)
    }
    open_ = 1 - sum(first.values()) if read else 0.0
    other = OTHER + FIRST * math.log(max(open_, OTHER_LEAST))
    other += SECOND * math.log(max(1 - sum(second.values()), UNNAMED_SECOND))
    top = max(other, *levels.values())
    odds = {sign: math.exp(level - top) for sign, level in levels.items()}
    whole = math.exp(other - top) + sum(odds.values())
    return {sign: odd / whole for sign, odd in sorted(odds.items(), key=lambda item: -item[1])}


def settled(read: str, first: Mapping[str, float], second: Mapping[str, float]) -> Step:
    """Both opinions on a sign as a step of a lattice; what was read gives way only if weak, to one that is strong.

    ``second``: empty for a sign that the network does not know.
    """
    signs = blended(first, second) if second else dict(first)
    best, probability = max(signs.items(), key=lambda item: item[1])
    if best != read and (probability < STRONG or first.get(read, 0.0) >= WEAK):
        half = (probability + signs[read]) / 2
        signs = {**signs, read: half + TIE, best: half - TIE}
    ordered = sorted(signs.items(), key=lambda item: -item[1])
    return tuple((sign, round(p, 4)) for sign, p in ordered[:KEPT])


def unread(first: Mapping[str, float], second: Mapping[str, float]) -> Step:
    """A character that only the network saw, as a step of a lattice; empty where it is unsure."""
    signs = blended(first, second, read=False)
    if next(iter(signs.values())) < MISSED_SURE:
        return ()
    return tuple((s, round(p * MISSED_WORTH, 4)) for s, p in list(signs.items())[:KEPT])


def best_of(steps: Sequence[Step]) -> dict[str, float]:
    """The recogniser's own opinion on one character: each sign's best step."""
    signs: dict[str, float] = {}
    for step in steps:
        for sign, probability in step:
            if sign:
                plain = plain_sign(sign)
                signs[plain] = max(signs.get(plain, 0.0), probability)
    return signs
