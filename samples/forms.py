"""Information forms (基本信息表) in many layouts: labels, units, ticks, and what each cell says.

No copy of the real form is known (DOMAIN §2), so the layouts vary as widely as sister forms do.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pipeline.programmes import load
from samples.paper import Value

__all__ = ["FORM_TITLES", "FormFacts", "capital_words", "chinese_date", "form_context", "form_fields", "yuan"]

WAN = Decimal(10_000)

FORM_TITLES = {
    "supplier": ("企业基本信息表", "服务外包企业基本信息表", "企业基本信息表"),
    "park": ("园区基本信息表", "服务外包园区基本信息表", "园区基本信息表"),
    "training": ("培训机构及院校信息表", "培训机构及院校信息表", "服务外包培训机构及院校信息表"),
}
LAYOUTS = {
    "supplier": ("four", "two", "above", "english", "sections", "side", "lines"),
    "park": ("four", "sections", "above", "side"),
    "training": ("two", "four", "lines", "english"),
}
FONTS = (
    "Noto Serif CJK SC",
    "AR PL UMing CN",
    "AR PL SungtiL GB",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "LXGW WenKai",
    "AR PL KaitiM GB",
)
TICKS = (("☑", "□"), ("■", "□"), ("●", "○"), ("√", "□"), ("☑", "☐"))

LABELS: dict[str, tuple[str, ...]] = {
    "name": ("企业名称", "单位名称", "公司名称", "企业名称（全称）"),
    "previous_names": ("曾用名", "企业曾用名"),
    "uscc": ("统一社会信用代码", "统一社会信用代码（18位）", "社会信用代码"),
    "legal_representative": ("法定代表人", "法定代表人姓名", "法人代表"),
    "established": ("成立日期", "成立时间", "注册时间"),
    "registered_capital": ("注册资本", "注册资金", "注册资本（金）"),
    "address": ("注册地址", "企业注册地址", "公司地址"),
    "headquarters": ("总部所在地", "企业总部所在地"),
    "delivery_location": ("业务交付主体所在地", "交付主体所在地"),
    "contact": ("联系人", "联系人姓名", "申报联系人"),
    "mobile": ("手机", "联系人手机", "移动电话"),
    "email": ("电子邮箱", "E-mail", "电子邮件", "联系邮箱"),
    "operating_revenue": ("上年度营业收入", "2022年营业收入", "营业收入"),
    "outsourcing_revenue": ("服务外包业务收入", "2022年服务外包收入", "其中：服务外包业务收入"),
    "offshore_revenue": ("离岸服务外包收入", "其中：离岸外包收入", "离岸服务外包执行额"),
    "staff": ("员工总数", "企业员工总数", "从业人员总数"),
    "outsourcing_staff": ("从事服务外包业务员工人数", "服务外包从业人数", "从事服务外包业务人数"),
    "degree_staff": ("大学（含）以上学历人数", "大学（含大专）以上人数", "大学以上学历员工数"),
    "industry": ("所属行业", "服务行业", "所属八大行业"),
    "functions": ("功能领域", "业务功能领域", "服务外包功能领域"),
    "commerce_department": ("审核的商务主管部门", "当地商务主管部门", "商务主管部门"),
}
ENGLISH = {
    "name": "Name of Enterprise",
    "uscc": "Unified Social Credit Code",
    "legal_representative": "Legal Representative",
    "established": "Date of Establishment",
    "registered_capital": "Registered Capital",
    "address": "Registered Address",
    "headquarters": "Headquarters",
    "delivery_location": "Delivery Location",
    "contact": "Contact Person",
    "mobile": "Mobile",
    "email": "E-mail",
    "operating_revenue": "Operating Revenue",
    "previous_names": "Former Names",
    "outsourcing_revenue": "Outsourcing Revenue",
    "offshore_revenue": "Offshore Revenue",
    "staff": "Total Staff",
    "outsourcing_staff": "Outsourcing Staff",
    "degree_staff": "Staff with Degree",
    "industry": "Industry",
    "functions": "Functions",
    "commerce_department": "Competent Department",
    "x_type": "Type",
    "x_zip": "Post Code",
    "x_phone": "Telephone",
    "x_per_head": "Revenue per Head",
    "x_onshore": "Onshore Revenue",
    "x_web": "Website",
    "x_area": "Area",
    "x_tenants": "Tenants",
    "x_level": "Level",
    "x_teachers": "Teachers",
    "x_trained": "Trainees",
    "x_rate": "Employment Rate",
}
GROUPS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "supplier": (
        (
            "一、企业基本情况",
            (
                "name",
                "previous_names",
                "uscc",
                "legal_representative",
                "established",
                "registered_capital",
                "x_type",
                "x_listed",
                "address",
                "x_zip",
                "headquarters",
                "delivery_location",
            ),
        ),
        ("二、联系方式", ("contact", "x_phone", "mobile", "email", "x_web")),
        ("三、经营情况", ("operating_revenue", "outsourcing_revenue", "offshore_revenue", "x_onshore", "x_per_head")),
        ("四、人员情况", ("staff", "outsourcing_staff", "degree_staff")),
        ("五、业务领域", ("industry", "functions", "commerce_department")),
    ),
    "park": (
        (
            "一、园区基本情况",
            (
                "name",
                "uscc",
                "legal_representative",
                "established",
                "x_level",
                "registered_capital",
                "address",
                "x_area",
                "x_tenants",
            ),
        ),
        ("二、经营情况", ("operating_revenue", "outsourcing_revenue", "offshore_revenue")),
        ("三、人员情况", ("staff", "outsourcing_staff", "degree_staff")),
        ("四、产业与联系方式", ("functions", "contact", "mobile", "email", "commerce_department")),
    ),
    "training": (
        (
            "一、机构基本情况",
            ("name", "uscc", "legal_representative", "established", "x_kind", "registered_capital", "address"),
        ),
        ("二、办学情况", ("staff", "x_teachers", "x_trained", "x_rate", "degree_staff", "industry", "functions")),
        ("三、联系方式", ("contact", "x_phone", "mobile", "email", "commerce_department")),
    ),
}
TRACK_LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "park": {
        "name": ("园区名称", "园区名称（全称）"),
        "operating_revenue": ("园区总收入", "上年度营业收入"),
        "legal_representative": ("法定代表人", "法定代表人姓名"),
        "staff": ("从业人员总数", "员工总数"),
        "address": ("注册地址", "园区地址"),
    },
    "training": {
        "name": ("机构名称", "单位名称", "机构（院校）名称"),
        "legal_representative": ("法定代表人", "法定代表人（校长）"),
        "address": ("注册地址", "办学地址"),
        "staff": ("教职工总数", "员工总数"),
        "registered_capital": ("开办资金", "注册资金"),
    },
}
WIDE = {"name", "address", "functions", "industry", "previous_names", "commerce_department"}
MONEY = {"registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue"}
COUNTS = {"staff", "outsourcing_staff", "degree_staff"}


@dataclass(frozen=True)
class FormFacts:
    """What the form says: values as in a record (amounts 万元 as text, counts int, lists tuples), and its looks."""

    track: str
    values: Mapping[str, Any]
    extras: Mapping[str, str]
    application_no: str
    certificates: tuple[Mapping[str, str], ...]
    look: int  # seed of layout, labels and fonts
    layout: str | None = None
    signed_on: date = date(2023, 9, 12)

    def saying(self, **values: Any) -> FormFacts:
        """The same form with other values."""
        return replace(self, values={**self.values, **values})


def yuan(wan: str | Decimal) -> str:
    """万元 as yuan with two decimals."""
    return f"{(Decimal(wan) * WAN).quantize(Decimal('0.01'))}"


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")


def capital_words(amount: int) -> str:
    """大写 of whole yuan: 人民币…元整 (支付结算办法 附件一)."""
    text, big = "", ("", "万", "亿")
    groups = []
    while amount:
        amount, group = divmod(amount, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        digits = f"{groups[place]:04d}"
        part = "".join(_DIGITS[int(d)] + _UNITS[3 - i] if d != "0" else "零" for i, d in enumerate(digits)).rstrip("零")
        while "零零" in part:
            part = part.replace("零零", "零")
        text = (text or "") + (part if text else part.lstrip("零")) + (big[place] if part else "")
    return f"人民币{text}元整"


_CN = "〇一二三四五六七八九"


def chinese_date(day: date, style: int = 0) -> str:
    """A date in one of four usual ways."""
    if style == 1:
        return day.isoformat()
    if style == 2:
        return f"{day.year}.{day.month}.{day.day}"
    if style == 3:
        return f"{day.year}/{day.month:02d}/{day.day:02d}"
    return f"{day.year}年{day.month:02d}月{day.day:02d}日" if style == 4 else f"{day.year}年{day.month}月{day.day}日"


def chinese_year(year: int) -> str:
    """二〇二二."""
    return "".join(_CN[int(d)] for d in str(year))


def chinese_day(day: date) -> str:
    """二〇二三年四月二十日."""

    def small(n: int) -> str:
        if n < 10:
            return _CN[n]
        return ("" if n < 20 else _CN[n // 10]) + "十" + (_CN[n % 10] if n % 10 else "")

    return f"{chinese_year(day.year)}年{small(day.month)}月{small(day.day)}日"


def form_fields(facts: FormFacts) -> dict[str, Value]:
    """The truth: fields by their names in the record, normalised as CONTRACT says."""
    printed = {key for _, keys in GROUPS[facts.track] for key in keys}
    fields: dict[str, Value] = {"application_no": facts.application_no}
    for key, value in facts.values.items():
        if key in printed and value not in (None, "", ()):
            fields[key] = yuan(value) if key in MONEY else value
    return fields


def form_context(facts: FormFacts) -> tuple[str, dict[str, Any]]:
    """Template and context of the form."""
    rng = random.Random(facts.look)
    layout = facts.layout or rng.choice(LAYOUTS[facts.track])
    unit = rng.choice(("label", "label", "cell", "caption", "yuan"))
    style = _Style(
        unit=unit,
        thousands=rng.random() < 0.5,
        people=rng.choice(("", "人", "label")),
        dates=rng.choice((0, 1, 2, 4)),
        ticks=rng.choice(TICKS) if rng.random() < 0.65 else None,
        tree=rng.random() < 0.5,
        capital=rng.choice(("figure", "figure", "words", "both")),
        colon=layout in ("sections",),
    )
    groups = []
    for name, keys in GROUPS[facts.track]:
        items = [i for key in keys if (i := _item(key, facts, style, rng)) is not None]
        groups.append({"name": name, "short": name.partition("、")[2][:4], "rows": _rows(items)})
    form = {
        "title": rng.choice(FORM_TITLES[facts.track]),
        "title_font": rng.choice(("'Noto Sans CJK SC'", "'Noto Serif CJK SC'", "inherit")),
        "application_no": facts.application_no,
        "printed_at": f"2023-09-{rng.randint(1, 10):02d} {rng.randint(9, 17):02d}:{rng.randint(0, 59):02d}",
        "caption": "单位：万元、人" if unit == "caption" else "",
        "font": rng.choice(FONTS),
        "size": rng.choice(("9.5pt", "10pt", "10.5pt", "11pt")),
        "shade": rng.choice(("transparent", "transparent", "#eef1f4", "#f3f0e6")),
        "label_weight": rng.choice(("400", "400", "700")),
        "label_align": rng.choice(("", "c", "r")),
        "english": layout == "english",
        "group_titles": rng.random() < 0.6,
        "groups": groups,
        "certificates": facts.certificates if rng.random() < 0.6 else (),
        "own_page": rng.random() < 0.4,
        "seals": _seal_block(facts, layout, rng),
    }
    template = "two" if layout == "english" else layout
    return f"form_{template}.html", {"f": form}


@dataclass(frozen=True)
class _Style:
    unit: str
    thousands: bool
    people: str
    dates: int
    ticks: tuple[str, str] | None
    tree: bool
    capital: str
    colon: bool


def _rows(items: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Two items a row, wide ones alone."""
    rows: list[list[dict[str, Any]]] = []
    for item in items:
        if item["wide"] or not rows or len(rows[-1]) == 2 or rows[-1][0]["wide"]:
            rows.append([item])
        else:
            rows[-1].append(item)
    return rows


