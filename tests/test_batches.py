"""Crops of any width go to the recogniser in few shapes, and come back in their order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.openvino import BATCH_PIXELS, LADDER, MAX_WIDTH, REC_HEIGHT, _batches, shared_engine
from tests.intake_pages import VALUES, form_picture

widths = st.lists(st.integers(1, MAX_WIDTH), max_size=80)


@given(widths)
def test_every_crop_is_read_once_in_a_shape_that_holds_it(asked: list[int]) -> None:
    batches = list(_batches(asked))
    assert sorted(i for _, batch in batches for i in batch) == list(range(len(asked)))
    for width, batch in batches:
        assert width in LADDER and all(asked[i] <= width for i in batch)
        assert len(batch).bit_count() == 1
        assert len(batch) == 1 or len(batch) * width * REC_HEIGHT <= BATCH_PIXELS


def test_the_ladder_is_short_and_pads_little() -> None:
    assert len(LADDER) < 40 and LADDER[-1] == MAX_WIDTH
    assert all(wide <= 1.34 * narrow for narrow, wide in pairwise(LADDER))


@pytest.mark.slow
def test_crops_come_back_in_their_order() -> None:
    page = form_picture()
    crops = [
        page[round((120 + 34 * i) * 200 / 72) + 8 : round((154 + 34 * i) * 200 / 72) - 8, 620:1480] for i in range(8)
    ]
    narrow = [np.ascontiguousarray(crop[:, : 120 + 90 * i]) for i, crop in enumerate(crops)]
    together = [found.text for found in shared_engine().recognise([*crops, *narrow])]
    alone = [shared_engine().recognise([crop])[0].text for crop in (*crops, *narrow)]
    assert together == alone
    assert sum(text.replace(" ", "") in VALUES for text in together[:8]) >= 7
