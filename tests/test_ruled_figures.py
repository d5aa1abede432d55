"""Fully ruled statements: cells say what stands where, however narrow, blank or headless.

Drawn as rules and lines after real annual reports (none of them is here): figures broken over lines in narrow cells,
blank columns, pages that go on without heads, rows that the page's end cut in two.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from extractors._statements import read_statements
from pipeline.model import Box, Line, Page, ReadPage, Ruling
from pipeline.tables.figure_table import aligned
from pipeline.tables.ruled_figures import ruled_tables
from pipeline.tables.statement import figure_tables

LINE = 0.014  # height of a line of text
Rows = list[list[str]]  # cells of a row; lines within a cell parted by "/"


def drawn(
    rows: Rows,
    xs: list[float],
    *,
    number: int = 1,
    top: float = 0.1,
    texts: tuple[tuple[str, float], ...] = (),
    without_rule: int | None = None,
) -> ReadPage:
    """A ruled table. ``texts``: (line, height) outside of it; ``without_rule``: above which row none was found."""
    ys, lines = [top], []
    for row in rows:
        deep = max(len(cell.split("/")) for cell in row)
        for (x0, x1), cell in zip(pairwise(xs), row, strict=True):
            parts = cell.split("/")
            start = ys[-1] + 0.004 + (deep - len(parts)) * LINE * 0.6
            for n, part in enumerate(parts):
                y = start + n * LINE * 1.2
                wide = min(0.012 * len(part), x1 - x0 - 0.004)
                left = x0 + 0.002 if cell is row[0] else x1 - 0.002 - wide
                if part:
                    lines.append(Line(text=part, box=Box(left, y, left + wide, y + LINE), confidence=0.99))
        ys.append(ys[-1] + 0.008 + deep * LINE * 1.2)
    rules = [Ruling(x0=xs[0], y0=y, x1=xs[-1], y1=y) for n, y in enumerate(ys) if n != without_rule]
    rules += [Ruling(x0=x, y0=ys[0], x1=x, y1=ys[-1]) for x in xs]
    outside = [Line(text=t, box=Box(0.4, y, 0.4 + 0.018 * len(t), y + LINE), confidence=0.99) for t, y in texts]
    page = Page(number=number, file="x", index=number - 1, sha256="", width=1654, height=2339)
    return ReadPage(page=page, lines=(*outside, *lines), rulings=tuple(rules))


TWO = [0.1, 0.4, 0.65, 0.9]
NOTED = [0.1, 0.35, 0.45, 0.68, 0.9]
SEVEN = [0.08, 0.3, 0.39, 0.48, 0.57, 0.66, 0.75, 0.9]
HEAD = ("2022年年度报告", 0.05)


def test_a_figure_broken_over_lines_of_its_cell() -> None:
    page = drawn(
        [
            ["项目", "股本", "资本公积", "减：库存股", "盈余公积", "未分配利润", "所有者权益合计"],
            [
                "一、上年年末余额",
                "320,83/5,149./00",
                "97,142,/310.30",
                "",
                "1,195,7/49.57",
                "-714,14/6.35",
                "418,459,062.67",
            ],
            [
                "二、本年年初余额",
                "320,83/5,149./00",
                "97,142,/310.30",
                "",
                "1,195,7/49.57",
                "-714,14/6.35",
                "418,459,062.67",
            ],
            [
                "四、本年年末余额",
                "320,83/5,149./00",
                "97,142,/310.30",
                "",
                "1,195,7/49.57",
                "-714,14/6.35",
                "418,459,062.67",
            ],
        ],
        SEVEN,
        texts=(("所有者权益变动表", 0.06),),
    )
    (statement,) = read_statements([page], year=2022)
    first = statement.rows[0]
    assert first.values == (
        Decimal("320835149.00"),
        Decimal("97142310.30"),
        None,
        Decimal("1195749.57"),
        Decimal("-714146.35"),
        Decimal("418459062.67"),
    )
    assert [c.label for c in statement.columns][2] == "减：库存股"


def test_two_whole_figures_in_one_cell_are_not_one() -> None:
    """Rules part the columns only: what stands where is told line by line then."""
    rows = [["项目", "期末余额", "期初余额"]]
    rows.append(["货币资金/应收账款/存货", "100.00/1,200.00/300.00", "90.00/1,100.00/310.00"])
    page = drawn(rows, TWO, texts=(("资产负债表", 0.06),))
    assert ruled_tables(page) == ()
    (table,) = figure_tables(page)
    assert [c and c.value for c in table.rows[-1].cells] == [Decimal("300.00"), Decimal("310.00")]


ASSETS: Rows = [
    ["流动资产：", "", "", ""],
    ["货币资金", "七、1", "1,516.00", "1,108.00"],
    ["应收账款", "七、5", "605.00", "576.00"],
    ["存货", "七、9", "350.00", "245.00"],
    ["流动资产合计", "", "2,471.00", "1,929.00"],
    ["资产总计", "", "2,471.00", "1,929.00"],
]
CLAIMS: Rows = [
    ["短期借款", "", "20.00", "30.00"],
    ["流动负债合计", "", "20.00", "30.00"],
    ["负债合计", "", "20.00", "30.00"],
    ["所有者权益合计", "", "2,451.00", "1,899.00"],
    ["负债和所有者权益总计", "", "2,471.00", "1,929.00"],
]


def test_a_page_without_heads_stands_under_those_of_the_page_before() -> None:
    """Its blank column is the one of the notes; the running head above it is none of its heads."""
    first = drawn([["项目", "附注", "期末余额", "期初余额"], *ASSETS], NOTED, texts=(HEAD, ("合并资产负债表", 0.07)))
    second = drawn(CLAIMS, NOTED, number=2, texts=(HEAD, ("61 / 195", 0.96)))
    (statement,) = read_statements([first, second], year=2022)
    assert [(c.label, c.period) for c in statement.columns] == [("期末余额", "2022-12-31"), ("期初余额", "2021-12-31")]
    assert statement.pages == (1, 2)
    last = statement.rows[-1]
    assert (last.item, last.values) == ("负债和所有者权益总计", (Decimal("2471.00"), Decimal("1929.00")))
    (again,) = read_statements([second, first], year=2022)  # pages may come in any order
    assert [r.item for r in again.rows] == [r.item for r in statement.rows]


def test_the_end_of_one_statement_and_the_beginning_of_the_next_on_one_page() -> None:
    first = drawn([["项目", "附注", "期末余额", "期初余额"], *ASSETS], NOTED, texts=(("合并资产负债表", 0.07),))
    tail = drawn(CLAIMS[-1:], NOTED, number=2, top=0.08)
    start = drawn(
        [["项目", "附注", "2022年度", "2021年度"], ["一、营业收入", "七、61", "9,000.00", "8,000.00"]],
        NOTED,
        number=2,
        top=0.8,
        texts=(("母公司利润表", 0.76),),
    )
    both = tail.model_copy(update={"lines": (*tail.lines, *start.lines), "rulings": (*tail.rulings, *start.rulings)})
    rest = drawn(
        [["减：营业成本", "", "5,000.00", "4,000.00"], ["四、净利润", "", "4,000.00", "4,000.00"]], NOTED, number=3
    )
    balance, income = read_statements([first, both, rest], year=2022)
    assert (balance.kind, balance.consolidated, balance.rows[-1].item) == (
        "balance_sheet",
        True,
        "负债和所有者权益总计",
    )
    assert (income.kind, income.consolidated, income.pages) == ("income_statement", False, (2, 3))
    assert [r.values[0] for r in income.rows] == [Decimal("9000.00"), Decimal("5000.00"), Decimal("4000.00")]


def test_a_title_at_the_foot_of_a_page_is_that_of_the_next_ones_table() -> None:
    rows = [["项目", "附注", "期末余额", "期初余额"], *ASSETS, *CLAIMS]
    first = drawn(rows, NOTED, texts=(("合并资产负债表", 0.07), ("母公司资产负债表", 0.93)))
    second = drawn(rows, NOTED, number=2)
    assert [s.consolidated for s in read_statements([first, second], year=2022)] == [True, False]


def test_the_second_table_of_changes_in_equity_is_the_year_before() -> None:
    def table(crown: str, top: float, number: int = 1, **more: object) -> ReadPage:
        rows = [
            [
                "项目",
                *(crown + name for name in ("股本", "资本公积", "盈余公积", "未分配利润", "少数股东权益", "合计")),
            ],
            ["一、上年年末余额", "10.00", "20.00", "1.00", "5.00", "2.00", "38.00"],
            ["（一）综合收益总额", "", "", "", "7.00", "1.00", "8.00"],
            ["1．提取盈余公积", "", "", "1.00", "-1.00", "", ""],
            ["四、本年年末余额", "10.00", "20.00", "2.00", "11.00", "3.00", "46.00"],
        ]
        return drawn(rows, SEVEN, top=top, number=number, **more)  # type: ignore[arg-type]

    now = table("本期", 0.1, texts=(("合并所有者权益变动表", 0.06),))
    before = table("上期", 0.5)
    page = now.model_copy(update={"lines": (*now.lines, *before.lines), "rulings": (*now.rulings, *before.rulings)})
    current, previous = read_statements([page], year=2022)
    assert {c.period for c in current.columns} == {"2022"}
    assert {c.period for c in previous.columns} == {"2021"}
    assert previous.consolidated is True


def test_a_row_that_the_pages_end_cut_in_two() -> None:
    rows = [["项目", "股本", "资本公积", "减：库存股", "盈余公积", "未分配利润", "合计"]]
    rows += [["一、上年年末余额", "10.00", "", "", "1.00", "5.00", "16.00"]]
    rows += [["前期差错更正", "", "", "", "", "1.00", "1.00"]]
    first = drawn([*rows, ["二、本年年初余额", "320,83", "", "", "25,028,", "50,478,", "498,413"]], SEVEN)
    first = first.model_copy(
        update={"lines": (*first.lines, Line(text="股东权益变动表", box=Box(0.4, 0.06, 0.6, 0.075), confidence=0.99))}
    )
    second = drawn(
        [
            ["", "5,149.00", "", "", "181.40", "320.90", ",750.75"],
            ["（一）综合收益总额", "", "", "", "", "7.00", "7.00"],
            ["1．提取盈余公积", "", "", "", "1.00", "-1.00", ""],
            ["四、本年年末余额", "320,835,149.00", "", "", "25,028,182.40", "50,478,326.90", "498,413,757.75"],
        ],
        SEVEN,
        number=2,
    )
    (statement,) = read_statements([first, second], year=2022)
    cut = next(r for r in statement.rows if r.item == "二、本年年初余额")
    assert [v for v in cut.values if v is not None] == [
        Decimal("320835149.00"),
        Decimal("25028181.40"),
        Decimal("50478320.90"),
        Decimal("498413750.75"),
    ]
    assert all(c is None or c < 0.9 for c in cut.confidence)  # put together: look at the paper


def test_a_lost_rule_between_two_rows() -> None:
    rows = [["项目", "附注", "期末余额", "期初余额"], *ASSETS, *CLAIMS]
    page = drawn(rows, NOTED, texts=(("资产负债表", 0.07),), without_rule=4)
    (statement,) = read_statements([page], year=2022)
    items = {r.item: r.values for r in statement.rows}
    assert items["应收账款"] == (Decimal("605.00"), Decimal("576.00"))
    assert items["存货"] == (Decimal("350.00"), Decimal("245.00"))


def test_a_note_on_a_new_standard_is_no_second_balance_sheet() -> None:
    """首次执行新准则调整首次执行当年年初财务报表: the same items, 调整数 beside them, over pages without heads."""
    rows = [["项目", "附注", "期末余额", "期初余额"], *ASSETS, *CLAIMS]
    own = drawn(rows, NOTED, texts=(("合并资产负债表", 0.07),))
    heads = ["项目", "2021年12月31日", "2022年1月1日", "调整数"]
    note = drawn([heads, *[[a, c, c, ""] for a, _, c, _ in ASSETS]], NOTED, number=9, texts=(("合并资产负债表", 0.07),))
    rest = drawn([[a, c, c, ""] for a, _, c, _ in CLAIMS], NOTED, number=10)
    (statement,) = read_statements([own, note, rest], year=2022)
    assert statement.pages == (1,)


def test_a_lost_rule_below_the_heads() -> None:
    rows = [["项目", "附注", "期末余额", "期初余额"], *ASSETS[1:], *CLAIMS]
    page = drawn(rows, NOTED, texts=(("资产负债表", 0.07),), without_rule=1)
    (statement,) = read_statements([page], year=2022)
    assert [c.label for c in statement.columns] == ["期末余额", "期初余额"]
    assert (statement.rows[0].item, statement.rows[0].values) == ("货币资金", (Decimal("1516.00"), Decimal("1108.00")))


def test_assets_left_and_liabilities_right_with_rows_of_their_own() -> None:
    left = drawn([["资产", "期末余额", "期初余额"], *[[a, c, d] for a, _, c, d in ASSETS]], [0.05, 0.25, 0.38, 0.5])
    right = drawn(
        [["负债和所有者权益", "期末余额", "期初余额"], *[[a, c, d] for a, _, c, d in CLAIMS]],
        [0.5, 0.72, 0.85, 0.96],
        top=0.104,
    )
    title = Line(text="资产负债表", box=Box(0.4, 0.06, 0.5, 0.075), confidence=0.99)
    page = left.model_copy(
        update={"lines": (title, *left.lines, *right.lines), "rulings": (*left.rulings, *right.rulings)}
    )
    (statement,) = read_statements([page], year=2022)
    items = {r.item: r.values for r in statement.rows}
    assert items["资产总计"] == items["负债和所有者权益总计"] == (Decimal("2471.00"), Decimal("1929.00"))
    assert items["短期借款"] == (Decimal("20.00"), Decimal("30.00"))


def test_signs_of_the_loss_clause_are_as_printed() -> None:
    rows = [["项目", "附注", "本期金额", "上期金额"], ["一、营业收入", "", "9,000.00", "8,000.00"]]
    rows += [[f"二、营业利润（亏损以“{sign}”号填列）", "", "1.00", "2.00"] for sign in ("一", "_", "")]
    page = drawn(rows, NOTED, texts=(("利润表", 0.07),))
    ruled = figure_tables(page)
    assert len(ruled) == 1 and ruled[0].ruled
    more = [["减：营业成本", "", "1.00", "1.00"], ["销售费用", "", "1.00", "1.00"], ["四、净利润", "", "1.00", "1.00"]]
    (statement,) = read_statements([drawn([*rows, *more], NOTED, texts=(("利润表", 0.07),))], year=2022)
    assert [r.item[-8:] for r in statement.rows[1:4]] == ["以“－”号填列）", "以“-”号填列）", "以“－”号填列）"]


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_columns_are_found_again_whichever_are_blank(blank: list[bool]) -> None:
    cells = ["" if b else "1,234.00" for b in blank]
    whole = drawn(
        [["项目", "甲年度", "乙年度", "丙年度", "丁年度"], ["货币资金", *(["5.00"] * 4)]],
        [0.1, 0.3, 0.45, 0.6, 0.75, 0.9],
    )
    part = drawn([["货币资金", *cells], ["存货", *(["2.00"] * 4)]], [0.1, 0.3, 0.45, 0.6, 0.75, 0.9])
    (one,), (other,) = figure_tables(whole), figure_tables(part)
    same = aligned(other, one.columns)
    assert same is not None
    assert [c is None for c in same.rows[0].cells] == blank


def test_the_sides_of_a_seal_part_no_column() -> None:
    """A seal over the foot of the table leaves two short uprights where its sides run along the page."""
    names = (
        "一、营业收入",
        "减：营业成本",
        "税金及附加",
        "销售费用",
        "管理费用",
        "研发费用",
        "财务费用",
        "加：其他收益",
    )
    rows = [
        ["项目", "本期金额", "上期金额"],
        *([n, f"{i + 1},234,567.89", f"{i + 2},345.67"] for i, n in enumerate(names)),
    ]
    rows += [
        ["投资收益（损失以“-”号填列）", "12,345.00", "23,456.00"],
        ["二、营业利润（亏损以“-”号填列）", "1,000.00", "2,000.00"],
    ]
    page = drawn(rows, TWO, texts=(("利润表", 0.05),))
    bottom = max(r.y1 for r in page.rulings)
    sides = tuple(Ruling(x0=x, y0=bottom - 0.045, x1=x, y1=bottom) for x in (0.2, 0.38))
    (statement,) = read_statements([page.model_copy(update={"rulings": (*page.rulings, *sides)})], year=2022)
    assert [row.item for row in statement.rows][:8] == list(names)
    assert statement.rows[0].values == (Decimal("1234567.89"), Decimal("2345.67"))
