"""What the foot of one page and the head of the next say together: a label there, its value here.

A page break may part a row of labels from the row of their values, the heads of year columns from the figures under
them, or a card's label from what it asks for. Both pieces are laid together as one sheet and read as if nothing had
parted them; every cell keeps its own page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractors._form_fits import fits
from extractors._form_labels import vocabulary
from extractors._form_pages import FormPage, titles
from pipeline.model import Box
from pipeline.tables.grid import Cell, Sheet, cell_of, union_of
from pipeline.tables.label_values import Candidate, Pair
from pipeline.tables.pairs import find_pairs

__all__ = ["joined_pages"]

SAME_WIDTH = 0.12  # of the page: by how much the two pieces of one table may differ in width, photographed as they are
SEAM = 0.002  # of the page's height: left between the two pieces
FOOT, HEAD = 0.75, 0.25  # of the page: unruled text that a page break parts stands below and above this
MARGIN = 0.07  # of the page's height: page numbers and running titles stand within it
BOTH = 900  # number of the joined table, beyond those of any page

_FURNITURE = re.compile(
    r"第?\s*\d{1,3}\s*页?\s*[/,，共]\s*\d{0,3}\s*页?|第\s*[\d一二三四五六七八九十]{1,3}\s*页|[-—–·]?\s*\d{1,3}\s*[-—–·]?|(?:page|p)\.?\s*\d+.*|[(（]?\s*(?:续|接)(?:上页|下页|表)\s*[)）]?"
    r"|(?:打印|下载|导出)(?:时间|日期).*",
    re.IGNORECASE,
)


_NUMBER = re.compile(
    r"[-—–·]?(\d{1,2})[-—–·]?|第(\d{1,2})页(?:[,，/]?共\d{1,2}页)?|(\d{1,2})/\d{1,2}|page(\d{1,2})(?:of\d{1,2})?",
    re.IGNORECASE,
)


def joined_pages(reads: Sequence[FormPage]) -> list[FormPage]:
    """The pages in the form's own order, with the pairs that only two of them together tell."""
    joined = _in_order(reads)
    for number in range(len(joined) - 1):
        first, second = joined[number], joined[number + 1]
        for part in (_tables, _lines):
            found = part(first, second)
            if found:
                first, second = _with(first, found), _with(second, found)
        joined[number], joined[number + 1] = first, second
    return joined


def _in_order(reads: Sequence[FormPage]) -> list[FormPage]:
    """The pages as they were printed: by their numbers; else what lies before the page with the title comes after it.

    Sheets that were fed face up lie in the file the last one first.
    """
    numbers = [_printed_number(read) for read in reads]
    if None not in numbers and len(set(numbers)) == len(reads):
        return [read for _, read in sorted(zip(numbers, reads, strict=True), key=lambda pair: pair[0] or 0)]
    titled = [bool(titles(read.page)) for read in reads]
    if sum(titled) != 1 or titled[0]:
        return list(reads)
    at = titled.index(True)
    if at == len(reads) - 1:
        return list(reversed(reads))
    return [*reads[at:], *reads[:at]]


def _printed_number(read: FormPage) -> int | None:
    """The page's own number, printed in its margin."""
    found = [
        int(next(group for group in match.groups() if group))
        for cell in read.sheet.cells
        if cell.box.y0 > 1 - 2 * MARGIN or cell.box.y1 < MARGIN
        if (match := _NUMBER.fullmatch(re.sub(r"\s", "", cell.text)))
    ]
    return found[0] if len(set(found)) == 1 else None


def _with(read: FormPage, found: Sequence[Pair]) -> FormPage:
    """A page with those of its pairs replaced that were found anew."""
    own = {_place(pair.label): pair for pair in found if pair.label.page == read.page.page.number}
    pairs = [_better(pair, own.pop(_place(pair.label), None)) for pair in read.pairs]
    return replace(read, pairs=(*pairs, *own.values()))


def _place(cell: Cell) -> tuple[int, ...]:
    return tuple(round(1000 * edge) for edge in cell.ink_box)


def _better(old: Pair, new: Pair | None) -> Pair:
    return new if new is not None and (len(new.candidates) >= len(old.candidates)) else old


def _furniture(cell: Cell, others: Sequence[Cell]) -> bool:
    """Page numbers, running titles and what else stands at the same place of both pages."""
    text = re.sub(r"\s", "", cell.text)
    if _FURNITURE.fullmatch(cell.text.strip()) or not text:
        return True
    in_margin = cell.box.y0 > 1 - MARGIN or cell.box.y1 < MARGIN
    return in_margin and any(re.sub(r"\s", "", o.text) == text and abs(o.box.cy - cell.box.cy) < MARGIN for o in others)


# --------------------------------------------------------------------------------------------------------------- tables


