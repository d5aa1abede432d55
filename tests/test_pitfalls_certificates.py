"""Pitfalls of DOMAIN §8 that concern certificates, legal-person proofs and identifiers; each test names its number."""

from __future__ import annotations

from datetime import date

import pytest
from certificate_readings import best_score, extracted, page_of, reading
from checks_builders import NAME, brief, copyright_, field, form, iso, record, supplier
from hypothesis import given
from hypothesis import strategies as st

from extractors import all_extractors
from extractors._certificate_names import organisation
from extractors._licence import LABELS, is_audit_firms
from extractors.business_licence import extract as licence
from extractors.patent_certificate import extract as patent
from extractors.software_copyright import extract as copyright_of
from pipeline.model import Box, Certificate, Document, DocumentType, ReadPage, SealReading, TextCandidate
from pipeline.programmes import load
from pipeline.sorting import sort_pages
from pipeline.values.dates import parse_date
from pipeline.values.identifiers import (
    certificate_key,
    compare_numbers,
    find_uscc,
    parse_patent_no,
    registration15_valid,
    repair_uscc,
    sr_number,
    uscc_org_valid,
    uscc_valid,
)
from pipeline.values.issuers import same_issuer

T = DocumentType
PROGRAMME = load("cciip-2023")
CODE = "91110108MA01EBFH9B"


def licence_page(*, code: str = CODE, copy: str = "副本", issued: str = "2020年06月03日") -> ReadPage:
    """A licence of the layout of 2019."""
    return page_of(
        ("营业执照", 0.35, 0.2, 0.65, 0.27),
        (f"（{copy}）", 0.45, 0.29, 0.55, 0.32),
        ("统一社会信用代码", 0.08, 0.23, 0.21, 0.26),
        (code, 0.08, 0.27, 0.24, 0.3),
        ("名称", 0.08, 0.38, 0.13, 0.41),
        ("北京云帆软件有限公司", 0.2, 0.38, 0.4, 0.41),
        ("法定代表人 王小明", 0.08, 0.46, 0.28, 0.49),
        ("注册资本 壹仟万元整", 0.55, 0.38, 0.76, 0.41),
        ("成立日期 2015年05月12日", 0.55, 0.42, 0.78, 0.45),
        ("住所 北京市海淀区学院南路66号3层", 0.55, 0.46, 0.86, 0.49),
        ("登记机关", 0.6, 0.72, 0.7, 0.75),
        (issued, 0.7, 0.82, 0.85, 0.85),
        wide=True,
    )


def kinds(*pages: ReadPage) -> list[tuple[DocumentType, tuple[int, ...]]]:
    return [(group.type, group.pages) for group in sort_pages(pages, all_extractors())]


def value(document: Document, name: str) -> object:
    found = document.field(name)
    return found.value if found is not None else None


# ------------------------------------------------------------------------------------------------- counted once


def test_pitfall_7_an_original_and_its_duplicate_are_one_licence() -> None:
    """7: 正本 and 副本 of one licence, and nothing else, are one document."""
    assert kinds(licence_page(copy="正本"), licence_page(copy="副本")) == [(T.BUSINESS_LICENCE, (0, 1))]


def test_pitfall_7_a_renewed_licence_is_another_document() -> None:
    """7: the same code with another day of issue is the licence before a change; another code is another company's."""
    assert len(kinds(licence_page(), licence_page(issued="2022年01月05日"))) == 2
    assert len(kinds(licence_page(), licence_page(code="914403001922038216"))) == 2


def test_pitfall_7_two_pages_of_a_patent_are_one() -> None:
    """7: 第 2 页 of a patent goes with its first."""
    assert kinds(reading("pat1"), reading("pat_p2")) == [(T.PATENT_CERTIFICATE, (0, 1))]


def test_pitfall_7_one_certificate_scanned_twice_is_one_and_two_numbers_are_two() -> None:
    """7: numbers tell certificates apart, not pages."""
    assert kinds(reading("pat1"), reading("pat1")) == [(T.PATENT_CERTIFICATE, (0, 1))]
    assert kinds(reading("pat1"), reading("pat2")) == [(T.PATENT_CERTIFICATE, (0,)), (T.PATENT_CERTIFICATE, (1,))]


