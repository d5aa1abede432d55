"""What was changed online after the form was printed: told where paper and record differ, and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import book
from pipeline.as_printed import record_changes, said_of_versions, with_record_changes
from pipeline.book import Version
from pipeline.judging import Judged
from pipeline.model import (
    Check,
    EnvelopeReport,
    FieldValue,
    Finding,
    FindingCode,
    Outcome,
    Record,
    Severity,
    Text,
)
from pipeline.report.json_report import envelope_json
from pipeline.store import Store

PRINTED = Record(
    application_no="S1",
    track="supplier",
    name="甲软件（北京）有限公司",
    operating_revenue=Decimal("30000.50"),
    staff=320,
    established=date(2018, 3, 5),
    email="a.b@example.com",
    functions=("物联网", "云计算"),
)
NOW = PRINTED.model_copy(
    update={
        "name": "乙软件有限公司",
        "operating_revenue": Decimal("31000"),
        "staff": 12,
        "established": None,
        "email": "c@example.com",
        "functions": ("物联网",),
    }
)
VERSIONS = (
    Version(1, datetime(2023, 9, 1, 18, tzinfo=UTC), PRINTED),
    Version(2, datetime(2023, 9, 12, 18, tzinfo=UTC), PRINTED.model_copy(update={"staff": 12})),
    Version(3, datetime(2023, 9, 14, 18, tzinfo=UTC), NOW),
)


def finding(field: str, found: FieldValue, code: FindingCode = FindingCode.FIGURE_MISMATCH) -> Finding:
    return Finding(
        id="f1",
        code=code,
        basis="letter",
        severity=Severity.ERROR,
        rule="r",
        field=field,
        found=found,
        message=Text(zh="不一致。请核对。", en="They differ. Please look. "),
    )


@pytest.mark.parametrize(
    ("field", "found", "day"),
    [
        ("operating_revenue", "300005000.00", "2023-09-15"),
        ("staff", 320, "2023-09-13"),
        ("name", "甲软件(北京)有限公司", "2023-09-15"),
        ("established", "2018-03-05", "2023-09-15"),
        ("functions", ("云计算", "物联网"), "2023-09-15"),
        ("email", "A.B@example.com", "2023-09-15"),
    ],
)
def test_paper_that_agrees_with_an_older_version_says_so(field: str, found: FieldValue, day: str) -> None:
    said = said_of_versions(finding(field, found), VERSIONS).message
    assert f"网上数据于 {day} 改过" in said.zh and said.zh.startswith("不一致。请核对。")
    assert f"Please look. The online record was changed on {day}; before that it had" in said.en


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("operating_revenue", "300015000.00"),
        ("operating_revenue", None),
        ("operating_revenue", "unreadable"),
        ("staff", 321),
        ("name", "丙软件有限公司"),
        ("email", "ab@example.com"),
        ("outsourcing_staff", 320),
        ("uscc", ""),
        ("opinion", "standard"),
    ],
)
def test_paper_that_agrees_with_none_says_nothing(field: str, found: FieldValue) -> None:
    assert said_of_versions(finding(field, found), VERSIONS) == finding(field, found)


def test_other_findings_and_records_that_are_gone_say_nothing() -> None:
    other = finding("staff", 320, FindingCode.LOW_CONFIDENCE)
    assert said_of_versions(other, VERSIONS) == other
    gone = (*VERSIONS, Version(4, datetime(2023, 9, 20, tzinfo=UTC), None))
    assert said_of_versions(finding("staff", 320), gone) == finding("staff", 320)
    assert record_changes(gone, None) == ()


def test_what_changed_since_the_form_was_printed() -> None:
    changed = {c.field: c for c in record_changes(VERSIONS, datetime(2023, 9, 10, tzinfo=UTC))}
    assert set(changed) == {"name", "operating_revenue", "staff", "established", "email", "functions"}
    assert (changed["operating_revenue"].then, changed["operating_revenue"].now) == ("30000.50", "31000")
    assert changed["staff"].changed_at == VERSIONS[1].since and changed["name"].changed_at == VERSIONS[2].since
    assert (changed["established"].then, changed["established"].now) == ("2018-03-05", None)
    assert changed["functions"].then == ["物联网", "云计算"]
    later = {c.field for c in record_changes(VERSIONS, datetime(2023, 9, 13, tzinfo=UTC))}
    assert "staff" not in later and "name" in later
    assert record_changes(VERSIONS, datetime(2023, 9, 16, tzinfo=UTC)) == ()
    # A form older than the book: the first version known is the nearest to it.
    assert "staff" in {c.field for c in record_changes(VERSIONS, datetime(2023, 8, 1, tzinfo=UTC))}


def test_reports_tell_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for version in VERSIONS:
        assert version.record is not None
        other = PRINTED.model_copy(update={"application_no": "S2"})
        book.add(store, [version.record, other], now=version.since)

    def judged(number: str) -> Judged:
        one = finding("staff", 320)
        report = EnvelopeReport(
            envelope=f"{number}.pdf",
            sha256="0" * 64,
            application_no=number,
            received_on=date(2023, 9, 10),
            checks=(Check(rule="r", outcome=Outcome.FAIL, findings=(one,)),),
            findings=(one,),
        )
        return Judged(report, 1)

    changed, same, nobody = with_record_changes(store, [judged("S1"), judged("S2"), judged("S3")])
    assert (same, nobody) == (judged("S2"), judged("S3"))
    assert changed.report.findings == changed.report.checks[0].findings
    assert "网上数据于 2023-09-13 改过，此前为“320”" in changed.report.findings[0].message.zh
    told = envelope_json(changed.report)["record_changes"]
    assert {"field": "staff", "then": 320, "now": 12, "changed_at": "2023-09-12T18:00:00Z"} in told
    assert "record_changes" not in envelope_json(same.report)
