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

from pipeline.checks.audited import column_of, counting_report, period_of
from pipeline.checks.case import Case
from pipeline.checks.figures import disputed
from pipeline.checks.held import Held
from pipeline.checks.making import Where, failed, finding, not_applicable, passed, unclear
from pipeline.checks.picking import Picked, basis_of, pick, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import amount_of, count_of, sure, yuan
from pipeline.checks.wording import field_name, shown
from pipeline.model import Box, Check, DocumentType, Finding, FindingCode, Statement, StatementKind, Text
from pipeline.values.amounts import UNITS
from pipeline.values.steps import figure_step

__all__ = ["IDENTITIES", "Broken", "Identity", "broken_identities"]

SURE_CELL = 0.85  # a statement has hundreds of cells: one in seven misread would break every second sum
LEAST_SLACK = Decimal("0.05")  # yuan: what rounding each addend to cents can add up to (DOMAIN 3.7)


@dataclass(frozen=True)
class Identity:
    """``total`` = the sum of ``plus`` − the sum of ``minus``; items by their bare names, the first that occurs counts.

    ``optional``: items that many statements leave out (then they count as nothing, and only a sum that holds says so).
    """

    name: str
    kind: StatementKind
    total: tuple[str, ...]
    plus: tuple[tuple[str, ...], ...]
    minus: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    zh: str = ""
    en: str = ""


_ASSETS = ("资产总计", "资产合计", "资产总额")
_LIABILITIES = ("负债合计", "负债总计", "负债总额")
_EQUITY = ("所有者权益合计", "净资产合计", "所有者权益总计")
_BOTH = ("负债和所有者权益总计", "负债和所有者权益合计", "负债和净资产总计", "负债和净资产合计")
_CURRENT, _NONCURRENT = ("流动资产合计",), ("非流动资产合计", "长期资产合计")
_NET_PROFIT = ("净利润",)
_PARENT_PROFIT = (
    "归属于母公司所有者的净利润",
    "归属于母公司股东的净利润",
    "归属于母公司所有者净利润",
    "归属于公司股东的净利润",
)
_CASH_EQUIVALENTS = ("现金及现金等价物净增加额", "现金净增加额")
_EXCHANGE = ("汇率变动对现金及现金等价物的影响", "汇率变动对现金的影响", "汇率变动对现金及现金等价物的影响额")


def _cash(name: str, word: str) -> Identity:
    return Identity(
        f"{name}_cash_flow",
        "cash_flow",
        (f"{word}活动产生的现金流量净额",),
        ((f"{word}活动现金流入小计",),),
        ((f"{word}活动现金流出小计",),),
        zh=f"{word}活动现金流量净额＝流入小计－流出小计",
        en=f"net cash flow from {name} activities = inflows − outflows",
    )


