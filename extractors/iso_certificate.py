"""Certificates of management systems: ISO 9001, 20000-1, 27001 and their like, Chinese or English (DOMAIN §4.7, §7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractors._attested import attested_by, attested_of, confirmed
from extractors._certificate import Parsed, best, read_field, text_of
from extractors._certificate_code import uscc_field
from extractors._certificate_dates import date_of, date_under_seal, in_order, later, spoken_date, valid_until
from extractors._certificate_names import (
    MENDED,
    is_organisation,
    latin_company,
    latin_head,
    organisation,
    unbracketed,
    whole_latin,
    whole_name,
)
from extractors._certificate_titles import find_title, ruled_rows, titled_otherwise
from extractors._document import certificate_document
from extractors._fields import field_of, tidy
from extractors._issuers import settled_by_seal
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Box, Document, DocumentType, Field, Line, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.tables.grid import union_of
from pipeline.values.dates import find_dates, parse_date
from pipeline.values.numbers import iso_number

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.ISO_CERTIFICATE})

TITLES = words(
    "质量管理体系认证证书 信息技术服务管理体系认证证书 信息安全管理体系认证证书 环境管理体系认证证书 "
    "职业健康安全管理体系认证证书 管理体系认证证书 服务管理体系认证证书 认证证书 管理体系证书 "
    "隐私信息管理体系认证证书 业务连续性管理体系认证证书 体系认证证书"
)
BARE_TITLES = words("证书 认证证明")
ENGLISH_TITLE = re.compile(
    r"^(?:certificate(?:ofregistration|ofapproval|ofconformity|ofcompliance)?|certificate:?[a-z]{2}\d{2}/\d{4,6}(?:\.\d{1,2})?|"
    r".{0,60}managementsystem(?:s)?(?:certificate|certification(?:certificate)?))$",
    re.IGNORECASE,
)
LABELS = {
    "holder": words(
        "获证组织名称 获证组织 组织名称 企业名称 单位名称 公司名称 认证委托人 受审核方名称 受审核方 "
        "证书持有人 证书持有者 获证方 申请组织 获证企业 nameoforganization organizationname companyname "
        "certifiedorganization"
    ),
    "certify": words(
        "兹证明 特此证明 兹认证 thisistocertifythat thisistocertify thiscertifiesthat herebycertifiesthat "
        "weherebycertifythat themanagementsystemof thequalitymanagementsystemof "
        "theinformationsecuritymanagementsystemof theservicemanagementsystemof "
        "thisistocertifythatthemanagementsystemof thisistocertifythatthequalitymanagementsystemof "
        "thisistocertifythattheinformationsecuritymanagementsystemof certifiesthat atteststhat "
        "兹确认"
    ),
    "certificate_no": words(
        "证书编号 证书号码 证书注册号 认证证书编号 证书注册编号 证书号 注册号 注册编号 编号 certificateno "
        "certificatenumber registrationno registrationnumber certificateregistrationno certno "
        "certificateregistr.no certificateregistrno registr.no certificateregistrationnumber "
        "certificate# regno reg.no no: 主证书编号 证书注册号码 mainregistrationno"
    ),
    "issued_on": words(
        "本次发证日期 颁证日期 发证日期 换证日期 签发日期 颁发日期 本次颁证日期 发证时间 证书签发日期 "
        "再认证日期 批准日期 签发日 dateofissue issuedate issuedon dateofissuance effectivedate "
        "certificateissuedate currentissuedate issued reissue reissued re-issue re-issued dateofreissue dateofre-issue "
        "currentcertificate currentcertificatedate currentapproval currentapprovaldate "
        "placeanddate 换证 换发日期 证书更新日期 更新日期 颁证时间 签发时间"
    ),
    # Where nothing is named the day of issue; else it may be the first one's.
    "registered_on": words("注册日期 注册时间 registrationdate dateofregistration"),
    "first_issued": words(
        "初次发证日期 首次发证日期 初次获证日期 首次颁证日期 初次认证日期 首次认证日期 初始发证日期 "
        "初次颁证日期 首次签发日期 首次获证日期 dateofinitialissue initialissuedate originalissuedate "
        "initialcertificationdate originalcertificationdate certifiedsince firstcertification "
        "originalapproval originalapprovaldate originalapprovals initialapproval initialapprovaldate "
        "firstissued firstissuedate originalregistrationdate dateoffirstissue initialdateofissue originallyregistered "
        "首次注册日期 首次注册日 初次注册日期 初始注册日期 首次获证 初次获证 首次颁发 首次发证 初次发证 首次颁发日期"
    ),
    "valid": words(
        "有效期至 证书有效期至 有效期限至 有效日期至 证书有效期 有效期限 有效期 有效日期 到期日期 到期日 "
        "失效日期 截止日期 届满日期 期满日期 有效期截止日期 有效截止日期 证书到期日期 "
        "本证书自颁发之日起 本证书自发证之日起 "
        "本证书有效期 本证有效期 本证书有效期限 本证书的有效期 "
        "validuntil expirydate dateofexpiry expirationdate validto validthrough "
        "validtill expires expireson certificatevaliduntil certificateexpiry certificateexpirydate validity valid"
    ),
    "issuer": words(
        "认证机构 发证机构 颁证机构 发证机关 认证机构名称 certificationbody issuedby fortheissuingoffice "
        "thecertificationbodyof"
    ),
    "uscc": words("统一社会信用代码 社会信用代码 unifiedsocialcreditcode"),
    "address": words(
        "注册地址 审核地址 通讯地址 经营地址 生产地址 办公地址 地址 注册/审核地址 受审核地址 "
        "注册及审核地址 运营地址 address registeredaddress auditaddress businessaddress"
    ),
    "scope": words(
        "认证范围 覆盖范围 证书覆盖范围 认证覆盖范围 适用范围 审核范围 范围 认证覆盖的业务范围 "
        "体系覆盖范围 通过认证范围如下 认证范围如下 scope scopeofcertification forthefollowingscope "
        "thescopeof forthefollowingactivities forthefollowing"
    ),
    "standard": words("认证标准 标准 符合标准 依据标准 认证依据 管理体系标准 体系标准 符合 standard"),
    "revised": words("latestrevisiondate latestrevision revisiondate lastrevised"),
    "surveillance": words("监督审核 年度监督 第一次监督审核 查询网址"),
}
_NUMBERS = {
    "iso27001": re.compile(r"(?:27001|22080)(?!\d)"),
    "iso20000": re.compile(r"(?:20000|24405)(?!\d)"),
    "iso9001": re.compile(r"(?<!\d)1?9001(?!\d)"),
}
_SYSTEMS = {
    "iso27001": re.compile(r"信息安全管理体系|informationsecuritymanagementsystem", re.I),
    "iso20000": re.compile(r"服务管理体系|servicemanagementsystem", re.I),
    "iso9001": re.compile(r"质量管理体系|qualitymanagementsystem", re.I),
}
_OTHERS = re.compile(r"(?:14001|24001|45001|28001|27701|22301|27017|27018|50001|13485|22000|37001|29151|20001)(?!\d)")
_NUMBERED = re.compile(r"(?:GB/?T|ISO|IEC|EN)[/\- ]*(?:IEC)?[\- ]*\d{4,5}", re.I)
_BODY = re.compile(
    r"认证|检验集团|质量检验|审核中心|质量体系|评定中心|评审中心|Certification|Certificate|Registrar|Assurance|Assessment|BSI|SGS|T[UÜ]V|DNV|"
    r"Intertek|Bureau ?Veritas|LRQA|NQA|CQC|CQM|"
    r"Register|检测认证|华夏认|方圆标志|赛宝|标准技术",
    re.I,
)
_SENTENCE = re.compile(r"management system|\bof$|\bthe\b|conform|assess|require|standard|certif", re.I)
_BEHALF = re.compile(r"^(?:Signed\s+)?(?:for\s+and\s+)?on\s+behalf\s+of:?\s*|^Issued\s+by:?\s*", re.IGNORECASE)
_LATIN_BODY = re.compile(
    r"[A-Z][\w .,&()'\-/]{3,80}\b(?:Ltd|Limited|Inc|LLC|GmbH|SAS|S\.A|SA|AS|AG|SE|B\.?V|Corp(?:oration)?|Co|"
    r"Certification|Registrar|Services|Center|Centre)\b\.?\)?"
)
_OFFICE_HELD = re.compile(
    r"^(?:Vice |General |Managing |Executive |Regional |Technical |Chief )*"
    r"(?:President|Director|Manager|Officer|Head|Chairman|CEO|Signatory|Representative)\b(?:,\s*|.*$)"
)
_ACRONYM = re.compile(r"BSI|SGS|DNV(?: GL)?|NQA|LRQA|Intertek|Bureau Veritas|T[ÜU]V [A-Z]\w+(?: [A-Z]\w+)?")
_OFFICES = re.compile(
    r"国家认证认可|认可委员会|CNAS|CNCA|IAF|认监委|监督管理委员会|www\.|网址|查询|必须|接受|监督|有效"
)


def score(page: ReadPage) -> PageScore | None:
    """A management system's title or standard, with a certificate's labels; annexes (附件) go on with it."""
    if titled_otherwise(page):
        return None
    text = squeeze(page.text)[0]
    if _is_annex(page) and any(iso_number(line.text) for line in page.lines):
        return PageScore(type=DocumentType.ISO_CERTIFICATE, score=90, opens=False, subject="")
    if _is_annex(page) and re.search(r"证书", text) and layout_of(page, LABELS).has("certificate_no"):
        return PageScore(type=DocumentType.ISO_CERTIFICATE, score=72, opens=False, subject="")
    system = _kind_of(text) is not None or "管理体系" in text or "managementsystem" in text.lower()
    if not system or re.search(r"CMMI", text) is not None:
        return None
    layout = layout_of(page, LABELS)
    keys = layout.keys()
    marks = len(
        keys
        & {"certificate_no", "holder", "certify", "issued_on", "first_issued", "valid", "scope", "issuer", "address"}
    )
    title = find_title(page, TITLES) or _english_title(page)
    if title is None and _NUMBERED.search(text) is not None:
        title = find_title(page, BARE_TITLES)  # the sentence below names the system
    holder = _holder([layout])
    subject = str(holder.value) if holder is not None and re.search(r"[\u4e00-\u9fff]", str(holder.value)) else ""
    if _is_annex(page) and marks >= 1:
        return PageScore(type=DocumentType.ISO_CERTIFICATE, score=72, opens=False, subject=subject)
    numbered = _NUMBERED.search(text) is not None
    if title is not None and marks >= 2:
        points = min(99, 91 + marks)
    elif marks >= 3 and numbered and {"certificate_no", "valid"} & keys and ruled_rows(page) < 5:
        points = 84
    elif title is not None and marks >= 1 and numbered:
        points = 75
    else:
        return None
    number = text_of(_number([layout]))
    return PageScore(type=DocumentType.ISO_CERTIFICATE, score=points, opens=True, subject=subject, number=number)


def _english_title(page: ReadPage) -> object | None:
    upper = (squeeze(line.text)[0] for line in page.lines if line.box.y0 < 0.5)
    return next((text for text in upper if ENGLISH_TITLE.match(text)), None)


def _is_annex(page: ReadPage) -> bool:
    head = [squeeze(line.text)[0] for line in page.lines if line.box.y0 < 0.35]
    return any(
        re.search(r"^(?:证书)?(?:附件|附录|附表|附页)|^(?:annex|appendix|schedule)\b|^.{0,12}证书附件", text, re.I)
        for text in head
    )


def _kind_of(text: str) -> str | None:
    """iso9001, iso20000, iso27001 or other: by the number of the standard, else by the system's name."""
    numbered = [kind for kind, pattern in _NUMBERS.items() if pattern.search(text)]
    named = [kind for kind, pattern in _SYSTEMS.items() if pattern.search(text)]
    both = [kind for kind in numbered if kind in named]
    if both or numbered:
        return (both or numbered)[0]
    if _OTHERS.search(text) and _NUMBERED.search(text):
        return "other"
    return named[0] if named else None


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``kind name certificate_no holder issuer issued_on valid_until uscc``."""
    layouts = [layout_of(page, LABELS) for page in pages]
    holder = _holder(layouts)
    issued = read_field(layouts, "issued_on", "issued_on", date_of)
    first = read_field(layouts, "issued_on", "first_issued", date_of)
    until = valid_until(layouts, ("valid",), issued or first) or spoken_date(layouts, "valid_until", _UNTIL)
    issued = issued or read_field(layouts, "issued_on", "registered_on", date_of)
    issued = issued or _span_start(until) or spoken_date(layouts, "issued_on", _FROM)
    issued = issued or read_field(layouts, "issued_on", "revised", date_of) or _as_first_issued(first, until)
    taken = [field.box for field in (until, first) if field is not None]
    issued = issued or best(date_under_seal(page, taken=taken) for page in pages)
    issued, until = in_order(issued, until)
    fields = (
        _kind(pages),
        _name(pages),
        _number(layouts),
        holder,
        settled_by_seal(_issuer(layouts, holder), pages),
        issued,
        until,
        uscc_field(layouts),
    )
    return certificate_document(pages, type, fields)


MANY_DIGITS = 5  # of a number that nothing but its form tells
SIGNED = 0.65  # of the page: below, an English certificate is signed
FIRST_ONLY = 0.7
YEARS = 3  # of a certificate (DOMAIN §4.7)


def _as_first_issued(first: Field | None, until: Field | None) -> Field | None:
    """The day of first issue where no other is read: this certificate's own only if its term counts from there."""
    start = parse_date(text_of(first))
    if first is None or start is None:
        return first
    end, before = later(start, YEARS)
    if text_of(until) in (end.isoformat(), before.isoformat()):
        return first
    reasons = (*first.reasons, "first_issued")
    return first.model_copy(update={"confidence": min(first.confidence, FIRST_ONLY), "reasons": reasons})


