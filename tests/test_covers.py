"""Cover sheets are read back by the intake that they are printed for."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from checks_builders import record

from pipeline.errors import BadInput
from pipeline.intake.look import look
from pipeline.intake.open import open_scan
from pipeline.intake.split import cover_application_no, split_at_covers
from pipeline.model import Page, Record
from pipeline.report.covers import write_covers
from pipeline.settings import Bounds


def test_covers_come_back_as_covers(tmp_path: Path) -> None:
    records = [
        Record(application_no="CCIIP2023S00002", track="supplier", name="北京云帆软件股份有限公司"),
        Record(application_no="CCIIP2023P00001", track="park", name="某市" + "高新技术产业开发区" * 4 + "管理委员会"),
    ]
    path = tmp_path / "covers.pdf"
    write_covers(records, path)
    pages: list[Page] = []
    with open_scan(path, bounds=Bounds()) as scan:
        for index in range(scan.page_count):
            looked = look(scan.image(index), number=index + 1, file="c", index=index, sha256="", dpi=200)
            pages.append(looked.page)
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
    problems = write_covers(HOSTILE, tmp_path / "covers.pdf")
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
