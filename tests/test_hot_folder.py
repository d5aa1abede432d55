"""A hot folder at work: slow scanners, shares that go away, a full store, records that change, runs that are killed.

Real processes, real files; pages are blank, so that no engine has to be loaded.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any, Self

import pytest

from pipeline.cli import main
from pipeline.errors import BadInput, BadSetting, SourceDown, YanzhangError
from pipeline.hot_folder import Told, Wanted, watch
from pipeline.hot_folder.records import EVERY as RECORDS_EVERY
from pipeline.hot_folder.records import WatchedRecords
from pipeline.intake.batch import take_in
from pipeline.keeping import keep_records
from pipeline.records import load_records
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.street import process_batch
from pipeline.watching import Item, Paper, State
from samples.soak.left import leftovers, problems_of
from samples.soak.pages import draw_page, thick_pdf, write_records
from tests.servers import free_port

pytestmark = pytest.mark.slow

SECONDS = 120  # for what takes two on an idle machine
EVERY, SETTLE = 0.1, 0.3
DAY = date(2023, 9, 20)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    write_records(tmp_path / "records.json")
    return tmp_path


def page(seed: int) -> bytes:
    return draw_page(Random(seed), rows=0, dpi=60 + seed)


def pdf(path: Path, pages: int, seed: int) -> bytes:
    thick_pdf(path, pages, seed, rows=0)
    data = path.read_bytes()
    path.unlink()
    return data


def wanted(place: Path, **other: Any) -> Wanted:
    asked = Wanted(
        folder=place / "in",
        records=str(place / "records.json"),
        out=place / "out",
        programme="cciip-2023",
        received_on=lambda: DAY,
        split="auto",
        every=EVERY,
        settle=SETTLE,
        once=False,
    )
    return replace(asked, **other)


def settings_for(place: Path) -> Settings:
    return Settings(home=place / "home", workers=1)


class Watching:
    """A watch in a thread of this process."""

    def __init__(self, place: Path, **other: Any) -> None:
        self.board: Told | None = None
        self.notices: list[str] = []
        self.error: YanzhangError | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._run, args=(wanted(place, **other), settings_for(place)))
        self._thread.start()

    def _run(self, asked: Wanted, settings: Settings) -> None:
        try:
            watch(asked, settings, self._show, self._stopping)
        except YanzhangError as error:
            self.error = error

    def _show(self, told: Told) -> None:
        self.board = told
        self.notices += told.notices

    def items(self) -> dict[str, Item]:
        return {item.name: item for item in self.board.board.items if not item.replaced} if self.board else {}

    def until(self, fits: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not fits():
            assert time.monotonic() < end, (self.items(), self.notices, self.error)
            assert self._thread.is_alive() or fits(), self.error
            time.sleep(0.02)

    def until_done(self, *names: str) -> None:
        self.until(lambda: all(n in self.items() and self.items()[n].result for n in names))

    def looks(self, number: int) -> None:
        """Wait until it has looked so many times more."""
        for _ in range(number):
            before = self.board
            self.until(lambda before=before: self.board is not before)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


def arrivals(place: Path) -> list[tuple[str, int]]:
    return [(a.name, len(a.files)) for a in Store(place / "home").arrivals()]


def watch_json(place: Path) -> dict[str, Any]:
    told = json.loads((place / "out" / "watch.json").read_text())
    return {e["envelope"]: e for e in told["envelopes"] if not e["replaced"]}


def reported(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    report.pop("generated_at")
    return report


def everything(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns, p.lstat().st_ino) for p in (folder, *folder.rglob("*"))}


def test_places_that_would_be_watched_too_are_refused(place: Path) -> None:
    (place / "in" / "a.jpg").write_bytes(page(1))
    for other in ({"out": place / "in"}, {"out": place / "in" / "out"}):
        with pytest.raises(BadSetting):
            watch(wanted(place, **other), settings_for(place), lambda _: None, Event())
    with pytest.raises(BadSetting):
        watch(wanted(place), Settings(home=place / "in" / "home"), lambda _: None, Event())
    with pytest.raises(BadInput, match="no folder"):
        watch(wanted(place, folder=place / "none"), settings_for(place), lambda _: None, Event())
    with pytest.raises(BadInput, match="no folder"):
        watch(wanted(place, folder=place / "in" / "a.jpg"), settings_for(place), lambda _: None, Event())
    assert [p.name for p in (place / "in").iterdir()] == ["a.jpg"]


def test_a_link_to_the_folder_is_the_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.hot_folder.run.GRACE", 0.3)
    (place / "link").symlink_to(place / "in")
    with Watching(place, folder=place / "link") as one:
        one.looks(3)
        assert one.error is None
        with pytest.raises(BadInput, match="another yanzhang watch"):
            watch(wanted(place, out=place / "other"), settings_for(place), lambda _: None, Event())
        (place / "in-2").mkdir()
        with pytest.raises(BadInput, match="writes to"):
            watch(wanted(place, folder=place / "in-2"), settings_for(place), lambda _: None, Event())
    # It has ended: the next may begin.
    with Watching(place) as other:
        other.looks(1)


def test_scans_as_they_come_and_again_the_next_day(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, whole = place / "in", pdf(place / "x.pdf", 3, 7)
    with Watching(place) as one:
        # Slowly, with pauses longer than what must be quiet.
        slow = folder / "slow.pdf"
        for part in range(5):
            with slow.open("ab") as file:
                file.write(whole[len(whole) * part // 5 : len(whole) * (part + 1) // 5])
            one.looks(6)
            if part < 4:
                assert one.items()["slow.pdf"].state is State.RECEIVING
        # Under a temporary name, then renamed.
        (folder / "b.jpg.part").write_bytes(page(2))
        one.looks(8)
        assert one.items()["b.jpg.part"].state is State.RECEIVING
        (folder / "b.jpg.part").rename(folder / "b.jpg")
        # A folder, page by page, with a marker in the end.
        (folder / "env").mkdir()
        for number in (1, 2, 10):
            (folder / "env" / f"{number}.jpg").write_bytes(page(number)[:-50])
            one.looks(2)
            (folder / "env" / f"{number}.jpg").write_bytes(page(number))
        (folder / "env" / "完成").touch()
        # What is no scan, or nobody should open.
        (folder / "notes.txt").write_text("to do")
        (folder / "link.pdf").symlink_to("/etc/passwd")
        one.until_done("slow.pdf", "b.jpg", "env")
        one.until(lambda: one.items()["notes.txt"].state is State.LEFT_ALONE)
        assert one.items()["link.pdf"].state is State.REFUSED
        assert "b.jpg.part" not in one.items()
        assert {n: i.result and i.result.faces for n, i in one.items().items() if i.arrival} == {
            "slow.pdf": 3, "b.jpg": 1, "env": 3,
        }  # fmt: skip
        # Blank pages alone: perhaps the paper lay with its back up.
        one.until(lambda: watch_json(place)["slow.pdf"]["paper"] == Paper.KEEP)
        # Written over: a new arrival, and both are kept.
        (folder / "slow.pdf").write_bytes(pdf(place / "x.pdf", 2, 9))
        one.until(lambda: (r := one.items()["slow.pdf"].result) and r.faces == 2)
    assert one.error is None
    # The folder is as the scanners left it.
    assert sorted(p.name for p in folder.iterdir()) == ["b.jpg", "env", "link.pdf", "notes.txt", "slow.pdf"]
    assert sorted(arrivals(place)) == [("b.jpg", 1), ("env", 3), ("slow.pdf", 1), ("slow.pdf", 1)]
    first, before = reported(place / "out"), everything(folder)
    assert [e["envelope"] for e in first["envelopes"]].count("slow.pdf") == 2
    assert leftovers(place / "home", place / "out") == []

    # The next day, with and without what is remembered of the files: nothing is read or dated again.
    monkeypatch.setattr("pipeline.readers.Readers._once", None)
    for remembers in (True, False):
        if not remembers:
            (place / "out" / "watch.json").unlink()
        with Watching(place, received_on=lambda: date(2023, 10, 9)) as again:
            again.until(lambda: again.board)
            if remembers:
                assert again.items()["env"].state is State.DONE
            again.until_done("slow.pdf", "b.jpg", "env")
            if remembers:  # what was written over, too
                assert len(reported(place / "out")["envelopes"]) == 4
            again.until(lambda: (place / "out" / "watch.json").exists())
        assert {e["received_on"] for e in reported(place / "out")["envelopes"]} == {DAY.isoformat()}
    assert len(arrivals(place)) == 4
    assert everything(folder) == before

    # What an earlier run took in and never came to read, under a name that bears other bytes by now, is read.
    store = Store(place / "home")
    lost = place / "lost" / "b.jpg"
    lost.parent.mkdir()
    lost.write_bytes(page(9))
    (arrival,) = take_in(lost, store).arrivals
    monkeypatch.undo()
    with Watching(place) as finishing:
        finishing.until(lambda: next(a for a in store.arrivals() if a.id == arrival.id).reading_key)
        finishing.until(lambda: [e["envelope"] for e in reported(place / "out")["envelopes"]].count("b.jpg") == 2)

    # Records that change are judged by at once; records that break are not.
    monkeypatch.setattr("pipeline.hot_folder.records.FILE_EVERY", 0.1)
    with Watching(place) as changing:
        changing.until_done("slow.pdf", "b.jpg", "env")
        rows = json.loads((place / "records.json").read_text())
        other = {**rows[0], "application_no": "CCIIP2023S99999"}
        (place / "records.json").write_text(json.dumps([*rows, other]))
        changing.until(lambda: "CCIIP2023S99999" in reported(place / "out")["not_received"])
        (place / "records.json").write_text("[")
        changing.until(lambda: any("as they were last" in n for n in changing.notices))
        changing.looks(10)
        assert "CCIIP2023S99999" in reported(place / "out")["not_received"]
        (place / "records.json").write_text(json.dumps(rows))
        changing.until(lambda: "CCIIP2023S99999" not in reported(place / "out")["not_received"])
        changing.until(lambda: any("records are there again" in n for n in changing.notices))
    assert len([n for n in changing.notices if "as they were last" in n]) == 1


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """The files of a folder over HTTP, at a port of loopback."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def test_a_source_that_is_down_at_the_start_leaves_the_records_kept_before(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, rows = Store(place / "home"), load_records(str(place / "records.json"))
    monkeypatch.setattr("pipeline.records.http.ATTEMPTS", 1)
    port = free_port()
    source = WatchedRecords(f"http://127.0.0.1:{port}/records.json?token=secret")
    with pytest.raises(SourceDown):
        source.first(store)
    keep_records(store, rows.records)
    loaded, trouble = source.first(store)
    assert loaded.records == rows.records
    assert "as they were last" in trouble
    assert "secret" not in trouble
    now = time.monotonic()
    assert not source.looks_changed(now + 1)
    assert source.looks_changed(now + RECORDS_EVERY + 1)
    assert source.now(loaded) == (loaded, trouble)
    with served(place, port):
        assert source.looks_changed(now + 2 * RECORDS_EVERY + 2)
        assert source.now(loaded) == (rows, "")


