"""Echoes: a strip of a line that the detector found a second time, and the reader read once more, badly."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from pipeline.model import Box, Line

__all__ = ["without_echoes"]

INSIDE = 0.8  # share of its box that lies within the line it repeats
HALF = 0.5  # the same of a line that says nothing else: its box ran on over blank paper
ALIKE = 0.6  # share of its signs that stand, in order, in that line
LEAST = 3  # signs: a shorter piece may be a word of its own (a tick, a unit)


def without_echoes(lines: Sequence[Line]) -> list[Line]:
    """The lines without those that lie within a surer one and say a part of it again."""
    return [line for line in lines if not any(_repeats(line, other) for other in lines if other is not line)]


def _repeats(line: Line, other: Line) -> bool:
    if line.confidence >= other.confidence or len(line.text) < LEAST:
        return False
    inside = line.box.intersection(other.box)
    if line.text in other.text and (inside >= HALF * line.box.area or _over(line, other)):
        return True
    if inside < INSIDE * line.box.area:
        return False
    blocks = SequenceMatcher(None, line.text, other.text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= ALIKE * len(line.text)


def _over(line: Line, other: Line) -> bool:
    """Whether a line's box, however far it ran on (over the seal beside them), holds the signs of the other that it
    repeats.
    """
    at, signs = other.text.index(line.text), len(other.text)
    step = other.box.width / signs
    left = other.box.x0 + at * step
    strip = Box(left, other.box.y0, left + len(line.text) * step, other.box.y1)
    return strip.intersection(line.box) >= INSIDE * strip.area
