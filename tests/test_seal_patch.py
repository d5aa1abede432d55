"""A candidate's picture shows the ring or frame upright and filling it, wherever and however it lies."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from pipeline.seals.patch import REACH, SIDE, patch_of
from pipeline.seals.rings import Ellipse


@pytest.mark.parametrize("turn", [0.0, 0.3, -0.8, math.pi / 2])
@pytest.mark.parametrize(("a", "b"), [(90.0, 90.0), (80.0, 30.0), (12.0, 10.0)])
def test_an_ellipse_becomes_a_circle(turn: float, a: float, b: float) -> None:
    page = np.zeros((400, 400, 4), np.uint8)
    cv2.ellipse(page, (200, 210), (round(a), round(b)), math.degrees(turn), 0, 360, (255, 0, 0, 0), -1)
    patch = patch_of(page, Ellipse(200, 210, a, b, turn))
    axis = (np.arange(SIDE) - (SIDE - 1) / 2) / (SIDE / 2) * REACH
    rho = np.hypot(axis[None, :], axis[:, None])
    assert patch.shape == (SIDE, SIDE, 4)
    assert patch[rho < 0.85][:, 0].mean() > 240
    assert patch[rho > 1.2][:, 0].mean() < 15
    assert not patch[:, :, 1:].any()


def test_beyond_the_page_there_is_no_ink() -> None:
    page = np.full((100, 100, 4), 200, np.uint8)
    patch = patch_of(page, Ellipse(100, 50, 35, 35))
    assert patch[:, : SIDE // 2 - 2].min() > 150
    assert not patch[:, SIDE // 2 + 3 :].any()
    assert not patch_of(page, Ellipse(500, 500, 20, 20)).any()
