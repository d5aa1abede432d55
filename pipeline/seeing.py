"""One file, page by page: looked at, read, its seals found. What pages make up is not known here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.errors import UnreadableScan
from pipeline.intake.logical import logical_pages
from pipeline.intake.look import Looked, look
from pipeline.intake.open import OpenScan, TextPage, open_scan
from pipeline.model import (
    Page,
    ReadPage,
    SealCandidate,
    SealReading,
)
from pipeline.reading.openvino import OpenVinoEngine, shared_engine
from pipeline.reading.read import read_page
from pipeline.seals.find import FoundSeal, look_for_seals
from pipeline.seals.ornaments import is_ornament
from pipeline.seals.read import read_seals
from pipeline.seals.reader import seal_readers
from pipeline.seals.suspect import ink_signs
from pipeline.settings import Settings
from pipeline.skimming import Skimmer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = [
    "Seen",
    "Watch",
    "engine_of",
    "illegible",
    "in_detail",
    "jpeg",
    "renumbered",
    "seals_on",
    "seals_seen",
    "see_file",
]

log = logging.getLogger(__name__)

SURE_WORD = 0.6  # of a line: below it the reader guesses shapes
ILLEGIBLE = "nothing on it can be read (blurred, too dark or handwritten): look at the paper, scan the page again"
JPEG_QUALITY = 95  # pages wait compressed for their second reading: 100 pages in 80 MB instead of 1.1 GB


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as read, with its upright picture (JPEG bytes) for readings of single fields.

    Of a page that got a glance the picture holds its edges only, and is empty if those are white.
    """

    read: ReadPage
    picture: bytes

    def upright(self) -> Image:
        """The upright picture, BGR."""
        decoded = cv2.imdecode(np.frombuffer(self.picture, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(decoded, np.uint8)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches over the reading: ``begins`` is told each page before it is touched (sha256 of its file, place in it
    from 0; no file when the documents are begun); ``barred``: pages not to be touched, and why; ``waits`` is called
    again and again while an original is fetched from elsewhere.
    """

    begins: Callable[[str, int], None] = lambda _sha256, _page: None
    barred: Mapping[tuple[str, int], str] = field(default_factory=dict)
    waits: Callable[[], None] = lambda: None


def engine_of(settings: Settings) -> OpenVinoEngine:
    """The reader of this process; its models load once."""
    return shared_engine(settings.reading.detection_side, 1)


def see_file(
    path: Path,
    sha256: str,
    name: str,
    first_number: int,
    settings: Settings,
    problems: list[str],
    skimmer: Skimmer | None = None,
    watch: Watch | None = None,
) -> Iterator[Seen]:
    """Every logical page of one file, read; sentences on what could not be opened are added to ``problems``.

    :param skimmer: what the pages before tell, where the file is one of several of an envelope
    """
    skimmer, watch = skimmer or Skimmer(), watch or Watch()
    watch.begins(sha256, 0)
    try:
        scan = open_scan(path, bounds=settings.bounds, dpi=settings.reading.render_dpi)
    except UnreadableScan as error:
        sentence = error.message.replace(str(path), name).replace(path.name, name)
        problems.append(sentence if name in sentence else f"{name}: {sentence}")
        yield _unreadable(first_number, name, 0, sha256, problems[-1])
        return
    with scan:
        for index in range(scan.page_count):
            number = first_number + index
            if reason := watch.barred.get((sha256, index)):
                problems.append(f"{name}, page {index + 1}: {reason}")
                yield _unreadable(number, name, index, sha256, problems[-1])
                continue
            watch.begins(sha256, index)
            yield from _see_page(scan, index, number, sha256, name, settings, problems, skimmer)


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
        log.error("page %d of %s broke its reader: %r", index + 1, name, error, exc_info=in_detail())
        problems.append(f"{name}, page {index + 1}: it could not be read ({type(error).__name__}): look at the paper")
    return (_unreadable(number, name, index, sha256, problems[-1]),)


def in_detail() -> bool:
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
            return (Seen(passed.page, b"" if passed.edges is None else jpeg(passed.edges)),)
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
    seals, rejected = seals_seen(looked)
    read = read.model_copy(update={"seals": seals, "rejected": rejected})
    if illegible(read):
        page = read.page.model_copy(update={"kind": "unreadable", "problem": ILLEGIBLE})
        read = read.model_copy(update={"page": page})
    if settings.reading.skim:
        skimmer.learn(read, looked)
    return Seen(read, jpeg(looked.upright))


def illegible(read: ReadPage) -> bool:
    """Whether a page that is not blank says nothing at all: no word of its text is sure, no seal and no code on it."""
    words = any(line.confidence >= SURE_WORD and len(line.text) > 1 for line in read.lines)
    return not words and not read.page.codes and not any(seal.legible for seal in read.seals)


def seals_on(looked: Looked) -> tuple[SealReading, ...]:
    """The seals of a page, read without names, each with its ink's imprint; boxes on the upright page."""
    return seals_seen(looked)[0]


def seals_seen(looked: Looked) -> tuple[tuple[SealReading, ...], tuple[SealCandidate, ...]]:
    """The seals of a page (:func:`seals_on`), and what was looked at and not taken for one."""
    found, rest = look_for_seals(looked.upright, dpi=looked.page.quality.dpi)
    rejected = tuple(_candidate(one, looked.page.number) for one in rest)
    if not found:
        return (), rejected
    readings = read_seals(looked.upright, found, seal_readers(), page=looked.page.number)
    inks = [ink_signs(looked.upright, f) for f in found]
    told = [(r, ink) for r, ink in zip(readings, inks, strict=True) if not is_ornament(r)]
    return (
        tuple(r.model_copy(update={"fingerprint": imprint, "signs": signs}) for r, (imprint, signs) in told),
        rejected,
    )


def _candidate(one: FoundSeal, page: int) -> SealCandidate:
    return SealCandidate(page=page, box=one.box, shape=one.shape, colour=one.colour, found=round(one.found, 3))


def renumbered(seen: Seen, number: int) -> Seen:
    read = seen.read
    if read.page.number == number:
        return seen
    page = read.page.model_copy(update={"number": number})
    seals = tuple(s.model_copy(update={"page": number}) for s in read.seals)
    rejected = tuple(s.model_copy(update={"page": number}) for s in read.rejected)
    return Seen(read.model_copy(update={"page": page, "seals": seals, "rejected": rejected}), seen.picture)


def _unreadable(number: int, file: str, index: int, sha256: str, problem: str) -> Seen:
    page = Page(
        number=number, file=file, index=index, sha256=sha256, width=0, height=0, kind="unreadable", problem=problem
    )
    return Seen(ReadPage(page=page, depth="looked"), b"")


def jpeg(image: Image) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise UnreadableScan("the page's picture cannot be kept for a second reading")
    return data.tobytes()
