"""Wordings of labels, met in noisy text: numbering, brackets, owners and one misread sign do not hide a label.

Which labels there are is handed in. Labels are met as a whole: what begins like a label and goes on is no label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.values.flat import flat

__all__ = ["CHINESE", "FUZZY_LENGTH", "MAX_LABEL", "Label", "Match", "Vocabulary", "plain_label"]

MAX_LABEL = 48  # characters of a label with its hints; longer text is prose
FUZZY_LENGTH = 4  # characters from which one misread one is forgiven: shorter labels would turn into each other
SURE_LENGTH = 5  # the same where the reader was sure of every character (民营企业 is no misread 运营企业)
SURE_SCORE = 0.97  # line score from which the reader was sure


@dataclass(frozen=True, slots=True)
class Label:
    """One wording of a label. ``key``: the field, "" for one nobody asks for. ``rank``: 0 is the best."""

    key: str
    text: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A label met. ``keys``: its field or, for 手机/邮箱, fields; ``hint``: its brackets; ``year``: in its text."""

    keys: tuple[str, ...]
    label: str
    rank: int
    distance: int = 0
    hint: str = ""
    year: int | None = None
    part: bool = False  # "其中": a part of something


_NUMBERING = re.compile(
    r"^(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）、.．:](?:(?!\d)|(?=20\d{2}年))|[*★●■◆·•#※▲]+|第?[一二三四五六七八九十]+[、.]|第[一二三四五六七八九十]+(?:部分|章|节)[:、.]?)+"
)
_ORDINAL = re.compile(r"^\d{1,2}(?=[\u4e00-\u9fff])")  # 12 所属行业: a number with nothing behind it
_BRACKETS = re.compile(r"[(\[【〔](?P<in>[^()\[\]【】〔〕]{0,20})(?:[)\]】〕]|$)")
_PART = re.compile(r"^(?:其中[:,]?|[-–—]+)")
_YEAR = re.compile(r"(?<!\d)(20\d{2})年?度?(?:末|底)?")
_WHEN = re.compile(
    r"^(?:(?:截至|截止)(?:到)?(?:20\d{2}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?[底末])?|上一?(?:会计)?年度?末?|本年度?|当年度?"
    r"|去年度?|最近一年|报告期末?|全年|年度|年末|年底|期末|目前|现有?|年)"
)
_OWNER = re.compile(
    r"^(?:本|我|贵)?(?:(?:申报|申请|填报|参评|承接)?(?:单位|企业|公司|机构|园区|基地|学校|院校|主体|供应商)|申[报请]人"
    r"|申报方|营业执照|工商|主要|承接|具有)的?"
)
_UNIT_END = re.compile(
    r"(?<=[\u4e00-\u9fff)])(?:[/,]?(?:单位:?)?(?:人民币)?[十百千万亿]{1,2}(?:美?元)|[/,](?:人民币)?元|/(?:人|名|家|个|项|件|人次|平方米|%))$"
)
_TAIL = re.compile(r"(?:金额|总额|合计|总计|数额|总金额|姓名|全称)$")
# What may stand before a label and leave it what it is; words that figures have of their own (外包, 离岸) do not.
_OWN = (
    "申报|申请|填报|企业|公司|单位|机构|园区|基地|学校|院校|主体|本|我|贵|现有?|当前|登记|注册|工商|营业执照"
    "|法定|中文|完整|正式|的"
)
_OWN_WORDS = re.compile(rf"(?:{_OWN})+")
_REACHED = (
    "填表|填写|经办|具体|工作|本次|项目|业务|推荐|推介|受理|审核|审批|核准|主管|日常|主要|常用|有效|对外|对应"
    "|所属|所在|属地|地方|当地|固定"
)
_REACHED_WORDS = re.compile(rf"(?!(?:主管|推荐|审核|审批|受理|核准)(?:单位|机构))(?:{_OWN}|{_REACHED})+")
LEAST_KNOWN = 2  # signs of a label behind such words
# 2022年营业收入（元）Operating revenue in 2022 (CNY)
_TWIN_WITH_YEAR = re.compile(
    r"(?<=[\u4e00-\u9fff)）])\s*[a-z]+ [a-z ,.'&()（）/\-]*20\d{2}[a-z ,.'&()（）/\-]*$", re.IGNORECASE
)
_LATIN = re.compile(r"[a-z][a-z .,'&/\\_-]*")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NO_LABEL = re.compile(r"@|[:：][0-9]|\d{5}|\d[.,]\d{2}(?!\d{2}年)|20\d{2}年\d{1,2}月\d{1,2}日.")
_STAMP_HINT = re.compile(r"(?:章|签字|签名)(?!.{0,8}(?:一致|相符|相同|所用))")
_FOREIGN_HINT = re.compile(r"英文|外文|english|拼音")
_TICK_WITHIN = re.compile(r"(?<=[\u4e00-\u9fff])[☑☐□√✓✔](?=[\u4e00-\u9fff])")  # a speck between the signs of 地　址
_MAIL, _MAIL_TOO = re.compile(r"e?-?mail", re.IGNORECASE), re.compile(r"邮|信箱|联系人|联系(?!方式)")


