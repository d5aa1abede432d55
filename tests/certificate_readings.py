"""Recorded readings of made-up certificates, licences and letters (tests/readings/certificates), and what they say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from extractors import all_extractors
from pipeline.model import Box, Document, DocumentType, FieldValue, Line, Page, PageScore, ReadPage
from pipeline.programmes import load
from pipeline.values.issuers import same_issuer
from pipeline.values.names import normalise

READINGS = Path(__file__).parent / "readings" / "certificates"


@cache
def reading(name: str) -> ReadPage:
    """One recorded page."""
    return ReadPage.model_validate_json((READINGS / f"{name}.json").read_text(encoding="utf-8"))


@cache
def truth() -> dict[str, dict[str, FieldValue]]:
    """What each of them says."""
    loaded: dict[str, dict[str, FieldValue]] = json.loads((READINGS / "truth.json").read_text(encoding="utf-8"))
    return loaded


def best_score(page: ReadPage) -> PageScore | None:
    """What the surest of all extractors says of a page."""
    scores = [score for module in all_extractors() if (score := module.score(page)) is not None]
    return max(scores, key=lambda score: score.score, default=None)


def extracted(*names: str, type: DocumentType) -> Document:
    """The document that these pages make up, read by the module that answers for its type."""
    pages = [reading(name) for name in names]
    scored = [(score.score, module) for module in all_extractors() if (score := module.score(pages[0])) is not None]
    module = max(scored, key=lambda pair: pair[0])[1]
    return module.extract(pages, load("cciip-2023"), type)


def wrong_fields(document: Document, expected: dict[str, FieldValue]) -> dict[str, tuple[FieldValue, FieldValue]]:
    """Fields that differ from what the paper says (width and brackets do not count): expected and read."""
    wrong: dict[str, tuple[FieldValue, FieldValue]] = {}
    for name, value in expected.items():
        field = document.field(name)
        read = field.value if field is not None else None
        wanted = tuple(value) if isinstance(value, list) else value
        texts = isinstance(wanted, str) and isinstance(read, str)
        same = texts and normalise(str(wanted)) == normalise(str(read))
        if name == "issuer" and texts:
            same = same_issuer(str(wanted), str(read))
        if not same and wanted != read:
            wrong[name] = (wanted, read)
    return wrong


def page_of(*rows: tuple[str, float, float, float, float], wide: bool = False) -> ReadPage:
    """A page of lines: text with its box."""
    width, height = (2339, 1654) if wide else (1654, 2339)
    page = Page(
        number=1,
        file="x.png",
        index=0,
        sha256="",
        width=width,
        height=height,
        upright_width=width,
        upright_height=height,
    )
    lines = tuple(Line(text=text, box=Box(x0, y0, x1, y1), confidence=0.99) for text, x0, y0, x1, y1 in rows)
    return ReadPage(page=page, lines=lines)
