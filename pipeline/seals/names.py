"""A name held against a seal's reading, character by character (DOMAIN §6.5).

A reading is turned into slots, one a character seen, each with the characters it may be and their probabilities. A name
is aligned on them. What tells is not only how many characters agree but how the others fail: a character that is
unclear or worn away leaves room for the name, one that was clearly read as another does not. That keeps organisations
apart that differ in one character.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.values.names import core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.model import SealReading

__all__ = ["Fit", "best_name", "fit_name", "score_name"]

CLEAR = 0.85  # probability, times the seal's legibility, from which a character is not one that looks like it
READ = 0.5  # the same for a character that does not look like the name's: a likely other one is no damage
RIVAL = 0.15  # of the likeliest character's probability from which another one is a reading of its own
EASE = 0.08  # added to legibility: a seal of 0.92 and more is as legible as print
COMPLETE = 0.9  # legibility from which a reading has all the characters there are (gaps pull it down)
MISSING = 0.3  # evidence for a character of the name where nothing was read
CONFUSED = 0.55  # evidence for a character that readers take for the one seen
CONTRADICTION = 0.6  # factor on a name's score for each clearly other character
SLOT_FLOOR = 0.03  # of a step's probability: weaker characters are no rivals
MAX_NAMES = 64  # signs of a name that are looked at

# DOMAIN 6.5 with more pairs that narrow, worn engraving makes alike. A group holds characters of like shape.
CONFUSABLE = (
    "末未来本木术", "土士上工", "己已巳", "人入八", "日曰目田由甲申", "天夫无元", "千干于十", "限银根恨", "责贵",
    "司同可词", "信倍佶", "服报", "技枝支", "洋祥详", "晨辰", "睿容", "鑫金", "淼森", "大太犬火", "网冈同",
    "网团囚困园国", "件伴", "份价", "科料", "问间闻", "令今", "刀力", "白自百", "又叉", "王玉主", "折析", "侯候",
    "佳住隹", "治冶洽", "恒桓垣", "博搏", "杨扬", "辉晖挥", "汇江", "宏宠", "泰秦", "盛戚", "瑞端", "荣荥",
    "昊吴昱", "拓柘", "创刨", "讯汛迅", "蓝篮", "岚崗岗", "启后", "云去", "达迖", "通逋", "联朕", "数敷", "据椐",
    "智暂", "慧彗", "公厶", "色包", "冬务", "型司", "京家", "测厦", "矩炬", "提据", "麒棋", "麟鳞鲜", "贸贺",
    "市布巾", "苏办", "海梅", "软钦", "浙折", "州洲",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """One character seen: what it may be, with probabilities, the likeliest's being ``top``."""

    signs: tuple[tuple[str, float], ...]

    @property
    def top(self) -> float:
        return self.signs[0][1]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a name fits a reading.

    ``score``: 0 to 1. ``agreed``, ``unclear``, ``missing``: the name's characters that were read as such, that may be,
    that were not seen. ``contradicted``: clearly read as others, and clear characters that the name lacks.
    """

    score: float
    agreed: int
    unclear: int
    missing: int
    contradicted: int

    @property
    def holds(self) -> bool:
        """Whether the reading may be said to be this name: nothing speaks against it and most of it was seen."""
        length = self.agreed + self.unclear + self.missing
        return length > 0 and self.contradicted == 0 and self.agreed >= 0.6 * length and self.missing <= 0.25 * length


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
    signs = core(name)[:MAX_NAMES]
    if not signs or not reading.candidates:
        return NO_FIT
    room = min(1.0, reading.legible + EASE)
    fits = [_aligned(slots, signs, room) for slots in (_voted_slots(reading), _lattice_slots(reading)) if slots]
    if not fits:
        return NO_FIT
    voted = fits[0]
    best = max(fits, key=lambda fit: fit.score)
    # A sign that the vote of all strips clearly reads as another contradicts, whatever one strip's lattice says.
    return Fit(best.score, best.agreed, best.unclear, best.missing, max(best.contradicted, min(1, voted.contradicted)))


# --------------------------------------------------------------------------------------------------------- slots


def _lattice_slots(reading: SealReading) -> tuple[Slot, ...]:
    """The lattice's runs of steps that hold a character, each with its likeliest characters."""
    slots: list[dict[str, float]] = []
    previous = ""
    for step in reading.lattice:
        best = step[0][0] if step else ""
        if best and best != previous:
            slots.append({})
        if best:
            for sign, probability in step:
                plain = core(sign)
                if plain and probability >= SLOT_FLOOR:
                    slots[-1][plain] = max(slots[-1].get(plain, 0.0), probability)
        previous = best
    return tuple(_slot(signs) for signs in slots if signs)


