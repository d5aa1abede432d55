"""Personal data removed after the season (删除个人信息): envelopes, all that was read and judged of them, and records.

First what is to go is found (:func:`_planned`), then its rows go in one transaction, then files, then the bytes that
deleted rows leave behind. A run that is killed between is finished by the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from pipeline.errors import BadInput
from pipeline.store import Arrival, Store, book_forgetting
from pipeline.store.cache import MOST_DAYS
from pipeline.store.removal import (
    Removal,
    Snapshot,
    begin,
    end,
    is_begun,
    orphans,
    remove,
    snapshots_of,
    sweep_files,
)
from pipeline.store.verdicts import that_tell

__all__ = ["Forgotten", "forget"]

ELSEWHERE = (
    "reports with their evidence, backups, and the history of a Prefect server of your own lie elsewhere and were not "
    "reached: remove them there; what other applicants' papers say stays with them"
)
TELLING = ("application_no", "name", "uscc", "mobile", "email")  # of a record: what finds its applicant in a sentence
SHORTEST = 4  # signs: a shorter word is found everywhere
_CALLED = {
    "arrivals": "envelopes as they came in",
    "snapshots": "snapshots of online records",
    "records": "applications' online records",
    "record_versions": "versions of them",
    "imprints": "imprints of seals",
    "twins": "likenesses of seals",
    "matches": "notes on whose an envelope is",
    "verdicts": "notes on why an envelope was judged so",
    "rereadings": "notes on what was read again",
    "quarantine": "notes on what could not be read",
    "night_lines": "lines of nightly digests",
    "run history": "history of Prefect's runs",
}
_HASHES = re.compile(rb'"sha256":\s*"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed (or would be): envelopes by name, applications, rows and files by kind; and what was not.

    ``kept``: a sentence for each thing that was asked for and stays. ``notes``: what nobody here could reach.
    """

    envelopes: tuple[str, ...]
    applications: tuple[str, ...]
    counts: Mapping[str, int]
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = (ELSEWHERE,)

    def lines(self, *, dry_run: bool = False) -> Iterator[str]:
        """What happened (or would) in plain words, a line each."""
        done = "would be removed" if dry_run else "removed"
        for name in self.envelopes:
            yield f"{done}: envelope {name}"
        for number in self.applications:
            yield f"{done}: application {number}"
        told = ", ".join(f"{count} {_CALLED.get(kind, kind)}" for kind, count in self.counts.items())
        yield (
            f"{done}: {told}"
            if told
            else "nothing was there to remove"
            if not dry_run
            else "nothing is there to remove"
        )


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the last judgement says of one envelope."""

    envelope: str
    arrival: int
    told: Mapping[str, Any]
    data: bytes

    @property
    def application(self) -> str:
        return str(self.told.get("application_no") or "")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Arrivals and applications that go, what is known of records that goes with its day, and sentences on what stays.

    ``staying``: applications of which envelopes stay.
    """

    arrivals: tuple[Arrival, ...]
    applications: frozenset[str]
    before: datetime | None = None
    staying: frozenset[str] = frozenset()
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = (ELSEWHERE,)


def forget(
    store: Store, applications: Sequence[str] = (), *, before: date | None = None, dry_run: bool = False
) -> Forgotten:
    """Remove all that is kept of these applications, or of everything received before a day.

    :param dry_run: only say what would be removed
    :raises BadInput: nothing is known of an application; then nothing is removed
    :raises StoreTrouble: other runs use the store, or it cannot be written now
    """
    if dry_run:
        would = _found(store, _planned(store, applications, before, is_begun(store)))[0]
        return replace(would, notes=(*would.notes, *_beyond(store)))
    with store.alone():
        plan = _planned(store, applications, before, is_begun(store))
        told, removal = _found(store, plan)
        begin(store)
        with store.writing() as db:
            counts = remove(db, removal)
        counts.pop("record_now", None)  # told of as records already
        originals, history, problems = sweep_files(store)
        end(store)
    counted = {**told.counts, **counts, "originals": originals, "run history": int(history)}
    return replace(
        told,
        counts={k: n for k, n in counted.items() if n},
        kept=(*told.kept, *problems),
        notes=(*told.notes, *_beyond(store)),
    )


