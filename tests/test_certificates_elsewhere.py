"""Certificates as other bodies print them: in prose, in two tongues, in tables, several on a sheet."""

from __future__ import annotations

from datetime import date

import pytest
from certificate_readings import best_score, page_of
from hypothesis import given
from hypothesis import strategies as st

from extractors import all_extractors
from extractors._certificate_dates import in_order, term_years, valid_until
from extractors._certificate_names import person, whole_latin
from extractors._layout import layout_of
from extractors._wording import words
from pipeline.model import Box, Document, DocumentType, Field, Ruling
from pipeline.programmes import load
from pipeline.several import several_on
from pipeline.sorting import sort_pages
from pipeline.values.dates import find_dates
from pipeline.values.numbers import iso_number, sr_number

T = DocumentType
PROGRAMME = load("cciip-2023")
Row = tuple[str, float, float, float, float]


def rows(*texts: str, top: float = 0.12, step: float = 0.045) -> list[Row]:
    """Lines one under the other, as wide as their text."""
    return [
        (text, 0.12, top + i * step, min(0.9, 0.12 + 0.012 * len(text.encode("gbk", "replace"))), top + i * step + 0.02)
        for i, text in enumerate(texts)
    ]


def read(*lines: Row, type: DocumentType, wide: bool = False) -> Document:
    """The document that a page's best extractor makes of it."""
    page = page_of(*lines, wide=wide)
    score = best_score(page)
    assert score is not None
    assert score.type == type
    best = max(((s.score, m) for m in all_extractors() if (s := m.score(page)) is not None), key=lambda pair: pair[0])
    return best[1].extract([page], PROGRAMME, type)


def said(document: Document, *names: str) -> tuple[object, ...]:
    return tuple(found.value if (found := document.field(name)) is not None else None for name in names)


# ------------------------------------------------------------------------------------------------- two tongues


def test_the_same_label_in_both_scripts_is_one_whichever_comes_first() -> None:
    document = read(
        ("CMMI for Development V2.0", 0.12, 0.1, 0.6, 0.14),
        *rows(
            "Company Name 公司名称：Quancheng Software Corporation 济南某泉软件集团有限公司",
            "Rating 等级：Maturity Level 5 成熟度5级",
            "Appraisal Ref. 评估号：CMMI-BM-59902",
            "Appraisal end 评估结束：2022/11/25",
            "Valid to 有效期至：2025/11/25",
            "Partner 合作伙伴：Apex Process Technology Ltd.",
            top=0.3,
        ),
        type=T.CMMI_CERTIFICATE,
        wide=True,
    )
    assert said(document, "holder", "issuer", "issued_on", "valid_until") == (
        "济南某泉软件集团有限公司",
        "Apex Process Technology Ltd.",
        "2022-11-25",
        "2025-11-25",
    )


def test_no_letters_of_an_english_twin_are_left_over() -> None:
    page = page_of(*rows("颁证机构 Issued by: 中质某航认证集团有限公司"))
    spots = layout_of(page, {"issuer": words("颁证机构")}).spots
    assert [spot.rest.text.strip() for spot in spots if spot.rest is not None] == ["中质某航认证集团有限公司"]


def test_one_title_in_several_tongues_is_a_title() -> None:
    document = read(
        ("ZERTIFIKAT ◆ CERTIFICATE ◆ 认证证书", 0.1, 0.04, 0.64, 0.07),
        *rows(
            "The Certification Body of Rheinwerk Zert GmbH",
            "certifies that",
            "Changsha Outsourcing Information",
            "Technology Co., Ltd.",
            "has established an Information Security Management System for outsourcing",
            "ISO/IEC 27001:2013",
            "are fulfilled. The certificate is valid from 05/Mar/2022 until 04/Mar/2025.",
            "Certificate Registration No.: 12 310 61947 TMS",
            step=0.022,
        ),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "certificate_no", "issued_on", "valid_until", "issuer") == (
        "1231061947TMS",
        "2022-03-05",
        "2025-03-04",
        "Rheinwerk Zert GmbH",
    )
    assert said(document, "holder") == ("Changsha Outsourcing Information Technology Co., Ltd.",)


