"""Figures on paper against the online record: revenues, capital, staff (FIGURE_MISMATCH)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pipeline.checks.audited import counting_report, period_of, revenues_of
from pipeline.checks.case import Case
from pipeline.checks.disagreement import differs, doubt
from pipeline.checks.making import failed, finding, not_applicable, passed
from pipeline.checks.picking import Picked, basis_of, key_of, pick, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import (
    WAN,
    Comparison,
    amount_of,
    compare_amount,
    compare_count,
    stands_for,
    sure,
    yuan,
)
from pipeline.model import Check, DocumentType, Field, FieldValue, FindingCode, Text

__all__ = ["AMOUNTS", "COUNTS", "disputed"]

AMOUNTS = ("registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue")
COUNTS = ("staff", "outsourcing_staff", "degree_staff")
_LICENCES = (DocumentType.BUSINESS_LICENCE, DocumentType.LEGAL_PERSON_PROOF)
_PLACES: tuple[tuple[DocumentType, tuple[str, ...]], ...] = (
    (DocumentType.INFORMATION_FORM, (*AMOUNTS, *COUNTS)),
    (DocumentType.AUDIT_REPORT, ("operating_revenue", "outsourcing_revenue")),
    *((licence, ("registered_capital",)) for licence in _LICENCES),
)
_SLIPS = {
    1: "十倍",
    2: "百倍",
    3: "千倍（千元与元）",
    4: "一万倍（万元与元）",
    5: "十万倍",
    6: "百万倍（百万元与元）",
    7: "千万倍",
    8: "一亿倍（亿元与元）",
}


def _declared(case: Case, name: str) -> Decimal | int | None:
    """The record's figure: 万元 for money, a number of people for staff."""
    value = getattr(case.record, name, None) if case.record else None
    return value if isinstance(value, Decimal | int) else None


def compare(case: Case, picked: Picked, name: str) -> Comparison:
    """A figure on paper with the record's."""
    declared = _declared(case, name)
    if _under_another_label(picked.field):
        return Comparison("same" if _plainly_equal(picked.field, declared) else "absent")
    if name in COUNTS:
        return compare_count(picked.field, declared if isinstance(declared, int) else None)
    amount = declared if isinstance(declared, Decimal) else None
    outcome = compare_amount(picked.field, amount)
    if (
        amount is not None
        and outcome.verdict in ("different", "unsure")
        and _is_total_revenue(case, picked, name, amount)
    ):
        return Comparison("same")
    return outcome


def _under_another_label(field: Field) -> bool:
    """Printed under a label that means something near, not the same (CONTRACT: staff under the same label only)."""
    return any(reason.startswith("other_label") for reason in field.reasons)


def _plainly_equal(field: Field, declared: Decimal | int | None) -> bool:
    if isinstance(declared, Decimal):
        return compare_amount(field, declared).verdict == "same"
    return compare_count(field, declared).verdict == "same"


def _is_total_revenue(case: Case, picked: Picked, name: str, declared: Decimal) -> bool:
    """Consolidated statements show 营业总收入 and 营业收入: what was declared may be either."""
    if picked.held.type is not DocumentType.AUDIT_REPORT or name != "operating_revenue":
        return False
    return any(
        stands_for(value, Decimal("0.01"), declared) for value in revenues_of(picked.held, case.programme.period)
    )


def _picked(case: Case, type_: DocumentType, name: str) -> Picked | None:
    if type_ is not DocumentType.AUDIT_REPORT:
        return pick(case, name, type_)
    report = counting_report(case)
    field = report.document.field(name) if report else None
    wrong_year = report is not None and period_of(report) not in (None, case.programme.period)
    return Picked(report, field) if report and field and not wrong_year else None


def disputed(case: Case, name: str) -> bool:
    """Whether paper and record differ about a figure, or may: then no further rule builds on it."""
    picked = pick(case, name, DocumentType.INFORMATION_FORM)
    return picked is not None and compare(case, picked, name).verdict in ("different", "unsure")


@rule("{track}.{document}.figure.{field}")
def figures_agree(case: Case) -> Iterator[Check]:
    """Every figure on paper is the record's, rounded or cut off at most."""
    for type_, names in _PLACES:
        for name in names:
            if case.rules and case.rules.rule_for(type_) is None and type_ not in _LICENCES:
                continue
            yield _figure(case, type_, name)


