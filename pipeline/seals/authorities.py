"""Authorities by the way their names are made: a place of China and an office (行政区划 + 机关).

The seal of whoever issued a licence or certificate is mostly seen on a copy, grey and under print. Nobody declares its
name, but there are only so many. A reading that is an authority's is settled where exactly one of them fits. So is a
near miss (涵西省商务厅, 贵阳事云岩区…): the table of places is not complete, so a sign of a place that was clearly read
stands; one that is unclear or looks like the right one gives way, and so does any sign of an office's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from heapq import nlargest
from typing import TYPE_CHECKING

from pipeline.seals.names import Fit, fit_name, fit_names
from pipeline.seals.radicals import same_radical
from pipeline.seals.slots import alike, clear_signs, rivals_of, strip_slots, voted_slots
from pipeline.values.names import core, region_of
from pipeline.values.region_table import CITIES, DISTRICTS, MUNICIPALITIES, PROVINCES

if TYPE_CHECKING:
    from pipeline.model import SealReading

__all__ = ["authority_of", "whole_wording"]

_LOCAL = (
    "市场监督管理局", "行政审批服务局", "行政审批局", "事业单位登记管理局", "民政局", "教育局", "财政局", "商务局",
    "科学技术局", "人力资源和社会保障局", "工商行政管理局", "发展和改革局", "机构编制委员会办公室",
)  # fmt: skip
_PROVINCIAL = (
    "科学技术厅", "财政厅", "市场监督管理局", "民政厅", "教育厅", "商务厅", "知识产权局", "人力资源和社会保障厅",
    "发展和改革委员会", "工商行政管理局",
)  # fmt: skip
_MUNICIPAL = (
    *_LOCAL, "科学技术委员会", "商务委员会", "教育委员会", "规划和自然资源委员会", "知识产权局", "发展和改革委员会",
    "科技创新委员会",
)  # fmt: skip
_BRANCHES = ("工商行政管理局", "市场监督管理局")  # with 分局 in districts
_ZONES = ("经济技术开发区", "高新技术产业开发区", "工业园区")
_TAX_UNTIL_2018 = ("国家", "地方")
COPYRIGHT_OFFICE = "中华人民共和国国家版权局"
COPYRIGHT_SEAL = COPYRIGHT_OFFICE + "计算机软件著作权登记专用章"
_NATIONAL = (COPYRIGHT_OFFICE, COPYRIGHT_SEAL, "国家知识产权局", "中华人民共和国国家知识产权局", "国家市场监督管理总局")
_OFFICES = frozenset((*_LOCAL, *_PROVINCIAL, *_MUNICIPAL, "税务局"))
_CITY_ENDS = ("盟", "地区")  # cities whose name says what they are
SHARED = 0.55  # of a name's characters that a reading must hold, in order, before it is aligned
NEAREST = 24  # names aligned: a district's name is as near as its neighbours'
FORMED = 80  # names whose characters' order is looked at
TEXTS = 6  # readings of one seal that are held against names
SETTLED = 0.62  # score of a name that settles a reading
AHEAD = 0.04  # by which it must lead every other
LEAST_PART = 6  # characters of a name that must be there to know it by its part
MOST_LACKING = 2
BEYOND = 3  # characters of the wording behind the office that must be on the ring
# What a name costs for each sign in which a reading differs from it: a rival reading of that very sign is cheapest.
RIVAL, ALIKE, KIN, UNCLEAR, WORD = 0.25, 0.3, 0.45, 0.6, 1.0
BEHIND, WITHIN = 0.5, 0.7  # a sign lost at an end, or inside
MISSED = 12  # names that a reading may nearly be
BESIDE, SURPLUS = 0.4, 0.8  # one that the name lacks, at an end, where bits of the rim are read as signs, or inside
NEVER = 9.0
DEAREST = 1.5  # cost of a name that is still taken; a sixth of a short one's signs
LEAD = 0.1  # by which it must be cheaper than every other
PLACE_WORDS = frozenset("省市区县州盟旗")


def authority_of(reading: SealReading, *, near: str = "", words: str = "") -> tuple[str, Fit] | None:
    """The one authority whose name the reading is; None where none or several fit.

    :param near: an address: of several that fit alike, the one that answers for it
    :param words: what the name must hold, "" for any
    """
    if not reading.candidates:
        return None
    texts = tuple(dict.fromkeys(core(candidate.text) for candidate in reading.candidates[:TEXTS]))
    if texts[0] in _signs_of() and words in texts[0] and (fit := fit_name(reading, texts[0])).holds:
        return texts[0], fit
    names = [name for name in _nearest(texts) if words in name]
    fits = sorted(zip(fit_names(reading, names), names, strict=True), key=lambda f: -f[0].score)
    good = [(fit, name) for fit, name in fits if fit.holds and fit.score >= SETTLED]
    level = [(fit, name) for fit, name in good if good[0][0].score - fit.score < AHEAD]
    best = level if len(level) == 1 else [(fit, name) for fit, name in level if _answers(name, near)]
    if len(best) == 1:
        return best[0][1], best[0][0]
    begun = None if level or words else _begun(reading, texts[0])
    found = begun or _misread(reading, texts, near, words)
    # Where several fit sign by sign and gap by gap, one that fits less well than the best of them is not meant.
    best_fitting = {name for fit, name in level if fit.score >= level[0][0].score}
    return None if found and level and found[0] not in best_fitting else found


def _answers(name: str, address: str) -> bool:
    """Whether it is of the address's own district, city or province."""
    place, there = region_of(name.removesuffix(_office_of(name))), region_of(address)
    if not place.province or place.province != there.province:
        return False
    return all(
        not ours or ours == theirs for ours, theirs in ((place.city, there.city), (place.district, there.district))
    )


