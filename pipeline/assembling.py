"""Pages that were read become documents: sorted, extracted, looked at again, sealed, placed on the scan."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np

from extractors import all_extractors
from pipeline.intake.split import CHECKLIST, cover_payload, separated_type
from pipeline.intake.upright import to_scan_box
from pipeline.model import (
    Box,
    Document,
    DocumentType,
    Page,
    ReadPage,
    RidingSeal,
    Seal,
    SealPlace,
    SealReading,
)
from pipeline.programmes import Programme
from pipeline.reading.hand_rings import hand_rings
from pipeline.reading.red_figures import red_figures
from pipeline.reading.second_look import look_again
from pipeline.reading.second_reading import Ask, asks_of, verified
from pipeline.reading.tickboxes import tick_boxes
from pipeline.seals.ink import inks_of
from pipeline.seals.reader import seal_readers
from pipeline.seals.riding import LEAST_RIDDEN, Ridden, find_riding
from pipeline.seals.slices import read_ridden, slices_of
from pipeline.seals.traces import has_faint_trace
from pipeline.seeing import Seen, engine_of, in_detail, jpeg, renumbered
from pipeline.settings import Settings
from pipeline.several import several_on
from pipeline.sheets import on_sheets
from pipeline.sorting import Group, Section, sort_pages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["documents_of", "placed", "seal_of"]

log = logging.getLogger(__name__)

INKED = 0.1  # density from which a pixel bears coloured ink
A4_LONG_INCHES = 11.69
LEAST_PLACE = 20  # px of a place's sides: nothing smaller holds a seal
LEGIBLE = 0.45  # of a reading under which its text tells nothing


def documents_of(seen: Sequence[Seen], settings: Settings, programme: Programme) -> tuple[Document, ...]:
    """Sort pages into documents and extract each. Pages and boxes of the result are those as scanned."""
    seen = [part for s in seen for part in _several(s)]
    numbers = [s.read.page.number for s in seen]
    # While documents are made every logical page counts: two on one sheet are two pages in reading order.
    seen = [renumbered(s, i) for i, s in enumerate(seen, start=1)]
    content = [s.read for s in seen if s.read.page.kind == "content"]
    groups = sort_pages(content, all_extractors(), _sections([s.read.page for s in seen]))
    by_number = {s.read.page.number: s for s in seen}
    extracted = [
        _extracted(group, [content[i] for i in group.pages], by_number, settings, programme) for group in groups
    ]
    documents = _verified([document for document, _ in extracted], [asks for _, asks in extracted])
    documents = _with_riding(documents, seen)
    pages = {s.read.page.number: s.read.page for s in seen}
    return tuple(on_sheets(placed(d, pages), numbers).model_copy(update={"index": i}) for i, d in enumerate(documents))


def _sections(pages: Sequence[Page]) -> tuple[Section | None, ...]:
    """Of each content page the section that the separator sheet before it opened; a cover ends it."""
    found: list[Section | None] = []
    current: Section | None = None
    for page in pages:
        if page.kind == "cover":
            type_ = separated_type(page)
            current = Section(page.number, type_) if type_ else current if _goes_on(page) else None
        elif page.kind == "content":
            found.append(current)
    return tuple(found)


def _goes_on(page: Page) -> bool:
    payload = cover_payload(page)
    return payload is not None and payload.sheet == CHECKLIST


def _several(seen: Seen) -> tuple[Seen, ...]:
    """Certificates that share a sheet, each as a page of its own."""
    cells = several_on(seen.read, all_extractors())
    if not cells:
        return (seen,)
    picture = seen.upright() if seen.picture else None
    return tuple(Seen(part, b"" if picture is None else jpeg(_cut(picture, cell))) for cell, part in cells)


def _cut(picture: Image, cell: Box) -> Image:
    height, width = picture.shape[:2]
    rows = slice(round(cell.y0 * height), max(round(cell.y1 * height), 1))
    return np.ascontiguousarray(picture[rows, round(cell.x0 * width) : max(round(cell.x1 * width), 1)])


def _with_boxes(page: ReadPage, picture: Image) -> ReadPage:
    return page.model_copy(update={"boxes": (*tick_boxes(picture), *hand_rings(picture, page.rulings))})


def _extracted(
    group: Group, pages: Sequence[ReadPage], seen: dict[int, Seen], settings: Settings, programme: Programme
) -> tuple[Document, tuple[Ask, ...]]:
    """A document with its seals, and its fields that shall be read again. Boxes lie on the upright page."""
    pictures = _Pictures({p.page.number: seen[p.page.number] for p in pages})
    if group.type == DocumentType.INFORMATION_FORM:
        # Only forms are ticked: on other pages the search would cost and find nothing.
        pages = [_with_boxes(p, pictures[p.page.number]) for p in pages]
    if group.type == DocumentType.AUDIT_REPORT:
        pages = [_with_red_figures(p, pictures) for p in pages]
    document = _without_extractor(group, pages)
    if group.extractor is not None:
        try:
            document = group.extractor.extract(pages, programme, group.type)
        except Exception as error:
            # A document that breaks its extractor costs itself only; the page stays in the ledger as unknown.
            numbers = [p.page.number for p in pages]
            log.error("extracting %s from pages %s failed: %r", group.type, numbers, error, exc_info=in_detail())
            document = document.model_copy(update={"type": DocumentType.OTHER, "remarks": ("extraction_failed",)})
    places = tuple(_inked(place, pictures) for place in document.places)
    seals = tuple(seal_of(r) for p in pages for r in p.seals)
    rejected = tuple(r for p in pages for r in p.rejected)
    document = document.model_copy(update={"seals": seals, "places": places, "rejected": rejected})
    if not settings.reading.second_reading:
        return document, ()
    # What its author's program wrote needs no second reader.
    scanned = pictures.without({p.page.number for p in pages if p.page.born_digital})
    try:
        document = look_again(document, scanned, engine_of(settings), {p.page.number: p.lines for p in pages})
        # A second reader sees no colour: it would miss the minus of a figure in red.
        red = {p.page.number: p.red_figures for p in pages}
        asks = asks_of(document, scanned)
        return document, tuple(a for a in asks if not _in_any(a.field.box, red.get(a.field.page, ())))
    except Exception as error:
        # What was read once stands, without the witness of a second look.
        log.error("looking again at %s, pages %s, failed: %r", group.type, document.pages, error, exc_info=in_detail())
        return document, ()


def _with_red_figures(page: ReadPage, pictures: Mapping[int, Image]) -> ReadPage:
    if page.depth == "looked" or page.page.number not in pictures:
        return page
    red = red_figures(page, pictures[page.page.number])
    return page.model_copy(update={"red_figures": red}) if red else page


def _in_any(box: Box, others: Sequence[Box]) -> bool:
    return any(box.intersection(other) > 0.5 * min(box.area, other.area) for other in others)


def _verified(documents: Sequence[Document], asks: Sequence[Sequence[Ask]]) -> tuple[Document, ...]:
    """The documents after their second reading; as read once where that breaks."""
    try:
        return verified(documents, asks)
    except Exception as error:
        log.error("the second reading failed: %r", error, exc_info=in_detail())
        return tuple(documents)


def _with_riding(documents: Sequence[Document], seen: Sequence[Seen]) -> tuple[Document, ...]:
    """The documents with the riding seals over the envelope's pages: each stands in the one that bears most of it."""
    if len(seen) < LEAST_RIDDEN or not documents:
        return tuple(documents)
    try:
        found = _riding(documents, seen)
    except Exception as error:
        # What was read stands without what rides over it.
        log.error("seeking riding seals failed: %r", error, exc_info=in_detail())
        return tuple(documents)
    return tuple(
        d.model_copy(update={"riding_seals": tuple(one for host, one in found if host == i)}) if found else d
        for i, d in enumerate(documents)
    )


