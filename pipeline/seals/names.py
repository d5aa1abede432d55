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

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.seals.radicals import same_radical
from pipeline.values.names import core

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.model import SealReading

__all__ = ["Fit", "alike", "best_name", "clear_signs", "fit_name", "fit_names", "rivals_of", "score_name"]

CLEAR = 0.85  # probability from which a character is not one that looks like it or stands under its radical
READ = 0.5  # the same for a character that does not look like the name's: a likely other one is no damage
RIVAL = 0.15  # of the likeliest character's probability from which another one is a reading of its own
EASE = 0.08  # added to legibility: a seal of 0.92 and more is as legible as print
COMPLETE = 0.9  # legibility from which a reading has all the characters there are (gaps pull it down)
RUNNER_UP = 0.045  # the same for an unsure character's runner-up: of 18 000 classes what looks like it comes second
KIN_UP = 0.03  # the same for a runner-up that looks like it or stands under its radical
UNSURE = 0.95  # of a time step, up to which its character is unsure
ISOLATED = 0.85  # probability up to which one character alone, in a name that agrees else, is damage
LONG_NAME = 8  # characters from which all but one agreeing says whose name it is
MISSING = 0.3  # evidence for a character of the name where nothing was read
GAPPED = 0.45  # the same where the engraving shows room for it
RIVALLED = 0.6  # the same where another strip shows that very character there
LEAST_GAPS = 3  # between characters: fewer tell no pitch
WIDE = 1.55  # of the pitch: a gap between two characters that has room for a third
MARGIN_STEPS = 2.0  # steps before and behind the name (pipeline.seals.read keeps five degrees)
CONFUSED = 0.55  # evidence for a character that readers take for the one seen
ROUNDED = 0.001  # more than rounding does to a score
CONTRADICTION = 0.6  # factor on a name's score for each clearly other character
SLOT_FLOOR = 0.03  # of a step's probability: weaker characters are no rivals
MAX_NAMES = 64  # signs of a name that are looked at

# Words that say the form of an organisation. Within one, another sign makes no other organisation's name but none
# (股纷有限公司, 普通台伙), however surely it was read; 有限公司 and 有限责任公司 differ by signs more, not by another.
FORM_WORDS = ("股份有限公司", "有限责任公司", "有限公司", "特殊普通合伙", "普通合伙", "会计师事务所")

