"""Online records (网上申报数据): read from a file, checked row by row, and met by what an envelope says."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.model import Record
from pipeline.records.address import address_of
from pipeline.records.apart import read_apart
from pipeline.records.matching import Known, Match, match
from pipeline.records.rows import Loaded
from pipeline.records.sources import KNOWN, is_known, read_here
from pipeline.records.table import MAX_BYTES
from pipeline.records.turns import my_turn
from pipeline.records.xlsx_file import is_packed
from pipeline.values.secrets import redacted

__all__ = ["Known", "Loaded", "Match", "Record", "load_records", "match"]

SMALL = 4_000_000  # bytes of text that no way of writing them makes large: read here, without a process of their own


def load_records(source: str) -> Loaded:
    """All usable records of a ``.json``, ``.jsonl``, ``.csv`` or ``.xlsx`` file, and a sentence for each row left out.

    :param source: the file, or ``env:NAME`` where a variable holds its address
    :raises BadRecords: the source cannot be read, lacks a mandatory column, or has not one usable row
    """
    address = address_of(source)
    with my_turn(address):
        return _loaded(address)


def _loaded(address: str) -> Loaded:
    if "://" in address:
        scheme = address.split("://", 1)[0]
        raise BadRecords(
            f"Records cannot be read from {scheme}:// addresses yet: save them as a file ({KNOWN}) and name that."
        )
    path = Path(address)
    size = _look_at(path, redacted(address))
    return read_here(path) if size <= SMALL and not is_packed(path) else read_apart(path)


def _look_at(path: Path, told: str) -> int:
    """The size of a file that can hold records."""
    try:
        exists, is_file, size = path.exists(), path.is_file(), path.stat().st_size if path.exists() else 0
    except (OSError, ValueError) as error:
        raise BadRecords(f"The records {told!r} cannot be read: {redacted(str(error))}.") from error
    if not exists:
        raise BadRecords(f"There is no file {told}: name the file with the online records ({KNOWN}).")
    if not is_file:
        raise BadRecords(f"{told} is no file: name the file with the online records ({KNOWN}).")
    if not is_known(path):
        kind = path.suffix or "without an ending"
        raise BadRecords(f"Records of the kind {kind} cannot be read ({path.name}): save them as {KNOWN}.")
    if not size:
        raise BadRecords(f"The records {told} are empty.")
    if size > MAX_BYTES:
        raise BadRecords(f"The records {told} are larger than {MAX_BYTES // 1_000_000} MB: split them.")
    return size
