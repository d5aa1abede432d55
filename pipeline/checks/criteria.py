"""推介标准 (letter 一(一)): BELOW_THRESHOLD, from sure figures only, in 元 with Decimal, never by a rounded 人均.

Reading A of DOMAIN §1.3: the revenue criterion always binds; under 300 heads the revenue a head takes the place of the
head count. A figure exactly at its bound passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from pipeline.checks.audited import counting_report, period_of
from pipeline.checks.case import Case
from pipeline.checks.disagreement import doubt
from pipeline.checks.figures import disputed
from pipeline.checks.making import Where, failed, finding, not_applicable, passed, unclear
from pipeline.checks.picking import Picked, pick, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import WAN, amount_of, count_of, stands_for, sure, yuan
from pipeline.checks.wording import document_name, field_name
from pipeline.model import Check, DocumentType, Finding, FindingCode, Text
from pipeline.values.names import core, region_of

__all__ = ["Figure", "head_count", "revenue"]

_FORM = DocumentType.INFORMATION_FORM
CENT = Decimal("0.01")
BORDERLINE = Decimal("0.005")  # of the bound: that near, the message says so


@dataclass(frozen=True)
class Figure:
    """A figure that counts: its value (yuan, or heads), whether nothing speaks against it, where it stands."""

    value: Decimal
    sure: bool
    picked: Picked | None = None


def _applies(case: Case) -> bool:
    return case.track in case.programme.criteria.tracks


def revenue(case: Case) -> Figure | None:
    """服务外包业务收入 from its most exact source: the audit report's notes, else the form, else the record alone.

    The exact figure replaces the declared one only where the two stand for the same amount; a difference is said
    elsewhere and leaves the criterion open.
    """
    declared = case.record.outsourcing_revenue if case.record else None
    audited = _audited(case)
    if audited is not None and (declared is None or stands_for(audited.value, CENT, declared)):
        return audited
    picked = pick(case, "outsourcing_revenue", _FORM)
    value = amount_of(picked.field) if picked else None
    if picked is None or value is None:
        return Figure(declared * WAN, True, picked) if declared is not None else None
    if declared is None:
        return Figure(value, sure(picked.field), picked)
    if disputed(case, "outsourcing_revenue"):
        return Figure(value, False, picked)
    return Figure(min(value, declared * WAN), True, picked) if value != declared * WAN else Figure(value, True, picked)


def _audited(case: Case) -> Figure | None:
    report = counting_report(case)
    field = report.document.field("outsourcing_revenue") if report else None
    value = amount_of(field) if field else None
    if report is None or field is None or value is None or not sure(field):
        return None
    return Figure(value, True, Picked(report, field)) if period_of(report) == case.programme.period else None


def head_count(case: Case) -> Figure | None:
    """从事服务外包业务员工人数 from form and record; open where they differ."""
    name = case.programme.policies.per_head_staff
    return _count(case, name)


def _count(case: Case, name: str) -> Figure | None:
    declared: int | None = getattr(case.record, name) if case.record else None
    picked = pick(case, name, _FORM)
    count = count_of(picked.field) if picked else None
    if picked is None or count is None:
        return Figure(Decimal(declared), True, picked) if declared is not None else None
    certain = sure(picked.field) if declared is None else not disputed(case, name)
    return Figure(Decimal(count), certain, picked)


# ---------------------------------------------------------------------------------------------------- the criteria


@rule("{track}.criterion.outsourcing_revenue")
def enough_revenue(case: Case) -> Iterator[Check]:
    """一(一)2: 年外包业务收入不低于 3000 万人民币."""
    if not _applies(case):
        return
    rule_id, bound = f"{case.scope}.criterion.outsourcing_revenue", case.programme.criteria.outsourcing_revenue
    figure = revenue(case)
    if figure is None:
        yield not_applicable(rule_id)
    elif not figure.sure:
        yield _open(case, rule_id, figure, "outsourcing_revenue")
    elif figure.value >= bound:
        near = figure.value - bound <= bound * BORDERLINE
        source = _source(figure)
        edge = Text(zh="，临界", en=", borderline") if near else Text(zh="", en="")
        because = Text(
            zh=f"按{source.zh}为 {yuan(figure.value)} 元{edge.zh}。",
            en=f"{yuan(figure.value)} yuan by {source.en}{edge.en}.",
        )
        yield passed(rule_id, because=because)
    else:
        yield failed(rule_id, _below(case, rule_id, figure, "outsourcing_revenue", yuan(bound), yuan(figure.value)))


def _source(figure: Figure) -> Text:
    """Which paper the figure is taken from: the most exact one there is (DOMAIN §5)."""
    if figure.picked is None:
        return Text(zh="网上申报", en="the online record")
    return document_name(figure.picked.held.type)


@rule("{track}.criterion.size")
def large_enough(case: Case) -> Iterator[Check]:
    """一(一)3 and 4: at least 300 heads, or, below that, 350,000 yuan a head: R ≥ 350000 × N."""
    if not _applies(case):
        return
    rule_id, criteria = f"{case.scope}.criterion.size", case.programme.criteria
    heads, income = _count(case, "outsourcing_staff"), revenue(case)
    if heads is None or heads.value <= 0:
        yield not_applicable(rule_id)
        return
    if heads.sure and heads.value >= criteria.outsourcing_staff:
        yield passed(rule_id)
        return
    divisor = heads if case.programme.policies.per_head_staff == "outsourcing_staff" else head_count(case)
    if not heads.sure:
        yield _open(case, rule_id, heads, "outsourcing_staff")
    elif income is None or divisor is None or divisor.value <= 0:
        yield unclear(rule_id)
    elif not income.sure or not divisor.sure:
        yield _open(case, rule_id, income if not income.sure else divisor, "outsourcing_revenue")
    elif income.value >= criteria.revenue_per_head * divisor.value:
        yield passed(rule_id)
    else:
        each = (income.value / divisor.value).quantize(CENT, rounding=ROUND_DOWN)  # never rounded up to the bound
        made = _below(case, rule_id, heads, "revenue_per_head", yuan(criteria.revenue_per_head), yuan(each))
        yield failed(rule_id, made)


def _open(case: Case, rule_id: str, figure: Figure, name: str) -> Check:
    """The figure is not sure: where it differs from the record another finding says so already."""
    if figure.picked is None or (case.record and getattr(case.record, name, None) is not None):
        return unclear(rule_id)
    return doubt(case, rule_id, figure.picked, name)


def _basis(case: Case, name: str) -> str:
    criteria = case.programme.criteria
    return {
        "outsourcing_revenue": criteria.outsourcing_revenue_basis,
        "outsourcing_staff": criteria.outsourcing_staff_basis,
        "revenue_per_head": criteria.revenue_per_head_basis,
        "location": criteria.location_basis,
    }[name]


def _below(case: Case, rule_id: str, figure: Figure, name: str, expected: str, found: str) -> Finding:
    what = field_name(name)
    heads = f"（从事服务外包人员 {figure.value} 人，不足 300 人，按人均计）" if name == "revenue_per_head" else ""
    heads_en = f" ({figure.value} outsourcing staff, under 300, so revenue a head counts)" if heads else ""
    short = Decimal(expected) - Decimal(found)
    near = "（临界，请人工复核）" if short <= Decimal(expected) * BORDERLINE else ""
    near_en = " (borderline: please look again)" if near else ""
    message = Text(
        zh=f"{what.zh}为 {found} 元，低于标准 {expected} 元{heads}{near}。请核对数据是否有误。",
        en=f"{what.en} is {found} yuan, below the {expected} yuan asked for{heads_en}{near_en}. "
        "Please check the figures.",
    )
    return _criterion(case, rule_id, figure.picked, name, expected, found, message)


def _criterion(
    case: Case, rule_id: str, picked: Picked | None, name: str, expected: str, found: str, message: Text
) -> Finding:
    return finding(
        case,
        FindingCode.BELOW_THRESHOLD,
        rule_id,
        basis=_basis(case, name),
        message=message,
        where=_on_form(case, picked),
        document=_FORM,
        field=name,
        expected=expected,
        found=found,
    )


def _on_form(case: Case, picked: Picked | None) -> Where:
    """Where the figure stands; CONTRACT lists these findings under the form."""
    if picked is not None:
        return where(picked) if picked.held.type is _FORM else _on_form(case, pick(case, picked.field.name, _FORM))
    return Where(case.form) if case.form else Where()


# -------------------------------------------------------------------------------------------------------- location

_ABROAD = re.compile(
    r"美国|日本|韩国|英国|德国|法国|印度|新加坡|加拿大|澳大利亚|新西兰|荷兰|爱尔兰|瑞士|瑞典|芬兰|挪威|丹麦|西班牙|意大利|俄罗斯|越南|泰国|"
    r"马来西亚|菲律宾|印度尼西亚|巴西|墨西哥|以色列|阿联酋|开曼|百慕大|维尔京|卢森堡|比利时|奥地利|波兰|捷克|南非|埃及|境外|海外|国外|"
    r"USA|UnitedStates|UnitedKingdom|Singapore|Japan|India|Ireland|Cayman|Bermuda|Germany",
    re.IGNORECASE,
)
_APART = re.compile(r"香港|澳门|台湾|HongKong|Macau|Macao|Taiwan", re.IGNORECASE)
_CHINA = re.compile(r"中国|中华人民共和国|境内|大陆|China", re.IGNORECASE)


def _is_abroad(place: str) -> bool | None:
    """True outside China, False inside, None where it cannot be told (or 港澳台 under a policy that leaves it open)."""
    text = core(place)
    if _APART.search(text):
        return None
    inside = bool(region_of(place).province or _CHINA.search(text) or re.search(r"[省市区县]", text))
    if _ABROAD.search(text) and not re.search(r"[\u4e00-\u9fff]{2}[省市]", text):
        return not _CHINA.search(text)
    return False if inside else None


@rule("{track}.criterion.location")
def located_in_china(case: Case) -> Iterator[Check]:
    """一(一)1: 企业总部和业务交付主体在中国."""
    if not _applies(case):
        return
    rule_id = f"{case.scope}.criterion.location"
    places = [place for name in ("headquarters", "delivery_location") if (place := _place(case, name)) is not None]
    if not places:
        yield not_applicable(rule_id)
        return
    abroad = [(name, text, picked) for name, text, picked in places if _is_abroad(text)]
    if abroad:
        name, text, picked = abroad[0]
        what = field_name(name)
        message = Text(
            zh=f"{what.zh}为“{text}”，不在中国。推介标准要求企业总部和业务交付主体在中国。请核对。",
            en=f"{what.en} is {text}, outside China; headquarters and delivery must be in China. Please check.",
        )
        yield failed(rule_id, _criterion(case, rule_id, picked, "location", "中国", text, message))
    elif any(_is_abroad(text) is None for _, text, _ in places):
        yield unclear(rule_id)
    else:
        yield passed(rule_id)


def _place(case: Case, name: str) -> tuple[str, str, Picked | None] | None:
    """What the record says, else the form. Where they differ by country, TEXT_MISMATCH says so, nothing else."""
    declared: str = getattr(case.record, name) if case.record else ""
    picked = pick(case, name, _FORM)
    printed = str(picked.field.value) if picked and picked.field.value and sure(picked.field) else ""
    if declared and printed and _is_abroad(declared) is not _is_abroad(printed):
        return None
    text = declared or printed
    return (name, text, picked) if text else None
