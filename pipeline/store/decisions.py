"""What people said, kept for good: rows are added, never changed; the last one on a matter counts, by id.

``decisions`` (人工裁定) on findings and ``corrections`` (人工更正) of values. Nothing here knows what they mean.
That rows stay as they are is seen to by a trigger of the database (:mod:`pipeline.store.migrations`).
``called``: the envelope's name then, for people; another envelope may bear it too, so nothing is found by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    String,
    Table,
    insert,
    select,
)

from pipeline.model import Correction, Decision
from pipeline.store.tables import metadata

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = ["add_correction", "add_decision", "all_corrections", "all_decisions"]

_decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("finding", String(16), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("by", String, nullable=False),
    Column("note", String, nullable=False, default=""),
    Column("at", DateTime, nullable=False),
    Column("called", String, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("part", Integer, nullable=False, default=1),
    Column("application_no", String, nullable=False, default="", index=True),
    Column("sheet", String(80), nullable=False, default=""),
    Column("code", String(32), nullable=False),
    Column("rule", String, nullable=False),
    Column("document", String(32)),
    Column("field", String(64)),
    Column("expected", String, nullable=False),
    Column("found", String, nullable=False),
    sqlite_autoincrement=True,  # the id of a row that was forgotten is not given again
)
_corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("by", String, nullable=False),
    Column("note", String, nullable=False, default=""),
    Column("at", DateTime, nullable=False),
    Column("called", String, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("part", Integer, nullable=False, default=1),
    Column("application_no", String, nullable=False, default="", index=True),
    Column("sheet", String(80), nullable=False),
    Column("page", Integer, nullable=False),
    Column("document", String(32), nullable=False),
    Column("place", Integer, nullable=False, default=0),
    Column("field", String(64), nullable=False),
    Column("value", String, nullable=False),
    Column("raw", String, nullable=False, default=""),
    Column("unit", String(16)),
    Column("withdrawn", Boolean, nullable=False, default=False),
    sqlite_autoincrement=True,
)
_JSON = ("expected", "found", "value")


def add_decision(store: Store, decision: Decision) -> Decision:
    """Add a decision; durable when this returns, with the id that ranks it.

    :raises StoreTrouble: the store cannot be written now
    """
    return decision.model_copy(update={"id": _added(store, _decisions, decision.model_dump(mode="json"))})


def add_correction(store: Store, correction: Correction) -> Correction:
    """Add a correction; as :func:`add_decision`."""
    return correction.model_copy(update={"id": _added(store, _corrections, correction.model_dump(mode="json"))})


def all_decisions(store: Store) -> tuple[Decision, ...]:
    """Every decision there is, in order."""
    return tuple(Decision.model_validate(row) for row in _rows(store, _decisions))


def all_corrections(store: Store) -> tuple[Correction, ...]:
    """Every correction there is, in order."""
    return tuple(Correction.model_validate(row) for row in _rows(store, _corrections))


def _added(store: Store, table: Table, said: Mapping[str, Any]) -> int:
    row = {name: json.dumps(value, ensure_ascii=False) if name in _JSON else value for name, value in said.items()}
    del row["id"]
    row["called"] = row.pop("envelope")
    row["at"] = datetime.fromisoformat(said["at"]).astimezone(UTC).replace(tzinfo=None)
    with store.writing() as db:
        key = db.execute(insert(table).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _rows(store: Store, table: Table) -> Iterator[dict[str, Any]]:
    with store.looking() as db:
        rows = db.execute(select(table).order_by(table.c.id)).mappings().all()
    for row in rows:
        said = {name: json.loads(value) if name in _JSON else value for name, value in row.items()}
        called = said.pop("called")
        yield {**said, "envelope": called, "at": said["at"].replace(tzinfo=UTC)}
