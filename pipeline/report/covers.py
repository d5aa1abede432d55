"""Cover sheets (信封封面): one page an expected envelope, with a big name and two QR codes that cut batches apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import zxingcpp

from pipeline.errors import BadInput
from pipeline.intake.split import make_cover_payload
from pipeline.model import Record
from pipeline.store.durable import write_atomically
from pipeline.values.printable import printable

__all__ = ["write_covers"]

WIDTH, HEIGHT = 595.0, 842.0  # points: A4
MARGIN = 56.0
MOST_TEXT = 200  # characters of a name; the rest would not fit at any size
QR_SIDE = 120.0  # points: 42 mm, read at 100 dpi and after a fax
QR_PIXELS = 12  # a module: printed without grey edges
FONT = "china-s"  # PyMuPDF's own Song face: no font of the machine is needed
TRACKS = {"supplier": "服务外包供应商", "park": "园区", "training": "培训机构及院校"}


def write_covers(records: Sequence[Record], path: Path, *, programme: str = "cciip-2023") -> tuple[str, ...]:
    """Write one page a record, sorted by application number; the file is whole or not there.

    :returns: a sentence for each record that no cover can be made for
    :raises BadInput: there is no sheet to write, or the place cannot be written to
    """
    problems: list[str] = []
    with pymupdf.open() as document:
        for record in sorted(records, key=lambda r: r.application_no):
            try:
                picture, payload = _code(record, programme)
            except ValueError:
                number = record.application_no[:60]
                problems.append(f"{number}: no cover, its number is too long for a QR code or holds |")
                continue
            _sheet(document.new_page(width=WIDTH, height=HEIGHT), record, picture, payload)
        if not document.page_count:
            raise BadInput(f"There is no cover to make: {'; '.join(problems) or 'no record is given'}.")
        try:
            write_atomically(path, document.tobytes(garbage=3, deflate=True))
        except OSError as error:
            raise BadInput(f"{path} cannot be written ({error.strerror or error}): give another place") from error
    return tuple(problems)


def _code(record: Record, programme: str) -> tuple[bytes, str]:
    payload = make_cover_payload(programme, record.application_no)
    return _qr(payload), payload


def _sheet(page: Any, record: Record, picture: bytes, payload: str) -> None:
    # Two, in opposite corners: a folded or torn one leaves the other.
    for x, y in ((MARGIN, MARGIN), (WIDTH - MARGIN - QR_SIDE, HEIGHT - MARGIN - QR_SIDE)):
        page.insert_image(pymupdf.Rect(x, y, x + QR_SIDE, y + QR_SIDE), stream=picture)
    _text(
        page,
        pymupdf.Rect(MARGIN + QR_SIDE + 24, MARGIN + 8, WIDTH - MARGIN, MARGIN + QR_SIDE),
        "信封封面 请放在最上面",
        20,
    )
    _text(page, pymupdf.Rect(MARGIN, 250, WIDTH - MARGIN, 420), record.name or record.uscc, 34)
    _text(page, pymupdf.Rect(MARGIN, 430, WIDTH - MARGIN, 480), record.application_no, 30)
    _text(page, pymupdf.Rect(MARGIN, 490, WIDTH - MARGIN, 530), TRACKS[record.track], 18)
    note = "收到日期 Received: ____________    页数 Pages: ______    操作员 Operator: ____________"
    _text(page, pymupdf.Rect(MARGIN, 570, WIDTH - MARGIN, 610), note, 11)
    page.insert_text((MARGIN, HEIGHT - MARGIN), payload, fontsize=7, fontname="cour")


def _text(page: Any, box: Any, text: str, size: float) -> None:
    """Text that shrinks until it fits: names run to 40 characters."""
    text = printable(text[:MOST_TEXT])
    while size > 6 and page.insert_textbox(box, text, fontsize=size, fontname=FONT) < 0:
        size *= 0.85


def _qr(payload: str) -> bytes:
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    grey = code.to_image(scale=QR_PIXELS, add_quiet_zones=True)
    pixels = np.array(grey)
    png: bytes = pymupdf.Pixmap(
        pymupdf.csGRAY, pixels.shape[1], pixels.shape[0], np.ascontiguousarray(pixels, np.uint8).tobytes(), False
    ).tobytes("png")
    return png
