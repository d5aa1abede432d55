"""The auditor's report itself (审计报告正文): opinion, signatures, date.

The opinion is told from headings and the opinion section alone: key audit matters speak of going concern and
doubt in clean reports too (DOMAIN §3.5, pitfalls 82 and 83).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipeline.model import Box, Line, ReadPage, SealPlace
from pipeline.values.dates import find_dates, parse_date
from pipeline.values.flat import flat

__all__ = [
    "FIRM",
    "Opinion",
    "Printed",
    "cpa_lines",
    "opinion_of",
    "printed",
    "report_date",
    "signature_places",
    "with_century",
]

Kind = Literal["standard", "emphasis", "qualified", "adverse", "disclaimer"]

FIRM = re.compile(
    r"[\u4e00-\u9fa5]{2,14}(?:[(（][\u4e00-\u9fa5]{1,4}[)）])?[\u4e00-\u9fa5]{0,4}会计师事务所(?:(?:[(（][\u4e00-\u9fa5]{2,6}[)）])?有限(?:责任)?公司|[(（]?特殊普通合伙[)）]?|[(（]普通合伙[)）]|[(（]有限合伙[)）])?"
    r"(?:[\u4e00-\u9fa5]{2,6}分所)?"
)
_CUT_DATE = re.compile(r"\d{4}年(?:\d{1,2}月?)?$|[〇○零一二三四五六七八九]{4}年(?:[一二三四五六七八九十]{1,2}月?)?$")
_TRANSLATED = re.compile(r"[(（]?[A-Za-z][A-Za-z.,\s\d]*[)）]?$")  # 2023年4月18日（April 18, 2023）
HEADING_CHARACTERS = 24  # a longer row is a sentence
SIGN_HEIGHT = 0.045  # of the page: a CPA's seal and signature reach that far below the words
SEAL_HEIGHT = 0.13  # of the page: a firm's seal of 40 mm on A4
SIGN_WIDTH = 0.3
SEAL_EDGE = 0.008  # of the page: how far a seal's print may go beyond its box
WRITTEN = 2  # of 15: ink of a cell of the grid (1.75 mm) through which a stroke goes
STROKES = 8  # such cells: fewer are specks; a signature goes through dozens
LEAST_FREE = 0.4  # part of a place to sign that no seal may cover if it is to be called empty
SIGNED_INK = 0.03  # coverage of a place to sign from which on somebody wrote there; clean paper has under 0.005

_ORDINAL = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．,，]|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、.．])"
)
_TOP_ORDINAL = re.compile(r"^[一二三四五六七八九十]{1,3}[、.．,，]")
_OPINION_HEADS = ("审计意见", "保留意见", "否定意见", "无法表示意见", "鉴证意见", "审计结论")
_OTHER_HEADS = re.compile(
    r"形成.{2,6}意见的基础|导致.{2,6}意见的事项|关键审计事项|强调事项|其他事项|其他信息|.{0,4}持续经营.{0,6}重大不确定性|管理层.{0,8}责任|注册会计师.{0,12}责任|按照相关法律|治理层|使用限制"
)
_GOING_CONCERN = re.compile(r"与?持续经营(?:能力)?(?:相关|有关)的?(?:重大)?不确定性|持续经营重大不确定性")
_EXCEPT = re.compile(r"除.{0,90}?(?:影响|事项|问题|部分|段)?.{0,12}?(?:之外|以外|外)[,，]")
_FAIR = re.compile(r"在所有重大方面.{0,80}(?:公允|编制|反映)|公允反映|符合.{0,30}会计(?:准则|制度)的规定")
_CPA = re.compile(r"中?国?注册会计师\s*[:：]?|^注册会计师\s*[:：]|签字注册会计师|CPA\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed row: text without spaces (NFKC), where it stands, how sure its reading is."""

    text: str
    page: int
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """The opinion and the row it rests on. ``kind`` None: the section is there and does not tell."""

    kind: Kind | None
    evidence: Printed
    confidence: float
    reasons: tuple[str, ...] = ()


def printed(page: ReadPage) -> list[Printed]:
    """The page's rows, top to bottom; pieces on one height joined left to right."""
    rows: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda ln: ln.box.cy):
        near = rows[-1] if rows else None
        if near and abs(near[0].box.cy - line.box.cy) < 0.4 * min(line.box.height, near[0].box.height):
            near.append(line)
        else:
            rows.append([line])
    out = []
    for row in rows:
        row.sort(key=lambda ln: ln.box.x0)
        text = flat("".join(ln.text for ln in row))
        box = row[0].box
        for line in row[1:]:
            box = box.union(line.box)
        out.append(Printed(text, page.page.number, box, min(ln.confidence for ln in row)))
    return out


