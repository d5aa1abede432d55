"""What a picture of a page is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from pipeline.model import Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.intake.blank import Ink

    Image = NDArray[np.uint8]

__all__ = ["colour_of", "measure"]

WIDTH = 1000  # px the page is reduced to for sharpness
LOW_DPI = 140  # under this 小五 characters have strokes thinner than a pixel
BLURRED = 60.0  # variance of the Laplacian of a page with text; sharp scans have 500 and more
DARK = 110  # grey level of the paper
FLAT = 60  # grey levels between ink and paper
GREY_NOISE = 2  # levels a grey picture's channels may differ by, from rounding
COLOURED = 14  # levels from which a pixel has a colour of its own
COLOURED_SHARE = 1e-4  # of pixels: a page number in red has more
TINTED = 1.5  # mean levels between channels: paper seen in colour is never exactly neutral


def measure(image: Image, ink: Ink, *, dpi: int | None, native_dpi: int | None, photo: bool) -> Quality:
    """Quality of a page as scanned.

    :param native_dpi: at which the scanner took it, where a file tells
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    share = WIDTH / grey.shape[1]
    small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else grey
    sharpness = float(cv2.Laplacian(small, cv2.CV_64F).var())
    colour = colour_of(image)
    low, high = (float(v) for v in np.percentile(small, (0.5, 80)))
    lowest = native_dpi or dpi
    problems = [
        name
        for name, there in (
            ("low_dpi", lowest is not None and lowest < LOW_DPI),
            ("blurred", not ink.blank and ink.share > 0.004 and sharpness < BLURRED),
            ("grey", colour != "colour"),
            ("clipped", ink.clipped),
            ("dark", high < DARK),
            ("low_contrast", not ink.blank and high - low < FLAT),
        )
        if there
    ]
    return Quality(
        dpi=dpi,
        sharpness=round(sharpness, 1),
        clipped=ink.clipped,
        colour=colour,
        ink=ink.share,
        photo=photo,
        problems=tuple(problems),
    )


def colour_of(image: Image) -> Literal["colour", "grey", "bilevel"]:
    """Whether the scanner saw colour. A page in black ink scanned in colour counts as colour: its paper has a tint."""
    step = max(1, max(image.shape[:2]) // 1600)
    sample = image[::step, ::step].astype(np.int16)
    spread = sample.max(axis=2) - sample.min(axis=2)
    coloured = float((spread > COLOURED).mean()) > COLOURED_SHARE
    if coloured or float(spread.mean()) > TINTED:
        return "colour"
    counts = np.bincount(sample[:, :, 1].ravel(), minlength=256)
    ends = counts[:8].sum() + counts[248:].sum()
    return "bilevel" if ends == counts.sum() else "grey"
