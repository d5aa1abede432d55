"""The command line as its users meet it: exit statuses, one clear sentence, never a traceback."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipeline.cli import main

RECORD = {"application_no": "CCIIP2023S00001", "track": "supplier", "name": "北京云帆软件股份有限公司"}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YANZHANG_WORKERS", "1")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["yanzhang", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def records(tmp_path: Path, *rows: object) -> str:
    path = tmp_path / "records.json"
    path.write_text(json.dumps(rows or (RECORD,), ensure_ascii=False))
    return str(path)


@pytest.mark.parametrize(
    "command",
    [
        "process",
        "reconcile",
        "decide",
        "correct",
        "decisions",
        "seals",
        "read",
        "extract",
        "covers",
        "samples",
        "evaluate",
        "doctor",
    ],
)
def test_every_command_has_help(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, command, "--help") == 0
    assert command in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["process", "{tmp}/nowhere", "--records", "{records}", "--out", "{tmp}/out"], "is not there"),
        (["process", "{tmp}/empty", "--records", "{records}", "--out", "{tmp}/out"], "holds no scans"),
        (["process", "{tmp}/batch", "--records", "{tmp}/none.json", "--out", "{tmp}/out"], "none.json"),
        (["process", "{tmp}/batch", "--records", "{tmp}/broken.json", "--out", "{tmp}/out"], "broken.json"),
        (["process", "{tmp}/batch", "--records", "{tmp}/columns.csv", "--out", "{tmp}/out"], "application_no"),
        (["process", "{tmp}/batch", "--records", "{records}", "--out", "{tmp}/file"], "cannot be written"),
        (
            ["process", "{tmp}/batch", "--records", "{records}", "--out", "{tmp}/out", "--received-on", "2023-13-45"],
            "YYYY-MM-DD",
        ),
        (
            ["process", "{tmp}/batch", "--records", "{records}", "--out", "{tmp}/out", "--programme", "cciip-1999"],
            "cciip-2023",
        ),
        (["reconcile", "--out", "{tmp}/out"], "--records"),
        (["extract", "{tmp}/nowhere.pdf", "--json"], "is not there"),
        (["evaluate", "{tmp}/none.json", "{tmp}/none.json"], "none.json"),
    ],
)
def test_bad_input_is_one_sentence_and_status_1(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "a.pdf").write_text("this is text, not a PDF")
    (tmp_path / "broken.json").write_text("[{")
    (tmp_path / "columns.csv").write_text("name,track\nx,supplier\n")
    (tmp_path / "file").write_text("")
    places = {"tmp": str(tmp_path), "records": records(tmp_path)}
    assert run(monkeypatch, *(a.format(**places) for a in arguments)) == 1
    said = capsys.readouterr().err
    assert sentence in said.replace("\n", "")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "arguments", [["process"], ["nonsense"], ["process", "x", "--records", "y", "--out", "z", "--split", "maybe"]]
)
def test_wrong_usage_is_status_2(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_files_that_cannot_be_read_are_named_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np
    import pymupdf
    from PIL import Image

    batch = tmp_path / "batch"
    batch.mkdir()
    (batch / "text.pdf").write_text("this is text, not a PDF")
    (batch / "empty.pdf").write_bytes(b"")
    Image.fromarray(np.zeros((1, 1, 3), np.uint8)).save(batch / "pixel.png")
    with pymupdf.open() as document:
        document.new_page()
        document.save(batch / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="secret")
        whole = document.tobytes()
    (batch / "cut.pdf").write_bytes(whole[: len(whole) // 3])
    out = tmp_path / "out"
    status = run(monkeypatch, "process", str(batch), "--records", records(tmp_path), "--out", str(out))
    said = capsys.readouterr().err
    assert status == 3, said
    assert "Traceback" not in said
    report = json.loads((out / "report.json").read_text())
    assert report["schema"] == "yanzhang.report/1"
    assert report["totals"]["envelopes"] == 5
    by_name = {e["envelope"]: e for e in report["envelopes"]}
    for name in ("text.pdf", "empty.pdf", "locked.pdf"):
        assert by_name[name]["verdict"] == "unreadable"
        assert any(name in problem for problem in report["problems"]), report["problems"]
    assert report["not_received"] == ["CCIIP2023S00001"]
    assert (out / "report.html").is_file()
    assert (out / "report.xlsx").is_file()


def test_bad_rows_are_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np
    from PIL import Image

    (tmp_path / "batch").mkdir()
    Image.fromarray(np.full((1400, 1000, 3), 255, np.uint8)).save(tmp_path / "batch" / "a.png")
    rows = (RECORD, {**RECORD, "application_no": "CCIIP2023S00002", "established": "2023-02-30"}, {"track": "park"})
    out = tmp_path / "out"
    status = run(
        monkeypatch, "process", str(tmp_path / "batch"), "--records", records(tmp_path, *rows), "--out", str(out)
    )
    assert status == 3
    report = json.loads((out / "report.json").read_text())
    assert report["not_received"] == ["CCIIP2023S00001"]
    assert any("CCIIP2023S00002" in p for p in report["problems"])
    assert "established" in capsys.readouterr().err


def test_evaluate_draws_the_reliability_diagram(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    box = [0.1, 0.1, 0.2, 0.2]
    documents = [{"type": "information_form", "pages": [1], "fields": {"staff": 7}}]
    (tmp_path / "truth.json").write_text(json.dumps([{"envelope": "a.pdf", "documents": documents}]))
    seen = [{"name": "staff", "value": 7, "confidence": 0.99, "page": 1, "box": box}]
    documents = [{"type": "information_form", "pages": [1], "fields": seen}]
    (tmp_path / "report.json").write_text(json.dumps({"envelopes": [{"envelope": "a.pdf", "documents": documents}]}))
    told = ["evaluate", str(tmp_path / "truth.json"), str(tmp_path), "--diagram"]
    assert run(monkeypatch, *told, str(tmp_path / "curve.svg")) == 0
    assert "what a confidence is worth" in capsys.readouterr().out
    assert (tmp_path / "curve.svg").read_text().startswith("<svg")
    assert run(monkeypatch, *told, str(tmp_path / "none" / "curve.svg")) == 1
    assert "cannot be written" in capsys.readouterr().err.replace("\n", " ")
