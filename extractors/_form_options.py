"""所属行业 and 功能领域 of an information form: ticked boxes, or names in a cell, as the programme's names.

A list that was only partly read is never given as the whole: what is missing may be ticked, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors._fields import field_of, tidy
from extractors._form_labels import vocabulary
from extractors._form_parsed import is_empty, without_hints
from pipeline.model import Box, Field, Line, ReadPage, TickBox
from pipeline.programmes import Programme
from pipeline.tables.grid import Cell, Sheet, cell_of, union_of
from pipeline.tables.label_values import Pair
from pipeline.tables.ticks import TICKED, Option, read_options, ticked, unclaimed

__all__ = [
    "Leaf",
    "functions_field",
    "industry_field",
    "leaves_on",
    "listed_functions",
    "names_industry",
    "tabled_industry",
    "unstamped_boxes",
]

PRINTED_TREE = 12  # leaves on the pages from which the whole tree is printed to be ticked, wherever its label stands
MOST_ALONE = 0.6  # part of the options that must have a cell of their own, and a cell to tick
LIKE_A_TICK = 0.45  # of the fullest ticked cell's ink that another tick holds; specks hold less
SURE_TICK = 0.07  # the same from which it is no speck of dirt
STREAK = 4  # squares of the ink grid (7 mm) in one row that are no tick: a tick is higher
TICK_INK = 0.03  # mean coverage in the middle of a cell that somebody ticked
STAMPED = 0.03  # share of ink in a box under a seal from which it is not known whose ink that is
SEVERAL = 2  # names of the list from which a cell that holds nothing else is one
WITHOUT_LABEL = 0.9  # trust in such a cell
PARTLY = 0.6  # trust in a list of which a part could not be read
NEXT_LINE = 1.6  # line heights: the farthest that a list's next line stands
LEFT_OVER = 3  # Chinese signs of a plain list beside its names, from which it says more than them
ONE_OF_MANY = 6  # industries from which the one that is not surely empty is the one meant
OWN_LINE = 0.8  # of a value's area that its own line covers
UNSURE = 0.55  # an option judged at less than this makes the whole field doubtful


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page's cell that holds options."""

    page: ReadPage
    cell: Cell


def leaves_on(page: ReadPage, sheet: Sheet, programme: Programme) -> tuple[Leaf, ...]:
    """Cells in which a leaf of 功能领域 stands; labels and prose left out."""
    names = tuple(re.sub(r"\s", "", name) for name in programme.functions)
    cells = [
        cell
        for cell in sheet.cells
        if cell.lines and not vocabulary.is_label(cell.text) and any(n in re.sub(r"\s", "", cell.text) for n in names)
    ]
    return tuple(Leaf(page, cell) for cell in _with_tick_cells(page, sheet, cells, names))


def _with_tick_cells(page: ReadPage, sheet: Sheet, cells: Sequence[Cell], names: Sequence[str]) -> Sequence[Cell]:
    """Where every option has its own cell and a narrow one beside it to tick, the two together."""
    alone = [cell for cell in cells if cell.ruled and re.sub(r"\s", "", cell.text) in names]
    if len(alone) < MOST_ALONE * len(cells) or len(alone) < 3:
        return cells
    for side in (sheet.right_of, sheet.left_of):
        beside = {id(cell): (side(cell) or (None,))[0] for cell in alone}
        said = {key: _yes_or_no(other.text) for key, other in beside.items() if other is not None}
        if sum(mark is not None for mark in said.values()) >= MOST_ALONE * len(alone):
            return [_marked(cell, said.get(id(cell)) or "") for cell in cells]
        ticks = [other for other in beside.values() if other is not None and _to_tick(other)]
        inks = [ink for other in ticks if (ink := _ink_in(page, other)) > TICK_INK]
        if len(ticks) >= MOST_ALONE * len(alone) and (inks or any(_mark_of(page, other, 0.0) for other in ticks)):
            least = LIKE_A_TICK * max(inks, default=0.0)
            return [_together(page, cell, beside.get(id(cell)), least) for cell in cells]
    return cells


