"""Rows of cells (CSV, XLSX) under headings, which stand in one row or in several with merged cells (合并表头)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records.headings import field_of, unit_of
from pipeline.records.table import RawRow, Table

__all__ = ["from_cells"]

HEADING_ROWS = 12  # a title or two may stand above the headings
HEADING_LEVELS = 3  # rows that the headings themselves may take, groups above their parts
_UNIT_OF_ALL = re.compile(
    r"单位\s*[:：]\s*(?:人民币)?\s*(亿元|百万元|万元|千元|元)|[(（](亿元|百万元|万元|千元|元)[)）]\s*$"
)

Line = tuple[int, Sequence[object]]


def from_cells(lines: Iterable[Line], *, path: Path, names: Collection[str] = ()) -> Table:
    """Rows of cells, numbered as in the file, with the headings somewhere near the top.

    :param names: headings that a source file knows besides
    :raises BadRecords: no row of headings is found
    """
    coming = iter(lines)
    top = list(islice(coming, HEADING_ROWS))
    first, last = _heading_rows(top, names)
    if last < 0:
        raise BadRecords(
            f"The records {path} have no headings that are known: the first row must name application_no (申报编号), "
            "track (申报类别) and name (名称) or uscc (统一社会信用代码)."
        )
    headings = _headings([cells for _, cells in top[first : last + 1]], [cells for _, cells in top[:first]], names)
    rows = chain(top[last + 1 :], coming)
    return Table(tuple(h for h in headings if h.strip()), _rows(rows, headings))


def _heading_rows(top: Sequence[Line], names: Collection[str]) -> tuple[int, int]:
    """The first and the last row of the headings; (-1, -1): there are none."""
    known = [len({_field(cell, names) for cell in cells} - {None}) for _, cells in top]
    if not any(known):
        return -1, -1
    best = known.index(max(known))
    first = last = best
    while (
        last + 1 < len(top)
        and last - first + 1 < HEADING_LEVELS
        and _goes_on(top[first : last + 1], top[last + 1][1], names)
    ):
        last += 1
    while first and last - first + 1 < HEADING_LEVELS and _begins(top[first - 1][1], top[first : last + 1], names):
        first -= 1
    return first, last


def _goes_on(above: Sequence[Line], cells: Sequence[object], names: Collection[str]) -> bool:
    """Whether a row goes on with the headings above it: it names fields, and none where those above named one."""
    named = {place for _, row in above for place, cell in enumerate(row) if _field(cell, names)}
    here = {place for place, cell in enumerate(cells) if _filled(cell)}
    return bool(here) and not here & named and any(_field(cells[place], names) for place in here)


def _begins(cells: Sequence[object], below: Sequence[Line], names: Collection[str]) -> bool:
    """Whether a row is the level above: it names fields (merged downwards) or groups of them."""
    filled = [place for place, cell in enumerate(cells) if _filled(cell)]
    if len(filled) < 2:  # a title
        return False
    under = {place for _, row in below for place, cell in enumerate(row) if _field(cell, names)}
    return any(_field(cells[place], names) and place not in under for place in filled) or (
        len(filled) > 2 and all(len(str(cells[place])) <= 40 for place in filled)
    )


def _headings(
    levels: Sequence[Sequence[object]], above: Sequence[Sequence[object]], names: Collection[str]
) -> list[str]:
    """One heading a column: the lowest that is known, with the unit of money that stands over it."""
    width = max(len(level) for level in levels)
    of_all = next((found for row in reversed(above) for cell in row if (found := _unit_said(cell))), None)
    headings = []
    for place in range(width):
        column = [_cell(level, place) for level in levels]
        lowest = next((text for text in reversed(column) if _field(text, names)), None)
        heading = lowest if lowest is not None else next((text for text in reversed(column) if text.strip()), "")
        if field_of(heading) and unit_of(heading) is None:
            over = _over(levels[: column.index(heading)], place) if heading in column else []
            unit = next((found for text in over if (found := unit_of(text))), None) or of_all
            heading = f"{heading}（{unit}）" if unit else heading
        headings.append(heading)
    return headings


def _over(levels: Sequence[Sequence[object]], place: int) -> Iterator[str]:
    """What stands over a column, the nearest first: its own cell, or the merged one that begins to the left of it."""
    for level in reversed(levels):
        for column in range(min(place, len(level) - 1), -1, -1):
            if _filled(level[column]):
                yield str(level[column])
                break


def _unit_said(cell: object) -> str | None:
    found = _UNIT_OF_ALL.search(str(cell)) if _filled(cell) else None
    return (found[1] or found[2]) if found else None


def _cell(level: Sequence[object], place: int) -> str:
    cell = level[place] if place < len(level) else None
    return "" if cell is None else str(cell)


def _field(cell: object, names: Collection[str]) -> str | None:
    text = "" if cell is None else str(cell)
    return field_of(text) or (text if text in names else None)


def _rows(lines: Iterable[Line], headings: Sequence[str]) -> Iterator[RawRow]:
    for number, cells in lines:
        if any(_filled(cell) for cell in cells):
            yield _row(number, cells, headings)


def _row(number: int, cells: Sequence[object], headings: Sequence[str]) -> RawRow:
    values: dict[str, object] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading.strip() and (heading not in values or not _filled(values[heading])):
            values[heading] = cell
    surplus = any(_filled(cell) for cell in cells[len(headings) :])
    problem = "it has more cells than there are headings (a separator inside a value needs quotes)" if surplus else ""
    return RawRow(f"row {number}", values, problem)


def _filled(cell: object) -> bool:
    return cell is not None and cell != "" and str(cell).strip() != ""
