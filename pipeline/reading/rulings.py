"""Printed straight rules of a page, and where ink is that is neither rule nor colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import blobs_of
from pipeline.model import InkGrid, Ruling
from pipeline.reading.streaks import TOUCH, Piece, without_streaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

__all__ = ["PageInk", "ink_grid", "page_ink", "rulings"]

WORK_SIDE = 1700  # px: thin rules of a 200-dpi page survive this
MIN_LENGTH = 0.014  # share of the page's long side: 4 mm of A4, the side of a small cell
GAP = 0.006  # share of the long side: broken rules are joined over this (1.8 mm)
HOLE = 0.0012  # share of the long side: holes in one rule that are filled before looking (0.36 mm)
FILLED = 0.86  # share of a piece that must be ink: the feet of a line of figures leave more open
CROWDED = 0.8  # share that ink may have on one side: the rest of the strokes whose feet these are
BESIDE = 0.3  # share of a piece that may have ink right beside it
THICK = 9  # px: what is as thick both ways is no rule
DEEPER = 14  # levels that a rule is darker than what lies beside it
ROUNDS = 3  # small cells hang on small cells
ALONE = 0.1  # share of the long side: shorter rules must touch another one, or they are strokes of large characters
SAME = 0.0022  # share: segments this near across their direction are one rule (0.65 mm)
GRID_CELL_MM_SHARE = 1 / 120  # of the width: a cell of 1.75 mm on A4
BAR_DARK = 0.62  # of the paper's brightness: a bar that bears white text is darker
BAR_LEAST, BAR_MOST = 0.008, 0.04  # share of the long side: how high a bar is (2.4 to 12 mm)
BAR_FULL = 0.85  # of its bounding box that a bar fills, its letters filled up
BAR_INK = 0.6  # the same with its letters left white; a line of bold text holds less ink
COLOUR = 60  # saturation-like spread from which ink is a seal's or a logo's
PEN_DARK = 0.65  # of the paper's brightness: coloured ink of a pen is darker; a watermark is not
REDDISH = 20  # levels by which red leads in a seal's ink, its edges and faint parts too
SEAL_BRIGHT = 0.45  # of the paper's red: a pen's stroke over a seal is darker there, the seal is not
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


@dataclass(frozen=True, slots=True)
class PageInk:
    """All that is told from a page's ink: ``mask`` is all ink but rules, 0 or 1, on a reduced page."""

    rules: tuple[Ruling, ...]
    grid: InkGrid
    mask: Mask


def page_ink(image: Image) -> PageInk:
    """Rules, grid and mask at once: the page is reduced and thresholded a single time."""
    dark, black, depth = _dark(image)
    rules = _rules(dark, depth, _bars(image))
    return PageInk(rules, _grid(_erased(black, rules)), _erased(dark, rules))


def rulings(image: Image) -> tuple[Ruling, ...]:
    """Horizontal and vertical rules of an upright page, collinear pieces merged, from top to bottom, left to right."""
    dark, _, depth = _dark(image)
    return _rules(dark, depth, _bars(image))


def ink_grid(image: Image, rules: Sequence[Ruling]) -> InkGrid:
    """Coverage of dark ink on a coarse grid (cells of 1.75 mm of A4), rules left out."""
    return _grid(_erased(_dark(image)[1], rules))


def _bars(image: Image) -> tuple[list[Piece], list[Piece]]:
    """Edges, across and down, of dark bars that head a section in white on blue, say: the rules there drown in them."""
    share = min(1.0, WORK_SIDE / max(image.shape[:2]))
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else grey
    paper = float(np.percentile(grey[::8, ::8], 75))
    filled = cv2.threshold(grey, BAR_DARK * paper, 1, cv2.THRESH_BINARY_INV)[1]
    height, width = filled.shape
    least, most = round(BAR_LEAST * max(height, width)), round(BAR_MOST * max(height, width))
    closed = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, np.ones((3, least), np.uint8))
    solid = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((least, 2 * least), np.uint8))
    blobs, _ = blobs_of(np.asarray(solid, np.uint8))
    bars = [
        (x, y, w, h)
        for x, y, w, h, area in blobs.tolist()
        if area > BAR_FULL * w * h and h <= most and w > 3 * most and filled[y : y + h, x : x + w].mean() > BAR_INK
    ]
    across = [(float(x), float(x + w), float(at)) for x, y, w, h in bars for at in (y, y + h - 1)]
    return across, [(float(y), float(y + h), float(at)) for x, y, w, h in bars for at in (x, x + w - 1)]


