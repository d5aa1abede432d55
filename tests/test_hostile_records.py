"""Files of records that blow up, lie about their size, name other files or say two things at once.

Each ends in one sentence, in bounded memory and time: what can be large is read by a process that is walled in.
"""

from __future__ import annotations

import functools
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import records
from pipeline.errors import BadRecords
from pipeline.records import load_records
from pipeline.records.apart import read_apart
from pipeline.records.headings import LABELS
from pipeline.records.sources import read_here

ROOT = Path(__file__).parent.parent
GOOD = {"application_no": "CCIIP2023S00001", "track": "supplier", "name": "北京云帆软件股份有限公司"}
MEMORY = 150_000_000  # bytes on top of a Python at rest
SECONDS = 3

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(10))
    + "]>"
)
QUADRATIC = f'<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "{"x" * 50_000}">]>'
SECRET_FILE = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'
NETWORK = '<?xml version="1.0"?><!DOCTYPE r SYSTEM "http://127.0.0.1:9/evil.dtd">'
BOMBS = {"laughs": (LAUGHS, "&j;"), "quadratic": (QUADRATIC, "&a;" * 2_000), "file": (SECRET_FILE, "&xxe;")}
PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
    "[Content_Types].xml",
    "docProps/core.xml",
    "xl/theme/theme1.xml",
)


