"""What tables of figures are made of, and the words of their heads, notes, captions and feet (报表 layout)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.model import Box
from pipeline.tables.fragments import Fragment
from pipeline.tables.statement_rows import FigureRow

__all__ = [
    "CAPTION",
    "FOOT",
    "HEAD",
    "ITEM_HEAD",
    "LINE_HEAD",
    "NOTE",
    "NOTE_HEAD",
    "FigureColumn",
    "FigureTable",
    "aligned",
    "in_style",
    "running_head",
    "without_columns",
]

STYLE = 0.7  # share of a table's figures that makes their form its style
SAME_COLUMN = 0.5  # of the narrower column's width that two pages' columns share if they are one
STROKES = " []|"  # a rule beside a figure, read as a sign
RULED_OFF = 0.7  # what a figure is worth whose last sign was taken for a rule
OUT_OF_STYLE = 0.5  # factor on the trust in figures of another form

NOTE = re.compile(
    r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.,．:：\s(（]*\d{0,3}[)）]?(?:[(（.、]\w{1,2}[)）]?)?|注?释?[(（]?\d{1,3}[)）]?|[(（][一二三四五六七八九十]{1,3}[)）]"
    r"|\d{1,2}(?:[.、]\d{1,2}){1,2}|[A-Z]\d{0,2}|[VIX]{1,4}[、.]?\d{0,3}"
)
_RULED_OFF = re.compile(r"(?P<figure>[(-]?\d{1,3}(?:[,.]\d{3})+[,.]\d{2})[1lI]")
CENTS = re.compile(r"[.,]\d{2}[)）]?$")
NOTE_HEAD = re.compile(r"附\s*注|注\s*释|^注$|索引")
LINE_HEAD = re.compile(r"行\s*次|行\s*号|^行$|^次$|序号|编号")
HEAD = re.compile(
    r"期末|期初|年末|年初|本期|上期|本年|上年|去年|本月|累计|余额|金额|发生额|合\s*并|母公司|公司|集团|合\s*计|\d{4}|[二][〇○O零0]|日$|月$|附\s*注|注释|行次"
    r"|实收资本|股本|资本公积|库存股|综合收益|专项储备|盈余公积|未分配|少数股东|权益|优先股|永续债|其他|小计|年度|风险准备|净资产|限定|实际|预算"
)
ITEM_HEAD = re.compile(r"^(?:项\s*目|资\s*产|负\s*债.{0,14}|项|目|产|科\s*目|报表项目)$")
CAPTION = re.compile(
    r"单位[:：]|编制单位|单位名称|币种|除特别注明|除另有|金额单位|单位为|会[企合小]{1,2}\s*0?\d|[表]\d*$"
)
FOOT = re.compile(
    r"法定代表人|企业负责人|单位负责人|公司负责人|主管会计|会计机构|财务负责人|后附.{0,12}附注|附注.{0,8}(?:为|是|系).{0,8}(?:组成|部分)|载于第|制表人|制表[:：]|复核[:：]"
)


_RUNNING = re.compile(
    r".{0,40}(?:年度|季度|中期|半年度|审计|财务)报告(?:书|全文|正文|摘要|[(（].{1,6}[)）])?(?:\d{1,3}(?:/\d{1,3})?)?"
)


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column of figures: its extent (fractions of the page's width) and head, top to bottom.

    ``bare``: ruled, but without head and figures on this page; the pages before or after it tell what it is.
    """

    x0: float
    x1: float
    head: tuple[str, ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures. ``item_head``: head of its item column (项目, 资产, 负债和所有者权益).

    ``ruled``: every cell is.
    """

    columns: tuple[FigureColumn, ...]
    rows: tuple[FigureRow, ...]
    box: Box
    item_head: str = ""
    ruled: bool = False


def aligned(table: FigureTable, columns: Sequence[FigureColumn]) -> FigureTable | None:
    """The table under the columns of another page of its statement, matched by where they stand.

    None where figures stand in no column of those. Columns that are bare on this page are left out, or put in.
    """
    target = [_over(column, columns) for column in table.columns]
    filled = {c for row in table.rows for c, cell in enumerate(row.cells) if cell is not None}
    placed = [t for t in target if t is not None]
    if len(set(placed)) < len(placed) or any(target[c] is None for c in filled):
        return None
    source = {t: c for c, t in enumerate(target) if t is not None}
    order = [source.get(t) for t in range(len(columns))]
    return replace(
        table,
        columns=tuple(
            replace(
                column, head=table.columns[c].head if c is not None else (), bare=c is None or table.columns[c].bare
            )
            for column, c in zip(columns, order, strict=True)
        ),
        rows=tuple(_reordered(row, order) for row in table.rows),
    )


def _over(column: FigureColumn, columns: Sequence[FigureColumn]) -> int | None:
    """Which of the columns stands where this one does."""
    spans = [max(0.0, min(column.x1, c.x1) - max(column.x0, c.x0)) for c in columns]
    best = max(range(len(columns)), key=lambda c: spans[c], default=None)
    if best is None:
        return None
    narrower = min(column.x1 - column.x0, columns[best].x1 - columns[best].x0)
    return best if spans[best] > SAME_COLUMN * narrower else None


def _reordered(row: FigureRow, order: Sequence[int | None]) -> FigureRow:
    return replace(
        row,
        cells=tuple(None if c is None else row.cells[c] for c in order),
        dashes=tuple(c is not None and c < len(row.dashes) and row.dashes[c] for c in order),
    )


def without_columns(table: FigureTable, dropped: Collection[int]) -> FigureTable:
    """The table without some of its columns."""
    order = [c for c in range(len(table.columns)) if c not in dropped]
    return replace(
        table, columns=tuple(table.columns[c] for c in order), rows=tuple(_reordered(row, order) for row in table.rows)
    )


def running_head(text: str) -> bool:
    """Whether a line is what stands above every page of a report (某某股份有限公司2022年年度报告全文)."""
    return _RUNNING.fullmatch(re.sub(r"\s", "", text)) is not None


def in_style(pieces: Sequence[Fragment]) -> tuple[Fragment, ...]:
    """Figures printed unlike the table's others trusted less: a seal or fold may have left a part of them.

    Where cents are printed, one without; where thousands are grouped, four digits and more that are not; and numbers of
    three digits and less among larger ones. Arithmetic may still bear them out.
    """
    figures = [p for p in pieces if p.kind == "figure"]
    with_cents = sum(1 for p in figures if CENTS.search(p.text.strip(STROKES))) >= STYLE * max(1, len(figures))
    if with_cents:
        pieces = [_without_rule(p) for p in pieces]
    grouped = sum(1 for p in figures if "," in p.text) >= STYLE * max(1, len(figures))
    return tuple(
        replace(p, confidence=round(p.confidence * OUT_OF_STYLE, 4))
        if _odd(p, with_cents=with_cents, grouped=grouped)
        else p
        for p in pieces
    )


def _without_rule(p: Fragment) -> Fragment:
    """A figure with three decimals, the last of them a 1, among figures with cents: the 1 is the rule beside it."""
    found = _RULED_OFF.fullmatch(p.text.strip(STROKES))
    if p.kind not in ("figure", "broken") or found is None:
        return p
    value = Decimal(re.sub(r"\D", "", found["figure"])).scaleb(-2)  # separators may be misread, cents stand last
    negative = p.value is not None and p.value < 0
    return replace(
        p,
        text=found["figure"],
        kind="figure",
        value=-value if negative else value,
        confidence=round(min(p.confidence, RULED_OFF), 4),
    )


def _odd(p: Fragment, *, with_cents: bool, grouped: bool) -> bool:
    if p.kind not in ("figure", "small") or p.value is None:
        return False
    whole = re.sub(r"[^\d.,]", "", p.text)
    if with_cents:
        return not CENTS.search(p.text.strip(STROKES))
    return p.kind == "small" or (grouped and re.fullmatch(r"\d{4,}(?:\.\d+)?", whole) is not None)
