"""The record book's rows (申报数据簿), in and out. What a record means is not known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from pipeline.store.fetches import Fetch, row_of
from pipeline.store.packing import if_whole, unpacked_record
from pipeline.store.sql import insert as insert_or_not
from pipeline.store.tables import record_book, record_fetches, record_now, record_versions, snapshots

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = [
    "InForce",
    "NewVersion",
    "Stored",
    "changed_keys",
    "count",
    "data_of",
    "digests",
    "in_force",
    "in_force_all",
    "is_ready",
    "newest_snapshot",
    "saw",
    "since_mark",
    "state",
    "versions_of",
    "versions_of_changed",
    "write",
]

_CHUNK = 400  # values in one statement
_AT_ONCE = 500  # rows fetched at once while many are gone through
_ONLY = 1  # the id of the one row of record_book


@dataclass(frozen=True, slots=True)
class InForce:
    """Which version of a record is in force."""

    application_no: str
    version: int
    raw: str
    digest: str
    filled: int


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that comes in force; one without a digest: the record is gone.

    :ivar data: the record (:func:`packed`), or ``copy_of``: the version that says the same
    :ivar same: it says what the one in force says, and only the digest of its row is news
    """

    key: str
    application_no: str
    raw: str = ""
    digest: str = ""
    filled: int = 0
    data: bytes | None = None
    same: bool = False
    copy_of: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A version as kept; ``data`` None: the record was gone from then on."""

    id: int
    key: str
    application_no: str
    since: datetime
    data: bytes | None


def is_ready(store: Store) -> bool:
    """Whether the book was ever written."""
    with store.looking() as db:
        return db.execute(select(record_book.c.id)).first() is not None


def newest_snapshot(store: Store) -> tuple[datetime, bytes] | None:
    """What a store of before the book kept: the newest records as a whole (JSON); None: none, or damaged."""
    asked = select(snapshots.c.taken_at, snapshots.c.data).order_by(snapshots.c.id.desc()).limit(1)
    with store.looking() as db:
        row = db.execute(asked).one_or_none()
    data = if_whole(row.data) if row is not None else None
    return (row.taken_at, data) if row is not None and data is not None else None


def state(store: Store) -> tuple[int, int]:
    """The book's generation and its last version; both 0 where nothing was ever written."""
    with store.looking() as db:
        row = db.execute(select(record_book)).one_or_none()
    return (row.generation, row.last_version) if row is not None else (0, 0)


def in_force(store: Store) -> dict[str, InForce]:
    """All that is in force, by key."""
    with store.looking() as db:
        return _in_force(db, None)


def digests(store: Store) -> dict[str, str]:
    """The digest of every record in force, by application number."""
    asked = select(record_now.c.application_no, record_now.c.digest).execution_options(yield_per=10 * _AT_ONCE)
    with store.looking() as db:
        return {row[0]: row[1] for row in db.execute(asked)}


def _in_force(db: Connection, keys: Collection[str] | None) -> dict[str, InForce]:
    asked = select(record_now).execution_options(yield_per=10 * _AT_ONCE)
    if keys is None or len(keys) > 50 * _CHUNK:
        found = list(map(_in_force_row, db.execute(asked)))
    else:
        listed, found = sorted(keys), []
        for start in range(0, len(listed), _CHUNK):
            part = asked.where(record_now.c.key.in_(listed[start : start + _CHUNK]))
            found += map(_in_force_row, db.execute(part))
    return dict(found)


def _in_force_row(row: Any) -> tuple[str, InForce]:
    return row.key, InForce(row.application_no, row.version, row.raw, row.digest, row.filled)


def count(store: Store) -> int:
    """How many records are in force."""
    with store.looking() as db:
        return int(db.execute(select(func.count()).select_from(record_now)).scalar_one())


