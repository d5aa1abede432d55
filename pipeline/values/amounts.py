"""Amounts of money, counts and statement figures (金额): every notation of DOMAIN §5, as exact Decimals in yuan.

Nothing here guesses: text that can be read in two ways gives None, and the caller says so. The one liberty taken is
with what OCR does to separators and zeros (``3.000.00``, ``12, 345``, ``3O0``), where only one reading makes sense.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType
from typing import Literal

from pipeline.values.numerals import BIG, DIGITS, SMALL, positional

__all__ = [
    "UNITS",
    "Amount",
    "Declared",
    "equal_declared",
    "find_unit",
    "format_yuan",
    "in_unit",
    "parse_amount",
    "parse_count",
    "parse_number",
    "parse_percent",
    "resolve_unit",
    "unit_slip",
]

Declared = Literal["equal", "rounded", "truncated", "different"]

_SCALES: Mapping[str, int] = {
    "": 0, "十": 1, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10,
    "千亿": 11, "万亿": 12,
}  # fmt: skip
_CURRENCIES: Mapping[str, str] = {
    "美元": "USD", "港元": "HKD", "欧元": "EUR", "日元": "JPY", "英镑": "GBP", "澳元": "AUD", "加元": "CAD",
    "新加坡元": "SGD", "韩元": "KRW", "新台币": "TWD", "瑞士法郎": "CHF", "澳门元": "MOP",
}  # fmt: skip

UNITS: Mapping[str, Decimal] = MappingProxyType(
    {f"{scale}元": Decimal(10) ** power for scale, power in _SCALES.items()}
    | {"角": Decimal("0.1"), "分": Decimal("0.01")}
    | {f"{scale}{name}": Decimal(10) ** power for scale, power in _SCALES.items() for name in _CURRENCIES}
)
"""What one of a unit is worth in 元 (or, for a foreign unit such as 万美元, in that currency's own unit)."""

MAX_TEXT = 200  # characters: longer text is prose, not an amount
MAX_DIGITS = 24  # more digits than any sum of money has: a number of another kind

# Where two amounts are the same digits in different units; relative slack for what rounding did to one of them.
SLIP_POWERS = (1, 2, 3, 4, 5, 6, 7, 8)
SLIP_TOLERANCE = Decimal("0.0005")


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum as printed.

    ``value``: in 元, exactly as printed (in units of ``currency`` if that is not CNY; nothing is ever converted).
    ``unit``: key of :data:`UNITS` (万元, 亿元, 万美元 …), None where neither text nor caller told it: then ``value`` is
    the bare number and its scale unknown. ``precision``: one step of the last printed digit, in 元. ``approximate``:
    约, 以上, 不低于, a range. ``range_to``: the upper end of a range, in 元.
    """

    value: Decimal
    unit: str | None
    currency: str
    precision: Decimal
    raw: str
    approximate: bool = False
    range_to: Decimal | None = None


# ------------------------------------------------------------------------------------------------------ cleaning

_MINUS = str.maketrans(dict.fromkeys("−－﹣–—―‐‑‒ー", "-"))
_VARIANTS = str.maketrans(
    {"萬": "万", "億": "亿", "圓": "元", "圆": "元", "園": "元", "貳": "贰", "陸": "陆", "弍": "贰", "弐": "贰",
     "參": "叁", "叄": "叁", "幣": "币", "約": "约", "餘": "余", "￥": "¥", "。": ".", "’": "'", "，": ","}
)  # fmt: skip
_DIGIT = r"[0-9]"


def _clean(text: str) -> str:
    """NFKC, one minus sign, one separator each; no space but between two digits."""
    text = unicodedata.normalize("NFKC", text.translate(_VARIANTS)).translate(_MINUS).translate(_VARIANTS).strip()
    text = re.sub(rf"(?<={_DIGIT})\s*、\s*(?={_DIGIT}{{3}}(?!{_DIGIT}))", ",", text)
    text = re.sub(r"\s*([,.])\s*", r"\1", text)
    text = re.sub(r"(?<=[0-9,.])[Oo]+(?![A-Za-np-z])", lambda match: "0" * len(match[0]), text)
    return re.sub(rf"(?<!{_DIGIT})\s+|\s+(?!{_DIGIT})", "", text)


_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPACED = re.compile(r"\d{1,3}(?:[ ']\d{3})+(?:\.\d+)?")
_POINTS_FOR_COMMAS = re.compile(r"\d{1,3}(?:[.,]\d{3})*\.\d{3}[.]\d{2}")  # 3.000.00: only the last can be the point
_COMMA_FOR_POINT = re.compile(r"\d{1,3}(?:,\d{3})+,\d{2}")  # 12,345,67: a group of two can only be cents


def _decimal(digits: str) -> Decimal | None:
    """An unsigned Arabic number; None for European or broken grouping."""
    if sum(c.isdigit() for c in digits) > MAX_DIGITS or not digits.isascii():
        return None
    if _PLAIN.fullmatch(digits):
        return Decimal(digits)
    if _GROUPED.fullmatch(digits) or _SPACED.fullmatch(digits):
        return Decimal(re.sub(r"[, ']", "", digits))
    if _POINTS_FOR_COMMAS.fullmatch(digits) or _COMMA_FOR_POINT.fullmatch(digits):
        return Decimal(re.sub(r"[.,]", "", digits[:-3]) + "." + digits[-2:])
    return None


# ------------------------------------------------------------------------------------------------ statement cells

_EMPTY = frozenset(
    {"", "-", "--", "---", "/", "//", "\\", "无", "不适用", "N/A", "NA", "n/a", "*", "...", "·", "|", "_"}
)
_CELL = re.compile(
    r"(?P<open>[(\[【〔]?)(?P<sign>[-+△▲一]?)¥?(?P<num>[0-9][0-9,. ']*|\.\d+)(?P<trail>-?)元?(?P<close>[)\]】〕]?)"
)


def parse_number(text: str) -> Decimal | None:
    """A statement's cell as printed, without its unit.

    Negatives: ``-1,234.56``, ``−``/``－``/``–``, ``(1,234.56)`` (one lost bracket is forgiven), ``1,234.56-``, △.
    None for blank, ``-``, ``—``, ``/``, 不适用 (missing is not 0), for note references such as 五、1, for percentages
    and for anything that is no number or has two readings.
    """
    if len(text) > MAX_TEXT:
        return None
    cell = _clean(text).strip("|")
    if cell in _EMPTY:
        return None
    match = _CELL.fullmatch(cell)
    value = _decimal(match["num"].strip()) if match else None
    if match is None or value is None:
        return None
    bracketed = bool(match["open"] or match["close"])
    signed = match["sign"] in ("-", "△", "▲", "一") or bool(match["trail"])
    return -value if bracketed or signed else value


_PERCENT = re.compile(r"(?:百分之(?P<cn>.+)|(?P<num>-?[0-9.,]+)(?:%|个百分点))")


def parse_percent(text: str) -> Decimal | None:
    """A percentage as a number of per cent: ``12.5%``, 百分之十二点五, 12.5个百分点 give 12.5; None otherwise."""
    match = _PERCENT.fullmatch(_clean(text[:MAX_TEXT]))
    if not match:
        return None
    return _written(match["cn"]) if match["cn"] else parse_number(match["num"])


# -------------------------------------------------------------------------------------------- written-out numbers

_TOKEN = re.compile(
    r"[0-9][0-9,.']*(?: [0-9]{3})*(?:\.[0-9]+)?|[" + "".join(DIGITS) + "]|[" + "".join((*SMALL, *BIG)) + "]|点"
)


@dataclass(frozen=True, slots=True)
class _Written:
    value: Decimal
    step: Decimal  # of the last Arabic digit, or of the last multiplier


def _fold_points(text: str) -> str:
    """一点二 → 1.2 (positional Chinese digits on both sides)."""
    cn = "".join(DIGITS)

    def arabic(match: re.Match[str]) -> str:
        whole, part = _integer(match[1]), positional(match[2])
        return f"{whole}.{part}" if whole is not None and part is not None else match[0]

    return re.sub(rf"([{cn}十百千]+)点([{cn}]+)", arabic, text)


def _integer(text: str) -> int | None:
    written = _evaluate(text)
    return int(written.value) if written and written.value == written.value.to_integral_value() else None


class _Reader:
    """Reads tokens of a written number one by one; each method says whether the token may stand there."""

    def __init__(self) -> None:
        self.total = self.section = Decimal(0)
        self.digit: Decimal | None = None
        self.begun = False  # something stands in the section (the part before the next 万 or 亿)
        self.step = Decimal(1)
        self.small, self.big = 10**4, 10**16  # multipliers must fall: 千 before 百, 亿 before 万

    def take(self, token: str) -> bool:
        if token in SMALL:
            return self._times_small(token)
        if token in BIG:
            return self._times_big(token)
        return self._digit(token)

    def _digit(self, token: str) -> bool:
        sign = DIGITS.get(token)
        number = _decimal(token) if sign is None else Decimal(sign)
        if number is None or (self.digit is not None and (sign is None or self.digit != 0)):
            return False
        self.digit, self.begun = number, True
        self.step = Decimal(1).scaleb(min(0, int(number.as_tuple().exponent)))
        return True

    def _times_small(self, token: str) -> bool:
        worth = SMALL[token]
        if worth >= self.small or (self.digit is None and (worth != 10 or self.section != 0)):
            return False
        self.section += (Decimal(1) if self.digit is None else self.digit) * worth
        self.step = (self.step if self.digit is not None else Decimal(1)) * worth
        self.small, self.digit, self.begun = worth, None, True
        return True

    def _times_big(self, token: str) -> bool:
        worth = BIG[token]
        ten_thousand_fold = worth > self.big and self.total > 0  # 万亿: the 万 before belongs to it
        if (worth >= self.big and not ten_thousand_fold) or (not self.begun and not ten_thousand_fold):
            return False
        self.section += self.digit or Decimal(0)
        self.total = (self.total + self.section) * worth if worth == BIG["亿"] else self.total + self.section * worth
        self.step *= worth
        self.section, self.digit, self.begun = Decimal(0), None, False
        self.small, self.big = 10**4, worth
        return True

    @property
    def value(self) -> Decimal:
        return self.total + self.section + (self.digit or Decimal(0))


def _evaluate(text: str) -> _Written | None:
    """Numbers with multipliers: 3000, 三千二百, 3千万, 1亿2000万, 叁仟伍佰万, 1.2亿. None for nonsense."""
    tokens: list[str] = _TOKEN.findall(text)
    if not tokens or "".join(tokens) != text:
        return None
    if len(tokens) > 1 and all(t in DIGITS for t in tokens):
        digits = positional(text)
        return _Written(Decimal(digits), Decimal(1)) if digits is not None and len(digits) <= MAX_DIGITS else None
    reader = _Reader()
    return _Written(reader.value, reader.step) if all(reader.take(token) for token in tokens) else None


def _written(text: str) -> Decimal | None:
    written = _evaluate(_fold_points(text))
    return written.value if written else None


# ------------------------------------------------------------------------------------------------------- amounts

_APPROX = (
    r"(?:约为|大约|大概|约|近|逾|超过|超出|超|不低于|不少于|不超过|不足|至少|高于|低于|大于|小于|达到?|>=|<=|≥|≤|>|<|~)"
)
_AFTER = r"(?:以上|以下|左右|上下|余|多|\+|以内)"
_MONEY_WORDS = (
    (re.compile(r"US\$|USD\$?|美金|\$"), "美元"),
    (re.compile(r"HK\$|HKD|港币|港幣"), "港元"),
    (re.compile(r"EUR|€|欧罗"), "欧元"),
    (re.compile(r"JPY|JP¥|日币|日圆"), "日元"),
    (re.compile(r"GBP|£"), "英镑"),
    (re.compile(r"SGD|新元|新币"), "新加坡元"),
    (re.compile(r"AUD"), "澳元"),
    (re.compile(r"CAD"), "加元"),
)
_LOCAL = re.compile(r"人民币|RMB|CNY|CN¥|¥", re.IGNORECASE)
_SIGNED = re.compile(r"^-(?=[0-9])")
_NUMBER_PART = "0-9,. '" + "".join(DIGITS) + "".join(SMALL) + "".join(BIG) + "点"
_BODY = re.compile(
    rf"(?P<num>[{_NUMBER_PART}]+?)(?P<more>{_AFTER}?)(?P<scale>[十百千]?[万亿]{{0,2}})(?P<more2>{_AFTER}?)(?P<rest>元.*)?"
)
_COINS = re.compile(rf"元?(?:零?(?P<jiao>[{''.join(DIGITS)}0-9])角)?(?:零?(?P<fen>[{''.join(DIGITS)}0-9])分)?[整正]?")


def _currency(text: str) -> tuple[str, str]:
    """(text without currency words, name of the foreign currency, "元" for a sign of ours, or "")."""
    for pattern, name in _MONEY_WORDS:
        text = pattern.sub(name, text)
    bare = _LOCAL.sub("", text)
    for name in _CURRENCIES:
        if name in bare:
            return bare.replace(name, "元" if not bare.startswith(name) else ""), name
    return bare, "元" if bare != text else ""


def _coins(rest: str | None) -> tuple[Decimal, Decimal | None] | None:
    """What follows 元 in capitals: (角 and 分 in 元, their step; None where there are none)."""
    if not rest:
        return Decimal(0), None
    match = _COINS.fullmatch(rest)
    if not match:
        return None
    value, step = Decimal(0), Decimal("0.01") if rest.endswith(("整", "正")) else None
    for group, worth in (("jiao", "0.1"), ("fen", "0.01")):
        if match[group]:
            digit = positional(match[group])
            value += Decimal(digit or 0) * Decimal(worth)
            step = Decimal("0.01")  # written to the coin: exact
    return value, step


@dataclass(frozen=True, slots=True)
class _Single:
    value: Decimal
    step: Decimal
    scale: str | None  # "", 万, 亿 …; None where nothing was said
    approximate: bool


def _single(text: str) -> _Single | None:
    """One amount without currency, signs of approximation around it allowed."""
    bare = re.sub(rf"^{_APPROX}+|{_AFTER}+$", "", text)
    approximate = bare != text
    negative = bool(_SIGNED.match(bare)) or (bare.startswith("(") and bool(re.fullmatch(r"\([0-9][0-9,.]*\)", bare)))
    bare = re.sub(r"^-|^\((?=[0-9][0-9,.]*\)$)|(?<=[0-9])\)$" if negative else r"^\+", "", bare)
    bare = re.sub(r"\((?P<unit>[十百千]?[万亿]?元?整?)\)$", r"\g<unit>", bare)
    bare = bare.rstrip(",.;:")
    match = _BODY.fullmatch(_fold_points(bare))
    if not match:
        return None
    number, scale = match["num"].strip(), match["scale"]
    coins = _coins(match["rest"])
    written = _evaluate(number + scale)
    if coins is None or written is None or (coins[0] and not match["rest"]):
        return None
    said = scale if scale or match["rest"] else None
    step = coins[1] if coins[1] is not None else written.step
    value = -(written.value + coins[0]) if negative else written.value + coins[0]
    more = bool(match["more"] or match["more2"])
    return _Single(value, step, said if said is None or said in _SCALES else "", approximate or more)


_RANGE = re.compile(
    r"(?P<low>.*[0-9十百千万亿元])(?:-|~|～|至|到)(?P<high>[0-9一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾].*)"
)


def parse_amount(text: str, *, default_unit: str | None = None) -> Amount | None:
    """A sum of money as printed in a cell: 3,000.00万元, 叁仟万元整, ￥1,409.50, 1.2亿余元, 3000-3500万, 500万美元.

    :param default_unit: the unit of the row's label, the column or the form, used only where the text names none
    :return: None where the text is no amount, or reads in more than one way (``1.234,56``)
    """
    if not text or len(text) > MAX_TEXT:
        return None
    cleaned, foreign = _currency(_clean(text))
    cleaned = re.sub(r"^[:;,.]+|[;,]+$", "", cleaned)
    if "大写" in cleaned or "小写" in cleaned:
        return _twice_written(cleaned, foreign, text, default_unit)
    ranged = _RANGE.fullmatch(cleaned)
    if ranged:
        return _range(ranged["low"], ranged["high"], foreign, text, default_unit)
    one = _single(cleaned)
    return _amount(one, foreign, text, default_unit) if one else None


def _twice_written(cleaned: str, foreign: str, raw: str, default_unit: str | None) -> Amount | None:
    """3000万元(大写:叁仟万元整): both must say the same."""
    pieces = [re.sub(r"^[():,;]+|[():,;]+$", "", piece) for piece in re.split(r"大写|小写", cleaned)]
    read = [_single(piece) for piece in pieces if piece]
    if not read or None in read:
        return None
    amounts = [_amount(one, foreign, raw, default_unit) for one in read if one]
    return amounts[0] if len({amount.value for amount in amounts}) == 1 else None


def _amount(one: _Single, foreign: str, raw: str, default_unit: str | None) -> Amount:
    unit, factor = _unit_of(one, foreign, default_unit)
    currency = _CURRENCIES.get(_foreign_of(unit or ""), "CNY")
    return Amount(one.value * factor, unit, currency, one.step * factor, raw, one.approximate)


def _unit_of(one: _Single, money: str, default_unit: str | None) -> tuple[str | None, Decimal]:
    """(unit, what to multiply by): the cell's own words first, then the default, then a bare ¥ or $ sign."""
    if one.scale is not None:
        return f"{one.scale}{money or '元'}", Decimal(1)
    if default_unit and default_unit in UNITS and (not money or (_foreign_of(default_unit) or "元") == money):
        return default_unit, UNITS[default_unit]
    return money or None, Decimal(1)


def _foreign_of(unit: str) -> str:
    return next((name for name in _CURRENCIES if unit.endswith(name)), "")


def _range(low: str, high: str, foreign: str, raw: str, default_unit: str | None) -> Amount | None:
    first, second = _single(low), _single(high)
    if first is None or second is None or re.match(r"0\d", low):  # 0411-84768888 is a telephone
        return None
    if first.scale is None and second.scale is not None:  # 3000-3500万: the unit stands once
        factor = Decimal(10) ** _SCALES[second.scale]
        first = _Single(first.value * factor, first.step * factor, second.scale, True)
    start, end = _amount(first, foreign, raw, default_unit), _amount(second, foreign, raw, default_unit)
    if end.value <= start.value:
        return None
    return Amount(start.value, start.unit, start.currency, start.precision, raw, True, end.value)


_COUNT = re.compile(
    rf"{_APPROX}*(?P<num>[{_NUMBER_PART}]+?)(?P<unit>[人名个位家项件次余多]*)(?:以上|左右)?(?:\(.*\))?[.,;]?"
)


def parse_count(text: str) -> int | None:
    """A number of people or things: 320, 1,200人, 三百二十人, 约300余人. None for fractions, ranges and other text."""
    if len(text) > MAX_TEXT:
        return None
    match = _COUNT.fullmatch(_clean(text))
    value = _written(match["num"].strip()) if match else None
    if value is None or value != value.to_integral_value() or value >= 10**12:
        return None
    return int(value)


# --------------------------------------------------------------------------------------------------------- units

_SCALE_WORD = "(?:万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百|十)"
_UNIT = re.compile(rf"({_SCALE_WORD})?\s*(?:人民币)?\s*({'|'.join(_CURRENCIES)}|元)")
_BARE_YUAN = re.compile(r"(?:^|[(\[:/,;\s币为以是])元(?=$|[)\]/,;:.\s整]|/)")


def find_unit(text: str) -> str | None:
    """The unit a label, caption or head names: （万元）, 单位：人民币元, 金额单位均为人民币千元, 万美元, RMB'000.

    None where it names none, or two different ones.
    """
    text = re.sub(r"[ \t]+", "", _clean(text[:2000]))
    text = re.sub(r"(?:RMB|CNY|人民币)?'000", "千元", text)
    found: set[str] = set()
    for scale, name in _UNIT.findall(text):
        if scale or name != "元":
            found.add(f"{scale}{name}")
    if _BARE_YUAN.search(re.sub(rf"{_SCALE_WORD}元", "", text)):
        found.add("元")
    return found.pop() if len(found) == 1 else None


def resolve_unit(*sources: str | None, default: str | None = None) -> str | None:
    """The first unit that a source names, in DOMAIN §5's order (cell, label, head, caption); else default."""
    return next((unit for source in sources if source and (unit := find_unit(source))), default)


def in_unit(yuan: Decimal, unit: str) -> Decimal:
    """``yuan`` as a number of ``unit``."""
    return yuan / UNITS[unit]


_WIDE = Context(prec=64, rounding=ROUND_HALF_UP)  # MAX_DIGITS in the largest unit, and the cents


def format_yuan(value: Decimal) -> str:
    """CONTRACT's text of an amount: yuan, two decimals, half up, no exponent."""
    return f"{value.quantize(Decimal('0.01'), context=_WIDE):f}"


# ---------------------------------------------------------------------------------------------------- comparison


def equal_declared(exact: Decimal, declared: Decimal, unit: str) -> Declared:
    """Whether ``declared`` (in ``unit``, with the decimals it was written with) stands for ``exact`` yuan.

    CONTRACT: equal if it is the exact figure rounded half up, or cut off, at the declared precision.
    """
    if not exact.is_finite() or not declared.is_finite():
        return "different"
    scaled = exact / UNITS[unit]
    if scaled == declared:
        return "equal"
    step = Decimal(1).scaleb(min(0, int(declared.as_tuple().exponent)))
    if scaled.quantize(step, rounding=ROUND_HALF_UP) == declared:
        return "rounded"
    if scaled.quantize(step, rounding=ROUND_DOWN) == declared:
        return "truncated"
    return "different"


def unit_slip(a: Decimal, b: Decimal) -> int | None:
    """k (±1 … ±8) where a is b times 10**k: the same figure in another unit, or a lost decimal point; else None."""
    if not a or not b or (a < 0) != (b < 0):
        return None
    for power in SLIP_POWERS:
        for k in (power, -power):
            if abs(a - b.scaleb(k)) <= SLIP_TOLERANCE * abs(a):
                return k
    return None
