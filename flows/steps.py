"""The Prefect flows: a thin shell around the street. Import after :func:`flows.quiet.be_quiet`.

One task an envelope, one flow a batch; pages are plain functions. Results are references into our own store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx
from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectException
from prefect.futures import PrefectFuture, as_completed
from prefect.runtime import task_run
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows.plain import plain_cell
from pipeline.errors import BadSetting
from pipeline.intake.batch import Split
from pipeline.model import Severity
from pipeline.readers import Readers, largest_first
from pipeline.settings import Settings
from pipeline.store import Arrival, Store
from pipeline.street import Outcome, judge_batch, open_batch, reconcile_store
from pipeline.values.printable import printable
from pipeline.values.secrets import holds_secret, redacted

__all__ = ["ingest_batch", "nightly_reconcile", "surroundings"]

WAITING = 8  # threads that wait for reading processes; how many of those there are is a setting
ROWS_IN_ARTIFACT = 500  # the page that shows it becomes slow past that

# Prefect keeps a flow's parameters and shows them: they are checked, and hold nothing secret.
FolderName = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
Source = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
ProgrammeName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Workers = Annotated[int, Field(ge=1, le=256)]

_NO_SERVER = ("Failed to reach API", "Timed out while attempting to connect to ephemeral")  # RuntimeErrors of Prefect

_threads: Any = ThreadPoolTaskRunner(max_workers=WAITING)
_progress: ContextVar[Callable[[int, int], None] | None] = ContextVar("progress", default=None)
_records: ContextVar[str | None] = ContextVar("records", default=None)


@contextmanager
def surroundings(progress: Callable[[int, int], None] | None = None, records: str | None = None) -> Iterator[None]:
    """What a flow run in this context needs and its parameters must not hold.

    :param progress: called as ``progress(done, total)`` when an envelope has been read
    :param records: the records' address with its password; the flow is told one without
    :raises BadSetting: the server does not answer, or does not let us in
    """
    tokens = _progress.set(progress), _records.set(records)
    try:
        yield
    except (httpx.HTTPError, PrefectException) as error:
        raise _unreachable(error) from error
    except RuntimeError as error:
        if not str(error).startswith(_NO_SERVER):
            raise
        raise _unreachable(error) from error
    finally:
        _progress.reset(tokens[0])
        _records.reset(tokens[1])


def _unreachable(error: Exception) -> BadSetting:
    says = redacted((str(error).splitlines() or [type(error).__name__])[0])
    return BadSetting(
        f"the Prefect server cannot be used ({says}): look at PREFECT_API_URL and PREFECT_API_AUTH_STRING, or unset "
        "them and leave out --prefect: the same steps run without a server"
    )


def _arrival_name() -> str:
    arrival: Arrival = task_run.parameters["arrival"]
    return printable(arrival.name)[:200]


# JSON, should anybody have results kept: a pickle is a program that whoever reads it runs.
@task(
    name="read-envelope",
    retries=1,
    persist_result=False,
    result_serializer="json",
    cache_policy=NO_CACHE,
    task_run_name=_arrival_name,
)
def read_envelope(readers: Readers, store: Store, arrival: Arrival) -> int:
    """Read one arrival into the store; returns its id."""
    readers.read(store, arrival)
    return arrival.id


@flow(name="ingest-batch", task_runner=_threads, persist_result=False, result_serializer="json")
def ingest_batch(
    batch: FolderName,
    records: Source,
    out: FolderName,
    programme: ProgrammeName = "cciip-2023",
    received_on: date | None = None,
    split: Split = "auto",
    workers: Workers = 2,
) -> Outcome:
    """收件核验: scans in, checked against the online records, report out."""
    settings = Settings(workers=workers)
    target = Path(out)
    store, loaded, taken = open_batch(
        Path(batch),
        _source(records),
        target,
        programme_name=programme,
        received_on=received_on,
        split=split,
        settings=settings,
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


@flow(name="nightly-reconcile", persist_result=False, result_serializer="json")
def nightly_reconcile(
    records: Source | None, out: FolderName, programme: ProgrammeName = "cciip-2023", accept_shrunk: bool = False
) -> Outcome:
    """夜间复核: everything stored against the records as they are now."""
    source = _source(records) if records is not None else None
    outcome = reconcile_store(
        source, Path(out), programme_name=programme, settings=Settings(), accept_shrunk=accept_shrunk
    )
    _table("nightly-reconcile", outcome)
    return outcome


def _source(records: str) -> str:
    """The records' address, password and all; from who started the flow here, else from the parameter.

    :raises BadSetting: the parameter holds a password
    """
    given = _records.get()
    if given is None and holds_secret(records):
        raise BadSetting(
            "the records' address holds a password, and Prefect keeps a flow's parameters: put the address into an "
            "environment variable of whoever runs the flow, and give env:NAME"
        )
    return records if given is None else given


def _table(key: str, outcome: Outcome) -> None:
    rows = [
        {
            "envelope": plain_cell(e.envelope),
            "application": plain_cell(e.application_no or ""),
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
