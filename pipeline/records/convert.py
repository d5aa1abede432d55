"""One raw value of a record → the model's type, or :class:`Malformed` with the reason in words."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from pipeline.model import Certificate
from pipeline.values.amounts import UNITS, parse_amount, parse_count, parse_number
from pipeline.values.dates import find_dates, is_long_term

__all__ = ["Malformed", "convert"]


class Malformed(ValueError):
    """A value whose form is wrong; the text completes a sentence that begins with the field's name."""


CHINA = timezone(timedelta(hours=8))  # whose days are meant
MAX_VALUE = 20_000  # characters of one text value
MAX_NUMBER = 100  # of an application's number
MAX_ITEMS = 2_000  # of one list
MAX_MAGNITUDE = Decimal(10) ** 13  # 万元: ten times the gross world product
MAX_COUNT = 100_000_000  # people
MAX_PLACES = 50  # decimals; 1E-999999999 written out takes a gigabyte
EXACT_IN_EXCEL = 10**15  # integers past it lose digits in a cell formatted as a number

_NOTHING = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "不适用", "n/a", "na", "null", "none", "nan", "空"}
)
# What nobody sees: controls, signs of no width, turns of direction. A name with one in it is the name without it.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def convert(field: str, value: object, *, unit: str | None = None) -> object:
    """The value of a record's field; None for nothing (unknown).

    :param unit: the unit of money that the heading names; 万元 if it names none
    :raises Malformed: no date, no number, no known track …
    """
    return _CONVERTERS.get(field, _plain_text)(value, unit)


def _shown(value: object) -> str:
    text = " ".join(_clean(str(value)).split())
    return f"“{text[:60]}{'…' if len(text) > 60 else ''}”"


def _clean(text: str) -> str:
    if text.isprintable():  # nearly all are: none of those signs is
        return text.strip()
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8")).strip()


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and _clean(value).casefold() in _NOTHING)


def _plain_text(value: object, _: str | None) -> str:
    return _text(value)


def _application_no(value: object, _: str | None) -> str:
    number = " ".join(_text(value).split())
    if len(number) > MAX_NUMBER:
        raise Malformed(f"is longer than {MAX_NUMBER} characters: {_shown(number)}")
    return number


def _text(value: object) -> str:
    if _is_nothing(value):
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        if isinstance(value, Decimal) and not _can_be_written(value):
            raise Malformed(f"is no text: {_shown(value)}")
        if isinstance(value, Decimal) and abs(value) >= EXACT_IN_EXCEL:
            raise Malformed(f"was stored as a number and has lost digits: {_shown(value)}")
        return f"{value:f}" if isinstance(value, Decimal) and value != value.to_integral_value() else str(int(value))
    if not isinstance(value, str):
        raise Malformed(f"is no text: {_shown(value)}")
    if len(value) > MAX_VALUE:
        raise Malformed(f"is longer than {MAX_VALUE} characters")
    return _clean(value)


def _can_be_written(number: Decimal) -> bool:
    """Whether its digits are some; to look at any other number closely can already take all memory."""
    return number.is_finite() and abs(int(number.as_tuple().exponent)) <= MAX_PLACES


def _uscc(value: object, _: str | None) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= EXACT_IN_EXCEL and value % 1000 == 0:
        raise Malformed(f"was stored as a number and has lost digits: {_shown(value)}")
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", _text(value))).upper()


_TRACKS: Mapping[str, tuple[str, ...]] = {
    "supplier": ("supplier", "服务外包供应商", "供应商", "企业", "服务外包企业", "领军企业"),
    "park": ("park", "园区", "服务外包园区", "产业园区"),
    "training": (
        "training",
        "培训机构及院校",
        "培训机构",
        "院校",
        "培训机构和院校",
        "培训机构即教育院校",
        "培训机构、院校",
    ),
}


def _track(value: object, _: str | None) -> str | None:
    text = re.sub(r"\s|^[一二三][、.]", "", _text(value)).casefold()
    if not text:
        return None
    for track, labels in _TRACKS.items():
        if text in labels:
            return track
    raise Malformed(f"is none of supplier, park, training: {_shown(value)}")


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")


def _decimal(value: object, unit: str | None) -> Decimal | None:
    """A number of 万元 with the decimals it was written with."""
    if _is_nothing(value):
        return None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _in_wan(_bounded(Decimal(value), value), unit)
    if not isinstance(value, str) or len(value) > 100:
        raise Malformed(f"is no number: {_shown(value)}")
    text = unicodedata.normalize("NFKC", _clean(value)).replace(" ", "")
    if _NUMBER.fullmatch(text):
        return _in_wan(_bounded(Decimal(text), value), unit)
    plain = parse_number(text) if not re.search(r"[元%]", text) else None
    if plain is not None:
        return _in_wan(_bounded(plain, value), unit)
    amount = parse_amount(text)
    if amount is None or amount.unit is None or amount.approximate or amount.currency != "CNY":
        raise Malformed(f"is no number: {_shown(value)}")
    power = UNITS[amount.unit].adjusted()  # move the point only: a division would lose the zeros that were declared
    places = max(0, power - amount.precision.adjusted())
    number = _bounded(amount.value.scaleb(-power), value)
    return _in_wan(number.quantize(Decimal(1).scaleb(-places)), amount.unit)


