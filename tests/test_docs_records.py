"""docs/RECORDS.md is true: every example in it is run."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.model import Record
from pipeline.records import load_records
from pipeline.records.headings import LABELS
from pipeline.records.source_file import CertificateRows, Paging, SourceFile

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "RECORDS.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.M | re.S)
RECORD = Record(
    application_no="CCIIP2023S00001",
    track="supplier",
    name="北京华信软件有限公司",
    operating_revenue=Decimal("30000.50"),
    staff=320,
)


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


def only(source: Path | str) -> Record:
    loaded = load_records(str(source))
    assert not loaded.problems
    (record,) = loaded.records
    return record


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_files(kind: str, tmp_path: Path) -> None:
    (text,) = blocks(kind)
    path = tmp_path / f"records.{kind}"
    path.write_text(text, encoding="utf-8")
    assert only(path) == RECORD


def run(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as db:
        for statement in statements:
            db.execute(statement)  # type: ignore[call-overload]


def test_a_database(postgres: str) -> None:
    (statements,), (address,) = blocks("sql"), blocks("")
    run(postgres, *(one for one in statements.split(";\n") if one.strip()))
    record = only(postgres + "#" + address.strip().rpartition("#")[2])
    assert record.model_copy(update={"certificates": ()}) == RECORD
    assert [one.kind for one in record.certificates] == ["iso27001"]


def test_a_source_file_for_a_database(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = [one for one in blocks("toml") if 'kind = "sql"' in one]
    run(
        postgres,
        "CREATE TABLE dw (id int, mc text)",
        "CREATE TABLE sb (sbbh text, lb text, dw int, sr numeric, nd int)",
        "CREATE TABLE zs (sbbh text, lx text, hm text, dq date)",
        f"INSERT INTO dw VALUES (7, '{RECORD.name}')",
        "INSERT INTO sb VALUES ('CCIIP2023S00001', '企', 7, 300005000, 2023), ('OLD', '园', 7, 1, 2021)",
        "INSERT INTO zs VALUES ('CCIIP2023S00001', '信安', 'Z1', '2024-12-01')",
    )
    monkeypatch.setenv("DECLARED", postgres)
    path = tmp_path / "records.toml"
    path.write_text(text, encoding="utf-8")
    record = only(path)
    assert record.model_copy(update={"certificates": (), "staff": 320}) == RECORD
    assert [(one.kind, one.number) for one in record.certificates] == [("iso27001", "Z1")]


def test_a_source_file_beside_a_file(tmp_path: Path) -> None:
    (text,) = [one for one in blocks("toml") if 'kind = "file"' in one]
    (tmp_path / "records.toml").write_text(text, encoding="utf-8")
    (tmp_path / "export.csv").write_text("bh,lb,mc\n1,园区,甲园\n", encoding="utf-8")
    assert only(tmp_path / "records.toml") == Record(application_no="1", track="park", name="甲园")


@pytest.fixture
def pages() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: int(values[0]) for name, values in parse_qs(urlsplit(self.path).query).items()}
            right = self.headers.get("Authorization") == "Bearer of-the-docs"
            items = [{"code": str(n), "type": "园区", "title": f"{n}园"} for n in range(1, 6)]
            at = (query["page"] - 1) * query["size"]
            body = json.dumps({"data": {"total": 5, "list": items[at : at + query["size"]]}}).encode()
            self.send_response(200 if right else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_source_file_for_pages(pages: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = [one for one in blocks("toml") if 'kind = "http"' in one]
    monkeypatch.setenv("DECLARED_TOKEN", "of-the-docs")
    path = tmp_path / "records.toml"
    path.write_text(text.replace("https://declare.example", pages), encoding="utf-8")
    assert [record.name for record in load_records(str(path)).records] == [f"{n}园" for n in range(1, 6)]


def test_every_setting_is_told() -> None:
    told = set(re.findall(r"\b(\w+)\b", TEXT))
    for model in (SourceFile, CertificateRows, Paging):
        assert not model.model_fields.keys() - told
    assert set(LABELS) == set(Record.model_fields)
