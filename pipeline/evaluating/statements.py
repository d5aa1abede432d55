"""Statements (财务报表): each figure of the truth, and the cell of the report in that row and column."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.evaluating.alike import plain
from pipeline.evaluating.envelopes import listed
from pipeline.evaluating.events import Event
from pipeline.evaluating.read_values import Place, ReadValue, score_value

__all__ = ["figures_of", "score_statements"]

_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]{1,3}[、.]|[(][一二三四五六七八九十\d]{1,2}[)]|\d{1,2}[、.])")
_SIGN = re.compile(r"^(?:加|减|其中)[:：]")
_REMARK = re.compile(r"[(][^()]*(?:号填列|损失以|亏损以)[^()]*[)]$")


def score_statements(
    envelope: str, known: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]
) -> Iterator[Event]:
    """A document's statements, and those of the report's."""
    for truth in known:
        for label, expected, cell in figures_of(truth, seen):
            at = Place(envelope=envelope, group="figures", label=label, name=label)
            yield from score_value(at, expected, cell, told_as=f"statement.{label}")


def figures_of(
    truth: Mapping[str, Any], seen: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Any, ReadValue | None]]:
    """(label, value, the report's cell in that row and column) for every figure of a truth's statement.

    A truth may hold 合并 and 母公司 columns of one table together; a report has them as two statements.
    """
    met: Counter[str] = Counter()
    rows = {merged: _rows_by_item(truth, seen, merged=merged) for merged in (True, False)}
    for row in listed(truth, "rows"):
        item = _item(row.get("item"))
        for column, value in enumerate(row.get("values") or []):
            if value is None:
                continue
            same = rows[_is_merged(truth, column)].get(item, [])
            found = same[min(met[item], len(same) - 1)] if same else None
            label = f"{truth.get('kind')}.{row.get('item')}[{column}]"
            yield label, value, _cell(truth, column, *found) if found else None
        met[item] += 1


_Rows = dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]


def _rows_by_item(truth: Mapping[str, Any], seen: Sequence[Mapping[str, Any]], *, merged: bool) -> _Rows:
    rows: _Rows = {}
    alike = [one for one in seen if one.get("kind") == truth.get("kind") and bool(one.get("consolidated")) == merged]
    # Of two of one kind (a group whose title says no 合并, its parent) the one with the figures of the truth is meant.
    for statement in sorted(alike, key=lambda one: -_shared_figures(truth, one)):
        for row in listed(statement, "rows"):
            rows.setdefault(_item(row.get("item")), []).append((statement, row))
    return rows


def _shared_figures(truth: Mapping[str, Any], statement: Mapping[str, Any]) -> int:
    """How many figures of the truth stand in the row of the same item."""
    shown = {(_item(row.get("item")), value) for row in listed(statement, "rows") for value in row.get("values") or []}
    wanted = [(_item(row.get("item")), value) for row in listed(truth, "rows") for value in row.get("values") or []]
    return sum(figure in shown for figure in wanted if figure[1] is not None)


def _is_merged(truth: Mapping[str, Any], column: int) -> bool:
    """Whether a column is the group's: the whole statement is, and the column does not say 母公司."""
    columns = listed(truth, "columns")
    label = str(columns[column].get("label") or "") if column < len(columns) else ""
    return bool(truth.get("consolidated")) and "母公司" not in label


def _item(text: object) -> str:
    """An item without what printers put before and behind it: numbers, 加, 减, 其中, how losses are filled in."""
    bare = unicodedata.normalize("NFKC", "".join(str(text or "").split()))
    before = ""
    while before != bare:
        before, bare = bare, _REMARK.sub("", _SIGN.sub("", _ORDINAL.sub("", bare)))
    return plain(bare)


def _cell(
    truth: Mapping[str, Any], column: int, statement: Mapping[str, Any], row: Mapping[str, Any]
) -> ReadValue | None:
    at = _column(truth, column, statement)
    values = row.get("values") or []
    if at is None or at >= len(values):
        return None
    confidences, reasons = row.get("confidence") or [], row.get("reasons") or []
    confidence = float(confidences[at] or 0) if at < len(confidences) else 0.0
    return ReadValue(value=values[at], confidence=confidence, reasons=tuple(reasons[at]) if at < len(reasons) else ())


def _column(truth: Mapping[str, Any], column: int, statement: Mapping[str, Any]) -> int | None:
    """The report's column of the truth's period; of the same label where the truth gives none; else the same place."""
    wanted, columns = listed(truth, "columns"), listed(statement, "columns")
    if column >= len(wanted):
        return column
    for key in ("period", "label"):
        mine = wanted[column].get(key)
        merged = _is_merged(truth, column)
        nth = sum(w.get(key) == mine and _is_merged(truth, i) == merged for i, w in enumerate(wanted[:column]))
        same: list[int] = [i for i, c in enumerate(columns) if mine and plain(c.get(key)) == plain(mine)]
        if len(same) > nth:
            return int(same[nth])
    dated = any(c.get("period") for c in columns)
    return None if dated else column
