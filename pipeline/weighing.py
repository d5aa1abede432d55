"""Judgements held against the last ones, and kept with their causes: what is news, what is as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.causes import Came, Circumstances, Member, about, common_cause, group_cause
from pipeline.deciding import Said, by_whom
from pipeline.judging import Judged
from pipeline.model.slips import Slip, Told
from pipeline.programmes import Programme
from pipeline.records.marks import content_of, digest_of
from pipeline.store import Store, packing
from pipeline.store.book import versions_of_changed
from pipeline.store.quarantine import all_barred
from pipeline.store.verdicts import (
    Verdict,
    keep_verdicts,
    kept_judgements,
    last_told,
    missing_readings,
    rereadings,
)
from pipeline.twins import twins_of

__all__ = [
    "UNTOLD",
    "Weighed",
    "all_that_came",
    "causes_of",
    "circumstances",
    "decisions_by",
    "findings_kept",
    "weighed",
]

UNTOLD = ""  # digest of a judgement that no report has shown


@dataclass(frozen=True, slots=True)
class Weighed:
    """A judgement held against the last one of its envelope. ``same``: it says what that said.

    ``before``: the findings that a report told last; what it tells besides is news.
    """

    judged: Judged
    verdict: Verdict
    same: bool
    before: tuple[Told, ...]


def weighed(
    store: Store,
    judged: Sequence[Judged],
    causes: Mapping[str, str],
    *,
    told: Collection[int] = (),
    whole: Collection[int] = (),
    keep: bool = True,
) -> tuple[Weighed, ...]:
    """Hold judgements against the last ones, and keep them.

    :param told: arrivals of which a report is sure to tell; of others it has told only if they are as they were
    :param whole: arrivals of which all envelopes are among these
    """
    arrivals = {one.arrival for one in judged}
    judgements, verdicts_ = kept_judgements(store, arrivals), last_told(store, arrivals)
    found, packed = [], dict[tuple[str, int], tuple[str, bytes]]()
    for one in judged:
        report = one.report
        digest = hashlib.sha256(report.model_dump_json().encode()).hexdigest()
        last = judgements.get((report.envelope, one.arrival))
        same = last is not None and last[0] == digest
        is_told = same or one.arrival in told
        before = _told_before(last, verdicts_.get((one.arrival, report.part)), report.envelope)
        if not same:
            data = report.model_dump_json(exclude={"pages", "sheets", "documents"}).encode()
            packed[report.envelope, one.arrival] = (digest if is_told else UNTOLD, packing.packed(data))
        verdict = Verdict(
            arrival=one.arrival,
            part=report.part,
            cause=causes.get(one.group, ""),
            digest=digest,
            told=is_told,
            envelope=report.envelope,
            sha256=report.sha256,
            application_no=report.application_no or "",
            slip=Slip.of(report, one.problems, one.notes).to_json(),
            before=b"" if is_told or not before else Told.to_json(before),
        )
        found.append(Weighed(one, verdict, same, before))
    if keep:
        keep_verdicts(store, [one.verdict for one in found], packed, whole=whole)
    return tuple(found)


def _told_before(last: tuple[str, bytes] | None, verdict: Verdict | None, envelope: str) -> tuple[Told, ...]:
    """The findings of an envelope that a report told last."""
    if last is not None and last[0] != UNTOLD:
        return findings_kept(last[1])
    return Told.from_json(verdict.before) if verdict is not None and verdict.envelope == envelope else ()


def findings_kept(packed: bytes) -> tuple[Told, ...]:
    """The findings of a judgement as packed; none where another version kept it, or it is damaged."""
    try:
        found = json.loads(packing.if_whole(packed) or b"").get("findings", ())
        return tuple(Told(f["id"], f["code"], f["severity"], f["message"]["zh"], f["message"]["en"]) for f in found)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


# ------------------------------------------------------------------------------------------------------------ causes


def circumstances(store: Store, said: Said) -> Circumstances:
    """What of the whole store the causes of arrivals depend on."""
    told = twins_of(store)
    came = {one.id: one for one in all_that_came(store)}
    speaking = {a for some in told.values() for twin in some for a in twin.arrivals}
    corrections, near = about(said, _by_content(store, said)) if said.corrections else ({}, {})
    return Circumstances(
        told=told,
        names={a: came[a].name for a in speaking if a in came},
        times=rereadings(store),
        why=all_barred(store),
        missing=missing_readings(store),
        corrections=corrections,
        near=near,
        came=came,
        versions=versions_of_changed(store),
    )


def all_that_came(store: Store) -> Iterator[Came]:
    """Every arrival as far as its cause goes, in order."""
    for row in store.arrival_rows():
        yield Came(
            row.id, row.name, row.sha256, row.reading_key, row.received_on, row.problem, row.files != "[]", row.taken_at
        )


def _by_content(store: Store, said: Said) -> dict[str, list[int]]:
    """Arrivals by the hashes of theirs that corrections name."""
    wanted = {sha256 for one in said.corrections for sha256 in (one.sheet.partition("#")[0], one.sha256)}
    found: dict[str, list[int]] = {}
    for row in store.arrival_rows():
        for sha256 in {row.sha256, *(file[1] for file in json.loads(row.files))} & wanted:
            found.setdefault(sha256, []).append(row.id)
    return found


def causes_of(judged: Sequence[Judged], programme: Programme, seen: Circumstances, said: Said) -> dict[str, str]:
    """The cause of each group, from all its envelopes as judged, in order of arrival."""
    common, decided = common_cause(programme), decisions_by(said)
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(one.group, []).append(one)
    own = {a: seen.own_cause(seen.came[a]) for a in {one.arrival for one in judged}}
    return {
        key: group_cause(
            common,
            digest_of(content_of(group[0].match.record)) if group[0].match.record else "",
            seen.versions.get(group[0].report.application_no or "", ()),
            [Member(own[j.arrival], j.report.part, j.match.by, j.match.rivals) for j in group],
            (group[0].report.application_no or "", *(j.report.sha256 for j in group)),
            decided,
        )
        for key, group in groups.items()
    }


def decisions_by(said: Said) -> dict[str, tuple[int, ...]]:
    """Ids of decisions, by the application and the content that they are about."""
    return {key: tuple(one.id for one in some) for key, some in by_whom(said.decisions).items()}
