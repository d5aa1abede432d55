"""Riding seals put together for the report: one picture a seal, written beside the other evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.model import EnvelopeReport, Finding, Page, Report, RidingSeal
from pipeline.report.pictures import drawn_before, mark_of, page_pictures, write_evidence
from pipeline.seals.slices import cut_out, side_by_side
from pipeline.store.originals import Originals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["with_riding_pictures"]


def with_riding_pictures(report: Report, out: Path, originals: Originals) -> Report:
    """Write the picture that the slices of each riding seal make; the report comes back with their paths."""
    pictures = {(e.sha256, e.part): _written_pictures(e, out, originals) for e in report.envelopes if not e.unchanged}
    return report.model_copy(update={"envelopes": tuple(_with_riding(e, pictures) for e in report.envelopes)})


def _written_pictures(envelope: EnvelopeReport, out: Path, originals: Originals) -> dict[tuple[int, int], str]:
    """The picture that the slices of each riding seal make, by its document's index and its own; written to ``out``."""
    asked = {
        (d.index, i): riding for d in envelope.documents for i, riding in enumerate(d.riding_seals) if riding.slices
    }
    pages = {p.number: p for p in envelope.pages}
    stems = {key: f"riding-{_called(envelope, key)}" for key in asked}
    marks = {key: _mark(riding, pages) for key, riding in asked.items()}
    written = {key: name for key in asked if (name := drawn_before(out, stems[key], marks[key]))}
    asked = {key: riding for key, riding in asked.items() if key not in written}
    wanted = {s.page for riding in asked.values() for s in riding.slices if s.page in pages}
    cuts: dict[tuple[int, int, int], Image] = {}
    for page, image in page_pictures([pages[n] for n in sorted(wanted)], originals):
        for key, riding in asked.items():
            for at, one in enumerate(riding.slices):
                if one.page == page.number:
                    turn = (page.rotation + one.turn) % 360
                    cuts[(*key, at)] = cut_out(image, one.box, turn)
    for key, riding in asked.items():
        there = [at for at in range(len(riding.slices)) if (*key, at) in cuts]
        order = [riding.slices[at].page for at in there]
        # Where the seal is made from the pile's end, a gap lies before the later page, too
        apart = [i for i in range(1, len(order)) if max(order[i - 1 : i + 1]) in riding.leaps]
        if there:
            lying = sum(one.turn in (90, 270) for one in riding.slices) * 2 > len(riding.slices)
            picture = side_by_side([cuts[(*key, at)] for at in there], apart=apart, lying=lying)
            whole = len(there) == len(riding.slices)  # a page that cannot be opened now may be, another time
            written[key] = write_evidence(picture, out, stems[key], marks[key] if whole else mark_of())
    return {key: name for key, name in written.items() if name}


def _called(envelope: EnvelopeReport, key: tuple[int, int]) -> str:
    return hashlib.sha256(f"{envelope.envelope}\n{envelope.sha256}\n{key}".encode()).hexdigest()[:16]


def _mark(riding: RidingSeal, pages: Mapping[int, Page]) -> bytes:
    """Of what its picture is put together from."""
    slices = [
        (page.sha256, page.index, page.rotation, one.page, tuple(one.box), one.turn)
        for one in riding.slices
        if (page := pages.get(one.page)) is not None
    ]
    return mark_of(slices, tuple(riding.leaps))


def _with_riding(
    envelope: EnvelopeReport, pictures: Mapping[tuple[str, int], Mapping[tuple[int, int], str]]
) -> EnvelopeReport:
    """The envelope with the pictures of its riding seals; a finding about one shows the whole of it."""
    mine = pictures.get((envelope.sha256, envelope.part), {})
    documents = tuple(
        d.model_copy(
            update={
                "riding_seals": tuple(
                    r.model_copy(update={"evidence": mine.get((d.index, i))}) for i, r in enumerate(d.riding_seals)
                )
            }
        )
        if d.riding_seals
        else d
        for d in envelope.documents
    )
    findings = tuple(
        f.model_copy(update={"evidence": _of_riding(f, envelope, pictures) or f.evidence}) if f.field == "riding" else f
        for f in envelope.findings
    )
    return envelope.model_copy(update={"documents": documents, "findings": findings})


def _of_riding(
    finding: Finding, envelope: EnvelopeReport, pictures: Mapping[tuple[str, int], Mapping[tuple[int, int], str]]
) -> str | None:
    """The picture of the seal that a finding speaks of."""
    own = finding.envelope in (None, envelope.envelope)
    document = next((d for d in envelope.documents if own and d.index == finding.document_index), None)
    names = pictures.get((envelope.sha256, envelope.part), {})
    for i, riding in enumerate(document.riding_seals if document else ()):
        if finding.page in riding.breaks:
            return names.get((finding.document_index or 0, i))
    return next((name for (index, _), name in names.items() if index == finding.document_index), None)
