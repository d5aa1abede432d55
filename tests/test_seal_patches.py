"""Stamps that stand alone are looked at without sides: solid name seals, thin lines of one stamp at any turn."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from pipeline.seals.candidates import candidates_of
from pipeline.seals.find import find_seals
from pipeline.seals.frames import patches_in
from pipeline.seals.ink import inks_of
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_truth import overlap


def _page(spec: SealSpec) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    page = np.full((2339, 1654, 3), 250, np.uint8)
    for row in range(20):
        cv2.putText(page, "1,234,567.89   " * 3, (160, 200 + 60 * row), 0, 1.0, (70, 70, 70), 2, cv2.LINE_AA)
    art = draw_seal(spec, dpi=200, seed=5)
    high, wide = art.shape[:2]
    box = (800 - wide / 2, 1800 - high / 2, 800 + wide / 2, 1800 + high / 2)
    return np.ascontiguousarray(press_seal(page, art, (800, 1800))[:, :, ::-1]), box


@pytest.mark.parametrize(
    "spec",
    [
        SealSpec("程建佳印", shape="square", diameter_mm=20, solid=True),
        SealSpec("与原件核对无误", shape="rectangle", diameter_mm=46, height_mm=9, rotation=10),
        SealSpec("复印件与原件一致", shape="rectangle", diameter_mm=50, height_mm=12, rotation=-40),
    ],
)
def test_a_stamp_that_stands_alone_is_found(spec: SealSpec) -> None:
    image, box = _page(spec)
    inks = inks_of(image, 200)
    half = [(c.ring, abs(math.cos(c.ring.angle)), abs(math.sin(c.ring.angle))) for c in candidates_of(inks)]
    boxes = [
        ((r.x - r.a * c - r.b * s), (r.y - r.a * s - r.b * c), (r.x + r.a * c + r.b * s), (r.y + r.a * s + r.b * c))
        for r, c, s in half
    ]
    assert max(overlap(box, tuple(v * inks.scale for v in b)) for b in boxes) > 0.7  # type: ignore[arg-type]
    height, width = image.shape[:2]
    found = [
        (f.box.x0 * width, f.box.y0 * height, f.box.x1 * width, f.box.y1 * height) for f in find_seals(image, dpi=200)
    ]
    assert [overlap(box, f) > 0.7 for f in found] == [True]


def test_a_solid_seal_is_white_on_colour() -> None:
    solid = draw_seal(SealSpec("程建佳印", shape="square", diameter_mm=20, solid=True), dpi=200, seed=5)
    lined = draw_seal(SealSpec("程建佳印", shape="square", diameter_mm=20), dpi=200, seed=5)
    assert (solid[:, :, 3] > 128).mean() > 0.5 > (lined[:, :, 3] > 128).mean()


def test_lines_of_red_print_are_no_patches() -> None:
    density = np.zeros((400, 800), np.float32)
    for row in range(6):
        density[40 + 60 * row : 60 + 60 * row, 60:760] = 0.8
    assert patches_in(density, px_per_mm=4.0, but=[]) == []
