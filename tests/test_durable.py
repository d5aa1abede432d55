"""Power loss: bytes before names, names before what refers to them; what killed runs leave is removed."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from store_places import ROOT, scans

from pipeline.intake.batch import take_in
from pipeline.store import Originals, Store, write_atomically
from pipeline.store.durable import new_beside, settle, sweep

CALLS = "fsync,fdatasync,rename,renameat,renameat2"


class Calls:
    """What is synced and renamed, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[tuple[str, str]] = []
        fsync, replace = os.fsync, os.replace

        def synced(handle: int) -> None:
            self.made.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
            fsync(handle)

        def replaced(source: str, target: str) -> None:
            self.made.append(("rename", f"{source} {target}"))
            replace(source, target)

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(os, "replace", replaced)


def test_bytes_are_durable_before_the_name_and_the_name_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.json"
    target.write_bytes(b"before")
    calls = Calls(monkeypatch)
    write_atomically(target, b"after")
    (first, temporary), (second, renamed), last = calls.made
    assert (first, second, renamed) == ("sync", "rename", f"{temporary} {target}")
    assert last == ("sync", str(tmp_path))


def test_an_original_and_its_new_folders_are_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"scan")
    (tmp_path / "home").mkdir()
    originals = Originals(tmp_path / "home" / "originals")
    calls = Calls(monkeypatch)
    kept = originals.path(originals.put(source))
    file = next(i for i, (what, path) in enumerate(calls.made) if what == "sync" and ".incoming-" in path)
    rename = calls.made.index(("rename", f"{calls.made[file][1]} {kept}"))
    after = [path for what, path in calls.made[rename:] if what == "sync"]
    assert file < rename
    assert after == [str(kept.parent), str(originals.folder)]
    # The folders themselves are named durably too: theirs before what lies in them.
    assert ("sync", str(tmp_path / "home")) in calls.made[:rename]


def test_an_original_of_a_killed_run_is_made_durable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"scan")
    originals = Originals(tmp_path / "originals")
    kept = originals.path(originals.put(source))
    calls = Calls(monkeypatch)
    originals.put(source)
    assert calls.made == [("sync", str(kept)), ("sync", str(kept.parent)), ("sync", str(originals.folder))]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
