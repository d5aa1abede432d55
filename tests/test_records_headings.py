"""Tables as people make them: titles, headings in several rows with merged cells, units that stand over a column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.errors import BadRecords
from pipeline.records import load_records
from pipeline.records.grid import from_cells
from pipeline.records.headings import LABELS

Rows = Sequence[Sequence[object]]

DATA = ("S1", "供应商", "甲公司", 5000, 300005000, 200000000, 320)
TWO_LEVELS: Rows = [
    ("服务外包企业申报一览表",),
    ("申报编号", "申报类别", "企业名称", "注册资本（万元）", "上年度经营情况（元）", None, "员工总数"),
    (None, None, None, None, "营业收入", "服务外包业务收入", None),
    DATA,
]
GROUPS: Rows = [
    ("基本信息", None, None, None, "经营情况（元）", None, "人员"),
    ("申报编号", "申报类别", "企业名称", "注册资本（万元）", "营业收入", "服务外包业务收入", "员工总数"),
    DATA,
]
THREE_LEVELS: Rows = [
    ("基本信息", None, None, None, "经营情况", None, None),
    ("申报编号", "申报类别", "企业名称", "注册资本（万元）", "上年度（元）", None, "人员"),
    (None, None, None, None, "营业收入", "服务外包业务收入", "员工总数"),
    DATA,
]
OVER_ALL: Rows = [
    ("服务外包企业申报一览表",),
    ("填表日期：2023-09-10", None, None, None, None, "金额单位：元"),
    ("申报编号", "申报类别", "企业名称", "注册资本（万元）", "营业收入", "服务外包业务收入", "员工总数"),
    DATA,
]


def workbook(path: Path, rows: Rows, merged: Sequence[str] = ()) -> str:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return str(path)


def table(path: Path, rows: Rows, encoding: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return str(path)


@pytest.mark.parametrize("rows", [TWO_LEVELS, GROUPS, THREE_LEVELS, OVER_ALL], ids=["two", "groups", "three", "over"])
def test_headings_in_several_rows(tmp_path: Path, rows: Rows) -> None:
    sources = [
        workbook(tmp_path / "a.xlsx", rows),
        table(tmp_path / "bom.csv", rows, "utf-8-sig"),
        table(tmp_path / "gb.csv", rows, "gb18030"),
    ]
    for source in sources:
        loaded = load_records(source)
        assert not loaded.problems
        (record,) = loaded.records
        assert (record.application_no, record.track, record.name, record.staff) == ("S1", "supplier", "甲公司", 320)
        assert record.registered_capital == Decimal(5000)
        assert record.operating_revenue == Decimal("30000.5") and record.outsourcing_revenue == Decimal(20000)


def test_merged_cells_of_a_workbook(tmp_path: Path) -> None:
    merged = ("A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2", "G2:G3")
    (record,) = load_records(workbook(tmp_path / "a.xlsx", TWO_LEVELS, merged)).records
    assert record.operating_revenue == Decimal("30000.5") and record.staff == 320


def test_a_first_row_of_data_is_no_heading(tmp_path: Path) -> None:
    rows: Rows = [
        ("申报编号", "申报类别", "名称", "营业收入", "备注"),
        (None, "园区", "名称", None, None),  # a row somebody began and left
        ("2", "园区", "乙园", "1", "地址"),
    ]
    loaded = load_records(table(tmp_path / "a.csv", rows, "utf-8"))
    assert [r.application_no for r in loaded.records] == ["2"]
    assert "row 2: left out, application_no is missing" in loaded.problems[0]


def test_a_unit_of_its_own_counts_more_than_one_above(tmp_path: Path) -> None:
    rows: Rows = [
        ("单位：元",),
        ("申报编号", "申报类别", "名称", "注册资本（万元）", "营业收入"),
        ("1", "园区", "甲", "7", "70000"),
    ]
    (record,) = load_records(table(tmp_path / "a.csv", rows, "utf-8")).records
    assert (record.registered_capital, record.operating_revenue) == (7, 7)


@given(
    st.lists(st.lists(st.sampled_from([None, "", "x", "1", *(v[0] for v in LABELS.values())]), max_size=9), max_size=8)
)
def test_any_table_has_headings_or_none(rows: list[list[str | None]]) -> None:
    lines = list(enumerate(rows, 1))
    try:
        found = from_cells(lines, path=Path("a.csv"))
    except BadRecords:
        return
    places = [int(row.where.split()[1]) for row in found.rows]
    assert places == sorted(places) and set(places) <= {number for number, _ in lines}
