"""Prefect keeps parameters, logs and artifacts and shows them to whoever has its pages: nothing secret, no pickle, no
markup of strangers gets there. One real flow run with a hostile batch is gone through byte by byte.
"""

from __future__ import annotations

import html
import http.server
import io
import json
import os
import pickletools
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flows.plain import plain_cell
from flows.quiet import be_quiet
from pipeline.values.printable import printable
from pipeline.values.secrets import redacted

ROOT = Path(__file__).parent.parent
PASSWORD = "hunter2secret"
ADDRESS = f"postgresql://clerk:{PASSWORD}@db.example/season#records"
LINK = "[x](javascript:alert(1))|<img src=x onerror=alert(1)>"
NAMES = (f"{LINK}.pdf", "\x1b]0;pwned\x07\u202e.pdf")

# The place of a database is taken by a file, asked for by the whole address.
RUN = f"""
import os, sys, urllib.request, urllib.error
import pipeline.book.bringing_up as book
from pipeline.records import load_records
file, asked = sys.argv.pop(1), []
def load(source):
    asked.append(source)
    return load_records(file)
def stranger():
    from prefect.client.orchestration import get_client
    address = str(get_client(sync_client=True).api_url).rstrip("/") + "/flow_runs/filter"
    ask = urllib.request.Request(address, b"{{}}", {{"Content-Type": "application/json"}})
    try:
        print("stranger", urllib.request.urlopen(ask).status)
    except urllib.error.HTTPError as error:
        print("stranger", error.code)
book.load_records = load
import flows.walk as walk
judge_batch = walk.judge_batch
def judge(*given, **named):
    stranger()
    return judge_batch(*given, **named)
walk.judge_batch = judge
from pipeline.cli import main
try:
    main()
finally:
    print("asked", sum(source == {ADDRESS!r} for source in asked), "of", len(asked))
    print("server", os.environ["PREFECT_API_AUTH_STRING"])
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[bytes]]:
    place = tmp_path_factory.mktemp("flow")
    (place / "batch").mkdir()
    for name in NAMES:
        (place / "batch" / name).write_bytes(b"no scan " + name.encode())
    record = {"application_no": f"1{LINK}", "track": "park", "name": f"园区{LINK}"}
    (place / "records.json").write_text(json.dumps([record]))
    environment = {
        **os.environ,
        "YANZHANG_HOME": str(place / "home"),
        "YANZHANG_WORKERS": "1",
        "PYTHONPATH": str(ROOT),
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "pickle",
    }
    for name in ("PREFECT_API_URL", "PREFECT_HOME", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"):
        environment.pop(name, None)
    arguments = ["process", str(place / "batch"), "--records", ADDRESS, "--out", str(place / "out"), "--prefect"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(place / "records.json"), *arguments],
        capture_output=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    return place, done


@pytest.mark.slow
def test_a_flow_with_a_password_in_its_records_address_runs_to_its_end(
    run: tuple[Path, subprocess.CompletedProcess[bytes]],
) -> None:
    place, done = run
    assert done.returncode == 3, done.stderr.decode()
    assert b"asked 1 of 1" in done.stdout  # opened once: the flow gets what is open
    assert b"\x1b" not in done.stderr and b"Traceback" not in done.stderr
    assert json.loads((place / "out" / "report.json").read_text())["totals"]["envelopes"] == 2


@pytest.mark.slow
def test_the_server_of_a_run_lets_no_stranger_in(run: tuple[Path, subprocess.CompletedProcess[bytes]]) -> None:
    place, done = run
    told = dict(line.split(maxsplit=1) for line in done.stdout.decode().splitlines())
    assert told["stranger"] == "401"
    assert told["server"].startswith("yanzhang:") and len(told["server"]) > 30
    for path in (p for p in place.rglob("*") if p.is_file()):
        assert told["server"].encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_the_password_comes_out_nowhere(run: tuple[Path, subprocess.CompletedProcess[bytes]]) -> None:
    place, done = run
    assert PASSWORD.encode() not in done.stdout + done.stderr
    looked = 0
    for path in (p for p in place.rglob("*") if p.is_file()):
        assert PASSWORD.encode() not in path.read_bytes(), path
        looked += 1
    database = place / "home" / "prefect" / "prefect.db"
    kept = b"".join(p.read_bytes() for p in database.parent.glob("prefect.db*"))
    assert looked > 5 and b"clerk:***@db.example" in kept


@pytest.mark.slow
def test_nothing_is_kept_as_a_pickle_even_where_the_user_asks_for_it(
    run: tuple[Path, subprocess.CompletedProcess[bytes]],
) -> None:
    place, _ = run
    kept = [p for p in (place / "home" / "prefect").rglob("*") if p.is_file() and ".db" not in p.name]
    for path in kept:
        data = path.read_bytes()
        assert not is_pickle(data) and b"gASV" not in data and b"cloudpickle" not in data, path
    assert not list((place / "home" / "prefect").rglob("storage/*"))
    with sqlite3.connect(place / "home" / "prefect" / "prefect.db") as database:
        states = ("SELECT * FROM flow_run_state", "SELECT * FROM task_run_state")
        stored = [str(row) for asked in states for row in database.execute(asked)]
    assert stored and not any("gASV" in row or "pickle" in row for row in stored)


def is_pickle(data: bytes) -> bool:
    if data[:1] != b"\x80":
        return False
    try:
        return any(True for _ in pickletools.genops(io.BytesIO(data)))
    except ValueError:
        return False


@pytest.mark.slow
def test_artifacts_and_names_of_runs_are_plain(run: tuple[Path, subprocess.CompletedProcess[bytes]]) -> None:
    place, _ = run
    with sqlite3.connect(place / "home" / "prefect" / "prefect.db") as database:
        artifacts = [json.loads(row[0]) for row in database.execute("SELECT data FROM artifact")]
        names = [row[0] for row in database.execute("SELECT name FROM task_run")]
        parameters = [json.loads(row[0]) for row in database.execute("SELECT parameters FROM flow_run")]
    cells = [row["envelope"] for table in artifacts for row in (json.loads(table) if isinstance(table, str) else table)]
    assert set(cells) == {plain_cell(name) for name in NAMES}
    assert r"\x1b]0;pwned\x07\u202e.pdf" in names
    assert parameters[0]["records"] == redacted(ADDRESS)


@pytest.mark.slow
def test_the_folder_of_prefect_is_ours_alone(run: tuple[Path, subprocess.CompletedProcess[bytes]]) -> None:
    place, _ = run
    assert stat.S_IMODE((place / "home" / "prefect").stat().st_mode) == 0o700


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")] + ["DO_NOT_TRACK"]:
        monkeypatch.delenv(name, raising=False)
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", dict(os.environ))
        (tmp_path / "prefect").mkdir(mode=0o755)
        be_quiet(tmp_path)
        assert os.environ["PREFECT_RESULTS_DEFAULT_SERIALIZER"] == "json"
        assert os.environ["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert stat.S_IMODE((tmp_path / "prefect").stat().st_mode) == 0o700


@pytest.mark.slow
def test_no_flow_and_no_task_keeps_results_and_parameters_are_checked(tmp_path: Path) -> None:
    code = """
