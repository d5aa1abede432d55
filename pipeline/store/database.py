"""The database of the store: SQLite through SQLAlchemy (:mod:`pipeline.store.tables`)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from pipeline.errors import BadSetting, StoreTrouble
from pipeline.store.originals import PRIVATE_FOLDER, Originals
from pipeline.store.tables import arrivals as _arrivals
from pipeline.store.tables import imprints as _imprints
from pipeline.store.tables import judgements as _judgements
from pipeline.store.tables import metadata
from pipeline.store.tables import readings as _readings
from pipeline.store.tables import snapshots as _snapshots
from pipeline.store.tables import twins as _twins

__all__ = ["Arrival", "Imprint", "Store", "StoredFile", "Twin"]

_REMEDIES = {
    "locked": "wait until the other run is done",
    "full": "make room on its disk",
    "readonly": "let yanzhang write to it",
    "malformed": "restore the last backup (yanzhang restore)",
    "not a database": "restore the last backup (yanzhang restore)",
}
LOCK_SECONDS = 60  # how long a second run waits for the first one's short transactions


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


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of an arrival: its name as received and the hash under which its bytes lie."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file or folder as it came in, before it is read. ``id`` is also its rank of arrival.

    ``sha256``: of the file, or of the list of hashes of a folder's files. ``split``: how it may be cut.
    ``reading_key``: the observation made of it, "" until there is one.
    """

    id: int
    name: str
    sha256: str
    split: str
    files: tuple[StoredFile, ...]
    received_on: date | None = None
    problem: str = ""
    reading_key: str = ""


