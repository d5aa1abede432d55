"""What a page of an audit report is (DOMAIN §3.1): cover, contents, the report itself, statements, notes, the firm's
papers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractors._income_tables import is_income_table
from extractors._opinion import FIRM, Printed, cpa_lines, printed
from extractors._statements import statement_pages
from extractors._titles import titles
from pipeline.model import ReadPage

__all__ = ["NOTES_WORDS", "PagePart", "Part", "contents_names", "page_part", "special_purpose"]

Part = Literal[
    "cover", "contents", "opinion", "statement", "notes", "firm_licence", "firm_certificate", "cpa_certificate"
]

GLANCED = 80  # score of a page of notes that got a glance: no other document claimed it
BESIDE = 30  # score of a table of revenue that only its neighbours make a report's
SPARSE = 14  # rows of a cover that says little
COVER_ROWS = 40  # a page with more rows than that is no cover
_TITLE = re.compile(
    r"(?:.{0,24}(?:公司|集团|中心|学校|学院|协会|园区?|会))?(?:.{0,12}年度?)?(?:合并|财务报表|财务|会计报表|年度|年报|专项|清算|经济责任|内部控制)*审计报告(?:书|及.{0,12})?"
)
_SPECIAL_TITLE = re.compile(
    r"(?:.{0,30})(?:专项审计|专项审核|专项鉴证|汇算清缴.{0,16}|纳税.{0,8}|研发费用.{0,12}|清产核资.{0,6}|离任.{0,6}|经济责任.{0,6}|资产评估|验资|净资产审计|内部控制.{0,4}|鉴证|审核|审阅)(?:的)?(?:审计|鉴证|审核)?报告(?:书)?"
)
_BODY = (
    "我们审计了",
    "形成审计意见的基础",
    "关键审计事项",
    "对财务报表的责任",
    "对财务报表审计的责任",
    "中国注册会计师审计准则",
    "职业判断",
    "职业怀疑",
    "重大错报",
    "充分、适当的审计证据",
    "治理层沟通",
    "我们认为,后附",
    "合理保证",
    "审计程序",
    "持续经营假设",
    "其他信息",
    "中国注册会计师职业道德守则",
    "舞弊可能涉及",
    "会计估计及相关披露",
    "审计应对",
)
NOTES_WORDS = (
    "财务报表附注",
    "会计报表附注",
    "公司基本情况",
    "公司的基本情况",
    "财务报表的编制基础",
    "遵循企业会计准则的声明",
    "重要会计政策",
    "会计期间",
    "记账本位币",
    "合并财务报表项目注释",
    "报表项目注释",
    "主要项目注释",
    "项目附注",
    "坏账准备",
    "账龄",
    "关联方",
    "或有事项",
    "承诺事项",
    "日后事项",
    "现金流量表补充资料",
    "折旧年限",
    "计提方法",
    "期末余额",
    "期初余额",
    "年初余额",
    "本期增加",
    "本期减少",
    "税率",
    "合并范围",
    "账面价值",
    "账面余额",
    "营业收入和营业成本",
    "金融工具",
    "预期信用损失",
    "残值率",
    "实收资本",
    "会计政策变更",
    "主要税种",
)
_CPA_PAPER = re.compile(
    r"证书编号|证书号|全名|Fullname|年度检验|CertificateofRegistration|AnnualRenewal|批准注册协会|发证日期",
    re.IGNORECASE,
)
_REVENUE_NOTE = re.compile(
    r"(?:附?注释?)?[(（]?[一二三四五六七八九十\d]{1,4}[)）]?[、.．]?(?:主营业务|营业)(?:总)?收入(?:[、和及与/](?:主营业务|营业)(?:总)?成本)?[A-Za-z]*"
)
_COMPANY = re.compile(
    r"([\u4e00-\u9fa5A-Za-z0-9()（）·]{4,40}?(?:公司|集团|中心|学校|学院|大学|协会|委员会|合作社|研究院|研究所|企业|基金会)"
    # 某某集团有限公司, 某某中心（北京）有限公司: the name goes on to the form of the company.
    r"(?:(?:(?![和与及对])[\u4e00-\u9fa5()（）]){0,8}?有限(?:责任)?公司)?)"
)


@dataclass(frozen=True, slots=True)
class PagePart:
    """A page's part with how sure it is (0 to 100), whether it begins a report, and the company it is about, as
    read.
    """

    part: Part
    score: int
    opens: bool = False
    subject: str = ""
    rows: tuple[Printed, ...] = ()


def page_part(page: ReadPage) -> PagePart | None:
    """The part of an audit report that a page is, or None for pages of other papers."""
    rows = tuple(printed(page))
    if page.depth == "looked":  # a glance was enough, and only notes that are going on get one
        return PagePart("notes", GLANCED, rows=rows)
    texts = [row.text for row in rows]
    whole = "".join(texts)
    bears = bool(statement_pages([page]))  # figures in rows and columns under items of a statement
    tries = (_firm_paper, _contents, _report, _cover, _statement, _notes)
    for attempt in tries:
        found = attempt(page, rows, texts, whole, bears)
        if found is not None:
            return found
    return None


def special_purpose(rows: Sequence[Printed]) -> bool:
    """Whether a title says that this is no audit of annual statements: 专项审计, 汇算清缴鉴证 …"""
    return any(_SPECIAL_TITLE.fullmatch(row.text) for row in rows)


def contents_names(rows: Sequence[Printed]) -> tuple[str, ...]:
    """Entries of a table of contents, without ordinals, dots and page numbers."""
    entries = (
        re.sub(r"^[\d一二三四五六七八九十、.()（）]+|[.·…。_\-—\s]*\d*(?:[-—~]\d+)?$", "", row.text) for row in rows
    )
    return tuple(e for e in entries if len(e) >= 2)


def _firm_paper(
    page: ReadPage, rows: Sequence[Printed], texts: Sequence[str], whole: str, bears: bool
) -> PagePart | None:
    firm = bool(FIRM.search(whole)) or "会计师事务所" in whole
    if firm and any(re.search(r"营业执照", t) and len(t) <= 16 for t in texts) and "我们审计了" not in whole:
        return PagePart("firm_licence", 97, rows=tuple(rows))
    if (
        firm
        and re.search(r"执业证书", whole)
        and ("会计师事务所" in whole)
        and "我们审计了" not in whole
        and len(rows) < 60
    ):
        return PagePart("firm_certificate", 97, rows=tuple(rows))
    if "注册会计师" in whole and len(_CPA_PAPER.findall(whole)) >= 2 and "我们审计了" not in whole:
        return PagePart("cpa_certificate", 95, rows=tuple(rows))
    return None


def _contents(
    page: ReadPage, rows: Sequence[Printed], texts: Sequence[str], whole: str, bears: bool
) -> PagePart | None:
    named = any(re.fullmatch(r"目录|目次|CONTENTS", t, re.IGNORECASE) for t in texts)
    entries = [
        t
        for t in texts
        if re.search(r"审计报告|资产负债表|利润表|现金流量表|附注|变动表|营业执照|执业证书", t) and len(t) < 60
    ]
    if len(entries) >= 3 and (named or sum(1 for t in entries if re.search(r"\d{1,3}$", t)) >= 3) and not bears:
        return PagePart("contents", 85 if named else 70, rows=tuple(rows))
    return None


def _report(page: ReadPage, rows: Sequence[Printed], texts: Sequence[str], whole: str, bears: bool) -> PagePart | None:
    if bears:
        return None
    words = sum(1 for word in _BODY if word in whole)
    titled = any(_TITLE.fullmatch(t) for t in texts[:8]) or any(_SPECIAL_TITLE.fullmatch(t) for t in texts[:8])
    first = "我们审计了" in whole or "我们接受委托" in whole
    signers = len(cpa_lines(page))
    signed = signers >= 2 or (signers == 1 and FIRM.search(whole) is not None)
    if titled and first:
        return PagePart("opinion", 97, opens=True, subject=_addressee(texts) or _audited(whole), rows=tuple(rows))
    if first and words >= 2:
        return PagePart("opinion", 92, opens=titled, subject=_addressee(texts) or _audited(whole), rows=tuple(rows))
    if (words >= 3 or (signed and len(rows) < 60)) and not _is_notes_page(texts):
        return PagePart("opinion", 90 if words >= 3 else 75, rows=tuple(rows))
    return None


def _cover(page: ReadPage, rows: Sequence[Printed], texts: Sequence[str], whole: str, bears: bool) -> PagePart | None:
    if len(rows) > COVER_ROWS or bears:
        return None
    title = next((t for t in texts if _TITLE.fullmatch(t) or _SPECIAL_TITLE.fullmatch(t)), None)
    spread = re.search(r"审计报告", whole) is not None and len(rows) <= 14
    if title is None and not spread:
        # A firm's own cover: its name, 报告书, address and telephone.
        bare = len(rows) <= SPARSE and any(re.fullmatch(r"报告书?|REPORTS?", t, re.IGNORECASE) for t in texts)
        return PagePart("cover", 60, opens=True, rows=tuple(rows)) if bare and "会计师事务所" in whole else None
    hints = sum(
        (
            "会计师事务所" in whole,
            bool(re.search(r"报告编码|报告编号|防伪|此码用于证明|审字|文号", whole)),
            bool(re.search(r"[二2][〇0○O零][\d〇○O零一二三四五六七八九]{2}年", whole)),
            bool(_COMPANY.search(whole)),
        )
    )
    if hints >= 2:
        return PagePart(
            "cover", 95 if title and hints >= 3 else 80, opens=True, subject=_cover_company(texts), rows=tuple(rows)
        )
    return None


def _statement(
    page: ReadPage, rows: Sequence[Printed], texts: Sequence[str], whole: str, bears: bool
) -> PagePart | None:
    if not bears:
        return None
    return PagePart("statement", 93 if titles(page) else 70, subject=_prepared_by(texts), rows=tuple(rows))


def _notes(page: ReadPage, rows: Sequence[Printed], texts: Sequence[str], whole: str, bears: bool) -> PagePart | None:
    words = sum(1 for word in NOTES_WORDS if word in whole)
    if any(re.search(r"(?:财务|会计)报表(?:附注|(?:主要|重要)?项目的?注释)", t) and len(t) < 50 for t in texts[:6]):
        return PagePart("notes", 92, subject="", rows=tuple(rows))
    if words >= 4:
        return PagePart("notes", 65, rows=tuple(rows))
    if (
        words >= 2
        and len(rows) > 8
        and re.search(r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|附注", whole)
    ):
        return PagePart("notes", 40, rows=tuple(rows))
    if is_income_table(page) or any(_REVENUE_NOTE.fullmatch(t) for t in texts):
        return PagePart("notes", BESIDE, rows=tuple(rows))
    return None


def _is_notes_page(texts: Sequence[str]) -> bool:
    return any(re.search(r"报表附注", t) and len(t) < 40 for t in texts[:4])


# ------------------------------------------------------------------------------------------------------ companies


def _addressee(texts: Sequence[str]) -> str:
    """XX有限公司全体股东： / 董事会："""
    for text in texts[:14]:
        match = re.fullmatch(
            r"(.{4,45}?)(?:全体|董事会|股东会?|股东大会|管理层|理事会|出资人|投资者|合伙人|:|：).{0,12}", text
        )
        if match and _COMPANY.match(match[1]) and "会计师事务所" not in match[1]:
            return match[1].rstrip(":：")
    return ""


def _audited(whole: str) -> str:
    match = re.search(
        r"我们(?:接受委托,?|已?经?)?审计了(?:后附的|贵单位|)?(.{4,45}?)(?:[(（]以下|财务报表|的财务报表|[(（]下称|20\d\d年)",
        whole,
    )
    return match[1].strip(",，的") if match else ""


def _prepared_by(texts: Sequence[str]) -> str:
    for text in texts[:10]:
        match = re.search(
            r"(?:编制单位|编报单位|单位名称|企业名称|公司名称|会计主体|填报单位)[:：]?(.{4,40}?)(?:$|20\d\d年|单位[:：]|金额|币种|[会]?[企合小]{1,2}0?\d|[二]〇)",
            text,
        )
        if match and (company := _COMPANY.match(match[1])):
            return company[1]
    return ""


def _cover_company(texts: Sequence[str]) -> str:
    for text in texts:
        bare = re.sub(r"^(?:被审计单位|委托单位|客户|单位)(?:名称)?[:：]?", "", text)
        match = _COMPANY.match(bare)
        if match and "事务所" not in bare and not re.search(r"此码|用于|报告", match[1]):
            return match[1]
    return ""
