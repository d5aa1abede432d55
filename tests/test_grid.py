"""Cells from rulings and lines: ruled, merged, half-ruled and unruled paper."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, Line, Page, ReadPage, Ruling
from pipeline.tables.grid import Cell, cut_line, in_order, join_lines, part_of_line, sheet_of, spell

READINGS = Path(__file__).parent / "readings"


def line(text: str, x0: float, y0: float, x1: float | None = None, *, height: float = 0.018) -> Line:
    return Line(
        text=text, box=Box(x0, y0, x1 if x1 is not None else x0 + 0.017 * len(text), y0 + height), confidence=1.0
    )


def across(y: float, x0: float = 0.1, x1: float = 0.9) -> Ruling:
    return Ruling(x0=x0, y0=y, x1=x1, y1=y)


def upright(x: float, y0: float, y1: float) -> Ruling:
    return Ruling(x0=x, y0=y0, x1=x, y1=y1)


def page(lines: list[Line], rulings: list[Ruling]) -> ReadPage:
    about = Page(number=3, file="a.pdf", index=2, sha256="0" * 64, width=1654, height=2339)
    return ReadPage(page=about, lines=tuple(lines), rulings=tuple(rulings))


def texts(cells: tuple[Cell, ...]) -> list[str]:
    return [cell.text for cell in cells]


FOUR = [across(y) for y in (0.1, 0.14, 0.18, 0.22)] + [upright(x, 0.1, 0.22) for x in (0.1, 0.9)]


def test_ruled_cells_and_their_neighbours() -> None:
    rulings = [*FOUR, *(upright(x, 0.1, 0.22) for x in (0.3, 0.5, 0.7))]
    sheet = sheet_of(
        page([line("法定代表人", 0.12, 0.11), line("陈思远", 0.32, 0.11), line("联系人", 0.12, 0.15)], rulings)
    )
    assert len(sheet.cells) == 12
    label = next(cell for cell in sheet.cells if cell.text == "法定代表人")
    assert label.page == 3 and label.ruled
    assert texts(sheet.right_of(label))[0] == "陈思远"
    assert texts(sheet.below(label))[0] == "联系人"
    assert sheet.left_of(label) == ()


def test_merged_cells() -> None:
    rulings = [*FOUR, upright(0.3, 0.1, 0.22), upright(0.5, 0.14, 0.18)]
    sheet = sheet_of(page([line("成都云帆信息技术有限公司", 0.32, 0.11)], rulings))
    assert len(sheet.cells) == 7
    name = next(cell for cell in sheet.cells if cell.text)
    assert abs(name.box.x1 - 0.9) < 0.01
    down = [*FOUR[:1], *FOUR[2:], across(0.14, 0.3, 0.9), upright(0.3, 0.1, 0.22)]
    merged = [cell for cell in sheet_of(page([], down)).cells if cell.box.height > 0.07]
    assert len(merged) == 1 and merged[0].box.x1 < 0.31


def test_wrapped_lines_of_a_cell_are_joined_in_order() -> None:
    lines = [line("员工人数", 0.12, 0.165), line("从事服务外包业务", 0.11, 0.145), line("956", 0.5, 0.15)]
    rulings = [across(0.14), across(0.19), across(0.24), *(upright(x, 0.14, 0.24) for x in (0.1, 0.4, 0.9))]
    assert "从事服务外包业务员工人数" in texts(sheet_of(page(lines, rulings)).cells)


def test_a_line_over_a_rule_is_cut() -> None:
    merged = line("审核的商务主管部门大连市商务局", 0.12, 0.11, 0.6)
    sheet = sheet_of(page([merged], [*FOUR, upright(0.409, 0.1, 0.22)]))
    assert [text for text in texts(sheet.cells) if text] == ["审核的商务主管部门", "大连市商务局"]


def test_half_ruled_rows_are_parted_only_beside_labels() -> None:
    lines = [
        line("总部所在地", 0.12, 0.11),
        line("四川省成都市", 0.3, 0.11),
        line("同意推荐", 0.12, 0.15),
        line("属实", 0.5, 0.15),
    ]
    rulings = [across(y) for y in (0.1, 0.14, 0.18, 0.22)]
    sheet = sheet_of(page(lines, rulings), is_label=lambda text: text == "总部所在地")
    assert [text for text in texts(sheet.cells) if text] == ["总部所在地", "四川省成都市", "同意推荐 属实"]


def test_lines_to_write_on_are_no_table() -> None:
    rulings = [across(y, 0.2, 0.5) for y in (0.1, 0.14, 0.18, 0.22)]
    labels = [line(text, 0.05, y - 0.02) for text, y in (("企业名称", 0.14), ("地址", 0.18), ("联系人", 0.22))]
    assert all(not cell.ruled for cell in sheet_of(page(labels, rulings)).cells)


def test_strokes_of_characters_are_no_rules() -> None:
    strokes = [
        upright(0.42, 0.147, 0.17),
        upright(0.45, 0.148, 0.172),
        across(0.155, 0.41, 0.46),
        across(0.168, 0.41, 0.46),
    ]
    text = line("中国图口", 0.4, 0.145, 0.48, height=0.03)
    plain = sheet_of(page([text], [*FOUR, upright(0.3, 0.1, 0.22)]))
    noisy = sheet_of(page([text], [*FOUR, upright(0.3, 0.1, 0.22), *strokes]))
    assert texts(noisy.cells) == texts(plain.cells)


def test_a_broken_rule_still_parts_cells() -> None:
    broken = [upright(0.3, 0.1, 0.158), upright(0.3, 0.164, 0.22)]
    assert len(sheet_of(page([], [*FOUR, *broken])).cells) == 6


def test_joining() -> None:
    assert join_lines([line("wanglina@yunfan-", 0.1, 0.1), line("tech.cn", 0.1, 0.12)]) == "wanglina@yunfan-tech.cn"
    assert join_lines([line("四川省成都市E区3栋9", 0.1, 0.1), line("层", 0.1, 0.12)]) == "四川省成都市E区3栋9层"
    assert join_lines([line("Chengdu Yunfan", 0.1, 0.1), line("Co., Ltd.", 0.1, 0.12)]) == "Chengdu Yunfan Co., Ltd."
    assert join_lines([line("5000", 0.1, 0.1), line("万元", 0.3, 0.101)]) == "5000 万元"
    assert join_lines([]) == ""


def test_every_line_of_a_page_is_in_one_cell() -> None:
    for path in sorted(READINGS.glob("form_*.json")):
        for stored in json.loads(path.read_text(encoding="utf-8"))["pages"]:
            read = ReadPage.model_validate(stored)
            before = sorted("".join(item.text.split()) for item in read.lines)
            after = sorted("".join("".join(item.text for item in cell.lines).split()) for cell in sheet_of(read).cells)
            assert sorted("".join(before)) == sorted("".join(after)), path.name


@given(st.text("企业abc123 （）", min_size=2, max_size=20), st.floats(0.01, 0.99))
def test_cutting_loses_nothing(text: str, share: float) -> None:
    whole = line(text, 0.1, 0.1, 0.6)
    cut = cut_line(whole, 0.1 + 0.5 * share)
    if cut is not None:
        assert cut[0].text + cut[1].text == text
        assert cut[0].box.x1 <= cut[1].box.x1 and cut[0].text.strip() and cut[1].text.strip()


@given(st.text("企业ab12", min_size=1, max_size=12), st.data())
def test_parts_lie_within_their_line(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    whole = line(text, 0.2, 0.3, 0.7)
    part = part_of_line(whole, start, end)
    assert part.text == text[start:end]
    assert whole.box.x0 - 1e-9 <= part.box.x0 <= part.box.x1 <= whole.box.x1 + 1e-9


@given(
    st.lists(st.tuples(st.text("企业a1 ", min_size=1, max_size=6), st.floats(0, 0.8), st.floats(0, 0.9)), max_size=8)
)
def test_spelling_knows_where_every_character_stands(items: list[tuple[str, float, float]]) -> None:
    lines = [line(text, x, y) for text, x, y in items if text.strip()]
    spelled = spell(lines)
    assert len(spelled.places) == len(spelled.text)
    for sign, place in zip(spelled.text, spelled.places, strict=True):
        assert place is None or spelled.lines[place[0]].text[place[1]] == sign
    assert len(in_order(lines)) == len(lines)


def test_two_cells_that_a_lost_piece_of_a_rule_joined_are_parted() -> None:
    """A label over another row's wide value ran together with it: no cell is L-shaped."""
    rulings = [
        across(0.10), across(0.18), *(upright(x, 0.10, 0.18) for x in (0.1, 0.3, 0.9)),
        *(upright(x, 0.10, 0.14) for x in (0.5, 0.7)), across(0.14, 0.1, 0.5), across(0.14, 0.7, 0.9),
    ]  # fmt: skip
    lines = [
        line("注册资本", 0.12, 0.11), line("500万元", 0.32, 0.11), line("总部所在地", 0.52, 0.11),
        line("武汉市", 0.72, 0.11), line("注册地址", 0.12, 0.15), line("武汉市光谷大道77号", 0.32, 0.15),
    ]  # fmt: skip
    sheet = sheet_of(page(lines, rulings))
    assert {"总部所在地", "武汉市光谷大道77号", "武汉市"} <= set(texts(sheet.cells))
    label = next(cell for cell in sheet.cells if cell.text == "总部所在地")
    assert sheet.right_of(label)[0].text == "武汉市"


