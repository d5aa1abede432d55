"""Cover sheets are read back by the intake that they are printed for."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from checks_builders import record

from pipeline.errors import BadInput
from pipeline.intake.look import look
from pipeline.intake.open import open_scan
from pipeline.intake.split import (
    cover_application_no,
    cover_payload,
    parcel_department,
    separated_type,
    split_at_covers,
)
from pipeline.model import Certificate, Page, Record
from pipeline.report import typeset
from pipeline.report.covers import Printed, write_covers
from pipeline.settings import Bounds


def looked_at(path: Path) -> list[Page]:
    """A PDF's pages as intake sees them."""
    with open_scan(path, bounds=Bounds()) as scan:
        return [
            look(scan.image(index), number=index + 1, file="c", index=index, sha256="", dpi=200).page
            for index in range(scan.page_count)
        ]


def test_covers_come_back_as_covers(tmp_path: Path) -> None:
    records = [
        Record(application_no="CCIIP2023S00002", track="supplier", name="北京云帆软件股份有限公司"),
        Record(application_no="CCIIP2023P00001", track="park", name="某市" + "高新技术产业开发区" * 4 + "管理委员会"),
    ]
    path = tmp_path / "covers.pdf"
    write_covers(records, path)
    pages = looked_at(path)
    assert [p.kind for p in pages] == ["cover", "cover"]
    assert [cover_application_no(p) for p in pages] == ["CCIIP2023P00001", "CCIIP2023S00002"]
    assert split_at_covers(pages) == ((0, 1), (1, 2))


HOSTILE = (
    record(application_no="A1) Tj ET (x\\", name="甲)\\ (乙 \u202e\x1b" * 300),
    record(application_no="9" * 5_000),
    record(application_no="CCIIP|x"),
    record(application_no="A2", name="😀" * 3_000),
)


def test_records_that_no_cover_can_be_made_for_are_named(tmp_path: Path) -> None:
    problems = write_covers(HOSTILE, tmp_path / "covers.pdf").problems
    assert len(problems) == 2 and all("no cover" in p and len(p) < 200 for p in problems)
    with pymupdf.open(tmp_path / "covers.pdf") as document:
        assert document.page_count == 2
        assert "A1) Tj ET (x" in document[0].get_text()
        assert not document[0].get_links()


def test_no_cover_at_all_and_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no cover to make"):
        write_covers(HOSTILE[1:3], tmp_path / "covers.pdf")
    with pytest.raises(BadInput, match="cannot be written"):
        write_covers(HOSTILE[:1], Path("/proc/none/covers.pdf"))


BUREAU = "北京市海淀区商务局"
SUPPLIER = Record(
    application_no="CCIIP2023S00002",
    track="supplier",
    name="北京云帆软件股份有限公司",
    commerce_department=BUREAU,
    certificates=(
        Certificate(kind="iso9001", number="00120Q310123R1M/1100"),
        Certificate(kind="patent", number="ZL202010000001.X", name="一种数据处理方法"),
        Certificate(kind="patent", number="ZL202010000002.X"),
    ),
)
PARK = Record(application_no="CCIIP2023P00001", track="park", name="海淀园", address="北京市海淀区上地一路1号")
FAR = Record(application_no="CCIIP2023T00009", track="training", name="成都学院", address="四川省成都市武侯区1号")


def texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [page.get_text().replace("\n", "") for page in document]


def test_parcels_and_separators_come_back_as_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "covers.pdf"
    printed = write_covers([SUPPLIER, PARK, FAR], path, separators=True, parcels=True, department=BUREAU)
    # The park names no department; the one that another record names is of its own district.
    assert printed == Printed(envelopes=2, parcels=1, sheets=10, problems=())
    pages = looked_at(path)
    assert all(p.kind == "cover" for p in pages)
    assert parcel_department(pages[0]) == BUREAU and cover_application_no(pages[0]) is None
    assert [separated_type(p) for p in pages] == [
        None, None, "information_form", "legal_person_proof", "supporting_statement",
        None, "information_form", "audit_report", "iso_certificate", "patent_certificate",
    ]  # fmt: skip
    assert [cover_application_no(p) for p in pages[1:]] == ["CCIIP2023P00001"] * 4 + ["CCIIP2023S00002"] * 5
    # The parcel's cover goes with the first envelope; separators part nothing.
    assert split_at_covers(pages) == ((0, 5), (5, 10))
    assert "CCIIP2023P00001" in texts(path)[0] and "CCIIP2023S00002" in texts(path)[0]


