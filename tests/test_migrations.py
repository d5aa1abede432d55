"""The form of a store: whatever it was, and however many open it, it becomes what this program's tables say."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from store_places import ROOT

from pipeline.errors import StoreTrouble
from pipeline.store import Store
from pipeline.store.migrating import newest_form
from pipeline.store.tables import metadata

# A store as it was before there were steps: what main made then, its first half.
FORM_1 = """
CREATE TABLE arrivals (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR NOT NULL,
    sha256 VARCHAR(64) NOT NULL, split VARCHAR(8) NOT NULL, files VARCHAR NOT NULL, received_on DATE,
    problem VARCHAR NOT NULL, reading_key VARCHAR(64) NOT NULL, taken_at DATETIME, UNIQUE (name, sha256, split));
CREATE INDEX ix_arrivals_sha256 ON arrivals (sha256);
CREATE TABLE readings ("key" VARCHAR(64) NOT NULL, data BLOB NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE snapshots (id INTEGER NOT NULL, taken_at DATETIME NOT NULL, data BLOB NOT NULL, PRIMARY KEY (id));
CREATE TABLE judgements (envelope VARCHAR NOT NULL, arrival INTEGER NOT NULL, digest VARCHAR(64) NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (envelope, arrival));
INSERT INTO arrivals VALUES (3, 'a.pdf', 'aa', 'auto', '[["a.pdf", "aa"]]', '2023-09-20', '', 'k', NULL);
PRAGMA user_version = 1;
"""


def differences(store: Store) -> list[object]:
    with store.looking() as db:
        return list(compare_metadata(MigrationContext.configure(db), metadata))


def test_the_steps_make_the_tables_that_the_program_knows(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    assert differences(store) == []
    with store.looking() as db:
        assert set(inspect(db).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_a_store_of_before_the_steps_is_taken_over(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db:
        db.executescript(FORM_1)
    store = Store(tmp_path)
    assert [(a.id, a.name, a.reading_key) for a in store.arrivals()] == [(3, "a.pdf", "k")]
    assert differences(store) == []
    with store.looking() as db:
        assert db.exec_driver_sql("PRAGMA user_version").scalar_one() == newest_form()
        assert db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == f"{newest_form():04d}"


def test_many_open_a_store_of_before_the_steps_at_once(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db:
        db.executescript(FORM_1)
    code = (
        "import sys; from pathlib import Path; from pipeline.store import Store\n"
        "print([a.id for a in Store(Path(sys.argv[1])).arrivals()])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    assert [run.communicate()[0] for run in runs] == ["[3]\n"] * 4
    assert differences(Store(tmp_path)) == []


def test_steps_are_numbered_without_a_gap() -> None:
    steps = ScriptDirectory(str(ROOT / "pipeline" / "store" / "migrations"))
    assert [step.revision for step in steps.walk_revisions()] == [f"{n:04d}" for n in range(newest_form(), 0, -1)]


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    with store.writing() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    if database:
        code = (
            "import sys; from pathlib import Path; from pipeline.store import Store\n"
            "from pipeline.errors import StoreTrouble\n"
            "try:\n    Store(Path(sys.argv[1]), database=sys.argv[2])\n"
            "except StoreTrouble as trouble:\n    print(trouble.message)"
        )  # a process asks once
        command = [sys.executable, "-c", code, str(tmp_path), database]
        told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    else:
        with pytest.raises(StoreTrouble) as raised:
            Store(tmp_path)
        told = raised.value.message
    assert f"was written by a newer yanzhang (form 9999, this one knows {newest_form()}): update yanzhang" in told


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db:
        db.executescript(FORM_1)
        db.executescript("CREATE VIEW decisions AS SELECT 1")  # in the way of a table
        before = db.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
    with pytest.raises(StoreTrouble):
        Store(tmp_path)
    with closing(sqlite3.connect(tmp_path / "yanzhang.sqlite3")) as db:
        assert db.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall() == before
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_current_store_is_opened_without_alembic(tmp_path: Path) -> None:
    Store(tmp_path)
    code = (
        "import sys; from pathlib import Path; from pipeline.store import Store; Store(Path(sys.argv[1])).arrivals()\n"
        "assert not {'alembic', 'psycopg', 's3fs', 'fsspec'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=ROOT)
