"""The nightly job and a batch from a database, as a user runs them: it is there, it shrinks, it is gone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_places import filled, record, yanzhang

from pipeline.store import Store

pytestmark = pytest.mark.slow
COLUMNS = ("application_no", "track", "name", "uscc")


def declared(path: Path, *numbers: int) -> None:
    rows = [[str(record(n)[column]) for column in COLUMNS] for n in numbers]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE IF EXISTS application")
        db.execute(f"CREATE TABLE application ({', '.join(COLUMNS)})")
        db.executemany("INSERT INTO application VALUES (?, ?, ?, ?)", rows)


def test_night_after_night_from_a_database(tmp_path: Path) -> None:
    home, path, out = tmp_path / "home", tmp_path / "declared.db", tmp_path / "out"
    store = Store(home)
    filled(store, tmp_path / "batch", (1, 2))
    store.close()
    declared(path, *range(1, 11))
    night = ("reconcile", "--records", f"sqlite:///{path}#application", "--out", str(out))

    first = yanzhang(home, *night)
    assert first.returncode == 0, first.stderr
    assert len(json.loads((out / "report.json").read_text())["not_received"]) == 8

    declared(path, 1, 2, 3)
    shrunk = yanzhang(home, *night)
    assert shrunk.returncode == 3
    assert "hold 3 applications, and 10 are known" in shrunk.stderr and "stays in use" in shrunk.stderr
    assert len(json.loads((out / "report.json").read_text())["not_received"]) == 8

    path.rename(tmp_path / "elsewhere.db")
    gone = yanzhang(home, *night)
    assert (
        gone.returncode == 3 and "There is no file" in gone.stderr and "(10 applications) stays in use" in gone.stderr
    )
    wrong = yanzhang(home, "reconcile", "--records", f"sqlite:///{path}x#application", "--out", str(out))
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (1, 1)

    (tmp_path / "elsewhere.db").rename(path)
    accepted = yanzhang(home, *night, "--accept-shrunk")
    assert accepted.returncode == 0, accepted.stderr
    assert json.loads((out / "report.json").read_text())["not_received"] == [record(3)["application_no"]]
