"""Submissions meet records: who sent what, which envelopes belong together, what the rules say of each application."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from pipeline.calibration import calibrated, seals_calibrated
from pipeline.checks import Case, Duplicate, Told, broken, faults_of, judge
from pipeline.checks.agreement import confirmed
from pipeline.model import (
    Check,
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
from pipeline.records import Match, match
from pipeline.seals.owner import ExpectedNames, attribute
from pipeline.seals.ridden import with_riders
from pipeline.twins import ALIKE_SHEETS, SealTwin
from pipeline.values.names import likely_departments

__all__ = ["Judged", "Received", "judge_all", "settled"]

log = logging.getLogger(__name__)

SAME_PAGE_BITS = 4  # of a 64-bit fingerprint: one sheet scanned twice; two filled forms of one layout differ by more


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
    """An envelope's report, the arrival it came in, and sentences on what of it could not be processed."""

    report: EnvelopeReport
    arrival: int
    problems: tuple[str, ...] = ()

    def marked_unchanged(self) -> Judged:
        """The same by reference."""
        return replace(self, report=self.report.model_copy(update={"unchanged": True}))


@dataclass(frozen=True, slots=True)
class _Matched:
    received: Received
    match: Match


def judge_all(
    received: Sequence[Received],
    records: Sequence[Record],
    programme: Programme,
    *,
    only: frozenset[int] | None = None,
) -> tuple[Judged, ...]:
    """Judge every application that has an envelope among ``only`` (arrival ids; None: all), in order of arrival.

    Envelopes of one application are judged together (CONTRACT, "Several envelopes of one application").
    """
    groups: dict[str, list[_Matched]] = {}
    for one in received:
        matched = _Matched(one, match(one.submission, records))
        groups.setdefault(_group_key(matched), []).append(matched)
    wanted = (g for g in groups.values() if only is None or any(m.received.arrival in only for m in g))
    names: dict[int, str] = {}
    for one in received:
        names.setdefault(one.arrival, one.submission.envelope)
    judged = chain.from_iterable(_judge_group(group, programme, names) for group in wanted)
    places = {(r.arrival, r.submission.envelope): i for i, r in enumerate(received)}
    return tuple(sorted(judged, key=lambda j: places[j.arrival, j.report.envelope]))


def _group_key(matched: _Matched) -> str:
    """One application, or one pile of pages that nobody declared (the same file twice is one pile)."""
    if matched.match.record is not None:
        return f"application {matched.match.record.application_no}"
    submission = matched.received.submission
    part = submission.envelope.rpartition("#")[2] if "#" in submission.envelope else ""
    return f"content {submission.sha256} {part}"


def _judge_group(group: Sequence[_Matched], programme: Programme, names: Mapping[int, str]) -> Iterable[Judged]:
    """Every envelope of one application; one that breaks the judge (a fault of ours) costs itself only."""
    ordered = sorted(group, key=lambda m: (m.received.submission.received_on or date.min, m.received.submission.order))
    record = ordered[-1].match.record
    track = record.track if record else _track_on_paper(ordered)
    raw = [m.received.submission for m in ordered]
    try:
        settled = [_settled(one, record, track) for one in raw]
        case = _case(ordered[-1].match, settled, track, programme, _told(ordered, names))
        checks = judge(case)
        return [
            _judged(matched, submission, record, track, checks if submission is case.newest else (), case.newest)
            for matched, submission in zip(ordered, settled, strict=True)
        ]
    except Exception as error:
        log.error("%s could not be judged: %r", raw[-1].envelope, error, exc_info=log.isEnabledFor(logging.INFO))
        checks = (broken(_case(ordered[-1].match, raw[-1:], track, programme), "envelope.judged", error),)
        return [
            _judged(matched, one, record, track, checks if one is raw[-1] else (), raw[-1])
            for matched, one in zip(ordered, raw, strict=True)
        ]


def settled(submission: Submission, records: Sequence[Record]) -> Submission:
    """An envelope as its application sees it, alone and before it is judged."""
    record = match(submission, records).record
    return _settled(submission, record, record.track if record else None)


def _told(group: Sequence[_Matched], names: Mapping[int, str]) -> dict[tuple[str, int, int], tuple[Told, ...]]:
    """What other envelopes' seals tell of this application's, by envelope, document and seal.

    The same ink on sheets that look alike is, within one application, the same sheet sent again.
    """
    own = {m.received.arrival for m in group}
    told: dict[tuple[str, int, int], tuple[Told, ...]] = {}
    for matched in group:
        submission = matched.received.submission
        for twin in matched.received.twins:
            others = [a for a in twin.arrivals if twin.what != ALIKE_SHEETS or a not in own]
            if others:
                beside = twin.beside if twin.beside and twin.beside[0] == twin.seal[0] else None
                page = _page_of(submission, beside) if beside else None
                key = (submission.envelope, *twin.seal[1:])
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
    told: Mapping[tuple[str, int, int], tuple[Told, ...]] | None = None,
) -> Case:
    """The application as the rules see it: the newest envelope, those before it, those that only repeat it."""
    newest = settled[-1]
    repeated = [s for s in settled[:-1] if same_pages(s, newest)]
    return Case(
        programme=programme,
        submissions=tuple(s for s in settled if s not in repeated),
        track=track,
        record=match.record,
        rivals=match.rivals,
        matched_by=match.by,
        received_on=newest.received_on,
        told=told or {},
        duplicates=tuple(
            Duplicate(envelope=s.envelope, pages=tuple(p.number for p in newest.pages if p.kind == "content"))
            for s in repeated
        ),
    )


def _judged(
    matched: _Matched,
    submission: Submission,
    record: Record | None,
    track: Track | None,
    checks: tuple[Check, ...],
    newest: Submission,
) -> Judged:
    findings = tuple(f for c in checks for f in c.findings)
    report = EnvelopeReport(
        envelope=submission.envelope,
        sha256=submission.sha256,
        application_no=record.application_no if record else None,
        track=track,
        name=record.name if record else _name_on_paper(submission),
        matched_by=matched.match.by,
        received_on=submission.received_on,
        part_of=newest.envelope if submission is not newest else None,
        verdict=_verdict(submission, findings),
        pages=submission.pages,
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
    return Judged(report, matched.received.arrival, tuple(problems))


def _verdict(submission: Submission, findings: Sequence[Finding]) -> Verdict:
    if not any(p.kind != "unreadable" for p in submission.pages):
        return "unreadable"
    if any(f.severity in (Severity.ERROR, Severity.WARNING) for f in findings):
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


def same_pages(one: Submission, other: Submission) -> bool:
    """Whether two envelopes hold the same pages: the same bytes, or sheet for sheet the same picture and seals."""
    if one.sha256 == other.sha256:
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


def _track_on_paper(group: Sequence[_Matched]) -> Track | None:
    for matched in reversed(group):
        for document in matched.received.submission.documents:
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
