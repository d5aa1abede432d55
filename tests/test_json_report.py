"""What the report writes is exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.json_report import _amount


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.457", "0.457"), ("12", "12.00"), ("1E+3", "1000.00"), ("0.7850", "0.785"), ("-3.1", "-3.10")],
)
def test_amounts_have_two_decimals_and_more_where_the_paper_has(value: str, text: str) -> None:
    assert _amount(Decimal(value)) == text


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4))
def test_no_amount_is_rounded(value: Decimal) -> None:
    text = _amount(value)
    assert text is not None and Decimal(text) == value
