"""Several envelopes of one application (补件): which came first, which repeat others, what is shown twice. Pure.

``firsts``: for each envelope, oldest first, the place of the first one with the same pages (:func:`first_copies`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.checks import Duplicate
from pipeline.model import Page, Submission

__all__ = ["copied_sheets", "duplicates_of", "first_copies", "oldest_first", "received_on_of", "same_pages"]

SAME_PAGE_BITS = 4  # of a 64-bit fingerprint: one sheet scanned twice; two filled forms of one layout differ by more


def oldest_first(submissions: Sequence[Submission]) -> list[int]:
    """Their places: by date received, then in the order taken in; one without a date is as old as what came before."""
    taken_in = sorted(range(len(submissions)), key=lambda place: (submissions[place].order, submissions[place].part))
    days: list[date] = []
    for place in taken_in:
        days.append(submissions[place].received_on or max(days, default=date.min))
    return [place for _, place in sorted(zip(days, taken_in, strict=True), key=lambda one: one[0])]


def first_copies(submissions: Sequence[Submission]) -> list[int]:
    """For each envelope the place of the first one with the same pages: mostly its own."""
    return [
        next(first for first, other in enumerate(submissions) if other is one or same_pages(other, one))
        for one in submissions
    ]


def copied_sheets(submissions: Sequence[Submission], firsts: Sequence[int]) -> dict[str, str]:
    """Sheets of envelopes that repeat an earlier one, each to the sheet that showed the same there."""
    return {
        page.sheet: shown.sheet
        for place, first in enumerate(firsts)
        if place != first
        for page, shown in zip(_content(submissions[place]), _content(submissions[first]), strict=False)
        if page.sheet != shown.sheet
    }


def received_on_of(settled: Sequence[Submission], newest: int) -> date | None:
    """When the newest pages came (a copy made later of pages that came in time makes nothing late); else any date."""
    by_pages = (*reversed(settled[: newest + 1]), *reversed(settled[newest + 1 :]))
    return next((one.received_on for one in by_pages if one.received_on), None)


def duplicates_of(place: int, settled: Sequence[Submission], firsts: Sequence[int]) -> tuple[Duplicate, ...]:
    """Earlier envelopes with the same pages as the one at that place."""
    pages = tuple(page.number for page in _content(settled[place]))
    return tuple(
        Duplicate(envelope=settled[earlier].envelope, pages=pages)
        for earlier in range(place)
        if firsts[earlier] == firsts[place]
    )


def same_pages(one: Submission, other: Submission) -> bool:
    """Whether two envelopes hold the same pages: the same bytes, or sheet for sheet the same picture and seals.

    Two envelopes cut from one scan have its bytes in common, and no page.
    """
    if one.sha256 == other.sha256 and [p.sheet for p in one.pages] == [p.sheet for p in other.pages]:
        return True
    ours, theirs = _content(one), _content(other)
    if not ours or len(ours) != len(theirs):
        return False
    if _seals_by_page(one) != _seals_by_page(other):
        return False
    return all(_alike(a, b) for a, b in zip(ours, theirs, strict=True))


def _content(submission: Submission) -> list[Page]:
    return [p for p in submission.pages if p.kind == "content"]


def _alike(one: Page, other: Page) -> bool:
    if not one.fingerprint or len(one.fingerprint) != len(other.fingerprint):
        return False
    return (int(one.fingerprint, 16) ^ int(other.fingerprint, 16)).bit_count() <= SAME_PAGE_BITS


def _seals_by_page(submission: Submission) -> list[int]:
    counts = {p.number: 0 for p in _content(submission)}
    for document in submission.documents:
        for seal in document.seals:
            counts[seal.page] = counts.get(seal.page, 0) + 1
    return [counts[number] for number in sorted(counts)]
