"""What a commerce department sent, held against its own list (推荐名单): sent and listed, missing, not listed, unclear.

Nothing is called missing or unlisted that a bad reading could explain: a name that is read badly, a row that was not
read, an envelope whose papers cannot be read are unclear, and are said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.intake.split import ENVELOPE, cover_payload, parcel_department
from pipeline.judging import Judged
from pipeline.lists import LACKS_ROWS, Listed, is_list, rows_of
from pipeline.model import Document, EnvelopeReport, Parcel, ParcelEntry, ParcelRow, Record
from pipeline.values.identifiers import edit_distance
from pipeline.values.names import NameMatch, compare, core, is_commerce_department

__all__ = ["parcels_of", "said_of_parcels"]

SURE = 0.85  # confidence of a row's name from which it says what it says
LONGEST = 80  # signs of a name that a sentence repeats


@dataclass
class _Found:
    """A parcel while the batch is walked through. ``announced``: by a cover of its own."""

    announced: str = ""
    arrival: int = 0
    lists: list[tuple[EnvelopeReport, Document]] = field(default_factory=list)
    envelopes: list[EnvelopeReport] = field(default_factory=list)


def parcels_of(judged: Sequence[Judged], records: Sequence[Record]) -> tuple[Parcel, ...]:
    """The parcels of a batch.

    A parcel's envelopes are those that follow its cover or its list in one file. Where a list is a file of its own, the
    batch's other envelopes may be its own: those that it lists, and those whose department is the list's.

    :param judged: the batch's envelopes, in order of arrival and place in their files
    """
    found, loose = _walked(judged)
    return tuple(_parcel(one, loose, records) for one in found if one.lists or one.announced)


def said_of_parcels(parcels: Sequence[Parcel]) -> tuple[str, ...]:
    """Sentences on what a person should look after."""
    return tuple(sentence for parcel in parcels for sentence in _said(parcel))


def _said(parcel: Parcel) -> Iterator[str]:
    whose = f"parcel of {parcel.department or 'a department that cannot be told'}"
    if not parcel.list_pages:
        yield f"{whose}: no list of recommendations (推荐名单) was found in it: what it should hold is not known"
        return
    if not parcel.listed:
        yield f"{whose}: no row of its list ({parcel.list_envelope}) can be read: look at the paper"
    if not parcel.seal:
        yield f"{whose}: no seal of a department was read on its list ({parcel.list_envelope}): look at the paper"
    for one in parcel.missing:
        yield f"{whose}: {_called(one)} is listed, and no envelope of it is in this batch"
    for one in parcel.unlisted:
        yield f"{whose}: {_called(one)} is in it ({one.envelope}), and is not listed"
    for one in parcel.unclear:
        yield f"{whose}: {_called(one)}: {one.why}"


def _called(one: ParcelEntry) -> str:
    return f"{one.name[:LONGEST]} ({one.application_no})" if one.application_no else one.name[:LONGEST] or "a row"


# ------------------------------------------------------------------------------------------------- which are parcels


def _walked(judged: Sequence[Judged]) -> tuple[list[_Found], list[EnvelopeReport]]:
    """Parcels in order, and the envelopes that lie in none."""
    parcels: list[_Found] = []
    loose: list[EnvelopeReport] = []
    current: _Found | None = None
    for one in judged:
        report = one.report
        if current is not None and current.arrival != one.arrival:
            current = None
        announced = next((d for page in report.pages if (d := parcel_department(page))), "")
        if announced:
            current = _Found(announced=announced, arrival=one.arrival)
            parcels.append(current)
        lists = [d for d in report.documents if is_list(d)]
        if lists and (current is None or (current.lists and current.envelopes)):
            current = _Found(arrival=one.arrival)
            parcels.append(current)
        if lists and current is not None:
            current.lists += [(report, d) for d in lists]
        if _holds_papers(report):
            (current.envelopes if current is not None else loose).append(report)
    return parcels, loose


def _holds_papers(report: EnvelopeReport) -> bool:
    """Whether it is an applicant's envelope: not a list alone, not a cover with nothing behind it."""
    if all(page.kind in ("cover", "blank") for page in report.pages) and report.pages:
        return False
    return not report.documents or report.application_no is not None or not all(map(is_list, report.documents))


