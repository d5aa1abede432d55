"""The nightly job (夜间复核): all that is stored against the records as they are now, without reading a page.

Only what changed is judged again (:mod:`pipeline.planning`); judgements are kept as they are made, and count as told
when the report is written: a run that is killed is made good by the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.book import Brought
from pipeline.keeping import said
from pipeline.model import EnvelopeReport, FindingCode, Report, Severity, Text, Totals
from pipeline.model.nights import Night, NightFinding
from pipeline.model.slips import Told
from pipeline.pauses import without_pauses
from pipeline.planning import Plan, identities, plan
from pipeline.programmes import load
from pipeline.rejudging import FEW, Chunk, Done, Job, in_chunks, judged_again
from pipeline.report.night_report import News, Ref, write_night
from pipeline.report.spool import Spool, in_folder
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store import verdicts as kept
from pipeline.weighing import findings_kept

__all__ = ["Reconciled", "chunks_of", "reconcile"]

MOST_PICTURED = 2_000  # changed envelopes whose findings get pictures: nobody looks at more in a day
MOST_HEADS = 500  # changed envelopes that whoever started the run is told of
MOST_IN_NIGHT = 300  # findings and sentences in a night's summary; counts are of all


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a night came to: its summary, the report (with the heads of some changed envelopes), its page."""

    night: Night
    report: Report
    html: Path
    some_failed: bool
    judged: int


@dataclass
class _Tally:
    """What came of the envelopes that were judged again."""

    before: dict[str, Ref] = field(default_factory=dict)
    now: dict[str, Ref] = field(default_factory=dict)
    heads: list[EnvelopeReport] = field(default_factory=list)
    untold: list[kept.Mark] = field(default_factory=list)
    judged: int = 0

    def add(self, done: Done, spool: Spool) -> None:
        for one in done:
            self.judged += 1
            if not one.told:
                self.untold.append(kept.Mark(*one.place, one.digest, one.envelope))
            if one.shown is None:
                continue
            spool.add(one.place, one.shown, one.now)
            for told in one.before:
                self.before.setdefault(told.id, Ref(one.envelope, one.application_no, told))
            for told in one.now:
                self.now.setdefault(told.id, Ref(one.envelope, one.application_no, told))
            if one.head is not None and len(self.heads) < MOST_HEADS:
                self.heads.append(one.head)


def reconcile(store: Store, brought: Brought, out: Path, *, programme_name: str, settings: Settings) -> Reconciled:
    """Judge again what changed, and write the report of the whole store.

    :raises ReportTrouble: the report cannot be written; what was judged is kept, and stays news
    """
    started, last = datetime.now(UTC), kept.told_at(store)
    programme = load(programme_name)
    job = Job(settings, programme_name, out, said(store))
    with without_pauses():
        todo = plan(job, store, programme)
    tally = _Tally()
    with in_folder(out) as spool:
        chunks = chunks_of(todo, pictured=lambda: len(spool.kept) < MOST_PICTURED)
        for done in judged_again(job, store, chunks, many=len(todo.groups) > FEW):
            tally.add(done, spool)
        _dropped(store, todo, tally)
        spool.add_slips(kept.slips(store))
        counts = _counted(spool, todo.numbers)
        news = News(
            at=last,
            new=[ref for id_, ref in tally.now.items() if id_ not in tally.before],
            resolved=[ref for id_, ref in tally.before.items() if id_ not in tally.now],
            changed=len(spool.kept),
            unchanged=counts.totals.envelopes - len(spool.kept),
            without_record=counts.without_record,
            alarms=brought.alarms,
        )
        generated = datetime.now(UTC)
        report = Report(
            programme=programme.id,
            rules_version=programme.rules_version,
            generated_at=generated,
            totals=counts.totals,
            not_received=counts.missing,
            problems=tuple(dict.fromkeys((*brought.alarms, *brought.problems, *counts.problems, *counts.notes))),
        )
        with without_pauses():
            html = write_night(report, news, spool, _named(store, counts.missing), out)
        kept.shown(store, tally.untold, generated)
    some_failed = bool(brought.alarms or brought.problems or counts.problems)
    whole = report.model_copy(update={"envelopes": tuple(tally.heads)})
    night = _night(report, news, counts, started, len(todo.numbers))
    return Reconciled(night, whole, html, some_failed, tally.judged)


