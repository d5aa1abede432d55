"""DOMAIN §8's pitfalls of forms, figures and taxonomy, each by its number.

Those that concern two papers (a figure against the record or the audit report) are judged by ``pipeline.checks``;
here stands what a form alone must be read as.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import information_form
from extractors._form_amounts import Units
from extractors._form_fits import fits
from extractors._form_labels import vocabulary
from extractors._form_values import parse
from pipeline.model import Box, Document, DocumentType, Field, InkGrid, Line, Page, ReadPage, Ruling, TickBox
from pipeline.programmes import load
from pipeline.tables.grid import cell_of
from pipeline.tables.ticks import read_options, ticked
from pipeline.values.amounts import equal_declared, parse_amount, parse_count, unit_slip
from pipeline.values.dates import parse_date

PROGRAMME = load("cciip-2023")
LEAVES = PROGRAMME.functions


def line(text: str, x0: float, y0: float, *, score: float = 1.0) -> Line:
    width = sum(0.017 if sign > "\u2e80" else 0.009 for sign in text)
    return Line(text=text, box=Box(x0, y0, min(1.0, x0 + width), y0 + 0.018), confidence=score)


def page(*lines: Line, rulings: tuple[Ruling, ...] = (), number: int = 1) -> ReadPage:
    bare = Page(number=number, file="a.pdf", index=number - 1, sha256="0" * 64, width=1654, height=2339)
    bare = bare.model_copy(update={"upright_width": 1654, "upright_height": 2339})
    return ReadPage(page=bare, lines=lines, rulings=rulings)


def grid(xs: tuple[float, ...], ys: tuple[float, ...]) -> tuple[Ruling, ...]:
    """The rules of a table with all cells of their own."""
    across = [Ruling(x0=xs[0], y0=y, x1=xs[-1], y1=y) for y in ys]
    return (*across, *(Ruling(x0=x, y0=ys[0], x1=x, y1=ys[-1]) for x in xs))


def table(rows: list[list[str]], *, top: float = 0.2, left: float = 0.08, width: float = 0.84) -> ReadPage:
    """A ruled table of these texts, one line a cell."""
    columns = len(rows[0])
    xs = tuple(left + width * i / columns for i in range(columns + 1))
    ys = tuple(top + 0.04 * i for i in range(len(rows) + 1))
    lines = [
        line(text, xs[c] + 0.005, ys[r] + 0.011) for r, row in enumerate(rows) for c, text in enumerate(row) if text
    ]
    return page(*lines, rulings=grid(xs, ys))


def read(*pages: ReadPage) -> Document:
    return information_form.extract(pages, PROGRAMME, DocumentType.INFORMATION_FORM)


def field(name: str, *pages: ReadPage) -> Field:
    found = read(*pages).field(name)
    assert found is not None, name
    return found


def value(name: str, *pages: ReadPage) -> Any:
    found = read(*pages).field(name)
    return found.value if found else None


def options(text: str, names: tuple[str, ...] = LEAVES, headings: tuple[str, ...] = ()) -> set[str]:
    cell = cell_of([line(text, 0.05, 0.1)], page=1, table=-1)
    return {option.name for option in ticked(read_options([cell], names, headings=headings))}


# -------------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("label", "text", "yuan"),
    [
        ("营业收入（元）", "123,456,789.00", "123456789.00"),
        ("营业收入（千元）", "123,456.79", "123456790.00"),
        ("营业收入（万元）", "12,345.68", "123456800.00"),
        ("营业收入（百万元）", "123.4568", "123456800.00"),
        ("营业收入/亿元", "1.2346", "123460000.00"),
        ("营业收入", "1.2346亿元", "123460000.00"),
        ("营业收入（万元）", "123,456,789.00元", "123456789.00"),
    ],
)
def test_43_the_unit_printed_nearest_counts(label: str, text: str, yuan: str) -> None:
    """43: 元 vs 万元 vs 千元 vs 亿元."""
    assert value("operating_revenue", table([[label, text]])) == yuan


def test_43_a_factor_between_two_figures_is_named() -> None:
    """43: ×10, 1000, 10⁴, 10⁸ between paper and record."""
    assert {unit_slip(Decimal("123456800"), Decimal(b)) for b in ("12345.68", "123456.8", "1.234568")} == {4, 3, 8}


def test_44_dollars_are_no_yuan() -> None:
    """44: 万美元 vs 万元."""
    found = field("offshore_revenue", table([["离岸服务外包收入（万美元）", "1,230.50"]]))
    assert found.value is None and "foreign_currency:USD" in found.reasons


def test_44_dollars_beside_yuan_do_not_stand_for_them() -> None:
    """44: the line in 万元 is taken where both are printed."""
    rows = [["离岸执行额（万美元）", "860.20"], ["离岸服务外包收入（万元）", "5,783.10"]]
    assert value("offshore_revenue", table(rows)) == "57831000.00"


def test_45_truncated_and_rounded_are_the_same_figure() -> None:
    """45: truncated vs rounded declaration."""
    exact = Decimal("123456789.99")
    assert equal_declared(exact, Decimal("12345.68"), "万元") == "rounded"
    assert equal_declared(exact, Decimal("12345.67"), "万元") == "truncated"
    assert equal_declared(exact, Decimal("12345.66"), "万元") == "different"


def test_46_a_figure_per_head_is_nobodys_revenue() -> None:
    """46: 34.99997 prints as 35.00: the form's own 人均 is no figure to judge by."""
    assert value("outsourcing_revenue", table([["人均服务外包业务收入（万元）", "35.00"]])) is None


