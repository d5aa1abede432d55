"""What is odd about seals (DOMAIN §6.4): screening only. A score with reasons, never a verdict.

No hand presses the same ink twice: one picture at two places is told by itself (:mod:`pipeline.seals.imprint`), and so
are two codes of one seal, and a size that no seal of its kind has. Even ink, print that ends where the seal begins and
a seal that stands perfectly upright each come about by chance; they count together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.imprint import imprint_of
from pipeline.seals.ink import inks_of
from pipeline.seals.wording import kind_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import SealReading
    from pipeline.seals.find import FoundSeal

    Image = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["Suspicion", "codes_differ", "ink_signs", "suspicions"]

CROP = 320  # px across the seal for its measures: a stroke is then four px wide, its middle is clear of its edges
UPRIGHT = 0.5  # degrees: no hand sets a seal so straight
FLAT, FLATTEST = 0.125, 0.045  # spread of the ink density, in shares of its mean: rubber on paper, a clean picture
FLAT_CORE = 400  # px of inner ink needed to tell
PRINT_DARK, SHADE = 0.5, 0.25  # density of black print, and of its blurred edge
MEETING = 450  # px of strokes that print beside them should run through
BESIDE = 0.12  # share of such px that print covers where no stroke is
HIDDEN, GONE = 0.45, 0.1  # of that share under the strokes: wet ink leaves 0.6 and more, a picture next to nothing
CODE_DIFFERS = 4  # digits of 13: fewer may be misread
SURE = 0.75  # legibility at which a code and a turn are believed
SIZES_MM: Mapping[str, tuple[float, float]] = {"official": (34.0, 56.0), "personal": (7.0, 34.0)}
ANY_SIZE_MM = (14.0, 63.0)  # smallest square to 国务院, DOMAIN §6.1
OVAL_MM = (26.0, 56.0)
NAMED = 0.6  # score from which a seal is named
WEIGHTS: Mapping[str, float] = {
    "same_bitmap": 0.9,
    "code_differs": 0.6,
    "size": 0.6,
    "pasted": 0.39,
    "flat_ink": 0.28,
    "zero_rotation": 0.25,
    "upright_twice": 0.14,
}
"""How much each sign says at its full strength; together they are a score of at most 1."""

SHOWN = 0.08  # weight from which a sign is given as a reason


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A seal, by its place in the readings, that somebody should look at; ``reasons``: keys of :data:`WEIGHTS`."""

    index: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Signs:
    strengths: dict[str, float] = field(default_factory=dict)

    @property
    def weights(self) -> dict[str, float]:
        return {name: WEIGHTS[name] * strength for name, strength in self.strengths.items() if strength > 0}

    @property
    def score(self) -> float:
        return min(1.0, sum(self.weights.values()))


def suspicions(
    readings: Sequence[SealReading],
    *,
    copied: Sequence[bool] | None = None,
    coded: Sequence[bool] | None = None,
    sized: Sequence[bool] | None = None,
) -> tuple[Suspicion, ...]:
    """The seals of an envelope whose signs together are strong; most have none.

    :param copied: of which it is known that the same ink is seen elsewhere (:mod:`pipeline.twins`)
    :param coded: … that another envelope shows another code of the same seal
    :param sized: of which the scan's resolution is known to be true (none, if not given)
    """
    none = [False] * len(readings)
    told = [
        _signs(i, readings, copied=(copied or none)[i], coded=(coded or none)[i], sized=(sized or none)[i])
        for i in range(len(readings))
    ]
    found = []
    for index, signs in enumerate(told):
        if signs.score >= NAMED:
            order = sorted(signs.weights, key=lambda name: -signs.weights[name])
            reasons = tuple(name for name in order if signs.weights[name] >= SHOWN)
            found.append(Suspicion(index, round(signs.score, 2), reasons))
    return tuple(found)


def _signs(
    index: int,
    readings: Sequence[SealReading],
    *,
    copied: bool,
    coded: bool,
    sized: bool,
) -> _Signs:
    reading = readings[index]
    others = [k for k in range(len(readings)) if k != index]
    strengths = dict(_picture_signs(reading))
    if strengths.get("flat_ink", 0) > 0.3 and strengths.get("zero_rotation", 0) > 0.3:
        again = (dict(_picture_signs(readings[k])) for k in others)
        strengths["upright_twice"] = float(
            any(signs.get("flat_ink", 0) > 0.3 and signs.get("zero_rotation", 0) > 0.3 for signs in again)
        )
    strengths["same_bitmap"] = float(copied)
    strengths["code_differs"] = float(coded or any(codes_differ(reading, readings[k]) for k in others))
    strengths["size"] = float(sized and _another_size(reading))
    return _Signs(strengths)


def _picture_signs(reading: SealReading) -> Iterator[tuple[str, float]]:
    """How strongly each sign of a picture shows, 0 to 1; of ink that is dead even, 1.5."""
    signs = dict(reading.signs)
    if "flat" in signs:
        yield "flat_ink", float(np.clip((FLAT - signs["flat"]) / (FLAT - FLATTEST), 0, 1.5))
    if "hidden" in signs:
        yield "pasted", float(np.clip((HIDDEN - signs["hidden"]) / (HIDDEN - GONE), 0, 1))
    boxed = reading.shape in ("square", "rectangle")
    turn = abs((reading.rotation + 45) % 90 - 45) if boxed else abs((reading.rotation + 180) % 360 - 180)
    if boxed or reading.legible >= SURE:
        yield "zero_rotation", float(np.clip((UPRIGHT - turn) / (UPRIGHT / 2), 0, 1))


