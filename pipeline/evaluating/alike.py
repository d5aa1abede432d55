"""When a value of a report is the value of a truth."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from pipeline.values.issuers import same_issuer

__all__ = ["part_fits", "plain", "same_issuers", "same_value"]

ANY = "*"  # of a tolerated finding: whatever stands there
PROOFS = {"legal_person_proof", "business_licence"}  # one proves what the other does


def plain(text: object) -> str:
    """Without brackets' form, width, spaces and middle dots."""
    folded = unicodedata.normalize("NFKC", str(text or ""))
    for sign in "〔[【":
        folded = folded.replace(sign, "(")
    for sign in "〕]】":
        folded = folded.replace(sign, ")")
    return "".join(c for c in folded if not c.isspace() and c not in "·•.").upper()


def same_value(a: Any, b: Any) -> bool:
    """Equal as values: numbers as numbers, lists as sets, text but for width, brackets and spaces."""
    if isinstance(a, list | tuple) or isinstance(b, list | tuple):
        left, right = (x if isinstance(x, list | tuple) else [x] for x in (a, b))
        return sorted(map(plain, left)) == sorted(map(plain, right))
    if isinstance(a, bool) or isinstance(b, bool):
        return str(a).lower() == str(b).lower()
    if a is None or b is None:
        return a in (None, "") and b in (None, "")
    numbers = (_number(a), _number(b))
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] == numbers[1]
    return _text(a) == _text(b)


def same_issuers(a: Any, b: Any) -> bool:
    """Several issue together (科技厅, 财政厅, 税务局): a truth that names one of them, or all, is met."""
    left, right = ("、".join(map(str, x)) if isinstance(x, list | tuple) else str(x or "") for x in (a, b))
    return same_issuer(left, right)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, int | float):
        return Decimal(str(value))
    text = str(value).replace(",", "")
    if len(text) > 1 and text[0] == "0" and text[1].isdigit():
        return None  # a code with leading zeros is no amount
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _text(value: Any) -> str:
    folded = plain(value)
    return folded.replace("-", "") if folded[:1].isdigit() else folded


def part_fits(wanted: Any, got: Any) -> bool:
    """A document or field of a finding: equal, or whatever the truth leaves open."""
    if wanted in (None, "", ANY):
        return True
    return wanted == got or {wanted, got} == PROOFS
