"""Whole pages read by the default engine."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest

from pipeline.intake.look import look
from pipeline.intake.open import open_scan
from pipeline.intake.text import TextChar, TextPage
from pipeline.model import ReadPage
from pipeline.reading.lines import read_lines
from pipeline.reading.openvino import shared_engine
from pipeline.reading.read import read_page
from pipeline.settings import Bounds, ReadingSettings
from tests.intake_pages import LABELS, VALUES, form_pdf, form_picture

pytestmark = pytest.mark.slow


def read(image: np.ndarray, layer: TextPage | None = None) -> ReadPage:
    looked = look(image, number=1, file="a", index=0, sha256="", dpi=200)
    return read_page(looked, engine=shared_engine(), settings=ReadingSettings(), text_page=layer)


def texts(page: ReadPage) -> list[str]:
    return [line.text.replace("(", "（").replace(")", "）") for line in page.lines]


@pytest.fixture(scope="module")
def form() -> np.ndarray:
    return form_picture()


def test_a_form_is_read_cell_by_cell(form: np.ndarray) -> None:
    page = read(form)
    found = texts(page)
    for text in [*LABELS, *VALUES]:
        assert text in found
    assert found[0] == "服务外包企业信息表"
    assert not page.page.born_digital
    for line in page.lines:
        assert len(line.centres) == len(line.scores) == len(line.text)
        assert 0 <= line.box.x0 < line.box.x1 <= 1
        assert 0 < line.confidence <= 1
    label = next(line for line in page.lines if line.text == "企业名称")
    value = next(line for line in page.lines if line.text == VALUES[0])
    assert label.box.cy == pytest.approx(value.box.cy, abs=0.004)
    assert label.box.cy == pytest.approx((120 + 17) / 842, abs=0.004)


def test_small_print_and_low_resolution() -> None:
    small = texts(read(form_picture(size=7)))
    low = texts(read(cv2.resize(form_picture(dpi=110), (1653, 2339), interpolation=cv2.INTER_CUBIC)))
    for text in (*VALUES, *LABELS[:3]):
        assert text in small
        assert text in low


def test_text_under_a_seal(form: np.ndarray) -> None:
    ink = np.full_like(form, 255)
    cv2.circle(ink, (800, 700), 160, (90, 90, 220), 14, cv2.LINE_AA)
    for i in range(9):
        cv2.line(ink, (660, 580 + 28 * i), (940, 590 + 28 * i), (90, 90, 220), 6)
    found = texts(read(cv2.multiply(form, ink, scale=1 / 255)))
    assert {"12,000.00", "34,999.97", "1286"} <= set(found)


def test_a_born_digital_page_keeps_its_own_text(tmp_path: Path) -> None:
    with open_scan(form_pdf(tmp_path / "a.pdf"), bounds=Bounds()) as scan:
        image, layer = scan.image(0), scan.text_page(0)
    assert layer is not None
    stamped = image.copy()
    cv2.putText(stamped, "DRAFT 7788", (300, 2200), 0, 3, (0, 0, 0), 6)  # drawn, not typed
    page = read(stamped, layer)
    assert page.page.born_digital
    sources = {line.text: line.source for line in page.lines}
    assert all(sources[text] == "text_layer" for text in VALUES)
    assert any("7788" in text and source == "openvino" for text, source in sources.items())
    assert len(page.lines) < 30  # nothing twice


def test_a_layer_that_lies_is_not_believed(form: np.ndarray) -> None:
    from pipeline.model import Box

    nonsense = tuple(
        TextChar("甲乙丙丁戊己庚辛"[i % 8], Box(0.1 + 0.02 * (i % 30), y, 0.118 + 0.02 * (i % 30), y + 0.013))
        for y in (0.16, 0.2, 0.24)
        for i in range(30)
    )
    page = read(form, TextPage(nonsense))
    assert not page.page.born_digital
    assert VALUES[0] in texts(page)


def test_turned_pages_read_the_same(form: np.ndarray) -> None:
    assert set(texts(read(cv2.rotate(form, cv2.ROTATE_90_CLOCKWISE)))) >= {*LABELS, *VALUES}


def test_crops_come_back_in_order_with_a_lattice() -> None:
    def crop(text: str) -> np.ndarray:
        picture = np.full((40, 26 * len(text) + 20, 3), 255, np.uint8)
        cv2.putText(picture, text, (8, 32), 0, 1.1, (0, 0, 0), 2, cv2.LINE_AA)
        return picture

    wanted = ["20230928", "7", "91320594", "1,234,567.89"]
    engine = shared_engine()
    plain = engine.recognise([crop(t) for t in wanted])
    assert [r.text for r in plain] == wanted
    (full,) = engine.recognise([crop("20230928")], lattice=True)
    best = [max(step, key=lambda c: c[1])[0] for step in full.lattice if step]
    collapsed = "".join(c for i, c in enumerate(best) if c and (i == 0 or best[i - 1] != c))
    assert collapsed == "20230928"
    assert engine.recognise([]) == []
    assert engine.recognise([np.zeros((0, 5, 3), np.uint8)])[0].text == ""
    assert shared_engine() is shared_engine(960, 1)


def test_two_lines_set_so_tight_that_they_were_taken_for_one() -> None:
    """员工 over 总数 in a narrow cell, detected as one tall line, are read one above the other."""
    page = pymupdf.open().new_page(width=595, height=842)
    for y, text in ((100, "沈阳北辰服务外包职业培训学校"), (140, "统一社会信用代码"), (171, "员工"), (181.5, "总数")):
        page.insert_text((72, y), text, fontname="china-s", fontsize=11)
    pixels = page.get_pixmap(dpi=200)
    rgb = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
    scale = 200 / 72

    def quad(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32) * scale

    quads = [quad(70, 89, 232, 104), quad(70, 129, 162, 144), quad(70, 160, 96, 185)]
    lines = read_lines(np.ascontiguousarray(rgb[:, :, ::-1]), quads, shared_engine())
    assert [line.text for line in lines][-2:] == ["员工", "总数"]
