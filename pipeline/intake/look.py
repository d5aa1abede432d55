"""The cheap look at a page: codes, blank or not, quality, which way up; and the picture put upright.

Codes are read first, from the raw picture. Text is detected once, on the page as it lies: the
same quads tell the turn and, carried over to the upright page, are where the reader reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.blank import ink_of, reduced
from pipeline.intake.codes import is_two_dimensional, read_codes
from pipeline.intake.light import is_shaded, relit
from pipeline.intake.quality import measure
from pipeline.intake.reduce import halved
from pipeline.intake.sheet import find_sheet
from pipeline.intake.split import is_own_cover, parse_cover_payload
from pipeline.intake.turn import Turn, find_turn
from pipeline.intake.upright import fractions_to_scan, mapped, scaled, skewed, turned, warped
from pipeline.model import Code, Page, PageKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.openvino import OpenVinoEngine

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Matrix = NDArray[np.float64]

__all__ = ["Looked", "fingerprint", "look", "reduced_dpi", "to_upright"]

MIN_SKEW = 0.12  # degrees: a line of A4 rises 0.4 mm over the page; below, the picture is left as it is
SHEET_SKEW = 2.0  # degrees that print may lean on its own sheet …
FEW_LINES = 15  # … where fewer lines than this say so
LONGEST_SIDE = 3600  # px of an upright picture: A4 at 300 dpi; finer scans gain nothing
HASH_HALVINGS = 3  # before a page is reduced to 32 px: A4 at 200 dpi still has 200
COVER_LINES = 25  # a sheet with a foreign QR code and more lines of text than this is a form, not a cover


@dataclass(frozen=True, slots=True)
class Looked:
    """A page, its upright picture (BGR), and the quads of its text on that picture, if text was looked for."""

    page: Page
    upright: Image
    quads: tuple[Floats, ...] | None = None


def look(
    image: Image,
    *,
    number: int,
    file: str,
    index: int,
    sha256: str,
    dpi: int | None,
    native_dpi: int | None = None,
    engine: OpenVinoEngine | None = None,
) -> Looked:
    """Look at one page as scanned (BGR).

    :param dpi: pixels an inch of ``image``, where known
    :param native_dpi: pixels an inch the scanner took, where it differs
    """
    codes = read_codes(image)
    height, width = image.shape[:2]
    small = reduced(image)
    sheet = find_sheet(small, (width, height))
    flat, base, flat_size = image, np.eye(3), (width, height)
    if sheet is not None:
        base, flat_size = sheet.matrix, sheet.size
        flat = warped(image, base, flat_size, (255, 255, 255))
        small = reduced(flat)
        dpi = sheet.dpi
    ink = ink_of(small)
    shaded = is_shaded(small)
    quality = measure(
        flat, small, ink, dpi=dpi, native_dpi=native_dpi, photo=shaded or (sheet is not None and sheet.slanted)
    )
    page = Page(
        number=number,
        file=file,
        index=index,
        sha256=sha256,
        width=width,
        height=height,
        upright_width=width,
        upright_height=height,
        quality=quality,
        codes=codes,
    )
    if ink.blank and not codes:
        return Looked(page.model_copy(update={"kind": "blank", "fingerprint": fingerprint(small)}), image)
    if shaded:
        flat = relit(flat)
    reader = engine or _engine()
    quads = reader.detect(flat)
    turn = find_turn(flat, quads, reader)
    if sheet is not None and sheet.slanted and len(quads) < FEW_LINES and abs(turn.skew) > SHEET_SKEW:
        # On curled paper a few lines lean as their corner does: the sheet's edges know better.
        turn = Turn(turn.rotation)
    after, size = to_upright(flat_size, turn)
    # One warp from the scan to the upright page keeps strokes sharp, unless the light was evened out in between.
    upright = warped(flat, after, size, ink.paper) if shaded else warped(image, after @ base, size, ink.paper)
    page = page.model_copy(
        update={
            "kind": _kind(codes, len(quads)),
            "rotation": turn.rotation,
            "skew": turn.skew,
            "to_scan": fractions_to_scan(after @ base, (width, height), size),
            "upright_width": size[0],
            "upright_height": size[1],
            "quality": quality.model_copy(update={"dpi": reduced_dpi(dpi, after)}),
            "fingerprint": fingerprint(upright),
        }
    )
    return Looked(page, upright, tuple(_ordered(mapped(after, quad), turn.rotation) for quad in quads))


def fingerprint(image: Image, *, halvings: int = HASH_HALVINGS) -> str:
    """Perceptual hash of an upright page: 64 bits of its coarse cosine transform, hex."""
    small = halved(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), halvings)
    grey = cv2.resize(small, (32, 32), interpolation=cv2.INTER_AREA)
    coarse = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    bits = coarse > np.median(coarse[1:])
    return f"{int(''.join('1' if b else '0' for b in bits), 2):016x}"


def _engine() -> OpenVinoEngine:
    from pipeline.reading.openvino import shared_engine

    return shared_engine()


def to_upright(size: tuple[int, int], turn: Turn) -> tuple[Matrix, tuple[int, int]]:
    """The transform from a picture to the upright page, and the size it gives."""
    matrix, size = turned(size, turn.rotation)
    if abs(turn.skew) >= MIN_SKEW:
        more, size = skewed(size, turn.skew)
        matrix = more @ matrix
    more, size = scaled(size, LONGEST_SIDE)
    return more @ matrix, size


def reduced_dpi(dpi: int | None, matrix: Matrix) -> int | None:
    """Resolution of the upright picture: what millimetres on it are measured by."""
    return None if dpi is None else round(dpi * float(np.sqrt(abs(np.linalg.det(matrix[:2, :2])))))


def _kind(codes: Sequence[Code], lines: int) -> PageKind:
    payloads = [c for c in codes if is_two_dimensional(c)]
    if any(is_own_cover(c.text) for c in payloads):
        return "cover"
    if lines <= COVER_LINES and any(parse_cover_payload(c.text) for c in payloads):
        return "cover"
    return "content"


def _ordered(quad: Floats, rotation: int) -> Floats:
    """Corners clockwise from the upright page's top left."""
    return np.ascontiguousarray(np.roll(quad, rotation // 90, axis=0))
