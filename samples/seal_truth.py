"""Seals found held against seals known: which belong together, what is false, what a text must be to be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

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
    shares = sorted(((overlap(t, f), i, k) for i, t in enumerate(true) for k, f in enumerate(found)), reverse=True)
    pairs: dict[int, int] = {}
    for share, i, k in shares:
        if share >= ENOUGH and i not in pairs and k not in pairs.values():
            pairs[i] = k
    missed = tuple(i for i in range(len(true)) if i not in pairs)
    false = tuple(k for k in range(len(found)) if k not in pairs.values())
    return Matched(tuple(sorted(pairs.items())), missed, false)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union (IoU)."""
    w, h = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    if w <= 0 or h <= 0:
        return 0.0
    areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return w * h / (areas - w * h)


def same_text(one: str, other: str) -> bool:
    """Whether two readings say the same, character by character; punctuation and width apart."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text))
