"""Figures of statements by row and column, on recorded readings of degraded pages whose figures are known, and on
lines.

The recordings are readings of pages typed in HTML for this test (ruled, half-ruled, unruled, two-sided,
landscape; 千元 and 万元), reduced to 150 dpi, blurred or made noisy; ``statement_truth.json`` is what was
typed.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors._identities import witnessed
from extractors._items import is_item, item_key, normal_item
from extractors._statement_rows import without_specks
from extractors._statements import read_statements
from extractors._titles import titles
from pipeline.model import Box, Line, Page, ReadPage, Ruling, Statement
from pipeline.tables.figure_table import in_style
from pipeline.tables.fragments import figure_of, fragments
from pipeline.tables.statement import figure_tables
from pipeline.tables.statement_rows import FigureRow

READINGS = Path(__file__).parent / "readings"
TRUTH = json.loads((READINGS / "statement_truth.json").read_text())
RIGHT = 0.99  # share of figures that must be right in value, row and column


def recorded(name: str) -> list[ReadPage]:
    files = sorted(READINGS.glob(f"statement_{name}-?.json"))
    pages = [ReadPage.model_validate_json(f.read_text()) for f in files]
    numbered = [p.page.model_copy(update={"number": i + 1}) for i, p in enumerate(pages)]
    return [p.model_copy(update={"page": q}) for p, q in zip(pages, numbered, strict=True)]


def bare(text: str) -> str:
    return re.sub(r"[\s（）()“”\"'：:、.．，,]", "", text)


def same_item(read: str, typed: str) -> bool:
    """The whole name; an ordinal before it (一、) may be lost."""
    return read == typed or (len(read) >= len(typed) - 1 > 2 and typed.endswith(read))


def figures(statements: tuple[Statement, ...]) -> list[tuple[str, list[tuple[Decimal | None, float]]]]:
    """Rows of statements read from the same pages, those of 合并 and 母公司 side by side again."""
    together: dict[tuple[str, tuple[int, ...]], list[Statement]] = {}
    for s in statements:
        together.setdefault((s.kind, s.pages), []).append(s)
    rows = []
    for group in together.values():
        for at, row in enumerate(group[0].rows):
            cells = [
                (v, c or 0.0) for s in group for v, c in zip(s.rows[at].values, s.rows[at].confidence, strict=True)
            ]
            rows.append((bare(row.item), cells))
    return rows


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_figures_stand_in_their_rows_and_columns(name: str) -> None:
    rows = figures(witnessed(read_statements(recorded(name), year=2022)))
    asked = right = silently_wrong = 0
    for item, values in TRUTH[name]["rows"]:
        at = next((i for i, (read, _) in enumerate(rows) if same_item(read, bare(item))), None)
        cells = rows.pop(at)[1] if at is not None else []
        for column, typed in enumerate(values):
            value, confidence = cells[column] if column < len(cells) else (None, 0.0)
            factor = 1 if "每股" in item else TRUTH[name]["unit"]
            truth = None if typed is None else Decimal(typed) * factor
            asked += truth is not None
            right += truth is not None and value == truth
            silently_wrong += value is not None and value != truth and confidence >= 0.9
    assert right >= RIGHT * asked
    assert silently_wrong == 0


def columns(name: str) -> list[tuple[str, bool | None, str, list[str | None]]]:
    read = read_statements(recorded(name), year=2022)
    return [(s.kind, s.consolidated, s.unit, [c.period for c in s.columns]) for s in read]


def test_columns_of_group_and_parent_become_two_statements() -> None:
    ends: list[str | None] = ["2022-12-31", "2021-12-31"]
    assert columns("B_assets") == [("balance_sheet", True, "元", ends), ("balance_sheet", False, "元", ends)]
    years: list[str | None] = ["2022", "2021"]
    assert columns("E_cf") == [("cash_flow", True, "元", years), ("cash_flow", False, "元", years)]


def test_continuation_pages_and_units() -> None:
    ends: list[str | None] = ["2022-12-31", "2021-12-31"]
    assert columns("D_bs") == [("balance_sheet", True, "千元", ends)]
    assert columns("G_bs") == [("balance_sheet", False, "万元", ends)]
    assert columns("C_lrp") == [("balance_sheet", False, "元", ends)]  # two-sided


def test_shuffled_pages_make_the_same_statement() -> None:
    first, second = recorded("D_bs")
    again = read_statements([second, first], year=2022)
    assert len(again) == 1
    assert [r.item for r in again[0].rows] == [r.item for r in read_statements([first, second], year=2022)[0].rows]


def test_an_empty_column_keeps_its_place() -> None:
    (equity,) = read_statements(recorded("H_eq"), year=2022)
    assert [c.label.split()[-1] for c in equity.columns][2] == "减：库存股"
    assert all(row.values[2] is None for row in equity.rows)


# ------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("28,937,883.35", "28937883.35"),
        ("(1,234.56)", "-1234.56"),
        ("（1,234.56）", "-1234.56"),
        ("−1,234.56", "-1234.56"),
        ("－1,234.56", "-1234.56"),
        ("4.901,058.81", "4901058.81"),  # separators confused
        ("15.882.073.20", "15882073.20"),
        ("56.381", "56381"),  # nothing in a statement has three decimals
        ("12, 345.00", "12345.00"),  # split by a space
        ("3,000.00|", "3000.00"),  # a rule read along
        ("0.45", "0.45"),
    ],
)
def test_figures_in_every_notation(text: str, value: str) -> None:
    found = figure_of(text)
    assert found is not None
    assert found[0] == Decimal(value)


@pytest.mark.parametrize("text", ["233,485,140.5", "28,937,83.35"])
def test_a_lost_digit_is_not_trusted(text: str) -> None:
    found = figure_of(text)
    assert found is None or found[1] <= 0.5


@given(st.decimals(min_value=Decimal("-99999999999"), max_value=Decimal("99999999999"), places=2))
def test_every_printed_figure_is_read_back(value: Decimal) -> None:
    printed = f"({-value:,.2f})" if value < 0 else f"{value:,.2f}"
    found = figure_of(printed)
    assert found is not None
    assert found == (value, 1.0)


@given(st.text(max_size=30))
def test_no_text_breaks_the_cutter(text: str) -> None:
    fragments([line(text, 0.1, 0.1)] if text else [])


def line(text: str, x: float, y: float, *, width: float | None = None, confidence: float = 0.99) -> Line:
    box = Box(x, y, min(1.0, x + (width or 0.011 * len(text))), y + 0.012)
    return Line(text=text, box=box, confidence=confidence)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(f.text, f.kind) for f in fragments([line(text, 0.1, 0.1)])]


def test_lines_are_cut_where_cells_end() -> None:
    assert kinds("1,234.00 5,678.00") == [("1,234.00", "figure"), ("5,678.00", "figure")]
    assert kinds("1,234.005,678.00") == [("1,234.00", "figure"), ("5,678.00", "figure")]
    assert kinds("货币资金 五、1 28,937,883.35") == [("货币资金 五、1", "text"), ("28,937,883.35", "figure")]
    assert kinds("15.882.073.20") == [("15.882.073.20", "figure")]
    assert kinds("8,990,007.24 其他应付款") == [("8,990,007.24", "figure"), ("其他应付款", "text")]
    assert kinds("1,234.00 -") == [("1,234.00", "figure"), ("-", "dash")]
    assert kinds("2022年12月31日") == [("2022年12月31日", "text")]
    assert kinds("四(10)") == [("四(10)", "text")]


def test_a_rule_that_runs_through_figures_is_none() -> None:
    rows = [line("1,234,567.89", 0.5, 0.1 + 0.02 * i, width=0.12) for i in range(4)]
    noise = Ruling(x0=0.56, y0=0.05, x1=0.56, y1=0.25)
    assert [f.value for f in fragments(rows, [noise])] == [Decimal("1234567.89")] * 4


def table_of(values: tuple[str, ...]) -> list[float]:
    """Confidence of one column's figures, top to bottom."""
    items = ("货币资金", "应收账款", "存货", "固定资产", "无形资产", "资产总计")
    lines = [line("项目", 0.1, 0.1), line("期末余额", 0.6, 0.1)]
    for i, (item, text) in enumerate(zip(items, values, strict=True)):
        lines += [line(item, 0.1, 0.14 + 0.02 * i), line(text, 0.7 - 0.011 * len(text), 0.14 + 0.02 * i)]
    (table,) = figure_tables(page_of(*lines), known=is_item)
    return [row.cells[0].confidence for row in table.rows if row.cells[0]]


