"""A report to files: JSON, HTML, XLSX and evidence crops. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.model import Record, Report
from pipeline.report.evidence import with_evidence
from pipeline.report.html_report import write_html
from pipeline.report.json_report import write_json
from pipeline.report.xlsx_report import write_xlsx
from pipeline.store.originals import Originals

__all__ = ["write"]


def write(report: Report, records: Sequence[Record], out: Path, originals: Originals) -> Path:
    """Write ``report.json``, ``report.html``, ``report.xlsx`` and ``evidence/`` into ``out``; returns the HTML's path.

    Each file is whole or as it was. The JSON is written last: where it is new, everything it names is there.
    """
    shown = with_evidence(report, out, originals)
    html = out / "report.html"
    write_html(shown, records, html)
    write_xlsx(shown, out / "report.xlsx")
    write_json(shown, out / "report.json")
    return html
