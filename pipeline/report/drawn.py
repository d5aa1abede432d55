"""Seals drawn onto their page: what ``yanzhang seals --draw`` writes, so that a person sees what the program saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pymupdf

from pipeline.checks.wording import kind_name
from pipeline.errors import BadInput
from pipeline.intake.open import open_scan
from pipeline.store.durable import write_atomically

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.settings import Settings

    Image = NDArray[np.uint8]
    Seals = Sequence[Mapping[str, Any]]

__all__ = ["draw_seals", "write_drawn"]

FONT = "cjk"  # PyMuPDF's own face for Chinese: no font of the machine is needed
MAX_SIDE = 2200  # px of the drawn page's longer side: texts stay legible and the file small
LETTER_SHARE = 62  # of the page's longer side a letter is high
LEAST_LETTER = 12.0  # px
ROW = 1.6  # letters' heights a row of the legend is high
SURE, UNSURE, UNREAD = (0.05, 0.45, 0.15), (0.75, 0.40, 0.0), (0.40, 0.40, 0.40)  # RGB
SURE_FROM = 0.75  # of a seal's confidence


def write_drawn(file: Path, page: Mapping[str, Any], path: Path, settings: Settings) -> None:
    """Draw the seals of one page of a file as ``yanzhang seals`` reported it (JSON) into a PNG.

    :raises BadInput: the place cannot be written to
    """
    with open_scan(file, bounds=settings.bounds, dpi=settings.reading.render_dpi) as scan:
        drawn = draw_seals(scan.image(page["page"] - 1), page["seals"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, drawn)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}): give another folder") from error


def draw_seals(image: Image, seals: Seals) -> bytes:
    """A PNG of the page (BGR uint8, as scanned): a box and a number at each seal (JSON of the report).

    What each says stands under the page, so that no word covers what a person wants to see.
    """
    scale = min(1.0, MAX_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    height, width = small.shape[:2]
    done, packed = cv2.imencode(".png", small)
    if not done:
        raise BadInput("the page's picture cannot be packed: scan it again")
    size = max(LEAST_LETTER, max(width, height) / LETTER_SHARE)
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height + ROW * size * (len(seals) + 0.5))  # a point a pixel
        page.insert_image(pymupdf.Rect(0, 0, width, height), stream=packed.tobytes())
        for number, seal in enumerate(seals, start=1):
            _mark(page, (width, height), number, seal, size)
            _say(page, (size, height + ROW * size * number), _told(number, seal), seal, size)
        return bytes(page.get_pixmap(alpha=False).tobytes("png"))


def _mark(page: pymupdf.Page, picture: tuple[int, int], number: int, seal: Mapping[str, Any], size: float) -> None:
    """The seal's box, its number on a white tag at the box's upper left corner, outside where there is room."""
    x0, y0, x1, y1 = (v * side for v, side in zip(seal["box"], (*picture, *picture), strict=True))
    page.draw_rect(pymupdf.Rect(x0, y0, x1, y1), color=_colour(seal), width=max(1.5, size / 8))
    wide = pymupdf.Font(FONT).text_length(str(number), fontsize=size) + size / 3
    left, top = max(0.0, x0 - wide), max(0.0, y0 - size)
    page.draw_rect(pymupdf.Rect(left, top, left + wide, top + 1.15 * size), color=None, fill=(1, 1, 1))
    _say(page, (left + size / 6, top + 0.95 * size), str(number), seal, size)


def _say(page: pymupdf.Page, start: tuple[float, float], text: str, seal: Mapping[str, Any], size: float) -> None:
    writer = pymupdf.TextWriter(page.rect)
    writer.append(start, text, font=pymupdf.Font(FONT), fontsize=size)
    writer.write_text(page, color=_colour(seal))


def _told(number: int, seal: Mapping[str, Any]) -> str:
    text = seal["text"] or "（辨认不清 cannot be read）"
    owner = f" → {seal['owner']}" if seal["owner"] and seal["owner"] != seal["text"] else ""
    return f"{number}  {kind_name(seal['kind']).zh}  {text}{owner}  {seal['confidence']:.2f}"


def _colour(seal: Mapping[str, Any]) -> tuple[float, float, float]:
    if not seal["text"]:
        return UNREAD
    return SURE if seal["confidence"] >= SURE_FROM else UNSURE