def _item(key: str, facts: FormFacts, style: _Style, rng: random.Random) -> dict[str, Any] | None:
    if key.startswith("x_"):
        if key not in facts.extras or rng.random() < 0.3:
            return None
        label, _, text = facts.extras[key].partition("=")
        return _cell(key, label, text)
    value = facts.values.get(key)
    if value in (None, "", ()):
        return None
    names = TRACK_LABELS.get(facts.track, {}).get(key) or LABELS[key]
    label = rng.choice(names)
    if key in MONEY:
        return _money_item(key, label, Decimal(value), style)
    if key in COUNTS:
        return _cell(
            key,
            f"{label}（人）" if style.people == "label" else label,
            f"{value}人" if style.people == "人" else str(value),
        )
    if key == "established":
        return _cell(key, label, chinese_date(date.fromisoformat(value), style.dates))
    if key in ("industry", "functions"):
        return _choice_item(key, label, value, style)
    return _cell(key, label, "、".join(value) if isinstance(value, tuple) else str(value))


def _cell(key: str, label: str, value: str, **more: Any) -> dict[str, Any]:
    wide = key in WIDE or len(value) > 20
    return {
        "key": key,
        "label": label,
        "value": value,
        "english": ENGLISH.get(key, ""),
        "wide": wide,
        "options": None,
        "tree": None,
        **more,
    }


