"""Nights that are kept: begun, finished, failed, killed; told once a channel; forgotten (pipeline/store/nights.py)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from pipeline.forgetting import forget
from pipeline.model import FindingCode, Severity, Text
from pipeline.model.nights import Night, NightFinding
from pipeline.settings import Settings
from pipeline.store import Store, StoredFile, nights, store_of
from pipeline.store.leases import lease
from pipeline.store.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    address = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    kept = store_of(Settings(home=tmp_path / "home", database=SecretStr(address)))
    yield kept
    kept.close()


def finding(number: int, application: str | None = "CCIIP2023S00001", envelope: str = "env-0001.pdf") -> NightFinding:
    return NightFinding(
        application_no=application,
        envelope=envelope,
        id=f"f{number}",
        code=FindingCode.MISSING_SEAL,
        severity=Severity.ERROR,
        message=Text(zh="缺少印章", en="a seal is missing"),
    )


def a_night(**more: object) -> Night:
    values = {"started_at": datetime.now(UTC), "finished_at": datetime.now(UTC), "programme": "cciip-2023"}
    return Night.model_validate({**values, **more})


def test_a_night_comes_back_as_it_was(store: Store) -> None:
    assert nights.last(store) is None
    number = nights.begin(store, "cciip-2023")
    running = nights.last(store)
    assert running is not None
    assert (running.id, running.finished_at, running.pid, running.alive) == (number, None, os.getpid(), True)
    came_to = a_night(
        applications=3, new_count=700, new=tuple(finding(n) for n in range(700)), resolved_count=1,
        resolved=(finding(1000),), stuck=("a.pdf asks for a password",), alarms=("the source is down",),
    )  # fmt: skip
    nights.finish(store, number, came_to)
    nights.finish(store, number, came_to)  # once more, as after a lost answer
    done = nights.last(store)
    assert done == nights.last_finished(store) == nights.kept(store, number)
    assert done is not None
    assert done.night.new == came_to.new[: nights.MAX_LINES]  # lists are cut, counts never
    assert done.night.new_count == 700
    assert (done.night.resolved, done.night.stuck, done.night.alarms) == (
        came_to.resolved, came_to.stuck, came_to.alarms,
    )  # fmt: skip
    assert nights.unfinished(store) == ()


def test_why_a_night_ended_early_is_kept(store: Store) -> None:
    first = nights.begin(store)
    nights.failed(store, first, "the disk is full: make room")
    second = nights.begin(store)
    nights.finish(store, second, a_night())
    nights.failed(store, second, "said too late")
    third = nights.begin(store)
    assert [n.id for n in nights.unfinished(store)] == [first, third]
    assert [n.id for n in nights.unfinished(store, nights.last_finished(store))] == [third]
    ended = nights.kept(store, first)
    assert ended is not None
    assert (ended.problem, ended.alive, ended.finished_at) == ("the disk is full: make room", False, None)
    done = nights.kept(store, second)
    assert done is not None
    assert done.problem == ""
    assert nights.kept(store, 99) is None


def test_a_night_that_was_killed_is_seen(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = (
        "import sys, time; from pathlib import Path; from pipeline.store import Store, nights\n"
        "print(nights.begin(Store(Path(sys.argv[1]))), flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, home], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    assert process.stdout is not None
    number = int(process.stdout.readline())
    store = Store(home)
    running = nights.kept(store, number)
    assert running is not None
    assert (running.alive, running.pid) == (True, process.pid)
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie is no process at work either
    unburied = nights.last(store)
    assert unburied is not None
    assert not unburied.alive
    process.wait()
    killed = nights.last(store)
    assert killed is not None
    assert (killed.alive, killed.finished_at, killed.problem) == (False, None, "")


def test_a_later_process_of_that_number_is_another(store: Store) -> None:
    number = nights.begin(store)
    with store.writing() as db:
        db.execute(update(metadata.tables["nights"]).values(process="1@another-start-of-the-machine"))
    found = nights.kept(store, number)
    assert found is not None
    assert not found.alive
    with store.writing() as db:
        db.execute(update(metadata.tables["nights"]).values(host="another.machine"))
    found = nights.kept(store, number)
    assert found is not None
    # Nobody here can look at that process; on a server the lease of the night tells.
    assert found.alive == (not store.on_server)
    with lease(store, nights.LEASE):
        found = nights.kept(store, number)
    assert found is not None
    assert found.alive


def test_a_channel_is_told_of_a_matter_once(store: Store) -> None:
    assert nights.claim(store, "night:1", "mail")
    assert not nights.claim(store, "night:1", "mail")  # somebody is at it
    assert nights.claim(store, "night:1", "wecom")
    assert nights.claim(store, "night:2", "mail")
    nights.untold(store, "night:1", "mail")  # the server was down
    assert nights.claim(store, "night:1", "mail")
    nights.told(store, "night:1", "mail")
    assert not nights.claim(store, "night:1", "mail")
    with store.writing() as db:  # a claim whose process died is free after a while, what was told never
        long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=nights.CLAIM_SECONDS + 1)
        db.execute(update(metadata.tables["told"]).values(claimed_at=long_ago))
    assert not nights.claim(store, "night:1", "mail")
    assert nights.claim(store, "night:1", "wecom")
    assert not nights.claim(store, "night:1", "wecom")


def test_of_many_who_would_tell_one_does(store: Store) -> None:
    won: list[bool] = []
    threads = [threading.Thread(target=lambda: won.append(nights.claim(store, "night:1", "mail"))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(won) == [False] * 7 + [True]


def test_lists_of_old_nights_go_and_counts_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights, "KEPT_LINES", 2)
    store = Store(tmp_path / "home")
    for n in range(4):
        nights.finish(store, nights.begin(store), a_night(new_count=n, new=(finding(n),)))
    nights.begin(store)
    listed = {n: nights.kept(store, n) for n in (1, 2, 3, 4)}
    assert [len(one.night.new) for one in listed.values() if one] == [0, 0, 0, 1]
    assert [one.night.new_count for one in listed.values() if one] == [0, 1, 2, 3]


def test_nothing_of_who_is_forgotten_stays_in_a_night(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    for name, sha256 in (("mine.pdf", "a" * 64), ("other.pdf", "b" * 64)):
        store.arrive(name, [StoredFile(name, sha256)], sha256=sha256, split="auto", received_on=date(2023, 9, 20))
    listed = (
        finding(1, "CCIIP2023S00001", "mine.pdf"),
        finding(2, None, "mine.pdf#2"),
        finding(3, "CCIIP2023S00002", "other.pdf"),
    )
    nights.finish(store, nights.begin(store), a_night(new_count=3, new=listed, stuck=("mine.pdf asks for a password",)))
    store.keep_judgements(
        [("mine.pdf", 1, "d", b'{"application_no": "CCIIP2023S00001"}'), ("other.pdf", 2, "d", b"{}")], whole={1, 2}
    )
    told = forget(store, ["CCIIP2023S00001"])
    assert told.counts["night_lines"] == 3
    left = nights.last(store)
    assert left is not None
    assert left.night.new == (finding(3, "CCIIP2023S00002", "other.pdf"),)
    assert left.night.new_count == 3
    store.close()
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert any(b"other.pdf" in path.read_bytes() for path in kept)
    assert not any(b"mine.pdf" in path.read_bytes() for path in kept)
