"""Documents: which of the report is which of the truth, and what was read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.evaluating.alike import part_fits
from pipeline.evaluating.envelopes import listed
from pipeline.evaluating.events import Event
from pipeline.evaluating.fields import score_fields
from pipeline.evaluating.statements import score_statements

__all__ = ["score_documents"]


def score_documents(envelope: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Event]:
    """Statements and fields of each document of which the truth knows some."""
    documents = listed(report, "documents")
    taken: set[int] = set()
    for known in listed(truth, "documents"):
        statements = listed(known, "statements")
        if not known.get("fields") and not statements:
            continue
        chosen = _document_for(known, documents, taken)
        if chosen is not None:
            taken.add(chosen)
        met: Mapping[str, Any] = documents[chosen] if chosen is not None else {}
        yield from score_statements(envelope, statements, listed(met, "statements"))
        yield from score_fields(envelope, known, met.get("fields") or [])


def _document_for(known: Mapping[str, Any], documents: Sequence[Mapping[str, Any]], taken: set[int]) -> int | None:
    """The report's document of the same type that shares most pages; failing that, any that shares pages."""
    pages = set(known.get("pages") or [])

    def rank(i: int) -> tuple[bool, int]:
        same = part_fits(known.get("type"), documents[i].get("type"))
        return same, len(pages & set(documents[i].get("pages") or []))

    candidates = [i for i in range(len(documents)) if i not in taken and (rank(i)[1] or (not pages and rank(i)[0]))]
    return max(candidates, key=rank, default=None)
