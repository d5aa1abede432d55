"""Text on printed sheets, measured before it is set: the face is in the file, no font of the machine is needed.

PyMuPDF's ``china-s`` names a face that the reader's machine must have, and sets Latin letters a Chinese sign's width
apart. The face set here (Droid Sans Fallback, part of MuPDF) goes into the file, as far as it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pymupdf

from pipeline.values.printable import printable

__all__ = ["LEADING", "Pen", "fitted", "lines_of"]

LEADING = 1.32  # of the size, from line to line
LACKING = "〓"  # what printers set for a sign that the face has not (a rare sign of a name); the number tells who it is
SMALLEST = 6.0  # points
SHRINK = 0.92
WIDOW = 0.8  # of the size, down to which text is made smaller so that no one or two signs stand in a line alone
BOLD = 0.022  # of the size, by which a second print is moved: the face has no bold cut
_WORDS = re.compile(r"[A-Za-z0-9][\w.\-/&'’@#+]*[,.;:)]?|\s+|.", re.ASCII | re.DOTALL)
_NO_END = "（《「『【〔“‘("  # … and that never end one
_NO_BEGINNING = "，。、；：！？）》」』】〕”’%"  # signs that never begin a line


@lru_cache(maxsize=1)
def _face() -> Any:
    return pymupdf.Font("cjk")


@lru_cache(maxsize=65_536)
def _advance(sign: str) -> float:
    """Share of the size that a sign takes; asked of the face once, for asking costs more than setting."""
    return float(_face().glyph_advance(ord(sign)))


@lru_cache(maxsize=65_536)
def _in_face(sign: str) -> str:
    return sign if sign == "\n" or _face().has_glyph(ord(sign)) else LACKING


def _settable(text: str) -> str:
    return "".join(map(_in_face, printable(text, lines=True)))


def width_of(text: str, size: float) -> float:
    """Points that a line of text takes."""
    return size * sum(map(_advance, _settable(text)))


def lines_of(text: str, size: float, width: float) -> list[str]:
    """The text in lines no wider than ``width``: broken between Chinese signs and between words; a word that is wider
    than a line is broken where it must.
    """
    lines, line = [], ""
    for piece in _pieces(_settable(text), size, width):
        if width_of(line + piece, size) <= width or (piece in _NO_BEGINNING and line):
            line += piece
        else:
            opening = line[-1:] if len(line) > 1 and line[-1] in _NO_END else ""
            opening = opening if width_of(opening + piece.lstrip(), size) <= width else ""
            lines.append(line.removesuffix(opening).rstrip())
            line = opening + piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str, size: float, width: float) -> Iterator[str]:
    for piece in _WORDS.findall(text):
        if len(piece) > 1 and width_of(piece, size) > width:
            yield from piece
        else:
            yield piece


def fitted(text: str, size: float, width: float, height: float) -> tuple[float, list[str]]:
    """The text in lines that fit a box, at the largest size up to ``size``; what fits at no size ends in …"""
    largest = size
    while True:
        lines = lines_of(text, size, width)
        room = max(1, int(height / (size * LEADING) + 0.001))
        if len(lines) <= room and not (size > largest * WIDOW and 0 < len(lines[-1]) <= 2 and len(lines) > 1):
            return size, lines
        if size <= SMALLEST:
            kept = lines[:room]
            kept[-1] = f"{kept[-1][:-1]}…"
            return size, kept
        size = max(SMALLEST, size * SHRINK)


class Pen:
    """Writes on one page; what was written stands there after :meth:`done`."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._writers: dict[tuple[float, float, float], Any] = {}

    def box(
        self,
        text: str,
        at: tuple[float, float, float, float],
        size: float,
        *,
        bold: bool = False,
        centred: bool = False,
        colour: tuple[float, float, float] = (0, 0, 0),
    ) -> float:
        """Text in a box (x0, y0, x1, y1), smaller where it must; gives the height that it took."""
        x0, y0, x1, y1 = at
        size, lines = fitted(text, size, x1 - x0, y1 - y0)
        for place, line in enumerate(lines):
            x = x0 + (x1 - x0 - width_of(line, size)) / 2 if centred else x0
            self.line(line, (x, y0 + size * (1.0 + LEADING * place)), size, bold=bold, colour=colour)
        return len(lines) * size * LEADING

    def line(
        self,
        text: str,
        at: tuple[float, float],
        size: float,
        *,
        bold: bool = False,
        colour: tuple[float, float, float] = (0, 0, 0),
    ) -> None:
        """One line; ``at``: where its baseline begins."""
        if colour not in self._writers:
            self._writers[colour] = pymupdf.TextWriter(self.page.rect)
        writer, text = self._writers[colour], _settable(text)
        if text.strip():
            writer.append(at, text, font=_face(), fontsize=size)
            if bold:
                writer.append((at[0] + BOLD * size, at[1]), text, font=_face(), fontsize=size)

    def done(self) -> None:
        for colour, writer in self._writers.items():
            writer.write_text(self.page, color=colour)
