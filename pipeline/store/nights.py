"""Nights (夜间复核): which runs of the nightly job began, how they ended, and who was told of them.

``nights``: a row a run, written when it begins: one that was killed is seen by its missing end. ``night_lines``: what
its summary lists (findings that came or went, what is stuck), a row each so that ``yanzhang forget`` finds them.
``told``: which channel was told of what; a channel is told of one matter once.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Integer, String, Table, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.model.nights import Night, NightFinding
from pipeline.store.database import Store
from pipeline.store.leases import held_on_server
from pipeline.store.tables import metadata

__all__ = [
    "LEASE",
    "KeptNight",
    "begin",
    "claim",
    "failed",
    "finish",
    "kept",
    "last",
    "last_finished",
    "silence",
    "told",
    "unfinished",
    "untold",
]

LEASE = "the nightly run"  # that whoever runs a night has for as long
MAX_LINES = 500  # of each list of a night: who wants all of them has the report
KEPT_LINES = 60  # nights whose lists are kept; their counts are kept for good
MAX_SENTENCE = 2_000  # signs
CLAIM_SECONDS = 900  # after which who said it would tell, and has not, is taken for dead

_nights = Table(
    "nights",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started_at", DateTime, nullable=False),  # UTC
    Column("finished_at", DateTime),
    Column("host", String(255), nullable=False, default=""),
    Column("pid", Integer, nullable=False),
    Column("process", String(80), nullable=False, default=""),  # tells the process from a later one of its number
    Column("programme", String(60), nullable=False, default=""),
    Column("problem", String, nullable=False, default=""),  # why it ended before its end
    Column("summary", String, nullable=False, default=""),  # JSON of the Night without its lists
    sqlite_autoincrement=True,  # who was told of night 7 was not told of another night 7
)
_lines = Table(
    "night_lines",
    metadata,
    Column("night", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),  # new, resolved, stuck, alarm
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("application_no", String, nullable=False, default="", index=True),
    Column("envelope", String, nullable=False, default=""),
    Column("data", String, nullable=False),  # JSON
)
_told = Table(
    "told",
    metadata,
    Column("matter", String(40), primary_key=True),  # night:7, alarm:2026-11-27
    Column("channel", String(16), primary_key=True),
    Column("claimed_at", DateTime, nullable=False),
    Column("told_at", DateTime),
)
_SENTENCES = ("stuck", "alarm")


@dataclass(frozen=True, slots=True)
class KeptNight:
    """A run of the nightly job as it is kept. ``problem``: why it ended early; ``night``: what it came to.

    :ivar alive: whether it may still be at work: nobody can say so of another machine's
    """

    id: int
    started_at: datetime
    finished_at: datetime | None
    host: str
    pid: int
    problem: str
    alive: bool
    night: Night


def begin(store: Store, programme: str = "") -> int:
    """Note, durably, that a night begins; its number."""
    row = {"host": socket.gethostname()[:255], "pid": os.getpid(), "process": _process(os.getpid())}
    with store.writing() as db:
        statement = insert(_nights).values(started_at=_now(), programme=programme, problem="", summary="", **row)
        key = db.execute(statement).inserted_primary_key
        # Two machines may begin at once: whoever is not the newest clears no lists.
        old = select(_nights.c.id).order_by(_nights.c.id.desc()).offset(KEPT_LINES).limit(1)
        if (oldest := db.execute(old).scalar_one_or_none()) is not None:
            db.execute(delete(_lines).where(_lines.c.night <= oldest))
    assert key is not None
    return int(key[0])


def finish(store: Store, night: int, came_to: Night) -> None:
    """Note what a night came to; it has ended well."""
    lists = {"new": came_to.new, "resolved": came_to.resolved, "stuck": came_to.stuck, "alarm": came_to.alarms}
    rows = [_line(night, kind, number, one) for kind, found in lists.items() for number, one in _first(found)]
    summary = came_to.model_dump_json(exclude={"new", "resolved", "stuck", "alarms"})
    ended = {"finished_at": _naive(came_to.finished_at or datetime.now(UTC)), "summary": summary, "problem": ""}
    with store.writing() as db:
        db.execute(delete(_lines).where(_lines.c.night == night))
        if rows:
            db.execute(insert(_lines), rows)
        db.execute(update(_nights).where(_nights.c.id == night).values(**ended))


def failed(store: Store, night: int, problem: str) -> None:
    """Note why a night ended before its end."""
    with store.writing() as db:
        values = {"problem": problem[:MAX_SENTENCE] or "it ended before its end, and nobody said why"}
        db.execute(update(_nights).where(_nights.c.id == night, _nights.c.finished_at.is_(None)).values(**values))


def last(store: Store) -> KeptNight | None:
    """The newest run, however it ended."""
    return next(_kept(store, limit=1), None)


def last_finished(store: Store) -> KeptNight | None:
    """The newest run that came to its end."""
    return next(_kept(store, _nights.c.finished_at.is_not(None), limit=1), None)


def kept(store: Store, night: int) -> KeptNight | None:
    """A run by its number."""
    return next(_kept(store, _nights.c.id == night, limit=1), None)


def unfinished(store: Store, since: KeptNight | None = None) -> tuple[KeptNight, ...]:
    """Runs after ``since`` (None: all) that began and did not come to their end, in order."""
    after = since.id if since is not None else 0
    return tuple(_kept(store, _nights.c.id > after, _nights.c.finished_at.is_(None)))[::-1]


# ---------------------------------------------------------------------------------------------------------- telling


def claim(store: Store, matter: str, channel: str) -> bool:
    """Take it on to tell a channel of a matter; False: it was told, or another process is telling it now."""
    mine = (_told.c.matter == matter, _told.c.channel == channel)
    with store.writing() as db:
        now = _now()  # here: who waited for another's claim comes after it
        # A claim from the future is of a clock that was set back; machines' clocks differ a little all the time.
        dead, odd = (now + sign * timedelta(seconds=CLAIM_SECONDS) for sign in (-1, 1))
        try:
            with db.begin_nested():
                db.execute(insert(_told).values(matter=matter, channel=channel, claimed_at=now))
        except IntegrityError:
            free = (_told.c.told_at.is_(None), or_(_told.c.claimed_at < dead, _told.c.claimed_at > odd))
            return bool(db.execute(update(_told).where(*mine, *free).values(claimed_at=now)).rowcount)
    return True


def told(store: Store, matter: str, channel: str) -> None:
    """It was told."""
    with store.writing() as db:
        db.execute(update(_told).where(_told.c.matter == matter, _told.c.channel == channel).values(told_at=_now()))


def untold(store: Store, matter: str, channel: str) -> None:
    """It could not be told, or is to be told anew: the next one may try."""
    with store.writing() as db:
        db.execute(delete(_told).where(_told.c.matter == matter, _told.c.channel == channel))


def silence(db: Connection, envelopes: Collection[str]) -> int:
    """Take out lines on envelopes that are forgotten, and all sentences: nobody can say whom they name."""
    listed = db.execute(select(_lines.c.envelope).where(_lines.c.envelope != "").distinct()).scalars()
    names = [name for name in listed if name in envelopes or name.rpartition("#")[0] in envelopes]
    gone = db.execute(delete(_lines).where(_lines.c.kind.in_(_SENTENCES))).rowcount
    return gone + sum(db.execute(delete(_lines).where(_lines.c.envelope == name)).rowcount for name in names)


# ------------------------------------------------------------------------------------------------------------- rows


def _first(found: Collection[Any]) -> Iterator[tuple[int, Any]]:
    return ((number, one) for number, one in enumerate(found) if number < MAX_LINES)


def _line(night: int, kind: str, number: int, one: NightFinding | str) -> dict[str, Any]:
    row: dict[str, Any] = {"night": night, "kind": kind, "number": number, "application_no": "", "envelope": ""}
    if isinstance(one, str):
        return {**row, "data": json.dumps(one[:MAX_SENTENCE], ensure_ascii=False)}
    named = {"application_no": one.application_no or "", "envelope": one.envelope}
    return {**row, **named, "data": one.model_dump_json()}


def _kept(store: Store, *where: Any, limit: int | None = None) -> Iterator[KeptNight]:
    """Newest first."""
    with store.looking() as db:
        rows = db.execute(select(_nights).where(*where).order_by(_nights.c.id.desc()).limit(limit)).all()
        for row in rows:
            asked = select(_lines).where(_lines.c.night == row.id).order_by(_lines.c.kind, _lines.c.number)
            yield _night(store, row, db.execute(asked).all() if row.finished_at is not None else ())


def _night(store: Store, row: Any, lines: Collection[Any]) -> KeptNight:
    started, finished = _aware(row.started_at), _aware(row.finished_at) if row.finished_at is not None else None
    summary = json.loads(row.summary) if row.summary else {"started_at": started, "programme": row.programme}
    of = {kind: [json.loads(line.data) for line in lines if line.kind == kind] for kind in ("new", "resolved")}
    said = {kind: [json.loads(line.data) for line in lines if line.kind == kind] for kind in _SENTENCES}
    night = Night.model_validate({**summary, **of, "stuck": said["stuck"], "alarms": said["alarm"]})
    return KeptNight(
        id=row.id,
        started_at=started,
        finished_at=finished,
        host=row.host,
        pid=row.pid,
        problem=row.problem,
        alive=finished is None and not row.problem and _may_be_alive(store, row),
        night=night.model_copy(update={"started_at": started, "finished_at": finished}),
    )


def _may_be_alive(store: Store, row: Any) -> bool:
    """A process of this machine can be looked at; of another's, the lease tells that every night has on a server."""
    if row.host == socket.gethostname()[:255] and row.process:
        return bool(row.process == _process(row.pid))
    return held_on_server(store, LEASE) if store.on_server else True


def _process(pid: int) -> str:
    """When a process began, and since which start of the machine (Linux; "" elsewhere): numbers come again."""
    try:
        state, *more = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return "gone" if state in "ZX" else f"{more[18]}@{boot}"
    except FileNotFoundError:
        return "" if not Path("/proc/self/stat").exists() else "gone"
    except (OSError, IndexError):
        return ""


def _now() -> datetime:
    return _naive(datetime.now(UTC))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
