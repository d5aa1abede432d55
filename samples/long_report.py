"""A long audit report (100 pages and more), drawn; read in proportion and read in full: seconds of both, same or not.

``python -m samples.long_report`` draws one of 100 pages, 85 of them notes, and reads it twice.
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
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.assembling import documents_of
from pipeline.programmes import load
from pipeline.report.json_report import document_json
from pipeline.seeing import Seen, engine_of, see_file
from pipeline.settings import ReadingSettings, Settings
from samples.audit import audit_paper
from samples.audit_facts import AuditFacts
from samples.cases import clean_case
from samples.certificates import certificate_paper
from samples.envelope import Sheet, riding_cuts, sheets_of, write_envelope
from samples.long_notes import draw_look, note_sections
from samples.paper import Paper, Scan
from samples.press import print_papers
from samples.seal_art import press_seal

if TYPE_CHECKING:
    from samples.paper import Value

__all__ = ["Compared", "LongReport", "compared", "draw_long_report", "main", "same_documents"]

PAGES, SEED = 100, 7
OTHER_PAGES = 14  # of a report beside its notes
TOLD = ("subject", "fields", "statements", "seals", "riding_seals", "parts", "remarks")  # of a document
FIRM_PAPERS = ("firm_licence", "firm_permit")
FEET = {
    "of": '"第 " counter(page) " 页 共 " counter(pages) " 页"',
    "dashes": '"- " counter(page) " -"',
    "plain": "counter(page)",
}


@dataclass(frozen=True)
class LongReport:
    """A file with a long report, the fields it should give, and the numbers of strangers' pages and of notes."""

    file: Path
    pages: int
    fields: dict[str, Value]
    strangers: tuple[int, ...]
    notes: tuple[int, ...]


@dataclass(frozen=True)
class Compared:
    """Core seconds of one report read in full and in proportion; ``passed``: pages that got a glance."""

    pages: int
    passed: int
    full: float
    proportionate: float
    differences: tuple[str, ...]

    @property
    def text(self) -> str:
        """One line for the benchmark."""
        alike = "the same documents" if not self.differences else "differs: " + "; ".join(self.differences)
        return (
            f"An audit report of {self.pages} pages on one core: {self.full:.1f} s when every page is read, "
            f"{self.proportionate:.1f} s ({self.proportionate / self.full:.0%}) with a glance at {self.passed} pages "
            f"of its notes; {alike}."
        )


def draw_long_report(
    folder: Path,
    *,
    pages: int = PAGES,
    seed: int = SEED,
    scan: Scan | None = None,
    strangers: bool = False,
    riding: bool = False,
) -> LongReport:
    """A report of about ``pages`` pages, scanned.

    :param strangers: certificates and a blank sheet lie between its notes
    :param riding: the firm's seal rides over the edges of all its pages
    """
    rng = random.Random(seed)
    facts, certificates = _facts(seed)
    look = draw_look(rng, facts.company, facts.year)
    report = audit_paper(replace(facts.without(*FIRM_PAPERS), riding=None))
    context = dict(report.context["a"])
    split = next(note for note in context["notes"] if note["table"])
    rows = [[row["item"], row["first"], row["second"]] for row in split["table"]]
    revenue = {"texts": split["texts"], "tables": [{"heads": split["heads"], "rows": rows}]}
    blocks = note_sections(rng, look, revenue, pages=max(2, pages - OTHER_PAGES), unit=facts.unit)
    notes = {
        "blocks": blocks, "head": look.head, "foot": FEET[look.foot], "size": look.size, "ruling": look.ruling,
        "indent": look.indent, "font": context["font"],
    }  # fmt: skip
    firm = audit_paper(replace(facts, riding=None, parts=tuple(p for p in facts.parts if p in FIRM_PAPERS)))
    papers = [
        replace(report, context={"a": {**context, "notes": context["notes"][:2]}}),
        Paper("audit_report", "long_notes.html", {"n": notes}),
        firm,
        *([certificate_paper(c) for c in certificates] if strangers else ()),
    ]
    prints = print_papers(papers)
    try:
        sheets = _between(sheets_of(papers, prints.pages, prints, seed), blank=strangers)
        if riding:
            sheets = _ridden(sheets, facts)
        truth = write_envelope(folder, "long", papers, sheets, scan or Scan(skew=0.4), prints, seed)
    finally:
        prints.close()
    numbered = list(enumerate((s.paper for s in sheets), start=1))
    return LongReport(
        file=folder / truth["envelope"],
        pages=len(sheets),
        fields=dict(report.fields),
        strangers=tuple(n for n, paper in numbered if paper is None or paper > 2),
        notes=tuple(n for n, paper in numbered if paper == 1),
    )


