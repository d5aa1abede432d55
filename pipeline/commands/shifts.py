"""The night's work by the clock: deploy."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.commands.common import settings_of
from pipeline.printing import say, text_lines

__all__ = ["deploy"]


def deploy(
    cron: Annotated[str, typer.Option(help="When, as cron writes it.")] = "30 2 * * *",
    timezone: Annotated[str, typer.Option(help="Where that is the time.")] = "Asia/Shanghai",
    pool: Annotated[str, typer.Option(help="The work pool; made if it is not there.")] = "yanzhang",
    records: Annotated[
        str, typer.Option(help="Online records, as the worker finds them; env:NAME: where its variable NAME says.")
    ] = "env:YANZHANG_RECORDS",
    out: Annotated[str, typer.Option(help="Folder of the nightly report.")] = "/var/lib/yanzhang/nightly",
    programme: Annotated[str, typer.Option(help="The call whose rules apply.")] = "cciip-2023",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be registered, ask no server.")] = False,
) -> None:
    """Register the nightly reconciliation (and batches, unscheduled) on the Prefect server of PREFECT_API_URL."""
    from flows import deploying

    home = settings_of(None).home
    plan = deploying.plan_of(cron=cron, timezone=timezone, pool=pool, records=records, out=out, programme=programme)
    if dry_run:
        text_lines(deploying.dry_run(plan, home))
        return
    for sentence in deploying.deploy(plan, home):
        say(sentence)
    say(f"请在工作机上运行 now, where the work is to be done: prefect worker start --pool {pool} --type process")