@pytest.mark.parametrize(
    "title", ["专利申请受理通知书", "授予实用新型专利权通知书", "办理登记手续通知书", "准予变更登记通知书"]
)
def test_pitfall_8_a_notice_is_no_certificate(title: str) -> None:
    """8: a notice of the patent office or the registry is no patent and no licence."""
    page = page_of(
        ("国家知识产权局", 0.35, 0.08, 0.65, 0.11),
        (title, 0.3, 0.3, 0.7, 0.34),
        ("申请号：202310012345.8", 0.12, 0.4, 0.5, 0.42),
        ("申请日：2023年01月05日", 0.12, 0.44, 0.5, 0.46),
        ("申请人：北京云帆软件有限公司", 0.12, 0.48, 0.6, 0.5),
        ("发明创造名称：一种数据处理方法", 0.12, 0.52, 0.6, 0.54),
    )
    score = best_score(page)
    assert score is None or score.type == T.OTHER


def test_pitfall_8_a_notice_does_not_prove_a_declared_patent() -> None:
    """8: with only the notice in the envelope, the patent declared is missing."""
    notice = extracted("pat_notice", type=T.OTHER)
    declared = record(certificates=(Certificate(kind="patent", number="ZL202310012345.8"),))
    case = supplier(record_=declared, others=(notice,))
    assert ("MISSING_DOCUMENT", "patent_certificate") in [(code, paper) for code, _, paper, _ in brief(case)]


@pytest.mark.parametrize(
    ("type_", "kind"),
    [(T.ISO_CERTIFICATE, "iso9001"), (T.HI_TECH_CERTIFICATE, "hi_tech"), (T.CMMI_CERTIFICATE, "cmmi")],
)
def test_pitfall_9_expired_certificates_are_said_so(type_: DocumentType, kind: str) -> None:
    """9: ISO, 高企 and CMMI that had expired on the day of receipt."""
    fields = (
        field("certificate_no", "GR202011000001", page=4),
        field("holder", NAME, page=4),
        field("kind", kind, page=4),
        field("valid_until", "2023-09-19", page=4),
    )
    declared = record(certificates=(Certificate(kind=kind, number="GR202011000001"),))
    case = supplier(record_=declared, others=(iso(type=type_, fields=fields),), received_on=date(2023, 9, 20))
    assert brief(case) == [("EXPIRED_CERTIFICATE", "warning", type_.value, "valid_until")]


@pytest.mark.parametrize("holder", ["杭州智云数据运营有限公司", "李小明"])
def test_pitfall_10_a_subsidiarys_or_a_persons_certificate_is_not_the_applicants(holder: str) -> None:
    """10: the declared number under another holder is a mismatch of the holder."""
    case = supplier(others=(iso(), copyright_(holder=holder)))
    assert ("CERTIFICATE_MISMATCH", "error", "software_copyright", "holder") in brief(case)


# --------------------------------------------------------------------------------------------------- identifiers


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ("9111O1O8MAO1EBFH9B", CODE),  # O for 0
        ("9I110108MA01EBFH9B", CODE),  # I for 1
        ("911101O8MA01E8FH9B", None),  # two sorts of slip at once: too many codes would pass
        ("91110108MA01EBFH98", CODE),  # 8 for B
        ("9144O3OO1922O38Z16", "914403001922038216"),  # Z for 2
        ("91110108S51385082Q", "91110108551385082Q"),  # S for 5
    ],
)
def test_pitfall_66_look_alike_signs_of_a_code_are_repaired_where_unique(read: str, code: str | None) -> None:
    """66: O/0 I/1 Z/2 S/5 B/8."""
    repaired = repair_uscc(read)
    assert (repaired.value if repaired else None) == code


