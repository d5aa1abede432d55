"""What certificates, licences and proofs share: fields from labels, a place for the applicant's seal (DOMAIN §7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from extractors._fields import field_of, millimetres, tidy
from extractors._layout import Found, Layout, Whole, joined, squeeze
from pipeline.model import Box, Field, FieldValue, Line, ReadPage, SealPlace
from pipeline.tables.grid import rows_of
from pipeline.values.amounts import format_yuan, parse_amount
from pipeline.values.dates import find_dates, is_long_term, parse_date
from pipeline.values.identifiers import find_uscc, repair_uscc, uscc_org_valid
from pipeline.values.numerals import small_number
from pipeline.values.region_table import CITIES, PROVINCES

__all__ = [
    "MENDED",
    "Parsed",
    "address_field",
    "address_of",
    "amount_field",
    "best",
    "date_of",
    "date_under_seal",
    "free_place",
    "holders",
    "is_organisation",
    "later",
    "listed",
    "number_under",
    "organisation",
    "person",
    "plain",
    "read_field",
    "spoken_date",
    "term_years",
    "text_of",
    "unbracketed",
    "uscc_field",
    "valid_until",
    "whole_address",
    "whole_name",
]

STAMP_MM = 45.0  # the largest usual company seal (DOMAIN §6.1)
SPANS = ("营业期限", "经营期限", "合伙期限")  # labels of a begin and an end: a day alone is the begin
BY_RULE = 0.9  # trust in a date that was computed from a term
MENDED = 0.8  # trust in a name that a seal tore or ran on
SMALL_PRINT = 17.5  # px of a line's box under which Chinese is a guess: signs of some 11 px
SMALL_TRUST = 0.92
REPAIRED = 0.85  # most that a repaired code is worth


# --------------------------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value made of text; ``trust``: that it is what it should be."""

    value: FieldValue
    trust: float = 0.98
    reasons: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


Parser = Callable[[str], Parsed | None]


def read_field(
    layouts: Sequence[Layout], name: str, key: str, parse: Parser, *, wraps: bool = False, whole: Whole | None = None
) -> Field | None:
    """The field behind a label: of all places where its value may stand, the surest that makes sense."""
    made: list[Field] = []
    for layout in layouts:
        for found in layout.found(key, wraps=wraps, whole=whole):
            parsed = parse(found.text)
            if parsed is None:
                continue
            made.append(_made(layout, name, found, parsed))
            break
    return best(made)


def _made(layout: Layout, name: str, found: Found, parsed: Parsed) -> Field:
    small = _small_print(found.lines, layout.page)
    return field_of(
        name,
        parsed.value,
        found.lines,
        layout.page,
        raw=found.text.strip(" :："),
        trust=min(parsed.trust, 0.99) * found.trust * (SMALL_TRUST if small else 1.0),
        alternatives=parsed.alternatives,
        reasons=("label", *parsed.reasons, *(("small_print",) if small else ())),
    )


def _small_print(lines: Sequence[Line], page: ReadPage) -> bool:
    """Chinese of so few pixels that strokes melt: 顶 is read 项, 眼 跟, as surely as ever."""
    height = page.page.upright_height or page.page.height
    return any(line.box.height * height < SMALL_PRINT and re.search(r"[\u4e00-\u9fff]", line.text) for line in lines)


def best(fields: Iterable[Field | None]) -> Field | None:
    """The surest of several."""
    return max((f for f in fields if f is not None), key=lambda f: f.confidence, default=None)


def text_of(field: Field | None) -> str:
    """A field's value where it is a text, else nothing."""
    return field.value if field is not None and isinstance(field.value, str) else ""


LETTERS = 5  # different ones that a Latin name has at the least
_ORG_END = re.compile(
    r"(?:公司|集团|企业|事务所|学院|大学|学校|中学|小学|职校|中心|研究院|研究所|设计院|委员会|管委会|协会|学会|商会|联合会|联盟|基地|园区?|"
    r"合作社|工厂|厂|医院|院|所|局|厅|部|处|站|社|馆|店|行|会|办公室|基金会|合伙\)?|合伙）?|工作室|幼儿园|银行|支行|经营部)(?:[(（][^)）]{1,14}[)）])?$"
)
_NO_ORG = re.compile(
    r"[。!?！？]|根据|规定|予以|特此|本证书|有效|符合|兹证明|以下|上述|变更|登记簿|公示系统|监督管理总局监制"
)
_END_TWICE = re.compile(r"(有限(?:责任)?公司)(?:有?限?责?任?公司)+$")
_END_ALONE = re.compile(r"^(?:股份|科技|技术|责任)?(?:有|限|有限|有限责任|责任)?公?司?$")
_ABBREVIATED = re.compile(r"\b(?:Ltd|Inc|Co|Corp|LLC|S\.A|B\.V)$")
_LATIN_SENTENCE = re.compile(
    r"^[a-z][a-z]*\s|\s(?:is|are|has|have|been|was|by|which|that|this|must|shall|may|subject)\s"
)
_AFTER_NAME = re.compile(r"[(（](?:以下|下称|简称|盖章|公章|签章).*$|[,，;；。]$")


