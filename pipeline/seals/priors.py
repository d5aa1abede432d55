"""What the wording of organisations' names says about a sign that could not be read.

Names are made of a place (行政区划), a fancy name, a trade and a form. Places and forms are few. Where all signs of
one of them were read but an unclear one, that one is settled. A sign that was read clearly is never touched, so that
two organisations that differ in one character stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.values.region_table import CITIES, DISTRICTS, MUNICIPALITIES, PROVINCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.seals.vote import Slot

__all__ = ["settled"]

CLEAR = 0.8  # probability from which a sign is what it was read as
CLOSED = 6  # signs of a form's wording that admits no other: one sign alone in it, were it clear, is a misreading
CERTAIN = 0.985  # but for one of this probability
SETTLED = 0.6  # probability of a sign that was settled
LEAST_AGREED = 2  # signs of a wording that must have been read
MISSED = 3  # one sign in that many may be settled
SEEN = 0.005  # probability that makes a sign one of those seen there: of 18 000 classes few come to as much
AHEAD = 2.0  # times as probable as the next wording's sign
PLACE_SIGNS = 10  # signs from the beginning within which a place stands

# Wordings that end a name; what stands before decides between 厅 and 局 (省 or 市).
_FORMS = (
    "有限公司", "股份有限公司", "有限责任公司", "集团有限公司", "科技有限公司", "分公司",
    "会计师事务所", "律师事务所", "税务师事务所", "会计师事务所（普通合伙）", "会计师事务所（特殊普通合伙）",
    "（普通合伙）", "（特殊普通合伙）", "（有限合伙）", "会计师事务所有限公司", "会计师事务所有限责任公司",
    "市场监督管理局", "工商行政管理局", "事业单位登记管理局", "行政审批局", "行政审批服务局", "应急管理局",
    "人力资源和社会保障局", "人力资源和社会保障厅", "发展和改革委员会", "发展和改革局", "科学技术协会",
    "教育委员会", "商务委员会", "科学技术委员会", "管理委员会", "人民政府", "人民法院", "国家知识产权局",
    "中华人民共和国国家版权局", "中华人民共和国国家知识产权局", "税务局", "公安局", "工会委员会",
    "注册会计师协会", "行业协会", "研究院", "研究所", "大学", "学院", "中学", "医院", "委员会", "管理局", "监督管理局",
    "认证中心有限公司", "认证有限公司", "服务中心", "管理服务中心", "管理中心", "发展有限公司",
    "开发有限公司", "服务有限公司", "技术有限公司", "软件有限公司",
)  # fmt: skip
_BY_LEVEL = {
    "省": ("财政厅", "商务厅", "民政厅", "教育厅", "科学技术厅", "人力资源和社会保障厅"),
    "市": ("财政局", "商务局", "民政局", "教育局", "科学技术局", "人力资源和社会保障局"),
    "区": ("财政局", "商务局", "民政局", "教育局", "科学技术局", "人力资源和社会保障局"),
    "县": ("财政局", "商务局", "民政局", "教育局", "科学技术局", "人力资源和社会保障局"),
}


@dataclass(frozen=True, slots=True)
class _Fit:
    """A wording laid on slots from ``start``; ``seen``: probability of its signs where others were read."""

    wording: str
    start: int
    agreed: int
    seen: float

    def apart(self, slots: Sequence[Slot]) -> str:
        """Its signs where others were read."""
        return "".join(sign for k, sign in enumerate(self.wording) if slots[self.start + k].sign != sign)


def settled(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots with unclear signs settled where the wording of names leaves one way only."""
    done = tuple(slots)
    if all(slot.score >= CERTAIN for slot in done):
        return done
    done = _with(done, _best(done, _at_end(done)))
    return _with(done, _best(done, _at_start(done)))


def _at_end(slots: Sequence[Slot]) -> Iterator[_Fit]:
    for wording in _forms():
        start = len(slots) - len(wording)
        if start >= 0:
            yield from _fit(slots, wording, start)


def _at_start(slots: Sequence[Slot]) -> Iterator[_Fit]:
    if all(slot.score >= CLEAR for slot in slots[:PLACE_SIGNS]):
        return
    for place in _places():
        if len(place) <= len(slots):
            yield from _fit(slots, place, 0, everything_seen=True)


def _fit(slots: Sequence[Slot], wording: str, start: int, *, everything_seen: bool = False) -> Iterable[_Fit]:
    """The wording laid on the slots, if nothing clearly read speaks against it."""
    agreed, seen, missed = 0, 0.0, 0
    for k, sign in enumerate(wording):
        slot = slots[start + k]
        if slot.sign == sign:
            agreed += 1
            continue
        missed += 1
        closed = missed == 1 and k > 0 and len(wording) >= CLOSED and slot.score < CERTAIN and not everything_seen
        if (slot.score >= CLEAR and not closed) or missed * MISSED > len(wording):
            return ()
        own = dict(slot.signs).get(sign, 0.0)
        if own < SEEN and (everything_seen or k == 0):
            return ()  # a wording's first sign is what tells it from the middle of another
        seen += own
    return (_Fit(wording, start, agreed, seen),) if agreed >= LEAST_AGREED else ()


def _best(slots: Sequence[Slot], fits: Iterable[_Fit]) -> _Fit | None:
    """The wording with most signs read; of several that settle other signs one must be seen, ahead of the others."""
    ordered = sorted(fits, key=lambda fit: (fit.agreed, fit.seen), reverse=True)
    if not ordered or not ordered[0].apart(slots):
        return None  # read as it is worded
    best = ordered[0]
    rivals = [f for f in ordered[1:] if f.agreed == best.agreed and f.apart(slots) != best.apart(slots)]
    if rivals and best.seen < max(SEEN, AHEAD * max(rival.seen for rival in rivals)):
        return None
    return best


def _with(slots: tuple[Slot, ...], fit: _Fit | None) -> tuple[Slot, ...]:
    if fit is None:
        return slots
    done = list(slots)
    for k, sign in enumerate(fit.wording):
        slot = done[fit.start + k]
        if slot.sign != sign:
            others = tuple(pair for pair in slot.signs if pair[0] != sign)
            done[fit.start + k] = replace(slot, signs=((sign, SETTLED), *others))
    return tuple(done)


@lru_cache(maxsize=1)
def _forms() -> tuple[str, ...]:
    by_level = (level + office for level, offices in _BY_LEVEL.items() for office in offices)
    return (*_FORMS, *by_level)


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """Places as names begin with them: 江西省, 南昌市, 南昌市西湖区, 北京市海淀区."""
    places = [full for full in PROVINCES.values() if full.endswith(("省", "市"))]
    places += [city if city.endswith("盟") else f"{city}市" for cities in CITIES.values() for city in cities]
    for city, districts in DISTRICTS.items():
        above = PROVINCES[city] if city in MUNICIPALITIES else f"{city}市"
        for district in districts:
            ends = ("",) if district[-1] in "区县市旗" else ("区", "县")
            places += [f"{above}{district}{end}" for end in ends]
    return tuple(dict.fromkeys(places))
