"""What a page's picture is said to be worth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.intake.blank import ink_of, reduced
from pipeline.intake.quality import measure


def _page(lines: int, paper: int, level: int) -> np.ndarray:
    page = np.full((2339, 1654, 3), paper, np.uint8)
    for row in range(lines):
        cv2.putText(page, "2023-09-04 1,234.56", (900, 200 + 60 * row), 0, 0.9, (level,) * 3, 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize(
    ("lines", "paper", "level", "pale"),
    [
        (2, 250, 40, False),  # the last page of a statement: a name, a date and nothing else
        (30, 250, 40, False),
        (2, 115, 65, True),
        (30, 115, 65, True),
    ],
)
def test_contrast_is_that_of_the_ink_however_little_there_is(lines: int, paper: int, level: int, pale: bool) -> None:
    image = _page(lines, paper, level)
    small = reduced(image)
    quality = measure(image, small, ink_of(small), dpi=200, native_dpi=200, photo=False)
    assert ("low_contrast" in quality.problems) is pale
