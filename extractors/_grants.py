"""高新技术企业 and 技术先进型服务企业: certificates of one design, told apart by title and number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from extractors._certificate import Parsed, best, read_field, text_of
from extractors._certificate_dates import BY_RULE, date_of, date_under_seal, later, valid_until
from extractors._certificate_names import is_organisation, organisation, whole_name
from extractors._certificate_titles import find_title, ruled_rows, titled_otherwise
from extractors._document import certificate_document, constant, title_field
from extractors._fields import field_of
from extractors._issuers import sealed_by
from extractors._layout import Layout, layout_of
from extractors._wording import squeeze, words
from pipeline.model import Document, DocumentType, Field, PageScore, ReadPage
from pipeline.values.dates import parse_date
from pipeline.values.numerals import small_number

__all__ = ["GrantKind", "extract_grant", "score_grant"]

LABELS = {
    "holder": words("企业名称 单位名称 公司名称 名称"),
    "certificate_no": words("证书编号 证书号码 证书号 编号"),
    "issued_on": words("发证时间 发证日期 颁证日期 颁发日期 批准日期 认定日期 认定时间 发证机关日期"),
    "valid": words("有效期限 有效期至 有效日期 证书有效期 有效期"),
    "issuer": words("批准机关 发证机关 认定机关 批准部门 认定机构 发证单位"),
}


@dataclass(frozen=True, slots=True)
class GrantKind:
    """One of the two: its titles (fullest first) and the grammar of its number, if it has one."""

    type: DocumentType
    kind: str
    titles: tuple[str, ...]
    number: Callable[[str], str | None]


def score_grant(page: ReadPage, kind: GrantKind) -> PageScore | None:
    """Title with labels; a number of the kind's own grammar stands in for a title that nobody could read."""
    if titled_otherwise(page):
        return None
    layout = layout_of(page, LABELS)
    keys = layout.keys()
    title = find_title(page, kind.titles)
    number = any(kind.number(line.text) for line in page.lines)
    typical = len(keys & {"holder", "certificate_no", "issued_on", "valid", "issuer"})
    if title is not None and (typical >= 2 or number):
        return _scored(kind, 97 if typical >= 3 else 92, layout)
    if number and typical >= 3 and ruled_rows(page) < 5:
        return _scored(kind, 85, layout)
    spoken = find_title(page, ("证书",)) is not None and any(t in squeeze(page.text)[0] for t in kind.titles)
    if title is None and spoken and next(_granted([layout]), None) is not None and ruled_rows(page) < 5:
        return _scored(kind, 86, layout)
    if title is not None and title.large and len(page.lines) < 25:
        # A booklet's cover bears its title only: it goes with the page that fills it in.
        return _scored(kind, 75, layout, opens=typical > 0)
    return None


def _scored(kind: GrantKind, score: int, layout: Layout, *, opens: bool = True) -> PageScore:
    holder = _holder([layout])
    number = _number([layout], kind)
    return PageScore(
        type=kind.type,
        score=score,
        opens=opens,
        subject=str(holder.value) if holder else "",
        number=text_of(number),
    )


def extract_grant(pages: Sequence[ReadPage], type: DocumentType, kind: GrantKind) -> Document:
    """All fields of one certificate."""
    layouts = [layout_of(page, LABELS) for page in pages]
    issued = read_field(layouts, "issued_on", "issued_on", date_of) or best(date_under_seal(page) for page in pages)
    fields = (
        constant("kind", kind.kind, pages, kind.titles),
        title_field(pages, kind.titles),
        _number(layouts, kind),
        _holder(layouts),
        issued,
        valid_until(layouts, ("valid",), issued) or _by_sentence(layouts, issued) or _by_law(layouts, issued),
        _issuer(layouts, pages),
    )
    return certificate_document(pages, type, fields)


_FROM_ISSUE = re.compile(r"自(?:发证|颁证|颁发|批准|认定)之日起[^\d]{0,4}?([一二三四五叁]|\d)年")


def _by_sentence(layouts: Sequence[Layout], issued: Field | None) -> Field | None:
    """The end of a term that the text names: 自发证之日起三年内有效."""
    start = parse_date(text_of(issued))
    said = next((m for layout in layouts if (m := _FROM_ISSUE.search(squeeze(layout.page.text)[0]))), None)
    years = small_number(said[1].replace("叁", "三")) if said else None
    if issued is None or start is None or not years:
        return None
    end, before = later(start, years)
    return issued.model_copy(
        update={
            "name": "valid_until",
            "value": before.isoformat(),
            "alternatives": (end.isoformat(),),
            "confidence": round(BY_RULE * issued.confidence, 4),
            "reasons": ("computed", "in_a_sentence"),
        }
    )


YEARS = 3  # both are granted for three years (DOMAIN §4.7)
BY_LAW = 0.6


def _by_law(layouts: Sequence[Layout], issued: Field | None) -> Field | None:
    """The end of three years where 有效期 is printed and its value could not be read: unsure."""
    start = parse_date(str(issued.value)) if issued is not None else None
    if issued is None or start is None or not any(layout.has("valid") for layout in layouts):
        return None
    end, before = later(start, YEARS)
    trust = min(BY_LAW, issued.confidence)
    return issued.model_copy(
        update={
            "name": "valid_until",
            "value": before.isoformat(),
            "alternatives": (end.isoformat(),),
            "confidence": trust,
            "reasons": ("computed", "by_kind"),
        }
    )


