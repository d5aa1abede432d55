"""What is kept so that an envelope of which nothing changed need not be judged, nor even loaded, at night.

``matches``: whose each envelope is, as matched against the whole record book when that stood at ``match_mark``; what of
it the match rests on. ``verdicts``: what each envelope was judged to be, and the cause: a digest of all that this
depended on (:mod:`pipeline.causes`). ``rereadings``: how often a reading was replaced by another under its key.
``nights``: when the whole store was told of last. All of it can be made anew: nothing is lost where a row is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Column, Connection, DateTime, Integer, LargeBinary, String, Table, delete, select, update

from pipeline.store.sql import insert, upsert
from pipeline.store.tables import arrivals, judgements, metadata, readings
from pipeline.store.tables import matches as matches_table
from pipeline.store.tables import rereadings as rereadings_table
from pipeline.store.tables import sayings as sayings_table
from pipeline.store.tables import twins as twins_table

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = [
    "Kept",
    "Mark",
    "Match",
    "Place",
    "Verdict",
    "arrivals_told",
    "drop",
    "forget_verdict",
    "keep_matches",
    "keep_verdicts",
    "kept_judgements",
    "kept_verdicts",
    "last_told",
    "mark",
    "matches",
    "missing_readings",
    "readings_of",
    "readings_with_sayings",
    "rereadings",
    "sayings_of",
    "shown",
    "slips",
    "that_tell",
    "told_at",
    "unmatch",
]

Place = tuple[int, int]  # arrival and part: an envelope
_ONLY = 1
_CHUNK = 400  # values in one statement
_AT_ONCE = 2_000  # rows fetched at once while all are gone through

_mark = Table(
    "match_mark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mark", Integer, nullable=False),  # of the record book
    Column("generation", Integer, nullable=False),
)
_verdicts = Table(
    "verdicts",
    metadata,
    Column("arrival", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("cause", String(32), nullable=False),
    Column("digest", String(64), nullable=False),  # of the judgement
    Column("told", Integer, nullable=False),  # whether a report has shown it
    Column("envelope", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("application_no", String, nullable=False, index=True),
    Column("slip", String, nullable=False),  # JSON: what a report says of it by reference
    Column("before", LargeBinary, nullable=False),  # findings that were told last, where this is not told yet (JSON)
)
_nights = Table(
    "told_nights",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime, nullable=False),  # UTC
)


class Match(NamedTuple):
    """Whose an envelope is: ``how`` says what agreed, and rivals."""

    arrival: int
    part: int
    own: str
    application_no: str
    how: str
    codes: str
    sha256: str
    reading: str = ""


class Kept(NamedTuple):
    """Of a verdict, what tells whether it still holds."""

    arrival: int
    part: int
    cause: str
    told: bool


class Mark(NamedTuple):
    """A judgement that a report tells of."""

    arrival: int
    part: int
    digest: str
    envelope: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an envelope was judged to be. ``slip``: JSON of what a report says of it by reference.

    ``before``: JSON of the findings that a report told last, where this one was not told yet; empty: none, or it was.
    """

    arrival: int
    part: int
    cause: str
    digest: str
    told: bool
    envelope: str
    sha256: str
    application_no: str
    slip: str
    before: bytes = b""


def _upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    keys = {column.name for column in table.primary_key}
    upsert(db, table, rows, changing=[column.name for column in table.columns if column.name not in keys])


# ---------------------------------------------------------------------------------------------------------- matches


def mark(store: Store) -> tuple[int, int]:
    """Where the record book stood when all kept matches held, and how often that was noted; 0, 0: never."""
    with store.looking() as db:
        row = db.execute(select(_mark)).one_or_none()
    return (row.mark, row.generation) if row is not None else (0, 0)


def matches(store: Store) -> Iterator[Match]:
    """Every kept match, in order of arrival."""
    columns = [matches_table.c[name] for name in Match._fields]
    asked = (
        select(*columns).order_by(matches_table.c.arrival, matches_table.c.part).execution_options(yield_per=_AT_ONCE)
    )
    with store.looking() as db:
        for row in db.execute(asked):
            yield Match(*row)


def keep_matches(
    store: Store, generation: int, now: int, new: Iterable[Match], gone: Iterable[Place], *, anew: bool = False
) -> bool:
    """Keep what was matched when the book stood at ``now``; all or nothing.

    :param generation: of the matches that ``new`` was made beside
    :param anew: ``new`` are all there are
    :return: False: another run kept matches in between, and nothing was written
    """
    with store.writing("matches") as db:
        db.execute(insert(db, _mark).values(id=_ONLY, mark=0, generation=0).on_conflict_do_nothing())
        mine = update(_mark).where(_mark.c.id == _ONLY, _mark.c.generation == generation)
        if db.execute(mine.values(mark=now, generation=generation + 1)).rowcount != 1:
            return False
        if anew:
            db.execute(delete(matches_table))
        _delete(db, matches_table, gone)
        for some in _chunks(list(new), 5 * _CHUNK):
            _upsert(db, matches_table, [one._asdict() for one in some])
    return True


