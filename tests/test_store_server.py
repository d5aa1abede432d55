"""The store on a PostgreSQL server: the same calls, the same results; many at once; what goes wrong is a sentence."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import errors
from pydantic import SecretStr
from servers import free_port, running_postgres
from sqlalchemy.exc import OperationalError
from store_places import ROOT

from pipeline.errors import BadSetting, StoreTrouble
from pipeline.model import Decision, FindingCode
from pipeline.settings import Settings
from pipeline.store import (
    Imprint,
    Store,
    StoredFile,
    Twin,
    add_decision,
    all_decisions,
    store_of,
)
from pipeline.store.imprints import all_twins, imprint_hashes, keep_imprints, without_imprints
from pipeline.store.moving import lasting as tables
from pipeline.store.quarantine import barred, release, strike
from pipeline.store.trouble import of_server


def arrive(store: Store, name: str, sha256: str = "0" * 64, **more: object) -> int:
    told = {"split": "auto", "received_on": None, **more}
    return store.arrive(name, [StoredFile(name, sha256)], sha256=sha256, **told).id  # type: ignore[arg-type]


def everything(store: Store) -> dict[str, object]:
    """All that a store's calls answer."""
    return {
        "arrivals": [(a.name, a.sha256, a.files, a.received_on, a.problem, a.reading_key) for a in store.arrivals()],
        "readings": {key: store.reading(key) for key in map(str, range(12))},
        "records": store.records(),
        "judgements": dict(store.judgements()),
        "sayings": dict(store.sayings("e1")),
        "without": without_imprints(store),
        "imprints": imprint_hashes(store),
        "twins": all_twins(store),
        "barred": dict(barred(store, "1")),
        "counts": store.counts(),
    }


KEYS = st.sampled_from([str(n) for n in range(4)])
NAMES = st.sampled_from(["a.pdf", "b.pdf", "信封 \0乙.pdf", "half\ud800pair.pdf", "'; DROP TABLE arrivals; --"])
HASHES = st.sampled_from([c * 64 for c in "abc"])
DATA = st.sampled_from([b"", b"[]", b"[1]", "甲".encode()])
CALLS = st.one_of(
    st.tuples(st.just("arrive"), NAMES, HASHES, st.sampled_from(["", "one page is missing"])),
    st.tuples(st.just("reading"), KEYS, DATA, st.booleans()),
    st.tuples(st.just("read"), st.integers(0, 5), KEYS),
    st.tuples(st.just("records"), DATA),
    st.tuples(st.just("judgements"), NAMES, st.integers(1, 3), DATA, st.booleans()),
    st.tuples(st.just("sayings"), KEYS, DATA),
    st.tuples(st.just("imprints"), KEYS, KEYS),
    st.tuples(st.just("strike"), KEYS, st.integers(-1, 2)),
    st.tuples(st.just("release"), KEYS),
)


def done(store: Store, call: tuple[object, ...]) -> None:
    match call:
        case ("arrive", str(name), str(sha256), str(problem)):
            arrive(store, name, sha256, problem=problem)
        case ("reading", str(key), bytes(data), bool(anew)):
            store.keep_reading(key, data, anew=anew)
        case ("read", int(which), str(key)):
            if which < len(arrivals := store.arrivals()):
                store.was_read(arrivals[which], key)
        case ("records", bytes(data)):
            store.keep_records(data)
        case ("judgements", str(name), int(arrival), bytes(data), bool(whole)):
            store.keep_judgements([(name, arrival, "d", data)], whole={arrival} if whole else ())
        case ("sayings", str(key), bytes(data)):
            store.keep_sayings("e1", {key: data})
        case ("imprints", str(key), str(other)):
            one = Imprint(key, "1:b", "公章", "ff", b"ink")
            keep_imprints(store, key, [one, Imprint(key, "1:A")], [Twin(key, "1:b", other, "1:b", "same")])
        case ("strike", str(key), int(page)):
            strike(store, key, "0" * 64, page, "it died")
        case ("release", str(key)):
            release(store, key)


@pytest.fixture(scope="module")
def lasting(postgres_server: str) -> str:
    """A database for all examples of a property: each begins with empty tables."""
    with psycopg.connect(postgres_server, autocommit=True) as db:
        db.execute("CREATE DATABASE lasting")
    return postgres_server.rpartition("/")[0] + "/lasting"


