"""Accounting identities (勾稽关系): sums that hold in every financial statement (DOMAIN §3.7), as data.

The extractors take them as witnesses of what was read, the checks hold them against the paper. Operating profit is not
here: its costs and gains differ between formats (:mod:`extractors._identities`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.model import StatementKind

__all__ = ["EQUATIONS", "NAMES", "Equation", "Term"]


@dataclass(frozen=True, slots=True)
class Term:
    """An addend by its item's key.

    ``optional``: many statements leave it blank, and it counts as nothing then; but an equation that fails without it
    tells nothing, for its figure may have been overlooked.
    """

    key: str
    sign: int = 1
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Equation:
    """The item ``total`` is the sum of the terms. ``zh``, ``en``: its wording; without one it is a witness only, and
    no finding rests on it.
    """

    name: str
    kind: StatementKind
    total: str
    terms: tuple[Term, ...]
    zh: str = ""
    en: str = ""


def _plus(key: str, *, optional: bool = False) -> Term:
    return Term(key, 1, optional)


def _minus(key: str, *, optional: bool = False) -> Term:
    return Term(key, -1, optional)


def _net(activity: str, zh: str, *, optional: bool) -> Equation:
    """A net cash flow from the inflows and outflows of its activity."""
    return Equation(
        f"{activity}_cash_flow",
        "cash_flow",
        f"{activity}_net",
        (_plus(f"{activity}_in", optional=optional), _minus(f"{activity}_out", optional=optional)),
        zh=f"{zh}活动现金流量净额＝流入小计－流出小计",
        en=f"net cash flow from {activity} activities = inflows − outflows",
    )


EQUATIONS: tuple[Equation, ...] = (
    Equation(
        "assets_equal_liabilities_and_equity",
        "balance_sheet",
        "total_assets",
        (_plus("total_liabilities_and_equity"),),
        zh="资产总计＝负债和所有者权益总计",
        en="total assets = total liabilities and equity",
    ),
    Equation(
        "liabilities_plus_equity",
        "balance_sheet",
        "total_liabilities_and_equity",
        (_plus("total_liabilities"), _plus("total_equity")),
        zh="负债和所有者权益总计＝负债合计＋所有者权益合计",
        en="total liabilities and equity = liabilities + equity",
    ),
    Equation(
        "current_plus_noncurrent_assets",
        "balance_sheet",
        "total_assets",
        (_plus("current_assets"), _plus("noncurrent_assets")),
        zh="资产总计＝流动资产合计＋非流动资产合计",
        en="total assets = current + non-current assets",
    ),
    Equation(
        "current_plus_noncurrent_liabilities",
        "balance_sheet",
        "total_liabilities",
        (_plus("current_liabilities"), _plus("noncurrent_liabilities", optional=True)),
        zh="负债合计＝流动负债合计＋非流动负债合计",
        en="total liabilities = current + non-current liabilities",
    ),
    Equation(
        "parent_plus_minority_equity",
        "balance_sheet",
        "total_equity",
        (_plus("parent_equity"), _plus("minority_equity", optional=True)),
        zh="所有者权益合计＝归属于母公司所有者权益合计＋少数股东权益",
        en="total equity = equity of the parent's owners + minority interests",
    ),
    Equation(
        "total_profit",
        "income_statement",
        "total_profit",
        (
            _plus("operating_profit"),
            _plus("nonoperating_income", optional=True),
            _minus("nonoperating_expense", optional=True),
        ),
        zh="利润总额＝营业利润＋营业外收入－营业外支出",
        en="total profit = operating profit + non-operating income − non-operating expenses",
    ),
    Equation(
        "net_profit",
        "income_statement",
        "net_profit",
        (_plus("total_profit"), _minus("income_tax", optional=True)),
        zh="净利润＝利润总额－所得税费用",
        en="net profit = total profit − income tax",
    ),
    Equation(
        "continuing_plus_discontinued_profit",
        "income_statement",
        "net_profit",
        (_plus("continuing"), _plus("discontinued", optional=True)),
    ),
    Equation(
        "parent_plus_minority_profit",
        "income_statement",
        "net_profit",
        (_plus("parent_profit"), _plus("minority_profit", optional=True)),
        zh="净利润＝归属于母公司所有者的净利润＋少数股东损益",
        en="net profit = profit of the parent's owners + minority interests",
    ),
    Equation(
        "surplus",
        "income_statement",
        "surplus",
        (_plus("total_income"), _minus("total_expense"), _plus("released", optional=True)),
    ),
    Equation(
        "comprehensive_income",
        "income_statement",
        "comprehensive",
        (_plus("net_profit"), _plus("other_comprehensive", optional=True)),
        zh="综合收益总额＝净利润＋其他综合收益的税后净额",
        en="comprehensive income = net profit + other comprehensive income",
    ),
    _net("operating", "经营", optional=False),
    _net("investing", "投资", optional=True),
    _net("financing", "筹资", optional=True),
    Equation(
        "net_increase_in_cash",
        "cash_flow",
        "net_increase",
        (
            _plus("operating_net"),
            _plus("investing_net", optional=True),
            _plus("financing_net", optional=True),
            _plus("exchange_effect", optional=True),
        ),
        zh="现金净增加额＝三类活动净额之和＋汇率变动影响",
        en="net increase in cash = the three net cash flows + exchange effects",
    ),
    Equation(
        "closing_cash",
        "cash_flow",
        "closing_cash",
        (_plus("net_increase"), _plus("opening_cash", optional=True)),
        zh="期末现金余额＝期初余额＋净增加额",
        en="closing cash = opening cash + net increase",
    ),
)

NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "balance_sheet": {
            "current_assets": ("流动资产合计",),
            "noncurrent_assets": ("非流动资产合计", "长期资产合计"),
            "total_assets": ("资产总计", "资产合计", "资产总额"),
            "current_liabilities": ("流动负债合计",),
            "noncurrent_liabilities": ("非流动负债合计", "长期负债合计"),
            "total_liabilities": ("负债合计", "负债总计", "负债总额"),
            "parent_equity": ("归属于母公司所有者权益合计", "归属于母公司的所有者权益合计", "归属于母公司所有者权益"),
            "minority_equity": ("少数股东权益",),
            "total_equity": ("所有者权益合计", "净资产合计", "所有者权益总计"),
            "total_liabilities_and_equity": (
                "负债和所有者权益总计",
                "负债和所有者权益合计",
                "负债和净资产总计",
                "负债和净资产合计",
            ),
        },
        "income_statement": {
            "operating_profit": ("营业利润",),
            "nonoperating_income": ("营业外收入",),
            "nonoperating_expense": ("营业外支出",),
            "total_profit": ("利润总额",),
            "income_tax": ("所得税费用", "所得税"),
            "net_profit": ("净利润",),
            "parent_profit": (
                "归属于母公司所有者的净利润",
                "归属于母公司股东的净利润",
                "归属于母公司所有者净利润",
                "归属于公司股东的净利润",
            ),
            "minority_profit": ("少数股东损益",),
            "other_comprehensive": ("其他综合收益的税后净额", "其他综合收益税后净额"),
            "comprehensive": ("综合收益总额",),
        },
        "cash_flow": {
            "operating_in": ("经营活动现金流入小计",),
            "operating_out": ("经营活动现金流出小计",),
            "operating_net": ("经营活动产生的现金流量净额",),
            "investing_in": ("投资活动现金流入小计",),
            "investing_out": ("投资活动现金流出小计",),
            "investing_net": ("投资活动产生的现金流量净额",),
            "financing_in": ("筹资活动现金流入小计",),
            "financing_out": ("筹资活动现金流出小计",),
            "financing_net": ("筹资活动产生的现金流量净额",),
            "exchange_effect": (
                "汇率变动对现金及现金等价物的影响",
                "汇率变动对现金的影响",
                "汇率变动对现金及现金等价物的影响额",
            ),
            "net_increase": ("现金及现金等价物净增加额", "现金净增加额"),
            "opening_cash": ("期初现金及现金等价物余额", "期初现金余额", "年初现金及现金等价物余额"),
            "closing_cash": ("期末现金及现金等价物余额", "期末现金余额", "年末现金及现金等价物余额"),
        },
    }
)
"""Kind of statement -> key of an item of a worded equation -> the bare names it bears in print, the commonest first."""
