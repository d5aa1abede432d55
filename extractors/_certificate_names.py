"""Names on certificates: of organisations, torn or run on under seals, of persons, of several holders in one value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from extractors._certificate import Parsed, best, made_field
from extractors._fields import tidy
from extractors._layout import Layout
from extractors._wording import joined, squeeze
from pipeline.model import Field, Line
from pipeline.tables.grid import rows_of
from pipeline.values.region_table import CITIES, PROVINCES

__all__ = [
    "MENDED",
    "holders",
    "is_organisation",
    "latin_company",
    "latin_head",
    "listed",
    "organisation",
    "person",
    "unbracketed",
    "whole_latin",
    "whole_name",
]

MENDED = 0.8  # trust in a name that a seal tore or ran on
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


_LATIN_FORMS = (
    r"(?:Ltd|LTD|Limited|LIMITED|Inc|INC|LLC|GmbH|Corp(?:oration)?|CORP(?:ORATION)?|Company|COMPANY|Group|GROUP|"
    r"PLC|plc)"
)
_LATIN_COMPANY = re.compile(rf"[A-Z][A-Za-z0-9 .,&()'\-]{{5,90}}\b{_LATIN_FORMS}\b\.?\)?")
_LATIN_START = re.compile(rf"(?!.*\b{_LATIN_FORMS}\b\.?$)[A-Z][A-Za-z0-9 .,&()'\-]{{3,60}}")


def latin_company(text: str) -> bool:
    """Whether a text is a company's name in Latin letters, with its form."""
    return _LATIN_COMPANY.fullmatch(text) is not None


def latin_head(text: str) -> str | None:
    """The company that a line begins with, before its address: Orbis Ltd, 100 Euston Street."""
    match = re.match(rf"([A-Z][\w .&()'\-]{{3,70}}?\b{_LATIN_FORMS}\.?)\s*[,·|•].*\d", text)
    return match[1] if match else None


def whole_latin(text: str, below: str) -> bool:
    """A name is complete unless it is a Latin one that the row below makes a company: Northern Star Contact / Ltd."""
    start = tidy(text)
    return not (_LATIN_START.fullmatch(start) and latin_company(f"{start} {tidy(below)}"))


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
    bare = tidy(re.sub(r"[(（].*", "", text)) if re.search(r"[\u4e00-\u9fff]", text) else tidy(text)
    bare = bare.replace(" ", "") if re.search(r"[\u4e00-\u9fff]", bare) else bare
    if re.fullmatch(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}[·•.][\u4e00-\u9fff]{1,12}", bare):
        return Parsed(bare)
    if re.fullmatch(r"[A-Za-z][A-Za-z .,·'\-]{3,50}", bare):
        return Parsed(bare, 0.95)
    return Parsed(bare, 0.6) if re.fullmatch(r"[\u4e00-\u9fff]{5,8}", bare) else None


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
            made.append(made_field(layout, "holder", found, Parsed(value, trust, reasons, rivals)))
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


def listed(text: str) -> tuple[str, ...]:
    """Several names in one value: 甲公司;乙大学. A semicolon may be read as a colon."""
    halves = re.split(r"[:：]", text)
    if len(halves) > 1 and all(is_organisation(tidy(half)) for half in halves):
        return tuple(tidy(half) for half in halves)
    return tuple(
        part for part in (tidy(p) for p in re.split(r"[;；、\n]|[,，](?![^(（]*[)）])", text)) if len(part) >= 2
    )
