"""Records from a JSONL file: one JSON object a line; a broken line costs itself only."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.json_file import as_row, parse
from pipeline.records.table import MAX_ROWS, RawRow, Table, decode

__all__ = ["SUFFIXES", "read"]

SUFFIXES = (".jsonl", ".ndjson")


def read(path: Path) -> Table:
    """All lines that are not blank."""
    lines = [(number, line) for number, line in enumerate(decode(path).split("\n"), 1) if line.strip()]
    if len(lines) > MAX_ROWS:
        raise BadRecords(f"The records {path} hold more than {MAX_ROWS} rows: split them.")
    rows = tuple(_row(number, line) for number, line in lines)
    if not any(row.values for row in rows):
        raise BadRecords(f"The records {path} hold no line that is a JSON object.")
    return Table(tuple(dict.fromkeys(key for row in rows for key in row.values)), rows)


def _row(number: int, line: str) -> RawRow:
    try:
        return as_row(f"line {number}", parse(line))
    except (ValueError, RecursionError):
        return RawRow(f"line {number}", {}, "it is no valid JSON")
