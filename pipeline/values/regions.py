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

    A municipality (北京) is its own ``city``. ``district`` may be a name that no table holds (…区, …县 in the text).
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


_ZONE_KINDS = (
    "经济技术开发区", "高新技术产业开发区", "高新技术产业园区", "经济开发区", "高新技术开发区", "高新区", "经开区",
    "开发区", "综合保税区", "保税区", "自由贸易试验区", "自贸区", "工业园区", "示范区",
    "产业园区", "软件园", "科技城", "新片区", "新区",
)  # fmt: skip
_ZONE = re.compile(rf"([\u4e00-\u9fff]{{0,12}}?(?:{'|'.join(_ZONE_KINDS)}))")
_ZONE_SHORT = (
    ("高新技术产业开发区", "高新区"),
    ("高新技术产业园区", "高新区"),
    ("高新技术开发区", "高新区"),
    ("经济技术开发区", "经开区"),
)
_LOOSE_DISTRICT = re.compile(r"([\u4e00-\u9fff]{1,6}?)(自治县|自治旗|新区|县|区|旗|市)")
_NO_DISTRICT = re.compile(r"开发|高新|保税|工业|经济|示范|产业|自由贸易|自贸|商务|[小园社片城校郊]$")
_ROAD = re.compile(
    r"(?:[东西南北中]|[一二三四五六])?(?:路|街|大道|大街|道|巷|胡同|广场|大厦)"
)  # 北京路, 南京东路: no place
_SELF_GOVERNED = re.compile(r"[\u4e00-\u9fff]{1,10}?自治州")


def _at_start(text: str, name: str, endings: tuple[str, ...]) -> str | None:
    """What follows ``name`` (and one of the endings) at the start of the text; None where it does not stand there."""
    if not text.startswith(name):
        return None
    rest = text[len(name) :]
    for ending in endings:
        if rest.startswith(ending):
            return rest[len(ending) :]
    return None if _ROAD.match(rest) or rest[:1] in "区县镇乡村" else rest


def _province(text: str) -> tuple[str, str]:
    """(province, the text behind it): at the start, or named in full anywhere."""
    if text.startswith("吉林市"):
        return "吉林", text
    for short, full in PROVINCES.items():
        rest = _at_start(text, short, (full[len(short) :], "省", "市", "自治区"))
        if rest is not None:
            return short, rest
    spots = [(text.find(full), short, full) for short, full in PROVINCES.items() if full in text]
    if not spots:
        return "", text
    position, short, full = min(spots)
    return short, text[position + len(full) :]


def _city(text: str, province: str) -> tuple[str, str]:
    """(city, the text behind it)."""
    if province in MUNICIPALITIES:
        return province, text
    homes = {city: home for city, home in _city_home().items() if not province or home == province}
    for city in sorted(homes, key=len, reverse=True):
        rest = _at_start(text, city, _CITY_ENDINGS)
        if rest is not None:
            return city, _SELF_GOVERNED.sub("", rest, count=1) if _SELF_GOVERNED.match(rest) else rest
    spots = [(text.find(f"{city}市"), city) for city in homes if f"{city}市" in text]
    if not spots:
        return "", text
    position, city = min(spots)
    return city, text[position + len(city) + 1 :]


def _district(text: str, city: str, province: str, *, loose: bool) -> str:
    """The district (县, 县级市) that stands behind the city; else what reads like one; else a known one anywhere."""
    homes = _district_home()
    known = DISTRICTS.get(city, ()) if city else [d for d in homes if _fitting(d, province)]
    for district in sorted(known, key=len, reverse=True):
        if _at_start(text, district, _DISTRICT_ENDINGS) is not None:
            return district
    spots = [(text.find(d + e), d) for d in known for e in _DISTRICT_ENDINGS if d + e in text]
    match = _LOOSE_DISTRICT.match(text) if loose else None
    if match and not _NO_DISTRICT.search(match[1]) and (len(match[1]) > 1 or match[2] in ("县", "区")):
        return match[1] if len(match[1]) > 1 else match[0]
    return min(spots)[1] if spots else ""


