"""What stands inside a ring besides the name: straight lines under the star, and the code on the lower arc."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.unwrap import OVAL, Arc, Band, Ring, depth_picture, unroll

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]

__all__ = ["Row", "code_strip", "coded", "star_turn", "straight_rows", "turn_of"]

CODE_BAND = Band(0.03, 0.155)  # digits of 1.2 to 1.8 mm stand 0.6 mm off a rim of 1 mm, on a seal of 40 mm
RIM_DEPTH = 0.06  # of a rim of 1 mm, and a little
CODE_HALF_SPAN = math.radians(46)  # a 13-digit code spans 60 to 80 degrees
CODE_INK = 0.035  # mean ink of the code's depth under which no digits stand there
STAR_INK = 0.3  # of full ink: what hangs together by it
STAR_CORE = 0.12  # of the half axis: where the star's piece is looked for
STAR_TIPS = 0.5  # of the half axis: farther out reaches no star
STAR_SHARE = 0.7  # of the ink within a star's reach that is its own
STAR_FILLED = 0.24  # of the circle through its tips that a star fills (0.36 whole): strokes fill less
STAR_EVEN = 0.2  # of its ink, far from the middle counting more, that must recur five times round
EMBLEM = 0.40  # of the half axis: what an emblem covers
ROW_HEIGHTS = (0.07, 0.42)  # of the smaller half axis: a straight line's height
WHOLE_ROW = 0.12  # of the smaller half axis: a stretch so high is a line by itself, no stroke of the one beside it
ROW_QUIET = 0.18  # of the fullest row's ink
ROW_FULL = 0.2  # mean ink of a full row: a line right across has more and says nothing about rows
PART_INK = 0.6  # of the fullest line of pixels, up to which a high stretch may be parted there
RULE_WIDE, RULE_INK, RULE_HIGH = 0.6, 0.75, 0.1  # half width and height (of the half axes) and ink of a line across
ROW_INK = 0.02  # share of a row's room that must be ink, mean over the row
MAX_ROWS = 4
BOX_REACH = 1.3  # half axes around the centre that are looked at
OFF_MIDDLE = 0.25  # of the half axis across: a seal's own lines are even about its middle, print is not
OUTSIDE = (0.08, 0.28)  # of the half axis across, out from the rim: where print that crosses the ring goes on
OUTSIDE_INK = 0.4  # of the line's own mean ink, and at least so much of full ink, that makes it print
OUTSIDE_LEAST = 0.03
CODE_DEPTHS, CODE_UNDER = (0.07, 0.13), (0.17, 0.2)  # where digits have most ink, and where they have none
CODE_CLEAR = 0.5  # of the digits' ink
CODE_SEEN = math.radians(24)  # to both sides of the lowest point: every code reaches that far, no straight line does


def turn_of(ring: Ring, arc: Arc) -> float:
    """Radians clockwise by which the seal is turned: its name is even about the upright, an oval lies on its side."""
    if ring.small > OVAL * max(ring.a, ring.b):
        return ring.tilt + arc.middle
    return ring.tilt + (math.pi if math.cos(arc.middle) < 0 else 0.0)


def star_turn(ink: Ink, ring: Ring, near: float) -> float | None:
    """Radians clockwise by which a five-pointed star is turned, the likeliest near ``near``; None without a star."""
    height, width = ink.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x - ring.cx, y - ring.cy
    star = _star(ink, np.hypot(x, y) / ring.small)
    if star is None:
        return None
    x, y = x[star], y[star]
    far = np.hypot(x, y) ** 4
    wave = (far * np.exp(5j * np.arctan2(x, -y))).sum()
    if np.abs(wave) < STAR_EVEN * far.sum():
        return None
    fifth = 2 * math.pi / 5
    turned = float(np.angle(wave)) / 5
    return turned + fifth * round((near - turned) / fifth)


def code_strip(ink: Ink, ring: Ring, turn: float, *, height: int) -> Image | None:
    """The lower arc read from inside, or None where it holds no ink; dark on white."""
    bottom = turn - ring.tilt + math.pi
    arc = Arc(bottom - CODE_HALF_SPAN, bottom + CODE_HALF_SPAN, 1.0)
    strip = unroll(ink, ring, CODE_BAND, arc, height=height, stretch=1.0, feet_out=True)
    middle = strip[height // 5 : -height // 4]
    return strip if 1 - float(middle.mean()) / 255 > CODE_INK else None


@dataclass(frozen=True, slots=True)
class Row:
    """A straight line, dark on white; ``crosses``: the same ink goes on outside the ring, as print does."""

    image: Image
    crosses: bool


def straight_rows(ink: Ink, ring: Ring, band: Band, arc: Arc, turn: float, *, coded: bool) -> list[Row]:
    """The straight lines inside the ring, top down; ``coded``: a code stands on the lower arc."""
    upright, a, b = _upright(ink, ring, turn)
    half_w, half_h = upright.shape[1] / 2, upright.shape[0] / 2
    y, x = np.mgrid[0 : upright.shape[0], 0 : upright.shape[1]].astype(np.float32)
    x, y = x - half_w, y - half_h
    inner = np.where(_hidden(x, y, a, b, band, arc, turn - ring.tilt, coded), 0, upright)
    radius = np.sqrt(x * x + y * y) / np.float32(b)
    if inner[radius < 0.12].mean() > 0.62 or inner[radius < 0.35].mean() > 0.42:
        star = _star(inner, radius)
        hidden = radius < EMBLEM if star is None else cv2.dilate(star.astype(np.uint8), np.ones((5, 5))) > 0
        inner = np.where(hidden, 0, inner)
    inner = _unruled(inner, a, b)
    rows = []
    for top, bottom in _row_runs(inner, a, b):
        strip = _row_strip(inner, top, bottom, OFF_MIDDLE * a)
        if strip is not None:
            rows.append(Row(strip, _crosses(upright, inner, a, b, top, bottom)))
    return rows[:MAX_ROWS]


def _star(ink: Ink, radius: Ink) -> NDArray[np.bool_] | None:
    """The star in the middle, one piece of ink; None where there is none: an emblem is many pieces.

    ``radius``: of each pixel from the middle, in shares of the half axis.
    """
    _, pieces = cv2.connectedComponents((ink > STAR_INK).astype(np.uint8))
    middle = pieces[(radius < STAR_CORE) & (pieces > 0)]
    if not len(middle):
        return None
    own = pieces == np.bincount(middle).argmax()
    whole = own.sum() >= STAR_SHARE * (pieces[radius < radius[own].max()] > 0).sum()
    tips = float(radius[own].max())
    filled = own.sum() >= STAR_FILLED * (radius < tips).sum()
    return np.asarray(own) if whole and filled and tips < STAR_TIPS else None


def _crosses(upright: Ink, inner: Ink, a: float, b: float, top: int, bottom: int) -> bool:
    """Whether a line of text goes on outside the ring as densely as inside: print, not the seal's."""
    middle = (top + bottom) / 2 - upright.shape[0] / 2
    rim = a * math.sqrt(max(0.0, 1 - (middle / b) ** 2))
    centre = upright.shape[1] / 2
    first, last = rim + OUTSIDE[0] * a, min(centre, rim + OUTSIDE[1] * a)
    outside = [upright[top:bottom, round(centre + first) : round(centre + last)]]
    outside.append(upright[top:bottom, round(centre - last) : round(centre - first)])
    filled = inner[top:bottom].mean(axis=0)
    own = float(filled[filled > 0.02].mean()) if (filled > 0.02).any() else 0.0
    return any(side.size and float(side.mean()) > max(OUTSIDE_LEAST, OUTSIDE_INK * own) for side in outside)


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