def test_pitfall_66_a_repaired_code_says_so_and_is_not_sure() -> None:
    """66: what was read is kept, the confidence stays below what is trusted unseen."""
    found = licence([licence_page(code="9111O1O8MAO1EBFH9B")], PROGRAMME, T.BUSINESS_LICENCE).field("uscc")
    assert found is not None
    assert found.value == CODE
    assert found.confidence < 0.9
    assert any(reason.startswith("repaired:") for reason in found.reasons)


@pytest.mark.parametrize("code", ["91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P"])
def test_pitfall_67_an_early_fujian_code_is_kept_as_printed(code: str) -> None:
    """67: legal codes that fail their check are read as they stand, unsure, never "repaired" into another."""
    assert not uscc_valid(code)
    (found,) = find_uscc(f"统一社会信用代码：{code}")
    assert (found.value, found.repaired, found.valid) == (code, False, False)


def test_pitfall_68_the_audit_firms_licence_is_not_the_applicants() -> None:
    """68: the licence of a 会计师事务所 belongs to the audit report; its code is nobody else's."""
    page = licence_page()
    firm = page.model_copy(
        update={
            "lines": tuple(
                line.model_copy(update={"text": line.text.replace("云帆软件有限公司", "明信会计师事务所（普通合伙）")})
                for line in page.lines
            )
        }
    )
    assert is_audit_firms(firm)
    score = best_score(firm)
    assert score is None or score.type not in (T.BUSINESS_LICENCE, T.LEGAL_PERSON_PROOF)


def test_pitfall_69_an_old_licence_has_its_15_digits_and_no_code() -> None:
    """69: 注册号 110108000000016 is no 统一社会信用代码."""
    page = page_of(
        ("企业法人营业执照", 0.3, 0.18, 0.7, 0.22),
        ("注册号 110108000000016", 0.5, 0.27, 0.8, 0.29),
        ("名称 北京云帆软件有限公司", 0.15, 0.34, 0.6, 0.36),
        ("住所 北京市海淀区学院南路66号", 0.15, 0.38, 0.7, 0.4),
        ("法定代表人姓名 王小明", 0.15, 0.42, 0.5, 0.44),
        ("注册资本 人民币伍佰万元整", 0.15, 0.46, 0.6, 0.48),
        ("成立日期 二○○二年三月五日", 0.15, 0.5, 0.6, 0.52),
        ("营业期限 自二○○二年三月五日至二○二二年三月四日", 0.15, 0.54, 0.8, 0.56),
        ("登记机关", 0.55, 0.8, 0.65, 0.82),
    )
    document = licence([page], PROGRAMME, T.BUSINESS_LICENCE)
    assert registration15_valid("110108000000016")
    assert value(document, "registration_no") == "110108000000016"
    assert value(document, "uscc") is None
    assert value(document, "established") == "2002-03-05"
    assert value(document, "valid_until") == "2022-03-04"


def test_pitfall_70_a_sole_traders_code_is_a_code() -> None:
    """70: 92… (个体工商户), with 经营者 as its legal representative."""
    code = "92440300L15034601Q"
    assert uscc_valid(code)
    lines = licence_page(code=code).lines
    swapped = tuple(
        line.model_copy(update={"text": line.text.replace("法定代表人 王小明", "经营者 王小明")}) for line in lines
    )
    document = licence([licence_page().model_copy(update={"lines": swapped})], PROGRAMME, T.BUSINESS_LICENCE)
    assert (value(document, "uscc"), value(document, "legal_representative")) == (code, "王小明")


@pytest.mark.parametrize("printed", ["ZL 95 1 15608.X", "ZL 95115608.×", "ZL95115608.K", "ZL 95 1 15608."])
def test_pitfalls_71_and_72_check_x_and_old_eight_digit_patents(printed: str) -> None:
    """71: the check X read ×, K or lost; 72: eight digits before October 2003."""
    number = parse_patent_no(printed)
    assert number is not None
    assert (number.value, number.valid, number.year) == ("ZL95115608.X", True, 1995)


