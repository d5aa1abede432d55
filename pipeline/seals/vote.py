"""Several strips of one ring made into one reading: each cleaned, all laid on the ring, voted place by place.

A strip is the ring cut and stretched in one way. What tells signs of two strips to be the same is where they stand on
the ring, not which signs stand beside them: a strip that dropped a sign says nothing about the others' order.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.model import TextCandidate
from pipeline.values.script import without_slips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.reading.engine import Recognition

__all__ = [
    "END_GAP",
    "WHOLE_NAMES",
    "Reading",
    "Slot",
    "Witness",
    "candidates",
    "cleaned",
    "consensus",
    "plain_sign",
    "reading_of",
    "rewound",
    "with_ends",
    "without_ends",
    "witness_of",
]

WIDE_SIGNS = str.maketrans("()[]〔〕【】［］", "（）（）（）（）（）")  # brackets at one width
NOT_NAME = re.compile(r"[^一-鿿㐀-䶿（）·A-Za-z0-9&、]")  # signs no organisation bears: rim and star leave them
EDGE_NOISE = "一丶丨丿、··0123456789lIi1oO&"  # what bits of rim, star and code are read as at the ends of a name
EDGE_SURE = 0.9  # an edge sign of that kind stays only if the engine is this sure
END_SURE = 0.85  # probability from which a sign at an end is kept wherever it stands
OUTER_NOISE = re.compile(r"[0-9A-Za-z&·、]")
UNFINISHED = (("有限公", "司"), ("有限责任公", "司"), ("有限", "公司"), ("监督管理", "局"), ("会计师事务", "所"))
UNSEEN = 0.5  # probability of a character that was not seen and must be there
WEIGHT_POWER = 4  # a reading that is sure as a whole outweighs several that are not
SAME_PLACE = 0.5  # of the pitch: signs of two strips that are nearer stand in the same place
OWN_PLACE = 0.5  # probability from which a sign that only some strips show has a place of its own
GAP_PLACE = 0.2  # the same where the spacing asks for a sign
BLANK = 0.62  # probability of nothing from which a place is dropped: several strips see ink there, but no sign
NOTHING = 0.9  # the same from which nothing is there: between the two a sign is there that nobody can read
WITHIN = 1.3  # of the pitch: the widest room between a strip's last sign and its first, were it cut within the name
CUT_WITHIN = 1.25  # times as wide as the gap at a strip's ends that another must be to be the true one
END_GAP = 1.3  # of the pitch: room with ink at an end for a sign that was not read
END_LIKELY = 0.6  # probability from which a sign is put there
GAP = 1.6  # of the pitch between two signs: over it one was missed
APART = 1.75  # of the pitch: signs beyond such a gap at an end belong to the name only if they are sure
WHOLE_NAMES = ("公司", "局", "厅", "会", "合伙）", "事务所", "专用章", "中心", "政府", "学院", "大学")  # as names end
FORMS = ("有限公司", "委员会", "管理局", "事务所", "合伙）")  # what a name ends with, however much of it is lost
FAR_APART = 2.5  # of the pitch: beyond so wide a gap signs must be surer
FAR_SURE, FAR_LEAST = 0.92, 2  # mean probability, and signs together
NOISE = 0.62  # mean probability under which signs beyond a gap are straight text or a date, seen askew
LEAST_NAME = 4  # signs of the part that is surely the name's
LEAST_SHARED = 2  # signs that two strips must share to be laid onto each other
STILL = 0.1  # of the pitch: nearer is the same place
REACH = 0.3  # of the pitch to both sides of a place: what a strip saw there
MAX_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """Characters with their probabilities; ``whole``: share of the ring's characters that were read.

    ``places``: each character's centre, as a share of its strip's width, or on the ring.
    """

    text: str
    scores: tuple[float, ...]
    whole: float = 1.0
    places: tuple[float, ...] = ()

    @property
    def score(self) -> float:
        """Mean probability a character, 0 without text."""
        return sum(self.scores) / len(self.scores) if self.scores else 0.0

    @property
    def evidence(self) -> float:
        """How much of a name it shows: a sign that is likelier wrong than right takes away."""
        return sum(score - 0.5 for score in self.scores)

    @property
    def weight(self) -> float:
        """How much it says beside others: a strip that dropped characters may be sure of the rest."""
        return self.score * self.whole


# 市场监督管理局 right behind a place that is named without its 市: no organ of a state, province, county or zone
MARKET = re.compile(r"(?<=[一-龥]{2})(?<![市区县州旗盟省家总])市场监督管理局$")
REPAIRED = 0.9  # of its neighbour's probability for a sign that was not read but must be there


def cleaned(found: Recognition) -> Reading:
    """A recognition as a name: brackets made wide, signs that no name bears and noise at the ends dropped."""
    first, last = _within_pitch(found)
    centres = found.centres if len(found.centres) == len(found.text) else tuple(0.0 for _ in found.text)
    signs = [
        _Sign(plain_sign(sign), score, centre)
        for sign, score, centre in list(zip(found.text, found.scores, centres, strict=False))[first:last]
        if not NOT_NAME.match(sign.translate(WIDE_SIGNS))
    ]
    while signs and signs[0].text in EDGE_NOISE and signs[0].score < EDGE_SURE:
        signs = signs[1:]
    while signs and signs[-1].text in EDGE_NOISE and signs[-1].score < EDGE_SURE:
        signs = signs[:-1]
    signs = _chinese_part(signs)
    if signs and signs[0].text in "（）" and "）" not in "".join(s.text for s in signs[1:]):
        signs = signs[1:]
    signs = _doubled(signs)
    return Reading("".join(s.text for s in signs), tuple(s.score for s in signs), 1.0, tuple(s.at for s in signs))


def plain_sign(sign: str) -> str:
    """As names are written: brackets at one width, a slip into a traditional form as the simplified one.

    The recogniser likes to see traditional forms in thin strokes.
    """
    return without_slips(sign.translate(WIDE_SIGNS))


@dataclass(frozen=True, slots=True)
class _Sign:
    text: str
    score: float
    at: float


def _doubled(signs: list[_Sign]) -> list[_Sign]:
    """合肥市市场监督管理局: of two like signs in a row the recogniser (CTC) may keep one; the name itself tells."""
    found = MARKET.search("".join(sign.text for sign in signs))
    if found is None:
        return signs
    place = found.start()
    before, behind = signs[place - 1], signs[place]
    again = _Sign("市", behind.score * REPAIRED, (before.at + behind.at) / 2)
    return [*signs[:place], again, *signs[place:]]


def _within_pitch(found: Recognition) -> tuple[int, int]:
    """First and last sign (past the end) of a name; an unsure one at an end, out of the even spacing, is noise."""
    count = len(found.text)
    if count < 5 or len(found.centres) != count or len(found.scores) != count:
        return 0, count
    gaps = [b - a for a, b in pairwise(found.centres)]
    pitch = sorted(gaps)[len(gaps) // 2]
    odd = [not 0.72 * pitch <= gap <= 1.45 * pitch for gap in (gaps[0], gaps[-1])]
    first = 1 if odd[0] and found.scores[0] < END_SURE else 0
    last = count - 1 if odd[1] and found.scores[-1] < END_SURE else count
    return first, last


def _chinese_part(signs: list[_Sign]) -> list[_Sign]:
    """Without the Latin words that share a ring with a Chinese name (a translation, a minority's language)."""
    text = "".join(sign.text for sign in signs)
    runs = [m.span() for m in re.finditer(r"[一-鿿（）·]{4,}", text)]
    if not runs or not re.search(r"[A-Za-z]{4,}", text):
        return signs
    start, end = max(runs, key=lambda span: span[1] - span[0])
    return signs[start:end]


# --------------------------------------------------------------------------------------------------------- consensus


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on the ring (clockwise, radians) and the signs that may stand there, the likeliest first; none: a gap."""

    at: float
    signs: tuple[tuple[str, float], ...] = ()

    @property
    def sign(self) -> str:
        return self.signs[0][0] if self.signs else ""

    @property
    def score(self) -> float:
        return self.signs[0][1] if self.signs else 0.0


@dataclass(frozen=True, slots=True)
class Witness:
    """One strip: its reading with places on the ring, and all that it saw, step by step."""

    reading: Reading
    steps: tuple[float, ...] = ()  # where on the ring each step of the lattice lies
    lattice: tuple[tuple[tuple[str, float], ...], ...] = ()

    def at(self, place: float, reach: float) -> Mapping[str, float]:
        """What the strip saw near a place: of each sign the most; "" how surely nothing. Empty outside the strip."""
        near = [i for i, step in enumerate(self.steps) if abs(step - place) <= reach]
        seen: dict[str, float] = {}
        for sign, probability in (pair for i in near for pair in self.lattice[i]):
            if sign:
                plain = plain_sign(sign)
                seen[plain] = max(seen.get(plain, 0.0), probability)
        if near:
            seen[""] = max(0.0, 1.0 - max(seen.values(), default=0.0))
        return seen


def witness_of(found: Recognition, reading: Reading, places: Sequence[float], steps: Sequence[float]) -> Witness:
    """A strip as a witness; ``places`` and ``steps``: its signs and its lattice's steps on the ring."""
    return Witness(replace(reading, places=tuple(places)), tuple(steps), found.lattice)


def rewound(witness: Witness) -> Witness:
    """A strip that goes round and was cut within the name, its parts joined; any other as it is.

    Print that crosses the true gap hides it. The gap between the strip's last sign and its first, round the ring, is
    then no wider than one between characters, and another one is.
    """
    reading = witness.reading
    signs = zip(reading.text, reading.places, reading.scores, strict=True)
    sure = [at for sign, at, score in signs if score >= OWN_PLACE and not OUTER_NOISE.match(sign)]
    if len(sure) < LEAST_NAME or reading.text.endswith(WHOLE_NAMES):
        return witness
    gaps = [*(b - a for a, b in pairwise(sure)), sure[0] + 2 * math.pi - sure[-1]]
    widest = max(range(len(gaps)), key=lambda i: gaps[i])
    if gaps[-1] > WITHIN * _pitch(sure) or gaps[widest] < CUT_WITHIN * gaps[-1]:
        return witness
    return _cut_at(witness, (sure[widest] + sure[widest + 1]) / 2)


def _cut_at(witness: Witness, cut: float) -> Witness:
    """A strip with its places in the round that begins at ``cut``, its signs in their order."""
    reading = witness.reading
    places = [_behind(at, cut) for at in reading.places]
    if places == list(reading.places):
        return witness
    order = sorted(range(len(places)), key=lambda i: places[i])
    joined = replace(
        reading,
        text="".join(reading.text[i] for i in order),
        scores=tuple(reading.scores[i] for i in order),
        places=tuple(places[i] for i in order),
    )
    return replace(witness, reading=joined, steps=tuple(_behind(step, cut) for step in witness.steps))


def _in_round_of(main: Sequence[float], witness: Witness, pitch: float) -> Witness:
    """A strip that was cut elsewhere, so that it shows signs of the best one a round off, as if cut where that was."""
    again = any(
        at < main[-1] - 2 * math.pi + SAME_PLACE * pitch or at > main[0] + 2 * math.pi - SAME_PLACE * pitch
        for at in witness.reading.places
    )
    return _cut_at(witness, (main[0] + main[-1]) / 2 - math.pi) if again else witness


def _behind(at: float, cut: float) -> float:
    return at + 2 * math.pi * math.ceil((cut - at) / (2 * math.pi)) if not cut <= at < cut + 2 * math.pi else at


def consensus(witnesses: Sequence[Witness]) -> tuple[Slot, ...]:
    """What all strips together saw, place by place, gaps among the places included."""
    kept = [w for w in witnesses if w.reading.text]
    if not kept:
        return ()
    kept.sort(key=lambda w: w.reading.evidence, reverse=True)
    pitch = _pitch(kept[0].reading.places)
    kept = [kept[0], *(_in_round_of(kept[0].reading.places, w, pitch) for w in kept[1:])]
    kept = [kept[0], *(moved for w in kept[1:] if (moved := _onto(kept[0], w, pitch)) is not None)]
    slots = []
    places = _places(kept, pitch)
    main = kept[0].reading.places
    for at in places:
        signs = _voted_at(kept, at, pitch)
        blank = signs.pop("", 0.0)
        if signs and (blank < BLANK or _in_gap(main, at, pitch)):
            slots.append(Slot(at, tuple(sorted(signs.items(), key=lambda pair: -pair[1]))))
        elif blank < NOTHING:
            slots.append(Slot(at))
    return _with_gaps(_trimmed(_main_part(_trimmed(slots), pitch)), pitch)


def _onto(main: Witness, other: Witness, pitch: float) -> Witness | None:
    """A strip with its places moved onto the best one's: another view's ring may lie otherwise, by a turn even.

    None where it shares too little with the best one to tell.
    """
    here, there = main.reading, other.reading
    blocks = SequenceMatcher(None, here.text, there.text, autojunk=False).get_matching_blocks()
    shifts = sorted(here.places[i + k] - there.places[j + k] for i, j, size in blocks for k in range(size))
    if len(shifts) < LEAST_SHARED:
        return None
    shift = shifts[len(shifts) // 2]
    if abs(shift) < STILL * pitch:
        return other
    moved = replace(there, places=tuple(place + shift for place in there.places))
    return replace(other, reading=moved, steps=tuple(step + shift for step in other.steps))


def _pitch(places: Sequence[float]) -> float:
    gaps = sorted(b - a for a, b in pairwise(places))
    return max(gaps[len(gaps) // 2], 1e-3) if gaps else 1.0


def _places(witnesses: Sequence[Witness], pitch: float) -> list[float]:
    """Places of signs: the best strip's, and between and beyond them those that another strip is sure of."""
    places = list(witnesses[0].reading.places)
    for witness in witnesses[1:]:
        for at, score in zip(witness.reading.places, witness.reading.scores, strict=True):
            own = OWN_PLACE if not _in_gap(witnesses[0].reading.places, at, pitch) else GAP_PLACE
            if score >= own and all(abs(at - other) > SAME_PLACE * pitch for other in places):
                places.append(at)
    return sorted(places)


def _in_gap(places: Sequence[float], at: float, pitch: float) -> bool:
    """Whether a place lies where the even spacing asks for a sign that the best strip does not show."""
    before, behind = max((p for p in places if p < at), default=at), min((p for p in places if p > at), default=at)
    room = GAP * pitch < behind - before < 3 * GAP * pitch
    return room and at - before > SAME_PLACE * pitch and behind - at > SAME_PLACE * pitch


def _voted_at(witnesses: Sequence[Witness], at: float, pitch: float) -> dict[str, float]:
    """Mean probability of each sign at a place over the strips that reach it."""
    votes: dict[str, float] = defaultdict(float)
    total = 0.0
    for witness in witnesses:
        seen = _seen(witness, at, pitch)
        if not seen:
            continue
        weight = witness.reading.weight**WEIGHT_POWER
        total += weight
        for sign, probability in seen.items():
            votes[sign] += weight * probability
    return {sign: vote / total for sign, vote in votes.items()} if total else {}


def _seen(witness: Witness, at: float, pitch: float) -> Mapping[str, float]:
    """A strip's own sign at a place with its rivals, else whatever it saw there."""
    reading = witness.reading
    near = min(range(len(reading.places)), key=lambda i: abs(reading.places[i] - at))
    if abs(reading.places[near] - at) > SAME_PLACE * pitch:
        return witness.at(at, REACH * pitch)
    seen = dict(witness.at(reading.places[near], 0.15 * pitch))
    own, score = reading.text[near], reading.scores[near]
    seen[own] = max(score, seen.get(own, 0.0))
    seen[""] = max(0.0, 1.0 - sum(seen[sign] for sign in seen if sign))
    return seen


def _main_part(slots: list[Slot], pitch: float) -> list[Slot]:
    """Without what stands beyond a gap at an end and is not sure: corners of straight text, a date, a code."""
    parts: list[list[Slot]] = []
    for slot in slots:
        if parts and slot.at - parts[-1][-1].at <= APART * pitch:
            parts[-1].append(slot)
        else:
            parts.append([slot])
    main = max(range(len(parts)), key=lambda i: sum(slot.score for slot in parts[i]), default=0)
    if not parts or len(parts[main]) < LEAST_NAME:
        return slots
    first, last = main, main
    while first and _belongs(parts[first - 1], parts[first][0].at - parts[first - 1][-1].at, pitch):
        first -= 1
    while last + 1 < len(parts) and _belongs(parts[last + 1], parts[last + 1][0].at - parts[last][-1].at, pitch):
        last += 1
    return [slot for part in parts[first : last + 1] for slot in part]


def _trimmed(slots: list[Slot]) -> list[Slot]:
    """Without empty places, and without signs that no name begins or ends with: digits of a code, of a date."""
    seen = [i for i, slot in enumerate(slots) if slot.signs and not OUTER_NOISE.match(slot.sign)]
    return slots[seen[0] : seen[-1] + 1] if seen else []


def _belongs(part: Sequence[Slot], gap: float, pitch: float) -> bool:
    """Whether signs beyond a gap are a name's: sure, and no digits."""
    chinese = [slot for slot in part if "一" <= slot.sign <= "鿿" or slot.sign in "（）"]
    if gap > FAR_APART * pitch and len(part) < FAR_LEAST:
        return False
    if "".join(slot.sign for slot in part).endswith(FORMS):
        return sum(slot.score for slot in part) >= NOISE * len(part)  # by itself no straight text
    least = NOISE if gap <= FAR_APART * pitch else FAR_SURE
    return len(chinese) == len(part) and sum(slot.score for slot in part) >= least * len(part)


def _with_gaps(slots: Sequence[Slot], pitch: float) -> tuple[Slot, ...]:
    """Empty places where the even spacing leaves room for a sign."""
    filled: list[Slot] = []
    for slot in slots:
        if filled and slot.at - filled[-1].at > GAP * pitch:
            before = filled[-1].at
            count = round((slot.at - before) / pitch) - 1
            filled += [Slot(before + (slot.at - before) * k / (count + 1)) for k in range(1, count + 1)]
        filled.append(slot)
    return tuple(filled)


def with_ends(slots: Sequence[Slot], witnesses: Sequence[Witness], start: float, end: float) -> tuple[Slot, ...]:
    """With a place before and behind the name where the ink, from ``start`` to ``end``, leaves room for a sign.

    A name that ends as names do is whole there. The place holds whatever the strips saw there, however unsure:
    :func:`without_ends` drops what nobody could settle.
    """
    seen = [slot.at for slot in slots if slot.signs]
    if len(seen) < LEAST_NAME:
        return tuple(slots)
    pitch = _pitch(seen)
    kept = [w for w in witnesses if w.reading.text]
    before = [_unseen(kept, seen[0] - pitch, pitch)] if seen[0] - start > END_GAP * pitch else []
    open_ = end - seen[-1] > END_GAP * pitch and not reading_of(slots).text.endswith(WHOLE_NAMES)
    behind = [_unseen(kept, seen[-1] + pitch, pitch)] if open_ else []
    return (*before, *slots, *behind)


def _unseen(witnesses: Sequence[Witness], at: float, pitch: float) -> Slot:
    signs = _voted_at(witnesses, at, pitch)
    named = [(sign, p) for sign, p in signs.items() if sign and not OUTER_NOISE.match(sign)]
    return Slot(at, tuple(sorted(named, key=lambda pair: -pair[1])))


def without_ends(slots: Sequence[Slot], own: Sequence[Slot]) -> tuple[Slot, ...]:
    """Without the places that :func:`with_ends` added to its ``own``, but for those whose sign is likely."""
    places = {slot.at for slot in own}
    return tuple(slot for slot in slots if slot.at in places or slot.score >= END_LIKELY)


def reading_of(slots: Sequence[Slot]) -> Reading:
    """The likeliest sign of each place, gaps left out; what no name ends with goes on."""
    seen = [slot for slot in slots if slot.signs]
    text = "".join(slot.sign for slot in seen)
    reading = Reading(text, tuple(slot.score for slot in seen), len(seen) / max(1, len(slots)))
    return _finished(reading)


def _finished(reading: Reading) -> Reading:
    """What no name ends with goes on in one way only; what was not seen is unsure."""
    for begun, rest in UNFINISHED:
        if reading.text.endswith(begun):
            return Reading(reading.text + rest, (*reading.scores, *(UNSEEN for _ in rest)), reading.whole)
    return reading


def candidates(best: Reading, readings: Sequence[Reading]) -> tuple[TextCandidate, ...]:
    """The voted reading first, then the others by score, without doubles."""
    texts = {best.text: best.score} if best.text else {}
    for reading in sorted(readings, key=lambda r: -r.score):
        if reading.text and reading.text not in texts:
            texts[reading.text] = reading.score
    return tuple(TextCandidate(text=t, score=round(s, 4)) for t, s in list(texts.items())[:MAX_CANDIDATES])