def test_labels_of_two_rows_in_one_cell_are_parted_where_the_values_are() -> None:
    rulings = [across(0.10), across(0.18), across(0.14, 0.5, 0.9), *(upright(x, 0.10, 0.18) for x in (0.1, 0.5, 0.9))]
    lines = [line("营业收入", 0.12, 0.11), line("员工总数", 0.12, 0.15), line("30", 0.52, 0.11), line("40", 0.52, 0.15)]
    sheet = sheet_of(page(lines, rulings), is_label=lambda text: text in ("营业收入", "员工总数"))
    assert sorted(texts(sheet.cells)) == sorted(["营业收入", "30", "员工总数", "40"])
    whole = sheet_of(page(lines, rulings), is_label=lambda text: text == "营业收入")
    assert "营业收入员工总数" in texts(whole.cells)


def test_a_table_set_into_a_frame_keeps_its_lines() -> None:
    """A frame around the whole form, not touching the table in it, took every line."""
    frame = [(0.08, 0.06, 0.92, 0.06), (0.08, 0.76, 0.92, 0.76), (0.08, 0.06, 0.08, 0.76), (0.92, 0.06, 0.92, 0.76)]
    inner = [(0.12, y, 0.88, y) for y in (0.14, 0.18, 0.22)] + [(x, 0.14, x, 0.22) for x in (0.12, 0.31, 0.88)]
    lines = [
        Line(text=text, box=Box(x, y, x + 0.12, y + 0.02), confidence=1.0)
        for text, x, y in (
            ("基本信息表", 0.4, 0.09),
            ("园区名称", 0.13, 0.15),
            ("海屿软件园", 0.33, 0.15),
            ("手机", 0.13, 0.19),
        )
    ]
    page = Page(number=1, file="a", index=0, sha256="", width=1654, height=2339)
    rules = tuple(Ruling(x0=a, y0=b, x1=c, y1=d) for a, b, c, d in (*frame, *inner))
    cells = sheet_of(ReadPage(page=page, lines=tuple(lines), rulings=rules)).cells
    held = {cell.text: cell.box.width for cell in cells if cell.text}
    assert held["园区名称"] < 0.25 and held["海屿软件园"] < 0.6 and held["手机"] < 0.25
    assert "基本信息表" in held
