"""What is odd about seals (DOMAIN §6.4): screening only. A score with reasons, never a verdict.

Two stamps of one seal look alike, fresh ink scans as even as a picture and may hide the print beneath it: genuine
stamps were seen with two of these signs. A seal is named only where three of the four that make a picture come
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.ink import inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import SealReading
    from pipeline.seals.find import FoundSeal

    Image = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["Suspicion", "alike", "ink_fingerprint", "suspicions"]

GRID = 24  # cells across a seal's picture: 1.7 mm of a company seal, finer than its characters
CROP = 320  # px across the seal for its measures: a stroke is then four px wide, its middle is clear of its edges
SAME_INK = 0.95  # share of bits alike: of one picture scanned twice; two stamps of a seal share less
SIZE_MM = (10.0, 61.0)  # name seals to 国务院, DOMAIN §6.1
UPRIGHT = 0.35  # degrees: no hand sets a seal so straight twice
FLAT = 0.115  # spread of the ink density, in shares of its mean: a picture has 0.09, rubber on paper 0.14 and more
FLAT_CORE = 400  # px of inner ink needed to tell
PRINT_DARK = 0.6  # density of black print
PRINT_SHARE = 0.03  # of the paper between the strokes that print must cover to tell whether it goes on under them
HIDDEN = 0.6  # of that share, under the strokes: under wet ink all of it stays, under a picture a third, at the edges
CODE_DIFFERS = 4  # digits of 13: fewer may be misread
SURE = 0.75  # legibility at which a code and a turn are believed
WEIGHTS = {
    "same_bitmap": 0.45,
    "pasted": 0.40,
    "flat_ink": 0.25,
    "zero_rotation": 0.20,
    "size": 0.20,
    "code_differs": 0.25,
}
"""How much each sign says; together they are a score of at most 1."""

PICTURE = frozenset({"same_bitmap", "pasted", "flat_ink", "zero_rotation"})
"""Signs of a picture laid on the page; the others are told with them but rest on digits or on the file's resolution."""

