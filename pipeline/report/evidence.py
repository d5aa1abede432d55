"""Evidence: for every finding with a place on paper, a picture of that place, upright, with the place marked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import Box, EnvelopeReport, Finding, FindingCode, Page, Report, Severity
from pipeline.report.pictures import drawn_before, mark_of, page_pictures, write_evidence
from pipeline.report.riding_pictures import with_riding_pictures
from pipeline.store.originals import Originals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["crop_of", "with_evidence"]

MARGIN = 0.02  # of the page's longer side around the place, so that its label shows
MIN_WIDTH, MIN_HEIGHT = 0.45, 0.08  # of the page: a lone figure without its row tells nothing
MAX_SIDE = 1100  # px of the crop's longer side
COLOURS = {Severity.ERROR: (48, 48, 214), Severity.WARNING: (0, 140, 240), Severity.INFO: (200, 130, 60)}  # BGR
LOOKED_AT = (160, 110, 30)  # BGR, thin: what was not taken for the seal that is missing
ABSENT = frozenset({FindingCode.MISSING_SEAL, FindingCode.MISSING_SIGNATURE})  # drawn dashed: nothing is there


@dataclass(frozen=True, slots=True)
class _Wanted:
    finding: Finding
    page: Page

    @property
    def mark(self) -> bytes:
        """Of what :func:`crop_of` draws from."""
        page, found = self.page, self.finding
        looked_at = [tuple(one.box) for one in found.candidates]
        place = tuple(found.box) if found.box is not None else None
        return mark_of(page.sha256, page.index, page.rotation, place, looked_at, found.severity.value, found.code.value)


def with_evidence(report: Report, out: Path, originals: Originals) -> Report:
    """Write a crop for each finding that has a place; the report comes back with their paths (relative to ``out``).

    A crop that lies there from an earlier run, drawn from the same, is left: to open its page takes most of the time.
    """
    by_name = {e.envelope: e for e in report.envelopes}
    wanted = [w for e in report.envelopes if not e.unchanged for w in _wanted(e, by_name)]
    written = {w.finding.id: name for w in wanted if (name := drawn_before(out, w.finding.id, w.mark))}
    on_page = _by_page([w for w in wanted if w.finding.id not in written])
    pages = [group[0].page for group in on_page.values()]
    # Pages are opened one after the other, for MuPDF knows no threads; to pack a crop takes as long as that.
    with ThreadPoolExecutor(os.cpu_count()) as packers:
        packed = {
            one.finding.id: packers.submit(
                write_evidence, crop_of(image, one.page, one.finding), out, one.finding.id, one.mark
            )
            for page, image in page_pictures(pages, originals)
            for one in on_page[page.sha256, page.index]
        }
    written |= {finding: name for finding, done in packed.items() if (name := done.result())}
    envelopes = tuple(_with_paths(e, written) for e in report.envelopes)
    return with_riding_pictures(report.model_copy(update={"envelopes": envelopes}), out, originals)


def crop_of(image: Image, page: Page, finding: Finding) -> Image:
    """The finding's place on its page (as scanned), marked, turned upright, at most ``MAX_SIDE`` px."""
    height, width = image.shape[:2]
    box = finding.box or Box(0.0, 0.0, 1.0, 1.0)
    for one in finding.candidates:  # they may lie beside the place
        box = Box(min(box.x0, one.box.x0), min(box.y0, one.box.y0), max(box.x1, one.box.x1), max(box.y1, one.box.y1))
    around = _around(box, turned=page.rotation in (90, 270))
    left, top, right, bottom = _pixels(around, width, height)
    crop = image[top:bottom, left:right].copy()
    if finding.box is not None and finding.box.area < 0.9:
        x0, y0, x1, y1 = _pixels(finding.box.grown(0.004, 0.004), width, height)
        _mark(crop, (x0 - left, y0 - top, x1 - left, y1 - top), finding)
    for one in finding.candidates:
        x0, y0, x1, y1 = _pixels(one.box, width, height)
        cv2.rectangle(crop, (x0 - left, y0 - top), (x1 - left, y1 - top), LOOKED_AT, max(1, max(crop.shape[:2]) // 700))
    upright: Image = np.ascontiguousarray(np.rot90(crop, k=-(page.rotation // 90) % 4))
    scale = MAX_SIDE / max(upright.shape[:2])
    if scale < 1:
        upright = cv2.resize(upright, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return upright


def _around(box: Box, *, turned: bool) -> Box:
    min_width, min_height = (MIN_HEIGHT, MIN_WIDTH) if turned else (MIN_WIDTH, MIN_HEIGHT)
    dx = max(MARGIN, (min_width - box.width) / 2)
    dy = max(MARGIN, (min_height - box.height) / 2)
    return box.grown(dx, dy)


def _pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0 = int(box.x0 * width), int(box.y0 * height)
    return x0, y0, max(x0 + 1, round(box.x1 * width)), max(y0 + 1, round(box.y1 * height))


def _mark(crop: Image, box: tuple[int, int, int, int], finding: Finding) -> None:
    x0, y0, x1, y1 = box
    colour = COLOURS[finding.severity]
    thickness = max(2, max(crop.shape[:2]) // 400)
    if finding.code not in ABSENT:
        cv2.rectangle(crop, (x0, y0), (x1, y1), colour, thickness)
        return
    dash = 6 * thickness
    for x in range(x0, x1, 2 * dash):
        cv2.line(crop, (x, y0), (min(x + dash, x1), y0), colour, thickness)
        cv2.line(crop, (x, y1), (min(x + dash, x1), y1), colour, thickness)
    for y in range(y0, y1, 2 * dash):
        cv2.line(crop, (x0, y), (x0, min(y + dash, y1)), colour, thickness)
        cv2.line(crop, (x1, y), (x1, min(y + dash, y1)), colour, thickness)


def _wanted(envelope: EnvelopeReport, by_name: Mapping[str, EnvelopeReport]) -> Iterator[_Wanted]:
    for finding in envelope.findings:
        if finding.page is None:
            continue
        page = _page_of(finding, envelope, by_name)
        if page is not None and page.kind != "unreadable":
            yield _Wanted(finding, page)


def _page_of(finding: Finding, envelope: EnvelopeReport, by_name: Mapping[str, EnvelopeReport]) -> Page | None:
    """By content, for two envelopes may bear one name, and the earlier one may stand in no report of today."""
    at_hand = (*envelope.pages, *envelope.sheets)
    page = next((p for p in at_hand if finding.sheet == p.sheet and finding.page == p.number), None)
    if page is not None or finding.sheet:
        return page
    holder = by_name.get(finding.envelope or envelope.envelope)
    return next((p for p in holder.pages if p.number == finding.page), None) if holder else None


def _by_page(wanted: Sequence[_Wanted]) -> dict[tuple[str, int], list[_Wanted]]:
    """By file and place in it: a page may lie in more than one envelope."""
    pages: dict[tuple[str, int], list[_Wanted]] = {}
    for one in wanted:
        pages.setdefault((one.page.sha256, one.page.index), []).append(one)
    return pages


def _with_paths(envelope: EnvelopeReport, written: Mapping[str, str]) -> EnvelopeReport:
    findings = tuple(f.model_copy(update={"evidence": written.get(f.id)}) for f in envelope.findings)
    return envelope.model_copy(update={"findings": findings})
