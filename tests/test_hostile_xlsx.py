"""The workbook of a hostile report: cells of text, no formula, no link, no sign that breaks the file, nothing lost."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from poisoned import poisoned_report

from pipeline.report.xlsx_report import MAX_CELL, _plain, write_xlsx

PAYLOADS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","click")',
    '=DDE("cmd";"/C calc";"x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-1+cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "a\n=1+1\n@x",
    "＝1＋1",
    "＋1",
    "http://evil.example/x",
    "mailto:x@evil.example",
    "internal:'Sheet1'!A1",
    "{=1+1}",
    "1e5",
    "-12.50",
    "甲\x00\x1b[31m\x0b乙\ufffe\uffff\ud800丙\u202e丁",
    "_x000D_ &amp; <b> ]]> &#0;",
    "长" * 40_000,
    "😀" * 20_000,
)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("books")
    for number, payload in enumerate(PAYLOADS):
        write_xlsx(poisoned_report(payload), folder / f"{number}.xlsx")
    return [folder / f"{number}.xlsx" for number in range(len(PAYLOADS))]


def test_every_cell_is_text_or_a_number_of_ours(books: list[Path]) -> None:
    for payload, path in zip(PAYLOADS, books, strict=True):
        cells = [c for sheet in openpyxl.load_workbook(path).worksheets for row in sheet.iter_rows() for c in row]
        filled = [c for c in cells if c.value is not None]
        assert filled and {c.data_type for c in filled} <= {"s", "n"}, payload
        assert not any(c.hyperlink for c in cells), payload
        texts = [c.value for c in filled if c.data_type == "s"]
        assert all(isinstance(c.value, int) for c in filled if c.data_type == "n"), payload
        assert not any(re.match(r"[=+@\t\r＝＋＠]", str(text)) for text in texts), payload
        assert sum(_plain(payload) == text for text in texts) >= 8, payload


def test_no_part_of_the_file_holds_a_formula_a_link_or_a_name(books: list[Path]) -> None:
    for path in books:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        for name, data in parts.items():
            tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(data).iter()}
            assert not tags & {"f", "hyperlink", "hyperlinks", "ddeLink", "oleLink", "externalLink"}, name
            assert b'TargetMode="External"' not in data
        assert not [name for name in parts if "external" in name.lower() or "vba" in name.lower()]


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_plain(text: str) -> None:
    plain = _plain(text)
    assert not re.search(r"(?:^|\n)[=+@\t＝＋＠]", plain)
    assert not re.search(r"(?:^|\n)[-－](?![0-9.,]+$)", plain, re.MULTILINE)
    assert not re.search(r"[^\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", plain)
    plain.encode()


@pytest.mark.parametrize("text", ["长" * 40_000, "😀" * 40_000, "=" + "x" * MAX_CELL, "\x1b" * MAX_CELL])
def test_what_is_too_long_for_a_cell_is_cut_and_says_so(text: str) -> None:
    plain = _plain(text)
    assert len(plain.encode("utf-16-le")) // 2 <= MAX_CELL
    assert plain.endswith("…")


@pytest.mark.parametrize("text", ["-12.50", "-3", "2023-09-20", "北京（本部）", "a\nb", "'quoted'", "1,000.00"])
def test_what_is_harmless_stays(text: str) -> None:
    assert _plain(text) == text


@pytest.mark.slow
def test_libreoffice_takes_none_of_it_for_a_formula(books: list[Path], tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    command = [office, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), *map(str, books[:12])]
    subprocess.run(command, check=True, capture_output=True, timeout=300, env={"HOME": str(tmp_path)})
    for path in books[:12]:
        table = (tmp_path / f"{path.stem}.csv").read_text(encoding="utf-8", errors="replace")
        assert "#NAME?" not in table and "Err:" not in table
