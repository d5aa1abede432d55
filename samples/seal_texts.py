"""What seals say, to learn reading from: names of every kind of organisation, places and 字号 of all characters.

Of nobody: a name's own word is drawn sign by sign. A third are no names at all but any signs in a row, so that a reader
learns to see and not to guess.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from pipeline.values.region_table import CITIES, DISTRICTS, PROVINCES
from samples.glyph_signs import shares_of, signs_to_learn

__all__ = ["any_signs", "boxed_text", "inner_text", "organisation", "person"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TRADES = _words(
    "信息技术 软件 软件开发 数据服务 数字科技 网络科技 网络技术 智能科技 人工智能 大数据 云计算 物联网 电子商务 "
    "电子科技 通信技术 通讯设备 系统集成 服务外包 外包服务 呼叫中心 人力资源 供应链管理 供应链 物流 国际物流 "
    "货运代理 仓储 商贸 贸易 进出口 国际贸易 实业 实业发展 投资 投资管理 资产管理 创业投资 企业管理 企业管理咨询 "
    "商务咨询 信息咨询 管理咨询 财务咨询 税务师 教育科技 教育咨询 文化传播 文化传媒 文化发展 影视传媒 动漫 游戏 "
    "广告 广告传媒 设计 工业设计 建筑设计 装饰工程 建筑工程 建设工程 市政工程 园林绿化 环境科技 环保科技 检测 "
    "检测技术 检验认证 质量认证 生物科技 生物医药 生物技术 医药 医药科技 制药 医疗器械 医疗科技 健康管理 化工 "
    "新材料 材料科技 机械 机械制造 精密机械 设备制造 自动化 电气 电气设备 仪器仪表 汽车 汽车销售 汽车零部件 "
    "航空科技 新能源 能源科技 电力 光伏 石油化工 矿业 钢铁 金属制品 五金 塑料制品 包装 印务 印刷 纺织 服装 服饰 "
    "鞋业 家具 家居 食品 餐饮管理 酒店管理 酒店 旅游 旅行社 国际旅行社 农业科技 农业发展 种业 畜牧 水产 "
    "房地产开发 房地产 置业 物业管理 物业服务 保安服务 家政服务 租赁 融资租赁 保险代理 保险经纪 典当 担保 "
    "小额贷款 拍卖 知识产权代理 专利代理 翻译 测绘 地理信息 勘察设计 工程咨询 工程监理 招标代理 造价咨询 劳务 "
    "劳务派遣 培训 体育文化 娱乐 珠宝 工艺品 化妆品 日用品 百货 超市 药房 药业 眼镜 水务 燃气 热力 公共交通 科技 "
    "技术 科技发展 技术服务 技术开发 科技服务 信息服务 信息系统 网络信息 数码 电子 电器 光电 半导体 集成电路 "
    "微电子"
)
FORMS: tuple[tuple[str, int], ...] = (
    ("有限公司", 50), ("有限责任公司", 9), ("股份有限公司", 9), ("集团有限公司", 5), ("集团股份有限公司", 2),
    ("集团", 1), ("有限公司分公司", 3), ("中心（有限合伙）", 3), ("合伙企业（有限合伙）", 2),
    ("事务所（特殊普通合伙）", 2), ("工作室", 1), ("经营部", 1), ("厂", 2), ("商行", 1), ("研究院有限公司", 2),
    ("服务中心", 2), ("公司", 2), ("有限公司工会委员会", 1),
)  # fmt: skip
OFFICES = _words(
    "商务局 商务厅 商务委员会 市场监督管理局 行政审批局 行政审批服务局 人民政府 人民政府办公室 科学技术局 "
    "科学技术厅 工业和信息化局 发展和改革委员会 财政局 税务局 教育局 公安局 人力资源和社会保障局 卫生健康委员会 "
    "文化和旅游局 自然资源局 生态环境局 住房和城乡建设局 交通运输局 农业农村局 审计局 统计局 司法局 民政局 "
    "退役军人事务局 应急管理局 医疗保障局 知识产权局 工商行政管理局 质量技术监督局 外事办公室 招商局 投资促进局 "
    "金融工作局 国有资产监督管理委员会 商务和投资促进局 经济和信息化委员会 对外贸易经济合作局 公证处 人民法院 "
    "人民检察院 档案馆 图书馆 人民医院 第一人民医院 中心小学 第二中学 职业技术学院 职业中等专业学校 大学 师范大学 "
    "理工大学 外国语学院 软件行业协会 服务外包协会 服务外包行业协会 注册会计师协会 商会 工商业联合会 总工会 "
    "妇女联合会 残疾人联合会 红十字会 慈善总会 国际投资促进会 社会组织管理局 经济技术开发区管理委员会 "
    "高新技术产业开发区管理委员会 软件园管理委员会 综合保税区管理委员会 街道办事处 社区居民委员会 村民委员会 "
    "镇人民政府 乡人民政府 培训中心 培训学校 就业服务中心 社会保险事业管理局 住房公积金管理中心 人才服务中心 "
    "不动产登记中心 技术市场管理办公室 科技局技术合同登记处 海关 银行股份有限公司支行 农村信用合作联社 律师事务所 "
    "会计师事务所 会计师事务所（普通合伙） 资产评估有限公司 会计师事务所有限公司 认证中心 检验检测院 科学研究院 "
    "研究所 出版社 报社 供电公司"
)
USES = _words(
    "合同专用章 财务专用章 发票专用章 业务专用章 公章 年检专用章 档案专用章 投标专用章 报关专用章 人事专用章 "
    "行政专用章 技术专用章 审核专用章 报告专用章 检验检测专用章 公证专用章 注册专用章 登记专用章 证明专用章 "
    "收讫章 现金收讫 现金付讫 转讫 受理专用章 人事部 财务部 办公室 财务科 销售部 工程部 人力资源部 综合部 市场部 "
    "质检部 收发章 核对章 骑缝章 仓库专用章 资料专用章 专用章 业务受理章 电子证照专用章 征税专用章 备案专用章 "
    "审验章 出口专用章 结算专用章 押印 更正章 校对章"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜"
    "倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐"
)
SMALL = _words(
    "已审核 与原件一致 与原件核对无误 复印件与原件相符 此件与原件一致 原件已核 仅供投标使用 再次复印无效 复印无效 "
    "作废 现金收讫 已付讫 银行转讫 附件 副本 正本 受控文件 秘密 同意 合格 不合格 检验合格 会计 出纳 审核 复核 "
    "制单 主管 法定代表人 业务受理 已录入 已核对 内部资料 注意保密 年检合格 骑缝章 更正 本件仅供申报使用 "
    "仅限办理使用 收文 发文 急件 特急 存档 归档 验讫 查验 已开票 校对 签发"
)
NAMED_SHARE, OFFICE_SHARE = 0.45, 0.22  # of texts round a ring; the rest are any signs


@lru_cache(maxsize=1)
def _signs() -> tuple[Sequence[str], Sequence[float]]:
    signs = [sign for sign in signs_to_learn() if not sign.isascii() and sign not in "（）"]
    return signs, list(accumulate(shares_of("".join(signs))))


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    whole = [*PROVINCES, *PROVINCES.values()]
    for cities in CITIES.values():
        whole += [*cities, *(f"{city}市" for city in cities)]
    for districts in DISTRICTS.values():
        whole += [f"{district}{end}" for district in districts for end in ("", "区", "县", "市")]
    return tuple(whole)


def any_signs(r: random.Random, count: int) -> str:
    """Signs in no order: those that names are made of three times as often as others."""
    signs, sums = _signs()
    return "".join(r.choices(signs, cum_weights=sums, k=count))


def organisation(r: random.Random) -> str:
    """The text round a ring: a company's, an office's, or any signs."""
    share = r.random()
    if share < NAMED_SHARE:
        return _company(r)
    if share < NAMED_SHARE + OFFICE_SHARE:
        return _office(r)
    return _bracketed(any_signs(r, r.choice((4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22))), r)


def _company(r: random.Random) -> str:
    place = r.choice(_places()) if r.random() < 0.75 else ""
    word = any_signs(r, r.choices((2, 3, 4), (70, 20, 10))[0])
    trade = "".join(r.sample(TRADES, r.choices((0, 1, 2), (6, 74, 20))[0]))
    form = r.choices([form for form, _ in FORMS], [often for _, often in FORMS])[0]
    if place and r.random() < 0.15:
        return f"{word}{trade}（{place}）{form}"
    return (place + word + trade + form)[:26]


def _office(r: random.Random) -> str:
    places = r.choices(_places(), k=r.choice((1, 1, 1, 2)))
    if r.random() < 0.25:
        places.append(any_signs(r, 2) + r.choice("区县镇乡村市州旗"))
    return ("".join(places) + r.choice(OFFICES))[-24:]


def _bracketed(text: str, r: random.Random) -> str:
    if len(text) < 8 or r.random() > 0.15:
        return text
    at, wide = r.randrange(2, len(text) - 4), r.choice((2, 3))
    return f"{text[:at]}（{text[at : at + wide]}）{text[at + wide :]}"


def inner_text(r: random.Random) -> str:
    """What stands straight inside a ring: its use, a date, a number; rows parted by line ends."""
    day = f"{r.randint(2015, 2026)}{{0}}{r.randint(1, 12):02d}{{1}}{r.randint(1, 28):02d}{{2}}"
    return r.choices(
        (
            r.choice(USES), f"{r.choice(USES)}\n（{r.randint(1, 12)}）",
            day.format(*r.choice(("年月日", "..", "--")), ""),
            f"（{r.randint(1, 99)}）", any_signs(r, r.randint(2, 7)), f"{r.choice(USES)}\n{r.randint(100, 9999999)}",
        ),
        (60, 8, 8, 6, 14, 4),
    )[0]  # fmt: skip


def person(r: random.Random) -> str:
    """A person's name of two to four signs."""
    return r.choice(SURNAMES) + any_signs(r, r.choices((1, 2, 3), (30, 66, 4))[0])


def boxed_text(r: random.Random) -> str:
    """The rows of a rectangular seal, parted by line ends."""
    who, digits = person(r), "".join(r.choices("0123456789", k=12))
    day = f"{r.randint(2018, 2026)}.{r.randint(1, 12):02d}.{r.randint(1, 28):02d}"
    return r.choices(
        (
            f"中国注册会计师\n{who}\n{digits}", f"注册会计师\n{who}", f"{r.choice(SMALL)}\n{who}",
            "\n".join(r.sample(SMALL, 2)), r.choice(SMALL), who, f"{r.choice(SMALL)}\n{day}",
            any_signs(r, r.randint(3, 8)), f"{any_signs(r, r.randint(4, 8))}\n{any_signs(r, r.randint(4, 8))}",
            f"{_company(r)[:14]}\n{r.choice(USES)}",
        ),
        (14, 8, 10, 10, 10, 8, 10, 10, 10, 10),
    )[0]  # fmt: skip