import sys
import threading
from pathlib import Path
from flows.quiet import be_quiet
be_quiet(Path(sys.argv[1]))
from prefect.exceptions import ParameterTypeError
from prefect import Flow, Task
from flows import steps, walk
things = [t for t in vars(steps).values() if isinstance(t, (Flow, Task))]
assert len(things) == 4, things
for thing in things:
    assert thing.persist_result is False and thing.result_serializer == "json", thing
good = dict(batch="b", records="r", out="o")
steps.ingest_batch.validate_parameters(good)
for bad in (dict(batch=""), dict(batch="a\\0b"), dict(out="x" * 5000), dict(programme="../../etc/passwd"),
            dict(workers=0), dict(workers=10_000), dict(split="maybe"), dict(received_on="soon")):
    try:
        steps.ingest_batch.validate_parameters({**good, **bad})
    except ParameterTypeError:
        continue
    raise SystemExit(f"accepted: {bad}")
from pipeline.errors import BadSetting
try:
    walk._source("http://u:hunter2secret@h/")
except BadSetting as error:
    assert "hunter2secret" not in error.message and "env:NAME" in error.message
else:
    raise SystemExit("a password as a parameter was accepted")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


class Shut(http.server.BaseHTTPRequestHandler):
    """A server that lets nobody in."""

    def refuse(self) -> None:
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PATCH = refuse

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
@pytest.mark.parametrize(("command", "there"), [("process", False), ("reconcile", True)])
def test_a_server_that_cannot_be_used_is_one_sentence(command: str, there: bool, tmp_path: Path) -> None:
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "a.pdf").write_bytes(b"no scan")
    (tmp_path / "r.json").write_text(json.dumps([{"application_no": "1", "track": "park", "name": "x"}]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shut) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port if there else 9
        environment = {
            **os.environ,
            "YANZHANG_HOME": str(tmp_path / "home"),
            "PYTHONPATH": str(ROOT),
            "PREFECT_API_URL": f"http://u:{PASSWORD}@127.0.0.1:{port}/api",
        }
        arguments = [
            command,
            *([str(tmp_path / "batch")] if command == "process" else []),
            "--out",
            str(tmp_path / "out"),
        ]
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *arguments, "--records", str(tmp_path / "r.json")],
            capture_output=True,
            text=True,
            env=environment,
            cwd=ROOT,
            check=False,
        )
        server.shutdown()
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and PASSWORD not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("yanzhang: the Prefect server cannot be used") and "PREFECT_API_URL" in last


MARKDOWN = MarkdownIt("commonmark").enable("table")


def rendered(cell: str) -> tuple[set[str], str]:
    """What a page makes of a table with this cell: the kinds of things in it, and its text."""
    tokens = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {cell} | end |\n")
    inline = [child for token in tokens if token.type == "inline" for child in token.children or ()]
    return {t.type for t in (*tokens, *inline)}, "|".join(t.content for t in tokens if t.type == "inline")


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        "<script>alert(1)</script>",
        "![x](http://evil/x.png)",
        "<javascript:alert(1)>",
        "http://evil.example www.evil.example a@evil.example",
        "a | b\n| c | d |",
        "&lt;img&gt; &#x3c;",
        "`code` **bold** ~~x~~ # head",
        "\\[x](y)",
    ],
)
def test_a_cell_is_text_whatever_it_says(text: str) -> None:
    kinds, _ = rendered(plain_cell(text))
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "code_inline", "strong_open", "em_open"}
    assert "<" not in MARKDOWN.renderInline(plain_cell(text))
    for bare in ("http://", "www.", "a@"):
        assert bare not in plain_cell(text)


@given(st.text(max_size=60))
def test_a_cell_says_what_was_written(text: str) -> None:
    kinds, _ = rendered(plain_cell(f"x{text}x"))
    parts = ("table", "thead", "tbody", "tr", "th", "td")
    allowed = {"inline", "text", "text_special", *(f"{p}_open" for p in parts), *(f"{p}_close" for p in parts)}
    assert kinds <= allowed
    shown = html.unescape(MARKDOWN.renderInline(plain_cell(f"x{text}x")))
    assert shown == printable(redacted(f"x{text}x"))
