"""What a text of a form says as a value, which fields are amounts or counts, and when a text says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors._fields import tidy
from pipeline.model import FieldValue

__all__ = ["AMOUNTS", "COUNTS", "OFFICE", "ORGANISATION", "PLACE", "SHORT_YEAR", "Parsed", "is_empty", "without_hints"]

AMOUNTS = frozenset({"registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue"})
COUNTS = frozenset({"staff", "outsourcing_staff", "degree_staff"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says. ``trust``: chance that it was understood right, apart from the reading of its characters."""

    value: FieldValue
    trust: float = 1.0
    unit: str | None = None
    reasons: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


# What values look like, for whoever judges a text and for whoever reads it.
ORGANISATION = re.compile(
    r"公司|学校|学院|大学|中心|园|基地|集团|委员会|研究院|研究所|协会|厂|事务所|学堂|管委会|企业|合伙"
)
PLACE = re.compile(r"[省市区县路号街镇乡国州道村园楼]|北京|上海|天津|重庆|中国")
OFFICE = re.compile(r"(?:局|委员会|厅|委|管委会|办公室|处)$")
SHORT_YEAR = re.compile(r"[\"'’]?(\d{2})\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})\s*日?")

_EMPTY = frozenset(
    (
        *("", "无", "暂无", "没有", "不适用", "无此项", "未填", "空", "略", "无无", "N/A", "NA", "n/a"),
        *("/", "／", "\\", "|", "-", "--", "---", "—", "——", "――", "–", "－", "一", "ー", "丿"),
        *("_", "、", ".", "·", "〇", "：", ":"),
    )
)
_HINT = re.compile(
    r"[(（\[【][^()（）\[\]【】]*(?:如|请|填|必|选填|注|可多选|多选|单选|选择|格式|勾选|例|示例|打[√勾])[^()（）\[\]【】]*[)）\]】]|^(?:请填写|请输入|请选择|点击填写).*$|[*＊]?必填(?:项)?|^注[:：].*$"
)


def without_hints(text: str) -> str:
    """A value without the form's own hints (如无请填“无”, 请填写 …)."""
    return _HINT.sub("", text).strip(" _＿\u3000\n\t")


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blank, 无, /, a dash, only hints, only blanks to fill in."""
    bare = tidy(without_hints(text))
    return bare in _EMPTY or not bare or not re.sub(r"[\s_＿—\-/·.…年月日]", "", bare)