def chunks_of(todo: Plan, *, pictured: Callable[[], bool]) -> Iterator[Chunk]:
    """What is to be judged, some applications at a time.

    :param pictured: asked before each: whether findings get their pictures still
    """
    for groups in in_chunks(todo.groups):
        arrivals = {arrival for group in groups for arrival, *_ in group.members}
        keys = {todo.seen.came[arrival].reading_key for arrival in arrivals} & todo.seen.told.keys()
        told = {key: todo.seen.told[key] for key in keys}
        speaking = {a for some in told.values() for twin in some for a in twin.arrivals}
        beside = {other for arrival in arrivals for other in todo.seen.near.get(arrival, ())} - arrivals
        names = {a: todo.seen.names[a] for a in speaking if a in todo.seen.names}
        yield Chunk(groups, told, names, tuple(sorted(beside)), pictured=pictured())


def _dropped(store: Store, todo: Plan, tally: _Tally) -> None:
    """Envelopes that are no more: what was found in them and stands nowhere else is resolved."""
    if not todo.gone:
        return
    arrivals = {arrival for arrival, _ in todo.gone}
    verdicts, judgements = kept.last_told(store, arrivals), kept.kept_judgements(store, arrivals)
    for place in sorted(todo.gone & verdicts.keys()):
        one = verdicts[place]
        digest, packed = judgements.get((one.envelope, one.arrival), ("", b""))
        told = findings_kept(packed) if digest else Told.from_json(one.before)
        for found in told:
            tally.before.setdefault(found.id, Ref(one.envelope, one.application_no or None, found))
    kept.drop(store, todo.gone)


# ------------------------------------------------------------------------------------------------------------ counts


@dataclass(frozen=True, slots=True)
class _Counts:
    totals: Totals
    missing: tuple[str, ...]
    without_record: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def _counted(spool: Spool, numbers: frozenset[str]) -> _Counts:
    verdicts: Counter[str] = Counter()
    pages = 0
    seen: set[str] = set()
    without: list[str] = []
    problems: list[str] = []
    notes: list[str] = []
    for _, slip in spool.each():
        verdicts[slip.verdict] += 1
        pages += slip.pages
        if slip.application_no:
            seen.add(slip.application_no)
        else:
            without.append(slip.envelope)
        problems += slip.problems
        notes += slip.notes
    missing = tuple(sorted(numbers - seen))
    totals = Totals(
        envelopes=verdicts.total(),
        pages=pages,
        clean=verdicts["clean"],
        with_findings=verdicts["findings"],
        failed=verdicts["unreadable"],
        not_received=len(missing),
    )
    return _Counts(totals, missing, tuple(without), tuple(problems), tuple(notes))


def _named(store: Store, missing: Sequence[str]) -> list[tuple[str, str]]:
    names = {one.application_no: one.name for one in identities(store, missing)}
    return [(number, names.get(number, "")) for number in missing]


def _night(report: Report, news: News, counts: _Counts, started: datetime, applications: int) -> Night:
    return Night(
        started_at=started,
        finished_at=datetime.now(UTC),
        programme=report.programme,
        rules_version=report.rules_version,
        applications=applications,
        envelopes=report.totals.envelopes,
        clean=report.totals.clean,
        with_findings=report.totals.with_findings,
        failed=report.totals.failed,
        changed=news.changed,
        unchanged=news.unchanged,
        new_count=len(news.new),
        resolved_count=len(news.resolved),
        not_received=report.totals.not_received,
        without_record=len(news.without_record),
        new=tuple(map(_finding, news.new[:MOST_IN_NIGHT])),
        resolved=tuple(map(_finding, news.resolved[:MOST_IN_NIGHT])),
        stuck=tuple(dict.fromkeys(counts.problems))[:MOST_IN_NIGHT],
        alarms=tuple(news.alarms),
    )


def _finding(ref: Ref) -> NightFinding:
    return NightFinding(
        application_no=ref.application_no,
        envelope=ref.envelope,
        id=ref.told.id,
        code=FindingCode(ref.told.code),
        severity=Severity(ref.told.severity),
        message=Text(zh=ref.told.zh, en=ref.told.en),
    )