_YES_AND_NO = re.compile(r"([^\w\s])?\s*[(（]?是[)）]?[\s/／]*([^\w\s])?\s*[(（]?否[)）]?")


def _yes_or_no(text: str) -> str | None:
    """√ or □ for a cell that says ☑是 □否 or the like, or 是 or 否 alone; None for one that says neither, or both."""
    bare = text.strip()
    if bare in ("是", "√是", "☑是", "有"):
        return "√"
    if bare in ("否", "√否", "☑否"):
        return "□"
    both = _YES_AND_NO.fullmatch(bare)
    if both is None:
        return None
    yes, no = ((sign or "") in TICKED and bool(sign) for sign in both.groups())
    return None if yes == no else "√" if yes else "□"


def _marked(cell: Cell, mark: str) -> Cell:
    """An option's cell with the sign that somebody set beside it."""
    if not mark:
        return cell
    text = mark + cell.text
    line = cell.lines[0].model_copy(update={"text": text, "box": cell.ink_box, "centres": (), "scores": ()})
    return Cell(cell.box, cell.page, cell.table, (line,), text)


def _ink_in(page: ReadPage, cell: Cell) -> float:
    """Mean coverage of the middle of a cell."""
    box = cell.box
    if _shadowed(page, box):
        return 0.0
    inner = Box(
        box.x0 + 0.2 * box.width, box.y0 + 0.2 * box.height, box.x1 - 0.2 * box.width, box.y1 - 0.2 * box.height
    )
    return page.ink.coverage(inner) if page.ink.cells else 0.0


def _shadowed(page: ReadPage, box: Box) -> bool:
    """Whether a cell's ink is a flat streak, or runs through from over it to under it: a fold's shadow, no tick."""
    grid = page.ink
    rows = range(max(0, int(box.y0 * grid.rows) - 1), min(grid.rows, int(box.y1 * grid.rows) + 2))
    columns = range(int(box.x0 * grid.columns) + 1, int(box.x1 * grid.columns))
    if not grid.cells or not rows:
        return False
    if any(all(grid.cells[row * grid.columns + column] != "0" for row in rows) for column in columns):
        return True
    inside = [
        (row, column)
        for row in range(int(box.y0 * grid.rows), min(grid.rows, int(box.y1 * grid.rows) + 1))
        for column in columns
        if grid.cells[row * grid.columns + column] != "0"
    ]
    return len(inside) >= STREAK and len({row for row, _ in inside}) == 1


def _to_tick(cell: Cell) -> bool:
    return len(re.sub(r"\s", "", cell.text)) <= 2 and not re.search(r"[\u4e00-\u9fff]", cell.text)


def _mark_of(page: ReadPage, cell: Cell, least: float) -> str:
    """√ for a cell that holds a sign, read or seen as ink. ``least``: ink below which it is a speck of dirt."""
    if cell.lines:
        return "" if re.sub(r"\s", "", cell.text) in "□○0O[]（）().·•,、'`-" else "√"
    return "√" if _ink_in(page, cell) > max(TICK_INK, least) else ""


def _together(page: ReadPage, cell: Cell, beside: Cell | None, least: float) -> Cell:
    if beside is not None and not beside.lines and TICK_INK < _ink_in(page, beside) < SURE_TICK:
        return cell  # a speck or a thin stroke: not for us to tell
    mark = ("√" if _mark_of(page, beside, least) else "□") if beside is not None and _to_tick(beside) else ""
    return _marked(cell, mark)


def unstamped_boxes(page: ReadPage) -> tuple[TickBox, ...]:
    """The page's boxes to tick, less those in which a seal's ink may be what looks like a tick."""
    return tuple(
        box
        for box in page.boxes
        if box.filled + box.red < STAMPED or not any(seal.box.holds(box.box.cx, box.box.cy) for seal in page.seals)
    )


def _headings(programme: Programme) -> tuple[str, ...]:
    classes = programme.function_groups
    return (*(g.name for c in classes for g in c.groups), *(c.name for c in classes))