def write(
    store: Store,
    decide: Callable[[Mapping[str, InForce]], Sequence[NewVersion]],
    fetch: Fetch | None,
    *,
    since: datetime,
    keys: Collection[str] | None = None,
) -> dict[str, tuple[int, int]]:
    """Bring versions in force and note the fetch, all or nothing; writers follow one another.

    :param decide: what is to be written, from what is in force when it is this one's turn
    :param keys: the records that it decides about; None: all
    :return: the versions (before, after; 0: none) of what changed, by key
    """
    with store.writing() as db:
        last = _taken(db)
        force = _in_force(db, keys)
        new = decide(force)
        old = {one.key: force[one.key].version for one in new if one.key in force}
        copied = _data_in(db, {one.copy_of for one in new if one.copy_of})
        changed: dict[str, tuple[int, int]] = {}
        versions: list[dict[str, Any]] = []
        for one in new:
            if one.same:
                continue
            last += 1
            data = copied[one.copy_of] if one.copy_of else one.data
            versions.append(
                {
                    "id": last,
                    "key": one.key,
                    "application_no": one.application_no,
                    "digest": one.digest,
                    "since": since,
                    "data": data or b"",
                }
            )
            changed[one.key] = (old.get(one.key, 0), last if one.digest else 0)
        if versions:
            db.execute(insert(record_versions), versions)
        _bring_in_force(db, new, {row["key"]: row["id"] for row in versions}, old, since)
        mine = update(record_book).where(record_book.c.id == _ONLY)
        if new:
            db.execute(mine.values(last_version=last, generation=record_book.c.generation + 1))
        if fetch is not None:
            now = db.execute(select(record_book.c.generation)).scalar_one()
            db.execute(insert(record_fetches).values(**row_of(fetch) | {"generation": now, "changed": len(changed)}))
        return changed


def _taken(db: Connection) -> int:
    """Take the book for this transaction, when all who took it before are done; its last version."""
    db.execute(insert_or_not(db, record_book).values(id=_ONLY, generation=0, last_version=0).on_conflict_do_nothing())
    db.execute(update(record_book).where(record_book.c.id == _ONLY).values(generation=record_book.c.generation))
    return int(db.execute(select(record_book.c.last_version)).scalar_one())


def _bring_in_force(
    db: Connection, new: Sequence[NewVersion], ids: Mapping[str, int], old: Mapping[str, int], seen: datetime
) -> None:
    gone = [one.key for one in new if not one.digest and not one.same and one.key in old]
    for start in range(0, len(gone), _CHUNK):
        db.execute(delete(record_now).where(record_now.c.key.in_(gone[start : start + _CHUNK])))
    staying = [one for one in new if one.same or one.digest]
    rows = [
        {
            "key": one.key,
            "application_no": one.application_no,
            "version": old[one.key] if one.same else ids[one.key],
            "raw": one.raw,
            "digest": one.digest,
            "filled": one.filled,
            "seen": seen,
        }
        for one in staying
        if not one.same or one.key in old
    ]
    if added := [row for row in rows if row["key"] not in old]:
        db.execute(insert(record_now), added)
    if moved := [{"its_key": row.pop("key"), **row} for row in rows if row["key"] in old]:
        db.execute(update(record_now).where(record_now.c.key == bindparam("its_key")), moved)


def in_force_all(store: Store) -> Iterator[Stored]:
    """Every version in force, by number; one look, however long it takes."""
    asked = (
        select(record_versions)
        .join(record_now, record_now.c.version == record_versions.c.id)
        .order_by(record_now.c.key)
        .execution_options(yield_per=_AT_ONCE)
    )
    with store.looking() as db:
        for row in db.execute(asked):
            yield _stored(row)


def versions_of(store: Store, keys: Collection[str], *, in_force_only: bool = False) -> Iterator[Stored]:
    """All versions of some records (or those in force), in order."""
    listed = sorted(keys)
    for start in range(0, len(listed), _CHUNK):
        asked, some = select(record_versions), listed[start : start + _CHUNK]
        if in_force_only:  # asked of the few there are: SQLite would go through every record that is in force
            asked = asked.join(record_now, record_now.c.version == record_versions.c.id)
            asked = asked.where(record_now.c.key.in_(some))
        else:
            asked = asked.where(record_versions.c.key.in_(some))
        with store.looking() as db:
            rows = db.execute(asked.order_by(record_versions.c.id)).all()
        yield from map(_stored, rows)