def test_what_a_seal_left_of_a_figure_is_not_trusted() -> None:
    left = table_of(("32,374", "66,411", "18", "8161", "45,969", "204,034"))
    assert [c >= 0.9 for c in left] == [True, True, False, False, True, True]
    cents = table_of(("32,374.00", "66,411.26", "18", "8,161", "45,969.10", "204,034.33"))
    assert [c >= 0.9 for c in cents] == [True, True, False, False, True, True]


# ------------------------------------------------------------------------------------------------- items, titles


def test_items_are_met_whole_whatever_their_numbers() -> None:
    assert item_key("income_statement", "三、营业利润（亏损以“-”号填列）") == "operating_profit"
    assert item_key("income_statement", "二、营业利润") == "operating_profit"
    assert item_key("income_statement", "净（亏损）/利润") == "net_profit"
    assert item_key("income_statement", "营业利润率") is None
    assert item_key("balance_sheet", "流动负债合计") == "current_liabilities"
    assert item_key("balance_sheet", "负债合计") == "total_liabilities"
    assert item_key("balance_sheet", "负债和所有者权益（或股东权益）总计") == "total_liabilities_and_equity"
    assert item_key("balance_sheet", "归属于母公司所有者权益（或股东权益）合计") == "parent_equity"
    assert item_key("balance_sheet", "作流动负债合计") == "noncurrent_liabilities"  # 非 misread
    names = ("一、营业总收入", "其中：营业收入", "主营业务收入")
    assert len({item_key("income_statement", n) for n in names}) == 3