def functions_field(
    pairs: Sequence[tuple[ReadPage, Pair]],
    leaves: Sequence[Leaf],
    programme: Programme,
    sheets: Mapping[int, Sheet],
) -> Field | None:
    """功能领域 as leaf names, in the programme's order."""
    offered = [(page, pair.candidates[0].cell, pair) for page, pair in pairs if pair.candidates]
    best = max(offered, key=lambda offer: _likely(offer[1], offer[2], programme), default=None)
    whole: tuple[str, ...] = ()
    distinct = {name for leaf in leaves for name in programme.functions if name in re.sub(r"\s", "", leaf.cell.text)}
    if len(distinct) >= PRINTED_TREE:
        numbers = dict.fromkeys(leaf.page.page.number for leaf in leaves)
        cells = [cell for n in numbers for cell in _cells([leaf for leaf in leaves if leaf.page.page.number == n])]
        whole = programme.functions
    elif best:
        beside = [leaf.cell for leaf in leaves if leaf.page is best[0] and _goes_with(leaf.cell, best[1], best[2])]
        beneath = _beneath(best[1], sheets[best[0].page.number], programme.functions) if not beside else []
        cells = [best[1], *beside, *beneath]
        if beneath and not best[1].ruled:  # one list: a name may go on in the next line
            lines = [line for cell in (best[1], *beneath) for line in cell.lines]
            cells = [cell_of(lines, page=best[1].page, table=-1)]
    else:
        return None
    pages = {leaf.page.page.number: leaf.page for leaf in leaves} | ({best[0].page.number: best[0]} if best else {})
    inks = {number: page.ink for number, page in pages.items()}
    boxes = {number: unstamped_boxes(page) for number, page in pages.items()}
    options = read_options(cells, programme.functions, ink=inks, boxes=boxes, headings=_headings(programme))
    if not options:
        return _words(best)
    missing = []
    if whole and len(options) < len(whole):
        missing = [f"not_read:{text}" for text in _unread(cells, pages, programme)]
    if not whole and all(option.state == "named" for option in options):
        missing += [f"not_of_the_programme:{text}" for text in _left_over(cells, options)]
    return _of_options(options, pages, programme, missing)


def listed_functions(leaves: Sequence[Leaf], programme: Programme) -> Field | None:
    """功能领域 under a label nobody knows: the one cell that holds nothing but names of the list, several of them."""
    whole = [leaf for leaf in leaves if _names_only(leaf.cell.text, programme.functions)]
    if len(whole) != 1:
        return None
    (leaf,) = whole
    options = read_options([leaf.cell], programme.functions, headings=_headings(programme))
    if len(options) < SEVERAL or any(option.state != "named" for option in options):
        return None
    field = _of_options(options, {leaf.page.page.number: leaf.page}, programme, ())
    reasons = (*field.reasons, "without_label")
    return field.model_copy(update={"confidence": field.confidence * WITHOUT_LABEL, "reasons": reasons})


def _names_only(text: str, names: Sequence[str]) -> bool:
    rest = re.sub(r"\s", "", text)
    for name in sorted((re.sub(r"\s", "", name) for name in names), key=len, reverse=True):
        rest = rest.replace(name, "", 1)
    return not rest.strip("、,，;；/／。.·和及")


def names_industry(pair: Pair, programme: Programme) -> bool:
    """Whether the value is an industry's name and nothing else."""
    bare = {re.sub(r"\s", "", name) for name in (*programme.industries, *programme.categories)}
    return bool(pair.candidates) and re.sub(r"\s", "", pair.candidates[0].text) in bare


def _unread(cells: Sequence[Cell], pages: Mapping[int, ReadPage], programme: Programme) -> list[str]:
    """Text amid a printed tree that is no leaf and no group of it: a leaf misread."""
    rests: list[str] = []
    for number, page in pages.items():
        own = [cell for cell in cells if cell.page == number and cell.lines]
        if not own:
            continue
        around, taken = union_of([cell.ink_box for cell in own]), {id(line) for cell in own for line in cell.lines}
        others = [
            cell_of([line], page=number, table=-1)
            for line in page.lines
            if id(line) not in taken and around.holds(line.box.cx, line.box.cy)
        ]
        for cell in (*own, *others):
            rests += unclaimed(cell, programme.functions, _headings(programme))
    return rests


