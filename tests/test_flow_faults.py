"""Kinds of fault in real runs: what may pass is tried again, what somebody must mend is not; limits are kept."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flows.faults import may_pass
from pipeline.settings import Settings
from pipeline.store import nights, store_of
from pipeline.store.leases import Held, lease
from tests.clusters import without_prefect

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow

HEAD = """
import os, sqlite3, sys
from pathlib import Path
from flows.quiet import be_quiet
place = Path(sys.argv[1])
be_quiet(place)
from flows import steps
from flows.walk import Around
from pipeline.errors import YanzhangError
from pipeline.settings import Settings
from pipeline.store import store_of
store_of(Settings()).close()
database = Settings().home / "yanzhang.sqlite3"
asked = []
def form(number):
    with sqlite3.connect(database) as db:
        db.execute(f"PRAGMA user_version = {number}")
def look(task, run, state):
    asked.append(type(state.data).__name__)
    form(kept)
    return steps.try_again_by_night(task, run, state)
with sqlite3.connect(database) as db:
    kept = db.execute("PRAGMA user_version").fetchone()[0]
night = steps.reconcile_night.with_options(retry_condition_fn=look, retry_delay_seconds=0)
"""
# The store is of a form that nobody knows, until the first try has failed.
MENDED = """
form(99_999)
told = night(str(place / "r.json"), str(place / "out"), "cciip-2023")
print(asked, told["not_received"], Path(told["report"]).name)
"""
NEVER = """
try:
    night(str(place / "none.json"), str(place / "out"), "cciip-2023")
except YanzhangError as error:
    print(asked, type(error).__name__, error.message)
"""
BY_HAND = """
form(99_999)
try:
    with steps.surroundings(Around()):
        night(str(place / "r.json"), str(place / "out"), "cciip-2023")
except YanzhangError as error:
    print(asked, type(error).__name__)
"""
LATE = """
try:
    with steps.surroundings(Around()):
        steps.nightly_reconcile.with_options(timeout_seconds=2)(sys.argv[2], str(place / "out"), "cciip-2023")
except YanzhangError as error:
    print(type(error).__name__, error.message)
"""
# Another run has the only turn at the record source; then it gives it back.
TURN = """
import httpx
from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency
from pipeline.errors import SourceDown
with get_client(sync_client=True) as client:
    client.upsert_global_concurrency_limit_by_name(steps.RECORDS_LIMIT, 1)
steps.TURN_SECONDS = 3
def turn():
    try:
        with steps.records_turn():
            return "mine"
    except SourceDown as error:
        return error.message
with concurrency(steps.RECORDS_LIMIT, strict=True):
    print(turn())
print(turn())
try:
    with steps.records_turn():
        raise TimeoutError("the source's own")
except TimeoutError as error:
    print(error)
"""


def run(code: str, place: Path, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    record = {"application_no": "1", "track": "park", "name": "x"}
    (place / "r.json").write_text(json.dumps([record]))
    return subprocess.run(
        [sys.executable, "-c", HEAD + code, str(place), *more],
        capture_output=True,
        text=True,
        env={**without_prefect(), **environment, "YANZHANG_HOME": str(place / "home"), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        check=False,
        timeout=300,
    )


def test_a_store_that_cannot_be_used_now_is_tried_again(tmp_path: Path, prefect_server: dict[str, str]) -> None:
    done = run(MENDED, tmp_path, prefect_server)
    assert done.stdout.strip() == "['StoreTrouble'] 1 report.html", done.stderr


def test_records_that_are_not_there_are_not_tried_again(tmp_path: Path, prefect_server: dict[str, str]) -> None:
    done = run(NEVER, tmp_path, prefect_server)
    assert done.stdout.startswith("['BadRecords'] BadRecords There is no file"), done.stderr
    assert "Traceback" not in done.stderr


def test_who_sits_before_it_reads_at_once_what_is_wrong(tmp_path: Path, prefect_server: dict[str, str]) -> None:
    done = run(BY_HAND, tmp_path, prefect_server)
    assert done.stdout.strip() == "['StoreTrouble'] StoreTrouble", done.stderr
    assert "Traceback" not in done.stderr and "ERROR" not in done.stderr


def test_runs_take_turns_at_the_record_source(tmp_path: Path, prefect_server: dict[str, str]) -> None:
    done = run(TURN, tmp_path, prefect_server)
    said = done.stdout.splitlines()
    assert len(said) == 3, done.stderr
    assert "in use by other runs" in said[0] and "yanzhang-records" in said[0]
    assert said[1:] == ["mine", "the source's own"]


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a record source that takes every call and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/records"
        for one in held:
            one.close()


def test_a_night_that_takes_too_long_is_stopped(tmp_path: Path, prefect_server: dict[str, str], silent: str) -> None:
    done = run(LATE, tmp_path, prefect_server, silent)
    assert done.stdout.startswith("StoreTrouble the run took longer than"), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("there", [True, False])
def test_bad_records_by_hand_are_one_sentence(there: bool, tmp_path: Path, prefect_server: dict[str, str]) -> None:
    (tmp_path / "r.json").write_text("[]" if there else "")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "reconcile", "--records", str(tmp_path / "r.json"), "--out", "o"],
        capture_output=True,
        text=True,
        env={**without_prefect(), **prefect_server, "YANZHANG_HOME": str(tmp_path / "h"), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    # A slow server makes Prefect say at the end that it still has things to send.
    (line,) = (line for line in done.stderr.strip().splitlines() if "EventsWorker" not in line)
    assert line.startswith("yanzhang: ") and "records" in line.lower()


def test_two_nights_never_overlap_whoever_starts_them(tmp_path: Path) -> None:
    record = {"application_no": "1", "track": "park", "name": "x"}
    (tmp_path / "r.json").write_text(json.dumps([record]))
    settings = Settings(home=tmp_path / "home")
    command = ["reconcile", "--records", str(tmp_path / "r.json"), "--out", str(tmp_path / "out")]

    def night() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *command],
            capture_output=True,
            text=True,
            env={**without_prefect(), "YANZHANG_HOME": str(settings.home), "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            check=False,
        )

    with closing(store_of(settings)) as store:
        with lease(store, nights.LEASE):
            second = night()
        assert second.returncode == 1
        (line,) = second.stderr.strip().splitlines()
        assert f"process {os.getpid()} since 20" in line and "under way already" in line
        assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
        assert nights.last(store) is None  # no night failed: it never began
        assert night().returncode == 0
        assert nights.last_finished(store) is not None
    assert not may_pass(Held("the nightly run", "another", None))
