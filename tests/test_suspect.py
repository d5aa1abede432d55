"""Odd seals: one ink at two places is told, as are two codes; two stamps of one seal never are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.model import Box, SealReading, TextCandidate
from pipeline.seals.find import FoundSeal, find_seals
from pipeline.seals.imprint import distance, imprint_of, is_imprint, likeness, shape_hash
from pipeline.seals.suspect import NAMED, codes_differ, ink_signs, suspicions
from samples.envelope import inked_anew
from samples.seal_art import SealSpec, draw_seal, press_seal
from tests.fonts import needs_fonts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]


NAME = "北京云海数科信息技术有限公司"
DPI = 200


def _reading(**more: object) -> SealReading:
    told: dict[str, object] = {"page": 1, "box": Box(0.1, 0.1, 0.2, 0.2), "legible": 0.9, "rotation": 4.0, **more}
    return SealReading(**told)  # type: ignore[arg-type]


def _sheet(seed: int, *, printed: bool = True) -> Image:
    """Paper of 70 mm, with strokes on it as print has them."""
    rng = np.random.default_rng(seed)
    page = np.full((551, 551, 3), 252, np.uint8)
    for y in range(30, 551, 48) if printed else ():
        for x in range(16, 551, 33):
            for _ in range(3):
                a = (x + int(rng.integers(0, 24)), y + int(rng.integers(0, 24)))
                b = (a[0] + int(rng.integers(-16, 17)), a[1] + int(rng.integers(-12, 13)))
                cv2.line(page, a, b, (30, 30, 32), 3)
    return page


def _scan(page: Image, seed: int, *, noise: float = 2.0) -> Image:
    """Through a feeder, a little askew; BGR."""
    rng = np.random.default_rng(seed)
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-1, 1)), 1.0)
    matrix[:, 2] += rng.uniform(-6, 6, 2)
    moved = cv2.warpAffine(page, matrix, (width, height), borderValue=(251, 251, 250))
    noisy = cv2.GaussianBlur(moved, (0, 0), 0.6) + rng.normal(0, noise, page.shape)
    clipped = np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1]
    _, packed = cv2.imencode(".jpg", clipped, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def _art(seed: int, *, dpi: int = DPI, wear: float = 0.15, turn: float = 7.0) -> Image:
    return draw_seal(SealSpec(NAME, code="1101080123456", rotation=turn, wear=wear), dpi=dpi, seed=seed)


def _clean(*, turn: float = 0.0) -> Image:
    """As a program draws a seal: one colour, no grain."""
    art = _art(1, wear=0.0, turn=turn)
    ink = (art[:, :, 3] > 90).astype(np.float32)
    art[:, :, 3] = np.clip(cv2.GaussianBlur(ink, (0, 0), 0.6) * 255, 0, 255).astype(np.uint8)
    art[:, :, :3] = (230, 10, 20)
    return art


def _pasted(page: Image, art: Image) -> Image:
    """Laid over the print, not into it."""
    out = page.astype(np.float32)
    y, x = (page.shape[0] - art.shape[0]) // 2, (page.shape[1] - art.shape[1]) // 2
    there = out[y : y + art.shape[0], x : x + art.shape[1]]
    alpha = art[:, :, 3:].astype(np.float32) / 255
    there[:] = there * (1 - alpha) + art[:, :, :3] * alpha
    return out.astype(np.uint8)


def _turned(art: Image, degrees: float, size: float = 1.0) -> Image:
    side = int(np.hypot(*art.shape[:2]) * size) + 4
    matrix = cv2.getRotationMatrix2D((art.shape[1] / 2, art.shape[0] / 2), degrees, size)
    matrix[:, 2] += (side / 2 - art.shape[1] / 2, side / 2 - art.shape[0] / 2)
    turned = cv2.warpAffine(art, matrix, (side, side))
    turned[:, :, :3] = art[art.shape[0] // 2, art.shape[1] // 2, :3]
    return turned


def _one(image: Image) -> FoundSeal:
    return find_seals(image, dpi=DPI)[0]


def _imprint(art: Image, seed: int) -> str:
    image = _scan(press_seal(_sheet(seed), art, (270.0 + seed % 9, 280.0)), seed)
    return imprint_of(image, _one(image))


def _seen(sheet: Image, seed: int, **more: object) -> SealReading:
    image = _scan(sheet, seed)
    imprint, signs = ink_signs(image, _one(image))
    return _reading(fingerprint=imprint, signs=signs, **more)


# -------------------------------------------------------------------------------------------------------- imprints


@needs_fonts
@pytest.mark.parametrize(("turn", "size"), [(0.0, 1.0), (9.0, 1.0), (-5.0, 0.96), (180.0, 1.0)])
def test_one_picture_is_known_again_where_it_stands_turned_or_smaller(turn: float, size: float) -> None:
    art = _art(3)
    one, other = _imprint(art, 1), _imprint(_turned(art, turn, size), 2)
    found = likeness(one, other)
    assert found.same, found
    assert abs((abs(found.turn) - abs(turn) + 180) % 360 - 180) < 2.5
    assert distance(shape_hash(one), shape_hash(other)) <= 56


@needs_fonts
@pytest.mark.parametrize("seed", range(4))
def test_a_stamp_pressed_twice_is_not_one_picture(seed: int) -> None:
    """Of one rubber, worn or new: its dents show in every impression, the ink lies differently."""
    art = _art(seed, wear=0.1 * seed)
    rng = np.random.default_rng(seed)
    one, other = (_imprint(_turned(inked_anew(art, rng), turn), 20 + seed) for turn in (0.0, 11.0))
    found = likeness(one, other)
    assert found.shape > 0.7
    assert not found.same, found


def test_what_is_no_imprint_is_like_nothing() -> None:
    for text in ("", "ff", "f0" * 72, "not an imprint"):
        assert not is_imprint(text)
        assert not likeness(text, text).same


# ------------------------------------------------------------------------------------------------------------- signs


@needs_fonts
@pytest.mark.parametrize("seed", range(3))
def test_a_flat_picture_over_print_is_named(seed: int) -> None:
    reading = _seen(_pasted(_sheet(seed), _clean()), seed, rotation=0.0)
    (odd,) = suspicions([reading])
    assert {"flat_ink", "pasted", "zero_rotation"} <= {*odd.reasons}
    assert odd.score >= NAMED


@needs_fonts
@pytest.mark.parametrize("seed", range(4))
def test_a_wet_stamp_over_print_is_not(seed: int) -> None:
    art = _art(seed, wear=0.1 * seed, turn=3.0 * seed)
    reading = _seen(press_seal(_sheet(seed), art, (275.0, 275.0)), seed, rotation=3.0 * seed)
    assert reading.fingerprint
    assert suspicions([reading]) == ()


@needs_fonts
def test_one_picture_at_two_places_is_known_even_over_print() -> None:
    """Cut out of a scan, grain and all, and laid on two pages: neither flat nor upright."""
    art = _art(6)
    one, other = (_seen(_pasted(_sheet(k), art), k) for k in (1, 2))
    assert likeness(one.fingerprint, other.fingerprint).same
    (told,) = suspicions([one], copied=[True])
    assert told.reasons[0] == "same_bitmap" and told.score >= NAMED


def test_one_sign_alone_is_nothing() -> None:
    assert suspicions([]) == ()
    assert suspicions([_reading(signs=(("flat", 0.07),))]) == ()
    assert suspicions([_reading(signs=(("hidden", 0.0),))]) == ()
    assert suspicions([_reading(rotation=0.0)]) == ()
    assert suspicions([_reading(signs=(("flat", 0.09),), rotation=0.1)]) == ()


def test_upright_and_even_seals_are_named_where_there_are_two() -> None:
    flat = _reading(signs=(("flat", 0.06),), rotation=359.9)
    assert suspicions([flat]) == ()
    found = suspicions([flat, flat.model_copy(update={"page": 2})])
    assert [odd.reasons for odd in found] == [("zero_rotation", "flat_ink", "upright_twice")] * 2
    dead = flat.model_copy(update={"signs": (("flat", 0.01),)})
    assert len(suspicions([dead])) == 1


@pytest.mark.parametrize(("turn", "named"), [(0.2, True), (359.8, True), (2.0, False), (358.0, False)])
def test_hardly_even_ink_over_print_is_named_where_it_stands_upright(turn: float, named: bool) -> None:
    reading = _reading(signs=(("flat", 0.1), ("hidden", 0.1)), rotation=turn)
    assert bool(suspicions([reading])) is named


# -------------------------------------------------------------------------------------------------- codes and sizes


def test_two_codes_of_one_seal_are_named() -> None:
    name = (TextCandidate(text=NAME, score=0.99),)
    one = _reading(candidates=name, code="1101080123456")
    other = one.model_copy(update={"code": "3201139876543", "page": 2})
    assert [odd.reasons for odd in suspicions([one, other])] == [("code_differs",)] * 2
    assert codes_differ(one, other)


def test_codes_that_may_be_misread_or_are_of_other_seals_are_not() -> None:
    name = (TextCandidate(text=NAME, score=0.99),)
    one = _reading(candidates=name, code="1101080123456")
    for change in (
        {"code": "1101080123458"},
        {"code": "3201139876543", "legible": 0.5},
        {"code": "3201139876543", "straight": ("合同专用章",)},
        {"code": "3201139876543", "candidates": (TextCandidate(text="上海" + NAME[2:], score=0.99),)},
        {"code": None},
    ):
        assert suspicions([one, one.model_copy(update=change)]) == ()


@pytest.mark.parametrize(
    ("shape", "mm", "named"),
    [
        ("round", 40.0, False),
        ("round", 25.0, True),
        ("round", 70.0, True),
        ("oval", 45.0, False),
        ("square", 18.0, False),
    ],
)
def test_a_size_that_no_seal_has_is_named_where_the_resolution_is_true(shape: str, mm: float, named: bool) -> None:
    reading = _reading(diameter_mm=mm, shape=shape)
    assert bool(suspicions([reading], sized=[True])) is named
    assert suspicions([reading]) == ()


def test_the_score_grows_with_the_signs() -> None:
    few = _reading(signs=(("flat", 0.05), ("hidden", 0.1)))
    more = few.model_copy(update={"rotation": 0.0})
    scores = [suspicions([one])[0].score for one in (few, more)]
    assert scores[0] < scores[1] <= 1
