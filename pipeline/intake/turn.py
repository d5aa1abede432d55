"""Which way up a page lies, from its lines of text: quarter turns, then head or feet, then the rest of the angle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from pipeline.intake.reduce import halved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.engine import Recognition

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["LineReader", "Turn", "find_turn", "skew_of"]

ELONGATED = 1.8  # long over short side of a quad whose direction can be told
VOTERS = 12  # lines asked whether they stand on their head
CLEAR = 0.2  # mean vote this far from a half … and the readers are not asked
READ = 5  # lines read both ways where the votes are not clear
STEPS = (0.15, 0.05, 0.02)  # degrees, each tried four times to both sides: quads alone are right to 0.3°
SKEW_SIDE = 1000  # px of the long side at which rows of ink are compared
MOST_POINTS = 60_000  # dark pixels that are enough
GLANCED_STEPS, GLANCED_POINTS = (0.5, 0.15, 0.05), 20_000  # where rows need only be told apart
MAX_SKEW = 16.0  # degrees: beyond this a page was laid down on purpose


class LineReader(Protocol):
    """What is needed of an engine here."""

    def upside_down(self, crops: Sequence[Image]) -> list[float]: ...

    def recognise(self, crops: Sequence[Image], *, lattice: bool = False) -> list[Recognition]: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """``rotation``: degrees clockwise (0, 90, 180, 270) that put the page upright; ``skew``: the rest, clockwise."""

    rotation: int = 0
    skew: float = 0.0


def find_turn(image: Image, quads: Sequence[Floats], reader: LineReader) -> Turn:
    """How to turn a page so that it stands upright; nothing where no line of text tells."""
    lines = [line for line in map(_line, quads) if line is not None]
    if not lines:
        return Turn()
    across = sum(line.length for line in lines if line.across)
    down = sum(line.length for line in lines if not line.across)
    is_across = across >= down
    voters = sorted((line for line in lines if line.across == is_across), key=lambda line: -line.length)
    # The very longest run over two cells or along a border: they vote with the others, not before them.
    on_head = _on_head(image, voters[: 3 * VOTERS : 3] if len(voters) > 3 * VOTERS else voters[:VOTERS], reader)
    rotation = (180 if on_head else 0) if is_across else (270 if on_head else 90)
    return Turn(rotation, _skew(image, voters))


@dataclass(frozen=True, slots=True)
class _Line:
    quad: Floats
    length: float
    height: float
    across: bool
    angle: float  # degrees that the line falls to the right (across) or leans to the left (down)


def _line(quad: Floats) -> _Line | None:
    right = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    below = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    width, height = float(np.hypot(*right)), float(np.hypot(*below))
    if min(width, height) < 1 or max(width, height) / min(width, height) < ELONGATED:
        return None
    across = width >= height
    angle = math.degrees(math.atan2(right[1], right[0]) if across else math.atan2(-below[0], below[1]))
    return _Line(quad, max(width, height), min(width, height), across, angle)


def _on_head(image: Image, lines: Sequence[_Line], reader: LineReader) -> bool:
    """Whether lines stand on their head; for lines that run down the page: after a quarter turn clockwise."""
    crops = [_crop(image, line) for line in lines]
    votes = reader.upside_down(crops)
    mean = float(np.mean(votes))
    if abs(mean - 0.5) > 0.5 - CLEAR and len(votes) >= READ:
        return mean > 0.5
    some = crops[:READ]
    ways = reader.recognise([*some, *(np.ascontiguousarray(np.rot90(c, 2)) for c in some)])
    weigh = [len(r.text) * r.confidence**2 for r in ways]
    upright, turned = sum(weigh[: len(some)]), sum(weigh[len(some) :])
    return turned > upright


def _crop(image: Image, line: _Line) -> Image:
    quad = line.quad if line.across else np.roll(line.quad, 1, axis=0)  # a quarter turn clockwise
    height, width = max(8, round(line.height)), max(8, round(line.length))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, np.float32), target)
    crop: Image = cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return crop


def _skew(image: Image, lines: Sequence[_Line]) -> float:
    """Degrees clockwise that straighten the lines, to 0.05°."""
    angles = np.array([line.angle for line in lines])
    weights = np.array([line.length * min(8.0, line.length / line.height) for line in lines])
    rough = _weighted_median(angles, weights)
    if abs(rough) > MAX_SKEW:
        return 0.0
    fine = _refined(image, lines, rough)
    return round(-fine, 2) + 0.0


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def skew_of(image: Image, *, across: bool) -> float:
    """Degrees clockwise, within 2.6, that straighten a page whose lines run across it, or down; without its lines."""
    return round(-_sharpest(image, across, 0.0, GLANCED_STEPS, GLANCED_POINTS), 2) + 0.0


def _refined(image: Image, lines: Sequence[_Line], rough: float) -> float:
    """The angle near ``rough`` at which ink falls into the sharpest rows (or columns)."""
    return _sharpest(image, lines[0].across, rough, STEPS, MOST_POINTS)


def _sharpest(image: Image, across: bool, rough: float, steps: Sequence[float], most: int) -> float:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    while max(grey.shape) >= 2 * SKEW_SIDE:
        grey = halved(grey)
    share = min(1.0, SKEW_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    if not across:
        small = cv2.rotate(small, cv2.ROTATE_90_CLOCKWISE)
    dark = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12)
    ys, xs = np.nonzero(dark)
    if len(ys) < 200:
        return rough
    if len(ys) > most:
        kept = np.linspace(0, len(ys) - 1, most).astype(int)
        ys, xs = ys[kept], xs[kept]
    # Rows of whole pixels would favour an angle of exactly 0: spread each pixel over its row, the same way every time.
    rows = ys + np.random.default_rng(0).uniform(0, 1, len(ys))
    along = xs - small.shape[1] / 2
    best = rough
    for step in steps:
        tried = best + step * np.arange(-4, 5)
        best = float(max(tried, key=lambda a: _sharpness(rows, along, a)))
    return best


def _sharpness(ys: NDArray[np.float64], xs: NDArray[np.float64], angle: float) -> float:
    rows = ys - xs * math.tan(math.radians(angle))
    counts = np.bincount((rows - rows.min()).astype(np.int64))
    return float((np.diff(counts).astype(np.float64) ** 2).sum())
