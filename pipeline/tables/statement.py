"""Financial statements as rows × columns of figures (报表): geometry alone, of ruled, half-ruled and unruled
tables.

Columns are where figures stand above one another; what a column means (期末余额, 合并 …) its head says, and
:mod:`extractors._statements` reads. A balance sheet with assets left and liabilities right comes out as two
tables. The one thing taken from outside is ``known``: whether a text is a whole name of an item, so that names
wrapped over lines are joined right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from pipeline.model import Box, Line, ReadPage, Ruling
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
    running_head,
)
from pipeline.tables.fragments import Fragment, fragments
from pipeline.tables.grid import union_of
from pipeline.tables.ruled_figures import in_tables, of_ruled, ruled_tables
from pipeline.tables.statement_rows import (
    DASHED,
    Cell,
    FigureRow,
    Known,
    bands_of,
    lines_of,
    named_rows,
    row_of,
    rows_of,
    shared,
)
from pipeline.tables.wide_heads import whole_heads

__all__ = ["Cell", "FigureColumn", "FigureRow", "FigureTable", "figure_tables"]

GRID = 1000  # steps of a page's width for the profile of figures
SHRINK = 0.12  # of a figure's width on each side: boxes of readers are a little wide
COLUMN_FLOOR = 0.12  # of the fullest column's height: thinner places of the profile divide columns
SAME_ROW = 0.55  # of a line's height: centres that near stand on one row
ITEM_SHARE = 0.3  # of rows: words between two figure columns that often are a second column of items
MARGIN = 0.09  # of the page's height: numbers of pages stand at its head or foot
REFERENCE = 6  # signs of a note's number at most
MOSTLY_RULED = 0.8  # share of the figures that stand in ruled cells, from which on the rules say what stands where
HEAD_REACH = 6.0  # line heights above the first row within which column heads stand


_PAGE_NUMBER = re.compile(r"[-—–~·第]{0,3}\d{1,4}(?:[/／]\d{1,4})?[-—–~·页]{0,3}")


@dataclass(frozen=True, slots=True)
class _Half:
    """One item column with its figure columns, and what stands in it."""

    left: float
    right: float
    spans: tuple[tuple[float, float], ...]


def figure_tables(
    page: ReadPage, *, top: float = 0.0, bottom: float = 1.0, known: Known = lambda _: False
) -> tuple[FigureTable, ...]:
    """The tables of figures between ``top`` and ``bottom``, left ones first; none where no figures stand in columns."""
    page = page.model_copy(update={"lines": whole_heads(page.lines)})
    inside = [line for line in page.lines if top <= line.box.cy <= bottom and not running_head(line.text)]
    lines = [line for line in inside if not _page_number(line, page.lines)]
    pieces = fragments(lines, page.rulings)
    figures = [p for p in pieces if p.kind == "figure"]
    if not figures and not any(p.kind == "small" for p in pieces):
        return ()
    ruled = ruled_tables(page, top=top, bottom=bottom)
    if ruled and in_tables(figures, ruled) >= MOSTLY_RULED * max(1, len(figures)):
        return tuple(t for table in ruled for t in of_ruled(table))
    height = median(p.box.height for p in pieces)
    first = _first_row(pieces, height)
    foot = _foot(pieces, first)
    pieces = in_style(pieces)
    body = [p for p in pieces if first - height / 2 <= p.box.cy < foot]
    head = [p for p in pieces if _caption(pieces, first, height) < p.box.cy < first - height / 2]
    spans = _columns(body, head)
    if not spans:
        return ()
    tables = [_table(half, body, head, page.rulings, height, known) for half in _halves(spans, body)]
    return tuple(t for t in tables if t.rows)


# ------------------------------------------------------------------------------------------------------- extents


def _page_number(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is the page's number: at the sheet's edge, with nothing beside it."""
    if MARGIN < line.box.cy < 1 - MARGIN or not _PAGE_NUMBER.fullmatch(re.sub(r"\s", "", line.text)):
        return False
    return not any(o is not line and abs(o.box.cy - line.box.cy) < line.box.height / 2 for o in lines)


def _first_row(pieces: Sequence[Fragment], height: float) -> float:
    """Centre of the first row of the table: the highest figure, or an item heading just above it (流动资产：)."""
    strong = [p for p in pieces if p.kind == "figure" and not _caption_text(p.text)]
    first = min((p.box.cy for p in strong), default=min((p.box.cy for p in pieces if p.kind == "small"), default=0.0))
    left = min((p.box.x0 for p in strong), default=1.0)
    above = [p for p in pieces if p.kind == "text" and p.box.cy < first - height / 2]
    # Words of heads in the item column are items (少数股东损益), unless they head that column itself.
    heads = [p for p in above if ITEM_HEAD.match(p.text) or (p.box.x1 > left and HEAD.search(p.text))]
    lowest = max((p.box.cy for p in heads if not p.text.endswith((":", "："))), default=0.0)
    # Rows without figures between the heads and the first figure belong to the body; without any head, lines just
    # above it.
    reach = lowest + height * 0.6 if lowest else first - 2 * height
    blanks = [p.box.cy for p in above if p.box.cy > reach and p.box.x0 < left and not _caption_text(p.text)]
    return min([first, *blanks])


