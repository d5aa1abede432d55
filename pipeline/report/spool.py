"""What a night's report is made of, on disk until it is written: changed envelopes in full, and all by reference."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from markupsafe import Markup

from pipeline.model import FindingCode
from pipeline.model.slips import Slip, Told
from pipeline.report.folder import alone_in_folder
from pipeline.report.html_report import CardHead
from pipeline.report.shown import Shown, card_of
from pipeline.store.durable import new_beside

__all__ = ["Place", "Spool", "in_folder", "part_of", "slips_in"]

MOST_CARDS, MOST_CARD_BYTES = 200, 12_000_000  # in the page in full, the most urgent first; all others are rows
Place = tuple[int, int]
Part = tuple[int, int]  # where in the file, and how many bytes


class _Kept(NamedTuple):
    """Where an envelope's JSON, all of it packed, rows and findings are."""

    json: Part
    packed: Part
    rows: Part
    told: Part


@dataclass
class Spool:
    """Two files beside the report: changed envelopes in ``full``, and of all, in order of arrival, their ``slips``."""

    full: Path
    slips: Path
    _full: BinaryIO
    _slips: BinaryIO
    kept: dict[Place, _Kept] = field(default_factory=dict)
    heads: dict[Place, CardHead] = field(default_factory=dict)
    codes: set[FindingCode] = field(default_factory=set)
    size: int = 0

    def add(self, place: Place, shown: Shown, now: Sequence[Told]) -> None:
        """Keep a changed envelope, with the findings that it has."""
        parts = (
            shown.json.encode(),
            shown.packed,
            json.dumps(shown.rows, ensure_ascii=False).encode("utf-8", "surrogatepass"),
            Told.to_json(now),
        )
        self.kept[place] = _Kept(*(self._put(part) for part in parts))
        self.codes |= shown.head.codes
        if shown.packed:
            self.heads[place] = shown.head

    def add_slips(self, slips: Iterable[tuple[Place, str]]) -> None:
        """Keep what is said of each envelope by reference (JSON): all of the report tells of one moment."""
        for (arrival, part), slip in slips:
            self._slips.write(f"{arrival} {part} {slip}\n".encode("utf-8", "surrogatepass"))
        self._slips.flush()

    def each(self) -> Iterator[tuple[Place, Slip]]:
        """Every envelope by reference."""
        return slips_in(self.slips)

    def get(self, part: Part) -> bytes:
        self._full.flush()
        return part_of(self._full, part, back_to=self.size)

    def rows(self) -> list[Part]:
        """Where rows of findings lie, in order of arrival; for who opens ``full``."""
        self._full.flush()
        return [self.kept[place].rows for place in sorted(self.kept)]

    def cards(self, out: Path) -> dict[Place, Markup]:
        """The cards that stand in the page, the most urgent first."""
        made: dict[Place, Markup] = {}
        size = 0
        for place in sorted(self.heads, key=lambda place: (self.heads[place].urgency, place))[:MOST_CARDS]:
            card = card_of(self.get(self.kept[place].packed), out)
            size += len(card.encode())
            if made and size > MOST_CARD_BYTES:
                break
            made[place] = card
        return made

    def _put(self, data: bytes) -> Part:
        start, self.size = self.size, self.size + len(data)
        self._full.write(data)
        return start, len(data)


def part_of(stream: BinaryIO, part: Part, *, back_to: int | None = None) -> bytes:
    """A part of a spool's ``full``."""
    stream.seek(part[0])
    data = stream.read(part[1])
    if back_to is not None:
        stream.seek(back_to)
    return data


def slips_in(path: Path) -> Iterator[tuple[Place, Slip]]:
    """Every envelope by reference, from a spool's ``slips``."""
    with path.open("rb") as lines:
        for line in lines:
            arrival, part, slip = line.split(b" ", 2)
            yield (int(arrival), int(part)), Slip.from_json(slip.decode("utf-8", "surrogatepass"))


@contextmanager
def in_folder(out: Path) -> Iterator[Spool]:
    """The folder for this run alone, made ready; a second run into it waits for the first.

    :raises ReportTrouble: it cannot be written
    """
    with alone_in_folder(out), new_beside(out) as (full, full_path), new_beside(out) as (slips, slips_path):
        yield Spool(full_path, slips_path, full, slips)
