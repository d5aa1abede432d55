"""Certificates of management systems, CMMI, 高企, 技术先进型, software and patents: told apart, and read."""

from __future__ import annotations

from datetime import date

import pytest
from certificate_readings import best_score, extracted, page_of, reading, truth, wrong_fields
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import all_extractors
from extractors._certificate_dates import term_years
from extractors._certificate_names import is_organisation, organisation, person, unbracketed
from extractors._certificate_titles import find_title
from extractors._layout import layout_of
from extractors._wording import squeeze
from pipeline.model import DocumentType, ReadPage
from pipeline.programmes import load
from pipeline.sorting import sort_pages

T = DocumentType
CERTIFICATES = {
    "iso9001a": T.ISO_CERTIFICATE,
    "iso27001b": T.ISO_CERTIFICATE,
    "iso20000c": T.ISO_CERTIFICATE,
    "iso_en": T.ISO_CERTIFICATE,
    "cmmi1": T.CMMI_CERTIFICATE,
    "cmmi2": T.CMMI_CERTIFICATE,
    "hitech1": T.HI_TECH_CERTIFICATE,
    "hitech2": T.HI_TECH_CERTIFICATE,
    "adv1": T.ADVANCED_TECH_CERTIFICATE,
    "soft1": T.SOFTWARE_COPYRIGHT,
    "pat1": T.PATENT_CERTIFICATE,
    "pat2": T.PATENT_CERTIFICATE,
}


@pytest.mark.parametrize(("name", "type_"), CERTIFICATES.items())
def test_a_certificate_says_what_it_is_and_what_it_holds(name: str, type_: DocumentType) -> None:
    score = best_score(reading(name))
    assert score is not None
    assert (score.type, score.opens) == (type_, True)
    assert score.score >= 90
    assert wrong_fields(extracted(name, type=type_), truth()[name]) == {}


def test_second_pages_and_annexes_open_nothing() -> None:
    for name, type_ in (("pat_p2", T.PATENT_CERTIFICATE), ("iso_annex", T.ISO_CERTIFICATE)):
        score = best_score(reading(name))
        assert score is not None
        assert (score.type, score.opens) == (type_, False)
        assert score.score >= 50


def test_a_patent_is_one_document_with_its_second_page() -> None:
    groups = sort_pages([reading("pat1"), reading("pat_p2")], all_extractors())
    assert [(group.type, group.pages) for group in groups] == [(T.PATENT_CERTIFICATE, (0, 1))]


def test_an_acceptance_notice_is_no_patent() -> None:
    score = best_score(reading("pat_notice"))
    assert score is not None
    assert score.type == T.OTHER
    document = extracted("pat_notice", type=T.OTHER)
    assert "acceptance_notice" in document.remarks
    assert document.field("certificate_no") is None


@pytest.mark.parametrize("name", ["list", "notes"])
def test_pages_that_only_speak_of_certificates_are_none(name: str) -> None:
    score = best_score(reading(name))
    assert score is None or score.type == T.AUDIT_REPORT


def test_a_term_gives_a_computed_end_that_admits_it() -> None:
    field = extracted("hitech1", type=T.HI_TECH_CERTIFICATE).field("valid_until")
    assert field is not None
    assert "computed" in field.reasons
    assert field.value == "2024-11-29"
    assert field.alternatives == ("2024-11-30",)
    assert field.confidence < 0.95


def test_the_level_of_an_appraisal_is_a_remark() -> None:
    assert "level_5" in extracted("cmmi1", type=T.CMMI_CERTIFICATE).remarks
    assert "level_3" in extracted("cmmi2", type=T.CMMI_CERTIFICATE).remarks


def test_several_holders_of_a_patent_are_a_list() -> None:
    holder = extracted("pat2", type=T.PATENT_CERTIFICATE).field("holder")
    assert holder is not None
    assert holder.value == ("苏州云帆数据技术有限公司", "南京工业大学")


