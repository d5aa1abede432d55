"""What fields, roles, documents and seals are called in messages, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.model import Decided, DecisionKind, DocumentType, Finding, SealKind, SealRole, Text

__all__ = [
    "decision_name",
    "decision_told",
    "document_name",
    "field_name",
    "kind_name",
    "reasons_told",
    "role_name",
    "shown",
]

_FIELDS: Mapping[str, tuple[str, str]] = {
    "address": ("注册地址", "registered address"),
    "application_no": ("申报编号", "application number"),
    "certificate_no": ("证书编号", "certificate number"),
    "commerce_department": ("审核的商务主管部门", "commerce department"),
    "company_name": ("被审计单位名称", "name of the audited company"),
    "consolidated": ("合并财务报表", "consolidated statements"),
    "contact": ("联系人", "contact"),
    "degree_staff": ("大学（含）以上学历人数", "staff with a degree"),
    "delivery_location": ("业务交付主体所在地", "place of delivery"),
    "email": ("电子邮箱", "e-mail"),
    "established": ("成立日期", "date of establishment"),
    "functions": ("功能领域", "fields of function"),
    "headquarters": ("总部所在地", "headquarters"),
    "holder": ("证书持有人", "holder"),
    "industry": ("所属行业", "industry"),
    "legal_representative": ("法定代表人", "legal representative"),
    "location": ("所在地", "location"),
    "mobile": ("手机", "mobile number"),
    "name": ("名称", "name"),
    "offshore_revenue": ("离岸服务外包收入", "offshore outsourcing revenue"),
    "operating_revenue": ("营业收入", "operating revenue"),
    "opinion": ("审计意见", "audit opinion"),
    "outsourcing_revenue": ("服务外包业务收入", "outsourcing revenue"),
    "outsourcing_staff": ("从事服务外包业务员工人数", "outsourcing staff"),
    "period": ("报告年度", "reporting year"),
    "previous_names": ("曾用名", "previous names"),
    "registered_capital": ("注册资本", "registered capital"),
    "revenue_per_head": ("人均外包业务收入", "outsourcing revenue a head"),
    "staff": ("员工总数", "total staff"),
    "uscc": ("统一社会信用代码", "unified social credit code"),
    "valid_until": ("有效期", "date of expiry"),
    "applied_on": ("申请日", "date of application"),
    "assets_equal_liabilities_and_equity": ("资产总计 = 负债和所有者权益总计", "assets equal liabilities and equity"),
    "audit_firm": ("会计师事务所", "audit firm"),
    "balance_sheet": ("资产负债表", "balance sheet"),
    "cash_flow": ("现金流量表", "cash flow statement"),
    "completed_on": ("开发完成日期", "date of completion"),
    "currency": ("币种", "currency"),
    "equity_changes": ("所有者权益变动表", "statement of changes in equity"),
    "grant_no": ("授权公告号", "grant number"),
    "income_statement": ("利润表", "income statement"),
    "issued_on": ("发证日期", "date of issue"),
    "issuer": ("发证机关", "issuer"),
    "kind": ("种类", "kind"),
    "net_profit": ("净利润", "net profit"),
    "notes": ("财务报表附注", "notes"),
    "operating_cost": ("营业成本", "operating cost"),
    "operating_profit": ("营业利润", "operating profit"),
    "operating_revenue_previous": ("上年营业收入", "operating revenue of the year before"),
    "operator": ("运营机构", "operator"),
    "published_on": ("首次发表日期", "date of publication"),
    "registration_certificate_no": ("证书号", "certificate number"),
    "registration_no": ("注册号", "registration number"),
    "report_code": ("报告编码", "report code"),
    "report_date": ("报告日期", "date of the report"),
    "report_no": ("报告文号", "report number"),
    "riding": ("骑缝章", "riding seal"),
    "submitted_at": ("提交时间", "time of submission"),
    "title": ("名称", "title"),
    "total_assets": ("资产总计", "total assets"),
    "total_equity": ("所有者权益合计", "total equity"),
    "total_liabilities": ("负债合计", "total liabilities"),
    "total_operating_revenue": ("营业总收入", "total operating revenue"),
    "track": ("申报类别", "track"),
    "unit": ("金额单位", "unit of amounts"),
}

_ROLES: Mapping[str, tuple[str, str]] = {
    "applicant": ("申报单位公章", "the applicant's official seal"),
    "commerce_department": ("商务主管部门公章", "the commerce department's official seal"),
    "audit_firm": ("会计师事务所印章", "the audit firm's seal"),
    "cpa": ("注册会计师印章", "the certified accountants' seals"),
    "issuer": ("发证机关印章", "the issuer's seal"),
    "unknown": ("印章", "a seal"),
    "riding": ("骑缝章", "the riding seal"),
}

_DOCUMENTS: Mapping[DocumentType, tuple[str, str]] = {
    DocumentType.INFORMATION_FORM: ("基本信息表", "information form"),
    DocumentType.AUDIT_REPORT: ("审计报告", "audit report"),
    DocumentType.ISO_CERTIFICATE: ("管理体系认证证书", "management system certificate"),
    DocumentType.CMMI_CERTIFICATE: ("CMMI 证书", "CMMI certificate"),
    DocumentType.HI_TECH_CERTIFICATE: ("高新技术企业证书", "high-tech enterprise certificate"),
    DocumentType.ADVANCED_TECH_CERTIFICATE: ("技术先进型服务企业证书", "advanced technology service certificate"),
    DocumentType.SOFTWARE_COPYRIGHT: ("软件著作权登记证书", "software copyright certificate"),
    DocumentType.PATENT_CERTIFICATE: ("专利证书", "patent certificate"),
    DocumentType.BUSINESS_LICENCE: ("营业执照", "business licence"),
    DocumentType.LEGAL_PERSON_PROOF: ("法人证明材料", "legal-person proof"),
    DocumentType.SUPPORTING_STATEMENT: ("相关说明材料", "supporting statement"),
    DocumentType.COVER_LETTER: ("来函", "cover letter"),
    DocumentType.OTHER: ("其他材料", "other paper"),
}

_KINDS: Mapping[str, tuple[str, str]] = {
    "official": ("公章", "an official seal"),
    "contract": ("合同专用章", "a contract seal"),
    "finance": ("财务专用章", "a finance seal"),
    "invoice": ("发票专用章", "an invoice seal"),
    "personal": ("个人名章", "a personal seal"),
    "registration": ("登记专用章", "a registration seal"),
    "department": ("内设部门章", "a department's seal"),
    "other": ("非公章", "no official seal"),
}


_REASONS: Mapping[str, tuple[str, str]] = {
    "record_agrees": ("与网上申报一致", "the record agrees"),
    "human": ("人工读数", "read by a person"),
    "two_engines": ("两种引擎读数一致", "two engines agree"),
    "check_digit": ("校验位正确", "check digit holds"),
    "identity": ("勾稽关系成立", "the sums hold"),
    "text_layer": ("电子文本", "printed by a program"),
    "engines_differ": ("两种引擎读数不同", "engines differ"),
    "lookalikes": ("含形近字符", "signs that look alike"),
    "unknown_suffix": ("域名后缀不常见", "a domain that ends as none does"),
    "looks_differ": ("多次读数不同", "looks differ"),
    "weak_sign": ("个别字不清", "an unclear sign"),
    "weak_digit": ("个别数字不清", "an unclear digit"),
    "low_score": ("字迹较淡", "weak print"),
    "small_print": ("图像分辨率低、字太小", "print of too few pixels"),
    "together": ("联合发证机关数", "issued together by"),
    "computed": ("按有效年限推算", "computed from the term"),
    "seal": ("取自印章", "read off a seal"),
    "no_label": ("旁无标签", "no label beside it"),
    "handwritten": ("手写", "handwritten"),
    "past_empty": ("左侧单元格为空", "behind an empty cell"),
    "unread_ink": ("有字迹未能读出", "ink that was not read"),
    "under_seal": ("印章压字", "under a seal"),
    "repaired": ("已更正，原读数", "put right; read as"),
    "words_and_figures_differ": ("大小写不一致", "words and figures differ"),
    "unit_from_form": ("单位取自表头", "unit from the form's head"),
    "unit_assumed": ("单位为推定", "unit assumed"),
    "unit_default": ("单位为推定", "unit assumed"),
    "unit_doubtful": ("单位存疑", "unit doubtful"),
    "unit_of_others": ("单位按同表其他数字", "unit as of the form's other figures"),
    "separator_doubtful": ("小数点或千分位存疑", "point or comma doubtful"),
    "separator_lost": ("顿号未能读出", "a separator was lost"),
    "said_twice_differently": ("表内前后不一致", "said twice differently"),
    "in_a_sentence": ("取自正文", "from running text"),
    "other_year": ("年份与登记号不一致", "not the year of its number"),
    "first_issued": ("为初次发证日期", "the day of first issue"),
    "registered": ("按登记日期", "by its date of registration"),
    "short_year": ("年份为两位数", "a year of two digits"),
    "sum_of_rows": ("多行合计", "sum of rows"),
    "rows_left_out": ("另有含“外包”的行未计入", "other rows that say outsourcing are not counted"),
    "prose": ("取自正文", "from running text"),
    "total_revenue": ("按营业总收入", "taken from total revenue"),
    "total_income": ("按收入合计", "taken from total income"),
    "sign_doubtful": ("可能漏读负号", "a minus may have been missed"),
    "qr_code": ("取自二维码", "from the QR code"),
    "other_label": ("标签近似", "under a near label"),
    "approximate": ("约数", "approximate"),
}
"""Why a value is (not) trusted; words that tell a reviewer nothing are left out."""


def reasons_told(reasons: Sequence[str]) -> Text:
    """What a confidence rests on, in words; empty where there is nothing to tell."""
    told = [(_REASONS[word], rest) for word, _, rest in (one.partition(":") for one in reasons) if word in _REASONS]
    zh = "，".join(f"{words[0]} {rest}".strip() for words, rest in told)
    return Text(zh=zh, en=", ".join(f"{words[1]} {rest}".strip() for words, rest in told))


def _text(pair: tuple[str, str]) -> Text:
    return Text(zh=pair[0], en=pair[1])


def field_name(name: str) -> Text:
    """What a field is called; its own name where it has no Chinese one."""
    return _text(_FIELDS.get(name, (name, name.replace("_", " "))))


def role_name(role: SealRole | str) -> Text:
    """Whose seal, e.g. 申报单位公章."""
    return _text(_ROLES.get(role, (role, role)))


def document_name(type_: DocumentType | None) -> Text:
    """What a document type is called; 材料 for none."""
    return _text(_DOCUMENTS[type_]) if type_ is not None else Text(zh="材料", en="paper")


_DECISIONS: Mapping[DecisionKind, tuple[str, str]] = {
    "confirmed": ("属实", "confirmed"),
    "overruled": ("不算问题", "overruled"),
    "reopened": ("重新打开", "reopened"),
}


def decision_name(kind: DecisionKind) -> Text:
    """What a person said of a finding, e.g. 不算问题."""
    return _text(_DECISIONS[kind])


def decision_told(found: Finding) -> str:
    """What people said of a finding, on one line in both languages; empty where nobody did."""
    if found.decision is not None:
        return _decision_line(found.decision)
    if found.earlier is not None:
        return f"先前的裁定针对另一个值 about another value: {_decision_line(found.earlier)}"
    return ""


def _decision_line(said: Decided) -> str:
    word = decision_name(said.kind)
    note = f"：{said.note}" if said.note else ""
    return f"{word.zh} {word.en} · {said.by} · {said.at:%Y-%m-%d %H:%M} UTC{note}"


def kind_name(kind: SealKind | str) -> Text:
    """What kind of seal, e.g. 合同专用章."""
    return _text(_KINDS.get(kind, _KINDS["other"]))


def shown(value: object) -> str:
    """A value in a message: lists joined, nothing as a dash."""
    if value is None or value == "" or value == ():
        return "—"
    if isinstance(value, tuple | list):
        return "、".join(str(item) for item in value)
    return str(value)
