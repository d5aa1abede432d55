"""Personal data (个人信息) taken out of text that leaves the house: a mail, a message to a group.

What goes: mobile and telephone numbers, ID card numbers, e-mail addresses, and names of persons where they can be told
(after a word such as 联系人, or two or three signs alone that begin with a frequent surname). Names of companies and
numbers of applications stay. Nothing of what is taken out is shown: who reads a digest needs none of it, and a word too
many that is hidden costs a look.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

__all__ = ["MASK", "masked", "masked_number"]

MASK = "***"
LONGEST = 5_000  # signs of one text: patterns that look back and forth stay quick

_DIGIT = "[0-9〇零一二三四五六七八九幺]"
_BETWEEN = r"[ \-‐-―_()（）]{0,3}"
# Eleven digits or more, written together or in groups: a mobile, a telephone with its area, an ID card, an account.
_LONG = re.compile(rf"(?:\+\s?)?{_DIGIT}(?:{_BETWEEN}{_DIGIT}){{10,}}[Xx]?")
# A mobile in groups that dots or strokes part, as dates and addresses of machines are.
_GROUPS = re.compile(rf"1[3-9][0-9]{_BETWEEN}[.·/,]?{_BETWEEN}[0-9]{{4}}{_BETWEEN}[.·/,]?{_BETWEEN}[0-9]{{4}}")
_AT = r"\s{0,2}(?:@|[(\[{<]\s?at\s?[)\]}>])\s{0,2}"
# No word has more than 64 signs before the @; what stands before those stays, and is no address.
_EMAIL = re.compile(
    rf"[\w.+%&'*/=?^`{{|}}~!#$-]{{1,64}}{_AT}[\w-]{{1,63}}(?:\s?[.。]\s?[\w-]{{1,63}}){{0,8}}", re.IGNORECASE
)
_STAMPS = {12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S"}  # scanners call files by the time: they stay

_WORDS = (
    "法定代表人|法人代表|法人姓名|法人|代表人|负责人|联系人|经办人|申报人|填表人|审核人|收件人|寄件人|姓名|签字人|"
    "legal[ _]representative|contact(?:[ _]person)?|person in charge|signatory|full name"
)
_LATIN_NAME = r"[A-Za-z][A-Za-z'’-]*(?:[ .·][A-Z][A-Za-z'’-]*){0,3}"
_AFTER_WORD = re.compile(
    rf"(?P<word>(?i:{_WORDS}))(?P<between>[\s:：=为是\"“‘'（(\[]{{1,4}})(?P<name>[\u3400-\u9fff·]{{2,8}}|{_LATIN_NAME})"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石韦贾夏付邹熊孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖庞樊兰殷施洪翟倪俞章鲁葛"
)
_DOUBLE = "欧阳|上官|司马|诸葛|司徒|东方|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙"
_NO_NAMES = (
    "高新|江苏|江西|常州|万元|万人|江门|石家庄|马鞍山|施工|任务|高级|常见|常用|易读|向下|向上|余额|程序|史料|康复|章程"
)
_ALONE = re.compile(
    rf"(?<![\u3400-\u9fff])(?!(?:{_NO_NAMES})(?![\u3400-\u9fff]))"
    rf"(?:[{_SURNAMES}][\u3400-\u9fff]{{1,2}}|(?:{_DOUBLE})[\u3400-\u9fff]{{1,2}})(?![\u3400-\u9fff])"
)

# Within a number of an application: a mobile, or an ID card.
_LIKE_A_PERSON = re.compile(r"(?<![0-9])1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}(?![0-9])|[0-9]{17}[0-9Xx]")


def masked(text: str) -> str:
    """The text without personal data, in signs of usual width (full-width digits hide nothing)."""
    plain = _without_names(_plain(text))  # first: 张三 138… is a name and a number, though 三 is a numeral
    plain = _EMAIL.sub(MASK, plain)
    plain = _LONG.sub(_hidden, plain)
    plain = _GROUPS.sub(MASK, plain)
    return _without_names(plain)


def masked_number(number: str) -> str:
    """A number of an application as it may leave: letters, digits and hyphens; anything else is a stranger's text."""
    plain = _plain(number)
    usual = re.fullmatch(r"[A-Za-z0-9_-]{1,40}", plain) and not _LIKE_A_PERSON.search(plain)
    return plain if usual else masked(number)[:40]


def _without_names(text: str) -> str:
    return _ALONE.sub(MASK, _AFTER_WORD.sub(lambda m: f"{m['word']}{m['between']}{MASK}", text))


def _plain(text: str) -> str:
    """Signs of usual width, and none that cannot be seen: digits that one parts are a number all the same."""
    seen = "".join(c for c in text[:LONGEST] if unicodedata.category(c) not in {"Cf", "Cs", "Mn", "Me"})
    folded = unicodedata.normalize("NFKC", seen)
    # What folding makes may again hold such a sign, and digits of other scripts stay what they are: numbers.
    return "".join(
        str(digit) if (digit := unicodedata.digit(c, None)) is not None else c
        for c in folded
        if unicodedata.category(c) not in {"Cf", "Mn", "Me"}
    )


def _hidden(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return found[0] if _is_stamp(digits) and found[0][-1:] not in "Xx" else MASK


def _is_stamp(digits: str) -> bool:
    """Whether digits are a time of this century, as scanners call their files."""
    form = _STAMPS.get(len(digits))
    if form is None or not digits.startswith("20"):
        return False
    try:
        datetime.strptime(digits[:14], form)
    except ValueError:
        return False
    return True
