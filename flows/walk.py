"""What the flows do, without Prefect: plain functions that are told how to hand out work.

Prefect keeps a flow's parameters and results and shows them, and a cluster packs the flow itself up with each task:
what must stay here (the records' address with its password, a bar on the terminal, what is open already) stands in the
surroundings, and what comes back is a reference to the report, which lies where it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.cluster import check_cluster
from flows.orders import ASIDE, Ending, Order, is_done, order_for, readers_here
from pipeline.errors import BadSetting, ClusterDown
from pipeline.intake.batch import Split, TakenIn
from pipeline.readers import largest_first
from pipeline.records import Loaded
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.street import Outcome, judge_batch, open_batch, reconcile_store, reports_of
from pipeline.values.secrets import holds_secret

__all__ = ["Around", "around", "by_hand", "outcome_of", "reference", "walk_batch", "walk_night"]

ALONE_TRIES = 5  # of an envelope that is read alone, where workers end before they have begun it

Reference = dict[str, Any]
Opened = tuple[Store, Loaded, TakenIn]
Hand = Callable[[Iterable[Order]], Iterator[tuple[Order, Ending]]]


@dataclass(slots=True)
class Around:
    """Surroundings of a run: given by who starts it here, except for ``outcome``, which it leaves.

    :ivar progress: called as ``progress(done, total)`` when an envelope has been read
    :ivar records: the records' address with its password; the flow is told one without
    :ivar opened: the batch, where it is open already
    :ivar accept_shrunk: a person says that records which the source lacks are gone
    """

    progress: Callable[[int, int], None] | None = None
    records: str | None = None
    opened: Opened | None = None
    accept_shrunk: bool = False
    outcome: Outcome | None = None


_around: ContextVar[Around | None] = ContextVar("around", default=None)


@contextmanager
def around(given: Around) -> Iterator[Around]:
    """Make these the surroundings of what runs in this context."""
    token = _around.set(given)
    try:
        yield given
    finally:
        _around.reset(token)


def by_hand() -> bool:
    """Whether somebody started the run here and waits for it."""
    return _around.get() is not None


def walk_batch(
    batch: str,
    records: str,
    out: str,
    programme: str,
    received_on: date | None,
    split: Split,
    workers: int | None,
    *,
    hand_out: Hand,
) -> Outcome:
    """收件核验: take in, hand out, judge."""
    here = _around.get() or Around()
    settings = Settings() if workers is None else Settings(workers=workers)
    if here.opened is None:
        here.opened = open_batch(
            Path(batch),
            _source(records),
            Path(out),
            programme_name=programme,
            received_on=received_on,
            split=split,
            settings=settings,
        )
    store, loaded, taken = here.opened
    orders = [order_for(arrival, settings, programme) for arrival in largest_first(store, taken.arrivals)]
    if settings.cluster and orders:
        check_cluster(settings.cluster)
    with nullcontext() if settings.cluster else readers_here(settings, programme):
        for done, order in enumerate(_carried_out(orders, hand_out), start=1):
            if not is_done(store, order):
                raise BadSetting(
                    f"{order.name} was read into another store than this one: give every worker the same "
                    "YANZHANG_DATABASE and YANZHANG_ORIGINALS as whoever runs the flow"
                )
            if here.progress:
                here.progress(done, len(orders))
    # Whoever read noted it in the store.
    here.outcome = judge_batch(store, loaded, taken, Path(out), programme_name=programme, place=reports_of(settings))
    return here.outcome


def _carried_out(orders: list[Order], hand_out: Hand) -> Iterator[Order]:
    """Orders as they are carried out; those that are better read alone come last, one by one."""
    aside = []
    for order, ending in hand_out(orders):
        if ending == ASIDE:
            aside.append(order)
        else:
            yield order
    for order in aside:
        alone = order.model_copy(update={"alone": True})
        for _ in range(ALONE_TRIES):
            if all(ending != ASIDE for _, ending in hand_out([alone])):
                break
        else:
            raise ClusterDown(
                f"worker after worker of the cluster ends before it has begun {order.name}: look at the workers' logs, "
                "then run the same command again"
            )
        yield order


def walk_night(records: str | None, out: str, programme: str) -> Outcome:
    """夜间复核: everything stored against the records as they are now."""
    here = _around.get() or Around()
    source = _source(records) if records is not None else None
    here.outcome = reconcile_store(
        source, Path(out), programme_name=programme, settings=Settings(), accept_shrunk=here.accept_shrunk
    )
    return here.outcome


def outcome_of(here: Around) -> Outcome:
    """What a run here left.

    :raises ClusterDown: it ended without a word
    """
    if here.outcome is None:
        raise ClusterDown("the run was stopped before its report was written: run the same command again")
    return here.outcome


def reference(outcome: Outcome) -> Reference:
    """What a flow returns: where the report is, and its totals."""
    return {
        "report": str(outcome.html),
        **outcome.report.totals.model_dump(),
        "problems": len(outcome.report.problems),
        "some_failed": outcome.some_failed,
    }


def _source(records: str) -> str:
    """The records' address, password and all; from who started the flow here, else from the parameter.

    :raises BadSetting: the parameter holds a password
    """
    here = _around.get()
    given = here.records if here is not None else None
    if given is None and holds_secret(records):
        raise BadSetting(
            "the records' address holds a password, and Prefect keeps a flow's parameters: put the address into an "
            "environment variable of whoever runs the flow, and give env:NAME"
        )
    return records if given is None else given
