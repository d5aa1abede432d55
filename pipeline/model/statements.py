"""Financial statements (财务报表): rows of items with their figures in yuan."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pipeline.model.frozen import Frozen
from pipeline.model.geometry import Box

__all__ = ["Row", "Statement", "StatementColumn", "StatementKind"]

StatementKind = Literal["balance_sheet", "income_statement", "cash_flow", "equity_changes"]


class StatementColumn(Frozen):
    label: str
    period: str | None = None


class Row(Frozen):
    """One row of a statement: item as printed, one value a column, in yuan; None where the paper is blank.

    ``reasons``: one tuple a column, as a field's ("identity", "repaired:<from>"); empty where there is none for any.
    """

    item: str
    page: int
    values: tuple[Decimal | None, ...]
    boxes: tuple[Box | None, ...]
    confidence: tuple[float | None, ...]
    reasons: tuple[tuple[str, ...], ...] = ()


class Statement(Frozen):
    kind: StatementKind
    consolidated: bool | None
    unit: str
    pages: tuple[int, ...]
    columns: tuple[StatementColumn, ...]
    rows: tuple[Row, ...]