# -------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Effective Date: 14/05/2021", ["2021-05-14"]),
        ("from 08/04/2021 until 13/05/2024", ["2021-04-08", "2024-05-13"]),
        ("12/31/2022", ["2022-12-31"]),
        ("08.08.2021", ["2021-08-08"]),
        ("08/04/2021", []),  # April or August: nobody knows
        ("05/Mar/2022", ["2022-03-05"]),
        ("the 8th day of November 2019", ["2019-11-08"]),
    ],
)
def test_dates_that_end_with_their_year(text: str, days: list[str]) -> None:
    assert [day.isoformat() for day, _ in find_dates(text)] == days


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)))
def test_day_first_and_month_first_are_never_mixed_up(day: date) -> None:
    for text in (day.strftime("%d/%m/%Y"), day.strftime("%m/%d/%Y")):
        assert [found for found, _ in find_dates(text)] in ([day], [])


def test_a_term_beside_its_first_day_is_computed() -> None:
    page = page_of(*rows("有 效 期：2022年1月4日起三年"))
    until = valid_until([layout_of(page, {"valid": words("有效期")})], ("valid",), None)
    assert until is not None
    assert until.value == "2025-01-03"
    assert "2025-01-04" in until.alternatives
    assert term_years("本证书自颁发之日起有效期三年") == 3


def test_a_word_of_a_sentence_is_no_label_of_an_end() -> None:
    page = page_of(
        *rows(
            "valid subject to satisfactory surveillance audits.",
            "Re certification audit due before 10 December 2024",
            step=0.022,
        )
    )
    assert valid_until([layout_of(page, {"valid": words("valid")})], ("valid",), None) is None


def test_a_certificate_that_ends_before_it_begins_is_unsure() -> None:
    def day(name: str, value: str) -> Field:
        return Field(name=name, value=value, raw=value, page=1, box=Box(0, 0, 1, 1), confidence=0.97)

    issued, until = in_order(day("issued_on", "2025-09-07"), day("valid_until", "2025-09-07"))
    assert issued is not None
    assert until is not None
    assert max(issued.confidence, until.confidence) < 0.9
    kept, _ = in_order(day("issued_on", "2022-09-07"), day("valid_until", "2025-09-06"))
    assert kept is not None
    assert kept.confidence == 0.97


# -------------------------------------------------------------------------------------------------------- names


def test_a_latin_name_over_two_lines_is_one() -> None:
    assert not whole_latin("Northern Contact Center", "Services Limited")
    assert whole_latin("Northern Contact Center Ltd.", "Services Limited")
    assert whole_latin("Northern Contact Center", "No. 19 Xinhuan West Road")
    document = read(
        *rows("Certificate CN22/31174", "The management system of"),
        ("Northern Contact Center", 0.12, 0.22, 0.66, 0.25),
        ("Services Limited", 0.12, 0.251, 0.44, 0.28),
        *rows(
            "has been assessed and certified as meeting the requirements of",
            "ISO 9001:2015",
            "This certificate is valid from 11 January 2022 until 10 January 2025 and remains",
            "valid subject to satisfactory surveillance audits.",
            "Re certification audit due before 10 December 2024",
            top=0.4,
            step=0.02,
        ),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "holder", "issued_on", "valid_until") == (
        "Northern Contact Center Services Limited",
        "2022-01-11",
        "2025-01-10",
    )


def test_whoever_attests_issues_and_whom_he_attests_holds() -> None:
    document = read(
        ("CERTIFICATE OF ACHIEVEMENT", 0.2, 0.16, 0.8, 0.2),
        ("QuantumLeap Process Partners Pte. Ltd. hereby attests that", 0.23, 0.29, 0.77, 0.32),
        ("Xiamen Example IT Services Co., Ltd.", 0.25, 0.34, 0.75, 0.38),
        ("has achieved Maturity Level 4 of the Capability Maturity Model Integration", 0.16, 0.4, 0.83, 0.43),
        ("(CMMI-SVC) Version 1.3 as a result of an appraisal concluded on the", 0.14, 0.44, 0.86, 0.47),
        (
            "8th day of November 2019, which remains in force until the 8th day of November 2022.",
            0.14,
            0.49,
            0.86,
            0.52,
        ),
        ("Certificate Number: QLPP/SVC/19-1108-ML4", 0.13, 0.65, 0.45, 0.68),
        type=T.CMMI_CERTIFICATE,
        wide=True,
    )
    assert said(document, "issuer", "holder", "issued_on", "valid_until") == (
        "QuantumLeap Process Partners Pte. Ltd.",
        "Xiamen Example IT Services Co., Ltd.",
        "2019-11-08",
        "2022-11-08",
    )


