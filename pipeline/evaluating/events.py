"""What the scoring of an envelope says, one thing at a time: counts, misses, values told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.evaluating.parts import Miss
from pipeline.reliability import Told

__all__ = ["Counts", "Event", "miss"]


class Counts(NamedTuple):
    """Counts to be added to those of a group."""

    group: str
    by: Mapping[str, int]


Event = Counts | Miss | Told


def miss(envelope: str, what: str, expected: object, found: object) -> Miss:
    """What is not right, its two sides as text."""
    return Miss(envelope=envelope, what=what, expected=str(expected or ""), found=str(found or ""))