def _another_size(reading: SealReading) -> bool:
    if reading.diameter_mm is None or reading.faint or reading.cut or reading.legible < SURE:
        return False
    if reading.shape == "oval":
        low, high = OVAL_MM
    elif reading.shape == "round":
        low, high = SIZES_MM.get(kind_of(reading), ANY_SIZE_MM)
    else:
        low, high = ANY_SIZE_MM[0] / 2, ANY_SIZE_MM[1] + 10
    return not low <= reading.diameter_mm <= high


def codes_differ(one: SealReading, other: SealReading) -> bool:
    """Two clear readings of one name, on seals of one kind, with quite different codes."""
    if not one.code or not other.code or len(one.code) != len(other.code) or min(one.legible, other.legible) < SURE:
        return False
    if not one.candidates or not other.candidates or one.candidates[0].text != other.candidates[0].text:
        return False
    if one.shape != other.shape or kind_of(one) != kind_of(other):
        return False
    return sum(a != b for a, b in zip(one.code, other.code, strict=True)) >= CODE_DIFFERS


# --------------------------------------------------------------------------------------------------------- on pixels


def ink_signs(image: Image, found: FoundSeal) -> tuple[str, tuple[tuple[str, float], ...]]:
    """A seal's imprint, and what was measured of its ink: ``flat``: its spread, ``hidden``: print seen through it.

    :param image: the page the seal was found on (BGR)
    :return: nothing for seals without colour, faint or cut: there is not enough ink to compare
    """
    if found.colour == "grey" or found.faint or found.cut:
        return "", ()
    crop = _crop(image, found)
    if crop is None:
        return "", ()
    inks = inks_of(crop, None)
    ink = inks.red if found.colour == "red" else inks.cool
    measured = {"flat": _spread(ink, inks.dark), "hidden": _seen_through(ink, inks.dark)}
    signs = tuple((name, round(value, 3)) for name, value in measured.items() if value is not None)
    return imprint_of(image, found), signs


def _crop(image: Image, found: FoundSeal) -> Image | None:
    """The seal's box with some paper round it, its longer side at :data:`CROP` px, about its fitted centre."""
    half_w = found.box.width * image.shape[1] / 2 * 1.12
    half_h = found.box.height * image.shape[0] / 2 * 1.12
    if min(half_w, half_h) < 12:
        return None
    scale = CROP / (2 * max(half_w, half_h))
    size = (round(2 * half_w * scale), round(2 * half_h * scale))
    x0, y0 = max(0, int(found.centre[0] - half_w) - 3), max(0, int(found.centre[1] - half_h) - 3)
    part = image[y0 : int(found.centre[1] + half_h) + 4, x0 : int(found.centre[0] + half_w) + 4]
    at = (found.centre[0] - x0, found.centre[1] - y0)
    shift = np.array([[scale, 0, (half_w - at[0]) * scale], [0, scale, (half_h - at[1]) * scale]], np.float64)
    soft = cv2.GaussianBlur(part, (0, 0), 0.45 / scale) if scale < 0.7 else part
    return np.asarray(cv2.warpAffine(soft, shift, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _usual(ink: Map) -> float:
    return float(np.quantile(ink[ink > 0.1], 0.8)) if (ink > 0.1).any() else 0.0


def _spread(ink: Map, dark: Map) -> float | None:
    """How much the density of the ink's inner parts differs, away from print; edges are blurred by any scanner."""
    level = _usual(ink)
    if level < 0.25:
        return None
    inner = cv2.erode((ink > 0.5 * level).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    print_ = cv2.dilate((dark > SHADE).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    values = ink[inner & ~print_]
    if len(values) < FLAT_CORE:
        return None
    low, high = np.quantile(values, (0.1, 0.9))
    return float((high - low) / 2.56 / level)


def _seen_through(ink: Map, dark: Map) -> float | None:
    """Print under the strokes where print beside them should run on, in shares of what does run on elsewhere.

    Elsewhere: at the mirrored strokes, where no ink lies. None where too little print meets the seal.
    """
    level = _usual(ink)
    inked = (ink > 0.3 * level).astype(np.uint8)
    strokes = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    black = (dark > PRINT_DARK).astype(np.uint8)
    none = np.zeros(strokes.shape, bool)
    met, under = _run_on(black, np.asarray(strokes, np.uint8), none)
    ours = cv2.dilate(strokes, np.ones((5, 5), np.uint8)) > 0
    mirrored = (strokes[::-1], strokes[:, ::-1], strokes[::-1, ::-1])
    beside = [_run_on(black, np.ascontiguousarray(m), ours) for m in mirrored]
    places = sum(n for n, _ in beside)
    share = sum(n * s for n, s in beside) / places if places else 0.0
    return under / share if met >= MEETING and places >= MEETING and share > BESIDE else None


def _run_on(black: NDArray[np.uint8], strokes: NDArray[np.uint8], without: NDArray[np.bool_]) -> tuple[int, float]:
    """px of strokes close to print that ends at or runs into them, and the share of those that are black."""
    outside = black.copy()
    outside[cv2.dilate(strokes, np.ones((3, 3), np.uint8)) > 0] = 0
    outside[without] = 0
    near = cv2.dilate(outside, np.ones((9, 9), np.uint8)) > 0
    core = (cv2.erode(strokes, np.ones((3, 3), np.uint8)) > 0) & ~without & near
    return int(core.sum()), float(black[core].mean()) if core.any() else 0.0
