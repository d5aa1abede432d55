"""Who the applicant is, on every paper that says so: name, code, legal representative, date of establishment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from pipeline.checks.audited import counting_report
from pipeline.checks.case import Case
from pipeline.checks.disagreement import differs, doubt
from pipeline.checks.held import Held
from pipeline.checks.making import check, failed, finding, not_applicable, passed, sheet_mark, unclear
from pipeline.checks.naming import Accepted, Agreement, agreement
from pipeline.checks.ownership import subject_of
from pipeline.checks.picking import Picked, basis_of, key_of, pick, top, where
from pipeline.checks.registry import rule
from pipeline.checks.sureness import HOPELESS, doubtful, sure
from pipeline.checks.wording import document_name, shown
from pipeline.model import Check, DocumentType, Field, FindingCode, Outcome, Severity, Text
from pipeline.values.identifiers import edit_distance, uscc_valid
from pipeline.values.names import compare_person

__all__ = ["code_invalid"]

_FORM = DocumentType.INFORMATION_FORM
_PROOFS = (DocumentType.BUSINESS_LICENCE, DocumentType.LEGAL_PERSON_PROOF)
_PAPERS = (_FORM, *_PROOFS)
USCC_LENGTH = 18
CODE_CONFIDENCE = 0.85  # 18 signs: a reading below this has likely one wrong


def _rule_id(case: Case, type_: DocumentType, name: str) -> str:
    return f"{case.scope}.{key_of(case, type_)}.identity.{name}"


# ------------------------------------------------------------------------------------------------------------ name


@rule("{track}.{document}.identity.name")
def names_agree(case: Case) -> Iterator[Check]:
    """The name on form, licence and audit report is the record's; a former name passes with a warning."""
    for type_ in _PAPERS:
        yield _name(case, type_, "name", pick(case, "name", type_))
    report = counting_report(case)
    field = report.document.field("company_name") if report else None
    if case.track in (None, "supplier"):
        picked = Picked(report, field) if report and field and field.value else None
        yield _name(case, DocumentType.AUDIT_REPORT, "company_name", picked)


def _name(case: Case, type_: DocumentType, name: str, picked: Picked | None) -> Check:
    rule_id = _rule_id(case, type_, name)
    declared = _names_for(case, picked.held if picked else None)
    if picked is None or not declared:
        return not_applicable(rule_id)
    if not isinstance(picked.field.value, str):
        return doubt(case, rule_id, picked, name, declared[0].name)
    outcome = agreement(picked.field.value, declared, confidence=picked.field.confidence)
    if outcome.degree == "same":
        return passed(rule_id)
    if outcome.degree == "different" and type_ in _PROOFS and case.brand_unproven:
        because = Text(
            zh="证照名称与园区名称不同，代码无法核对。", en="The proof's name is another, and no code can be compared."
        )
        return unclear(rule_id, because=because)
    if outcome.degree == "unsure":
        rivals = [agreement(text, declared, confidence=1.0).degree for text in picked.field.alternatives]
        far = picked.field.confidence < HOPELESS and "same" not in rivals
        return doubt(case, rule_id, picked, name, declared[0].name) if far else unclear(rule_id)
    if outcome.degree == "different" and any(
        agreement(text, declared, confidence=1.0).degree == "same" for text in picked.field.alternatives
    ):
        return doubt(case, rule_id, picked, name, declared[0].name)
    return _name_differs(case, rule_id, picked, name, declared, outcome)


def _names_for(case: Case, held: Held | None) -> tuple[Accepted, ...]:
    """The names a paper may bear: the declared ones; on a park's papers its legal person's too.

    Papers other than the form may bear the form's name: that the form differs from the record is said at the form.
    """
    form = held is not None and held.type is _FORM
    return tuple(one for one in case.names if one.source != "form" or not form) if case.record else ()


