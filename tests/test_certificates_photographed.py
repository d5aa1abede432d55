"""Certificates as photographs and narrow columns give them: boxes that run into each other, labels over two rows."""

from __future__ import annotations

import pytest
from certificate_readings import best_score, page_of

from extractors import all_extractors
from extractors._certificate_names import listed, person
from extractors._layout import layout_of
from extractors._wording import words
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


def test_an_english_certificate_that_says_its_term_in_a_sentence() -> None:
    document = _read(
        page_of(
            ("Certificate CN23/27012", 0.566, 0.056, 0.809, 0.077),
            ("The management system of", 0.102, 0.157, 0.390, 0.180),
            ("Northfield Data Service Co., Ltd.", 0.101, 0.201, 0.799, 0.230),
            ("has been assessed and certified as meeting the requirements of", 0.100, 0.311, 0.751, 0.333),
            ("ISO 9001:2015", 0.100, 0.357, 0.434, 0.387),
            ("For the following activities", 0.100, 0.419, 0.370, 0.440),
            ("Design, development and maintenance of software", 0.100, 0.451, 0.852, 0.472),
            ("This certificate is valid from 24 January 2023 until 23 January 2026", 0.100, 0.572, 0.717, 0.593),
            ("Issue 3. Certified since 24 January 2017", 0.099, 0.617, 0.471, 0.638),
            ("SGS United Kingdom Ltd", 0.103, 0.757, 0.363, 0.779),
        )
    )
    assert document.type == T.ISO_CERTIFICATE
    expected = {
        "certificate_no": "CN23/27012",
        "holder": "Northfield Data Service Co., Ltd.",
        "issued_on": "2023-01-24",
        "valid_until": "2026-01-23",
        "issuer": "SGS United Kingdom Ltd",
        "kind": "iso9001",
    }
    assert {name: _value(document, name) for name in expected} == expected


def test_values_under_heads_side_by_side_do_not_run_together() -> None:
    document = _read(
        page_of(
            ("MANAGEMENT SYSTEM CERTIFICATE", 0.092, 0.152, 0.707, 0.177),
            ("Certificate no.:", 0.092, 0.209, 0.210, 0.224),
            ("Some other head:", 0.400, 0.209, 0.586, 0.223),
            ("Valid:", 0.686, 0.208, 0.736, 0.224),
            ("10364861-2021-AQ-RGC-RvA", 0.090, 0.225, 0.388, 0.244),
            ("12 November 2015", 0.399, 0.226, 0.585, 0.243),
            ("12 November 2021 –", 0.686, 0.226, 0.889, 0.244),
            ("11 November 2024", 0.687, 0.247, 0.872, 0.263),
            ("This is to certify that the management system of", 0.092, 0.298, 0.552, 0.316),
            ("Northfield Data Service Co., Ltd.", 0.094, 0.334, 0.729, 0.359),
            ("ISO 9001:2015", 0.094, 0.472, 0.373, 0.493),
        )
    )
    assert _value(document, "certificate_no") == "10364861-2021-AQ-RGC-RVA"
    assert _value(document, "valid_until") == "2024-11-11"
    assert _value(document, "issued_on") == "2021-11-12"


def test_bodies_that_sign_by_their_initials() -> None:
    document = _read(
        page_of(
            ("Certificate of Registration", 0.100, 0.155, 0.638, 0.187),
            ("This is to certify that:", 0.099, 0.252, 0.301, 0.273),
            ("Northfield Software Co., Ltd.", 0.380, 0.253, 0.822, 0.274),
            ("Holds Certificate No:", 0.100, 0.373, 0.295, 0.391),
            ("IS 749250", 0.378, 0.367, 0.533, 0.390),
            ("complies with the requirements of ISO/IEC 27001:2013", 0.100, 0.411, 0.887, 0.433),
            ("For and on behalf of BSI:", 0.101, 0.604, 0.310, 0.622),
            ("Effective Date: 2022-04-15", 0.519, 0.684, 0.747, 0.702),
            ("Expiry Date: 2025-04-14", 0.520, 0.711, 0.727, 0.729),
        )
    )
    assert _value(document, "issuer") == "BSI"


def test_an_appraisal_told_in_sentences() -> None:
    document = _read(
        page_of(
            ("Certificate of Achievement", 0.329, 0.264, 0.720, 0.307),
            ("This is to certify that", 0.456, 0.335, 0.600, 0.368),
            ("Northfield Information Technology Co., Ltd.", 0.210, 0.388, 0.820, 0.430),
            (
                "was successfully appraised at CMMI-SVC V2.0 Maturity Level 4 on Nov 17, 2022. The",
                0.1,
                0.459,
                0.9,
                0.49,
            ),
            ("appraisal result expires on Nov 17, 2025.", 0.381, 0.500, 0.688, 0.525),
            ("PARS Appraisal Identification: 63234", 0.179, 0.638, 0.422, 0.668),
            ("Lead Appraiser: Liu Yang (ID 0512345)", 0.180, 0.685, 0.433, 0.713),
            wide=True,
        )
    )
    assert document.type == T.CMMI_CERTIFICATE
    assert _value(document, "certificate_no") == "63234"
    assert _value(document, "issued_on") == "2022-11-17"
    assert _value(document, "valid_until") == "2025-11-17"


