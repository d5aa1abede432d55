"""Cells of a table that Prefect's pages show: whatever a stranger wrote there is shown, never a link or markup."""

from __future__ import annotations

import re

from pipeline.values.printable import printable
from pipeline.values.secrets import redacted

__all__ = ["plain_cell"]

MAX_CELL = 300  # characters; a table is for an overview
# What begins markup, a link (also one that nobody marked as such), a picture, an entity or another cell.
_MARKUP = re.compile(r"[\\`*_\[\]<>|&@:#~!]|(?<=www)\.")


def plain_cell(text: str) -> str:
    """The text as Markdown that says the same and does nothing."""
    shown = printable(redacted(text))
    cut = shown if len(shown) <= MAX_CELL else shown[: MAX_CELL - 1] + "…"
    return _MARKUP.sub(lambda sign: "\\" + sign[0], cut)