IDENTITIES: tuple[Identity, ...] = (
    Identity(
        "assets_equal_liabilities_and_equity",
        "balance_sheet",
        _ASSETS,
        (_BOTH,),
        zh="资产总计＝负债和所有者权益总计",
        en="total assets = total liabilities and equity",
    ),
    Identity(
        "liabilities_plus_equity",
        "balance_sheet",
        _BOTH,
        (_LIABILITIES, _EQUITY),
        zh="负债和所有者权益总计＝负债合计＋所有者权益合计",
        en="total liabilities and equity = liabilities + equity",
    ),
    Identity(
        "current_plus_noncurrent_assets",
        "balance_sheet",
        _ASSETS,
        (_CURRENT, _NONCURRENT),
        zh="资产总计＝流动资产合计＋非流动资产合计",
        en="total assets = current + non-current assets",
    ),
    Identity(
        "current_plus_noncurrent_liabilities",
        "balance_sheet",
        _LIABILITIES,
        (("流动负债合计",), ("非流动负债合计", "长期负债合计")),
        zh="负债合计＝流动负债合计＋非流动负债合计",
        en="total liabilities = current + non-current liabilities",
    ),
    Identity(
        "parent_plus_minority_equity",
        "balance_sheet",
        _EQUITY,
        (("归属于母公司所有者权益合计", "归属于母公司的所有者权益合计", "归属于母公司所有者权益"), ("少数股东权益",)),
        zh="所有者权益合计＝归属于母公司所有者权益合计＋少数股东权益",
        en="total equity = equity of the parent's owners + minority interests",
    ),
    Identity(
        "total_profit",
        "income_statement",
        ("利润总额",),
        (("营业利润",), ("营业外收入",)),
        (("营业外支出",),),
        optional=("营业外收入", "营业外支出"),
        zh="利润总额＝营业利润＋营业外收入－营业外支出",
        en="total profit = operating profit + non-operating income − non-operating expenses",
    ),
    Identity(
        "net_profit",
        "income_statement",
        _NET_PROFIT,
        (("利润总额",),),
        (("所得税费用", "所得税"),),
        optional=("所得税费用",),
        zh="净利润＝利润总额－所得税费用",
        en="net profit = total profit − income tax",
    ),
    Identity(
        "parent_plus_minority_profit",
        "income_statement",
        _NET_PROFIT,
        (_PARENT_PROFIT, ("少数股东损益",)),
        zh="净利润＝归属于母公司所有者的净利润＋少数股东损益",
        en="net profit = profit of the parent's owners + minority interests",
    ),
    Identity(
        "comprehensive_income",
        "income_statement",
        ("综合收益总额",),
        (_NET_PROFIT, ("其他综合收益的税后净额", "其他综合收益税后净额")),
        zh="综合收益总额＝净利润＋其他综合收益的税后净额",
        en="comprehensive income = net profit + other comprehensive income",
    ),
    _cash("operating", "经营"),
    _cash("investing", "投资"),
    _cash("financing", "筹资"),
    Identity(
        "net_increase_in_cash",
        "cash_flow",
        _CASH_EQUIVALENTS,
        (
            ("经营活动产生的现金流量净额",),
            ("投资活动产生的现金流量净额",),
            ("筹资活动产生的现金流量净额",),
            _EXCHANGE,
        ),
        optional=_EXCHANGE[:1],
        zh="现金净增加额＝三类活动净额之和＋汇率变动影响",
        en="net increase in cash = the three net cash flows + exchange effects",
    ),
    Identity(
        "closing_cash",
        "cash_flow",
        ("期末现金及现金等价物余额", "期末现金余额", "年末现金及现金等价物余额"),
        (_CASH_EQUIVALENTS, ("期初现金及现金等价物余额", "期初现金余额", "年初现金及现金等价物余额")),
        zh="期末现金余额＝期初余额＋净增加额",
        en="closing cash = opening cash + net increase",
    ),
)


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

    identity: Identity
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


def bare_item(text: str) -> str:
    """An item's bare name: no ordinal, no 加：/减：/其中：, nothing in brackets, 股东权益 as 所有者权益.

    Ordinals differ between formats, so nothing rests on them (DOMAIN §3.6).
    """
    name = unicodedata.normalize("NFKC", re.sub(r"\s", "", text))
    for _ in range(3):
        name = _PREFIX.sub("", _ORDINAL.sub("", name))
    name = _ASIDE.sub("", name).rstrip(":;。.")
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


def _check(identity: Identity, statement: Statement, column: int) -> Broken | bool | None:
    """Broken, True where it holds, None where figures are missing."""
    cells = _cells(statement, column)
    total = _one(cells, identity.total)
    plus, minus = [_one(cells, names) for names in identity.plus], [_one(cells, names) for names in identity.minus]
    lost = [
        names for names, cell in zip((*identity.plus, *identity.minus), (*plus, *minus), strict=True) if cell is None
    ]
    if total is None or any(not set(names) & set(identity.optional) for names in lost):
        return None
    there = [cell for cell in plus if cell], [cell for cell in minus if cell]
    wanted = sum((cell.value for cell in there[0]), Decimal(0)) - sum(
        (abs(cell.value) for cell in there[1]), Decimal(0)
    )
    signed = sum((cell.value for cell in (*there[0], *there[1])), Decimal(0))  # 减： rows printed as negatives already
    used = (total, *there[0], *there[1])
    slack = _slack(statement, len(used))
    plain = sum((c.value for c in there[0]), Decimal(0)) - sum((c.value for c in there[1]), Decimal(0))
    if any(abs(total.value - result) <= slack for result in (wanted, signed, plain)):
        return True
    return None if lost else Broken(identity, total.value, plain, used, column)


def broken_identities(statement: Statement, period: int) -> tuple[Broken, ...]:
    """Sums of that year's column that do not hold, fewest that explain all."""
    column = column_of(statement, period)
    if column is None:
        return ()
    results = [_check(identity, statement, column) for identity in IDENTITIES if identity.kind == statement.kind]
    return _fewest(tuple(one for one in results if isinstance(one, Broken)))


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
            zh=f"审计报告中“{broken.identity.zh}”不成立：{total.item} {yuan(total.value)}；{terms}。请核对。",
            en=f"In the audit report, {broken.identity.en} does not hold: {total.item} {yuan(total.value)}; {terms}. "
            "Please check.",
        ),
        where=Where(report, total.page, total.box),
        field=broken.identity.name,
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
