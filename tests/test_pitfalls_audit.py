"""The pitfalls of DOMAIN §8 that concern audit reports and their figures, one test each (the number in its docstring).

Where another file holds the full test, what stands here is the pitfall in its smallest form.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from checks_builders import FIRM, NAME, audit, audit_fields, brief, field, only, row, seal, supplier
from test_audit_report import read, recorded, typed, value

from extractors._audit_fields import _one_firm
from extractors._audit_pages import page_part
from extractors._identities import failing_identities, identities, witnessed
from extractors._opinion import opinion_of
from extractors._statements import read_statements, statement_pages
from extractors._titles import titles
from pipeline.model import Box, Code, Document, DocumentType, Line, Page, ReadPage, Statement, StatementColumn
from pipeline.tables.fragments import figure_of
from pipeline.tables.wide_heads import whole_columns
from pipeline.values.numbers import audit_report_no, report_code

FIRM_LICENCE = (
    "营业执照",
    "统一社会信用代码 91110108MA01EBFH9B",
    "名称 天健会计师事务所（特殊普通合伙）",
    "类型 特殊普通合伙企业",
    "执行事务合伙人 王五",
    "登记机关 某市市场监督管理局",
)
ASSETS = (
    ("流动资产：", None, None),
    ("货币资金", "100.00", "90.00"),
    ("应收账款", "1,200.00", "1,100.00"),
    ("存货", "300.00", "310.00"),
    ("流动资产合计", "1,600.00", "1,500.00"),
    ("固定资产", "4,000.00", "4,100.00"),
    ("非流动资产合计", "4,000.00", "4,100.00"),
    ("资产总计", "5,600.00", "5,600.00"),
)
CLAIMS = (
    ("短期借款", "1,000.00", "1,000.00"),
    ("流动负债合计", "1,000.00", "1,000.00"),
    ("长期借款", "2,000.00", "2,000.00"),
    ("非流动负债合计", "2,000.00", "2,000.00"),
    ("负债合计", "3,000.00", "3,000.00"),
    ("实收资本", "2,600.00", "2,600.00"),
    ("所有者权益合计", "2,600.00", "2,600.00"),
    ("负债和所有者权益总计", "5,600.00", "5,600.00"),
)
PROFIT = (
    ("一、营业收入", "9,000.00", "8,000.00"),
    ("减：营业成本", "5,000.00", "4,000.00"),
    ("销售费用", "1,000.00", "1,000.00"),
    ("管理费用", "1,500.00", "1,500.00"),
    ("二、营业利润", "1,500.00", "1,500.00"),
    ("三、利润总额", "1,500.00", "1,500.00"),
    ("减：所得税费用", "1,200.00", "1,200.00"),
    ("四、净利润", "1,300.00", "1,300.00"),
)
RIGHT = (0.6, 0.78, 0.95)  # where columns of figures end
Cells = tuple[str | None, ...]


def line(text: str, x0: float, x1: float, y: float) -> Line:
    return Line(text=text, box=Box(x0, y - 0.006, x1, y + 0.006), confidence=0.99)


def sheet(
    title: str,
    heads: Cells,
    rows: tuple[tuple[str | None, ...], ...],
    *,
    number: int = 1,
    unit: str = "单位：元",
    above: Cells = (),
    notes: dict[str, str] | None = None,
) -> ReadPage:
    """An unruled statement: items left, figures ending at RIGHT, notes between."""
    right = RIGHT[-len(heads) :]
    lines = [line(title, 0.4, 0.6, 0.06), line(unit, 0.8, 0.92, 0.09)] if title else []
    y = 0.12
    for level in (above, heads):
        lines += [line(h, x - 0.012 * len(h), x, y) for h, x in zip(level, right, strict=False) if h]
        y += 0.02 if level else 0
    lines.append(line("项目", 0.15, 0.2, 0.12))
    if notes:
        lines.append(line("附注", 0.42, 0.46, 0.12))
    for n, (item, *cells) in enumerate(rows):
        y = 0.18 + 0.022 * n
        lines.append(line(item or "", 0.1, 0.1 + 0.018 * len(item or ""), y))
        if notes and item in notes:
            lines.append(line(notes[item], 0.42, 0.42 + 0.012 * len(notes[item]), y))
        lines += [line(c, x - 0.009 * len(c), x, y) for c, x in zip(cells, right, strict=True) if c]
    page = Page(number=number, file="x", index=number - 1, sha256="", width=1654, height=2339)
    return ReadPage(page=page, lines=tuple(lines))


def values(statement: Statement, item: str) -> tuple[Decimal | None, ...]:
    return next(r.values for r in statement.rows if r.item == item)


def in_year(statement: Statement, item: str, period: str) -> Decimal | None:
    at = [c.period for c in statement.columns].index(period)
    return values(statement, item)[at]


def side_by_side(*pages: ReadPage, shares: tuple[float, ...], dy: float = 0.0) -> ReadPage:
    """Pages set beside one another on one sheet, each over its share of the width, each next one ``dy`` lower."""
    lines: list[Line] = []
    left = 0.0
    for at, (page, share) in enumerate(zip(pages, shares, strict=True)):
        for one in page.lines:
            x0, y0, x1, y1 = one.box
            box = Box(left + share * x0, y0 + at * dy, left + share * x1, y1 + at * dy)
            lines.append(one.model_copy(update={"box": box}))
        left += share
    wide = pages[0].page.model_copy(update={"width": 3307})
    return ReadPage(page=wide, lines=tuple(lines))


# -------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    "printed", ["-1,234.56", "－1,234.56", "−1,234.56", "–1,234.56", "(1,234.56)", "（1,234.56）", "△1,234.56"]
)
def test_every_notation_of_a_negative(printed: str) -> None:
    """48: bracketed, −, －, △ negatives."""
    assert figure_of(printed) == (Decimal("-1234.56"), 1.0)
    rows = (*PROFIT[:5], ("投资收益", printed, "1,000.00"), *PROFIT[5:])
    (statement,) = read_statements([sheet("利润表", ("本期金额", "上期金额"), rows)], year=2022)
    assert values(statement, "投资收益") == (Decimal("-1234.56"), Decimal("1000.00"))


@pytest.mark.parametrize("group_first", [True, False])
def test_group_and_parent_in_either_order(group_first: bool) -> None:
    """50: 合并 | 母公司 swapped."""
    order: Cells = ("合并", "母公司") if group_first else ("母公司", "合并")
    page = sheet("资产负债表", order, ASSETS, above=("期末余额", "期末余额"))
    group, parent = sorted(read_statements([page], year=2022), key=lambda s: not s.consolidated)
    mine, theirs = (0, 1) if group_first else (1, 0)
    assert values(group, "货币资金") == (Decimal(str(ASSETS[1][1 + mine])),)
    assert values(parent, "货币资金") == (Decimal(str(ASSETS[1][1 + theirs])),)


@pytest.mark.parametrize("heads", [("本期金额", "上期金额"), ("上期金额", "本期金额"), ("上年数", "本年数")])
def test_years_in_either_order(heads: tuple[str, str]) -> None:
    """51: 本期 and 上期 reversed."""
    (statement,) = read_statements([sheet("利润表", heads, PROFIT)], year=2022)
    current = 0 if heads[0].startswith("本") else 1
    assert in_year(statement, "一、营业收入", "2022") == Decimal(("9000.00", "8000.00")[current])
    assert in_year(statement, "一、营业收入", "2021") == Decimal(("8000.00", "9000.00")[current])


@pytest.mark.parametrize("heads", [("本年累计金额", "本月金额"), ("本月数", "本年累计数")])
def test_the_month_is_not_the_year(heads: tuple[str, str]) -> None:
    """51: 本年累计 and 本月 reversed (小企业会计准则 and the older 制度)."""
    page = sheet("利润表", heads, PROFIT)
    report = typed("审计报告", "我们审计了甲有限公司财务报表，包括2022年12月31日的资产负债表", number=2)
    document = read([report, page])
    cumulated = ("9000.00", "8000.00")[0 if "累计" in heads[0] else 1]
    assert value(document, "operating_revenue") == cumulated


def test_three_revenues_are_kept_apart() -> None:
    """52: 营业总收入, 营业收入, 主营业务收入."""
    rows = (("一、营业总收入", "9,900.00", "8,800.00"), ("其中：营业收入", "9,000.00", "8,000.00"), *PROFIT[1:])
    document = read([sheet("合并利润表", ("本期金额", "上期金额"), rows)])
    assert value(document, "operating_revenue") == "9000.00"
    assert value(document, "total_operating_revenue") == "9900.00"
    main = (("一、主营业务收入", "9,000.00", "8,000.00"), *PROFIT[1:])
    assert value(read([sheet("利润表", ("本期金额", "上期金额"), main)]), "operating_revenue") is None


@pytest.mark.parametrize("note", ["五、1", "四(49)", "（一）", "5.10", "12", "七、55"])
def test_a_notes_number_is_no_amount(note: str) -> None:
    """53: 附注 index as amount."""
    notes = dict.fromkeys(("货币资金", "应收账款", "存货", "固定资产"), note)
    (statement,) = read_statements([sheet("资产负债表", ("期末余额", "期初余额"), ASSETS, notes=notes)], year=2022)
    assert len(statement.columns) == 2
    assert values(statement, "货币资金") == (Decimal("100.00"), Decimal("90.00"))


def test_names_are_compared_whole() -> None:
    """54: 负债合计 is no part of 流动负债合计, 净利润 none of 归属于母公司所有者的净利润."""
    rows = (*PROFIT, ("归属于母公司所有者的净利润", "1,250.00", "1,250.00"))
    pages = [
        sheet("合并资产负债表", ("期末余额", "期初余额"), (*ASSETS, *CLAIMS)),
        sheet("合并利润表", ("本期金额", "上期金额"), rows, number=2),
    ]
    document = read(pages)
    assert value(document, "total_liabilities") == "3000.00"
    assert value(document, "total_equity") == "2600.00"
    assert value(document, "net_profit") == "1300.00"


@pytest.mark.parametrize("loss", ["-50.00", "50.00"])
def test_impairment_losses_of_both_formats(loss: str) -> None:
    """55: the sign of 信用减值损失: added (2019) or taken off (2018), either holds."""
    made = Statement(
        kind="income_statement",
        consolidated=False,
        unit="元",
        pages=(3,),
        columns=(StatementColumn(label="本期金额", period="2022"),),
        rows=(
            row("一、营业收入", "900.00"),
            row("减：营业成本", "500.00"),
            row("信用减值损失", loss),
            row("二、营业利润", "350.00"),
        ),
    )
    assert [i.holds for i in identities([made]) if i.name == "operating_profit"] == [True]


@pytest.mark.parametrize("printed", ["-", "—", "/", "不适用", None])
def test_blank_is_not_nought(printed: str | None) -> None:
    """56: blank, a dash, 不适用 are no figure; 0.00 is one."""
    rows = (*ASSETS[:3], ("存货", printed, "310.00"), ("合同资产", "0.00", "5.00"), *ASSETS[4:])
    (statement,) = read_statements([sheet("资产负债表", ("期末余额", "期初余额"), rows)], year=2022)
    assert values(statement, "存货") == (None, Decimal("310.00"))
    assert values(statement, "合同资产") == (Decimal("0.00"), Decimal("5.00"))


def test_a_misread_digit_is_put_right_and_said() -> None:
    """63: identities broken by one digit (all of it in test_identities)."""
    rows = (
        row("流动资产合计", "60.00"),
        row("非流动资产合计", "40.00"),
        row("资产总计", "108.00", confidence=0.6),
        row("负债和所有者权益总计", "100.00"),
    )
    columns = (StatementColumn(label="期末余额", period="2022-12-31"),)
    made = Statement(kind="balance_sheet", consolidated=False, unit="元", pages=(3,), columns=columns, rows=rows)
    (fixed,) = witnessed([made])
    assert (fixed.rows[2].values, fixed.rows[2].reasons) == ((Decimal("100.00"),), (("repaired:108.00",),))
    document = Document(type=DocumentType.AUDIT_REPORT, pages=(3,), confidence=1.0, statements=(made,))
    assert failing_identities(document) == ()


def test_years_and_codes_are_no_money() -> None:
    """64: the year of a head, a tax number of 18 digits, a page's number."""
    page = sheet("资产负债表", ("2022年", "2021年"), ASSETS)
    extra = (line("纳税人识别号 91110108MA01EBFH9B", 0.1, 0.5, 0.1), line("76", 0.93, 0.95, 0.96))
    (statement,) = read_statements([page.model_copy(update={"lines": (*page.lines, *extra)})], year=2022)
    figures = {v for r in statement.rows for v in r.values if v is not None}
    assert figures == {Decimal(c.replace(",", "")) for _, *cells in ASSETS for c in cells if c}


