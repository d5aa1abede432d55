"""Slips (摘要): what a report says of an envelope by reference, kept so that nothing of it need be loaded for that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.model.judgements import Finding, Severity
from pipeline.model.reports import EnvelopeReport

__all__ = ["Slip", "Told"]


class Told(NamedTuple):
    """A finding as far as reports tell of one that is no more, or was not there before."""

    id: str
    code: str
    severity: str
    zh: str
    en: str

    @classmethod
    def of(cls, found: Finding) -> Told:
        return cls(found.id, found.code.value, found.severity.value, found.message.zh, found.message.en)

    @staticmethod
    def to_json(told: Iterable[Told]) -> bytes:
        return json.dumps(list(told), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> tuple[Told, ...]:
        return tuple(cls(*one) for one in json.loads(data)) if data else ()


class Slip(NamedTuple):
    """An envelope by reference. ``findings``: id and code of each; ``errors``, ``warnings``: of those that are open."""

    envelope: str
    sha256: str
    application_no: str | None
    track: str | None
    name: str
    matched_by: tuple[str, ...]
    received_on: str | None
    part_of: str | None
    verdict: str
    pages: int
    errors: int
    warnings: int
    findings: tuple[tuple[str, str], ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, report: EnvelopeReport, problems: Iterable[str] = (), notes: Iterable[str] = ()) -> Slip:
        return cls(
            report.envelope,
            report.sha256,
            report.application_no,
            report.track,
            report.name,
            report.matched_by,
            report.received_on.isoformat() if report.received_on else None,
            report.part_of,
            report.verdict,
            len(report.pages),
            sum(f.open and f.severity is Severity.ERROR for f in report.findings),
            sum(f.open and f.severity is Severity.WARNING for f in report.findings),
            tuple((f.id, f.code.value) for f in report.findings),
            tuple(problems),
            tuple(notes),
        )

    def to_json(self) -> str:
        return json.dumps(self, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, data: str) -> Slip:
        return cls(*json.loads(data))
