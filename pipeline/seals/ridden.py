"""Whose riding seal it is: its reading matched with the names that are likely, as any other seal's is."""

from __future__ import annotations

from pipeline.model import Document, RidingSeal, Seal
from pipeline.seals.owner import ExpectedNames, attribute

__all__ = ["with_riders"]


def with_riders(document: Document, *, expected: ExpectedNames) -> Document:
    """The document with text and owner of each riding seal filled in."""
    if not document.riding_seals:
        return document
    riders = tuple(_named(riding, document, expected) for riding in document.riding_seals)
    return document.model_copy(update={"riding_seals": riders})


def _named(riding: RidingSeal, document: Document, expected: ExpectedNames) -> RidingSeal:
    reading = riding.reading
    if reading is None:
        return riding
    text = reading.candidates[0].text if reading.candidates else ""
    seal = Seal(
        page=reading.page, box=reading.box, shape=reading.shape, colour=reading.colour, text=text, reading=reading
    )
    # No place on paper says whose it is: it lies over all pages.
    alone = document.model_copy(update={"seals": (seal,), "places": ()})
    told = attribute(alone, expected=expected).seals[0]
    return riding.model_copy(update={"text": told.text or riding.text, "owner": told.owner})
