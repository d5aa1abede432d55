"""What labels did not give: values that cannot be anything else, and the department named where it stamps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._fields import field_of
from extractors._form_fits import fits
from extractors._form_labels import vocabulary
from extractors._form_pages import FormPage
from extractors._form_parsed import AMOUNTS, COUNTS
from extractors._form_values import parse
from pipeline.model import Field, ReadPage, SealPlace
from pipeline.tables.grid import Spelled, spell
from pipeline.values import identifiers, numbers, regions

__all__ = ["completed"]

SAID_FIT = 0.7  # how well a clause must suit the field that it is said to be


def completed(
    fields: list[Field], reads: Sequence[FormPage], places: Sequence[SealPlace], period: int | None = None
) -> list[Field]:
    """Fields whose label was not read but whose value cannot be anything else; the department named where it stamps."""
    have = {field.name for field in fields if field.value is not None}
    added: list[Field] = []
    for key, finder in (("uscc", _loose_uscc), ("email", _loose_email), ("application_no", _loose_number)):
        if key not in have:
            field = next((f for read in reads if (f := finder(read.page))), None)
            added += [field] if field else []
    if "mobile" not in have:
        field = next((f for one in fields if one.name == "contact" and (f := _with_contact(one))), None)
        added += [field] if field else []
    if "commerce_department" not in have:
        field = _department_at_place(reads, places)
        added += [field] if field else []
    for key in IN_WORDS:
        if key not in have:
            field = next((f for read in reads if (f := _in_words(key, read))), None)
            added += [field] if field else []
    for key in sorted((AMOUNTS | COUNTS) - have - {field.name for field in added}):
        field = next((f for read in reads if (f := _in_a_sentence(key, read, period))), None)
        added += [field] if field else []
    replaced = {field.name for field in added}
    return [*(field for field in fields if field.name not in replaced), *added]


# 2022年实现营业收入 12,345.67 万元，其中服务外包业务收入 …
_SAID = re.compile(
    r"(?P<label>[\u4e00-\u9fff（）()]{2,30})(?:[为达是共约计有]|达到|共计|合计)?[:：_＿\s]*"
    r"(?P<value>\d[\d,，.]*\d|\d)[_＿\s]*(?P<unit>[十百千万亿]{0,2}元|[人名](?![民均]))"
)


def _in_a_sentence(key: str, read: FormPage, period: int | None) -> Field | None:
    """A figure in running text, where its label ends right before it and its unit follows it."""
    spelled = spell([line for cell in read.sheet.cells if not cell.ruled for line in cell.lines])
    year: int | None = None
    for said in _SAID.finditer(spelled.text):
        sentence = spelled.text[max(0, said.start() - 40) : said.start("value")]
        years = re.findall(r"(20\d{2})年", sentence)
        year = int(years[-1]) if years else year
        money = said["unit"].endswith("元")
        ends = (said["label"][i:] for i in range(len(said["label"]) - 1))
        match = next((m for end in ends if (m := vocabulary.match(end, fuzzy=False))), None)
        if match is None or match.keys != (key,) or money != (key in AMOUNTS):
            continue
        if year is not None and period is not None and year != period:
            continue
        parsed = parse(key, said["value"] + said["unit"])
        if parsed is None or parsed.value is None:
            continue
        return field_of(
            key, parsed.value, spelled.pieces(said.start("value"), said.end("unit")), read.page, unit=parsed.unit,
            trust=0.95 * parsed.trust, reasons=("in_a_sentence", *parsed.reasons),
        )  # fmt: skip
    return None


IN_WORDS = (
    "name", "uscc", "legal_representative", "established", "registered_capital", "address", "headquarters",
    "delivery_location", "contact", "mobile", "email",
)  # fmt: skip
_CLAUSE = re.compile(r"[^，,。；;]+")
_IS = re.compile(r"[为是于][:：]?")


def _in_words(key: str, read: FormPage) -> Field | None:
    """A value that a sentence says: 法定代表人为卫康振，成立于2012年12月3日."""
    spelled = spell([line for cell in read.sheet.cells if not cell.ruled for line in cell.lines])
    for clause in _CLAUSE.finditer(spelled.text):
        for verb in _IS.finditer(clause[0]):
            value = clause[0][verb.end() :].strip()
            begins = [at for at in range(clause.start(), clause.start() + verb.start()) if _begins(spelled, clause, at)]
            end = clause.start() + (verb.end() if verb[0] == "于" else verb.start())  # 成立于; but 联系人于洋 says none
            heads = (spelled.text[begin:end].strip() for begin in begins)
            match = next((m for head in heads if (m := vocabulary.match(head, fuzzy=False)) and m.keys == (key,)), None)
            if match is None or fits(key, value) < SAID_FIT:
                continue
            parsed = parse(key, value)
            if parsed is None or parsed.value is None:
                continue
            start = clause.start() + verb.end()
            return field_of(
                key, parsed.value, spelled.pieces(start, clause.end()), read.page, unit=parsed.unit,
                trust=0.95 * parsed.trust, reasons=("in_a_sentence", *parsed.reasons), alternatives=parsed.alternatives,
            )  # fmt: skip
    return None


def _begins(spelled: Spelled, clause: re.Match[str], at: int) -> bool:
    """Whether a clause, or a line in it, begins there."""
    place = spelled.places[at]
    return at == clause.start() or (place is not None and place[1] == 0)


def _loose_uscc(page: ReadPage) -> Field | None:
    found = [(line, code) for line in page.lines for code in identifiers.find_uscc(line.text) if code.valid]
    if len({code.value for _, code in found}) != 1:
        return None
    line, code = found[0]
    repaired = (f"repaired:{code.from_}",) if code.repaired else ()
    return field_of("uscc", code.value, [line], page, trust=0.9, reasons=("without_label", "check_digit", *repaired))


def _loose_email(page: ReadPage) -> Field | None:
    found = [(line, address) for line in page.lines if "@" in line.text and (address := numbers.email(line.text))]
    if len(found) != 1:
        return None
    parsed = parse("email", found[0][1])
    if parsed is None:
        return None
    return field_of(
        "email", parsed.value, [found[0][0]], page, trust=0.85 * parsed.trust, alternatives=parsed.alternatives,
        reasons=("without_label", *parsed.reasons),
    )  # fmt: skip


def _with_contact(contact: Field) -> Field | None:
    """A mobile in the contact's own cell: 王新 13832259734."""
    number = numbers.mobile(re.sub(r"^[^\d+]+", "", contact.raw))
    if number is None:
        return None
    confidence = round(0.95 * contact.confidence, 4)
    return contact.model_copy(
        update={"name": "mobile", "value": number, "confidence": confidence, "reasons": ("with_contact",)}
    )


