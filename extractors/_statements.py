"""Statements out of pages (财务报表): kind, whether consolidated, unit, columns with their periods, rows in yuan.

:mod:`pipeline.tables.statement` says where figures stand; here is what they mean (DOMAIN §3.6, §3.8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from extractors._items import is_item, item_key, item_kind, normal_item
from extractors._titles import CONSOLIDATED, Title, flat, titles
from pipeline.model import Box, Line, ReadPage, Row, Statement, StatementColumn, StatementKind
from pipeline.tables.figure_table import FigureColumn, aligned, without_columns
from pipeline.tables.fragments import figure_of, is_sound
from pipeline.tables.statement import Cell, FigureRow, FigureTable, figure_tables
from pipeline.values.amounts import UNITS, find_unit
from pipeline.values.dates import parse_date, parse_year

__all__ = ["read_statements", "stated_unit", "statement_pages"]

MIN_ITEMS = 5  # rows with known names: fewer are no page of a statement
UNDER_SEAL = 0.8  # the most a figure is worth that a seal touches, unless arithmetic bears it out
PROMISE_LINES = 30  # lines below a title at the foot of a page: a unit, the table's heads, the page's number
CUT_BY_PAGE = 0.8  # what a figure is worth whose halves stand on two pages
TAIL_SHARE = 0.8  # of the rows above a statement's title that are items, if they are the end of another statement
LOWER_HALF = 0.5  # of the page: a statement that begins there may have its first rows alone on it
MIN_SHARE = 0.45  # of the named rows, on a page without a title
YUAN = "元"

_PARENT = re.compile(r"母\s*公\s*司|^本?公司$|(?<=[日年度额])本?公司$|本公司|^本行|^公司")
_PREVIOUS = re.compile(r"期初|年初|上年|上期|上一年|去年|比较")
_CURRENT = re.compile(r"期末|年末|本期|本年|累计|当期|当年")
_ADJUSTED = re.compile(r"调整数|调整金额|影响数|影响金额|重分类|重新计量")
_MONTH = re.compile(r"本月")


@dataclass(frozen=True, slots=True)
class _Part:
    """One table of one page, its meaning resolved as far as the page tells."""

    kind: StatementKind
    consolidated: bool | None
    titled: bool
    unit: str | None
    moment: str | None
    page: int
    table: FigureTable


# --------------------------------------------------------------------------------------------------------- pages


def statement_pages(pages: Sequence[ReadPage]) -> tuple[int, ...]:
    """Numbers of the pages that bear statements."""
    return tuple(dict.fromkeys(part.page for part in _parts(pages)))


def read_statements(
    pages: Sequence[ReadPage], *, year: int | None = None, unit: str | None = None
) -> tuple[Statement, ...]:
    """All statements of the pages, continuation pages joined, 合并 and 母公司 columns as two statements.

    ``year``: the report's year, for columns that name no date. ``unit``: what the report's text says of all amounts.
    """
    groups: list[list[_Part]] = []
    for part in _parts(pages):
        home = next((g for g in reversed(groups) if _belongs(g, part)), None)
        if home is None:
            groups.append([part])
        else:
            home.append(part)
    groups = [_in_order(_under_one_head(group)) for group in groups if not any(map(_is_restatement, group))]
    fallback = _common_unit(groups) or unit
    seals = {page.page.number: tuple(seal.box for seal in page.seals) for page in pages}
    made = [_sealed(s, seals) for group in groups for s in _statements(group, year=year, unit=fallback)]
    return _once(_consolidation(made))


def _once(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Without a second one of a kind whose heads nobody read: a note that shows the items again."""
    kept: list[Statement] = []
    for s in statements:
        headless = s.kind != "equity_changes" and not any(column.label for column in s.columns)
        if not (headless and any((k.kind, k.consolidated) == (s.kind, s.consolidated) for k in kept)):
            kept.append(s)
    return tuple(kept)


def _is_restatement(part: _Part) -> bool:
    """Whether a table is a note's on how a new standard moved the opening balances (… | 调整数), no statement."""
    return any(_ADJUSTED.search(head) for column in part.table.columns for head in column.head)


def stated_unit(pages: Sequence[ReadPage]) -> str | None:
    """The unit the report's text says all amounts are in (除特别注明外，金额单位均为人民币千元), if it says one."""
    units = {
        unit
        for page in pages
        for line in page.lines
        if re.search(r"除.{0,8}(?:注明|说明|指明).{0,6}外.{0,12}单位", flat(line.text))
        and (unit := find_unit(line.text))
    }
    return units.pop() if len(units) == 1 else None


