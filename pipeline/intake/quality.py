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

LOW_DPI = 140  # under this 小五 characters have strokes thinner than a pixel
BLURRED = 60.0  # variance of the Laplacian of a page with text; sharp scans have 500 and more
DARK = 110  # grey level of the paper
DARKEST, DARKEST_INK = 0.5, 0.25  # percentile of a page that its ink is as dark as; share of its ink that is
FLAT = 60  # grey levels between ink and paper
COLOURED = 14  # levels from which a pixel has a colour of its own
COLOURED_SHARE = 1e-4  # of pixels: a page number in red has more
BILEVEL_SHARE = 0.003  # of pixels that may be neither black nor white
TINTED = 1.5  # mean levels between channels: paper seen in colour is never exactly neutral


def measure(image: Image, small: Image, ink: Ink, *, dpi: int | None, native_dpi: int | None, photo: bool) -> Quality:
    """Quality of a page as scanned.

    :param small: the page reduced to 1000 px on its short side (:func:`pipeline.intake.blank.reduced`)
    :param native_dpi: at which the scanner took it, where a file tells
    """
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    sharpness = float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))[1][0, 0] ** 2)
    colour = colour_of(image, small)
    darkest = min(DARKEST, DARKEST_INK * 100 * ink.share)  # a page may bear but a name, a date and a seal
    low, high = (float(v) for v in np.percentile(grey[::3, ::3], (darkest, 80)))
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


def colour_of(image: Image, small: Image) -> Literal["colour", "grey", "bilevel"]:
    """Whether the scanner saw colour. A page in black ink scanned in colour counts as colour: its paper has a tint."""
    blue, green, red = cv2.split(small)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    levels = cv2.calcHist([spread], [0], None, [256], [0, 256]).ravel()
    if levels[COLOURED + 1 :].sum() > COLOURED_SHARE * spread.size or float(cv2.mean(spread)[0]) > TINTED:
        return "colour"
    # Reducing makes greys of black and white: this question goes to the page itself.
    greys = np.bincount(image[::5, ::5, 1].ravel(), minlength=256)
    middle = greys[24:232].sum() / greys.sum()
    return "bilevel" if middle < BILEVEL_SHARE else "grey"
