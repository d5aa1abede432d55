"""``yanzhang reconcile --prefect``: the nightly job as a run of ``nightly-reconcile``."""

from __future__ import annotations

from pathlib import Path

from flows.quiet import be_quiet
from pipeline.settings import Settings
from pipeline.street import Outcome

__all__ = ["run_nightly"]


def run_nightly(records: str | None, out: Path, *, programme_name: str, settings: Settings) -> Outcome:
    """Run the flow here and now, on the server of PREFECT_API_URL or an ephemeral one."""
    be_quiet(settings.home)
    from flows.steps import nightly_reconcile

    return nightly_reconcile(records=records, out=str(out.resolve()), programme=programme_name)