def test_a_unit_said_once_counts_for_all_pages() -> None:
    """65: the unit stands on the first page only."""
    pages = [
        sheet("资产负债表", ("期末余额", "期初余额"), ASSETS, unit="单位：万元"),
        sheet("", ("期末余额", "期初余额"), CLAIMS, number=2),
    ]
    (statement,) = read_statements(pages, year=2022)
    assert statement.unit == "万元"
    assert values(statement, "负债合计") == (Decimal(30_000_000), Decimal(30_000_000))


# ---------------------------------------------------------------------------------------------------- identifiers


def test_the_firms_code_is_nobodys() -> None:
    """68: the audit firm's USCC picked from the copy of its licence at the end."""
    licence = typed(*FIRM_LICENCE, number=2)
    part = page_part(licence)
    assert part is not None and part.part == "firm_licence"
    report = typed("审计报告", "甲有限公司全体股东：", "我们审计了甲有限公司财务报表，包括2022年12月31日的资产负债表")
    document = read([report, licence])
    assert document.field("uscc") is None
    assert "91110108MA01EBFH9B" not in str([f.value for f in document.fields])
    assert value(document, "company_name") == "甲有限公司"


def test_code_and_number_of_a_report_are_two_things() -> None:
    """75: 报告编码 and 文号."""
    cover = typed(
        "甲软件有限公司", "审计报告", "天健审〔2023〕1234号", "天健会计师事务所", "报告编码：", "浙23CLW5B6TX"
    )
    document = read([cover])
    assert value(document, "report_no") == "天健审〔2023〕1234号"
    assert value(document, "report_code") == "浙23CLW5B6TX"
    assert report_code("天健审〔2023〕1234号") is None and audit_report_no("报告编码：浙23CLW5B6TX") is None


