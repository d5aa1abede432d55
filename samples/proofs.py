"""What parks and training institutions send besides the form, and pages that do not belong: letters, leaflets."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from samples.fake import City, brand, day, person
from samples.forms import capital_words, chinese_date
from samples.paper import Look, Paper, Stamp, Value
from samples.seal_art import SealSpec

__all__ = ["ProofFacts", "StatementFacts", "cover_letter", "leaflet", "legal_proof", "statement"]

FOOT = (
    "国家企业信用信息公示系统网址：http://www.gsxt.gov.cn　　市场主体应当于每年1月1日至6月30日"
    "通过国家企业信用信息公示系统报送公示年度报告　国家市场监督管理总局监制"
)
FONTS = ("Noto Serif CJK SC", "AR PL UMing CN", "Noto Sans CJK SC", "LXGW WenKai", "AR PL SungtiL GB")


@dataclass(frozen=True)
class ProofFacts:
    """The legal person's proof; ``says`` overrides single values as printed."""

    sort: str
    look: int
    copy: Look
    sealed: bool
    seal: SealSpec | None = None
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StatementFacts:
    """The 说明材料."""

    look: int
    sealed: bool
    seal: SealSpec | None = None


def legal_proof(
    rng: random.Random,
    *,
    sort: str,
    name: str,
    legal: str,
    uscc: str,
    address: str,
    established: date,
    capital_wan: int,
    city: City,
    seal: SealSpec | None,
    look: Look,
    type_: str = "legal_person_proof",
) -> Paper:
    """营业执照, 事业单位法人证书 or 民办非企业单位登记证书 (``sort``: 91, 12, 52), copied and sealed."""
    build = {"91": _licence, "12": _institution, "52": _private}[sort]
    context, issuer, fields = build(rng, name, legal, uscc, address, established, capital_wan, city)
    context |= {
        "font": rng.choice(FONTS),
        "colon": rng.choice(("　", "：")),
        "size": rng.choice(("12pt", "13pt")),
        "copy_note": rng.choice(("", "与原件一致", "复印件与原件相符")) if seal is not None else "",
        "stamp_at": rng.choice(("left:52mm;bottom:38mm", "right:70mm;top:70mm", "left:70mm;bottom:24mm")),
        "note_at": "left:40mm;bottom:40mm",
    }
    registry = SealSpec(issuer, diameter_mm=42, rotation=rng.uniform(-6, 6), wear=rng.uniform(0, 0.15))
    stamps = [Stamp("seal-issuer", registry, "issuer", "registration", issuer, printed=True)]
    if seal is not None:
        fresh = replace(seal, rotation=rng.uniform(-30, 30), wear=rng.uniform(0, 0.25))
        stamps.append(
            Stamp(
                "seal-applicant",
                fresh,
                "applicant",
                "official",
                seal.name,
                seed=5,
                dx=rng.uniform(-6, 6),
                dy=rng.uniform(-6, 6),
            )
        )
    truth: dict[str, Value] = {"name": name, "uscc": uscc, "legal_representative": legal, "address": address, **fields}
    return Paper(type_, "licence.html", {"c": context}, truth, tuple(stamps), look=look)


def _licence(
    rng: random.Random, name: str, legal: str, uscc: str, address: str, established: date, capital: int, city: City
) -> tuple[dict[str, Any], str, dict[str, Value]]:
    land = rng.random() < 0.6
    worded = rng.random() < 0.4
    money = (
        capital_words(capital * 10_000).removeprefix("人民币").removesuffix("整") + "整"
        if worded
        else f"{capital}万元人民币"
    )
    lines = [
        ("名　　称", name),
        ("注册资本", money),
        ("类　　型", "有限责任公司"),
        ("成立日期", chinese_date(established, 4)),
        ("法定代表人", legal),
        ("营业期限", "长期" if rng.random() < 0.5 else f"{chinese_date(established, 4)}至长期"),
        (
            "经营范围",
            "软件开发；信息技术咨询服务；园区管理服务；物业管理；非居住房地产租赁；企业管理咨询。（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
        ),
        ("住　　所", address),
    ]
    context = {
        "land": land,
        "two": land,
        "border": "#b8954a",
        "emblem": True,
        "emblem_size": "22mm",
        "title": "营业执照",
        "title_size": "30pt",
        "spacing": ".5em",
        "subtitle": "（副　本）" if rng.random() < 0.6 else "",
        "code_label": "统一社会信用代码",
        "code": uscc,
        "serial": f"编号 {rng.randint(10**11, 10**12 - 1)}",
        "lines": lines,
        "authority_label": "登记机关",
        "date": chinese_date(day(rng, date(2019, 5, 1), date(2023, 5, 1)), 4),
        "foot": FOOT,
    }
    issuer = f"{city.city}市场监督管理局" if rng.random() < 0.5 else f"{city.city}{city.district}市场监督管理局"
    return context, issuer, {"established": established.isoformat(), "registered_capital": f"{capital * 10_000}.00"}


