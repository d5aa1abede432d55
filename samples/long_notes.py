"""The notes of a large company's statements (财务报表附注): policies in prose, sixty notes with tables, risks.

Nothing in them matters to an application but the note that splits revenue; that is what makes them worth drawing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["NotesLook", "draw_look", "note_sections"]

Block = dict[str, Any]

_POLICIES = """\
遵循企业会计准则的声明 会计期间 营业周期 记账本位币 同一控制下和非同一控制下企业合并的会计处理方法
合并财务报表的编制方法 合营安排分类及共同经营会计处理方法 现金及现金等价物的确定标准 外币业务和外币报表折算
金融工具 应收票据 应收账款 其他应收款 存货 合同资产 持有待售资产 长期股权投资 投资性房地产 固定资产
在建工程 借款费用 使用权资产 无形资产 长期资产减值 长期待摊费用 合同负债 职工薪酬 租赁负债 预计负债
股份支付 收入 政府补助 递延所得税资产和递延所得税负债 租赁 重要会计政策变更 重大会计判断和估计"""
POLICIES = tuple(_POLICIES.split())
SENTENCES = (
    "本公司以持续经营为基础，根据实际发生的交易和事项，按照企业会计准则的规定进行确认和计量，在此基础上编制财务报表。",
    "合并成本为在购买日为取得对被购买方的控制权而付出的资产、发生或承担的负债以及发行的权益性证券的公允价值。",
    "对于以摊余成本计量的金融资产和以公允价值计量且其变动计入其他综合收益的债务工具投资，以预期信用损失为基础确认损失准备。",
    "在资产负债表日评估相关金融工具的信用风险自初始确认后是否已显著增加，并按照未来十二个月或整个存续期的预期信用损失计量。",
    "投资方对被投资单位具有共同控制或重大影响的长期股权投资，采用权益法核算，按照应享有被投资单位实现的净损益的份额确认投资收益。",
    "固定资产在使用寿命内采用年限平均法计提折旧，预计净残值率为百分之五，使用寿命和折旧方法至少于每年年度终了进行复核。",
    "无形资产按照成本进行初始计量，使用寿命有限的无形资产自可供使用时起在其预计使用寿命内采用直线法分期平均摊销。",
    "存货发出时采用月末一次加权平均法确定其实际成本，可变现净值按估计售价减去至完工时估计将要发生的成本和相关税费后的金额确定。",
    "如果发生的合并成本大于合并中取得的被购买方可辨认净资产公允价值份额，其差额确认为商誉，并于每年年度终了进行减值测试。",
    "外币货币性项目采用资产负债表日即期汇率折算，由此产生的汇兑差额除与购建符合资本化条件的资产有关的专门借款外计入当期损益。",
    "与资产相关的政府补助确认为递延收益，在相关资产使用寿命内按照合理、系统的方法分期计入损益，用于补偿已发生成本的直接计入当期损益。",
    "递延所得税资产的确认以很可能取得用来抵扣可抵扣暂时性差异的应纳税所得额为限，于资产负债表日对其账面价值进行复核。",
    "本集团的信用风险主要来自银行存款、应收账款和其他应收款，管理层持续监控这些信用风险敞口，并对大额交易对手设定授信额度。",
    "流动性风险是指企业在履行以交付现金或其他金融资产的方式结算的义务时发生资金短缺的风险，由财务部门集中控制。",
    "在职工为本公司提供服务的会计期间，将实际发生的短期薪酬确认为负债，并计入当期损益或相关资产成本，离职后福利主要为设定提存计划。",
    "租赁期开始日，除选择采用简化处理的短期租赁和低价值资产租赁外，对租赁确认使用权资产和租赁负债，折现率为租赁内含利率。",
)
CAUSES = ("销售规模扩大", "回款放缓", "票据到期承兑", "购置设备增加", "研发投入资本化", "偿还借款", "本期处置")
_ITEMS = """\
货币资金 交易性金融资产 应收票据 应收账款 应收款项融资 预付款项 其他应收款 存货 合同资产
一年内到期的非流动资产 其他流动资产 长期应收款 长期股权投资 其他权益工具投资 投资性房地产 固定资产
在建工程 使用权资产 无形资产 开发支出 商誉 长期待摊费用 递延所得税资产 其他非流动资产 短期借款
应付票据 应付账款 合同负债 应付职工薪酬 应交税费 其他应付款 一年内到期的非流动负债 长期借款 租赁负债
预计负债 递延收益 股本 资本公积 其他综合收益 盈余公积 未分配利润 税金及附加 销售费用 管理费用
研发费用 财务费用 其他收益 投资收益 信用减值损失 资产减值损失 资产处置收益 营业外支出 所得税费用
政府补助明细 受限资产 外币货币性项目"""
ITEMS = tuple(_ITEMS.split())
_ROWS = """\
原材料 库存商品 房屋及建筑物 机器设备 运输工具 电子设备 办公设备 软件使用权 土地使用权 一年以内
一至二年 二至三年 三年以上 银行存款 其他货币资金 保证金 押金及备用金 往来款 工资、奖金、津贴和补贴
职工福利费 社会保险费 住房公积金 增值税 企业所得税 城市维护建设税 差旅费 折旧与摊销 咨询服务费
业务招待费 租赁费 利息支出 手续费 房屋装修 客户甲 客户乙 客户丙"""
ROWS = tuple(_ROWS.split())
HEADS = (
    ("项　　目", "期末余额", "上年年末余额"),
    ("项　　目", "本期发生额", "上期发生额"),
    ("项　　目", "期初余额", "本期增加", "本期减少", "期末余额"),
    ("账　　龄", "账面余额", "比例（%）", "坏账准备", "账面价值"),
    ("单位名称", "与本公司关系", "期末余额", "占比（%）", "坏账准备"),
)
LATER = (
    ("合并范围的变更", ("其他原因的合并范围变动",)),
    ("在其他主体中的权益", ("在子公司中的权益", "在合营安排或联营企业中的权益")),
    ("与金融工具相关的风险", ("信用风险", "流动性风险", "市场风险")),
    ("公允价值的披露", ("以公允价值计量的资产和负债的期末公允价值", "估值技术")),
    ("关联方及关联交易", ("本公司的子公司情况", "其他关联方情况", "关联交易情况", "关联方应收应付款项")),
    ("承诺及或有事项", ("重要承诺事项", "或有事项")),
    ("资产负债表日后事项", ("利润分配情况", "其他资产负债表日后事项说明")),
    ("母公司财务报表主要项目注释", ("应收账款", "其他应收款", "长期股权投资")),
)
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class NotesLook:
    """How the notes of one report are set: ordinals (38、 38. （三十八） 五、38), rules of tables, head and foot."""

    number: str
    ruling: str
    size: str
    head: str
    foot: str
    indent: str


def draw_look(rng: random.Random, company: str, year: int) -> NotesLook:
    """One firm's habits."""
    return NotesLook(
        number=rng.choice(("arabic", "arabic_dot", "bracket", "section")),
        ruling=rng.choice(("ruled", "half", "bare")),
        size=rng.choice(("9.5pt", "10.5pt")),
        head=rng.choice((f"{company}　{year}年度财务报表附注", f"{year}年度财务报表附注", "")),
        foot=rng.choice(("of", "dashes", "plain")),
        indent=rng.choice(("0", "2em")),
    )


