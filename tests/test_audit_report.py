"""Audit reports from cover to the firm's papers, on recorded readings of pages typed for this test and on lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from extractors import audit_report
from extractors._audit_pages import page_part
from extractors._audit_parts import printed_numbers
from extractors._opinion import FIRM as FIRM_NAME
from extractors._opinion import opinion_of, report_date, signature_places
from extractors._outsourcing import outsourcing_revenue
from extractors._statements import read_statements
from pipeline.model import Box, Document, DocumentType, InkGrid, Line, Page, ReadPage, SealReading
from pipeline.programmes import load
from pipeline.reading.rival import agrees, kind_of
from pipeline.values.amounts import UNITS

READINGS = Path(__file__).parent / "readings"
COMPANY = "江苏云启数字科技股份有限公司"
FIRM = "中衡信达会计师事务所（特殊普通合伙）"


def recorded(pattern: str) -> list[ReadPage]:
    pages = [ReadPage.model_validate_json(f.read_text()) for f in sorted(READINGS.glob(pattern))]
    assert pages
    numbered = [p.page.model_copy(update={"number": i + 1}) for i, p in enumerate(pages)]
    return [p.model_copy(update={"page": q}) for p, q in zip(pages, numbered, strict=True)]


def typed(*rows: str, number: int = 1, top: float = 0.08) -> ReadPage:
    lines = tuple(
        Line(
            text=t,
            box=Box(0.1, top + 0.03 * i, min(0.95, 0.1 + 0.02 * len(t)), top + 0.015 + 0.03 * i),
            confidence=0.98,
        )
        for i, t in enumerate(rows)
    )
    return ReadPage(page=Page(number=number, file="x", index=0, sha256="", width=1654, height=2339), lines=lines)


def read(pages: list[ReadPage]) -> Document:
    return audit_report.extract(pages, load("cciip-2023"), DocumentType.AUDIT_REPORT)


def value(document: Document, name: str) -> object:
    field = document.field(name)
    return field.value if field else None


# -------------------------------------------------------------------------------------------------------- opinion


@pytest.mark.parametrize(
    ("name", "opinion"),
    [
        ("standard", "standard"),  # with key audit matters that speak of going concern, exceptions, disclaimers
        ("qualified", "qualified"),
        ("adverse", "adverse"),
        ("disclaimer", "disclaimer"),
        ("emphasis", "emphasis"),  # 小企业会计准则
        ("emphasis2", "emphasis"),  # going concern under its own heading
    ],
)
def test_opinions_by_section_and_headings(name: str, opinion: str) -> None:
    document = read(recorded(f"audit_{name}-*.json"))
    assert value(document, "opinion") == opinion
    assert value(document, "period") == "2022"
    assert value(document, "report_date") == "2023-04-20"
    assert value(document, "company_name") == COMPANY == document.subject
    assert value(document, "audit_firm") == FIRM
    field = document.field("opinion")
    assert field is not None and field.confidence > 0.9


def test_report_numbers_of_both_kinds() -> None:
    assert value(read(recorded("audit_standard-*.json")), "report_no") == "中衡信审字（2023）第0123号"
    assert value(read(recorded("audit_emphasis2-*.json")), "report_no") == "XYZH/2023BJAA1B0123"


FAIR = "我们认为，后附的财务报表在所有重大方面按照企业会计准则的规定编制，公允反映了财务状况。"


def test_key_audit_matters_do_not_decide() -> None:
    page = typed(
        "一、审计意见", "我们审计了甲公司财务报表。", FAIR, "二、形成审计意见的基础", "三、关键审计事项",
        "（一）与持续经营相关的重大不确定性", "除上述事项外，未能公允反映的风险已消除。", "四、管理层对财务报表的责任",
    )  # fmt: skip
    found = opinion_of([page])
    assert found is not None and found.kind == "standard"


def test_a_modified_heading_alone_is_enough_and_less_sure() -> None:
    found = opinion_of([typed("一、保留意见", "我们审计了甲公司财务报表。", "二、形成保留意见的基础", "存货。")])
    assert found is not None and found.kind == "qualified" and found.confidence < 0.9


def test_an_exception_under_a_plain_heading_is_qualified() -> None:
    text = "我们认为，除第二段所述事项可能产生的影响外，后附的财务报表在所有重大方面公允反映了财务状况。"
    found = opinion_of([typed("三、审计意见", text)])
    assert found is not None and found.kind == "qualified"


def test_a_section_that_does_not_tell_gives_no_opinion() -> None:
    found = opinion_of([typed("一、审计意见", "我们审计了甲公司财务报表。", "二、形成审计意见的基础")])
    assert found is not None and found.kind is None and found.confidence < 0.5
    assert opinion_of([typed("资产负债表", "货币资金")]) is None


def test_dates_in_sentences_are_not_the_reports() -> None:
    page = typed("包括2022年12月31日的资产负债表", "中国注册会计师：", "中国注册会计师：", "二〇二三年四月二十日")
    found = report_date([page])
    assert found is not None and found[0].isoformat() == "2023-04-20"


# ---------------------------------------------------------------------------------------------------------- pages


def test_cover_contents_notes_and_the_firms_papers() -> None:
    cover, contents, notes, licence, special = recorded("audit_misc-*.json")
    scores = [audit_report.score(page) for page in (cover, contents, notes, licence, special)]
    assert all(s is not None and s.score >= 50 for s in scores)
    assert [s.opens for s in scores if s] == [True, False, False, False, True]
    document = read([cover, contents, notes, licence])
    assert document.parts == ("cover", "contents", "notes", "firm_certificate")
    assert document.lacks == ("opinion", "balance_sheet", "income_statement", "cash_flow", "equity_changes")
    assert value(document, "report_code") == "苏23ABCD1234"
    assert document.field("uscc") is None
    assert "special_purpose" not in document.remarks
    assert "special_purpose" in read([special]).remarks


def test_the_firms_licence_belongs_to_the_report_and_a_companys_does_not() -> None:
    firm = typed("营业执照", "统一社会信用代码 91110108MA01EBFH9B", "名称 中衡信达会计师事务所（特殊普通合伙）")
    company = typed("营业执照", "统一社会信用代码 91110108MA01EBFH9B", "名称 江苏云启数字科技股份有限公司")
    found = audit_report.score(firm)
    assert found is not None and found.score >= 90 and not found.opens
    assert audit_report.score(company) is None


def test_outsourcing_revenue_of_the_notes_is_a_sum_that_says_so() -> None:
    document = read(recorded("audit_misc-*.json"))
    field = document.field("outsourcing_revenue")
    assert field is not None
    assert field.value == "77777779.45"  # 软件外包 65,432,100.55 + 业务流程外包 12,345,678.90, this year's 收入 alone
    assert field.reasons == ("sum_of_rows",)


@pytest.mark.parametrize("label", ["出具单位", "审计机构：", "报告出具机构", "会计师事务所名称（盖章）："])
def test_what_a_cover_calls_the_firm_is_no_part_of_its_name(label: str) -> None:
    cover = typed(
        "江苏云启数字科技股份有限公司", "2022年度审计报告", "报告文号 中审字【2023】01156号", f"{label} {FIRM}"
    )
    assert value(read([cover]), "audit_firm") == FIRM


def split_of_revenue(*rows: tuple[str, str]) -> ReadPage:
    """A note's table of two columns, unruled."""
    page = typed("(33) 营业收入和营业成本", "2022年度 收入（千元）")
    lines = [*page.lines]
    for i, (item, figure) in enumerate(rows):
        y = 0.2 + 0.022 * i
        if item:
            lines.append(Line(text=item, box=Box(0.1, y, 0.1 + 0.017 * len(item), y + 0.016), confidence=0.99))
        lines.append(Line(text=figure, box=Box(0.6, y, 0.67, y + 0.016), confidence=0.99))
    return page.model_copy(update={"lines": tuple(lines)})


