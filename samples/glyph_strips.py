"""The second opinion on a single strip of a seal, as it is fitted and tried: the product asks it about whole rings.

:func:`places_of` shows the network each character of a strip, and what lies between where engraving leaves room for
one that was not read (of two like ones in a row a CTC reader may keep one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.seals.glyphs import CELL_SIDE, Judge, best_of, cell, settled, unread
from pipeline.seals.vote import plain_sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.engine import Recognition

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Step = tuple[tuple[str, float], ...]

__all__ = ["Place", "places_of", "seconded"]

LEAST_CHARACTERS = 4  # read ones, from which a pitch can be told
WIDE_GAP = 1.6  # of the pitch: over it a character was missed
MOST_MISSED = 2  # characters in one gap: where more are missing the place holds something else
NEARBY = 1  # steps around a gap's middle where the recogniser's rivals count
INKED = 0.5  # of the read characters' ink, that a place without a reading must hold to be looked at


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
        signs = settled(place.read, place.first, place.second) if place.read else _put_in(place, lattice)
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
    first = [best_of(lattice[run.start : run.stop]) for run in steps]
    second = judge.opinions([*cells, *(ink for _, ink in gaps)], first)
    count = len(runs)
    read = [
        Place(plain_sign(sign), centre, run, one, other if plain_sign(sign) in judge.signs else {})
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


def _put_in(place: Place, lattice: Sequence[Step]) -> Step:
    """A character that only the network saw; empty where it is unsure or the place is taken."""
    around = range(max(0, place.steps.start - 1), min(len(lattice), place.steps.stop + 1))
    taken = {lattice[k][0][0] for k in around if lattice[k]} - {""}
    return () if taken else unread(place.first, place.second)


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
