"""Authorities by the way their names are made: a place of China and an office (行政区划 + 机关).

The seal of whoever issued a licence or certificate is mostly seen on a copy, grey and under print. Nobody declares its
name, but there are only so many. A reading that is an authority's is settled where exactly one of them fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.seals.names import Fit, fit_name
from pipeline.values.names import core
from pipeline.values.region_table import CITIES, DISTRICTS, MUNICIPALITIES, PROVINCES

if TYPE_CHECKING:
    from pipeline.model import SealReading

__all__ = ["authority_of", "whole_wording"]

_LOCAL = (
    "市场监督管理局", "行政审批服务局", "行政审批局", "事业单位登记管理局", "民政局", "教育局", "财政局", "商务局",
    "科学技术局", "人力资源和社会保障局", "工商行政管理局", "发展和改革局",
)  # fmt: skip
_PROVINCIAL = (
    "科学技术厅", "财政厅", "市场监督管理局", "民政厅", "教育厅", "商务厅", "知识产权局", "人力资源和社会保障厅",
    "发展和改革委员会", "工商行政管理局",
)  # fmt: skip
_MUNICIPAL = (
    *_LOCAL, "科学技术委员会", "商务委员会", "教育委员会", "规划和自然资源委员会", "知识产权局", "发展和改革委员会",
    "科技创新委员会",
)  # fmt: skip
_TAX_UNTIL_2018 = ("国家", "地方")
COPYRIGHT_OFFICE = "中华人民共和国国家版权局"
COPYRIGHT_SEAL = COPYRIGHT_OFFICE + "计算机软件著作权登记专用章"
_NATIONAL = (COPYRIGHT_OFFICE, COPYRIGHT_SEAL, "国家知识产权局", "中华人民共和国国家知识产权局", "国家市场监督管理总局")
_CITY_ENDS = ("州", "盟", "地区")  # cities whose name says what they are
SHARED = 0.55  # of a name's characters that a reading must hold, in order, before it is aligned
NEAREST = 24  # names aligned: a district's name is as near as its neighbours'
SETTLED = 0.62  # score of a name that settles a reading
AHEAD = 0.04  # by which it must lead every other
LEAST_PART = 6  # characters of a name that must be there to know it by its part
MOST_LACKING = 2
BEYOND = 3  # characters of the wording behind the office that must be on the ring


def authority_of(reading: SealReading) -> tuple[str, Fit] | None:
    """The one authority whose name the reading is; None where none or several fit."""
    if not reading.candidates:
        return None
    texts = [core(candidate.text) for candidate in reading.candidates[:2]]
    near = _nearest(tuple(texts))
    fits = sorted(
        ((fit_name(reading, name), name) for share, name in near if share >= SHARED), key=lambda f: -f[0].score
    )
    good = [(fit, name) for fit, name in fits if fit.holds]
    if not good:
        return _begun(reading, texts[0])
    if good[0][0].score < SETTLED or (len(good) > 1 and good[0][0].score - good[1][0].score < AHEAD):
        return None
    return good[0][1], good[0][0]


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
def _nearest(texts: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    return tuple(sorted(_near(texts), reverse=True)[:NEAREST])


def _near(texts: Sequence[str]) -> Iterator[tuple[float, str]]:
    """Names that share enough with one of the texts, each with its share."""
    signs = [frozenset(text) for text in texts]
    for name, own in _signs():
        if all(len(own & there) < SHARED * len(own) for there in signs):
            continue  # nearly all of some ten thousand names
        yield max(_shared(text, name) for text in texts), name


def _shared(text: str, name: str) -> float:
    """Share of a name's characters that stand in a text in order."""
    blocks = SequenceMatcher(None, text, name, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(name)


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_NATIONAL, *_of_provinces(), *_of_cities(), *_of_districts())))


@lru_cache(maxsize=1)
def _signs() -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(name)) for name in _names())


def _of_provinces() -> Iterator[str]:
    for full in PROVINCES.values():
        offices = _MUNICIPAL if full.endswith("市") else _PROVINCIAL
        yield from (f"{full}{office}" for office in offices)
        yield f"国家税务总局{full}税务局"
        yield from (f"{full}{tax}税务局" for tax in _TAX_UNTIL_2018)


def _of_cities() -> Iterator[str]:
    for city in {city for cities in CITIES.values() for city in cities}:
        full = city if city.endswith(_CITY_ENDS) else f"{city}市"
        yield from (f"{full}{office}" for office in (*_LOCAL, "发展和改革委员会"))
        yield f"国家税务总局{full}税务局"
        yield from (f"{full}{tax}税务局" for tax in _TAX_UNTIL_2018)


def _of_districts() -> Iterator[str]:
    for city, districts in DISTRICTS.items():
        full = PROVINCES[city] if city in MUNICIPALITIES else f"{city}市"
        for district in districts:
            ends = ("",) if district[-1] in "区县市旗" else ("区", "市", "县")
            for end in ends:
                above = full if end != "市" else ""  # a county-level city bears no other city's name
                yield from (f"{above}{district}{end}{office}" for office in _LOCAL)
