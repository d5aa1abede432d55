"""Rows of a statement as printed: specks, quotes and ordinals mended, rows that a page break cut joined, in yuan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from extractors._items import is_item
from pipeline.model import Row
from pipeline.tables.fragments import figure_of, is_sound
from pipeline.tables.statement import Cell, FigureRow

__all__ = ["rejoined", "row_of", "with_ordinals", "without_specks"]

CUT_BY_PAGE = 0.8  # what a figure is worth whose halves stand on two pages
_SIGN = re.compile(r"(?<=以)([“”\"'‘’「]{0,2})([一二—–―ー－\-_~～]?)([“”\"'‘’」]{0,2})(?=号?填列)")
# What stands between 以 and 号填列 can be nothing but a quoted minus, whatever it was read as (营, 减：“).
_FILLED = re.compile(
    r"(?<=[（(])(?P<what>[^（）()]{0,8}(?:损失|亏损|收益|减少|增加|支出|总额)以)"
    r"(?![“”\"'‘’「]{0,2}[一二—–―ー－\-_~～]?[“”\"'‘’」]{0,2}号?填列)[^（）()]{0,12}?号?填列[)）]?$"
)
_BULLETS = "|_.·,，'`☑√■□●○◆▪•"


def without_specks(row: FigureRow) -> FigureRow:
    """The item without specks read as signs before or after it, the minus of （损失以“-”号填列） as it is printed."""
    item = re.sub(rf"^[{_BULLETS}\s]+|[|_·'`\s]+$", "", row.item)
    item = re.sub(r"([“”\"].[“”\"])\1", r"\1", item)  # a sign read with the line above and with its own
    item = re.sub(r"^(.*?(.{4,}))\2$", r"\1", item)  # a name, or the end of one, found twice
    item = _FILLED.sub(r"\g<what>“-”号填列）", item)
    return replace(row, item=_SIGN.sub(_minus, item))


def _minus(match: re.Match[str]) -> str:
    """The sign between quotes, which readers take for 一, 二 or nothing at all: a minus of full width, if not a short
    one.
    """
    sign = "-" if match[2] in ("-", "_") and match[2] else "－"
    quotes = match[1] + match[3]
    if not match[2] and len(quotes) == 2:  # both quotes stand together, the sign between them is lost
        return quotes[0] + sign + quotes[1]
    return match[1] + sign + match[3]


def rejoined(rows: Sequence[tuple[int, FigureRow]]) -> list[tuple[int, FigureRow]]:
    """A row that a page break cut in two: its name, its figures, or both."""
    out: list[tuple[int, FigureRow]] = []
    for page, row in rows:
        if out and out[-1][0] != page and not is_item(row.item):
            whole = _one_row(out[-1][1], row)
            if whole is not None:
                out[-1] = (out[-1][0] if any(out[-1][1].cells) else page, whole)
                continue
        out.append((page, row))
    return out


def _one_row(above: FigureRow, below: FigureRow) -> FigureRow | None:
    """The row that two halves make, if their names or their figures say that they are one."""
    name = above.item + below.item
    if below.item and not is_item(name):
        return None
    if any(above.cells) and any(below.cells):
        cells = [_one_cell(a, b) for a, b in zip(above.cells, below.cells, strict=False)]
        if len(above.cells) != len(below.cells) or not any(
            a and b for a, b in zip(above.cells, below.cells, strict=True)
        ):
            return None
        if any(
            a is not None and b is not None and c is None
            for a, b, c in zip(above.cells, below.cells, cells, strict=True)
        ):
            return None
        return replace(above, item=name, cells=tuple(cells))
    if not below.item:
        return None
    return replace(above if any(above.cells) else below, item=name)


def _one_cell(above: Cell | None, below: Cell | None) -> Cell | None:
    """The figure of which a page break left a part on each side; None where the parts make none."""
    if above is None or below is None:
        return above or below
    text = re.sub(r"\s", "", above.text + below.text)
    found = figure_of(text) if is_sound(text) and not (is_sound(above.text) and is_sound(below.text)) else None
    if found is None:
        return None
    # Each half alone was no whole figure and trusted little for that; together they are one.
    return Cell(text=text, value=found[0], box=above.box, confidence=CUT_BY_PAGE)


_NUMERALS = "一二三四五六七八九十"


def with_ordinals(rows: Sequence[tuple[int, FigureRow]]) -> list[tuple[int, FigureRow]]:
    """Ordinals that the reader cut off (``、经营活动产生的…``) put back from the one before: 一、二、三 run on in a
    statement.
    """
    out: list[tuple[int, FigureRow]] = []
    at = 0
    for page, row in rows:
        if row.item.startswith("、") and at < len(_NUMERALS):
            row = replace(row, item=_NUMERALS[at] + row.item)
        match = re.match(rf"([{_NUMERALS}])、", row.item)
        at = _NUMERALS.index(match[1]) + 1 if match else at
        out.append((page, row))
    return out


def row_of(row: FigureRow, page: int, chosen: Sequence[int], factor: Decimal) -> Row:
    cells = [row.cells[c] if c < len(row.cells) else None for c in chosen]
    item = row.item
    per_share = "每股" in item  # 元 a share in every statement, whatever its unit
    scale = Decimal(1) if per_share else factor
    return Row(
        item=item,
        page=page,
        values=tuple(None if cell is None else _scaled(cell.value, scale) for cell in cells),
        boxes=tuple(None if cell is None else cell.box for cell in cells),
        confidence=tuple(None if cell is None else round(cell.confidence, 4) for cell in cells),
    )


def _scaled(value: Decimal, factor: Decimal) -> Decimal:
    return value if factor == 1 else value * factor
