"""Where the value of a label stands: right of it, under it, across the row, in the frame whose edge the label sits on.

Each place is a candidate, the likeliest first; a judge of values, handed in, says how well a text fits a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.tables.grid import Cell, Sheet, cell_of
from pipeline.tables.label_heads import (
    SPECKS,
    UNIT_ONLY,
    YEAR_ONLY,
    context_of,
    head_of,
    heads_a_column,
    in_code_column,
    in_unit_column,
    unit_of_group,
)
from pipeline.tables.value_lines import SECTION, date_in_blanks, from_the_top, starts_label, whole_value
from pipeline.tables.vocabulary import CHINESE, Match, Vocabulary

__all__ = ["Candidate", "Fits", "Pair", "beside_or_below"]

Fits = Callable[[str, str], float]
"""How well a text (second) suits a field (first), 0 to 1; 0.5: could be."""
FIT = 0.5  # from here on a text may be a field's value
RUN_ON_FIT = 0.9  # a text that begins with a label and goes on as its value surely would: a row of its own
FAR_FIT = 0.75  # how well the far end of an unruled row must suit to be the value
MAX_COLUMNS = 6  # values of one row (years) looked at
NEAR_VALUE = 0.45  # of the page's width: how far right of its label a value of two lines stands


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the value may stand. ``head`` of its column (a year, a unit); ``how``: right, below, inline."""

    cell: Cell
    how: str
    head: str = ""

    @property
    def text(self) -> str:
        return self.cell.text


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with its candidates, likeliest first (columns of a row in order). ``context``: label left of both, merged
    over rows. ``unit``: text of a cell between label and value that holds a unit alone."""

    match: Match
    label: Cell
    candidates: tuple[Candidate, ...]
    context: str = ""
    unit: str = ""


def beside_or_below(sheet: Sheet, cell: Cell, match: Match, vocabulary: Vocabulary, fits: Fits) -> Pair:
    """A label with the places right of it and under it where its value may stand."""
    right, unit = _right_of(sheet, cell, vocabulary)
    below = _below(sheet, cell, match.keys[0], vocabulary, fits)
    if any(candidate.text for candidate in right) and not YEAR_ONLY.fullmatch(below[0].head if below else ""):
        below = [replace(candidate, head="") for candidate in below[:1]]
    if not right and not cell.ruled:
        right = _beside_two(sheet, cell, vocabulary) or _across(sheet, cell, match, vocabulary, fits)
    if not right and not below and not cell.ruled:
        below = _in_its_frame(sheet, cell, match, vocabulary, fits)
    if right and below and heads_a_column(sheet, cell, below[0].cell, vocabulary):
        right = [c for c in right if c.text]  # blank heads of a row of labels that is not full
    return Pair(
        match,
        cell,
        _ordered(sheet, cell, match, right, below, vocabulary, fits),
        context_of(sheet, cell, vocabulary),
        unit or unit_of_group(sheet, cell),
    )


def _right_of(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> tuple[list[Candidate], str]:
    """The values right of a label, up to the next label, and the unit that stands between."""
    unit = ""
    right: list[Candidate] = []
    for other in sheet.right_of(cell)[: MAX_COLUMNS + 2]:
        if vocabulary.is_label(other.text) or (not cell.ruled and starts_label(other.text, vocabulary)):
            break
        if UNIT_ONLY.fullmatch(other.text.strip()):
            unit = unit or other.text
            continue
        if _is_furniture(sheet, other, ruled=cell.ruled):
            continue
        value = date_in_blanks(sheet, other)
        if value is other:
            value = whole_value(sheet, from_the_top(sheet, cell, other, vocabulary), vocabulary, None, cell)
        right.append(Candidate(value, "right", head_of(sheet, other)))
        if not cell.ruled:
            break
    return right, unit


def _is_furniture(sheet: Sheet, cell: Cell, *, ruled: bool) -> bool:
    """Whether a cell holds a unit's blank, a row's number or, in a ruled row, specks or a year: no value."""
    if in_unit_column(sheet, cell) or in_code_column(sheet, cell):
        return True
    specks = bool(cell.text) and not cell.text.strip(SPECKS)
    return ruled and (specks or YEAR_ONLY.fullmatch(re.sub(r"\s", "", cell.text)) is not None)


def _across(sheet: Sheet, cell: Cell, match: Match, vocabulary: Vocabulary, fits: Fits) -> list[Candidate]:
    """The one other text of an unruled row, however far: set flush right, what led the eye to it not read."""
    row = [
        other
        for other in sheet.cells
        if other is not cell
        and other.lines
        and min(other.box.y1, cell.box.y1) - max(other.box.y0, cell.box.y0)
        > 0.5 * min(other.box.height, cell.box.height)
    ]
    if len(row) != 1 or row[0].ruled or row[0].box.x0 < cell.box.x1 or vocabulary.is_label(row[0].text):
        return []
    if fits(match.keys[0], row[0].text) < FAR_FIT or starts_label(row[0].text, vocabulary):
        return []
    return [Candidate(whole_value(sheet, row[0], vocabulary, None), "right")]


def _beside_two(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> list[Candidate]:
    """Two lines between which a label stands, beside neither."""
    box = cell.box
    touching = [
        other
        for other in sheet.cells
        if not other.ruled
        and other.text
        and box.x1 <= other.box.x0 <= box.x1 + NEAR_VALUE
        and min(other.box.y1, box.y1) - max(other.box.y0, box.y0) > 0.1 * box.height
    ]
    if len(touching) != 2 or any(vocabulary.is_label(o.text) or starts_label(o.text, vocabulary) for o in touching):
        return []
    upper, lower = sorted(touching, key=lambda other: other.box.cy)
    flush = abs(upper.box.x0 - lower.box.x0) < 0.5 * box.height and upper.box.cy < box.cy < lower.box.cy
    whole = cell_of((*upper.lines, *lower.lines), page=cell.page, table=cell.table)
    return [Candidate(whole_value(sheet, whole, vocabulary, None), "right")] if flush else []


def _in_its_frame(sheet: Sheet, cell: Cell, match: Match, vocabulary: Vocabulary, fits: Fits) -> list[Candidate]:
    """The cell into whose upper edge a label is set, as web forms print it."""
    box = cell.box
    for other in sheet.cells:
        over = other.box.x0 - 0.5 * box.height < box.x0 and box.x1 < other.box.x1 + 0.5 * box.height
        at_edge = abs(other.box.y0 - box.cy) < 0.9 * box.height
        if not (other.ruled and other.lines and over and at_edge) or vocabulary.is_label(other.text):
            continue
        if fits(match.keys[0], other.text) >= FIT:
            return [Candidate(other, "below")]
    return []


def _below(sheet: Sheet, cell: Cell, match_key: str, vocabulary: Vocabulary, fits: Fits) -> list[Candidate]:
    for other in sheet.below(cell)[:2]:
        if vocabulary.is_label(other.text) or (not cell.ruled and starts_label(other.text, vocabulary)):
            return []
        if SECTION.match(other.text) and not fits(match_key, other.text) >= RUN_ON_FIT:
            return []
        lead = vocabulary.leading(other.text)
        rest = other.text[lead[1] :] if lead else ""
        told = rest[:1].isspace() or rest[:1].isdigit() or (lead and rest and fits(lead[0].keys[0], rest) >= RUN_ON_FIT)
        if not cell.ruled and told:
            return []  # the next row: a label with its value
        if cell.ruled and other.box.y0 > cell.box.y1 + 0.01:
            return []
        if not cell.ruled and other.box.x0 < cell.box.x0 - 1.5 * cell.box.height and other.box.cx > cell.box.x1:
            continue
        of_rows = _rows_of_years(sheet, cell, other) or _rows_of_labels(sheet, cell, other, vocabulary)
        return of_rows or [Candidate(whole_value(sheet, other, vocabulary, cell), "below")]
    return []


def _rows_of_years(sheet: Sheet, cell: Cell, first: Cell) -> list[Candidate]:
    """The values under a label whose rows are years: each headed by its row's first cell."""
    if not cell.ruled:
        return []
    under = [other for other in sheet.below(cell) if other.box.x0 < cell.box.cx < other.box.x1]
    headed = [(other, sheet.left_of(other)[-1:]) for other in under[:MAX_COLUMNS]]
    found = [
        Candidate(other, "below", head[0].text)
        for other, head in headed
        if head and YEAR_ONLY.fullmatch(re.sub(r"\s", "", head[0].text))
    ]
    return found if found and found[0].cell is first else []


