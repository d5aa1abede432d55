"""Printed boxes to tick (□ ○, and brackets to tick between), found by their frames, and how much ink is in each.

Readers lose such boxes or take them for characters, ticked ones as readily as empty ones; pixels do not. Empty boxes
show as square or round holes in the ink. Their size, shared by all boxes of a list, then finds the frames of ticked
ones too, even under a stroke that runs out of its box into the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from pipeline.model import Box, TickBox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["tick_boxes"]

WORK_SIDE = 2340  # px: the long side of A4 at 200 dpi; a box's stroke is two pixels then
SMALLEST, LARGEST = 7, 44  # px: 0.9 to 5.6 mm, the hole of □ in small print and of a drawn box
BLOCK, DARKER = 41, 12  # px of the neighbourhood, levels: ink is that much darker than what lies around it
COLOUR = 45  # levels by which red must lead for ink to be a seal's or a red pen's
SQUARE_FILL, ROUND_FILL = (0.86, 1.01), (0.70, 0.85)  # of a hole's bounding box: a circle fills 0.785
CONVEX = 0.92  # of its hull that a hole fills
SIDES = 0.16  # by how much the sides of a hole may differ
FREE_FROM, FREE_TO = 0.36, 0.62  # of a hole's side: where left of it, beyond a blurred frame, a box has paper
FREE = 0.05  # share of ink up to which the place left (or right) of a hole is paper
DOT, DOTTED = (0.35, 0.65), 0.3  # the middle of a circle, and the ink in it that makes a dot
ALIKE = 3  # holes of one size from which they are boxes of a list
SIZES = 4  # sizes looked for on a page: more are characters
SAME_SIZE = 2  # px between holes of one size
FRAME = 0.78  # part of each side (of each arc) that must be ink
ARCS = 8  # of a circle
INNER = 0.13  # of a box's side that is left out at each edge: what its frame may smear
OFF = 2  # px: how far a side may lie from where it should, in a drawn or warped box
EDGE = 0.22  # of a box's side: its frame, seen from within
STROKE = 13  # px: no stroke of a pen is as broad
PALE, SOLID = 0.13, 0.6  # of the paper's lightness: by how much a stroke is darker, how light a filled box is at most
LOWEST, HIGHEST = 14, 60  # px: of a bracket
SLENDER = 0.45  # of its height: how wide a bracket is at most
BEND, LEAST_BEND = 0.05, 0.8  # of its height: how far a bracket's ends lie inward of its middle; px: either of them
GAP_FROM, GAP_TO = 0.35, 2.6  # of their height: how far apart two brackets to tick between stand
MARK_SIDE = 0.75  # of a bracket's height: the side of a mark between two
TELLING = 10  # px: a smaller box's neighbourhood is but a few px, and the comma before it
LEFT, OVER = 0.55, 0.45  # of a box's side: how far left of it and over it a stroke that missed it is looked for


class _Hole(NamedTuple):
    x: int
    y: int
    side: int
    round: bool
    dotted: bool = False


class _Frame(NamedTuple):
    x: float  # left edge of the paper within, px
    y: float
    side: float
    score: float
    round: bool


def tick_boxes(image: Image) -> tuple[TickBox, ...]:
    """The boxes of an upright page, BGR, from top to bottom."""
    share = min(1.0, WORK_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else image
    dark, red = _inks(small)
    frames: list[_Frame] = []
    for side, round_ in _sizes(hole for hole in _holes(dark) if hole.dotted or _stands_free(dark, hole)):
        frames += [f for f in _framed(dark, side, round=round_) if not any(_same(f, g) for g in frames)]
    ink = np.asarray(cv2.bitwise_and(cv2.subtract(dark, red), _strokes(small)), np.uint8)
    frames = [_centred(dark, frame) for frame in frames]
    boxes = [_measured(ink, red, frame) for frame in frames]
    boxes += _between_brackets(dark, ink, red)
    return tuple(sorted(boxes, key=lambda b: (b.box.y0, b.box.x0)))


def _inks(image: Image) -> tuple[Mask, Mask]:
    """All ink, and what of it is red; 0 or 1."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    dark = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, BLOCK, DARKER)
    blue, green, red = cv2.split(image)
    lead = cv2.subtract(red, cv2.max(blue, green))
    reddish = cv2.threshold(lead, COLOUR, 1, cv2.THRESH_BINARY)[1]
    return np.asarray(dark, np.uint8), np.asarray(cv2.bitwise_and(dark, reddish), np.uint8)


