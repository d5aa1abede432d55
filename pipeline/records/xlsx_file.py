"""Records from an Excel workbook (.xlsx): the first sheet that has known headings."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.errors import BadRecords
from pipeline.records.table import MAX_COLUMNS, MAX_ROWS, Table, from_cells

__all__ = ["SUFFIXES", "read"]

SUFFIXES = (".xlsx", ".xlsm")
MAX_UNPACKED = 600_000_000  # bytes; past it the workbook is a bomb, not a list of applications
MAX_SHEETS = 20
MAX_PLACES = 6  # decimals of a number of 万元 that mean anything (0.01 元); the rest is binary noise


def read(path: Path) -> Table:
    """All rows of the first sheet with headings. Raises BadRecords where there is none or the file is no workbook."""
    from openpyxl import load_workbook  # 0.2 s: only who has a workbook pays

    _look_inside(path)
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        refusal: BadRecords | None = None
        for sheet in workbook.worksheets[:MAX_SHEETS]:
            sheet.reset_dimensions()  # files of other programs state wrong ones
            try:
                return from_cells(_lines(sheet.iter_rows(max_col=MAX_COLUMNS), path), path=path)
            except BadRecords as error:
                refusal = error
        raise refusal or BadRecords(f"The workbook {path} has no sheet with rows.")
    except (BadRecords, OSError):
        raise
    except Exception as error:  # openpyxl lets whatever a broken file provokes through
        raise BadRecords(f"The records {path} are no readable XLSX workbook ({type(error).__name__}).") from error


def _look_inside(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:  # the last: a compression that zipfile lacks
        raise BadRecords(
            f"The records {path} are no XLSX workbook (or have a password): save them again as .xlsx without one."
        ) from error
    if size > MAX_UNPACKED:
        raise BadRecords(f"The workbook {path} unpacks to more than {MAX_UNPACKED // 1_000_000} MB: split it.")


def _lines(rows: Iterable[Iterable[Any]], path: Path) -> list[tuple[int, list[object]]]:
    lines: list[tuple[int, list[object]]] = []
    for number, row in enumerate(rows, 1):
        cells = [_value(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            lines.append((number, cells))
        if len(lines) > MAX_ROWS:
            raise BadRecords(f"The records {path} hold more than {MAX_ROWS} rows: split them.")
    return lines


def _value(cell: Any) -> object:
    value = cell.value
    if not isinstance(value, float):
        return value
    number = Decimal(repr(value))
    if not number.is_finite():
        return value
    if -int(number.as_tuple().exponent) > MAX_PLACES:
        number = round(number, MAX_PLACES).normalize()
    return _with_places(number, str(getattr(cell, "number_format", "") or ""))


def _with_places(number: Decimal, number_format: str) -> Decimal:
    """With the decimals that the cell shows (3000.5 formatted 0.00 was declared to two places); none are cut."""
    shown = re.search(r"0\.(0+)", number_format)
    places = max(len(shown[1]) if shown else 0, -int(number.as_tuple().exponent))
    return number.quantize(Decimal(1).scaleb(-places)) if 0 <= places <= MAX_PLACES and abs(number) < 10**15 else number
