"""Statements of a made-up company: two years, every identity of DOMAIN 3.7 holds to the last fen.

Amounts are integers in steps (``step`` fen: 1 for statements in 元, 100 000 in 千元, 10 000 in 万元 with two decimals),
so that rounding never breaks a sum.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Books", "Line", "keep_books", "money"]

FEN = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One printed row: item, this year's and last year's yuan (None prints blank), weight and indent."""

    item: str
    now: Decimal | None = None
    before: Decimal | None = None
    bold: bool = False
    indent: int = 0
    key: str = ""


@dataclass(frozen=True)
class Books:
    """Balance sheet (assets; liabilities and equity), income statement, cash flow, equity changes, revenue split."""

    assets: tuple[Line, ...]
    claims: tuple[Line, ...]
    income: tuple[Line, ...]
    cash: tuple[Line, ...]
    equity: tuple[Line, ...]
    split: tuple[Line, ...]
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Year:
    """One year's figures in steps."""

    income: Mapping[str, int]
    flows: Mapping[str, int]
    stock: Mapping[str, int]


def money(value: Decimal | None, *, negative: str = "-", places: int = 2) -> str:
    """A statement's cell: thousands by comma, blank for None; ``negative`` "-" or "(" for brackets."""
    if value is None:
        return ""
    text = f"{abs(value):,.{places}f}"
    if value >= 0:
        return text
    return f"({text})" if negative == "(" else f"-{text}"


def _share(rng: random.Random, total: int, low: float, high: float) -> int:
    return int(total * rng.uniform(low, high))


def _income(rng: random.Random, revenue: int, *, style: str) -> dict[str, int]:
    """Figures of an income statement; losses are negative in style 2019, positive deductions in 2018."""
    sign = 1 if style == "2018" else -1
    f = {
        "revenue": revenue,
        "cost": _share(rng, revenue, 0.58, 0.72),
        "taxes": _share(rng, revenue, 0.003, 0.009),
        "selling": _share(rng, revenue, 0.02, 0.05),
        "admin": _share(rng, revenue, 0.05, 0.09),
        "research": _share(rng, revenue, 0.05, 0.09),
        "finance": _share(rng, revenue, -0.003, 0.008),
        "other_income": _share(rng, revenue, 0.001, 0.01),
        "investment": _share(rng, revenue, -0.002, 0.006),
        "credit_loss": sign * _share(rng, revenue, 0.001, 0.006),
        "impairment": sign * _share(rng, revenue, 0.0, 0.002),
        "disposal": _share(rng, revenue, -0.0005, 0.001),
        "non_operating_income": _share(rng, revenue, 0.0002, 0.002),
        "non_operating_cost": _share(rng, revenue, 0.0001, 0.001),
    }
    if style == "small":
        f.update(research=0, other_income=0, credit_loss=0, impairment=0, disposal=0)
    losses = -f["credit_loss"] - f["impairment"] if style == "2018" else f["credit_loss"] + f["impairment"]
    f["total_cost"] = sum(f[k] for k in ("cost", "taxes", "selling", "admin", "research", "finance"))
    if style == "2018":
        f["total_cost"] -= losses
        losses = 0
    gains = f["other_income"] + f["investment"] + losses + f["disposal"]
    f["operating_profit"] = revenue - f["total_cost"] + gains
    f["total_profit"] = f["operating_profit"] + f["non_operating_income"] - f["non_operating_cost"]
    f["income_tax"] = _share(rng, max(f["total_profit"], 0), 0.10, 0.16)
    f["net_profit"] = f["total_profit"] - f["income_tax"]
    return f


