"""A page that was looked at becomes a page that is read: its lines of text, its rules, its ink, its boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from pipeline.intake.upright import to_upright_box
from pipeline.model import Line, Page, ReadPage, Ruling
from pipeline.reading.lines import in_reading_order, read_lines
from pipeline.reading.quads import cut_at_rules, cut_between_rows, grown_to_ink, line_crop, quad_box
from pipeline.reading.rulings import PageInk, page_ink
from pipeline.reading.textlayer import is_junk, lines_of_chars
from pipeline.reading.under_seal import with_text_under_seals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.intake.look import Looked
    from pipeline.intake.text import TextPage
    from pipeline.reading.engine import Engine
    from pipeline.settings import ReadingSettings

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["read_page", "typed_lines"]

WITNESSES = 4  # lines of a text layer that are held against the picture
ALIKE = 0.5  # likeness of those to what the picture shows, from which the layer is believed
OWNED = 0.3  # share of a quad, or of a typed line, that both cover, from which the text is in the layer


def read_page(
    looked: Looked, *, engine: Engine, settings: ReadingSettings, text_page: TextPage | None = None
) -> ReadPage:
    """Read one page, without its seals; boxes lie on the upright page.

    A text layer is believed where it is the author's (born digital) and says what the picture shows; text that only the
    picture holds is read from it. Else all is read from the picture.
    """
    image = looked.upright
    ink = page_ink(image)
    quads = looked.quads if looked.quads is not None else engine.detect(image)
    page = looked.page
    typed = typed_lines(page, text_page, ink.rules)
    name = engine.name
    if typed and _says_what_is_seen(typed, image, engine):
        page = page.model_copy(update={"born_digital": True})
        unread = _not_in_layer(quads, typed, image)
        drawn = _read(image, unread, ink, engine) if unread else ()
        lines = in_reading_order([*typed, *drawn])
        name = f"text_layer + {name}"
    else:
        lines = _read(image, quads, ink, engine)
    return ReadPage(page=page, lines=lines, rulings=ink.rules, ink=ink.grid, engine=name)


def _read(image: Image, quads: Sequence[Floats], ink: PageInk, engine: Engine) -> tuple[Line, ...]:
    size = (image.shape[1], image.shape[0])
    cut = cut_at_rules(with_text_under_seals(image, quads, engine), ink.rules, size)
    rows = cut_between_rows(cut, ink.mask, size)
    return read_lines(image, grown_to_ink(rows, ink.mask, ink.rules, size), engine)


def typed_lines(page: Page, text_page: TextPage | None, rules: Sequence[Ruling]) -> tuple[Line, ...]:
    """Lines of the text layer on the upright page; () where it is none of the author's."""
    if text_page is None or is_junk(text_page):
        return ()
    chars = [(c.text, to_upright_box(page, c.box)) for c in text_page.chars]
    if page.part:  # characters of the other page on the sheet are pressed against the edge between them
        chars = [(text, box) for text, box in chars if box.width > 0]
    return lines_of_chars(chars, aspect=page.upright_width / max(1, page.upright_height), rules=rules)


def _says_what_is_seen(typed: Sequence[Line], image: Image, engine: Engine) -> bool:
    """Whether a few lines of the layer are what the picture shows: fonts may map their glyphs to anything."""
    height, width = image.shape[:2]
    longest = sorted(typed, key=lambda line: -len(line.text))[:WITNESSES]
    crops = []
    for line in longest:
        x0, y0, x1, y1 = line.box.grown(0.004, 0.003)
        crops.append(line_crop(image, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32) * (width, height)))
    likeness = [
        SequenceMatcher(None, line.text.replace(" ", ""), seen.text.replace(" ", "")).ratio()
        for line, seen in zip(longest, engine.recognise(crops), strict=True)
    ]
    return float(np.median(likeness)) >= ALIKE


def _not_in_layer(quads: Sequence[Floats], typed: Sequence[Line], image: Image) -> list[Floats]:
    height, width = image.shape[:2]
    boxes = [quad_box(quad, width, height) for quad in quads]
    return [
        quad
        for quad, box in zip(quads, boxes, strict=True)
        if not any(box.intersection(line.box) > OWNED * min(box.area, line.box.area) for line in typed)
    ]