def _misread(reading: SealReading, texts: tuple[str, ...], near: str, words: str) -> tuple[str, Fit] | None:
    """The one name that a reading misses nearly, sign by sign."""
    clear, rivals = clear_signs(reading), rivals_of(reading)
    # A sign that other strips show otherwise is not clear, whatever one of them makes of it.
    clear = frozenset(sign for sign in clear if all(sign in text for text in texts))
    names = [name for name in _nearest(texts) if words in name]
    full = {texts[0]: _full_places(reading, texts[0])}
    priced = sorted(
        (min(_price(text, name, clear, rivals, full.get(text, frozenset())) for text in texts), name)
        for name in names[:MISSED]
    )
    if not priced or priced[0][0] > min(DEAREST, len(priced[0][1]) / 6):
        return None
    level = [(price, name) for price, name in priced if price - priced[0][0] < LEAD]
    best = level if len(level) == 1 else [(price, name) for price, name in level if _answers(name, near)]
    if len(best) != 1:
        return None
    price, name = best[0]
    differing = max(1, round(price))
    return name, Fit(round(reading.legible * (1 - price / len(name)), 4), len(name) - differing, differing, 0, 0)


def _full_places(reading: SealReading, text: str) -> frozenset[int]:
    """The signs of the first reading (not its first one) before which the engraving leaves no room for another.

    北京商务局, evenly set, lacks no 市, whatever the authority is called.
    """
    slots = voted_slots(reading, strip_slots(reading)).slots
    if len(slots) != len(text):
        return frozenset()
    return frozenset(place for place, slot in enumerate(slots) if place and slot.room == 0)


def _price(
    text: str, name: str, clear: frozenset[str], rivals: Mapping[str, frozenset[str]], full: frozenset[int]
) -> float:
    """The cheapest way to make the name of a reading, sign by sign; ``full``: where it can lack none."""
    if abs(len(text) - len(name)) > MOST_LACKING:
        return NEVER
    office, closed = len(name) - len(_office_of(name)), _city_before_district(name)
    above = [0.0]
    for _ in name:
        above.append(above[-1] + BEHIND)
    for i, sign in enumerate(text, start=1):
        row = [above[0] + (BESIDE if i == 1 else SURPLUS)]
        for j, wanted in enumerate(name, start=1):
            lost = BEHIND if i == len(text) else NEVER if i in full else WITHIN
            own = j > office or j <= closed or wanted in PLACE_WORDS
            row.append(
                min(
                    above[j - 1] + _differing(sign, wanted, own, sign in clear, rivals),
                    row[j - 1] + lost,
                    above[j] + (NEVER if sign in clear else BESIDE if i in (1, len(text)) else SURPLUS),
                )
            )
        above = row
    return above[-1]


@lru_cache(maxsize=1024)
def _city_before_district(name: str) -> int:
    """Length of a city's name where a district follows: cities that have districts are few, and all of them known."""
    city = name.partition("市")[0]
    behind = name[len(city) + 1 :].removesuffix(_office_of(name))
    return len(city) if city in _cities() and behind else 0


@lru_cache(maxsize=1)
def _cities() -> frozenset[str]:
    return frozenset(city for cities in CITIES.values() for city in cities)