_OPENED = re.compile(
    r"^([\u4e00-\u9fff]{2,12})([(（])([\u4e00-\u9fff]{6,40})$|"
    r"^([\u4e00-\u9fff]{4,40})([)）])([\u4e00-\u9fff]{2,40})$"
)


def _closed(bare: str) -> str | None:
    """甲（北京认证有限公司: a bracket around a place, of which one half was lost, put back."""
    match = _OPENED.match(bare)
    if match is None:
        return None
    if match[2]:
        place = next((p for p in _places() if match[3].startswith(p)), None)
        return f"{match[1]}（{place}）{match[3][len(place) :]}" if place else None
    place = next((p for p in _places() if match[4].endswith(p) and len(match[4]) > len(p) + 1), None)
    return f"{match[4][: -len(place)]}（{place}）{match[6]}" if place else None


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """Places that companies' names put in brackets, the longest first."""
    cities = [city for names in CITIES.values() for city in names]
    return tuple(sorted({"中国", "集团", "国际", *PROVINCES, *cities}, key=lambda name: (-len(name), name)))


def unbracketed(text: str) -> str:
    """A name without the brackets around all of it: （某某（大连）有限公司）; one of the two may have been lost."""
    bare = re.sub(r"^[(（]", "", text.strip())
    opened, closed = len(re.findall(r"[(（]", bare)), len(re.findall(r"[)）]", bare))
    return re.sub(r"[)）]$", "", bare) if closed > opened else bare


def is_organisation(text: str) -> bool:
    """Whether a text can be the name of an organisation."""
    bare = squeeze(text)[0]
    # The end of a name that a seal tore off (有限公司) is none.
    return 4 <= len(bare) <= 60 and bool(_ORG_END.search(bare)) and not (_NO_ORG.search(bare) or _END_ALONE.match(bare))


def organisation(text: str) -> Parsed | None:
    """A name of an organisation (or of a person that holds a right), as printed."""
    kept = tidy(text).rstrip(" |_")
    bare = _AFTER_NAME.sub("", tidy(text)).strip(" :：;；,，。、.|_")
    if _ABBREVIATED.search(bare) and kept.endswith(f"{bare}."):
        bare += "."
    # A name under a seal is found twice in parts: …有限公司限公司; its end alone is no name.
    bare = _END_TWICE.sub(r"\1", bare)
    if (closed := _closed(bare)) is not None:
        return Parsed(closed, MENDED, (f"repaired:{bare}",), (bare,))
    if (
        _END_ALONE.match(bare)
        or _NO_ORG.search(bare)
        or not 2 <= len(bare) <= 90
        or not re.search(r"[A-Za-z\u4e00-\u9fff]{2}", bare)
    ):
        return None
    if is_organisation(bare):
        return Parsed(bare)
    if mended := _mended_name(bare):
        longer = re.sub(r"(?<!股份)有限公司$", "有限责任公司", mended)
        rivals = (longer,) if bare in mended and longer != mended and re.search(r"有限?$", bare) else ()
        return Parsed(mended, MENDED, (f"repaired:{bare}",), (bare, *rivals))
    if _LATIN_SENTENCE.search(bare):
        return None
    if re.fullmatch(r"[A-Za-z0-9 .,&()'\-]{5,90}", bare):
        # A guilloche border is read as CCCCCC.
        return Parsed(bare, 0.9) if len(set(bare.casefold())) >= LETTERS else None
    return Parsed(bare, 0.7) if len(bare) >= 2 and not re.search(r"\d{5}", bare) else None


def whole_name(text: str, below: str) -> bool:
    """Whether a name is complete without the row below it, which may add 分公司 or 分校."""
    return is_organisation(text) and not re.search(r"^.{0,14}(?:分公司|分院|分校|支行|分行|研究院)$", squeeze(below)[0])


def whole_address(text: str, below: str) -> bool:
    """Whether the row below an address is another thing: a name of an organisation, a watermark."""
    return bool(re.search(r"公司$", squeeze(below)[0])) and is_organisation(below)


