"""Documents, audit report, sums, criteria, certificates, envelope: each code, each sentence of the Judgement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from checks_builders import (
    CODE,
    NAME,
    OTHER_CODE,
    PROGRAMME,
    audit,
    audit_fields,
    balance_sheet,
    brief,
    copyright_,
    field,
    findings,
    form,
    form_fields,
    iso,
    money,
    only,
    outcome,
    page,
    park,
    proof,
    record,
    row,
    seal,
    statement,
    submission,
    supplier,
)
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks import Case, Duplicate, judge
from pipeline.checks.arithmetic import bare_item
from pipeline.model import (
    Certificate,
    Document,
    DocumentType,
    FindingCode,
    Outcome,
    Quality,
    Severity,
    Statement,
    StatementColumn,
)

STRANGER = "南京海风信息技术有限公司"


# --------------------------------------------------------------------------------------------------------- documents


def test_a_required_document_is_missing() -> None:
    case = replace(supplier(), submissions=(submission(form(), iso(), copyright_()),))
    found = only(case)
    assert (found.code, found.severity, found.document, found.basis) == (
        "MISSING_DOCUMENT",
        "error",
        "audit_report",
        "letter 一(二)2",
    )


def test_parks_and_schools_need_proof_and_statement() -> None:
    case = park(documents=(park().newest.documents[0],))
    assert [(one.code, one.document, one.basis) for one in findings(case)] == [
        ("MISSING_DOCUMENT", "legal_person_proof", "letter 二2"),
        ("MISSING_DOCUMENT", "supporting_statement", "letter 二3"),
    ]


def test_missing_is_only_a_warning_where_a_page_could_not_be_read() -> None:
    sent = submission(form(), iso(), copyright_())
    pages = (*sent.pages[:-1], page(8, kind="unreadable", problem="the picture is damaged"))
    case = replace(supplier(), submissions=(sent.model_copy(update={"pages": pages}),))
    assert [one[:3] for one in brief(case)] == [
        ("MISSING_DOCUMENT", "warning", "audit_report"),
        ("UNREADABLE_PAGE", "warning", None),
    ]
    assert outcome(case, "supplier.audit.present") is Outcome.UNCLEAR


def test_an_unknown_paper_may_be_the_statement() -> None:
    other = Document(type=DocumentType.OTHER, pages=(3,), confidence=0.4)
    case = park(documents=(*park().newest.documents[:2], other))
    assert {one[:2] for one in brief(case)} == {("MISSING_DOCUMENT", "warning"), ("UNKNOWN_DOCUMENT", "info")}


def test_a_sealed_unknown_paper_may_be_the_proof_or_a_certificate() -> None:
    other = Document(
        type=DocumentType.OTHER, pages=(6,), confidence=0.4, seals=(seal("某某认证有限公司", "issuer", page=6),)
    )
    assert sorted(one[:2] for one in brief(supplier(others=(iso(), other)))) == [
        ("MISSING_DOCUMENT", "warning"),
        ("UNKNOWN_DOCUMENT", "info"),
    ]


def test_an_unknown_paper_is_information() -> None:
    other = Document(type=DocumentType.OTHER, pages=(6,), confidence=0.4)
    found = only(supplier(others=(iso(), copyright_(), other)))
    assert (found.code, found.severity, found.document) == ("UNKNOWN_DOCUMENT", "info", "other")


def test_a_statement_is_missing_from_the_report() -> None:
    found = only(supplier(audit_=audit(lacks=("cash_flow",))))
    assert (found.code, found.severity, found.document, found.field) == (
        "INCOMPLETE_DOCUMENT",
        "warning",
        "audit_report",
        "cash_flow",
    )


def test_a_missing_part_that_came_later_is_not_missing() -> None:
    first = submission(form(), audit(lacks=("cash_flow",)), iso(), copyright_())
    later = submission(audit(parts=("cash_flow",)), envelope="env-0002.pdf", sha256="2" * 64)
    assert brief(replace(supplier(), submissions=(first, later))) == []


def test_the_form_without_its_stamped_page_is_incomplete_not_unsealed() -> None:
    found = only(supplier(form_=form(seals=(), places=(), lacks=("page 2",))))
    assert (found.code, found.field) == ("INCOMPLETE_DOCUMENT", "page 2")


def test_a_special_report_is_not_the_annual_one() -> None:
    found = only(supplier(audit_=audit(remarks=("special_purpose",))))
    assert (found.code, found.field) == ("INCOMPLETE_DOCUMENT", "annual_report")


# -------------------------------------------------------------------------------------------------------- foreigners


def test_a_strangers_report_is_foreign_and_nothing_else() -> None:
    report = audit(audit_fields(company_name=field("company_name", STRANGER, page=2)), subject=STRANGER, seals=())
    case = supplier(audit_=report)
    found = only(case)
    assert (found.code, found.severity, found.document, found.found) == (
        "FOREIGN_DOCUMENT",
        "error",
        "audit_report",
        STRANGER,
    )
    assert outcome(case, "supplier.audit.present") is Outcome.FAIL


def test_a_strangers_certificate_instead_of_the_declared_one() -> None:
    case = supplier(others=(iso("99910Q10286R0S", STRANGER), copyright_()))
    assert brief(case) == [("FOREIGN_DOCUMENT", "error", "iso_certificate", None)]


def test_a_strangers_form_beside_the_own_one() -> None:
    fields = form_fields(
        name=field("name", STRANGER), uscc=field("uscc", OTHER_CODE), application_no=field("application_no", "X")
    )
    case = supplier(others=(iso(), copyright_(), form(fields, subject=STRANGER, seals=())))
    assert brief(case) == [("FOREIGN_DOCUMENT", "error", "information_form", None)]


def test_a_name_read_weakly_is_nobody_elses() -> None:
    weak = field("company_name", "抗州智去软牛有跟公司", page=2, confidence=0.6)
    assert brief(supplier(audit_=audit(audit_fields(company_name=weak)))) == []


def test_the_title_of_a_software_is_nobodys_name() -> None:
    titled = Document(
        type=DocumentType.SOFTWARE_COPYRIGHT,
        pages=(6,),
        confidence=0.9,
        subject="智云数据运营中心",
        fields=(field("name", "智云数据运营中心", page=6), field("certificate_no", "2018SR0000001", page=6)),
    )
    assert brief(supplier(others=(iso(), copyright_(), titled))) == []


def test_an_english_holder_says_nothing() -> None:
    cmmi = Document(
        type=DocumentType.CMMI_CERTIFICATE,
        pages=(6,),
        confidence=0.9,
        fields=(field("holder", "Hangzhou Zhiyun Software Co., Ltd.", page=6),),
    )
    assert brief(supplier(others=(iso(), copyright_(), cmmi))) == []


def test_the_forms_own_name_is_accepted_without_a_record() -> None:
    case = replace(supplier(), record=None)
    assert [one[0] for one in brief(case)] == ["NO_ONLINE_RECORD"]


# ------------------------------------------------------------------------------------------------------------- audit


def test_a_report_of_another_year() -> None:
    fields = audit_fields(
        period=field("period", 2021, page=2),
        operating_revenue=field("operating_revenue", "1.00", unit="元", page=3),
    )
    found = only(supplier(audit_=audit(fields)))
    assert (found.code, found.severity, found.field, found.expected, found.found) == (
        "WRONG_PERIOD",
        "error",
        "period",
        "2022",
        "2021",
    )


def test_last_years_report_beside_the_right_one() -> None:
    old = audit(audit_fields(period=field("period", 2021, page=6)), seals=(), pages=(6,))
    assert brief(supplier(others=(iso(), copyright_(), old))) == []


def test_an_unsure_year_is_unclear() -> None:
    fields = audit_fields(period=field("period", 2021, page=2, confidence=0.5))
    assert only(supplier(audit_=audit(fields))).code == "LOW_CONFIDENCE"


@pytest.mark.parametrize(
    ("opinion", "severity"),
    [("emphasis", "warning"), ("qualified", "error"), ("adverse", "error"), ("disclaimer", "error")],
)
def test_opinions(opinion: str, severity: str) -> None:
    found = only(supplier(audit_=audit(audit_fields(opinion=field("opinion", opinion, page=2)))))
    assert (found.code, found.severity, found.field, found.found) == ("AUDIT_OPINION", severity, "opinion", opinion)


def test_statements_that_stand_alone() -> None:
    fields = audit_fields(consolidated=field("consolidated", False, page=2))
    found = only(supplier(audit_=audit(fields, statements=(balance_sheet(consolidated=False),))))
    assert (found.code, found.severity, found.field) == ("NOT_CONSOLIDATED", "warning", "consolidated")
    assert "子公司" in found.message.zh


# -------------------------------------------------------------------------------------------------------- arithmetic


def with_row(item: str, *values: str, confidence: float = 0.98) -> Case:
    sheet = balance_sheet()
    rows = tuple(
        row(item, *values, confidence=confidence) if bare_item(one.item) == item else one for one in sheet.rows
    )
    return supplier(audit_=audit(statements=(sheet.model_copy(update={"rows": rows}),)))


@pytest.mark.parametrize(
    ("item", "identity"),
    [
        ("流动资产合计", "current_plus_noncurrent_assets"),
        ("流动负债合计", "current_plus_noncurrent_liabilities"),
        ("资产总计", "assets_equal_liabilities_and_equity"),
    ],
)
def test_a_sum_that_does_not_hold_is_one_finding(item: str, identity: str) -> None:
    found = only(with_row(item, "999.00", "999.00"))
    assert (found.code, found.severity, found.document, found.field) == (
        "ARITHMETIC_MISMATCH",
        "warning",
        "audit_report",
        identity,
    )


@pytest.mark.parametrize(("total", "broken"), [("61548700.00", False), ("61566500.00", True)])
def test_decimals_of_a_rounded_unit_narrow_what_a_sum_may_be_off(total: str, broken: bool) -> None:
    """In 万元 with two decimals two figures may differ by 200 yuan, never by 1.8 万元."""
    sheet = balance_sheet(
        unit="万元",
        rows=(row("资产总计", "61548500.00", "50951600.00"), row("负债和所有者权益总计", total, "50951600.00")),
    )
    codes = [one[0] for one in brief(supplier(audit_=audit(statements=(sheet,))))]
    assert codes == (["ARITHMETIC_MISMATCH"] if broken else [])
    whole = (row("资产总计", "61540000.00", "50950000.00"), row("负债和所有者权益总计", "61560000.00", "50950000.00"))
    assert brief(supplier(audit_=audit(statements=(sheet.model_copy(update={"rows": whole}),)))) == []


def test_a_sum_with_a_weak_figure_proves_nothing() -> None:
    case = with_row("流动资产合计", "999.00", "999.00", confidence=0.5)
    assert brief(case) == []
    assert outcome(case, "supplier.audit.sums.balance_sheet.consolidated") is Outcome.UNCLEAR


@pytest.mark.parametrize("read", ["7683.00", "37683000.00"])
def test_a_figure_that_lost_digits_proves_nothing(read: str) -> None:
    rows = (
        row("资产总计", "37683.45"),
        row("负债和所有者权益总计", "37683.00" if read == "37683000.00" else "7683.45"),
    )
    sheet = balance_sheet(rows=rows, columns=(StatementColumn(label="期末余额", period="2022-12-31"),))
    assert brief(supplier(audit_=audit(statements=(sheet,)))) == []


def test_only_the_reports_own_year_is_added_up() -> None:
    assert brief(with_row("流动资产合计", "60.00", "999.00")) == []


def test_rounding_to_cents_is_no_difference() -> None:
    assert brief(with_row("流动资产合计", "60.02", "50.00")) == []


def test_income_and_cash_flow() -> None:
    income = Statement(
        kind="income_statement",
        consolidated=True,
        unit="元",
        pages=(3,),
        columns=(StatementColumn(label="本期金额", period="2022"),),
        rows=(
            row("三、营业利润（亏损以“－”号填列）", "100.00"),
            row("加：营业外收入", "10.00"),
            row("减：营业外支出", "5.00"),
            row("四、利润总额（亏损总额以“-”号填列）", "105.00"),
            row("减：所得税费用", "25.00"),
            row("五、净利润（净亏损以“-”号填列）", "90.00"),
            row("归属于母公司股东的净利润", "85.00"),
            row("少数股东损益", "5.00"),
        ),
    )
    cash = Statement(
        kind="cash_flow",
        consolidated=True,
        unit="元",
        pages=(3,),
        columns=(StatementColumn(label="本期金额", period="2022"),),
        rows=(
            row("经营活动现金流入小计", "100.00"),
            row("经营活动现金流出小计", "60.00"),
            row("经营活动产生的现金流量净额", "41.00"),
        ),
    )
    assert [one.field for one in findings(supplier(audit_=audit(statements=(income, cash))))] == [
        "net_profit",
        "operating_cash_flow",
    ]


@pytest.mark.parametrize(
    ("printed", "bare"),
    [
        ("一、营业总收入", "营业总收入"),
        ("减：营业外支出", "营业外支出"),
        ("（一）持续经营净利润", "持续经营净利润"),
        ("所有者权益（或股东权益）合计", "所有者权益合计"),
        ("负债和所有者权益（或股东权益总计", "负债和所有者权益总计"),  # a bracket lost
        ("股东权益合计", "所有者权益合计"),
        ("归属于母公司股东权益合计", "归属于母公司所有者权益合计"),
        ("负债及股东权益总计", "负债和所有者权益总计"),
        ("少数股东权益", "少数股东权益"),
        ("五、净利润（净亏损以“-”号填列）", "净利润"),
    ],
)
def test_bare_items(printed: str, bare: str) -> None:
    assert bare_item(printed) == bare


def test_the_forms_own_sums() -> None:
    declared = record(offshore_revenue=Decimal("9000"))
    found = only(
        supplier(form_=form(form_fields(offshore_revenue=money("offshore_revenue", "9000"))), record_=declared)
    )
    assert (found.code, found.document, found.field) == (
        "ARITHMETIC_MISMATCH",
        "information_form",
        "offshore_revenue_within_outsourcing_revenue",
    )
    found = only(supplier(form_=form(form_fields(outsourcing_staff=field("outsourcing_staff", 700)))))
    assert found.code == "FIGURE_MISMATCH"  # the sum follows from it


# ---------------------------------------------------------------------------------------------------------- criteria

VECTORS = [  # DOMAIN §1.3
    ("3000.00", 300, None),
    ("2999.9999", 300, "outsourcing_revenue"),
    ("3000", 299, "revenue_per_head"),
    ("10465", 299, None),
    ("10464.99", 299, "revenue_per_head"),
    ("3000", 85, None),
    ("3000", 86, "revenue_per_head"),
    ("3500", 100, None),
    ("2900", 50, "outsourcing_revenue"),
]


def sized(revenue: str, staff: int) -> Case:
    fields = form_fields(
        outsourcing_revenue=money("outsourcing_revenue", revenue),
        outsourcing_staff=field("outsourcing_staff", staff),
        offshore_revenue=None,
    )
    declared = record(outsourcing_revenue=Decimal(revenue), outsourcing_staff=staff, offshore_revenue=None)
    return supplier(form_=form(fields), record_=declared)


@pytest.mark.parametrize(("revenue", "staff", "missed"), VECTORS)
def test_criteria_vectors(revenue: str, staff: int, missed: str | None) -> None:
    found = [one.field for one in findings(sized(revenue, staff)) if one.code is FindingCode.BELOW_THRESHOLD]
    assert found == ([missed] if missed else [])


def test_nobody_at_all_is_not_divided_by() -> None:
    case = sized("3000", 0)
    assert brief(case) == []
    assert outcome(case, "supplier.criterion.size") is Outcome.NOT_APPLICABLE


def test_a_figure_just_below_its_bound_is_never_shown_as_the_bound() -> None:
    found = only(sized("10464.99", 299))
    assert (found.document, found.severity, found.basis) == ("information_form", "error", "letter 一(一)4")
    assert (found.expected, found.found) == ("350000.00", "349999.66")
    assert "临界" in found.message.zh


def test_the_audited_figure_is_the_exact_one() -> None:
    fields = audit_fields(outsourcing_revenue=field("outsourcing_revenue", "29999960.00", unit="元", page=3))
    case = sized("3000.00", 400)
    case = replace(
        case, submissions=(submission(form(case.newest.documents[0].fields), audit(fields), iso(), copyright_()),)
    )
    assert [(one.code, one.field) for one in findings(case)] == [("BELOW_THRESHOLD", "outsourcing_revenue")]


def test_a_disputed_figure_decides_nothing() -> None:
    case = supplier(
        form_=form(form_fields(outsourcing_revenue=money("outsourcing_revenue", "2000"), offshore_revenue=None))
    )
    assert [one[0] for one in brief(case)] == ["FIGURE_MISMATCH"]
    assert outcome(case, "supplier.criterion.outsourcing_revenue") is Outcome.UNCLEAR


def test_a_weak_figure_without_a_record_is_said_once() -> None:
    weak = form_fields(outsourcing_revenue=money("outsourcing_revenue", "2000", confidence=0.5))
    case = replace(supplier(form_=form(weak)), record=None)
    assert sorted(one[0] for one in brief(case)) == ["LOW_CONFIDENCE", "NO_ONLINE_RECORD"]


@pytest.mark.parametrize("name", ["headquarters", "delivery_location"])
def test_headquarters_and_delivery_must_be_in_china(name: str) -> None:
    place = "美国加利福尼亚州圣何塞"
    case = supplier(form_=form(form_fields(**{name: field(name, place)})), record_=record(**{name: place}))
    found = only(case)
    assert (found.code, found.field, found.found, found.basis) == (
        "BELOW_THRESHOLD",
        "location",
        place,
        "letter 一(一)1",
    )


@pytest.mark.parametrize("place", ["中国香港", "香港特别行政区"])
def test_hong_kong_is_for_a_person_to_say(place: str) -> None:
    case = supplier(
        form_=form(form_fields(headquarters=field("headquarters", place))), record_=record(headquarters=place)
    )
    assert brief(case) == []
    assert outcome(case, "supplier.criterion.location") is Outcome.UNCLEAR


def test_parks_have_no_numeric_criteria() -> None:
    assert not [one.rule for one in judge(park()) if ".criterion." in one.rule]


@given(st.integers(min_value=1, max_value=299), st.integers(min_value=0, max_value=20_000))
def test_under_300_heads_the_revenue_a_head_decides(staff: int, wan: int) -> None:
    found = {one.field for one in findings(sized(str(wan), staff)) if one.code is FindingCode.BELOW_THRESHOLD}
    assert ("revenue_per_head" in found) == (wan * 10_000 < 350_000 * staff)
    assert ("outsourcing_revenue" in found) == (wan < 3000)


# ------------------------------------------------------------------------------------------------------ certificates


def test_a_declared_certificate_is_missing() -> None:
    found = only(supplier(others=(iso(),)))
    assert (found.code, found.severity, found.document, found.field, found.expected) == (
        "MISSING_DOCUMENT",
        "error",
        "software_copyright",
        None,
        "2020SR0123456",
    )


def test_two_missing_certificates_are_two_findings() -> None:
    found = findings(supplier(others=()))
    assert [(one.code, one.expected) for one in found] == [
        ("MISSING_DOCUMENT", "03410Q10286R0S"),
        ("MISSING_DOCUMENT", "2020SR0123456"),
    ]
    assert len({one.id for one in found}) == 2


def test_another_number_of_the_same_kind_pairs() -> None:
    found = only(supplier(others=(iso("01619Q31234R1M"), copyright_())))
    assert (found.code, found.severity, found.field, found.expected, found.found) == (
        "CERTIFICATE_MISMATCH",
        "error",
        "certificate_no",
        "03410Q10286R0S",
        "01619Q31234R1M",
    )


def test_one_digit_read_surely_is_another_number_and_read_weakly_is_not() -> None:
    assert only(supplier(others=(iso("03410Q10287R0S"), copyright_()))).code == "CERTIFICATE_MISMATCH"
    weak = iso().model_copy(
        update={"fields": (field("certificate_no", "03410Q10287R0S", confidence=0.5, page=4), *iso().fields[1:])}
    )
    assert brief(supplier(others=(weak, copyright_()))) == []
    assert brief(supplier(others=(iso("O341OQ1O286ROS"), copyright_()))) == []


def test_readings_that_differ_in_look_alike_signs_only_are_no_doubt_about_another_number() -> None:
    """Two engines read R0M and ROM; declared is a number with two digits exchanged, which neither read."""
    number = field(
        "certificate_no",
        "03410Q12086R0M",
        confidence=0.6,
        alternatives=("03410Q12086ROM",),
        reasons=("engines_differ",),
        page=4,
    )
    doubted = iso().model_copy(update={"fields": (number, *iso().fields[1:])})
    found = only(supplier(others=(doubted, copyright_())))
    assert (found.code, found.field, found.found) == ("CERTIFICATE_MISMATCH", "certificate_no", "03410Q12086R0M")
    torn = number.model_copy(update={"alternatives": ("03410Q10286R0M",)})
    unsure = iso().model_copy(update={"fields": (torn, *iso().fields[1:])})
    assert all(one[0] != "CERTIFICATE_MISMATCH" for one in brief(supplier(others=(unsure, copyright_()))))


def test_the_declared_number_under_another_holder() -> None:
    found = only(supplier(others=(iso(holder=STRANGER), copyright_())))
    assert (found.code, found.field, found.found) == ("CERTIFICATE_MISMATCH", "holder", STRANGER)


def test_a_certificate_under_the_former_name_is_a_warning() -> None:
    old = "杭州智云网络技术有限公司"
    found = only(supplier(others=(iso(holder=old), copyright_()), record_=record(previous_names=(old,))))
    assert (found.code, found.severity, found.field) == ("CERTIFICATE_MISMATCH", "warning", "holder")


def test_a_copy_scanned_twice_and_one_not_declared_are_no_matter() -> None:
    assert brief(supplier(others=(iso(), iso(), copyright_(), copyright_("2019SR0000001")))) == []


def test_either_number_of_a_copyright_may_have_been_declared() -> None:
    both = copyright_("软著登字第0671096号")
    both = both.model_copy(update={"fields": (*both.fields, field("registration_no", "2020SR0123456", page=5))})
    assert brief(supplier(others=(iso(), both))) == []


def test_a_certificate_with_two_holders() -> None:
    assert brief(supplier(others=(iso(holder=f"{NAME};浙江大学"), copyright_()))) == []


def test_an_acceptance_notice_is_no_patent() -> None:
    notice = Document(
        type=DocumentType.PATENT_CERTIFICATE,
        pages=(6,),
        confidence=0.9,
        remarks=("acceptance_notice",),
        fields=(field("certificate_no", "ZL201710601862.3", page=6), field("holder", NAME, page=6)),
    )
    declared = record(certificates=(Certificate(kind="patent", number="ZL201710601862.3"),))
    found = only(supplier(others=(notice,), record_=declared))
    assert (found.code, found.document) == ("MISSING_DOCUMENT", "patent_certificate")


def test_a_patent_number_that_fails_its_check() -> None:
    patent = Document(
        type=DocumentType.PATENT_CERTIFICATE,
        pages=(6,),
        confidence=0.9,
        fields=(field("certificate_no", "ZL201710601862.5", page=6), field("holder", NAME, page=6)),
    )
    found = only(supplier(others=(iso(), copyright_(), patent)))
    assert (found.code, found.document, found.field) == ("INVALID_IDENTIFIER", "patent_certificate", "certificate_no")


@pytest.mark.parametrize(
    ("received", "until", "expired"),
    [
        (date(2023, 9, 20), "2023-09-20", False),
        (date(2023, 9, 20), "2023-09-19", True),
        (None, "2023-09-28", False),
        (None, "2023-09-27", True),
    ],
)
def test_expiry_on_the_day_of_receipt_or_the_deadline(received: date | None, until: str, expired: bool) -> None:
    paper = iso().model_copy(update={"fields": (*iso().fields[:3], field("valid_until", until, page=4))})
    found = [one[0] for one in brief(supplier(others=(paper, copyright_()), received_on=received))]
    assert found == (["EXPIRED_CERTIFICATE"] if expired else [])


def test_an_unsure_date_of_expiry_says_nothing() -> None:
    unsure = field("valid_until", "2021-06-30", page=4, confidence=0.5)
    assert (
        brief(supplier(others=(iso().model_copy(update={"fields": (*iso().fields[:3], unsure)}), copyright_()))) == []
    )


# ---------------------------------------------------------------------------------------------------------- envelope


def test_no_record() -> None:
    found = next(one for one in findings(replace(supplier(), record=None)) if one.code == "NO_ONLINE_RECORD")
    assert (found.severity, found.document, found.found, found.page) == (Severity.ERROR, None, NAME, 1)


def test_two_records_that_fit_are_named() -> None:
    found = only(replace(supplier(), record=None, rivals=("A1", "A2")))
    assert found.code == "NO_ONLINE_RECORD" and found.found == ("A1", "A2")
    assert "A1" in found.message.zh and "A2" in found.message.en


def test_rules_that_need_no_record_run_all_the_same() -> None:
    case = replace(supplier(form_=form(seals=()), audit_=audit(lacks=("cash_flow",))), record=None, track=None)
    assert sorted(one[0] for one in brief(case)) == ["INCOMPLETE_DOCUMENT", "NO_ONLINE_RECORD"]
    shown = form(form_fields(track=field("track", "supplier")), seals=())
    case = replace(supplier(form_=shown), record=None, track=None)
    assert sorted(one[0] for one in brief(case)) == ["MISSING_SEAL", "MISSING_SEAL", "NO_ONLINE_RECORD"]


@pytest.mark.parametrize(
    ("received", "postmark", "filed", "severity"),
    [
        (date(2023, 9, 28), None, None, None),
        (date(2023, 9, 29), None, None, "warning"),
        (date(2023, 10, 9), date(2023, 9, 28), None, None),
        (date(2023, 10, 9), date(2023, 9, 29), None, "error"),
        (date(2023, 10, 9), None, datetime(2023, 10, 1, tzinfo=UTC), "error"),
        (date(2023, 10, 9), None, datetime(2023, 9, 28, 15, 59, tzinfo=UTC), "warning"),
        (date(2023, 10, 9), None, datetime(2023, 9, 28, 16, 1, tzinfo=UTC), "error"),  # the 29th in China
        (None, None, None, None),
    ],
)
def test_lateness(received: date | None, postmark: date | None, filed: datetime | None, severity: str | None) -> None:
    case = supplier(received_on=received, postmarked_on=postmark, record_=record(submitted_at=filed))
    assert [one[:2] for one in brief(case)] == ([("LATE_SUBMISSION", severity)] if severity else [])
    if received is None:
        assert outcome(case, "envelope.in_time") is Outcome.NOT_APPLICABLE


def test_the_same_pages_again() -> None:
    found = only(supplier(duplicates=(Duplicate("env-0000.pdf", (1, 2)),)))
    assert (found.code, found.severity) == ("DUPLICATE_ENVELOPE", "warning")
    assert "env-0000.pdf" in found.message.zh


def test_an_envelope_that_cannot_be_opened_is_judged_by_that_alone() -> None:
    broken = submission(pages=0, problem="it asks for a password")
    case = Case(programme=PROGRAMME, submissions=(broken,), track="supplier", record=record())
    assert brief(case) == [("UNREADABLE_PAGE", "warning", None, None)]


def test_a_poor_picture_is_said_once_for_each_cause() -> None:
    blurred = Quality(dpi=200, problems=("blurred",))
    case = supplier()
    pages = tuple(page(n, quality=blurred) for n in range(1, 9))
    found = only(replace(case, submissions=(case.newest.model_copy(update={"pages": pages}),)))
    assert (found.code, found.severity) == ("LOW_SCAN_QUALITY", "warning")


def test_unclear_is_at_most_a_warning_and_messages_are_in_both_languages() -> None:
    cases = [
        supplier(form_=form(seals=())),
        supplier(others=()),
        replace(supplier(), record=None),
        supplier(received_on=date(2023, 10, 9)),
        park(documents=(proof("别人有限公司"), statement())),
    ]
    for case in cases:
        for check in judge(case):
            assert len({one.id for one in check.findings}) == len(check.findings)
            for one in check.findings:
                assert one.message.zh and one.message.en and one.basis and one.rule == check.rule
                if check.outcome is Outcome.UNCLEAR:
                    assert one.severity is not Severity.ERROR
        rules = [check.rule for check in judge(case)]
        assert len(rules) == len(set(rules))


def test_todays_date_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    case = supplier(received_on=None)
    before = judge(case)
    assert judge(case) == before
    assert case.reference_day == PROGRAMME.deadline


def test_codes_of_other_documents_are_the_applicants_too() -> None:
    licence = proof(NAME, code=CODE, type="business_licence")
    assert brief(supplier(others=(iso(), copyright_(), licence))) == []


def test_an_envelope_of_blank_pages_is_not_clean() -> None:
    blank = submission(pages=2)
    blank = blank.model_copy(update={"pages": tuple(p.model_copy(update={"kind": "blank"}) for p in blank.pages)})
    case = replace(supplier(), submissions=(blank,), record=None)
    assert brief(case) == [("UNREADABLE_PAGE", "warning", None, None)]
    assert "face down" in only(case).message.en
