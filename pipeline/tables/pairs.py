"""Label -> value, for forms of any layout.

The vocabulary (which labels there are, how they may be worded) is handed in, and so is a judge of values, which says
how well a text fits a field. A value may stand right of its label, under it, behind a colon, or behind the label in one
line or cell. Labels are met as a whole: what begins like a label and goes on is no label.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pipeline.model import Box, Line
from pipeline.tables.grid import Cell, Sheet, cell_of, spell

__all__ = ["Candidate", "Fits", "Label", "Match", "Pair", "Vocabulary", "find_pairs", "plain_label"]

Fits = Callable[[str, str], float]
"""How well a text (second) suits a field (first), 0 to 1; 0.5: could be."""

MAX_LABEL = 48  # characters of a label with its hints; longer text is prose
FUZZY_LENGTH = 4  # characters from which one misread one is forgiven: shorter labels would turn into each other
SURE_LENGTH = 5  # the same where the reader was sure of every character (民营企业 is no misread 运营企业)
SURE_SCORE = 0.97  # line score from which the reader was sure
FIT = 0.5  # from here on a text may be a field's value
RUN_ON_FIT = 0.9  # a text that begins with a label and goes on as its value surely would: a row of its own
INLINE_FIT = 0.6  # a value with nothing but the label before it must suit its field better than by chance
NAME_OF_PERSON = "姓名"
SECTION_WIDTH = 2.2  # times a value's width: a cell above it that is wider heads a section, not a column
FAR_FIT = 0.75  # how well the far end of an unruled row must suit to be the value
SAME_EDGE = 0.012  # of the page's width: edges of cells of one column lie this close
MAX_COLUMNS = 6  # values of one row (years) looked at
FLUSH = 0.4  # line heights: how far right edges of lines set flush right lie apart
NEAR_VALUE = 0.45  # of the page's width: how far right of its label a value of two lines stands
HIGHER = 0.3  # line heights: a label so much over a value's line stands beside the middle of two
LONG_VALUE = 8  # Chinese signs before a label from which they are a value and no part of it
HINT = 12  # characters from a label's bracket to the colon in it (金额单位：万元)
GOES_ON = 0.9  # line heights: the largest gap to a value's next line on unruled paper


@dataclass(frozen=True, slots=True)
class Label:
    """One wording of a label. ``key``: the field, "" for one nobody asks for. ``rank``: 0 is the best."""

    key: str
    text: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A label met. ``keys``: its field or, for 手机/邮箱, fields; ``hint``: its brackets; ``year``: in its text."""

    keys: tuple[str, ...]
    label: str
    rank: int
    distance: int = 0
    hint: str = ""
    year: int | None = None
    part: bool = False  # "其中": a part of something


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the value may stand. ``head`` of its column (a year, a unit); ``how``: right, below, inline."""

    cell: Cell
    how: str
    head: str = ""

    @property
    def text(self) -> str:
        return self.cell.text


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with its candidates, likeliest first (columns of a row in order). ``context``: label left of both, merged
    over rows. ``unit``: text of a cell between label and value that holds a unit alone."""

    match: Match
    label: Cell
    candidates: tuple[Candidate, ...]
    context: str = ""
    unit: str = ""


# ------------------------------------------------------------------------------------------------------------ wording