@pytest.mark.parametrize(("text", "yuan"), [("2999.9999", "29999999.00"), ("3000", "30000000.00")])
def test_47_one_yuan_short_stays_one_yuan_short(text: str, yuan: str) -> None:
    """47: N=299/300, R=2999.9999/3000."""
    assert value("outsourcing_revenue", table([["服务外包收入（万元）", text]])) == yuan
    assert [parse_count(t) for t in ("299人", "300人")] == [299, 300]


@pytest.mark.parametrize("text", ["(1,234.56)", "（1,234.56）", "-1,234.56", "−1,234.56", "－1,234.56"])
def test_48_negatives(text: str) -> None:
    """48: bracketed, −, －."""
    read = parse_amount(text, default_unit="元")
    assert read is not None and read.value == Decimal("-1234.56")


def test_49_a_lost_comma_or_point_is_no_sure_figure() -> None:
    """49: lost decimal point; 408.820 (千元) is a comma misread, never 408 thousand yuan for sure."""
    thousands = parse("operating_revenue", "408.820", Units(label="营业收入（千元）"))
    assert thousands is not None and thousands.value == "408820000.00" and thousands.trust < 0.9
    doubtful = parse("operating_revenue", "408.820", Units(label="营业收入（万元）"))
    assert doubtful is not None and doubtful.trust < 0.9 and "4088200000.00" in {doubtful.value, *doubtful.alternatives}


@pytest.mark.parametrize("unit", ["亿元", "百万元", "万美元"])
def test_three_decimals_of_a_unit_that_may_have_them(unit: str) -> None:
    """A form that counts in 亿元 was a KeyError: there three decimals are what they look like."""
    parsed = parse("operating_revenue", "408.820", Units(head=unit))
    assert parsed is not None and "separator_doubtful" not in parsed.reasons
    if unit == "亿元":
        assert parsed.value == "40882000000.00"


@pytest.mark.parametrize("text", ["", "/", "—", "无", "不适用", "______"])
def test_56_blank_is_not_zero(text: str) -> None:
    """56: blank ≠ 0."""
    assert value("offshore_revenue", table([["离岸服务外包收入（万元）", text]])) is None


def test_56_zero_is_zero() -> None:
    """56: and 0 is 0."""
    assert value("offshore_revenue", table([["离岸服务外包收入（万元）", "0.00"]])) == "0.00"


def test_57_onshore_is_not_offshore() -> None:
    """57: 离岸, 在岸 and the whole are three figures."""
    rows = [
        ["服务外包业务收入（万元）", "9,000.00"],
        ["其中：在岸服务外包收入（万元）", "6,500.00"],
        ["其中：离岸服务外包收入（万元）", "2,500.00"],
    ]
    found = read(table(rows))
    assert [found.field(k).value for k in ("outsourcing_revenue", "offshore_revenue")] == ["90000000.00", "25000000.00"]  # type: ignore[union-attr]


def test_58_its_parts_are_not_the_whole() -> None:
    """58: ITO, BPO and KPO are parts of 外包."""
    rows = [["ITO收入（万元）", "3,100.00"], ["BPO收入（万元）", "900.00"], ["服务外包收入（万元）", "4,200.00"]]
    assert value("outsourcing_revenue", table(rows)) == "42000000.00"


def test_59_what_is_printed_is_kept_though_it_cannot_be() -> None:
    """59: 外包 > 营业收入: reading does not mend what the applicant wrote."""
    found = read(table([["营业收入（万元）", "5,000.00"], ["服务外包收入（万元）", "6,000.00"]]))
    assert [found.field(k).value for k in ("operating_revenue", "outsourcing_revenue")] == [
        "50000000.00",
        "60000000.00",
    ]  # type: ignore[union-attr]


def test_60_more_in_outsourcing_than_there_are() -> None:
    """60: 外包人数 > 员工总数, kept as printed."""
    found = read(table([["员工总数（人）", "320"], ["从事服务外包业务人数（人）", "350"]]))
    assert [found.field(k).value for k in ("staff", "outsourcing_staff")] == [320, 350]  # type: ignore[union-attr]


def test_61_words_and_figures_that_agree_or_not() -> None:
    """61: 大写 vs 小写 conflict."""
    agree = parse("registered_capital", "人民币伍仟捌佰万元整（¥58,000,000.00）")
    assert agree is not None and agree.value == "58000000.00" and agree.trust == 1.0
    differ = parse("registered_capital", "人民币伍仟捌佰万元整（¥56,000,000.00）")
    assert differ is not None and differ.trust < 0.5 and "words_and_figures_differ" in differ.reasons


@pytest.mark.parametrize("text", ["约1200", "1200人以上", "1,200余人", "近1200人"])
def test_62_vague_numbers_are_said_to_be_vague(text: str) -> None:
    """62: ranges, 约, 以上 in a numeric field."""
    found = parse("staff", text)
    assert found is not None and found.value == 1200 and found.trust < 0.9


@pytest.mark.parametrize("text", ["3000-3500万元", "约3000万元", "3000万元以上"])
def test_62_vague_amounts_too(text: str) -> None:
    """62: the same of money."""
    found = parse("outsourcing_revenue", text)
    assert found is not None and found.value == "30000000.00" and found.trust < 0.9