def _flows(rng: random.Random, revenue: int, opening: int) -> dict[str, int]:
    f = {
        "sales": _share(rng, revenue, 1.0, 1.08),
        "refund": _share(rng, revenue, 0.001, 0.006),
        "other_in": _share(rng, revenue, 0.01, 0.03),
        "purchases": _share(rng, revenue, 0.30, 0.38),
        "wages": _share(rng, revenue, 0.42, 0.48),
        "tax_paid": _share(rng, revenue, 0.03, 0.05),
        "other_out": _share(rng, revenue, 0.03, 0.06),
        "invest_in": _share(rng, revenue, 0.0, 0.02),
        "invest_out": _share(rng, revenue, 0.01, 0.05),
        "borrow": _share(rng, revenue, 0.02, 0.05),
        "repay": _share(rng, revenue, 0.02, 0.05),
        "interest": _share(rng, revenue, 0.002, 0.006),
        "exchange": _share(rng, revenue, -0.001, 0.001),
        "opening": opening,
    }
    f["operating_in"] = f["sales"] + f["refund"] + f["other_in"]
    f["operating_out"] = f["purchases"] + f["wages"] + f["tax_paid"] + f["other_out"]
    f["operating_net"] = f["operating_in"] - f["operating_out"]
    f["investing_net"] = f["invest_in"] - f["invest_out"]
    f["financing_out"] = f["repay"] + f["interest"]
    f["financing_net"] = f["borrow"] - f["financing_out"]
    f["increase"] = f["operating_net"] + f["investing_net"] + f["financing_net"] + f["exchange"]
    f["closing"] = opening + f["increase"]
    return f


def _stock(
    rng: random.Random, revenue: int, cash: int, capital: int, retained: int, surplus: int, minority: int
) -> dict[str, int]:
    """A balance sheet around given cash and equity; liabilities take what is left."""
    s = {
        "cash": cash,
        "notes": _share(rng, revenue, 0.0, 0.02),
        "receivables": _share(rng, revenue, 0.18, 0.30),
        "prepaid": _share(rng, revenue, 0.005, 0.02),
        "other_receivables": _share(rng, revenue, 0.01, 0.03),
        "inventory": _share(rng, revenue, 0.01, 0.05),
        "contract_assets": _share(rng, revenue, 0.0, 0.04),
        "other_current": _share(rng, revenue, 0.001, 0.01),
        "investments": _share(rng, revenue, 0.0, 0.05),
        "fixed": _share(rng, revenue, 0.06, 0.15),
        "right_of_use": _share(rng, revenue, 0.0, 0.03),
        "intangible": _share(rng, revenue, 0.01, 0.06),
        "goodwill": _share(rng, revenue, 0.0, 0.02),
        "deferred": _share(rng, revenue, 0.001, 0.01),
        "capital": capital,
        "surplus": surplus,
        "retained": retained,
        "minority": minority,
    }
    current = (
        "cash",
        "notes",
        "receivables",
        "prepaid",
        "other_receivables",
        "inventory",
        "contract_assets",
        "other_current",
    )
    fixed = ("investments", "fixed", "right_of_use", "intangible", "goodwill", "deferred")
    reserve = _share(rng, capital, 0.05, 0.3)
    equity = capital + reserve + surplus + retained + minority
    least = equity + _share(rng, revenue, 0.12, 0.25)
    short = least - sum(s[k] for k in (*current, *fixed))
    if short > 0:  # a company with more equity than it needs keeps it in deposits and wealth products
        s["other_current"] += short
    s["current_assets"] = sum(s[k] for k in current)
    s["fixed_assets"] = sum(s[k] for k in fixed)
    s["assets"] = s["current_assets"] + s["fixed_assets"]
    s["reserve"], s["equity"] = reserve, equity
    s["liabilities"] = s["assets"] - equity
    left = s["liabilities"]
    for name, part in (
        ("loans", 0.2),
        ("payables", 0.3),
        ("contract_liabilities", 0.1),
        ("wages", 0.12),
        ("taxes", 0.06),
    ):
        s["l_" + name] = int(s["liabilities"] * part * rng.uniform(0.8, 1.1))
        left -= s["l_" + name]
    s["l_lease"] = int(left * rng.uniform(0.1, 0.3))
    s["l_deferred"] = int(left * rng.uniform(0.02, 0.1))
    s["l_other"] = left - s["l_lease"] - s["l_deferred"]
    s["fixed_liabilities"] = s["l_lease"] + s["l_deferred"]
    s["current_liabilities"] = s["liabilities"] - s["fixed_liabilities"]
    return s