def _foot(pieces: Sequence[Fragment], first: float) -> float:
    below = [p.box.y0 for p in pieces if p.box.cy > first and FOOT.search(re.sub(r"\s", "", p.text))]
    return min(below, default=1.01)


def _caption_text(text: str) -> bool:
    return bool(CAPTION.search(re.sub(r"\s", "", text)))


def _caption(pieces: Sequence[Fragment], first: float, height: float) -> float:
    """Lower edge of what stands above the column heads: caption lines with unit and company."""
    tops = [p.box.cy + height * 0.6 for p in pieces if p.box.cy < first - height / 2 and _caption_text(p.text)]
    return max(tops, default=max(0.0, first - HEAD_REACH * height))


# ------------------------------------------------------------------------------------------------------- columns


def _columns(body: Sequence[Fragment], head: Sequence[Fragment]) -> tuple[tuple[float, float], ...]:
    """Extents of the columns of figures, left to right; columns of notes and line numbers left out."""
    strong = [p for p in body if p.kind == "figure"]
    spans = _runs(strong)
    for loose in [p for p in strong if not any(shared(p.box, s) > 0.3 for s in spans)]:
        if not any(shared(loose.box, s) > 0.3 for s in spans):
            spans.append((loose.box.x0, loose.box.x1))
    spans += _headed(body, head, spans)
    return tuple(sorted(s for s in spans if not _is_reference(s, strong, head)))


def _runs(strong: Sequence[Fragment]) -> list[tuple[float, float]]:
    profile = [0] * (GRID + 1)
    for p in strong:
        inset = p.box.width * SHRINK
        for x in range(int((p.box.x0 + inset) * GRID), int((p.box.x1 - inset) * GRID) + 1):
            profile[x] += 1
    runs: list[tuple[float, float]] = []
    start = None
    floor = max(1.0, COLUMN_FLOOR * max(profile))
    for x in range(GRID + 1):
        if profile[x] >= floor and start is None:
            start = x
        elif profile[x] < floor and start is not None:
            runs.append((start, x))
            start = None
    return [_extent(strong, a / GRID, b / GRID) for a, b in runs]


def _extent(strong: Sequence[Fragment], a: float, b: float) -> tuple[float, float]:
    """A run grown to the usual edges of its figures (the widest few aside)."""
    mine = [p.box for p in strong if a <= p.box.cx <= b] or [p.box for p in strong if shared(p.box, (a, b)) > 0.3]
    if not mine:
        return a, b
    return min(a, median(m.x0 for m in mine)), max(b, median(m.x1 for m in mine))