def _name_differs(
    case: Case,
    rule_id: str,
    picked: Picked,
    name: str,
    declared: Sequence[Accepted],
    outcome: Agreement,
) -> Check:
    expected, found = declared[0].name, str(picked.field.value)
    paper = document_name(picked.held.type)
    if outcome.degree == "different":
        return differs(case, FindingCode.IDENTITY_MISMATCH, rule_id, picked, name, expected)
    if outcome.degree == "former":
        message = Text(
            zh=f"{paper.zh}用的是曾用名“{found}”，现名为“{expected}”。请附名称变更证明。",
            en=f"The {paper.en} bears the former name {found}; the present one is {expected}. "
            "Please add proof of the change.",
        )
    else:
        message = Text(
            zh=f"{paper.zh}上的名称“{found}”与申报的“{expected}”组织形式写法不同（有限公司／有限责任公司）。请核对。",
            en=f"The name {found} on the {paper.en} and the declared {expected} differ in the form of the company. "
            "Please check.",
        )
    made = finding(
        case,
        FindingCode.IDENTITY_MISMATCH,
        rule_id,
        basis=basis_of(case, picked.held.type),
        message=message,
        where=where(picked),
        severity=Severity.WARNING,
        field=name,
        expected=expected,
        found=found,
    )
    return passed(rule_id, made) if outcome.degree == "former" else failed(rule_id, made)


# ------------------------------------------------------------------------------------------------------------ code


def _misread(field: Field) -> str:
    """The value before a repair, from the reasons; empty where nothing was repaired."""
    return next((reason.removeprefix("repaired:") for reason in field.reasons if reason.startswith("repaired:")), "")


def _printed(field: Field) -> str:
    """What stands on paper: a repaired value counts only while no second reading confirms what was read first."""
    first = _misread(field)
    return first if first and first in field.alternatives else str(field.value)


def code_invalid(field: Field) -> bool:
    """Whether a surely read code fails its check digit (18 signs; a fragment is a matter of reading)."""
    code = _printed(field)
    return (
        len(code) == USCC_LENGTH
        and field.confidence >= CODE_CONFIDENCE
        and not doubtful(field)
        and not uscc_valid(code)
    )


@rule("{track}.{document}.identity.uscc")
def codes_are_right(case: Case) -> Iterator[Check]:
    """The code is the record's; where it is not, a failing check digit is said before a mere difference."""
    for type_ in _PAPERS:
        yield _code(case, type_)


def _code(case: Case, type_: DocumentType) -> Check:
    rule_id = _rule_id(case, type_, "uscc")
    picked = pick(case, "uscc", type_)
    declared = case.record.uscc if case.record else ""
    if picked is None or (not isinstance(picked.field.value, str) and not declared):
        return not_applicable(rule_id)
    if not isinstance(picked.field.value, str):
        return doubt(case, rule_id, picked, "uscc", declared)
    printed = _printed(picked.field)
    if declared and printed == declared:
        return passed(rule_id)
    if code_invalid(picked.field):
        return _invalid(case, rule_id, picked, printed, declared)
    if not declared:
        return passed(rule_id) if uscc_valid(printed) else unclear(rule_id)
    if declared in picked.field.alternatives or _could_be(picked.field, declared):
        return doubt(case, rule_id, picked, "uscc", declared)
    return differs(case, FindingCode.IDENTITY_MISMATCH, rule_id, picked, "uscc", declared, found=printed)


def _could_be(field: Field, declared: str) -> bool:
    """A weak reading, or one that is no code at all, may be the declared one.

    A valid code is trusted earlier: chance gives one misreading in 31 a right check digit.
    """
    value = str(field.value)
    if doubtful(field) and edit_distance(value, declared, limit=2) <= 2:
        return True
    return not (sure(field) and len(value) == USCC_LENGTH and uscc_valid(value)) and field.confidence < CODE_CONFIDENCE


