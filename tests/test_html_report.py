"""The report's page: what a seal's text rests on is said in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from checks_builders import NAME, form, page, seal

from pipeline.model import EnvelopeReport, Report, Totals
from pipeline.report.html_report import write_html


def test_it_says_which_reading_a_seals_text_rests_on(tmp_path: Path) -> None:
    free = seal(NAME, "applicant")
    settled = seal(NAME, "applicant", rests_on="constrained")
    unread = seal("", "unknown", rests_on="none")
    envelope = EnvelopeReport(
        envelope="env-0001.pdf",
        sha256="0" * 64,
        verdict="clean",
        pages=(page(1),),
        documents=(form(seals=(free, settled, unread)),),
    )
    report = Report(
        programme="cciip-2023",
        rules_version="1",
        generated_at=datetime(2023, 9, 20, tzinfo=UTC),
        totals=Totals(envelopes=1, pages=1, clean=1, with_findings=0, failed=0, not_received=0),
        envelopes=(envelope,),
    )
    write_html(report, (), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("印文自行读出", "按应有名称认定", "印文未能读出", "settled by the name expected"):
        assert html.count(words) == 1
