"""报送函, 推荐函: letters to 中国国际投资促进会 that say what is enclosed; nothing depends on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._fields import field_of
from extractors._prose import headline, name_field, seal_place, sign_off, signer_name, title_lines
from extractors._wording import squeeze, words
from pipeline.model import Document, DocumentType, Field, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.values.dates import parse_date

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.COVER_LETTER})

_TITLE = re.compile(
    r"(?:报送|推荐|推介|申报|提交|上报|呈报|呈送|寄送|递交|补正|补充|参加|参评|报名|申请).{0,40}(?:函|的报告|的请示)$|^(?:推荐|报送|申请|公|复|送审|介绍|商洽)函$|推荐信$|(?:推荐|报送)意见$"
)
_NOT_MINE = re.compile(r"关于开展|承诺函|询证函|催款|回函")
_ADDRESSEE = re.compile(
    r"^(?:致|呈)?[:：]?(?:中国国际投资促进会|中国投资促进会|贵会|投促会|中国国际投资.{0,4}进会)(?:[(（].{0,12}[)）])?[:：]?$"
)
_WORDS = words(
    "现将 随函 报送 特此函达 特此函告 特此函复 特此推荐 请予审核 请予 请查收 附件 贵会 我单位 推荐 请审阅 函报"
)


# 附：报送材料清单 goes with the letter before it.
_ENCLOSED = re.compile(r"(?:附件?\d?[:：]?)?(?:报送|申报|邮寄|寄送|所附|提交)?(?:材料|资料|文件)(?:清单|目录)")


def score(page: ReadPage) -> PageScore | None:
    """Title or addressee, with the wording of a letter."""
    text = squeeze(page.text)[0]
    title = headline(page, _TITLE, _NOT_MINE)
    addressed = any(_ADDRESSEE.match(squeeze(line.text)[0]) for line in page.lines if line.box.y0 < 0.5)
    told = sum(1 for word in _WORDS if word in text)
    if len(page.lines) > 70 or (
        "关于开展" in "".join(squeeze(one.text)[0] for one in page.lines if one.box.y0 < 0.25) and not addressed
    ):
        return None
    signed = sign_off([page])
    subject = signer_name(signed, [page])
    if title is not None and (addressed or told >= 2):
        return PageScore(type=DocumentType.COVER_LETTER, score=96, opens=True, subject=subject)
    if addressed and told >= 3 and re.search(r"特此函|随函|现将.{0,40}(?:报送|提交|寄)|特此推荐|请查收", text):
        return PageScore(type=DocumentType.COVER_LETTER, score=84, opens=True, subject=subject)
    if title is not None:
        return PageScore(type=DocumentType.COVER_LETTER, score=60, opens=True, subject=subject)
    if any(_ENCLOSED.fullmatch(row) for row, _ in title_lines(page)):
        return PageScore(type=DocumentType.COVER_LETTER, score=25, opens=False, subject=subject)
    return None


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``title``, ``issued_on`` and ``application_no`` if the letter names one; the signer as subject."""
    signed = sign_off(pages)
    fields = [_title(pages), name_field(signed, pages), _number(pages)]
    if signed is not None and signed.dated is not None and (day := parse_date(signed.dated.text)):
        fields.append(field_of("issued_on", day.isoformat(), (signed.dated,), signed.page, trust=0.95))
    return Document(
        type=type,
        pages=tuple(page.page.number for page in pages),
        confidence=0.95 if fields[0] is not None else 0.8,
        subject=signer_name(signed, pages),
        fields=tuple(f for f in fields if f is not None),
        places=(seal_place(signed.page, signed.box, signed.name),) if signed is not None else (),
    )


def _title(pages: Sequence[ReadPage]) -> Field | None:
    for page in pages:
        found = headline(page, _TITLE, _NOT_MINE)
        if found is not None:
            return field_of("title", found[0], (found[1],), page, trust=0.9)
    return None


_NUMBER = re.compile(r"(?:申报编号|申请编号|申报号|受理编号)[:：为是]?([A-Z0-9][A-Z0-9\-]{5,30})")


def _number(pages: Sequence[ReadPage]) -> Field | None:
    """申报编号, in a line or broken over two."""
    for page in pages:
        for line in page.lines:
            match = _NUMBER.search(squeeze(line.text)[0].upper())
            if match:
                return field_of("application_no", match[1], (line,), page, trust=0.93)
    return None
