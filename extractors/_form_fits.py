"""How well a text fits a field of an information form: the judge that label -> value is handed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from extractors._fields import tidy
from extractors._form_amounts import capitals, first_amount, first_count
from extractors._form_labels import vocabulary
from extractors._form_parsed import AMOUNTS, COUNTS, OFFICE, ORGANISATION, PLACE, SHORT_YEAR, is_empty, without_hints
from pipeline.programmes import load
from pipeline.values import amounts, dates, identifiers, numbers, regions
from pipeline.values.flat import flat

__all__ = ["fits"]

_PERSON = re.compile(r"[\u4e00-\u9fff·•]{2,6}(?:[(（].*[)）])?|[A-Za-z][A-Za-z .\-]{2,40}")
_NUMBER_SHAPED = re.compile(
    r"[A-Za-z]{0,8}(?:[-_][A-Za-z]{1,6})*[-_]?\d[A-Za-z0-9\-_/]{3,30}|[\u4e00-\u9fff]{0,10}[〔\[(（]20\d{2}[〕\])）]第?\d{1,6}号?"
)
_LABEL_END = re.compile(r"[:：]\s*$")


def fits(key: str, text: str) -> float:
    """How well a text suits a field, 0 to 1; 0.5: could be (so does a blank, which every cell may be)."""
    if not key:
        return 0.5
    if is_empty(text):
        return 0.5
    bare = tidy(without_hints(text))
    if _LABEL_END.search(text) or vocabulary.is_label(bare):
        return 0.0
    judge = _FITS.get(key)
    return judge(bare) if judge else 0.5


def _fits_amount(text: str) -> float:
    if amounts.parse_amount(text) or capitals(text):
        return 1.0
    return 0.7 if first_amount(text) else 0.1


def _fits_count(text: str) -> float:
    return 1.0 if amounts.parse_count(text) is not None else 0.6 if first_count(text) is not None else 0.1


def _fits_date(text: str) -> float:
    if dates.parse_date(text):
        return 1.0
    return (
        0.7
        if len(dates.find_dates(text)) == 1 or SHORT_YEAR.fullmatch(text) or (dates.parse_year(text) and len(text) < 12)
        else 0.1
    )


def _fits_uscc(text: str) -> float:
    compact = re.sub(r"[^0-9A-Za-z]", "", text)
    if identifiers.find_uscc(text) or len(compact) == 18:
        return 1.0
    return 0.6 if 8 <= len(compact) <= 20 and sum(c.isdigit() for c in compact) >= 6 else 0.1


# Words of a declaration, not of a name.
_SPOKEN = re.compile(
    r"[,，;；。:：]|承诺|保证|[我本](?:单位|公司|企业|园区|机构|校|院)|所填|真实|法定代表|负责人|签字|盖章|公章|年\s*月"
)


def _fits_name(text: str) -> float:
    if not 4 <= len(text) <= 80 or not re.search(r"[\u4e00-\u9fff]{2}|[A-Za-z]{4}", text):
        return 0.1
    if _SPOKEN.search(text) or text.count("(") + text.count("（") > text.count(")") + text.count("）"):
        return 0.15
    if re.search(r"(?:信息|情况|申报|申请|登记|推荐|推介|采集)(?:表|书)$", text):
        return 0.1  # the form's own title
    return 1.0 if ORGANISATION.search(text) else 0.55


_HEADING_WORDS = re.compile(
    r"(?:及|与|和|的|等|基本|有关|相关)*(?:信息|情况|方式|资料|概况|数据|规模|领域|名单|一览|汇总|电话|手机|邮箱|姓名|职务|人员|部门)+表?"
)


def _fits_person(text: str) -> float:
    if _HEADING_WORDS.fullmatch(text):
        return 0.1  # 联系人 | 信息
    if _PERSON.fullmatch(text):
        return (
            0.4
            if regions.region_of(text).province
            or re.search(r"(?:公司|意见|部门|签字|盖章|[市县区务]局|委员会|学校|学院|中心|园区)$", text)
            else 0.95
        )
    digits = sum(c.isdigit() for c in text)
    return 0.65 if digits >= 7 and re.match(r"[\u4e00-\u9fff]{2,4}[^\u4e00-\u9fff]", text) else 0.15


def _fits_place(text: str) -> float:
    if re.search(r"[:：]|盖章|@", text) or len(text) > 120:
        return 0.2
    return 0.9 if PLACE.search(text) else 0.45


def _fits_mobile(text: str) -> float:
    return 1.0 if numbers.mobile(text) else 0.6 if re.fullmatch(r"[\d\s\-+()（）转—]{7,24}", text) else 0.1


def _fits_email(text: str) -> float:
    return (
        1.0
        if numbers.email(text)
        else 0.6
        if "@" in text or re.fullmatch(r"[\w.\-]+\.(?:com|cn|net|org)", text)
        else 0.1
    )


def _fits_department(text: str) -> float:
    if re.search(r"盖章|公章|意见|年\s*月|[,，。]", text):
        return 0.2
    return 1.0 if regions.is_commerce_department(text) else 0.75 if OFFICE.search(text) else 0.3


def _fits_number(text: str) -> float:
    return 1.0 if _NUMBER_SHAPED.fullmatch(re.sub(r"\s", "", text)) else 0.15


def _known(text: str, names: Sequence[str]) -> bool:
    bare = flat(text).upper()
    return any(name.upper() in bare for name in names)


def _fits_industry(text: str) -> float:
    programme = load("cciip-2023")
    return 0.95 if _known(text, (*programme.industries, *programme.categories)) else 0.55 if len(text) < 40 else 0.3


def _fits_functions(text: str) -> float:
    return 1.0 if _known(text, load("cciip-2023").functions) else 0.5


def _fits_track(text: str) -> float:
    return 0.9 if re.search(r"供应商|园区|培训|院校|企业", text) else 0.3


_FITS: Mapping[str, Callable[[str], float]] = {
    **dict.fromkeys(AMOUNTS, _fits_amount),
    **dict.fromkeys(COUNTS, _fits_count),
    "established": _fits_date, "submitted_at": _fits_date, "uscc": _fits_uscc, "name": _fits_name,
    "operator": _fits_name,
    "previous_names": _fits_name, "legal_representative": _fits_person, "contact": _fits_person, "address": _fits_place,
    "headquarters": _fits_place, "delivery_location": _fits_place, "mobile": _fits_mobile, "email": _fits_email,
    "commerce_department": _fits_department, "application_no": _fits_number, "industry": _fits_industry,
    "functions": _fits_functions, "_track": _fits_track, "_person": _fits_person, "_total": _fits_amount,
}  # fmt: skip
