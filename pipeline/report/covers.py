"""Cover sheets (信封封面, 包裹封面, 隔页): a page an expected envelope, with a big name, two QR codes and a checklist.

What a sheet has no room for goes on on a second one (续页), which never cuts. Two QR codes stand in opposite corners: a
folded or torn one leaves the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import zxingcpp

from pipeline.departments import Department, by_department
from pipeline.errors import BadInput
from pipeline.intake.split import CHECKLIST, DOCUMENT, ENVELOPE, PARCEL, PARCEL_LIST, make_cover_payload
from pipeline.model import Certificate, DocumentType, Record
from pipeline.programmes import Programme, load
from pipeline.report.typeset import LEADING, Pen, fitted
from pipeline.store.durable import write_atomically
from pipeline.values.names import core
from pipeline.values.printable import printable

__all__ = ["Printed", "write_covers"]

WIDTH, HEIGHT = 595.0, 842.0  # points: A4
MARGIN = 48.0
RIGHT = WIDTH - MARGIN
MOST_TEXT = 200  # characters of a name; the rest would not fit at any size
QR_SIDE = 120.0  # points: 42 mm, read at 100 dpi and after a fax
QR_PIXELS = 12  # a module: printed without grey edges
LONGEST_DEPARTMENT = 60  # signs that a QR code's number takes
LIST_BOTTOM = HEIGHT - MARGIN - QR_SIDE - 12  # nothing is listed beside the lower code
GREY, LINE = (0.35, 0.35, 0.35), (0.6, 0.6, 0.6)
TICK = 8.5  # points: side of a box to be ticked
NAMED = 3  # departments that a sentence names


@dataclass(frozen=True, slots=True)
class Printed:
    """What was printed: covers of envelopes and of parcels, all sheets, and sentences on who has no cover."""

    envelopes: int
    parcels: int
    sheets: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """A line to be ticked off. ``under``: it belongs to the one before it. ``note``: what stands behind it in grey."""

    text: str
    note: str = ""
    under: bool = False


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one sheet says. ``ask``: lines to be filled in by hand at its foot."""

    payload: str
    title: str
    order: str
    name: str
    number: str = ""
    told: tuple[str, ...] = ()
    heading: str = ""
    items: tuple[_Item, ...] = ()
    ask: tuple[str, ...] = ()


def write_covers(
    records: Sequence[Record],
    path: Path,
    *,
    programme: str = "cciip-2023",
    separators: bool = False,
    parcels: bool = False,
    department: str = "",
) -> Printed:
    """Write the covers of all envelopes expected, in order of their numbers; the file is whole or not there.

    :param separators: a sheet before each document of an envelope, too
    :param parcels: by department, each with the cover of its parcel first
    :param department: only the applications of this department for commerce
    :raises BadInput: there is no sheet to write, no such department, or the place cannot be written to
    """
    rules = load(programme)
    groups = by_department(records)
    chosen = _chosen(groups, department) if department else groups
    if not parcels:
        everyone = sorted((r for _, members in chosen for r in members), key=lambda r: r.application_no)
        chosen = ((Department(""), tuple(everyone)),)
    names = {r.application_no: d for d, members in groups for r in members}
    problems: list[str] = []
    envelopes = packed = 0
    with pymupdf.open() as document:
        for own, members in chosen:
            if parcels and own.declared:
                packed += _drawn(document, lambda own=own, m=members: (_parcel(own, m, rules),), own.name, problems)
            for record in members:
                told = names[record.application_no]
                envelopes += _drawn(
                    document,
                    lambda r=record, d=told: _sheets_of(r, d, rules, separators=separators),
                    record.application_no,
                    problems,
                )
        if not document.page_count:
            raise BadInput(f"There is no cover to make: {'; '.join(problems) or 'no record is given'}.")
        sheets = document.page_count
        document.subset_fonts()
        try:
            write_atomically(path, document.tobytes(garbage=3, deflate=True))
        except OSError as error:
            raise BadInput(f"{path} cannot be written ({error.strerror or error}): give another place") from error
    return Printed(envelopes, packed, sheets, tuple(problems))


def _chosen(
    groups: Sequence[tuple[Department, tuple[Record, ...]]], name: str
) -> tuple[tuple[Department, tuple[Record, ...]], ...]:
    found = tuple(group for group in groups if core(group[0].name) == core(name))
    if not found:
        known = "、".join(d.name for d, _ in groups[:NAMED]) + (" …" if len(groups) > NAMED else "")
        raise BadInput(
            f"no application is of the department {printable(name[:60])}; there are {known}: name one of them"
        )
    return found


def _drawn(document: Any, sheets: Any, whose: str, problems: list[str]) -> int:
    """Draw sheets and those they go on on; 1, or 0 with a sentence where no code can hold what they say."""
    try:
        ready = [(sheet, _qr(sheet.payload)) for first in sheets() for sheet in _paged(first)]
    except ValueError:
        problems.append(f"{printable(whose[:60])}: no cover, its number is too long for a QR code or holds |")
        return 0
    for sheet, picture in ready:
        _draw(document.new_page(width=WIDTH, height=HEIGHT), sheet, picture)
    return 1