def test_a_unit_is_no_holder_where_a_company_is_certified() -> None:
    document = read(
        ("CMMI Maturity Level 3", 0.38, 0.13, 0.6, 0.2),
        ("This is to certify that", 0.41, 0.36, 0.59, 0.39),
        ("Example Software Outsourcing Co., Ltd.", 0.17, 0.41, 0.83, 0.45),
        ("has been appraised at Maturity Level 3 of the CMMI for Development V2.0", 0.2, 0.49, 0.8, 0.52),
        ("Organizational Unit: Software R&D Center", 0.33, 0.53, 0.67, 0.56),
        ("Appraisal Completion Date: June 24, 2022", 0.14, 0.63, 0.45, 0.66),
        ("Appraisal ID: 58214", 0.14, 0.67, 0.3, 0.7),
        type=T.CMMI_CERTIFICATE,
        wide=True,
    )
    assert said(document, "holder") == ("Example Software Outsourcing Co., Ltd.",)


def test_a_latin_name_keeps_its_spaces_before_its_chinese_twin() -> None:
    parsed = person("Michael Ronald SUN（孙睿）")
    assert parsed is not None
    assert parsed.value == "Michael Ronald SUN"


# ------------------------------------------------------------------------------------------------------- tables


def test_an_address_ends_at_the_next_label_of_its_column_and_at_the_rule_of_its_row() -> None:
    """The next row's value takes more lines than its label: its later lines are not the address's."""
    lines: list[Row] = [
        ("营业执照", 0.36, 0.1, 0.62, 0.14),
        ("统一社会信用代码：91110108MA01EBFH9B", 0.12, 0.17, 0.5, 0.19),
        ("名称", 0.12, 0.2, 0.17, 0.22),
        ("北京云帆软件有限公司", 0.31, 0.2, 0.55, 0.22),
        ("住所", 0.12, 0.24, 0.17, 0.26),
        ("北京市海淀区西北旺东路10号院5号楼3层301-22", 0.31, 0.24, 0.75, 0.257),
        ("软件开发；基础软件服务；计算机系统服务；数据处理", 0.31, 0.268, 0.87, 0.285),
        ("经营范围", 0.12, 0.283, 0.2, 0.302),
        ("承接档案服务外包；人力资源服务；翻译服务", 0.31, 0.286, 0.87, 0.303),
        ("的产品。", 0.31, 0.304, 0.4, 0.321),
    ]
    rules = tuple(Ruling(x0=0.1, y0=y, x1=0.9, y1=y) for y in (0.195, 0.23, 0.262, 0.33))
    ruled = page_of(*lines).model_copy(update={"rulings": rules})
    licence = next(m for m in all_extractors() if T.BUSINESS_LICENCE in m.TYPES)  # type: ignore[attr-defined]
    document = licence.extract([ruled], PROGRAMME, T.BUSINESS_LICENCE)
    assert said(document, "address") == ("北京市海淀区西北旺东路10号院5号楼3层301-22",)
    above = [
        (t, x0, y0 - (0.02 if t == "经营范围" else 0), x1, y1 - (0.02 if t == "经营范围" else 0))
        for t, x0, y0, x1, y1 in lines
    ]
    document = licence.extract([page_of(*above)], PROGRAMME, T.BUSINESS_LICENCE)
    assert said(document, "address") == ("北京市海淀区西北旺东路10号院5号楼3层301-22",)


def test_a_fold_through_an_address_does_not_end_it() -> None:
    page = page_of(
        ("营业执照", 0.36, 0.1, 0.62, 0.14),
        ("住所", 0.12, 0.24, 0.17, 0.257),
        ("北京市海淀区西北旺东路10号院", 0.31, 0.24, 0.85, 0.257),
        ("东区5号楼3层301-22", 0.31, 0.262, 0.6, 0.279),
    )
    fold = Ruling(x0=0.0, y0=0.2595, x1=1.0, y1=0.2595)
    licence = next(m for m in all_extractors() if T.BUSINESS_LICENCE in m.TYPES)  # type: ignore[attr-defined]
    document = licence.extract([page.model_copy(update={"rulings": (fold,)})], PROGRAMME, T.BUSINESS_LICENCE)
    assert said(document, "address") == ("北京市海淀区西北旺东路10号院东区5号楼3层301-22",)