def unmatch(db: Connection) -> None:
    """Every envelope is matched anew the next time: a record that is gone leaves no trace in the book."""
    db.execute(delete(matches_table))
    db.execute(update(_mark).values(mark=0, generation=_mark.c.generation + 1))


# --------------------------------------------------------------------------------------------------------- verdicts


def kept_verdicts(store: Store) -> Iterator[Kept]:
    """Every verdict's cause."""
    columns = [_verdicts.c[name] for name in Kept._fields]
    with store.looking() as db:
        for row in db.execute(select(*columns).execution_options(yield_per=_AT_ONCE)):
            yield Kept(row.arrival, row.part, row.cause, bool(row.told))


def last_told(store: Store, arrivals_: Collection[int]) -> dict[Place, Verdict]:
    """The kept verdicts of some arrivals."""
    found: dict[Place, Verdict] = {}
    with store.looking() as db:
        for some in _chunks(sorted(arrivals_)):
            for row in db.execute(select(_verdicts).where(_verdicts.c.arrival.in_(some))):
                found[row.arrival, row.part] = _verdict(row)
    return found


def kept_judgements(store: Store, arrivals_: Collection[int]) -> dict[tuple[str, int], tuple[str, bytes]]:
    """The last judgements of some arrivals' envelopes: (envelope, arrival) to (digest, packed JSON)."""
    found: dict[tuple[str, int], tuple[str, bytes]] = {}
    with store.looking() as db:
        for some in _chunks(sorted(arrivals_)):
            for row in db.execute(select(judgements).where(judgements.c.arrival.in_(some))):
                found[row.envelope, row.arrival] = (row.digest, row.data)
    return found


def keep_verdicts(
    store: Store,
    rows: Sequence[Verdict],
    packed: Mapping[tuple[str, int], tuple[str, bytes]],
    *,
    whole: Collection[int] = (),
) -> None:
    """Replace verdicts and, where ``packed`` has them (digest and packed JSON), the last judgements; all or nothing.

    :param whole: arrivals of which all envelopes are among the rows: what they had besides goes
    """
    by_arrival: dict[int, set[str]] = {}
    for one in rows:
        by_arrival.setdefault(one.arrival, set()).add(one.envelope)
    kept = [
        {"envelope": envelope, "arrival": arrival, "digest": digest, "data": data}
        for (envelope, arrival), (digest, data) in packed.items()
    ]
    parts = {(one.arrival, one.part) for one in rows}
    with store.writing("judgements") as db:
        for some in _chunks(sorted(by_arrival.keys() & set(whole))):
            for table, mine, name in ((_verdicts, parts, "part"), (judgements, None, "envelope")):
                asked = select(table.c.arrival, table.c[name]).where(table.c.arrival.in_(some))
                for arrival, which in db.execute(asked).all():
                    stays = (arrival, which) in mine if mine is not None else which in by_arrival[arrival]
                    if not stays:
                        db.execute(delete(table).where(table.c.arrival == arrival, table.c[name] == which))
        _upsert(db, judgements, kept)
        _upsert(db, _verdicts, [_row(one) for one in rows])


def slips(store: Store) -> Iterator[tuple[Place, str]]:
    """What a report says of each envelope by reference (JSON), in order of arrival."""
    asked = select(_verdicts.c.arrival, _verdicts.c.part, _verdicts.c.slip)
    asked = asked.order_by(_verdicts.c.arrival, _verdicts.c.part).execution_options(yield_per=_AT_ONCE)
    with store.looking() as db:
        for row in db.execute(asked):
            yield (row.arrival, row.part), row.slip


def shown(store: Store, told: Iterable[Mark], at: datetime) -> None:
    """A report has told of these, and of the whole store; durable when this returns."""
    with store.writing("judgements") as db:
        for one in told:
            same = (_verdicts.c.arrival == one.arrival, _verdicts.c.part == one.part, _verdicts.c.digest == one.digest)
            # Judged again in between, by another run: that is news still.
            if db.execute(update(_verdicts).where(*same).values(told=1, before=b"")).rowcount:
                mine = (judgements.c.envelope == one.envelope, judgements.c.arrival == one.arrival)
                db.execute(update(judgements).where(*mine).values(digest=one.digest))
        _upsert(db, _nights, [{"id": _ONLY, "at": at.astimezone(UTC).replace(tzinfo=None)}])


