"""A value of several lines on unruled paper: where it begins beside its label, which lines it goes on in."""

from __future__ import annotations

import re

from pipeline.model import Box, Line
from pipeline.tables.grid import Cell, Sheet, cell_of
from pipeline.tables.vocabulary import Vocabulary

__all__ = ["SECTION", "date_in_blanks", "from_the_top", "starts_label", "whole_value"]

FLUSH = 0.4  # line heights: how far right edges of lines set flush right lie apart
HIGHER = 0.3  # line heights: a label so much over a value's line stands beside the middle of two
GOES_ON = 0.9  # line heights: the largest gap to a value's next line on unruled paper


def from_the_top(sheet: Sheet, label: Cell, value: Cell, vocabulary: Vocabulary) -> Cell:
    """An unruled value from its first line on, where its label stands beside the middle of two lines."""
    box = value.box
    if value.ruled or box.cy - label.box.cy < HIGHER * box.height:
        return value
    for other in sheet.cells:
        gap = box.y0 - other.box.y1
        if other.ruled or not other.text or other.box.cy >= label.box.cy:
            continue
        flush = abs(other.box.x0 - box.x0) < 0.5 * box.height
        if not flush or not -0.6 * box.height <= gap <= GOES_ON * box.height or vocabulary.is_label(other.text):
            continue
        if not [c for c in sheet.left_of(other) if c is not label] and not starts_label(other.text, vocabulary):
            return cell_of((*other.lines, *value.lines), page=value.page, table=value.table)
    return value


_DATE_BEGUN = re.compile(r"(?:19|20)\d{2}(?:年(?:\d{1,2}(?:月(?:\d{1,2}日?)?)?)?)?")
MAX_PIECES = 5  # after the year: 年 11 月 30 日


def date_in_blanks(sheet: Sheet, value: Cell) -> Cell:
    """A date whose year, month and day were written into blanks of their own: 成立于 2012 年 11 月 30 日."""
    if value.ruled or not _DATE_BEGUN.fullmatch(re.sub(r"\s", "", value.text)):
        return value
    text, lines = re.sub(r"\s", "", value.text), list(value.lines)
    for other in sheet.right_of(value)[:MAX_PIECES]:
        longer = text + re.sub(r"\s", "", other.text)
        if other.ruled or not _DATE_BEGUN.fullmatch(longer):
            break
        text, lines = longer, [*lines, *other.lines]
    whole = len(lines) > len(value.lines) and "月" in text
    return cell_of(lines, page=value.page, table=value.table) if whole else value


def starts_label(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a line is "label: value" of its own."""
    colon = re.search(r"[:：]", text)
    return bool(colon and vocabulary.is_label(text[: colon.start()]))


def whole_value(
    sheet: Sheet, value: Cell, vocabulary: Vocabulary, label: Cell | None, beside: Cell | None = None
) -> Cell:
    """An unruled value with the lines it goes on in.

    :param label: its label, if it stands above the value or in its line; ``beside``: if left of it
    """
    if value.ruled:
        return value
    lines = list(value.lines)
    for _ in range(8):
        after = _next_line(sheet, lines, vocabulary, label, beside)
        if after is None:
            break
        lines.extend(after.lines)
    return value if len(lines) == len(value.lines) else cell_of(lines, page=value.page, table=value.table)


SECTION = re.compile(
    r"^[【〖\[][^】〗\]]{2,20}[】〗\]]$|^\d{1,2}\s+[\u4e00-\u9fff]{2,10}$|^\d{1,2}[.、．]\s*[\u4e00-\u9fff]{2,8}(?:情况|信息|数据|方式|规模|概况|意见|联络)$|^(?:[一二三四五六七八九十]{1,2}[、.．]|第[一二三四五六七八九十]+[部章节]|[（(][一二三四五六七八九十][）)])"
)
# A line of its own, whoever may know its label: 在校生人数：8600.
_NEW_ITEM = re.compile(r"(?:[(（]?\d{1,2}[)）.、．]\s*)?[\u4e00-\u9fff（）()/、]{2,14}\s?[A-Za-z .\-]{0,24}[:：]")
_FIGURE = re.compile(
    r"[\d,，]{1,9}(?:\.\d+)?\s*(?:人|名|个|家|万元|亿元|元)?"
    r"|(?:人民币)?[零〇一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟万亿]{1,24}(?:美?元|圆)[整正]?"
)


def _next_line(
    sheet: Sheet, lines: list[Line], vocabulary: Vocabulary, label: Cell | None, beside: Cell | None
) -> Cell | None:
    last = lines[-1].box
    for other in sheet.cells:
        if other.ruled or other is label or not other.text:
            continue
        box = other.box
        gap = box.y0 - last.y1
        under_label = label is not None and abs(box.x0 - label.box.x0) < 0.6 * last.height
        aligned = under_label or abs(box.x0 - lines[0].box.x0) < 1.5 * last.height
        # Values set flush right go on flush right.
        aligned = aligned or (abs(box.x1 - last.x1) < FLUSH * last.height and box.x0 > lines[0].box.x0)
        if not aligned or not -0.6 * last.height <= gap <= GOES_ON * last.height or box.cy <= last.cy:
            continue
        if box.x1 > max(line.box.x1 for line in lines) + 2 * last.height or vocabulary.is_label(other.text):
            continue
        if SECTION.match(other.text) or _NEW_ITEM.match(other.text) or starts_label(other.text, vocabulary):
            continue
        if vocabulary.leading(other.text) or _something_between(sheet, lines[0].box, last, box):
            continue
        # Under its label a value has its own column: what stands to the left there is another's.
        left = [cell for cell in sheet.left_of(other) if cell is not beside]
        if left and (label is None or not under_label):
            continue
        if _FIGURE.fullmatch(lines[-1].text.strip()) and _FIGURE.fullmatch(other.text.strip()):
            continue  # two figures below each other are two values
        return other
    return None


def _something_between(sheet: Sheet, first: Box, last: Box, after: Box) -> bool:
    """Whether another cell, the next label say, stands between a value's last line and what may be its next."""
    return any(
        last.cy + 0.2 * last.height < cell.box.cy < after.cy - 0.2 * after.height
        and min(cell.box.x1, first.x1) > max(cell.box.x0, first.x0)
        for cell in sheet.cells
        if cell.text and not cell.ruled
    )
