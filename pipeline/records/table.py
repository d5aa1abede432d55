"""What every record source hands on: rows of raw values under raw headings, and the bounds on a stranger's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.headings import field_of

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "RawRow", "Table", "decode", "from_cells"]

MAX_BYTES = 200_000_000  # a call has some thousands of applications, about 2 kB each
MAX_ROWS = 200_000
MAX_COLUMNS = 500
HEADING_ROWS = 12  # a title or two may stand above the headings


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: where it stands ("row 3") and its values by heading; ``problem`` where it cannot be used as it is."""

    where: str
    values: Mapping[str, object]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """``columns``: all headings that occur, once ``rows`` were gone through (in order, once)."""

    columns: Sequence[str]
    rows: Iterable[RawRow]


def decode(path: Path) -> str:
    """A text file: UTF-8 (BOM or not), UTF-16 with BOM, else GB18030, which is what Excel in China writes."""
    data = path.read_bytes()
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding).lstrip("\ufeff")  # some programs write a second mark
        except UnicodeDecodeError:
            continue
    raise BadRecords(f"The records {path} are no text (neither UTF-8 nor GB18030): save them again as UTF-8.")


def from_cells(lines: Sequence[tuple[int, Sequence[object]]], *, path: Path) -> Table:
    """Rows of cells, numbered as in the file, with the heading row somewhere near the top.

    :raises BadRecords: no row of headings is found
    """
    best, known = -1, 0
    for position, (_, cells) in enumerate(lines[:HEADING_ROWS]):
        fields = {field_of(str(cell)) for cell in cells if cell is not None} - {None}
        if len(fields) > known:
            best, known = position, len(fields)
    if best < 0:
        raise BadRecords(
            f"The records {path} have no headings that are known: the first row must name application_no (申报编号), "
            "track (申报类别) and name (名称) or uscc (统一社会信用代码)."
        )
    headings = ["" if cell is None else str(cell) for cell in lines[best][1]]
    rows = tuple(_row(number, cells, headings) for number, cells in lines[best + 1 :] if any(_filled(c) for c in cells))
    return Table(tuple(h for h in headings if h.strip()), rows)


def _row(number: int, cells: Sequence[object], headings: Sequence[str]) -> RawRow:
    values: dict[str, object] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading.strip() and (heading not in values or not _filled(values[heading])):
            values[heading] = cell
    surplus = any(_filled(cell) for cell in cells[len(headings) :])
    problem = "it has more cells than there are headings (a separator inside a value needs quotes)" if surplus else ""
    return RawRow(f"row {number}", values, problem)


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""
