"""Made-up organisations, people and numbers: valid by form and check digit, of nobody in the world by intent.

All figures of the generator are drawn from one :class:`random.Random`, so that a seed gives the same envelopes again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = [
    "CITIES",
    "City",
    "brand",
    "company_name",
    "day",
    "email",
    "mobile",
    "org_code",
    "patent_no",
    "person",
    "seal_code",
    "street",
    "uscc",
]

# GB 32100 alphabet, and the weights 3^(i-1) mod 31 of its first 17 places.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


@dataclass(frozen=True)
class City:
    """A place with the departments for commerce that may stamp there (本区、本市、本省)."""

    province: str
    city: str
    district: str
    code: str  # GB/T 2260, of the district
    departments: tuple[str, ...]
    short: str  # the province's one-character name, of report codes

    @property
    def prefix(self) -> str:
        """省+市+区, a municipality named once."""
        return self.province + ("" if self.city == self.province else self.city) + self.district


CITIES: tuple[City, ...] = (
    City("北京市", "北京市", "海淀区", "110108", ("北京市商务局", "北京市海淀区商务局"), "京"),
    City("上海市", "上海市", "浦东新区", "310115", ("上海市商务委员会", "上海市浦东新区商务委员会"), "沪"),
    City("江苏省", "南京市", "雨花台区", "320114", ("南京市商务局", "南京市雨花台区商务局", "江苏省商务厅"), "苏"),
    City("江苏省", "无锡市", "新吴区", "320214", ("无锡市商务局", "无锡市新吴区商务局"), "苏"),
    City("江苏省", "苏州市", "吴中区", "320506", ("苏州市商务局", "苏州市吴中区商务局"), "苏"),
    City("浙江省", "杭州市", "滨江区", "330108", ("杭州市商务局", "杭州市滨江区商务局", "浙江省商务厅"), "浙"),
    City("安徽省", "合肥市", "蜀山区", "340104", ("合肥市商务局", "安徽省商务厅"), "皖"),
    City("山东省", "济南市", "历下区", "370102", ("济南市商务局", "济南市历下区商务局", "山东省商务厅"), "鲁"),
    City("辽宁省", "大连市", "甘井子区", "210211", ("大连市商务局", "大连市甘井子区商务局"), "辽"),
    City("湖北省", "武汉市", "洪山区", "420111", ("武汉市商务局", "湖北省商务厅"), "鄂"),
    City("四川省", "成都市", "武侯区", "510107", ("成都市商务局", "成都市武侯区商务局", "四川省商务厅"), "川"),
    City("陕西省", "西安市", "雁塔区", "610113", ("西安市商务局", "西安市雁塔区商务局", "陕西省商务厅"), "陕"),
    City("重庆市", "重庆市", "渝北区", "500112", ("重庆市商务委员会", "重庆市渝北区商务委员会"), "渝"),
    City("河南省", "郑州市", "金水区", "410105", ("郑州市商务局", "河南省商务厅"), "豫"),
    City("广东省", "广州市", "天河区", "440106", ("广州市商务局", "广州市天河区商务局", "广东省商务厅"), "粤"),
)

_SYLLABLES = "云海博华信达远智慧科创联合众诚泰恒瑞康源盛通卓越星辰启明锐捷凌锋宏图嘉禾鼎新澜岳景川朗润德邦易拓"
_TRADES = ("软件技术", "信息技术", "数据服务", "网络科技", "智能科技", "数字科技", "软件", "信息服务", "科技服务")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳敏静强磊军洋勇艳杰涛明超霞平刚建华文辉玲桂丹萍鹏宇浩凯佳雪琳博晨思远志海国庆立新春晓"
_STREETS = (
    "软件大道",
    "科技路",
    "创新大道",
    "高新四路",
    "云龙街",
    "学府路",
    "天府大道",
    "长江路",
    "文一西路",
    "建设路",
)
_PLACES = ("软件园", "科技园", "创业大厦", "数码港", "信息产业园", "国际中心", "科创大厦")


def person(rng: random.Random) -> str:
    """A name of two or three characters."""
    return rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2))))


def brand(rng: random.Random) -> str:
    """字号: two to four characters."""
    return "".join(rng.sample(_SYLLABLES, rng.choice((2, 2, 3, 4))))


def company_name(rng: random.Random, city: City) -> str:
    """A registered name in one of the usual orders: 区划 first, in brackets, or none."""
    place = city.city.removesuffix("市")
    form = rng.choice(("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司"))
    trade, name = rng.choice(_TRADES), brand(rng)
    if rng.random() < 0.2:
        return f"{name}（{place}）{trade}{form}"
    return f"{rng.choice((place, city.city, place))}{name}{trade}{form}"


def street(rng: random.Random, city: City) -> str:
    """An address from the province down to the room."""
    house = f"{rng.randint(1, 299)}号"
    room = f"{rng.randint(1, 12)}幢{rng.randint(2, 28)}层" if rng.random() < 0.6 else f"{rng.randint(101, 2808)}室"
    return f"{city.prefix}{rng.choice(_STREETS)}{house}{rng.choice(_PLACES)}{room}"


def mobile(rng: random.Random) -> str:
    """Eleven digits that begin like a mobile number."""
    return rng.choice(("138", "139", "150", "158", "186", "189", "177")) + "".join(rng.choices("0123456789", k=8))


def email(rng: random.Random) -> str:
    """An address under a domain kept for examples."""
    user = "".join(rng.choices("abcdefghkmnprstuwxyz", k=rng.randint(5, 9)))
    return f"{user}@{''.join(rng.choices('abcdefhkmnpstuxyz', k=6))}.example.cn"


def day(rng: random.Random, first: date, last: date) -> date:
    """A date of ``first`` to ``last``, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))


