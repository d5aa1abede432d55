"""Whether a second reading of a field says the same, or what else it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from pipeline.model import Field
from pipeline.values.amounts import UNITS, format_yuan, parse_count, parse_number
from pipeline.values.identifiers import edit_distance, uscc_valid

__all__ = ["Kind", "agrees", "kind_of", "rival_of"]

MONEY = frozenset(
    {
        "registered_capital",
        "operating_revenue",
        "outsourcing_revenue",
        "offshore_revenue",
        "operating_revenue_previous",
        "operating_cost",
        "operating_profit",
        "net_profit",
        "total_assets",
        "total_liabilities",
        "total_equity",
    }
)
COUNTS = frozenset({"staff", "outsourcing_staff", "degree_staff"})
CODES = frozenset({"uscc", "application_no", "certificate_no", "report_no", "mobile"})
FIGURES = re.compile(r"[-(]?\d[\d,. ]*\d\)?|\d")
NEAR = 0.4  # share of signs in which a rival may differ: more is another text, or none
PURE_FIGURE = re.compile(r"[\d.,，．\-−－()（）\s¥￥]+")
PURE_CODE = re.compile(r"[\dA-Za-z\-\s]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """``sort``: how it is compared; ``written``: which signs the print holds, so which language reads it."""

    sort: Literal["money", "count", "code"]
    written: Literal["figure", "code", "mixed"]


def kind_of(field: Field) -> Kind | None:
    """What a field is to a second reader; None for a field that gets none."""
    written: Literal["figure", "code", "mixed"] = "mixed"
    raw = unicodedata.normalize("NFKC", field.raw).strip()
    if field.name in MONEY or field.name in COUNTS:
        if PURE_FIGURE.fullmatch(raw or "?"):
            written = "figure"
        return Kind("money" if field.name in MONEY else "count", written)
    if field.name in CODES and isinstance(field.value, str):
        if PURE_CODE.fullmatch(raw or "?"):
            written = "code"
        return Kind("code", written)
    return None


def agrees(field: Field, kind: Kind, text: str) -> bool:
    """Whether the second reading holds the field's value."""
    if kind.sort == "code":
        return _code(str(field.value)) in _code(text) and bool(_code(str(field.value)))
    factor = _factor(field, kind)
    value = _decimal(str(field.value))
    return factor is not None and value is not None and any(n * factor == value for n in _numbers(text))


def rival_of(field: Field, kind: Kind, text: str) -> str | None:
    """The value that the second reading holds instead, normalised as the field's; None where it makes no sense."""
    if kind.sort == "code":
        return _rival_code(field, text)
    factor = _factor(field, kind)
    if factor is None:
        return None
    digits = re.sub(r"\D", "", field.raw)
    found = [(n, re.sub(r"\D", "", str(n))) for n in _numbers(text)]
    near = [(edit_distance(d, digits, limit=9), n) for n, d in found]
    near = [(d, n) for d, n in near if d <= max(1, NEAR * len(digits))]
    if not near:
        return None
    rival = min(near)[1] * factor
    return format_yuan(rival) if kind.sort == "money" else str(int(rival))


def _rival_code(field: Field, text: str) -> str | None:
    own, other = _code(str(field.value)), _code(text)
    if len(own) != len(other) or own == other:
        return None
    # Among so many signs tesseract errs once in a while: a rival that fails the code's own check is no reading.
    if field.name == "uscc" and not uscc_valid(other):
        return None
    if field.name == "mobile" and not re.fullmatch(r"1[3-9]\d{9}", other):
        return None
    differing = sum(1 for a, b in zip(own, other, strict=True) if a != b)
    return other if differing <= max(1, NEAR * len(own)) else None


def _factor(field: Field, kind: Kind) -> Decimal | None:
    """What the printed figure is multiplied by to give the field's value; None where no power of ten does."""
    if kind.sort == "count":
        return Decimal(1)
    value = _decimal(str(field.value))
    if value is None:
        return None
    for number in _numbers(field.raw):
        if number == 0:
            continue
        factor = value / number
        if factor in set(UNITS.values()):
            return factor
    return None


def _numbers(text: str) -> Iterator[Decimal]:
    plain = unicodedata.normalize("NFKC", text)
    for match in FIGURES.finditer(plain):
        number = parse_number(match[0])
        if number is None:
            count = parse_count(match[0])
            number = Decimal(count) if count is not None else None
        if number is not None:
            yield number


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _code(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())