def _tables(first: FormPage, second: FormPage) -> list[Pair]:
    """Pairs of a table that the page break cuts."""
    upper, lower = _last_table(first, second), _first_table(second, first)
    if not upper or not lower:
        return []
    above, below = union_of([c.box for c in upper]), union_of([c.box for c in lower])
    if abs(above.width - below.width) > SAME_WIDTH:
        return []
    moved: dict[int, Cell] = {}
    cells: list[Cell] = []
    for cell in (*upper, *lower):
        box = cell.box if cell.page == first.page.page.number else _laid(cell.box, below, above)
        one = replace(cell, box=box, table=BOTH)
        moved[id(one)] = cell
        cells.append(one)
    pairs = find_pairs(Sheet(first.sheet.page, tuple(cells)), vocabulary, fits)
    return [_back(pair, moved) for pair in pairs]


def _laid(box: Box, own: Box, above: Box) -> Box:
    """A box of the lower piece as it would lie right under the upper one, drawn to its width."""
    share = above.width / own.width if own.width else 1.0
    y0 = above.y1 + SEAM + box.y0 - own.y0
    return Box(above.x0 + (box.x0 - own.x0) * share, y0, above.x0 + (box.x1 - own.x0) * share, y0 + box.height)


def _back(pair: Pair, moved: dict[int, Cell]) -> Pair:
    """A pair with the cells where they really stand."""
    candidates = tuple(replace(c, cell=moved.get(id(c.cell), c.cell)) for c in pair.candidates)
    return replace(pair, label=moved.get(id(pair.label), pair.label), candidates=candidates)


def _last_table(read: FormPage, other: FormPage) -> list[Cell]:
    """The table at a page's foot, nothing but page furniture under it."""
    ruled = [cell for cell in read.sheet.cells if cell.ruled]
    if not ruled:
        return []
    last = max(ruled, key=lambda cell: cell.box.y1)
    own = [cell for cell in ruled if cell.table == last.table]
    foot = max(cell.box.y1 for cell in own)
    under = [c for c in read.sheet.cells if not c.ruled and c.box.cy > foot and not _furniture(c, other.sheet.cells)]
    return [] if under else own


def _first_table(read: FormPage, other: FormPage) -> list[Cell]:
    ruled = [cell for cell in read.sheet.cells if cell.ruled]
    if not ruled:
        return []
    first = min(ruled, key=lambda cell: cell.box.y0)
    own = [cell for cell in ruled if cell.table == first.table]
    head = min(cell.box.y0 for cell in own)
    over = [c for c in read.sheet.cells if not c.ruled and c.box.cy < head and not _furniture(c, other.sheet.cells)]
    return [] if over else own


# ---------------------------------------------------------------------------------------------------------------- lines


def _lines(first: FormPage, second: FormPage) -> list[Pair]:
    """Pairs of unruled text, or of boxes of one label each, that the page break cuts: label last, value first."""
    foot = [c for c in first.sheet.cells if c.lines and c.box.cy > FOOT and not _furniture(c, second.sheet.cells)]
    head = [c for c in second.sheet.cells if c.lines and c.box.cy < HEAD and not _furniture(c, first.sheet.cells)]
    if not foot or not head:
        return []
    lowest, top = max(c.ink_box.y1 for c in foot), min(c.ink_box.y0 for c in head)
    last_row = [c for c in foot if c.ink_box.y1 > lowest - c.ink_box.height]
    lonely = [p for p in first.pairs if p.label in last_row and p.match.keys[0] and not _answered(p)]
    found = []
    for pair in lonely:
        free = [c for c in head if c.ink_box.y0 < top + c.ink_box.height and not _asks(c)]
        under = [c for c in free if abs(c.ink_box.x0 - pair.label.ink_box.x0) < 0.05 or len(free) == 1]
        if len(under) == 1:
            value = _whole(under[0], head)
            found.append(replace(pair, candidates=(Candidate(value, "below"),)))
    return found


def _answered(pair: Pair) -> bool:
    return any(c.text for c in pair.candidates)


def _asks(cell: Cell) -> bool:
    return vocabulary.is_label(cell.text) or vocabulary.leading(cell.text) is not None


def _whole(value: Cell, head: Sequence[Cell]) -> Cell:
    """A value with the lines under it, flush left, that are no labels: a list goes on."""
    if value.ruled:
        return value
    lines = list(value.lines)
    ordered = sorted((c for c in head if not c.ruled), key=lambda c: c.box.cy)
    for before, after in pairwise([value, *(c for c in ordered if c.box.cy > value.box.cy)]):
        flush = abs(after.box.x0 - value.box.x0) < 1.5 * value.box.height
        if not flush or after.box.y0 - before.box.y1 > value.box.height or _asks(after):
            break
        lines.extend(after.lines)
    return cell_of(lines, page=value.page, table=value.table)
