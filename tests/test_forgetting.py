"""Forgetting: nothing of an applicant is left in the store, nothing of another is lost, and a kill is made good."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from store_places import ROOT, drawn, filled, keep_reading_of, record, scans, write_records, yanzhang

from pipeline.book import bring_up
from pipeline.errors import BadInput, StoreTrouble
from pipeline.forgetting import forget
from pipeline.intake.batch import take_in
from pipeline.judging import judge_all
from pipeline.keeping import keep_records, kept_records, received, remember
from pipeline.model import Record
from pipeline.programmes import load
from pipeline.store import Imprint, Store, Twin, quarantine
from pipeline.store.imprints import keep_imprints
from pipeline.store.removal import is_begun

NUMBERS = (1, 2, 3, 4)


def number_of(n: int) -> str:
    return str(record(n)["application_no"])


def judged(store: Store, numbers: tuple[int, ...] = NUMBERS) -> None:
    """What a run would keep: the records and each envelope's judgement."""
    records = tuple(Record.model_validate(record(n)) for n in numbers)
    keep_records(store, records)
    remember(store, judge_all(received(store), records, load("cciip-2023")))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Four envelopes of four applicants, all that is kept of them, and one more whose reading nobody uses."""
    store = Store(tmp_path / "home", lock_seconds=0.2)
    arrivals = filled(store, tmp_path / "batch", NUMBERS)
    for arrival, number in zip(arrivals, NUMBERS, strict=True):
        store.keep_reading(f"an older reading of {number}", store.reading(arrival.reading_key) or b"")
        quarantine.strike(store, arrival.reading_key, arrival.files[0].sha256, 0, f"broke at {record(number)['name']}")
    one, two = arrivals[0].reading_key, arrivals[1].reading_key
    name = str(record(1)["name"])
    keep_imprints(store, one, [Imprint(one, "0.0.0", name=name, data=name.encode())], [])
    keep_imprints(store, two, [Imprint(two, "0.0.0", data=b"2")], [Twin(two, "0.0.0", one, "0.0.0", "copied")])
    judged(store)
    judged(store, (*NUMBERS, 9))
    history = tmp_path / "home" / "prefect" / "prefect.db"
    history.parent.mkdir()
    history.write_text(f"task run env-0001.pdf of {number_of(1)}")
    (tmp_path / "home" / "claims").mkdir(exist_ok=True, mode=0o700)
    return store


def bytes_of(home: Path) -> bytes:
    """Every byte of a home, of readings and judgements unpacked too."""
    found = [p.read_bytes() + p.name.encode() for p in home.rglob("*") if p.is_file()]
    with closing(sqlite3.connect(home / "yanzhang.sqlite3")) as db:
        import zlib

        for table in ("readings", "record_versions", "judgements", "imprints"):
            found += [zlib.decompress(row[0]) for row in db.execute(f"SELECT data FROM {table} WHERE data != x''")]
    return b"\n".join(found)


def traces(home: Path, number: int) -> list[str]:
    everything = bytes_of(home)
    told = record(number)
    words = [str(told[k]) for k in ("application_no", "name", "uscc", "mobile")] + [f"env-{number:04d}.pdf"]
    return [word for word in words if word.encode() in everything]


def test_nothing_of_an_applicant_is_left_and_all_of_the_others_is(store: Store, tmp_path: Path) -> None:
    page = store.originals.path(store.arrivals()[0].files[0].sha256)
    before = {a.id: (a, store.reading(a.reading_key)) for a in store.arrivals()[1:]}
    assert len(traces(store.home, 1)) == 5
    told = forget(store, [number_of(1)])
    assert traces(store.home, 1) == []
    assert not page.exists()
    assert told.envelopes == ("env-0001.pdf",)
    assert told.counts["originals"] == 1
    assert told.counts["run history"] == 1
    assert told.counts["quarantine"] == 1
    assert told.counts["twins"] == 1
    assert told.kept == ()
    assert {a.id: (a, store.reading(a.reading_key)) for a in store.arrivals()} == before
    assert [r.application_no for r in kept_records(store).records] == [number_of(n) for n in (2, 3, 4, 9)]
    assert {key[0] for key in store.judgements()} == {f"env-{n:04d}.pdf" for n in (2, 3, 4)}
    assert store.reading("an older reading of 2")
    assert len(traces(store.home, 2)) == 5
    assert not is_begun(store)
    again = Store(store.home)
    assert len([r for r in received(again) if not r.submission.problem]) == 3


def test_the_command_says_what_it_removed_and_what_it_could_not_reach(store: Store, tmp_path: Path) -> None:
    store.close()
    home = tmp_path / "home"
    dry = yanzhang(home, "forget", number_of(1), number_of(2), "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "would be removed: envelope env-0001.pdf" in dry.stdout
    assert len(traces(home, 1)) == 5
    done = yanzhang(home, "forget", number_of(1), number_of(2))
    assert done.returncode == 0, done.stderr
    assert "removed: envelope env-0002.pdf" in done.stdout
    assert "2 envelopes as they came in, 4 readings" in done.stdout
    assert "reports with their evidence, backups" in done.stderr
    assert traces(home, 1) == traces(home, 2) == []
    unknown = yanzhang(home, "forget", number_of(1))
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (1, 1)
    assert f"nothing is known of the application {number_of(1)}: nothing was removed" in unknown.stderr


@pytest.mark.parametrize("arguments", [(), ("A", "--before", "2024-01-01")])
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert yanzhang(tmp_path / "home", "forget", *arguments).returncode == 2


def test_a_day_that_is_none(tmp_path: Path) -> None:
    done = yanzhang(tmp_path / "home", "forget", "--before", "last year")
    assert done.returncode == 1
    assert "--before last year is no date" in done.stderr


def test_one_unknown_application_and_nothing_is_removed(store: Store) -> None:
    with pytest.raises(BadInput, match="CCIIP2023S77777"):
        forget(store, [number_of(1), "CCIIP2023S77777"])
    assert len(store.arrivals()) == 4


def test_an_application_of_which_only_the_record_is_known(store: Store) -> None:
    told = forget(store, [number_of(9)])
    assert told.envelopes == ()
    assert told.counts["records"] == 1
    assert traces(store.home, 9) == []
    assert len(store.arrivals()) == 4


def test_a_file_of_several_applications_goes_with_the_last_of_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    drawn(tmp_path / "batch" / "pile.pdf", "two envelopes in one file")
    (pile,) = take_in(tmp_path / "batch", store).arrivals
    store.was_read(pile, keep_reading_of(store, pile, [1, 2]))
    judged(store)
    told = forget(store, [number_of(1)])
    assert told.envelopes == ()
    assert told.kept == (
        f"pile.pdf stays: it also holds an envelope of {number_of(2)}; name that too, or forget by date",
    )
    assert store.originals.size(pile.files[0].sha256)
    assert number_of(1) not in {r.application_no for r in kept_records(store).records}
    judged(store)
    assert forget(store, [number_of(1), number_of(2)]).envelopes == ("pile.pdf",)
    assert not store.originals.size(pile.files[0].sha256)
    assert traces(store.home, 1) == traces(store.home, 2) == []


def test_a_file_that_another_envelope_holds_too_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    filled(store, tmp_path / "batch", (1, 2))
    # The first one's page again, in a folder with the second one's: they say they are the second's.
    box = tmp_path / "more" / "box"
    box.mkdir(parents=True)
    for name in ("env-0001.pdf", "env-0002.pdf"):
        (box / name).write_bytes((tmp_path / "batch" / name).read_bytes())
    (arrival,) = take_in(tmp_path / "more", store).arrivals
    store.was_read(arrival, keep_reading_of(store, arrival, [2]))
    judged(store, (1, 2))
    shared = store.arrivals()[0].files[0].sha256
    told = forget(store, [number_of(1)])
    assert told.envelopes == ("env-0001.pdf",)
    assert store.originals.size(shared)
    forget(store, [number_of(2)])
    assert not store.originals.size(shared)
    assert store.arrivals() == ()


def test_judgements_of_others_that_speak_of_it_are_made_anew(store: Store) -> None:
    name = str(record(1)["name"])
    data = json.dumps(
        {"envelope": "env-0002.pdf", "application_no": number_of(2), "findings": [{"found": name}]}, ensure_ascii=False
    )
    arrival = store.arrivals()[1].id
    store.keep_judgements([("env-0002.pdf", arrival, "digest", data.encode())])
    forget(store, [number_of(1)])
    digest, kept = store.judgements()["env-0002.pdf", arrival]
    assert digest == ""
    assert json.loads(kept) == {
        "envelope": "env-0002.pdf",
        "application_no": number_of(2),
        "findings": [],
        "checks": [],
    }
    assert forget(store, [number_of(2)]).envelopes == ("env-0002.pdf",)


# ------------------------------------------------------------------------------------------------------ by the day


def test_everything_received_before_a_day(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    filled(store, tmp_path / "batch", (1, 2, 3))
    take_in(tmp_path / "batch", store, received_on=date(2023, 9, 20))
    late = scans(tmp_path / "late")
    drawn(late / "env-0004.pdf", "paper of 4")
    (four,) = take_in(late, store, received_on=date(2024, 3, 1)).arrivals
    store.was_read(four, keep_reading_of(store, four, [4]))
    judged(store)
    with store.writing() as db:
        db.exec_driver_sql("UPDATE record_versions SET since = '2023-09-21 00:00:00.000000'")
    bring_up(store, str(write_records(tmp_path / "now.json", (4, 9))))
    judged(store, (4, 9))
    told = forget(store, before=date(2024, 1, 1))
    assert told.envelopes == ("env-0001.pdf", "env-0002.pdf", "env-0003.pdf")
    assert told.counts["record_versions"] == 6  # what three records were, and that they are gone
    assert [a.name for a in store.arrivals()] == ["env-0004.pdf"]
    assert [traces(store.home, n) for n in (1, 2, 3)] == [[], [], []]
    assert len(traces(store.home, 4)) == 5
    assert forget(store, before=date(2024, 1, 1)).counts == {}


def test_without_a_day_of_receipt_the_day_it_was_taken_in_counts(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    filled(store, tmp_path / "batch", (1, 2, 3))
    with store.writing() as db:
        db.exec_driver_sql("UPDATE arrivals SET taken_at = '2023-09-21 10:00:00.000000' WHERE id = 1")
        db.exec_driver_sql("UPDATE arrivals SET taken_at = NULL WHERE id = 2")
    told = forget(store, before=datetime.now().date())
    assert told.envelopes == ("env-0001.pdf",)
    assert told.kept == ("1 envelopes bear no day (env-0002.pdf): forget them by application",)
    assert [a.name for a in store.arrivals()] == ["env-0002.pdf", "env-0003.pdf"]


def test_envelopes_that_were_not_judged_are_said(store: Store, tmp_path: Path) -> None:
    take_in(scans(tmp_path / "more", fresh="fresh"), store)
    told = forget(store, [number_of(1)])
    assert "1 envelopes were not judged yet" in told.notes[1]


# --------------------------------------------------------------------------------------------- others, and a kill


def test_not_while_others_use_the_store(store: Store, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.store import Store\n"
        "store = Store(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(store.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StoreTrouble, match="another run uses the store"):
            forget(store, [number_of(1)])
        assert forget(store, [number_of(1)], dry_run=True).envelopes == ("env-0001.pdf",)
        other.kill()
    assert len(store.arrivals()) == 4


STEPS = ("begin", "remove", "sweep_files", "end")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_the_next_run_finishes(store: Store, tmp_path: Path, step: str, when: str) -> None:
    home = store.home
    store.close()
    code = f"""
