"""发明专利证书, 实用新型专利证书, 外观设计专利证书 (DOMAIN §4.5, §7); an 受理通知书 is no patent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._certificate import Parsed, best, plain, read_field, text_of
from extractors._certificate_dates import date_of, date_under_seal
from extractors._certificate_names import holders
from extractors._certificate_titles import find_title
from extractors._document import certificate_document, constant
from extractors._fields import field_of
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Box, Document, DocumentType, Field, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.values.dates import parse_date
from pipeline.values.identifiers import parse_patent_no
from pipeline.values.numerals import small_number

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.PATENT_CERTIFICATE, DocumentType.OTHER})

TITLES = words("发明专利证书 实用新型专利证书 外观设计专利证书 专利证书")
NOTICES = words(
    "专利申请受理通知书 受理通知书 授予发明专利权通知书 授予实用新型专利权通知书 办理登记手续通知书 专利申请通知书"
)
ISSUER = "国家知识产权局"
LABELS = {
    "name": words("发明名称 实用新型名称 外观设计名称 发明创造名称 专利名称 使用外观设计的产品名称"),
    "inventors": words("发明人 设计人 发明(设计)人"),
    "certificate_no": words("专利号 专利编号"),
    "applied_on": words("专利申请日 申请日"),
    "holder": words("专利权人 专利权人姓名或名称"),
    "address": words("地址"),
    "issued_on": words("授权公告日 授权日 公告日"),
    "grant_no": words("授权公告号 公告号"),
    "certificate": words("证书号第 证书号"),
    "applicants_then": words("申请日时申请人 申请日时本专利记载的申请人"),
    "inventors_then": words("申请日时发明人 申请日时设计人 申请日时本专利记载的发明人"),
    "director": words("局长"),
}
_OWN = frozenset(
    {"name", "inventors", "certificate_no", "applied_on", "holder", "issued_on", "grant_no", "certificate"}
)
_TEXT = re.compile(
    r"专利登记簿|专利权期限|专利权自授权公告|依照中华人民共和国专利法|决定授予专利权|专利的年费|登记时的法律状况"
)
_SECOND = re.compile(r"第2页|第二页|2/2|第3页")
_TERM = re.compile(r"期限为?([一二三四五六七八九十]{1,3}|\d{1,2})年")


FEW_LINES = 40  # of the back of a patent
BACK = 20  # points: it goes with the patent right before it, or with none


def score(page: ReadPage) -> PageScore | None:
    """A first page by its title and labels; a second page by what it goes on with; a notice as something else."""
    text = squeeze(page.text)[0]
    layout = layout_of(page, LABELS)
    keys = layout.keys(0.79)
    own = len(keys & _OWN)
    if find_title(page, NOTICES, depth=0.4) is not None and ("专利" in text or own):
        return PageScore(type=DocumentType.OTHER, score=88, opens=True, subject="")
    if len(page.lines) > 90 or re.search(r"(?:清单|目录|一览表|汇总表|信息表)", _head(page)):
        return None
    title = find_title(page, TITLES)
    prose = len(set(_TEXT.findall(text)))
    holder = holders([layout])
    subject = _subject(holder)
    then = bool(keys & {"applicants_then", "inventors_then"})
    if then or (_SECOND.search(text) and (prose or "专利" in text) and "grant_no" not in keys):
        return PageScore(type=DocumentType.PATENT_CERTIFICATE, score=85 if then else 70, opens=False, subject="")
    number = text_of(_number([layout]))
    # The duties that a patent's back names, and its number, without what grants it.
    if title is None and prose and number and not keys & {"holder", "grant_no", "name"} and len(page.lines) < FEW_LINES:
        return PageScore(type=DocumentType.PATENT_CERTIFICATE, score=BACK, opens=False, subject="")
    if title is not None and own >= 2:
        return _scored(min(99, 90 + own), subject, number)
    if own >= 4 and (prose or parse_patent_no(page.text)):
        return _scored(88, subject, number)
    if title is not None and title.large and prose:
        return _scored(80, subject, number, opens=own > 0)
    return None


def _scored(points: int, subject: str, number: str, *, opens: bool = True) -> PageScore:
    return PageScore(type=DocumentType.PATENT_CERTIFICATE, score=points, opens=opens, subject=subject, number=number)


def _head(page: ReadPage) -> str:
    return "\n".join(squeeze(line.text)[0] for line in page.lines if line.box.y0 < 0.2 and len(line.text) < 40)


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``kind name certificate_no holder issuer issued_on grant_no``, ``valid_until`` by 专利申请日 and 专利权期限."""
    if type == DocumentType.OTHER:
        return certificate_document(pages, type, (), remarks=("acceptance_notice",))
    layouts = [layout_of(page, LABELS) for page in pages]
    number = _number(layouts)
    applied = read_field(layouts, "applied_on", "applied_on", date_of)
    issued = read_field(layouts, "issued_on", "issued_on", date_of)
    if issued is None:
        taken = [applied.box] if applied is not None else []
        issued = best(date_under_seal(page, above=0.6, taken=taken) for page in pages)
    fields = (
        constant("kind", "patent", pages, TITLES),
        read_field(layouts, "name", "name", plain, wraps=True),
        number,
        holders(layouts),
        applied,
        issued,
        _until(pages, applied, number),
        _grant_no(layouts),
        _issuer(pages),
    )
    remarks = [parsed.kind] if number is not None and (parsed := parse_patent_no(str(number.value))) else []
    return certificate_document(pages, type, fields, remarks=remarks)