def _beyond(store: Store) -> Iterator[str]:
    """What servers and other machines keep of what is gone."""
    if store.on_server:
        yield (
            "the database server's own journal (WAL), replicas and backups hold removed rows until they are renewed: "
            "see to them there"
        )
    if store.originals.is_far:
        yield (
            f"old versions of objects at {store.originals.place}, if that keeps any, and copies of scans on other "
            f"machines (cache in their YANZHANG_HOME, at most {MOST_DAYS} days) were not reached: see to them there"
        )


def _planned(store: Store, applications: Sequence[str], before: date | None, unfinished: bool) -> _Plan:
    judged = tuple(map(_in_short, _judged(store)))
    of: dict[int, set[str]] = {}
    for one in judged:
        of.setdefault(one.arrival, set()).add(one.application)
    if before is not None:
        return _before(store, before, judged, of)
    known = {number for numbers in of.values() for number in numbers}
    known |= {str(r.get("application_no")) for s in snapshots_of(store) for r in _records(s)}
    known |= book_forgetting.numbers_known(store, applications)
    # Of one whose rows went in a run that was killed, only bytes are left.
    if (unknown := sorted({*applications} - known)) and not unfinished:
        raise BadInput(
            f"nothing is known of the application {', '.join(unknown)}: nothing was removed, "
            "name applications as their records do"
        )
    return _of_applications(store, frozenset(applications) & known, of)


def _of_applications(store: Store, wanted: frozenset[str], of: Mapping[int, set[str]]) -> _Plan:
    arrivals = store.arrivals()
    mine = [a for a in arrivals if of.get(a.id, set()) & wanted]
    whole = tuple(a for a in mine if of[a.id] <= wanted)
    kept = tuple(
        f"{a.name} stays: it also holds an envelope of {_listed(of[a.id] - wanted)}; name that too, or forget by date"
        for a in mine
        if a not in whole
    )
    unjudged = sum(a.id not in of for a in arrivals)
    notes = (ELSEWHERE,) if not unjudged else (ELSEWHERE, _not_judged(unjudged))
    return _Plan(whole, wanted, kept=kept, notes=notes)


def _before(store: Store, day: date, judged: Sequence[_Judgement], of: Mapping[int, set[str]]) -> _Plan:
    arrivals = store.arrivals()
    days = {a.id: _day_of(a, judged) for a in arrivals}
    gone = tuple(a for a in arrivals if (on := days[a.id]) is not None and on < day)
    undated = [a.name for a in arrivals if days[a.id] is None]
    kept = (f"{len(undated)} envelopes bear no day ({', '.join(undated)}): forget them by application",)
    # What stays of an application stays with its record.
    staying = {number for a in arrivals if a not in gone for number in of.get(a.id, ())}
    applications = frozenset(n for a in gone for n in of.get(a.id, ()) if n and n not in staying)
    return _Plan(
        gone,
        applications,
        before=datetime.combine(day, time.min),
        staying=frozenset(staying),
        kept=kept if undated else (),
    )


def _day_of(arrival: Arrival, judged: Sequence[_Judgement]) -> date | None:
    """The day an arrival was received, the latest that is known of its envelopes; else the day it was taken in."""
    told = [str(j.told["received_on"]) for j in judged if j.arrival == arrival.id and j.told.get("received_on")]
    if told:
        return max(date.fromisoformat(one) for one in told)
    return arrival.received_on or (arrival.taken_at.date() if arrival.taken_at else None)