def _differing(sign: str, wanted: str, own: bool, clear: bool, rivals: Mapping[str, frozenset[str]]) -> float:
    """What a sign read costs where another is wanted; ``own``: a sign of the office's words, or 市, 区, 县."""
    if sign == wanted:
        return 0.0
    if wanted in rivals.get(sign, frozenset()):
        return RIVAL
    if alike(sign, wanted):
        return ALIKE
    if clear:
        return WORD if own and sign not in PLACE_WORDS else NEVER
    return KIN if same_radical(sign, wanted) else UNCLEAR


@lru_cache(maxsize=1024)
def _office_of(name: str) -> str:
    """The office at a name's end."""
    return max((office for office in _OFFICES if name.endswith(office)), key=len, default="")


def _begun(reading: SealReading, text: str) -> tuple[str, Fit] | None:
    """The one name that goes on where the reading breaks off at an end: a ring ends where its ink was last seen."""
    if len(text) < LEAST_PART:
        return None
    whole = [name for name in _names() if text != name and (name.endswith(text) or name.startswith(text))]
    whole = [name for name in whole if len(name) - len(text) <= MOST_LACKING]
    if len(whole) != 1:
        return None
    return whole[0], Fit(
        round(reading.legible * len(text) / len(whole[0]), 4), len(text), 0, len(whole[0]) - len(text), 0
    )


def whole_wording(text: str) -> str:
    """The copyright office's seal whose ring holds only the beginning of its wording: there is but one such seal."""
    plain = core(text)
    behind = plain.partition("版权局")[2]
    wording = COPYRIGHT_SEAL.removeprefix(COPYRIGHT_OFFICE)
    if len(behind) < BEYOND or not plain.partition("版权局")[0].endswith("国家"):
        return text
    begun = SequenceMatcher(None, behind, wording[: len(behind)], autojunk=False).ratio()
    return COPYRIGHT_SEAL if begun >= SHARED else text


@lru_cache(maxsize=256)  # of each seal it is asked twice: by its document's extractor, and for its owner
def _nearest(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The names most like one of the texts, the likest first."""
    return tuple(name for _, name in sorted(_near(texts), reverse=True)[:NEAREST])


def _near(texts: Sequence[str]) -> Iterator[tuple[float, str]]:
    """Names that share enough with one of the texts, each with its likeness."""
    signs = [frozenset(text) for text in texts]
    alike = nlargest(FORMED, ((_common(own, signs), name) for name, own in _signs_of().items()))
    for _, name in alike:
        shared = [(_shared(text, name), len(text)) for text in texts]
        if max(shared)[0] >= SHARED * len(name):
            yield max(2 * count / (len(name) + length) for count, length in shared), name


def _common(own: frozenset[str], signs: Sequence[frozenset[str]]) -> float:
    """Likeness of a name's characters to a text's, in whatever order: cheap, for there are some ten thousand names."""
    return max(len(own & there) / (len(own) + len(there)) for there in signs)


def _shared(text: str, name: str) -> int:
    """Characters of a name that stand in a text in order."""
    return sum(block.size for block in SequenceMatcher(None, text, name, autojunk=False).get_matching_blocks())


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_NATIONAL, *_of_provinces(), *_of_cities(), *_of_districts())))


@lru_cache(maxsize=1)
def _signs_of() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(name) for name in _names()}


def _of_provinces() -> Iterator[str]:
    for full in PROVINCES.values():
        offices = _MUNICIPAL if full.endswith("市") else _PROVINCIAL
        yield from (f"{full}{office}" for office in offices)
        yield f"国家税务总局{full}税务局"
        yield from (f"{full}{tax}税务局" for tax in _TAX_UNTIL_2018)


def _of_cities() -> Iterator[str]:
    for city in {city for cities in CITIES.values() for city in cities}:
        full = city if city.endswith(_CITY_ENDS) else f"{city}市"
        yield from (f"{full}{office}" for office in (*_LOCAL, "商务委员会", "发展和改革委员会"))
        yield f"国家税务总局{full}税务局"
        yield from (f"{full}{tax}税务局" for tax in _TAX_UNTIL_2018)
        yield from (f"{city}{zone}市场监督管理局" for zone in _ZONES)


def _of_districts() -> Iterator[str]:
    for city, districts in DISTRICTS.items():
        full = PROVINCES[city] if city in MUNICIPALITIES else f"{city}市"
        for district in districts:
            yield from (f"{full}{office}{district}分局" for office in _BRANCHES)
            ends = ("",) if district[-1] in "区县市旗" else ("区", "市", "县")
            for end in ends:
                above = full if end != "市" else ""  # a county-level city bears no other city's name
                yield from (f"{above}{district}{end}{office}" for office in _LOCAL)
