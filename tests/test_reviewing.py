"""decide, correct, decisions: from the command line into the store, from the store into the next report."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pymupdf
import pytest
from checks_builders import NAME, audit, copyright_, field, form, form_fields, iso, record
from said_builders import sent
from sqlalchemy import Connection, text

from pipeline.cli import main
from pipeline.errors import BadInput, BadSetting, StoreTrouble
from pipeline.intake.batch import TakenIn
from pipeline.keeping import keep_records
from pipeline.model import Document, DocumentType, Submission
from pipeline.observing import submissions_json
from pipeline.records import load_records
from pipeline.reviewing import correct_value, decide_finding, everything_said
from pipeline.store import (
    Arrival,
    Store,
    StoredFile,
    all_corrections,
    all_decisions,
)
from pipeline.store.removal import Removal, remove
from pipeline.store.tables import metadata
from pipeline.street import judge_batch

HOSTILE = "<script>alert('裁')</script>\x1b[31m\u202e =1+1"
PAGES = 8


def papers(staff: int = 590) -> tuple[Document, ...]:
    return form(form_fields(staff=field("staff", staff))), audit(), iso(), copyright_()


def scan(place: Path, name: str, words: str) -> Path:
    """A real PDF, so that the report's pictures are made of real pages."""
    with pymupdf.open() as document:
        for number in range(1, PAGES + 1):
            document.new_page(width=595, height=842).insert_text((72, 150), f"{words} {number}")
        place.mkdir(exist_ok=True)
        document.save(place / name)
    return place / name


def take_in(store: Store, file: Path, *documents: Document, day: date, key: str = "k", cut: int = 1) -> Arrival:
    """A file as it is after reading: its bytes stored, what was seen on it kept."""
    sha256 = store.originals.put(file)
    arrival = store.arrive(file.name, [StoredFile(file.name, sha256)], sha256=sha256, split="auto", received_on=day)
    read_anew(store, arrival, *documents, key=key, cut=cut)
    return arrival


def read_anew(store: Store, arrival: Arrival, *documents: Document, key: str, cut: int = 1) -> None:
    seen = sent(arrival.name, *documents).submission
    pages = tuple(p.model_copy(update={"sha256": arrival.sha256}) for p in seen.pages)
    whole = seen.model_copy(update={"sha256": arrival.sha256, "pages": pages, "received_on": None})
    parts = [whole] if cut == 1 else [lost_part(whole), whole]
    store.keep_reading(f"{arrival.sha256[:20]}{key}", submissions_json(parts))
    store.was_read(arrival, f"{arrival.sha256[:20]}{key}")


def lost_part(whole: Submission) -> Submission:
    return whole.model_copy(update={"documents": (), "pages": (), "cover_application_no": None})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "records.json").write_text(f"[{record().model_dump_json()}]")
    kept = Store(tmp_path / "home")
    take_in(kept, scan(tmp_path / "batch", "env.pdf", "main"), *papers(), day=date(2023, 9, 20))
    return kept