@given(st.integers(1, 1_999_999))
def test_pitfall_73_registration_numbers_have_six_or_seven_digits(serial: int) -> None:
    """73: 2014SR001852 and 2020SR1268379; a serial's zeros are kept and not compared away."""
    printed = f"2020SR{serial:06d}"
    assert sr_number(f"登记号：{printed}") == printed
    assert compare_numbers(printed, printed) == "equal"
    assert certificate_key(printed) != certificate_key(f"2021SR{serial:06d}")


@pytest.mark.parametrize(
    "printed",
    ["二〇二三年五月一日", "二○二三年五月一日", "2023.5.1", "2023-05-01", "2023年05月01日", "贰零贰叁年伍月壹日"],
)
def test_pitfall_78_dates_in_every_notation(printed: str) -> None:
    """78: Chinese numerals with 〇 or ○, points, hyphens, 大写."""
    assert parse_date(printed) == date(2023, 5, 1)


# ----------------------------------------------------------------------- what kits of unknown make were read wrongly


def test_a_form_keeps_the_firms_number_apart_from_its_own_code() -> None:
    """68, 74: the code of the case's own form stays the applicant's whatever else lies in the envelope."""
    assert uscc_org_valid(str(value(form(), "uscc")))
    assert "uscc" in LABELS


def test_an_address_keeps_the_bracket_that_closes_it() -> None:
    page = licence_page()
    lines = tuple(
        line.model_copy(update={"text": "住所 北京市海淀区学院南路66号（一期南区8号楼）"})
        if "住所" in line.text
        else line
        for line in page.lines
    )
    document = licence([page.model_copy(update={"lines": lines})], PROGRAMME, T.BUSINESS_LICENCE)
    assert value(document, "address") == "北京市海淀区学院南路66号（一期南区8号楼）"


def test_an_address_takes_no_sign_of_a_seals_ring() -> None:
    page = licence_page()
    more = page_of(("兴", 0.865, 0.46, 0.885, 0.49), wide=True)
    ring = SealReading(page=1, box=Box(0.8, 0.4, 0.95, 0.6), legible=0.9)
    page = page.model_copy(update={"lines": (*page.lines, *more.lines), "seals": (ring,)})
    assert value(licence([page], PROGRAMME, T.BUSINESS_LICENCE), "address") == "北京市海淀区学院南路66号3层"


def test_a_date_with_the_digits_of_a_seals_code_in_it_is_read_unsurely() -> None:
    document = licence([licence_page(issued="2022年8807月14日")], PROGRAMME, T.BUSINESS_LICENCE)
    found = document.field("issued_on")
    assert found is not None
    assert found.value == "2022-07-14"
    assert found.confidence < 0.6


def test_a_term_may_break_within_its_last_day() -> None:
    page = licence_page()
    term = page_of(
        ("营业期限 自2015年05月12日至2035年05月", 0.55, 0.52, 0.86, 0.55),
        ("11 日", 0.62, 0.56, 0.67, 0.59),
        wide=True,
    )
    document = licence([page.model_copy(update={"lines": (*page.lines, *term.lines)})], PROGRAMME, T.BUSINESS_LICENCE)
    assert value(document, "valid_until") == "2035-05-11"


def test_an_end_inside_the_brackets_of_an_address_is_not_the_licences() -> None:
    page = licence_page()
    more = page_of(
        ("街四巷19号401室（临时经营场所使用证明", 0.62, 0.5, 0.9, 0.53),
        ("有效期至2018年7月19日）", 0.62, 0.54, 0.8, 0.57),
        wide=True,
    )
    document = licence([page.model_copy(update={"lines": (*page.lines, *more.lines)})], PROGRAMME, T.BUSINESS_LICENCE)
    assert value(document, "valid_until") is None