@pytest.mark.parametrize("text", ["京25CLW5B6TX", "http://acc.mof.gov.cn/q?code=%E4%BA%AC25CLW5B6TX"])
def test_the_code_of_a_report_may_be_in_its_qr_code(text: str) -> None:
    """75: only the QR code bears it."""
    cover = typed("甲软件有限公司", "审计报告", "2022年度", "天健会计师事务所")
    marked = cover.page.model_copy(update={"codes": (Code(kind="qr", text=text, box=Box(0.7, 0.1, 0.9, 0.2)),)})
    found = read([cover.model_copy(update={"page": marked})]).field("report_code")
    assert found is not None and (found.value, found.reasons) == ("京25CLW5B6TX", ("qr_code",))


def test_a_report_of_2022_without_a_code_is_sound() -> None:
    """76: the code became compulsory two weeks before the deadline."""
    assert brief(supplier(audit_=audit())) == []
    assert "report_code" not in {f.name for f in audit().fields}


# ---------------------------------------------------------------------------------------------------------- audit


def test_one_accountant_alone() -> None:
    """79: one CPA's seal only."""
    found = only(supplier(audit_=audit(seals=audit().seals[:2])))
    assert (found.code, found.field, found.found) == ("MISSING_SEAL", "cpa", "1")


def test_without_the_firms_seal() -> None:
    """80: the firm's seal is missing."""
    found = only(supplier(audit_=audit(seals=audit().seals[1:])))
    assert (found.code, found.field) == ("MISSING_SEAL", "audit_firm")