def _strokes(image: Image) -> Mask:
    """Where a pen or print is: a thin stroke, or as dark as a filled box. A fold's shadow is broad and pale."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    paper = cv2.blur(cv2.dilate(grey, np.ones((BLOCK, BLOCK), np.uint8)), (BLOCK, BLOCK)).astype(np.float32)
    thin = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((STROKE, STROKE), np.uint8)).astype(np.float32)
    return np.asarray((thin > PALE * paper) | (grey < SOLID * paper), np.uint8)


# --------------------------------------------------------------------------------------------------------- empty boxes


def _holes(ink: Mask) -> Iterator[_Hole]:
    """Square and round pieces of paper with ink all around."""
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for contour, (_, _, _, parent) in zip(contours, tree[0] if tree is not None else (), strict=True):
        if parent < 0:
            continue
        x, y, width, height = cv2.boundingRect(contour)
        width, height = width - 2, height - 2  # a hole's contour runs on the ink around it
        side = max(width, height)
        if not SMALLEST <= side <= LARGEST or min(width, height) < (1 - SIDES) * side:
            continue
        area = cv2.contourArea(contour) - cv2.arcLength(contour, closed=True) / 2 + 1
        hull = cv2.convexHull(contour)
        hull_area = cv2.contourArea(hull) - cv2.arcLength(hull, closed=True) / 2 + 1
        if area < CONVEX * hull_area:
            continue
        fill = area / (width * height)
        for bounds, round_ in ((SQUARE_FILL, False), (ROUND_FILL, True)):
            if bounds[0] <= fill <= bounds[1]:
                side = round((width + height) / 2)
                dot = _share(ink, *(v + part * side for part in DOT for v in (x + 1, y + 1))) if round_ else 0.0
                yield _Hole(x + 1, y + 1, side, round_, dot >= DOTTED)


def _stands_free(ink: Mask, hole: _Hole) -> bool:
    """Whether there is paper left of it, as before an option, or right of it, as behind one: no 口 amid characters."""
    x, y, side = hole.x, hole.y, hole.side
    left = _share(ink, x - FREE_TO * side, y, x - FREE_FROM * side, y + side)
    right = _share(ink, x + (1 + FREE_FROM) * side, y, x + (1 + FREE_TO) * side, y + side)
    return min(left, right) <= FREE


def _sizes(holes: Iterator[_Hole]) -> list[tuple[int, bool]]:
    """The sizes that several holes share, the commonest first."""
    counts: dict[tuple[int, bool], int] = {}
    for hole in holes:
        weight = ALIKE if hole.dotted else 1  # ⊙ is nothing but a mark, however few there are
        counts[hole.side, hole.round] = counts.get((hole.side, hole.round), 0) + weight
    sizes: list[tuple[int, bool]] = []
    for (side, round_), _ in sorted(counts.items(), key=lambda item: -item[1]):
        near = sum(n for (other, kind), n in counts.items() if kind == round_ and abs(other - side) <= 1)
        known = any(kind == round_ and abs(other - side) <= SAME_SIZE for other, kind in sizes)
        if near >= ALIKE and not known:
            sizes.append((side, round_))
    return sizes[:SIZES]


# -------------------------------------------------------------------------------------------------------------- frames


def _framed(ink: Mask, side: int, *, round: bool) -> list[_Frame]:
    """Everywhere that a frame around a square (a circle) of ``side`` px of paper stands, whatever is within."""
    thick = cv2.dilate(ink, np.ones((3, 3), np.uint8)).astype(np.float32)
    score = _ring_score(thick, side) if round else _square_score(ink, side)
    peaks = (score >= FRAME) & (score >= cv2.dilate(score, np.ones((5, 5), np.uint8)) - 1e-6)
    count, _, _, centres = cv2.connectedComponentsWithStats(
        cv2.dilate(peaks.astype(np.uint8), np.ones((5, 5), np.uint8)), connectivity=8
    )
    found = []
    for x, y in centres[1:count]:
        at = float(score[min(int(y), score.shape[0] - 1), min(int(x), score.shape[1] - 1)])
        found.append(_Frame(x - side / 2, y - side / 2, float(side), at, round))
    kept: list[_Frame] = []
    for frame in sorted(found, key=lambda f: -f.score):
        if not any(_same(frame, other) for other in kept):
            kept.append(frame)
    return kept


def _square_score(ink: Mask, side: int) -> Floats:
    """At each pixel as a square's centre: the part of its worst side that is ink; sides may lie a pixel or two off."""
    values = ink.astype(np.float32)
    across = cv2.dilate(cv2.blur(values, (side, 1)), np.ones((2 * OFF + 1, 1), np.uint8))
    down = cv2.dilate(cv2.blur(values, (1, side)), np.ones((1, 2 * OFF + 1), np.uint8))
    half = side // 2 + 1
    sides = (_shifted(across, 0, -half), _shifted(across, 0, half), _shifted(down, -half, 0), _shifted(down, half, 0))
    return np.asarray(np.minimum.reduce(sides), np.float32)