@pytest.mark.parametrize("text", ["91370102MA00CXC41K", "2022年度", "0411-84768888"])
def test_64_codes_years_and_telephones_are_no_money(text: str) -> None:
    """64: a tax number or a year parsed as money."""
    assert value("operating_revenue", table([["营业收入（万元）", text]])) is None
    assert fits("operating_revenue", text) < 0.5


def test_64_a_year_in_a_label_is_no_figure() -> None:
    """64: 2022年营业收入 12,345.67."""
    assert value("operating_revenue", page(line("2022年营业收入（万元）：12,345.67", 0.1, 0.3))) == "123456700.00"


def test_65_a_unit_said_once_on_the_first_page() -> None:
    """65: unit declared once on page 1 only."""
    first = page(
        line("企业基本信息表", 0.42, 0.1),
        line("金额单位：元", 0.75, 0.14),
        line("企业名称：大连云帆软件有限公司", 0.1, 0.2),
    )
    second = table([["营业收入", "123,456,789.00"]])
    second = second.model_copy(update={"page": second.page.model_copy(update={"number": 2})})
    assert value("operating_revenue", first, second) == "123456789.00"


def test_65_a_unit_in_a_sections_heading() -> None:
    """65: 三、经营情况（单位：元）, whatever the forms' usual unit is."""
    heading = line("三、经营情况（单位：元）", 0.08, 0.16)
    under = table([["营业收入", "123,456,789.00"], ["服务外包收入", "98,765,432.10"]])
    whole = under.model_copy(update={"lines": (heading, *under.lines)})
    assert [value(k, whole) for k in ("operating_revenue", "outsourcing_revenue")] == ["123456789.00", "98765432.10"]


# ---------------------------------------------------------------------------------------------------- telephones, dates


def test_77_an_extension_is_part_of_a_telephone() -> None:
    """77: phone with 转/extension, and never a mobile."""
    found = field("mobile", table([["联系电话", "0411-84768888转8012"]]))
    assert found.value == "0411-84768888-8012" and "not_a_mobile" in found.reasons


@pytest.mark.parametrize(
    "text",
    [
        "二〇一四年三月二十八日", "贰零壹肆年零叁月贰拾捌日", "2014年3月28日", "2014 年 03 月 28 日", "2014.3.28",
        "2014．3．28",
        "2014/03/28", "2014-03-28", "20140328", "14年3月28日", "Mar. 28, 2014",
    ],
)  # fmt: skip
def test_78_dates_in_every_notation(text: str) -> None:
    """78: 二〇二三年, 2023.4.20, 2023-04-20, 贰零贰叁."""
    assert value("established", table([["成立日期", text]])) == "2014-03-28"


def test_78_a_short_year_of_the_last_century() -> None:
    """78: 98年 is 1998; 14.3 is no date."""
    found = parse("established", "98年3月28日")
    assert found is not None and found.value == "1998-03-28"
    assert parse_date("14.3") is None


# ------------------------------------------------------------------------------------------------------------- taxonomy


@pytest.mark.parametrize("text", ["IT解决方案", "IT 解决方案", "ＩＴ解决方案", "it解决方案"])
def test_90_it_solutions_spaced_as_they_like(text: str) -> None:
    """90: IT解决方案 spacing."""
    assert value("functions", table([["功能领域", f"{text}、大数据"]])) == ("IT解决方案", "大数据")


def test_91_one_name_within_another() -> None:
    """91: 技术服务外包 vs 信息技术服务外包: groups' names are no leaves, and a leaf's tail is no group."""
    headings = ("信息技术服务外包", "技术服务外包")
    text = "信息技术服务外包：□其他信息技术服务外包业务 技术服务外包：☑其他技术服务外包"
    assert options(text, headings=headings) == {"其他技术服务外包"}


@pytest.mark.parametrize(
    ("text", "name"), [("制造", "制造"), ("制造业", "制造业"), ("金融和保险", "金融和保险"), ("金融业", "金融业")]
)
def test_92_two_lists_of_industries(text: str, name: str) -> None:
    """92: 8- vs 13-industry lists."""
    assert value("industry", table([["所属行业", text]])) == name


def test_92_each_list_ticked() -> None:
    """92: 教育 of the thirteen is not 政府和教育 of the eight."""
    assert options("□政府和教育 ☑制造", PROGRAMME.industries) == {"制造"}
    assert options("☑教育 □制造业", PROGRAMME.categories) == {"教育"}


def test_93_other_and_other() -> None:
    """93: 其它 (industry) / 其他 (leaves of the functions)."""
    assert value("industry", table([["行业类别", "其它"]])) == "其它"
    assert value("functions", table([["功能领域", "其他研发服务外包"]])) == ("其他研发服务外包",)
    assert value("functions", table([["功能领域", "其他供应链管理服务"]])) == ("其他供应链管理服务",)


@pytest.mark.parametrize("tick", ["☑", "√", "✓", "■", "●", "⊙", "☒", "⊠", "冈", "[√]", "（√）", "(√)"])
def test_94_every_sign_of_a_tick(tick: str) -> None:
    """94: box glyphs ☑ √ ■ ● ⊙."""
    empty = {"[√]": "[ ]", "（√）": "（ ）", "(√)": "( )", "●": "○", "⊙": "○"}.get(tick, "□")
    text = f"{empty}物联网 {tick}云计算 {empty}大数据 {empty}人工智能"
    assert options(text) == {"云计算"}


def test_94_several_ticked() -> None:
    """94: multiple boxes ticked are a list in the programme's order."""
    assert value("functions", table([["功能领域", "☑大数据 □物联网 ☑云计算"]])) == ("云计算", "大数据")


