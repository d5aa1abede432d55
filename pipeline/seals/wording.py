"""What a seal's own words say: its kind (公章, 合同专用章 …) and the sort of organisation it names.

Rules from DOMAIN §6.1 (kinds), §6.2 (departments for commerce), §7 (issuers). Words come from a reading, so each is met
with a character missing, too.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from pipeline.values.names import is_commerce_department

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.model import SealKind, SealReading, SealRole

__all__ = [
    "accountant_text",
    "is_authority",
    "kind_of",
    "kind_wording",
    "may_be_authority",
    "names_issuer",
    "organisation_of",
    "person_of",
    "role_of_text",
    "special_wording",
    "special_words",
    "usual_line",
    "with_usual_end",
]

# Straight text that makes a seal something else than a 公章, the commonest first; a lost character must not hide it.
SPECIAL_WORDS: tuple[tuple[SealKind, re.Pattern[str]], ...] = (
    ("invoice", re.compile(r"发票|票专|票.用章|监制章")),
    ("contract", re.compile(r"合同|同专|合.专用|同.用章|业务合")),
    ("finance", re.compile(r"财务|财.专用|务专用章$|财专")),
    ("registration", re.compile(r"登记专用|登记.用章|登记章|备案专用|注册专用|登专用章")),
    ("other", re.compile(r"专用|专.章|用章$|[理务核批讫证查检]章(?:\||$)|投标|报关|骑缝|收发|工会")),
)
DEPARTMENT = re.compile(
    r"^[一-鿿]{1,8}(?:部|处|科|室|中心|项目部|办公室)$"
)  # 人事部, 服务贸易处: a part, no legal person
ENDS_OF_NAME = re.compile(
    r"(?:公司|事务所(?:（[一-鿿]+合伙）)?|[局厅委署院校]|委员会|学院|大学|中心|协会|合作社|基金会|银行|支行|研究所|厂|店)"
)
TAX_CODE = re.compile(
    r"^[0-9A-Z]{15,20}$"
)  # the tax number through the middle of an invoice seal: 18 signs, give or take
PERSON_SEAL = re.compile(r"^([一-鿿·]{2,4}?)(?:之印章|之印|之章|印章|印信|印|章)?$")
ACCOUNTANT = re.compile(r"注册会[计汁]师|[注汪]册会计|会计师[一-鿿]{2,4}\d{8}|注册.计师|师[一-鿿·]{2,4}\d{11,13}$")
ACCOUNTANT_NAME = re.compile(r"(?:会[计汁]师|师(?=[一-鿿·]{2,4}\d))(?:（[一-鿿]*）)?([一-鿿·]{2,4})(?=\d|$)")
ACCOUNTANT_WORDS = "中国注册会计师"
TITLED = re.compile(r"^([一-鿿]{6,8})([一-鿿·]{2,4}\d{11,13})$")  # title, name and number, none of them lost
AUTHORITY = re.compile(r"(?:[局厅委署部院]|委员会|中心|政府|办公室)$")
FIRM = re.compile(r"会计师事[务条]?所|计师事务所|会计师.务所|审计.?务所")
ISSUER = re.compile(
    r"市场监督|监督管理|工商行政|行政审批|知识产权|版权|著作权|专利|科学技术|科技[厅局委]|财政[厅局]|税务|认证|质量|检验|认可|民政[厅局]"
    r"|审批服务|事业单位登记|登记管理|教育[厅局委]|人力资源和社会保障|公安|发展和改革|工业和信息化|监制|登记机关|标准化|中国合格评定"
)


OFFICE_OR_PLACE = re.compile(r"[省市区县州盟旗局厅委署]|政府|国家")
NO_AUTHORITY = re.compile(r"公司|[学医]院|学校|大学|集团|协会|中心$|园区?$|银行|合作社|基金会")


def special_words(reading: SealReading) -> str:
    """The straight text and whatever follows an organisation's name on the ring, joined."""
    ring = reading.candidates[0].text if reading.candidates else ""
    return "|".join([*_lines(reading), _after_name(ring)])


def _after_name(ring: str) -> str:
    """专用章 wording that stands on the ring behind the name: 某某有限公司合同专用章."""
    ends = [m.end() for m in ENDS_OF_NAME.finditer(ring)]
    inner = [end for end in ends if "章" in ring[end:]]
    return ring[inner[-1] :] if inner else (ring if ring.endswith("章") else "")


def organisation_of(text: str) -> str:
    """The organisation a ring names, without 专用章 wording behind it."""
    tail = _after_name(text)
    return text[: -len(tail)] if tail and tail != text else text


