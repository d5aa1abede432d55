"""Chase lists: who is asked for what, that nobody is asked for what is there, and what of persons leaves the house."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from checks_builders import record, supplier
from hypothesis import given
from hypothesis import strategies as st

from pipeline.chasing import MASK, State, chased, judged_in, masked_email, masked_mobile
from pipeline.cli import main
from pipeline.departments import UNKNOWN, by_department, departments_of
from pipeline.errors import BadInput
from pipeline.judging import Received, judge_all
from pipeline.keeping import keep_records, remember
from pipeline.model import EnvelopeReport, Finding, FindingCode, Record, Severity, Text
from pipeline.programmes import load
from pipeline.report.chase_report import BOOK, write_chase_lists
from pipeline.store import Store, StoredFile

BUREAU = "杭州市余杭区商务局"


def declared(number: str, name: str = "甲科技有限公司", **changes: Any) -> Record:
    base: dict[str, Any] = {
        "application_no": number,
        "track": "supplier",
        "name": name,
        "commerce_department": BUREAU,
        "contact": "张三丰",
        "mobile": "13812345678",
        "email": "zhangsf@example.cn",
    }
    return Record(**(base | changes))


def finding(code: FindingCode, zh: str, severity: Severity = Severity.ERROR, **changes: Any) -> Finding:
    base: dict[str, Any] = {"id": zh, "code": code, "basis": "letter", "severity": severity, "rule": "r"}
    return Finding(**(base | {"message": Text(zh=zh, en=zh)} | changes))


def envelope(number: str | None, *findings: Finding, **changes: Any) -> EnvelopeReport:
    base: dict[str, Any] = {"envelope": f"{number}.pdf", "sha256": "a" * 64, "application_no": number}
    verdict = "findings" if findings else "clean"
    return EnvelopeReport(**(base | {"findings": findings, "verdict": verdict} | changes))


MISSING = finding(FindingCode.MISSING_DOCUMENT, "缺上年度审计报告。")
FAINT = finding(FindingCode.UNREADABLE_SEAL, "印章看不清。", Severity.WARNING)
GREY = finding(FindingCode.LOW_SCAN_QUALITY, "灰度扫描。", Severity.WARNING)


def test_who_is_on_a_list_and_why() -> None:
    records = [declared(f"CCIIP2023S0000{n}", f"第{n}科技有限公司") for n in range(1, 6)]
    reports = [
        envelope("CCIIP2023S00002", MISSING, FAINT, received_on=date(2023, 9, 20)),
        envelope("CCIIP2023S00003"),
        envelope("CCIIP2023S00004", FAINT),
        envelope("CCIIP2023S00005", GREY),  # a matter of the scan, not of the applicant
    ]
    (chase,) = chased(records, reports).chases
    assert (chase.department.name, chase.expected) == (BUREAU, 5)
    assert [(r.application_no[-1], r.state, r.lacking) for r in chase.rows] == [
        ("1", State.NOT_RECEIVED, ("尚未收到信封。",)),
        ("2", State.LACKING, ("缺上年度审计报告。", "印章看不清。")),
        ("4", State.OPEN, ("印章看不清。",)),
    ]
    assert chase.rows[1].received_on == date(2023, 9, 20)


def test_findings_stand_at_the_newest_envelope_and_what_people_settled_is_not_asked() -> None:
    old = envelope("CCIIP2023S00001", MISSING, envelope="old.pdf", part_of="new.pdf")
    new = envelope("CCIIP2023S00001", envelope="new.pdf")
    assert chased([declared("CCIIP2023S00001")], [old, new]).chases[0].rows == ()


def test_an_application_whose_envelope_may_be_there_is_not_called_missing() -> None:
    unknown = finding(FindingCode.NO_ONLINE_RECORD, "没有相符的记录。")
    empty = finding(FindingCode.UNREADABLE_PAGE, "只有封面（CCIIP2023S00002），后面没有材料。", Severity.WARNING)
    reports = [
        envelope(None, unknown, envelope="a.pdf", name="甲科技有限公司"),
        envelope(None, empty, envelope="b.pdf"),
        envelope(None, envelope="list.pdf"),  # a department's list: nobody's envelope
    ]
    records = [declared("CCIIP2023S00001"), declared("CCIIP2023S00002", "乙"), declared("CCIIP2023S00003", "丙")]
    lists = chased(records, reports)
    assert [r.state for r in lists.chases[0].rows] == [State.OPEN, State.OPEN, State.NOT_RECEIVED]
    assert "a.pdf" in lists.chases[0].rows[0].lacking[0] and "b.pdf" in lists.chases[0].rows[1].lacking[0]
    assert lists.unassigned == ("a.pdf", "b.pdf")


def test_how_to_reach_persons_is_masked_unless_asked_for() -> None:
    wrong = finding(
        FindingCode.IDENTITY_MISMATCH,
        "信息表上的法定代表人为王小明，网上申报为李大海。",
        document="information_form",
        field="legal_representative",
    )
    records, reports = [declared("CCIIP2023S00001")], [envelope("CCIIP2023S00001", wrong)]
    (row,) = chased(records, reports).chases[0].rows
    assert (row.contact, row.mobile, row.email) == ("张**", "138****5678", "z***@example.cn")
    assert "法定代表人与网上申报不一致" in row.lacking[0] and "王小明" not in row.lacking[0]
    (row,) = chased(records, reports, with_contacts=True).chases[0].rows
    assert (row.contact, row.mobile, row.email) == ("张三丰", "13812345678", "zhangsf@example.cn")
    assert "王小明" in row.lacking[0]


@given(st.text(max_size=40), st.text(alphabet="0123456789 -+转", max_size=24), st.emails())
def test_nothing_of_a_number_or_an_address_stays(text: str, number: str, email: str) -> None:
    for mobile in (text, number):
        shown = masked_mobile(mobile)
        assert shown in ("", MASK) or (shown[3:7] == "****" and len(shown) == 11)
    name = email.rpartition("@")[0]
    assert masked_email(email) == MASK or len(name) == 1 or name not in masked_email(email).rpartition("@")[0]
    assert masked_email(text) in ("", MASK) or masked_email(text)[1:4] == MASK


def test_departments_as_declared_by_address_and_unknown() -> None:
    records = [
        declared("A1"),
        declared("A2", commerce_department="杭州市 余杭区商务局"),  # the same, written otherwise
        declared("A3", commerce_department="", address="浙江省杭州市余杭区文一西路969号"),
        declared("A4", commerce_department="", address="四川省成都市武侯区1号"),
        declared("A5", commerce_department="", address=""),
        declared("A6", commerce_department="浙江省商务厅"),
        declared("A7", commerce_department="", address="浙江省宁波市鄞州区1号"),  # the province's is not its city's
    ]
    told = {number: d.name for number, d in departments_of(records).items()}
    assert (told["A1"], told["A2"], told["A3"]) == (BUREAU, BUREAU, BUREAU)
    assert told["A5"] == UNKNOWN and "四川成都武侯" in told["A4"] and "待核" in told["A4"]
    assert "宁波" in told["A7"] and "待核" in told["A7"]
    groups = by_department(records)
    assert groups[-1][0].name == UNKNOWN
    assert sorted(r.application_no for _, members in groups for r in members) == [f"A{n}" for n in range(1, 8)]


def test_lists_on_paper_hold_text_only(tmp_path: Path) -> None:
    hostile = "=HYPERLINK(1)<script>alert(1)</script>\u202e"
    records = [
        declared("CCIIP2023S00001", hostile, commerce_department="某/局:*?[1]" + "长" * 40),
        declared("CCIIP2023S00002", "乙", commerce_department="某/局:*?[2]" + "长" * 40),
        declared("CCIIP2023S00003", "丙", commerce_department=""),
    ]
    out = tmp_path / "out"
    out.mkdir()
    (out / "催办-009-昨天.html").write_text("old")
    (out / "notes.html").write_text("mine")
    written = write_chase_lists(chased(records, []), out)
    assert {p.name for p in out.iterdir()} == {*(p.name for p in written), "notes.html"}
    assert len(written) == 4 and all("/" not in p.name and len(p.name) < 70 for p in written)
    book = openpyxl.load_workbook(out / BOOK)
    assert len({n.casefold() for n in book.sheetnames}) == 4 and all(len(n) <= 31 for n in book.sheetnames)
    values = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert not any(v.startswith("=") for v in values) and all(
        c.data_type != "f" for s in book for row in s.iter_rows() for c in row
    )
    page = next(p for p in written if "1-长" in p.name).read_text()
    assert "<script>" not in page and "\u202e" not in page and "&lt;script&gt;" in page


def test_a_folder_that_cannot_be_written_is_one_sentence() -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        write_chase_lists(chased([declared("CCIIP2023S00001")], []), Path("/proc/none"))


def test_chase_from_the_store_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path / "home")
    submission = supplier().submissions[0]
    stored = store.arrive(
        submission.envelope, [StoredFile("x.pdf", "a" * 64)], sha256="a" * 64, split="auto", received_on=None
    )
    other = declared("CCIIP2023S00777", "没有来的公司")
    records = [record(commerce_department=BUREAU), other]
    keep_records(store, records)
    # Without its last document: the audit report or a certificate is missing.
    lacking = submission.model_copy(update={"documents": submission.documents[:1], "order": stored.id})
    remember(store, judge_all([Received(lacking, stored.id)], records, load("cciip-2023")))
    assert len(judged_in(store).reports) == 1 and not judged_in(store).waiting
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "argv", ["yanzhang", "chase", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    told = capsys.readouterr().err
    assert "1 未收到 not received" in told and "1 须补正" in told
    book = openpyxl.load_workbook(tmp_path / "out" / BOOK)
    rows = {row[0]: row for row in book[BUREAU].iter_rows(min_row=2, values_only=True)}
    assert str(rows["CCIIP2023S00777"][2]).startswith("未收到") and rows["CCIIP2023S00777"][7] == "138****5678"
    assert "审计报告" in str(rows[record().application_no][3])


def test_what_was_taken_in_and_not_judged_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.arrive("x.pdf", [StoredFile("x.pdf", "a" * 64)], sha256="a" * 64, split="auto", received_on=None)
    judged = judged_in(store)
    assert (judged.reports, judged.waiting) == ((), ("x.pdf",))
    lists = chased([declared("CCIIP2023S00001")], judged.reports, waiting=judged.waiting)
    # Whoever gets a list is told that not all that came was looked at.
    assert lists.unassigned == ("x.pdf",) and lists.problems[0].startswith("x.pdf: ")
    page = write_chase_lists(lists, tmp_path / "out")[1].read_text()
    assert "另有 1 个信封尚未归属" in page
