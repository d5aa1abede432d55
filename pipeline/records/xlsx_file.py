"""Records from an Excel workbook (.xlsx): the first sheet that has known headings."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from pipeline.errors import BadRecords
from pipeline.records.grid import from_cells
from pipeline.records.table import MAX_COLUMNS, MAX_PLACES, MAX_ROWS, Table, exact

__all__ = ["SUFFIXES", "get_ready", "is_packed", "read"]

SUFFIXES = (".xlsx", ".xlsm")
MAX_UNPACKED = 300_000_000  # bytes; past it the workbook is a bomb: 30,000 applications were 33 million
MAX_PARTS = 2_000  # files in it; a workbook has some dozens
MAX_SHEETS = 20
ROWS_IN_EXCEL = (
    1_048_576  # a row may say that it is the thousand-millionth: those before it are gone through one by one
)
PIECE = 1 << 16


def is_packed(path: Path) -> bool:
    """Whether a file of this kind is one indeed, whose size says little of what is in it."""
    return path.suffix.lower() in SUFFIXES and zipfile.is_zipfile(path)


def get_ready() -> None:
    """Load what reading needs, before walls are put up around this process."""
    import openpyxl.reader.excel  # noqa: F401


def read(path: Path, *, names: Collection[str] = ()) -> Table:
    """All rows of the first sheet with headings. Raises BadRecords where there is none or the file is no workbook."""
    from openpyxl import load_workbook  # 0.2 s: only who has a workbook pays

    with path.open("rb") as stream:  # looked at and read through one handle: what was looked at is what is read
        _look_inside(stream, path)
        stream.seek(0)
        try:
            workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            refusal: BadRecords | None = None
            for sheet in workbook.worksheets[:MAX_SHEETS]:
                sheet.reset_dimensions()  # files of other programs state wrong ones
                try:
                    return from_cells(_lines(sheet.iter_rows(max_col=MAX_COLUMNS), path), path=path, names=names)
                except BadRecords as error:
                    refusal = error
            raise refusal or BadRecords(f"The workbook {path} has no sheet with rows.")
        except (BadRecords, OSError, MemoryError):
            raise
        except Exception as error:  # openpyxl lets whatever a broken file provokes through
            raise BadRecords(f"The records {path} are no readable XLSX workbook ({type(error).__name__}).") from error


def _look_inside(stream: BinaryIO, path: Path) -> None:
    """What a workbook may be: some parts, of bounded size, none of which defines entities of its own."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise BadRecords(
                    f"The workbook {path} unpacks to more than {MAX_UNPACKED // 1_000_000} MB or {MAX_PARTS} parts: "
                    "split it."
                )
            suspect = next((part.filename for part in parts if _defines_a_type(archive, part)), None)
    except (zipfile.BadZipFile, ValueError, RuntimeError, EOFError, zlib.error) as error:  # RuntimeError: a compression
        raise BadRecords(  # that zipfile lacks, or a password
            f"The records {path} are no XLSX workbook (or have a password): save them again as .xlsx without one."
        ) from error
    if suspect is not None:
        raise BadRecords(
            f"The workbook {path} defines entities of its own ({suspect[:60]}), which no spreadsheet program writes: "
            "save it again from one."
        )


class _Enough(Exception):
    """The first element has begun: a document type can only stand before it."""


def _defines_a_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part of XML has a DTD. Bombs (a thousand million laughs) and files of others come in through it alone.

    The parser asked is the one that will read the part, so that no encoding hides from us what it sees.
    """
    found: list[bool] = []

    def started(*_: object) -> None:
        raise _Enough

    def typed(*_: object) -> None:
        found.append(True)
        raise _Enough

    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = typed
    try:
        with archive.open(part) as stream:
            while piece := stream.read(PIECE):
                parser.Parse(piece, False)
    except (_Enough, expat.ExpatError):  # the latter: no XML, or broken before anything could be defined
        pass
    return bool(found)


def _lines(rows: Iterable[Iterable[Any]], path: Path) -> list[tuple[int, list[object]]]:
    lines: list[tuple[int, list[object]]] = []
    empty: object = None  # rows that the file leaves out are one and the same
    for number, row in enumerate(rows, 1):
        if row is empty and number <= ROWS_IN_EXCEL:
            continue
        cells = [_value(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        empty = empty if cells else row
        if cells:
            lines.append((number, cells))
        if len(lines) > MAX_ROWS or number > ROWS_IN_EXCEL:
            raise BadRecords(f"The records {path} hold more than {MAX_ROWS} rows: split them.")
    return lines


def _value(cell: Any) -> object:
    value = cell.value
    if not isinstance(value, float):
        return value
    number = exact(value)
    if not isinstance(number, Decimal):
        return value
    return _with_places(number, str(getattr(cell, "number_format", "") or ""))


def _with_places(number: Decimal, number_format: str) -> Decimal:
    """With the decimals that the cell shows (3000.5 formatted 0.00 was declared to two places); none are cut."""
    shown = re.search(r"0\.(0+)", number_format)
    places = max(len(shown[1]) if shown else 0, -int(number.as_tuple().exponent))
    return number.quantize(Decimal(1).scaleb(-places)) if 0 <= places <= MAX_PLACES and abs(number) < 10**15 else number
