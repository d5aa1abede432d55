"""Audit reports (审计报告): cover to the firm's own licence, with statements (DOMAIN §3)."""

from __future__ import annotations

from collections.abc import Sequence

from extractors._audit_fields import report_fields, report_year
from extractors._audit_pages import PagePart, page_part, special_purpose
from extractors._audit_parts import lacking, parts_of, remarks_of
from extractors._hidden_names import with_hidden_names
from extractors._identities import standing, witnessed
from extractors._notes import NotesSeen, reason_to_read
from extractors._opinion import signature_places
from extractors._statements import read_statements, stated_unit
from pipeline.model import Document, DocumentType, PageScore, ReadPage, Statement
from pipeline.programmes import Programme

__all__ = ["TYPES", "NotesSeen", "extract", "reason_to_read", "score"]

FEW_LINES = 20  # of a page that nobody can tell by its words

TYPES = frozenset({DocumentType.AUDIT_REPORT})


def score(page: ReadPage) -> PageScore | None:
    """How well a page fits an audit report; covers and the report's first page open one."""
    part = page_part(page)
    if part is None:
        return None
    return PageScore(type=DocumentType.AUDIT_REPORT, score=part.score, opens=part.opens, subject=part.subject)


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """The report's fields, statements, parts, and the places of its seals; the firm's own papers yield no field."""
    parts = {page.page.number: page_part(page) for page in pages}
    named = [(page, part) for page in pages if (part := parts[page.page.number]) is not None]
    report = [page for page in pages if _is_report(page, parts[page.page.number])]
    year = report_year(named)
    candidates = [page for page in pages if _may_hold_statements(parts[page.page.number])]
    unit = stated_unit(pages)
    statements = _read(candidates, year, unit)
    if any(page.red_figures for page in candidates):
        signed = _read([_signed(page) for page in candidates], year, unit)
        # Red may also mark what matters; then a minus breaks the sums.
        statements = signed if standing(signed) >= standing(statements) else statements
    fields = report_fields(named, report, statements, year)
    subject = next((str(f.value) for f in fields if f.name == "company_name" and f.value), "")
    return Document(
        type=type,
        pages=tuple(page.page.number for page in pages),
        confidence=max((part.score for _, part in named), default=50) / 100,
        subject=subject,
        fields=fields,
        statements=statements,
        places=signature_places(report),
        parts=parts_of(named, statements),
        lacks=lacking(pages, named, statements),
        remarks=remarks_of(
            pages, named, statements, special=any(special_purpose(part.rows) for _, part in named if part.opens)
        ),
    )


def _read(pages: Sequence[ReadPage], year: int | None, unit: str | None) -> tuple[Statement, ...]:
    return witnessed(with_hidden_names(read_statements(pages, year=year, unit=unit)))


def _signed(page: ReadPage) -> ReadPage:
    """The page with a minus before its figures in red."""
    red = set(page.red_figures)
    lines = tuple(
        line.model_copy(update={"text": "-" + line.text, "centres": (), "scores": ()}) if line.box in red else line
        for line in page.lines
    )
    return page.model_copy(update={"lines": lines})


def _may_hold_statements(part: PagePart | None) -> bool:
    return part is None or part.part == "statement"


def _is_report(page: ReadPage, part: PagePart | None) -> bool:
    """The auditor's report, its last page too, which may bear nothing but a date or signatures."""
    return part.part == "opinion" if part else len(page.lines) < FEW_LINES
