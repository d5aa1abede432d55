"""The slices of a riding seal put together: one picture to look at, and one to read.

To look at, slices lie side by side in the order in which they make the seal. To read, each lies where its rim says, so
that a seal which lacks a slice still has its shape.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box, SealSlice
from pipeline.seals.edges import Edge
from pipeline.seals.find import FoundSeal
from pipeline.seals.ink import inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Colour, SealReading
    from pipeline.seals.reader import Readers
    from pipeline.seals.riding import Ridden

    Image = NDArray[np.uint8]

__all__ = ["cut_out", "read_ridden", "side_by_side", "slices_of"]

MARGIN_MM = 1.5  # around the seal, as in the slices' boxes
GAP = 6  # px of white between what does not belong together
TURNS: Mapping[Edge, int] = {"right": 0, "left": 0, "bottom": 270, "top": 270}
INKED = 0.07
COLOURED = 0.004  # of a picture that coloured ink covers


def slices_of(ridden: Ridden) -> tuple[SealSlice, ...]:
    """Where the slices lie on their upright pages."""
    return tuple(SealSlice(page=s.page, box=s.box, turn=(TURNS[s.edge] + 180 * s.turned) % 360) for s in ridden.slices)


def cut_out(image: Image, box: Box, turn: int) -> Image:
    """A slice cut from a page (BGR) and turned clockwise."""
    height, width = image.shape[:2]
    x0, y0 = int(box.x0 * width), int(box.y0 * height)
    x1, y1 = max(x0 + 1, round(box.x1 * width)), max(y0 + 1, round(box.y1 * height))
    return np.ascontiguousarray(np.rot90(image[y0:y1, x0:x1], k=-(turn // 90) % 4))


def side_by_side(parts: Sequence[Image], *, apart: Sequence[int] = (), lying: bool = False) -> Image:
    """Slices in order, all of one height.

    :param apart: indexes of slices before which the seal does not go on: paper shows between
    :param lying: they come from lower or upper edges, so that the seal lies on its side
    """
    height = round(statistics.median(part.shape[0] for part in parts))
    laid: list[Image] = []
    for index, part in enumerate(parts):
        if index in apart:
            laid.append(np.full((height, GAP, 3), 255, np.uint8))
        laid.append(_as_high(part, height))
    picture = np.hstack(laid)
    return np.ascontiguousarray(np.rot90(picture, k=-1)) if lying else np.asarray(picture, np.uint8)


def _as_high(part: Image, height: int) -> Image:
    if part.shape[0] == height:
        return part
    width = max(1, round(part.shape[1] * height / part.shape[0]))
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def read_ridden(ridden: Ridden, pages: Mapping[int, Image], readers: Readers) -> SealReading:
    """The seal's text, from its slices on upright pages (BGR)."""
    from pipeline.seals.read import read_seals

    picture, seal = _in_place(ridden, pages)
    return read_seals(picture, [seal], readers, page=ridden.pages[0])[0]


def _in_place(ridden: Ridden, pages: Mapping[int, Image]) -> tuple[Image, FoundSeal]:
    """The slices where they lie on the seal, and the seal that they make."""
    parts = [cut_out(pages[s.page], s.box, t.turn) for s, t in zip(ridden.slices, slices_of(ridden), strict=True)]
    height = max(part.shape[0] for part in parts)
    scale = height / (2 * (ridden.radius + MARGIN_MM))
    reach = ridden.radius * ridden.shape
    width = round(2 * (reach + MARGIN_MM) * scale)
    picture = np.full((height, width, 3), 255, np.uint8)
    for part, one, at in zip(parts, ridden.slices, ridden.positions, strict=True):
        wide = max(1, round(one.width * scale))
        fitted = cv2.resize(part, (wide, height), interpolation=cv2.INTER_LINEAR)
        x = round((at + reach + MARGIN_MM) * scale)
        a, b = max(0, x), min(width, x + wide)
        if a < b:
            picture[:, a:b] = np.minimum(picture[:, a:b], fitted[:, a - x : b - x])
    seal = FoundSeal(
        box=Box(0.0, 0.0, 1.0, 1.0),
        centre=(width / 2, height / 2),
        axes=(reach * scale, ridden.radius * scale),
        angle=0.0,
        shape="round" if ridden.shape == 1.0 else "oval",
        colour=_colour(picture),
        found=1.0,
    )
    return picture, seal


def _colour(picture: Image) -> Colour:
    inks = inks_of(picture, None)
    red, cool = float((inks.red > INKED).mean()), float((inks.cool > INKED).mean())
    if max(red, cool) < COLOURED:
        return "grey"
    return "red" if red >= cool else "blue"