def test_a_blank_row_whose_rule_was_lost_keeps_its_name() -> None:
    items = (
        "收到的税费返还",
        "吸收投资收到的现金",
        "取得借款收到的现金",
        "偿还债务支付的现金",
        "投资支付的现金",
        "支付的各项税费",
    )
    lines = [line("项目", 0.1, 0.1), line("本期金额", 0.6, 0.1), line("上期金额", 0.8, 0.1)]
    for i, item in enumerate(items):
        y = 0.14 + 0.02 * i
        lines.append(line(item, 0.1, y))
        if item != "吸收投资收到的现金":
            lines += [line(f"{i + 1},234.00", 0.6, y), line(f"{i + 2},345.00", 0.8, y)]
    heights = [0.137 + 0.02 * i for i in range(len(items) + 1) if i != 2]
    rules = tuple(Ruling(x0=0.1, y0=y, x1=0.9, y1=y) for y in heights)
    page = page_of(*lines).model_copy(update={"rulings": rules})
    (table,) = figure_tables(page, known=is_item)
    assert [row.item for row in table.rows] == list(items)
    assert [bool(any(row.cells)) for row in table.rows] == [True, False, True, True, True, True]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("货币资金 Cash at bank and in hand", "cash"),
        ("减：营业成本Less: Cost of sales", "operating_cost"),
        ("Operating income 一、营业收入", "operating_revenue"),
        ("负债和所有者权益（或股东权益）总计 TOTAL LIABILITIES AND OWNERS' EQUITY", "total_liabilities_and_equity"),
        ("资产总计（TOTAL ASSETS）", "total_assets"),
    ],
)
def test_items_in_two_languages(text: str, key: str) -> None:
    assert is_item(text)
    kinds = ("balance_sheet", "income_statement")
    assert key == "cash" or key in {item_key(kind, text) for kind in kinds}
    assert normal_item("其中：A股") == "A股"


def test_titles_in_two_languages() -> None:
    page = page_of(line("资产负债表 BALANCE SHEET", 0.1, 0.1), line("利润表INCOME STATEMENT（续）", 0.1, 0.5))
    assert [t.kind for t in titles(page)] == ["balance_sheet", "income_statement"]


@given(st.text(max_size=40))
def test_no_text_breaks_items(text: str) -> None:
    assert isinstance(normal_item(text), str)
    assert is_item(text) in (True, False)


def page_of(*lines: Line) -> ReadPage:
    return ReadPage(page=Page(number=1, file="x", index=0, sha256="", width=1654, height=2339), lines=lines)


def test_titles_are_no_sentences() -> None:
    sentence = "我们审计了甲公司财务报表，包括2022年12月31日的合并及母公司资产负债表"
    page = page_of(
        line(sentence, 0.1, 0.2), line("母公司利润表（续）", 0.4, 0.3), line("合并及公司资产负债表", 0.4, 0.5)
    )
    assert [(t.kind, t.consolidated, t.both) for t in titles(page)] == [
        ("income_statement", False, False),
        ("balance_sheet", None, True),
    ]


