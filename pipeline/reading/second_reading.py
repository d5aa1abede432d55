"""An independent second reading of money, counts and identifiers: tesseract on the crops of all documents at once.

Agreement of two engines that share nothing raises the confidence of a field, disagreement lowers it under what anybody
trusts unseen and keeps the rival; a second reading that makes no sense is no reading and changes nothing (CONTRACT).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.model import Document, Field
from pipeline.reading.crops import field_cut, field_row
from pipeline.reading.rival import Kind, agrees, kind_of, rival_of
from pipeline.reading.second_look import WEAK_DIGIT
from pipeline.reading.tesseract import LATIN, MIXED, available, read_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["AGREED", "DOUBTED", "Ask", "asks_of", "verified", "verify"]

AGREED = 0.99  # confidence where two engines read the same
DOUBTED = 0.6  # most that is left where they do not
# What two readers who agree on every sign cannot settle: signs that look alike, and what the figure stands for.
WAVERING = {"looks_differ", "weak_sign", "said_twice_differently", "unit_doubtful", "separator_doubtful"} | {
    "words_and_figures_differ",
    "approximate",
    "part_of_text",
    "total_revenue",
    "total_income",
    "sum_of_rows",
    "rows_left_out",
}
PROVEN = 0.97  # confidence at which a code whose check digit holds needs no second reader
WHITELIST = {"figure": "0123456789.,-()", "code": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"}
HEIGHTS = (44, 64)  # px of a crop for the first reading, and for another look where it differs


@dataclass(frozen=True, slots=True)
class Ask:
    """A field to be read again: ``index`` of it in its document, ``cut``: its place on the page (BGR)."""

    index: int
    field: Field
    kind: Kind
    cut: Image


def verify(document: Document, upright_images: Mapping[int, Image]) -> Document:
    """Read the fields of one document that matter a second time: :func:`asks_of`, then :func:`verified`."""
    return verified([document], [asks_of(document, upright_images)])[0]


def asks_of(document: Document, upright_images: Mapping[int, Image]) -> tuple[Ask, ...]:
    """The fields that get a second reading, cut out, so that their pages may be let go.

    :param upright_images: upright pictures (BGR) by page number; fields on other pages are left alone
    """
    return tuple(
        Ask(index, field, kind, field_cut(upright_images[field.page], field.box))
        for index, field, kind in _asked(document)
        if field.page in upright_images
    )


def verified(documents: Sequence[Document], asks: Sequence[Sequence[Ask]]) -> tuple[Document, ...]:
    """Documents after the second reading of what is asked of each.

    All are read together: tesseract takes longer to start than to read a page's crops.

    :return: the documents with confidences, reasons ("two_engines", "engines_differ") and alternatives brought up to
        date; as they are where tesseract is not installed
    """
    everything = [(i, ask) for i, some in enumerate(asks) for ask in some]
    if not everything or not available():
        return tuple(documents)
    changed: dict[int, dict[int, Field]] = {}
    for (i, ask), field in zip(everything, _judged([ask for _, ask in everything]), strict=True):
        if field is not None:
            changed.setdefault(i, {})[ask.index] = field
    return tuple(_with(document, changed.get(i, {})) for i, document in enumerate(documents))


def _with(document: Document, changed: Mapping[int, Field]) -> Document:
    if not changed:
        return document
    fields = tuple(changed.get(index, field) for index, field in enumerate(document.fields))
    return document.model_copy(update={"fields": fields})


def _asked(document: Document) -> Iterator[tuple[int, Field, Kind]]:
    for index, field in enumerate(document.fields):
        kind = kind_of(field)
        proven = "check_digit" in field.reasons and field.confidence >= PROVEN
        if kind is None or field.value is None or proven or "text_layer" in field.reasons:
            continue
        if field.box.area > 0 and "two_engines" not in field.reasons:
            yield index, field, kind


def _judged(asks: Sequence[Ask]) -> Iterator[Field | None]:
    """For each ask its field brought up to date; None where the second reading says nothing."""
    first = _read(asks, HEIGHTS[0])
    doubtful = [i for i, ask in enumerate(asks) if not agrees(ask.field, ask.kind, first[i])]
    second = dict(zip(doubtful, _read([asks[i] for i in doubtful], HEIGHTS[1]), strict=True))
    for i, ask in enumerate(asks):
        readings = [first[i], second.get(i, "")]
        if any(agrees(ask.field, ask.kind, text) for text in readings):
            yield _agreed(ask.field)
            continue
        rivals = [r for r in (rival_of(ask.field, ask.kind, text) for text in readings) if r]
        yield _doubted(ask.field, rivals) if rivals else _unsettled(ask.field)


def _unsettled(field: Field) -> Field | None:
    """A number with a digit that neither engine makes out; None for any other field: nothing was said against it."""
    if WEAK_DIGIT not in field.reasons:
        return None
    return field.model_copy(update={"confidence": min(field.confidence, DOUBTED)})


def _read(asks: Sequence[Ask], height: int) -> list[str]:
    """Texts; figures together in one call with Latin signs only, codes in another, the rest in a third."""
    texts = [""] * len(asks)
    for kind, language in (("figure", LATIN), ("code", LATIN), ("mixed", MIXED)):
        group = [i for i, ask in enumerate(asks) if ask.kind.written == kind]
        rows = [field_row(asks[i].cut, height) for i in group]
        for i, read in zip(group, read_rows(rows, language=language, whitelist=WHITELIST.get(kind, "")), strict=True):
            texts[i] = read.text
    return texts


def _agreed(field: Field) -> Field:
    return field.model_copy(
        update={
            # Where the first reader itself wavers (I or 1), a second one that shares its weakness settles nothing.
            "confidence": field.confidence if WAVERING & set(field.reasons) else max(field.confidence, AGREED),
            "reasons": tuple(dict.fromkeys((*(r for r in field.reasons if r != WEAK_DIGIT), "two_engines"))),
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
