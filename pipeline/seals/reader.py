"""The readers of seals' lines: PP-OCRv6's recogniser of print taught to read what rubber leaves, and itself.

``samples.train_seal_reader`` made the model from the one in RapidOCR's wheel and from drawn seals; it knows the signs
of GB 2312 and some more, and reads what :mod:`pipeline.seals.prepare` cuts: names unrolled, codes, straight lines, rows
and columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.reading.openvino import line_reader, shared_engine

if TYPE_CHECKING:
    from pipeline.reading.engine import Recogniser

__all__ = ["FILE", "Readers", "seal_readers"]

FILE = Path(__file__).with_name("reader.onnx")


@dataclass(frozen=True, slots=True)
class Readers:
    """``rubber`` reads seals; ``plain``, of print, bears witness to lines that may be none at all."""

    rubber: Recogniser
    plain: Recogniser


def seal_readers() -> Readers:
    """The readers, loaded once a process; not safe across threads."""
    return Readers(line_reader(FILE), shared_engine())
