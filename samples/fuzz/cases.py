"""From seed and number to one hostile input."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from samples.fuzz.payloads import hostile_payload
from samples.fuzz.pdfs import hostile_pdf
from samples.fuzz.pictures import hostile_bmp, hostile_gif, hostile_jpeg, hostile_png, hostile_tiff, hostile_webp
from samples.fuzz.rows import hostile_records

__all__ = ["KINDS", "Case", "case"]

_FILES: dict[str, tuple[str, Callable[[Random], bytes]]] = {
    "pdf": (".pdf", hostile_pdf),
    "tiff": (".tif", hostile_tiff),
    "jpeg": (".jpg", hostile_jpeg),
    "png": (".png", hostile_png),
    "webp": (".webp", hostile_webp),
    "gif": (".gif", hostile_gif),
    "bmp": (".bmp", hostile_bmp),
}
KINDS = {"pdf": 40, "tiff": 12, "jpeg": 10, "png": 8, "webp": 4, "gif": 4, "bmp": 4, "code": 8, "records": 10}


@dataclass(frozen=True, slots=True)
class Case:
    """``kind``: which of :data:`KINDS`; ``name``: a file name with its ending; ``data``: its bytes."""

    kind: str
    name: str
    data: bytes


def case(seed: int, number: int, kind: str | None = None) -> Case:
    """The same for the same seed and number, on any machine.

    :param kind: of that kind, instead of one by chance
    """
    rng = Random(f"{seed}:{number}")
    chosen = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    kind = kind or chosen
    name = f"case-{seed}-{number}"
    if kind == "records":
        suffix, data = hostile_records(rng)
        return Case(kind, name + suffix, data)
    if kind == "code":
        return Case(kind, name + ".png", _code(hostile_payload(rng), rng))
    suffix, make = _FILES[kind]
    return Case(kind, name + suffix, make(rng))


def _code(text: str, rng: Random) -> bytes:
    """A page with the text as a code on it (cut to what a code can hold)."""
    import numpy as np
    import zxingcpp
    from PIL import Image

    formats = zxingcpp.BarcodeFormat
    kind = rng.choice(
        (formats.QRCode, formats.QRCode, formats.QRCode, formats.DataMatrix, formats.Aztec, formats.PDF417)
    )
    while True:
        try:
            code = zxingcpp.create_barcode(text, kind)
            break
        except ValueError:
            text = text[: len(text) * 3 // 4] or "x"
    grey = np.asarray(np.array(code.to_image(scale=4, add_quiet_zones=True)), np.uint8)
    page = Image.new("L", (max(420, grey.shape[1] + 40), max(594, grey.shape[0] + 40)), 255)
    page.paste(Image.fromarray(grey), (20, 20))
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
