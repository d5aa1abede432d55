"""Sums that must hold, in the audited statements (DOMAIN §3.7) and on the form: ARITHMETIC_MISMATCH.

A sum is only held against the paper where every figure in it was read surely; a blank cell is not 0 and proves nothing.
Where one figure explains several broken sums, one finding says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline.checks.audited import column_of, counting_report, period_of
from pipeline.checks.case import Case
from pipeline.checks.figures import disputed
from pipeline.checks.held import Held
from pipeline.checks.making import Where, failed, finding, not_applicable, passed, unclear
from pipeline.checks.picking import Picked, basis_of, pick, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import amount_of, count_of, sure, yuan
from pipeline.checks.wording import field_name, shown
from pipeline.model import Box, Check, DocumentType, Finding, FindingCode, Statement, Text
from pipeline.values.accounting import EQUATIONS, NAMES, Equation
from pipeline.values.amounts import UNITS
from pipeline.values.steps import figure_step

__all__ = ["Broken", "bare_item", "broken_identities"]

SURE_CELL = 0.85  # a statement has hundreds of cells: one in seven misread would break every second sum
LEAST_SLACK = Decimal("0.05")  # yuan: what rounding each addend to cents can add up to (DOMAIN 3.7)


@dataclass(frozen=True)
class Cell:
    """One figure of a sum."""

    item: str
    value: Decimal
    confidence: float
    page: int
    box: Box | None


@dataclass(frozen=True)
class Broken:
    """A sum that does not hold: what the total is, what it should be, and all figures in it (the total first)."""

    equation: Equation
    found: Decimal
    expected: Decimal
    cells: tuple[Cell, ...]
    column: int

    @property
    def sure(self) -> bool:
        """Whether every figure was read well enough to say so, and none looks cut off."""
        return all(cell.confidence >= SURE_CELL for cell in self.cells) and not any(map(self._cut, self.cells))

    def _cut(self, cell: Cell) -> bool:
        """Whether the sum would hold if the figure had more digits before or behind: then the reader lost them."""
        gap = self.found - self.expected
        return any(_part_of(cell.value, cell.value + way * gap) for way in (1, -1))


def _part_of(read: Decimal, whole: Decimal) -> bool:
    """Whether ``read`` is the beginning or the end of ``whole`` as printed (7,683.00 of 37,683.00)."""
    left, right = f"{abs(read):.2f}", f"{abs(whole):.2f}"
    if (read < 0) != (whole < 0) or left == right:
        return False
    return (len(left) < len(right) and right.endswith(left)) or left == f"{right[:-3]}.00"


_ORDINAL = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．:：]|[△▲*#、.])+")
_PREFIX = re.compile(r"^(?:加|减|其中)[:：]?(?=.{2})")
_ASIDE = re.compile(r"[（(][^()（）]*[)）]?")
_OR_SHARES = re.compile(r"(?<=权益)[（(](?:[^()（）]{1,6}(?=[合总]计$))")  # （或股东权益合计: a bracket not closed


@lru_cache(maxsize=4_096)  # statements have the same items, and each is asked for by every equation
def bare_item(text: str) -> str:
    """An item's bare name: no ordinal, no 加：/减：/其中：, nothing in brackets, 股东权益 as 所有者权益.

    Ordinals differ between formats, so nothing rests on them (DOMAIN §3.6).
    """
    name = unicodedata.normalize("NFKC", re.sub(r"\s", "", text))
    for _ in range(3):
        name = _PREFIX.sub("", _ORDINAL.sub("", name))
    name = _ASIDE.sub("", _OR_SHARES.sub("", name)).rstrip(":;。.")
    name = name.replace("负债及", "负债和").replace("负债与", "负债和")
    return (
        re.sub(r"(?<!所有者权益)(?<!者权益或)股东权益(?=合计|总计)", "所有者权益", name) if "少数" not in name else name
    )


def _cells(statement: Statement, column: int) -> dict[str, Cell]:
    """The column's figures by bare item; the first of a name counts."""
    cells: dict[str, Cell] = {}
    for row in statement.rows:
        if column >= len(row.values) or (value := row.values[column]) is None:
            continue
        box = row.boxes[column] if column < len(row.boxes) else None
        confidence = row.confidence[column] if column < len(row.confidence) else None
        name = bare_item(row.item)
        cells.setdefault(name, Cell(name, value, confidence if confidence is not None else 0.0, row.page, box))
    return cells


def _one(cells: Mapping[str, Cell], names: Sequence[str]) -> Cell | None:
    return next((cells[name] for name in names if name in cells), None)


def _slack(statement: Statement, addends: int) -> Decimal:
    """What rounding each addend to the last place printed can add up to, in yuan."""
    values = (value for row in statement.rows for value in row.values if value is not None)
    return max(LEAST_SLACK, figure_step(values, UNITS.get(statement.unit, Decimal(1))) * addends)


def _check(equation: Equation, cells: Mapping[str, Cell], statement: Statement, column: int) -> Broken | None:
    """Broken, or None where it holds or figures are missing."""
    names = NAMES[equation.kind]
    total = _one(cells, names[equation.total])
    terms = [(term.sign, cell) for term in equation.terms if (cell := _one(cells, names[term.key]))]
    if total is None or len(terms) < len(equation.terms):
        return None
    # 减： rows may be printed as negatives already
    sums = [
        sum((sign * cell.value for sign, cell in terms), Decimal(0)),
        sum((cell.value if sign > 0 else -abs(cell.value) for sign, cell in terms), Decimal(0)),
        sum((cell.value for _, cell in terms), Decimal(0)),
    ]
    used = (total, *(cell for _, cell in terms))
    if any(abs(total.value - result) <= _slack(statement, len(used)) for result in sums):
        return None
    return Broken(equation, total.value, sums[0], used, column)


