"""Names of files and records that give orders to a terminal, forge lines of a log or turn the writing around.

Real commands are run; what counts is the bytes that come out of them.
"""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.printing import LogLines, show_table

ROOT = Path(__file__).parent.parent
TITLE = "\x1b]0;pwned\x07"
FORGED = "x\n2026-11-27 ERROR root: all is lost"
TURNED = "\u202egpj.exe"
NAMES = (f"{TITLE}.pdf", f"{FORGED}.pdf", f"{TURNED}.pdf", "a\x9b2Jb.pdf", "[red]b[bold].pdf")
RECORD = {"application_no": "CCIIP2023S00001", "track": "supplier", "name": f"北京{TITLE}公司{FORGED}{TURNED}"}
OBEYED = ("\x1b", "\x07", "\x9b", "\u202e", "\r", "\x7f")


def run(*arguments: str | bytes, home: Path, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "YANZHANG_HOME": str(home), "YANZHANG_WORKERS": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, env=environment, cwd=ROOT, check=False)


def assert_harmless(data: bytes) -> str:
    """No sign that is obeyed, and no line that begins as the forger wished; returns the text."""
    text = data.decode("utf-8")
    assert not [sign for sign in OBEYED if sign in text], text
    assert not any(line.startswith("2026-11-27") for line in text.splitlines()), text
    assert "Traceback" not in text, text
    return text


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "batch").mkdir()
    for name in NAMES:
        (folder / "batch" / name).write_bytes(b"no scan " + name.encode())
    rows = [RECORD, {**RECORD, "application_no": f"2{TITLE}", "established": f"2023-02-30{TITLE}{FORGED}"}]
    (folder / f"{TURNED}.json").write_text(json.dumps(rows))
    return folder


def test_a_whole_run_shows_hostile_names_and_obeys_none(place: Path) -> None:
    records = str(place / f"{TURNED}.json")
    done = run("process", str(place / "batch"), "--records", records, "--out", str(place / "out"), home=place / "home")
    said = assert_harmless(done.stderr)
    assert done.returncode == 3, said
    for shown in (
        r"\x1b]0;pwned\x07.pdf",
        r"x\n2026-11-27 ERROR root",
        r"\u202egpj.exe",
        r"a\x9b2Jb.pdf",
        "[red]b[bold]",
    ):
        assert shown in said
    assert done.stdout == b""


@pytest.mark.parametrize("command", ["extract", "seals", "read"])
def test_loose_files_as_json_and_as_tables(command: str, place: Path, tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    page = tmp_path / f"{TITLE}{TURNED}\x85.png"
    Image.fromarray(np.full((800, 600, 3), 255, np.uint8)).save(page)
    done = run(command, str(page), str(place / "batch" / NAMES[1]), "--json", home=place / "home")
    said = assert_harmless(done.stdout) + assert_harmless(done.stderr)
    assert done.returncode == 3, said
    assert "\x85" not in said
    first = json.loads(done.stdout.splitlines()[0])
    assert first["file"] == str(page)


def test_on_a_real_terminal_only_our_own_colours_are_obeyed(place: Path, tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    page = tmp_path / f"{TITLE}{TURNED}.png"
    Image.fromarray(np.full((800, 600, 3), 255, np.uint8)).save(page)
    parent, child = pty.openpty()
    environment = {
        **os.environ,
        "YANZHANG_HOME": str(place / "home"),
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "pipeline.cli", "seals", str(page), str(place / "batch" / NAMES[0])]
    running = subprocess.Popen(command, stdout=child, stderr=child, stdin=child, env=environment, cwd=ROOT)
    os.close(child)
    said = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not piece:
            break
        said += piece
    os.close(parent)
    assert running.wait() == 3
    text = said.decode()
    assert "pwned" in text
    assert "\x1b]" not in text and "\x07" not in text and "\u202e" not in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("process", f"nowhere{TITLE}{FORGED}", "--records", "x.json", "--out", "o"),
        ("process", "x", "--records", "y", "--out", "z", "--split", f"{TITLE}{FORGED}"),
        ("read", f"--{TITLE}{FORGED}"),
        (f"{TITLE}{FORGED}",),
        ("read", b"caf\xe9.pdf"),
        ("covers", f"nowhere{FORGED}.json", "--out", "x"),
        ("covers", b"\xb5\xa5.json", "--out", "x"),
        ("process", "x", "--records", f"postgresql:/u:hunter2secret@h/{TITLE}", "--out", "o"),
        ("reconcile", "--records", "http://u:hunter2secret@h/x?token=hunter2secret#t", "--out", "o"),
        ("reconcile", "--records", "env:NOT_SET_ANYWHERE", "--out", "o"),
    ],
)
def test_sentences_about_the_arguments_themselves(arguments: tuple[str | bytes, ...], place: Path) -> None:
    done = run(*arguments, home=place / "home")
    said = assert_harmless(done.stderr)
    assert done.returncode in (1, 2) and said.strip()
    assert "hunter2secret" not in said


