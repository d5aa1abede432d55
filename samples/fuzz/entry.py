"""What a case is put through: the doors by which strangers' bytes come in."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import CostlyScan, UnreadableScan, YanzhangError

if TYPE_CHECKING:
    from pipeline.intake.open import OpenScan
    from pipeline.settings import Bounds

__all__ = ["MOST_PAGES", "put_through"]

MOST_PAGES = 4  # of a file that says it has more: the rest are like them


class Wrong(AssertionError):
    """An answer that no caller is prepared for."""


def put_through(
    path: Path, kind: str, bounds: Bounds, *, bare: bool = False, before_close: Callable[[int], None] = lambda _: None
) -> str:
    """Open a case as the pipeline would; ``ok``, ``refused: …`` with the sentence, or ``costly: …`` where it took too
    much or broke its decoder, and a process of its own was lost over it.

    :param bare: decoded in this very process, without walls: shows what a decoder raises
    :param before_close: told the walled process that decoded, while it is still there to be looked at
    :raises Exception: whatever a caller would not be prepared for
    """
    try:
        if kind == "records":
            return _records(path)
        with _opened(path, bounds, bare) as scan:
            told = _scan(scan, bounds)
            before_close(getattr(scan, "_pid", 0))
            return told
    except YanzhangError as error:
        return _refusal(error)


def _refusal(error: YanzhangError) -> str:
    _one_sentence(error.message)
    return f"{'costly' if isinstance(error, CostlyScan) else 'refused'}: {error.message}"


def _opened(path: Path, bounds: Bounds, bare: bool) -> OpenScan:
    from pipeline.intake.decoders import decode
    from pipeline.intake.open import is_scan, open_scan

    if bare and is_scan(path):
        with path.open("rb") as file:
            pdf = b"%PDF-" in file.read(1024)
        return decode(path, "pdf" if pdf else "picture", bounds=bounds, dpi=200)
    return open_scan(path, bounds=bounds)


def _records(path: Path) -> str:
    from pipeline.records import load_records

    loaded = load_records(str(path))
    for problem in loaded.problems:  # a number of a row may hold anything; it is made fit where it is shown
        _need(bool(problem.strip()), "an empty sentence")
    for record in loaded.records:
        record.model_dump_json()
    return "ok"


def _scan(scan: OpenScan, bounds: Bounds) -> str:
    refused = "ok"
    _need(1 <= scan.page_count <= bounds.max_pages, f"{scan.page_count} pages")
    for index in range(min(scan.page_count, MOST_PAGES)):
        try:
            _page(scan, index, bounds)
        except UnreadableScan as error:
            refused = _refusal(error)
        _told(scan, index)
    return refused


def _page(scan: OpenScan, index: int, bounds: Bounds) -> None:
    import numpy as np

    from pipeline.intake.codes import read_codes
    from pipeline.intake.split import cover_payload, is_own_cover, parse_cover_payload
    from pipeline.model import Page

    image = scan.image(index)
    _need(image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3, f"{image.dtype} {image.shape}")
    height, width = image.shape[:2]
    _need(min(height, width) >= 32 and height * width <= 4 * bounds.max_pixels, f"{width} × {height} pixels")
    codes = read_codes(image)
    for code in codes:
        parse_cover_payload(code.text)
        is_own_cover(code.text)
    page = Page(number=1, file="x", index=0, sha256="0" * 64, width=width, height=height, kind="cover", codes=codes)
    told = cover_payload(page)
    if told is not None:
        _one_sentence(told.application_no)


def _told(scan: OpenScan, index: int) -> None:
    for dots in (scan.dpi(index), scan.native_dpi(index)):
        _need(dots is None or (isinstance(dots, int) and 0 < dots < 1_000_000), f"{dots!r} dots an inch")
    layer = scan.text_page(index)
    if layer is None:
        return
    _need(0 <= layer.invisible <= 1 and 0 <= layer.pictured <= 1, f"{layer.invisible}, {layer.pictured}")
    for char in layer.chars:
        _need(all(math.isfinite(v) and 0 <= v <= 1 for v in char.box), f"{char}")
        char.text.encode()  # a lone surrogate can be kept nowhere


def _one_sentence(text: str) -> None:
    _need(bool(text.strip()), "an empty sentence")
    _need(not any(ord(c) < 32 or ord(c) == 127 for c in text), f"control characters: {text!r}")


def _need(held: bool, what: str) -> None:
    if not held:
        raise Wrong(what)