# ------------------------------------------------------------------------------------------------------- opinion


def opinion_of(pages: Sequence[ReadPage]) -> Opinion | None:
    """The opinion of the report on these pages (those of the auditor's report), or None where there is no section on
    it.
    """
    rows = [row for page in pages for row in printed(page)]
    heads = [
        (i, _core(row.text), bool(_TOP_ORDINAL.match(row.text))) for i, row in enumerate(rows) if _is_heading(row.text)
    ]
    section = next(((i, core) for i, core, _ in heads if core in _OPINION_HEADS), None)
    emphasised = _emphasised(rows, heads)
    if section is None:
        return _from_sentence(rows, emphasised)
    start, head = section
    end = next((i for i, _, _ in heads if i > start), len(rows))
    text = "".join(row.text for row in rows[start + 1 : end])
    kind, confidence, reasons = _judged(head, text, _basis_heads(heads))
    if kind == "standard" and emphasised is not None:
        return Opinion("emphasis", emphasised, min(confidence, emphasised.confidence), reasons)
    evidence = (
        rows[start]
        if kind != "standard"
        else next((r for r in rows[start + 1 : end] if "我们认为" in r.text), rows[start])
    )
    return Opinion(kind, evidence, round(confidence * min(1.0, evidence.confidence + 0.05), 4), reasons)


def _core(text: str) -> str:
    return _ORDINAL.sub("", text).strip(":：。.、 ")


def _is_heading(text: str) -> bool:
    core = _core(text)
    if len(text) > HEADING_CHARACTERS or text.endswith(("。", ",", "，", ";", "；")):
        return False
    return (
        core in _OPINION_HEADS or bool(_OTHER_HEADS.match(core)) or (bool(_TOP_ORDINAL.match(text)) and len(core) <= 18)
    )


def _basis_heads(heads: Sequence[tuple[int, str, bool]]) -> str:
    return "".join(core for _, core, _ in heads if core.startswith(("形成", "导致")))


def _emphasised(rows: Sequence[Printed], heads: Sequence[tuple[int, str, bool]]) -> Printed | None:
    """A heading 强调事项 or on going concern that is no key audit matter."""
    matters = False
    for at, core, top in heads:
        if core.startswith("关键审计事项"):
            matters = True
            continue
        if re.match(r"强调事项(?:段)?(?:$|[-—:：])", core) or (_GOING_CONCERN.match(core) and (top or not matters)):
            return rows[at]
        matters = matters and not top and not _OTHER_HEADS.match(core)
    return None


def _judged(head: str, text: str, basis: str) -> tuple[Kind | None, float, tuple[str, ...]]:
    """The opinion by the section's sentences, checked against heading and the heading of its basis."""
    by_text = _by_text(text)
    by_head = _by_head(head) or _by_head(basis)
    if by_head and by_text and by_head != by_text:
        # 审计意见 with 除……外 is a qualified opinion under a plain heading; otherwise the heading is the firmer word.
        return by_head, 0.8, ("heading_and_text_differ",)
    if by_head:
        return by_head, 0.97 if by_text else 0.85, () if by_text else ("heading_only",)
    return by_text, (0.98 if by_text else 0.3), () if by_text else ("section_unclear",)


def _by_head(head: str) -> Kind | None:
    if "无法表示意见" in head or "不表示意见" in head:
        return "disclaimer"
    if "否定意见" in head:
        return "adverse"
    return "qualified" if "保留意见" in head and "无保留意见" not in head else None


def _by_text(text: str) -> Kind | None:
    if re.search(
        r"不对后附.{0,40}发表审计意见|无法(?:对|就).{0,40}发表(?:审计)?意见|无法获取充分.{0,4}适当的审计证据以", text
    ):
        return "disclaimer"
    if re.search(r"没有在所有重大方面|未能?在所有重大方面|未能公允|没有公允|未公允", text):
        return "adverse"
    if _FAIR.search(text):
        believed = text[max(0, text.find("我们认为")) :]
        return "qualified" if _EXCEPT.search(believed) else "standard"
    return None


def _from_sentence(rows: Sequence[Printed], emphasised: Printed | None) -> Opinion | None:
    """Reports without headings: the sentence 我们认为 … in the report's own paragraphs."""
    for at, row in enumerate(rows):
        if "我们认为" not in row.text:
            continue
        text = "".join(r.text for r in rows[at : at + 6])
        # Of a special audit: 上述情况表, 明细表 …, in the sentence that holds the opinion.
        if not re.search(r"后附|财务报表|(?:上述|专项).{0,24}(?:表|报告|情况)|(?:明细|情况|汇总|统计)表", text):
            continue
        kind = _by_text(text)
        if kind is not None:
            chosen = emphasised if kind == "standard" and emphasised else row
            return Opinion("emphasis" if chosen is emphasised else kind, chosen, 0.8, ("no_heading",))
    return None


