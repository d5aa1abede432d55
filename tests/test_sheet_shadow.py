"""A photographed sheet half of which lies in shadow: the shadow's edge is no edge of the sheet."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.intake.sheet import find_sheet


def _photograph(*, shadow: bool, slant: float = 18.0) -> np.ndarray:
    """A printed sheet, a little askew on a grey desk; its lower half in shadow."""
    page = np.full((620, 440, 3), 250, np.uint8)
    for y in range(40, 590, 22):
        for x in range(40, 400, 14):
            cv2.rectangle(page, (x, y), (x + 9, y + 9), (30, 30, 30), 1)
    desk = np.full((800, 600, 3), 105, np.uint8)
    corners = np.array([[80, 90], [520, 90 + slant], [515, 712], [84, 705]], np.float32)
    source = np.array([[0, 0], [440, 0], [440, 620], [0, 620]], np.float32)
    bend = cv2.getPerspectiveTransform(source, corners)
    sheet = cv2.warpPerspective(page, bend, (600, 800))
    cover = cv2.warpPerspective(np.full((620, 440), 255, np.uint8), bend, (600, 800))
    scene = np.where(cover[:, :, None] > 0, sheet, desk)
    if shadow:
        light = np.ones((800, 600, 1), np.float32)
        light[420:] = 0.5
        scene = (scene * cv2.GaussianBlur(light, (0, 0), 4)[:, :, None]).astype(np.uint8)
    return scene


@pytest.mark.parametrize("shadow", [False, True])
def test_no_part_of_the_sheet_is_cut_off_at_a_shadow(shadow: bool) -> None:
    scene = _photograph(shadow=shadow)
    found = find_sheet(scene, (600, 800))
    if not shadow:
        assert found is not None
    if found is not None:
        foot = found.matrix @ np.array([300.0, 690.0, 1.0])
        assert 0 < foot[1] / foot[2] < found.size[1]


def test_a_cover_with_little_print_is_not_halved_by_a_shadow() -> None:
    """Too few words stand beyond the shadow's edge to say that the sheet goes on; its colour and its shape do."""
    scene = np.full((800, 600, 3), (35, 80, 120), np.uint8)
    corners = np.array([[30, 50], [560, 42], [566, 768], [38, 764]], np.int32)
    cv2.fillConvexPoly(scene, corners, (246, 248, 250))
    for x in range(200, 400, 40):
        cv2.rectangle(scene, (x, 180), (x + 20, 200), (40, 40, 40), 2)
    light = np.ones((800, 600, 1), np.float32)
    light[:, :220] = 0.56
    scene = (scene * cv2.GaussianBlur(light, (0, 0), 14)[:, :, None]).astype(np.uint8)
    found = find_sheet(scene, (600, 800))
    if found is not None:
        left = found.matrix @ np.array([60.0, 400.0, 1.0])
        assert 0 < left[0] / left[2] < found.size[0]


def test_a_shadow_between_names_and_figures_of_a_table_is_no_edge() -> None:
    """The half in shadow bears more print than the half in the light: what is left there has no shape of a sheet."""
    page = np.full((620, 440, 3), 250, np.uint8)
    for y in range(40, 590, 16):
        for x in range(30, 240, 12):
            cv2.rectangle(page, (x, y), (x + 8, y + 8), (30, 30, 30), 1)
        cv2.rectangle(page, (330, y), (390, y + 7), (30, 30, 30), 1)
    scene = np.full((800, 600, 3), 70, np.uint8)
    corners = np.array([[30, 40], [570, 36], [566, 770], [38, 764]], np.float32)
    source = np.array([[0, 0], [440, 0], [440, 620], [0, 620]], np.float32)
    bend = cv2.getPerspectiveTransform(source, corners)
    cover = cv2.warpPerspective(np.full((620, 440), 255, np.uint8), bend, (600, 800))
    scene = np.where(cover[:, :, None] > 0, cv2.warpPerspective(page, bend, (600, 800)), scene)
    light = np.ones((800, 600, 1), np.float32)
    light[:, :320] = 0.55
    scene = (scene * cv2.GaussianBlur(light, (0, 0), 8)[:, :, None]).astype(np.uint8)
    found = find_sheet(scene, (600, 800))
    if found is not None:
        left = found.matrix @ np.array([70.0, 400.0, 1.0])
        assert 0 < left[0] / left[2] < found.size[0]
