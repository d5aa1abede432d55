"""Pages put upright, and boxes carried between the upright page and the page as scanned."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.codes import read_codes
from pipeline.intake.look import Looked, look
from pipeline.intake.paper import plausible_dpi
from pipeline.intake.sheet import find_sheet
from pipeline.intake.split import make_cover_payload
from pipeline.intake.upright import fractions_to_scan, mapped, skewed, to_scan_box, to_upright_box, turned, warped
from pipeline.model import Box, Page
from tests.intake_pages import form_picture

SIZE = (1654, 2339)


def page_of(matrix: np.ndarray, size: tuple[int, int], scan: tuple[int, int] = SIZE) -> Page:
    return Page(
        number=1,
        file="a.png",
        index=0,
        sha256="",
        width=scan[0],
        height=scan[1],
        to_scan=fractions_to_scan(matrix, scan, size),
        upright_width=size[0],
        upright_height=size[1],
    )


def transform(rotation: int, degrees: float) -> tuple[np.ndarray, tuple[int, int]]:
    first, size = turned(SIZE, rotation)
    then, size = skewed(size, degrees)
    return then @ first, size


fractions = st.floats(0.3, 0.7)  # on the scan under every turn


@given(st.sampled_from([0, 90, 180, 270]), st.floats(-12, 12), fractions, fractions)
def test_points_come_back(rotation: int, degrees: float, x: float, y: float) -> None:
    matrix, size = transform(rotation, degrees)
    page = page_of(matrix, size)
    spot = Box(x, y, x, y)
    there_and_back = to_upright_box(page, to_scan_box(page, spot))
    assert there_and_back.cx == pytest.approx(x, abs=1e-4)
    assert there_and_back.cy == pytest.approx(y, abs=1e-4)


@given(st.sampled_from([0, 90, 180, 270]), st.floats(-12, 12))
def test_round_things_keep_tight_boxes(rotation: int, degrees: float) -> None:
    matrix, size = transform(rotation, degrees)
    page = page_of(matrix, size)
    diameter = 315  # px: 40 mm at 200 dpi
    box = Box(0.4, 0.4, 0.4 + diameter / size[0], 0.4 + diameter / size[1])
    scan = to_scan_box(page, box, round=True)
    assert scan.width * SIZE[0] == pytest.approx(diameter, rel=0.01)
    assert scan.height * SIZE[1] == pytest.approx(diameter, rel=0.01)
    assert to_scan_box(page, box).area >= scan.area * 0.99


def test_quarter_turns_move_pixels_untouched() -> None:
    image = np.random.default_rng(0).integers(0, 255, (60, 40, 3), np.uint8)
    for rotation in (0, 90, 180, 270):
        matrix, size = turned((40, 60), rotation)
        assert np.array_equal(warped(image, matrix, size, (0, 0, 0)), np.rot90(image, -rotation // 90))


def test_an_upright_page_keeps_its_boxes_exactly() -> None:
    matrix, size = turned(SIZE, 0)
    box = Box(0.123456, 0.2, 0.3, 0.4)
    assert to_scan_box(page_of(matrix, size), box) == box


def test_the_picture_and_the_points_move_alike() -> None:
    image = np.full((600, 400, 3), 255, np.uint8)
    cv2.circle(image, (300, 100), 9, (0, 0, 0), -1)
    first, size = turned((400, 600), 90)
    then, size = skewed(size, 7.0)
    moved = warped(image, then @ first, size, (255, 255, 255))
    ys, xs = np.nonzero(moved[:, :, 0] < 128)
    expected = mapped(then @ first, np.array([[300.5, 100.5]], np.float32))[0]
    assert math.dist((xs.mean() + 0.5, ys.mean() + 0.5), expected) < 0.7


@pytest.mark.parametrize(
    ("size", "told", "dpi"),
    [
        ((1654, 2339), 200, 200),
        ((1654, 2339), 0, 200),
        ((2480, 3508), 72, 300),  # 72 is what programs write that do not know
        ((3024, 4032), 72, None),  # a photograph
        ((827, 1169), 96, 100),
        ((1000, 1000), 0, None),
        ((1012, 638), 300, 300),  # an identity card
    ],
)
def test_resolution_where_file_or_paper_tells(size: tuple[int, int], told: float, dpi: int | None) -> None:
    assert plausible_dpi(*size, told) == dpi


def test_codes_are_read_in_any_position() -> None:
    from zxingcpp import BarcodeFormat, create_barcode

    payload = make_cover_payload("cciip-2023", "CCIIP2023S00001")
    square = np.array(create_barcode(payload, BarcodeFormat.QRCode).to_image(scale=6))
    sheet = np.full((2339, 1654, 3), 255, np.uint8)
    sheet[300 : 300 + square.shape[0], 200 : 200 + square.shape[1]] = square[..., None]
    for matrix, size in (transform(0, 0), transform(90, 0), transform(180, 8), transform(270, -11)):
        (code,) = read_codes(warped(sheet, matrix, size, (255, 255, 255)))
        assert code.text == payload


# ---------------------------------------------------------------------------------------- with the engine's help


@pytest.fixture(scope="module")
def form() -> np.ndarray:
    return form_picture()


def seen(image: np.ndarray) -> Looked:
    return look(image, number=1, file="a.png", index=0, sha256="", dpi=200)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rotation", "degrees"), [(0, 0.0), (90, 1.3), (180, -2.45), (270, 0.0), (0, 9.0), (90, -14.0)]
)
def test_turn_and_skew_are_found(form: np.ndarray, rotation: int, degrees: float) -> None:
    """The page is laid down turned by -rotation and -degrees; looking must find what puts it upright again."""
    matrix, size = turned((form.shape[1], form.shape[0]), (360 - rotation) % 360)
    after, size = skewed(size, -degrees)
    laid = warped(form, after @ matrix, size, (240, 247, 250))
    looked = seen(laid)
    page = looked.page
    assert (page.kind, page.rotation) == ("content", rotation)
    assert page.skew == pytest.approx(degrees, abs=0.12)
    assert (page.width, page.height) == (laid.shape[1], laid.shape[0])
    assert looked.upright.shape[:2] == (page.upright_height, page.upright_width)
    assert looked.quads
    # A cell of the form, found on the upright page, lies where it was drawn.
    title = min(looked.quads, key=lambda quad: float(quad[:, 1].min()))
    x, y = title.mean(axis=0)
    x, y = float(x) / page.upright_width, float(y) / page.upright_height
    box = to_scan_box(page, Box(x, y, x, y))
    drawn = mapped(after @ matrix, np.array([[0.4706 * form.shape[1], 0.0867 * form.shape[0]]], np.float32))[0]
    assert math.dist((box.cx * laid.shape[1], box.cy * laid.shape[0]), drawn) < 12  # px


@pytest.mark.slow
def test_the_same_page_scanned_again_has_a_near_fingerprint(form: np.ndarray) -> None:
    again = cv2.rotate(cv2.GaussianBlur(form, (3, 3), 0), cv2.ROTATE_180)
    other = form.copy()
    other[400:1200] = other[1200:2000]
    prints = [int(seen(image).page.fingerprint, 16) for image in (form, again, other)]
    assert (prints[0] ^ prints[1]).bit_count() <= 4
    assert (prints[0] ^ prints[2]).bit_count() > 8


@pytest.mark.slow
def test_a_photograph_is_seen_from_above(form: np.ndarray) -> None:
    height, width = form.shape[:2]
    ground = np.full((3000, 2400, 3), (70, 95, 120), np.uint8)
    corners = np.float32([[330, 260], [2080, 330], [2190, 2790], [240, 2700]])
    matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [width, 0], [width, height], [0, height]]), corners)
    cv2.warpPerspective(form, matrix, (2400, 3000), dst=ground, borderMode=cv2.BORDER_TRANSPARENT)
    shade = np.linspace(1.0, 0.55, 2400)[None, :, None]
    photo = np.clip(ground * shade, 0, 255).astype(np.uint8)
    looked = look(photo, number=1, file="p.jpg", index=0, sha256="", dpi=None)
    assert looked.page.quality.photo
    assert looked.page.quality.dpi is not None
    assert looked.page.rotation == 0
    # The upright page's own frame comes from the sheet's corners, not from the picture's.
    corner = to_scan_box(looked.page, Box(0.0, 0.0, 0.0, 0.0))
    assert math.dist((corner.cx * 2400, corner.cy * 3000), corners[0]) < 60
    right = looked.upright[:, -400:].mean()
    assert right > 0.85 * looked.upright[:, :400].mean()  # light is even


@pytest.mark.slow
def test_covers_are_told_by_their_code(form: np.ndarray) -> None:
    from zxingcpp import BarcodeFormat, create_barcode

    def stamped(text: str, page: np.ndarray) -> np.ndarray:
        square = np.array(create_barcode(text, BarcodeFormat.QRCode).to_image(scale=5))
        done = page.copy()
        done[40 : 40 + square.shape[0], 40 : 40 + square.shape[1]] = square[..., None]
        return done

    empty = np.full_like(form, 252)
    assert seen(stamped(make_cover_payload("cciip-2023", "CCIIP2023S00001"), form)).page.kind == "cover"
    assert seen(stamped("CCIIP2023S00001", empty)).page.kind == "cover"
    assert seen(stamped("http://example.org/check?id=77", empty)).page.kind == "content"
    assert seen(empty).page.kind == "blank"


def test_a_printed_band_at_the_edge_belongs_to_the_page() -> None:
    page = np.full((1400, 1000, 3), 252, np.uint8)
    page[:110] = (120, 70, 30)
    for y in range(200, 1300, 60):
        cv2.putText(page, "ABCDEFGH 12345678", (80, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2)
    titled = page.copy()
    cv2.putText(titled, "INFORMATION FORM", (60, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (255, 255, 255), 4)
    assert find_sheet(titled, (1000, 1400)) is None
    bare = find_sheet(page, (1000, 1400))  # a scanner's lid, or a strip of desk
    assert bare is not None and bare.size[1] < 1340