def _institution(
    rng: random.Random, name: str, legal: str, uscc: str, address: str, established: date, capital: int, city: City
) -> tuple[dict[str, Any], str, dict[str, Value]]:
    start = date(2021, rng.randint(1, 12), rng.randint(1, 28))
    lines = [
        ("名　　称", name),
        ("宗旨和业务范围", "承担服务外包人才培养、园区公共服务与技术培训等工作，促进地方经济社会发展。"),
        ("住　　所", address),
        ("法定代表人", legal),
        ("经费来源", rng.choice(("财政补助收入", "财政拨款、事业收入"))),
        ("开办资金", f"￥{capital}万元"),
        ("举办单位", f"{city.city}人民政府"),
        ("登记管理机关", f"{city.city}事业单位登记管理局"),
    ]
    issuer = f"{city.city}事业单位登记管理局"
    context = {
        "land": True,
        "two": False,
        "border": "#b33",
        "emblem": True,
        "emblem_size": "20mm",
        "title": "事业单位法人证书",
        "title_size": "26pt",
        "spacing": ".2em",
        "subtitle": "（副本）" if rng.random() < 0.5 else "",
        "code_label": "统一社会信用代码",
        "code": uscc,
        "serial": "",
        "lines": lines,
        "authority_label": "登记管理机关",
        "foot": "国家事业单位登记管理局监制",
        "date": f"有效期　自{chinese_date(start, 4)}至{chinese_date(start.replace(year=start.year + 5), 4)}",
    }
    return context, issuer, {}


def _private(
    rng: random.Random, name: str, legal: str, uscc: str, address: str, established: date, capital: int, city: City
) -> tuple[dict[str, Any], str, dict[str, Value]]:
    start = date(2020, rng.randint(6, 12), rng.randint(1, 28))
    lines = [
        ("名　　称", name),
        ("统一社会信用代码", uscc),
        ("住　　所", address),
        ("法定代表人", legal),
        ("注册资金", f"{capital}万元"),
        ("业务范围", "服务外包与信息技术职业技能培训"),
        ("业务主管单位", f"{city.city}人力资源和社会保障局"),
        ("登记管理机关", f"{city.city}民政局"),
        ("有效期限", f"{chinese_date(start, 4)}至{chinese_date(start.replace(year=start.year + 4), 4)}"),
    ]
    context = {
        "land": rng.random() < 0.5,
        "two": False,
        "border": "#2a6a9a",
        "emblem": False,
        "emblem_size": "0",
        "title": "民办非企业单位登记证书",
        "title_size": "26pt",
        "spacing": ".12em",
        "subtitle": "（法人）",
        "code_label": "",
        "code": "",
        "serial": "",
        "lines": lines,
        "authority_label": "发证机关",
        "date": chinese_date(start, 4),
        "foot": "中华人民共和国民政部制",
    }
    return context, f"{city.city}民政局", {}


_TOPICS = {
    "park": (
        (
            "一、区位优势",
            "{n}位于{c}，毗邻高速公路和轨道交通站点，距机场约{a}公里，周边高校和科研院所集聚，交通便利，配套完善。",
        ),
        (
            "二、创新能力",
            "园区建有公共技术服务平台{b}个，累计引进研发机构{a}家，支持入驻企业开展人工智能、大数据和云计算等领域的技术创新，去年新增专利授权{a}余件。",
        ),
        (
            "三、发展规模",
            "园区规划面积{b}平方公里，投入使用的服务外包载体面积{a}万平方米，入驻企业{a}家，其中服务外包企业占六成以上。",
        ),
        (
            "四、竞争优势",
            "园区形成了以软件研发、数据处理和客户服务为特色的产业集群，设立专项扶持资金，提供一站式政务服务和人才公寓，营商环境持续优化。",
        ),
    ),
    "training": (
        (
            "一、课程体系",
            "{n}围绕服务外包产业需求，开设软件开发、数据标注、跨境客服等{b}个方向、{a}门课程，实行“岗课赛证”融通的课程体系。",
        ),
        ("二、教学创新", "与{b}家企业共建实训基地，采用项目制教学，自主开发在线课程平台，教师中双师型占比超过六成。"),
        ("三、培养规模", "现有教学场地{a}千平方米，上年度培训学员{a}00余人次，服务外包方向学员就业率保持在较高水平。"),
        ("四、竞争优势", "机构多次承担政府培训项目，与{c}多家领军企业建立订单培养关系，形成了稳定的人才输送渠道。"),
    ),
}


