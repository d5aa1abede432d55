"""A page's text layer as it is handed on: characters with boxes, nothing judged."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Box

__all__ = ["TextChar", "TextPage"]


@dataclass(frozen=True, slots=True)
class TextChar:
    """One character; its box in fractions of the page as displayed."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class TextPage:
    """The text layer of one page.

    ``invisible``: share of characters drawn without ink (what OCR programs lay over a scan), 0 to 1.
    ``pictured``: share of the page that pictures cover, 0 to 1.
    """

    chars: tuple[TextChar, ...]
    invisible: float = 0.0
    pictured: float = 0.0
