"""Dotted leaders: no text, and what binds a label to a value at the other side of the page."""

from __future__ import annotations

from pipeline.model import Box, Line
from pipeline.tables.leaders import without_leaders


def line(text: str, x0: float, x1: float, y: float) -> Line:
    return Line(text=text, box=Box(x0, y, x1, y + 0.02), confidence=1.0)


LED = (
    line("申报编号..", 0.14, 0.25, 0.10),
    line("....", 0.60, 0.66, 0.10),
    line("... CCIIP2023S00174", 0.68, 0.88, 0.10),
    line("联系人...", 0.14, 0.23, 0.14),
    line("白露", 0.82, 0.88, 0.14),
    line("注册资本（万元）", 0.14, 0.29, 0.18),
    line(".6000.00", 0.80, 0.88, 0.18),
    line("法定代表人………………廖承远", 0.14, 0.88, 0.22),
)


def test_dots_are_no_text() -> None:
    assert [one.text for one in without_leaders(LED)] == [
        "申报编号", "CCIIP2023S00174", "联系人", "白露", "注册资本（万元）", "6000.00", "法定代表人", "廖承远",
    ]  # fmt: skip


def test_a_label_reaches_as_far_as_its_dots() -> None:
    contact, person = without_leaders(LED)[2:4]
    assert 0 < person.box.x0 - contact.box.x1 < 0.01
    assert contact.centres[-1] < 0.2  # its characters stay where they are


def test_a_page_without_leaders_is_left_alone() -> None:
    lines = (line("Dalian Software Co., Ltd.", 0.1, 0.5, 0.1), line("等…", 0.1, 0.2, 0.2), line(".5", 0.6, 0.7, 0.2))
    assert without_leaders(lines) == lines
