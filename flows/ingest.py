"""``yanzhang process --prefect``: the same steps and the same report as without, as a run of ``ingest-batch``."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from flows.quiet import be_quiet
from pipeline.errors import BadSetting
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
    """Run the flow here and now, on the server of PREFECT_API_URL or an ephemeral one.

    :raises BadSetting: the server cannot be used, or the workers of a cluster could not reach it
    """
    if settings.cluster and not os.environ.get("PREFECT_API_URL"):
        raise BadSetting(
            "YANZHANG_CLUSTER is set and PREFECT_API_URL is not: the workers of a cluster tell a Prefect server how "
            "far they are, so name one that they reach (prefect server start), or unset YANZHANG_CLUSTER"
        )
    # What is wrong with the input as a whole is the user's to hear, before a server is started for it. What is open
    # then is handed to the flow, which would hash every scan a second time.
    opened = open_batch(
        batch, records, out, programme_name=programme_name, received_on=received_on, split=split, settings=settings
    )
    be_quiet(settings.home)
    # prefect takes a second to import and reads its settings then: only who asks for a flow pays.
    from flows.steps import ingest_batch, runner_of, surroundings
    from flows.walk import Around, outcome_of

    with surroundings(Around(progress=progress, records=records, opened=opened)) as here:
        ingest_batch.with_options(task_runner=runner_of(settings.cluster))(
            batch=str(batch.resolve()),
            records=redacted(absolute(records)),
            out=str(out.resolve()),
            programme=programme_name,
            received_on=received_on,
            split=split,
            workers=settings.workers,
        )
    return outcome_of(here)
