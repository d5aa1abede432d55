"""Labels met in a line of text, each with the trust that it is a label there and no word of a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median

from extractors._wording import squeeze, words
from pipeline.model import Line
from pipeline.values.flat import flat
from pipeline.values.script import simplified

__all__ = ["Labels", "hits_in", "longest_first", "only_english_label"]

Labels = Mapping[str, Sequence[str]]
NARROWER = 0.25  # usual steps by which a digit or a letter is narrower than a Chinese sign, to its middle
GAP = 1.6  # usual steps between two signs from which there is room between words
SURE_COLON, SURE_ALONE, SURE_GAP, SURE_LONG, SURE_SHORT = 1.0, 0.98, 0.97, 0.93, 0.8
FUZZY = 0.85
LONG_ENGLISH = 8  # letters of an English label that no word ends with by chance
FUZZY_LENGTH = 4  # signs of a label of which one may be misread
_LEAD = re.compile(r"^(?:[(]?[一二三四五六七八九十\d]{1,2}[)、.:](?!\d)|[●○■□◆◇·*★※▪\-—|]+)+")
_BRACKET = re.compile(r"[(\[〔【][^)\]〕】]{0,14}[)\]〕】]")
_ENGLISH_WORDS = words(
    "certificate cert no number name of the registration register date issue issued issuing valid validity "
    "until till to from expiry expiration expire expires period address add organization organisation company "
    "enterprise holder legal representative person scope standard type capital registered term business "
    "residence domicile code unified social credit inventor inventors patentee patent application grant "
    "announcement title invention utility model software copyright owner first initial current authority body "
    "by in for establishment established operation operating premises and id appraisal end partner completion "
    "effective reissue re-issue annual latest revision granted maturity rating"
)
# The longest first: of "Issued by" nothing may be left over as "d by".
_ENGLISH = re.compile(
    rf"[/|(]?(?:(?:{'|'.join(sorted(_ENGLISH_WORDS, key=len, reverse=True))})[.'#&/\-]*)+[)]?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A label met from ``start`` to ``end`` of a line's text."""

    key: str
    label: str
    start: int
    end: int
    trust: float


# The wide gap within 住　　所 is read as a box now and then; no label has one in it.
_BOXES = str.maketrans(dict.fromkeys("☑☐□■●○√✓", " "))


@dataclass(frozen=True, slots=True)
class Named:
    """Labels with their keys, the longest first; ``by_sign``: those that begin with a sign."""

    all: tuple[tuple[str, str], ...]
    by_sign: Mapping[str, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=64)
def longest_first(labels: tuple[tuple[str, tuple[str, ...]], ...]) -> Named:
    """Labels (key, wordings) as they are looked for."""
    found = sorted(
        ((label.casefold(), key) for key, names in labels for label in names), key=lambda pair: -len(pair[0])
    )
    signs = {label[:1] for label, _ in found}
    return Named(tuple(found), {sign: tuple(pair for pair in found if pair[0][:1] == sign) for sign in signs})


def hits_in(line: Line, words: Named) -> list[Hit]:
    """Every label in a line, left to right, in places of its text."""
    text, where = squeeze(simplified(line.text.lower()).translate(_BOXES))
    hits: list[Hit] = []
    at = 0
    lead = _LEAD.match(text)
    begin = lead.end() if lead else 0
    while at < len(text):
        first = at in (0, begin)
        # A sign may be misread in the first label of a line only: elsewhere the first sign tells which it can be.
        hit = _hit(line, text, where, at, words, first=first)
        if hit is None:
            at += 1
            continue
        hits.append(hit)
        at = max(at + 1, next((i for i, place in enumerate(where) if place >= hit.end), len(text)))
    return hits


def _hit(line: Line, text: str, where: Sequence[int], at: int, words: Named, *, first: bool) -> Hit | None:
    slip: Hit | None = None
    for label, key in words.all if first else words.by_sign.get(text[at], ()):
        if slip is not None and len(label) < len(slip.label):
            break  # no label as long stands here to the letter
        exact = text.startswith(label, at)
        if not exact and (slip or not (first and _near(text[at : at + len(label)], label))):
            continue
        end, colon = _label_end(text, at + len(label))
        if exact and not colon and (twin := _twin(text, end, words.all, key, label)):
            end, colon = _label_end(text, end + twin)
        trust = _trust(line, text, where, at, at + len(label), end, label, colon=colon, first=first)
        if trust is None or (not exact and not (colon or end >= len(text))):
            continue
        stop = where[end] if end < len(where) else len(line.text)
        if exact:
            return Hit(key, label, where[at], stop, trust)
        slip = Hit(key, label, where[at], stop, min(trust, FUZZY))
    return slip


