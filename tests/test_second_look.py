"""Names looked at again on other crops."""

from __future__ import annotations

import cv2
import numpy as np
import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, Document, DocumentType, Field, Line
from pipeline.reading.openvino import shared_engine
from pipeline.reading.second_look import UNSETTLED, WEAK_DIGIT, look_again, rivals_of, weakest_digit, weakest_sign

Image = np.ndarray


def field(value: str, box: Box, name: str = "legal_representative") -> Field:
    return Field(name=name, value=value, raw=value, page=1, box=box, confidence=0.99)


def document(*fields: Field) -> Document:
    return Document(type=DocumentType.LEGAL_PERSON_PROOF, pages=(1,), confidence=0.9, fields=fields)


@pytest.fixture(scope="module")
def picture() -> Image:
    with pymupdf.open() as file:
        page = file.new_page(width=595, height=842)
        page.insert_text((100, 200), "欧阳明远", fontname="china-s", fontsize=12)
        pixels = page.get_pixmap(dpi=200)
    rows = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
    return cv2.cvtColor(rows, cv2.COLOR_RGB2BGR)


LINE = Line(text="欧旭明远", box=Box(0.16, 0.22, 0.26, 0.245), confidence=0.95, scores=(0.99, 0.9, 0.99, 0.99))
UNSURE = {1: (LINE,)}
BOX = Box(98 / 595, 188 / 842, 150 / 595, 204 / 842)


def test_what_stands_there_stays_as_it_is(picture: Image) -> None:
    before = document(field("欧阳明远", BOX))
    assert look_again(before, {1: picture}, shared_engine(), UNSURE) == before


def test_another_reading_of_the_same_print_is_kept_and_settles_nothing(picture: Image) -> None:
    after = look_again(document(field("欧旭明远", BOX)), {1: picture}, shared_engine(), UNSURE).fields[0]
    assert after.value == "欧旭明远" and after.alternatives == ("欧阳明远",)
    assert after.confidence == UNSETTLED and "looks_differ" in after.reasons


def test_other_fields_other_pages_and_boxes_of_many_lines_are_left_alone(picture: Image) -> None:
    tall = Box(BOX.x0, BOX.y0, BOX.x1, BOX.y0 + 0.2)
    left = document(field("欧旭明远", BOX, name="address"), field("欧旭明远", tall))
    assert look_again(left, {1: picture}, shared_engine(), UNSURE) == left
    elsewhere = document(field("欧旭明远", BOX).model_copy(update={"page": 2}))
    assert look_again(elsewhere, {1: picture}, shared_engine(), UNSURE) == elsewhere


def test_rivals_are_slips_not_other_texts() -> None:
    assert rivals_of("逢志刚", ["逢志刚", "法定代表人逢志刚"]) == ()
    assert rivals_of("逢志刚", ["逄志刚", "逄志刚"]) == ("逄志刚",)
    assert rivals_of("逢志刚", ["王小明", ""]) == ()
    assert rivals_of("廈门云科技有限公司", ["厦门云科技有限公司"]) == ()
    assert rivals_of("08921100217R1M", ["证书号:08921I00217R1M"]) == ("08921I00217R1M",)


@given(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=3))
def test_any_texts_are_compared(value: str, texts: list[str]) -> None:
    assert all(rival != value for rival in rivals_of(value, texts))


def test_what_was_read_without_a_doubt_is_not_looked_at_again(picture: Image) -> None:
    before = document(field("欧旭明远", BOX))
    sure = {1: (LINE.model_copy(update={"scores": (0.999,) * 4}),)}
    assert look_again(before, {1: picture}, shared_engine(), sure) == before


def test_one_weak_sign_makes_the_whole_unsure(picture: Image) -> None:
    weak = {
        1: tuple(line.model_copy(update={"text": "欧阳明远", "scores": (1.0, 0.56, 1.0, 1.0)}) for line in UNSURE[1])
    }
    after = look_again(document(field("欧阳明远", BOX)), {1: picture}, shared_engine(), weak).fields[0]
    assert after.confidence == UNSETTLED and "weak_sign" in after.reasons


def test_only_the_values_own_signs_count() -> None:
    line = Line(text="姓名: 王明", box=BOX, confidence=0.9, scores=(0.3, 0.4, 0.5, 1.0, 0.98, 0.97))
    assert weakest_sign(field("王明", BOX), (line,)) == 0.97
    assert weakest_sign(field("王明", Box(0.6, 0.6, 0.7, 0.62)), (line,)) == 0.0


def test_a_blotted_digit_is_marked_and_a_clear_one_is_not(picture: Image) -> None:
    blotted = Line(text="188人", box=BOX, confidence=0.81, scores=(0.99, 0.63, 0.62, 0.99))
    clear = blotted.model_copy(update={"scores": (0.99, 0.98, 0.97, 0.5)})  # 人 is no digit
    staff = field("x", BOX, name="staff").model_copy(update={"value": 188, "raw": "188人"})
    after = look_again(document(staff), {1: picture}, shared_engine(), {1: (blotted,)}).fields[0]
    assert WEAK_DIGIT in after.reasons and after.confidence == staff.confidence  # a second engine may settle it
    assert look_again(document(staff), {1: picture}, shared_engine(), {1: (clear,)}).fields[0] == staff
    assert weakest_digit(staff, (clear,)) == 0.97
