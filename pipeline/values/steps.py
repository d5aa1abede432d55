"""The smallest step in which a statement's figures are printed: what rounding can make of a sum (DOMAIN §3.7)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

__all__ = ["figure_step"]

CENT = Decimal("0.01")  # yuan: no figure is finer
STRAYS = 20  # of so many figures one may have its point misread without saying how all are printed
FEW = 8  # figures in 元 that are whole by chance; more of them are printed without cents


def figure_step(values: Iterable[Decimal], unit: Decimal) -> Decimal:
    """One step of the last place printed, in yuan: at most one ``unit``, at least a cent.

    Figures in 万元 with two decimals are multiples of 100 yuan; only a statement in whole units has a step of a unit.

    :param values: the statement's figures, in yuan; noughts tell nothing
    :param unit: what one of the statement's unit is worth, in yuan
    """
    told = [value for value in values if value]
    if unit <= 1 and len(told) < FEW:
        return CENT
    step = unit
    while step > CENT and sum(1 for value in told if value % step) > len(told) // STRAYS:
        step /= 10
    return max(step, CENT)
