"""Records from a JSON file: an array of objects (or an object with one such array under records, data, items …)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.table import MAX_ROWS, RawRow, Table, decode

__all__ = ["SUFFIXES", "array_in", "as_row", "parse", "read"]

SUFFIXES = (".json",)
MAX_DIGITS = 1_000  # of one number; one of a million digits is written to keep a machine busy
_WRAPPERS = ("records", "data", "items", "results", "list", "rows", "content")


def read(path: Path, *, names: Collection[str] = ()) -> Table:
    """All rows of the array. Raises BadRecords where the file is no such JSON."""
    try:
        loaded = parse(decode(path))
    except (ValueError, RecursionError) as error:
        raise BadRecords(f"The records {path} are no valid JSON: {_reason(error)}.") from error
    loaded = array_in(loaded)
    if loaded is None:
        raise BadRecords(f"The records {path} are no JSON array of objects.")
    if len(loaded) > MAX_ROWS:
        raise BadRecords(f"The records {path} hold more than {MAX_ROWS} rows: split them.")
    rows = tuple(as_row(f"record {number}", item) for number, item in enumerate(loaded, 1))
    return Table(tuple(dict.fromkeys(key for row in rows for key in row.values)), rows)


def array_in(loaded: object) -> list[object] | None:
    """The array itself, or the one in an object around it: ``{"records": […]}``, ``{"data": {"list": […]}}``."""
    for _ in range(2):
        if not isinstance(loaded, dict):
            break
        around = loaded
        loaded = next((around[key] for key in _WRAPPERS if isinstance(around.get(key), list)), None)
        loaded = (
            loaded
            if loaded is not None
            else next((around[k] for k in _WRAPPERS if isinstance(around.get(k), dict)), None)
        )
    return loaded if isinstance(loaded, list) else None


def parse(text: str) -> object:
    """JSON with exact decimals (3000.50 keeps both places) and without NaN and Infinity."""
    return json.loads(
        text,
        parse_float=_exact,
        parse_int=_whole,
        parse_constant=_refuse,
        object_pairs_hook=_object,
    )


def as_row(where: str, item: object) -> RawRow:
    """An object as a row; anything else as a row that cannot be used."""
    if not isinstance(item, dict):
        return RawRow(where, {}, f"it is no object but {type(item).__name__}")
    problem = f"it names {item.twice[:60]} twice, with different values" if isinstance(item, _Twofold) else ""
    return RawRow(where, {str(key): value for key, value in item.items()}, problem)


class _Twofold(dict[str, object]):
    """An object that says two things of one key, or holds such an object: nobody can tell which of them is meant."""

    twice = ""


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    twice = next((key for key, value in pairs if plain[key] is not value and plain[key] != value), "")
    inner = (part for value in plain.values() for part in (value if isinstance(value, list) else (value,)))
    found = twice or next((part.twice for part in inner if isinstance(part, _Twofold)), "")
    if not found:
        return plain
    twofold = _Twofold(plain)
    twofold.twice = found
    return twofold


def _exact(number: str) -> object:
    """A number with a fraction or an exponent; one that nobody can mean stays text, and is malformed as that."""
    if len(number) > MAX_DIGITS:
        return number
    try:
        exact = Decimal(number)
    except InvalidOperation:
        return number
    return exact if abs(int(exact.as_tuple().exponent)) <= MAX_DIGITS else number


def _whole(number: str) -> object:
    return int(number) if len(number) <= MAX_DIGITS else number


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