def _money_item(key: str, label: str, wan: Decimal, style: _Style) -> dict[str, Any]:
    if key == "registered_capital" and wan == wan.to_integral_value() and style.capital != "figure":
        words = capital_words(int(wan * WAN))
        return _cell(key, label, words if style.capital == "words" else f"{wan.normalize():f}万元（{words}）")
    amount, unit = (wan * WAN, "元") if style.unit == "yuan" else (wan, "万元")
    places = max(0, -int(wan.as_tuple().exponent)) if unit == "万元" else 2
    figure = f"{amount:,.{places}f}" if style.thousands else f"{amount:.{places}f}"
    if style.unit == "cell":
        return _cell(key, label, figure + unit)
    if style.unit == "caption" and key != "registered_capital":
        return _cell(key, label, figure)
    return _cell(key, f"{label}（{unit}）", figure)


def _choice_item(key: str, label: str, value: Any, style: _Style) -> dict[str, Any]:
    programme = load("cciip-2023")
    chosen = (value,) if isinstance(value, str) else tuple(value)
    plain = _cell(key, label, "、".join(chosen))
    if style.ticks is None:
        return plain
    on, off = style.ticks
    if key == "industry":
        names = list(programme.industries)
        return {**plain, "wide": True, "options": {"on": on, "off": off, "choices": [(n, n in chosen) for n in names]}}
    if not style.tree:
        return plain
    groups = [
        (g.name, [(leaf, leaf in chosen) for leaf in g.leaves]) for c in programme.function_groups for g in c.groups
    ]
    return {**plain, "wide": True, "tree": {"on": on, "off": off, "groups": groups}}


