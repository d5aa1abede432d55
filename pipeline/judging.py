"""Submissions meet records: who sent what, which envelopes belong together, what the rules say of each application.

What people said comes in twice: corrections before anything is matched, decisions after all is judged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pipeline.calibration import calibrated, seals_calibrated
from pipeline.checks import Case, Told, broken, copy_of, faults_of, judge
from pipeline.checks.agreement import confirmed
from pipeline.deciding import SILENCE, Said, Scope, by_sheet, by_whom, carried, corrected, decided, landing, unfit
from pipeline.model import (
    Check,
    Correction,
    Decision,
    Document,
    DocumentType,
    EnvelopeReport,
    Finding,
    Page,
    Record,
    Severity,
    Submission,
    Track,
    Verdict,
)
from pipeline.programmes import Programme
from pipeline.records import Known, Match, match
from pipeline.seals.owner import ExpectedNames, attribute
from pipeline.seals.ridden import with_riders
from pipeline.supplements import copied_sheets, duplicates_of, first_copies, oldest_first, received_on_of
from pipeline.twins import ALIKE_SHEETS, SealTwin
from pipeline.values.names import likely_departments

__all__ = [
    "Judged",
    "Received",
    "group_key",
    "groups_of",
    "judge_all",
    "judge_matched",
    "key_of",
    "of_arrivals",
    "settled",
]

log = logging.getLogger(__name__)

NOBODY = Match()


@dataclass(frozen=True, slots=True)
class Received:
    """An envelope as observed, with the id of the arrival it came in.

    ``twins``: what others' seals tell of its own. ``problem``: what of it could not be taken in.
    """

    submission: Submission
    arrival: int
    twins: tuple[SealTwin, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """An envelope's report, the arrival it came in, and sentences on what of it could not be processed.

    ``notes``: sentences on what a person should settle though all was processed. ``match``: how it met the records.
    """

    report: EnvelopeReport
    arrival: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    match: Match = NOBODY

    @property
    def group(self) -> str:
        """The key under which it was judged together with others."""
        return group_key(self.match, self.report.sha256, self.report.part)

    def marked_unchanged(self) -> Judged:
        """The same by reference."""
        return replace(self, report=self.report.model_copy(update={"unchanged": True}))


@dataclass(frozen=True, slots=True)
class _Matched:
    """``submission``: with what people corrected; ``lost``: their corrections that fit nothing any more."""

    received: Received
    submission: Submission
    match: Match
    lost: tuple[Correction, ...] = ()


def of_arrivals(judged: Sequence[Judged], arrivals: frozenset[int]) -> tuple[Judged, ...]:
    """Those of a batch; one whose application's findings stand at an envelope outside the batch says so.

    A 补件 that was received before the main envelope and scanned after it would look clean.
    """
    outside = {
        one.report.application_no: one.report.envelope
        for one in judged
        if one.report.part_of is None and one.report.application_no and one.arrival not in arrivals
    }
    return tuple(
        replace(one, notes=(*one.notes, _stands_at(one.report, outside[one.report.application_no])))
        if one.report.part_of is not None and one.report.application_no in outside
        else one
        for one in judged
        if one.arrival in arrivals
    )


def _stands_at(report: EnvelopeReport, newest: str) -> str:
    return (
        f"{report.envelope}: what is judged of its application {report.application_no} stands at {newest}, "
        "which was received later and is not in this batch: yanzhang reconcile shows it"
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """What people said: decisions by whom they are about, corrections by the sheet they stand on."""

    decisions: Mapping[str, Sequence[Decision]]
    corrections: Mapping[str, Sequence[Correction]]


def judge_all(
    received: Sequence[Received],
    records: Sequence[Record] | Known[Record],
    programme: Programme,
    *,
    only: frozenset[int] | None = None,
    said: Said = SILENCE,
    names: Mapping[int, str] | None = None,
) -> tuple[Judged, ...]:
    """Judge every application that has an envelope among ``only`` (arrival ids; None: all), in order of arrival.

    Envelopes of one application are judged together (CONTRACT, "Several envelopes of one application").

    :param names: of arrivals that are not among those received, where seals may speak of them
    """
    groups: dict[str, list[_Matched]] = {}
    heard = _Heard(by_whom(said.decisions), by_sheet(said.corrections))
    for matched in _all_matched(received, records, said, heard):
        groups.setdefault(_group_key(matched), []).append(matched)
    wanted = (g for g in groups.values() if only is None or any(m.received.arrival in only for m in g))
    called: dict[int, str] = dict(names or {})
    for one in received:
        called.setdefault(one.arrival, one.submission.envelope)
    judged = chain.from_iterable(_judge_group(group, programme, called, heard) for group in wanted)
    places = {(r.arrival, r.submission.envelope): i for i, r in enumerate(received)}
    return tuple(sorted(judged, key=lambda j: places[j.arrival, j.report.envelope]))


def judge_matched(
    groups: Sequence[Sequence[tuple[Received, Match]]],
    programme: Programme,
    *,
    said: Said,
    names: Mapping[int, str],
    beside: Sequence[Received] = (),
) -> Iterator[tuple[Judged, ...]]:
    """Judge applications whose envelopes were matched before, one after the other.

    :param names: of all arrivals that seals may speak of
    :param beside: envelopes that corrections of these may be about, too
    """
    heard = _Heard(by_whom(said.decisions), by_sheet(said.corrections))
    lost: dict[tuple[int, int], tuple[Correction, ...]] = {}
    if said.corrections:
        together = {_place(one): one for one in (*beside, *(one for group in groups for one, _ in group))}
        in_order = [together[place] for place in sorted(together)]
        for place, some in unfit([one.submission for one in in_order], said.corrections).items():
            lost[_place(in_order[place])] = some
    for group in groups:
        members = [
            _Matched(
                one,
                corrected(one.submission, landing(one.submission, heard.corrections)),
                met,
                lost.get(_place(one), ()),
            )
            for one, met in group
        ]
        yield tuple(_judge_group(members, programme, names, heard))


def _place(one: Received) -> tuple[int, int]:
    return one.arrival, one.submission.part


def groups_of(received: Sequence[Received], records: Known[Record], said: Said) -> frozenset[str]:
    """The keys under which envelopes are judged together (:func:`group_key`)."""
    heard = _Heard({}, by_sheet(said.corrections))
    return frozenset(_group_key(matched) for matched in _all_matched(received, records, said, heard))


def group_key(met: Match, sha256: str, part: int) -> str:
    """One application, or one pile of pages that nobody declared (the same file twice is one pile)."""
    return key_of(met.record.application_no if met.record is not None else "", sha256, part)


def key_of(application_no: str, sha256: str, part: int) -> str:
    """:func:`group_key` by the number alone; "": no record fits."""
    return f"application {application_no}" if application_no else f"content {sha256} {part}"


def _all_matched(
    received: Sequence[Received], records: Sequence[Record] | Known[Record], said: Said, heard: _Heard
) -> Iterator[_Matched]:
    known = records if isinstance(records, Known) else Known(records)
    lost = unfit([one.submission for one in received], said.corrections) if said.corrections else {}
    for place, one in enumerate(received):
        submission = corrected(one.submission, landing(one.submission, heard.corrections))
        yield _Matched(one, submission, match(submission, known), lost.get(place, ()))


def _group_key(matched: _Matched) -> str:
    return group_key(matched.match, matched.submission.sha256, matched.submission.part)


def _judge_group(
    group: Sequence[_Matched], programme: Programme, names: Mapping[int, str], heard: _Heard
) -> Iterable[Judged]:
    """Every envelope of one application; one that breaks the judge (a fault of ours) costs itself only."""
    ordered = [group[place] for place in oldest_first([m.submission for m in group])]
    record = ordered[-1].match.record
    track = record.track if record else _track_on_paper(ordered)
    raw = [m.submission for m in ordered]
    try:
        firsts = first_copies(raw)
        copies = copied_sheets(raw, firsts)
        raw = [_carried_over(m, copies, heard) for m in ordered]
        settled = [_settled(one, record, track) for one in raw]
        case = _case(ordered[-1].match, settled, track, programme, _told(ordered, names), firsts)
        scope = _scope(record, raw, copies)
        own = [
            decided(_checks_at(place, case, settled, firsts), heard.decisions, scope) for place in range(len(settled))
        ]
        return [
            _judged(matched, submission, record, track, checks, settled)
            for matched, submission, checks in zip(ordered, settled, own, strict=True)
        ]
    except Exception as error:
        log.error("%s could not be judged: %r", raw[-1].envelope, error, exc_info=log.isEnabledFor(logging.INFO))
        checks = (broken(_case(ordered[-1].match, raw[-1:], track, programme), "envelope.judged", error),)
        return [
            _judged(matched, one, record, track, checks if one is raw[-1] else (), raw)
            for matched, one in zip(ordered, raw, strict=True)
        ]


def _carried_over(matched: _Matched, copies: Mapping[str, str], heard: _Heard) -> Submission:
    """The envelope; one that repeats an earlier one with what people corrected there, unless they did so here."""
    own = {page.sheet: copies[page.sheet] for page in matched.submission.pages if page.sheet in copies}
    moved = tuple(carried(heard.corrections, matched.submission, own))
    if not moved:
        return matched.submission
    here = landing(matched.received.submission, heard.corrections)
    return corrected(matched.received.submission, sorted((*moved, *here), key=lambda one: one.id))


def _scope(record: Record | None, submissions: Sequence[Submission], copies: Mapping[str, str]) -> Scope:
    return Scope(
        application_no=record.application_no if record else "",
        contents=frozenset((one.sha256, one.part) for one in submissions),
        copies=copies,
    )


def _checks_at(place: int, case: Case, settled: Sequence[Submission], firsts: Sequence[int]) -> tuple[Check, ...]:
    """The newest envelope bears what is judged of all; an earlier one only that its pages came before it."""
    if settled[place] is case.newest:
        return judge(case)
    duplicates = duplicates_of(place, settled, firsts)
    if not duplicates:
        return ()
    return (copy_of(replace(case, submissions=(settled[place],), ranks=(), duplicates=duplicates)),)


def settled(submission: Submission, records: Sequence[Record]) -> Submission:
    """An envelope as its application sees it, alone and before it is judged."""
    record = match(submission, records).record
    return _settled(submission, record, record.track if record else None)


def _told(group: Sequence[_Matched], names: Mapping[int, str]) -> dict[tuple[int, int, int, int], tuple[Told, ...]]:
    """What other envelopes' seals tell of this application's, by arrival, part, document and seal.

    The same ink on sheets that look alike is, within one application, the same sheet sent again.
    """
    own = {m.received.arrival for m in group}
    told: dict[tuple[int, int, int, int], tuple[Told, ...]] = {}
    for matched in group:
        submission = matched.submission
        for twin in matched.received.twins:
            others = [a for a in twin.arrivals if twin.what != ALIKE_SHEETS or a not in own]
            if others:
                beside = twin.beside if twin.beside and twin.beside[0] == twin.seal[0] else None
                page = _page_of(submission, beside) if beside else None
                key = (submission.order, submission.part, *twin.seal[1:])
                said = Told(what=twin.what, envelope="" if page else names.get(others[0], ""), page=page)
                told[key] = (*told.get(key, ()), said)
    return told


def _page_of(submission: Submission, seal: tuple[int, int, int]) -> int | None:
    """The page that a seal of an envelope lies on."""
    _, index, place = seal
    document = next((d for d in submission.documents if d.index == index), None)
    return document.seals[place].page if document is not None and place < len(document.seals) else None


def _case(
    match: Match,
    settled: Sequence[Submission],
    track: Track | None,
    programme: Programme,
    told: Mapping[tuple[int, int, int, int], tuple[Told, ...]] | None = None,
    firsts: Sequence[int] = (),
) -> Case:
    """The application as the rules see it: the newest envelope, those before it, without those that only repeat.

    Of envelopes with the same pages the last copy counts, as old as the first: a scan made again undoes no 补件.
    """
    firsts = firsts or range(len(settled))
    last_copies = sorted({first: place for place, first in enumerate(firsts)}.items(), key=lambda one: one[1])
    return Case(
        programme=programme,
        submissions=tuple(settled[place] for _, place in last_copies),
        ranks=tuple(first for first, _ in last_copies),
        track=track,
        record=match.record,
        rivals=match.rivals,
        matched_by=match.by,
        received_on=received_on_of(settled, max(firsts)),
        told=told or {},
        duplicates=duplicates_of(len(settled) - 1, settled, firsts),
    )


def _judged(
    matched: _Matched,
    submission: Submission,
    record: Record | None,
    track: Track | None,
    checks: tuple[Check, ...],
    application: Sequence[Submission],
) -> Judged:
    """:param application: all its envelopes, the newest last"""
    newest = application[-1]
    findings = tuple(f for c in checks for f in c.findings)
    report = EnvelopeReport(
        envelope=submission.envelope,
        sha256=submission.sha256,
        part=submission.part,
        application_no=record.application_no if record else None,
        track=track,
        name=record.name if record else _name_on_paper(submission),
        matched_by=matched.match.by,
        received_on=submission.received_on,
        part_of=newest.envelope if submission is not newest else None,
        verdict=_verdict(submission, findings),
        pages=submission.pages,
        sheets=_pointed_at(findings, submission, application),
        documents=tuple(seals_calibrated(confirmed(d, record)) for d in submission.documents),
        checks=checks,
        findings=findings,
    )
    problems = [f"{submission.envelope}: {submission.problem}"] if submission.problem else []
    if matched.received.problem and not submission.problem:
        problems.append(f"{submission.envelope}: {matched.received.problem}")
    # A page without a size never opened; one that opened and cannot be read is a finding, not a failure of the run.
    problems += [
        f"{submission.envelope}: {p.problem}"
        for p in submission.pages
        if p.problem and not p.width and not submission.problem
    ]
    problems += [f"{submission.envelope}: {sentence}" for sentence in faults_of(checks)]
    notes = tuple(map(_said_in_vain, matched.lost))
    return Judged(report, matched.received.arrival, tuple(problems), notes, matched.match)


def _pointed_at(
    findings: Sequence[Finding], submission: Submission, application: Sequence[Submission]
) -> tuple[Page, ...]:
    """Pages of the application's other envelopes that the findings of this one point to."""
    wanted = {f.sheet for f in findings if f.sheet} - {page.sheet for page in submission.pages}
    pages = {page.sheet: page for other in reversed(application) for page in reversed(other.pages)}
    return tuple(pages[sheet] for sheet in sorted(wanted) if sheet in pages)


