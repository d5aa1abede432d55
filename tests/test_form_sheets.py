"""Forms as designers print them: what the reader or the rules broke up, joined or hid, is read as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from extractors import information_form
from pipeline.model import Box, Document, DocumentType, Line, Page, ReadPage, Ruling
from pipeline.programmes import load
from pipeline.tables.vocabulary import Label, Vocabulary

PROGRAMME = load("cciip-2023")


def line(text: str, x0: float, y0: float, x1: float | None = None) -> Line:
    width = sum(0.017 if sign > "\u2e80" else 0.009 for sign in text)
    return Line(text=text, box=Box(x0, y0, x1 or min(1.0, x0 + width), y0 + 0.018), confidence=1.0)


def grid(xs: Iterable[float], ys: Iterable[float]) -> tuple[Ruling, ...]:
    xs, ys = tuple(xs), tuple(ys)
    across = (Ruling(x0=xs[0], y0=y, x1=xs[-1], y1=y) for y in ys)
    down = (Ruling(x0=x, y0=ys[0], x1=x, y1=ys[-1]) for x in xs)
    return (*across, *down)


def form(*lines: Line, rulings: tuple[Ruling, ...] = ()) -> Document:
    page = Page(
        number=1, file="a.pdf", index=0, sha256="0" * 64, width=1654, height=2339,
        upright_width=1654, upright_height=2339,
    )  # fmt: skip
    read = ReadPage(page=page, lines=lines, rulings=rulings)
    return information_form.extract([read], PROGRAMME, DocumentType.INFORMATION_FORM)


def values(read: Document, *names: str) -> dict[str, Any]:
    return {name: field.value for name in names if (field := read.field(name))}


def test_a_code_with_a_box_for_each_sign() -> None:
    code = "52620102Y6Q343H323"
    xs = [0.262 + 0.033 * i for i in range(19)]
    signs = [line(sign, x + 0.01, 0.145) for sign, x in zip(code, xs, strict=False)]
    read = form(line("统一社会信用代码：", 0.09, 0.145), *signs, rulings=grid(xs, (0.139, 0.167)))
    assert values(read, "uscc") == {"uscc": code}


@pytest.mark.parametrize("years", [("2020", "2021", "2022"), ("2020年", "2021年", "2022年")])
def test_rows_of_years_without_the_word_year(years: tuple[str, ...]) -> None:
    rows = zip(years, ("22,794,600.00", "25,084,600.00", "27,517,800.00"), (0.24, 0.27, 0.30), strict=True)
    cells = [one for year, amount, y in rows for one in (line(year, 0.12, y), line(amount, 0.25, y))]
    head = (line("年份", 0.12, 0.21), line("营业收入（元）", 0.25, 0.21))
    read = form(*head, *cells, rulings=grid((0.1, 0.2, 0.5), (0.2, 0.23, 0.26, 0.29, 0.32)))
    assert values(read, "operating_revenue") == {"operating_revenue": "27517800.00"}


def this_and_last(*above: Line, heads: tuple[str, str] = ("本年", "上年")) -> Document:
    lines = (
        line("指标名称", 0.12, 0.21), line(heads[0], 0.45, 0.21), line(heads[1], 0.65, 0.21),
        line("员工总数", 0.12, 0.24), line("4129", 0.45, 0.24), line("4085", 0.65, 0.24),
    )  # fmt: skip
    return form(*above, *lines, rulings=grid((0.1, 0.4, 0.6, 0.8), (0.2, 0.23, 0.26)))


@pytest.mark.parametrize("said", ["2022 年", "表2 经营与人员（本年指2022年，单位：人）", "报告期：2022年"])
def test_the_year_that_a_form_calls_this_one(said: str) -> None:
    field = this_and_last(line(said, 0.6, 0.17)).field("staff")
    assert field is not None and field.value == 4129 and field.confidence >= 0.9


def test_last_year_where_this_one_is_the_year_of_the_call() -> None:
    field = this_and_last(line("2023 年", 0.6, 0.17)).field("staff")
    assert field is not None and field.value == 4085 and field.confidence >= 0.9


def test_this_year_or_last_where_nobody_says_which_is_which() -> None:
    field = this_and_last().field("staff")
    assert field is not None and field.confidence < 0.9 and "year_unsaid" in field.reasons


def test_this_year_beside_the_same_time_of_the_last() -> None:
    field = this_and_last(heads=("本期", "上年同期")).field("staff")
    assert field is not None and field.value == 4129


def test_a_label_that_running_text_breaks_over_two_lines() -> None:
    read = form(
        line("（四）营业收入：2.2327亿元；服务外包业务收入：1.3232亿元，其中离岸服务", 0.17, 0.404, 0.86),
        line("外包收入：6182万元。", 0.12, 0.430, 0.32),
        line("（五）员工总数：3294人，其中从事服务外包业务员工：2905人；大学（含）以", 0.17, 0.459, 0.865),
        line("上学历：2945人。", 0.12, 0.486, 0.28),
        line("（三）注册地址：陕西省西安市雁塔区曲江新区雁翔路3269号旺座曲江F座1601", 0.17, 0.514, 0.852),
        line("室；总部所在地：陕西省西安市；业务交付主体所在地：陕西省咸阳市。", 0.12, 0.541, 0.78),
    )
    assert values(
        read, "outsourcing_revenue", "offshore_revenue", "staff", "outsourcing_staff", "degree_staff", "address",
        "headquarters", "delivery_location",
    ) == {
        "outsourcing_revenue": "132320000.00", "offshore_revenue": "61820000.00", "staff": 3294,
        "outsourcing_staff": 2905, "degree_staff": 2945,
        "address": "陕西省西安市雁塔区曲江新区雁翔路3269号旺座曲江F座1601室", "headquarters": "陕西省西安市",
        "delivery_location": "陕西省咸阳市",
    }  # fmt: skip


def test_a_list_in_a_sentence_ends_in_a_full_stop_not_in_a_box() -> None:
    read = form(
        line("（七）功能领域：数据处理服务、云计算、人工智能。", 0.17, 0.5), line("（六）所属行业：教育。", 0.17, 0.47)
    )
    assert values(read, "functions", "industry") == {
        "functions": ("数据处理服务", "云计算", "人工智能"), "industry": "教育",
    }  # fmt: skip


def test_examples_and_orders_in_a_cell_are_no_values() -> None:
    read = form(
        line("法定代表人", 0.12, 0.215), line("章栋康", 0.45, 0.205), line("例：张三", 0.45, 0.222),
        line("注册地址", 0.12, 0.255), line("重庆市两江新区星光大道62号", 0.45, 0.245),
        line("按营业执照“住所”填写", 0.45, 0.262),
        line("员工总数（人）", 0.12, 0.295), line("例：350", 0.45, 0.302),
        rulings=grid((0.1, 0.4, 0.9), (0.2, 0.24, 0.28, 0.32)),
    )  # fmt: skip
    got = values(read, "legal_representative", "address", "staff")
    assert got == {"legal_representative": "章栋康", "address": "重庆市两江新区星光大道62号", "staff": None}


def test_whom_the_notes_name_is_not_the_applicants_contact() -> None:
    read = form(
        line("联系人：金新兰", 0.12, 0.2), line("电子邮箱：hr_info@yuneng.com", 0.12, 0.24),
        line("填表说明", 0.12, 0.5),
        line("5.联系电话：023-62663000，联系人：周老师，邮箱：fwwb@cq-swfw.cn。", 0.12, 0.53),
    )  # fmt: skip
    field = read.field("email")
    assert values(read, "contact") == {"contact": "金新兰"}
    assert field is not None and field.value == "hr_info@yuneng.com" and field.confidence >= 0.9


def test_cards_with_the_figure_over_its_label() -> None:
    ruled = form(line("892", 0.12, 0.205), line("员工总数（人）", 0.12, 0.232), rulings=grid((0.1, 0.4), (0.2, 0.255)))
    assert values(ruled, "staff") == {"staff": 892}
    free = form(
        line("0.590622", 0.12, 0.200), line("离岸服务外包收入（亿元）", 0.12, 0.223),
        line("647", 0.12, 0.280), line("大学（含）以上学历人数（人）", 0.12, 0.303),
    )  # fmt: skip
    assert values(free, "offshore_revenue", "degree_staff") == {"offshore_revenue": "59062200.00", "degree_staff": 647}


def test_a_table_whose_inner_rules_are_lost_is_read_all_the_same() -> None:
    read = form(
        line("公司名称", 0.08, 0.13), line("武汉楚天信安技术有限责任公司", 0.24, 0.13),
        line("法定代表人", 0.08, 0.17), line("花浩燕", 0.24, 0.17),
        line("员工总数", 0.08, 0.21), line("3505人", 0.24, 0.21),
        line("注册地址", 0.08, 0.25), line("湖北省武汉市光谷大道77号", 0.24, 0.25),
        line("电子邮箱", 0.08, 0.29), line("lw@ctxinan.com", 0.24, 0.29),
        line("单位公章：", 0.24, 0.34),
        rulings=grid((0.06, 0.94), (0.12, 0.4)),
    )  # fmt: skip
    assert values(read, "name", "legal_representative", "staff", "address", "email") == {
        "name": "武汉楚天信安技术有限责任公司", "legal_representative": "花浩燕", "staff": 3505,
        "address": "湖北省武汉市光谷大道77号", "email": "lw@ctxinan.com",
    }  # fmt: skip


def test_rules_that_part_sections_make_no_table() -> None:
    read = form(
        line("单位信息", 0.1, 0.14),
        line("单位全称：", 0.3, 0.167), line("北京知行汇文教育科技有限公司", 0.41, 0.167),
        line("法定代表人：", 0.28, 0.19), line("昌国建", 0.41, 0.19),
        line("业务信息", 0.1, 0.24),
        line("功能领域：", 0.3, 0.267), line("IT解决方案", 0.41, 0.267),
        line("其他内部管理外包服务", 0.41, 0.287),
        rulings=(Ruling(x0=0.097, y0=0.131, x1=0.908, y1=0.131), Ruling(x0=0.097, y0=0.225, x1=0.908, y1=0.225)),
    )  # fmt: skip
    assert values(read, "name", "legal_representative", "functions") == {
        "name": "北京知行汇文教育科技有限公司", "legal_representative": "昌国建",
        "functions": ("IT解决方案", "其他内部管理外包服务"),
    }  # fmt: skip


def test_a_blanks_unit_before_the_next_label() -> None:
    read = form(
        line("2022年度：营业收入", 0.06, 0.25), line("628885", 0.23, 0.25),
        line("万元；服务外包业务收入", 0.31, 0.25), line("485827", 0.52, 0.25), line("万元", 0.6, 0.25),
        line("员工总数", 0.06, 0.30), line("1080 人，从事服务外包业务员工 812 人，大学以上学历", 0.16, 0.30),
        line("847 人。", 0.09, 0.325),
    )  # fmt: skip
    assert values(read, "operating_revenue", "outsourcing_revenue", "staff") == {
        "operating_revenue": "6288850000.00", "outsourcing_revenue": "4858270000.00", "staff": 1080,
    }  # fmt: skip


def test_the_next_columns_label_read_in_one_line_with_a_value() -> None:
    read = form(
        line("园区名称", 0.08, 0.16), line("海口复兴城互联网信息产业园园区类别", 0.272, 0.16, 0.588),
        line("信息产业园", 0.70, 0.16),
        line("统一社会信用代码", 0.08, 0.20), line("9146010667791FQ96G", 0.272, 0.20), line("成立日期", 0.509, 0.20),
        line("注册资本（万元）", 0.08, 0.24), line("5,018", 0.272, 0.24), line("注册地址", 0.511, 0.24),
        line("营业收入", 0.08, 0.28), line("161,041.83", 0.272, 0.28), line("员工总数", 0.511, 0.28),
    )  # fmt: skip
    assert values(read, "name") == {"name": "海口复兴城互联网信息产业园"}


def test_a_head_that_a_rule_seems_to_cut() -> None:
    lines = (
        line("年度", 0.12, 0.22), line("员工", 0.33, 0.205), line("总数", 0.33, 0.235), line("就业率", 0.53, 0.22),
        line("2022年", 0.12, 0.265), line("2851", 0.33, 0.265), line("95%", 0.53, 0.265),
        line("2021年", 0.12, 0.295), line("2791", 0.33, 0.295), line("94%", 0.53, 0.295),
    )  # fmt: skip
    rulings = (*grid((0.1, 0.3, 0.5, 0.7), (0.2, 0.26, 0.29, 0.32)), Ruling(x0=0.3, y0=0.23, x1=0.5, y1=0.23))
    assert values(form(*lines, rulings=rulings), "staff") == {"staff": 2851}


def test_a_mobile_in_the_contacts_cell() -> None:
    read = form(
        line("企业联系人", 0.12, 0.21), line("王新 13832259734", 0.35, 0.21), rulings=grid((0.1, 0.3, 0.7), (0.2, 0.24))
    )
    assert values(read, "contact", "mobile") == {"contact": "王新", "mobile": "13832259734"}


def test_a_label_and_its_english_with_a_year() -> None:
    known = Vocabulary([Label("operating_revenue", "营业收入")])
    match = known.match("2022年营业收入（元）Operating revenue in 2022 (CNY)")
    assert match is not None and match.keys == ("operating_revenue",) and match.year == 2022


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("申报编号", "XJ-T-2023-5", "XJ-T-2023-5"),
        ("编号", "成商服外申〔2023〕018", "成商服外申〔2023〕018"),
    ],
)
def test_numbers_as_offices_give_them(label: str, text: str, value: str) -> None:
    assert values(form(line(f"{label}：{text}", 0.12, 0.1)), "application_no") == {"application_no": value}


def test_signs_read_twice_or_from_a_rule() -> None:
    read = form(
        line("注册地址：桂林市雁山区雁中路3号号", 0.12, 0.2),
        line("企业名称：│沈阳东陆信息系统工程有限公司", 0.12, 0.24),
    )
    address = read.field("address")
    assert address is not None and address.value == "桂林市雁山区雁中路3号" and address.confidence < 0.9
    assert values(read, "name") == {"name": "沈阳东陆信息系统工程有限公司"}


def test_a_unit_in_a_long_heading_with_english() -> None:
    read = form(
        line("B 2022财年数据 FY2022 figures（人民币百万元 RMB million）", 0.1, 0.2),
        line("营业收入", 0.1, 0.24), line("344.00", 0.5, 0.24),
        line("成立日期", 0.1, 0.28), line("28/Nov/2010", 0.5, 0.28),
    )  # fmt: skip
    assert values(read, "operating_revenue", "established") == {
        "operating_revenue": "344000000.00", "established": "2010-11-28",
    }  # fmt: skip


def test_values_that_sentences_say() -> None:
    read = form(
        line("企业推荐表", 0.41, 0.09),
        line("企业名称为珠海横琴湾云人力资源服务有限公司，统一社会信用代码为", 0.158, 0.142, 0.85),
        line("91440403MAP7972F2U，法定代表人为卫康振，成立于2012年12月3日，注册资本为人民", 0.115, 0.168, 0.867),
        line("币2000万元，注册地址为广东省珠海市横琴新区环岛东路1889号18栋。", 0.117, 0.194, 0.73),
    )
    assert values(read, "name", "legal_representative", "established", "registered_capital", "address") == {
        "name": "珠海横琴湾云人力资源服务有限公司", "legal_representative": "卫康振", "established": "2012-12-03",
        "registered_capital": "20000000.00", "address": "广东省珠海市横琴新区环岛东路1889号18栋",
    }  # fmt: skip
    assert values(form(line("二、联系与保障", 0.12, 0.4), line("联系人于晓东", 0.12, 0.5)), "contact") == {
        "contact": "于晓东"
    }


def test_years_over_the_figures_of_a_table_without_rules() -> None:
    heads = [line(year, x, 0.30) for year, x in (("2021年", 0.45), ("2022年", 0.59), ("2023年（预计）", 0.73))]
    rows = [line("员工总数（人）", 0.09, 0.34), line("17503", 0.52, 0.34), line("18403", 0.65, 0.34)]
    rows += [line("19903", 0.847, 0.34)]
    assert values(form(*heads, *rows), "staff") == {"staff": 18403}
    assert values(form(*heads, *rows, rulings=grid((0.08, 0.95), (0.29, 0.33))), "staff") == {"staff": 18403}


def test_labels_on_blocks_of_colour() -> None:
    labels = ("园区名称", "注册地址", "联系人")
    said = ("唐山曹妃甸数字经济园", "河北省唐山市曹妃甸区唐山湾生态城", "戚丽新")
    lines = [
        one for i in range(3) for one in (line(labels[i], 0.1, 0.21 + 0.03 * i), line(said[i], 0.28, 0.21 + 0.03 * i))
    ]
    read = form(*lines, rulings=grid((0.089, 0.274), (0.2, 0.235, 0.265, 0.295)))
    assert tuple(values(read, "name", "address", "contact").values()) == said


def test_questions_and_answers() -> None:
    read = form(
        line("培训机构申报信息表", 0.55, 0.168), line("1", 0.28, 0.17), line("机构名称", 0.31, 0.17),
        line("答：拉萨雪域职业技能培训学校", 0.33, 0.2),
        line("2", 0.28, 0.23), line("法定代表人", 0.31, 0.23), line("答：柳玉", 0.33, 0.26),
        line("3", 0.28, 0.29), line("联系人", 0.31, 0.29), line("萨市商务局", 0.6, 0.29),
        line("答：俞齐博", 0.33, 0.32),
        line("4", 0.28, 0.35), line("手机", 0.31, 0.35), line("答：15110482416", 0.33, 0.38),
    )  # fmt: skip
    assert values(read, "name", "legal_representative", "contact", "mobile") == {
        "name": "拉萨雪域职业技能培训学校", "legal_representative": "柳玉", "contact": "俞齐博",
        "mobile": "15110482416",
    }  # fmt: skip


def test_lines_set_wide_apart_go_on_and_a_label_in_two_pieces() -> None:
    read = form(
        line("申报单位：长春净月启航动漫科技股份有限公司", 0.191, 0.343, 0.684),
        line("注册地址：吉林省长春市净月高新技术产业开发区生态大街", 0.191, 0.389, 0.80),
        line("3777号明宇广场B座", 0.191, 0.435),
        line("手", 0.191, 0.481), line("机：18682800110", 0.256, 0.481),
    )  # fmt: skip
    assert values(read, "address", "mobile") == {
        "address": "吉林省长春市净月高新技术产业开发区生态大街3777号明宇广场B座", "mobile": "18682800110",
    }  # fmt: skip


def test_a_value_beside_a_label_that_laps_over_it_ends_at_its_row() -> None:
    read = form(
        line("法定代表人：", 0.167, 0.225, 0.298), line("奚琴雪", 0.289, 0.225),
        line("入驻企业数：", 0.169, 0.255, 0.298), line("668家", 0.289, 0.255),
    )  # fmt: skip
    assert values(read, "legal_representative") == {"legal_representative": "奚琴雪"}


def test_a_section_that_lists_functions_by_letters() -> None:
    names = ("电子商务平台服务", "其他运营和维护服务", "人力资源管理服务", "专业业务外包服务", "云计算")
    items = [line(f"({chr(97 + i)}) {name}", 0.12, 0.245 + 0.02 * i) for i, name in enumerate(names)]
    read = form(line("第三部分　业务功能领域", 0.12, 0.212), *items, rulings=grid((0.1, 0.9), (0.2, 0.24, 0.36)))
    field = read.field("functions")
    assert field is not None and isinstance(field.value, tuple) and sorted(field.value) == sorted(names)


@pytest.mark.parametrize("heads", [("子公司", "母公司（申报单位）"), ("主要子公司", "申报主体")])
def test_of_columns_for_several_organisations_the_applicants(heads: tuple[str, str]) -> None:
    read = form(
        line("项目", 0.12, 0.21), line(heads[0], 0.35, 0.21), line(heads[1], 0.65, 0.21),
        line("企业名称", 0.12, 0.24), line("吉林市一东软件有限公司", 0.35, 0.24),
        line("长春一东集团有限公司", 0.65, 0.24),
        line("员工总数", 0.12, 0.27), line("748", 0.35, 0.27), line("3620", 0.65, 0.27),
        rulings=grid((0.1, 0.33, 0.62, 0.9), (0.2, 0.23, 0.26, 0.29)),
    )  # fmt: skip
    assert values(read, "name", "staff") == {"name": "长春一东集团有限公司", "staff": 3620}


def test_a_short_label_run_into_a_name() -> None:
    read = form(line("申报联系人：姜雪玉手机：13812345678电子邮箱：office@yidong.com", 0.12, 0.5))
    assert values(read, "contact", "mobile", "email") == {
        "contact": "姜雪玉", "mobile": "13812345678", "email": "office@yidong.com",
    }  # fmt: skip


def test_rows_of_years_without_rules() -> None:
    rows = (("2020年", "5709.06", "81"), ("2021年", "6100.00", "92"), ("2022年", "6766.80", "101"))
    cells = [
        one
        for i, (year, amount, staff) in enumerate(rows)
        for one in (
            line(year, 0.1, 0.24 + 0.03 * i),
            line(amount, 0.25, 0.24 + 0.03 * i),
            line(staff, 0.45, 0.24 + 0.03 * i),
        )
    ]
    heads = (line("年度", 0.1, 0.21), line("营业收入", 0.25, 0.21), line("员工总数", 0.45, 0.21))
    read = form(line("（万元、人）", 0.6, 0.18), *heads, *cells)
    assert values(read, "operating_revenue", "staff") == {"operating_revenue": "67668000.00", "staff": 101}


def test_values_in_brackets() -> None:
    read = form(
        line("园区名称【洛阳涧西服务外包园区】", 0.1, 0.2),
        line("统一社会信用代码【12410305MB1234567K】法定代表人【华峰俊】", 0.1, 0.24),
        line("2022年营业收入【207560】万元 服务外包业务收入【152849】万元", 0.1, 0.28),
        line("员工总数【38587】人", 0.1, 0.32),
    )
    assert values(read, "name", "legal_representative", "operating_revenue", "outsourcing_revenue", "staff") == {
        "name": "洛阳涧西服务外包园区", "legal_representative": "华峰俊", "operating_revenue": "2075600000.00",
        "outsourcing_revenue": "1528490000.00", "staff": 38587,
    }  # fmt: skip


def test_an_arrow_before_a_value_and_a_year_in_english() -> None:
    read = form(
        line("注册地址", 0.1, 0.2), line("▶广东省汕头市龙湖区长平路95号", 0.3, 0.2),
        line("Operating Revenue 2022 (RMB 10,000)", 0.12, 0.305), line("2022年营业收入（万元）", 0.12, 0.325),
        line("74,175.78", 0.55, 0.315), rulings=grid((0.1, 0.5, 0.9), (0.3, 0.35)),
    )  # fmt: skip
    assert values(read, "address", "operating_revenue") == {
        "address": "广东省汕头市龙湖区长平路95号", "operating_revenue": "741757800.00",
    }  # fmt: skip


def test_a_code_with_a_sign_too_many_is_no_sure_reading() -> None:
    field = form(line("统一社会信用代码：122102115746953151D", 0.1, 0.2)).field("uscc")
    assert field is not None and field.value != "122102115746953151D" and field.confidence < 0.9


def test_yes_or_no_for_each_function() -> None:
    names = PROGRAMME.functions
    chosen = {names[1], names[5]}
    ys = [0.05 + 0.022 * i for i in range(len(names) + 1)]
    lines = [
        one
        for name, y in zip(names, ys, strict=False)
        for one in (line(name, 0.12, y + 0.006), line("☑是 □否" if name in chosen else "□是 ☑否", 0.6, y + 0.006))
    ]
    field = form(*lines, rulings=grid((0.1, 0.55, 0.9), ys)).field("functions")
    assert field is not None and isinstance(field.value, tuple) and set(field.value) == chosen


def test_a_second_line_beside_the_foot_of_its_own_label() -> None:
    read = form(
        line("功能领域：", 0.186, 0.487, 0.298),
        line("其他软件研发外包业务，客户服务，专业业务外", 0.289, 0.481, 0.896),
        line("包服务，工业设计外包", 0.289, 0.494, 0.492),
    )  # fmt: skip
    assert values(read, "functions") == {
        "functions": ("其他软件研发外包业务", "客户服务", "专业业务外包服务", "工业设计外包")
    }


def test_notes_at_the_head_of_a_form_leave_it_as_it_is() -> None:
    field = form(line("填表说明", 0.1, 0.05), line("员工总数：85人", 0.12, 0.2)).field("staff")
    assert field is not None and field.value == 85 and field.confidence >= 0.9


def test_small_figures_before_the_next_label_are_no_numbers_of_items() -> None:
    read = form(
        line("员工总数", 0.1, 0.2), line("85", 0.2, 0.2), line("专职教师", 0.25, 0.2),
        line("大学以上学历人数", 0.1, 0.25), line("55", 0.26, 0.25), line("兼职教师", 0.31, 0.25),
        line("从事服务外包人数", 0.1, 0.30), line("60", 0.26, 0.30), line("培训人次", 0.31, 0.30),
    )  # fmt: skip
    assert values(read, "staff", "degree_staff", "outsourcing_staff") == {
        "staff": 85, "degree_staff": 55, "outsourcing_staff": 60,
    }  # fmt: skip
