"""Who attests what of whom in a sentence: "Northern Registrars, Inc. hereby attests that", the holder's name below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from extractors._certificate import best
from extractors._certificate_names import is_organisation, latin_company, whole_latin
from extractors._fields import field_of, tidy
from extractors._layout import Layout
from extractors._wording import squeeze
from pipeline.model import Field, Line

__all__ = ["attested_by", "attested_of", "confirmed"]

_ATTESTS = re.compile(
    r"^(?:the\s+)?(?P<who>[A-Z][\w .,&()'\-/]{3,70}?)\s+(?:does\s+)?(?:hereby\s+)?"
    r"(?:attests?|certif(?:y|ies)|confirms?|declares?)\b"
    r"(?:\s+that\b(?P<more>.*))?$"
)
_NAMES_NOBODY = re.compile(r"\b(?:this|it|we|certificate|document|is)\b", re.I)
FAR = 3.0  # line heights: the farthest that the name stands below the sentence


def _sentences(layout: Layout) -> Iterator[tuple[Line, str]]:
    for line in layout.page.lines:
        match = _ATTESTS.match(line.text.strip())
        if match and not _NAMES_NOBODY.search(match["who"]):
            yield line, tidy(match["who"])


def attested_by(layouts: Sequence[Layout]) -> Field | None:
    """The issuer that the sentence names."""
    return best(
        field_of("issuer", who, (line,), layout.page, trust=0.93, reasons=("in_a_sentence",))
        for layout in layouts
        for line, who in _sentences(layout)
    )


def attested_of(layouts: Sequence[Layout]) -> Field | None:
    """The holder below such a sentence: the first name of an organisation, be it over two lines."""
    for layout in layouts:
        for line, _ in _sentences(layout):
            below = sorted(
                (one for one in layout.page.lines if 0 < one.box.y0 - line.box.cy < FAR * line.box.height),
                key=lambda one: one.box.cy,
            )
            for first, second in zip_longest(below, below[1:]):
                text = tidy(first.text)
                if latin_company(text) or is_organisation(text):
                    return field_of("holder", text, (first,), layout.page, trust=0.95, reasons=("in_a_sentence",))
                if second is not None and not whole_latin(text, second.text):
                    both = f"{text} {tidy(second.text)}"
                    lines = (first, second)
                    return field_of("holder", both, lines, layout.page, trust=0.94, reasons=("in_a_sentence",))
    return None


_CONFIRMED = re.compile(
    r"(?:兹确认|兹证明|兹认定|特此证明|经评估[,，]|经审核[,，])"
    r"([\u4e00-\u9fff][\u4e00-\u9fff（）()]{3,38}?(?:公司|中心|研究院|研究所|集团|事务所))"
    r"(?=[(（,，]|按照|依据|根据|在|的|已|经|通过|达到|符合|建立|实施)"
)


def confirmed(layouts: Sequence[Layout]) -> Field | None:
    """The holder within a Chinese sentence: 兹确认某某公司按照…要求."""
    for layout in layouts:
        rows = list(layout.page.lines)
        for i, line in enumerate(rows):
            for lines in ((line,), tuple(rows[i : i + 2])):
                match = _CONFIRMED.search(squeeze("".join(one.text for one in lines))[0])
                if match and is_organisation(match[1]):
                    return field_of("holder", match[1], lines, layout.page, trust=0.93, reasons=("in_a_sentence",))
    return None
