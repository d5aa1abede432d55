"""Slices of a riding seal on page edges are found, assembled, and a page without its slice is named."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.seals.riding import Ridden, find_riding
from pipeline.seals.slices import cut_out, side_by_side, slices_of
from samples.seal_art import SealSpec, draw_seal, press_seal
from tests.fonts import needs_fonts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]


pytestmark = needs_fonts
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


def _only(bundle: list[tuple[int, Image]]) -> Ridden:
    (seal,) = find_riding(bundle)
    return seal


@pytest.mark.parametrize("count", [3, 6, 10])
def test_a_whole_riding_seal_is_complete(count: int) -> None:
    seal = _only(_bundle(count))
    assert seal.pages == tuple(range(1, count + 1))
    assert seal.breaks == ()
    assert seal.complete
    assert all(s.edge == "right" and s.box.x1 > 0.985 for s in seal.slices)
    assert seal.radius == pytest.approx(20, abs=0.6)


@pytest.mark.parametrize("lacking", [3, 4])
def test_a_page_without_its_slice_breaks_the_series(lacking: int) -> None:
    seal = _only(_bundle(7, lacking=(lacking,)))
    assert seal.breaks == (lacking,)
    assert not seal.complete


@pytest.mark.parametrize("gone", [2, 4, 5])
def test_a_page_taken_out_breaks_the_series(gone: int) -> None:
    """All pages that are left bear a slice; the rim leaps, or near the middle the seal is too narrow."""
    left = [page for number, page in _bundle(8) if number != gone]
    seal = _only(list(enumerate(left, start=1)))
    assert seal.lacking == ()
    assert len(seal.leaps) == 1 and abs(seal.leaps[0] - gone) <= 1
    assert not seal.complete


def test_a_page_put_in_breaks_the_series() -> None:
    bundle = [page for _, page in _bundle(6)]
    bundle.insert(3, _bundle(1, lacking=(1,))[0][1])
    assert _only(list(enumerate(bundle, start=1))).breaks == (4,)


@pytest.mark.parametrize("pages", [(1, 2), (2, 3), (3, 4)])
def test_two_pages_that_changed_places_break_the_series(pages: tuple[int, int]) -> None:
    """Also beside the middle, where a slice and its mirror image have one outline."""
    bundle = [page for _, page in _bundle(6)]
    one, other = pages
    bundle[one - 1], bundle[other - 1] = bundle[other - 1], bundle[one - 1]
    seal = _only(list(enumerate(bundle, start=1)))
    assert seal.leaps and {*pages} & {*seal.leaps}
    assert not seal.complete


def test_a_pile_scanned_from_its_end_is_no_broken_one() -> None:
    bundle = [page for _, page in reversed(_bundle(6))]
    assert _only(list(enumerate(bundle, start=1))).breaks == ()


def test_the_slices_make_one_picture() -> None:
    bundle = _bundle(5)
    pages, seal = dict(bundle), _only(bundle)
    parts = [cut_out(pages[s.page], s.box, s.turn) for s in slices_of(seal)]
    picture = side_by_side(parts)
    assert picture.dtype == np.uint8
    assert picture.shape[1] == sum(part.shape[1] for part in parts)
    mm = DPI / 25.4
    assert picture.shape[1] == pytest.approx(40 * mm, rel=0.06)
    assert picture.shape[0] == pytest.approx(43 * mm, rel=0.06)
    assert side_by_side(parts, apart=(2,), lying=True).shape[0] > picture.shape[1]


def test_a_blue_seal_rides_as_well() -> None:
    assert _only(_bundle(5, colour="blue")).pages == (1, 2, 3, 4, 5)


def test_a_copied_seal_rides_as_well() -> None:
    grey = [(n, np.repeat(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)) for n, p in _bundle(6)]
    assert _only(grey).breaks == ()
    assert _only([(n, p) for n, p in grey if n != 3]).breaks == ()  # nobody looked for black ink there


@pytest.mark.parametrize(("turns", "edge"), [(1, "top"), (2, "left"), (3, "bottom")])
def test_seals_ride_over_any_edge(turns: int, edge: str) -> None:
    turned = [(n, np.ascontiguousarray(np.rot90(p, turns))) for n, p in _bundle(6, lacking=(4,))]
    seal = _only(turned)
    assert {s.edge for s in seal.slices} == {edge}
    assert seal.breaks == (4,)


def test_only_the_fronts_of_sheets_may_bear_slices() -> None:
    backs = [page for _, page in _bundle(6, lacking=(1, 2, 3, 4, 5, 6))]
    both = [page for pair in zip((p for _, p in _bundle(6)), backs, strict=True) for page in pair]
    assert _only(list(enumerate(both, start=1))).breaks == ()
    assert _only(list(enumerate(both[:6] + both[8:], start=1))).breaks


def test_a_long_report_is_stamped_in_groups() -> None:
    groups = [page for count in (6, 7) for _, page in _bundle(count)]
    first, second = find_riding(list(enumerate(groups, start=1)))
    assert first.pages == (1, 2, 3, 4, 5, 6) and second.pages == (7, 8, 9, 10, 11, 12, 13)
    assert first.breaks == second.breaks == ()


@pytest.mark.parametrize("shade", [40, 150])
def test_the_table_beneath_the_paper_is_no_part_of_it(shade: int) -> None:
    laid = [
        (n, cv2.copyMakeBorder(p, 30, 40, 20, 36, cv2.BORDER_CONSTANT, value=(shade, shade, shade)))
        for n, p in _bundle(6, lacking=(3,))
    ]
    assert _only(laid).breaks == (3,)


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


def test_a_device_printed_at_every_edge_is_no_riding_seal() -> None:
    """Letter paper: the same coloured mark at one place of each page does not make a seal."""
    (_, first), *_ = _bundle(6)
    pages = [(n, _scanned(first, n)) for n in range(1, 7)]
    assert find_riding(pages) == ()


def _scanned(page: Image, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, 2, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def test_a_slice_of_two_bits_of_rim_is_one() -> None:
    bundle = _bundle(8)
    number, page = bundle[3]
    edge = page[:, 1100:]
    red = edge[:, :, 2].astype(int) - edge[:, :, 1] > 25
    rows = np.flatnonzero(red.any(axis=1))
    blank = page.copy()
    blank[rows[0] + 22 : rows[-1] - 22, 1100:] = 250  # all but the upper and the lower rim
    bundle[3] = (number, blank)
    seal = _only(bundle)
    assert seal.breaks == () and 4 in seal.pages


def test_a_landscape_sheet_bears_its_slice_at_the_middle_too() -> None:
    bundle = _bundle(6)
    number, page = bundle[2]
    lying = np.full((1240, 1754, 3), 250, np.uint8)
    lying[:, 1754 - 200 :] = page[820 - 620 : 820 + 620, 1240 - 200 :]  # about its own middle
    upright = [(n, np.roll(p, 57, axis=0)) for n, p in bundle]  # the others' slices about theirs
    upright[2] = (number, lying)
    seal = _only(upright)
    assert seal.pages == (1, 2, 3, 4, 5, 6) and seal.breaks == ()


def test_a_sheet_turned_to_be_read_bears_its_slice_at_its_foot() -> None:
    bundle = _bundle(6)
    number, page = bundle[2]
    lying = np.full((1754, 1240, 3), 250, np.uint8)
    lying[:, -200:] = np.roll(page, 57, axis=0)[:, -200:]
    upright = [(n, np.roll(p, 57, axis=0)) for n, p in bundle]
    upright[2] = (number, np.ascontiguousarray(np.rot90(lying, -1)))
    seal = _only(upright)
    assert seal.pages == (1, 2, 3, 4, 5, 6) and seal.breaks == ()
    assert [s.edge for s in seal.slices if s.page == number] == ["bottom"]
