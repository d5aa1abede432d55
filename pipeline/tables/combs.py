"""Boxes for one sign each (一格一字), as forms print them for codes, dates and telephone numbers: one place, not many.

Cut at its upright rules such a row would be eighteen cells of one digit. Its short rules are left out before cells are
made, and what stands in it is one line without the gaps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

from pipeline.model import Box, Line, Ruling

__all__ = ["without_combs"]

LEAST_BOXES = 4  # in one row: two narrow columns side by side are a table's
LEAST_RUN = 2  # boxes that touch: month and day have two
SAME_HEIGHT = 0.004  # of the page: ends of the upright rules of one row lie this close
STACKED = 0.003  # of the page: rows nearer than this belong to one table, whose columns these are
SQUARE = 1.6  # widest such box, in its heights
ALIKE = 1.5  # the widest over the narrowest of a run
LEAST_SIGNS = 0.75  # of the text in the boxes that is made of digits, capitals, 年月日
_RULES = "|｜丨"
_SIGN = re.compile(r"[0-9A-Z年月日]")
# Signs one by one, in boxes too faint to be seen as ruled: 2 0 1 7 年 0 5 月 1 6 日
_SPACED = re.compile(r"(?:[0-9A-Z年月日][\s|]+){5,}[0-9A-Z年月日]")


@dataclass(frozen=True, slots=True)
class _Run:
    """Boxes that touch, by their upright rules from left to right."""

    rules: tuple[Ruling, ...]

    @property
    def box(self) -> Box:
        first, last = self.rules[0], self.rules[-1]
        low, high = _span(first)
        return Box(first.x0, low, last.x1, high)

    @property
    def count(self) -> int:
        return len(self.rules) - 1


def without_combs(
    rulings: Sequence[Ruling], lines: Sequence[Line], aspect: float
) -> tuple[tuple[Ruling, ...], tuple[Line, ...]]:
    """Rulings without those of such boxes, and lines closed up where they stand in them.

    :param aspect: width over height of the page, in pixels
    """
    lines = [_without_gaps(line) if _SPACED.fullmatch(line.text.strip()) else line for line in lines]
    runs = [run for run in _runs(rulings, aspect) if _holds_signs(run, lines)]
    if not runs:
        return tuple(rulings), tuple(lines)
    boxes = [run.box for run in runs]
    own = {rule for run in runs for rule in run.rules}
    kept = (r for r in rulings if r not in own and not any(_edge_of(r, box) for box in boxes))
    return tuple(kept), _closed_up(lines, boxes)


def _span(rule: Ruling) -> tuple[float, float]:
    return min(rule.y0, rule.y1), max(rule.y0, rule.y1)


def _runs(rulings: Sequence[Ruling], aspect: float) -> list[_Run]:
    rows: list[list[Ruling]] = []
    for rule in sorted((r for r in rulings if not r.horizontal), key=lambda r: _span(r)[0]):
        row = next((r for r in rows if _ends_with(r[0], rule)), None)
        rows.append([rule]) if row is None else row.append(rule)
    found: list[_Run] = []
    for row in rows:
        runs = _side_by_side(sorted(row, key=lambda r: r.x0), aspect)
        if sum(run.count for run in runs) >= LEAST_BOXES:
            found.extend(runs)
    across = [rule for rule in rulings if rule.horizontal]
    return [
        run
        for run in found
        if not any(_stacked(run, other) for other in found if other is not run)
        and not any(_parts(rule, run.box) for rule in across)
    ]


def _ends_with(a: Ruling, b: Ruling) -> bool:
    return all(abs(x - y) < SAME_HEIGHT for x, y in zip(_span(a), _span(b), strict=True))


def _side_by_side(row: Sequence[Ruling], aspect: float) -> list[_Run]:
    """Runs of boxes of one width, none wider than such a box is."""
    runs: list[list[Ruling]] = [[row[0]]]
    for before, rule in pairwise(row):
        low, high = _span(rule)
        width, run = rule.x0 - before.x0, runs[-1]
        wide = width * aspect > SQUARE * (high - low)
        widths = [width, *(b.x0 - a.x0 for a, b in pairwise(run))]
        if wide or max(widths) > ALIKE * min(widths):
            runs.append([rule])
        else:
            run.append(rule)
    return [_Run(tuple(run)) for run in runs if len(run) > LEAST_RUN]


def _stacked(run: _Run, other: _Run) -> bool:
    """Whether the boxes of another row stand right above or below these: columns of a table (ticks under heads)."""
    a, b = run.box, other.box
    beside = min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 * min(a.width, b.width)
    return beside and min(abs(a.y0 - b.y1), abs(b.y0 - a.y1)) < STACKED


def _parts(rule: Ruling, box: Box) -> bool:
    """Whether a rule across runs through the boxes: rows of a table."""
    inside = box.y0 + SAME_HEIGHT < (rule.y0 + rule.y1) / 2 < box.y1 - SAME_HEIGHT
    return inside and min(rule.x1, box.x1) - max(rule.x0, box.x0) > 0.5 * box.width


def _holds_signs(run: _Run, lines: Sequence[Line]) -> bool:
    """Whether what stands in the boxes is signs of a code, a number or a date, about one a box."""
    box = run.box
    signs = [sign for line in lines for sign in _signs_in(box, line)]
    fitting = sum(_SIGN.fullmatch(sign) is not None for sign in signs)
    return bool(signs) and fitting >= LEAST_SIGNS * len(signs) and len(signs) <= run.count + 1


def _signs_in(box: Box, line: Line) -> list[str]:
    if not box.y0 < line.box.cy < box.y1:
        return []
    text, count = line.text, len(line.text)
    centres = line.centres if len(line.centres) == count else tuple((i + 0.5) / count for i in range(count))
    xs = (line.box.x0 + c * line.box.width for c in centres)
    return [s for s, x in zip(text, xs, strict=True) if box.x0 < x < box.x1 and not s.isspace() and s not in _RULES]


def _edge_of(rule: Ruling, box: Box) -> bool:
    """Whether a rule across is the upper or lower edge of these boxes and of nothing else."""
    if not rule.horizontal or min(abs(rule.y0 - box.y0), abs(rule.y0 - box.y1)) > SAME_HEIGHT:
        return False
    slack = 0.5 * box.height
    return box.x0 - slack < min(rule.x0, rule.x1) and max(rule.x0, rule.x1) < box.x1 + slack


def _closed_up(lines: Sequence[Line], boxes: Sequence[Box]) -> tuple[Line, ...]:
    """Lines that stand in such boxes without gaps; the pieces of one run as one line."""
    pieces: list[list[Line]] = [[] for _ in boxes]
    kept: list[Line] = []
    for line in lines:
        touched = [i for i, box in enumerate(boxes) if _signs_in(box, line)]
        if len(touched) == 1 and boxes[touched[0]].intersection(line.box) > 0.5 * line.box.area:
            pieces[touched[0]].append(line)
        else:
            kept.append(_without_gaps(line) if touched else line)
    kept.extend(_joined(some) for some in pieces if some)
    return tuple(sorted(kept, key=lambda line: line.box.cy))


def _without_gaps(line: Line) -> Line:
    places = [i for i, sign in enumerate(line.text) if not sign.isspace() and sign not in _RULES]
    centres = tuple(line.centres[i] for i in places) if len(line.centres) == len(line.text) else ()
    scores = tuple(line.scores[i] for i in places) if len(line.scores) == len(line.text) else ()
    sure = sum(scores) / len(scores) if scores else line.confidence
    text = "".join(line.text[i] for i in places)
    return line.model_copy(update={"text": text, "centres": centres, "scores": scores, "confidence": sure})


def _joined(pieces: Sequence[Line]) -> Line:
    """One line of the pieces that a reader made of a run."""
    ordered = [_without_gaps(piece) for piece in sorted(pieces, key=lambda piece: piece.box.x0)]
    if len(ordered) == 1:
        return ordered[0]
    box = reduce(Box.union, (piece.box for piece in ordered))
    whole = all(len(piece.centres) == len(piece.text) for piece in ordered)
    scored = all(len(piece.scores) == len(piece.text) for piece in ordered)
    centres = [(p.box.x0 + c * p.box.width - box.x0) / box.width for p in ordered for c in p.centres] if whole else []
    return ordered[0].model_copy(
        update={
            "text": "".join(piece.text for piece in ordered),
            "box": box,
            "confidence": min(piece.confidence for piece in ordered),
            "centres": tuple(centres),
            "scores": tuple(s for p in ordered for s in p.scores) if scored else (),
        }
    )
