"""Several readings of one ring made into one: cleaned, aligned on the surest, voted character by character."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.model import TextCandidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.reading.engine import Recognition

__all__ = ["KNOWN_ENDINGS", "Reading", "candidates", "cleaned", "voted"]

TRADITIONAL = (
    "國註冊會計師務業團財專學藝術報開發資訊網絡數據聯東華廣關門軟電機製藥銀陽"
    "陳張劉楊趙黃吳孫馬羅鄭謝韓馮蕭許鄧葉蘇魯遼寧龍滬漢濟"
)
SIMPLIFIED = (
    "国注册会计师务业团财专学艺术报开发资讯网络数据联东华广关门软电机制药银阳"
    "陈张刘杨赵黄吴孙马罗郑谢韩冯萧许邓叶苏鲁辽宁龙沪汉济"
)
# Brackets at one width; traditional forms, which the recogniser likes to see in thin strokes, as the simplified ones.
WIDE_SIGNS = str.maketrans("()[]〔〕【】［］" + TRADITIONAL, "（）（）（）（）（）" + SIMPLIFIED)
NOT_NAME = re.compile(r"[^一-鿿㐀-䶿（）·A-Za-z0-9&、]")  # signs no organisation bears: rim and star leave them
EDGE_NOISE = "一丶丨丿、··0123456789lIi1oO&"  # what bits of rim, star and code are read as at the ends of a name
EDGE_SURE = 0.9  # an edge sign of that kind stays only if the engine is this sure
END_SURE = 0.85  # probability from which a sign at an end is kept wherever it stands
KNOWN_ENDINGS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "（特殊普通合伙）",
    "（普通合伙）",
    "会计师事务所",
    "监督管理局",
    "委员会",
    "商务局",
    "商务厅",
    "专用章",
    "局",
    "厅",
    "公司",
)
UNFINISHED = (("有限公", "司"), ("有限责任公", "司"), ("有限", "公司"), ("监督管理", "局"), ("会计师事务", "所"))
UNSEEN = 0.5  # probability of a character that was not seen and must be there
UNSURE = 0.75  # a character under this may give way to a known ending's
WEIGHT_POWER = 6  # a reading that is sure as a whole outweighs several that are not
MAX_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """Characters with their probabilities; ``whole``: share of the ring's characters that were read."""

    text: str
    scores: tuple[float, ...]
    whole: float = 1.0

    @property
    def score(self) -> float:
        """Mean probability a character, 0 without text."""
        return sum(self.scores) / len(self.scores) if self.scores else 0.0

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
    pairs = [
        (sign.translate(WIDE_SIGNS), score)
        for sign, score in list(zip(found.text, found.scores, strict=False))[first:last]
        if not NOT_NAME.match(sign.translate(WIDE_SIGNS))
    ]
    while pairs and pairs[0][0] in EDGE_NOISE and pairs[0][1] < EDGE_SURE:
        pairs = pairs[1:]
    while pairs and pairs[-1][0] in EDGE_NOISE and pairs[-1][1] < EDGE_SURE:
        pairs = pairs[:-1]
    pairs = _chinese_part(pairs)
    if pairs and pairs[0][0] in "（）" and "）" not in "".join(s for s, _ in pairs[1:]):
        pairs = pairs[1:]
    pairs = _doubled(pairs)
    return Reading("".join(sign for sign, _ in pairs), tuple(score for _, score in pairs))


def _doubled(pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """合肥市市场监督管理局: of two like signs in a row the recogniser (CTC) may keep one; the name itself tells."""
    found = MARKET.search("".join(sign for sign, _ in pairs))
    if found is None:
        return pairs
    place = found.start()
    return [*pairs[:place], ("市", pairs[place][1] * REPAIRED), *pairs[place:]]


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


def _chinese_part(pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Without the Latin words that share a ring with a Chinese name (a translation, a minority's language)."""
    text = "".join(sign for sign, _ in pairs)
    runs = [m.span() for m in re.finditer(r"[一-鿿（）·]{4,}", text)]
    if not runs or not re.search(r"[A-Za-z]{4,}", text):
        return pairs
    start, end = max(runs, key=lambda span: span[1] - span[0])
    return pairs[start:end]


def voted(readings: Sequence[Reading]) -> Reading:
    """The reading that the others, aligned on the surest one, agree on."""
    kept = [r for r in readings if r.text]
    if not kept:
        return Reading("", ())
    pivot = max(kept, key=lambda r: r.weight * min(1.0, len(r.text) / 4))
    if len(kept) == 1:
        return _with_ending(pivot)
    votes: list[dict[str, float]] = [defaultdict(float) for _ in pivot.text]
    for reading in kept:
        _cast(votes, pivot, reading)
    signs, scores = [], []
    for slot in votes:
        sign = max(slot, key=lambda s: slot[s])
        if sign:
            signs.append(sign)
            scores.append(slot[sign] / sum(slot.values()) * min(1.0, slot[sign]))
    return _with_ending(Reading("".join(signs), tuple(scores)))


def _cast(votes: list[dict[str, float]], pivot: Reading, reading: Reading) -> None:
    """The votes of one reading: for the sign it has at each of the pivot's places, "" where it has none."""
    weight = reading.weight**WEIGHT_POWER
    matcher = SequenceMatcher(None, pivot.text, reading.text, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        for offset in range(i2 - i1):
            j = j1 + offset
            if tag in ("equal", "replace") and j < j2:
                votes[i1 + offset][reading.text[j]] += reading.scores[j] * weight
            else:
                votes[i1 + offset][""] += 0.5 * weight


def _finished(reading: Reading) -> Reading:
    """What no name ends with goes on in one way only; what was not seen is unsure."""
    for begun, rest in UNFINISHED:
        if reading.text.endswith(begun):
            return Reading(reading.text + rest, (*reading.scores, *(UNSEEN for _ in rest)), reading.whole)
    return reading


def _with_ending(reading: Reading) -> Reading:
    """The end as names end: finished, and unsure characters put right where all others are a known ending's."""
    reading = _finished(reading)
    for ending in KNOWN_ENDINGS:
        tail, scores = reading.text[-len(ending) :], reading.scores[-len(ending) :]
        if len(tail) < len(ending) or tail == ending:
            continue
        wrong = [i for i, (a, b) in enumerate(zip(tail, ending, strict=True)) if a != b]
        if len(wrong) * 3 <= len(ending) and all(scores[i] < UNSURE for i in wrong):
            return Reading(reading.text[: -len(ending)] + ending, reading.scores)
    return reading


def candidates(best: Reading, readings: Sequence[Reading]) -> tuple[TextCandidate, ...]:
    """The voted reading first, then the others by score, without doubles."""
    texts = {best.text: best.score} if best.text else {}
    for reading in sorted(readings, key=lambda r: -r.score):
        if reading.text and reading.text not in texts:
            texts[reading.text] = reading.score
    return tuple(TextCandidate(text=t, score=round(s, 4)) for t, s in list(texts.items())[:MAX_CANDIDATES])
