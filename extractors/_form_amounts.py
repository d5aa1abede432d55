"""Amounts and counts of a form: units from where forms say them, misread separators, 大写 beside 小写."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from extractors._form_parsed import Parsed
from pipeline.values import amounts

__all__ = ["Units", "amount_in", "capitals", "count_in", "first_amount", "first_count"]

FORM_UNIT = "万元"  # DOMAIN §5: what these forms count in where nothing is said
DOUBTFUL = Decimal("10000000000")  # yuan (100 亿): a figure above it whose unit nobody printed was likely meant in 元


@dataclass(frozen=True, slots=True)
class Units:
    """Where a unit may be said, in DOMAIN §5's order after the cell itself."""

    label: str = ""
    head: str = ""
    beside: str = ""
    caption: str = ""
    others: str = ""  # what the form's other revenues are counted in


_AMOUNT_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z\-.])[-−]?\d(?:[\d,，.\s]*\d)?\s*(?:[十百千]?[万亿]{0,2}(?:美元|元)?)(?![0-9A-Za-z\-年月日号楼层室]|\s*(?:人(?!民币)|[名位家个门项亩%％]))"
)


def first_amount(text: str) -> str | None:
    """The one amount in a text with other words; None if there are several."""
    found = [m[0].strip() for m in _AMOUNT_IN_TEXT.finditer(text) if amounts.parse_amount(m[0].strip())]
    return found[0] if len(found) == 1 and len(text) <= 60 else None


def capitals(text: str) -> tuple[str, str] | None:
    """大写 and 小写 of one amount in one cell: 人民币叁仟万元整（¥30,000,000.00）."""
    match = re.fullmatch(r"(?P<a>[^(（]+)[(（](?P<b>[^()（）]+)[)）]", text)
    if match and amounts.parse_amount(match["a"]) and amounts.parse_amount(match["b"]):
        return match["a"], match["b"]
    return None


def amount_in(text: str, units: Units) -> Parsed | None:
    """The amount of a text in yuan, in the unit that it or the form says."""
    both = capitals(text)
    if both:
        return _two_amounts(*both, units)
    figure = _figure_of(text)
    if figure is None:
        return None
    plain, among_words = figure
    default, source = _unit(units)
    if source == "form" and re.search(r"[¥￥]", plain):
        default = "元"  # where nothing else is said, the sign says it
    if _THREE_DECIMALS.fullmatch(plain) and default in FORM_UNITS:
        return _thousands(plain, default, source)
    amount = amounts.parse_amount(plain, default_unit=default)
    if amount is None:
        return None
    own = amounts.find_unit(plain) is not None or amounts.parse_amount(plain).unit is not None  # type: ignore[union-attr]
    trust, reasons = (0.8, ["part_of_text"]) if among_words else (1.0, [])
    if not own and source in _ASSUMED:
        factor, reason = _ASSUMED[source]
        reasons.append(reason)
        trust *= factor
    if amount.currency != "CNY":
        return Parsed(None, 0.5, amount.unit, (*reasons, f"foreign_currency:{amount.currency}"))
    if amount.approximate or amount.range_to is not None:
        reasons.append("approximate")
        trust *= 0.6
    said = Parsed(amounts.format_yuan(amount.value), trust, amount.unit, tuple(reasons))
    doubtful = not own and source == "form" and amount.value >= DOUBTFUL
    return _rather_in_yuan(said, plain) if doubtful else said


_ASSUMED = {"form": (0.97, "unit_from_form"), "others": (0.9, "unit_of_others")}  # where no unit stands beside a figure


def _figure_of(text: str) -> tuple[str, bool] | None:
    """The figure of a text, its currency and misread commas aside, and whether it stands among other words."""
    text = re.sub(r"[(（](?:人民币|RMB|CNY)[)）]", "", text)
    text = re.sub(r"^[(（]\s*([¥￥][^()（）]*)[)）]$", r"\1", text)  # said a second time, not negative
    text = _ALL_THOUSANDS.sub(lambda match: re.sub(r"[.,，]", "", match[0]), text)
    if amounts.parse_amount(text) is not None:
        return text, False
    found = first_amount(text)
    return None if found is None else (found, True)


def _rather_in_yuan(said: Parsed, plain: str) -> Parsed:
    """A figure so large that it was likely meant in 元: nobody's revenue is that many 万元."""
    bare = amounts.parse_amount(plain, default_unit="元")
    if not bare:
        return said
    reasons = (*said.reasons, "unit_doubtful")
    return Parsed(amounts.format_yuan(bare.value), said.trust * 0.6, bare.unit, reasons, (str(said.value),))


# 621.056.000: no figure has two points, so all of them are commas.
_ALL_THOUSANDS = re.compile(r"(?<![\d.,，])\d{1,3}(?:[.,，]\d{3}){2,}(?![\d.,，])")
# 408.820: a comma read as a point. Yuan have two decimals, so 元 and 千元 leave no doubt; 万元 do.
_THREE_DECIMALS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
FORM_UNITS = {"元": 2, "千元": 3, "万元": 4}


def _thousands(text: str, unit: str, source: str) -> Parsed | None:
    """A figure of three decimals as the thousands that it likely is, never as a sure reading."""
    whole = amounts.parse_amount(text.replace(".", ""), default_unit=unit)
    small = amounts.parse_amount(text, default_unit=unit)
    if whole is None or small is None:
        return None
    reasons = ("separator_doubtful", "unit_from_form") if source == "form" else ("separator_doubtful",)
    both = amounts.format_yuan(whole.value), amounts.format_yuan(small.value)
    if FORM_UNITS[unit] <= 3:
        return Parsed(both[0], 0.8, unit, reasons, both[1:])
    return Parsed(both[1], 0.6, unit, reasons, both[:1])


def _two_amounts(first: str, second: str, units: Units) -> Parsed | None:
    """One sum said twice, in words and in figures; a figure without a unit is in 元 then, as 大写 is."""
    one, two = amount_in(first, units), amount_in(second, units)
    if one is None or two is None:
        return one or two
    bare = [parsed for text in (first, second) if (parsed := amounts.parse_amount(text, default_unit="元"))]
    if one.value == two.value or len({parsed.value for parsed in bare}) == 1:
        return replace(one, trust=1.0, reasons=("in_words_too",))
    return replace(one, trust=0.4, reasons=(*one.reasons, "words_and_figures_differ"), alternatives=(str(two.value),))


def _unit(units: Units) -> tuple[str, str]:
    for source, text in (  # the last but for the form's custom: what its other figures say
        ("label", units.label),
        ("head", units.head),
        ("beside", units.beside),
        ("caption", units.caption),
        ("others", units.others),
    ):
        unit = amounts.find_unit(text) if text else None
        if unit:
            return unit, source
    return FORM_UNIT, "form"


def first_count(text: str) -> int | None:
    """The one number in a text with other words."""
    found = re.findall(r"\d[\d,，]*(?=\s*[人名位])", text) or re.findall(r"\d[\d,，]*", text)
    return amounts.parse_count(found[0]) if len(found) == 1 and len(text) < 30 else None


def count_in(text: str) -> Parsed | None:
    """How many people a text says."""
    value = amounts.parse_count(text)
    if value is not None:
        vague = re.search(r"约|余|多|以上|以下|左右|近|逾|超|不足|不少于|不低于|至少|大概", text)
        return Parsed(value, 0.6 if vague else 1.0, reasons=("approximate",) if vague else ())
    value = first_count(text)
    return Parsed(value, 0.8, reasons=("part_of_text",)) if value is not None else None
