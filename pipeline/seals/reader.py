"""The reader of seals' lines: PP-OCRv6's recogniser of print, taught to read what rubber leaves.

``samples.train_seal_reader`` made its model from the one in RapidOCR's wheel and from drawn seals; it knows the signs
of GB 2312 and some more, and reads what :mod:`pipeline.seals.prepare` cuts: names unrolled, codes, straight lines, rows
and columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.reading.openvino import line_reader

if TYPE_CHECKING:
    from pipeline.reading.openvino import LineReader

__all__ = ["FILE", "seal_reader"]

FILE = Path(__file__).with_name("reader.onnx")


def seal_reader() -> LineReader:
    """The reader, loaded once a process; not safe across threads."""
    return line_reader(FILE)
