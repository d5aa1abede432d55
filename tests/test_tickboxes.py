"""Boxes to tick: found on drawn pages by their frames, told by what was put into them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.model import Box, Line, TickBox
from pipeline.reading.quads import cut_between_rows
from pipeline.reading.tickboxes import tick_boxes
from pipeline.tables.grid import cell_of
from pipeline.tables.ticks import read_options, ticked, unclaimed

NAMES = ("云计算", "大数据", "物联网", "客户服务", "人工智能", "认知算法")
WIDTH, HEIGHT = 1654, 2339
SIDE, SIGN = 22, 28  # px: a box, a character


def page(mark: str, chosen: set[str], *, blur: float = 0.0) -> NDArray[np.uint8]:
    """One option a line, a box before each, drawn bars for characters."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for i, name in enumerate(NAMES):
        x, y = 200, 300 + 60 * i
        if mark == "circle":
            cv2.circle(image, (x + SIDE // 2, y + SIDE // 2), SIDE // 2, (0, 0, 0), 2)
        else:
            cv2.rectangle(image, (x, y), (x + SIDE, y + SIDE), (0, 0, 0), 2)
        if name in chosen:
            _tick(image, mark, x, y)
        for j in range(len(name)):  # strokes of a character
            left = 240 + j * SIGN
            for k in range(4):
                cv2.line(image, (left + 3, y + 2 + 6 * k), (left + SIGN - 6, y + 2 + 6 * k), (0, 0, 0), 2)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), blur) if blur else image, np.uint8)


def _tick(image: NDArray[np.uint8], mark: str, x: int, y: int) -> None:
    if mark in ("check", "pen", "red pen"):
        far = 4 if mark == "check" else -12  # a pen runs out of the box
        colour = (40, 40, 200) if mark == "red pen" else (20, 20, 20)
        stroke = np.array([(x + 3, y + 10), (x + 10, y + 18), (x + SIDE - far, y + far)])
        cv2.polylines(image, [stroke], isClosed=False, color=colour, thickness=3)
    elif mark == "cross":
        cv2.line(image, (x + 3, y + 3), (x + SIDE - 3, y + SIDE - 3), (0, 0, 0), 3)
        cv2.line(image, (x + SIDE - 3, y + 3), (x + 3, y + SIDE - 3), (0, 0, 0), 3)
    elif mark == "full":
        cv2.rectangle(image, (x, y), (x + SIDE, y + SIDE), (0, 0, 0), -1)
    elif mark == "circle":
        cv2.circle(image, (x + SIDE // 2, y + SIDE // 2), 5, (0, 0, 0), -1)
    elif mark == "beside":
        cv2.line(image, (x - 12, y + 2), (x - 5, y + SIDE - 2), (20, 20, 20), 3)


def lines(text: str = "{}") -> list[Line]:
    """What a reader returns of it: names, the boxes lost."""
    found = []
    for i, name in enumerate(NAMES):
        box = Box(200 / WIDTH, (296 + 60 * i) / HEIGHT, (240 + SIGN * len(name)) / WIDTH, (326 + 60 * i) / HEIGHT)
        centres = tuple((40 + SIGN * (j + 0.5)) / (40 + SIGN * len(name)) for j in range(len(name)))
        found.append(Line(text=name, box=box, confidence=1.0, centres=centres))
    return found


def options(boxes: tuple[TickBox, ...]) -> dict[str, str]:
    cell = cell_of(lines(), page=1, table=-1)
    return {option.name: option.state for option in read_options([cell], NAMES, boxes={1: boxes})}


@pytest.mark.parametrize("blur", [0.0, 1.0])
@pytest.mark.parametrize("mark", ["check", "pen", "red pen", "cross", "full", "circle"])
def test_ticked_boxes_whose_signs_the_reader_lost(mark: str, blur: float) -> None:
    states = options(tick_boxes(page(mark, {"大数据", "人工智能"}, blur=blur)))
    assert {name for name, state in states.items() if state == "ticked"} == {"大数据", "人工智能"}
    assert all(state == "open" for name, state in states.items() if name not in ("大数据", "人工智能"))


def test_a_stroke_beside_its_box_is_not_an_empty_box() -> None:
    assert options(tick_boxes(page("beside", {"大数据"})))["大数据"] == "unclear"


def test_nothing_ticked_and_nothing_found() -> None:
    assert set(options(tick_boxes(page("check", set()))).values()) == {"open"}
    assert tick_boxes(np.full((HEIGHT, WIDTH, 3), 255, np.uint8)) == ()


def drawn(fills: list[float], **of_first: float) -> tuple[TickBox, ...]:
    boxes = []
    for i, fill in enumerate(fills):
        y = (300 + 60 * i) / HEIGHT
        box = Box(200 / WIDTH, y, (200 + SIDE) / WIDTH, y + SIDE / HEIGHT)
        boxes.append(TickBox(box=box, filled=fill, **(of_first if i == 0 else {})))
    return tuple(boxes)


def test_a_box_between_empty_and_filled_is_unclear() -> None:
    states = options(drawn([0.0, 0.0, 0.08, 0.0, 0.6, 0.0]))
    assert (states["物联网"], states["人工智能"], states["云计算"]) == ("unclear", "ticked", "open")
    assert options(drawn([0.0, 0.0, 0.15, 0.0, 0.6, 0.0]))["物联网"] == "unclear"  # a speck amid solid ticks


def test_an_option_without_a_box_where_others_have_one_is_unclear() -> None:
    boxes = [box for i, box in enumerate(drawn([0.0, 0.5, 0.0, 0.0, 0.0, 0.0])) if i != 2]
    assert options(tuple(boxes))["物联网"] == "unclear"


def test_boxes_that_are_all_filled_tell_nothing() -> None:
    assert "ticked" not in options(drawn([0.5] * len(NAMES))).values()


def test_a_sign_and_a_box_that_differ() -> None:
    marked = [line.model_copy(update={"text": "☑" + line.text, "centres": ()}) for line in lines()[:1]]
    cell = cell_of([*marked, *lines()[1:]], page=1, table=-1)
    read = read_options([cell], NAMES, boxes={1: drawn([0.0, 0.5, 0.0, 0.0, 0.0, 0.0])})
    assert {o.name: o.state for o in read}["云计算"] == "unclear"
    assert [o.name for o in ticked(read)] == ["大数据"]


def test_text_that_is_no_option_is_told() -> None:
    cell = cell_of(lines(), page=1, table=-1)
    assert unclaimed(cell, NAMES) == ()
    assert unclaimed(cell, NAMES[1:]) == ("云计算",)


def test_two_rows_read_as_one_are_cut_between() -> None:
    dark = np.zeros((400, 800), np.uint8)
    dark[110:130, 100:300] = dark[140:160, 100:220] = 1  # a label wrapped in its cell
    dark[200:220, 100:300] = dark[240:260, 100:300] = dark[280:300, 100:300] = 1
    quads = [
        np.array([(98, a), (302, a), (302, b), (98, b)], np.float32)
        for a, b in ((105, 165), (196, 224), (236, 264), (276, 304))
    ]
    cut = cut_between_rows(quads, dark, (800, 400))
    assert len(cut) == 5
    assert abs(float(cut[0][2][1]) - 135) < 4 and abs(float(cut[1][0][1]) - 135) < 4
