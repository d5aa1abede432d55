"""QR and bar codes, read from the raw picture before anything is done to it, through zxing-cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import zxingcpp

from pipeline.model import Box, Code

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["is_two_dimensional", "read_codes"]

# Linear codes without a check digit (ITF, Codabar) are left out: table rulings look like them.
FORMATS = (
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.MicroQRCode,
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.Aztec,
    zxingcpp.BarcodeFormat.PDF417,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.Code39,
    zxingcpp.BarcodeFormat.EAN13,
)
# Nor are codes looked for in white on black: nobody prints them so on paper, and looking takes a quarter of the time.
LONGEST_SIDE = 2400  # px: larger pictures are halved, their codes are larger too
TWO_DIMENSIONAL = ("qr", "datamatrix", "data matrix", "aztec", "pdf417")


def read_codes(image: Image) -> tuple[Code, ...]:
    """All codes on the page as scanned, boxes as fractions of it."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    while max(grey.shape) > LONGEST_SIDE:
        grey = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    height, width = grey.shape
    found = zxingcpp.read_barcodes(grey, formats=FORMATS, try_invert=False)
    return tuple(
        Code(kind=_kind(code), text=code.text.strip(), box=_box(code.position, width, height))
        for code in found
        if code.text.strip()
    )


def is_two_dimensional(code: Code) -> bool:
    """Whether it is a QR-like code, not a bar code."""
    return code.kind.lower().startswith(TWO_DIMENSIONAL)


def _kind(code: Any) -> str:
    return str(code.format).removeprefix("BarcodeFormat.")


def _box(position: Any, width: int, height: int) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    xs, ys = [p.x / width for p in corners], [p.y / height for p in corners]
    return Box(*(round(min(1.0, max(0.0, v)), 5) for v in (min(xs), min(ys), max(xs), max(ys))))
