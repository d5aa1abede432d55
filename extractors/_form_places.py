"""Where seals and signatures belong on an information form: 申报单位（盖章）, 法定代表人（签字） …"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from extractors._fields import millimetres
from extractors._form_fits import fits
from pipeline.model import Box, InkGrid, Line, ReadPage, SealPlace
from pipeline.tables.grid import Cell, Sheet, part_of_line, union_of

__all__ = ["find_places"]

STAMP = 45.0  # mm: the largest usual seal (DOMAIN §6.1)
TALL = 22.0  # mm: a cell from this height on is the place itself, not just its label's
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

Role = Literal["applicant", "commerce_department"]

_STAMP_WORD = re.compile(r"盖章|公章|签章|印章|[(（]章[)）]|加盖|盖\s*印")
_SIGN_WORD = re.compile(r"签字|签名|签章|手签|签署")
_COMMERCE = re.compile(
    r"商务|主管部门|主管机关|审核(?:部门|单位|意见|机关)?|核准|审批|推荐(?:单位|部门|意见|机构)|商委|发改|管理部门|当地|初审|复核|上级|commerce|authority",
    re.I,
)
_APPLICANT = re.compile(
    r"申报|申请|企业|公司|本单位|我单位|单位|园区|机构|院校|学校|法人|法定代表人|负责人|校长|承诺|声明|填报|applicant|company",
    re.I,
)
_TELLING = re.compile(r"商务|主管部门|审核|核准|推荐|申报|申请|企业|公司|园区|机构|院校|学校|[我本]单位", re.I)
_LEGAL = re.compile(r"法定代表人|法人代表|法人|负责人|校长|代表人|院长")
_OTHER_SIGNER = re.compile(r"经办|填表|填报人|联系人|审核人|复核人|录入")
_BARE = re.compile(
    r"^[(（\[【]?\s*(?:单位|企业|机构)?(?:盖章|公章|签章|印章|盖公章|加盖公章|章)(?:处)?\s*[)）\]】]?[:：]?$"
)
NEAR_PLACES = 0.3  # of the page's height: the two places stand beside or under each other
PROSE = 34  # characters: a longer line that speaks of seals is a rule, not a place


@dataclass(frozen=True, slots=True)
class _Spot:
    role: Role
    line: Line
    cell: Cell
    label: str
    named: bool  # the line itself says whose seal and that it is one


def find_places(page: ReadPage, sheet: Sheet) -> tuple[SealPlace, ...]:
    """The places of one page; where a cell names two lines of one role (意见 and 盖章), one place."""
    sheet = _joined(sheet)
    spots: list[_Spot] = []
    for cell in sheet.cells:
        if not (_STAMP_WORD.search(cell.text) or _opinion(sheet, cell)):
            continue
        for line in _stamp_lines(sheet, cell):
            role = _role(sheet, cell, line)
            if role:
                own = bool(_STAMP_WORD.search(line.text)) and not _BARE.match(re.sub(r"\s", "", line.text))
                spots.append(_Spot(role, line, cell, line.text.strip(), own))
    spots = _one_a_role(spots)
    spots += _half_read(sheet, spots)
    places = [
        SealPlace(role=s.role, page=page.page.number, box=_stamp_box(page, sheet, s, spots), label=s.label)
        for s in spots
    ]
    return (*places, *_signatures(page, sheet))


def _joined(sheet: Sheet) -> Sheet:
    """The sheet with unruled pieces of one line put together: a seal over a label breaks it (申报单位 | （盖章）)."""
    cells = list(sheet.cells)
    for cell in sheet.cells:
        if cell.ruled or cell not in cells or not re.match(r"^[(（]?\s*(?:盖|章|公|签)|^[)）]", cell.text):
            continue
        before = [
            c for c in cells
            if c is not cell and not c.ruled and c.box.x0 < cell.box.x0
            and abs(c.box.cy - cell.box.cy) < 0.6 * cell.box.height
            and -0.5 * cell.box.height < cell.box.x0 - c.box.x1 < 0.8 * cell.box.height
        ]  # fmt: skip
        if before:
            head = max(before, key=lambda c: c.box.x1)
            line = head.lines[-1].model_copy(
                update={"text": head.text + cell.text, "box": head.box.union(cell.box), "centres": (), "scores": ()}
            )
            cells.remove(cell)
            cells[cells.index(head)] = Cell(line.box, cell.page, -1, (line,), line.text)
    return Sheet(sheet.page, tuple(cells))


_CUES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("applicant", re.compile(r"^(?:申报|申请|填报)(?:单位|企业|机构|主体|园区|院校)")),
    ("commerce_department", re.compile(r"^(?:当地|所在地)?(?:商务主管部门?|商务部门|主管部门)")),
)


def _half_read(sheet: Sheet, spots: Sequence[_Spot]) -> list[_Spot]:
    """Places whose label the seal upon it spoilt: 申报单位 or 商务主管部门 alone, beside the other role's place."""
    roles = {spot.role for spot in spots}
    found: list[_Spot] = []
    for role, cue in _CUES:
        if role not in roles:
            cues = (
                _Spot(role, line, cell, line.text.strip(), False)
                for cell in sheet.cells
                for line in _cued(sheet, cell, cue)
            )
            near = [
                c for c in cues if not spots or any(abs(c.line.box.cy - s.line.box.cy) < NEAR_PLACES for s in spots)
            ]
            found += near[-1:]
    if len(roles) + len(found) < 2 or (
        len(found) == 2 and abs(found[0].line.box.cy - found[1].line.box.cy) > NEAR_PLACES
    ):
        return []
    return found