def test_95_a_tick_between_two_options_is_no_sure_answer() -> None:
    """95: tick touches two labels: the box it stands for counts, and what is not clear is not claimed."""
    cell = cell_of([line("云计算√大数据", 0.05, 0.1)], page=1, table=-1)
    states = {option.name: option.state for option in read_options([cell], LEAVES)}
    assert not (states["云计算"] == "ticked" and states["大数据"] == "ticked")


# ------------------------------------------------------------------------------------------- layouts met on blind forms


def test_an_empty_column_of_units_is_no_value() -> None:
    """A unit column between label and value is empty where a value has no unit."""
    rows = [["法定代表人", "", "许娟刚"], ["成立日期", "•", "2011-02-10"], ["营业收入", "万元", "57151.76"]]
    found = read(table(rows))
    names = ("legal_representative", "established", "operating_revenue")
    assert [found.field(k).value for k in names] == ["许娟刚", "2011-02-10", "571517600.00"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "years", [("2020年", "2021年", "2022年"), ("2022年度", "2021年度", "2020年度"), ("2021年", "2022年.")]
)
def test_columns_of_years_in_either_order(years: tuple[str, ...]) -> None:
    """The programme's year is taken, a speck in a head forgiven."""
    figures = {"2020": "1,000.00", "2021": "2,000.00", "2022": "3,000.00"}
    page_ = table([["指标（万元）", *years], ["营业收入", *(figures[y[:4]] for y in years)]])
    assert value("operating_revenue", page_) == "30000000.00"


def test_rows_of_years() -> None:
    """The table turned on its side: years down, indicators across."""
    rows = [["年度", "营业收入（万元）", "员工总数"], ["2021年度", "2,000.00", "400"], ["2022年度", "3,000.00", "500"]]
    assert [value(k, table(rows)) for k in ("operating_revenue", "staff")] == ["30000000.00", 500]


def test_another_years_figure_alone_is_none_of_this_year() -> None:
    """Where the programme's year is cut off, what is left is not taken for it."""
    assert (
        value("operating_revenue", table([["指标（万元）", "2020年", "2021年"], ["营业收入", "1,000.00", "2,000.00"]]))
        is None
    )


def second_page(rows: list[list[str]]) -> ReadPage:
    made = table(rows, top=0.06)
    return made.model_copy(update={"page": made.page.model_copy(update={"number": 2, "index": 1})})


@pytest.mark.parametrize("fold", [0.36, 0.39, 0.78])
def test_a_fold_left_of_values_leaves_none_surely_empty(fold: float) -> None:
    """A fold taken for a rule parts a value's cell: the piece beside the label is empty, yet that is no sure answer."""
    xs, ys = (0.08, 0.3, 0.5, 0.72, 0.92), (0.2, 0.24, 0.28, 0.32)
    rows = [
        ("联系人", "李晓华", "法定代表人", "王伟"),
        ("员工总数", "862", "专利数量", "17"),
        ("成立日期", "2014-03-28", "营业收入（万元）", "3,000.00"),
    ]
    inset = [0.01, 0.01, 0.01, 0.1] if fold > xs[3] else [0.01, 0.1, 0.01, 0.01]
    lines = [line(t, xs[c] + inset[c], ys[r] + 0.011) for r, row in enumerate(rows) for c, t in enumerate(row)]
    found = read(page(*lines, rulings=(*grid(xs, ys), Ruling(x0=fold, y0=ys[0], x1=fold, y1=ys[-1]))))
    values = {f.name: f.value for f in found.fields}
    wanted = {"staff": 862, "established": "2014-03-28", "operating_revenue": "30000000.00"}
    assert {k: values[k] for k in wanted} == wanted
    assert not [f.name for f in found.fields if f.value is None and f.confidence > 0.7]


def test_an_empty_cell_before_another_labels_value_is_empty() -> None:
    found = read(table([["员工总数", "", "人"], ["法定代表人", "王伟", ""]]))
    assert found.field("staff").value is None  # type: ignore[union-attr]
    assert found.field("staff").confidence > 0.9  # type: ignore[union-attr]
    named = read(table([["曾用名", "", "企业名称", "大连云帆软件有限公司"]]))
    assert named.field("previous_names").confidence > 0.9  # type: ignore[union-attr]


def test_labels_at_the_foot_values_on_the_next_page() -> None:
    """A page break between a row of labels and the row of their values."""
    first = table([["企业名称", "法定代表人"], ["大连云帆软件有限公司", "王伟"], ["员工总数", "成立日期"]], top=0.8)
    second = second_page([["1,234", "2014-03-28"]])
    assert [value(k, first, second) for k in ("name", "staff", "established")] == [
        "大连云帆软件有限公司",
        1234,
        "2014-03-28",
    ]
    assert field("staff", first, second).page == 2


def test_heads_of_years_at_the_foot_figures_on_the_next_page() -> None:
    """The heads of year columns hold for the rows over the page break."""
    first = table([["指标", "2022年", "2021年"], ["营业收入（万元）", "3,000.00", "2,000.00"]], top=0.85)
    second = second_page([["服务外包收入（万元）", "2,500.00", "1,500.00"]])
    assert value("outsourcing_revenue", first, second) == "25000000.00"
    backward = table([["指标", "2021年", "2022年"], ["营业收入（万元）", "2,000.00", "3,000.00"]], top=0.85)
    assert (
        value("outsourcing_revenue", backward, second_page([["服务外包收入（万元）", "1,500.00", "2,500.00"]]))
        == "25000000.00"
    )