def kind_of(reading: SealReading) -> SealKind:
    """What kind of seal this is. Without a word against it a round or oval ring is a 公章 (official).

    An oval one may be a foreign-owned company's, DOMAIN §6.1.
    """
    ring = reading.candidates[0].text if reading.candidates else ""
    if reading.shape in ("square", "rectangle"):
        return _boxed_kind(ring)
    words = special_words(reading)
    for kind, pattern in SPECIAL_WORDS:
        if pattern.search(words):
            return kind
    if "工会" in ring or any(DEPARTMENT.match(text) for text in _lines(reading)):
        return "other"
    if reading.shape == "oval" and any(TAX_CODE.match(re.sub(r"\W", "", text.upper())) for text in reading.straight):
        return "invoice"
    return "official"


WORDING: Mapping[SealKind, str] = {"contract": "合同专用章", "finance": "财务专用章", "invoice": "发票专用章"}
# Straight text as engravers set it; of a worn line that shows a part of one, it is that one.
USES = (
    "计算机软件著作权登记专用章", "合同专用章", "财务专用章", "发票专用章", "业务专用章", "年检专用章", "登记专用章",
    "行政审批专用章", "档案专用章", "人事专用章", "投标专用章", "报告专用章", "审计专用章", "证书专用章", "认证专用章",
    "结算专用章", "回单专用章", "受理专用章", "征税专用章", "核验专用章", "检测专用章", "出口专用章",
    "服务贸易处", "外资管理专用章", "计算机软件著作权", "人事处", "教务处", "财务处", "学生处", "科研处", "办公室",
    "人力资源部", "人事部", "人事科", "财务部", "财务科", "行政部", "市场部", "工程部", "项目部", "销售部", "综合部",
    "质检部", "销售总公司", "学生工作办公室",
    "专利受理专用章", "专利受理章", "专利审查业务章", "专利收费专用章", "备案专用章", "检验检测专用章",
)  # fmt: skip
TAIL = "专用章"
SURE_SIGN = 0.9  # probability from which a sign of a line stands as it was read
MOST_APART = 2.5  # times as many signs as may differ
LONG_USE, LONG_LINE, USE_SHARE = 10, 8, 0.6  # signs of a wording so long that this share of it tells it, in their order
LEAST_OF_USE = 3  # signs of a line that show which it is
LEAST_REPAIRED = 5  # … by all but one of them: 人事部 with an unsure 部 is not 人事处
DATED = re.compile(
    r"[一二三四五六七八九十〇]{2,}年|月.{1,3}日|\d[月日]|[年月]\d|\d{4}年(?!度)|[〇○零一二三四五六七八九]{4}年"
    r"|^[〇○零一二三四五六七八九十]{3,}$"
)
NUMBERED = re.compile(r"^[（(]\d{1,2}[）)]$")  # of several seals of one organisation
NUMBER_BEHIND = re.compile(r"[（(]?\d{1,2}[）)]?$")
CHINESE = re.compile(r"[一-鿿]")


def special_wording(text: str) -> bool:
    """Whether a line says what a seal is for, be a character lost or not."""
    return any(pattern.search(text) for _, pattern in SPECIAL_WORDS) or bool(re.search(r"年检|年度|章$|分局", text))


def _said(line: str, ring: str) -> bool:
    """Whether a line is part of the ring's name: print of the same name runs across many a seal."""
    return _shared(ring, line) >= 0.6 * len(line)


def _lines(reading: SealReading) -> list[str]:
    """The straight text, a line that lost its ends or a sign put right where only one wording is such a line."""
    return [_whole_use(re.sub(r"\s", "", text)) for text in reading.straight]


def _whole_use(line: str) -> str:
    if line in USES or len(line) < LEAST_OF_USE:
        return line
    begun = sorted((use for use in USES if line in use), key=len)
    if begun:  # 利受理 is cut from the shorter of two that hold it
        return begun[0] if len(begun) == 1 or len(begun[0]) - len(line) <= 2 < len(begun[1]) - len(line) else line
    near = [use for use in USES if len(use) == len(line) and sum(a != b for a, b in zip(use, line, strict=True)) == 1]
    return near[0] if len(near) == 1 and len(line) >= LEAST_REPAIRED else line


def usual_line(text: str, scores: Sequence[float]) -> str:
    """The one usual wording of a straight line from which it differs only in unsure signs, "" where there is none.

    The tail 专用章 is put right by itself: what stands before says what a seal is for and must have been read. A number
    behind it, (1), stays.
    """
    behind = NUMBER_BEHIND.search(text)
    line, number = (text[: behind.start()], behind[0]) if behind else (text, "")
    if len(line) >= len(TAIL) + 2 and sum(a != b for a, b in zip(line[-3:], TAIL, strict=True)) == 1:
        line = line[:-3] + TAIL
    apart = {use: wrong for use in USES if (wrong := _apart(line, use, scores)) is not None}
    near = [use for use, wrong in apart.items() if wrong == min(apart.values())]
    if len(near) == 1:
        return near[0] + number
    long = [use for use in USES if len(use) >= LONG_LINE and _shared(use, line) >= USE_SHARE * len(use)]
    if len(long) == 1 and not number:
        return long[0]
    return line + number if line.endswith(TAIL) else ""