# ---------------------------------------------------------------------------------------------------- signatures


def signature_places(pages: Sequence[ReadPage]) -> tuple[SealPlace, ...]:
    """Where firm and CPAs seal and sign, on the pages that bear the CPAs' lines; none where there is no such page."""
    firm: tuple[SealPlace, ...] = ()
    people: list[SealPlace] = []
    for page in pages:
        cpas = sorted(cpa_lines(page), key=lambda ln: (round(ln.box.cy, 2), ln.box.x0))[-4:]
        firms = [ln for ln in page.lines if FIRM.search(flat(ln.text)) and len(flat(ln.text)) < 40]
        if not cpas:
            continue
        firm = firm or _firm_place(page, firms, cpas)
        people += [place for line in cpas for place in _cpa_places(page, line, cpas)]
    return (*firm, *people)


def cpa_lines(page: ReadPage) -> list[Line]:
    """The lines 中国注册会计师： behind which a CPA signs. The same words inside a CPA's seal stand above name and
    number.
    """
    lines = [ln for ln in page.lines if _is_cpa_line(ln)]
    labels = [ln for ln in lines if re.search(r"师(?:\([^()]{1,12}\))?:", flat(ln.text))]
    numbers = [ln.box for ln in page.lines if re.fullmatch(r"\d{10,13}", flat(ln.text))]
    free = [ln for ln in lines if not any(0 < b.cy - ln.box.cy < 0.08 and abs(b.cx - ln.box.cx) < 0.1 for b in numbers)]
    return labels or free


def _is_cpa_line(line: Line) -> bool:
    """中国注册会计师： at the foot of the report; no sentence about them, no seal's text (name and number under it)."""
    text = flat(line.text)
    return (
        bool(_CPA.match(text)) and len(text) <= 22 and not re.search(r"协会|准则|职业道德|责任|执行|审计了|\d{6}", text)
    )


def _firm_place(page: ReadPage, firms: Sequence[Line], cpas: Sequence[Line]) -> tuple[SealPlace, ...]:
    top = min(ln.box.y0 for ln in cpas)
    near = [ln for ln in firms if ln.box.cy > top - 0.2]
    if near:
        anchor = min(near, key=lambda ln: abs(ln.box.cy - top))
        box = anchor.box.grown(0.02, 0.02).union(
            Box(anchor.box.x0, anchor.box.y0, anchor.box.x1, min(1.0, anchor.box.y1 + SEAL_HEIGHT))
        )
        return (SealPlace(role="audit_firm", page=page.page.number, box=box, label=anchor.text),)
    left = min(ln.box.x0 for ln in cpas)
    box = Box(0.08, max(0.0, top - 0.03), max(0.4, left - 0.02), min(1.0, top + SEAL_HEIGHT))
    return (SealPlace(role="audit_firm", page=page.page.number, box=box, label=""),)


def _cpa_places(page: ReadPage, line: Line, cpas: Sequence[Line]) -> tuple[SealPlace, ...]:
    below = [
        ln.box.y0 for ln in cpas if ln is not line and ln.box.y0 > line.box.y1 and abs(ln.box.x0 - line.box.x0) < 0.2
    ]
    bottom = min([line.box.y1 + 2 * SIGN_HEIGHT, *below])
    beside = [
        ln.box.x0 for ln in cpas if ln is not line and abs(ln.box.cy - line.box.cy) < 0.02 and ln.box.x0 > line.box.x1
    ]
    right = min([1.0, line.box.x1 + SIGN_WIDTH, *beside])
    number = page.page.number
    place = Box(line.box.x0, max(0.0, line.box.y0 - 0.01), right, min(1.0, bottom))
    sign = Box(
        min(line.box.x1, right - 0.01), max(0.0, line.box.y0 - 0.015), right, min(1.0, line.box.y1 + SIGN_HEIGHT / 2)
    )
    signed = _signed(page, sign, line)
    if signed is False:
        sign, signed = _surely_empty(page, sign, place, cpas)
    return (
        SealPlace(role="cpa", page=number, box=place, label=line.text, imprint=_imprint(page, place)),
        SealPlace(role="cpa", page=number, box=sign, label=line.text, signature=True, signed=signed),
    )