def test_a_watermarks_slanting_words_are_in_no_row() -> None:
    document = _read(
        page_of(
            ("营业执照", 0.344, 0.176, 0.639, 0.225),
            ("025称 某某数字科技股份有限公司", 0.180, 0.312, 0.596, 0.336),
            ("法定代表人", 0.132, 0.384, 0.274, 0.408),
            ("王芳睿", 0.274, 0.384, 0.351, 0.407),
            ("包领军企", 0.360, 0.366, 0.480, 0.426),
            ("成立日期2011年09月16日", 0.134, 0.607, 0.426, 0.628),
            ("住", 0.132, 0.678, 0.166, 0.701),
            ("所 某某市高新区艾溪湖北路723号", 0.239, 0.677, 0.567, 0.700),
            ("仅供2023年服务外包", 0.233, 0.686, 0.524, 0.819),
        )
    )
    assert _value(document, "legal_representative") == "王芳睿"
    assert _value(document, "address") == "某某市高新区艾溪湖北路723号"
    assert _value(document, "name") == "某某数字科技股份有限公司"


def test_a_sign_of_a_seals_ring_is_no_part_of_the_sum_beside_it() -> None:
    document = _read(
        page_of(
            ("民办非企业单位登记证书", 0.301, 0.228, 0.695, 0.277),
            ("名称：某某软件培训学院", 0.103, 0.400, 0.402, 0.432),
            ("开办资金：", 0.105, 0.684, 0.209, 0.718),
            ("软", 0.201, 0.656, 0.228, 0.720),
            ("叁万元整", 0.232, 0.684, 0.297, 0.714),
            wide=True,
        )
    )
    assert _value(document, "registered_capital") == "30000.00"


def test_a_semicolon_read_as_a_colon_divides_two_holders() -> None:
    assert listed("某某信息技术有限责任公司:某某理工大学") == ("某某信息技术有限责任公司", "某某理工大学")


def test_a_term_that_nobody_could_read_is_three_years_and_unsure() -> None:
    document = _read(
        page_of(
            ("高新技术企业证书", 0.325, 0.159, 0.671, 0.223),
            ("企业名称：某某网络科技股份有限公司", 0.201, 0.313, 0.637, 0.356),
            ("证书编号：GR201944204702", 0.200, 0.389, 0.498, 0.429),
            ("发证时间：二〇一九年十一月四日", 0.201, 0.464, 0.548, 0.502),
            ("有效期", 0.201, 0.540, 0.275, 0.578),
            ("年", 0.407, 0.550, 0.422, 0.570),
            wide=True,
        )
    )
    end = document.field("valid_until")
    assert end is not None
    assert end.value == "2022-11-03"
    assert end.confidence <= 0.6


@pytest.mark.parametrize(("until", "sure"), [("2023-01-01", False), ("2017-01-01", True)])
def test_the_day_of_first_issue_is_this_certificates_only_if_its_term_counts_from_there(until: str, sure: bool) -> None:
    document = _read(
        page_of(
            ("Certificate of Registration", 0.100, 0.155, 0.638, 0.187),
            ("This is to certify that:", 0.099, 0.252, 0.301, 0.273),
            ("Northfield Software Co., Ltd.", 0.380, 0.253, 0.822, 0.274),
            ("Certificate No: IS 749250", 0.100, 0.373, 0.533, 0.391),
            ("complies with the requirements of ISO/IEC 27001:2013", 0.100, 0.411, 0.887, 0.433),
            ("Original Registration Date: 2014-01-02", 0.101, 0.683, 0.426, 0.702),
            (f"Expiry Date: {until}", 0.520, 0.711, 0.727, 0.729),
        )
    )
    issued = document.field("issued_on")
    assert issued is not None
    assert issued.value == "2014-01-02"
    assert (issued.confidence >= 0.9) is sure


def test_signs_of_a_label_whose_boxes_overlap_are_one_label() -> None:
    layout = layout_of(
        page_of(
            ("住", 0.528, 0.492, 0.595, 0.525), ("所某某市新吴区菱湖大道1615号", 0.564, 0.490, 0.881, 0.524), wide=True
        ),
        {"address": words("住所")},
    )
    assert [found.text for found in layout.found("address")] == ["某某市新吴区菱湖大道1615号"]
