"""Outsourcing revenue (服务外包收入) out of the notes: no line of any statement, but some notes split revenue by
business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from extractors._statements import stated_unit
from pipeline.model import Field, ReadPage, Statement
from pipeline.tables.statement import Cell, FigureRow, FigureTable, figure_tables
from pipeline.values.amounts import UNITS, find_unit, format_yuan, parse_number
from pipeline.values.flat import flat

__all__ = ["outsourcing_revenue"]

PARTLY = 0.6  # some rows called outsourcing were left out, because they may be parts of others
SUMMED = 0.85  # a sum of rows called outsourcing is a reading of ours, not a figure of the paper
PROSE = 0.85
LEAST_SUMMED = 2  # figures of which the last one says something as their sum

_TOTAL = re.compile(r"(?:其中)?[:：]?(?:国际|全部)?(?:服务)?外包(?:业务|服务)?(?:总?收入)?(?:合计|小计)?")
_KIND = re.compile(r"外包|(?<![A-Z])(?:ITO|BPO|KPO)(?![A-Z])")
_NEVER = re.compile(r"非外包|外包成本|外包费|劳务外包费|外包支出|外包人员|其他业务")
_PLACE = re.compile(r"离岸|在岸|境外|境内|国外|国内")
_NOT = re.compile(rf"{_NEVER.pattern}|{_PLACE.pattern}")
_PROSE = re.compile(
    r"(?:服务)?外包(?:业务|服务)?(?:收入|执行额)(?:总额|合计)?(?:为|共计|是|达|:)?(?:人民币)?([\d,.]+)(亿元|百万元|万元|千元|元)"
)
_REVENUE = re.compile(
    r"营业收入|主营业务收入|业务收入|收入(?:按|分|明细|构成|的?分解)|按(?:业务|产品|服务)?类[型别]|合同产生的收入"
)
_PREVIOUS = re.compile(r"上期|上年|去年|上一年")


def outsourcing_revenue(pages: Sequence[ReadPage], statements: Sequence[Statement]) -> Field | None:
    """The year's revenue the notes call outsourcing, in yuan; None where no note is clear about it.

    A row that is the whole (服务外包业务收入) comes first, then the sum of rows that are kinds of it, then a sentence.
    """
    default = stated_unit(pages) or next((s.unit for s in statements), None)
    for page in pages:
        for top, bottom in _sections(page):
            for table in figure_tables(page, top=top, bottom=bottom):
                found = _from_table(page, table, default)
                if found is not None:
                    return found
    return _from_prose(pages)


def _sections(page: ReadPage) -> list[tuple[float, float]]:
    """Stretches of the page between headings of notes, where revenue is spoken of or an outsourcing row stands."""
    heads = sorted(
        ln.box.y0
        for ln in page.lines
        if re.match(
            r"(?:[一二三四五六七八九十]{1,3}[、.]|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、.．])[^\d]{2,24}$",
            flat(ln.text),
        )
        and not _KIND.search(ln.text)
        and ln.box.x0 < 0.35
    )
    cuts = [0.0, *heads, 1.0]
    spans = list(pairwise(cuts))
    return [(a, b) for a, b in spans if any(_KIND.search(flat(ln.text)) for ln in page.lines if a <= ln.box.cy < b)]


def _from_table(page: ReadPage, table: FigureTable, default: str | None) -> Field | None:
    above = "".join(flat(ln.text) for ln in page.lines if table.box.y0 - 0.25 < ln.box.cy <= table.box.y1)
    if not _REVENUE.search(above):
        return None
    column = _revenue_column(table)
    rows = [(row, cell) for row in table.rows if (cell := row.cells[column]) is not None]
    whole = [(r, c) for r, c in rows if _TOTAL.fullmatch(_bare(r.item)) and not _NOT.search(flat(r.item))]
    named = [
        (r, c)
        for r, c in rows
        if _KIND.search(flat(r.item)) and not _NEVER.search(flat(r.item)) and "其中" not in r.item[:4]
    ]
    # 境内服务外包 is a kind beside others, or the rest of 其中：离岸 …: the sum of the rows tells.
    apart = _adds_up([cell for _, cell in rows])
    kinds = [(r, c) for r, c in named if apart or not _PLACE.search(flat(r.item))]
    unit = _unit(page, table) or default or "元"
    if whole:
        row, cell = whole[0]
        return _field(page, [(row, cell)], unit, cell.confidence, ())
    if not kinds:
        return None
    confidence = min(c.confidence for _, c in kinds)
    confidence = min(confidence, SUMMED if len(kinds) > 1 else 0.95)
    reasons = ("sum_of_rows",) if len(kinds) > 1 else ()
    if len(kinds) < len(named):
        return _field(page, kinds, unit, min(confidence, PARTLY), (*reasons, "rows_left_out"))
    return _field(page, kinds, unit, confidence, reasons)


def _adds_up(cells: Sequence[Cell]) -> bool:
    """Whether the last figure of a column is the sum of all above it: then none of them is a part of another."""
    values = [cell.value for cell in cells]
    return len(values) > LEAST_SUMMED and sum(values[:-1], Decimal(0)) == values[-1]


def _bare(item: str) -> str:
    return re.sub(r"^[(（]?[一二三四五六七八九十\d]{1,2}[)）、.．]", "", flat(item)).rstrip(":：")


def _revenue_column(table: FigureTable) -> int:
    """The first column of this year's revenue: heads that say 收入 and no former period come first."""
    heads = [flat("".join(c.head)) for c in table.columns]
    fit = [
        c for c, head in enumerate(heads) if not _PREVIOUS.search(head) and "成本" not in head and "比例" not in head
    ]
    named = [c for c in fit if "收入" in heads[c]]
    return (named or fit or [0])[0]


def _unit(page: ReadPage, table: FigureTable) -> str | None:
    near = [
        u
        for ln in page.lines
        if table.box.y0 - 0.12 < ln.box.cy < table.box.y0 + 0.02 and "元" in ln.text and (u := find_unit(ln.text))
    ]
    return near[-1] if near else None


def _field(
    page: ReadPage, rows: Sequence[tuple[FigureRow, Cell]], unit: str, confidence: float, reasons: tuple[str, ...]
) -> Field:
    total = sum((cell.value for _, cell in rows), Decimal(0)) * UNITS.get(unit, Decimal(1))
    box = rows[0][1].box
    for _, cell in rows[1:]:
        box = box.union(cell.box)
    return Field(
        name="outsourcing_revenue",
        value=format_yuan(total),
        raw=" + ".join(cell.text for _, cell in rows),
        unit=unit,
        page=page.page.number,
        box=box,
        confidence=round(confidence, 4),
        reasons=reasons,
    )


def _from_prose(pages: Sequence[ReadPage]) -> Field | None:
    for page in pages:
        for line in page.lines:
            text = flat(line.text)
            match = _PROSE.search(text)
            if match and not _NOT.search(text[: match.start(1)]) and (value := parse_number(match[1])) is not None:
                return Field(
                    name="outsourcing_revenue",
                    value=format_yuan(value * UNITS[match[2]]),
                    raw=match[0],
                    unit=match[2],
                    page=page.page.number,
                    box=line.box,
                    confidence=round(min(PROSE, line.confidence), 4),
                    reasons=("prose",),
                )
    return None
