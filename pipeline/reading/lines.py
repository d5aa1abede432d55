"""Quads become lines of text: read, read again where a seal lies over them, cut where two cells were read as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box, Line
from pipeline.reading.crops import faded
from pipeline.reading.echoes import without_echoes
from pipeline.reading.quads import line_crop, quad_box
from pipeline.values.script import misread_traditional, without_slips

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.reading.engine import Engine, Recognition

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["cut_at_gaps", "in_reading_order", "read_lines", "read_stamped"]

SURE, UNSURE = 0.95, 0.8  # scores of lines as print is read, and of what may be two lines taken for one
TALL = (1.4, 2.8)  # times the page's usual line
MUCH_BETTER = 0.1  # by which both halves must beat the whole
STAMPED = 0.02  # share of a crop in coloured ink from which it is read again without
COLOURED = 60  # levels between channels of coloured ink
FADED_BEHIND = 0.03  # confidence by which the reading without colour may be behind: measured, samples.under_seals
DIGIT_GAP = 1.0  # of the text height: two figures this far apart stand in two columns
WORD_GAP = 1.6  # … a figure and a word
PROSE_GAP = 3.0  # … two words: 项　　目 is one
TEXT_SHARE = 0.66  # text height over the height of a detection box, which is grown beyond the strokes
WIDE = 0.95  # width of a Chinese character, in text heights
NARROW = 0.55  # … of a digit or a letter


def read_lines(image: Image, quads: Sequence[Floats], engine: Engine) -> tuple[Line, ...]:
    """Lines in reading order, boxes in fractions."""
    crops = [line_crop(image, quad) for quad in quads]
    found = read_stamped(crops, engine)
    height, width = image.shape[:2]
    lines: list[Line] = []
    for quad, read in _unstacked(image, quads, crops, found, engine):
        if read.text.strip():
            lines.extend(_lines(quad, read, (width, height)))
    return in_reading_order(_in_one_script(without_echoes(lines)))


def read_stamped(crops: Sequence[Image], engine: Engine) -> list[Recognition]:
    """Crops of lines read; those with coloured ink on them with the colour faded, unless it is clearly less sure."""
    found = engine.recognise(crops)
    stamped = [i for i, crop in enumerate(crops) if _is_stamped(crop)]
    again = engine.recognise([faded(crops[i]) for i in stamped])
    for i, second in zip(stamped, again, strict=True):
        if second.confidence > found[i].confidence - FADED_BEHIND and len(second.text) >= 0.7 * len(found[i].text):
            found[i] = second
    return found


def _unstacked(
    image: Image, quads: Sequence[Floats], crops: Sequence[Image], found: Sequence[Recognition], engine: Engine
) -> list[tuple[Floats, Recognition]]:
    """Quads with what they say; one that holds two lines set tight (成立 over 日期) is read as two."""
    sure = [_height(quad) for quad, read in zip(quads, found, strict=True) if read.confidence > SURE]
    if not sure:
        return list(zip(quads, found, strict=True))
    usual = float(np.median(sure))
    tall = [i for i, read in enumerate(found) if read.confidence < UNSURE and _is_tall(quads[i], usual)]
    halves = {i: _halves(quads[i], crops[i]) for i in tall}
    reads = iter(engine.recognise([line_crop(image, half) for two in halves.values() for half in two]))
    pairs: list[tuple[Floats, Recognition]] = []
    for i, (quad, read) in enumerate(zip(quads, found, strict=True)):
        two = [(half, next(reads)) for half in halves.get(i, ())]
        better = two and min(half.confidence for _, half in two) > max(UNSURE, read.confidence + MUCH_BETTER)
        pairs.extend(two if better and all(half.text.strip() for _, half in two) else [(quad, read)])
    return pairs


def _height(quad: Floats) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _is_tall(quad: Floats, usual: float) -> bool:
    """Two lines high, but not so narrow that its text may run down."""
    height, width = _height(quad), float(np.linalg.norm(quad[1] - quad[0]))
    return TALL[0] * usual < height < TALL[1] * usual and width > 0.75 * height


def _halves(quad: Floats, crop: Image) -> tuple[Floats, Floats]:
    """A quad cut where the least ink stands near its middle."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) if crop.ndim == 3 else crop
    ink = cv2.blur(255.0 - grey.mean(axis=1, keepdims=True), (1, 3)).ravel()
    low, high = int(0.35 * len(ink)), max(int(0.35 * len(ink)) + 1, int(0.65 * len(ink)))
    share = (low + int(np.argmin(ink[low:high])) + 0.5) / len(ink)
    left, right = quad[0] + share * (quad[3] - quad[0]), quad[1] + share * (quad[2] - quad[1])
    upper = np.array([quad[0], quad[1], right, left], np.float32)
    lower = np.array([left, right, quad[2], quad[3]], np.float32)
    return upper, lower


