"""Boxes for one sign each: one place, whose signs are one text; columns of a table stay columns."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from extractors import information_form
from pipeline.model import Box, DocumentType, Line, Page, ReadPage, Ruling
from pipeline.programmes import load
from pipeline.tables.grid import sheet_of

SIDE = 0.028  # of the page's width


def line(text: str, x0: float, y0: float, x1: float) -> Line:
    count = len(text)
    centres = tuple((i + 0.5) / count for i in range(count))
    return Line(text=text, box=Box(x0, y0, x1, y0 + 0.018), confidence=0.9, centres=centres, scores=(0.9,) * count)


def boxes(x0: float, y0: float, count: int) -> list[Ruling]:
    ends = x0 + count * SIDE
    across = [Ruling(x0=x0, y0=y, x1=ends, y1=y) for y in (y0, y0 + 0.02)]
    uprights = [Ruling(x0=x0 + i * SIDE, y0=y0, x1=x0 + i * SIDE, y1=y0 + 0.02) for i in range(count + 1)]
    return [*across, *uprights]


def comb(text: str, x0: float, y0: float) -> Line:
    return line(" ".join(text), x0 + 0.006, y0 + 0.001, x0 + len(text) * SIDE - 0.006)


def page(lines: list[Line], rulings: list[Ruling]) -> ReadPage:
    bare = Page(number=1, file="a.pdf", index=0, sha256="0" * 64, width=1654, height=2339)
    bare = bare.model_copy(update={"upright_width": 1654, "upright_height": 2339})
    return ReadPage(page=bare, lines=tuple(lines), rulings=tuple(rulings))


def values(lines: list[Line], rulings: list[Ruling]) -> dict[str, Any]:
    read = information_form.extract([page(lines, rulings)], load("cciip-2023"), DocumentType.INFORMATION_FORM)
    return {field.name: field.value for field in read.fields}


def test_code_date_and_telephone_in_boxes() -> None:
    x = 0.26
    found = values(
        [
            line("企业基本信息表", 0.4, 0.05, 0.6),
            line("统一社会信用代码", 0.09, 0.101, 0.24),
            comb("91420111MA4KXR5752", x, 0.1),
            line("成立日期", 0.09, 0.151, 0.17),
            line("2 0 1 7 年 0 5 月 1 6 日", x + 0.006, 0.151, x + 0.31),
            line("手机", 0.09, 0.201, 0.13),
            comb("17702758813", x, 0.2),
        ],
        [
            *boxes(x, 0.1, 18),
            *boxes(x, 0.15, 4),
            *boxes(x + 0.14, 0.15, 2),
            *boxes(x + 0.22, 0.15, 2),
            *boxes(x, 0.2, 11),
        ],
    )
    assert found["uscc"] == "91420111MA4KXR5752"
    assert found["established"] == "2017-05-16"
    assert found["mobile"] == "17702758813"


def test_a_code_in_boxes_of_a_tables_row() -> None:
    rules = [
        Ruling(x0=0.08, y0=0.08, x1=0.9, y1=0.08),
        Ruling(x0=0.08, y0=0.1, x1=0.9, y1=0.1),
        Ruling(x0=0.08, y0=0.12, x1=0.9, y1=0.12),
        Ruling(x0=0.08, y0=0.08, x1=0.08, y1=0.12),
        Ruling(x0=0.26, y0=0.08, x1=0.26, y1=0.12),
        Ruling(x0=0.9, y0=0.08, x1=0.9, y1=0.12),
        *(Ruling(x0=0.26 + i * SIDE, y0=0.1, x1=0.26 + i * SIDE, y1=0.12) for i in range(1, 19)),
    ]
    found = values(
        [
            line("企业名称", 0.1, 0.081, 0.18),
            line("武汉楚星数据服务有限公司", 0.28, 0.081, 0.5),
            line("统一社会信用代码", 0.09, 0.101, 0.24),
            # the reader cut the row into three
            comb("914201", 0.26, 0.1),
            comb("11MA4K", 0.26 + 6 * SIDE, 0.1),
            comb("XR5752", 0.26 + 12 * SIDE, 0.1),
        ],
        rules,
    )
    assert (found["name"], found["uscc"]) == ("武汉楚星数据服务有限公司", "91420111MA4KXR5752")


def test_columns_of_ticks_stay_columns() -> None:
    across = [Ruling(x0=0.1, y0=y, x1=0.1 + 9 * SIDE, y1=y) for y in (0.1, 0.12, 0.14)]
    uprights = [Ruling(x0=0.1 + i * SIDE, y0=0.1, x1=0.1 + i * SIDE, y1=0.14) for i in range(10)]
    signs = [line(str(i), 0.108 + i * SIDE, 0.101, 0.118 + i * SIDE) for i in range(9)]
    sheet = sheet_of(page(signs, [*across, *uprights]))
    assert len([cell for cell in sheet.cells if cell.ruled]) == 18


@given(st.text("0123456789ABCDEFGH", min_size=8, max_size=18), st.integers(1, 17))
def test_no_sign_is_lost_however_the_row_was_cut(text: str, cut: int) -> None:
    parts = [part for part in (text[:cut], text[cut:]) if part]
    lines = [comb(part, 0.26 + i * cut * SIDE, 0.1) for i, part in enumerate(parts)]
    sheet = sheet_of(page(lines, boxes(0.26, 0.1, len(text))))
    assert [cell.text for cell in sheet.cells if cell.lines] == [text]