def _invalid(case: Case, rule_id: str, picked: Picked, printed: str, declared: str) -> Check:
    paper = document_name(picked.held.type)
    known = f"，网上申报为 {declared}" if declared else ""
    known_en = f"; the online record has {declared}" if declared else ""
    return failed(
        rule_id,
        finding(
            case,
            FindingCode.INVALID_IDENTIFIER,
            rule_id,
            basis="GB 32100-2015",
            message=Text(
                zh=f"{paper.zh}上的统一社会信用代码 {printed} 校验位不对{known}。请核对后更正。",
                en=f"The unified social credit code {printed} on the {paper.en} fails its check digit{known_en}. "
                "Please correct it.",
            ),
            where=where(picked),
            field="uscc",
            expected=declared or None,
            found=printed,
        ),
    )


# -------------------------------------------------------------------------------------- legal representative, date


@rule("{track}.{document}.identity.legal_representative")
def legal_representatives_agree(case: Case) -> Iterator[Check]:
    """法定代表人 on form and licence is the record's."""
    for type_ in _PAPERS:
        rule_id = _rule_id(case, type_, "legal_representative")
        declared = case.record.legal_representative if case.record else ""
        picked = pick(case, "legal_representative", type_)
        if not declared or picked is None:
            yield not_applicable(rule_id)
            continue
        if not isinstance(picked.field.value, str):
            yield doubt(case, rule_id, picked, "legal_representative", declared)
            continue
        readings = (picked.field.value, *picked.field.alternatives)
        if compare_person(readings[0], declared, confident=sure(picked.field)).passes:
            yield passed(rule_id)
        elif sure(picked.field) and not any(compare_person(text, declared).passes for text in readings[1:]):
            yield differs(case, FindingCode.IDENTITY_MISMATCH, rule_id, picked, "legal_representative", declared)
        else:
            yield doubt(case, rule_id, picked, "legal_representative", declared)


@rule("{track}.{document}.identity.established")
def dates_of_establishment_agree(case: Case) -> Iterator[Check]:
    """成立日期 on form and licence is the record's."""
    for type_ in _PAPERS:
        rule_id = _rule_id(case, type_, "established")
        declared = case.record.established if case.record else None
        picked = pick(case, "established", type_)
        if declared is None or picked is None:
            yield not_applicable(rule_id)
            continue
        yield _date(case, rule_id, picked, declared)


def _date(case: Case, rule_id: str, picked: Picked, declared: date) -> Check:
    expected = declared.isoformat()
    if picked.field.value == expected:
        return passed(rule_id)
    if sure(picked.field) and expected not in picked.field.alternatives:
        return differs(case, FindingCode.IDENTITY_MISMATCH, rule_id, picked, "established", expected)
    return doubt(case, rule_id, picked, "established", expected)


# ------------------------------------------------------------------------------------------------ strangers' papers


@rule("{track}.documents.own")
def documents_are_own(case: Case) -> Iterator[Check]:
    """No paper of somebody else's slipped in. One finding a document, and none besides about what it says."""
    rule_id = f"{case.scope}.documents.own"
    findings = []
    for held in case.foreign:
        subject = subject_of(held.document)
        named = subject.field if subject else None
        found = shown(named.value) if named else held.document.subject
        expected = next((one.name for one in case.names), "")
        paper = document_name(held.type)
        findings.append(
            finding(
                case,
                FindingCode.FOREIGN_DOCUMENT,
                rule_id,
                basis=basis_of(case, held.type),
                message=Text(
                    zh=f"这份{paper.zh}属于“{found}”，不是申报单位“{expected}”的。请寄来本单位的{paper.zh}。",
                    en=f"This {paper.en} belongs to {found}, not to the applicant {expected}. Please send your own.",
                ),
                where=where(Picked(held, named)) if named else top(held),
                expected=expected or None,
                found=found,
                mark=sheet_mark(held),
            )
        )
    outcome = Outcome.FAIL if findings else Outcome.PASS
    yield check(rule_id, outcome, *findings) if case.held else not_applicable(rule_id)
