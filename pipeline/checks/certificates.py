"""Declared certificates against those in the envelope: MISSING_DOCUMENT, CERTIFICATE_MISMATCH, EXPIRED_CERTIFICATE.

Each declared certificate is paired with a paper by its number; those left over pair by kind and holder, as a wrong
number; what remains declared is missing, one finding for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as data_field
from datetime import date

from pipeline.checks.case import Case
from pipeline.checks.documents import possible_papers
from pipeline.checks.held import Held
from pipeline.checks.making import Where, check, failed, finding, not_applicable, passed, sheet_mark, unclear
from pipeline.checks.naming import agreement
from pipeline.checks.ownership import subject_of
from pipeline.checks.picking import Picked, basis_of, top, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import SURE, doubtful, sure
from pipeline.checks.wording import document_name
from pipeline.model import Certificate, Check, DocumentType, Field, Finding, FindingCode, Outcome, Severity, Text
from pipeline.values.dates import parse_date
from pipeline.values.identifiers import certificate_key, compare_numbers, parse_patent_no
from pipeline.values.names import core

__all__ = ["Pairing", "pair"]

TYPES: Mapping[str, DocumentType] = {
    "iso9001": DocumentType.ISO_CERTIFICATE,
    "iso20000": DocumentType.ISO_CERTIFICATE,
    "iso27001": DocumentType.ISO_CERTIFICATE,
    "cmmi": DocumentType.CMMI_CERTIFICATE,
    "hi_tech": DocumentType.HI_TECH_CERTIFICATE,
    "advanced_tech": DocumentType.ADVANCED_TECH_CERTIFICATE,
    "software_copyright": DocumentType.SOFTWARE_COPYRIGHT,
    "patent": DocumentType.PATENT_CERTIFICATE,
}
_PAPERS = tuple(dict.fromkeys(TYPES.values()))
_PROOFS = (DocumentType.LEGAL_PERSON_PROOF, DocumentType.BUSINESS_LICENCE)
_NUMBER_ENDINGS = ("_no", "_number")  # of field names
_NOT_YET = ("acceptance_notice",)  # 受理通知书 is no patent (DOMAIN 4.5)


@dataclass(frozen=True)
class Pairing:
    """``by_number``: found as declared; ``by_kind``: the same kind with another number; ``missing``: nothing there."""

    by_number: tuple[tuple[Certificate, Held], ...] = ()
    by_kind: tuple[tuple[Certificate, Held], ...] = ()
    missing: tuple[Certificate, ...] = ()
    extra: tuple[Held, ...] = data_field(default=())


# --------------------------------------------------------------------------------------------------------- pairing


def _numbers(held: Held) -> list[str]:
    """Every number under which a paper may have been declared (证书号, 登记号 …), other readings included."""
    found: list[str] = []
    for number in held.document.fields:
        if number.name.endswith(_NUMBER_ENDINGS) and isinstance(number.value, str):
            found += [number.value, *number.alternatives]
    return found


def _by_number(declared: Certificate, held: Held) -> bool:
    """The declared number, or one that look-alike signs or a weak reading keep apart from it."""
    degrees = [compare_numbers(number, declared.number) for number in _numbers(held)]
    if "equal" in degrees:
        return True
    number = held.document.field("certificate_no")
    weak = number is not None and (number.confidence < SURE or doubtful(number))
    return "near" in degrees and (weak or _look_alike(_numbers(held), declared.number))


_SIGNS = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "G": "6"})


def _look_alike(numbers: Iterable[str], declared: str) -> bool:
    wanted = certificate_key(declared).translate(_SIGNS)
    return any(certificate_key(number).translate(_SIGNS) == wanted for number in numbers)


def _only_look_alike(number: Field) -> bool:
    """Whether its readings differ in look-alike signs only (R0M, ROM): then it is surely no altogether other one."""
    readings = {certificate_key(text).translate(_SIGNS) for text in (str(number.value), *number.alternatives)}
    return bool(number.alternatives) and len(readings) == 1


def _fits_kind(declared: Certificate, held: Held) -> bool:
    type_ = TYPES.get(declared.kind)
    if type_ is None:
        return held.type is DocumentType.OTHER
    kind = held.document.field("kind")
    told = kind is not None and isinstance(kind.value, str) and kind.value in TYPES and sure(kind)
    return held.type is type_ and (not told or kind is None or kind.value == declared.kind)


def _papers(case: Case) -> tuple[Held, ...]:
    """Certificates that count: own, granted; one number once (正本 and 副本, two pages of one patent)."""
    kept: list[Held] = []
    for held in case.own(*_PAPERS, DocumentType.OTHER):
        if any(remark in _NOT_YET for remark in held.document.remarks):
            continue
        kept.append(held)
    return tuple(kept)


def pair(case: Case) -> Pairing:
    """Who is who: by number first, then by kind and holder."""
    declared, papers = list(case.record.certificates if case.record else ()), list(_papers(case))
    exact: list[tuple[Certificate, Held]] = []
    used: set[int] = set()
    for one in declared:
        match = next((held for held in papers if one.number and _by_number(one, held)), None)
        if match is not None:
            exact.append((one, match))
            used.update(id(held) for held in papers if _by_number(one, held))
    left = [one for one in declared if not any(one is done for done, _ in exact)]
    free = [held for held in papers if id(held) not in used]
    other: list[tuple[Certificate, Held]] = []
    missing: list[Certificate] = []
    for one in sorted(left, key=lambda c: bool(c.number)):
        match = next((held for held in _closest(one, free) if _fits_kind(one, held)), None)
        if match is None:
            missing.append(one)
            continue
        free = [held for held in free if held is not match]
        (other if one.number else exact).append((one, match))
    return Pairing(tuple(exact), tuple(other), tuple(missing), tuple(free))


def _closest(declared: Certificate, papers: list[Held]) -> list[Held]:
    """Papers by how well they fit: the same title of the work first, then numbers that share most."""

    def strangeness(held: Held) -> tuple[bool, int]:
        title = held.document.field("name") or held.document.field("title")
        same = bool(declared.name) and title is not None and core(str(title.value)) == core(declared.name)
        key = certificate_key(declared.number)
        common = max((_common_prefix(certificate_key(number), key) for number in _numbers(held)), default=0)
        return not same, -common

    return sorted(papers, key=strangeness)


def _common_prefix(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


# ----------------------------------------------------------------------------------------------------------- rules


@rule("{track}.certificate.declared")
def declared_certificates_are_there(case: Case) -> Iterator[Check]:
    """Each certificate declared online is in the envelope under its number."""
    rule_id = f"{case.scope}.certificate.declared"
    if case.record is None or not case.record.certificates:
        yield not_applicable(rule_id)
        return
    pairing = pair(case)
    yield check(rule_id, Outcome.PASS if pairing.by_number else Outcome.NOT_APPLICABLE)
    for declared, held in pairing.by_kind:
        yield _other_number(case, declared, held, rule_id)
    strangers = [held for held in case.foreign if held.type in _PAPERS]
    for declared in pairing.missing:
        stranger = next((held for held in strangers if _fits_kind(declared, held)), None)
        if stranger is not None:  # somebody else's came instead: FOREIGN_DOCUMENT says so
            strangers.remove(stranger)
            continue
        yield _missing(case, declared, rule_id)


def _other_number(case: Case, declared: Certificate, held: Held, rule_id: str) -> Check:
    number = held.document.field("certificate_no")
    if number is None or not isinstance(number.value, str) or not (sure(number) or _only_look_alike(number)):
        return _unsure_number(case, declared, held, number, rule_id)
    paper = document_name(held.type)
    made = finding(
        case,
        FindingCode.CERTIFICATE_MISMATCH,
        rule_id,
        basis=basis_of(case, held.type),
        message=Text(
            zh=f"{paper.zh}的编号为 {number.value}，网上申报为 {declared.number}。请更正网上申报或补寄所申报的证书。",
            en=f"The {paper.en} bears the number {number.value}; the online record has {declared.number}. "
            "Please correct the record or send the certificate declared.",
        ),
        where=where(Picked(held, number)),
        field="certificate_no",
        expected=declared.number,
        found=number.value,
        mark=declared.number,
    )
    return failed(rule_id, made)


def _unsure_number(case: Case, declared: Certificate, held: Held, number: Field | None, rule_id: str) -> Check:
    paper = document_name(held.type)
    read = str(number.value) if number is not None and number.value else "—"
    made = finding(
        case,
        FindingCode.LOW_CONFIDENCE,
        rule_id,
        basis=basis_of(case, held.type),
        message=Text(
            zh=f"{paper.zh}的编号看不准（读作 {read}），网上申报为 {declared.number}。请对照原件确认。",
            en=f"The number of the {paper.en} cannot be read for sure ({read}); the online record has "
            f"{declared.number}. Please look at the paper.",
        ),
        where=where(Picked(held, number)) if number is not None else top(held),
        field="certificate_no",
        expected=declared.number,
        found=read,
        mark=declared.number,
    )
    return unclear(rule_id, made)


def _missing(case: Case, declared: Certificate, rule_id: str) -> Check:
    type_ = TYPES.get(declared.kind, DocumentType.OTHER)
    paper, what = document_name(type_), declared.number or declared.name
    open_ = type_ is DocumentType.OTHER or case.unread or possible_papers(case, type_)
    made = finding(
        case,
        FindingCode.MISSING_DOCUMENT,
        rule_id,
        basis=basis_of(case, type_),
        message=Text(
            zh=f"网上申报的{paper.zh}（{what}）没有收到复印件。请补寄，或更正网上申报。",
            en=f"No copy of the {paper.en} declared online ({what}) was received. "
            "Please send it or correct the record.",
        ),
        document=type_,
        expected=what or None,
        mark=f"{declared.kind}:{what}",
    )
    return unclear(rule_id, made) if open_ else failed(rule_id, made)


@rule("{track}.certificate.holder")
def certificates_are_the_applicants(case: Case) -> Iterator[Check]:
    """Whose certificate it is. A stranger's with a number nobody declared is FOREIGN_DOCUMENT instead."""
    rule_id = f"{case.scope}.certificate.holder"
    if not case.names:
        yield not_applicable(rule_id)
        return
    for held in case.own(*_PAPERS):
        subject = subject_of(held.document)
        if subject is None or subject.field is None:
            continue
        degrees = [agreement(name, case.names, confidence=subject.confidence).degree for name in subject.names]
        order = ("same", "former", "variant", "unsure", "different")
        degree = min(degrees, key=order.index)
        if degree in ("same", "unsure"):
            yield passed(rule_id) if degree == "same" else unclear(rule_id)
        else:
            made = _holder(case, held, subject.field, degree, rule_id)
            yield passed(rule_id, made) if degree == "former" else failed(rule_id, made)


