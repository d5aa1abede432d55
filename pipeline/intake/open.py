"""Files become page pictures: PDF, TIFF, JPEG, PNG, WebP, GIF and BMP, told apart by their bytes, not by their names.

Whatever a stranger sends costs at most its own file or page: every failure is an :class:`UnreadableScan` with one
sentence. Pages are opened one at a time, so that a thousand-page file needs the memory of one page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ScanTooLarge, UnreadableScan
from pipeline.intake.decoders import OpenScan
from pipeline.intake.text import TextChar, TextPage

if TYPE_CHECKING:
    from pipeline.settings import Bounds

__all__ = ["SCAN_SUFFIXES", "OpenScan", "TextChar", "TextPage", "is_scan", "open_scan", "scan_files"]

SCAN_SUFFIXES = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".dib"})
HEAD_BYTES = 1024  # ISO 32000 readers accept "%PDF-" anywhere in the first kilobyte


def open_scan(path: Path, *, bounds: Bounds, dpi: int = 200) -> OpenScan:
    """Open a scan of any accepted format.

    :param bounds: what the file may cost
    :param dpi: at which a PDF page is measured (CONTRACT: 200)
    :raises UnreadableScan: not a scan, damaged beyond reading, encrypted, or past the bounds

    It is decoded in a process of its own, within walls (:mod:`pipeline.intake.cell`).
    """
    head, size = _head(path)
    if size > bounds.max_bytes:
        raise ScanTooLarge(f"{path.name} has {size:,} bytes, more than the {bounds.max_bytes:,} allowed: split it")
    if not head:
        raise UnreadableScan(f"{path.name} is empty (0 bytes): copy or scan it again")
    kind = _kind(head)
    if kind is None:
        raise UnreadableScan(f"{path.name} is no PDF and no picture, whatever its name says: {_looks_like(head)}")
    from pipeline.intake.cell import WalledScan

    return WalledScan(path, "pdf" if kind == "pdf" else "picture", bounds=bounds, dpi=dpi)


def is_scan(path: Path) -> bool:
    """Whether the file's bytes say that it is a PDF or a picture of an accepted format."""
    try:
        head, _ = _head(path)
    except UnreadableScan:
        return False
    return _kind(head) is not None


def scan_files(folder: Path) -> list[Path]:
    """All scans directly in a folder, ``page2`` before ``page10``. Hidden files are left alone."""
    files = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".") and is_scan(p)]
    return sorted(files, key=lambda p: natural_key(p.name))


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that counts: digits compare as numbers, letters without case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _head(path: Path) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES), path.stat().st_size
    except OSError as error:
        raise UnreadableScan(f"{path.name} cannot be read ({error.strerror}): check that it is there") from error


def _kind(head: bytes) -> str | None:
    if b"%PDF-" in head:
        return "pdf"
    starts = {
        b"\xff\xd8\xff": "jpeg",
        b"\x89PNG\r\n\x1a\n": "png",
        b"GIF87a": "gif",
        b"GIF89a": "gif",
        b"II*\x00": "tiff",
        b"MM\x00*": "tiff",
        b"II+\x00": "tiff",
        b"MM\x00+": "tiff",
    }
    for start, kind in starts.items():
        if head.startswith(start):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    # "BM" alone begins many a text: a bitmap's header length follows at byte 14.
    if head.startswith(b"BM") and len(head) > 18 and head[14] in (12, 40, 52, 56, 64, 108, 124):
        return "bmp"
    return None


def _looks_like(head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return "it is an archive or an office document"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "it is an old office document"
    if b"\x00" not in head:
        return "it seems to be text"
    return "its bytes are of no known kind"
