"""Piles of paper as a scanner makes one file of them: our own covers as printed, and pages of the demo set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf

from pipeline.model import Record
from pipeline.records import load_records
from pipeline.report.covers import write_covers

DEMO = Path(__file__).parent.parent / "samples" / "demo"
A4 = (595.0, 842.0)
DPI = 150


def demo_records() -> tuple[Record, ...]:
    return load_records(str(DEMO / "records.json")).records


class Pile:
    """Sheets laid one on the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document: Any = pymupdf.open()
        self._printed: dict[str, bytes] = {}

    def cover(self, number: str, *, turned: int = 0, sheet: int = 0, **changes: Any) -> Pile:
        """A cover sheet of an application, as scanned; ``sheet``: another of what is printed for it."""
        known = {r.application_no: r for r in demo_records()}
        record = known.get(number) or Record(application_no=number, track="park", name="没有申报的园区")
        return self.printed([record], sheet, turned=turned, **changes)

    def printed(self, records: Sequence[Record], sheet: int = 0, *, turned: int = 0, **changes: Any) -> Pile:
        key = json.dumps([[r.application_no for r in records], sorted(changes)])
        if key not in self._printed:
            path = self.folder / "covers-of-a-pile.pdf"
            write_covers(records, path, **changes)
            self._printed[key] = path.read_bytes()
            path.unlink()
        with pymupdf.open(stream=self._printed[key]) as covers:
            picture = covers[sheet].get_pixmap(dpi=DPI).tobytes("jpeg", jpg_quality=70)
        page = self.document.new_page(width=A4[0], height=A4[1])
        page.insert_image(page.rect, stream=picture, rotate=turned)
        return self

    def blank(self) -> Pile:
        self.document.new_page(width=A4[0], height=A4[1])
        return self

    def pages(self, envelope: str, *numbers: int) -> Pile:
        """Pages of an envelope of the demo set."""
        source = DEMO / "batch" / envelope
        source = source if source.is_dir() else source.with_name(f"{envelope}.pdf")
        for number in numbers:
            if source.suffix != ".pdf":
                page = self.document.new_page(width=A4[0], height=A4[1])
                picture = next(p for p in source.iterdir() if p.stem == str(number))
                page.insert_image(page.rect, filename=str(picture))
            else:
                with pymupdf.open(source) as scan:
                    self.document.insert_pdf(scan, from_page=number - 1, to_page=number - 1)
        return self

    def save(self, name: str) -> Path:
        path = self.folder / name
        self.document.save(path)
        return path