def test_a_number_whose_letters_became_figures_is_mended_and_says_so() -> None:
    page = page_of(
        ("信息技术服务管理体系认证证书", 0.2, 0.1, 0.8, 0.14),
        ("证书编号：415227T18212R1S", 0.3, 0.17, 0.7, 0.19),
        ("组织名称：甲乙丙软件有限公司", 0.2, 0.25, 0.6, 0.27),
        ("符合标准：ISO/IEC 20000-1:2018", 0.2, 0.3, 0.6, 0.32),
        ("有效期至：2025年3月3日", 0.2, 0.4, 0.6, 0.42),
    )
    module = next(m for m in all_extractors() if T.ISO_CERTIFICATE in m.TYPES)  # type: ignore[attr-defined]
    number = module.extract([page], load("cciip-2023"), T.ISO_CERTIFICATE).field("certificate_no")
    assert number is not None
    assert number.value == "41522IT18212R1S"
    assert number.alternatives == ("415227T18212R1S",)
    assert number.confidence < 0.9


def test_a_name_that_a_seal_tore_is_mended_and_says_so() -> None:
    for read in ("甲乙丙软件股份有限公", "甲乙丙软件股份有", "甲乙丙软件股份有限公司信息服务"):
        parsed = organisation(read)
        assert parsed is not None
        assert parsed.value == "甲乙丙软件股份有限公司"
        assert parsed.alternatives == (read,)
        assert parsed.trust < 0.9
    branch = organisation("甲乙丙软件有限公司上海分公司")
    assert branch is not None
    assert branch.value == "甲乙丙软件有限公司上海分公司"


def test_titles_are_met_spaced_out_broken_and_misread() -> None:
    names = ("高新技术企业证书",)
    spaced = page_of(*((sign, 0.1 + 0.1 * i, 0.1, 0.14 + 0.1 * i, 0.13) for i, sign in enumerate("高新技术企业证书")))
    broken = page_of(("高新技术企业", 0.3, 0.1, 0.7, 0.14), ("证 书", 0.42, 0.16, 0.58, 0.2))
    misread = page_of(("高新枝术企业证书", 0.3, 0.1, 0.7, 0.14))
    prose = page_of(("公司取得高新技术企业证书后按百分之十五纳税", 0.1, 0.1, 0.9, 0.12))
    assert all(find_title(page, names) for page in (spaced, broken, misread))
    assert find_title(prose, names) is None


LABELS = {"name": ("名称",), "person": ("法定代表人",), "day": ("成立日期",), "number": ("证书编号", "certificateno")}


def test_values_are_met_right_below_and_behind_their_labels() -> None:
    page = page_of(
        ("名", 0.1, 0.20, 0.12, 0.22),
        ("称", 0.2, 0.20, 0.22, 0.22),
        ("甲乙丙软件有限公司", 0.25, 0.20, 0.5, 0.22),
        ("法定代表人", 0.6, 0.20, 0.7, 0.22),
        ("张三丰", 0.6, 0.225, 0.66, 0.245),
        ("成立日期2015年6月18日", 0.1, 0.3, 0.4, 0.32),
        ("Certificate No.: AB 1234", 0.1, 0.4, 0.4, 0.42),
    )
    layout = layout_of(page, LABELS)
    read = {key: next(layout.found(key)).text.strip() for key in LABELS}
    assert read == {"name": "甲乙丙软件有限公司", "person": "张三丰", "day": "2015年6月18日", "number": "AB 1234"}


def test_a_column_of_signs_read_as_one_is_cut_into_its_rows() -> None:
    page = page_of(
        ("名类", 0.10, 0.20, 0.13, 0.27),
        ("称", 0.2, 0.20, 0.23, 0.23),
        ("甲乙丙软件有限公司", 0.25, 0.20, 0.5, 0.23),
        ("型", 0.2, 0.24, 0.23, 0.27),
    )
    found = next(layout_of(page, LABELS).found("name"))
    assert found.text == "甲乙丙软件有限公司"


