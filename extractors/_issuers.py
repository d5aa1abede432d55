"""Who issued it, by the seals on the page (发证机关, 批准机关): an authority's name where one alone fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from extractors._fields import field_of, tidy
from pipeline.model import Field, ReadPage, SealReading
from pipeline.seals.authorities import authority_of

__all__ = ["sealed_by", "seals_in_order"]

READ_AS = 0.9  # trust in a ring's text as it was read
SETTLED_AS = 0.93  # in the one authority that it can be
LEGIBLE = 0.3  # under which a ring tells nobody's name
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