@contextmanager
def mounted(kind: list[str], at: Path) -> Iterator[None]:
    at.mkdir(exist_ok=True)
    if subprocess.run(["mount", *kind, str(at)], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], capture_output=True, check=False)


def test_a_share_that_goes_away_for_a_while(place: Path) -> None:
    share = place / "share"
    with mounted(["-t", "tmpfs", "tmpfs"], share):
        with mounted(["--bind", str(share)], place / "in"):
            (place / "in" / "a.jpg").write_bytes(page(1))
            one = Watching(place).__enter__()
            try:
                one.until_done("a.jpg")
                (place / "in" / "half.pdf").write_bytes(b"%PDF-1.7")
                one.until(lambda: "half.pdf" in one.items())
            except BaseException:
                one.__exit__()
                raise
        with one:  # an empty folder stands where the share was
            one.until(lambda: one.notices)
            one.looks(5)
            assert one.items()["half.pdf"].state is State.RECEIVING
            assert one.items()["a.jpg"].present
            (share / "half.pdf").write_bytes(page(2))
            with mounted(["--bind", str(share)], place / "in"):
                one.until_done("half.pdf")
                assert one.items()["a.jpg"].present
                assert len(one.notices) == 2
            one.until(lambda: len(one.notices) == 3)
    assert [("again" in n or "back" in n) for n in one.notices] == [True, True, True]
    assert sorted(arrivals(place)) == [("a.jpg", 1), ("half.pdf", 1)]