def test_several_holders_of_a_copyright_are_several() -> None:
    """On lines of their own or divided by ;."""
    head = (
        ("计算机软件著作权登记证书", 0.25, 0.12, 0.75, 0.17),
        ("软件名称： 外包项目管理平台V1.0", 0.15, 0.3, 0.6, 0.32),
        ("著作权人： 北京云帆软件有限公司", 0.15, 0.34, 0.55, 0.36),
        ("登记号： 2020SR1268379", 0.15, 0.48, 0.5, 0.5),
    )
    second = ("上海博睿数据有限公司", 0.28, 0.37, 0.52, 0.39)
    both = ("北京云帆软件有限公司", "上海博睿数据有限公司")
    document = copyright_of([page_of(*head, second)], PROGRAMME, T.SOFTWARE_COPYRIGHT)
    assert value(document, "holder") == both
    divided = (*head[:2], ("著作权人： 北京云帆软件有限公司；上海博睿数据有限公司", 0.15, 0.34, 0.85, 0.36), head[3])
    assert value(copyright_of([page_of(*divided)], PROGRAMME, T.SOFTWARE_COPYRIGHT), "holder") == both


def test_one_holder_with_a_school_in_its_name_stays_one() -> None:
    page = page_of(
        ("发明专利证书", 0.3, 0.12, 0.7, 0.17),
        ("发明名称：一种数据处理方法", 0.15, 0.3, 0.6, 0.32),
        ("专利号：ZL 2017 1 0601862.3", 0.15, 0.34, 0.6, 0.36),
        ("专利权人：大连理工大学软件学院", 0.15, 0.38, 0.6, 0.4),
        ("授权公告日：2020年05月01日", 0.15, 0.42, 0.6, 0.44),
    )
    assert value(patent([page], PROGRAMME, T.PATENT_CERTIFICATE), "holder") == "大连理工大学软件学院"


def seal_of(text: str, x: float) -> SealReading:
    box = Box(x, 0.7, x + 0.15, 0.85)
    return SealReading(page=1, box=box, legible=0.95, candidates=(TextCandidate(text=text, score=0.95),))


def test_authorities_that_issue_together_are_all_named_the_leader_first() -> None:
    """A record names one of them or all: each is an alternative; never sure, for a seal may have been missed."""
    page = page_of(
        ("高新技术企业证书", 0.3, 0.2, 0.7, 0.27),
        ("企业名称：北京云帆软件有限公司", 0.2, 0.4, 0.6, 0.43),
        ("证书编号：GR202111000001", 0.2, 0.46, 0.6, 0.49),
        ("发证时间：2021年12月01日", 0.2, 0.52, 0.6, 0.55),
        ("有效期：三年", 0.2, 0.58, 0.6, 0.61),
        wide=True,
    )
    names = ("北京市财政局", "北京市科学技术委员会", "国家税务总局北京市税务局")
    seals = tuple(seal_of(name, 0.1 + 0.25 * i) for i, name in enumerate(names))
    score = best_score(page)
    assert score is not None
    document = next(m for m in all_extractors() if T.HI_TECH_CERTIFICATE in m.TYPES).extract(  # type: ignore[attr-defined]
        [page.model_copy(update={"seals": seals})], PROGRAMME, T.HI_TECH_CERTIFICATE
    )
    issuer = document.field("issuer")
    assert issuer is not None
    assert issuer.value == "北京市科学技术委员会、北京市财政局、国家税务总局北京市税务局"
    assert set(names) <= set(issuer.alternatives)
    assert issuer.confidence < 0.9


def test_a_foreign_bodys_name_is_what_signs_the_certificate() -> None:
    """For and on behalf of …; a sentence about the certification body is no name."""
    page = page_of(
        ("Certificate of Registration", 0.25, 0.12, 0.75, 0.17),
        ("Information Security Management System - ISO/IEC 27001:2013", 0.2, 0.19, 0.8, 0.21),
        ("This is to certify that", 0.4, 0.24, 0.6, 0.26),
        ("Haina Software Co., Ltd.", 0.35, 0.28, 0.65, 0.3),
        ("Holds Certificate No: IS 515157", 0.35, 0.38, 0.65, 0.4),
        ("Issue date: Apr 01, 2023", 0.12, 0.57, 0.32, 0.59),
        ("Expiry date: Mar 31, 2026", 0.35, 0.57, 0.6, 0.59),
        ("For and on behalf of TÜV Rheinland Cert GmbH", 0.12, 0.69, 0.51, 0.71),
        (
            "This certificate remains the property of the certification body and is bound by its conditions.",
            0.1,
            0.9,
            0.8,
            0.92,
        ),
    )
    module = next(m for m in all_extractors() if T.ISO_CERTIFICATE in m.TYPES)  # type: ignore[attr-defined]
    document = module.extract([page], PROGRAMME, T.ISO_CERTIFICATE)
    assert value(document, "issuer") == "TÜV Rheinland Cert GmbH"
    assert value(document, "certificate_no") == "IS515157"
    assert value(document, "holder") == "Haina Software Co., Ltd."


