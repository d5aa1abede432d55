"""Reading one envelope, wherever a task runs: on this machine's threads, or on any worker of a cluster.

An order is small and JSON: which arrival, under which settings it is read. Where database and originals are, and how
one gets in, is for each machine's own environment to say. What is read is kept in the store under a key of its content:
an order that is carried out twice is carried out once.

The reading processes (and in them the models) belong to the process that carries out orders and stay from one to the
next. A worker of Dask that is killed takes them along; the scheduler gives its orders to others. That an order was
begun stands in the store until it ended, so that an envelope that kills whoever reads it is found out: after two
workers it is put aside until nobody else reads, and read alone; two workers later it is in quarantine.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing import current_process
from typing import Literal

from pydantic import BaseModel, ConfigDict

from flows.names import envelope_name
from pipeline.errors import BadSetting, YanzhangError
from pipeline.programmes import load
from pipeline.readers import HOW_TO_TRY, Readers
from pipeline.settings import Bounds, ReadingSettings, Settings
from pipeline.store import Arrival, Store, store_of
from pipeline.store.quarantine import STRIKES, WHOLE, bar, barred, begun, ended, never_ended

__all__ = ["ASIDE", "KEPT", "Order", "carry_out", "is_done", "order_for", "readers_here"]

Ending = Literal["kept", "aside"]
KEPT: Ending = "kept"
ASIDE: Ending = "aside"


class Order(BaseModel):
    """Read one arrival (``arrival``: its id; ``key``: under which the reading will be kept)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arrival: int
    name: str
    sha256: str
    key: str
    programme: str
    reading: ReadingSettings
    bounds: Bounds
    alone: bool = False


def order_for(arrival: Arrival, settings: Settings, programme: str) -> Order:
    """The order to read an arrival as these settings say."""
    from pipeline.observing import reading_key

    return Order(
        arrival=arrival.id,
        name=envelope_name(arrival.name),
        sha256=arrival.sha256,
        key=reading_key(arrival, settings, load(programme)),
        programme=programme,
        reading=settings.reading,
        bounds=settings.bounds,
    )


def carry_out(order: Order) -> Ending:
    """Read what is ordered; returns when it is kept (or in quarantine), or that it had better be read alone.

    :raises BadSetting: this machine has another store, or another yanzhang
    :raises StoreTrouble: the store cannot be used now
    :raises YanzhangError: this machine cannot read
    """
    settings = Settings(reading=order.reading, bounds=order.bounds)
    threads = _worker_threads()
    if threads and current_process().daemon:
        raise BadSetting(
            "this Dask worker may start no reading process: start it with --no-nanny, or set "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False for it"
        )
    # Not kept open from one order to the next: a worker that waits must not keep others from having the store alone.
    with closing(store_of(settings)) as store:
        arrival = _arrival(store, order, settings)
        readers = _readers(settings, order.programme, threads or settings.workers)
        if not threads or store.has_reading(order.key):
            readers.read(store, arrival)
            return KEPT
        return _watched(store, order, arrival, readers)


def is_done(store: Store, order: Order) -> bool:
    """Whether an order was carried out into this store."""
    return store.has_reading(order.key) or (order.sha256, WHOLE) in barred(store, order.key)


def _watched(store: Store, order: Order, arrival: Arrival, readers: Readers) -> Ending:
    """Read where a whole machine may end with it."""
    if not _may_begin(store, order):
        return KEPT if order.alone else ASIDE
    begun(store, order.key, order.sha256, alone=order.alone)
    try:
        readers.read(store, arrival)
    finally:
        with suppress(YanzhangError):  # what the reading itself came to is said
            ended(store, order.key)
    return KEPT


def _may_begin(store: Store, order: Order) -> bool:
    """Whether to begin, after so many that began and never came back."""
    if never_ended(store, order.key, order.sha256, alone=order.alone) < STRIKES:
        return True
    if order.alone:
        bar(store, order.key, order.sha256, f"machine after machine ended while it was read: {HOW_TO_TRY}")
    return False


def _arrival(store: Store, order: Order, settings: Settings) -> Arrival:
    from pipeline.observing import reading_key

    arrival = store.arrival(order.arrival)
    if arrival is None or arrival.sha256 != order.sha256:
        raise BadSetting(
            f"this machine's store does not know the envelope {order.name}: give every worker the same "
            "YANZHANG_DATABASE and YANZHANG_ORIGINALS as whoever runs the flow"
        )
    if reading_key(arrival, settings, load(order.programme)) != order.key:
        raise BadSetting(
            "this machine has another version of yanzhang or of its models than whoever runs the flow: "
            "install the same everywhere"
        )
    return arrival


# What stays from one order to the next. Several threads of one worker carry out orders at once.
_guard = threading.Lock()
_pools: dict[tuple[str, str], Readers] = {}


@contextmanager
def readers_here(settings: Settings, programme: str) -> Iterator[None]:
    """Reading processes for orders that are carried out in this process; they end with this."""
    key = _key(settings, programme)
    try:
        with Readers(settings, programme) as readers:
            with _guard:
                _pools[key] = readers
            yield
    finally:
        with _guard:
            _pools.pop(key, None)


def _readers(settings: Settings, programme: str, places: int) -> Readers:
    key = _key(settings, programme)
    with _guard:
        if key not in _pools:
            _pools[key] = readers = Readers(settings.model_copy(update={"workers": places}), programme)
            atexit.register(readers.__exit__, None, None, None)
        return _pools[key]


def _key(settings: Settings, programme: str) -> tuple[str, str]:
    return programme, settings.model_dump_json(include={"reading", "bounds"})


def _worker_threads() -> int:
    """How many orders the Dask worker here carries out at once; 0: no Dask worker runs here."""
    import sys

    if "distributed" not in sys.modules:
        return 0
    from distributed import get_worker

    try:
        return int(get_worker().state.nthreads)
    except ValueError:
        return 0
