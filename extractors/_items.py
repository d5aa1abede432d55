"""Names of statement items (报表项目): brought to one form, and found under a key whatever numbers and prefixes
they bear.

Ordinals shift between formats (营业利润 is 二 alone, 三 consolidated), so nothing rests on them; 负债合计 is no
part of 流动负债合计 here, because names are compared whole (DOMAIN §3.6, §3.8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from pipeline.values.accounting import NAMES
from pipeline.values.flat import flat

__all__ = ["KEYS", "is_item", "item_key", "item_kind", "normal_item"]

_ORDINAL = re.compile(
    r"^(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.,．:：]|\d{1,2}[.、,．](?!\d)|[、.．,①②③④⑤⑥⑦⑧⑨⑩*#△▲☆★※])+"
)
_PREFIX = re.compile(r"^(?:加|减|其中|如|包括|[(]?含)[:：;；]?(?=.{2})")
_SUFFIX = re.compile(
    r"[(（][^()（）]{0,24}(?:填列|号|列示|注)[^()（）]{0,10}[)）]?$|[(（](?:损失|亏损|减少|收益|净亏损|亏损总额|增加)[^()（）]{0,16}$"
)
# 货币资金 Cash at bank and in hand, Less: Cost of sales 减：营业成本: the name again in another language.
_FOREIGN_WORDS = r"[A-Za-z][A-Za-z'’`&,.;:/()\-]*"
_FOREIGN = re.compile(
    rf"(?<=[\u4e00-\u9fff)）:：”])[(（]?{_FOREIGN_WORDS}[)）]?$|^{_FOREIGN_WORDS}(?=(?:[一二三四五六七八九十]{{1,3}}、)?[\u4e00-\u9fff]{{2}})"
)
LEAST_FOREIGN = 3  # letters: fewer are a mark (A股, B股)
_NOTE_TAIL = re.compile(r"[一二三四五六七八九十]{1,2}[、.(（]\d{1,2}[)）]?$")
_ALIAS = (
    ("或股东权益", ""),
    ("或股本", ""),
    ("(净)", ""),
    ("股东权益", "所有者权益"),
    ("所有者权益者权益", "所有者权益"),
    ("负债及所有者权益", "负债和所有者权益"),
    ("负债与所有者权益", "负债和所有者权益"),
    ("总额", "总额"),
    ("应交税金", "应交税费"),
    ("亏损)/", ")/"),
)

_BALANCE = """\
货币资金 结算备付金 拆出资金 交易性金融资产 以公允价值计量且其变动计入当期损益的金融资产 衍生金融资产 短期投资
应收票据 应收账款 应收票据及应收账款 应收款项融资 预付款项 预付账款 应收保费 应收分保账款 应收分保合同准备金
应收利息 应收股利 应收补贴款 其他应收款 买入返售金融资产 存货 原材料 在产品 库存商品 周转材料 合同资产 持有待售资产
一年内到期的非流动资产 待摊费用 其他流动资产 流动资产合计 发放贷款和垫款 债权投资 可供出售金融资产 其他债权投资
持有至到期投资 长期债券投资 长期应收款 长期股权投资 长期投资 其他权益工具投资 其他非流动金融资产 投资性房地产
固定资产 固定资产原价 累计折旧 固定资产账面价值 固定资产净值 固定资产净额 固定资产合计 固定资产清理 工程物资
在建工程 生产性生物资产 油气资产 使用权资产 无形资产 开发支出 商誉 长期待摊费用 递延所得税资产 其他非流动资产
非流动资产合计 资产总计 流动资产 非流动资产 流动负债 非流动负债 短期借款 向中央银行借款 拆入资金 交易性金融负债
以公允价值计量且其变动计入当期损益的金融负债 衍生金融负债 应付票据 应付账款 应付票据及应付账款 预收款项 预收账款
合同负债 卖出回购金融资产款 吸收存款及同业存放 代理买卖证券款 代理承销证券款 应付职工薪酬 应付工资 应付福利费
应交税费 其他应交款 应付利息 应付利润 应付股利 其他应付款 应付手续费及佣金 应付分保账款 持有待售负债
一年内到期的非流动负债 预提费用 其他流动负债 流动负债合计 保险合同准备金 长期借款 应付债券 优先股 永续债 租赁负债
长期应付款 长期应付职工薪酬 专项应付款 预计负债 递延收益 递延所得税负债 其他非流动负债 非流动负债合计 长期负债合计
负债合计 所有者权益 实收资本 股本 其他权益工具 资本公积 库存股 其他综合收益 专项储备 盈余公积 一般风险准备
未分配利润 外币报表折算差额 归属于母公司所有者权益合计 归属于母公司的所有者权益合计 少数股东权益 所有者权益合计
负债和所有者权益总计 负债和所有者权益合计 净资产合计 负债和净资产总计 限定性净资产 非限定性净资产 资产合计
受托代理资产 受托代理负债 应收款项 一年内到期的长期债权投资 长期债权投资 长期投资合计 文化文物资产 应付款项 应交税金
一年内到期的长期负债 长期负债 其他长期负债 净资产 财政应返还额度 应收账款净额 其他应收款净额 固定资产原值
固定资产累计折旧 无形资产原值 无形资产累计摊销 无形资产净值 研发支出 待处理财产损溢 应交增值税 其他应交税费
应缴财政款 应付政府补贴款 累计盈余 专用基金 权益法调整 无偿调拨净资产"""
_INCOME = """\
营业总收入 营业收入 主营业务收入 其他业务收入 利息收入 已赚保费 手续费及佣金收入 营业总成本 营业成本 主营业务成本
其他业务成本 利息支出 手续费及佣金支出 退保金 赔付支出净额 提取保险责任准备金净额 保单红利支出 分保费用 税金及附加
营业税金及附加 主营业务税金及附加 消费税 营业税 城市维护建设税 资源税 土地增值税
城镇土地使用税、房产税、车船税、印花税 教育费附加、矿产资源补偿费、排污费 教育费附加 销售费用 商品维修费
广告费和业务宣传费 管理费用 开办费 业务招待费 研究费用 研发费用 财务费用 利息费用 其他收益 投资收益
对联营企业和合营企业的投资收益 以摊余成本计量的金融资产终止确认收益 汇兑收益 净敞口套期收益 公允价值变动收益
信用减值损失 资产减值损失 资产处置收益 主营业务利润 其他业务利润 营业利润 营业外收入 政府补助 补贴收入
非流动资产处置利得 营业外支出 坏账损失 非流动资产处置损失 无法收回的长期债券投资损失 无法收回的长期股权投资损失
自然灾害等不可抗力因素造成的损失 税收滞纳金 利润总额 所得税费用 所得税 净利润 按经营持续性分类 持续经营净利润
终止经营净利润 按所有权归属分类 归属于母公司所有者的净利润 归属于母公司股东的净利润 归属于母公司所有者权益的净利润
少数股东损益 其他综合收益的税后净额 其他综合收益 归属于母公司所有者的其他综合收益的税后净额
归属于少数股东的其他综合收益的税后净额 不能重分类进损益的其他综合收益 以后不能重分类进损益的其他综合收益
重新计量设定受益计划变动额 权益法下不能转损益的其他综合收益 其他权益工具投资公允价值变动
企业自身信用风险公允价值变动 将重分类进损益的其他综合收益 以后将重分类进损益的其他综合收益
权益法下可转损益的其他综合收益 其他债权投资公允价值变动 金融资产重分类计入其他综合收益的金额
其他债权投资信用减值准备 现金流量套期储备 外币财务报表折算差额 其他 综合收益总额 归属于母公司所有者的综合收益总额
归属于少数股东的综合收益总额 每股收益 基本每股收益 稀释每股收益 收入合计 费用合计 限定性净资产转为非限定性净资产
捐赠收入 会费收入 提供服务收入 商品销售收入 政府补助收入 业务活动成本 筹资费用 其他费用 净资产变动额 年初未分配利润
可供分配的利润 财政拨款收入 事业收入 上级补助收入 附属单位上缴收入 经营收入 非同级财政拨款收入 租金收入 其他收入
业务活动费用 单位管理费用 经营费用 资产处置费用 上缴上级费用 对附属单位补助费用"""
_CASH = """\
经营活动产生的现金流量 销售商品、提供劳务收到的现金 销售产成品、商品、提供劳务收到的现金
客户存款和同业存放款项净增加额 收到的税费返还 收到其他与经营活动有关的现金 经营活动现金流入小计
购买商品、接受劳务支付的现金 购买原材料、商品、接受劳务支付的现金 支付给职工以及为职工支付的现金 支付的职工薪酬
支付的各项税费 支付的税费 支付其他与经营活动有关的现金 经营活动现金流出小计 经营活动产生的现金流量净额
投资活动产生的现金流量 收回投资收到的现金 收回短期投资、长期债券投资和长期股权投资收到的现金 取得投资收益收到的现金
处置固定资产、无形资产和其他长期资产收回的现金净额 处置固定资产、无形资产和其他非流动资产收回的现金净额
处置子公司及其他营业单位收到的现金净额 收到其他与投资活动有关的现金 投资活动现金流入小计
购建固定资产、无形资产和其他长期资产支付的现金 购建固定资产、无形资产和其他非流动资产支付的现金 投资支付的现金
短期投资、长期债券投资和长期股权投资支付的现金 质押贷款净增加额 取得子公司及其他营业单位支付的现金净额
支付其他与投资活动有关的现金 投资活动现金流出小计 投资活动产生的现金流量净额 筹资活动产生的现金流量
吸收投资收到的现金 子公司吸收少数股东投资收到的现金 取得借款收到的现金 吸收投资者投资收到的现金 发行债券收到的现金
收到其他与筹资活动有关的现金 筹资活动现金流入小计 偿还债务支付的现金 偿还借款本金支付的现金 偿还借款利息支付的现金
分配股利、利润或偿付利息支付的现金 分配利润支付的现金 子公司支付给少数股东的股利、利润 支付其他与筹资活动有关的现金
筹资活动现金流出小计 筹资活动产生的现金流量净额 汇率变动对现金及现金等价物的影响 汇率变动对现金的影响
现金及现金等价物净增加额 现金净增加额 期初现金及现金等价物余额 期初现金余额 年初现金及现金等价物余额
期末现金及现金等价物余额 期末现金余额 年末现金及现金等价物余额 现金流入小计 现金流出小计 业务活动产生的现金流量
接受捐赠收到的现金 收取会费收到的现金 提供服务收到的现金 销售商品收到的现金 政府补助收到的现金
收到的其他与业务活动有关的现金 业务活动现金流入小计 提供捐赠或者资助支付的现金 支付给员工以及为员工支付的现金
购买商品、接受服务支付的现金 支付的其他与业务活动有关的现金 业务活动现金流出小计 业务活动产生的现金流量净额"""
_EQUITY = """\
上年年末余额 上期期末余额 上年期末余额 会计政策变更 前期差错更正 同一控制下企业合并 本年年初余额 本期期初余额
本年期初余额 本年增减变动金额 本期增减变动金额 所有者投入和减少资本 所有者投入资本 所有者投入的普通股
股东投入的普通股 所有者投入资本和减少资本 其他权益工具持有者投入资本 股份支付计入所有者权益的金额 利润分配
提取盈余公积 提取一般风险准备 对所有者的分配 对所有者或股东的分配 对股东的分配 所有者权益内部结转 资本公积转增资本
盈余公积转增资本 盈余公积弥补亏损 设定受益计划变动额结转留存收益 其他综合收益结转留存收益 专项储备 本期提取 本期使用
本年年末余额 本期期末余额 本年期末余额"""

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "balance_sheet": tuple(_BALANCE.split()),
        "income_statement": tuple(_INCOME.split()),
        "cash_flow": tuple(_CASH.split()),
        "equity_changes": tuple(_EQUITY.split()),
    }
)

_MORE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "balance_sheet": {
        "parent_equity": ("归属于公司所有者权益合计", "归属于本公司所有者权益合计"),
        "minority_equity": ("少数所有者权益",),
        "total_equity": ("所有者权益总额",),
    },
    "income_statement": {
        "total_operating_revenue": ("营业总收入",),
        # 业务活动表 and 收入费用表: no 营业收入, nor profit
        "total_income": ("收入合计", "收入总计", "本期收入", "本年收入"),
        "total_expense": ("费用合计", "费用总计", "本期费用", "本年费用"),
        "released": ("限定性净资产转为非限定性净资产",),
        "surplus": ("净资产变动额", "本期盈余", "本年盈余"),
        "operating_revenue": ("营业收入",),
        "main_business_revenue": ("主营业务收入",),
        "total_operating_cost": ("营业总成本",),
        "operating_cost": ("营业成本",),
        "taxes": ("税金及附加", "营业税金及附加"),
        "selling": ("销售费用",),
        "administration": ("管理费用",),
        "research": ("研发费用",),
        "finance": ("财务费用",),
        "other_income": ("其他收益",),
        "investment": ("投资收益",),
        "hedging": ("净敞口套期收益",),
        "fair_value": ("公允价值变动收益",),
        "credit_loss": ("信用减值损失",),
        "asset_loss": ("资产减值损失",),
        "disposal": ("资产处置收益",),
        "exchange": ("汇兑收益",),
        "continuing": ("持续经营净利润",),
        "discontinued": ("终止经营净利润",),
        "parent_profit": ("归属于本公司股东的净利润", "归属于母公司所有者权益的净利润"),
    },
    "cash_flow": {
        "operating_in": ("业务活动现金流入小计",),
        "operating_out": ("业务活动现金流出小计",),
        "operating_net": ("业务活动产生的现金流量净额",),
        "net_increase": ("现金及现金等价物净变动额", "现金及现金等价物净减少额"),
    },
}
"""What is not in :data:`pipeline.values.accounting.NAMES`: further items, and wordings that only readers count."""

KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        kind: {key: (*NAMES[kind].get(key, ()), *more.get(key, ())) for key in (*NAMES[kind], *more)}
        for kind, more in _MORE.items()
    }
)
"""Key of an item by statement kind -> the normal names that bear it (CONTRACT's field names where there is one)."""


@lru_cache(maxsize=8192)
def normal_item(text: str) -> str:
    """The bare name: no ordinal, no 加：/减：/其中：, no sign convention in brackets, no (或股东权益), one word per
    thing.
    """
    name = flat(text.replace("、", "⟂")).replace("⟂", "、")
    name = _in_chinese(_LEADERS.sub("", name))
    name = re.sub("[“”\"'‘’]", "", name).rstrip(":：;；.。,|_-")
    for _ in range(3):
        shorter = _PREFIX.sub("", _ORDINAL.sub("", name))
        if shorter == name or not shorter:
            break
        name = shorter
    name = _NOTE_TAIL.sub("", _SUFFIX.sub("", name))
    name = name.replace("净(亏损)/", "净")
    name = re.sub(r"[(（]?净?[(（]?亏损(?:总额)?[)）]?[/／]|[/／][(（]?净?亏损[)）]?", "", name)
    name = re.sub(
        r"利润[(（]亏损[)）]|[(（][^()（）]*(?:亏损|损失|减少)[^()（）]*[)）]",
        lambda m: "利润" if m[0].startswith("利润") else "",
        name,
    )
    name = re.sub(r"[()（）]", "", name)
    for old, new in _ALIAS:
        name = name.replace(old, new)
    return _loss_words(_whole_equity(name))


def _in_chinese(name: str) -> str:
    """A bilingual name without its other language; a name that bears only a letter or two stays as it is."""
    return _FOREIGN.sub(lambda m: "" if sum(c.isalpha() for c in m[0]) >= LEAST_FOREIGN else m[0], name)


_LEADERS = re.compile(r"(?:\.{3,}|·{3,}|…+).*$")  # dots that lead to a note's number or a figure
_TOTAL_OF_EQUITY = re.compile(r"(?P<claims>负债[和及与])?所?有?者?权益.{1,8}(?P<end>[合总]计)")


def _whole_equity(name: str) -> str:
    """Totals of equity with signs of their long bracket lost: 所有者权益（或股东益合计, 负债和…（股东权益）总计."""
    met = _TOTAL_OF_EQUITY.fullmatch(name)
    if met is None or re.search(r"归属|少数|其他|变动", name):
        return name
    return f"{met['claims'] or ''}所有者权益{met['end']}"


def _loss_words(name: str) -> str:
    """Loss-makers' wordings: 净亏损, 营业亏损, 未弥补亏损."""
    return {
        "净亏损": "净利润",
        "营业亏损": "营业利润",
        "亏损总额": "利润总额",
        "未弥补亏损": "未分配利润",
        "累计亏损": "未分配利润",
    }.get(name, name)


_NORMAL: Mapping[str, frozenset[str]] = {
    kind: frozenset(normal_item(n) for n in names) for kind, names in KINDS.items()
}
_ALL = frozenset().union(*_NORMAL.values())
_BY_LENGTH: dict[int, tuple[str, ...]] = {}
for _name in sorted(_ALL):
    _BY_LENGTH[len(_name)] = (*_BY_LENGTH.get(len(_name), ()), _name)
_KEY_OF: Mapping[str, Mapping[str, str]] = {
    kind: {normal_item(name): key for key, names in keys.items() for name in names} for kind, keys in KEYS.items()
}


@lru_cache(maxsize=8192)
def _standard(name: str) -> str | None:
    """The standard name a normal name stands for: itself, or the only one that differs in one misread character.

    From ten characters on two may be misread.
    Characters lost or gained are not forgiven: 流动负债合计 is not 非流动负债合计.
    """
    if name in _ALL:
        return name
    allowed = 0 if len(name) < 4 else 1 if len(name) < 10 else 2
    near = [
        other
        for other in _BY_LENGTH.get(len(name), ())
        if sum(a != b for a, b in zip(name, other, strict=True)) <= allowed
    ]
    return near[0] if len(near) == 1 else None


def is_item(text: str) -> bool:
    """Whether a text is a whole name of a statement item."""
    return _standard(normal_item(text)) is not None


def item_kind(text: str) -> str | None:
    """The kind of statement only whose items bear this name; None for strangers and names of several."""
    name = _standard(normal_item(text))
    kinds = [kind for kind, names in _NORMAL.items() if name in names] if name else []
    return kinds[0] if len(kinds) == 1 else None


def item_key(kind: str, text: str) -> str | None:
    """The key of :data:`KEYS` under which the item stands, or None."""
    keys = _KEY_OF.get(kind, {})
    name = normal_item(text)
    if name in keys:
        return keys[name]
    standard = _standard(name)
    return keys.get(standard) if standard else None