def _headed(
    body: Sequence[Fragment], head: Sequence[Fragment], spans: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Columns whose figures are all small or blank: a head names them, and nothing but small numbers or dashes
    stands below.
    """
    found: list[tuple[float, float]] = []
    left = min((s[0] for s in spans), default=0.25)
    for p in head:
        taken = any(shared(p.box, s) > 0.2 for s in [*spans, *found])
        if taken or p.kind == "dash" or not HEAD.search(p.text) or NOTE_HEAD.search(p.text) or LINE_HEAD.search(p.text):
            continue
        below = [q for q in body if shared(q.box, (p.box.x0, p.box.x1)) > 0.3]
        plain = [q for q in below if q.kind in ("small", "dash", "broken")]
        if plain and len(plain) == len(below) and (p.box.x0 > left or not spans):
            found.append((min(q.box.x0 for q in [p, *plain]), max(q.box.x1 for q in [p, *plain])))
        elif not below and p.box.x0 > left and _beside(p, head, spans):
            found.append((p.box.x0, p.box.x1))
    return found


def _beside(p: Fragment, head: Sequence[Fragment], spans: Sequence[tuple[float, float]]) -> bool:
    """Whether a head stands in one row with the heads of the columns of figures (two are enough): its own column is
    empty.
    """
    row = [q for q in head if q is not p and abs(q.box.cy - p.box.cy) < SAME_ROW * p.box.height]
    return sum(1 for s in spans if any(shared(q.box, s) > 0.3 for q in row)) >= min(2, max(1, len(spans)))


def _is_reference(span: tuple[float, float], strong: Sequence[Fragment], head: Sequence[Fragment]) -> bool:
    """Whether a column holds notes' numbers (5.10, 5.11) rather than amounts."""
    heads = [p.text for p in head if shared(p.box, span) > 0.3]
    if any(NOTE_HEAD.search(t) or LINE_HEAD.search(t) for t in heads):
        return True
    mine = [p.text for p in strong if shared(p.box, span) > 0.5]
    return (
        len(mine) > 2
        and all(re.fullmatch(r"\d{1,2}[.,]\d{1,2}", t) for t in mine)
        and not any(HEAD.search(t) for t in heads)
    )


def _halves(spans: Sequence[tuple[float, float]], body: Sequence[Fragment]) -> list[_Half]:
    """The columns by item column: one, or two where words often stand between figure columns too."""
    rows = max(1, len({round(p.box.cy * 100) for p in body if p.kind in ("figure", "dash")}))
    starts = [0]
    for i in range(1, len(spans)):
        between = [
            p for p in body if p.kind == "text" and spans[i - 1][1] - 0.02 < p.box.cx < spans[i][0] and len(p.text) >= 3
        ]
        named = [p for p in between if not NOTE.fullmatch(p.text)]
        if len(named) >= max(3, ITEM_SHARE * rows):
            starts.append(i)
    halves = []
    for n, at in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else len(spans)
        left = 0.0 if at == 0 else spans[at - 1][1] - 0.01
        right = 1.0 if end == len(spans) else spans[end - 1][1]
        halves.append(_Half(left=left, right=right, spans=tuple(spans[at:end])))
    return halves


# ---------------------------------------------------------------------------------------------------------- rows


def _table(
    half: _Half,
    body: Sequence[Fragment],
    head: Sequence[Fragment],
    rulings: Sequence[Ruling],
    height: float,
    known: Known,
) -> FigureTable:
    last = half.spans[-1][1]
    mine = [p for p in body if half.left <= p.box.cx <= max(half.right, last)]
    mine = [p for p in mine if p.kind in ("text", "small") or p.box.cx > half.left + (half.left > 0) * p.box.width / 2]
    placed = {id(p): c for p in mine if (c := _column_of(p, half.spans)) is not None}
    words = [p for p in mine if id(p) not in placed and p.box.cx < half.spans[0][0] + 0.01]
    references = [p.box for p in head if NOTE_HEAD.search(p.text) or LINE_HEAD.search(p.text)]
    notes = [p for p in words if _is_note(p, words) or _under(p, references)]
    items = lines_of([p for p in words if p not in notes and p.kind == "text"], height)
    rows = rows_of([p for p in mine if id(p) in placed], height)
    named = named_rows(rows, items, bands_of(rulings, mine), height, known)
    dashed = sum(1 for p in mine if p.kind == "dash" and id(p) in placed) >= DASHED
    made = [
        row_of(item, box, figures, notes, placed, len(half.spans), height, dashed=dashed)
        for item, box, figures in named
    ]
    columns = tuple(FigureColumn(a, b) for a, b in half.spans)
    box = union_of([p.box for p in mine]) if mine else Box(0, 0, 0, 0)
    heads = [p for p in head if half.left <= p.box.cx <= max(half.right, last)]
    item_head = "".join(p.text for p in heads if ITEM_HEAD.match(p.text))
    return FigureTable(columns=_with_heads(columns, heads), rows=tuple(made), box=box, item_head=item_head)


def _column_of(p: Fragment, spans: Sequence[tuple[float, float]]) -> int | None:
    """The column a figure or dash stands in: the one it covers, else the one whose reach holds its centre."""
    if p.kind == "text":
        return None
    best = max(range(len(spans)), key=lambda c: shared(p.box, spans[c]))
    if shared(p.box, spans[best]) > 0.3:
        return best
    if p.kind not in ("dash", "small"):
        return best if shared(p.box, spans[best]) > 0 else None
    # Short marks may be centred or left in a cell wider than its figures.
    for c, (a, b) in enumerate(spans):
        left = (spans[c - 1][1] + a) / 2 if c else a - (b - a) * 0.25
        right = (b + spans[c + 1][0]) / 2 if c + 1 < len(spans) else 1.0
        if left <= p.box.cx <= right:
            return c
    return None


def _under(p: Fragment, heads: Sequence[Box]) -> bool:
    """Whether a short text stands in the column of notes or lines, whatever was made of it ((八) read as w)."""
    return len(p.text) <= REFERENCE and any(
        head.x0 - head.width / 2 <= p.box.cx <= head.x1 + head.width / 2 and p.box.x0 > head.x0 - head.width
        for head in heads
    )


def _is_note(p: Fragment, words: Sequence[Fragment]) -> bool:
    """A note's or line's number: matches their form and stands apart from the items' left edge."""
    if p.kind in ("small", "figure", "broken"):
        return True
    if not NOTE.fullmatch(p.text.strip()):
        return False
    edge = min((w.box.x0 for w in words), default=0.0)
    return p.box.x0 > edge + 0.1 or any(
        w is not p and abs(w.box.cy - p.box.cy) < p.box.height / 2 and w.box.x1 < p.box.x1 for w in words
    )


# --------------------------------------------------------------------------------------------------------- heads


def _with_heads(columns: Sequence[FigureColumn], head: Sequence[Fragment]) -> tuple[FigureColumn, ...]:
    """Columns with their heads; a head over several columns is given to each of them."""
    texts = [p for p in head if p.kind in ("text", "small") and HEAD.search(p.text) and not _excluded(p.text)]
    levels = _levels(texts)
    heads: list[list[str]] = [[] for _ in columns]
    for at, level in enumerate(levels):
        # One head above a fuller row of heads stands over all columns (本年金额 above 实收资本 … 合计).
        crowned = any(len(lower) >= max(2, len(columns) - 1) for lower in levels[at + 1 :])
        for c, text in _spread(level, columns, crowned=crowned).items():
            heads[c].append(text)
    return tuple(replace(column, head=tuple(h)) for column, h in zip(columns, heads, strict=True))


def _excluded(text: str) -> bool:
    return bool(NOTE_HEAD.search(text) or LINE_HEAD.search(text) or ITEM_HEAD.match(text))


def _levels(texts: Sequence[Fragment]) -> list[list[Fragment]]:
    levels: list[list[Fragment]] = []
    for p in sorted(texts, key=lambda t: t.box.cy):
        if levels and abs(median(q.box.cy for q in levels[-1]) - p.box.cy) < 0.6 * p.box.height:
            levels[-1].append(p)
        else:
            levels.append([p])
    return [sorted(level, key=lambda p: p.box.cx) for level in levels]


def _over(p: Fragment, columns: Sequence[FigureColumn]) -> int | None:
    """The only column a head stands over, by its extent or its right edge; None for a head between or over several."""
    over = [
        c
        for c, column in enumerate(columns)
        if column.x0 <= p.box.cx <= column.x1 or abs(p.box.x1 - column.x1) < 0.1 * (column.x1 - column.x0)
    ]
    return over[0] if len(over) == 1 else None


def _spread(level: Sequence[Fragment], columns: Sequence[FigureColumn], *, crowned: bool) -> dict[int, str]:
    """Which head of one level stands over which column."""
    pieces = [piece for p in level for piece in _head_pieces(p)]
    centres = [(c.x0 + c.x1) / 2 for c in columns]
    reach = columns[0].x0 - 0.5 * (columns[0].x1 - columns[0].x0)
    if len(pieces) != len(columns):  # one head a column may stand left of its figures: they are set right, it is not
        pieces = [p for p in pieces if p.box.x1 > reach]
    if not pieces:
        return {}
    own = len({_over(p, columns) for p in pieces} - {None}) == len(pieces)
    spanning = not own or (crowned and len(pieces) > 1)
    if spanning and len(pieces) < len(columns) and len(columns) % len(pieces) == 0:
        share = len(columns) // len(pieces)
        return {c: pieces[c // share].text for c in range(len(columns))}
    if len(pieces) == 1 and len(columns) > 1 and crowned:
        return dict.fromkeys(range(len(columns)), pieces[0].text)
    found: dict[int, str] = {}
    for p in pieces:
        near = min(range(len(columns)), key=lambda c: min(abs(p.box.cx - centres[c]), abs(p.box.x1 - columns[c].x1)))
        found[near] = found.get(near, "") + p.text
    if len(found) < len(columns) == len(pieces):  # one a column, all set to one side of the figures: in their order
        return {c: p.text for c, p in enumerate(pieces)}
    return found


_PERIODS = re.compile(
    r"\d{4}\s*年\s*(?:度|\d{1,2}\s*月\s*\d{1,2}\s*日|\d{1,2}\s*[-－—~]\s*\d{1,2}\s*月)?|(?:期末|期初|年末|年初|本期|上期|本年|上年|本月)[^\s期年本上]*"
)


def _head_pieces(p: Fragment) -> list[Fragment]:
    """A head line cut where it names two columns (``2022年12月31日 2021年12月31日``, ``本期金额上期金额``)."""
    found = [m for m in _PERIODS.finditer(p.text) if m[0].strip()]
    if len(found) < 2 or (len(found) == 2 and p.text.startswith("上年年末")):
        return [p]
    cuts = [0, *(m.start() for m in found[1:]), len(p.text)]
    total, box = len(p.text), p.box
    return [
        replace(
            p,
            text=p.text[a:b].strip(),
            box=Box(box.x0 + box.width * a / total, box.y0, box.x0 + box.width * b / total, box.y1),
        )
        for a, b in pairwise(cuts)
    ]
