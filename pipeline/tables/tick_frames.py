"""Printed boxes beside options: which box is whose, and which of a list's boxes somebody filled.

Boxes of one list are alike and stand alike before (or behind) their options; what differs from box to box is only what
was put into them. So each is held against its fellows, not against a fixed darkness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from pipeline.model import Line, TickBox

__all__ = ["FrameState", "Place", "Slot", "place_of", "slots_of", "told"]

HALF = 0.35  # character widths from a character's centre: a box's centre is no nearer
REACH = 2.4  # character widths from a character's centre to that of its box
BRACKETS_REACH = 3.6  # the same to the middle of the room between brackets
STRAY = 0.7  # character widths by which a box may stand elsewhere than its fellows do
SIZE = 0.3  # by how much a box's side may differ from its fellows'
LIKE = 0.15  # the same within which boxes surely are of one list
OTHER_SIGN = 0.45, 2.4  # of its fellows' side: a circle with a mark in it; ⊙ is often a smaller or larger sign than ○
MOST = 0.6  # part of the options that must have a box, or what was found are strokes of characters
FEWEST = 2  # boxes that make a list
EMPTIEST = 0.2  # part of a list that is surely empty: ticks are the few
CLEAN = 0.1  # share of ink in the emptiest boxes: more, and frames were cut badly or all boxes hold something
EMPTY, FILLED = 0.05, 0.12  # share of ink above the emptiest boxes': up to the one nothing, from the other a mark
LIKE_FULLEST = 0.33  # of what the fullest box holds: less in another is a speck, or a stroke that hardly met it
LIKE_MARKS = 0.5  # of what the usual mark holds: less is more likely something else
APART = 0.15  # between the fullest empty box and the emptiest filled one: no doubt
BESIDE = 0.2  # share of ink beside a box above its fellows': a stroke that missed it; the sign before it gives 0.17


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character of a line stands, in fractions of the page, and its neighbours' centres (None: the end)."""

    x: float
    y0: float
    y1: float
    advance: float
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A box beside an option, and how far from it, in character widths."""

    box: TickBox
    offset: float


@dataclass(frozen=True, slots=True)
class FrameState:
    """Whether a box is ticked, and how sure."""

    state: Literal["ticked", "open", "unclear"]
    sure: float


def place_of(line: Line, index: int, passes: Callable[[str], bool]) -> Place | None:
    """The place of character ``index``; signs that ``passes`` holds of (boxes) are no neighbours."""
    count = len(line.text)
    centres = line.centres if len(line.centres) == count else tuple((i + 0.5) / count for i in range(count))
    steps = sorted(b - a for a, b in pairwise(centres))
    advance = (steps[len(steps) // 2] if steps else 1 / count) * line.box.width
    if advance <= 0:
        return None

    def neighbour(step: int) -> float | None:
        at = index + step
        while 0 <= at < count and passes(line.text[at]):
            at += step
        return line.box.x0 + centres[at] * line.box.width if 0 <= at < count else None

    return Place(
        line.box.x0 + centres[index] * line.box.width, line.box.y0, line.box.y1, advance, neighbour(-1), neighbour(1)
    )


def slots_of(
    places: Sequence[tuple[Place | None, Place | None]], boxes: Sequence[Sequence[TickBox]]
) -> list[Slot | None]:
    """Each option's box, on the side where more of them have one; nothing where too few have.

    :param places: of each option's first and last character
    :param boxes: those of each option's page
    """
    before = _alike([_beside(p[0], b, after=False) for p, b in zip(places, boxes, strict=True)])
    after = _alike([_beside(p[1], b, after=True) for p, b in zip(places, boxes, strict=True)])
    best = max(before, after, key=_fellows)
    return best if _count(best) >= max(FEWEST, MOST * len(best)) else [None] * len(best)


def _beside(place: Place | None, boxes: Sequence[TickBox], *, after: bool) -> list[Slot]:
    """Boxes on that side of a character, in its line, short of the neighbour; the nearest first."""
    if place is None:
        return []
    sign = 1 if after else -1
    edge = place.after if after else place.before
    found = []
    for box in boxes:
        offset = sign * (box.box.cx - place.x) / place.advance
        if not HALF < offset <= (BRACKETS_REACH if box.bracketed else REACH) or not place.y0 <= box.box.cy <= place.y1:
            continue
        if edge is not None and sign * (edge - box.box.cx) < HALF * place.advance:
            continue
        found.append(Slot(box, offset))
    return sorted(found, key=lambda slot: slot.offset)


def _fellows(slots: Sequence[Slot | None]) -> tuple[int, float]:
    """How many boxes stand on a side, all as large and as near as their fellows; of as many, the nearer ones."""
    there = [slot for slot in slots if slot]
    if not there:
        return 0, 0.0
    side, usual = median(s.box.box.height for s in there), median(s.offset for s in there)
    like = sum(abs(s.box.box.height - side) <= LIKE * side or _marked(s) for s in there)
    return like, -usual


def _count(slots: Sequence[Slot | None]) -> int:
    return sum(slot is not None for slot in slots)


def _alike(found: Sequence[Sequence[Slot]]) -> list[Slot | None]:
    """Of each option's boxes the one that stands where its fellows stand, as large as they are.

    Strokes of a character may make up a frame beside, or with, the true one.
    """
    nearest = [slots[0] for slots in found if slots]
    if not nearest:
        return [None] * len(found)
    side, usual = median(s.box.box.height for s in nearest), median(s.offset for s in nearest)
    round_ = 2 * sum(s.box.round for s in nearest) > len(nearest)
    near = [[s for s in slots if abs(s.offset - usual) <= STRAY] for slots in found]
    fitting = (
        [s for s in slots if abs(s.box.box.height - side) <= SIZE * side]
        or [s for s in slots if s.box.round and _marked(s) and _other_sign(s, side, round_)]
        for slots in near
    )
    return [min(_not_strokes(slots), key=lambda s: abs(s.offset - usual), default=None) for slots in fitting]


def _other_sign(slot: Slot, side: float, round_: bool) -> bool:
    """Whether a circle may stand for a fellow of that side; tiny empty circles look square."""
    least = OTHER_SIGN[0] if round_ else 1.0
    return least * side <= slot.box.box.height <= OTHER_SIGN[1] * side


def _marked(slot: Slot) -> bool:
    return _ink(slot) > CLEAN


def _not_strokes(slots: Sequence[Slot]) -> list[Slot]:
    """Without frames between an empty box and its option: those are strokes of the option's first character (其)."""
    clean = [s.offset for s in slots if s.box.filled <= CLEAN and not s.box.red]
    return [s for s in slots if not any(s.offset < other for other in clean)]