class Store:
    """All that is kept under one home folder. Safe to open from several processes."""

    def __init__(self, home: Path) -> None:
        try:
            home.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            self.originals = Originals(home / "originals")
            self._engine = _engine(home / "yanzhang.sqlite3")
            metadata.create_all(self._engine)
        except (OSError, SQLAlchemyError) as error:
            raise BadSetting(
                f"the store {home} cannot be opened ({_short(error)}): "
                "set YANZHANG_HOME to a folder that can be written"
            ) from error
        self.home = home

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is durable when this ends, or none of it.

        :raises StoreTrouble: the database is locked, full, read-only or damaged
        """
        try:
            with self._engine.begin() as db:
                yield db
        except DatabaseError as error:
            raise _trouble(self.home, error) from error

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection that only reads.

        :raises StoreTrouble: as :meth:`writing`
        """
        try:
            with self._engine.connect() as db:
                yield db
        except DatabaseError as error:
            raise _trouble(self.home, error) from error

    def arrive(
        self,
        name: str,
        files: Iterable[StoredFile],
        *,
        sha256: str,
        split: str,
        received_on: date | None,
        problem: str = "",
    ) -> Arrival:
        """Note an arrival. The same bytes under the same name are the same arrival; a new date replaces the old."""
        listed = json.dumps([[f.name, f.sha256] for f in files], ensure_ascii=False)
        values = {"name": name, "sha256": sha256, "split": split, "files": listed, "problem": problem}
        with self.writing() as db:
            db.execute(
                insert(_arrivals).values(**values, received_on=received_on, reading_key="").on_conflict_do_nothing()
            )
            same = (_arrivals.c.name == name, _arrivals.c.sha256 == sha256, _arrivals.c.split == split)
            if received_on is not None:
                db.execute(update(_arrivals).where(*same).values(received_on=received_on))
            return _arrival(db.execute(select(_arrivals).where(*same)).one())

    def arrivals(self) -> tuple[Arrival, ...]:
        """Everything that ever came in, in order."""
        with self.looking() as db:
            return tuple(_arrival(row) for row in db.execute(select(_arrivals).order_by(_arrivals.c.id)))

    def reading(self, key: str) -> bytes | None:
        """The observation kept under ``key`` (JSON), or None."""
        with self.looking() as db:
            data = db.execute(select(_readings.c.data).where(_readings.c.key == key)).scalar_one_or_none()
        return zlib.decompress(data) if data is not None else None

    def has_reading(self, key: str) -> bool:
        """Whether an observation is kept under ``key``."""
        with self.looking() as db:
            return db.execute(select(_readings.c.key).where(_readings.c.key == key)).first() is not None

    def keep_reading(self, key: str, data: bytes, *, anew: bool = False) -> None:
        """Keep an observation; the first one under a key stays, unless it was made ``anew``."""
        row = {"key": key, "data": zlib.compress(data, 6)}
        statement = insert(_readings).values(**row)
        with self.writing() as db:
            if not anew:
                db.execute(statement.on_conflict_do_nothing())
                return
            db.execute(statement.on_conflict_do_update(set_={"data": row["data"]}))
            # What its seals left was taken from the old one.
            for table in (_imprints, _twins):
                db.execute(delete(table).where(table.c.reading == key))
            db.execute(delete(_twins).where(_twins.c.other_reading == key))

    def was_read(self, arrival: Arrival, key: str) -> None:
        """Tie an arrival to its observation."""
        with self.writing() as db:
            db.execute(update(_arrivals).where(_arrivals.c.id == arrival.id).values(reading_key=key))

    def records(self) -> bytes | None:
        """The newest snapshot of the online records (JSON), or None."""
        newest = select(_snapshots.c.data).order_by(_snapshots.c.id.desc()).limit(1)
        with self.looking() as db:
            data = db.execute(newest).scalar_one_or_none()
        return zlib.decompress(data) if data is not None else None

    def keep_records(self, data: bytes) -> None:
        """Keep a snapshot of the online records with its time, unless it says what the newest one says."""
        if data == self.records():
            return
        row = {"taken_at": datetime.now(UTC).replace(tzinfo=None), "data": zlib.compress(data, 6)}
        with self.writing() as db:
            db.execute(insert(_snapshots).values(**row))

    def judgements(self) -> Mapping[tuple[str, int], tuple[str, bytes]]:
        """The last judgement of each envelope: (envelope, arrival) to (digest, JSON)."""
        with self.looking() as db:
            rows = db.execute(select(_judgements)).all()
        return {(row.envelope, row.arrival): (row.digest, zlib.decompress(row.data)) for row in rows}

    def keep_judgements(self, rows: Iterable[tuple[str, int, str, bytes]]) -> None:
        """Replace the last judgements: (envelope, arrival, digest, JSON) each, all or none."""
        with self.writing() as db:
            for envelope, arrival, digest, data in rows:
                _keep_judgement(db, envelope, arrival, digest, zlib.compress(data, 6))

    def without_imprints(self) -> tuple[str, ...]:
        """Keys of readings in use whose seals were not gone through yet, in order of arrival."""
        known = select(_imprints.c.reading).where(_imprints.c.seal == "")
        asked = (
            select(_arrivals.c.reading_key)
            .where(_arrivals.c.reading_key != "", _arrivals.c.reading_key.not_in(known))
            .order_by(_arrivals.c.id)
        )
        with self.looking() as db:
            return tuple(dict.fromkeys(db.execute(asked).scalars()))

    def imprint_hashes(self) -> tuple[Imprint, ...]:
        """All imprints of readings in use, without their data."""
        used = select(_arrivals.c.reading_key)
        columns = (_imprints.c.reading, _imprints.c.seal, _imprints.c.name, _imprints.c.hash)
        asked = select(*columns).where(_imprints.c.seal != "", _imprints.c.reading.in_(used))
        with self.looking() as db:
            return tuple(Imprint(*row) for row in db.execute(asked.order_by(*columns[:2])))

    def imprint(self, reading: str, seal: str) -> Imprint | None:
        """One imprint with its data."""
        asked = select(_imprints).where(_imprints.c.reading == reading, _imprints.c.seal == seal)
        with self.looking() as db:
            row = db.execute(asked).one_or_none()
        if row is None:
            return None
        return Imprint(row.reading, row.seal, row.name, row.hash, zlib.decompress(row.data))

    def keep_imprints(self, reading: str, imprints: Iterable[Imprint], twins: Iterable[Twin]) -> None:
        """Keep what a reading's seals left, and what was found of them; all or nothing."""
        rows = [
            {"reading": i.reading, "seal": i.seal, "name": i.name, "hash": i.hash, "data": zlib.compress(i.data, 6)}
            for i in (*imprints, Imprint(reading, ""))
        ]
        found = [
            {
                "reading": t.reading,
                "seal": t.seal,
                "other_reading": t.other_reading,
                "other_seal": t.other_seal,
                "what": t.what,
            }
            for t in twins
        ]
        with self.writing() as db:
            db.execute(insert(_imprints).on_conflict_do_nothing(), rows)
            if found:
                db.execute(insert(_twins).on_conflict_do_nothing(), found)

    def twins(self) -> tuple[Twin, ...]:
        """All that was found between readings in use."""
        used = select(_arrivals.c.reading_key)
        asked = select(_twins).where(_twins.c.reading.in_(used), _twins.c.other_reading.in_(used))
        with self.looking() as db:
            return tuple(Twin(*row) for row in db.execute(asked.order_by(*_twins.c)))


def _keep_judgement(db: Connection, envelope: str, arrival: int, digest: str, data: bytes) -> None:
    statement = insert(_judgements).values(envelope=envelope, arrival=arrival, digest=digest, data=data)
    changed = {"digest": statement.excluded.digest, "data": statement.excluded.data}
    db.execute(statement.on_conflict_do_update(index_elements=["envelope", "arrival"], set_=changed))


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


def _arrival(row: Any) -> Arrival:
    files = tuple(StoredFile(name, sha256) for name, sha256 in json.loads(row.files))
    return Arrival(
        id=row.id,
        name=row.name,
        sha256=row.sha256,
        split=row.split,
        files=files,
        received_on=row.received_on,
        problem=row.problem,
        reading_key=row.reading_key,
    )


def _trouble(home: Path, error: DatabaseError) -> StoreTrouble:
    """What of SQLite's complaint a user can do something about."""
    says = str(error.orig).lower()
    todo = next((todo for sign, todo in _REMEDIES.items() if sign in says), "look at the disk and at yanzhang doctor")
    return StoreTrouble(f"the store {home} cannot be used now ({says}): {todo}, then run the same command again")


def _short(error: Exception) -> str:
    return str(error).splitlines()[0]
