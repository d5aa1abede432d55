"""Seals compared with each other and across envelopes: the same ink at two places, or two codes of one seal.

Each reading's seals are gone through once and compared with those that came before; what was found is kept. Judging
only looks it up, so an envelope that comes later tells on one that was judged long ago at the next nightly run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from pydantic import TypeAdapter, ValidationError

from pipeline.intake.upright import to_upright_box
from pipeline.model import Box, Page, SealReading, Submission
from pipeline.model.frozen import Frozen
from pipeline.store import Imprint, Store, Twin
from pipeline.store.imprints import all_twins, imprint_hashes, imprint_of, keep_imprints, without_imprints
from pipeline.store.verdicts import arrivals_told

__all__ = ["ALIKE_SHEETS", "COPIED", "DIFFERENT_CODE", "SealTwin", "twins_of"]

COPIED, DIFFERENT_CODE = "copied", "code"
ALIKE_SHEETS = "copied_near"  # same ink on pages nearly alike: within one application, one sheet sent again
SAME_NAME_BITS, OTHER_NAME_BITS = 56, 30  # of 120: scans of one picture differ by up to 45, a misread name is rare
SAME_SHEET_BITS, ALIKE_BITS = 4, 12  # of a page's 64-bit fingerprint: one sheet scanned twice; badly scanned
SAME_PLACE = 0.6  # of two seals' boxes: forms of one layout look alike, but nobody stamps them at one place

_submissions = TypeAdapter(tuple[Submission, ...])


class _Kept(Frozen):
    """What is kept of a seal: its reading without the lattice, and what tells its sheet from others.

    ``place``: on the upright page. ``sheet``: the page's fingerprint; ``file`` and ``index``: where its picture is.
    """

    reading: SealReading
    place: Box
    sheet: str = ""
    file: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class SealTwin:
    """Something told of a seal by another. ``seal``: (part, document, place among its seals) in its reading;
    ``arrivals``: of the other; ``beside``: where the other is, if it is in the same reading.
    """

    seal: tuple[int, int, int]
    what: str
    arrivals: tuple[int, ...]
    beside: tuple[int, int, int] | None = None


def twins_of(store: Store) -> Mapping[str, tuple[SealTwin, ...]]:
    """What seals of other envelopes tell, by the key of the reading; readings that are new are gone through first."""
    new = without_imprints(store)
    if new:
        known = _Index(imprint_hashes(store))
        for key in new:
            _go_through(store, key, known)
    arrivals = arrivals_told(store)
    found: dict[str, list[SealTwin]] = {}
    for twin in all_twins(store):
        for mine, seal, other, place in (
            (twin.reading, twin.seal, twin.other_reading, twin.other_seal),
            (twin.other_reading, twin.other_seal, twin.reading, twin.seal),
        ):
            beside = _place(place) if mine == other else None
            told = SealTwin(_place(seal), twin.what, tuple(arrivals.get(other, ())), beside)
            found.setdefault(mine, []).append(told)
    return {key: tuple(told) for key, told in found.items()}


class _Index:
    """All imprints of readings in use, laid out so that the few that may be like one are found at once."""

    def __init__(self, imprints: Sequence[Imprint]) -> None:
        import numpy as np

        self.imprints: list[Imprint] = []
        self._names: dict[str, int] = {}
        self._high = np.zeros(max(1024, len(imprints)), np.uint64)
        self._low, self._named = np.zeros_like(self._high), np.zeros(len(self._high), np.int32)
        self.add(imprints)

    def add(self, imprints: Sequence[Imprint]) -> None:
        import numpy as np

        for one in imprints:
            place = len(self.imprints)
            if place == len(self._high):
                self._high, self._low, self._named = (
                    np.concatenate([rows, np.zeros_like(rows)]) for rows in (self._high, self._low, self._named)
                )
            self.imprints.append(one)
            self._high[place], self._low[place] = _words(one.hash)
            self._named[place] = self._names.setdefault(one.name, len(self._names))

    def near(self, one: Imprint) -> list[Imprint]:
        """Those whose shape is as near as it must be, in order."""
        import numpy as np

        count = len(self.imprints)
        high, low = map(np.uint64, _words(one.hash))
        differing = np.bitwise_count(self._high[:count] ^ high) + np.bitwise_count(self._low[:count] ^ low)
        alike = differing <= OTHER_NAME_BITS
        if (name := self._names.get(one.name)) is not None:
            alike |= (self._named[:count] == name) & (differing <= SAME_NAME_BITS)
        return [self.imprints[place] for place in np.flatnonzero(alike)]


def _words(hash_: str) -> tuple[int, int]:
    value = int(hash_ or "0", 16)
    return value >> 64 & 0xFFFFFFFFFFFFFFFF, value & 0xFFFFFFFFFFFFFFFF


def _go_through(store: Store, key: str, known: _Index) -> None:
    """Keep the imprints of one reading's seals, and what they tell of those before them."""
    from pipeline.seals.imprint import distance, is_imprint, shape_hash  # here: cv2, which most commands do not need

    data = store.reading(key)
    seals = _seals(_understood(data)) if data is not None else ()
    kept = {place: one for place, one in seals if is_imprint(one.reading.fingerprint)}
    mine = [
        Imprint(
            reading=key,
            seal=place,
            name=one.reading.candidates[0].text if one.reading.candidates else "",
            hash=shape_hash(one.reading.fingerprint),
            data=one.model_dump_json().encode(),
        )
        for place, one in kept.items()
    ]
    twins = [
        Twin(key, one.seal, key, other.seal, what)
        for one, other in combinations(mine, 2)
        if distance(one.hash, other.hash) <= SAME_NAME_BITS
        for what in _told(kept[one.seal], kept[other.seal])
        if what != DIFFERENT_CODE  # the rules see that themselves
    ]
    for one in mine:
        for other in known.near(one):
            if other.reading == key:
                continue
            theirs = _kept(store, other)
            if theirs is not None:
                told = _told(kept[one.seal], theirs)
                twins += [Twin(key, one.seal, other.reading, other.seal, what) for what in told]
    keep_imprints(store, key, mine, twins)
    known.add([replace(one, data=b"") for one in mine])


