"""The street: the list of steps from scans to report, on one screen.

    files ─ take in ─ read ─┐
                   records ─┴─ judge ─ write

Taking in stores originals; reading observes each arrival once (in processes of its own) and keeps what was seen;
judging ties submissions to records and applies the programme's rules; writing decides nothing. The nightly job walks
the same street from "judge" on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryFile

from pipeline.as_printed import with_record_changes
from pipeline.book import bring_up
from pipeline.book import load as declared
from pipeline.covering import said_of_covers
from pipeline.errors import BadInput
from pipeline.intake.batch import Split, TakenIn, take_in
from pipeline.judging import Judged, judge_all, of_arrivals
from pipeline.keeping import keep_records, problems_of, received_for, remember, said
from pipeline.model import Parcel, Record, Report, Totals
from pipeline.model.nights import Night
from pipeline.parcels import parcels_of, said_of_parcels
from pipeline.programmes import load
from pipeline.readers import Readers
from pipeline.reconciling import reconcile
from pipeline.records import Known, Loaded
from pipeline.report import write
from pipeline.report.published import place_of_reports, published
from pipeline.settings import Settings
from pipeline.store import Store, nights, store_of
from pipeline.store.address import looked_up
from pipeline.store.far_place import FarPlace
from pipeline.store.leases import lease
from pipeline.telling.nightly import kept_night, tell_of
from pipeline.weighing import causes_of, circumstances

__all__ = ["Outcome", "Retried", "judge_batch", "open_batch", "process_batch", "reconcile_store", "reports_of", "retry"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ends with: the report, where its page is, and whether something could not be processed (exit 3).

    ``night``: of the nightly job, whose report holds the heads of some changed envelopes only.
    """

    report: Report
    html: Path
    some_failed: bool
    night: Night | None = None
    notes: tuple[str, ...] = ()  # what went wrong beside the run: who could not be told of it


@dataclass(frozen=True, slots=True)
class Retried:
    """What reading again came to: how many envelopes were tried, and sentences on what still cannot be read."""

    envelopes: int
    problems: tuple[str, ...]


