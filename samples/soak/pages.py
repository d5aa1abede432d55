"""Pages that are cheap to draw and to read, by the thousand, and batches of them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pymupdf

from samples.fuzz.batches import RECORD

__all__ = ["draw_page", "small_batch", "thick_pdf", "write_records"]

WORDS = ("certificate", "number", "total", "revenue", "page", "issued", "valid", "staff", "address", "company")
WIDTH, HEIGHT = 420, 595  # points: A5


def draw_page(rng: Random, *, rows: int = 6, dpi: int = 100) -> bytes:
    """A small scan: some rows of print, as a JPEG."""
    with pymupdf.open() as file:
        page = file.new_page(width=WIDTH, height=HEIGHT)
        for row in range(rows):
            text = " ".join([*rng.choices(WORDS, k=3), str(rng.randrange(10_000))])
            page.insert_text((50, 80 + 480 / rows * row), text, fontsize=15)
        data: bytes = page.get_pixmap(dpi=dpi).tobytes("jpeg")
        return data


def thick_pdf(path: Path, pages: int, seed: int, *, rows: int = 6) -> None:
    """A PDF of so many small scans, no two alike."""
    rng = Random(seed)
    with pymupdf.open() as file:
        for _ in range(pages):
            page = file.new_page(width=WIDTH, height=HEIGHT)
            page.insert_image(page.rect, stream=draw_page(rng, rows=rows))
        file.save(path, no_new_id=True)


def small_batch(folder: Path, *, printed: bool) -> Path:
    """Three envelopes that are read in a moment: a picture, a PDF of two pages, a folder of two pictures.

    :param printed: with rows of print on them; blank ones need no engine, which takes most of a short run's time
    """
    batch, rng, rows = folder / "batch", Random(5), 6 if printed else 0
    (batch / "c").mkdir(parents=True)
    (batch / "a.jpg").write_bytes(draw_page(rng, rows=rows))
    thick_pdf(batch / "b.pdf", 2, 7, rows=rows)
    for name in ("1.jpg", "2.jpg"):
        (batch / "c" / name).write_bytes(draw_page(rng, rows=rows, dpi=100 if name == "1.jpg" else 110))
    write_records(folder / "records.json")
    return batch


def write_records(path: Path) -> None:
    """One record, which none of these envelopes is for."""
    path.write_text(json.dumps([RECORD], ensure_ascii=False))
