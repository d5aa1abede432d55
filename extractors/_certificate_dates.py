"""Dates on certificates: issued, valid until (printed or by a term), led to by a sentence, alone under a seal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from extractors._certificate import Parsed, best, made_field
from extractors._fields import field_of
from extractors._layout import Found, Layout
from extractors._wording import squeeze
from pipeline.model import Box, Field, Line, ReadPage
from pipeline.tables.grid import rows_of
from pipeline.values.dates import find_dates, is_long_term, parse_date
from pipeline.values.numerals import small_number

__all__ = ["BY_RULE", "date_of", "date_under_seal", "in_order", "later", "spoken_date", "term_years", "valid_until"]

SPANS = ("营业期限", "经营期限", "合伙期限")  # labels of a begin and an end: a day alone is the begin
BY_RULE = 0.9  # trust in a date that was computed from a term


def date_of(text: str) -> Parsed | None:
    """The one date of a text."""
    found = find_dates(text)
    if not found:
        return None
    return Parsed(found[0][0].isoformat(), 0.985 if len(found) == 1 else 0.85)


_TERM = re.compile(
    r"(?:有效期限?)?[:：]?(?:为|自.{0,12}起)?([一二三四五六七八九十两壹贰叁肆伍]{1,2}|\d{1,2})\s*(?:个)?年(?!\d|[一二三四五六七八九十\d]{1,2}月)"
)


def term_years(text: str) -> int | None:
    """三年, 3年, 有效期：三年 → 3."""
    bare = squeeze(text)[0]
    if find_dates(bare):
        return None
    return _years_in(bare)


def _years_in(bare: str) -> int | None:
    match = _TERM.search(bare)
    years = small_number(match[1].replace("两", "二")) if match else None
    return years if years and 1 <= years <= 50 else None


def valid_until(layouts: Sequence[Layout], keys: Sequence[str], issued: Field | None) -> Field | None:
    """The end of validity: printed as a date or a span (the last date counts), else issue date and term (有效期三年).

    长期 is no end: no field. A computed date is the day before the anniversary, as issuers count (2021-12-01 to
    2024-11-30); its reason is "computed", its alternative the anniversary, for some do not count the first day.
    """
    made: list[Field] = []
    for layout in layouts:
        for key in keys:
            for found in layout.found(key, wraps=True, whole=_whole_term):
                field = _end_of(layout, found, issued)
                if field is not None:
                    made.append(field)
                    break
    return best(made)


def _whole_term(text: str, below: str) -> bool:
    """A span of days goes on below only where its second day is to come, or is begun (至2025年 07 / 月 16 日)."""
    days = len(find_dates(text))
    if days >= 2 or is_long_term(text):
        return True
    begun = re.search(r"(?:至|到|[-–—~～]|年|月|[\d一二三四五六七八九十〇○零])$", squeeze(text)[0])
    goes_on = begun is not None and re.match(
        r"[\d一二三四五六七八九十〇○零年月日至]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
        squeeze(below)[0],
        re.I,
    )
    return not goes_on and not find_dates(below)


def _end_of(layout: Layout, found: Found, issued: Field | None) -> Field | None:
    text = found.text
    # （临时经营场所使用证明有效期至…）, the end of an address, closes what it did not open.
    if is_long_term(text) or text.count("）") + text.count(")") > text.count("（") + text.count("("):
        return None
    days = find_dates(text)
    if days and _SENTENCE_BEFORE.search(text[: days[0][1][0]]):
        return None
    if len(days) >= 2 or (days and _is_end(text, days[0][1], found.spot.label)):
        last = max(day for day, _ in days)
        reasons = ("span",) if len(days) >= 2 else ()
        return made_field(layout, "valid_until", found, Parsed(last.isoformat(), 0.985, reasons))
    # 2022年1月4日起三年: the term stands beside its first day.
    years = _years_in(squeeze(text[days[0][1][1] :])[0]) if days else term_years(text)
    start = days[0][0] if days else parse_date(str(issued.value)) if issued is not None else None
    if years is None or start is None:
        return None
    end, before = later(start, years)
    trust = BY_RULE * (issued.confidence if issued is not None and not days else 1.0)
    return made_field(
        layout, "valid_until", found, Parsed(before.isoformat(), trust, ("computed",), (end.isoformat(),))
    )


# "valid subject to surveillance. Recertification is due before …": no label but a word of a sentence.
_SENTENCE_BEFORE = re.compile(r"(?:[A-Za-z]{2,}[\s.]+){4}")
_TO = re.compile(r"至|到(?!期)|-{2,}|~|～|—")


def _is_end(text: str, span: tuple[int, int], label: str) -> bool:
    """Whether the only day of a term is its last: 至 stands before it, or nothing says that the term begins there."""
    before, after = text[: span[0]], text[span[1] :]
    if _TO.search(before):
        return True
    begins = re.search(r"自|从|起", text) or _TO.search(after) or label in SPANS
    return not begins


def later(start: date, years: int) -> tuple[date, date]:
    """The same day so many years on, and the day before it."""
    try:
        end = start.replace(year=start.year + years)
    except ValueError:  # 29 February
        end = start.replace(year=start.year + years, day=28)
    return end, date.fromordinal(end.toordinal() - 1)


OUT_OF_ORDER = 0.5  # most that two days are worth of which the later one should be the earlier


def in_order(issued: Field | None, until: Field | None) -> tuple[Field | None, Field | None]:
    """The day of issue and the last day of validity; both unsure where a certificate would end before it begins."""
    if issued is None or until is None or str(issued.value) < str(until.value):
        return issued, until

    def unsure(field: Field) -> Field:
        confidence = min(field.confidence, OUT_OF_ORDER)
        return field.model_copy(update={"confidence": confidence, "reasons": (*field.reasons, "out_of_order")})

    return unsure(issued), unsure(until)


BEHIND = 3  # signs between the words of a sentence and the date they lead to


def spoken_date(layouts: Sequence[Layout], name: str, leads: re.Pattern[str]) -> Field | None:
    """The date that a sentence leads to (valid from 24 January 2023 until 23 January 2026), over up to three rows."""
    for layout in layouts:
        lines = layout.page.lines
        for i in range(len(lines)):
            for rows in (lines[i : i + 1], lines[i : i + 2], lines[i : i + 3]):
                text = " ".join(line.text for line in rows)
                for match in leads.finditer(text):
                    days = find_dates(text[match.end() :])
                    if days and days[0][1][0] <= BEHIND:
                        reasons = ("in_a_sentence",)
                        value = days[0][0].isoformat()
                        return field_of(name, value, rows, layout.page, raw=text, trust=0.95, reasons=reasons)
    return None


_OVERPRINTED = re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<month>\d{1,6})月(?P<day>\d{1,8})日\d{0,3}")
UNDER_CODE = 0.55  # trust in a date among whose digits a seal's code was read


def _overprinted(text: str) -> str | None:
    """2022年8807月14日: a date with digits of the seal's own code read into it, where only one date can be meant."""
    match = _OVERPRINTED.fullmatch(squeeze(text)[0])
    if match is None or (len(match["month"]) <= 2 and len(match["day"]) <= 2):
        return None
    months, days = _numbers_in(match["month"], 12), _numbers_in(match["day"], 31)
    if len(months) != 1 or len(days) != 1:
        return None
    day = parse_date(f"{match['year']}年{months.pop()}月{days.pop()}日")
    return day.isoformat() if day is not None else None


