"""Which envelopes a change of the records may give to another record (受影响的匹配), told from what they say alone.

An envelope goes by the numbers and codes that it says (:func:`pipeline.records.matching.codes_said`). One that some
record bears is no misreading of another's, so only what no record bears is held against its neighbours: of a season
whose numbers follow each other a quarter lies beside a number that changed, and nearly all of it says its own.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.records.matching import Identity, pieces_of

__all__ = ["Touched", "codes_borne", "that_may_fit"]


class Touched(NamedTuple):
    """``codes``: all that changed records bore or bear, plain; ``marks``: of all that these may be misread as."""

    codes: frozenset[str]
    marks: frozenset[int]

    @classmethod
    def by(cls, changed: Iterable[Identity]) -> Touched:
        """By records that came, went or bear another number, code or name than before, as they were and as they are."""
        codes = frozenset(code for one in changed for code in one.codes)
        return cls(codes, _marks(codes))

    def may_concern(self, said: Iterable[str], borne: Container[str]) -> bool:
        """Whether an envelope that says these numbers and codes may belong to another record than before.

        :param borne: all that records bear now (:func:`codes_borne`)
        """
        return any(
            code in self.codes or (code not in borne and not self.marks.isdisjoint(_mark(code))) for code in said
        )


def codes_borne(records: Iterable[Identity]) -> frozenset[str]:
    """All numbers and codes that records bear, plain."""
    return frozenset(code for one in records for code in one.codes)


def that_may_fit(records: Sequence[Identity], codes: Collection[str]) -> Iterator[Identity]:
    """Records whose number or code one of these is, or may be a misreading of: no other is ever met."""
    wanted = frozenset(codes)
    own = wanted & codes_borne(records)
    doubtful = _marks(wanted - own)
    for one in records:
        if not own.isdisjoint(one.codes) or (doubtful and any(not doubtful.isdisjoint(_mark(c)) for c in one.codes)):
            yield one


def _marks(codes: Iterable[str]) -> frozenset[int]:
    return frozenset(mark for code in codes for mark in _mark(code))


def _mark(code: str) -> Iterator[int]:
    return map(hash, pieces_of(code))
