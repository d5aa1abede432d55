"""Figures in red (红字) stand for a minus, where they are few and the sums agree."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.audit_report import extract
from pipeline.model import Box, DocumentType, Line, Page, ReadPage, SealReading
from pipeline.programmes import load
from pipeline.reading.red_figures import red_figures

WIDTH, HEIGHT = 1000, 1400
ROWS = (
    ("一、营业收入", "9,000.00", "8,000.00"),
    ("减：营业成本", "9,500.00", "7,000.00"),
    ("税金及附加", "100.00", "100.00"),
    ("销售费用", "200.00", "200.00"),
    ("管理费用", "300.00", "300.00"),
    ("二、营业利润（亏损以“-”号填列）", "1,100.00", "400.00"),
    ("加：营业外收入", "150.00", "100.00"),
    ("减：营业外支出", "50.00", "50.00"),
    ("三、利润总额（亏损总额以“-”号填列）", "1,000.00", "450.00"),
    ("减：所得税费用", "123.00", "45.00"),
    ("四、净利润（净亏损以“-”号填列）", "1,123.00", "405.00"),
)


def _page() -> ReadPage:
    lines = [
        Line(text="利润表", box=Box(0.45, 0.05, 0.55, 0.07), confidence=0.99),
        Line(text="2022年度", box=Box(0.45, 0.08, 0.55, 0.095), confidence=0.99),
        Line(text="本期金额", box=Box(0.55, 0.11, 0.65, 0.125), confidence=0.99),
        Line(text="上期金额", box=Box(0.77, 0.11, 0.87, 0.125), confidence=0.99),
    ]
    for i, row in enumerate(ROWS):
        y = 0.14 + 0.03 * i
        for text, right in zip(row, (0.0, 0.65, 0.87), strict=True):
            left = 0.1 if right == 0 else right - 0.012 * len(text)
            box = Box(left, y, right or 0.1 + 0.014 * len(text), y + 0.016)
            lines.append(Line(text=text, box=box, confidence=0.99))
    page = Page(number=1, file="x", index=0, sha256="", width=WIDTH, height=HEIGHT)
    return ReadPage(page=page, lines=tuple(lines))


def _picture(page: ReadPage, red: set[str], ground: tuple[int, int, int] = (250, 250, 250)) -> NDArray[np.uint8]:
    picture = np.full((HEIGHT, WIDTH, 3), ground, np.uint8)
    for line in page.lines:
        if line.text[0].isdigit():
            colour = (45, 35, 200) if line.text in red else (40, 40, 40)
            foot = (int(line.box.x0 * WIDTH), int(line.box.y1 * HEIGHT) - 4)
            cv2.putText(picture, line.text, foot, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 2)
    return picture


def _texts(page: ReadPage, boxes: tuple[Box, ...]) -> set[str]:
    return {line.text for line in page.lines if line.box in boxes}


@pytest.mark.parametrize("ground", [(250, 250, 250), (190, 210, 225)])
def test_figures_in_red_are_found_on_paper_of_any_tint(ground: tuple[int, int, int]) -> None:
    page = _page()
    red = {"1,100.00", "1,000.00", "1,123.00"}
    assert _texts(page, red_figures(page, _picture(page, red, ground))) == red


def test_what_a_seal_touches_and_pages_all_in_red_tell_nothing() -> None:
    page = _page()
    red = {"1,100.00", "1,000.00"}
    seal = SealReading(page=1, box=Box(0.5, 0.25, 0.7, 0.42))
    assert not red_figures(page.model_copy(update={"seals": (seal,)}), _picture(page, red))
    everything = {line.text for line in page.lines if line.text[0].isdigit()}
    assert red_figures(page, _picture(page, everything)) == ()


def _values(red: set[str]) -> dict[str, str]:
    page = _page()
    marked = page.model_copy(update={"red_figures": red_figures(page, _picture(page, red))})
    document = extract([marked], load("cciip-2023"), DocumentType.AUDIT_REPORT)
    return {f.name: str(f.value) for f in document.fields}


def test_losses_in_red_are_negative() -> None:
    values = _values({"1,100.00", "1,000.00", "1,123.00"})
    assert values["operating_profit"] == "-1100.00"
    assert values["net_profit"] == "-1123.00"
    assert values["operating_revenue"] == "9000.00"


def test_red_that_only_marks_a_figure_is_no_minus() -> None:
    values = _values({"9,000.00", "400.00", "450.00"})
    assert values["operating_revenue"] == "9000.00"
