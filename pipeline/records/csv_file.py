"""Records from a CSV file: comma, semicolon or tab; UTF-8 or GB18030; English or Chinese headings."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.grid import Line, from_cells
from pipeline.records.table import MAX_COLUMNS, MAX_LINE, MAX_STREAMED_ROWS, Table, lines_of, too_many

__all__ = ["STREAMED", "SUFFIXES", "read"]

SUFFIXES = (".csv",)
STREAMED = True
DELIMITERS = (",", "\t", ";")
MAX_CELL = 1_000_000  # characters; a list of certificates has a few thousand
HEAD = 20  # lines in which the separator is looked for


def read(path: Path, *, names: Collection[str] = ()) -> Table:
    """All rows, read while they are asked for. Raises BadRecords where the file is no table."""
    clean = (line.replace("\x00", "") for line in _lines(path))
    head = list(islice(clean, HEAD))
    return from_cells(_cells(chain(head, clean), _delimiter(head), path), path=path, names=names)


def _lines(path: Path) -> Iterator[str]:
    with lines_of(path) as lines:
        yield from lines


def _cells(lines: Iterator[str], delimiter: str, path: Path) -> Iterator[Line]:
    fed = 0

    def within_bounds() -> Iterator[str]:
        nonlocal fed
        for line in lines:
            fed += len(line)
            if fed > MAX_LINE:
                raise BadRecords(
                    f"The records {path} have a row of more than {MAX_LINE // 1_000_000} million characters (line "
                    f"{reader.line_num}): a quotation mark is not closed, or the file is no table."
                )
            yield line

    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(within_bounds(), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader):
            fed = 0
            if number > MAX_STREAMED_ROWS:
                raise too_many(path, MAX_STREAMED_ROWS)
            yield reader.line_num, cells[: MAX_COLUMNS + 1]
    except csv.Error as error:
        raise BadRecords(f"The records {path} are no valid CSV: {error} in line {reader.line_num}.") from error


def _delimiter(head: Sequence[str]) -> str:
    """The separator of which the headings have most (values may hold any of them)."""
    for line in head:
        counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
        best = max(DELIMITERS, key=lambda delimiter: counts[delimiter])
        if counts[best] >= 2:
            return best
    return ","
