"""What the nightly job has to judge again, found out without loading what was read (夜间复核的计划).

Every envelope is matched against the records as they are now, but only those are looked at that may belong to another
record than before: the new ones, and those that say a number or code that a record which came, went or changed its name
bears, or nearly bears. Then each application's cause is held against the one it was judged by.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.causes import Came, Circumstances, Member, common_cause, group_cause
from pipeline.deciding import Said, by_sheet, corrected, landing
from pipeline.judging import key_of
from pipeline.keeping import received_of
from pipeline.programmes import Programme
from pipeline.records import Known
from pipeline.records.matching import (
    Identity,
    Sayings,
    codes_said,
    edition,
    pieces_of,
    sayings,
    sayings_from,
    whose,
)
from pipeline.rejudging import Group, Job, said_again
from pipeline.store import Store
from pipeline.store import book as rows
from pipeline.store import verdicts as kept
from pipeline.store.verdicts import Place
from pipeline.weighing import circumstances, decisions_by

__all__ = ["Plan", "identities", "plan"]

TRIES = 5  # at writing what was matched, while another run does
MANY = 20_000  # records that changed: from so many on all envelopes are matched anew
_NOTHING = Sayings((), ())


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    :ivar groups: whose cause is another than the one they were judged by, or of which no report has told yet
    :ivar gone: places of envelopes that are no more
    :ivar numbers: of all records in force
    :ivar matched: how many envelopes were matched again
    """

    groups: tuple[Group, ...]
    gone: frozenset[Place]
    numbers: frozenset[str]
    seen: Circumstances
    matched: int = 0
    envelopes: int = 0


@dataclass(slots=True)
class _Matched:
    """Matches as they stand: kept ones, and those made now."""

    all: dict[int, list[kept.Match]] = field(default_factory=dict)
    new: list[kept.Match] = field(default_factory=list)
    gone: set[Place] = field(default_factory=set)


def plan(job: Job, store: Store, programme: Programme) -> Plan:
    """Find out what has to be judged again, and keep whose each envelope is now.

    :raises StoreTrouble: the store cannot be used now
    """
    for attempt in range(TRIES):
        mark, generation = kept.mark(store)
        _, now = rows.state(store)
        force = {one.application_no: one.digest for one in rows.in_force(store).values()}
        seen = circumstances(store, job.said)
        own = {one.id: seen.own_cause(one) for one in seen.came.values()}
        matched = _matched(job, store, seen, own, mark, force)
        unchanged = mark == now and not matched.new and not matched.gone
        if unchanged or kept.keep_matches(store, generation, now, matched.new, matched.gone) or attempt == TRIES - 1:
            break
    groups = _groups(matched.all, own)
    judged = {(one.arrival, one.part): one for one in kept.kept_verdicts(store)}
    places = {(one.arrival, one.part) for some in matched.all.values() for one in some}
    return Plan(
        groups=tuple(_to_judge(groups, judged, programme, force, seen.versions, job.said)),
        gone=frozenset(judged.keys() - places),
        numbers=frozenset(force),
        seen=seen,
        matched=len(matched.new),
        envelopes=len(places),
    )


def _to_judge(
    groups: Mapping[str, Sequence[kept.Match]],
    judged: Mapping[Place, kept.Kept],
    programme: Programme,
    force: Mapping[str, str],
    versions: Mapping[str, tuple[int, ...]],
    said: Said,
) -> Iterator[Group]:
    common, decided = common_cause(programme), decisions_by(said)
    for key, members in groups.items():
        number = members[0].application_no
        how = [_how(one.how) for one in members]
        cause = group_cause(
            common,
            force.get(number, ""),
            versions.get(number, ()),
            [Member(one.own, one.part, *ways) for one, ways in zip(members, how, strict=True)],
            (number, *(one.sha256 for one in members)),
            decided,
        )
        last = (judged.get((one.arrival, one.part)) for one in members)
        if all(one is not None and one.told and one.cause == cause for one in last):
            continue
        yield Group(
            key, number, cause, tuple((one.arrival, one.part, *ways) for one, ways in zip(members, how, strict=True))
        )


def _groups(matches: Mapping[int, Sequence[kept.Match]], own: Iterable[int]) -> dict[str, list[kept.Match]]:
    """Envelopes by the key under which they are judged together, in order of arrival."""
    groups: dict[str, list[kept.Match]] = {}
    for arrival in own:
        for one in matches[arrival]:
            groups.setdefault(key_of(one.application_no, one.sha256, one.part), []).append(one)
    return groups