def _kind(pages: Sequence[ReadPage]) -> Field | None:
    for page in pages:
        kind = _kind_of(squeeze(page.text)[0])
        if kind is None:
            continue
        lines = [line for line in page.lines if _kind_of(squeeze(line.text)[0]) == kind][:1]
        return field_of("kind", kind, lines, page, box=Box(0, 0, 1, 1), trust=0.98 if kind != "other" else 0.9)
    return None


def _name(pages: Sequence[ReadPage]) -> Field | None:
    for page in pages:
        title = find_title(page, TITLES)
        if title is None:
            continue
        return field_of(
            "name", title.text, (), page, box=title.box, raw=title.text, trust=0.95 if title.exact else 0.85
        )
    return None


_FROM = re.compile(r"\bvalid\s+from\b", re.I)
_UNTIL = re.compile(r"\bvalid\s+(?:until|till|through)\b|\bvalid\s+from\b.{6,24}?\b(?:until|till|to|through)\b", re.I)
_RECERTIFIED = re.compile(r"R[OQD](?=(?:[LMS]|CMN)(?:[-/]|$))")
_STANDARD_NO = re.compile(r"^(?:GB|ISO|IEC|EN|T/)", re.I)


def _number(layouts: Sequence[Layout]) -> Field | None:
    """CNCA's grammar anywhere on the page; else what stands behind 证书编号."""

    def parse(text: str) -> Parsed | None:
        bare = squeeze(text)[0].strip(":.,;*")
        if _STANDARD_NO.match(bare):
            return None
        known = iso_number(bare)
        if known:
            counted = _RECERTIFIED.sub("R0", known)  # 再认证次数 is a figure: R0M, not ROM
            if counted != known:
                return Parsed(counted, 0.95, ("grammar", f"repaired:{known}"), (known,))
            return Parsed(known, 0.985, ("grammar",))
        if mended := _mended(bare):
            return Parsed(mended, 0.8, (f"repaired:{bare}",), (bare.upper(),))
        if yearly := _YEARLY.match(bare):
            return Parsed(yearly[0].upper(), 0.94)
        match = re.match(r"(?:No\.?:?)?([A-Za-z0-9][A-Za-z0-9\-/.()（）]*\d[A-Za-z0-9\-/.()（）]*)", bare, re.I)
        number = match[1].strip(".-/(（").upper() if match else ""
        return Parsed(number, 0.94) if len(re.findall(r"\d", number)) >= 4 else None

    labelled = read_field(layouts, "certificate_no", "certificate_no", parse, wraps=True, whole=_whole_number)
    if labelled is not None:
        return labelled
    loose = (
        field_of("certificate_no", number, (line,), layout.page, trust=0.9, reasons=("grammar", "no_label"))
        for layout in layouts
        for line in layout.page.lines
        if re.search(r"R\d[LMS]", line.text) and (number := iso_number(line.text))
    )
    headed = (
        field_of("certificate_no", match[1].upper(), (line,), layout.page, trust=0.93, reasons=("grammar",))
        for layout in layouts
        for line in layout.page.lines
        if (match := _HEADED.match(line.text.strip()) or _NUMBER_ALONE.fullmatch(line.text.strip()))
        if len(re.findall(r"\d", match[1])) >= MANY_DIGITS
    )
    return best(loose) or best(headed)


