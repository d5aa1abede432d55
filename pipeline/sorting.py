"""Pages become documents. Content decides: every extractor says how well a page fits, neighbours only settle doubt.

Pages may be out of order and a stranger's page may have slipped in, so position is the weakest witness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.model import Document, DocumentType, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.values.names import normalise

__all__ = ["Extractor", "Group", "Section", "printed_page_number", "same_subject", "sort_pages"]

CLAIM = 50  # from here on a page says by itself what it is
ALONE = 35  # below CLAIM, with no neighbour of that type: better named than unknown
CONTINUES = 10  # enough to go with a neighbour of that type
NEIGHBOUR = 2  # gap of the page right before or after
SURE = 0.99
ORPHAN = 0.5  # confidence in what only its neighbours explain
MARGIN = 0.12  # of the page's height: printed page numbers stand in the top or bottom margin

# Kinds whose cover and title page both look like a first page; two of them with one subject are one document.
MANY_TITLES = frozenset({DocumentType.AUDIT_REPORT, DocumentType.SUPPORTING_STATEMENT})

# Long documents: a page that says nothing of itself, with their pages before and behind it, is one of theirs.
MANY_PAGES = frozenset({DocumentType.AUDIT_REPORT, DocumentType.SUPPORTING_STATEMENT, DocumentType.INFORMATION_FORM})

SILENT_RUN = 6  # pages in a row that say nothing of themselves within a long document

# Prose that ends with its signer's name, date and seal (落款), sometimes on a page of their own.
SIGNED = frozenset({DocumentType.SUPPORTING_STATEMENT, DocumentType.COVER_LETTER})
SIGNATURE_LINES = 12

_PAGE_NUMBER = re.compile(
    r"^(?:第\s*(\d{1,3})\s*页(?:[,，\s]*[（(]?共\s*\d{1,3}\s*页[)）]?)?|[-—–]\s*(\d{1,3})\s*[-—–]|(\d{1,3})\s*/\s*\d{1,3})$"
)


class Extractor(Protocol):
    """What a module of ``extractors/`` offers."""

    def score(self, page: ReadPage) -> PageScore | None:
        """How well the page fits, or None."""

    def extract(self, pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
        """Read the document that these pages make up."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that make up one document: indexes into the pages sorted, in reading order."""

    type: DocumentType
    pages: tuple[int, ...]
    confidence: float
    extractor: Extractor | None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Pages behind a separator sheet (隔页), which says what document begins there; ``number``: of the sheet."""

    number: int
    type: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """That page ``index`` is of ``score.type``, says ``extractor``."""

    index: int
    score: PageScore
    extractor: Extractor


@dataclass(frozen=True, slots=True)
class _Pile:
    """Pages put together so far; ``opened``: one of them said that it is a first page."""

    type: DocumentType
    pages: tuple[int, ...]
    confidence: float
    extractor: Extractor | None
    subject: str
    opened: bool = False
    number: str = ""
    dated: str = ""

    def gap(self, index: int) -> int:
        """Pages between ``index`` and the nearest page of this pile; following one counts as nearer than leading it."""
        return min(2 * abs(index - p) - (p < index) for p in self.pages)


def sort_pages(
    pages: Sequence[ReadPage], extractors: Sequence[Extractor], sections: Sequence[Section | None] = ()
) -> tuple[Group, ...]:
    """Sort content pages into documents, in order of their first pages. Every page is in exactly one group.

    :param sections: of each page the section that a separator sheet opened before it; none: no separators
    """
    claims = [_claims(i, page, extractors) for i, page in enumerate(pages)]
    strong = [c[0] for c in claims if c and c[0].score.score >= CLAIM]
    piles: list[_Pile] = []
    for claim in (c for c in strong if c.score.opens):
        _open(piles, claim)
    for claim in (c for c in strong if not c.score.opens):
        _continue(piles, claim)
    taken = {i for pile in piles for i in pile.pages}
    silent = frozenset(i for i, c in enumerate(claims) if i not in taken and not any(_goes_on(one) for one in c))
    for index, weak in enumerate(claims):
        if index not in taken:
            _settle(piles, index, weak, pages, silent)
    piles = _settled_by_separators(piles, sections) if any(sections) else piles
    groups = [_group(pile, pages) for pile in _joined_unknown(piles)]
    return tuple(sorted(groups, key=lambda g: min(g.pages)))


def same_subject(one: str, other: str) -> bool:
    """Whether two names as read may be one organisation: a misread character is forgiven, a different name is not."""
    a, b = normalise(one), normalise(other)
    if not a or not b or a in b or b in a:
        return True
    return _distance(a, b) <= max(1, min(len(a), len(b)) // 8)


def printed_page_number(page: ReadPage) -> int | None:
    """The page number printed in the margin (第 3 页, - 3 -, 3/8), or None."""
    for line in page.lines:
        if MARGIN < line.box.cy < 1 - MARGIN:
            continue
        if found := _PAGE_NUMBER.match(line.text.strip()):
            return int(next(g for g in found.groups() if g))
    return None


def _claims(index: int, page: ReadPage, extractors: Sequence[Extractor]) -> list[_Claim]:
    scores = ((score, e) for e in extractors if (score := e.score(page)) is not None and score.score > 0)
    if page.depth == "looked":
        # Nobody else claimed it when it got its glance, or it would have been read: the first sure word is enough.
        sure = next(((score, e) for score, e in scores if score.score >= CLAIM), None)
        return [_Claim(index, *sure)] if sure else []
    return [_Claim(index, score, e) for score, e in sorted(scores, key=lambda pair: -pair[0].score)]


def _open(piles: list[_Pile], claim: _Claim) -> None:
    """A first page opens a document, unless it is of a kind whose cover and title page both look like one."""
    score = claim.score
    if score.type in MANY_TITLES:
        for place, pile in enumerate(piles):
            if pile.type == score.type and same_subject(pile.subject, score.subject):
                piles[place] = _with(pile, claim)
                return
    for place, pile in enumerate(piles):
        if _copies(pile, score):
            piles[place] = _with(pile, claim)
            return
    piles.append(_pile(claim))


def _copies(pile: _Pile, score: PageScore) -> bool:
    """Whether a first page is the 正本 of the 副本 before it, or its English version: one certificate, twice on paper.

    A renewal bears the same number and another date.
    """
    same_day = not pile.dated or not score.dated or pile.dated == score.dated
    return bool(score.number) and pile.type == score.type and pile.number == score.number and same_day


def _continue(piles: list[_Pile], claim: _Claim) -> None:
    """A page inside a document goes to the nearest one of its type that may have the same subject."""
    score = claim.score
    fitting = [
        place
        for place, pile in enumerate(piles)
        if pile.type == score.type and same_subject(pile.subject, score.subject)
    ]
    if not fitting:
        piles.append(_pile(claim))
        return
    nearest = min(fitting, key=lambda place: piles[place].gap(claim.index))
    piles[nearest] = _with(piles[nearest], claim)


def _goes_on(claim: _Claim) -> bool:
    return claim.score.score >= CONTINUES


def _settle(
    piles: list[_Pile], index: int, weak: Sequence[_Claim], pages: Sequence[ReadPage], silent: frozenset[int]
) -> None:
    """A page that does not say what it is: its weak claims and its neighbours decide, else it is unknown.

    :param silent: pages that nobody claims at all
    """
    for claim in filter(_goes_on, weak):
        fitting = [
            place
            for place, pile in enumerate(piles)
            if pile.type == claim.score.type
            and same_subject(pile.subject, claim.score.subject)
            and (pile.gap(index) <= NEIGHBOUR or _follows_number(pile, index, pages))
        ]
        if fitting:
            nearest = min(fitting, key=lambda place: piles[place].gap(index))
            piles[nearest] = _with(piles[nearest], claim)
            return
    if weak and weak[0].score.score >= ALONE:
        piles.append(_pile(weak[0]))
        return
    if _signs_off(pages[index]):
        for place, pile in enumerate(piles):
            if pile.type in SIGNED and index - 1 in pile.pages:
                piles[place] = replace(pile, pages=(*pile.pages, index))
                return
    for place, pile in enumerate(piles):
        if pile.type in MANY_PAGES and index - 1 in pile.pages and _goes_on_behind(pile, index, pages, silent):
            piles[place] = replace(pile, pages=(*pile.pages, index))
            return
    piles.append(_Pile(DocumentType.OTHER, (index,), ORPHAN, None, ""))


def _goes_on_behind(pile: _Pile, index: int, pages: Sequence[ReadPage], silent: frozenset[int]) -> bool:
    """Whether the pile goes on behind a page, past at most a few more that nobody claims: notes full of figures; or
    the page's printed number goes on from the pile's.
    """
    behind = next(i for i in range(index + 1, len(pages) + 1) if i not in silent)
    return (behind in pile.pages and behind - index <= SILENT_RUN) or _follows_number(pile, index, pages)


def _signs_off(page: ReadPage) -> bool:
    """Whether a page holds little but a signature: the name, the date and the seal that did not fit the page before."""
    sealed = bool(page.seals) or any("盖章" in line.text or "公章" in line.text for line in page.lines)
    return sealed and len(page.lines) <= SIGNATURE_LINES


def _follows_number(pile: _Pile, index: int, pages: Sequence[ReadPage]) -> bool:
    """Whether the page's printed number continues the pile's own."""
    number = printed_page_number(pages[index])
    if number is None:
        return False
    numbers = {printed_page_number(pages[i]) for i in pile.pages}
    return number not in numbers and bool({number - 1, number + 1} & numbers)


def _settled_by_separators(piles: Sequence[_Pile], sections: Sequence[Section | None]) -> list[_Pile]:
    """Unknown pages go with the one document of the type that the separator before them names, in its section.

    Sheets are laid wrong too: a page that says what it is stays that, and where no document of the type, or several,
    were found behind the separator, it says nothing.
    """
    settled = list(piles)
    for pile in piles:
        section = sections[pile.pages[0]]
        if pile.type != DocumentType.OTHER or section is None or any(sections[i] != section for i in pile.pages):
            continue
        home = [p for p in settled if p.type == section.type and any(sections[i] == section for i in p.pages)]
        if len(home) == 1:
            grown = replace(home[0], pages=(*home[0].pages, *pile.pages))
            settled = [grown if p is home[0] else p for p in settled if p is not pile]
    return settled


def _joined_unknown(piles: Sequence[_Pile]) -> list[_Pile]:
    """Unknown pages that follow each other are one unknown document."""
    known = [p for p in piles if p.type != DocumentType.OTHER]
    unknown: list[_Pile] = []
    for pile in sorted((p for p in piles if p.type == DocumentType.OTHER), key=lambda p: p.pages):
        if unknown and pile.pages[0] == unknown[-1].pages[-1] + 1:
            unknown[-1] = replace(unknown[-1], pages=(*unknown[-1].pages, *pile.pages))
        else:
            unknown.append(pile)
    return [*known, *unknown]


def _pile(claim: _Claim) -> _Pile:
    score = claim.score
    return _Pile(
        type=score.type,
        pages=(claim.index,),
        confidence=_confidence(score),
        extractor=claim.extractor,
        subject=score.subject,
        opened=score.opens,
        number=score.number,
        dated=score.dated,
    )


def _with(pile: _Pile, claim: _Claim) -> _Pile:
    return replace(
        pile,
        pages=(*pile.pages, claim.index),
        confidence=max(pile.confidence, _confidence(claim.score)),
        subject=pile.subject or claim.score.subject,
        opened=pile.opened or claim.score.opens,
        number=pile.number or claim.score.number,
        dated=pile.dated or claim.score.dated,
    )


def _group(pile: _Pile, pages: Sequence[ReadPage]) -> Group:
    """In reading order: by printed page numbers where every page has its own, else as scanned."""
    order = sorted(pile.pages)
    numbers = [printed_page_number(pages[i]) for i in order]
    if len(set(numbers)) == len(order) and None not in numbers:
        order = [i for _, i in sorted(zip(numbers, order, strict=True))]
    return Group(pile.type, tuple(order), pile.confidence, pile.extractor, pile.subject)


def _confidence(score: PageScore) -> float:
    return min(SURE, max(ORPHAN, score.score / 100))


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]
