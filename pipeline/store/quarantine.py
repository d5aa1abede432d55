"""Quarantine: pages and arrivals that brought down who read them, with the reason, until somebody lets them out.

What strikes once may have met a full machine and is tried again; what strikes twice is not touched any more: the page
counts as unreadable, the rest of its envelope is read (``yanzhang retry`` lets it out).

A machine that ends in the middle of an arrival says nothing of why, so that it is noted here that it began
(:func:`begun`) and, however that went, that it is done (:func:`ended`): what is left over tells how many never came
back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Integer, String, Table, delete, select

from pipeline.store.database import Store
from pipeline.store.sql import upsert
from pipeline.store.tables import metadata

__all__ = [
    "STRIKES",
    "WHOLE",
    "all_barred",
    "bar",
    "barred",
    "begun",
    "ended",
    "never_ended",
    "release",
    "strike",
    "why_barred",
]

STRIKES = 2  # after which nobody tries again unasked
WHOLE = -1  # the page of what struck while no page was being read
_BESIDE_OTHERS, _ALONE = -2, -3  # the page of an arrival that a machine began and did not end

_quarantine = Table(
    "quarantine",
    metadata,
    Column("reading", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),  # of the page's file; of the arrival where page is WHOLE
    Column("page", Integer, primary_key=True),  # from 0
    Column("strikes", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("noted_at", DateTime, nullable=False),
)


def strike(store: Store, reading: str, sha256: str, page: int, reason: str) -> int:
    """Note that a page (or, as :data:`WHOLE`, an arrival) brought its reader down; how often it has by now."""
    now = datetime.now(UTC).replace(tzinfo=None)
    row = {"reading": reading, "sha256": sha256, "page": page, "strikes": 1, "reason": reason, "noted_at": now}
    more = {"strikes": _quarantine.c.strikes + 1, "reason": reason, "noted_at": now}
    with store.writing("quarantine") as db:
        upsert(db, _quarantine, [row], to=more)
        found = select(_quarantine.c.strikes).where(
            _quarantine.c.reading == reading, _quarantine.c.sha256 == sha256, _quarantine.c.page == page
        )
        return int(db.execute(found).scalar_one())


def bar(store: Store, reading: str, sha256: str, reason: str) -> None:
    """Put an arrival into quarantine as a whole."""
    while strike(store, reading, sha256, WHOLE, reason) < STRIKES:
        pass


def barred(store: Store, reading: str) -> Mapping[tuple[str, int], str]:
    """What of a reading is not to be tried: (sha256, page) and why."""
    asked = select(_quarantine).where(
        _quarantine.c.reading == reading, _quarantine.c.page >= WHOLE, _quarantine.c.strikes >= STRIKES
    )
    with store.looking() as db:
        return {(row.sha256, row.page): row.reason for row in db.execute(asked)}


def why_barred(store: Store, sha256: str) -> str:
    """Why an arrival as a whole is in quarantine, "" if it is not."""
    asked = (
        select(_quarantine.c.reason)
        .where(_quarantine.c.sha256 == sha256, _quarantine.c.page == WHOLE, _quarantine.c.strikes >= STRIKES)
        .order_by(_quarantine.c.noted_at.desc())
        .limit(1)
    )
    with store.looking() as db:
        return db.execute(asked).scalar_one_or_none() or ""


def all_barred(store: Store) -> Mapping[str, str]:
    """Why arrivals are in quarantine as a whole, by their sha256: as :func:`why_barred`."""
    asked = (
        select(_quarantine.c.sha256, _quarantine.c.reason)
        .where(_quarantine.c.page == WHOLE, _quarantine.c.strikes >= STRIKES)
        .order_by(_quarantine.c.noted_at)
    )
    with store.looking() as db:
        return {row.sha256: row.reason for row in db.execute(asked)}


def release(store: Store, reading: str) -> None:
    """Forget all strikes of a reading."""
    with store.writing("quarantine") as db:
        db.execute(delete(_quarantine).where(_quarantine.c.reading == reading))


def begun(store: Store, reading: str, sha256: str, *, alone: bool = False) -> None:
    """Note that a machine begins an arrival; ``alone``: no other machine reads meanwhile."""
    strike(store, reading, sha256, _ALONE if alone else _BESIDE_OTHERS, "the machine that read it ended")


def never_ended(store: Store, reading: str, sha256: str, *, alone: bool = False) -> int:
    """How many machines began an arrival (``alone`` or not) and did not come back from it."""
    asked = select(_quarantine.c.strikes).where(
        _quarantine.c.reading == reading,
        _quarantine.c.sha256 == sha256,
        _quarantine.c.page == (_ALONE if alone else _BESIDE_OTHERS),
    )
    with store.looking() as db:
        return int(db.execute(asked).scalar_one_or_none() or 0)


def ended(store: Store, reading: str) -> None:
    """Note that a machine came back from an arrival: whatever ended the others before, it was not that."""
    with store.writing("quarantine") as db:
        db.execute(delete(_quarantine).where(_quarantine.c.reading == reading, _quarantine.c.page < WHOLE))
