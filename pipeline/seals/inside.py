"""What stands inside a ring besides the name: straight lines under the star, and the code on the lower arc."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.unwrap import OVAL, Arc, Band, Ring, depth_picture, unroll

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["code_strip", "star_turn", "straight_rows", "turn_of"]

CODE_BAND = Band(0.03, 0.155)  # digits of 1.2 to 1.8 mm stand 0.6 mm off a rim of 1 mm, on a seal of 40 mm
RIM_DEPTH = 0.06  # of a rim of 1 mm, and a little
CODE_HALF_SPAN = math.radians(46)  # a 13-digit code spans 60 to 80 degrees
CODE_INK = 0.035  # mean ink of the code's depth under which no digits stand there
STAR_RADII = (0.16, 0.36)  # of the smaller half axis: where only the points of a star have ink
STAR_INK = 0.3  # of full ink: what hangs together by it
STAR_TIPS = 0.5  # of the half axis down: farther out reaches no star
STAR_EVEN = 0.2  # of all the ink there that must recur five times round
STAR_AHEAD = 0.4  # of all that recurs: letters and print do not recur five times
ROW_HEIGHTS = (0.10, 0.42)  # of the smaller half axis: a straight line's height
ROW_QUIET = 0.18  # of the fullest row's ink
ROW_INK = 0.02  # share of a row's room that must be ink, mean over the row
MAX_ROWS = 4
BOX_REACH = 1.3  # half axes around the centre that are looked at
OUTSIDE = (0.08, 0.28)  # of the half axis across, out from the rim: where print that crosses the ring goes on
OUTSIDE_INK = 0.1  # mean ink there, in the height of the line, that makes it print
CODE_SEEN = math.radians(24)  # to both sides of the lowest point: every code reaches that far, no straight line does


def turn_of(ring: Ring, arc: Arc) -> float:
    """Radians clockwise by which the seal is turned: its name is even about the upright, an oval lies on its side."""
    if ring.small > OVAL * max(ring.a, ring.b):
        return ring.tilt + arc.middle
    return ring.tilt + (math.pi if math.cos(arc.middle) < 0 else 0.0)


def star_turn(ink: Ink, ring: Ring, near: float) -> float | None:
    """Radians clockwise by which a five-pointed star is turned, the likeliest near ``near``; None without a star."""
    t = np.linspace(0, 2 * np.pi, 360, endpoint=False, dtype=np.float32)
    depths = np.linspace(1 - STAR_RADII[1], 1 - STAR_RADII[0], 24, dtype=np.float32)
    profile = depth_picture(ink, ring, depths, t).mean(axis=0)
    waves = np.abs(np.fft.rfft(profile))
    if waves[0] <= 0 or waves[5] < STAR_EVEN * waves[0] or waves[5] < STAR_AHEAD * waves[1:9].sum():
        return None
    phase = float(np.angle((profile * np.exp(1j * 5 * t)).sum())) / 5  # a point of the star, as parameter
    turned = ring.tilt + phase
    fifth = 2 * math.pi / 5
    return turned + fifth * round((near - turned) / fifth)


def code_strip(ink: Ink, ring: Ring, turn: float, *, height: int) -> Image | None:
    """The lower arc read from inside, or None where it holds no ink; dark on white."""
    bottom = turn - ring.tilt + math.pi
    arc = Arc(bottom - CODE_HALF_SPAN, bottom + CODE_HALF_SPAN, 1.0)
    strip = unroll(ink, ring, CODE_BAND, arc, height=height, stretch=1.0, feet_out=True)
    middle = strip[height // 5 : -height // 4]
    return strip if 1 - float(middle.mean()) / 255 > CODE_INK else None


def straight_rows(ink: Ink, ring: Ring, band: Band, arc: Arc, turn: float, *, grey: bool) -> list[Image]:
    """The straight lines inside the ring, top down, each as a strip, dark on white.

    ``grey``: print has the seal's colour, so that a line that goes on outside is none of its own.
    """
    upright, a, b = _upright(ink, ring, turn)
    half_w, half_h = upright.shape[1] / 2, upright.shape[0] / 2
    y, x = np.mgrid[0 : upright.shape[0], 0 : upright.shape[1]].astype(np.float32)
    x, y = x - half_w, y - half_h
    coded = code_strip(ink, ring, turn, height=24) is not None
    hidden = _name_mask(x, y, a, b, band, arc, turn - ring.tilt) | _code_mask(x, y, a, b, coded)
    inner = np.where(hidden, 0, upright)
    centre = np.hypot(x, y) < 0.12 * b
    core = np.hypot(x, y) < 0.35 * b
    starred = inner[centre].mean() > 0.62 or inner[core].mean() > 0.42
    if starred:
        inner = np.where((np.hypot(x, y) < 0.40 * b) | _star(inner, np.hypot(x, y) / b), 0, inner)
    rows = [
        (top, bottom) for top, bottom in _row_runs(inner, a, b) if not (grey and _crosses(upright, a, b, top, bottom))
    ]
    return [_row_strip(inner, top, bottom) for top, bottom in rows][:MAX_ROWS]


def _star(inner: Ink, radius: Ink) -> NDArray[np.bool_]:
    """The piece of ink in the middle, as far as a star's tips reach: letters may come near them."""
    _, pieces = cv2.connectedComponents((inner > STAR_INK).astype(np.uint8))
    middle = pieces[(radius < 0.12) & (pieces > 0)]
    own = pieces == np.bincount(middle).argmax() if len(middle) else np.zeros(pieces.shape, bool)
    grown = cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.asarray(grown & (radius < STAR_TIPS))