@pytest.mark.parametrize("mark", ["征求意见稿", "（草稿）", "未定稿", "审计报告（征求意见稿）", "初稿"])
def test_a_draft_is_no_report(mark: str) -> None:
    """81: watermark or title says draft."""
    assert "draft" in read([typed("审计报告", mark, "甲有限公司全体股东：")]).remarks
    found = only(supplier(audit_=audit(remarks=("draft",))))
    assert (found.code, found.field) == ("INCOMPLETE_DOCUMENT", "final_report")


def test_key_audit_matters_do_not_colour_the_opinion() -> None:
    """82: words of 关键审计事项 that speak of doubt and exceptions."""
    opinion = opinion_of(recorded("audit_standard-*.json"))
    assert opinion is not None and opinion.kind == "standard"


def test_a_qualified_opinion_that_only_its_heading_names() -> None:
    """83: 保留意见 in the heading only."""
    page = typed("审计报告", "一、保留意见", "我们审计了甲有限公司的财务报表", "二、形成保留意见的基础")
    opinion = opinion_of([page])
    assert opinion is not None and opinion.kind == "qualified"


def test_the_standard_for_small_enterprises() -> None:
    """84: 按照小企业会计准则的规定编制."""
    page = typed(
        "审计报告",
        "一、审计意见",
        "我们审计了甲有限公司财务报表，包括2022年12月31日的资产负债表。",
        "我们认为，后附的财务报表在所有重大方面按照小企业会计准则的规定编制，公允反映了甲有限公司的财务状况。",
    )
    document = read([page])
    assert value(document, "opinion") == "standard"
    assert "small_enterprise_standard" in document.remarks


