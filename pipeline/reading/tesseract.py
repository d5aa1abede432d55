"""The second engine: tesseract, called once for a montage of crops, each a row of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytesseract

from pipeline.errors import MissingTool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

__all__ = ["LATIN", "MIXED", "RowText", "available", "read_rows"]

LATIN = "eng"  # figures and codes
MIXED = "chi_sim+eng"
ROW_GAP = 36  # px of white between rows: more than a line's height, so that rows never merge
MARGIN = 24  # px of white around
SECONDS = 60  # for one call; a montage takes one to three
MOST_ROWS = 80  # of one montage: 6000 px high, well under tesseract's bound of 32767


@dataclass(frozen=True, slots=True)
class RowText:
    """What one row of a montage says; ``confidence``: lowest of its words, 0 to 1."""

    text: str
    confidence: float


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether tesseract with Chinese is installed."""
    try:
        return {"chi_sim", "eng"} <= set(pytesseract.get_languages())
    except (OSError, pytesseract.TesseractError, pytesseract.TesseractNotFoundError):
        return False


def read_rows(rows: Sequence[Grey], *, language: str = MIXED, whitelist: str = "") -> list[RowText]:
    """Read crops of one line each (grey, dark on white, about 40 px high); one call of tesseract for many of them.

    :param whitelist: the only characters there can be
    :raises MissingTool: tesseract or its Chinese data is not installed
    """
    if not available():
        raise MissingTool(
            "tesseract", needed_by="the second reading", fix="apt install tesseract-ocr tesseract-ocr-chi-sim"
        )
    read: list[RowText] = []
    for start in range(0, len(rows), MOST_ROWS):
        read += _read_montage(rows[start : start + MOST_ROWS], language, whitelist)
    return read


def _read_montage(rows: Sequence[Grey], language: str, whitelist: str) -> list[RowText]:
    sheet, spans = _montage(rows)
    config = "--psm 6 --dpi 300" + (f" -c tessedit_char_whitelist={whitelist}" if whitelist else "")
    os.environ["OMP_THREAD_LIMIT"] = "1"  # tesseract's threads cost more than they bring on small pictures
    data: dict[str, list[Any]] = pytesseract.image_to_data(
        sheet, lang=language, config=config, output_type=pytesseract.Output.DICT, timeout=SECONDS
    )
    words: list[list[tuple[int, str, float]]] = [[] for _ in rows]
    for text, conf, left, top, height in zip(
        data["text"], data["conf"], data["left"], data["top"], data["height"], strict=True
    ):
        row = _row_at(spans, top + height / 2)
        if row is not None and text.strip() and float(conf) >= 0:
            words[row].append((left, text, float(conf) / 100))
    return [RowText(" ".join(w[1] for w in sorted(found)), min((w[2] for w in found), default=0.0)) for found in words]


def _montage(rows: Sequence[Grey]) -> tuple[Grey, list[tuple[int, int]]]:
    width = max(r.shape[1] for r in rows) + 2 * MARGIN
    height = sum(r.shape[0] + ROW_GAP for r in rows) + 2 * MARGIN
    sheet = np.full((height, width), 255, np.uint8)
    spans, y = [], MARGIN
    for row in rows:
        sheet[y : y + row.shape[0], MARGIN : MARGIN + row.shape[1]] = row
        spans.append((y - ROW_GAP // 2, y + row.shape[0] + ROW_GAP // 2))
        y += row.shape[0] + ROW_GAP
    return sheet, spans


def _row_at(spans: Sequence[tuple[int, int]], y: float) -> int | None:
    return next((i for i, (a, b) in enumerate(spans) if a <= y < b), None)