_TORN = re.compile(r"^(.{4,40}?(?:股份|[\u4e00-\u9fff]{2}))有(?:限(?:公)?)?$")
_TORN_LIABILITY = re.compile(r"^(.{4,40}?)有限责(?:任(?:公)?)?$")
_RUN_ON = re.compile(r"^(.{2,40}?有限(?:责任)?公司)[\u4e00-\u9fff]{1,10}$")


def _mended_name(bare: str) -> str | None:
    """甲股份有限公, its end hidden by a seal; 甲有限公司信息服务, gone on with by a seal's own text."""
    torn = _TORN.match(bare)
    if torn:
        return f"{torn[1]}有限公司"
    liable = _TORN_LIABILITY.match(bare)
    if liable:
        return f"{liable[1]}有限责任公司"
    run_on = _RUN_ON.match(bare)
    return run_on[1] if run_on and not re.search(r"[司院行店部厂]$", bare) else None


_NO_PERSON = re.compile(
    r"邮箱|电话|手机|官网|网址|传真|地址|住所|类型|日期|资本|资金|期限|范围|经营|签字|签名|盖章|公章|姓名|个人|公司|^无$|元[整正]|[圆圓]|万元|人民币"
)


def person(text: str) -> Parsed | None:
    """A person's name, Chinese or Latin; never the wording of the next label."""
    if _NO_PERSON.search(text):
        return None
    bare = tidy(re.sub(r"[(（].*", "", text)).replace(" ", "") if re.search(r"[\u4e00-\u9fff]", text) else tidy(text)
    if re.fullmatch(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}[·•.][\u4e00-\u9fff]{1,12}", bare):
        return Parsed(bare)
    if re.fullmatch(r"[A-Za-z][A-Za-z .,·'\-]{3,50}", bare):
        return Parsed(bare, 0.95)
    return Parsed(bare, 0.6) if re.fullmatch(r"[\u4e00-\u9fff]{5,8}", bare) else None


def plain(text: str) -> Parsed | None:
    """Any text."""
    bare = tidy(text)
    return Parsed(bare, 0.95) if len(bare) >= 2 else None


def holders(layouts: Sequence[Layout], key: str = "holder") -> Field | None:
    """Whose right it is: one name as a text, several (甲公司;乙大学, or a line for each) as a tuple."""
    made: list[Field] = []
    for layout in layouts:
        for found in layout.found(key, wraps=True, whole=_all_names):
            names = _names_in(found.lines)
            parsed = [p for name in names if (p := organisation(name)) is not None]
            if not parsed:
                continue
            values = tuple(dict.fromkeys(str(p.value) for p in parsed))
            trust = min(p.trust for p in parsed) if len(parsed) == len(names) else 0.6
            rivals = parsed[0].alternatives if len(values) == 1 else ()
            reasons = tuple(reason for p in parsed for reason in p.reasons)
            value = values if len(values) > 1 else values[0]
            made.append(_made(layout, "holder", found, Parsed(value, trust, reasons, rivals)))
            break
    return best(made)


def _all_names(text: str, below: str) -> bool:
    """A name is complete without the row below it unless that goes on with it, or is a name too."""
    return whole_name(text, below) and not is_organisation(below)


def _names_in(lines: Sequence[Line]) -> list[str]:
    """Names in a value: divided by ; or 、 or by lines that are names of their own."""
    rows = [" ".join(line.text for line in row) for row in rows_of(lines)]
    if len(rows) > 1 and all(is_organisation(tidy(row)) for row in rows):
        return [name for row in rows for name in listed(row)]
    return list(listed(joined(lines)))


_PLACE = re.compile(r"[省市区县州盟旗镇乡村街路道巷弄号楼室座栋层园厦城]")


def _unclosed(text: str) -> str:
    """Without a bracket at the end that nothing opens, or at the beginning that nothing closes."""
    bare = text.strip()
    if re.search(r"[)）]$", bare) and not re.search(r"[(（]", bare):
        bare = bare[:-1]
    if re.match(r"[(（]", bare) and not re.search(r"[)）]", bare):
        bare = bare[1:]
    return bare.strip()


def address_of(text: str) -> Parsed | None:
    """An address."""
    bare = _unclosed(tidy(text))
    if len(bare) < 5:
        return None
    return Parsed(bare, 0.97 if len(_PLACE.findall(bare)) >= 2 else 0.6)


_WHOLE_PLACE = re.compile(r"(?:[号室层楼座栋幢区园村组室屋房)）]|\d)$")
STRAY = 2  # signs of a seal's ring that were read as a line beside or below an address


