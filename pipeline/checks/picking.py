"""Which paper counts where several could: the newest document that holds a value (补件: one page sent later)."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.making import Where
from pipeline.checks.sureness import empty
from pipeline.model import DocumentType, Field
from pipeline.programmes import DocumentRule

__all__ = ["Picked", "basis_of", "document_rule", "key_of", "pick", "top", "where"]


class Picked(NamedTuple):
    """A field with the document it stands in."""

    held: Held
    field: Field


def pick(case: Case, name: str, *types: DocumentType) -> Picked | None:
    """The field of that name in the newest own document of these types that fills it in.

    A cell that could not be read counts only where no document shows a value.
    """
    filled = [
        Picked(held, field)
        for held in case.own(*types)
        if (field := held.document.field(name)) is not None and not empty(field)
    ]
    readable = [picked for picked in filled if picked.field.value is not None]
    return next(iter(readable or filled), None)


def where(picked: Picked) -> Where:
    """The field's place on the page."""
    return Where(picked.held, picked.field.page, picked.field.box)


def top(held: Held) -> Where:
    """The document's first page."""
    return Where(held, held.document.pages[0] if held.document.pages else None)


def document_rule(case: Case, type_: DocumentType) -> DocumentRule | None:
    """What the programme asks of documents of that type in this track."""
    return case.rules.rule_for(type_) if case.rules else None


def key_of(case: Case, type_: DocumentType) -> str:
    """The document's part of rule ids: the programme's key, else its type."""
    rule = document_rule(case, type_)
    return rule.key if rule else type_.value


def basis_of(case: Case, type_: DocumentType) -> str:
    """The ground on which a document is asked for; the letter as a whole where the track asks nothing of its type."""
    rule = document_rule(case, type_)
    return rule.basis if rule else f"letter {case.programme.letter}"