def coded(ink: Ink, ring: Ring, turn: float) -> bool:
    """Whether a code stands on the lower arc: under small digits a line is clear, a row of characters goes on."""
    bottom = turn - ring.tilt + math.pi
    t = np.linspace(bottom - CODE_SEEN, bottom + CODE_SEEN, 120, dtype=np.float32)
    own, under = (
        float(depth_picture(ink, ring, np.linspace(*depths, 8, dtype=np.float32), t).mean())
        for depths in (CODE_DEPTHS, CODE_UNDER)
    )
    return own > CODE_INK and under < CODE_CLEAR * own


def _hidden(x: Ink, y: Ink, a: float, b: float, band: Band, arc: Arc, upright: float, coded: bool) -> NDArray[np.bool_]:
    """Where rim, name and code stand, on the upright picture.

    Of the lower arc only if it is ``coded``: the corners of a straight line come as near to the rim.
    """
    across, down = x / np.float32(a), y / np.float32(b)
    share = np.sqrt(across * across + down * down)
    depth = (1 - share) * np.sqrt(x * x + y * y) / np.maximum(share, 1e-3) / min(a, b)
    hidden = depth < RIM_DEPTH
    near = np.flatnonzero(~hidden & (depth < max(band.bottom + 0.01, CODE_BAND.bottom * coded)))
    across, down, depth = (v.ravel()[near] for v in (across, down, depth))
    offset = math.remainder(arc.middle - upright, 2 * math.pi)
    off = np.abs(np.mod(np.arctan2(across, -down) - np.float32(offset - math.pi), 2 * math.pi) - math.pi)
    own = (depth < band.bottom + 0.01) & (off < min(math.pi, arc.span / 2 + 0.03))
    if coded:
        own |= (depth < CODE_BAND.bottom) & (np.abs(np.arctan2(across, down)) < CODE_HALF_SPAN)
    hidden.ravel()[near[own]] = True
    return np.asarray(hidden)