@settings(max_examples=20)
@given(calls=st.lists(CALLS, max_size=20))
def test_the_same_calls_come_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, lasting: str, calls: list[tuple[object, ...]]
) -> None:
    here = Store(tmp_path_factory.mktemp("here"))
    there = Store(tmp_path_factory.mktemp("there"), database=lasting)
    with there.writing() as db:
        db.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in tables())} RESTART IDENTITY")
    for call in calls:
        done(here, call)
        done(there, call)
    assert everything(here) == everything(there)
    here.close()


# ----------------------------------------------------------------------------------------------------- many at once


def _worker(address: str, home: str, which: int, wire: object) -> None:
    store = Store(Path(home), database=address)
    wire.recv()  # type: ignore[attr-defined]
    for number in range(12):
        arrive(store, f"same-{number}.pdf")
        arrive(store, f"of-{which}-{number}.pdf")
        store.keep_reading(f"same-{number}", b"[%d]" % which)
        store.keep_reading(f"{which}-{number}", b"[]")
        store.keep_records(b"[%d]" % (number // 5))
        strike(store, "r", "0" * 64, 0, "it died")
        store.keep_judgements([(f"e{n}", n, "d", b"x") for n in sorted(range(8), reverse=bool(which % 2))])
        keep_imprints(
            store, f"same-{number}", [Imprint(f"same-{number}", "1")], [Twin(f"same-{number}", "1", "o", "1", "s")]
        )
    wire.send(True)  # type: ignore[attr-defined]


def test_four_processes_write_at_once_and_nothing_is_lost_or_twice(tmp_path: Path, postgres: str) -> None:
    spawn = get_context("spawn")
    workers = []
    for which in range(4):
        mine, theirs = spawn.Pipe()
        process = spawn.Process(target=_worker, args=(postgres, str(tmp_path / "home"), which, theirs), daemon=True)
        process.start()
        workers.append((process, mine))
    for _, wire in workers:
        wire.send(True)
    assert [wire.recv() for _, wire in workers] == [True] * 4
    for process, _ in workers:
        process.join()
    store = Store(tmp_path / "home", database=postgres)
    names = [a.name for a in store.arrivals()]
    assert sorted(names) == sorted(
        [f"same-{n}.pdf" for n in range(12)] + [f"of-{w}-{n}.pdf" for w in range(4) for n in range(12)]
    )
    counts = store.counts()
    assert (counts["readings"], counts["judgements"], counts["twins"], counts["imprints"]) == (60, 8, 12, 24)
    # Each worker's own arrivals are in the order in which it made them.
    for which in range(4):
        assert [n for n in names if n.startswith(f"of-{which}-")] == [f"of-{which}-{n}.pdf" for n in range(12)]
    with store.looking() as db:
        assert db.exec_driver_sql("SELECT strikes FROM quarantine").scalar_one() == 48


def test_who_looks_sees_no_arrival_before_an_earlier_one(tmp_path: Path, postgres: str) -> None:
    """A sequence gives 1 to one transaction and 2 to another, which may be done first: not here."""
    store = Store(tmp_path, database=postgres)
    seen: list[list[int]] = []

    def come(which: int) -> None:
        for number in range(20):
            arrive(store, f"{which}-{number}")

    def look(_: int) -> None:
        for _ in range(40):
            seen.append([a.id for a in store.arrivals()])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda one: one[0](one[1]), [(come, 0), (come, 1), (come, 2), (look, 0)]))
    last = [a.id for a in store.arrivals()]
    assert len(last) == 60
    assert all(ids == last[: len(ids)] for ids in seen)


def test_many_may_open_a_new_store_at_once(tmp_path: Path, postgres: str) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.store import Store\n"
        "print(Store(Path(sys.argv[1]), database=sys.argv[2]).arrivals())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "home"), postgres]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        for _ in range(4)
    ]
    assert [run.communicate()[0] for run in runs] == ["()\n"] * 4


