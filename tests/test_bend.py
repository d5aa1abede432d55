"""Paper that does not lie flat: found, straightened, and boxes carried back to the page as scanned."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intake.bend import COLUMNS, ROWS, find_bend, joined, unbent
from pipeline.intake.sheet import find_sheet
from pipeline.intake.upright import to_scan_box, to_upright_box, warped
from pipeline.model import Bend, Box, Page
from samples.wear import folded, rolled

Image = np.ndarray
SIZE = (827, 1169)  # A4 at 100 dpi
LINES = [(y, x0, x1) for y in range(110, 1050, 42) for x0, x1 in ((90, 400), (440, 730))]


def ruled_page() -> Image:
    """Runs of marks like text between rules across and down."""
    page = np.full((SIZE[1], SIZE[0], 3), 250, np.uint8)
    for y, x0, x1 in LINES:
        for x in range(x0, x1, 17):
            cv2.rectangle(page, (x, y - 7), (x + 11, y + 6), (30, 30, 30), 2)
    for y in range(90, 1060, 84):
        cv2.line(page, (70, y), (760, y), (20, 20, 20), 1)
    for x in (70, 420, 760):
        cv2.line(page, (x, 90), (x, 1014), (20, 20, 20), 1)
    return page


def quads() -> list[np.ndarray]:
    return [np.array([(x0, y - 12), (x1, y - 12), (x1, y + 12), (x0, y + 12)], np.float32) for y, x0, x1 in LINES]


def page_of(image: Image, bend: Bend | None) -> Page:
    height, width = image.shape[:2]
    return Page(
        number=1, file="a.png", index=0, sha256="", width=width, height=height,
        upright_width=width, upright_height=height, bend=bend,
    )  # fmt: skip


def crookedness(image: Image) -> float:
    """How far rules across leave a straight line, px, the middle one."""
    dark = cv2.adaptiveThreshold(image.max(axis=2), 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 14)
    rules = cv2.morphologyEx(cv2.dilate(dark, np.ones((3, 1), np.uint8)), cv2.MORPH_OPEN, np.ones((1, 40), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rules)
    ranges = []
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_WIDTH] > 0.5 * SIZE[0]:
            ys, xs = np.nonzero(labels == label)
            middles = [ys[(xs // 40) == c].mean() for c in range(xs.min() // 40, xs.max() // 40)]
            ranges.append(np.ptp(middles))
    return float(np.median(ranges))


@pytest.mark.parametrize(
    "worn",
    [rolled(ruled_page(), 14), folded(ruled_page(), 20, across=False), folded(ruled_page(), 20, across=True)],
    ids=["rolled", "folded down", "folded across"],
)
def test_bent_paper_is_straightened(worn: object) -> None:
    image = worn.image  # type: ignore[attr-defined]
    bend = find_bend(image, quads())
    assert bend is not None
    again = find_bend(unbent(image, bend), quads())
    rest = max(map(abs, (*again.across, *again.down))) if again else 0.0
    assert rest < 0.35 * max(map(abs, (*bend.across, *bend.down)))


def test_rules_of_a_rolled_page_become_straight() -> None:
    worn = rolled(ruled_page(), 14, ground=(250, 250, 250))
    bend = find_bend(worn.image, quads())
    assert bend is not None
    assert crookedness(worn.image) > 8
    assert crookedness(unbent(worn.image, bend)) < 2.5


def test_a_flat_page_is_left_as_it_is() -> None:
    assert find_bend(ruled_page(), quads()) is None
    assert find_bend(np.full((1169, 827, 3), 250, np.uint8), []) is None


def test_a_round_seal_and_a_signature_bend_no_page() -> None:
    page = np.full((SIZE[1], SIZE[0], 3), 250, np.uint8)
    for radius in range(40, 220, 22):
        cv2.circle(page, (400, 600), radius, (40, 40, 210), 3)
    wave = [(x, int(900 + 30 * np.sin(x / 40))) for x in range(200, 600)]
    cv2.polylines(page, [np.array(wave, np.int32)], False, (30, 30, 30), 2)
    assert find_bend(page, []) is None


def test_the_edges_of_a_sheet_tell_where_print_is_scarce() -> None:
    """A page with a seal and three short lines: only its edges, on darker ground, show that it is rolled."""
    page = np.full((SIZE[1], SIZE[0], 3), 250, np.uint8)
    cv2.rectangle(page, (560, 250), (700, 330), (50, 50, 210), 4)
    worn = rolled(page, 14)
    assert find_bend(worn.image, []) is None
    bend = find_bend(worn.image, [], photo=True)
    assert bend is not None
    flat = unbent(worn.image, bend)
    ys, xs = np.nonzero((flat[:, :, 2] > 150) & (flat[:, :, 0] < 100))
    top = [ys[xs == x].min() for x in range(xs.min() + 5, xs.max() - 5)]
    ys, xs = np.nonzero((worn.image[:, :, 2] > 150) & (worn.image[:, :, 0] < 100))
    was = [ys[xs == x].min() for x in range(xs.min() + 5, xs.max() - 5)]
    assert np.ptp(top) <= 0.5 * np.ptp(was)
    torn = worn.image.copy()
    cv2.fillPoly(torn, [np.array([[380, 0], [520, 0], [450, 180]], np.int32)], (96, 88, 80))
    assert find_bend(torn, [], photo=True) is None


def test_a_curled_sheet_is_found_with_all_that_bulges() -> None:
    page = ruled_page()
    cv2.circle(page, (413, 9), 5, (20, 20, 220), -1)  # at the very top, where it bulges most
    worn = rolled(page, 20)
    height, width = worn.image.shape[:2]
    sheet = find_sheet(worn.image, (width, height))
    assert sheet is not None and sheet.slanted and sheet.dpi == pytest.approx(100, abs=9)
    flat = warped(worn.image, sheet.matrix, sheet.size, (255, 255, 255))
    assert int(((flat[:, :, 2] > 150) & (flat[:, :, 0] < 90)).sum()) > 40


def test_boxes_lead_back_to_the_page_as_scanned() -> None:
    """A spot of the straightened page lies within 1 % of where the bent page shows it."""
    worn = rolled(ruled_page(), 14)
    bend = find_bend(worn.image, quads())
    assert bend is not None
    flat = unbent(worn.image, bend)
    page = page_of(flat, bend)
    height, width = flat.shape[:2]
    mark = np.full_like(worn.image, 255)
    for x, y in ((0.3, 0.3), (0.5, 0.5), (0.7, 0.75)):
        mark[:] = 255
        cv2.circle(mark, (round(x * width), round(y * height)), 6, (0, 0, 0), -1)
        ys, xs = np.nonzero(unbent(mark, bend)[:, :, 0] < 128)
        spot = Box(xs.mean() / width, ys.mean() / height, xs.mean() / width, ys.mean() / height)
        there = to_scan_box(page, spot)
        assert (there.cx, there.cy) == pytest.approx((x, y), abs=0.01)


smooth = st.tuples(*[st.floats(-0.02, 0.02) for _ in range(6)])
inner = st.floats(0.15, 0.85)


def bend_of(numbers: tuple[float, ...]) -> Bend:
    xs, ys = np.meshgrid(np.linspace(0, 1, COLUMNS), np.linspace(0, 1, ROWS))
    a, b, c, d, e, f = numbers
    across = a * np.sin(3 * ys + b * 50) + c * (xs - 0.5) * ys
    down = d * np.sin(3 * xs + e * 50) + f * (ys - 0.5) * xs
    return Bend(columns=COLUMNS, rows=ROWS, across=tuple(across.ravel()), down=tuple(down.ravel()))


@given(smooth, inner, inner)
def test_spots_come_back_through_a_bend(numbers: tuple[float, ...], x: float, y: float) -> None:
    page = page_of(np.zeros((1169, 827, 3), np.uint8), bend_of(numbers))
    spot = Box(x, y, x, y)
    back = to_upright_box(page, to_scan_box(page, spot))
    assert (back.cx, back.cy) == pytest.approx((x, y), abs=1e-3)


@settings(max_examples=30)
@given(smooth, smooth, inner, inner)
def test_two_bends_are_one(first: tuple[float, ...], then: tuple[float, ...], x: float, y: float) -> None:
    one, two = bend_of(first), bend_of(then)
    blank = np.zeros((1169, 827, 3), np.uint8)
    spot = Box(x, y, x, y)
    step = to_scan_box(page_of(blank, one), to_scan_box(page_of(blank, two), spot))
    leap = to_scan_box(page_of(blank, joined(one, two)), spot)
    assert (leap.cx, leap.cy) == pytest.approx((step.cx, step.cy), abs=2e-3)


def test_a_box_over_the_whole_width_holds_the_whole_bent_line() -> None:
    page = page_of(np.zeros((1169, 827, 3), np.uint8), bend_of((0, 0, 0, 0.02, 0, 0)))
    line = Box(0.05, 0.5, 0.95, 0.51)
    assert to_scan_box(page, line).height > line.height + 0.015
