"""Traditional and simplified characters (繁体, 简体): OpenCC's tables behind one door.

A recogniser that knows both scripts now and then reads 楷体 or worn print as the traditional form of what stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import opencc

__all__ = ["misread_traditional", "simplified", "without_slips"]

FEW = 0.5  # share of a page's script-telling characters up to which the traditional ones are slips of the reader

# Of both scripts: 乾坤, 於 (a surname) and 昇 stand in simplified print too, in many a company's name.
_OF_BOTH = frozenset("乾於徵昇陞榘吒麴夥")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=32_768)
def _sign(character: str) -> str:
    done: str = _converter().convert(character)
    return done if len(done) == 1 else character


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """Simplified characters that have a traditional form of their own: whoever prints them prints simplified."""
    back = opencc.OpenCC("s2t")
    return frozenset(c for c in map(chr, range(0x4E00, 0x9FA6)) if back.convert(c) != c and _sign(c) == c)


def simplified(text: str) -> str:
    """Every traditional character as its simplified form; as many characters as before."""
    return text if text.isascii() else "".join(map(_sign, text))


def without_slips(text: str) -> str:
    """As :func:`simplified`, but for those characters that simplified print knows as well."""
    return text if text.isascii() else "".join(c if c in _OF_BOTH else _sign(c) for c in text)


def misread_traditional(texts: Sequence[str]) -> bool:
    """Whether the traditional characters of a page are the reader's: nearly all of its print is simplified."""
    print_ = "".join(texts)
    traditional = sum(1 for c in print_ if c not in _OF_BOTH and _sign(c) != c)
    return bool(traditional) and traditional <= FEW * (traditional + sum(1 for c in print_ if c in _telling()))
