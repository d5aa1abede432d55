"""What the nightly job has to judge again, found out without loading what was read (夜间复核的计划).

Every envelope is matched against the records as they are now, but only those are looked at that may belong to another
record than before: the new ones, and those that say a number or code that a record which came, went or changed its name
bears, or nearly bears. Then each application's cause is held against the one it was judged by.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.book import record_key
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
    sayings,
    sayings_from,
    whose,
)
from pipeline.records.touching import Touched, codes_borne, that_may_fit
from pipeline.rejudging import Group, Job, said_again
from pipeline.store import Store
from pipeline.store import book as rows
from pipeline.store import verdicts as kept
from pipeline.store.verdicts import Place
from pipeline.weighing import circumstances, decisions_by

__all__ = ["Plan", "identities", "plan"]

TRIES = 5  # at writing what was matched, while another run does
MANY = 20_000  # records that changed: from so many on all envelopes are matched anew
FEW = 5_000  # envelopes: to match more, all records are laid out, and not only those that may fit
AT_ONCE = 2_000  # envelopes whose sayings are held at once
_NOTHING = Sayings((), ())


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    :ivar groups: whose cause is another than the one they were judged by, or of which no report has told yet
    :ivar gone: places of envelopes that are no more
    :ivar numbers: of all records in force
    :ivar seen: as far as judging these needs it: of a season not all is held while some of it is judged
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
        force = rows.digests(store)
        seen = circumstances(store, job.said)
        own = {one.id: seen.own_cause(one) for one in seen.came.values()}
        matched = _matched(job, store, seen, own, mark, force)
        unchanged = mark == now and not matched.new and not matched.gone
        if unchanged or kept.keep_matches(store, generation, now, matched.new, matched.gone) or attempt == TRIES - 1:
            break
    groups = _groups(matched.all, own)
    judged = {(one.arrival, one.part): one for one in kept.kept_verdicts(store)}
    places = {(one.arrival, one.part) for some in matched.all.values() for one in some}
    to_judge = tuple(_to_judge(groups, judged, programme, force, seen.versions, job.said))
    wanted = {arrival for group in to_judge for arrival, *_ in group.members}
    return Plan(
        groups=to_judge,
        gone=frozenset(judged.keys() - places),
        numbers=frozenset(force),
        seen=replace(seen, came={a: seen.came[a] for a in wanted}, times={}, missing=frozenset(), versions={}),
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
    records = tuple(identities(store)) if touched is None or touched.codes else ()
    borne = codes_borne(records)
    for arrival, some in _by_arrival(kept.matches(store)):
        if arrival not in own:
            found.gone.update((arrival, one.part) for one in some)
            continue
        found.all[arrival] = some
        if (
            touched is None
            or any(one.own != own[arrival] or (one.application_no and one.application_no not in force) for one in some)
            or touched.may_concern([code for one in some for code in one.codes.split()], borne)
        ):
            again.append(arrival)
    again += [arrival for arrival in own if arrival not in found.all]
    if again:
        _match_again(job, store, seen, own, again, records or tuple(identities(store)), found)
    return found


def _match_again(
    job: Job,
    store: Store,
    seen: Circumstances,
    own: Mapping[int, str],
    again: Sequence[int],
    records: Sequence[Identity],
    found: _Matched,
) -> None:
    told: Iterable[tuple[int, tuple[Sayings, ...]]] = _said(job, store, seen, again)
    if len(again) > FEW:
        known = Known(records)
    else:
        told = list(told)
        codes = {code for _, parts in told for part in parts for code in codes_said(part)}
        known = Known(that_may_fit(records, codes))
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


def _touched_by(store: Store, mark: int) -> Touched | None:
    """By what records that are others now than at ``mark`` bore or bear; None: any envelope may be touched."""
    if not mark:
        return None
    changed = rows.since_mark(store, mark)
    if len(changed) > MANY:
        return None
    data = rows.data_of(store, {version for pair in changed.values() for version in pair if version})
    pairs = [(_identity(data.get(before)), _identity(data.get(after))) for before, after in changed.values()]
    return Touched.by(one for before, after in pairs if before != after for one in (before, after) if one)


def identities(store: Store, numbers: Collection[str] | None = None) -> Iterator[Identity]:
    """What envelopes are matched by of every record in force, or of those with some numbers."""
    stored = (
        rows.in_force_all(store)
        if numbers is None
        else rows.versions_of(store, set(map(record_key, numbers)), in_force_only=True)
    )
    for one in stored:
        if (identity := _identity(one.data)) is not None:
            yield identity


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
    readable = {a for a in arrivals if seen.came[a].reading_key and seen.came[a].files and a not in seen.missing}
    by_people = readable & seen.corrections.keys()
    taken = kept.readings_with_sayings(store, edition())
    lacking = {seen.came[a].reading_key: a for a in arrivals if a in readable and a not in by_people}
    for made in said_again(job, store, [a for key, a in lacking.items() if key not in taken]):
        store.keep_sayings(edition(), made)
    heard = by_sheet(job.said.corrections)
    for start in range(0, len(arrivals), AT_ONCE):
        some = arrivals[start : start + AT_ONCE]
        keys = {seen.came[a].reading_key for a in some if a in readable}
        data = kept.sayings_of(store, keys, edition())
        for arrival in some:
            if arrival in by_people:
                submissions = [one.submission for one in received_of(store, store.arrivals_of([arrival]), {})[arrival]]
                yield arrival, tuple(sayings(corrected(one, landing(one, heard))) for one in submissions)
            elif arrival in readable:
                told = data.get(seen.came[arrival].reading_key)
                yield arrival, (sayings_from(told) if told else ()) or (_NOTHING,)
            else:
                yield arrival, (_NOTHING,)