def _riding(documents: Sequence[Document], seen: Sequence[Seen]) -> tuple[tuple[int, RidingSeal], ...]:
    """Riding seals over pages in the order of scanning, each with the index of its document."""
    pages = {s.read.page.number: s.read.page for s in seen}
    grey = {n for n, page in pages.items() if page.quality.colour != "colour" and page.kind == "content"}
    content = {n for n, page in pages.items() if page.kind == "content"}
    copied = set(pages) if 2 * len(grey) > len(content) else set()
    kin: dict[int, int] = {}
    for index, document in enumerate(documents):
        own = {*document.pages}
        copied |= own if 2 * len(own & grey) > len(own) and len(own) >= LEAST_RIDDEN else set()
        # A few pages that nobody knows may be any document's.
        if document.type != DocumentType.OTHER or len(own) >= LEAST_RIDDEN:
            kin.update(dict.fromkeys(own, index))
    # A page without a picture got a glance that saw no ink at its edges: it bears no slice.
    pictured = {s.read.page.number: s for s in seen if s.picture}
    found = find_riding(
        ((n, s.upright()) for n, s in pictured.items()), copied=copied, blank=set(pages) - content, kin=kin
    )
    return tuple((_host(one, documents), _ridden(one, pictured)) for one in found)


def _host(one: Ridden, documents: Sequence[Document]) -> int:
    """The document that bears most of a seal; one that is known, if any."""
    borne = {i: len({*d.pages} & {*one.pages}) for i, d in enumerate(documents)}
    known = {i for i, count in borne.items() if count and documents[i].type != DocumentType.OTHER}
    return max(sorted(known) or sorted(borne), key=lambda i: borne[i])