_YEARLY = re.compile(r"[A-Za-z\u4e00-\u9fff]{1,8}[〔\[(【](?:19|20)\d\d[〕\])】]第?[A-Za-z0-9\-]+号?")
# No. 0122021ITSM0117R0N, No. IS 640915 by itself under a title
_NUMBER_ALONE = re.compile(r"(?:No|№|编号)[.:：]*\s*([A-Z0-9][A-Z0-9\-/]{7,30}|[A-Z]{1,4} \d{5,9})", re.I)
_HEADED = re.compile(r"Certificate\s*:?\s*([A-Z]{2}\d{2}/\d{4,6}(?:\.\d{1,2})?)$", re.I)  # Certificate CN21/30456


def _whole_number(text: str, below: str) -> bool:
    """A number goes on below only behind a hyphen: C571108-2022-AIS- / CHN-RvA."""
    return not text.rstrip().endswith("-")


_SYSTEM_CODES = {
    "7T": "IT",
    "1T": "IT",
    "LT": "IT",
    "|T": "IT",
    "7S": "IS",
    "1S": "IS",
    "|S": "IS",
    "15": "IS",
    "0": "Q",
    "O": "Q",
}


def _mended(bare: str) -> str | None:
    """CNCA's grammar with the letters of the system misread as figures (IT → 7T), if one mending alone fits."""
    text = bare.upper()
    fits = {
        mended
        for wrong, right in _SYSTEM_CODES.items()
        if text[5 : 5 + len(wrong)] == wrong and text[:5].isdigit()
        if re.fullmatch(
            r"[0-9]{5}[A-Z]{1,2}[0-9]{4,6}R[0-9][LMS](?:-[0-9])?", mended := text[:5] + right + text[5 + len(wrong) :]
        )
    }
    return fits.pop() if len(fits) == 1 else None


