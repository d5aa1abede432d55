"""Fits how the two opinions on a seal's characters are weighed, on drawn seals of random names.

``python -m samples.fit_glyphs [--seals 300] [--seed 1]`` prints the constants of :mod:`pipeline.seals.glyphs` under
which the truth of every character is likeliest. Half of each name is of random characters: no reader can guess them.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box
from pipeline.seals.find import FoundSeal
from pipeline.seals.glyphs import glyph_judge
from pipeline.seals.prepare import prepared
from pipeline.seals.reader import seal_readers
from samples.glyph_signs import shares_of, signs_to_learn
from samples.glyph_strips import Place, places_of
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_pages import BUREAUS, ENDS, PLACES, TRADES, draw_page

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Colour

    Image = NDArray[np.uint8]
    Told = tuple[str, Place]

Weights = tuple[float, ...]
GRID = {  # what is tried of each constant
    "FIRST": (0.6, *(k / 10 for k in range(2, 13))),
    "SECOND": (0.5, *(k / 10 for k in range(1, 13))),
    "UNNAMED_FIRST": (1e-3, 1e-5, 1e-4, 3e-3),
    "UNNAMED_SECOND": (1e-3, 1e-5, 1e-4, 3e-3),
    "OTHER": (-1.0, -4.0, -3.0, -2.0, 0.0),
    "OTHER_LEAST": (1e-4, 1e-6, 1e-5, 1e-3),
}
AGREEING = 0.5  # share of a strip's characters that must be the truth's for the strip to be the name's
OUTSIDE = -9.0  # the least logarithm: one wild reading must not outweigh the rest
MARGIN = 8  # px of paper round a seal


def told_of(seed: int) -> list[Told]:
    """The truth of each character of a drawn seal with both opinions on it."""
    r = random.Random(seed)
    name = _name(r)
    image, found = _stamped(name, r, seed)
    job, reader, judge = prepared(image, found), seal_readers().rubber, glyph_judge()
    strips = [strip.image for strip in job.strips]
    readings = reader.recognise([cv2.cvtColor(s, cv2.COLOR_GRAY2BGR) for s in strips], lattice=True)
    told = [_aligned(name, places_of(reading, s, judge)) for s, reading in zip(strips, readings, strict=True)]
    return max(told, key=len)


def _name(r: random.Random) -> str:
    signs = signs_to_learn()
    own = "".join(s for s in r.choices(signs, shares_of(signs), k=r.randint(2, 5)) if s >= "一")
    if r.random() < 0.7:
        return r.choice(PLACES) + own + r.choice(TRADES) + r.choice(ENDS)
    return own + "市" + r.choice(BUREAUS)


def _stamped(name: str, r: random.Random, seed: int) -> tuple[Image, FoundSeal]:
    """A seal on print, scanned at any resolution, in colour or grey."""
    base = draw_page(seed, seals=0, decoys=0, grey=False)
    spec = SealSpec(
        name,
        diameter_mm=r.choice((38.0, 40.0, 42.0, 45.0)),
        code="".join(r.choices("0123456789", k=13)) if r.random() < 0.6 else "",
        wear=r.random() * 0.6,
        faint=r.random() ** 3 * 0.6,
        rotation=r.gauss(0, 12),
    )
    art = draw_seal(spec, dpi=base.dpi, seed=seed)
    high, wide = art.shape[0] + 2 * MARGIN, art.shape[1] + 2 * MARGIN
    x, y = (r.uniform(0, max(0.0, side - own)) for side, own in zip(base.image.shape[1::-1], (wide, high), strict=True))
    paper = base.image[int(y) : int(y) + high, int(x) : int(x) + wide, ::-1]
    page = np.full((high, wide, 3), 250, np.uint8)
    page[: paper.shape[0], : paper.shape[1]] = paper
    page = press_seal(page, art, (wide / 2, high / 2))[:, :, ::-1].copy()
    grey = r.random() < 0.3
    if grey:
        page = cv2.cvtColor(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    factor = r.choice((100, 120, 150, 200, 200, 300)) / base.dpi
    page = cv2.resize(cv2.GaussianBlur(page, (0, 0), r.uniform(0.4, 1.0)), None, fx=factor, fy=factor)
    packed = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, r.randint(45, 92)])[1]
    page = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    radius = spec.diameter_mm / 2 / 25.4 * base.dpi * factor
    colour: Colour = "grey" if grey else "red"
    centre = (page.shape[1] / 2, page.shape[0] / 2)
    return page, FoundSeal(Box(0, 0, 1, 1), centre, (radius, radius), 0.0, "round", colour, 1.0)


def _aligned(name: str, places: Sequence[Place]) -> list[Told]:
    read = [place for place in places if place.read]
    blocks = SequenceMatcher(None, name, "".join(place.read for place in read), autojunk=False)
    if sum(block.size for block in blocks.get_matching_blocks()) < AGREEING * max(1, len(read)):
        return []
    return [
        (name[i1 + k], read[j1 + k])
        for tag, i1, i2, j1, j2 in blocks.get_opcodes()
        if tag in ("equal", "replace") and i2 - i1 == j2 - j1
        for k in range(i2 - i1)
    ]


def fitted(told: Sequence[Told]) -> Weights:
    """The weights, bettered one after the other until none gets better."""
    best = [float(choices[0]) for choices in GRID.values()]
    for _ in range(4):
        for k, choices in enumerate(GRID.values()):
            best[k] = max(choices, key=lambda value: likelihood(told, (*best[:k], value, *best[k + 1 :])))
    return tuple(best)


def likelihood(told: Sequence[Told], weights: Weights) -> float:
    """Mean logarithm of the truth's probability."""
    return sum(_logarithms(told, weights)) / max(1, len(told))


def _logarithms(told: Sequence[Told], weights: Weights) -> Iterator[float]:
    """As :func:`pipeline.seals.glyphs.blended` weighs the signs."""
    first, second, few, fewer, other, least = weights
    for truth, place in told:
        levels = {
            sign: first * math.log(max(place.first.get(sign, 0.0), few))
            + second * math.log(max(place.second.get(sign, 0.0), fewer))
            for sign in {*place.first, *place.second}
        }
        open_first, open_second = 1 - sum(place.first.values()), 1 - sum(place.second.values())
        levels[""] = other + first * math.log(max(open_first, least)) + second * math.log(max(open_second, fewer))
        whole = math.log(sum(math.exp(level) for level in levels.values()))
        yield max(OUTSIDE, levels.get(truth, levels[""]) - whole)


def main() -> None:
    """Draw, read, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seals", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    told = [pair for k in range(chosen.seals) for pair in told_of(chosen.seed * 100_000 + k)]
    first = sum(truth == place.read for truth, place in told) / len(told)
    second = sum(truth == next(iter(place.second)) for truth, place in told) / len(told)
    weights = fitted(told)
    print(f"{len(told)} characters: the first opinion right in {first:.3f}, the second in {second:.3f}")
    print(", ".join(f"{name} = {value:.5g}" for name, value in zip(GRID, weights, strict=True)))
    alone = (1.0, 0.0, 1e-4, 1.0, 0.0, 1e-6)
    print(f"mean logarithm {likelihood(told, weights):.4f}; the first alone {likelihood(told, alone):.4f}")


if __name__ == "__main__":
    main()
