"""Titles of certificates, tolerant of noise (spaced out, broken, misread); and pages that only list them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extractors._wording import squeeze
from pipeline.model import Box, ReadPage
from pipeline.tables.grid import rows_of, union_of
from pipeline.values.identifiers import edit_distance
from pipeline.values.script import simplified

__all__ = ["Title", "find_title", "ruled_rows", "titled_otherwise"]

TITLE_DEPTH = 0.62  # of the page: below, no document is titled (landscape licences have emblems above their title)
TITLE_LARGE = 1.12  # times the usual line height
CROWDED = 90  # lines of a page that is no certificate but a list, a contract, notes
TABLE_RULE = 0.25  # of the page's width: shorter rules are underlines and strokes
TABLE_ROWS = 4  # rules across that make a table


@dataclass(frozen=True, slots=True)
class Title:
    """A title as found: ``text`` without spaces; ``exact``: word for word; ``large``: printed larger than the text."""

    text: str
    box: Box
    exact: bool
    large: bool


def find_title(page: ReadPage, names: Sequence[str], *, depth: float = TITLE_DEPTH) -> Title | None:
    """The first of these titles that the page bears, spaced out, broken over two lines or with a sign misread.

    What may stand before or behind a title (副本, 正本, a number of copies) does not count; a title inside a sentence
    is none.
    """
    usual = median([line.box.height for line in page.lines]) if page.lines else 0.0
    for text, box in _title_rows(page, depth):
        bare = _TITLE_EXTRAS.sub("", re.sub(r"[《》“”\"'*★☆]", "", simplified(text)))
        bare = _OTHER_TONGUES.sub("", bare) or bare
        for name in names:
            exact = bare == name or (bare.endswith(name) and len(bare) <= len(name) + 2)
            near = not exact and bare[-1:] == name[-1] and abs(len(bare) - len(name)) <= 1
            near = near and edit_distance(bare, name, limit=2) <= _slack(name)
            if (exact or near) and not _in_table(page, box):
                large = box.height >= TITLE_LARGE * usual or _spread(text, box)
                return Title(bare, box, exact, large)
    return None


_TITLE_EXTRAS = re.compile(
    r"[(（](?:副本|正本|副.|法人|复印件|扫描件|电子证照|英文版|中文版|\d[-—]\d)?[)）]\d?|(?:副本|正本|复印件|扫描件)\d?$|"
    r"^中华人民共和国(?!.{0,2}$)"
)


# ZERTIFIKAT ◆ CERTIFICATE ◆ 认证证书: one title in several languages.
_OTHER_TONGUES = re.compile(r"^(?:[A-Za-zÄÖÜäöüßÉé\u0400-\u04ff]{6,}|[◆♦●■•·|/◇□])+(?=[\u4e00-\u9fff])")


def _slack(name: str) -> int:
    return 2 if len(name) >= 10 else 1 if len(name) >= 4 else 0


def _spread(text: str, box: Box) -> bool:
    return len(text) > 0 and box.width / len(text) > 0.035


def _title_rows(page: ReadPage, depth: float) -> list[tuple[str, Box]]:
    """Rows of the upper page as one text each, single lines too, and each two rows that follow each other."""
    upper = [line for line in page.lines if line.box.y0 < depth]
    rows = rows_of(upper)
    merged = [(squeeze("".join(one.text for one in row))[0], union_of([one.box for one in row])) for row in rows]
    single = [(squeeze(line.text)[0], line.box) for line in upper]
    pairs = [
        (a[0] + b[0], a[1].union(b[1]))
        for a, b in pairwise(merged)
        if b[1].y0 - a[1].y1 < 1.5 * a[1].height and abs(a[1].cx - b[1].cx) < 0.12 and len(a[0]) + len(b[0]) < 40
    ]
    stacked = [
        (a[0] + b[0], a[1].union(b[1]))
        for a in single
        for b in single
        if 0 < b[1].y0 - a[1].y0 < 2.5 * a[1].height and abs(a[1].cx - b[1].cx) < 0.06 and len(a[0]) + len(b[0]) < 32
    ]
    return [*single, *merged, *pairs, *stacked]


_OTHERWISE = re.compile(
    r"(?:信息表|情况表|申报表|申请表|申请书|登记表|目录|清单|一览表|汇总表|统计表|名单|审计报告|资产负债表|利润表|现金流量表|"
    r"报表附注|的函|的报告|的请示|的通知|的说明|说明材料|情况说明|说明|承诺书|合同|协议|授权书|委托书|声明|简介|受理通知书)$"
)
_SORTS = (
    re.compile(r"管理体系"),
    re.compile(r"高新技术企业(?:认定)?证书"),
    re.compile(r"技术先进型服务企业"),
    re.compile(r"著作权(?:登记)?证书|软著登字|(?:19|20)\d\dSR\d{6}"),
    re.compile(r"专利证书|ZL ?\d"),
    re.compile(r"CMMI"),
    re.compile(r"营业执照"),
    re.compile(r"审计报告"),
    re.compile(r"信息表"),
)
_NUMBERS = re.compile(r"GR20\d{10}|(?:19|20)\d\dSR\d{6,7}|ZL ?(?:19|20)\d\d ?\d ?\d{7}|\d{5}[A-Z]{1,4}\d{4,6}R\d[LMS]")


def titled_otherwise(page: ReadPage) -> bool:
    """Whether the page is no certificate: headed as a form, a list, a letter, notes; or speaking of several."""
    if len(page.lines) > CROWDED:
        return True
    head = [squeeze(line.text)[0] for line in page.lines if line.box.y0 < 0.3]
    if any(_OTHERWISE.search(text) and len(text) <= 40 and not re.search(r"[，。;:]", text) for text in head):
        return True
    text = squeeze(page.text)[0]
    sorts = sum(1 for pattern in _SORTS if pattern.search(text))
    return sorts >= 3 or len(set(_NUMBERS.findall(text))) >= 3


def ruled_rows(page: ReadPage) -> int:
    """Rules across the inner page: rows of a table, for frames run along its edges."""
    rules = (r for r in page.rulings if r.horizontal and r.x1 - r.x0 > TABLE_RULE)
    return len({round((r.y0 + r.y1) / 2, 2) for r in rules if 0.1 < r.y0 < 0.9})


def _in_table(page: ReadPage, box: Box) -> bool:
    """Whether the box stands in a row of a ruled table: a rule right above and one right below it."""
    rules = [(r.y0 + r.y1) / 2 for r in page.rulings if r.horizontal and r.x1 - r.x0 > 0.1 and r.x0 < box.cx < r.x1]
    usual = median([line.box.height for line in page.lines])
    # A title over two lines is twice as high, and no farther from its row's rules for that.
    reach = box.height / 2 + max(1.1 * min(box.height, 2 * usual), 0.01)
    above = any(0 < box.cy - y < reach for y in rules)
    below = any(0 < y - box.cy < reach for y in rules)
    return above and below and ruled_rows(page) >= TABLE_ROWS
