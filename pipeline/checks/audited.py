"""The audit report that counts, and the figures of its statements."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.sureness import amount_of
from pipeline.model import DocumentType, Field, Statement
from pipeline.values.dates import parse_date, parse_year

__all__ = ["column_of", "counting_report", "part_of_year", "period_of", "revenues_of", "year_of"]

_REVENUES = ("营业总收入", "营业收入")  # either may be what an applicant declares as 营业收入


def year_of(field: Field | None) -> int | None:
    """The year a ``period`` field names."""
    if field is None or field.value is None or isinstance(field.value, tuple | bool):
        return None
    return field.value if isinstance(field.value, int) else parse_year(field.value)


def period_of(held: Held) -> int | None:
    """The year an audit report is about, as read; None where it cannot be read."""
    return year_of(held.document.field("period"))


def part_of_year(held: Held) -> bool:
    """Whether it covers less than the year: its period ends on another day than 31 December."""
    field = held.document.field("period")
    day = parse_date(field.value) if field is not None and isinstance(field.value, str) else None
    return day is not None and (day.month, day.day) != (12, 31)


def counting_report(case: Case) -> Held | None:
    """The newest own report of the programme's period, else the newest whose period is unknown, else the newest."""
    reports = case.own(DocumentType.AUDIT_REPORT)
    ranked = sorted(reports, key=lambda held: {case.programme.period: 0, None: 1}.get(period_of(held), 2))
    return ranked[0] if ranked else None


def revenues_of(held: Held, period: int) -> Iterator[Decimal]:
    """营业收入 and 营业总收入 of ``period`` in the statements that count (the consolidated ones if there are any)."""
    total = held.document.field("total_operating_revenue")
    if total is not None and period_of(held) == period and (value := amount_of(total)) is not None:
        yield value
    statements = [s for s in held.document.statements if s.kind == "income_statement"]
    consolidated = [s for s in statements if s.consolidated]
    for statement in consolidated or statements:
        column = column_of(statement, period)
        for row in statement.rows:
            value = row.values[column] if column is not None and column < len(row.values) else None
            if value is not None and any(_is_item(row.item, name) for name in _REVENUES):
                yield value


def column_of(statement: Statement, period: int) -> int | None:
    """The column of that year; the first where no column names one."""
    for place, column in enumerate(statement.columns):
        if column.period and column.period.startswith(str(period)):
            return place
    return 0 if statement.columns and not any(column.period for column in statement.columns) else None


def _is_item(item: str, name: str) -> bool:
    """``一、营业收入``, ``其中：营业收入`` and ``减：…`` are the item itself; ``营业收入增长率`` is not."""
    bare = item.replace(" ", "").split("、")[-1].split("：")[-1].split(":")[-1]
    return bare == name or bare.startswith((f"{name}(", f"{name}（"))
