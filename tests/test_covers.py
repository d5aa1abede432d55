"""Cover sheets are read back by the intake that they are printed for."""

from __future__ import annotations

from pathlib import Path

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
