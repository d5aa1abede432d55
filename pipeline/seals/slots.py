"""What a seal's reading shows (印文字位): a slot for each character seen, and what each says for a sign of a name.

How far the figures here were measured says :mod:`pipeline.seals.names`, which lays names on the slots.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pipeline.seals.radicals import same_radical
from pipeline.values.names import core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.model import SealReading

__all__ = [
    "CLEAR",
    "CONFUSABLE",
    "CONFUSED",
    "EASE",
    "RIVALLED",
    "Slot",
    "Slots",
    "alike",
    "clear_signs",
    "evidence_for",
    "lacking",
    "rivals_of",
    "strip_slots",
    "voted_slots",
]

CLEAR = 0.85  # probability from which a character is not one that looks like it or stands under its radical
READ = 0.5  # the same for a character that does not look like the name's: a likely other one is no damage
RIVAL = 0.15  # of the likeliest character's probability from which another one is a reading of its own
EASE = 0.08  # added to legibility: a seal of 0.92 and more is as legible as print
RUNNER_UP = 0.045  # the same for an unsure character's runner-up: of 18 000 classes what looks like it comes second
KIN_UP = 0.03  # the same for a runner-up that looks like it or stands under its radical
UNSURE = 0.95  # of a time step, up to which its character is unsure
MISSING = 0.3  # evidence for a character of the name where nothing was read
GAPPED = 0.45  # the same where the engraving shows room for it
RIVALLED = 0.6  # the same where another strip shows that very character there
LEAST_GAPS = 3  # between characters: fewer tell no pitch
WIDE = 1.55  # of the pitch: a gap between two characters that has room for a third
MARGIN_STEPS = 2.0  # steps before and behind the name (pipeline.seals.read keeps five degrees)
CONFUSED = 0.55  # evidence for a character that readers take for the one seen
SLOT_FLOOR = 0.03  # of a step's probability: weaker characters are no rivals

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


class Slot(NamedTuple):
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
class Slots:
    """Slots in reading order; ``behind``: room behind the last one."""

    slots: tuple[Slot, ...]
    behind: int | None = None
    told: dict[tuple[str, float], tuple[list[float], list[float]]] = field(default_factory=dict, compare=False)
    plain: dict[float, _Plain] = field(default_factory=dict, compare=False)

    @property
    def tops(self) -> tuple[str, ...]:
        """The likeliest character of each."""
        return tuple([slot.signs[0][0] for slot in self.slots])

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
                    says[i] = evidence_for(self.slots[i], sign, room)[0]
            if sign in plain.between:
                lacks = list(lacks)
                for i in plain.between[sign]:
                    lacks[i] = lacking(self, i, sign)[0]
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


def _plain(read: Slots, room: float) -> _Plain:
    showing, between = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for i, slot in enumerate(read.slots):
        for sign, _ in slot.signs:
            showing[sign].append(i)
        for sign in slot.between:
            between[sign].append(i)
    return _Plain(
        says=[0.4 if slot.top <= 0.0 else 0.0 for slot in read.slots],
        lacks=[lacking(read, i, "")[0] for i in range(len(read.slots) + 1)],
        open=tuple(i for i, slot in enumerate(read.slots) if slot.top > 0.0 and slot.top * room < CLEAR),
        showing=dict(showing),
        between=dict(between),
    )


def strip_slots(reading: SealReading) -> Slots:
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
            last = slots[-1]
            for sign, probability in step:
                if probability >= SLOT_FLOOR and (plain := core(sign)) and probability > last.get(plain, 0.0):
                    last[plain] = probability
        previous = best
    if reading.shape not in ("round", "oval"):
        return Slots(_unfolded([Slot(_ranked(signs)) for signs in slots if signs]))
    # A bracket is no sign of a name, but it takes up room.
    rooms = _rooms([sum(steps) / len(steps) for steps in at], len(reading.lattice))
    return Slots(
        _unfolded([Slot(_ranked(signs), room) for signs, room in zip(slots, rooms, strict=False) if signs]), rooms[-1]
    )


def _unfolded(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """A slot for each sign of a name: Ⅱ or ℃ is one character engraved, and two of a name."""
    if all(len(sign) == 1 for slot in slots for sign, _ in slot.signs):
        return tuple(slots)
    found: list[Slot] = []
    for slot in slots:
        (sign, top), *others = slot.signs
        signs = ((sign[0], top), *((other, probability) for other, probability in others if len(other) == 1))
        found.append(Slot(signs, slot.room, slot.between))
        found += [Slot(((more, top),), None if slot.room is None else 0) for more in sign[1:]]
    return tuple(found)


def _rooms(at: Sequence[float], steps: int) -> list[int | None]:
    """Characters that fit before each place, and behind the last; a name is engraved at one pitch."""
    gaps = [b - a for a, b in pairwise(at)]
    if len(gaps) < LEAST_GAPS:
        return [None] * (len(at) + 1)
    pitch = sorted(gaps)[len(gaps) // 2]
    inner = [round(gap / pitch) - 1 if gap > WIDE * pitch else 0 for gap in gaps]
    ends = [max(0, math.floor((gap - MARGIN_STEPS) / pitch - 0.25)) for gap in (at[0], steps - 1 - at[-1])]
    return [ends[0], *inner, ends[1]]


def voted_slots(reading: SealReading, strip: Slots) -> Slots:
    """The first candidate's characters, with what the others have in their places."""
    first = reading.candidates[0]
    pivot = core(first.text)
    votes: list[dict[str, float]] = [{sign: first.score} for sign in pivot]
    total = [first.score] * len(pivot)
    between: list[set[str]] = [set() for _ in range(len(pivot) + 1)]
    for rank, other in enumerate(reading.candidates[1:], start=1):
        weight = other.score * 0.6**rank
        text = core(other.text)
        for tag, i1, i2, j1, j2 in _steps(pivot, text):
            if tag == "insert":
                between[i1].update(text[j1:j2])
            for offset in range(i2 - i1):
                total[i1 + offset] += weight
                if tag in ("equal", "replace") and j1 + offset < j2:
                    vote, sign = votes[i1 + offset], text[j1 + offset]
                    vote[sign] = vote.get(sign, 0.0) + weight
    scale = max(first.score, 0.0)
    rooms = _rooms_of(pivot, strip)
    slots = [
        Slot(_ranked({sign: vote / all_ * scale for sign, vote in slot.items()}), room, frozenset(inserted))
        for slot, all_, room, inserted in zip(votes, total, rooms, between, strict=False)
        if all_
    ]
    return Slots(tuple(slots), rooms[-1])


