"""Options ringed by hand: one of several printed choices in a circle."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.model import Box, Line, TickBox
from pipeline.reading.hand_rings import hand_rings
from pipeline.tables.grid import cell_of
from pipeline.tables.ticks import read_options, ticked

Image = np.ndarray
WORDS = ("EDUCATION", "ENERGY", "FINANCE", "RETAIL")
BLACK, BLUE, RED = (40, 40, 40), (170, 70, 40), (60, 50, 200)  # BGR


def printed() -> tuple[Image, dict[str, tuple[int, int, int, int]]]:
    """Four words in a ruled cell, and where each stands (px)."""
    page = np.full((2339, 1654, 3), 250, np.uint8)
    cv2.rectangle(page, (150, 900), (1500, 1010), (0, 0, 0), 2)
    places = {}
    for i, word in enumerate(WORDS):
        x, y = 190 + 320 * i, 968
        (w, h), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
        cv2.putText(page, word, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
        places[word] = (x, y - h, x + w, y)
    return page, places


def ring(page: Image, place: tuple[int, int, int, int], pen: tuple[int, int, int], *, open_: int = 0) -> None:
    """A hand's ring: not quite an ellipse, not quite closed."""
    x0, y0, x1, y1 = place
    turns = np.radians(np.linspace(0, 360 - open_, 90))
    wobble = 1 + 0.05 * np.sin(3 * turns + 1)
    xs = (x0 + x1) / 2 + ((x1 - x0) / 2 + 24) * np.cos(turns) * wobble
    ys = (y0 + y1) / 2 + ((y1 - y0) / 2 + 20) * np.sin(turns) * wobble
    cv2.polylines(page, [np.stack([xs, ys], 1).astype(np.int32)], False, pen, 3, cv2.LINE_AA)


def found_on(page: Image) -> tuple[TickBox, ...]:
    return hand_rings(page)


def test_print_alone_has_no_rings() -> None:
    assert found_on(printed()[0]) == ()


@pytest.mark.parametrize("pen", [BLACK, BLUE, RED])
@pytest.mark.parametrize("open_", [0, 5])
def test_a_ring_around_a_word_is_found(pen: tuple[int, int, int], open_: int) -> None:
    page, places = printed()
    ring(page, places["FINANCE"], pen, open_=open_)
    (found,) = found_on(page)
    x0, y0, x1, y1 = places["FINANCE"]
    assert found.ring
    assert found.box.holds((x0 + x1) / 2 / page.shape[1], (y0 + y1) / 2 / page.shape[0])
    assert found.box.width * page.shape[1] < 1.5 * (x1 - x0)


def test_a_seal_is_no_ring() -> None:
    page, _ = printed()
    cv2.circle(page, (800, 1400), 60, RED, 5, cv2.LINE_AA)
    cv2.putText(page, "ABC", (770, 1410), cv2.FONT_HERSHEY_SIMPLEX, 0.8, RED, 2, cv2.LINE_AA)
    assert found_on(page) == ()


NAMES = ("金融业", "制造业", "教育", "采矿业")
PLACES = {name: Box(0.2 + 0.15 * i, 0.3, 0.2 + 0.15 * i + 0.017 * len(name), 0.318) for i, name in enumerate(NAMES)}


def meant(*rings: Box, boxed: str = "") -> list[tuple[str, str]]:
    lines = [Line(text=boxed + name, box=box, confidence=1.0) for name, box in PLACES.items()]
    cell = cell_of(lines, page=1, table=-1)
    boxes = [TickBox(box=box, filled=0.0, round=True, ring=True) for box in rings]
    return [(o.name, o.state) for o in ticked(read_options([cell], NAMES, boxes={1: boxes}))]


def test_what_is_ringed_is_meant() -> None:
    assert meant(PLACES["教育"].grown(0.012, 0.012)) == [("教育", "ticked")]
    assert meant(PLACES["教育"].grown(0.012, 0.012), boxed="□") == [("教育", "ticked")]


def test_a_ring_around_several_or_beside_says_nothing() -> None:
    wide = PLACES["金融业"].union(PLACES["制造业"]).grown(0.01, 0.01)
    beside = Box(0.2, 0.34, 0.26, 0.37)
    assert meant(wide, boxed="□") == []
    assert meant(beside, boxed="□") == []
