"""Figures printed in red (红字): what accountants write for a negative figure instead of a sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import Box, Line, ReadPage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["red_figures"]

UNSIGNED = re.compile(r"\d[\d,.，]{2,}\d")  # a sign beside it says what red would say
FEW = 6  # figures of a page: on fewer the colour of the others tells nothing
INK = 60  # levels by which ink is darker than the paper beside it
RED = 40  # levels by which red leads in red ink, more than in the paper
DARKEST = 34  # per cent of the ink: where a seal lies over black print, these pixels are black
MOSTLY = 0.7  # share of the darkest ink that is red in a red figure
MINORITY = 0.5  # share of the figures from which on red is the colour of the print


def red_figures(page: ReadPage, picture: Image) -> tuple[Box, ...]:
    """Boxes of the lines that are one figure without a sign, in red among black ones, no seal over them.

    :param picture: the upright page, BGR
    """
    figures = [line for line in page.lines if UNSIGNED.fullmatch(line.text.strip())]
    if len(figures) < FEW:
        return ()
    seals = [seal.box for seal in page.seals]
    free = [line for line in figures if not any(line.box.intersection(seal) > 0 for seal in seals)]
    red = tuple(line.box for line in free if _is_red(picture, line))
    return red if len(red) < MINORITY * len(figures) else ()


def _is_red(picture: Image, line: Line) -> bool:
    height, width = picture.shape[:2]
    box = line.box
    cut = picture[int(box.y0 * height) : int(box.y1 * height) + 1, int(box.x0 * width) : int(box.x1 * width) + 1]
    if cut.size == 0:
        return False
    pixels = cut.reshape(-1, 3).astype(np.int16)
    paper = np.percentile(pixels, 85, axis=0)
    darkness = paper.min() - pixels.min(axis=1)
    ink = darkness > INK
    if not ink.any():
        return False
    deepest = pixels[ink & (darkness >= np.percentile(darkness[ink], 100 - DARKEST))]
    lead = _lead(deepest) - _lead(np.asarray([paper]))[0]
    return bool((lead > RED).mean() >= MOSTLY)


def _lead(pixels: NDArray[np.floating] | NDArray[np.int16]) -> NDArray[np.floating]:
    """By how much red leads in each pixel."""
    return np.asarray(pixels[:, 2] - np.maximum(pixels[:, 0], pixels[:, 1]), np.float32)