# ------------------------------------------------------------------------------------------------------ numbers


def test_early_registrations_have_short_serials() -> None:
    assert sr_number("登记号：2008SR00434") == "2008SR00434"
    assert sr_number("登记号：2018SR00434") is None
    assert iso_number("04921ITSM0093R0CMN") == "04921ITSM0093R0CMN"


def test_a_number_goes_on_behind_its_hyphen_only() -> None:
    document = read(
        ("MANAGEMENT SYSTEM CERTIFICATE", 0.3, 0.08, 0.77, 0.11),
        ("Certificate no.:", 0.31, 0.186, 0.43, 0.202),
        ("C571108-2022-PIMS-", 0.31, 0.203, 0.5, 0.219),
        ("CHN-RvA", 0.31, 0.22, 0.4, 0.236),
        ("Valid:", 0.7, 0.186, 0.76, 0.202),
        ("05 March 2022 - 04", 0.7, 0.203, 0.88, 0.219),
        ("March 2025", 0.7, 0.22, 0.81, 0.236),
        ("This is to certify that the management system of", 0.3, 0.29, 0.76, 0.31),
        ("Example Big Data", 0.3, 0.327, 0.6, 0.352),
        ("Outsourcing Co., Ltd.", 0.3, 0.356, 0.6, 0.381),
        ("ISO/IEC 27701:2019", 0.3, 0.477, 0.59, 0.5),
        ("Place and date:", 0.3, 0.68, 0.44, 0.697),
        ("Barendrecht, 07 March 2022", 0.3, 0.698, 0.57, 0.714),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "certificate_no", "holder", "issued_on", "valid_until") == (
        "C571108-2022-PIMS-CHN-RVA",
        "Example Big Data Outsourcing Co., Ltd.",
        "2022-03-07",
        "2025-03-04",
    )


# -------------------------------------------------------------------------------------------------------- prose


def test_a_service_enterprise_is_named_in_a_sentence_under_a_bare_title() -> None:
    document = read(
        ("证书", 0.36, 0.12, 0.64, 0.2),
        ("粤技先〔2021〕0147号", 0.62, 0.23, 0.84, 0.25),
        ("经审核，广州某江智核服务外包股份有限公司", 0.22, 0.32, 0.83, 0.345),
        ("符合技术先进型服务企业认定条件，认定为广东省", 0.16, 0.365, 0.82, 0.386),
        ("技术先进型服务企业，自发证之日起三年内有效。", 0.16, 0.408, 0.82, 0.43),
        ("广东省科学技术厅", 0.47, 0.63, 0.69, 0.66),
        ("二〇二一年七月二十日", 0.5, 0.766, 0.74, 0.787),
        type=T.ADVANCED_TECH_CERTIFICATE,
    )
    assert said(document, "certificate_no", "holder", "issued_on", "valid_until") == (
        "粤技先〔2021〕0147号",
        "广州某江智核服务外包股份有限公司",
        "2021-07-20",
        "2024-07-19",
    )


def test_a_permit_in_prose_permits_somebody_somewhere() -> None:
    document = read(
        ("办学许可证", 0.3, 0.13, 0.7, 0.18),
        *rows(
            "根据《民办教育促进法》，经审查，准予滁州某创信息技术培训中心",
            "在滁州市南谯区中都大道3139号6号楼从事成人非学历信息技",
            "术培训。校长：殷沛，举办者：滁州某创科技服务有限公司。",
            top=0.34,
            step=0.04,
        ),
        ("滁州市南谯区教育体育局", 0.5, 0.78, 0.8, 0.8),
        type=T.LEGAL_PERSON_PROOF,
    )
    assert said(document, "name", "address") == ("滁州某创信息技术培训中心", "滁州市南谯区中都大道3139号6号楼")