def _numbers_in(digits: str, most: int) -> set[int]:
    """Numbers from 1 on that two neighbouring digits make, or that short ones are themselves."""
    pairs = [digits] if len(digits) <= 2 else [digits[i : i + 2] for i in range(len(digits) - 1)]
    return {int(pair) for pair in pairs if 1 <= int(pair) <= most}


_OTHER_DATE = re.compile(r"成立|期限|申请|授权|完成|发表|有效|至|初次|首次|设立")


def date_under_seal(page: ReadPage, *, above: float = 0.45, taken: Iterable[Box] = ()) -> Field | None:
    """The date that stands by itself in the lower page, where certificates are dated; the last of several."""
    blocked = tuple(taken)
    rows = rows_of([line for line in page.lines if line.box.cy > above])
    places = [lines for row in rows for lines in (*((line,) for line in row), row)]
    alone = [field for lines in places if (field := _alone(lines, page, blocked)) is not None]
    return max(alone, key=lambda f: (f.box.cy, f.confidence), default=None)


def _alone(lines: Sequence[Line], page: ReadPage, blocked: Sequence[Box]) -> Field | None:
    """The date that is all, or nearly all, that these lines of a row say."""
    text = " ".join(line.text for line in lines)
    days = find_dates(text)
    if not days and (day := _overprinted(text)) is not None:
        reasons = (f"repaired:{text.strip()}",)
        return field_of("issued_on", day, lines, page, trust=UNDER_CODE, reasons=reasons)
    if len(days) != 1 or any(line.box.intersection(b) > 0.3 * b.area for b in blocked for line in lines):
        return None
    day, (start, end) = days[0][0].isoformat(), days[0][1]
    outside = squeeze(text[:start] + text[end:])[0]
    if len(outside) > 6 or len(squeeze(text)[0]) > 24 or _OTHER_DATE.search(outside):
        return None
    return field_of("issued_on", day, lines, page, trust=0.93, reasons=("date_alone",))
