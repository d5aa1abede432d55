"""What the record book forgets (申报数据的遗忘): versions that outlived their use, or of whom nothing may be told."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select

from pipeline.store.packing import if_whole
from pipeline.store.tables import record_fetches, record_now, record_versions

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = ["data_under", "numbers_known", "outlived", "remove_versions"]

_CHUNK = 400  # values in one statement


def numbers_known(store: Store, numbers: Collection[str] | None = None) -> frozenset[str]:
    """Those of the numbers that any version bears (None: all there are)."""
    asked = select(record_versions.c.application_no).distinct()
    if numbers is None:
        with store.looking() as db:
            return frozenset(db.execute(asked).scalars())
    listed, found = sorted(numbers), set[str]()
    with store.looking() as db:
        for start in range(0, len(listed), _CHUNK):
            found |= set(
                db.execute(asked.where(record_versions.c.application_no.in_(listed[start : start + _CHUNK]))).scalars()
            )
    return frozenset(found)


def data_under(store: Store, numbers: Collection[str]) -> Iterator[bytes]:
    """What the versions hold that bear these numbers."""
    listed = sorted(numbers)
    for start in range(0, len(listed), _CHUNK):
        asked = select(record_versions.c.data).where(
            record_versions.c.application_no.in_(listed[start : start + _CHUNK])
        )
        with store.looking() as db:
            listed_data = list(db.execute(asked).scalars())
        yield from (data for one in listed_data if (data := if_whole(one)))


def outlived(store: Store, before: datetime, staying: Collection[str]) -> frozenset[int]:
    """Versions that tell of a time before this one only.

    Of applications that are ``staying`` those that were replaced by then. Of others all that are not in force, and
    those in force that no source showed since.
    """
    looked_at = select(func.max(record_fetches.c.at)).where(record_fetches.c.ok, record_fetches.c.whole)
    with store.looking() as db:
        whole = db.execute(looked_at).scalar_one_or_none()
        seen = {row.version: row.seen for row in db.execute(select(record_now.c.version, record_now.c.seen))}
        of: dict[str, list[Any]] = {}
        listed = select(
            record_versions.c.id, record_versions.c.key, record_versions.c.application_no, record_versions.c.since
        )
        for row in db.execute(listed.order_by(record_versions.c.id)):
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


def remove_versions(db: Connection, ids: Collection[int]) -> int:
    """Take versions out, in the transaction given."""
    listed, removed = sorted(ids), 0
    for start in range(0, len(listed), _CHUNK):
        part = listed[start : start + _CHUNK]
        db.execute(delete(record_now).where(record_now.c.version.in_(part)))
        removed += db.execute(delete(record_versions).where(record_versions.c.id.in_(part))).rowcount
    return removed
