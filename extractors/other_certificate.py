"""Certificates of no kind of their own (ITSS, CCRC, 资信等级 …): what the record calls ``other`` (DOMAIN §4.7)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._certificate import Parsed, best, read_field, text_of
from extractors._certificate_dates import date_of, date_under_seal, in_order, valid_until
from extractors._certificate_names import is_organisation, organisation, unbracketed, whole_name
from extractors._certificate_titles import ruled_rows, titled_otherwise
from extractors._document import certificate_document
from extractors._fields import field_of, tidy
from extractors._issuers import sealed_by, settled_by_seal
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Document, DocumentType, Field, Line, PageScore, ReadPage
from pipeline.programmes import Programme

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.OTHER})

LABELS = {
    "holder": words("企业名称 单位名称 公司名称 组织名称 机构名称 获证组织 获证单位 申请单位 持证单位 名称"),
    "certificate_no": words("证书编号 证书号码 证书号 注册号 编号 certificateno"),
    "issued_on": words(
        "发证日期 颁发日期 颁证日期 发证时间 批准日期 签发日期 本次发证日期 证书更新日期 更新日期 换证日期 评定日期"
    ),
    "first_issued": words("初次发证日期 首次发证日期 初次获证日期 首次颁发日期 首次获证日期"),
    "valid": words("有效期至 有效期限 证书有效期 有效期 有效日期 到期日期 截止日期"),
    "issuer": words("发证机构 颁发机构 发证机关 发证单位 颁证机构 认证机构 批准机关"),
    "address": words("注册地址 单位地址 办公地址 地址"),
    "uscc": words("统一社会信用代码"),
    "level": words("等级 级别 资质等级 成熟度等级"),
}
POINTS = 60  # any paper of a kind of its own goes before
FEW_LINES = 40
LEGIBLE = 0.8  # score of a line under which it may be a piece of a seal's ring
_TITLE = re.compile(r"^[\u4e00-\u9fff（）()A-Za-z]{2,24}(?:证书|资质证)$")
_SPOKEN_FOR = re.compile(r"执业证书|注册会计师|会计师事务所|登记证|法人|许可证|荣誉|奖|聘书|毕业|结业|学位|公证书")


def score(page: ReadPage) -> PageScore | None:
    """Titled as a certificate, with a number and a holder or a term: on a page that is no form and no list."""
    if titled_otherwise(page) or len(page.lines) > FEW_LINES or ruled_rows(page) > 6 or _title(page) is None:
        return None
    layout = layout_of(page, LABELS)
    keys = layout.keys()
    number = _number([layout])
    if number is None or len(keys & {"holder", "issued_on", "first_issued", "valid"}) < 2:
        return None
    holder = _holder([layout])
    return PageScore(type=DocumentType.OTHER, score=POINTS, opens=True, subject=text_of(holder), number=text_of(number))


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``kind name certificate_no holder issued_on valid_until issuer``."""
    layouts = [layout_of(page, LABELS) for page in pages]
    issued = read_field(layouts, "issued_on", "issued_on", date_of) or best(date_under_seal(page) for page in pages)
    holder = _holder(layouts)
    titles = [(page, line) for page in pages if (line := _title(page)) is not None]
    named = [
        field_of(name, value or squeeze(line.text)[0], (line,), page, trust=0.9)
        for page, line in titles[:1]
        for name, value in (("kind", "other"), ("name", ""))
    ]
    issued, until = in_order(issued, valid_until(layouts, ("valid",), issued))
    fields = (
        *named,
        _number(layouts),
        holder,
        issued,
        until,
        settled_by_seal(_issuer(layouts, text_of(holder)), pages),
    )
    return certificate_document(pages, type, fields)


def _title(page: ReadPage) -> Line | None:
    """The largest line of the upper page that is worded as a certificate's title, unless it is another kind's."""
    upper = [line for line in page.lines if line.box.cy < 0.45 and _TITLE.match(squeeze(line.text)[0])]
    if not upper or _SPOKEN_FOR.search(squeeze(page.text)[0][:400]):
        return None
    return max(upper, key=lambda line: line.box.height)


def _number(layouts: Sequence[Layout]) -> Field | None:
    def parse(text: str) -> Parsed | None:
        match = re.match(
            r"(?:No\.?:?)?((?:[\u4e00-\u9fff]{1,3}(?=[A-Z]))?[A-Z0-9][A-Z0-9\-/]*\d[A-Z0-9\-/]*)",
            squeeze(text)[0],
            re.I,
        )
        number = match[1].strip("-/").upper() if match else ""
        return Parsed(number, 0.93) if len(re.findall(r"\d", number)) >= 4 else None

    return read_field(layouts, "certificate_no", "certificate_no", parse)


def _holder(layouts: Sequence[Layout]) -> Field | None:
    return read_field(layouts, "holder", "holder", organisation, wraps=True, whole=whole_name)


SIGNED = 0.45  # of the page: whoever issues it signs below


def _issuer(layouts: Sequence[Layout], holder: str) -> Field | None:
    """发证机构: labelled, else the organisation that signs by itself; surer where its seal says the same."""
    labelled = read_field(layouts, "issuer", "issuer", organisation)
    if labelled is not None:
        return labelled
    pages = [layout.page for layout in layouts]
    sealed = list(sealed_by(pages, lambda name: name != holder and is_organisation(name)))
    names = {str(field.value) for field in sealed}
    signed: list[Field] = []
    for layout in layouts:
        for line in layout.free:
            text = unbracketed(tidy(line.text))
            if line.box.cy > SIGNED and is_organisation(text) and text != holder and line.confidence > LEGIBLE:
                trust = 0.97 if text in names else 0.85
                signed.append(field_of("issuer", text, (line,), layout.page, trust=trust, reasons=("signs",)))
    return best((*signed, *sealed))
