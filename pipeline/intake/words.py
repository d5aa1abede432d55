"""The text layer of a born-digital PDF page, through pdfplumber: characters with boxes, nothing judged."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pdfplumber

from pipeline.intake.text import TextChar
from pipeline.model import Box

__all__ = ["TextReader"]

MAX_CHARS = 60_000  # of one page; a dense A3 statement has 10 000, more is an attack or a drawing made of letters
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about every odd font


class TextReader:
    """Reads text layers of one PDF; opened when first asked."""

    def __init__(self, path: Path, password: str = "") -> None:
        self._path = path
        self._password = password
        self._pdf: Any = None

    def chars(self, index: int) -> tuple[TextChar, ...]:
        """Characters that stand along the page's axes; () where the layer cannot be read. Never raises for content."""
        try:
            if self._pdf is None:
                self._pdf = pdfplumber.open(self._path, password=self._password)
            page = self._pdf.pages[index]
            found = _chars(page)
            page.close()  # pdfplumber keeps every object of every page otherwise
        except Exception:  # pdfminer raises whatever a stranger's bytes lead it to; recognition reads the page then
            return ()
        return found

    def close(self) -> None:
        if self._pdf is not None:
            self._pdf.close()
            self._pdf = None


def _chars(page: Any) -> tuple[TextChar, ...]:
    x0, top, x1, bottom = page.cropbox if page.cropbox else page.bbox
    width, height = x1 - x0, bottom - top
    if width <= 0 or height <= 0:
        return ()
    found: list[TextChar] = []
    for char in page.chars[:MAX_CHARS]:
        a, b, c, d = char["matrix"][:4]
        slanted = min(abs(a) + abs(d), abs(b) + abs(c)) > 0.35 * max(abs(a) + abs(d), abs(b) + abs(c), 1e-6)
        if slanted:  # a watermark across the page
            continue
        box = Box(
            (char["x0"] - x0) / width,
            (char["top"] - top) / height,
            (char["x1"] - x0) / width,
            (char["bottom"] - top) / height,
        )
        if box.x1 > 0 and box.y1 > 0 and box.x0 < 1 and box.y0 < 1:
            found.append(TextChar(char["text"], Box(*(min(1.0, max(0.0, v)) for v in box))))
    return tuple(found)
