"""An independent second reading of money, counts and identifiers: tesseract on the crops of one page at a time.

Agreement of two engines that share nothing raises the confidence of a field, disagreement lowers it under what anybody
trusts unseen and keeps the rival; a second reading that makes no sense is no reading and changes nothing (CONTRACT).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.model import Document, Field
from pipeline.reading.crops import field_crop
from pipeline.reading.rival import Kind, agrees, kind_of, rival_of
from pipeline.reading.tesseract import LATIN, MIXED, available, read_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["AGREED", "DOUBTED", "verify"]

AGREED = 0.99  # confidence where two engines read the same
DOUBTED = 0.6  # most that is left where they do not
PROVEN = 0.97  # confidence at which a code whose check digit holds needs no second reader
WHITELIST = {"figure": "0123456789.,-()", "code": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"}
HEIGHTS = (44, 64)  # px of a crop for the first reading, and for another look where it differs


@dataclass(frozen=True, slots=True)
class _Ask:
    index: int
    field: Field
    kind: Kind


def verify(document: Document, upright_images: Mapping[int, Image]) -> Document:
    """Read the fields that matter a second time.

    :param upright_images: upright pictures (BGR) by page number; fields on other pages are left alone
    :return: the document with confidences, reasons ("two_engines", "engines_differ") and alternatives brought up to
        date; as it is where tesseract is not installed
    """
    asks = [a for a in _asks(document) if a.field.page in upright_images]
    if not asks or not available():
        return document
    fields = list(document.fields)
    for page in sorted({a.field.page for a in asks}):
        for ask, changed in _verified([a for a in asks if a.field.page == page], upright_images[page]):
            fields[ask.index] = changed
    return document.model_copy(update={"fields": tuple(fields)})


def _asks(document: Document) -> Iterator[_Ask]:
    for index, field in enumerate(document.fields):
        kind = kind_of(field)
        proven = "check_digit" in field.reasons and field.confidence >= PROVEN
        if kind is None or field.value is None or proven or "text_layer" in field.reasons:
            continue
        if field.box.area > 0 and "two_engines" not in field.reasons:
            yield _Ask(index, field, kind)


def _verified(asks: Sequence[_Ask], image: Image) -> Iterator[tuple[_Ask, Field]]:
    texts = _read(asks, image, HEIGHTS[0])
    doubtful = [a for a in asks if not agrees(a.field, a.kind, texts[a.index])]
    second = _read(doubtful, image, HEIGHTS[1]) if doubtful else {}
    for ask in asks:
        readings = [texts[ask.index], second.get(ask.index, "")]
        if any(agrees(ask.field, ask.kind, text) for text in readings):
            yield ask, _agreed(ask.field)
            continue
        rivals = [r for r in (rival_of(ask.field, ask.kind, text) for text in readings) if r]
        if rivals:
            yield ask, _doubted(ask.field, rivals)


def _read(asks: Sequence[_Ask], image: Image, height: int) -> dict[int, str]:
    """Texts by field index; figures and codes together in one call with Latin signs only, the rest in another."""
    texts: dict[int, str] = {}
    for kind, language in (("figure", LATIN), ("code", LATIN), ("mixed", MIXED)):
        group = [a for a in asks if a.kind.written == kind]
        rows = [field_crop(image, a.field.box, height) for a in group]
        read = read_rows(rows, language=language, whitelist=WHITELIST.get(kind, ""))
        texts.update({a.index: r.text for a, r in zip(group, read, strict=True)})
    return texts


def _agreed(field: Field) -> Field:
    return field.model_copy(
        update={
            "confidence": max(field.confidence, AGREED),
            "reasons": tuple(dict.fromkeys((*field.reasons, "two_engines"))),
        }
    )


def _doubted(field: Field, rivals: Sequence[str]) -> Field:
    return field.model_copy(
        update={
            "confidence": min(field.confidence, DOUBTED),
            "alternatives": tuple(dict.fromkeys((*field.alternatives, *rivals))),
            "reasons": tuple(dict.fromkeys((*field.reasons, "engines_differ"))),
        }
    )
