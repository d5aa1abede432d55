"""Chase lists on paper (催办名单): a workbook with a sheet a department, and a page a department to be printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from pipeline.chasing import Chase, Chased, Lists, State
from pipeline.errors import BadInput
from pipeline.report.xlsx_report import sheets_as_book
from pipeline.store.durable import write_atomically
from pipeline.values.printable import printable

__all__ = ["write_chase_lists"]

BOOK = "催办名单.xlsx"
LONGEST_SHEET, LONGEST_FILE = 31, 40  # signs: what a workbook takes, and what any disk takes in any writing
_COLUMNS = (
    ("申报编号 Application", 22),
    ("名称 Name", 36),
    ("状态 State", 24),
    ("缺什么 What is lacking", 70),
    ("收到日期 Received", 14),
    ("信封 Envelope", 22),
    ("联系人 Contact", 12),
    ("手机 Mobile", 16),
    ("电子邮箱 E-mail", 26),
)
_SUMMARY = (
    ("商务主管部门 Department", 40),
    ("应到 Expected", 12),
    ("未收到 Not received", 18),
    ("须补正 To be put right", 20),
    ("待核 To be looked at", 18),
    ("齐全 Complete", 14),
)
_SUMMARY_SHEET = "汇总 Summary"


def write_chase_lists(lists: Lists, out: Path) -> tuple[Path, ...]:
    """Write the workbook, and a page for each department that has something on its list; gives what was written.

    :raises BadInput: the folder cannot be written to
    """
    pages = [
        (f"催办-{number:03d}-{_file_name(chase.department.name)}.html", _page(chase, lists))
        for number, chase in enumerate((c for c in lists.chases if c.rows), start=1)
    ]
    try:
        out.mkdir(parents=True, exist_ok=True)
        for old in out.glob("催办-[0-9][0-9][0-9]-*.html"):
            old.unlink()  # a list of yesterday would be sent as today's
        write_atomically(out / BOOK, _book(lists))
        for name, text in pages:
            write_atomically(out / name, text.encode())
    except OSError as error:
        raise BadInput(
            f"{out} cannot be written ({error.strerror or error}): name another folder with --out"
        ) from error
    return (out / BOOK, *(out / name for name, _ in pages))


# ------------------------------------------------------------------------------------------------------- workbook


def _book(lists: Lists) -> bytes:
    taken = {_SUMMARY_SHEET.casefold()}
    sheets: list[tuple[str, Sequence[tuple[str, int]], list[tuple[object, ...]]]]
    sheets = [(_SUMMARY_SHEET, _SUMMARY, [*map(_summary_row, lists.chases), *_remarks(lists)])]
    for chase in lists.chases:
        if chase.rows:
            sheets.append((_sheet_name(chase.department.name, taken), _COLUMNS, list(map(_row, chase.rows))))
    return sheets_as_book(sheets)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that a workbook takes, and that no sheet bears yet."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", printable(name)).strip() or "?"
    number, found = 1, plain[:LONGEST_SHEET]
    while found.casefold() in taken:
        number += 1
        found = f"{plain[: LONGEST_SHEET - 4]} {number}"
    taken.add(found.casefold())
    return found


def _summary_row(chase: Chase) -> tuple[object, ...]:
    return (
        chase.department.name,
        chase.expected,
        *(chase.count(state) for state in (State.NOT_RECEIVED, State.LACKING, State.OPEN)),
        chase.expected - len(chase.rows),
    )


def _remarks(lists: Lists) -> Iterator[tuple[object, ...]]:
    if lists.unassigned:
        yield (f"另有 {len(lists.unassigned)} 个信封尚未归属，催办前请先核对：{'、'.join(lists.unassigned[:50])}",)


def _row(row: Chased) -> tuple[object, ...]:
    return (
        row.application_no,
        row.name,
        row.state.value,
        "\n".join(f"{n}. {told}" for n, told in enumerate(row.lacking, start=1)),
        row.received_on.isoformat() if row.received_on else "",
        "、".join(row.envelopes),
        row.contact,
        row.mobile,
        row.email,
    )


# ------------------------------------------------------------------------------------------------------------ page

_STYLE = """
@page { size: A4 landscape; margin: 14mm }
body { font: 10.5pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  color: #111; margin: 12mm auto; max-width: 265mm }
h1 { font-size: 17pt; margin: 0 0 2mm } p { margin: 0 0 4mm; color: #444 }
table { border-collapse: collapse; width: 100% } th { background: #1f3a5f; color: #fff; text-align: left }
th, td { border: 0.3mm solid #999; padding: 1.2mm 2mm; vertical-align: top }
tr { break-inside: avoid } thead { display: table-header-group } ol { margin: 0; padding-left: 5mm }
th:nth-child(4) { width: 36% }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums } .name { font-weight: 600 }
@media print { body { margin: 0 } th { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _page(chase: Chase, lists: Lists) -> str:
    title = f"催办名单：{_text(chase.department.name)}"
    counts = "，".join(
        f"{label} {chase.count(state)}"
        for label, state in (("未收到", State.NOT_RECEIVED), ("须补正", State.LACKING), ("待核", State.OPEN))
    )
    strays = f"另有 {len(lists.unassigned)} 个信封尚未归属，可能在其中。" if lists.unassigned else ""
    lines = "".join(map(_line, chase.rows))
    heads = "".join(f"<th>{escape(label)}</th>" for label, _ in _COLUMNS)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>应到 {chase.expected}，{counts}。{strays}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></body></html>\n"
    )


def _line(row: Chased) -> str:
    lacking = "".join(f"<li>{_text(told)}</li>" for told in row.lacking)
    received = row.received_on.isoformat() if row.received_on else ""
    rest = (row.state.value, None, received, "、".join(row.envelopes), row.contact, row.mobile, row.email)
    cells = "".join(f"<td><ol>{lacking}</ol></td>" if cell is None else f"<td>{_text(cell)}</td>" for cell in rest)
    return f'<tr><td class="number">{_text(row.application_no)}</td><td class="name">{_text(row.name)}</td>{cells}</tr>'


def _text(text: str) -> str:
    return escape(printable(text))


def _file_name(name: str) -> str:
    """A department's name as a file's: letters, digits and Chinese signs only."""
    kept = "".join(c if unicodedata.category(c)[0] in "LN" else "-" for c in printable(name))
    return re.sub(r"-+", "-", kept).strip("-")[:LONGEST_FILE] or "department"