def test_traditional_slips_of_the_reader_hide_no_title_and_no_label() -> None:
    page = page_of(
        ("民辦學校辦學許可证", 0.3, 0.18, 0.7, 0.24),
        ("教民 167756457109536号", 0.12, 0.27, 0.29, 0.3),
        ("名称：苏州市软通未来职业培训学校", 0.12, 0.32, 0.41, 0.35),
        ("校长：许然", 0.12, 0.4, 0.25, 0.43),
        ("辦學內容：計算機程序設計員", 0.12, 0.56, 0.5, 0.59),
        ("有效期限：自2019年7月20日至2023年7月19日", 0.12, 0.69, 0.43, 0.72),
        wide=True,
    )
    score = best_score(page)
    assert score is not None
    assert score.type == T.LEGAL_PERSON_PROOF


def test_half_a_bracket_around_a_place_is_put_back() -> None:
    for torn in ("中标华信（北京认证中心有限公司", "中标华信北京）认证中心有限公司"):
        parsed = organisation(torn)
        assert parsed is not None
        assert parsed.value == "中标华信（北京）认证中心有限公司"
        assert parsed.trust < 0.9
        assert parsed.alternatives == (torn,)
    whole = organisation("博睿（苏州）智能科技有限公司")
    assert whole is not None
    assert whole.trust > 0.9


def test_an_annex_goes_with_its_certificate() -> None:
    """A table of places under 证书附件 is no information form."""
    annex = page_of(
        ("证书附件", 0.42, 0.11, 0.58, 0.15),
        ("证书编号：03410Q10286R0S", 0.1, 0.2, 0.4, 0.23),
        ("场所名称", 0.12, 0.28, 0.25, 0.31),
        ("地址", 0.5, 0.28, 0.6, 0.31),
        ("研发中心", 0.12, 0.34, 0.25, 0.37),
        ("北京市海淀区学院南路66号3层", 0.35, 0.34, 0.7, 0.37),
        wide=True,
    )
    assert [type_ for type_, _ in kinds(reading("iso9001a"), annex)] == [T.ISO_CERTIFICATE]


def test_a_value_in_a_card_does_not_run_into_its_neighbours() -> None:
    """Labels side by side above their values: the value of one ends where the next label's begins."""
    page = page_of(
        ("CMMI V2.0 Benchmark Appraisal", 0.25, 0.2, 0.75, 0.23),
        ("Organization", 0.15, 0.293, 0.25, 0.312),
        ("Organizational Unit", 0.49, 0.293, 0.65, 0.312),
        ("Ruisida Data Services (Dalian) Co.,", 0.15, 0.314, 0.46, 0.333),
        ("Software Delivery Center", 0.49, 0.314, 0.73, 0.333),
        ("Ltd.", 0.15, 0.334, 0.19, 0.353),
        ("Maturity Level", 0.49, 0.36, 0.61, 0.38),
        ("5", 0.49, 0.382, 0.5, 0.4),
        ("Appraisal ID", 0.15, 0.425, 0.24, 0.446),
        ("52225", 0.15, 0.448, 0.21, 0.466),
    )
    module = next(m for m in all_extractors() if T.CMMI_CERTIFICATE in m.TYPES)  # type: ignore[attr-defined]
    assert value(module.extract([page], PROGRAMME, T.CMMI_CERTIFICATE), "holder") == (
        "Ruisida Data Services (Dalian) Co.,Ltd."
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("北京市科学技术委员会、北京市财政局", "北京市科学技术委员会", True),
        ("中华人民共和国国家版权局", "国家版权局", True),
        ("北京市财政局", "北京市科学技术委员会", False),
        ("北京市财政局、北京市科学技术委员会", "北京市财政局、上海市税务局", False),
        ("", "国家版权局", False),
    ],
)
def test_a_record_may_name_one_of_several_issuers(one: str, other: str, same: bool) -> None:
    assert same_issuer(one, other) is same
    assert same_issuer(other, one) is same


