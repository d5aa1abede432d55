"""The ink that a stamp left, as a small picture that tells it from every other impression of the same stamp.

Two impressions of one stamp are alike in shape and differ in ink: where it ran dry, where the rubber pressed less. So
the shape only serves to lay one upon the other; what tells is how much ink lies in the middle of the strokes, here more
and there less than round about. Copies of one picture agree in that even after print and scanner.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.ink import inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.seals.find import FoundSeal

    Image = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["Likeness", "distance", "imprint_of", "is_imprint", "likeness", "shape_hash"]

SIDE = 128  # px of the picture
RADIUS = 58.0  # px of the longer half axis: a third of a millimetre of a company's seal to a px
LEVELS, MOST = 14, 1.25  # steps of ink, and shares of its usual density at the last one
PRINT = 15  # where print beneath hides the ink
PRINT_DARK = 0.25
LEAST_PX = 20.0  # of a half axis on the scan
INKED = 0.3  # of the usual density
APART_PX = 4.0  # within which ink is compared with the ink about it
LEAST_CORE = 150  # px of strokes' middles that both show
LEAST_UNEVEN = 0.055  # spread of the ink in them: even ink has nothing to tell
SAME_INK, SAME_SHAPE = 0.955, 0.97  # of two scans of one picture; impressions of one stamp reach 0.945 and 0.988
ANGLES, RINGS = 256, 40
BANDS, PITCHES = 8, 16


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two imprints are. ``ink``: correlation of their unevenness, ``shape``: of all, ``turn``: degrees.

    ``uneven``: the lesser spread of ink, ``core``: px compared.
    """

    ink: float
    shape: float
    turn: float
    uneven: float
    core: int

    @property
    def same(self) -> bool:
        """Whether they are one picture."""
        told = self.core >= LEAST_CORE and self.uneven >= LEAST_UNEVEN
        return told and self.ink >= SAME_INK and self.shape >= SAME_SHAPE


NOTHING = Likeness(0.0, 0.0, 0.0, 0.0, 0)


def imprint_of(image: Image, found: FoundSeal) -> str:
    """The imprint of a coloured seal on its page (BGR), as text of about 3.5 kB; "" where there is too little ink."""
    if found.colour == "grey" or found.faint or found.cut or min(found.axes) < LEAST_PX:
        return ""
    scale = RADIUS / max(found.axes)
    soft = cv2.GaussianBlur(_around(image, found), (0, 0), 0.4 / scale) if scale < 0.8 else _around(image, found)
    x, y = (c - o for c, o in zip(found.centre, _corner(found), strict=True))
    shift = np.array([[scale, 0, SIDE / 2 - scale * x], [0, scale, SIDE / 2 - scale * y]], np.float64)
    crop = cv2.warpAffine(soft, shift, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inks = inks_of(np.asarray(crop, np.uint8), None)
    ink = inks.red if found.colour == "red" else inks.cool
    if ink.shape != (SIDE, SIDE) or not (ink > 0.1).any():
        return ""
    usual = float(np.quantile(ink[ink > 0.1], 0.85))
    steps = np.round(np.clip(ink / usual, 0, MOST) / MOST * LEVELS).astype(np.uint8)
    steps[steps == 1] = 0
    steps[inks.dark > PRINT_DARK] = PRINT
    flat = steps.ravel()
    return base64.b85encode(zlib.compress(((flat[0::2] << 4) | flat[1::2]).tobytes(), 9)).decode()


def likeness(one: str, other: str) -> Likeness:
    """How alike two imprints are, once laid upon each other."""
    if not is_imprint(one) or not is_imprint(other):
        return NOTHING
    (ink, hidden), (theirs, hidden_there) = _picture(one), _picture(other)
    shape, matrix = _registered(ink, theirs, hidden_there)
    if matrix is None:
        return NOTHING
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = np.asarray(cv2.warpAffine(theirs, matrix, (SIDE, SIDE), flags=flags), np.float32)
    hidden = np.maximum(hidden, cv2.warpAffine(hidden_there, matrix, (SIDE, SIDE), flags=flags))
    core = _core(np.maximum(ink, moved)) & (hidden < PRINT_DARK)
    a, b = (_unevenness(cv2.GaussianBlur(m, (0, 0), 0.7), core) for m in (ink, moved))
    spread = float(min(a.std(), b.std())) if len(a) else 0.0
    agreeing = float((a * b).mean() / max(1e-9, float(a.std() * b.std()))) if len(a) else 0.0
    turn = float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))
    return Likeness(round(agreeing, 3), round(shape, 3), round(turn, 2), round(spread, 3), len(a))