def _holder(case: Case, held: Held, holder: Field, degree: str, rule_id: str) -> Finding:
    paper, expected = document_name(held.type), case.names[0].name
    words = {
        "former": Text(
            zh=f"{paper.zh}的持有人为曾用名“{holder.value}”，现名为“{expected}”。请附名称变更证明。",
            en=f"The {paper.en} bears the former name {holder.value}; the present one is {expected}. "
            "Please add proof of the change.",
        ),
        "variant": Text(
            zh=f"{paper.zh}的持有人“{holder.value}”与“{expected}”组织形式写法不同（有限公司／有限责任公司）。请核对。",
            en=f"The holder {holder.value} of the {paper.en} and {expected} differ in the form of the company. "
            "Please check.",
        ),
        "different": Text(
            zh=f"{paper.zh}的持有人为“{holder.value}”，不是申报单位“{expected}”。请核对，或寄来本单位的证书。",
            en=f"The {paper.en} belongs to {holder.value}, not to the applicant {expected}. "
            "Please check, or send your own.",
        ),
    }
    return finding(
        case,
        FindingCode.CERTIFICATE_MISMATCH,
        rule_id,
        basis=basis_of(case, held.type),
        message=words[degree],
        where=where(Picked(held, holder)),
        severity=None if degree == "different" else Severity.WARNING,
        field="holder",
        expected=expected,
        found=holder.value,
        mark=_mark(held),
    )


