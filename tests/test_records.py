"""Record sources: the same rows whatever the file, and what happens to rows and files that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.errors import BadRecords
from pipeline.model import Certificate, Record
from pipeline.records import load_records
from pipeline.records.convert import Malformed, convert
from pipeline.records.headings import LABELS, field_of

GOOD = {
    "application_no": "CCIIP2023S00001",
    "track": "supplier",
    "name": "北京华信软件有限公司",
    "previous_names": ["北京旧信软件有限公司"],
    "uscc": "91110108MA01EBFH9B",
    "established": "2018-03-05",
    "registered_capital": "1000",
    "operating_revenue": "30000.50",
    "staff": 320,
    "functions": ["测试外包服务", "物联网"],
    "certificates": [{"kind": "iso27001", "number": "016ZB20I31234R2M", "valid_until": "2024-12-01"}],
    "submitted_at": "2023-09-10T12:00:00+08:00",
}
HEADINGS = (
    "申报编号",
    "申报类别",
    "企业名称",
    "曾用名",
    "统一社会信用代码",
    "成立日期",
    "注册资本（万元）",
    "上年度营业收入（元）",
    "员工总数",
    "功能领域",
    "资质证书",
    "提交时间",
)
CELLS = (
    "CCIIP2023S00001",
    "服务外包供应商",
    "北京华信软件有限公司",
    "北京旧信软件有限公司",
    "9111 0108 MA01 EBFH 9B",
    "2018年3月5日",
    "1,000",
    "300,005,000.00",
    "320人",
    "测试外包服务；物联网",
    "ISO27001:016ZB20I31234R2M 2024-12-01",
    "2023-09-10T12:00:00+08:00",
)


def _json(path: Path, rows: object) -> str:
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return str(path)


def _csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> str:
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows) + "\r\n"
    path.write_bytes(text.encode(encoding))
    return str(path)


def _xlsx(path: Path, rows: Sequence[Sequence[object]], formats: Sequence[str] = ()) -> str:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for column, number_format in enumerate(formats, 1):
        if not number_format:
            continue
        for cells in sheet.iter_rows(min_col=column, max_col=column):
            cells[0].number_format = number_format
    workbook.save(path)
    return str(path)


def _is_good(record: Record) -> None:
    assert record.application_no == "CCIIP2023S00001" and record.track == "supplier"
    assert record.name == "北京华信软件有限公司" and record.previous_names == ("北京旧信软件有限公司",)
    assert record.uscc == "91110108MA01EBFH9B" and record.established == date(2018, 3, 5)
    assert record.registered_capital == 1000 and record.operating_revenue == Decimal("30000.50")
    assert record.staff == 320 and record.functions == ("测试外包服务", "物联网")
    (certificate,) = record.certificates
    assert (certificate.kind, certificate.number) == ("iso27001", "016ZB20I31234R2M")
    assert certificate.valid_until == date(2024, 12, 1)
    assert record.submitted_at == datetime.fromisoformat("2023-09-10T12:00:00+08:00")


def test_every_source_brings_the_same_record(tmp_path: Path) -> None:
    sources = [
        _json(tmp_path / "a.json", [GOOD]),
        _json(tmp_path / "wrapped.JSON", {"records": [GOOD]}),
        _json(tmp_path / "a.jsonl", GOOD),
        _csv(tmp_path / "plain.csv", [HEADINGS, CELLS]),
        _csv(tmp_path / "bom.csv", [HEADINGS, CELLS], "utf-8-sig"),
        _csv(tmp_path / "gb.csv", [HEADINGS, CELLS], "gb18030"),
        _csv(tmp_path / "utf16.csv", [HEADINGS, CELLS], "utf-16", "\t"),
        _csv(tmp_path / "turned.csv", [["", "申报一览"], [], HEADINGS[::-1], CELLS[::-1]], delimiter=";"),
        _xlsx(tmp_path / "a.xlsx", [["申报一览表"], HEADINGS, CELLS]),
    ]
    for source in sources:
        loaded = load_records(source)
        assert not loaded.problems, source
        (record,) = loaded.records
        _is_good(record)


def test_declared_decimals_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '[{"application_no": "1", "track": "park", "name": "n", "operating_revenue": 3000.50, "staff": 5.0}]'
    )
    (record,) = load_records(str(path)).records
    assert str(record.operating_revenue) == "3000.50" and record.staff == 5
    for text, unit, shown in (
        ("3000.50万元", None, "3000.50"),
        ("30,005,000.00", "元", "3000.500000"),
        ("0.3亿元", None, "3000"),
    ):
        assert str(convert("operating_revenue", text, unit=unit)) == shown


def test_workbook_cells_keep_type_and_shown_decimals(tmp_path: Path) -> None:
    heads = ("application_no", "track", "name", "established", "submitted_at", "operating_revenue", "staff", "mobile")
    row = (20230001, "park", "某园", datetime(2018, 3, 5), datetime(2023, 9, 1, 8, 30), 3000.5, 12, 13800138000)
    source = _xlsx(tmp_path / "a.xlsx", [heads, row], [""] * 5 + ["#,##0.00"])
    (record,) = load_records(source).records
    assert (record.application_no, record.mobile, record.staff) == ("20230001", "13800138000", 12)
    assert record.established == date(2018, 3, 5) and record.submitted_at == datetime(2023, 9, 1, 8, 30)
    assert str(record.operating_revenue) == "3000.50"


def test_codes_that_excel_rounded_are_named(tmp_path: Path) -> None:
    rows = [("application_no", "track", "name", "uscc"), ("1", "park", "a", 914403001922038216), ("2", "park", "b", "")]
    loaded = load_records(_xlsx(tmp_path / "a.xlsx", rows))
    assert [r.application_no for r in loaded.records] == ["2"] and "lost digits" in loaded.problems[0]


def test_rows_that_cannot_be_used_are_named_and_left_out(tmp_path: Path) -> None:
    rows = [
        GOOD,
        {**GOOD, "application_no": "A2", "established": "2018-13-05"},
        {**GOOD, "application_no": "A3", "operating_revenue": "三千多"},
        {**GOOD, "application_no": "A4", "staff": "3.5"},
        {**GOOD, "application_no": "A5", "track": "other"},
        {"application_no": "A6", "track": "park"},
        {"track": "park", "name": "x"},
        {**GOOD, "application_no": "A7", "certificates": [{"kind": "diploma", "number": "1"}]},
        {**GOOD, "application_no": "A8", "submitted_at": "yesterday"},
        {**GOOD, "application_no": "A9", "name": {"zh": "x"}},
        "no object",
    ]
    loaded = load_records(_json(tmp_path / "a.json", rows))
    assert [r.application_no for r in loaded.records] == ["CCIIP2023S00001"]
    assert len(loaded.problems) == 10
    for field, problem in zip(
        (
            "established",
            "operating_revenue",
            "staff",
            "track",
            "name and uscc",
            "application_no",
            "certificates",
            "submitted_at",
        ),
        loaded.problems,
        strict=False,
    ):
        assert field in problem
    assert "record 2 (A2)" in loaded.problems[0] and "2018-13-05" in loaded.problems[0]
    assert all("\n" not in problem and problem.endswith(".") for problem in loaded.problems)


@pytest.mark.parametrize(
    "written",
    [
        "2018-03-05",
        "2018-03-04T16:00:00.000Z",
        "2018-03-04T16:00:00+00:00",
        "2018-03-05T00:00:00Z",
        "2018-03-05T00:00:00+08:00",
        "2018-03-05 00:00:00",
        datetime.fromisoformat("2018-03-04T16:00:00+00:00"),
    ],
)
def test_a_day_is_a_day_in_china(written: object) -> None:
    assert convert("established", written) == date(2018, 3, 5)


def test_a_failing_check_digit_is_no_matter_of_form(tmp_path: Path) -> None:
    loaded = load_records(_json(tmp_path / "a.json", [{**GOOD, "uscc": "91350100M0001TGQXM", "mobile": "12345"}]))
    assert loaded.records[0].uscc == "91350100M0001TGQXM" and not loaded.problems


def test_duplicates(tmp_path: Path) -> None:
    other = {**GOOD, "application_no": "B", "name": "乙"}
    rows = [GOOD, other, {**other, "name": "丙"}, dict(GOOD)]
    loaded = load_records(_json(tmp_path / "a.json", rows))
    assert [r.application_no for r in loaded.records] == ["CCIIP2023S00001"]
    (problem,) = loaded.problems
    assert "B" in problem and "record 2" in problem and "record 3" in problem


def test_a_row_shifted_by_a_separator_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "application_no,track,name,operating_revenue\n1,park,甲,3,000.00\n2,park,乙,3000\n", encoding="utf-8"
    )
    loaded = load_records(str(path))
    assert [r.application_no for r in loaded.records] == ["2"] and "row 2" in loaded.problems[0]


def test_broken_lines_cost_themselves_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(GOOD) + "\n{broken\n\n" + json.dumps({**GOOD, "application_no": "2"}) + "\n")
    loaded = load_records(str(path))
    assert len(loaded.records) == 2 and "line 2" in loaded.problems[0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b"", "empty"),
        ("a.json", b"[]", "application_no"),
        ("a.json", b"{", "JSON"),
        ("a.json", b"5", "array"),
        ("a.json", b'[{"application_no": NaN}]', "NaN"),
        ("a.json", b"[" * 200_000, "JSON"),
        ("a.json", b'[{"track": "park", "name": "x"}]', "application_no"),
        ("a.json", b'[{"application_no": "1", "name": "x"}]', "track"),
        ("a.json", b'[{"application_no": "1", "track": "park"}]', "name"),
        ("a.json", b'[{"application_no": "1", "track": "x", "name": "x"}]', "usable"),
        ("a.json", b"\xff\x00\x81\x30", "text"),
        ("a.jsonl", b"x\ny\n", "JSON"),
        ("a.csv", b"x,y,z\n1,2,3\n", "headings"),
        ("a.csv", b"application_no,track\n1,park\n", "name"),
        ("a.csv", b"application_no,track,name\n", "usable"),
        ("a.csv", b"\x81", "text"),
        ("a.xlsx", b"PK\x03\x04 broken", "XLSX"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 encrypted", "XLSX"),
        ("a.xls", b"x", ".xls"),
        ("records", b"x", "without an ending"),
    ],
)
def test_sources_that_cannot_be_used(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadRecords) as refused:
        load_records(str(path))
    assert says in refused.value.message and "\n" not in refused.value.message


@pytest.mark.parametrize(
    "source", ["nowhere.json", "http://user:secret@host/records", "postgresql://u:secret@h/db#t", "a\x00.json"]
)
def test_sources_that_are_not_there(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.records.http.FIRST_WAIT", 0.0)
    with pytest.raises(BadRecords) as refused:
        load_records(source)
    assert "secret" not in refused.value.message


def test_a_source_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([GOOD]))
    monkeypatch.setenv("WHERE_THEY_ARE", str(path))
    assert load_records("env:WHERE_THEY_ARE") == load_records(str(path))
    monkeypatch.setenv("WHERE_THEY_ARE", "postgresql://u:hunter2secret@h/db")
    for source in ("env:WHERE_THEY_ARE", "env:NOT_SET", "env:", "env:a=b", "env:../x"):
        with pytest.raises(BadRecords) as refused:
            load_records(source)
        assert "hunter2secret" not in refused.value.message


def test_a_folder_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match="no file"):
        load_records(str(tmp_path))


def test_headings_of_contract() -> None:
    for field, labels in LABELS.items():
        assert field in Record.model_fields
        for label in (field, field.upper(), *labels, f"{labels[0]}（必填）", f" * {labels[0]} "):
            assert field_of(label) == field, label
    assert set(LABELS) == set(Record.model_fields)
    assert field_of("大学（含）以上学历人数") == "degree_staff"
    assert field_of("注册资本（万元）") == "registered_capital"
    assert field_of("备注") is None


def test_certificates_in_a_cell() -> None:
    assert convert("certificates", '[{"kind": "patent", "number": "ZL1"}]') == (
        Certificate(kind="patent", number="ZL1"),
    )
    words = convert("certificates", "高新技术企业 GR202111000001；CMMI5级；软著：2014SR001852、其他")
    assert isinstance(words, tuple)
    assert [(c.kind, c.number) for c in words] == [
        ("hi_tech", "GR202111000001"),
        ("cmmi", ""),
        ("software_copyright", "2014SR001852"),
        ("other", ""),
    ]
    assert convert("certificates", "无") == ()
    with pytest.raises(Malformed):
        convert("certificates", "[{broken")


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "number", "valid_until"]), inner)
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(LABELS)), ANY)
def test_any_value_is_converted_or_malformed(field: str, value: object) -> None:
    try:
        converted = convert(field, value)
    except Malformed:
        return
    base = {"application_no": "1", "track": "park"}
    Record.model_validate(base | ({field: converted} if converted is not None else {}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(content=st.binary(max_size=200), suffix=st.sampled_from([".json", ".jsonl", ".csv", ".xlsx"]))
def test_no_file_breaks_the_sources(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    with pytest.raises(BadRecords):
        load_records(str(path))
