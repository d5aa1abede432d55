"""Parts of one statement brought together: continuation pages in any order, under the columns of the best headed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors._items import item_key
from extractors._statement_parts import Part, begins
from pipeline.tables.figure_table import FigureColumn, aligned, without_columns

__all__ = ["belongs", "best_headed", "in_order", "is_restatement", "under_one_head"]

_ADJUSTED = re.compile(r"调整数|调整金额|影响数|影响金额|重分类|重新计量")


def is_restatement(part: Part) -> bool:
    """Whether a table is a note's on how a new standard moved the opening balances (… | 调整数), no statement."""
    return any(_ADJUSTED.search(head) for column in part.table.columns for head in column.head)


def belongs(group: Sequence[Part], part: Part) -> bool:
    """Whether a part is of the statement so far: other rows of it under the same columns, on whatever page (pages
    may be shuffled).
    """
    last = group[-1]
    if last.kind != part.kind:
        return False
    if not _same_columns(best_headed(group), part):
        return False
    told = {p.consolidated for p in [*group, part] if p.consolidated is not None}
    if len(told) > 1 or any(_repeats(p, part) for p in group):
        return False
    if begins(part.table, part.kind) and any(begins(p.table, p.kind) for p in group):
        return False
    if last.page == part.page:  # assets left, liabilities right
        return True
    return part.kind != "equity_changes" or part.page - last.page == 1


def best_headed(group: Sequence[Part]) -> Part:
    """The part whose columns tell most: the one with most heads."""
    return max(group, key=lambda p: sum(1 for c in p.table.columns if c.head))


def _same_columns(one: Part, other: Part) -> bool:
    """Whether both may stand under the same columns."""
    if len(one.table.columns) == len(other.table.columns):
        return True
    return aligned(other.table, one.table.columns) is not None or aligned(one.table, other.table.columns) is not None


def under_one_head(group: Sequence[Part]) -> list[Part]:
    """Parts with the same columns all: those of the part with most heads; what is blank on all pages and bears no head
    is a column of notes.
    """
    columns: tuple[FigureColumn, ...] = best_headed(group).table.columns
    tables = []
    for part in group:
        same = len(part.table.columns) == len(columns)
        tables.append(part.table if same else aligned(part.table, columns) or part.table)
    bare = {c for c in range(len(columns)) if all(c < len(t.columns) and t.columns[c].bare for t in tables)}
    if group[0].kind == "equity_changes" or len(bare) == len(columns):
        bare = set()
    return [replace(p, table=without_columns(t, bare)) for p, t in zip(group, tables, strict=True)]


def in_order(group: Sequence[Part]) -> list[Part]:
    """Parts as they were printed: the one that begins the statement first, the others as their pages came."""
    return sorted(group, key=lambda p: not begins(p.table, p.kind))


def _repeats(before: Part, part: Part) -> bool:
    keys = {key for r in before.table.rows if (key := item_key(before.kind, r.item))}
    again = {key for r in part.table.rows if (key := item_key(part.kind, r.item))}
    return len(keys & again) >= 2
