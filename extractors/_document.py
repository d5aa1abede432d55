"""Certificates as documents: fields put together, confidence, and the fields that the kind itself gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractors._certificate_titles import find_title
from extractors._fields import field_of
from pipeline.model import Box, Document, DocumentType, Field, ReadPage, SealPlace

__all__ = ["certificate_document", "constant", "title_field"]


def certificate_document(
    pages: Sequence[ReadPage],
    type: DocumentType,
    fields: Iterable[Field | None],
    *,
    places: Iterable[SealPlace] = (),
    remarks: Iterable[str] = (),
    parts: Iterable[str] = (),
) -> Document:
    """The document; its subject is the holder (or the name on a licence), its confidence grows with what was found."""
    kept = tuple(f for f in fields if f is not None)
    named = {f.name: f for f in kept}
    subject = named.get("holder") or (named.get("name") if type in _NAMED else None)
    told = sum(1 for f in kept if f.value is not None and f.name != "kind")
    return Document(
        type=type,
        pages=tuple(page.page.number for page in pages),
        confidence=round(min(0.99, 0.7 + 0.06 * told), 3),
        subject=_text(subject),
        fields=kept,
        places=tuple(places),
        remarks=tuple(dict.fromkeys(remarks)),
        parts=tuple(parts),
    )


_NAMED = (DocumentType.BUSINESS_LICENCE, DocumentType.LEGAL_PERSON_PROOF)


def _text(field: Field | None) -> str:
    if field is None or field.value is None:
        return ""
    return field.value[0] if isinstance(field.value, tuple) and field.value else str(field.value)


def constant(name: str, value: str, pages: Sequence[ReadPage], titles: Sequence[str], *, sure: float = 0.99) -> Field:
    """A field that follows from what the document is (``kind``); its box is the title's."""
    for page in pages:
        title = find_title(page, titles)
        if title is not None:
            return field_of(name, value, (), page, box=title.box, raw=title.text, trust=sure if title.exact else 0.95)
    return field_of(name, value, (), pages[0], box=Box(0, 0, 1, 1), trust=min(sure, 0.9))


def title_field(pages: Sequence[ReadPage], titles: Sequence[str]) -> Field | None:
    """The title as the field ``name``, as it should be printed."""
    for page in pages:
        title = find_title(page, titles)
        if title is not None:
            value = title.text if title.exact else titles[0]
            return field_of("name", value, (), page, box=title.box, raw=title.text, trust=0.97 if title.exact else 0.9)
    return None
