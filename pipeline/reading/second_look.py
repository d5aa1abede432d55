"""Names, places and numbers looked at again by the reader itself, on crops cut a little otherwise.

A recogniser that is sure of 逢 on one crop and of 逄 on the next knows neither. Where its looks differ, all that they
read is kept as alternatives and the confidence falls below what is trusted unseen; where they agree nothing changes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import Box, Document, Field, Line
from pipeline.reading.quads import line_crop
from pipeline.values.script import simplified

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.engine import Engine

    Image = NDArray[np.uint8]

__all__ = ["LOOKED_AT", "WEAK_DIGIT", "look_again"]

LOOKED_AT = frozenset({"name", "legal_representative", "contact", "company_name", "holder", "email", "certificate_no"})
NUMBERS = frozenset(
    {
        "registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue", "staff",
        "outsourcing_staff", "degree_staff", "mobile", "established",
    }
)  # fmt: skip
WEAK_DIGIT = "weak_digit"  # reason of a number that no second engine has settled
LONGEST = 40  # signs: longer values stand on several lines
ONE_LINE = 2.2  # box height over the width of a Chinese sign: taller boxes hold more than one line
LOOKS = (
    (0.25, 0.05),
    (0.25, 0.12),
    (0.4, 0.3),
    (0.0, 0.2),
)  # of the box's height: how far each crop goes beyond it, across, down
SLIPS = 2  # signs in which two readings of one print may differ
STEADY = 0.985  # score of every sign of a value from which it is not looked at again
WEAK = 0.7  # score of a sign below which no number of looks makes its value sure
MOST = 0.5  # share of a field's box, or of a line's, that both cover
UNSETTLED = 0.85  # most that is left where the looks differ: below what is trusted unseen


def look_again(
    document: Document, upright_images: Mapping[int, Image], engine: Engine, lines: Mapping[int, Sequence[Line]]
) -> Document:
    """Read a document's names and numbers again, where the reader was not sure of every sign.

    :param upright_images: upright pictures (BGR) by page number; fields on other pages are left alone
    :param lines: the lines of each page as they were read
    """
    asked = [
        (i, field, weakest)
        for i, field in enumerate(document.fields)
        if field.page in upright_images
        and _is_asked(field, upright_images[field.page])
        and (weakest := weakest_sign(field, lines.get(field.page, ()))) < STEADY
    ]
    document = _with_weak_digits(document, upright_images, lines)
    if not asked:
        return document
    crops = [crop for _, field, _ in asked for crop in _crops(upright_images[field.page], field.box)]
    texts = [found.text for found in engine.recognise(crops)]
    fields = list(document.fields)
    for at, (index, field, weakest) in enumerate(asked):
        settled = _settled(field, texts[at * len(LOOKS) : (at + 1) * len(LOOKS)])
        fields[index] = _doubted(settled) if weakest < WEAK else settled
    return document.model_copy(update={"fields": tuple(fields)})


def weakest_sign(field: Field, lines: Sequence[Line]) -> float:
    """Score, 0 to 1, of the sign of a value that the reader was least sure of; 0 where its line is not found."""
    own = _folded(str(field.value)).casefold()
    weakest = 0.0
    for line in lines:
        if field.box.intersection(line.box) < MOST * min(field.box.area, line.box.area) or not line.scores:
            continue
        signs = [(c, s) for c, s in zip(line.text, line.scores, strict=False) if not c.isspace()]
        at = _folded("".join(c for c, _ in signs)).casefold().find(own)
        scores = [s for _, s in (signs[at : at + len(own)] if at >= 0 and len(own) <= len(signs) else signs)]
        weakest = max(weakest, min(scores, default=0.0))
    return weakest


def _with_weak_digits(
    document: Document, upright_images: Mapping[int, Image], lines: Mapping[int, Sequence[Line]]
) -> Document:
    """Numbers marked of which the reader hardly made out a digit (a blot, a fold): a second engine must settle it."""
    fields = tuple(
        field.model_copy(update={"reasons": (*field.reasons, WEAK_DIGIT)})
        if field.name in NUMBERS
        and field.value is not None
        and field.page in upright_images
        and "text_layer" not in field.reasons
        and weakest_digit(field, lines.get(field.page, ())) < WEAK
        else field
        for field in document.fields
    )
    return document.model_copy(update={"fields": fields})


def weakest_digit(field: Field, lines: Sequence[Line]) -> float:
    """Score, 0 to 1, of the digit in a value's lines that the reader was least sure of; 1 where there is none."""
    own = [line for line in lines if field.box.intersection(line.box) >= MOST * max(1e-9, line.box.area)]
    scores = [s for line in own for c, s in zip(line.text, line.scores, strict=False) if c.isdigit()]
    return min(scores, default=1.0)


def rivals_of(value: str, texts: Sequence[str]) -> tuple[str, ...]:
    """What other looks read in place of ``value``; nothing where they say the same, or something else altogether."""
    found = dict.fromkeys(rival for text in texts if (rival := _rival(value, text)))
    return tuple(found)


def _is_asked(field: Field, image: Image) -> bool:
    if field.name not in LOOKED_AT or not isinstance(field.value, str) or "text_layer" in field.reasons:
        return False
    if not 2 <= len(field.value) <= LONGEST or field.box.area <= 0:
        return False
    height, width = image.shape[:2]
    signs = sum(0.5 if c.isascii() else 1.0 for c in field.value)
    return bool(field.box.height * height <= ONE_LINE * field.box.width * width / signs)


def _crops(image: Image, box: Box) -> Iterator[Image]:
    height, width = image.shape[:2]
    for across, down in LOOKS:
        dx, dy = across * box.height * height, down * box.height * height
        x0, y0 = max(0.0, box.x0 * width - dx), max(0.0, box.y0 * height - dy)
        x1, y1 = min(float(width), box.x1 * width + dx), min(float(height), box.y1 * height + dy)
        yield line_crop(image, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32))


def _settled(field: Field, texts: Sequence[str]) -> Field:
    rivals = rivals_of(str(field.value), texts)
    if not rivals:
        return field
    return field.model_copy(
        update={
            "confidence": min(field.confidence, UNSETTLED),
            "alternatives": tuple(dict.fromkeys((*field.alternatives, *rivals))),
            "reasons": tuple(dict.fromkeys((*field.reasons, "looks_differ"))),
        }
    )


def _doubted(field: Field) -> Field:
    reasons = tuple(dict.fromkeys((*field.reasons, "weak_sign")))
    return field.model_copy(update={"confidence": min(field.confidence, UNSETTLED), "reasons": reasons})


def _folded(text: str) -> str:
    return simplified("".join(unicodedata.normalize("NFKC", text).split()))


def _rival(value: str, text: str) -> str | None:
    """The stretch of another look's text that stands for the value with one or two other signs."""
    own, seen = _folded(value), _folded(text)
    if len(own) < 2 or own.casefold() in seen.casefold():
        return None
    stretches = (seen[i : i + len(own)] for i in range(len(seen) - len(own) + 1))
    near = [(sum(a != b for a, b in zip(own, s, strict=True)), s) for s in stretches]
    slips, best = min(near, default=(len(own), ""))
    return best if 0 < slips <= min(SLIPS, len(own) // 2) else None
