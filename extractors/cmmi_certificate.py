"""CMMI appraisals: usually English, with a maturity level, an appraisal number and an expiry date (DOMAIN §4.7, §7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from extractors._attested import attested_by, attested_of, confirmed
from extractors._beside import in_one_row
from extractors._certificate import Parsed, best, read_field, text_of
from extractors._certificate_dates import date_of, in_order, spoken_date, valid_until
from extractors._certificate_names import is_organisation, latin_company, organisation, unbracketed, whole_latin
from extractors._certificate_titles import ruled_rows, titled_otherwise
from extractors._document import certificate_document
from extractors._fields import field_of, tidy
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Box, Document, DocumentType, Field, Line, PageScore, ReadPage
from pipeline.programmes import Programme

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.CMMI_CERTIFICATE})

LABELS = {
    "holder": words(
        "organization organisation organizationname companyname appraisedorganization 企业名称 公司名称 "
        "组织名称 单位名称 获证组织"
    ),
    "unit": words("organizationalunit organizationalunitname appraisedunit 组织单元"),
    "certify": words(
        "thisistocertifythattheorganizationalunitof thisistocertifythat thiscertifiesthat certifiesthat "
        "herebycertifiesthat beitknownthat 兹证明 特此证明 presentedto awardedto "
        "thiscertificateispresentedto hasbeenawardedto 兹确认"
    ),
    "certificate_no": words(
        "appraisal# appraisalid appraisalno appraisalnumber appraisalidentifier certificateno "
        "certificatenumber certificateid certificate# appraisalidentification parsappraisalidentification "
        "parsappraisalid parsrecord parsno appraisalref appraisalrecord appraisalrecordno recordno pars# parsid "
        "证书编号 评估编号 评估号 编号 证书号"
    ),
    "issued_on": words(
        "appraisalenddate appraisaldate enddate appraisalcompletiondate completiondate dateofappraisal "
        "issuedate dateofissue issuedon dateofcompletion appraisalcompleted "
        "benchmarkappraisalcompleted benchmarkappraisal completedon conductedon conducted appraisalconducted date "
        "appraisalend conductappraisalphaseend phaseend appraisalendedon "
        "评估结束日期 评估结束时间 评估结束 评估完成日期 评估完成 评估日期 发证日期 颁发日期 颁证日期"
    ),
    "valid": words(
        "expirationdate expiration expiry expirydate dateofexpiry validuntil validthrough validtill expires expireson "
        "appraisalexpirationdate validitydate validto dateofexpiration 有效期至 有效期限 有效期 到期日期 "
        "失效日期 截止日期"
    ),
    "issuer": words(
        "partner cmmipartner cmmiinstitutepartner sponsoringpartner appraisalpartner transitionpartner "
        "sponsoringorganization partnername issuedby appraisedby partner/sponsoringorganization "
        "授权合作伙伴 评估合作伙伴 评估机构 合作机构 合作伙伴 "
        "发证机构 颁证机构 授权机构"
    ),
    "lead": words(
        "leadappraiser certifiedcmmileadappraiser highmaturityleadappraiser certifiedleadappraiser "
        "appraiser appraisalteamleader 主任评估师 主评估师 首席评估师"
    ),
    "sponsor": words("appraisalsponsor sponsor"),
    "level": words("maturitylevel 成熟度等级 成熟度级别"),
}
_LEVEL = re.compile(
    r"(?:maturityleve[l1i]|成熟度(?:等级|级别)?|(?<![a-z])ml|leve[l1i]|dev/|svc/|v\d\.\d)[:：]?([2-5二三四五])(?!\d)|"
    r"leve[l1i](two|three|four|five)|([二三四五2-5])级|cmmi(?:-?dev|-?svc|-?acq)?([2-5])(?![\d.])",
    re.I,
)
RECORD = 5  # kinds of label that make a table the record of an appraisal
LEGIBLE = 0.5  # under which a Chinese line on an English paper is a piece of a seal's ring
_WORDS = {"two": "2", "three": "3", "four": "4", "five": "5", "二": "2", "三": "3", "四": "4", "五": "5"}
_MODEL = re.compile(r"cmmi[\-®]*(dev|svc|acq|development|services)?[®,\s]*(?:v|version)?\s*([123]\.[0-9])", re.I)
_VERB = re.compile(r"apprais|评估|certif|证书|认证|awarded|achieved|rating", re.I)
_NOT_HOLDER = re.compile(
    r"cmmi|apprais|certif|matur|level|hereby|capability|model|integration|institute|isaca|has\b|been|sponsor|date|partner|this\b|performing|"
    r"successful|version|scampi|rated|expir",
    re.I,
)


_APPRAISED = re.compile(
    r"\b(?:appraised|achieved|rated|completed|conducted|concluded|finished)\b[^.]*(?:\.\d[^.]*)*?\bon\b(?:\s+the\b)?",
    re.I,
)
_EXPIRES = re.compile(
    r"\b(?:expires?|expiring|valid|in\s+force|effective)\s+(?:on|until|through|till)\b(?:\s+the\b)?|\bvalid\s+from\b.{6,24}?\b(?:until|to|through)\b",
    re.I,
)


def score(page: ReadPage) -> PageScore | None:
    """CMMI, a level and the wording of an appraisal on a page that is no form, list or prose."""
    text = squeeze(page.text)[0].lower()
    if "cmmi" not in text and "capabilitymaturitymodel" not in text:
        return None
    if titled_otherwise(page) or len(page.lines) > 60:
        return None
    layout = layout_of(page, LABELS)
    marks = len(layout.keys() & {"certificate_no", "issued_on", "valid", "lead", "issuer", "certify", "holder", "unit"})
    # A printed record of the institute (PARS) is a table too; a form that asks for CMMI has other labels.
    if ruled_rows(page) > 6 and marks < RECORD:
        return None
    level = _level(text) is not None
    holder = _holder([layout])
    subject = str(holder.value) if holder is not None and re.search(r"[\u4e00-\u9fff]", str(holder.value)) else ""
    if not level or not _VERB.search(text):
        return None
    if marks >= 2:
        points = min(99, 91 + marks)
    elif marks >= 1 and len(page.lines) < 35:
        points = 75
    else:
        return None
    number = text_of(_number([layout]))
    return PageScore(type=DocumentType.CMMI_CERTIFICATE, score=points, opens=True, subject=subject, number=number)


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``kind name certificate_no holder issuer issued_on valid_until``; the level as remark ``level_3``."""
    layouts = [layout_of(page, LABELS) for page in pages]
    issued = read_field(layouts, "issued_on", "issued_on", date_of) or spoken_date(layouts, "issued_on", _APPRAISED)
    level = next((found for page in pages if (found := _level(squeeze(page.text)[0]))), None)
    until = valid_until(layouts, ("valid",), issued) or spoken_date(layouts, "valid_until", _EXPIRES)
    issued, until = in_order(issued, until)
    fields = (
        _kind(pages),
        _name(pages),
        _number(layouts),
        _holder(layouts),
        _issuer(layouts),
        issued,
        until,
    )
    return certificate_document(pages, type, fields, remarks=(f"level_{level}",) if level else ())


