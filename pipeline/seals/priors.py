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

__all__ = ["begun", "settled"]

CLEAR = 0.8  # probability from which a sign is what it was read as
CLOSED = 6  # signs of a form's wording that admits no other: one sign alone in it, were it clear, is a misreading
CERTAIN = 0.92  # but for one of this probability
SETTLED = 0.6  # probability of a sign that was settled
LEAST_AGREED = 2  # signs of a wording that must have been read
MISSED = 3  # one sign in that many may be settled
MISSED_SEEN = 2  # the same where every one settled is among what was seen
MOST_TRADES = 2  # that one name has
SEEN = 0.005  # probability that makes a sign one of those seen there: of 18 000 classes few come to as much
LIKELY = 0.15  # the same for a city of two signs without 市: one sign alone says little
AHEAD = 2.0  # times as probable as the next wording's sign
OF_DATES = "月日目自年"  # what a date across the ring's end is read as
LEAST_BOUND = 3  # signs of a wording that says where a name ends or begins
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


# Trades and the like, four signs at least: so many do not come together by chance.
_TRADES = (
    "信息技术", "信息科技", "网络科技", "网络技术", "电子科技", "电子技术", "电子商务", "软件技术", "软件开发",
    "软件服务", "数据服务", "数据科技", "智能科技", "智能装备", "生物科技", "生物医药", "生物技术", "环保科技",
    "环境科技", "环境工程", "建筑材料", "化学新材料", "建筑工程", "建设工程", "装饰工程", "装饰设计", "市政工程",
    "园林绿化", "工程技术", "工程管理", "工程咨询", "工程设计", "物业管理", "物业服务", "餐饮管理", "餐饮服务",
    "酒店管理", "投资管理", "投资咨询", "资产管理", "企业管理", "管理咨询", "信息咨询", "商务咨询", "商业信息",
    "商业管理", "咨询服务", "人力资源", "劳务派遣", "知识产权", "专利代理", "广告传媒", "文化传播", "文化传媒",
    "文化发展", "教育科技", "教育咨询", "教育培训", "培训学校", "职业培训", "职业技术学院", "医疗器械", "医疗科技",
    "医疗设备", "医药科技", "健康管理", "机械设备", "机电设备", "机械制造", "设备制造", "设备安装", "仪器仪表",
    "自动化设备", "电气设备", "通信技术", "通信设备", "通讯设备", "进出口贸易", "国际贸易", "商贸有限", "贸易有限",
    "国际货运代理", "供应链管理", "物流有限", "运输有限", "汽车销售", "汽车服务", "汽车维修", "翻译服务", "技术服务",
    "技术开发", "科技发展", "科技开发", "服务外包", "实业有限", "实业集团", "控股集团", "投资集团", "建设集团",
    "房地产开发", "房地产集团", "地产集团", "石油化工", "石油有限", "电力工程", "电力设备", "食品有限", "服装有限",
    "家具有限", "纺织品有限", "化工有限", "药业有限", "制药有限", "农业科技", "农业发展", "航空科技", "检测技术",
    "检验检测", "检验认证", "认证有限", "质量认证", "标准认证", "数字服务", "数字科技", "数字技能", "运营管理",
    "管理服务", "数智科技", "人才培训", "技能培训", "知识产权服务", "设施有限", "冷暖设备", "大学附属", "理工大学",
    "师范大学", "工业大学", "科技大学", "职业学院", "技术学院", "学生工作", "研究生院", "电子学会", "计算机学会",
    "行业协会", "共产主义青年团", "中国共产主义青年团", "中国共产党", "儿童福利院", "社会福利院", "妇女联合会",
    "红十字会", "税务分局",
)  # fmt: skip


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
    done = _bounded(tuple(slots))
    if all(slot.score >= CERTAIN for slot in done):
        return done
    done = _with(done, _best(done, _at_end(done)))
    done = _with(done, _best(done, _at_start(done)))
    for _ in range(MOST_TRADES):
        done = _with(done, _best(done, _inside(done)))
    return done


