"""What the columns of a statement mean: whose figures (合并, 母公司), of which period, in which unit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._statement_parts import Part
from extractors._titles import CONSOLIDATED
from pipeline.model import StatementKind
from pipeline.tables.wide_heads import whole_columns
from pipeline.values.amounts import find_unit
from pipeline.values.dates import parse_date, parse_year
from pipeline.values.flat import flat

__all__ = ["best_heads", "entities_of", "head_unit", "periods_of"]

_PARENT = re.compile(r"母\s*公\s*司|^本?公司$|(?<=[日年度额])本?公司$|本公司|^本行|^公司")
_PREVIOUS = re.compile(r"期初|年初|上年|上期|上一年|去年|比较")
_CURRENT = re.compile(r"期末|年末|本期|本年|累计|当期|当年")
_MONTH = re.compile(r"本月")


def best_heads(group: Sequence[Part], width: int) -> list[tuple[str, ...]]:
    """Heads of the columns: of each column the fullest that any page of the statement bears."""
    heads: list[tuple[str, ...]] = [() for _ in range(width)]
    for part in group:
        for c, column in enumerate(part.table.columns[:width]):
            if sum(map(len, column.head)) > sum(map(len, heads[c])):
                heads[c] = column.head
    return whole_columns(heads)


def entities_of(heads: Sequence[tuple[str, ...]]) -> list[bool | None]:
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


def head_unit(heads: Sequence[tuple[str, ...]]) -> str | None:
    return next((u for head in heads if (u := find_unit(" ".join(head))) and re.search(r"元", " ".join(head))), None)


def periods_of(
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