def statement(
    rng: random.Random, *, track: str, name: str, city: City, seal: SealSpec | None, look: Look = "original"
) -> Paper:
    """说明材料 on the four topics of the letter, signed off with the applicant's seal."""
    topics = _TOPICS[track]
    sections: list[dict[str, Any]] = []
    for title, text in topics:
        filled = text.format(n=name, c=city.city, a=rng.randint(12, 96), b=rng.randint(2, 9))
        extra = (
            "近年来，在各级商务主管部门的指导和支持下，我单位认真贯彻落实推动服务外包加快转型升级的部署，主要指标保持较快增长。"
            if rng.random() < 0.7
            else ""
        )
        sections.append({"title": title, "texts": [t for t in (filled, extra) if t], "table": ()})
    if rng.random() < 0.5:
        years = [
            ("指标", "2020年", "2021年", "2022年"),
            *(
                (label, *(str(rng.randint(20, 900)) for _ in range(3)))
                for label in ("企业数（家）", "培训人次", "专利数（件）")
            ),
        ]
        sections[2]["table"] = years
    what = "园区区位、创新、规模、竞争优势等情况说明" if track == "park" else "课程体系、创新、规模、竞争优势等情况说明"
    context = {
        "font": rng.choice(FONTS),
        "red_head": "",
        "title": rng.choice((what, "关于" + what.replace("情况说明", "情况的说明"))),
        "title_size": "18pt",
        "byline": name if rng.random() < 0.4 else "",
        "leading": rng.choice(("1.8", "2.0", "2.3")),
        "to": "中国国际投资促进会：" if rng.random() < 0.5 else "",
        "sections": sections,
        "signer": name,
        "stamp_word": rng.choice(("", "（盖章）")),
        "date": chinese_date(day(rng, date(2023, 8, 20), date(2023, 9, 15))),
    }
    return Paper("supporting_statement", "letter.html", {"t": context}, {}, _own(rng, seal), look=look)


def _own(rng: random.Random, seal: SealSpec | None) -> tuple[Stamp, ...]:
    if seal is None:
        return ()
    fresh = replace(seal, rotation=rng.uniform(-25, 25), wear=rng.uniform(0, 0.3))
    return (
        Stamp(
            "seal-applicant",
            fresh,
            "applicant",
            "official",
            seal.name,
            seed=6,
            dx=rng.uniform(-5, 5),
            dy=rng.uniform(-4, 4),
        ),
    )


def cover_letter(
    rng: random.Random, *, name: str, application_no: str, seal: SealSpec | None, enclosed: tuple[str, ...]
) -> Paper:
    """报送函: what is enclosed."""
    items = "；".join(f"{i + 1}.{text}" for i, text in enumerate(enclosed))
    context = {
        "font": rng.choice(FONTS),
        "red_head": name if rng.random() < 0.3 else "",
        "title": "关于报送2023年领军企业推介申报材料的函",
        "title_size": "17pt",
        "byline": "",
        "leading": "2.0",
        "to": "中国国际投资促进会：",
        "sections": [
            {
                "title": "",
                "texts": [
                    f"根据《关于开展2023年中国数字服务暨服务外包领军企业推介工作的函》（中投促函[2023]84号）要求，现将我单位申报材料（申报编号：{application_no}）随函报送，请予审核。",
                    f"附件：{items}。",
                    "特此函达。",
                ],
                "table": (),
            }
        ],
        "signer": name,
        "stamp_word": "",
        "date": chinese_date(day(rng, date(2023, 9, 5), date(2023, 9, 18))),
    }
    return Paper("cover_letter", "letter.html", {"t": context}, {}, _own(rng, seal))


def leaflet(rng: random.Random) -> Paper:
    """Something that has no place in the envelope: a menu, a bus timetable, an advertisement."""
    sort = rng.choice(("menu", "bus", "advert"))
    texts = {
        "menu": ("员工食堂一周菜单", ("本周供应时间：午餐 11:30，晚餐 17:30", "请自觉排队，文明用餐。")),
        "bus": ("班车时刻表", ("工作日运行，节假日停运。", "如遇恶劣天气，以现场通知为准。")),
        "advert": (
            f"{brand(rng)}打印机耗材优惠活动",
            ("活动期间购硒鼓满三赠一，免费上门维护。", f"咨询：{person(rng)}老师"),
        ),
    }[sort]
    names = (
        ("红烧鱼块", "番茄炒蛋", "青椒肉丝", "清炒时蔬") if sort == "menu" else ("一号线", "二号线", "三号线", "四号线")
    )
    table = [
        ("星期", "一", "二", "三"),
        *(
            (
                n,
                *(
                    f"{rng.randint(7, 19)}:{rng.randint(0, 5)}0" if sort != "menu" else f"{rng.randint(6, 18)}元"
                    for _ in range(3)
                ),
            )
            for n in names
        ),
    ]
    context = {
        "font": rng.choice(FONTS),
        "title": texts[0],
        "texts": texts[1],
        "table": table,
        "ink": rng.choice(("#26517d", "#7a4a1e", "#1e6b45")),
    }
    return Paper("other", "flyer.html", {"t": context})