def test_whoever_signs_an_unlabelled_certificate_issues_it() -> None:
    document = read(
        ("软件企业证书", 0.3, 0.15, 0.7, 0.2),
        *rows(
            "企业名称：泉州某桐软件外包有限公司",
            "证书编号：闽 RQ-2022-0318",
            "有效期：二〇二二年八月一日至二〇二三年七月三十一日",
            top=0.3,
        ),
        ("福建省软件产业协会", 0.57, 0.7, 0.78, 0.73),
        ("二〇二二年八月一日", 0.57, 0.78, 0.78, 0.81),
        type=T.OTHER,
        wide=True,
    )
    assert said(document, "certificate_no", "holder", "issuer", "issued_on", "valid_until") == (
        "闽RQ-2022-0318",
        "泉州某桐软件外包有限公司",
        "福建省软件产业协会",
        "2022-08-01",
        "2023-07-31",
    )


def test_a_bare_title_is_enough_where_the_sentence_names_system_and_standard() -> None:
    document = read(
        ("证书", 0.4, 0.12, 0.6, 0.18),
        *rows(
            "兹证明洛阳某丹数服外包有限公司（统一社会信用代码：91110108MA01EBFH9B）",
            "的质量管理体系经审核符合GB/T 19001-2016 / ISO 9001:2015标准。",
            "证书注册号：ZY-20Q-30551-R0S",
            "有效日期：2020年10月22日 — 2023年10月21日",
            top=0.3,
        ),
        ("中原认证有限责任公司", 0.48, 0.73, 0.75, 0.76),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "kind", "holder", "certificate_no", "issuer", "valid_until") == (
        "iso9001",
        "洛阳某丹数服外包有限公司",
        "ZY-20Q-30551-R0S",
        "中原认证有限责任公司",
        "2023-10-21",
    )


@pytest.mark.parametrize(
    ("line", "issuer"),
    [
        ("has been assessed and registered by Nordic Assure against the provisions of", "Nordic Assure"),
        ("This certificate remains the property of Meridian and shall be returned.", "Meridian"),
        ("Orbis Certification Services Ltd, 100 Euston Street, London NW1 2HS", "Orbis Certification Services Ltd"),
        ("President, Bluestone Registrars, Inc.", "Bluestone Registrars, Inc."),
    ],
)
def test_who_issues_an_english_certificate_is_told_in_many_ways(line: str, issuer: str) -> None:
    document = read(
        ("CERTIFICATE OF REGISTRATION", 0.12, 0.1, 0.6, 0.13),
        *rows("This is to certify that", "Example Cloud Services Co., Ltd.", top=0.2),
        ("ISO/IEC 27001:2022", 0.12, 0.4, 0.4, 0.43),
        ("Certificate Number: 118842", 0.12, 0.5, 0.4, 0.52),
        ("Re-issued: 17 August 2023", 0.12, 0.55, 0.4, 0.57),
        ("Valid Until: 16 August 2026", 0.12, 0.6, 0.4, 0.62),
        (line, 0.12, 0.8, 0.75, 0.82),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "issuer", "holder", "issued_on") == (
        issuer,
        "Example Cloud Services Co., Ltd.",
        "2023-08-17",
    )


def test_a_label_read_as_the_end_of_its_neighbours_value_is_a_label() -> None:
    page = page_of(
        ("营业执照", 0.38, 0.17, 0.6, 0.25),
        ("名称 拉萨某城呼叫服务有限责任公司", 0.1, 0.35, 0.4, 0.38),
        ("经营范围 呼叫中心业务；信息技术外包；电子　　　　住所", 0.1, 0.46, 0.61, 0.49),
        ("西藏自治区拉萨市堆龙德庆区东嘎镇", 0.65, 0.46, 0.89, 0.49),
        ("世纪大道产业观光园1号楼", 0.65, 0.497, 0.88, 0.527),
        wide=True,
    )
    page = page.model_copy(
        update={"lines": tuple(one.model_copy(update={"source": "tesseract"}) for one in page.lines)}
    )
    licence = next(m for m in all_extractors() if T.BUSINESS_LICENCE in m.TYPES)  # type: ignore[attr-defined]
    document = licence.extract([page], PROGRAMME, T.BUSINESS_LICENCE)
    assert said(document, "address") == ("西藏自治区拉萨市堆龙德庆区东嘎镇世纪大道产业观光园1号楼",)


