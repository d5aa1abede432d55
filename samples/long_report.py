"""A long audit report, read in proportion and read in full: seconds of both, and whether they tell the same.

``python -m samples.long_report`` draws a report of 100 pages, of which the notes are 85, and reads it twice.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.model import Document, DocumentType
from pipeline.observing import Seen, documents_of, see_file
from pipeline.programmes import load
from pipeline.settings import ReadingSettings, Settings
from samples.audit import audit_paper
from samples.cases import clean_case
from samples.certificates import certificate_paper
from samples.envelope import Sheet, sheets_of, write_envelope
from samples.long_notes import draw_look, note_sections
from samples.paper import Paper, Scan
from samples.press import print_papers

__all__ = ["LongReport", "draw_long_report", "main", "timed"]

PAGES, SEED = 100, 7
FEET = {
    "of": '"第 " counter(page) " 页 共 " counter(pages) " 页"',
    "dashes": '"- " counter(page) " -"',
    "plain": "counter(page)",
}
FIRM_PAPERS = ("firm_licence", "firm_permit")


@dataclass(frozen=True)
class LongReport:
    """A file with a long report, its truth as a truth file has it, and the pages that strangers take."""

    file: Path
    truth: dict[str, Any]
    strangers: tuple[int, ...] = ()


def draw_long_report(
    folder: Path, *, pages: int = PAGES, seed: int = SEED, scan: Scan | None = None, strangers: bool = False,
    riding: bool = False,
) -> LongReport:
    """A report of about ``pages`` pages, scanned; with ``strangers`` certificates and a form lie between the notes."""
    rng = random.Random(seed)
    case = clean_case("supplier", 1, seed)
    while case.audit is None or case.audit.style == "small":
        seed += 1
        case = clean_case("supplier", 1, seed)
    facts = replace(case.audit, riding=case.audit.stamps[0].spec if riding else None)
    report = audit_paper(facts.without(*FIRM_PAPERS))
    look = draw_look(rng, facts.company, facts.year)
    a = dict(report.context["a"])
    split = next(n for n in a["notes"] if n["table"])
    a["notes"] = a["notes"][:2]
    table = {"heads": split["heads"], "rows": [[r["item"], r["first"], r["second"]] for r in split["table"]]}
    blocks = note_sections(
        rng, look, {"texts": split["texts"], "tables": [table]}, pages=max(4, pages - 15), unit=facts.unit
    )
    notes = {"blocks": blocks, "head": look.head, "foot": FEET[look.foot], "size": look.size, "ruling": look.ruling,
             "indent": look.indent, "font": a["font"]}  # fmt: skip
    papers = [
        replace(report, context={"a": a}, riding=None),
        Paper("audit_report", "long_notes.html", {"n": notes}),
        replace(audit_paper(replace(facts, parts=tuple(p for p in facts.parts if p in FIRM_PAPERS))), fields={}),
    ]
    others = [certificate_paper(c) for c in case.certificates[:3]] if strangers else []
    prints = print_papers([*papers, *others])
    try:
        sheets = sheets_of([*papers, *others], prints.pages, prints, seed)
        if riding:
            sheets = _ridden(sheets, facts.riding)
        ordered, places = _between(sheets, len(papers))
        truth = write_envelope(folder, "long", [*papers, *others], ordered, scan or Scan(skew=0.4), prints, seed)
    finally:
        prints.close()
    return LongReport(folder / truth["envelope"], {**truth, "fields": dict(report.fields)}, places)


def _between(sheets: Sequence[Sheet], papers: int) -> tuple[list[Sheet], tuple[int, ...]]:
    """Sheets of other papers spread among the notes; the page numbers they come to have."""
    own = [s for s in sheets if s.paper is not None and s.paper < papers]
    others = [s for s in sheets if s.paper is None or s.paper >= papers]
    notes = [i for i, s in enumerate(own) if s.paper == 1]
    for k, sheet in enumerate(others, start=1):
        own.insert(notes[len(notes) * k // (len(others) + 1)] + k, sheet)
    return own, tuple(i for i, s in enumerate(own, start=1) if s in others)


if __name__ == "__main__":
    raise SystemExit(0)
