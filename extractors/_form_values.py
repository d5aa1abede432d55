"""Values of an information form: how well a text fits a field, and what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractors._fields import tidy
from extractors._form_labels import vocabulary
from pipeline.model import FieldValue
from pipeline.programmes import load
from pipeline.values import amounts, dates, identifiers, numbers, regions

__all__ = ["AMOUNTS", "COUNTS", "Parsed", "Units", "fits", "is_empty", "parse", "without_hints"]

_IN_WORDS = frozenset(
    {"name", "operator", "previous_names", "legal_representative", "contact", "address", "headquarters"}
    | {"delivery_location", "email", "mobile", "commerce_department"}
)
AMOUNTS = frozenset({"registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue"})
COUNTS = frozenset({"staff", "outsourcing_staff", "degree_staff"})
FORM_UNIT = "万元"  # DOMAIN §5: what these forms count in where nothing is said
DOUBTFUL = Decimal("10000000000")  # yuan (100 亿): a figure above it whose unit nobody printed was likely meant in 元


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says. ``trust``: chance that it was understood right, apart from the reading of its characters."""

    value: FieldValue
    trust: float = 1.0
    unit: str | None = None
    reasons: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Units:
    """Where a unit may be said, in DOMAIN §5's order after the cell itself."""

    label: str = ""
    head: str = ""
    beside: str = ""
    caption: str = ""
    others: str = ""  # what the form's other revenues are counted in


# -------------------------------------------------------------------------------------------------------------- empty

_EMPTY = frozenset(
    (
        *("", "无", "暂无", "没有", "不适用", "无此项", "未填", "空", "略", "无无", "N/A", "NA", "n/a"),
        *("/", "／", "\\", "|", "-", "--", "---", "—", "——", "――", "–", "－", "一", "ー", "丿"),
        *("_", "、", ".", "·", "〇", "：", ":"),
    )
)
_HINT = re.compile(
    r"[(（\[【][^()（）\[\]【】]*(?:如|请|填|必|选填|注|可多选|多选|单选|选择|格式|勾选|例|示例|打[√勾])[^()（）\[\]【】]*[)）\]】]|^(?:请填写|请输入|请选择|点击填写).*$|[*＊]?必填(?:项)?|^注[:：].*$"
)