def broken_identities(statement: Statement, period: int) -> tuple[Broken, ...]:
    """Sums of that year's column that do not hold, fewest that explain all; of those that a finding can word."""
    column = column_of(statement, period)
    if column is None:
        return ()
    told = [equation for equation in EQUATIONS if equation.kind == statement.kind and equation.zh]
    cells = _cells(statement, column)
    return _fewest(tuple(broken for equation in told if (broken := _check(equation, cells, statement, column))))


def _fewest(broken: tuple[Broken, ...]) -> tuple[Broken, ...]:
    """One figure that stands in several broken sums of a column is one fact: the first of them is kept."""
    kept: list[Broken] = []
    for one in broken:
        items = {cell.item for cell in one.cells}
        if not any(other.column == one.column and items & {cell.item for cell in other.cells} for other in kept):
            kept.append(one)
    return tuple(kept)


# ------------------------------------------------------------------------------------------------------ statements


@rule("{track}.audit.sums")
def statements_add_up(case: Case) -> Iterator[Check]:
    """The sums of balance sheet, income statement and cash flow statement of the report that counts."""
    report = counting_report(case)
    rule_id = f"{case.scope}.audit.sums"
    if report is None or not report.document.statements or (case.rules and not case.rules.rule_for(report.type)):
        yield not_applicable(rule_id)
        return
    for statement in report.document.statements:
        mark = "consolidated" if statement.consolidated else "own"
        yield from _statement(case, report, statement, f"{rule_id}.{statement.kind}.{mark}")


def _statement(case: Case, report: Held, statement: Statement, rule_id: str) -> Iterator[Check]:
    broken = broken_identities(statement, period_of(report) or case.programme.period)
    certain = [one for one in broken if one.sure]
    if not broken:
        yield passed(rule_id)
    elif not certain:
        because = Text(zh="有的数字读得不准，无法验算。", en="Some figures were not read well enough to add them up.")
        yield unclear(rule_id, because=because)
    else:
        yield failed(rule_id, *(_broken(case, report, one, rule_id) for one in certain))


def _broken(case: Case, report: Held, broken: Broken, rule_id: str) -> Finding:
    total = broken.cells[0]
    terms = "、".join(f"{cell.item} {yuan(cell.value)}" for cell in broken.cells[1:])
    return finding(
        case,
        FindingCode.ARITHMETIC_MISMATCH,
        rule_id,
        basis=basis_of(case, report.type),
        message=Text(
            zh=f"审计报告中“{broken.equation.zh}”不成立：{total.item} {yuan(total.value)}；{terms}。请核对。",
            en=f"In the audit report, {broken.equation.en} does not hold: {total.item} {yuan(total.value)}; {terms}. "
            "Please check.",
        ),
        where=Where(report, total.page, total.box),
        field=broken.equation.name,
        expected=yuan(broken.expected),
        found=yuan(broken.found),
    )


# ------------------------------------------------------------------------------------------------------------ form

_WITHIN: tuple[tuple[str, str], ...] = (
    ("outsourcing_revenue", "operating_revenue"),
    ("offshore_revenue", "outsourcing_revenue"),
    ("outsourcing_staff", "staff"),
    ("degree_staff", "staff"),
)


@rule("{track}.form.sums.{field}")
def form_adds_up(case: Case) -> Iterator[Check]:
    """离岸 ≤ 服务外包 ≤ 营业收入; 外包人数, 大学以上人数 ≤ 员工总数.

    Silent where a figure differs from the record: that is said already.
    """
    for part, whole in _WITHIN:
        rule_id = f"{case.scope}.form.sums.{part}"
        first, second = (pick(case, name, DocumentType.INFORMATION_FORM) for name in (part, whole))
        small, large = _figure(first), _figure(second)
        if first is None or second is None or small is None or large is None:
            yield not_applicable(rule_id)
        elif small <= large:
            yield passed(rule_id)
        elif disputed(case, part) or disputed(case, whole) or not (sure(first.field) and sure(second.field)):
            yield unclear(rule_id)
        else:
            yield failed(rule_id, _too_large(case, first, second, rule_id))


def _figure(picked: Picked | None) -> Decimal | None:
    if picked is None:
        return None
    count = count_of(picked.field)
    return Decimal(count) if count is not None else amount_of(picked.field)


def _too_large(case: Case, part: Picked, whole: Picked, rule_id: str) -> Finding:
    one, other = field_name(part.field.name), field_name(whole.field.name)
    return finding(
        case,
        FindingCode.ARITHMETIC_MISMATCH,
        rule_id,
        basis=basis_of(case, DocumentType.INFORMATION_FORM),
        message=Text(
            zh=f"基本信息表上的{one.zh}（{shown(part.field.value)}）大于{other.zh}（{shown(whole.field.value)}）。"
            "请核对后更正。",
            en=f"On the form, {one.en} ({shown(part.field.value)}) exceeds {other.en} ({shown(whole.field.value)}). "
            "Please correct it.",
        ),
        where=where(part),
        field=f"{part.field.name}_within_{whole.field.name}",
        expected=whole.field.value,
        found=part.field.value,
    )
