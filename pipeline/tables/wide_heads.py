"""Heads set wide over two columns (合　并 | 母　公　司), made whole at both depths at which they are met in parts.

A reader parts them into lines (:func:`whole_heads`), a rule between the columns into cells (:func:`whole_columns`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.model import Line
from pipeline.tables.grid import union_of
from pipeline.values.flat import flat

__all__ = ["whole_columns", "whole_heads"]

SPACED = 2.6  # line heights between the parts of a head set wide over two columns: 合　　并
SHORT_PART = 2  # signs of a part of such a head

_ENTITY = r"合并|母公?公?司"  # a rule through 公 in the middle of 母公司 costs that sign, or doubles it
_OVER_COLUMNS = re.compile(_ENTITY)
_IN_LINES = re.compile(rf"{_ENTITY}|合计|公司|集团")


def _named(text: str, words: re.Pattern[str]) -> str | None:
    """The head that parts make, written one after the other, if they make one."""
    if words.fullmatch(text) is None:
        return None
    return "母公司" if text.startswith("母") else text


def whole_heads(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with heads set wide (合　并 | 母　公　司) put together."""
    short = sorted((ln for ln in lines if len(ln.text.strip()) <= SHORT_PART), key=lambda ln: ln.box.x0)
    joined: dict[int, Line | None] = {}
    for at, line in enumerate(short):
        if id(line) in joined:
            continue
        parts = [line, *_beside(line, [ln for ln in short[at + 1 :] if id(ln) not in joined])]
        for count in range(len(parts), 1, -1):
            name = _named("".join(part.text.strip() for part in parts[:count]), _IN_LINES)
            if name is not None:
                joined |= dict.fromkeys(map(id, parts[:count]))
                joined[id(line)] = _one_line(name, parts[:count])
                break
    return tuple(made for line in lines if (made := joined.get(id(line), line)) is not None)


def _beside(line: Line, others: Sequence[Line]) -> list[Line]:
    """The lines that follow in the row of one, each no farther from the last than parts of a head are."""
    chain = [line]
    for other in others:
        gap, level = other.box.x0 - chain[-1].box.x1, abs(other.box.cy - line.box.cy)
        if level < 0.5 * line.box.height and gap < SPACED * line.box.height:
            chain.append(other)
    return chain[1:]


def _one_line(text: str, parts: Sequence[Line]) -> Line:
    worst = min(part.confidence for part in parts)
    return Line(text=text, box=union_of([part.box for part in parts]), confidence=worst, source=parts[0].source)


def whole_columns(heads: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Heads of columns, each top to bottom, whose first words a rule parts (合 | 并, 母公 | 司): each says all."""
    whole = list(heads)
    for at, (one, other) in enumerate(pairwise(heads)):
        name = _named(flat(one[0] + other[0]), _OVER_COLUMNS) if one and other else None
        if name is not None:
            whole[at], whole[at + 1] = (name, *one[1:]), (name, *other[1:])
    return whole
