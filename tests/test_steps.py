"""The smallest step a statement's figures are printed in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.steps import figure_step

YUAN, THOUSAND, WAN = Decimal(1), Decimal(1_000), Decimal(10_000)


def step(unit: Decimal, *values: str) -> Decimal:
    return figure_step([Decimal(value) for value in values], unit)


@pytest.mark.parametrize(
    ("unit", "values", "expected"),
    [
        (WAN, ("61548500.00", "40422600.00", "21125900.00"), "100"),  # 6,154.85 万元
        (WAN, ("61540000", "40420000"), "10000"),  # whole units
        (WAN, ("60000000", "40000000"), "10000"),  # round figures are still printed to the unit
        (WAN, ("61548512.34", "40422600.00"), "0.01"),
        (WAN, ("61549000", "40422000"), "1000"),  # one decimal
        (THOUSAND, ("2000", "0", "31000"), "1000"),  # 0 tells nothing
        (YUAN, ("60.00", "41.00"), "0.01"),  # three round figures may well be printed with cents
        (YUAN, tuple(f"{n}.00" for n in range(101, 120)), "1"),  # so many are not
        (YUAN, (*(f"{n}.00" for n in range(101, 110)), "-41.05"), "0.01"),
        (YUAN, (), "0.01"),
    ],
)
def test_step(unit: Decimal, values: tuple[str, ...], expected: str) -> None:
    assert step(unit, *values) == Decimal(expected)


def test_one_misread_point_among_many_figures_does_not_refine_the_step() -> None:
    values = [f"{10_000 * n}" for n in range(101, 140)]
    assert step(WAN, *values, "61548512.34") == WAN


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=40), st.integers(-2, 4))
def test_a_step_is_within_its_bounds_and_divides(figures: list[int], place: int) -> None:
    values = [figure * Decimal(10) ** place for figure in figures]
    found = figure_step(values, WAN)
    assert Decimal("0.01") <= found <= WAN
    assert found >= Decimal(10) ** place
    odd = [value for value in values if value % found]
    assert len(odd) <= len(values) // 20
