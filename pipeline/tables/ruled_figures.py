"""Tables of figures whose every cell is ruled: columns and rows are where the rules say, whatever stands in them.

Narrow columns wrap a figure over several lines (``320,83 / 5,149. / 00``), wide tables leave whole columns blank, and
a page that goes on from the one before bears no heads: nothing but the rules tells which figure is whose there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from pipeline.model import Box, Line, ReadPage
from pipeline.tables.figure_table import (
    CAPTION,
    FOOT,
    HEAD,
    ITEM_HEAD,
    LINE_HEAD,
    NOTE,
    NOTE_HEAD,
    FigureColumn,
    FigureTable,
    in_style,
)
from pipeline.tables.fragments import Fragment, figure_of, fragments, is_one_figure, is_sound, runs_through
from pipeline.tables.grid import Cell, sheet_of, union_of
from pipeline.tables.statement_rows import DASHED, FigureRow, row_of

__all__ = ["CellText", "RuledTable", "in_tables", "of_ruled", "ruled_tables"]

MIN_COLUMNS = 3  # an item, two columns of figures (or one and its notes)
MIN_ROWS = 1
SAME_EDGE = 0.006  # fraction of the page: edges of cells nearer than that are one
MIN_NAMES = 5  # cells of a column that name items: fewer are heads
ITEMS = 0.6  # of a column's filled cells: so many name items in a column of items
CROWDED = 0.12  # share of the filled cells that may hold several figures before rows are no rows
LOST = 0.2  # of the rules between rows: so many may be lost, and more were never there
MOST = 0.6  # of the table's width: cells that begin at one height there begin a row
HELD = 0.2  # of the table's height that an edge between columns runs over at the least: a seal's side takes less
EDGE = 0.15  # of a figure's width on each side: boxes of readers reach over rules
CUT = 0.03  # share of the figures that edges may cut before they are none
HEAD_ROWS = 6  # heads of several levels with a caption above them are not higher
ITEM_SHARE = 0.3  # of the rows: a further column that so often holds words has items of its own
STROKES = re.compile(r"^[\[\]|]+|[\[\]|]+$")  # a rule beside a figure, read as a sign
PART = re.compile(r"[(（]?[-−－–—]?[\d,.，。]*[)）]?")  # a piece of a figure that a narrow cell broke


@dataclass(frozen=True, slots=True)
class CellText:
    """What one cell holds: all its text joined, and the same as fragments (one if it is a single thing)."""

    text: str
    box: Box
    pieces: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class RuledTable:
    """``edges``: of the columns, left to right; ``bands``: of the rows, top to bottom; ``cells`` by (row, column);
    ``drawn``: the cells as the rules draw them, merged ones too.
    """

    edges: tuple[float, ...]
    bands: tuple[tuple[float, float], ...]
    cells: dict[tuple[int, int], CellText]
    drawn: tuple[Cell, ...]

    @property
    def columns(self) -> tuple[tuple[float, float], ...]:
        return tuple(pairwise(self.edges))


def ruled_tables(page: ReadPage, *, top: float = 0.0, bottom: float = 1.0) -> tuple[RuledTable, ...]:
    """The fully ruled tables of figures between ``top`` and ``bottom``, top to bottom."""
    by_table: dict[int, list[Cell]] = {}
    sound = tuple(r for r in page.rulings if r.horizontal or not runs_through(r, page.lines))
    for cell in sheet_of(page.model_copy(update={"rulings": sound})).cells:
        if cell.ruled and top <= cell.box.cy <= bottom:
            by_table.setdefault(cell.table, []).append(cell)
    halves = [half for cells in by_table.values() for half in _sides(cells)]
    made = [table for cells in halves if (table := _table(page, cells)) is not None]
    return tuple(sorted(made, key=lambda t: t.bands[0]))


def _sides(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The cells by item column: assets left and liabilities right may have rows of their own each."""
    edges = _clustered([x for c in cells for x in (c.box.x0, c.box.x1)])
    columns = list(pairwise(edges))
    named = [sum(1 for c in cells if _same(span, (c.box.x0, c.box.x1)) and _words(c.text)) for span in columns]
    filled = [sum(1 for c in cells if _same(span, (c.box.x0, c.box.x1)) and c.text) for span in columns]
    starts = [0, *(i for i in range(1, len(columns)) if named[i] >= MIN_NAMES and named[i] > ITEMS * filled[i])]
    sides = []
    for at, start in enumerate(starts):
        left = edges[start]
        right = edges[starts[at + 1]] if at + 1 < len(starts) else edges[-1]
        sides.append([c for c in cells if left - SAME_EDGE <= c.box.x0 and c.box.x1 <= right + SAME_EDGE])
    return sides


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) <= SAME_EDGE and abs(one[1] - other[1]) <= SAME_EDGE