# DOMAIN 6.5 with more pairs that narrow, worn engraving makes alike. A group holds characters of like shape.
CONFUSABLE = (
    "末未来本木术", "土士上工", "己已巳", "人入八", "日曰目田由甲申", "天夫无元", "千干于十", "限银根恨", "责贵",
    "司同可词", "信倍佶", "服报", "技枝支", "洋祥详", "晨辰", "睿容", "鑫金", "淼森", "大太犬火", "网冈同",
    "网团囚困园国", "件伴", "份价", "科料", "问间闻", "令今", "刀力", "白自百", "又叉", "王玉主", "折析", "侯候",
    "佳住隹", "治冶洽", "恒桓垣", "博搏", "杨扬", "辉晖挥", "汇江", "宏宠", "泰秦", "盛戚", "瑞端", "荣荥",
    "昊吴昱", "拓柘", "创刨", "讯汛迅", "蓝篮", "岚崗岗", "启后", "云去", "达迖", "通逋", "联朕", "数敷", "据椐",
    "智暂", "慧彗", "公厶", "色包", "冬务", "型司", "京家", "测厦", "矩炬", "提据", "麒棋", "麟鳞鲜", "贸贺",
    "市布巾", "苏办", "海梅", "软钦", "浙折", "州洲",
    "青清情请晴", "局居启", "备务", "山出",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """One character seen: what it may be, with probabilities, the likeliest's being ``top``.

    ``room``: how many characters fit between the one before (or the strip's beginning) and it, by their spacing; None
    where nobody measured. ``between``: what other strips show there.
    """

    signs: tuple[tuple[str, float], ...]
    room: int | None = None
    between: frozenset[str] = frozenset()

    @property
    def top(self) -> float:
        return self.signs[0][1]


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
    strip = _strip_slots(reading)
    votes = _voted_slots(reading, strip)
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


def _bounds(read: _Slots) -> dict[str, float]:
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


def _fit(signs: str, strip: _Slots, votes: _Slots, room: float) -> Fit:
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


# --------------------------------------------------------------------------------------------------------- slots


@dataclass(frozen=True, slots=True)
class _Slots:
    """Slots in reading order; ``behind``: room behind the last one."""

    slots: tuple[Slot, ...]
    behind: int | None = None
    told: dict[tuple[str, float], tuple[list[float], list[float]]] = field(default_factory=dict, compare=False)
    plain: dict[float, _Plain] = field(default_factory=dict, compare=False)

    def telling(self, sign: str, room: float) -> tuple[list[float], list[float]]:
        """What each slot says for a sign, and the room before each for one that was not read: names share signs."""
        known = self.told.get((sign, room))
        if known is None:
            plain = self.plain.get(room) or _plain(self, room)
            self.plain[room] = plain
            says, lacks = plain.says, plain.lacks
            if at := {*plain.open, *plain.showing.get(sign, ())}:
                says = list(says)
                for i in at:
                    says[i] = _evidence(self.slots[i], sign, room)[0]
            if sign in plain.between:
                lacks = list(lacks)
                for i in plain.between[sign]:
                    lacks[i] = _lacking(self, i, sign)[0]
            known = self.told[sign, room] = says, lacks
        return known


@dataclass(frozen=True, slots=True)
class _Plain:
    """What slots say for any sign that they do not show: most signs of most names.

    ``open``: slots of which it matters what the sign looks like. ``showing``: slots that show a sign. ``between``:
    before which slots rivals read a sign.
    """

    says: list[float]
    lacks: list[float]
    open: tuple[int, ...]
    showing: dict[str, list[int]]
    between: dict[str, list[int]]


def _plain(read: _Slots, room: float) -> _Plain:
    showing, between = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for i, slot in enumerate(read.slots):
        for sign, _ in slot.signs:
            showing[sign].append(i)
        for sign in slot.between:
            between[sign].append(i)
    return _Plain(
        says=[0.4 if slot.top <= 0.0 else 0.0 for slot in read.slots],
        lacks=[_lacking(read, i, "")[0] for i in range(len(read.slots) + 1)],
        open=tuple(i for i, slot in enumerate(read.slots) if slot.top > 0.0 and slot.top * room < CLEAR),
        showing=dict(showing),
        between=dict(between),
    )


def _strip_slots(reading: SealReading) -> _Slots:
    """The lattice's runs of steps that hold a character, each with its likeliest characters and the room before it."""
    slots: list[dict[str, float]] = []
    at: list[list[int]] = []
    previous = ""
    for place, step in enumerate(reading.lattice):
        best = step[0][0] if step else ""
        if best and best != previous:
            slots.append({})
            at.append([])
        if best:
            at[-1].append(place)
            for sign, probability in step:
                plain = core(sign)
                if plain and probability >= SLOT_FLOOR:
                    slots[-1][plain] = max(slots[-1].get(plain, 0.0), probability)
        previous = best
    if reading.shape not in ("round", "oval"):
        return _Slots(tuple(_slot(signs) for signs in slots if signs))
    # A bracket is no sign of a name, but it takes up room.
    rooms = _rooms([sum(steps) / len(steps) for steps in at], len(reading.lattice))
    return _Slots(
        tuple(replace(_slot(signs), room=room) for signs, room in zip(slots, rooms, strict=False) if signs), rooms[-1]
    )


def _rooms(at: Sequence[float], steps: int) -> list[int | None]:
    """Characters that fit before each place, and behind the last; a name is engraved at one pitch."""
    gaps = [b - a for a, b in pairwise(at)]
    if len(gaps) < LEAST_GAPS:
        return [None] * (len(at) + 1)
    pitch = sorted(gaps)[len(gaps) // 2]
    inner = [round(gap / pitch) - 1 if gap > WIDE * pitch else 0 for gap in gaps]
    ends = [max(0, math.floor((gap - MARGIN_STEPS) / pitch - 0.25)) for gap in (at[0], steps - 1 - at[-1])]
    return [ends[0], *inner, ends[1]]


def _voted_slots(reading: SealReading, strip: _Slots) -> _Slots:
    """The first candidate's characters, with what the others have in their places."""
    first = reading.candidates[0]
    pivot = core(first.text)
    votes: list[dict[str, float]] = [defaultdict(float, {sign: first.score}) for sign in pivot]
    total = [first.score] * len(pivot)
    between: list[set[str]] = [set() for _ in range(len(pivot) + 1)]
    for rank, other in enumerate(reading.candidates[1:], start=1):
        weight = other.score * 0.6**rank
        text = core(other.text)
        matcher = SequenceMatcher(None, pivot, text, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag == "insert":
                between[i1].update(text[j1:j2])
            for offset in range(i2 - i1):
                total[i1 + offset] += weight
                if tag in ("equal", "replace") and j1 + offset < j2:
                    votes[i1 + offset][text[j1 + offset]] += weight
    scale = max(first.score, 0.0)
    rooms = _rooms_of(pivot, strip)
    slots = tuple(
        replace(
            _slot({sign: vote / all_ * scale for sign, vote in slot.items()}),
            room=room,
            between=frozenset(inserted),
        )
        for slot, all_, room, inserted in zip(votes, total, rooms, between, strict=False)
        if all_
    )
    return _Slots(slots, rooms[-1])


def _rooms_of(pivot: str, strip: _Slots) -> list[int | None]:
    """The strip's room before each of the pivot's characters that it shows next to the same neighbour."""
    shown = "".join(slot.signs[0][0] for slot in strip.slots)
    rooms: list[int | None] = [None] * (len(pivot) + 1)
    for start, other, length in SequenceMatcher(None, pivot, shown, autojunk=False).get_matching_blocks():
        for offset in range(length):
            if offset or (start == 0 and other == 0):
                rooms[start + offset] = strip.slots[other + offset].room
        if length and start + length == len(pivot) and other + length == len(shown):
            rooms[-1] = strip.behind
    return rooms


def _slot(signs: dict[str, float]) -> Slot:
    return Slot(tuple(sorted(signs.items(), key=lambda item: -item[1])))


# ----------------------------------------------------------------------------------------------------- alignment


@lru_cache(maxsize=1)
def _alike() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for group in CONFUSABLE:
        for sign in group:
            groups[sign] |= set(group) - {sign}
    return {sign: frozenset(others) for sign, others in groups.items()}


def alike(one: str, other: str) -> bool:
    """Whether readers take one character for the other."""
    return other in _alike().get(one, frozenset())


def clear_signs(reading: SealReading) -> frozenset[str]:
    """The characters of a reading's lattice that were clearly read, wherever they stand."""
    room = min(1.0, reading.legible + EASE)
    return frozenset(slot.signs[0][0] for slot in _strip_slots(reading).slots if slot.top * room >= CLEAR)


def rivals_of(reading: SealReading) -> dict[str, frozenset[str]]:
    """For each character of the lattice the others that it may be."""
    found: dict[str, frozenset[str]] = {}
    for slot in _strip_slots(reading).slots:
        top = slot.signs[0][0]
        found[top] = found.get(top, frozenset()) | {sign for sign, _ in slot.signs[1:]}
    return found


def _evidence(slot: Slot, sign: str, room: float) -> tuple[float, str]:
    """How far a slot speaks for a sign, 0 to 1, and how: "agreed", "rival" (it shows that sign too), "unclear" or
    "contradicted".
    """
    top_sign, top = slot.signs[0]
    if top_sign == sign:
        return 0.5 + 0.5 * top, "agreed"
    if top <= 0.0:
        return 0.4, "unclear"  # nothing was seen there
    own = next((probability for other, probability in slot.signs if other == sign), 0.0)
    if own == 0.0 and top * room >= CLEAR:
        return 0.0, "contradicted"  # whatever it looks like: most signs of most names
    like = alike(top_sign, sign)
    related = like or same_radical(top_sign, sign)
    unsure = top < UNSURE and _runner_up(slot) == sign and own >= (KIN_UP if related else RUNNER_UP) * top
    if own >= RIVAL * top or unsure:
        return 0.5 + 0.4 * own / top, "rival"
    sure = top * room
    if sure >= (CLEAR if related else READ):
        return 0.0, "contradicted"
    return CONFUSED if like else 0.4 * (1 - sure), "unclear"


def _runner_up(slot: Slot) -> str:
    return slot.signs[1][0] if len(slot.signs) > 1 else ""


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


def _aligned(read: _Slots, name: str, room: float, *, complete: bool) -> _Alignment:
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


def _lacking(read: _Slots, before: int, sign: str) -> tuple[float, bool | None]:
    """Evidence for a sign that was not read before a slot, and whether there is room for it (None: not measured)."""
    slot = read.slots[before] if before < len(read.slots) else None
    room = slot.room if slot else read.behind
    if room is None:
        return MISSING, None
    if room == 0:
        return MISSING, False
    return (RIVALLED if slot and sign in slot.between else GAPPED), True


def _surplus(slot: Slot, room: float) -> float:
    """What a character that the name lacks costs: the more the surer it is."""
    return 0.6 * slot.top * room


def _within_form_words(name: str, against: Mapping[float, float]) -> list[float]:
    """Places (from 1) of signs read as others that stand alone within a word of form."""
    spans = [(at, at + len(word)) for word in FORM_WORDS if (at := name.find(word)) > 0]
    wrong = [[j for j in against if start < j <= end] for start, end in spans]
    return sorted({inside[0] for inside in wrong if len(inside) == 1 and inside[0] == int(inside[0])})


def _counted(read: _Slots, name: str, room: float, step: Sequence[Sequence[str]], *, complete: bool) -> _Alignment:
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
            gain, way = _evidence(slots[i - 1], name[j - 1], room)
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
            gain, fits = _lacking(read, i, name[j - 1])
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
