"""Whom to ask for what is still lacking: chase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import DONE, SOME_FAILED, say_problems, settings_of
from pipeline.printing import say

__all__ = ["chase"]


def chase(
    out: Annotated[Path, typer.Option("--out", help="Folder for the workbook and a page to print a department.")],
    records: Annotated[str | None, typer.Option("--records", help="Online records as they are now.")] = None,
    with_contacts: Annotated[
        bool, typer.Option("--with-contacts", help="Contacts, mobiles and e-mail addresses in full, not masked.")
    ] = False,
) -> None:
    """Chase lists by commerce department: what was not received, and what lacks something, from the store."""
    from pipeline.book import load as declared
    from pipeline.chasing import State, chased, judged_in
    from pipeline.keeping import kept_records
    from pipeline.report.chase_report import write_chase_lists
    from pipeline.store import store_of

    store = store_of(settings_of(None))
    loaded = declared(store, records) if records else kept_records(store)
    judged = judged_in(store)
    lists = chased(loaded.records, judged.reports, with_contacts=with_contacts, waiting=judged.waiting)
    written = write_chase_lists(lists, out)
    problems = (*loaded.problems, *lists.problems)
    say_problems(problems)
    counts = {state: sum(c.count(state) for c in lists.chases) for state in State}
    say(
        f"{len(written) - 1} 个部门 departments: {counts[State.NOT_RECEIVED]} 未收到 not received, "
        f"{counts[State.LACKING]} 须补正 to be put right, {counts[State.OPEN]} 待核 to be looked at, "
        f"{len(lists.unassigned)} 个信封未归属 envelopes unassigned"
    )
    say(f"催办名单 chase lists: {written[0]}")
    raise typer.Exit(SOME_FAILED if problems else DONE)
