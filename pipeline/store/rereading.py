"""A reading replaced by another under its key (重读): whoever keeps readings notes it, whoever judges asks for it."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from pipeline.store.sql import upsert
from pipeline.store.tables import matches, rereadings

__all__ = ["reread"]


def reread(db: Connection, reading: str) -> None:
    """Note, in the transaction that does it, that a reading is replaced by another under its key."""
    upsert(db, rereadings, [{"reading": reading, "times": 1}], to={"times": rereadings.c.times + 1})
    db.execute(delete(matches).where(matches.c.reading == reading))
