"""Beside the main work: covers, samples, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import DONE, SOME_FAILED, AsJson, Programme, progress_of, say_problems
from pipeline.printing import json_line, say, text_lines

__all__ = ["covers", "evaluate", "samples"]


def covers(
    records: Annotated[str, typer.Argument(help="Online records.")],
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
    separators: Annotated[bool, typer.Option("--separators", help="A sheet before each document, too.")] = False,
    parcel: Annotated[bool, typer.Option("--parcel", help="By department, the cover of its parcel first.")] = False,
    department: Annotated[str, typer.Option(help="Only applications of this department for commerce.")] = "",
    programme: Programme = "cciip-2023",
) -> None:
    """Cover sheets with QR codes and checklists for the envelopes (and the parcels) expected."""
    from pipeline.records import load_records
    from pipeline.report.covers import write_covers

    loaded = load_records(records)
    printed = write_covers(
        loaded.records, out, programme=programme, separators=separators, parcels=parcel, department=department
    )
    problems = (*loaded.problems, *printed.problems)
    say_problems(problems)
    parcels = f", {printed.parcels} 个包裹封面 parcel covers" if parcel else ""
    say(f"{printed.envelopes} cover sheets{parcels}, {printed.sheets} 页 sheets: {out}")
    raise typer.Exit(SOME_FAILED if problems else DONE)


def samples(
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    envelopes: Annotated[int, typer.Option(min=1, max=100_000)] = 8,
    seed: Annotated[int, typer.Option()] = 1,
    parcel: Annotated[
        bool, typer.Option("--parcel", help="A department's parcel with its list instead: one file, four applicants.")
    ] = False,
) -> None:
    """Made-up envelopes with their online records and the truth."""
    from samples.make import make
    from samples.parcels import make_parcel

    if parcel:
        make_parcel(out, seed=seed)
        say(f"{out / 'batch'}, {out / 'records.json'}, {out / 'truth.json'}")
        return
    with progress_of("样本 samples") as progress:
        make(out, envelopes=envelopes, seed=seed, progress=progress)
    say(f"{out / 'batch'}, {out / 'records.json'}, {out / 'truth.json'}")


def evaluate(
    truth: Annotated[Path, typer.Argument(help="truth.json")],
    report: Annotated[Path, typer.Argument(help="report.json")],
    as_json: AsJson = False,
    diagram: Annotated[Path | None, typer.Option(help="draw the reliability diagram there, as SVG")] = None,
) -> None:
    """How right a report is, against a truth of that form, and what its confidences are worth."""
    from pipeline.evaluating import evaluate as evaluated

    score = evaluated(truth, report)
    if diagram is not None:
        from pipeline.reliability import diagram as drawn

        _written(diagram, drawn(score.told))
    if as_json:
        json_line(score.model_dump(mode="json"))
    else:
        text_lines(score.text())


def _written(file: Path, text: str) -> None:
    """Write a small file that the user asked for.

    :raises BadInput: the place cannot be written to
    """
    from pipeline.errors import BadInput

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written ({error.strerror}): give another place") from error
