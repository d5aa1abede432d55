"""Statements side by side on one sheet (资产负债表 left, 利润表 right, as on A3): each side is read as a page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractors._titles import Title
from pipeline.model import Box, Line, ReadPage, Ruling

__all__ = ["sides_of"]

GRID = 1000  # steps of a page's width for the places a sheet may be parted at
SAME_HEIGHT = 1.5  # heights of a title: two that stand that near in height, apart in width, are side by side
FARNESS = 100  # lines crossed that being a page's width off the place expected weighs as much as


def sides_of(page: ReadPage, heads: Sequence[Title]) -> list[ReadPage]:
    """The page as it is, or its sides from left to right if titles of statements stand beside one another."""
    row = _beside(heads)
    if len(row) < 2:
        return [page]
    cuts = [0.0, *(_gutter(page, one.box, other.box) for one, other in pairwise(row)), 1.0]
    return [_between(page, left, right) for left, right in pairwise(cuts)]


def _beside(heads: Sequence[Title]) -> list[Title]:
    """The titles on the first title's height, left to right, if no two of them stand above one another."""
    if not heads:
        return []
    first = heads[0].box
    row = [one for one in heads if abs(one.box.cy - first.cy) < SAME_HEIGHT * first.height]
    row.sort(key=lambda one: one.box.x0)
    return row if all(one.box.x1 < other.box.x0 for one, other in pairwise(row)) else []


def _gutter(page: ReadPage, one: Box, other: Box) -> float:
    """Where a sheet is parted: over the fewest lines of text, near where titles set in the middle of their tables put
    the tables' edges. A blank between items and figures is as free as the gutter, and further off.
    """
    below = [line.box for line in page.lines if line.box.cy > min(one.y0, other.y0)]
    left_edge = 2 * one.cx - min(box.x0 for box in below)
    right_edge = 2 * other.cx - max(box.x1 for box in below)
    expected = min(max((left_edge + right_edge) / 2, one.x1), other.x0)
    places = [step / GRID for step in range(round(one.x1 * GRID), round(other.x0 * GRID) + 1)]
    return min(places, key=lambda x: _crossed(below, x) + FARNESS * abs(x - expected), default=expected)


def _crossed(boxes: Sequence[Box], x: float) -> int:
    return sum(1 for box in boxes if box.x0 < x < box.x1)


def _between(page: ReadPage, left: float, right: float) -> ReadPage:
    """What of a page stands between two places of its width; boxes stay those of the whole page."""
    lines: tuple[Line, ...] = tuple(line for line in page.lines if left <= line.box.cx < right)
    rulings = tuple(cut for rule in page.rulings if (cut := _clipped(rule, left, right)))
    return page.model_copy(update={"lines": lines, "rulings": rulings})


def _clipped(rule: Ruling, left: float, right: float) -> Ruling | None:
    """The part of a rule that lies between two places; a slope is as good as level over so little."""
    if rule.x1 < left or rule.x0 > right:
        return None
    return rule.model_copy(update={"x0": max(rule.x0, left), "x1": min(rule.x1, right)})