def _mark(held: Held) -> str:
    return next(iter(_numbers(held)), sheet_mark(held))


@rule("{track}.certificate.valid")
def certificates_are_valid(case: Case) -> Iterator[Check]:
    """Valid on the day of receipt, else on the deadline. The paper's date counts, else the declared one."""
    rule_id = f"{case.scope}.certificate.valid"
    pairing = pair(case)
    declared = {id(held): one for one, held in (*pairing.by_number, *pairing.by_kind)}
    for held in case.own(*_PAPERS, *_PROOFS):
        yield _valid(case, held, declared.get(id(held)), rule_id)


def _valid(case: Case, held: Held, declared: Certificate | None, rule_id: str) -> Check:
    printed = held.document.field("valid_until")
    day = parse_date(str(printed.value)) if printed is not None and printed.value else None
    if day is None and declared is not None and printed is None:
        day = declared.valid_until
    if day is None:
        return not_applicable(rule_id)
    if day >= case.reference_day:
        return passed(rule_id)
    if printed is not None and (not sure(printed) or _other_reading_valid(case, printed)):
        return unclear(rule_id)
    replaced = any(_same_kind(held, one) and _still_valid(case, one) for one in case.own(held.type) if one is not held)
    if replaced:
        return passed(rule_id)
    paper = document_name(held.type)
    made = finding(
        case,
        FindingCode.EXPIRED_CERTIFICATE,
        rule_id,
        basis=basis_of(case, held.type),
        message=Text(
            zh=f"{paper.zh}有效期至 {day.isoformat()}，在 {case.reference_day.isoformat()} 已过期。请补寄有效的证书。",
            en=f"The {paper.en} was valid until {day.isoformat()} and had expired on {case.reference_day.isoformat()}. "
            "Please send a valid one.",
        ),
        where=where(Picked(held, printed)) if printed is not None else top(held),
        field="valid_until",
        expected=case.reference_day.isoformat(),
        found=day.isoformat(),
        mark=_mark(held),
    )
    return failed(rule_id, made)