TOGETHER = 3  # of those: fresh stamps of one rubber show any two, a false alarm is worse than a picture passed over


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A seal, by its place in the readings, that somebody should look at; ``reasons``: keys of :data:`WEIGHTS`."""

    index: int
    score: float
    reasons: tuple[str, ...]


def suspicions(readings: Sequence[SealReading]) -> tuple[Suspicion, ...]:
    """The seals of an envelope whose signs together are strong; most have none."""
    found = []
    for index in range(len(readings)):
        reasons = _reasons(index, readings)
        if _strong(reasons):
            score = min(1.0, sum(WEIGHTS[r] for r in reasons))
            found.append(Suspicion(index, round(score, 2), reasons))
    return tuple(found)


def _strong(reasons: tuple[str, ...]) -> bool:
    return len(PICTURE & set(reasons)) >= TOGETHER


def _reasons(index: int, readings: Sequence[SealReading]) -> tuple[str, ...]:
    reading = readings[index]
    others = [r for k, r in enumerate(readings) if k != index]
    signs = {
        "same_bitmap": any(alike(reading.fingerprint, o.fingerprint) for o in others if o.shape == reading.shape),
        "pasted": "pasted" in reading.remarks,
        "flat_ink": "flat_ink" in reading.remarks,
        "zero_rotation": "zero_rotation" in reading.remarks
        or (reading.legible >= SURE and 0 < abs((reading.rotation + 180) % 360 - 180) < UPRIGHT),
        "size": reading.diameter_mm is not None and not SIZE_MM[0] <= reading.diameter_mm <= SIZE_MM[1],
        "code_differs": any(_codes_differ(reading, o) for o in others),
    }
    return tuple(name for name, seen in signs.items() if seen)


def _codes_differ(one: SealReading, other: SealReading) -> bool:
    """Two clear readings of one name with quite different codes."""
    if not one.code or not other.code or len(one.code) != len(other.code) or min(one.legible, other.legible) < SURE:
        return False
    if not one.candidates or not other.candidates or one.candidates[0].text != other.candidates[0].text:
        return False
    return sum(a != b for a, b in zip(one.code, other.code, strict=True)) >= CODE_DIFFERS


def alike(one: str, other: str) -> bool:
    """Whether two fingerprints are of the same ink picture."""
    if not one or len(one) != len(other):
        return False
    bits = len(one) * 4
    return 1 - (int(one, 16) ^ int(other, 16)).bit_count() / bits >= SAME_INK


# --------------------------------------------------------------------------------------------------------- on pixels


def ink_fingerprint(image: Image, found: FoundSeal) -> tuple[str, tuple[str, ...]]:
    """A seal's ink as a string of bits (hex), and remarks on it: ``flat_ink``, ``pasted``, ``zero_rotation``.

    :param image: the page the seal was found on (BGR)
    :return: the fingerprint is empty for seals without colour, faint or cut: there is not enough ink to compare
    """
    if found.colour == "grey" or found.faint or found.cut:
        return "", ()
    crop = _crop(image, found)
    if crop is None:
        return "", ()
    inks = inks_of(crop, None)
    ink = inks.red if found.colour == "red" else inks.cool
    remarks = []
    if _flat(ink):
        remarks.append("flat_ink")
    if _hides_print(ink, inks.dark):
        remarks.append("pasted")
    if found.shape in ("square", "rectangle") and abs((found.angle + 45) % 90 - 45) < UPRIGHT:
        remarks.append("zero_rotation")
    return _bits(ink), tuple(remarks)


def _crop(image: Image, found: FoundSeal) -> Image | None:
    """The seal's box with some paper round it, its longer side at :data:`CROP` px, about its fitted centre."""
    half_w = found.box.width * image.shape[1] / 2 * 1.12
    half_h = found.box.height * image.shape[0] / 2 * 1.12
    if min(half_w, half_h) < 12:
        return None
    scale = CROP / (2 * max(half_w, half_h))
    size = (round(2 * half_w * scale), round(2 * half_h * scale))
    shift = np.array(
        [[scale, 0, (half_w - found.centre[0]) * scale], [0, scale, (half_h - found.centre[1]) * scale]], np.float64
    )
    soft = cv2.GaussianBlur(image, (0, 0), 0.45 / scale) if scale < 0.7 else image
    return np.asarray(cv2.warpAffine(soft, shift, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _bits(ink: Map) -> str:
    """Each cell of a grid: whether it holds more ink than the paper about it."""
    level = max(0.05, float(np.quantile(ink, 0.97)))
    capped = np.clip(ink / level, 0, 1)
    small = cv2.resize(cv2.GaussianBlur(capped, (0, 0), CROP / GRID / 2.2), (GRID, GRID), interpolation=cv2.INTER_AREA)
    about = cv2.GaussianBlur(small, (0, 0), 3.0)
    flags = (small > about).ravel()
    value = int("".join("1" if f else "0" for f in flags), 2)
    return f"{value:0{GRID * GRID // 4}x}"


def _flat(ink: Map) -> bool:
    """Whether the ink's inner parts are all of one density; their edges are blurred by any scanner."""
    level = float(np.quantile(ink[ink > 0.1], 0.8)) if (ink > 0.1).any() else 0.0
    if level < 0.25:
        return False
    inner = cv2.erode((ink > 0.5 * level).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    values = ink[inner]
    if len(values) < FLAT_CORE:
        return False
    low, high = np.quantile(values, (0.1, 0.9))
    return bool((high - low) / 2.56 < FLAT * level)


def _hides_print(ink: Map, dark: Map) -> bool:
    """Whether black print stops where the seal's strokes begin."""
    level = float(np.quantile(ink[ink > 0.1], 0.8)) if (ink > 0.1).any() else 1.0
    inked = (ink > 0.3 * level).astype(np.uint8)
    closed = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    strokes = cv2.erode(closed, np.ones((3, 3), np.uint8)) > 0
    between = ~(cv2.dilate(inked, np.ones((5, 5), np.uint8)) > 0)
    black = dark > PRINT_DARK
    if between.sum() < FLAT_CORE or strokes.sum() < FLAT_CORE:
        return False
    beside = float(black[between].mean())
    return beside > PRINT_SHARE and float(black[strokes].mean()) < HIDDEN * beside
