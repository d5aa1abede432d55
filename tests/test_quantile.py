"""The quick quantile says what numpy's says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.seals.quantile import quantile


@given(
    hnp.arrays(
        st.sampled_from((np.uint8, np.float32)),
        hnp.array_shapes(max_dims=2, max_side=40),
        elements=st.integers(0, 255),
    ),
    st.floats(0, 1),
)
def test_it_is_numpys(values: np.ndarray, share: float) -> None:
    assert quantile(values, share) == pytest.approx(float(np.quantile(values.astype(np.float64), share)), abs=1e-6)