# -------------------------------------------------------------------------------------------------- what sheets say


def _sheets_of(record: Record, department: Department, rules: Programme, *, separators: bool) -> Iterator[_Sheet]:
    yield _envelope(record, department, rules)
    if separators:
        yield from _separators(record, rules)


def _envelope(record: Record, department: Department, rules: Programme) -> _Sheet:
    track = rules.tracks[record.track]
    told = [f"{track.title} {track.title_en}"]
    if record.uscc:
        told.append(f"统一社会信用代码 USCC  {record.uscc}")
    told.append(f"商务主管部门 Department  {department.name}")
    return _Sheet(
        payload=make_cover_payload(rules.id, record.application_no),
        title="信封封面  Envelope",
        order="放在本信封全部材料的最上面，一起扫描。\n"
        "Put this sheet on top of the envelope's papers and scan it with them.",
        name=record.name or record.uscc,
        number=record.application_no,
        told=tuple(told),
        heading="材料清单 Checklist",
        items=tuple(_checklist(record, rules)),
        ask=("收到日期 Received", "页数 Pages", "操作员 Operator"),
    )


def _checklist(record: Record, rules: Programme) -> Iterator[_Item]:
    for slot in rules.tracks[record.track].slots:
        if not slot.certificates:
            yield _Item(f"{slot.title} {slot.title_en}", slot.note)
        elif record.certificates:
            yield _Item(f"{slot.title} {slot.title_en}", f"申报 {len(record.certificates)} 件 declared")
            for certificate in record.certificates:
                yield _Item(_called(certificate, rules), under=True)


def _called(certificate: Certificate, rules: Programme) -> str:
    kind = rules.certificate_kinds.get(certificate.kind)
    title = kind.title if kind else certificate.kind
    name = certificate.name if certificate.name and core(certificate.name) not in core(title) else ""
    number = f"编号 No. {certificate.number}" if certificate.number else "未报编号 no number declared"
    return "  ".join(part for part in (title, number[:MOST_TEXT], name[:MOST_TEXT]) if part)


def _separators(record: Record, rules: Programme) -> Iterator[_Sheet]:
    types: dict[DocumentType, str] = {}
    for slot in rules.tracks[record.track].slots:
        if slot.type is not None and slot.separate:
            types.setdefault(slot.type, f"{slot.title}\n{slot.title_en}")
    for certificate in record.certificates:
        kind = rules.certificate_kinds.get(certificate.kind)
        if kind is not None and kind.type != DocumentType.OTHER:
            types.setdefault(kind.type, kind.title)
    for type_, title in types.items():
        yield _Sheet(
            payload=make_cover_payload(rules.id, record.application_no, sheet=f"{DOCUMENT}{type_.value}"),
            title="隔页  Separator",
            order="放在下列材料之前。不分开信封。\n"
            "Put this sheet before the document named below. It does not part envelopes.",
            name=title,
            number=record.application_no,
            told=(record.name or record.uscc,),
        )


def _parcel(department: Department, members: Sequence[Record], rules: Programme) -> _Sheet:
    if len(department.name) > LONGEST_DEPARTMENT:
        raise ValueError("no code takes so long a name")
    return _Sheet(
        payload=make_cover_payload(rules.id, department.name, sheet=PARCEL),
        title="包裹封面  Parcel",
        order="放在整个包裹的最上面，推荐名单紧随其后。\n"
        "Put this sheet on top of the parcel, its list of recommendations next.",
        name=department.name,
        told=(f"应有 {len(members)} 个信封 envelopes expected",),
        heading="应有的信封 Envelopes expected",
        items=tuple(_Item(f"{r.application_no}  {(r.name or r.uscc)[:MOST_TEXT]}") for r in members),
        ask=("收到日期 Received", "信封数 Envelopes", "操作员 Operator"),
    )


# ------------------------------------------------------------------------------------------------------ on the page

_TOP = MARGIN + QR_SIDE
_NAME_HEIGHT, _NUMBER_SIZE = 92.0, 30.0
_ITEM_SIZE, _UNDER = 11.0, 18.0


def _paged(sheet: _Sheet) -> Iterator[_Sheet]:
    """The sheet, and those on which its list goes on."""
    kind = {ENVELOPE: CHECKLIST, PARCEL: PARCEL_LIST}
    rest, first, number = list(sheet.items), True, 1
    while True:
        top = _list_top(sheet) if first else _GO_ON_TOP
        count = _fitting(rest, top)
        part = replace(sheet, items=tuple(rest[:count]))
        if not first:
            programme, whose, sort = sheet.payload.split("|")[1:4]
            going_on = make_cover_payload(programme, whose, sheet=kind.get(sort, sort), ordinal=number)
            part = replace(part, payload=going_on, title=f"续页 {number}  Continued", order="", told=(), ask=())
        yield part
        rest, first, number = rest[count:], False, number + 1
        if not rest:
            return


