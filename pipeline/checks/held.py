"""A document with the envelope it came in."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Document, DocumentType, Page, Submission

__all__ = ["Held"]


@dataclass(frozen=True)
class Held:
    """``newest``: it came in the envelope at which findings stand."""

    document: Document
    submission: Submission
    newest: bool

    @property
    def type(self) -> DocumentType:
        return self.document.type

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages it stands on."""
        numbers = set(self.document.pages)
        return tuple(page for page in self.submission.pages if page.number in numbers)

    def page(self, number: int) -> Page | None:
        """The envelope's page of that number."""
        return next((page for page in self.submission.pages if page.number == number), None)
