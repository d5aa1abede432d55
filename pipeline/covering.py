"""What cover sheets say, held against what lies behind them (封面与材料): sentences for whoever sorts the paper.

A cover that is missing, lies on the wrong envelope, or has nothing behind it is the mail room's slip and no applicant's
fault: it makes no finding against one, and is said all the same. Nothing is guessed: where the papers tell whose they
are, they were judged so, whatever the cover says; where they do not, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.intake.split import ENVELOPE, CoverPayload, cover_payload, parcel_department
from pipeline.judging import Judged
from pipeline.lists import is_list
from pipeline.model import Document, DocumentType, EnvelopeReport, FindingCode, Record
from pipeline.values.names import core

__all__ = ["said_of_covers"]

_LETTERS = (DocumentType.COVER_LETTER,)
_NEUTRAL = (DocumentType.OTHER, DocumentType.COVER_LETTER)  # documents that tell nobody's name, or anybody's


@dataclass(frozen=True, slots=True)
class _Part:
    """An envelope of a file, with what its cover says (None: it has none) and the page that it lies on."""

    report: EnvelopeReport
    arrival: int
    cover: CoverPayload | None
    at: int = 0

    @property
    def name(self) -> str:
        return self.report.envelope

    @property
    def bare(self) -> bool:
        """Nothing but covers and blank pages."""
        return all(page.kind in ("cover", "blank") for page in self.report.pages)

    @property
    def of_parcel(self) -> bool:
        """A department's letter or list, with or without the parcel's cover: no applicant's envelope."""
        documents = self.report.documents
        only_letters = bool(documents) and all(d.type in _LETTERS or is_list(d) for d in documents)
        return only_letters or any(parcel_department(page) for page in self.report.pages)

    def in_file(self, number: int) -> int:
        """A page as the file counts it."""
        page = next((p for p in self.report.pages if p.number == number), None)
        return page.index + 1 if page else number


class _Declared:
    """Online records by number and by name."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.by_number = {core(r.application_no): r for r in records}
        self._by_code = {core(r.uscc): r for r in records if r.uscc}
        self._by_name: dict[str, Record | None] = {}
        for record in records:
            for name in {core(n) for n in (record.name, *record.previous_names) if n}:
                # Of two that bear one name neither is meant.
                self._by_name[name] = None if name in self._by_name else record

    def of_document(self, document: Document) -> Record | None:
        """Whose a document surely is by code or name; None where it does not tell."""
        code = document.field("uscc")
        if code is not None and isinstance(code.value, str) and (found := self._by_code.get(core(code.value))):
            return found
        return self._by_name.get(core(document.subject)) if document.subject else None


def said_of_covers(judged: Sequence[Judged], records: Sequence[Record], programme: str) -> tuple[str, ...]:
    """Sentences on the covers of a batch.

    :param judged: the batch's envelopes, in order of arrival and place in their files
    """
    declared = _Declared(records)
    parts = [_part(one) for one in judged]
    said: list[str] = []
    received = {p.report.application_no for p in parts if p.report.application_no}
    for _, group in groupby(parts, key=lambda p: p.arrival):
        file = list(group)
        if any(p.cover for p in file):
            said += _missing(file)
        for part in file:
            said += _about(part, declared, programme)
            said += _strangers(part, file, declared, received)
    return (*said, *_twice(parts))


def _part(one: Judged) -> _Part:
    for page in one.report.pages:
        payload = cover_payload(page)
        if payload is not None and payload.sheet == ENVELOPE:
            return _Part(one.report, one.arrival, payload, page.number)
    return _Part(one.report, one.arrival, None)


def _missing(file: Sequence[_Part]) -> Iterator[str]:
    """Envelopes without a cover in a file whose others have one."""
    for place, part in enumerate(file):
        if part.cover or part.of_parcel or not part.report.pages:
            continue
        first = part.in_file(part.report.pages[0].number)
        if place == 0:
            yield (
                f"{part.name}: no cover sheet lies before its first pages, though others in the same file have one: "
                "whose they are was told from the papers alone; look for the cover, and for papers before it"
            )
            continue
        before = file[place - 1]
        if part.report.application_no and part.report.application_no == before.report.application_no:
            continue  # a second form of the same applicant
        yield (
            f"{part.name}: no cover sheet lies before it (page {first} of the file), though others in the same file "
            f"have one: it was kept apart from {before.name} because another information form begins there; check that "
            f"the pages before it are all of {before.name}"
        )


def _about(part: _Part, declared: _Declared, programme: str) -> Iterator[str]:
    """One envelope's cover against its papers."""
    if part.cover is None:
        yield from _two_forms(part)
        return
    number = part.cover.application_no
    if part.cover.programme not in ("", programme):
        yield f"{part.name}: its cover sheet was printed for {part.cover.programme}, not for {programme}"
    if part.bare:
        yield (
            f"{part.name}: nothing lies behind the cover sheet of {number} (page {part.in_file(part.at)} of the file): "
            "the envelope was empty, or its papers lie behind another cover; look at the paper"
        )
    else:
        yield from _against_papers(part, number, declared)
    yield from _two_forms(part)
    yield from _sheets_of_others(part, number)


