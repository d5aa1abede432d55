"""Seals: found by their place, read by their text, attributed by their role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.errors import BadInput
from pipeline.evaluating.alike import plain
from pipeline.evaluating.envelopes import listed
from pipeline.evaluating.events import Counts, Event, miss
from pipeline.model import Box
from pipeline.reliability import Told

__all__ = ["best_pairs", "score_seals"]

SEAL_IOU = 0.5  # the measure of a seal found


def score_seals(envelope: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Event]:
    """The seals of all documents."""
    documents = listed(truth, "documents")
    known = [s for d in documents for s in d.get("seals") or []]
    if not known and not any("seals" in d for d in documents):
        return
    seen = _distinct([s for d in listed(report, "documents") for s in d.get("seals") or []])
    pairs = _paired(known, seen)
    yield Counts("seals", {"truth": len(known), "found": len(pairs), "false": len(seen) - len(pairs)})
    for i, seal in enumerate(known):
        label = f"page {seal.get('page')} seal"
        got = seen[pairs[i]] if i in pairs else None
        if got is None:
            yield miss(envelope, label, seal.get("text"), "")
        yield from _seal(envelope, label, seal, got or {})
        if got is not None and seal.get("role"):
            yield _told(seal, got)


def _seal(envelope: str, label: str, seal: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[Event]:
    if seal.get("text"):
        exact = plain(seal["text"]) == plain(got.get("text"))
        yield Counts("seals", {"scored": 1, "exact": int(exact)})
        if got and not exact:
            yield miss(envelope, f"{label} text", seal["text"], got.get("text"))
    if seal.get("role"):
        right = seal["role"] == got.get("role")
        yield Counts("seals", {"placed": 1, "attributed": int(right)})
        if got and not right:
            yield miss(envelope, f"{label} role", f"{seal['role']} {seal.get('text')}", got.get("role"))


def _told(seal: Mapping[str, Any], got: Mapping[str, Any]) -> Told:
    """Whose seal it was said to be, as a value told with a confidence: role and owner; of an unread one its role."""
    owner, text = plain(got.get("owner")), plain(seal.get("text"))
    right = seal["role"] == got.get("role") and (not owner or not text or owner in text)
    rests_on = got.get("rests_on") or ("free" if owner else "none")
    return Told(name=f"seal.{rests_on}", confidence=float(got.get("confidence") or 0.0), right=right)


def _distinct(seals: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A page that belongs to two documents lists its seals twice: once is enough."""
    out: list[Mapping[str, Any]] = []
    for seal in seals:
        if not any(s.get("page") == seal.get("page") and _iou(s, seal) > 0.95 for s in out):
            out.append(seal)
    return out


def _paired(known: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Truth index -> report index, best overlaps first, each once."""
    overlaps = [
        (_iou(a, b), i, j) for i, a in enumerate(known) for j, b in enumerate(seen) if a.get("page") == b.get("page")
    ]
    return best_pairs(overlaps, SEAL_IOU)


def best_pairs(overlaps: Iterable[tuple[float, int, int]], least: float) -> dict[int, int]:
    """Of (overlap, known, seen) the pairs that share at least so much, best first, each used once: known -> seen."""
    pairs: dict[int, int] = {}
    for iou, i, j in sorted(overlaps, reverse=True):
        if iou >= least and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _iou(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    try:
        return Box(*map(float, a["box"])).iou(Box(*map(float, b["box"])))
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("a seal without a box of four numbers") from error