def _level(text: str) -> str | None:
    match = _LEVEL.search(text.lower())
    if match is None:
        return None
    sign = next(g for g in match.groups() if g)
    return _WORDS.get(sign, sign)


def _kind(pages: Sequence[ReadPage]) -> Field:
    for page in pages:
        for line in page.lines:
            if "cmmi" in line.text.lower():
                return field_of("kind", "cmmi", (line,), page, trust=0.99)
    return field_of("kind", "cmmi", (), pages[0], box=Box(0, 0, 1, 1), trust=0.9)


def _name(pages: Sequence[ReadPage]) -> Field | None:
    """Model and level as printed: CMMI-DEV V2.0 Maturity Level 3."""
    for page in pages:
        named = [line for line in page.lines if "cmmi" in line.text.lower() and _level(squeeze(line.text)[0])]
        for line in named or [line for line in page.lines if _MODEL.search(line.text)]:
            return field_of("name", tidy(line.text), (line,), page, trust=0.9)
    return None


def _number(layouts: Sequence[Layout]) -> Field | None:
    def parse(text: str) -> Parsed | None:
        bare = squeeze(text)[0].strip(":.#,;")
        match = re.match(r"(?:no\.?)?[:#]?([A-Z0-9][A-Z0-9\-/]*\d[A-Z0-9\-/]*)$", bare, re.I)
        if match is None or date_of(text) is not None or len(match[1]) < 3:
            return None
        return Parsed(match[1].upper(), 0.96)

    return read_field(layouts, "certificate_no", "certificate_no", parse)


