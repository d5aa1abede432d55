"""A report to files: JSON, HTML, XLSX and evidence crops. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.model import Record, Report
from pipeline.report.evidence import with_evidence
from pipeline.report.folder import alone_in_folder
from pipeline.report.html_report import write_html
from pipeline.report.json_report import write_json
from pipeline.report.pictures import EVIDENCE
from pipeline.report.xlsx_report import write_xlsx
from pipeline.store.durable import sync_folder
from pipeline.store.originals import Originals

__all__ = ["write"]


def write(report: Report, records: Sequence[Record], out: Path, originals: Originals) -> Path:
    """Write ``report.json``, ``report.html``, ``report.xlsx`` and ``evidence/`` into ``out``; returns the HTML's path.

    Each file is whole or as it was, and all are of one run: a second run into the same folder waits for the first. The
    JSON is written last: where it is new, everything it names is there.

    :raises ReportTrouble: they cannot be written
    """
    html = out / "report.html"
    with alone_in_folder(out):
        shown = with_evidence(report, out, originals)
        if (out / EVIDENCE).is_dir():
            sync_folder(out / EVIDENCE)
        write_html(shown, records, html)
        write_xlsx(shown, out / "report.xlsx")
        write_json(shown, out / "report.json")
    return html
