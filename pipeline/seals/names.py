"""A name held against a seal's reading, character by character (DOMAIN §6.5).

A reading is turned into slots, one a character seen, each with the characters it may be and their probabilities. A name
is aligned on them. What tells is not only how many characters agree but how the others fail: a character that is
unclear or worn away leaves room for the name, one that was clearly read as another does not. That keeps organisations
apart that differ in one character. Engravers set characters evenly: a character that was not read leaves a gap of two
steps, and only where there is such a gap may a seal lack one.

The thresholds were set on 326 drawn seals of all degrees of wear, read by the product, and each held against its own
name and against names at one character's distance (``python -m samples.seal_names``). What was counted there, of 4,000
characters: one read with a probability of 0.94 and more is right in 998 cases of 1000, of 0.5 to 0.94 in five of six,
whether the rest of the seal is legible or not; of the wrong ones the right character is second in the lattice in two of
three; a character that was lost left room between its neighbours in 12 cases of 12, and room without one lost is seen
in one place of forty. With them (seals in parentheses; before: thresholds set on single cases)::

    legibility       own name not held    other: another    alike     one lost    one more
    0.9 and more (165)        2                1              0          1           2
    0.5 to 0.9   (122)       16               10              7         14          21
    under 0.5     (39)       13                4              5          7           8
    before: 0.9 (107)         2                2              4          2           2
            0.5  (80)         9               17             36         36          68

What is left of false accepts are characters that nobody could read: a name that is expected may settle those.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.seals.slots import (
    CLEAR,
    CONFUSED,
    EASE,
    RIVALLED,
    Slot,
    Slots,
    evidence_for,
    lacking,
    strip_slots,
    voted_slots,
)
from pipeline.values.names import core

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.model import SealReading

__all__ = ["Fit", "best_name", "fit_name", "fit_names", "score_name"]

COMPLETE = 0.9  # legibility from which a reading has all the characters there are (gaps pull it down)
ISOLATED = 0.85  # probability up to which one character alone, in a name that agrees else, is damage
LONG_NAME = 8  # characters from which all but one agreeing says whose name it is
ROUNDED = 0.001  # more than rounding does to a score
CONTRADICTION = 0.6  # factor on a name's score for each clearly other character
MAX_NAMES = 64  # signs of a name that are looked at

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


NO_FIT = Fit(0.0, 0, 0, 0, 0)


def score_name(reading: SealReading, name: str) -> float:
    """How well ``name`` fits the reading, 0 to 1; brackets, width and spaces do not count."""
    return fit_name(reading, name).score


def best_name(reading: SealReading, names: Sequence[str]) -> tuple[str, float, float]:
    """The name that fits best, its score and how far it is ahead of the next other name; ("", 0, 0) without any."""
    scored = sorted(((score_name(reading, name), name) for name in dict.fromkeys(names) if name), reverse=True)
    if not scored:
        return "", 0.0, 0.0
    score, name = scored[0]
    rivals = [s for s, other in scored[1:] if core(other) != core(name)]
    return name, score, score - (rivals[0] if rivals else 0.0)


def fit_name(reading: SealReading, name: str) -> Fit:
    """The name aligned on the lattice and on the rival readings; the better of the two counts."""
    return fit_names(reading, (name,))[0]


def fit_names(
    reading: SealReading, names: Sequence[str], *, least: float = 0.0, behind: float | None = None
) -> list[Fit]:
    """:func:`fit_name` for several names, in their order: the reading is taken apart only once.

    A name that cannot come to a score of ``least``, or of less than ``behind`` under the best, may get no fit at all:
    most names that an envelope makes likely have hardly a sign in common with its seal.
    """
    if not reading.candidates:
        return [NO_FIT for _ in names]
    room = min(1.0, reading.legible + EASE)
    strip = strip_slots(reading)
    votes = voted_slots(reading, strip)
    signs = [core(name)[:MAX_NAMES] for name in names]
    if behind is None:
        return [_fit(name, strip, votes, room) for name in signs]
    bounds = _bounds(votes), _bounds(strip)
    highest = [max(_at_most(bound, name) for bound in bounds) for name in signs]
    found, best = [NO_FIT] * len(signs), 0.0
    for place in sorted(range(len(signs)), key=lambda place: -highest[place]):
        if highest[place] + ROUNDED >= max(least, best - behind):
            found[place] = _fit(signs[place], strip, votes, room)
            best = max(best, found[place].score)
    return found


def _bounds(read: Slots) -> dict[str, float]:
    """How much evidence there can be, at most, for each sign that the slots show or hint at."""
    found: dict[str, float] = {}
    for slot in read.slots:
        top = slot.top
        for place, (sign, probability) in enumerate(slot.signs):
            share = 0.5 * top if not place else 0.4 * probability / top if top > 0.0 else 0.0
            found[sign] = max(found.get(sign, CONFUSED), 0.5 + share)
        for sign in slot.between:
            found[sign] = max(found.get(sign, CONFUSED), RIVALLED)
    return found


def _at_most(bounds: Mapping[str, float], name: str) -> float:
    """A score that a name cannot pass, however it is laid on the slots: no other sign has more than a confusable's."""
    return sum(bounds.get(sign, CONFUSED) for sign in name) / len(name) if name else 0.0