# ------------------------------------------------------------------------------------------------- several pages


def test_a_booklets_cover_goes_with_the_page_that_fills_it_in() -> None:
    cover = page_of(("高新技术企业", 0.35, 0.28, 0.65, 0.34), ("证书", 0.42, 0.42, 0.58, 0.48), wide=True)
    inside = page_of(
        ("高新技术企业证书", 0.3, 0.16, 0.7, 0.23),
        *rows("企业名称：珠海某湾云仓科技有限公司", "证书编号：GR202244011296", "有效期：三年", top=0.34),
        wide=True,
    )
    groups = sort_pages([cover, inside], all_extractors())
    assert [(g.type, g.pages) for g in groups] == [(T.HI_TECH_CERTIFICATE, (0, 1))]


def copyright_rows(number: str, name: str, issued: str, top: float) -> list[Row]:
    return [
        ("计算机软件著作权登记证书", 0.32, top, 0.68, top + 0.027),
        *rows(
            f"证书号：软著登字第{number}号",
            f"软件名称：{name}",
            "著作权人：贵阳某山湖服务有限公司",
            "开发完成日期：2021年09月01日",
            "权利取得方式：原始取得",
            f"登记号：{issued[:4]}SR{number}",
            top=top + 0.05,
            step=0.03,
        ),
        (issued, 0.6, top + 0.36, 0.74, top + 0.38),
    ]


def test_two_certificates_on_one_sheet_are_two() -> None:
    upper = copyright_rows("8824716", "数算票据识别软件V2.0", "2021年12月22日", 0.06)
    lower = copyright_rows("9017305", "数算财务机器人系统V1.5", "2022年01月11日", 0.53)
    parts = several_on(page_of(*upper, *lower), all_extractors())
    assert len(parts) == 2
    assert sum(cell.height for cell, _ in parts) == pytest.approx(1.0)
    documents = [
        next(m for m in all_extractors() if T.SOFTWARE_COPYRIGHT in m.TYPES).extract(  # type: ignore[attr-defined]
            [part], PROGRAMME, T.SOFTWARE_COPYRIGHT
        )
        for _, part in parts
    ]
    assert [said(one, "certificate_no", "issued_on") for one in documents] == [
        ("2021SR8824716", "2021-12-22"),
        ("2022SR9017305", "2022-01-11"),
    ]
    (_, first), (_, second) = parts
    assert (first.page.part, second.page.part) == (1, 2)
    a, b, c, d, e, f, *_ = second.page.to_scan
    title = second.lines[0].box
    assert (a * title.x0 + b * title.y0 + c, d * title.x0 + e * title.y0 + f) == pytest.approx((0.32, 0.53), abs=0.01)


def test_one_certificate_that_repeats_its_title_stays_whole() -> None:
    upper = copyright_rows("8824716", "数算票据识别软件V2.0", "2021年12月22日", 0.06)
    again = ("计算机软件著作权登记证书", 0.32, 0.8, 0.68, 0.83)
    assert several_on(page_of(*upper, again), all_extractors()) == ()
    assert several_on(page_of(*upper), all_extractors()) == ()
    assert several_on(page_of(), all_extractors()) == ()


def test_pages_of_yearly_checks_go_with_the_certificate_before_them_or_with_none() -> None:
    permit = page_of(
        ("办学许可证", 0.3, 0.13, 0.7, 0.18),
        *rows(
            "机构名称：厦门某岛职业培训学校有限公司", "法定代表人：蓝佩珊", "办学地址：厦门市思明区望海路19号", top=0.3
        ),
    )
    checks = page_of(("年度检查情况", 0.35, 0.08, 0.65, 0.11), *rows("年度", "检查结论", "2022", "合格", top=0.2))
    assert [g.type for g in sort_pages([permit, checks], all_extractors())] == [T.LEGAL_PERSON_PROOF]
    assert [g.type for g in sort_pages([checks], all_extractors())] == [T.OTHER]


