"""The store on its database, SQLite or PostgreSQL, through SQLAlchemy (:mod:`pipeline.store.tables`).

Both give the same answers to the same calls. Order of arrival is the order of ``arrivals.id``: who arrives has that
matter alone until the transaction ends (SQLite: one writer; PostgreSQL: an advisory lock), so a higher number is never
to be seen before a lower one, though a transaction that failed leaves a gap, and no clock has a say in it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from pipeline.errors import StoreTrouble
from pipeline.store import packing
from pipeline.store.address import database_url, shown
from pipeline.store.lock import Use
from pipeline.store.migrating import form
from pipeline.store.moving import lasting, written_to_file
from pipeline.store.opening import CACHE, IMMEDIATE, ORIGINALS, opened
from pipeline.store.originals import Originals
from pipeline.store.rereading import reread
from pipeline.store.server import ServerUse, opened_on_server
from pipeline.store.sql import alone_with, insert, upsert
from pipeline.store.tables import arrivals as _arrivals
from pipeline.store.tables import identity, metadata
from pipeline.store.tables import imprints as _imprints
from pipeline.store.tables import judgements as _judgements
from pipeline.store.tables import readings as _readings
from pipeline.store.tables import sayings as _sayings
from pipeline.store.tables import snapshots as _snapshots
from pipeline.store.tables import twins as _twins
from pipeline.store.trouble import COMPLAINTS, of_database

__all__ = ["Arrival", "Store", "StoredFile"]

CACHE_BYTES = 10_000_000_000
LOCK_SECONDS = 60  # how long a second run waits for the first one's short transactions

_NEWEST = select(_snapshots.c.data).order_by(_snapshots.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of an arrival: its name as received and the hash under which its bytes lie."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file or folder as it came in, before it is read. ``id`` is also its rank of arrival.

    ``sha256``: of the file, or of the list of hashes of a folder's files. ``split``: how it may be cut.
    ``reading_key``: the observation made of it, "" until there is one. ``problem``: what of it could not be taken in.
    ``taken_at``: UTC; for people, nothing is ordered by it.
    """

    id: int
    name: str
    sha256: str
    split: str
    files: tuple[StoredFile, ...]
    received_on: date | None = None
    problem: str = ""
    reading_key: str = ""
    taken_at: datetime | None = None