def _ridden(one: Ridden, pictured: Mapping[int, Seen]) -> RidingSeal:
    pictures = {n: pictured[n].upright() for n in one.pages}
    reading = read_ridden(one, pictures, seal_readers())
    slices = slices_of(one)
    return RidingSeal(
        pages=one.pages,
        text=reading.candidates[0].text if reading.candidates and reading.legible >= LEGIBLE else "",
        complete=one.complete,
        breaks=one.breaks,
        leaps=one.leaps,
        slices=slices,
        reading=reading.model_copy(update={"page": slices[0].page}),
    )


def _inked(place: SealPlace, pictures: Mapping[int, Image]) -> SealPlace:
    """The place with the share of it that coloured ink covers: a smudge that is no seal any more is still ink."""
    if place.signature or place.page not in pictures:
        return place
    picture = pictures[place.page]
    height, width = picture.shape[:2]
    x0, x1 = int(place.box.x0 * width), round(place.box.x1 * width)
    y0, y1 = int(place.box.y0 * height), round(place.box.y1 * height)
    if x1 - x0 < LEAST_PLACE or y1 - y0 < LEAST_PLACE:
        return place
    inks = inks_of(np.ascontiguousarray(picture[y0:y1, x0:x1]), None)
    coloured = np.maximum(inks.red, inks.cool) > INKED
    trace = has_faint_trace(picture[y0:y1, x0:x1], max(height, width) / A4_LONG_INCHES)
    return place.model_copy(update={"ink": round(float(coloured.mean()), 4), "trace": trace})


class _Pictures(dict[int, "Image"]):
    """Upright pictures by page number, decoded when asked for."""

    def __init__(self, seen: dict[int, Seen]) -> None:
        super().__init__()
        self._seen = seen

    def __missing__(self, number: int) -> Image:
        self[number] = self._seen[number].upright()
        return self[number]

    def __contains__(self, number: object) -> bool:
        seen = self._seen.get(number) if isinstance(number, int) else None
        return seen is not None and bool(seen.picture)

    def without(self, numbers: Set[int]) -> _Pictures:
        """Those of other pages; what was decoded is not decoded again."""
        rest = _Pictures({n: seen for n, seen in self._seen.items() if n not in numbers})
        rest.update({n: picture for n, picture in self.items() if n not in numbers})
        return rest


def placed(document: Document, pages: dict[int, Page]) -> Document:
    """Every box moved from the upright page to the page as scanned."""

    def to_scan(number: int, box: Box, *, round_: bool = False) -> Box:
        return to_scan_box(pages[number], box, round=round_)

    def seal(one: Seal) -> Seal:
        box = to_scan(one.page, one.box, round_=one.shape in ("round", "oval"))
        reading = one.reading.model_copy(update={"box": box}) if one.reading else None
        return one.model_copy(update={"box": box, "reading": reading})

    statements = tuple(
        s.model_copy(
            update={
                "rows": tuple(
                    r.model_copy(update={"boxes": tuple(to_scan(r.page, b) if b else None for b in r.boxes)})
                    for r in s.rows
                )
            }
        )
        for s in document.statements
    )
    return document.model_copy(
        update={
            "fields": tuple(f.model_copy(update={"box": to_scan(f.page, f.box)}) for f in document.fields),
            "places": tuple(p.model_copy(update={"box": to_scan(p.page, p.box)}) for p in document.places),
            "seals": tuple(seal(s) for s in document.seals),
            "rejected": tuple(s.model_copy(update={"box": to_scan(s.page, s.box)}) for s in document.rejected),
            "riding_seals": tuple(
                r.model_copy(
                    update={"slices": tuple(s.model_copy(update={"box": to_scan(s.page, s.box)}) for s in r.slices)}
                )
                for r in document.riding_seals
            ),
            "statements": statements,
        }
    )


def _without_extractor(group: Group, pages: Sequence[ReadPage]) -> Document:
    return Document(
        type=group.type,
        pages=tuple(p.page.number for p in pages),
        confidence=group.confidence,
        subject=group.subject,
    )


def seal_of(reading: SealReading) -> Seal:
    """A seal as yet nobody's: the free reading alone."""
    text = reading.candidates[0].text if reading.candidates else ""
    return Seal(
        page=reading.page,
        box=reading.box,
        shape=reading.shape,
        colour=reading.colour,
        text=text,
        confidence=0.0,
        reading=reading,
    )
