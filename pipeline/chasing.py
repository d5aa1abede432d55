"""Whom to chase (催办): for each commerce department, applications not received, and received ones that lack something.

What a department is told must be so: an application whose envelope may be among those that nobody could assign is said
to be open (待核), never missing. A list leaves the house: how to reach a person is masked unless somebody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from pipeline.checks.wording import document_name, field_name
from pipeline.departments import Department, by_department
from pipeline.intake.split import parse_cover_payload
from pipeline.model import DocumentType, EnvelopeReport, Finding, FindingCode, Record, Severity
from pipeline.store import Store
from pipeline.values.names import compare, core

__all__ = ["Chase", "Chased", "Judgements", "Lists", "State", "chased", "judged_in", "masked_email", "masked_mobile"]

MASK = "***"
MOST_MISREAD = 2  # signs that a name and a bad reading of it may each hold and the other does not
_PERSONAL = ("legal_representative", "contact", "mobile", "email")
# Warnings that only the applicant can answer; the others are for whoever reads the scans.
_ASKED = (
    FindingCode.INCOMPLETE_DOCUMENT,
    FindingCode.UNREADABLE_SEAL,
    FindingCode.MISSING_SIGNATURE,
    FindingCode.EXPIRED_CERTIFICATE,
)


class State(StrEnum):
    NOT_RECEIVED = "未收到 not received"
    LACKING = "已收到，须补正 received, to be put right"
    OPEN = "待核 to be looked at"


@dataclass(frozen=True, slots=True)
class Chased:
    """An application that somebody should be asked about. ``lacking``: a sentence for each thing."""

    application_no: str
    name: str
    state: State
    lacking: tuple[str, ...] = ()
    received_on: date | None = None
    envelopes: tuple[str, ...] = ()
    contact: str = ""
    mobile: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Chase:
    """One department's list, of ``expected`` applications; those that are not on it have all that is asked for."""

    department: Department
    expected: int
    rows: tuple[Chased, ...]

    def count(self, state: State) -> int:
        return sum(row.state == state for row in self.rows)


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists. ``unassigned``: envelopes in the store that no application could be told for."""

    chases: tuple[Chase, ...]
    unassigned: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgements:
    """The last judgement of every envelope in the store, in order of arrival; names of envelopes that have none yet."""

    reports: tuple[EnvelopeReport, ...]
    waiting: tuple[str, ...] = ()


def judged_in(store: Store) -> Judgements:
    """What is judged of the store's envelopes; what another version judged waits for the next reconcile."""
    reports: list[EnvelopeReport] = []
    waiting: list[str] = []
    judgements = store.judgements()
    for (envelope, _), (_, data) in sorted(judgements.items(), key=lambda one: (one[0][1], one[0][0])):
        try:
            reports.append(EnvelopeReport.model_validate_json(data))
        except ValidationError:
            waiting.append(envelope)
    judged = {arrival for _, arrival in judgements}
    waiting += [a.name for a in store.arrivals() if a.id not in judged]
    return Judgements(tuple(reports), tuple(waiting))


def chased(
    records: Sequence[Record],
    reports: Sequence[EnvelopeReport],
    *,
    with_contacts: bool = False,
    waiting: tuple[str, ...] = (),
) -> Lists:
    """The lists of all departments that have something to be asked.

    :param reports: the last judgement of each envelope
    :param with_contacts: how to reach persons stands in full
    :param waiting: envelopes that are not judged yet, so that whose they are is not known
    """
    of: dict[str, list[EnvelopeReport]] = {}
    for report in reports:
        of.setdefault(report.application_no or "", []).append(report)
    strays = [_Stray.of(r) for r in of.get("", ()) if not _of_a_department(r)]
    chases = []
    for department, members in by_department(records):
        rows = [
            row
            for record in members
            if (row := _row(record, of.get(record.application_no, ()), strays, with_contacts=with_contacts))
        ]
        chases.append(Chase(department, len(members), tuple(rows)))
    problems = tuple(
        f"{name}: it was taken in and is not judged yet: run the same batch again, then chase again" for name in waiting
    )
    return Lists(tuple(chases), (*(stray.envelope for stray in strays), *waiting), problems)


def _of_a_department(report: EnvelopeReport) -> bool:
    """Whether nothing is asked of it: a parcel's list is tied to no application and has no finding."""
    return report.verdict == "clean"