def _voted_slots(reading: SealReading) -> tuple[Slot, ...]:
    """The first candidate's characters, with what the others have in their places."""
    first = reading.candidates[0]
    pivot = core(first.text)
    votes: list[dict[str, float]] = [defaultdict(float, {sign: first.score}) for sign in pivot]
    total = [first.score] * len(pivot)
    for rank, other in enumerate(reading.candidates[1:], start=1):
        weight = other.score * 0.6**rank
        text = core(other.text)
        matcher = SequenceMatcher(None, pivot, text, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            for offset in range(i2 - i1):
                total[i1 + offset] += weight
                if tag in ("equal", "replace") and j1 + offset < j2:
                    votes[i1 + offset][text[j1 + offset]] += weight
    scale = max(first.score, 0.0)
    return tuple(
        _slot({sign: vote / all_ * scale for sign, vote in slot.items()})
        for slot, all_ in zip(votes, total, strict=True)
        if all_
    )


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


def _evidence(slot: Slot, sign: str, room: float) -> tuple[float, str]:
    """How far a slot speaks for a sign, 0 to 1, and in which way: "agreed", "unclear" or "contradicted"."""
    top_sign, top = slot.signs[0]
    if top_sign == sign:
        return 0.5 + 0.5 * top, "agreed"
    own = dict(slot.signs).get(sign, 0.0)
    if own >= RIVAL * top:
        return 0.5 + 0.4 * own / top, "unclear"
    sure = top * room
    alike = sign in _alike().get(top_sign, frozenset())
    if sure >= (CLEAR if alike else READ):
        return 0.0, "contradicted"
    return CONFUSED if alike else 0.4 * (1 - sure), "unclear"


def _aligned(slots: Sequence[Slot], name: str, room: float) -> Fit:
    """The best alignment of a name's signs on slots: dynamic programming over the evidence, then counted."""
    says = {sign: [_evidence(slot, sign, room)[0] for slot in slots] for sign in set(name)}
    above, step = [0.0], [[""]]
    for _ in name:
        above.append(above[-1] + MISSING)
        step[0].append("missing")
    for i, slot in enumerate(slots):
        surplus = _surplus(slot, room)
        row, ways = [above[0] - surplus], ["surplus"]
        for j, sign in enumerate(name):
            # plain comparisons: every seal is held against every name of its envelope, a million cells a batch
            score, way = above[j] + says[sign][i], "pair"
            if (missed := row[j] + MISSING * 0.5) > score:
                score, way = missed, "missing"
            if (lacking := above[j + 1] - surplus) > score:
                score, way = lacking, "surplus"
            row.append(score)
            ways.append(way)
        above = row
        step.append(ways)
    return _counted(slots, name, room, step)


def _surplus(slot: Slot, room: float) -> float:
    """What a character that the name lacks costs: the more the surer it is."""
    return 0.6 * slot.top * room


def _counted(slots: Sequence[Slot], name: str, room: float, step: Sequence[Sequence[str]]) -> Fit:
    i, j = len(slots), len(name)
    evidence = 0.0
    counts = dict.fromkeys(("agreed", "unclear", "contradicted", "missing", "surplus"), 0)
    while i or j:
        move = step[i][j]
        if move == "pair":
            gain, way = _evidence(slots[i - 1], name[j - 1], room)
            evidence += gain
            counts[way] += 1
            i, j = i - 1, j - 1
        elif move == "missing":
            evidence += MISSING
            counts["missing"] += 1
            j -= 1
        else:
            surplus = slots[i - 1].top * room
            counts["contradicted" if surplus >= CLEAR else "surplus"] += 1
            i -= 1
    if room >= COMPLETE + EASE:
        counts["contradicted"] += counts["missing"]
    length = len(name) + counts["surplus"]
    score = evidence / length * CONTRADICTION ** counts["contradicted"]
    unclear = counts["unclear"]
    return Fit(round(min(1.0, score), 4), counts["agreed"], unclear, counts["missing"], counts["contradicted"])