def _seal_block(facts: FormFacts, layout: str, rng: random.Random) -> dict[str, Any]:
    later = facts.signed_on + timedelta(days=rng.randint(1, 5))
    blank = rng.random() < 0.15
    return {
        "style": "lines" if layout in ("lines", "sections") else rng.choice(("cells", "cells", "rows")),
        "gap": rng.choice(("0", "3mm", "5mm")),
        "applicant_label": rng.choice(("申报单位（盖章）：", "申报单位（公章）：", "申请单位盖章：")),
        "commerce_label": rng.choice(
            ("当地商务主管部门意见（盖章）", "商务主管部门审核意见", "当地商务主管部门核准意见")
        ),
        "stamp_word": rng.choice(("（盖章）", "（公章）", "盖章：", "单位盖章：")),
        "declaration": rng.choice(
            (
                "本单位承诺所填报信息及提交的材料真实、准确、完整。",
                "我单位声明：以上填报内容属实，如有虚假，愿承担相应责任。",
            )
        ),
        "approval": rng.choice(("经审核，情况属实，同意推荐。", "同意申报。", "经核准，同意推荐该单位参加推介活动。")),
        "date1": "年　　月　　日" if blank else chinese_date(facts.signed_on),
        "date2": "年　　月　　日" if blank else chinese_date(later),
    }
