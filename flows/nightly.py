"""``yanzhang reconcile --prefect``: the nightly job as a run of ``nightly-reconcile``."""

from __future__ import annotations

from pathlib import Path

from flows.quiet import be_quiet
from pipeline.records.address import absolute
from pipeline.settings import Settings
from pipeline.street import Outcome
from pipeline.values.secrets import redacted

__all__ = ["run_nightly"]


def run_nightly(
    records: str | None, out: Path, *, programme_name: str, settings: Settings, accept_shrunk: bool = False
) -> Outcome:
    """Run the flow here and now, on the server of PREFECT_API_URL or an ephemeral one."""
    be_quiet(settings.home)
    from flows.steps import nightly_reconcile, surroundings
    from flows.walk import Around, outcome_of

    told = redacted(absolute(records)) if records is not None else None
    with surroundings(Around(records=records, accept_shrunk=accept_shrunk)) as here:
        nightly_reconcile(records=told, out=str(out.resolve()), programme=programme_name)
    return outcome_of(here)
