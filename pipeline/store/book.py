"""The tables of the record book (申报数据簿), and its rows in and out. What a record means is not known here.

``record_versions``: every version a record ever had, in the order in which it came in force, with the time it was
first seen; one without data says that the record was gone from then on. ``record_now``: which version of each is in
force, with the digest of the raw row it was made of. ``record_fetches``: what each look at a source came to.
``record_book``: one row that counts; who writes takes it first, so that writers follow one another.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from pipeline.errors import StoreTrouble
from pipeline.store.sql import insert as insert_or_not
from pipeline.store.tables import metadata, snapshots

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = [
    "Fetch",
    "InForce",
    "NewVersion",
    "Stored",
    "changed_keys",
    "count",
    "data_of",
    "data_under",
    "digests",
    "fetches",
    "in_force",
    "in_force_all",
    "is_ready",
    "last_good_fetch",
    "log_fetch",
    "newest_snapshot",
    "numbers_known",
    "outlived",
    "packed",
    "remove_versions",
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

_versions = Table(
    "record_versions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # given by record_book: never twice, even forgotten
    Column("key", String, nullable=False, index=True),  # the number without regard to case
    Column("application_no", String, nullable=False, index=True),
    Column("digest", String(32), nullable=False),
    Column("since", DateTime, nullable=False),  # UTC
    Column("data", LargeBinary, nullable=False),  # empty: gone
)
_now = Table(
    "record_now",
    metadata,
    Column("key", String, primary_key=True),
    Column("application_no", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("raw", String(32), nullable=False),  # of the row it was made of; "" where that is not known
    Column("digest", String(32), nullable=False),  # of the record
    Column("filled", Integer, nullable=False),  # which fields have a value, a bit each
    Column("seen", DateTime, nullable=False),  # UTC; or later, with the last look at a source as a whole
)
_fetches = Table(
    "record_fetches",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False),  # UTC
    Column("source", String, nullable=False),  # redacted
    Column("whole", Boolean, nullable=False),  # all records there are, or some that were added
    Column("ok", Boolean, nullable=False),
    Column("rows", Integer, nullable=False, default=0),
    Column("usable", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("etag", String, nullable=False, default=""),  # with what else tells whether a source is as it was
    Column("generation", Integer, nullable=False, default=0),  # of the book when it was done
    Column("problem", String, nullable=False, default=""),
)
_book = Table(
    "record_book",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),  # how often anything was written
    Column("last_version", Integer, nullable=False),
)


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


@dataclass(frozen=True, slots=True)
class Fetch:
    """What one look at a source came to. ``etag``: how the source says that it is as it was."""

    at: datetime
    source: str
    whole: bool
    ok: bool
    rows: int = 0
    usable: int = 0
    changed: int = 0
    etag: str = ""
    generation: int = 0
    problem: str = ""


def packed(data: bytes) -> bytes:
    """As it is kept."""
    return zlib.compress(data, 1)  # a third of a second for 100,000; harder packing saves a tenth


def is_ready(store: Store) -> bool:
    """Whether the book was ever written."""
    with store.looking() as db:
        return db.execute(select(_book.c.id)).first() is not None


def newest_snapshot(store: Store) -> tuple[datetime, bytes] | None:
    """What a store of before the book kept: the newest records as a whole (JSON); None: none, or damaged."""
    asked = select(snapshots.c.taken_at, snapshots.c.data).order_by(snapshots.c.id.desc()).limit(1)
    with store.looking() as db:
        row = db.execute(asked).one_or_none()
    data = _if_whole(row.data) if row is not None else None
    return (row.taken_at, data) if row is not None and data is not None else None


def state(store: Store) -> tuple[int, int]:
    """The book's generation and its last version; both 0 where nothing was ever written."""
    with store.looking() as db:
        row = db.execute(select(_book)).one_or_none()
    return (row.generation, row.last_version) if row is not None else (0, 0)