def _how(how: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    by, rivals = json.loads(how) if how else ((), ())
    return tuple(by), tuple(rivals)


# ---------------------------------------------------------------------------------------------------------- matching


def _matched(
    job: Job, store: Store, seen: Circumstances, own: Mapping[int, str], mark: int, force: Collection[str]
) -> _Matched:
    found = _Matched()
    again: list[int] = []
    touched = _touched_by(store, mark)
    for arrival, some in _by_arrival(kept.matches(store)):
        if arrival not in own:
            found.gone.update((arrival, one.part) for one in some)
            continue
        found.all[arrival] = some
        if any(
            one.own != own[arrival]
            or (one.application_no and one.application_no not in force)
            or touched is None
            or (touched and _says_one_of(one.codes, touched))
            for one in some
        ):
            again.append(arrival)
    again += [arrival for arrival in own if arrival not in found.all]
    if again:
        _match_again(job, store, seen, own, again, found)
    return found


def _match_again(
    job: Job, store: Store, seen: Circumstances, own: Mapping[int, str], again: Sequence[int], found: _Matched
) -> None:
    told = list(_said(job, store, seen, again))
    codes = {code for _, parts in told for part in parts for code in codes_said(part)}
    known = Known(_that_may_fit(identities(store), codes))
    for arrival, parts in told:
        before = {one.part for one in found.all.get(arrival, ())}
        came = seen.came[arrival]
        made = [_met(came, number, own[arrival], part, known) for number, part in enumerate(parts, start=1)]
        found.gone |= {(arrival, part) for part in before - {one.part for one in made}}
        found.new += [one for one in made if one not in found.all.get(arrival, ())]
        found.all[arrival] = made


def _met(came: Came, number: int, own: str, said: Sayings, known: Known[Identity]) -> kept.Match:
    record, by, rivals = whose(said, known)
    return kept.Match(
        arrival=came.id,
        part=number,
        own=own,
        application_no=record.application_no if record else "",
        how=json.dumps((by, rivals)) if by or rivals else "",
        codes=" ".join(sorted(codes_said(said))),
        sha256=came.sha256,
        reading=came.reading_key,
    )


def _that_may_fit(records: Iterable[Identity], codes: Collection[str]) -> Iterator[Identity]:
    """Those whose number or code one of these plain texts is or may be a misreading of: no other is ever met."""
    wanted = {hash(piece) for code in codes for piece in pieces_of(code)}
    for one in records:
        if any(not wanted.isdisjoint(map(hash, pieces_of(text))) for text in one.codes):
            yield one


def _touched_by(store: Store, mark: int) -> frozenset[int] | None:
    """Marks of all that a record which is another now than at ``mark`` bore or bears; None: all may be touched."""
    if not mark:
        return None
    changed = rows.since_mark(store, mark)
    if len(changed) > MANY:
        return None
    data = rows.data_of(store, {version for pair in changed.values() for version in pair if version})
    marks: set[int] = set()
    for before, after in changed.values():
        one, other = (_identity(data.get(version)) for version in (before, after))
        if one != other:
            texts = (text for identity in (one, other) if identity for text in identity.codes)
            marks.update(hash(piece) for text in texts for piece in pieces_of(text))
    return frozenset(marks)


def _says_one_of(codes: str, marks: frozenset[int]) -> bool:
    return any(not marks.isdisjoint(map(hash, pieces_of(code))) for code in codes.split())


def identities(store: Store) -> Iterator[Identity]:
    """What envelopes are matched by of every record in force, by number."""
    for stored in rows.in_force_all(store):
        if (one := _identity(stored.data)) is not None:
            yield one


def _identity(data: bytes | None) -> Identity | None:
    if not data:
        return None
    told = json.loads(data)
    return Identity(
        told["application_no"], told.get("uscc", ""), told.get("name", ""), tuple(told.get("previous_names", ()))
    )


def _by_arrival(matches: Iterable[kept.Match]) -> Iterator[tuple[int, list[kept.Match]]]:
    some: list[kept.Match] = []
    for one in matches:
        if some and some[0].arrival != one.arrival:
            yield some[0].arrival, some
            some = []
        some.append(one)
    if some:
        yield some[0].arrival, some


# ----------------------------------------------------------------------------------------------------------- sayings


def _said(
    job: Job, store: Store, seen: Circumstances, arrivals: Sequence[int]
) -> Iterator[tuple[int, tuple[Sayings, ...]]]:
    """What the envelopes of some arrivals say of whose they are; of one that was not read nobody knows."""
    readable = [a for a in arrivals if seen.came[a].reading_key and seen.came[a].files and a not in seen.missing]
    by_people = {a for a in readable if a in seen.corrections}
    plain = [a for a in readable if a not in by_people]
    data = kept.sayings_of(store, {seen.came[a].reading_key for a in plain}, edition())
    lacking = list({seen.came[a].reading_key: a for a in plain if seen.came[a].reading_key not in data}.values())
    for made in said_again(job, store, lacking):
        store.keep_sayings(edition(), made)
        data |= made
    heard = by_sheet(job.said.corrections)
    in_words = set(readable)
    for arrival in arrivals:
        if arrival in by_people:
            submissions = [one.submission for one in received_of(store, store.arrivals_of([arrival]), {})[arrival]]
            yield arrival, tuple(sayings(corrected(one, landing(one, heard))) for one in submissions)
        elif arrival in in_words:
            yield arrival, sayings_from(data[seen.came[arrival].reading_key]) or (_NOTHING,)
        else:
            yield arrival, (_NOTHING,)
