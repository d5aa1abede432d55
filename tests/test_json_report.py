"""What the report writes is exact."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from poisoned import poisoned_report

from pipeline.model import Box, Seal, SealReading
from pipeline.report.json_report import _amount, whole_text, write_json


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


def test_a_seals_wording_is_written_once_however_its_line_was_read() -> None:
    box = Box(0.1, 0.1, 0.3, 0.3)
    read = SealReading(page=1, box=box, straight=("台同专用章",))
    known = Seal(page=1, box=box, shape="round", colour="red", text="某某有限公司合同专用章", reading=read)
    assert whole_text(known) == "某某有限公司合同专用章"
    assert whole_text(known.model_copy(update={"text": "某某有限公司"})) == "某某有限公司台同专用章"


def test_any_text_can_be_written_and_printed(tmp_path: Path) -> None:
    text = "甲\u202e乙\ud800丙\x1b]0;pwned\x07\x9b\x7f\u2028"
    write_json(poisoned_report(text), tmp_path / "report.json")
    written = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert not set(written) & set("\u202e\x1b\x07\x9b\x7f\u2028")
    assert json.loads(written)["envelopes"][0]["envelope"] == text
