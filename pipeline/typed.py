"""What people type (人工录入): a value becomes the field's kind, or one sentence says why not; words are kept short."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.errors import BadSetting
from pipeline.model import Field, FieldValue
from pipeline.records.convert import Malformed, convert
from pipeline.values.amounts import format_yuan, parse_amount
from pipeline.values.dates import find_dates, parse_year

__all__ = ["MAX_NAME", "MAX_NOTE", "MAX_VALUE", "Typed", "known_field", "name_of", "note_of", "typed"]

MAX_NAME, MAX_NOTE, MAX_VALUE = 60, 1000, 400  # characters
MAX_YUAN = 10**17  # ten times the gross world product
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # what a terminal or a browser obeys, not shows


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as typed (``raw``) and as a field of its kind holds it."""

    value: FieldValue
    raw: str
    unit: str | None = None


def name_of(text: str) -> str:
    """Who says it.

    :raises BadSetting: nobody, or a name too long
    """
    name = _plain(text)
    if not name:
        raise BadSetting("nobody is named: say with --by who decides, for instance --by 张三")
    if len(name) > MAX_NAME:
        raise BadSetting(f"the name after --by has {len(name)} characters: {MAX_NAME} are the most")
    return name


def note_of(text: str) -> str:
    """Why, in the person's words; may be empty.

    :raises BadSetting: it is too long
    """
    note = _plain(text)
    if len(note) > MAX_NOTE:
        raise BadSetting(f"the note has {len(note)} characters: {MAX_NOTE} are the most, so say it in fewer")
    return note


def known_field(name: str) -> bool:
    """Whether any document has a field of that name."""
    return name in _KINDS or name in _TEXTS


def typed(name: str, text: str, read: Field | None = None) -> Typed:
    """The value of a field as its kind has it.

    :param read: what the machine read there, which tells the kind of a field that has none of its own
    :raises BadSetting: the value is none of that kind, empty or too long
    """
    raw = _plain(text)
    if not raw:
        raise BadSetting(f"no value is given for {name}: write what stands on the paper")
    if len(raw) > MAX_VALUE:
        raise BadSetting(f"the value of {name} has {len(raw)} characters: {MAX_VALUE} are the most")
    kind = _KINDS.get(name) or _like(read)
    try:
        return kind(raw)
    except Malformed as error:
        raise BadSetting(f"the value of {name} {error}") from error


def _like(read: Field | None) -> Callable[[str], Typed]:
    if read is not None and isinstance(read.value, bool):
        return _flag
    if read is not None and isinstance(read.value, int):
        return _count
    return _list if read is not None and isinstance(read.value, tuple) else _text


def _plain(text: str) -> str:
    """One line without what is obeyed instead of shown."""
    spaced = " ".join(text.split())
    return "".join(sign for sign in spaced if unicodedata.category(sign) not in _DROPPED).strip()


def _text(raw: str) -> Typed:
    return Typed(raw, raw)


def _amount(raw: str) -> Typed:
    """A sum of money, with its unit: a bare figure could be 元 or 万元, and ten thousand times is no small slip."""
    said = parse_amount(raw)
    if said is None or said.approximate or said.range_to is not None or said.currency != "CNY":
        raise Malformed(f"is no exact amount of 人民币: “{raw}”; write it like 12345.67万元 or 123456700.00元")
    if said.unit is None:
        raise Malformed(f"has no unit: “{raw}”; write it like {raw}万元 or {raw}元")
    if abs(said.value) >= MAX_YUAN:
        raise Malformed(f"is no amount that can be meant: “{raw}”")
    return Typed(format_yuan(said.value), raw, said.unit)


def _count(raw: str) -> Typed:
    value = convert("staff", raw)
    if not isinstance(value, int):
        raise Malformed(f"is no whole number: “{raw}”")
    return Typed(value, raw)


def _day(raw: str) -> Typed:
    days = find_dates(raw)
    if len(days) != 1 or days[0][1] != (0, len(raw)):
        raise Malformed(f"is no date: “{raw}”; write it as YYYY-MM-DD")
    return Typed(days[0][0].isoformat(), raw)


def _period(raw: str) -> Typed:
    """The year, or the day on which a part of a year ends."""
    if re.fullmatch(r"\d{4}(?:年度?)?", raw) and (year := parse_year(raw)) is not None:
        return Typed(str(year), raw)
    try:
        return _day(raw)
    except Malformed:
        raise Malformed(f"is no year: “{raw}”; write it like 2022") from None


def _code(raw: str) -> Typed:
    """A credit code as printed: one whose check digit is wrong is what a rule should see."""
    code = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", raw)).upper()
    if not re.fullmatch(r"[0-9A-Z]{18}|[0-9]{15}", code):
        raise Malformed(f"is no code of 18 letters and digits (or 15 digits, the old form): “{raw}” has {len(code)}")
    return Typed(code, raw)


def _email(raw: str) -> Typed:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", raw):
        raise Malformed(f"is no e-mail address: “{raw}”")
    return Typed(raw, raw)


def _phone(raw: str) -> Typed:
    if not re.fullmatch(r"[+()（）\d\s\-—/、,，;；转]{5,}", raw) or sum(sign.isdigit() for sign in raw) < 5:
        raise Malformed(f"is no telephone number: “{raw}”")
    return Typed(raw, raw)


def _list(raw: str) -> Typed:
    items = tuple(dict.fromkeys(item.strip() for item in re.split(r"[、;；|]", raw) if item.strip()))
    if not items:
        raise Malformed(f"is no list: “{raw}”; write its items with 、 between them")
    return Typed(items, raw)


def _flag(raw: str) -> Typed:
    said = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}.get(raw.casefold())
    if said is None:
        raise Malformed(f"is neither yes nor no: “{raw}”")
    return Typed(said, raw)


def _one_of(*words: str) -> Callable[[str], Typed]:
    def chosen(raw: str) -> Typed:
        if raw not in words:
            raise Malformed(f"is none of {', '.join(words)}: “{raw}”")
        return Typed(raw, raw)

    return chosen


_AMOUNTS = (
    "registered_capital operating_revenue operating_revenue_previous total_operating_revenue operating_cost "
    "operating_profit net_profit total_assets total_liabilities total_equity outsourcing_revenue offshore_revenue"
)
_DATES = "established issued_on valid_until report_date applied_on published_on completed_on"
_KINDS: Mapping[str, Callable[[str], Typed]] = {
    **dict.fromkeys(_AMOUNTS.split(), _amount),
    **dict.fromkeys(_DATES.split(), _day),
    **dict.fromkeys(("staff", "outsourcing_staff", "degree_staff"), _count),
    **dict.fromkeys(("functions", "previous_names"), _list),
    "period": _period,
    "uscc": _code,
    "email": _email,
    "mobile": _phone,
    "consolidated": _flag,
    "opinion": _one_of("standard", "emphasis", "qualified", "adverse", "disclaimer"),
    "track": _one_of("supplier", "park", "training"),
    "kind": _one_of(
        "iso9001", "iso20000", "iso27001", "cmmi", "hi_tech", "advanced_tech", "software_copyright", "patent", "other"
    ),
}
_FREE = (
    "application_no name address headquarters delivery_location legal_representative contact industry "
    "commerce_department company_name audit_firm report_no certificate_no holder issuer operator title"
)
_TEXTS = frozenset(_FREE.split())