def _years(rng: random.Random, revenue: int, capital: int, *, style: str, consolidated: bool) -> tuple[Year, Year]:
    """This year and the last, bound by cash, surplus and retained earnings."""
    last = int(revenue / rng.uniform(1.02, 1.3))
    minority_share = rng.uniform(0.01, 0.06) if consolidated else 0.0
    cash, retained, surplus = (
        _share(rng, last, 0.15, 0.3),
        _share(rng, last, 0.08, 0.2),
        _share(rng, capital, 0.02, 0.2),
    )
    minority = int(capital * rng.uniform(0.05, 0.2)) if consolidated else 0
    years: list[Year] = []
    for amount in (last, revenue):
        income = _income(rng, amount, style=style)
        income["minority_profit"] = int(income["net_profit"] * minority_share)
        income["parent_profit"] = income["net_profit"] - income["minority_profit"]
        income["to_surplus"] = max(0, income["parent_profit"] // 10)
        income["retained_before"], income["surplus_before"], income["minority_before"] = retained, surplus, minority
        retained += income["parent_profit"] - income["to_surplus"]
        surplus += income["to_surplus"]
        minority += income["minority_profit"]
        flows = _flows(rng, amount, cash)
        cash = flows["closing"]
        reserve_seed = random.Random(capital)  # 资本公积 does not move between the years
        stock = _stock(_Reserve(rng, reserve_seed), amount, cash, capital, retained, surplus, minority)
        years.append(Year(income, flows, stock))
    return years[1], years[0]


class _Reserve(random.Random):
    """The rows vary, the reserve does not: the one draw of a reserve comes from a source of its own."""

    def __init__(self, rows: random.Random, reserve: random.Random) -> None:
        super().__init__(0)
        self._rows, self._reserve = rows, reserve

    def uniform(self, a: float, b: float) -> float:
        return (self._reserve if (a, b) == (0.05, 0.3) else self._rows).uniform(a, b)


@dataclass(frozen=True)
class Printer:
    """Turns steps into yuan and keys into lines."""

    now: Year
    before: Year
    step: int

    def yuan(self, steps: int) -> Decimal:
        return (Decimal(steps * self.step) * FEN).quantize(FEN)

    def line(self, item: str, key: str = "", part: str = "stock", *, bold: bool = False, indent: int = 1) -> Line:
        if not key:
            return Line(item, bold=bold, indent=0 if bold else indent)
        a, b = getattr(self.now, part)[key], getattr(self.before, part)[key]
        blank = a == 0 and b == 0
        return Line(
            item, None if blank else self.yuan(a), None if blank else self.yuan(b), bold, 0 if bold else indent, key
        )


def _assets(p: Printer, *, small: bool) -> tuple[Line, ...]:
    rows: list[tuple[str, str, bool]] = [("流动资产：", "", True), ("货币资金", "cash", False)]
    rows += [("短期投资" if small else "交易性金融资产", "", False), ("应收票据", "notes", False)]
    rows += [("应收账款", "receivables", False), ("预付账款" if small else "预付款项", "prepaid", False)]
    rows += [("其他应收款", "other_receivables", False), ("存货", "inventory", False)]
    rows += [("待摊费用" if small else "合同资产", "contract_assets", False), ("其他流动资产", "other_current", False)]
    rows += [("流动资产合计", "current_assets", True), ("非流动资产：", "", True)]
    rows += [("长期股权投资", "investments", False), ("固定资产", "fixed", False), ("在建工程", "", False)]
    rows += [("固定资产清理" if small else "使用权资产", "right_of_use", False), ("无形资产", "intangible", False)]
    rows += [
        ("开发支出" if small else "商誉", "goodwill", False),
        ("长期待摊费用" if small else "递延所得税资产", "deferred", False),
    ]
    rows += [("非流动资产合计", "fixed_assets", True), ("资产总计", "assets", True)]
    return tuple(p.line(item, key, bold=bold) for item, key, bold in rows)


def _claims(p: Printer, *, small: bool, consolidated: bool, owner: str) -> tuple[Line, ...]:
    rows: list[tuple[str, str, bool]] = [("流动负债：", "", True), ("短期借款", "l_loans", False)]
    rows += [("应付票据", "", False), ("应付账款", "l_payables", False)]
    rows += [("预收账款" if small else "合同负债", "l_contract_liabilities", False), ("应付职工薪酬", "l_wages", False)]
    rows += [
        ("应交税费", "l_taxes", False),
        ("其他应付款", "l_other", False),
        ("流动负债合计", "current_liabilities", True),
    ]
    rows += [
        ("非流动负债：", "", True),
        ("长期应付款" if small else "租赁负债", "l_lease", False),
        ("递延收益", "l_deferred", False),
    ]
    rows += [("非流动负债合计", "fixed_liabilities", True), ("负债合计", "liabilities", True)]
    rows += [(f"{owner}权益：", "", True), ("实收资本（或股本）", "capital", False), ("资本公积", "reserve", False)]
    rows += [("盈余公积", "surplus", False), ("未分配利润", "retained", False)]
    lines = [p.line(item, key, bold=bold) for item, key, bold in rows]
    if consolidated:
        own = [p.yuan(y.stock["equity"] - y.stock["minority"]) for y in (p.now, p.before)]
        lines.append(Line(f"归属于母公司{owner}权益合计", own[0], own[1], indent=1))
        lines.append(p.line("少数股东权益", "minority"))
    lines.append(p.line(f"{owner}权益合计", "equity", bold=True))
    total = [p.yuan(y.stock["assets"]) for y in (p.now, p.before)]
    lines.append(Line(f"负债和{owner}权益总计", total[0], total[1], True, 0, "claims"))
    return tuple(lines)


_INCOME_2019 = (
    ("减：营业成本", "cost"),
    ("税金及附加", "taxes"),
    ("销售费用", "selling"),
    ("管理费用", "admin"),
    ("研发费用", "research"),
    ("财务费用", "finance"),
)
_GAINS_2019 = (
    ("加：其他收益", "other_income"),
    ("投资收益（损失以“-”号填列）", "investment"),
    ("信用减值损失（损失以“-”号填列）", "credit_loss"),
    ("资产减值损失（损失以“-”号填列）", "impairment"),
    ("资产处置收益（损失以“-”号填列）", "disposal"),
)
_INCOME_2018 = (*_INCOME_2019, ("资产减值损失", "impairment"), ("信用减值损失", "credit_loss"))
_GAINS_2018 = (("加：其他收益", "other_income"), ("投资收益", "investment"), ("资产处置收益", "disposal"))


def _income_lines(p: Printer, *, style: str, consolidated: bool) -> tuple[Line, ...]:
    def row(item: str, key: str, *, bold: bool = False) -> Line:
        return p.line(item, key, "income", bold=bold)

    costs: tuple[tuple[str, str], ...] = _INCOME_2018 if style == "2018" else _INCOME_2019
    gains: tuple[tuple[str, str], ...] = _GAINS_2018 if style == "2018" else _GAINS_2019
    if style == "small":
        costs = tuple((item.replace("税金及附加", "营业税金及附加"), k) for item, k in costs if k != "research")
        gains = (("加：投资收益（损失以“-”号填列）", "investment"),)
    lines = []
    if consolidated:
        lines += [row("一、营业总收入", "revenue", bold=True), row("其中：营业收入", "revenue")]
        lines += [row("二、营业总成本", "total_cost", bold=True)]
        costs = (("其中：营业成本", "cost"), *costs[1:])
    else:
        lines += [row("一、营业收入", "revenue", bold=True)]
    lines += [row(item, key) for item, key in (*costs, *gains)]
    ordinals = iter("三四五六七" if consolidated else "二三四五六")
    lines += [row(f"{next(ordinals)}、营业利润（亏损以“-”号填列）", "operating_profit", bold=True)]
    lines += [row("加：营业外收入", "non_operating_income"), row("减：营业外支出", "non_operating_cost")]
    lines += [row(f"{next(ordinals)}、利润总额（亏损总额以“-”号填列）", "total_profit", bold=True)]
    lines += [
        row("减：所得税费用", "income_tax"),
        row(f"{next(ordinals)}、净利润（净亏损以“-”号填列）", "net_profit", bold=True),
    ]
    if consolidated:
        lines += [Line("（一）按经营持续性分类", indent=1), row("1.持续经营净利润", "net_profit")]
        lines += [Line("（二）按所有权归属分类", indent=1), row("1.归属于母公司股东的净利润", "parent_profit")]
        lines += [row("2.少数股东损益", "minority_profit")]
    if style != "small":
        lines += [
            Line(f"{next(ordinals)}、其他综合收益的税后净额", bold=True),
            row(f"{next(ordinals)}、综合收益总额", "net_profit", bold=True),
        ]
    return tuple(lines)


_CASH = (
    ("一、经营活动产生的现金流量：", "", True),
    ("销售商品、提供劳务收到的现金", "sales", False),
    ("收到的税费返还", "refund", False),
    ("收到其他与经营活动有关的现金", "other_in", False),
    ("经营活动现金流入小计", "operating_in", True),
    ("购买商品、接受劳务支付的现金", "purchases", False),
    ("支付给职工以及为职工支付的现金", "wages", False),
    ("支付的各项税费", "tax_paid", False),
    ("支付其他与经营活动有关的现金", "other_out", False),
    ("经营活动现金流出小计", "operating_out", True),
    ("经营活动产生的现金流量净额", "operating_net", True),
    ("二、投资活动产生的现金流量：", "", True),
    ("收回投资收到的现金", "invest_in", False),
    ("投资活动现金流入小计", "invest_in", True),
    ("购建固定资产、无形资产和其他长期资产支付的现金", "invest_out", False),
    ("投资活动现金流出小计", "invest_out", True),
    ("投资活动产生的现金流量净额", "investing_net", True),
    ("三、筹资活动产生的现金流量：", "", True),
    ("取得借款收到的现金", "borrow", False),
    ("筹资活动现金流入小计", "borrow", True),
    ("偿还债务支付的现金", "repay", False),
    ("分配股利、利润或偿付利息支付的现金", "interest", False),
    ("筹资活动现金流出小计", "financing_out", True),
    ("筹资活动产生的现金流量净额", "financing_net", True),
    ("四、汇率变动对现金及现金等价物的影响", "exchange", True),
    ("五、现金及现金等价物净增加额", "increase", True),
    ("加：期初现金及现金等价物余额", "opening", False),
    ("六、期末现金及现金等价物余额", "closing", True),
)


def _equity_lines(p: Printer) -> tuple[Line, ...]:
    """所有者权益变动表, the year in question: a line a movement; ``key`` carries the columns as text."""
    i, s = p.now.income, p.now.stock
    before = (s["capital"], s["reserve"], i["surplus_before"], i["retained_before"], i["minority_before"])
    moves = (
        ("一、上年年末余额", before),
        ("二、本年年初余额", before),
        ("三、本年增减变动金额", (0, 0, i["to_surplus"], i["parent_profit"] - i["to_surplus"], i["minority_profit"])),
        ("（一）综合收益总额", (0, 0, 0, i["parent_profit"], i["minority_profit"])),
        ("（二）利润分配", (0, 0, i["to_surplus"], -i["to_surplus"], 0)),
        ("1.提取盈余公积", (0, 0, i["to_surplus"], -i["to_surplus"], 0)),
        ("四、本年年末余额", (s["capital"], s["reserve"], s["surplus"], s["retained"], s["minority"])),
    )
    return tuple(
        Line(item, key="|".join(str(p.yuan(v)) if v else "" for v in (*cells, sum(cells))), bold=item[0] in "一二三四")
        for item, cells in moves
    )


def _split(p: Printer, outsourcing: int, before: int, offshore: int) -> tuple[Line, ...]:
    revenue, last = p.now.income["revenue"], p.before.income["revenue"]
    off_before = int(before * (offshore / outsourcing if outsourcing else 0))
    rows = (
        ("服务外包业务收入", outsourcing, before, False),
        ("其中：离岸服务外包", offshore, off_before, True),
        ("在岸服务外包", outsourcing - offshore, before - off_before, True),
        ("产品销售收入", int((revenue - outsourcing) * 0.7), int((last - before) * 0.7), False),
        ("其他业务收入", 0, 0, False),
    )
    done = (rows[0][1] + rows[3][1], rows[0][2] + rows[3][2])
    rows = (*rows[:4], ("其他业务收入", revenue - done[0], last - done[1], False))
    lines = [Line(item, p.yuan(a), p.yuan(b), indent=1 if deep else 0) for item, a, b, deep in rows]
    return (*lines, Line("合计", p.yuan(revenue), p.yuan(last), bold=True, key="revenue"))


def keep_books(
    rng: random.Random,
    *,
    revenue: Decimal,
    outsourcing: Decimal,
    offshore: Decimal,
    capital: Decimal,
    step: int = 1,
    style: str = "2019",
    consolidated: bool = True,
    owner: str = "所有者",
) -> Books:
    """All statements of a year whose revenue, outsourcing revenue and paid-in capital (yuan) are given.

    :param step: smallest amount in fen; the given amounts must be multiples
    :param style: "2019" 财会〔2019〕6号, "2018", or "small" 小企业会计准则 (DOMAIN 3.6)
    :param owner: 所有者 or 股东
    """
    steps = {k: int(v * 100) // step for k, v in (("r", revenue), ("o", outsourcing), ("f", offshore), ("c", capital))}
    now, before = _years(rng, steps["r"], steps["c"], style=style, consolidated=consolidated)
    p = Printer(now, before, step)
    last_outsourcing = (
        int(before.income["revenue"] * rng.uniform(0.55, 0.6)) if outsourcing < revenue else before.income["revenue"]
    )
    totals = {
        "operating_revenue": p.yuan(steps["r"]),
        "operating_revenue_previous": p.yuan(before.income["revenue"]),
        "operating_cost": p.yuan(now.income["cost"]),
        "operating_profit": p.yuan(now.income["operating_profit"]),
        "net_profit": p.yuan(now.income["net_profit"]),
        "total_assets": p.yuan(now.stock["assets"]),
        "total_liabilities": p.yuan(now.stock["liabilities"]),
        "total_equity": p.yuan(now.stock["equity"]),
        "outsourcing_revenue": p.yuan(steps["o"]),
    }
    return Books(
        assets=_assets(p, small=style == "small"),
        claims=_claims(p, small=style == "small", consolidated=consolidated, owner=owner),
        income=_income_lines(p, style=style, consolidated=consolidated),
        cash=tuple(p.line(item, key, "flows", bold=bold) for item, key, bold in _CASH),
        equity=_equity_lines(p),
        split=_split(p, steps["o"], last_outsourcing, steps["f"]),
        totals=totals,
    )