def test_a_forked_child_has_no_connection_of_its_parents(tmp_path: Path, postgres: str) -> None:
    store = Store(tmp_path, database=postgres)
    arrive(store, "a.pdf")
    child = os.fork()
    if not child:
        try:
            arrive(store, "b.pdf")
            mine = Store(tmp_path, database=postgres)
            os._exit(0 if [a.name for a in mine.arrivals()] == ["a.pdf", "b.pdf"] else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert [a.name for a in store.arrivals()] == ["a.pdf", "b.pdf"]
    with pytest.raises(StoreTrouble, match="another run uses the store"), holding(tmp_path, postgres), _alone(store):
        pass


# ------------------------------------------------------------------------------------------------- who has it alone


class holding:
    """Another process that has the store open."""

    def __init__(self, home: Path, address: str) -> None:
        code = (
            "import sys; from pathlib import Path; from pipeline.store import Store\n"
            "store = Store(Path(sys.argv[1]), database=sys.argv[2]); print('open', flush=True); sys.stdin.read()"
        )
        self._command = [sys.executable, "-c", code, str(home / "elsewhere"), address]

    def __enter__(self) -> subprocess.Popen[str]:
        self._run = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._run.stdout is not None
        self._run.stdout.readline()
        return self._run

    def __exit__(self, *_: object) -> None:
        self._run.kill()
        self._run.communicate()


def _alone(store: Store) -> object:
    store._lock_seconds = 0.3
    return store.alone()


def test_who_takes_from_a_store_has_it_alone_on_all_machines(tmp_path: Path, postgres: str) -> None:
    store = Store(tmp_path / "one", database=postgres, lock_seconds=0.3)
    with holding(tmp_path, postgres):
        with pytest.raises(StoreTrouble, match="another run uses the store"), store.alone():
            pass
        arrive(store, "a.pdf")
    with store.alone():
        code = (
            "import sys; from pathlib import Path; from pipeline.store import Store\n"
            "from pipeline.errors import StoreTrouble\n"
            "try:\n    Store(Path(sys.argv[1]), database=sys.argv[2], lock_seconds=0.3)\n"
            "except StoreTrouble as trouble:\n    print(trouble.message)"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "two"), postgres]
        refused = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        assert "is being restored or forgotten from: wait until that is done" in refused.stdout
        arrive(store, "b.pdf")
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == ""


# --------------------------------------------------------------------------------------------------- what goes wrong


