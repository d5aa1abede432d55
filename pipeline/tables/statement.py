"""Financial statements as rows × columns of figures (报表): geometry alone, of ruled, half-ruled and unruled tables.

Columns are where figures stand above one another; what a column means (期末余额, 合并 …) its head says, and
:mod:`extractors._statements` reads. A balance sheet with assets left and liabilities right comes out as two tables.
The one thing taken from outside is ``known``: whether a text is a whole name of an item, so that names wrapped over lines
are joined right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median

from pipeline.model import Box, ReadPage, Ruling
from pipeline.tables.fragments import Fragment, fragments

__all__ = ["Cell", "FigureColumn", "FigureRow", "FigureTable", "figure_tables"]

Known = Callable[[str], bool]

GRID = 1000  # steps of a page's width for the profile of figures
SHRINK = 0.12  # of a figure's width on each side: boxes of readers are a little wide
COLUMN_FLOOR = 0.12  # of the fullest column's height: thinner places of the profile divide columns
SAME_ROW = 0.55  # of a line's height: centres that near stand on one row
WRAP_PITCH = 0.85  # of the rows' pitch: lines nearer than that may be one wrapped name
ITEM_SHARE = 0.3  # of rows: words between two figure columns that often are a second column of items
LONE_ONE = 0.4  # trust in a cell that is nothing but 1, where blanks are printed as dashes: a dash is read so
BANDED = 0.7  # of rows: that many ruled bands make a fully ruled table
HEAD_REACH = 6.0  # line heights above the first row within which column heads stand
LONG_RULE = 0.5  # of the table's width: shorter horizontal rules are underlines

_NOTE = re.compile(
    r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.,．:：\s(（]*\d{0,3}[)）]?(?:[(（.、]\w{1,2}[)）]?)?|注?释?[(（]?\d{1,3}[)）]?|[(（][一二三四五六七八九十]{1,3}[)）]"
    r"|\d{1,2}(?:[.、]\d{1,2}){1,2}|[A-Z]\d{0,2}|[VIX]{1,4}[、.]?\d{0,3}"
)
_NOTE_TAIL = re.compile(
    r"(?<=[\u4e00-\u9fff)）：])\s*((?:附注|注释?)?[一二三四五六七八九十]{1,3}[、.．(（]\s*[(（]?\d{1,3}[)）]?)$"
)
_NOTE_HEAD = re.compile(r"附\s*注|注\s*释|^注$|索引")
_LINE_HEAD = re.compile(r"行\s*次|行\s*号|^行$|^次$|序号|编号")
_HEAD = re.compile(
    r"期末|期初|年末|年初|本期|上期|本年|上年|去年|本月|累计|余额|金额|发生额|合\s*并|母公司|公司|集团|合\s*计|\d{4}|[二][〇○O零0]|日$|月$|附\s*注|注释|行次"
    r"|实收资本|股本|资本公积|库存股|综合收益|专项储备|盈余公积|未分配|少数股东|权益|优先股|永续债|其他|小计|年度|风险准备|净资产|限定|实际|预算"
)
_ITEM_HEAD = re.compile(r"^(?:项\s*目|资\s*产|负\s*债.{0,14}|项|目|产|科\s*目|报表项目)$")
_CAPTION = re.compile(
    r"单位[:：]|编制单位|单位名称|币种|除特别注明|除另有|金额单位|单位为|会[企合小]{1,2}\s*0?\d|[表]\d*$"
)
_FOOT = re.compile(
    r"法定代表人|企业负责人|单位负责人|公司负责人|主管会计|会计机构|财务负责人|后附.{0,12}附注|附注.{0,8}(?:为|是|系).{0,8}(?:组成|部分)|载于第|制表人|制表[:：]|复核[:：]"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as printed (no unit applied); ``confidence``: 0 to 1."""

    text: str
    value: Decimal
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column of figures: its extent (fractions of the page's width) and head, top to bottom."""

    x0: float
    x1: float
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row: item as printed (wrapped lines joined), its box, one cell a column (None: blank or a dash)."""

    item: str
    box: Box
    cells: tuple[Cell | None, ...]
    note: str = ""
    dashes: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures. ``item_head``: head of its item column (项目, 资产, 负债和所有者权益)."""

    columns: tuple[FigureColumn, ...]
    rows: tuple[FigureRow, ...]
    box: Box
    item_head: str = ""


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
    lines = [line for line in page.lines if top <= line.box.cy <= bottom]
    pieces = fragments(lines, page.rulings)
    figures = [p for p in pieces if p.kind == "figure"]
    if not figures and not any(p.kind == "small" for p in pieces):
        return ()
    height = median(p.box.height for p in pieces)
    first = _first_row(pieces, height)
    foot = _foot(pieces, first)
    body = [p for p in pieces if first - height / 2 <= p.box.cy < foot]
    head = [p for p in pieces if _caption(pieces, first, height) < p.box.cy < first - height / 2]
    spans = _columns(body, head)
    if not spans:
        return ()
    tables = [_table(half, body, head, page.rulings, height, known) for half in _halves(spans, body)]
    return tuple(t for t in tables if t.rows)


# ------------------------------------------------------------------------------------------------------- extents


def _first_row(pieces: Sequence[Fragment], height: float) -> float:
    """Centre of the first row of the table: the highest figure, or an item heading just above it (流动资产：)."""
    strong = [p for p in pieces if p.kind == "figure" and not _caption_text(p.text)]
    first = min((p.box.cy for p in strong), default=min((p.box.cy for p in pieces if p.kind == "small"), default=0.0))
    heads = [p for p in pieces if p.box.cy < first - height / 2 and (_ITEM_HEAD.match(p.text) or _HEAD.search(p.text))]
    lowest_head = max((p.box.cy for p in heads if p.kind == "text" and not p.text.endswith((":", "："))), default=0.0)
    # Rows without figures between the heads and the first figure belong to the body.
    left = min((p.box.x0 for p in strong), default=1.0)
    blanks = [
        p.box.cy
        for p in pieces
        if lowest_head + height * 0.6 < p.box.cy < first and p.box.x0 < left and p.kind == "text"
    ]
    return min([first, *blanks])


def _foot(pieces: Sequence[Fragment], first: float) -> float:
    below = [p.box.y0 for p in pieces if p.box.cy > first and _FOOT.search(re.sub(r"\s", "", p.text))]
    return min(below, default=1.01)


def _caption_text(text: str) -> bool:
    return bool(_CAPTION.search(re.sub(r"\s", "", text)))


def _caption(pieces: Sequence[Fragment], first: float, height: float) -> float:
    """Lower edge of what stands above the column heads: caption lines with unit and company."""
    tops = [p.box.cy + height * 0.6 for p in pieces if p.box.cy < first - height / 2 and _caption_text(p.text)]
    return max(tops, default=max(0.0, first - HEAD_REACH * height))


# ------------------------------------------------------------------------------------------------------- columns


def _columns(body: Sequence[Fragment], head: Sequence[Fragment]) -> tuple[tuple[float, float], ...]:
    """Extents of the columns of figures, left to right; columns of notes and line numbers left out."""
    strong = [p for p in body if p.kind == "figure"]
    spans = _runs(strong)
    for loose in [p for p in strong if not any(_shared(p.box, s) > 0.3 for s in spans)]:
        if not any(_shared(loose.box, s) > 0.3 for s in spans):
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
    mine = [p.box for p in strong if a <= p.box.cx <= b] or [p.box for p in strong if _shared(p.box, (a, b)) > 0.3]
    if not mine:
        return a, b
    return min(a, median(m.x0 for m in mine)), max(b, median(m.x1 for m in mine))


def _shared(box: Box, span: tuple[float, float]) -> float:
    """Share of the narrower of both that they have in common."""
    width = min(box.x1, span[1]) - max(box.x0, span[0])
    return max(0.0, width) / max(1e-6, min(box.width, span[1] - span[0]))


def _headed(
    body: Sequence[Fragment], head: Sequence[Fragment], spans: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Columns whose figures are all small or blank: a head names them, and nothing but small numbers or dashes stands below."""
    found: list[tuple[float, float]] = []
    left = min((s[0] for s in spans), default=0.25)
    for p in head:
        taken = any(_shared(p.box, s) > 0.2 for s in [*spans, *found])
        if (
            taken
            or p.kind == "dash"
            or not _HEAD.search(p.text)
            or _NOTE_HEAD.search(p.text)
            or _LINE_HEAD.search(p.text)
        ):
            continue
        below = [q for q in body if _shared(q.box, (p.box.x0, p.box.x1)) > 0.3]
        plain = [q for q in below if q.kind in ("small", "dash", "broken")]
        if plain and len(plain) == len(below) and (p.box.x0 > left or not spans):
            found.append((min(q.box.x0 for q in [p, *plain]), max(q.box.x1 for q in [p, *plain])))
        elif not below and p.box.x0 > left and _beside(p, head, spans):
            found.append((p.box.x0, p.box.x1))
    return found


def _beside(p: Fragment, head: Sequence[Fragment], spans: Sequence[tuple[float, float]]) -> bool:
    """Whether a head stands in one row with the heads of at least two columns of figures: its own column is empty."""
    row = [q for q in head if q is not p and abs(q.box.cy - p.box.cy) < SAME_ROW * p.box.height]
    return sum(1 for s in spans if any(_shared(q.box, s) > 0.3 for q in row)) >= 2


def _is_reference(span: tuple[float, float], strong: Sequence[Fragment], head: Sequence[Fragment]) -> bool:
    """Whether a column holds notes' numbers (5.10, 5.11) rather than amounts."""
    heads = [p.text for p in head if _shared(p.box, span) > 0.3]
    if any(_NOTE_HEAD.search(t) or _LINE_HEAD.search(t) for t in heads):
        return True
    mine = [p.text for p in strong if _shared(p.box, span) > 0.5]
    return (
        len(mine) > 2
        and all(re.fullmatch(r"\d{1,2}[.,]\d{1,2}", t) for t in mine)
        and not any(_HEAD.search(t) for t in heads)
    )


def _halves(spans: Sequence[tuple[float, float]], body: Sequence[Fragment]) -> list[_Half]:
    """The columns by item column: one, or two where words often stand between figure columns too."""
    rows = max(1, len({round(p.box.cy * 100) for p in body if p.kind in ("figure", "dash")}))
    starts = [0]
    for i in range(1, len(spans)):
        between = [
            p for p in body if p.kind == "text" and spans[i - 1][1] - 0.02 < p.box.cx < spans[i][0] and len(p.text) >= 3
        ]
        named = [p for p in between if not _NOTE.fullmatch(p.text)]
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
    notes = [p for p in words if _is_note(p, words)]
    items = _lines_of([p for p in words if p not in notes and p.kind == "text"], height)
    rows = _grouped([p for p in mine if id(p) in placed], height)
    named = _named(rows, items, _bands(rulings, half, mine), height, known)
    dashed = any(p.kind == "dash" for p in mine if id(p) in placed)
    made = [
        _row(item, box, figures, notes, placed, len(half.spans), height, dashed=dashed) for item, box, figures in named
    ]
    columns = tuple(FigureColumn(a, b) for a, b in half.spans)
    box = _around([p.box for p in mine]) if mine else Box(0, 0, 0, 0)
    heads = [p for p in head if half.left <= p.box.cx <= max(half.right, last)]
    item_head = "".join(p.text for p in heads if _ITEM_HEAD.match(p.text))
    return FigureTable(columns=_with_heads(columns, heads), rows=tuple(made), box=box, item_head=item_head)


def _column_of(p: Fragment, spans: Sequence[tuple[float, float]]) -> int | None:
    """The column a figure or dash stands in: the one it covers, else the one whose reach holds its centre."""
    if p.kind == "text":
        return None
    best = max(range(len(spans)), key=lambda c: _shared(p.box, spans[c]))
    if _shared(p.box, spans[best]) > 0.3:
        return best
    if p.kind not in ("dash", "small"):
        return best if _shared(p.box, spans[best]) > 0 else None
    # Short marks may be centred or left in a cell wider than its figures.
    for c, (a, b) in enumerate(spans):
        left = (spans[c - 1][1] + a) / 2 if c else a - (b - a) * 0.25
        right = (b + spans[c + 1][0]) / 2 if c + 1 < len(spans) else 1.0
        if left <= p.box.cx <= right:
            return c
    return None


def _is_note(p: Fragment, words: Sequence[Fragment]) -> bool:
    """A note's or line's number: matches their form and stands apart from the items' left edge."""
    if p.kind in ("small", "figure", "broken"):
        return True
    if not _NOTE.fullmatch(p.text.strip()):
        return False
    edge = min((w.box.x0 for w in words), default=0.0)
    return p.box.x0 > edge + 0.1 or any(
        w is not p and abs(w.box.cy - p.box.cy) < p.box.height / 2 and w.box.x1 < p.box.x1 for w in words
    )


def _lines_of(words: Sequence[Fragment], height: float) -> list[Fragment]:
    """Words on one line joined, top to bottom."""
    lines: list[list[Fragment]] = []
    for p in sorted(words, key=lambda w: w.box.cy):
        near = next((ln for ln in lines[-3:] if abs(median(q.box.cy for q in ln) - p.box.cy) < SAME_ROW * height), None)
        if near is None or any(_shared(q.box, (p.box.x0, p.box.x1)) > 0.4 for q in near):
            lines.append([p])
        else:
            near.append(p)
    return [_joined(sorted(ln, key=lambda q: q.box.x0)) for ln in lines]


def _joined(parts: Sequence[Fragment]) -> Fragment:
    return replace(
        parts[0],
        text="".join(p.text for p in parts),
        box=_around([p.box for p in parts]),
        confidence=min(p.confidence for p in parts),
    )


def _around(boxes: Sequence[Box]) -> Box:
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


def _grouped(figures: Sequence[Fragment], height: float) -> list[list[Fragment]]:
    """Figures by rows, top to bottom. A row is followed from neighbour to neighbour, so that a slope does no harm."""
    rows: list[list[Fragment]] = []
    for p in sorted(figures, key=lambda f: f.box.cy):
        best: list[Fragment] | None = None
        for row in rows[-4:]:
            near = min(row, key=lambda q: abs(q.box.cx - p.box.cx))
            if abs(near.box.cy - p.box.cy) < SAME_ROW * height and not any(
                _shared(q.box, (p.box.x0, p.box.x1)) > 0.5 for q in row
            ):
                best = row
        if best is None:
            rows.append([p])
        else:
            best.append(p)
    return sorted(rows, key=lambda row: median(p.box.cy for p in row))


def _bands(rulings: Sequence[Ruling], half: _Half, mine: Sequence[Fragment]) -> list[tuple[float, float]]:
    """Spaces between long horizontal rules that cross the half, top to bottom."""
    if not mine:
        return []
    x0, x1 = min(p.box.x0 for p in mine), max(p.box.x1 for p in mine)
    ys = sorted(
        (r.y0 + r.y1) / 2 for r in rulings if r.horizontal and min(r.x1, x1) - max(r.x0, x0) > LONG_RULE * (x1 - x0)
    )
    merged: list[float] = []
    for y in ys:
        if not merged or y - merged[-1] > 0.003:
            merged.append(y)
    return list(zip(merged, merged[1:], strict=False))


_Named = tuple[str, Box, list[Fragment]]


def _named(
    rows: list[list[Fragment]], items: list[Fragment], bands: list[tuple[float, float]], height: float, known: Known
) -> list[_Named]:
    """Rows with the names they bear, rows without figures included, top to bottom."""
    holding = [b for b in bands if any(b[0] <= median(p.box.cy for p in row) <= b[1] for row in rows)]
    single = [b for b in holding if sum(1 for row in rows if b[0] <= median(p.box.cy for p in row) <= b[1]) == 1]
    if rows and len(single) >= BANDED * len(rows):
        return _by_bands(rows, items, bands, height, known)
    return _by_lines(rows, items, height, known)


def _by_bands(
    rows: list[list[Fragment]], items: list[Fragment], bands: list[tuple[float, float]], height: float, known: Known
) -> list[_Named]:
    """Each ruled band is a row; what lies in no band, or several rows in one, is taken line by line."""
    out: list[_Named] = []
    left_rows, left_items = list(rows), list(items)
    for a, b in bands:
        inside = [row for row in left_rows if a <= median(p.box.cy for p in row) <= b]
        words = [it for it in left_items if a <= it.box.cy <= b]
        left_rows = [row for row in left_rows if row not in inside]
        left_items = [it for it in left_items if it not in words]
        if len(inside) > 1 or (not inside and len(words) > 1 and b - a > 3 * height):
            out += _by_lines(inside, words, height, known)
        elif inside or words:
            figures = inside[0] if inside else []
            box = _around([w.box for w in words] or [p.box for p in figures])
            out.append(("".join(w.text for w in words), box, figures))
    out += _by_lines(left_rows, left_items, height, known)
    return sorted(out, key=lambda named: named[1].cy)


def _by_lines(rows: list[list[Fragment]], items: list[Fragment], height: float, known: Known) -> list[_Named]:
    """Rows named by the line beside them; lines left over are joined to a neighbour as wrapped names, or stand as blank rows."""
    owner: dict[int, int] = {}
    for r, row in enumerate(rows):
        near = sorted(range(len(items)), key=lambda i, row=row: _distance(items[i], row))  # type: ignore[misc]
        best = next((i for i in near if i not in owner and _distance(items[i], row) < SAME_ROW * height * 1.1), None)
        if best is not None:
            owner[best] = r
    entries: list[tuple[list[Fragment], list[Fragment]]] = [
        ([it], rows[owner[i]] if i in owner else []) for i, it in enumerate(items)
    ]
    entries += [([], row) for r, row in enumerate(rows) if r not in owner.values()]
    entries.sort(key=lambda e: _centre(e))
    pitch = _pitch(entries)
    right = max((it.box.x1 for it in items), default=1.0)
    left = min((it.box.x0 for it in items), default=0.0)
    merged = _unwrapped(entries, pitch, left + 0.8 * (right - left), known)
    return [
        ("".join(w.text for w in words), _around([w.box for w in words] or [p.box for p in figures]), figures)
        for words, figures in merged
    ]


_Entry = tuple[list[Fragment], list[Fragment]]


def _distance(item: Fragment, row: Sequence[Fragment]) -> float:
    """How far a name lies from a row, measured at the row's figure nearest to it."""
    near = min(row, key=lambda p: abs(p.box.x0 - item.box.x1))
    return abs(item.box.cy - near.box.cy)


def _centre(entry: _Entry) -> float:
    words, figures = entry
    return median(p.box.cy for p in (words or figures))


def _pitch(entries: Sequence[_Entry]) -> float:
    centres = [_centre(e) for e in entries if e[1] and e[0]]
    steps = [b - a for a, b in zip(centres, centres[1:], strict=False) if b > a]
    return median(steps) if steps else 0.02


def _unwrapped(entries: list[_Entry], pitch: float, wide: float, known: Known) -> list[_Entry]:
    """Names wrapped over lines joined: by the vocabulary, else by a gap narrower than the rows' pitch."""
    out: list[_Entry] = []
    for entry in entries:
        if out and _continues(out[-1], entry, pitch, wide, known):
            out[-1] = (out[-1][0] + entry[0], out[-1][1] + entry[1])
        else:
            out.append(entry)
    return out


def _continues(above: _Entry, below: _Entry, pitch: float, wide: float, known: Known) -> bool:
    """Whether ``below`` is the rest of the name ``above`` (or the figures of a name centred between lines)."""
    if above[1] and below[1]:
        return False
    gap = (below[0] or below[1])[0].box.cy - (above[0] or above[1])[-1].box.cy
    if gap > 1.6 * pitch:
        return False
    if not above[0] or not below[0]:
        return gap < WRAP_PITCH * pitch  # figures between the lines of their name
    upper, lower = _text(above), _text(below)
    if known(upper + lower) and not known(lower):
        return True
    if known(upper) or known(lower) or upper.endswith((":", "：", ")", "）")):
        return False
    opened = upper.count("（") + upper.count("(") > upper.count("）") + upper.count(")")
    return opened or (above[0][-1].box.x1 >= wide and gap < WRAP_PITCH * pitch)


def _text(entry: _Entry) -> str:
    return "".join(w.text for w in entry[0])


def _row(
    item: str,
    box: Box,
    figures: Sequence[Fragment],
    notes: Sequence[Fragment],
    placed: dict[int, int],
    width: int,
    height: float,
    *,
    dashed: bool,
) -> FigureRow:
    cells: list[Cell | None] = [None] * width
    dashes = [False] * width
    for p in figures:
        column = placed[id(p)]
        dashes[column] = dashes[column] or p.kind == "dash"
        if p.value is None:
            continue
        new = Cell(text=p.text, value=p.value, box=p.box, confidence=p.confidence)
        if dashed and p.text.strip("()") == "1":
            new = replace(new, confidence=min(new.confidence, LONE_ONE))
        kept = cells[column]
        cells[column] = new if kept is None or new.box.width > kept.box.width else kept
    tail = _NOTE_TAIL.search(item)
    beside = [n.text for n in notes if abs(n.box.cy - box.cy) < SAME_ROW * max(height, box.height / 2)]
    note = "".join(beside) or (tail[1] if tail else "")
    return FigureRow(
        item=item[: tail.start()].strip() if tail else item.strip(),
        box=box,
        cells=tuple(cells),
        note=note,
        dashes=tuple(dashes),
    )


# --------------------------------------------------------------------------------------------------------- heads


def _with_heads(columns: Sequence[FigureColumn], head: Sequence[Fragment]) -> tuple[FigureColumn, ...]:
    """Columns with their heads; a head over several columns is given to each of them."""
    texts = [p for p in head if p.kind in ("text", "small") and _HEAD.search(p.text) and not _excluded(p.text)]
    levels = _levels(texts)
    heads: list[list[str]] = [[] for _ in columns]
    for at, level in enumerate(levels):
        # One head above a fuller row of heads stands over all columns (本年金额 above 实收资本 … 合计).
        crowned = any(len(lower) >= max(2, len(columns) - 1) for lower in levels[at + 1 :])
        for c, text in _spread(level, columns, crowned=crowned).items():
            heads[c].append(text)
    return tuple(replace(column, head=tuple(h)) for column, h in zip(columns, heads, strict=True))


def _excluded(text: str) -> bool:
    return bool(_NOTE_HEAD.search(text) or _LINE_HEAD.search(text) or _ITEM_HEAD.match(text))


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
    pieces = [p for p in pieces if p.box.x1 > reach]
    if not pieces:
        return {}
    own = len({_over(p, columns) for p in pieces} - {None}) == len(pieces)
    if not own and len(pieces) < len(columns) and len(columns) % len(pieces) == 0:
        share = len(columns) // len(pieces)
        return {c: pieces[c // share].text for c in range(len(columns))}
    if len(pieces) == 1 and len(columns) > 1 and crowned:
        return {c: pieces[0].text for c in range(len(columns))}
    found: dict[int, str] = {}
    for p in pieces:
        near = min(range(len(columns)), key=lambda c: min(abs(p.box.cx - centres[c]), abs(p.box.x1 - columns[c].x1)))
        found[near] = found.get(near, "") + p.text
    return found


_PERIODS = re.compile(
    r"\d{4}\s*年\s*(?:度|\d{1,2}\s*月\s*\d{1,2}\s*日|\d{1,2}\s*[-－—~]\s*\d{1,2}\s*月)?|(?:期末|期初|年末|年初|本期|上期|本年|上年|本月)[^\s期年本上]*"
)


def _head_pieces(p: Fragment) -> list[Fragment]:
    """A head line cut where it names two columns (``2022年12月31日 2021年12月31日``, ``本期金额上期金额``)."""
    found = [m for m in _PERIODS.finditer(p.text) if m[0].strip()]
    if len(found) < 2 or "年末余额" in p.text and len(found) == 2 and p.text.startswith("上年年末"):
        return [p]
    cuts = [0, *(m.start() for m in found[1:]), len(p.text)]
    total, box = len(p.text), p.box
    return [
        replace(
            p,
            text=p.text[a:b].strip(),
            box=Box(box.x0 + box.width * a / total, box.y0, box.x0 + box.width * b / total, box.y1),
        )
        for a, b in zip(cuts, cuts[1:], strict=False)
    ]
