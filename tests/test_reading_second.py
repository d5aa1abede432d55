"""The second reading: what agrees, what differs, what is no reading at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.model import Box, Document, DocumentType, Field
from pipeline.reading import second_reading
from pipeline.reading.rival import agrees, kind_of, rival_of
from pipeline.reading.second_reading import asks_of, verified, verify
from pipeline.reading.tesseract import LATIN, RowText, available, read_rows
from tests.intake_pages import LABELS, VALUES, form_picture

NAMES = [
    "name",
    "uscc",
    "legal_representative",
    "registered_capital",
    "operating_revenue",
    "staff",
    "address",
    "mobile",
]


SOMEWHERE = Box(0.1, 0.1, 0.3, 0.12)


def field(name: str, value: object, raw: str, unit: str | None = None, box: Box = SOMEWHERE) -> Field:
    return Field(name=name, value=value, raw=raw, unit=unit, page=1, box=box, confidence=0.9)


REVENUE = field("operating_revenue", "349999700.00", "34,999.97", "万元")
CODE = field("uscc", "91320594MA1MX7QK3T", "91320594MA1MX7QK3T")


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (REVENUE, "34,999.97"),
        (REVENUE, "34999.97"),
        (REVENUE, "34,999.97 万元"),
        (REVENUE, "营业收入 34,999.97"),
        (field("operating_revenue", "30000000.00", "3000万元"), "3000 万 元"),
        (field("net_profit", "-606199.30", "-606,199.30", "元"), "-606,199.30"),
        (field("net_profit", "-606199.30", "(606,199.30)", "元"), "(606,199.30)"),
        (field("staff", 1286, "1286人"), "1286"),
        (CODE, "91320594 MA1MX7QK3T"),
        (field("mobile", "13912345678", "13912345678"), "139 1234 5678"),
    ],
)
def test_the_same_in_other_words(one: Field, text: str) -> None:
    kind = kind_of(one)
    assert kind is not None
    assert agrees(one, kind, text)


@pytest.mark.parametrize(
    ("one", "text", "rival"),
    [
        (REVENUE, "34,999.91", "349999100.00"),
        (REVENUE, "3,499.97", "34999700.00"),
        (field("staff", 1286, "1286"), "1236", "1236"),
        (field("net_profit", "-606199.30", "-606,199.30", "元"), "606,199.30", "606199.30"),
        (field("mobile", "13912345678", "13912345678"), "13912345673", "13912345673"),
        (field("certificate_no", "GR202232001234", "GR202232001234"), "GR202232001284", "GR202232001284"),
    ],
)
def test_rivals_come_in_the_fields_own_form(one: Field, text: str, rival: str) -> None:
    kind = kind_of(one)
    assert kind is not None
    assert not agrees(one, kind, text)
    assert rival_of(one, kind, text) == rival


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (REVENUE, ""),
        (REVENUE, "|"),
        (REVENUE, "2022"),
        (REVENUE, "..,"),
        (CODE, "91320594MA1MX7QK3"),  # a sign lost
        (CODE, "91320594MA1MX7QK8T"),  # a code that fails its own check
        (field("mobile", "13912345678", "13912345678"), "12912345678"),
    ],
)
def test_what_makes_no_sense_is_no_reading(one: Field, text: str) -> None:
    kind = kind_of(one)
    assert kind is not None
    assert not agrees(one, kind, text)
    assert rival_of(one, kind, text) is None


def test_other_fields_get_no_second_reading() -> None:
    assert kind_of(field("name", "江苏云启", "江苏云启")) is None
    assert kind_of(field("address", "苏州", "苏州")) is None


def test_without_pictures_nothing_changes() -> None:
    document = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=1.0, fields=(REVENUE,))
    assert verify(document, {}) is document


def test_documents_are_read_together_and_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def read(rows: Sequence[np.ndarray], *, language: str, whitelist: str) -> list[RowText]:
        calls.append(len(rows))
        return [RowText("34,999.97", 0.9)] * len(rows)

    monkeypatch.setattr(second_reading, "available", lambda: True)
    monkeypatch.setattr(second_reading, "read_rows", read)
    right = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=1.0, fields=(REVENUE,))
    untouched = right.model_copy(update={"fields": (field("name", "江苏云启", "江苏云启"),)})
    wrong = right.model_copy(update={"fields": (field("operating_revenue", "349999100.00", "34,999.91", "万元"),)})
    documents = [right, untouched, wrong]
    page = np.full((400, 300, 3), 255, np.uint8)
    done = verified(documents, [asks_of(d, {1: page}) for d in documents])
    assert done[0].fields[0].reasons == ("two_engines",)
    assert done[1] is untouched
    assert done[2].fields[0].reasons == ("engines_differ",)
    assert max(calls) == 2  # both figures in one montage


# ------------------------------------------------------------------------------------------------ with tesseract

needs_tesseract = pytest.mark.skipif(not available(), reason="tesseract is not installed")


def form_field(name: str, value: object, raw: str, unit: str | None = None) -> Field:
    """The cell of the drawn form that holds the field."""
    row = NAMES.index(name)
    y = 120 + 34 * row
    return field(name, value, raw, unit, Box(224 / 595, (y + 9) / 842, 380 / 595, (y + 26) / 842))


@needs_tesseract
@pytest.mark.slow
def test_agreement_and_disagreement_on_a_page() -> None:
    assert len(NAMES) == len(LABELS) == len(VALUES)
    fields = (
        form_field("registered_capital", "120000000.00", "12,000.00", "万元"),
        form_field("operating_revenue", "349999100.00", "34,999.91", "万元"),  # the paper says 34,999.97
        form_field("staff", 1286, "1286"),
        form_field("uscc", "91320594MA1MX7QK3T", "91320594MA1MX7QK3T"),
        form_field("mobile", "13912345678", "13912345678"),
        form_field("name", VALUES[0], VALUES[0]),
    )
    document = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=1.0, fields=fields)
    capital, revenue, staff, code, mobile, name = verify(document, {1: form_picture()}).fields
    for agreed in (capital, staff, code, mobile):
        assert agreed.reasons == ("two_engines",)
        assert agreed.confidence >= 0.99
    assert revenue.reasons == ("engines_differ",)
    assert revenue.confidence <= 0.6
    assert revenue.alternatives == ("349999700.00",)
    assert revenue.value == "349999100.00"  # never a silent pick
    assert name == fields[-1]


@needs_tesseract
@pytest.mark.slow
def test_a_seal_over_the_figure_does_not_matter() -> None:
    import cv2

    page = form_picture()
    ink = np.full_like(page, 255)
    cv2.circle(ink, (760, 745), 150, (80, 80, 225), 10, cv2.LINE_AA)
    cv2.putText(ink, "***", (640, 770), 0, 3, (80, 80, 225), 9)
    page = cv2.multiply(page, ink, scale=1 / 255)
    one = form_field("operating_revenue", "349999700.00", "34,999.97", "万元")
    document = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=1.0, fields=(one,))
    assert verify(document, {1: page}).fields[0].reasons == ("two_engines",)


@needs_tesseract
@pytest.mark.slow
def test_rows_of_a_montage_stay_apart() -> None:
    import cv2

    rows = []
    for text in ("1,234.50", "", "98765432"):
        row = np.full((44, 320), 255, np.uint8)
        cv2.putText(row, text, (8, 34), 0, 1.1, 0, 2, cv2.LINE_AA)
        rows.append(row)
    read = read_rows(rows, language=LATIN, whitelist="0123456789.,")
    assert [r.text for r in read] == ["1,234.50", "", "98765432"]
    assert read_rows([]) == []


@pytest.mark.slow
def test_agreement_settles_nothing_where_the_first_reader_wavers() -> None:
    image = form_picture()
    box = Box(228 / 595, (120 + 34 + 5) / 842, 400 / 595, (120 + 34 + 29) / 842)
    sure = field("application_no", VALUES[1], VALUES[1], box=box)
    wavering = sure.model_copy(update={"reasons": ("looks_differ",), "confidence": 0.85})
    # 营业总收入 taken for 营业收入: that its digits are right makes it no other figure.
    stretched = sure.model_copy(update={"reasons": ("total_revenue",), "confidence": 0.7})
    for one, confidence in ((sure, second_reading.AGREED), (wavering, 0.85), (stretched, 0.7)):
        document = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=0.9, fields=(one,))
        read = verify(document, {1: image}).fields[0]
        assert "two_engines" in read.reasons and read.confidence == confidence


@pytest.mark.parametrize(("second", "confidence"), [("188", 0.99), ("", 0.6), ("168", 0.6)])
def test_a_blotted_digit_is_settled_by_a_second_engine_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, second: str, confidence: float
) -> None:
    staff = field("staff", 188, "188人").model_copy(update={"reasons": ("weak_digit",)})
    monkeypatch.setattr("pipeline.reading.second_reading._read", lambda asks, height: [second] * len(asks))
    monkeypatch.setattr("pipeline.reading.second_reading.available", lambda: True)
    page = np.full((200, 200, 3), 255, np.uint8)
    paper = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=0.9, fields=(staff,))
    after = verify(paper, {1: page}).fields[0]
    assert after.confidence == confidence
    assert ("weak_digit" in after.reasons) is (second != "188")