def _left_over(cells: Sequence[Cell], options: Sequence[Option]) -> list[str]:
    """What a plain list says beside the options' names, cell by cell, if that is more than a word."""
    names = sorted((re.sub(r"\s", "", option.name) for option in options), key=len, reverse=True)
    rests = []
    for cell in cells:
        head, colon, tail = without_hints(cell.text).replace(":", "：").partition("：")
        rest = re.sub(r"\s", "", tail if colon and vocabulary.is_label(head) else head + tail)
        for name in names:
            rest = rest.replace(name, "", 1)
        rests.append(rest)
    return [rest for rest in rests if len(re.findall(r"[\u4e00-\u9fff]", rest)) >= LEFT_OVER]


def _beneath(first: Cell, sheet: Sheet, names: Sequence[str]) -> list[Cell]:
    """The lines in which a list goes on under its first one: numbered items, or more names of the same list.

    They may be ruled (each item on a line of its own) though the first is not.
    """
    if first.ruled and len(first.lines) > 1:
        return []
    numbered = bool(_ITEM.match(first.text))
    found: list[Cell] = []
    last = first.ink_box
    for cell in sorted(sheet.cells, key=lambda one: one.ink_box.cy):
        box = cell.ink_box
        if cell is first or not cell.lines or box.cy <= last.cy or _asks(cell.text):
            continue
        beside = min(box.y1, last.y1) - max(box.y0, last.y0) > 0.5 * min(box.height, last.height)
        if box.y0 - last.y1 > NEXT_LINE * max(last.height, box.height):
            break
        goes_on = _ITEM.match(cell.text) if numbered else _holds(cell.text, names)
        if goes_on and box.x0 < first.ink_box.x1 and not (beside and numbered):
            found.append(cell)
            last = box
    return found


def _first_of_list(cell: Cell, sheet: Sheet, names: Sequence[str]) -> Cell:
    """The first line of a list whose label stands beside its middle or its end."""
    first = cell
    for other in sorted(sheet.cells, key=lambda one: -one.ink_box.cy):
        box, below = other.ink_box, first.ink_box
        if other.ruled or not other.lines or box.cy >= below.cy - 0.5 * below.height or _asks(other.text):
            continue
        if below.y0 - box.y1 > NEXT_LINE * max(box.height, below.height):
            break
        if abs(box.x0 - cell.ink_box.x0) < 1.5 * box.height and _holds(other.text, names):
            first = other
    return first


_ITEM = re.compile(r"\s*[(（]?(?:\d{1,2}|[①-⑳])[)）.．、:：]?\s*(?=[\u4e00-\u9fffA-Za-z])")


def _asks(text: str) -> bool:
    """Whether a text is a label, or begins with one and a colon."""
    colon = re.search(r"[:：]", text)
    return vocabulary.is_label(text) or bool(colon and vocabulary.is_label(text[: colon.start()]))


def _holds(text: str, names: Sequence[str]) -> bool:
    bare = re.sub(r"\s", "", text)
    return any(re.sub(r"\s", "", name) in bare for name in names)


def _likely(cell: Cell, pair: Pair, programme: Programme) -> tuple[bool, bool]:
    """Of several labels (业务领域 may head a section with 功能领域 in it): a leaf stands beside it; it says 功能."""
    text = re.sub(r"\s", "", cell.text)
    return any(re.sub(r"\s", "", name) in text for name in programme.functions), "功能" in pair.match.label


def _cells(leaves: Sequence[Leaf]) -> list[Cell]:
    """Ruled cells by themselves; unruled lines together, as one run of text."""
    ruled = [leaf.cell for leaf in leaves if leaf.cell.ruled]
    free = [leaf.cell for leaf in leaves if not leaf.cell.ruled]
    lines = [line for cell in free for line in cell.lines]
    return [*ruled, *([cell_of(lines, page=free[0].page, table=-1)] if free else [])]


