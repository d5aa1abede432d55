"""Pale strokes of a seal pressed with hardly any ink: seen, and nothing else taken for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.seals.traces import has_faint_trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

DPI = 200
PALE = (198, 200, 216)  # BGR on paper of 218: a red that takes a twelfth of the light


def paper(noise: float = 2.0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    return np.clip(rng.normal(218, noise, (500, 700, 1)).repeat(3, 2) + rng.normal(0, 1, (500, 700, 3)), 0, 255).astype(
        np.uint8
    )


def worn_seal(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    star = np.array(
        [
            (350 + r * np.sin(a), 250 - r * np.cos(a))
            for i in range(10)
            for a in (i * np.pi / 5,)
            for r in ((40, 16)[i % 2],)
        ],
        np.int32,
    )
    cv2.fillPoly(picture, [star], colour)
    cv2.ellipse(picture, (350, 250), (150, 150), 0, -30, 30, colour, 9)
    cv2.ellipse(picture, (350, 250), (150, 150), 0, 200, 225, colour, 9)
    return cv2.GaussianBlur(picture, (5, 5), 0)  # type: ignore[return-value]


def test_a_worn_seal_leaves_a_trace() -> None:
    assert has_faint_trace(worn_seal(paper(), PALE), DPI)


@pytest.mark.parametrize("noise", [0.0, 2.0, 6.0])
def test_blank_paper_has_none(noise: float) -> None:
    assert not has_faint_trace(paper(noise), DPI)


def test_grey_strokes_are_no_ink_of_a_seal() -> None:
    assert not has_faint_trace(worn_seal(paper(), (198, 198, 198)), DPI)


def test_red_print_is_no_trace() -> None:
    picture = paper()
    cv2.putText(picture, "STAMP HERE", (60, 250), cv2.FONT_HERSHEY_SIMPLEX, 2, (40, 30, 200), 9)
    assert not has_faint_trace(picture, DPI)


def test_specks_and_stains_are_none() -> None:
    picture = paper()
    for x, y in ((60, 60), (600, 400), (300, 90)):
        cv2.circle(picture, (x, y), 5, PALE, -1)
    cv2.rectangle(picture, (100, 150), (320, 400), PALE, -1)
    assert not has_faint_trace(picture, DPI)
    assert not has_faint_trace(np.full((500, 700, 3), PALE, np.uint8), DPI)
