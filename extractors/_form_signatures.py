"""Where a form is to be signed (法定代表人签字), and whether it is: ink of a pen, not of seals, print or folds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from extractors._fields import clipped, millimetres
from pipeline.model import Box, InkGrid, Line, ReadPage, SealPlace
from pipeline.tables.grid import Cell, Sheet, part_of_line

__all__ = ["PROSE", "chinese_length", "signature_places"]

LEAST_DASHES = 6  # columns of the ink grid (10 mm) that a line to sign on takes
THIN_ROWS = 2  # rows of the ink grid (3.5 mm), one above the other: a name written by hand is higher somewhere
AROUND = 1.6  # line heights over and under a label within which a hand may have signed
STROKES = 8  # cells of ink, of 1.75 mm, that are more than specks: a signature goes through dozens
BLANK_INK = 0.012  # mean coverage of a strip on which nothing is written: dots and dust
FOLD = 24  # rows of the ink grid (42 mm) that a fold goes down at least: no stroke of a hand is as long and straight
FOLD_WIDE = 2  # columns it takes where it passes from one into the next
FOLD_SKIPS = 4  # rows that print across it hides, and one more
SIGN_DROP = 18.0  # mm: … and below it
SURE_PRINT = 0.9  # score of a line that is print; a signature read as a line scores less
SIGN_WIDTH = 45.0  # mm: how far a signature goes beyond its label
PROSE = 34  # characters: a longer line that speaks of seals is a rule, not a place
_SIGN_WORD = re.compile(r"签字|签名|签章|手签|签署")
_LEGAL = re.compile(r"法定代表人|法人代表|法人|负责人|校长|代表人|院长")
_OTHER_SIGNER = re.compile(r"经办|填表|填报人|联系人|审核人|复核人|录入")


def chinese_length(text: str) -> int:
    """Chinese signs of a text: English beside them makes no prose of a label."""
    return sum(1 for sign in text if sign > "\u2e80")


def signature_places(page: ReadPage, sheet: Sheet) -> list[SealPlace]:
    """Where a form asks its legal person to sign, each with whether somebody did (None: the paper cannot tell)."""
    places: list[SealPlace] = []
    page = page.model_copy(update={"ink": _without(page.ink, _folds(page.ink))})
    for cell in sheet.cells:
        if not _SIGN_WORD.search(cell.text):
            continue
        for line in cell.lines:
            sign = _SIGN_WORD.search(line.text)
            if (
                not sign
                or chinese_length(line.text) > PROSE
                or _OTHER_SIGNER.search(line.text)
                or not _LEGAL.search(line.text)
            ):
                continue
            if re.search(r"盖章|公章", line.text[: sign.start()]):
                continue
            after = _LABEL_GOES_ON.match(line.text, sign.end())
            box = _signing_box(page, sheet, cell, line, after.end() if after else sign.end())
            clear = _clear_of_print(page, line)
            signed = _signed(clear, box, line)
            below = _room_below(page, cell, line) if signed is False else None
            if below is not None and (lower := _signed(clear, below, line)) is not False:
                box, signed = below, lower
            if signed is False and (_named_behind(line.text[sign.end() :]) or _ink_around(page, line, sign.end())):
                signed = None
            places.append(
                SealPlace(
                    role="applicant",
                    page=page.page.number,
                    box=box,
                    label=line.text.strip(),
                    signature=True,
                    signed=signed,
                    bare=signed is False and _seals_hide_nothing(clear, box),
                )
            )
    return places


def _folds(grid: InkGrid) -> set[tuple[int, int]]:
    """(row, column) of folds and other thin lines down the page, where nothing else touches them."""
    chains: list[list[tuple[int, int, int]]] = []  # rows with the first and last column inked
    live: list[list[tuple[int, int, int]]] = []
    for row in range(grid.rows if grid.cells else 0):
        digits = grid.cells[row * grid.columns : (row + 1) * grid.columns]
        live = [chain for chain in live if row - chain[-1][0] <= FOLD_SKIPS]
        for met in re.finditer(r"[^0]+", digits):
            first, last = met.start(), met.end() - 1
            if last - first >= FOLD_WIDE:
                continue
            chain = next((c for c in live if c[-1][0] < row and c[-1][1] - 1 <= last and first <= c[-1][2] + 1), None)
            if chain is None:
                chain = []
                chains.append(chain)
                live.append(chain)
            chain.append((row, first, last))
    return {
        (row, column)
        for chain in chains
        if len(chain) >= FOLD and abs(chain[-1][1] - chain[0][1]) <= len(chain) / FOLD_SKIPS
        for row, first, last in chain
        for column in range(first, last + 1)
    }


def _without(grid: InkGrid, gone: Collection[tuple[int, int]]) -> InkGrid:
    cells = list(grid.cells)
    for row, column in gone:
        cells[row * grid.columns + column] = "0"
    return grid.model_copy(update={"cells": "".join(cells)})


def _clear_of_print(page: ReadPage, label: Line) -> ReadPage:
    """The page without the ink of lines surely printed over and under a label: set close, they reach into its place."""
    grid = page.ink
    printed = [
        line.box for line in page.lines
        if abs(line.box.cy - label.box.cy) > label.box.height / 2 and line.confidence > SURE_PRINT
        and not _A_NAME.fullmatch(re.sub(r"\s", "", line.text))
    ]  # fmt: skip
    gone = [
        (row, column)
        for box in printed
        for row, column in (grid.inked(box, 1) if grid.cells else ())
        if box.holds((column + 0.5) / grid.columns, (row + 0.5) / grid.rows)
    ]
    return page.model_copy(update={"ink": _without(grid, gone)})


def _signing_box(page: ReadPage, sheet: Sheet, cell: Cell, line: Line, end: int) -> Box:
    """Right of the label, in its cell and before the next printed text; an empty cell at the right is all of it."""
    across, down = millimetres(page, SIGN_WIDTH)[0], 0.6 * line.box.height
    beside = sheet.right_of(cell)[:1] if cell.ruled else ()
    if beside and not beside[0].text and len(cell.lines) <= 2:
        return beside[0].box
    x0 = line.box.x1 if end >= len(line.text) else part_of_line(line, 0, end).box.x1
    edge = cell.box.x1 if cell.ruled else 1.0
    later = [
        other.box.x0
        for other in page.lines
        if other.box.x0 > x0 and abs(other.box.cy - line.box.cy) < line.box.height and other.confidence > 0.8
        # a signature may be read as surely as print
        and not _A_NAME.fullmatch(re.sub(r"\s", "", other.text))
    ]  # fmt: skip
    x1 = min([edge, x0 + across, *later])
    low = cell.box.y0 if cell.ruled else 0.0
    high = cell.box.y1 if cell.ruled else 1.0
    return clipped(Box(x0, max(low, line.box.y0 - down), max(x1, x0 + 0.02), min(high, line.box.y1 + down)))


_LABEL_GOES_ON = re.compile(r"[)）\s]*[A-Za-z .()/]*[:：]?")  # （签字）Signature:
# What a legible signature is read as; labels of two to four signs stand there too.
_A_NAME = re.compile(
    r"(?!盖章|公章|签章|签字|日期|印章|单位|申报|审核|意见|年月|时间|电话|姓名|职务|经办|填表|填报|联系|复核)[\u4e00-\u9fff]{2,4}"
)


def _named_behind(text: str) -> bool:
    """Whether what follows the word is a name: a legible hand, read with its label, or the name as printed."""
    return _A_NAME.fullmatch(re.sub(r"[\s:：)）_＿]", "", text)) is not None


def _ink_around(page: ReadPage, label: Line, end: int) -> bool:
    """Whether ink that no printed line accounts for stands near a place to sign: hands run over rules and labels."""
    across, high = millimetres(page, SIGN_WIDTH)[0], label.box.height
    x0 = label.box.x0 + label.box.width * min(1.0, end / max(1, len(label.text)))
    region = clipped(Box(x0, label.box.y0 - AROUND * high, x0 + across, label.box.y1 + AROUND * high))
    reach = region._replace(x0=max(0.0, label.box.x0 - high))  # many sign right under the label
    if any(
        _A_NAME.fullmatch(re.sub(r"\s", "", line.text)) and reach.holds(line.box.cx, line.box.cy)
        for line in page.lines
        if line is not label
    ):
        return True
    printed = [
        line.box.grown(0.2 * line.box.height, 0.2 * line.box.height) for line in page.lines
        if line is label or (line.confidence > SURE_PRINT and not _A_NAME.fullmatch(re.sub(r"\s", "", line.text)))
    ]  # fmt: skip
    grid = page.ink
    strokes = [
        (row, column)
        for row, column in grid.inked(region)
        if not any(box.holds((column + 0.5) / grid.columns, (row + 0.5) / grid.rows) for box in printed)
    ]
    return len(strokes) >= STROKES and len({row for row, _ in strokes}) > THIN_ROWS


def _room_below(page: ReadPage, cell: Cell, line: Line) -> Box | None:
    """The blank below the label, down to the next printed text: many sign there. None where there is no room."""
    across, down = millimetres(page, SIGN_WIDTH)[0], millimetres(page, SIGN_DROP)[1]
    x0, x1 = line.box.x0, min(cell.box.x1 if cell.ruled else 1.0, line.box.x0 + across)
    top = line.box.y1 + 0.2 * line.box.height
    printed = [
        other.box.y0
        for other in page.lines
        if other.box.y0 > line.box.cy + line.box.height / 2 and other.box.x0 < x1 and other.box.x1 > x0
        and other.confidence > SURE_PRINT and not _A_NAME.fullmatch(re.sub(r"\s", "", other.text))
    ]  # fmt: skip
    bottom = min([cell.box.y1 if cell.ruled else 1.0, top + down, *printed])
    return Box(x0, top, x1, bottom) if bottom - top >= line.box.height else None


def _only_a_dashed_line(page: ReadPage, box: Box) -> bool:
    """Whether all ink beside seals is one thin line: dashes to sign on (＿＿＿), or a slanting rule, are no ruling."""
    thickness = Counter(column for _, column in _beside_seals(page, box))
    return len(thickness) >= LEAST_DASHES and max(thickness.values()) <= THIN_ROWS


def _beside_seals(page: ReadPage, box: Box) -> list[tuple[int, int]]:
    """Inked cells that no seal covers: where one does, its own darkest strokes count as ink."""
    grid = page.ink
    cell = 1 / grid.columns, 1 / grid.rows  # what a seal's rim only touches is inked by the rim; boxes are not exact
    seals = [Box(s.box.x0 - cell[0], s.box.y0 - cell[1], s.box.x1 + cell[0], s.box.y1 + cell[1]) for s in page.seals]
    return [
        (row, column)
        for row, column in grid.inked(box)
        if not any(seal.holds((column + 0.5) / grid.columns, (row + 0.5) / grid.rows) for seal in seals)
    ]


def _signed(page: ReadPage, box: Box, label: Line) -> bool | None:
    """Ink that is no printed text, or handwriting read as a line; None without ink, or where a seal may hide it."""
    if not page.ink.cells:
        return None
    hand = [
        line for line in page.lines
        if line is not label and line.text != label.text and box.intersection(line.box) > 0.5 * line.box.area
        and not re.fullmatch(r"[年月日\s\d:：()（）章盖公]*", line.text)
    ]  # fmt: skip
    if hand:
        return True
    if page.ink.coverage(box) > BLANK_INK and not _only_a_dashed_line(page, box):
        sealed = any(seal.box.intersection(box) > 0 for seal in page.seals)
        if not sealed or _beside_seals(page, box):
            return True
    covered = any(seal.box.intersection(box) > 0.3 * box.area for seal in page.seals)
    return None if covered and not _seals_hide_nothing(page, box) else False


def _seals_hide_nothing(page: ReadPage, box: Box) -> bool:
    """Whether a pen's stroke would be seen through all seals there: red ones, on a scan in colour."""
    over = [seal for seal in page.seals if seal.box.intersection(box) > 0]
    seen = page.page.quality.colour == "colour" and all(seal.colour == "red" for seal in over)
    return seen and (page.ink.coverage(box) <= BLANK_INK or _only_a_dashed_line(page, box))