def _parcel(found: _Found, loose: Sequence[EnvelopeReport], records: Sequence[Record]) -> Parcel:
    seals = [_seal(document) for _, document in found.lists]
    seal = next(filter(None, seals), "")
    signed = next((d.subject for _, d in found.lists if d.subject), "")
    department = found.announced or seal or signed
    rows = [(report, row) for report, document in found.lists for row in rows_of(document)]
    own = _Own(found, loose, records, department)
    entries = [own.entry(row) for _, row in rows]
    unlisted, unsure = own.rest([row for _, row in rows], any(LACKS_ROWS in d.remarks for _, d in found.lists))
    return Parcel(
        department=department,
        list_envelope=found.lists[0][0].envelope if found.lists else "",
        list_pages=tuple(dict.fromkeys(p for _, d in found.lists for p in d.pages)),
        seal=seal,
        listed=tuple(
            ParcelRow(
                name=row.name,
                application_no=row.application_no,
                page=row.field.page,
                box=row.field.box,
                confidence=row.field.confidence,
            )
            for _, row in rows
        ),
        received=tuple(e for kind, e in entries if kind == "received"),
        missing=tuple(e for kind, e in entries if kind == "missing"),
        unlisted=tuple(unlisted) if found.lists else (),
        unclear=(*(e for kind, e in entries if kind == "unclear"), *(unsure if found.lists else ())),
    )


def _seal(document: Document) -> str:
    """What the department's seal on a list says; empty where none says that it is a department's."""
    for seal in document.seals:
        text = seal.owner or seal.text
        if text and (seal.role == "commerce_department" or is_commerce_department(text)):
            return text
    return ""


# ------------------------------------------------------------------------------------------------- row by row