def _fitting(district: str, province: str) -> tuple[str, ...]:
    """Cities that have a district of that name, within the province if it is known."""
    cities = _district_home().get(district, ())
    return tuple(c for c in cities if not province or _city_home().get(c) == province)


_ADDRESS = re.compile(r"商务|路|街|号|镇|乡|村|大道|管理委员会|局$")


@lru_cache(maxsize=4096)
def region_of(text: str) -> Region:
    """The place that an address or an organisation's name tells; an empty (false) Region where it tells none.

    Province follows from the city, city from a district whose name no other city has.
    """
    plain = _plain(text)
    province, rest = _province(plain)
    city, rest = _city(rest, province)
    if not province and not city:
        province, city = _bracketed(plain)
    province = province or _city_home().get(city, "") or ("新疆" if "生产建设兵团" in plain else "")
    district = _district(rest, city, province, loose=bool(province) or bool(_ADDRESS.search(plain)))
    if district and not city:
        cities = _fitting(district, province)
        city = cities[0] if len(cities) == 1 else ""
        province = province or _city_home().get(city, "")
    zone = _ZONE.match(rest) if province else _ZONE.search(rest)
    return Region(province, city, district, zone[1] if zone else "")


def _bracketed(text: str) -> tuple[str, str]:
    """(province, city) of a place in brackets: 企帮宝科技(甘肃)有限公司."""
    for name in re.findall(r"\(([\u4e00-\u9fff]{2,4}?)[省市]?\)", text):
        if name in _city_home():
            return _city_home()[name], name
        if name in PROVINCES:
            return name, ""
    return "", ""


# ---------------------------------------------------------------------------------------- departments for commerce

_COMMERCE = re.compile(r"商务[\u4e00-\u9fff]{0,12}?(?:厅|局|委员会|委(?!托))")
_ZONE_AUTHORITY = re.compile(
    r"(?:开发区|高新区|经开区|保税区|园区|新区|新片区|示范区|试验区|新城|科技城)[\u4e00-\u9fff]{0,12}?"
    r"(?:管理委员会|管委会|投资促进局|经济发展局|招商局)"
)


def is_commerce_department(text: str) -> bool:
    """Whether a name is that of a department for commerce (商务厅/局/委, merged ones, a zone's authority for it).

    投资促进局 or 管委会 outside a development zone, associations and companies are none (DOMAIN 6.2)
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


def _zone_key(zone: str) -> str:
    for long, short in _ZONE_SHORT:
        zone = zone.replace(long, short)
    return zone


def same_region(department: str, address: str) -> SameRegion:
    """Whether a department answers for an address.

    "own": of its district, its city, its province, or of a zone that the address names. "other": known to be of another
    place. "unknown": neither can be said (the address leaves out the district that the department is of, say).
    """
    name, plain = _place_name(department), _plain(address)
    if not plain or not name:
        return "unknown"
    if name in plain:
        return "own"
    place, there = region_of(department), region_of(address)
    for ours, theirs in ((place.province, there.province), (place.city, there.city)):
        if ours and theirs and ours != theirs:
            return "other"
    if place.zone and _zone_key(place.zone) in _zone_key(plain):
        return "own"
    if place.district and there.district:
        if place.district == there.district:
            return "own"
        return "other" if place.city and there.city else "unknown"
    if place.zone or place.district:
        return "unknown"
    if place.city:
        return "own" if there.city else "unknown"
    return "own" if place.province and there.province else "unknown"


_ZONE_OFFICES = ("管理委员会", "商务局", "管理委员会商务局", "投资促进局", "经济发展局", "商务和投资促进局")
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
    for zone in dict.fromkeys((region.zone, _zone_key(region.zone))) if region.zone else ():
        place = f"{region.city}{zone}" if not zone.startswith(region.city) else zone
        names += [f"{place}{local}" for local in _ZONE_OFFICES] + [f"{zone}管理委员会", f"{city}{zone}管理委员会"]
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
