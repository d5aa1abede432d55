"""People's word (人工裁定、人工更正) applied: corrections to what was observed, decisions to what was judged. Pure.

A correction takes the place of what was read on that page, under that name, before anything is matched or checked.
A decision is tied to a fact: the finding's id or, where that changed, its code, rule, document, field and page; and to
the values it was about. The same fact with other values is another fact: it is open, and says what was decided before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.model import (
    Box,
    Check,
    Corrected,
    Correction,
    Decided,
    Decision,
    Document,
    DocumentType,
    Field,
    Finding,
    Submission,
)

__all__ = [
    "SILENCE",
    "Said",
    "Scope",
    "by_sheet",
    "by_whom",
    "carried",
    "corrected",
    "decided",
    "documents_on",
    "landing",
    "unfit",
]

HUMAN = "human"  # among a field's reasons
WHOLE = Box(0.0, 0.0, 1.0, 1.0)  # where a value stands that the machine did not find


@dataclass(frozen=True)
class Said:
    """All that people said, in the order of their ids."""

    decisions: tuple[Decision, ...] = ()
    corrections: tuple[Correction, ...] = ()


SILENCE = Said()


@dataclass(frozen=True)
class Scope:
    """An application as decisions know it again: its number, its envelopes' contents (sha256 and part).

    ``copies``: sheets that show what another, earlier one shows: the sheet to the first of its kind.
    """

    application_no: str = ""
    contents: frozenset[tuple[str, int]] = frozenset()
    copies: Mapping[str, str] = field(default_factory=dict)

    def concerning(self, decisions: Mapping[str, Sequence[Decision]]) -> list[Decision]:
        """Those that may concern this application at all, in the order of their ids."""
        keys = {self.application_no, *(sha256 for sha256, _ in self.contents)}
        found = {one.id: one for key in keys for one in decisions.get(key, ())}
        return [found[number] for number in sorted(found)]

    def same_place(self, decision: Decision, finding: Finding) -> bool:
        """Whether both speak of the same page or, where no page is meant, of the same application."""
        if decision.sheet or finding.sheet:
            ours, theirs = (self.copies.get(sheet, sheet) for sheet in (decision.sheet, finding.sheet))
            return ours == theirs
        if decision.application_no and decision.application_no == self.application_no:
            return True
        return (decision.sha256, decision.part) in self.contents


# ---------------------------------------------------------------------------------------------------- decisions


def by_whom(decisions: Iterable[Decision]) -> Mapping[str, Sequence[Decision]]:
    """Decisions by the application and by the content (sha256) that they are about."""
    found: dict[str, list[Decision]] = {}
    for one in decisions:
        for key in filter(None, (one.application_no, one.sha256)):
            found.setdefault(key, []).append(one)
    return found


def decided(checks: Sequence[Check], decisions: Mapping[str, Sequence[Decision]], scope: Scope) -> tuple[Check, ...]:
    """The checks with findings that say what people decided about them.

    :param decisions: as :func:`by_whom` has them
    """
    known = scope.concerning(decisions)
    if not known:
        return tuple(checks)
    findings = [found for check in checks for found in check.findings]
    holders = {one.id: _holders(one, findings, scope) for one in known}
    return tuple(
        check.model_copy(update={"findings": tuple(_told(found, known, holders, scope) for found in check.findings)})
        if check.findings
        else check
        for check in checks
    )


def _holders(one: Decision, findings: Sequence[Finding], scope: Scope) -> frozenset[str]:
    """Ids of the findings that show a decision's fact: on its own page if it is there still, else under its own id.

    Of several alike on one page only the one with its id does, for of the others nobody said anything.
    """
    here = [found.id for found in findings if _same_fact(one, found, scope)]
    if one.finding in here:
        return frozenset((one.finding,))
    if here:
        return frozenset(here if len(here) == 1 else ())
    return frozenset(found.id for found in findings if _same_fact_elsewhere(one, found))


def _told(found: Finding, known: Sequence[Decision], holders: Mapping[int, frozenset[str]], scope: Scope) -> Finding:
    holding = [one for one in known if found.id in holders[one.id]]
    if holding:
        return found.model_copy(update={"decision": _shown(holding[-1])})
    before = [one for one in known if not holders[one.id] and _same_question(one, found, scope)]
    if before and before[-1].kind != "reopened":
        return found.model_copy(update={"earlier": _shown(before[-1])})
    return found


def _same_fact(one: Decision, found: Finding, scope: Scope) -> bool:
    return _kind(one) == _kind(found) and _values(one) == _values(found) and scope.same_place(one, found)


def _same_fact_elsewhere(one: Decision, found: Finding) -> bool:
    """The same id and values on another page (sent again): one fact, if there is a value that makes it so."""
    told = one.expected is not None or one.found is not None
    return told and one.finding == found.id and _values(one) == _values(found)


def _same_question(one: Decision, found: Finding, scope: Scope) -> bool:
    return one.finding == found.id or (_kind(one) == _kind(found) and scope.same_place(one, found))


def _kind(one: Decision | Finding) -> tuple[str, str, str | None, str | None]:
    return one.code.value, one.rule, one.document, one.field


def _values(one: Decision | Finding) -> str:
    return json.dumps([one.expected, one.found], ensure_ascii=False)  # as JSON: True is not 1


def _shown(one: Decision) -> Decided:
    return Decided(kind=one.kind, by=one.by, at=one.at, note=one.note, expected=one.expected, found=one.found)


# -------------------------------------------------------------------------------------------------- corrections


def by_sheet(corrections: Iterable[Correction]) -> Mapping[str, Sequence[Correction]]:
    """Corrections by the sheet they stand on."""
    found: dict[str, list[Correction]] = {}
    for one in corrections:
        found.setdefault(one.sheet, []).append(one)
    return found


def landing(submission: Submission, corrections: Mapping[str, Sequence[Correction]]) -> tuple[Correction, ...]:
    """Those that find their document in this envelope, in the order of their ids."""
    if not corrections:
        return ()
    sheets = dict.fromkeys(page.sheet for page in submission.pages)
    here = (one for sheet in sheets for one in corrections.get(sheet, ()))
    return tuple(sorted((one for one in here if _target(submission, one)), key=lambda one: one.id))


def corrected(submission: Submission, corrections: Iterable[Correction]) -> Submission:
    """The envelope with what people read in place of what the machine did; of several words on one value the last."""
    last: dict[tuple[int, str], Correction] = {}
    for one in corrections:
        target = _target(submission, one)
        if target is not None:
            last[target.index, one.field] = one
    standing = {key: one for key, one in last.items() if not one.withdrawn}
    if not standing:
        return submission
    documents = list(submission.documents)
    for (index, _), one in standing.items():
        place = next(i for i, document in enumerate(documents) if document.index == index)
        documents[place] = _put_right(documents[place], one, _number(submission, one.sheet))
    return submission.model_copy(update={"documents": tuple(documents)})


def carried(
    corrections: Mapping[str, Sequence[Correction]], submission: Submission, copies: Mapping[str, str]
) -> Iterator[Correction]:
    """Corrections made on sheets that this envelope shows once more, moved to its own.

    :param copies: its sheets to those that showed the same before
    """
    for own, first in copies.items():
        for one in corrections.get(first, ()):
            yield one.model_copy(update={"sheet": own, "page": _number(submission, own)})


def unfit(submissions: Sequence[Submission], corrections: Sequence[Correction]) -> Mapping[int, tuple[Correction, ...]]:
    """Corrections that stand and find no document any more, by the place of the envelope at which to say so."""
    known = by_sheet(corrections)
    landed = {one.id for submission in submissions for one in landing(submission, known)}
    lost: dict[int, list[Correction]] = {}
    for one in _standing(corrections):
        if one.id not in landed and (place := _nearest(submissions, one)) is not None:
            lost.setdefault(place, []).append(one)
    return {place: tuple(some) for place, some in lost.items()}


def documents_on(submission: Submission, sheet: str, type_: DocumentType) -> list[Document]:
    """Documents of a type that stand on a sheet, in their order; what proves a legal person is of one type."""
    numbers = {page.number for page in submission.pages if page.sheet == sheet}
    return [d for d in submission.documents if _kin(d.type) is _kin(type_) and not numbers.isdisjoint(d.pages)]


def _kin(type_: DocumentType) -> DocumentType:
    """A licence is a business_licence or a legal_person_proof by the track alone, which judging finds out."""
    return DocumentType.BUSINESS_LICENCE if type_ is DocumentType.LEGAL_PERSON_PROOF else type_


def _target(submission: Submission, one: Correction) -> Document | None:
    there = documents_on(submission, one.sheet, one.document)
    return there[one.place] if one.place < len(there) else None


def _number(submission: Submission, sheet: str) -> int:
    return next((page.number for page in submission.pages if page.sheet == sheet), 1)


def _put_right(document: Document, one: Correction, page: int) -> Document:
    read = document.field(one.field)
    box = read.box if read is not None and read.page == page else WHOLE
    said = Corrected(
        by=one.by, at=one.at, note=one.note, was=read.value if read else None, raw=read.raw if read else ""
    )
    right = Field(
        name=one.field,
        value=one.value,
        raw=one.raw,
        unit=one.unit,
        page=page,
        box=box,
        confidence=1.0,
        reasons=(HUMAN,),
        corrected=said,
    )
    names = [field.name for field in document.fields]
    place = names.index(one.field) if one.field in names else len(names)
    others = [(i, field) for i, field in enumerate(document.fields) if field.name != one.field]
    before, after = (field for i, field in others if i < place), (field for i, field in others if i > place)
    return document.model_copy(update={"fields": (*before, right, *after)})


def _standing(corrections: Iterable[Correction]) -> Iterator[Correction]:
    """The last word on each value, unless it takes all back."""
    last = {(one.sheet, _kin(one.document), one.place, one.field): one for one in corrections}
    yield from (one for one in last.values() if not one.withdrawn)


def _nearest(submissions: Sequence[Submission], one: Correction) -> int | None:
    """The envelope that has the sheet; else the one that was corrected, or whatever its file is cut into now."""

    def distance(submission: Submission) -> int:
        if any(page.sheet == one.sheet for page in submission.pages):
            return 0
        return 1 if submission.part == one.part else 2

    akin = [
        (distance(submission), place)
        for place, submission in enumerate(submissions)
        if submission.sha256 == one.sha256 or any(page.sheet == one.sheet for page in submission.pages)
    ]
    return min(akin)[1] if akin else None