def told(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of a file by a process that may not take more than its share; this one hears JSON only."""
    monkeypatch.setattr(records.sources, "read_apart", functools.partial(read_apart, memory=MEMORY, seconds=SECONDS))
    try:
        loaded = load_records(str(path))
    except BadRecords as error:
        assert "\n" not in error.message and len(error.message) < 500
        return f"refused {error.message}"
    return f"loaded {len(loaded.records)}"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    with xlsxwriter.Workbook(str(tmp_path / "records.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(GOOD))
        sheet.write_row(1, 0, list(GOOD.values()))
    return tmp_path / "records.xlsx"


def changed(path: Path, change: Callable[[str, bytes], bytes], **more: bytes) -> Path:
    """The workbook with its parts changed, and with parts more."""
    with zipfile.ZipFile(path) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    other = path.with_name("changed.xlsx")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in {**parts, **more}.items():
            new.writestr(name, data)
    return other


def with_type(data: bytes, declared: str, used: str) -> bytes:
    """A part with a document type before its root, used in the first text of it."""
    text = data.decode()
    body = text[text.index("?>") + 2 :] if text.startswith("<?xml") else text
    head, _, tail = body.partition(">")
    return (declared + head + ">" + used + tail).encode()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("bomb", BOMBS)
def test_no_part_of_a_workbook_may_define_entities(part: str, bomb: str, workbook: Path) -> None:
    hostile = changed(workbook, lambda name, data: with_type(data, *BOMBS[bomb]) if name == part else data)
    with zipfile.ZipFile(hostile) as book:
        assert b"<!DOCTYPE" in book.read(part)
    with pytest.raises(BadRecords, match="entities of its own") as refused:
        read_here(hostile)
    assert "root:" not in refused.value.message and "\n" not in refused.value.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-be", "latin-1"])
def test_no_encoding_and_no_place_hides_a_document_type(encoding: str, workbook: Path) -> None:
    def hide(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        named = {"utf-8-sig": "utf-8", "utf-16-be": "utf-16"}.get(encoding, encoding)
        text = with_type(data, LAUGHS, "&j;").decode().replace('version="1.0"', f'version="1.0" encoding="{named}"')
        body = text.replace("<!DOCTYPE", f"<!-- {'x' * 100_000} --><!DOCTYPE")
        return (b"\xfe\xff" if encoding == "utf-16-be" else b"") + body.encode(encoding, "xmlcharrefreplace")

    with pytest.raises(BadRecords, match="entities of its own"):
        read_here(changed(workbook, hide))


def test_a_type_that_lies_elsewhere_is_not_fetched(workbook: Path) -> None:
    hostile = changed(workbook, lambda name, data: with_type(data, NETWORK, "") if "sheet1" in name else data)
    with pytest.raises(BadRecords, match="entities of its own"):
        read_here(hostile)


def test_a_sheet_under_another_name_is_looked_at_too(workbook: Path) -> None:
    def elsewhere(name: str, data: bytes) -> bytes:
        return data.replace(b"worksheets/sheet1.xml", b"media/image1.png")

    with zipfile.ZipFile(workbook) as book:
        sheet = with_type(book.read("xl/worksheets/sheet1.xml"), LAUGHS, "&j;")
    with pytest.raises(BadRecords, match="entities of its own"):
        read_here(changed(workbook, elsewhere, **{"xl/media/image1.png": sheet}))


def test_a_workbook_that_is_sound_is_read(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [r.application_no for r in load_records(str(workbook)).records] == [GOOD["application_no"]]
    assert told(workbook, monkeypatch).startswith("loaded 1")


def sheet_of(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def _with(workbook: Path, part: str, data: bytes) -> Path:
    return changed(workbook, lambda name, old: data if name == part else old)


SHEET, STYLES, STRINGS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "data"),
    [
        pytest.param(SHEET, lambda: b"\0" * 60_000_000, id="zeros"),
        pytest.param(SHEET, lambda: b"<a>" * 3_000_000, id="depth"),
        pytest.param(SHEET, lambda: sheet_of("<row>" + "<c/>" * 2_000_000 + "</row>"), id="one row"),
        pytest.param(STYLES, lambda: b"<styleSheet>" + b"<xf/>" * 2_000_000 + b"</styleSheet>", id="styles"),
        pytest.param(STRINGS, lambda: b"<sst>" + b"<si><t>x</t></si>" * 4_000_000 + b"</sst>", id="shared strings"),
        pytest.param(SHEET, lambda: sheet_of('<row r="999999999999"><c><v>1</v></c></row>'), id="a row far away"),
        pytest.param(SHEET, lambda: sheet_of('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>'), id="a cell far away"),
        pytest.param(SHEET, lambda: sheet_of(f"<row><c><v>{'9' * 1_000_000}</v></c></row>"), id="a million digits"),
        pytest.param(SHEET, lambda: sheet_of("<row/>" * 3_000_000), id="empty rows"),
    ],
)
def test_workbooks_that_blow_up(
    part: str, data: Callable[[], bytes], workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = _with(workbook, part, data())
    assert hostile.stat().st_size < 10_000_000
    assert told(hostile, monkeypatch).startswith("refused The ")


def test_zip_tricks(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tmp_path / "many.xlsx"
    names = [f"{number:05}".encode() for number in range(65_000)]
    entries = b"".join(struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 9, 5, *[0] * 6) + name for name in names)
    many.write_bytes(entries + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_000, 65_000, len(entries), 0, 0))
    assert "parts: split it" in told(many, monkeypatch)
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 10_000_000)
    nested = changed(workbook, lambda name, data: inner.read_bytes() if "sheet1" in name else data)
    assert told(nested, monkeypatch).startswith("refused")
    huge = tmp_path / "huge.xlsx"
    huge.write_bytes(workbook.read_bytes().replace(b"PK\x01\x02", b"PK\x01\x02", 1))
    lied = bytearray(huge.read_bytes())
    for place in range(len(lied) - 4):  # sizes in the list at the end: 4 GB each
        if lied[place : place + 4] == b"PK\x01\x02":
            lied[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)
    huge.write_bytes(lied)
    assert "unpacks to more than" in told(huge, monkeypatch)
    for place in range(len(lied) - 4):  # … and 10 bytes each, where there are more
        if lied[place : place + 4] == b"PK\x01\x02":
            lied[place + 24 : place + 28] = struct.pack("<I", 10)
    huge.write_bytes(lied)
    assert told(huge, monkeypatch).startswith("refused")


# ------------------------------------------------------------------------------------------- JSON, JSONL and CSV


def test_numbers_written_to_keep_a_machine_busy_cost_their_row(tmp_path: Path) -> None:
    long = "9" * 1_000_000
    numbers = (
        long,
        f"0.{long}",
        "1e999999999",
        "1e-999999999",
        "0e999999999",
        "1e99999999999999999999",
        "-1E+400000000",
    )
    fields = ("name", "staff", "operating_revenue", "uscc", "established", "submitted_at", "certificates", "mobile")
    rows = [json.dumps(GOOD, ensure_ascii=False)]
    for field in fields:
        for number in numbers:
            row = json.dumps({**GOOD, "application_no": str(len(rows)), field: "@"})
            rows.append(row.replace('"@"', number))
    path = tmp_path / "a.json"
    path.write_text("[" + ",".join(rows) + "]")
    assert path.stat().st_size > 4_000_000, "read in a process of its own"
    loaded = load_records(str(path))
    assert loaded.records[0].name == GOOD["name"]
    assert len(loaded.problems) > 30 and len(loaded.records) + len(loaded.problems) == len(rows)
    assert max(map(len, loaded.problems)) < 500
    small = tmp_path / "b.jsonl"
    small.write_text("\n".join(row for row in rows if len(row) < 1_000))
    here = load_records(str(small))
    assert len(here.records) + len(here.problems) == sum(len(row) < 1_000 for row in rows)


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_an_object_that_says_two_things_is_left_out(suffix: str, tmp_path: Path) -> None:
    good = json.dumps(GOOD, ensure_ascii=False)
    twice = good[:-1].replace("00001", "00002") + ', "name": "另一家公司"}'
    same = good[:-1].replace("00001", "00003") + f', "name": {json.dumps(GOOD["name"])}}}'
    inner = good[:-1].replace("00001", "00004") + ', "certificates": [{"kind": "cmmi", "number": "1", "number": "2"}]}'
    rows = (good, twice, same, inner)
    path = tmp_path / f"a.{suffix}"
    path.write_text("[" + ",".join(rows) + "]" if suffix == "json" else "\n".join(rows))
    loaded = load_records(str(path))
    assert [r.application_no[-1] for r in loaded.records] == ["1", "3"]
    assert len(loaded.problems) == 2
    assert "names name twice" in loaded.problems[0] and "names number twice" in loaded.problems[1]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_json(constant: str, tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text(
        json.dumps(GOOD) + f'\n{{"application_no": "2", "track": "park", "name": "x", "staff": {constant}}}'
    )
    loaded = load_records(str(lines))
    assert len(loaded.records) == 1 and "line 2" in loaded.problems[0]


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "sNaN", "1e999", "9" * 5_000, "0x10", "१२", "١٢"])
@pytest.mark.parametrize("field", ["staff", "operating_revenue"])
def test_words_for_no_number_are_malformed_or_nothing(text: str, field: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"application_no,track,name,{field}\n1,park,甲,{text}\n2,park,乙,3\n", encoding="utf-8")
    loaded = load_records(str(path))
    values = {r.application_no: getattr(r, field) for r in loaded.records}
    assert values["2"] == 3
    assert "1" not in values or values["1"] is None or (text == "१२" or text == "١٢")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.json", lambda: b"[" * 12_000_000, id="deep"),
        pytest.param("a.json", lambda: b'{"a":' * 4_000_000, id="deep objects"),
        pytest.param("a.json", lambda: b"[" + b"[]," * 6_000_000 + b"[]]", id="lists"),
        pytest.param("a.json", lambda: b'[{"name":"' + b"x" * 12_000_000 + b'"}]', id="one long text"),
        pytest.param("a.json", lambda: b"9" * 12_000_000, id="one long number"),
        pytest.param("a.jsonl", lambda: b"\n" * 12_000_000, id="lines of nothing"),
        pytest.param("a.jsonl", lambda: b"[]\n" * 300_000, id="lines that are no objects"),
        pytest.param("a.csv", lambda: b"\n" * 12_000_000, id="rows of nothing"),
        pytest.param("a.csv", lambda: b"application_no,track,name\n" + b"1,2,3\n" * 300_000, id="rows"),
        pytest.param("a.csv", lambda: b"," * 12_000_000, id="columns"),
        pytest.param("a.csv", lambda: b"application_no,track,name\n1,park," + b"x" * 10_000_000, id="one long cell"),
        pytest.param("a.csv", lambda: b'application_no,track,name\n1,park,"' + b"x\n" * 5_000_000, id="open quote"),
        pytest.param("a.csv", lambda: b"\0" * 12_000_000, id="NULs"),
    ],
)
def test_text_that_blows_up(
    name: str, content: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(content())
    assert told(path, monkeypatch).startswith("refused The records")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe" + "application_no,track,name\n1,park,甲".encode("utf-16-le"),
        b"\xef\xbb\xbf" + "application_no,track,name\n1,park,甲".encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + "application_no,track,name\n1,park,甲".encode(),
        "application_no,track,name\n1,park,甲".encode("gb18030"),
        "application_no,track,name\n1\0,park,甲\0\0".encode(),
    ],
)
def test_marks_and_encodings(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    record = load_records(str(path)).records[0]
    assert (record.application_no, record.name) == ("1", "甲")


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16-le", "utf-7", "cp037"])
def test_encodings_that_nobody_meant(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps([GOOD], ensure_ascii=encoding == "cp037").encode(encoding))
    try:
        loaded = load_records(str(path))
    except BadRecords as error:
        assert "\n" not in error.message
    else:
        assert encoding == "utf-7" and loaded.records


def test_wide_tables_are_cut_before_they_cost_anything(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("application_no,track,name" + ",x" * 100_000 + "\n1,park,甲" + ",y" * 100_000 + "\n")
    assert load_records(str(path)).records[0].name == "甲"


# --------------------------------------------------------------------------------- the process that reads them


def test_a_reader_that_is_out_of_memory_or_time_is_one_sentence(workbook: Path, tmp_path: Path) -> None:
    big = tmp_path / "a.json"
    big.write_bytes(b"[" + b"[]," * 5_000_000 + b"[]]")
    with pytest.raises(BadRecords, match="more than 100 MB of memory"):
        read_apart(big, memory=100_000_000)
    with pytest.raises(BadRecords, match="long"):
        read_apart(big, seconds=1)
    assert read_apart(workbook).records == load_records(str(workbook)).records


def test_what_the_reader_is_told_holds_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch, workbook: Path) -> None:
    seen: list[dict[str, str]] = []
    real = subprocess.run

    def watched(*arguments: object, **keywords: object) -> object:
        seen.append(keywords["env"])  # type: ignore[arg-type]
        return real(*arguments, **keywords)  # type: ignore[call-overload]

    monkeypatch.setenv("RECORDS_URL", "postgresql://u:hunter2secret@h/db")
    monkeypatch.setattr(subprocess, "run", watched)
    read_apart(workbook)
    assert seen and "hunter2secret" not in str(seen)


@pytest.mark.parametrize("answer", [b"", b"{", b'{"records": [{"application_no": 1}]}', b'{"x": 1}', b"[]"])
def test_a_reader_that_talks_nonsense_is_not_believed(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess([], -9, stdout=answer)
    monkeypatch.setattr("pipeline.records.apart.subprocess.run", lambda *_, **__: done)
    with pytest.raises(BadRecords, match="break what reads them"):
        read_apart(Path("a.xlsx"))


def test_the_reader_has_no_other_file_and_no_network(workbook: Path) -> None:
    from pipeline.walls import walls_here

    code = (
        "import socket, sys; from pathlib import Path; from pipeline.records.inside import _wall_in\n"
        "_wall_in(Path(sys.argv[1]), 400_000_000, 10); open(sys.argv[1], 'rb').read(10)\n"
        "for name, attempt in (('files', lambda: open('/etc/passwd')), ('network', lambda: socket.socket()),\n"
        "                      ('files', lambda: open(sys.argv[1] + '.new', 'w'))):\n"
        "    try:\n        attempt()\n"
        "    except OSError:\n        continue\n"
        "    print(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(workbook)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    open_ways = set(done.stdout.split())
    assert not open_ways & walls_here()
    if walls_here() < {"files", "network", "memory"}:
        pytest.skip(f"this machine builds only these walls: {sorted(walls_here())}")


UNSEEN = ("\u200b", "\u202e", "\u2066", "\u2069", "\u2060", "\xad", "\x85", "\x9b", "\U000e0041", "\0")


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_name_with_a_sign_that_nobody_sees_is_the_name(unseen: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    name = GOOD["name"][:3] + unseen + GOOD["name"][3:]
    path.write_text(json.dumps([{**GOOD, "name": name, "application_no": f"{unseen}1"}]), encoding="utf-8")
    record = load_records(str(path)).records[0]
    assert (record.name, record.application_no) == (GOOD["name"], "1")


# -------------------------------------------------------------------------------------------- anything, in any field

NUMBERS = ("1e400", "-0", "0e5", "1E-400", "-0.0", "1e20", "1e-21", "9" * 900, "0." + "0" * 900 + "1", "1e1000", "1e8")
THINGS = ("null", "true", "false", "[]", "{}", '""', "[[[[]]]]", '"\\ud800"', '"\\u0000"', '"[{"', '"[1e999]"')
PAPERS = ('[{"kind":1}]', '[{"kind":"cmmi","valid_until":1e9}]', '{"kind":null}', '"[{\\"kind\\": NaN}]"')
DAYS = ('"9999-99-99"', '"0000-00-00"', '"2023-02-30"', '"２０２３年９月１０日"', "20230910", '"-1"')
TOKENS = st.one_of(
    st.sampled_from((*NUMBERS, *THINGS, *PAPERS, *DAYS)),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.text(max_size=20).map(json.dumps),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.dictionaries(st.sampled_from(sorted(LABELS)), TOKENS, max_size=6),
    suffix=st.sampled_from(["json", "jsonl"]),
)
def test_any_value_in_any_field_costs_at_most_its_row(values: dict[str, str], suffix: str, tmp_path: Path) -> None:
    given_ = {**{key: json.dumps(value) for key, value in GOOD.items()}, **values}
    row = "{" + ", ".join(f'"{key}": {value}' for key, value in given_.items()) + "}"
    good = json.dumps({**GOOD, "application_no": "another"})
    path = tmp_path / f"any.{suffix}"
    path.write_text(f"[{row}, {good}]" if suffix == "json" else f"{row}\n{good}\n", encoding="utf-8")
    loaded = load_records(str(path))
    assert len(loaded.records) + len(loaded.problems) in (1, 2)
    assert loaded.records[-1].application_no == "another"
    assert all("\n" not in problem and len(problem) < 2_000 for problem in loaded.problems)
