"""计算机软件著作权登记证书: 登记号 is its number, 证书号 软著登字第…号 stands beside it (DOMAIN §4.6, §7)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._certificate import Parsed, best, read_field, text_of
from extractors._certificate_dates import date_of, date_under_seal
from extractors._certificate_names import holders, organisation
from extractors._certificate_titles import find_title, titled_otherwise
from extractors._document import certificate_document, constant
from extractors._fields import field_of, tidy
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Box, Document, DocumentType, Field, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.values.dates import parse_date
from pipeline.values.numbers import copyright_certificate_no, sr_number

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.SOFTWARE_COPYRIGHT})

TITLES = words("计算机软件著作权登记证书 软件著作权登记证书 计算机软件著作权证书")
LABELS = {
    "name": words("软件名称 软件全称"),
    "short": words("软件简称"),
    "holder": words("著作权人 著作权人姓名 权利人"),
    "completed": words("开发完成日期"),
    "published": words("首次发表日期 首次发表时间"),
    "acquired": words("权利取得方式"),
    "extent": words("权利范围"),
    "registration_no": words("登记号 登记编号"),
    "certificate": words("证书号 证书编号"),
    "issued_on": words("登记日期 发证日期"),
    "issuer": words("登记机构 登记机关 发证机构 发证机关"),
}
_OWN = frozenset({"name", "holder", "completed", "published", "acquired", "extent", "registration_no"})
OFFICE = "国家版权局"
_OFFICE = re.compile(rf"(?:中华人民共和国)?{OFFICE}")


def score(page: ReadPage) -> PageScore | None:
    """Title with labels, or the labels that only this certificate prints."""
    if titled_otherwise(page):
        return None
    layout = layout_of(page, LABELS)
    own = len(layout.keys() & _OWN)
    title = find_title(page, TITLES)
    number = any(copyright_certificate_no(line.text) for line in page.lines)
    if title is not None and (own >= 1 or number):
        points = min(99, 91 + own)
    elif own >= 5 or (own >= 3 and number):
        points = 90
    elif title is not None and title.large:
        points = 75
    else:
        return None
    holder = holders([layout])
    return PageScore(
        type=DocumentType.SOFTWARE_COPYRIGHT,
        score=points,
        opens=True,
        subject=text_of(holder),
        number=text_of(_number([layout])),
    )


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``kind name certificate_no holder issuer issued_on``, and ``registration_certificate_no`` (软著登字第…号)."""
    layouts = [layout_of(page, LABELS) for page in pages]
    named = [f for key in ("completed", "published") if (f := read_field(layouts, key, key, date_of)) is not None]
    issued = read_field(layouts, "issued_on", "issued_on", date_of) or best(
        date_under_seal(page, taken=[f.box for f in named]) for page in pages
    )
    number = _number(layouts)
    issued = _of_its_year(issued, number) if issued is not None else None
    fields = (
        constant("kind", "software_copyright", pages, TITLES),
        _name(layouts),
        number,
        _certificate_no(layouts),
        holders(layouts),
        *(f.model_copy(update={"name": _DATES[f.name]}) for f in named),
        issued,
        read_field(layouts, "issuer", "issuer", _office) or _issuer(pages),
    )
    return certificate_document(pages, type, fields)


OTHER_YEAR = 0.6  # most that a date is worth whose year is not the number's: misread, or a certificate issued again


def _of_its_year(issued: Field, number: Field | None) -> Field:
    """A date of another year than the number's (2023SR…) is unsure: one of the two was misread."""
    year = text_of(number)[:4]
    if not year or str(issued.value)[:4] == year:
        return issued
    rival = f"{year}{str(issued.value)[4:]}"
    alternatives = (rival,) if parse_date(rival) is not None else ()
    confidence = min(issued.confidence, OTHER_YEAR)
    return issued.model_copy(
        update={"confidence": confidence, "alternatives": alternatives, "reasons": (*issued.reasons, "other_year")}
    )


_DATES = {"completed": "completed_on", "published": "published_on"}


def _name(layouts: Sequence[Layout]) -> Field | None:
    """软件名称 with its version, without the short name in brackets behind it."""

    def parse(text: str) -> Parsed | None:
        bare = re.sub(r"[\[【〔(（]?简称[:：]?[^\]】〕)）]*(?:[\]】〕)）]|$)", "", tidy(text)).strip(" []【】〔〕:：")
        return Parsed(bare, 0.96) if len(bare) >= 2 else None

    return read_field(layouts, "name", "name", parse, wraps=True)


def _number(layouts: Sequence[Layout]) -> Field | None:
    def parse(text: str) -> Parsed | None:
        number = sr_number(text)
        return Parsed(number, 0.985, ("grammar",)) if number else None

    labelled = read_field(layouts, "certificate_no", "registration_no", parse)
    loose = (
        field_of("certificate_no", number, (line,), layout.page, trust=0.95, reasons=("grammar",))
        for layout in layouts
        for line in layout.page.lines
        if (number := sr_number(line.text))
    )
    return labelled or best(loose)


def _certificate_no(layouts: Sequence[Layout]) -> Field | None:
    return best(
        field_of("registration_certificate_no", number, (line,), layout.page, trust=0.97, reasons=("grammar",))
        for layout in layouts
        for line in layout.page.lines
        if (number := copyright_certificate_no(line.text))
    )


def _office(text: str) -> Parsed | None:
    parsed = organisation(text)
    return parsed if parsed is not None and re.search(r"版权", str(parsed.value)) else None


def _issuer(pages: Sequence[ReadPage]) -> Field | None:
    """国家版权局, as head or seal print it (中华人民共和国国家版权局 in full); 中国版权保护中心 only examines."""
    for page in pages:
        for line in page.lines:
            bare = squeeze(line.text)[0]
            if (named := _OFFICE.search(bare)) and len(bare) < 20:
                return field_of("issuer", named[0], (line,), page, trust=0.97, alternatives=(OFFICE,))
        for seal in page.seals:
            if seal.candidates and (named := _OFFICE.search(seal.candidates[0].text)):
                made = field_of("issuer", named[0], (), page, box=seal.box, trust=0.95, alternatives=(OFFICE,))
                return made.model_copy(update={"raw": seal.candidates[0].text})
    return field_of("issuer", OFFICE, (), pages[0], box=Box(0, 0, 1, 1), trust=0.8, reasons=("by_kind",))
