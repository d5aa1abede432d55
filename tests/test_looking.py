"""Looks at a real folder: what is refused, what is waited for, and that nothing in it is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UnreadableScan
from pipeline.intake.batch import take_entry, take_in
from pipeline.intake.looking import MAX_DEPTH, Away, examined, look_at
from pipeline.store import Store
from pipeline.watching import Kind, Seen, Whole
from tests.test_complete import made

NOBODY = 65534


def put(folder: Path, name: str, kind: str = "jpeg", *, share: float = 1.0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = made(kind)
    path.write_bytes(data[: round(share * len(data))])
    return path


def seen(folder: Path, name: str) -> Seen:
    return look_at(folder).entries[name]


def whole(folder: Path, name: str) -> Whole:
    return examined(folder, seen(folder, name)).whole


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything."""
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_every_kind_of_entry_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "pdf")
    put(tmp_path, "env/1.jpg")
    for name in ("b.pdf.part", "c.tmp", "~d.pdf", "e.pdf~"):
        put(tmp_path, name, "pdf")
    for name in (".hidden.pdf", ".~lock.a.pdf#"):
        put(tmp_path, name, "pdf")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "a.pdf")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.pdf")
    kinds = {name: one.kind for name, one in look_at(tmp_path).entries.items()}
    refused = dict.fromkeys(("link.pdf", "dangling", "pipe.pdf"), Kind.REFUSED)
    temporary = dict.fromkeys(("b.pdf.part", "c.tmp", "~d.pdf", "e.pdf~"), Kind.TEMPORARY)
    assert kinds == {"a.pdf": Kind.FILE, "env": Kind.FOLDER, **refused, **temporary}


def test_devices_are_refused(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "zero.pdf", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices can be made by root only")
    assert seen(tmp_path, "zero.pdf").kind is Kind.REFUSED


def test_a_look_changes_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "pdf")
    put(tmp_path, "env/1.jpg")
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in (tmp_path, *tmp_path.rglob("*"))}
    for name in look_at(tmp_path).entries:
        whole(tmp_path, name)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in (tmp_path, *tmp_path.rglob("*"))} == before


@pytest.mark.parametrize(
    "name", [b"line\nbreak.pdf", b"\x1b[2J.pdf", b"\xc9\xa8\xc3\xe8.pdf", b"\xff\xfe.pdf", b" .pdf"]
)
def test_names_are_names_whatever_signs_they_hold(name: bytes, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes(made("pdf"))
    assert whole(tmp_path, os.fsdecode(name)) is Whole.YES


def test_whether_a_file_is_whole(tmp_path: Path) -> None:
    put(tmp_path, "whole.pdf", "pdf")
    put(tmp_path, "cut.pdf", "pdf", share=0.5)
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "notes.txt").write_text("to do")
    (tmp_path / "text.pdf").write_text("no scan, whatever it is called")
    told = {name: whole(tmp_path, name) for name in look_at(tmp_path).entries}
    assert told == {
        "whole.pdf": Whole.YES,
        "cut.pdf": Whole.CUT,
        "empty.pdf": Whole.EMPTY,
        "notes.txt": Whole.NO_SCAN,
        "text.pdf": Whole.UNSURE,
    }


def test_a_file_with_room_that_was_never_written_is_unsure(tmp_path: Path) -> None:
    data = made("bmp")
    with (tmp_path / "a.bmp").open("wb") as file:
        file.write(data[:60])
        file.truncate(1 << 20)
        file.seek(1 << 20)
        file.write(data)
    assert whole(tmp_path, "a.bmp") is Whole.UNSURE


def test_a_folder_is_whole_when_all_in_it_is(tmp_path: Path) -> None:
    put(tmp_path, "env/1.jpg")
    assert whole(tmp_path, "env") is Whole.YES
    cut = put(tmp_path, "env/back/2.jpg", share=0.5)
    told = examined(tmp_path, seen(tmp_path, "env"))
    assert told.whole is Whole.CUT
    assert told.why is not None
    assert "2.jpg" in told.why.en
    cut.unlink()
    put(tmp_path, "env/3.jpg.part")
    assert whole(tmp_path, "env") is Whole.CUT
    (tmp_path / "none" / "deeper").mkdir(parents=True)
    (tmp_path / "none" / "Thumbs.db").write_bytes(b"\x01\x02")
    assert whole(tmp_path, "none") is Whole.EMPTY