def yanzhang(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["yanzhang", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def night(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int = 0) -> dict[str, Any]:
    out, records = str(tmp_path / "out"), str(tmp_path / "records.json")
    assert yanzhang(monkeypatch, "reconcile", "--records", records, "--out", out) == status
    report: dict[str, Any] = json.loads((tmp_path / "out" / "report.json").read_text())
    return report


def finding_of(report: dict[str, Any], code: str = "FIGURE_MISMATCH") -> dict[str, Any]:
    (found,) = (f for e in report["envelopes"] for f in e["findings"] if f.get("code") == code)
    assert isinstance(found, dict)
    return found


def test_from_the_desk_to_the_report_and_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = night(monkeypatch, tmp_path)
    found = finding_of(first)
    assert first["totals"]["with_findings"] == 1 and found["evidence"]
    assert night(monkeypatch, tmp_path)["envelopes"][0]["unchanged"] is True
    words = ["decide", found["id"], "--as", "overruled", "--by", "张三\x1b]0;x\x07", "--note", HOSTILE]
    assert yanzhang(monkeypatch, *words) == 0
    told = night(monkeypatch, tmp_path)
    assert "unchanged" not in told["envelopes"][0]
    assert (told["totals"]["clean"], told["totals"]["with_findings"]) == (1, 0)
    decision = finding_of(told)["decision"]
    assert (decision["as"], decision["by"]) == ("overruled", "张三]0;x")
    assert decision["note"] == "<script>alert('裁')</script>[31m =1+1"
    html = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    assert 'class="finding error overruled"' in html and "不算问题" in html and found["id"] in html
    sheet = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx").worksheets[0]
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, [cell.value for cell in sheet[2]], strict=True))
    assert "不算问题" in row["人工裁定 Decision"] and "张三" in row["人工裁定 Decision"]
    assert row["问题编号 Finding"] == found["id"]
    counts = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx").worksheets[1]
    assert [cell.value for cell in counts[2]][4:7] == ["无误 clean", 0, 0]
    again = night(monkeypatch, tmp_path)["envelopes"][0]
    assert again["unchanged"] is True and again["verdict"] == "clean"
    assert "\x1b" not in capsys.readouterr().err


