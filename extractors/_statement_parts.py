"""Tables that are statements or parts of them (财务报表): under a title, announced by one, or known by their items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors._items import is_item, item_key, item_kind, normal_item
from extractors._sides import sides_of
from extractors._titles import Title, titles
from pipeline.model import Line, ReadPage, StatementKind
from pipeline.tables.figure_table import aligned
from pipeline.tables.statement import FigureTable, figure_tables
from pipeline.values.amounts import find_unit
from pipeline.values.dates import parse_date, parse_year
from pipeline.values.flat import flat

__all__ = ["Part", "begins", "parts_of"]

MIN_ITEMS = 5  # rows with known names: fewer are no page of a statement
PROMISE_LINES = 30  # lines below a title at the foot of a page: a unit, the table's heads, the page's number
TAIL_SHARE = 0.8  # of the rows above a statement's title that are items, if they are the end of another statement
LOWER_HALF = 0.5  # of the page: a statement that begins there may have its first rows alone on it
MIN_SHARE = 0.45  # of the named rows, on a page without a title


@dataclass(frozen=True, slots=True)
class Part:
    """One table of one page, its meaning resolved as far as the page tells."""

    kind: StatementKind
    consolidated: bool | None
    titled: bool
    unit: str | None
    moment: str | None
    page: int
    table: FigureTable


def parts_of(pages: Sequence[ReadPage]) -> list[Part]:
    parts: list[Part] = []
    promised: Title | None = None
    for page in pages:
        for side in sides_of(page, titles(page)):
            parts += _page_parts(side, parts[-1] if parts else None, promised)
        promised = _promised(page, parts)
    return parts


def _promised(page: ReadPage, parts: Sequence[Part]) -> Title | None:
    """A title at the foot of a page, its table on the next one (or nothing but the table's heads above the break)."""
    heads = titles(page)
    if not heads or heads[-1].top < LOWER_HALF:
        return None
    last = heads[-1]
    followed = any(part.page == page.page.number and part.table.box.y0 >= last.top for part in parts)
    below = [ln for ln in page.lines if ln.box.cy > last.bottom]
    return None if followed or len(below) > PROMISE_LINES else last


def _page_parts(page: ReadPage, before: Part | None, promised: Title | None) -> list[Part]:
    heads = list(titles(page))
    parts: list[Part] = []
    if not heads or _table_above(page, heads[0]):
        parts += _announced(_untitled(page, 0.0, heads[0].top if heads else 1.0, before), promised)
    for at, head in enumerate(heads):
        parts += _titled(page, head, heads[at + 1].top if at + 1 < len(heads) else 1.0)
    return parts


def _titled(page: ReadPage, head: Title, bottom: float) -> list[Part]:
    """The tables between a title and the next one."""
    tables = figure_tables(page, top=head.bottom, bottom=bottom, known=is_item)
    good = [table for table in tables if _fits(table, head.kind)]
    if not good:
        return []
    first = max(head.bottom, min(table.box.y0 for table in good))
    caption = [ln for ln in page.lines if head.top - 0.001 <= ln.box.cy < first]
    return [
        Part(
            kind=head.kind,
            consolidated=head.consolidated,
            titled="续" not in head.text,
            unit=_caption_unit(page, caption, head),
            moment=_moment([head.text, *(ln.text for ln in caption)], head.kind),
            page=page.page.number,
            table=table,
        )
        for table in good
    ]


def _announced(parts: list[Part], title: Title | None) -> list[Part]:
    """Parts of a page whose first table has its title on the page before."""
    if title is None or not parts or parts[0].kind != title.kind:
        return parts
    first = replace(
        parts[0],
        consolidated=title.consolidated,
        titled=True,
        moment=_moment([title.text], title.kind) or parts[0].moment,
    )
    same = [replace(p, consolidated=title.consolidated) if p.kind == title.kind else p for p in parts[1:]]
    return [first, *same]


def _table_above(page: ReadPage, head: Title) -> bool:
    """Whether items stand above the first title: the end of the statement of the page before."""
    return any(ln.box.cy < head.top and is_item(ln.text) for ln in page.lines)


def _untitled(page: ReadPage, top: float, bottom: float, before: Part | None) -> list[Part]:
    """Tables without a title: statements where most rows bear items of one kind, as the page before or of
    themselves.
    """
    parts: list[Part] = []
    for table in figure_tables(page, top=top, bottom=bottom, known=is_item):
        last = parts[-1] if parts else before
        near = last if last is not None and page.page.number - last.page <= 1 else None
        kind = _kind_untitled(table, near, ended=bottom < 1.0)
        if kind is None:
            continue
        caption = [ln for ln in page.lines if ln.box.cy < table.box.y0]
        follows = near if near is not None and near.kind == kind else None
        parts.append(
            Part(
                kind=kind,
                consolidated=follows.consolidated if follows else None,
                titled=follows is None or begins(table, kind),
                unit=_caption_unit(page, caption, None),
                moment=_moment([ln.text for ln in caption], kind),
                page=page.page.number,
                table=table,
            )
        )
    return parts


def _kind_untitled(table: FigureTable, near: Part | None, *, ended: bool) -> StatementKind | None:
    """The statement that a table without a title is, or goes on with.

    :param near: the part before it, on this page or the last; ``ended``: whether a title of another stands below
    """
    named = [r for r in table.rows if r.item]
    known = [r for r in named if is_item(r.item)]
    kind = _kind_of(table)
    if near is not None and kind in (None, near.kind) and known and _goes_on(near, table):
        return near.kind
    if ended and near is None and known and len(known) >= TAIL_SHARE * len(named):
        return kind or _kind_of(table, votes_needed=1)  # the end of a statement whose beginning is elsewhere
    if kind is None or len(known) < MIN_ITEMS or len(known) < MIN_SHARE * len(named):
        return None
    return kind if _anchored(table, kind) or (near is not None and near.kind == kind) else None


def _anchored(table: FigureTable, kind: StatementKind) -> bool:
    """Whether items that nothing but this statement has stand in the table; of 权益变动表 every item is one."""
    if kind == "equity_changes":
        return sum(1 for r in table.rows if item_kind(r.item) == kind) >= MIN_ITEMS
    return sum(1 for r in table.rows if item_key(kind, r.item)) >= 2


def _goes_on(before: Part, table: FigureTable) -> bool:
    """Whether a table without a title is the rest of the one before it, or the same of the year before: its figures
    stand in the same columns, and it says so by some of its items.
    """
    named = [r for r in table.rows if r.item]
    known = sum(1 for r in named if is_item(r.item))
    ended = any(normal_item(r.item) in _LAST for r in before.table.rows[-2:]) and before.kind != "equity_changes"
    return not ended and known >= MIN_SHARE * len(named) and aligned(table, before.table.columns) is not None


_LAST = frozenset(
    (
        "负债和所有者权益总计",
        "负债和所有者权益合计",
        "负债和净资产总计",
        "稀释每股收益",
        "期末现金及现金等价物余额",
        "期末现金余额",
    )
)


def _kind_of(table: FigureTable, votes_needed: int = 3) -> StatementKind | None:
    votes: dict[str, int] = {}
    for row in table.rows:
        kind = item_kind(row.item)
        if kind:
            votes[kind] = votes.get(kind, 0) + 1
    if not votes:
        return None
    best = max(votes, key=lambda k: votes[k])
    return best if votes[best] >= votes_needed else None  # type: ignore[return-value]


def begins(table: FigureTable, kind: StatementKind) -> bool:
    """Whether the table begins a statement by its first rows."""
    first = {
        "balance_sheet": ("货币资金", "流动资产"),
        "income_statement": ("营业收入", "营业总收入", "主营业务收入"),
        "cash_flow": ("经营活动产生的现金流量", "销售商品、提供劳务收到的现金"),
        "equity_changes": (
            "上年年末余额",
            "上期期末余额",
            "上年期末余额",
            "本年年初余额",
            "本期期初余额",
            "本年期初余额",
        ),
    }
    whole = [row.item for row in table.rows[:3] if "其中" not in row.item]
    return any(normal_item(item) == word for item in whole for word in first.get(kind, ()))


def _fits(table: FigureTable, kind: StatementKind) -> bool:
    """Figures and at least some items of a statement: a contents page or a note has neither."""
    filled = sum(1 for r in table.rows if any(r.cells) or any(r.dashes))
    known = sum(1 for r in table.rows if is_item(r.item))
    if filled and table.box.y0 > LOWER_HALF and begins(table, kind):
        return True  # its first rows at the foot of the page
    return filled >= 3 and known >= (3 if kind == "equity_changes" else MIN_ITEMS)


def _caption_unit(page: ReadPage, caption: Sequence[Line], head: Title | None) -> str | None:
    """The unit named above the table: in the caption, else anywhere above it."""
    named = [u for ln in caption if re.search(r"单位|币|元", ln.text) and (u := find_unit(ln.text))]
    if named:
        return named[0]
    limit = head.top if head else 0.3
    above = [u for ln in page.lines if ln.box.cy <= limit and re.search(r"单位", ln.text) and (u := find_unit(ln.text))]
    return above[-1] if above else None


def _moment(texts: Sequence[str], kind: StatementKind) -> str | None:
    """ISO date (balance sheet) or year (others) the statement is of, from title and caption."""
    for text in texts:
        day = parse_date(text)
        if day and kind == "balance_sheet":
            return day.isoformat()
        year = parse_year(text) if re.search(r"\d{4}|[二贰].{3}年", text) and "编号" not in text else None
        if year and kind != "balance_sheet":
            return str(year)
        if year and re.search(r"年1[02]月$|年12月", flat(text)):
            return f"{year}-12-31"
    return None