class _Own:
    """The envelopes that may be a parcel's, and which of them its rows took."""

    def __init__(
        self, found: _Found, loose: Sequence[EnvelopeReport], records: Sequence[Record], department: str
    ) -> None:
        self.strict = bool(found.envelopes)
        self.envelopes = found.envelopes if self.strict else list(loose)
        self.elsewhere = list(loose) if self.strict else []
        self.department = department
        self.by_number = {core(r.application_no): r for r in records}
        self.by_code = {core(r.uscc): r for r in records if r.uscc}
        self.by_name: dict[str, list[Record]] = {}
        for record in records:
            for name in {core(n) for n in (record.name, *record.previous_names) if n}:
                self.by_name.setdefault(name, []).append(record)
        self.taken: set[str] = set()  # names of envelopes
        self.unsure: list[Listed] = []  # rows that took none, though one may be theirs

    def entry(self, row: Listed) -> tuple[str, ParcelEntry]:
        """What became of a row: received, missing or unclear."""
        sure = row.field.confidence >= SURE and bool(row.name)
        record, why = self._record(row, sure=sure)
        if why:
            return self._unclear(row, record, why)
        if record is not None:
            return self._of_record(row, record)
        paper = [e for e in self._free() if e.name and compare(e.name, row.name, confident=sure).passes]
        if len(paper) == 1:
            self.taken.add(paper[0].envelope)
            return "received", ParcelEntry(name=row.name, envelope=paper[0].envelope)
        if not sure:
            return self._unclear(row, None, "its name cannot be read surely, and no envelope bears it as read")
        if like := self._alike(row.name):
            return self._unclear(row, None, f"no envelope bears just this name; {like} is like it")
        if self._unreadable():
            return self._unclear(row, None, f"it may be in {self._unreadable()}, whose papers cannot be read")
        return "missing", ParcelEntry(name=row.name, application_no=row.application_no)

    def _record(self, row: Listed, *, sure: bool) -> tuple[Record | None, str]:
        """The record that a row means, or why that is unclear."""
        numbered = self.by_number.get(core(row.application_no)) or self.by_code.get(core(row.uscc))
        if numbered is not None:
            degree = compare(row.name, numbered.name, confident=sure, aliases=numbered.previous_names)
            if degree.passes or not numbered.name:
                return numbered, ""
            said = row.application_no or row.uscc
            return numbered, f"the list says {said}, under which {numbered.name} is declared: another name"
        named = self.by_name.get(core(row.name), [])
        if len(named) > 1:
            return None, f"{len(named)} online records bear this name"
        if named:
            other = row.application_no and edit_distance(core(row.application_no), core(named[0].application_no)) > 1
            why = f"the list says {row.application_no}, declared is {named[0].application_no}" if other else ""
            return named[0], why
        return None, ""

    def _of_record(self, row: Listed, record: Record) -> tuple[str, ParcelEntry]:
        bearing = [e for e in (*self.envelopes, *self.elsewhere) if e.application_no == record.application_no]
        told = {"name": record.name or row.name, "application_no": record.application_no}
        if bearing:
            self.taken.update(e.envelope for e in bearing)
            return "received", ParcelEntry(**told, envelope=bearing[0].envelope)
        maybe = [e for e in self._free() if self._may_be(e, record)]
        if maybe:
            return self._unclear(row, record, f"{maybe[0].envelope} may be its envelope, but was tied to no record")
        if self._unreadable():
            return self._unclear(row, record, f"it may be in {self._unreadable()}, whose papers cannot be read")
        return "missing", ParcelEntry(**told)

    def _may_be(self, envelope: EnvelopeReport, record: Record) -> bool:
        covers = [p for page in envelope.pages if (p := cover_payload(page)) and p.sheet == ENVELOPE]
        if any(core(p.application_no) == core(record.application_no) for p in covers):
            return True
        names = (record.name, *record.previous_names)
        return bool(envelope.name) and any(_like(envelope.name, name) for name in names if name)

    def _free(self) -> list[EnvelopeReport]:
        """Envelopes tied to no record and taken by no row."""
        return [e for e in self.envelopes if e.application_no is None and e.envelope not in self.taken]

    def _alike(self, name: str) -> str:
        return next((e.envelope for e in self.envelopes if e.envelope not in self.taken and _like(e.name, name)), "")

    def _unreadable(self) -> str:
        return next((e.envelope for e in self._free() if e.verdict == "unreadable" or not e.name), "")

    def _unclear(self, row: Listed, record: Record | None, why: str) -> tuple[str, ParcelEntry]:
        self.unsure.append(row)
        number = record.application_no if record else row.application_no
        mine = next((e for e in self.envelopes if record and e.application_no == record.application_no), None)
        if mine is not None:
            self.taken.add(mine.envelope)
        entry = ParcelEntry(name=row.name, application_no=number, envelope=mine.envelope if mine else "", why=why)
        return "unclear", entry

    def rest(self, rows: Sequence[Listed], lacks_rows: bool) -> tuple[list[ParcelEntry], list[ParcelEntry]]:
        """Envelopes that no row took: not listed, or unclear."""
        unlisted: list[ParcelEntry] = []
        unclear: list[ParcelEntry] = []
        applications = {e.application_no for e in self.envelopes if e.envelope in self.taken and e.application_no}
        for envelope in self.envelopes:
            if envelope.envelope in self.taken or envelope.application_no in applications:
                continue
            if not self.strict and not self._of_department(envelope):
                continue
            told = {
                "name": envelope.name,
                "application_no": envelope.application_no or "",
                "envelope": envelope.envelope,
            }
            row = next((r for r in self.unsure if _like(r.name, envelope.name, sure=r.field.confidence >= SURE)), None)
            if row is not None:
                unclear.append(ParcelEntry(**told, why=f"the list's row {row.name[:LONGEST]} may mean it"))
            elif lacks_rows or not rows:
                unclear.append(ParcelEntry(**told, why="it may be in a row of the list that was not read"))
            elif not envelope.name:
                unclear.append(ParcelEntry(**told, why="whose envelope this is cannot be told"))
            else:
                unlisted.append(ParcelEntry(**told))
        return unlisted, unclear

    def _of_department(self, envelope: EnvelopeReport) -> bool:
        record = self.by_number.get(core(envelope.application_no or ""))
        named = record.commerce_department if record else ""
        return bool(named and self.department) and compare(named, self.department) in (
            NameMatch.EXACT,
            NameMatch.NORM_EQUAL,
        )


def _like(one: str, other: str, *, sure: bool = True) -> bool:
    """Whether one name may be a bad reading of the other: one sign in five differs, or two; half of an unsure one's."""
    a, b = core(one), core(other)
    shorter = min(len(a), len(b))
    most = max(2, shorter // 5 if sure else shorter // 2)
    return bool(a and b) and edit_distance(a, b, limit=most) <= most
