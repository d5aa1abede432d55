"""Where seals and signatures belong on an information form: 申报单位（盖章）, 法定代表人（签字） …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from extractors._fields import clipped, millimetres
from extractors._form_fits import fits
from extractors._form_signatures import PROSE, chinese_length, signature_places
from pipeline.model import Box, Line, ReadPage, SealPlace
from pipeline.tables.grid import Cell, Sheet, union_of

__all__ = ["find_places"]

STAMP = 45.0  # mm: the largest usual seal (DOMAIN §6.1)
TALL = 22.0  # mm: a cell from this height on is the place itself, not just its label's

Role = Literal["applicant", "commerce_department"]

_STAMP_WORD = re.compile(r"盖章|公章|签章|印章|[(（]章[)）]|加盖|盖\s*印")
_COMMERCE = re.compile(
    r"商务|主管部门|主管机关|审核(?:部门|单位|意见|机关)?|核准|审批|推荐(?:单位|部门|意见|机构)|商委|发改|管理部门|当地|初审|复核|上级|commerce|authority",
    re.I,
)
_APPLICANT = re.compile(
    r"申报|申请|企业|公司|本单位|我单位|单位|园区|机构|院校|学校|法人|法定代表人|负责人|校长|承诺|声明|填报|applicant|company",
    re.I,
)
_TELLING = re.compile(r"商务|主管部门|审核|核准|推荐|申报|申请|企业|公司|园区|机构|院校|学校|[我本]单位", re.I)
_BARE = re.compile(
    r"^[(（\[【]?\s*(?:单位|企业|机构)?(?:盖章|公章|签章|印章|盖公章|加盖公章|章)(?:处)?\s*[)）\]】]?[:：]?$"
)
NEAR_PLACES = 0.3  # of the page's height: the two places stand beside or under each other


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
    return (*places, *signature_places(page, sheet))


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
        if (met := cue.search(text)) and chinese_length(text[met.end() :]) <= 6 and not re.search(r"[:：].{2}", text)
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
    named = [line for line in cell.lines if _STAMP_WORD.search(line.text) and chinese_length(line.text) <= PROSE]
    return named or ([cell.lines[0]] if _opinion(sheet, cell) and cell.lines else [])


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
        return clipped(cell.box.grown(0.0, down / 2))
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
    return clipped(box)