def _words(text: str) -> bool:
    """Whether a cell names an item: words, no date, no figure, no note's number."""
    bare = _bare(text)
    return (
        len(re.findall(r"[\u4e00-\u9fff]", bare)) >= 3
        and not NOTE.fullmatch(bare)
        and not re.search(r"\d{3}|\d年", bare)
    )


def _table(page: ReadPage, cells: Sequence[Cell]) -> RuledTable | None:
    every = _clustered([x for c in cells for x in (c.box.x0, c.box.x1)])
    edges = _column_edges(cells, every)
    bands = tuple(pairwise(_heights(page, cells, edges)))
    if len(edges) - 1 < MIN_COLUMNS or len(bands) < MIN_ROWS or _cuts_figures(page, every, bands):
        return None
    columns = tuple(pairwise(edges))
    held: dict[tuple[int, int], list[Line]] = {}
    for cell in cells:
        wide = [c for c, span in enumerate(columns) if _within(span, (cell.box.x0, cell.box.x1))]
        for line in cell.lines:
            row = _at(bands, line.box.cy)
            column = wide[0] if len(wide) == 1 else _at(columns, line.box.cx)
            if row is not None and column is not None:
                held.setdefault((row, column), []).append(line)
    texts = {at: _text(page, lines) for at, lines in held.items()}
    if _unparted(texts):
        return None
    return RuledTable(tuple(edges), bands, texts, tuple(cells))


def _column_edges(cells: Sequence[Cell], edges: Sequence[float]) -> list[float]:
    """Where columns begin and end: those of the edges that cells have over much of the table's height.

    The side of a seal, a stroke or a fold parts the cells of a row or two, and no column.
    """
    height = max(c.box.y1 for c in cells) - min(c.box.y0 for c in cells)

    def held(x: float) -> float:
        spans = {
            (round(c.box.y0, 4), round(c.box.y1, 4))
            for c in cells
            if min(abs(c.box.x0 - x), abs(c.box.x1 - x)) <= SAME_EDGE
        }
        covered, reached = 0.0, 0.0
        for y0, y1 in sorted(spans):
            covered += max(0.0, y1 - max(y0, reached))
            reached = max(reached, y1)
        return covered / max(1e-6, height)

    return [edges[0], *(x for x in edges[1:-1] if held(x) >= HELD), edges[-1]]


def _heights(page: ReadPage, cells: Sequence[Cell], edges: Sequence[float]) -> list[float]:
    """Where rows begin and end: edges of the item column's cells, or of most columns'; and between figures that a lost
    rule left in one cell.
    """
    first = [y for c in cells if abs(c.box.x0 - edges[0]) <= SAME_EDGE for y in (c.box.y0, c.box.y1)]
    heights = _clustered([y for c in cells for y in (c.box.y0, c.box.y1)])
    width = edges[-1] - edges[0]

    def share(y: float) -> float:
        return sum(c.box.width for c in cells if abs(c.box.y0 - y) <= SAME_EDGE) / width

    kept = [y for y in heights if any(abs(y - f) <= SAME_EDGE for f in first) or share(y) >= MOST]
    lost = [y for band in pairwise(kept) for y in _between(page, edges, band)]
    # Many lost rules are none: the table has no rules between its rows.
    return sorted([*kept, *lost]) if len(lost) <= LOST * len(kept) else kept


