"""One arrival, from files to submissions: look, read, find seals, sort, extract, read again. No record here."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from pydantic import TypeAdapter

from extractors import all_extractors
from pipeline.errors import UnreadableScan
from pipeline.intake.logical import logical_pages
from pipeline.intake.look import Looked, look
from pipeline.intake.open import OpenScan, TextPage, open_scan
from pipeline.intake.split import cover_payload, split_at_covers
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
    Submission,
)
from pipeline.programmes import Programme
from pipeline.reading.hand_rings import hand_rings
from pipeline.reading.openvino import OpenVinoEngine, engine_name, shared_engine
from pipeline.reading.read import read_page
from pipeline.reading.red_figures import red_figures
from pipeline.reading.second_look import look_again
from pipeline.reading.second_reading import Ask, asks_of, verified
from pipeline.reading.tickboxes import tick_boxes
from pipeline.seals.find import find_seals
from pipeline.seals.ink import inks_of
from pipeline.seals.ornaments import is_ornament
from pipeline.seals.read import read_seals
from pipeline.seals.riding import find_riding, riding_seals
from pipeline.seals.suspect import ink_fingerprint
from pipeline.seals.traces import has_faint_trace
from pipeline.settings import Settings
from pipeline.several import several_on
from pipeline.sheets import on_sheets, sheets_of
from pipeline.skimming import Skimmer
from pipeline.sorting import Group, sort_pages
from pipeline.store import Arrival, Originals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = [
    "OBSERVER",
    "Seen",
    "engine_of",
    "observe",
    "reading_key",
    "seal_of",
    "see_file",
    "submissions_from",
    "submissions_json",
]

log = logging.getLogger(__name__)

# Part of the key of every reading: raise it when what is read, sorted or extracted changes.
OBSERVER = "11"

SURE_WORD = 0.6  # of a line: below it the reader guesses shapes
ILLEGIBLE = "nothing on it can be read (blurred, too dark or handwritten): look at the paper, scan the page again"
INKED = 0.1  # density from which a pixel bears coloured ink
A4_LONG_INCHES = 11.69
LEAST_PLACE = 20  # px of a place's sides: nothing smaller holds a seal
LEAST_RIDDEN = 3  # pages of a document that is worth a riding seal
JPEG_QUALITY = 95  # pages wait compressed for their second reading: 100 pages in 80 MB instead of 1.1 GB

_submissions = TypeAdapter(tuple[Submission, ...])


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as read, with its upright picture (JPEG bytes) for readings of single fields.

    Of a page that got a glance the picture holds its left and right edge only, and is empty if those are white.
    """

    read: ReadPage
    picture: bytes

    def upright(self) -> Image:
        """The upright picture, BGR."""
        decoded = cv2.imdecode(np.frombuffer(self.picture, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(decoded, np.uint8)


def engine_of(settings: Settings) -> OpenVinoEngine:
    """The reader of this process; its models load once."""
    return shared_engine(settings.reading.detection_side, 1)


def reading_key(arrival: Arrival, settings: Settings, programme: Programme) -> str:
    """Under which an observation is kept: content, cut, engine, settings, and the taxonomy used to extract."""
    parts = (
        arrival.sha256,
        arrival.split,
        OBSERVER,
        engine_name(settings.reading.detection_side),
        settings.reading.model_dump_json(),
        settings.bounds.model_dump_json(),
        programme.id,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def submissions_json(submissions: Sequence[Submission]) -> bytes:
    """Submissions as kept in the store."""
    return _submissions.dump_json(tuple(submissions))


def submissions_from(data: bytes) -> tuple[Submission, ...]:
    """The inverse of :func:`submissions_json`."""
    return _submissions.validate_json(data)


def observe(arrival: Arrival, originals: Originals, settings: Settings, programme: Programme) -> tuple[Submission, ...]:
    """Read one arrival. One submission, or several where it is cut (CONTRACT ``--split``).

    Never raises for what a file holds: a page that cannot be read is a page of kind ``unreadable``.
    """
    seen: list[Seen] = []
    problems: list[str] = [arrival.problem] if arrival.problem else []
    skimmer = Skimmer()
    for file in arrival.files:
        path = originals.path(file.sha256)
        first = seen[-1].read.page.number + 1 if seen else 1
        seen.extend(see_file(path, file.sha256, file.name, first, settings, problems, skimmer))
    if not any(s.read.page.kind != "unreadable" for s in seen):
        return (
            Submission(
                envelope=arrival.name,
                sha256=arrival.sha256,
                pages=sheets_of([s.read.page for s in seen]),
                problem=problems[0] if problems else "no page of it could be read",
            ),
        )
    segments = split_at_covers([s.read.page for s in seen]) if arrival.split == "auto" else ((0, len(seen)),)
    groups = [part for start, end in segments for part in _segment(seen[start:end], arrival, settings, programme)]
    return tuple(_named(part, arrival, number) for number, part in enumerate(groups, start=1))


def see_file(
    path: Path,
    sha256: str,
    name: str,
    first_number: int,
    settings: Settings,
    problems: list[str],
    skimmer: Skimmer | None = None,
) -> Iterator[Seen]:
    """Every logical page of one file, read; sentences on what could not be opened are added to ``problems``.

    :param skimmer: what the pages before tell, where the file is one of several of an envelope
    """
    skimmer = skimmer or Skimmer()
    try:
        scan = open_scan(path, bounds=settings.bounds, dpi=settings.reading.render_dpi)
    except UnreadableScan as error:
        sentence = error.message.replace(str(path), name).replace(path.name, name)
        problems.append(sentence if name in sentence else f"{name}: {sentence}")
        yield _unreadable(first_number, name, 0, sha256, problems[-1])
        return
    with scan:
        for index in range(scan.page_count):
            yield from _see_page(scan, index, first_number + index, sha256, name, settings, problems, skimmer)


def _see_page(
    scan: OpenScan,
    index: int,
    number: int,
    sha256: str,
    name: str,
    settings: Settings,
    problems: list[str],
    skimmer: Skimmer,
) -> tuple[Seen, ...]:
    """One scanned page, read; a page that cannot be read costs itself only."""
    try:
        return _read_sheet(scan, index, number, sha256, name, settings, skimmer)
    except UnreadableScan as error:
        problems.append(f"{name}, page {index + 1}: {error.message}")
    except Exception as error:
        # Our own fault, not the file's: the page is said to be unread, the rest of the envelope goes on.
        log.error("page %d of %s broke its reader: %r", index + 1, name, error, exc_info=_in_detail())
        problems.append(f"{name}, page {index + 1}: it could not be read ({type(error).__name__}): look at the paper")
    return (_unreadable(number, name, index, sha256, problems[-1]),)


def _in_detail() -> bool:
    """Whether whoever runs this asked for details: a user never sees a traceback (CONTRACT)."""
    return log.isEnabledFor(logging.INFO)


def _read_sheet(
    scan: OpenScan, index: int, number: int, sha256: str, name: str, settings: Settings, skimmer: Skimmer
) -> tuple[Seen, ...]:
    """One scanned page: mostly one logical page, two where a sheet bears two side by side."""
    image = scan.image(index)
    if settings.reading.skim:
        passed = skimmer.pass_over(
            scan, index, image, number=number, file=name, sha256=sha256, engine=engine_of(settings)
        )
        if passed is not None:
            return (Seen(passed.page, b"" if passed.edges is None else _jpeg(passed.edges)),)
    sheet = look(
        image,
        number=number,
        file=name,
        index=index,
        sha256=sha256,
        dpi=scan.dpi(index),
        native_dpi=scan.native_dpi(index),
        engine=engine_of(settings),
    )
    text_page = scan.text_page(index)
    parts = logical_pages(sheet, engine_of(settings))
    return tuple(_read_page(looked, text_page, settings, skimmer) for looked in parts)


def _read_page(looked: Looked, text_page: TextPage | None, settings: Settings, skimmer: Skimmer) -> Seen:
    if looked.page.kind == "blank":
        return Seen(ReadPage(page=looked.page, depth="looked"), b"")
    read = read_page(looked, engine=engine_of(settings), settings=settings.reading, text_page=text_page)
    read = read.model_copy(update={"seals": seals_on(looked, settings)})
    if illegible(read):
        page = read.page.model_copy(update={"kind": "unreadable", "problem": ILLEGIBLE})
        read = read.model_copy(update={"page": page})
    if settings.reading.skim:
        skimmer.learn(read, looked)
    return Seen(read, _jpeg(looked.upright))


def illegible(read: ReadPage) -> bool:
    """Whether a page that is not blank says nothing at all: no word of its text is sure, no seal and no code on it."""
    words = any(line.confidence >= SURE_WORD and len(line.text) > 1 for line in read.lines)
    return not words and not read.page.codes and not any(seal.legible for seal in read.seals)


def seals_on(looked: Looked, settings: Settings) -> tuple[SealReading, ...]:
    """The seals of a page, read without names, each with the fingerprint of its ink; boxes on the upright page."""
    found = find_seals(looked.upright, dpi=looked.page.quality.dpi)
    if not found:
        return ()
    readings = read_seals(looked.upright, found, engine_of(settings), page=looked.page.number)
    inks = [ink_fingerprint(looked.upright, f) for f in found]
    told = [(r, ink) for r, ink in zip(readings, inks, strict=True) if not is_ornament(r)]
    return tuple(
        r.model_copy(update={"fingerprint": print_, "remarks": (*r.remarks, *remarks)}) for r, (print_, remarks) in told
    )


def _segment(
    seen: Sequence[Seen], arrival: Arrival, settings: Settings, programme: Programme
) -> Iterator[tuple[Sequence[Seen], tuple[Document, ...]]]:
    """The submissions of one segment: its documents, cut where a second information form begins."""
    numbered = _counted(seen)
    documents = documents_of(numbered, settings, programme)
    cuts = second_forms(documents) if arrival.split == "auto" else ()
    if not cuts:
        yield numbered, documents
        return
    edges = [1, *cuts, numbered[-1].read.page.number + 1]
    for start, end in pairwise(edges):
        part = _counted([s for s in numbered if start <= s.read.page.number < end])
        yield part, documents_of(part, settings, programme)


def documents_of(seen: Sequence[Seen], settings: Settings, programme: Programme) -> tuple[Document, ...]:
    """Sort pages into documents and extract each. Pages and boxes of the result are those as scanned."""
    seen = [part for s in seen for part in _several(s)]
    numbers = [s.read.page.number for s in seen]
    # While documents are made every logical page counts: two on one sheet are two pages in reading order.
    seen = [_renumbered(s, i) for i, s in enumerate(seen, start=1)]
    content = [s.read for s in seen if s.read.page.kind == "content"]
    groups = sort_pages(content, all_extractors())
    by_number = {s.read.page.number: s for s in seen}
    extracted = [
        _extracted(group, [content[i] for i in group.pages], by_number, settings, programme) for group in groups
    ]
    documents = _verified([document for document, _ in extracted], [asks for _, asks in extracted])
    pages = {s.read.page.number: s.read.page for s in seen}
    return tuple(on_sheets(placed(d, pages), numbers).model_copy(update={"index": i}) for i, d in enumerate(documents))


def _several(seen: Seen) -> tuple[Seen, ...]:
    """Certificates that share a sheet, each as a page of its own."""
    cells = several_on(seen.read, all_extractors())
    if not cells:
        return (seen,)
    picture = seen.upright() if seen.picture else None
    return tuple(Seen(part, b"" if picture is None else _jpeg(_cut(picture, cell))) for cell, part in cells)


def _cut(picture: Image, cell: Box) -> Image:
    height, width = picture.shape[:2]
    rows = slice(round(cell.y0 * height), max(round(cell.y1 * height), 1))
    return np.ascontiguousarray(picture[rows, round(cell.x0 * width) : max(round(cell.x1 * width), 1)])


def second_forms(documents: Sequence[Document]) -> tuple[int, ...]:
    """Page numbers at which a second information form begins; a cover letter right before it goes with it."""
    forms = [
        d
        for d in documents
        if d.type == DocumentType.INFORMATION_FORM and any(d.field(n) for n in ("name", "uscc", "application_no"))
    ]
    starts = sorted(min(d.pages) for d in forms)[1:]
    letters = {max(d.pages) + 1: min(d.pages) for d in documents if d.type == DocumentType.COVER_LETTER}
    return tuple(letters.get(start, start) for start in starts)


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
            log.error("extracting %s from pages %s failed: %r", group.type, numbers, error, exc_info=_in_detail())
            document = document.model_copy(update={"type": DocumentType.OTHER, "remarks": ("extraction_failed",)})
    places = tuple(_inked(place, pictures) for place in document.places)
    seals = tuple(seal_of(r) for p in pages for r in p.seals)
    riding = _riding([p.page.number for p in pages], pictures)
    document = document.model_copy(update={"seals": seals, "places": places, "riding_seals": riding})
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
        log.error("looking again at %s, pages %s, failed: %r", group.type, document.pages, error, exc_info=_in_detail())
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
        log.error("the second reading failed: %r", error, exc_info=_in_detail())
        return tuple(documents)


def _riding(numbers: Sequence[int], pictures: Mapping[int, Image]) -> tuple[RidingSeal, ...]:
    """Riding seals over a document's own pages in reading order: blank backs and strangers do not break them."""
    if len(numbers) < LEAST_RIDDEN:
        return ()
    # A page without a picture got a glance that saw no ink at its edges: it bears no slice.
    pictured = {place: pictures[number] for place, number in enumerate(numbers, start=1) if number in pictures}
    slices = find_riding(list(pictured.items()))
    wide = {place for place, picture in pictured.items() if _lies(picture)}
    upright = set(range(1, len(numbers) + 1)) - wide
    # A sheet of the rarer orientation may bear its slice on another of its edges: without one it tells nothing.
    across = min(wide, upright, key=len)
    return tuple(
        seal.model_copy(
            update={
                "pages": tuple(numbers[p - 1] for p in seal.pages),
                # a page without its slice is a break; a leap of the rim may be the hand's that fanned the pages
                "breaks": tuple(numbers[p - 1] for p in seal.breaks if p not in seal.pages and p not in across),
            }
        )
        for seal in riding_seals(slices)
    )


def _lies(picture: Image) -> bool:
    return bool(picture.shape[1] > picture.shape[0])


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
            "statements": statements,
        }
    )


def _counted(seen: Sequence[Seen]) -> list[Seen]:
    """Scanned pages numbered from 1 within an envelope; logical pages of one sheet keep one number."""
    order = {number: i for i, number in enumerate(dict.fromkeys(s.read.page.number for s in seen), start=1)}
    return [_renumbered(s, order[s.read.page.number]) for s in seen]


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


def _renumbered(seen: Seen, number: int) -> Seen:
    read = seen.read
    if read.page.number == number:
        return seen
    page = read.page.model_copy(update={"number": number})
    seals = tuple(s.model_copy(update={"page": number}) for s in read.seals)
    return Seen(read.model_copy(update={"page": page, "seals": seals}), seen.picture)


def _named(part: tuple[Sequence[Seen], tuple[Document, ...]], arrival: Arrival, number: int) -> Submission:
    seen, documents = part
    pages = sheets_of([s.read.page for s in seen])
    cover = next(filter(None, map(cover_payload, pages)), None)
    return Submission(
        # The first one keeps the file's name, so that uncut files and cut ones read alike.
        envelope=arrival.name if number == 1 else f"{arrival.name}#{number}",
        sha256=arrival.sha256,
        pages=pages,
        documents=documents,
        cover_application_no=cover.application_no if cover else None,
        received_on=cover.received_on if cover else None,
    )


def _unreadable(number: int, file: str, index: int, sha256: str, problem: str) -> Seen:
    page = Page(
        number=number, file=file, index=index, sha256=sha256, width=0, height=0, kind="unreadable", problem=problem
    )
    return Seen(ReadPage(page=page, depth="looked"), b"")


def _jpeg(image: Image) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise UnreadableScan("the page's picture cannot be kept for a second reading")
    return data.tobytes()