@given(st.lists(st.sampled_from(("北京市财政局", "国家版权局", "浙江省科学技术厅")), min_size=1, max_size=3))
def test_the_order_of_issuers_does_not_count(names: list[str]) -> None:
    assert same_issuer("、".join(names), "、".join(reversed(names)))


def test_the_count_of_recertifications_is_a_figure() -> None:
    page = page_of(
        ("信息安全管理体系认证证书", 0.25, 0.12, 0.75, 0.17),
        ("证书编号：21323IS2705ROM", 0.35, 0.19, 0.65, 0.21),
        ("兹证明", 0.45, 0.25, 0.55, 0.27),
        ("北京云帆软件有限公司", 0.3, 0.3, 0.7, 0.33),
        ("有效期至：2025年06月30日", 0.3, 0.6, 0.6, 0.62),
    )
    module = next(m for m in all_extractors() if T.ISO_CERTIFICATE in m.TYPES)  # type: ignore[attr-defined]
    found = module.extract([page], PROGRAMME, T.ISO_CERTIFICATE).field("certificate_no")
    assert found is not None
    assert (found.value, found.alternatives) == ("21323IS2705R0M", ("21323IS2705ROM",))


def test_print_of_a_few_pixels_is_never_sure() -> None:
    page = licence_page()
    tiny = page.model_copy(
        update={
            "page": page.page.model_copy(
                update={"width": 660, "height": 465, "upright_width": 660, "upright_height": 465}
            )
        }
    )
    large, small = (licence([one], PROGRAMME, T.BUSINESS_LICENCE).field("name") for one in (page, tiny))
    assert large is not None
    assert small is not None
    assert large.confidence >= 0.9 > small.confidence
    assert "small_print" in small.reasons


def test_an_english_twin_behind_a_chinese_label_is_no_value() -> None:
    page = page_of(
        ("CMMI Development V2.0 成熟度3级 / Maturity Level 3", 0.28, 0.36, 0.72, 0.4),
        ("西安楚天网络技术有限公司", 0.36, 0.25, 0.64, 0.29),
        ("评估编号 Appraisal ID:", 0.24, 0.46, 0.39, 0.49),
        ("66284", 0.49, 0.46, 0.54, 0.49),
        ("合作机构 Partner:", 0.24, 0.6, 0.36, 0.63),
        ("Vertex Appraisal Services", 0.49, 0.6, 0.67, 0.63),
        wide=True,
    )
    module = next(m for m in all_extractors() if T.CMMI_CERTIFICATE in m.TYPES)  # type: ignore[attr-defined]
    document = module.extract([page], PROGRAMME, T.CMMI_CERTIFICATE)
    assert value(document, "issuer") == "Vertex Appraisal Services"
    assert value(document, "certificate_no") == "66284"


def test_pitfall_66_a_code_behind_its_label_is_repaired_where_only_one_fits() -> None:
    """66: 3 read as J; the label stands on a line of its own."""
    found = licence([licence_page(code="91430700MA4Q9X4GJG")], PROGRAMME, T.BUSINESS_LICENCE).field("uscc")
    assert found is not None
    assert found.value == "91430700MA4Q9X4G3G"
    assert found.confidence < 0.9


@pytest.mark.parametrize("code", ["91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P"])
def test_pitfall_67_a_licence_keeps_an_early_fujian_code(code: str) -> None:
    """67: as printed, unsure."""
    found = licence([licence_page(code=code)], PROGRAMME, T.BUSINESS_LICENCE).field("uscc")
    assert found is not None
    assert found.value == code
    assert found.confidence < 0.9


