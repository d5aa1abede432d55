"""高新技术企业证书: 企业名称, 证书编号 GR…, 发证时间, 有效期三年, seals of three authorities (DOMAIN §4.7, §7)."""

from __future__ import annotations

from collections.abc import Sequence

from extractors._grants import GrantKind, extract_grant, score_grant
from pipeline.model import Document, DocumentType, PageScore, ReadPage
from pipeline.programmes import Programme
from pipeline.values.numbers import hi_tech_number

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.HI_TECH_CERTIFICATE})

KIND = GrantKind(
    type=DocumentType.HI_TECH_CERTIFICATE,
    kind="hi_tech",
    titles=("高新技术企业证书", "国家高新技术企业证书", "高新技术企业认定证书", "高新技术企业"),
    number=hi_tech_number,
)


def score(page: ReadPage) -> PageScore | None:
    """Title and labels of a 高新技术企业证书."""
    return score_grant(page, KIND)


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """Fields ``kind name certificate_no holder issuer issued_on valid_until``, this computed from a term (三年)."""
    return extract_grant(pages, type, KIND)
