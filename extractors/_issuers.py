"""Who issued it, by the seals on the page (发证机关, 批准机关): an authority's name where one alone fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from extractors._fields import field_of, tidy
from pipeline.model import Field, ReadPage, SealReading
from pipeline.seals.authorities import authority_of
from pipeline.values.identifiers import edit_distance
from pipeline.values.names import core

__all__ = ["sealed_by", "seals_in_order", "settled_by_seal"]

READ_AS = 0.9  # trust in a ring's text as it was read
SETTLED_AS = 0.93  # in the one authority that it can be
LEGIBLE = 0.3  # under which a ring tells nobody's name
COVERED = 4  # signs that a seal's rim may hide of a printed name
SLIPS = 2  # signs in which print and seal may differ for one name read twice
HELD = 0.8  # most that is left where print and seal say otherwise: below what is trusted unseen
_SLIP = re.compile(r"科.技术")


def seals_in_order(page: ReadPage) -> Sequence[SealReading]:
    """Seals as read by a person: row by row, left to right."""
    return sorted(page.seals, key=lambda seal: (round(seal.box.cy * 4), seal.box.x0))


def sealed_by(pages: Sequence[ReadPage], office: Callable[[str], bool]) -> Iterator[Field]:
    """A field ``issuer`` for each seal of such an office."""
    for page in pages:
        for seal in seals_in_order(page):
            name, trust = _name_of(seal)
            if name and office(name):
                field = field_of("issuer", name, (), page, box=seal.box, trust=trust, reasons=("seal",))
                yield field.model_copy(update={"raw": name})


def settled_by_seal(field: Field | None, pages: Sequence[ReadPage]) -> Field | None:
    """An issuer's printed name held against the ring of the seal that lies over it.

    A rim hides signs of what it covers (华[夏远]标认证): what is left reads as a name, and surely. The ring that holds
    all of that and more is the name; where the two differ otherwise neither is sure.
    """
    if field is None or not isinstance(field.value, str) or "seal" in field.reasons:
        return field
    printed = core(field.value)
    for page in pages:
        for seal in page.seals if page.page.number == field.page else ():
            name, trust = _name_of(seal)
            ring = core(name)
            if seal.box.intersection(field.box) <= 0 or ring == printed or not ring:
                continue
            if 0 < len(ring) - len(printed) <= COVERED and len(printed) > COVERED and _holds(ring, printed):
                return field.model_copy(
                    update={
                        "value": name,
                        "confidence": round(min(field.confidence, trust), 4),
                        "alternatives": tuple(dict.fromkeys((*field.alternatives, field.value))),
                        "reasons": tuple(dict.fromkeys((*field.reasons, "seal"))),
                    }
                )
            if edit_distance(ring, printed) <= SLIPS < len(printed):
                return field.model_copy(
                    update={
                        "confidence": min(field.confidence, HELD),
                        "alternatives": tuple(dict.fromkeys((*field.alternatives, name))),
                        "reasons": tuple(dict.fromkeys((*field.reasons, "looks_differ"))),
                    }
                )
    return field


def _holds(ring: str, printed: str) -> bool:
    """Whether a name is another one with signs left out; what a seal adds at its end (专用章) is no part of a name."""
    signs = iter(ring)
    return ring[-2:] == printed[-2:] and all(sign in signs for sign in printed)


def _name_of(seal: SealReading) -> tuple[str, float]:
    """A seal's name and the trust in it; settled where exactly one authority fits what was read."""
    read = _SLIP.sub("科学技术", tidy(seal.candidates[0].text)) if seal.candidates else ""
    if not read or seal.legible < LEGIBLE:
        return "", 0.0
    settled = authority_of(seal)
    if settled is None:
        return read, READ_AS * seal.legible
    name, fit = settled
    return name, SETTLED_AS * (seal.legible if name == read else fit.score)