def _rules(ink: Mask, depth: Mask, bars: tuple[Sequence[Piece], Sequence[Piece]] = ((), ())) -> tuple[Ruling, ...]:
    """Rules of a page's ink.

    :param depth: how much darker each spot is than what lies around it: a stain or a shadow is darker than paper too,
        but not the rule that it lies on
    """
    dark: Mask = cv2.bitwise_and(ink, cv2.threshold(depth, DEEPER, 1, cv2.THRESH_BINARY)[1])
    height, width = dark.shape
    long_side = max(height, width)
    shortest = round(MIN_LENGTH * long_side)
    across = _merged([*_segments(dark, shortest, long_side), *bars[0]], GAP * long_side, SAME * long_side)
    down = _segments(np.ascontiguousarray(dark.T), shortest, long_side)
    down = _merged([*down, *bars[1]], GAP * long_side, SAME * long_side)
    held = _held(across, down, long_side)
    # Rules across stand alone in many a form; what runs along the feed of a scanner stands alone in none.
    across, down = (
        without_streaks(held[0], held[1], depth, long_side, alone=True),
        without_streaks(held[1], held[0], np.ascontiguousarray(depth.T), long_side),
    )
    if (len(across), len(down)) != (len(held[0]), len(held[1])):
        across, down = _held(across, down, long_side)  # without what hung on a streak alone
    found = [Ruling(x0=a / width, y0=at / height, x1=b / width, y1=at / height) for a, b, at in across]
    found += [Ruling(x0=at / width, y0=a / height, x1=at / width, y1=b / height) for a, b, at in down]
    return tuple(_rounded(r) for r in sorted(found, key=lambda r: (not r.horizontal, r.y0, r.x0)))


def _held(across: list[Piece], down: list[Piece], long_side: int) -> tuple[list[Piece], list[Piece]]:
    """Long pieces, and short ones that hang on them: strokes of large characters hang on nothing but each other."""
    touch, alone = TOUCH * long_side, ALONE * long_side
    kept = ([p for p in across if p[1] - p[0] >= alone], [p for p in down if p[1] - p[0] >= alone])
    for _ in range(ROUNDS):
        grids = [np.array(k, np.float32).reshape(-1, 3) for k in kept]
        more = [
            [p for p in pieces if p not in kept[i] and _touches(p, grids[1 - i], touch)]
            for i, pieces in enumerate((across, down))
        ]
        kept = (kept[0] + more[0], kept[1] + more[1])
        if not more[0] and not more[1]:
            break
    return kept


def _touches(piece: Piece, grid: NDArray[np.float32], touch: float) -> bool:
    start, end, at = piece
    passing = (grid[:, 0] - touch <= at) & (grid[:, 1] + touch >= at)
    # An end at the rule; one that it merely crosses would let any stroke over a rule count.
    ends = np.minimum(np.abs(grid[:, 2] - start), np.abs(grid[:, 2] - end))
    return bool(np.any(passing & (ends <= touch)))


def _grid(dark: Mask) -> InkGrid:
    height, width = dark.shape
    columns = round(1 / GRID_CELL_MM_SHARE)
    rows = max(1, round(columns * height / width))
    cover = cv2.resize(dark * np.uint8(255), (columns, rows), interpolation=cv2.INTER_AREA) / 255.0
    # The square root keeps a thin pen stroke (2 % of a cell) apart from nothing.
    digits = np.clip(np.ceil(np.sqrt(cover) * 15 - 0.8), 0, 15).astype(np.uint8)
    return InkGrid(columns=columns, rows=rows, cells=HEX[digits.ravel()].tobytes().decode("ascii"))