def _found(store: Store, plan: _Plan) -> tuple[Forgotten, Removal]:
    """All rows that go with a plan."""
    gone = {a.id for a in plan.arrivals}
    staying = [a for a in store.arrivals() if a.id not in gone]
    kept_hashes = _hashes(staying)
    hashes = frozenset(_hashes(plan.arrivals) - kept_hashes)
    kept_keys = {a.reading_key for a in staying if a.reading_key}
    snapshots = tuple(snapshots_of(store))
    old = frozenset(s.id for s in snapshots if plan.before is not None and s.taken_at < plan.before)
    records = [r for s in snapshots for r in _records(s) if str(r.get("application_no")) in plan.applications]
    in_book = book_forgetting.numbers_known(store, plan.applications)
    records += [json.loads(data) for data in book_forgetting.data_under(store, in_book)]
    words = _words(records, plan)
    removal = Removal(
        arrivals=frozenset(gone),
        readings=frozenset(k for k, data in orphans(store, kept_keys) if _is_lost(data, hashes, kept_hashes)),
        sha256s=hashes,
        applications=plan.applications,
        snapshots=old,
        versions=book_forgetting.outlived(store, plan.before, plan.staying) if plan.before is not None else frozenset(),
        new_snapshots=_without(plan.applications, [s for s in snapshots if s.id not in old]),
        new_judgements={
            (j.envelope, j.arrival): _silent(j)
            for j in _judged(store)
            if j.arrival not in gone and any(word in j.data for word in words)
        },
        verdicts=frozenset(place for place in that_tell(store, words) if place[0] not in gone),
    )
    originals = sum(bool(store.originals.size(sha256)) for sha256 in hashes)
    counts = {
        "arrivals": len(gone),
        "readings": len(removal.readings),
        "snapshots": len(old),
        "records": len({str(r.get("application_no")) for r in records}),
        "originals": originals,
    }
    told = Forgotten(
        envelopes=tuple(a.name for a in plan.arrivals),
        applications=tuple(sorted(plan.applications)),
        counts={k: n for k, n in counts.items() if n},
        kept=plan.kept,
        notes=plan.notes,
    )
    return told, removal


def _judged(store: Store) -> Iterator[_Judgement]:
    for envelope, arrival, _, data in store.each_judgement():
        yield _Judgement(envelope, arrival, json.loads(data) if data else {}, data)


def _in_short(one: _Judgement) -> _Judgement:
    """What tells whose it is and when it came: of a season not every word is held at once."""
    told = {name: one.told.get(name) for name in ("application_no", "received_on")}
    return replace(one, told=told, data=b"")


def _records(snapshot: Snapshot) -> list[dict[str, Any]]:
    found = json.loads(snapshot.data) if snapshot.data else []
    return [one for one in found if isinstance(one, dict)]


def _without(applications: Collection[str], snapshots: Sequence[Snapshot]) -> dict[int, bytes]:
    """Snapshots that hold a record of these, without it."""
    left: dict[int, bytes] = {}
    for snapshot in snapshots:
        records = _records(snapshot)
        staying = [r for r in records if str(r.get("application_no")) not in applications]
        if len(staying) < len(records):
            left[snapshot.id] = json.dumps(staying, ensure_ascii=False, separators=(",", ":")).encode()
    return left


def _words(records: Sequence[Mapping[str, Any]], plan: _Plan) -> frozenset[bytes]:
    """What would still tell of those forgotten, in sentences on others."""
    told = [str(r.get(name) or "") for r in records for name in TELLING]
    told += [a.name for a in plan.arrivals]
    return frozenset(json.dumps(w, ensure_ascii=False)[1:-1].encode() for w in told if len(w) >= SHORTEST)


def _silent(judgement: _Judgement) -> bytes:
    """A judgement without what it found: the next nightly run finds it anew, without those forgotten."""
    return json.dumps({**judgement.told, "checks": [], "findings": []}, ensure_ascii=False).encode()


def _is_lost(data: bytes, gone: Collection[str], kept: Collection[str]) -> bool:
    """Whether a reading that nobody uses is of what goes, or of nothing that is there."""
    named = {found.decode() for found in _HASHES.findall(data)}
    return any(n in gone for n in named) or not any(n in kept for n in named)


def _hashes(arrivals: Sequence[Arrival]) -> set[str]:
    return {sha256 for a in arrivals for sha256 in (a.sha256, *(f.sha256 for f in a.files))}


def _listed(applications: Collection[str]) -> str:
    return ", ".join(number or "nobody known" for number in sorted(applications))


def _not_judged(count: int) -> str:
    return f"{count} envelopes were not judged yet, so nobody can say whose they are: run yanzhang reconcile first"
