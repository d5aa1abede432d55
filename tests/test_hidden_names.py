"""Totals whose names a seal hid are told by the sums they stand in, and by nothing less."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors._hidden_names import with_hidden_names
from extractors._items import item_key
from pipeline.model import Box, Row, Statement, StatementColumn

BALANCE = (
    ("流动资产合计", "300", "280"),
    ("非流动资产合计", "200", "190"),
    ("资产总计", "500", "470"),
    ("流动负债合计", "150", "160"),
    ("非流动负债合计", "50", "40"),
    ("负债合计", "200", "200"),
    ("未分配利润", "90", "60"),
    ("所有者权益（或股东权益）合计", "300", "270"),
    ("负债和所有者权益（或股东权益）总计", "500", "470"),
)


def _statement(renamed: dict[str, str]) -> Statement:
    rows = tuple(
        Row(
            item=renamed.get(item, item),
            page=1,
            values=(Decimal(a), Decimal(b)),
            boxes=(Box(0.5, 0.1, 0.6, 0.11), Box(0.7, 0.1, 0.8, 0.11)),
            confidence=(0.99, 0.99),
        )
        for item, a, b in BALANCE
    )
    columns = (
        StatementColumn(label="期末余额", period="2022-12-31"),
        StatementColumn(label="年初余额", period="2021-12-31"),
    )
    return Statement(kind="balance_sheet", consolidated=False, unit="元", pages=(1,), columns=columns, rows=rows)


@pytest.mark.parametrize(
    ("item", "read"),
    [
        ("非流动资产合计", ""),
        ("资产总计", "资产总计安"),
        ("所有者权益（或股东权益）合计", "听有者权益（或股东权益)计公"),
        ("负债和所有者权益（或股东权益）总计", "债和所有权益总"),
        ("负债合计", "计"),
    ],
)
def test_the_one_item_that_is_lacking_gets_its_name(item: str, read: str) -> None:
    (statement,) = with_hidden_names([_statement({item: read})])
    at = [i for i, _, _ in BALANCE].index(item)
    assert item_key("balance_sheet", statement.rows[at].item) == item_key("balance_sheet", item)
    others = [row.item for row in statement.rows if row is not statement.rows[at]]
    assert others == [i for i, _, _ in BALANCE if i != item]


def test_two_names_at_once_where_one_tells_the_other() -> None:
    total, equity = "负债和所有者权益（或股东权益）总计", "所有者权益（或股东权益）合计"
    (statement,) = with_hidden_names([_statement({total: "", equity: "合计"})])
    keys = [item_key("balance_sheet", row.item) for row in statement.rows[-2:]]
    assert keys == ["total_equity", "total_liabilities_and_equity"]


def test_a_stranger_of_the_same_figures_keeps_its_name() -> None:
    (statement,) = with_hidden_names([_statement({"所有者权益（或股东权益）合计": "归属于某某的权益小计数"})])
    assert statement.rows[-2].item == "归属于某某的权益小计数"
