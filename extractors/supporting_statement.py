"""区位、创新、规模、竞争优势、课程体系等说明材料, 情况说明, 承诺书 of the applicant (letter 二3, 三3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._fields import field_of
from extractors._prose import (
    SignOff,
    blank_after_text,
    headline,
    is_prose,
    name_field,
    prose_lines,
    seal_place,
    sign_off,
    signer_name,
    title_lines,
)
from extractors._wording import squeeze
from pipeline.model import Document, DocumentType, Field, PageScore, ReadPage, SealPlace
from pipeline.programmes import Programme
from pipeline.values.dates import parse_date

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.SUPPORTING_STATEMENT})

_TITLE = re.compile(
    r"(?:说明|说明材料|说明书|情况说明|情况介绍|情况汇报|情况报告|介绍|简介|汇报材料|申报材料|优势分析|自述|工作总结|发展情况|建设情况|运营情况|建设方案|"
    r"承诺书|承诺函|声明|声明书|证明材料|支撑材料|补充材料)(?:[(（].{1,8}[)）])?$"
)
_NOT_MINE = re.compile(
    r"审计|附注|编制说明|填表说明|填报说明|填写说明|使用说明|财务|纳税|保险|专项说明|检验|招标|投标|无效|证书|执照|信息表|申报表|目录|清单|的函$|通知|产品说明|"
    r"推介工作|说明书摘要|专利说明书|权利要求"
)
_COMMITMENT = re.compile(r"承诺|声明")
_TOPICS = {
    "区位": re.compile(r"区位|地理位置|交通便利|坐落于|地处"),
    "创新": re.compile(r"创新|研发能力|科研"),
    "规模": re.compile(r"规模|占地|建筑面积|入驻企业|年培训"),
    "竞争优势": re.compile(r"竞争优势|竞争力|优势"),
    "课程体系": re.compile(r"课程体系|课程设置|课程建设|教学体系|课程"),
}
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}[、.．]|[(（][一二三四五六七八九十]{1,2}[)）]|第[一二三四五六七八九十]{1,2}[章节部]|\d{1,2}[、.．](?!\d)|\d{1,2}(?=[\u4e00-\u9fff]{2,}))"
)


def score(page: ReadPage) -> PageScore | None:
    """A title that explains something the letter asks to explain; pages that go on with it say less."""
    if _elsewhere(page):
        return None
    title = headline(page, _TITLE, _NOT_MINE)
    headings = _topic_headings(page)
    signed = sign_off([page])
    subject = signer_name(signed, [page])
    topical = title is not None and any(pattern.search(title[0]) for pattern in _TOPICS.values())
    if title is not None and topical and (prose_lines(page) >= 2 or headings):
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=95, opens=True, subject=subject)
    if title is not None and (headings >= 1 or _topics_of(page) >= 2):
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=90, opens=True, subject=subject)
    committed = title is not None and _COMMITMENT.search(title[0]) is not None and prose_lines(page) >= 2
    if title is not None and (is_prose(page) or committed):
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=72, opens=True, subject=subject)
    if headings >= 2:
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=68, opens=False, subject=subject)
    if headings == 1 and prose_lines(page) >= 1:
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=52, opens=False, subject=subject)
    if _APPENDIX.match(_first_text(page)):
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=18, opens=False, subject=subject)
    if is_prose(page) or (signed is not None and prose_lines(page) >= 1 and len(page.lines) < 25):
        return PageScore(type=DocumentType.SUPPORTING_STATEMENT, score=18, opens=False, subject=subject)
    return None


_APPENDIX = re.compile(r"附(?:[:：]|件|表|录|图)")


def _first_text(page: ReadPage) -> str:
    """The topmost row: 附：园区公共服务平台一览 goes with the statement before it."""
    rows = title_lines(page)
    return rows[0][0] if rows else ""


_FOREIGN = re.compile(
    r"我们审计了|注册会计师|会计政策|财务报表|营业执照|统一社会信用代码证书|专利权人|著作权人|认证证书|管理体系认证|特此函|资产负债|账面价值|会计估计"
)


def _elsewhere(page: ReadPage) -> bool:
    """Whether the page speaks the language of other papers."""
    text = squeeze(page.text)[0]
    return len(set(_FOREIGN.findall(text))) >= 2 or "特此函" in text or "我们审计了" in text


def _topic_headings(page: ReadPage) -> int:
    """Headings (一、区位优势) that name a topic of the letter."""
    found = set()
    for line in page.lines:
        bare = squeeze(line.text)[0]
        if len(bare) > 24 or re.search(r"[。；]", bare):
            continue
        for topic, pattern in _TOPICS.items():
            if _HEADING.match(bare) and pattern.search(bare):
                found.add(topic)
    return len(found)


def _topics_of(page: ReadPage) -> int:
    text = squeeze(page.text)[0]
    return sum(1 for pattern in _TOPICS.values() if pattern.search(text))


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``title``, ``name`` (who signed), ``issued_on``; topics as remarks ``topic:区位``; where the seal should be."""
    title = next((found for page in pages if (found := headline(page, _TITLE, _NOT_MINE))), None)
    signed = sign_off(pages)
    remarks = [f"topic:{topic}" for topic in _spoken_of(pages, programme)]
    if title is not None and _COMMITMENT.search(title[0]):
        remarks.append("commitment")
    fields = [f for f in (_title(pages), name_field(signed, pages), _dated(signed)) if f is not None]
    return Document(
        type=type,
        pages=tuple(page.page.number for page in pages),
        confidence=0.95 if title is not None and len(remarks) >= 2 else 0.75,
        subject=signer_name(signed, pages),
        fields=tuple(fields),
        places=_places(pages, signed),
        remarks=tuple(remarks),
        parts=("sign_off",) if signed is not None and signed.signer is not None else (),
    )


def _spoken_of(pages: Sequence[ReadPage], programme: Programme) -> list[str]:
    """Which of the programme's topics the paper speaks of, in any words for them."""
    text = "".join(squeeze(page.text)[0] for page in pages)
    wanted = dict.fromkeys(
        topic for track in programme.tracks.values() for rule in track.documents for topic in rule.topics
    )
    return [topic for topic in wanted if _TOPICS.get(topic, re.compile(re.escape(topic))).search(text)]


def _title(pages: Sequence[ReadPage]) -> Field | None:
    for page in pages:
        found = headline(page, _TITLE, _NOT_MINE)
        if found is not None:
            return field_of("title", found[0], (found[1],), page, trust=0.9)
    return None


def _dated(signed: SignOff | None) -> Field | None:
    if signed is None or signed.dated is None:
        return None
    day = parse_date(signed.dated.text)
    return field_of("issued_on", day.isoformat(), (signed.dated,), signed.page, trust=0.95) if day else None


def _places(pages: Sequence[ReadPage], signed: SignOff | None) -> tuple[SealPlace, ...]:
    """At the end, by the signer's name; without one, the room below the text of the last page."""
    if signed is None:
        room = blank_after_text(pages[-1])
        return (SealPlace(role="applicant", page=pages[-1].page.number, box=room),) if room is not None else ()
    return (seal_place(signed.page, signed.box, signed.name),)