def _said_in_vain(one: Correction) -> str:
    """The sentence on a correction that fits nothing any more."""
    return (
        f"{one.envelope}: the correction of {one.field} ({one.document.value}, page {one.page}) that {one.by} made on "
        f"{one.at:%Y-%m-%d} fits no document any more and was not used: correct the value again where it stands now, "
        "or take it back with yanzhang correct --withdraw"
    )


def _verdict(submission: Submission, findings: Sequence[Finding]) -> Verdict:
    if not any(p.kind != "unreadable" for p in submission.pages):
        return "unreadable"
    if any(f.open and f.severity in (Severity.ERROR, Severity.WARNING) for f in findings):
        return "findings"
    return "clean"


def _settled(submission: Submission, record: Record | None, track: Track | None) -> Submission:
    """Documents as this application sees them: types by its track, seals with role and owner, confidences measured."""
    documents = tuple(calibrated(_retyped(d, track)) for d in submission.documents)
    expected = _expected(documents, record)
    owned = (with_riders(attribute(d, expected=expected), expected=expected) for d in documents)
    return submission.model_copy(update={"documents": tuple(owned)})


def _retyped(document: Document, track: Track | None) -> Document:
    """CONTRACT: what proves a park's or training institution's legal person is its ``legal_person_proof``."""
    if track in ("park", "training") and document.type == DocumentType.BUSINESS_LICENCE:
        return document.model_copy(update={"type": DocumentType.LEGAL_PERSON_PROOF})
    return document


