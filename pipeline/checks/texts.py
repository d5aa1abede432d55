"""Texts on the form against the record (TEXT_MISMATCH): leniently, since people write one address in many ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pipeline.checks.case import Case
from pipeline.checks.disagreement import differs, doubt
from pipeline.checks.making import not_applicable, passed, unclear
from pipeline.checks.picking import Picked, key_of, pick
from pipeline.checks.registry import rule
from pipeline.checks.sureness import SURE, doubtful
from pipeline.model import Check, DocumentType, Field, FieldValue, FindingCode
from pipeline.values.identifiers import edit_distance, same_email, same_phone
from pipeline.values.names import compare_person, core, region_of
from pipeline.values.numerals import positional

__all__ = ["same_address", "same_place"]

Degree = Literal["same", "near", "different"]
Comparer = Callable[[str, str], Degree]

NEAR_SHARE = 0.15  # share of signs of a text that an engine may misread before it is another text
MIN_INSIDE = 4  # signs: a shorter text lies inside a longer one by chance
STEADY = 0.9  # from here a text that is nearly the declared one is nonetheless another

_FORM = DocumentType.INFORMATION_FORM
_LICENCES = (DocumentType.BUSINESS_LICENCE, DocumentType.LEGAL_PERSON_PROOF)
_COUNTRY = re.compile(r"^(?:中国大陆|中国境内|中华人民共和国|中国|境内)")
_PREFIX = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区))?"
    r"(?:[\u4e00-\u9fff]{1,7}?(?:市|自治州|地区|盟))?(?:[\u4e00-\u9fff]{1,6}?(?:区|县|旗))?"
)
_SYNONYMS = str.maketrans({"號": "号", "樓": "楼", "棟": "栋", "幢": "栋", "层": "楼"})


def _near(a: str, b: str) -> Degree:
    """Nearly the same signs, and every figure the same."""
    if re.findall(r"\d+", a) != re.findall(r"\d+", b):
        return "different"
    limit = max(1, int(NEAR_SHARE * max(len(a), len(b))))
    return "near" if edit_distance(a, b, limit=limit) <= limit else "different"


def _plain(text: str) -> str:
    return _COUNTRY.sub("", core(text))


def _arabic(match: re.Match[str]) -> str:
    return positional(match[0]) or match[0]


def _address(text: str) -> str:
    """Signs that matter: figures in Arabic, 号楼/幢/栋 and 层/楼 in one way, no postcode, no country."""
    plain = _plain(re.sub(r"(?:邮编|邮政编码)[:：]?\s*\d{6}", "", unicodedata.normalize("NFKC", text)))
    plain = re.sub(r"[零〇一二三四五六七八九]+(?=[号楼层室栋幢座单元弄])", _arabic, plain.translate(_SYNONYMS))
    return plain.replace("号楼", "栋")


def same_address(a: str, b: str) -> Degree:
    """Two addresses: 省, 市 and 区 may be left out, or stand in one and not the other."""
    left, right = _address(a), _address(b)
    if left == right or _inside(left, right) or _inside(right, left):
        return "same"
    first, second = _PREFIX.sub("", left), _PREFIX.sub("", right)
    places = region_of(a), region_of(b)
    elsewhere = any(
        x and y and x != y for x, y in ((places[0].province, places[1].province), (places[0].city, places[1].city))
    )
    if first and first == second and not elsewhere:
        return "same"
    return "different" if elsewhere else _near(left, right)


def _inside(short: str, long: str) -> bool:
    return len(short) >= MIN_INSIDE and long.endswith(short)


def _bare_place(text: str) -> str:
    return re.sub(r"[省市区县]|自治区|特别行政区", "", _plain(text))


def same_place(a: str, b: str) -> Degree:
    """Two places, as 总部所在地: one may say more than the other (北京 and 北京市朝阳区)."""
    left, right = _bare_place(a), _bare_place(b)
    if left == right or (left and left in right) or (right and right in left):
        return "same"
    one, two = region_of(a), region_of(b)
    pairs = ((one.province, two.province), (one.city, two.city), (one.district, two.district))
    if one and two and all(not x or not y or x == y for x, y in pairs):
        return "same"
    return same_address(a, b)


def _same_words(a: str, b: str) -> Degree:
    left, right = core(a), core(b)
    return "same" if left == right else _near(left, right)


def _same_department(a: str, b: str) -> Degree:
    left, right = core(a), core(b)
    return "same" if left == right or _inside(left, right) or _inside(right, left) else _near(left, right)


def _same_person(a: str, b: str) -> Degree:
    match = compare_person(a, b)
    if match.passes:
        return "same"
    return "near" if compare_person(a, b, confident=False).passes else "different"


def _same_mobile(a: str, b: str) -> Degree:
    return "same" if same_phone(a, b) else "different"


_LOOK_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", ",": ".", "-": "_"})


def _same_email(a: str, b: str) -> Degree:
    if same_email(a, b):
        return "same"
    left, right = (re.sub(r"\s", "", text).casefold().translate(_LOOK_ALIKE) for text in (a, b))
    return "near" if left == right or edit_distance(left, right, limit=1) <= 1 else "different"


def _same_number(a: str, b: str) -> Degree:
    return "same" if core(a) == core(b) else "different"


COMPARERS: Mapping[str, Comparer] = {
    "application_no": _same_number,
    "address": same_address,
    "headquarters": same_place,
    "delivery_location": same_place,
    "contact": _same_person,
    "mobile": _same_mobile,
    "email": _same_email,
    "industry": _same_words,
    "commerce_department": _same_department,
}
LISTS = ("functions", "previous_names")
_SHORT = (
    "contact",
    "mobile",
    "email",
    "application_no",
)  # one sign changed is another value: never merely near when sure


@rule("{track}.{document}.text.{field}")
def texts_agree(case: Case) -> Iterator[Check]:
    """What else the form says is what was declared."""
    for name in COMPARERS:
        yield _text(case, _FORM, name)
    for name in LISTS:
        yield _list(case, name)
    for type_ in _LICENCES:
        yield _text(case, type_, "address")


def _text(case: Case, type_: DocumentType, name: str) -> Check:
    rule_id = f"{case.scope}.{key_of(case, type_)}.text.{name}"
    declared: str = getattr(case.record, name) if case.record else ""
    picked = pick(case, name, type_)
    if not declared or picked is None or picked.field.value is None:
        return not_applicable(rule_id)
    degree = _best(picked.field, declared, COMPARERS[name])
    if degree == "same":
        return passed(rule_id)
    if _rival_fits(picked.field, declared, COMPARERS[name]):
        return _verdict(case, rule_id, picked, name, declared, sure=False, near=False)
    return _verdict(
        case, rule_id, picked, name, declared, sure=_steady(picked.field, name, degree), near=degree == "near"
    )


def _best(field: Field, declared: str, compare: Comparer) -> Degree:
    """A list on paper agrees if one of its items does (两个行业, of which one was declared)."""
    values = field.value if isinstance(field.value, tuple) else (str(field.value),)
    degrees = [compare(value, declared) for value in values] or ["different"]
    order: tuple[Degree, ...] = ("same", "near", "different")
    return min(degrees, key=order.index)


def _rival_fits(field: Field, declared: str, compare: Comparer) -> bool:
    return any(compare(text, declared) == "same" for text in field.alternatives)


def _steady(field: Field, name: str, degree: Degree) -> bool:
    """Whether a difference may be held against the paper."""
    if doubtful(field):
        return False
    return field.confidence >= (STEADY if degree == "near" or name in _SHORT else SURE)


def _list(case: Case, name: str) -> Check:
    rule_id = f"{case.scope}.{key_of(case, _FORM)}.text.{name}"
    declared: tuple[str, ...] = getattr(case.record, name) if case.record else ()
    picked = pick(case, name, _FORM)
    if not declared or picked is None or not isinstance(picked.field.value, tuple):
        return not_applicable(rule_id)
    left, right = _items(declared), _items(picked.field.value)
    if left == right:
        return passed(rule_id)
    near = len(left) == len(right) and all(any(_same_words(a, b) != "different" for b in right) for a in left)
    return _verdict(
        case,
        rule_id,
        picked,
        name,
        declared,
        sure=_steady(picked.field, name, "near" if near else "different"),
        near=near,
    )


def _items(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(core(value) for value in values if core(value))


def _verdict(
    case: Case, rule_id: str, picked: Picked, name: str, declared: FieldValue, *, sure: bool, near: bool
) -> Check:
    """Different and sure: a finding; unsure and nearly the same: nothing to say; unsure and far: look at it."""
    if not sure and near:
        return unclear(rule_id)
    if sure:
        return differs(case, FindingCode.TEXT_MISMATCH, rule_id, picked, name, declared)
    return doubt(case, rule_id, picked, name, declared)
