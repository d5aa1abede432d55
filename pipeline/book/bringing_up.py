"""The book brought up to what a source holds (取数): new and changed rows are converted, all others only compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.book.versions import Change, Changes, count, every, made_ready, new_version, record_key, utc
from pipeline.errors import BadInput, BadRecords, SourceDown
from pipeline.model import Record
from pipeline.records import Loaded, load_records
from pipeline.records.address import absolute
from pipeline.records.marks import digest_of, edition, filled_fields, mark_of
from pipeline.records.rows import cut, left_out, need_columns, read_row
from pipeline.records.sources import Opened, open_source
from pipeline.store import Store
from pipeline.store import book as rows
from pipeline.store.book import InForce, NewVersion
from pipeline.store.fetches import Fetch, last_good_fetch, log_fetch
from pipeline.values.references import BY_REFERENCE
from pipeline.values.secrets import redacted

__all__ = ["MIN_SHARE", "Brought", "add", "bring_up", "load", "named"]

MIN_SHARE = 0.8  # of yesterday's records that must still be there
LOST_COLUMN = 10  # a field that one in so many records had and none has any more was lost, not emptied
FEW = 3  # records: of fewer, no column can be said to be lost
_ACCEPT = "accept it with yanzhang reconcile --accept-shrunk if it is right"


@dataclass(frozen=True, slots=True)
class Brought:
    """What a look at the source came to.

    :ivar at: when (UTC)
    :ivar count: records in force now
    :ivar changed: application_no → what changed by this look (see :func:`changes_since`); read from the store as asked
    :ivar problems: a sentence for each row left out (exit 3)
    :ivar alarms: sentences on a source that could not be used: the copy of before stays in force (exit 3)
    :ivar source: where the records come from, without passwords
    :ivar mark: for :func:`changes_since`
    """

    at: datetime
    count: int
    changed: Mapping[str, Change] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    source: str = ""
    mark: int = 0


def bring_up(
    store: Store,
    source: str | None,
    *,
    now: datetime | None = None,
    min_share: float | None = None,
    accept_shrunk: bool = False,
) -> Brought:
    """Bring the book up to what a source holds now; the source tells of all records there are.

    What it does not hold any more is gone, wherever it came from. None as source: the book as it is.

    :param min_share: of the records in force that must still be there; less is an alarm and nothing is written (None:
        what the source file says, or 0.8)
    :param accept_shrunk: a person says that what is gone is gone
    :raises BadInput: no source is named and nothing is known yet
    :raises BadRecords: the source cannot be used, and never could
    """
    at = utc(now)
    made_ready(store, at)
    if source is None:
        return _as_it_is(store, at)
    told = named(source)
    generation, _ = rows.state(store)
    force = rows.in_force(store)
    try:
        got = _gathered(source, force, _state_of(store, told, generation))
    except BadRecords as error:
        return _kept_instead(store, told, at, error.message, error)
    settled = last_good_fetch(store, whole=True) is not None  # until then the book holds what batches brought
    share = next((one for one in (min_share, got.min_share) if one is not None), MIN_SHARE)
    if settled and not accept_shrunk and (lost := _lost(got, force, share)):
        return _kept_instead(store, told, at, f"The records {told} {lost}: {_ACCEPT}.", None)
    etag = f"{edition()} {got.state}" if got.state else ""
    fetch = Fetch(at=at, source=told, whole=True, ok=True, rows=got.rows, usable=len(got.usable), etag=etag)
    numbers: dict[str, str] = {}

    def decide(now: Mapping[str, InForce]) -> list[NewVersion]:
        new = list(_news(got, force, now))  # others may have written since
        numbers.update({one.key: one.application_no for one in new})
        return new

    changed = rows.write(store, decide, fetch, since=at)
    return Brought(
        at=at.replace(tzinfo=UTC),
        count=len(got.usable),
        changed=Changes(store, {numbers[key]: pair for key, pair in changed.items()}),
        problems=got.problems,
        source=told,
        mark=rows.state(store)[1],
    )


def load(store: Store, source: str, *, now: datetime | None = None) -> Loaded:
    """The records that a batch is checked against (``process``): those of the source, every one and no other.

    A person may name a file that holds a part of all applications, so nothing is taken out of the book on its account
    and no shrinking is sought in it (:func:`add` enters what it tells). A source that worked before and does not answer
    now is no reason to let the mail lie: the copy in the book is used, and a sentence says so (exit 3).

    :raises BadRecords: the source cannot be used
    """
    at, told = utc(now), named(source)
    try:
        loaded = load_records(source)
    except SourceDown as error:
        brought = _kept_instead(store, told, at, error.message, error)
        return Loaded(tuple(every(store)), brought.alarms)
    log_fetch(
        store, Fetch(at=at, source=told, whole=False, ok=True, rows=len(loaded.records), usable=len(loaded.records))
    )
    return loaded


def add(store: Store, records: Iterable[Record], *, now: datetime | None = None) -> None:
    """Enter what these records say; all others stay as they are."""
    at = utc(now)
    made_ready(store, at)
    told = {(version := new_version(record_key(one.application_no), one, raw="")).key: version for one in records}

    def decide(now: Mapping[str, InForce]) -> list[NewVersion]:
        return [one for key, one in told.items() if key not in now or now[key].digest != one.digest]

    rows.write(store, decide, None, since=at, keys=told.keys())
    rows.saw(store, told.keys(), at)


@dataclass(slots=True)
class _Gathered:
    """What a pass through a source brought.

    :ivar usable: which fields of each record have a value; ``new``: those whose row was not as it was
    """

    usable: Mapping[str, int] = field(default_factory=dict)
    new: Mapping[str, NewVersion] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    rows: int = 0
    min_share: float | None = None
    state: str = ""


def _gathered(source: str, force: Mapping[str, InForce], state: str) -> _Gathered:
    with open_source(source, state=state) as opened:
        if opened.unchanged:
            return _Gathered(state=state, usable={key: one.filled for key, one in force.items()}, rows=len(force))
        got = _compared(opened, force)
        # Rows that were left out are named every night, so they are to be sent every night.
        got.min_share, got.state = opened.min_share, opened.state if not got.problems else ""
        return got


def _state_of(store: Store, told: str, generation: int) -> str:
    """What to ask a source with, so that it can say that it is as it was; "": the book is not as it was then."""
    last = last_good_fetch(store, whole=True)
    if last is None or last.source != told or last.generation != generation or not last.etag:
        return ""
    made_by, _, state = last.etag.partition(" ")
    return state if made_by == edition() else ""


def _compared(opened: Opened, force: Mapping[str, InForce]) -> _Gathered:
    got, form = _Gathered(), digest_of(repr((edition(), opened.form)).encode()).encode()
    by_raw = {one.raw: key for key, one in force.items() if one.raw}
    new: dict[str, NewVersion] = {}
    seen: dict[str, tuple[str, str, int]] = {}  # key → digest ("": cannot be used), where, filled
    clashes: dict[str, list[str]] = {}
    problems: list[str] = []
    told = opened.name
    if opened.loaded is not None:
        return _of_loaded(opened.loaded)
    for raw in opened.table.rows:
        got.rows += 1
        mark = mark_of(raw, form)
        key = by_raw.get(mark, "")
        if key:
            digest, filled = force[key].digest, force[key].filled
        else:
            row = read_row(raw.opened())
            key = record_key(row.number)
            if row.record is None:
                besides = "; the record of before is not in use any more" if key in force else ""
                problems.append(left_out(told, row, besides=besides))
                digest, filled = "", 0
            else:
                version = new_version(key, row.record, raw=mark)
                digest, filled = version.digest, version.filled
                if key in force and force[key].digest == digest:  # the same in another way: there is a copy of it
                    version = replace(version, data=None, copy_of=force[key].version)
                new.setdefault(key, version)
        if not key:
            continue
        first = seen.setdefault(key, (digest, raw.where, filled))
        if first[0] != digest:
            clashes.setdefault(key, [first[1]]).append(raw.where)
    for key, where in clashes.items():
        number = force[key].application_no if key in force else new[key].application_no
        problems.append(f"{told}: {number} stands in {', '.join(where)} with different values: all are left out.")
    usable = {key: filled for key, (digest, _, filled) in seen.items() if digest and key not in clashes}
    if not usable:
        need_columns(opened.table.columns, told)
        first_reason = f" The first reason: {problems[0]}" if problems else ""
        raise BadRecords(f"The records {told} have not one usable row.{first_reason}")
    got.usable, got.problems = usable, cut(problems)
    got.new = {key: version for key, version in new.items() if key in usable}
    return got


def _of_loaded(loaded: Loaded) -> _Gathered:
    """Of records that were made apart already."""
    new = {(version := new_version(record_key(one.application_no), one, raw="")).key: version for one in loaded.records}
    usable = {key: version.filled for key, version in new.items()}
    return _Gathered(usable, new, loaded.problems, len(loaded.records) + len(loaded.problems))


def _news(got: _Gathered, before: Mapping[str, InForce], now: Mapping[str, InForce]) -> Iterator[NewVersion]:
    """What is to be written: versions that say something else than those in force, rows that say the same in another
    way, and what is gone.

    :param before: what was in force when the source was read
    """
    for key in got.usable:
        version, old = got.new.get(key), now.get(key)
        if version is None:
            mine = before[key]
            if old is None or old.digest != mine.digest:
                yield NewVersion(key, mine.application_no, mine.raw, mine.digest, mine.filled, copy_of=mine.version)
        elif old is None or old.digest != version.digest:
            yield version
        elif old.raw != version.raw:
            yield _same(version)
    for key in now.keys() - got.usable.keys():
        yield NewVersion(key, now[key].application_no)


def _lost(got: _Gathered, force: Mapping[str, InForce], min_share: float) -> str:
    """What a source lacks of what it held, completing a sentence; "" where it lacks nothing."""
    before, usable = len(force), len(got.usable)
    if usable < min_share * before:
        return f"hold {usable} applications, and {before} are known: less than {min_share:.0%} of them"
    if min(usable, before) < FEW:
        return ""
    had, has = filled_fields(Counter(one.filled for one in force.values())), filled_fields(Counter(got.usable.values()))
    gone = [name for name, number in had.items() if number * LOST_COLUMN >= before and not has[name]]
    if gone:
        return f"have nothing any more in {', '.join(gone)}, which {had[gone[0]]} of {before} had"
    return ""


def _kept_instead(store: Store, told: str, at: datetime, reason: str, error: BadRecords | None) -> Brought:
    """The copy of before with an alarm; a source that never worked is its user's mistake."""
    known = count(store)
    last = last_good_fetch(store, told)
    if error is not None and (not known or last is None):
        raise error
    whole = last_good_fetch(store, whole=True)
    since = f" of {whole.at:%Y-%m-%d %H:%M} UTC" if whole is not None else ""
    alarm = f"{redacted(reason)} Nothing was changed: the copy{since} ({known} applications) stays in use."
    logged = alarm.partition(" The first reason")[0]  # of an applicant nothing: the log is for good
    log_fetch(store, Fetch(at=at, source=told, whole=True, ok=False, problem=logged))
    return Brought(at=at.replace(tzinfo=UTC), count=known, alarms=(alarm,), source=told, mark=rows.state(store)[1])


def _as_it_is(store: Store, at: datetime) -> Brought:
    known = count(store)
    if not known:
        raise BadInput("no online records are known yet: name them with --records")
    return Brought(at=at.replace(tzinfo=UTC), count=known, mark=rows.state(store)[1])


def named(source: str) -> str:
    """What a source is called in sentences and by what it is known again: never with a password."""
    return source if source.startswith(BY_REFERENCE) else redacted(absolute(source))


def _same(version: NewVersion) -> NewVersion:
    return replace(version, data=None, copy_of=0, same=True)
