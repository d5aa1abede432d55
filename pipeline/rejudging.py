"""Applications judged again at night, some at a time, in a process of their own where there are many.

What comes back of each envelope is small: its verdict is in the store already, and of one that is as it was nothing
but that is said.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pipeline import book
from pipeline.as_printed import with_record_changes
from pipeline.deciding import Said
from pipeline.errors import YanzhangError
from pipeline.judging import Received, judge_matched
from pipeline.keeping import received_of, sayings_in
from pipeline.model import EnvelopeReport
from pipeline.model.slips import Told
from pipeline.pauses import without_pauses
from pipeline.programmes import load
from pipeline.records import Match
from pipeline.report.shown import Shown, shown_fully
from pipeline.settings import Settings
from pipeline.store import Store, store_of
from pipeline.store.verdicts import Place
from pipeline.twins import SealTwin
from pipeline.weighing import Weighed, weighed

__all__ = ["Chunk", "Done", "Envelope", "Group", "Job", "in_chunks", "judged_again", "said_again"]

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

TOGETHER = 20  # applications in a chunk: some megabytes of readings
FEW = 60  # applications that are judged sooner than another process is started
AHEAD = 4  # chunks waiting for each process: what is judged and not yet written stays little
A_LOOK = 2.0  # seconds between looks at whether processes that a result is waited for still live


@dataclass(frozen=True, slots=True)
class Group:
    """Envelopes to judge together. ``members``: arrival, part, what of it agreed with the record, rivals."""

    key: str
    application_no: str
    cause: str
    members: tuple[tuple[int, int, tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some groups, with what else judging them needs.

    :ivar beside: arrivals that corrections of these are about, too
    :ivar pictured: whether findings get their pictures: of very many that are new at once nobody looks at all
    """

    groups: tuple[Group, ...]
    told: Mapping[str, Sequence[SealTwin]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    beside: tuple[int, ...] = ()
    pictured: bool = True


@dataclass(frozen=True, slots=True)
class Envelope:
    """What became of one. ``now``, ``before``: its findings, and those that a report told last; ``shown``: as it goes
    into the report; all of these empty where it is as it was.
    """

    place: Place
    envelope: str
    application_no: str | None
    digest: str
    same: bool
    told: bool
    now: tuple[Told, ...] = ()
    before: tuple[Told, ...] = ()
    shown: Shown | None = None
    head: EnvelopeReport | None = None


Done = tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """All that stays the same through a night."""

    settings: Settings
    programme_name: str
    out: Path
    said: Said


class _Desk:
    """Where chunks are judged: a store opened once."""

    def __init__(self, job: Job, store: Store) -> None:
        self.job, self.store, self.programme = job, store, load(job.programme_name)

    @without_pauses()
    def judge(self, chunk: Chunk) -> Done:
        envelopes = self._envelopes(chunk)
        numbers = {g.application_no for g in chunk.groups if g.application_no}
        records = book.records(self.store, numbers) if numbers else {}
        groups: list[list[tuple[Received, Match]]] = []
        causes: dict[str, str] = {}
        for group in chunk.groups:
            record = records.get(group.application_no)
            there = [
                (envelopes[arrival, part], Match(record, by, rivals))
                for arrival, part, by, rivals in group.members
                if (arrival, part) in envelopes
            ]
            lost = [one for one, _ in there if record is not None and _cannot_be_read(one)]
            # What is another now than when it was planned is no answer to the cause that was found then.
            as_planned = (
                not lost and len(there) == len(group.members) and (record is not None) == bool(group.application_no)
            )
            causes[group.key] = group.cause if as_planned else ""
            groups += [[(one, Match())] for one in lost]
            groups.append([(one, met) for one, met in there if one not in lost])
        groups = [group for group in groups if group]
        members = {(arrival, part) for group in chunk.groups for arrival, part, *_ in group.members}
        beside = [one for place, one in envelopes.items() if place not in members]
        judged = [
            one
            for group in judge_matched(groups, self.programme, said=self.job.said, names=chunk.names, beside=beside)
            for one in group
        ]
        kept = weighed(self.store, with_record_changes(self.store, judged), causes)
        fresh = [one for one in kept if not one.same]
        shown = shown_fully(
            [one.judged.report for one in fresh], self.job.out, self.store.originals, pictured=chunk.pictured
        )
        by_place = dict(zip([_place(one) for one in fresh], shown, strict=True))
        return tuple(_envelope(one, by_place.get(_place(one))) for one in kept)

    def _envelopes(self, chunk: Chunk) -> dict[Place, Received]:
        wanted = {arrival for group in chunk.groups for arrival, *_ in group.members} | set(chunk.beside)
        found = received_of(self.store, self.store.arrivals_of(wanted), chunk.told)
        return {(one.arrival, one.submission.part): one for some in found.values() for one in some}

    @without_pauses()
    def say(self, arrivals: Sequence[int]) -> dict[str, bytes]:
        """What readings of some arrivals tell of whose they are, by the reading's key."""
        listed = self.store.arrivals_of(arrivals)
        found = received_of(self.store, listed, {})
        return {a.reading_key: sayings_in(found[a.id]) for a in listed}


def _cannot_be_read(one: Received) -> bool:
    """Its reading turned out to be damaged, or another version's: nobody knows whose it is."""
    return bool(one.submission.problem) and not one.submission.documents and not one.submission.pages


def _place(one: Weighed) -> Place:
    return one.verdict.arrival, one.verdict.part


def _envelope(one: Weighed, shown: Shown | None) -> Envelope:
    report, verdict = one.judged.report, one.verdict
    if shown is None:
        return Envelope(_place(one), report.envelope, report.application_no, verdict.digest, one.same, verdict.told)
    return Envelope(
        _place(one),
        report.envelope,
        report.application_no,
        verdict.digest,
        one.same,
        verdict.told,
        now=tuple(map(Told.of, report.findings)),
        before=one.before,
        shown=shown,
        head=report.model_copy(update={"pages": (), "sheets": (), "documents": (), "checks": ()}),
    )


# --------------------------------------------------------------------------------------------------------- processes

_desk: _Desk | None = None


def _sit_down(job: Job) -> None:
    global _desk
    _desk = _Desk(job, store_of(job.settings))


def _judge(chunk: Chunk) -> Done | YanzhangError:
    assert _desk is not None
    try:
        return _desk.judge(chunk)
    except YanzhangError as error:
        return error


def _say(arrivals: Sequence[int]) -> dict[str, bytes]:
    assert _desk is not None
    return _desk.say(arrivals)


def judged_again(job: Job, store: Store, chunks: Iterable[Chunk], *, many: bool) -> Iterator[Done]:
    """Judge chunks, in their order.

    :param many: whether it is worth a process for each worker
    """
    desk = _Desk(job, store)
    if not _with_processes(job, many):
        yield from map(desk.judge, chunks)
        return
    yield from _by_processes(job, _judge, desk.judge, chunks)


def said_again(job: Job, store: Store, arrivals: Sequence[int]) -> Iterator[dict[str, bytes]]:
    """What readings tell of whose they are, taken from them anew."""
    desk = _Desk(job, store)
    parts = (arrivals[start : start + 2 * TOGETHER] for start in range(0, len(arrivals), 2 * TOGETHER))
    if not _with_processes(job, len(arrivals) > 10 * FEW):
        yield from map(desk.say, parts)
        return
    yield from _by_processes(job, _say, desk.say, parts)


def _with_processes(job: Job, many: bool) -> bool:
    # A process that is a daemon (Dask's, say) may have no children.
    return many and job.settings.workers > 1 and not multiprocessing.current_process().daemon


def _by_processes(
    job: Job, there: Callable[[T], R | YanzhangError], here: Callable[[T], R], tasks: Iterable[T]
) -> Iterator[R]:
    """The results in the order of the tasks. Where a process dies (no memory left, say), what it had is done here."""
    waiting: deque[tuple[T, Future[R | YanzhangError]]] = deque()
    left = iter(tasks)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(job.settings.workers, context, initializer=_sit_down, initargs=(job,))
    try:
        while True:
            while len(waiting) < AHEAD * job.settings.workers and (task := next(left, None)) is not None:
                waiting.append((task, Future()))  # whatever becomes of it: it is not lost from the list
                waiting[-1] = (task, _handed(pool, there, task))
            if not waiting:
                return
            done = _told(pool, waiting[0][1])
            waiting.popleft()
            if isinstance(done, YanzhangError):
                raise done
            yield done
    except BrokenProcessPool:
        log.warning("a process that judges ended; the rest is judged without it")
        # One that was started just as another died is told nothing: who waits for it waits for ever.
        for process in list((pool._processes or {}).values()):
            process.kill()
    finally:
        pool.shutdown(cancel_futures=True)
    yield from map(here, [task for task, _ in waiting])
    yield from map(here, left)


def _handed(pool: ProcessPoolExecutor, there: Callable[[T], R], task: T) -> Future[R]:
    """:raises BrokenProcessPool: a process died, also just as another was to be started for this"""
    try:
        return pool.submit(there, task)
    except (OSError, ValueError) as error:  # the pool closes its pipes while that other is given them
        raise BrokenProcessPool(str(error)) from error


def _told(pool: ProcessPoolExecutor, future: Future[R]) -> R:
    """:raises BrokenProcessPool: a process died, also where the pool forgot to say so of this task"""
    while not wait([future], timeout=A_LOOK).done:
        # What is handed over just as the pool clears its list is told neither a result nor of the end.
        if pool._broken and not future.done():
            raise BrokenProcessPool("a process died as a task was handed over")
    return future.result()


def in_chunks(groups: Iterable[Group]) -> Iterator[tuple[Group, ...]]:
    """Some at a time."""
    some: list[Group] = []
    for group in groups:
        some.append(group)
        if len(some) == TOGETHER:
            yield tuple(some)
            some = []
    if some:
        yield tuple(some)
