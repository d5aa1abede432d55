"""What a name's score can come to at most (印文比对上限): most of the names that an envelope makes likely are laid on
no seal at all.

Nothing here decides: a bound that is too high costs time only. That none is too low a property holds
(``tests/test_seal_names.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING

from pipeline.seals.alignment import CONTRADICTION, ISOLATED, form_words
from pipeline.seals.slots import CLEAR, CONFUSED, RIVALLED, Slots

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Most"]


SURELY, HARDLY = max(ISOLATED, CLEAR), min(ISOLATED, CLEAR)  # above: always contradicts; below: is unclear
UNSHOWN = max(CONFUSED, RIVALLED)  # evidence, at most, for a sign that lies on no slot which shows it


class Most:
    """The most that names can come to on readings of one seal, each with how legible it is taken to be."""

    def __init__(self, *reads: tuple[Slots, float]) -> None:
        self._reads = [(_shown(read), read, room) for read, room in reads]
        self._evidence: dict[str, float] = {}
        for shown, *_ in self._reads:
            for sign, gain in shown.items():
                self._evidence[sign] = max(gain, self._evidence.get(sign, CONFUSED))

    @cached_property
    def _details(self) -> list[_Read]:  # of a seal that no name comes near nobody asks for them
        return [_Read.of(*read) for read in self._reads]

    def roughly(self, name: str) -> float:
        """However it is laid on the slots, and as if each sign could be laid on any: quickly told."""
        return sum(map(self._evidence.get, name, repeat(CONFUSED))) / len(name) if name else 0.0

    def of(self, name: str) -> float:
        """Told with how many signs the seal has, and which of them are clearly none of the name's."""
        return max(read.most(name) for read in self._details) if name else 0.0


def _shown(read: Slots) -> dict[str, float]:
    """How much evidence there can be for each sign that slots show or hint at: more than for one they do not."""
    found: dict[str, float] = {}
    for slot in read.slots:
        top = slot.top
        for place, (sign, probability) in enumerate(slot.signs):
            share = 0.5 * top if not place else 0.4 * probability / top if top > 0.0 else 0.0
            found[sign] = max(found.get(sign, CONFUSED), 0.5 + share)
        for sign in slot.between:
            found[sign] = max(found.get(sign, CONFUSED), RIVALLED)
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    """``clear``: the signs of slots whose likeliest is clearly read; ``soft``: slots that are unclear; ``free``: those
    in between, of which one alone may be damage.
    """

    evidence: Mapping[str, float]
    count: int
    clear: tuple[frozenset[str], ...]
    soft: int
    free: int

    @classmethod
    def of(cls, evidence: Mapping[str, float], read: Slots, room: float) -> _Read:
        sure = [slot.top * room for slot in read.slots]
        clear = tuple(
            frozenset(sign for sign, _ in slot.signs)
            for slot, one in zip(read.slots, sure, strict=True)
            if one > SURELY
        )
        soft = sum(1 for one in sure if one < HARDLY)
        return cls(evidence, len(sure), clear, soft, len(sure) - soft - len(clear))

    def most(self, name: str) -> float:
        """A clear slot that shows no sign of the name contradicts it, whatever it is laid on, but for one in each word
        of form; what lies on it, or on nothing, gains no more than a confusable sign or one that rivals show.
        """
        signs, length = set(name), len(name)
        strange = sum(1 for shown in self.clear if shown.isdisjoint(signs))
        against = max(0, strange - len(form_words(name)))
        gains = sorted(map(self.evidence.get, name, repeat(CONFUSED)))
        unread = max(0, length - (self.count - strange))
        total = sum(min(gain, UNSHOWN) for gain in gains[:unread]) + sum(gains[unread:])
        surplus = max(0, self.count - strange - self.free - length)  # those that show one of its signs or are unclear
        unclear = min(surplus, self.soft)
        if length > 1:  # of one sign alone, a surplus one that is unclear takes more than one that is clear
            against, length = against + surplus - unclear, length + unclear
        return total / length * CONTRADICTION**against
