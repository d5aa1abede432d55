"""Values of an information form: what a text says as a value of its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from extractors._fields import tidy
from extractors._form_amounts import Units, amount_in, count_in
from extractors._form_parsed import (
    AMOUNTS,
    COUNTS,
    OFFICE,
    ORGANISATION,
    PLACE,
    SHORT_YEAR,
    Parsed,
    is_empty,
    without_hints,
)
from pipeline.values import dates, identifiers, numbers, regions
from pipeline.values.emails import email_reading
from pipeline.values.flat import flat

__all__ = ["parse"]

_IN_WORDS = frozenset(
    {"name", "operator", "previous_names", "legal_representative", "contact", "address", "headquarters"}
    | {"delivery_location", "email", "mobile", "commerce_department"}
)


def parse(key: str, text: str, units: Units | None = None, *, sure: bool = False) -> Parsed | None:
    """What a text says as a value of a field; None if it is no such value.

    :param sure: whether the reader was sure of every sign: then a code that fails its check is so on paper
    """
    if is_empty(text):
        return Parsed(None, 0.97, reasons=("empty",))
    bare = tidy(without_hints(text))
    if key in _IN_WORDS and len(bare) == 1:
        return Parsed(None, 0.9, reasons=("empty",))  # a stroke or a dash: no name or place has one sign
    if key in AMOUNTS:
        return amount_in(bare, units or Units())
    if key in COUNTS:
        return count_in(bare)
    if key == "uscc":
        return _uscc(bare, sure=sure)
    handler = _PARSERS.get(key)
    return handler(bare) if handler else Parsed(bare)


LAST_SHORT = 30  # two digits of a year up to here are of this century


def _date(text: str) -> Parsed | None:
    day = dates.parse_date(text)
    if day:
        return Parsed(day.isoformat())
    found = dates.find_dates(text)
    if len(found) == 1:
        return Parsed(found[0][0].isoformat(), 0.95)
    short = SHORT_YEAR.fullmatch(text)
    if short:  # 14年3月28日: of this century, unless that is still to come
        day = dates.parse_date(f"{'20' if int(short[1]) <= LAST_SHORT else '19'}{short[1]}年{short[2]}月{short[3]}日")
        return Parsed(day.isoformat(), 0.95, reasons=("short_year",)) if day else None
    year_month = re.fullmatch(r"((?:19|20)\d{2})\s*[年.\-/]\s*(\d{1,2})\s*月?", text)
    if year_month and 1 <= int(year_month[2]) <= 12:
        return Parsed(f"{year_month[1]}-{int(year_month[2]):02d}", 0.6, reasons=("day_missing",))
    return None


def _moment(text: str) -> Parsed | None:
    found = dates.find_dates(re.sub(r"(\d{4}[-/.]\d{1,2}[-/.]\d{2})(?=\d{1,2}[:：])", r"\1 ", text))
    if not found:
        return None
    day, _ = found[0]
    clock = re.search(r"(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?", text)
    if clock and int(clock[1]) < 24 and int(clock[2]) < 60:
        return Parsed(f"{day.isoformat()}T{int(clock[1]):02d}:{clock[2]}:{clock[3] or '00'}", 0.98)
    return Parsed(day.isoformat())


def _uscc(text: str, *, sure: bool) -> Parsed | None:
    # Codes are printed in capitals: a small l is a 1, a small o a 0.
    upright = text if re.search(r"[a-km-np-z]", text) else text.replace("l", "1").replace("o", "0")
    repair = identifiers.repair_uscc(upright)
    if repair is None:
        found = identifiers.find_uscc(upright)
        repair = found[0] if len(found) == 1 else None
    if repair and repair.valid and len(repair.from_) > len(repair.value):  # a rule between boxes read as a 1
        return Parsed(repair.value, 0.85, None, ("check_digit", f"repaired:{repair.from_}"))
    if repair and repair.valid and sure and _changes_a_good_sign(repair):
        return Parsed(repair.from_, 0.97, None, ("check_digit_fails",), (repair.value,))
    if repair and repair.valid:
        if repair.repaired or upright != text:
            return Parsed(repair.value, 0.95, reasons=("check_digit", "repaired:" + re.sub(r"\s", "", text)))
        return Parsed(repair.value, 1.0, reasons=("check_digit",))
    compact = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())
    if len(compact) == 15 and identifiers.registration15_valid(compact):
        return Parsed(compact, 0.97, reasons=("registration_number",))
    if 8 <= len(compact) <= 20 and sum(c.isdigit() for c in compact) >= 6:
        whole = len(compact) == 18
        return Parsed(compact, 0.93 if whole else 0.4, reasons=("check_digit_fails",) if whole else ("wrong_length",))
    return None


_NEVER_IN_A_CODE = frozenset("IOZSV")  # GB 32100: what looks like one of these is another sign


def _changes_a_good_sign(repair: identifiers.Repair) -> bool:
    """Whether a repair replaces a sign that a code may hold."""
    pairs = zip(repair.from_, repair.value, strict=False)
    return len(repair.from_) != len(repair.value) or any(a != b and a not in _NEVER_IN_A_CODE for a, b in pairs)


def _name(text: str) -> Parsed | None:
    value = _brackets(text)
    return Parsed(value, 1.0 if ORGANISATION.search(value) else 0.9) if len(value) >= 3 else None


_ONE_KIND = str.maketrans("()〔〕", "（）（）")


def _brackets(text: str) -> str:
    """One kind of brackets in Chinese text: readers return （ with ) as often as not."""
    if not re.search(r"[\u4e00-\u9fff]", text):
        return text
    return text.translate(_ONE_KIND)


def _names(text: str) -> Parsed | None:
    parts = [_brackets(tidy(part)) for part in re.split(r"[;；、,，\n]|\s{2,}", text)]
    kept = tuple(part for part in parts if not is_empty(part))
    return Parsed(kept or None)


def _person(text: str) -> Parsed | None:
    text = re.sub(r"^姓名\s*[:：]?\s*(?=[\u4e00-\u9fff]{2})", "", text)
    match = re.match(r"[\u4e00-\u9fff·•]{2,}|[A-Za-z][A-Za-z .\-]+", text)
    if not match:
        return None
    name = match[0].strip(" ·•.")
    whole = len(name) == len(text.strip(" ·•."))
    return Parsed(name, 1.0 if whole else 0.85, reasons=() if whole else ("part_of_text",))


def _place(text: str) -> Parsed | None:
    value = re.sub(r"[,，;；\s]*(?:邮编|邮政编码)[:：]?\s*\d{6}$", "", text)
    once = _TWICE.sub(r"\1", value)
    if once != value:  # 3号号: one sign read twice
        return Parsed(_brackets(once), 0.85, reasons=(f"repaired:{value}",), alternatives=(value,))
    return Parsed(_brackets(value), 1.0 if PLACE.search(value) else 0.85)


_TWICE = re.compile(r"([号室楼层])\1$")
# 上海市浦东新区|大连市: at a line's end a 、 between two places is easily lost. No city lies in a district.
_TWO_PLACES = re.compile(r"(?<=[区县旗])(?=[\u4e00-\u9fff]{2,4}市(?:$|[、,，;；和及]))")


def _places(text: str) -> Parsed | None:
    """One place or several; a city right behind a district begins another."""
    whole = _TWO_PLACES.sub("、", text)
    if whole == text:
        return _place(text)
    return Parsed(_brackets(whole), 0.85, reasons=("separator_lost",), alternatives=(text,))


def _mobile(text: str) -> Parsed | None:
    number = numbers.mobile(text)
    if number:
        return Parsed(number)
    phone = numbers.phone(text)
    return Parsed(phone, 0.9, reasons=("not_a_mobile",)) if phone else None


def _email(text: str) -> Parsed | None:
    found = email_reading(text)
    return Parsed(found.address, found.trust, None, found.reasons, found.alternatives) if found else None


def _department(text: str) -> Parsed | None:
    value = _brackets(re.sub(r"[(（]?(?:盖章|公章)[)）]?.*$", "", text)).strip()
    if regions.is_commerce_department(value):
        return Parsed(value)
    return Parsed(value, 0.85) if OFFICE.search(value) else Parsed(value, 0.5)


_OF_AN_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,10}[〔\[(（]20\d{2}[〕\])）]第?\d{1,6}号?")


def _number(text: str) -> Parsed | None:
    compact = flat(text).strip(":.。")
    numbered = re.sub(r"\s", "", text)
    if _OF_AN_OFFICE.fullmatch(numbered):  # 成商服外申〔2023〕018
        return Parsed(re.sub(r"[\[(（](20\d{2})[\])）]", r"〔\1〕", numbered), 0.95)
    match = re.search(r"[A-Za-z0-9][A-Za-z0-9\-_/]{4,}", compact)
    if not match:
        return None
    read = match[0].upper()
    # Amid the letters that a number begins with, 1 is a misread I and 0 a misread O.
    prefix = re.match(r"[A-Z][A-Z01]*[A-Z](?=20\d\d)", read)
    likelier = prefix[0].replace("1", "I").replace("0", "O") + read[prefix.end() :] if prefix else read
    trust = 1.0 if len(match[0]) == len(compact) else 0.9
    if likelier != read:
        return Parsed(likelier, 0.9 * trust, None, (f"repaired:{read}",), (read,))
    return Parsed(read, trust)


_PARSERS: Mapping[str, Callable[[str], Parsed | None]] = {
    "established": _date, "submitted_at": _moment, "name": _name, "operator": _name, "previous_names": _names,
    "legal_representative": _person, "contact": _person, "address": _place, "headquarters": _place,
    "delivery_location": _places, "mobile": _mobile, "email": _email, "commerce_department": _department,
    "application_no": _number,
}  # fmt: skip
