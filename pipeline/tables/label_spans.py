"""Label and value within one text: behind a colon, stacked in one cell, or run on with nothing between."""

from __future__ import annotations

import re

from pipeline.tables.grid import Cell, spell
from pipeline.tables.label_values import Fits
from pipeline.tables.value_lines import SECTION
from pipeline.tables.vocabulary import CHINESE, FUZZY_LENGTH, MAX_LABEL, Match, Vocabulary

__all__ = ["Span", "colons_in", "run_on", "stacked", "topped"]

INLINE_FIT = 0.6  # a value with nothing but the label before it must suit its field better than by chance
LONG_VALUE = 8  # Chinese signs before a label from which they are a value and no part of it
HINT = 12  # characters from a label's bracket to the colon in it (金额单位：万元)
Span = tuple[Match, int, int, int]  # label, its start, value's start, value's end


def colons_in(text: str, vocabulary: Vocabulary) -> list[Span]:
    """All "label: value" of a text; a value ends where the next label begins."""
    starts: list[tuple[Match, int, int]] = []
    free = 0
    for colon in re.finditer(r"[:：]", text):
        if _in_brackets(text, colon.start()):
            continue
        longest = max(free, colon.start() - MAX_LABEL)
        for start in range(longest, colon.start() - 1):
            if start > free and not (
                text[start - 1] in " ,，;；。)）" or _begins_amid(text, start, free, colon.start())
            ):
                continue
            whole = start == free or text[start - 1] == " "
            match = vocabulary.match(text[start : colon.start()], fuzzy=whole)
            if match:
                starts.append((match, start, colon.end()))
                free = colon.end()
                break
    if not starts:
        return []
    ends = [start for _, start, _ in starts[1:]] + [len(text)]
    return [(match, start, value, end) for (match, start, value), end in zip(starts, ends, strict=True)]


OF_A_NAME = 4  # Chinese signs of a person's name, behind which a short label begins another value
_SHORT = frozenset(("手机", "电话", "邮箱", "传真", "职务", "职称", "邮编", "信箱", "部门", "手机号"))


def _begins_amid(text: str, start: int, free: int, end: int) -> bool:
    """Whether a label may begin right behind Chinese text: behind a value (…有限公司法定代表人：), never as the tail of
    a label that nobody knows (海归人员数：)."""
    before = re.search(r"[\u4e00-\u9fff]*$", text[free:start])
    length = len(before[0]) if before else 0
    if not CHINESE.match(text[start]):
        return False
    if free > 0 and 2 <= length <= OF_A_NAME and text[start:end] in _SHORT:
        return True  # 联系人：孔玉春手机：…
    return length == 0 or (end - start >= FUZZY_LENGTH and (free > 0 or length >= LONG_VALUE))


def _in_brackets(text: str, at: int) -> bool:
    """Whether a colon stands in a label's own brackets: 注册资本（单位：元）：500."""
    opened = max(text.rfind(sign, 0, at) for sign in "(（")
    closed = max(text.rfind(sign, 0, at) for sign in ")）")
    return opened > closed and at - opened <= HINT and bool(re.match(r"[^()（）:：]{0,10}[)）]", text[at + 1 :]))


def stacked(cell: Cell, vocabulary: Vocabulary) -> list[Span]:
    """A cell whose first lines are a label and whose others are the value."""
    spelled = spell(cell.lines)
    numbers = [place[0] if place else -1 for place in spelled.places]
    for count in range(len(cell.lines) - 1, 0, -1):
        start = numbers.index(count) if count in numbers else 0
        match = vocabulary.match(spelled.text[:start].strip(), fuzzy=False) if start else None
        if match:
            return [(match, 0, start, len(spelled.text))]
    return []


OVER_FIT = 0.9  # how well a value must suit that stands over its label


def topped(cell: Cell, vocabulary: Vocabulary, fits: Fits) -> tuple[Match, int] | None:
    """A card's cell whose last lines are a label and whose first are its value; and where the label begins."""
    spelled = spell(cell.lines)
    numbers = [place[0] if place else -1 for place in spelled.places]
    for count in range(1, len(cell.lines)):
        start = numbers.index(count) if count in numbers else 0
        match = vocabulary.match(spelled.text[start:].strip(), fuzzy=False) if start else None
        if match and match.keys[0]:
            return (match, start) if fits(match.keys[0], spelled.text[:start].strip()) >= OVER_FIT else None
    return None


def run_on(text: str, vocabulary: Vocabulary, fits: Fits) -> list[Span]:
    """Label and value in one line with nothing between (underlined blanks, merged detection)."""
    lead = vocabulary.leading(text)
    if lead is None:
        return []
    match, end = lead
    if SECTION.match(text) and not text[end].isspace():
        return []  # 二、联系与人员 heads a section: no label 联系 of somebody called 与人员
    stop = next(
        (gap.end() for gap in re.finditer(r"\s+", text[end + 1 :]) if vocabulary.leading(text[end + 1 + gap.end() :])),
        None,
    )
    finish = end + 1 + stop if stop is not None else len(text)
    if fits(match.keys[0], text[end:finish].strip()) < INLINE_FIT:
        return []
    rest = (
        [(m, finish + a, finish + b, finish + c) for m, a, b, c in run_on(text[finish:], vocabulary, fits)]
        if stop is not None
        else []
    )
    return [(match, 0, end, finish), *rest]
