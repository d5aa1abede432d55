"""Rows and files taken out of a store for good. What belongs to whom is not decided here."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from pipeline.store import packing
from pipeline.store.book_forgetting import remove_versions
from pipeline.store.database import Store
from pipeline.store.durable import sync_folder
from pipeline.store.nights import silence
from pipeline.store.opening import CLAIMS, PREFECT
from pipeline.store.tables import arrivals, judgements, metadata, readings, snapshots
from pipeline.store.trouble import of_disk
from pipeline.store.verdicts import Place, forget_verdict, unmatch

__all__ = ["Removal", "Snapshot", "begin", "end", "is_begun", "orphans", "remove", "snapshots_of", "sweep_files"]

_BEGUN = ".forgetting"  # there while rows are gone and their bytes may not be
_CHUNK = 400  # values in one statement
_OWN_WAY = (arrivals, readings, snapshots)
_SHA256 = 64  # signs; a sheet is called by its file's hash and its place in it


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The online records as they were at one time (JSON; empty where the bytes are damaged)."""

    id: int
    taken_at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to go: by id, key, hash and number (``versions``: of records); snapshots and judgements that stay get the
    ``data`` given here.
    """

    arrivals: frozenset[int] = frozenset()
    readings: frozenset[str] = frozenset()
    sha256s: frozenset[str] = frozenset()
    applications: frozenset[str] = frozenset()
    snapshots: frozenset[int] = frozenset()
    versions: frozenset[int] = frozenset()
    new_snapshots: Mapping[int, bytes] = field(default_factory=dict)
    new_judgements: Mapping[tuple[str, int], bytes] = field(default_factory=dict)
    verdicts: frozenset[Place] = frozenset()


def snapshots_of(store: Store) -> Iterator[Snapshot]:
    """Every snapshot, one at a time."""
    with store.looking() as db:
        listed = db.execute(select(snapshots.c.id, snapshots.c.taken_at).order_by(snapshots.c.id)).all()
    for number, taken_at in listed:
        with store.looking() as db:
            packed = db.execute(select(snapshots.c.data).where(snapshots.c.id == number)).scalar_one()
        yield Snapshot(number, taken_at, packing.if_whole(packed) or b"")


def orphans(store: Store, kept: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Readings (key and JSON) that none of the arrivals uses whose keys are ``kept``."""
    with store.looking() as db:
        keys = [key for key in db.execute(select(readings.c.key)).scalars() if key not in kept]
    for key in keys:
        yield key, store.reading(key) or b""


def remove(db: Connection, removal: Removal) -> dict[str, int]:
    """Take the rows out, in the transaction given; how many of each table."""
    silenced = silence(db, _names(db, removal.arrivals))  # while the arrivals can still say their names
    taken = {
        "arrivals": _delete(db, arrivals, arrivals.c.id, removal.arrivals),
        "readings": _delete(db, readings, readings.c.key, removal.readings),
        "snapshots": _delete(db, snapshots, snapshots.c.id, removal.snapshots),
    }
    for table in metadata.sorted_tables:
        if table not in _OWN_WAY:
            taken[table.name] = sum(_delete(db, table, column, of) for column, of in _ways(table, removal))
    taken["night_lines"] += silenced
    taken["record_versions"] += remove_versions(db, removal.versions)
    for number, data in removal.new_snapshots.items():
        db.execute(update(snapshots).where(snapshots.c.id == number).values(data=packing.packed(data)))
    for (envelope, arrival), data in removal.new_judgements.items():
        mine = (judgements.c.envelope == envelope, judgements.c.arrival == arrival)
        db.execute(update(judgements).where(*mine).values(digest="", data=packing.packed(data)))
        forget_verdict(db, arrival, envelope=envelope)
    for arrival, part in removal.verdicts:
        forget_verdict(db, arrival, part=part)
    if removal.arrivals or removal.applications:
        unmatch(db)
    return taken


def _names(db: Connection, ids: Collection[int]) -> frozenset[str]:
    listed = db.execute(select(arrivals.c.id, arrivals.c.name))
    return frozenset(row.name for row in listed if row.id in ids)


def _ways(table: Table, removal: Removal) -> Iterator[tuple[ColumnElement[object], Collection[object]]]:
    """How rows of a table are found, by what its columns are called (:mod:`pipeline.store.tables`)."""
    by_name: Mapping[str, Collection[object]] = {
        "arrival": removal.arrivals,
        "reading": removal.readings,
        "other_reading": removal.readings,
        "reading_key": removal.readings,
        "application_no": removal.applications,
        "sha256": removal.sha256s,
    }
    for column in table.columns:
        if column.name in by_name:
            yield column, by_name[column.name]
        elif column.name == "sheet":
            yield func.substr(column, 1, _SHA256), removal.sha256s


def _delete(db: Connection, table: Table, column: ColumnElement[object], values: Collection[object]) -> int:
    listed: Sequence[object] = list(values)
    parts = (listed[i : i + _CHUNK] for i in range(0, len(listed), _CHUNK))
    return sum(db.execute(delete(table).where(or_(column.in_(part)))).rowcount for part in parts)


# --------------------------------------------------------------------------------------------------------- files


def is_begun(store: Store) -> bool:
    """Whether a run took rows out and ended before their bytes were gone."""
    return (store.home / _BEGUN).exists()


def begin(store: Store) -> None:
    """Note, durably, that rows are about to go.

    :raises StoreTrouble: the store cannot be written
    """
    try:
        (store.home / _BEGUN).touch(mode=0o600)
        sync_folder(store.home)
    except OSError as error:
        raise of_disk(store.home, error) from error


def end(store: Store) -> None:
    """All of it is gone, to the last byte.

    :raises StoreTrouble: the database could not be written anew
    """
    store.scrub()
    (store.home / _BEGUN).unlink(missing_ok=True)


def sweep_files(store: Store) -> tuple[int, bool, tuple[str, ...]]:
    """Remove originals that no arrival names, claims, and Prefect's history, in whose runs envelopes are named.

    Only for who has the store alone: a run that takes in stores originals before it names them.

    :return: how many originals went, whether there was a history, and a sentence for each file that would not go
    """
    used = {file.sha256 for arrival in store.arrivals() for file in arrival.files}
    removed, problems = 0, []
    for sha256, _ in tuple(store.originals.listed()):
        if sha256 not in used:
            try:
                store.originals.remove(sha256)
                removed += 1
            except OSError as error:
                path = store.originals.path(sha256)
                problems.append(f"{path} could not be removed ({error.strerror or error}): remove it by hand")
    store.originals.sweep_strays()
    store.originals.remove_copies(used.__contains__)
    for claim in (store.home / CLAIMS).glob("*"):
        claim.unlink(missing_ok=True)
    history = store.home / PREFECT
    had_history = history.exists()
    if had_history:
        shutil.rmtree(history, onerror=lambda *told: problems.append(f"{told[1]} could not be removed: {told[2][1]}"))
    return removed, had_history, tuple(problems)
