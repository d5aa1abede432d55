"""A form's sheet as a person sees it: what the reader or the rules broke up put together, what they joined parted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from extractors._form_labels import vocabulary
from pipeline.model import Line
from pipeline.tables.grid import Cell, Sheet, cell_of, cut_line, part_of_line

__all__ = ["NOTES", "mended", "without_examples"]

ALIKE = 0.006  # of the page: edges of cells of one row or column lie this close
COLUMN = 0.012  # of the page's width: lines of one column begin this close to each other
BEGINNINGS = 3  # lines that begin where another is to be cut: a column stands there
SHORT_HEAD = 6  # signs of a head that a rule cuts in two
PARAGRAPH = 0.5  # of the page's width: the least that a line of running text takes
MARGIN = 0.06  # of the page's width: how far before the right margin a line of running text ends
ITEMS = 3  # numbers alone before labels from which they number the items of a list

NOTES = re.compile(r"^(?:[一二三四五六七八九十\d]+[、.．])?(?:填[表报写]|有关|申报|相关)?(?:说明|须知|注意事项)[:：]?$")
"""The heading of a form's own notes: what stands under it is said to whoever fills it in."""

_EXAMPLE = re.compile(
    r"^[(（【\[]?(?:(?:填写|填报|填表)?(?:示例|样例|范例|举例)|例如?)\s*[:：]|^(?:请?按|请|须|应)[^，。；]{2,24}(?:填写|填报|填列)[。)）]?$"
)


