"""Pages as they come (DOMAIN §8, pitfalls 13 and 14): through the whole of intake and reading, on drawn pages."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from pipeline.intake.through import find_through, without_through
from pipeline.reading.engine import Recognition
from pipeline.seeing import see_file
from pipeline.settings import Settings
from pipeline.sheets import sheets_of
from samples.wear import Worn, faxed, punched, rolled, shining_through, side_by_side
from tests.intake_pages import LABELS, VALUES, form_picture

Image = np.ndarray
WORDS = [w for w in (*LABELS, *VALUES) if len(w) > 3]


@pytest.fixture(scope="module")
def form() -> Image:
    return form_picture(dpi=150)


def tiff(path: Path, pages: list[Image], dpi: tuple[float, float] | None = (150, 150)) -> Path:
    first, *rest = (Pillow.fromarray(np.ascontiguousarray(page[:, :, ::-1])) for page in pages)
    first.save(path, save_all=True, append_images=rest, **({"dpi": dpi} if dpi else {}))
    return path


def share_read(text: str) -> float:
    return sum(word in text for word in WORDS) / len(WORDS)


@pytest.mark.slow
def test_pitfall_13_upside_down_blank_back_a3_folded(form: Image, tmp_path: Path) -> None:
    """A page on its head, its blank back (punched, stapled, the front shining through), an A3 sheet of two pages."""
    empty = np.full((2339, 1654, 3), 250, np.uint8)
    back = punched(shining_through(empty, form, 0.12).image, np.random.default_rng(1)).image
    back = cv2.resize(back, (form.shape[1], form.shape[0]), interpolation=cv2.INTER_AREA)
    file = tiff(tmp_path / "13.tif", [np.ascontiguousarray(np.rot90(form, 2)), back, side_by_side(form, form).image])
    problems: list[str] = []
    seen = list(see_file(file, "", file.name, 1, Settings(), problems))
    pages = [s.read.page for s in seen]
    assert not problems
    assert [(p.number, p.part, p.kind, p.rotation) for p in pages] == [
        (1, 0, "content", 180), (2, 0, "blank", 0), (3, 1, "content", 0), (3, 2, "content", 0),
    ]  # fmt: skip
    assert [p.number for p in sheets_of(pages)] == [1, 2, 3]
    assert all(share_read(s.read.text) > 0.9 for s in (seen[0], *seen[2:]))


@pytest.mark.slow
def test_pitfall_14_mixed_dpi_fax_and_phone(tmp_path: Path) -> None:
    """The same form at 150 dpi, as a fax in standard mode (oblong dots) and as a telephone saw it, rolled."""
    fine = form_picture()
    fax = faxed(fine, 204, 98, np.random.default_rng(2), noise=0.0005)
    phone = rolled(fine, 16)
    files = [
        tiff(tmp_path / "a.tif", [form_picture(dpi=150)]),
        tiff(tmp_path / "b.tif", [fax.image], fax.dpi),
        tiff(tmp_path / "c.tif", [phone.image], None),
    ]
    seen = [next(see_file(file, "", file.name, 1, Settings(), [])) for file in files]
    assert [share_read(s.read.text) > 0.9 for s in seen] == [True, True, True]
    assert seen[1].read.page.upright_height > 1.3 * seen[1].read.page.upright_width  # A4 that stands, not a strip
    assert seen[2].read.page.bend is not None and seen[2].read.page.quality.photo
    rules = [r for r in seen[2].read.rulings if r.horizontal and r.x1 - r.x0 > 0.6]
    assert len(rules) >= 7  # of the nine between its rows


class Mirror:
    """A reader of pages whose own lines are dark: it reads pale ones only when they are mirrored."""

    def __init__(self, *, mirrored: bool) -> None:
        self._mirrored = mirrored

    def upside_down(self, crops: object) -> list[float]:
        raise AssertionError("a page that stands upright is not asked which way up it is")

    def recognise(self, crops: list[Image], *, lattice: bool = False) -> list[Recognition]:
        half = len(crops) // 2
        sure, unsure = Recognition("统一社会信用代码", 0.95), Recognition("一", 0.3)
        told = [unsure] * half + [sure] * half
        return told if self._mirrored else told[::-1]


def page_with_pale_lines() -> tuple[Image, list[Image]]:
    page = np.full((1169, 827, 3), 248, np.uint8)
    quads = []
    for i, y in enumerate(range(100, 1060, 60)):
        level = 30 if i % 2 == 0 else 190
        for x in range(80, 500, 20):
            cv2.rectangle(page, (x, y - 8), (x + 13, y + 8), (level,) * 3, 2)
        quads.append(np.array([(80, y - 12), (500, y - 12), (500, y + 12), (80, y + 12)], np.float32))
    cv2.circle(page, (650, 600), 90, (60, 60, 215), 5)
    return page, quads


def test_pale_print_is_taken_away_only_where_it_reads_in_a_mirror() -> None:
    page, quads = page_with_pale_lines()
    assert find_through(page, quads, Mirror(mirrored=False)) is None
    through = find_through(page, quads, Mirror(mirrored=True))
    assert through is not None
    clean = without_through(page, through)
    assert clean[160 - 8, 80:500].min() > 235  # the pale second line is gone
    assert clean[100 - 8, 81, 0] < 60  # the dark first one stays
    assert np.abs(clean[600, 735:745].astype(int) - page[600, 735:745]).max() == 0  # and so does the seal


def test_a_page_of_one_darkness_asks_no_reader() -> None:
    page, quads = page_with_pale_lines()
    assert find_through(page, quads[::2] * 2, Mirror(mirrored=True)) is None


def test_damage_tells_where_it_came_from() -> None:
    """What the bench measures by: a mark on the worn page is where ``printed_at`` says it was printed."""
    page = np.full((1169, 827, 3), 250, np.uint8)
    cv2.circle(page, (300, 400), 8, (0, 0, 0), -1)
    worn: Worn = rolled(page, 20)
    ys, xs = np.nonzero(worn.image.max(axis=2) < 40)
    height, width = worn.image.shape[:2]
    spot = worn.printed_at(np.array([[xs.mean() / width, ys.mean() / height]]))[0]
    assert spot == pytest.approx((300 / 827, 400 / 1169), abs=0.004)
