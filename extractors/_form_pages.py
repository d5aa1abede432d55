"""One page of an information form as cells and pairs; its title; whose form it is (供应商, 园区, 培训机构及院校)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from extractors._fields import field_of
from extractors._form_english import without_english
from extractors._form_fits import fits
from extractors._form_labels import vocabulary
from extractors._form_sheets import mended, without_examples
from pipeline.model import Field, Line, ReadPage, Track
from pipeline.tables.grid import Cell, Sheet, cell_of, sheet_of
from pipeline.tables.label_values import Pair
from pipeline.tables.leaders import without_leaders
from pipeline.tables.pairs import find_pairs
from pipeline.tables.ticks import read_options, ticked

__all__ = ["OWNER", "TITLE", "FormPage", "Title", "pairs_for", "read_form_page", "titles", "track_of"]

WHOLE_FORM = 5  # labels alone in their lines from which a cell with places for seals is taken apart, too
ROWS_OF_THEIR_OWN = 3  # lines "label: value" in one cell from which they are rows that no rule parts
LEAST_HEAD = 4  # characters of a label's first line that goes on in a second
TITLE_DEPTH = 0.45  # of the page: titles stand in its upper part
TITLE_LENGTH = 48  # characters: longer lines are prose


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page of the form as cells and pairs."""

    page: ReadPage
    sheet: Sheet
    pairs: tuple[Pair, ...]


def read_form_page(page: ReadPage) -> FormPage:
    lines = without_leaders(without_english(without_examples(page.lines), page.rulings), page.rulings)
    page = page.model_copy(update={"lines": lines})
    sheet = _with_whole_labels(mended(_opened(sheet_of(page, is_label=vocabulary.is_label))))
    return FormPage(page, sheet, find_pairs(sheet, vocabulary, fits))


_HEADS = re.compile(r"[一二三四五六七八九十]{1,2}[、.．]|第[一二三四五六七八九十]{1,2}部分")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FOR_A_SEAL = re.compile(r"盖章|公章|签章|签字|签名|意见|承诺|声明")


def _opened(sheet: Sheet) -> Sheet:
    """The sheet with cells taken apart that are several rows of labels and values: rules between them were not seen."""
    cells: list[Cell] = []
    for cell in sheet.cells:
        apart = _several_rows(cell) or _of_a_section(cell, sheet)
        cells += [cell_of([line], page=cell.page, table=-1) for line in cell.lines] if apart else [cell]
    return Sheet(sheet.page, tuple(sorted(cells, key=lambda c: (round(c.box.y0, 3), c.box.x0))))


def _several_rows(cell: Cell) -> bool:
    """Whether a ruled cell holds labels that stand by themselves, and their values."""
    if not cell.ruled or vocabulary.is_label(cell.text):
        return False
    if _FOR_A_SEAL.search(cell.text) and _labels_alone(cell) < WHOLE_FORM:
        return False
    asking = sum(_asks_first(line.text) for line in cell.lines)
    if asking >= ROWS_OF_THEIR_OWN and 2 * asking >= len(cell.lines):
        return True  # between two rules under headings
    labels = [match for line in cell.lines if line.text[-1:] not in ":：" and (match := vocabulary.match(line.text))]
    if any(_HEADS.match(line.text) for line in cell.lines[:-1]) and any(match.keys[0] for match in labels):
        return True  # the strip between two tables, with the first row of the second
    return 2 <= len(labels) < len(cell.lines) and any(match.keys[0] for match in labels)


def _of_a_section(cell: Cell, sheet: Sheet) -> bool:
    """Whether a cell lies between two rules that part sections, each of several rows "label: value" side by side."""
    if not cell.ruled:
        return False
    beside = [
        line
        for other in sheet.cells
        if other is cell or other.table in (cell.table, -1)
        for line in other.lines
        if cell.box.y0 <= line.box.cy <= cell.box.y1 and _asks_alone(line.text)
    ]
    rows = sorted(line.box.cy for line in beside)
    apart = [a for a, b in pairwise(rows) if b - a > 0.6 * beside[0].box.height]
    alone = any(line in own.lines for line in beside for own in sheet.cells if own.ruled and len(own.lines) == 1)
    return len(apart) >= 1 and not alone


def _asks_alone(text: str) -> bool:
    """Whether a line is a label and its colon alone."""
    return text.rstrip()[-1:] in (":", "：") and vocabulary.is_label(text.rstrip()[:-1])


def _labels_alone(cell: Cell) -> int:
    """Labels of fields that stand in lines of their own: from a few on, a cell is a form whose inner rules are lost."""
    return sum(1 for line in cell.lines if (match := vocabulary.match(line.text)) and match.keys[0])


def _asks_first(text: str) -> bool:
    """Whether a line begins with a label and a colon."""
    colon = re.search(r"[:：]", text)
    return bool(colon and vocabulary.is_label(text[: colon.start()]))


BENEATH = 0.7  # line heights: the farthest that an unruled label's second line stands under its first


def _with_whole_labels(sheet: Sheet) -> Sheet:
    """The sheet with unruled labels that are broken over two lines put together (从事服务外包业务员 / 工人数)."""
    cells = list(sheet.cells)
    for cell in sheet.cells:
        if cell.ruled or cell not in cells or len(cell.text) < LEAST_HEAD:
            continue
        under = [c for c in cells if c is not cell and _goes_on(cell, c) and _makes_label(cell.text, c.text)]
        if len(under) == 1:
            cells[cells.index(cell)] = cell_of((*cell.lines, *under[0].lines), page=cell.page, table=-1)
            cells.remove(under[0])
    return Sheet(sheet.page, tuple(cells))


_OPEN = re.compile(r"[(（][^()（）]*$")


