"""Dirt on the scanner's glass draws lines over a whole sheet: they are no rules of a table."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.reading.rulings import rulings

Image = np.ndarray
HEIGHT, WIDTH = 1700, 1200
ROWS = (300, 380, 460, 540, 620)


def table() -> Image:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for y in ROWS:
        cv2.line(page, (100, y), (1100, y), (0, 0, 0), 2)
    for x in (100, 500, 1100):
        cv2.line(page, (x, ROWS[0]), (x, ROWS[-1]), (0, 0, 0), 2)
    return page


def verticals(page: Image) -> list[int]:
    return sorted({round(rule.x0 * WIDTH) for rule in rulings(page) if not rule.horizontal})


def test_a_streak_through_a_table_is_no_column() -> None:
    clean = verticals(table())
    page = table()
    cv2.line(page, (640, 0), (646, HEIGHT), (90, 90, 90), 2)
    assert len(clean) == 3
    assert verticals(page) == clean


def test_a_streak_in_pieces_is_one() -> None:
    page = table()
    for y0, y1 in ((60, 370), (400, 700), (760, 1100), (1200, 1650)):
        cv2.line(page, (300, y0), (300, y1), (90, 90, 90), 2)
    assert verticals(page) == verticals(table())


def test_a_table_as_tall_as_the_sheet_keeps_its_columns() -> None:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for y in range(80, 1640, 60):
        cv2.line(page, (100, y), (1100, y), (0, 0, 0), 2)
    for x in (100, 420, 800, 1100):
        cv2.line(page, (x, 80), (x, 1640), (0, 0, 0), 2)
    assert len(verticals(page)) == 4


def test_rules_across_that_stand_alone_stay() -> None:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for y in range(300, 1300, 70):
        cv2.line(page, (90, y), (1110, y), (120, 120, 120), 2)
    assert len(rulings(page)) == 15
    cv2.line(page, (0, 1500), (WIDTH, 1500), (90, 90, 90), 2)  # a fold
    assert len(rulings(page)) == 15


def test_rules_go_on_under_a_stain() -> None:
    """The ring of a cup lies along a rule and over another: cells must not run together (pitfall 13)."""
    page = np.full((2339, 1654, 3), 250, np.uint8)
    for y in range(400, 1300, 60):
        cv2.line(page, (200, y), (1450, y), (20, 20, 20), 2)
    for x in (200, 800, 1450):
        cv2.line(page, (x, 400), (x, 1240), (20, 20, 20), 2)
    clean = rulings(page)
    stain = np.zeros(page.shape[:2], np.float32)
    cv2.circle(stain, (1010, 790), 215, 1.0, 24)
    stain = cv2.GaussianBlur(stain, (0, 0), 3)[..., None] * 0.6
    stained = np.clip(page * (1 - stain) + np.array((40, 76, 112)) * stain, 0, 255).astype(np.uint8)
    assert len(rulings(stained)) == len(clean)
    for rule, was in zip(rulings(stained), clean, strict=True):
        ends = ((rule.x0, was.x0), (rule.y0, was.y0), (rule.x1, was.x1), (rule.y1, was.y1))
        assert max(abs(a - b) for a, b in ends) < 0.004


def creased(page: Image, at: float, *, wide: float = 2.5, deep: float = 100, lean: float = 0.0) -> Image:
    """A fold down the page: pale, a little uneven, over the whole sheet and whatever is printed there."""
    height, width = page.shape[:2]
    rng = np.random.default_rng(3)
    place = at + lean * np.linspace(-0.5, 0.5, height) * width + np.cumsum(rng.normal(0, 0.1, height))
    off = np.arange(width)[None, :] - place[:, None]
    strength = np.interp(np.arange(height), np.linspace(0, height, 25), rng.uniform(0.5, 1, 25))[:, None]
    level = deep * np.exp(-((off / wide) ** 2)) * strength
    return np.clip(page - level[..., None], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("at", [300, 640, 900])
@pytest.mark.parametrize(("wide", "deep"), [(1.2, 90), (2.5, 110), (7, 70)])
@pytest.mark.parametrize("lean", [0.0, 0.01])
def test_a_fold_through_a_table_is_no_column(at: int, wide: float, deep: float, lean: float) -> None:
    assert verticals(creased(table(), at, wide=wide, deep=deep, lean=lean)) == verticals(table())


@pytest.mark.parametrize("at", [497, 500, 504])
def test_a_rule_under_a_fold_stays(at: int) -> None:
    found = verticals(creased(table(), at))
    assert len(found) == 3
    assert all(abs(a - b) < 6 for a, b in zip(found, verticals(table()), strict=True))


def test_a_fold_of_which_a_part_is_seen_is_no_column() -> None:
    page, folded = table(), creased(table(), 640)
    folded[:150], folded[560:] = page[:150], page[560:]  # begins above the table and ends in a cell
    assert verticals(folded) == verticals(page)


def test_a_fold_across_a_table_is_no_row() -> None:
    page = table()
    folded = creased(np.ascontiguousarray(page.transpose(1, 0, 2)), 420).transpose(1, 0, 2)
    lying = [rule for rule in rulings(np.ascontiguousarray(folded)) if rule.horizontal]
    assert len(lying) == len(ROWS)


def test_pale_rules_of_a_table_stay() -> None:
    """A black frame, pale rules within it: pale, yet they end at the frame."""
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for y in (380, 460, 540):
        cv2.line(page, (100, y), (1100, y), (170, 170, 170), 2)
    for x in (400, 700):
        cv2.line(page, (x, 300), (x, 620), (170, 170, 170), 2)
    cv2.rectangle(page, (100, 300), (1100, 620), (0, 0, 0), 3)
    assert len(verticals(page)) == 4


def test_uprights_that_all_run_past_the_last_rule_stay() -> None:
    """A page break cuts a table in a row: its uprights end where no rule lies, all of them there."""
    page = table()
    for x in (100, 500, 1100):
        cv2.line(page, (x, ROWS[-1]), (x, ROWS[-1] + 60), (150, 150, 150), 2)
    cv2.line(page, (800, ROWS[0]), (800, ROWS[-1] + 60), (150, 150, 150), 2)
    assert len(verticals(page)) == 4


def test_several_folds_are_no_fellows_of_each_other() -> None:
    page = table()
    for y0, y1 in ((200, 330), (345, 640), (655, 720)):
        cv2.line(page, (640, y0), (641, y1), (190, 190, 190), 2)
    cv2.line(page, (800, 60), (800, 1000), (190, 190, 190), 2)
    assert verticals(page) == verticals(table())
