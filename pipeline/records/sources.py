"""The kinds of sources, and one of them opened.

To add a kind of file: a module here with ``SUFFIXES`` and ``read(path, names) -> Table``, named in :data:`_SOURCES`; a
kind of address: one with ``SCHEMES`` and ``opened(address)``. It only brings rows; what a heading means
(:mod:`.headings`) and a row must hold (:mod:`.rows`) is the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pipeline.errors import BadRecords, SourceDown
from pipeline.records import csv_file, http, json_file, jsonl_file, sql, xlsx_file
from pipeline.records.address import address_of
from pipeline.records.apart import read_apart
from pipeline.records.mapping import Maps, gathered, mapped
from pipeline.records.rows import Loaded, to_records
from pipeline.records.source_file import SUFFIX, Paging, read_source_file
from pipeline.records.table import MAX_BYTES, MAX_STREAMED, Table
from pipeline.records.turns import my_turn
from pipeline.records.xlsx_file import is_packed
from pipeline.values.secrets import redacted

__all__ = ["KNOWN", "Opened", "is_known", "open_source", "read_here"]

_SOURCES: tuple[ModuleType, ...] = (json_file, jsonl_file, csv_file, xlsx_file)
_BY_SUFFIX: dict[str, ModuleType] = {suffix: source for source in _SOURCES for suffix in source.SUFFIXES}
KNOWN = ", ".join((*_BY_SUFFIX, SUFFIX))
SMALL = 4_000_000  # bytes of text that no way of writing them makes large: read here, without a process of their own


@dataclass(slots=True)
class Opened:
    """A source while it is read: its rows, or what a process of their own made of them already.

    ``name``: what it is called in sentences. ``form``: all that makes the same values mean something else. ``state``:
    what to open it with the next time, so that it can say that it is as it was (``unchanged``).
    """

    name: str
    table: Table
    form: str = ""
    loaded: Loaded | None = None
    min_share: float | None = None
    state: str = ""
    unchanged: bool = False


@contextmanager
def open_source(source: str, *, state: str = "") -> Iterator[Opened]:
    """A source, row by row while this is open.

    :param state: of the last time that all of it was used
    :raises BadRecords: (also while rows are taken) the source cannot be read
    """
    address = address_of(source)
    if "://" in address:
        with my_turn(address), _at_address(address, state) as opened:
            yield opened
        return
    path = Path(address)
    if path.suffix.lower() == SUFFIX and _look_at(path, redacted(address)):
        with _described(path, state) as opened:
            yield opened
        return
    _look_at(path, redacted(address))
    yield _of_file(path, path.name)


@contextmanager
def _at_address(address: str, state: str) -> Iterator[Opened]:
    scheme = address.split("://", 1)[0].lower()
    if scheme in http.SCHEMES:
        with _over_http(address, state) as opened:
            yield opened
    elif scheme.partition("+")[0] in sql.SCHEMES:
        bare, table = sql.split_address(address)
        with sql.opened(bare, table=table) as found:
            yield Opened(redacted(address), found)
    else:
        raise BadRecords(
            f"Records cannot be read from {scheme[:20]}:// addresses: name a file ({KNOWN}), an http(s):// address, or "
            "a database (sqlite:///, postgresql://, mysql://)."
        )


@contextmanager
def _over_http(
    address: str, state: str, *, paging: Paging | None = None, token_env: str = "", maps: Maps | None = None
) -> Iterator[Opened]:
    name = redacted(address)
    with http.opened(address, paging=paging, token_env=token_env, state=state) as answer:
        if answer.file is None:
            yield Opened(name, answer.table or Table((), ()), state=answer.state, unchanged=answer.unchanged)
            return
        try:
            opened = _of_file(answer.file, name, maps=maps)
            opened.state = answer.state
            yield opened
        except BadRecords as error:  # of a file that nobody knows by its name
            raise SourceDown(error.message.replace(str(answer.file), name)) from error


@contextmanager
def _described(path: Path, state: str) -> Iterator[Opened]:
    """A source as a source file describes it."""
    told = read_source_file(path)
    address = address_of(told.address)
    columns, certificates = dict(told.columns), told.certificates
    maps = Maps(columns, told.values, told.unit)
    with my_turn(address), ExitStack() as stack:
        if told.kind == "http":
            asked = _over_http(address, state, paging=told.paging, token_env=told.token_env, maps=maps)
            opened = stack.enter_context(asked)
        elif told.kind == "sql":
            bare, named = sql.split_address(_beside(address, path))
            if certificates is not None:
                with sql.lines(bare, table=certificates.table, query=certificates.query) as lines:
                    theirs: dict[str, str] = {str(k): v for k, v in certificates.columns.items()}
                    found = gathered(lines, certificates.key, theirs, certificates.kinds, redacted(bare))
                maps = Maps(columns, told.values, told.unit, found)
            table = told.table or told.view or named
            rows = stack.enter_context(sql.opened(bare, table=table, query=told.query))
            opened = Opened(redacted(address), rows)
        else:
            file = path.parent / address
            _look_at(file, str(file))
            opened = _of_file(file, file.name, maps=maps)
        opened.table = mapped(opened.table, maps, opened.name)
        opened.form, opened.min_share = maps.form(), told.min_share
        yield opened


def _beside(address: str, path: Path) -> str:
    """A database file named without its folder lies beside the source file."""
    found = re.match(r"sqlite:///(?!/)(.+)", address)
    return f"sqlite:///{path.parent.resolve() / found[1]}" if found else address


def _of_file(path: Path, name: str, *, maps: Maps | None = None) -> Opened:
    """:param maps: its rows themselves are asked for, so that no other process can make records of them"""
    here = bool(maps)
    large = path.stat().st_size > SMALL and not _is_streamed(path)
    if (large or is_packed(path)) and not here:
        return Opened(name, Table((), ()), loaded=read_apart(path))
    if large:
        raise BadRecords(
            f"The records {path} are too large for a source file with maps ({SMALL // 1_000_000} MB): save them as "
            ".jsonl or .csv."
        )
    return Opened(name, _table_of(path, tuple(maps.columns.values()) if maps else ()))


def _table_of(path: Path, names: Collection[str] = ()) -> Table:
    try:
        table: Table = _BY_SUFFIX[path.suffix.lower()].read(path, names=names)
    except OSError as error:
        raise BadRecords(f"The records {path} cannot be read: {error.strerror or error}.") from error
    return table


def is_known(path: Path) -> bool:
    """Whether a file of that ending can be read."""
    return path.suffix.lower() in _BY_SUFFIX or path.suffix.lower() == SUFFIX


def _is_streamed(path: Path) -> bool:
    """Whether it is read row by row, so that its size is no matter."""
    return getattr(_BY_SUFFIX.get(path.suffix.lower()), "STREAMED", False)


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
