"""The reading processes and who watches over them. What brings one down costs itself only.

Each process is known to be at a page. One that dies, takes too long or too much memory is replaced, its page struck
(:mod:`pipeline.store.quarantine`) and its arrival begun again; a page that strikes twice is left out from then on and
reported with the reason.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from queue import SimpleQueue
from time import monotonic, sleep
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.errors import StoreTrouble, YanzhangError
from pipeline.programmes import load
from pipeline.reader import Ask, Begun, Broke, Done, Ready, Refused, serve
from pipeline.settings import Settings
from pipeline.store import Arrival, Store
from pipeline.store.quarantine import STRIKES, WHOLE, bar, barred, release, strike
from pipeline.walls import memory_of

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

__all__ = ["Readers", "largest_first"]

log = logging.getLogger(__name__)

PAGES_A_PROCESS = 1_000  # then it is replaced: engines keep some memory of every shape they have seen
MEMORY_A_PROCESS = 2_500_000_000  # bytes, too
START_SECONDS = 300  # for the engines to load, on a machine that has other things to do
MAX_BARRED = 5  # pages of one arrival in quarantine, after which it is there as a whole
LOOK_EVERY = 1.0  # s
DOCUMENT_SECONDS = 5  # a page, for all that follows its reading
HOW_TO_TRY = "look at the paper; yanzhang retry reads it again"


@dataclass(frozen=True, slots=True)
class _Fell:
    """A reading process came down: at which page (None: at none) and why."""

    at: Begun | None
    reason: str
    started: bool = True
    asked: bool = False  # somebody asked it to end: no page's fault


class Readers:
    """A pool of reading processes; its methods may be called from several threads."""

    def __init__(self, settings: Settings, programme_name: str) -> None:
        self._settings = settings
        self._programme = programme_name
        self._places: SimpleQueue[_Reader | None] = SimpleQueue()
        self._closing = False
        self._running: set[_Reader] = set()
        for _ in range(settings.workers):
            self._places.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end(at_once=error is not None)

    def read_all(
        self,
        store: Store,
        arrivals: Sequence[Arrival],
        progress: Callable[[int, int], None] | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """Read every arrival that has not been read under today's engine and settings; ``anew``: those read, too."""
        unread = arrivals if anew else [a for a in arrivals if not self._is_read(store, a)]
        if not unread:
            return
        with ThreadPoolExecutor(self._settings.workers) as threads:
            futures = [threads.submit(self.read, store, a, anew=anew) for a in largest_first(store, unread)]
            try:
                for done, future in enumerate(as_completed(futures), start=len(arrivals) - len(unread) + 1):
                    future.result()
                    if progress:
                        progress(done, len(arrivals))
            except BaseException:
                for future in futures:
                    future.cancel()
                self._end(at_once=True)
                raise

    def read(self, store: Store, arrival: Arrival, *, anew: bool = False) -> None:
        """Read one arrival; returns when it is kept, or when it is in quarantine.

        :raises YanzhangError: the store or the machine does not allow to read
        """
        from pipeline.observing import reading_key

        if not anew and self._is_read(store, arrival):
            return
        key = reading_key(arrival, self._settings, load(self._programme))
        if anew:
            release(store, key)
        false_starts = 0
        while not self._closing:
            out = barred(store, key)
            if (arrival.sha256, WHOLE) in out:
                return
            ending = self._once(Ask(arrival, out, anew))
            if isinstance(ending, Done) or self._closing:
                return
            if isinstance(ending, Refused):
                raise (StoreTrouble if ending.passing else YanzhangError)(ending.sentence)
            if isinstance(ending, _Fell) and ending.asked:
                # Who stops a service asks all its processes: this one will hear of it in a moment, too.
                sleep(LOOK_EVERY)
                continue
            if isinstance(ending, _Fell) and not ending.started:
                false_starts += 1
                if false_starts >= STRIKES:
                    raise YanzhangError(
                        f"no reading process can be started (it {ending.reason}): run yanzhang doctor, then this again"
                    )
                continue
            self._strike(store, key, arrival, ending, already=len(out))

    def _strike(self, store: Store, key: str, arrival: Arrival, ending: Broke | _Fell, *, already: int) -> None:
        if isinstance(ending, Broke):
            times = strike(store, key, arrival.sha256, WHOLE, f"it could not be read ({ending.says}): {HOW_TO_TRY}")
        elif ending.at is None or not ending.at.sha256:
            times = strike(store, key, arrival.sha256, WHOLE, f"its reader {ending.reason}: {HOW_TO_TRY}")
        else:
            at = ending.at
            times = strike(store, key, at.sha256, at.page, f"its reader {ending.reason}: {HOW_TO_TRY}")
            log.warning("page %d of %s: its reader %s", at.page + 1, arrival.name, ending.reason)
            if times >= STRIKES and already >= MAX_BARRED:
                bar(store, key, arrival.sha256, f"page after page brings its reader down: {HOW_TO_TRY}")
            return
        if times >= STRIKES:
            log.error("%s is left out: its reader failed %d times", arrival.name, times)

    def _is_read(self, store: Store, arrival: Arrival) -> bool:
        from pipeline.observing import reading_key

        key = reading_key(arrival, self._settings, load(self._programme))
        if not store.has_reading(key):
            return False
        if arrival.reading_key != key:
            store.was_read(arrival, key)
        return True

    def stop(self) -> None:
        """Read nothing more; what is being read is left, to be begun again by another run."""
        self._end(at_once=True)

    def _end(self, *, at_once: bool) -> None:
        self._closing = True
        for reader in tuple(self._running):
            reader.end(at_once=at_once)

    def _once(self, ask: Ask) -> Done | Refused | Broke | _Fell:
        place = self._places.get()
        try:
            reader = place or self._started()
            place = None
            try:
                ending = reader.read(ask)
            except BaseException:  # who asked was told to stop: nobody would hear what it says
                reader.end(at_once=True)
                self._running.discard(reader)
                raise
            if reader.may_go_on and not self._closing:
                place = reader
            else:
                reader.end(at_once=not isinstance(ending, Done))
                self._running.discard(reader)
            return ending
        finally:
            self._places.put(place)

    def _started(self) -> _Reader:
        reader = _Reader(self._settings, self._programme)
        self._running.add(reader)
        if self._closing:  # who ended the others did not see this one
            reader.end(at_once=True)
        return reader


