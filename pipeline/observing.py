"""One arrival, from files to submissions: look, read, find seals, sort, extract, read again. No record here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import TypeAdapter

from pipeline.assembling import documents_of
from pipeline.intake.split import ENVELOPE, cover_application_no, cover_payload, split_at_covers
from pipeline.model import (
    Document,
    DocumentType,
    Submission,
)
from pipeline.programmes import Programme
from pipeline.reading.openvino import engine_name
from pipeline.seeing import Seen, Watch, renumbered, see_file
from pipeline.settings import Settings
from pipeline.sheets import sheets_of
from pipeline.skimming import Skimmer
from pipeline.store import Arrival, Originals

__all__ = ["OBSERVER", "observe", "reading_key", "second_forms", "submissions_from", "submissions_json"]

# Part of the key of every reading: raise it when what is read, sorted or extracted changes.
OBSERVER = "17"

_submissions = TypeAdapter(tuple[Submission, ...])


def reading_key(arrival: Arrival, settings: Settings, programme: Programme) -> str:
    """Under which an observation is kept: content, cut, engine, settings, and the taxonomy used to extract."""
    parts = (
        arrival.sha256,
        arrival.split,
        OBSERVER,
        engine_name(settings.reading.detection_side),
        settings.reading.model_dump_json(),
        settings.bounds.that_change_readings(),
        programme.id,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def submissions_json(submissions: Sequence[Submission]) -> bytes:
    """Submissions as kept in the store."""
    return _submissions.dump_json(tuple(submissions))


def submissions_from(data: bytes) -> tuple[Submission, ...]:
    """The inverse of :func:`submissions_json`."""
    return _submissions.validate_json(data)


def observe(
    arrival: Arrival, originals: Originals, settings: Settings, programme: Programme, watch: Watch | None = None
) -> tuple[Submission, ...]:
    """Read one arrival. One submission, or several where it is cut (CONTRACT ``--split``).

    Never raises for what a file holds: a page that cannot be read is a page of kind ``unreadable``.
    """
    seen: list[Seen] = []
    problems: list[str] = [arrival.problem] if arrival.problem else []
    skimmer, watch = Skimmer(), watch or Watch()
    for file in arrival.files:
        first = seen[-1].read.page.number + 1 if seen else 1
        with originals.local(file.sha256, watch.waits) as path:
            seen.extend(see_file(path, file.sha256, file.name, first, settings, problems, skimmer, watch))
    watch.begins("", 0)
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


def _counted(seen: Sequence[Seen]) -> list[Seen]:
    """Scanned pages numbered from 1 within an envelope; logical pages of one sheet keep one number."""
    order = {number: i for i, number in enumerate(dict.fromkeys(s.read.page.number for s in seen), start=1)}
    return [renumbered(s, order[s.read.page.number]) for s in seen]


def _named(part: tuple[Sequence[Seen], tuple[Document, ...]], arrival: Arrival, number: int) -> Submission:
    seen, documents = part
    pages = sheets_of([s.read.page for s in seen])
    told = [payload for page in pages if cover_application_no(page) and (payload := cover_payload(page))]
    # A separator of the application stands in for a cover that was lost.
    cover = next((one for one in told if one.sheet == ENVELOPE), next(iter(told), None))
    return Submission(
        # The first one keeps the file's name, so that uncut files and cut ones read alike.
        envelope=arrival.name if number == 1 else f"{arrival.name}#{number}",
        sha256=arrival.sha256,
        pages=pages,
        documents=documents,
        cover_application_no=cover.application_no if cover else None,
        received_on=cover.received_on if cover else None,
    )