def _against_papers(part: _Part, number: str, declared: _Declared) -> Iterator[str]:
    record, found = declared.by_number.get(core(number)), part.report.application_no
    whose = f"{number} ({record.name or record.uscc})" if record else f"{number}, which no online record bears"
    if found is not None:
        if core(found) != core(number):
            by = ", ".join(part.report.matched_by)
            yield (
                f"{part.name}: its cover sheet names {whose}, its papers are those of {found} ({part.report.name}) by "
                f"{by}: it was judged as {found}; the cover was put on the wrong envelope, or the papers were"
            )
        return
    if record is None:
        yield f"{part.name}: its cover sheet names {whose}: file it online, or take the cover of the right number"
    elif part.report.verdict != "unreadable":
        name = f" ({part.report.name})" if part.report.name else ""
        yield (
            f"{part.name}: its cover sheet names {whose}, but what is read inside{name} does not confirm it, so "
            "that it was tied to no record; look whether the cover lies on the right envelope"
        )


def _two_forms(part: _Part) -> Iterator[str]:
    """Forms that did not part the envelope, for they do not say whose they are."""
    forms = [d for d in part.report.documents if d.type == DocumentType.INFORMATION_FORM]
    for form in forms[1:]:
        if not any(form.field(name) for name in ("name", "uscc", "application_no")):
            page = part.in_file(min(form.pages))
            yield (
                f"{part.name}: a second information form begins at page {page} of the file, and whose it is cannot be "
                "read: nothing was cut there; look whether another applicant's papers begin"
            )


def _sheets_of_others(part: _Part, number: str) -> Iterator[str]:
    """Separators of other applications, and the cover once more behind papers."""
    papers = False
    for page in part.report.pages:
        payload = cover_payload(page)
        papers = papers or page.kind == "content"
        if payload is None or parcel_department(page) or not papers:
            continue
        if core(payload.application_no) != core(number):
            yield (
                f"{part.name}: a separator of {payload.application_no} lies at page {part.in_file(page.number)} of the "
                f"file among the papers of {number}: look whether the cover before it is missing"
            )
        elif payload.sheet == ENVELOPE:
            yield (
                f"{part.name}: its cover sheet lies once more at page {part.in_file(page.number)} of the file, behind "
                "papers: nothing was cut there; if two envelopes of the application came, both are judged together"
            )


def _strangers(part: _Part, file: Sequence[_Part], declared: _Declared, received: set[str]) -> Iterator[str]:
    """Papers of another application in an envelope, where that one's cover may be missing before them."""
    foreign = {f.document_index for f in part.report.findings if f.code == FindingCode.FOREIGN_DOCUMENT and f.open}
    said: set[str] = set()
    for document in sorted(part.report.documents, key=lambda d: min(d.pages)):
        owner = declared.of_document(document) if document.index in foreign else None
        if owner is None or owner.application_no in said or owner.application_no == part.report.application_no:
            continue
        said.add(owner.application_no)
        page = min(document.pages)
        behind = [d for d in part.report.documents if min(d.pages) >= page and d.type not in _NEUTRAL]
        home = next((p for p in file if p.report.application_no == owner.application_no and not p.cover), None)
        where = f"page {part.in_file(page)} of the file"
        if home is not None and home is not part:
            yield (
                f"{part.name}: papers of {owner.application_no} ({owner.name}) lie in it ({where}); its envelope "
                f"{home.name} has no cover: look whether they belong there"
            )
        elif owner.application_no not in received and all(d.index in foreign for d in behind):
            yield (
                f"{part.name}: from {where} on its papers are those of {owner.application_no} ({owner.name}), of whom "
                "no envelope is in this batch: a cover may be missing there; look at the paper"
            )


def _twice(parts: Sequence[_Part]) -> Iterator[str]:
    """Applications of which several covers are in the batch, each of another envelope."""
    bearing: dict[str, dict[tuple[str, int], _Part]] = {}
    for part in parts:
        if part.cover is not None:
            # The same file under another name is the same paper.
            bearing.setdefault(part.cover.application_no, {})[part.report.sha256, part.report.part] = part
    for number, several in sorted(bearing.items()):
        if len(several) > 1:
            names = ", ".join(p.name for p in several.values())
            yield (
                f"{len(several)} envelopes of this batch bear the cover of {number}: {names}; if one of them is "
                "another applicant's, the cover was put on the wrong envelope"
            )
