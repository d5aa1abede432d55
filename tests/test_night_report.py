"""The report of the whole store: changed envelopes in full, all others by reference; nothing in it is markup."""

from __future__ import annotations

import base64
import hashlib
import json
import multiprocessing
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from checks_builders import NAME, form, page, seal

from pipeline.errors import ReportTrouble
from pipeline.model import Check, EnvelopeReport, Finding, FindingCode, Outcome, Report, Severity, Text, Totals
from pipeline.model.slips import Slip, Told
from pipeline.report import night_report
from pipeline.report.night_report import News, Ref, write_night
from pipeline.report.shown import shown_fully
from pipeline.report.spool import in_folder
from pipeline.store.originals import Originals

HOSTILE = "</script><script>alert(1)</script><!--\u202e=cmd"
AT = datetime(2023, 9, 20, 19, tzinfo=UTC)


def finding(number: int) -> Finding:
    return Finding(
        id=f"{number:016x}",
        code=FindingCode.TEXT_MISMATCH,
        basis="letter",
        severity=Severity.WARNING,
        rule="supplier.text.mobile",
        message=Text(zh=f"电话不一致 {HOSTILE}", en="The telephone differs."),
    )


def envelope(number: int, name: str = NAME) -> EnvelopeReport:
    found = finding(number)
    return EnvelopeReport(
        envelope=f"env-{number}.pdf {HOSTILE}",
        sha256=f"{number:064x}",
        application_no=f"CCIIP2023S{number:05d}",
        name=name,
        verdict="findings",
        pages=(page(1),),
        documents=(form(seals=(seal(NAME, "applicant"),)),),
        checks=(Check(rule=found.rule, outcome=Outcome.FAIL, findings=(found,)),),
        findings=(found,),
    )


def written(tmp_path: Path, changed: int, others: int) -> Path:
    envelopes = [envelope(n) for n in range(1, changed + others + 1)]
    gone = Ref("env-9.pdf", None, Told.of(finding(999)))
    out = tmp_path / "out"
    with in_folder(out) as spool:
        shown = shown_fully(envelopes[:changed], out, Originals(tmp_path / "originals"))
        for number, (one, full) in enumerate(zip(envelopes[:changed], shown, strict=True), start=1):
            spool.add((number, 1), full, [Told.of(f) for f in one.findings])

        spool.add_slips(((number, 1), Slip.of(one).to_json()) for number, one in enumerate(envelopes, start=1))
        news = News(
            at=AT,
            new=[Ref(one.envelope, one.application_no, Told.of(one.findings[0])) for one in envelopes[:changed]],
            resolved=[gone],
            changed=changed,
            unchanged=others,
            without_record=["env-x.pdf"],
            alarms=[f"the source is down {HOSTILE}"],
        )
        report = Report(
            programme="cciip-2023",
            rules_version="1",
            generated_at=AT,
            totals=Totals(envelopes=len(envelopes), pages=len(envelopes), with_findings=len(envelopes), not_received=1),
            not_received=("CCIIP2023S00099",),
        )
        write_night(report, news, spool, [("CCIIP2023S00099", HOSTILE)], out)
    return out


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_changed_envelopes_stand_in_full_and_others_by_reference(tmp_path: Path) -> None:
    out = written(tmp_path, changed=2, others=3)
    report = json.loads((out / "report.json").read_text())
    assert report["schema"] == "yanzhang.report/1"
    assert [e.get("unchanged", False) for e in report["envelopes"]] == [False, False, True, True, True]
    assert report["envelopes"][0]["findings"][0]["message"]["en"] == "The telephone differs."
    assert report["envelopes"][4]["findings"] == [{"id": f"{5:016x}"}]
    assert report["envelopes"][4]["verdict"] == "findings"
    assert [one["id"] for one in report["since"]["new"]] == [f"{1:016x}", f"{2:016x}"]
    assert report["since"]["resolved"][0]["message"]["en"] == "The telephone differs."
    assert report["since"]["unchanged"] == 3
    assert report["not_received"] == ["CCIIP2023S00099"]
    assert report["without_record"] == ["env-x.pdf"]
    assert report["alarms"][0].startswith("the source is down")
    rows = data_of((out / "report.html").read_text())["rows"]
    assert [row[3] for row in rows] == ["findings", "findings", "findings", "missing"]
    book = openpyxl.load_workbook(out / "report.xlsx")
    assert [sheet.max_row for sheet in book.worksheets] == [3, 6, 2, 2]
    assert book.worksheets[3]["D2"].value == "TEXT_MISMATCH"
    assert not list(out.glob(".yanzhang-*"))


