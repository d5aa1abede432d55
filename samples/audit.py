"""Audit reports (审计报告): cover to firm licence, in several statement formats, rulings and units (DOMAIN §3)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from samples.fake import CITIES, day, person, seal_code, street, uscc
from samples.forms import chinese_date, chinese_day, chinese_year
from samples.ledger import Books, Line, keep_books, money
from samples.paper import Autograph, Paper, Stamp, Value
from samples.seal_art import SealSpec

__all__ = ["AuditFacts", "audit_paper", "draw_audit"]

ALL_PARTS = ("cover", "contents", "opinion", "balance_sheet", "income_statement", "cash_flow", "notes", "firm_licence")
FONTS = ("Noto Serif CJK SC", "AR PL UMing CN", "AR PL SungtiL GB", "Noto Sans CJK SC", "LXGW WenKai")
FIRM_NAMES = ("中诚衡信", "华瑞德勤源", "天正恒明", "立达中审", "国信瑞诚", "永衡中联", "正和天健源", "众和信德")
STEPS = {"元": 1, "千元": 100_000, "万元": 10_000}  # fen: 千元 whole, 万元 with two decimals
UNIT_YUAN = {"元": 1, "千元": 1_000, "万元": 10_000}
STATEMENT_TITLES = {"balance_sheet": "资产负债表", "income_statement": "利润表", "cash_flow": "现金流量表"}


@dataclass(frozen=True)
class AuditFacts:
    """What an audit report says. Revenue and the like in yuan. ``faults``: cells printed wrong, by row key."""

    company: str
    signers: tuple[str, str, str]
    revenue: Decimal
    outsourcing: Decimal
    offshore: Decimal
    capital: Decimal
    year: int
    unit: str
    style: str
    consolidated: bool
    opinion: str
    firm: str
    firm_city: str
    firm_uscc: str
    report_no: str
    report_code: str
    report_date: date
    cpas: tuple[tuple[str, str], tuple[str, str]]
    look: int
    parts: tuple[str, ...] = ALL_PARTS
    faults: Mapping[str, Decimal] = field(default_factory=dict)
    stamps: tuple[Stamp, ...] = ()
    autographs: tuple[Autograph, ...] = ()
    riding: SealSpec | None = None
    riding_break: bool = False

    def without(self, *parts: str) -> AuditFacts:
        """The same report with these parts missing."""
        return replace(self, parts=tuple(p for p in self.parts if p not in parts))


def draw_audit(
    rng: random.Random,
    *,
    company: str,
    legal: str,
    revenue: Decimal,
    outsourcing: Decimal,
    offshore: Decimal,
    capital: Decimal,
    unit: str,
    consolidated: bool,
    style: str,
    company_seal: SealSpec | None,
) -> AuditFacts:
    """A sound report for 2022 by a firm of two partners, sealed and signed by all who must."""
    city = rng.choice(CITIES)
    firm_form = rng.choice(("（特殊普通合伙）", "（特殊普通合伙）", "（普通合伙）", "有限公司"))
    short = rng.choice(FIRM_NAMES)
    firm = f"{short}会计师事务所{firm_form}"
    licence = f"{city.code[:4]}{rng.randint(1, 300):04d}"
    cpas = tuple((person(rng), licence + f"{rng.randint(1, 99):04d}") for _ in range(2))
    number = rng.randint(101, 9899)
    report_no = rng.choice(
        (f"{short}审字[2023]第{number:05d}号", f"{short}审字（2023）第{number:06d}号", f"{short}审〔2023〕{number}号")
    )
    alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    facts = AuditFacts(
        company=company, signers=(legal, person(rng), person(rng)), revenue=revenue, outsourcing=outsourcing,
        offshore=offshore, capital=capital, year=2022, unit=unit, style=style, consolidated=consolidated,
        opinion="standard", firm=firm, firm_city=city.city.removesuffix("市"), firm_uscc=uscc(rng, "91", city.code),
        report_no=report_no, report_code=rng.choice(("", f"{city.short}23{''.join(rng.choices(alphabet, k=8))}")),
        report_date=day(rng, date(2023, 3, 1), date(2023, 6, 25)), cpas=(cpas[0], cpas[1]),
        look=rng.getrandbits(32),
    )  # fmt: skip
    stamps = [
        Stamp("seal-firm", SealSpec(firm, diameter_mm=rng.choice((40, 42)), code=seal_code(rng, city.code),
              rotation=rng.uniform(-25, 25), wear=rng.uniform(0, 0.3)), "audit_firm", "official", firm),
        *(Stamp(f"seal-cpa-{i + 1}", SealSpec(f"中国注册会计师\n{name}\n{number}", shape="rectangle", diameter_mm=34, height_mm=17,
                star=False, rotation=rng.uniform(-6, 6)), "cpa", "personal", f"中国注册会计师{name}{number}")
          for i, (name, number) in enumerate(cpas)),
        Stamp("seal-registry", SealSpec(f"{city.city}市场监督管理局", diameter_mm=42, rotation=rng.uniform(-4, 4)), "issuer",
              "registration", f"{city.city}市场监督管理局", printed=True),
    ]  # fmt: skip
    if company_seal is not None:
        stamps += [Stamp(f"seal-company-{i}", replace(company_seal, rotation=rng.uniform(-30, 30)), "applicant", "official",
                         company, seed=i) for i in range(rng.choice((1, 3)))]  # fmt: skip
    signs = tuple(Autograph(f"sign-cpa-{i + 1}", name, rng.getrandbits(16)) for i, (name, _) in enumerate(cpas))
    riding = stamps[0].spec if rng.random() < 0.3 else None
    return replace(facts, stamps=tuple(stamps), autographs=signs, riding=riding)


def audit_paper(facts: AuditFacts) -> Paper:
    """The document with its truth."""
    rng = random.Random(facts.look)
    owner = "股东" if "股份" in facts.company else "所有者"
    books = keep_books(
        rng, revenue=facts.revenue, outsourcing=facts.outsourcing, offshore=facts.offshore, capital=facts.capital,
        step=STEPS[facts.unit], style=facts.style, consolidated=facts.consolidated, owner=owner,
    )  # fmt: skip
    context = _context(facts, books, rng, owner)
    shown = {s.mark for s in facts.stamps if s.mark.startswith("seal-company")}
    for statement, mark in zip(context["statements"], sorted(shown), strict=False):
        statement["sealed"] = mark
    return Paper("audit_report", "audit.html", {"a": context}, _fields(facts, books), facts.stamps, facts.autographs,
                 riding=facts.riding, riding_break=facts.riding_break)  # fmt: skip


def _fields(facts: AuditFacts, books: Books) -> dict[str, Value]:
    def text(key: str) -> str:
        return str(facts.faults.get(key, books.totals[key]))

    income = ("operating_revenue", "operating_revenue_previous", "operating_cost", "operating_profit", "net_profit")
    stock = ("total_assets", "total_liabilities", "total_equity")
    fields: dict[str, Value] = {
        "company_name": facts.company, "audit_firm": facts.firm, "report_no": facts.report_no,
        "report_date": facts.report_date.isoformat(), "period": str(facts.year), "opinion": facts.opinion,
        "consolidated": facts.consolidated, "currency": "CNY", "unit": facts.unit,
    }  # fmt: skip
    if "income_statement" in facts.parts:
        fields |= {k: text(k) for k in income}
    if "balance_sheet" in facts.parts:
        fields |= {k: text(k) for k in stock}
    if "notes" in facts.parts:
        fields["outsourcing_revenue"] = text("outsourcing_revenue")
    if "opinion" not in facts.parts:
        fields = {k: v for k, v in fields.items() if k not in ("opinion", "report_date")}
    return fields


def _context(facts: AuditFacts, books: Books, rng: random.Random, owner: str) -> dict[str, Any]:
    year, merged = facts.year, "合并" if facts.consolidated else ""
    swapped = rng.random() < 0.1
    printed = _Printed(facts, negative=rng.choice(("-", "-", "(")), swapped=swapped, rng=rng)
    yearly = _columns(rng, ("本期金额", "上期金额"), ("本年金额", "上年金额"), (f"{year}年度", f"{year - 1}年度"))
    if facts.style == "small":
        yearly = ("本年累计金额", "上年金额")
    ends = _columns(rng, ("期末余额", "上年年末余额"), ("期末余额", "年初余额"), (f"{year}年12月31日", f"{year - 1}年12月31日"))
    sheets = {
        "balance_sheet": ((*books.assets, *books.claims), ends, f"{year}年12月31日", "01"),
        "income_statement": (books.income, yearly, f"{year}年度", "02"),
        "cash_flow": (books.cash, yearly, f"{year}年度", "03"),
    }
    form = "会小企" if facts.style == "small" else ("会合" if facts.consolidated else "会企")
    statements = []
    for kind, (lines, heads, subtitle, number) in sheets.items():
        if kind not in facts.parts:
            continue
        statements.append({
            "kind": kind, "title": merged + STATEMENT_TITLES[kind], "lines": printed.rows(lines), "subtitle": subtitle,
            "cols": _heads(heads, swapped), "code": f"{form}{number}表" if rng.random() < 0.6 else "", "sealed": "",
        })  # fmt: skip
    if "equity_changes" in facts.parts:
        statements.append(_equity(facts, books, printed, merged, owner))
    names = [STATEMENT_TITLES[k] for k in STATEMENT_TITLES]
    contents = ["审计报告", *(f"{merged}{n}" for n in names), "财务报表附注", "事务所营业执照及执业证书复印件"]
    reported = rng.choice((chinese_day(facts.report_date), chinese_date(facts.report_date)))
    return {
        "parts": facts.parts, "company": facts.company, "font": rng.choice(FONTS), "body_size": rng.choice(("11pt", "12pt")),
        "number_font": rng.choice(("DejaVu Sans Mono", "Noto Serif CJK SC", "inherit")),
        "ruling": rng.choice(("ruled", "ruled", "half", "bare")), "unit": facts.unit,
        "unit_text": rng.choice((f"单位：{facts.unit}", f"金额单位：人民币{facts.unit}", f"单位：人民币{facts.unit}")),
        "prepared_by": rng.choice(("编制单位：", "编制单位：", "单位名称：")),
        "note_column": facts.style != "small" and rng.random() < 0.6, "note_head": rng.choice(("附注", "注释", "附注五")),
        "cover_year": rng.choice((f"{chinese_year(year)}年度", f"{year}年度", f"{year}年1月1日至{year}年12月31日")),
        "report_no": facts.report_no, "report_code": facts.report_code, "firm": facts.firm, "firm_city": facts.firm_city,
        "firm_uscc": facts.firm_uscc, "firm_address": street(rng, rng.choice(CITIES)), "partners": person(rng),
        "firm_established": chinese_date(day(rng, date(2011, 1, 1), date(2014, 12, 31))),
        "addressee": f"{facts.company}{rng.choice(('全体股东：', '董事会：', '全体股东：'))}", "partner": rng.random() < 0.3,
        "opinion": _opinion(facts), "signed_on": reported, "signers": facts.signers, "statements": statements,
        "contents": [(f"{'一二三四五六七八'[i]}、{n}", i * 2 + 1) for i, n in enumerate(contents)],
        "notes_title": f"{year}年度财务报表附注", "notes": _notes(facts, books, printed, rng),
    }  # fmt: skip


def _columns(rng: random.Random, *pairs: tuple[str, str]) -> tuple[str, str]:
    return rng.choice(pairs)


def _heads(heads: tuple[str, str], swapped: bool) -> dict[str, str]:
    first, second = reversed(heads) if swapped else heads
    return {"item": "项　　目", "first": first, "second": second}


@dataclass(frozen=True)
class _Printed:
    """How figures are printed in this report."""

    facts: AuditFacts
    negative: str
    swapped: bool
    rng: random.Random

    def figure(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        places = 0 if self.facts.unit == "千元" else 2
        return money(value / UNIT_YUAN[self.facts.unit], negative=self.negative, places=places)

    def rows(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        out, number = [], 0
        for line in lines:
            now = self.facts.faults.get(line.key, line.now) if line.key else line.now
            pair = (self.figure(now), self.figure(line.before))
            first, second = reversed(pair) if self.swapped else pair
            number += bool(line.key) and not line.bold
            note = f"五、{number}" if line.key and not line.bold else ""
            out.append({"item": line.item, "bold": line.bold, "indent": line.indent, "first": first, "second": second, "note": note})
        return out


def _equity(facts: AuditFacts, books: Books, printed: _Printed, merged: str, owner: str) -> dict[str, Any]:
    heads = ["实收资本（或股本）", "资本公积", "盈余公积", "未分配利润", "少数股东权益", f"{owner}权益合计"]
    lines = []
    for line in books.equity:
        cells = [printed.figure(Decimal(c)) if c else "" for c in line.key.split("|")]
        lines.append({"item": line.item, "bold": line.bold, "cells": cells if facts.consolidated else [*cells[:4], cells[5]]})
    if not facts.consolidated:
        heads.pop(4)
    return {"kind": "equity_changes", "title": f"{merged}{owner}权益变动表", "subtitle": f"{facts.year}年度", "heads": heads,
            "lines": lines, "sealed": ""}  # fmt: skip


def _opinion(facts: AuditFacts) -> list[dict[str, Any]]:
    """The body, worded by opinion (DOMAIN 3.5)."""
    c, y = facts.company, facts.year
    rule = "小企业会计准则" if facts.style == "small" else "企业会计准则"
    both = "合并及母公司" if facts.consolidated else ""
    changes = "" if facts.style == "small" else f"、{both}所有者权益变动表"
    scope = (
        f"我们审计了{c}（以下简称贵公司）财务报表，包括{y}年12月31日的{both}资产负债表，{y}年度的{both}利润表、"
        f"{both}现金流量表{changes}以及相关财务报表附注。"
    )
    fair = f"后附的财务报表在所有重大方面按照{rule}的规定编制，公允反映了贵公司{y}年12月31日的{both}财务状况以及{y}年度的{both}经营成果和现金流量。"
    basis = (
        "我们按照中国注册会计师审计准则的规定执行了审计工作。审计报告的“注册会计师对财务报表审计的责任”部分进一步阐述了我们在这些准则下的责任。"
        "按照中国注册会计师职业道德守则，我们独立于贵公司，并履行了职业道德方面的其他责任。我们相信，我们获取的审计证据是充分、适当的，"
    )
    matter = "如财务报表附注所述，贵公司对联营企业的长期股权投资未能提供经审计的财务资料，我们无法就该项投资的账面价值获取充分、适当的审计证据。"
    blocks: dict[str, list[tuple[str, list[str]]]] = {
        "standard": [("一、审计意见", [scope, "我们认为，" + fair]), ("二、形成审计意见的基础", [basis + "为发表审计意见提供了基础。"])],
        "emphasis": [("一、审计意见", [scope, "我们认为，" + fair]), ("二、形成审计意见的基础", [basis + "为发表审计意见提供了基础。"]),
                     ("三、强调事项", ["我们提醒财务报表使用者关注，如财务报表附注十一所述，贵公司涉及一项未决诉讼，其结果具有不确定性。本段内容不影响已发表的审计意见。"])],
        "qualified": [("一、保留意见", [scope, "我们认为，除“形成保留意见的基础”部分所述事项可能产生的影响外，" + fair]),
                      ("二、形成保留意见的基础", [matter, basis + "为发表保留意见提供了基础。"])],
        "adverse": [("一、否定意见", [scope, f"我们认为，由于“形成否定意见的基础”部分所述事项的重要性，后附的财务报表没有在所有重大方面按照{rule}的规定编制，未能公允反映贵公司{y}年12月31日的财务状况以及{y}年度的经营成果和现金流量。"]),
                    ("二、形成否定意见的基础", ["贵公司未将三家受其控制的子公司纳入合并范围，该事项对财务报表影响重大且具有广泛性。", basis + "为发表否定意见提供了基础。"])],
        "disclaimer": [("一、无法表示意见", [f"我们接受委托，审计{c}（以下简称贵公司）财务报表，包括{y}年12月31日的{both}资产负债表，{y}年度的{both}利润表、{both}现金流量表以及相关财务报表附注。",
                        "我们不对后附的贵公司财务报表发表审计意见。由于“形成无法表示意见的基础”部分所述事项的重要性，我们无法获取充分、适当的审计证据以作为对财务报表发表审计意见的基础。"]),
                       ("二、形成无法表示意见的基础", ["贵公司未能提供完整的会计凭证和银行对账单，我们无法实施必要的审计程序。"])],
    }  # fmt: skip
    out = blocks[facts.opinion]
    ordinal = "三四五六"[len(out) - 2 :]
    duty = [
        (f"{ordinal[0]}、管理层和治理层对财务报表的责任",
         [f"贵公司管理层负责按照{rule}的规定编制财务报表，使其实现公允反映，并设计、执行和维护必要的内部控制，以使财务报表不存在由于舞弊或错误导致的重大错报。",
          "在编制财务报表时，管理层负责评估贵公司的持续经营能力，披露与持续经营相关的事项（如适用），并运用持续经营假设，除非管理层计划清算贵公司、终止运营或别无其他现实的选择。",
          "治理层负责监督贵公司的财务报告过程。"]),
        (f"{ordinal[1]}、注册会计师对财务报表审计的责任",
         ["我们的目标是对财务报表整体是否不存在由于舞弊或错误导致的重大错报获取合理保证，并出具包含审计意见的审计报告。合理保证是高水平的保证，但并不能保证按照审计准则执行的审计在某一重大错报存在时总能发现。",
          "在按照审计准则执行审计工作的过程中，我们运用职业判断，并保持职业怀疑。我们与治理层就计划的审计范围、时间安排和重大审计发现等事项进行沟通，包括沟通我们在审计中识别出的值得关注的内部控制缺陷。"]),
    ]  # fmt: skip
    return [{"title": title, "texts": texts} for title, texts in (*out, *duty)]


def _notes(facts: AuditFacts, books: Books, printed: _Printed, rng: random.Random) -> list[dict[str, Any]]:
    y = facts.year
    def table(lines: Sequence[Line]) -> list[dict[str, Any]]:
        kept = replace_swap(printed)
        return kept.rows(lines)

    rule = "小企业会计准则" if facts.style == "small" else "企业会计准则"
    subsidiaries = "、".join(f"{c.city.removesuffix('市')}分支科技有限公司" for c in rng.sample(CITIES, 2))
    scope = f"本期纳入合并财务报表范围的子公司共2户，包括{subsidiaries}。" if facts.consolidated else "本公司无子公司，未编制合并财务报表。"
    split = table(books.split)
    return [
        {"title": "一、公司基本情况", "heads": (), "table": (), "texts": [f"{facts.company}（以下简称“本公司”）经工商行政管理部门核准成立，法定代表人：{facts.signers[0]}。本公司主要从事软件开发、信息技术服务、业务流程外包等服务外包业务。", scope]},
        {"title": "二、财务报表的编制基础", "heads": (), "table": (), "texts": [f"本财务报表以持续经营为基础，根据实际发生的交易和事项，按照{rule}及其应用指南、解释的规定编制。会计年度自公历1月1日起至12月31日止，以人民币为记账本位币。"]},
        {"title": "三、重要会计政策", "heads": (), "table": (), "texts": ["收入确认：本公司在履行了合同中的履约义务，即在客户取得相关服务的控制权时确认收入。应收款项按预期信用损失计提坏账准备。固定资产采用年限平均法计提折旧。"]},
        {"title": "四、主要税项", "heads": (), "table": (), "texts": ["增值税税率6%、13%；城市维护建设税税率7%；企业所得税税率15%。"]},
        {"title": "五、财务报表项目注释　营业收入和营业成本", "heads": ("项　　目", "本期发生额" if y else "", "上期发生额"), "table": split, "texts": [f"（1）{'合并' if facts.consolidated else ''}营业收入按业务类型列示如下："]},
        {"title": "六、关联方关系及其交易", "heads": (), "table": (), "texts": ["本公司与关联方的交易均按市场价格定价，本期未发生重大关联交易。"]},
        {"title": "七、或有事项及资产负债表日后事项", "heads": (), "table": (), "texts": ["截至本财务报表批准报出日，本公司无应披露的重大或有事项和资产负债表日后非调整事项。"]},
    ]  # fmt: skip


def replace_swap(printed: _Printed) -> _Printed:
    """The notes always print this year first."""
    return replace(printed, swapped=False)
