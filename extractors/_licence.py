"""What licences and registration certificates share: labels, fields, the seal on a copy (DOMAIN §7, §6.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from extractors._certificate import Parsed, amount_field, best, read_field, text_of
from extractors._certificate_address import address_field
from extractors._certificate_code import uscc_field
from extractors._certificate_dates import date_of, date_under_seal, valid_until
from extractors._certificate_names import is_organisation, organisation, person, whole_name
from extractors._document import certificate_document
from extractors._fields import field_of, tidy
from extractors._free_place import free_place
from extractors._issuers import sealed_by
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Document, DocumentType, Field, PageScore, ReadPage

__all__ = ["LABELS", "extract_licence", "inner_page", "is_audit_firms", "licence_number", "typical_labels"]

SURE_CODE = 0.8  # from which a code tells whose paper it is

LABELS = {
    "name": words("名称 企业名称 单位名称 学校名称 机构名称 字号名称 公司名称 办学机构名称 组织名称"),
    "uscc": words("统一社会信用代码 社会信用代码 信用代码 统一代码 统一社会信用代码/注册号"),
    "registration_no": words("注册号 注册登记号 登记证号 事证第 组织机构代码 机构代码"),
    "legal_representative": words(
        "法定代表人 法定代表人姓名 法人代表 负责人 执行事务合伙人 经营者 经营者姓名 投资人 校长 "
        "法定代表人(负责人) 单位负责人 委派代表 首席代表 法人代表姓名"
    ),
    "registered_capital": words("注册资本 注册资金 开办资金 成员出资总额 出资额 认缴出资额 资金数额 开办资金数额"),
    "paid_capital": words("实收资本"),
    "established": words(
        "成立日期 成立时间 注册日期 设立日期 成立登记日期 首次登记日期 设立登记日期 登记成立日期 成立登记时间 "
        "准予登记日期 批准成立日期 初始登记日期"
    ),
    "term": words(
        "营业期限 经营期限 有效期限 有效期 证书有效期 合伙期限 办学许可有效期 有效期至 本证书有效期 本证有效期 "
        "许可有效期"
    ),
    "address": words(
        "住所 经营场所 营业场所 主要经营场所 地址 学校地址 办学地址 注册地址 注册住所 机构地址 活动地域 校址"
    ),
    "scope": words("经营范围 业务范围 宗旨和业务范围 办学内容 宗旨 职能 经营项目 办学范围"),
    "type": words(
        "类型 公司类型 企业类型 主体类型 机构类型 学校类型 经济性质 组成形式 机构性质 办学类型 办学层次 办学形式"
    ),
    "issuer": words("登记机关 登记管理机关 发证机关 颁发单位 颁证机关 审批机关 赋码机关 登记管理 发证单位"),
    "sponsor": words("举办单位 举办者 业务主管单位 经费来源 主管部门 主办单位"),
    "issued_on": words("登记日期 核准日期 发证日期 发照日期 颁发日期 发证时间 颁证日期 批准日期"),
    "certificate_no": words("教民 许可证编号 许可证号 证号 编号 证书编号 证照编号 民证字第"),
    "years": words("年度检验情况 年检情况 备注 须知"),
}

_TYPICAL = frozenset(
    words(
        "name uscc registration_no legal_representative registered_capital established term address scope type issuer "
        "sponsor"
    )
)
_AUDITORS = re.compile(r"会计师事务所|注册会计师业务|审查企业会计报[表衷]")


def typical_labels(layout: Layout) -> int:
    """How many kinds of label of a licence the page bears."""
    return len(layout.keys(0.79) & _TYPICAL)


def is_audit_firms(page: ReadPage) -> bool:
    """Whether it is the licence or certificate of a 会计师事务所: part of the audit report (DOMAIN §3.8)."""
    return bool(_AUDITORS.search(squeeze(page.text)[0]))


_INNER = re.compile(
    r"年度检[查验](?:情况|记录)?|年检(?:情况|记录)|变更(?:登记)?(?:情况|记录|事项)|持证须知|证书使用(?:须知|说明)"
)
FEW_LINES = 40  # of a page with little but an empty table
INNER = 20  # points: it goes with the certificate right before it, or with none


def inner_page(page: ReadPage, type: DocumentType) -> PageScore | None:
    """A page of yearly checks or changes in a certificate's booklet."""
    head = (squeeze(line.text)[0] for line in page.lines if line.box.y0 < 0.25)
    if len(page.lines) > FEW_LINES or not any(_INNER.fullmatch(text) for text in head):
        return None
    return PageScore(type=type, score=INNER, opens=False, subject="")