def test_what_stands_on_paper_is_never_markup(tmp_path: Path) -> None:
    html = (written(tmp_path, changed=1, others=2) / "report.html").read_text()
    assert "<script>alert" not in html
    assert "\u202e" not in html
    data = data_of(html)
    assert data["rows"][0][0].startswith("env-2.pdf </script>")
    assert "\u202e" not in json.dumps(data, ensure_ascii=False)
    # Nothing but our own script runs: the policy names it by its hash, and no other script element holds any.
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
    running = [body for kind, body in scripts if "application/json" not in kind]
    assert len(running) == 1
    assert base64.b64encode(hashlib.sha256(running[0].encode()).digest()).decode() in html


def test_past_its_bound_the_page_shows_changed_envelopes_as_rows_with_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.report.spool.MOST_CARDS", 2)
    out = written(tmp_path, changed=5, others=1)
    html = (out / "report.html").read_text()
    assert len(re.findall(r"<article id=", html)) == 2
    rows = data_of(html)["rows"]
    assert [row[3] for row in rows] == ["changed", "changed", "changed", "findings", "missing"]
    assert rows[0][9][0][3] == "The telephone differs."
    assert len([e for e in json.loads((out / "report.json").read_text())["envelopes"] if "documents" in e]) == 5


def test_a_sheet_ends_where_a_spreadsheet_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.report.xlsx_report.MOST_ROWS", 3)
    book = openpyxl.load_workbook(written(tmp_path, changed=1, others=9) / "report.xlsx")
    assert book.worksheets[1].max_row == 5
    assert "report.json" in str(book.worksheets[1]["A5"].value)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReportTrouble, match="name another"), in_folder(tmp_path / "file" / "out"):
        pass


def cells(out: Path) -> list[list[tuple[object, ...]]]:
    return [list(sheet.values) for sheet in openpyxl.load_workbook(out / "report.xlsx").worksheets]


def test_a_process_of_its_own_writes_the_same_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = cells(written(tmp_path / "here", changed=2, others=3))
    monkeypatch.setattr("pipeline.report.night_book.MANY", 0)
    assert cells(written(tmp_path / "there", changed=2, others=3)) == here


def test_a_writer_of_the_workbook_that_is_killed_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = cells(written(tmp_path / "here", changed=2, others=3))
    monkeypatch.setattr("pipeline.report.night_book.MANY", 0)
    page = night_report._write_html

    def killed_meanwhile(*given: Any) -> None:
        for child in multiprocessing.active_children():
            child.kill()
        page(*given)

    monkeypatch.setattr(night_report, "_write_html", killed_meanwhile)
    assert cells(written(tmp_path / "there", changed=2, others=3)) == here


@pytest.mark.parametrize("many", [0, 100])
def test_a_workbook_that_cannot_be_written_leaves_the_report_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    out = written(tmp_path, changed=1, others=1)
    before = (out / "report.json").read_bytes()
    (out / "report.xlsx").unlink()
    (out / "report.xlsx").mkdir()
    monkeypatch.setattr("pipeline.report.night_book.MANY", many)
    with pytest.raises(ReportTrouble, match="cannot be written"):
        written(tmp_path, changed=2, others=1)
    assert (out / "report.json").read_bytes() == before
    assert not list(out.glob(".yanzhang-*"))
