"""Lines and rulings of one page -> cells, by geometry alone.

A *cell* is a piece of paper that holds one label or one value: a ruled cell (merged ones too), a column of text in a ruled
row that has no upright rules, or a line of its own where nothing is ruled. Neighbours (:meth:`Sheet.right_of`,
:meth:`Sheet.below`) are found from boxes, so that forms of any layout are read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline.model import Box, Line, ReadPage, Ruling

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

TOUCH = 0.006  # fraction of the page: rules whose ends are nearer than this meet (1.3 mm on A4; rules end in blurred corners)
SAME_RULE = (
    0.005  # fraction of the page: rules nearer than this are one rule (double rules, broken rules, rest of skew)
)
LONG = 0.2  # of the page's width: no stroke of a character or a seal is as long
TALL = 0.08  # of the page's height: nor as tall
MAX_PASSES = 4  # rules between rules between rules: forms are not deeper
MARGIN = 0.15  # of a line's height: its box is a little larger than its text
AT_RULE = 0.003  # fraction of the page: how near to a rule an upright one within text must begin and end
SHORT = 0.002  # fraction of the page: by how much a rule may end short of the corner that it runs to
EDGE_COVERED = 0.5  # part of a cell's edge that must be ruled to part it from its neighbour
HALF_RULED = 3  # rules of one length above each other, without upright ones, that make a half-ruled table
BESIDE = 2  # lines beside a stack of rules from which it is no table but lines to write on
ROW_OVERLAP = 0.5  # of the lower line's height: two lines this much beside each other stand in one row of text
NEIGHBOUR_OVERLAP = 0.4  # of the smaller cell's side, for cells to count as neighbours
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
    """Text of several lines as one string, and where each of its characters stands: (number of the line, of the character).

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
    """Characters ``start`` to ``end`` of a line as a line of their own, its box guessed from the characters' centres."""
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


# --------------------------------------------------------------------------------------------------------- ruled tables


@dataclass(frozen=True, slots=True)
class _Rules:
    across: tuple[Ruling, ...]
    upright: tuple[Ruling, ...]


def _printed(rulings: Sequence[Ruling], lines: Sequence[Line]) -> tuple[Ruling, ...]:
    """Rules without the strokes of characters and seals that were taken for some.

    Long ones are rules; a short one is if it runs from rule to rule, or goes on where another one stopped.
    """
    kept = [r for r in rulings if _length(r) >= (LONG if r.horizontal else TALL)]
    rest = [r for r in rulings if _length(r) < (LONG if r.horizontal else TALL)]
    for _ in range(MAX_PASSES):
        found = [r for r in rest if _leads_on(r, kept, lines)]
        if not found:
            break
        kept += found
        rest = [r for r in rest if r not in found]
    return tuple(kept)


def _length(rule: Ruling) -> float:
    return abs(rule.x1 - rule.x0) if rule.horizontal else abs(rule.y1 - rule.y0)


def _ends(rule: Ruling) -> tuple[float, float]:
    ends = (rule.x0, rule.x1) if rule.horizontal else (rule.y0, rule.y1)
    return min(ends), max(ends)


def _at(rule: Ruling) -> float:
    """Where a rule stands across its direction."""
    return (rule.y0 + rule.y1) / 2 if rule.horizontal else (rule.x0 + rule.x1) / 2


def _leads_on(rule: Ruling, kept: Sequence[Ruling], lines: Sequence[Line]) -> bool:
    low, high = _ends(rule)
    reach = AT_RULE if _in_text(rule, lines) >= EDGE_COVERED else TOUCH
    met = [_at(k) for k in kept if k.horizontal != rule.horizontal and _crosses(k, rule)]
    from_, to = any(abs(m - low) <= reach for m in met), any(abs(m - high) <= reach for m in met)
    if from_ and to:
        return max(met) - min(met) > reach
    if reach == AT_RULE or not (from_ or to):
        return False
    if max(met) - min(met) > reach:  # the rest of it is broken off
        return True
    return any(k.horizontal == rule.horizontal and abs(_at(k) - _at(rule)) <= SAME_RULE for k in kept)