def _between(page: ReadPage, edges: Sequence[float], band: tuple[float, float]) -> list[float]:
    """Where a rule must have been lost: between whole figures that stand one above the other in one row, between the
    heads and the first of them.
    """
    inside = [ln for ln in page.lines if edges[0] < ln.box.cx < edges[-1] and band[0] <= ln.box.cy <= band[1]]
    figures = [ln.box for ln in inside if is_sound(ln.text)]
    heads = [ln.box for ln in inside if ln.box.cx > edges[1] and HEAD.search(ln.text) and not re.search(r"\d", ln.text)]
    if len(heads) > 1 and figures and max(b.cy for b in heads) < min(b.y0 for b in figures):
        return [(max(b.cy for b in heads) + min(b.cy for b in figures)) / 2]
    rows: list[list[Box]] = []
    for box in sorted(figures, key=lambda b: b.cy):
        if rows and abs(rows[-1][-1].cy - box.cy) < 0.5 * box.height:
            rows[-1].append(box)
        else:
            rows.append([box])
    columns = [_at(tuple(pairwise(edges)), b.cx) for b in figures]
    if len(rows) < 2 or len(columns) == len(set(columns)):
        return []
    return [(max(b.cy for b in upper) + min(b.cy for b in lower)) / 2 for upper, lower in pairwise(rows)]


def _cuts_figures(page: ReadPage, edges: Sequence[float], bands: Sequence[tuple[float, float]]) -> bool:
    """Whether edges of columns run through whole figures: strokes or noise were taken for rules."""
    inside = [ln for ln in page.lines if bands[0][0] <= ln.box.cy <= bands[-1][1] and is_one_figure(ln.text)]
    return sum(_cut(ln, edges) for ln in inside) > CUT * len(inside)


def _cut(line: Line, edges: Sequence[float]) -> bool:
    """Whether an edge runs through a line, its first and last sign aside: boxes of readers reach over rules."""
    margin = max(EDGE, 1 / len(line.text)) * line.box.width
    return any(line.box.x0 + margin < x < line.box.x1 - margin for x in edges)