def test_kinds_of_outsourcing_by_place_count_where_the_rows_add_up() -> None:
    """境内服务外包 beside 对日软件外包服务 is a kind; the rest of 其中：离岸 is a part."""
    page = split_of_revenue(
        ("对日软件外包服务", "301,882"), ("境内服务外包", "132,033"), ("商品销售及租赁", "84,349"), ("", "518,264")
    )
    found = outsourcing_revenue([page], [])
    assert found is not None and (found.value, found.reasons) == ("433915000.00", ("sum_of_rows",))


def test_rows_that_may_be_parts_leave_a_doubt() -> None:
    page = split_of_revenue(("软件外包服务", "301,882"), ("在岸服务外包", "132,033"), ("合计", "301,882"))
    found = outsourcing_revenue([page], [])
    assert found is not None and found.confidence <= 0.6 and "rows_left_out" in found.reasons


def test_places_of_seals_and_signatures() -> None:
    places = read(recorded("audit_standard-*.json")).places
    assert [(p.role, p.signature) for p in places] == [
        ("audit_firm", False), ("cpa", False), ("cpa", True), ("cpa", False), ("cpa", True),
    ]  # fmt: skip
    assert [p.signed for p in places if p.signature] == [False, False]  # nobody signed the typed page


def test_the_words_in_a_cpas_seal_are_no_place_to_sign() -> None:
    page = typed("甲乙会计师事务所有限公司", "中国注册会计师：", "中国注册会计师", "胡某某", "500102480052")
    assert [p.role for p in read([page]).places] == ["audit_firm", "cpa", "cpa"]  # one line: its seal and its signature