def in_force(store: Store) -> dict[str, InForce]:
    """All that is in force, by key."""
    with store.looking() as db:
        return _in_force(db, None)


def digests(store: Store) -> dict[str, str]:
    """The digest of every record in force, by application number."""
    asked = select(_now.c.application_no, _now.c.digest).execution_options(yield_per=10 * _AT_ONCE)
    with store.looking() as db:
        return {row[0]: row[1] for row in db.execute(asked)}


def _in_force(db: Connection, keys: Collection[str] | None) -> dict[str, InForce]:
    asked = select(_now).execution_options(yield_per=10 * _AT_ONCE)
    if keys is None or len(keys) > 50 * _CHUNK:
        found = list(map(_in_force_row, db.execute(asked)))
    else:
        listed, found = sorted(keys), []
        for start in range(0, len(listed), _CHUNK):
            part = asked.where(_now.c.key.in_(listed[start : start + _CHUNK]))
            found += map(_in_force_row, db.execute(part))
    return dict(found)


def _in_force_row(row: Any) -> tuple[str, InForce]:
    return row.key, InForce(row.application_no, row.version, row.raw, row.digest, row.filled)


def count(store: Store) -> int:
    """How many records are in force."""
    with store.looking() as db:
        return int(db.execute(select(func.count()).select_from(_now)).scalar_one())


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
            db.execute(insert(_versions), versions)
        _bring_in_force(db, new, {row["key"]: row["id"] for row in versions}, old, since)
        mine = update(_book).where(_book.c.id == _ONLY)
        if new:
            db.execute(mine.values(last_version=last, generation=_book.c.generation + 1))
        if fetch is not None:
            now = db.execute(select(_book.c.generation)).scalar_one()
            db.execute(insert(_fetches).values(**_row_of(fetch) | {"generation": now, "changed": len(changed)}))
        return changed


def _taken(db: Connection) -> int:
    """Take the book for this transaction, when all who took it before are done; its last version."""
    db.execute(insert_or_not(db, _book).values(id=_ONLY, generation=0, last_version=0).on_conflict_do_nothing())
    db.execute(update(_book).where(_book.c.id == _ONLY).values(generation=_book.c.generation))
    return int(db.execute(select(_book.c.last_version)).scalar_one())


def _bring_in_force(
    db: Connection, new: Sequence[NewVersion], ids: Mapping[str, int], old: Mapping[str, int], seen: datetime
) -> None:
    gone = [one.key for one in new if not one.digest and not one.same and one.key in old]
    for start in range(0, len(gone), _CHUNK):
        db.execute(delete(_now).where(_now.c.key.in_(gone[start : start + _CHUNK])))
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
        db.execute(insert(_now), added)
    if moved := [{"its_key": row.pop("key"), **row} for row in rows if row["key"] in old]:
        db.execute(update(_now).where(_now.c.key == bindparam("its_key")), moved)


def _row_of(fetch: Fetch) -> dict[str, Any]:
    return {name: getattr(fetch, name) for name in Fetch.__slots__}


def log_fetch(store: Store, fetch: Fetch) -> None:
    """Note a look at a source that brought nothing."""
    with store.writing() as db:
        db.execute(insert(_fetches).values(**_row_of(fetch)))


def fetches(store: Store) -> tuple[Fetch, ...]:
    """Every look at a source, in order."""
    with store.looking() as db:
        return tuple(_fetch(row) for row in db.execute(select(_fetches).order_by(_fetches.c.id)))


def last_good_fetch(store: Store, source: str | None = None, *, whole: bool = False) -> Fetch | None:
    """The last look that brought records (of that source; all there are)."""
    asked = select(_fetches).where(_fetches.c.ok).order_by(_fetches.c.id.desc()).limit(1)
    if source is not None:
        asked = asked.where(_fetches.c.source == source)
    if whole:
        asked = asked.where(_fetches.c.whole)
    with store.looking() as db:
        row = db.execute(asked).one_or_none()
    return _fetch(row) if row is not None else None