def _row_runs(inner: Ink, a: float, b: float) -> list[tuple[int, int]]:
    """Top and bottom of each stretch of rows with ink that is as high as a line of text."""
    room = inner[:, round(inner.shape[1] / 2 - 0.72 * a) : round(inner.shape[1] / 2 + 0.72 * a)]
    profile = np.convolve(room.mean(axis=1), np.ones(3) / 3, mode="same")
    busy = profile > max(ROW_QUIET * min(float(profile.max()), ROW_FULL), ROW_INK * 0.5)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], busy.astype(np.int8), [0]])))
    runs = [(int(s), int(e)) for s, e in zip(edges[::2], edges[1::2], strict=True)]
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        thin = joined and min(end - start, joined[-1][1] - joined[-1][0]) < WHOLE_ROW * b
        if joined and thin and start - joined[-1][1] < 0.03 * b and end - joined[-1][0] < ROW_HEIGHTS[1] * b:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    low, high = ROW_HEIGHTS
    parted = [part for run in joined for part in _parted(run, profile, high * b)]
    return [run for run in parted if low * b <= run[1] - run[0] <= high * b and profile[slice(*run)].mean() > ROW_INK]


def _parted(run: tuple[int, int], profile: Ink, highest: float) -> list[tuple[int, int]]:
    """A stretch that is too high for one line, parted where it has least ink."""
    start, end = run
    if end - start <= highest:
        return [run]
    margin = (end - start) // 4
    cut = start + margin + int(profile[start + margin : end - margin].argmin())
    if profile[cut] > PART_INK * float(profile[start:end].max()):
        return [run]
    return [*_parted((start, cut), profile, highest), *_parted((cut + 1, end), profile, highest)]


def _unruled(inner: Ink, a: float, b: float) -> Ink:
    """Without lines right across, a table's or the seal's own: what stands over and under one goes on through it."""
    middle = inner.shape[1] // 2
    full = inner[:, middle - round(RULE_WIDE * a) : middle + round(RULE_WIDE * a)].mean(axis=1) > RULE_INK
    edges = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(np.int8), [0]])))
    out = inner.copy()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        above, below = start - 2, end + 1
        if end - start <= RULE_HIGH * b and above >= 0 and below < len(inner):
            out[above + 1 : below] = np.minimum(inner[above], inner[below])
    return out


def _row_strip(inner: Ink, top: int, bottom: int, off: float) -> Image | None:
    """One row cut to its ink, with a margin; None where its middle is farther than ``off`` from the seal's."""
    pad = max(2, round((bottom - top) * 0.12))
    row = inner[max(0, top - pad) : bottom + pad]
    columns = np.flatnonzero(row[pad:-pad].mean(axis=0) > 0.06)
    if not len(columns) or abs(float(columns[0] + columns[-1] + 1 - inner.shape[1])) / 2 > off:
        return None
    cut = row[:, max(0, columns[0] - 2 * pad) : columns[-1] + 2 * pad]
    return np.asarray(np.round(255 * (1 - np.clip(cut, 0, 1))), dtype=np.uint8)
