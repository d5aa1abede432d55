"""``yanzhang deploy``: the nightly job on a Prefect server, by the clock."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from flows.plan import Plan, as_yaml
from flows.quiet import be_quiet
from pipeline.errors import BadSetting
from pipeline.programmes import load
from pipeline.records.address import absolute
from pipeline.values.references import BY_REFERENCE
from pipeline.values.secrets import holds_secret

__all__ = ["deploy", "dry_run", "plan_of"]


def plan_of(*, cron: str, timezone: str, pool: str, records: str, out: str, programme: str) -> Plan:
    """What is asked for, checked as far as it can be here.

    :raises BadSetting: something of it has no meaning, or would put a password where everybody reads it
    """
    load(programme)
    if holds_secret(records):
        raise BadSetting(
            "the records' address holds a password, and Prefect shows parameters to whoever opens its page: put it "
            "into an environment variable of the worker, and give --records env:NAME"
        )
    if not records.startswith(BY_REFERENCE):
        records = absolute(records)
    try:
        return Plan(
            cron=cron,
            timezone=timezone,
            pool=pool,
            records=records,
            out=str(Path(out).absolute()),
            programme=programme,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSetting(f"--{first['loc'][0]} cannot be used: {first['msg']}") from error


def dry_run(plan: Plan, home: Path) -> str:
    """What would be registered, as ``prefect.yaml``; no server is asked."""
    be_quiet(home)
    from flows.registering import checked_times

    checked_times(plan)
    return as_yaml(plan)


def deploy(plan: Plan, home: Path) -> tuple[str, ...]:
    """Register it on the server of PREFECT_API_URL; a sentence for each thing that is there now.

    :raises BadSetting: there is no server, or it does not let us in
    """
    if not os.environ.get("PREFECT_API_URL"):
        raise BadSetting(
            "there is no Prefect server to deploy to: start one (prefect server start) and set "
            "PREFECT_API_URL=http://127.0.0.1:4200/api, or see what would be registered with --dry-run"
        )
    be_quiet(home)
    from flows.registering import checked_times, register
    from flows.steps import surroundings
    from flows.walk import Around

    checked_times(plan)
    with surroundings(Around(), instead="see what would be registered with --dry-run"):
        return register(plan)