def _cued(sheet: Sheet, cell: Cell, cue: re.Pattern[str]) -> list[Line]:
    """Lines that begin with a cue and hold no value, nor have one beside them."""
    if any(
        fits("commerce_department", other.text) > 0.7 or fits("name", other.text) > 0.9
        for other in sheet.right_of(cell)[:1]
    ):
        return []
    bare = ((line, re.sub(r"\s", "", line.text)) for line in cell.lines)
    return [
        line
        for line, text in bare
        if (met := cue.search(text)) and _length(text[met.end() :]) <= 6 and not re.search(r"[:：].{2}", text)
    ]


_OPINION = re.compile(r"(?:意见|审核|审批|核准|推荐|签章|盖章)[:：]?$")


def _opinion(sheet: Sheet, cell: Cell) -> bool:
    """商务主管部门意见 with nothing about a seal: stamped all the same."""
    bare = re.sub(r"\s", "", cell.text)
    beside = (*sheet.right_of(cell)[:1], *sheet.below(cell)[:1]) if cell.ruled else ()
    if any(_STAMP_WORD.search(other.text) for other in beside):
        return False
    return len(bare) <= 20 and bool(_OPINION.search(bare)) and bool(re.search(r"商务|主管部门|申报单位|企业", bare))


def _stamp_lines(sheet: Sheet, cell: Cell) -> Sequence[Line]:
    """The lines that ask for a seal; a label wrapped over lines (申报单位 / （盖章）) counts as one."""
    if len(re.sub(r"\s", "", cell.text)) <= 24 and cell.lines and _compact(cell):
        joined = cell.lines[0].model_copy(
            update={"text": cell.text, "box": union_of([line.box for line in cell.lines]), "centres": (), "scores": ()}
        )
        return (joined,)
    named = [line for line in cell.lines if _STAMP_WORD.search(line.text) and _length(line.text) <= PROSE]
    return named or ([cell.lines[0]] if _opinion(sheet, cell) and cell.lines else [])


def _length(text: str) -> int:
    """Chinese signs of a text: English beside them makes no prose of a label."""
    return sum(1 for sign in text if sign > "\u2e80")


def _compact(cell: Cell) -> bool:
    """Whether a cell's lines stand close together, as one label does."""
    ordered = sorted(cell.lines, key=lambda line: line.box.y0)
    return all(
        b.box.y0 - a.box.y1 < 1.2 * a.box.height and a.box.x0 < b.box.x1 and b.box.x0 < a.box.x1
        for a, b in pairwise(ordered)
    )


def _role(sheet: Sheet, cell: Cell, line: Line) -> Role | None:
    """Who stamps there: the line itself says, else its cell, the cell at its left, the one above, the lines above."""
    own = re.sub(r"\s", "", line.text)
    texts = [own] if not _BARE.match(own) else []
    texts.append(_above_in_cell(cell, line))
    texts += [other.text for other in sheet.left_of(cell)[:1]] if cell.ruled else []
    texts += [other.text for other in sheet.above(cell)[:1]] if cell.ruled else [_lines_above(sheet, line)]
    texts.append(own)  # （单位盖章） under nothing that says otherwise is the applicant's
    for text in texts:
        if _COMMERCE.search(text):
            return "commerce_department"
        if _APPLICANT.search(text) and text:
            return "applicant"
    return None


def _above_in_cell(cell: Cell, line: Line) -> str:
    """The text over a line in its cell, of its own side if the cell holds two columns."""
    over = [other for other in cell.lines if other.box.cy <= line.box.cy and other is not line and cell.ruled]
    same_side = [other for other in over if min(other.box.x1, line.box.x1) > max(other.box.x0, line.box.x0) - 0.05]
    side = "".join(other.text for other in same_side)
    return side if _TELLING.search(side) else "".join(other.text for other in over)


def _lines_above(sheet: Sheet, line: Line) -> str:
    """The nearest unruled text above a bare （盖章）."""
    found = [
        c for c in sheet.cells
        if not c.ruled and c.box.y1 <= line.box.cy and min(c.box.x1, line.box.x1) > max(c.box.x0, line.box.x0) - 0.1
    ]  # fmt: skip
    return max(found, key=lambda c: c.box.y1).text if found else ""


