"""What people say: decide, correct, decisions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from pipeline.commands.common import AsJson, settings_of
from pipeline.errors import BadSetting
from pipeline.printing import json_line, say, show_table

__all__ = ["correct", "decide", "decisions"]

By = Annotated[str, typer.Option("--by", help="Who says so.", show_default=False)]
Note = Annotated[str, typer.Option("--note", help="Why.", show_default=False)]


class Word(StrEnum):
    """What a person says of a finding."""

    CONFIRMED = "confirmed"
    OVERRULED = "overruled"
    REOPENED = "reopened"


def decide(
    finding: Annotated[str, typer.Argument(help="The finding's id, from the report.", show_default=False)],
    word: Annotated[Word, typer.Option("--as", help="It is so; it is not so; it is open again.", show_default=False)],
    by: By,
    note: Note = "",
) -> None:
    """Record what a person decided about a finding: confirmed, overruled (it counts no longer) or reopened."""
    from pipeline.reviewing import decide_finding
    from pipeline.store import store_of

    kept = decide_finding(store_of(settings_of(None)), finding, word.value, by, note)
    say(
        f"裁定 decision {kept.id}: {kept.finding} {kept.code.value} ({kept.envelope}) {kept.kind}; "
        "it shows in the next report (yanzhang reconcile)",
    )


def correct(
    envelope: Annotated[str, typer.Argument(help="The envelope's name in the report, or the start of its sha256.")],
    field: Annotated[str, typer.Argument(help="The field's name, for instance operating_revenue.")],
    document: Annotated[str, typer.Option("--document", help="The document's type, for instance audit_report.")],
    by: By,
    value: Annotated[str | None, typer.Argument(help="What stands on the paper; money with its unit.")] = None,
    page: Annotated[int | None, typer.Option(min=1, help="Page as scanned, where several documents are meant.")] = None,
    index: Annotated[int | None, typer.Option(min=0, help="The document's index in the report, likewise.")] = None,
    note: Note = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was corrected there.")] = False,
) -> None:
    """Record what a person read on the paper: it takes the place of what was read, whenever this is judged again."""
    from pipeline.reviewing import correct_value
    from pipeline.store import store_of

    if withdraw == (value is not None):
        raise BadSetting(
            "give the value that stands on the paper, or --withdraw to take a correction back, and not both"
        )
    store = store_of(settings_of(None))
    kept = correct_value(store, envelope, field, value, document=document, by=by, note=note, page=page, index=index)
    said = "withdrawn" if kept.withdrawn else str(kept.value)
    say(
        f"更正 correction {kept.id}: {kept.envelope}, {kept.document.value}, page {kept.page}, {kept.field}: {said}; "
        "it shows in the next report (yanzhang reconcile)",
    )


def decisions(as_json: AsJson = False) -> None:
    """All decisions and corrections ever made, for audits."""
    from pipeline.reviewing import everything_said
    from pipeline.store import store_of

    said = list(everything_said(store_of(settings_of(None))))
    if as_json:
        for one in said:
            json_line(one)
        return
    columns = ("id", "at", "by", "envelope", "on", "says", "note")
    show_table("裁定 decisions", columns, [_decision_row(one) for one in said if one["what"] == "decision"])
    show_table("更正 corrections", columns, [_correction_row(one) for one in said if one["what"] == "correction"])


def _decision_row(one: dict[str, Any]) -> tuple[str, ...]:
    on = " ".join(part for part in (one["finding"], one["code"], one["document"], one["field"]) if part)
    return (str(one["id"]), one["at"][:16], one["by"], one["envelope"], on, one["kind"], one["note"])


def _correction_row(one: dict[str, Any]) -> tuple[str, ...]:
    on = f"{one['document']} p{one['page']} {one['field']}"
    says = "withdrawn" if one["withdrawn"] else str(one["value"])
    return (str(one["id"]), one["at"][:16], one["by"], one["envelope"], on, says, one["note"])