# -------------------------------------------------------------------------------------------------------- figures


def test_figures_of_the_group_not_of_the_parent() -> None:
    document = read(recorded("statement_B_assets-*.json"))
    assert value(document, "total_assets") == "130286755.00"
    assert value(document, "consolidated") is True
    assert [s.consolidated for s in document.statements] == [True, False]


def test_figures_in_yuan_whatever_the_unit_printed() -> None:
    document = read(recorded("statement_D_bs-*.json"))
    field = document.field("total_assets")
    assert field is not None
    assert field.unit == "千元"
    assert str(field.value).endswith("000.00")
    assert value(document, "currency") == "CNY"


def test_a_figure_under_a_seal_is_not_trusted_unseen() -> None:
    (page,) = recorded("statement_A_is-*.json")
    before = read([page]).field("operating_cost")
    assert before is not None
    sealed = page.model_copy(update={"seals": (SealReading(page=1, box=before.box.grown(0.05, 0.05)),)})
    row = next(r for r in read_statements([sealed], year=2022)[0].rows if r.boxes[0] == before.box)
    assert row.reasons[0] == ("under_seal",)
    assert row.confidence[0] is not None and row.confidence[0] <= 0.8


def test_income_fields_with_the_year_before() -> None:
    document = read(recorded("statement_A_is-*.json"))
    names = ("operating_revenue", "operating_revenue_previous", "operating_cost", "operating_profit", "net_profit")
    assert all(document.field(n) is not None for n in names)
    revenue, total = document.field("operating_revenue"), document.field("total_operating_revenue")
    assert revenue is not None and total is not None and revenue.box != total.box  # two rows, kept apart


def test_statements_without_a_report_lack_it() -> None:
    document = read(recorded("statement_A_is-*.json"))
    assert document.parts == ("income_statement",)
    assert document.lacks == ("opinion", "balance_sheet")


# ------------------------------------------------------------------------------------------------ what is missing


def foot(text: str, number: int) -> ReadPage:
    page = typed("附注", number=number)
    line = Line(text=text, box=Box(0.4, 0.95, 0.6, 0.965), confidence=0.98)
    return page.model_copy(update={"lines": (*page.lines, line)})


def test_gaps_in_printed_page_numbers() -> None:
    pages = [foot(f"第 {n} 页 共 5 页", i + 1) for i, n in enumerate((1, 2, 4, 5))]
    assert printed_numbers(pages[0]) == ((1, 5),)
    assert "page 3" in read(pages).lacks
    whole = [*pages, foot("", 5)]  # a page whose number cannot be read may be the third
    assert not any(part.startswith("page") for part in read(whole).lacks)


