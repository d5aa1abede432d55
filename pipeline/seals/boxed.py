"""Square and rectangular seals: the frame taken off, the text cut into rows, or into columns read from right to left.

A column is laid out as a row of its cells, so that a recogniser of horizontal lines can read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["BOX_HEIGHT", "Layout", "layouts"]

BOX_HEIGHT = 200.0  # px of the smaller side in the work picture: a cell of a 2x2 name seal is 90 px, a row of three 55
FRAME_REACH = 0.2  # the frame lies within this share of a side from the edge
FRAME_INK = 0.45  # of a row or column of pixels: only a frame is that full
CUT_INK = 0.30  # a cut between characters holds at most this share of the mean ink
MAX_PARTS = 5  # rows or columns
TALL = 1.35  # height to width over which a seal holds one column
WIDE = 1.35  # width to height over which a seal holds rows


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to read a boxed seal: its lines in reading order, each a strip, dark on white."""

    strips: tuple[Image, ...]
    vertical: bool


def layouts(ink: Ink) -> tuple[Layout, ...]:
    """The ways to read the upright, cropped ink of a boxed seal, the likelier first."""
    inner = _inner(ink)
    if min(inner.shape) < 12:
        return ()
    height, width = inner.shape
    if height > TALL * width:
        return (Layout((_picture(_as_row(inner)),), True),)
    rows = Layout(tuple(_picture(part) for part in _parts(inner)), False)
    if width > WIDE * height:
        return (rows,)
    columns = [part.T for part in _parts(inner.T)][::-1]
    if len(columns) == 1 and len(rows.strips) == 1:
        return (rows,)
    return (Layout((_picture(_joined([_as_row(column) for column in columns])),), True), rows)


def _inner(ink: Ink) -> Ink:
    """Without the frame, and without the empty margin inside it."""
    top, bottom = _frame(ink.mean(axis=1))
    left, right = _frame(ink.mean(axis=0))
    inside = ink[top:bottom, left:right]
    if inside.size == 0:
        return ink
    rows, columns = np.flatnonzero(inside.mean(axis=1) > 0.03), np.flatnonzero(inside.mean(axis=0) > 0.03)
    if not len(rows) or not len(columns):
        return inside
    return inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _frame(profile: Ink) -> tuple[int, int]:
    """First and last index inside the frame, from the mean ink of rows (or columns)."""
    reach = round(len(profile) * FRAME_REACH)
    return _past_frame(profile[:reach]), len(profile) - _past_frame(profile[::-1][:reach])


def _past_frame(edge: Ink) -> int:
    full = np.flatnonzero(edge > FRAME_INK)
    if not len(full):
        return 0
    at = int(full[0])
    while at < len(edge) and edge[at] > FRAME_INK * 0.5:
        at += 1
    later = full[full > at + 1]  # a second, thin line of a double frame
    if len(later) and later[-1] - later[0] < 6 and later[0] - at < 0.4 * len(edge):
        return int(later[-1]) + 2
    return at


def _parts(inner: Ink) -> list[Ink]:
    """Cut into rows where the ink is least; the number of rows whose cuts are clearest wins."""
    profile = inner.mean(axis=1)
    mean = float(profile.mean())
    best: list[int] = []
    for count in range(2, MAX_PARTS + 1):
        cuts = [_least(profile, len(profile) * k / count, len(profile) * 0.3 / count) for k in range(1, count)]
        if max(profile[cut] for cut in cuts) <= CUT_INK * mean:
            best = cuts
    bounds = [0, *best, len(profile)]
    parts = [inner[a:b] for a, b in zip(bounds, bounds[1:], strict=False) if b - a >= 8]
    return [_tight(part) for part in parts if part.mean() > 0.02]


def _least(profile: Ink, centre: float, reach: float) -> int:
    low, high = max(0, round(centre - reach)), min(len(profile) - 1, round(centre + reach))
    return low + int(profile[low : high + 1].argmin())


def _tight(part: Ink) -> Ink:
    rows = np.flatnonzero(part.mean(axis=1) > 0.03)
    return part[rows[0] : rows[-1] + 1] if len(rows) else part


def _as_row(column: Ink) -> Ink:
    """The cells of a column side by side, each made square."""
    cells = _parts(column)
    side = 60
    return _joined([cv2.resize(cell, (round(side * 0.9), side), interpolation=cv2.INTER_AREA) for cell in cells])


def _joined(cells: list[Ink]) -> Ink:
    if not cells:
        return np.zeros((8, 8), np.float32)
    gap = np.zeros((cells[0].shape[0], 6), np.float32)
    padded = [piece for cell in cells for piece in (gap, cell)]
    return np.asarray(np.concatenate([*padded, gap], axis=1), dtype=np.float32)


def _picture(ink: Ink) -> Image:
    pad = max(3, round(ink.shape[0] * 0.12))
    framed = np.pad(ink, pad)
    return np.asarray(np.round(255 * (1 - np.clip(framed, 0, 1))), dtype=np.uint8)