_NUMBERING = re.compile(
    r"^(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）、.．:](?:(?!\d)|(?=20\d{2}年))|[*★●■◆·•#※▲]+|第?[一二三四五六七八九十]+[、.])+"
)
_ORDINAL = re.compile(r"^\d{1,2}(?=[\u4e00-\u9fff])")  # 12 所属行业: a number with nothing behind it
_BRACKETS = re.compile(r"[(\[【〔](?P<in>[^()\[\]【】〔〕]{0,20})(?:[)\]】〕]|$)")
_PART = re.compile(r"^(?:其中[:,]?|[-–—]+)")
_YEAR = re.compile(r"(?<!\d)(20\d{2})年?度?(?:末|底)?")
_WHEN = re.compile(
    r"^(?:(?:截至|截止)(?:到)?(?:20\d{2}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?[底末])?|上一?(?:会计)?年度?末?|本年度?|当年度?"
    r"|去年度?|最近一年|报告期末?|全年|年度|年末|年底|期末|目前|现有?|年)"
)
_OWNER = re.compile(
    r"^(?:本|我|贵)?(?:(?:申报|申请|填报|参评|承接)?(?:单位|企业|公司|机构|园区|基地|学校|院校|主体|供应商)|申[报请]人"
    r"|申报方|营业执照|工商|主要|承接|具有)的?"
)
_UNIT_END = re.compile(
    r"(?<=[\u4e00-\u9fff)])(?:[/,]?(?:单位:?)?(?:人民币)?[十百千万亿]{1,2}(?:美?元)|[/,](?:人民币)?元|/(?:人|名|家|个|项|件|人次|平方米|%))$"
)
_TAIL = re.compile(r"(?:金额|总额|合计|总计|数额|总金额|姓名|全称)$")
# What may stand before a label and leave it what it is; words that figures have of their own (外包, 离岸) do not.
_OWN = (
    "申报|申请|填报|企业|公司|单位|机构|园区|基地|学校|院校|主体|本|我|贵|现有?|当前|登记|注册|工商|营业执照"
    "|法定|中文|完整|正式|的"
)
_OWN_WORDS = re.compile(rf"(?:{_OWN})+")
_REACHED = (
    "填表|填写|经办|具体|工作|本次|项目|业务|推荐|推介|受理|审核|审批|核准|主管|日常|主要|常用|有效|对外|对应"
    "|所属|所在|属地|地方|当地|固定"
)
_REACHED_WORDS = re.compile(rf"(?!(?:主管|推荐|审核|审批|受理|核准)(?:单位|机构))(?:{_OWN}|{_REACHED})+")
LEAST_KNOWN = 2  # signs of a label behind such words
_LATIN = re.compile(r"[a-z][a-z .,'&/\\_-]*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_NO_LABEL = re.compile(r"@|[:：][0-9]|\d{5}|\d[.,]\d{2}(?!\d{2}年)|20\d{2}年\d{1,2}月\d{1,2}日.")
_STAMP_HINT = re.compile(r"(?:章|签字|签名)(?!.{0,8}(?:一致|相符|相同|所用))")
_FOREIGN_HINT = re.compile(r"英文|外文|english|拼音")


_MAIL, _MAIL_TOO = re.compile(r"e?-?mail", re.IGNORECASE), re.compile(r"邮|信箱|联系人|联系(?!方式)")


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def plain_label(text: str) -> str:
    """A label's bare wording: width and case folded, no spaces, numbering, brackets, colon, English beside Chinese."""
    bare = _NUMBERING.sub("", _fold(text))
    bare = _BRACKETS.sub("", bare).strip(':;*.,。、_-—/|()[]"“”')
    if _CJK.search(bare):
        bare = bare if _MAIL_TOO.search(bare) else _MAIL.sub("电子邮箱", bare)
        stripped = _LATIN.sub("", bare).strip("./-:;*,。、_—|()[]\"“”'‘’")
        bare = stripped or bare
    return _UNIT_END.sub("", bare)


def _variants(bare: str) -> Iterable[tuple[str, bool]]:
    """A label and what it is without 其中, number, year, owner and 金额; with whether it was a part of something."""
    part = bool(_PART.match(bare))
    bare = _PART.sub("", bare)
    # A frame that a label is set into is read as 一 before it.
    seen: list[str] = [bare, bare[1:]] if bare.startswith("一") and len(bare) > FUZZY_LENGTH else [bare]
    for pattern in (_ORDINAL, _YEAR, _WHEN, _OWNER, _OWNER, _TAIL, _WHEN):
        for text in tuple(seen):
            shorter = pattern.sub("", text, count=1)
            if len(shorter) >= 2 and shorter not in seen:
                seen.append(shorter)
    return [(text, part) for text in seen]


def _deletions(text: str) -> list[tuple[int, str]]:
    return [(i, text[:i] + text[i + 1 :]) for i in range(len(text))]


class Vocabulary:
    """All labels of a kind of form, matched against noisy text."""

    def __init__(self, labels: Iterable[Label], *, reached: Iterable[str] = ()) -> None:
        """:param reached: keys of how and where somebody is reached: many more words may stand before their labels"""
        self._reached = frozenset(reached)
        self._exact: dict[str, Label] = {}
        for label in labels:
            bare = plain_label(label.text)
            if bare not in self._exact or label.rank < self._exact[bare].rank:
                self._exact[bare] = label
        # Labels by what is left without one of their signs: two texts that meet there are one misread sign apart.
        self._without_one: dict[str, list[tuple[str, int]]] = {}
        for bare in self._exact:
            for index, shorter in _deletions(bare):
                self._without_one.setdefault(shorter, []).append((bare, index))
        self._cache: dict[tuple[str, int], Match | None] = {}

    def match(self, text: str, *, fuzzy: bool = True, score: float = 1.0) -> Match | None:
        """The label that this text is as a whole, or None. ``score``: the reader's, of the text."""
        length = (SURE_LENGTH if score >= SURE_SCORE else FUZZY_LENGTH) if fuzzy else 0
        key = (text, length)
        if key not in self._cache:
            self._cache[key] = self._match(text, length) if 0 < len(text) <= MAX_LABEL else None
        return self._cache[key]

    def is_label(self, text: str) -> bool:
        return self.match(text) is not None

    def _match(self, text: str, fuzzy: int) -> Match | None:
        folded = _fold(text)
        bare = plain_label(folded)
        if len(bare) < 2 or _NO_LABEL.search(folded):
            return None
        hint = "".join(match["in"] for match in _BRACKETS.finditer(folded))
        year = _YEAR.search(bare)
        found = self._best(bare, fuzzy=0) or self._several(bare) or self._best(bare, fuzzy=fuzzy)
        if found is None:
            return None
        keys, label, rank, distance, part = found
        if keys == ("name",) and label.endswith(("名称", "全称")) and _STAMP_HINT.search(hint):
            rank = max(rank, 1)  # 企业名称（公章）: a seal's place, or the name written there
        elif _FOREIGN_HINT.search(hint) or _STAMP_HINT.search(hint):
            keys = ("",)
        return Match(keys, label, rank, distance, hint, int(year[1]) if year else None, part)

    def _best(self, bare: str, *, fuzzy: int) -> tuple[tuple[str, ...], str, int, int, bool] | None:
        variants = list(_variants(bare))
        for variant, part in variants:
            label = self._exact.get(variant)
            if label:
                return (label.key,), label.text, label.rank, 0, part
        modified = self._modified(bare) if fuzzy else None
        if modified:
            return (modified.key,), modified.text, modified.rank, 0, bool(_PART.match(bare))
        for variant, part in variants if fuzzy else ():
            near = self._near(variant, fuzzy)
            if near:
                return (near.key,), near.text, near.rank, 1, part
        return None

    def _modified(self, bare: str) -> Label | None:
        """A label behind words that do not make it another one: 申报工作联系人, 常用邮箱."""
        bare = _PART.sub("", bare)
        for start in range(1, len(bare) - LEAST_KNOWN + 1):
            label = self._exact.get(bare[start:])
            if label is None or not label.key or label.rank:
                continue
            words = _REACHED_WORDS if label.key in self._reached else _OWN_WORDS
            if words.fullmatch(bare[:start]):
                return label
        return None

    def _near(self, bare: str, shortest: int) -> Label | None:
        """The one label a single misread, lost or added sign away; None if there are two with different keys."""
        if len(bare) < shortest:
            return None
        # Where the reader was sure, one Chinese sign more is another label: 总部员工人数, 母公司注册地址.
        added = [(i, shorter) for i, shorter in _deletions(bare) if shorter in self._exact]
        one_less = [s for i, s in added if shortest < SURE_LENGTH or not _CJK.match(bare[i])]
        one_more = [known for known, _ in self._without_one.get(bare, ())]
        misread = [
            known
            for index, shorter in _deletions(bare)
            for known, where in self._without_one.get(shorter, ())
            if where == index and len(known) >= shortest
        ]
        near = [self._exact[known] for known in (*misread, *one_less, *one_more)]
        return min(near, key=lambda label: label.rank) if len({label.key for label in near}) == 1 else None

    def _several(self, bare: str) -> tuple[tuple[str, ...], str, int, int, bool] | None:
        """手机/邮箱, 联系人及电话: two labels that share one cell."""
        for sign in re.finditer(r"[/、及和与|,]", bare):
            first = self._best(bare[: sign.start()], fuzzy=0)
            second = self._best(bare[sign.end() :], fuzzy=0)
            if first and second:
                keys = tuple(dict.fromkeys(first[0] + second[0]))
                return keys, bare, max(first[2], second[2]), 0, False
        return None

    def leading(self, text: str) -> tuple[Match, int] | None:
        """The longest label that a text begins with (exactly), and where the rest begins (after its brackets)."""
        for end in range(min(len(text) - 1, MAX_LABEL), 1, -1):
            head = text[:end]
            if _CJK.search(head) and not (_CJK.match(head[-1]) or head[-1] in ")）]】"):
                continue
            if head[-1] in " :：年度末底" or (text[end : end + 1] in "）)" and "（" not in head and "(" not in head):
                continue
            found = self.match(head, fuzzy=False)
            if found:
                return found, end
        return None


# -------------------------------------------------------------------------------------------------------------- pairs


def find_pairs(sheet: Sheet, vocabulary: Vocabulary, fits: Fits) -> tuple[Pair, ...]:
    """All labels of a sheet that ask for something (and those that do not, key ""), each with its candidates."""
    pairs: list[Pair] = []
    for cell in sheet.cells:
        if not cell.text:
            continue
        match = vocabulary.match(cell.text, score=cell.confidence)
        if match:
            pairs.append(_beside_or_below(sheet, cell, match, vocabulary, fits))
        else:
            pairs.extend(_within(sheet, cell, vocabulary, fits))
    return tuple(pairs)


_UNIT_ONLY = re.compile(
    r"[(（]?(?:单位[:：])?(?:人民币)?(?:[十百千]?万?亿?(?:元|美元)|[人家个名项所门平方米公里%年]{1,4}|人次)[)）]?"
)
_SPECKS = " \u3000.,·•。、'`\"’‘:：;；*"
_BLANK = re.compile(rf"[\s—–\-－/一{_SPECKS}]*")
_YEAR_ONLY = re.compile(r"20\d{2}年度?|(?:上一?|本|前|去)年度?")
_INDEX_ONLY = re.compile(r"\d{1,2}[.、]?")


def _beside_or_below(sheet: Sheet, cell: Cell, match: Match, vocabulary: Vocabulary, fits: Fits) -> Pair:
    unit = ""
    right: list[Candidate] = []
    for other in sheet.right_of(cell)[: MAX_COLUMNS + 2]:
        if vocabulary.is_label(other.text) or (not cell.ruled and _starts_label(other.text, vocabulary)):
            break
        if _UNIT_ONLY.fullmatch(other.text.strip()):
            unit = unit or other.text
            continue
        if other.text and not other.text.strip(_SPECKS) and cell.ruled:
            continue
        if (
            _in_unit_column(sheet, other)
            or _in_code_column(sheet, other)
            or (cell.ruled and _YEAR_ONLY.fullmatch(re.sub(r"\s", "", other.text)))
        ):
            continue
        value = _whole_value(sheet, _from_the_top(sheet, cell, other, vocabulary), vocabulary, None, cell)
        right.append(Candidate(value, "right", _head(sheet, other)))
        if not cell.ruled:
            break
    below = _below(sheet, cell, match.keys[0], vocabulary, fits)
    if any(candidate.text for candidate in right) and not _YEAR_ONLY.fullmatch(below[0].head if below else ""):
        below = [replace(candidate, head="") for candidate in below[:1]]
    if not right and not cell.ruled:
        right = _beside_two(sheet, cell, vocabulary) or _across(sheet, cell, match, vocabulary, fits)
    if not right and not below and not cell.ruled:
        below = _in_its_frame(sheet, cell, match, vocabulary, fits)
    if right and below and _heads_a_column(sheet, cell, below[0].cell, vocabulary):
        right = [c for c in right if c.text]  # blank heads of a row of labels that is not full
    return Pair(
        match,
        cell,
        _ordered(sheet, cell, match, right, below, vocabulary, fits),
        _context(sheet, cell, vocabulary),
        unit or _unit_of_group(sheet, cell),
    )


def _across(sheet: Sheet, cell: Cell, match: Match, vocabulary: Vocabulary, fits: Fits) -> list[Candidate]:
    """The one other text of an unruled row, however far: set flush right, what led the eye to it not read."""
    row = [
        other
        for other in sheet.cells
        if other is not cell
        and other.lines
        and min(other.box.y1, cell.box.y1) - max(other.box.y0, cell.box.y0)
        > 0.5 * min(other.box.height, cell.box.height)
    ]
    if len(row) != 1 or row[0].ruled or row[0].box.x0 < cell.box.x1 or vocabulary.is_label(row[0].text):
        return []
    if fits(match.keys[0], row[0].text) < FAR_FIT or _starts_label(row[0].text, vocabulary):
        return []
    return [Candidate(_whole_value(sheet, row[0], vocabulary, None), "right")]


def _beside_two(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> list[Candidate]:
    """Two lines between which a label stands, beside neither."""
    box = cell.box
    touching = [
        other
        for other in sheet.cells
        if not other.ruled
        and other.text
        and box.x1 <= other.box.x0 <= box.x1 + NEAR_VALUE
        and min(other.box.y1, box.y1) - max(other.box.y0, box.y0) > 0.1 * box.height
    ]
    if len(touching) != 2 or any(vocabulary.is_label(o.text) or _starts_label(o.text, vocabulary) for o in touching):
        return []
    upper, lower = sorted(touching, key=lambda other: other.box.cy)
    flush = abs(upper.box.x0 - lower.box.x0) < 0.5 * box.height and upper.box.cy < box.cy < lower.box.cy
    whole = cell_of((*upper.lines, *lower.lines), page=cell.page, table=cell.table)
    return [Candidate(_whole_value(sheet, whole, vocabulary, None), "right")] if flush else []


def _in_its_frame(sheet: Sheet, cell: Cell, match: Match, vocabulary: Vocabulary, fits: Fits) -> list[Candidate]:
    """The cell into whose upper edge a label is set, as web forms print it."""
    box = cell.box
    for other in sheet.cells:
        over = other.box.x0 - 0.5 * box.height < box.x0 and box.x1 < other.box.x1 + 0.5 * box.height
        at_edge = abs(other.box.y0 - box.cy) < 0.9 * box.height
        if not (other.ruled and other.lines and over and at_edge) or vocabulary.is_label(other.text):
            continue
        if fits(match.keys[0], other.text) >= FIT:
            return [Candidate(other, "below")]
    return []


def _from_the_top(sheet: Sheet, label: Cell, value: Cell, vocabulary: Vocabulary) -> Cell:
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
        if not [c for c in sheet.left_of(other) if c is not label] and not _starts_label(other.text, vocabulary):
            return cell_of((*other.lines, *value.lines), page=value.page, table=value.table)
    return value


def _heads_a_column(sheet: Sheet, cell: Cell, under: Cell, vocabulary: Vocabulary) -> bool:
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


def _unit_of_group(sheet: Sheet, cell: Cell) -> str:
    """The unit in a head merged over several rows at the left: 上年度收入（千元） | 营业收入 | …"""
    for other in sheet.left_of(cell) if cell.ruled else ():
        within = _UNIT_WITHIN.search(re.sub(r"\s", "", other.text))
        if within and other.box.height > 1.5 * cell.box.height:
            return within[0]
    return ""


_CODE_HEAD = re.compile(r"(?:指标|项目)?(?:代码|代号)|行次|序号|栏次")


def _in_code_column(sheet: Sheet, cell: Cell) -> bool:
    """Whether a number stands under 代码 or 行次, as in the tables of statistics: it counts rows, it is no value."""
    if not cell.ruled or not re.fullmatch(r"\d{1,3}", cell.text.strip()):
        return False
    return any(
        other.table == cell.table
        and other.box.cy < cell.box.cy
        and _CODE_HEAD.fullmatch(re.sub(r"\s", "", other.text))
        and abs(other.box.x0 - cell.box.x0) < SAME_EDGE
        and abs(other.box.x1 - cell.box.x1) < SAME_EDGE
        for other in sheet.cells
    )


def _in_unit_column(sheet: Sheet, cell: Cell) -> bool:
    """Whether an empty cell stands in a column of units: its row's value needs none."""
    if not cell.ruled or not _BLANK.fullmatch(cell.text):
        return False
    return any(
        other.table == cell.table
        and _UNIT_ONLY.fullmatch(other.text.strip())
        and abs(other.box.x0 - cell.box.x0) < SAME_EDGE
        and abs(other.box.x1 - cell.box.x1) < SAME_EDGE
        for other in sheet.cells
    )


def _below(sheet: Sheet, cell: Cell, match_key: str, vocabulary: Vocabulary, fits: Fits) -> list[Candidate]:
    for other in sheet.below(cell)[:2]:
        if vocabulary.is_label(other.text) or (not cell.ruled and _starts_label(other.text, vocabulary)):
            return []
        if _SECTION.match(other.text) and not fits(match_key, other.text) >= RUN_ON_FIT:
            return []
        lead = vocabulary.leading(other.text)
        rest = other.text[lead[1] :] if lead else ""
        told = rest[:1].isspace() or rest[:1].isdigit() or (lead and rest and fits(lead[0].keys[0], rest) >= RUN_ON_FIT)
        if not cell.ruled and told:
            return []  # the next row: a label with its value
        if cell.ruled and other.box.y0 > cell.box.y1 + 0.01:
            return []
        if not cell.ruled and other.box.x0 < cell.box.x0 - 1.5 * cell.box.height and other.box.cx > cell.box.x1:
            continue
        of_rows = _rows_of_years(sheet, cell, other) or _rows_of_labels(sheet, cell, other, vocabulary)
        return of_rows or [Candidate(_whole_value(sheet, other, vocabulary, cell), "below")]
    return []


def _rows_of_years(sheet: Sheet, cell: Cell, first: Cell) -> list[Candidate]:
    """The values under a label whose rows are years: each headed by its row's first cell."""
    if not cell.ruled:
        return []
    under = [other for other in sheet.below(cell) if other.box.x0 < cell.box.cx < other.box.x1]
    headed = [(other, sheet.left_of(other)[-1:]) for other in under[:MAX_COLUMNS]]
    found = [
        Candidate(other, "below", head[0].text)
        for other, head in headed
        if head and _YEAR_ONLY.fullmatch(re.sub(r"\s", "", head[0].text))
    ]
    return found if found and found[0].cell is first else []


def _ordered(
    sheet: Sheet,
    cell: Cell,
    match: Match,
    right: list[Candidate],
    below: list[Candidate],
    vocabulary: Vocabulary,
    fits: Fits,
) -> tuple[Candidate, ...]:
    """Right before below, unless the row is a row of labels or only what stands below fits."""
    if not right or not below:
        return tuple(right or below)
    key = match.keys[0]
    best_right, best_below = max(fits(key, c.text) for c in right), fits(key, below[0].text)
    if not cell.ruled:  # distance decides on unruled paper: the nearer text is the value
        gap_right = right[0].cell.box.x0 - cell.box.x1
        gap_below = (
            (below[0].cell.box.y0 - cell.box.y1) * 2
            if abs(below[0].cell.box.x0 - cell.box.x0) < cell.box.height
            else 1.0
        )
        wins = best_below >= FIT and (best_right < FIT or gap_below < gap_right)
    else:
        wins = best_below >= FIT and (best_right < FIT or _in_row_of_labels(sheet, cell, vocabulary))
    return tuple(below + right) if wins else tuple(right + below)


def _in_row_of_labels(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> bool:
    nearest = [c for c in (*sheet.left_of(cell)[:1], *sheet.right_of(cell)[:1]) if c.text]
    return bool(nearest) and all(vocabulary.is_label(c.text) for c in nearest) and len(nearest) == 2


def _context(sheet: Sheet, cell: Cell, vocabulary: Vocabulary) -> str:
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


def _rows_of_labels(sheet: Sheet, cell: Cell, first: Cell, vocabulary: Vocabulary) -> list[Candidate]:
    """The values under a label whose rows are labels too (联系人 | 手机): each headed by its row's first cell."""
    if not cell.ruled or not sheet.left_of(cell):
        return []
    under = [other for other in sheet.below(cell) if other.box.x0 < cell.box.cx < other.box.x1][:MAX_COLUMNS]
    found: list[Candidate] = []
    for other in under:
        head = sheet.left_of(other)[-1:]
        if vocabulary.is_label(other.text) or not head or not head[0].text or not _CJK.search(head[0].text):
            break
        found.append(Candidate(other, "below", head[0].text))
    named = any(vocabulary.is_label(candidate.head) for candidate in found)
    named = named and not re.search(r"\d", found[0].head)  # 164人 is the value beside, no head
    return found if named and found[0].cell is first else []


_HEAD = re.compile(
    r"(?:截至)?(?:20\d{2}|[本上前去当][一上]?)年(?:度|末|底|期)?(?:数|数值|金额|数据)?(?:[(（].*[)）]?)?|20\d{2}|数值|金额|数量|[本上]期(?:数|金额)?|(?:金额|数值)?[(（][^()（）]*元[)）]"
)


def _head(sheet: Sheet, cell: Cell) -> str:
    """What heads a value's column, if it is a year or the like."""
    if not cell.ruled:
        return ""
    beside = next((other.text.strip(_SPECKS) for other in sheet.left_of(cell)[:1]), "")
    if _YEAR_ONLY.fullmatch(re.sub(r"\s", "", beside)):
        return beside
    for other in sheet.above(cell):
        if _is_head(sheet, other):
            return other.text.strip(_SPECKS)
        if other.text and other.box.width > SECTION_WIDTH * cell.box.width and not _lists_years(other.text):
            return ""  # a section begins between the two
    return ""


def _lists_years(text: str) -> bool:
    return bool(re.search(r"20\d{2}|年", text))


def _is_head(sheet: Sheet, cell: Cell) -> bool:
    bare = re.sub(r"\s", "", cell.text).strip(_SPECKS)
    if len(bare) > 16 or not _HEAD.fullmatch(bare):
        return False
    beside = (*sheet.left_of(cell)[:1], *sheet.right_of(cell)[:1])
    return not bare.isdigit() or any(re.fullmatch(r"20\d{2}年?", other.text.strip()) for other in beside)


def _starts_label(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a line is "label: value" of its own."""
    colon = re.search(r"[:：]", text)
    return bool(colon and vocabulary.is_label(text[: colon.start()]))


def _whole_value(
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


_SECTION = re.compile(
    r"^[【〖\[][^】〗\]]{2,20}[】〗\]]$|^\d{1,2}\s+[\u4e00-\u9fff]{2,10}$|^\d{1,2}[.、．]\s*[\u4e00-\u9fff]{2,8}(?:情况|信息|数据|方式|规模|概况|意见|联络)$|^(?:[一二三四五六七八九十]{1,2}[、.．]|第[一二三四五六七八九十]+[部章节]|[（(][一二三四五六七八九十][）)])"
)


# A line of its own, whoever may know its label: 在校生人数：8600.
_NEW_ITEM = re.compile(r"(?:[(（]?\d{1,2}[)）.、．]\s*)?[\u4e00-\u9fff（）()/、]{2,14}\s?[A-Za-z .\-]{0,24}[:：]")


_FIGURE = re.compile(r"[\d,，]{1,9}(?:\.\d+)?\s*(?:人|名|个|家|万元|亿元|元)?")


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
        if _SECTION.match(other.text) or _NEW_ITEM.match(other.text) or _starts_label(other.text, vocabulary):
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


# ---------------------------------------------------------------------------------------- label and value in one cell


def _within(sheet: Sheet, cell: Cell, vocabulary: Vocabulary, fits: Fits) -> list[Pair]:
    spelled = spell(cell.lines)
    found = _colons(spelled.text, vocabulary) or _stacked(cell, vocabulary) or _run_on(spelled.text, vocabulary, fits)
    pairs: list[Pair] = []
    for number, (match, start, value_start, value_end) in enumerate(found):
        label_lines = spelled.pieces(start, value_start)
        value_lines = spelled.pieces(value_start, value_end)
        if not label_lines:
            continue
        label = cell_of(label_lines, page=cell.page, table=cell.table)
        if value_lines:
            value = cell_of(value_lines, page=cell.page, table=cell.table)
            last = number == len(found) - 1
            candidates = (Candidate(_whole_value(sheet, value, vocabulary, label) if last else value, "inline"),)
            pairs.append(Pair(match, label, candidates))
        elif len(found) == 1:
            pairs.append(_beside_or_below(sheet, cell, match, vocabulary, fits))
        else:
            pairs.append(Pair(match, label, ()))
    return pairs


_Span = tuple[Match, int, int, int]  # label, its start, value's start, value's end


def _colons(text: str, vocabulary: Vocabulary) -> list[_Span]:
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


def _begins_amid(text: str, start: int, free: int, end: int) -> bool:
    """Whether a label may begin right behind Chinese text: behind a value (…有限公司法定代表人：), never as the tail of
    a label that nobody knows (海归人员数：)."""
    before = re.search(r"[\u4e00-\u9fff]*$", text[free:start])
    length = len(before[0]) if before else 0
    if not _CJK.match(text[start]):
        return False
    return length == 0 or (end - start >= FUZZY_LENGTH and (free > 0 or length >= LONG_VALUE))


def _in_brackets(text: str, at: int) -> bool:
    """Whether a colon stands in a label's own brackets: 注册资本（单位：元）：500."""
    opened = max(text.rfind(sign, 0, at) for sign in "(（")
    closed = max(text.rfind(sign, 0, at) for sign in ")）")
    return opened > closed and at - opened <= HINT and bool(re.match(r"[^()（）:：]{0,10}[)）]", text[at + 1 :]))


def _stacked(cell: Cell, vocabulary: Vocabulary) -> list[_Span]:
    """A cell whose first lines are a label and whose others are the value."""
    spelled = spell(cell.lines)
    numbers = [place[0] if place else -1 for place in spelled.places]
    for count in range(len(cell.lines) - 1, 0, -1):
        start = numbers.index(count) if count in numbers else 0
        match = vocabulary.match(spelled.text[:start].strip(), fuzzy=False) if start else None
        if match:
            return [(match, 0, start, len(spelled.text))]
    return []


def _run_on(text: str, vocabulary: Vocabulary, fits: Fits) -> list[_Span]:
    """Label and value in one line with nothing between (underlined blanks, merged detection)."""
    lead = vocabulary.leading(text)
    if lead is None:
        return []
    match, end = lead
    if _SECTION.match(text) and not text[end].isspace():
        return []  # 二、联系与人员 heads a section: no label 联系 of somebody called 与人员
    stop = next(
        (gap.end() for gap in re.finditer(r"\s+", text[end + 1 :]) if vocabulary.leading(text[end + 1 + gap.end() :])),
        None,
    )
    finish = end + 1 + stop if stop is not None else len(text)
    if fits(match.keys[0], text[end:finish].strip()) < INLINE_FIT:
        return []
    rest = (
        [(m, finish + a, finish + b, finish + c) for m, a, b, c in _run_on(text[finish:], vocabulary, fits)]
        if stop is not None
        else []
    )
    return [(match, 0, end, finish), *rest]