def _ordered(
    sheet: Sheet,
    cell: Cell,
    match: Match,
    right: list[Candidate],
    below: list[Candidate],
    vocabulary: Vocabulary,
    fits: Fits,
) -> tuple[Candidate, ...]:
    """Right before below, unless the row is a row of labels or only what stands below fits."""
    if not right or not below:
        return tuple(right or below)
    key = match.keys[0]
    best_right, best_below = max(fits(key, c.text) for c in right), fits(key, below[0].text)
    if not cell.ruled:  # distance decides on unruled paper: the nearer text is the value
        gap_right = right[0].cell.box.x0 - cell.box.x1
        gap_below = (
            (below[0].cell.box.y0 - cell.box.y1) * 2
            if abs(below[0].cell.box.x0 - cell.box.x0) < cell.box.height
            else 1.0
        )
        nearer = gap_below < gap_right and best_below >= best_right
        wins = best_below >= FIT and (best_right < FIT or nearer)
    else:
        wins = best_below >= FIT and (best_right < FIT or _in_row_of_labels(sheet, cell, vocabulary))
    return tuple(below + right) if wins else tuple(right + below)


def _in_row_of_labels(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> bool:
    nearest = [c for c in (*sheet.left_of(cell)[:1], *sheet.right_of(cell)[:1]) if c.text]
    return bool(nearest) and all(vocabulary.is_label(c.text) for c in nearest) and len(nearest) == 2


def _rows_of_labels(sheet: Sheet, cell: Cell, first: Cell, vocabulary: Vocabulary) -> list[Candidate]:
    """The values under a label whose rows are labels too (联系人 | 手机): each headed by its row's first cell."""
    if not cell.ruled or not sheet.left_of(cell):
        return []
    under = [other for other in sheet.below(cell) if other.box.x0 < cell.box.cx < other.box.x1][:MAX_COLUMNS]
    found: list[Candidate] = []
    for other in under:
        head = sheet.left_of(other)[-1:]
        if vocabulary.is_label(other.text) or not head or not head[0].text or not CHINESE.search(head[0].text):
            break
        found.append(Candidate(other, "below", head[0].text))
    named = any(vocabulary.is_label(candidate.head) for candidate in found)
    named = named and not re.search(r"\d", found[0].head)  # 164人 is the value beside, no head
    return found if named and found[0].cell is first else []