@pytest.mark.parametrize("marker", [".done", "完成", "完成.txt", "DONE"])
def test_a_marker_is_no_page(marker: str, tmp_path: Path) -> None:
    put(tmp_path, "env/1.jpg")
    before = seen(tmp_path, "env")
    (tmp_path / "env" / marker).touch()
    after = seen(tmp_path, "env")
    assert (before.print, before.marked, after.print, after.marked) == (before.print, False, before.print, True)


def test_a_page_that_is_called_done_is_a_page(tmp_path: Path) -> None:
    put(tmp_path, "env/done.jpg")
    assert (seen(tmp_path, "env").marked, seen(tmp_path, "env").files) == (False, 1)


def test_folders_too_deep_are_named_and_cost_no_more(tmp_path: Path) -> None:
    (tmp_path / "env" / "/".join(["d"] * (MAX_DEPTH + 5))).mkdir(parents=True)
    assert seen(tmp_path, "env").kind is Kind.TROUBLED


def test_a_file_that_another_program_writes_to_under_a_lock_is_waited_for(tmp_path: Path) -> None:
    path = put(tmp_path, "a.pdf", "pdf")
    code = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX)\n"
        "print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert whole(tmp_path, "a.pdf") is Whole.LOCKED
        other.communicate(b"")
    assert whole(tmp_path, "a.pdf") is Whole.YES


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
def test_what_may_not_be_read_is_waited_for() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        put(folder, "a.pdf", "pdf").chmod(0)
        put(folder, "env/1.jpg").parent.chmod(0)
        with as_nobody():
            assert whole(folder, "a.pdf") is Whole.LOCKED
            assert seen(folder, "env").kind is Kind.TROUBLED


def test_a_file_that_changed_since_the_look_has_changed(tmp_path: Path) -> None:
    path = put(tmp_path, "a.pdf", "pdf")
    before = seen(tmp_path, "a.pdf")
    with path.open("ab") as file:
        file.write(b"more")
    assert examined(tmp_path, before).whole is Whole.CHANGED
    path.unlink()
    assert examined(tmp_path, before).whole is Whole.CHANGED
    path.symlink_to("/etc/passwd")
    assert examined(tmp_path, before).whole is not Whole.YES


def test_a_folder_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(Away):
        look_at(tmp_path / "none")


def test_another_file_in_its_place_is_seen_though_size_and_time_are_the_same(tmp_path: Path) -> None:
    path, other = put(tmp_path, "a.pdf", "pdf"), put(tmp_path, ".other", "pdf")
    before, now = seen(tmp_path, "a.pdf"), path.stat()
    os.utime(other, ns=(now.st_atime_ns, now.st_mtime_ns))
    other.rename(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (now.st_size, now.st_mtime_ns)
    assert seen(tmp_path, "a.pdf").print != before.print


def test_past_the_bound_what_was_seen_before_is_seen_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.intake.looking.MAX_ENTRIES", 5)
    for number in range(4):
        put(tmp_path, f"{number}.jpg")
    known = look_at(tmp_path).entries.keys()
    for number in range(4, 20):
        put(tmp_path, f"{number}.jpg")
    listing = look_at(tmp_path, known)
    assert listing.entries.keys() >= known
    assert (len(listing.entries), listing.left_out) == (5, 15)


def test_an_entry_is_taken_in_as_the_batch_takes_it(tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    put(batch, "a.pdf", "pdf")
    put(batch, "env/10.jpg")
    put(batch, "env/2.png", "png")
    store = Store(tmp_path / "home")
    one_by_one = [
        take_entry(batch / name, store, split="auto", received_on=lambda *_: None) for name in ("a.pdf", "env")
    ]
    assert list(take_in(batch, store).arrivals) == one_by_one


def test_an_entry_that_cannot_be_read_is_no_arrival(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    put(tmp_path, "env/1.jpg")
    for name in ("link.pdf", "gone.pdf"):
        with pytest.raises(UnreadableScan):
            take_entry(tmp_path / name, store, split="auto", received_on=lambda *_: None)
    assert store.arrivals() == ()


@given(st.lists(st.sampled_from(["1.jpg", "2.jpg", "back/1.jpg", ".done", "x.tmp"]), max_size=5, unique=True))
def test_a_folder_looks_the_same_as_long_as_it_is_the_same(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "env").mkdir()
        for name in names:
            put(folder / "env", name)
        first = seen(folder, "env")
        assert seen(folder, "env") == first
        put(folder / "env", "new/9.jpg")
        assert seen(folder, "env").print != first.print
        shutil.rmtree(folder / "env" / "new")
        assert seen(folder, "env") == first
