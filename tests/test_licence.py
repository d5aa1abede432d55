"""营业执照, 事业单位法人证书, 登记证书, 许可证: fields by the record's names, and the applicant's place for a seal."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from certificate_readings import best_score, extracted, page_of, reading, truth, wrong_fields

from extractors import all_extractors
from extractors._certificate_code import uscc_field
from extractors._free_place import free_place
from extractors._layout import layout_of
from extractors._licence import LABELS, extract_licence
from pipeline.model import DocumentType, Page, ReadPage
from pipeline.values.identifiers import uscc_check_char

T = DocumentType
LICENCES = {
    "lic_land": T.BUSINESS_LICENCE,
    "lic_port": T.BUSINESS_LICENCE,
    "lic_old": T.BUSINESS_LICENCE,
    "lic_below": T.BUSINESS_LICENCE,
    "inst": T.LEGAL_PERSON_PROOF,
    "minfei": T.LEGAL_PERSON_PROOF,
    "permit": T.LEGAL_PERSON_PROOF,
    "code": T.LEGAL_PERSON_PROOF,
}


@pytest.mark.parametrize(("name", "type_"), LICENCES.items())
def test_a_licence_says_what_it_is_and_what_it_holds(name: str, type_: DocumentType) -> None:
    score = best_score(reading(name))
    assert score is not None
    assert (score.type, score.opens) == (type_, True)
    assert score.score >= 90
    document = extracted(name, type=type_)
    assert wrong_fields(document, truth()[name]) == {}
    assert score.subject == document.subject == truth()[name]["name"]


@pytest.mark.parametrize("name", LICENCES)
def test_a_copy_has_a_place_for_the_applicants_seal_that_is_free(name: str) -> None:
    page = reading(name)
    (place,) = extracted(name, type=LICENCES[name]).places
    covered = sum(line.box.intersection(place.box) for line in page.lines)
    assert place.role == "applicant"
    assert place.box.cy > 0.45
    assert covered < 0.2 * place.box.area


def test_an_audit_firms_licence_belongs_to_its_report() -> None:
    score = best_score(reading("cpa_lic"))
    assert score is not None
    assert score.type == T.AUDIT_REPORT


def test_an_open_term_has_no_end() -> None:
    assert extracted("lic_port", type=T.BUSINESS_LICENCE).field("valid_until") is None
    assert extracted("lic_below", type=T.BUSINESS_LICENCE).field("valid_until") is None


CODE = "91320594MA1MYQ6D2"


def test_a_code_that_had_to_be_repaired_is_never_sure() -> None:
    good = "914403001922038216"
    misread = good.replace("0", "O", 1)
    for text, sure in ((good, True), (misread, False)):
        page = page_of((f"统一社会信用代码 {text}", 0.3, 0.1, 0.8, 0.12))
        field = uscc_field([layout_of(page, LABELS)])
        assert field is not None
        assert field.value == good
        assert (field.confidence >= 0.9) is sure
        assert any(reason.startswith("repaired:") for reason in field.reasons) is not sure


def test_a_code_whose_check_sign_fails_is_kept_unsure() -> None:
    wrong = "7" if uscc_check_char("91440300192203821") != "7" else "8"
    page = page_of((f"统一社会信用代码：91440300192203821{wrong}", 0.3, 0.1, 0.8, 0.12))
    field = uscc_field([layout_of(page, LABELS)])
    assert field is None or field.confidence <= 0.85


def test_a_form_with_the_same_labels_is_no_licence() -> None:
    page = page_of(
        ("企业基本信息表", 0.3, 0.05, 0.7, 0.08),
        ("企业名称", 0.1, 0.12, 0.2, 0.14),
        ("甲乙丙软件有限公司", 0.25, 0.12, 0.5, 0.14),
        ("统一社会信用代码", 0.1, 0.16, 0.24, 0.18),
        ("914403001922038216", 0.25, 0.16, 0.5, 0.18),
        ("法定代表人", 0.1, 0.2, 0.2, 0.22),
        ("张三丰", 0.25, 0.2, 0.3, 0.22),
        ("营业执照登记机关", 0.1, 0.24, 0.2, 0.26),
    )
    modules = [m for m in all_extractors() if {T.BUSINESS_LICENCE, T.LEGAL_PERSON_PROOF} & m.TYPES]  # type: ignore[attr-defined]
    assert [m.score(page) for m in modules] == [None, None]


# ------------------------------------------------------------------------------------------------------- real licences

REAL = Path(os.environ.get("YANZHANG_REAL", Path(__file__).parents[2] / "shared" / "real"))
NAMES = {
    "company": "name",
    "credit_code": "uscc",
    "legal_rep": "legal_representative",
    "established": "established",
}


def _labelled() -> list[tuple[str, dict[str, str]]]:
    labels = REAL / "labels.jsonl"
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()] if labels.exists() else []
    return [(row["file"], row["fields"]) for row in rows if row["doc_type"].startswith("business licence")]


@pytest.mark.slow
@pytest.mark.skipif(not _labelled(), reason="no real scans on this machine")
def test_real_licences_are_read() -> None:
    from pipeline.intake.look import look
    from pipeline.intake.open import open_scan
    from pipeline.programmes import load
    from pipeline.reading.openvino import shared_engine
    from pipeline.reading.read import read_page
    from pipeline.settings import Settings

    given = Settings()
    engine = shared_engine(given.reading.detection_side, 1)
    for file, fields in _labelled():
        with open_scan(REAL / file, bounds=given.bounds) as scan:
            looked = look(
                scan.image(0),
                number=1,
                file=file,
                index=0,
                sha256="",
                dpi=scan.dpi(0),
                native_dpi=scan.native_dpi(0),
                engine=engine,
            )
        page = read_page(looked, engine=engine, settings=given.reading)
        scored = [(score.score, m) for m in all_extractors() if (score := m.score(page)) is not None]
        document = max(scored, key=lambda pair: pair[0])[1].extract([page], load("cciip-2023"), T.BUSINESS_LICENCE)
        assert document.type == T.BUSINESS_LICENCE
        expected = {NAMES[key]: value for key, value in fields.items() if key in NAMES}
        assert wrong_fields(document, dict(expected)) == {}
        assert document.field("registered_capital") is not None


def test_a_wide_label_whose_first_sign_was_read_with_the_text_before_it() -> None:
    page = page_of(
        ("营业执照", 0.4, 0.1, 0.6, 0.15),
        ("统一社会信用代码 914403001922038216", 0.1, 0.2, 0.5, 0.22),
        ("经营范围", 0.1, 0.4, 0.17, 0.42),
        ("软件园开发、建设、运营管理；物业管理；企业住", 0.185, 0.4, 0.55, 0.42),
        ("所", 0.557, 0.4, 0.575, 0.42),
        ("安徽省合肥市包河区云谷路2588号", 0.61, 0.4, 0.85, 0.42),
        ("孵化服务；会议及展览服务", 0.185, 0.43, 0.4, 0.45),
        wide=True,
    )
    document = extract_licence([page], T.BUSINESS_LICENCE)
    address = document.field("address")
    assert address is not None and address.value == "安徽省合肥市包河区云谷路2588号"


def test_the_applicants_stamp_on_a_copy_is_looked_for_left_of_the_issuers() -> None:
    page = Page(number=1, file="a.pdf", index=0, sha256="", width=1654, height=2339, upright_width=1654)
    place = free_place(ReadPage(page=page.model_copy(update={"upright_height": 2339})))
    assert place.box.cx < 0.4 and place.box.cy > 0.7
