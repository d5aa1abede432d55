"""Pages: sorted into the right document, turned the right way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.evaluating.envelopes import listed
from pipeline.evaluating.events import Counts, Event, miss

__all__ = ["score_pages"]


def score_pages(envelope: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Event]:
    """Every page that the truth knows."""
    types: dict[int, set[str]] = {}
    for document in listed(report, "documents"):
        for page in document.get("pages") or []:
            types.setdefault(int(page), set()).add(str(document.get("type")))
    seen = {int(p.get("page", 0)): p for p in listed(report, "pages")}
    for page in listed(truth, "pages"):
        number = int(page.get("page", 0))
        yield from _sorted(envelope, number, page, seen.get(number), types.get(number, set()))
        if "rotation" in page and page.get("kind", "content") == "content":
            yield from _turned(envelope, number, page["rotation"], seen.get(number, {}).get("rotation"))


def _sorted(
    envelope: str, number: int, page: Mapping[str, Any], seen: Mapping[str, Any] | None, types: set[str]
) -> Iterator[Event]:
    wanted, kind = page.get("document_type"), page.get("kind", "content")
    got = (seen or {}).get("kind")
    right = bool(wanted and wanted in types) or (not wanted and got == kind)
    if kind == "content" and wanted == "other" and not types and seen is not None:
        right = True
    yield Counts("pages", {"truth": 1, "sorted": int(right)})
    if not right:
        yield miss(envelope, f"page {number}", wanted or kind, ", ".join(sorted(types)) or got)


def _turned(envelope: str, number: int, wanted: Any, got: Any) -> Iterator[Event]:
    right = got == wanted
    yield Counts("pages", {"turns_known": 1, "turned": int(right)})
    if not right:
        yield miss(envelope, f"page {number} rotation", wanted, got)
