"""A run of the nightly job from its begin to its end, as it is kept, and told of when it has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline import book
from pipeline.errors import YanzhangError
from pipeline.model.nights import Night, NightFinding
from pipeline.settings import Settings
from pipeline.store import Store, nights
from pipeline.telling.digest import clean
from pipeline.telling.tell import channels, digest_of, since_last, tell

__all__ = ["Running", "kept_night", "tell_of"]


@dataclass(slots=True)
class Running:
    """A night that runs: its number, and what it came to, once it has."""

    id: int
    started_at: datetime
    came_to: Night | None = None


@contextmanager
def kept_night(store: Store, programme: str) -> Iterator[Running]:
    """A night is kept from here on: what is done within is the night, and says what it came to.

    Whatever ends it early is noted and goes on; of one that is killed the missing end says so.
    """
    night = Running(nights.begin(store, programme), datetime.now(UTC))
    try:
        broken = since_last(store, night.id)
        yield night
    except BaseException as error:
        with suppress(YanzhangError):  # the fault itself matters more than that it could not be noted
            nights.failed(store, night.id, _sentence(error))
        raise
    came_to = night.came_to or Night(started_at=night.started_at, programme=programme)
    ended = came_to.finished_at or datetime.now(UTC)
    whole = came_to.model_copy(
        update={
            "finished_at": ended,
            "alarms": (*broken, *came_to.alarms),
            "new": _with_departments(store, came_to.new),
            "resolved": _with_departments(store, came_to.resolved),
        }
    )
    nights.finish(store, night.id, whole)


def tell_of(store: Store, night: int, settings: Settings) -> tuple[str, ...]:
    """Tell everybody who is to be told; sentences on what went wrong, which is never the night's fault."""
    try:
        to = channels(settings.tell)
        if not to:
            return ()
        told = tell(store, digest_of(store, settings, night), to)
    except YanzhangError as error:
        return (error.message,)
    if not told.failed:
        return told.problems
    return (*told.problems, f"not told: {', '.join(told.failed)}; run yanzhang tell to try again")


def _with_departments(store: Store, found: Sequence[NightFinding]) -> tuple[NightFinding, ...]:
    """Those that are kept, with the department (商务主管部门) that the application's record names."""
    listed = tuple(found[: nights.MAX_LINES])
    records = book.records(store, {one.application_no for one in listed if one.application_no})
    of = {number: record.commerce_department or "" for number, record in records.items()}
    return tuple(
        one if one.department else one.model_copy(update={"department": of.get(one.application_no or "", "")})
        for one in listed
    )


def _sentence(error: BaseException) -> str:
    if isinstance(error, YanzhangError):
        return error.message
    if isinstance(error, KeyboardInterrupt):
        return "it was stopped by hand, or with its machine"
    return f"a fault of the program: {type(error).__name__} {clean(str(error))}".strip()
