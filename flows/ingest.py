"""``yanzhang process --prefect``: the same steps and the same report as without, as a run of ``ingest-batch``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from flows.quiet import be_quiet
from pipeline.intake.batch import Split
from pipeline.records.address import absolute
from pipeline.settings import Settings
from pipeline.street import Outcome, open_batch
from pipeline.values.secrets import redacted

__all__ = ["run_ingest"]


def run_ingest(
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
    """Run the flow here and now, on the server of PREFECT_API_URL or an ephemeral one."""
    # What is wrong with the input as a whole is the user's to hear, before a server is started for it.
    open_batch(
        batch, records, out, programme_name=programme_name, received_on=received_on, split=split, settings=settings
    )
    be_quiet(settings.home)
    # prefect takes a second to import and reads its settings then: only who asks for a flow pays.
    from flows.steps import ingest_batch, surroundings

    with surroundings(progress, records):
        return ingest_batch(
            batch=str(batch.resolve()),
            records=redacted(absolute(records)),
            out=str(out.resolve()),
            programme=programme_name,
            received_on=received_on,
            split=split,
            workers=settings.workers,
        )
