"""The glance at a whole page: what it sees, what it leaves, and that it bears any picture."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from pipeline.model import Box
from pipeline.seals.candidates import glimpsed
from pipeline.seals.find import WEIGHTS, find_seals, opinions_of
from pipeline.seals.glance import FILE, HALF, LEAST, Glimpse, glance, halved
from pipeline.seals.ink import inks_of
from pipeline.seals.patch import pictured
from samples.fit_opinions import fitted
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_marks import MARKS
from samples.train_glance import PLACES, SIDE, cutting, lesson_of, tasks_of
from tests.fonts import needs_fonts

NAME = "北京云海数科信息技术有限公司"
boxes = st.tuples(*[st.floats(-500, 500)] * 2, *[st.floats(0.5, 400)] * 2).map(
    lambda b: Box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


def paper(spec: SealSpec, at: tuple[float, float] = (500.0, 700.0)) -> np.ndarray:
    page = np.full((1170, 827, 3), 250, np.uint8)
    return np.ascontiguousarray(press_seal(page, draw_seal(spec, dpi=100, seed=4), at)[:, :, ::-1])


def test_its_file_is_small_enough_to_be_shipped() -> None:
    assert FILE.stat().st_size < 8_000_000


@needs_fonts
@pytest.mark.parametrize("colour", ["red", "blue", "grey"])
@pytest.mark.parametrize("spec", [SealSpec(NAME), SealSpec("王小明印", shape="square", diameter_mm=18.0)])
def test_a_seal_is_seen_where_it_lies(spec: SealSpec, colour: str) -> None:
    spec = SealSpec(spec.name, shape=spec.shape, diameter_mm=spec.diameter_mm, colour=colour)  # type: ignore[arg-type]
    inks = inks_of(paper(spec), 100)
    best = glance(pictured(inks))[0]
    half = spec.diameter_mm / 25.4 * 100 / 2
    assert best.heat > 0.5
    assert best.kind == ("ring" if spec.shape == "round" else "frame")
    assert best.box.iou(Box(500 - half, 700 - half, 500 + half, 700 + half)) > 0.6


def test_on_bare_paper_nothing_is_seen() -> None:
    assert glance(pictured(inks_of(np.full((1170, 827, 3), 245, np.uint8), 100))) == []


@needs_fonts
def test_a_frame_that_lacks_two_sides_is_found_by_the_glance_alone() -> None:
    page = paper(SealSpec("王小明印", shape="square", diameter_mm=20.0))
    side = round(20 / 25.4 * 100)
    left, top = 500 - side // 2 - 2, 700 - side // 2 - 2
    page[top : top + side + 4, left : left + 7] = page[0, 0]
    page[top : top + 7, left : left + side + 4] = page[0, 0]
    _, opinions = opinions_of(page, 100)
    assert any(one.kind == ("frame", "glimpsed") for one in opinions)
    found = find_seals(page, dpi=100)
    assert [seal.shape for seal in found] == ["square"]


@needs_fonts
def test_a_candidate_is_made_of_each_ink_that_lies_there_and_of_no_other() -> None:
    inks = inks_of(paper(SealSpec(NAME)), 100)
    seen = Glimpse("ring", Box(421.0, 621.0, 579.0, 779.0), 0.9)
    made = list(glimpsed(inks, seen))
    assert [c.hue for c in made] == ["red"]
    assert made[0].bounds.iou(seen.box) > 0.8
    assert list(glimpsed(inks, Glimpse("ring", Box(20.0, 20.0, 120.0, 120.0), 0.9))) == []
    assert list(glimpsed(inks, Glimpse("frame", Box(-900.0, -900.0, -800.0, -850.0), 0.9))) == []


@settings(max_examples=25)
@given(st.integers(24, 1700), st.integers(24, 1700), st.integers(0, 2**32 - 1))
def test_it_bears_a_picture_of_any_shape_and_content(rows: int, columns: int, seed: int) -> None:
    ink = np.random.default_rng(seed).integers(0, 256, (rows, columns, 4), np.uint8)
    for one in glance(ink):
        assert LEAST < one.heat <= 1
        assert one.box[0] < one.box[2] and one.box[1] < one.box[3]


@given(boxes, boxes)
def test_what_two_boxes_share(one: Box, other: Box) -> None:
    part = one.iou(other)
    assert 0 <= part <= 1 + 1e-9
    assert part == pytest.approx(other.iou(one))
    assert one.iou(one) == pytest.approx(1)


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_picture_is_halved_and_never_lost(rows: int, columns: int) -> None:
    assert halved(np.zeros((rows, columns, 4), np.uint8)).shape == (max(1, rows // HALF), max(1, columns // HALF), 4)


def test_all_opinions_count_for_a_seal() -> None:
    kinds = {(kind, ink) for kind in ("ring", "frame") for ink in ("colour", "grey", "large", "glimpsed")}
    assert WEIGHTS.keys() == kinds
    for _, *weights in WEIGHTS.values():
        assert all(w >= 0 for w in weights) and sum(weights) > 0


@needs_fonts
def test_a_lesson_tells_the_seals_of_its_page_wherever_it_is_cut() -> None:
    lesson = lesson_of((5_000_002, "rich"))
    assert len(lesson.boxes) and lesson.ink.shape[2] == 4
    hottest = 0.0
    for seed in range(30):
        ink, heat, counts, sizes, weight = cutting(lesson, np.random.default_rng(seed))
        assert ink.shape == (SIDE, SIDE, 4) and ink.min() >= 0 and ink.max() <= 1
        assert heat.shape == counts.shape == (2, PLACES, PLACES) and sizes.shape == (4, PLACES, PLACES)
        assert ((heat == 1).sum(axis=0) <= 1).all() and (weight[(heat == 1).any(axis=0)] > 0).all()
        hottest = max(hottest, float(heat.max()))
    assert hottest == 1
    tasks = tasks_of(5)
    assert len({seed for seed, _ in tasks}) == len(tasks) and {sort for _, sort in tasks} == {"plain", "marked", "rich"}


@needs_fonts
def test_each_mark_draws_itself_and_keeps_to_the_page() -> None:
    r = random.Random(3)
    for mark in MARKS:
        canvas = Pillow.new("RGB", (1200, 900), (255, 255, 255))
        mark(canvas, r)
        drawn = np.asarray(canvas)
        assert drawn.shape == (900, 1200, 3)
        assert cv2.countNonZero((drawn.min(axis=2) < 235).astype(np.uint8)) > 200


def test_weights_are_those_that_tell_right_from_wrong() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 2, (4000, 3))
    right = (rng.random(4000) < 1 / (1 + np.exp(-(odds @ (0.8, 0.1, 0.4) - 0.5)))).astype(float)
    assert fitted(odds, right) == pytest.approx([-0.5, 0.8, 0.1, 0.4], abs=0.12)