def _steps(one: str, other: str) -> Sequence[tuple[str, int, int, int, int]]:
    """How the other text comes of the one, as difflib has it: most candidates are the same."""
    if one == other:
        return (("equal", 0, len(one), 0, len(one)),)
    return SequenceMatcher(None, one, other, autojunk=False).get_opcodes()


def _rooms_of(pivot: str, strip: Slots) -> list[int | None]:
    """The strip's room before each of the pivot's characters that it shows next to the same neighbour."""
    shown = "".join(slot.signs[0][0] for slot in strip.slots)
    rooms: list[int | None] = [None] * (len(pivot) + 1)
    for tag, start, end, other, _ in _steps(pivot, shown):
        if tag != "equal":
            continue
        length = end - start
        for offset in range(length):
            if offset or (start == 0 and other == 0):
                rooms[start + offset] = strip.slots[other + offset].room
        if length and start + length == len(pivot) and other + length == len(shown):
            rooms[-1] = strip.behind
    return rooms


def _ranked(signs: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Likeliest first."""
    if len(signs) == 1:
        return tuple(signs.items())
    return tuple(sorted(signs.items(), key=lambda item: -item[1]))


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
    return frozenset(slot.signs[0][0] for slot in strip_slots(reading).slots if slot.top * room >= CLEAR)


def rivals_of(reading: SealReading) -> dict[str, frozenset[str]]:
    """For each character of the lattice the others that it may be."""
    found: dict[str, frozenset[str]] = {}
    for slot in strip_slots(reading).slots:
        top = slot.signs[0][0]
        found[top] = found.get(top, frozenset()) | {sign for sign, _ in slot.signs[1:]}
    return found


def evidence_for(slot: Slot, sign: str, room: float) -> tuple[float, str]:
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


def lacking(read: Slots, before: int, sign: str) -> tuple[float, bool | None]:
    """Evidence for a sign that was not read before a slot, and whether there is room for it (None: not measured)."""
    slot = read.slots[before] if before < len(read.slots) else None
    room = slot.room if slot else read.behind
    if room is None:
        return MISSING, None
    if room == 0:
        return MISSING, False
    return (RIVALLED if slot and sign in slot.between else GAPPED), True
