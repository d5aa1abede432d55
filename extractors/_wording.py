"""Text of freely set papers: squeezed for comparison with places kept, joined from pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from pipeline.model import Line

__all__ = ["joined", "squeeze", "words"]


def words(text: str) -> tuple[str, ...]:
    """Labels or titles written one after the other."""
    return tuple(text.split())


@lru_cache(maxsize=4096)  # every extractor asks it of every line of a page
def squeeze(text: str) -> tuple[str, tuple[int, ...]]:
    """Text without spaces, width folded, and for each sign its place in the text given."""
    kept = [
        (unicodedata.normalize("NFKC", sign)[:1], i)
        for i, sign in enumerate(text)
        if not sign.isspace() and sign not in "　﹍_"
    ]
    return "".join(sign for sign, _ in kept), tuple(i for _, i in kept)


def joined(lines: Sequence[Line]) -> str:
    """Pieces of a value as one text."""
    text = ""
    for line in lines:
        piece = line.text.strip()
        if text and piece and text[-1].isascii() and piece[0].isascii() and text[-1].isalnum() and piece[0].isalnum():
            text += " "
        text += piece
    return text