def address_field(layouts: Sequence[Layout], key: str = "address") -> Field | None:
    """住所, without the signs of a seal's ring behind it (…11层兴)."""
    made: list[Field] = []
    for layout in layouts:
        for found in layout.found(key, wraps=True, whole=whole_address):
            own = _without_ring(found, layout)
            parsed = address_of(own.text)
            if parsed is not None:
                made.append(_made(layout, "address", own, parsed))
                break
    return best(made)


def _without_ring(found: Found, layout: Layout) -> Found:
    lines = list(found.lines)
    while len(lines) > 1 and _stray(lines[-1], lines[:-1], layout.page):
        lines.pop()
    return Found(tuple(lines), found.spot, found.how, found.trust)


def _stray(last: Line, before: Sequence[Line], page: ReadPage) -> bool:
    """A sign or two in a seal's box behind an address that is whole without them."""
    bare = squeeze(last.text)[0]
    inside = any(seal.box.intersection(last.box) > 0.5 * last.box.area for seal in page.seals)
    letters = re.fullmatch(rf"[^\d号室层楼座栋幢]{{1,{STRAY}}}", bare)
    return inside and letters is not None and bool(_WHOLE_PLACE.search(joined(before)))


def date_of(text: str) -> Parsed | None:
    """The one date of a text."""
    found = find_dates(text)
    if not found:
        return None
    return Parsed(found[0][0].isoformat(), 0.985 if len(found) == 1 else 0.85)


def amount_field(layouts: Sequence[Layout], name: str, key: str) -> Field | None:
    """注册资本, 开办资金: in yuan (or the currency printed, which then stands in ``unit``); bare figures are 万元."""
    for layout in layouts:
        for found in layout.found(key):
            text = re.sub(r"[(（](?:人民币|RMB)[)）]|[(（](?:万元|元)[)）]$", "", found.text, flags=re.I)
            amount = parse_amount(tidy(text), default_unit="万元")
            if amount is None or amount.value <= 0:
                continue
            bare = amount.unit == "万元" and "万" not in text and "萬" not in text
            trust = (0.6 if bare else 0.985) * (1.0 if amount.currency == "CNY" else 0.9)
            parsed = Parsed(format_yuan(amount.value), trust, ("unit_assumed",) if bare else ())
            made = _made(layout, name, found, parsed)
            return made.model_copy(update={"unit": amount.unit})
    return None


# ------------------------------------------------------------------------------------------------------------ the code


def uscc_field(layouts: Sequence[Layout], *, key: str = "uscc", name: str = "uscc") -> Field | None:
    """统一社会信用代码 wherever it stands on these pages: behind its label first, else any code-shaped text.

    A repaired code never reaches 0.9; one whose check digit fails is kept as read, unsure.
    """
    for layout in layouts:
        for found in layout.found(key):
            made = _code(layout, name, found.lines, found.text, labelled=True)
            if made is not None:
                return made
    made_all = [
        _code(layout, name, (line,), line.text, labelled=False) for layout in layouts for line in layout.page.lines
    ]
    return best(made_all)


def _code(layout: Layout, name: str, lines: Sequence[Line], text: str, *, labelled: bool) -> Field | None:
    near = "代码" in text or labelled
    found = list(find_uscc(text))
    if near and not any(code.valid for code in found):
        repaired = repair_uscc(text)
        found = [repaired] if repaired else found
    if not found:
        return None
    code = found[0]
    if code.repaired:
        trust = REPAIRED
        reasons: tuple[str, ...] = (f"repaired:{code.from_}", "check_digit")
    elif code.valid:
        trust, reasons = 0.99, ("check_digit",)
        if not uscc_org_valid(code.value):
            reasons = ("check_digit", "org_check_fails")
    else:
        trust, reasons = 0.5, ("check_digit_fails",)
    if not near and not code.repaired and code.valid:
        trust = 0.95
    field = field_of(name, code.value, lines, layout.page, raw=text.strip(), trust=trust, reasons=reasons)
    if code.valid and not code.repaired and "org_check_fails" not in reasons:
        # Two check digits that hold say more about the reading than the reader's own score does.
        return field.model_copy(update={"confidence": max(field.confidence, 0.98 if near else 0.94)})
    return field


def number_under(text: str, pattern: re.Pattern[str]) -> str | None:
    """What a pattern finds in a text without spaces."""
    match = pattern.search(squeeze(text)[0])
    return match[1] if match and match.groups() else match[0] if match else None


# ---------------------------------------------------------------------------------------------------------------- dates

