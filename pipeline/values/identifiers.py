"""Identifiers that carry a check digit (统一社会信用代码, 注册号, 组织机构代码, 专利号), repaired where unique.

DOMAIN §4. A failed check digit is never proof of a forged code: some early codes are legal and fail it (§4.1).
Numbers of certificates, reports, phones: :mod:`pipeline.values.numbers`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from pipeline.values.numbers import (
    audit_report_no,
    certificate_key,
    compare_numbers,
    copyright_certificate_no,
    email,
    hi_tech_number,
    iso_number,
    mobile,
    phone,
    postcode,
    report_code,
    same_email,
    same_phone,
    sr_number,
)

__all__ = [
    "PatentNumber",
    "Repair",
    "audit_report_no",
    "certificate_key",
    "compare_numbers",
    "copyright_certificate_no",
    "edit_distance",
    "email",
    "find_uscc",
    "hi_tech_number",
    "iso_number",
    "looks_like_id_card",
    "mobile",
    "near_code",
    "org_check_char",
    "org_code_valid",
    "parse_org_code",
    "parse_patent_no",
    "phone",
    "postcode",
    "registration15_valid",
    "repair_uscc",
    "report_code",
    "same_email",
    "same_phone",
    "sr_number",
    "uscc_check_char",
    "uscc_org_valid",
    "uscc_valid",
]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O Z S V
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
# 登记管理部门 and the 机构类别 it may give (DOMAIN 4.1; those not listed there may give 1 and 9).
_DEPARTMENTS = {
    "1": "1239", "2": "19", "3": "1234579", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19", "9": "1239",
    "A": "19", "N": "1239", "Y": "1",
}  # fmt: skip

# What an OCR engine reads for a sign of the code. The first line are letters a code cannot hold.
_FORBIDDEN = {"O": "0QD", "I": "1", "Z": "2", "S": "5", "V": "UY", "|": "1", "!": "1", "$": "5", "○": "0", "〇": "0"}
_CONFUSED = {
    "0": "DQ", "1": "L7", "2": "7", "3": "8J", "4": "A", "5": "6", "6": "5G8", "7": "12", "8": "B36", "9": "8",
    "A": "4", "B": "8", "D": "0", "G": "6", "L": "1", "Q": "0", "U": "J", "J": "U3", "M": "N", "N": "M",
    "E": "F", "F": "E",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repair:
    """A code as read and as it must be.

    ``value``: 18 signs; ``repaired``: it differs from what was read (``from_``); ``valid``: the check digit of
    position 18 holds. ``span``: where it stood in the text.
    """

    value: str
    repaired: bool
    from_: str
    valid: bool = True
    span: tuple[int, int] = (0, 0)


def _compact(text: str) -> str:
    return re.sub(r"[\s\-_.·:,]", "", unicodedata.normalize("NFKC", text)).upper()


# ---------------------------------------------------------------------------------- 统一社会信用代码 (GB 32100-2015)


def uscc_check_char(first17: str) -> str:
    """The 18th sign for the first 17. Raises KeyError for a sign the alphabet lacks."""
    total = sum(_VALUE[c] * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def _uscc_shaped(code: str) -> bool:
    return (
        len(code) == 18
        and all(c in _VALUE for c in code)
        and code[1] in _DEPARTMENTS.get(code[0], "")
        and code[2:8].isdigit()
    )


def uscc_valid(code: str) -> bool:
    """Structure and check digit of position 18 (mod 31). Spaces, hyphens and width do not count."""
    code = _compact(code)
    return _uscc_shaped(code) and uscc_check_char(code[:17]) == code[17] and not looks_like_id_card(code)


def uscc_org_valid(code: str) -> bool:
    """Whether the organisation code within (positions 9 to 17) passes its own check too."""
    return org_code_valid(_compact(code)[8:17])


def looks_like_id_card(text: str) -> bool:
    """Whether this is a resident's 18-digit ID number (GB 11643: region, date of birth, ISO 7064 mod 11-2)."""
    code = _compact(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", code):
        return False
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(code[:17]))
    checked = "10X98765432"[total % 11] == code[17]
    if not checked or not 1900 <= born.year <= 2100:
        return False
    # A 91… company code can look like a date by chance; both its own checks holding settles it.
    return not (code[0] == "9" and uscc_check_char_matches(code) and org_code_valid(code[8:17]))


