"""营业执照 of every layout, 企业法人营业执照 too (DOMAIN §7); the audit firm's belongs to the audit report (§3.8)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors._certificate import read_field
from extractors._certificate_names import is_organisation, organisation, whole_name
from extractors._certificate_titles import find_title, titled_otherwise
from extractors._layout import Layout, layout_of
from extractors._licence import LABELS, extract_licence, inner_page, is_audit_firms, licence_number, typical_labels
from extractors._wording import squeeze, words
from pipeline.model import Document, DocumentType, PageScore, ReadPage
from pipeline.programmes import Programme

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.BUSINESS_LICENCE})

TITLES = words(
    "营业执照 企业法人营业执照 个体工商户营业执照 合伙企业营业执照 个人独资企业营业执照 "
    "外商投资企业营业执照 营业执照副本"
)
OWN = frozenset({"scope", "registered_capital", "registration_no", "uscc", "established", "term"})
_REGISTRY = re.compile(r"登记机关|市场监督管理总局|工商行政管理|信用信息公示系统|商事主体")
WITHOUT_TITLE = 5  # kinds of label that say a licence whose title nobody could read


def score(page: ReadPage) -> PageScore | None:
    """Title and labels; five labels without a title still make a licence."""
    if titled_otherwise(page) or is_audit_firms(page):
        return None
    layout = layout_of(page, LABELS)
    typical, keys = typical_labels(layout), layout.keys(0.79)
    title = find_title(page, TITLES)
    name = read_field([layout], "name", "name", organisation, wraps=True, whole=whole_name)
    subject = str(name.value) if name is not None and is_organisation(str(name.value)) else ""
    if title is not None and typical >= 2:
        return _scored(min(99, 90 + typical), subject, layout)
    if title is not None and title.large and typical >= 1:
        return _scored(80, subject, layout)
    says_registry = _REGISTRY.search(squeeze(page.text)[0]) is not None
    if typical >= WITHOUT_TITLE and says_registry and "sponsor" not in keys and len(keys & OWN) >= 2:
        return _scored(78, subject, layout)
    return inner_page(page, DocumentType.BUSINESS_LICENCE)


def _scored(score: int, subject: str, layout: Layout) -> PageScore:
    number, dated = licence_number(layout)
    return PageScore(
        type=DocumentType.BUSINESS_LICENCE, score=score, opens=True, subject=subject, number=number, dated=dated
    )


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``name uscc legal_representative registered_capital established address``, ``issuer issued_on valid_until``."""
    return extract_licence(pages, type)
