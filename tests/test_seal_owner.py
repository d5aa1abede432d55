"""Whose seal it is: by its text, by the names expected, by its place; and never another's."""

from __future__ import annotations

import pytest

from pipeline.model import Box, Document, DocumentType, Field, Seal, SealPlace, SealReading, Shape, TextCandidate
from pipeline.seals.names import best_name, fit_name, score_name
from pipeline.seals.owner import ExpectedNames, attribute
from pipeline.seals.slots import Slot, evidence_for
from pipeline.seals.wording import role_of_text

APPLICANT = "北京云海软件有限公司"
LEFT, RIGHT = Box(0.1, 0.7, 0.45, 0.9), Box(0.55, 0.7, 0.9, 0.9)
PLACES = (
    SealPlace(role="applicant", page=1, box=LEFT, label="申报单位（盖章）"),
    SealPlace(role="commerce_department", page=1, box=RIGHT, label="商务主管部门意见（盖章）"),
)


def reading(
    *texts: tuple[str, float],
    legible: float = 0.98,
    shape: Shape = "round",
    straight: tuple[str, ...] = (),
    box: Box = LEFT,
) -> SealReading:
    candidates = tuple(TextCandidate(text=text, score=score) for text, score in texts)
    return SealReading(page=1, box=box, shape=shape, legible=legible, candidates=candidates, straight=straight)


def seal_of(
    read: SealReading,
    *,
    type: DocumentType = DocumentType.INFORMATION_FORM,
    expected: ExpectedNames | None = None,
    places: tuple[SealPlace, ...] = PLACES,
    fields: tuple[Field, ...] = (),
    subject: str = "",
) -> Seal:
    seal = Seal(page=1, box=read.box, shape=read.shape, colour="red", reading=read)
    document = Document(
        type=type, pages=(1,), confidence=1, seals=(seal,), places=places, fields=fields, subject=subject
    )
    return attribute(document, expected=expected or ExpectedNames(applicant=(APPLICANT,))).seals[0]


# ------------------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    "other",
    [
        "北京云海软体有限公司",
        "北京云梅软件有限公司",
        "南京云海软件有限公司",
        "北京云海软件股份有限公司",
        "北京云海软件有限责任公司",
        "北京云海件有限公司",
        "上海天行科技有限公司",
    ],
)
def test_a_clear_reading_is_one_organisation_only(other: str) -> None:
    read = reading((APPLICANT, 0.98))
    assert fit_name(read, APPLICANT).holds and score_name(read, APPLICANT) > 0.95
    assert not fit_name(read, other).holds
    assert score_name(read, other) < 0.7
    name, _, margin = best_name(read, [other, APPLICANT])
    assert name == APPLICANT and margin > 0.3


def test_an_unclear_character_leaves_room() -> None:
    read = reading(("北京云每软件有限公司", 0.82), ("北京云海软件有限公司", 0.80), legible=0.75)
    assert best_name(read, ["北京天地软件有限公司", APPLICANT])[0] == APPLICANT
    assert fit_name(read, APPLICANT).holds


def test_a_missing_character_leaves_room_only_where_the_seal_is_worn() -> None:
    assert fit_name(reading(("北京云海软有限公司", 0.9), legible=0.7), APPLICANT).holds
    assert not fit_name(reading(("北京云海软有限公司", 0.98), legible=0.98), APPLICANT).holds


def test_the_lattice_speaks_for_a_rival_character() -> None:
    steps: list[tuple[tuple[str, float], ...]] = []
    for sign in "北京云每软件有限公司":
        rivals = (("每", 0.55), ("海", 0.4)) if sign == "每" else ((sign, 0.99),)
        steps += [rivals, (("", 1.0),)]
    read = reading(("北京云每软件有限公司", 0.9), legible=0.8).model_copy(update={"lattice": tuple(steps)})
    assert score_name(read, APPLICANT) > score_name(read, "北京云梅软件有限公司")


