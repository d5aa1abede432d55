"""企业基本信息表, 园区基本信息表, 培训机构及院校信息表: the form that every application opens with, of any layout.

The real form is not known (DOMAIN §2), so nothing here rests on one: labels are met by their wording, values by
where they stand and how well they suit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._form_choice import REVENUES, best_field
from extractors._form_joins import joined_pages
from extractors._form_labels import FORM_OWN
from extractors._form_loose import completed
from extractors._form_options import (
    Leaf,
    functions_field,
    industry_field,
    leaves_on,
    listed_functions,
    names_industry,
    tabled_industry,
)
from extractors._form_pages import OWNER, TITLE, FormPage, pairs_for, read_form_page, titles, track_of
from extractors._form_places import find_places
from extractors._income_tables import is_income_table
from pipeline.model import Document, DocumentType, Field, PageScore, ReadPage
from pipeline.programmes import Programme, load
from pipeline.values.names import is_commerce_department

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.INFORMATION_FORM})

ENOUGH = 2.5  # weight of labels (FORM_OWN) from which a page without title is a form's
WITH_TITLE = 1.2  # weight that a title needs beside it
SPARSE = 40  # lines: more is a document of its own that merely bears a department's seal
LEAVES = 8  # leaves of 功能领域 that only a form prints
OF_ACCOUNTS = REVENUES | {"name", "legal_representative"}  # labels that a table of revenue in an audit bears too

FIELDS = (
    "name", "operator", "previous_names", "uscc", "legal_representative", "established", "registered_capital",
    "address", "headquarters", "delivery_location", "contact", "mobile", "email", "operating_revenue",
    "outsourcing_revenue", "offshore_revenue", "staff", "outsourcing_staff", "degree_staff", "commerce_department",
    "application_no", "submitted_at",
)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- score

_NOT_A_FORM = re.compile(
    r"(?:营业执照|审计报告|资产负债表|利润表|损益表|现金流量表|权益变动表|财务报表|证书|许可证|目录|清单|受理通知书?|登记簿副本|纳税申报表|承诺书|说明材料)(?:[(（].*[)）])?$"
)
# A 商务厅 seals certificates too (技术先进型): the form's page asks for its seal in words.
_ASKS_SEAL = re.compile(r"盖章|公章|主管部|申报单位|经办人|核准|同意推荐")
_CONTINUED = re.compile(r"续|第[二三四五2-5]页|[(（]二[)）]")


def score(page: ReadPage) -> PageScore | None:
    """Title, labels, places for the two seals, the function tree: what only an information form has."""
    if _other_title(page) or _of_accounts(page):
        return None
    read = read_form_page(page)
    keys = {key for pair in read.pairs for key in pair.match.keys if key}
    weight = sum(FORM_OWN.get(key, 0.0) for key in keys)
    if keys <= OF_ACCOUNTS and is_income_table(page):
        return None
    titled = [title for title in titles(page) if OWNER.search(title.text)]
    name = _subject(read)
    if titled and weight >= WITH_TITLE:
        opens = not any(_CONTINUED.search(title.text) for title in titled[:1])
        return PageScore(type=DocumentType.INFORMATION_FORM, score=min(99, 90 + int(weight)), opens=opens, subject=name)
    leaves = _leaf_count(page)
    roles = {place.role for place in find_places(page, read.sheet) if not place.signature}
    both = {"applicant", "commerce_department"} <= roles
    if "name" in keys and weight >= 2 * ENOUGH:
        return PageScore(type=DocumentType.INFORMATION_FORM, score=90, opens=True, subject=name)
    if weight >= ENOUGH or leaves >= LEAVES or (both and weight > 0) or both:
        points = 55 + int(min(30, 4 * weight + leaves + (20 if both else 0)))
        return PageScore(type=DocumentType.INFORMATION_FORM, score=points, opens=False, subject=name)
    if ("commerce_department" in roles or _bears_department(page)) and len(page.lines) < SPARSE:
        return PageScore(type=DocumentType.INFORMATION_FORM, score=50, opens=False, subject=name)
    if titled:
        return PageScore(type=DocumentType.INFORMATION_FORM, score=45, opens=False, subject=name)
    return None


def _bears_department(page: ReadPage) -> bool:
    """Whether a commerce department's seal stands on it: its ink often hides the very label that asks for it."""
    asked = any(_ASKS_SEAL.search(line.text) for line in page.lines)
    return asked and any(is_commerce_department(c.text) for seal in page.seals for c in seal.candidates[:1])


