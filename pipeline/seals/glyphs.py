"""A second opinion on a seal's single characters, from a network that has seen nothing but engraved ones.

The recogniser reads a ring's strip as a line of print: it knows what follows what, but not how a worn, narrow 宋 or
仿宋 character looks in rubber. Here every character is cut out at the place where the recogniser saw it and shown to a
small network, trained by ``samples.train_glyphs`` on drawn cells alone. Both opinions are weighed; where they differ
the character becomes unclear, with both as rivals, so that whoever knows the names may settle it. Where engraving
leaves room for a character that was not read (of two like ones in a row a CTC reader may keep one) the cell is shown
as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.values.script import without_slips

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.engine import Recognition

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Step = tuple[tuple[str, float], ...]

__all__ = [
    "CELL_SIDE",
    "CELL_WIDTH",
    "FILE",
    "INK_LEVEL",
    "Judge",
    "Place",
    "blended",
    "cell",
    "glyph_judge",
    "places_of",
    "seconded",
    "weighed",
]

FILE = Path(__file__).with_name("glyphs.onnx")
CELL_SIDE = 40  # px of the network's picture
CELL_WIDTH = 1.25  # of the characters' pitch: a bit of the neighbours shows where the character ends
CELL_WIDEST = 1.35  # of the strip's height: few characters stand far apart, but are no wider for it
INK_LEVEL = 0.25  # taken from the ink, 0 to 1, so that pictures lie around zero
KEPT = 6  # of the network's likeliest signs that are rivals
LEAST_CHARACTERS = 4  # read ones, from which a pitch can be told
WIDE_GAP = 1.6  # of the pitch: over it a character was missed
MOST_MISSED = 2  # characters in one gap: where more are missing the place holds something else

# Weights of the two opinions' logarithms, and what a sign counts that one of them does not name: fitted on drawn seals.
FIRST, SECOND = 0.9, 0.4
UNNAMED_FIRST, UNNAMED_SECOND = 1e-3, 1e-4
OTHER = -2.0  # added to the logarithm for all signs together that neither names
OTHER_LEAST = 1e-6
STRONG, WEAK = 0.6, 0.92  # a sign is replaced only by one of the former probability, against one below the latter
TIE = 0.001  # by which what was read stays ahead of a rival as likely
MISSED_SURE = 0.6  # probability from which a character that only the network saw is put into a gap
NEARBY = 1  # steps around a gap's middle where the recogniser's rivals count
INKED = 0.5  # of the read characters' ink, that a place without a reading must hold to be looked at
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


@dataclass(frozen=True, slots=True)
class Place:
    """A character's place in a strip, with what the recogniser and the network make of it.

    ``read``: what was read, "" where nothing was; ``steps``: of the lattice, that hold it or lie there; ``second``:
    empty for a sign that the network does not know.
    """

    read: str
    centre: float
    steps: range
    first: Mapping[str, float]
    second: Mapping[str, float]


def seconded(found: Recognition, strip: Image, judge: Judge) -> Recognition:
    """A strip's reading with both opinions weighed, and with characters where only the second one saw them.

    A reading without lattice, or of too few characters to tell their pitch, is handed back as it is.
    """
    lattice = list(found.lattice)
    told: list[tuple[float, str, float]] = []
    for place in places_of(found, strip, judge):
        signs = _settled(place) if place.read else _put_in(place, lattice)
        if signs:
            lattice[place.steps.start : place.steps.stop] = [signs] * len(place.steps)
            told.append((place.centre, *signs[0]))
    if not told:
        return found
    told.sort()
    return replace(
        found,
        text="".join(sign for _, sign, _ in told),
        confidence=float(np.mean([score for _, _, score in told])),
        centres=tuple(centre for centre, _, _ in told),
        scores=tuple(score for _, _, score in told),
        lattice=tuple(lattice),
    )


def places_of(found: Recognition, strip: Image, judge: Judge) -> list[Place]:
    """Where characters were read or missed on a strip (dark on white); empty where no pitch can be told."""
    runs, lattice, width = _runs(found.lattice), found.lattice, strip.shape[1]
    if len(runs) < LEAST_CHARACTERS or not len(runs) == len(found.text) == len(found.centres):
        return []
    middles = [centre * width for centre in found.centres]
    pitch = float(np.median(np.diff(middles)))
    cells = [cell(strip, x, pitch) for x in middles]
    gaps = [(x, ink) for x in _missed(middles, pitch) if _inked(ink := cell(strip, x, pitch), cells)]
    steps = [range(run.start, run.stop) for run in runs] + [_near(x / width, len(lattice)) for x, _ in gaps]
    first = [_first(lattice[run.start : run.stop]) for run in steps]
    second = judge.opinions([*cells, *(ink for _, ink in gaps)], first)
    count = len(runs)
    read = [
        Place(_plain(sign), centre, run, one, other if _plain(sign) in judge.signs else {})
        for sign, centre, run, one, other in zip(found.text, found.centres, steps, first, second, strict=False)
    ]
    unread = zip(gaps, steps[count:], first[count:], second[count:], strict=True)
    return read + [Place("", round(x / width, 4), run, one, other) for (x, _), run, one, other in unread]


def _near(centre: float, count: int) -> range:
    """The steps round the middle of a gap."""
    step = min(count - 1, int(centre * count))
    return range(max(0, step - NEARBY), min(count, step + NEARBY + 1))


def _inked(ink: Floats, others: Sequence[Floats]) -> bool:
    """Whether a cell holds as much ink as a character; the margins beside it may hold its neighbours'."""
    inner = slice(CELL_SIDE // 5, -CELL_SIDE // 5)
    usual = float(np.median([other[:, inner].mean() for other in others]))
    return float(ink[:, inner].mean()) >= INKED * usual


def weighed(signs: Sequence[Mapping[str, float]], cells: Sequence[Floats], judge: Judge) -> list[Step]:
    """What many strips together saw at each place of a ring, with the network's opinion on its cell.

    A place where nothing could be read (an empty mapping) gets a sign only if the network is sure of it.
    """
    plain = [_first([tuple(seen.items())]) for seen in signs]
    told: list[Step] = []
    for seen, second in zip(plain, judge.opinions(cells, plain), strict=True):
        read = max(seen, key=lambda sign: seen[sign], default="")
        place = Place(read, 0.0, range(0), seen, second if not read or read in judge.signs else {})
        told.append(_settled(place) if read else _put_in(place, ()))
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


def _settled(place: Place) -> Step:
    """The blend as a step of a lattice; the sign that was read gives way only if it was weak and another is strong."""
    read = place.read
    signs = blended(place.first, place.second) if place.second else dict(place.first)
    best, probability = max(signs.items(), key=lambda item: item[1])
    if best != read and (probability < STRONG or place.first.get(read, 0.0) >= WEAK):
        half = (probability + signs[read]) / 2
        signs = {**signs, read: half + TIE, best: half - TIE}
    ordered = sorted(signs.items(), key=lambda item: -item[1])
    return tuple((sign, round(p, 4)) for sign, p in ordered[:KEPT])


def _put_in(place: Place, lattice: Sequence[Step]) -> Step:
    """A character that only the network saw, as a step of a lattice; empty where it is unsure or the place is taken."""
    signs = blended(place.first, place.second, read=False)
    sure = next(iter(signs.values()))
    around = range(max(0, place.steps.start - 1), min(len(lattice), place.steps.stop + 1))
    near = {lattice[k][0][0] for k in around if lattice[k]}
    if sure < MISSED_SURE or near - {""}:
        return ()
    return tuple((s, round(p * MISSED_WORTH, 4)) for s, p in list(signs.items())[:KEPT])


def _plain(sign: str) -> str:
    """As the network names it: brackets at one width, a slip into a traditional form as the simplified one."""
    return {"(": "（", ")": "）"}.get(sign) or without_slips(sign)


def _first(steps: Sequence[Step]) -> dict[str, float]:
    """The recogniser's own opinion on one character: each sign's best step."""
    signs: dict[str, float] = {}
    for step in steps:
        for sign, probability in step:
            if sign:
                plain = _plain(sign)
                signs[plain] = max(signs.get(plain, 0.0), probability)
    return signs


def _runs(lattice: Sequence[Step]) -> list[range]:
    """The steps of each character read: neighbours with the same likeliest sign."""
    runs, start = [], 0
    for sign, steps in groupby(step[0][0] if step else "" for step in lattice):
        count = sum(1 for _ in steps)
        if sign:
            runs.append(range(start, start + count))
        start += count
    return runs


def _missed(middles: Sequence[float], pitch: float) -> list[float]:
    """Places between characters where the engraving leaves room for one that was not read.

    Not before the first and behind the last: what stands there is mostly the rim, the star or the code.
    """
    return [
        left + (right - left) * (k + 1) / (count + 1)
        for left, right in pairwise(middles)
        if right - left > WIDE_GAP * pitch and (count := round((right - left) / pitch) - 1) <= MOST_MISSED
        for k in range(count)
    ]
