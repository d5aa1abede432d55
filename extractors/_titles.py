"""Titles of statements (报表标题) on a page: which statement, whose, and where; no sentence that merely names one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.model import Box, Line, ReadPage, StatementKind
from pipeline.tables.grid import union_of
from pipeline.values.flat import flat

__all__ = ["CONSOLIDATED", "Title", "titles"]

APART = 0.2  # of the page's width: letters of one title stand nearer than that
_DATE = r"(?:[二贰12][0-9〇○OoО零一二三四五六七八九十]{3}\s*年(?:度|\d{1,2}月(?:\d{1,2}日)?|1-12月|1[-－—至]12月)?)"
_NAMES: tuple[tuple[StatementKind, str], ...] = (
    ("balance_sheet", r"资产负[债倩馈愦]表|财务状况表"),
    ("income_statement", r"利润表|损益表|利润及利润分配表|利润分配表|综合收益表|业务活动表|收入费用表|收入支出表"),
    ("cash_flow", r"现金流[量最]表"),
    ("equity_changes", r"(?:所有者|股东|所有者\(?或?股东\)?)?权益(?:\(股东权益\))?[变増增]动表|净资产变动表"),
)
_ENTITY = (
    r"(?P<entity>合[并井]及母?公司|合[并井]与母?公司|合[并井](?:和|以及)母?公司|合[并井]|母公司|本?公司|银行|企业)?"
)
_TITLE = re.compile(
    rf"(?P<before>.{{0,40}}?)(?P<date>{_DATE}(?:和{_DATE})?)?[:：]?{_ENTITY}(?:年初[到至]报告期末|本报告期)?(?P<name>"
    + "|".join(f"(?:{pattern})" for _, pattern in _NAMES)
    + r")(?P<after>(?:[(（-]?(?:续|[一二三1-9]|会[企合小]\S{1,6}|月报|年报|年度|简表|适用\S{1,12}|"
    r"合[并井]|母公司|资产|负债\S{0,8}|未经审计|经审计)[)）]?)*(?:金额)?(?:单位.*|\d{1,3})?)"
)
_BEFORE_OK = re.compile(
    r"(?:.{2,30}(?:公司|集团|中心|学校|学院|事务所|研究院|园|会|企业|厂|所|社)|[附表一二三四五六七八九十\d、.:：\s()（）]*|表\d*)[:：]?"
)
_TRANSLATED = re.compile(r"(?<=[\u4e00-\u9fff)）])[A-Za-z][A-Za-z'’&,.()\-]{4,}")  # 资产负债表 BALANCE SHEET
_BOTH = re.compile(r"合[并井](?:及|与|和|以及)母?公司")
CONSOLIDATED = re.compile(r"合\s*[并井]|本集团|^集团|集团$")


@dataclass(frozen=True, slots=True)
class Title:
    """A statement's title on a page. ``consolidated``: None where the title names both or nothing."""

    kind: StatementKind
    consolidated: bool | None
    both: bool
    text: str
    box: Box

    @property
    def top(self) -> float:
        return self.box.y0

    @property
    def bottom(self) -> float:
        return self.box.y1


def titles(page: ReadPage) -> tuple[Title, ...]:
    """Titles of statements on a page, top to bottom; a contents' entry is one too (whether figures follow is another
    matter).
    """
    found: list[Title] = []
    for text, box in _text_rows(page):
        match = _TITLE.fullmatch(_TRANSLATED.sub("", text))
        if match is None or not _BEFORE_OK.fullmatch(match["before"] or ""):
            continue
        kind = next(k for k, pattern in _NAMES if re.fullmatch(pattern, match["name"]))
        entity = match["entity"] or ""
        both = bool(_BOTH.search(entity))
        consolidated = None if both or not entity else bool(CONSOLIDATED.search(entity))
        found.append(Title(kind=kind, consolidated=consolidated, both=both, text=text, box=box))
    return tuple(found)


def _text_rows(page: ReadPage) -> list[tuple[str, Box]]:
    """Lines of text, those on one height joined where letters were printed apart (利 润 表); text without spaces."""
    rows: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda ln: ln.box.cy):
        if rows and abs(rows[-1][0].box.cy - line.box.cy) < 0.4 * line.box.height:
            rows[-1].append(line)
        else:
            rows.append([line])
    out: list[tuple[str, Box]] = []
    for part in (part for row in rows for part in _parted(row)):
        texts = [flat(line.text) for line in part]
        if len(part) > 1 and max(map(len, texts)) <= 4 and sum(map(len, texts)) <= 14:
            out.append(("".join(texts), union_of([line.box for line in part])))
        else:
            out += [(text, line.box) for text, line in zip(texts, part, strict=True)]
    return out


def _parted(row: Sequence[Line]) -> list[list[Line]]:
    """A row from left to right, parted where it is blank over much of the sheet: titles of pages side by side."""
    ordered = sorted(row, key=lambda line: line.box.x0)
    cuts = [i for i in range(1, len(ordered)) if ordered[i].box.x0 - ordered[i - 1].box.x1 > APART]
    return [list(ordered[a:b]) for a, b in pairwise([0, *cuts, len(ordered)])]