def test_a_contents_page_is_no_statement() -> None:
    entries = ("一、审计报告 1", "二、合并资产负债表 6", "三、合并利润表 8", "四、财务报表附注 11")
    page = page_of(*(line(t, 0.1, 0.2 + 0.05 * i) for i, t in enumerate(entries)))
    assert read_statements([page], year=2022) == ()


def test_notes_and_line_numbers_are_no_amounts() -> None:
    items = ("货币资金", "应收账款", "存货", "固定资产", "无形资产", "资产总计")
    lines = [line("项目", 0.1, 0.1), line("行次", 0.4, 0.1), line("期末余额", 0.6, 0.1), line("年初余额", 0.8, 0.1)]
    for i, item in enumerate(items):
        y = 0.14 + 0.02 * i
        lines += [line(item, 0.1, y), line(str(i + 1), 0.41, y), line(f"{i + 1},000.00", 0.6, y), line("-", 0.85, y)]
    (table,) = figure_tables(page_of(*lines), known=is_item)
    assert [[c and c.value for c in row.cells] for row in table.rows] == [
        [Decimal(i * 1000), None] for i in range(1, 7)
    ]
    assert [row.note for row in table.rows] == [str(i) for i in range(1, 7)]


@pytest.mark.parametrize("shift", [0.0, 0.03, 0.06, 0.09, 0.12])
def test_heads_left_of_figures_that_are_set_right(shift: float) -> None:
    lines = [
        line("项目", 0.2, 0.1), line("2022年度", 0.59 - shift, 0.1, width=0.07),
        line("2021年度", 0.83 - shift, 0.1, width=0.07),
    ]  # fmt: skip
    for i, item in enumerate(("货币资金", "应收账款", "存货", "固定资产", "无形资产", "资产总计")):
        y = 0.14 + 0.02 * i
        lines += [line(item, 0.1, y), line(f"{i + 1},090", 0.6, y, width=0.05), line("7,090", 0.84, y, width=0.05)]
    (table,) = figure_tables(page_of(*lines), known=is_item)
    assert [column.head for column in table.columns] == [("2022年度",), ("2021年度",)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("所有者权益（或股东益合计", "total_equity"),
        ("所有者权益（或股东权益）合计……", "total_equity"),
        ("负债和所有者权益（股东权益）总计", "total_liabilities_and_equity"),
        ("归属于母公司所有者权益合计", "parent_equity"),
        ("其他权益工具", None),
    ],
)
def test_totals_of_equity_with_lost_signs(text: str, key: str | None) -> None:
    assert item_key("balance_sheet", text) == key


def test_dots_that_lead_to_a_figure_are_no_part_of_an_item() -> None:
    assert item_key("income_statement", "其中：营业收入……………五、31") == item_key("income_statement", "营业收入")


@pytest.mark.parametrize("text", ["9,300.845.761", "9,300,845.761", "9.300.845.76l"])
def test_a_rule_read_as_the_last_digit_beside_figures_with_cents(text: str) -> None:
    others = [line(f"{i},234,567.8{i}", 0.6, 0.1 + 0.02 * i) for i in range(1, 9)]
    pieces = in_style(fragments([*others, line(text, 0.6, 0.4)]))
    assert pieces[-1].value == Decimal("9300845.76")
    assert pieces[-1].confidence < 0.9


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("三、利润总额（亏损总额以减：“号填列", "三、利润总额（亏损总额以“-”号填列）"),
        ("二、营业利润（亏损以“营”号填列)", "二、营业利润（亏损以“-”号填列）"),
        ("四、净利润（净亏损以“-”号填列）", "四、净利润（净亏损以“-”号填列）"),
        ("投资收益（损失以“－”号填列）", "投资收益（损失以“－”号填列）"),
        ("加：营业外收入加：营业外收入", "加：营业外收入"),
        ("其中：以摊余成本计量的金融资产终止确认收益", "其中：以摊余成本计量的金融资产终止确认收益"),
    ],
)
def test_the_minus_in_a_remark_whatever_it_was_read_as(read: str, printed: str) -> None:
    row = FigureRow(item=read, box=Box(0.1, 0.1, 0.3, 0.12), cells=())
    assert without_specks(row).item == printed
