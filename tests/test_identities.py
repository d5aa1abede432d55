"""Arithmetic as a witness: identities hold, fail, put right, and never correct what was surely read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors._identities import failing_identities, identities, witnessed
from pipeline.model import Box, Document, DocumentType, Row, Statement, StatementColumn, StatementKind

PLACE = Box(0.5, 0.5, 0.6, 0.51)
Shown = dict[str, str | None]

SHEET: Shown = {
    "流动资产合计": "60000000.00",
    "非流动资产合计": "40000000.00",
    "资产总计": "100000000.00",
    "流动负债合计": "20000000.00",
    "非流动负债合计": "10000000.00",
    "负债合计": "30000000.00",
    "所有者权益合计": "70000000.00",
    "负债和所有者权益总计": "100000000.00",
}
INCOME: Shown = {
    "一、营业收入": "500000.00",
    "减：营业成本": "300000.00",
    "销售费用": "50000.00",
    "管理费用": "60000.00",
    "信用减值损失（损失以“-”号填列）": "-1000.00",
    "二、营业利润": "89000.00",
    "加：营业外收入": "3000.00",
    "减：营业外支出": "2000.00",
    "三、利润总额": "90000.00",
    "减：所得税费用": "22500.00",
    "四、净利润": "67500.00",
}
CASH: Shown = {
    "经营活动现金流入小计": "900.00",
    "经营活动现金流出小计": "1000.00",
    "经营活动产生的现金流量净额": "-100.00",
    "投资活动产生的现金流量净额": "30.00",
    "筹资活动产生的现金流量净额": "20.00",
    "现金及现金等价物净增加额": "-50.00",
    "加：期初现金及现金等价物余额": "80.00",
    "期末现金及现金等价物余额": "30.00",
}


def statement(
    kind: StatementKind, shown: Shown, *, unsure: dict[str, float] | None = None, unit: str = "元"
) -> Statement:
    rows = []
    for item, text in shown.items():
        value = None if text is None else Decimal(text)
        sure = (unsure or {}).get(item, 0.98)
        rows.append(
            Row(
                item=item,
                page=1,
                values=(value,),
                boxes=(None if value is None else PLACE,),
                confidence=(None if value is None else sure,),
            )
        )
    columns = (StatementColumn(label="期末余额", period="2022-12-31"),)
    return Statement(kind=kind, consolidated=False, unit=unit, pages=(1,), columns=columns, rows=tuple(rows))


def value_of(made: Statement, item: str) -> tuple[Decimal | None, float | None, tuple[str, ...]]:
    row = next(r for r in made.rows if r.item == item)
    return row.values[0], row.confidence[0], row.reasons[0] if row.reasons else ()


def failing(*statements: Statement) -> list[str]:
    document = Document(type=DocumentType.AUDIT_REPORT, pages=(1,), confidence=1.0, statements=statements)
    return sorted(i.name for i in failing_identities(document))


def test_all_identities_of_sound_statements_hold() -> None:
    sound = (statement("balance_sheet", SHEET), statement("income_statement", INCOME), statement("cash_flow", CASH))
    found = identities(sound)
    # Sections of the cash flow whose 流入 and 流出 are not printed tell nothing.
    assert {i.name for i in found if i.holds is None} == {"investing_cash_flow", "financing_cash_flow"}
    assert not any(i.holds is False for i in found)
    names = {i.name for i in found if i.holds}
    assert {"assets_equal_liabilities_and_equity", "current_plus_noncurrent_assets", "operating_profit"} <= names
    assert {"net_profit", "total_profit", "closing_cash", "net_increase_in_cash"} <= names
    assert failing(*sound) == []


def test_impairment_losses_count_either_way() -> None:
    older = INCOME | {"信用减值损失（损失以“-”号填列）": "1000.00"}  # 2018 format: a loss is positive
    assert all(i.holds for i in identities([statement("income_statement", older)]))


def test_a_wrong_total_surely_read_is_reported_and_not_corrected() -> None:
    wrong = SHEET | {"资产总计": "100000008.00"}
    (made,) = witnessed([statement("balance_sheet", wrong)])
    assert value_of(made, "资产总计")[0] == Decimal("100000008.00")
    assert failing(made) == ["assets_equal_liabilities_and_equity", "current_plus_noncurrent_assets"]


def test_an_unsure_cell_makes_no_failure() -> None:
    wrong = SHEET | {"资产总计": "123456789.00"}
    assert failing(statement("balance_sheet", wrong, unsure={"资产总计": 0.6})) == []


def test_one_misread_digit_is_put_right_and_said() -> None:
    wrong = SHEET | {"资产总计": "100000008.00"}
    (made,) = witnessed([statement("balance_sheet", wrong, unsure={"资产总计": 0.6})])
    value, confidence, reasons = value_of(made, "资产总计")
    assert value == Decimal("100000000.00")
    assert confidence is not None and confidence >= 0.9
    assert reasons == ("repaired:100000008.00",)


def test_a_lost_sign_is_put_right() -> None:
    wrong = CASH | {"经营活动产生的现金流量净额": "100.00"}
    (made,) = witnessed([statement("cash_flow", wrong, unsure={"经营活动产生的现金流量净额": 0.7})])
    assert value_of(made, "经营活动产生的现金流量净额")[0] == Decimal("-100.00")


def test_two_cells_that_could_be_misread_alike_stay() -> None:
    wrong: Shown = {"流动资产合计": "60.00", "非流动资产合计": "48.00", "资产总计": "100.00"}
    unsure = {"流动资产合计": 0.6, "非流动资产合计": 0.6, "资产总计": 0.6}
    (made,) = witnessed([statement("balance_sheet", wrong, unsure=unsure)])
    assert [r.values[0] for r in made.rows] == [Decimal(v or 0) for v in wrong.values()]


def test_a_difference_no_misreading_explains_stays() -> None:
    wrong = SHEET | {"资产总计": "123456789.00"}
    (made,) = witnessed([statement("balance_sheet", wrong, unsure={"资产总计": 0.6})])
    assert value_of(made, "资产总计")[0] == Decimal("123456789.00")


def test_a_holding_identity_makes_its_cells_surer() -> None:
    (made,) = witnessed([statement("balance_sheet", SHEET, unsure={"负债合计": 0.7})])
    value, confidence, reasons = value_of(made, "负债合计")
    assert (value, reasons) == (Decimal("30000000.00"), ("identity",))
    assert confidence is not None and confidence > 0.99


def test_a_blank_that_may_have_been_overlooked_tells_nothing() -> None:
    blank = INCOME | {"减：所得税费用": None}
    assert failing(statement("income_statement", blank)) == []
    assert [i.holds for i in identities([statement("income_statement", blank)]) if i.name == "net_profit"] == [None]


def test_rounded_units_forgive_one_unit_a_term() -> None:
    rounded = SHEET | {"流动资产合计": "60001000.00"}
    assert failing(statement("balance_sheet", rounded, unit="千元")) == []
    assert failing(statement("balance_sheet", rounded)) == ["current_plus_noncurrent_assets"]


@pytest.mark.parametrize(("off", "held"), [("300", True), ("18000", False)])
def test_decimals_of_a_rounded_unit_narrow_it(off: str, held: bool) -> None:
    shown: Shown = {"流动资产合计": "40422600", "非流动资产合计": "21125900", "资产总计": str(61548500 + int(off))}
    assert (failing(statement("balance_sheet", shown, unit="万元")) == []) is held


amounts = st.integers(min_value=0, max_value=10**12).map(lambda fen: Decimal(fen) / 100)


@given(amounts, amounts)
def test_what_is_right_is_never_changed(one: Decimal, other: Decimal) -> None:
    shown: Shown = {"流动资产合计": str(one), "非流动资产合计": str(other), "资产总计": str(one + other)}
    (made,) = witnessed([statement("balance_sheet", shown, unsure=dict.fromkeys(shown, 0.5))])
    assert [r.values[0] for r in made.rows] == [one, other, one + other]


# -------------------------------------------------------------------------------- one misread digit, whatever it is


def sheet_of(parts: list[int]) -> Shown:
    """A balance sheet that adds up, of six amounts in fen."""
    current, fixed, short, long, *_ = parts
    total = current + fixed
    owed = min(short, total // 3), min(long, total // 3)
    values = {
        "流动资产合计": current,
        "非流动资产合计": fixed,
        "资产总计": total,
        "流动负债合计": owed[0],
        "非流动负债合计": owed[1],
        "负债合计": sum(owed),
        "所有者权益合计": total - sum(owed),
        "负债和所有者权益总计": total,
    }
    return {item: str(Decimal(v) / 100) for item, v in values.items()}


fen = st.integers(min_value=10**8, max_value=10**12)


@given(st.lists(fen, min_size=4, max_size=4), st.data())
def test_a_misread_digit_is_put_right_or_left_unsure(parts: list[int], data: st.DataObject) -> None:
    """Pitfall 63: identities broken by one misread digit. What is wrong in the end is never sure."""
    right = sheet_of(parts)
    item = data.draw(st.sampled_from(sorted(right)))
    text = f"{Decimal(right[item] or 0):.2f}"
    places = [i for i, c in enumerate(text) if c.isdigit() and i]
    at = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[at]]))
    wrong = right | {item: text[:at] + digit + text[at + 1 :]}
    sure = data.draw(st.floats(min_value=0.3, max_value=0.89))
    (made,) = witnessed([statement("balance_sheet", wrong, unsure={item: sure})])
    for row in made.rows:
        value, confidence = row.values[0], row.confidence[0]
        assert value == Decimal(right[row.item] or 0) or (confidence is not None and confidence < 0.9)
    changed = [r for r in made.rows if r.values[0] != Decimal(wrong[r.item] or 0)]
    for row in changed:
        assert row.reasons[0] == (f"repaired:{wrong[row.item]}",)  # the original is kept


thousands = st.integers(min_value=1, max_value=10**9)


@given(thousands, thousands, st.integers(min_value=1, max_value=8))
def test_of_two_rival_repairs_none_is_made(one: int, other: int, step: int) -> None:
    """The 9 of either addend may be the misread digit: nobody knows which, and neither is sure."""
    addends = Decimal(one * 1000 + 900), Decimal(other * 1000 + 900)
    shown: Shown = {
        "流动资产合计": str(addends[0]),
        "非流动资产合计": str(addends[1]),
        "资产总计": str(sum(addends) - step * 100),
    }
    (made,) = witnessed([statement("balance_sheet", shown, unsure={"流动资产合计": 0.6, "非流动资产合计": 0.62})])
    assert [r.values[0] for r in made.rows[:2]] == list(addends)
    assert all((r.confidence[0] or 0) < 0.9 for r in made.rows[:2])
    assert failing(made) == []  # unsure readings are no fault of the paper


@given(st.lists(fen, min_size=4, max_size=4), st.integers(min_value=1, max_value=9))
def test_a_wrong_figure_surely_read_is_the_papers(parts: list[int], step: int) -> None:
    """Where all readings are sure, what does not add up is reported and left as printed."""
    right = sheet_of(parts)
    printed = str(Decimal(right["资产总计"] or 0) + step * 1000)
    (made,) = witnessed([statement("balance_sheet", right | {"资产总计": printed}, unsure={"资产总计": 0.97})])
    assert value_of(made, "资产总计")[0] == Decimal(printed)
    assert "current_plus_noncurrent_assets" in failing(made)


def test_a_minus_that_the_reader_did_not_see_makes_its_figure_unsure() -> None:
    """A lost sign leaves no weak sign behind: only the sum tells that 其他综合收益 must be negative."""
    shown: Shown = {
        "所有者权益：": None,
        "实收资本": "1000.00",
        "其他综合收益": "50.00",
        "未分配利润": "200.00",
        "所有者权益合计": "1150.00",
    }
    (made,) = witnessed([statement("balance_sheet", shown, unsure=dict.fromkeys(shown, 0.99))])
    value, confidence, reasons = value_of(made, "其他综合收益")
    assert value == Decimal("50.00")  # what was read stands
    assert confidence is not None and confidence < 0.9
    assert reasons == ("sign_doubtful",)


def test_a_sum_that_one_look_alike_digit_would_heal_makes_its_few_figures_unsure() -> None:
    """3 read for 5, surely: the rows' sum alone says that one of two figures is wrong, not which."""
    shown: Shown = {
        "流动资产：": None,
        "货币资金": "5371663.93",
        "应收账款": "368140.42",
        "预付款项": "169673.27",  # printed 169675.27
        "存货": "40107.40",
        "流动资产合计": "5949587.02",
    }
    (made,) = witnessed(
        [statement("balance_sheet", shown, unsure={"货币资金": 0.93} | dict.fromkeys(shown, 0.99) | {"货币资金": 0.93})]
    )
    for item in ("货币资金", "预付款项"):
        value, confidence, reasons = value_of(made, item)
        assert value == Decimal(shown[item] or 0)  # neither is put right
        assert confidence is not None and confidence < 0.9
        assert reasons == ("digit_doubtful",)
    assert (value_of(made, "存货")[1] or 0) > 0.9


def test_a_figure_whose_first_digits_a_seal_hid_is_put_right_by_the_sum() -> None:
    shown: Shown = {
        "归属于母公司所有者权益合计": "253596217.70",
        "少数股东权益": "10105627.25",
        "所有者权益合计": "1844.95",  # printed 263,701,844.95
    }
    read = statement("balance_sheet", shown, unsure={"所有者权益合计": 0.65})
    (left,) = witnessed([read])
    assert value_of(left, "所有者权益合计")[0] == Decimal("1844.95")  # nothing says that a part is hidden
    rows = tuple(
        row.model_copy(update={"reasons": (("under_seal",),)}) if row.item == "所有者权益合计" else row
        for row in read.rows
    )
    (made,) = witnessed([read.model_copy(update={"rows": rows})])
    value, _, reasons = value_of(made, "所有者权益合计")
    assert value == Decimal("263701844.95")
    assert "repaired:1844.95" in reasons