_TERM = re.compile(
    r"(?:有效期限?)?[:：]?(?:为|自.{0,12}起)?([一二三四五六七八九十两壹贰叁肆伍]{1,2}|\d{1,2})\s*(?:个)?年(?!\d|[一二三四五六七八九十\d]{1,2}月)"
)


def term_years(text: str) -> int | None:
    """三年, 3年, 有效期：三年 → 3."""
    bare = squeeze(text)[0]
    if find_dates(bare):
        return None
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
    goes_on = begun is not None and re.match(r"[\d一二三四五六七八九十〇○零年月日至]", squeeze(below)[0])
    return not goes_on and not find_dates(below)


def _end_of(layout: Layout, found: Found, issued: Field | None) -> Field | None:
    text = found.text
    # （临时经营场所使用证明有效期至…）, the end of an address, closes what it did not open.
    if is_long_term(text) or text.count("）") + text.count(")") > text.count("（") + text.count("("):
        return None
    days = find_dates(text)
    if len(days) >= 2 or (days and _is_end(text, days[0][1], found.spot.label)):
        last = max(day for day, _ in days)
        reasons = ("span",) if len(days) >= 2 else ()
        return _made(layout, "valid_until", found, Parsed(last.isoformat(), 0.985, reasons))
    years = term_years(text)
    start = days[0][0] if days else parse_date(str(issued.value)) if issued is not None else None
    if years is None or start is None:
        return None
    end, before = later(start, years)
    trust = BY_RULE * (issued.confidence if issued is not None else 1.0)
    return _made(layout, "valid_until", found, Parsed(before.isoformat(), trust, ("computed",), (end.isoformat(),)))


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
    alone: list[Field] = []
    for row in rows_of([line for line in page.lines if line.box.cy > above]):
        for lines in (*((line,) for line in row), row):
            text = " ".join(line.text for line in lines)
            days = find_dates(text)
            if not days and (day := _overprinted(text)) is not None:
                reasons = (f"repaired:{text.strip()}",)
                alone.append(field_of("issued_on", day, lines, page, trust=UNDER_CODE, reasons=reasons))
                continue
            if len(days) != 1 or any(line.box.intersection(b) > 0.3 * b.area for b in blocked for line in lines):
                continue
            rest = squeeze(text)[0]
            span = days[0][1]
            outside = squeeze(text[: span[0]] + text[span[1] :])[0]
            if len(outside) <= 6 and len(rest) <= 24 and not _OTHER_DATE.search(outside):
                alone.append(
                    field_of("issued_on", days[0][0].isoformat(), lines, page, trust=0.93, reasons=("date_alone",))
                )
    return max(alone, key=lambda f: (f.box.cy, f.confidence), default=None)


# ------------------------------------------------------------------------------------------------ many, and a place


def listed(text: str) -> tuple[str, ...]:
    """Several names in one value: 甲公司;乙大学. A semicolon may be read as a colon."""
    halves = re.split(r"[:：]", text)
    if len(halves) > 1 and all(is_organisation(tidy(half)) for half in halves):
        return tuple(tidy(half) for half in halves)
    return tuple(
        part for part in (tidy(p) for p in re.split(r"[;；、\n]|[,，](?![^(（]*[)）])", text)) if len(part) >= 2
    )


def free_place(page: ReadPage, *, label: str = "") -> SealPlace:
    """Where the applicant's seal goes on a copy (复印件加盖公章): the freest spot low on the page, right first."""
    dx, dy = millimetres(page, STAMP_MM)
    dx, dy = min(dx, 0.45), min(dy, 0.45)
    best_box, best_cost = Box(1 - dx, 1 - dy, 1.0, 1.0), 9.0
    steps = 9
    for i in range(steps):
        for j in range(steps):
            x0 = 0.05 + (0.9 - dx) * (1 - i / (steps - 1))
            y0 = 0.95 - dy - (0.5 - min(dy, 0.45)) * (j / (steps - 1))
            box = Box(x0, max(0.0, y0), x0 + dx, min(1.0, y0 + dy))
            cost = _crowding(page, box) + 0.25 * (1 - box.cx) + 0.35 * (1 - box.cy)
            if cost < best_cost:
                best_box, best_cost = box, cost
    return SealPlace(role="applicant", page=page.page.number, box=best_box, label=label)


def _crowding(page: ReadPage, box: Box) -> float:
    text = sum(line.box.intersection(box) for line in page.lines) / box.area
    seals = sum(seal.box.intersection(box) for seal in page.seals if seal.colour == "grey") / box.area
    return text + seals
