"""Records from a real HTTP server on loopback: pages, tokens, faults, and what must not be followed."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import pytest
from servers import free_port

from pipeline.book import bring_up, load
from pipeline.errors import BadRecords, SourceDown
from pipeline.records import http, load_records
from pipeline.store import Store

Query = dict[str, str]


def row(number: int, **other: object) -> dict[str, object]:
    return {"application_no": f"N{number:04d}", "track": "park", "name": f"第{number}园", "staff": number, **other}


@dataclass
class Server:
    """What it answers, by path: a function of the query and the headers; and what it was asked."""

    address: str = ""
    answers: dict[str, Callable[[Query, dict[str, str]], tuple[int, dict[str, str], bytes]]] = field(
        default_factory=dict
    )
    asked: list[tuple[str, Query, dict[str, str]]] = field(default_factory=list)

    def say(self, path: str, body: object, *, status: int = 200, **headers: str) -> str:
        """Always the same answer there; its address."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        told = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.answers[path] = lambda _query, _headers: (status, told, data)
        return self.address + path

    def after(self, path: str, *first: tuple[int, dict[str, str]]) -> None:
        """These answers before the one that is there."""
        left, real = list(first), self.answers[path]
        self.answers[path] = lambda q, h: (*left.pop(0), b"{}") if left else real(q, h)  # type: ignore[return-value]


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((parts.path, query, headers))
            status, more, body = told.answers[parts.path](query, headers)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if "Content-Length" not in more:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield told
    running.shutdown()
    running.server_close()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT", 0.01)
    monkeypatch.delenv(http.TOKEN, raising=False)


def numbers(source: str) -> list[str]:
    loaded = load_records(source)
    assert not loaded.problems
    return [record.application_no for record in loaded.records]


ALL = [row(n) for n in range(1, 8)]
SEVEN = [str(one["application_no"]) for one in ALL]


# ------------------------------------------------------------------------------------------------ one answer


def test_what_comes_in_one_answer(server: Server) -> None:
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in ALL).encode()
    table = "申报编号,申报类别,名称\n" + "".join(f"{one['application_no']},园区,{one['name']}\n" for one in ALL)
    assert numbers(server.say("/array", ALL)) == SEVEN
    assert numbers(server.say("/wrapped", {"code": 0, "data": {"list": ALL}})) == SEVEN
    assert numbers(server.say("/lines", lines, Content_Type="application/x-ndjson")) == SEVEN
    assert numbers(server.say("/table", table.encode("gb18030"), Content_Type="text/csv; charset=gb18030")) == SEVEN
    assert numbers(server.say("/export.csv", table.encode(), Content_Type="application/octet-stream")) == SEVEN
    packed = gzip.compress(json.dumps(ALL).encode())
    assert numbers(server.say("/packed", packed, Content_Encoding="gzip")) == SEVEN


def test_an_array_that_is_large_is_read_within_walls(server: Server) -> None:
    many = [row(n, address="x" * 2_000) for n in range(1, 2_500)]
    assert len(numbers(server.say("/large", many))) == 2_499


def test_a_broken_row_costs_itself_only(server: Server) -> None:
    loaded = load_records(server.say("/array", [*ALL, row(8, staff="many"), 5]))
    assert len(loaded.records) == 7 and len(loaded.problems) == 2


@pytest.mark.parametrize(
    ("body", "headers", "says"),
    [
        (b'[{"application_no": "1"', {}, "JSON"),
        (b"", {}, "nothing"),
        (b"<!DOCTYPE html><p>log in", {"Content_Type": "text/html"}, "web page"),
        (b"\x00\x01", {"Content_Type": "image/png"}, "image/png"),
        (b"[]", {}, "application_no"),
        (b'{"message": "ok"}', {}, "array of objects"),
        (b"no gzip", {"Content_Encoding": "gzip"}, "cannot be read"),
    ],
)
def test_answers_that_are_no_records(server: Server, body: bytes, headers: dict[str, str], says: str) -> None:
    with pytest.raises(BadRecords, match=says) as refused:
        load_records(server.say("/records", body, **headers))
    assert "\n" not in refused.value.message and "/tmp" not in refused.value.message


