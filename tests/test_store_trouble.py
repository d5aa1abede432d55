"""The database locked, full, read-only, damaged, cut off: one sentence, nothing half-written, the next run goes on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_places import ROOT, bare_python, filled, larger, scans, small_disk, write_records, yanzhang

from pipeline.cli import main
from pipeline.errors import StoreTrouble
from pipeline.keeping import received
from pipeline.store import Store, StoredFile
from pipeline.store import database as database_module
from pipeline.store.migrating import newest_form


def arrive(store: Store, name: str) -> int:
    return store.arrive(name, [StoredFile(name, "0" * 64)], sha256="0" * 64, split="auto", received_on=None).id


# ------------------------------------------------------------------------------------------------------- locked


def test_locked_for_longer_than_the_limit(tmp_path: Path) -> None:
    store = Store(tmp_path, lock_seconds=0.1)
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreTrouble, match=r"is locked\): wait until the other run is done, then run the same"):
            arrive(store, "a.pdf")
        assert store.arrivals() == ()  # who only looks waits for nobody
    arrive(store, "a.pdf")


def test_a_writer_waits_for_another_and_does_not_give_up_between(tmp_path: Path) -> None:
    """Looking first and writing then, while others write: refused at once where a transaction begins as a reader."""
    stores = [Store(tmp_path) for _ in range(4)]

    def many(which: int) -> None:
        for number in range(15):
            arrive(stores[which], f"{which}-{number}.pdf")
            stores[which].keep_reading(f"{number}", b"[]")
            stores[which].keep_records(b"[%d]" % number)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(many, range(4)))
    assert len(stores[0].arrivals()) == 60


def test_many_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from pipeline.store import Store; Store(Path(sys.argv[1])).arrivals()"
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(6)]
    assert [(run.wait(), run.communicate()[1]) for run in runs] == [(0, "")] * 6


@pytest.mark.parametrize("command", ["process", "reconcile"])
def test_commands_on_a_locked_store_say_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    home, out = tmp_path / "home", str(tmp_path / "out")
    filled(Store(home), tmp_path / "batch", [1])
    records = str(write_records(tmp_path / "records.json", [1]))
    batch = [str(scans(tmp_path / "more", b="b"))] if command == "process" else []
    monkeypatch.setenv("YANZHANG_HOME", str(home))
    monkeypatch.setattr(database_module, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(sys, "argv", ["yanzhang", command, *batch, "--records", records, "--out", out])
    with closing(sqlite3.connect(home / "yanzhang.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SystemExit) as ended:
            main()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert len(told.splitlines()) == 1
    assert "wait until the other run is done, then run the same command again" in told


# --------------------------------------------------------------------------------------------------------- full


def test_a_full_disk_keeps_what_was_kept_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "home", "1500k") as home:
        store = Store(home)
        arrive(store, "a.pdf")
        kept = 0
        with pytest.raises(StoreTrouble, match="make room on its disk, then run the same command again"):
            for number in range(50):
                store.keep_reading(str(number), os.urandom(60_000))
                kept = number + 1
        assert kept >= 3
        # A run that comes upon it opens the store, or says the same.
        again = Store(home)
        assert [again.reading(str(n)) is not None for n in range(kept + 1)] == [True] * kept + [False]
        assert [a.name for a in again.arrivals()] == ["a.pdf"]
        larger(home, "30m")
        again.keep_reading(str(kept), os.urandom(60_000))
        assert Store(home).reading(str(kept)) is not None


def test_a_disk_without_room_for_a_store_at_all(tmp_path: Path) -> None:
    with small_disk(tmp_path / "home", "16k") as home:
        (home / "fill").write_bytes(b"")
        with pytest.raises(OSError, match="space"):
            (home / "fill").write_bytes(b"x" * 100_000)
        with pytest.raises(StoreTrouble, match=r"make room|look at the disk"):
            Store(home)
        (home / "fill").unlink()
        larger(home, "5m")
        assert arrive(Store(home), "a.pdf")


def test_commands_on_a_full_disk_say_one_sentence_and_the_next_run_finishes(tmp_path: Path) -> None:
    records = str(write_records(tmp_path / "records.json", [1, 2]))
    with small_disk(tmp_path / "home", "8m") as home:
        filled(Store(home), tmp_path / "batch", [1])
        with (home / "originals" / "fill").open("wb", buffering=0) as fill, pytest.raises(OSError, match="space"):
            while True:
                fill.write(b"x" * 4096)
        told = yanzhang(home, "reconcile", "--records", records, "--out", str(tmp_path / "out"))
        assert (told.returncode, len(told.stderr.splitlines())) == (1, 1), told.stderr
        assert "make room" in told.stderr or "look at the disk" in told.stderr
        assert not (tmp_path / "out" / "report.json").exists()
        (home / "originals" / "fill").unlink()
        done = yanzhang(home, "reconcile", "--records", records, "--out", str(tmp_path / "out"))
        assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [e["application_no"] for e in report["envelopes"]] == ["CCIIP2023S00001"]


def test_a_report_for_which_there_is_no_room(tmp_path: Path) -> None:
    filled(Store(tmp_path / "home"), tmp_path / "batch", [1])
    records = str(write_records(tmp_path / "records.json", [1]))
    with small_disk(tmp_path / "out", "32k") as out:
        told = yanzhang(tmp_path / "home", "reconcile", "--records", records, "--out", str(out))
        assert told.returncode == 1, told.stderr
        assert "Traceback" not in told.stderr
        assert "the report cannot be written" in told.stderr
        assert "make room there" in told.stderr
        assert not [p for p in out.rglob("*") if p.name.startswith((".", "report"))]
        larger(out, "20m")
        done = yanzhang(tmp_path / "home", "reconcile", "--records", records, "--out", str(out))
        assert done.returncode == 0, done.stderr
        assert sorted(p.name for p in out.iterdir())[-3:] == ["report.html", "report.json", "report.xlsx"]


# ---------------------------------------------------------------------------------------------------- read-only


def test_a_store_that_may_not_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(Store(home), tmp_path / "batch", [1])
    code = """
