"""Label -> value, for forms of any layout.

The vocabulary (which labels there are, how they may be worded) is handed in, and so is a judge of values, which says
how well a text fits a field. A value may stand right of its label, under it, behind a colon, or behind the label in one
line or cell.
"""

from __future__ import annotations

from pipeline.tables.grid import Cell, Sheet, cell_of, spell
from pipeline.tables.label_spans import colons_in, run_on, stacked, topped
from pipeline.tables.label_values import Candidate, Fits, Pair, beside_or_below
from pipeline.tables.value_lines import whole_value
from pipeline.tables.vocabulary import Match, Vocabulary

__all__ = ["find_pairs"]

NO_VALUE, SURE_VALUE = 0.2, 0.9  # how a text suits a field that it cannot, and that it surely does, answer


def find_pairs(sheet: Sheet, vocabulary: Vocabulary, fits: Fits) -> tuple[Pair, ...]:
    """All labels of a sheet that ask for something (and those that do not, key ""), each with its candidates."""
    pairs: list[Pair] = []
    for cell in sheet.cells:
        if not cell.text:
            continue
        match = vocabulary.match(cell.text, score=cell.confidence)
        if match:
            pairs.append(beside_or_below(sheet, cell, match, vocabulary, fits))
        else:
            pairs.extend(_within(sheet, cell, vocabulary, fits) or _over(cell, vocabulary, fits))
    return tuple(pairs)


def _rather_beside(
    sheet: Sheet, cell: Cell, match: Match, value: Cell, vocabulary: Vocabulary, fits: Fits
) -> Pair | None:
    """The pair of a label's cell with the cell beside it, where what stands behind the label in its own cell is no
    value at all (a misread unit, an unknown translation)."""
    if not cell.ruled or fits(match.keys[0], value.text) > NO_VALUE:
        return None
    pair = beside_or_below(sheet, cell, match, vocabulary, fits)
    suits = pair.candidates and fits(match.keys[0], pair.candidates[0].text) >= SURE_VALUE
    return pair if suits else None


def _over(cell: Cell, vocabulary: Vocabulary, fits: Fits) -> list[Pair]:
    """A card: the figure large, its label under it."""
    found = topped(cell, vocabulary, fits) if cell.ruled else None
    if found is None:
        return []
    match, start = found
    spelled = spell(cell.lines)
    value = cell_of(spelled.pieces(0, start), page=cell.page, table=cell.table)
    label = cell_of(spelled.pieces(start, len(spelled.text)), page=cell.page, table=cell.table)
    return [Pair(match, label, (Candidate(value, "inline"),))]


def _within(sheet: Sheet, cell: Cell, vocabulary: Vocabulary, fits: Fits) -> list[Pair]:
    spelled = spell(cell.lines)
    found = colons_in(spelled.text, vocabulary) or stacked(cell, vocabulary) or run_on(spelled.text, vocabulary, fits)
    pairs: list[Pair] = []
    for number, (match, start, value_start, value_end) in enumerate(found):
        label_lines = spelled.pieces(start, value_start)
        value_lines = spelled.pieces(value_start, value_end)
        if not label_lines:
            continue
        label = cell_of(label_lines, page=cell.page, table=cell.table)
        if value_lines:
            value = cell_of(value_lines, page=cell.page, table=cell.table)
            last = number == len(found) - 1
            candidates = (Candidate(whole_value(sheet, value, vocabulary, label) if last else value, "inline"),)
            beside = _rather_beside(sheet, cell, match, value, vocabulary, fits) if len(found) == 1 else None
            pairs.append(beside or Pair(match, label, candidates))
        elif len(found) == 1:
            pairs.append(beside_or_below(sheet, cell, match, vocabulary, fits))
        else:
            pairs.append(Pair(match, label, ()))
    return pairs