def extract_licence(
    pages: Sequence[ReadPage],
    type: DocumentType,
    extra: Sequence[Field | None] = (),
    *,
    remarks: Sequence[str] = (),
    labels: Mapping[str, Sequence[str]] = LABELS,
) -> Document:
    """Fields by the record's names, ``valid_until`` and ``issuer`` besides, and the applicant's place for a seal."""
    layouts = [layout_of(page, labels) for page in pages]
    issued = read_field(layouts, "issued_on", "issued_on", date_of)
    established = read_field(layouts, "established", "established", date_of)
    if issued is None:
        taken = [f.box for f in (established,) if f is not None]
        issued = best(date_under_seal(page, above=0.5, taken=taken) for page in pages)
    fields = (
        *extra,
        _name(layouts),
        uscc_field(layouts),
        _registration(layouts),
        read_field(layouts, "legal_representative", "legal_representative", person),
        amount_field(layouts, "registered_capital", "registered_capital"),
        established,
        address_field(layouts) or _permitted(layouts, "address"),
        issued,
        _term_end(layouts, issued),
        _issuer(layouts, pages),
    )
    return certificate_document(pages, type, fields, places=[free_place(pages[0], label="")], remarks=remarks)


def _name(layouts: Sequence[Layout]) -> Field | None:
    """名称: behind its label; where only 称 was read of it, still; else the likeliest organisation of the page."""
    labelled = read_field(layouts, "name", "name", organisation, wraps=True, whole=whole_name)
    if labelled is not None and is_organisation(str(labelled.value)):
        return labelled
    if (permitted := _permitted(layouts, "name")) is not None:
        return permitted
    loose: list[Field] = []
    for layout in layouts:
        for line in layout.free:
            text = tidy(line.text)
            bare = _BEHIND_NAME.sub("", text)
            if is_organisation(bare) and not _SORT.match(bare) and not _AUTHORITY.search(bare) and line.box.cy < 0.6:
                trust = 0.9 if bare != text else 0.6
                loose.append(field_of("name", bare, (line,), layout.page, raw=text, trust=trust, reasons=("no_label",)))
    return best((*loose, labelled)) if labelled is None or labelled.confidence < 0.8 else labelled


_PERMITTED = re.compile(
    r"(?:准予|批准|同意|许可)(?P<name>[\u4e00-\u9fff][\u4e00-\u9fff（）()]{3,38}?(?:学校|学院|中心|公司|培训部|幼儿园|研究院))"
    r"在(?P<address>[^，。,;；]{6,50}?)(?:从事|开展|举办|设立|办学)"
)


def _permitted(layouts: Sequence[Layout], name: str) -> Field | None:
    """Whom a permit in prose permits, and where: 准予某某培训中心在某市某路1号从事…."""
    for layout in layouts:
        rows = list(layout.page.lines)
        for i in range(len(rows)):
            lines = tuple(rows[i : i + 4])
            match = _PERMITTED.search(squeeze("".join(line.text for line in lines))[0])
            if match and is_organisation(match["name"]):
                return field_of(name, match[name], lines, layout.page, trust=0.92, reasons=("in_a_sentence",))
    return None


# What is left of the label: 称, or 称 behind a piece of a watermark.
_BEHIND_NAME = re.compile(r"^(?:[名称](?!称)|[^\u4e00-\u9fff]{1,4}称)")

# 类型's value where only 型 was read of its label; no company is called a limited company.
_SORT = re.compile(r"[类型]{0,2}(?:其他)?(?:有限责任公司|股份有限公司|有限公司|个体工商户|个人独资|合伙企业|有限合伙)")


def _registration(layouts: Sequence[Layout]) -> Field | None:
    """注册号 of licences from before 2015."""

    def parse(text: str) -> Parsed | None:
        match = re.search(r"(?<!\d)\d{13,15}(?!\d)", squeeze(text)[0])
        return Parsed(match[0], 0.97) if match else None

    return read_field(layouts, "registration_no", "registration_no", parse)


def _term_end(layouts: Sequence[Layout], issued: Field | None) -> Field | None:
    """营业期限, 有效期: its last day; nothing where it is open (长期) or only begins."""
    end = valid_until(layouts, ("term",), issued)
    if end is not None and "span" in end.reasons and "长期" in end.raw:
        return None
    return end


_AUTHORITY = re.compile(
    r"市场监督管理|工商行政管理|市场监管|市场和质量监督|行政审批|事业单位登记|民政[局厅部]|教育[局厅委]|人力资源|监督管理局|机构编制|登记管理局|社会组织管理"
)


def _issuer(layouts: Sequence[Layout], pages: Sequence[ReadPage]) -> Field | None:
    """登记机关: printed, else as its seal reads."""

    def parse(text: str) -> Parsed | None:
        bare = squeeze(text)[0]
        match = re.match(
            r"[\u4e00-\u9fff]{2,24}?(?:管理局|审批局|民政局|教育局|民政厅|民政部|教育厅|管理委员会|办公室|保障局|分局|局|厅)(?![\u4e00-\u9fff])",
            bare,
        )
        return Parsed(match[0], 0.93) if match else None

    printed = read_field(layouts, "issuer", "issuer", parse)
    if printed is not None:
        return printed
    return best(sealed_by(pages, lambda name: bool(_AUTHORITY.search(name))))


def licence_number(layout: Layout) -> tuple[str, str]:
    """What tells one licence from another, and the day it was issued: its code, else its old 注册号."""
    code = uscc_field([layout])
    if code is not None and code.confidence < SURE_CODE:
        code = None
    issued = read_field([layout], "issued_on", "issued_on", date_of) or date_under_seal(layout.page, above=0.5)
    return text_of(code) or text_of(_registration([layout])), text_of(issued)