@pytest.mark.parametrize("numbered", [False, True])
def test_labels_and_values_parted_by_a_page_break_when_pages_lie_in_disorder(numbered: bool) -> None:
    """The form's second page lies first in the file, as a feeder that takes sheets face up leaves them."""
    rows = [["企业名称", "法定代表人"], ["大连云帆软件有限公司", "王伟"], ["离岸服务外包收入（万元）", "成立日期"]]
    first, second = table(rows, top=0.8), second_page([["1,234.00", "2014-03-28"]])
    title, foot = line("企业基本信息表", 0.4, 0.1), [line(f"第{n}页 共2页", 0.45, 0.96) for n in (1, 2)]
    first = first.model_copy(update={"lines": (*first.lines, *((foot[0],) if numbered else (title,)))})
    second = second.model_copy(update={"lines": (*second.lines, *((foot[1],) if numbered else ()))})
    late = first.model_copy(update={"page": first.page.model_copy(update={"number": 8, "index": 7})})
    found = read(second, late)
    assert found.field("offshore_revenue").value == "12340000.00"  # type: ignore[union-attr]
    assert found.field("established").value == "2014-03-28"  # type: ignore[union-attr]


def test_a_cards_label_at_the_foot() -> None:
    """The same without rules."""
    first = page(line("企业名称", 0.1, 0.2), line("大连云帆软件有限公司", 0.1, 0.225), line("注册地址", 0.1, 0.92))
    second = page(
        line("辽宁省大连市软件园路1号", 0.1, 0.07), line("联系人", 0.1, 0.12), line("王伟", 0.1, 0.145), number=2
    )
    assert value("address", first, second) == "辽宁省大连市软件园路1号"


def test_english_under_chinese_is_left_out() -> None:
    """A card's Chinese label, its English, its value."""
    lines = (
        line("法定代表人", 0.1, 0.2), line("Legal Representative", 0.1, 0.219), line("赵静志", 0.1, 0.24),
        line("服务外包收入", 0.5, 0.2), line("Outsourcing Revenue（千元）", 0.5, 0.219), line("12,345.60", 0.5, 0.24),
    )  # fmt: skip
    assert [value(k, page(*lines)) for k in ("legal_representative", "outsourcing_revenue")] == [
        "赵静志",
        "12345600.00",
    ]


def test_an_english_label_of_its_own_stays() -> None:
    """E-mail under 手机 is the next label, not its translation."""
    lines = (line("手机：13812345678", 0.1, 0.2), line("E-mail", 0.1, 0.219), line("info@example.cn", 0.3, 0.219))
    assert value("email", page(*lines)) == "info@example.cn"


def test_underlined_blanks_are_no_part_of_a_value() -> None:
    """法人代表：_杨雅子__."""
    assert value("legal_representative", page(line("法人代表：_杨雅子__", 0.1, 0.2))) == "杨雅子"


def test_a_label_in_brackets_with_a_colon() -> None:
    """注册资本（单位：元）：30000000."""
    lines = (line("注册资本（单位：元）：30000000", 0.1, 0.2), line("在校生人数：8600", 0.1, 0.221))
    assert value("registered_capital", page(*lines)) == "30000000.00"


def test_leading_dots_not_read_at_all() -> None:
    """A label at the left, its value flush right, and nothing between that was read."""
    assert (
        value("name", page(line("单位名称", 0.08, 0.2), line("乌鲁木齐鼎桥科技有限责任公司", 0.7, 0.2)))
        == "乌鲁木齐鼎桥科技有限责任公司"
    )


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("单位名称（与公章一致）", "name"), ("企业法定名称", "name"), ("基地（园区）名称", "name"), ("注册成立时间",
        "established"),
        ("认缴注册资本/万元", "registered_capital"), ("主要交付地", "delivery_location"), ("工商登记地址", "address"),
        ("所在地商务主管部门", "commerce_department"), ("承接服务外包收入", "outsourcing_revenue"), ("行业门类",
        "industry"),
        ("国际（离岸）服务外包收入", "offshore_revenue"), ("从事服务外包工作的员工", "outsourcing_staff"),
        ("系统流水号", "application_no"),
        ("其中：大学（含）以上学历人员", "degree_staff"), ("填报提交时间", "submitted_at"), ("联络人员", "contact"),
    ],
)  # fmt: skip
def test_labels_as_other_officials_word_them(label: str, key: str) -> None:
    match = vocabulary.match(label)
    assert match is not None and match.keys == (key,)


@pytest.mark.parametrize(
    "label",
    [
        "园区级别", "规划面积（平方公里）", "入驻企业数（家）", "其中：服务外包企业数（家）", "就业率",
        "当年培训人次", "服务外包方向培训人数",
        "专职教师数", "年培训能力（人次）", "实收资本", "硕士以上学历人数", "培训收入（万元）", "母公司名称",
        "财务负责人", "园区管理人员数",
    ],
)  # fmt: skip
def test_what_else_a_form_asks_for_is_none_of_the_fields(label: str) -> None:
    match = vocabulary.match(label)
    assert match is None or match.keys == ("",), match


def test_a_city_behind_a_district_begins_another_place() -> None:
    """The 、 at a line's end that the reader lost."""
    found = parse("delivery_location", "上海市浦东新区大连市")
    assert found is not None and found.value == "上海市浦东新区、大连市" and found.trust < 0.9
    assert parse("delivery_location", "江苏省无锡市新吴区").reasons == ()  # type: ignore[union-attr]