def _subject(holder: Field | None) -> str:
    """The holder, unless there are several: any of them may be the applicant."""
    return holder.value if holder is not None and isinstance(holder.value, str) else ""


def _number(layouts: Sequence[Layout]) -> Field | None:
    def parse(text: str) -> Parsed | None:
        number = parse_patent_no(text)
        if number is None:
            return None
        return Parsed(
            number.value, 0.99 if number.valid else 0.55, ("check_digit" if number.valid else "check_digit_fails",)
        )

    labelled = read_field(layouts, "certificate_no", "certificate_no", parse)
    if labelled is not None and "check_digit" in labelled.reasons:
        return labelled.model_copy(update={"confidence": max(labelled.confidence, 0.96)})
    loose = [
        field_of("certificate_no", number.value, (line,), layout.page, trust=0.93, reasons=("check_digit",))
        for layout in layouts
        for line in layout.page.lines
        if "ZL" in squeeze(line.text)[0].upper() and (number := parse_patent_no(line.text)) and number.valid
    ]
    return best(loose) or labelled


def _grant_no(layouts: Sequence[Layout]) -> Field | None:
    def parse(text: str) -> Parsed | None:
        match = re.search(r"CN\d{7,9}[A-Z]\d?", squeeze(text)[0].upper())
        return Parsed(match[0], 0.97) if match else None

    return read_field(layouts, "grant_no", "grant_no", parse)


def _until(pages: Sequence[ReadPage], applied: Field | None, number: Field | None) -> Field | None:
    """Term from the filing date: as printed (专利权期限为二十年); a certificate that prints none gets none."""
    if applied is None:
        return None
    start = parse_date(str(applied.value))
    for page in pages:
        match = _TERM.search(squeeze(page.text)[0])
        years = small_number(match[1]) if match else None
        if start is None or not years or years not in (10, 15, 20):
            continue
        try:
            end = start.replace(year=start.year + years)
        except ValueError:
            end = start.replace(year=start.year + years, day=28)
        trust = 0.95 * applied.confidence
        return field_of(
            "valid_until",
            end.isoformat(),
            (),
            page,
            box=applied.box,
            raw=applied.raw,
            trust=trust,
            reasons=("computed",),
        ).model_copy(update={"page": applied.page})
    return None


def _issuer(pages: Sequence[ReadPage]) -> Field | None:
    for page in pages:
        for seal in page.seals:
            if seal.candidates and "知识产权" in seal.candidates[0].text:
                return field_of("issuer", ISSUER, (), page, box=seal.box, raw=seal.candidates[0].text, trust=0.95)
        for line in page.lines:
            if "知识产权局" in squeeze(line.text)[0]:
                return field_of("issuer", ISSUER, (line,), page, trust=0.96)
    return field_of("issuer", ISSUER, (), pages[0], box=Box(0, 0, 1, 1), trust=0.8, reasons=("by_kind",))
