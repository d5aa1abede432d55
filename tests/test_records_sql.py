"""Records from real databases: the same record as a file brings, nothing written, nothing secret said."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import free_port, waiting_for

from pipeline.book import bring_up
from pipeline.errors import BadRecords, SourceDown
from pipeline.model import Certificate, Record
from pipeline.records import load_records, sql
from pipeline.records.address import absolute
from pipeline.store import Store

CERTIFICATES = [{"kind": "iso27001", "number": "016ZB20I31234R2M", "valid_until": "2024-12-01"}]
RECORD = Record(
    application_no="CCIIP2023S00001",
    track="supplier",
    name="北京华信软件有限公司",
    previous_names=("北京旧信软件有限公司",),
    uscc="91110108MA01EBFH9B",
    established=date(2018, 3, 5),
    registered_capital=Decimal(1000),
    operating_revenue=Decimal("30000.5"),
    staff=320,
    functions=("测试外包服务", "物联网"),
    certificates=(Certificate(kind="iso27001", number="016ZB20I31234R2M", valid_until=date(2024, 12, 1)),),
    submitted_at=datetime.fromisoformat("2023-09-10T12:00:00+08:00"),
)


def postgres_run(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as db:
        for statement in statements:
            db.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def declared(postgres: str) -> str:
    """A database with the record in a table, in a view of another schema, and its certificates apart."""
    postgres_run(
        postgres,
        """CREATE TABLE application (application_no char(20) PRIMARY KEY, track text, name text, previous_names text[],
            uscc varchar(18), established date, registered_capital numeric(18,6), operating_revenue numeric(18,2),
            staff int, functions text[], certificates jsonb, submitted_at timestamptz)""",
        f"""INSERT INTO application VALUES ('CCIIP2023S00001', 'supplier', '北京华信软件有限公司',
            '{{北京旧信软件有限公司}}', '91110108MA01EBFH9B', '2018-03-05', 1000, 30000.50, 320,
            '{{测试外包服务,物联网}}',
            '{json.dumps(CERTIFICATES)}', '2023-09-10T04:00:00Z')""",
        'CREATE SCHEMA "申报"',
        """CREATE VIEW "申报"."v 2023" AS SELECT trim(application_no) AS 申报编号, '服务外包供应商' AS 申报类别,
            name AS 企业名称, previous_names AS 曾用名, uscc AS 统一社会信用代码, established AS 成立日期,
            registered_capital AS "注册资本（万元）",
            operating_revenue * 10000 AS "上年度营业收入（元）", staff AS 员工总数, functions AS 功能领域,
            certificates AS 资质证书, submitted_at AS 提交时间 FROM application""",
    )
    return postgres


@pytest.mark.parametrize("table", ["application", "public.application", "申报.v 2023"])
def test_a_table_and_a_view_of_postgresql(declared: str, table: str) -> None:
    loaded = load_records(f"{declared}#{table}")
    assert loaded.records == (RECORD,) and not loaded.problems


def test_a_source_file_maps_what_is_called_otherwise(
    declared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_run(
        declared,
        "CREATE TABLE sb (sbbh text, lb text, qymc text, sr numeric, zczb numeric, name text)",
        "INSERT INTO sb VALUES ('A1', '供应商', '甲公司', 300005000, 10000000, 'a name nobody means'),"
        " ('A2', '园', '乙园', NULL, NULL, NULL)",
        "CREATE TABLE zs (bh text, lx text, hm text, dq date)",
        "INSERT INTO zs VALUES ('a1 ', '信安', 'Z1', '2024-12-01'), ('A1', '软著', 'R2', NULL),"
        " ('A3', '软著', 'R3', NULL)",
    )
    source = tmp_path / "records.toml"
    source.write_text(
        """
kind = "sql"
address = "env:DECLARED"
query = "SELECT * FROM sb WHERE sbbh <> 'x%:y' AND sr::text IS DISTINCT FROM '-1'"
unit = "元"
min_share = 0.5

[columns]
application_no = "sbbh"
track = "lb"
name = "qymc"
operating_revenue = "sr"
registered_capital = "zczb"

