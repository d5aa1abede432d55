"""Where an organisation or an address is (属地), and which departments for commerce answer for it (商务主管部门).

DOMAIN §1.4.3, §6.2: any level whose region is an ancestor of the address, or the same, may stamp.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.values.region_table import CITIES, DISTRICTS, MUNICIPALITIES, PROVINCES

__all__ = ["Region", "SameRegion", "is_commerce_department", "likely_departments", "region_of", "same_region"]

SameRegion = Literal["own", "other", "unknown"]

MAX_TEXT = 300  # characters of an address or name that are looked at
# Signs that make a short name a place for certain, and the longest such ending first.
_CITY_ENDINGS = ("市", "地区", "盟", "自治州", "州", "新区")
_DISTRICT_ENDINGS = ("新区", "区", "县", "市", "旗", "自治县")


@dataclass(frozen=True, slots=True)
class Region:
    """A place as far as it is known, short names: 浙江 / 杭州 / 余杭. "" where not known.

    A municipality (北京) is its own ``city``. ``district`` may be a name that no table holds (read off the text: …区, …县).
    ``zone``: a development zone (开发区, 高新区, 保税区 …) as written.
    """

    province: str = ""
    city: str = ""
    district: str = ""
    zone: str = ""

    def __bool__(self) -> bool:
        return bool(self.province or self.city or self.district)


def _plain(text: str) -> str:
    text = re.sub(r"[\s·]", "", unicodedata.normalize("NFKC", text[:MAX_TEXT]))
    return re.sub(r"^(?:中国|中华人民共和国|地址:|住所:|注册地址:)+", "", text)


@lru_cache(maxsize=1)
def _city_home() -> dict[str, str]:
    """City → province; municipalities are their own."""
    homes = {city: province for province, cities in CITIES.items() for city in cities}
    return homes | {name: name for name in MUNICIPALITIES}


@lru_cache(maxsize=1)
def _district_home() -> dict[str, tuple[str, ...]]:
    """District → the cities that have one of that name."""
    homes: dict[str, list[str]] = {}
    for city, districts in DISTRICTS.items():
        for district in districts:
            homes.setdefault(district, []).append(city)
    return {district: tuple(cities) for district, cities in homes.items()}


_ZONE = re.compile(
    r"([\u4e00-\u9fff]{2,12}?(?:经济技术开发区|高新技术产业开发区|经济开发区|高新技术开发区|高新区|经开区|开发区|综合保税区|保税区"
    r"|自由贸易试验区|自贸区|工业园区|示范区|产业园区|软件园|科技城|新区))"
)
_LOOSE_DISTRICT = re.compile(r"([\u4e00-\u9fff]{1,6}?)(?:自治县|自治旗|县|区|旗|市)")


def _province(text: str) -> tuple[str, str]:
    """(province that the text begins with or names in full, the text behind it)."""
    for short, full in PROVINCES.items():
        for form in (full, f"{short}省", f"{short}市", f"{short}自治区"):
            if form in text and not (short == "吉林" and form == "吉林市"):
                return short, text.split(form, 1)[1] if text.startswith(form) else text
        if text.startswith(short) and not text.startswith(f"{short}市"):
            return short, text[len(short) :]
    return "", text


def _city(text: str, province: str) -> tuple[str, str]:
    if province in MUNICIPALITIES:
        return province, text
    homes = _city_home()
    named = [c for c in homes if any(c + e in text for e in _CITY_ENDINGS)]
    named = [c for c in named if not _is_district_there(c, text)] or named
    begun = [c for c in homes if text.startswith(c)]
    for city in sorted((*begun, *named), key=lambda c: (text.find(c), -len(c))):
        if not province or homes[city] == province:
            position = text.find(city) + len(city)
            return city, re.sub(r"^(?:市|地区|自治州|盟)", "", text[position:]) if text.find(city) == 0 else text
    bracketed = re.search(r"\(([\u4e00-\u9fff]{2,4}?)市?\)", text)
    if bracketed and bracketed[1] in homes and (not province or homes[bracketed[1]] == province):
        return bracketed[1], text
    return "", text


def _is_district_there(city: str, text: str) -> bool:
    """朝阳区, 吉林省: a city's short name that stands for something else in this text."""
    return any(f"{city}{ending}" in text for ending in ("区", "县", "省", "路", "街")) and f"{city}市" not in text


def _district(text: str, city: str) -> str:
    homes = _district_home()
    own = DISTRICTS.get(city, ()) if city else tuple(homes)
    hits = [d for d in own if any(d + e in text for e in _DISTRICT_ENDINGS) or (text.startswith(d) and len(d) > 1)]
    if hits:
        return min(hits, key=lambda d: (text.find(d), -len(d)))
    loose = _LOOSE_DISTRICT.match(text)
    if loose and len(loose[1]) >= 1 and not re.search(r"开发|高新|保税|工业|经济|示范|产业|小$|园$|商务|社", loose[1]):
        return loose[1] if len(loose[1]) > 1 else loose[0]
    return ""


@lru_cache(maxsize=4096)
def region_of(text: str) -> Region:
    """The place that an address or an organisation's name tells; an empty (false) Region where it tells none.

    Province follows from the city, city from a district whose name no other city has.
    """
    plain = _plain(text)
    province, rest = _province(plain)
    if not province and "兵团" in plain:
        province = "新疆"
    city, rest = _city(rest, province)
    province = province or _city_home().get(city, "")
    district = _district(rest, city) if (city or not province) else _of_province(rest, province)
    homes = _district_home().get(district, ())
    if not city and district:
        fitting = [c for c in homes if not province or _city_home().get(c) == province]
        city = fitting[0] if len(fitting) == 1 else ""
        province = province or _city_home().get(city, "")
    if not (province or city) and len(homes) != 1 and not re.search(r"[区县旗市]", plain):
        district = ""
    zone = _ZONE.search(rest)
    return Region(province, city, district, zone[1] if zone else "")