def _one_a_role(spots: list[_Spot]) -> list[_Spot]:
    """In one cell and role, the line that says all counts, else the last; two columns of one cell are two cells."""
    kept: list[_Spot] = []
    for spot in spots:
        twin = next((k for k in kept if spot.cell.ruled and k.cell is spot.cell and k.role == spot.role), None)
        if twin is None:
            kept.append(spot)
        elif spot.named or not twin.named:
            kept[kept.index(twin)] = spot
    return kept


# ---------------------------------------------------------------------------------------------------------------- boxes


def _stamp_box(page: ReadPage, sheet: Sheet, spot: _Spot, spots: Sequence[_Spot]) -> Box:
    across, down = millimetres(page, STAMP)
    if not spot.cell.ruled:
        return _free_box(spot, spots, across, down)
    tall = millimetres(page, TALL)[1]
    cell = spot.cell
    if cell.box.height < tall or _label_only(sheet, cell):
        for other in (*sheet.right_of(cell)[:1], *sheet.below(cell)[:1]):
            if other.box.height >= tall and (not other.text or len(other.text) < 60):
                return cell.box.union(other.box)
    if cell.box.height < tall:
        return _clipped(cell.box.grown(0.0, down / 2))
    return _own_part(spot, spots)


def _own_part(spot: _Spot, spots: Sequence[_Spot]) -> Box:
    """The cell, less what another role's label in the same cell has."""
    box, line = spot.cell.box, spot.line.box
    for other in spots:
        if other.cell is not spot.cell or other.role == spot.role:
            continue
        there = other.line.box
        if min(there.x1, line.x1) <= max(there.x0, line.x0):
            left, right = sorted((line, there), key=lambda b: b.cx)
            middle = (left.x1 + right.x0) / 2 if right.x0 - left.x1 < 0.1 else right.x0 - 0.02
            box = box._replace(x1=middle) if left is line else box._replace(x0=middle)
        else:
            box = box._replace(y1=there.y0) if there.cy > line.cy else box._replace(y0=line.y0 - line.height)
    return box


def _label_only(sheet: Sheet, cell: Cell) -> bool:
    """A narrow cell that holds nothing but the label, with an empty cell beside it."""
    beside = sheet.right_of(cell)[:1]
    return (
        bool(beside)
        and len(re.sub(r"\s", "", cell.text)) <= 24
        and beside[0].box.width > cell.box.width
        and not _STAMP_WORD.search(beside[0].text)
    )


def _free_box(spot: _Spot, spots: Sequence[_Spot], across: float, down: float) -> Box:
    """Around an unruled label: over it, to its right and below, up to the next label's."""
    line = spot.line.box
    box = Box(
        line.x0 - 0.2 * across,
        line.y0 - 0.55 * down,
        max(line.x1, line.x0 + across) + 0.35 * across,
        line.y1 + 0.9 * down,
    )
    for other in spots:
        if other is spot or other.role == spot.role:
            continue
        there = other.line.box
        if min(there.x1, line.x1) <= max(there.x0, line.x0) and abs(there.cy - line.cy) < 0.6 * down:
            middle = there.x0 - 0.15 * across if there.cx > line.cx else line.x0 - 0.15 * across
            box = box._replace(x1=min(box.x1, middle)) if there.cx > line.cx else box._replace(x0=max(box.x0, middle))
        elif there.cy > line.cy:
            box = box._replace(y1=min(box.y1, (line.y1 + there.y0) / 2 + 0.2 * down))
        else:
            box = box._replace(y0=max(box.y0, (there.y1 + line.y0) / 2 - 0.1 * down))
    return _clipped(box)


def _clipped(box: Box) -> Box:
    x0, y0 = max(0.0, min(box.x0, 0.99)), max(0.0, min(box.y0, 0.99))
    return Box(x0, y0, min(1.0, max(box.x1, x0 + 0.01)), min(1.0, max(box.y1, y0 + 0.01)))


# ----------------------------------------------------------------------------------------------------------- signatures


def _signatures(page: ReadPage, sheet: Sheet) -> list[SealPlace]:
    places: list[SealPlace] = []
    page = page.model_copy(update={"ink": _without(page.ink, _folds(page.ink))})
    for cell in sheet.cells:
        if not _SIGN_WORD.search(cell.text):
            continue
        for line in cell.lines:
            sign = _SIGN_WORD.search(line.text)
            if (
                not sign
                or _length(line.text) > PROSE
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
    return _clipped(Box(x0, max(low, line.box.y0 - down), max(x1, x0 + 0.02), min(high, line.box.y1 + down)))


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
    region = _clipped(Box(x0, label.box.y0 - AROUND * high, x0 + across, label.box.y1 + AROUND * high))
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
