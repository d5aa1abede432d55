"""Two pages on one sheet (DOMAIN pitfall 13: A3 folded), and sheets that only look like it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.logical import gutter_of, logical_pages
from pipeline.intake.look import Looked
from pipeline.intake.upright import to_scan_box
from pipeline.loose import lines_of
from pipeline.model import Box, Code, Document, DocumentType, Field, Page
from pipeline.settings import Settings
from pipeline.sheets import on_sheets, sheets_of
from samples.wear import photographed, side_by_side
from tests.intake_pages import form_picture

Image = np.ndarray
Quads = list[np.ndarray]
SHEET = (1640, 1160)  # A3 across at 100 dpi


class Blind:
    """An engine that finds no text: for pages whose text is known."""

    def detect(self, image: Image) -> Quads:
        return []


class Sheet:
    """A picture and the quads of what is printed on it."""

    def __init__(self, size: tuple[int, int] = SHEET) -> None:
        self.image = np.full((size[1], size[0], 3), 250, np.uint8)
        self.quads: Quads = []

    def line(self, x0: float, x1: float, y: float, height: int = 18) -> Sheet:
        rows, columns = self.image.shape[:2]
        a, b, at = round(x0 * columns), round(x1 * columns), round(y * rows)
        for x in range(a, b - height, height + 2):
            cv2.rectangle(self.image, (x, at - height // 2), (x + height - 4, at + height // 2), (30, 30, 30), 2)
        quad = [(a, at - height), (b, at - height), (b, at + height), (a, at + height)]
        self.quads.append(np.array(quad, np.float32))
        return self

    def prose(self, left: float, right: float, top: float = 0.2, bottom: float = 0.85) -> Sheet:
        for y in np.arange(top, bottom, 0.04):
            self.line(left, right, float(y))
        return self

    def gutter(self) -> float | None:
        return gutter_of(self.image, self.quads)


def two_pages() -> Sheet:
    return Sheet().prose(0.06, 0.44).prose(0.56, 0.94)


def columns(sheet: Sheet, edges: tuple[tuple[float, float], ...]) -> Sheet:
    for y in np.arange(0.25, 0.85, 0.04):
        for left, right in edges:
            sheet.line(left, right, float(y))
    return sheet


def test_two_pages_of_prose_are_parted() -> None:
    assert two_pages().gutter() == pytest.approx(0.5, abs=0.03)


def test_two_statements_each_with_its_title_are_parted() -> None:
    sheet = columns(Sheet(), ((0.06, 0.2), (0.26, 0.33), (0.37, 0.44), (0.56, 0.7), (0.76, 0.83), (0.87, 0.94)))
    assert sheet.gutter() is None  # nothing says that these are two
    sheet.line(0.18, 0.32, 0.1).line(0.68, 0.82, 0.1)
    assert sheet.gutter() is not None


def test_pages_with_numbers_of_their_own_are_parted() -> None:
    sheet = columns(Sheet(), ((0.06, 0.2), (0.3, 0.44), (0.56, 0.7), (0.8, 0.94)))
    sheet.line(0.235, 0.265, 0.95).line(0.735, 0.765, 0.95)
    assert sheet.gutter() is not None


def test_a_wide_statement_is_one_page() -> None:
    """Two halves of an account form, unruled: its title, or one number under it, crosses the middle."""
    for extra in ((0.4, 0.6, 0.08), (0.47, 0.53, 0.96)):
        sheet = columns(Sheet(), ((0.06, 0.2), (0.3, 0.44), (0.56, 0.7), (0.8, 0.94))).line(*extra)
        sheet.line(0.1, 0.2, 0.15).line(0.8, 0.9, 0.15)
        assert sheet.gutter() is None


def test_a_ruled_form_that_lies_is_one_page() -> None:
    sheet = two_pages()
    for y in range(200, 1000, 60):
        cv2.line(sheet.image, (60, y), (SHEET[0] - 60, y), (0, 0, 0), 1)
    assert sheet.gutter() is None


def test_a_licence_that_lies_is_one_page() -> None:
    """The layout of 2019: title in the middle, two columns under it, long lines at the left."""
    sheet = Sheet().line(0.38, 0.62, 0.2, 50).line(0.43, 0.57, 0.28)
    for y in (0.36, 0.42, 0.48, 0.54):
        sheet.line(0.08, 0.45, y).line(0.55, 0.85, y)
    assert sheet.gutter() is None


def test_a_last_page_with_nothing_but_signatures_is_parted_from_the_prose_beside_it() -> None:
    sheet = Sheet().prose(0.06, 0.44)
    for y in (0.1, 0.2, 0.3):
        sheet.line(0.56, 0.7, y)
    assert sheet.gutter() is not None


def test_a_page_that_stands_is_never_parted() -> None:
    assert Sheet((1160, 1640)).prose(0.06, 0.44).prose(0.56, 0.94).gutter() is None


def test_the_shadow_of_a_spine_parts_pages() -> None:
    sheet = columns(Sheet(), ((0.06, 0.2), (0.3, 0.44), (0.56, 0.7), (0.8, 0.94))).line(0.18, 0.32, 0.1)
    assert sheet.gutter() is None
    cv2.line(sheet.image, (820, 0), (818, SHEET[1]), (110, 110, 110), 3)
    assert sheet.gutter() is not None


def looked_at(sheet: Sheet, codes: tuple[Code, ...] = ()) -> Looked:
    page = Page(
        number=7, file="a.png", index=0, sha256="", width=SHEET[0], height=SHEET[1],
        upright_width=SHEET[0], upright_height=SHEET[1], codes=codes,
    )  # fmt: skip
    return Looked(page, sheet.image, tuple(sheet.quads))


@pytest.fixture(scope="module")
def halves() -> tuple[Page, Page]:
    left, right = logical_pages(looked_at(two_pages()), Blind())  # type: ignore[arg-type]
    return left.page, right.page


@given(x=st.floats(0.05, 0.95), y=st.floats(0.05, 0.95))
def test_boxes_of_both_pages_lead_back_to_the_sheet(halves: tuple[Page, Page], x: float, y: float) -> None:
    left, right = halves
    at = left.upright_width / SHEET[0]
    spot = Box(x, y, x, y)
    assert (left.number, left.part, right.number, right.part) == (7, 1, 7, 2)
    assert to_scan_box(left, spot).cx == pytest.approx(x * at, abs=0.01)
    assert to_scan_box(right, spot).cx == pytest.approx(at + x * (1 - at), abs=0.01)
    assert to_scan_box(right, spot).cy == pytest.approx(y, abs=0.01)


def test_codes_stay_with_their_page() -> None:
    codes = (
        Code(kind="QRCode", text="a", box=Box(0.1, 0.1, 0.2, 0.2)),
        Code(kind="QRCode", text="b", box=Box(0.7, 0.1, 0.8, 0.2)),
    )
    left, right = logical_pages(looked_at(two_pages(), codes), Blind())  # type: ignore[arg-type]
    assert ([c.text for c in left.page.codes], [c.text for c in right.page.codes]) == (["a"], ["b"])


def test_documents_count_sheets() -> None:
    """A report over sheets 1 and 2, the second with two pages, and a certificate on the second as well."""
    field = Field(name="holder", value="甲", page=3, box=Box(0, 0, 1, 1), confidence=1.0)
    report = Document(type=DocumentType.AUDIT_REPORT, pages=(1, 2, 3), confidence=1.0, fields=(field,))
    told = on_sheets(report, (1, 2, 2))
    assert (told.pages, told.fields[0].page) == ((1, 2), 2)
    assert on_sheets(report, (1, 2, 3)) is report


def test_the_ledger_names_a_sheet_once() -> None:
    blank = Page(number=2, part=1, file="a", index=0, sha256="", width=9, height=9, kind="blank")
    full = blank.model_copy(update={"part": 2, "kind": "content"})
    assert sheets_of([blank, full, full.model_copy(update={"number": 3})]) == (
        full,
        full.model_copy(update={"number": 3}),
    )


@pytest.mark.slow
@pytest.mark.parametrize("photo", [False, True], ids=["copied", "photographed"])
def test_a3_folded_reads_as_two_pages(tmp_path: Path, photo: bool) -> None:
    """Pitfall 13: two forms on one A3 sheet; lines come page by page, boxes and the count are the sheet's."""
    form = form_picture(dpi=150)
    worn = side_by_side(form, form)
    if photo:
        worn = photographed(worn.image, 12)
    cv2.imwrite(str(tmp_path / "a3.png"), worn.image)
    ((sheet, problem),) = lines_of(tmp_path / "a3.png", Settings())
    texts = [line["text"] for line in sheet["lines"]]
    assert not problem and sheet["page"] == 1
    first, second = (i for i, text in enumerate(texts) if "服务外包企业信息表" in text)
    assert "联系电话" in texts[first:second] and "联系电话" in texts[second:]
    for line in (sheet["lines"][first], sheet["lines"][second]):
        x0, y0, x1, y1 = line["box"]
        drawn = worn.printed_at(np.array([((x0 + x1) / 2, (y0 + y1) / 2)]))[0]
        assert drawn[1] == pytest.approx(0.0867, abs=0.01)
        assert drawn[0] % 0.5 == pytest.approx(0.4706 / 2, abs=0.01)
