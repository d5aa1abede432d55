"""What a heading means: CONTRACT's English names and Chinese labels, with a unit or a remark in brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from pipeline.values.amounts import find_unit

__all__ = ["LABELS", "field_of", "unit_of"]

LABELS: Mapping[str, tuple[str, ...]] = {
    "application_no": ("申报编号", "申请编号", "申报号", "编号", "申报单号", "application number", "application no"),
    "track": ("申报类别", "申报类型", "申报主体类型", "类别", "申报主体", "赛道", "主体类型", "申报单位类别"),
    "name": (
        "名称",
        "企业名称",
        "单位名称",
        "公司名称",
        "机构名称",
        "园区名称",
        "申报单位",
        "申报单位名称",
        "院校名称",
    ),
    "previous_names": ("曾用名", "曾用名称", "former names", "previous name"),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码"),
    "address": ("注册地址", "地址", "住所", "注册地", "单位地址", "企业地址"),
    "headquarters": ("总部所在地", "企业总部所在地", "总部", "总部地址"),
    "delivery_location": ("业务交付主体所在地", "交付主体所在地", "业务交付地", "交付地", "业务交付所在地"),
    "established": ("成立日期", "成立时间", "注册日期", "注册时间"),
    "legal_representative": ("法定代表人", "法人代表", "法人", "负责人", "法定代表人姓名"),
    "contact": ("联系人", "联系人姓名"),
    "mobile": ("手机", "手机号", "手机号码", "联系电话", "移动电话", "联系人手机", "电话"),
    "email": ("电子邮箱", "邮箱", "电子邮件", "e-mail", "电邮"),
    "registered_capital": ("注册资本", "注册资金", "注册资本金", "开办资金"),
    "operating_revenue": (
        "上年度营业收入",
        "营业收入",
        "营业总收入",
        "上年营业收入",
        "2022年营业收入",
        "2022年度营业收入",
    ),
    "outsourcing_revenue": (
        "服务外包业务收入",
        "外包业务收入",
        "服务外包收入",
        "上年度服务外包业务收入",
        "上年度服务外包收入",
        "上年度外包业务收入",
        "年外包业务收入",
    ),
    "offshore_revenue": (
        "离岸服务外包收入",
        "离岸外包收入",
        "离岸收入",
        "离岸服务外包业务收入",
        "上年度离岸服务外包收入",
    ),
    "staff": ("员工总数", "职工总数", "员工人数", "从业人员总数", "员工总人数"),
    "outsourcing_staff": (
        "从事服务外包业务员工人数",
        "从事服务外包业务人数",
        "服务外包业务员工人数",
        "服务外包从业人员",
        "从事服务外包工作的员工",
        "从事服务外包业务员工数",
    ),
    "degree_staff": (
        "大学含以上学历人数",
        "大学以上学历人数",
        "大学及以上学历人数",
        "大学含大专以上学历人数",
        "大学含以上学历员工人数",
        "大学以上人数",
    ),
    "industry": ("所属行业", "行业", "服务行业", "行业类别"),
    "functions": ("功能领域", "业务功能领域", "服务功能领域", "业务领域"),
    "commerce_department": (
        "审核的商务主管部门",
        "商务主管部门",
        "审核部门",
        "当地商务主管部门",
        "审核的商务部门",
        "主管部门",
    ),
    "certificates": ("资质证书", "资质认证", "证书", "认证证书", "资质"),
    "submitted_at": ("提交时间", "申报时间", "提交日期", "网上提交时间", "填报时间"),
}

MAX_HEADING = 100  # characters


def _key(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading[:MAX_HEADING]).casefold()
    text = re.sub(r"\(单位:?|\(金额单位:?|单位:", "(", text)
    return re.sub(r"[\s_*:;.、,，'\"()\[\]【】\-/]", "", text)


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {_key(label): field for field, labels in LABELS.items() for label in (field, *labels)}


@lru_cache(maxsize=2048)
def field_of(heading: str) -> str | None:
    """The record's field that a heading names, or None for a heading that is none of them."""
    text = unicodedata.normalize("NFKC", heading[:MAX_HEADING])
    outside = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", text)
    inside = "".join(re.findall(r"[(\[【]([^)\]】]*)[)\]】]", text))
    for candidate in (text, outside, inside):
        found = _known().get(_key(candidate))
        if found:
            return found
    return None


@lru_cache(maxsize=2048)
def unit_of(heading: str) -> str | None:
    """The unit of money that a heading names (万元, 元), or None."""
    return find_unit(heading[:MAX_HEADING])
