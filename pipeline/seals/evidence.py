"""What speaks for a ring being a seal: its ink unrolled round the centre, and measured.

A seal has a thin rim most of the way round, a clear line inside it, a band of upright characters, a star or little else
in the middle, and paper outside. A logo is a solid disc, a circle drawn by hand is empty and wobbles, print
that happens to lie round has no rim.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.quantile import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.seals.rings import Ellipse

    Map = NDArray[np.float32]

__all__ = ["ANGLES", "RHO", "RING_FEATURES", "ring_features", "unrolled"]

ANGLES = 96  # samples round the centre: a character of a crowded seal still spans three
RHO = np.arange(0.04, 1.30, 0.04, dtype=np.float32)  # distances from the centre in shares of the radius
_TURN = np.linspace(0, 2 * math.pi, ANGLES, endpoint=False, dtype=np.float32)[:, None]
_COS, _SIN = RHO * np.cos(_TURN), RHO * np.sin(_TURN)


def _run(inside: NDArray[np.bool_]) -> slice:
    at = np.flatnonzero(inside)
    return slice(int(at[0]), int(at[-1]) + 1)


RIM = _run((RHO > 0.90) & (RHO < 1.06))
INSIDE = _run(RHO < 1.06)
OUTSIDE = _run((RHO > 1.10) & (RHO < 1.24))
BAND = _run((RHO > 0.56) & (RHO < 0.88))
MIN_STRENGTH = 0.05  # density: under it there is no ink to compare with
INKED = 0.35  # of the strength: an angle of the rim that holds ink


def unrolled(density: Map, ring: Ellipse) -> Map:
    """The map sampled at (angle, rho) of an ellipse: (ANGLES, len(RHO)); beyond the picture there is no ink."""
    return _polar(density, ring, _places(ring), soft=True)


def _places(ring: Ellipse) -> tuple[Map, Map]:
    u, v = ring.a * _COS, ring.b * _SIN
    cos, sin = math.cos(ring.angle), math.sin(ring.angle)
    x = ring.x + u * cos - v * sin
    y = ring.y + u * sin + v * cos
    return x.astype(np.float32), y.astype(np.float32)


def _polar(density: Map, ring: Ellipse, places: tuple[Map, Map], *, soft: bool) -> Map:
    x, y = places
    half_w, half_h = ring.half_size
    x0, y0 = max(0, int(ring.x - 1.35 * half_w) - 2), max(0, int(ring.y - 1.35 * half_h) - 2)
    part = density[y0 : int(ring.y + 1.35 * half_h) + 3, x0 : int(ring.x + 1.35 * half_w) + 3]
    if part.size == 0:
        return np.zeros((ANGLES, len(RHO)), np.float32)
    if soft:
        part = np.asarray(cv2.GaussianBlur(part, (0, 0), max(0.5, ring.mean_radius * 0.013)), dtype=np.float32)
    polar = cv2.remap(part, x - np.float32(x0), y - np.float32(y0), cv2.INTER_LINEAR)
    return np.asarray(polar, dtype=np.float32)


def ring_features(density: Map, gold: Map, ring: Ellipse, *, px_per_mm: float) -> NDArray[np.float32]:
    """Measures of a candidate, in the order of :data:`RING_FEATURES`; ``gold``: emblems are red and gold."""
    places = _places(ring)
    polar = _polar(density, ring, places, soft=True)
    strength = max(MIN_STRENGTH, quantile(polar[:, INSIDE], 0.93))
    polar = np.minimum(polar / np.float32(strength), np.float32(1.5))
    rim = polar[:, RIM].max(axis=1)
    outside = polar[:, OUTSIDE].mean(axis=1)
    inked = rim > INKED
    clear = rim > outside + INKED
    band = polar[:, BAND]
    steps = np.abs(np.diff(band, axis=0)).mean()
    scalars = [
        float(inked.mean()),
        float(clear.mean()),
        _longest_gap(inked),
        float(outside.mean()),
        float(band.mean()),
        float(steps),
        float((band.max(axis=1) > INKED).mean()),
        float((polar[:, INSIDE] > 0.5).mean()),
        ring.votes,
        ring.b / ring.a,
        math.log(ring.mean_radius / px_per_mm),
        math.log(ring.mean_radius),
        math.log(strength),
        min(2.0, float(_polar(gold, ring, places, soft=False)[:, INSIDE].mean()) / strength),
    ]
    turn = np.abs(np.diff(polar, axis=0)).mean(axis=0)
    return np.concatenate([np.array(scalars), polar.mean(axis=0), polar.std(axis=0), turn]).astype(np.float32)


RING_FEATURES = (
    *("rim_inked", "rim_clear", "rim_gap", "outside", "band", "steps", "band_inked", "fill"),
    *("votes", "aspect", "mm", "px", "strength", "gold"),
    *(f"{kind}_{rho:.2f}" for kind in ("mean", "std", "turn") for rho in RHO),
)


def _longest_gap(inked: NDArray[np.bool_]) -> float:
    """The longest stretch without ink, in shares of the way round."""
    if inked.all():
        return 0.0
    if not inked.any():
        return 1.0
    at = np.flatnonzero(np.concatenate([inked, inked]))
    return float((np.diff(at).max() - 1) / len(inked))