def changed_keys(store: Store, keys: Collection[str]) -> frozenset[str]:
    """Those of the records that have more than one version."""
    listed, found = sorted(keys), set[str]()
    with store.looking() as db:
        for start in range(0, len(listed), _CHUNK):
            asked = select(record_versions.c.key).where(record_versions.c.key.in_(listed[start : start + _CHUNK]))
            found |= set(db.execute(asked.group_by(record_versions.c.key).having(func.count() > 1)).scalars())
    return frozenset(found)


def versions_of_changed(store: Store) -> dict[str, tuple[int, ...]]:
    """The versions' numbers of each record that has more than one, by its number as it is now."""
    several = select(record_versions.c.key).group_by(record_versions.c.key).having(func.count() > 1).scalar_subquery()
    asked = (
        select(record_now.c.application_no, record_versions.c.id)
        .join(record_versions, record_versions.c.key == record_now.c.key)
        .where(record_now.c.key.in_(several))
        .order_by(record_versions.c.id)
    )
    found: dict[str, list[int]] = {}
    with store.looking() as db:
        for row in db.execute(asked.execution_options(yield_per=10 * _AT_ONCE)):
            found.setdefault(row.application_no, []).append(row.id)
    return {number: tuple(ids) for number, ids in found.items()}


def data_of(store: Store, ids: Collection[int]) -> dict[int, bytes | None]:
    """What versions hold, by id."""
    with store.looking() as db:
        return {version: unpacked_record(data) for version, data in _data_in(db, ids).items()}


def _data_in(db: Connection, ids: Collection[int]) -> dict[int, bytes]:
    listed = sorted(ids)
    found: dict[int, bytes] = {}
    for start in range(0, len(listed), _CHUNK):
        asked = select(record_versions.c.id, record_versions.c.data).where(
            record_versions.c.id.in_(listed[start : start + _CHUNK])
        )
        found.update({row.id: row.data for row in db.execute(asked)})
    return found


def since_mark(store: Store, mark: int) -> dict[str, tuple[int, int]]:
    """Whose version in force is another than when the last version was ``mark``: number → (before, after; 0: none)."""
    moved = select(record_versions.c.key).where(record_versions.c.id > mark).distinct().scalar_subquery()
    before = (
        select(record_versions.c.key, func.max(record_versions.c.id).label("id"))
        .where(record_versions.c.id <= mark, record_versions.c.key.in_(moved))
        .group_by(record_versions.c.key)
        .subquery()
    )
    old = select(
        record_versions.c.key, record_versions.c.id, record_versions.c.digest, record_versions.c.application_no
    ).join(before, before.c.id == record_versions.c.id)
    new = select(record_now.c.key, record_now.c.version, record_now.c.digest, record_now.c.application_no).where(
        record_now.c.key.in_(moved)
    )
    with store.looking() as db:
        was = {row.key: row for row in db.execute(old) if row.digest}
        now = {row.key: row for row in db.execute(new)}
    found: dict[str, tuple[int, int]] = {}
    for key in sorted(was.keys() | now.keys()):
        one, other = was.get(key), now.get(key)
        if (one.digest if one else "") != (other.digest if other else ""):
            number = (other or one).application_no  # type: ignore[union-attr]
            found[number] = (one.id if one else 0, other.version if other else 0)
    return found


def saw(store: Store, keys: Collection[str], at: datetime) -> None:
    """Note that a source showed these records."""
    listed = sorted(keys)
    with store.writing() as db:
        for start in range(0, len(listed), _CHUNK):
            part = record_now.c.key.in_(listed[start : start + _CHUNK])
            db.execute(update(record_now).where(part, record_now.c.seen < at).values(seen=at))


def _stored(row: Any) -> Stored:
    return Stored(row.id, row.key, row.application_no, row.since, unpacked_record(row.data))
