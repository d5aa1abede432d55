"""What is asked of the store again and again, for some envelopes at a time, goes through no table of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from test_reconciling import World

from pipeline import rejudging

ALWAYS_SMALL = {"record_book", "record_fetches", "metadata", "alembic_version", "match_mark", "told_nights"}


@contextmanager
def asked_of(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Statements with what was asked for, as they are sent."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, values: Any, _x: object, many: bool) -> None:
        asked.append((statement, values[0] if many else values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def gone_through(engine: Engine, asked: list[tuple[str, Any]]) -> set[tuple[str, str]]:
    """Tables that SQLite would read from end to end, and for which statement."""
    found = set()
    with engine.connect() as db:
        for statement, values in asked:
            if not re.match(r"\s*(SELECT|DELETE|UPDATE|INSERT|WITH)\b", statement):
                continue
            for *_, step in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
                if (scan := re.match(r"SCAN (\w+)", step)) and scan[1] not in ALWAYS_SMALL:
                    found.add((scan[1], statement))
    return found


def test_judging_some_envelopes_goes_through_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, 3)
    for number in range(1, 9):
        world.arrive([number])
    world.night()
    for number in (1, 2, 3):  # some records have more than one version by now
        world.rows[number]["name"] = f"另名{number}有限公司"
    engine, asked_there = world.store._engine, []
    judge = rejudging._Desk.judge

    def watched(desk: rejudging._Desk, chunk: rejudging.Chunk) -> rejudging.Done:
        with asked_of(engine) as asked:
            done = judge(desk, chunk)
        asked_there.extend(asked)
        return done

    monkeypatch.setattr(rejudging._Desk, "judge", watched)
    assert world.night().judged
    kinds = {statement.split()[0] for statement, _ in asked_there}
    assert {"SELECT", "INSERT"} <= kinds  # it was listened to
    assert gone_through(engine, asked_there) == set()


def test_a_table_gone_through_is_noticed(tmp_path: Path) -> None:
    store = World(tmp_path, 3).store
    with asked_of(store._engine) as asked, store.looking() as db:
        db.exec_driver_sql("SELECT * FROM judgements WHERE digest = 'x'").all()
    assert {table for table, _ in gone_through(store._engine, asked)} == {"judgements"}
