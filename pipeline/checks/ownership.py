"""Whose document it is (CONTRACT: one that fits neither the record nor the applicant's own form is FOREIGN_DOCUMENT).

Only what was read surely makes a document foreign. A number or code that fits the record outweighs a name that does
not: then the name is what is wrong, and other rules say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.checks.held import Held
from pipeline.checks.naming import Accepted, agreement, looks_like_organisation, split_names
from pipeline.checks.sureness import SURE, sure
from pipeline.model import Document, DocumentType, Field, Record
from pipeline.values.identifiers import compare_numbers, uscc_valid
from pipeline.values.names import core

__all__ = ["accepted_names", "codes_agree", "foreign_documents", "subject_of"]

_FORM = DocumentType.INFORMATION_FORM
_PROOFS = (DocumentType.LEGAL_PERSON_PROOF, DocumentType.BUSINESS_LICENCE)
_NOBODYS = (DocumentType.OTHER, DocumentType.COVER_LETTER)  # other paper; a letter may be an association's
_HEADED = (DocumentType.SUPPORTING_STATEMENT, DocumentType.AUDIT_REPORT)  # a heading may be all that names their owner
_NAME_FIELD: Mapping[DocumentType, str] = {  # elsewhere (a certificate's ``name`` is its title) the holder
    DocumentType.INFORMATION_FORM: "name",
    DocumentType.BUSINESS_LICENCE: "name",
    DocumentType.LEGAL_PERSON_PROOF: "name",
    DocumentType.AUDIT_REPORT: "company_name",
}


class Subject(NamedTuple):
    """The organisation a document is about, as read."""

    names: tuple[str, ...]
    confidence: float
    field: Field | None


def subject_of(document: Document) -> Subject | None:
    """Whose document it is by its own words; a heading only where it reads like an organisation's name."""
    field = document.field(_NAME_FIELD.get(document.type, "holder"))
    if field is not None and isinstance(field.value, str | tuple) and field.value:
        names = field.value if isinstance(field.value, tuple) else (field.value, *split_names(field.value))
        return Subject(names, field.confidence, field)
    if document.type in _HEADED and looks_like_organisation(document.subject):
        return Subject((document.subject,), document.confidence, None)
    return None


def codes_agree(document: Document, *codes: str) -> bool | None:
    """Whether its 统一社会信用代码 is one of these; None where it cannot be told."""
    field = document.field("uscc")
    known = {code for code in codes if code}
    if field is None or not isinstance(field.value, str) or not field.value or not known:
        return None
    if field.value in known or known & set(field.alternatives):
        return True
    return False if sure(field) else None


def accepted_names(held: Sequence[Held], record: Record | None, brand: bool) -> tuple[Accepted, ...]:
    """Every name under which the applicant may appear on paper, the record's first."""
    form = _own_form(held, record)
    declared = [Accepted(record.name, "record")] if record and record.name else []
    former = [Accepted(name, "former") for name in record.previous_names] if record else []
    legal_person = tuple(_legal_person(held, record, form)) if brand else ()
    return (*declared, *former, *_form_names(form, brand), *legal_person)


def _form_names(form: Held | None, brand: bool) -> Iterable[Accepted]:
    """The name on the form; on a park's also who runs it (管理机构)."""
    for name in ("name", "operator") if brand else ("name",):
        field = form.document.field(name) if form else None
        if field and isinstance(field.value, str) and sure(field):
            yield Accepted(field.value, "form")


def _form_code(form: Held | None) -> str:
    field = form.document.field("uscc") if form else None
    sound = field is not None and isinstance(field.value, str) and sure(field) and uscc_valid(field.value)
    return str(field.value) if field is not None and sound else ""


def _legal_person(held: Sequence[Held], record: Record | None, form: Held | None) -> Iterable[Accepted]:
    """A park's ``name`` may be a brand: the name on its proof is as good where the codes agree."""
    codes = (record.uscc if record else "", _form_code(form))
    for one in held:
        field = one.document.field("name")
        if one.type in _PROOFS and field and isinstance(field.value, str) and codes_agree(one.document, *codes):
            yield Accepted(field.value, "legal_person")


def _own_form(held: Sequence[Held], record: Record | None) -> Held | None:
    """The newest form that is not sure to be another's."""
    return next((one for one in held if one.type is _FORM and not _form_is_foreign(one, record)), None)


def _form_is_foreign(held: Held, record: Record | None) -> bool:
    """A form fits by number, code or name; it is another's only if what can be read of the three all differs."""
    if record is None:
        return False
    document = held.document
    number = document.field("application_no")
    if number and number.value == record.application_no:
        return False
    code = codes_agree(document, record.uscc)
    if code:
        return False
    subject = subject_of(document)
    known = [Accepted(name, "record") for name in (record.name, *record.previous_names)]
    by_name = agreement(subject.names[0], known, confidence=subject.confidence).degree if subject else "unsure"
    if by_name == "different":
        return True
    return code is False and by_name == "unsure" and number is not None and sure(number)


def foreign_documents(held: Sequence[Held], record: Record | None, brand: bool) -> tuple[Held, ...]:
    """The documents that are sure to be somebody else's."""
    names = accepted_names(held, record, brand)
    form = _own_form(held, record)
    codes = (record.uscc if record else "", _form_code(form))
    return tuple(
        one
        for one in held
        if one is not form
        and not (brand and _may_be_legal_person(one, codes))
        and _is_foreign(one, record, names, codes)
    )


def _may_be_legal_person(held: Held, codes: Sequence[str]) -> bool:
    """A park's proof under another name, with no code to compare: nobody can tell."""
    return held.type in _PROOFS and codes_agree(held.document, *codes) is None


def _is_foreign(held: Held, record: Record | None, names: Sequence[Accepted], codes: Sequence[str]) -> bool:
    if held.type in _NOBODYS:
        return False
    if held.type is _FORM and record is not None:
        return _form_is_foreign(held, record)
    document = held.document
    if codes_agree(document, *codes) or _number_declared(document, record) or _bears_own_seal(document, names):
        return False
    subject = subject_of(document)
    if subject is None or not names or subject.confidence < SURE:
        return False
    rivals = subject.field.alternatives if subject.field else ()
    readings = [name for name in (*subject.names, *rivals) if core(name)]
    return {agreement(name, names, confidence=subject.confidence).degree for name in readings} == {"different"}


def _number_declared(document: Document, record: Record | None) -> bool:
    """A certificate whose number the record declares: then its holder is what is wrong, not the document."""
    field = document.field("certificate_no")
    if record is None or field is None or not isinstance(field.value, str):
        return False
    return any(compare_numbers(field.value, declared.number) == "equal" for declared in record.certificates)


def _bears_own_seal(document: Document, names: Sequence[Accepted]) -> bool:
    """A statement, whatever its heading, is whose seal it bears."""
    return document.type is DocumentType.SUPPORTING_STATEMENT and any(
        agreement(seal.owner or seal.text, names, confidence=seal.confidence).degree in ("same", "former", "variant")
        for seal in document.seals
    )
