"""Pages opened for their pictures, and pictures written beside a report."""

from __future__ import annotations

import hashlib
import logging
import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from pipeline.errors import UnreadableScan
from pipeline.intake.open import open_scan
from pipeline.model import Page
from pipeline.settings import Bounds
from pipeline.store.durable import write_atomically
from pipeline.store.originals import Originals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["EVIDENCE", "drawn_before", "mark_of", "page_pictures", "write_evidence"]

log = logging.getLogger(__name__)

EVIDENCE = "evidence"  # the folder beside a report

_DRAWING = ("report/evidence.py", "report/pictures.py", "report/riding_pictures.py", "seals/slices.py")
_HEAD = 33  # bytes of a PNG before which nothing may stand: signature and size


def page_pictures(pages: Iterable[Page], originals: Originals) -> Iterator[tuple[Page, Image]]:
    """Each page as scanned; a file is opened once for all its pages. What cannot be opened is left out, and said."""
    files: dict[str, list[Page]] = {}
    for page in pages:
        files.setdefault(page.sha256, []).append(page)
    for sha256, group in files.items():
        with originals.local(sha256) as path:
            yield from _pictures(path, group)


def _pictures(path: Path, group: Iterable[Page]) -> Iterator[tuple[Page, Image]]:
    try:
        scan = open_scan(path, bounds=Bounds())
    except (UnreadableScan, OSError):
        for page in group:
            _cannot_be_opened(page)
        return
    with scan:
        for page in group:
            try:
                image = scan.image(page.index)
            except (UnreadableScan, OSError):
                _cannot_be_opened(page)
                continue
            yield page, image


def _cannot_be_opened(page: Page) -> None:
    log.warning("no evidence from page %s of %s: its original cannot be opened", page.index + 1, page.file)


def write_evidence(picture: Image, out: Path, stem: str, mark: bytes) -> str:
    """Write a picture as PNG; its path relative to ``out``, "" where it could not be packed.

    There are hundreds: the folder is synced once, by whoever writes the report.

    :param mark: of all that it was drawn from (:func:`mark_of`); it stands in the file
    """
    done, data = cv2.imencode(".png", picture)
    if done:
        png = data.tobytes()
        write_atomically(out / _name(stem), png[:_HEAD] + _chunk(mark) + png[_HEAD:], sync=False)
    return _name(stem) if done else ""


def drawn_before(out: Path, stem: str, mark: bytes) -> str:
    """The path of a picture that an earlier run drew from just the same; "": there is none."""
    chunk = _chunk(mark)
    try:
        with (out / _name(stem)).open("rb") as stream:
            there = stream.read(_HEAD + len(chunk))[_HEAD:] == chunk
    except OSError:
        return ""
    return _name(stem) if there else ""


def mark_of(*told: object) -> bytes:
    """Of all that a picture is drawn from: whose values tell it whole."""
    return (
        hashlib.blake2b(repr((_edition(), told)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest().encode()
    )


@lru_cache(maxsize=1)
def _edition() -> str:
    """Of the code that draws."""
    folder = Path(__file__).parent.parent
    return hashlib.sha256(b"\0".join((folder / name).read_bytes() for name in _DRAWING)).hexdigest()


def _name(stem: str) -> str:
    return f"{EVIDENCE}/{stem}.png"


def _chunk(mark: bytes) -> bytes:
    """A text chunk of a PNG (ISO/IEC 15948, 11.3.4.3)."""
    told = b"tEXtyanzhang\0" + mark
    return struct.pack(">I", len(told) - 4) + told + struct.pack(">I", zlib.crc32(told))
