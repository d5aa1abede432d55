"""Names of organisations and persons (名称, 姓名): normalised, and compared on a ladder of degrees (DOMAIN §6.5).

A name that two readings could share is never "the same" where paper was read surely: 北京 and 南京, 有限公司 and
股份有限公司, 一 and 二 stay different however faint the scan.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from pipeline.values.identifiers import edit_distance
from pipeline.values.regions import (
    Region,
    SameRegion,
    is_commerce_department,
    likely_departments,
    region_of,
    same_region,
)
from pipeline.values.script import simplified

__all__ = [
    "NameMatch",
    "Region",
    "SameRegion",
    "compare",
    "compare_person",
    "core",
    "is_commerce_department",
    "likely_departments",
    "normalise",
    "region_of",
    "same_region",
    "same_text",
]


class NameMatch(StrEnum):
    """How two names agree, best first."""

    EXACT = "exact"
    NORM_EQUAL = "norm_equal"  # width, brackets, spaces, traditional characters
    OCR_NEAR = "ocr_near"  # the difference is what OCR confuses, or the reading was unsure and one or two signs differ
    FORM_VARIANT = "form_variant"  # 有限公司 / 有限责任公司: a warning
    ALIAS = "alias"  # a former name: a warning
    BRANCH = "branch"  # 分公司 of the other
    DIFFERENT = "different"

    @property
    def same(self) -> bool:
        """The same registered name."""
        return self in (NameMatch.EXACT, NameMatch.NORM_EQUAL, NameMatch.OCR_NEAR)

    @property
    def passes(self) -> bool:
        """The same organisation, perhaps with a warning (form variant, former name)."""
        return self.same or self in (NameMatch.FORM_VARIANT, NameMatch.ALIAS)


MAX_NAME = 200  # characters; longer text is no name

_BRACKETS = dict.fromkeys("[{【〔〈《「『", "(") | dict.fromkeys("]}】〕〉》」』", ")")
_FOLD = str.maketrans(_BRACKETS)
_NOISE = re.compile(r"[\s·•・。.,、;:：'\"“”‘’`~_|*★☆囗-]+")


def normalise(name: str) -> str:
    """NFKC, one kind of brackets ``()``, simplified characters, upper case, no spaces, points or hyphens."""
    folded = simplified(unicodedata.normalize("NFKC", name[:MAX_NAME]).upper().translate(_FOLD))
    return unicodedata.normalize("NFKC", _NOISE.sub("", folded))


@lru_cache(maxsize=65_536)  # a batch compares the same names of records again and again
def core(name: str) -> str:
    """:func:`normalise` without any brackets: what names are compared by (CONTRACT: brackets do not count)."""
    return re.sub(r"[()]", "", normalise(name))


# DOMAIN 6.5, then pairs that differ by a stroke in print. Only these count as a misreading where the engine was sure.
_CONFUSABLE = (
    "末未 土士 己已巳 人入八 日曰 天夫 干千于 限银 责贵 司同可 信倍 服报 技枝 洋祥 晨辰 睿容 鑫金 淼森 "
    "网冈 问间 令今 刀力 白自 木术 大太犬 又叉 王玉 田由甲申 折析 侯候 佳住 治冶 恒桓垣 博搏 亨享 泰秦 昊吴 讯汛 "
    "凌淩 扬杨 团囝 0O 1IL"
)
_GROUPS_OF: dict[str, set[int]] = {}
for _index, _group in enumerate(_CONFUSABLE.split()):
    for _sign in _group:
        _GROUPS_OF.setdefault(_sign, set()).add(_index)

# Signs that make another organisation of the same words; no misreading is ever assumed between two of one group.
_TELLING = ("一二三四五六七八九十0123456789", "东南西北中", "上下", "大小", "老新", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "合伙企业", "特殊普通合伙", "普通合伙", "有限合伙", "集团公司",
    "管理委员会", "委员会",
)  # fmt: skip
_BRANCH = re.compile(r"(?:分公司|分行|支行|办事处|分所|分院|分校|营业部|代表处|分部)$")

LONG_NAME = 8  # signs from which an unsure reading may differ in two instead of one


def _confused(a: str, b: str) -> bool:
    return bool(_GROUPS_OF.get(a, set()) & _GROUPS_OF.get(b, set()))


def _telling(a: str, b: str) -> bool:
    return any(a in group and b in group for group in _TELLING)


def _substitutions(a: str, b: str) -> list[tuple[str, str]]:
    return [(x, y) for x, y in zip(a, b, strict=True) if x != y]


def _form(name: str) -> str:
    return next((form for form in _FORMS if name.endswith(form)), "")


def _ocr_near(a: str, b: str, *, confident: bool) -> bool:
    """Every difference a confusion; or (unsure) one or two of any kind, or one sign more or less."""
    if abs(len(a) - len(b)) > 1 or (_form(a) != _form(b) and _form(a) and _form(b)):
        return False
    if len(a) == len(b):
        changed = _substitutions(a, b)
        allowed = 2 if len(a) >= LONG_NAME else 1
        near = len(changed) <= allowed and not any(_telling(x, y) for x, y in changed)
        near = near and (not confident or all(_confused(x, y) for x, y in changed))
    else:
        near = not confident and min(len(a), len(b)) >= LONG_NAME and edit_distance(a, b, limit=1) == 1
    return near and not _elsewhere(a, b)


def _elsewhere(a: str, b: str) -> bool:
    """Whether the names say two different provinces or cities."""
    one, other = region_of(a), region_of(b)
    pairs = ((one.province, other.province), (one.city, other.city))
    return any(x and y and x != y for x, y in pairs)


def _one_form(name: str) -> str:
    return name.replace("有限责任公司", "有限公司")


def _is_branch(a: str, b: str) -> bool:
    """Whether one is a branch of the other (and not both branches)."""
    long, short = (a, b) if len(a) > len(b) else (b, a)
    return bool(short) and long.startswith(short) and bool(_BRANCH.search(long)) and not _BRANCH.search(short)


def _pair(a: str, b: str, *, confident: bool) -> NameMatch:
    if a.strip() == b.strip():
        return NameMatch.EXACT
    left, right = core(a), core(b)
    if left == right:
        return NameMatch.NORM_EQUAL
    if _is_branch(left, right):
        return NameMatch.BRANCH
    if _one_form(left) == _one_form(right):
        return NameMatch.FORM_VARIANT
    if _ocr_near(left, right, confident=confident):
        return NameMatch.OCR_NEAR
    if _form(left) != _form(right) and _ocr_near(_one_form(left), _one_form(right), confident=confident):
        return NameMatch.FORM_VARIANT
    return NameMatch.DIFFERENT


def compare(a: str, b: str, *, confident: bool = True, aliases: Sequence[str] = ()) -> NameMatch:
    """How two names of organisations agree.

    :param confident: whether the reading is sure; if not, one sign (two in a name of eight and more) may differ
    :param aliases: former names of ``b``; agreement with one of them is ALIAS
    :return: the best degree; DIFFERENT if one of the names is empty
    """
    if not core(a) or not core(b):
        return NameMatch.DIFFERENT
    best = _pair(a, b, confident=confident)
    if best is NameMatch.DIFFERENT and any(core(x) and _pair(a, x, confident=confident).same for x in aliases):
        return NameMatch.ALIAS
    return best


def compare_person(a: str, b: str, *, confident: bool = True) -> NameMatch:
    """How two names of persons agree: one sign may differ if the reading is unsure or the signs are confusable."""
    left, right = core(a), core(b)
    if not left or not right:
        return NameMatch.DIFFERENT
    if a.strip() == b.strip():
        return NameMatch.EXACT
    if left == right:
        return NameMatch.NORM_EQUAL
    if len(left) == len(right) >= 2:
        changed = _substitutions(left, right)
        if len(changed) == 1 and (not confident or _confused(*changed[0])):
            return NameMatch.OCR_NEAR
    return NameMatch.DIFFERENT


def same_text(a: str, b: str) -> bool:
    """Whether two free texts (addresses, functions) are the same but for width, brackets, spaces and points."""
    return core(a) == core(b) != ""