[values.track]
"供应商" = "supplier"
"园" = "park"

[certificates]
table = "zs"
key = "bh"
columns = { kind = "lx", number = "hm", valid_until = "dq" }
kinds = { "信安" = "iso27001" }
""",
        encoding="utf-8",
    )
    monkeypatch.setenv("DECLARED", declared)
    loaded = load_records(str(source))
    assert loaded.problems == ()
    assert loaded.records == (
        Record(
            application_no="A1",
            track="supplier",
            name="甲公司",
            operating_revenue=Decimal("30000.5"),
            registered_capital=Decimal(1000),
            certificates=(
                Certificate(kind="iso27001", number="Z1", valid_until=date(2024, 12, 1)),
                Certificate(kind="software_copyright", number="R2"),
            ),
        ),
        Record(application_no="A2", track="park", name="乙园"),
    )
    source.write_text(source.read_text().replace('"qymc"', '"mc"'))
    with pytest.raises(BadRecords, match=r"no column mc, .*they have lb, name, qymc"):
        load_records(str(source))


def test_nothing_can_be_written(declared: str) -> None:
    for query in (
        "WITH gone AS (DELETE FROM application RETURNING *) SELECT * FROM gone",
        "DELETE FROM application RETURNING *",
        "SELECT 1; DROP TABLE application",
    ):
        with pytest.raises(BadRecords), sql.opened(declared, query=query) as table:
            list(table.rows)
    assert load_records(f"{declared}#application").records == (RECORD,)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "name no table"),
        ("a.b.c", "name no table"),
        ("x" * 200, "name no table"),
        ("nobody", "does not exist"),
        ('application"; DROP TABLE application; --', "does not exist"),
        ("pg_catalog.pg_class", "application_no"),
    ],
)
def test_tables_that_are_none(declared: str, table: str, says: str) -> None:
    with pytest.raises(BadRecords, match=says) as refused:
        load_records(f"{declared}#{table}")
    assert "\n" not in refused.value.message
    assert load_records(f"{declared}#application").records == (RECORD,)


def test_a_database_that_does_not_answer(postgres: str) -> None:
    address = f"postgresql://reader:hunter2secret@127.0.0.1:{free_port()}/declare#t"
    with pytest.raises(SourceDown, match="see whether the database runs") as down:
        load_records(address)
    assert "hunter2secret" not in down.value.message and "\n" not in down.value.message
    with pytest.raises(BadRecords) as refused:
        load_records("postgresql://u:hunter2@secret@:x/declare#t")
    assert "hunter2" not in refused.value.message


def test_a_statement_that_takes_too_long_ends(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "STATEMENT_SECONDS", 1)
    with pytest.raises(SourceDown, match="timeout"), sql.opened(declared, query="SELECT pg_sleep(30)") as table:
        list(table.rows)


def test_a_database_that_goes_away_keeps_the_copy(declared: str, tmp_path: Path) -> None:
    store, source = Store(tmp_path / "home"), f"{declared}#application"
    assert bring_up(store, source).count == 1
    assert not bring_up(store, source).changed
    postgres_run(declared, "ALTER TABLE application RENAME TO elsewhere")
    brought = bring_up(store, source)
    assert "does not exist" in brought.alarms[0] and brought.count == 1
    postgres_run(declared, "ALTER TABLE elsewhere RENAME TO application", "UPDATE application SET staff = 5")
    changed = bring_up(store, source).changed
    assert {number: change.after.staff for number, change in changed.items() if change.after} == {
        RECORD.application_no: 5
    }


def test_rows_come_as_they_are_asked_for(postgres: str) -> None:
    postgres_run(
        postgres,
        "CREATE VIEW many AS SELECT 'N' || n AS application_no, 'park' AS track, repeat('园', 1000) AS name"
        " FROM generate_series(1, 1000000) AS n",
    )
    with sql.opened(postgres, table="many") as table:
        first = next(iter(table.rows))
    assert first.opened().values["application_no"] == "N1"


# ------------------------------------------------------------------------------------------------------- SQLite


@pytest.fixture
def lite(tmp_path: Path) -> Path:
    path = tmp_path / "申报 #1.sqlite3"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE application (application_no, track, name, previous_names, uscc, established,"
            " registered_capital REAL, operating_revenue NUMERIC, staff, functions, certificates, submitted_at)"
        )
        certificates = json.dumps(CERTIFICATES)
        row = (
            RECORD.application_no,
            "供应商",
            RECORD.name,
            '["北京旧信软件有限公司"]',
            RECORD.uscc,
            "2018-03-05",
            1000.0,
        )
        db.execute(
            "INSERT INTO application VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, "30000.50", 320, "测试外包服务；物联网", certificates, "2023-09-10T12:00:00+08:00"),
        )
    return path


def test_a_table_of_sqlite(lite: Path) -> None:
    before = lite.read_bytes()
    assert load_records(f"sqlite:///{lite}#application").records == (RECORD,)
    assert lite.read_bytes() == before and [p.name for p in lite.parent.iterdir()] == [lite.name]
    with pytest.raises(BadRecords, match="nobody"):
        load_records(f"sqlite:///{lite}#nobody")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match="no file"):
        load_records(f"sqlite:///{tmp_path}/none.sqlite3#t")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(BadRecords, match="not a database"):
        load_records(f"sqlite:///{tmp_path}/a.sqlite3#t")


def test_a_database_beside_its_source_file(lite: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lite.rename(lite.with_name("a.sqlite3"))
    source = lite.with_name("records.toml")
    source.write_text('kind = "sql"\naddress = "sqlite:///a.sqlite3"\ntable = "application"\n')
    monkeypatch.chdir("/")
    assert load_records(str(source)).records == (RECORD,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind = ", "no valid TOML"),
        ("", "empty"),
        ('address = "x"', "kind"),
        ('kind = "oracle"\naddress = "x"', "kind"),
        ('kind = "sql"\naddress = "postgresql://u:hunter2secret@h/db"', "variable"),
        ('kind = "sql"\naddress = "sqlite:///a"\ntable = "a"\nquery = "SELECT 1"', "exclude"),
        ('kind = "http"\naddress = "http://h/"\ntable = "a"', "belong to"),
        ('kind = "sql"\naddress = "sqlite:///a"\ntoken_env = "T"', "belong to"),
        ('kind = "sql"\naddress = "env:NOT_SET"', "not set"),
        ('kind = "sql"\naddress = "sqlite:///a"\n[columns]\nfax = "cz"', "fax is no field"),
        ('kind = "sql"\naddress = "sqlite:///a"\nmin_share = 7', "min_share"),
        ('kind = "sql"\naddress = "sqlite:///a"\n[columns]\nname = "mc"\ncontact = "mc"', "two fields"),
        ('kind = "sql"\naddress = "sqlite:///a"\nsurprise = 7', "surprise"),
        ('kind = "file"\naddress = "nowhere.csv"', "no file"),
        ('kind = "sql"\naddress = "sqlite:///a"\n[certificates]\nkey = "a"', "table or a query"),
    ],
)
def test_source_files_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "records.toml"
    path.write_text(text)
    with pytest.raises(BadRecords, match=says) as refused:
        load_records(str(path))
    assert "hunter2secret" not in refused.value.message and "\n" not in refused.value.message


def test_a_file_with_headings_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("bh;lb;mc;sr\n1;园;甲园;5000000\n", encoding="gb18030")
    source = tmp_path / "records.toml"
    source.write_text(
        'kind = "file"\naddress = "export.csv"\nunit = "元"\n[values.track]\n"园" = "park"\n'
        '[columns]\napplication_no = "bh"\ntrack = "lb"\nname = "mc"\noperating_revenue = "sr"\n',
        encoding="utf-8",
    )
    (record,) = load_records(str(source)).records
    assert record == Record(application_no="1", track="park", name="甲园", operating_revenue=Decimal(500))


def test_a_source_named_from_here_is_found_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = tmp_path.resolve()
    assert absolute("sqlite:///a #1.db#t") == f"sqlite:///{here}/a #1.db#t"
    assert absolute("sqlite:///a.db") == f"sqlite:///{here}/a.db"
    assert absolute("records.toml") == f"{here}/records.toml"
    for source in ("sqlite:////srv/a.db#t", "postgresql://h/db#t", "https://h/x", "env:WHERE"):
        assert absolute(source) == source


@given(st.text(max_size=60), st.sampled_from(["", "t", "s.t", "申报.v 2023"]))
def test_the_table_is_what_stands_after_the_last_sign(before: str, table: str) -> None:
    address, found = sql.split_address(f"postgresql://u@h/{before}#{table}")
    assert (address, found) == (f"postgresql://u@h/{before}", table)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    text=st.text(max_size=80)
    | st.dictionaries(
        st.sampled_from(["kind", "address", "columns", "paging", "values", "certificates", "min_share", "x"]),
        st.one_of(st.booleans(), st.integers(), st.sampled_from(["sql", "http", "{}", "a"]), st.lists(st.integers())),
    ).map(lambda told: "\n".join(f"{name} = {json.dumps(value)}" for name, value in told.items()))
)
def test_no_source_file_breaks_us(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(BadRecords) as refused:
        load_records(str(path))
    assert "\n" not in refused.value.message and len(refused.value.message) < 1_000


# --------------------------------------------------------------------------------------------- MySQL and MariaDB


@pytest.fixture(scope="module")
def mysql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """The address of a database on a real MariaDB server, and a connection that may write."""
    server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if server is None or install is None:
        pytest.skip("MariaDB is not installed (apt install mariadb-server): its records are not tested here")
    import pymysql

    folder = tmp_path_factory.mktemp("mariadb")
    user = pwd.getpwuid(os.geteuid()).pw_name
    options = [f"--datadir={folder}/data", f"--user={user}", "--no-defaults"]
    subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={folder}/data",
            f"--user={user}",
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    process = subprocess.Popen(
        [server, "--no-defaults", *options[:2], f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waiting_for(port, process)
        with pymysql.connect(host="127.0.0.1", port=port, user="root", charset="utf8mb4", autocommit=True) as db:
            with db.cursor() as cursor:
                cursor.execute("CREATE DATABASE declared CHARACTER SET utf8mb4")
                cursor.execute("USE declared")
            yield f"mysql://root@127.0.0.1:{port}/declared", db
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def test_a_table_of_mysql(mysql: tuple[str, Any]) -> None:
    address, db = mysql
    with db.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE `application` (application_no varchar(20), track text, name text, previous_names json,"
            " uscc text, established date, registered_capital decimal(18,6), operating_revenue double, staff int,"
            " functions json, certificates json, submitted_at varchar(40))"
        )
        cursor.execute(
            "INSERT INTO application VALUES (%s, 'supplier', %s, %s, %s, '2018-03-05', 1000, 30000.5, 320, %s, %s, %s)",
            (
                RECORD.application_no,
                RECORD.name,
                json.dumps(RECORD.previous_names),
                RECORD.uscc,
                json.dumps(RECORD.functions),
                json.dumps(CERTIFICATES),
                "2023-09-10T12:00:00+08:00",
            ),
        )
    assert load_records(f"{address}#application").records == (RECORD,)
    assert load_records(f"{address}#declared.application").records == (RECORD,)
    with pytest.raises(BadRecords, match="doesn't exist"):
        load_records(f"{address}#nobody` ; DROP TABLE application; --")
    with pytest.raises(BadRecords), sql.opened(address, query="DELETE FROM application") as table:
        list(table.rows)
    with (
        pytest.raises(BadRecords),
        sql.opened(address, query="SELECT * FROM application INTO OUTFILE '/tmp/x'; SELECT 1") as table,
    ):
        list(table.rows)
    with pytest.raises(SourceDown, match="Access denied") as refused:
        load_records(address.replace("root@", "reader:hunter2secret@") + "#application")
    assert "hunter2secret" not in refused.value.message