@pytest.mark.parametrize(("signed", "received"), [("2022-11-20", None), ("2023-10-08", date(2023, 9, 20))])
def test_a_report_cannot_be_signed_then(signed: str, received: date | None) -> None:
    """85: dated before its year has ended, or after it was received."""
    fields = audit_fields(report_date=field("report_date", signed, page=2))
    found = only(supplier(audit_=audit(fields), received_on=received))
    assert (found.code, found.field, found.severity) == ("LOW_CONFIDENCE", "report_date", "warning")
    good = audit_fields(report_date=field("report_date", "2023-04-20", page=2))
    assert brief(supplier(audit_=audit(good), received_on=received)) == []


def test_notes_that_are_not_there() -> None:
    """86: the report says 以及相关财务报表附注, and none came."""
    report = typed(
        "审计报告",
        "我们审计了甲有限公司财务报表，包括2022年12月31日的资产负债表、2022年度的利润表以及相关财务报表附注。",
    )
    pages = [
        report,
        sheet("资产负债表", ("期末余额", "期初余额"), (*ASSETS, *CLAIMS), number=2),
        sheet("利润表", ("本期金额", "上期金额"), PROFIT, number=3),
    ]
    assert read(pages).lacks == ("notes",)


def test_a_report_without_its_first_page_lacks_its_opinion() -> None:
    """86: what follows the opinion is not the opinion."""
    rest = typed(
        "三、管理层和治理层对财务报表的责任",
        "在编制财务报表时，管理层负责评估持续经营假设。",
        "四、注册会计师对财务报表审计的责任",
        "我们的目标是对财务报表整体是否不存在由于舞弊或错误导致的重大错报获取合理保证，运用职业判断，保持职业怀疑。",
        "天健会计师事务所（特殊普通合伙）",
        "中国注册会计师：",
        "中国注册会计师：",
        "二〇二三年四月二十日",
    )
    pages = [
        rest,
        sheet("资产负债表", ("期末余额", "期初余额"), (*ASSETS, *CLAIMS), number=2),
        sheet("利润表", ("本期金额", "上期金额"), PROFIT, number=3),
    ]
    assert read(pages).lacks == ("opinion",)