def uscc_check_char_matches(code: str) -> bool:
    """Whether sign 18 is the one that the first 17 ask for; False for signs or lengths that no code has."""
    return len(code) == 18 and all(c in _VALUE for c in code) and uscc_check_char(code[:17]) == code[17]


def _sound(code: str) -> bool:
    return uscc_valid(code) and org_code_valid(code[8:17])


def _forced(code: str) -> set[str]:
    """Readings of the letters a code cannot hold: each as its likeliest sign, at most one of them as its next."""
    likeliest = "".join(_FORBIDDEN.get(c, c)[0] for c in code)
    others = ((i, sign) for i, c in enumerate(code) for sign in _FORBIDDEN.get(c, "")[1:])
    return {likeliest} | {likeliest[:i] + sign + likeliest[i + 1 :] for i, sign in others}


def _one_more(code: str) -> set[str]:
    """``code`` with one sign replaced by one it is confused with."""
    return {code[:i] + other + code[i + 1 :] for i, c in enumerate(code) for other in _CONFUSED.get(c, "")}


def repair_uscc(text: str, *, boldly: bool = True) -> Repair | None:
    """The valid code that a cell's text (label allowed) shows, repaired only if exactly one repair passes both checks.

    Tried in this order, each step only if the one before gave nothing: as read; O→0, I→1, Z→2, S→5, V→U/Y (letters no
    code has); else one confused sign, or one sign too many. Never both: among so many candidates (each passes by chance
    once in 341) a wrong one would look unique. None where nothing or more than one thing passes.

    :param boldly: whether the last two repairs are tried; not for text that may be no code at all
    """
    read = re.sub(r"^.*?(?:信用代码|代码|CODE|NO)", "", _compact(text)) if len(text) < 200 else ""
    read = re.sub(r"[^0-9A-Z|!$○〇]", "", read)
    if uscc_valid(read):
        return Repair(read, False, read)
    if not 18 <= len(read) <= 19 or looks_like_id_card(read):
        return None
    forced = _forced(read)
    shortened = {c[:i] + c[i + 1 :] for c in forced for i in range(19)} if len(read) == 19 else set()
    confused = _one_more(read) if len(read) == 18 and forced == {read} else set()
    for candidates in (shortened or forced, confused) if boldly else (forced,):
        passing = {c for c in candidates if _sound(c)}
        if passing:
            return Repair(passing.pop(), True, read) if len(passing) == 1 else None
    return None


# 登记机关行政区划: provinces of GB/T 2260, and 10 for the national authorities
_AUTHORITIES = frozenset(
    f"{n}"
    for group in ((10, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 67), (71, 72), (81, 83))
    for n in range(*group)
)
LABEL_REACH = 12  # characters before a number in which 统一社会信用代码： must stand
_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z○〇|](?:[ \-]?[0-9A-Za-z○〇|]){17}(?![0-9A-Za-z])")


def find_uscc(text: str) -> tuple[Repair, ...]:
    """All codes in running text, in order: valid ones, uniquely repaired ones, code-shaped ones that fail their check.

    Those last have ``valid=False``. ID card numbers and other runs of 18 signs are left out.
    """
    text = unicodedata.normalize("NFKC", text[:100_000])
    found: list[Repair] = []
    for match in _RUN.finditer(text):
        read = _compact(match[0])
        labelled = "代码" in text[max(0, match.start() - LABEL_REACH) : match.start()]
        # An order or account number passes one check by chance once in 31.
        if not labelled and (read[2:4] not in _AUTHORITIES or (read.isdigit() and not _sound(read))):
            continue
        repair = repair_uscc(read, boldly=labelled)
        if repair is None and _uscc_shaped(read) and not looks_like_id_card(read):
            repair = Repair(read, False, read, valid=False)
        if repair:
            found.append(Repair(repair.value, repair.repaired, repair.from_, repair.valid, match.span()))
    return tuple(found)