def _fold(text: str) -> str:
    return flat(text).lower()


def plain_label(text: str) -> str:
    """A label's bare wording: width and case folded, no spaces, numbering, brackets, colon, English beside Chinese."""
    bare = _NUMBERING.sub("", _TICK_WITHIN.sub("", _fold(text)))
    bare = _BRACKETS.sub("", bare).strip(':;*.,。、_-—/|()[]"“”')
    if CHINESE.search(bare):
        bare = bare if _MAIL_TOO.search(bare) else _MAIL.sub("电子邮箱", bare)
        stripped = _LATIN.sub("", bare).strip("./-:;*,。、_—|()[]\"“”'‘’")
        bare = stripped or bare
    return _UNIT_END.sub("", bare)


def _variants(bare: str) -> Iterable[tuple[str, bool]]:
    """A label and what it is without 其中, number, year, owner and 金额; with whether it was a part of something."""
    part = bool(_PART.match(bare))
    bare = _PART.sub("", bare)
    # A frame that a label is set into is read as 一 before it.
    seen: list[str] = [bare, bare[1:]] if bare.startswith("一") and len(bare) > FUZZY_LENGTH else [bare]
    for pattern in (_ORDINAL, _YEAR, _WHEN, _OWNER, _OWNER, _TAIL, _WHEN):
        for text in tuple(seen):
            shorter = pattern.sub("", text, count=1)
            if len(shorter) >= 2 and shorter not in seen:
                seen.append(shorter)
    return [(text, part) for text in seen]


def _deletions(text: str) -> list[tuple[int, str]]:
    return [(i, text[:i] + text[i + 1 :]) for i in range(len(text))]


