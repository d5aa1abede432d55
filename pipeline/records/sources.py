"""The kinds of sources, and one of them opened.

To add a source: a module here with ``SUFFIXES`` and ``read(path) -> Table``, named in :data:`_SOURCES`. It only brings
rows; what a heading means (:mod:`.headings`) and a row must hold (:mod:`.rows`) is the same for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pipeline.errors import BadRecords
from pipeline.records import csv_file, json_file, jsonl_file, xlsx_file
from pipeline.records.address import address_of
from pipeline.records.apart import read_apart
from pipeline.records.rows import Loaded, to_records
from pipeline.records.table import MAX_BYTES, MAX_STREAMED, Table
from pipeline.records.xlsx_file import is_packed
from pipeline.values.secrets import redacted

__all__ = ["KNOWN", "Opened", "is_known", "open_source", "read_here"]

_SOURCES: tuple[ModuleType, ...] = (json_file, jsonl_file, csv_file, xlsx_file)
_BY_SUFFIX: dict[str, ModuleType] = {suffix: source for source in _SOURCES for suffix in source.SUFFIXES}
KNOWN = ", ".join(_BY_SUFFIX)
SMALL = 4_000_000  # bytes of text that no way of writing them makes large: read here, without a process of their own


@dataclass(frozen=True, slots=True)
class Opened:
    """A source while it is read: its rows, or what a process of their own made of them already.

    ``name``: what it is called in sentences. ``form``: all that makes the same values mean something else.
    """

    name: str
    table: Table
    form: str = ""
    loaded: Loaded | None = None


@contextmanager
def open_source(source: str) -> Iterator[Opened]:
    """A source, row by row while this is open.

    :raises BadRecords: (also while rows are taken) the source cannot be read
    """
    address = address_of(source)
    if "://" in address:
        scheme = address.split("://", 1)[0]
        raise BadRecords(
            f"Records cannot be read from {scheme}:// addresses yet: save them as a file ({KNOWN}) and name that."
        )
    path = Path(address)
    size = _look_at(path, redacted(address))
    if (size > SMALL and not _is_streamed(path)) or is_packed(path):
        yield Opened(path.name, Table((), ()), loaded=read_apart(path))
        return
    yield Opened(path.name, _table_of(path))


def _table_of(path: Path) -> Table:
    try:
        table: Table = _BY_SUFFIX[path.suffix.lower()].read(path)
    except OSError as error:
        raise BadRecords(f"The records {path} cannot be read: {error.strerror or error}.") from error
    return table


def is_known(path: Path) -> bool:
    """Whether a file of that ending can be read."""
    return path.suffix.lower() in _BY_SUFFIX


def _is_streamed(path: Path) -> bool:
    """Whether it is read row by row, so that its size is no matter."""
    return getattr(_BY_SUFFIX[path.suffix.lower()], "STREAMED", False)


def read_here(path: Path) -> Loaded:
    """All usable records of a file of a known kind, read in this process.

    :raises BadRecords: as :func:`pipeline.records.load_records`
    """
    return to_records(_table_of(path), source=path.name)


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
    most = MAX_STREAMED if _is_streamed(path) else MAX_BYTES
    if size > most:
        raise BadRecords(f"The records {told} are larger than {most // 1_000_000} MB: split them.")
    return size