# --------------------------------------------------------------------------------- 组织机构代码 (GB 11714-1997)

_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def org_check_char(first8: str) -> str:
    """The 9th sign; letters count A=10 … Z=35."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORG_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]


def org_code_valid(code: str) -> bool:
    """组织机构代码, 8 signs and a check sign, with or without hyphen."""
    code = _compact(code)
    return bool(re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code)) and org_check_char(code[:8]) == code[8]


def parse_org_code(text: str) -> str | None:
    """The first valid organisation code written ``xxxxxxxx-x`` in the text, as such."""
    for match in re.finditer(
        r"(?<![0-9A-Z])([0-9A-Z]{8})\s?-\s?([0-9X])(?![0-9A-Z])", unicodedata.normalize("NFKC", text).upper()
    ):
        if org_code_valid(match[1] + match[2]):
            return f"{match[1]}-{match[2]}"
    return None


# ----------------------------------------------------------------------------------------- 注册号 (GS15-2006)


def registration15_valid(code: str) -> bool:
    """Old 15-digit registration number (注册号): ISO 7064 mod 11,10."""
    code = _compact(code)
    if not re.fullmatch(r"[0-9]{15}", code):
        return False
    p = 10
    for digit in code[:14]:
        s = (p + int(digit)) % 10 or 10
        p = (2 * s) % 11
    return (p + int(code[14])) % 10 == 1


# --------------------------------------------------------------------------------------------------- 专利号

_PATENT_KINDS = {"1": "invention", "2": "utility", "3": "design", "8": "invention", "9": "utility"}
_PATENT = re.compile(
    r"(?:ZL|2L|Z1|CN)?\s*(?P<body>(?:(?:19|20)\s*[0-9]{2}\s*[12389]\s*(?:[0-9]\s*){7})|(?:[0-9]{2}\s*[12389]\s*(?:[0-9]\s*){5}))"
    r"(?:[.．。·,]\s*(?P<check>[0-9X×✕✗Kk*])?)(?![0-9])"
)


@dataclass(frozen=True, slots=True)
class PatentNumber:
    """``value``: ``ZL201710601862.3``; ``kind``: invention, utility, design; ``valid``: its check sign holds."""

    value: str
    kind: str
    year: int
    valid: bool


def _patent_check(body: str) -> str:
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    return "0123456789X"[sum(int(d) * w for d, w in zip(body, weights, strict=False)) % 11]


def parse_patent_no(text: str) -> PatentNumber | None:
    """The first patent (application) number: ``ZL 2017 1 0601862.3``, old ``ZL95115608.X``.

    A check sign lost after the point, or read ×, ✕ or K, is put back where the body asks for X.
    """
    for match in _PATENT.finditer(unicodedata.normalize("NFKC", text[:2000]).upper()):
        body = re.sub(r"\s", "", match["body"])
        due, check = _patent_check(body), match["check"] or ""
        check = "X" if due == "X" and check in ("", "×", "✕", "✗", "K", "*") else check
        if not check:
            continue
        long = len(body) == 12
        year = int(body[:4]) if long else (1900 if body[:2] >= "85" else 2000) + int(body[:2])
        return PatentNumber(f"ZL{body}.{check}", _PATENT_KINDS[body[4 if long else 2]], year, check == due)
    return None


# ------------------------------------------------------------------------------------------------- comparison


def edit_distance(a: str, b: str, *, limit: int = 4) -> int:
    """Levenshtein distance, or ``limit + 1`` as soon as it is more than ``limit``."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


NEAR_CODE_LENGTH = 10  # below it, one changed sign is simply another number


def near_code(a: str, b: str) -> bool:
    """Whether two long codes differ by one sign at most: the same thing misread, perhaps."""
    a, b = _compact(a), _compact(b)
    return min(len(a), len(b)) >= NEAR_CODE_LENGTH and edit_distance(a, b, limit=1) <= 1
