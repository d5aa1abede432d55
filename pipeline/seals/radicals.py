"""Which radical (部首) a character stands under: worn strokes spoil a character's rest before its radical.

Unicode keeps Chinese characters by radical and strokes (the order of the 康熙字典), so the radical follows from the
code point and no table is needed.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect
from functools import lru_cache

__all__ = ["same_radical"]

FIRST, LAST = 0x2F00, 0x2FD5  # the block of the 214 radicals, each the compatibility form of a character
HAN_FIRST, HAN_LAST = 0x4E00, 0x9FA5  # the characters that are in that order


def same_radical(one: str, other: str) -> bool:
    """Whether two characters stand under one radical: 江 and 涵, 件 and 体."""
    return 0 < _radical(one) == _radical(other)


@lru_cache(maxsize=16_384)
def _radical(sign: str) -> int:
    """1 to 214; 0 for what is no character of that order."""
    return bisect(_starts(), ord(sign)) if HAN_FIRST <= ord(sign) <= HAN_LAST else 0


@lru_cache(maxsize=1)
def _starts() -> tuple[int, ...]:
    return tuple(ord(unicodedata.normalize("NFKC", chr(code))) for code in range(FIRST, LAST + 1))