def _list_top(sheet: _Sheet) -> float:
    size, lines = fitted(sheet.name[:MOST_TEXT], 34, RIGHT - MARGIN, _NAME_HEIGHT)
    top = _TOP + 18 + len(lines) * size * LEADING + 6
    top += _NUMBER_SIZE * LEADING if sheet.number else 0
    return top + 15 * len(sheet.told) + 16


_GO_ON_TOP = _TOP + 18 + 44.0


def _height(item: _Item) -> float:
    text, _ = _item_lines(item)
    return len(text) * _ITEM_SIZE * LEADING + 4


def _item_lines(item: _Item) -> tuple[list[str], float]:
    left = MARGIN + TICK + 8 + (_UNDER if item.under else 0)
    _, lines = fitted(f"{item.text}   {item.note}".rstrip(), _ITEM_SIZE, RIGHT - left, 4 * _ITEM_SIZE * LEADING)
    return lines, left


def _fitting(items: Sequence[_Item], top: float) -> int:
    """How many items there is room for; at least one, so that a list comes to its end."""
    y, count = top + 22, 0
    for item in items:
        y += _height(item)
        if y > LIST_BOTTOM and count:
            return count
        count += 1
    return count


def _draw(page: Any, sheet: _Sheet, picture: bytes) -> None:
    for x, y in ((MARGIN, MARGIN), (RIGHT - QR_SIDE, HEIGHT - MARGIN - QR_SIDE)):
        page.insert_image(pymupdf.Rect(x, y, x + QR_SIDE, y + QR_SIDE), stream=picture)
    pen = Pen(page)
    beside = MARGIN + QR_SIDE + 22
    taken = pen.box(sheet.title, (beside, MARGIN + 6, RIGHT, MARGIN + 44), 26, bold=True)
    y = MARGIN + 6 + taken + 6
    for line in sheet.order.split("\n") if sheet.order else ():
        y += pen.box(line, (beside, y, RIGHT, y + 30), 11.5, colour=GREY) + 2
    y = _TOP + 18
    if sheet.order:
        for part in sheet.name[:MOST_TEXT].split("\n"):
            y += pen.box(part, (MARGIN, y, RIGHT, y + _NAME_HEIGHT), 34, bold=True)
        y += 6
        if sheet.number:
            pen.box(sheet.number, (MARGIN, y, RIGHT, y + _NUMBER_SIZE * LEADING), _NUMBER_SIZE)
            y += _NUMBER_SIZE * LEADING
        for told in sheet.told:
            pen.box(told[:MOST_TEXT], (MARGIN, y, RIGHT, y + 15), 11.5)
            y += 15
        y = _list_top(sheet)
    else:
        pen.box(f"{sheet.number}  {sheet.name[:MOST_TEXT]}".strip(), (MARGIN, y, RIGHT, y + 40), 15, bold=True)
        y = _GO_ON_TOP
    if sheet.items:
        _list(page, pen, sheet, y)
    _foot(page, pen, sheet)
    pen.done()


def _list(page: Any, pen: Pen, sheet: _Sheet, y: float) -> None:
    pen.line(sheet.heading, (MARGIN, y + 12), 13, bold=True)
    page.draw_line((MARGIN, y + 17), (RIGHT, y + 17), color=LINE, width=0.6)
    y += 22
    for item in sheet.items:
        lines, left = _item_lines(item)
        page.draw_rect(pymupdf.Rect(left - TICK - 8, y + 3, left - 8, y + 3 + TICK), color=(0, 0, 0), width=0.8)
        pen.box(f"{item.text}   {item.note}".rstrip(), (left, y, RIGHT, y + 4 * _ITEM_SIZE * LEADING), _ITEM_SIZE)
        y += len(lines) * _ITEM_SIZE * LEADING + 4


def _foot(page: Any, pen: Pen, sheet: _Sheet) -> None:
    left_of_code = RIGHT - QR_SIDE - 24
    y = HEIGHT - MARGIN - QR_SIDE + 22
    for ask in sheet.ask:
        pen.line(ask, (MARGIN, y), 11.5)
        page.draw_line((MARGIN + 118, y + 3), (left_of_code, y + 3), color=LINE, width=0.6)
        y += 29
    pen.box(sheet.payload, (MARGIN, HEIGHT - MARGIN - 9, left_of_code, HEIGHT - MARGIN + 4), 7, colour=GREY)


@lru_cache(maxsize=8)  # a sheet's two codes are one picture
def _qr(payload: str) -> bytes:
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    grey = code.to_image(scale=QR_PIXELS, add_quiet_zones=True)
    pixels = np.array(grey)
    png: bytes = pymupdf.Pixmap(
        pymupdf.csGRAY, pixels.shape[1], pixels.shape[0], np.ascontiguousarray(pixels, np.uint8).tobytes(), False
    ).tobytes("png")
    return png
