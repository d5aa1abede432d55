"""Names of issuing authorities (发证机关, 批准机关) compared: several may sign together."""

from __future__ import annotations

import re

from pipeline.values.names import core

__all__ = ["issuers_in", "same_issuer"]

_STATE = "中华人民共和国"
_BETWEEN = re.compile(r"[、;；,，/\n]+")


def issuers_in(text: str) -> tuple[str, ...]:
    """The authorities that a text names, in its order, as compared: without 中华人民共和国, brackets of one kind."""
    names = (core(part).removeprefix(_STATE) for part in _BETWEEN.split(text))
    return tuple(dict.fromkeys(name for name in names if name))


def same_issuer(one: str, other: str) -> bool:
    """Whether two texts name the same issuer: a record may name the first of three that issued together, or all."""
    a, b = set(issuers_in(one)), set(issuers_in(other))
    return bool(a and b) and (a <= b or b <= a)
