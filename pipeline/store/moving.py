"""All rows of a store from one database into another: a backup holds SQLite's file, whatever the store is on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, Table, create_engine, func, insert, select, text

from pipeline.store.migrating import brought_up, newest_form
from pipeline.store.sql import SERVER
from pipeline.store.tables import VOLATILE, metadata

__all__ = ["lasting", "rows_into", "written_to_file"]

AT_ONCE = 100  # rows: readings have a hundred thousand bytes


def lasting() -> Iterator[Table]:
    """The tables whose rows are kept for longer than the moment."""
    return (table for table in metadata.sorted_tables if not table.info.get(VOLATILE))


def written_to_file(source: Connection, path: Path) -> None:
    """A database at ``path`` (an empty file) with all rows that ``source`` has."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with engine.connect() as db:
            brought_up(db)
            db.exec_driver_sql(f"PRAGMA user_version = {newest_form()}")
            rows_into(source, db)
            db.commit()
    finally:
        engine.dispose()


def rows_into(source: Connection, target: Connection) -> None:
    """Copy all rows into the empty tables of ``target``, and the numbers that were given already."""
    for table in lasting():
        asked = source.execution_options(stream_results=True, yield_per=AT_ONCE)
        rows = asked.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        for some in rows.partitions(AT_ONCE):
            target.execute(insert(table), [dict(row) for row in some])
        _numbered(source, target, table)


def _numbered(source: Connection, target: Connection, table: Table) -> None:
    """The next number is one that no row ever had, not even one that was forgotten."""
    column = table.autoincrement_column
    if column is None:
        return
    last = max(_last_given(source, table, column.name), target.scalar(select(func.max(column))) or 0)
    if not last:
        return
    if target.dialect.name == SERVER:
        target.execute(
            text("SELECT setval(pg_get_serial_sequence(:t, :c), :n)"), {"t": table.name, "c": column.name, "n": last}
        )
    elif table.dialect_options["sqlite"]["autoincrement"]:
        target.execute(text("DELETE FROM sqlite_sequence WHERE name = :t"), {"t": table.name})
        target.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)"), {"t": table.name, "n": last})


def _last_given(db: Connection, table: Table, column: str) -> int:
    if db.dialect.name == SERVER:
        name = db.execute(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column}).scalar_one()
        told = db.execute(text(f"SELECT last_value, is_called FROM {name}")).one()
        return int(told.last_value) if told.is_called else 0
    found = db.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": table.name}).scalar_one_or_none()
    return int(found or 0)
