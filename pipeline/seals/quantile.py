"""Quantiles without numpy's care for axes, weights and NaN, which takes longer than small pictures do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["quantile"]


def quantile(values: NDArray[Any], share: float) -> float:
    """As :func:`numpy.quantile` of all values, whatever their shape: between two of them on the straight line."""
    flat = values.ravel()
    place = (len(flat) - 1) * share
    low = math.floor(place)
    ordered = np.partition(flat, (low, min(low + 1, len(flat) - 1)))
    below, above = float(ordered[low]), float(ordered[min(low + 1, len(flat) - 1)])
    return below + (above - below) * (place - low)
