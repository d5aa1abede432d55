"""Rules, quads and lines: what belongs together and what does not. Geometry alone, no engine."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.intake.text import TextChar, TextPage
from pipeline.model import Box, Line, Ruling
from pipeline.reading.crops import faded, field_cut, field_row
from pipeline.reading.echoes import without_echoes
from pipeline.reading.lines import cut_at_gaps, in_reading_order
from pipeline.reading.quads import clockwise, cut_at_rules, cut_between_rows, grown_to_ink, quad_box
from pipeline.reading.rulings import ink_grid, page_ink, rulings
from pipeline.reading.textlayer import is_junk, lines_of_chars
from tests.intake_pages import form_picture

WIDTH, HEIGHT = 1654, 2339
SIZE = (WIDTH, HEIGHT)


def quad(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


@pytest.fixture(scope="module")
def form() -> np.ndarray:
    return form_picture()


# ------------------------------------------------------------------------------------------------------- rules


def expect_form_grid(image: np.ndarray) -> None:
    found = rulings(image)
    across = sorted(r.y0 * 842 for r in found if r.horizontal and r.x1 - r.x0 > 0.7)
    down = sorted({round(r.x0 * 595 / 4) * 4 for r in found if not r.horizontal and r.y1 - r.y0 > 0.25})
    assert across == pytest.approx([120 + 34 * i for i in range(9)], abs=1.5)
    assert down == [60, 220, 536]


def test_rules_of_a_form(form: np.ndarray) -> None:
    expect_form_grid(form)
    assert len(rulings(form)) <= 14  # no stroke of a character passes for one


def test_faint_broken_and_leaning_rules(form: np.ndarray) -> None:
    faint = cv2.addWeighted(form, 0.45, np.full_like(form, 250), 0.55, 0)
    expect_form_grid(faint)
    broken = form.copy()
    broken[:, ::97] = 245  # a hole every half inch, as worn print has
    expect_form_grid(broken)
    lean = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0.12, 1)
    expect_form_grid(cv2.warpAffine(form, lean, (form.shape[1], form.shape[0]), borderValue=(245, 248, 250)))


def test_no_rules_in_prose(form: np.ndarray) -> None:
    assert rulings(form[1180:]) == ()


def test_signatures_show_where_no_text_is(form: np.ndarray) -> None:
    signed = form.copy()
    stroke = np.array([[900, 2100], [960, 2050], [1000, 2120], [1080, 2060], [1150, 2110]], np.int32)
    cv2.polylines(signed, [stroke], False, (90, 60, 50), 4, cv2.LINE_AA)
    stamped = form.copy()
    cv2.circle(stamped, (1020, 2085), 60, (70, 70, 220), 8, cv2.LINE_AA)
    place = Box(0.5, 0.86, 0.72, 0.92)
    empty = ink_grid(form, rulings(form)).coverage(place)
    assert empty < 0.01
    assert ink_grid(signed, rulings(signed)).coverage(place) > 0.05
    assert ink_grid(stamped, rulings(stamped)).coverage(place) < 0.01  # a seal's ink is no signature


@pytest.mark.parametrize("pen", [(160, 60, 40), (40, 40, 40), (120, 60, 60)])  # blue, black, blue-black; BGR
@pytest.mark.parametrize("seal", [(60, 50, 205), (50, 40, 150), (110, 100, 225)])  # bright, dark, faint
def test_a_pens_strokes_are_told_from_a_seals(pen: tuple[int, int, int], seal: tuple[int, int, int]) -> None:
    """Beside, over and under red ink; blue and black alike."""
    page = np.full((2339, 1654, 3), 248, np.uint8)
    stamped = page.astype(np.float32)
    ring = np.full_like(page, 255)
    cv2.circle(ring, (1000, 1200), 165, seal, 9, cv2.LINE_AA)
    cv2.putText(ring, "ABCDEFG", (880, 1150), cv2.FONT_HERSHEY_SIMPLEX, 1.6, seal, 6, cv2.LINE_AA)
    stamped = (stamped * ring / 255).astype(np.uint8)
    strokes = np.full_like(page, 255)
    line_ = np.array([[860, 1230], [920, 1180], [960, 1260], [1040, 1190], [1120, 1250]], np.int32)
    cv2.polylines(strokes, [line_], False, pen, 4, cv2.LINE_AA)
    signed = (stamped.astype(np.float32) * strokes / 255).astype(np.uint8)
    place = Box(0.5, 0.49, 0.72, 0.55)
    assert ink_grid(stamped, ()).coverage(place) < 0.005
    assert ink_grid(signed, ()).coverage(place) > 0.03


# ------------------------------------------------------------------------------------------------------- quads


def test_a_quad_over_two_cells_is_cut() -> None:
    wall = Ruling(x0=0.4, y0=0.1, x1=0.4, y1=0.3)
    short = Ruling(x0=0.6, y0=0.198, x1=0.6, y1=0.212)  # a stroke of a large character
    left, right = cut_at_rules([quad(200, 470, 1200, 505)], [wall, short], SIZE)
    assert left[:, 0].max() == pytest.approx(0.4 * WIDTH, abs=4)
    assert right[:, 0].min() == pytest.approx(0.4 * WIDTH, abs=4)
    assert (left[:, 0].min(), right[:, 0].max()) == (200, 1200)


def test_a_quad_over_two_rows_is_cut() -> None:
    floor = Ruling(x0=0.1, y0=0.2, x1=0.9, y1=0.2)
    others = [quad(100, y, 400, y + 38) for y in (700, 760, 820)]
    upper, lower, *_ = cut_at_rules([quad(300, 430, 700, 505), *others], [floor], SIZE)
    assert upper[:, 1].max() < 0.2 * HEIGHT + 4 < lower[:, 1].min() + 8
    # An underline is no floor between two rows.
    assert len(cut_at_rules([quad(300, 425, 700, 475), *others], [floor], SIZE)) == 4
    # A line of the usual height that is struck through is one line.
    assert len(cut_at_rules([quad(300, 450, 700, 488), *others], [floor], SIZE)) == 4


def test_corners_of_a_leaning_line_begin_at_its_start() -> None:
    box = cv2.boxPoints(((500.0, 500.0), (400.0, 30.0), 12.0))
    for shift in range(4):
        ordered = clockwise(np.roll(box, shift, axis=0).astype(np.float32))
        assert ordered[1, 0] - ordered[0, 0] > 350
        assert ordered[3, 1] > ordered[0, 1]


def test_a_lost_sign_beside_a_line_is_taken_in() -> None:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.line(page, (300, 500), (326, 500), (0, 0, 0), 3)  # 一
    cv2.putText(page, "12345678", (350, 515), 0, 1.2, (0, 0, 0), 2)
    line = quad(340, 478, 560, 524)
    (grown,) = grown_to_ink([line], page_ink(page).mask, (), SIZE)
    assert grown[0, 0] < 300
    wall = Ruling(x0=333 / WIDTH, y0=0.1, x1=333 / WIDTH, y1=0.4)
    (kept,) = grown_to_ink([line], page_ink(page).mask, (wall,), SIZE)
    assert kept[0, 0] == 340  # what stands in the next cell stays there


def test_boxes_stay_on_the_page() -> None:
    assert quad_box(quad(-20, -5, 1700, 50), *SIZE) == Box(0.0, 0.0, 1.0, round(50 / HEIGHT, 5))


# ------------------------------------------------------------------------------------------------------- lines


def line(text: str, x0: float, x1: float, places: list[float], y: float = 0.5) -> Line:
    centres = tuple((p - x0) / (x1 - x0) for p in places)
    return Line(text=text, box=Box(x0, y, x1, y + 0.015), confidence=0.9, centres=centres, scores=(0.9,) * len(text))


def spread(text: str, start: float, step: float) -> list[float]:
    return [start + step * i for i in range(len(text))]


ASPECT = 210 / 297


def test_two_figures_read_as_one_line_are_cut() -> None:
    a, b = "1,234.56", "7,890.12"
    places = spread(a, 0.2, 0.009) + spread(b, 0.31, 0.009)
    cut = cut_at_gaps(line(a + b, 0.195, 0.38, places), ASPECT)
    assert [c.text for c in cut] == [a, b]
    assert cut[0].box.x1 < cut[1].box.x0
    assert cut[0].centres[-1] < 1
    assert cut[1].box.x1 == 0.38


def test_label_and_figure_are_cut_and_spaced_labels_are_not() -> None:
    label, figure = "货币资金", "28,937.35"
    places = spread(label, 0.1, 0.016) + spread(figure, 0.2, 0.009)
    assert [c.text for c in cut_at_gaps(line(label + figure, 0.09, 0.28, places), ASPECT)] == [label, figure]
    spaced = line("法定代表人", 0.1, 0.3, spread("法定代表人", 0.11, 0.04))
    assert cut_at_gaps(spaced, ASPECT) == [spaced]
    title = line("项目", 0.1, 0.2, [0.115, 0.15])
    assert cut_at_gaps(title, ASPECT) == [title]


def test_close_figures_are_one() -> None:
    whole = line("1,234,567.89", 0.1, 0.215, spread("1,234,567.89", 0.105, 0.009))
    assert cut_at_gaps(whole, ASPECT) == [whole]


def test_reading_order_goes_by_rows() -> None:
    pieces = [
        line("b", 0.6, 0.7, [0.65], y=0.1),
        line("a", 0.1, 0.2, [0.15], y=0.103),
        line("c", 0.1, 0.2, [0.15], y=0.13),
    ]
    assert [p.text for p in in_reading_order(pieces)] == ["a", "b", "c"]


# -------------------------------------------------------------------------------------------------- text layer


def chars(text: str, x: float, y: float, step: float = 0.018, size: float = 0.013) -> list[TextChar]:
    return [TextChar(c, Box(x + step * i, y, x + step * i + step * 0.95, y + size)) for i, c in enumerate(text)]


def test_cells_that_stand_apart_stay_apart() -> None:
    page = chars("营业收入", 0.1, 0.3) + chars("34,999.97", 0.5, 0.3005, 0.009) + chars("12", 0.9, 0.2995, 0.009)
    got = lines_of_chars([(c.text, c.box) for c in page])
    assert [g.text for g in got] == ["营业收入", "34,999.97", "12"]
    assert all(len(g.centres) == len(g.text) == len(g.scores) for g in got)


def test_a_rule_between_two_cells_parts_them() -> None:
    page = [(c.text, c.box) for c in chars("66,411.26", 0.1, 0.3, 0.009) + chars("短期借款", 0.185, 0.3)]
    assert len(lines_of_chars(page)) == 1
    wall = Ruling(x0=0.182, y0=0.1, x1=0.182, y1=0.9)
    assert [g.text for g in lines_of_chars(page, rules=[wall])] == ["66,411.26", "短期借款"]


def test_radicals_and_double_print() -> None:
    bold = [TextChar(c.text, Box(*(v + 0.0004 for v in c.box))) for c in chars("⽬⻓", 0.1, 0.3)]
    (got,) = lines_of_chars([(c.text, c.box) for c in chars("⽬⻓", 0.1, 0.3) + bold])
    assert got.text == "目长"


def test_junk_layers() -> None:
    good = tuple(chars("本企业承诺以上填报内容真实", 0.1, 0.3))
    assert not is_junk(TextPage(good))
    assert is_junk(TextPage(good[:3]))
    assert is_junk(TextPage(good, invisible=1.0))
    assert is_junk(TextPage(good, pictured=1.0))
    assert is_junk(TextPage(tuple(TextChar("(cid:12)", c.box) for c in good)))
    assert is_junk(TextPage(tuple(TextChar("\ue123", c.box) for c in good)))


# ------------------------------------------------------------------------------------------------------- crops


def test_coloured_ink_fades_and_black_stays() -> None:
    crop = np.full((60, 300, 3), 248, np.uint8)
    cv2.putText(crop, "34,999.97", (10, 45), 0, 1.4, (30, 30, 30), 3)
    stamped = cv2.multiply(crop, np.full_like(crop, (90, 90, 230)), scale=1 / 255)
    clean = faded(stamped)
    assert clean[5, 290].min() > 200
    assert np.abs((clean[:, :, 0] < 128).astype(int) - (crop[:, :, 0] < 128)).mean() < 0.02
    assert (faded(crop)[:, :, 0].astype(int) - crop[:, :, 0]).max() <= 1


def test_crops_have_one_height_and_no_rules(form: np.ndarray) -> None:
    crop = field_row(field_cut(form, Box(222 / 595, 222 / 842, 330 / 595, 256 / 842)), 48)
    assert crop.shape[0] == 48
    assert (crop[:4] < 128).mean() < 0.05
    assert (crop[-4:] < 128).mean() < 0.05
    assert (crop < 128).mean() > 0.02
    assert field_row(field_cut(form, Box(1.0, 1.0, 1.0, 1.0)), 48).shape[0] == 48


def test_a_leaning_quad_about_as_wide_as_high_holds_two_rows() -> None:
    dark = np.zeros((400, 400), np.uint8)
    dark[104:122, 100:160] = 1
    dark[134:152, 108:152] = 1
    usual = [quad(10, 20 + 40 * i, 90, 44 + 40 * i) for i in range(6)]
    leaning = np.array([[92, 106], [152, 94], [168, 152], [104, 162]], np.float32)
    found = cut_between_rows([*usual, leaning], dark, (400, 400))
    assert len(found) == 8
    rows = sorted((float(q[:, 1].min()), float(q[:, 1].max())) for q in found[6:])
    assert rows[0][1] <= 134 and rows[1][0] >= 122
    title = np.array([[90, 96], [170, 96], [170, 160], [90, 160]], np.float32)  # 二 in a page of large print
    assert len(cut_between_rows([quad(0, 60 * i, 90, 60 + 60 * i) for i in range(5)] + [title], dark, (400, 400))) == 6


def test_a_strip_of_a_line_read_once_more_is_left_out() -> None:
    whole = Line(text="二、营业利润（亏损以", box=Box(0.129, 0.441, 0.278, 0.458), confidence=0.999)
    strip = Line(text="二·营业利序", box=Box(0.133, 0.45, 0.221, 0.459), confidence=0.62)
    tail = Line(text="“-”号填列）", box=Box(0.132, 0.457, 0.22, 0.473), confidence=0.93)
    note = Line(text="收讫章", box=Box(0.14, 0.443, 0.2, 0.457), confidence=0.7)  # other words over it
    assert without_echoes([whole, strip, tail, note]) == [whole, tail, note]
    wider = Line(text="营业利润", box=Box(0.14, 0.442, 0.33, 0.455), confidence=0.97)  # ran on over blank paper
    assert without_echoes([whole, wider]) == [whole]
    beside = wider.model_copy(update={"box": Box(0.26, 0.442, 0.45, 0.455)})
    assert without_echoes([whole, beside]) == [whole, beside]
    same = Line(text=whole.text, box=whole.box, confidence=whole.confidence)
    assert len(without_echoes([whole, same])) == 2  # neither is surer


def test_the_end_of_a_line_read_with_the_seal_below_it_is_an_echo() -> None:
    """The name seal of the legal representative under the last row of a balance sheet: its crop took the row in."""
    total = Line(text="负债和所有者权益（或股东权益）总计", box=Box(0.09, 0.788, 0.379, 0.806), confidence=0.981)
    sealed = Line(text="东权益）总计", box=Box(0.274, 0.79, 0.396, 0.83), confidence=0.964)
    seal = Line(text="印致", box=Box(0.274, 0.83, 0.396, 0.871), confidence=0.9)
    assert without_echoes([total, sealed, seal]) == [total, seal]
    below = sealed.model_copy(update={"box": Box(0.274, 0.803, 0.396, 0.83)})  # the next row, which says the same
    assert without_echoes([total, below]) == [total, below]