def _shifted(values: Floats, dx: int, dy: int) -> Floats:
    """What lies ``dx`` px to the right of and ``dy`` px below each pixel; nothing beyond the page."""
    height, width = values.shape
    out = np.zeros_like(values)
    out[max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)] = values[
        max(0, dy) : height - max(0, -dy), max(0, dx) : width - max(0, -dx)
    ]
    return out


def _ring_score(thick: Floats, side: int) -> Floats:
    """The same for a circle, by the arcs of its ring."""
    radius = side / 2 + 1
    reach = int(radius) + 2
    ys, xs = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    on_ring = np.abs(np.hypot(xs, ys) - radius) < 0.75
    angle = np.arctan2(ys, xs)
    scores = []
    for arc in range(ARCS):
        low = -np.pi + arc * 2 * np.pi / ARCS
        kernel = (on_ring & (angle >= low) & (angle < low + 2 * np.pi / ARCS)).astype(np.float32)
        scores.append(cv2.filter2D(thick, -1, kernel / max(1.0, float(kernel.sum())), borderType=cv2.BORDER_CONSTANT))
    return np.asarray(np.minimum.reduce(scores), np.float32)


def _centred(dark: Mask, frame: _Frame) -> _Frame:
    """The frame moved to where most ink lies right around it: its score forgives a pixel or two."""
    side = round(frame.side)
    best, moved = -1.0, frame
    for dy in range(-OFF, OFF + 1):
        for dx in range(-OFF, OFF + 1):
            x, y = round(frame.x) + dx, round(frame.y) + dy
            if x < 1 or y < 1 or y + side >= dark.shape[0] or x + side >= dark.shape[1]:
                continue
            rows, columns = dark[y - 1 : y + side + 1, x - 1 : x + side + 1], slice(1, -1)
            around = rows[0, columns].sum() + rows[-1, columns].sum() + rows[columns, 0].sum() + rows[columns, -1].sum()
            score = float(around) - 0.1 * (abs(dx) + abs(dy))
            if score > best:
                best, moved = score, frame._replace(x=float(x), y=float(y))
    return moved


def _same(a: _Frame, b: _Frame) -> bool:
    near = 0.6 * max(a.side, b.side)
    return abs(a.x + a.side / 2 - b.x - b.side / 2) < near and abs(a.y + a.side / 2 - b.y - b.side / 2) < near


# ------------------------------------------------------------------------------------------------------------ brackets


class _Bracket(NamedTuple):
    x0: int
    y0: int
    x1: int
    y1: int
    opens: bool

    @property
    def height(self) -> int:
        return self.y1 - self.y0


def _between_brackets(dark: Mask, ink: Mask, red: Mask) -> list[TickBox]:
    """The room between ( and ), [ and ], where somebody may have ticked: readers lose a √ between brackets."""
    height, width = ink.shape
    found = sorted(_brackets(dark), key=lambda b: b.x0)
    pairs = [(left, right) for left in found if left.opens and (right := _closing(left, found)) is not None]
    rooms = [_Room(left.x1, min(left.y0, right.y0), right.x0, max(left.y1, right.y1)) for left, right in pairs]
    rooms += _half_open(found, pairs)
    boxes = []
    for room in rooms:
        side = MARK_SIDE * room.height
        share = room.width * room.height / (side * min(room.width, side))  # of a mark's own square, not of a wide gap
        inside = (room.x0 + 1, room.y0, room.x1 - 1, room.y1)
        x0, y0, x1, y1 = room.x0 / width, room.y0 / height, room.x1 / width, room.y1 / height
        boxes.append(
            TickBox(
                box=Box(round(max(0.0, x0), 5), round(y0, 5), round(min(1.0, x1), 5), round(y1, 5)),
                filled=round(min(1.0, share * _share(ink, *inside)), 3),
                red=round(min(1.0, share * _share(red, *inside)), 3),
                bracketed=True,
            )
        )
    return boxes


class _Room(NamedTuple):
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