def test_drafts_are_marked_and_sentences_about_drafts_are_not() -> None:
    assert "draft" in read([typed("征求意见稿", "审计报告")]).remarks
    sentence = "公司已于报告期内就征求意见稿与相关方面进行了充分的沟通和讨论"
    assert "draft" not in read([typed("财务报表附注", sentence)]).remarks


def test_strangers_pages_are_not_claimed() -> None:
    letter = typed("关于开展推介工作的函", "各有关单位：", "请于9月28日前寄送材料，并附上年度审计报告。")
    form = typed("企业基本信息表", "企业名称", "统一社会信用代码", "营业收入（万元）", "从业人员")
    assert audit_report.score(letter) is None
    assert audit_report.score(form) is None


def test_a_date_that_lost_its_first_sign_is_completed_and_says_so() -> None:
    page = typed("审计报告", "我们审计了甲公司财务报表。", "中国注册会计师：张三", "〇二三年四月十八日")
    found = report_date([page])
    assert found is not None
    assert found[0].isoformat() == "2023-04-18"
    field = read([page]).field("report_date")
    assert field is not None
    assert field.confidence < 0.9
    assert "century_completed" in field.reasons


def signing_page(ink: tuple[float, float, float, float] | None) -> ReadPage:
    """中国注册会计师： with a name seal under it, and ink where somebody wrote."""
    page = typed("中国注册会计师：", top=0.5)
    columns, rows = 100, 140
    cells = [
        "8" if ink and ink[0] <= (c + 0.5) / columns <= ink[2] and ink[1] <= (r + 0.5) / rows <= ink[3] else "0"
        for r in range(rows)
        for c in range(columns)
    ]
    seal = SealReading(
        page=1, box=Box(0.2, 0.525, 0.36, 0.58), shape="rectangle", colour="red", candidates=(), legible=0.0
    )
    grid = InkGrid(columns=columns, rows=rows, cells="".join(cells))
    return page.model_copy(update={"seals": (seal,), "ink": grid})


@pytest.mark.parametrize(
    ("ink", "signed"),
    [
        (None, False),  # the name seal alone
        ((0.3, 0.49, 0.42, 0.52), True),  # beside the words
        ((0.18, 0.55, 0.42, 0.58), None),  # upon the seal and beyond it
    ],
)
def test_a_name_seal_is_no_signature(ink: tuple[float, float, float, float] | None, signed: bool | None) -> None:
    page = signing_page(ink)
    (place,) = [p for p in signature_places([page]) if p.signature]
    assert place.signed is signed
    if signed is False:
        assert place.box.intersection(page.seals[0].box) == 0


def test_the_raw_text_of_a_figure_is_what_the_paper_says_in_its_unit() -> None:
    field = next(f for f in read(recorded("statement_F_is-*.json")).fields if f.name == "net_profit")
    unit = UNITS[str(field.unit)]
    assert Decimal(str(field.value)) == Decimal(field.raw.replace(",", "")) * unit
    kind = kind_of(field)
    assert kind is not None
    assert agrees(field, kind, field.raw)
    assert agrees(field.model_copy(update={"value": "93654800.00", "raw": "9,365.48", "unit": "万元"}), kind, "9365.48")


def test_a_pale_copy_shows_an_accountants_number_where_the_seal_is() -> None:
    page = typed(
        "我们审计了后附的财务报表", "中国注册会计师：", "350100460002", "中国注册会计师：", "2023年4月20日", top=0.5
    )
    places = [place for place in signature_places([page]) if place.role == "cpa" and not place.signature]
    assert [place.imprint for place in places] == ["350100460002", ""]


def test_a_firms_name_may_hold_its_place() -> None:
    match = FIRM_NAME.search("鲁信和会计师事务所（山东）有限公司")
    assert match is not None and match[0] == "鲁信和会计师事务所（山东）有限公司"
    assert FIRM_NAME.search(f"{FIRM}中国·杭州")[0] == FIRM  # type: ignore[index]


def test_a_page_that_got_a_glance_is_notes_whatever_was_read_of_it() -> None:
    page = Page(number=9, file="a", index=8, sha256="", width=100, height=140, depth="looked")
    part = page_part(ReadPage(page=page, depth="looked"))
    assert part is not None
    assert part.part == "notes"
