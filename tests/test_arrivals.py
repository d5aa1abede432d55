"""What strangers and failing disks can do to taking in: nothing hangs, nothing is lost, nothing comes twice."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from store_places import bare_python, larger, scans, small_disk

from pipeline.errors import BadInput, StoreTrouble, UnreadableScan
from pipeline.intake.batch import plain_name, take_in
from pipeline.keeping import received
from pipeline.store import Arrival, Store
from pipeline.store import originals as storing


def named(store: Store) -> dict[str, Arrival]:
    return {a.name: a for a in store.arrivals()}


def originals(store: Store) -> list[Path]:
    return [p for p in store.originals.folder.rglob("*") if p.is_file()]


# ------------------------------------------------------------------------------------------- a disk that fills up


def test_a_full_disk_ends_the_run_in_one_sentence_and_the_next_takes_the_rest(tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    for number in range(6):
        (batch / f"env-{number}.pdf").write_bytes(b"%PDF-" + os.urandom(400_000))
    with small_disk(tmp_path / "home", "1600k") as home:
        store = Store(home)
        with pytest.raises(StoreTrouble, match=r"[1-3] of 6 envelopes are stored.*no space.*make room on its disk"):
            take_in(batch, store)
        before = store.arrivals()
        assert before
        for arrival in before:
            assert store.originals.size(arrival.files[0].sha256) == 400_005
        assert not list(home.rglob(".incoming-*"))
        larger(home, "20m")
        after = take_in(batch, store).arrivals
        assert [a.name for a in after] == [f"env-{n}.pdf" for n in range(6)]
        assert after[: len(before)] == before
        assert len(originals(store)) == 6
        assert not any(a.problem for a in after)


def test_no_arrival_is_noted_of_a_folder_of_which_a_page_did_not_fit(tmp_path: Path) -> None:
    folder = tmp_path / "batch" / "box"
    folder.mkdir(parents=True)
    for number in range(6):
        (folder / f"{number}.png").write_bytes(os.urandom(400_000))
    with small_disk(tmp_path / "home", "1600k") as home:
        store = Store(home)
        with pytest.raises(StoreTrouble, match="0 of 1 envelopes are stored"):
            take_in(tmp_path / "batch", store)
        assert store.arrivals() == ()


def test_a_store_that_cannot_be_written_is_not_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    scans(tmp_path / "batch", a="a", b="b")
    Store(tmp_path / "home").originals.put(tmp_path / "batch" / "a.pdf")
    (tmp_path / "home" / "originals").chmod(0o500)
    code = """
import sys
from pathlib import Path
from pipeline.errors import StoreTrouble
from pipeline.intake.batch import take_in
from pipeline.store import Store
store = Store(Path(sys.argv[1]))
try:
    take_in(Path(sys.argv[2]), store)
except StoreTrouble as trouble:
    print(len(store.arrivals()), trouble.message)
"""
    done = bare_python(code, str(tmp_path / "home"), str(tmp_path / "batch"))
    # The first is there already; the second cannot be written.
    assert done.stdout.startswith("1 1 of 2 envelopes are stored"), done.stderr
    assert "let yanzhang write to it" in done.stdout


# ------------------------------------------------------------------------------- sources that cannot be read, yet


def test_an_unreadable_file_is_a_problem_and_is_completed_when_it_can_be_read(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", a="a", b="b")
    code = """
