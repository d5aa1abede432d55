"""Loose files: seals, read, extract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.commands.common import DONE, SOME_FAILED, AsJson, Programme, settings_of
from pipeline.printing import json_line, problem_line, say, show_table

if TYPE_CHECKING:
    from pipeline.settings import Settings

__all__ = ["extract", "read", "seals"]

Files = Annotated[list[Path], typer.Argument(help="PDF, TIFF, JPEG, PNG, WebP, GIF or BMP files.", show_default=False)]


def seals(
    files: Files,
    as_json: AsJson = False,
    draw: Annotated[
        Path | None, typer.Option("--draw", help="Folder for a PNG of each page with its seals drawn on it.")
    ] = None,
) -> None:
    """Seals found in any page image or PDF."""
    from pipeline.loose import seals_of
    from pipeline.report.drawn import write_drawn

    names = _names_apart(files)

    def drawn(file: Path, settings: Settings) -> Iterator[tuple[dict[str, Any], str]]:
        for shape, problem in seals_of(file, settings):
            if draw is not None and shape:
                path = draw / f"{names[file]}-p{shape['page']}.png"
                write_drawn(file, shape, path, settings)
                say(str(path))
            yield shape, problem

    _each_page(files, as_json, drawn, ("seals", "shape", "colour", "kind", "text", "confidence"))


def read(files: Files, as_json: AsJson = False) -> None:
    """Text lines in any page image or PDF."""
    from pipeline.loose import lines_of

    _each_page(files, as_json, lines_of, ("lines", "text", "confidence"))


def extract(files: Files, as_json: AsJson = False, programme: Programme = "cciip-2023") -> None:
    """Documents with fields, statements and seals of loose files, without records."""
    from pipeline.loose import documents_in

    failed = False
    for file in files:
        shape, problem = documents_in(file, settings_of(None), programme)
        failed = failed or bool(problem)
        if problem:
            problem_line(problem)
        if as_json:
            json_line(shape)
            continue
        for document in shape["documents"]:
            rows = [
                (f["name"], str(f["value"]), str(f["raw"]), f"{f['confidence']:.2f}", str(f["page"]))
                for f in document["fields"]
            ]
            title = f"{file.name}: {document['type']} (pages {', '.join(map(str, document['pages']))})"
            show_table(title, ("field", "value", "raw", "confidence", "page"), rows)
    raise typer.Exit(SOME_FAILED if failed else DONE)


def _each_page(
    files: list[Path],
    as_json: bool,
    pages_of: Callable[[Path, Settings], Iterator[tuple[dict[str, Any], str]]],
    columns: tuple[str, ...],
) -> None:
    settings = settings_of(None)
    failed = False
    for file in files:
        for shape, problem in pages_of(file, settings):
            if problem:
                failed = True
                problem_line(problem)
                continue
            if as_json:
                json_line(shape)
                continue
            rows = [tuple(_cell(item[c]) for c in columns[1:]) for item in shape[columns[0]]]
            show_table(f"{file.name}, page {shape['page']}", columns[1:], rows)
    raise typer.Exit(SOME_FAILED if failed else DONE)


def _names_apart(files: Sequence[Path]) -> dict[Path, str]:
    """Each file's name, with its number before it where two files in different folders bear the same."""
    counts = Counter(file.name for file in set(files))
    return {f: f.name if counts[f.name] == 1 else f"{n}-{f.name}" for n, f in enumerate(files, start=1)}


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