def _row(
    record: Record, own: Sequence[EnvelopeReport], strays: Sequence[_Stray], *, with_contacts: bool
) -> Chased | None:
    if not own:
        state, lacking = _not_received(record, strays)
    else:
        told = tuple(_told(f, with_contacts=with_contacts) for f in _findings(own) if _asks(f))
        errors = any(f.severity is Severity.ERROR for f in _findings(own) if _asks(f))
        if not told:
            return None
        state, lacking = State.LACKING if errors else State.OPEN, tuple(dict.fromkeys(told))
    received = max((r.received_on for r in own if r.received_on), default=None)
    return Chased(
        application_no=record.application_no,
        name=record.name or record.uscc,
        state=state,
        lacking=lacking,
        received_on=received,
        envelopes=tuple(r.envelope for r in own),
        contact=record.contact if with_contacts else _initial(record.contact),
        mobile=record.mobile if with_contacts else masked_mobile(record.mobile),
        email=record.email if with_contacts else masked_email(record.email),
    )


def _not_received(record: Record, strays: Sequence[_Stray]) -> tuple[State, tuple[str, ...]]:
    # What cannot be read may be anybody's: it is said once for all, above the lists.
    names = [(name, frozenset(core(name))) for name in (record.name, *record.previous_names) if name]
    named = [s.envelope for s in strays if record.application_no in s.numbers or (s.name and s.bears(names))]
    if named:
        return State.OPEN, (f"尚未归属的信封 {'、'.join(named)} 可能是该单位的，请先核对再催办。",)
    return State.NOT_RECEIVED, ("尚未收到信封。",)


@dataclass(frozen=True, slots=True)
class _Stray:
    """An envelope that no application could be told for: what it says of whose it is. ``signs``: of its name."""

    envelope: str
    name: str
    signs: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, report: EnvelopeReport) -> _Stray:
        return cls(report.envelope, report.name, frozenset(core(report.name)), frozenset(_named(report)))

    def bears(self, names: Sequence[tuple[str, frozenset[str]]]) -> bool:
        """Whether its name may be one of these, each with its signs."""
        near = (n for n, signs in names if max(len(self.signs - signs), len(signs - self.signs)) <= MOST_MISREAD)
        return any(compare(self.name, n, confident=False).passes for n in near)


def _named(report: EnvelopeReport) -> set[str]:
    """Application numbers that an envelope's covers name, as far as its judgement keeps them."""
    codes = (parse_cover_payload(code.text) for page in report.pages for code in page.codes)
    told = {payload.application_no for payload in codes if payload is not None}
    # A judgement is kept without its pages; what is said of an empty envelope names its cover.
    said = " ".join(f.message.zh for f in report.findings if f.code == FindingCode.UNREADABLE_PAGE)
    return told | set(re.findall(r"封面（([^（）]{1,64})）", said))


def _findings(own: Iterable[EnvelopeReport]) -> Iterator[Finding]:
    for report in own:
        if report.part_of is None:
            yield from (f for f in report.findings if f.open)


def _asks(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR or finding.code in _ASKED


def _told(finding: Finding, *, with_contacts: bool) -> str:
    """One sentence; of what is a person's own only that it differs."""
    if finding.field in _PERSONAL and not with_contacts:
        document = document_name(DocumentType(finding.document) if finding.document else None).zh
        return f"{document}上的{field_name(finding.field or '').zh}与网上申报不一致。"
    return finding.message.zh


# ------------------------------------------------------------------------------------------------- personal data


def masked_mobile(text: str) -> str:
    """138****5678: enough to know one's own number by, too little to call a stranger; any other form goes wholly."""
    digits = re.sub(r"[\s-]", "", text)
    return f"{digits[:3]}****{digits[-4:]}" if re.fullmatch(r"1[0-9]{10}", digits) else MASK if text.strip() else ""


def masked_email(text: str) -> str:
    """z***@example.cn; what is no address goes wholly."""
    name, at, host = text.strip().rpartition("@")
    plain = re.fullmatch(r"[A-Za-z0-9.-]{3,80}", host) and re.fullmatch(r"[!-~]{1,64}", name)
    return f"{name[0]}{MASK}{at}{host}" if plain else MASK if text.strip() else ""


def _initial(name: str) -> str:
    return f"{name.strip()[0]}**" if name.strip() else ""