import sys
from pathlib import Path
from pipeline.intake.batch import take_in
from pipeline.store import Store
take_in(Path(sys.argv[2]), Store(Path(sys.argv[1])))
"""
    (batch / "a.pdf").chmod(0)
    done = bare_python(code, str(tmp_path / "home"), str(batch))
    assert done.returncode == 0, done.stderr
    store = Store(tmp_path / "home")
    ghost = named(store)["a.pdf"]
    assert "a.pdf cannot be read (Permission denied)" in ghost.problem
    assert not named(store)["b.pdf"].problem
    store.keep_reading("of nothing", b"[]")
    store.was_read(ghost, "of nothing")

    (batch / "a.pdf").chmod(0o600)
    take_in(batch, store)
    mended = named(store)["a.pdf"]
    assert (mended.id, mended.problem, mended.reading_key, len(mended.files)) == (ghost.id, "", "", 1)
    assert len(store.arrivals()) == 2


def test_a_folder_is_completed_by_the_page_it_lacked(tmp_path: Path) -> None:
    folder = scans(tmp_path / "batch" / "box", p1="1", p2="2")
    (folder / "p2.pdf").rename(tmp_path / "kept")
    (folder / "p2.pdf").symlink_to(tmp_path / "kept")
    store = Store(tmp_path / "home")
    (before,) = take_in(tmp_path / "batch", store).arrivals
    assert "p2.pdf is a link" in before.problem
    assert [f.name for f in before.files] == ["p1.pdf"]
    (folder / "p2.pdf").unlink()
    (tmp_path / "kept").rename(folder / "p2.pdf")
    (after,) = take_in(tmp_path / "batch", store).arrivals
    assert (after.id, after.problem, [f.name for f in after.files]) == (before.id, "", ["p1.pdf", "p2.pdf"])
    assert store.arrivals() == (after,)


def test_a_problem_that_is_gone_is_forgotten_where_nothing_else_changed(tmp_path: Path) -> None:
    folder = scans(tmp_path / "batch" / "box", p1="1")
    (folder / "more.pdf").symlink_to("/nowhere")
    store = Store(tmp_path / "home")
    assert take_in(tmp_path / "batch", store).arrivals[0].problem
    (folder / "more.pdf").unlink()
    assert not take_in(tmp_path / "batch", store).arrivals[0].problem
    assert len(store.arrivals()) == 1


def test_a_ghost_goes_when_the_whole_is_there_already(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", a="a")
    store = Store(tmp_path / "home")
    take_in(batch, store)
    (batch / "a.pdf").rename(tmp_path / "kept")
    (batch / "a.pdf").symlink_to(tmp_path / "kept")
    take_in(batch, store)
    assert len(store.arrivals()) == 2  # nobody can tell yet that it is the same
    (batch / "a.pdf").unlink()
    (tmp_path / "kept").rename(batch / "a.pdf")
    take_in(batch, store)
    assert len(store.arrivals()) == 1
    assert not store.arrivals()[0].problem


def test_the_number_of_a_ghost_is_never_anothers(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    batch = scans(tmp_path / "batch", a="a")
    take_in(batch, store)
    ghost = store.arrive("a.pdf", [], sha256="f" * 64, split="auto", received_on=None, problem="it was a link")
    take_in(batch, store)
    new = take_in(scans(tmp_path / "more", b="b"), store).arrivals[0]
    assert new.id > ghost.id


def test_two_envelopes_of_which_nothing_could_be_read_are_two(tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    (batch / "a.pdf").symlink_to("/nowhere")
    (batch / "b.pdf").symlink_to("/nowhere")
    store = Store(tmp_path / "home")
    one, two = take_in(batch, store).arrivals
    assert one.sha256 != two.sha256
    # One reader's sentence about the one is not said of the other.
    for arrival in (one, two):
        store.keep_reading("empty", b"[]")
        store.was_read(arrival, "empty")
    assert ["a.pdf is a link" in r.submission.problem for r in received(store)] == [True, False]


# ------------------------------------------------------------------------------------------------ hostile entries


def test_links_are_not_followed(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", good="good")
    outside = scans(tmp_path / "outside", secret="secret")
    (batch / "passwd.pdf").symlink_to("/etc/passwd")
    (batch / "folder").symlink_to(outside)
    (batch / "round").symlink_to(batch)
    (batch / "itself.pdf").symlink_to(batch / "itself.pdf")
    (batch / "nowhere.pdf").symlink_to(tmp_path / "nowhere")
    inner = scans(batch / "box", page="page")
    (inner / "deep").symlink_to(outside)
    store = Store(tmp_path / "home")
    taken = {a.name: a for a in take_in(batch, store).arrivals}
    for name in ("passwd.pdf", "folder", "round", "itself.pdf", "nowhere.pdf"):
        assert taken[name].files == ()
        assert f"{name} is a link and was not opened: put the file itself there" in taken[name].problem
    assert "deep is a link" in taken["box"].problem
    assert [f.name for f in taken["box"].files] == ["page.pdf"]
    kept = b"".join(p.read_bytes() for p in originals(store))
    assert b"secret" not in kept
    assert b"root:" not in kept
    assert b"good" in kept


def test_the_batch_itself_may_be_a_link(tmp_path: Path) -> None:
    scans(tmp_path / "real", a="a")
    (tmp_path / "batch").symlink_to(tmp_path / "real")
    (tmp_path / "one.pdf").symlink_to(tmp_path / "real" / "a.pdf")
    store = Store(tmp_path / "home")
    assert [a.name for a in take_in(tmp_path / "batch", store).arrivals] == ["a.pdf"]
    assert [a.name for a in take_in(tmp_path / "one.pdf", store).arrivals] == ["a.pdf"]
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(BadInput, match="is not there"):
        take_in(tmp_path / "circle", store)


def test_pipes_sockets_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", good="good")
    os.mkfifo(batch / "pipe.pdf")
    os.mkfifo(batch / "pipe-without-ending")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(batch / "socket.pdf"))
        if os.geteuid() == 0:
            os.mknod(batch / "zero.pdf", 0o600 | 0o020000, os.makedev(1, 5))
        taken = take_in(batch, Store(tmp_path / "home"))
    problems = {a.name: a.problem for a in taken.arrivals}
    assert problems.pop("good.pdf") == ""
    assert problems.keys() >= {"pipe.pdf", "socket.pdf"}
    for name, problem in problems.items():
        assert problem == f"{name} is no plain file and was not opened: put the file itself there"
    assert taken.ignored == ("pipe-without-ending",)


def test_a_pipe_put_in_place_of_a_file_does_not_hang_the_copy(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "late.pdf")
    with pytest.raises(UnreadableScan, match="no plain file"):
        Store(tmp_path / "home").originals.put(tmp_path / "late.pdf")
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    with pytest.raises(UnreadableScan, match="cannot be read"):
        Store(tmp_path / "home").originals.put(tmp_path / "link.pdf")
    with pytest.raises(UnreadableScan, match="no plain file"):
        Store(tmp_path / "home").originals.put(tmp_path)


NAMES = (
    b"line\nbreak.pdf",
    b"escape\x1b[2J.pdf",
    b"\xff\xfe.pdf",
    "中文名称.pdf".encode("gb18030"),
    b"a...pdf",
    b"-rf.pdf",
    b"a" * 251 + b".pdf",
    "长".encode() * 83 + b"ab.pdf",
    b"'; DROP TABLE arrivals; --.pdf",
    "right\u202eleft.pdf".encode(),
)


@pytest.mark.parametrize("name", NAMES, ids=[ascii(n[:20]) for n in NAMES])
def test_a_name_is_a_name(tmp_path: Path, name: bytes) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    with open(os.path.join(os.fsencode(batch), name), "wb") as file:  # noqa: PTH118, PTH123 - bytes, not text
        file.write(b"%PDF-")
    store = Store(tmp_path / "home")
    taken = take_in(batch, store).arrivals + take_in(batch, store).arrivals
    assert len({a.id for a in taken}) == 1
    (arrival,) = store.arrivals()
    kept = json.loads(json.dumps(arrival.name))
    assert kept.encode() and len(kept.splitlines()) == 1
    assert "\x1b" not in kept and "\u202e" not in kept
    assert not arrival.problem
    assert arrival.files[0].name == arrival.name


def test_names_written_by_windows_are_read() -> None:
    assert plain_name(Path(os.fsdecode("中文名称.pdf".encode("gb18030")))) == "中文名称.pdf"
    assert plain_name(Path("全角　空格.pdf")) == "全角　空格.pdf"


def test_a_link_with_a_hostile_name_is_named_fit_to_be_shown(tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    (batch / "a\x1b[2J.pdf").symlink_to("/nowhere")
    (arrival,) = take_in(batch, Store(tmp_path / "home")).arrivals
    assert arrival.problem.startswith(r"a\x1b[2J.pdf is a link")


def test_a_file_that_grows_while_it_is_copied_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = scans(tmp_path / "batch", other="other")
    growing = batch / "growing.pdf"
    growing.write_bytes(b"%PDF-" + b"x" * 3_000_000)
    chunks = storing._chunks

    def while_it_grows(source: Path, stream: BinaryIO, size: int) -> Iterator[bytes]:
        for chunk in chunks(source, stream, size):
            if source == growing:
                with growing.open("ab") as file:
                    file.write(b"more")
            yield chunk

    store = Store(tmp_path / "home")
    with monkeypatch.context() as patch:
        patch.setattr(storing, "_chunks", while_it_grows)
        taken = {a.name: a for a in take_in(batch, store).arrivals}
    assert "was still being written" in taken["growing.pdf"].problem
    assert not taken["other.pdf"].problem
    assert not list((tmp_path / "home").rglob(".incoming-*"))
    after = {a.name: a for a in take_in(batch, store).arrivals}
    assert not after["growing.pdf"].problem
    assert after["growing.pdf"].id == taken["growing.pdf"].id
    assert store.originals.size(after["growing.pdf"].files[0].sha256) == growing.stat().st_size


def test_a_file_past_the_bounds_is_not_copied(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", small="small")
    with (batch / "huge.pdf").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it would fill the disk
    store = Store(tmp_path / "home")
    taken = {a.name: a for a in take_in(batch, store, max_bytes=2_000_000_000).arrivals}
    assert "more than the 2,000,000,000 allowed: split it" in taken["huge.pdf"].problem
    assert not taken["small.pdf"].problem


def test_a_folder_that_cannot_be_listed_is_a_problem_of_its_envelope(tmp_path: Path) -> None:
    batch = scans(tmp_path / "batch", good="good")
    scans(batch / "closed", page="page")
    (batch / "closed").chmod(0)
    code = """
import sys
from pathlib import Path
from pipeline.intake.batch import take_in
from pipeline.store import Store
for a in take_in(Path(sys.argv[2]), Store(Path(sys.argv[1]))).arrivals:
    print(a.name, a.problem)
"""
    done = bare_python(code, str(tmp_path / "home"), str(batch))
    (batch / "closed").chmod(0o700)
    assert "closed the folder closed cannot be listed (Permission denied)" in done.stdout, done.stderr
    assert "good.pdf \n" in done.stdout


def test_folders_within_folders_without_end_are_walked(tmp_path: Path) -> None:
    deep = tmp_path / "batch" / "box"
    for _ in range(300):
        deep = deep / "d"
    deep.mkdir(parents=True)
    scans(deep, page="page")
    (arrival,) = take_in(tmp_path / "batch", Store(tmp_path / "home")).arrivals
    assert [f.name for f in arrival.files] == ["page.pdf"]
