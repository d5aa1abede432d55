"""The whole street on real pages of the demo set: direct, again, as a Prefect flow, and the nightly job."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.cli import main

pytestmark = pytest.mark.slow

DEMO = Path(__file__).parent.parent / "samples" / "demo"
ENVELOPE = "env-0003"  # a folder of pictures: the smallest of the set


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("street")
    shutil.copytree(DEMO / "batch" / ENVELOPE, folder / "batch" / ENVELOPE)
    shutil.copy(DEMO / "records.json", folder / "records.json")
    return folder


def yanzhang(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str) -> None:
    monkeypatch.setenv("YANZHANG_HOME", str(home))
    monkeypatch.setenv("YANZHANG_WORKERS", "1")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["yanzhang", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


def process(monkeypatch: pytest.MonkeyPatch, place: Path, out: str, *more: str) -> dict[str, Any]:
    command = ["process", str(place / "batch"), "--records", str(place / "records.json"), "--out", str(place / out)]
    yanzhang(monkeypatch, place / "home", *command, "--received-on", "2023-09-20", *more)
    return report(place / out)


def report(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / "report.json").read_text())
    loaded.pop("generated_at")
    return loaded


def test_main_job_then_again_then_as_a_flow_then_at_night(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = process(monkeypatch, place, "first")
    truth = {e["envelope"]: e for e in json.loads((DEMO / "truth.json").read_text())["envelopes"]}[ENVELOPE]
    envelope = first["envelopes"][0]
    assert envelope["application_no"] == truth["application_no"]
    assert [p["kind"] for p in envelope["pages"]] == [p["kind"] for p in truth["pages"]]
    found = {(f["code"], f["document"], f["field"]) for f in envelope["findings"] if f["severity"] == "error"}
    assert {(f["code"], f["document"], f["field"]) for f in truth["expected_findings"]} >= found
    assert len(first["not_received"]) == len(json.loads((place / "records.json").read_text())) - 1

    # Again: nothing is read (a reader that is asked would have no engine), the report is the same.
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.readers.Readers._once", None)
        assert process(patch, place, "again") == first

    assert process(monkeypatch, place, "flow", "--prefect") == first

    # At night, with the records as they were: by reference. With one changed: in full, and it says so.
    yanzhang(monkeypatch, place / "home", "reconcile", "--out", str(place / "night"))
    assert report(place / "night")["envelopes"][0]["unchanged"] is True
    rows = json.loads((place / "records.json").read_text())
    mine = next(r for r in rows if r["application_no"] == envelope["application_no"])
    mine["mobile"] = "13900000000"
    changed = place / "changed.json"
    changed.write_text(json.dumps(rows, ensure_ascii=False))
    yanzhang(monkeypatch, place / "home", "reconcile", "--records", str(changed), "--out", str(place / "next"))
    night = report(place / "next")["envelopes"][0]
    assert "unchanged" not in night
    assert ("TEXT_MISMATCH", "mobile") in {(f["code"], f["field"]) for f in night["findings"]}


def test_written_report_is_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = json.loads((place / "records.json").read_text())
    for row in rows:
        row["mobile"] = "=cmd|' /C calc'!A0"
        row["contact"] = "<script>alert(1)</script>"
    hostile = place / "hostile.json"
    hostile.write_text(json.dumps(rows, ensure_ascii=False))
    out = place / "hostile"
    command = ["process", str(place / "batch"), "--records", str(hostile), "--out", str(out)]
    yanzhang(monkeypatch, place / "home", *command)
    findings = report(out)["envelopes"][0]["findings"]
    assert any(f["field"] == "contact" for f in findings)
    for finding in findings:
        assert finding["evidence"] is None or (out / finding["evidence"]).is_file()
    html = (out / "report.html").read_text()
    assert "<script>alert" not in html
    assert not re.search(r'(?:src|href)="(?!data:|#)', html), "the page must stand alone"
    sheet = openpyxl.load_workbook(out / "report.xlsx").worksheets[0]
    assert sheet.freeze_panes == "B2"
    assert sheet.max_row == len(findings) + 1
    assert not any(str(c.value).startswith("=") for row in sheet.iter_rows() for c in row if c.value is not None)
