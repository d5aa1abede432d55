"""Imprints (印迹): what the seals of a reading left, so that envelopes can be compared, and what was found of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from pipeline.store import packing
from pipeline.store.sql import upsert
from pipeline.store.tables import arrivals, imprints, twins

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = ["Imprint", "Twin", "all_twins", "imprint_hashes", "imprint_of", "keep_imprints", "without_imprints"]


@dataclass(frozen=True, slots=True)
class Imprint:
    """A seal's ink as kept: of which reading, where in it; ``name`` as read and ``hash`` of its shape find those that
    may be like it; ``data``: all that comparing needs.
    """

    reading: str
    seal: str
    name: str = ""
    hash: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Twin:
    """Two seals of different readings of which something is told: ``what``."""

    reading: str
    seal: str
    other_reading: str
    other_seal: str
    what: str


def without_imprints(store: Store) -> tuple[str, ...]:
    """Keys of readings in use whose seals were not gone through yet, in order of arrival."""
    known = select(imprints.c.reading).where(imprints.c.seal == "")
    asked = (
        select(arrivals.c.reading_key)
        .where(arrivals.c.reading_key != "", arrivals.c.reading_key.not_in(known))
        .order_by(arrivals.c.id)
    )
    with store.looking() as db:
        return tuple(dict.fromkeys(db.execute(asked).scalars()))


def imprint_hashes(store: Store) -> tuple[Imprint, ...]:
    """All imprints of readings in use, without their data."""
    used = select(arrivals.c.reading_key)
    columns = (imprints.c.reading, imprints.c.seal, imprints.c.name, imprints.c.hash)
    asked = select(*columns).where(imprints.c.seal != "", imprints.c.reading.in_(used))
    with store.looking() as db:
        rows = [Imprint(*row) for row in db.execute(asked)]
    return tuple(sorted(rows, key=lambda one: (one.reading, one.seal)))  # by one alphabet on all databases


def imprint_of(store: Store, reading: str, seal: str) -> Imprint | None:
    """One imprint with its data."""
    asked = select(imprints).where(imprints.c.reading == reading, imprints.c.seal == seal)
    with store.looking() as db:
        row = db.execute(asked).one_or_none()
    data = packing.if_whole(row.data) if row is not None else None
    return Imprint(row.reading, row.seal, row.name, row.hash, data) if row is not None and data is not None else None


def keep_imprints(store: Store, reading: str, left: Iterable[Imprint], told: Iterable[Twin]) -> None:
    """Keep what a reading's seals left, and what was found of them; all or nothing."""
    rows = [
        {"reading": i.reading, "seal": i.seal, "name": i.name, "hash": i.hash, "data": packing.packed(i.data)}
        for i in (*left, Imprint(reading, ""))
    ]
    found = [
        {
            "reading": t.reading,
            "seal": t.seal,
            "other_reading": t.other_reading,
            "other_seal": t.other_seal,
            "what": t.what,
        }
        for t in told
    ]
    with store.writing("readings") as db:
        upsert(db, imprints, rows)
        upsert(db, twins, found)


def all_twins(store: Store) -> tuple[Twin, ...]:
    """All that was found between readings in use."""
    used = select(arrivals.c.reading_key)
    asked = select(twins).where(twins.c.reading.in_(used), twins.c.other_reading.in_(used))
    with store.looking() as db:
        rows = [tuple(row) for row in db.execute(asked)]
    return tuple(Twin(*row) for row in sorted(rows))
