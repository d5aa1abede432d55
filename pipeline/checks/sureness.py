"""Whether a value read from paper is what was declared: same, different, or unsure (CONTRACT: unclear is not wrong)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from pipeline.model import Field
from pipeline.values.amounts import Amount, equal_declared, parse_amount, unit_slip

__all__ = [
    "SURE",
    "Comparison",
    "Verdict",
    "amount_of",
    "compare_amount",
    "compare_count",
    "count_of",
    "doubtful",
    "empty",
    "sure",
    "yuan",
]

SURE = (
    0.75  # probability from which a value may be held against somebody (DOMAIN gives none; silent errors start at 0.9)
)
HOPELESS = 0.4  # below it not even two engines that differ from the declaration make a mismatch
WAN = Decimal(10_000)  # 万元, the unit of all money in a record
CENT = Decimal("0.01")
_WRITTEN = ("unread_ink", "handwritten", "under_seal")  # reasons that say ink is there which nobody could read
_GUESSED_UNIT = ("unit_from_form", "unit_of_others", "unit_assumed", "unit_default")

Verdict = Literal["same", "different", "unsure", "absent"]


@dataclass(frozen=True)
class Comparison:
    """``slip``: power of ten between paper and declaration if only the unit differs."""

    verdict: Verdict
    slip: int | None = None


def empty(field: Field | None) -> bool:
    """Nothing stands there: no field, or an empty cell (not one that could not be read)."""
    if field is None:
        return True
    written = field.raw.strip() or field.alternatives or any(reason in _WRITTEN for reason in field.reasons)
    return field.value in (None, "", ()) and not written


def doubtful(field: Field) -> bool:
    """Two engines disagree about it."""
    return "engines_differ" in field.reasons


def sure(field: Field) -> bool:
    """Whether a value may be held against the applicant."""
    return field.value is not None and field.confidence >= SURE and not doubtful(field)


def yuan(value: Decimal) -> str:
    """CONTRACT's text of an amount."""
    return f"{value.quantize(CENT, rounding=ROUND_HALF_UP):f}"


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def amount_of(field: Field) -> Decimal | None:
    """Its value in yuan, None where it holds no amount of 人民币."""
    if foreign_currency(field) or field.value is None or isinstance(field.value, bool | tuple):
        return None
    return _decimal(str(field.value))


def foreign_currency(field: Field) -> bool:
    """Whether the paper speaks of another currency: nothing is ever converted (DOMAIN §5)."""
    said = _printed(field.raw, field.unit)
    return said is not None and said.currency != "CNY"


@lru_cache(maxsize=1_024)  # check after check asks it of the same figures
def _printed(raw: str, unit: str | None) -> Amount | None:
    return parse_amount(raw, default_unit=unit)


def count_of(field: Field) -> int | None:
    """Its value as a count."""
    return field.value if isinstance(field.value, int) and not isinstance(field.value, bool) else None


def _rivals(field: Field) -> tuple[Decimal, ...]:
    """Other readings that are numbers; what cannot be parsed is no reading."""
    return tuple(value for text in field.alternatives if (value := _decimal(text)) is not None)


def _printed_step(field: Field) -> Decimal:
    """One step of the last digit printed, in yuan."""
    said = _printed(field.raw, field.unit)
    return said.precision if said else CENT


def stands_for(paper: Decimal, step: Decimal, declared: Decimal) -> bool:
    """Whether ``paper`` (yuan, printed to ``step``) and ``declared`` (万元) are one figure, rounded or cut off."""
    if equal_declared(paper, declared, "万元") != "different":
        return True
    exact = declared * WAN
    return any(
        (exact / step).quantize(Decimal(1), rounding=rounding) * step == paper
        for rounding in (ROUND_HALF_UP, ROUND_DOWN)
    )


def compare_amount(field: Field | None, declared: Decimal | None) -> Comparison:
    """A figure on paper (yuan) with the record's (万元)."""
    if field is None or declared is None or empty(field) or foreign_currency(field):
        return Comparison("absent")
    value, step = amount_of(field), _printed_step(field)
    outcome = _judge(field, value, _rivals(field), lambda figure: stands_for(figure, step, declared), declared * WAN)
    slip = unit_slip(value, declared * WAN) if value is not None and outcome == "different" else None
    if slip is not None and _unit_unknown(field):
        return Comparison("unsure", slip)
    return Comparison(outcome, slip)


def _unit_unknown(field: Field) -> bool:
    return field.unit is None or any(reason in field.reasons for reason in _GUESSED_UNIT)


def compare_count(field: Field | None, declared: int | None) -> Comparison:
    """A head count on paper with the record's."""
    if field is None or declared is None or empty(field):
        return Comparison("absent")
    count = count_of(field)
    value = None if count is None else Decimal(count)
    return Comparison(_judge(field, value, _rivals(field), lambda figure: figure == declared, Decimal(declared)))


def _judge(
    field: Field,
    value: Decimal | None,
    rivals: tuple[Decimal, ...],
    equals: Callable[[Decimal], bool],
    declared: Decimal,
) -> Verdict:
    if value is None:
        return "unsure"
    if equals(value):
        return "same"
    if any(equals(rival) for rival in rivals) or field.confidence < HOPELESS:
        return "unsure"
    if rivals:  # two readings, and neither is the declared figure: that much is sure
        return "unsure" if _mixed((value, *rivals), declared) else "different"
    return "different" if field.confidence >= SURE else "unsure"


def _mixed(readings: Iterable[Decimal], declared: Decimal) -> bool:
    """Whether the declared digits can be put together from the readings, each of which misread another one."""
    rows = [f"{reading:.2f}" for reading in readings]
    wanted = f"{declared:.2f}"
    if any(len(row) != len(wanted) for row in rows):
        return False
    return all(any(row[i] == sign for row in rows) for i, sign in enumerate(wanted))