def is_imprint(text: str) -> bool:
    """Whether that is an imprint: stores hold older fingerprints, which are none."""
    try:
        return len(zlib.decompress(base64.b85decode(text))) == SIDE * SIDE // 2
    except (ValueError, zlib.error):
        return False


def shape_hash(imprint: str) -> str:
    """120 bits (hex) that the same shape has at any turn: how strongly it repeats round each of its rings."""
    ink, _ = _picture(imprint)
    waves = np.abs(np.fft.rfft(_unrolled(ink), axis=0))[1 : PITCHES + 1]
    bands = waves.reshape(PITCHES, BANDS, RINGS // BANDS).sum(axis=2)
    bits = (bands[1:] > bands[:-1]).ravel()
    value = int("".join("1" if bit else "0" for bit in bits), 2)
    return f"{value:0{(PITCHES - 1) * BANDS // 4}x}"


def distance(one: str, other: str) -> int:
    """Bits in which two shapes' hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


# --------------------------------------------------------------------------------------------------------- pictures


def _corner(found: FoundSeal) -> tuple[int, int]:
    reach = max(found.axes) * 1.3 + 4
    return max(0, int(found.centre[0] - reach)), max(0, int(found.centre[1] - reach))


def _around(image: Image, found: FoundSeal) -> Image:
    """The seal and some paper: a page need not be blurred as a whole."""
    x, y = _corner(found)
    reach = max(found.axes) * 1.3 + 4
    return image[y : int(found.centre[1] + reach) + 1, x : int(found.centre[0] + reach) + 1]


def _picture(imprint: str) -> tuple[Map, Map]:
    """Ink in shares of its usual density, guessed where print hides it; and where it does."""
    packed = np.frombuffer(zlib.decompress(base64.b85decode(imprint)), np.uint8)
    steps = np.stack([packed >> 4, packed & 15], axis=1).reshape(SIDE, SIDE)
    hidden = (steps == PRINT).astype(np.float32)
    seen = 1 - hidden
    ink = np.where(steps == PRINT, 0, steps).astype(np.float32) * np.float32(MOST / LEVELS)
    about = cv2.GaussianBlur(ink * seen, (0, 0), 1.2) / (cv2.GaussianBlur(seen, (0, 0), 1.2) + 1e-3)
    whole = np.where(hidden > 0, about, ink).astype(np.float32)
    return whole, np.asarray(cv2.dilate(hidden, np.ones((5, 5), np.uint8)), np.float32)


def _unrolled(ink: Map) -> Map:
    middle = (SIDE / 2, SIDE / 2)
    rolled = cv2.warpPolar(ink, (RINGS, ANGLES), middle, RADIUS * 1.03, cv2.WARP_POLAR_LINEAR)
    return np.asarray(rolled - rolled.mean(axis=0), np.float32)


def _registered(ink: Map, theirs: Map, hidden: Map) -> tuple[float, Map | None]:
    """The transform that lays the second upon the first, and their correlation then, where no print hides it."""
    waves = np.fft.rfft(_unrolled(ink), axis=0).conj() * np.fft.rfft(_unrolled(theirs), axis=0)
    turn = 2 * np.pi * int(np.argmax(np.fft.irfft(waves.sum(axis=1), ANGLES))) / ANGLES
    cos, sin, c = np.cos(turn), np.sin(turn), SIDE / 2
    start = np.array([[cos, -sin, c - c * cos + c * sin], [sin, cos, c - c * sin - c * cos]], np.float32)
    seen = (hidden < PRINT_DARK).astype(np.uint8) * 255
    soft = [cv2.GaussianBlur(m, (0, 0), 0.8) for m in (ink, theirs)]
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-5)
    try:
        shape, matrix = cv2.findTransformECC(soft[0], soft[1], start, cv2.MOTION_AFFINE, criteria, seen, 1)
    except cv2.error:  # nothing to hold on to
        return 0.0, None
    return float(shape), np.asarray(matrix, np.float32)


def _core(ink: Map) -> NDArray[np.bool_]:
    """The middles of strokes: their edges say more of the shape than of the ink."""
    kernel = np.ones((3, 3), np.uint8)
    closed = cv2.morphologyEx((ink > INKED).astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    return np.asarray(cv2.erode(closed, kernel, borderValue=0) > 0)


def _unevenness(ink: Map, core: NDArray[np.bool_]) -> Map:
    """Ink in the core beyond that about it, zero in the mean."""
    mask = core.astype(np.float32)
    about = cv2.GaussianBlur(ink * mask, (0, 0), APART_PX) / (cv2.GaussianBlur(mask, (0, 0), APART_PX) + 1e-4)
    values = (ink - about)[core]
    return np.asarray(values - values.mean() if len(values) else values, np.float32)
