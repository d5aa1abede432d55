"""Rulings of one page -> boxes of ruled cells, table by table; merged cells, half-ruled tables, broken rules.

Strokes of characters and of seals that were taken for rules are left out here: they lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.model import Box, Line, Ruling

__all__ = ["TOUCH", "ruled_boxes"]

TOUCH = 0.006  # fraction of the page: rules whose ends are nearer than this meet (1.3 mm on A4)
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


def ruled_boxes(rulings: Sequence[Ruling], lines: Sequence[Line]) -> list[list[Box]]:
    """The cells of each ruled table, tables from top to bottom, merged where no rule parts them.

    :param lines: the page's text, to tell rules from strokes and tables from lines to write on
    """
    return [_cells_of(rules) for rules in _tables(_printed(rulings, lines), lines)]


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
        beside = [
            line
            for line in lines
            if box.y0 < line.box.cy < box.y1 and not box.x0 - TOUCH < line.box.cx < box.x1 + TOUCH
        ]
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


def _cells_of(rules: _Rules) -> list[Box]:
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
    merged: dict[int, list[tuple[int, int]]] = {}
    for row in range(rows):
        for column in range(columns):
            merged.setdefault(root(row * columns + column), []).append((row, column))
    return [
        Box(xs[first], ys[top], xs[last + 1], ys[bottom + 1])
        for squares in merged.values()
        for top, bottom, first, last in _rectangles(squares)
    ]


def _rectangles(squares: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Squares (row, column) as rectangles (first and last row, first and last column).

    No cell is L-shaped: where a piece of a rule was lost, two cells run together, and are parted again row by row.
    """
    found: list[tuple[int, int, int, int]] = []
    for row in sorted({row for row, _ in squares}):
        columns = sorted(column for r, column in squares if r == row)
        starts = [c for i, c in enumerate(columns) if i == 0 or columns[i - 1] != c - 1]
        ends = [c for i, c in enumerate(columns) if i + 1 == len(columns) or columns[i + 1] != c + 1]
        for first, last in zip(starts, ends, strict=True):
            above = next((one for one in found if one[1:] == (row - 1, first, last)), None)
            if above:
                found[found.index(above)] = (above[0], row, first, last)
            else:
                found.append((row, row, first, last))
    return found


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