def _crosses(upright: Ink, a: float, b: float, top: int, bottom: int) -> bool:
    """Whether a line of text goes on outside the ring: print, not the seal's."""
    middle = (top + bottom) / 2 - upright.shape[0] / 2
    rim = a * math.sqrt(max(0.0, 1 - (middle / b) ** 2))
    centre = upright.shape[1] / 2
    inner, outer = rim + OUTSIDE[0] * a, min(centre, rim + OUTSIDE[1] * a)
    sides = [upright[top:bottom, round(centre + inner) : round(centre + outer)]]
    sides.append(upright[top:bottom, round(centre - outer) : round(centre - inner)])
    return any(side.size and float(side.mean()) > OUTSIDE_INK for side in sides)


def _upright(ink: Ink, ring: Ring, turn: float) -> tuple[Ink, float, float]:
    """The ring's box turned upright, and its half axes across and down."""
    across, down = (ring.a, ring.b) if abs(math.cos(turn - ring.tilt)) > 0.5 or ring.a == ring.b else (ring.b, ring.a)
    width, height = round(2 * across * BOX_REACH), round(2 * down * BOX_REACH)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array(
        [
            [cos, -sin, ring.cx - cos * width / 2 + sin * height / 2],
            [sin, cos, ring.cy - sin * width / 2 - cos * height / 2],
        ]
    )
    turned = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(turned, dtype=np.float32), across, down


def _code_mask(x: Ink, y: Ink, a: float, b: float, coded: bool) -> NDArray[np.bool_]:
    """Where the rim stands, and the code on the lower arc: the corners of a straight line come as near to the rim."""
    share = np.hypot(x / a, y / b)
    depth = (1 - share) * np.hypot(x, y) / np.maximum(share, 1e-3) / min(a, b)
    lower = np.abs(np.arctan2(x / a, y / b)) < CODE_HALF_SPAN
    return np.asarray((depth < RIM_DEPTH) | ((depth < CODE_BAND.bottom) & lower & coded))


def _name_mask(x: Ink, y: Ink, a: float, b: float, band: Band, arc: Arc, upright: float) -> NDArray[np.bool_]:
    """Where rim, name and code stand, on the upright picture."""
    share = np.hypot(x / a, y / b)
    depth = (1 - share) * np.hypot(x, y) / np.maximum(share, 1e-3) / min(a, b)
    angle = np.arctan2(x / a, -y / b)
    offset = math.remainder(arc.middle - upright, 2 * math.pi)
    named = np.abs(np.mod(angle - offset + math.pi, 2 * math.pi) - math.pi) < min(math.pi, arc.span / 2 + 0.03)
    return np.asarray((depth < band.bottom + 0.01) & named)


def _row_runs(inner: Ink, a: float, b: float) -> list[tuple[int, int]]:
    """Top and bottom of each stretch of rows with ink that is as high as a line of text."""
    room = inner[:, round(inner.shape[1] / 2 - 0.72 * a) : round(inner.shape[1] / 2 + 0.72 * a)]
    profile = np.convolve(room.mean(axis=1), np.ones(3) / 3, mode="same")
    busy = profile > max(ROW_QUIET * float(profile.max()), ROW_INK * 0.5)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], busy.astype(np.int8), [0]])))
    runs = [(int(s), int(e)) for s, e in zip(edges[::2], edges[1::2], strict=True)]
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and start - joined[-1][1] < 0.03 * b and end - joined[-1][0] < ROW_HEIGHTS[1] * b:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    low, high = ROW_HEIGHTS
    return [run for run in joined if low * b <= run[1] - run[0] <= high * b and profile[slice(*run)].mean() > ROW_INK]


def _row_strip(inner: Ink, top: int, bottom: int) -> Image:
    """One row cut to its ink, with a margin."""
    pad = max(2, round((bottom - top) * 0.12))
    row = inner[max(0, top - pad) : bottom + pad]
    columns = np.flatnonzero(row[pad:-pad].mean(axis=0) > 0.06)
    if not len(columns):
        return np.full((8, 8), 255, np.uint8)
    cut = row[:, max(0, columns[0] - 2 * pad) : columns[-1] + 2 * pad]
    return np.asarray(np.round(255 * (1 - np.clip(cut, 0, 1))), dtype=np.uint8)