def test_a_checklist_says_what_the_track_sends_and_what_was_declared(tmp_path: Path) -> None:
    write_covers([SUPPLIER, PARK], tmp_path / "covers.pdf")
    park, supplier = texts(tmp_path / "covers.pdf")
    assert "园区的法人证明材料复印件" in park and "上年度审计报告" not in park and "申报 0 件" not in park
    for told in ("企业基本信息表", "合并后的财务报表", "00120Q310123R1M/1100", "ZL202010000002.X", "申报 3 件", BUREAU):
        assert told in supplier


def test_what_has_no_room_goes_on_on_sheets_that_do_not_cut(tmp_path: Path) -> None:
    many = tuple(Certificate(kind="patent", number=f"ZL2020{i:08d}.X", name="一种方法" * 30) for i in range(50))
    path = tmp_path / "covers.pdf"
    printed = write_covers([SUPPLIER.model_copy(update={"certificates": many}), PARK], path)
    assert printed.envelopes == 2 and printed.sheets > 3
    whole = "".join(texts(path))
    assert all(certificate.number in whole for certificate in many)
    pages = looked_at(path)
    told = [p for page in pages if (p := cover_payload(page)) is not None]
    assert [p.sheet for p in told] == ["envelope", "envelope", *["checklist"] * (len(pages) - 2)]
    assert split_at_covers(pages) == ((0, 1), (1, len(pages)))


def test_rare_signs_and_long_names_are_set_within_the_sheet(tmp_path: Path) -> None:
    names = (
        "𠮷林䶮𫖮职业培训学校",
        "International Business Services Outsourcing (Shanghai) Company Limited " * 3,
        "W" * 190,
    )
    records = [SUPPLIER.model_copy(update={"application_no": f"A{i}", "name": n}) for i, n in enumerate(names)]
    write_covers(records, tmp_path / "covers.pdf")
    with pymupdf.open(tmp_path / "covers.pdf") as document:
        for page in document:
            assert all(x0 >= 0 and x1 <= page.rect.width for x0, _, x1, *_ in page.get_text("words"))
        assert "〓林〓〓职业培训学校" in document[0].get_text()
        # The face is in the file: no machine has to have it.
        assert all(kind == "ttf" for _, kind, *_ in document[0].get_fonts())


def test_latin_letters_stand_as_close_as_they_should() -> None:
    assert typeset.width_of("CMMI", 10) < 0.75 * typeset.width_of("软件软件", 10)


@pytest.mark.parametrize("width", [40.0, 90.0, 400.0])
def test_lines_hold_all_of_a_text_and_fit(width: float) -> None:
    text = "北京（Beijing）Cloud-Sail Software 云帆软件，International2023 有限公司"
    lines = typeset.lines_of(text, 12, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(typeset.width_of(line, 12) <= width + 12 for line in lines)
    assert not any(line.startswith("，") or (width > 50 and line.endswith("（")) for line in lines)


def test_a_department_that_nobody_names_is_said_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there are 北京市海淀区商务局"):
        write_covers([SUPPLIER, FAR], tmp_path / "covers.pdf", department="上海市商务委员会")


def test_a_department_no_code_can_hold_gets_no_parcel_but_its_envelopes(tmp_path: Path) -> None:
    long = SUPPLIER.model_copy(update={"commerce_department": "某|" * 40})
    printed = write_covers([long], tmp_path / "covers.pdf", parcels=True)
    assert (printed.envelopes, printed.parcels, len(printed.problems)) == (1, 0, 1)
