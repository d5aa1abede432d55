"""Seals found held against seals known: which belong together, what is false, what a text must be to be right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluating.alike import plain
from pipeline.evaluating.seals import best_pairs
from pipeline.model import Box as PageBox

__all__ = ["Matched", "matched", "overlap", "same_text"]

Box = tuple[float, float, float, float]
ENOUGH = 0.4  # shared box (IoU) from which a seal counts as found


@dataclass(frozen=True, slots=True)
class Matched:
    """Indices: ``pairs`` of (true, found), the true seals ``missed``, the found ones that are ``false``."""

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    false: tuple[int, ...]


def matched(true: Sequence[Box], found: Sequence[Box]) -> Matched:
    """Each true seal with the found one that shares most of its box, each used once; boxes in one unit."""
    shares = [(overlap(t, f), i, k) for i, t in enumerate(true) for k, f in enumerate(found)]
    pairs = best_pairs(shares, ENOUGH)
    missed = tuple(i for i in range(len(true)) if i not in pairs)
    false = tuple(k for k in range(len(found)) if k not in pairs.values())
    return Matched(tuple(sorted(pairs.items())), missed, false)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union (IoU)."""
    return PageBox(*one).iou(PageBox(*other))


def same_text(one: str, other: str) -> bool:
    """Whether two readings say the same, character by character; punctuation and width apart."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", plain(text))