def _parts(pages: Sequence[ReadPage]) -> list[_Part]:
    parts: list[_Part] = []
    promised: Title | None = None
    for page in pages:
        parts += _page_parts(page, parts[-1] if parts else None, promised)
        promised = _promised(page, parts)
    return parts


def _promised(page: ReadPage, parts: Sequence[_Part]) -> Title | None:
    """A title at the foot of a page, its table on the next one (or nothing but the table's heads above the break)."""
    heads = titles(page)
    if not heads or heads[-1].top < LOWER_HALF:
        return None
    last = heads[-1]
    followed = any(part.page == page.page.number and part.table.box.y0 >= last.top for part in parts)
    below = [ln for ln in page.lines if ln.box.cy > last.bottom]
    return None if followed or len(below) > PROMISE_LINES else last


def _page_parts(page: ReadPage, before: _Part | None, promised: Title | None) -> list[_Part]:
    heads = list(titles(page))
    parts: list[_Part] = []
    if not heads or _table_above(page, heads[0]):
        parts += _announced(_untitled(page, 0.0, heads[0].top if heads else 1.0, before), promised)
    for at, head in enumerate(heads):
        bottom = heads[at + 1].top if at + 1 < len(heads) else 1.0
        tables = figure_tables(page, top=head.bottom, bottom=bottom, known=is_item)
        good = [t for t in tables if _fits(t, head.kind)]
        if not good:
            continue
        caption = [
            ln for ln in page.lines if head.top - 0.001 <= ln.box.cy < max(head.bottom, min(t.box.y0 for t in good))
        ]
        parts += [
            _Part(
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
    return parts


def _announced(parts: list[_Part], title: Title | None) -> list[_Part]:
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


def _untitled(page: ReadPage, top: float, bottom: float, before: _Part | None) -> list[_Part]:
    """Tables without a title: statements where most rows bear items of one kind, as the page before or of
    themselves.
    """
    parts: list[_Part] = []
    for table in figure_tables(page, top=top, bottom=bottom, known=is_item):
        last = parts[-1] if parts else before
        near = last if last is not None and page.page.number - last.page <= 1 else None
        named = [r for r in table.rows if r.item]
        known = [r for r in named if is_item(r.item)]
        kind = _kind_of(table)
        if near is not None and kind in (None, near.kind) and known and _goes_on(near, table):
            kind = near.kind
        elif bottom < 1.0 and near is None and known and len(known) >= TAIL_SHARE * len(named):
            kind = kind or _kind_of(table, votes_needed=1)  # the end of a statement whose beginning is elsewhere
            if kind is None:
                continue
        elif (
            kind is None
            or len(known) < MIN_ITEMS
            or len(known) < MIN_SHARE * len(named)
            or not (_anchored(table, kind) or (near is not None and near.kind == kind))
        ):
            continue
        caption = [ln for ln in page.lines if ln.box.cy < table.box.y0]
        follows = near if near is not None and near.kind == kind else None
        parts.append(
            _Part(
                kind=kind,
                consolidated=follows.consolidated if follows else None,
                titled=follows is None or _starts(table, kind),
                unit=_caption_unit(page, caption, None),
                moment=_moment([ln.text for ln in caption], kind),
                page=page.page.number,
                table=table,
            )
        )
    return parts


def _anchored(table: FigureTable, kind: StatementKind) -> bool:
    """Whether items that nothing but this statement has stand in the table; of 权益变动表 every item is one."""
    if kind == "equity_changes":
        return sum(1 for r in table.rows if item_kind(r.item) == kind) >= MIN_ITEMS
    return sum(1 for r in table.rows if item_key(kind, r.item)) >= 2


def _goes_on(before: _Part, table: FigureTable) -> bool:
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


def _starts(table: FigureTable, kind: StatementKind) -> bool:
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
    if filled and table.box.y0 > LOWER_HALF and _starts(table, kind):
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


def _belongs(group: Sequence[_Part], part: _Part) -> bool:
    """Whether a part is of the statement so far: other rows of it under the same columns, on whatever page (pages
    may be shuffled).
    """
    last = group[-1]
    if last.kind != part.kind:
        return False
    if not _same_columns(_reference(group), part):
        return False
    told = {p.consolidated for p in [*group, part] if p.consolidated is not None}
    if len(told) > 1 or any(_repeats(p, part) for p in group):
        return False
    if _starts(part.table, part.kind) and any(_starts(p.table, p.kind) for p in group):
        return False
    if last.page == part.page:  # assets left, liabilities right
        return True
    return part.kind != "equity_changes" or part.page - last.page == 1


def _reference(group: Sequence[_Part]) -> _Part:
    """The part whose columns tell most: the one with most heads."""
    return max(group, key=lambda p: sum(1 for c in p.table.columns if c.head))


def _same_columns(one: _Part, other: _Part) -> bool:
    """Whether both may stand under the same columns."""
    if len(one.table.columns) == len(other.table.columns):
        return True
    return aligned(other.table, one.table.columns) is not None or aligned(one.table, other.table.columns) is not None


def _under_one_head(group: Sequence[_Part]) -> list[_Part]:
    """Parts with the same columns all: those of the part with most heads; what is blank on all pages and bears no head
    is a column of notes.
    """
    columns: tuple[FigureColumn, ...] = _reference(group).table.columns
    tables = []
    for part in group:
        same = len(part.table.columns) == len(columns)
        tables.append(part.table if same else aligned(part.table, columns) or part.table)
    bare = {c for c in range(len(columns)) if all(c < len(t.columns) and t.columns[c].bare for t in tables)}
    if group[0].kind == "equity_changes" or len(bare) == len(columns):
        bare = set()
    return [replace(p, table=without_columns(t, bare)) for p, t in zip(group, tables, strict=True)]


def _in_order(group: Sequence[_Part]) -> list[_Part]:
    """Parts as they were printed: the one that begins the statement first, the others as their pages came."""
    return sorted(group, key=lambda p: not _starts(p.table, p.kind))


def _repeats(before: _Part, part: _Part) -> bool:
    keys = {key for r in before.table.rows if (key := item_key(before.kind, r.item))}
    again = {key for r in part.table.rows if (key := item_key(part.kind, r.item))}
    return len(keys & again) >= 2


# ----------------------------------------------------------------------------------------------------- statements


def _common_unit(groups: Sequence[Sequence[_Part]]) -> str | None:
    units = {p.unit for group in groups for p in group if p.unit}
    return units.pop() if len(units) == 1 else None


def _statements(group: Sequence[_Part], *, year: int | None, unit: str | None) -> list[Statement]:
    """The statement (or two, by entity) of parts that belong together."""
    first = group[0]
    width = len(_reference(group).table.columns)
    heads = _best_heads(group, width)
    entities = _entities(heads)
    own = next((p.unit for p in group if p.unit), None) or _head_unit(heads) or unit or YUAN
    moment = next((p.moment for p in group if p.moment), None)
    consolidated = next((p.consolidated for p in group if p.consolidated is not None), None)
    periods = _periods(heads, entities, first.kind, moment, year)
    rows = [(part.page, _tidy(row)) for part in group for row in part.table.rows]
    rows = _ordered(_rejoined([(page, row) for page, row in rows if row.item or any(row.cells)]))
    pages = tuple(dict.fromkeys(p.page for p in group))
    names: tuple[bool | None, ...] = tuple(dict.fromkeys(entities))
    out = []
    for entity in names:
        chosen = [c for c in range(width) if entities[c] is entity]
        out.append(
            Statement(
                kind=first.kind,
                consolidated=consolidated if entity is None else entity,
                unit=own,
                pages=pages,
                columns=tuple(StatementColumn(label=" ".join(heads[c]), period=periods[c]) for c in chosen),
                rows=tuple(_to_row(row, page, chosen, UNITS.get(own, Decimal(1))) for page, row in rows),
            )
        )
    return out


def _best_heads(group: Sequence[_Part], width: int) -> list[tuple[str, ...]]:
    """Heads of the columns: of each column the fullest that any page of the statement bears."""
    heads: list[tuple[str, ...]] = [() for _ in range(width)]
    for part in group:
        for c, column in enumerate(part.table.columns[:width]):
            if sum(map(len, column.head)) > sum(map(len, heads[c])):
                heads[c] = column.head
    return _whole(heads)


def _entities(heads: Sequence[tuple[str, ...]]) -> list[bool | None]:
    """Per column: consolidated, the parent's own, or not said by its head. Heads that one column lost follow from
    the pattern.
    """
    said: list[bool | None] = []
    for head in heads:
        text = flat("".join(head))
        is_group, is_parent = (
            bool(CONSOLIDATED.search(text)),
            bool(_PARENT.search(text)) or any(_PARENT.search(flat(h)) for h in head),
        )
        said.append(True if is_group and not is_parent else False if is_parent and not is_group else None)
    if not (True in said and False in said):
        return [None] * len(heads)
    if None in said:
        half = len(said) // 2
        for pattern in ([True] * half + [False] * half, [True, False] * half, [False] * half + [True] * half):
            if len(pattern) == len(said) and all(s is None or s == p for s, p in zip(said, pattern, strict=True)):
                return list(pattern)
        return [None] * len(heads)
    return said


_PARTED = re.compile(r"(?P<group>合并)|母公?公?司")


def _whole(heads: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Heads over two columns that a rule between them parts (合 | 并, 母公 | 司) as what both together say."""
    whole = list(heads)
    for at, (one, other) in enumerate(pairwise(heads)):
        if not one or not other:
            continue
        said = _PARTED.fullmatch(flat(one[0] + other[0]))
        if said:
            name = "合并" if said["group"] else "母公司"
            whole[at], whole[at + 1] = (name, *one[1:]), (name, *other[1:])
    return whole


def _head_unit(heads: Sequence[tuple[str, ...]]) -> str | None:
    return next((u for head in heads if (u := find_unit(" ".join(head))) and re.search(r"元", " ".join(head))), None)


def _periods(
    heads: Sequence[tuple[str, ...]],
    entities: Sequence[bool | None],
    kind: StatementKind,
    moment: str | None,
    year: int | None,
) -> list[str | None]:
    """Per column its date (balance sheet) or year: printed in the head, else current or previous of the statement's
    own.
    """
    current = int(moment[:4]) if moment else year
    if kind == "equity_changes":
        return [_equity_period(flat("".join(head)), current) for head in heads]
    out: list[str | None] = []
    for c, head in enumerate(heads):
        text = flat("".join(head))
        day, named = parse_date(text), parse_year(text)
        if kind == "balance_sheet" and day:
            out.append(day.isoformat())
            continue
        at = named or _relative(text, current, [i for i, e in enumerate(entities) if e is entities[c]].index(c))
        out.append(None if at is None else f"{at}-12-31" if kind == "balance_sheet" else _label_period(text, at))
    return out


def _equity_period(text: str, current: int | None) -> str | None:
    """The year of a column or of the whole table (本年金额, 上年金额, 2021年度)."""
    named = parse_year(text) if re.search(r"\d{4}|[二贰].{3}年", text) else None
    if named:
        return str(named)
    if current is None:
        return None
    return str(current - 1 if re.search(r"上年|上期|去年|上一年", text) else current)


def _label_period(text: str, year: int) -> str:
    """The year; of a column of the last month alone (本月金额) year and month, so that it is not taken for the year."""
    return f"{year}-12" if _MONTH.search(text) and "累计" not in text else str(year)


def _relative(text: str, current: int | None, rank: int) -> int | None:
    if current is None:
        return None
    if _PREVIOUS.search(text):
        return current - 1
    if _CURRENT.search(text) or _MONTH.search(text):
        return current
    return current - rank if rank in (0, 1) else None


_SIGN = re.compile(r"(?<=以)([“”\"'‘’「]{0,2})([一二—–―ー－\-_~～]?)([“”\"'‘’」]{0,2})(?=号?填列)")
_BULLETS = "|_.·,，'`☑√■□●○◆▪•"


def _tidy(row: FigureRow) -> FigureRow:
    """The item without specks read as signs before or after it, the minus of （损失以“-”号填列） as it is printed."""
    item = re.sub(rf"^[{_BULLETS}\s]+|[|_·'`\s]+$", "", row.item)
    item = re.sub(r"([“”\"].[“”\"])\1", r"\1", item)  # a sign read with the line above and with its own
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


def _rejoined(rows: Sequence[tuple[int, FigureRow]]) -> list[tuple[int, FigureRow]]:
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


def _ordered(rows: Sequence[tuple[int, FigureRow]]) -> list[tuple[int, FigureRow]]:
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


def _to_row(row: FigureRow, page: int, chosen: Sequence[int], factor: Decimal) -> Row:
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


def _sealed(statement: Statement, seals: Mapping[int, tuple[Box, ...]]) -> Statement:
    """The statement with figures that a seal touches trusted less: a part of them may be covered."""
    return statement.model_copy(
        update={"rows": tuple(_sealed_row(row, seals.get(row.page, ())) for row in statement.rows)}
    )


def _sealed_row(row: Row, seals: Sequence[Box]) -> Row:
    touched = [box is not None and any(box.intersection(seal) > 0 for seal in seals) for box in row.boxes]
    if not any(touched):
        return row
    confidence = tuple(
        min(c, UNDER_SEAL) if t and c is not None else c for c, t in zip(row.confidence, touched, strict=True)
    )
    return row.model_copy(
        update={"confidence": confidence, "reasons": tuple(("under_seal",) if t else () for t in touched)}
    )


def _consolidation(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """What no title says: beside consolidated statements the plain ones are the parent's, without any all stand
    alone.
    """
    any_group = any(s.consolidated for s in statements)
    out: list[Statement] = []
    for s in statements:
        if s.consolidated is None:
            minority = any(
                re.search(r"少数股东|归属于母公司", flat(r.item)) and any(v is not None for v in r.values)
                for r in s.rows
            )
            out.append(s.model_copy(update={"consolidated": minority and not any_group}))
        else:
            out.append(s)
    return tuple(out)
