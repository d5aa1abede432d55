"""A hot folder at work (yanzhang watch): looks, stores what is complete, has it read and judged, says where all stands.

One thread looks and stores, so that nothing is stored half; reading goes on beside it in processes of its own, judging
in one thread more. Nothing in the folder is ever changed: what is known of it lies in the store and in ``watch.json``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from time import monotonic

from pipeline.errors import BadInput, BadSetting, StoreTrouble, UnreadableScan, YanzhangError
from pipeline.hot_folder.records import WatchedRecords
from pipeline.hot_folder.results import results_of
from pipeline.intake.batch import Split, TakenIn, plain_name, take_entry
from pipeline.intake.looking import Away, examined, look_at
from pipeline.intake.open import natural_key
from pipeline.model import Text
from pipeline.programmes import load
from pipeline.readers import Readers
from pipeline.records import Loaded
from pipeline.report.board import Board, remembered, write_board
from pipeline.settings import Settings
from pipeline.store import Arrival, Store, store_of
from pipeline.store.far_place import FarPlace
from pipeline.store.leases import claimed
from pipeline.street import Outcome, judge_batch, reports_of
from pipeline.values.secrets import redacted
from pipeline.watching import Book, Item, Patience, Result, State

__all__ = ["Told", "Wanted", "watch"]

BUDGET = 2.0  # s of examining, and of storing, between two looks
GRACE = 5.0  # s for another watch of the same folder to end
TRY_AGAIN = 10.0  # s until what the store or the report refused is tried again
BUSY = 60.0  # s after which the report is written though more keeps coming
SHARE = 5.0  # times as long as the last report took is waited before the next
STALE = 4.0  # times as long as a page stays as it is while somebody writes it
HEARTBEAT = 10.0  # s after which the page is written anew, so that it can be seen whether anybody still watches


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be watched, and how. ``received_on``: asked when something is taken."""

    folder: Path
    records: str
    out: Path
    programme: str
    received_on: Callable[[], date | None]
    split: Split
    every: float
    settle: float
    once: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Where all stands, for whoever shows it. ``changed``: entries whose state is another than it was the last time."""

    board: Board
    changed: tuple[Item, ...]
    notices: tuple[str, ...]  # new ones: what is wrong now, and what is well again


@dataclass(frozen=True, slots=True)
class _Judged:
    """What judging in its own thread came to."""

    outcome: Outcome | None  # None: nothing changed
    results: Mapping[int, Result]
    loaded: Loaded
    records_trouble: str


def watch(wanted: Wanted, settings: Settings, show: Callable[[Told], None], stopping: Event) -> bool:
    """Watch until ``stopping`` is set (``once``: until all that is there is done); whether something was left undone.

    :raises BadInput: the folder is not there, or another watch looks at it
    :raises YanzhangError: records or store cannot be used at the start
    """
    folder, out = _places(wanted, settings)
    place = reports_of(settings)
    load(wanted.programme)
    store = store_of(settings)
    source = WatchedRecords(wanted.records)
    loaded, trouble = source.first(store)
    with ExitStack() as held:
        held.enter_context(
            claimed(store, f"watch-{_key(folder)}", _gives_up(f"another yanzhang watch looks at {folder}"))
        )
        held.enter_context(claimed(store, f"watch-{_key(out)}", _gives_up(f"another yanzhang watch writes to {out}")))
        readers = held.enter_context(Readers(settings, wanted.programme))
        threads = held.enter_context(ThreadPoolExecutor(settings.workers, thread_name_prefix="reading"))
        judge = held.enter_context(ThreadPoolExecutor(1, thread_name_prefix="judging"))
        held.callback(threads.shutdown, cancel_futures=True)
        held.callback(readers.stop)  # first of all when this ends: then no thread waits for a process
        run = _Run(wanted, settings, folder, out, place, store, source, loaded, readers, threads, judge, show)
        run.note("records", trouble)
        return run.until(stopping)


@dataclass(slots=True)
class _Run:
    """One watch from its beginning to its end."""

    wanted: Wanted
    settings: Settings
    folder: Path
    out: Path
    place: FarPlace | None
    store: Store
    source: WatchedRecords
    loaded: Loaded
    readers: Readers
    threads: ThreadPoolExecutor
    judge: ThreadPoolExecutor
    show: Callable[[Told], None]
    book: Book = field(init=False)
    arrivals: dict[int, Arrival] = field(default_factory=dict)  # of this folder
    unread: dict[int, None] = field(default_factory=dict)  # in the order to read them
    reading: dict[int, Future[None]] = field(default_factory=dict)
    again: dict[int, float] = field(default_factory=dict)  # arrivals whose reading was refused: when to try again
    read: set[int] = field(default_factory=set)
    judging: Future[_Judged] | None = None
    dirty_since: float | None = None
    judge_at: float = 0.0
    begun_judging: float = 0.0
    store_at: float = 0.0
    last_read: float = 0.0
    identity: tuple[int, int] | None = None
    notices: dict[str, str] = field(default_factory=dict)
    news: list[str] = field(default_factory=list)
    others: list[Arrival] = field(default_factory=list)  # in the store, and not read yet
    dated: dict[tuple[str, str], bool] = field(default_factory=dict)  # arrivals known before: whether they bear a date
    outcome: Outcome | None = None
    written_at: float = 0.0
    unwritten: bool = True
    write_pause: float = 1.0

    def until(self, stopping: Event) -> bool:
        """Look again and again."""
        self.book = Book(Patience(self.wanted.settle))
        self._recall()
        ends_at = monotonic() + 12 * self.wanted.settle + 10 * self.wanted.every
        while not stopping.is_set():
            begun = monotonic()
            self._step(begun, take=not self.wanted.once or begun < ends_at)
            if self.wanted.once and self._is_done(monotonic() >= ends_at):
                break
            stopping.wait(max(self.wanted.every, 2 * (monotonic() - begun) if self._is_idle() else 0))
        return self._end(stopping)

    def note(self, what: str, sentence: str) -> None:
        """What is wrong (said once), or "": it is well again."""
        sentence = redacted(sentence)
        if sentence == self.notices.get(what, ""):
            return
        if sentence:
            self.notices[what] = sentence
            self.news.append(sentence)
        else:
            del self.notices[what]
            self.news.append(_WELL_AGAIN[what])

    def _step(self, now: float, *, take: bool) -> None:
        there = self._look(now)
        if there and take:
            self._examine(now)
        if there:
            self._take(now)
        self._collect()
        self._read(monotonic())
        self._judge(monotonic())
        self._tell(monotonic())

    def _look(self, now: float) -> bool:
        try:
            listing = look_at(self.folder, {name for name, item in self.book.items.items() if item.present})
        except Away as error:
            return self._is_away(str(error))
        if self.identity not in (None, listing.identity) and not listing.entries:
            # Where a share was, there is an empty folder when it has gone.
            return self._is_away("an empty folder stands in its place")
        self.identity = listing.identity
        if "away" in self.notices:
            self.book.resumed(now)
        self.note("away", "")
        self.note(
            "many", f"{listing.left_out:,} entries of {self.folder} are more than can be watched: they wait"
            if listing.left_out else "",
        )  # fmt: skip
        self.book.look(listing.entries, now)
        self._finish_others()
        return True

    def _is_away(self, says: str) -> bool:
        self.note(
            "away", f"{self.folder} cannot be looked at now ({says}): nothing is lost, it goes on when it is back"
        )
        return False

    def _examine(self, now: float) -> None:
        for name in sorted(self.book.to_examine(now), key=natural_key):
            if monotonic() - now > BUDGET:
                return
            self.book.examined(name, examined(self.folder, self.book.items[name].seen), now)

    def _take(self, now: float, *, all_of_it: bool = False) -> None:
        begun = monotonic()
        if begun < self.store_at:
            return
        for name in self.book.to_take(natural_key):
            if monotonic() - begun > BUDGET and not all_of_it:
                return
            try:
                arrival = take_entry(
                    self.folder / name,
                    self.store,
                    split=self.wanted.split,
                    received_on=self._day,
                    max_bytes=self.settings.bounds.max_bytes,
                )
            except UnreadableScan as error:
                self.book.put_off(name, Text(zh=f"暂时读不了：{error.message}", en=error.message), now)
                continue
            except StoreTrouble as error:
                if self.wanted.once:
                    raise
                self.note("store", f"{error.message}; until then all waits, nothing is lost")
                self.store_at = monotonic() + TRY_AGAIN
                return
            self.note("store", "")
            self.arrivals[arrival.id] = arrival
            self.book.taken(name, arrival.id, arrival.sha256)
            if arrival.id in self.read:
                self._is_dirty()  # the same bytes again
            elif arrival.id not in self.reading:
                self.unread[arrival.id] = None

    def _day(self, name: str, sha256: str) -> date | None:
        """The day it was received: what came before keeps its own, whenever the folder is watched again."""
        return None if self.dated.get((name, sha256)) else self.wanted.received_on()

    def _read(self, now: float) -> None:
        for number in [n for n in self.unread if self.again.get(n, 0.0) <= now]:
            del self.unread[number]
            self.reading[number] = self.threads.submit(self.readers.read, self.store, self.arrivals[number])
            self.book.hurt(number, None)

    def _collect(self) -> None:
        for number, future in list(self.reading.items()):
            if not future.done():
                continue
            del self.reading[number]
            try:
                future.result()
            except YanzhangError as error:
                if self.wanted.once:
                    raise
                self.again[number] = monotonic() + TRY_AGAIN
                self.unread[number] = None
                self.book.hurt(number, Text(zh=f"现在读不了：{error.message}", en=error.message))
                self.note("reading", error.message)
                continue
            self.note("reading", "")
            self.read.add(number)
            self.last_read = monotonic()
            self._is_dirty()
        if self.judging is not None and self.judging.done():
            self._take_judgement(self.judging)

    def _take_judgement(self, future: Future[_Judged]) -> None:
        self.judging, took = None, monotonic() - self.begun_judging
        try:
            done = future.result()
        except YanzhangError as error:
            if self.wanted.once:
                raise
            self.note("report", error.message)
            self.judge_at = monotonic() + TRY_AGAIN
            self._is_dirty()
            return
        self.note("report", "")
        self.note("records", done.records_trouble)
        self.judge_at = monotonic() + SHARE * took
        self.loaded, self.outcome = done.loaded, done.outcome or self.outcome
        if done.outcome is not None:
            self.note("reports", " ".join(done.outcome.notes))
            if done.outcome.notes:
                self.judge_at = monotonic() + TRY_AGAIN
                self._is_dirty()
        self.book.judged(done.results)

    def _is_dirty(self) -> None:
        if self.dirty_since is None:
            self.dirty_since = monotonic()

    def _judge(self, now: float) -> None:
        if self.judging is not None or now < self.judge_at:
            return
        others = bool(self.read) and self.source.looks_changed(now)
        if not self.read or (self.dirty_since is None and not others):
            return
        quiet = not self.reading and now - self.last_read >= min(1.0, self.wanted.every)
        if not (quiet or now - (self.dirty_since or now) >= BUSY):
            return
        anyway, self.dirty_since, self.begun_judging = self.dirty_since is not None, None, now
        arrivals = tuple(self.arrivals[number] for number in sorted(self.read))
        self.judging = self.judge.submit(self._judged, arrivals, self.loaded, anyway=anyway)

    def _judged(self, arrivals: Sequence[Arrival], before: Loaded, *, anyway: bool) -> _Judged:
        """In a thread of its own. Records that were loaded again and say what they said are no news."""
        loaded, trouble = self.source.now(before)
        if not anyway and loaded == before:
            return _Judged(None, {}, loaded, trouble)
        outcome = judge_batch(
            self.store,
            loaded,
            TakenIn(tuple(arrivals), ()),
            self.out,
            programme_name=self.wanted.programme,
            place=self.place,
        )
        return _Judged(outcome, results_of(outcome.report, arrivals, self.store), loaded, trouble)

    def _tell(self, now: float, *, ended: bool = False) -> None:
        changed = tuple(self.book.items[name] for name in self.book.changed if name in self.book.items)
        board = Board(
            folder=str(self.folder),
            out=self.out,
            at=datetime.now(UTC),
            every=self.wanted.every,
            ended=ended,
            notices=tuple(self.notices.values()),
            items=tuple(self.book.all()),
            stale=STALE * max(HEARTBEAT, self.write_pause, self.wanted.every),
        )
        old = now - self.written_at
        if (
            ended
            or old >= max(HEARTBEAT, self.write_pause)
            or ((changed or self.news or self.unwritten) and old >= self.write_pause)
        ):
            self._write(board, now)
        else:
            self.unwritten = self.unwritten or bool(changed or self.news)
        self.show(Told(board, changed, tuple(self.news)))
        self.book.changed.clear()
        self.news.clear()

    def _write(self, board: Board, now: float) -> None:
        try:
            write_board(board)
            self.note("board", "")
        except OSError as error:
            self.note("board", f"{self.out} cannot be written ({error.strerror or error}): make room there")
        self.written_at, self.unwritten = monotonic(), False
        self.write_pause = max(1.0, 10 * (self.written_at - now))

    def _recall(self) -> None:
        """What an earlier run left: arrivals and their days from the store, prints of files from ``watch.json``."""
        kept = self.store.arrivals()
        self.dated = {(a.name, a.sha256): a.received_on is not None for a in kept}
        known = {(a.id, a.sha256): a for a in kept}
        memory = [one for one in remembered(self.out, self.folder) if (one.arrival, one.sha256) in known]
        self.book.recall(memory, monotonic())
        self.arrivals = {one.arrival: known[one.arrival, one.sha256] for one in memory}
        self.read = {one.arrival for one in memory if one.result is not None}
        self.unread = dict.fromkeys(sorted(self.arrivals.keys() - self.read))
        self.others = [a for a in kept if a.files and not a.reading_key and a.id not in self.arrivals]
        if self.read:
            self._is_dirty()

    def _finish_others(self) -> None:
        """What a killed run took in under a name of this folder, and did not come to read, is read now: the name may
        bear other bytes by now.
        """
        if not self.others:
            return
        names = {plain_name(Path(name)) for name in self.book.items}
        for arrival in self.others:
            if arrival.name in names and arrival.id not in self.arrivals:
                self.arrivals[arrival.id] = arrival
                self.unread[arrival.id] = None
        self.others = []

    def _is_idle(self) -> bool:
        return not self.reading and not self.unread and self.judging is None

    def _is_done(self, late: bool) -> bool:
        """Whether all that is there, and can be done now, is done (``once``)."""
        open_items = [i for i in self.book.unsettled() if i.state is State.COMPLETE or not late]
        busy = self.reading or self.unread or self.judging is not None or self.dirty_since is not None
        return not open_items and not busy and self.book.looks > 0

    def _end(self, stopping: Event) -> bool:
        if stopping.is_set():
            self._last_things()
        self._tell(monotonic(), ended=True)
        left = (State.RECEIVING, State.COMPLETE, State.WAITING, State.REFUSED, State.GONE)
        undone = any(item.state in left for item in self.book.items.values())
        return undone or (self.outcome is not None and self.outcome.some_failed)

    def _last_things(self) -> None:
        """Asked to stop: what is complete is stored; what was being read is read again by the next run."""
        self.readers.stop()
        if "away" not in self.notices:
            self._take(monotonic(), all_of_it=True)
        if self.judging is not None:
            self.judging.exception()  # wait for it
            self._take_judgement(self.judging)


_WELL_AGAIN = {
    "away": "the folder is back: it goes on",
    "many": "all entries of the folder are watched again",
    "store": "the store has room again: it goes on",
    "reading": "reading goes on",
    "report": "the report is written again",
    "records": "the online records are there again",
    "reports": "the report is copied again",
    "board": "watch.html is written again",
}


def _places(wanted: Wanted, settings: Settings) -> tuple[Path, Path]:
    """The folder and where the report goes, as they really are."""
    try:
        folder = wanted.folder.resolve()
        listable = folder.is_dir()
        look_at(folder) if listable else None
    except (Away, OSError, RuntimeError, ValueError) as error:
        raise BadInput(f"{wanted.folder} cannot be looked at ({error}): check its permissions") from error
    if not listable:
        raise BadInput(f"{wanted.folder} is no folder that is there: name the folder that the scanner writes to")
    out = wanted.out.resolve()
    for place, what in ((out, "--out"), (settings.home.resolve(), "the store (YANZHANG_HOME)")):
        if place == folder or folder in place.parents:
            raise BadSetting(f"{what} {place} lies in {folder}, which would be watched too: name a place outside it")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"{out} cannot be written ({error.strerror or error}): name another folder with --out"
        ) from error
    return folder, out


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _gives_up(sentence: str) -> Callable[[], None]:
    until = monotonic() + GRACE

    def waiting() -> None:
        if monotonic() > until:
            raise BadInput(f"{sentence} already: end that one first, one is enough")

    return waiting
