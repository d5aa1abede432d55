"""Lines and rulings of one page -> cells, by geometry alone.

A *cell* is a piece of paper that holds one label or one value: a ruled cell (merged ones too), a column of text in a
ruled row that has no upright rules, or a line of its own where nothing is ruled. Neighbours (:meth:`Sheet.right_of`,
:meth:`Sheet.below`) are found from boxes, so that forms of any layout are read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline.model import Box, Line, ReadPage
from pipeline.tables.combs import without_combs
from pipeline.tables.rules import TOUCH, ruled_boxes

__all__ = [
    "Cell",
    "Sheet",
    "Spelled",
    "cell_of",
    "cut_line",
    "in_order",
    "join_lines",
    "part_of_line",
    "sheet_of",
    "spell",
    "union_of",
]

ROW_OVERLAP = 0.5  # of the lower line's height: two lines this much beside each other stand in one row of text
NEIGHBOUR_OVERLAP = 0.4  # of the smaller cell's side, for cells to count as neighbours
SPILL = 0.4  # of a line's height: by how much boxes of lines in neighbouring columns may overlap
INSIDE = 0.5  # part of a line that must lie in a table for its cells to take it
FREE_BELOW = 2.2  # line heights: the farthest that an unruled value stands under its label
FREE_RIGHT = 0.45  # of the page's width: the farthest that an unruled value stands right of its label


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its lines in reading order. ``table``: number of its ruled table on the page, -1 if unruled."""

    box: Box
    page: int
    table: int
    lines: tuple[Line, ...] = ()
    text: str = field(default="")

    @property
    def ruled(self) -> bool:
        return self.table >= 0

    @property
    def confidence(self) -> float:
        """The worst line's score; 1 for an empty cell."""
        return min((line.confidence for line in self.lines), default=1.0)

    @property
    def ink_box(self) -> Box:
        """Around the text itself; the whole cell if it is empty."""
        return union_of([line.box for line in self.lines]) if self.lines else self.box


def cell_of(lines: Iterable[Line], *, box: Box | None = None, page: int, table: int) -> Cell:
    """A cell from lines in any order."""
    ordered = in_order(lines)
    around = box if box is not None else union_of([line.box for line in ordered])
    return Cell(box=around, page=page, table=table, lines=ordered, text=join_lines(ordered))


