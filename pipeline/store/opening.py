"""A store's folder and database made ready: private, durable, of this version's form."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from pipeline.errors import BadSetting
from pipeline.store.durable import PRIVATE_FILE, PRIVATE_FOLDER, private_folder, sync_folder, tightened
from pipeline.store.flock import removed
from pipeline.store.lock import Use, use
from pipeline.store.migrating import brought_up, form, newest_form, refuse_newer
from pipeline.store.sql import listening
from pipeline.store.trouble import COMPLAINTS, of_database

__all__ = ["CACHE", "CLAIMS", "DATABASE", "IMMEDIATE", "ORIGINALS", "PREFECT", "RESTORING", "home_taken", "opened"]

DATABASE, ORIGINALS, PREFECT, CLAIMS, CACHE = "yanzhang.sqlite3", "originals", "prefect", "claims", "cache"
RESTORING = ".restore-"  # a folder in which a backup is laid out before it is in place
IMMEDIATE = "immediate"  # option of a connection that will write
# Beside these nothing of the home is ours: a folder that holds more than the store keeps its mode.
_OURS = (DATABASE, ORIGINALS, PREFECT, CLAIMS, CACHE)


def opened(home: Path, lock_seconds: float) -> tuple[Engine, Use]:
    """The database of a store, made if there is none, and this process's share in it.

    :raises BadSetting: ``home`` cannot be a store
    :raises StoreTrouble: it is one, and cannot be used now
    """
    mine = home_taken(home, lock_seconds, database=True)
    engine = _engine(home / DATABASE, lock_seconds)
    try:
        _made_current(engine, home)
    except COMPLAINTS as error:
        engine.dispose()
        raise of_database(home, error) from error
    return engine, mine


def home_taken(home: Path, lock_seconds: float, *, database: bool) -> Use:
    """A store's folder, private and ready, and this process's share in it; ``database``: with SQLite's in it.

    :raises BadSetting: ``home`` cannot be a store's
    :raises StoreTrouble: somebody has it alone
    """
    try:
        private_folder(home)
        mine = use(home, lock_seconds)
        for left in home.glob(f"{RESTORING}*"):  # by a killed run: a living one has the store alone
            shutil.rmtree(left, ignore_errors=True)
        for claim in (home / CLAIMS).glob("*"):
            removed(claim)
        if database:
            _private_database(home)
        _private(home)
    except OSError as error:
        raise BadSetting(
            f"the store {home} cannot be opened ({error.strerror or error}): "
            "set YANZHANG_HOME to a folder that can be written"
        ) from error
    return mine


def _private_database(home: Path) -> None:
    database = home / DATABASE
    try:
        # SQLite gives its journals the mode of the database. Never opened where it is there: closing it again would
        # take SQLite's locks from another thread of this process.
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
        sync_folder(home)
    except FileExistsError:
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            tightened(home / name, PRIVATE_FILE)


def _private(home: Path) -> None:
    """Nothing of it for others, whatever the mask is and whatever modes it had."""
    for name in (CLAIMS, PREFECT, CACHE):
        tightened(home / name, PRIVATE_FOLDER)
    if tightened(home / ORIGINALS, PRIVATE_FOLDER):
        for folder, _, files in os.walk(home / ORIGINALS):
            tightened(Path(folder), PRIVATE_FOLDER)
            for name in files:
                tightened(Path(folder, name), PRIVATE_FILE)
    if all(entry.name.startswith((".", *_OURS)) for entry in home.iterdir()):
        tightened(home, PRIVATE_FOLDER)


def _made_current(engine: Engine, home: Path) -> None:
    """Tables and columns as this version has them; several processes may open a new store at once."""
    with engine.connect() as db:
        if _is_current(db, home):
            return
    with engine.connect().execution_options(**{IMMEDIATE: True}) as db, db.begin():
        if _is_current(db, home):
            return
        brought_up(db)
        # Where a program looks that knows of no steps.
        db.exec_driver_sql(f"PRAGMA user_version = {newest_form()}")


def _is_current(db: Connection, home: Path) -> bool:
    said = int(db.exec_driver_sql("PRAGMA user_version").scalar_one())
    refuse_newer(said, home)
    return form(db, home) == newest_form() == said


def _engine(path: Path, lock_seconds: float) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": lock_seconds})

    @event.listens_for(engine, "connect")
    def _prepared(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit that returned survives a power cut
            "secure_delete=ON",  # what is deleted is overwritten
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(db: Connection) -> None:
        # A transaction that looks first and writes then would be refused at once where another wrote in between.
        db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get(IMMEDIATE) else "BEGIN")

    return listening(engine)