def _fit(signs: str, strip: Slots, votes: Slots, room: float) -> Fit:
    if not signs:
        return NO_FIT
    complete = room >= COMPLETE + EASE
    voted = _aligned(votes, signs, room, complete=complete)
    if not strip.slots:
        return voted.fit
    # How sure a step of the lattice is of its character says all by itself: the rest of the seal may be worn away.
    read = _aligned(strip, signs, 1.0, complete=complete)
    # A sign that the vote of all strips clearly reads as another contradicts, whatever one strip's lattice says; but
    # the lattice alone knows what else that very sign may be.
    standing = {at: sure for at, sure in voted.against.items() if at not in read.doubted}
    # What one strip clearly reads as another stands as well, unless all of them together read the name's own sign.
    clearly = {at: sure for at, sure in read.against.items() if int(at) not in voted.agreed}
    best = max(voted.fit, read.fit, key=lambda fit: fit.score)
    against = max(len(read.against) if best is read.fit else len(standing), min(1, len(standing)), min(1, len(clearly)))
    surest = max((standing | read.against).values(), default=0.0)  # one strip's steps know how sure a sign is
    return replace(best, contradicted=against, surest=surest if against else 0.0)


# ----------------------------------------------------------------------------------------------------- alignment


@dataclass(frozen=True, slots=True)
class _Alignment:
    """``against``: the name's places (and those of surplus signs, behind them) that speak against it, with the sign's
    probability; ``doubted``: places that may be the name's though something else is likelier; ``agreed``: places read
    as the name's with nothing surplus behind them, by one reading of several at least.
    """

    fit: Fit
    against: dict[float, float] = field(default_factory=dict)
    doubted: frozenset[float] = frozenset()
    agreed: frozenset[int] = frozenset()


def _aligned(read: Slots, name: str, room: float, *, complete: bool) -> _Alignment:
    """The best alignment of a name's signs on slots: dynamic programming over the evidence, then counted."""
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


def _surplus(slot: Slot, room: float) -> float:
    """What a character that the name lacks costs: the more the surer it is."""
    return 0.6 * slot.top * room


def _within_form_words(name: str, against: Mapping[float, float]) -> list[float]:
    """Places (from 1) of signs read as others that stand alone within a word of form."""
    spans = [(at, at + len(word)) for word in FORM_WORDS if (at := name.find(word)) > 0]
    wrong = [[j for j in against if start < j <= end] for start, end in spans]
    return sorted({inside[0] for inside in wrong if len(inside) == 1 and inside[0] == int(inside[0])})


def _counted(read: Slots, name: str, room: float, step: Sequence[Sequence[str]], *, complete: bool) -> _Alignment:
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
    return _Alignment(fit, against, frozenset(doubted), frozenset(agreed))