def _fetch(row: Any) -> Fetch:
    return Fetch(**{name: getattr(row, name) for name in Fetch.__slots__})


def in_force_all(store: Store) -> Iterator[Stored]:
    """Every version in force, by number; one look, however long it takes."""
    asked = (
        select(_versions)
        .join(_now, _now.c.version == _versions.c.id)
        .order_by(_now.c.key)
        .execution_options(yield_per=_AT_ONCE)
    )
    with store.looking() as db:
        for row in db.execute(asked):
            yield _stored(row)


def versions_of(store: Store, keys: Collection[str], *, in_force_only: bool = False) -> Iterator[Stored]:
    """All versions of some records (or those in force), in order."""
    listed = sorted(keys)
    for start in range(0, len(listed), _CHUNK):
        asked = select(_versions).where(_versions.c.key.in_(listed[start : start + _CHUNK]))
        if in_force_only:
            asked = asked.join(_now, _now.c.version == _versions.c.id)
        with store.looking() as db:
            rows = db.execute(asked.order_by(_versions.c.id)).all()
        yield from map(_stored, rows)


def changed_keys(store: Store, keys: Collection[str]) -> frozenset[str]:
    """Those of the records that have more than one version."""
    listed, found = sorted(keys), set[str]()
    with store.looking() as db:
        for start in range(0, len(listed), _CHUNK):
            asked = select(_versions.c.key).where(_versions.c.key.in_(listed[start : start + _CHUNK]))
            found |= set(db.execute(asked.group_by(_versions.c.key).having(func.count() > 1)).scalars())
    return frozenset(found)


def versions_of_changed(store: Store) -> dict[str, tuple[int, ...]]:
    """The versions' numbers of each record that has more than one, by its number as it is now."""
    several = select(_versions.c.key).group_by(_versions.c.key).having(func.count() > 1).scalar_subquery()
    asked = (
        select(_now.c.application_no, _versions.c.id)
        .join(_versions, _versions.c.key == _now.c.key)
        .where(_now.c.key.in_(several))
        .order_by(_versions.c.id)
    )
    found: dict[str, list[int]] = {}
    with store.looking() as db:
        for row in db.execute(asked.execution_options(yield_per=10 * _AT_ONCE)):
            found.setdefault(row.application_no, []).append(row.id)
    return {number: tuple(ids) for number, ids in found.items()}


def data_of(store: Store, ids: Collection[int]) -> dict[int, bytes | None]:
    """What versions hold, by id."""
    with store.looking() as db:
        return {version: _unpacked(data) for version, data in _data_in(db, ids).items()}


def _data_in(db: Connection, ids: Collection[int]) -> dict[int, bytes]:
    listed = sorted(ids)
    found: dict[int, bytes] = {}
    for start in range(0, len(listed), _CHUNK):
        asked = select(_versions.c.id, _versions.c.data).where(_versions.c.id.in_(listed[start : start + _CHUNK]))
        found.update({row.id: row.data for row in db.execute(asked)})
    return found


def since_mark(store: Store, mark: int) -> dict[str, tuple[int, int]]:
    """Whose version in force is another than when the last version was ``mark``: number → (before, after; 0: none)."""
    moved = select(_versions.c.key).where(_versions.c.id > mark).distinct().scalar_subquery()
    before = (
        select(_versions.c.key, func.max(_versions.c.id).label("id"))
        .where(_versions.c.id <= mark, _versions.c.key.in_(moved))
        .group_by(_versions.c.key)
        .subquery()
    )
    old = select(_versions.c.key, _versions.c.id, _versions.c.digest, _versions.c.application_no).join(
        before, before.c.id == _versions.c.id
    )
    new = select(_now.c.key, _now.c.version, _now.c.digest, _now.c.application_no).where(_now.c.key.in_(moved))
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