def org_code(rng: random.Random) -> str:
    """组织机构代码 (GB 11714): eight places and the check character, without the dash."""
    body = rng.choice(("MA", "")) or "".join(rng.choices("0123456789", k=2))
    body += "".join(rng.choices("0123456789", k=6)) if body != "MA" else rng.choice("0123456789ABCDEFGHJKL")
    body = (body + "".join(rng.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=8)))[:8]
    total = sum(int(c, 36) * w for c, w in zip(body, ORG_WEIGHTS, strict=True))
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def uscc_check(body: str) -> str:
    """Check character of the first 17 of a 统一社会信用代码 (GB 32100)."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def uscc(rng: random.Random, kind: str, region: str) -> str:
    """统一社会信用代码 with both check characters right; ``kind``: 91 company, 12 事业单位, 52 民办非企业."""
    body = kind + region + org_code(rng)
    return body + uscc_check(body)


def patent_no(rng: random.Random, kind: int, year: int) -> str:
    """``ZL`` number with its check character; ``kind`` 1 发明, 2 实用新型, 3 外观设计."""
    body = f"{year}{kind}{rng.randint(10000, 899999):07d}"
    check = sum(int(d) * w for d, w in zip(body, PATENT_WEIGHTS, strict=True)) % 11
    return f"ZL{body}.{'X' if check == 10 else check}"


def seal_code(rng: random.Random, region: str) -> str:
    """The 13 digits on a seal's lower arc: 区划 and a serial."""
    return region + "".join(rng.choices("0123456789", k=7))


def english_name(rng: random.Random) -> str:
    """An English company name, for bilingual certificates."""
    first = rng.choice(("Yunhai", "Bohua", "Xinda", "Zhiyuan", "Hengtai", "Ruikang", "Qiming", "Dingxin", "Hongtu"))
    return f"{first} {rng.choice(('Software', 'Information Technology', 'Digital Services', 'Data'))} Co., Ltd."


def pick(rng: random.Random, options: Sequence[str], few: int) -> tuple[str, ...]:
    """``few`` of the options, in their own order."""
    chosen = set(rng.sample(range(len(options)), min(few, len(options))))
    return tuple(o for i, o in enumerate(options) if i in chosen)
