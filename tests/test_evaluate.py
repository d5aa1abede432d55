"""A report is scored against a truth: what is found, missed, false, and silently wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BadInput
from pipeline.evaluating import Score, evaluate

BOX = [0.1, 0.1, 0.3, 0.3]
NEAR = [0.11, 0.1, 0.31, 0.3]


def _field(name: str, value: Any, confidence: float = 0.99) -> dict[str, Any]:
    return {"name": name, "value": value, "confidence": confidence, "page": 1, "box": BOX}


def _truth(**more: Any) -> dict[str, Any]:
    document = {
        "type": "information_form",
        "pages": [1],
        "fields": {"name": "甲（北京）有限公司", "operating_revenue": "30000000.00", "functions": ["云计算", "大数据"]},
        "seals": [{"page": 1, "box": BOX, "text": "甲（北京）有限公司", "role": "applicant"}],
    }
    page = {"page": 1, "document_type": "information_form", "kind": "content", "rotation": 180}
    return {
        "envelope": "env-0001.pdf",
        "verdict": "clean",
        "expected_findings": [],
        "pages": [page],
        "documents": [document],
        **more,
    }


def _report(**more: Any) -> dict[str, Any]:
    document = {
        "type": "information_form",
        "pages": [1],
        "fields": [
            _field("name", "甲(北京)有限公司"),
            _field("operating_revenue", "30000000"),
            _field("functions", ["大数据", "云计算"]),
        ],
        "seals": [{"page": 1, "box": NEAR, "text": "甲(北京) 有限公司", "role": "applicant"}],
    }
    page = {"page": 1, "documents": [0], "kind": "content", "rotation": 180}
    return {"envelope": "env-0001.pdf", "findings": [], "pages": [page], "documents": [document], **more}


def _score(tmp_path: Path, truth: Any, report: Any) -> Score:
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return evaluate(tmp_path / "truth.json", tmp_path)


def test_a_right_report_scores_full(tmp_path: Path) -> None:
    score = _score(tmp_path, {"envelopes": [_truth()]}, {"envelopes": [_report()]})
    assert (score.form_fields.right, score.form_fields.wrong, score.form_fields.missing) == (3, 0, 0)
    assert (score.seals.found, score.seals.exact, score.seals.attributed, score.seals.false) == (1, 1, 1, 0)
    assert (score.pages.sorted, score.pages.turned) == (1, 1)
    assert (score.clean, score.kept_clean, score.recall) == (1, 1, 1.0)
    assert not score.misses
    assert "100.00 %" in score.text()


def test_findings_are_found_missed_false_and_tolerated(tmp_path: Path) -> None:
    wanted = [
        {"code": "MISSING_SEAL", "document": "information_form", "field": "applicant"},
        {"code": "WRONG_PERIOD", "document": "audit_report", "field": "period"},
    ]
    tolerated = [{"code": "FIGURE_MISMATCH", "document": "audit_report", "field": "*"}]
    found = [
        {"code": "MISSING_SEAL", "document": "information_form", "field": "applicant", "severity": "error"},
        {"code": "MISSING_SEAL", "document": "information_form", "field": "commerce_department", "severity": "error"},
        {"code": "FIGURE_MISMATCH", "document": "audit_report", "field": "operating_revenue", "severity": "error"},
        {"code": "TEXT_MISMATCH", "document": "information_form", "field": "address", "severity": "warning"},
        {"code": "UNKNOWN_DOCUMENT", "document": "other", "field": None, "severity": "info"},
    ]
    truth = _truth(expected_findings=wanted, tolerated_findings=tolerated, verdict="findings")
    d = _score(tmp_path, [truth], {"envelopes": [_report(findings=found)]}).discrepancies
    assert d.found == {"MISSING_SEAL": 1}
    assert d.missed == {"WRONG_PERIOD": 1}
    assert d.false == {"MISSING_SEAL": 1, "TEXT_MISMATCH": 1}
    assert d.false_errors == {"MISSING_SEAL": 1}


def test_the_same_finding_twice_needs_two(tmp_path: Path) -> None:
    one = {"code": "MISSING_DOCUMENT", "document": "iso_certificate", "field": None}
    truth = _truth(expected_findings=[one, one])
    d = _score(tmp_path, [truth], {"envelopes": [_report(findings=[{**one, "severity": "error"}])]}).discrepancies
    assert (d.found, d.missed) == ({"MISSING_DOCUMENT": 1}, {"MISSING_DOCUMENT": 1})


def test_a_wrong_value_is_silent_only_when_confident(tmp_path: Path) -> None:
    sure, unsure = _report(), _report()
    sure["documents"][0]["fields"][1] = _field("operating_revenue", "30000001.00", 0.9)
    unsure["documents"][0]["fields"][1] = _field("operating_revenue", "30000001.00", 0.89)
    assert _score(tmp_path, [_truth()], {"envelopes": [sure]}).form_fields.silently_wrong == 1
    unsure_score = _score(tmp_path, [_truth()], {"envelopes": [unsure]}).form_fields
    assert (unsure_score.wrong, unsure_score.silently_wrong) == (1, 0)


def test_a_seal_elsewhere_is_missed_and_false(tmp_path: Path) -> None:
    report = _report()
    report["documents"][0]["seals"][0]["box"] = [0.6, 0.6, 0.8, 0.8]
    seals = _score(tmp_path, [_truth()], {"envelopes": [report]}).seals
    assert (seals.found, seals.false, seals.attributed) == (0, 1, 0)


def test_an_envelope_without_report_is_lost(tmp_path: Path) -> None:
    score = _score(tmp_path, {"envelopes": {"env-0001.pdf": _truth()}}, {"envelopes": []})
    assert score.lost == ("env-0001.pdf",)
    assert (score.kept_clean, score.form_fields.missing, score.seals.found) == (0, 3, 0)


def test_a_truth_may_know_less(tmp_path: Path) -> None:
    score = _score(tmp_path, [{"envelope": "batch/env-0001.pdf"}], {"envelopes": [_report()]})
    assert (score.lost, score.seals.truth, score.pages.truth) == ((), 0, 0)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1, 2]", '{"envelopes": 3}', '{"envelopes": [{"no": "name"}]}', '{"envelopes": {"a": 1}}', "null"],
)
def test_a_truth_of_another_form_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "truth.json").write_text(content, encoding="utf-8")
    (tmp_path / "report.json").write_text('{"envelopes": []}', encoding="utf-8")
    with pytest.raises(BadInput, match=r"truth\.json"):
        evaluate(tmp_path, tmp_path)


def test_a_missing_report_is_named(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text('{"envelopes": []}', encoding="utf-8")
    with pytest.raises(BadInput, match="does not exist"):
        evaluate(tmp_path, tmp_path / "report.json")


def test_a_report_in_the_truths_place_is_told_from_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="give the truth first"):
        _score(tmp_path, [_report()], {"envelopes": [_truth()]})


def test_a_seal_without_box_is_named(tmp_path: Path) -> None:
    truth = _truth()
    del truth["documents"][0]["seals"][0]["box"]
    with pytest.raises(BadInput, match="box"):
        _score(tmp_path, [truth], {"envelopes": [_report()]})


# ------------------------------------------------------------------------------------------------------- statements


def _statement(columns: list[dict[str, Any]], rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    base = {"kind": "balance_sheet", "consolidated": False, "unit": "元", "pages": [1]}
    return {**base, "columns": columns, "rows": rows, **more}


def _row(item: str, *values: str | None, confidence: float = 0.99) -> dict[str, Any]:
    return {"item": item, "page": 1, "values": list(values), "confidence": [confidence] * len(values)}


END, START = {"label": "期末余额", "period": "2022-12-31"}, {"label": "期初余额", "period": "2021-12-31"}


def _with_statements(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "audit_report", "pages": [1], "fields": [], "seals": [], "statements": list(statements)}]


def test_figures_of_a_statement_are_met_by_item_and_period(tmp_path: Path) -> None:
    """The report may have the columns in another order and items with their numbers and signs."""
    truth = _statement([END, START], [_row("货币资金", "10.00", "20.00"), _row("减：库存股", None, "3.00")])
    seen = _statement([START, END], [_row("一、货币资金", "20.00", "10.00"), _row("库存股", "3.00", None)])
    score = _score(tmp_path, [_truth(documents=_with_statements(truth))], [_report(documents=_with_statements(seen))])
    assert (score.statement_figures.right, score.statement_figures.wrong, score.statement_figures.missing) == (3, 0, 0)
    assert [t.right for t in score.told] == [True] * 3


def test_a_swapped_column_is_silently_wrong_and_a_lost_row_missing(tmp_path: Path) -> None:
    truth = _statement([END, START], [_row("货币资金", "10.00", "20.00"), _row("存货", "5.00", "6.00")])
    seen = _statement([END, START], [_row("货币资金", "20.00", "10.00")])
    score = _score(tmp_path, [_truth(documents=_with_statements(truth))], [_report(documents=_with_statements(seen))])
    figures = score.statement_figures
    assert (figures.right, figures.wrong, figures.missing, figures.silently_wrong) == (0, 2, 2, 2)
    assert "statement figures" in score.text()


def test_of_two_rows_of_one_item_each_is_met_once(tmp_path: Path) -> None:
    truth = _statement([END], [_row("其他", "1.00"), _row("其他", "2.00")])
    score = _score(tmp_path, [_truth(documents=_with_statements(truth))], [_report(documents=_with_statements(truth))])
    assert score.statement_figures.right == 2


def test_parent_and_consolidated_statements_are_not_taken_for_each_other(tmp_path: Path) -> None:
    truth = _statement([END], [_row("货币资金", "1.00")], consolidated=True)
    seen = _statement([END], [_row("货币资金", "1.00")], consolidated=False)
    score = _score(tmp_path, [_truth(documents=_with_statements(truth))], [_report(documents=_with_statements(seen))])
    assert (score.statement_figures.right, score.statement_figures.missing) == (0, 1)


def test_columns_of_group_and_parent_in_one_truth_are_two_statements_of_the_report(tmp_path: Path) -> None:
    parent = {"label": "母公司期末余额", "period": "2022-12-31"}
    truth = _statement(
        [{**END, "label": "合并期末余额"}, parent], [_row("货币资金", "1.00", "2.00")], consolidated=True
    )
    seen = (
        _statement([END], [_row("货币资金", "1.00")], consolidated=True),
        _statement([END], [_row("货币资金", "2.00")], consolidated=False),
    )
    score = _score(tmp_path, [_truth(documents=_with_statements(truth))], [_report(documents=_with_statements(*seen))])
    assert (score.statement_figures.right, score.statement_figures.missing) == (2, 0)


def test_of_two_statements_of_one_kind_the_one_with_the_truths_figures_is_meant(tmp_path: Path) -> None:
    """A group's statement whose title says no 合并, and its parent's: neither is wrong for the other's figures."""
    group = _statement([END], [_row("货币资金", "1.00"), _row("存货", "5.00")])
    parent = _statement([END], [_row("货币资金", "2.00"), _row("存货", "3.00")], pages=[2])
    both = _with_statements(group, parent)
    score = _score(tmp_path, [_truth(documents=both)], [_report(documents=both)])
    assert (score.statement_figures.right, score.statement_figures.wrong) == (4, 0)


def test_the_table_says_what_confidences_are_worth(tmp_path: Path) -> None:
    score = _score(tmp_path, [_truth()], [_report()])
    assert len(score.told) == 4
    assert "what a confidence is worth" in score.text()
    assert "told" not in json.loads(score.model_dump_json())


def test_an_empty_part_of_a_truth_is_a_part_left_out(tmp_path: Path) -> None:
    wanted = {"code": "MISSING_DOCUMENT", "document": "software_copyright", "field": ""}
    found = {"code": "MISSING_DOCUMENT", "document": "software_copyright", "field": None, "severity": "error"}
    score = _score(tmp_path, [_truth(verdict="findings", expected_findings=[wanted])], [_report(findings=[found])])
    assert score.discrepancies.found == {"MISSING_DOCUMENT": 1} and not score.discrepancies.false
