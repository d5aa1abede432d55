"""What one process does, no other does meanwhile, on one machine and on several; whoever dies, others go on."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from store_places import ROOT

from pipeline.errors import StoreTrouble
from pipeline.store import Store, leases
from pipeline.store.leases import Held, claimed, lease

HOLD = """
import sys
from pathlib import Path
from pipeline.store import Store
from pipeline.store.leases import lease
with lease(Store(Path(sys.argv[1]), database=sys.argv[2]), sys.argv[3]):
    print("has it", flush=True)
    sys.stdin.read()
"""


def holder(home: Path, database: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(home), database, name]
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert run.stdout is not None
    assert run.stdout.readline() == "has it\n"
    return run


def rows(store: Store) -> int:
    with store.looking() as db:
        return int(db.exec_driver_sql("SELECT count(*) FROM leases").scalar_one())


def test_two_nights_never_overlap_and_the_second_hears_who_has_it(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    with holder(tmp_path, database, "the nightly run / 夜间复核") as run:
        with pytest.raises(Held) as told, lease(store, "the nightly run / 夜间复核"):
            pass
        assert f"process {run.pid} since 20" in told.value.message
        assert told.value.message.endswith("wait until that is done, then run the same command again")
        with lease(store, "another thing") as mine:
            mine.check()
        run.communicate("")
    with lease(store, "the nightly run / 夜间复核"):
        pass
    assert rows(store) == 0
    assert not list((tmp_path / "claims").glob("*")) if not database else True


def test_who_was_killed_holds_nothing_any_more(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    with holder(tmp_path, database, "night") as run:
        run.kill()
    with lease(store, "night"):
        pass


def test_what_the_killed_left_is_taken_away_at_the_next_opening_and_nothing_else(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with holder(tmp_path, "", "dead") as dead, holder(tmp_path, "", "living") as living:
        dead.kill()
        dead.wait()
        assert sorted(p.name for p in (tmp_path / "claims").iterdir()) == ["dead", "living"]
        store = Store(tmp_path)
        assert [p.name for p in (tmp_path / "claims").iterdir()] == ["living"]
        with pytest.raises(Held), lease(store, "living"):
            pass
        living.communicate("")


def test_a_look_at_what_is_left_makes_nobody_believe_that_it_is_under_way(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "claims").mkdir(exist_ok=True)
    with (tmp_path / "claims" / "night").open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        threading.Timer(leases.ASK_AGAIN / 2, fcntl.flock, (opened, fcntl.LOCK_UN)).start()
        with lease(store, "night"):
            pass


def test_one_waits_for_another(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "ASK_SERVER_AGAIN", 0.02)
    monkeypatch.setattr(leases, "ASK_AGAIN", 0.02)
    store = Store(tmp_path, database=database)
    order: list[str] = []
    asked = threading.Event()

    def second() -> None:
        with claimed(store, "key", asked.set):
            order.append("second")

    with claimed(store, "key"):
        thread = threading.Thread(target=second)
        thread.start()
        assert asked.wait(30)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_many_at_once_each_alone(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "ASK_SERVER_AGAIN", 0.01)
    monkeypatch.setattr(leases, "ASK_AGAIN", 0.01)
    store = Store(tmp_path, database=database)
    inside: list[int] = []
    most: list[int] = []

    def run(which: int) -> None:
        for _ in range(5):
            with lease(store, "one", wait=True):
                inside.append(which)
                most.append(len(inside))
                time.sleep(0.001)
                inside.remove(which)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (20, 1)


# ---------------------------------------------------------------------------------------------------- on a server


def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if holders were on other machines: nobody here can tell whether they live."""
    monkeypatch.setattr(leases, "_is_dead", lambda _: False)


def test_a_machine_that_went_away_loses_its_lease_in_time(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _elsewhere(monkeypatch)
    store = Store(tmp_path, database=postgres)
    with store.writing() as db:
        db.exec_driver_sql(
            "INSERT INTO leases VALUES ('night', 'far 1 2 w', now() AT TIME ZONE 'utc', "
            "now() AT TIME ZONE 'utc' + interval '1 second')"
        )
    with pytest.raises(Held, match="far, process 1"), lease(store, "night"):
        pass
    with lease(store, "night", wait=True):
        assert rows(store) == 1


def test_a_heartbeat_keeps_it_longer_than_it_counts(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _elsewhere(monkeypatch)
    store = Store(tmp_path, database=postgres)
    with lease(store, "night", seconds=0.8) as mine:
        with store.looking() as db:
            (before,) = db.exec_driver_sql("SELECT until FROM leases").one()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with store.looking() as db:
                now, late = db.exec_driver_sql("SELECT until, until > now() AT TIME ZONE 'utc' FROM leases").one()
            assert late or not mine.lost
            if (now - before).total_seconds() > 1.6:
                break
            time.sleep(0.05)
        else:
            raise AssertionError("nobody renewed it")
        mine.check()


def test_who_lost_it_is_told(tmp_path: Path, postgres: str) -> None:
    store = Store(tmp_path, database=postgres)
    with lease(store, "night", seconds=0.4) as mine:
        with store.writing() as db:
            db.exec_driver_sql("UPDATE leases SET holder = 'far 1 2 w'")
        until = time.monotonic() + 60
        while not mine.lost and time.monotonic() < until:
            time.sleep(0.02)
        with pytest.raises(StoreTrouble, match="may be under way elsewhere"):
            mine.check()
    assert rows(store) == 1  # another's is left to it


def test_a_number_given_again_is_not_taken_for_the_one_who_died() -> None:
    me = leases._me()
    host, pid, started, world = me.split(" ")
    assert not leases._is_dead(me)
    assert leases._is_dead(f"{host} {pid} {int(started) - 1} {world}")
    assert not leases._is_dead(f"{host} {pid} {int(started) - 1} another-boot")
    assert not leases._is_dead("what nobody wrote")
    child = subprocess.Popen(["sleep", "600"])
    alive = f"{host} {child.pid} {leases._started(child.pid)} {world}"
    assert not leases._is_dead(alive)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it is dead, and nobody has buried it
    assert leases._is_dead(alive)
    child.wait()
    assert leases._is_dead(alive)
    assert os.getpid() == int(pid)