def _makes_label(first: str, second: str) -> bool:
    """Whether two lines are one label: a second line that only looks like another one (务员工人数) is none."""
    whole, own = vocabulary.match(first + second, fuzzy=False), vocabulary.match(first, fuzzy=False)
    if whole is None or not _HAN.search(second) or vocabulary.match(second, fuzzy=False) is not None:
        return False
    return own is None or bool(_OPEN.search(first)) or own.keys == whole.keys


def _goes_on(cell: Cell, other: Cell) -> bool:
    """Whether a line stands right under another, flush left with it or in its middle, and no longer."""
    if other.ruled or not other.text:
        return False
    a, b = cell.box, other.box
    flush = abs(a.x0 - b.x0) < 0.5 * b.height or abs(a.cx - b.cx) < 0.5 * b.height
    return flush and b.width < a.width and -0.5 * b.height < b.y0 - a.y1 < BENEATH * b.height


TITLE = re.compile(
    r"(?:基本信息|信息|基本情况|情况|申报|申请|登记|推荐|推介|报名|汇总)(?:登记|申报|申请|采集|汇总|推荐|审核|填报|一览|确认)?(?:表|书)(?:格|单)?(?:[(（].*[)）])?$"
)
OWNER = re.compile(r"企业|公司|供应商|单位|园区|培训|院校|机构|学校|服务外包|领军|基地|申报")


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    line: Line


def titles(page: ReadPage) -> list[Title]:
    """Lines that title a form, the topmost first; titles may be broken over two lines."""
    lines = [line for line in page.lines if line.box.y0 < TITLE_DEPTH and len(line.text) <= TITLE_LENGTH]
    found = []
    for line in sorted(lines, key=lambda item: item.box.y0):
        bare = re.sub(r"\s", "", line.text)
        centred = abs(line.box.cx - 0.5) < 0.2 or line.box.width > 0.4
        if TITLE.search(bare) and not re.search(r"[:：。，]", bare[:-1]) and (centred or OWNER.search(bare)):
            found.append(Title(bare, line))
    return found


def pairs_for(key: str, reads: Iterable[FormPage], rank: int | None) -> list[tuple[ReadPage, Pair]]:
    """Pairs of a field, each with the page that its value stands on."""
    reads = tuple(reads)
    pages = {read.page.page.number: read.page for read in reads}
    return [
        (pages.get(pair.candidates[0].cell.page, read.page) if pair.candidates else read.page, pair)
        for read in reads
        for pair in read.pairs
        if key in pair.match.keys and (rank is None or pair.match.rank == rank)
    ]


# ---------------------------------------------------------------------------------------------------------------- track

_TRACK_WORDS: tuple[tuple[Track, re.Pattern[str]], ...] = (
    ("training", re.compile(r"培训|院校|学校|学院")),
    ("park", re.compile(r"园区|示范区|基地|产业园")),
    ("supplier", re.compile(r"企业|供应商|公司|承接")),
)
_PARK_LABELS = re.compile(r"园区|入驻|载体|规划面积")
_TRAINING_LABELS = re.compile(r"培训|办学|教师|课程|就业率|校长|院校|学校标识")


def track_of(reads: Sequence[FormPage]) -> tuple[Track | None, Field | None]:
    """From the title; else from a ticked 申报类别; else from labels that only one track's form has."""
    for read in reads:
        for title in titles(read.page):
            bare = re.sub(r"领军企业|服务外包企业推介|企业推介|服务外包", "", title.text) or title.text
            named = [track for track, pattern in _TRACK_WORDS if pattern.search(bare)]
            if len(named) == 1 or (named and re.search(r"培训机构及院校|园区基本|企业基本", bare)):
                return named[0], field_of(
                    "track", named[0], [title.line], read.page, raw=title.line.text, reasons=("title",)
                )
    chosen = _ticked_track(reads)
    if chosen:
        return chosen.value if chosen.value in get_args(Track) else None, chosen  # type: ignore[return-value]
    return _track_by_labels(reads)


def _ticked_track(reads: Sequence[FormPage]) -> Field | None:
    names = {
        "服务外包供应商": "supplier",
        "供应商": "supplier",
        "企业": "supplier",
        "园区": "park",
        "培训机构及院校": "training",
        "培训机构": "training",
    }
    for page, pair in pairs_for("_track", reads, None):
        for candidate in pair.candidates[:1]:
            chosen = ticked(read_options([candidate.cell], tuple(names), ink={page.page.number: page.ink}))
            tracks = {names[option.name] for option in chosen}
            if len(tracks) == 1:
                trust = min(option.confidence for option in chosen)
                return field_of("track", tracks.pop(), candidate.cell.lines, page, raw=candidate.text, trust=trust)
    return None


def _track_by_labels(reads: Sequence[FormPage]) -> tuple[Track | None, Field | None]:
    labels = [(read.page, pair) for read in reads for pair in read.pairs]
    for track, pattern in (("training", _TRAINING_LABELS), ("park", _PARK_LABELS)):
        telling = [(page, pair) for page, pair in labels if pattern.search(pair.label.text)]
        if len(telling) >= 2:
            page, pair = telling[0]
            return track, field_of("track", track, pair.label.lines, page, trust=0.85, reasons=("labels",))  # type: ignore[return-value]
    own = [
        (page, pair) for page, pair in labels if "name" in pair.match.keys and re.search(r"企业|公司", pair.label.text)
    ]
    own += [(page, pair) for page, pair in labels if {"headquarters", "delivery_location"} & set(pair.match.keys)]
    if own:
        page, pair = own[0]
        return "supplier", field_of("track", "supplier", pair.label.lines, page, trust=0.8, reasons=("labels",))
    return None, None