def _told(one: _Kept, other: _Kept) -> Iterator[str]:
    from pipeline.seals.imprint import likeness
    from pipeline.seals.suspect import codes_differ

    apart = _sheets_apart(one, other)
    again = apart <= ALIKE_BITS and one.place.iou(other.place) >= SAME_PLACE
    if again and apart <= SAME_SHEET_BITS:
        return  # its seal is no copy, but sent again
    if one.reading.shape == other.reading.shape and likeness(one.reading.fingerprint, other.reading.fingerprint).same:
        yield ALIKE_SHEETS if again else COPIED
    if codes_differ(one.reading, other.reading):
        yield DIFFERENT_CODE


def _sheets_apart(one: _Kept, other: _Kept) -> int:
    """Bits in which the pictures of two pages differ; 0: the same page of one file."""
    if (one.file, one.index) == (other.file, other.index):
        return 0
    if not one.sheet or len(one.sheet) != len(other.sheet):
        return 64
    return (int(one.sheet, 16) ^ int(other.sheet, 16)).bit_count()


def _kept(store: Store, other: Imprint) -> _Kept | None:
    whole = imprint_of(store, other.reading, other.seal)
    try:
        return _Kept.model_validate_json(whole.data) if whole is not None else None
    except ValidationError:
        return None


def _understood(data: bytes) -> tuple[Submission, ...]:
    """What was read; nothing where another version read it: it is read again, under another key."""
    try:
        return _submissions.validate_json(data)
    except ValidationError:
        return ()


def _seals(submissions: Sequence[Submission]) -> Iterator[tuple[str, _Kept]]:
    for part, submission in enumerate(submissions):
        pages = {page.number: page for page in submission.pages}
        for document in submission.documents:
            for number, seal in enumerate(document.seals):
                reading = seal.reading
                if reading is not None and reading.fingerprint:
                    yield f"{part}.{document.index}.{number}", _slim(reading, pages.get(seal.page))


def _slim(reading: SealReading, page: Page | None) -> _Kept:
    slim = reading.model_copy(update={"lattice": (), "candidates": reading.candidates[:1]})
    if page is None:
        return _Kept(reading=slim, place=slim.box)
    place = to_upright_box(page, slim.box, round=True)
    return _Kept(reading=slim, place=place, sheet=page.fingerprint, file=page.sha256, index=page.index)


def _place(seal: str) -> tuple[int, int, int]:
    part, document, number = (int(n) for n in seal.split("."))
    return part, document, number
