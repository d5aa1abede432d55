"""Records as they are and as they were (申报数据的版本), and what is another than before."""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import BadInput
from pipeline.model import Record
from pipeline.records.marks import content_of, digest_of, filled_of
from pipeline.store import Store
from pipeline.store import book as rows
from pipeline.store.book import NewVersion, Stored
from pipeline.store.packing import quickly_packed

__all__ = [
    "Change",
    "Changes",
    "Version",
    "as_of",
    "changes_since",
    "count",
    "every",
    "histories",
    "history",
    "made_ready",
    "mark",
    "new_version",
    "record",
    "record_key",
    "records",
    "utc",
]

_TOGETHER = 200  # changes read at once

_all_records = TypeAdapter(tuple[Record, ...])


@dataclass(frozen=True, slots=True)
class Change:
    """A record before and after; None: there was none, or is none any more."""

    before: Record | None
    after: Record | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a record and since when it is known (UTC); ``record`` None: there was none from then on."""

    id: int
    since: datetime
    record: Record | None


class Changes(Mapping[str, Change]):
    """Changes by number, whose records are read from the store when they are asked for: all may have changed."""

    def __init__(self, store: Store, versions: Mapping[str, tuple[int, int]]) -> None:
        self._store, self._versions = store, versions

    def __getitem__(self, number: str) -> Change:
        return next(change for _, change in self._read([number]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def items(self) -> ItemsView[str, Change]:
        return _Items(self)

    def each(self) -> Iterator[tuple[str, Change]]:
        """All of them, some hundred read at once."""
        numbers = list(self._versions)
        for start in range(0, len(numbers), _TOGETHER):
            yield from self._read(numbers[start : start + _TOGETHER])

    def _read(self, numbers: Sequence[str]) -> Iterator[tuple[str, Change]]:
        pairs = [(number, self._versions[number]) for number in numbers]
        data = rows.data_of(self._store, {version for _, pair in pairs for version in pair if version})
        for number, (before, after) in pairs:
            yield number, Change(_record(data.get(before)), _record(data.get(after)))


class _Items(ItemsView[str, Change]):
    _mapping: Changes

    def __iter__(self) -> Iterator[tuple[str, Change]]:
        return self._mapping.each()


def record(store: Store, application_no: str) -> Record | None:
    """One record as it is now."""
    return records(store, [application_no]).get(application_no)


def records(store: Store, numbers: Collection[str]) -> dict[str, Record]:
    """Records as they are now, by the numbers asked for; one that is not known is not among them."""
    made_ready(store, utc(None))
    found = {
        one.key: _record(one.data) for one in rows.versions_of(store, set(map(record_key, numbers)), in_force_only=True)
    }
    return {number: one for number in numbers if (one := found.get(record_key(number))) is not None}


def every(store: Store) -> Iterator[Record]:
    """Every record as it is now, by number, one at a time."""
    made_ready(store, utc(None))
    for stored in rows.in_force_all(store):
        one = _record(stored.data)
        if one is not None:
            yield one


def count(store: Store) -> int:
    """How many records are in force."""
    made_ready(store, utc(None))
    return rows.count(store)


def history(store: Store, application_no: str) -> tuple[Version, ...]:
    """Every version a record ever had, in order; one that another version of yanzhang kept otherwise is passed over."""
    made_ready(store, utc(None))
    return tuple(_told(rows.versions_of(store, {record_key(application_no)})))


def histories(store: Store, numbers: Collection[str]) -> dict[str, tuple[Version, ...]]:
    """:func:`history` of several, of those that have more than one version."""
    made_ready(store, utc(None))
    of: dict[str, list[Stored]] = {}
    for stored in rows.versions_of(store, rows.changed_keys(store, set(map(record_key, numbers)))):
        of.setdefault(stored.key, []).append(stored)
    changed = {number: tuple(_told(of[record_key(number)])) for number in numbers if record_key(number) in of}
    return {number: versions for number, versions in changed.items() if len(versions) > 1}


def as_of(store: Store, application_no: str, when: datetime) -> Record | None:
    """The record as it was at a time (打印时的申报数据): when a form was printed, submitted or received.

    None: nothing was known of it then.
    """
    until = utc(when)
    found: Record | None = None
    for version in history(store, application_no):
        if utc(version.since) <= until:
            found = version.record
    return found


def mark(store: Store) -> int:
    """Where the book stands, for :func:`changes_since`."""
    made_ready(store, utc(None))
    return rows.state(store)[1]


def changes_since(store: Store, mark: int) -> Mapping[str, Change]:
    """What is another now than when the book stood at ``mark`` (0: before its first record), by number.

    One that changed and changed back is not among them.
    """
    made_ready(store, utc(None))
    return Changes(store, rows.since_mark(store, mark))


def made_ready(store: Store, at: datetime) -> None:
    """What a store of before the book kept becomes each record's first version."""
    if rows.is_ready(store):
        return
    before = rows.newest_snapshot(store)
    if before is None:
        return
    taken_at, data = before
    try:
        kept = _all_records.validate_json(data)
    except ValidationError:
        return
    told = {(version := new_version(record_key(one.application_no), one, raw="")).key: version for one in kept}
    rows.write(store, lambda now: [] if now else list(told.values()), None, since=min(taken_at, at))


def new_version(key: str, one: Record, *, raw: str) -> NewVersion:
    data = content_of(one)
    return NewVersion(key, one.application_no, raw, digest_of(data), filled_of(one), quickly_packed(data))


def _told(versions: Iterable[Stored]) -> Iterator[Version]:
    for stored in versions:
        try:
            yield Version(stored.id, stored.since.replace(tzinfo=UTC), _record(stored.data))
        except BadInput:
            continue


def _record(data: bytes | None) -> Record | None:
    if not data:
        return None
    try:
        return Record.model_validate_json(data)
    except ValidationError as error:
        raise BadInput("the online records kept are another version's: name them anew with --records") from error


def record_key(number: str) -> str:
    """Under what a record is kept: two spellings of one number are one."""
    return number.casefold()


def utc(moment: datetime | None) -> datetime:
    """Without its zone, as the store keeps times; one without a zone is UTC already."""
    if moment is None:
        return datetime.now(UTC).replace(tzinfo=None)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo is not None else moment
