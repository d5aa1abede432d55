"""Labels met in noisy wording, and their values wherever they stand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors._form_labels import FORM_LABELS, vocabulary
from pipeline.model import Box, Line, Page, ReadPage, Ruling
from pipeline.tables.grid import Sheet, sheet_of
from pipeline.tables.label_values import Pair
from pipeline.tables.pairs import find_pairs
from pipeline.tables.vocabulary import Label, Vocabulary, plain_label


def fits(key: str, text: str) -> float:
    if not text.strip():
        return 0.5
    if key == "staff":
        return 1.0 if re.fullmatch(r"[\d,]+\s*人?", text) else 0.1
    return 0.7


def line(text: str, x0: float, y0: float) -> Line:
    width = sum(0.017 if sign > "\u2e80" else 0.009 for sign in text)
    return Line(text=text, box=Box(x0, y0, x0 + width, y0 + 0.018), confidence=1.0)


def sheet(lines: list[Line], rulings: list[Ruling] | None = None) -> Sheet:
    page = Page(number=1, file="a.pdf", index=0, sha256="0" * 64, width=1654, height=2339)
    return sheet_of(ReadPage(page=page, lines=tuple(lines), rulings=tuple(rulings or ())), is_label=vocabulary.is_label)


def pairs(lines: list[Line], rulings: list[Ruling] | None = None) -> dict[str, Pair]:
    return {pair.match.keys[0]: pair for pair in find_pairs(sheet(lines, rulings), vocabulary, fits)}


def table(columns: list[float], rows: list[float]) -> list[Ruling]:
    return [Ruling(x0=columns[0], y0=y, x1=columns[-1], y1=y) for y in rows] + [
        Ruling(x0=x, y0=rows[0], x1=x, y1=rows[-1]) for x in columns
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("企业名称", "name"),
        ("1. 企业名称（中文）", "name"),
        ("企业名称 Company Name", "name"),
        ("统一社会信用代码（18位）", "uscc"),
        ("统一社会信用伐码", "uscc"),
        ("2022年营业收入（万元）", "operating_revenue"),
        ("上年度营业收入", "operating_revenue"),
        ("其中：离岸服务外包执行额", "offshore_revenue"),
        ("其中：从事服务外包业务人数（人）", "outsourcing_staff"),
        ("大学（含大专）以上人数", "degree_staff"),
        ("大学（含）以上学历人数", "degree_staff"),
        ("联 系 人", "contact"),
        ("*手机号码：", "mobile"),
        ("E-mail", "email"),
        ("企业总部所在地", "headquarters"),
        ("业务交付主体所在地", "delivery_location"),
        ("曾用名称（如无请填“无”）", "previous_names"),
        ("注册资本（万元", "registered_capital"),
        ("园区管理（运营）机构名称", "operator"),
    ],
)
def test_wordings(text: str, key: str) -> None:
    match = vocabulary.match(text)
    assert match is not None and match.keys == (key,)


@pytest.mark.parametrize(
    "text",
    [
        "企业名称（英文）", "在岸外包收入", "人均外包业务收入（万元/人）", "申报单位（盖章）：", "传真",
        "商务主管部门审核意见", "通讯地址", "法人手机",
    ],
)  # fmt: skip
def test_labels_that_ask_for_something_else(text: str) -> None:
    match = vocabulary.match(text)
    assert match is not None and match.keys == ("",)


@pytest.mark.parametrize(
    "text", ["民营企业", "成都云帆信息技术有限公司", "四川省成都市", "12345.67", "", "同意推荐。", "a@b.cn 电子邮箱"]
)
def test_values_are_no_labels(text: str) -> None:
    assert vocabulary.match(text) is None


def test_years_and_several_labels_in_one() -> None:
    match = vocabulary.match("2021年营业收入")
    assert match is not None and match.year == 2021
    both = vocabulary.match("手机/邮箱")
    assert both is not None and both.keys == ("mobile", "email")
    assert vocabulary.match("联系人及电话") is not None


def test_a_misread_sign_is_forgiven_only_if_no_other_label_is_as_near() -> None:
    words = Vocabulary([Label("a", "离岸外包业务收入"), Label("b", "在岸外包业务收入"), Label("c", "电子邮箱")])
    assert words.match("离岸外包业务收人").keys == ("a",)  # type: ignore[union-attr]
    assert words.match("岸外包业务收入") is None
    assert words.match("电子邮葙", score=0.8).keys == ("c",)  # type: ignore[union-attr]
    assert words.match("电子邮葙", score=1.0) is None


def test_value_right_of_its_label() -> None:
    lines = [
        line("联系人", 0.12, 0.11),
        line("王丽娜", 0.32, 0.11),
        line("员工总数", 0.52, 0.11),
        line("318 人", 0.72, 0.11),
    ]
    found = pairs(lines, table([0.1, 0.3, 0.5, 0.7, 0.9], [0.1, 0.14, 0.18]))
    assert found["contact"].candidates[0].text == "王丽娜"
    assert found["staff"].candidates[0].text == "318 人"


def test_value_under_its_label() -> None:
    lines = [line(t, x, 0.11) for t, x in (("联系人", 0.12), ("手机", 0.32), ("员工总数", 0.52))]
    lines += [line(t, x, 0.15) for t, x in (("王丽娜", 0.12), ("13880123456", 0.32), ("318", 0.52))]
    found = pairs(lines, table([0.1, 0.3, 0.5, 0.7], [0.1, 0.14, 0.18]))
    assert [found[key].candidates[0].text for key in ("contact", "mobile", "staff")] == ["王丽娜", "13880123456", "318"]
    loose = pairs(lines)
    assert [loose[key].candidates[0].text for key in ("contact", "mobile", "staff")] == ["王丽娜", "13880123456", "318"]


def test_label_on_top_of_its_value_in_one_cell() -> None:
    lines = [line("员工总数", 0.12, 0.105), line("318", 0.12, 0.13)]
    found = pairs(lines, table([0.1, 0.3, 0.5], [0.1, 0.16, 0.22]))
    assert found["staff"].candidates[0].text == "318"


def test_values_behind_colons_of_one_line() -> None:
    found = pairs([line("联系人：王丽娜 手机：13880123456", 0.1, 0.2)])
    assert found["contact"].candidates[0].text == "王丽娜"
    assert found["mobile"].candidates[0].text == "13880123456"


def test_value_behind_its_label_without_anything_between() -> None:
    found = pairs([line("员工总数1318", 0.1, 0.2)])
    assert found["staff"].candidates[0].text == "1318"
    assert "staff" not in pairs([line("员工总数持续增长", 0.1, 0.2)])


def test_unruled_values_go_on_in_the_next_line() -> None:
    lines = [
        line("注册地址：四川省成都市高新区天府大道中段", 0.1, 0.2),
        line("1366号", 0.19, 0.222),
        line("联系人：王丽娜", 0.1, 0.26),
    ]
    assert pairs(lines)["address"].candidates[0].text == "四川省成都市高新区天府大道中段1366号"


def test_a_value_ends_at_the_next_label_however_dense_the_card() -> None:
    rows = ["企业名称", "重庆两江云梯信息服务有限公司", "注册地址", "重庆市渝北区黄山大道中段64号木星科技大厦11", "层"]
    rows += ["员工总数", "2915"]
    lines = [line(text, 0.5, 0.2 + 0.016 * i) for i, text in enumerate(rows)]
    beside = [line("统一社会信用代码", 0.1, 0.2 + 0.016 * 4)]  # the card at the left has its own rows
    found = pairs([*lines, *beside])
    assert found["name"].candidates[0].text == rows[1]
    assert found["address"].candidates[0].text == rows[3] + rows[4]
    assert found["staff"].candidates[0].text == "2915"


def test_the_next_row_with_its_label_is_no_value() -> None:
    lines = [line("总部所在地", 0.1, 0.2), line("福建省厦门市", 0.3, 0.2), line("注册地址 福建省泉州市", 0.1, 0.225)]
    assert [c.text for c in pairs(lines)["headquarters"].candidates] == ["福建省厦门市"]


def test_units_between_label_and_value_and_heads_of_years() -> None:
    rows = [("项目", "单位", "2022年", "2021年"), ("营业收入", "万元", "123.45", "100.00")]
    lines = [line(text, 0.12 + 0.2 * c, 0.11 + 0.04 * r) for r, row in enumerate(rows) for c, text in enumerate(row)]
    pair = pairs(lines, table([0.1, 0.3, 0.5, 0.7, 0.9], [0.1, 0.14, 0.18]))["operating_revenue"]
    assert pair.unit == "万元"
    assert [(c.text, c.head) for c in pair.candidates] == [("123.45", "2022年"), ("100.00", "2021年")]


def test_a_label_merged_at_the_left_is_the_context() -> None:
    rulings = table([0.1, 0.3, 0.5, 0.9], [0.1, 0.18])
    rulings += [Ruling(x0=0.3, y0=0.14, x1=0.9, y1=0.14)]
    lines = [
        line("法定代表人", 0.12, 0.13),
        line("姓名", 0.32, 0.11),
        line("陈思远", 0.52, 0.11),
        line("手机", 0.32, 0.15),
    ]
    lines.append(line("13880123456", 0.52, 0.15))
    found = pairs(lines, rulings)
    assert found["_person"].context == "legal_representative" and found["_person"].candidates[0].text == "陈思远"
    assert found["mobile"].context == "legal_representative"


def test_an_empty_value_is_not_replaced_by_what_stands_below() -> None:
    lines = [line("联系人", 0.12, 0.11), line("同意", 0.12, 0.15), line("属实", 0.32, 0.15)]
    found = pairs(lines, table([0.1, 0.3, 0.5], [0.1, 0.14, 0.18]))
    assert found["contact"].candidates[0].text == ""


@given(st.sampled_from(FORM_LABELS), st.sampled_from(["", " ", "：", "（万元）", "*", "1. ", "（如无请填“无”）"]))
def test_every_listed_label_is_met_with_its_trimmings(label: Label, extra: str) -> None:
    text = extra + label.text if extra in ("*", "1. ") else label.text + extra
    match = vocabulary.match(text)
    assert match is not None
    exact = vocabulary.match(label.text)
    assert exact is not None and match.keys == exact.keys


@given(st.text(max_size=40))
def test_any_text_is_taken(text: str) -> None:
    vocabulary.match(text)
    plain_label(text)
    find_pairs(sheet([line(text or "x", 0.1, 0.1)]), vocabulary, fits)


@pytest.mark.parametrize("text", ["1企业名称", "3 企业名称", "12 企业名称", "20企业名称（全称）"])
def test_a_number_with_nothing_behind_it_is_no_part_of_a_label(text: str) -> None:
    match = vocabulary.match(text)
    assert match is not None and match.keys == ("name",)


def test_a_numbered_label_over_its_value_in_one_cell() -> None:
    """Small labels 1 企业名称 | 2 统一社会信用代码, each with its value below it in the same ruled cell."""
    found = pairs(
        [
            line("1企业名称", 0.11, 0.130),
            line("南昌云链科技有限公司", 0.11, 0.148),
            line("2统一社会信用代码", 0.51, 0.130),
            line("91360100MA38P7F277", 0.51, 0.148),
        ],
        table([0.1, 0.5, 0.9], [0.125, 0.172]),
    )
    assert found["name"].candidates[0].cell.text == "南昌云链科技有限公司"
    assert found["uscc"].candidates[0].cell.text == "91360100MA38P7F277"


def test_a_figure_does_not_go_on_in_the_figure_below_it() -> None:
    """从事服务外包业务员工人数：905 on one line, 大学（含）以上学历人数：977 on the next, by chance flush."""
    found = pairs(
        [
            line("员工总数：1,043", 0.09, 0.576),
            line("从事服务外包业务员工人数：905", 0.318, 0.578),
            line("大学（含）以上学历人数：", 0.09, 0.602),
            line("977", 0.316, 0.602),
        ]
    )
    assert found["outsourcing_staff"].candidates[0].cell.text == "905"
    assert found["degree_staff"].candidates[0].cell.text == "977"


def test_of_two_lines_beside_a_label_the_upper_one_begins_the_value() -> None:
    found = pairs([line("成立日期", 0.609, 0.292), line("2017年10月19", 0.752, 0.2845), line("日", 0.754, 0.2985)])
    assert found["established"].candidates[0].cell.text.replace(" ", "") == "2017年10月19日"


def test_a_value_of_two_lines_whose_label_stands_beside_their_middle() -> None:
    found = pairs(
        [
            line("注册地址", 0.12, 0.338),
            line("山东省济南市高新区舜华路1500号数谷大厦B", 0.264, 0.331),
            line("座", 0.264, 0.347),
            line("联系人", 0.12, 0.395),
            line("耿帅", 0.264, 0.395),
        ]
    )
    assert found["address"].candidates[0].cell.text.replace(" ", "") == "山东省济南市高新区舜华路1500号数谷大厦B座"


def test_a_row_of_labels_under_a_value_does_not_head_it() -> None:
    """员工总数 | 大学学历人数 over 164人 | 158人, over the next row of labels: 164人 heads nothing."""
    found = pairs(
        [
            line("员工总数", 0.1, 0.29),
            line("大学（含）以上学历人数", 0.3, 0.29),
            line("164人", 0.1, 0.315),
            line("158人", 0.3, 0.315),
            line("当年培训人次", 0.1, 0.34),
            line("服务外包方向培训人数", 0.3, 0.34),
            line("6,820", 0.1, 0.365),
            line("4,310", 0.3, 0.365),
        ],
        table([0.09, 0.295, 0.58], [0.285, 0.31, 0.336, 0.36, 0.385]),
    )
    assert [(c.cell.text, c.head) for c in found["degree_staff"].candidates] == [("158人", "")]


@pytest.mark.parametrize("text", ["建校（成立）日期", "建校时间", "开办日期", "建园日期"])
def test_when_a_school_was_founded(text: str) -> None:
    match = vocabulary.match(text)
    assert match is not None and match.keys == ("established",)


def test_a_number_under_code_is_no_value() -> None:
    """指标名称 | 计量单位 | 代码 | 2022年, as bureaus of statistics lay it out."""
    found = pairs(
        [
            line(text, x, y)
            for y, row in (
                (0.295, ("指标名称", "计量单位", "代码", "2022年")),
                (0.325, ("注册资本", "万元", "01", "4,000.00")),
                (0.355, ("员工总数", "人", "05", "1025")),
            )
            for x, text in zip((0.1, 0.52, 0.63, 0.8), row, strict=True)
        ],
        table([0.08, 0.5, 0.6, 0.69, 0.92], [0.29, 0.32, 0.35, 0.38]),
    )
    assert [c.cell.text for c in found["registered_capital"].candidates] == ["4,000.00"]
    assert [c.cell.text for c in found["staff"].candidates] == ["1025"]
