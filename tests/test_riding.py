"""Slices of a riding seal on page edges are found, assembled, and a page without its slice is named."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.errors import MissingTool
from pipeline.seals.riding import assembled, find_riding, riding_seals
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


pytestmark = pytest.mark.skipif(not _installed(), reason="no Chinese font installed")
DPI = 150


def _page(rng: np.random.Generator) -> Image:
    """A page of grey lines as print leaves them."""
    page = np.full((1754, 1240, 3), 250, np.uint8)
    for y in range(150, 1600, 40):
        for x in range(120, int(rng.integers(500, 1100)), 26):
            cv2.rectangle(page, (x, y), (x + int(rng.integers(6, 20)), y + 18), (30, 30, 30), int(rng.integers(1, 3)))
    return page


def _bundle(
    count: int, *, colour: str = "red", lacking: tuple[int, ...] = (), swap: bool = False
) -> list[tuple[int, Image]]:
    art = draw_seal(SealSpec("济南云海会计师事务所（普通合伙）", colour=colour), dpi=DPI, seed=3)  # type: ignore[arg-type]
    cuts = [art[:, a:b] for a, b in pairwise(np.linspace(0, art.shape[1], count + 1).astype(int))]
    if swap:
        cuts[0], cuts[count // 2] = cuts[count // 2], cuts[0]
    rng = np.random.default_rng(5)
    pages = []
    for number, cut in enumerate(cuts, start=1):
        page = _page(rng)
        if number not in lacking:
            y = 820 + int(rng.integers(-6, 7))
            page = press_seal(page, np.ascontiguousarray(cut), (1240 - cut.shape[1] / 2, y))
        noisy = cv2.GaussianBlur(page, (0, 0), 0.7) + rng.normal(0, 2, page.shape)
        pages.append((number, np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1].copy()))
    return pages


@pytest.mark.parametrize("count", [3, 6, 10])
def test_a_whole_riding_seal_is_complete(count: int) -> None:
    slices = find_riding(_bundle(count))
    (seal,) = riding_seals(slices)
    assert seal.pages == tuple(range(1, count + 1))
    assert seal.breaks == ()
    assert seal.complete
    assert all(s.side == "right" and s.box.x1 > 0.985 for s in slices)


@pytest.mark.parametrize("lacking", [3, 4])
def test_a_page_without_its_slice_breaks_the_series(lacking: int) -> None:
    (seal,) = riding_seals(find_riding(_bundle(7, lacking=(lacking,))))
    assert seal.breaks == (lacking,)
    assert not seal.complete


def test_pages_out_of_order_break_the_series() -> None:
    (seal,) = riding_seals(find_riding(_bundle(6, swap=True)))
    assert seal.breaks
    assert not seal.complete


def test_the_slices_make_one_picture() -> None:
    slices = find_riding(_bundle(5))
    picture = assembled(slices)
    assert picture.dtype == np.uint8
    assert picture.shape[1] == sum(s.picture.shape[1] for s in slices)
    mm = 100 / 25.4
    assert picture.shape[1] == pytest.approx(40 * mm, rel=0.12)


def test_a_blue_seal_rides_as_well() -> None:
    (seal,) = riding_seals(find_riding(_bundle(5, colour="blue")))
    assert seal.pages == (1, 2, 3, 4, 5)


def test_no_seal_rides_on_plain_pages_nor_one_alone() -> None:
    plain = _bundle(4, lacking=(1, 2, 3, 4))
    assert find_riding(plain) == ()
    assert find_riding(_bundle(4, lacking=(2, 3, 4))) == ()
    assert find_riding([]) == ()


def test_red_frames_of_certificates_are_no_slices() -> None:
    pages = []
    for number in (1, 2, 3):
        page = np.full((1754, 1240, 3), 250, np.uint8)
        cv2.rectangle(page, (8, 8), (1231, 1745), (40, 40, 200), 6)
        pages.append((number, page))
    assert find_riding(pages) == ()


def test_a_slice_of_two_bits_of_rim_fills_the_series() -> None:
    bundle = _bundle(8)
    number, page = bundle[3]
    edge = page[:, 1100:]
    red = edge[:, :, 2].astype(int) - edge[:, :, 1] > 25
    rows = np.flatnonzero(red.any(axis=1))
    blank = page.copy()
    blank[rows[0] + 22 : rows[-1] - 22, 1100:] = 250  # all but the upper and the lower rim
    bundle[3] = (number, blank)
    (seal,) = riding_seals(find_riding(bundle))
    assert seal.breaks == () and 4 in seal.pages


def test_a_landscape_sheet_bears_its_slice_at_the_middle_too() -> None:
    bundle = _bundle(6)
    number, page = bundle[2]
    lying = np.full((1240, 1754, 3), 250, np.uint8)
    lying[:, 1754 - 200 :] = page[820 - 620 : 820 + 620, 1240 - 200 :]  # about its own middle
    upright = [(n, np.roll(p, 57, axis=0)) for n, p in bundle]  # the others' slices about theirs
    upright[2] = (number, lying)
    (seal,) = riding_seals(find_riding(upright))
    assert seal.pages == (1, 2, 3, 4, 5, 6) and seal.breaks == ()
