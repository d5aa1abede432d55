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

With the reader of seals' own lines (:mod:`pipeline.seals.reader`), thresholds as they are, 479 other seals::

    0.9 and more (228)        1                2              3          1           2
    0.5 to 0.9   (186)       10               12              9         18          27
    under 0.5     (65)       12               11              8         16          11

What is left of false accepts are characters that nobody could read: a name that is expected may settle those.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.seals.alignment import COMPLETE, Fit, aligned
from pipeline.seals.bounds import Most
from pipeline.seals.slots import EASE, Slots, strip_slots, voted_slots
from pipeline.values.names import core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.model import SealReading

__all__ = ["Fit", "best_name", "fit_name", "fit_names", "score_name"]

ROUNDED = 0.001  # more than rounding does to a score
MAX_NAMES = 64  # signs of a name that are looked at

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
    most = Most((votes, room), (strip, 1.0)) if strip.slots else Most((votes, room))
    highest = [most.roughly(name) for name in signs]
    found, best = [NO_FIT] * len(signs), 0.0
    for place in sorted(range(len(signs)), key=lambda place: -highest[place]):
        enough = max(least, best - behind) - ROUNDED
        if highest[place] >= enough and most.of(signs[place]) >= enough:
            found[place] = _fit(signs[place], strip, votes, room)
            best = max(best, found[place].score)
    return found


def _fit(signs: str, strip: Slots, votes: Slots, room: float) -> Fit:
    if not signs:
        return NO_FIT
    complete = room >= COMPLETE + EASE
    voted = aligned(votes, signs, room, complete=complete)
    if not strip.slots:
        return voted.fit
    # How sure a step of the lattice is of its character says all by itself: the rest of the seal may be worn away.
    read = aligned(strip, signs, 1.0, complete=complete)
    # A sign that the vote of all strips clearly reads as another contradicts, whatever one strip's lattice says; but
    # the lattice alone knows what else that very sign may be.
    standing = {at: sure for at, sure in voted.against.items() if at not in read.doubted}
    # What one strip clearly reads as another stands as well, unless all of them together read the name's own sign.
    clearly = {at: sure for at, sure in read.against.items() if int(at) not in voted.agreed}
    best = max(voted.fit, read.fit, key=lambda fit: fit.score)
    against = max(len(read.against) if best is read.fit else len(standing), min(1, len(standing)), min(1, len(clearly)))
    surest = max((standing | read.against).values(), default=0.0)  # one strip's steps know how sure a sign is
    return replace(best, contradicted=against, surest=surest if against else 0.0)
