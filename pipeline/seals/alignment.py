"""A name's signs laid on the slots of a seal's reading (印文比对): the best way to do it, and what it comes to.

How far the figures here were measured says :mod:`pipeline.seals.names`, which asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.seals.slots import CLEAR, CONFUSED, RIVALLED, Slot, Slots, evidence_for, lacking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["COMPLETE", "CONTRADICTION", "ISOLATED", "Alignment", "Fit", "aligned", "form_words"]

COMPLETE = 0.9  # legibility from which a reading has all the characters there are (gaps pull it down)
ISOLATED = 0.85  # probability up to which one character alone, in a name that agrees else, is damage
LONG_NAME = 8  # characters from which all but one agreeing says whose name it is
SEEN = 2 * (RIVALLED - 0.5)  # probability from which a character laid on its slot gains more than one left out
CONTRADICTION = 0.6  # factor on a name's score for each clearly other character

# Words that say the form of an organisation. Within one, another sign makes no other organisation's name but none
# (股纷有限公司, 普通台伙), however surely it was read; 有限公司 and 有限责任公司 differ by signs more, not by another.
FORM_WORDS = ("股份有限公司", "有限责任公司", "有限公司", "特殊普通合伙", "普通合伙", "会计师事务所")


@dataclass(frozen=True, slots=True)
class Fit:
    """How a name fits a reading.

    ``score``: 0 to 1. ``agreed``, ``unclear``, ``missing``: the name's characters that were read as such, that may be,
    that were not seen. ``contradicted``: clearly read as others, and clear characters that the name lacks. ``surest``:
    probability of the surest of those. ``surplus``: unclear characters that the name lacks.
    """

    score: float
    agreed: int
    unclear: int
    missing: int
    contradicted: int
    surest: float = 0.0
    surplus: int = 0

    @property
    def holds(self) -> bool:
        """Whether the reading may be said to be this name: nothing speaks against it and most of it was seen."""
        length = self.agreed + self.unclear + self.missing
        other = self.missing > 0.25 * length or self.surplus > max(1, 0.15 * length)
        return length > 0 and self.contradicted == 0 and self.agreed >= 0.6 * length and not other


@dataclass(frozen=True, slots=True)
class Alignment:
    """``against``: the name's places (and those of surplus signs, behind them) that speak against it, with the sign's
    probability; ``doubted``: places that may be the name's though something else is likelier; ``agreed``: places read
    as the name's with nothing surplus behind them, by one reading of several at least.
    """

    fit: Fit
    against: dict[float, float] = field(default_factory=dict)
    doubted: frozenset[float] = frozenset()
    agreed: frozenset[int] = frozenset()


def aligned(read: Slots, name: str, room: float, *, complete: bool) -> Alignment:
    """The best alignment of a name's signs (one at least) on slots."""
    if read.tops == tuple(name) and all(slot.top > SEEN for slot in read.slots):
        return _read_as_is(read, name)
    return _laid(read, name, room, complete=complete)


def _laid(read: Slots, name: str, room: float, *, complete: bool) -> Alignment:
    """Dynamic programming over the evidence, then counted."""
    slots = read.slots
    told = [read.telling(sign, room) for sign in name]
    above, step = [0.0], [[""]]
    for _, lacks in told:
        above.append(above[-1] + lacks[0])
        step[0].append("missing")
    for i, slot in enumerate(slots):
        surplus = _surplus(slot, room)
        last = above[0] - surplus
        row, ways = [last], ["surplus"]
        for j, (says, lacks) in enumerate(told):
            # plain comparisons: every seal is held against every name of its envelope, a million cells a batch
            score, way = above[j] + says[i], "pair"
            if (missed := last + lacks[i + 1] * 0.5) > score:
                score, way = missed, "missing"
            if (lacking := above[j + 1] - surplus) > score:
                score, way = lacking, "surplus"
            row.append(score)
            ways.append(way)
            last = score
        above = row
        step.append(ways)
    return _counted(read, name, room, step, complete=complete)