def _expected(documents: Sequence[Document], record: Record | None) -> ExpectedNames:
    """The names that record and paper make likely on this envelope's seals."""
    form = next((d for d in documents if d.type == DocumentType.INFORMATION_FORM), None)
    on_form = _text(form, "name")
    address = (record.address if record else "") or _text(form, "address")
    named = (record.commerce_department if record else "") or _text(form, "commerce_department")
    applicant = (record.name, *record.previous_names) if record else ()
    proofs = [_text(d, "name") for d in documents if d.type == DocumentType.LEGAL_PERSON_PROOF]
    audit_firms = [_text(d, "audit_firm") for d in documents if d.type == DocumentType.AUDIT_REPORT]
    issuers = [_text(d, "issuer") for d in documents]
    return ExpectedNames(
        applicant=_distinct(*applicant, on_form, *proofs),
        departments=_distinct(named, *likely_departments(address)),
        department_named=named or None,
        audit_firms=_distinct(*audit_firms),
        issuers=_distinct(*issuers),
        address=address,
        persons=_distinct(record.legal_representative if record else "", _text(form, "legal_representative")),
    )


def _track_on_paper(group: Sequence[_Matched]) -> Track | None:
    for matched in reversed(group):
        for document in matched.submission.documents:
            field = document.field("track")
            if field is not None and field.value in ("supplier", "park", "training"):
                track: Track = field.value  # type: ignore[assignment]
                return track
    return None


def _name_on_paper(submission: Submission) -> str:
    forms = [d for d in submission.documents if d.type == DocumentType.INFORMATION_FORM]
    return next((name for d in forms if (name := _text(d, "name"))), "")


def _text(document: Document | None, name: str) -> str:
    field = document.field(name) if document else None
    return field.value if field is not None and isinstance(field.value, str) else ""


def _distinct(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n))
