"""Processes that read arrivals. One arrival that brings its process down costs itself only."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Self

from pipeline.errors import YanzhangError
from pipeline.printing import install_log
from pipeline.programmes import load
from pipeline.settings import Settings
from pipeline.store import Arrival, Store

__all__ = ["Readers", "largest_first", "read_arrival"]

log = logging.getLogger(__name__)

ARRIVALS_A_PROCESS = 50  # then it is replaced: engines keep some memory of every shape they have seen


def read_arrival(arrival: Arrival, settings: Settings, programme_name: str) -> str:
    """Observe one arrival and keep what was seen, unless that was done before; returns the key of the reading."""
    from pipeline.observing import observe, reading_key, submissions_json

    store, programme = Store(settings.home), load(programme_name)
    key = reading_key(arrival, settings, programme)
    if store.reading(key) is None:
        store.keep_reading(key, submissions_json(observe(arrival, store.originals, settings, programme)))
    if arrival.reading_key != key:
        store.was_read(arrival, key)
    return key


class Readers:
    """A pool of reading processes; its methods may be called from several threads."""

    def __init__(self, settings: Settings, programme_name: str) -> None:
        self._settings = settings
        self._programme = programme_name
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def read_all(
        self, store: Store, arrivals: Sequence[Arrival], progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Read every arrival that has not been read under today's engine and settings."""
        unread = largest_first(store, [a for a in arrivals if not self._is_read(store, a)])
        for done, _ in enumerate(self._results(unread), start=len(arrivals) - len(unread) + 1):
            if progress:
                progress(done, len(arrivals))

    def read(self, store: Store, arrival: Arrival) -> None:
        """Read one arrival; returns when it is kept. A reader that dies is a problem of the arrival."""
        if self._is_read(store, arrival):
            return
        list(self._results([arrival]))

    def _is_read(self, store: Store, arrival: Arrival) -> bool:
        from pipeline.observing import reading_key

        key = reading_key(arrival, self._settings, load(self._programme))
        if store.reading(key) is None:
            return False
        if arrival.reading_key != key:
            store.was_read(arrival, key)
        return True

    def _results(self, arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
        if not arrivals:
            return
        pool = self._running()
        futures = {pool.submit(read_arrival, a, self._settings, self._programme): a for a in arrivals}
        orphans = []
        for future in as_completed(futures):
            try:
                future.result()
            except BrokenProcessPool:
                orphans.append(futures[future])
                continue
            except YanzhangError:
                raise
            except Exception as error:
                # Our own fault, not the file's: the arrival is reported as not read, the rest of the batch goes on.
                log.error(
                    "%s could not be read: %r", futures[future].name, error, exc_info=log.isEnabledFor(logging.INFO)
                )
            yield futures[future]
        if orphans:
            self._forget(pool)
        for arrival in orphans:
            self._alone(arrival)
            yield arrival

    def _alone(self, arrival: Arrival) -> None:
        """Read in a process of its own, so that only the one that kills its reader is lost."""
        with _pool(1) as pool:
            try:
                pool.submit(read_arrival, arrival, self._settings, self._programme).result()
            except BrokenProcessPool:
                log.error("%s brought its reader down (out of memory?): it is reported as not read", arrival.name)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = _pool(self._settings.workers)
            return self._pool

    def _forget(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False, cancel_futures=True)


def largest_first(store: Store, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The order to read in: a large envelope begun last would keep one process busy and leave the others idle.

    Bytes tell the time well enough.
    """
    return sorted(arrivals, key=lambda arrival: -sum(store.originals.size(file.sha256) for file in arrival.files))


def _pool(workers: int) -> ProcessPoolExecutor:
    # Engines start threads of their own; a pool of processes already fills the cores.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_single_threaded,
        max_tasks_per_child=ARRIVALS_A_PROCESS,
    )


def _single_threaded() -> None:
    """OpenCV listens to no variable: its threads wait for each other while another process wants the core.

    What is logged here reaches the same terminal as what the parent says, and is made fit for it in the same way.
    """
    import cv2

    cv2.setNumThreads(1)
    install_log()