def note_sections(rng: random.Random, look: NotesLook, split: Block, *, pages: int, unit: str) -> list[Block]:
    """About ``pages`` of notes that follow the first ones; ``split``: the note that parts revenue by business."""
    blocks: list[Block] = [_head("三、重要会计政策及会计估计")]
    # A third of long notes are policies, and a page holds about three of them.
    for i, name in enumerate(POLICIES, start=1):
        texts = _prose(rng, max(1, round(pages * rng.uniform(0.05, 0.13))))
        blocks.append(_note(look, "三", i, name, texts))
    blocks += [_head("四、税项"), _note(look, "四", 1, "主要税种及税率", (), _table(rng, 2))]
    blocks.append(_head(f"五、合并财务报表项目注释（除特别注明外，金额单位均为人民币{unit}）"))
    for i, name in enumerate(ITEMS, start=1):
        if name == "税金及附加":
            blocks.append({**_note(look, "五", i, "营业收入和营业成本", ()), **split})
            continue
        blocks.append(_note(look, "五", i, name, _change(rng), _table(rng, max(1, round(pages / 24)))))
    for at, (section, notes) in enumerate(LATER, start=6):
        numeral = NUMERALS[at - 1] if at <= 10 else "十" + NUMERALS[at - 11]
        blocks.append(_head(f"{numeral}、{section}"))
        for i, name in enumerate(notes, start=1):
            blocks.append(_note(look, numeral, i, name, _prose(rng, 3), _table(rng, 1)))
    return blocks


def _head(title: str) -> Block:
    return {"level": 1, "title": title, "texts": (), "tables": ()}


def _note(
    look: NotesLook, section: str, number: int, name: str, texts: Sequence[str], tables: Sequence[Block] = ()
) -> Block:
    titles = {
        "arabic": f"{number}、{name}",
        "arabic_dot": f"{number}. {name}",
        "bracket": f"（{_numeral(number)}）{name}",
        "section": f"{section}、{number} {name}",
    }
    return {"level": 2, "title": titles[look.number], "texts": texts, "tables": tables}


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (NUMERALS[tens - 1] if tens > 1 else "") + ("十" if tens else "") + (NUMERALS[ones - 1] if ones else "")


def _prose(rng: random.Random, paragraphs: int) -> list[str]:
    return ["".join(rng.sample(SENTENCES, rng.randint(2, 4))) for _ in range(paragraphs)]


def _change(rng: random.Random) -> list[str]:
    return (
        [f"期末余额较上年年末变动{rng.uniform(3, 60):.2f}%，主要系{rng.choice(CAUSES)}所致。"]
        if rng.random() < 0.5
        else []
    )


def _table(rng: random.Random, tables: int) -> list[Block]:
    out = []
    for _ in range(tables):
        heads = rng.choice(HEADS)
        rows = [[name, *(_figure(rng) for _ in heads[1:])] for name in rng.sample(ROWS, rng.randint(4, 12))]
        out.append({"heads": heads, "rows": [*rows, ["合　　计", *(_figure(rng) for _ in heads[1:])]]})
    return out


def _figure(rng: random.Random) -> str:
    return "" if rng.random() < 0.12 else f"{rng.lognormvariate(14, 2):,.2f}"