def told(slots: Sequence[Slot | None]) -> list[FrameState | None] | None:
    """Of each option with a box what that says; None of the others.

    None altogether where boxes do not tell: none of them is empty.
    """
    fills = sorted(_ink(slot) for slot in slots if slot)
    if not fills:
        return None
    empty = fills[int(EMPTIEST * len(fills))]
    if empty > CLEAN:
        return None
    filled = empty + max(FILLED, LIKE_FULLEST * (fills[-1] - empty))
    side = median(slot.box.box.height for slot in slots if slot)
    solid = median([fill for fill in fills if fill >= filled] or [1.0])
    marks = [fill for fill in fills if fill >= filled]
    blanks = [fill for fill in fills if fill <= empty + EMPTY]
    apart = min(marks, default=1.0) - max(blanks, default=0.0) >= APART
    beside = median(slot.box.beside for slot in slots if slot)
    states: list[FrameState | None] = []
    for slot in slots:
        if slot is None:
            states.append(None)
        elif slot.box.round and abs(slot.box.box.height - side) > LIKE * side and _ink(slot) > empty + EMPTY:
            states.append(FrameState("ticked", 0.9))  # ⊙ amid ○: another sign, and a dot in it
        elif _ink(slot) >= filled and _ink(slot) - empty < LIKE_MARKS * (solid - empty):
            states.append(FrameState("unclear", 0.4))
        elif _ink(slot) >= filled:
            states.append(FrameState("ticked", 0.97 if apart else 0.9))
        elif _ink(slot) > empty + EMPTY or slot.box.beside > beside + BESIDE:
            states.append(FrameState("unclear", 0.4))
        else:
            states.append(FrameState("open", 0.97))
    return states


def _ink(slot: Slot) -> float:
    return min(1.0, slot.box.filled + slot.box.red)
