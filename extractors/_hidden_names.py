"""Totals whose names a seal hid: companies seal the foot of a statement, where its totals stand.

A row without a known name whose figures are, to the cent and in every column, what an identity asks for the one item
that the statement lacks, is that item. Its name is then completed as statements print it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from types import MappingProxyType

from extractors._items import is_item, item_key
from pipeline.model import Row, Statement
from pipeline.values.accounting import EQUATIONS, Equation
from pipeline.values.flat import flat

__all__ = ["with_hidden_names"]

ALIKE = 0.6  # share of signs that what was read of a name and the name have in common
ROUNDS = 4  # a name found may tell the next
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "current_assets": "流动资产合计",
        "noncurrent_assets": "非流动资产合计",
        "total_assets": "资产总计",
        "current_liabilities": "流动负债合计",
        "noncurrent_liabilities": "非流动负债合计",
        "total_liabilities": "负债合计",
        "total_equity": "{owner}合计",
        "total_liabilities_and_equity": "负债和{owner}总计",
        "operating_profit": "营业利润",
        "total_profit": "利润总额",
        "net_profit": "净利润",
    }
)
_OWNERS = ("净资产", "所有者权益（或股东权益）", "股东权益")
_ORDINAL = re.compile(r"^[一二三四五六七八九十]{1,2}、")


def with_hidden_names(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with the names of totals completed that nobody could read."""
    return tuple(_completed(statement) for statement in statements)


def _completed(statement: Statement) -> Statement:
    for _ in range(ROUNDS):
        found = next(_found(statement), None)
        if found is None:
            return statement
        at, name = found
        row = statement.rows[at]
        named = row.model_copy(update={"item": name})
        statement = statement.model_copy(update={"rows": (*statement.rows[:at], named, *statement.rows[at + 1 :])})
    return statement


def _found(statement: Statement) -> Iterator[tuple[int, str]]:
    """Rows with the names that identities give them."""
    keyed: dict[str, Row] = {}
    for row in statement.rows:
        key = item_key(statement.kind, row.item)
        if key and (key not in keyed or not any(keyed[key].values)):
            keyed[key] = row
    for equation in EQUATIONS:
        if equation.kind == statement.kind:
            yield from _by(equation, statement, keyed)


def _by(equation: Equation, statement: Statement, keyed: Mapping[str, Row]) -> Iterator[tuple[int, str]]:
    needed = [equation.total, *(t.key for t in equation.terms if not t.optional)]
    lacking = [key for key in needed if key not in keyed or not any(v is not None for v in keyed[key].values)]
    if len(lacking) != 1 or lacking[0] not in NAMES:
        return
    key = lacking[0]
    wanted = [_asked(equation, key, keyed, column) for column in range(len(statement.columns))]
    if not any(wanted):
        return
    name = NAMES[key].format(owner=_owner(statement))
    for at, row in enumerate(statement.rows):
        if not is_item(row.item) and row.values == tuple(wanted) and _may_be(row.item, name):
            ordinal = _ORDINAL.match(row.item)
            yield at, (ordinal[0] if ordinal else "") + name
            return


def _asked(equation: Equation, key: str, keyed: Mapping[str, Row], column: int) -> Decimal | None:
    """What the identity asks of the item in a column; None where another of its figures is blank."""

    def value(of: str) -> Decimal | None:
        return keyed[of].values[column] if of in keyed else None

    terms = [(t.sign, value(t.key), t.optional) for t in equation.terms if t.key != key]
    if any(v is None and not optional for _, v, optional in terms):
        return None
    known = sum((sign * v for sign, v, _ in terms if v is not None), Decimal(0))
    if key == equation.total:
        return known
    total = value(equation.total)
    sign = next(t.sign for t in equation.terms if t.key == key)
    return None if total is None else sign * (total - known)


def _owner(statement: Statement) -> str:
    """How this statement calls equity."""
    items = [flat(row.item).replace("(", "（").replace(")", "）") for row in statement.rows]
    return next((word for word in _OWNERS if any(word in item for item in items)), "所有者权益")


def _may_be(read: str, name: str) -> bool:
    """Whether what was read may be what a seal left of the name, or the name with some of the seal's signs."""
    left, whole = _han(read), _han(name)
    alike = SequenceMatcher(None, left, whole, autojunk=False).ratio() >= ALIKE
    return not left or alike or _within(left, whole) or _within(whole, left)


def _han(text: str) -> str:
    return "".join(re.findall(r"[\u4e00-\u9fff]", _ORDINAL.sub("", text)))


def _within(part: str, whole: str) -> bool:
    """Whether the signs of one stand in the other in the same order."""
    rest = iter(whole)
    return all(sign in rest for sign in part)
