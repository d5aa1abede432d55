"""Arithmetic as a witness (勾稽关系): the identities of DOMAIN §3.7 over statements.

An identity that holds makes its cells surer; a single unsure cell that breaks several is put right when only
one reading makes them hold; one that fails on cells that are all sure is a fact about the paper
(ARITHMETIC_MISMATCH).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractors._items import item_key, normal_item
from pipeline.model import Document, Row, Statement
from pipeline.values.accounting import EQUATIONS, Equation
from pipeline.values.amounts import UNITS
from pipeline.values.steps import figure_step

__all__ = ["CellRef", "Identity", "failing_identities", "identities", "standing", "witnessed"]

SURE = 0.9  # confidence from which on a cell's reading is believed against arithmetic
WITNESSED = 0.995  # confidence a cell reaches when an identity it stands in holds
REPAIRED = 0.9  # of a cell put right by one identity
REPAIRED_TWICE = 0.97  # by two or more
SIGN_DOUBTFUL = 0.8  # the most a figure is worth that would have to be negative
DIGIT_DOUBTFUL = 0.7  # the most a figure is worth one digit of which may be another
FEW = 4  # figures of one sum that may each be the misread one; of more none is doubted for it
SHAKY = 0.95  # a cell read surer than that is never put right: the paper itself may be wrong
CLEARLY = 0.1  # by how much worse than its rival a cell must have been read to be the misread one
LEAST_LEFT = 6  # signs of a figure that a seal left, from which on they tell which figure it was
YUAN = "元"


@dataclass(frozen=True, slots=True)
class CellRef:
    """A cell of a document's statements: indexes of statement, row and column."""

    statement: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity in one column. ``holds``: None where a cell it needs is blank or not there.

    ``difference``: left side minus right side, in yuan. ``soft``: a sum over all rows of a section; rows of other kinds
    may stand between them, so that one that fails says nothing. ``cells``: those involved.
    """

    name: str
    statement: int
    column: int
    holds: bool | None
    difference: Decimal
    cells: tuple[CellRef, ...]
    soft: bool = False


@dataclass(frozen=True, slots=True)
class _Term:
    sign: int
    row: int


Terms = tuple[_Term, ...]
# Operating profit: costs are taken off, gains put on; the two impairment losses either way (2019 and 2018 formats).
_COSTS = ("operating_cost", "taxes", "selling", "administration", "research", "finance")
_GAINS = ("other_income", "investment", "hedging", "fair_value", "disposal", "exchange")
_LOSSES = ("credit_loss", "asset_loss")

# Sections whose rows sum up to a subtotal: subtotal's key, first row's words after which it begins.
_SECTIONS: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "balance_sheet": (
        ("sum_of_current_assets", "current_assets", ("流动资产",)),
        ("sum_of_noncurrent_assets", "noncurrent_assets", ("非流动资产",)),
        ("sum_of_current_liabilities", "current_liabilities", ("流动负债",)),
        ("sum_of_noncurrent_liabilities", "noncurrent_liabilities", ("非流动负债",)),
        ("sum_of_parent_equity", "parent_equity", ("所有者权益",)),
        ("sum_of_equity", "total_equity", ("所有者权益",)),
    ),
    "cash_flow": (
        ("sum_of_operating_inflows", "operating_in", ("经营活动产生的现金流量",)),
        ("sum_of_operating_outflows", "operating_out", ("经营活动现金流入小计",)),
        ("sum_of_investing_inflows", "investing_in", ("投资活动产生的现金流量",)),
        ("sum_of_investing_outflows", "investing_out", ("投资活动现金流入小计",)),
        ("sum_of_financing_inflows", "financing_in", ("筹资活动产生的现金流量",)),
        ("sum_of_financing_outflows", "financing_out", ("筹资活动现金流入小计",)),
    ),
}


# ---------------------------------------------------------------------------------------------------- evaluation


def identities(statements: Sequence[Statement]) -> tuple[Identity, ...]:
    """Every identity of every statement and column, holding or not."""
    return tuple(
        identity
        for at, statement in enumerate(statements)
        for column in range(len(statement.columns))
        for identity in _of_column(at, statement, column)
    )


def failing_identities(document: Document) -> tuple[Identity, ...]:
    """Identities that fail although every cell involved is surely read (for ARITHMETIC_MISMATCH), worst first."""
    failing = [
        i
        for i in identities(document.statements)
        if i.holds is False
        and not i.soft
        and all((_confidence(document.statements, c) or 0.0) >= SURE for c in i.cells)
    ]
    return tuple(sorted(failing, key=lambda i: -abs(i.difference)))


def standing(statements: Sequence[Statement]) -> int:
    """How many identities hold, less those that fail."""
    return sum(1 if i.holds else -1 for i in identities(statements) if i.holds is not None)


def _confidence(statements: Sequence[Statement], cell: CellRef) -> float | None:
    return statements[cell.statement].rows[cell.row].confidence[cell.column]


def _of_column(at: int, statement: Statement, column: int) -> list[Identity]:
    keyed = _keyed(statement)
    equations = [equation for equation in EQUATIONS if equation.kind == statement.kind]
    out = [i for equation in equations if (i := _equated(at, statement, column, keyed, equation)) is not None]
    if statement.kind == "income_statement":
        profit = _operating_profit(at, statement, column, keyed)
        out += [profit] if profit else []
    out += [
        i
        for section in _SECTIONS.get(statement.kind, ())
        if (i := _summed(at, statement, column, keyed, section)) is not None
    ]
    return out


def _keyed(statement: Statement) -> dict[str, int]:
    """Row of each key: the first that bears it with a value, else the first."""
    keyed: dict[str, int] = {}
    for at, row in enumerate(statement.rows):
        key = item_key(statement.kind, row.item)
        if key and (key not in keyed or (_blank(statement.rows[keyed[key]]) and not _blank(row))):
            keyed[key] = at
    return keyed


def _blank(row: Row) -> bool:
    return all(v is None for v in row.values)


def _tolerance(statement: Statement, terms: int) -> Decimal:
    """DOMAIN 3.7: what rounding each term to the last place printed can add up to."""
    values = (value for row in statement.rows for value in row.values if value is not None)
    return figure_step(values, UNITS.get(statement.unit, Decimal(1))) * terms


def _equated(
    at: int, statement: Statement, column: int, keyed: Mapping[str, int], equation: Equation
) -> Identity | None:
    name, target = equation.name, keyed.get(equation.total)
    if target is None:
        return None
    terms: list[_Term] = []
    complete = True
    for term in equation.terms:
        row = keyed.get(term.key)
        blank = row is None or statement.rows[row].values[column] is None
        if blank and not term.optional:
            return _unknown(name, at, column) if row is not None else None
        if row is None or blank:
            complete = False
        else:
            terms.append(_Term(term.sign, row))
    if statement.rows[target].values[column] is None or not terms:
        return _unknown(name, at, column)
    found = _identity(name, at, statement, column, target, tuple(terms))
    return found if found.holds or complete else replace(found, holds=None)


def _unknown(name: str, at: int, column: int) -> Identity:
    return Identity(name=name, statement=at, column=column, holds=None, difference=Decimal(0), cells=())


def _identity(
    name: str, at: int, statement: Statement, column: int, target: int, terms: Terms, *, soft: bool = False
) -> Identity:
    left = statement.rows[target].values[column] or Decimal(0)
    right = sum((t.sign * (statement.rows[t.row].values[column] or Decimal(0)) for t in terms), Decimal(0))
    cells = tuple(CellRef(at, row, column) for row in (target, *(t.row for t in terms)))
    difference = left - right
    holds = abs(difference) <= _tolerance(statement, len(cells))
    return Identity(name=name, statement=at, column=column, holds=holds, difference=difference, cells=cells, soft=soft)


def _operating_profit(at: int, statement: Statement, column: int, keyed: Mapping[str, int]) -> Identity | None:
    """I6 营业利润 = 营业收入 − costs + gains, the impairment losses either added (2019) or taken off (2018)."""
    revenue = keyed.get("total_operating_revenue", keyed.get("operating_revenue"))
    target = keyed.get("operating_profit")
    if revenue is None or target is None or "main_business_revenue" in keyed:
        return None
    if any(statement.rows[r].values[column] is None for r in (revenue, target)):
        return _unknown("operating_profit", at, column)
    filled = {key: row for key, row in keyed.items() if statement.rows[row].values[column] is not None}
    total = filled.get("total_operating_cost")
    costs = [total] if total is not None else [filled[k] for k in _COSTS if k in filled]
    fixed = [_Term(1, revenue), *(_Term(-1, r) for r in costs), *(_Term(1, filled[k]) for k in _GAINS if k in filled)]
    losses = [filled[k] for k in _LOSSES if k in filled]
    bracketed = tuple(
        _Term(1, t.row) if t.sign < 0 and _negative(statement, t.row, column) and total is None else t for t in fixed
    )
    tries = [
        _identity(
            "operating_profit", at, statement, column, target, (*start, *(_Term(sign, r) for r in extra)), soft=True
        )
        for start in (tuple(fixed), bracketed)
        for sign in (1, -1)
        for extra in (losses, [])
    ]
    return next((i for i in tries if i.holds), tries[0])


def _negative(statement: Statement, row: int, column: int) -> bool:
    value = statement.rows[row].values[column]
    return value is not None and value < 0


def _summed(
    at: int, statement: Statement, column: int, keyed: Mapping[str, int], section: tuple[str, str, tuple[str, ...]]
) -> Identity | None:
    """A subtotal as the sum of the rows above it in its section; 其中 rows do not count. Soft: other rows may stand
    between.
    """
    name, key, begins = section
    target = keyed.get(key)
    if target is None or statement.rows[target].values[column] is None:
        return None
    start = next((r for r in range(target - 1, -1, -1) if normal_item(statement.rows[r].item) in begins), None)
    if start is None:
        return None
    rows = [r for r in range(start + 1, target) if statement.rows[r].values[column] is not None]
    own = [r for r in rows if not _within(statement.rows[r].item)]
    subtotal = keyed.get("parent_equity")
    if key == "total_equity" and subtotal in own:
        own = [r for r in own if r >= subtotal]
    sign = {r: -1 if "减" in statement.rows[r].item[:2] else 1 for r in own}
    return (
        _identity(name, at, statement, column, target, tuple(_Term(sign[r], r) for r in own), soft=True)
        if own
        else None
    )


def _within(item: str) -> bool:
    """Rows that are part of the row above: 其中：…, 应收利息 and 应收股利 under 其他应收款 in newer formats."""
    return "其中" in item[:4] or normal_item(item) in ("优先股", "永续债", "原材料", "在产品", "库存商品", "周转材料")


# ------------------------------------------------------------------------------------------------------- witness


def witnessed(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with cells put right where only one reading fits, and cells of holding identities made surer."""
    current = tuple(statements)
    for _ in range(3):
        fixed = _repaired_once(current)
        if fixed is current:
            break
        current = fixed
    return _raised(_doubted(current))


