"""技术先进型服务企业证书: as a 高新技术企业证书, with a number of no known grammar (DOMAIN §4.7, §7)."""

from __future__ import annotations

from collections.abc import Sequence

from extractors._grants import GrantKind, extract_grant, score_grant
from pipeline.model import Document, DocumentType, PageScore, ReadPage
from pipeline.programmes import Programme

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.ADVANCED_TECH_CERTIFICATE})


def _no_grammar(text: str) -> str | None:
    return None


KIND = GrantKind(
    type=DocumentType.ADVANCED_TECH_CERTIFICATE,
    kind="advanced_tech",
    titles=(
        "技术先进型服务企业证书",
        "技术先进型服务企业认定证书",
        "技术先进型服务企业",
        "服务贸易类技术先进型服务企业证书",
    ),
    number=_no_grammar,
)


def score(page: ReadPage) -> PageScore | None:
    """Title and labels of a 技术先进型服务企业证书."""
    return score_grant(page, KIND)


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """Fields ``kind name certificate_no holder issuer issued_on valid_until``."""
    return extract_grant(pages, type, KIND)
