"""Loose files, without store or records: what ``yanzhang seals``, ``read`` and ``extract`` print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.assembling import documents_of, seal_of
from pipeline.calibration import calibrated, seals_calibrated
from pipeline.errors import BadInput, UnreadableScan
from pipeline.intake.logical import logical_pages
from pipeline.intake.look import Looked, look
from pipeline.intake.open import TextPage, open_scan
from pipeline.intake.upright import to_scan_box
from pipeline.model import Document, DocumentType
from pipeline.programmes import load
from pipeline.reading.read import read_page
from pipeline.report.json_report import box_json, document_json, page_json, seal_json
from pipeline.seals.owner import ExpectedNames, attribute
from pipeline.seeing import engine_of, seals_on, see_file
from pipeline.settings import Settings
from pipeline.sheets import sheets_of

__all__ = ["documents_in", "lines_of", "seals_of"]

Json = dict[str, Any]


def seals_of(file: Path, settings: Settings) -> Iterator[tuple[Json, str]]:
    """A page's seals with their texts, boxes on the page as scanned; or a sentence on why a page cannot be read."""
    for parts, _, problem in _looked(file, settings):
        if not parts:
            yield {}, problem
            continue
        page = parts[0].page
        seals = [seal for looked in parts for seal in _seals(looked)]
        yield {"file": str(file), "page": page.number, "width": page.width, "height": page.height, "seals": seals}, ""


def _seals(looked: Looked) -> Iterator[Json]:
    page = looked.page
    readings = seals_on(looked)
    loose = Document(type=DocumentType.OTHER, pages=(page.number,), confidence=0.0)
    loose = loose.model_copy(update={"seals": tuple(seal_of(r) for r in readings)})
    for seal in seals_calibrated(attribute(loose, expected=ExpectedNames())).seals:
        box = to_scan_box(page, seal.box, round=seal.shape in ("round", "oval"))
        yield seal_json(seal.model_copy(update={"box": box}))


def lines_of(file: Path, settings: Settings) -> Iterator[tuple[Json, str]]:
    """A page's lines of text in reading order, boxes on the page as scanned; or why the page cannot be read."""
    for parts, text_page, problem in _looked(file, settings):
        if not parts:
            yield {}, problem
            continue
        reads = [
            read_page(p, engine=engine_of(settings), settings=settings.reading, text_page=text_page) for p in parts
        ]
        page = reads[0].page
        lines = [
            {
                "text": line.text,
                "box": box_json(to_scan_box(read.page, line.box)),
                "confidence": round(line.confidence, 4),
            }
            for read in reads
            for line in read.lines
        ]
        shape = {"file": str(file), "page": page.number, "width": page.width, "height": page.height}
        yield {**shape, "rotation": page.rotation, "lines": lines}, ""


def documents_in(file: Path, settings: Settings, programme_name: str) -> tuple[Json, str]:
    """A file's documents as the report has them, judged against nothing; with a sentence if some page is unreadable."""
    programme = load(programme_name)
    if not file.is_file():
        raise BadInput(f"{file} is not there: name a PDF or an image")
    problems: list[str] = []
    seen = list(see_file(file, "", file.name, 1, settings, problems))
    documents = tuple(
        seals_calibrated(attribute(calibrated(d), expected=ExpectedNames()))
        for d in documents_of(seen, settings, programme)
    )
    pages = [page_json(page, documents) for page in sheets_of([s.read.page for s in seen])]
    shape = {"file": str(file), "pages": pages, "documents": [document_json(d) for d in documents]}
    return shape, "; ".join(problems)


def _looked(file: Path, settings: Settings) -> Iterator[tuple[tuple[Looked, ...], TextPage | None, str]]:
    """Each scanned page as its logical pages, with its text layer; or none and a sentence."""
    if not file.is_file():
        raise BadInput(f"{file} is not there: name a PDF or an image")
    try:
        scan = open_scan(file, bounds=settings.bounds, dpi=settings.reading.render_dpi)
    except UnreadableScan as error:
        yield (), None, error.message
        return
    with scan:
        for index in range(scan.page_count):
            try:
                image = scan.image(index)
                looked = look(
                    image,
                    number=index + 1,
                    file=file.name,
                    index=index,
                    sha256="",
                    dpi=scan.dpi(index),
                    native_dpi=scan.native_dpi(index),
                    engine=engine_of(settings),
                )
                parts = logical_pages(looked, engine_of(settings))
                text_page = scan.text_page(index)
            except UnreadableScan as error:
                yield (), None, f"{file.name}, page {index + 1}: {error.message}"
                continue
            yield parts, text_page, ""