def _read_as_is(read: Slots, name: str) -> Alignment:
    """Where each slot's likeliest character is the name's, no other way comes to as much: a sign that is left out gains
    RIVALLED at most, one that was seen more.
    """
    evidence = 0.0
    for slot in reversed(read.slots):  # as _counted goes, for the same sum to its last digit
        evidence += 0.5 + 0.5 * slot.top
    fit = Fit(round(min(1.0, evidence / len(name)), 4), len(name), 0, 0, 0)
    return Alignment(fit, agreed=frozenset(range(1, len(name) + 1)))


def _surplus(slot: Slot, room: float) -> float:
    """What a character that the name lacks costs: the more the surer it is."""
    return 0.6 * slot.top * room


@lru_cache(maxsize=4_096)
def form_words(name: str) -> tuple[tuple[int, int], ...]:
    """From where to where words of form stand in a name, none at its beginning."""
    return tuple((at, at + len(word)) for word in FORM_WORDS if (at := name.find(word)) > 0)


def _within_form_words(name: str, against: Mapping[float, float]) -> list[float]:
    """Places (from 1) of signs read as others that stand alone within a word of form."""
    wrong = [[j for j in against if start < j <= end] for start, end in form_words(name)]
    return sorted({inside[0] for inside in wrong if len(inside) == 1 and inside[0] == int(inside[0])})


def _counted(read: Slots, name: str, room: float, step: Sequence[Sequence[str]], *, complete: bool) -> Alignment:
    slots, (i, j) = read.slots, (len(read.slots), len(name))
    evidence = 0.0
    counts = dict.fromkeys(("agreed", "unclear", "missing", "surplus"), 0)
    against: dict[float, float] = {}
    doubted: set[float] = set()
    absent: set[float] = set()
    agreed: set[int] = set()
    last = ""
    while i or j:
        move = step[i][j]
        if move == "pair":
            gain, way = evidence_for(slots[i - 1], name[j - 1], room)
            evidence += gain
            if way == "contradicted":
                against[j] = slots[i - 1].top * room
            else:
                counts["unclear" if way == "rival" else way] += 1
            if way in ("unclear", "rival"):
                doubted.add(j)
            if way == "rival":
                agreed.add(j)
            if way == "agreed" and last != "surplus":
                agreed.add(j)
            i, j = i - 1, j - 1
        elif move == "missing":
            gain, fits = lacking(read, i, name[j - 1])
            evidence += gain
            counts["unclear" if gain == RIVALLED else "missing"] += 1  # another strip shows it
            if fits:
                doubted.add(j)
            elif complete or (fits is False and 0 < i < len(slots)):
                against[j] = COMPLETE
                absent.add(j)
            j -= 1
        else:
            surplus = slots[i - 1].top * room
            if surplus >= CLEAR:
                against[j + 0.5 + i / 1000] = surplus  # a place of its own between the name's
            else:
                counts["surplus"] += 1
            i -= 1
        last = move
    for place in _within_form_words(name, against):
        del against[place]
        doubted.add(place)
        if place not in absent:
            counts["unclear"] += 1
            evidence += CONFUSED
    alone = len(against) == 1 and counts["agreed"] == len(name) - 1 >= LONG_NAME - 1
    if alone and max(against.values()) <= ISOLATED:
        doubted |= set(against)
        counts["unclear"] += len(against)
        against = {}
    length = len(name) + counts["surplus"]
    score = evidence / length * CONTRADICTION ** len(against)
    surest = max(against.values(), default=0.0)
    fit = Fit(
        round(min(1.0, score), 4),
        counts["agreed"],
        counts["unclear"],
        counts["missing"],
        len(against),
        surest,
        counts["surplus"],
    )
    return Alignment(fit, against, frozenset(doubted), frozenset(agreed))