def test_contents_are_no_statements() -> None:
    """87: the table of contents names statements and bears numbers."""
    contents = typed(
        "目录", "审计报告 1-3", "合并资产负债表 4-5", "合并利润表 6", "现金流量表 7-8", "财务报表附注 9-80"
    )
    assert statement_pages([contents]) == ()
    part = page_part(contents)
    assert part is not None and part.part == "contents"


def test_pages_in_another_order_make_the_same_report() -> None:
    """88: the same report scanned twice, its pages in another order."""
    first = sheet("资产负债表", ("期末余额", "期初余额"), ASSETS)
    second = sheet("", ("期末余额", "期初余额"), CLAIMS, number=2)
    third = sheet("利润表", ("本期金额", "上期金额"), PROFIT, number=3)
    report = typed("审计报告", "我们审计了甲有限公司财务报表，包括2022年12月31日的资产负债表", number=4)

    def figures(*pages: ReadPage) -> dict[str, object]:
        numbered = [
            p.model_copy(update={"page": p.page.model_copy(update={"number": n})}) for n, p in enumerate(pages, start=1)
        ]
        return {f.name: f.value for f in read(numbered).fields}

    assert figures(report, first, second, third) == figures(second, third, first, report)


def test_the_companys_seal_on_its_statements_is_not_the_firms() -> None:
    """89: the audited company's own seal on the statements, none of the firm on the report."""
    own = seal(NAME, "applicant", Box(0.2, 0.7, 0.4, 0.85), 3)
    found = only(supplier(audit_=audit(seals=(own, *audit().seals[1:]))))
    assert (found.code, found.field) == ("MISSING_SEAL", "audit_firm")
    assert FIRM not in own.text


@pytest.mark.parametrize("parts", [("合", "并", "母", "公司"), ("合", "并", "母公", "司"), ("合", "并", "母", "司")])
def test_heads_set_wide_over_two_columns(parts: tuple[str, str, str, str]) -> None:
    """50: 合　并 | 母　公　司 above two columns each, read in parts; a rule between the columns may cost 公."""
    page = sheet("资产负债表", ("期末余额", "期初余额"), ASSETS)
    four = (0.48, 0.64, 0.80, 0.96)
    lines = [ln for ln in page.lines if ln.box.x1 < 0.5 or ln.box.y1 < 0.11]
    for x, head in zip(four, ("期末余额", "期初余额") * 2, strict=True):
        lines.append(line(head, x - 0.05, x, 0.14))
    for start, (one, other) in zip((0.45, 0.77), (parts[:2], parts[2:]), strict=True):
        lines += [line(one, start, start + 0.018, 0.12), line(other, start + 0.021, start + 0.039, 0.12)]
    for n, (_, now, before) in enumerate(ASSETS):
        for x, cell in zip(four, (now, before, before, now), strict=True):
            if cell:
                lines.append(line(cell, x - 0.009 * len(cell), x, 0.18 + 0.022 * n))
    made = read_statements([page.model_copy(update={"lines": tuple(lines)})], year=2022)
    group, parent = sorted(made, key=lambda s: not s.consolidated)
    assert (group.consolidated, parent.consolidated) == (True, False)
    assert values(group, "货币资金") == tuple(Decimal(str(v)) for v in ASSETS[1][1:])
    assert values(parent, "货币资金") == tuple(Decimal(str(v)) for v in reversed(ASSETS[1][1:]))


