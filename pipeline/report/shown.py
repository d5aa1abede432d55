"""Envelopes as they go into a report, made one by one: where thousands changed, no more than some are held at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from pipeline.model import EnvelopeReport, Report, Totals
from pipeline.report.evidence import with_evidence
from pipeline.report.html_report import CardHead, card_head, card_html
from pipeline.report.json_report import envelope_json
from pipeline.report.xlsx_report import finding_row
from pipeline.store.originals import Originals
from pipeline.store.packing import if_whole, quickly_packed
from pipeline.values.printable import json_printable

__all__ = ["Shown", "card_of", "shown_fully"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One envelope: for ``report.json``, for the page, for the workbook.

    :ivar packed: all of it, for the card is made only of those that the page has room for; b"": it is to be a row there
    """

    json: str
    packed: bytes
    head: CardHead
    rows: tuple[tuple[object, ...], ...]


def shown_fully(
    envelopes: Sequence[EnvelopeReport], out: Path, originals: Originals, *, pictured: bool = True
) -> list[Shown]:
    """Envelopes with all that is known of them, their evidence written to ``out``.

    :param pictured: whether evidence is drawn, and a card may be made
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
    return [_shown(one, pictured=pictured) for one in envelopes]


def card_of(packed: bytes, out: Path) -> Markup:
    """The card of an envelope as packed, with the crops that lie in ``out``."""
    envelope = EnvelopeReport.model_validate_json(if_whole(packed) or b"")
    return card_html(envelope, out, _id(envelope))


def _shown(envelope: EnvelopeReport, *, pictured: bool) -> Shown:
    return Shown(
        json=json_printable(json.dumps(envelope_json(envelope), ensure_ascii=False, separators=(",", ":"))),
        packed=quickly_packed(envelope.model_dump_json().encode()) if pictured else b"",
        head=card_head(envelope, _id(envelope)),
        rows=tuple(finding_row(envelope, found) for found in envelope.findings),
    )


def _id(envelope: EnvelopeReport) -> str:
    called = hashlib.sha256(f"{envelope.envelope}\n{envelope.sha256}\n{envelope.part}".encode()).hexdigest()
    return f"e-{called[:16]}"
