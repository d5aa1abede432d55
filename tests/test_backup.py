"""Backup and restore: all of it or nothing, the same report afterwards, and no stranger's archive is unpacked."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_places import ROOT, filled, larger, small_disk, write_records, yanzhang

from pipeline.errors import BadInput, StoreTrouble
from pipeline.store import Store
from pipeline.store.backup import back_up, restore
from pipeline.store.migrating import newest_form

NUMBERS = (1, 2, 3)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    filled(Store(tmp_path / "home"), tmp_path / "batch", NUMBERS)
    return tmp_path / "home"


def tree(home: Path) -> dict[str, str]:
    originals = [p for p in (home / "originals").rglob("*") if p.is_file()]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in originals}


def report(home: Path, out: Path, *arguments: str) -> Any:
    done = yanzhang(home, "reconcile", *arguments, "--out", str(out))
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "report.json").read_text())
    told.pop("generated_at")
    return told


def test_a_restored_store_tells_what_the_first_one_told(home: Path, tmp_path: Path) -> None:
    records = write_records(tmp_path / "records.json", [*NUMBERS, 9])
    first = report(home, tmp_path / "first", "--records", str(records))
    assert len(first["envelopes"]) == len(NUMBERS)
    done = yanzhang(home, "backup", str(tmp_path / "season.tar"))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "3 封 arrivals, 3 份 originals" in done.stderr
    assert stat.S_IMODE((tmp_path / "season.tar").stat().st_mode) == 0o600
    done = yanzhang(tmp_path / "again", "restore", str(tmp_path / "season.tar"))
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "again") == tree(home)
    assert report(tmp_path / "again", tmp_path / "then") == report(home, tmp_path / "now")
    whole = list((tmp_path / "again").rglob("*"))
    assert not [p for p in whole if stat.S_IMODE(p.stat().st_mode) & 0o077]
    assert not [p for p in whole if p.name.startswith(".")]
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_any_tar_can_list_it(home: Path, tmp_path: Path) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    with tarfile.open(tmp_path / "season.tar") as archive:
        names = archive.getnames()
        told = json.load(archive.extractfile("manifest.json") or io.BytesIO())
    assert names[:2] == ["manifest.json", "yanzhang.sqlite3"]
    assert names[1:] == [m["name"] for m in told["members"]]
    assert told["arrivals"] == len(NUMBERS)


def test_a_backup_is_not_overwritten_unasked(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "season.tar"
    target.write_text("mine")
    with pytest.raises(BadInput, match="is there already: name another file, or replace it with --force"):
        back_up(Store(home), target)
    assert target.read_text() == "mine"
    back_up(Store(home), target, force=True)
    restore(target, tmp_path / "again")


@pytest.mark.parametrize(
    ("place", "says"), [("nowhere/b.tar", "is not there"), (".", "is a folder"), ("home/b.tar", "in the store itself")]
)
def test_places_where_no_backup_can_be(home: Path, tmp_path: Path, place: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        back_up(Store(home), tmp_path / place)


def test_a_backup_while_others_write_is_of_one_moment(home: Path, tmp_path: Path) -> None:
    store, stop = Store(home), threading.Event()

    def write() -> None:
        mine, number = Store(home), 0
        while not stop.is_set():
            number += 1
            with mine.writing() as db:  # two rows, never one
                for half in ("a", "b"):
                    db.exec_driver_sql("INSERT INTO readings VALUES (?, x'00')", (f"{number}{half}",))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            back_up(store, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "2.tar", tmp_path / "again")
    with Store(tmp_path / "again").looking() as db:
        ours = "SELECT substr(key, -1), count(*) FROM readings WHERE length(key) < 16 GROUP BY 1"  # not the demo's own
        halves = dict(db.exec_driver_sql(ours).all())
    assert halves["a"] == halves["b"] > 0


def test_a_full_disk_leaves_the_old_backup(home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "stick", "4m") as stick:
        target = stick / "season.tar"
        target.write_text("the old one")
        with (stick / "fill").open("wb", buffering=0) as fill, pytest.raises(OSError, match="space"):
            while True:
                fill.write(b"x" * 4096)
        with pytest.raises((BadInput, StoreTrouble), match="make room"):
            back_up(Store(home), target, force=True)
        assert sorted(p.name for p in stick.iterdir()) == ["fill", "season.tar"]
        assert target.read_text() == "the old one"
        (stick / "fill").unlink()
        back_up(Store(home), target, force=True)
        restore(target, tmp_path / "again")


def test_a_damaged_store_makes_no_backup(home: Path, tmp_path: Path) -> None:
    store = Store(home)
    for number in range(60):
        store.keep_reading(str(number), os.urandom(3000))
    store.scrub()
    store.close()
    path = home / "yanzhang.sqlite3"
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = os.urandom(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    with pytest.raises(StoreTrouble, match=r"malformed.*restore the last backup"):
        back_up(Store(home), tmp_path / "season.tar")
    assert not list(tmp_path.glob("*.tar"))


def test_an_original_that_is_gone_is_named_and_the_rest_is_saved(home: Path, tmp_path: Path) -> None:
    store = Store(home)
    one, two, _ = store.arrivals()
    store.originals.path(one.files[0].sha256).unlink()
    store.originals.path(two.files[0].sha256).write_bytes(b"rotten")
    done = yanzhang(home, "backup", str(tmp_path / "season.tar"))
    assert done.returncode == 3, done.stderr
    assert "env-0001.pdf: the original of env-0001.pdf is missing or damaged in the store" in done.stderr
    assert "env-0002.pdf" in done.stderr and "env-0003.pdf" not in done.stderr
    restore(tmp_path / "season.tar", tmp_path / "again")
    assert len(tree(tmp_path / "again")) == 1
    # A whole backup is not replaced by one that lacks something.
    (tmp_path / "whole.tar").write_text("whole")
    with pytest.raises(StoreTrouble, match="stays as it was"):
        back_up(store, tmp_path / "whole.tar", force=True)
    assert (tmp_path / "whole.tar").read_text() == "whole"


# ------------------------------------------------------------------------------------------------------ restoring


def test_only_onto_an_empty_store(home: Path, tmp_path: Path) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    before = tree(home)
    done = yanzhang(home, "restore", str(tmp_path / "season.tar"))
    assert done.returncode == 1
    assert "is not empty (3 arrivals, 3 readings): a backup is restored onto an empty one" in done.stderr
    assert tree(home) == before
    Store(tmp_path / "empty")
    restore(tmp_path / "season.tar", tmp_path / "empty")
    assert len(Store(tmp_path / "empty").arrivals()) == len(NUMBERS)


def test_not_while_others_use_the_store(home: Path, tmp_path: Path) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    code = (
        "import sys; from pathlib import Path; from pipeline.store import Store\n"
        "store = Store(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "again")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StoreTrouble, match="another run uses the store"):
            restore(tmp_path / "season.tar", tmp_path / "again", lock_seconds=0.1)
        other.kill()
    restore(tmp_path / "season.tar", tmp_path / "again", lock_seconds=0.1)


def is_empty(home: Path) -> bool:
    return not any(Store(home).counts().values()) and not list(home.glob(".restore-*"))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.6, 0.999])
def test_a_backup_that_was_cut_off_is_refused(home: Path, tmp_path: Path, share: float) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    data = (tmp_path / "season.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadInput, match=r"cut.tar is (damaged or cut off|no backup)"):
        restore(tmp_path / "cut.tar", tmp_path / "again")
    assert is_empty(tmp_path / "again")


def test_a_backup_with_a_damaged_byte_is_refused(home: Path, tmp_path: Path) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    data = (tmp_path / "season.tar").read_bytes()
    told = json.loads(data[512 : data.index(b"\0", 512)])
    size, places = 512, []
    for member in [{"size": len(data[512 : data.index(b"\0", 512)])}, *told["members"]]:
        places += [size - 512 + 10, size + member["size"] // 2]  # in the header, in the bytes
        size += member["size"] + -member["size"] % 512 + 512
    for place in places[2:]:  # the manifest may bear a wrong hour
        bad = bytearray(data)
        bad[place] ^= 0x41
        (tmp_path / "bad.tar").write_bytes(bad)
        with pytest.raises(BadInput, match=r"bad.tar (is damaged|is no backup|holds no)"):
            restore(tmp_path / "bad.tar", tmp_path / "again")
    assert is_empty(tmp_path / "again")


@pytest.mark.parametrize("wrong", [b"", b"%PDF-1.4", b"\0" * 4096, os.urandom(4096)])
def test_a_wrong_file_is_refused(tmp_path: Path, wrong: bytes) -> None:
    (tmp_path / "wrong").write_bytes(wrong)
    done = yanzhang(tmp_path / "home", "restore", str(tmp_path / "wrong"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "is no backup of yanzhang" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("nowhere", "."):
        with pytest.raises(BadInput, match="is not there"):
            restore(tmp_path / name, tmp_path / "home")


# -------------------------------------------------------------------------------------------------------- hostile


def made(path: Path, members: list[tuple[str, bytes, dict[str, Any]]], **told: Any) -> Path:
    """A tar as somebody else could make one: manifest and members as given."""
    listed = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **change}
        for name, data, change in members
        if change.get("type") is None
    ]
    manifest = {
        **{
            "format": 1,
            "made_by": "x",
            "made_at": "2023-10-01T00:00:00Z",
            "form": newest_form(),
            "arrivals": 0,
            "readings": 0,
        },
        **{name: value for name, value in told.items() if name != "listed"},
        "members": told.get("listed", listed),
    }
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data, change in [("manifest.json", json.dumps(manifest).encode(), {}), *members]:
            info = tarfile.TarInfo(name)
            info.size, info.type = len(data), change.get("type", tarfile.REGTYPE)
            info.linkname = change.get("linkname", "")
            archive.addfile(info, io.BytesIO(data))
    data = path.read_bytes().rstrip(b"\0")
    path.write_bytes(data + b"\0" * (-len(data) % 512) + b"\0" * 1024)
    return path


def database(tmp_path: Path, *statements: str) -> bytes:
    store = Store(tmp_path / "theirs")
    for statement in statements:
        with store.writing() as db:
            db.exec_driver_sql(statement)
    store.copy_to(tmp_path / "copy")
    store.close()
    with closing(sqlite3.connect(tmp_path / "copy")) as db_copy:
        db_copy.execute("PRAGMA journal_mode=DELETE")
    return (tmp_path / "copy").read_bytes()


def original(data: bytes) -> tuple[str, bytes, dict[str, Any]]:
    sha256 = hashlib.sha256(data).hexdigest()
    return f"originals/{sha256[:2]}/{sha256}", data, {}


def test_what_we_refuse_below_is_taken_when_it_is_well_made(tmp_path: Path) -> None:
    good = made(tmp_path / "good.tar", [("yanzhang.sqlite3", database(tmp_path), {}), original(b"page")])
    restore(good, tmp_path / "again")
    assert [p.read_bytes() for p in (tmp_path / "again" / "originals").rglob("*") if p.is_file()] == [b"page"]


Hostile = Callable[[Path], list[tuple[str, bytes, dict[str, Any]]]]
ROW = "INSERT INTO arrivals (name, sha256, split, files, problem, reading_key) VALUES ('a', 'b', 'auto', '{}', '', '')"
HOSTILE: dict[str, tuple[Hostile, dict[str, Any]]] = {
    "a name that leads out": (lambda t: [("yanzhang.sqlite3", database(t), {}), ("../../escaped", b"x", {})], {}),
    "an absolute name": (lambda t: [("yanzhang.sqlite3", database(t), {}), ("/tmp/escaped", b"x", {})], {}),
    "a name of ours with a way out": (
        lambda t: [("yanzhang.sqlite3", database(t), {}), ("originals/aa/../../../escaped", b"x", {})],
        {},
    ),
    "an original under another's name": (
        lambda t: [("yanzhang.sqlite3", database(t), {}), (original(b"one")[0], b"other", {})],
        {},
    ),
    "a link": (
        lambda t: [
            ("yanzhang.sqlite3", database(t), {}),
            (original(b"one")[0], b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ],
        {},
    ),
    "a link in place of a member": (
        lambda t: [("yanzhang.sqlite3", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})],
        {"listed": [{"name": "yanzhang.sqlite3", "size": 0, "sha256": hashlib.sha256(b"").hexdigest()}]},
    ),
    "a device": (
        lambda t: [("yanzhang.sqlite3", database(t), {}), ("zero", b"", {"type": tarfile.CHRTYPE})],
        {},
    ),
    "a member more": (
        lambda t: [("yanzhang.sqlite3", database(t), {}), (original(b"one")[0], b"one", {"type": b"7"})],
        {},
    ),
    "a member twice": (
        lambda t: [("yanzhang.sqlite3", database(t), {}), original(b"one"), original(b"one")],
        {},
    ),
    "a size that is not its own": (
        lambda t: [("yanzhang.sqlite3", database(t), {}), (*original(b"one")[:2], {"size": 1 << 50})],
        {},
    ),
    "no database": (lambda t: [original(b"one")], {}),
    "a database that is none": (lambda t: [("yanzhang.sqlite3", b"SQLite format 3\0" + b"x" * 5000, {})], {}),
    "a database that does something": (
        lambda t: [
            ("yanzhang.sqlite3", database(t, "CREATE TRIGGER t AFTER INSERT ON readings BEGIN SELECT 1; END"), {})
        ],
        {},
    ),
    "a database with a view": (lambda t: [("yanzhang.sqlite3", database(t, "CREATE VIEW v AS SELECT 1"), {})], {}),
    "a database that names a file elsewhere": (
        lambda t: [("yanzhang.sqlite3", database(t, ROW.replace("{}", '[["a","../../../etc/passwd"]]')), {})],
        {"arrivals": 1},
    ),
    "a count that is not its own": (lambda t: [("yanzhang.sqlite3", database(t), {})], {"arrivals": 5}),
    "a newer form": (lambda t: [("yanzhang.sqlite3", database(t), {})], {"form": 99}),
    "a newer format": (lambda t: [("yanzhang.sqlite3", database(t), {})], {"format": 99}),
    "a field more": (lambda t: [("yanzhang.sqlite3", database(t), {})], {"run": "rm -rf /"}),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_what_we_did_not_write_is_refused(tmp_path: Path, which: str) -> None:
    members, told = HOSTILE[which]
    bad = made(tmp_path / "bad.tar", members(tmp_path), **told)
    with pytest.raises(BadInput, match=r"bad.tar (is|was|holds)"):
        restore(bad, tmp_path / "inner" / "again")
    assert is_empty(tmp_path / "inner" / "again")
    assert not list(tmp_path.rglob("*escaped*")) and not Path("/tmp/escaped").exists()


def test_a_header_that_claims_a_huge_extension_is_not_followed(tmp_path: Path) -> None:
    """A pax header of 2**40 bytes would be read into memory by who unpacks with tarfile."""
    info = tarfile.TarInfo("manifest.json")
    info.type, info.size = tarfile.XHDTYPE, 1 << 40
    with (tmp_path / "bomb.tar").open("wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.truncate(1 << 40)
    with pytest.raises(BadInput, match="is no backup"):
        restore(tmp_path / "bomb.tar", tmp_path / "again")


# ------------------------------------------------------------------------------------------------- cut off midway


def test_a_disk_too_small_is_said_before_anything_is_written(home: Path, tmp_path: Path) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    with small_disk(tmp_path / "again", "200k") as again:
        with pytest.raises(StoreTrouble, match=r"(needs .* MB free|space|full).*make room"):
            restore(tmp_path / "season.tar", again)
        larger(again, "20m")
        restore(tmp_path / "season.tar", again)
        assert len(Store(again).arrivals()) == len(NUMBERS)


def test_killed_at_any_moment_it_leaves_an_empty_store_or_the_whole(home: Path, tmp_path: Path) -> None:
    back_up(Store(home), tmp_path / "season.tar")
    # Stopped at every step: each call that moves or syncs something is the last one in its turn.
    code = """
