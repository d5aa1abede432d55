"""A riding seal in the report: read, named, and put together as one picture from the originals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from test_riding import _bundle

from pipeline.model import (
    Box,
    Document,
    DocumentType,
    EnvelopeReport,
    Finding,
    FindingCode,
    Page,
    Report,
    RidingSeal,
    SealReading,
    Severity,
    Text,
    TextCandidate,
    Totals,
)
from pipeline.report.json_report import document_json
from pipeline.report.riding_pictures import with_riding_pictures
from pipeline.seals.owner import ExpectedNames
from pipeline.seals.reader import seal_readers
from pipeline.seals.ridden import with_riders
from pipeline.seals.riding import find_riding
from pipeline.seals.slices import read_ridden, slices_of
from pipeline.store import Originals
from tests.fonts import needs_fonts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

FIRM = "济南云海会计师事务所（普通合伙）"


def _document(*riding: RidingSeal) -> Document:
    return Document(type=DocumentType.AUDIT_REPORT, pages=(1, 2, 3, 4, 5, 6), confidence=1.0, riding_seals=riding)


@needs_fonts
@pytest.mark.parametrize(("lacking", "text"), [((), FIRM), ((9,), "济南云海会计师事务所")])
def test_the_slices_are_read_as_one_seal_even_where_one_is_missing(lacking: tuple[int, ...], text: str) -> None:
    bundle = _bundle(10, lacking=lacking)
    (ridden,) = find_riding(bundle)
    reading = read_ridden(ridden, dict(bundle), seal_readers())
    assert reading.candidates and reading.candidates[0].text.startswith(text)
    assert ridden.breaks == lacking


def test_a_riding_seal_is_named_by_what_is_expected() -> None:
    reading = SealReading(page=1, box=Box(0, 0, 1, 1), legible=0.95, candidates=(TextCandidate(text=FIRM, score=0.97),))
    riding = RidingSeal(pages=(1, 2), reading=reading)
    told = with_riders(_document(riding), expected=ExpectedNames(audit_firms=(FIRM,))).riding_seals[0]
    assert (told.text, told.owner) == (FIRM, FIRM)
    unread = RidingSeal(pages=(1, 2))
    assert with_riders(_document(unread), expected=ExpectedNames()).riding_seals == (unread,)


@needs_fonts
def test_the_report_keeps_one_picture_of_all_slices(tmp_path: Path) -> None:
    bundle = _bundle(6, lacking=(4,))
    (ridden,) = find_riding(bundle)
    originals, pages = Originals(tmp_path / "originals"), []
    for number, image in bundle:
        file = tmp_path / f"{number}.png"
        cv2.imwrite(str(file), image)
        sha = originals.put(file)
        pages.append(Page(number=number, file=file.name, index=0, sha256=sha, width=1240, height=1754))
    riding = RidingSeal(pages=ridden.pages, breaks=ridden.breaks, slices=slices_of(ridden))
    finding = Finding(
        id="f1", code=FindingCode.SUSPECT_SEAL, basis="", severity=Severity.WARNING, rule="r", document="audit_report",
        document_index=0, field="riding", message=Text(zh="", en=""), page=4,
    )  # fmt: skip
    envelope = EnvelopeReport(
        envelope="e.pdf", sha256="0" * 64, pages=tuple(pages), documents=(_document(riding),), findings=(finding,)
    )
    report = Report(
        programme="p", rules_version="1", generated_at=datetime.now(UTC), totals=Totals(), envelopes=(envelope,)
    )
    (written,) = with_riding_pictures(report, tmp_path / "out", originals).envelopes
    name = document_json(written.documents[0])["riding_seals"][0]["evidence"]
    assert name == written.findings[0].evidence
    picture = cv2.imread(str(tmp_path / "out" / name))
    assert picture is not None
    red = (picture[:, :, 2].astype(int) - picture[:, :, 1]) > 60
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    high, wide = rows[-1] - rows[0], columns[-1] - columns[0]
    assert 0.7 * high < wide < 0.95 * high  # five slices of six
