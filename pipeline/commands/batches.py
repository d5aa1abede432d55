"""Whole batches and the whole store: process, reconcile, retry."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import (
    DONE,
    SOME_FAILED,
    Out,
    Programme,
    Workers,
    day_of,
    progress_of,
    say_problems,
    settings_of,
)
from pipeline.printing import say

if TYPE_CHECKING:
    from pipeline.street import Outcome

__all__ = ["process", "reconcile", "retry"]

Records = Annotated[
    str,
    typer.Option(
        "--records",
        help="Online records: .json, .jsonl, .csv, .xlsx, an http(s) or database address, a source file .toml; "
        "env:NAME: where NAME says (docs/RECORDS.md).",
    ),
]


class Split(StrEnum):
    """How files are cut into envelopes."""

    AUTO = "auto"
    FILE = "file"
    NONE = "none"


def process(
    batch: Annotated[Path, typer.Argument(help="A folder of envelopes (files and sub-folders), or one file.")],
    records: Records,
    out: Out,
    programme: Programme = "cciip-2023",
    received_on: Annotated[str | None, typer.Option(help="Date of receipt, YYYY-MM-DD.")] = None,
    workers: Workers = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as the Prefect flow ingest-batch.")] = False,
    split: Annotated[Split, typer.Option(help="Cut files at cover sheets and second forms, or not.")] = Split.AUTO,
) -> None:
    """Take a batch of scans in, check it against the online records and write the report."""
    from pipeline.street import process_batch

    settings = settings_of(workers)
    day = day_of(received_on)
    run: Callable[..., Outcome] = process_batch
    if prefect or settings.cluster or os.environ.get("PREFECT_API_URL"):
        from flows.ingest import run_ingest

        run = run_ingest
    with progress_of("读取 reading") as progress:
        outcome = run(
            batch,
            records,
            out,
            programme_name=programme,
            received_on=day,
            split=split.value,
            settings=settings,
            progress=progress,
        )
    _finish(outcome)


def reconcile(
    out: Out,
    records: Annotated[str | None, typer.Option("--records", help="Online records as they are now.")] = None,
    programme: Programme = "cciip-2023",
    accept_shrunk: Annotated[
        bool, typer.Option("--accept-shrunk", help="Records that the source lacks are gone: believe it.")
    ] = False,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as the Prefect flow nightly-reconcile.")] = False,
    no_tell: Annotated[bool, typer.Option("--no-tell", help="Tell nobody of this run (see yanzhang tell).")] = False,
) -> None:
    """Check everything already received again, against the records as they are now, without reading a page."""
    from pipeline.street import reconcile_store

    if no_tell:
        _tell_nobody()
    run: Callable[..., Outcome] = reconcile_store
    if prefect or os.environ.get("PREFECT_API_URL"):
        from flows.nightly import run_nightly

        run = run_nightly
    more = {"accept_shrunk": True} if accept_shrunk else {}
    _finish(run(records, out, programme_name=programme, settings=settings_of(None), **more))


def retry(
    envelopes: Annotated[
        list[str] | None, typer.Argument(help="Envelopes by name; none: all that could not be read to their end.")
    ] = None,
    programme: Programme = "cciip-2023",
    workers: Workers = None,
) -> None:
    """Read again by hand what could not be read to its end: pages in quarantine, too. Then run reconcile."""
    from pipeline.street import retry as read_again

    settings = settings_of(workers)
    with progress_of("读取 reading") as progress:
        done = read_again(envelopes or (), programme_name=programme, settings=settings, progress=progress)
    say_problems(done.problems)
    say(
        f"{done.envelopes} 封重读 envelopes read again, {len(done.problems)} 处仍读不出 still unread; "
        "报告请再核 for the report: yanzhang reconcile --out OUT"
    )
    raise typer.Exit(SOME_FAILED if done.problems else DONE)


def _tell_nobody() -> None:
    """A flow that this process runs reads its own settings: they name nobody."""
    for name in [name for name in os.environ if name.upper().startswith("YANZHANG_TELL")]:
        del os.environ[name]


def _finish(outcome: Outcome) -> None:
    say_problems((*outcome.report.problems, *outcome.notes))
    totals = outcome.report.totals
    say(
        f"{totals.envelopes} 封 envelopes, {totals.pages} 页 pages: {totals.clean} 无误 clean, "
        f"{totals.with_findings} 有问题 with findings, {totals.failed} 失败 failed, "
        f"{totals.not_received} 未收到 not received"
    )
    say(f"报告 report: {outcome.html}")
    raise typer.Exit(SOME_FAILED if outcome.some_failed else DONE)
