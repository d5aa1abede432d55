"""Rows of a statement: figures put on lines, and each line given the name it bears, wrapped names joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from statistics import median

from pipeline.model import Box, Ruling
from pipeline.tables.fragments import Fragment
from pipeline.tables.grid import union_of

__all__ = [
    "DASHED",
    "Cell",
    "FigureRow",
    "Known",
    "bands_of",
    "lines_of",
    "named_rows",
    "row_of",
    "rows_of",
    "shared",
]

Known = Callable[[str], bool]

SAME_ROW = 0.55  # of a line's height: centres that near stand on one row
WRAP_PITCH = 0.85  # of the rows' pitch: lines nearer than that may be one wrapped name
BANDED = 0.7  # of rows: that many ruled bands make a fully ruled table
DASHED = 3  # dashes from which on a table prints its blanks so: a lone 1 there is a dash misread
LONG_RULE = 0.5  # of the table's width: shorter horizontal rules are underlines

_NOTE_TAIL = re.compile(
    r"(?<=[\u4e00-\u9fff)）：])\s*((?:附注|注释?)?[一二三四五六七八九十]{1,3}[、.．(（]\s*[(（]?\d{1,3}[)）]?)$"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as printed (no unit applied); ``confidence``: 0 to 1."""

    text: str
    value: Decimal
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row: item as printed (wrapped lines joined), its box, one cell a column (None: blank or a dash)."""

    item: str
    box: Box
    cells: tuple[Cell | None, ...]
    note: str = ""
    dashes: tuple[bool, ...] = ()


def shared(box: Box, span: tuple[float, float]) -> float:
    """Share of the narrower of both that they have in common."""
    width = min(box.x1, span[1]) - max(box.x0, span[0])
    return max(0.0, width) / max(1e-6, min(box.width, span[1] - span[0]))


def lines_of(words: Sequence[Fragment], height: float) -> list[Fragment]:
    """Words on one line joined, top to bottom."""
    lines: list[list[Fragment]] = []
    for p in sorted(words, key=lambda w: w.box.cy):
        near = next((ln for ln in lines[-3:] if abs(median(q.box.cy for q in ln) - p.box.cy) < SAME_ROW * height), None)
        if near is None or any(shared(q.box, (p.box.x0, p.box.x1)) > 0.4 for q in near):
            lines.append([p])
        else:
            near.append(p)
    return [_joined(sorted(ln, key=lambda q: q.box.x0)) for ln in lines]


def _joined(parts: Sequence[Fragment]) -> Fragment:
    return replace(
        parts[0],
        text="".join(p.text for p in parts),
        box=union_of([p.box for p in parts]),
        confidence=min(p.confidence for p in parts),
    )


def rows_of(figures: Sequence[Fragment], height: float) -> list[list[Fragment]]:
    """Figures by rows, top to bottom. A row is followed from neighbour to neighbour, so that a slope does no harm."""
    rows: list[list[Fragment]] = []
    for p in sorted(figures, key=lambda f: f.box.cy):
        best: list[Fragment] | None = None
        for row in rows[-4:]:
            near = min(row, key=lambda q: abs(q.box.cx - p.box.cx))
            if abs(near.box.cy - p.box.cy) < SAME_ROW * height and not any(
                shared(q.box, (p.box.x0, p.box.x1)) > 0.5 for q in row
            ):
                best = row
        if best is None:
            rows.append([p])
        else:
            best.append(p)
    return sorted(rows, key=lambda row: median(p.box.cy for p in row))


def bands_of(rulings: Sequence[Ruling], mine: Sequence[Fragment]) -> list[tuple[float, float]]:
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
    return list(pairwise(merged))


_Named = tuple[str, Box, list[Fragment]]


def named_rows(
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
        several = len(words) > 1 and all(known(w.text) for w in words)  # names each whole: a rule between was lost
        if len(inside) > 1 or several or (not inside and len(words) > 1 and b - a > 3 * height):
            out += _by_lines(inside, words, height, known)
        elif inside or words:
            figures = inside[0] if inside else []
            box = union_of([w.box for w in words] or [p.box for p in figures])
            out.append(("".join(w.text for w in words), box, figures))
    out += _by_lines(left_rows, left_items, height, known)
    return sorted(out, key=lambda named: named[1].cy)


def _by_lines(rows: list[list[Fragment]], items: list[Fragment], height: float, known: Known) -> list[_Named]:
    """Rows named by the line beside them; lines left over are joined to a neighbour as wrapped names, or stand as
    blank rows.
    """
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
        ("".join(w.text for w in words), union_of([w.box for w in words] or [p.box for p in figures]), figures)
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
    steps = [b - a for a, b in pairwise(centres) if b > a]
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
    if known(upper + lower) and not (known(lower) and known(upper)):
        return True
    if known(upper) or known(lower) or upper.endswith((":", "：", ")", "）")):
        return False
    opened = upper.count("（") + upper.count("(") > upper.count("）") + upper.count(")")
    return opened or (above[0][-1].box.x1 >= wide and gap < WRAP_PITCH * pitch)


def _text(entry: _Entry) -> str:
    return "".join(w.text for w in entry[0])


def row_of(
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
        if dashed and p.text.strip("()") == "1":  # a dash read as 1: blank
            dashes[column] = True
            continue
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