import os, signal, sys
from pathlib import Path
import pipeline.forgetting as forgetting
from pipeline.store import Store
call = forgetting.{step}
def dying(*arguments):
    {"call(*arguments)" if when == "after" else "pass"}
    os.kill(os.getpid(), signal.SIGKILL)
forgetting.{step} = dying
forgetting.forget(Store(Path(sys.argv[1])), [sys.argv[2]])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(home), number_of(1)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    after = Store(home)
    # Nothing half: who is there has its original and its reading.
    for arrival in after.arrivals():
        assert after.originals.size(arrival.files[0].sha256)
        assert after.reading(arrival.reading_key)
    if (step, when) == ("end", "after"):
        assert traces(home, 1) == []
        return
    forget(after, [number_of(1)])
    assert traces(home, 1) == []
    assert len(after.arrivals()) == 3
    assert not is_begun(after)
    with pytest.raises(BadInput):
        forget(after, [number_of(1)])


def test_other_users_of_the_machine_read_nothing_meanwhile(store: Store) -> None:
    before = os.umask(0)
    try:
        forget(store, [number_of(1)])
    finally:
        os.umask(before)
    assert [p for p in store.home.rglob("*") if p.stat().st_mode & 0o077 and "prefect" not in p.parts] == []


def test_a_report_after_forgetting_speaks_of_the_others_only(store: Store, tmp_path: Path) -> None:
    records = write_records(tmp_path / "records.json", NUMBERS[1:])
    forget(store, [number_of(1)])
    done = yanzhang(store.home, "reconcile", "--records", str(records), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "report.json").read_text()
    assert [e["envelope"] for e in json.loads(text)["envelopes"]] == [f"env-{n:04d}.pdf" for n in NUMBERS[1:]]
    assert str(record(1)["name"]) not in text
