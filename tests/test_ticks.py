"""Ticked options in every notation, with boxes read, misread and lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, InkGrid, Line, TickBox
from pipeline.programmes import load
from pipeline.tables.grid import Cell, cell_of
from pipeline.tables.tick_frames import Place, slots_of
from pipeline.tables.ticks import ink_in, read_options, ticked

PROGRAMME = load("cciip-2023")
LEAVES = PROGRAMME.functions
HEADINGS = tuple(group.name for cls in PROGRAMME.function_groups for group in cls.groups)
SIZE = 0.02


def cell(*texts: str, x0: float = 0.2) -> Cell:
    lines = [
        Line(text=text, box=Box(x0, 0.2 + 0.03 * i, x0 + SIZE * len(text), 0.22 + 0.03 * i), confidence=1.0)
        for i, text in enumerate(texts)
    ]
    return cell_of(lines, page=1, table=-1)


def chosen(*texts: str, names: tuple[str, ...] = LEAVES, ink: InkGrid | None = None) -> list[str]:
    inks = {1: ink} if ink else None
    return [option.name for option in ticked(read_options([cell(*texts)], names, ink=inks, headings=HEADINGS))]


@pytest.mark.parametrize("tick", ["☑", "√", "✓", "■", "●", "⊙", "☒", "[√]", "（√）", "【√】", "回", "V", "[V]"])
@pytest.mark.parametrize("blank", ["□", "○", "口", "囗", "[ ]", "（）"])
def test_notations(tick: str, blank: str) -> None:
    assert chosen(f"{blank}云计算 {tick}大数据 {blank}物联网", f"{tick}客户服务 {blank}人工智能") == [
        "大数据",
        "客户服务",
    ]


def test_marks_behind_their_options() -> None:
    assert chosen("云计算□ 大数据☑ 物联网□") == ["大数据"]


def test_names_within_names() -> None:
    assert chosen("□供应链管理服务 ☑其他供应链管理服务") == ["其他供应链管理服务"]
    assert chosen("信息技术服务外包：□测试外包服务", "技术服务外包：☑其他技术服务外包 □工业设计外包") == [
        "其他技术服务外包"
    ]
    assert chosen("☑信息系统运营和维护服务 □基础信息技术运营和维护服务") == ["信息系统运营和维护服务"]


def test_it_with_and_without_a_space_and_misread() -> None:
    assert chosen("☑IT 解决方案 □IT咨询服务") == ["IT解决方案"]
    assert chosen("☑ＩＴ解决方案、□IT咨询服务") == ["IT解决方案"]
    assert chosen("☑人力资源管理服芬 □财务与会计管理服务") == ["人力资源管理服务"]


def test_options_wrapped_over_lines() -> None:
    assert chosen("□云计算 □大数据 ☑检验检", "测外包服务 □人工智能") == ["检验检测外包服务"]


@pytest.mark.parametrize("between", ["、", "，", "；", " ", "/", "\n"])
def test_plain_lists(between: str) -> None:
    assert chosen(*between.join(("云计算", "大数据", "IT解决方案")).split("\n")) == ["云计算", "大数据", "IT解决方案"]


def test_a_single_name_is_meant() -> None:
    assert chosen("信息服务业", names=PROGRAMME.industries) == ["信息服务业"]
    assert chosen("", "   ") == []


def test_the_longest_name_of_two_lists() -> None:
    names = (*PROGRAMME.industries, *PROGRAMME.categories)
    assert chosen("制造业", names=names) == ["制造业"]
    assert chosen("制造", names=names) == ["制造"]


def grid(filled: dict[int, str], columns: int = 120, rows: int = 170) -> InkGrid:
    """Ink in the row of the first line (y 0.2 to 0.22): grid column -> hex digit."""
    row = "".join(filled.get(column, "0") for column in range(columns))
    lines = range(int(0.2 * rows), int(0.22 * rows) + 1)
    return InkGrid(columns=columns, rows=rows, cells="".join(row if r in lines else "0" * columns for r in range(rows)))


def spaced(names: tuple[str, ...]) -> tuple[Cell, dict[str, float]]:
    """Names with room for a box before each, whose sign the reader lost; and where each box begins."""
    text, centres, boxes, x = "", [], {}, 0.0
    for name in names:
        boxes[name] = x
        x += 2.0
        for sign in name:
            text += sign
            centres.append(x + 0.5)
            x += 1.0
    line = Line(
        text=text, box=Box(0.1, 0.2, 0.1 + SIZE * x, 0.22), confidence=1.0, centres=tuple(c / x for c in centres)
    )
    return cell_of([line], page=1, table=-1), {name: 0.1 + SIZE * start for name, start in boxes.items()}


def test_lost_boxes_are_told_by_their_ink() -> None:
    names = PROGRAMME.industries[:5]
    options, boxes = spaced(names)
    filled = {}
    for name, start in boxes.items():
        for column in range(int((start + 0.006) * 120), int((start + 0.034) * 120) + 1):
            filled[column] = "d" if name == "制造" else "4"
    read = read_options([options], PROGRAMME.industries, ink={1: grid(filled)})
    assert [option.name for option in ticked(read)] == ["制造"]
    assert all(option.confidence < 0.9 for option in read)


def test_where_ticks_are_read_a_lost_box_was_an_empty_one() -> None:
    assert chosen("云计算大数据●物联网认知算法", "人工智能") == ["物联网"]


def test_the_one_option_whose_box_was_not_read_beside_empty_ones_is_the_ticked_one() -> None:
    names = PROGRAMME.industries
    assert chosen("□金融和保险 □政府和教育 □制造 □零售 □能源 卫生健康", names=names) == ["卫生健康"]


def test_what_neither_text_nor_ink_tells_is_unclear() -> None:
    options, boxes = spaced(PROGRAMME.industries[:6])
    same = {
        c: "5" for start in boxes.values() for c in range(int((start + 0.006) * 120), int((start + 0.034) * 120) + 1)
    }
    read = read_options([options], PROGRAMME.industries, ink={1: grid(same)})
    assert {option.state for option in read} == {"unclear"} and all(option.confidence < 0.5 for option in read)
    without = read_options([options], PROGRAMME.industries)
    assert ticked(without) == () or all(option.state == "named" for option in without)


def test_ink_in() -> None:
    ink = grid({30: "f"})
    assert ink_in(ink, Box(29 / 120, 0.2, 32 / 120, 0.22)) == 1.0
    assert ink_in(ink, Box(40 / 120, 0.2, 43 / 120, 0.22)) == 0.0
    assert ink_in(ink, Box(0.3, 0.2, 0.301, 0.22)) is None


@given(st.sets(st.sampled_from(LEAVES), max_size=10), st.sampled_from("☑√■●"), st.sampled_from("□○"))
def test_the_whole_tree_ticked_anyhow(wanted: set[str], tick: str, blank: str) -> None:
    rows = [LEAVES[i : i + 4] for i in range(0, len(LEAVES), 4)]
    texts = ["　".join((tick if name in wanted else blank) + name for name in row) for row in rows]
    assert chosen(*texts) == [name for name in LEAVES if name in wanted]


@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_taken(texts: list[str]) -> None:
    read_options([cell(*(t or "x" for t in texts or ["x"]))], LEAVES, headings=HEADINGS)


def inked(lines: list[str], fills: dict[str, int], *, lost: str) -> tuple[list[Line], InkGrid]:
    """Lines with a box before each name, one of them not read, and the ink of a grid of half characters."""
    columns, rows = 100, 100
    grid = [[0] * columns for _ in range(rows)]
    out = []
    for i, text in enumerate(lines):
        y0 = 0.2 + 0.03 * i
        for name, fill in fills.items():
            if (at := text.find(name)) > 0:
                column = round((0.2 + SIZE * (at - 1)) * columns)
                for row in range(round(y0 * rows), round((y0 + 0.02) * rows)):
                    grid[row][column] = grid[row][column + 1] = fill
        box = Box(0.2, y0, 0.2 + SIZE * len(text), y0 + 0.02)
        shown = text if lost not in text else text[: text.find(lost) - 1] + "\u3000" + text[text.find(lost) :]
        out.append(Line(text=shown, box=box, confidence=1.0))
    cells = "".join(f"{value:x}" for row in grid for value in row)
    return out, InkGrid(columns=columns, rows=rows, cells=cells)


@pytest.mark.parametrize(
    ("fill", "state", "most"), [(13, "ticked", 0.75), (6, "open", 0.85), (8, "unclear", 0.5), (0, "unclear", 0.5)]
)
def test_a_lost_box_among_read_ones_is_told_by_its_ink_or_unclear(fill: int, state: str, most: float) -> None:
    texts = ["□客户服务 □云计算 ■物联网", "□大数据 □人工智能 □数据处理服务"]
    fills = {"客户服务": 5, "云计算": fill, "物联网": 13, "大数据": 5, "人工智能": 5, "数据处理服务": 5}
    lines, ink = inked(texts, fills, lost="云计算")
    options = read_options([cell_of(lines, page=1, table=-1)], LEAVES, ink={1: ink})
    lost = next(option for option in options if option.name == "云计算")
    assert lost.state == state
    assert lost.confidence <= most


def test_names_wrapped_in_a_column_of_a_table_within_the_cell() -> None:
    heading = [
        Line(text=t, box=Box(0.1, y, 0.24, y + 0.02), confidence=1.0) for t, y in (("甲类外包", 0.2), ("乙类", 0.26))
    ]
    leaves = [
        Line(text=t, box=Box(0.3, y, 0.6, y + 0.02), confidence=1.0)
        for t, y in (
            ("□客户服务 ■互联网", 0.2),
            ("营销推广服务 □大数", 0.23),
            ("据 □人工智能 □云", 0.26),
            ("计算", 0.29),
        )
    ]
    options = read_options([cell_of([*heading, *leaves], page=1, table=-1)], LEAVES)
    assert {option.name for option in options} == {"客户服务", "互联网营销推广服务", "大数据", "人工智能", "云计算"}
    assert [option.name for option in ticked(options)] == ["互联网营销推广服务"]


def test_a_frame_within_the_options_first_character_is_no_box() -> None:
    """其 holds a little frame of its own strokes, nearer to the text than the empty box before it."""
    names = ("物联网", "认知算法", "其他信息技术服务外包业务", "测试外包服务")

    def box(x: float, filled: float) -> TickBox:
        return TickBox(box=Box(x, 0.1, x + 0.01, 0.107), filled=filled)

    # The reader puts the third option a little to the right of where it stands.
    firsts = (0.12, 0.32, 0.53, 0.72)
    places = [(Place(x, 0.098, 0.11, 0.016, None, None), None) for x in firsts]
    boxes = [box(0.1 + 0.2 * i, 1.0 if i == 3 else 0.0) for i in range(len(names))]
    strokes = box(0.512, 0.4)
    found = slots_of(places, [[*boxes, strokes]] * len(names))
    assert [slot.box.filled if slot else None for slot in found] == [0.0, 0.0, 0.0, 1.0]


def test_a_tick_beside_an_empty_box() -> None:
    assert chosen("□云计算 √□大数据 □物联网", "√□客户服务 □人工智能") == ["大数据", "客户服务"]
    assert chosen("云计算□ 大数据□√ 物联网□", "客户服务□√ 人工智能□") == ["大数据", "客户服务"]


def test_a_letter_for_a_cross_between_brackets() -> None:
    assert chosen("[ ]云计算 [x]大数据 [ ]物联网") == ["大数据"]
    assert chosen("[ ]云计算 [X]大数据 [ ]物联网") == ["大数据"]


def test_a_printed_choice_whose_boxes_were_all_lost_is_no_list_of_answers() -> None:
    options = read_options([cell("；".join(LEAVES[:20]), "；".join(LEAVES[20:]))], LEAVES, headings=HEADINGS)
    assert len(options) == len(LEAVES)
    assert not ticked(options)


def test_a_tick_where_there_is_only_paper_is_no_sure_one() -> None:
    """A reader makes up a sign between two names now and then; a red pen's tick is no dark ink either."""
    lines, ink = inked(["云计算☑大数据"], {}, lost="没有")
    options = read_options([cell_of(lines, page=1, table=-1)], LEAVES, ink={1: ink})
    assert [option.name for option in ticked(options)] == ["大数据"]
    assert ticked(options)[0].confidence < 0.7