class Vocabulary:
    """All labels of a kind of form, matched against noisy text."""

    def __init__(self, labels: Iterable[Label], *, reached: Iterable[str] = (), adjoining: Iterable[str] = ()) -> None:
        """:param reached: keys of how and where somebody is reached: many more words may stand before their labels
        :param adjoining: keys whose labels share a cell with nothing between them (联系人手机电子邮箱)
        """
        self._reached, self._adjoining = frozenset(reached), frozenset(adjoining)
        self._exact: dict[str, Label] = {}
        for label in labels:
            bare = plain_label(label.text)
            if bare not in self._exact or label.rank < self._exact[bare].rank:
                self._exact[bare] = label
        # Labels by what is left without one of their signs: two texts that meet there are one misread sign apart.
        self._without_one: dict[str, list[tuple[str, int]]] = {}
        for bare in self._exact:
            for index, shorter in _deletions(bare):
                self._without_one.setdefault(shorter, []).append((bare, index))
        self._cache: dict[tuple[str, int], Match | None] = {}

    def match(self, text: str, *, fuzzy: bool = True, score: float = 1.0) -> Match | None:
        """The label that this text is as a whole, or None. ``score``: the reader's, of the text."""
        text = _TWIN_WITH_YEAR.sub("", text)
        length = (SURE_LENGTH if score >= SURE_SCORE else FUZZY_LENGTH) if fuzzy else 0
        key = (text, length)
        if key not in self._cache:
            self._cache[key] = self._match(text, length) if 0 < len(text) <= MAX_LABEL else None
        return self._cache[key]

    def is_label(self, text: str) -> bool:
        return self.match(text) is not None

    def _match(self, text: str, fuzzy: int) -> Match | None:
        folded = _fold(text)
        bare = plain_label(folded)
        if len(bare) < 2 or _NO_LABEL.search(folded):
            return None
        hint = "".join(match["in"] for match in _BRACKETS.finditer(folded))
        year = _YEAR.search(bare)
        found = self._best(bare, fuzzy=0) or self._several(bare) or self._best(bare, fuzzy=fuzzy)
        if found is None:
            return None
        keys, label, rank, distance, part = found
        if keys == ("name",) and label.endswith(("名称", "全称")) and _STAMP_HINT.search(hint):
            rank = max(rank, 1)  # 企业名称（公章）: a seal's place, or the name written there
        elif _FOREIGN_HINT.search(hint) or _STAMP_HINT.search(hint):
            keys = ("",)
        return Match(keys, label, rank, distance, hint, int(year[1]) if year else None, part)

    def _best(self, bare: str, *, fuzzy: int) -> tuple[tuple[str, ...], str, int, int, bool] | None:
        variants = list(_variants(bare))
        for variant, part in variants:
            label = self._exact.get(variant)
            if label:
                return (label.key,), label.text, label.rank, 0, part
        modified = self._modified(bare) if fuzzy else None
        if modified:
            return (modified.key,), modified.text, modified.rank, 0, bool(_PART.match(bare))
        for variant, part in variants if fuzzy else ():
            near = self._near(variant, fuzzy)
            if near:
                return (near.key,), near.text, near.rank, 1, part
        return None

    def _modified(self, bare: str) -> Label | None:
        """A label behind words that do not make it another one: 申报工作联系人, 常用邮箱."""
        bare = _PART.sub("", bare)
        for start in range(1, len(bare) - LEAST_KNOWN + 1):
            label = self._exact.get(bare[start:])
            if label is None or not label.key or label.rank:
                continue
            words = _REACHED_WORDS if label.key in self._reached else _OWN_WORDS
            if words.fullmatch(bare[:start]):
                return label
        return None

    def _near(self, bare: str, shortest: int) -> Label | None:
        """The one label a single misread, lost or added sign away; None if there are two with different keys."""
        if len(bare) < shortest:
            return None
        # Where the reader was sure, one Chinese sign more is another label: 总部员工人数, 母公司注册地址.
        added = [(i, shorter) for i, shorter in _deletions(bare) if shorter in self._exact]
        one_less = [s for i, s in added if shortest < SURE_LENGTH or not CHINESE.match(bare[i])]
        one_more = [known for known, _ in self._without_one.get(bare, ())]
        misread = [
            known
            for index, shorter in _deletions(bare)
            for known, where in self._without_one.get(shorter, ())
            if where == index and len(known) >= shortest
        ]
        near = [self._exact[known] for known in (*misread, *one_less, *one_more)]
        return min(near, key=lambda label: label.rank) if len({label.key for label in near}) == 1 else None

    def _several(self, bare: str) -> tuple[tuple[str, ...], str, int, int, bool] | None:
        """手机/邮箱, 联系人/手机/电子邮箱: labels that share one cell; the sign between them may be lost."""
        signs = [(sign.start(), sign.end()) for sign in re.finditer(r"[/、及和与|,]", bare)]
        joints = [(at, at) for at in range(LEAST_KNOWN, len(bare) - 1)]
        for start, end in (*signs, *joints):
            first = self._best(bare[:start], fuzzy=0)
            second = first and (self._best(bare[end:], fuzzy=0) or self._several(bare[end:]))
            if first and second and start == end and not self._adjoining.issuperset(first[0] + second[0]):
                continue
            if first and second:
                keys = tuple(dict.fromkeys(first[0] + second[0]))
                return keys, bare, max(first[2], second[2]), 0, False
        return None

    def leading(self, text: str) -> tuple[Match, int] | None:
        """The longest label that a text begins with (exactly), and where the rest begins (after its brackets)."""
        for end in range(min(len(text) - 1, MAX_LABEL), 1, -1):
            head = text[:end]
            if CHINESE.search(head) and not (CHINESE.match(head[-1]) or head[-1] in ")）]】"):
                continue
            if head[-1] in " :：年度末底" or (text[end : end + 1] in "）)" and "（" not in head and "(" not in head):
                continue
            found = self.match(head, fuzzy=False)
            if found:
                return found, end
        return None
