"""Records from a CSV file: comma, semicolon or tab; UTF-8 or GB18030; English or Chinese headings."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.table import MAX_COLUMNS, MAX_ROWS, Table, decode, from_cells

__all__ = ["SUFFIXES", "read"]

SUFFIXES = (".csv",)
DELIMITERS = (",", "\t", ";")
MAX_CELL = 1_000_000  # characters; a list of certificates has a few thousand
HEAD_CHARACTERS = 200_000
HEAD = 20  # lines in which the separator is looked for


def read(path: Path) -> Table:
    """All rows. Raises BadRecords where the file is no table."""
    text = decode(path).replace("\x00", "")
    csv.field_size_limit(MAX_CELL)
    lines: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for cells in reader:
            lines.append((reader.line_num, cells[: MAX_COLUMNS + 1]))
            if len(lines) > MAX_ROWS:
                raise BadRecords(f"The records {path} hold more than {MAX_ROWS} rows: split them.")
    except csv.Error as error:
        raise BadRecords(f"The records {path} are no valid CSV: {error} in line {reader.line_num}.") from error
    return from_cells(lines, path=path)


def _delimiter(text: str) -> str:
    """The separator of which the headings have most (values may hold any of them)."""
    for line in text[:HEAD_CHARACTERS].splitlines()[:HEAD]:
        counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
        best = max(DELIMITERS, key=lambda delimiter: counts[delimiter])
        if counts[best] >= 2:
            return best
    return ","