import os, signal, sys
from pathlib import Path
from pipeline.store.backup import restore
left = int(sys.argv[3])
def counted(call):
    def counting(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)
    return counting
os.replace, os.unlink = counted(os.replace), counted(os.unlink)
os.fsync = counted(os.fsync)
for number in range(int(sys.argv[3]), 1000, 7):
    child = os.fork()
    if child == 0:
        left = number
        restore(Path(sys.argv[1]), Path(sys.argv[2]) / str(number))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status == 0:
        break
print(number)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "season.tar"), str(tmp_path / "tries"), "0"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    outcomes = set()
    for again in sorted((tmp_path / "tries").iterdir()):
        found = Store(again).counts()["arrivals"]
        assert found in (0, len(NUMBERS))
        outcomes.add(found)
        if not found:
            assert is_empty(again)
            restore(tmp_path / "season.tar", again)
        assert tree(again) == tree(home)
        assert len(Store(again).arrivals()) == len(NUMBERS)
    assert outcomes == {0, len(NUMBERS)}


def test_a_backup_that_is_killed_leaves_nothing_that_a_next_one_does_not_remove(home: Path, tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pipeline.store import Store\n"
        "import pipeline.store.backup as backup\n"
        "def stay(*_):\n    print('here', flush=True); time.sleep(600)\n"
        "backup._verified = stay\n"
        "backup.back_up(Store(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(home), str(tmp_path / "season.tar")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGKILL)
    assert list(tmp_path.glob(".yanzhang-*"))
    back_up(Store(home), tmp_path / "season.tar")
    assert not list(tmp_path.glob(".yanzhang-*"))
