"""The programme file says what the letter says."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.errors import BadSetting
from pipeline.model import DocumentType, Severity
from pipeline.programmes import digest, known, load

PROGRAMME = load("cciip-2023")


def test_known_and_unknown_names() -> None:
    assert "cciip-2023" in known()
    with pytest.raises(BadSetting, match=r"no programme 'cciip-1999'.*cciip-2023"):
        load("cciip-1999")


def test_dates_and_version() -> None:
    assert PROGRAMME.deadline == date(2023, 9, 28)
    assert PROGRAMME.period == 2022
    assert PROGRAMME.rules_version.startswith("2023.1+")


@pytest.mark.parametrize("source", ["checks/arithmetic.py", "values/amounts.py", "seals/owner.py", "calibration.json"])
def test_the_version_changes_with_what_judges(tmp_path: Path, source: str) -> None:
    copy = tmp_path / "pipeline"
    shutil.copytree(Path(__file__).parent.parent / "pipeline", copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest(b"", copy)
    with (copy / source).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert digest(b"", copy) != before == digest(b"", files("pipeline"))


def test_lists_have_the_letters_lengths() -> None:
    assert len(PROGRAMME.industries) == len(set(PROGRAMME.industries)) == 8
    assert len(PROGRAMME.categories) == len(set(PROGRAMME.categories)) == 13
    assert len(PROGRAMME.functions) == len(set(PROGRAMME.functions)) == 40
    sizes = {cls.code: sum(len(group.leaves) for group in cls.groups) for cls in PROGRAMME.function_groups}
    assert sizes == {"ITO": 14, "BPO": 14, "KPO": 12}
    assert sum(len(cls.groups) for cls in PROGRAMME.function_groups) == 9


def test_group_of_tells_look_alike_groups_apart() -> None:
    assert PROGRAMME.group_of("工程技术外包") == ("KPO", "技术服务外包")
    assert PROGRAMME.group_of("IT咨询服务") == ("ITO", "信息技术服务外包")
    assert PROGRAMME.group_of("其他供应链管理服务") == ("BPO", "供应链外包服务")
    assert PROGRAMME.group_of("nothing") is None


def test_required_documents_of_each_track() -> None:
    required = {
        track: [rule.type.value for rule in rules.documents if rule.required]
        for track, rules in PROGRAMME.tracks.items()
    }
    assert required == {
        "supplier": ["information_form", "audit_report"],
        "park": ["information_form", "legal_person_proof", "supporting_statement"],
        "training": ["information_form", "legal_person_proof", "supporting_statement"],
    }


@pytest.mark.parametrize(
    ("track", "basis"), [("supplier", "letter 一(二)1"), ("park", "letter 二1"), ("training", "letter 三1")]
)
def test_every_form_bears_two_seals(track: str, basis: str) -> None:
    form = PROGRAMME.tracks[track].documents[0]  # type: ignore[index]
    assert [(seal.role, seal.basis, seal.severity) for seal in form.seals] == [
        ("applicant", basis, Severity.ERROR),
        ("commerce_department", basis, Severity.ERROR),
    ]


def test_audit_seals_rest_on_the_rule_on_audit_reports() -> None:
    audit = PROGRAMME.tracks["supplier"].rule_for(DocumentType.AUDIT_REPORT)
    assert audit is not None
    assert [(seal.role, seal.count, seal.basis) for seal in audit.seals] == [
        ("audit_firm", 1, "财会〔2001〕1035号"),
        ("cpa", 2, "财会〔2001〕1035号"),
    ]


def test_thresholds() -> None:
    criteria = PROGRAMME.thresholds
    assert criteria.outsourcing_revenue == Decimal(30_000_000)
    assert criteria.outsourcing_staff == 300
    assert criteria.revenue_per_head == Decimal(350_000)
    assert criteria.tracks == ("supplier",)


def test_a_licence_proves_a_parks_legal_person() -> None:
    rule = PROGRAMME.tracks["park"].rule_for(DocumentType.BUSINESS_LICENCE)
    assert rule is not None and rule.type is DocumentType.LEGAL_PERSON_PROOF
    assert PROGRAMME.tracks["supplier"].rule_for(DocumentType.BUSINESS_LICENCE) is None