def test_nothing_is_noted_before_its_original_is_durable(tmp_path: Path) -> None:
    scans(tmp_path / "batch", a="a")
    code = (
        "import sys; from pathlib import Path; from pipeline.intake.batch import take_in\n"
        "from pipeline.store import Store\n"
        "take_in(Path(sys.argv[1]), Store(Path(sys.argv[2])))"
    )
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-y", "-s", "400", "-e", f"trace={CALLS}", "-o", str(trace)]
    done = subprocess.run(
        [*strace, sys.executable, "-c", code, str(tmp_path / "batch"), str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if "ptrace" in done.stderr:
        pytest.skip("this machine allows no tracing")
    assert done.returncode == 0, done.stderr
    lines = [re.sub(r"^\d+\s+", "", line) for line in trace.read_text().splitlines()]
    bytes_synced = next(i for i, line in enumerate(lines) if "sync(" in line and ".incoming-" in line)
    renamed = next(i for i, line in enumerate(lines) if line.startswith("rename") and ".incoming-" in line)
    folder = next(i for i, line in enumerate(lines) if i > renamed and re.search(r"fsync\(.*/originals/\w\w>", line))
    noted = max(i for i, line in enumerate(lines) if "sync(" in line and "sqlite3" in line)
    assert bytes_synced < renamed < folder < noted


def test_damaged_bytes_are_replaced_when_the_file_comes_again(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", a="a")
    store = Store(tmp_path / "home")
    (arrival,) = take_in(batch, store).arrivals
    kept = store.originals.path(arrival.files[0].sha256)
    whole = kept.read_bytes()
    for damaged in (b"", whole[:-1], bytes([whole[0] ^ 1]) + whole[1:]):
        kept.write_bytes(damaged)
        assert take_in(batch, store).arrivals == (arrival,)
        assert kept.read_bytes() == whole
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_a_killed_run_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    folder = store.originals.folder
    folder.mkdir()
    code = (
        "import sys, time; from pathlib import Path; from pipeline.store.durable import new_beside\n"
        "with new_beside(Path(sys.argv[1]), prefix='.incoming-') as (stream, path):\n"
        "    stream.write(b'half'); stream.flush(); print(path, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as killed,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as living,
    ):
        assert killed.stdout and living.stdout
        dead, alive = Path(killed.stdout.readline().strip()), Path(living.stdout.readline().strip())
        killed.kill()
        killed.wait()
        Store(tmp_path / "home")
        there = (dead.exists(), alive.exists())
        living.kill()
    assert there == (False, True)


def test_a_temporary_that_was_swept_before_its_lock_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    flock = fcntl.flock
    swept: list[int] = []

    def late(handle: int, how: int) -> None:
        if not swept:  # somebody sweeps between the making and the locking
            swept.append(1)
            swept.append(sweep(tmp_path))
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with new_beside(tmp_path) as (stream, temporary):
        stream.write(b"whole")
        settle(stream, temporary, tmp_path / "there")
    assert swept == [1, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_bytes() == b"whole"


def test_a_report_is_its_users_to_hand_on(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "out" / "report.json", b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out" / "report.json").stat().st_mode) == 0o644


# ------------------------------------------------------------------------------------------ for its owner only


def modes(home: Path) -> dict[str, int]:
    paths = [home, *home.rglob("*")]
    return {p.relative_to(home.parent).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in paths}


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
@pytest.mark.parametrize("there", [False, True])
def test_everything_is_for_its_owner_only_whatever_the_mask(tmp_path: Path, mask: int, there: bool) -> None:
    batch = scans(tmp_path / "batch", a="a", b="b")
    home = tmp_path / "home"
    before = os.umask(mask)
    try:
        if there:
            home.mkdir(mode=0o777)
        store = Store(home)
        take_in(batch, store)
        found = modes(home)
    finally:
        os.umask(before)
    assert {"home/yanzhang.sqlite3", "home/yanzhang.sqlite3-wal", "home/yanzhang.sqlite3-shm"} <= found.keys()
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


def test_a_store_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = Store(home)
    take_in(scans(tmp_path / "batch", a="a"), store)
    for path in (home, *home.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    Store(home)
    assert {name: oct(mode) for name, mode in modes(home).items() if mode & 0o077} == {}


def test_a_folder_that_holds_more_than_the_store_keeps_its_mode(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    home.mkdir()
    (home / "letters").mkdir()
    home.chmod(0o755)
    Store(home)
    Store(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert stat.S_IMODE((home / "yanzhang.sqlite3").stat().st_mode) == 0o600


# --------------------------------------------------------------------------------------------------- many entries


def test_the_time_of_a_batch_grows_with_its_files_only(tmp_path: Path) -> None:
    """Counted, not timed: nothing in the store is looked through for each entry."""
    store = Store(tmp_path / "home")
    asked: list[str] = []
    scans(tmp_path / "one", a="a")

    def statements(batch: Path) -> int:
        asked.clear()
        take_in(batch, store)
        return len(asked)

    from sqlalchemy import event

    event.listen(store._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    first = statements(tmp_path / "one")
    for number in range(30):
        scans(tmp_path / "more", **{f"x{number}": str(number)})
    assert statements(tmp_path / "more") <= 30 * (first + 1)
    plan = store._engine.connect().exec_driver_sql(
        "EXPLAIN QUERY PLAN SELECT * FROM arrivals WHERE name = 'a' AND split = 'auto'"
    )
    assert any("USING INDEX" in str(row) for row in plan)


@pytest.mark.parametrize("name", ["who?mode=memory", "100 %41", "a#b", "店"])
def test_the_database_lies_in_its_home_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    Store(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "yanzhang.sqlite3").is_file()
