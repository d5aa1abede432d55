"""The report as a workbook: one line a finding, for those who sort, filter and send lists on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

import xlsxwriter

from pipeline.checks.wording import decision_told
from pipeline.model import EnvelopeReport, FieldValue, Finding, Report, Severity
from pipeline.store.durable import write_atomically
from pipeline.values.printable import printable

__all__ = ["sheets_as_book", "write_xlsx"]

_FINDINGS = (
    ("信封 Envelope", 22),
    ("申报编号 Application", 20),
    ("名称 Name", 32),
    ("级别 Severity", 12),
    ("问题 Code", 24),
    ("文件 Document", 22),
    ("字段 Field", 22),
    ("申报 / 应为 Expected", 30),
    ("纸质 / 实为 Found", 30),
    ("页 Page", 8),
    ("说明", 60),
    ("Explanation", 60),
    ("依据 Basis", 26),
    ("证据 Evidence", 34),
    ("人工裁定 Decision", 40),
    ("问题编号 Finding", 20),
)
_ENVELOPES = (
    ("信封 Envelope", 22),
    ("申报编号 Application", 20),
    ("名称 Name", 36),
    ("类别 Track", 12),
    ("结论 Verdict", 14),
    ("错误 Errors", 10),
    ("警告 Warnings", 12),
    ("页数 Pages", 10),
    ("收到日期 Received", 14),
    ("合并于 Part of", 22),
)
_SEVERITY = {Severity.ERROR: "错误 error", Severity.WARNING: "警告 warning", Severity.INFO: "提示 info"}
MAX_CELL = 32_767  # characters (UTF-16) that a cell takes; a longer text would be left out as a whole
# How a formula begins, on a keyboard of full width too; in each line, for a cell of several is several when copied on.
_FORMULA = re.compile(r"^(?:[=+@＝＋－＠]|-(?![0-9.,]+$))", re.MULTILINE)
_VERDICT = {"clean": "无误 clean", "findings": "有问题 findings", "unreadable": "无法读取 unreadable"}


def write_xlsx(report: Report, path: Path) -> None:
    """Write the workbook, or leave what was there. Text stays text: nothing in it can become a formula or a link."""
    packed = BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,  # no scraps of it among everybody's temporary files
    }
    with xlsxwriter.Workbook(packed, options) as book:
        findings = [_finding_row(e, f) for e in report.envelopes for f in e.findings if not e.unchanged]
        _sheet(book, "问题 Findings", _FINDINGS, findings)
        _sheet(book, "信封 Envelopes", _ENVELOPES, [_envelope_row(e) for e in report.envelopes])
        _sheet(book, "未收到 Not received", (("申报编号 Application", 24),), [(n,) for n in report.not_received])
    write_atomically(path, packed.getvalue())


def _sheet(
    book: xlsxwriter.Workbook, title: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[object]]
) -> None:
    sheet = book.add_worksheet(title)
    head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "vcenter"})
    cell = book.add_format({"text_wrap": True, "valign": "top"})
    for place, (label, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label, head)
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, place, value, cell)
            else:
                sheet.write_string(line, place, _plain(str(value)), cell)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _finding_row(envelope: EnvelopeReport, finding: Finding) -> tuple[object, ...]:
    return (
        envelope.envelope,
        envelope.application_no or "",
        envelope.name,
        _SEVERITY[finding.severity],
        finding.code.value,
        finding.document or "",
        finding.field or "",
        _value(finding.expected),
        _value(finding.found),
        finding.page if finding.page is not None else "",
        finding.message.zh,
        finding.message.en,
        finding.basis,
        finding.evidence or "",
        decision_told(finding),
        finding.id,
    )


def _envelope_row(envelope: EnvelopeReport) -> tuple[object, ...]:
    return (
        envelope.envelope,
        envelope.application_no or "",
        envelope.name,
        envelope.track or "",
        _VERDICT[envelope.verdict],
        sum(f.open and f.severity == Severity.ERROR for f in envelope.findings),
        sum(f.open and f.severity == Severity.WARNING for f in envelope.findings),
        len(envelope.pages),
        envelope.received_on.isoformat() if envelope.received_on else "",
        envelope.part_of or "",
    )


def _value(value: FieldValue) -> str:
    if value is None:
        return ""
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula when the cell is copied on (CSV injection), nor chokes on."""
    kept = _FORMULA.sub(r"'\g<0>", printable(text, lines=True))
    units = kept.encode("utf-16-le")  # as a spreadsheet counts
    return kept if len(units) <= 2 * MAX_CELL else units[: 2 * MAX_CELL - 2].decode("utf-16-le", "ignore") + "…"


def sheets_as_book(sheets: Iterable[tuple[str, Sequence[tuple[str, int]], Sequence[Sequence[object]]]]) -> bytes:
    """A workbook of other lists than a report's: titles, columns with their widths, rows; text stays text there too."""
    packed = BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(packed, options) as book:
        for title, columns, rows in sheets:
            _sheet(book, title, columns, rows)
    return packed.getvalue()