import sys
from pathlib import Path
from pipeline.errors import YanzhangError
from pipeline.store import Store
try:
    store = Store(Path(sys.argv[1]))
    print(len(store.arrivals()))
    store.keep_reading("k", b"[]")
except YanzhangError as error:
    print(error.message)
"""
    for path in (home, home / "yanzhang.sqlite3"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    done = bare_python(code, str(home))
    home.chmod(0o700)
    (home / "yanzhang.sqlite3").chmod(0o600)
    assert "let yanzhang write to it" in done.stdout, (done.stdout, done.stderr)
    assert not done.stderr
    assert len(Store(home).arrivals()) == 1


# ------------------------------------------------------------------------------------------------------ damaged


@pytest.mark.parametrize("place", ["head", "middle"])
def test_a_damaged_database_is_said_and_not_made_anew(tmp_path: Path, place: str) -> None:
    home = tmp_path / "home"
    store = Store(home)
    for number in range(40):
        store.keep_reading(str(number), os.urandom(3000))
        arrive(store, f"{number}.pdf")
    store.close()
    path = home / "yanzhang.sqlite3"
    whole = path.read_bytes()
    cut = 0 if place == "head" else 4096
    path.write_bytes(whole[:cut] + os.urandom(len(whole) // 2) + whole[cut + len(whole) // 2 :])
    damaged = path.read_bytes()
    records = str(write_records(tmp_path / "records.json", [1]))
    for command in (["reconcile"], ["process", str(scans(tmp_path / "batch", a="a"))]):
        told = yanzhang(home, *command, "--records", records, "--out", str(tmp_path / "out"))
        assert (told.returncode, len(told.stderr.splitlines())) == (1, 1), told.stderr
        assert "restore the last backup (yanzhang restore)" in told.stderr
    assert path.read_bytes()[:100] == damaged[:100]


def test_a_damaged_reading_is_no_reading_and_is_read_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_reading("k", b"first")
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db, db:
        db.execute("UPDATE readings SET data = ?", (zlib.compress(b"first")[:-1] + b"\0",))
    assert store.reading("k") is None
    store.keep_reading("k", b"second")
    assert store.reading("k") == b"second"


def test_an_envelope_whose_reading_is_damaged_is_named_with_what_to_do(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    (arrival,) = filled(store, tmp_path / "batch", [1])
    with store.writing() as db:
        db.exec_driver_sql("UPDATE readings SET data = x'00'")
    (one,) = received(store)
    assert one.submission.problem == f"what was read of it is damaged: read it again (yanzhang retry {arrival.name})"


def test_damaged_records_are_said(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_records(b"[1]")
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db, db:
        db.execute("UPDATE snapshots SET data = x'00'")
    with pytest.raises(StoreTrouble, match="name them anew with --records"):
        store.records()
    store.keep_records(b"[2]")
    assert store.records() == b"[2]"


def test_a_reading_of_another_version_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    (arrival,) = filled(store, tmp_path / "batch", [1])
    store.keep_reading("old", b'[{"envelope": "a", "sha256": "b", "what_was_once": 1}]')
    store.was_read(arrival, "old")
    (one,) = received(store)
    assert one.submission.problem == "it was read by another version of yanzhang: run the same batch again"


# ------------------------------------------------------------------------------------------------------ cut off


def test_what_was_committed_survives_a_kill_and_what_was_not_is_gone(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from pipeline.store import Store
store = Store(Path(sys.argv[1]))
store.keep_reading("whole", b"[]")
with store.writing() as db:
    db.exec_driver_sql("INSERT INTO readings VALUES ('half', x'00')")
    print("in it", flush=True)
    time.sleep(600)
"""
    home = tmp_path / "home"
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGKILL)
    assert (home / "yanzhang.sqlite3-wal").stat().st_size > 0
    store = Store(home)
    assert store.reading("whole") == b"[]"
    with store.looking() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM readings").scalar_one() == 1