def lattice(text: str, *, pitch: int = 6, **unsure: tuple[tuple[str, float], ...]):  # type: ignore[no-untyped-def]
    """A ring's lattice, its characters at one pitch: "_" is a place where nothing was read, "A" to "Z" one of
    ``unsure``.
    """
    blank = (("", 1.0),)
    steps = [blank] * 4
    for sign in text:
        steps.append(blank if sign == "_" else unsure.get(sign, ((sign, 0.999),)))
        steps += [blank] * (pitch - 1)
    return tuple(steps)


def on_ring(text: str, *rivals: tuple[str, float], legible: float = 0.98, **unsure: tuple[tuple[str, float], ...]):  # type: ignore[no-untyped-def]
    shown = "".join(unsure[sign][0][0] if sign in unsure else sign for sign in text.replace("_", ""))
    read = reading((shown, 0.99), *rivals, legible=legible)
    return read.model_copy(update={"lattice": lattice(text, **unsure)})


def test_a_gap_of_two_steps_has_room_for_the_character_that_was_not_read() -> None:
    assert fit_name(on_ring("北京云_软件有限公司"), APPLICANT).holds
    assert fit_name(on_ring("_京云海软件有限公司"), APPLICANT).holds
    assert fit_name(on_ring("北京云海软件有限公_"), APPLICANT).holds
    without = fit_name(on_ring("北京云软件有限公司"), APPLICANT)
    assert not without.holds and without.contradicted == 1  # 云软 stand side by side: another organisation


def test_an_unsure_characters_runner_up_may_be_the_names() -> None:
    read = on_ring("北京云A软件有限公司", A=(("每", 0.90), ("海", 0.06), ("母", 0.02)))
    assert fit_name(read, APPLICANT).holds
    sure = on_ring("北京云A软件有限公司", A=(("每", 0.97), ("海", 0.02)))
    assert not fit_name(sure, APPLICANT).holds and fit_name(sure, APPLICANT).surest > 0.9


def test_one_weak_character_alone_is_damage_but_two_are_not() -> None:
    weak, other = (("参", 0.72), ("叁", 0.2)), (("钦", 0.72), ("饮", 0.2))
    assert fit_name(on_ring("北京云A软件有限公司", A=weak), APPLICANT).holds
    assert not fit_name(on_ring("北京云AB件有限公司", A=weak, B=other), APPLICANT).holds


def test_brackets_and_width_do_not_count() -> None:
    read = reading(("诺德（中国）信息服务有限公司", 0.97))
    assert score_name(read, "诺德(中国)信息服务有限公司") > 0.95
    assert best_name(read, []) == ("", 0.0, 0.0)
    assert score_name(reading(), APPLICANT) == 0.0 and score_name(read, "") == 0.0


# ------------------------------------------------------------------------------------------------------------ owner


def test_the_applicants_seal() -> None:
    seal = seal_of(reading((APPLICANT, 0.99)))
    assert (seal.role, seal.kind, seal.owner, seal.text) == ("applicant", "official", APPLICANT, APPLICANT)
    assert seal.rests_on == "free" and seal.confidence > 0.9


def test_an_unclear_one_is_settled_by_the_record_and_says_so() -> None:
    seal = seal_of(reading(("北京云每软件有限公司", 0.8), ("北京云海软件有限公司", 0.79), legible=0.72))
    assert (seal.role, seal.owner, seal.text, seal.rests_on) == ("applicant", APPLICANT, APPLICANT, "constrained")
    assert seal.confidence < 0.95


def test_another_company_in_the_applicants_place_stays_another() -> None:
    seal = seal_of(reading(("北京云海软体有限公司", 0.99)))
    assert (seal.role, seal.owner, seal.rests_on) == ("applicant", "北京云海软体有限公司", "free")


def test_two_expected_names_that_fit_alike_settle_nothing() -> None:
    names = ExpectedNames(applicant=("北京云海软件有限公司", "北京云梅软件有限公司"))
    seal = seal_of(reading(("北京云每软件有限公司", 0.7), legible=0.6), expected=names)
    assert seal.rests_on == "free" and seal.text == "北京云每软件有限公司"


