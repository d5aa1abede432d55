"""Records from a JSONL file: one JSON object a line; a broken line costs itself only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.json_file import as_row, parse
from pipeline.records.table import MAX_STREAMED_ROWS, RawRow, RawText, Table, lines_of, too_many

__all__ = ["STREAMED", "SUFFIXES", "read", "rows_of_lines"]

SUFFIXES = (".jsonl", ".ndjson")
STREAMED = True


def read(path: Path, *, names: Collection[str] = ()) -> Table:
    """All lines that are not blank, read while they are asked for."""
    columns: dict[str, None] = {}
    return Table(columns.keys(), _rows(path, columns))


def _rows(path: Path, columns: dict[str, None]) -> Iterator[RawText]:
    with lines_of(path) as lines:
        yield from rows_of_lines(lines, columns, str(path))


def rows_of_lines(lines: Iterator[str], columns: dict[str, None], path: str) -> Iterator[RawText]:
    """Lines of JSON as rows; ``columns`` come to hold the keys of those that are opened."""
    rows = looked_at = 0

    def opened(where: str, text: str) -> RawRow:
        nonlocal looked_at
        looked_at += 1
        try:
            row = as_row(where, parse(text))
        except (ValueError, RecursionError):
            return RawRow(where, {}, "it is no valid JSON")
        columns.update(dict.fromkeys(row.values))
        return row

    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        rows += 1
        if rows > MAX_STREAMED_ROWS:
            raise too_many(path, MAX_STREAMED_ROWS)
        yield RawText(f"line {number}", line, opened)
    if looked_at == rows and not columns:
        raise BadRecords(f"The records {path} hold no line that is a JSON object.")
