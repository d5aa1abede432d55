"""A process that reads arrivals, one after the other, and says at each page that it has begun it.

Made and watched by :mod:`pipeline.readers`, which knows from what it said last which page brought it down.
"""

from __future__ import annotations

import errno
import logging
import resource
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from pipeline.errors import StoreTrouble, YanzhangError
from pipeline.printing import install_log
from pipeline.seeing import Watch
from pipeline.settings import Settings
from pipeline.store import Arrival, store_of
from pipeline.store.leases import claimed
from pipeline.walls import die_with_parent, limit

__all__ = ["Ask", "Begun", "Broke", "Done", "Ready", "Refused", "Waiting", "read_arrival", "serve"]

log = logging.getLogger(__name__)

NOT_ITS_FAULT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})  # what is wrong with the disk, not with a file


@dataclass(frozen=True, slots=True)
class Ask:
    """An arrival to read; ``barred``: pages not to be tried, (sha256, page), and why; ``anew``: though it was read."""

    arrival: Arrival
    barred: Mapping[tuple[str, int], str] = field(default_factory=dict)
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has started."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A page was begun: its file's sha256 and its place in it from 0. No file: the pages are read, documents begun."""

    sha256: str
    page: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another process reads the same, or the original is on its way here."""


@dataclass(frozen=True, slots=True)
class Done:
    """The reading is kept."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The store or the machine does not allow to read: one sentence for the user; ``passing``: later it may."""

    sentence: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Broke:
    """A fault of ours, caught: what it said."""

    says: str


def serve(wire: Connection, settings: Settings, programme_name: str) -> None:
    """Read what is asked for until nobody asks any more."""
    _prepare(settings)
    wire.send(Ready())
    while True:
        try:
            ask: Ask = wire.recv()
        except EOFError:
            return
        wire.send(_answer(ask, wire, settings, programme_name))


def _answer(ask: Ask, wire: Connection, settings: Settings, programme_name: str) -> Done | Refused | Broke:
    def waits() -> None:
        wire.send(Waiting())

    watch = Watch(begins=lambda sha256, page: wire.send(Begun(sha256, page)), barred=ask.barred, waits=waits)
    try:
        read_arrival(ask.arrival, settings, programme_name, watch, anew=ask.anew, waiting=waits)
    except YanzhangError as error:
        return Refused(error.message, passing=isinstance(error, StoreTrouble))
    except OSError as error:
        if error.errno in NOT_ITS_FAULT:
            return Refused(
                f"{settings.home} cannot be written ({error.strerror}): make room, run the same command again",
                passing=True,
            )
        return _broke(ask, error)
    except Exception as error:
        return _broke(ask, error)
    return Done()


def _broke(ask: Ask, error: Exception) -> Broke:
    log.error("%s broke its reader: %r", ask.arrival.name, error, exc_info=log.isEnabledFor(logging.INFO))
    return Broke(type(error).__name__)


def read_arrival(
    arrival: Arrival,
    settings: Settings,
    programme_name: str,
    watch: Watch | None = None,
    *,
    anew: bool = False,
    waiting: Callable[[], None] = lambda: None,
) -> str:
    """Observe one arrival and keep what was seen, unless that was done before; returns the key of the reading.

    Two runs at once read nothing twice: the second waits for the first and takes what it found.
    """
    from pipeline.observing import observe, reading_key, submissions_json
    from pipeline.programmes import load

    store, programme = store_of(settings), load(programme_name)
    key = reading_key(arrival, settings, programme)
    with claimed(store, key, waiting):
        if anew or store.reading(key) is None:
            seen = observe(arrival, store.originals, settings, programme, watch)
            store.keep_reading(key, submissions_json(seen), anew=anew)
    if arrival.reading_key != key:
        store.was_read(arrival, key)
    return key


def _prepare(settings: Settings) -> None:
    import cv2

    from pipeline.intake.cell import warm_up

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run; it says when this process ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()
    install_log()  # it reaches the same terminal as what the parent says
    # Past this an allocation fails, and costs the page that asked for it.
    limit(resource.RLIMIT_DATA, settings.bounds.reader_memory)
    limit(resource.RLIMIT_CORE, 0)
    cv2.setNumThreads(1)  # OpenCV listens to no variable: its threads wait for each other while another process works
    warm_up()