@pytest.mark.parametrize(
    ("text", "type", "role"),
    [
        ("杭州市西湖区商务局", DocumentType.INFORMATION_FORM, "commerce_department"),
        ("上海市商务委员会", DocumentType.INFORMATION_FORM, "commerce_department"),
        ("武汉市市场监督管理局", DocumentType.BUSINESS_LICENCE, "issuer"),
        ("国家知识产权局", DocumentType.PATENT_CERTIFICATE, "issuer"),
        ("江苏省商务厅", DocumentType.ADVANCED_TECH_CERTIFICATE, "issuer"),
        ("大连华信会计师事务所（普通合伙）", DocumentType.AUDIT_REPORT, "audit_firm"),
        (APPLICANT, DocumentType.ISO_CERTIFICATE, "applicant"),
    ],
)
def test_the_role_follows_from_the_text(text: str, type: DocumentType, role: str) -> None:
    seal = seal_of(reading((text, 0.97), box=Box(0.2, 0.2, 0.3, 0.3)), type=type, places=())
    assert (seal.role, seal.owner) == (role, text)


def test_text_stands_over_place() -> None:
    seal = seal_of(reading(("济南市商务局", 0.97), box=LEFT))
    assert seal.role == "commerce_department"


def test_an_authority_in_the_departments_place_is_in_anothers() -> None:
    seal = seal_of(reading(("济南市科学技术局", 0.97), box=RIGHT))
    assert (seal.role, seal.owner) == ("commerce_department", "济南市科学技术局")


def test_an_unreadable_seal_has_the_role_of_its_place_and_no_owner() -> None:
    seal = seal_of(reading(legible=0.0, box=RIGHT))
    assert (seal.role, seal.owner, seal.rests_on) == ("commerce_department", None, "none")
    assert seal.confidence < 0.5
    assert seal_of(reading(legible=0.0, box=Box(0.1, 0.05, 0.2, 0.1))).role == "unknown"


@pytest.mark.parametrize(
    ("shape", "straight", "kind"),
    [
        ("round", (), "official"),
        ("oval", (), "official"),
        ("round", ("合同专用章",), "contract"),
        ("round", ("同专用章(1)",), "contract"),
        ("round", ("财务专用章",), "finance"),
        ("oval", ("发票专用章",), "invoice"),
        ("oval", ("91320100MA1XYZ1234",), "invoice"),
        ("round", ("行政审批专用章",), "other"),
        ("round", ("人事部",), "other"),
        ("round", ("登记专用章",), "registration"),
    ],
)
def test_the_kind_follows_from_the_straight_text(shape: Shape, straight: tuple[str, ...], kind: str) -> None:
    seal = seal_of(reading((APPLICANT, 0.98), shape=shape, straight=straight))
    assert (seal.kind, seal.owner) == (kind, APPLICANT)
    said = [line for line in straight if not line[-1].isdigit() and "(" not in line]
    assert seal.text == APPLICANT + ({"contract": "合同专用章"}.get(kind) or "".join(said))


def test_special_wording_on_the_ring_is_no_part_of_the_owner() -> None:
    seal = seal_of(reading((APPLICANT + "合同专用章", 0.98)))
    assert (seal.kind, seal.owner, seal.role) == ("contract", APPLICANT, "applicant")
    copyright_seal = seal_of(
        reading(("计算机软件著作权登记专用章", 0.98)), type=DocumentType.SOFTWARE_COPYRIGHT, places=()
    )
    assert (copyright_seal.kind, copyright_seal.role) == ("registration", "issuer")


def test_accountants_and_other_name_seals() -> None:
    place = SealPlace(role="cpa", page=1, box=LEFT, label="中国注册会计师")
    stamp = reading(("中国注册会计师李明华110001234567", 0.96), shape="rectangle")
    assert seal_of(stamp, type=DocumentType.AUDIT_REPORT, places=()).role == "cpa"
    assert seal_of(stamp, type=DocumentType.AUDIT_REPORT, places=()).owner == "李明华"
    square = reading(("王建国印", 0.96), shape="square")
    at_place = seal_of(square, type=DocumentType.AUDIT_REPORT, places=(place,))
    assert (at_place.role, at_place.kind, at_place.owner) == ("cpa", "personal", "王建国")
    elsewhere = seal_of(square, type=DocumentType.INFORMATION_FORM)
    assert (elsewhere.role, elsewhere.kind) == ("applicant", "personal")  # 名章 beside its 公章
    assert seal_of(square, type=DocumentType.INFORMATION_FORM, places=()).role == "unknown"


