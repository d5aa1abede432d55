"""Logical pages and the scanned sheets they are on.

While a page is read and documents are made, two pages on one sheet are two; whoever is told about them counts sheets
(CONTRACT: pages count as scanned).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pipeline.model import Document, Field, Page, Row, Seal, SealCandidate, SealPlace, SealReading

__all__ = ["on_sheets", "sheets_of"]

Placed = TypeVar("Placed", Field, Seal, SealCandidate, SealPlace, SealReading, Row)


def on_sheets(document: Document, numbers: Sequence[int]) -> Document:
    """A document whose pages count as scanned.

    :param numbers: of the scanned page that each logical page (counted from 1) is on
    """
    if list(numbers) == list(range(1, len(numbers) + 1)):
        return document

    def one(thing: Placed) -> Placed:
        return thing.model_copy(update={"page": numbers[thing.page - 1]})

    def all_of(pages: Sequence[int]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(numbers[p - 1] for p in pages))

    seals = tuple(one(s).model_copy(update={"reading": one(s.reading) if s.reading else None}) for s in document.seals)
    return document.model_copy(
        update={
            "pages": all_of(document.pages),
            "fields": tuple(map(one, document.fields)),
            "places": tuple(map(one, document.places)),
            "seals": seals,
            "rejected": tuple(map(one, document.rejected)),
            "statements": tuple(
                s.model_copy(update={"pages": all_of(s.pages), "rows": tuple(map(one, s.rows))})
                for s in document.statements
            ),
            "riding_seals": tuple(
                r.model_copy(update={"pages": all_of(r.pages), "breaks": all_of(r.breaks)})
                for r in document.riding_seals
            ),
        }
    )


def sheets_of(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The page ledger: each page as scanned once, whatever logical pages it bears."""
    sheets: dict[int, Page] = {}
    for page in pages:
        known = sheets.get(page.number)
        if known is None or (known.kind != "content" and page.kind == "content"):
            sheets[page.number] = page
    return tuple(sheets.values())