_GRANTED = re.compile(
    r"(?:^|[,，。:：]|经审核|经评审|经认定|经审查|批准|授予|兹认定|兹证明|认定)"
    r"([\u4e00-\u9fffA-Za-z0-9()（）·]{4,40}?(?:公司|中心|研究院|事务所|企业|集团)(?:[(（][\u4e00-\u9fff]{2,8}[)）])?)"
    r"(?:[,，]?(?:符合|被认定|经认定|认定为|为|通过|达到|具备))"
)


def _holder(layouts: Sequence[Layout]) -> Field | None:
    """企业名称; where the certificate says it in a sentence (经审核，某某公司符合…认定条件), as that names it."""
    labelled = read_field(layouts, "holder", "holder", organisation, wraps=True, whole=whole_name)
    return labelled if labelled is not None else best(_granted(layouts))


def _granted(layouts: Sequence[Layout]) -> Iterator[Field]:
    for layout in layouts:
        rows = list(layout.page.lines)
        for i, line in enumerate(rows):
            for lines in ((line,), tuple(rows[i : i + 2])):
                match = _GRANTED.search(squeeze("".join(one.text for one in lines))[0])
                name = (
                    re.sub(r"^(?:经审核|经评审|经认定|认定|批准|授予|兹证明)[,，:：]?", "", match[1]) if match else ""
                )
                parsed = organisation(name) if is_organisation(name) else None
                if parsed is not None:
                    yield field_of(
                        "holder", parsed.value, lines, layout.page, raw=name, trust=0.93, reasons=("in_a_sentence",)
                    )
                    break


def _number(layouts: Sequence[Layout], kind: GrantKind) -> Field | None:
    def parse(text: str) -> Parsed | None:
        known = kind.number(text)
        if known:
            return Parsed(known, 0.985, ("grammar",))
        bare = re.sub(r"\s", "", squeeze(text)[0]).strip(":.,;")
        match = re.match(r"[A-Za-z0-9第号字〔〕\[\]()\-\u4e00-\u9fff]*\d[A-Za-z0-9\-号]*", bare)
        return Parsed(match[0].upper(), 0.93) if match and len(re.findall(r"\d", match[0])) >= 4 else None

    labelled = read_field(layouts, "certificate_no", "certificate_no", parse)
    if labelled is not None and "grammar" in labelled.reasons:
        return labelled
    loose = [
        field_of("certificate_no", number, (line,), layout.page, trust=0.95, reasons=("grammar",))
        for layout in layouts
        for line in layout.page.lines
        if (number := kind.number(line.text))
    ]
    headed = (
        field_of("certificate_no", match[0], (line,), layout.page, trust=0.9, reasons=("grammar", "no_label"))
        for layout in layouts
        for line in layout.page.lines
        if (match := _FILED.fullmatch(squeeze(line.text)[0]))
    )
    return best(loose) or labelled or best(headed)


_FILED = re.compile(r"[\u4e00-\u9fff]{1,8}[〔\[(【]20\d\d[〕\])】]第?\d{1,6}号")  # 粤技先〔2021〕0147号


_OFFICE = (
    r"(?:科学技术|科技创新|科技|财政|税务|国家税务|地方税务|商务|发展和改革|发展改革|工业和信息化|经济和信息化)"
    r"(?:厅|局|委员会|委|总局)(?:[(（]局[)）])?"
)
_AUTHORITY = re.compile(rf"[\u4e00-\u9fff]{{2,12}}?{_OFFICE}")
_AUTHORITIES = re.compile(rf"(?:国家税务总局)?[\u4e00-\u9fff]{{2,8}}?{_OFFICE}")


def _issuer(layouts: Sequence[Layout], pages: Sequence[ReadPage]) -> Field | None:
    """批准机关: several sign together, the office for science and technology first; each alone is an alternative, for a
    record may name only one.
    """
    named = _best_of_each([*_printed(layouts), *sealed_by(pages, lambda name: bool(_AUTHORITY.fullmatch(name)))])
    if not named:
        return None
    named.sort(key=lambda field: not _LEADS.search(str(field.value)))
    names = tuple(str(field.value) for field in named)
    if len(names) == 1:
        # Three or more sign: one alone is what could be read of them.
        return named[0].model_copy(update={"confidence": min(named[0].confidence, ONE_OF_SEVERAL)})
    return named[0].model_copy(
        update={
            "value": "、".join(names),
            "raw": "、".join(names),
            "alternatives": names,
            "confidence": min(TOGETHER, *(field.confidence for field in named)),
            "reasons": (*named[0].reasons, f"together:{len(names)}"),
        }
    )


ONE_OF_SEVERAL = 0.6
TOGETHER = 0.89  # most that a list of names off seals is worth: one may have been missed
_LEADS = re.compile(r"科学技术|科技")


def _printed(layouts: Sequence[Layout]) -> Iterator[Field]:
    """Authorities in print: behind 批准机关, or on lines of their own."""
    for layout in layouts:
        labelled = [line for found in layout.found("issuer", wraps=True) for line in found.lines]
        alone = [line for line in layout.free if _AUTHORITY.fullmatch(squeeze(line.text)[0])]
        for line in dict.fromkeys((*labelled, *alone)):
            for match in _AUTHORITIES.finditer(squeeze(line.text)[0]):
                yield field_of("issuer", match[0], (line,), layout.page, trust=0.95, reasons=("label",))


def _best_of_each(fields: Sequence[Field]) -> list[Field]:
    """The surest field of each authority, in order of appearance; a part of another's name is that one, torn."""
    kept: dict[str, Field] = {}
    for field in fields:
        name = str(field.value)
        if name not in kept or kept[name].confidence < field.confidence:
            kept[name] = field
    return [f for name, f in kept.items() if not any(name != other and name in other for other in kept)]