def test_a_folder_that_is_renamed_for_a_while(place: Path) -> None:
    with Watching(place) as one:
        one.looks(2)
        (place / "in").rename(place / "elsewhere")
        one.until(lambda: one.notices)
        one.looks(5)
        (place / "elsewhere" / "notes.txt").write_text("to do")
        (place / "elsewhere").rename(place / "in")
        one.until(lambda: one.items().get("notes.txt") and one.items()["notes.txt"].state is State.LEFT_ALONE)
    assert len(one.notices) == 2


def test_a_store_that_is_full_for_a_while(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.hot_folder.run.TRY_AGAIN", 0.2)
    with mounted(["-t", "tmpfs", "-o", "size=4m", "tmpfs"], place / "home"):
        ballast = place / "home" / "ballast"
        with Watching(place) as one:
            one.looks(2)
            with pytest.raises(OSError, match="space"), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
            (place / "in" / "a.jpg").write_bytes(page(1))
            one.until(lambda: one.notices)
            one.looks(5)
            assert one.items()["a.jpg"].state is State.COMPLETE
            assert len(one.notices) == 1
            ballast.unlink()
            one.until_done("a.jpg")
        assert len(one.notices) == 2
        assert arrivals(place) == [("a.jpg", 1)]


def around(place: Path) -> dict[str, str]:
    env = {**os.environ, "YANZHANG_HOME": str(place / "home"), "YANZHANG_WORKERS": "1"}
    env.pop("PREFECT_API_URL", None)
    return env


def command(place: Path, *more: str) -> list[str]:
    asked = ["watch", str(place / "in"), "--records", str(place / "records.json"), "--out", str(place / "out")]
    return [sys.executable, "-m", "pipeline.cli", *asked, "--every", "0.1", "--settle", "0.2", *more]


@contextmanager
def running(place: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command(place, *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=around(place),
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        try:
            yield run
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_with_nothing_lost(number: signal.Signals, place: Path) -> None:
    (place / "in" / "a\n\x1b[2J.jpg").write_bytes(page(1))
    with running(place) as run:
        assert run.stdout is not None
        lines = [run.stdout.readline()]
        while "已入库" not in lines[-1]:
            lines.append(run.stdout.readline())
        os.killpg(run.pid, number)  # as a terminal, or who stops a service, does
        said, wrong = run.communicate(timeout=SECONDS)
        assert run.returncode == 0, wrong
    assert "Traceback" not in wrong
    assert "\x1b" not in "".join(lines) + said + wrong
    assert len(arrivals(place)) == 1
    assert Store(place / "home").counts()["quarantine"] == 0
    assert json.loads((place / "out" / "watch.json").read_text())["ended"] is True
    assert leftovers(place / "home", place / "out") == []


def test_killed_at_several_moments_nothing_is_lost_and_nothing_is_there_twice(place: Path) -> None:
    folder, rng = place / "in", Random(3)
    scans = {"a.jpg": page(1), "b.pdf": pdf(place / "x.pdf", 2, 7), "c/1.jpg": page(2), "c/2.jpg": page(3)}
    kills = 0
    for name, data in scans.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with running(place) as run, path.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            time.sleep(rng.uniform(0.8, 2.0))
            file.write(data[len(data) // 2 :])
            file.flush()
            time.sleep(rng.uniform(0.2, 1.5))
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1
        assert [p for p in problems_of(place / "home", place / "out", 4) if "twice" not in p] == []
    assert watch(wanted(place, once=True), settings_for(place), lambda _: None, Event()) is False
    assert kills == len(scans)
    watched = watch_json(place)
    assert {n: e["result"]["faces"] for n, e in watched.items()} == {"a.jpg": 1, "b.pdf": 2, "c": 2}
    # Only c may be there in an earlier state, too: it had one page for a while, and was whole then.
    assert set(arrivals(place)) - {("c", 1)} == {("a.jpg", 1), ("b.pdf", 1), ("c", 2)}
    assert len(arrivals(place)) == len(set(arrivals(place)))
    # What a batch of the same scans comes to.
    process_batch(
        folder,
        str(place / "records.json"),
        place / "batch-out",
        programme_name="cciip-2023",
        received_on=DAY,
        split="auto",
        settings=Settings(home=place / "home-of-batch", workers=1),
    )
    want = {e["envelope"]: (e["sha256"], len(e["pages"])) for e in reported(place / "batch-out")["envelopes"]}
    got = {e["envelope"]: (e["sha256"], len(e["pages"])) for e in reported(place / "out")["envelopes"]}
    assert got == want


def test_once_takes_what_is_there_and_names_what_is_not_whole(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "in" / "a.jpg").write_bytes(page(1))
    (place / "in" / "cut.jpg").write_bytes(page(2)[:-60])
    for name, value in around(place).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(sys, "argv", [*command(place, "--once")[2:]])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    out = capsys.readouterr().out
    assert "cut.jpg: 接收中 receiving · 还没有写完" in out
    assert "a.jpg: 已处理 done · 1 面 sides" in out
    assert arrivals(place) == [("a.jpg", 1)]
    # Whole by now: the next run takes it.
    (place / "in" / "cut.jpg").write_bytes(page(2))
    monkeypatch.setattr(sys, "argv", [*command(place, "--once")[2:]])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert sorted(arrivals(place)) == [("a.jpg", 1), ("cut.jpg", 1)]


@pytest.mark.parametrize(
    ("more", "status"),
    [(["--split", "none"], 2), (["--every", "0"], 2), (["--settle", "-1"], 2), (["--received-on", "tomorrow"], 1)],
)
def test_options_without_a_meaning(more: list[str], status: int, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [*command(place, *more)[2:]])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    assert not (place / "home").exists()