def _of_province(text: str, province: str) -> str:
    """A district under a province whose city the text leaves out (江苏省昆山市)."""
    homes = _district_home()
    for district in sorted(homes, key=len, reverse=True):
        if any(_city_home().get(c) == province for c in homes[district]) and text.startswith(district):
            return district
    return _district(text, "") if _LOOSE_DISTRICT.match(text) else ""


# ---------------------------------------------------------------------------------------- departments for commerce

_COMMERCE = re.compile(
    r"商务(?:和[\u4e00-\u9fff]{2,10}?|粮食|经济信息化|发展|旅游|投资促进)?(?:厅|局|委员会|委)|(?:经济|经贸|工信|投资|文旅|粮食|科技|发展)[\u4e00-\u9fff]{0,8}?商务[\u4e00-\u9fff]{0,6}?(?:局|委员会|委|厅)"
    r"|经济商务|商务投资|商务经济"
)
_ZONE_AUTHORITY = re.compile(
    r"(?:开发区|高新区|保税区|园区|新区|示范区|试验区|新城|科技城)[\u4e00-\u9fff]{0,12}?(?:管理委员会|管委会|投资促进局|经济发展局|招商局)"
)


def is_commerce_department(text: str) -> bool:
    """Whether a name is that of a department for commerce (商务厅/局/委 and the merged ones, or a zone's authority for it).

    投资促进局 or 管委会 outside a development zone, associations and companies are none (DOMAIN 6.2: somebody must look).
    """
    plain = _plain(text)
    if re.search(r"公司|协会|学会|商会|事务所|学校|学院|中心$", plain):
        return False
    return bool(_COMMERCE.search(plain) or _ZONE_AUTHORITY.search(plain))


def _place_name(department: str) -> str:
    """A department's own place as written: 余姚市商务局 → 余姚市."""
    plain = _plain(department)
    cut = re.search(r"(?:人民政府|商务|经济|经贸|投资|工信|科技和|发展和|管理委员会|管委会|招商|粮食|文旅)", plain)
    return plain[: cut.start()] if cut else ""


def same_region(department: str, address: str) -> SameRegion:
    """Whether a department answers for an address.

    "own": of its district, its city, its province, or of a zone that the address names. "other": known to be of another
    place. "unknown": neither can be said.
    """
    place, there = region_of(department), region_of(address)
    name, plain = _place_name(department), _plain(address)
    if not plain or not name:
        return "unknown"
    if name in plain:
        return "own"
    verdicts = [
        _level(place.province, there.province),
        _level(place.city, there.city),
        _level(place.district, there.district),
    ]
    if "other" in verdicts:
        return "other" if verdicts.index("other") < 2 or (place.city and there.city) else "unknown"
    if place.zone and place.zone not in plain:
        return "own" if verdicts[2] == "own" else "unknown"
    if place.district and not there.district:
        return "unknown"
    deepest = "unknown" if not place else ("own" if "own" in verdicts else "unknown")
    if place.city and not there.city and not (place.district and verdicts[2] == "own"):
        return "unknown"
    return deepest  # type: ignore[return-value]


def _level(ours: str, theirs: str) -> SameRegion:
    if not ours or not theirs:
        return "unknown"
    return "own" if ours == theirs else "other"


_LOCAL_NAMES = ("商务局", "商务委员会", "商务和投资促进局", "经济和商务局", "经济商务局", "商务和经济信息化局")


def likely_departments(address: str) -> tuple[str, ...]:
    """Full names that a department for commerce of the address might bear, likeliest first; () where no place is known.

    >>> likely_departments("浙江省杭州市余杭区文一西路969号")[:3]
    ('杭州市余杭区商务局', '余杭区商务局', '杭州市商务局')
    """
    region = region_of(address)
    names: list[str] = []
    full_province = PROVINCES.get(region.province, "")
    municipal = region.province in MUNICIPALITIES
    city = f"{region.city}市" if region.city and not municipal else full_province if municipal else ""
    if region.district:
        district = _district_as_written(region.district, address)
        for local in _LOCAL_NAMES:
            names += [f"{city}{district}{local}", f"{district}{local}"]
    if region.zone:
        zone = region.zone
        names += [
            f"{zone}管理委员会",
            f"{city}{zone}管理委员会",
            f"{zone}商务局",
            f"{zone}管理委员会商务局",
            f"{zone}投资促进局",
            f"{zone}经济发展局",
        ]
    if city and not municipal:
        names += [f"{city}{local}" for local in _LOCAL_NAMES]
    if municipal:
        names += [f"{full_province}商务局", f"{full_province}商务委员会"]
    elif full_province:
        names.append(f"{full_province}商务厅")
    if region.province == "新疆":
        names.append("新疆生产建设兵团商务局")
    return tuple(dict.fromkeys(names))


def _district_as_written(district: str, address: str) -> str:
    """With its ending as the address has it (余杭 → 余杭区, 昆山 → 昆山市, 浦东 → 浦东新区)."""
    plain = _plain(address)
    for ending in ("新区", "自治县", "区", "市", "县", "旗"):
        if district + ending in plain:
            return district + ending
    return district if district[-1] in "区县市旗" else f"{district}区"