def _goes_with(cell: Cell, value: Cell, pair: Pair) -> bool:
    """Lines under an unruled list's first, right of its label; or one more cell of a ruled row (a cell a leaf)."""
    if any(line in value.lines for line in cell.lines):
        return False
    if not cell.ruled and cell.ink_box.intersection(value.ink_box) > OWN_LINE * value.ink_box.area:
        return False  # the line that the value is a part of, behind its label
    if cell.ruled:
        return cell.table == value.table and cell.box.cy > pair.label.box.y0 and cell.box.cy < pair.label.box.y1
    return not value.ruled and value.box.y0 < cell.box.cy < value.box.y1 + 0.12


def _words(best: tuple[ReadPage, Cell, Pair] | None) -> Field | None:
    if best is None:
        return None
    page, cell, _ = best
    if is_empty(cell.text):
        return field_of("functions", None, cell.lines, page, box=cell.box, raw=cell.text, trust=0.8, reasons=("empty",))
    parts = tuple(p for p in (tidy(part) for part in re.split(r"[、,，;；/\n]", cell.text)) if p)
    return field_of("functions", parts, cell.lines, page, raw=cell.text, trust=0.4, reasons=("not_of_the_programme",))


def _of_options(
    options: Sequence[Option], pages: Mapping[int, ReadPage], programme: Programme, missing: Sequence[str]
) -> Field:
    chosen = {option.name: option for option in ticked(options)}
    value = tuple(name for name in programme.functions if name in chosen)
    first = (ticked(options) or tuple(options))[0].page
    shown = [option for option in (ticked(options) or options) if option.page == first]
    trust, reasons = (PARTLY, list(missing)) if missing else (1.0, [])
    if not value:
        trust = 0.5
        reasons.append("nothing_ticked")
    unclear = [option for option in options if option.state == "unclear"]
    if unclear:
        reasons.append("unclear:" + ",".join(option.name for option in unclear))
        trust = min(trust, 0.5)
    doubtful = [option for option in options if option.confidence < UNSURE and option.state != "unclear"]
    trust *= 0.8 if doubtful else 1.0
    trust *= min([option.confidence for option in chosen.values()], default=1.0) ** 0.5
    lines = [Line(text=o.name, box=o.box, confidence=1.0) for o in shown]
    return field_of("functions", value or None, lines, pages[first], raw="、".join(value), trust=trust, reasons=reasons)


def industry_field(
    pairs: Sequence[tuple[ReadPage, Pair]], programme: Programme, sheets: Mapping[int, Sheet]
) -> Field | None:
    """所属行业 as one of the eight industries, else one of the thirteen categories, else as printed."""
    fields = [field for page, pair in pairs if (field := _industry(page, pair, programme, sheets))]
    return max(fields, key=lambda f: (f.value is not None, f.confidence)) if fields else None


def tabled_industry(pages: Sequence[tuple[ReadPage, Sheet]], programme: Programme) -> Field | None:
    """所属行业 from a table of its own, a cell for each industry and one to tick beside it."""
    for page, sheet in pages:
        for names in (programme.categories, programme.industries):
            bare = {re.sub(r"\s", "", name) for name in names}
            alone = [cell for cell in sheet.cells if cell.ruled and re.sub(r"\s", "", cell.text) in bare]
            if len({re.sub(r"\s", "", cell.text) for cell in alone}) < MOST_ALONE * len(names):
                continue
            cells = _with_tick_cells(page, sheet, alone, tuple(bare))
            if cells is alone:
                continue
            options = read_options(cells, names)
            chosen = ticked(options)
            if len(chosen) == 1 and len(options) >= MOST_ALONE * len(names):
                line = Line(text=chosen[0].name, box=chosen[0].box, confidence=1.0)
                return field_of("industry", chosen[0].name, [line], page, raw=line.text, trust=chosen[0].confidence)
    return None


