"""What ``yanzhang deploy`` registers on a Prefect server (部署): the nightly job by the clock, batches when asked for.

``prefect.yaml`` in the root of this project says the same, for those who use Prefect's own ``prefect deploy --all``: a
test holds it to what :func:`as_yaml` writes.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flows.names import ZONE

__all__ = ["INGEST", "NIGHTLY", "POOL", "RECORDS_LIMIT", "Plan", "Registered", "as_yaml", "registered"]

POOL = "yanzhang"
RECORDS_LIMIT = "yanzhang-records"  # how many runs ask the online system at once
NIGHTLY, INGEST = "nightly", "ingest"  # names of the deployments
EVERY_NIGHT = "30 2 * * *"
RECORDS = "env:YANZHANG_RECORDS"
OUT = "/var/lib/yanzhang/nightly"

_HEAD = """\
# 部署清单 for `prefect deploy --all`. `yanzhang deploy` registers the same, and makes work pool and limit of the
# record source besides. Written by `yanzhang deploy --dry-run`; change it there (flows/plan.py), not here.
# The flows are those of the installed package: nothing is pulled, nothing is unpickled.
"""


class Plan(BaseModel):
    """What may be chosen."""

    model_config = ConfigDict(frozen=True)

    cron: str = EVERY_NIGHT
    timezone: str = ZONE
    pool: str = Field(default=POOL, pattern=r"^[a-z0-9][a-z0-9_.\-]{0,59}$")
    records: str = RECORDS
    out: str = Field(default=OUT, min_length=1, max_length=4096)
    programme: str = "cciip-2023"
    at_once: int = Field(default=1, ge=1, le=64)  # runs that ask the record source


class Registered(BaseModel):
    """One deployment: the fields of ``prefect.yaml``.

    :ivar alone: a run that would start while another runs is cancelled
    """

    model_config = ConfigDict(frozen=True)

    name: str
    entrypoint: str
    description: str
    parameters: dict[str, Any]
    cron: str = ""
    timezone: str = ""
    alone: bool = False


def registered(plan: Plan) -> tuple[Registered, ...]:
    """The deployments of a plan."""
    return (
        Registered(
            name=NIGHTLY,
            entrypoint="flows.steps.nightly_reconcile",
            description="夜间复核: all stored envelopes against the online records as they are now",
            parameters={"records": plan.records, "out": plan.out, "programme": plan.programme},
            cron=plan.cron,
            timezone=plan.timezone,
            alone=True,
        ),
        Registered(
            name=INGEST,
            entrypoint="flows.steps.ingest_batch",
            description="收件核验: a folder of scans in, checked against the online records, report out",
            parameters={"records": plan.records, "programme": plan.programme},
        ),
    )


def as_yaml(plan: Plan) -> str:
    """``prefect.yaml``."""
    import yaml  # type: ignore[import-untyped]

    content = {"name": "yanzhang", "pull": [], "deployments": [_entry(one, plan) for one in registered(plan)]}
    return _HEAD + str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120))


def _entry(one: Registered, plan: Plan) -> dict[str, Any]:
    timed = {"schedules": [{"cron": one.cron, "timezone": one.timezone}]} if one.cron else {"schedules": []}
    alone = {"concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"}} if one.alone else {}
    return {
        "name": one.name,
        "entrypoint": one.entrypoint,
        "description": one.description,
        "parameters": one.parameters,
        "enforce_parameter_schema": True,
        **timed,
        **alone,
        "work_pool": {"name": plan.pool},
    }