def _bounded(number: Decimal, value: object) -> Decimal:
    if (
        not number.is_finite()
        or number.adjusted() > MAX_MAGNITUDE.adjusted()
        or abs(number) >= MAX_MAGNITUDE
        or int(number.as_tuple().exponent) < -20
    ):
        raise Malformed(f"is no number that can be meant: {_shown(value)}")
    return number if int(number.as_tuple().exponent) <= 0 else number.quantize(Decimal(1))


def _in_wan(number: Decimal, unit: str | None) -> Decimal:
    """From ``unit`` to 万元 by moving the point alone, so that the declared precision stays."""
    factor = UNITS.get(unit or "万元", UNITS["万元"]) / UNITS["万元"]
    moved = number.scaleb(factor.adjusted())
    return moved if int(moved.as_tuple().exponent) <= 0 else moved.quantize(Decimal(1))


def _integer(value: object, _: str | None) -> int | None:
    if _is_nothing(value):
        return None
    number: int | None = None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        finite = not isinstance(value, Decimal) or (value.is_finite() and abs(value.adjusted()) < 20)
        number = int(value) if finite and value == int(value) else None
    elif isinstance(value, str) and len(value) <= 100:
        text = unicodedata.normalize("NFKC", _clean(value))
        whole = re.fullmatch(r"(\d+)\.0+", text)
        number = int(whole[1]) if whole and len(whole[1]) < 12 else parse_count(text) if re.match(r"\d", text) else None
    if number is None or not 0 <= number <= MAX_COUNT:
        raise Malformed(f"is no whole number: {_shown(value)}")
    return number


def _date(value: object, _: str | None = None) -> date | None:
    if _is_nothing(value):
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(CHINA)).date()
    if isinstance(value, date):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = _day_in(value) if isinstance(value, str) and len(value) <= 100 else None
    if found is not None:
        return found
    raise Malformed(f"is no date: {_shown(value)}")


_AFTER_DAY = re.compile(r"[T ]?[\d:.]*(?P<zone>Z|[+-]\d\d:?\d\d)?")


@lru_cache(maxsize=4096)  # of a hundred thousand certificates most end on some hundred days
def _day_in(text: str) -> date | None:
    """The one day that a text names at its beginning, with nothing but a time after it."""
    text = _clean(text)
    found = find_dates(text)
    after = _AFTER_DAY.fullmatch(text[found[0][1][1] :]) if len(found) == 1 and found[0][1][0] == 0 else None
    if after is None:
        return None
    if after["zone"]:  # 2018-03-04T16:00:00.000Z is how many programs write 5 March in China
        try:
            return datetime.fromisoformat(text).astimezone(CHINA).date()
        except (ValueError, OverflowError):
            pass
    return found[0][0]


def _moment(value: object, _: str | None) -> datetime | None:
    if _is_nothing(value):
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = unicodedata.normalize("NFKC", _clean(value)) if isinstance(value, str) and len(value) <= 100 else ""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    days = find_dates(text)
    if len(days) == 1 and days[0][1][0] == 0:
        clock = _CLOCK.fullmatch(text[days[0][1][1] :])
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (99, 0, 0)
        if hour < 24 and minute < 60 and second < 60:
            return datetime.combine(days[0][0], time(hour, minute, second))
    raise Malformed(f"is no time: {_shown(value)}")


