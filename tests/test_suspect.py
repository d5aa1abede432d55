"""Odd seals: strong signs together count, two stamps of one seal never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.errors import MissingTool
from pipeline.model import Box, SealReading, TextCandidate
from pipeline.seals.find import FoundSeal, find_seals
from pipeline.seals.suspect import alike, ink_fingerprint, suspicions
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_fonts import faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]


def _installed() -> bool:
    try:
        return bool(faces())
    except MissingTool:
        return False


needs_fonts = pytest.mark.skipif(not _installed(), reason="no Chinese font installed")
NAME = "北京云海数科信息技术有限公司"


def _reading(**more: object) -> SealReading:
    return SealReading(page=1, box=Box(0.1, 0.1, 0.2, 0.2), legible=0.9, rotation=4.0, **more)  # type: ignore[arg-type]


def _sheet(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    page = np.full((900, 900, 3), 252, np.uint8)
    for y in range(40, 880, 34):
        for x in range(30, 860, 30):
            cv2.rectangle(page, (x, y), (x + int(rng.integers(4, 22)), y + 20), (25, 25, 25), int(rng.integers(2, 4)))
    return page


def _scan(page: Image, seed: int) -> Image:
    rng = np.random.default_rng(seed)
    noisy = cv2.GaussianBlur(page, (0, 0), 0.6) + rng.normal(0, 1.5, page.shape)
    _, packed = cv2.imencode(
        ".jpg", np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88]
    )
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def _pasted(page: Image, art: Image, at: tuple[int, int]) -> Image:
    out = page.copy()
    solid = art[:, :, 3] > 90
    out[at[1] : at[1] + art.shape[0], at[0] : at[0] + art.shape[1]][solid] = (230, 0, 0)
    return out


def _one(image: Image) -> FoundSeal:
    return find_seals(image, dpi=200)[0]


@needs_fonts
def test_one_picture_pasted_twice_is_alike_and_two_stamps_are_not() -> None:
    art = draw_seal(SealSpec(NAME, code="1101080123456"), dpi=200, seed=1)
    prints = []
    for k, at in enumerate(((250.0, 300.0), (611.0, 507.0))):
        image = _scan(press_seal(np.full((900, 900, 3), 252, np.uint8), art, at), k)
        prints.append(ink_fingerprint(image, _one(image))[0])
    assert alike(*prints)
    for seed, turn in ((2, 5.0), (3, -9.0), (4, 40.0)):
        other = draw_seal(SealSpec(NAME, code="1101080123456", rotation=turn, wear=0.3), dpi=200, seed=seed)
        image = _scan(press_seal(np.full((900, 900, 3), 252, np.uint8), other, (400.0, 400.0)), seed)
        assert not alike(prints[0], ink_fingerprint(image, _one(image))[0])


@needs_fonts
def test_a_flat_picture_over_print_is_named() -> None:
    art = draw_seal(SealSpec(NAME), dpi=200, seed=1)
    image = _scan(_pasted(_sheet(1), art, (280, 300)), 1)
    mark, remarks = ink_fingerprint(image, _one(image))
    assert {"flat_ink", "pasted"} <= set(remarks)
    twice = [_reading(fingerprint=mark, remarks=remarks)] * 2
    assert [(odd.index, odd.score >= 0.6) for odd in suspicions(twice)] == [(0, True), (1, True)]
    assert suspicions(twice[:1]) == ()


@needs_fonts
@pytest.mark.parametrize("seed", range(4))
def test_a_wet_stamp_over_print_is_not(seed: int) -> None:
    art = draw_seal(SealSpec(NAME, wear=0.1 * seed, rotation=3.0 * seed), dpi=200, seed=seed)
    image = _scan(press_seal(_sheet(seed), art, (450.0, 450.0)), seed)
    mark, remarks = ink_fingerprint(image, _one(image))
    assert mark
    assert suspicions([_reading(fingerprint=mark, remarks=remarks)]) == ()


def test_one_sign_alone_is_nothing() -> None:
    same = "f0" * 72
    assert suspicions([]) == ()
    assert suspicions([_reading(fingerprint=same), _reading(fingerprint=same)]) == ()
    assert suspicions([_reading(remarks=("flat_ink",)), _reading(diameter_mm=80.0)]) == ()


SAME = "f0" * 72
LOOKS = ("flat_ink", "pasted")


@pytest.mark.parametrize("remarks", [(), ("flat_ink",), ("pasted",), ("zero_rotation",), LOOKS])
@pytest.mark.parametrize("twin", [SAME, ""])
def test_rubber_and_a_good_scanner_leave_two_signs(remarks: tuple[str, ...], twin: str) -> None:
    """Stamps of one seal look alike now and then, over print, in fresh and even ink: two signs name none of them."""
    assume = len(remarks) + bool(twin) < 3
    found = suspicions([_reading(fingerprint=SAME, remarks=remarks), _reading(fingerprint=twin)])
    assert (found == ()) is assume


def test_three_signs_of_a_picture_are_named_for_that_seal() -> None:
    (odd,) = suspicions([_reading(fingerprint=SAME), _reading(fingerprint=SAME, remarks=LOOKS)])
    assert odd.index == 1
    assert odd.reasons == ("same_bitmap", "pasted", "flat_ink")


@pytest.mark.parametrize(("turn", "named"), [(0.2, True), (359.8, True), (-0.2, True), (2.0, False), (358.0, False)])
def test_a_picture_over_print_that_stands_upright_is_named(turn: float, named: bool) -> None:
    reading = _reading(remarks=LOOKS).model_copy(update={"rotation": turn})
    assert bool(suspicions([reading])) is named


def test_codes_and_sizes_alone_make_no_picture() -> None:
    """A code may be misread and a size rests on what the file says of its dots: they are told, they do not decide."""
    name = (TextCandidate(text=NAME, score=0.99),)
    one = _reading(candidates=name, code="1101080123456", fingerprint=SAME, diameter_mm=80.0)
    other = _reading(candidates=name, code="3201139876543", fingerprint=SAME, remarks=("flat_ink",))
    assert suspicions([one, other]) == ()
    both = [one, other.model_copy(update={"remarks": LOOKS})]
    assert [odd.reasons for odd in suspicions(both)] == [("same_bitmap", "pasted", "flat_ink", "code_differs")]
    misread = one.model_copy(update={"code": "1101080123458"})
    assert "code_differs" not in suspicions([both[1].model_copy(update={"code": "1101080123456"}), misread])[0].reasons


def test_fingerprints_of_different_make_are_never_alike() -> None:
    assert not alike("", "")
    assert not alike("ff", "ffff")
    assert alike("ff00", "ff00")