def _twin(text: str, at: int, words: Sequence[tuple[str, str]], key: str, label: str) -> int:
    """Length of the same label in the other script right behind an English or Chinese one: Company Name 公司名称."""
    return next(
        (
            len(other)
            for other, same in words
            if same == key and other.isascii() != label.isascii() and text.startswith(other, at)
        ),
        0,
    )


def _near(read: str, label: str) -> bool:
    """One sign of a long label misread."""
    if len(label) < FUZZY_LENGTH or len(read) != len(label):
        return False
    return sum(1 for a, b in zip(read, label, strict=True) if a != b) <= 1


def _label_end(text: str, end: int) -> tuple[int, bool]:
    """Behind a label: brackets, its English twin and the colon that belong to it; and whether there was a colon."""
    at = end
    for _ in range(2):
        bracket = _BRACKET.match(text, at)
        if bracket and (
            bracket.end() >= len(text) or text[bracket.end()] in ":/" or _ENGLISH.match(text, bracket.end())
        ):
            at = bracket.end()
        english = _ENGLISH.match(text, at)
        if english and english.end() > at + 1:
            at = english.end()
    if text[at : at + 2] in (".:", "#:", "º:", "o:"):
        return at + 2, True
    if text[at : at + 1] in (":", ";") or (text[at : at + 1] == "." and at > end):
        return at + 1, True
    if at == end and text[at : at + 1] in ("·", "，", ",", "."):
        return at + 1, False
    return at, False


def _trust(
    line: Line, text: str, where: Sequence[int], at: int, bare: int, end: int, label: str, *, colon: bool, first: bool
) -> float | None:
    """How surely this wording is a label here, and no word of a sentence."""
    before = first or at == 0 or not _word(text[at - 1]) or _gap(line, where, at - 1, at) or text[at - 1] in "日号)整元"
    before = before or (colon and label.isascii() and len(label) >= LONG_ENGLISH)  # Holds Certificate No: …
    if not before:
        return None
    if colon:
        return SURE_COLON
    if end >= len(text):
        if first or at == 0:
            return SURE_ALONE
        # The next column's label, read as the end of this column's value.
        return SURE_GAP if _gap(line, where, at - 1, at) else None
    after = _gap(line, where, bare - 1, bare) or end > bare
    if after:
        return SURE_GAP
    if not (first or at == 0):
        return None
    return SURE_LONG if len(label) >= FUZZY_LENGTH else SURE_SHORT


def _word(sign: str) -> bool:
    return sign.isalnum()


def _gap(line: Line, where: Sequence[int], left: int, right: int) -> bool:
    """Whether there is room between two signs: a space as read, or more than the usual step between their centres."""
    if left < 0 or right >= len(where):
        return False
    if where[right] - where[left] > 1 and line.source != "openvino":
        return True
    if len(line.centres) != len(line.text):
        return where[right] - where[left] > 1
    step = line.centres[where[right]] - line.centres[where[left]]
    full = [
        line.centres[b] - line.centres[a] for a, b in pairwise(where) if not _narrow(line, a) and not _narrow(line, b)
    ]
    if full and _narrow(line, where[left]) != _narrow(line, where[right]):
        return step > (GAP - NARROWER) * median(full)  # a digit beside a Chinese sign stands half a step nearer
    steps = [line.centres[b] - line.centres[a] for a, b in pairwise(where)]
    usual = median(steps) if steps else 0.0
    return usual > 0 and step > GAP * usual


def _narrow(line: Line, at: int) -> bool:
    return line.text[at].isascii()


def only_english_label(text: str) -> bool:
    """Whether a text is nothing but the English twin of a label."""
    bare = flat(text).strip(":.")
    return bool(bare) and _ENGLISH.fullmatch(bare) is not None
