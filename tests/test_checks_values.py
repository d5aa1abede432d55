"""Values on paper against the record: figures, identity, texts; unclear is not wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from checks_builders import (
    CODE,
    NAME,
    OTHER_CODE,
    audit,
    audit_fields,
    brief,
    field,
    findings,
    form,
    form_fields,
    money,
    only,
    outcome,
    park,
    proof,
    record,
    row,
    seal,
    submission,
    supplier,
)
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks import Case, judge
from pipeline.checks.sureness import compare_amount, compare_count
from pipeline.checks.texts import same_address, same_place
from pipeline.model import Field, Outcome, Statement, StatementColumn


def with_field(one: Field, **changes: Any):  # type: ignore[no-untyped-def]
    """The clean supplier with that field on its form."""
    return supplier(form_=form(form_fields(**{one.name: one})), **changes)


# ----------------------------------------------------------------------------------------------------------- figures


def test_a_figure_that_differs() -> None:
    found = only(with_field(money("operating_revenue", "12845.67")))
    assert (found.code, found.severity, found.document, found.field) == (
        "FIGURE_MISMATCH",
        "error",
        "information_form",
        "operating_revenue",
    )
    assert (found.expected, found.found, found.page) == ("123456700.00", "128456700.00", 1)
    assert "12845" in found.message.zh or "128456700.00" in found.message.zh


def test_a_unit_slip_is_named() -> None:
    found = only(with_field(money("registered_capital", "0.5", unit="元", raw="5000")))
    assert found.code == "FIGURE_MISMATCH"
    assert "一万倍" in found.message.zh and "10,000" in found.message.en


def test_the_same_digits_without_any_unit_are_unclear() -> None:
    found = only(with_field(field("registered_capital", "5000.00", raw="5000", unit=None)))
    assert (found.code, found.severity) == ("LOW_CONFIDENCE", "warning")


@pytest.mark.parametrize(
    ("exact", "declared", "verdict"),
    [
        ("80005000.00", "8000.50", "same"),
        ("80004950.00", "8000.50", "same"),  # rounded half up
        ("80004949.99", "8000.50", "different"),
        ("80005099.99", "8000.50", "same"),  # cut off
        ("80005100.00", "8000.50", "different"),
        ("80004999.99", "8000", "same"),
        ("80009999.99", "8000", "same"),
        ("80010000.00", "8000", "different"),
    ],
)
def test_rounded_or_cut_off_at_the_declared_precision(exact: str, declared: str, verdict: str) -> None:
    figure = field("operating_revenue", exact, raw=exact, unit="元")
    assert compare_amount(figure, Decimal(declared)).verdict == verdict


def test_two_readings_of_which_one_is_the_records() -> None:
    unsure = money(
        "operating_revenue", "12845.67", alternatives=("123456700.00",), reasons=("engines_differ",), confidence=0.6
    )
    case = with_field(unsure)
    found = only(case)
    assert (found.code, found.severity, found.field) == ("LOW_CONFIDENCE", "warning", "operating_revenue")
    assert outcome(case, "supplier.form.figure.operating_revenue") is Outcome.UNCLEAR


def test_each_engine_misread_another_digit() -> None:
    unsure = money("operating_revenue", "12845.67", alternatives=("123456701.00",), reasons=("engines_differ",))
    assert only(with_field(unsure)).code == "LOW_CONFIDENCE"


def test_two_readings_neither_of_which_is_the_records() -> None:
    unsure = money(
        "operating_revenue", "99845.67", alternatives=("998466700.00",), reasons=("engines_differ",), confidence=0.6
    )
    assert only(with_field(unsure)).code == "FIGURE_MISMATCH"


def test_an_unparsable_second_reading_is_no_reading() -> None:
    sure_but = money("operating_revenue", "12845.67", alternatives=("1Z845,67.",), reasons=("engines_differ",))
    assert only(with_field(sure_but)).code == "FIGURE_MISMATCH"


def test_a_value_equal_to_the_records_passes_whatever_the_other_reading() -> None:
    assert (
        brief(with_field(money("operating_revenue", "12345.67", alternatives=("9.00",), reasons=("engines_differ",))))
        == []
    )


def test_a_weak_reading_that_differs_is_unclear() -> None:
    assert only(with_field(money("operating_revenue", "17345.67", confidence=0.5))).code == "LOW_CONFIDENCE"


def test_a_cell_that_could_not_be_read_is_said_and_an_empty_one_is_not() -> None:
    assert only(with_field(field("staff", None, raw="6?0", confidence=0.2))).code == "LOW_CONFIDENCE"
    assert brief(with_field(field("staff", None, raw=""))) == []


@pytest.mark.parametrize("name", ["uscc", "name", "legal_representative", "established"])
def test_an_identity_that_could_not_be_read_is_said(name: str) -> None:
    found = only(with_field(field(name, None, raw="", reasons=("unread_ink",), confidence=0.2)))
    assert (found.code, found.field) == ("LOW_CONFIDENCE", name)


def test_counts() -> None:
    found = only(with_field(field("staff", 660)))
    assert (found.code, found.expected, found.found) == ("FIGURE_MISMATCH", 600, 660)
    assert compare_count(field("staff", 600), 600).verdict == "same"


def test_staff_under_another_label_is_not_compared() -> None:
    assert brief(with_field(field("degree_staff", 320, reasons=("other_label:大专以上",)))) == []


def test_foreign_currency_is_never_converted() -> None:
    assert brief(with_field(field("registered_capital", "700.00", raw="700万美元", unit="万美元"))) == []


def test_unknown_in_the_record_or_absent_on_paper_is_not_compared() -> None:
    assert brief(with_field(money("operating_revenue", "999999"), record_=record(operating_revenue=None))) == []
    case = supplier(form_=form(form_fields(offshore_revenue=None)))
    assert brief(case) == []
    assert outcome(case, "supplier.form.figure.offshore_revenue") is Outcome.NOT_APPLICABLE


def test_the_audited_figure_differs() -> None:
    fields = audit_fields(operating_revenue=field("operating_revenue", "113456712.34", unit="元", page=3))
    found = only(supplier(audit_=audit(fields)))
    assert (found.code, found.document, found.field, found.page) == (
        "FIGURE_MISMATCH",
        "audit_report",
        "operating_revenue",
        3,
    )


def test_total_revenue_of_consolidated_statements_may_be_what_was_declared() -> None:
    income = Statement(
        kind="income_statement",
        consolidated=True,
        unit="元",
        pages=(3,),
        columns=(StatementColumn(label="本期", period="2022"), StatementColumn(label="上期", period="2021")),
        rows=(row("一、营业总收入", "123456712.34", "9.00"), row("其中：营业收入", "113456712.34", "9.00")),
    )
    fields = audit_fields(operating_revenue=field("operating_revenue", "113456712.34", unit="元", page=3))
    assert brief(supplier(audit_=audit(fields, statements=(income,)))) == []


def test_outsourcing_revenue_above_the_audited_total() -> None:
    declared = record(operating_revenue=None, outsourcing_revenue=Decimal("20000"))
    fields = form_fields(operating_revenue=None, outsourcing_revenue=money("outsourcing_revenue", "20000"))
    found = only(supplier(form_=form(fields), record_=declared))
    assert (found.code, found.document, found.field) == ("FIGURE_MISMATCH", "audit_report", "outsourcing_revenue")


def _because(case: Case, rule: str) -> str:
    found = next(one for one in judge(case) if one.rule == rule)
    return found.because.zh if found.because else ""


def test_the_report_says_what_outsourcing_revenue_was_measured_by() -> None:
    rule = "supplier.audit.within.outsourcing_revenue"
    assert "只能以营业收入 123456712.34 元为上限" in _because(supplier(), rule)
    split = field("outsourcing_revenue", "80005012.00", raw="80,005,012.00", unit="元", page=7)
    noted = supplier(audit_=audit((*audit_fields(), split)))
    assert "附注单列服务外包收入 80005012.00 元（第 7 页）" in _because(noted, rule)
    assert brief(noted) == []
    assert "按审计报告" in _because(noted, "supplier.criterion.outsourcing_revenue")
    assert "按基本信息表" in _because(supplier(), "supplier.criterion.outsourcing_revenue")


def test_a_split_in_the_notes_that_differs_is_a_mismatch_of_its_own() -> None:
    split = field("outsourcing_revenue", "70005012.00", raw="70,005,012.00", unit="元", page=7)
    found = only(supplier(audit_=audit((*audit_fields(), split))))
    assert (found.code, found.document, found.field, found.page) == (
        "FIGURE_MISMATCH",
        "audit_report",
        "outsourcing_revenue",
        7,
    )


@pytest.mark.parametrize(("declared", "said"), [("1.234567", "一万倍"), ("123456.70", "十倍"), ("12.35", "千倍")])
def test_a_unit_slip_is_named_even_where_the_declared_figure_is_rounded(declared: str, said: str) -> None:
    case = supplier(record_=record(operating_revenue=Decimal(declared), outsourcing_revenue=None))
    slips = [one for one in findings(case) if (one.document, one.field) == ("audit_report", "operating_revenue")]
    assert [one.code for one in slips] == ["FIGURE_MISMATCH"]
    assert said in slips[0].message.zh


def test_the_newest_document_counts() -> None:
    first = submission(form(form_fields(staff=field("staff", 601))), audit(), *supplier().newest.documents[2:])
    later = submission(form(), envelope="env-0002.pdf", sha256="2" * 64)
    assert brief(replace(supplier(), submissions=(first, later))) == []
    assert [one[0] for one in brief(replace(supplier(), submissions=(later, first)))] == ["FIGURE_MISMATCH"]


# ---------------------------------------------------------------------------------------------------------- identity


def test_another_name_on_the_form() -> None:
    other = "杭州智云软件股份有限公司"
    fields = form_fields(name=field("name", other))
    seals = (seal(other, "applicant"), *form().seals[1:])
    found = only(supplier(form_=form(fields, seals=seals, subject=other)))
    assert (found.code, found.severity, found.field) == ("IDENTITY_MISMATCH", "error", "name")


def test_brackets_spaces_and_width_do_not_count() -> None:
    declared = record(name="杭州智云（中国）软件有限公司")
    printed = "杭州智云(中国) 软件有限公司"
    case = supplier(
        record_=declared,
        form_=form(form_fields(name=field("name", printed)), seals=(seal(printed, "applicant"), *form().seals[1:])),
        audit_=audit(audit_fields(company_name=field("company_name", printed, page=2))),
        others=(),
    )
    assert [one for one in brief(case) if one[0] != "MISSING_DOCUMENT"] == []


def test_the_form_of_the_company_is_a_warning() -> None:
    found = only(with_field(field("name", "杭州智云软件有限责任公司")))
    assert (found.code, found.severity, found.field) == ("IDENTITY_MISMATCH", "warning", "name")


def test_a_former_name_passes_with_a_warning() -> None:
    old = "杭州智云网络技术有限公司"
    case = supplier(
        audit_=audit(audit_fields(company_name=field("company_name", old, page=2)), subject=old),
        record_=record(previous_names=(old,)),
    )
    found = only(case)
    assert (found.code, found.severity, found.document) == ("IDENTITY_MISMATCH", "warning", "audit_report")
    assert outcome(case, "supplier.audit.identity.company_name") is Outcome.PASS


def test_a_parks_brand_and_its_legal_person() -> None:
    assert brief(park()) == []


def test_another_code() -> None:
    found = only(with_field(field("uscc", OTHER_CODE)))
    assert (found.code, found.field, found.expected, found.found) == ("IDENTITY_MISMATCH", "uscc", CODE, OTHER_CODE)


def test_a_code_that_fails_its_check_digit() -> None:
    wrong = CODE[:-1] + "C"
    found = only(with_field(field("uscc", wrong)))
    assert (found.code, found.severity, found.field, found.found) == ("INVALID_IDENTIFIER", "error", "uscc", wrong)


def test_an_old_code_that_fails_its_check_is_no_error_where_the_record_has_it() -> None:
    old = "91350100M0001TGQXM"
    assert brief(with_field(field("uscc", old), record_=record(uscc=old))) == []


def test_a_code_read_weakly_is_unclear() -> None:
    assert only(with_field(field("uscc", CODE[:-1] + "C", confidence=0.6))).code == "LOW_CONFIDENCE"
    engines = field("uscc", CODE[:-1] + "C", alternatives=(CODE,), reasons=("engines_differ",), confidence=0.6)
    assert only(with_field(engines)).code == "LOW_CONFIDENCE"


def test_a_repaired_code_passes_unless_both_engines_read_the_same_wrong_one() -> None:
    wrong = CODE[:-1] + "8"
    assert brief(with_field(field("uscc", CODE, reasons=(f"repaired:{wrong}",)))) == []
    found = only(with_field(field("uscc", CODE, reasons=(f"repaired:{wrong}",), alternatives=(wrong,))))
    assert (found.code, found.found) == ("INVALID_IDENTIFIER", wrong)


def test_legal_representative_and_date() -> None:
    found = only(with_field(field("legal_representative", "赵大海")))
    assert (found.code, found.field) == ("IDENTITY_MISMATCH", "legal_representative")
    assert only(with_field(field("legal_representative", "赵大海", confidence=0.5))).code == "LOW_CONFIDENCE"
    found = only(with_field(field("established", "2011-05-06")))
    assert (found.code, found.field, found.expected) == ("IDENTITY_MISMATCH", "established", "2010-05-06")


def test_a_licence_is_compared_too() -> None:
    licence = proof(NAME, type="business_licence")
    licence = licence.model_copy(update={"fields": (*licence.fields, field("legal_representative", "赵大海", page=2))})
    found = only(supplier(others=(*supplier().newest.documents[2:], licence)))
    assert (found.code, found.document, found.field) == (
        "IDENTITY_MISMATCH",
        "business_licence",
        "legal_representative",
    )


# ------------------------------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "浙江省杭州市西湖区文三路100号"),
        ("contact", "孙强"),
        ("mobile", "13900139000"),
        ("email", "other@zhiyun.cn"),
        ("industry", "制造"),
        ("headquarters", "江苏省南京市"),
        ("delivery_location", "广东省深圳市"),
        ("functions", ("云计算", "大数据")),
        ("application_no", "CCIIP2023S00777"),
    ],
)
def test_texts_that_differ(name: str, value: Any) -> None:
    found = only(with_field(field(name, value)))
    assert (found.code, found.severity, found.document, found.field) == (
        "TEXT_MISMATCH",
        "warning",
        "information_form",
        name,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "杭州市余杭区文一西路969号3幢5层"),
        ("address", "余杭区文一西路 ９６９ 号 3 幢 5 层"),
        ("address", "文一西路969号3幢五层"),
        ("headquarters", "中国杭州"),
        ("headquarters", "浙江省"),
        ("mobile", "+86 138-0013-8000"),
        ("email", "LiLi@zhiyun.cn"),
        ("functions", ("IT 解决方案", "云计算")),
        ("industry", ("信息服务业", "制造")),
    ],
)
def test_texts_that_are_the_same_in_other_words(name: str, value: Any) -> None:
    assert brief(with_field(field(name, value))) == []


def test_a_text_nearly_read_is_nothing_to_say_and_one_read_badly_is() -> None:
    case = with_field(field("address", "浙江省杭州市余杭区文一西蹈969号3幢5层", confidence=0.8))
    assert brief(case) == []
    assert outcome(case, "supplier.form.text.address") is Outcome.UNCLEAR
    assert only(with_field(field("contact", "孙强", confidence=0.5))).code == "LOW_CONFIDENCE"


def test_another_house_number_is_another_address() -> None:
    assert same_address("杭州市文一西路969号", "杭州市文一西路967号") == "different"
    assert same_address("北京市朝阳区建国路1号", "上海市静安区建国路1号") == "different"
    assert same_address("北京市朝阳区建国路1号", "朝阳区建国路1号") == "same"
    assert same_place("北京", "北京市朝阳区") == "same"
    assert same_place("北京市", "上海市") == "different"


@given(st.text(alphabet="浙江省杭州市余区文一西路0123456789号幢层 ", min_size=0, max_size=30))
def test_an_address_is_the_same_as_itself(text: str) -> None:
    assert same_address(text, text) == "same"


@given(
    st.decimals(min_value=0, max_value=10**7, places=4, allow_nan=False, allow_infinity=False),
    st.integers(min_value=0, max_value=4),
)
def test_every_figure_stands_for_itself_rounded(exact: Decimal, places: int) -> None:
    declared = exact.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    yuan = exact * 10_000
    assert compare_amount(field("staff", f"{yuan:.2f}", raw=f"{yuan:.2f}", unit="元"), declared).verdict == "same"