def _other_reading_valid(case: Case, printed: Field) -> bool:
    days = [parse_date(text) for text in printed.alternatives]
    return any(day is not None and day >= case.reference_day for day in days)


def _until(held: Held) -> date | None:
    printed = held.document.field("valid_until")
    return parse_date(str(printed.value)) if printed is not None and printed.value else None


def _still_valid(case: Case, held: Held) -> bool:
    until = _until(held)
    return until is not None and until >= case.reference_day


def _same_kind(one: Held, other: Held) -> bool:
    """Renewals of one certificate: the same type, kind and number but for the year's edition."""
    kinds = [held.document.field("kind") for held in (one, other)]
    same = all(kind is not None for kind in kinds) and len({str(kind.value) for kind in kinds if kind}) == 1
    singular = one.type in (DocumentType.HI_TECH_CERTIFICATE, DocumentType.CMMI_CERTIFICATE, *_PROOFS)
    return (same and one.type is not DocumentType.OTHER) or singular


@rule("{track}.certificate.number")
def numbers_pass_their_check(case: Case) -> Iterator[Check]:
    """专利号: a surely read number whose check sign fails, unless it was declared so or is a declared one misread."""
    rule_id = f"{case.scope}.certificate.number"
    pairing = pair(case)
    judged = {id(held) for _, held in (*pairing.by_number, *pairing.by_kind)}
    for held in case.own(DocumentType.PATENT_CERTIFICATE):
        number = held.document.field("certificate_no")
        parsed = parse_patent_no(str(number.value)) if number is not None and number.value else None
        if number is None or parsed is None or parsed.valid or id(held) in judged or not sure(number):
            yield passed(rule_id) if parsed is not None and parsed.valid else not_applicable(rule_id)
            continue
        made = finding(
            case,
            FindingCode.INVALID_IDENTIFIER,
            rule_id,
            basis="DOMAIN 4.5",
            message=Text(
                zh=f"专利号 {number.value} 校验位不对。请核对证书。",
                en=f"The patent number {number.value} fails its check sign. Please check the certificate.",
            ),
            where=Where(held, number.page, number.box),
            field="certificate_no",
            found=str(number.value),
            mark=_mark(held),
        )
        yield failed(rule_id, made)
