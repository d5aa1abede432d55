"""Dates and years in every notation of paper (日期): 2023年4月20日, 二〇二三年四月二十日, 贰零贰叁年, 2023.4.20.

OCR's variants of 〇 (○ ◯ 零 O o 0 。) and spaces between all characters are taken; what is no day of the calendar
is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from pipeline.values.numerals import DIGITS, positional, small_number

__all__ = ["Span", "find_dates", "is_long_term", "parse_date", "parse_year"]

Span = tuple[int, int]

FIRST_YEAR, LAST_YEAR = 1900, 2100  # what a date on such paper can lie between
MAX_TEXT = 20_000  # characters: a page of prose has 3,000

# One character in, one out, so that spans hold for the caller's text.
_FOLD = str.maketrans(
    {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}  # full width
    | {"\u3000": " ", "\xa0": " ", "－": "-", "—": "-", "–": "-", "−": "-", "‐": "-", "‑": "-", "﹣": "-"}
    | {"．": ".", "·": ".", "・": ".", "年": "年", "曰": "日", "⽉": "月", "⽇": "日", "⼆": "二", "⼗": "十"}
)
_ZEROS = "零〇○◯0OoОοΟ"
_CN = "".join(DIGITS)
_YEAR_SIGN = f"[0-9{_CN}OoОοΟ。口]"  # 。 and 口 stand for 〇 only inside a year that 年 follows
_NUM = rf"(?:[{_ZEROS}]?\s?[{_CN}]?\s?[十拾廿卅]\s?[{_CN}]?|[0-9OolI]\s?[0-9OolI]?|[{_CN}]\s?[{_CN}]?)"
_CHINESE = re.compile(
    rf"(?<![0-9])(?P<y>{_YEAR_SIGN}(?:\s?{_YEAR_SIGN}){{3}})\s*年\s*(?P<m>{_NUM})\s*月\s*(?P<d>{_NUM})(?:\s*[日号]|(?![0-9{_CN}十拾年月]))"
)
_DIGIT = "[0-9Oo]"
_SEPARATED = re.compile(
    rf"(?<![0-9A-Za-z.])(?P<y>[12]{_DIGIT}{{3}})\s?(?P<sep>[./-])\s?(?P<m>{_DIGIT}{{1,2}})\s?(?P=sep)\s?(?P<d>{_DIGIT}{{1,2}})"
    r"(?![0-9A-Za-z]|[./-][0-9])|(?<![0-9A-Za-z.])(?P<y2>[12][0-9]{3})-(?P<m2>[0-9]{2})-(?P<d2>[0-9]{2})(?=T[0-9])"
)
_COMPACT = re.compile(
    r"(?:(?<![0-9A-Za-z.,-])|(?<=[0-9]{8}-))(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?![0-9A-Za-z.,]|-[A-Za-z])"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_ENGLISH = (
    re.compile(
        rf"(?<![A-Za-z]){_MONTH}\.?\s*(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<y>[12][0-9]{{3}})(?![0-9])", re.I
    ),
    re.compile(
        rf"(?<![0-9])(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s/-]*(?:of\s+)?{_MONTH}\.?[\s,/-]*(?P<y>[12][0-9]{{3}})(?![0-9])",
        re.I,
    ),
)


def _number(text: str) -> int | None:
    compact = re.sub(r"\s", "", text)
    return small_number(re.sub(rf"[{_ZEROS}]", "0", compact).replace("l", "1").replace("I", "1"))


def _day(year: str, month: str, day: str) -> date | None:
    digits = positional(re.sub(r"[OoОοΟ。口]", "0", re.sub(r"\s", "", year)))
    m = _MONTHS.index(month[:3].lower()) + 1 if month[:1].isalpha() and month[:3].lower() in _MONTHS else _number(month)
    d = _number(day)
    if digits is None or m is None or d is None or not FIRST_YEAR <= int(digits) <= LAST_YEAR:
        return None
    try:
        return date(int(digits), m, d)
    except ValueError:
        return None


def _matches(text: str) -> Iterator[tuple[date, Span]]:
    for pattern in (_CHINESE, _SEPARATED, _COMPACT, *_ENGLISH):
        for match in pattern.finditer(text):
            named = {key: value for key, value in match.groupdict().items() if value is not None}
            found = _day(named.get("y") or named["y2"], named.get("m") or named["m2"], named.get("d") or named["d2"])
            if found:
                yield found, match.span()


def find_dates(text: str) -> tuple[tuple[date, Span], ...]:
    """All full dates of the text in order, with their span ``(start, end)`` in it."""
    found = sorted(_matches(text[:MAX_TEXT].translate(_FOLD)), key=lambda item: (item[1][0], -item[1][1]))
    kept: list[tuple[date, Span]] = []
    for day, span in found:
        if not kept or span[0] >= kept[-1][1][1]:
            kept.append((day, span))
    return tuple(kept)


def parse_date(text: str) -> date | None:
    """The first full date of a cell, whatever stands around it; None where there is none (长期, a bare month)."""
    found = find_dates(text)
    return found[0][0] if found else None


_LONG = re.compile(r"长期|長期|永久|永续|无固定期限|不约定期限")


def is_long_term(text: str) -> bool:
    """Whether a term is open (长期, 无固定期限)."""
    return bool(_LONG.search(re.sub(r"\s", "", text)))


_YEAR_MARKED = re.compile(rf"(?<![0-9{_CN}])({_YEAR_SIGN}(?:\s?{_YEAR_SIGN}){{3}})\s*年")
_YEAR_BARE = re.compile(r"(?<![0-9.,])((?:19|20)[0-9O]{2})(?![0-9,]|\.[0-9]{3,})")
_YEAR_WORDS = re.compile(rf"(?<![{_CN}])([二贰一壹][{_CN}OoO]{{3}})(?![{_CN}])")


def parse_year(text: str) -> int | None:
    """The first year named: 2022年度, 二〇二二年度, 贰零贰贰年, FY2022, 2022-12-31; None where there is none."""
    text = text[:MAX_TEXT].translate(_FOLD)
    for pattern in (_YEAR_MARKED, _YEAR_BARE, _YEAR_WORDS):
        for match in pattern.finditer(text):
            digits = positional(re.sub(r"[OoОοΟ。口]", "0", re.sub(r"\s", "", match[1])))
            if digits is not None and FIRST_YEAR <= int(digits) <= LAST_YEAR:
                return int(digits)
    return None
