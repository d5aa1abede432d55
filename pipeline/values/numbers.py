"""Numbers without a check digit (证书编号, 文号, 登记号, 电话): found, normalised and compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

__all__ = [
    "audit_report_no",
    "certificate_key",
    "compare_numbers",
    "copyright_certificate_no",
    "email",
    "email_as_read",
    "hi_tech_number",
    "iso_number",
    "mobile",
    "phone",
    "postcode",
    "report_code",
    "same_email",
    "same_phone",
    "sr_number",
]

NumberMatch = Literal["equal", "near", "different"]

MAX_TEXT = 20_000  # characters of a page
MAX_CELL = 1_000  # of a cell or line, for patterns that look back and forth
_DIGIT_FOLD = str.maketrans({"O": "0", "o": "0", "〇": "0", "○": "0", "I": "1", "l": "1", "|": "1"})


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:MAX_TEXT])


# ------------------------------------------------------------------------------------------------ certificates

_SR = re.compile(r"(?<![0-9])((?:19|20)[0-9Oo]{2})\s*(?:S|5|8)\s*(?:R|B)\s*([0-9OoIl]{6,7})(?![0-9])")
_EARLY_SR = re.compile(r"(?<![0-9])((?:199[0-9]|200[0-9]|2010))SR([0-9]{4,5})(?![0-9])")


@lru_cache(maxsize=1_024)
def sr_number(text: str) -> str | None:
    """软件著作权登记号: ``2014SR001852`` (also out of the wrong hybrid 软著登字第2016SR172900号)."""
    bare = _nfkc(text).replace(" ", "")
    match = _SR.search(bare) or _EARLY_SR.search(bare)  # serials were short while few registered
    return f"{match[1].translate(_DIGIT_FOLD)}SR{match[2].translate(_DIGIT_FOLD)}" if match else None


_COPYRIGHT = re.compile(r"软[著着][登登]?字第([0-9OoIl]{6,9})号?")


def copyright_certificate_no(text: str) -> str | None:
    """证书号 of a software copyright: ``软著登字第0671096号``."""
    match = _COPYRIGHT.search(re.sub(r"\s", "", _nfkc(text)))
    return f"软著登字第{match[1].translate(_DIGIT_FOLD)}号" if match else None


_HI_TECH = re.compile(r"(?<![0-9A-Z])[G6][RB]\s*(2[0Oo][0-9OoIl]{10})(?![0-9])", re.IGNORECASE)


def hi_tech_number(text: str) -> str | None:
    """高新技术企业证书编号: ``GR202111000001`` (GR, year, province, serial)."""
    match = _HI_TECH.search(re.sub(r"\s", "", _nfkc(text)))
    return f"GR{match[1].upper().translate(_DIGIT_FOLD)}" if match else None


# 机构号 3 + 年 2 + 体系 + 流水 + R 再认证次数 + 规模 (CNCA), e.g. 03410Q10286R0S, 016ZB20Q31234R2M-1
_ISO = re.compile(
    r"(?<![0-9A-Z])((?:CNAS\s?C?)?[0-9]{3}(?:[A-Z]{2})?[0-9]{2}(?:Q|E|S|I|IS|ISMS|IT|ITSM|ITS|F|H|EN)[A-Z0-9]{0,4}[0-9]{3,7}R[0-9OMLS]{1,2}"
    r"[LMS]?(?:C?MN)?(?:[-/][0-9A-Z]{1,4})*)(?![0-9A-Z])"
)
_LABELLED = re.compile(
    r"(?:证书(?:编号|号码?|注册号)|注册号|编号|certificate\s*(?:registration\s*)?(?:no|number)|registration\s*(?:no|number)|cert\s*no)"
    r"\s*[.:：]*\s*((?=[A-Z0-9\-/. ()]*[0-9])[A-Z0-9][A-Z0-9\-/.()]*(?: [A-Z0-9\-/.()]*[0-9][A-Z0-9\-/.()]*)*)",
    re.IGNORECASE,
)


def iso_number(text: str) -> str | None:
    """Number of a management-system certificate: CNCA's pattern, else what a label (证书编号) names."""
    text = _nfkc(text[:MAX_CELL])
    found = _ISO.search(text.upper())
    if found:
        return found[1].replace(" ", "")
    match = _LABELLED.search(text)
    number = match[1].strip(" .-/") if match else ""
    return number.upper() if len(number) >= 4 else None


@lru_cache(maxsize=1_024)  # each number is held against every other of its application
def certificate_key(text: str) -> str:
    """A number for comparison: NFKC, upper case, without brackets, spaces, punctuation, 第…号 and a leading ZL."""
    key = re.sub(r"[^0-9A-Z\u4e00-\u9fff]", "", _nfkc(text).upper())
    key = re.sub(r"^ZL(?=[0-9]{8})|^CN(?=[0-9]{8})", "", key)
    return re.sub(r"第|号$", "", key)


_CONFUSABLE = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "G": "6"})


def compare_numbers(a: str, b: str) -> NumberMatch:
    """Two certificate or report numbers: ``equal`` under :func:`certificate_key`, ``near`` if only signs that OCR
    confuses (or one sign of ten and more) differ, else ``different``. Empty text is different from everything.

    A near number may be another certificate of a series: only an unsure reading makes it the same.
    """
    left, right = certificate_key(a), certificate_key(b)
    if not left or not right:
        return "different"
    sr = sr_number(a), sr_number(b)
    if left == right or (sr[0] is not None and sr[0] == sr[1]):
        return "equal"
    if left.translate(_CONFUSABLE) == right.translate(_CONFUSABLE):
        return "near"
    if len(left) == len(right) >= 10 and sum(x != y for x, y in zip(left, right, strict=True)) == 1:
        return "near"
    return "different"


