"""What SQLite and PostgreSQL say differently: one row or another (upsert), and text that a database can hold."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["SERVER", "alone_with", "insert", "listening", "lock_number", "storable", "upsert"]

SERVER = "postgresql"
_OURS = 0x59A2  # the first of the two numbers of every advisory lock of ours


def insert(db: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``, of the database spoken to."""
    return postgresql.insert(table) if db.dialect.name == SERVER else sqlite.insert(table)


def upsert(
    db: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    changing: Iterable[str] = (),
    to: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows; of those whose primary key is there, change the columns ``changing`` to what the new row says.

    :param to: columns that get another value than the new row's (an expression over ``table``'s columns)
    """
    if not rows:
        return
    statement = insert(db, table)
    changed: dict[str, Any] = {name: statement.excluded[name] for name in changing} | dict(to or {})
    key = [column.name for column in table.primary_key.columns]
    if changed:
        db.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), [*map(dict, rows)])
    else:
        db.execute(statement.on_conflict_do_nothing(), [*map(dict, rows)])


def alone_with(db: Connection, matter: str) -> None:
    """Until this transaction ends nobody else writes about ``matter``; SQLite has one writer at a time anyway."""
    if db.dialect.name == SERVER:
        db.execute(text("SELECT pg_advisory_xact_lock(:ours, :matter)"), lock_number(matter))


def lock_number(matter: str) -> dict[str, int]:
    """The two numbers by which PostgreSQL knows an advisory lock. Two of one number only wait for each other."""
    return {"ours": _OURS, "matter": zlib.crc32(matter.encode()) - (1 << 31)}


def storable(words: str) -> str:
    """Text that every database holds: names are strangers', and PostgreSQL knows no NUL, UTF-8 no half of a pair."""
    if words.isascii():
        return words.replace("\0", "␀") if "\0" in words else words
    return words.replace("\0", "␀").encode("utf-8", "replace").decode("utf-8")


def listening(engine: Engine) -> Engine:
    """The engine, to which no text is handed that cannot be kept; asked with the same text, what was kept is found."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _storable(
        _db: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
    ) -> tuple[str, Any]:
        return statement, _clean(parameters)

    return engine


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {name: _clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_clean(one) for one in value])
    return value