def _holder(layouts: Sequence[Layout]) -> Field | None:
    """The organisation certified: labelled, else behind 兹证明, else the first organisation that certifies nothing."""

    def parse(text: str) -> Parsed | None:
        parsed = organisation(re.sub(r"^(?:的|:)|(?:管理体系|建立的|所建立|的质量|的信息|符合).*$", "", tidy(text)))
        if parsed is None or parsed.trust < MENDED:
            return None
        return None if _OFFICES.search(str(parsed.value)) or _SENTENCE.search(str(parsed.value)) else parsed

    labelled = read_field(layouts, "holder", "holder", parse, wraps=True, whole=whole_name)
    if labelled is not None:
        return labelled
    certified = read_field(layouts, "holder", "certify", parse, wraps=True, whole=whole_latin)
    certified = attested_of(layouts) or confirmed(layouts) or certified
    latin = certified is not None and not re.search(r"[\u4e00-\u9fff]", str(certified.value))
    if certified is not None and not latin and not _BODY.search(str(certified.value)):
        return certified
    for layout in layouts:
        named = [
            (lines, unbracketed(text))
            for lines, text in _organisations(layout)
            if not _BODY.search(text) and lines[0].box.cy < 0.75
        ]
        # On an English certificate the registered name stands below its translation.
        own = [one for one in named if re.search(r"[\u4e00-\u9fff]", one[1])] or ([] if latin else named)
        if own:
            lines, text = own[0]
            return field_of("holder", text, lines, layout.page, trust=0.9, reasons=("no_label",))
    return certified