# ----------------------------------------------------------------------------------------------- audit reports

_OPEN, _CLOSE = r"[\[(〔【]", r"[\])〕】]"
# DOMAIN 3.3, on NFKC text with brackets made square.
_REPORT_NO = re.compile(
    r"(?=[^号\n]{0,40}(?:审|报字|业字|会字|苏公W|XYZH))"
    r"(?:XYZH/[0-9]{4}[A-Z]{2,4}[0-9]?[A-Z]?[0-9]+"
    r"|苏公W\[[0-9]{4}\][A-Z]?[0-9]+号"
    r"|[\u4e00-\u9fa5]{2,10}(?:\[[\u4e00-\u9fa5]\])?[\u4e00-\u9fa5]{0,4}(?:\[(?:20)?[0-9]{2}\])?(?:审字)?第?[A-Z0-9_\-]+号)"
)
_REPORT_LABEL = re.compile(r"^.*?(?:报告文号|报告编号|报告书编号|报告字号|文号|编号)[::]?")


def audit_report_no(text: str) -> str | None:
    """文号 of an audit report, brackets as ``[2023]``, or None. Meant for the report's first pages, line by line."""
    for line in _nfkc(text).splitlines():
        line = re.sub(r"\s", "", line)
        line = re.sub(_CLOSE, "]", re.sub(_OPEN, "[", line))
        line = _REPORT_LABEL.sub("", line)
        match = _REPORT_NO.search(line)
        if match:
            return match[0]
    return None


_PROVINCE_SIGNS = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_REPORT_CODE = re.compile(rf"([{_PROVINCE_SIGNS}][0-9]{{2}}[0-9A-Z]{{8}})(?![0-9A-Z])")


def report_code(text: str) -> str | None:
    """报告编码 of the finance ministry's platform: ``京25CLW5B6TX`` (DOMAIN 3.4); not the 文号."""
    match = _REPORT_CODE.search(re.sub(r"[ \t]", "", _nfkc(text)).upper())
    return match[1] if match else None


# ------------------------------------------------------------------------------------------------------- contacts

_MOBILE = re.compile(r"(?<![0-9])(?:\+?86|0086)?-?(1[3-9][0-9]{9})(?![0-9])")
_PHONE = re.compile(
    r"(?<![0-9])(?:\(?(010|02[0-9]|0[3-9][0-9]{2})\)?-?)([2-9][0-9]{6,7})(?:(?:-|转|EXT\.?)([0-9]{1,6}))?(?![0-9])",
    re.IGNORECASE,
)
_HOTLINE = re.compile(r"(?<![0-9])([48]00)-?([0-9]{3,4})-?([0-9]{3,4})(?![0-9])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")
_DIGITS_ONLY = re.compile(r"[OoIl](?=[0-9])|(?<=[0-9])[OoIl]")


def _dial(text: str) -> str:
    text = re.sub(r"[‐‑‒–—―－一]", "-", _nfkc(text))
    text = re.sub(r"(?<=[0-9])[\s.](?=[0-9])|\s", "", text)
    return re.sub(r"-+", "-", _DIGITS_ONLY.sub(lambda m: m[0].translate(_DIGIT_FOLD), text))


def mobile(text: str) -> str | None:
    """手机: eleven digits, without +86, spaces and hyphens."""
    dial = _dial(text)
    match = _MOBILE.search(dial) or _MOBILE.search(dial.replace("-", ""))
    return match[1] if match else None


def phone(text: str) -> str | None:
    """Any telephone number: mobile, ``010-12345678`` with ``-123`` for an extension (转123), or ``400-123-4567``."""
    found = mobile(text)
    if found:
        return found
    dial = _dial(text)
    match = _PHONE.search(dial)
    if match:
        return f"{match[1]}-{match[2]}" + (f"-{match[3]}" if match[3] else "")
    hotline = _HOTLINE.search(dial)
    return "-".join((hotline[1], *_thirds(hotline[2] + hotline[3]))) if hotline else None


def _thirds(digits: str) -> tuple[str, str]:
    return digits[:3], digits[3:]


def same_phone(a: str, b: str) -> bool:
    """Whether two texts name the same telephone (an extension that only one of them has does not count)."""
    left, right = phone(a), phone(b)
    if left is None or right is None:
        return bool(a.strip()) and re.sub(r"[^0-9]", "", _nfkc(a)) == re.sub(r"[^0-9]", "", _nfkc(b)) != ""
    return left == right or (left.count("-") != right.count("-") and (left.startswith(right) or right.startswith(left)))


def email_as_read(text: str) -> str | None:
    """The first e-mail address with the capitals that were read."""
    compact = re.sub(r"\s", "", _nfkc(text[:MAX_CELL])).replace("。", ".").replace(",", ".")
    compact = re.sub(r"^.*?(?:邮箱|邮件|E-?MAIL)(?:地址)?:?", "", compact, flags=re.IGNORECASE)
    match = _EMAIL.search(compact)
    return match[0] if match else None


def email(text: str) -> str | None:
    """The first e-mail address, lower case; spaces and full-width signs forgiven, comma for point too."""
    read = email_as_read(text)
    return read.lower() if read else None


def same_email(a: str, b: str) -> bool:
    """Whether two texts hold the same address, case not counting."""
    left, right = email(a), email(b)
    return left is not None and left == right


def postcode(text: str) -> str | None:
    """邮政编码: six digits standing alone."""
    match = re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", _nfkc(text))
    return match[0] if match else None
