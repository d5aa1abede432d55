"""Pages opened for their pictures, and pictures written beside a report."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
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

__all__ = ["page_pictures", "write_evidence"]

log = logging.getLogger(__name__)


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


def write_evidence(picture: Image, out: Path, stem: str) -> str:
    """Write a picture as PNG; its path relative to ``out``, "" where it could not be packed.

    There are hundreds: the folder is synced once, by whoever writes the report.
    """
    name = f"evidence/{stem}.png"
    done, data = cv2.imencode(".png", picture)
    if done:
        write_atomically(out / name, data.tobytes(), sync=False)
    return name if done else ""