def without_hints(text: str) -> str:
    """A value without the form's own hints (如无请填“无”, 请填写 …)."""
    return _HINT.sub("", text).strip(" _＿\u3000\n\t")


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blank, 无, /, a dash, only hints, only blanks to fill in."""
    bare = tidy(without_hints(text))
    return bare in _EMPTY or not bare or not re.sub(r"[\s_＿—\-/·.…年月日]", "", bare)


# ---------------------------------------------------------------------------------------------------------------- fit

_ORGANISATION = re.compile(
    r"公司|学校|学院|大学|中心|园|基地|集团|委员会|研究院|研究所|协会|厂|事务所|学堂|管委会|企业|合伙"
)
_PERSON = re.compile(r"[\u4e00-\u9fff·•]{2,6}(?:[(（].*[)）])?|[A-Za-z][A-Za-z .\-]{2,40}")
_PLACE = re.compile(r"[省市区县路号街镇乡国州道村园楼]|北京|上海|天津|重庆|中国")
_NUMBER_SHAPED = re.compile(r"[A-Za-z]{0,8}[-_]?\d[A-Za-z0-9\-_/]{4,30}")
_OFFICE = re.compile(r"(?:局|委员会|厅|委|管委会|办公室|处)$")
_LABEL_END = re.compile(r"[:：]\s*$")


def fits(key: str, text: str) -> float:
    """How well a text suits a field, 0 to 1; 0.5: could be (so does a blank, which every cell may be)."""
    if not key:
        return 0.5
    if is_empty(text):
        return 0.5
    bare = tidy(without_hints(text))
    if _LABEL_END.search(text) or vocabulary.is_label(bare):
        return 0.0
    judge = _FITS.get(key)
    return judge(bare) if judge else 0.5


def _fits_amount(text: str) -> float:
    if amounts.parse_amount(text) or _capitals(text):
        return 1.0
    return 0.7 if _first_amount(text) else 0.1


def _fits_count(text: str) -> float:
    return 1.0 if amounts.parse_count(text) is not None else 0.6 if _first_count(text) is not None else 0.1


def _fits_date(text: str) -> float:
    if dates.parse_date(text):
        return 1.0
    return (
        0.7
        if len(dates.find_dates(text)) == 1
        or _SHORT_YEAR.fullmatch(text)
        or (dates.parse_year(text) and len(text) < 12)
        else 0.1
    )


def _fits_uscc(text: str) -> float:
    compact = re.sub(r"[^0-9A-Za-z]", "", text)
    if identifiers.find_uscc(text) or len(compact) == 18:
        return 1.0
    return 0.6 if 8 <= len(compact) <= 20 and sum(c.isdigit() for c in compact) >= 6 else 0.1


# Words of a declaration, not of a name.
_SPOKEN = re.compile(
    r"[,，;；。:：]|承诺|保证|[我本](?:单位|公司|企业|园区|机构|校|院)|所填|真实|法定代表|负责人|签字|盖章|公章|年\s*月"
)


def _fits_name(text: str) -> float:
    if not 4 <= len(text) <= 80 or not re.search(r"[\u4e00-\u9fff]{2}|[A-Za-z]{4}", text):
        return 0.1
    if _SPOKEN.search(text) or text.count("(") + text.count("（") > text.count(")") + text.count("）"):
        return 0.15
    return 1.0 if _ORGANISATION.search(text) else 0.55


_HEADING_WORDS = re.compile(
    r"(?:及|与|和|的|等|基本|有关|相关)*(?:信息|情况|方式|资料|概况|数据|规模|领域|名单|一览|汇总|电话|手机|邮箱|姓名|职务|人员|部门)+表?"
)


def _fits_person(text: str) -> float:
    if _HEADING_WORDS.fullmatch(text):
        return 0.1  # 联系人 | 信息
    if _PERSON.fullmatch(text):
        return 0.4 if regions.region_of(text).province or re.search(r"(?:公司|意见|部门|签字|盖章)$", text) else 0.95
    digits = sum(c.isdigit() for c in text)
    return 0.65 if digits >= 7 and re.match(r"[\u4e00-\u9fff]{2,4}[^\u4e00-\u9fff]", text) else 0.15


def _fits_place(text: str) -> float:
    if re.search(r"[:：]|盖章|@", text) or len(text) > 120:
        return 0.2
    return 0.9 if _PLACE.search(text) else 0.45


def _fits_mobile(text: str) -> float:
    return 1.0 if numbers.mobile(text) else 0.6 if re.fullmatch(r"[\d\s\-+()（）转—]{7,24}", text) else 0.1


def _fits_email(text: str) -> float:
    return (
        1.0
        if numbers.email(text)
        else 0.6
        if "@" in text or re.fullmatch(r"[\w.\-]+\.(?:com|cn|net|org)", text)
        else 0.1
    )


def _fits_department(text: str) -> float:
    if re.search(r"盖章|公章|意见|年\s*月|[,，。]", text):
        return 0.2
    return 1.0 if regions.is_commerce_department(text) else 0.75 if _OFFICE.search(text) else 0.3


def _fits_number(text: str) -> float:
    return 1.0 if _NUMBER_SHAPED.fullmatch(re.sub(r"\s", "", text)) else 0.15


def _known(text: str, names: Sequence[str]) -> bool:
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return any(name.upper() in bare for name in names)


def _fits_industry(text: str) -> float:
    programme = load("cciip-2023")
    return 0.95 if _known(text, (*programme.industries, *programme.categories)) else 0.55 if len(text) < 40 else 0.3


def _fits_functions(text: str) -> float:
    return 1.0 if _known(text, load("cciip-2023").functions) else 0.5


def _fits_track(text: str) -> float:
    return 0.9 if re.search(r"供应商|园区|培训|院校|企业", text) else 0.3


_FITS: Mapping[str, Callable[[str], float]] = {
    **dict.fromkeys(AMOUNTS, _fits_amount),
    **dict.fromkeys(COUNTS, _fits_count),
    "established": _fits_date, "submitted_at": _fits_date, "uscc": _fits_uscc, "name": _fits_name,
    "operator": _fits_name,
    "previous_names": _fits_name, "legal_representative": _fits_person, "contact": _fits_person, "address": _fits_place,
    "headquarters": _fits_place, "delivery_location": _fits_place, "mobile": _fits_mobile, "email": _fits_email,
    "commerce_department": _fits_department, "application_no": _fits_number, "industry": _fits_industry,
    "functions": _fits_functions, "_track": _fits_track, "_person": _fits_person, "_total": _fits_amount,
}  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- parse


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
        return _amount(bare, units or Units())
    if key in COUNTS:
        return _count(bare)
    if key == "uscc":
        return _uscc(bare, sure=sure)
    handler = _PARSERS.get(key)
    return handler(bare) if handler else Parsed(bare)


_AMOUNT_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z\-.])[-−]?\d(?:[\d,，.\s]*\d)?\s*(?:[十百千]?[万亿]{0,2}(?:美元|元)?)(?![0-9A-Za-z\-年月日号楼层室])"
)


def _first_amount(text: str) -> str | None:
    """The one amount in a text with other words; None if there are several."""
    found = [m[0].strip() for m in _AMOUNT_IN_TEXT.finditer(text) if amounts.parse_amount(m[0].strip())]
    return found[0] if len(found) == 1 and len(text) <= 60 else None


def _capitals(text: str) -> tuple[str, str] | None:
    """大写 and 小写 of one amount in one cell: 人民币叁仟万元整（¥30,000,000.00）."""
    match = re.fullmatch(r"(?P<a>[^(（]+)[(（](?P<b>[^()（）]+)[)）]", text)
    if match and amounts.parse_amount(match["a"]) and amounts.parse_amount(match["b"]):
        return match["a"], match["b"]
    return None


def _amount(text: str, units: Units) -> Parsed | None:
    both = _capitals(text)
    if both:
        return _two_amounts(*both, units)
    text = re.sub(r"[(（](?:人民币|RMB|CNY)[)）]", "", text)
    text = re.sub(r"^[(（]\s*([¥￥][^()（）]*)[)）]$", r"\1", text)  # said a second time, not negative
    text = _ALL_THOUSANDS.sub(lambda match: re.sub(r"[.,，]", "", match[0]), text)
    trust, reasons = 1.0, []
    plain = text
    if amounts.parse_amount(plain) is None:
        found = _first_amount(text)
        if found is None:
            return None
        plain, trust = found, 0.8
        reasons.append("part_of_text")
    default, source = _unit(units)
    if source == "form" and re.search(r"[¥￥]", plain):
        default = "元"  # where nothing else is said, the sign says it
    if _THREE_DECIMALS.fullmatch(plain) and FORM_UNITS.get(default, 0) <= 4:
        return _thousands(plain, default, source)
    amount = amounts.parse_amount(plain, default_unit=default)
    if amount is None:
        return None
    own = amounts.find_unit(plain) is not None or amounts.parse_amount(plain).unit is not None  # type: ignore[union-attr]
    if not own and source == "form":
        reasons.append("unit_from_form")
        trust *= 0.97
    if not own and source == "others":
        reasons.append("unit_of_others")
        trust *= 0.9
    if amount.currency != "CNY":
        return Parsed(None, 0.5, amount.unit, (*reasons, f"foreign_currency:{amount.currency}"))
    if amount.approximate or amount.range_to is not None:
        reasons.append("approximate")
        trust *= 0.6
    if not own and source == "form" and amount.value >= DOUBTFUL:
        bare = amounts.parse_amount(plain, default_unit="元")
        if bare:  # nobody's revenue is that many 万元
            reasons.append("unit_doubtful")
            other = (amounts.format_yuan(amount.value),)
            return Parsed(amounts.format_yuan(bare.value), trust * 0.6, bare.unit, tuple(reasons), other)
    return Parsed(amounts.format_yuan(amount.value), trust, amount.unit, tuple(reasons))


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
    one, two = _amount(first, units), _amount(second, units)
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


def _first_count(text: str) -> int | None:
    found = re.findall(r"\d[\d,，]*(?=\s*[人名位])", text) or re.findall(r"\d[\d,，]*", text)
    return amounts.parse_count(found[0]) if len(found) == 1 and len(text) < 30 else None


def _count(text: str) -> Parsed | None:
    value = amounts.parse_count(text)
    if value is not None:
        vague = re.search(r"约|余|多|以上|以下|左右|近|逾|超|不足|不少于|不低于|至少|大概", text)
        return Parsed(value, 0.6 if vague else 1.0, reasons=("approximate",) if vague else ())
    value = _first_count(text)
    return Parsed(value, 0.8, reasons=("part_of_text",)) if value is not None else None


LAST_SHORT = 30  # two digits of a year up to here are of this century
_SHORT_YEAR = re.compile(r"[\"'’]?(\d{2})\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})\s*日?")


def _date(text: str) -> Parsed | None:
    day = dates.parse_date(text)
    if day:
        return Parsed(day.isoformat())
    found = dates.find_dates(text)
    if len(found) == 1:
        return Parsed(found[0][0].isoformat(), 0.95)
    short = _SHORT_YEAR.fullmatch(text)
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
    return Parsed(value, 1.0 if _ORGANISATION.search(value) else 0.9) if len(value) >= 3 else None


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
    match = re.match(r"[\u4e00-\u9fff·•]{2,}|[A-Za-z][A-Za-z .\-]+", text)
    if not match:
        return None
    name = match[0].strip(" ·•.")
    whole = len(name) == len(text.strip(" ·•."))
    return Parsed(name, 1.0 if whole else 0.85, reasons=() if whole else ("part_of_text",))


def _place(text: str) -> Parsed | None:
    value = re.sub(r"[,，;；\s]*(?:邮编|邮政编码)[:：]?\s*\d{6}$", "", text)
    return Parsed(_brackets(value), 1.0 if _PLACE.search(value) else 0.85)


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
    address = numbers.email(text)
    if address is None:
        return None
    # 1 and l, 0 and o look alike; a lone digit amid letters is far more often the letter.
    likelier = re.sub(r"(?<![0-9a-z])1(?=[a-z]{2})|(?<=[a-z])1(?=[a-z])", "l", address)
    likelier = re.sub(r"(?<=[a-z])0(?=[a-z])", "o", likelier)
    rivals = {address, address.replace("1", "l"), address.replace("l", "1"), address.replace("0", "o")} - {likelier}
    if likelier != address:
        return Parsed(likelier, 0.85, None, ("lookalikes", f"repaired:{address}"), tuple(sorted(rivals)))
    doubtful = re.search(r"l1|1l|o0|0o", address)  # two that look alike side by side: the one may be the other twice
    return Parsed(
        address,
        0.85 if doubtful else 0.98,
        reasons=("lookalikes",) if doubtful else (),
        alternatives=tuple(sorted(rivals)),
    )


def _department(text: str) -> Parsed | None:
    value = _brackets(re.sub(r"[(（]?(?:盖章|公章)[)）]?.*$", "", text)).strip()
    if regions.is_commerce_department(value):
        return Parsed(value)
    return Parsed(value, 0.85) if _OFFICE.search(value) else Parsed(value, 0.5)


def _number(text: str) -> Parsed | None:
    compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).strip(":.。")
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
