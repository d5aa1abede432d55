"""The report as a workbook: one line a finding, for those who sort, filter and send lists on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO

import xlsxwriter

from pipeline.checks.wording import decision_told
from pipeline.model import EnvelopeReport, FieldValue, Finding, Report, Severity
from pipeline.model.slips import Slip, Told
from pipeline.store.durable import written
from pipeline.values.printable import printable

__all__ = ["finding_row", "resolved_row", "sheets_as_book", "slip_row", "write_book", "write_xlsx"]

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
_RESOLVED = (
    ("信封 Envelope", 22),
    ("申报编号 Application", 20),
    ("级别 Severity", 12),
    ("问题 Code", 24),
    ("说明", 60),
    ("Explanation", 60),
    ("问题编号 Finding", 20),
)
MOST_ROWS = 1_048_574  # of findings or envelopes on a sheet, beside its heading and a line that says there are more
_SEVERITY = {Severity.ERROR: "错误 error", Severity.WARNING: "警告 warning", Severity.INFO: "提示 info"}
MAX_CELL = 32_767  # characters (UTF-16) that a cell takes; a longer text would be left out as a whole
# How a formula begins, on a keyboard of full width too; in each line, for a cell of several is several when copied on.
_FORMULA = re.compile(r"^(?:[=+@＝＋－＠]|-(?![0-9.,]+$))", re.MULTILINE)
_HARMLESS = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff #()（）._-]{0,500}")  # most cells
_VERDICT = {"clean": "无误 clean", "findings": "有问题 findings", "unreadable": "无法读取 unreadable"}


def write_xlsx(report: Report, path: Path) -> None:
    """Write the workbook, or leave what was there. Text stays text: nothing in it can become a formula or a link."""
    findings = [finding_row(e, f) for e in report.envelopes for f in e.findings if not e.unchanged]
    write_book(path, findings, [_envelope_row(e) for e in report.envelopes], report.not_received)


def write_book(
    path: Path,
    findings: Iterable[Sequence[object]],
    envelopes: Iterable[Sequence[object]],
    not_received: Iterable[str],
    *,
    resolved: Iterable[Sequence[object]] | None = None,
    many: bool = False,
) -> None:
    """Write the workbook of rows made already.

    :param resolved: findings that are no more since the last report of the whole store
    :param many: rows are not held in memory; they wait in a private folder that goes with this run
    """
    options: dict[str, object] = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": not many,  # no scraps of it among everybody's temporary files
        "constant_memory": many,
    }
    with ExitStack() as stack:
        if many:
            options["tmpdir"] = stack.enter_context(TemporaryDirectory(prefix="yanzhang-"))
        packed: BinaryIO = stack.enter_context(TemporaryFile()) if many else BytesIO()
        with xlsxwriter.Workbook(packed, options) as book:
            _sheet(book, "问题 Findings", _FINDINGS, findings, plain=many)
            _sheet(book, "信封 Envelopes", _ENVELOPES, envelopes, plain=many)
            _sheet(
                book, "未收到 Not received", (("申报编号 Application", 24),), ((n,) for n in not_received), plain=many
            )
            if resolved is not None:
                _sheet(book, "已消除 Resolved", _RESOLVED, resolved, plain=many)
        packed.seek(0)
        with written(path) as stream:
            shutil.copyfileobj(packed, stream)


def _sheet(
    book: xlsxwriter.Workbook,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
    *,
    plain: bool,
) -> None:
    sheet = book.add_worksheet(title)
    head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "vcenter"})
    cell = None if plain else book.add_format({"text_wrap": True, "valign": "top"})
    for place, (label, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label, head)
    line = 0
    for line, row in enumerate(rows, start=1):
        if line > MOST_ROWS:
            sheet.write_string(line, 0, "其余见 report.json: the rest is in report.json", head)
            break
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, place, value, cell)
            elif value or not plain:
                sheet.write_string(line, place, _plain(str(value)), cell)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, line), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def finding_row(envelope: EnvelopeReport, finding: Finding) -> tuple[object, ...]:
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


def slip_row(slip: Slip) -> tuple[object, ...]:
    """An envelope that is shown by reference."""
    return (
        slip.envelope,
        slip.application_no or "",
        slip.name,
        slip.track or "",
        _VERDICT.get(slip.verdict, slip.verdict),
        slip.errors,
        slip.warnings,
        slip.pages,
        slip.received_on or "",
        slip.part_of or "",
    )


def resolved_row(envelope: str, application_no: str, told: Told) -> tuple[object, ...]:
    """A finding that is no more."""
    severity = _SEVERITY.get(Severity(told.severity), told.severity)
    return envelope, application_no, severity, told.code, told.zh, told.en, told.id


def _value(value: FieldValue) -> str:
    if value is None:
        return ""
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula when the cell is copied on (CSV injection), nor chokes on."""
    if _HARMLESS.fullmatch(text):
        return text
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
            _sheet(book, title, columns, rows, plain=False)
    return packed.getvalue()
