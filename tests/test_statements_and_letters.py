"""说明材料, 承诺书 and letters: told from other prose, their topics, and where they are sealed."""

from __future__ import annotations

import pytest
from certificate_readings import best_score, extracted, page_of, reading

from extractors import all_extractors
from extractors._prose import sign_off, signer_name
from pipeline.model import DocumentType, ReadPage
from pipeline.programmes import load
from pipeline.sorting import sort_pages

T = DocumentType
WIDE = "园区持续完善公共技术服务平台和人才培训平台为入驻企业提供全生命周期服务形成产业生态"


def test_a_statement_over_two_pages_is_one_document_with_its_topics_and_a_place_for_the_seal() -> None:
    pages = [reading("state1"), reading("state2")]
    numbered = [p.model_copy(update={"page": p.page.model_copy(update={"number": i})}) for i, p in enumerate(pages, 1)]
    (group,) = sort_pages(numbered, all_extractors())
    assert (group.type, group.pages) == (T.SUPPORTING_STATEMENT, (0, 1))
    assert group.extractor is not None
    document = group.extractor.extract(numbered, load("cciip-2023"), T.SUPPORTING_STATEMENT)
    topics = {remark.removeprefix("topic:") for remark in document.remarks}
    assert topics >= {"区位", "创新", "规模", "竞争优势"}
    (place,) = document.places
    assert (place.role, place.page) == ("applicant", 2)
    (seal,) = numbered[1].seals
    assert place.box.holds(seal.box.cx, seal.box.cy)


def test_a_commitment_says_so_and_its_seal_belongs_where_it_asks_for_one() -> None:
    document = extracted("promise", type=T.SUPPORTING_STATEMENT)
    assert document.type == T.SUPPORTING_STATEMENT
    assert "commitment" in document.remarks
    (place,) = document.places
    (seal,) = reading("promise").seals
    assert place.box.grown(0.05, 0.05).holds(seal.box.cx, seal.box.cy)


@pytest.mark.parametrize(
    ("name", "signer"), [("letter1", "苏州国际科技园管理有限公司"), ("letter2", "苏州工业园区商务局")]
)
def test_letters_are_letters(name: str, signer: str) -> None:
    score = best_score(reading(name))
    assert score is not None
    assert (score.type, score.opens) == (T.COVER_LETTER, True)
    document = extracted(name, type=T.COVER_LETTER)
    assert document.subject == signer
    assert document.field("name").value == signer  # type: ignore[union-attr]


def test_a_letter_that_names_its_application_says_which() -> None:
    number = extracted("letter1", type=T.COVER_LETTER).field("application_no")
    assert number is not None
    assert number.value == "CCIIP2023P00017"


def test_the_letter_of_invitation_is_no_cover_letter() -> None:
    page = page_of(
        ("关于开展2023年中国数字服务暨服务外包", 0.2, 0.1, 0.8, 0.13),
        ("领军企业推介工作的函", 0.3, 0.15, 0.7, 0.18),
        *((WIDE, 0.1, 0.25 + 0.03 * i, 0.9, 0.27 + 0.03 * i) for i in range(8)),
    )
    score = best_score(page)
    assert score is None or score.type != T.COVER_LETTER


def _signed(name: str, confidence: float, body: str = WIDE) -> ReadPage:
    page = page_of(
        (body, 0.1, 0.1, 0.9, 0.12),
        (WIDE, 0.1, 0.13, 0.9, 0.15),
        (name, 0.55, 0.3, 0.85, 0.32),
        ("2023年9月6日", 0.6, 0.35, 0.75, 0.37),
    )
    lines = [line.model_copy(update={"confidence": confidence}) if line.text == name else line for line in page.lines]
    return page.model_copy(update={"lines": tuple(lines)})


def test_a_signer_is_named_only_as_far_as_he_was_read() -> None:
    clear = _signed("甲乙丙科技园有限公司", 0.99)
    assert signer_name(sign_off([clear]), [clear]) == "甲乙丙科技园有限公司"
    smudged = _signed("甲乙两科抆园有限公司", 0.8)
    assert signer_name(sign_off([smudged]), [smudged]) == ""
    told = _signed("甲乙两科抆园有限公司", 0.8, body="甲乙丙科技园有限公司位于数字产业集聚区交通便利配套完善")
    assert signer_name(sign_off([told]), [told]) == "甲乙丙科技园有限公司"


def test_prose_of_other_papers_is_no_statement() -> None:
    prose = "我们审计了后附的财务报表包括资产负债表利润表现金流量表以及财务报表附注"
    rows = ((prose, 0.1, 0.1 + 0.03 * i, 0.9, 0.12 + 0.03 * i) for i in range(8))
    audit = page_of(("审计报告", 0.4, 0.05, 0.6, 0.08), *rows)
    module = next(m for m in all_extractors() if T.SUPPORTING_STATEMENT in m.TYPES)  # type: ignore[attr-defined]
    assert module.score(audit) is None
