"""Digests: of a raw row, by which one that is as it was yesterday is known without converting it; of a record."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from pipeline.model import Record
from pipeline.records.table import RawRow, RawText

__all__ = ["content_of", "digest_of", "edition", "filled_fields", "filled_of", "mark_of"]

SIZE = 16  # bytes: of 2**64 rows two would be taken for one another
_FIELDS = tuple(Record.model_fields)
_CONVERTING = (
    "records/convert.py",
    "records/headings.py",
    "records/rows.py",
    "records/table.py",
    "records/json_file.py",
    "model/records.py",
    "values/amounts.py",
    "values/dates.py",
    "values/numbers.py",
    "values/numerals.py",
)


@lru_cache(maxsize=1)
def edition() -> str:
    """Of all that makes records of raw rows: one that another edition made may not be what this one would make."""
    folder = Path(__file__).parent.parent
    return hashlib.sha256(b"\0".join((folder / name).read_bytes() for name in _CONVERTING)).hexdigest()[:16]


def mark_of(row: RawRow | RawText, form: bytes) -> str:
    """Of what a row says, in the form of its source (edition, columns, maps). Another order of columns is another."""
    return hashlib.blake2b(row.marked(), digest_size=SIZE, key=form).hexdigest()


def content_of(record: Record) -> bytes:
    """A record as kept."""
    return record.model_dump_json(exclude_defaults=True).encode()


def digest_of(content: bytes) -> str:
    """Of a record as kept."""
    return hashlib.blake2b(content, digest_size=SIZE).hexdigest()


def filled_of(record: Record) -> int:
    """Which fields have a value, a bit each."""
    return sum(1 << place for place, name in enumerate(_FIELDS) if getattr(record, name) not in (None, "", ()))


def filled_fields(counts: dict[int, int]) -> dict[str, int]:
    """How many records have a value in each field, from how many are filled in which way."""
    return {
        name: sum(count for filled, count in counts.items() if filled >> place & 1)
        for place, name in enumerate(_FIELDS)
    }