def _closing(left: _Bracket, found: Sequence[_Bracket]) -> _Bracket | None:
    """The bracket that closes ``left``: the next one in its line, if it is as tall and not too far away."""
    in_line = (b for b in found if b.x0 > left.x1 and abs(b.y0 + b.y1 - left.y0 - left.y1) < 0.5 * left.height)
    right = next(in_line, None)
    if right is None or right.opens or abs(right.height - left.height) > 0.3 * left.height:
        return None
    return right if GAP_FROM * left.height <= right.x0 - left.x1 <= GAP_TO * left.height else None


def _half_open(found: Sequence[_Bracket], pairs: Sequence[tuple[_Bracket, _Bracket]]) -> list[_Room]:
    """Rooms as wide as the others at a bracket whose fellow was not found: a tick that touches it hides it."""
    if len(pairs) < ALIKE:
        return []
    gaps = sorted(right.x0 - left.x1 for left, right in pairs)
    heights = sorted(left.height for left, _ in pairs)
    gap, usual = gaps[len(gaps) // 2], heights[len(heights) // 2]
    taken = {bracket for pair in pairs for bracket in pair}
    rooms = []
    for one in found:
        if one not in taken and abs(one.height - usual) <= SIDES * usual:
            x0, x1 = (one.x1, one.x1 + gap) if one.opens else (one.x0 - gap, one.x0)
            rooms.append(_Room(max(0, x0), one.y0, x1, one.y1))
    return rooms


def _brackets(dark: Mask) -> Iterator[_Bracket]:
    """Thin upright strokes whose two ends bend to the same side, as ( and [ do."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    for label in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[label])
        if not LOWEST <= height <= HIGHEST or not 3 <= width <= SLENDER * height:
            continue
        part = labels[y : y + height, x : x + width] == label
        bend = _bend(np.asarray(part, np.uint8))
        if bend:
            yield _Bracket(x, y, x + width, y + height, bend > 0)


def _bend(part: Mask) -> int:
    """1 for (, -1 for ), 0 for anything else."""
    height, width = part.shape
    rows = part.sum(axis=1)
    if not rows.all():
        return 0
    first, last = part.argmax(axis=1), width - 1 - part[:, ::-1].argmax(axis=1)
    end = max(2, height // 7)
    middle = slice(height * 2 // 5, height * 3 // 5)
    if (last - first)[height // 4 : height * 3 // 4].max() > max(4.0, 0.22 * height):
        return 0  # more than one stroke wide
    least = max(2.4, 2 * BEND * height)
    for sign, edge, back in ((1, last, first), (-1, -first, -last)):
        over, under, amid = edge[:end].max(), edge[-end:].max(), edge[middle].mean()
        behind = min(back[:end].min(), back[-end:].min()) >= back[middle].min() - 1
        bent = min(over, under) - amid >= LEAST_BEND and over + under - 2 * amid >= least
        if bent and abs(over - under) <= max(2.0, 0.15 * height) and behind:
            return sign
    return 0


# --------------------------------------------------------------------------------------------------------- measurement


def _measured(ink: Mask, red: Mask, frame: _Frame) -> TickBox:
    height, width = ink.shape
    x0, y0, x1, y1 = frame.x, frame.y, frame.x + frame.side, frame.y + frame.side
    inset, edge, left, over = (part * frame.side for part in (INNER, EDGE, LEFT, OVER))
    beside = (  # left of it and over it, where no text stands as near as the option's own at the right
        (x0 - left, y0, x0 - edge, y1),
        (x0, y0 - over, x1, y0 - edge),
    )
    return TickBox(
        box=Box(
            round(max(0.0, (x0 - 1) / width), 5),
            round(max(0.0, (y0 - 1) / height), 5),
            round(min(1.0, (x1 + 1) / width), 5),
            round(min(1.0, (y1 + 1) / height), 5),
        ),
        filled=_share(ink, x0 + inset, y0 + inset, x1 - inset, y1 - inset),
        red=_share(red, x0 + inset, y0 + inset, x1 - inset, y1 - inset),
        beside=round(sum(_share(ink, *area) for area in beside) / len(beside), 3) if frame.side >= TELLING else 0.0,
        round=frame.round,
    )


def _share(mask: Mask, x0: float, y0: float, x1: float, y1: float) -> float:
    part: Sequence[Sequence[int]] | Mask = mask[
        max(0, round(y0)) : max(0, round(y1)), max(0, round(x0)) : max(0, round(x1))
    ]
    part = np.asarray(part)
    return round(float(part.mean()), 3) if part.size else 0.0
