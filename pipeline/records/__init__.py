"""Online records (网上申报数据): read from a file, checked row by row, and met by what an envelope says.

To add a source: a module here with ``SUFFIXES`` and ``read(path) -> Table``, named in :data:`_SOURCES`. It only brings
rows; what a heading means (:mod:`.headings`) and a row must hold (:mod:`.rows`) is the same for all.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from pipeline.errors import BadRecords
from pipeline.model import Record
from pipeline.records import csv_file, json_file, jsonl_file, xlsx_file
from pipeline.records.matching import Known, Match, match
from pipeline.records.rows import Loaded, to_records
from pipeline.records.table import MAX_BYTES

__all__ = ["Known", "Loaded", "Match", "Record", "load_records", "match"]

_SOURCES: tuple[ModuleType, ...] = (json_file, jsonl_file, csv_file, xlsx_file)
_BY_SUFFIX: dict[str, ModuleType] = {suffix: source for source in _SOURCES for suffix in source.SUFFIXES}
_KNOWN = ", ".join(_BY_SUFFIX)


def load_records(source: str) -> Loaded:
    """All usable records of a ``.json``, ``.jsonl``, ``.csv`` or ``.xlsx`` file, and a sentence for each row left out.

    :raises BadRecords: the source cannot be read, lacks a mandatory column, or has not one usable row
    """
    if "://" in source:
        scheme = source.split("://", 1)[0]
        raise BadRecords(
            f"Records cannot be read from {scheme}:// addresses yet: save them as a file ({_KNOWN}) and name that."
        )
    path = Path(source)
    reader = _BY_SUFFIX.get(path.suffix.lower())
    _look_at(path, readable=reader is not None)
    assert reader is not None  # _look_at has refused the rest
    try:
        table = reader.read(path)
    except OSError as error:
        raise BadRecords(f"The records {path} cannot be read: {error.strerror or error}.") from error
    return to_records(table, source=path.name)


def _look_at(path: Path, *, readable: bool) -> None:
    try:
        exists, is_file, size = path.exists(), path.is_file(), path.stat().st_size if path.exists() else 0
    except (OSError, ValueError) as error:
        raise BadRecords(f"The records {str(path)!r} cannot be read: {error}.") from error
    if not exists:
        raise BadRecords(f"There is no file {path}: name the file with the online records ({_KNOWN}).")
    if not is_file:
        raise BadRecords(f"{path} is no file: name the file with the online records ({_KNOWN}).")
    if not readable:
        kind = path.suffix or "without an ending"
        raise BadRecords(f"Records of the kind {kind} cannot be read ({path.name}): save them as {_KNOWN}.")
    if not size:
        raise BadRecords(f"The records {path} are empty.")
    if size > MAX_BYTES:
        raise BadRecords(f"The records {path} are larger than {MAX_BYTES // 1_000_000} MB: split them.")