def _facts(seed: int) -> tuple[AuditFacts, Sequence[Any]]:
    """A report with notes that part revenue, and three certificates of the same company."""
    for number in range(seed, seed + 50):
        case = clean_case("supplier", 1, number)
        if case.audit is not None and case.audit.style != "small" and len(case.certificates) > 1:
            return case.audit, case.certificates[:3]
    raise ValueError("no such case within fifty seeds")


def _between(sheets: Sequence[Sheet], *, blank: bool) -> list[Sheet]:
    """Sheets of other papers, and a blank one, spread among the notes."""
    own = [s for s in sheets if s.paper is not None and s.paper <= 2]
    others = [s for s in sheets if s.paper is not None and s.paper > 2]
    if blank:
        others.append(Sheet(np.full_like(own[0].image, 255), (), None))
    notes = [i for i, s in enumerate(own) if s.paper == 1]
    for k, sheet in enumerate(others, start=1):
        own.insert(notes[len(notes) * k // (len(others) + 1)] + k, sheet)
    return own


def _ridden(sheets: Sequence[Sheet], facts: AuditFacts) -> list[Sheet]:
    own = [i for i, s in enumerate(sheets) if s.paper is not None and s.paper <= 2]
    cuts = dict(zip(own, riding_cuts(facts.stamps[0].spec, len(own)), strict=True))
    return [_ridden_sheet(s, cuts[i]) if i in cuts else s for i, s in enumerate(sheets)]


def _ridden_sheet(sheet: Sheet, cut: Any) -> Sheet:
    height, width = sheet.image.shape[:2]
    at = (width - cut.shape[1] / 2, int(height * 0.42) + cut.shape[0] / 2)
    return replace(sheet, image=press_seal(sheet.image, cut, at))


# ------------------------------------------------------------------------------------------------------- measuring


def compared(report: LongReport, home: Path) -> Compared:
    """The report read twice in this process, on one core."""
    timed = {}
    for skim in (False, True):
        settings = Settings(home=home, reading=ReadingSettings(skim=skim))
        engine_of(settings)  # models load outside the clock
        started = time.process_time()
        seen = list(see_file(report.file, "0" * 64, report.file.name, 1, settings, []))
        documents = documents_of(seen, settings, load("cciip-2023"))
        timed[skim] = (time.process_time() - started, seen, [document_json(d) for d in documents])
    return Compared(
        pages=report.pages,
        passed=len(passed_pages(timed[True][1])),
        full=timed[False][0],
        proportionate=timed[True][0],
        differences=same_documents(timed[False][2], timed[True][2]),
    )


def passed_pages(seen: Sequence[Seen]) -> tuple[int, ...]:
    """Numbers of the pages of notes that got a glance only."""
    return tuple(s.read.page.number for s in seen if s.read.page.depth == "looked")


def same_documents(full: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """What differs of the documents in two readings of one file.

    Which pages a document has is no matter here: read in full, a page of bare figures may belong to nothing, where a
    glance knows from its number that it goes on. Nor are rings without a word, which no reading tells from seals.
    """
    known, others = ([d for d in documents if d["type"] != "other"] for documents in (full, other))
    if [d["type"] for d in known] != [d["type"] for d in others]:
        return ("documents",)
    return tuple(
        f"{one['type']} {key}"
        for one, two in zip(known, others, strict=True)
        for key in TOLD
        if _told(one, key) != _told(two, key)
    )


def _told(document: dict[str, Any], key: str) -> list[Any]:
    return [s for s in document[key] if s["legible"] > 0] if key == "seals" else [document[key]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw a report, read it twice, say what both took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--grey", action="store_true", help="scanned without colour")
    parser.add_argument("--strangers", action="store_true", help="certificates between the notes")
    parser.add_argument("--riding", action="store_true", help="a seal over the edges of all pages")
    asked = parser.parse_args(arguments)
    scan = Scan(skew=0.4, colour="grey" if asked.grey else "colour")
    with tempfile.TemporaryDirectory(prefix="yanzhang-long-") as folder:
        print(f"drawing a report of {asked.pages} pages (seed {asked.seed})", file=sys.stderr, flush=True)
        report = draw_long_report(
            Path(folder), pages=asked.pages, seed=asked.seed, scan=scan, strangers=asked.strangers, riding=asked.riding
        )
        result = compared(report, Path(folder))
    print(result.text)
    return 1 if result.differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