def without_examples(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines without those that show or say how a blank is to be filled in (例：李四)."""
    kept = (line for line in lines if not _EXAMPLE.match(line.text.strip()))
    return _out_of_brackets([_bare_answer(line) for line in kept])


_IN_BRACKETS = re.compile(r"(?P<label>[\u4e00-\u9fffA-Za-z0-9（）()]{2,24})[【\[](?P<value>[^【】\[\]]{2,}|\d)[】\]]")
BLANKS = 3  # labels with their values in brackets from which brackets are this form's blanks


def _out_of_brackets(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with 园区名称【…】 said as 园区名称：…, where a form brackets its blanks."""
    known = sum(1 for line in lines for blank in _IN_BRACKETS.finditer(line.text) if _label_before(blank["label"]))
    if known < BLANKS:
        return tuple(lines)
    return tuple(line.model_copy(update={"text": _IN_BRACKETS.sub(_with_colon, line.text)}) for line in lines)


def _label_before(text: str) -> bool:
    return vocabulary.match(text, fuzzy=False) is not None


def _with_colon(blank: re.Match[str]) -> str:
    """As long as before, so that each sign stays where it stands."""
    known = _label_before(blank["label"]) or _label_before(re.sub(r"^[万亿千百]*[元人家亩]", "", blank["label"]))
    return f"{blank['label']}：{blank['value']} " if known else blank[0]


_ANSWER = re.compile(r"^\s*答\s*[:：]\s*(?=\S)")


def _bare_answer(line: Line) -> Line:
    """A line without the 答： that says it is an answer."""
    said = _ANSWER.match(line.text)
    return line.model_copy(update={"text": line.text[said.end() :], "centres": (), "scores": ()}) if said else line


def mended(sheet: Sheet) -> Sheet:
    """The sheet with all of it."""
    cells: Sequence[Cell] = sheet.cells
    for part in (
        _whole_heads, _labels_on_colour, _without_numbers, _spaced_labels, _parted_at_columns,
        _parted_from_units, _paragraphs,
    ):  # fmt: skip
        cells = part(cells)
    return Sheet(sheet.page, tuple(sorted(cells, key=lambda c: (round(c.box.y0, 3), c.box.x0))))


# ----------------------------------------------------------------------------------------------------- put together


def _whole_heads(cells: Sequence[Cell]) -> Sequence[Cell]:
    """员工 over 总数 in two cells of one width is the one label that both say together."""
    left = list(cells)
    for upper in cells:
        if not upper.ruled or not 0 < len(upper.text) <= SHORT_HEAD:
            continue
        lower = next((c for c in left if _right_under(upper, c) and 0 < len(c.text) <= SHORT_HEAD), None)
        if lower is None or upper not in left or not _one_head(upper, lower, cells):
            continue
        whole = vocabulary.match(upper.text + lower.text, fuzzy=False)
        own = vocabulary.match(lower.text, fuzzy=False)
        if whole and whole.keys[0] and (own is None or not own.keys[0].strip("_") or own.keys[0].startswith("_")):
            box = upper.box.union(lower.box)
            left[left.index(upper)] = cell_of((*upper.lines, *lower.lines), box=box, page=upper.page, table=upper.table)
            left.remove(lower)
    return left


def _one_head(upper: Cell, lower: Cell, cells: Sequence[Cell]) -> bool:
    """Whether the cells beside reach over both: a head of two lines, which a rule of its neighbours seems to cut."""
    beside = [
        c
        for c in cells
        if c.table == upper.table
        and min(abs(c.box.x1 - upper.box.x0), abs(c.box.x0 - upper.box.x1)) < ALIKE
        and min(c.box.y1, lower.box.y1) - max(c.box.y0, upper.box.y0) > ALIKE
    ]
    return any(c.box.y0 < upper.box.y0 + ALIKE and c.box.y1 > lower.box.y1 - ALIKE for c in beside)


def _right_under(upper: Cell, lower: Cell) -> bool:
    a, b = upper.box, lower.box
    return (
        lower.table == upper.table
        and abs(a.x0 - b.x0) < ALIKE
        and abs(a.x1 - b.x1) < ALIKE
        and abs(a.y1 - b.y0) < ALIKE
    )


def _labels_on_colour(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Blocks of colour with labels in them, or with a row of heads, are no tables: their values stand outside."""
    left: list[Cell] = []
    for table, group in groupby(sorted(cells, key=lambda c: c.table), key=lambda c: c.table):
        own = list(group)
        open_ = table >= 0 and (_only_labels(own, cells) or _one_row_of_heads(own))
        for cell in own:
            left += [cell_of([line], page=cell.page, table=-1) for line in cell.lines] if open_ else [cell]
    return left


def _only_labels(own: Sequence[Cell], cells: Sequence[Cell]) -> bool:
    """Whether a table is one column of labels, with text beside it that no rule parts."""
    one_column = len({round(c.box.x0, 2) for c in own}) == 1 and len({round(c.box.x1, 2) for c in own}) == 1
    if not one_column or not all(vocabulary.is_label(c.text) and len(c.lines) == 1 for c in own):
        return False
    beside = (
        any(
            not o.ruled and o.text and o.box.x0 > c.box.x1 - COLUMN and abs(o.box.cy - c.box.cy) < 0.5 * c.box.height
            for o in cells
        )
        for c in own
    )
    return sum(beside) > 0.5 * len(own)


_YEAR_HEAD = re.compile(r"(?:20\d{2}年|[本上前去当]一?年).{0,6}")


def _one_row_of_heads(own: Sequence[Cell]) -> bool:
    """Whether a table is nothing but one row with years in it: the rows under it have no rules."""
    lines = [line for cell in own for line in cell.lines]
    one_row = bool(lines) and max(line.box.y0 for line in lines) < min(line.box.y1 for line in lines)
    return one_row and sum(bool(_YEAR_HEAD.fullmatch(line.text.strip())) for line in lines) >= 2


def _without_numbers(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Unruled cells without the numbers of items, that stand alone before their labels."""
    numbers = [c for c in cells if not c.ruled and re.fullmatch(r"[(（]?\d{1,2}[)）.、]?", c.text.strip())]
    before = [
        c
        for c in numbers
        if any(
            not o.ruled
            and c.box.x1 - COLUMN < o.box.x0 < c.box.x1 + 3 * c.box.height
            and min(o.box.y1, c.box.y1) - max(o.box.y0, c.box.y0) > 0.3 * c.box.height
            and vocabulary.is_label(o.text)
            for o in cells
        )
        and not any(
            o.text and o.box.cx < c.box.x0 and min(o.box.y1, c.box.y1) - max(o.box.y0, c.box.y0) > 0.5 * c.box.height
            for o in cells
        )
    ]
    return [c for c in cells if c not in before] if len(before) >= ITEMS else cells


def _spaced_labels(cells: Sequence[Cell]) -> Sequence[Cell]:
    """手　　机：186… read as 手 and 机：186…, put together."""
    left = list(cells)
    for cell in cells:
        if cell.ruled or cell not in left or not 0 < len(cell.text) <= 2 or len(cell.lines) != 1:
            continue
        after = next((o for o in left if o is not cell and _right_beside(cell, o)), None)
        if after is None or len(after.lines) != 1:
            continue
        head = re.split(r"[:：]", after.text)[0]
        if len(head) > 4 or vocabulary.match(head, fuzzy=False) or not vocabulary.match(cell.text + head, fuzzy=False):
            continue
        one, two = cell.lines[0], after.lines[0]
        line = two.model_copy(
            update={"text": one.text.strip() + two.text, "box": one.box.union(two.box), "centres": (), "scores": ()}
        )
        left[left.index(cell)] = cell_of([line], page=cell.page, table=-1)
        left.remove(after)
    return left


def _right_beside(cell: Cell, other: Cell) -> bool:
    gap = other.box.x0 - cell.box.x1
    same = min(other.box.y1, cell.box.y1) - max(other.box.y0, cell.box.y0) > 0.6 * cell.box.height
    return not other.ruled and bool(other.text) and same and -COLUMN < gap < 4 * cell.box.height


def _paragraphs(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Lines of running text with labels in it (…，其中离岸服务 / 外包收入：…) as one piece."""
    free = sorted((c for c in cells if not c.ruled and c.lines), key=lambda c: c.box.cy)
    wide = [c for c in free if c.box.width > PARAGRAPH]
    if len(wide) < 2:
        return cells
    margin = sorted(c.box.x1 for c in wide)[-1]
    left = list(cells)
    for cell in free:
        if cell not in left or cell.box.width < PARAGRAPH or margin - cell.box.x1 > MARGIN:
            continue
        whole, low = cell, cell
        while True:
            after = next((c for c in free if c is not low and c in left and _next_of_paragraph(low, c, free)), None)
            if after is None or not _goes_on(whole.text, after.text):
                break
            left.remove(after)
            left[left.index(whole)] = joined = cell_of((*whole.lines, *after.lines), page=cell.page, table=-1)
            whole, low = joined, after
            if margin - after.box.x1 > MARGIN or after.box.width < PARAGRAPH:
                break
    return left


def _next_of_paragraph(upper: Cell, lower: Cell, free: Sequence[Cell]) -> bool:
    """Whether a line stands right under another, beginning where it does or before, with nothing beside it."""
    a, b = upper.box, lower.box
    gap = b.y0 - a.y1
    if lower.ruled or b.cy <= a.cy or not -0.4 * a.height < gap < 0.9 * a.height:
        return False
    if b.x0 > a.x0 + a.height or a.x0 - b.x0 > 4 * a.height:
        return False
    return not any(
        other is not lower and other is not upper and min(other.box.y1, b.y1) - max(other.box.y0, b.y0) > 0.5 * b.height
        for other in free
    )


_ITEM = re.compile(r"^(?:[(（]?[\d一二三四五六七八九十]{1,3}[)）、.．]|[【★●■◆▲※注])")
_CLAUSE = re.compile(r"[，,；;。：:、)）]")


def _goes_on(before: str, after: str) -> bool:
    """Whether a text with labels in it goes on in another: not in a label, unless it is the tail of the one before."""
    if not re.search(r"[:：]", before) or _ITEM.match(after):
        return False
    tail = _CLAUSE.split(before)[-1].strip()
    head = re.split(r"[:：]", after)[0]
    if tail and ":" in after.replace("：", ":") and re.search(r"[\u4e00-\u9fff]$", tail):
        whole, own = vocabulary.match(tail + head, fuzzy=False), vocabulary.match(head, fuzzy=False)
        if whole and whole.keys[0]:
            return own is None or own.keys != whole.keys
    first = vocabulary.leading(after)
    return not (vocabulary.is_label(head) or vocabulary.is_label(after) or (first and first[1] >= 4))


# ------------------------------------------------------------------------------------------------------------ parted


def _each(cells: Sequence[Cell], part: Callable[[Line], Iterable[Line]]) -> Sequence[Cell]:
    """Unruled cells with their lines parted."""
    left: list[Cell] = []
    for cell in cells:
        pieces = [] if cell.ruled or len(cell.lines) != 1 else list(part(cell.lines[0]))
        left += [cell_of([line], page=cell.page, table=-1) for line in pieces] if len(pieces) > 1 else [cell]
    return left


def _parted_at_columns(cells: Sequence[Cell]) -> Sequence[Cell]:
    """A value and the next column's label that were read as one line, parted where that column begins."""
    starts = [cell.box.x0 for cell in cells if not cell.ruled and cell.text and vocabulary.is_label(cell.text)]

    def part(line: Line) -> Iterable[Line]:
        if vocabulary.is_label(line.text) or re.search(r"[:：]", line.text):
            return ()
        for x in starts:
            if line.box.x0 + 2 * COLUMN < x < line.box.x1 - 2 * COLUMN and _begin_there(x, starts):
                cut = cut_line(line, x)
                match = vocabulary.match(cut[1].text.strip(), fuzzy=False) if cut else None
                if cut and match and not vocabulary.is_label(cut[0].text):
                    return cut
        return ()

    return _each(cells, part)


def _begin_there(x: float, starts: Sequence[float]) -> bool:
    return sum(abs(start - x) < COLUMN for start in starts) >= BEGINNINGS


_UNIT_FIRST = re.compile(
    r"^(?:[百千]?万?亿?元|人|名|家|亩|万?平方米|平方公里)(?P<sign>[，,；;。、]?)\s*(?=[\u4e00-\u9fff])"
)


def _parted_from_units(cells: Sequence[Cell]) -> Sequence[Cell]:
    """A blank's unit and the next label that were read as one line (万元；服务外包业务收入), parted."""

    def part(line: Line) -> Iterable[Line]:
        unit = _UNIT_FIRST.match(line.text)
        if not unit or vocabulary.is_label(line.text):
            return ()
        match = vocabulary.match(line.text[unit.end() :], fuzzy=False)
        if match is None or not match.keys[0]:
            return ()
        end = len(line.text)
        return part_of_line(line, 0, unit.end("sign")), part_of_line(line, unit.end(), end)

    return _each(cells, part)