def numbers_known(store: Store, numbers: Collection[str] | None = None) -> frozenset[str]:
    """Those of the numbers that any version bears (None: all there are)."""
    asked = select(_versions.c.application_no).distinct()
    if numbers is None:
        with store.looking() as db:
            return frozenset(db.execute(asked).scalars())
    listed, found = sorted(numbers), set[str]()
    with store.looking() as db:
        for start in range(0, len(listed), _CHUNK):
            found |= set(
                db.execute(asked.where(_versions.c.application_no.in_(listed[start : start + _CHUNK]))).scalars()
            )
    return frozenset(found)


def data_under(store: Store, numbers: Collection[str]) -> Iterator[bytes]:
    """What the versions hold that bear these numbers."""
    listed = sorted(numbers)
    for start in range(0, len(listed), _CHUNK):
        asked = select(_versions.c.data).where(_versions.c.application_no.in_(listed[start : start + _CHUNK]))
        with store.looking() as db:
            listed_data = list(db.execute(asked).scalars())
        yield from (data for one in listed_data if (data := _if_whole(one)))


def outlived(store: Store, before: datetime, staying: Collection[str]) -> frozenset[int]:
    """Versions that tell of a time before this one only.

    Of applications that are ``staying`` those that were replaced by then. Of others all that are not in force, and
    those in force that no source showed since.
    """
    looked_at = select(func.max(_fetches.c.at)).where(_fetches.c.ok, _fetches.c.whole)
    with store.looking() as db:
        whole = db.execute(looked_at).scalar_one_or_none()
        seen = {row.version: row.seen for row in db.execute(select(_now.c.version, _now.c.seen))}
        of: dict[str, list[Any]] = {}
        listed = select(_versions.c.id, _versions.c.key, _versions.c.application_no, _versions.c.since)
        for row in db.execute(listed.order_by(_versions.c.id)):
            of.setdefault(row.key, []).append(row)
    gone: set[int] = set()
    for versions in of.values():
        if any(one.application_no in staying for one in versions):
            gone |= {one.id for one, after in pairwise(versions) if after.since < before}
            continue
        last = seen.get(versions[-1].id)  # None: the record itself is gone
        if last is not None and (whole is None or whole < before) and last < before:
            gone |= {one.id for one in versions}
            continue
        older = [one.id for one in versions if one.since < before and one.id not in seen]
        # That a record is gone need not be known of one of which nothing is left.
        gone |= set(older) | ({versions[-1].id} if last is None and len(older) >= len(versions) - 1 else set())
    return frozenset(gone)


def saw(store: Store, keys: Collection[str], at: datetime) -> None:
    """Note that a source showed these records."""
    listed = sorted(keys)
    with store.writing() as db:
        for start in range(0, len(listed), _CHUNK):
            part = _now.c.key.in_(listed[start : start + _CHUNK])
            db.execute(update(_now).where(part, _now.c.seen < at).values(seen=at))


def remove_versions(db: Connection, ids: Collection[int]) -> int:
    """Take versions out, in the transaction given."""
    listed, removed = sorted(ids), 0
    for start in range(0, len(listed), _CHUNK):
        part = listed[start : start + _CHUNK]
        db.execute(delete(_now).where(_now.c.version.in_(part)))
        removed += db.execute(delete(_versions).where(_versions.c.id.in_(part))).rowcount
    return removed


def _stored(row: Any) -> Stored:
    return Stored(row.id, row.key, row.application_no, row.since, _unpacked(row.data))


def _unpacked(kept: bytes) -> bytes | None:
    """What was packed; None where there is nothing.

    :raises StoreTrouble: its bytes were damaged: an applicant without a record would be accused of having none
    """
    try:
        return zlib.decompress(kept) if kept else None
    except zlib.error as error:
        raise StoreTrouble(
            "the online records kept in the store are damaged: restore the last backup (yanzhang restore), "
            "then run the same command again"
        ) from error


def _if_whole(kept: bytes) -> bytes | None:
    try:
        return _unpacked(kept)
    except StoreTrouble:
        return None
