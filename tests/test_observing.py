"""Pages and places as the street sees them: what cannot be read, what ink stands where a seal should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline import assembling, seeing
from pipeline.assembling import _inked, _sections, placed
from pipeline.intake.split import make_cover_payload
from pipeline.model import Box, Code, Document, DocumentType, Line, Page, ReadPage, SealPlace
from pipeline.programmes import load
from pipeline.seeing import illegible
from pipeline.settings import Settings
from tests.intake_pages import form_pdf


def read(*lines: tuple[str, float]) -> ReadPage:
    page = Page(number=1, file="a", index=0, sha256="", width=100, height=140)
    box = Box(0.1, 0.1, 0.5, 0.2)
    return ReadPage(page=page, lines=tuple(Line(text=t, box=box, confidence=c) for t, c in lines))


def test_a_page_of_guessed_shapes_is_illegible() -> None:
    assert illegible(read(("应", 0.36)))
    assert illegible(read())
    assert not illegible(read(("应", 0.36), ("审计报告", 0.97)))


def test_a_smudge_is_ink_where_the_seal_should_be() -> None:
    paper = np.full((400, 400, 3), 250, np.uint8)
    place = SealPlace(role="applicant", page=1, box=Box(0.25, 0.25, 0.75, 0.75))
    clean = _inked(place, {1: paper})
    smudged = paper.copy()
    smudged[140:220, 140:260] = (90, 90, 215)  # BGR: red
    dirty = _inked(place, {1: smudged})
    assert clean.ink is not None
    assert dirty.ink is not None
    assert clean.ink < 0.01 < 0.1 < dirty.ink
    signature = place.model_copy(update={"signature": True})
    assert _inked(signature, {1: smudged}).ink is None


def test_boxes_leave_for_the_page_as_scanned() -> None:
    # upside down: the upright page's top left is the scan's bottom right
    page = Page(
        number=1, file="a", index=0, sha256="", width=100, height=140, rotation=180,
        to_scan=(-1.0, 0.0, 1.0, 0.0, -1.0, 1.0, 0.0, 0.0, 1.0), upright_width=100, upright_height=140,
    )  # fmt: skip
    place = SealPlace(role="applicant", page=1, box=Box(0.1, 0.2, 0.3, 0.4))
    document = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=1.0, places=(place,))
    moved = placed(document, {1: page}).places[0].box
    assert np.allclose(moved, (0.7, 0.6, 0.9, 0.8))


def test_a_page_that_breaks_its_reader_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = form_pdf(tmp_path / "three.pdf", pages=3)
    calls = iter(range(9))

    def breaks(*_: object) -> tuple[tuple[()], tuple[()]]:
        if next(calls) == 1:
            raise RuntimeError("our own fault")
        return (), ()

    monkeypatch.setattr(seeing, "seals_seen", breaks)
    problems: list[str] = []
    seen = list(seeing.see_file(original, "0" * 64, "three.pdf", 1, Settings(home=tmp_path), problems))
    assert [s.read.page.kind for s in seen] == ["content", "unreadable", "content"]
    assert [s.read.page.number for s in seen] == [1, 2, 3]
    assert len(problems) == 1 and "page 2" in problems[0]


@pytest.mark.parametrize("step", ["look_again", "asks_of", "verified"])
def test_a_second_look_that_breaks_leaves_the_first_reading(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    seen = list(seeing.see_file(form_pdf(tmp_path / "form.pdf", pages=1), "0" * 64, "form.pdf", 1, settings, []))
    programme = load("cciip-2023")
    whole = assembling.documents_of(seen, settings, programme)

    def breaks(*_: object) -> None:
        raise RuntimeError("our own fault")

    monkeypatch.setattr(assembling, step, breaks)
    kept = assembling.documents_of(seen, settings, programme)
    assert [(d.type, d.pages, [f.name for f in d.fields]) for d in kept] == [
        (d.type, d.pages, [f.name for f in d.fields]) for d in whole
    ]


def test_sections_begin_behind_separators_and_end_at_covers() -> None:
    def sheet(number: int, kind: str) -> Page:
        payload = make_cover_payload("cciip-2023", "A1", sheet=kind)
        codes = (Code(kind="QRCode", text=payload, box=Box(0, 0, 1, 1)),)
        return Page(number=number, file="a", index=0, sha256="", width=9, height=9, kind="cover", codes=codes)

    def paper(number: int) -> Page:
        return Page(number=number, file="a", index=0, sha256="", width=9, height=9)

    pages = [paper(1), sheet(2, "document:audit_report"), paper(3), sheet(4, "checklist"), paper(5), paper(6)]
    told = _sections([*pages, sheet(7, "envelope"), paper(8)])
    assert [s and (s.number, s.type) for s in told] == [None, *[(2, "audit_report")] * 3, None]