def _clustered(values: Sequence[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > SAME_EDGE:
            found.append(value)
    return found


def _within(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    return outer[0] - SAME_EDGE <= inner[0] and inner[1] <= outer[1] + SAME_EDGE


def _at(spans: Sequence[tuple[float, float]], where: float) -> int | None:
    return next((i for i, (a, b) in enumerate(spans) if a <= where <= b), None)


def _unparted(texts: dict[tuple[int, int], CellText]) -> bool:
    """Whether rows stand within cells: rules part the columns alone, or a block of rows."""
    filled = [t for t in texts.values() if any(p.kind in ("figure", "broken") for p in t.pieces)]
    several = [t for t in filled if sum(p.kind in ("figure", "broken", "dash") for p in t.pieces) > 1]
    return not filled or len(several) > CROWDED * len(filled)


# ----------------------------------------------------------------------------------------------------- text of a cell


def _text(page: ReadPage, lines: Sequence[Line]) -> CellText:
    ordered = sorted(lines, key=lambda ln: (ln.box.cy, ln.box.x0))
    box = union_of([ln.box for ln in ordered])
    joined = _joined_figure(ordered, box)
    if joined is not None:
        return CellText(joined.text, box, (joined,))
    pieces = tuple(p for line in ordered for p in fragments([line]))
    return CellText("".join(_in_rows(ordered)), box, pieces)


def _in_rows(lines: Sequence[Line]) -> list[str]:
    """Texts of lines in reading order: those on one height from left to right."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and abs(rows[-1][0].box.cy - line.box.cy) < 0.5 * line.box.height:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [ln.text.strip() for row in rows for ln in sorted(row, key=lambda ln: ln.box.x0)]


def _joined_figure(lines: Sequence[Line], box: Box) -> Fragment | None:
    """One figure that a narrow cell broke over lines, its pieces put together; None if that makes none."""
    texts = [STROKES.sub("", re.sub(r"\s", "", t)) for t in _in_rows(lines)]
    if len(texts) < 2 or not all(PART.fullmatch(t) for t in texts):
        return None
    whole = "".join(texts)
    sound = is_sound(whole)
    apart = [fragments([line]) for line in lines]
    if all(len(p) == 1 and p[0].kind == "figure" for p in apart) and not (sound and not all(map(is_sound, texts))):
        return None  # two figures above one another
    found = figure_of(whole)
    if found is None:
        return None
    value, trust = found
    certainty = min(_weakest(line) for line in lines)
    return Fragment(
        text=whole,
        box=box,
        confidence=round(certainty * trust * (1.0 if sound else 0.5), 4),
        kind="figure",
        value=Decimal(value),
    )


def _weakest(line: Line) -> float:
    if len(line.scores) != len(line.text):
        return line.confidence
    return min((s for c, s in zip(line.text, line.scores, strict=True) if c.isdigit()), default=line.confidence)


def in_tables(figures: Sequence[Fragment], tables: Sequence[RuledTable]) -> int:
    """How many of the figures stand in one of the tables."""
    return sum(1 for p in figures if any(_holds(table, p.box) for table in tables))


def _holds(table: RuledTable, box: Box) -> bool:
    return table.edges[0] <= box.cx <= table.edges[-1] and table.bands[0][0] <= box.cy <= table.bands[-1][1]


# ------------------------------------------------------------------------------------------------- what columns mean


def of_ruled(table: RuledTable) -> list[FigureTable]:
    """The table as items and columns of figures; two where a balance sheet has assets left and liabilities right."""
    start = _first_row(table)
    rows = [r for r in range(start, len(table.bands)) if not _is_foot(table, r)]
    cells = _styled({at: text for at, text in table.cells.items() if at[0] in rows})
    items = [c for c in range(len(table.columns)) if c == 0 or _is_item_column(cells, c, len(rows))]
    tables = []
    for item, end in zip(items, [*items[1:], len(table.columns)], strict=True):
        made = _half(table, cells, rows, start, item, end)
        if made is not None:
            tables.append(made)
    return tables


def _first_row(table: RuledTable) -> int:
    """The first row below the heads (and below a caption that is ruled with them)."""
    rows = range(min(HEAD_ROWS, len(table.bands)))
    figured = [
        any(p.kind == "figure" for c in range(1, len(table.columns)) for p in _pieces(table, r, c)) for r in rows
    ]
    heads = (r for r in rows if not figured[r] and (r, 0) in table.cells and _is_head(table.cells[(r, 0)].text))
    above = max((r + 1 for r in heads if not any(figured[:r])), default=0)
    for r in range(above, len(table.bands)):
        item = table.cells.get((r, 0))
        others = [t for (row, c), t in table.cells.items() if row == r and c > 0]
        numbers = any(p.kind == "figure" for t in others for p in t.pieces)
        headed = any(HEAD.search(t.text) or NOTE_HEAD.search(t.text) or LINE_HEAD.search(t.text) for t in others)
        named = item is not None and not ITEM_HEAD.match(_bare(item.text))
        if numbers or (named and not headed):
            return r
    return len(table.bands)


def _pieces(table: RuledTable, row: int, column: int) -> tuple[Fragment, ...]:
    text = table.cells.get((row, column))
    return text.pieces if text is not None else ()


def _is_head(text: str) -> bool:
    """Whether the item column says that this is a row of heads, or a caption above them."""
    return ITEM_HEAD.match(_bare(text)) is not None or CAPTION.search(_bare(text)) is not None


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _is_foot(table: RuledTable, row: int) -> bool:
    item = table.cells.get((row, 0))
    return item is not None and FOOT.search(_bare(item.text)) is not None


def _styled(cells: dict[tuple[int, int], CellText]) -> dict[tuple[int, int], CellText]:
    """Cells with figures unlike the table's others trusted less."""
    flat = [p for text in cells.values() for p in text.pieces]
    known = dict(zip(map(id, flat), in_style(flat), strict=True))
    return {at: CellText(t.text, t.box, tuple(known[id(p)] for p in t.pieces)) for at, t in cells.items()}


def _is_item_column(cells: dict[tuple[int, int], CellText], column: int, rows: int) -> bool:
    mine = [t for (_, c), t in cells.items() if c == column]
    words = [t for t in mine if t.pieces and all(p.kind == "text" for p in t.pieces) and len(t.text) >= 3]
    words = [t for t in words if not NOTE.fullmatch(t.text.strip())]
    figures = [t for t in mine if any(p.kind in ("figure", "dash") for p in t.pieces)]
    return len(words) >= max(3, ITEM_SHARE * rows) and len(words) > len(figures)


def _half(
    table: RuledTable,
    cells: dict[tuple[int, int], CellText],
    rows: Sequence[int],
    start: int,
    item: int,
    end: int,
) -> FigureTable | None:
    """One item column with the columns of figures right of it."""
    heads = {c: _heads(table, c, item, start) for c in range(item + 1, end)}
    columns = [c for c in heads if not _is_reference(cells, c, heads[c])]
    if not columns or not rows:
        return None
    place = {c: n for n, c in enumerate(columns)}
    dashed = sum(p.kind == "dash" for (_, c), t in cells.items() if c in place for p in t.pieces) >= DASHED
    made = [row for r in rows if (row := _row(table, cells, r, item, place, end, dashed=dashed)) is not None]
    if not made:
        return None
    filled = {
        c for (_, c), t in cells.items() if any(p.kind in ("figure", "small", "broken", "dash") for p in t.pieces)
    }
    figure_columns = tuple(
        FigureColumn(*table.columns[c], head=heads[c], bare=not heads[c] and c not in filled) for c in columns
    )
    top = table.cells.get((0, item))
    return FigureTable(
        columns=figure_columns,
        rows=tuple(made),
        box=Box(table.edges[item], table.bands[rows[0]][0], table.edges[end], table.bands[rows[-1]][1]),
        item_head=top.text if start and top is not None and ITEM_HEAD.match(top.text) else "",
        ruled=True,
    )


def _heads(table: RuledTable, column: int, item: int, start: int) -> tuple[str, ...]:
    """Texts of the cells above a column, top to bottom; what stands over the items too is the table's caption."""
    if start == 0:
        return ()
    foot = table.bands[start - 1][1]
    middle = (table.edges[column] + table.edges[column + 1]) / 2
    over = [
        cell
        for cell in table.drawn
        if cell.box.y0 < foot - SAME_EDGE
        and cell.box.x0 <= middle <= cell.box.x1
        and cell.box.x0 > table.edges[item] + SAME_EDGE
    ]
    # Of a cell that goes on below the heads, for a rule was lost, what stands above their foot.
    above = [[ln for ln in cell.lines if ln.box.cy < foot] for cell in sorted(over, key=lambda c: c.box.y0)]
    texts = (_bare("".join(_in_rows(lines))) for lines in above)
    return tuple(t for t in texts if t and not CAPTION.search(t))


def _is_reference(cells: dict[tuple[int, int], CellText], column: int, heads: Sequence[str]) -> bool:
    """Whether a column holds notes' or lines' numbers rather than amounts."""
    if any(NOTE_HEAD.search(h) or LINE_HEAD.search(h) for h in heads):
        return True
    if any(HEAD.search(h) for h in heads):
        return False
    mine = [t for (_, c), t in cells.items() if c == column and t.text.strip()]
    figures = [t for t in mine if any(p.kind == "figure" for p in t.pieces)]
    notes = [t for t in mine if NOTE.fullmatch(t.text.strip()) or all(p.kind == "small" for p in t.pieces)]
    return bool(mine) and not figures and len(notes) == len(mine)


def _row(
    table: RuledTable,
    cells: dict[tuple[int, int], CellText],
    row: int,
    item: int,
    place: dict[int, int],
    end: int,
    *,
    dashed: bool,
) -> FigureRow | None:
    name = cells.get((row, item))
    inside = {c: cells[(row, c)] for c in range(item + 1, end) if (row, c) in cells}
    figures = [p for c, text in inside.items() if c in place for p in text.pieces if p.kind != "text"]
    placed = {id(p): place[c] for c, text in inside.items() if c in place for p in text.pieces}
    if name is None and not figures:
        return None
    band = table.bands[row]
    box = name.box if name is not None else Box(table.edges[item], band[0], table.edges[item + 1], band[1])
    made = row_of(name.text if name else "", box, figures, (), placed, len(place), box.height, dashed=dashed)
    note = "".join(text.text for c, text in inside.items() if c not in place)
    return FigureRow(item=made.item, box=made.box, cells=made.cells, note=note or made.note, dashes=made.dashes)
