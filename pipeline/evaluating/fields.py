"""Fields: the value of each the truth knows, against the surest of that name in the report's document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.errors import BadInput
from pipeline.evaluating.alike import same_issuers, same_value
from pipeline.evaluating.events import Event
from pipeline.evaluating.read_values import Place, ReadValue, score_value

__all__ = ["score_fields"]


def score_fields(envelope: str, known: Mapping[str, Any], seen: Sequence[Mapping[str, Any]]) -> Iterator[Event]:
    """A truth's document, and the fields of the report's."""
    type_ = known.get("type")
    group = "form" if type_ == "information_form" else "other"
    expected_fields = known.get("fields") or {}
    if not isinstance(expected_fields, Mapping):
        raise BadInput(f"{envelope}: the truth's fields are a report's: give the truth first, then the report")
    for name, expected in expected_fields.items():
        at = Place(envelope=envelope, group=group, label=f"{type_}.{name}", name=name)
        yield from score_value(at, expected, _surest(name, seen), same=_same_issuer if name == "issuer" else same_value)


def _surest(name: str, seen: Sequence[Mapping[str, Any]]) -> ReadValue | None:
    named = [field for field in seen if field.get("name") == name and field.get("value") is not None]
    if not named:
        return None
    best = max(named, key=lambda field: float(field.get("confidence") or 0))
    reasons = tuple(map(str, best.get("reasons") or ()))
    return ReadValue(value=best["value"], confidence=float(best.get("confidence") or 0), reasons=reasons)


def _same_issuer(expected: Any, found: Any) -> bool:
    return same_value(expected, found) or same_issuers(expected, found)
