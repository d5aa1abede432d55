"""A page that was looked at becomes a page that is read: its lines of text, its rules, its ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.intake.upright import to_upright_box
from pipeline.model import Line, ReadPage
from pipeline.reading.lines import in_reading_order, read_lines
from pipeline.reading.quads import cut_at_rules, grown_to_ink
from pipeline.reading.rulings import ink_grid, ink_mask, rulings
from pipeline.reading.textlayer import is_junk, lines_of_chars

if TYPE_CHECKING:
    from pipeline.intake.look import Looked
    from pipeline.intake.words import TextPage
    from pipeline.reading.engine import Engine
    from pipeline.settings import ReadingSettings

__all__ = ["read_page"]


def read_page(
    looked: Looked, *, engine: Engine, settings: ReadingSettings, text_page: TextPage | None = None
) -> ReadPage:
    """Read one page, without its seals; boxes lie on the upright page.

    A text layer is believed where it is the author's (born digital), else the picture is read.
    """
    rules = rulings(looked.upright)
    ink = ink_grid(looked.upright, rules)
    page = looked.page
    lines: tuple[Line, ...]
    if text_page is not None and not is_junk(text_page):
        page = page.model_copy(update={"born_digital": True})
        lines = in_reading_order(lines_of_chars([(c.text, to_upright_box(page, c.box)) for c in text_page.chars]))
        name = "text_layer"
    else:
        quads = looked.quads if looked.quads is not None else engine.detect(looked.upright)
        height, width = looked.upright.shape[:2]
        quads = cut_at_rules(quads, rules, (width, height))
        quads = grown_to_ink(quads, ink_mask(looked.upright, rules), rules, (width, height))
        lines = read_lines(looked.upright, quads, engine)
        name = engine.name
    return ReadPage(page=page, lines=lines, rulings=rules, ink=ink, engine=name)
