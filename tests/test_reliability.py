"""What a confidence is worth: the table, the diagram, the fitted curves, and the record as a witness."""

from __future__ import annotations

import itertools
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from checks_builders import CODE, NAME, audit, audit_fields, field, form, form_fields, money, record
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calibration import Curve, calibrated, curve_key, curves, worth
from pipeline.checks.agreement import AGREES, confirmed
from pipeline.checks.figures import AMOUNTS, COUNTS
from pipeline.checks.wording import field_name, reasons_told
from pipeline.model import Box, Document, DocumentType, Row, Statement, StatementColumn
from pipeline.reliability import Told, bins_of, calibration_error, diagram, evidence_of, sort_of, table, wilson
from samples.calibrate import fitted


def _told(confidence: float, right: int, wrong: int, name: str = "uscc", *reasons: str) -> list[Told]:
    return [
        Told(name=name, confidence=confidence, right=i < right, reasons=tuple(reasons)) for i in range(right + wrong)
    ]


def test_promise_and_share_stand_side_by_side() -> None:
    told = [*_told(0.992, 99, 1), *_told(0.6, 3, 7)]
    low, high = bins_of(told)
    assert (low.count, low.right, round(low.mean, 3), low.share) == (10, 3, 0.6, 0.3)
    assert (high.low, high.high, high.count, high.right) == (0.99, 1.0, 100, 99)
    assert "0.99" in table(told) and "identifier" in table(told) and "alone" in table(told)
    assert calibration_error(told) == pytest.approx((100 * 0.002 + 10 * 0.3) / 110)


def test_certainty_itself_has_a_bin() -> None:
    assert bins_of(_told(1.0, 2, 0))[0].count == 2


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_holds_the_share(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low - 1e-9 <= right / (right + wrong) <= high + 1e-9


def test_the_diagram_is_a_picture_with_a_point_for_each_bin() -> None:
    told = [*_told(0.995, 99, 1), *_told(0.6, 3, 7)]
    root = ElementTree.fromstring(diagram(told, title="<b>"))
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(circles) == 2
    over, under = sorted(float(c.attrib["cy"]) for c in circles)
    assert over < under  # the better bin stands higher


def test_evidence_and_sort() -> None:
    assert evidence_of(("two_engines", "engines_differ")) == "doubted"
    assert evidence_of(("check_digit",)) == "proven"
    assert evidence_of(("unit_from_form",)) == "alone"
    assert (sort_of("uscc"), sort_of("staff"), sort_of("holder"), sort_of("statement.x")) == (
        "identifier",
        "figure",
        "text",
        "statement",
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_a_curve_never_falls_and_never_promises_certainty(pairs: list[tuple[float, bool]]) -> None:
    told = [Told(name="uscc", confidence=c, right=r) for c, r in pairs]
    points = fitted(told)
    curve = Curve(told=tuple(points["told"]), right=tuple(points["right"]))
    seen = [curve.at(x / 50) for x in range(51)]
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(seen))
    assert seen[0] >= 0 and seen[-1] < 1


def test_too_sure_an_extractor_is_put_right() -> None:
    points = fitted([*_told(0.99, 800, 200), *_told(0.5, 400, 600)])
    curve = Curve(told=tuple(points["told"]), right=tuple(points["right"]))
    assert curve.at(0.99) == pytest.approx(0.8, abs=0.01)
    assert curve.at(0.5) == pytest.approx(0.4, abs=0.01)


def test_a_few_right_values_lift_no_doubt() -> None:
    """Ten values told with 0.6, all right, beside hundreds told with 0.98: the ten stay in doubt."""
    points = fitted([*_told(0.6, 10, 0), *_told(0.98, 400, 0)])
    curve = Curve(told=tuple(points["told"]), right=tuple(points["right"]))
    assert 0.6 < curve.at(0.6) < 0.75
    assert curve.at(0.3) < 0.4
    assert curve.at(0.98) > 0.99


def test_the_committed_curves_never_fall_and_lift_no_doubt() -> None:
    for curve in curves().values():
        assert list(curve.told) == sorted(curve.told)
        assert list(curve.right) == sorted(curve.right)
        assert all(0 <= r < 1 for r in curve.right)
    assert worth("uscc", 0.99, ("check_digit",)) > 0.98 > 0.75 > worth("uscc", 0.6, ("engines_differ",))
    assert worth("outsourcing_revenue", 0.6, ()) < 0.75  # what nobody should hold against anybody stays so


def test_a_documents_fields_and_cells_are_told_by_the_curves() -> None:
    box = Box(0.1, 0.1, 0.2, 0.2)
    row = Row(
        item="货币资金",
        page=1,
        values=(Decimal(1), None),
        boxes=(box, None),
        confidence=(0.97, None),
        reasons=(("identity",), ()),
    )
    columns = (StatementColumn(label="期末"), StatementColumn(label="期初"))
    statement = Statement(kind="balance_sheet", consolidated=False, unit="元", pages=(1,), columns=columns, rows=(row,))
    document = Document(
        type=DocumentType.AUDIT_REPORT,
        pages=(1,),
        confidence=0.9,
        fields=(field("uscc", CODE, confidence=0.9, reasons=("check_digit",)),),
        statements=(statement,),
    )
    told = calibrated(document)
    assert told.fields[0].confidence == worth("uscc", 0.9, ("check_digit",))
    assert told.statements[0].rows[0].confidence == (worth("statement.cell", 0.97, ("identity",)), None)
    assert told.fields[0].value == CODE
    assert curve_key("statement.cell", ("identity",)) == "statement.proven"


# ---------------------------------------------------------------------------------------------- the record as a witness


def test_the_record_confirms_what_it_equals_and_nothing_else() -> None:
    fields = form_fields(
        staff=field("staff", 601, confidence=0.8),
        mobile=field("mobile", "13800138000", confidence=0.8),
        operating_revenue=money("operating_revenue", "12345.67", confidence=0.7),
        functions=field("functions", ("IT解决方案", "云计算"), confidence=0.8),
    )
    seen = {one.name: one for one in confirmed(form(fields), record()).fields}
    for name in ("mobile", "operating_revenue", "functions", "established", "uscc"):
        assert AGREES in seen[name].reasons, name
        assert seen[name].confidence > 0.98
    assert AGREES not in seen["staff"].reasons
    assert seen["staff"].confidence == 0.8


def test_the_audited_company_and_its_rounded_revenue_are_confirmed() -> None:
    seen = {one.name: one for one in confirmed(audit(audit_fields()), record()).fields}
    assert AGREES in seen["company_name"].reasons and seen["company_name"].value == NAME
    assert AGREES in seen["operating_revenue"].reasons
    assert AGREES not in seen["audit_firm"].reasons


def test_without_a_record_nothing_is_confirmed() -> None:
    assert confirmed(form(), None) == form()


def test_reasons_are_told_in_both_languages_and_machine_words_are_not() -> None:
    told = reasons_told(("record_agrees", "machine_word", "repaired:1234.00"))
    assert told.zh == "与网上申报一致，已更正，原读数 1234.00"
    assert told.en == "the record agrees, put right; read as 1234.00"
    assert reasons_told(()).zh == ""


def test_every_field_of_the_contract_is_called_something_in_chinese() -> None:
    of_audit = "audit_firm report_no report_date unit operating_revenue_previous operating_cost net_profit total_assets"
    of_papers = "holder issuer issued_on valid_until kind track balance_sheet income_statement cash_flow equity_changes"
    for name in (*of_audit.split(), *of_papers.split(), *AMOUNTS, *COUNTS):
        assert field_name(name).zh != name