# What begins so numbers a patent, a standard, a 高企, not an application.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?!ZL|CN|GR|SR|GB|ISO|IEC|CMMI|CNAS)"
    r"[A-Z]{2,8}[-_]?20\d{2}[-_]?[A-Z]{0,3}[-_]?\d{3,8}(?![A-Za-z0-9])"
)


def _loose_number(page: ReadPage) -> Field | None:
    found = [(line, match[0]) for line in page.lines if (match := _NUMBER.search(line.text))]
    if len({number for _, number in found}) != 1:
        return None
    return field_of("application_no", found[0][1], [found[0][0]], page, trust=0.85, reasons=("without_label",))


_DEPARTMENT = re.compile(
    r"[\u4e00-\u9fff（）()]{2,24}?(?:商务(?:和[\u4e00-\u9fff]{2,8})?(?:厅|局|委员会|委)|管理委员会|发展委员会|促进局)"
)


def _department_at_place(reads: Sequence[FormPage], places: Sequence[SealPlace]) -> Field | None:
    for read in reads:
        boxes = [p.box for p in places if p.page == read.page.page.number and p.role == "commerce_department"]
        for line in read.page.lines:
            if line.confidence < 0.8 or not any(box.holds(line.box.cx, line.box.cy) for box in boxes):
                continue
            text = re.sub(r"^.*[:：]", "", re.sub(r"\s", "", line.text))
            match = _DEPARTMENT.match(re.sub(r"[(（](?:盖章|公章)[)）].*$", "", text))
            if match and regions.is_commerce_department(match[0]) and regions.region_of(match[0]).province:
                return field_of(
                    "commerce_department", match[0], [line], read.page, trust=0.9, reasons=("at_seal_place",)
                )
    return None
