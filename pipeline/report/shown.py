"""Envelopes as they go into a report, made one by one: where thousands changed, no more than some are held at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.model import EnvelopeReport, FindingCode, Report, Totals
from pipeline.report.evidence import with_evidence
from pipeline.report.html_report import Entry, Urgency, shown_card
from pipeline.report.json_report import envelope_json
from pipeline.report.xlsx_report import finding_row
from pipeline.store.originals import Originals
from pipeline.values.printable import json_printable

__all__ = ["Shown", "shown_fully"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One envelope: for ``report.json``, for the page ("" where it is to be a row there), for the workbook."""

    json: str
    card: str
    entry: Entry
    urgency: Urgency
    codes: frozenset[FindingCode]
    rows: tuple[tuple[object, ...], ...]


def shown_fully(
    envelopes: Sequence[EnvelopeReport], out: Path, originals: Originals, *, pictured: bool = True
) -> list[Shown]:
    """Envelopes with all that is known of them, their evidence written to ``out``.

    :param pictured: whether evidence is drawn, and a card made
    """
    if not envelopes:
        return []
    if pictured:
        report = Report(
            programme="",
            rules_version="",
            generated_at=datetime.now(UTC),
            totals=Totals(),
            envelopes=tuple(envelopes),
        )
        envelopes = with_evidence(report, out, originals).envelopes
    return [_shown(one, out, pictured=pictured) for one in envelopes]


def _shown(envelope: EnvelopeReport, out: Path, *, pictured: bool) -> Shown:
    called = hashlib.sha256(f"{envelope.envelope}\n{envelope.sha256}\n{envelope.part}".encode()).hexdigest()
    card = shown_card(envelope, out, f"e-{called[:16]}", empty=not pictured)
    return Shown(
        json=json_printable(json.dumps(envelope_json(envelope), ensure_ascii=False, separators=(",", ":"))),
        card=card.html,
        entry=card.entry,
        urgency=card.urgency,
        codes=card.codes,
        rows=tuple(finding_row(envelope, found) for found in envelope.findings),
    )