def _holder(layouts: Sequence[Layout]) -> Field | None:
    """A Chinese name where one is printed, else the English one: behind its label or behind "certify that"."""
    for layout in layouts:
        others = [spot.box for spot in layout.spots if spot.key in ("issuer", "lead", "sponsor")]
        for line in sorted(layout.page.lines, key=lambda one: one.box.cy):
            text = unbracketed(tidy(_CHINESE_BEHIND.sub("", re.sub(r"^.{0,24}[:：]", "", line.text))))
            if (
                is_organisation(text)
                and line.confidence >= LEGIBLE
                and re.search(r"[\u4e00-\u9fff]{4}", text)
                and not re.search(r"咨询|认证|评估|研究所", text)
                and not any(in_one_row(box, line.box) and box.x0 < line.box.x1 for box in others)
            ):
                return field_of("holder", text, (line,), layout.page, trust=0.95, reasons=("no_label",))
    if (named := confirmed(layouts)) is not None:
        return named
    labelled = read_field(layouts, "holder", "holder", _english, wraps=True)
    if labelled is not None:
        return labelled
    # An organisation's unit is the holder only where nothing else is.
    certified = attested_of(layouts) or read_field(
        layouts, "holder", "certify", _english, wraps=True, whole=whole_latin
    )
    if certified is not None and latin_company(text_of(certified)):
        return certified
    unit = read_field(layouts, "holder", "unit", _english, wraps=True)
    if unit is not None and (certified is None or latin_company(text_of(unit))):
        return unit
    if certified is not None:
        return certified
    return best(
        field_of(
            "holder",
            text,
            lines,
            layout.page,
            trust=0.75 if re.search(r"Ltd|Inc|Limited|Corp|Group", text, re.I) else 0.5,
            reasons=("no_label",),
        )
        for layout in layouts
        for lines, text in _english_names(layout)
    )


# Jinan Softworks Corporation 济南某某集团有限公司: the name in both scripts.
_CHINESE_BEHIND = re.compile(r"^[A-Za-z][A-Za-z0-9 .,&()'\-]{5,90}(?=[\u4e00-\u9fff]{4})")


def _english(text: str) -> Parsed | None:
    parsed = organisation(text)
    if parsed is None or _NOT_HOLDER.search(text) or re.search(r"\d{3}", text):
        return None
    return parsed


def _english_names(layout: Layout) -> Iterator[tuple[tuple[Line, ...], str]]:
    free = sorted(layout.free, key=lambda line: line.box.cy)
    for line, below in zip_longest(free, free[1:]):
        text = tidy(line.text)
        lines: tuple[Line, ...] = (line,)
        near = below is not None and below.box.y0 - line.box.y1 < line.box.height
        if below is not None and near and not whole_latin(text, below.text):
            text, lines = f"{text} {tidy(below.text)}", (line, below)
        latin = re.fullmatch(r"[A-Za-z][A-Za-z0-9 .,&()'\-]{7,90}", text) and not _NOT_HOLDER.search(text)
        named = re.search(r"(?:Ltd|Inc|Limited|Corp|Company|Group|Technolog|Software|Information)", text, re.I)
        if latin and named and line.box.cy < 0.7:
            yield lines, text


_BY_PARTNER = re.compile(
    r"(?:appraised|conducted|performed|led|issued|certified)\s+by\s*:?\s*([A-Z][\w .,&()'\-]{3,60}?)"
    r"(?=\s+(?:and|at|as|in|on|to|using|has|have|was|is)\b|\s*$)"
)


def _issuer(layouts: Sequence[Layout]) -> Field | None:
    """The partner that appraised; under the institute's own letterhead either may be called the issuer."""
    labelled = read_field(layouts, "issuer", "issuer", _partner)
    if labelled is not None:
        head = next((name for layout in layouts if (name := _letterhead(layout))), None)
        if head is None:
            return labelled
        unsure = min(labelled.confidence, UNDER_LETTERHEAD)
        return labelled.model_copy(update={"alternatives": (head,), "confidence": unsure})
    for layout in layouts:
        for line in layout.page.lines:
            told = _BY_PARTNER.search(line.text)
            if told and (parsed := _partner(told[1])) is not None:
                return field_of("issuer", parsed.value, (line,), layout.page, trust=0.92)
    if (attested := attested_by(layouts)) is not None:
        return attested
    for layout in layouts:
        for line in layout.page.lines:
            match = re.search(r"CMMI\s*Institute|ISACA", line.text, re.I)
            if match:
                return field_of(
                    "issuer",
                    "CMMI Institute" if "cmmi" in match[0].lower() else "ISACA",
                    (line,),
                    layout.page,
                    trust=0.8,
                )
    return None


UNDER_LETTERHEAD = 0.8  # most that a partner as issuer is worth where the institute heads the paper


def _letterhead(layout: Layout) -> str | None:
    """CMMI Institute or ISACA alone on a line of the upper page."""
    upper = (squeeze(line.text)[0].strip("®™").casefold() for line in layout.page.lines if line.box.cy < 0.3)
    return next((_INSTITUTES[text] for text in upper if text in _INSTITUTES), None)


_INSTITUTES = {"cmmiinstitute": "CMMI Institute", "isaca": "ISACA"}


def _partner(text: str) -> Parsed | None:
    parsed = organisation(text)
    return (
        parsed
        if parsed is not None
        and len(str(parsed.value)) > len("partner")
        and not re.search(
            r"\bapprais(?:al|er|ed)\b(?!.*\b(?:Services?|Inc|Ltd|LLC|Group|Co)\b)|certified|\blevel\b|^completed$|\d{4}",
            text,
            re.I,
        )
        else None
    )
