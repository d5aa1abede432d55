"""Certificates as photographs and narrow columns give them: boxes that run into each other, labels over two rows."""

from __future__ import annotations

import pytest
from certificate_readings import best_score, page_of

from extractors import all_extractors
from extractors._certificate import person
from extractors._layout import layout_of, words
from pipeline.model import Document, DocumentType, FieldValue, ReadPage
from pipeline.programmes import load

T = DocumentType


def _read(page: ReadPage) -> Document:
    scored = [(score.score, i, module) for i, module in enumerate(all_extractors()) if (score := module.score(page))]
    _, _, module = max(scored)
    score = best_score(page)
    assert score is not None
    return module.extract([page], load("cciip-2023"), score.type)


def _value(document: Document, name: str) -> FieldValue:
    field = document.field(name)
    return field.value if field is not None else None


def test_a_label_whose_box_runs_into_its_value_still_heads_it() -> None:
    document = _read(
        page_of(
            ("社会团体法人登记证书", 0.240, 0.190, 0.758, 0.229),
            ("统一社会信用代码", 0.146, 0.290, 0.329, 0.315),
            ("51360100MAHKTYBQXA", 0.370, 0.292, 0.673, 0.314),
            ("名称", 0.143, 0.335, 0.336, 0.365),
            ("某某市软件行业协会", 0.278, 0.337, 0.616, 0.361),
            ("业务范围", 0.146, 0.385, 0.328, 0.414),
            ("软件人才培训、行业交流、咨询服务、信息发布", 0.268, 0.389, 0.823, 0.410),
            ("法定代表人", 0.147, 0.487, 0.337, 0.513),
            ("高明平", 0.292, 0.488, 0.414, 0.512),
            ("注册资金", 0.145, 0.537, 0.319, 0.564),
            ("叁万元整", 0.269, 0.536, 0.453, 0.564),
        )
    )
    assert document.type == T.LEGAL_PERSON_PROOF
    assert _value(document, "name") == "某某市软件行业协会"
    assert _value(document, "legal_representative") == "高明平"
    assert _value(document, "registered_capital") == "30000.00"


def test_the_value_of_the_next_row_is_not_an_empty_labels() -> None:
    layout = layout_of(
        page_of(
            ("法定代表人", 0.147, 0.487, 0.257, 0.513),
            ("注册资金", 0.145, 0.527, 0.259, 0.550),
            ("某某人", 0.200, 0.528, 0.453, 0.551),
        ),
        {"legal": words("法定代表人"), "capital": words("注册资金")},
    )
    assert list(layout.found("legal")) == []


@pytest.mark.parametrize("text", ["叁万元整", "伍拾万圆整", "100万元", "人民币壹佰万"])
def test_a_sum_is_nobodys_name(text: str) -> None:
    assert person(text) is None


def test_a_label_that_its_column_broke_in_two_is_one() -> None:
    document = _read(
        page_of(
            ("营业执照", 0.389, 0.203, 0.600, 0.274),
            ("91340100MAAYDAN94B", 0.073, 0.161, 0.296, 0.186),
            ("名称某某软件技术服务中心（有限合伙）", 0.082, 0.349, 0.472, 0.382),
            ("类型有限合伙企业", 0.080, 0.394, 0.267, 0.429),
            ("成立日期", 0.528, 0.400, 0.625, 0.430),
            ("2022年11月21日", 0.624, 0.400, 0.725, 0.426),
            ("执行事务合伙", 0.081, 0.448, 0.173, 0.478),
            ("宋勇宁", 0.175, 0.446, 0.225, 0.473),
            ("人", 0.084, 0.479, 0.097, 0.505),
            ("经营范围", 0.079, 0.514, 0.170, 0.545),
            ("软件开发；信息技术咨询服务", 0.176, 0.515, 0.484, 0.541),
            wide=True,
        )
    )
    assert _value(document, "legal_representative") == "宋勇宁"


def test_a_holder_that_only_a_sentence_names() -> None:
    document = _read(
        page_of(
            ("技术先进型服务企业", 0.279, 0.178, 0.726, 0.216),
            ("认定证书", 0.358, 0.241, 0.644, 0.277),
            ("编号：JF20225101000308", 0.611, 0.311, 0.856, 0.333),
            ("经审核，某某市华诺信息技术有限公司符合技术先进型", 0.202, 0.382, 0.838, 0.408),
            ("服务企业认定条件，认定为技术先进型服务企业（服务", 0.150, 0.421, 0.786, 0.446),
            ("类）。特发此证。", 0.148, 0.459, 0.355, 0.484),
            ("有效期：2022年12月15日至2025年12月14日", 0.150, 0.578, 0.591, 0.602),
        )
    )
    assert document.type == T.ADVANCED_TECH_CERTIFICATE
    assert _value(document, "holder") == "某某市华诺信息技术有限公司"