def begun(text: str) -> bool:
    """Whether a name begins with a place, so that no sign before it was missed."""
    return text.startswith((*_beginnings(), *_cities(), *PROVINCES))


def _bounded(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Without an unsure sign beyond a form that ends names, or before a place that begins them: print, rim, code."""
    text = "".join(slot.sign or "\0" for slot in slots)
    for beyond in (1, 2):
        rest = slots[-beyond:]
        if text[:-beyond].endswith(_ends()) and all(slot.score < CLEAR for slot in rest):
            slots, text = slots[:-beyond], text[:-beyond]
            break
    named = text[:-1].rstrip("\0")
    if text[-1:] in OF_DATES and named.endswith(_ends()):
        slots, text = slots[: len(named)], named
    for before in (1, 2):
        if all(slot.score < CLEAR for slot in slots[:before]) and text[before:].startswith(_beginnings()):
            return slots[before:]
    return slots


def _at_end(slots: Sequence[Slot]) -> Iterator[_Fit]:
    for wording in _forms():
        yield from _fit(slots, wording, len(slots) - len(wording))


def _inside(slots: Sequence[Slot]) -> Iterator[_Fit]:
    """Trades, wherever they stand: every other sign of one may be unclear, if the trade's own is seen there."""
    unclear = [i for i, slot in enumerate(slots) if slot.score < CLEAR]
    for trade in _TRADES:
        starts = {i - k for i in unclear for k in range(len(trade))}
        for start in starts:
            if start > 0:
                yield from _fit(slots, trade, start, everything_seen=True, missing=MISSED_SEEN)


def _at_start(slots: Sequence[Slot]) -> Iterator[_Fit]:
    if all(slot.score >= CLEAR for slot in slots[:PLACE_SIGNS]):
        return
    for place in _places():
        yield from _fit(slots, place, 0, everything_seen=True)
    for city in _cities():
        yield from (fit for fit in _fit(slots, city, 0, everything_seen=True, missing=2, least=1) if fit.seen >= LIKELY)


def _fit(
    slots: Sequence[Slot],
    wording: str,
    start: int,
    *,
    everything_seen: bool = False,
    missing: int = MISSED,
    least: int = LEAST_AGREED,
) -> Iterable[_Fit]:
    """The wording laid on the slots, if nothing clearly read speaks against it."""
    if start < 0 or start + len(wording) > len(slots):
        return ()
    agreed, seen, missed = 0, 0.0, 0
    for k, sign in enumerate(wording):
        slot = slots[start + k]
        if slot.sign == sign:
            agreed += 1
            continue
        missed += 1
        closed = missed == 1 and k > 0 and len(wording) >= CLOSED and slot.score < CERTAIN and not everything_seen
        if (slot.score >= CLEAR and not closed) or missed * missing > len(wording):
            return ()
        own = dict(slot.signs).get(sign, 0.0)
        if own < SEEN and (everything_seen or k == 0):
            return ()  # a wording's first sign is what tells it from the middle of another
        seen += own
    return (_Fit(wording, start, agreed, seen),) if agreed >= least else ()


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
def _cities() -> tuple[str, ...]:
    """Cities as many names begin with them: 南京, 北京."""
    return (*MUNICIPALITIES, *(city for cities in CITIES.values() for city in cities if len(city) == 2))


@lru_cache(maxsize=1)
def _ends() -> tuple[str, ...]:
    return tuple(form for form in _forms() if len(form) >= LEAST_BOUND)


@lru_cache(maxsize=1)
def _beginnings() -> tuple[str, ...]:
    return (
        *MUNICIPALITIES,
        *(place for place in _places() if len(place) >= LEAST_BOUND),
        "中国",
        "国家",
        "中华人民共和国",
    )


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
            own = ("",) if district[-1] in "区县市旗" else ("区", "县", "市")
            places += [district + end for end in own]
    return tuple(dict.fromkeys(places))