def _apart(line: str, use: str, scores: Sequence[float]) -> int | None:
    """In how many signs a line is apart from a wording as long; None if in too many, or in one that is sure."""
    if len(use) != len(line):
        return None
    wrong = [score for a, b, score in zip(use, line, scores, strict=False) if a != b]
    if wrong and (len(use) < LEAST_REPAIRED or len(wrong) * MOST_APART > len(use)):
        return None
    return len(wrong) if all(score < SURE_SIGN for score in wrong) else None


def _shared(use: str, line: str) -> int:
    """Signs of a wording that a line holds in their order."""
    return sum(block.size for block in SequenceMatcher(None, use, line, autojunk=False).get_matching_blocks())


def with_usual_end(text: str, scores: Sequence[float]) -> str:
    """A boxed seal's text, its end put right where it is a usual one but for unsure signs: 财务专用章, 之印."""
    if len(text) == len("张三之印") and text[-2] == "之" and scores[-1] < SURE_SIGN:
        return text[:-1] + "印"
    known = usual_line(text[-5:], scores[-5:]) if len(text) > len("财务专用章") else ""
    return text[:-5] + known if len(known) == len("财务专用章") else text


def kind_wording(reading: SealReading, kind: SealKind) -> str:
    """What the straight text adds to the seal's name in writing (某某有限公司合同专用章), "" for nothing.

    A kind that is known says how its line ends, whatever a worn 章 is read as. Of other lines all that say something
    count, top down: no number, no date, nothing that the ring says already.
    """
    if reading.shape not in ("round", "oval") or kind == "personal":
        return ""
    lines = _lines(reading)
    if kind in WORDING:
        pattern = next(pattern for known, pattern in SPECIAL_WORDS if known == kind)
        return WORDING[kind] if any(pattern.search(line) for line in lines) else ""
    ring = reading.candidates[0].text if reading.candidates else ""
    plain = [re.sub(r"\s", "", text) for text in reading.straight]
    if joined := _joined_use("".join(plain)):
        lines = [joined]  # one wording in two lines
    said = [line for line in lines if NUMBERED.match(line) or _says(line, ring)]
    return "".join(_whole_use(line) for line in said)


def _says(line: str, ring: str) -> bool:
    return len(CHINESE.findall(line)) >= 2 and not DATED.search(line) and not _said(line, ring)


def _joined_use(text: str) -> str:
    """The wording that lines make together, "" where they make none; a long one is told by most of its signs."""
    whole = _whole_use(text)
    if whole in USES:
        return whole
    for use in USES:
        if len(use) >= LONG_USE and _shared(use, text) >= USE_SHARE * len(use):
            return use
    return ""


def _boxed_kind(text: str) -> SealKind:
    if ACCOUNTANT.search(text):
        return "personal"
    for kind, pattern in SPECIAL_WORDS:
        if pattern.search(text):
            return kind
    return "personal" if PERSON_SEAL.match(text) else "other"


def person_of(reading: SealReading) -> str | None:
    """The person a name seal bears, None for others."""
    text = reading.candidates[0].text if reading.candidates else ""
    named = ACCOUNTANT_NAME.search(text)
    if named:
        return named[1]
    if reading.shape not in ("square", "rectangle"):
        return None
    plain = PERSON_SEAL.match(text)
    return plain[1] if plain else None


def accountant_text(text: str) -> str:
    """A certified accountant's seal with its title put right: all of them begin with the same words (DOMAIN §3.2)."""
    titled = TITLED.match(text)
    at = text.find("师")
    if titled is None or not 5 <= at <= 7 or ACCOUNTANT_WORDS in text or not ACCOUNTANT.search(text):
        return text
    return ACCOUNTANT_WORDS + text[at + 1 :]


def is_authority(text: str) -> bool:
    """Whether a name is that of an office of the state, whatever its field."""
    return bool(AUTHORITY.search(text))


def names_issuer(text: str) -> bool:
    """Whether it holds the words of an authority that registers, licenses or certifies."""
    return bool(ISSUER.search(text)) and not FIRM.search(text)


def may_be_authority(text: str) -> bool:
    """Whether a ring, however badly read, may name an authority: a place and an office, no company and no firm."""
    return bool(OFFICE_OR_PLACE.search(text)) and not NO_AUTHORITY.search(text) and not FIRM.search(text)


def role_of_text(text: str) -> SealRole:
    """The role that an organisation's sort tells by itself: "unknown" for a company."""
    if "注册会计师协会" in text:
        return "issuer"  # 年检专用章 on a CPA's card
    if ACCOUNTANT.search(text) and not FIRM.search(text):
        return "cpa"
    if FIRM.search(text):
        return "audit_firm"
    if is_commerce_department(text):
        return "commerce_department"
    if ISSUER.search(text):
        return "issuer"
    return "unknown"