def told_at(store: Store) -> datetime | None:
    """When a report last told of the whole store."""
    with store.looking() as db:
        at = db.execute(select(_nights.c.at)).scalar_one_or_none()
    return at.replace(tzinfo=UTC) if at is not None else None


def drop(store: Store, gone: Collection[Place]) -> None:
    """Verdicts of envelopes that are no more, with what was judged of them."""
    listed = sorted(gone)
    if not listed:
        return
    with store.writing("judgements") as db:
        for arrival, part in listed:
            mine = (_verdicts.c.arrival == arrival, _verdicts.c.part == part)
            name = db.execute(select(_verdicts.c.envelope).where(*mine)).scalar_one_or_none()
            db.execute(delete(judgements).where(judgements.c.arrival == arrival, judgements.c.envelope == name))
            db.execute(delete(_verdicts).where(*mine))


def that_tell(store: Store, words: Collection[bytes]) -> frozenset[Place]:
    """Envelopes of whose verdict a sentence holds one of these words (as JSON has them)."""
    asked = select(_verdicts.c.arrival, _verdicts.c.part, _verdicts.c.slip, _verdicts.c.before)
    found: set[Place] = set()
    with store.looking() as db:
        for row in db.execute(asked.execution_options(yield_per=_AT_ONCE)):
            told = row.slip.encode() + bytes(row.before)
            if any(word in told for word in words):
                found.add((row.arrival, row.part))
    return frozenset(found)


def forget_verdict(db: Connection, arrival: int, **which: str | int) -> None:
    """One verdict, by its part or the envelope's name, is made anew the next time."""
    columns = (_verdicts.c[name] == value for name, value in which.items())
    db.execute(delete(_verdicts).where(_verdicts.c.arrival == arrival, *columns))


# --------------------------------------------------------------------------------------------------------- readings


def rereadings(store: Store) -> dict[str, int]:
    """How often readings were replaced, of those that were."""
    with store.looking() as db:
        return {row.reading: row.times for row in db.execute(select(rereadings_table))}


def missing_readings(store: Store) -> frozenset[int]:
    """Arrivals that are tied to a reading that is not there."""
    asked = (
        select(arrivals.c.id)
        .outerjoin(readings, readings.c.key == arrivals.c.reading_key)
        .where(arrivals.c.reading_key != "", readings.c.key.is_(None))
    )
    with store.looking() as db:
        return frozenset(db.execute(asked).scalars())


def readings_of(store: Store, keys: Collection[str]) -> dict[str, bytes]:
    """Readings as packed, by key."""
    found: dict[str, bytes] = {}
    with store.looking() as db:
        for some in _chunks(sorted(keys)):
            asked = select(readings.c.key, readings.c.data).where(readings.c.key.in_(some))
            found.update({row.key: row.data for row in db.execute(asked)})
    return found


def sayings_of(store: Store, keys: Collection[str], edition: str) -> dict[str, bytes]:
    """What some readings tell of whose they are, as this edition of the program took it from them."""
    found: dict[str, bytes] = {}
    with store.looking() as db:
        for some in _chunks(sorted(keys)):
            asked = select(sayings_table.c.reading, sayings_table.c.data).where(
                sayings_table.c.reading.in_(some), sayings_table.c.edition == edition
            )
            found.update({row.reading: row.data for row in db.execute(asked)})
    return found


def readings_with_sayings(store: Store, edition: str) -> frozenset[str]:
    """Keys of the readings of which this edition of the program took what they tell."""
    asked = select(sayings_table.c.reading).where(sayings_table.c.edition == edition)
    with store.looking() as db:
        return frozenset(db.execute(asked.execution_options(yield_per=_AT_ONCE)).scalars())


def arrivals_told(store: Store) -> dict[str, list[int]]:
    """Arrivals, by the key of the reading, of readings whose seals are like others'."""
    used = select(twins_table.c.reading).union(select(twins_table.c.other_reading))
    asked = select(arrivals.c.reading_key, arrivals.c.id).where(arrivals.c.reading_key.in_(used))
    found: dict[str, list[int]] = {}
    with store.looking() as db:
        for row in db.execute(asked.order_by(arrivals.c.id)):
            found.setdefault(row.reading_key, []).append(row.id)
    return found


def _verdict(row: Any) -> Verdict:
    return Verdict(**{field.name: getattr(row, field.name) for field in fields(Verdict)} | {"told": bool(row.told)})


def _row(one: Verdict) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(Verdict)} | {"told": int(one.told)}


def _delete(db: Connection, table: Table, places: Iterable[Place]) -> None:
    for arrival, part in places:
        db.execute(delete(table).where(table.c.arrival == arrival, table.c.part == part))


def _chunks(values: Sequence[Any], size: int = _CHUNK) -> Iterator[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