_CLOCK = re.compile(r"[T ]*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SEPARATORS = re.compile(r"[、;；|\n]")


def _list(value: object, _: str | None) -> tuple[str, ...]:
    if _is_nothing(value):
        return ()
    items: Iterable[object]
    if isinstance(value, str):
        items = _json_list(value) or _SEPARATORS.split(value[:MAX_VALUE])
    elif isinstance(value, (list, tuple)):
        items = value
    else:
        raise Malformed(f"is no list of texts: {_shown(value)}")
    texts = [_text(item) for item in items]
    if len(texts) > MAX_ITEMS:
        raise Malformed(f"has more than {MAX_ITEMS} items")
    return tuple(dict.fromkeys(text for text in texts if text))


def _json_list(text: str) -> list[object]:
    """A cell that holds a JSON array; [] for any other text."""
    if not text.lstrip().startswith("["):
        return []
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return loaded if isinstance(loaded, list) else []


# -------------------------------------------------------------------------------------------------- certificates

_KINDS: Mapping[str, tuple[str, ...]] = {
    "iso27001": ("27001", "22080", "信息安全管理"),
    "iso20000": ("20000", "24405", "信息技术服务管理", "IT服务管理"),
    "iso9001": ("9001", "19001", "质量管理"),
    "cmmi": ("CMMI", "软件能力成熟度"),
    "hi_tech": ("HI_TECH", "HITECH", "HI-TECH", "高新技术企业", "高企"),
    "advanced_tech": ("ADVANCED_TECH", "ADVANCED-TECH", "技术先进型"),
    "software_copyright": ("SOFTWARE_COPYRIGHT", "软件著作权", "软著", "著作权"),
    "patent": ("PATENT", "专利"),
    "other": ("OTHER", "其他", "其它"),
}
_CERTIFICATE_LABELS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "type", "类别", "种类", "类型"),
    "number": ("number", "certificate_no", "no", "证书编号", "编号", "证书号"),
    "name": ("name", "名称", "证书名称"),
    "issuer": ("issuer", "发证机构", "发证机关", "颁发机构"),
    "valid_until": ("valid_until", "有效期至", "有效期", "到期日"),
}


def _kind(text: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).upper()
    return next((kind for kind, marks in _KINDS.items() if any(mark.upper() in plain for mark in marks)), None)


def _certificates(value: object, _: str | None) -> tuple[Certificate, ...]:
    if _is_nothing(value):
        return ()
    if isinstance(value, str) and value.strip()[:1] in "[{":
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"is no valid JSON: {_shown(value)}") from error
    if isinstance(value, dict):
        value = [value]
    if isinstance(value, str):
        value = [item for item in re.split(r"[;；|\n、]", value[:MAX_VALUE]) if not _is_nothing(item)]
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ITEMS:
        raise Malformed(f"is no list of certificates: {_shown(value)}")
    return tuple(_certificate(item) for item in value if item not in (None, "", {}))


def _certificate(item: object) -> Certificate:
    if isinstance(item, str):
        return _from_words(item)
    if not isinstance(item, dict):
        raise Malformed(f"holds something that is no certificate: {_shown(item)}")
    found = {
        field: next((item[label] for label in labels if label in item), None)
        for field, labels in _CERTIFICATE_LABELS.items()
    }
    kind = _kind(_text(found["kind"]))
    if kind is None:
        raise Malformed(f"has a certificate of no known kind: {_shown(found['kind'])}")
    until = found["valid_until"]
    open_ended = isinstance(until, str) and is_long_term(until)
    try:
        valid_until = None if open_ended else _date(until)
    except Malformed as error:
        raise Malformed(f"has a certificate whose valid_until {error}") from error
    return Certificate(
        kind=kind,
        number=_text(found["number"]),
        name=_text(found["name"]),
        issuer=_text(found["issuer"]),
        valid_until=valid_until,
    )


_NUMBER_IN_WORDS = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]*[0-9][A-Za-z0-9.\-/_号]{3,}")
_KIND_IN_WORDS = re.compile(
    r"(?:GB/T\s*\d+(?:-\d{4})?/?)?(?:ISO(?:/IEC)?[\s:_-]*)?(?:9001|20000|27001)(?:-1)?(?::?(?:19|20)\d\d)?"
    r"|CMMI\S{0,3}",
    re.I,
)


def _from_words(text: str) -> Certificate:
    """``ISO27001:016ZB20I31234R2M``, ``高新技术企业 GR202111000001 2024-12-01``: what is told."""
    words = unicodedata.normalize("NFKC", _clean(text))
    dates = find_dates(words)
    for _, (start, end) in reversed(dates):
        words = words[:start] + " " + words[end:]
    kind = _kind(words) or "other"
    bare = _KIND_IN_WORDS.sub(" ", words, count=1) if kind.startswith(("iso", "cmmi")) else words
    number = _NUMBER_IN_WORDS.search(bare)
    name = re.sub(r"有效期至?|[\s:,()]+", " ", (bare[: number.start()] if number else bare)).strip()
    return Certificate(
        kind=kind, number=number[0] if number else "", name=name, valid_until=dates[-1][0] if dates else None
    )


_Converter = Callable[[object, str | None], object]
_CONVERTERS: Mapping[str, _Converter] = {
    "application_no": _application_no,
    "track": _track,
    "uscc": _uscc,
    "established": _date,
    "submitted_at": _moment,
    "previous_names": _list,
    "functions": _list,
    "certificates": _certificates,
    **dict.fromkeys(("registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue"), _decimal),
    **dict.fromkeys(("staff", "outsourcing_staff", "degree_staff"), _integer),
}
