"""Riding seals over piles of every kind: sound ones are called sound, tampered ones are told where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from riding_piles import WAYS, Fault, Pile, Way, pile
from test_riding import _bundle

from pipeline.seals.riding import Ridden, find_riding
from tests.fonts import needs_fonts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

pytestmark = needs_fonts


def _breaks(found: tuple[Ridden, ...]) -> set[int]:
    return {page for one in found for page in one.breaks}


def _found(one: Pile) -> tuple[Ridden, ...]:
    return find_riding(one.pages, copied=False)


@pytest.mark.parametrize("way", WAYS)
def test_a_sound_series_is_called_sound(way: Way) -> None:
    one = pile(40 + WAYS.index(way), way)
    found = _found(one)
    assert len(found) == one.seals
    assert {n for seal in found for n in seal.pages} == {*one.sliced}
    assert not _breaks(found)


@pytest.mark.parametrize("fault", ["missing", "added", "swapped"])
@pytest.mark.parametrize("way", ["left", "fronts", "both", "top"])
def test_a_tampered_pile_is_told_where(way: Way, fault: Fault) -> None:
    one = pile(1010 + WAYS.index(way), way, fault)
    assert _breaks(_found(one)) & {*one.breaks}


@pytest.mark.parametrize("look", ["faint", "grey"])
def test_faint_and_copied_piles_are_sound_as_well(look: str) -> None:
    one = pile(71, "left", faint=look == "faint", grey=look == "grey")
    (seal,) = find_riding(one.pages, copied=look == "grey")
    assert seal.pages == one.sliced and not seal.breaks


def _slip() -> Image:
    """A page without a slice."""
    return _bundle(1, lacking=(1,))[0][1]


def test_a_seal_over_pages_that_sorting_gave_to_two_documents_is_one() -> None:
    """… and a page that went missing between them is told."""
    bundle = [page for _, page in _bundle(8)]
    kin = {n: int(n > 4) for n in range(1, 9)}
    (seal,) = find_riding(enumerate(bundle, start=1), copied=False, kin=kin)
    assert seal.pages == tuple(range(1, 9)) and not seal.breaks
    del bundle[5]
    (seal,) = find_riding(enumerate(bundle, start=1), copied=False, kin={n: int(n > 4) for n in range(1, 8)})
    assert seal.breaks == (6,)


def test_another_documents_page_between_slices_that_fit_is_no_break() -> None:
    bundle = [page for _, page in _bundle(8)]
    bundle.insert(3, _slip())
    kin = {n: int(n == 4) for n in range(1, 10)}
    (seal,) = find_riding(enumerate(bundle, start=1), copied=False, kin=kin)
    assert 4 not in seal.pages and not seal.breaks
    (seal,) = find_riding(enumerate(bundle, start=1), copied=False, kin=dict.fromkeys(range(1, 10), 0))
    assert seal.breaks == (4,)  # the document's own page should bear one


def test_another_documents_page_in_place_of_one_is_a_break() -> None:
    bundle = [page for _, page in _bundle(8)]
    bundle[2] = _slip()
    kin = {n: int(n == 3) for n in range(1, 9)}
    (seal,) = find_riding(enumerate(bundle, start=1), copied=False, kin=kin)
    assert seal.breaks == (3,)


def test_a_blank_sheet_between_is_no_break() -> None:
    bundle = [page for _, page in _bundle(8)]
    bundle.insert(4, np.full_like(bundle[0], 250))
    pages = [(n, p) for n, p in enumerate(bundle, start=1) if n != 5]
    (seal,) = find_riding(pages, copied=False, blank={5}, kin={n: 0 for n in range(1, 10) if n != 5})
    assert not seal.breaks


def test_each_document_of_an_envelope_has_its_own_seal() -> None:
    """One rides at half height, one a little lower: neither is taken for the other's."""
    first = [page for _, page in _bundle(6)]
    second = [np.roll(page, 130, axis=0) for _, page in _bundle(7)]
    kin = {n: int(n > 6) for n in range(1, 14)}
    one, other = find_riding(enumerate(first + second, start=1), copied=False, kin=kin)
    assert one.pages == tuple(range(1, 7)) and other.pages == tuple(range(7, 14))
    assert not one.breaks and not other.breaks


def test_two_seals_ride_over_the_same_pages() -> None:
    """Those of both parties to a contract, one above the other."""
    both = [(n, np.minimum(p, np.roll(p, 400, axis=0))) for n, p in _bundle(6)]
    one, other = find_riding(both, copied=False)
    assert one.pages == other.pages == (1, 2, 3, 4, 5, 6)
    assert not one.breaks and not other.breaks


def test_cropped_scans_are_sound() -> None:
    """A scanner that takes half a millimetre off each edge does not take a page."""
    cropped = [(n, p[3:-3, 3:-3]) for n, p in _bundle(8)]
    (seal,) = find_riding(cropped, copied=False)
    assert len(seal.pages) == 8 and not seal.breaks


def test_pages_of_another_size_are_sound() -> None:
    bundle = _bundle(7)
    number, page = bundle[3]
    bundle[3] = (number, page[40:-40])
    (seal,) = find_riding(bundle, copied=False)
    assert len(seal.pages) == 7 and not seal.breaks
