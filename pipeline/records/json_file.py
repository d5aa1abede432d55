"""Records from a JSON file: an array of objects (or an object with one such array under records, data or items)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.table import MAX_ROWS, RawRow, Table, decode

__all__ = ["SUFFIXES", "as_row", "parse", "read"]

SUFFIXES = (".json",)
_WRAPPERS = ("records", "data", "items")


def read(path: Path) -> Table:
    """All rows of the array. Raises BadRecords where the file is no such JSON."""
    try:
        loaded = parse(decode(path))
    except (ValueError, RecursionError) as error:
        raise BadRecords(f"The records {path} are no valid JSON: {_reason(error)}.") from error
    if isinstance(loaded, dict):
        loaded = next((loaded[key] for key in _WRAPPERS if isinstance(loaded.get(key), list)), None)
    if not isinstance(loaded, list):
        raise BadRecords(f"The records {path} are no JSON array of objects.")
    if len(loaded) > MAX_ROWS:
        raise BadRecords(f"The records {path} hold more than {MAX_ROWS} rows: split them.")
    rows = tuple(as_row(f"record {number}", item) for number, item in enumerate(loaded, 1))
    return Table(tuple(dict.fromkeys(key for row in rows for key in row.values)), rows)


def parse(text: str) -> object:
    """JSON with exact decimals (3000.50 keeps both places) and without NaN and Infinity."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def as_row(where: str, item: object) -> RawRow:
    """An object as a row; anything else as a row that cannot be used."""
    if isinstance(item, dict):
        return RawRow(where, {str(key): value for key, value in item.items()})
    return RawRow(where, {}, f"it is no object but {type(item).__name__}")


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