class Store:
    """All that is kept under one home folder. Safe to open from several processes."""

    def __init__(
        self,
        home: Path,
        *,
        database: str = "",
        originals: str = "",
        cache_bytes: int = CACHE_BYTES,
        lock_seconds: float | None = None,
    ) -> None:
        """Open the store, or make it. Who has settings asks :func:`pipeline.store.store_of`.

        :param database: a PostgreSQL server's address; none: SQLite in ``home``
        :param originals: where originals lie, for fsspec; none: a folder in ``home``
        :param cache_bytes: of copies of originals that lie elsewhere
        :param lock_seconds: how long to wait for another run's short transactions
        :raises BadSetting: ``home`` cannot be a store, or an address is none
        :raises StoreTrouble: it is one, and is locked, full, read-only, damaged or of a newer yanzhang
        """
        self.home = home
        self._lock_seconds = LOCK_SECONDS if lock_seconds is None else lock_seconds
        self._url = database_url(database) if database else None
        # What sentences call it: the folder, or the server's address without its password.
        self.place: Path | str = home if self._url is None else shown(self._url)
        self._engine, use = self._taken()
        self._use: Use | ServerUse | None = use
        self.originals = _originals(home, originals, cache_bytes, self.identity)

    def _taken(self) -> tuple[Engine, Use | ServerUse]:
        if self._url is None:
            return opened(self.home, self._lock_seconds)
        return opened_on_server(self._url, self.home, self._lock_seconds)

    @property
    def on_server(self) -> bool:
        """Whether several machines may share this store: its database is a PostgreSQL server's."""
        return self._url is not None

    @contextmanager
    def writing(self, matter: str = "store") -> Iterator[Connection]:
        """A transaction: all of it is durable when this ends, or none of it.

        Looking first and writing then is safe: until it ends nobody else writes (SQLite), or nobody else writes about
        the same ``matter`` (PostgreSQL, where others read and write on). Whatever depends on what it looked at names
        the same matter wherever that is written; who names none waits for all who name none.

        :raises StoreTrouble: the database is locked, full, read-only or damaged
        """
        try:
            with self._engine.connect().execution_options(**{IMMEDIATE: True}) as db, db.begin():
                alone_with(db, matter)
                yield db
        except COMPLAINTS as error:
            raise of_database(self.place, error) from error

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection that only reads.

        :raises StoreTrouble: as :meth:`writing`
        """
        try:
            with self._engine.connect() as db:
                if self.on_server:  # all of it as it is at one moment, as SQLite has it
                    db = db.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                yield db
        except COMPLAINTS as error:
            raise of_database(self.place, error) from error

    def disconnect(self) -> None:
        """Let go of the database's file; it is opened again when it is asked."""
        self._engine.dispose()

    def close(self) -> None:
        """Be done with the store, so that who needs it alone need not wait for this."""
        if not self.on_server:  # the connections to a server are this process's, not this object's
            self._engine.dispose()
        self._use = None

    def copy_to(self, path: Path) -> None:
        """The whole database as it is at one moment, as SQLite's file at ``path``; writers need not wait.

        :raises StoreTrouble: it cannot be read, or ``path`` not be written
        """
        if self.on_server:
            with self.looking() as db:
                written_to_file(db, path)
            return
        try:
            with closing(self._engine.raw_connection()) as mine, closing(sqlite3.connect(path)) as copy:
                mine.driver_connection.backup(copy)  # type: ignore[union-attr]
        except COMPLAINTS as error:
            raise of_database(self.place, error) from error

    def database_version(self) -> str:
        """What keeps the rows, with its version."""
        with self.looking() as db:
            if self.on_server:
                return f"PostgreSQL {db.exec_driver_sql('SHOW server_version').scalar_one()}"
            return f"SQLite {sqlite3.sqlite_version}"

    def form(self) -> int:
        """The number of the last step that its tables have seen."""
        with self.looking() as db:
            return form(db, self.place)

    def identity(self) -> str:
        """What tells this store from another, whatever both are called."""
        with self.writing("identity") as db:
            upsert(db, identity, [{"place": 0, "id": secrets.token_hex(16)}])
            return str(db.execute(select(identity.c.id)).scalar_one())

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.looking() as db:
            return {t.name: db.execute(select(func.count()).select_from(t)).scalar_one() for t in lasting()}

    def alone(self) -> AbstractContextManager[None]:
        """Have the store for this process alone.

        :raises StoreTrouble: other runs use it
        """
        use = self._use
        if use is None or not use.is_ours:
            self._engine, use = self._taken()
            self._use = use
        return use.alone(self._lock_seconds)

    def scrub(self) -> None:
        """Write the database anew, so that no byte of what was deleted is left in it or its journal.

        A server's own journal (WAL), its replicas and backups are its keeper's: nobody here reaches them.

        :raises StoreTrouble: there is no room for it
        """
        if self.on_server:
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
                    db.exec_driver_sql("SET statement_timeout = 0")  # to write a season anew takes its time
                    for table in metadata.sorted_tables:
                        db.exec_driver_sql(f"VACUUM (FULL) {table.name}")
                    db.exec_driver_sql("RESET statement_timeout")
            except COMPLAINTS as error:
                raise of_database(self.place, error) from error
            return
        try:
            with closing(self._engine.raw_connection()) as mine:
                cursor = mine.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                told = cursor.fetchone()
                cursor.close()
        except COMPLAINTS as error:
            raise of_database(self.place, error) from error
        if told is None or told[0]:
            raise of_database(self.place, sqlite3.OperationalError("database is locked"))

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
        """Note an arrival. The same bytes under the same name are the same arrival; a new date replaces the old.

        What came before under that name with a problem, and holds nothing that this does not hold, was a part of it:
        that arrival is completed in its place, and read again.
        """
        listed = tuple(files)
        now = datetime.now(UTC).replace(tzinfo=None)
        values: dict[str, Any] = {"sha256": sha256, "files": _listed(listed), "problem": problem}
        if received_on is not None:
            values["received_on"] = received_on
        with self.writing("arrivals") as db:
            named = select(_arrivals).where(_arrivals.c.name == name, _arrivals.c.split == split)
            before = [_arrival(row) for row in db.execute(named.order_by(_arrivals.c.id))]
            same = next((a for a in before if a.sha256 == sha256), None)
            parts = [a for a in before if a is not same and a.problem and set(a.files) <= set(listed)]
            kept = same or next(iter(parts), None)
            if kept is None:
                blank = {"name": name, "split": split, "reading_key": "", "received_on": None, "taken_at": now}
                result = db.execute(insert(db, _arrivals).values({**blank, **values}))
                number = result.inserted_primary_key[0]  # type: ignore[index]
            else:
                number = kept.id
                _dropped(db, [a.id for a in parts if a is not kept])
                anew = {"reading_key": ""} if kept is not same else {}
                db.execute(update(_arrivals).where(_arrivals.c.id == number).values({**values, **anew}))
            return _arrival(db.execute(select(_arrivals).where(_arrivals.c.id == number)).one())

    def arrivals(self) -> tuple[Arrival, ...]:
        """Everything that ever came in, in order."""
        with self.looking() as db:
            return tuple(_arrival(row) for row in db.execute(select(_arrivals).order_by(_arrivals.c.id)))

    def arrival_rows(self) -> Iterator[Any]:
        """Every arrival as its row, in order; ``files`` as JSON. For who goes through all of a season."""
        with self.looking() as db:
            yield from db.execute(select(_arrivals).order_by(_arrivals.c.id).execution_options(yield_per=2_000))

    def arrivals_of(self, ids: Collection[int]) -> tuple[Arrival, ...]:
        """Some arrivals, in order."""
        listed = sorted(ids)
        found: list[Arrival] = []
        with self.looking() as db:
            for start in range(0, len(listed), 400):
                asked = select(_arrivals).where(_arrivals.c.id.in_(listed[start : start + 400]))
                found += [_arrival(row) for row in db.execute(asked.order_by(_arrivals.c.id))]
        return tuple(found)

    def arrival(self, number: int) -> Arrival | None:
        """One arrival by its id, or None."""
        with self.looking() as db:
            row = db.execute(select(_arrivals).where(_arrivals.c.id == number)).one_or_none()
        return _arrival(row) if row is not None else None

    def reading(self, key: str) -> bytes | None:
        """The observation kept under ``key`` (JSON), or None: there is none, or its bytes are damaged."""
        with self.looking() as db:
            return packing.if_whole(
                db.execute(select(_readings.c.data).where(_readings.c.key == key)).scalar_one_or_none()
            )

    def has_reading(self, key: str) -> bool:
        """Whether an observation is kept under ``key``."""
        with self.looking() as db:
            return db.execute(select(_readings.c.key).where(_readings.c.key == key)).first() is not None

    def keep_reading(self, key: str, data: bytes, *, anew: bool = False) -> None:
        """Keep an observation; the first one under a key stays, unless it was made ``anew`` or is damaged."""
        row = {"key": key, "data": packing.packed(data)}
        with self.writing("readings") as db:
            kept = db.execute(select(_readings.c.data).where(_readings.c.key == key)).scalar_one_or_none()
            if packing.if_whole(kept) is not None and not anew:
                return
            upsert(db, _readings, [row], changing=("data",))
            if kept is not None:
                reread(db, key)
            # What its seals left, and whose it said it is, was taken from the old one.
            for table in (_imprints, _twins, _sayings):
                db.execute(delete(table).where(table.c.reading == key))
            db.execute(delete(_twins).where(_twins.c.other_reading == key))

    def was_read(self, arrival: Arrival, key: str) -> None:
        """Tie an arrival to its observation."""
        with self.writing("arrivals") as db:
            db.execute(update(_arrivals).where(_arrivals.c.id == arrival.id).values(reading_key=key))

    def records(self) -> bytes | None:
        """The newest snapshot of the online records (JSON), or None."""
        with self.looking() as db:
            data = db.execute(_NEWEST).scalar_one_or_none()
        if data is not None and packing.if_whole(data) is None:
            raise StoreTrouble(
                f"the online records kept in {self.home} are damaged: name them anew with --records, "
                "or restore the last backup (yanzhang restore)"
            )
        return packing.if_whole(data)

    def keep_records(self, data: bytes) -> None:
        """Keep a snapshot of the online records with its time, unless it says what the newest one says."""
        row = {"taken_at": datetime.now(UTC).replace(tzinfo=None), "data": packing.packed(data)}
        with self.writing("snapshots") as db:
            newest = db.execute(_NEWEST).scalar_one_or_none()
            if packing.if_whole(newest) != data:
                db.execute(insert(db, _snapshots).values(**row))

    def judgements(self) -> Mapping[tuple[str, int], tuple[str, bytes]]:
        """The last judgement of each envelope: (envelope, arrival) to (digest, JSON)."""
        with self.looking() as db:
            rows = db.execute(select(_judgements)).all()
        return {(row.envelope, row.arrival): (row.digest, packing.if_whole(row.data) or b"") for row in rows}

    def each_judgement(self) -> Iterator[tuple[str, int, str, bytes]]:
        """The last judgement of each envelope, in order of arrival: envelope, arrival, digest, JSON; one at a time."""
        asked = select(_judgements).order_by(_judgements.c.arrival, _judgements.c.envelope)
        with self.looking() as db:
            for row in db.execute(asked.execution_options(yield_per=500)):
                yield row.envelope, row.arrival, row.digest, packing.if_whole(row.data) or b""

    def keep_judgements(self, rows: Iterable[tuple[str, int, str, bytes]], *, whole: Collection[int] = ()) -> None:
        """Replace the last judgements: (envelope, arrival, digest, JSON) each, all or none.

        :param whole: arrivals of which all envelopes are among the rows: one that is cut otherwise than the last time
            has no envelope of the old cut
        """
        rows = list(rows)
        packed = [
            {"envelope": envelope, "arrival": arrival, "digest": digest, "data": packing.packed(data)}
            for envelope, arrival, digest, data in rows
        ]
        with self.writing("judgements") as db:
            for arrival in {row[1] for row in rows} & set(whole):
                now = {row[0] for row in rows if row[1] == arrival}
                last = db.execute(select(_judgements.c.envelope).where(_judgements.c.arrival == arrival)).scalars()
                gone = (_judgements.c.arrival == arrival, _judgements.c.envelope.in_([n for n in last if n not in now]))
                db.execute(delete(_judgements).where(*gone))
            upsert(db, _judgements, packed, changing=("digest", "data"))

    def sayings(self, edition: str) -> Mapping[str, bytes]:
        """What readings in use tell of whose they are (JSON), as this edition of the program took it from them."""
        used = select(_arrivals.c.reading_key)
        asked = select(_sayings.c.reading, _sayings.c.data).where(
            _sayings.c.edition == edition, _sayings.c.reading.in_(used)
        )
        with self.looking() as db:
            return {row.reading: row.data for row in db.execute(asked)}

    def keep_sayings(self, edition: str, rows: Mapping[str, bytes]) -> None:
        """Keep what this edition of the program took from readings."""
        listed = [{"reading": reading, "edition": edition, "data": data} for reading, data in rows.items()]
        with self.writing("readings") as db:
            upsert(db, _sayings, listed, changing=("edition", "data"))


def _originals(home: Path, address: str, cache_bytes: int, identity: Callable[[], str]) -> Originals:
    if not address:
        return Originals(home / ORIGINALS)
    if "://" not in address or address.startswith("file://"):
        return Originals(Path(address.removeprefix("file://")).expanduser().absolute())
    from pipeline.store.far import FarOriginals

    return FarOriginals(address, home / CACHE, cache_bytes, identity)


def _dropped(db: Connection, arrivals: Sequence[int]) -> None:
    """Arrivals that were parts of another: what was judged of them goes with them."""
    if arrivals:
        db.execute(delete(_judgements).where(_judgements.c.arrival.in_(arrivals)))
        db.execute(delete(_arrivals).where(_arrivals.c.id.in_(arrivals)))


def _listed(files: Iterable[StoredFile]) -> str:
    return json.dumps([[f.name, f.sha256] for f in files], ensure_ascii=False)


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
        taken_at=row.taken_at,
    )