def _crosses(a: Ruling, b: Ruling) -> bool:
    """Whether two rules of different directions touch."""
    return _meet(a, b) if a.horizontal else _meet(b, a)


def _in_text(rule: Ruling, lines: Sequence[Line]) -> float:
    """Part of a rule that runs through lines of text, their margins not counted."""
    if rule.horizontal:
        y = (rule.y0 + rule.y1) / 2
        inside = [b for b in (line.box for line in lines) if b.y0 + MARGIN * b.height < y < b.y1 - MARGIN * b.height]
        return _covered(((b.x0, b.x1) for b in inside), min(rule.x0, rule.x1), max(rule.x0, rule.x1))
    x = (rule.x0 + rule.x1) / 2
    inside = [line.box for line in lines if line.box.x0 < x < line.box.x1]
    return _covered(((b.y0, b.y1) for b in inside), min(rule.y0, rule.y1), max(rule.y0, rule.y1))


def _tables(rulings: Sequence[Ruling], lines: Sequence[Line]) -> list[_Rules]:
    """Rules that touch, table by table; rules of one length above each other make a half-ruled table."""
    across = [r for r in rulings if r.horizontal]
    upright = [r for r in rulings if not r.horizontal]
    parent = list(range(len(across) + len(upright)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, h in enumerate(across):
        for j, v in enumerate(upright):
            if _meet(h, v):
                parent[root(i)] = root(len(across) + j)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for i, rule in enumerate([*across, *upright]):
        groups.setdefault(root(i), ([], []))[0 if i < len(across) else 1].append(rule)
    ruled = [_Rules(tuple(h), tuple(v)) for h, v in groups.values() if len(h) >= 2 and v]
    lonely = [rule for h, v in groups.values() if not v for rule in h]
    return sorted([*ruled, *_half_ruled(lonely, lines)], key=lambda rules: min(r.y0 for r in rules.across))


def _meet(h: Ruling, v: Ruling) -> bool:
    x, y = (v.x0 + v.x1) / 2, (h.y0 + h.y1) / 2
    low, high = min(v.y0, v.y1), max(v.y0, v.y1)
    return min(h.x0, h.x1) - TOUCH <= x <= max(h.x0, h.x1) + TOUCH and low - TOUCH <= y <= high + TOUCH


def _half_ruled(lonely: list[Ruling], lines: Sequence[Line]) -> list[_Rules]:
    """Stacks of equal rules with nothing beside them: rows without upright rules. Lines to write on are no table."""
    stacks: list[list[Ruling]] = []
    for rule in sorted(lonely, key=lambda r: r.y0):
        for stack in stacks:
            if abs(stack[0].x0 - rule.x0) < 2 * TOUCH and abs(stack[0].x1 - rule.x1) < 2 * TOUCH:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    tables = []
    for stack in stacks:
        box = Box(stack[0].x0, stack[0].y0, stack[0].x1, stack[-1].y1)
        beside = [line for line in lines if box.y0 < line.box.cy < box.y1 and not box.x0 - TOUCH < line.box.cx < box.x1 + TOUCH]
        if len(stack) >= HALF_RULED and len(beside) < BESIDE:
            tables.append(_Rules(tuple(stack), ()))
    return tables


def _positions(values: Iterable[float], *, tolerance: float = SAME_RULE) -> list[float]:
    """Values clustered: nearer than ``tolerance`` is the same."""
    clusters: list[list[float]] = []
    for value in sorted(values):
        if clusters and value - clusters[-1][-1] <= tolerance:
            clusters[-1].append(value)
        else:
            clusters.append([value])
    return [sum(cluster) / len(cluster) for cluster in clusters]


def _covered(spans: Iterable[tuple[float, float]], low: float, high: float) -> float:
    """Part of [low, high] that the spans cover."""
    if high <= low:
        return 0.0
    reach, total = low, 0.0
    for start, end in sorted(spans):
        start, end = max(start, reach), min(end, high)
        if end > start:
            total += end - start
            reach = end
    return total / (high - low)


def _boxes(rules: _Rules) -> list[Box]:
    """The cells of one table, merged where no rule parts them."""
    left, right = min(r.x0 for r in rules.across), max(r.x1 for r in rules.across)
    ends = [y for r in rules.upright for y in (r.y0, r.y1)]
    heights = [(r.y0 + r.y1) / 2 for r in rules.across]
    ys = _positions(
        [*heights, *(y for y in (min(ends), max(ends)) if min(abs(y - h) for h in heights) > 2 * TOUCH)]
        if ends
        else heights
    )
    xs = _positions([left, right, *((r.x0 + r.x1) / 2 for r in rules.upright)], tolerance=TOUCH)
    if len(xs) < 2 or len(ys) < 2:
        return []
    columns, rows = len(xs) - 1, len(ys) - 1
    parent = list(range(columns * rows))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for row in range(rows):
        for column in range(columns):
            if column + 1 < columns and not _upright_at(rules, xs[column + 1], ys[row], ys[row + 1]):
                parent[root(row * columns + column + 1)] = root(row * columns + column)
            if row + 1 < rows and not _across_at(rules, ys[row + 1], xs[column], xs[column + 1]):
                parent[root((row + 1) * columns + column)] = root(row * columns + column)
    merged: dict[int, Box] = {}
    for row in range(rows):
        for column in range(columns):
            box = Box(xs[column], ys[row], xs[column + 1], ys[row + 1])
            key = root(row * columns + column)
            merged[key] = merged[key].union(box) if key in merged else box
    return list(merged.values())


def _upright_at(rules: _Rules, x: float, low: float, high: float) -> bool:
    spans = [
        (min(r.y0, r.y1) - SHORT, max(r.y0, r.y1) + SHORT) for r in rules.upright if abs((r.x0 + r.x1) / 2 - x) <= TOUCH
    ]
    return _covered(spans, low, high) >= EDGE_COVERED


def _across_at(rules: _Rules, y: float, low: float, high: float) -> bool:
    spans = [
        (min(r.x0, r.x1) - SHORT, max(r.x0, r.x1) + SHORT)
        for r in rules.across
        if abs((r.y0 + r.y1) / 2 - y) <= SAME_RULE
    ]
    return _covered(spans, low, high) >= EDGE_COVERED


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
        return tuple(sorted(found, key=lambda other: (round(other.box.x0, 2), abs(other.box.cy - cell.box.cy))))

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
    tables = [_boxes(rules) for rules in _tables(_printed(page.rulings, page.lines), page.lines)]
    lines = page.lines
    cells: list[Cell] = []
    for table, boxes in enumerate(tables):
        if not boxes:
            continue
        pieces, lines = _taken(lines, boxes)
        for box, inside in zip(boxes, pieces, strict=True):
            cell = cell_of(inside, box=box, page=number, table=table)
            cells.extend(_columns(cell, is_label))
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


def _columns(cell: Cell, is_label: Callable[[str], bool]) -> list[Cell]:
    """A cell parted into columns of text, if one of them is a label as a whole."""
    if len(cell.lines) < 2 or is_label(cell.text):
        return [cell]
    groups = _side_by_side(cell.lines)
    if len(groups) < 2:
        return [cell]
    parts = [cell_of(group, page=cell.page, table=cell.table) for group in groups]
    if not any(is_label(part.text) for part in parts):
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
        if groups and line.box.x0 < reach - TOUCH:
            groups[-1].append(line)
        else:
            groups.append([line])
        reach = max(reach, line.box.x1)
    return groups
