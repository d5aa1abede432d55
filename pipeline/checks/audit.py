"""The audit report itself: WRONG_PERIOD, AUDIT_OPINION, NOT_CONSOLIDATED; a date it cannot bear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pipeline.checks.audited import counting_report, part_of_year, period_of
from pipeline.checks.case import Case
from pipeline.checks.disagreement import doubt
from pipeline.checks.held import Held
from pipeline.checks.making import failed, finding, not_applicable, passed, unclear
from pipeline.checks.picking import Picked, basis_of, top, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import doubtful, sure
from pipeline.model import Check, DocumentType, FieldValue, FindingCode, Severity, Text

__all__: list[str] = []

_REPORT = DocumentType.AUDIT_REPORT
_OPINIONS = {
    "standard": ("标准无保留意见", "standard unqualified opinion"),
    "emphasis": ("带强调事项段的无保留意见", "unqualified opinion with an emphasis of matter"),
    "qualified": ("保留意见", "qualified opinion"),
    "adverse": ("否定意见", "adverse opinion"),
    "disclaimer": ("无法表示意见", "disclaimer of opinion"),
}


def _asked(case: Case) -> Held | None:
    """The report that counts, in tracks that ask for one."""
    return counting_report(case) if case.rules and case.rules.rule_for(_REPORT) else None


def _fails(
    case: Case,
    code: FindingCode,
    rule_id: str,
    report: Held,
    name: str,
    message: Text,
    *,
    severity: Severity | None = None,
    expected: FieldValue = None,
    found: FieldValue = None,
) -> Check:
    """The report fails a rule about one of its fields: pointed at where the field stands, else at the first page."""
    field = report.document.field(name)
    made = finding(
        case,
        code,
        rule_id,
        basis=basis_of(case, _REPORT),
        message=message,
        where=where(Picked(report, field)) if field else top(report),
        severity=severity,
        field=name,
        expected=expected,
        found=found,
    )
    return failed(rule_id, made)


@rule("{track}.audit.period")
def report_is_of_the_period(case: Case) -> Iterator[Check]:
    """上年度 is the programme's period: an older or a half-year report will not do (DOMAIN §1.4.9)."""
    rule_id, report = f"{case.scope}.audit.period", _asked(case)
    field = report.document.field("period") if report else None
    year = period_of(report) if report else None
    if report is None or field is None:
        yield not_applicable(rule_id)
        return
    period = case.programme.period
    half = part_of_year(report)
    if year == period and not half:
        yield passed(rule_id)
        return
    if year is None or not sure(field) or str(period) in field.alternatives:
        yield doubt(case, rule_id, Picked(report, field), "period", str(period))
        return
    zh_part, en_part = ("的一部分", "part of ") if half else ("", "")
    zh = f"审计报告的期间是 {year} 年度{zh_part}，应为 {period} 年度（上年度）。请寄来该年度审计报告。"
    en = f"The audit report is for {en_part}{year}; the year asked for is {period}. Please send that year's report."
    yield _fails(
        case,
        FindingCode.WRONG_PERIOD,
        rule_id,
        report,
        "period",
        Text(zh=zh, en=en),
        expected=str(period),
        found=str(field.value),
    )


@rule("{track}.audit.date")
def report_date_is_possible(case: Case) -> Iterator[Check]:
    """Signed after the year it reports on, and before it was received: else the date, or its reading, is wrong."""
    rule_id, report = f"{case.scope}.audit.date", _asked(case)
    field = report.document.field("report_date") if report else None
    year = period_of(report) if report else None
    if report is None or field is None or not sure(field) or not isinstance(field.value, str):
        yield not_applicable(rule_id)
        return
    signed = date.fromisoformat(field.value)
    early = year is not None and not part_of_year(report) and signed <= date(year, 12, 31)
    late = case.received_on is not None and signed > case.received_on
    if not early and not late:
        yield passed(rule_id)
        return
    zh = "早于报告期末" if early else "晚于材料收到之日"
    en = "before the year reported on had ended" if early else "after the papers were received"
    message = Text(
        zh=f"审计报告日期为 {field.value}，{zh}。请看原件。",
        en=f"The audit report is dated {field.value}, {en}. Please look at the paper.",
    )
    yield _fails(case, FindingCode.LOW_CONFIDENCE, rule_id, report, "report_date", message, found=field.value)


@rule("{track}.audit.opinion")
def opinion_is_standard(case: Case) -> Iterator[Check]:
    """Anything but a standard unqualified opinion; an emphasis of matter is a warning."""
    rule_id, report = f"{case.scope}.audit.opinion", _asked(case)
    field = report.document.field("opinion") if report else None
    if report is None or field is None or case.programme.policies.opinion_required == "any":
        yield not_applicable(rule_id)
        return
    if field.value is None:
        yield unclear(rule_id)
        return
    if field.value == "standard":
        yield passed(rule_id)
        return
    if not sure(field):
        yield doubt(case, rule_id, Picked(report, field), "opinion", "standard")
        return
    zh, en = _OPINIONS.get(str(field.value), (str(field.value), str(field.value)))
    message = Text(
        zh=f"审计意见为{zh}，不是标准无保留意见。请人工评估，必要时请单位说明。",
        en=f"The auditors gave a {en}, not a standard unqualified one. "
        "Please weigh it, and ask the applicant if need be.",
    )
    yield _fails(
        case,
        FindingCode.AUDIT_OPINION,
        rule_id,
        report,
        "opinion",
        message,
        severity=Severity.WARNING if field.value == "emphasis" else None,
        expected="standard",
        found=str(field.value),
    )


@rule("{track}.audit.consolidated")
def statements_are_consolidated(case: Case) -> Iterator[Check]:
    """Whenever statements stand alone: consolidated ones are needed if there are subsidiaries (letter 一(二)2)."""
    rule_id, report = f"{case.scope}.audit.consolidated", _asked(case)
    if report is None:
        yield not_applicable(rule_id)
        return
    state = _consolidated(report)
    if state is None:
        yield not_applicable(rule_id)
        return
    others = [one for one in case.own(_REPORT) if one is not report]
    if state or any(_consolidated(one) and period_of(one) == case.programme.period for one in others):
        yield passed(rule_id)
        return
    message = Text(
        zh="审计报告只有单体财务报表。如有子公司（以总公司或母公司名义申报），请补寄合并后的财务报表。",
        en="The statements stand alone. If there are subsidiaries (applying as a parent company), "
        "consolidated statements are needed: please send them.",
    )
    yield _fails(
        case, FindingCode.NOT_CONSOLIDATED, rule_id, report, "consolidated", message, expected=True, found=False
    )


def _consolidated(held: Held) -> bool | None:
    """Whether a report holds consolidated statements; None where nothing tells surely."""
    if any(statement.consolidated for statement in held.document.statements):
        return True
    field = held.document.field("consolidated")
    if field is not None and isinstance(field.value, bool):
        trusted = field.value or (sure(field) and not doubtful(field))
        return field.value if trusted else None
    known = [s.consolidated for s in held.document.statements if s.consolidated is not None]
    return False if known and not any(known) else None