def _whole_list(cell: Cell, sheet: Sheet, programme: Programme) -> Cell:
    """An unruled cell with the lines in which its list of options goes on."""
    bare = re.sub(r"\s", "", cell.text)
    best = max((programme.industries, programme.categories), key=lambda names: sum(name in bare for name in names))
    if cell.ruled or not any(name in bare for name in best):
        return cell
    starts = cell_of(cell.lines[:1], page=cell.page, table=-1)  # what was added to it skipped lines
    starts = _first_of_list(starts, sheet, best)
    around = "".join(one.text for one in _near_ones(starts, sheet, best))
    if sum(name in re.sub(r"\s", "", around + bare) for name in best) < 2:
        return cell
    whole = _near_ones(starts, sheet, best)
    lines = {id(line): line for one in (*whole, *_beneath(starts, sheet, best)) for line in one.lines}
    lines.update({id(line): line for line in cell.lines})
    return cell_of(lines.values(), page=cell.page, table=-1)


def _near_ones(first: Cell, sheet: Sheet, names: Sequence[str]) -> list[Cell]:
    """The unruled pieces of a list, in all of its columns, from any one of them."""
    free = [c for c in sheet.cells if not c.ruled and c.lines and _holds(c.text, names) and not _asks(c.text)]
    found, edge = [first], [first]
    while edge:
        edge = [c for c in free if c not in found and any(_near_to(c, one) for one in edge)]
        found += edge
    return found


def _near_to(cell: Cell, other: Cell) -> bool:
    a, b = cell.ink_box, other.ink_box
    return max(a.y0 - b.y1, b.y0 - a.y1) <= 0.5 * NEXT_LINE * min(a.height, b.height)


def _industry(page: ReadPage, pair: Pair, programme: Programme, sheets: Mapping[int, Sheet]) -> Field | None:
    if not pair.candidates:
        return None
    cell = _whole_list(pair.candidates[0].cell, sheets[page.page.number], programme)
    if is_empty(cell.text):
        return field_of("industry", None, cell.lines, page, box=cell.box, raw=cell.text, trust=0.95, reasons=("empty",))
    names = (*programme.industries, *programme.categories)
    options = read_options([cell], names, ink={cell.page: page.ink}, boxes={cell.page: unstamped_boxes(page)})
    if not options:
        return field_of(
            "industry", tidy(cell.text), cell.lines, page, raw=cell.text, trust=0.6, reasons=("not_of_the_programme",)
        )
    chosen = ticked(options)
    plain = len(chosen) == len(options)
    if plain and len(chosen) > 1:  # a name in brackets explains another: 制造（…工业设计…）
        chosen = chosen[:1]
    if len(chosen) == 1:
        one = chosen[0]
        rest = tidy(cell.text).replace(one.name, "", 1) if plain and one.state == "named" else ""
        trust = one.confidence * (0.85 if len(rest) > 4 and not re.match(r"[（(]", rest) else 1.0)
        return field_of(
            "industry", one.name, [Line(text=one.name, box=one.box, confidence=1.0)], page, raw=cell.text, trust=trust
        )
    if len(chosen) > 1:
        raw = "、".join(option.name for option in chosen)
        return field_of(
            "industry", chosen[0].name, cell.lines, page, raw=raw, trust=0.5,
            alternatives=[option.name for option in chosen[1:]], reasons=("several_ticked",),
        )  # fmt: skip
    rivals = [option.name for option in options if option.state == "unclear"]
    if len(rivals) == 1 and len(options) >= ONE_OF_MANY:  # one of them is meant, and all others are surely empty
        one = next(option for option in options if option.state == "unclear")
        line = Line(text=one.name, box=one.box, confidence=1.0)
        return field_of("industry", one.name, [line], page, raw=cell.text, trust=0.7, reasons=("last_left",))
    return field_of(
        "industry", None, cell.lines, page, raw=cell.text, trust=0.3, alternatives=rivals, reasons=("ticks_unclear",)
    )
