"""Looks at record sources (取数记录): what each came to, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from pipeline.store.tables import record_fetches

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = ["Fetch", "fetches", "last_good_fetch", "log_fetch", "row_of"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """What one look at a source came to. ``etag``: how the source says that it is as it was."""

    at: datetime
    source: str
    whole: bool
    ok: bool
    rows: int = 0
    usable: int = 0
    changed: int = 0
    etag: str = ""
    generation: int = 0
    problem: str = ""


def row_of(fetch: Fetch) -> dict[str, Any]:
    """As its table has it."""
    return {name: getattr(fetch, name) for name in Fetch.__slots__}


def log_fetch(store: Store, fetch: Fetch) -> None:
    """Note a look at a source that brought nothing."""
    with store.writing() as db:
        db.execute(insert(record_fetches).values(**row_of(fetch)))


def fetches(store: Store) -> tuple[Fetch, ...]:
    """Every look at a source, in order."""
    with store.looking() as db:
        return tuple(_fetch(row) for row in db.execute(select(record_fetches).order_by(record_fetches.c.id)))


def last_good_fetch(store: Store, source: str | None = None, *, whole: bool = False) -> Fetch | None:
    """The last look that brought records (of that source; all there are)."""
    asked = select(record_fetches).where(record_fetches.c.ok).order_by(record_fetches.c.id.desc()).limit(1)
    if source is not None:
        asked = asked.where(record_fetches.c.source == source)
    if whole:
        asked = asked.where(record_fetches.c.whole)
    with store.looking() as db:
        row = db.execute(asked).one_or_none()
    return _fetch(row) if row is not None else None


def _fetch(row: Any) -> Fetch:
    return Fetch(**{name: getattr(row, name) for name in Fetch.__slots__})