def process_batch(
    batch: Path,
    records: str,
    out: Path,
    *,
    programme_name: str,
    received_on: date | None,
    split: Split,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """The main job (``yanzhang process``). What is wrong with the input as a whole is said before a page is read."""
    store, loaded, taken = open_batch(
        batch, records, out, programme_name=programme_name, received_on=received_on, split=split, settings=settings
    )
    with Readers(settings, programme_name) as readers:
        readers.read_all(store, taken.arrivals, progress)
    return judge_batch(store, loaded, taken, out, programme_name=programme_name, place=reports_of(settings))


def open_batch(
    batch: Path,
    records: str,
    out: Path,
    *,
    programme_name: str,
    received_on: date | None,
    split: Split,
    settings: Settings,
) -> tuple[Store, Loaded, TakenIn]:
    """Everything that can fail for the run as a whole, and the originals in the store."""
    load(programme_name)
    _writable(out)
    reports_of(settings)
    store = store_of(settings)
    loaded = declared(store, records)
    max_bytes = settings.bounds.max_bytes
    return store, loaded, take_in(batch, store, split=split, received_on=received_on, max_bytes=max_bytes)


def judge_batch(
    store: Store,
    loaded: Loaded,
    taken: TakenIn,
    out: Path,
    *,
    programme_name: str,
    place: FarPlace | None = None,
) -> Outcome:
    """Judge what a batch brought, together with what came before it for the same applications; write the report.

    :param place: where the report is copied to (:func:`reports_of`)
    """
    began = datetime.now(UTC)
    programme = load(programme_name)
    keep_records(store, loaded.records)
    batch = frozenset(arrival.id for arrival in taken.arrivals)
    known, heard = Known(loaded.records), said(store)
    seen = circumstances(store, heard)
    together, names = received_for(store, batch, known, heard)
    all_judged = judge_all(together, known, programme, only=batch, said=heard, names=names)
    all_judged = with_record_changes(store, all_judged)
    remember(store, all_judged, shown=batch, causes=causes_of(all_judged, programme, seen, heard))
    judged = of_arrivals(all_judged, batch)
    parcels = parcels_of(judged, loaded.records)
    notes = (*said_of_covers(judged, loaded.records, programme.id), *said_of_parcels(parcels))
    outcome = _written(
        judged, loaded.records, loaded.problems, store, out, programme_name=programme_name, notes=notes, parcels=parcels
    )
    return _published(outcome, out, place, began)


def reconcile_store(
    records: str | None,
    out: Path,
    *,
    programme_name: str,
    settings: Settings,
    accept_shrunk: bool = False,
) -> Outcome:
    """The nightly job: all that is stored against the records as they are now, without reading a page.

    Only what changed is judged again and shown in full; all else is reported by reference (``unchanged``).

    :param accept_shrunk: a person says that records which the source lacks are gone
    """
    load(programme_name)
    place, began = reports_of(settings), datetime.now(UTC)
    store = store_of(settings)
    with lease(store, nights.LEASE), kept_night(store, programme_name) as night:
        _writable(out)
        brought = bring_up(store, records, accept_shrunk=accept_shrunk)
        done = reconcile(store, brought, out, programme_name=programme_name, settings=settings)
        night.came_to = done.night
    outcome = _published(Outcome(done.report, done.html, done.some_failed, done.night), out, place, began)
    return replace(outcome, notes=(*outcome.notes, *tell_of(store, night.id, settings)))


def reports_of(settings: Settings) -> FarPlace | None:
    """Where the settings say that reports are copied to.

    :raises BadSetting: it is neither a folder nor an address
    """
    return place_of_reports(looked_up(settings.reports, "YANZHANG_REPORTS"))


def _published(outcome: Outcome, out: Path, place: FarPlace | None, began: datetime) -> Outcome:
    """Who reads reports elsewhere would go on reading the one of before: that it is old is no success (exit 3)."""
    notes = published(out, place, since=began)
    return replace(outcome, notes=(*outcome.notes, *notes), some_failed=outcome.some_failed or bool(notes))


def retry(
    names: Sequence[str],
    *,
    programme_name: str,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
) -> Retried:
    """Read again what could not be read to its end (``names``: these envelopes, whatever became of them).

    :raises BadInput: no such envelope is in the store
    """
    load(programme_name)
    store = store_of(settings)
    kept = store.arrivals()
    known = {a.name for a in kept}
    # file.pdf#2 is the second envelope of a file; a name may hold such a sign itself.
    wanted = {name if name in known or "#" not in name else name.rpartition("#")[0] for name in names}
    arrivals = [a for a in kept if (a.name in wanted if wanted else problems_of(store, a))]
    if unknown := sorted(wanted - known):
        raise BadInput(f"no envelope {', '.join(unknown)} is in the store {settings.home}: take it in with process")
    with Readers(settings, programme_name) as readers:
        readers.read_all(store, arrivals, progress, anew=True)
    tried = {a.id for a in arrivals}
    again = [a for a in store.arrivals() if a.id in tried]
    return Retried(
        envelopes=len(again), problems=tuple(f"{a.name}: {problem}" for a in again for problem in problems_of(store, a))
    )


def _written(
    judged: Sequence[Judged],
    records: Sequence[Record],
    problems: tuple[str, ...],
    store: Store,
    out: Path,
    *,
    programme_name: str,
    notes: tuple[str, ...] = (),
    parcels: tuple[Parcel, ...] = (),
) -> Outcome:
    """:param notes: sentences on what a person should settle though all was processed"""
    programme = load(programme_name)
    envelopes = tuple(j.report for j in judged)
    seen = {e.application_no for e in envelopes}
    missing = tuple(r.application_no for r in records if r.application_no not in seen)
    failed = sum(e.verdict == "unreadable" for e in envelopes)
    clean = sum(e.verdict == "clean" for e in envelopes)
    report = Report(
        programme=programme.id,
        rules_version=programme.rules_version,
        generated_at=datetime.now(UTC),
        totals=Totals(
            envelopes=len(envelopes),
            pages=sum(len(e.pages) for e in envelopes),
            clean=clean,
            with_findings=len(envelopes) - clean - failed,
            failed=failed,
            not_received=len(missing),
        ),
        envelopes=envelopes,
        not_received=missing,
        problems=tuple(dict.fromkeys((*problems, *(p for j in judged for p in (*j.problems, *j.notes)), *notes))),
        parcels=parcels,
    )
    html = write(report, records, out, store.originals)
    return Outcome(report, html, some_failed=bool(problems) or any(j.problems for j in judged))


def _writable(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise BadInput(
            f"{out} cannot be written ({error.strerror or error}): name another folder with --out"
        ) from error
