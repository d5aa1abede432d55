"""Amounts: every notation of DOMAIN §5, and what must not be read as one."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.amounts import (
    UNITS,
    equal_declared,
    find_unit,
    format_yuan,
    parse_amount,
    parse_count,
    parse_number,
    parse_percent,
    resolve_unit,
    unit_slip,
)


@pytest.mark.parametrize(
    ("text", "yuan", "unit"),
    [
        ("3,000.00万元", "30000000", "万元"),
        ("３，０００．００（万元）", "30000000", "万元"),
        ("叁仟万元整", "30000000", "万元"),
        ("人民币壹仟肆佰零玖元伍角", "1409.5", "元"),
        ("壹仟陆佰捌拾元零叁角贰分", "1680.32", "元"),
        ("壹仟陆佰捌拾元叁角贰分", "1680.32", "元"),
        ("壹佰贰拾叁萬肆仟伍佰陸拾柒圓捌角玖分", "1234567.89", "元"),
        ("人民币600000万元整", "6000000000", "万元"),
        ("陆佰万圆整", "6000000", "万元"),
        ("3千万", "30000000", "千万元"),
        ("三千二百万元", "32000000", "百万元"),
        ("1.2亿余元", "120000000", "亿元"),
        ("1亿2000万元", "120000000", "万元"),
        ("一点二亿元", "120000000", "亿元"),
        ("0.3亿元", "30000000", "亿元"),
        ("￥1,409.50", "1409.50", "元"),
        ("RMB 30,000,000.00", "30000000", "元"),
        ("-300万元", "-3000000", "万元"),
        ("12 345 678.90元", "12345678.90", "元"),
        ("3O0.OO元", "300", "元"),
        ("壹拾元整", "10", "元"),
        ("十万元", "100000", "万元"),
        ("3000千元", "3000000", "千元"),
        ("3000万元（大写：叁仟万元整）", "30000000", "万元"),
        ("（大写）叁仟万元整（小写）¥30,000,000.00", "30000000", "万元"),
    ],
)
def test_amounts_with_a_unit(text: str, yuan: str, unit: str) -> None:
    amount = parse_amount(text)
    assert amount is not None
    assert amount.value == Decimal(yuan)
    assert (amount.unit, amount.currency) == (unit, "CNY")
    assert amount.raw == text


@pytest.mark.parametrize(
    "text",
    [
        "3000万元（大写：叁佰万元整）",
        "1.234,56",
        "",
        "公司",
        "万元",
        "12,34",
        "1,2345,678",
        "2022年",
        "1..2",
        "一百千",
        "万亿万",
        "3000万元abc",
        "五、1",
        "9" * 40,
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert parse_amount(text) is None


def test_units_are_resolved_cell_first() -> None:
    def value(text: str, unit: str | None) -> Decimal:
        amount = parse_amount(text, default_unit=unit)
        assert amount is not None
        return amount.value

    assert value("3,000.00", "万元") == 30_000_000
    assert value("3,000.00元", "万元") == 3000
    bare = parse_amount("3,000.00")
    assert bare is not None and bare.unit is None
    assert resolve_unit("3000", "营业收入（万元）", "单位：元", default="千元") == "万元"
    assert resolve_unit("3000", "营业收入", None, default="万元") == "万元"


def test_foreign_money_is_named_and_never_converted() -> None:
    for text in ("500万美元", "USD 5,000,000", "$5,000,000.00", "美元500万"):
        amount = parse_amount(text, default_unit="万元")
        assert amount is not None and amount.value == 5_000_000 and amount.currency == "USD", text
    assert find_unit("合同金额（万美元）") == "万美元"


def test_ranges_and_approximations_say_so() -> None:
    for text in ("3000-3500万", "3000～3500万元", "3000万至3500万元"):
        amount = parse_amount(text)
        assert amount is not None and amount.value == 30_000_000 and amount.range_to == 35_000_000, text
        assert amount.approximate
    for text in ("约3000万元", "3000万元以上", "≥3000万元", "不低于3000万元", "3000余万元"):
        amount = parse_amount(text)
        assert amount is not None and amount.approximate and amount.value == 30_000_000, text


def test_precision_is_one_step_of_the_last_digit() -> None:
    for text, step in (("3,000.00万元", "100"), ("3000万元", "10000"), ("1.2亿", "10000000"), ("30.5元", "0.1")):
        amount = parse_amount(text)
        assert amount is not None and amount.precision == Decimal(step), text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.56", "1234.56"),
        ("-1,234.56", "-1234.56"),
        ("−1,234.56", "-1234.56"),
        ("－1,234.56", "-1234.56"),
        ("–1,234.56", "-1234.56"),
        ("(1,234.56)", "-1234.56"),
        ("（1,234.56）", "-1234.56"),
        ("（1,234.56", "-1234.56"),
        ("1,234.56-", "-1234.56"),
        ("△1,234.56", "-1234.56"),
        ("0.00", "0"),
        ("12, 345", "12345"),
        ("3.000.00", "3000"),
        ("12,345,67", "12345.67"),
        ("|1,234.00", "1234"),
        ("28 937 883.35", "28937883.35"),
        ("１２．５", "12.5"),
    ],
)
def test_statement_cells(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "—", "－", "/", "不适用", "五、1", "四(49)", "（一）", "12.5%", "1.234,56", "12 3 45"]
)
def test_cells_without_a_figure(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("（万元）", "万元"),
        ("单位：元", "元"),
        ("单位：人民币元", "元"),
        ("金额单位均为人民币千元", "千元"),
        ("RMB'000", "千元"),
        ("除特别注明外，金额单位均为人民币百万元", "百万元"),
        ("营业收入(万元/人)", "万元"),
        ("(元)", "元"),
        ("多元化经营", None),
        ("单元", None),
        ("公元2022年", None),
        ("注册资本（万元、万美元）", None),
        ("企业名称", None),
    ],
)
def test_units_in_labels(text: str, unit: str | None) -> None:
    assert find_unit(text) == unit


def test_counts() -> None:
    for text, count in (
        ("320", 320),
        ("1,200人", 1200),
        ("三百二十人", 320),
        ("约300余人", 300),
        ("３２０ 人", 320),
        ("0", 0),
    ):
        assert parse_count(text) == count, text
    for text in ("300.5", "300-350人", "", "人", "三万五千元", "12,34"):
        assert parse_count(text) is None, text
    assert parse_percent("12.5%") == parse_percent("百分之十二点五") == parse_percent("12.5个百分点") == Decimal("12.5")


def test_declared_figures_rounded_or_cut_off_are_equal() -> None:
    exact = Decimal("30004567.89")
    assert equal_declared(exact, Decimal("3000.46"), "万元") == "rounded"
    assert equal_declared(exact, Decimal("3000.45"), "万元") == "truncated"
    assert equal_declared(exact, Decimal("3000"), "万元") == "rounded"
    assert equal_declared(exact, Decimal("3000.456789"), "万元") == "equal"
    assert equal_declared(exact, Decimal("3000.47"), "万元") == "different"
    assert equal_declared(Decimal("29999999"), Decimal("3000.00"), "万元") == "rounded"
    assert equal_declared(Decimal("25000"), Decimal("3"), "万元") == "rounded"  # half up, not to even
    assert equal_declared(exact, Decimal("3E+3"), "万元") == "rounded"


def test_unit_slips() -> None:
    assert unit_slip(Decimal(30_000_000), Decimal(3000)) == 4
    assert unit_slip(Decimal(3000), Decimal(30_000_000)) == -4
    assert unit_slip(Decimal("30004567.89"), Decimal("3000.46")) == 4
    assert unit_slip(Decimal(3000), Decimal(3001)) is None
    assert unit_slip(Decimal(0), Decimal(5)) is None
    assert unit_slip(Decimal(-10), Decimal(100)) is None


MONEY = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)


@given(MONEY, st.sampled_from(["元", "千元", "万元", "百万元", "亿元"]), st.booleans())
def test_printed_amounts_come_back(value: Decimal, unit: str, grouped: bool) -> None:
    amount = parse_amount(f"{value:,}{unit}" if grouped else f"{value}{unit}")
    assert amount is not None
    assert (amount.value, amount.unit, amount.precision) == (value * UNITS[unit], unit, UNITS[unit] / 100)
    assert parse_number(f"({value:,})") == -value


def _capitals(number: int) -> str:
    """An integer as a cheque has it, by the schoolbook."""
    if number == 0:
        return "零元整"
    groups, text = [], ""
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    for position in reversed(range(len(groups))):
        group, part, gap = groups[position], "", False
        for place, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
            digit = group // place % 10
            if digit:
                part += ("零" if gap and part else "") + "零壹贰叁肆伍陆柒捌玖"[digit] + name
                gap = False
            else:
                gap = True
        if group:
            text += ("零" if text and group < 1000 else "") + part + ("", "万", "亿")[position]
    return text + "元整"


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_capitals_come_back(number: int) -> None:
    amount = parse_amount(_capitals(number))
    assert amount is not None and amount.value == number


@given(MONEY, st.integers(min_value=0, max_value=4))
def test_rounding_and_cutting_at_any_precision_is_equal(exact: Decimal, places: int) -> None:
    step = Decimal(1).scaleb(-places)
    for rounding in (ROUND_HALF_UP, ROUND_DOWN):
        declared = (exact / UNITS["万元"]).quantize(step, rounding=rounding)
        assert equal_declared(exact, declared, "万元") != "different"
        assert equal_declared(exact, declared + 2 * step, "万元") == "different"


@given(st.text(max_size=60))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for parsed in (parse_amount(text), parse_amount(text, default_unit="万元")):
        assert parsed is None or (parsed.value.is_finite() and parsed.precision > 0)
    number = parse_number(text)
    assert number is None or number.is_finite()
    parse_count(text)
    parse_percent(text)
    find_unit(text)


@given(
    st.text(alphabet="0123456789,.-—()（）万亿千百十元角分零一二三壹贰叁拾佰仟整约-~ 美¥$点、'OoI|至余", max_size=24)
)
def test_nothing_near_to_an_amount_breaks_the_parsers(text: str) -> None:
    amount = parse_amount(text)
    assert amount is None or amount.range_to is None or amount.range_to > amount.value
    parse_number(text)
    parse_count(text)


def test_contract_text_of_an_amount() -> None:
    assert format_yuan(Decimal("3E+7")) == "30000000.00"
    assert format_yuan(Decimal("0.005")) == "0.01"


def test_more_digits_than_money_has_are_no_fault() -> None:
    """A number of another kind in a form's amount: 24 digits in 亿元 are more than a Decimal rounds by itself."""
    amount = parse_amount("9" * 24, default_unit="亿元")
    assert amount is not None and format_yuan(amount.value) == "9" * 24 + "0" * 8 + ".00"
