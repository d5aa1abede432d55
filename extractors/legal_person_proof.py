"""法人证明 but a 营业执照: 事业单位法人证书, 民办非企业单位登记证书, 办学许可证 … (DOMAIN §4.1, §7)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._certificate import Parsed, best, read_field
from extractors._certificate_dates import date_of
from extractors._certificate_names import is_organisation, organisation, whole_name
from extractors._certificate_titles import find_title, titled_otherwise
from extractors._document import title_field
from extractors._fields import field_of
from extractors._layout import layout_of
from extractors._licence import LABELS, extract_licence, inner_page, is_audit_firms, licence_number, typical_labels
from extractors._wording import squeeze, words
from pipeline.model import Document, DocumentType, Field, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.values.dates import find_dates

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.LEGAL_PERSON_PROOF})

TITLES = words(
    "事业单位法人证书 民办非企业单位登记证书 民办非企业单位(法人)登记证书 社会团体法人登记证书 "
    "社会团体登记证书 基金会法人登记证书 社会服务机构登记证书 社会服务机构法人登记证书 "
    "统一社会信用代码证书 民办学校办学许可证 办学许可证 中外合作办学许可证 民办职业培训学校办学许可证 "
    "人力资源服务许可证 组织机构代码证 机关法人证书 工会法人资格证书 农村集体经济组织登记证 "
    "民办非企业单位法人登记证书 职业技能培训机构办学许可证"
)
PERMITS = re.compile(r"许可证")

# 民办非企业单位, 社会服务机构, 社会团体 and 基金会 come into being by being registered (条例: 准予登记, 发给证书): the
# 登记日期 of their certificate is the day they were founded on, where the day of issue has a label of its own. Where it
# has none, a certificate drawn up anew after a change may bear that day: founded then, but not surely. On a 营业执照
# and a 事业单位法人证书 登记日期 is the day of this very paper.
BY_REGISTRATION = re.compile(r"民办非企业|社会服务机构|社会团体|基金会|社会组织|工会法人|农村集体经济")
REGISTERED_ON = words("登记日期 注册登记日期 登记时间 批准登记日期")
REGISTRY_LABELS = {
    **LABELS,
    "issued_on": tuple(label for label in LABELS["issued_on"] if label not in REGISTERED_ON),
    "registered": REGISTERED_ON,
}
ONLY_DATE = 0.7  # trust in a 登记日期 as the day of founding where the paper names no other day of issue
TERM_BEGINS = 0.85  # in the first day of 有效期 自…至… as that of issue: renewals may be handed out earlier


def score(page: ReadPage) -> PageScore | None:
    """Title and at least one label of such a certificate."""
    if titled_otherwise(page) or is_audit_firms(page):
        return None
    title = find_title(page, TITLES)
    if title is None:
        return inner_page(page, DocumentType.LEGAL_PERSON_PROOF)
    layout = layout_of(page, LABELS)
    typical = typical_labels(layout)
    name = read_field([layout], "name", "name", organisation, wraps=True, whole=whole_name)
    subject = str(name.value) if name is not None and is_organisation(str(name.value)) else ""
    if typical >= 2:
        points = min(99, 90 + typical)
    elif typical == 1 or title.large:
        points = 82
    else:
        return None
    number, dated = licence_number(layout)
    return PageScore(
        type=DocumentType.LEGAL_PERSON_PROOF,
        score=points,
        opens=True,
        subject=subject,
        # A school holds a 登记证书 and a 办学许可证 under one code: two papers.
        number=f"{title.text} {number}" if number else "",
        dated=dated,
    )


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """As a licence's, with ``kind`` (the title) and the number of a permit."""
    title = title_field(pages, TITLES)
    kind = title.model_copy(update={"name": "kind"}) if title is not None else None
    permit = title is not None and PERMITS.search(str(title.value)) is not None
    if permit:
        return extract_licence(pages, type, (kind, _number(pages)), remarks=("permit",))
    by_registration = title is not None and BY_REGISTRATION.search(str(title.value)) is not None
    document = extract_licence(pages, type, (kind,), labels=REGISTRY_LABELS if by_registration else LABELS)
    registered = _registered(pages) if by_registration else None
    return document.model_copy(update={"fields": _dated(document, registered)})


def _registered(pages: Sequence[ReadPage]) -> Field | None:
    return read_field([layout_of(page, REGISTRY_LABELS) for page in pages], "established", "registered", date_of)


def _dated(document: Document, registered: Field | None) -> tuple[Field, ...]:
    """The fields with days of founding and of issue, as far as 登记日期 or the term tell them."""
    issued, until = document.field("issued_on"), document.field("valid_until")
    more: list[Field] = []
    if registered is not None and document.field("established") is None:
        own_day = issued is not None and issued.value != registered.value
        trust = registered.confidence * (1.0 if own_day else ONLY_DATE)
        reasons = (*registered.reasons, "registered")
        more.append(registered.model_copy(update={"confidence": round(trust, 4), "reasons": reasons}))
    if registered is not None and issued is None:
        issued = registered.model_copy(update={"name": "issued_on"})
        more.append(issued)
    if issued is None and until is not None and "span" in until.reasons:
        first = min(day for day, _ in find_dates(until.raw))
        trust = TERM_BEGINS * until.confidence
        update = {"name": "issued_on", "value": first.isoformat(), "confidence": round(trust, 4)}
        more.append(until.model_copy(update=update))
    return (*document.fields, *more)


def _number(pages: Sequence[ReadPage]) -> Field | None:
    """编号 of a permit: 13 or 15 digits (DOMAIN §4.7), or as printed."""

    def parse(text: str) -> Parsed | None:
        match = re.search(r"(?<!\d)\d{10,15}(?!\d)", squeeze(text)[0])
        return Parsed(match[0], 0.97) if match else None

    layouts = [layout_of(page, LABELS) for page in pages]
    labelled = read_field(layouts, "certificate_no", "certificate_no", parse)
    loose = (
        field_of("certificate_no", match[1], (line,), page, trust=0.95, reasons=("grammar",))
        for page in pages
        for line in page.lines
        if (match := _PERMIT_NO.search(squeeze(line.text)[0]))
    )
    return labelled or best(loose)


_PERMIT_NO = re.compile(r"(?:教民|人社民|社民|劳社民|民教)[字第]{0,2}(\d{10,15})号?")  # behind whoever permits it