def test_settings_open_it_and_a_variable_may_hold_the_address(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEASON_DB", postgres)
    arrive(store_of(Settings(home=tmp_path / "a", database=SecretStr("env:SEASON_DB"))), "a.pdf")
    monkeypatch.setenv("YANZHANG_DATABASE", postgres)
    store = store_of(Settings(home=tmp_path / "b"))
    assert [a.name for a in store.arrivals()] == ["a.pdf"]
    assert not (tmp_path / "a" / "yanzhang.sqlite3").exists()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://u:hunter2@h/d", "is another kind"),
        ("hunter2", "cannot be read as an address"),
        ("postgresql://u:hunter2@h", "names no database"),
        ("env:NOWHERE", "refers to the variable NOWHERE, which is not set"),
        ("postgresql://u:hunter2@h:port/d", "cannot be read as an address"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, address: str, says: str) -> None:
    with pytest.raises(BadSetting) as told:
        store_of(Settings(home=tmp_path, database=SecretStr(address)))
    assert says in told.value.message
    assert "hunter2" not in told.value.message


def test_a_server_that_is_down_or_knows_no_such_database(tmp_path: Path, postgres_server: str) -> None:
    with pytest.raises(StoreTrouble) as told:
        Store(tmp_path, database=f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d?sslpassword=hunter2")
    assert "start the server, or look at the host and port in YANZHANG_DATABASE" in told.value.message
    assert "hunter2" not in told.value.message
    assert len(told.value.message.splitlines()) == 1
    with pytest.raises(StoreTrouble, match="make the database"):
        Store(tmp_path, database=postgres_server.rpartition("/")[0] + "/nowhere")


def test_a_wrong_password_and_a_server_that_goes_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    with running_postgres() as address:
        with psycopg.connect(address, autocommit=True) as db:
            db.execute("CREATE ROLE clerk LOGIN PASSWORD 'right' CONNECTION LIMIT 3")
            db.execute("CREATE DATABASE season OWNER clerk")
            (place,) = db.execute("SHOW hba_file").fetchone() or ()
            hba = Path(str(place))
            hba.write_text("host all clerk 127.0.0.1/32 scram-sha-256\n" + hba.read_text())
            db.execute("SELECT pg_reload_conf()")
        port = address.rpartition(":")[2].partition("/")[0]

        def at(password: str) -> str:
            return f"postgresql://clerk:{password}@127.0.0.1:{port}/season"

        with pytest.raises(StoreTrouble) as told:
            Store(home, database=at("hunter2"))
        assert "look at the user and password in YANZHANG_DATABASE" in told.value.message
        assert "hunter2" not in told.value.message
        store = Store(home, database=at("right"))
        arrive(store, "a.pdf")
        # All its connections are cut: those that lie in wait are found dead, and made anew.
        with psycopg.connect(address, autocommit=True) as db:
            db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
        arrive(store, "b.pdf")
        with pytest.raises(StoreTrouble, match="run the same command again"), store.writing() as mine:
            mine.exec_driver_sql("DELETE FROM arrivals")
            with psycopg.connect(address, autocommit=True) as db:
                db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
            mine.exec_driver_sql("SELECT 1")
        again = Store(home, database=at("right"))
        assert [a.name for a in again.arrivals()] == ["a.pdf", "b.pdf"]
        with psycopg.connect(address, autocommit=True) as db:
            db.execute("ALTER ROLE clerk SET default_transaction_read_only = on")
            db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
        with pytest.raises(StoreTrouble, match="the server only reads"):
            arrive(again, "c.pdf")
    with pytest.raises(StoreTrouble, match="start the server"):
        again.arrivals()
    caplog.clear()
    del store, again, told
    gc.collect()  # their sessions are let go of: that they were cut was said already
    assert [record.name for record in caplog.records] == []


def test_a_writer_who_takes_too_long_is_said(tmp_path: Path, postgres: str) -> None:
    store, other = Store(tmp_path, database=postgres, lock_seconds=0.2), Store(tmp_path, database=postgres)
    with other.writing("arrivals"):
        with pytest.raises(StoreTrouble, match="wait until the other run is done"):
            arrive(store, "a.pdf")
        store.keep_reading("k", b"[]")  # another matter
        assert store.arrivals() == ()
    arrive(store, "a.pdf")


def test_what_people_said_stays_on_the_server_too(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    said = Decision(
        finding="f", kind="overruled", by="甲\udcff", note="a\0b", at=datetime.now(UTC), envelope="e.pdf",
        sha256="0" * 64, code=FindingCode.MISSING_SEAL, rule="r", expected="公章", found=None,
    )  # fmt: skip
    kept = add_decision(store, said)
    assert [one.id for one in all_decisions(store)] == [kept.id]
    assert (all_decisions(store)[0].by, all_decisions(store)[0].note) == ("甲?", "a␀b")
    with pytest.raises(StoreTrouble, match="only added to"), store.writing() as db:
        db.exec_driver_sql("UPDATE decisions SET kind = 'confirmed'")


@pytest.mark.parametrize(
    ("kind", "todo"),
    [
        (errors.DiskFull, "make room on the server's disk"),
        (errors.OutOfMemory, "give the server more memory"),
        (errors.TooManyConnections, "let the server take more connections"),
        (errors.QueryCanceled, "it took too long"),
        (errors.InsufficientPrivilege, "let the user in YANZHANG_DATABASE make and write tables"),
        (errors.CannotConnectNow, "wait until the server is up again"),
        (errors.DeadlockDetected, "two runs were in each other's way"),
        (errors.DataCorrupted, "restore the last backup"),
        (errors.InvalidPassword, "look at the user and password"),
        (errors.UndefinedTable, "look at the server's log"),
    ],
)
def test_what_a_server_complains_of_is_one_sentence_with_what_to_do(kind: type[psycopg.Error], todo: str) -> None:
    complaint = kind("it says\nmore: postgresql://u:hunter2@h/d")
    told = of_server("postgresql://u@h/d", OperationalError("SELECT", {}, complaint)).message
    assert todo in told
    assert told.startswith("the store postgresql://u@h/d cannot be used now (it says): ")
    assert "\n" not in told