@pytest.mark.parametrize(
    ("ring", "issuer", "sure"),
    [
        ("华夏远标认证集团有限公司", "华夏远标认证集团有限公司", True),  # its rim hides two signs of the line
        ("华标认证集团有限公司", "华标认证集团有限公司", True),
        ("华林认证集团有限公司", "华标认证集团有限公司", False),
        ("北京云帆软件有限公司", "华标认证集团有限公司", True),  # another's seal says nothing
        ("华标认证集团有限公司专用章", "华标认证集团有限公司", True),
    ],
)
def test_a_name_under_a_seal_is_held_against_its_ring(ring: str, issuer: str, sure: bool) -> None:
    page = page_of(
        ("质量管理体系认证证书", 0.3, 0.16, 0.7, 0.19),
        ("证书号：41722Q37353R2M", 0.3, 0.25, 0.7, 0.27),
        ("兹证明", 0.45, 0.28, 0.55, 0.3),
        ("苏州朗嘉新源信息服务有限公司", 0.3, 0.32, 0.7, 0.34),
        ("华标认证集团有限公司", 0.1, 0.77, 0.3, 0.79),
    )
    module = next(m for m in all_extractors() if T.ISO_CERTIFICATE in m.TYPES)  # type: ignore[attr-defined]
    sealed = page.model_copy(update={"seals": (seal_of(ring, 0.1),)})
    found = module.extract([sealed], PROGRAMME, T.ISO_CERTIFICATE).field("issuer")
    assert found.value == issuer
    assert (found.confidence > 0.8) is sure
    if ring != issuer and ring.startswith("华") and ring.endswith("公司"):
        assert {ring, "华标认证集团有限公司"} - {issuer} <= set(found.alternatives)


BOTH_DAYS = ("2012-05-08", "2021-06-01")


def registry_page(title: str, *rows: str) -> ReadPage:
    lines = [(row, 0.15, 0.3 + 0.05 * i, 0.15 + 0.02 * len(row), 0.33 + 0.05 * i) for i, row in enumerate(rows)]
    return page_of((title, 0.25, 0.12, 0.75, 0.18), *lines)


@pytest.mark.parametrize(
    ("title", "rows", "established", "issued", "until"),
    [
        ("民办非企业单位登记证书", ("成立登记日期：2012年5月8日", "发证日期：2021年6月1日"), *BOTH_DAYS, None),
        ("民办非企业单位登记证书", ("登记日期：2012年5月8日", "发证日期：2021年6月1日"), *BOTH_DAYS, None),
        ("社会服务机构登记证书", ("登记日期：2012年5月8日",), "2012-05-08?", "2012-05-08", None),
        (
            "民办非企业单位登记证书",
            ("有效期限：自2021年6月1日至2025年5月31日", "发证日期：2021年6月2日"),
            None,
            "2021-06-02",
            "2025-05-31",
        ),
        ("事业单位法人证书", ("有效期：自2021年6月1日至2026年5月31日",), None, "2021-06-01?", "2026-05-31"),
        ("事业单位法人证书", ("登记日期：2021年6月1日",), None, "2021-06-01", None),
    ],
)  # fmt: skip
def test_days_of_registry_certificates(
    title: str, rows: tuple[str, ...], established: str | None, issued: str | None, until: str | None
) -> None:
    """登记日期 is the day of founding of what comes into being by registration; ``?``: not surely."""
    page = registry_page(
        title, "名称：青岛蓝海职业培训学校", "统一社会信用代码：52370200MJE0000000", "法定代表人：王伟", *rows
    )
    module = next(m for m in all_extractors() if T.LEGAL_PERSON_PROOF in m.TYPES)  # type: ignore[attr-defined]
    document = module.extract([page], PROGRAMME, T.LEGAL_PERSON_PROOF)
    for name, wanted in (("established", established), ("issued_on", issued), ("valid_until", until)):
        found = document.field(name)
        assert (found.value if found else None) == (wanted.rstrip("?") if wanted else None), name
        if found and wanted:
            assert (found.confidence < 0.9) is wanted.endswith("?"), name