def test_a_value_between_its_label_and_the_translation_under_it() -> None:
    """颁证日期 over Issue Date, 2021/07/06 between the two; the next pair as close: each value stays with its own."""
    document = read(
        ("信息安全管理体系认证证书", 0.17, 0.08, 0.61, 0.11),
        ("兹证明", 0.17, 0.17, 0.25, 0.19),
        ("成都云岫信息服务股份有限公司", 0.17, 0.195, 0.54, 0.22),
        ("ISO/IEC 27001:2013", 0.17, 0.33, 0.38, 0.35),
        ("证书编号", 0.167, 0.402, 0.246, 0.421),
        ("11721IS0076R0M", 0.486, 0.415, 0.638, 0.433),
        ("Certificate No.", 0.166, 0.428, 0.295, 0.446),
        ("颁证日期", 0.165, 0.453, 0.249, 0.475),
        ("2021/07/06", 0.484, 0.466, 0.59, 0.487),
        ("Issue Date", 0.166, 0.48, 0.262, 0.498),
        ("有效期至", 0.166, 0.506, 0.248, 0.524),
        ("2024/07/05", 0.486, 0.518, 0.59, 0.537),
        ("Expiry Date", 0.165, 0.53, 0.273, 0.552),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "certificate_no", "issued_on", "valid_until") == (
        "11721IS0076R0M",
        "2021-07-06",
        "2024-07-05",
    )


@pytest.mark.parametrize(("second", "x"), [("号楼", 0.096), ("号楼", 0.22)])
def test_an_address_that_goes_on_in_its_own_column(second: str, x: float) -> None:
    """Under its label or under itself, never in the next column."""
    document = read(
        ("营业执照", 0.36, 0.13, 0.61, 0.21),
        ("名称南昌赣科智汇软件有限公司", 0.1, 0.288, 0.362, 0.321),
        ("公司类型有限责任公司", 0.505, 0.289, 0.82, 0.318),
        ("住所南昌市青山湖区高新南大道3666号鼎峰科技园6", 0.1, 0.343, 0.493, 0.374),
        ("经营范围软件开发；信息技术咨询服务；物联网技术服", 0.505, 0.343, 0.892, 0.374),
        (second, x, 0.393, x + 0.042, 0.425),
        ("务", 0.504, 0.396, 0.527, 0.427),
        ("法定代表人涂嘉树", 0.098, 0.449, 0.272, 0.48),
        ("成立日期二〇一二年十一月三十日", 0.503, 0.447, 0.754, 0.482),
        type=T.BUSINESS_LICENCE,
        wide=True,
    )
    assert said(document, "address") == ("南昌市青山湖区高新南大道3666号鼎峰科技园6号楼",)


@pytest.mark.parametrize("number", ["IS 640915", "0122021ITSM0117R0N"])
def test_a_number_by_itself_under_the_title(number: str) -> None:
    document = read(
        ("泰山国际认证集团有限公司", 0.35, 0.088, 0.644, 0.11),
        ("信息安全管理体系认证证书", 0.225, 0.128, 0.773, 0.166),
        (f"No. {number}", 0.436, 0.189, 0.6, 0.207),
        *rows(
            "组织名称：大连海岳信息技术有限公司", "管理体系符合：ISO/IEC 27001:2013", "有效期至：2024-10-29", top=0.25
        ),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "certificate_no") == (number,)


def test_current_certificate_is_the_day_of_issue_and_certificate_expiry_the_last() -> None:
    document = read(
        ("Albion Assurance Limited", 0.16, 0.08, 0.47, 0.1),
        ("Certificate Number: FS 728164", 0.16, 0.207, 0.46, 0.225),
        ("This is to certify that the Quality Management System of", 0.16, 0.245, 0.68, 0.265),
        ("西安秦汉数科外包服务有限公司", 0.16, 0.304, 0.45, 0.325),
        ("ISO 9001:2015", 0.16, 0.402, 0.42, 0.43),
        ("Original Approval", 0.168, 0.526, 0.353, 0.544),
        ("15 Mar 2016", 0.583, 0.525, 0.721, 0.543),
        ("Current Certificate", 0.163, 0.55, 0.367, 0.57),
        ("15 Mar 2022", 0.58, 0.55, 0.734, 0.57),
        ("Certificate Expiry", 0.163, 0.575, 0.352, 0.595),
        ("14 Mar 2025", 0.58, 0.575, 0.734, 0.595),
        type=T.ISO_CERTIFICATE,
    )
    assert said(document, "issued_on", "valid_until") == ("2022-03-15", "2025-03-14")