class _Reader:
    """One reading process, from the outside."""

    def __init__(self, settings: Settings, programme_name: str) -> None:
        # Engines start threads of their own; several processes already fill the cores.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        self._bounds = settings.bounds
        self._wire, theirs = get_context("spawn").Pipe()
        self._process: SpawnProcess = get_context("spawn").Process(
            target=serve, args=(theirs, settings, programme_name), daemon=True
        )
        self._process.start()
        theirs.close()
        self._pages = 0
        self.may_go_on = True
        self._ready = False

    def read(self, ask: Ask) -> Done | Refused | Broke | _Fell:
        """Read an arrival, or come down trying."""
        at: Begun | None = None
        pages, since = 0, monotonic()
        try:
            self._wire.send(ask)
            while True:
                if not self._wire.poll(LOOK_EVERY):
                    if reason := self._complaint(at, pages, monotonic() - since):
                        return self._fell(at, reason)
                    continue
                told = self._wire.recv()
                since = monotonic()
                if isinstance(told, Ready):
                    self._ready = True
                elif isinstance(told, Begun):
                    at, pages = told, pages + bool(told.sha256)
                elif isinstance(told, Done | Refused | Broke):
                    return self._ended(told, pages)
        except (EOFError, OSError):
            self._process.join(timeout=5)
            asked = self._process.exitcode == -signal.SIGTERM
            return self._fell(at, f"ended without a word ({_how(self._process.exitcode)})", asked=asked)

    def end(self, *, at_once: bool) -> None:
        """End the process: now, or when it has nothing more to do."""
        self._wire.close()
        if at_once:
            self._process.kill()
        self._process.join(timeout=30)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _ended(self, told: Done | Refused | Broke, pages: int) -> Done | Refused | Broke:
        self._pages += pages
        full = isinstance(told, Done) and memory_of(self._process.pid or 0) > MEMORY_A_PROCESS
        self.may_go_on = not full and self._pages < PAGES_A_PROCESS and not isinstance(told, Broke)
        return told

    def _fell(self, at: Begun | None, reason: str, *, asked: bool = False) -> _Fell:
        self.may_go_on = False
        self._process.kill()
        return _Fell(at, reason, self._ready, asked)

    def _complaint(self, at: Begun | None, pages: int, seconds: float) -> str:
        """What is wrong with a process that has said nothing for a while, "" if nothing is."""
        memory = memory_of(self._process.pid or 0)
        if memory > self._bounds.reader_memory:
            return f"took more than {self._bounds.reader_memory // 1_000_000} MB"
        most = 2 * self._bounds.page_seconds  # to decode and to read
        if not self._ready:
            most = max(most, START_SECONDS)
        elif at is None or not at.sha256:
            most = self._bounds.page_seconds + DOCUMENT_SECONDS * pages
        return f"took longer than {most} s" if seconds > most else ""


def largest_first(store: Store, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The order to read in: a large envelope begun last would keep one process busy and leave the others idle.

    Bytes tell the time well enough.
    """
    return sorted(arrivals, key=lambda arrival: -sum(store.originals.weight(file.sha256) for file in arrival.files))


def _how(exitcode: int | None) -> str:
    if exitcode == -9:
        return "killed: out of memory?"
    return f"signal {-exitcode}" if exitcode is not None and exitcode < 0 else f"status {exitcode}"
