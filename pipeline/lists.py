"""A commerce department's 推荐名单 as a document: how its rows are told apart from all other fields."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Document, DocumentType, Field

__all__ = ["LACKS_ROWS", "LIST", "ROW", "Listed", "is_list", "rows_of"]

LIST = "recommendation_list"  # of ``Document.parts``
LACKS_ROWS = "rows_unread"  # of ``Document.remarks``: the list's own numbers tell of rows that were not read
ROW = "listed"  # name of the field of each row: (name, application number, code) as the list has them


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list: whom the department recommends, with the field that it was read in."""

    name: str
    application_no: str
    uscc: str
    field: Field


def is_list(document: Document) -> bool:
    return document.type == DocumentType.COVER_LETTER and LIST in document.parts


def rows_of(document: Document) -> tuple[Listed, ...]:
    """The rows of a list, in its order."""
    rows = []
    for one in document.fields:
        if one.name == ROW and isinstance(one.value, tuple) and len(one.value) == 3:
            name, number, code = one.value
            rows.append(Listed(name, number, code, one))
    return tuple(rows)