def _doubted(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Figures whose minus a reader may not have seen made unsure: the only one whose sign heals what is broken.

    A sign that was not seen leaves no weak sign behind. The value stays: the paper may print a deduction so. So are the
    few figures of a broken sum any of which one digit, easily confused, would heal.
    """
    out = list(statements)
    for at, statement in enumerate(statements):
        for column in range(len(statement.columns)):
            found = _of_column(at, statement, column)
            broken = [i for i in found if i.holds is False]
            proven = {c for i in found if i.holds and len(i.cells) > 1 for c in i.cells}
            # A total that fails on sure cells is the paper's fault; of a mere sum of rows nobody is told.
            digits = {c for c, _ in _confused(statements, found, [i for i in broken if i.soft])} - proven
            if len(digits) <= FEW:
                for cell in digits:
                    row = out[at].rows[cell.row]
                    worth = min(row.confidence[column] or 0.0, DIGIT_DOUBTFUL)
                    out[at] = _with_row(out[at], cell.row, _trusted(row, column, worth, "digit_doubtful"))
            cells = {c for i in broken for c in i.cells if _flips(statements, found, i, c)}
            if len(cells) != 1:
                continue
            cell = cells.pop()
            row = out[at].rows[cell.row]
            doubted = _trusted(row, column, min(row.confidence[column] or 0.0, SIGN_DOUBTFUL), "sign_doubtful")
            out[at] = _with_row(out[at], cell.row, doubted)
    return tuple(out)


def _flips(statements: Sequence[Statement], found: Sequence[Identity], broken: Identity, cell: CellRef) -> bool:
    value = _value(statements, cell)
    if value is None or value <= 0 or abs(broken.difference) != 2 * value:
        return False
    return _effect(statements, found, cell, -value) > 0


def _raised(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Cells of identities that hold at WITNESSED; cells of hard ones that fail no surer than they were read."""
    holding: dict[CellRef, int] = {}
    for identity in identities(statements):
        exact = (
            not identity.difference or statements[identity.statement].unit != YUAN
        )  # a cent off: a lost digit of cents
        if identity.holds and exact and len(identity.cells) > 1 and any(_value(statements, c) for c in identity.cells):
            for cell in identity.cells:
                holding[cell] = holding.get(cell, 0) + 1
    out = list(statements)
    for cell in holding:
        row = out[cell.statement].rows[cell.row]
        now = row.confidence[cell.column]
        if now is not None and now < WITNESSED and not _repaired(row, cell.column):
            out[cell.statement] = _with_row(
                out[cell.statement], cell.row, _trusted(row, cell.column, WITNESSED, "identity")
            )
        elif not _repaired(row, cell.column):
            out[cell.statement] = _with_row(
                out[cell.statement], cell.row, _trusted(row, cell.column, now or 0.0, "identity")
            )
    return tuple(out)


def _value(statements: Sequence[Statement], cell: CellRef) -> Decimal | None:
    return statements[cell.statement].rows[cell.row].values[cell.column]


def _repaired(row: Row, column: int) -> bool:
    return column < len(row.reasons) and any(r.startswith("repaired:") for r in row.reasons[column])


def _trusted(row: Row, column: int, confidence: float, reason: str) -> Row:
    reasons: list[tuple[str, ...]] = list(row.reasons) if row.reasons else [()] * len(row.values)
    if reason not in reasons[column]:
        reasons[column] = (*reasons[column], reason)
    confidences = tuple(confidence if c == column else old for c, old in enumerate(row.confidence))
    return row.model_copy(update={"confidence": confidences, "reasons": tuple(reasons)})


def _with_row(statement: Statement, at: int, row: Row) -> Statement:
    return statement.model_copy(update={"rows": (*statement.rows[:at], row, *statement.rows[at + 1 :])})


def _repaired_once(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """One cell put right, or the same object if there is none: the single cell whose one-digit change heals all that
    it breaks.
    """
    for at, statement in enumerate(statements):
        for column in range(len(statement.columns)):
            found = _of_column(at, statement, column)
            broken = [i for i in found if i.holds is False]
            if not broken:
                continue
            candidate = _healing(statements, found, broken)
            if candidate is not None:
                cell, value, count = candidate
                row = statements[cell.statement].rows[cell.row]
                fixed = _put_right(row, cell.column, value, REPAIRED_TWICE if count > 1 else REPAIRED)
                return (*statements[:at], _with_row(statements[at], cell.row, fixed), *statements[at + 1 :])
    return statements


def _healing(
    statements: Sequence[Statement], found: Sequence[Identity], broken: Sequence[Identity]
) -> tuple[CellRef, Decimal, int] | None:
    """The only (cell, value) that heals a broken identity by one misread sign, breaks no other, and heals most.

    Only unsure cells come into question; of two that would do, the clearly worse read one, else none.
    """
    options: dict[tuple[CellRef, Decimal], int] = {}
    for identity in broken:
        for cell in identity.cells:
            old = _value(statements, cell)
            if old is None or (_confidence(statements, cell) or 0.0) >= SHAKY:
                continue
            for value in (old - identity.difference, old + identity.difference):
                hidden = "under_seal" in _reasons(statements, cell) and _ends_with(value, old)
                if hidden or _plausible(old, value, statements[cell.statement].unit):
                    options[(cell, value)] = _effect(statements, found, cell, value)
    best = max(options.values(), default=0)
    if best == 0:
        return None
    if best == 1 and len({cell for cell, _ in _confused(statements, found, [i for i in broken if i.soft])}) > 1:
        # A mere sum of rows does not say which of them was misread where surer ones would heal it as well: their
        # separators, not their digits, may have made the others unsure.
        return None
    leading = sorted((o for o, n in options.items() if n == best), key=lambda o: _confidence(statements, o[0]) or 0.0)
    if len(leading) > 1:
        first, second = (_confidence(statements, o[0]) or 0.0 for o in leading[:2])
        if second - first < CLEARLY:
            return None
    return (*leading[0], best)


def _confused(
    statements: Sequence[Statement], found: Sequence[Identity], broken: Sequence[Identity]
) -> Iterator[tuple[CellRef, Decimal]]:
    """Cells, however sure, that a digit which is easily confused would heal a broken identity with."""
    for identity in broken:
        for cell in identity.cells:
            old = _value(statements, cell)
            if old is None:
                continue
            for value in (old - identity.difference, old + identity.difference):
                if _confusable(old, value) and _effect(statements, found, cell, value):
                    yield cell, value


_CONFUSED = frozenset(map(frozenset, ("35", "38", "56", "58", "68", "08", "06", "17", "89", "69")))


def _confusable(old: Decimal, new: Decimal) -> bool:
    """Whether two figures differ in one digit alone, which looks like the other's."""
    a, b = f"{old:.2f}", f"{new:.2f}"
    pairs = [frozenset((x, y)) for x, y in zip(a, b, strict=False) if x != y]
    return len(a) == len(b) and len(pairs) == 1 and pairs[0] in _CONFUSED


def _plausible(old: Decimal, new: Decimal, unit: str) -> bool:
    """Whether a reader may have read ``new`` as ``old``: one digit changed, lost or doubled, the sign, or the point."""
    factor = UNITS.get(unit, Decimal(1))
    a, b = f"{abs(old) / factor:.2f}", f"{abs(new) / factor:.2f}"
    if old == -new and old:
        return True
    if (old < 0) != (new < 0):
        return False
    da, db = a.replace(".", ""), b.replace(".", "")
    if len(da) == len(db):
        return sum(x != y for x, y in zip(da, db, strict=True)) == 1
    return _one_longer(da, db) or da + "00" == db or db + "00" == da


def _ends_with(new: Decimal, old: Decimal) -> bool:
    """Whether a figure is what is left of another whose first digits a seal hid."""
    a, b = f"{abs(old):.2f}", f"{abs(new):.2f}"
    return len(a) >= LEAST_LEFT and len(b) > len(a) and b.endswith(a) and (old < 0) == (new < 0)


def _reasons(statements: Sequence[Statement], cell: CellRef) -> tuple[str, ...]:
    reasons = statements[cell.statement].rows[cell.row].reasons
    return reasons[cell.column] if reasons else ()


def _one_longer(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _effect(statements: Sequence[Statement], found: Sequence[Identity], cell: CellRef, value: Decimal) -> int:
    """How many identities more hold with the value there; 0 if one that held breaks."""
    row = statements[cell.statement].rows[cell.row]
    values = tuple(value if c == cell.column else v for c, v in enumerate(row.values))
    changed = _with_row(statements[cell.statement], cell.row, row.model_copy(update={"values": values}))
    after = {i.name: i.holds for i in _of_column(cell.statement, changed, cell.column)}
    if any(i.holds and after.get(i.name) is False for i in found):
        return 0
    return sum(1 for i in found if i.holds is False and after.get(i.name))


def _put_right(row: Row, column: int, value: Decimal, confidence: float) -> Row:
    values = tuple(value if c == column else v for c, v in enumerate(row.values))
    return _trusted(row.model_copy(update={"values": values}), column, confidence, f"repaired:{row.values[column]}")