def test_an_authoritys_name_is_made_of_a_place_and_an_office() -> None:
    def issuer(read: SealReading) -> Seal:
        return seal_of(read, type=DocumentType.BUSINESS_LICENCE, places=())

    assert issuer(on_ring("北_市西城区市场监督_理局", legible=0.7)).text == "北京市西城区市场监督管理局"
    assert issuer(on_ring("国家税务总局安_省税务局", legible=0.7)).text == "国家税务总局安徽省税务局"
    nobody = issuer(on_ring("__市鼓楼区市场监督管理局", legible=0.7))  # 南京, 徐州, 福州, 开封 have one each
    assert (nobody.role, nobody.text) == ("issuer", "市鼓楼区市场监督管理局")
    assert issuer(reading(("州市金水区市场监督管理局", 0.99))).text == "郑州市金水区市场监督管理局"
    either = issuer(reading(("京市市场监督管理局", 0.99)))  # 北京 or 南京
    assert (either.role, either.text) == ("issuer", "京市市场监督管理局")
    worn = issuer(reading(("无程中期区事业单使登记管理号", 0.26), legible=0.2))
    assert (worn.role, worn.owner) == ("issuer", None)


def test_the_copyright_offices_wording_is_known_to_its_end() -> None:
    begun = reading(("中华人民共和国国家版权局计算机软会", 0.9), legible=0.85)
    whole = seal_of(begun, type=DocumentType.SOFTWARE_COPYRIGHT, places=())
    assert whole.text == "中华人民共和国国家版权局计算机软件著作权登记专用章"
    office = reading(("中华人民共和国国家版权局", 0.98))
    assert seal_of(office, type=DocumentType.SOFTWARE_COPYRIGHT, places=()).text == "中华人民共和国国家版权局"


def test_without_a_record_the_papers_own_names_help() -> None:
    empty = ExpectedNames()
    by_subject = seal_of(reading((APPLICANT, 0.98)), expected=empty, subject=APPLICANT, places=())
    assert by_subject.role == "applicant"
    field = Field(name="issuer", value="中鼎华信认证有限公司", page=1, box=LEFT, confidence=0.9)
    issuer = seal_of(
        reading(("中鼎华信认证有限公司", 0.98)),
        expected=empty,
        type=DocumentType.ISO_CERTIFICATE,
        fields=(field,),
        places=(),
    )
    assert issuer.role == "issuer"
    assert seal_of(reading(("上海天行科技有限公司", 0.98)), expected=empty, places=()).role == "unknown"


def test_a_seal_without_a_reading_stays() -> None:
    seal = Seal(page=1, box=LEFT, shape="round", colour="red")
    document = Document(type=DocumentType.OTHER, pages=(1,), confidence=1, seals=(seal,))
    assert attribute(document, expected=ExpectedNames()).seals == (seal,)


def test_a_place_where_nothing_was_seen_speaks_neither_for_a_sign_nor_against_it() -> None:
    """A score of nought broke the judging of a whole batch."""
    assert evidence_for(Slot((("甲", 0.0), ("乙", 0.0))), "乙", 1.0) == (0.4, "unclear")


@pytest.mark.parametrize("text", ["陕西省注册会计师协会", "大连市注册会计师协会年检专用章"])
def test_the_institute_of_accountants_is_no_accountant(text: str) -> None:
    """年检 stamps on a CPA's card stood for the CPA's own seal on the opinion."""
    assert role_of_text(text) == "issuer"


@pytest.mark.parametrize(
    ("text", "straight", "kind", "whole"),
    [
        ("陕西省注册会计师协会", "检专用", "other", "陕西省注册会计师协会年检专用章"),
        ("国家知识产权局", "专利受理章", "other", "国家知识产权局专利受理章"),
        ("国家知识产权局", "利受理", "other", "国家知识产权局专利受理章"),
        (
            "中华人民共和国国家版权局",
            "机软件著作权登记专",
            "registration",
            "中华人民共和国国家版权局计算机软件著作权登记专用章",
        ),
    ],
)
def test_a_line_that_lost_its_ends_is_the_one_wording_that_holds_it(
    text: str, straight: str, kind: str, whole: str
) -> None:
    seal = seal_of(reading((text, 0.99), straight=(straight,)), type=DocumentType.OTHER, places=())
    assert (seal.kind, seal.text, seal.owner, seal.role) == (kind, whole, text, "issuer")


