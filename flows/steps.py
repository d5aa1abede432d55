"""The Prefect flows: a thin shell around the street. Import after :func:`flows.quiet.be_quiet`.

One task an envelope, one flow a batch; pages are plain functions. Results are references into our own store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from pipeline.intake.batch import Split
from pipeline.model import Severity
from pipeline.readers import Readers, largest_first
from pipeline.settings import Settings
from pipeline.store import Arrival, Store
from pipeline.street import Outcome, judge_batch, open_batch, reconcile_store

__all__ = ["ingest_batch", "nightly_reconcile", "watched"]

WAITING = 8  # threads that wait for reading processes; how many of those there are is a setting
ROWS_IN_ARTIFACT = 500  # the page that shows it becomes slow past that

_threads: Any = ThreadPoolTaskRunner(max_workers=WAITING)
_progress: ContextVar[Callable[[int, int], None] | None] = ContextVar("progress", default=None)


@contextmanager
def watched(progress: Callable[[int, int], None] | None) -> Iterator[None]:
    """Have ``progress(done, total)`` called as envelopes are read by a flow run in this context."""
    token = _progress.set(progress)
    try:
        yield
    finally:
        _progress.reset(token)


@task(name="read-envelope", retries=1, persist_result=False, cache_policy=NO_CACHE, task_run_name="{arrival.name}")
def read_envelope(readers: Readers, store: Store, arrival: Arrival) -> int:
    """Read one arrival into the store; returns its id."""
    readers.read(store, arrival)
    return arrival.id


@flow(name="ingest-batch", task_runner=_threads, persist_result=False)
def ingest_batch(
    batch: str,
    records: str,
    out: str,
    programme: str = "cciip-2023",
    received_on: date | None = None,
    split: Split = "auto",
    workers: int = 2,
) -> Outcome:
    """收件核验: scans in, checked against the online records, report out."""
    settings = Settings(workers=workers)
    target = Path(out)
    store, loaded, taken = open_batch(
        Path(batch), records, target, programme_name=programme, received_on=received_on, split=split, settings=settings
    )
    total = len(taken.arrivals)
    order = largest_first(store, taken.arrivals)
    with Readers(settings, programme) as readers:
        futures: list[PrefectFuture[int]] = [read_envelope.submit(readers, store, a) for a in order]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            if watcher := _progress.get():
                watcher(done, total)
    outcome = judge_batch(store, loaded, taken, target, programme_name=programme)
    _table("ingest-batch", outcome)
    return outcome


@flow(name="nightly-reconcile", persist_result=False)
def nightly_reconcile(records: str | None, out: str, programme: str = "cciip-2023") -> Outcome:
    """夜间复核: everything stored against the records as they are now."""
    outcome = reconcile_store(records, Path(out), programme_name=programme, settings=Settings())
    _table("nightly-reconcile", outcome)
    return outcome


def _table(key: str, outcome: Outcome) -> None:
    rows = [
        {
            "envelope": e.envelope,
            "application": e.application_no or "",
            "verdict": e.verdict,
            "errors": sum(f.severity == Severity.ERROR for f in e.findings),
            "warnings": sum(f.severity == Severity.WARNING for f in e.findings),
            "codes": " ".join(sorted({f.code.value for f in e.findings})),
        }
        for e in outcome.report.envelopes[:ROWS_IN_ARTIFACT]
    ]
    totals = outcome.report.totals
    create_table_artifact(
        rows,
        key=key,
        description=f"{totals.envelopes} envelopes, {totals.clean} clean, {totals.with_findings} with findings, "
        f"{totals.failed} failed, {totals.not_received} not received",
    )