def _erased(dark: Mask, rules: Sequence[Ruling]) -> Mask:
    height, width = dark.shape
    dark = dark.copy()
    for rule in rules:
        p = (round(rule.x0 * width), round(rule.y0 * height))
        q = (round(rule.x1 * width), round(rule.y1 * height))
        cv2.line(dark, p, q, 0, 5)
    return dark


def _dark(image: Image) -> tuple[Mask, Mask, Mask]:
    """Ink darker than the paper around it, 0 or 1, on a reduced page: all of it, and what of it is no seal's. Beside
    them by how many levels each spot is darker than what lies around it.
    """
    share = min(1.0, WORK_SIDE / max(image.shape[:2]))
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if share < 1:
        grey = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    dark: Mask = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 14)
    # One channel at a time takes a third of the time to reduce, and how coloured a pixel is need not be averaged.
    blue, green, red = cv2.split(image)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    if share < 1:
        spread = cv2.resize(spread, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    lead = cv2.subtract(red, cv2.max(blue, green))
    if share < 1:
        lead, red = (cv2.resize(c, grey.shape[::-1], interpolation=cv2.INTER_AREA) for c in (lead, red))
    paper, rosy = (float(np.percentile(c[::8, ::8], 75)) for c in (grey, red))
    # A pen's blue is ink as black is; a seal's red is none, nor the dark edge of its strokes.
    plain = (spread < COLOUR) | ((lead == 0) & (grey < PEN_DARK * paper))
    sealed = (lead > REDDISH) & (red > SEAL_BRIGHT * rosy)
    black: Mask = np.where(plain & ~sealed, dark, np.uint8(0))
    around = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((THICK, THICK), np.uint8))
    return dark, black, np.asarray(cv2.subtract(around, grey), np.uint8)


def _segments(dark: Mask, shortest: int, long_side: int) -> list[Piece]:
    """(start, end, position) of horizontal segments in pixels."""
    # A rule that leans a little changes rows: thicken across before looking along. Faint ones have holes of a few px.
    thick = cv2.dilate(dark, np.ones((2, 1), np.uint8))
    bridged = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, max(2, round(HOLE * long_side))), np.uint8))
    opened = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    # Bars and filled areas are no rules: what is still there after opening across is thicker than one.
    solid = cv2.morphologyEx(opened, cv2.MORPH_OPEN, np.ones((9, 1), np.uint8))
    opened[cv2.dilate(solid, np.ones((3, 3), np.uint8)) > 0] = 0
    blobs, centres = blobs_of(opened)
    pieces = [
        (float(x), float(x + w), float(c[1]))
        for (x, y, w, h, _), c in zip(blobs.tolist(), centres, strict=True)
        if w >= shortest and w > 4 * h and _stands_free(dark, x, y, w, h)
    ]
    return _merged(pieces, GAP * long_side, SAME * long_side)


def _stands_free(dark: Mask, x: int, y: int, w: int, h: int) -> bool:
    """Whether ink lies along the piece and little beside it on one side at least: strokes of text have ink on both."""
    span = dark[:, x : x + w]
    filled = float(span[max(0, y) : y + h].any(axis=0).mean())
    above = float(span[max(0, y - 5) : max(1, y - 2)].any(axis=0).mean()) if y > 2 else 0.0
    below = float(span[y + h + 2 : y + h + 5].any(axis=0).mean()) if y + h + 2 < dark.shape[0] else 0.0
    return filled > FILLED and min(above, below) < BESIDE and max(above, below) < CROWDED


def _merged(pieces: list[Piece], gap: float, same: float) -> list[Piece]:
    merged: list[Piece] = []
    for start, end, at in sorted(pieces, key=lambda p: (p[0], p[1])):
        for i, (s, e, t) in enumerate(merged):
            if abs(t - at) <= same and start - e <= gap:
                weight = (e - s) / max(1e-6, (e - s) + (end - start))
                merged[i] = (s, max(e, end), t * weight + at * (1 - weight))
                break
        else:
            merged.append((start, end, at))
    return merged


def _rounded(rule: Ruling) -> Ruling:
    return Ruling(x0=round(rule.x0, 5), y0=round(rule.y0, 5), x1=round(rule.x1, 5), y1=round(rule.y1, 5))
