"""Ink on paper: how much of which colour lies where, measured against the paper around it.

A stamp's ink filters light, so the logarithm of (paper / pixel) is how much ink lies there, whatever the shade of paper
and lamp. Red ink takes green and blue away and leaves red; black takes all three alike. Ink over black text therefore
stays dark and is not red: what a colour map shows is ink on bare paper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["A4_LONG_MM", "WORK_DPI", "Hue", "Inks", "inks_of", "paper_of", "reduced"]

Hue = Literal["red", "cool", "grey"]

WORK_DPI = 100.0  # a rim of 1 mm is 4 px wide: thin enough to be quick, wide enough to keep its direction
WORK_SIDE = 1170.0  # px: the longer side of an A4 page at that resolution, where no resolution is known
SIDE_BOUNDS = (640.0, 1700.0)  # px: a wrong resolution in a file never makes the picture tiny or huge
WHOLE_SLACK = 0.03  # of a whole reduction: so near, the whole one will do
SOFT = 14.0  # grey levels added to both before dividing: noise in the dark carries no colour
UNIT = 84.0  # steps of a byte to one of density: black on white paper is just under 255
PAPER_CELL = 8  # px of the work picture to a cell of the paper's map
PAPER_REACH = 9  # cells: a seal's strokes leave paper within this reach
YELLOW_SLACK = 0.12  # ink density of blue beyond green's that red ink may have; more is gold or brown print
STAIN = 0.02  # density every map forgets: sensor noise, JPEG's colour blocks
A4_LONG_MM = 297.0


@dataclass(frozen=True, slots=True)
class Inks:
    """A page's ink, at the work resolution.

    ``red``, ``cool`` (blue, green, violet) and ``dark``: density maps (H, W), about 0 to 1.5; ``gold``: yellow beyond
    red, which print has and stamps have not. ``scale``: px of the page to one px of these maps. ``px_per_mm`` of the
    maps, from the resolution, or as if an A4 page filled the picture (``measured`` says which).
    """

    red: Map
    cool: Map
    dark: Map
    gold: Map
    scale: float
    px_per_mm: float
    measured: bool


def reduced(image: Image, dpi: int | None) -> tuple[Image, float]:
    """The page at the work resolution, never enlarged, and how many px of the page one of its px holds."""
    longest = max(image.shape[:2])
    wanted = longest * WORK_DPI / dpi if dpi else WORK_SIDE
    wanted = min(max(wanted, SIDE_BOUNDS[0]), SIDE_BOUNDS[1], float(longest))
    scale = longest / wanted
    whole = int(scale + WHOLE_SLACK)
    picture = _shrunk(image, whole)
    rest = scale / whole
    if rest < 1 + WHOLE_SLACK:
        return picture, float(whole)
    size = (max(1, round(picture.shape[1] / rest)), max(1, round(picture.shape[0] / rest)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), scale


def _shrunk(image: Image, times: int) -> Image:
    """Reduced by a whole number: ten times quicker than by a broken one. Odd px at the far edges are left out."""
    if times <= 1:
        return image
    rows, columns = (max(times, side // times * times) for side in image.shape[:2])
    size = (columns // times, rows // times)
    return np.asarray(cv2.resize(image[:rows, :columns], size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def paper_of(picture: Image) -> Image:
    """The bare paper's colour at each place of the picture: the brightest nearby, smoothed."""
    rows, columns = picture.shape[:2]
    cells = _shrunk(picture, PAPER_CELL)
    kernel = np.ones((PAPER_REACH, PAPER_REACH), np.uint8)
    bright = cv2.erode(cv2.dilate(cells, kernel), kernel)
    smooth = cv2.GaussianBlur(bright, (0, 0), 2.5)
    return np.asarray(cv2.resize(smooth, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def inks_of(image: Image, dpi: int | None) -> Inks:
    """The ink maps of a page (BGR, any resolution)."""
    picture, scale = reduced(image, dpi)
    logs = (np.log(np.arange(256) + SOFT) - math.log(SOFT)) * UNIT
    lut: Any = np.round(logs).astype(np.uint8).reshape(1, 256)
    # whole steps of 1/UNIT: saturating bytes are ten times quicker than floats
    density = cv2.subtract(cv2.LUT(paper_of(picture), lut), cv2.LUT(picture, lut))
    blue, green, red = cv2.split(density)
    yellow = cv2.subtract(cv2.subtract(blue, green), round(YELLOW_SLACK * UNIT))
    warm = cv2.subtract(cv2.subtract(green, red), yellow)
    cool = cv2.subtract(red, cv2.min(blue, green))
    # coloured ink takes a little of every light: what is left of it after that is no black
    neutral = cv2.subtract(cv2.min(red, cv2.min(green, blue)), cv2.addWeighted(warm, 0.5, cool, 0.5, 0))
    return Inks(
        red=_over(warm, STAIN),
        cool=_over(cool, STAIN),
        dark=_over(neutral, STAIN),
        gold=_over(cv2.subtract(blue, green), 2 * STAIN),
        scale=scale,
        px_per_mm=(dpi / scale / 25.4) if dpi else max(picture.shape[:2]) / A4_LONG_MM,
        measured=bool(dpi),
    )


def _over(steps: NDArray[np.uint8], floor: float) -> Map:
    above = cv2.subtract(steps, round(floor * UNIT))
    return np.asarray(np.multiply(above, np.float32(1 / UNIT), dtype=np.float32))
