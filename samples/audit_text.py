"""Wordings of audit reports: opinions of every kind (DOMAIN 3.5) and the notes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from samples.audit_facts import AuditFacts
from samples.fake import CITIES

__all__ = ["note_blocks", "opinion_blocks"]


def opinion_blocks(facts: AuditFacts) -> list[dict[str, Any]]:
    """The body, worded by opinion (DOMAIN 3.5)."""
    c, y = facts.company, facts.year
    rule = "小企业会计准则" if facts.style == "small" else "企业会计准则"
    both = "合并及母公司" if facts.consolidated else ""
    changes = "" if facts.style == "small" else f"、{both}所有者权益变动表"
    scope = (
        f"我们审计了{c}（以下简称贵公司）财务报表，包括{y}年12月31日的{both}资产负债表，{y}年度的{both}利润表、"
        f"{both}现金流量表{changes}以及相关财务报表附注。"
    )
    fair = (
        f"后附的财务报表在所有重大方面按照{rule}的规定编制，"
        f"公允反映了贵公司{y}年12月31日的{both}财务状况以及{y}年度的{both}经营成果和现金流量。"
    )
    basis = (
        "我们按照中国注册会计师审计准则的规定执行了审计工作。审计报告的“注册会计师对财务报表审计的责任”部分进一步阐述了我们在这些准则下的责任。"
        "按照中国注册会计师职业道德守则，我们独立于贵公司，并履行了职业道德方面的其他责任。我们相信，我们获取的审计证据是充分、适当的，"
    )
    matter = (
        "如财务报表附注所述，贵公司对联营企业的长期股权投资未能提供经审计的财务资料，"
        "我们无法就该项投资的账面价值获取充分、适当的审计证据。"
    )
    blocks: dict[str, list[tuple[str, list[str]]]] = {
        "standard": [
            ("一、审计意见", [scope, "我们认为，" + fair]),
            ("二、形成审计意见的基础", [basis + "为发表审计意见提供了基础。"]),
        ],
        "emphasis": [
            ("一、审计意见", [scope, "我们认为，" + fair]),
            ("二、形成审计意见的基础", [basis + "为发表审计意见提供了基础。"]),
            (
                "三、强调事项",
                [
                    "我们提醒财务报表使用者关注，如财务报表附注十一所述，贵公司涉及一项未决诉讼，其结果具有不确定性。本段内容不影响已发表的审计意见。"
                ],
            ),
        ],
        "qualified": [
            ("一、保留意见", [scope, "我们认为，除“形成保留意见的基础”部分所述事项可能产生的影响外，" + fair]),
            ("二、形成保留意见的基础", [matter, basis + "为发表保留意见提供了基础。"]),
        ],
        "adverse": [
            (
                "一、否定意见",
                [
                    scope,
                    f"我们认为，由于“形成否定意见的基础”部分所述事项的重要性，后附的财务报表没有在所有重大方面按照{rule}的规定编制，未能公允反映贵公司{y}年12月31日的财务状况以及{y}年度的经营成果和现金流量。",
                ],
            ),
            (
                "二、形成否定意见的基础",
                [
                    "贵公司未将三家受其控制的子公司纳入合并范围，该事项对财务报表影响重大且具有广泛性。",
                    basis + "为发表否定意见提供了基础。",
                ],
            ),
        ],
        "disclaimer": [
            (
                "一、无法表示意见",
                [
                    f"我们接受委托，审计{c}（以下简称贵公司）财务报表，包括{y}年12月31日的{both}资产负债表，{y}年度的{both}利润表、{both}现金流量表以及相关财务报表附注。",
                    "我们不对后附的贵公司财务报表发表审计意见。由于“形成无法表示意见的基础”部分所述事项的重要性，我们无法获取充分、适当的审计证据以作为对财务报表发表审计意见的基础。",
                ],
            ),
            ("二、形成无法表示意见的基础", ["贵公司未能提供完整的会计凭证和银行对账单，我们无法实施必要的审计程序。"]),
        ],
    }
    out = blocks[facts.opinion]
    ordinal = "三四五六"[len(out) - 2 :]
    duty = [
        (
            f"{ordinal[0]}、管理层和治理层对财务报表的责任",
            [
                f"贵公司管理层负责按照{rule}的规定编制财务报表，使其实现公允反映，并设计、执行和维护必要的内部控制，以使财务报表不存在由于舞弊或错误导致的重大错报。",
                "在编制财务报表时，管理层负责评估贵公司的持续经营能力，披露与持续经营相关的事项（如适用），并运用持续经营假设，除非管理层计划清算贵公司、终止运营或别无其他现实的选择。",
                "治理层负责监督贵公司的财务报告过程。",
            ],
        ),
        (
            f"{ordinal[1]}、注册会计师对财务报表审计的责任",
            [
                "我们的目标是对财务报表整体是否不存在由于舞弊或错误导致的重大错报获取合理保证，并出具包含审计意见的审计报告。合理保证是高水平的保证，但并不能保证按照审计准则执行的审计在某一重大错报存在时总能发现。",
                "在按照审计准则执行审计工作的过程中，我们运用职业判断，并保持职业怀疑。我们与治理层就计划的审计范围、时间安排和重大审计发现等事项进行沟通，包括沟通我们在审计中识别出的值得关注的内部控制缺陷。",
            ],
        ),
    ]
    return [{"title": title, "texts": texts} for title, texts in (*out, *duty)]


def note_blocks(facts: AuditFacts, split: Sequence[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    rule = "小企业会计准则" if facts.style == "small" else "企业会计准则"
    subsidiaries = "、".join(f"{c.city.removesuffix('市')}分支科技有限公司" for c in rng.sample(CITIES, 2))
    scope = (
        f"本期纳入合并财务报表范围的子公司共2户，包括{subsidiaries}。"
        if facts.consolidated
        else "本公司无子公司，未编制合并财务报表。"
    )
    return [
        {
            "title": "一、公司基本情况",
            "heads": (),
            "table": (),
            "texts": [
                f"{facts.company}（以下简称“本公司”）经工商行政管理部门核准成立，法定代表人：{facts.signers[0]}。本公司主要从事软件开发、信息技术服务、业务流程外包等服务外包业务。",
                scope,
            ],
        },
        {
            "title": "二、财务报表的编制基础",
            "heads": (),
            "table": (),
            "texts": [
                f"本财务报表以持续经营为基础，根据实际发生的交易和事项，按照{rule}及其应用指南、解释的规定编制。会计年度自公历1月1日起至12月31日止，以人民币为记账本位币。"
            ],
        },
        {
            "title": "三、重要会计政策",
            "heads": (),
            "table": (),
            "texts": [
                "收入确认：本公司在履行了合同中的履约义务，即在客户取得相关服务的控制权时确认收入。应收款项按预期信用损失计提坏账准备。固定资产采用年限平均法计提折旧。"
            ],
        },
        {
            "title": "四、主要税项",
            "heads": (),
            "table": (),
            "texts": ["增值税税率6%、13%；城市维护建设税税率7%；企业所得税税率15%。"],
        },
        {
            "title": "五、财务报表项目注释　营业收入和营业成本",
            "heads": ("项　　目", "本期发生额", "上期发生额"),
            "table": split,
            "texts": [f"（1）{'合并' if facts.consolidated else ''}营业收入按业务类型列示如下："],
        },
        {
            "title": "六、关联方关系及其交易",
            "heads": (),
            "table": (),
            "texts": ["本公司与关联方的交易均按市场价格定价，本期未发生重大关联交易。"],
        },
        {
            "title": "七、或有事项及资产负债表日后事项",
            "heads": (),
            "table": (),
            "texts": ["截至本财务报表批准报出日，本公司无应披露的重大或有事项和资产负债表日后非调整事项。"],
        },
    ]
