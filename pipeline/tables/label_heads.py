"""What the cells around a ruled value say of it: the head of its column, its unit, the label it is a part of."""

from __future__ import annotations

import re

from pipeline.tables.grid import Cell, Sheet
from pipeline.tables.vocabulary import Vocabulary

__all__ = [
    "SPECKS",
    "UNIT_ONLY",
    "YEAR_ONLY",
    "context_of",
    "head_of",
    "heads_a_column",
    "in_code_column",
    "in_unit_column",
    "unit_of_group",
]

NAME_OF_PERSON = "姓名"
SECTION_WIDTH = 2.2  # times a value's width: a cell above it that is wider heads a section, not a column
SAME_EDGE = 0.012  # of the page's width: edges of cells of one column lie this close
UNIT_ONLY = re.compile(
    r"[(（]?(?:单位[:：])?(?:人民币)?(?:[十百千]?万?亿?(?:元|美元)|[人家个名项所门平方米公里%年]{1,4}|人次)[)）]?"
)
SPECKS = " \u3000.,·•。、'`\"’‘:：;；*"
_BLANK = re.compile(rf"[\s—–\-－/一{SPECKS}]*")
_MANNER = re.compile(r"年[/.\-、]?月(?:[/.\-、]?日)?|[YyMmDd]+(?:[/.\-][YyMmDd]+)+|文[字本]|字符|日期|选项|是/否")
YEAR_ONLY = re.compile(r"20\d{2}年度?|(?:上一?|本|前|去)年度?")


def heads_a_column(sheet: Sheet, cell: Cell, under: Cell, vocabulary: Vocabulary) -> bool:
    """Whether a ruled row holds labels alone, and blanks, with their values in the row under it."""
    if not cell.ruled or not under.text:
        return False
    labels = [other for other in (*sheet.left_of(cell), *sheet.right_of(cell)) if other.text]
    if not all(vocabulary.is_label(other.text) for other in labels):
        return False
    beside, beneath = sheet.right_of(cell)[:1], sheet.right_of(under)[:1]
    if not beside or beside[0].text or vocabulary.is_label(under.text):
        return False
    alike = beneath and abs(beneath[0].box.x0 - beside[0].box.x0) < SAME_EDGE
    return bool(alike and not beneath[0].text)


_UNIT_WITHIN = re.compile(
    r"[(（](?:金额)?(?:单位)?[:：]?(?:人民币)?[十百千万亿]{0,2}美?元[)）]|/(?:人民币)?[十百千万亿]{0,2}元"
)


def unit_of_group(sheet: Sheet, cell: Cell) -> str:
    """The unit in a head merged over several rows at the left: 上年度收入（千元） | 营业收入 | …"""
    for other in sheet.left_of(cell) if cell.ruled else ():
        within = _UNIT_WITHIN.search(re.sub(r"\s", "", other.text))
        if within and other.box.height > 1.5 * cell.box.height:
            return within[0]
    return ""


_CODE_HEAD = re.compile(r"(?:指标|项目)?(?:代码|代号)|行次|序号|栏次")


def in_code_column(sheet: Sheet, cell: Cell) -> bool:
    """Whether a number stands under 代码 or 行次, as in the tables of statistics: it counts rows, it is no value."""
    if not cell.ruled or not re.fullmatch(r"\d{1,3}", cell.text.strip()):
        return False
    return any(
        other.box.cy < cell.box.cy and _CODE_HEAD.fullmatch(re.sub(r"\s", "", other.text))
        for other in _column_of(sheet, cell)
    )


def in_unit_column(sheet: Sheet, cell: Cell) -> bool:
    """Whether a cell in a column of units says none, for its value needs none, or how it is written (年/月/日)."""
    if not cell.ruled or not (_BLANK.fullmatch(cell.text) or _MANNER.fullmatch(re.sub(r"\s", "", cell.text))):
        return False
    return any(UNIT_ONLY.fullmatch(other.text.strip()) for other in _column_of(sheet, cell))


def _column_of(sheet: Sheet, cell: Cell) -> list[Cell]:
    """The cells of a table with a cell's own edges left and right."""
    return [
        other
        for other in sheet.cells
        if other.table == cell.table
        and abs(other.box.x0 - cell.box.x0) < SAME_EDGE
        and abs(other.box.x1 - cell.box.x1) < SAME_EDGE
    ]


def context_of(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> str:
    """The key of a label at the left that this one is a part of: merged over rows, or right before a row's 姓名."""
    for other in sheet.above(cell)[:1] if cell.ruled else ():  # 服务外包收入 over 合计 | 离岸 | 在岸
        match = vocabulary.match(other.text)
        if match and other.box.width > 1.5 * cell.box.width and cell.box.y0 - other.box.y1 < SAME_EDGE:
            return match.keys[0]
    for other in sheet.left_of(cell) if cell.ruled else ():
        match = vocabulary.match(other.text)
        if match is None:
            continue
        after = sheet.right_of(other)[:1]
        heads_row = bool(after) and (after[0] is cell or re.sub(r"\s", "", after[0].text) == NAME_OF_PERSON)
        value = sheet.right_of(cell)[:1]
        asked = bool(value) and not vocabulary.is_label(value[0].text)
        if other.box.height > 1.5 * cell.box.height or (heads_row and asked):
            return match.keys[0]
    return ""


_HEAD = re.compile(
    r"(?:截至)?(?:20\d{2}|[本上前去当][一上]?)年(?:度|末|底|期)?(?:数|数值|金额|数据)?(?:[(（].*[)）]?)?|20\d{2}|数值|金额|数量|[本上]期(?:数|金额)?|(?:金额|数值)?[(（][^()（）]*元[)）]"
)


def head_of(sheet: Sheet, cell: Cell) -> str:
    """What heads a value's column, if it is a year or the like."""
    if not cell.ruled:
        return ""
    beside = next((other.text.strip(SPECKS) for other in sheet.left_of(cell)[:1]), "")
    if YEAR_ONLY.fullmatch(re.sub(r"\s", "", beside)):
        return beside
    for other in sheet.above(cell):
        if _is_head(sheet, other):
            return other.text.strip(SPECKS)
        if other.text and other.box.width > SECTION_WIDTH * cell.box.width and not _lists_years(other.text):
            return ""  # a section begins between the two
    return ""


def _lists_years(text: str) -> bool:
    return bool(re.search(r"20\d{2}|年", text))


def _is_head(sheet: Sheet, cell: Cell) -> bool:
    bare = re.sub(r"\s", "", cell.text).strip(SPECKS)
    if len(bare) > 16 or not _HEAD.fullmatch(bare):
        return False
    beside = (*sheet.left_of(cell)[:1], *sheet.right_of(cell)[:1])
    return not bare.isdigit() or any(re.fullmatch(r"20\d{2}年?", other.text.strip()) for other in beside)
