"""Hostile record files: JSON, JSONL, CSV and XLSX that lie, break off, or mean harm."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import openpyxl

from samples.fuzz.payloads import PIECES
from samples.fuzz.spoil import odd_number, spoilt

__all__ = ["hostile_records"]

ROW: dict[str, Any] = {
    "application_no": "CCIIP2023S00001",
    "track": "supplier",
    "name": "北京云帆软件股份有限公司",
    "uscc": "91110108MA01ABCD1X",
    "established": "2010-05-06",
    "operating_revenue": "35000.00",
    "staff": 320,
    "functions": ["软件研发"],
    "certificates": [{"kind": "iso9001", "number": "X1", "name": "", "issuer": "", "valid_until": "2024-01-01"}],
    "submitted_at": "2023-09-01T10:00:00",
    "previous_names": [],
    "email": "a@example.org",
    "mobile": "13912345678",
}
TRACKS = ("park", "training", "none", None, 7)


def hostile_records(rng: Random) -> tuple[str, bytes]:
    """The ending of the file, and what is in it."""
    rows = [dict(ROW, application_no=f"CCIIP2023S{n:05d}") for n in range(rng.choice((1, 3, 20)))]
    for _ in range(rng.choice((1, 2, 5))):
        rng.choice(rows)[rng.choice((*ROW, "track", rng.choice(PIECES)))] = _value(rng)
    suffix, data = rng.choice((_json, _jsonl, _csv, _xlsx))(rows, rng)
    return suffix, spoilt(data, rng) if rng.random() < 0.35 else data


def _value(rng: Random) -> Any:
    deep: Any = "x"
    for _ in range(rng.choice((2, 200))):
        deep = [deep] if rng.random() < 0.5 else {"kind": deep}
    return rng.choice(
        (
            None,
            True,
            -1,
            10 ** rng.choice((3, 40, 4000)),
            1e308,
            float("nan"),
            float("inf"),
            "",
            " ",
            [],
            {},
            deep,
            rng.choice(TRACKS),
            rng.choice(PIECES),
            "x" * rng.choice((300, 40_000)),
            "2023-02-30",
            "9999-12-31T24:00:00",
            "1e9999999",
            "1E-400",
            "-0",
            "１２３",
            odd_number(rng).decode(),
            [None, [None]],
            [{"kind": "iso9001", "number": rng.choice(PIECES)}],
            [{"number": 7}],
            "\ud800",
        )
    )


def _json(rows: list[dict[str, Any]], rng: Random) -> tuple[str, bytes]:
    text = json.dumps({"records": rows} if rng.random() < 0.3 else rows, ensure_ascii=rng.random() < 0.5)
    text = rng.choice(
        (text, text, "[" * 100_000, '{"records":' * 2_000, text.replace(": ", ": [", 3), "[" + "9" * 5_000 + "]")
    )
    return ".json", text.encode(
        rng.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030")), "surrogatepass" if "\ud800" not in text else "replace"
    )


def _jsonl(rows: list[dict[str, Any]], rng: Random) -> tuple[str, bytes]:
    lines = [json.dumps(row) for row in rows]
    lines.insert(
        rng.randrange(len(lines) + 1), rng.choice(("[" * 50_000, "null", "7", "{", '{"a":1}', "", "9" * 5_000))
    )
    return ".jsonl", rng.choice(("\n", "\r\n", "\u2028", "\r")).join(lines).encode("utf-8")


def _csv(rows: list[dict[str, Any]], rng: Random) -> tuple[str, bytes]:
    out = io.StringIO()
    heads = [*ROW, *(["", "name"] if rng.random() < 0.3 else [])]
    writer = csv.writer(out, delimiter=rng.choice((",", ";", "\t")))
    writer.writerow(heads)
    for row in rows:
        writer.writerow([str(row.get(h, "")) for h in heads] + rng.choice(([], ["surplus"], ["x"] * 700)))
    text = out.getvalue() + rng.choice(
        ("", '"open quote\n' * 3, '"' * 1_001, "\x00" * 50, "a" * 1_200_000, "\n" * 3_000)
    )
    return ".csv", text.encode(rng.choice(("utf-8", "gb18030", "utf-16")), "replace")


@cache
def _book(rows: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(ROW))
    for row in json.loads(rows):
        sheet.append([json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict) else v for v in row.values()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsx(_rows: list[dict[str, Any]], rng: Random) -> tuple[str, bytes]:
    """A workbook one part of which was rewritten."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_book(json.dumps([ROW] * 3)))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = sorted(old.namelist())
        victim = rng.choice((*names, "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"))
        for name in names:
            # The writer puts the time into the properties: a case must not depend on it.
            data = b"<x/>" if name == "docProps/core.xml" else old.read(name)
            if name == victim:
                data = rng.choice((spoilt(data, rng), _xml(data, rng)))
            info = zipfile.ZipInfo(rng.choice((name, name, name, name, "../" + name)) if name == victim else name)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return ".xlsx", out.getvalue()


def _xml(data: bytes, rng: Random) -> bytes:
    names = [b"%c" % letter for letter in b"abcdefghi"]
    grown = b"".join(b'<!ENTITY %s "%s">' % (new, (b"&%s;" % old) * 10) for old, new in pairwise(names))
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha">' + grown + b"]>"
    head, end, rest = data.partition(b"?>") if data.startswith(b"<?xml") else (b"", b"", data)
    return rng.choice(
        (
            head + end + bomb + rest.replace(b"<v>", b"<v>&i;", 1).replace(b"<t>", b"<t>&i;", 1),
            head + end + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest.replace(b"<t>", b"<t>&e;", 1),
            data.replace(b'r="A1"', b'r="ZZZZ99999999"'),
            data.replace(b"<v>", b"<v>" + odd_number(rng), 3),
            b"",
            b"<a>" * 20_000,
            data.replace(b't="s"', b't="e"').replace(b't="n"', b't="d"'),
        )
    )
