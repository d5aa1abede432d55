"""Blank pages, ink and quality, on drawn pages with what scanners and paper do to them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.intake.blank import ink_of, reduced
from pipeline.intake.quality import colour_of, measure

Image = np.ndarray
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi


def paper(tint: tuple[int, int, int] = (247, 250, 251), noise: float = 2.0, seed: int = 1) -> Image:
    rng = np.random.default_rng(seed)
    page = np.full((HEIGHT, WIDTH, 3), tint, np.float32)
    page += cv2.resize(rng.normal(0, noise, (HEIGHT // 4, WIDTH // 4, 3)).astype(np.float32), (WIDTH, HEIGHT))
    return np.clip(page, 0, 255).astype(np.uint8)


def text(page: Image, lines: int = 30, colour: tuple[int, int, int] = (40, 40, 40)) -> Image:
    done = page.copy()
    for i in range(lines):
        cv2.putText(done, "The quick brown fox 0123456789", (160, 200 + 65 * i), 0, 1.2, colour, 2, cv2.LINE_AA)
    return done


def show_through(page: Image, strength: int) -> Image:
    behind = cv2.GaussianBlur(text(np.full_like(page, 255)), (0, 0), 2.5)[:, ::-1]
    return cv2.subtract(page, ((255 - behind).astype(np.float32) * strength / 255).astype(np.uint8))


def dusty(page: Image) -> Image:
    rng = np.random.default_rng(3)
    done = page.copy()
    for _ in range(60):
        centre = tuple(int(v) for v in rng.uniform((0, 0), (WIDTH, HEIGHT)))
        cv2.circle(done, centre, int(rng.integers(1, 4)), (60, 60, 60), -1)
    cv2.line(done, (700, 0), (704, HEIGHT), (150, 150, 150), 2)  # dirt on the glass
    for y in (560, 1720):
        cv2.circle(done, (70, y), 23, (25, 25, 25), -1)  # punch holes
    done[:, :10] = 70  # shadow of the lid
    cv2.line(done, (40, 60), (95, 48), (90, 90, 90), 3)  # a staple
    return done


def seal(page: Image, colour: tuple[int, int, int], at: tuple[int, int] = (1100, 1700)) -> Image:
    ink = np.full_like(page, 255)
    cv2.circle(ink, at, 150, colour, 9, cv2.LINE_AA)
    cv2.circle(ink, at, 45, colour, -1, cv2.LINE_AA)
    return cv2.multiply(page, ink, scale=1 / 255)


def noted(page: Image) -> Image:
    done = page.copy()
    stroke = np.array([[300, 900], [340, 870], [360, 930], [420, 880], [450, 940], [520, 890]], np.int32)
    cv2.polylines(done, [stroke], False, (120, 80, 60), 3, cv2.LINE_AA)
    return done


def numbered(page: Image, size: float = 0.9) -> Image:
    done = page.copy()
    cv2.putText(done, "- 12 -", (790, 2250), 0, size, (60, 60, 60), 2, cv2.LINE_AA)
    return done


BLANK = {
    "white": np.full((HEIGHT, WIDTH, 3), 255, np.uint8),
    "scanned": paper(),
    "yellowed": paper((205, 228, 238), noise=4),
    "grey scan": cv2.cvtColor(cv2.cvtColor(paper((235, 235, 235)), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
    "dust, holes and streaks": dusty(paper()),
    "other side showing through": show_through(paper(), 32),
}
CONTENT = {
    "text": text(paper()),
    "one line": text(paper(), 1),
    "faint print": text(paper(), 12, (165, 165, 165)),
    "red seal alone": seal(paper(), (60, 60, 215)),
    "pale red seal alone": seal(paper(), (200, 200, 250)),
    "grey seal alone": seal(paper(), (130, 130, 130)),
    "note by hand": noted(paper()),
    "page number": numbered(paper()),
    "small page number": numbered(paper(), 0.7),
    "large page number": numbered(paper(), 1.5),
    "seal on a dusty page": seal(dusty(show_through(paper(), 25)), (70, 70, 220)),
}


@pytest.mark.parametrize("name", BLANK)
def test_blank(name: str) -> None:
    assert ink_of(reduced(BLANK[name])).blank


@pytest.mark.parametrize("name", CONTENT)
def test_not_blank(name: str) -> None:
    assert not ink_of(reduced(CONTENT[name])).blank


def test_quarter_turn_changes_nothing() -> None:
    for page in (BLANK["dust, holes and streaks"], CONTENT["page number"]):
        assert ink_of(reduced(page)).blank == ink_of(reduced(np.ascontiguousarray(np.rot90(page)))).blank


def test_black_print_scanned_in_colour_counts_as_colour() -> None:
    page = text(paper())
    assert colour_of(page, reduced(page)) == "colour"


def test_equal_channels_are_grey() -> None:
    page = cv2.cvtColor(cv2.cvtColor(text(paper()), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert colour_of(page, reduced(page)) == "grey"
    stored = cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    assert colour_of(stored, reduced(stored)) == "grey"


def test_a_seal_on_grey_paper_is_colour() -> None:
    page = seal(cv2.cvtColor(cv2.cvtColor(text(paper()), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), (60, 60, 210))
    assert colour_of(page, reduced(page)) == "colour"


def test_two_levels_are_bilevel() -> None:
    page = np.where(text(paper()).max(axis=2, keepdims=True) > 128, 255, 0).astype(np.uint8).repeat(3, axis=2)
    assert colour_of(page, reduced(page)) == "bilevel"


def test_sharp_and_blurred() -> None:
    page = text(paper())
    sharp = measure(page, reduced(page), ink_of(reduced(page)), dpi=200, native_dpi=None, photo=False)
    soft = cv2.GaussianBlur(page, (0, 0), 7)
    blurred = measure(soft, reduced(soft), ink_of(reduced(soft)), dpi=200, native_dpi=None, photo=False)
    assert "blurred" not in sharp.problems
    assert "blurred" in blurred.problems
    assert sharp.sharpness > 5 * blurred.sharpness


def test_low_resolution_is_told_by_what_the_scanner_took() -> None:
    page = text(paper())
    quality = measure(page, reduced(page), ink_of(reduced(page)), dpi=200, native_dpi=96, photo=False)
    assert "low_dpi" in quality.problems
    assert quality.dpi == 200


def test_text_cut_at_the_edge() -> None:
    page = text(paper())
    assert not ink_of(reduced(page)).clipped
    assert ink_of(reduced(page[:, 190:])).clipped


def test_a_staple_across_the_corner_is_nothing_but_a_tick_is() -> None:
    page = paper()
    for shift, level in ((4, 165), (0, 60)):
        cv2.line(page, (75 + shift, 78 + shift), (146 + shift, 39 + shift), (level,) * 3, 5, cv2.LINE_AA)
    assert ink_of(reduced(page)).blank
    ticked = paper()
    cv2.polylines(ticked, [np.array([(75, 60), (95, 90), (150, 30)], np.int32)], False, (120, 40, 30), 5)
    assert not ink_of(reduced(ticked)).blank


@pytest.mark.parametrize("blur", [0.0, 6.0, 10.0])
def test_a_page_in_the_dark_is_not_blank_for_that(blur: float) -> None:
    dim = (text(paper(), colour=(90, 90, 90)).astype(np.float32) * 0.4).astype(np.uint8)
    dim = cv2.GaussianBlur(dim, (0, 0), blur) if blur else dim
    rng = np.random.default_rng(5)
    grainy = np.clip(dim + rng.normal(0, 3, dim.shape), 0, 255).astype(np.uint8)
    assert not ink_of(reduced(grainy)).blank
    empty = np.clip(paper() * 0.4 + rng.normal(0, 3, dim.shape), 0, 255).astype(np.uint8)
    assert ink_of(reduced(empty)).blank