def _imprint(page: ReadPage, place: Box) -> str:
    """The 12-digit number in a place: it stands nowhere but on the CPA's seal, which a pale copy may hardly show."""
    numbers = (flat(ln.text) for ln in page.lines if place.holds(ln.box.cx, ln.box.cy))
    return next((text for text in numbers if re.fullmatch(r"\d{11,13}", text)), "")


def _surely_empty(page: ReadPage, sign: Box, around: Box, cpas: Sequence[Line]) -> tuple[Box, bool | None]:
    """A place without a signature, less the name seals in it, which are none; None where someone may have signed
    beside it or over a seal: a hand that writes upon a seal goes beyond it.
    """
    seals = [seal.box.grown(SEAL_EDGE, SEAL_EDGE) for seal in page.seals]
    words = [ln.box for ln in page.lines if ln in cpas or len(flat(ln.text)) > 4]
    ink, taken = page.ink, [*seals, *words]
    cells = (
        ((column + 0.5) / ink.columns, (row + 0.5) / ink.rows)
        for row in range(ink.rows)
        for column in range(ink.columns)
        if int(ink.cells[row * ink.columns + column], 16) >= WRITTEN
    )
    region = around.union(sign)
    if sum(region.holds(x, y) and not any(box.holds(x, y) for box in taken) for x, y in cells) >= STROKES:
        return sign, None
    free = sign
    for seal in seals:
        free = _beside(free, seal)
    return (free, False) if free.area >= LEAST_FREE * sign.area else (sign, None)


def _beside(box: Box, seal: Box) -> Box:
    """The largest part of a place that lies wholly to one side of a seal."""
    if box.intersection(seal) <= 0:
        return box
    parts = (
        box._replace(y1=max(box.y0, seal.y0)),
        box._replace(y0=min(box.y1, seal.y1)),
        box._replace(x1=max(box.x0, seal.x0)),
        box._replace(x0=min(box.x1, seal.x1)),
    )
    return max(parts, key=lambda part: part.area)


def _signed(page: ReadPage, place: Box, label: Line) -> bool | None:
    """Whether ink of no printed text, or a name read there, stands in the place; None where the page's ink is not
    known.
    """
    words = [ln for ln in page.lines if ln is not label and place.holds(ln.box.cx, ln.box.cy)]
    if any(2 <= len(flat(ln.text)) <= 4 and not parse_date(ln.text) for ln in words):
        return True
    if len(flat(label.text).rstrip(":：")) > len("中国注册会计师"):
        return True  # a name behind the colon, read with it
    if not page.ink.cells:
        return None
    return page.ink.coverage(place) >= SIGNED_INK


# ---------------------------------------------------------------------------------------------------------- date


def report_date(pages: Sequence[ReadPage]) -> tuple[date, Line, int] | None:
    """The report's date: a row that is nothing else, at its end, nearest the signatures; dates in sentences do not
    count.
    """
    found: list[tuple[date, Line, int]] = []
    for page in pages:
        for line in _with_rest_of_row(page.lines):
            words = _TRANSLATED.sub("", with_century(line.text))
            days = find_dates(words)
            text = flat(words)
            if not days or len(text) > len(flat(words[days[0][1][0] : days[0][1][1]])) + 10:
                continue
            if re.search(r"资产负债表|利润表|截至|止|[至到]|财务报表|合并", text):
                continue
            found.append((days[0][0], line, page.page.number))
    signed = {p.page for p in signature_places(pages)}
    return max(found, key=lambda f: (f[2] in signed, f[2], f[1].box.cy), default=None)


def _with_rest_of_row(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines; a date that a seal cut in two (``2023年3月`` ``2日``) in one piece."""
    for line in lines:
        cut = _CUT_DATE.search(flat(line.text))
        near = [
            other
            for other in lines
            if cut
            and abs(other.box.cy - line.box.cy) < line.box.height / 2
            and 0 <= other.box.x0 - line.box.x1 + 0.01 < 0.06
        ]
        if not near:
            yield line
            continue
        rest = min(near, key=lambda other: other.box.x0)
        yield line.model_copy(
            update={
                "text": line.text + rest.text,
                "box": line.box.union(rest.box),
                "confidence": min(line.confidence, rest.confidence),
                "centres": (),
                "scores": (),
            }
        )


def with_century(text: str) -> str:
    """〇二三年四月十八日, its first sign lost at the line's edge or under a seal, as 二〇二三年四月十八日."""
    return re.sub(r"^\s*(?=[〇○零Oo0◯][一二三四五六七八九][〇○零一二三四五六七八九]年)", "二", text)
