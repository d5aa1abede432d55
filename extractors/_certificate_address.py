"""住所 on certificates: an address, without the signs of a seal's ring behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._certificate import Parsed, best, made_field
from extractors._certificate_names import is_organisation
from extractors._fields import tidy
from extractors._layout import Found, Layout
from extractors._wording import joined, squeeze
from pipeline.model import Field, Line, ReadPage

__all__ = ["address_field", "address_of", "whole_address"]


def whole_address(text: str, below: str) -> bool:
    """Whether the row below an address is another thing: a name of an organisation, a watermark."""
    return bool(re.search(r"公司$", squeeze(below)[0])) and is_organisation(below)


_PLACE = re.compile(r"[省市区县州盟旗镇乡村街路道巷弄号楼室座栋层园厦城]")


def _unclosed(text: str) -> str:
    """Without a bracket at the end that nothing opens, or at the beginning that nothing closes."""
    bare = text.strip()
    if re.search(r"[)）]$", bare) and not re.search(r"[(（]", bare):
        bare = bare[:-1]
    if re.match(r"[(（]", bare) and not re.search(r"[)）]", bare):
        bare = bare[1:]
    return bare.strip()


def address_of(text: str) -> Parsed | None:
    """An address."""
    bare = _unclosed(tidy(text))
    if len(bare) < 5:
        return None
    return Parsed(bare, 0.97 if len(_PLACE.findall(bare)) >= 2 else 0.6)


_WHOLE_PLACE = re.compile(r"(?:[号室层楼座栋幢区园村组室屋房)）]|\d)$")
STRAY = 2  # signs of a seal's ring that were read as a line beside or below an address


def address_field(layouts: Sequence[Layout], key: str = "address") -> Field | None:
    """住所, without the signs of a seal's ring behind it (…11层兴)."""
    made: list[Field] = []
    for layout in layouts:
        for found in layout.found(key, wraps=True, whole=whole_address):
            own = _without_ring(found, layout)
            parsed = address_of(own.text)
            if parsed is not None:
                made.append(made_field(layout, "address", own, parsed))
                break
    return best(made)


def _without_ring(found: Found, layout: Layout) -> Found:
    lines = list(found.lines)
    while len(lines) > 1 and _stray(lines[-1], lines[:-1], layout.page):
        lines.pop()
    return Found(tuple(lines), found.spot, found.how, found.trust)


def _stray(last: Line, before: Sequence[Line], page: ReadPage) -> bool:
    """A sign or two in a seal's box behind an address that is whole without them."""
    bare = squeeze(last.text)[0]
    inside = any(seal.box.intersection(last.box) > 0.5 * last.box.area for seal in page.seals)
    letters = re.fullmatch(rf"[^\d号室层楼座栋幢]{{1,{STRAY}}}", bare)
    return inside and letters is not None and bool(_WHOLE_PLACE.search(joined(before)))