def _organisations(layout: Layout) -> Iterator[tuple[tuple[Line, ...], str]]:
    """Lines that are names of organisations, top to bottom; names broken over two lines joined."""
    lines = sorted(layout.page.lines, key=lambda line: line.box.cy)
    for i, line in enumerate(lines):
        text = _OFFICE_HELD.sub("", _BEHALF.sub("", tidy(re.sub(r"^.{0,6}[:：]", "", line.text))))
        if (is_organisation(text) or latin_company(text)) and not _OFFICES.search(text):
            yield (line,), text
            continue
        for other in lines[i + 1 : i + 3]:
            both = text + tidy(other.text)
            near = other.box.y0 - line.box.y1 < 0.8 * line.box.height and abs(other.box.cx - line.box.cx) < 0.1
            if near and len(text) >= 8 and is_organisation(both) and re.search(r"[\u4e00-\u9fff]$", text):
                yield (line, other), both
            if (
                near
                and not whole_latin(text, other.text)
                and abs(other.box.height - line.box.height) < 0.3 * line.box.height
            ):
                yield (line, other), f"{text} {tidy(other.text)}"


def _issuer(layouts: Sequence[Layout], holder: Field | None) -> Field | None:
    """认证机构: labelled, else the organisation whose name certifies, the lowest on the page; else its seal."""

    def parse(text: str) -> Parsed | None:
        parsed = organisation(text)
        return parsed if parsed is not None and parsed.trust >= 0.9 and not _OFFICES.search(text) else None

    own = str(holder.value) if holder is not None else ""
    labelled = read_field(layouts, "issuer", "issuer", parse)
    if labelled is not None and labelled.value != own:
        return labelled
    attested = attested_by(layouts)
    if attested is not None and attested.value != own:
        return attested
    if (owned := _owned_by(layouts)) is not None:
        return owned
    made: list[Field] = []
    for layout in layouts:
        for lines, text in _organisations(layout):
            if text != own and _BODY.search(text):
                box = union_of([line.box for line in lines])
                trust, parsed = 0.85 + 0.1 * box.cy, organisation(text)
                if parsed is not None and parsed.alternatives:  # half a bracket was lost
                    mended = field_of("issuer", parsed.value, lines, layout.page, trust=min(trust, parsed.trust))
                    made.append(mended.model_copy(update={"raw": text, "alternatives": parsed.alternatives}))
                    continue
                made.append(field_of("issuer", text, lines, layout.page, trust=trust))
        for seal in layout.page.seals:
            text = tidy(seal.candidates[0].text) if seal.candidates else ""
            if _BODY.search(text) and is_organisation(text) and seal.legible >= 0.6:
                made.append(
                    field_of(
                        "issuer",
                        text,
                        (),
                        layout.page,
                        box=seal.box,
                        raw=text,
                        trust=0.85 * seal.legible,
                        reasons=("seal",),
                    )
                )
        for line in layout.page.lines:
            latin = _OFFICE_HELD.sub("", _BEHALF.sub("", tidy(line.text)))
            latin = latin_head(latin) or latin
            if _ACRONYM.fullmatch(latin) and latin != tidy(line.text):
                made.append(field_of("issuer", latin, (line,), layout.page, trust=0.9))
            told = latin != tidy(line.text) and not tidy(line.text).startswith(latin)
            if not _LATIN_BODY.fullmatch(latin) or latin in own:
                continue
            if _BODY.search(latin) or told:
                made.append(field_of("issuer", latin, (line,), layout.page, trust=0.92 if told else 0.75))
            elif line.box.cy > SIGNED and latin_company(latin):
                made.append(field_of("issuer", latin, (line,), layout.page, trust=0.6, reasons=("no_label",)))
    # A seal's ring is read in pieces as lines too: a name that ends as companies' do is whole.
    return max(made, key=lambda field: (str(field.value).endswith("公司"), field.confidence), default=None)