def _figure(case: Case, type_: DocumentType, name: str) -> Check:
    rule_id = f"{case.scope}.{key_of(case, type_)}.figure.{name}"
    declared, picked = _declared(case, name), _picked(case, type_, name)
    if declared is None or picked is None:
        return not_applicable(rule_id)
    outcome = compare(case, picked, name)
    if outcome.verdict == "absent":
        return not_applicable(rule_id)
    if outcome.verdict == "same":
        return passed(rule_id)
    expected, found = _shown(declared), _found(picked)
    if outcome.verdict == "unsure":
        return doubt(case, rule_id, picked, name, expected, found=found)
    unit = Text(zh=" 人", en=" people") if name in COUNTS else Text(zh=" 元", en=" yuan")
    return differs(
        case,
        FindingCode.FIGURE_MISMATCH,
        rule_id,
        picked,
        name,
        expected,
        found=found,
        unit=unit,
        besides=_slip(outcome),
    )


def _shown(declared: Decimal | int) -> str | int:
    """In yuan, as the paper's value; a count plain."""
    return yuan(declared * WAN) if isinstance(declared, Decimal) else declared


def _found(picked: Picked) -> FieldValue:
    amount = amount_of(picked.field)
    return yuan(amount) if amount is not None and isinstance(picked.field.value, str) else picked.field.value


def _slip(outcome: Comparison) -> Text:
    """Says so where the two differ by their unit alone (DOMAIN §5)."""
    if not outcome.slip:
        return Text(zh="", en="")
    power = abs(outcome.slip)
    return Text(
        zh=f"两者正好相差{_SLIPS[power]}，可能是单位写错。",
        en=f"They differ by a factor of exactly {10**power:,}: perhaps the unit is wrong. ",
    )


@rule("{track}.audit.within.outsourcing_revenue")
def outsourcing_within_audited(case: Case) -> Iterator[Check]:
    """Audited 营业收入 is an upper bound for 服务外包业务收入 (DOMAIN §3.8).

    Silent where 营业收入 itself was declared: then comparing that figure, or the form's own sums, says it already.
    """
    if case.track != "supplier" or not case.programme.policies.outsourcing_within_audited:
        return
    rule_id = f"{case.scope}.audit.within.outsourcing_revenue"
    declared = _declared(case, "outsourcing_revenue")
    total = _picked(case, DocumentType.AUDIT_REPORT, "operating_revenue")
    audited = amount_of(total.field) if total else None
    if total is None or audited is None or not isinstance(declared, Decimal) or not sure(total.field):
        yield not_applicable(rule_id)
        return
    upper = max((audited, *revenues_of(total.held, case.programme.period)))
    because = _measured_by(case, upper)
    said_elsewhere = _declared(case, "operating_revenue") is not None
    if declared * WAN <= upper:
        yield passed(rule_id, because=because)
        return
    if said_elsewhere or stands_for(upper, Decimal("0.01"), declared):
        yield not_applicable(rule_id, because=because)
        return
    expected, found = yuan(declared * WAN), yuan(upper)
    yield failed(
        rule_id,
        finding(
            case,
            FindingCode.FIGURE_MISMATCH,
            rule_id,
            basis=basis_of(case, DocumentType.AUDIT_REPORT),
            message=Text(
                zh=f"申报的服务外包业务收入 {expected} 元，大于审计报告的营业收入 {found} 元。{because.zh}"
                "请核对后更正。",
                en=f"The declared outsourcing revenue of {expected} yuan is more than the audited operating revenue of "
                f"{found} yuan. {because.en} Please correct it.",
            ),
            where=where(total),
            field="outsourcing_revenue",
            expected=expected,
            found=found,
        ),
    )


def _measured_by(case: Case, upper: Decimal) -> Text:
    """What the audit report says about outsourcing revenue: a split of its own in the notes, or only an upper bound."""
    split = _picked(case, DocumentType.AUDIT_REPORT, "outsourcing_revenue")
    amount = amount_of(split.field) if split else None
    if split is not None and amount is not None:
        return Text(
            zh=f"审计报告附注单列服务外包收入 {yuan(amount)} 元（第 {split.field.page} 页），以此核对。",
            en=f"The audit report's notes give outsourcing revenue as {yuan(amount)} yuan (page {split.field.page}): "
            "compared with that.",
        )
    return Text(
        zh=f"审计报告未单列服务外包收入，只能以营业收入 {yuan(upper)} 元为上限核对。",
        en=f"The audit report does not give outsourcing revenue by itself: only its operating revenue of {yuan(upper)} "
        "yuan bounds it.",
    )
