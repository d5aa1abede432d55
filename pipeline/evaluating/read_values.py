"""One value of the truth against what the report read there: right, wrong, silently wrong, missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.evaluating.alike import same_value
from pipeline.evaluating.events import Counts, Event, miss
from pipeline.evaluating.parts import Frozen
from pipeline.reliability import Told

__all__ = ["Place", "ReadValue", "score_value"]

SILENT_CONFIDENCE = 0.9  # a wrong value at or above this would be trusted unseen


class ReadValue(Frozen):
    """A value as the report's JSON has it."""

    value: Any
    confidence: float
    reasons: tuple[str, ...] = ()


class Place(Frozen):
    """Which value: its envelope, the group it is counted in, its label in the list of misses, its name."""

    envelope: str
    group: str
    label: str
    name: str


def score_value(
    at: Place,
    expected: Any,
    read: ReadValue | None,
    *,
    told_as: str = "",
    same: Callable[[Any, Any], bool] = same_value,
) -> Iterator[Event]:
    """What the value counts as.

    :param told_as: its name among the confidences, where that is another
    """
    if read is None or read.value is None:
        yield Counts(at.group, {"missing": 1})
        yield miss(at.envelope, f"{at.label} missing", expected, "")
        return
    right = same(expected, read.value)
    yield Told(name=told_as or at.name, confidence=read.confidence, right=right, reasons=read.reasons)
    if right:
        yield Counts(at.group, {"right": 1})
        return
    silent = read.confidence >= SILENT_CONFIDENCE
    yield Counts(at.group, {"wrong": 1, "silently_wrong": int(silent)})
    yield Counts(f"{at.group} wrong", {at.name: 1})
    yield miss(at.envelope, f"{at.label}{' SILENTLY' if silent else ''} wrong", expected, read.value)