def union_of(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of them (at least one)."""
    around = boxes[0]
    for box in boxes[1:]:
        around = around.union(box)
    return around


# ------------------------------------------------------------------------------------------------------- reading order


def rows_of(lines: Iterable[Line]) -> tuple[tuple[Line, ...], ...]:
    """Lines as rows of text, top to bottom, each from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: item.box.cy):
        for row in reversed(rows[-3:]):
            if _beside(row[-1].box, line.box) and all(_beside(other.box, line.box) for other in row):
                row.append(line)
                break
        else:
            rows.append([line])
    return tuple(tuple(sorted(row, key=lambda item: item.box.x0)) for row in rows)


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    apart = min(a.x1, b.x1) - max(a.x0, b.x0) <= 0.25 * min(a.width, b.width)
    return apart and shared >= ROW_OVERLAP * min(a.height, b.height)


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines in reading order."""
    return tuple(line for row in rows_of(lines) for line in row)


_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")


def glue(before: str, after: str, *, same_row: bool) -> str:
    """What stands between two pieces of text: nothing between Chinese signs or within a broken address or number."""
    if not before or not after:
        return ""
    if same_row:
        return " "
    last, first = before[-1], after[0]
    if _WIDE.match(last) or _WIDE.match(first):
        return ""
    if last in "-@._/" or first in "@._" or (last.isdigit() and first.isdigit()):
        return ""
    tail, head = re.split(r"\s", before)[-1], re.split(r"\s", after)[0]
    return "" if "@" in tail + head or (any(c.isdigit() for c in tail) and any(c.isdigit() for c in head)) else " "


@dataclass(frozen=True, slots=True)
class Spelled:
    """Text of several lines as one string, and where each character stands: (number of the line, of the character).

    ``lines`` are in reading order; signs put between lines have no place.
    """

    text: str
    lines: tuple[Line, ...]
    places: tuple[tuple[int, int] | None, ...]

    def pieces(self, start: int, end: int) -> tuple[Line, ...]:
        """The parts of the lines that characters ``start`` to ``end`` come from."""
        spans: dict[int, tuple[int, int]] = {}
        for place in self.places[start:end]:
            if place:
                low, high = spans.get(place[0], (place[1], place[1]))
                spans[place[0]] = (min(low, place[1]), max(high, place[1]))
        parts = (part_of_line(self.lines[n], low, high + 1) for n, (low, high) in sorted(spans.items()))
        return tuple(part for part in parts if part.text.strip())


def spell(lines: Iterable[Line]) -> Spelled:
    """Several lines as one string: rows joined as a reader would, pieces of one row with a space."""
    text = ""
    places: list[tuple[int, int] | None] = []
    ordered: list[Line] = []
    for row in rows_of(lines):
        for number, line in enumerate(row):
            piece = line.text.strip()
            between = glue(text, piece, same_row=number > 0)
            skipped = len(line.text) - len(line.text.lstrip())
            text += between + piece
            places += [None] * len(between) + [(len(ordered), skipped + i) for i in range(len(piece))]
            ordered.append(line)
    return Spelled(text, tuple(ordered), tuple(places))


def join_lines(lines: Iterable[Line]) -> str:
    """The text of :func:`spell` alone."""
    return spell(lines).text


# -------------------------------------------------------------------------------------------------------- cutting lines


def cut_line(line: Line, x: float) -> tuple[Line, Line] | None:
    """A line cut at ``x`` (fraction of the page) between two characters; None if it would leave one side empty."""
    count = len(line.text)
    if count < 2 or not line.box.x0 < x < line.box.x1:
        return None
    centres = line.centres if len(line.centres) == count else tuple((i + 0.5) / count for i in range(count))
    share = (x - line.box.x0) / line.box.width
    left = sum(1 for centre in centres if centre < share)
    if not line.text[:left].strip() or not line.text[left:].strip():
        return None
    return _part(line, 0, left, 0.0, share), _part(line, left, count, share, 1.0)


def part_of_line(line: Line, start: int, end: int) -> Line:
    """Characters ``start`` to ``end`` of a line as a line of their own, its box guessed from their centres."""
    count = len(line.text)
    if start <= 0 and end >= count:
        return line
    centres = line.centres if len(line.centres) == count else tuple((i + 0.5) / count for i in range(count))
    low = 0.0 if start <= 0 else (centres[start - 1] + centres[start]) / 2
    high = 1.0 if end >= count else (centres[end - 1] + centres[end]) / 2
    return _part(line, start, end, low, max(low, high))


def _part(line: Line, start: int, end: int, low: float, high: float) -> Line:
    box = Box(line.box.x0 + low * line.box.width, line.box.y0, line.box.x0 + high * line.box.width, line.box.y1)
    whole = len(line.centres) == len(line.text)
    span = max(high - low, 1e-6)
    scores = line.scores[start:end] if len(line.scores) == len(line.text) else ()
    return line.model_copy(
        update={
            "text": line.text[start:end],
            "box": box,
            "centres": tuple(min(1.0, max(0.0, (c - low) / span)) for c in line.centres[start:end]) if whole else (),
            "scores": scores,
            "confidence": sum(scores) / len(scores) if scores else line.confidence,
        }
    )


# ---------------------------------------------------------------------------------------------------------- the sheet


@dataclass(frozen=True, slots=True)
class Sheet:
    """All cells of one page, in reading order."""

    page: int
    cells: tuple[Cell, ...]

    def right_of(self, cell: Cell) -> tuple[Cell, ...]:
        """Cells of the same row to the right, nearest first; unruled ones only as far as a value would stand."""
        found = [
            other
            for other in self.cells
            if other is not cell
            and other.box.cx > cell.box.cx
            and other.box.x0 >= cell.box.x1 - max(TOUCH, 0.2 * min(cell.box.width, other.box.width))
            and _shared_rows(cell, other)
            and (cell.ruled or other.box.x0 - cell.box.x1 <= FREE_RIGHT)
        ]
        half = 0.5 * cell.box.height or 1.0

        def place(other: Cell) -> tuple[float, int, float]:
            # Of two lines beside a label's middle the upper one comes first.
            return round(other.box.x0, 2), round(abs(other.box.cy - cell.box.cy) / half), other.box.cy

        return tuple(sorted(found, key=place))

    def left_of(self, cell: Cell) -> tuple[Cell, ...]:
        """Cells of the same row to the left, nearest first."""
        found = [o for o in self.cells if o is not cell and o.box.x1 <= cell.box.x0 + TOUCH and _shared_rows(cell, o)]
        return tuple(sorted(found, key=lambda other: -other.box.x1))

    def below(self, cell: Cell) -> tuple[Cell, ...]:
        """Cells of the same column further down, nearest first; unruled ones only as far as a value would stand."""
        found = [o for o in self.cells if o is not cell and o.box.cy > cell.box.cy and _shared_columns(cell, o)]
        if not cell.ruled:
            reach = cell.box.y1 + FREE_BELOW * cell.box.height
            found = [other for other in found if other.box.cy <= reach]
        return tuple(sorted(found, key=lambda other: (round(other.box.y0, 3), abs(other.box.x0 - cell.box.x0))))

    def above(self, cell: Cell) -> tuple[Cell, ...]:
        """Cells of the same column further up, nearest first."""
        found = [o for o in self.cells if o is not cell and o.box.cy < cell.box.cy and _shared_columns(cell, o)]
        return tuple(sorted(found, key=lambda other: -other.box.y1))


def _shared_rows(a: Cell, b: Cell) -> bool:
    if a.table != b.table:
        return False
    shared = min(a.box.y1, b.box.y1) - max(a.box.y0, b.box.y0)
    return shared >= NEIGHBOUR_OVERLAP * min(a.box.height, b.box.height)


def _shared_columns(a: Cell, b: Cell) -> bool:
    if a.table != b.table:
        return False
    shared = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    return shared >= NEIGHBOUR_OVERLAP * min(a.box.width, b.box.width)


def sheet_of(page: ReadPage, *, is_label: Callable[[str], bool] = lambda _: False) -> Sheet:
    """The cells of a page.

    :param is_label: whether a text is a label as a whole; a ruled cell that holds a label and other text side by side
        (rows without upright rules) is parted into its columns only then
    """
    number = page.page.number
    aspect = (page.page.upright_width or page.page.width or 1) / (page.page.upright_height or page.page.height or 1)
    rulings, lines = without_combs(page.rulings, page.lines, aspect)
    tables = ruled_boxes(rulings, lines)
    cells: list[Cell] = []
    # A table set into a frame, or into a cell of another, takes its lines before what is around it does.
    inner_first = sorted(
        (b.area, table, boxes) for table, boxes in enumerate(tables) if boxes for b in [union_of(boxes)]
    )
    for _, table, boxes in inner_first:
        pieces, lines = _taken(lines, boxes)
        one_column = len({round(box.x0, 2) for box in boxes}) == 1
        for box, inside in zip(boxes, pieces, strict=True):
            cell = cell_of(inside, box=box, page=number, table=table)
            for part in _stacked(cell, boxes, is_label):
                cells.extend(_columns(part, is_label, anywhere=one_column))
    cells.extend(cell_of([line], page=number, table=-1) for line in lines)
    return Sheet(page=number, cells=tuple(sorted(cells, key=lambda c: (round(c.box.y0, 3), c.box.x0))))


def _taken(lines: Iterable[Line], boxes: Sequence[Box]) -> tuple[list[list[Line]], tuple[Line, ...]]:
    """Lines handed to the cells they lie in, cut where detection ran over an upright rule; and the lines left over."""
    pieces: list[list[Line]] = [[] for _ in boxes]
    left_over: list[Line] = []
    around = union_of(list(boxes))
    for line in lines:
        if around.intersection(line.box) < INSIDE * line.box.area:
            left_over.append(line)
            continue
        for part in _cut_at(line, boxes):
            index = max(range(len(boxes)), key=lambda i, part=part: boxes[i].intersection(part.box))  # type: ignore[misc]
            (pieces[index] if boxes[index].intersection(part.box) > 0 else left_over).append(part)
    return pieces, tuple(left_over)


def _cut_at(line: Line, boxes: Sequence[Box]) -> list[Line]:
    """A line cut at every upright edge that it crosses by more than a character."""
    slack = 0.7 * line.box.height * 0.7  # a page is 1.4 times as high as wide: about half a character's width
    edges = sorted(
        {
            round(box.x1, 4)
            for box in boxes
            if box.y0 <= line.box.cy <= box.y1 and line.box.x0 + slack < box.x1 < line.box.x1 - slack
        }
    )
    parts = [line]
    for edge in edges:
        cut = cut_line(parts[-1], edge)
        if cut:
            parts[-1:] = list(cut)
    return parts


def _stacked(cell: Cell, boxes: Sequence[Box], is_label: Callable[[str], bool]) -> list[Cell]:
    """A cell parted where its neighbours are, if a label stands in each part: a piece of a rule between was lost."""
    if len(cell.lines) < 2:
        return [cell]
    box = cell.box
    edges = {
        edge
        for other in boxes
        if min(abs(other.x0 - box.x1), abs(other.x1 - box.x0)) < TOUCH
        for edge in (other.y0, other.y1)
        if box.y0 + TOUCH < edge < box.y1 - TOUCH
    }
    for edge in sorted(edges):
        over = [line for line in cell.lines if line.box.cy < edge]
        under = [line for line in cell.lines if line.box.cy >= edge]
        if not over or not under or not all(is_label(join_lines(part)) for part in (over, under)):
            continue
        first = cell_of(over, box=box._replace(y1=edge), page=cell.page, table=cell.table)
        rest = cell_of(under, box=box._replace(y0=edge), page=cell.page, table=cell.table)
        return [first, *_stacked(rest, boxes, is_label)]
    return [cell]


def _columns(cell: Cell, is_label: Callable[[str], bool], *, anywhere: bool) -> list[Cell]:
    """A cell parted into columns of text, if the first of them is a label as a whole.

    :param anywhere: the table has no upright rules, so that any column may be the one known to be a label
    """
    if len(cell.lines) < 2 or is_label(cell.text):
        return [cell]
    groups = _side_by_side(cell.lines)
    if len(groups) < 2:
        return [cell]
    parts = [cell_of(group, page=cell.page, table=cell.table) for group in groups]
    if not any(is_label(part.text) for part in (parts if anywhere else parts[:1])):
        return [cell]
    starts = [cell.box.x0, *((a.box.x1 + b.box.x0) / 2 for a, b in pairwise(parts)), cell.box.x1]
    return [
        replace(part, box=Box(low, cell.box.y0, high, cell.box.y1))
        for part, (low, high) in zip(parts, pairwise(starts), strict=True)
    ]


def _side_by_side(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines grouped into columns that do not overlap sideways, left to right."""
    groups: list[list[Line]] = []
    reach = -1.0
    for line in sorted(lines, key=lambda item: item.box.x0):
        if groups and line.box.x0 < reach - max(TOUCH, SPILL * line.box.height):
            groups[-1].append(line)
        else:
            groups.append([line])
        reach = max(reach, line.box.x1)
    return groups
