"""Reading processes come to grief for real: what brings one down costs its page only."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import cv2
import deadly
import numpy as np
import pytest

from pipeline.cli import main
from pipeline.errors import YanzhangError
from pipeline.intake.batch import take_in
from pipeline.keeping import received
from pipeline.model import Page, Submission
from pipeline.reader import Ask
from pipeline.readers import Readers
from pipeline.settings import Bounds, Settings
from pipeline.store import Arrival, Store, StoredFile
from pipeline.store.quarantine import STRIKES, WHOLE, barred, release, strike, why_barred
from samples.soak.pages import draw_page
from samples.soak.running import descendants

PROGRAMME = "cciip-2023"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of every width that means something, each with a line of print."""
    folder = tmp_path_factory.mktemp("pictures")
    for width in (*range(deadly.HARMLESS, deadly.ENDED + 1), 820, 830):
        page = np.full((1100, width, 3), 255, np.uint8)
        cv2.putText(page, f"PAGE {width}", (90, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 4)
        cv2.imwrite(str(folder / f"{width}.png"), page)
    return folder


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("pipeline.readers.serve", deadly.serve)
    yield


def settings(home: Path, **bounds: int) -> Settings:
    return Settings(home=home, workers=2, bounds=Bounds(**bounds))


def arrive(store: Store, pictures: Path, name: str, *widths: int) -> Arrival:
    files = [StoredFile(f"{w}.png", store.originals.put(pictures / f"{w}.png")) for w in widths]
    sha256 = "-".join(map(str, widths)).ljust(64, "0")
    return store.arrive(name, files, sha256=sha256, split="none", received_on=None)


def pages_of(store: Store, name: str) -> list[Page]:
    return list(submission_of(store, name).pages)


def submission_of(store: Store, name: str) -> Submission:
    return next(r.submission for r in received(store) if r.submission.envelope == name)


@pytest.mark.usefixtures("deaths")
def test_what_kills_its_reader_costs_its_page(pictures: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    deadly_one = arrive(store, pictures, "deadly", 820, deadly.KILLED, 830)
    ended = arrive(store, pictures, "ended", deadly.ENDED, 820)
    sound = arrive(store, pictures, "sound", 820, 830)
    told: list[tuple[int, int]] = []
    with Readers(settings(tmp_path), PROGRAMME) as readers:
        readers.read_all(store, [deadly_one, ended, sound], lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [p.kind for p in pages_of(store, "deadly")] == ["content", "unreadable", "content"]
    assert "killed: out of memory?" in pages_of(store, "deadly")[1].problem
    assert "yanzhang retry" in pages_of(store, "deadly")[1].problem
    assert [p.kind for p in pages_of(store, "ended")] == ["unreadable", "content"]
    assert "status 7" in pages_of(store, "ended")[0].problem
    assert [p.kind for p in pages_of(store, "sound")] == ["content", "content"]

    # By hand, with the cause gone: the page is read.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.readers.serve", __import__("pipeline.reader").reader.serve)
        with Readers(settings(tmp_path), PROGRAMME) as readers:
            readers.read_all(store, [deadly_one], anew=True)
    assert [p.kind for p in pages_of(store, "deadly")] == ["content"] * 3


@pytest.mark.usefixtures("deaths")
def test_what_strikes_once_is_tried_again(pictures: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    arrival = arrive(store, pictures, "once", 820, deadly.KILLED_ONCE)
    with Readers(settings(tmp_path), PROGRAMME) as readers:
        readers.read(store, arrival)
    assert (tmp_path / "killed-once").exists()
    assert [p.kind for p in pages_of(store, "once")] == ["content", "content"]


@pytest.mark.usefixtures("deaths")
def test_a_page_past_its_time_costs_itself(pictures: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    slow = arrive(store, pictures, "slow", deadly.SLOW, 820)
    with Readers(settings(tmp_path, page_seconds=3), PROGRAMME) as readers:
        readers.read_all(store, [slow])
    assert [p.kind for p in pages_of(store, "slow")] == ["unreadable", "content"]
    assert "took longer than 6 s" in pages_of(store, "slow")[0].problem


@pytest.mark.usefixtures("deaths")
def test_a_page_past_its_memory_costs_itself(pictures: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    greedy = arrive(store, pictures, "greedy", 820, deadly.GREEDY, deadly.HIDDEN_GREED)
    with Readers(settings(tmp_path, reader_memory=2_000_000_000), PROGRAMME) as readers:
        readers.read_all(store, [greedy])
    assert [p.kind for p in pages_of(store, "greedy")] == ["content", "unreadable", "unreadable"]
    assert "MemoryError" in pages_of(store, "greedy")[1].problem
    assert "took more than 2000 MB" in pages_of(store, "greedy")[2].problem


@pytest.mark.usefixtures("deaths")
def test_an_arrival_full_of_deadly_pages_is_given_up(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.readers.MAX_BARRED", 0)
    store = Store(tmp_path)
    arrival = arrive(store, pictures, "deadly", deadly.KILLED, deadly.ENDED, 820)
    with Readers(settings(tmp_path), PROGRAMME) as readers:
        readers.read(store, arrival)
        readers.read(store, arrival)  # in quarantine: nobody tries
    problem = submission_of(store, "deadly").problem
    assert problem.startswith("page after page brings its reader down")


def test_readers_end_at_once_when_the_run_does(pictures: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    arrivals = [arrive(store, pictures, f"n{n}", *(820, 830) * n) for n in (1, 2, 3)]

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Readers(settings(tmp_path), PROGRAMME) as readers:
        readers.read_all(store, arrivals, interrupt)
    assert not [pid for pid in deadly.children(os.getpid()) if b"multiprocessing.spawn" in _command(pid)]
    assert sum(not r.submission.problem for r in received(store)) in (1, 2)
    with Readers(settings(tmp_path), PROGRAMME) as readers:
        readers.read_all(store, arrivals)
    assert all(not r.submission.problem for r in received(store))


@pytest.mark.usefixtures("deaths")
def test_two_runs_read_nothing_twice(pictures: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    arrivals = [arrive(store, pictures, f"n{n}", *(820, 830) * n) for n in (1, 2)]
    runs = [threading.Thread(target=_read_all, args=(store, tmp_path, arrivals)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert all(not r.submission.problem for r in received(store))
    assert not list((tmp_path / "claims").iterdir())
    assert (tmp_path / "looked-at").read_text().split().count("820") == 3


def test_a_killed_reader_is_replaced(pictures: Path, tmp_path: Path) -> None:
    """As the out-of-memory killer does it, at some moment while pages are read."""
    store = Store(tmp_path)
    arrivals = [arrive(store, pictures, f"n{n}", *(820, 830) * n) for n in (3, 2)]
    run = threading.Thread(target=lambda: _read_all(store, tmp_path, arrivals))
    run.start()
    victim = None
    while victim is None and run.is_alive():
        readers = [p for p in deadly.children(os.getpid()) if b"multiprocessing.spawn" in _command(p)]
        victim = readers[0] if readers and _memory(readers[0]) > 300_000_000 else None
        time.sleep(0.02)
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    run.join()
    assert all(not r.submission.problem for r in received(store))
    assert all(p.kind == "content" for r in received(store) for p in r.submission.pages)


def _read_all(store: Store, home: Path, arrivals: list[Arrival]) -> None:
    with Readers(settings(home), PROGRAMME) as readers:
        readers.read_all(store, arrivals)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _memory(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0


def test_readers_that_cannot_start_blame_no_arrival(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.readers.serve", os._exit)  # with a wire for a status: it ends with a TypeError
    store = Store(tmp_path)
    arrival = arrive(store, pictures, "sound", 820)
    with (
        Readers(settings(tmp_path), PROGRAMME) as readers,
        pytest.raises(YanzhangError, match="no reading process can be started"),
    ):
        readers.read_all(store, [arrival])
    assert not why_barred(store, arrival.sha256)


def test_strikes_are_counted_and_let_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert strike(store, "key", "file", 3, "slow") == 1
    assert not barred(store, "key")
    assert strike(store, "key", "file", 3, "slower") == STRIKES == 2
    assert barred(store, "key") == {("file", 3): "slower"}
    assert not why_barred(store, "file")
    for _ in range(STRIKES):
        strike(store, "other", "file", WHOLE, "all of it")
    assert why_barred(store, "file") == "all of it"
    release(store, "key")
    assert not barred(store, "key") and barred(store, "other")


def test_by_hand_as_a_command(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    store = Store(home)
    arrive(store, pictures, "deadly", 820, deadly.KILLED)
    arrive(store, pictures, "no #1", 820)
    monkeypatch.setenv("YANZHANG_HOME", str(home))
    monkeypatch.setenv("YANZHANG_WORKERS", "1")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.readers.serve", deadly.serve)
        assert yanzhang(patch, "retry") == 3  # neither had been read
    assert "deadly: 801.png, page 1: its reader ended" in capsys.readouterr().err
    assert yanzhang(monkeypatch, "retry", "nobody.pdf") == 1
    assert "no envelope nobody.pdf" in capsys.readouterr().err
    assert yanzhang(monkeypatch, "retry", "deadly#2", "no #1") == 0  # the cause is gone
    assert "2 封重读" in capsys.readouterr().err
    assert yanzhang(monkeypatch, "retry") == 0
    assert "0 封重读" in capsys.readouterr().err


def yanzhang(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["yanzhang", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_a_reading_process_that_is_asked_to_end_is_no_page_s_fault(tmp_path: Path) -> None:
    """Who stops a service asks all its processes at once; the page that was being read is not to blame."""
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "a.jpg").write_bytes(draw_page(Random(1), rows=0))
    settings = Settings(home=tmp_path / "home", workers=1)
    store = Store(settings.home)
    (arrival,) = take_in(tmp_path / "batch", store).arrivals
    asked = set[int]()
    with Readers(settings, "cciip-2023") as readers, ThreadPoolExecutor(1) as threads:
        reading = threads.submit(readers.read, store, arrival)
        until = time.monotonic() + 120
        while len(asked) < STRIKES and not reading.done():
            assert time.monotonic() < until
            for child in set(descendants(os.getpid())) - asked:
                with suppress(OSError):
                    if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(child, signal.SIGTERM)
                        asked.add(child)
            time.sleep(0.01)
        reading.result(timeout=120)
    assert len(asked) >= STRIKES
    assert store.counts()["quarantine"] == 0
    assert store.counts()["readings"] == 1


def test_a_reading_process_that_starts_while_all_are_ended_is_ended_too(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(draw_page(Random(1), rows=0))
    settings = Settings(home=tmp_path / "home", workers=1)
    store = Store(settings.home)
    (arrival,) = take_in(tmp_path / "a.jpg", store).arrivals
    with Readers(settings, "cciip-2023") as readers:
        readers.stop()
        readers._once(Ask(arrival))  # as a thread that asked a moment before
    assert store.counts()["readings"] == 0
    assert store.counts()["quarantine"] == 0
