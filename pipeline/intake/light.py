"""Shadows: how light falls on photographed paper, and the picture as if it fell evenly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import halved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["is_shaded", "relit"]

SIDE = 240  # px of the long side at which light is measured: it has no finer detail
UNEVEN = 0.82  # darkest over brightest paper: scanners stay above 0.9
ROUGH = 0.05  # relative: what light leaves unexplained on paper; dark print on part of a page leaves more
STRONGEST = 2.6  # largest gain: deeper shadows hold nothing but noise
KERNEL = 25  # px at that size: 30 mm, wider than headings and the strokes of large seals


def is_shaded(small: Image) -> bool:
    """Whether light falls unevenly and smoothly over the page, as it does on photographs."""
    light = _paper_light(small)
    ys, xs = np.mgrid[0 : light.shape[0], 0 : light.shape[1]]
    x, y = xs.ravel() / light.shape[1] - 0.5, ys.ravel() / light.shape[0] - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    values = light.ravel()
    weights = values > 0.5 * np.percentile(values, 95)
    if weights.mean() < 0.7:
        return False
    solution, *_ = np.linalg.lstsq(terms[weights], values[weights], rcond=None)
    fitted = terms @ solution
    rough = float(np.mean(np.abs(fitted - values)[weights])) / max(1.0, float(np.median(values)))
    low, high = np.percentile(fitted, (2, 98))
    return bool(low / max(1.0, high) < UNEVEN and rough < ROUGH)


def relit(image: Image) -> Image:
    """The page with even light; hues stay as they are, so that seals keep their colour."""
    light = _paper_light(image)
    target = float(np.percentile(light, 90))
    gain = np.clip(target / np.maximum(light, 1.0), 1.0, STRONGEST).astype(np.float32)
    gain = cv2.resize(gain, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    done: Image = cv2.multiply(image, cv2.merge([gain, gain, gain]), dtype=cv2.CV_8U)
    return done


def _paper_light(image: Image) -> Floats:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    while max(grey.shape) >= 2 * SIDE:
        grey = halved(grey)
    share = min(1.0, SIDE / max(grey.shape))
    tiny = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (KERNEL, KERNEL))
    closed = cv2.morphologyEx(tiny, cv2.MORPH_CLOSE, kernel)
    light: Floats = cv2.GaussianBlur(closed, (0, 0), 5).astype(np.float32)
    return light