def test_the_legal_representatives_name_seal_is_known_by_his_name() -> None:
    names = ExpectedNames(applicant=(APPLICANT,), persons=("阮致中",))

    def at(text: str, type: DocumentType = DocumentType.AUDIT_REPORT) -> Seal:
        return seal_of(reading((text, 0.9), shape="square", legible=0.4), type=type, expected=names, places=())

    worn, turned = at("致中印"), at("中致阮印")
    assert (worn.role, worn.owner, worn.text, worn.kind) == ("applicant", "阮致中", "阮致中印", "personal")
    assert (worn.rests_on, turned.owner) == ("constrained", "阮致中")
    assert at("王建国印").owner != "阮致中"


def test_an_accountants_title_is_put_right() -> None:
    seal = seal_of(
        reading(("中昆江垂分自师周启明340100450012", 0.8), shape="rectangle", legible=0.7),
        type=DocumentType.AUDIT_REPORT,
        places=(),
    )
    assert (seal.role, seal.owner) == ("cpa", "周启明")
    assert (seal.text, seal.rests_on) == ("中国注册会计师周启明340100450012", "constrained")


def test_a_strangers_fresh_seal_on_the_copy_of_a_proof_stands_for_the_applicants() -> None:
    stranger = reading(("芜湖江岸物业管理有限公司", 0.99), box=Box(0.4, 0.4, 0.6, 0.55))
    assert seal_of(stranger, type=DocumentType.LEGAL_PERSON_PROOF, places=()).role == "applicant"
    office = reading(("中共芜湖市委机构编制委员会办公室", 0.99), box=Box(0.4, 0.4, 0.6, 0.55))
    assert seal_of(office, type=DocumentType.LEGAL_PERSON_PROOF, places=()).role == "issuer"


def test_the_audit_firms_name_is_also_that_over_its_place() -> None:
    """The field held the words before the name: 出具单位…"""
    firm = "武汉江城众联会计师事务所（普通合伙）"
    place = SealPlace(role="audit_firm", page=1, box=LEFT, label="武汉江城众联会计师事务所(普通合伙)")
    names = ExpectedNames(audit_firms=("出具单位" + firm,))
    worn = reading((firm.replace("普", ""), 0.97), legible=0.7)
    seal = seal_of(worn, type=DocumentType.AUDIT_REPORT, expected=names, places=(place,))
    assert seal.role == "audit_firm" and seal.owner is not None and seal.owner.startswith("武汉江城")


def test_an_unread_seal_on_a_certificate_is_the_issuers_but_on_a_proof_it_may_be_the_applicants() -> None:
    worn = reading(("中华人民国家版提", 0.02), legible=0.01, box=Box(0.4, 0.4, 0.6, 0.55))
    assert seal_of(worn, type=DocumentType.SOFTWARE_COPYRIGHT, places=()).role == "issuer"
    assert seal_of(worn, type=DocumentType.LEGAL_PERSON_PROOF, places=()).role == "unknown"


@pytest.mark.parametrize("read", ["魏国栋又", "栋国魏"])
def test_an_accountants_name_is_that_printed_where_his_seal_stands(read: str) -> None:
    place = SealPlace(role="cpa", page=1, box=LEFT, label="中国注册会计师：魏国/栋")
    stamp = reading((f"中国注册会计师{read}510100230003", 0.9), shape="rectangle", legible=0.9)
    seal = seal_of(stamp, type=DocumentType.AUDIT_REPORT, places=(place,))
    assert (seal.owner, seal.text, seal.role) == ("魏国栋", "中国注册会计师魏国栋510100230003", "cpa")
    assert seal.rests_on == "constrained"
    other = SealPlace(role="cpa", page=1, box=LEFT, label="中国注册会计师：王建国")
    assert seal_of(stamp, type=DocumentType.AUDIT_REPORT, places=(other,)).owner != "王建国"
