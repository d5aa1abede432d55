"""Pages that cannot matter get a glance: those of an audit report's long notes, once its notes have been met.

A page is read in full whenever it could matter or a glance cannot tell: coloured ink that may be a seal, a code, a
photograph, another size, large print, little text, a heading about revenue, a statement's title, what another kind of
document claims, and whatever does not say itself that it goes on with the notes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extractors import all_extractors
from extractors.audit_report import NotesSeen, reason_to_read
from pipeline.glance import Glance, Layout, glance, layout_of
from pipeline.intake.look import Looked
from pipeline.model import Box, DocumentType, Page, ReadPage
from pipeline.sorting import CLAIM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.intake.open import OpenScan
    from pipeline.reading.openvino import OpenVinoEngine

    Image = NDArray[np.uint8]

__all__ = ["SkimMemory", "Skimmer"]

FEW_ROWS = 8  # rows of text under which a page may be anything
ROW_RATIO = (0.65, 1.5)  # of the notes' own rows: print of another size is another document's
TITLE_WORDS = re.compile(
    r"证|执照|许可|登记|专利|著作|通知|申报|申请|信息表|声明|承诺|说明|函|报告|certif|licen|iso|cmmi", re.IGNORECASE
)
SIZE_SLACK = 0.03  # relative: sizes of pages through one scanner
SAME_PLACE = 0.02  # of the page: a logo printed on every page lies where it lay


@dataclass(frozen=True, slots=True)
class SkimMemory:
    """What the pages of one arrival so far tell: of their notes, and how pages of notes look.

    ``marks``: coloured print that a full reading found to be no seal (a logo in the head of every page).
    """

    notes: NotesSeen = field(default_factory=NotesSeen)
    sizes: tuple[tuple[int, int], ...] = ()
    row_height: float = 0.0
    marks: tuple[Box, ...] = ()
    shapes: tuple[Box, ...] = ()
    rotation: int = 0
    typed: bool = False

    def after(self, read: ReadPage, looked: Looked | None = None) -> SkimMemory:
        """With one more page; ``looked`` is its picture if it was read in full."""
        notes = self.notes.after(read, _other_claim)
        if looked is None or not notes.going_on or notes.learned == self.notes.learned:
            return replace(self, notes=notes)
        page = read.page
        layout = layout_of(looked.upright, page.quality.dpi)
        return SkimMemory(
            notes=notes,
            sizes=(*self.sizes[-6:], (page.upright_width, page.upright_height)),
            row_height=layout.row_height,
            marks=(*self.marks[-12:], *layout.marks[:12]),
            shapes=(*self.shapes[-12:], *layout.shapes[:12]),
            rotation=page.rotation,
            typed=page.born_digital,
        )


class Skimmer:
    """Goes through the pages of one arrival in order and says which of them a glance is enough for."""

    def __init__(self, memory: SkimMemory | None = None) -> None:
        self.memory = memory or SkimMemory()
        self.reasons: dict[int, str] = {}  # why pages between notes were read in full

    def pass_over(
        self, scan: OpenScan, index: int, image: Image, *, number: int, file: str, sha256: str, engine: OpenVinoEngine
    ) -> Glance | None:
        """A glance at a page of notes that cannot matter; None where the page is to be read in full."""
        memory = self.memory
        if not memory.notes.may_pass:
            return None
        seen = glance(
            image,
            number=number,
            file=file,
            index=index,
            sha256=sha256,
            dpi=scan.dpi(index),
            native_dpi=scan.native_dpi(index),
            rotation=memory.rotation,
            engine=engine,
            text_page=scan.text_page(index) if memory.typed else None,
        )
        if seen is None:
            self.reasons[number] = "no glance tells"
            return None
        if reason := _other_look(seen.page.page, seen.layout, memory) or _reason(seen, memory):
            self.reasons[number] = reason
            return None
        self.memory = memory.after(seen.page)
        return seen

    def learn(self, read: ReadPage, looked: Looked) -> None:
        """A page that was read in full."""
        self.memory = self.memory.after(read, looked)


def _reason(seen: Glance, memory: SkimMemory) -> str:
    page = seen.page
    # To ask every extractor costs as much as the glance: only what may be a title is worth it.
    if any(TITLE_WORDS.search(line.text) for line in page.lines) and _other_claim(page) >= CLAIM:
        return "another document"
    return reason_to_read(page, memory.notes, seen.labels)


def _other_look(page: Page, layout: Layout, memory: SkimMemory) -> str:
    """What makes a page look unlike the notes so far, "" if nothing does."""
    size = (page.upright_width, page.upright_height)
    ratio = layout.row_height / max(1e-6, memory.row_height)
    tests = {
        "another size": not any(_same_size(size, known) for known in memory.sizes),
        "little text": len(layout.rows) < FEW_ROWS,
        "print of another size": not ROW_RATIO[0] < ratio < ROW_RATIO[1],
        "what is no print": any(not _known(shape, memory.shapes) for shape in layout.shapes),
        "coloured ink": any(not _known(mark, memory.marks) for mark in layout.marks),
    }
    return next((name for name, there in tests.items() if there), "")


def _same_size(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return all(abs(a - b) <= SIZE_SLACK * max(a, b) for a, b in zip(one, other, strict=True))


def _known(mark: Box, known: Sequence[Box]) -> bool:
    return any(
        mark.x0 > box.x0 - SAME_PLACE
        and mark.y0 > box.y0 - SAME_PLACE
        and mark.x1 < box.x1 + SAME_PLACE
        and mark.y1 < box.y1 + SAME_PLACE
        for box in known
    )


def _other_claim(page: ReadPage) -> int:
    """The best score that any document but an audit report gives the page."""
    scores = (extractor.score(page) for extractor in all_extractors())
    return max((s.score for s in scores if s is not None and s.type != DocumentType.AUDIT_REPORT), default=0)
