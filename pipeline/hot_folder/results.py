"""What became of each arrival of a watched folder: verdict, pages accounted for, whether its paper may be put away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.model import EnvelopeReport, FindingCode, Report, Severity
from pipeline.store import Arrival, Store
from pipeline.store.quarantine import why_barred
from pipeline.watching import Result

__all__ = ["results_of"]


def results_of(report: Report, arrivals: Iterable[Arrival], store: Store) -> dict[int, Result]:
    """What became of each arrival, from all envelopes that it was cut into."""
    parts: dict[tuple[str, str], list[EnvelopeReport]] = {}
    for one in report.envelopes:
        name = one.envelope if one.part == 1 else one.envelope.rpartition("#")[0]
        parts.setdefault((name, one.sha256), []).append(one)
    return {
        arrival.id: _result(arrival, parts[arrival.name, arrival.sha256], report.problems, store)
        for arrival in arrivals
        if (arrival.name, arrival.sha256) in parts
    }


def _result(arrival: Arrival, parts: Sequence[EnvelopeReport], problems: Sequence[str], store: Store) -> Result:
    faces: dict[tuple[str, int], set[str]] = {}
    unread = [arrival.problem] if arrival.problem else []
    for page in (page for part in parts for page in part.pages):
        faces.setdefault((page.sha256, page.index), set()).add(page.kind)
        if page.kind == "unreadable" or not page.width:
            unread.append(f"第 {page.number} 页 page {page.number}: {page.problem or 'unreadable'}")
    for sha256 in dict.fromkeys(sha256 for sha256, _ in faces):
        there = {index for of, index in faces if of == sha256}
        unread += [
            f"第 {i + 1} 面没有下落 side {i + 1} is not accounted for" for i in range(max(there)) if i not in there
        ]
    verdicts = {part.verdict for part in parts}
    quarantine = ""
    if "unreadable" in verdicts:
        told = [
            p.removeprefix(f"{part.envelope}: ")
            for part in parts
            for p in problems
            if p.startswith(f"{part.envelope}: ")
        ]
        quarantine = why_barred(store, arrival.sha256) or "; ".join(dict.fromkeys(told))
    findings = [f for part in parts for f in part.findings if f.open]
    copies = [f.found for f in findings if f.code is FindingCode.DUPLICATE_ENVELOPE]
    return Result(
        verdict=next((v for v in ("unreadable", "findings", "clean") if v in verdicts), "unreadable"),
        faces=len(faces),
        blank=sum(kinds == {"blank"} for kinds in faces.values()),
        covers=sum(kinds == {"cover"} for kinds in faces.values()),
        findings=sum(f.severity is not Severity.INFO for f in findings),
        envelopes=tuple(part.envelope for part in parts),
        applicants=tuple(dict.fromkeys(part.name or part.application_no or "" for part in parts)),
        unread=tuple(dict.fromkeys(u for u in unread if not quarantine or quarantine not in u)),
        copy_of=tuple(dict.fromkeys(name for found in copies if isinstance(found, tuple) for name in map(str, found))),
        quarantine=quarantine,
    )