# --------------------------------------------------------------------------------------------------- its form


BEFORE = """
CREATE TABLE arrivals (id INTEGER NOT NULL, name VARCHAR NOT NULL, sha256 VARCHAR(64) NOT NULL,
    split VARCHAR(8) NOT NULL, files VARCHAR NOT NULL, received_on DATE, problem VARCHAR NOT NULL,
    reading_key VARCHAR(64) NOT NULL, PRIMARY KEY (id), UNIQUE (name, sha256, split));
CREATE INDEX ix_arrivals_sha256 ON arrivals (sha256);
CREATE TABLE readings ("key" VARCHAR(64) NOT NULL, data BLOB NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE snapshots (id INTEGER NOT NULL, taken_at DATETIME NOT NULL, data BLOB NOT NULL, PRIMARY KEY (id));
CREATE TABLE judgements (envelope VARCHAR NOT NULL, arrival INTEGER NOT NULL, digest VARCHAR(64) NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (envelope, arrival));
INSERT INTO arrivals VALUES (3, 'a.pdf', 'aa', 'auto', '[["a.pdf", "aa"]]', '2023-09-20', '', 'k');
INSERT INTO arrivals VALUES (7, 'b.pdf', 'bb', 'auto', '[["b.pdf", "bb"]]', NULL, '', '');
INSERT INTO judgements VALUES ('a.pdf', 3, 'd', x'00');
"""


def test_a_store_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db:
        db.executescript(BEFORE)
        db.execute("INSERT INTO readings VALUES ('k', ?)", (zlib.compress(b"[]"),))
        db.commit()
    store = Store(tmp_path)
    assert [(a.id, a.name, a.taken_at) for a in store.arrivals()] == [(3, "a.pdf", None), (7, "b.pdf", None)]
    assert store.reading("k") == b"[]"
    assert arrive(store, "c.pdf") == 8
    taken = store.arrivals()[-1].taken_at
    assert taken is not None
    assert abs((datetime.now(UTC).replace(tzinfo=None) - taken).total_seconds()) < 60
    assert [a.id for a in Store(tmp_path).arrivals()] == [3, 7, 8]
    with store.looking() as db_now:
        assert db_now.exec_driver_sql("PRAGMA user_version").scalar_one() == newest_form()
        indices = db_now.exec_driver_sql("PRAGMA index_list(arrivals)").all()
    assert "ix_arrivals_sha256" in {row[1] for row in indices}


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path)
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreTrouble, match=r"written by a newer yanzhang .*: update yanzhang, then run"):
        Store(tmp_path)


def test_an_arrival_cut_otherwise_has_no_judgement_of_the_old_cut(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_judgements([("a.pdf", 1, "d", b"1"), ("a.pdf#2", 1, "d", b"2"), ("b.pdf", 2, "d", b"3")])
    store.keep_judgements([("a.pdf#2", 1, "e", b"4"), ("b.pdf", 2, "e", b"5")], whole={2})
    assert len(store.judgements()) == 3
    store.keep_judgements([("a.pdf", 1, "e", b"6")], whole={1})
    assert store.judgements() == {("a.pdf", 1): ("e", b"6"), ("b.pdf", 2): ("e", b"5")}


# ----------------------------------------------------------------------------------------------------- the clock


def test_a_clock_that_is_set_back_changes_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.keep_records(b"[1]")
    first = arrive(store, "z.pdf")

    class Back(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(1970, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(database_module, "datetime", Back)
    store.keep_records(b"[2]")
    second = arrive(store, "a.pdf")
    assert store.records() == b"[2]"
    assert [a.id for a in store.arrivals()] == [first, second]
    assert store.arrivals()[1].taken_at == datetime(1970, 1, 1)