def test_names_that_are_no_utf8_are_told_and_cost_nothing(tmp_path: Path) -> None:
    """Archives packed under Chinese Windows leave names of GB18030 bytes; others leave anything."""
    (tmp_path / "batch" / os.fsdecode(b"\xb5\xa5\xce\xbb")).mkdir(parents=True)
    for name in ("批.pdf".encode("gb18030"), b"\xff\xfe.pdf", b"\xb5\xa5\xce\xbb/\xd2\xb3.png", b"\xff.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path / "batch") + b"/" + name)).write_bytes(b"no scan " + name)
    (tmp_path / "r.json").write_text(json.dumps([RECORD]))
    arguments = ["--records", str(tmp_path / "r.json"), "--out", str(tmp_path / "out")]
    done = run("process", str(tmp_path / "batch"), *arguments, home=tmp_path / "home")
    said = assert_harmless(done.stderr)
    assert done.returncode == 3, said
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    assert {e["envelope"] for e in report["envelopes"]} == {"批.pdf", r"\xff\xfe.pdf", "单位"}


def test_a_log_line_cannot_be_forged() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogLines("%(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("hostile.test")
    log.propagate = False
    log.addHandler(handler)
    try:
        log.error("%s could not be read: %r at postgresql://u:hunter2secret@h/db", FORGED + TITLE, ValueError(TURNED))
        try:
            raise ValueError(FORGED + TITLE)
        except ValueError:
            log.exception("broken")
        log.warning("long %s", "a" * 1_000_000)
    finally:
        log.removeHandler(handler)
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith(r"ERROR hostile.test: x\n2026-11-27 ERROR root: all is lost\x1b]0;pwned\x07 could not")
    assert not any(sign in stream.getvalue() for sign in (*OBEYED, "hunter2secret"))
    assert all(line.startswith(("ERROR hostile", "WARNING hostile", "  | ")) for line in lines)
    assert len(lines[-1]) < 11_000


def test_every_handler_gets_messages_fit_to_be_shown() -> None:
    code = (
        "import logging, warnings; from pipeline.printing import install_log; install_log(); install_log()\n"
        "other = logging.StreamHandler(); logging.getLogger('lib').addHandler(other)\n"
        f"logging.getLogger('lib').error('%s http://u:hunter2secret@h/', {FORGED + TITLE!r})\n"
        f"warnings.warn({FORGED + TITLE!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    text = assert_harmless(done.stderr)
    assert "hunter2secret" not in text
    assert text.count("all is lost") >= 3
    assert text.count("ERROR lib: ") == 1, "installed twice, logged once"


def test_a_fault_of_ours_is_said_and_its_text_is_not_obeyed() -> None:
    said = f"{FORGED}{TITLE} postgresql://u:hunter2secret@h/db"
    code = f"from pipeline.printing import install_log; install_log(); raise KeyError({said!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=False)
    text = done.stderr.decode()
    assert done.returncode == 1 and "Traceback" in text and "all is lost" in text
    assert not any(sign in text for sign in (*OBEYED, "hunter2secret"))


def test_what_a_library_logs_of_an_exception_is_one_line_unless_a_developer_asks() -> None:
    code = (
        "import logging, sys; from pipeline.printing import install_log; install_log()\n"
        "logging.getLogger().setLevel(sys.argv[1])\n"
        f"try:\n    raise ValueError({FORGED + TITLE!r})\n"
        "except ValueError:\n    logging.getLogger('prefect.flow_runs').exception('failed')\n"
    )
    for level, lines in (("WARNING", 2), ("INFO", 5)):
        done = subprocess.run([sys.executable, "-c", code, level], capture_output=True, cwd=ROOT, check=True)
        text = done.stderr.decode()
        assert not any(sign in text for sign in OBEYED)
        assert len(text.splitlines()) == lines and ("Traceback" in text) == (level == "INFO"), text


def test_reading_processes_log_in_the_same_way(tmp_path: Path) -> None:
    code = (
        "import logging, sys; from pathlib import Path; from pipeline import reader\n"
        "from pipeline.settings import Settings\n"
        "reader._prepare(Settings(home=Path(sys.argv[1])))\n"
        f"logging.getLogger('pipeline.seeing').error('%s broke', {FORGED + TITLE!r})\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=True)
    assert assert_harmless(done.stderr).startswith(r"ERROR pipeline.seeing: x\n2026-11-27 ERROR root: all is lost\x1b")


def test_a_reading_of_paper_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("a.pdf", ("text",), [(f"https://x.cn/?id=5 {TITLE}",)])
    shown = capsys.readouterr().out
    assert "?id=5" in shown and r"\x1b]0;pwned\x07" in shown


def test_the_command_line_prints_through_one_door_only() -> None:
    files = (ROOT / "pipeline" / "cli.py", *(ROOT / "pipeline" / "commands").glob("*.py"))
    called = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
    }
    assert not called & {"print", "echo", "secho", "Console", "write"}, "print through pipeline.printing"


@pytest.fixture(autouse=True, scope="module")
def _log_as_before() -> object:
    factory, handlers = logging.getLogRecordFactory(), logging.getLogger().handlers[:]
    yield
    logging.setLogRecordFactory(factory)
    logging.getLogger().handlers[:] = handlers
    logging.captureWarnings(False)