def test_a_unit_in_the_head_of_a_group() -> None:
    """上年度收入（千元） merged over its rows."""
    xs, ys = (0.08, 0.3, 0.6, 0.92), (0.2, 0.24, 0.28)
    rules = (
        *grid(xs, (ys[0], ys[2])),
        Ruling(x0=xs[1], y0=ys[1], x1=xs[3], y1=ys[1]),
    )
    lines = (
        line("上年度收入（千元）", 0.085, 0.231), line("营业收入", 0.305, 0.211), line("383,089.70", 0.605, 0.211),
        line("服务外包收入", 0.305, 0.251), line("223,793.20", 0.605, 0.251),
    )  # fmt: skip
    whole = page(*lines, rulings=rules)
    names = ("operating_revenue", "outsourcing_revenue")
    assert [value(k, whole) for k in names] == ["383089700.00", "223793200.00"]


def test_a_table_of_persons() -> None:
    """A row for each person: the contact's telephone is the one in the contact's row."""
    rows = [
        ["", "姓名", "手机", "电子邮箱"],
        ["财务负责人", "周敏", "13952140526", "ceo@sample.cn"],
        ["法定代表人", "许刚", "13940261903", ""],
        ["联系人", "李博", "18680309222", "li-qiang@pwb.com"],
    ]
    found = read(table(rows))
    names = ("legal_representative", "contact", "mobile", "email")
    assert [found.field(k).value for k in names] == ["许刚", "李博", "18680309222", "li-qiang@pwb.com"]  # type: ignore[union-attr]


def test_figures_in_a_sentence() -> None:
    """Running text with blanks filled in; the year before it is not this one."""
    lines = (
        line("2021年实现营业收入 9,000.00 万元。2022年实现营业收入_12,345.67万元，其中服务外包业务", 0.05, 0.3),
        line("收入_9,876.54 万元。截至2022年底，员工总数_1234_人，其中从事服务外包业务人数_900_人。", 0.05, 0.325),
    )
    found = read(page(*lines))
    names = ("operating_revenue", "outsourcing_revenue", "staff", "outsourcing_staff")
    assert [found.field(k).value for k in names] == ["123456700.00", "98765400.00", 1234, 900]  # type: ignore[union-attr]


def test_the_tail_of_an_unknown_label_is_no_label() -> None:
    """海归人员数：12 is nobody's 人员数, 财务负责人手机 nobody's 手机."""
    lines = (line("海归人员数：12", 0.1, 0.2), line("财务负责人手机：13900001111", 0.1, 0.25))
    assert [value(k, page(*lines)) for k in ("staff", "mobile")] == [None, None]


def test_a_number_of_years_is_no_year() -> None:
    """从业人数：2025 holds a number, not the year 2025."""
    assert value("outsourcing_staff", page(line("（5）外包业务从业人数（人）：2025", 0.1, 0.2))) == 2025


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("621.056.000元", "621056000.00"), ("(¥5,000,000.00)", "5000000.00"), ("763.940.000.00元", "763940000.00")],
)
def test_separators_that_leave_no_doubt(text: str, yuan: str) -> None:
    found = parse("operating_revenue", text, Units(label="营业收入（元）"))
    assert found is not None and found.value == yuan


def test_a_figure_without_unit_counts_as_its_neighbours_do() -> None:
    """Its own unit was not read: the other revenues' is likelier than the usual 万元, and it is said so."""
    rows = [["营业收入（百万元）", "662.46"], ["服务外包收入（百万元）", "599.10"], ["离岸服务外包收入", "117.50"]]
    found = field("offshore_revenue", table(rows))
    assert found.value == "117500000.00" and "unit_of_others" in found.reasons


def test_a_yuan_sign_is_a_unit_where_none_is_printed() -> None:
    assert value("registered_capital", table([["注册资金", "¥5,000,000.00"]])) == "5000000.00"


def test_a_label_broken_within_its_brackets() -> None:
    """其中：离岸外包收入（单 / 位：百万元）."""
    lines = (line("离岸服务外包收入（单", 0.1, 0.2), line("位：百万元）", 0.1, 0.219), line("117.50", 0.4, 0.21))
    assert value("offshore_revenue", page(*lines)) == "117500000.00"


def test_english_over_chinese_is_left_out_too() -> None:
    """Its own label's, not the value's."""
    lines = (
        line("Company Name", 0.1, 0.2), line("企业名称", 0.1, 0.219), line("大连云帆软件有限公司", 0.3, 0.21),
        line("Legal Representative", 0.1, 0.25), line("法定代表人", 0.1, 0.269), line("王伟", 0.3, 0.26),
    )  # fmt: skip
    assert [value(k, page(*lines)) for k in ("name", "legal_representative")] == ["大连云帆软件有限公司", "王伟"]


