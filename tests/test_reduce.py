"""Pictures made smaller and blobs counted the quick way: the same as the slow way."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.intake.reduce import blobs_of, halved


def test_halves_keep_the_mean_and_leave_odd_edges_out() -> None:
    image = np.arange(9 * 13 * 3, dtype=np.uint8).reshape(9, 13, 3)
    small = halved(image)
    assert small.shape == (4, 6, 3)
    assert abs(float(small[0, 0, 0]) - float(image[:2, :2, 0].mean())) <= 0.5
    assert halved(image, 2).shape == (2, 3, 3)
    assert halved(image, 9).shape[0] >= 1


def test_blobs_are_those_of_opencv_however_many_there_are() -> None:
    few = np.zeros((60, 80), np.uint8)
    few[5:9, 7:30], few[20:40, 50:53] = 1, 1
    grain = np.zeros((700, 700), np.uint8)
    grain[::2, ::2] = 255  # 122 500 blobs: more than two bytes count
    for mask in (few, grain):
        count, _, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
        blobs, middles = blobs_of(mask)
        assert len(blobs) == count - 1
        assert np.array_equal(blobs, stats[1:])
        assert np.allclose(middles, centres[1:])