@given(st.text(max_size=40))
def test_parsers_take_any_text(text: str) -> None:
    squeezed, where = squeeze(text)
    assert len(squeezed) == len(where)
    organisation(text)
    person(text)
    assert term_years(text) is None or 1 <= (term_years(text) or 0) <= 50


@given(st.integers(1, 10))
def test_terms_are_read_in_both_scripts(years: int) -> None:
    chinese = "一二三四五六七八九十"[years - 1]
    assert term_years(f"有效期：{chinese}年") == years
    assert term_years(f"{years} 年") == years


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_a_date_is_no_term(day: date) -> None:
    assert term_years(f"{day.year}年{day.month}月{day.day}日") is None


_LINE = st.tuples(
    st.sampled_from(
        (
            "名称",
            "高新技术企业证书",
            "证书编号：GR202111000001",
            "2021年3月5日",
            "有效期",
            "称",
            "甲公司有限公司",
            "CMMI",
            "认证",
            "",
        )
    ),
    st.floats(0, 0.8),
    st.floats(0, 0.9),
)


@settings(max_examples=40)
@given(st.lists(_LINE, max_size=12))
def test_any_page_is_scored_and_read_without_an_error(rows: list[tuple[str, float, float]]) -> None:
    page: ReadPage = page_of(*((text, x, y, x + 0.02 * len(text) + 0.01, y + 0.02) for text, x, y in rows))
    for module in all_extractors():
        module.score(page)
        for type_ in module.TYPES:  # type: ignore[attr-defined]
            if type_ not in (T.AUDIT_REPORT, T.INFORMATION_FORM):
                module.extract([page], load("cciip-2023"), type_)


def test_a_name_found_twice_in_parts_is_one_and_its_end_alone_is_none() -> None:
    from extractors._certificate_names import organisation

    whole = organisation("鼎慧越（上海）智能科技有限公司限公司")
    assert whole is not None
    assert whole.value in ("鼎慧越（上海）智能科技有限公司", "鼎慧越(上海)智能科技有限公司")
    assert organisation("有限公司") is None
    assert organisation("股份有限公司") is None
    assert organisation("北京云帆软件有限责任公司") is not None


def test_borders_and_brackets_are_no_part_of_a_name() -> None:
    assert organisation("CCCCCCCCCCCCCCCCCCCC") is None
    assert organisation("Suzhou Lanhe Information Technology Co., Ltd.") is not None
    assert not is_organisation("有限公司") and is_organisation("凯朗软件（大连）有限公司")
    assert unbracketed("（凯朗软件（大连）有限公司）") == "凯朗软件（大连）有限公司"
    assert unbracketed("(凯朗软件（大连）有限公司") == "凯朗软件（大连）有限公司"
    assert unbracketed("凯朗软件（大连）有限公司") == "凯朗软件（大连）有限公司"
    assert unbracketed("正和会计师事务所（普通合伙）") == "正和会计师事务所（普通合伙）"


def test_a_label_to_the_letter_comes_before_one_with_a_slip() -> None:
    labels = {"issued": ("本次发证日期", "颁证日期", "发证日期"), "first": ("初次发证日期",)}
    page = page_of(("初次发证日期：2016年4月20日", 0.1, 0.2, 0.4, 0.22), ("发证日期：2022-04-18", 0.1, 0.3, 0.3, 0.32))
    assert [spot.key for spot in layout_of(page, labels).spots] == ["first", "issued"]


def test_a_wide_gap_read_as_a_box_is_part_of_its_label() -> None:
    page = page_of(("住☑所", 0.1, 0.2, 0.2, 0.22), ("浙江省宁波市江北区通宁路655号", 0.3, 0.2, 0.7, 0.22))
    assert [spot.key for spot in layout_of(page, {"address": ("住所",)}).spots] == ["address"]