def _cmmi(head: str) -> Document:
    return _read(
        page_of(
            (head, 0.410, 0.108, 0.590, 0.144),
            ("CERTIFICATE OF APPRAISAL", 0.192, 0.249, 0.810, 0.273),
            ("某某市鼎天信息技术有限公司", 0.306, 0.314, 0.694, 0.340),
            ("has achieved CMMI-DEV V3.0 Maturity Level 3 following a formal appraisal", 0.158, 0.450, 0.842, 0.471),
            ("Appraisal #: 55821", 0.139, 0.579, 0.345, 0.600),
            ("Conducted: 2023-06-24", 0.137, 0.611, 0.387, 0.633),
            ("Expiration Date: 2026-06-24", 0.141, 0.648, 0.437, 0.666),
            ("Partner Organization: Northfield Process Consulting Ltd.", 0.139, 0.727, 0.720, 0.748),
        )
    )


def test_the_day_an_appraisal_was_conducted_dates_it() -> None:
    assert _value(_cmmi("CERTIFICATE"), "issued_on") == "2023-06-24"


def test_under_the_institutes_letterhead_nobody_is_surely_the_issuer() -> None:
    issuer = _cmmi("ISACA").field("issuer")
    assert issuer is not None
    assert issuer.confidence < 0.9
    assert issuer.alternatives == ("ISACA",)


def test_a_copyrights_date_of_another_year_than_its_number_is_unsure() -> None:
    def page(year: int) -> ReadPage:
        return page_of(
            ("计算机软件著作权登记证书", 0.229, 0.224, 0.771, 0.254),
            ("软件名称：某某系统V1.0", 0.148, 0.330, 0.640, 0.354),
            ("著作权人：某某数字科技有限公司", 0.149, 0.450, 0.710, 0.471),
            ("登记号：2023SR1707210", 0.148, 0.683, 0.478, 0.708),
            (f"{year}年09月19日", 0.592, 0.790, 0.716, 0.810),
        )

    sure, unsure = _read(page(2023)).field("issued_on"), _read(page(2028)).field("issued_on")
    assert sure is not None
    assert unsure is not None
    assert sure.confidence >= 0.9
    assert unsure.confidence < 0.7
    assert unsure.alternatives == ("2023-09-19",)


def test_a_certificate_of_no_kind_of_its_own_is_read_all_the_same() -> None:
    page = page_of(
        ("ITSS", 0.424, 0.127, 0.576, 0.171),
        ("信息技术服务标准符合性证书", 0.237, 0.209, 0.763, 0.239),
        ("证书编号：ITSS-YW-3-36010020210232", 0.327, 0.265, 0.676, 0.281),
        ("单位名称：某某软件技术服务股份有限公司", 0.143, 0.325, 0.656, 0.346),
        ("发证日期：2021年2月14日", 0.142, 0.593, 0.394, 0.614),
        ("有效期至：2024年2月13日", 0.142, 0.635, 0.394, 0.653),
    )
    document = _read(page)
    assert document.type == T.OTHER
    assert _value(document, "kind") == "other"
    assert _value(document, "certificate_no") == "ITSS-YW-3-36010020210232"
    assert _value(document, "holder") == "某某软件技术服务股份有限公司"
    assert _value(document, "issued_on") == "2021-02-14"
    assert _value(document, "valid_until") == "2024-02-13"


@pytest.mark.parametrize("title", ["会计师事务所执业证书", "荣誉证书", "中级职业资格证书"])
def test_other_peoples_papers_are_no_certificates_of_the_applicant(title: str) -> None:
    page = page_of(
        (title, 0.237, 0.209, 0.763, 0.239),
        ("证书编号：11010130", 0.327, 0.265, 0.676, 0.281),
        ("姓名：王某", 0.143, 0.325, 0.656, 0.346),
        ("发证日期：2021年2月14日", 0.142, 0.593, 0.394, 0.614),
    )
    score = best_score(page)
    assert score is None or score.type != T.OTHER
