"""Seals: missing, another's, of the wrong kind, unreadable, suspect; signatures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from checks_builders import (
    BUREAU,
    NAME,
    PLACE_B,
    SEAL_A,
    SEAL_B,
    audit,
    audit_fields,
    brief,
    changed,
    faint,
    field,
    findings,
    form,
    only,
    outcome,
    page,
    park,
    places,
    proof,
    record,
    seal,
    submission,
    supplier,
)

from pipeline.checks import Told
from pipeline.model import (
    Box,
    Document,
    DocumentType,
    Outcome,
    Quality,
    RidingSeal,
    Seal,
    SealCandidate,
    SealPlace,
    SealReading,
    TextCandidate,
)
from pipeline.report.evidence import LOOKED_AT, crop_of
from pipeline.report.json_report import finding_json

OWN = seal(NAME, "applicant", SEAL_A)
COMMERCE = seal(BUREAU, "commerce_department", SEAL_B)


def sealed(*seals: object, **changes: object):  # type: ignore[no-untyped-def]
    return form(seals=seals, **changes)


def test_clean_envelopes_have_no_finding() -> None:
    assert brief(supplier()) == []
    assert brief(park()) == []
    assert brief(park(track="training", name="浙江工商学院", owner="浙江工商学院")) == []


def test_missing_seal_points_to_its_place() -> None:
    found = only(supplier(form_=sealed(OWN)))
    assert (found.code, found.severity, found.document, found.field) == (
        "MISSING_SEAL",
        "error",
        "information_form",
        "commerce_department",
    )
    assert (found.basis, found.rule) == ("letter 一(二)1", "supplier.form.seal.commerce_department")
    assert (found.page, found.box, found.document_index) == (1, PLACE_B, 0)


def test_missing_seal_without_a_place_points_to_the_last_page() -> None:
    found = only(supplier(form_=sealed(OWN, places=(), pages=(1, 2), lacks=())))
    assert (found.page, found.box) == (1, Box(0, 0.5, 1, 1))
    found = only(park(proof_=proof("杭州未来软件园发展有限公司", pages=(2, 3))))
    assert (found.code, found.page, found.box) == ("MISSING_SEAL", 3, Box(0, 0.5, 1, 1))


def test_both_seals_missing_are_two_findings() -> None:
    assert [one[3] for one in brief(supplier(form_=sealed()))] == ["applicant", "commerce_department"]


@pytest.mark.parametrize("kind", ["contract", "finance", "invoice"])
def test_a_seal_for_another_purpose_is_no_official_seal(kind: str) -> None:
    found = only(supplier(form_=sealed(seal(NAME, "applicant", SEAL_A, kind=kind), COMMERCE)))
    assert (found.code, found.severity, found.field, found.box) == ("SEAL_OWNER_MISMATCH", "error", "applicant", SEAL_A)


@pytest.mark.parametrize(("kind", "code"), [("finance", "SEAL_OWNER_MISMATCH"), ("official", "UNREADABLE_SEAL")])
def test_one_sign_not_made_out_makes_no_official_seal_of_another_kind(kind: str, code: str) -> None:
    misread = NAME[:2] + "溪" + NAME[3:]
    found = only(supplier(form_=sealed(seal(misread, "applicant", SEAL_A, kind=kind, confidence=0.8), COMMERCE)))
    assert (found.code, found.field) == (code, "applicant")


@pytest.mark.parametrize(("kind", "code"), [("finance", "SEAL_OWNER_MISMATCH"), ("official", "UNREADABLE_SEAL")])
def test_a_special_seal_legible_but_hardly_attributed_is_still_none(kind: str, code: str) -> None:
    reading = SealReading(page=1, box=SEAL_A, legible=0.86, candidates=(TextCandidate(text=NAME, score=0.9),))
    one = seal(NAME, "applicant", SEAL_A, kind=kind, confidence=0.47, reading=reading, rests_on="free")
    found = only(supplier(form_=sealed(one, COMMERCE)))
    assert (found.code, found.field) == (code, "applicant")


def test_a_departments_seal_is_no_official_seal() -> None:
    section = seal(f"{NAME}人力资源部", "applicant", SEAL_A, kind="other", owner=f"{NAME}人力资源部")
    found = only(supplier(form_=sealed(section, COMMERCE)))
    assert (found.code, found.field) == ("SEAL_OWNER_MISMATCH", "applicant")


def test_a_personal_seal_is_not_the_official_one() -> None:
    name_seal = seal("王小明", "unknown", SEAL_A, kind="personal", shape="square")
    assert brief(supplier(form_=sealed(name_seal, COMMERCE))) == [
        ("MISSING_SEAL", "error", "information_form", "applicant")
    ]


def test_another_organisations_seal() -> None:
    found = only(supplier(form_=sealed(seal("南京海风信息技术有限公司", "applicant", SEAL_A), COMMERCE)))
    assert (found.code, found.severity, found.field) == ("SEAL_OWNER_MISMATCH", "error", "applicant")
    assert (found.expected, found.found) == (NAME, "南京海风信息技术有限公司")


def test_the_applicants_seal_in_both_boxes() -> None:
    found = only(supplier(form_=sealed(OWN, seal(NAME, "applicant", SEAL_B))))
    assert (found.code, found.field, found.box) == ("SEAL_OWNER_MISMATCH", "commerce_department", SEAL_B)


def test_the_applicants_seal_twice_where_no_place_was_recognised() -> None:
    found = only(supplier(form_=sealed(OWN, seal(NAME, "applicant", SEAL_B), places=())))
    assert (found.code, found.field) == ("SEAL_OWNER_MISMATCH", "commerce_department")


def test_only_the_applicants_seal_in_its_own_place_is_no_mismatch_of_the_other() -> None:
    found = only(supplier(form_=sealed(OWN)))
    assert found.code == "MISSING_SEAL"


def test_a_lone_seal_of_the_applicants_beside_the_others_place_is_in_its_own() -> None:
    beside = Box(PLACE_B.x0 - 0.11, PLACE_B.y0, PLACE_B.x0 + 0.07, PLACE_B.y0 + 0.14)  # its centre just outside
    found = only(supplier(form_=sealed(seal(NAME, "applicant", beside))))
    assert (found.code, found.field) == ("MISSING_SEAL", "commerce_department")
    found = only(supplier(form_=sealed(OWN, seal(NAME, "applicant", beside))))
    assert (found.code, found.field) == ("SEAL_OWNER_MISMATCH", "commerce_department")


def test_a_sign_that_differs_must_itself_be_read_surely() -> None:
    other = NAME.replace("云", "每")
    for probability, code in ((0.95, "UNREADABLE_SEAL"), (0.999, "SEAL_OWNER_MISMATCH")):
        steps = [((sign, 0.999 if sign != "每" else probability),) for sign in other]
        spaced = tuple(step for one in steps for step in (one, (("", 1.0),), (("", 1.0),)))
        read = SealReading(
            page=1, box=SEAL_A, legible=0.99, candidates=(TextCandidate(text=other, score=0.99),), lattice=spaced
        )
        odd = seal(other, "applicant", SEAL_A, confidence=0.99, reading=read)
        found = only(supplier(form_=sealed(odd, COMMERCE)))
        assert (found.code, found.field) == (code, "applicant")


def test_faint_seal_is_unreadable_never_missing() -> None:
    case = supplier(form_=sealed(OWN, faint("", "commerce_department", SEAL_B)))
    found = only(case)
    assert (found.code, found.severity, found.field) == ("UNREADABLE_SEAL", "warning", "commerce_department")
    assert outcome(case, "supplier.form.seal.commerce_department") is Outcome.UNCLEAR


def test_faint_seal_of_no_role_in_the_place() -> None:
    found = only(supplier(form_=sealed(OWN, faint("", "unknown", SEAL_B))))
    assert (found.code, found.field) == ("UNREADABLE_SEAL", "commerce_department")


def test_faint_but_matched_seal_passes() -> None:
    matched = seal(NAME, "applicant", SEAL_A, confidence=0.66, rests_on="constrained")
    assert brief(supplier(form_=sealed(matched, COMMERCE))) == []


def test_one_sign_misread_is_unreadable_not_anothers() -> None:
    near = seal("杭州智云轮件有限公司", "applicant", SEAL_A, owner="杭州智云轮件有限公司")
    assert [one[0] for one in brief(supplier(form_=sealed(near, COMMERCE)))] == ["UNREADABLE_SEAL"]


def test_former_name_on_a_seal_is_a_warning() -> None:
    old = "杭州智云网络技术有限公司"
    case = supplier(form_=sealed(seal(old, "applicant", SEAL_A), COMMERCE), record_=record(previous_names=(old,)))
    found = only(case)
    assert (found.code, found.severity) == ("SEAL_OWNER_MISMATCH", "warning")
    assert outcome(case, "supplier.form.seal.applicant") is Outcome.PASS


def test_other_form_of_company_on_a_seal_is_a_warning() -> None:
    variant = seal("杭州智云软件有限责任公司", "applicant", SEAL_A)
    found = only(supplier(form_=sealed(variant, COMMERCE)))
    assert (found.code, found.severity) == ("SEAL_OWNER_MISMATCH", "warning")


@pytest.mark.parametrize("bureau", ["余杭区商务局", "杭州市商务局", "浙江省商务厅", "杭州市商务委员会"])
def test_any_department_at_or_above_the_address_passes(bureau: str) -> None:
    assert brief(supplier(form_=sealed(OWN, seal(bureau, "commerce_department", SEAL_B)))) == []


def test_department_of_another_region_is_a_warning() -> None:
    found = only(supplier(form_=sealed(OWN, seal("南京市商务局", "commerce_department", SEAL_B))))
    assert (found.code, found.severity, found.field) == ("SEAL_OWNER_MISMATCH", "warning", "commerce_department")


def test_named_department_must_be_the_one() -> None:
    named = record(commerce_department="浙江省商务厅")
    found = only(supplier(record_=named))
    assert (found.code, found.severity, found.expected) == ("SEAL_OWNER_MISMATCH", "error", "浙江省商务厅")
    assert brief(supplier(record_=record(commerce_department="余杭区商务局"))) == []


def test_an_association_is_no_commerce_department() -> None:
    found = only(supplier(form_=sealed(OWN, seal("浙江省服务外包协会", "commerce_department", SEAL_B))))
    assert (found.code, found.severity) == ("SEAL_OWNER_MISMATCH", "error")


def test_a_section_of_the_department_is_a_warning() -> None:
    section = seal(f"{BUREAU}服务贸易处", "commerce_department", SEAL_B, owner=f"{BUREAU}服务贸易处")
    found = only(supplier(form_=sealed(OWN, section)))
    assert (found.code, found.severity) == ("SEAL_OWNER_MISMATCH", "warning")


def test_a_parks_committee_cannot_approve_itself() -> None:
    name = "杭州高新技术产业开发区管理委员会"
    own = seal(name, "applicant", SEAL_A)
    case = park(
        name=name,
        owner=name,
        form_=form(seals=(own, seal(name, "commerce_department", SEAL_B)), fields=park(name=name).form.document.fields),  # type: ignore[union-attr]
    )
    assert brief(case) == [("SEAL_OWNER_MISMATCH", "error", "information_form", "commerce_department")]


def test_grey_page_counts_as_sealed_with_one_warning() -> None:
    grey = Quality(dpi=200, colour="grey", problems=("grey",))
    case = supplier()
    pages = tuple(page(n, quality=grey) for n in range(1, 9))
    case = replace(case, submissions=(case.newest.model_copy(update={"pages": pages}),))
    found = only(case)
    assert (found.code, found.severity) == ("LOW_SCAN_QUALITY", "warning")


def test_missing_on_a_black_and_white_page_is_unclear() -> None:
    case = supplier(form_=sealed())
    pages = (page(1, quality=Quality(colour="bilevel")), *case.newest.pages[1:])
    case = replace(case, submissions=(case.newest.model_copy(update={"pages": pages}),))
    assert {one[0] for one in brief(case)} == {"UNREADABLE_SEAL"}


# --------------------------------------------------------------------------------------------- ink without a seal


def inked(ink: float | None) -> tuple[SealPlace, ...]:
    first, second = places()
    return (first, second.model_copy(update={"ink": ink}))


@pytest.mark.parametrize("ink", [0.05, 0.25])
def test_ink_in_the_place_without_a_seal_is_unreadable_never_missing(ink: float) -> None:
    case = supplier(form_=sealed(OWN, places=inked(ink)))
    found = only(case)
    assert (found.code, found.severity, found.field) == ("UNREADABLE_SEAL", "warning", "commerce_department")
    assert (found.page, found.box) == (1, PLACE_B)
    assert "印迹" in found.message.zh
    assert outcome(case, "supplier.form.seal.commerce_department") is Outcome.UNCLEAR


@pytest.mark.parametrize("ink", [None, 0.0, 0.014, 0.97])  # red label text; a tinted cell
def test_little_ink_or_tinted_paper_is_no_seal(ink: float | None) -> None:
    assert only(supplier(form_=sealed(OWN, places=inked(ink)))).code == "MISSING_SEAL"


def test_ink_of_another_seal_that_reaches_into_the_place_is_its_own() -> None:
    wide = seal(NAME, "applicant", Box(0.36, 0.73, 0.6, 0.86))
    found = only(supplier(form_=sealed(wide, places=inked(0.06))))
    assert (found.code, found.field) == ("MISSING_SEAL", "commerce_department")


def test_ink_in_an_accountants_place() -> None:
    report = audit()
    place = SealPlace(role="cpa", page=2, box=Box(0.5, 0.6, 0.7, 0.7), ink=0.12)
    found = only(supplier(audit_=audit(seals=report.seals[:2], places=(place,))))
    assert (found.code, found.severity, found.field, found.box) == ("UNREADABLE_SEAL", "warning", "cpa", place.box)


def test_a_number_in_an_accountants_place_is_a_seal_unread() -> None:
    report = audit()
    place = SealPlace(role="cpa", page=2, box=Box(0.5, 0.6, 0.7, 0.7), imprint="350100460002")
    found = only(supplier(audit_=audit(seals=report.seals[:2], places=(place,))))
    assert (found.code, found.severity, found.field, found.box) == ("UNREADABLE_SEAL", "warning", "cpa", place.box)
    none = only(supplier(audit_=audit(seals=report.seals[:1], places=(place,))))
    assert (none.code, none.found) == ("MISSING_SEAL", "0")


# ------------------------------------------------------------------------------------------------------ audit report


def test_audit_firms_seal_missing() -> None:
    report = audit()
    report = report.model_copy(update={"seals": report.seals[1:]})
    found = only(supplier(audit_=report))
    assert (found.code, found.field, found.document) == ("MISSING_SEAL", "audit_firm", "audit_report")
    assert found.basis == "财会〔2001〕1035号"


def test_a_sign_misread_and_one_lost_make_no_other_firm() -> None:
    """信永 … 有限责任公司, read 信承 … 限责任公司 on a photograph: one sign differs, the lost one says nothing."""
    firm, read = "湖北江汉信永会计师事务所有限责任公司", "湖北江汉信承会计师事务所限责任公司"
    fields = audit_fields(audit_firm=field("audit_firm", firm, page=2))
    stamped = seal(read, "audit_firm", SEAL_B, 2, confidence=0.928, owner=read)
    legible = stamped.reading.model_copy(update={"legible": 0.928})
    report = audit(fields)
    stamped = stamped.model_copy(update={"reading": legible})
    report = report.model_copy(update={"seals": (stamped, *report.seals[1:])})
    found = only(supplier(audit_=report))
    assert (found.code, found.severity, found.field) == ("UNREADABLE_SEAL", "warning", "audit_firm")


def test_another_audit_firms_seal() -> None:
    report = audit()
    report = report.model_copy(
        update={"seals": (seal("上海立信会计师事务所（特殊普通合伙）", "audit_firm", SEAL_B, 2), *report.seals[1:])}
    )
    found = only(supplier(audit_=report))
    assert (found.code, found.field) == ("SEAL_OWNER_MISMATCH", "audit_firm")


@pytest.mark.parametrize("text", ["天健会计师事务所", "天健会计师事务所（特殊普通合伙）浙江分所"])
def test_the_firms_form_and_branch_do_not_matter(text: str) -> None:
    report = audit()
    report = report.model_copy(update={"seals": (seal(text, "audit_firm", SEAL_B, 2), *report.seals[1:])})
    assert brief(supplier(audit_=report)) == []


def test_one_accountants_seal_is_missing() -> None:
    report = audit()
    report = report.model_copy(update={"seals": report.seals[:2]})
    found = only(supplier(audit_=report))
    assert (found.code, found.field, found.expected, found.found) == ("MISSING_SEAL", "cpa", "2", "1")


def test_the_companys_seal_does_not_serve_for_the_firms() -> None:
    report = audit()
    place = SealPlace(role="audit_firm", page=2, box=PLACE_B)
    seals = (seal(NAME, "applicant", SEAL_B, 2), *report.seals[1:])
    found = only(supplier(audit_=report.model_copy(update={"seals": seals, "places": (place,)})))
    assert (found.code, found.field) == ("SEAL_OWNER_MISMATCH", "audit_firm")
    elsewhere = (seal(NAME, "applicant", SEAL_B, 3), *report.seals[1:])
    found = only(supplier(audit_=report.model_copy(update={"seals": elsewhere, "places": (place,)})))
    assert (found.code, found.field, found.page) == ("MISSING_SEAL", "audit_firm", 2)


# -------------------------------------------------------------------------------------------- park, copies, issuers


def test_an_issuers_seal_is_never_the_applicants() -> None:
    issuer = seal("杭州市市场监督管理局", "issuer", SEAL_A, 2)
    found = only(park(proof_=proof("杭州未来软件园发展有限公司", seals=(issuer,))))
    assert (found.code, found.document, found.field, found.basis) == (
        "MISSING_SEAL",
        "legal_person_proof",
        "applicant",
        "letter 二2",
    )


STRANGER = "武汉东湖智汇教育咨询有限公司"


@pytest.mark.parametrize("kind", ["official", "contract", "finance", "invoice"])
@pytest.mark.parametrize("guessed", [True, False])
def test_a_strangers_seal_anywhere_on_the_proof_stands_where_the_applicants_should(kind: str, guessed: bool) -> None:
    stray = seal(STRANGER, "unknown", Box(0.65, 0.33, 0.83, 0.46), 2, kind=kind)
    issuer = seal("杭州市民政局", "issuer", Box(0.2, 0.1, 0.4, 0.25), 2)
    spots = (SealPlace(role="applicant", page=2, box=Box(0.1, 0.8, 0.3, 0.95)),) if guessed else ()
    found = only(park(proof_=proof("杭州未来软件园发展有限公司", seals=(stray, issuer), places=spots)))
    assert (found.code, found.severity, found.document) == ("SEAL_OWNER_MISMATCH", "error", "legal_person_proof")
    assert (found.field, found.found is not None and found.found.startswith(STRANGER)) == ("applicant", True)
    assert found.box == stray.box


@pytest.mark.parametrize(
    "stray",
    [
        seal(
            "杭州市余杭区数据资源管理局", "unknown", SEAL_B, 2
        ),  # an authority: it issued the proof or certified the copy
        seal(BUREAU, "commerce_department", SEAL_B, 2),
        seal("天健会计师事务所", "audit_firm", SEAL_B, 2),
        seal("年检合格", "unknown", SEAL_B, 2, kind="other", shape="rectangle"),
        seal("王小明", "unknown", SEAL_B, 2, kind="personal", shape="square"),
    ],
)
def test_authorities_and_boxes_on_the_proof_are_not_instead_of_the_applicants(stray: Seal) -> None:
    found = only(park(proof_=proof("杭州未来软件园发展有限公司", seals=(stray,))))
    assert (found.code, found.field) == ("MISSING_SEAL", "applicant")


def test_a_strangers_seal_beside_the_applicants_on_the_proof_is_no_matter() -> None:
    owner = "杭州未来软件园发展有限公司"
    seals = (seal(STRANGER, "unknown", SEAL_B, 2), seal(owner, "applicant", SEAL_A, 2))
    assert brief(park(proof_=proof(owner, seals=seals))) == []


def test_the_brand_on_the_seal_is_not_asked_for_where_the_codes_differ() -> None:
    operator = "杭州未来软件园发展有限公司"
    case = park(proof_=proof(operator, code="914403001922038216", seals=(seal(operator, "applicant", SEAL_A, 2),)))
    assert ("FOREIGN_DOCUMENT", "error", "legal_person_proof", None) in brief(case)


def test_a_legal_person_nobody_proved_is_unclear() -> None:
    sent = park(owner="浙江数谷投资有限公司").newest.documents
    case = park(documents=(sent[0], proof("浙江数谷投资有限公司", code=None, seals=sent[1].seals), sent[2]))
    assert {one[:2] for one in brief(case)} == {("SEAL_OWNER_MISMATCH", "warning")}
    assert outcome(case, "park.form.seal.applicant") is Outcome.UNCLEAR


def test_a_page_of_the_form_that_was_not_recognised_bears_its_seals() -> None:
    stray = Document(type=DocumentType.OTHER, pages=(6,), confidence=0.4, seals=(OWN, COMMERCE))
    case = supplier(form_=sealed(places=()), others=(*supplier().newest.documents[2:], stray))
    assert [one[0] for one in brief(case)] == ["UNKNOWN_DOCUMENT"]


def test_a_third_unreadable_stamp_beside_two_accountants_seals_is_no_matter() -> None:
    report = audit()
    smear = faint("1", "unknown", Box(0.3, 0.6, 0.4, 0.65), 2)
    place = SealPlace(role="cpa", page=2, box=Box(0.1, 0.5, 0.5, 0.7))
    assert brief(supplier(audit_=audit(seals=(*report.seals, smear), places=(place,)))) == []
    found = only(supplier(audit_=audit(seals=(*report.seals[:2], smear), places=(place,))))
    assert (found.code, found.field) == ("UNREADABLE_SEAL", "cpa")


# ---------------------------------------------------------------------------------------------- odd looks, signatures


def test_a_pasted_picture_of_a_seal_is_suspect() -> None:
    reading = SealReading(page=1, box=SEAL_A, legible=0.99, signs=(("flat", 0.05), ("hidden", 0.1)))
    found = only(supplier(form_=sealed(seal(NAME, "applicant", SEAL_A, reading=reading), COMMERCE)))
    assert (found.code, found.severity, found.field, found.box) == ("SUSPECT_SEAL", "warning", "applicant", SEAL_A)
    assert "印色" in found.message.zh and "伪" not in found.message.zh
    assert "可疑程度" in found.message.zh and "score" in found.message.en and "forge" not in found.message.en
    even = reading.model_copy(update={"rotation": 3.0, "signs": (("flat", 0.08), ("hidden", 0.3))})
    assert brief(supplier(form_=sealed(seal(NAME, "applicant", SEAL_A, reading=even), COMMERCE))) == []


def test_boxed_shapes_that_are_no_seal_of_an_organisation_do_not_count() -> None:
    table = seal("邓国萍5800万元否", "unknown", SEAL_B, shape="rectangle", kind="other")
    found = only(supplier(form_=sealed(OWN, table)))
    assert (found.code, found.field) == ("MISSING_SEAL", "commerce_department")


def test_riding_seal_break_is_suspect() -> None:
    riding = RidingSeal(pages=(2, 3, 5), text=NAME, complete=False, breaks=(4, 5), leaps=(5,))
    found = only(supplier(audit_=audit(riding_seals=(riding, riding))))
    assert (found.code, found.severity, found.field, found.page) == ("SUSPECT_SEAL", "warning", "riding", 4)
    assert "第 4 页没有骑缝章" in found.message.zh and "到第 5 页处接不上" in found.message.zh
    assert "page 4" in found.message.en and "page 5" in found.message.en


def test_a_seal_whose_ink_another_envelope_shows_is_suspect() -> None:
    reading = SealReading(page=1, box=SEAL_A, legible=0.99, rotation=5.0)
    case = supplier(form_=sealed(seal(NAME, "applicant", SEAL_A, reading=reading), COMMERCE))
    place = (case.newest.order, case.newest.part, case.form.document.index if case.form else 0, 0)
    assert brief(case) == []
    found = only(replace(case, told={place: (Told(what="copied", envelope="other.pdf"),)}))
    assert (found.code, found.field) == ("SUSPECT_SEAL", "applicant")
    assert "other.pdf" in found.message.zh and "other.pdf" in found.message.en
    found = only(replace(case, told={place: (Told(what="code", envelope="other.pdf"),)}))
    assert "编码" in found.message.zh


def test_empty_place_to_sign() -> None:
    spot = SealPlace(role="applicant", page=1, box=Box(0.1, 0.6, 0.4, 0.65), label="法定代表人（签字）", signature=True)
    unsigned = form(places=(*places(), spot.model_copy(update={"signed": False})))
    found = only(supplier(form_=unsigned))
    assert (found.code, found.severity, found.field, found.box) == (
        "MISSING_SIGNATURE",
        "warning",
        "applicant",
        spot.box,
    )
    for signed in (True, None):
        assert brief(supplier(form_=form(places=(*places(), spot.model_copy(update={"signed": signed}))))) == []


def test_a_name_seal_is_as_good_as_a_signature_but_not_for_accountants() -> None:
    box = Box(0.1, 0.55, 0.3, 0.6)
    spot = SealPlace(role="applicant", page=1, box=box, signature=True, signed=False)
    stamp = seal("王小明", "unknown", Box(0.15, 0.56, 0.2, 0.59), kind="personal", shape="square")
    assert brief(supplier(form_=form(places=(*places(), spot), seals=(OWN, COMMERCE, stamp)))) == []
    place = SealPlace(role="cpa", page=2, box=Box(0.3, 0.5, 0.5, 0.55), signature=True, signed=False)
    assert [one[0] for one in brief(supplier(audit_=audit(places=(place,))))] == ["MISSING_SIGNATURE"]
    hidden = place.model_copy(update={"box": Box(0.1, 0.5, 0.3, 0.55)})
    assert brief(supplier(audit_=audit(places=(hidden,)))) == []


def test_a_place_to_sign_that_is_bare_under_the_firms_seal() -> None:
    """Where the scan shows that no pen's stroke is there, the firm's seal over the place hides none."""
    covered = SealPlace(role="applicant", page=1, box=OWN.box, label="法定代表人签字", signature=True, signed=False)
    bare = covered.model_copy(update={"bare": True})
    for place, codes in ((covered, []), (bare, ["MISSING_SIGNATURE"])):
        unsigned = form(places=(*places(), place), seals=(OWN, COMMERCE))
        assert [one[0] for one in brief(supplier(form_=unsigned))] == codes
    named = seal("王小明", "unknown", OWN.box, kind="other", shape="square")
    assert brief(supplier(form_=form(places=(*places(), bare), seals=(OWN, COMMERCE, named)))) == []


# ------------------------------------------------------------------------------------------------------------- 补件


def test_a_restamped_page_sent_later_mends_the_first() -> None:
    first = submission(sealed(OWN), audit(), *supplier().newest.documents[2:])
    later = submission(sealed(OWN, COMMERCE, fields=()), pages=1, envelope="env-0002.pdf", sha256="2" * 64)
    case = replace(supplier(), submissions=(first, later))
    assert brief(case) == []


def test_what_an_old_envelope_lacks_stands_at_the_newest() -> None:
    first = submission(sealed(OWN), audit(), *supplier().newest.documents[2:])
    later = submission(pages=1, envelope="env-0002.pdf", sha256="2" * 64)
    found = only(replace(supplier(), submissions=(first, later)))
    assert (found.code, found.envelope, found.document_index) == ("MISSING_SEAL", "env-0001.pdf", 0)


def test_ids_are_stable_and_distinct() -> None:
    case = supplier(form_=sealed())
    first, second = ([one.id for one in findings(case)] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first) == 2
    moved = changed(sealed(places=places(2), pages=(1, 2)), lambda one: one)
    assert [one.id for one in findings(supplier(form_=moved))] == first


def test_a_certificate_of_unknown_kind_is_no_page_of_the_form() -> None:
    wrong = seal("南京海风信息技术有限公司", "applicant", SEAL_A)
    stamps = (seal("浙江省商务厅", "commerce_department", SEAL_B, 9), seal("浙江省科学技术厅", "issuer", SEAL_A, 9))
    paper = Document(
        type=DocumentType.OTHER, pages=(9,), confidence=1, seals=(*stamps, seal(NAME, "applicant", SEAL_A, 9))
    )
    case = supplier(form_=sealed(wrong, COMMERCE))
    held = case.submissions[0]
    both = replace(case, submissions=(held.model_copy(update={"documents": (*held.documents, paper)}),))
    assert ("SEAL_OWNER_MISMATCH", "error", "information_form", "applicant") in brief(both)


def test_a_statement_may_be_sealed_on_a_last_page_that_was_not_recognised() -> None:
    def sent(last_page: int) -> list[tuple[str, str, str | None, str | None]]:
        case = park()
        held = case.submissions[0]
        bare = [
            one.model_copy(update={"seals": (), "places": (), "pages": (5,)})
            if one.type is DocumentType.SUPPORTING_STATEMENT
            else one
            for one in held.documents
        ]
        owner = next(name.name for name in case.names)
        tail = Document(
            type=DocumentType.OTHER,
            pages=(last_page,),
            confidence=0.4,
            seals=(seal(owner, "applicant", SEAL_A, last_page),),
        )
        changed_ = held.model_copy(update={"documents": (*bare, tail)})
        return [one for one in brief(replace(case, submissions=(changed_,))) if one[0] != "UNKNOWN_DOCUMENT"]

    assert sent(6) == []
    assert [(one[0], one[2]) for one in sent(9)] == [("MISSING_SEAL", "supporting_statement")]


# --------------------------------------------------------------------------- what was seen in a missing one's place


def looked_at(found: float, box: Box = SEAL_B, **changes: object) -> SealCandidate:
    return SealCandidate(**({"page": 1, "box": box, "found": found, "colour": "grey"} | changes))


def test_a_missing_seal_shows_what_was_not_taken_for_one() -> None:
    elsewhere, other_page = looked_at(0.3, Box(0.1, 0.1, 0.2, 0.2)), looked_at(0.3, page=2)
    rejected = (looked_at(0.08), looked_at(0.21), elsewhere, other_page)
    found = only(supplier(form_=sealed(OWN, rejected=rejected)))
    assert (found.code, found.box) == ("MISSING_SEAL", PLACE_B)
    assert [one.found for one in found.candidates] == [0.21, 0.08]
    assert "21 %" in found.message.zh and "21 %" in found.message.en
    told = finding_json(found)["candidates"]
    assert told[0] == {"page": 1, "box": list(SEAL_B), "shape": "round", "colour": "grey", "found": 0.21}
    assert "candidates" not in finding_json(only(supplier(form_=sealed(OWN))))


def test_the_missing_accountants_seal_shows_it_too() -> None:
    first = seal(
        "中国注册会计师李明110001230001", "cpa", Box(0.1, 0.5, 0.2, 0.55), 2, kind="personal", shape="rectangle"
    )
    firm = seal("天健会计师事务所（特殊普通合伙）", "audit_firm", Box(0.6, 0.7, 0.75, 0.8), 2)
    there = SealPlace(role="cpa", page=2, box=Box(0.1, 0.6, 0.4, 0.7))
    near = looked_at(0.3, Box(0.2, 0.62, 0.3, 0.66), page=2)
    report = audit(seals=(first, firm), places=(there,), rejected=(near,))
    found = only(supplier(audit_=report))
    assert (found.code, found.field, found.found) == ("MISSING_SEAL", "cpa", "1")
    assert found.candidates == (near,)


def test_the_evidence_of_a_missing_seal_marks_them() -> None:
    found = only(supplier(form_=sealed(OWN, rejected=(looked_at(0.21),))))
    white = np.full((1000, 700, 3), 255, np.uint8)
    crop = crop_of(white, page(1), found)
    assert any((crop == np.array(LOOKED_AT, np.uint8)).all(axis=2).ravel())
    bare = crop_of(white, page(1), found.model_copy(update={"candidates": ()}))
    assert not (bare == np.array(LOOKED_AT, np.uint8)).all(axis=2).any()


@pytest.mark.parametrize(
    ("kind", "straight", "zh", "en"),
    [
        ("contract", (), "合同专用章", "a contract seal"),
        ("finance", (), "财务专用章", "a finance seal"),
        ("invoice", (), "发票专用章", "an invoice seal"),
        ("other", ("人力资源部",), "内设部门章", "a department's seal"),
    ],
)
def test_a_seal_that_is_no_official_one_is_called_what_it_is(
    kind: str, straight: tuple[str, ...], zh: str, en: str
) -> None:
    read = SealReading(page=1, box=SEAL_A, legible=0.95, straight=straight)
    one = seal(NAME, "applicant", SEAL_A, kind=kind, reading=read)
    found = only(supplier(form_=sealed(one, COMMERCE)))
    assert (found.code, found.field) == ("SEAL_OWNER_MISMATCH", "applicant")
    assert zh in found.message.zh and en in found.message.en and zh in str(found.found)


# ------------------------------------------------------------------------------ names that differ in a character alike


def engraved(name: str, *, legible: float) -> SealReading:
    steps = [step for sign in name for step in (((sign, 0.999),), *([(("", 1.0),)] * 5))]
    return SealReading(
        page=1,
        box=SEAL_A,
        legible=legible,
        candidates=(TextCandidate(text=name, score=legible),),
        lattice=(*([(("", 1.0),)] * 4), *steps),
    )


@pytest.mark.parametrize(("legible", "code"), [(0.99, "SEAL_OWNER_MISMATCH"), (0.85, "UNREADABLE_SEAL")])
def test_a_character_that_looks_alike_but_was_clearly_read_is_not_the_applicants(legible: float, code: str) -> None:
    one = seal_named(NAME.replace("智", "暂"), legible)
    found = only(supplier(form_=sealed(one, COMMERCE)))
    assert (found.code, found.field) == (code, "applicant")


def test_a_worn_seal_of_which_two_signs_were_misread_is_not_called_anothers() -> None:
    one = seal_named(NAME.replace("智", "暂").replace("件", "佳"), 0.75)
    assert only(supplier(form_=sealed(one, COMMERCE))).code == "UNREADABLE_SEAL"


def seal_named(name: str, legible: float) -> Seal:
    return seal(name, "applicant", SEAL_A, reading=engraved(name, legible=legible), confidence=legible)


def test_the_audit_firms_name_with_the_label_before_it() -> None:
    firm = "天健会计师事务所（特殊普通合伙）"
    fields = tuple(f for f in audit_fields() if f.name != "audit_firm")
    report = audit(fields=(*fields, field("audit_firm", "出具单位" + firm)))
    assert brief(supplier(audit_=report)) == []


def test_a_frame_in_the_accountants_place_may_be_the_seal_that_is_missed() -> None:
    """Grey paper: the second accountant's rectangle was rather taken for a cell of a table."""
    first = seal("中国注册会计师李明110001230001", "cpa", Box(0.1, 0.5, 0.2, 0.55), 2, kind="personal")
    firm = seal("天健会计师事务所（特殊普通合伙）", "audit_firm", Box(0.6, 0.7, 0.75, 0.8), 2)
    there = SealPlace(role="cpa", page=2, box=Box(0.1, 0.6, 0.4, 0.7))

    def only_of(found: float, box: Box) -> tuple[str, str | None]:
        near = looked_at(found, box, page=2, shape="rectangle")
        one = only(supplier(audit_=audit(seals=(first, firm), places=(there,), rejected=(near,))))
        return one.code, one.field

    assert only_of(0.45, Box(0.2, 0.62, 0.35, 0.66)) == ("UNREADABLE_SEAL", "cpa")
    assert only_of(0.1, Box(0.2, 0.62, 0.35, 0.66)) == ("MISSING_SEAL", "cpa")
    assert only_of(0.45, Box(0.05, 0.5, 0.95, 0.8)) == ("MISSING_SEAL", "cpa")


def test_a_place_without_any_ink_says_so() -> None:
    bare = tuple(place.model_copy(update={"ink": 0.001}) for place in places())
    found = only(supplier(form_=sealed(OWN, places=bare)))
    assert found.code == "MISSING_SEAL"
    assert "彩色墨迹占 0.1 %" in found.message.zh and "coloured ink covers 0.1 %" in found.message.en