def _other_title(page: ReadPage) -> bool:
    """Whether a line titles another kind of document: centred, and larger than the text."""
    heights = sorted(line.box.height for line in page.lines)
    usual = heights[len(heights) // 2] if heights else 0.0
    for line in page.lines:
        text = re.sub(r"\s", "", line.text)
        titled = len(text) <= 30 and _NOT_A_FORM.search(text) and not TITLE.search(text)
        if titled and line.box.y0 < 0.4 and abs(line.box.cx - 0.5) < 0.2 and line.box.height > 1.2 * usual:
            return True
    return False


# Headings and openings of an audit report and its notes (DOMAIN §3.1), which split revenue by outsourcing, too.
_ACCOUNTS = re.compile(
    r"^(?:[\d一二三四五六七八九十]{1,3}[、.．]|[(（][\d一二三四五六七八九十]{1,3}[)）])?(?:"
    r"我们审计了|(?:形成)?审计意见(?:的基础)?[:：]?$|(?:合并|母公司)?(?:财务|会计)?报表(?:主要|重要)?项目(?:的)?(?:注释|附注)"
    r"|(?:合并)?(?:财务|会计)报表附注|资产负债表日后事项|营业(?:总)?收入(?:、|和|及|与|/)营业(?:总)?成本"
    r"|遵循企业会计准则的声明|财务报表的编制基础|重要会计政策)"
)


def _of_accounts(page: ReadPage) -> bool:
    """Whether a line heads a part of an audit report or of the notes: no form has such a heading."""
    return any(_ACCOUNTS.match(re.sub(r"\s", "", line.text)) for line in page.lines)


def _leaf_count(page: ReadPage) -> int:
    text = re.sub(r"\s", "", page.text)
    return sum(1 for name in load("cciip-2023").functions if name in text)


def _subject(read: FormPage) -> str:
    field = best_field("name", [read], period=None, track=track_of([read])[0])
    return field.value if field and isinstance(field.value, str) else ""


# -------------------------------------------------------------------------------------------------------------- extract


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """All fields of a form (CONTRACT's names, ``track``, of a park ``operator``), and its places for seals."""
    reads = joined_pages([read_form_page(page) for page in pages])
    track, shown = track_of(reads)
    fields = [shown] if shown else []
    for key in FIELDS:
        field = best_field(key, reads, period=programme.period, track=track)
        if field:
            fields.append(field)
    fields += [field for field in (_industry(reads, programme), _functions(reads, programme)) if field]
    places = tuple(place for read in reads for place in find_places(read.page, read.sheet))
    fields = _named_by_operator(completed(fields, reads, places, programme.period))
    name = next((f.value for f in fields if f.name == "name" and isinstance(f.value, str)), "")
    wanted = sum(1 for f in fields if f.value is not None)
    return Document(
        type=type,
        pages=tuple(page.page.number for page in pages),
        confidence=round(min(0.99, 0.5 + 0.05 * wanted + (0.1 if any(titles(p) for p in pages) else 0)), 3),
        subject=name,
        fields=tuple(fields),
        places=places,
        parts=tuple(sorted({place.role for place in places if not place.signature})),
    )


def _named_by_operator(fields: list[Field]) -> list[Field]:
    """A park's form that asks for nobody but who runs it (园区运营机构名称) is that organisation's."""
    if any(field.name == "name" and field.value for field in fields):
        return fields
    operator = next((field for field in fields if field.name == "operator" and field.value), None)
    if operator is None:
        return fields
    named = operator.model_copy(update={"name": "name", "reasons": (*operator.reasons, "operator")})
    return [*(field for field in fields if field.name != "name"), named]


def _industry(reads: Sequence[FormPage], programme: Programme) -> Field | None:
    sheets = {read.page.page.number: read.sheet for read in reads}
    for rank in (0, 1):
        field = industry_field(pairs_for("industry", reads, rank), programme, sheets)
        if field and field.value is not None:
            return field
    told = [(page, pair) for page, pair in pairs_for("functions", reads, 1) if names_industry(pair, programme)]
    if told and (field := industry_field(told, programme, sheets)):  # 主导产业: an industry as well as functions
        return field
    loose = industry_field(pairs_for("industry", reads, None), programme, sheets)
    if loose and loose.value is not None:
        return loose
    return tabled_industry([(read.page, read.sheet) for read in reads], programme) or loose


def _functions(reads: Sequence[FormPage], programme: Programme) -> Field | None:
    leaves: list[Leaf] = [leaf for read in reads for leaf in leaves_on(read.page, read.sheet, programme)]
    pairs = [*pairs_for("functions", reads, 0), *pairs_for("functions", reads, 1)]
    sheets = {read.page.page.number: read.sheet for read in reads}
    offered = [(page, pair) for page, pair in pairs if pair.candidates and not names_industry(pair, programme)]
    return functions_field(offered, leaves, programme, sheets) or listed_functions(leaves, programme)