def test_what_was_said_outlives_another_reading_with_all_in_another_order(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (arrival,) = store.arrivals()
    night(monkeypatch, tmp_path)
    assert (
        yanzhang(monkeypatch, "correct", "env.pdf", "staff", "600人", "--document", "information_form", "--by", "李四")
        == 0
    )
    read_anew(store, arrival, *reversed(papers(staff=555)), key="another observer")
    report = night(monkeypatch, tmp_path)
    assert report["totals"]["clean"] == 1
    (told,) = (f for d in report["envelopes"][0]["documents"] for f in d["fields"] if "corrected" in f)
    assert (told["name"], told["value"], told["corrected"]["from"]) == ("staff", 600, 555)
    html = (tmp_path / "out" / "report.html").read_text()
    assert "机器读作“555”" in html and "李四" in html


def test_a_correction_that_fits_nothing_is_said_every_night_and_the_run_is_no_failure(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (arrival,) = store.arrivals()
    said = ("--document", "information_form", "--by", "李四")
    assert yanzhang(monkeypatch, "correct", "env.pdf", "staff", "600", *said) == 0
    read_anew(store, arrival, *papers()[1:], key="no form any more")
    for _ in range(2):
        problems = night(monkeypatch, tmp_path)["problems"]
        assert len(problems) == 1 and "correction of staff" in problems[0]
        assert "correction of staff" in capsys.readouterr().err.replace("\n", " ")
    read_anew(store, arrival, *papers(), key="k")
    assert not night(monkeypatch, tmp_path)["problems"]
    assert yanzhang(monkeypatch, "correct", "env.pdf", "staff", "--withdraw", *said) == 0
    assert finding_of(night(monkeypatch, tmp_path))["found"] == 590


def test_the_main_job_applies_it_too(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 补件 alone in its batch: what was decided on the first envelope's finding holds, its evidence is there."""
    found = finding_of(night(monkeypatch, tmp_path))
    decide_finding(store, found["id"], "confirmed", "张三", "属实")
    later = take_in(store, scan(tmp_path / "more", "later.pdf", "later"), iso(), day=date(2023, 9, 22))
    loaded = load_records(str(tmp_path / "records.json"))
    batch = TakenIn(arrivals=(later,), ignored=())
    report = judge_batch(store, loaded, batch, tmp_path / "batch-out", programme_name="cciip-2023").report
    (envelope,) = report.envelopes
    (told,) = (f for f in envelope.findings if f.code == "FIGURE_MISMATCH")
    assert told.decision is not None and told.decision.note == "属实"
    shown = json.loads((tmp_path / "batch-out" / "report.json").read_text())
    evidence = finding_of(shown)["evidence"]
    assert evidence and (tmp_path / "batch-out" / evidence).is_file()
    again = decide_finding(store, found["id"], "overruled", "张三")
    assert (again.envelope, again.sheet) == ("later.pdf", told.sheet)
    # What became of the first envelope was in no report yet: tonight's tells it in full, once.
    first, second = night(monkeypatch, tmp_path)["envelopes"]
    assert (first["part_of"], first.get("unchanged")) == ("later.pdf", None) and second["verdict"] == "clean"
    assert all(one["unchanged"] for one in night(monkeypatch, tmp_path)["envelopes"])


def test_a_supplement_scanned_after_the_envelope_that_is_newer_says_where_its_findings_stand(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = take_in(store, scan(tmp_path / "more", "early.pdf", "early"), iso(), day=date(2023, 9, 1))
    loaded = load_records(str(tmp_path / "records.json"))
    batch = TakenIn(arrivals=(early,), ignored=())
    done = judge_batch(store, loaded, batch, tmp_path / "batch-out", programme_name="cciip-2023")
    (envelope,) = done.report.envelopes
    assert (envelope.part_of, envelope.verdict, envelope.findings) == ("env.pdf", "clean", ())
    (said,) = done.report.problems
    assert "early.pdf" in said and "stands at env.pdf" in said and not done.some_failed
    assert not night(monkeypatch, tmp_path)["problems"]


def test_all_that_was_said_is_listed_for_audits(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = finding_of(night(monkeypatch, tmp_path))
    for word in ("confirmed", "overruled", "reopened"):
        decide_finding(store, found["id"][:10], word, "张三", HOSTILE)  # type: ignore[arg-type]
    correct_value(store, "env.pdf", "operating_revenue", "-1万元", document="information_form", by="李四")
    capsys.readouterr()
    assert yanzhang(monkeypatch, "decisions", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["what"], one["id"]) for one in lines] == [
        ("decision", 1),
        ("decision", 2),
        ("decision", 3),
        ("correction", 1),
    ]
    assert [one["kind"] for one in lines[:3]] == ["confirmed", "overruled", "reopened"]
    assert {one["application_no"] for one in lines} == {record().application_no}
    assert (lines[3]["value"], lines[3]["raw"], lines[3]["unit"]) == ("-10000.00", "-1万元", "万元")
    assert yanzhang(monkeypatch, "decisions") == 0
    shown = capsys.readouterr().out
    assert "张三" in shown and "\x1b[31m" not in shown and "\u202e" not in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["decide", "0123456789abcdef", "--as", "confirmed", "--by", "x"], "no finding of the last judgement"),
        (["decide", "nonsense", "--as", "confirmed", "--by", "x"], "no finding's id"),
        (["decide", "abc", "--as", "confirmed", "--by", "x"], "no finding's id"),
        (["decide", "{id}", "--as", "confirmed", "--by", " "], "--by"),
        (["decide", "{id}", "--as", "confirmed", "--by", "x", "--note", "长" * 1001], "1000 are the most"),
        (["correct", "none.pdf", "staff", "1", "--document", "information_form", "--by", "x"], "no envelope is called"),
        (["correct", "env.pdf", "staff", "1", "--document", "letter", "--by", "x"], "no document type"),
        (["correct", "env.pdf", "staff", "1", "--document", "cover_letter", "--by", "x"], "has no cover_letter"),
        (["correct", "env.pdf", "staff", "1", "--document", "information_form", "--page", "9", "--by", "x"], "page 9"),
        (["correct", "env.pdf", "colour", "1", "--document", "information_form", "--by", "x"], "has no field colour"),
        (["correct", "env.pdf", "staff", "some", "--document", "information_form", "--by", "x"], "whole number"),
        (["correct", "env.pdf", "staff", "--document", "information_form", "--by", "x"], "--withdraw"),
        (["correct", "env.pdf", "staff", "1", "--withdraw", "--document", "information_form", "--by", "x"], "not both"),
        (["correct", "env.pdf", "staff", "--withdraw", "--document", "information_form", "--by", "x"], "nothing to"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_one_sentence_and_nothing_is_kept(
    arguments: list[str],
    sentence: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = finding_of(night(monkeypatch, tmp_path))
    capsys.readouterr()
    assert yanzhang(monkeypatch, *(one.replace("{id}", found["id"]) for one in arguments)) == 1
    said = capsys.readouterr().err
    assert sentence in said.replace("\n", " ") and "Traceback" not in said
    assert not list(everything_said(store))


@pytest.mark.parametrize("arguments", [["decide", "x"], ["decide", "x", "--as", "gone", "--by", "y"], ["correct", "a"]])
def test_wrong_usage(arguments: list[str], store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert yanzhang(monkeypatch, *arguments) == 2


def test_of_envelopes_of_one_name_the_content_says_which(store: Store, tmp_path: Path) -> None:
    take_in(store, scan(tmp_path / "other", "env.pdf", "another"), *papers(), day=date(2023, 9, 21))
    with pytest.raises(BadInput, match="2 envelopes go by") as told:
        correct_value(store, "env.pdf", "staff", "600", document="information_form", by="x")
    first, second = store.arrivals()
    assert first.sha256[:12] in told.value.message and second.sha256[:12] in told.value.message
    kept = correct_value(store, second.sha256[:12], "staff", "600", document="information_form", by="x")
    assert kept.sha256 == second.sha256


def test_a_part_of_a_file_is_named_by_its_number(store: Store, tmp_path: Path) -> None:
    stack = take_in(store, scan(tmp_path / "s", "公司#1.pdf", "stack"), *papers(), day=date(2023, 9, 20), cut=2)
    kept = correct_value(store, "公司#1.pdf#2", "staff", "600", document="information_form", by="x")
    assert (kept.part, kept.envelope, kept.sha256) == (2, "公司#1.pdf#2", stack.sha256)
    by_content = correct_value(store, f"{stack.sha256[:16]}#2", "staff", "601", document="information_form", by="x")
    assert by_content.part == 2
    with pytest.raises(BadInput, match="nothing to correct"):
        correct_value(store, "公司#1.pdf", "staff", "600", document="information_form", by="x")


def test_of_two_certificates_on_one_page_the_index_says_which(store: Store, tmp_path: Path) -> None:
    two = (form(), iso(pages=(4,)), iso("77", pages=(4,)), iso("88", pages=(5,)))
    take_in(store, scan(tmp_path / "t", "two.pdf", "two"), *two, day=date(2023, 9, 20))
    said: dict[str, Any] = {"document": "iso_certificate", "by": "x"}
    with pytest.raises(BadInput, match="has 3 of iso_certificate"):
        correct_value(store, "two.pdf", "certificate_no", "A1", **said)
    with pytest.raises(BadInput, match="--index 2"):
        correct_value(store, "two.pdf", "certificate_no", "A1", page=4, **said)
    kept = correct_value(store, "two.pdf", "certificate_no", "A1", page=4, index=2, **said)
    assert (kept.page, kept.place, kept.document) == (4, 1, DocumentType.ISO_CERTIFICATE)


# --------------------------------------------------------------------------------------------------------- the store

_MANY = """
import sys
from pathlib import Path
from pipeline.reviewing import decide_finding
from pipeline.store import Store
store = Store(Path(sys.argv[1]))
for _ in range(25):
    print(decide_finding(store, sys.argv[2], sys.argv[3], sys.argv[4]).id, flush=True)
"""


def test_two_people_at_once_are_both_heard_and_the_last_row_counts(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finding_of(night(monkeypatch, tmp_path))
    people = [
        subprocess.Popen(
            [sys.executable, "-c", _MANY, str(store.home), found["id"], word, name],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
        )
        for word, name in (("confirmed", "甲"), ("overruled", "乙"))
    ]
    given = {name: one.communicate()[0].split() for name, one in zip("甲乙", people, strict=True)}
    assert all(one.returncode == 0 for one in people)
    rows = all_decisions(store)
    assert [one.id for one in rows] == list(range(1, 51))
    assert {name: [str(r.id) for r in rows if r.by == name] for name in "甲乙"} == given
    assert finding_of(night(monkeypatch, tmp_path))["decision"]["by"] == rows[-1].by


def test_a_clock_set_back_changes_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline import reviewing

    found = finding_of(night(monkeypatch, tmp_path))
    first = decide_finding(store, found["id"], "overruled", "甲")
    monkeypatch.setattr(reviewing, "_now", lambda: first.at.replace(year=1999))
    decide_finding(store, found["id"], "reopened", "乙")
    assert finding_of(night(monkeypatch, tmp_path))["decision"]["as"] == "reopened"


def test_rows_are_only_added(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = finding_of(night(monkeypatch, tmp_path))
    kept = decide_finding(store, found["id"], "confirmed", "甲")
    right = correct_value(store, "env.pdf", "staff", "600", document="information_form", by="乙")
    with sqlite3.connect(store.home / "yanzhang.sqlite3") as db:
        for table in ("decisions", "corrections"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                db.execute(f"UPDATE {table} SET by = 'x'")
    assert all_decisions(store) == (kept,) and all_corrections(store) == (right,)
    assert (kept.id, right.id) == (1, 1)


def forgotten(db: Connection, sha256s: set[str], applications: set[str]) -> int:
    taken = remove(db, Removal(sha256s=frozenset(sha256s), applications=frozenset(applications)))
    return taken["decisions"] + taken["corrections"]


def test_what_is_forgotten_is_gone_and_its_ids_are_not_given_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finding_of(night(monkeypatch, tmp_path))
    decide_finding(store, found["id"], "confirmed", "甲")
    correct_value(store, "env.pdf", "contact", "李丽", document="information_form", by="乙")
    other = take_in(store, scan(tmp_path / "o", "other.pdf", "other"), *papers(), day=date(2023, 9, 20))
    correct_value(store, "other.pdf", "contact", "李丽", document="information_form", by="丙")
    with store.writing() as db:
        assert forgotten(db, set(), set()) == 0
        assert forgotten(db, {"f" * 64}, {"nobody's"}) == 0
        assert forgotten(db, set(), {record().application_no}) == 2
    assert not all_decisions(store) and [one.by for one in all_corrections(store)] == ["丙"]
    night(monkeypatch, tmp_path)
    assert decide_finding(store, found["id"], "confirmed", "丁").id == 2
    with store.writing() as db:
        assert forgotten(db, {other.sha256}, set()) >= 1
    assert not all_corrections(store)


def test_a_locked_store_is_one_sentence(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = finding_of(night(monkeypatch, tmp_path))
    monkeypatch.setattr("pipeline.store.database.LOCK_SECONDS", 0.1)
    other = sqlite3.connect(store.home / "yanzhang.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreTrouble, match="wait until the other run is done"):
            decide_finding(Store(store.home), found["id"], "confirmed", "甲")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert decide_finding(store, found["id"], "confirmed", "甲").id == 1


def test_a_store_from_before_there_were_decisions_gets_their_tables(store: Store) -> None:
    then = {"arrivals", "readings", "snapshots", "judgements", "imprints", "twins", "sayings", "quarantine"}
    with store.writing() as db:
        for name in {*metadata.tables, "alembic_version"} - then:
            db.execute(text(f"DROP TABLE IF EXISTS {name}"))
        db.execute(text("PRAGMA user_version = 1"))
    assert all_decisions(Store(store.home)) == ()
    keep_records(store, [record()])
    with pytest.raises(BadSetting):
        decide_finding(store, "", "confirmed", NAME)
