"""Which envelopes a change of the records may give to another record (受影响的匹配), told from what they say alone.

An envelope goes by the numbers and codes that it says (:func:`pipeline.records.matching.codes_said`). One that some
record bears is no misreading of another's, so only what no record bears is held against its neighbours: of a season
whose numbers follow each other a quarter lies beside a number that changed, and nearly all of it says its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from pipeline.records.matching import Identity, pieces_of

__all__ = ["Touched", "borne", "that_may_fit"]


class Touched(NamedTuple):
    """``codes``: all that changed records bore or bear, plain; ``marks``: of all that these may be misread as."""

    codes: frozenset[str]
    marks: frozenset[int]

    @classmethod
    def by(cls, changed: Iterable[Identity]) -> Touched:
        """By records that came, went or bear another number, code or name than before, as they were and as they are."""
        codes = frozenset(code for one in changed for code in one.codes)
        return cls(codes, _marks(codes))

    def surely(self, said: Collection[str]) -> bool:
        """Whether one of these numbers and codes is a changed record's."""
        return not self.codes.isdisjoint(said)

    def perhaps(self, said: Iterable[str]) -> tuple[str, ...]:
        """Those that may be misreadings of a changed record's, unless another record bears just that."""
        return tuple(code for code in said if not self.marks.isdisjoint(map(hash, pieces_of(code))))


def borne(records: Iterable[Identity], codes: Collection[str]) -> frozenset[str]:
    """Those of some numbers and codes that a record bears."""
    return frozenset(code for one in records for code in one.codes if code in codes)


def that_may_fit(records: Iterable[Identity], codes: Collection[str], known: Collection[str]) -> Iterator[Identity]:
    """Records whose number or code one of these is, or may be a misreading of: no other is ever met.

    :param known: those of ``codes`` that a record bears (:func:`borne`)
    """
    own, doubtful = frozenset(codes) & frozenset(known), _marks(frozenset(codes) - frozenset(known))
    for one in records:
        if not own.isdisjoint(one.codes) or (
            doubtful and any(not doubtful.isdisjoint(map(hash, pieces_of(text))) for text in one.codes)
        ):
            yield one


def _marks(codes: Iterable[str]) -> frozenset[int]:
    return frozenset(hash(piece) for code in codes for piece in pieces_of(code))