# ----------------------------------------------------------------------------------------------------- pages


def source_file(path: Path, server: Server, paging: str, more: str = "") -> str:
    text = f'kind = "http"\naddress = "{server.address}/api"\n{more}\n[paging]\n{paging}\n'
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_pages_by_number_offset_and_cursor(server: Server, tmp_path: Path) -> None:
    def by_page(query: Query, _: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        page, size = int(query["page"]), int(query["size"])
        return 200, {}, json.dumps({"total": 7, "rows": ALL[(page - 1) * size : page * size]}).encode()

    server.answers["/api"] = by_page
    paging = 'style = "page"\nsize_parameter = "size"\nsize = 3\ntotal = "total"\nitems = "rows"'
    assert numbers(source_file(tmp_path / "a.toml", server, paging)) == SEVEN
    assert [query["page"] for _, query, _ in server.asked] == ["1", "2", "3", "4"]
    by = source_file(tmp_path / "a.toml", server, paging.replace('"total"', '"total"').replace("size = 3", "size = 7"))
    assert numbers(by) == SEVEN

    server.answers["/api"] = lambda q, _: (200, {}, json.dumps(ALL[int(q["offset"]) :][:2]).encode())
    assert numbers(source_file(tmp_path / "b.toml", server, 'style = "offset"')) == SEVEN

    def by_cursor(query: Query, _: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        at = int(query.get("after", "0"))
        following = str(at + 3) if at + 3 < 7 else None
        return 200, {}, json.dumps({"meta": {"next": following}, "data": ALL[at : at + 3]}).encode()

    server.answers["/api"] = by_cursor
    assert (
        numbers(
            source_file(
                tmp_path / "c.toml", server, 'style = "cursor"\ncursor = "meta.next"\ncursor_parameter = "after"'
            )
        )
        == SEVEN
    )


@pytest.mark.parametrize("how", ["body", "links", "header"])
def test_pages_by_next_link_need_no_source_file(server: Server, how: str) -> None:
    def answer(query: Query, _: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        page = int(query.get("page", "1"))
        link = f"?page={page + 1}" if page < 4 else None
        body: dict[str, object] = {"records": ALL[(page - 1) * 2 : page * 2]}
        if how == "body":
            body["next"] = link
        elif how == "links":
            body["links"] = {"next": {"href": f"/api{link}"} if link else None}
        headers = {"Link": f'</api{link}>; rel="next"'} if how == "header" and link else {}
        return 200, headers, json.dumps(body).encode()

    server.answers["/api"] = answer
    source = server.address + "/api"
    if how == "header":  # of one answer nobody looks whether a header leads on, unless a source file says so
        with http.opened(source, paging=http.Paging()) as got:
            assert got.table is not None
            assert [r.opened().values["application_no"] for r in got.table.rows] == SEVEN
    else:
        assert numbers(source) == SEVEN


def test_names_of_their_own(server: Server, tmp_path: Path) -> None:
    server.say("/api", {"data": [{"bh": "1", "lb": "园", "info": "x", "mc": "甲园", "sr": 5_000_000}]})
    maps = 'unit = "元"\n[columns]\napplication_no = "bh"\ntrack = "lb"\nname = "mc"\noperating_revenue = "sr"\n'
    source = source_file(tmp_path / "a.toml", server, 'style = "none"', maps + '[values.track]\n"园" = "park"')
    (record,) = load_records(source).records
    assert (record.application_no, record.name, record.operating_revenue) == ("1", "甲园", 500)


def test_pages_that_lose_records_or_never_end(server: Server, tmp_path: Path) -> None:
    server.say("/api", {"total": 9, "rows": ALL})
    source = source_file(tmp_path / "a.toml", server, 'style = "next"\ntotal = "total"')
    with pytest.raises(SourceDown, match="9 records and sent 7"):
        load_records(source)
    source = source_file(tmp_path / "a.toml", server, 'style = "page"')
    with pytest.raises(SourceDown, match="same page again"):
        load_records(source)
    server.say("/api", {"next": "/api", "rows": ALL})
    with pytest.raises(SourceDown, match="same page again"):
        load_records(server.address + "/api")
    server.say("/api", {"message": "ok"})
    with pytest.raises(SourceDown, match="without a list"):
        load_records(source)


# ---------------------------------------------------------------------------------------------------- faults


def test_it_is_asked_again_and_waits_as_it_is_told(server: Server) -> None:
    source = server.say("/records", ALL)
    server.after("/records", (500, {}), (503, {}), (429, {"Retry-After": "1"}))
    began = monotonic()
    assert numbers(source) == SEVEN
    assert monotonic() - began >= 1 and len(server.asked) == 4


def test_a_wait_is_bounded(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    waits: list[float] = []
    monkeypatch.setattr(http.time, "sleep", waits.append)
    monkeypatch.setattr(http, "FIRST_WAIT", 1.0)
    source = server.say("/records", ALL)
    server.after("/records", (429, {"Retry-After": "999999999999"}), (502, {}), (429, {"Retry-After": "never"}))
    assert numbers(source) == SEVEN
    assert waits == [http.LONGEST_WAIT, 2.0, 4.0]


def test_what_is_down_is_down(server: Server) -> None:
    with pytest.raises(SourceDown, match="answers 500, 5 times"):
        load_records(server.say("/records", {}, status=500))
    with pytest.raises(SourceDown, match="not there"):
        load_records(server.say("/gone", {}, status=404))
    with pytest.raises(SourceDown, match="cannot be reached"):
        load_records(f"http://127.0.0.1:{free_port()}/records")


def test_an_answer_that_is_slow_or_breaks_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    source = server.say("/records", ALL)
    real = server.answers["/records"]

    def slow(query: Query, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        sleep(0.6)
        return real(query, headers)

    server.answers["/records"] = slow
    with pytest.raises(SourceDown, match="in time, 2 times"):
        load_records(source)
    server.say("/records", ALL, Content_Length="100000", Connection="close")
    with pytest.raises(SourceDown, match=r"in time|cannot be reached"):
        load_records(source)


def test_an_answer_that_never_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_STREAMED", 1_000_000)
    with pytest.raises(BadRecords, match="more than 1 MB"):
        load_records(server.say("/records", b" " * 3_000_000))
    monkeypatch.setattr(http, "MAX_STREAMED", 4_000_000_000)
    monkeypatch.setattr(http, "MAX_PAGE", 1_000_000)
    bomb = gzip.compress(b" " * 30_000_000)
    with (
        pytest.raises(BadRecords, match="more than 1 MB"),
        http.opened(server.say("/bomb", bomb, Content_Encoding="gzip"), paging=http.Paging()) as got,
    ):
        assert got.table is not None
        list(got.table.rows)


# ---------------------------------------------------------------------------------------------- whom it is told


def test_a_token_goes_to_its_host_only(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def guarded(_: Query, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        right = headers.get("authorization") == "Bearer t0ken-of-ours"
        return (200, {}, json.dumps({"records": ALL}).encode()) if right else (401, {}, b"{}")

    server.answers["/api"] = guarded
    source = source_file(tmp_path / "a.toml", server, 'style = "next"', 'token_env = "DECLARED_TOKEN"')
    with pytest.raises(BadRecords, match="DECLARED_TOKEN, and it is not set"):
        load_records(source)
    monkeypatch.setenv("DECLARED_TOKEN", "wrong")
    with pytest.raises(SourceDown, match=r"refuses the token \(401\): see the variable DECLARED_TOKEN"):
        load_records(source)
    monkeypatch.setenv("DECLARED_TOKEN", "t0ken-of-ours")
    assert numbers(source) == SEVEN
    monkeypatch.setenv(http.TOKEN, "t0ken-of-ours")
    assert numbers(server.address + "/api") == SEVEN
    monkeypatch.setenv(http.TOKEN, "t0ken\nof-ours")
    with pytest.raises(BadRecords, match="holds no token"):
        load_records(server.address + "/api")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_leads_to_another_host(server: Server, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(http.TOKEN, "t0ken-of-ours")
    server.say("/records", ALL)
    assert numbers(server.say("/moved", {}, status=status, Location="/records")) == SEVEN
    other = server.address.replace("127.0.0.1", "localhost")
    for there in (f"{other}/records", "http://127.0.0.1:1/records", "file:///etc/passwd", "//localhost/records"):
        before = len(server.asked)
        with pytest.raises(SourceDown, match="another host") as refused:
            load_records(server.say("/moved", {}, status=status, Location=there))
        assert "t0ken" not in refused.value.message
        assert len(server.asked) == before + 1
    with pytest.raises(SourceDown, match="on and on"):
        load_records(server.say("/round", {}, status=status, Location="/round"))
    server.say("/api", {"next": f"{other}/api", "records": ALL})
    with pytest.raises(SourceDown, match="another host"):
        load_records(server.address + "/api")


@pytest.mark.parametrize(
    "source", ["file:///etc/passwd", "ftp://h/records.json", "http:///records", "http://[::1/x", "s3://b/x"]
)
def test_addresses_that_are_none(source: str) -> None:
    with pytest.raises(BadRecords) as refused:
        load_records(source)
    assert "\n" not in refused.value.message


# ------------------------------------------------------------------------------------------- night after night


def test_a_source_that_says_it_is_as_it_was(server: Server, tmp_path: Path) -> None:
    def tagged(_: Query, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if headers.get("if-none-match") == '"v1"':
            return 304, {}, b""
        return 200, {"ETag": '"v1"', "Last-Modified": "Sun, 10 Sep 2023 12:00:00 GMT"}, json.dumps(ALL).encode()

    server.answers["/records"] = tagged
    store, source = Store(tmp_path / "home"), server.address + "/records"
    assert bring_up(store, source).count == 7
    again = bring_up(store, source)
    assert (again.count, dict(again.changed), again.alarms) == (7, {}, ())
    assert server.asked[-1][2]["if-modified-since"] == "Sun, 10 Sep 2023 12:00:00 GMT"
    # A batch said something else at noon: all of it is asked for, and the source is right.
    from pipeline import book

    book.add(store, [load_records(server.say("/one", [row(1, staff=99)])).records[0]])
    changed = bring_up(store, source).changed
    assert "if-none-match" not in server.asked[-1][2]
    assert [change.after.staff for change in changed.values() if change.after] == [1]
    assert not bring_up(store, source).changed and "if-none-match" in server.asked[-1][2]


def test_yesterdays_copy_while_it_is_down(server: Server, tmp_path: Path) -> None:
    store, source = Store(tmp_path / "home"), server.say("/records", ALL)
    with pytest.raises(SourceDown):
        bring_up(store, server.say("/never", {}, status=500))
    assert bring_up(store, source).count == 7
    server.say("/records", {}, status=503)
    brought = bring_up(store, source)
    assert "answers 503, 5 times" in brought.alarms[0] and "(7 applications) stays in use" in brought.alarms[0]
    loaded = load(store, source)  # a batch goes on with the copy, and says so
    assert len(loaded.records) == 7 and loaded.problems[0] == brought.alarms[0]
    server.say("/records", ALL[:3])
    assert "hold 3 applications, and 7 are known" in bring_up(store, source).alarms[0]