@pytest.mark.parametrize(("digit", "ticked_too"), [("0", False), ("1", False), ("3", True)])
def test_a_speck_in_a_cell_to_tick_is_no_tick(digit: str, ticked_too: bool) -> None:
    """A column to tick: a √ was read in one cell; in another there is a speck, or a √ that was not read."""
    names = ("云计算", "大数据", "物联网", "认知算法", *(name for name in LEAVES if "外包" in name))[:14]
    xs, ys = (0.1, 0.4, 0.45), tuple(0.1 + 0.04 * i for i in range(len(names) + 1))
    lines = [line(name, 0.11, y + 0.011) for name, y in zip(names, ys, strict=False)]
    columns, rows = 120, 170
    dirty = Box(xs[1] + 0.005, ys[1] + 0.004, xs[2] - 0.005, ys[2] - 0.004)
    cells = "".join(
        digit if dirty.holds((column + 0.5) / columns, (row + 0.5) / rows) else "0"
        for row in range(rows)
        for column in range(columns)
    )
    whole = page(*lines, line("√", 0.42, ys[0] + 0.011), rulings=grid(xs, ys))
    whole = whole.model_copy(update={"ink": InkGrid(columns=columns, rows=rows, cells=cells)})
    found = field("functions", whole)
    assert isinstance(found.value, tuple) and "云计算" in found.value
    assert ("大数据" in found.value) is ticked_too
    assert digit != "1" or found.confidence < 0.9


def test_a_label_set_into_a_frame() -> None:
    """Label in the upper edge of the frame that holds its value; the edge is read as a stroke."""
    rules = (*grid((0.08, 0.45), (0.2, 0.24)), *grid((0.5, 0.9), (0.2, 0.24)))
    lines = (
        line("一法定代表人", 0.085, 0.191), line("梁超涵", 0.09, 0.215),
        line("注册时间", 0.51, 0.191), line("2003.11.24", 0.51, 0.215),
    )  # fmt: skip
    whole = page(*lines, rulings=rules)
    assert [value(k, whole) for k in ("legal_representative", "established")] == ["梁超涵", "2003-11-24"]


def test_a_head_over_its_parts() -> None:
    """服务外包收入 over 合计 | 离岸 | 在岸, beside 营业收入 merged over both rows."""
    xs, ys = (0.08, 0.3, 0.5, 0.7, 0.9), (0.2, 0.23, 0.26, 0.29)
    rules = (
        *(Ruling(x0=xs[0], y0=y, x1=xs[-1], y1=y) for y in (ys[0], ys[2], ys[3])),
        Ruling(x0=xs[1], y0=ys[1], x1=xs[-1], y1=ys[1]),
        *(Ruling(x0=x, y0=ys[0], x1=x, y1=ys[3]) for x in (xs[0], xs[1], xs[-1])),
        *(Ruling(x0=x, y0=ys[1], x1=x, y1=ys[3]) for x in xs[2:4]),
    )
    lines = (
        line("营业收入（万元）", 0.085, 0.221), line("服务外包收入（万元）", 0.5, 0.206),
        line("合计", 0.35, 0.236), line("离岸", 0.55, 0.236), line("在岸", 0.75, 0.236),
        line("12,000.00", 0.1, 0.266), line("9,000.00", 0.35, 0.266), line("2,500.00", 0.55, 0.266),
        line("6,500.00", 0.75, 0.266),
    )  # fmt: skip
    whole = page(*lines, rulings=rules)
    names = ("operating_revenue", "outsourcing_revenue", "offshore_revenue")
    assert [value(k, whole) for k in names] == ["120000000.00", "90000000.00", "25000000.00"]


def test_a_label_beside_the_middle_of_two_lines() -> None:
    lines = (
        line("四川省成都市武侯区天府大道中段1388号美年", 0.4, 0.2), line("注册地址", 0.1, 0.212),
        line("广场A座3层", 0.4, 0.225),
    )  # fmt: skip
    assert value("address", page(*lines)) == "四川省成都市武侯区天府大道中段1388号美年广场A座3层"


@pytest.mark.parametrize(
    "label", ["项目名称", "主管单位名称", "推荐单位联系人", "母公司注册地址", "业务人员数", "法定代表人移动电话"]
)
def test_words_that_make_another_label(label: str) -> None:
    assert vocabulary.match(label) is None


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("申报工作联系人", "contact"),
        ("常用邮箱", "email"),
        ("E-mail地址", "email"),
        ("受理商务部门", "commerce_department"),
        ("4.2022年度员工总数", "staff"),
    ],
)
def test_words_that_leave_a_label_what_it_is(label: str, key: str) -> None:
    match = vocabulary.match(label)
    assert match is not None and match.keys == (key,)


@given(st.integers(min_value=1_000_000, max_value=99_999_999_999))
def test_any_figure_whose_commas_were_read_as_points(yuan: int) -> None:
    """Two points or more leave no doubt, however long the figure is."""
    found = parse("operating_revenue", f"{yuan:,}".replace(",", "."), Units(label="营业收入（元）"))
    assert found is not None and found.value == f"{yuan}.00"


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2030, 12, 31)))
def test_any_day_with_a_short_year(day: date) -> None:
    """A year of two digits lies between 1931 and 2030."""
    found = parse("established", f"{day.year % 100:02d}年{day.month}月{day.day}日")
    assert found is not None and found.value == day.isoformat()


@given(
    st.text(alphabet="0123456789.,，-()（）元万千亿约 \u3000年月人转", max_size=24),
    st.sampled_from(("staff", "operating_revenue", "mobile")),
)
def test_no_text_breaks_a_parser(text: str, key: str) -> None:
    """What a cell holds is a value or none; a value has a trust that is a probability."""
    found = parse(key, text)
    assert found is None or 0.0 <= found.trust <= 1.0