def _in_one_script(lines: list[Line]) -> list[Line]:
    """A simplified page's lines without the traditional characters that the reader took its print for."""
    if not misread_traditional([line.text for line in lines]):
        return lines
    return [line.model_copy(update={"text": without_slips(line.text)}) for line in lines]


def in_reading_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """From top to bottom, and from left to right what stands on one line."""
    ordered: list[Line] = []
    row: list[Line] = []
    for line in sorted(lines, key=lambda line: line.box.cy):
        if row and line.box.cy > row[0].box.cy + 0.5 * min(row[0].box.height, line.box.height):
            ordered.extend(sorted(row, key=lambda r: r.box.x0))
            row = []
        row.append(line)
    return (*ordered, *sorted(row, key=lambda r: r.box.x0))


def cut_at_gaps(line: Line, aspect: float) -> list[Line]:
    """The line cut where the space between two characters is too wide for one cell.

    :param aspect: width over height of the page, in pixels
    """
    if len(line.centres) < 2 or len(line.centres) != len(line.text):
        return [line]
    text_height = line.box.height * TEXT_SHARE / aspect  # in fractions of the width
    cuts = []
    for i in range(1, len(line.text)):
        a, b = line.text[i - 1], line.text[i]
        space = (line.centres[i] - line.centres[i - 1]) * line.box.width / text_height - (_width(a) + _width(b)) / 2
        if space > _allowed(line.text, i):
            cuts.append(i)
    edges = [0, *cuts, len(line.text)]
    return [p for a, b in pairwise(edges) if (p := _piece(line, a, b, text_height)) is not None]


def _lines(quad: Floats, read: Recognition, size: tuple[int, int]) -> list[Line]:
    line = Line(
        text=read.text,
        box=quad_box(quad, *size),
        confidence=read.confidence,
        centres=read.centres,
        scores=read.scores,
        source="openvino",
    )
    runs_down = line.box.height * size[1] > 1.5 * line.box.width * size[0]
    return [line] if runs_down else cut_at_gaps(line, size[0] / size[1])


def _allowed(text: str, at: int) -> float:
    left, right = _is_figure(text[:at].rstrip()[-3:]), _is_figure(text[at:].lstrip()[:3])
    if left and right:
        return DIGIT_GAP
    return WORD_GAP if left or right else PROSE_GAP


def _is_figure(text: str) -> bool:
    return any(c.isdigit() for c in text) and all(c.isdigit() or c in ".,，．()（）-－−%¥￥" for c in text)


def _piece(line: Line, start: int, end: int, text_height: float) -> Line | None:
    text = line.text[start:end]
    lead = len(text) - len(text.lstrip())
    start, end = start + lead, start + lead + len(text.strip())
    if start >= end:
        return None
    if start == 0 and end == len(line.text):
        return line
    box, half = line.box, 0.75 * text_height
    x0 = box.x0 if start == 0 else max(box.x0, box.x0 + line.centres[start] * box.width - half)
    x1 = box.x1 if end == len(line.text) else min(box.x1, box.x0 + line.centres[end - 1] * box.width + half)
    width = max(1e-6, x1 - x0)
    centres = (box.x0 + c * box.width for c in line.centres[start:end])
    scores = line.scores[start:end]
    return line.model_copy(
        update={
            "text": line.text[start:end],
            "box": Box(round(x0, 5), box.y0, round(x1, 5), box.y1),
            "confidence": float(np.mean(scores)) if scores else line.confidence,
            "centres": tuple(round(min(1.0, max(0.0, (c - x0) / width)), 4) for c in centres),
            "scores": scores,
        }
    )


def _width(char: str) -> float:
    return NARROW if char.isascii() else WIDE


def _is_stamped(crop: Image) -> bool:
    small = crop[::2, ::2]
    blue, green, red = cv2.split(np.ascontiguousarray(small))
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    return float((spread > COLOURED).mean()) > STAMPED
