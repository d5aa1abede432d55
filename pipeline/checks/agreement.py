"""The online record as a witness: a value read from paper that equals the declared one is hardly a misreading.

Two sources that know nothing of each other, the applicant's keyboard and our reading of the paper, seldom err alike. No
rule rests on this (that would be circular): it is told after judging, so that a reviewer looks first at what nothing
supports.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from pipeline.checks.sureness import amount_of, count_of, stands_for
from pipeline.model import Document, DocumentType, Field, Record

__all__ = ["AGREES", "confirmed"]

AGREES = "record_agrees"
ACCIDENT = (
    0.02  # chance that a wrong reading equals the record all the same: most are of one sign, and a record has one
)
MONEY = ("registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue")
COUNTS = ("staff", "outsourcing_staff", "degree_staff")
CENT = Decimal("0.01")
_DECLARED_UNDER = {"company_name": "name", "holder": "name"}  # a field's name -> the record's
_PAPERS_OF_OTHERS = (DocumentType.OTHER, DocumentType.COVER_LETTER)


def confirmed(document: Document, record: Record | None) -> Document:
    """The document with fields that the record confirms marked ``record_agrees`` and as sure as that makes them."""
    if record is None or document.type in _PAPERS_OF_OTHERS:
        return document
    return document.model_copy(update={"fields": tuple(_confirmed(field, record) for field in document.fields)})


def _confirmed(field: Field, record: Record) -> Field:
    if AGREES in field.reasons or field.corrected is not None or not _agrees(field, record):
        return field
    chance = field.confidence / (field.confidence + (1 - field.confidence) * ACCIDENT)
    return field.model_copy(update={"confidence": round(chance, 4), "reasons": (*field.reasons, AGREES)})


def _agrees(field: Field, record: Record) -> bool:
    if field.value in (None, "", ()):
        return False
    if field.name == "certificate_no":
        return any(_plain(field.value) == _plain(one.number) for one in record.certificates if one.number)
    declared = getattr(record, _DECLARED_UNDER.get(field.name, field.name), None)
    if declared in (None, "", ()):
        return False
    if field.name in MONEY:
        amount = amount_of(field)
        return amount is not None and stands_for(amount, CENT, declared)
    if field.name in COUNTS:
        return isinstance(declared, int) and count_of(field) == declared
    if isinstance(declared, tuple):
        return isinstance(field.value, tuple) and {*map(_plain, field.value)} == {*map(_plain, declared)}
    return _plain(field.value) == _plain(declared)


def _plain(value: object) -> str:
    """Without width and spaces; a date as ISO."""
    text = unicodedata.normalize("NFKC", str(value))
    return "".join(text.split()).casefold()
