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


# ------------------------------------------------------------------------------------ boxes behind, brackets, shadows


def behind(chosen: set[str], *, small: bool = False) -> NDArray[np.uint8]:
    """One option a line, a box right behind each; of circles the one with a dot may be a smaller sign (⊙)."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for i, name in enumerate(NAMES):
        x, y = 240 + SIGN * len(name) + 3, 300 + 60 * i
        for j in range(len(name)):
            left = 240 + j * SIGN
            for k in range(4):
                cv2.line(image, (left + 3, y + 2 + 6 * k), (left + SIGN - 6, y + 2 + 6 * k), (0, 0, 0), 2)
        centre = (x + SIDE // 2, y + SIDE // 2)
        if not small:
            cv2.rectangle(image, (x, y), (x + SIDE, y + SIDE), (0, 0, 0), -1 if name in chosen else 2)
        elif name in chosen:
            cv2.circle(image, centre, 8, (0, 0, 0), 2, cv2.LINE_AA)
            cv2.circle(image, centre, 2, (0, 0, 0), -1, cv2.LINE_AA)
        else:
            cv2.circle(image, centre, 12, (0, 0, 0), 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.7), np.uint8) if small else image


def options_of(image: NDArray[np.uint8]) -> dict[str, str]:
    """The states of options whose lines begin at their first character."""
    found = []
    for i, name in enumerate(NAMES):
        box = Box(240 / WIDTH, (296 + 60 * i) / HEIGHT, (240 + SIGN * len(name)) / WIDTH, (326 + 60 * i) / HEIGHT)
        found.append(Line(text=name, box=box, confidence=1.0))
    cell = cell_of(found, page=1, table=-1)
    return {o.name: o.state for o in read_options([cell], NAMES, boxes={1: tick_boxes(image)})}


def test_boxes_right_behind_their_options() -> None:
    states = options_of(behind({"物联网", "认知算法"}))
    assert {name for name, state in states.items() if state == "ticked"} == {"物联网", "认知算法"}
    assert set(states.values()) == {"ticked", "open"}


def test_a_dotted_circle_that_is_a_smaller_sign_than_the_empty_ones() -> None:
    states = options_of(behind({"物联网"}, small=True))
    assert {name for name, state in states.items() if state == "ticked"} == {"物联网"}
    assert set(states.values()) == {"ticked", "open"}


def bracketed(chosen: set[str], *, touching: bool = False, square: bool = False) -> NDArray[np.uint8]:
    """One option a line, a pair of brackets before each, a stroke in those chosen."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for i, name in enumerate(NAMES):
        y = 300 + 60 * i
        for x, way in ((180, 1), (222, -1)):
            if square:
                strokes = np.array([(x + 5 * way, y), (x, y), (x, y + 26), (x + 5 * way, y + 26)])
                cv2.polylines(image, [strokes], isClosed=False, color=(0, 0, 0), thickness=2)
            else:
                middle = (x + 22 * way, y + 13)
                cv2.ellipse(image, middle, (22, 22), 180 if way > 0 else 0, -36, 36, (0, 0, 0), 2)
        if name in chosen:
            far = 226 if touching else 212
            stroke = np.array([(188, y + 12), (197, y + 22), (far, y + 2)])
            cv2.polylines(image, [stroke], isClosed=False, color=(20, 20, 20), thickness=3)
        for j in range(len(name)):
            left = 240 + j * SIGN
            for k in range(4):
                cv2.line(image, (left + 3, y + 2 + 6 * k), (left + SIGN - 6, y + 2 + 6 * k), (0, 0, 0), 2)
    return image


def read_as_empty(image: NDArray[np.uint8]) -> dict[str, str]:
    """The options' states where the reader saw every pair of brackets empty, ticked or not."""
    found = []
    for i, name in enumerate(NAMES):
        box = Box(176 / WIDTH, (296 + 60 * i) / HEIGHT, (240 + SIGN * len(name)) / WIDTH, (330 + 60 * i) / HEIGHT)
        width = 64 + SIGN * len(name)
        centres = (4 / width, 46 / width, *((64 + SIGN * (j + 0.5)) / width for j in range(len(name))))
        found.append(Line(text="()" + name, box=box, confidence=1.0, centres=centres))
    cell = cell_of(found, page=1, table=-1)
    return {o.name: o.state for o in read_options([cell], NAMES, boxes={1: tick_boxes(image)})}


@pytest.mark.parametrize("square", [False, True])
@pytest.mark.parametrize("touching", [False, True])
def test_a_tick_between_brackets_that_the_reader_did_not_see(touching: bool, square: bool) -> None:
    """Read as (), it was silently taken for empty; a tick that touches a bracket hides the bracket, too."""
    states = read_as_empty(bracketed({"大数据", "人工智能"}, touching=touching, square=square))
    assert {name for name, state in states.items() if state == "ticked"} == {"大数据", "人工智能"}
    assert set(states.values()) == {"ticked", "open"}


def test_brackets_that_were_not_found_are_not_empty() -> None:
    image = bracketed(set())
    image[280:340, 170:236] = 255  # where those of the first option stood
    assert read_as_empty(image)[NAMES[0]] == "unclear"


@pytest.mark.parametrize("shape", ["brackets", "circle"])
def test_a_folds_shadow_is_no_tick(shape: str) -> None:
    image = (bracketed({"客户服务"}) if shape == "brackets" else page("circle", {"客户服务"})).astype(np.float32)
    middle = 202 if shape == "brackets" else 211
    shade = 1 - 0.22 * np.exp(-(((np.arange(WIDTH) - middle) / 8.0) ** 2))
    image *= shade[None, :, None]
    folded = np.asarray(image, np.uint8)
    states = read_as_empty(folded) if shape == "brackets" else options(tick_boxes(folded))
    assert [name for name, state in states.items() if state == "ticked"] == ["客户服务"]


def test_a_mark_far_fainter_than_the_others_is_unclear() -> None:
    states = options(drawn([0.0, 0.75, 0.0, 0.29, 0.0, 0.74]))
    assert [states[name] for name in NAMES] == ["open", "ticked", "open", "unclear", "open", "ticked"]


def test_brackets_that_lost_the_foot_of_one_end() -> None:
    """Blur leaves one pixel of the upper foot of a thin [."""
    image = bracketed({"大数据"}, square=True)
    for i in range(len(NAMES)):
        y = 300 + 60 * i
        image[y - 2 : y + 3, 183:187] = 255
        image[y - 2 : y + 3, 216:220] = 255
    states = read_as_empty(image)
    assert [name for name, state in states.items() if state == "ticked"] == ["大数据"]
    assert set(states.values()) == {"ticked", "open"}


def test_tiny_circles_and_a_larger_dotted_one() -> None:
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for i, name in enumerate(NAMES):
        x, y = 226, 312 + 60 * i
        cv2.circle(image, (x, y), 9 if name == "大数据" else 5, (0, 0, 0), 1, cv2.LINE_AA)
        if name == "大数据":
            cv2.circle(image, (x, y), 2, (0, 0, 0), -1, cv2.LINE_AA)
        for j in range(len(name)):
            left = 240 + j * SIGN
            for k in range(4):
                cv2.line(image, (left + 3, y - 10 + 6 * k), (left + SIGN - 6, y - 10 + 6 * k), (0, 0, 0), 2)
    states = options_of(image)
    assert [name for name, state in states.items() if state == "ticked"] == ["大数据"]
    assert set(states.values()) == {"ticked", "open"}
