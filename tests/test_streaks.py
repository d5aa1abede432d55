"""Dirt on the scanner's glass draws lines over a whole sheet: they are no rules of a table."""

from __future__ import annotations

import cv2
import numpy as np

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
