"""The ink of one seal, apart from the paper and from the black print under and over it.

Works in optical density: inks that lie over each other add up there, so that each pixel is a sum of an amount of seal
ink and an amount of black (Beer's law).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.quantile import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Colour

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["dense_ink", "density_of", "grey_ink", "seal_ink"]

PAPER_PERCENTILE = 90  # of a crop's pixels: more than a tenth of it is bare paper, whatever is stamped on it
PAPER_CELL = 6  # px of the work picture to a cell of the paper's map
PAPER_REACH = 13  # cells: half a star's width; strokes leave bare paper within it
SHADOW = 0.35  # of the whole crop's paper: the deepest shadow that is still taken for paper
DARKEST = 0.03  # of the paper's light: below it a scanner sees only noise
BLED = 3.0  # px of the work picture within which colours have run
PRINT_SHARE = 0.25  # of the ink around that is the seal's, under which black is print
BLACK_DENSITY = 0.55  # density of black in all channels above which the green channel shows print, not seal
FULL_INK_PERCENTILE = 97.0  # of the crop: a seal's own ink covers 10 to 30 % of its box
PRINT_DARKER = 1.3  # print on a grey page is told from a seal only if its density is that many times the seal's
PRINT_FROM = 0.4  # of the way from the seal's density to the print's: what is denser is print
SPARSE = 3  # every third pixel tells a percentile as well
SAME_LIGHT = 0.02  # of density: as little as the channel that loses least
NOISE_SHARE = 0.12  # of full ink: paper grain and JPEG ripple stay below


def seal_ink(crop: Image, colour: Colour, *, bled: bool = False) -> Ink:
    """The seal's ink in a BGR crop (H, W, 3), 0 (paper) to 1 (full ink); black print is removed from coloured seals.

    Where print hides the seal its ink is filled in from around, so that strokes are not cut. ``bled``: the picture's
    colours are coarser than its light, as JPEG keeps them, so that thin strokes look black: what is coloured all
    round is taken for the seal's, print that lies close to it, too.
    """
    density = _density(crop)
    if colour == "grey":
        return _stretched(np.asarray(density.mean(axis=2), dtype=np.float32))
    chroma = _most(density) - _least(density)
    if colour == "red":  # red ink lets red light through: a green border or a blue hand is not its own ink
        chroma = np.where(density[:, :, 2] <= _least(density) + SAME_LIGHT, chroma, 0).astype(np.float32)
    direction = _ink_direction(density, chroma)
    if direction is None:
        return _stretched(_most(density))
    seal, black = _unmixed(density, direction)
    strongest = density[:, :, int(direction.argmax())]
    core = black > BLACK_DENSITY
    if bled:
        all_ = seal + black
        share = cv2.GaussianBlur(seal * all_, (0, 0), BLED) / np.maximum(cv2.GaussianBlur(all_**2, (0, 0), BLED), 1e-3)
        core &= share < PRINT_SHARE
        seal = np.maximum(seal, np.minimum(1, share) * strongest)
    core = core.astype(np.uint8)
    edge = cv2.dilate(core, np.ones((7, 7), np.uint8)) > 0
    printed = cv2.dilate(core, np.ones((3, 3), np.uint8)) > 0
    clear = np.where(edge, seal, strongest).astype(np.float32)  # the soft edge of print is grey, so no seal ink
    ink = np.where(printed, np.maximum(seal, _filled(clear, printed)), clear)
    return _stretched(np.asarray(ink, dtype=np.float32))


def grey_ink(crop: Image, level: float) -> Ink | None:
    """The seal's ink in a crop without colour, 0 to 1, told from darker print by its density ``level`` (natural log).

    ``level`` is what :func:`density_of` shows along the rim. None where nothing is clearly darker than the seal.
    """
    density = density_of(crop)
    dark = quantile(density, 0.99)
    if level <= 0 or dark < PRINT_DARKER * level:
        return None
    core = (density > level + PRINT_FROM * (dark - level)).astype(np.uint8)
    hidden = cv2.dilate(core, np.ones((5, 5), np.uint8)) > 0
    edged = cv2.dilate(core, np.ones((11, 11), np.uint8)) > 0  # the soft edge of print is as grey as the seal
    bare = np.clip(density / level, 0, 1.0).astype(np.float32)
    ink = np.where(hidden, _filled(bare, edged, 4.0), bare)
    return np.asarray(np.clip((ink - NOISE_SHARE) / (1 - NOISE_SHARE) * 1.1, 0, 1), dtype=np.float32)


def density_of(crop: Image) -> Ink:
    """Optical density of a BGR crop as grey, natural log, 0 where the paper is bare."""
    return np.asarray(_density(crop).mean(axis=2), dtype=np.float32)


def dense_ink(crop: Image) -> Ink:
    """All ink of a BGR crop, whatever its colour, 0 to 1: a second view where unmixing may have erred."""
    return _stretched(_most(_density(crop)))


def _density(crop: Image) -> Ink:
    share = crop.astype(np.float32) / np.maximum(_paper(crop), 20)
    return np.asarray(-np.log(np.clip(share, DARKEST, 1.0)), dtype=np.float32)


def _most(channels: Ink) -> Ink:
    """The largest of three channels; many times quicker than reducing the last axis."""
    return np.asarray(cv2.max(cv2.max(channels[:, :, 0], channels[:, :, 1]), channels[:, :, 2]), dtype=np.float32)


def _least(channels: Ink) -> Ink:
    """The smallest of three channels."""
    return np.asarray(cv2.min(cv2.min(channels[:, :, 0], channels[:, :, 1]), channels[:, :, 2]), dtype=np.float32)


def _paper(crop: Image) -> Ink:
    """The bare paper's light at each pixel: the brightest nearby, smoothed, never far under the whole crop's paper."""
    height, width = crop.shape[:2]
    size = (max(1, width // PAPER_CELL), max(1, height // PAPER_CELL))
    cells = cv2.dilate(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.ones((3, 3), np.uint8))
    reach = np.ones((PAPER_REACH, PAPER_REACH), np.uint8)
    local = cv2.GaussianBlur(cv2.erode(cv2.dilate(cells, reach), reach).astype(np.float32), (0, 0), 2.0)
    sparse = np.ascontiguousarray(crop[::SPARSE, ::SPARSE].reshape(-1, 3).T)
    whole = np.array([quantile(channel, PAPER_PERCENTILE / 100) for channel in sparse], np.float32)
    grown = cv2.resize(local, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(grown, SHADOW * whole), dtype=np.float32)


def _ink_direction(density: Ink, chroma: Ink) -> Ink | None:
    """Unit density (largest channel 1) of the coloured ink: the mean over the most colourful pixels."""
    level = quantile(chroma[::SPARSE, ::SPARSE], FULL_INK_PERCENTILE / 100)
    if level < 0.08:
        return None
    strong = chroma >= 0.7 * level
    mean = density[strong].mean(axis=0)
    mean = mean - 0.5 * mean.min()  # part of the weakest channel is grey from print and blur
    peak = float(mean.max())
    return np.asarray(mean / peak, dtype=np.float32) if peak > 0 else None


def _unmixed(density: Ink, direction: Ink) -> tuple[Ink, Ink]:
    """Amounts of seal ink and of black per pixel, least squares, never negative."""
    mixing = np.stack([direction, np.ones(3, np.float32)], axis=1)
    amounts = density.reshape(-1, 3) @ np.linalg.pinv(mixing).T.astype(np.float32)
    amounts = np.maximum(amounts, 0).reshape(*density.shape[:2], 2)
    return np.asarray(amounts[:, :, 0]), np.asarray(amounts[:, :, 1])


def _filled(clear: Ink, hidden: NDArray[np.bool_], reach: float = 2.0) -> Ink:
    """The mean of the seen neighbours within ``reach`` px, for the pixels that print hides."""
    seen = (~hidden).astype(np.float32)
    weight = cv2.GaussianBlur(seen, (0, 0), reach)
    return np.asarray(cv2.GaussianBlur(clear * seen, (0, 0), reach) / np.maximum(weight, 0.05), dtype=np.float32)


def _stretched(ink: Ink) -> Ink:
    full = quantile(ink[::SPARSE, ::SPARSE], FULL_INK_PERCENTILE / 100)
    floor = NOISE_SHARE * full
    return np.asarray(np.clip((ink - floor) / max(full - floor, 1e-3), 0, 1), dtype=np.float32)