def test_heads_parted_by_a_rule_between_the_columns() -> None:
    """50: cells that a rule through the head makes say 合 | 并 and 母公 | 司."""
    heads = [("合", "期末余额"), ("并", "期初余额"), ("母公", "期末余额"), ("司", "期初余额")]
    assert [head[0] for head in whole_columns(heads)] == ["合并", "合并", "母公司", "母公司"]
    assert whole_columns([("期末余额",), ("期初余额",)]) == [("期末余额",), ("期初余额",)]


@pytest.mark.parametrize(
    ("read", "firm"),
    [
        ("国信瑞诚会计师事务所（普通合伙）成会计师事务所（普通合伙）", "国信瑞诚会计师事务所（普通合伙）"),
        ("永衡中联会计师事务所(普通合伙)永衡中联会计师事务所(普通合伙)", "永衡中联会计师事务所(普通合伙)"),
        ("天健会计师事务所（特殊普通合伙）浙江分所", "天健会计师事务所（特殊普通合伙）浙江分所"),
        ("湖南三湘会计师事务所有限公司", "湖南三湘会计师事务所有限公司"),
    ],
)
def test_a_firms_name_run_together_with_its_seals(read: str, firm: str) -> None:
    """89: what a seal prints over the firm's name is no part of it."""
    assert _one_firm(read) == firm


# ------------------------------------------------------------------------------------------------- side by side


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.57, 0.43), (0.42, 0.58)])
@pytest.mark.parametrize("dy", [0.0, 0.01, -0.01])
def test_two_statements_side_by_side_on_one_sheet(shares: tuple[float, float], dy: float) -> None:
    heads = ("期末余额", "年初余额")
    balance = sheet("合并资产负债表", heads, ASSETS + CLAIMS)
    income = sheet("合并利润表", ("本期金额", "上期金额"), PROFIT)
    page = side_by_side(balance, income, shares=shares, dy=dy)
    number = line("第 8 页", 0.46, 0.54, 0.97)  # crosses the gutter
    found = read_statements([page.model_copy(update={"lines": (*page.lines, number)})], year=2022)
    assert [(s.kind, s.consolidated) for s in found] == [("balance_sheet", True), ("income_statement", True)]
    assert values(found[0], "资产总计") == (Decimal("5600.00"), Decimal("5600.00"))
    assert values(found[0], "负债和所有者权益总计") == (Decimal("5600.00"), Decimal("5600.00"))
    assert values(found[1], "四、净利润") == (Decimal("1300.00"), Decimal("1300.00"))
    items = [row.item for row in found[0].rows] + [row.item for row in found[1].rows]
    assert items == [row[0] for row in (*ASSETS, *CLAIMS, *PROFIT)]


def test_a_balance_sheet_over_the_two_sides_of_a_sheet_is_one() -> None:
    heads = ("期末余额", "年初余额")
    page = side_by_side(sheet("资产负债表", heads, ASSETS), sheet("资产负债表（续）", heads, CLAIMS), shares=(0.5, 0.5))
    (found,) = read_statements([page], year=2022)
    assert [row.item for row in found.rows] == [row[0] for row in ASSETS + CLAIMS]


def test_titles_set_wide_side_by_side_are_two() -> None:
    letters = [line(sign, x, x + 0.02, 0.06) for sign, x in zip("利润表", (0.2, 0.25, 0.3), strict=True)]
    letters += [
        line(sign, x, x + 0.02, 0.06) for sign, x in zip("现金流量表", (0.65, 0.7, 0.75, 0.8, 0.85), strict=True)
    ]
    page = Page(number=1, file="x", index=0, sha256="", width=3307, height=2339)
    assert [one.kind for one in titles(ReadPage(page=page, lines=tuple(letters)))] == ["income_statement", "cash_flow"]


def test_a_total_whose_end_was_read_twice_keeps_its_name() -> None:
    claims = (*CLAIMS[:-1], ("负债和所有者权益（或股东权益）总计东权益）总计", *CLAIMS[-1][1:]))
    (found,) = read_statements([sheet("资产负债表", ("期末余额", "年初余额"), ASSETS + claims)], year=2022)
    assert found.rows[-1].item == "负债和所有者权益（或股东权益）总计"
