"""English with Chinese labels (企业名称 / Company Name): said twice, so left out before labels are looked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from extractors._form_labels import vocabulary
from pipeline.model import Box, Line, Ruling
from pipeline.tables.grid import part_of_line
from pipeline.tables.vocabulary import Match

__all__ = ["without_english"]

LEAST_JOINED = 4  # letters of a word that another one was run into: shorter ones are found in any word
UNDER = 0.9  # line heights: the farthest that the English stands under its Chinese
_HAN = re.compile(r"[\u4e00-\u9fff]")
_UNIT = re.compile(
    r"[(（/]?\s*(?:单位[:：])?(?:人民币)?[十百千万亿]{0,2}元\s*[)）]?\s*$|[(（/]\s*[人家个名项件]\s*[)）]?\s*$"
)
_ENGLISH_UNIT = re.compile(r"[(（][^()（）]*(?:RMB|CNY|yuan|unit)[^()（）]*[)）]\s*$", re.IGNORECASE)  # (RMB 10,000)
_OF_LABELS = """
    a address addresses amount an and annual applicant application area areas as at authority business by
    capital center centre city code company competent contact contacts contract corporate corporation credit
    date degree degrees delivery department domain domains e education email employed employee employees
    engaged enterprise established establishment fax for former formerly founded founding full function
    functional functions graduates headquarter headquarters higher id identification in income industries
    industry institution international known last legal location mail main mobile month name names no number
    numbers of offshore on onshore operating operation operator or organisation organization other outsourcing
    park people person personnel persons phone place previous previously principal profit province registered
    registration representative revenue revenues rmb sales school scope sector sectors service services set
    social staff status submission submitted supervisory tel telephone the time title to total training
    turnover type unified unit university up uscc used web website which with workforce year years yuan zip
    post postal employees' authorities cny number: of: persons' incorporated incorporation foundation workers
    headcount overseas domestic export percent ratio field fields category categories line lines commerce
"""
_WORDS = frozenset(_OF_LABELS.split())


def without_english(lines: Sequence[Line], rulings: Sequence[Ruling] = ()) -> tuple[Line, ...]:
    """Lines without those that say in English words of labels what stands in Chinese right above; a unit stays."""
    dropped: set[int] = set()
    grown: dict[int, Box] = {}
    kept: list[Line] = []
    for line in sorted(lines, key=lambda one: one.box.y0):
        words = _english(line.text)
        under = _chinese_under(line, lines, rulings) if words else None
        if under is not None:
            dropped.add(id(line))
            grown[id(under)] = under.box.union(line.box._replace(x1=min(line.box.x1, max(under.box.x1, line.box.x0))))
        elif words and _under_chinese(line, lines, dropped, [ruling for ruling in rulings if ruling.horizontal]):
            dropped.add(id(line))
            kept.extend(_unit_of(line))
        else:
            kept.append(line)
    if not dropped:
        return tuple(lines)
    order = {id(line): number for number, line in enumerate(lines)}
    kept.sort(key=lambda line: order.get(id(line), len(order)))
    # A label with its English over it reaches as high: its value stands beside the middle of both.
    return tuple(line.model_copy(update={"box": grown[id(line)]}) if id(line) in grown else line for line in kept)


def _english(text: str) -> bool:
    """Whether a text is made of words of labels alone, but for a unit at its end."""
    plain_signs = unicodedata.normalize("NFKD", text)  # a reader sees an ê where a speck is
    bare = _UNIT.sub("", "".join(sign for sign in plain_signs if not unicodedata.combining(sign)))
    bare = _ENGLISH_UNIT.sub("", bare)
    words = re.findall(r"[A-Za-z']+", bare)
    plain = (
        not re.search(r"[0-9@\u4e00-\u9fff]", bare)
        and bare.count("(") == bare.count(")")
        and len(re.sub(r"[^A-Za-z]", "", bare)) >= 3
    )
    return plain and bool(words) and all(_is_of_labels(word.lower()) for word in words)


def _is_of_labels(word: str) -> bool:
    """A word of labels, or several that the reader ran together (Legalrepresentative)."""
    if word in _WORDS:
        return True
    return any(
        word[:end] in _WORDS and _is_of_labels(word[end:]) for end in range(LEAST_JOINED, len(word) - LEAST_JOINED + 1)
    )


def _under_chinese(line: Line, lines: Sequence[Line], dropped: set[int], across: Sequence[Ruling]) -> bool:
    """Whether a line stands under Chinese text, in one cell with it, and is not a label of something else (E-mail)."""
    box, own = line.box, vocabulary.match(line.text)
    over = [
        other
        for other in lines
        if other is not line
        and other.box.y0 < box.y0
        and -0.6 * box.height < box.y0 - other.box.y1 < UNDER * box.height
        and min(other.box.x1, box.x1) - max(other.box.x0, box.x0) > 0.4 * min(other.box.width, box.width)
    ]
    return any(
        (id(other) in dropped or (_HAN.search(other.text) and _same_label(own, other.text)))
        and not any(_between(ruling, other, line) for ruling in across)
        for other in over
    )


def _chinese_under(line: Line, lines: Sequence[Line], rulings: Sequence[Ruling]) -> Line | None:
    """The Chinese label right under a line of English, flush left or in its middle: said there again."""
    box = line.box
    for other in lines:
        near = -0.6 * box.height < other.box.y0 - box.y1 < UNDER * box.height and other.box.cy > box.cy
        flush = abs(other.box.x0 - box.x0) < box.height or abs(other.box.cx - box.cx) < box.height
        if not (near and flush and _HAN.search(other.text)):
            continue
        bare = re.split(r"[:：]", other.text)[0]
        if (vocabulary.is_label(bare) or vocabulary.is_label(other.text)) and not any(
            _between(r, line, other) for r in rulings if r.horizontal
        ):
            own = vocabulary.match(line.text)
            return other if _same_label(own, other.text if vocabulary.is_label(other.text) else bare) else None
    return None


def _same_label(own: Match | None, text: str) -> bool:
    if own is None:
        return True
    over = vocabulary.match(text)
    return over is not None and over.keys == own.keys


def _between(ruling: Ruling, upper: Line, lower: Line) -> bool:
    middle = (max(upper.box.x0, lower.box.x0) + min(upper.box.x1, lower.box.x1)) / 2
    return ruling.x0 <= middle <= ruling.x1 and upper.box.cy < (ruling.y0 + ruling.y1) / 2 < lower.box.cy


def _unit_of(line: Line) -> Iterator[Line]:
    unit = _UNIT.search(line.text)
    if unit and unit.start() < len(line.text):
        bare = unit[0].strip(" ()（）/")
        part = part_of_line(line, unit.start(), len(line.text))
        box = part.box._replace(x0=line.box.x0)  # under its label
        yield part.model_copy(update={"text": f"（{bare}）", "box": box, "centres": (), "scores": ()})
