"""Born-digital pages: characters of the text layer become lines; a layer that is junk is told from one that is not."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.model import Box, Line, Ruling

if TYPE_CHECKING:
    from pipeline.intake.text import TextPage

__all__ = ["is_junk", "lines_of_chars"]

# CJK radicals supplement: Unicode maps two of them only.
RADICALS = str.maketrans(
    "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰", "民虎西见角贝车长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙"
)
A4_ASPECT = 210 / 297
INVISIBLE = 0.5  # share of characters without ink from which the layer is an OCR program's, not the author's
PICTURED = 0.85  # share of the page that pictures cover from which the text is not what one sees
JUNK = 0.08  # share of characters that mean nothing: cid codes, private use, controls
FEW = 8  # characters: a page number stamped on a scan is no text layer
CELL_GAP = 1.1  # character heights between two characters from which they stand in two cells
WORD_GAP = 0.28  # … from which a space is between them (Latin)
SAME_LINE = 0.5  # of the smaller height that two characters must share to stand on one line

Char = tuple[str, Box]


def is_junk(page: TextPage) -> bool:
    """Whether the layer is not what a reader of the paper sees: garbled, invisible, or a stamp on a picture."""
    text = [c.text for c in page.chars if not c.text.isspace()]
    if len(text) < FEW or page.invisible >= INVISIBLE or page.pictured >= PICTURED:
        return True
    bad = sum(1 for t in text if _meaningless(t))
    return bad / len(text) > JUNK


def lines_of_chars(
    chars: Sequence[tuple[str, Box]], *, aspect: float = A4_ASPECT, rules: Sequence[Ruling] = ()
) -> tuple[Line, ...]:
    """Lines of characters on the upright page; cells of a table that stand apart stay lines of their own.

    :param aspect: width over height of the page
    """
    rows: list[list[Char]] = []
    for char in sorted((c for c in chars if c[1].height > 0), key=lambda c: (c[1].cy, c[1].x0)):
        for row in reversed(rows[-12:]):
            if _same_row(row[-1][1], char[1]):
                row.append(char)
                break
        else:
            rows.append([char])
    walls = [r for r in rules if not r.horizontal]
    lines = [line for row in rows for line in _cells(sorted(row, key=lambda c: c[1].x0), aspect, walls)]
    return tuple(sorted(lines, key=lambda line: (round(line.box.cy, 2), line.box.x0)))


def _same_row(a: Box, b: Box) -> bool:
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    return shared > SAME_LINE * min(a.height, b.height)


def _cells(row: Sequence[Char], aspect: float, walls: Sequence[Ruling]) -> list[Line]:
    cells: list[list[Char]] = []
    for text, box in row:
        if text.isspace():
            continue
        if not cells:
            cells.append([(text, box)])
            continue
        last_text, last = cells[-1][-1]
        if last_text == text and last.iou(box) > 0.6:
            continue  # bold made by printing twice
        near = box.x0 - last.x1 <= CELL_GAP * max(box.height, last.height) / aspect
        walled = any(last.cx < w.x0 < box.cx and w.y0 <= box.cy <= w.y1 for w in walls)
        if near and not walled:
            cells[-1].append((text, box))
        else:
            cells.append([(text, box)])
    return [_line(cell, aspect) for cell in cells]


def _line(cell: Sequence[Char], aspect: float) -> Line:
    box = cell[0][1]
    for _, other in cell[1:]:
        box = box.union(other)
    text, centres = "", []
    previous: Box | None = None
    for char, at in cell:
        latin = bool(text) and text[-1].isascii() and char.isascii()
        if previous is not None and latin and at.x0 - previous.x1 > WORD_GAP * at.height / aspect:
            text += " "
            centres.append((previous.x1 + at.x0) / 2)
        for part in _plain(char):
            text += part
            centres.append(at.cx)
        previous = at
    width = max(box.width, 1e-9)
    return Line(
        text=text,
        box=Box(*(round(v, 5) for v in box)),
        confidence=1.0,
        centres=tuple(round(min(1.0, max(0.0, (c - box.x0) / width)), 4) for c in centres),
        scores=(1.0,) * len(centres),
        source="text_layer",
    )


def _plain(char: str) -> str:
    """Ideographs that fonts store as radicals or compatibility forms, as people type them: ⽬ is 目, ⻓ is 长."""
    if all(0x2E80 <= ord(c) <= 0x2FDF or 0xF900 <= ord(c) <= 0xFAFF or 0xFB00 <= ord(c) <= 0xFB06 for c in char):
        char = unicodedata.normalize("NFKC", char).translate(RADICALS)
    return unicodedata.normalize("NFC", char)


def _meaningless(text: str) -> bool:
    if text.startswith("(cid:"):
        return True
    return any(unicodedata.category(c) in ("Co", "Cc", "Cn", "Cs") or c == "\ufffd" for c in text)