def test_lines_between_underlined_headings() -> None:
    """Rules under headings make one cell of all lines between them: each line is a row of its own, nonetheless."""
    rules = tuple(Ruling(x0=0.08, y0=y, x1=0.92, y1=y) for y in (0.15, 0.4, 0.5))
    rules = (*rules, Ruling(x0=0.08, y0=0.4, x1=0.08, y1=0.5), Ruling(x0=0.92, y0=0.4, x1=0.92, y1=0.5))
    lines = (
        line("承接企业名称：天极生物医药研发有限责任公司", 0.09, 0.17),
        line("曾用名（如有）：天极技术有限公司", 0.09, 0.2),
        line("单位法定代表人：邓慧", 0.09, 0.23), line("办公面积（平方米）：3200", 0.09, 0.26),
        line("联系方式", 0.09, 0.37),
    )  # fmt: skip
    found = read(page(*lines, rulings=rules))
    names = ("name", "previous_names", "legal_representative")
    wanted = ["天极生物医药研发有限责任公司", ("天极技术有限公司",), "邓慧"]
    assert [found.field(k).value for k in names] == wanted  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "heading", ["联系人信息", "二、联系人信息", "联络人情况", "第二部分 联系人信息", "3. 联系人资料"]
)
def test_a_heading_is_no_label_with_its_value(heading: str) -> None:
    """联系人信息 heads a section: nobody is called 信息."""
    whole = page(line(heading, 0.1, 0.2), line("联系人", 0.1, 0.24), line("马涛琪", 0.3, 0.24))
    assert value("contact", whole) == "马涛琪"


def test_industries_in_a_table_of_their_own() -> None:
    """No label stands beside them: a cell for each industry, one to tick at its right."""
    rows = []
    names = PROGRAMME.categories
    for i in range(0, len(names), 2):
        two = [*names[i : i + 2], ""][:2]
        rows.append([cell for name in two for cell in (name, "√" if name == "科学研究和技术服务业" else "")])
    pages = table(rows, top=0.3)
    above = (line("企业名称：大连天枢信息技术有限公司", 0.1, 0.1), line("三、所属行业（请在框内打“√”）", 0.1, 0.26))
    field = read(pages.model_copy(update={"lines": (*above, *pages.lines)})).field("industry")
    assert field is not None and field.value == "科学研究和技术服务业"


def test_the_one_industry_that_is_not_surely_empty_is_meant() -> None:
    names = PROGRAMME.categories
    lines = [line("所属行业：", 0.1, 0.2)]
    boxes = []
    for i, name in enumerate(names):
        y = 0.2 + 0.03 * i
        lines.append(line(name, 0.3, y))
        boxes.append(TickBox(box=Box(0.28, y + 0.004, 0.291, y + 0.012), filled=0.08 if i == 4 else 0.0))
    sheet = page(*lines).model_copy(update={"boxes": tuple(boxes)})
    field = read(sheet).field("industry")
    assert field is not None and field.value == names[4] and field.confidence < 0.9


def test_a_list_that_goes_on_in_the_next_line_within_a_name() -> None:
    first = "功能领域：软件研发及开发服务；信息系统运营和维护服务；其他商务"
    lines = (line(first, 0.1, 0.4), line("服务外包；工业设计外包；动漫及网游技术研发外包", 0.1, 0.421))
    frame = (Ruling(x0=0.1, y0=0.418, x1=0.9, y1=0.418), Ruling(x0=0.1, y0=0.445, x1=0.9, y1=0.445))
    sides = (Ruling(x0=0.1, y0=0.418, x1=0.1, y1=0.445), Ruling(x0=0.9, y0=0.418, x1=0.9, y1=0.445))
    for rulings in ((), (*frame, *sides)):
        field = read(page(*lines, rulings=rulings)).field("functions")
        assert field is not None and field.value == (
            "软件研发及开发服务", "信息系统运营和维护服务", "其他商务服务外包", "工业设计外包",
            "动漫及网游技术研发外包",
        )  # fmt: skip


@pytest.mark.parametrize("label", ["企业名称（公章）", "1. 企业名称(盖章)"])
def test_a_name_asked_for_with_its_seal(label: str) -> None:
    field = read(page(line(f"{label}：大连天枢信息技术股份有限公司", 0.1, 0.1))).field("name")
    assert field is not None and field.value == "大连天枢信息技术股份有限公司"
    blank = read(page(line(f"{label}：", 0.1, 0.8), line("2023年9月1日", 0.1, 0.83))).field("name")
    assert blank is None or blank.value is None


@pytest.mark.parametrize(("label", "key"), [("申报园区", "name"), ("主导行业", "industry")])
def test_labels_of_a_park(label: str, key: str) -> None:
    match = vocabulary.match(label)
    assert match is not None and match.keys == (key,)


def test_a_folds_shadow_in_a_cell_to_tick_is_no_tick() -> None:
    """A streak along a row of cells to tick holds as much ink as a tick, but is flat."""
    names = LEAVES[:20]
    drawn = table([[name, "√" if i in (3, 9) else ""] for i, name in enumerate(names)], top=0.1)
    columns, rows = 120, 170
    cells = [["0"] * columns for _ in range(rows)]
    y = int((0.1 + 0.04 * 6 + 0.02) * rows)  # amid the seventh row
    for column in range(int(0.5 * columns), int(0.92 * columns)):
        cells[y][column] = "6"
    ink = InkGrid(columns=columns, rows=rows, cells="".join("".join(row) for row in cells))
    field = read(drawn.model_copy(update={"ink": ink})).field("functions")
    assert field is not None and field.value == (names[3], names[9])