_PROPERTY = re.compile(
    r"\bproperty of (?P<who>[A-Z][\w .&()'\-]{2,60}?"
    r"(?:\b(?:Ltd|Limited|Inc|LLC|GmbH|Group|AS|SA|BV|UK)\b\.?|(?= and\b|,|\.|$)))"
)


_REGISTERED_BY = re.compile(
    r"\b(?:registered|certified|assessed|audited|approved) by (?P<who>[A-Z][\w.&'\-]*(?: [A-Z][\w.&'\-]*){0,6})"
    r"(?= (?:against|to|and|in accordance|as)\b)"
)


def _owned_by(layouts: Sequence[Layout]) -> Field | None:
    """This certificate remains the property of …: its issuer, unless a sentence only speaks of the body."""
    return best(
        field_of("issuer", tidy(match["who"]), (line,), layout.page, trust=0.93, reasons=("in_a_sentence",))
        for layout in layouts
        for line in layout.page.lines
        if (match := _PROPERTY.search(line.text) or _REGISTERED_BY.search(line.text))
    )


def _span_start(until: Field | None) -> Field | None:
    """有效期：2021年3月5日至2024年3月4日 dates the certificate too."""
    days = find_dates(until.raw) if until is not None and "span" in until.reasons else ()
    if until is None or len(days) < 2:
        return None
    first = min(day for day, _ in days)
    return until.model_copy(
        update={"name": "issued_on", "value": first.isoformat(), "confidence": round(0.9 * until.confidence, 4)}
    )
