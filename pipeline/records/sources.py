"""The kinds of files that hold records, and one of them read here, in this process.

To add a source: a module here with ``SUFFIXES`` and ``read(path) -> Table``, named in :data:`_SOURCES`. It only brings
rows; what a heading means (:mod:`.headings`) and a row must hold (:mod:`.rows`) is the same for all.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from pipeline.errors import BadRecords
from pipeline.records import csv_file, json_file, jsonl_file, xlsx_file
from pipeline.records.rows import Loaded, to_records

__all__ = ["KNOWN", "is_known", "read_here"]

_SOURCES: tuple[ModuleType, ...] = (json_file, jsonl_file, csv_file, xlsx_file)
_BY_SUFFIX: dict[str, ModuleType] = {suffix: source for source in _SOURCES for suffix in source.SUFFIXES}
KNOWN = ", ".join(_BY_SUFFIX)


def is_known(path: Path) -> bool:
    """Whether a file of that ending can be read."""
    return path.suffix.lower() in _BY_SUFFIX


def read_here(path: Path) -> Loaded:
    """All usable records of a file of a known kind.

    :raises BadRecords: as :func:`pipeline.records.load_records`
    """
    try:
        table = _BY_SUFFIX[path.suffix.lower()].read(path)
    except OSError as error:
        raise BadRecords(f"The records {path} cannot be read: {error.strerror or error}.") from error
    return to_records(table, source=path.name)
