"""The process within walls: what it may not do, and that its death harms nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image as Pillow

from pipeline.errors import CostlyScan, UnreadableScan
from pipeline.intake import cell
from pipeline.intake.cell import DEATHS, WalledScan
from pipeline.intake.open import open_scan
from pipeline.settings import Bounds
from pipeline.walls import walls_here

ROOT = Path(__file__).parent.parent
ATTEMPTS = {
    "reads its scan": "open(scan, 'rb').read(1)",
    "reads another's scan": "open(other, 'rb').read(1)",
    "reads the machine's users": "open('/etc/passwd').read(1)",
    "lists a folder": "os.listdir(os.path.dirname(other))",
    "writes a file": "open(other + '.new', 'w')",
    "writes over its scan": "open(scan, 'r+b')",
    "removes its scan": "os.unlink(scan)",
    "renames its scan": "os.rename(scan, scan + '.old')",
    "changes modes": "os.chmod(scan, 0o777)",
    "makes a link": "os.symlink(other, scan + '.link')",
    "calls out": "socket.create_connection(('127.0.0.1', 9), timeout=2)",
    "makes a socket": "socket.socket(socket.AF_UNIX)",
    "starts a program": "os.execv('/bin/true', ['true'])",
    "starts a process": "subprocess.run(['/bin/true'], check=True)",
    "forks": "os.fork()",
    "kills": "os.kill(os.getppid(), 0)",
    "raises its limits": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "takes memory": "bytearray(400_000_000)",
    "starts a thread": "threading.Thread(target=len, args=((),)).start()",
}
HARMLESS = {"reads its scan", "starts a thread"}
FILES = {"reads another's scan", "reads the machine's users", "lists a folder"}  # Landlock's alone


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A PDF of three pages with a line of text each."""
    with pymupdf.open() as pdf:
        for number in range(3):
            pdf.new_page().insert_text((72, 72), f"page {number + 1} of the paper", fontsize=24)
        pdf.save(tmp_path / "paper.pdf")
    return tmp_path / "paper.pdf"


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What came of each attempt in a process that walled itself in."""
    folder = tmp_path_factory.mktemp("walls")
    for name in ("scan.pdf", "other.pdf"):
        (folder / name).write_bytes(b"%PDF-")
    code = (
        "import json, os, resource, socket, subprocess, sys, threading\n"
        "from pathlib import Path\n"
        "from pipeline.walls import wall_in\n"
        "scan, other, attempts = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])\n"
        "wall_in(Path(scan), memory=200_000_000)\n"
        "for name, attempt in attempts.items():\n"
        "    try:\n        eval(attempt)\n        told = 'done'\n"
        "    except (OSError, MemoryError, ValueError, subprocess.SubprocessError) as error:\n"
        "        told = type(error).__name__\n"
        "    print(json.dumps([name, told]), flush=True)\n"
    )
    argv = [sys.executable, "-c", code, str(folder / "scan.pdf"), str(folder / "other.pdf"), json.dumps(ATTEMPTS)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in folder.iterdir()} == {"scan.pdf", "other.pdf"}
    return dict(json.loads(line) for line in done.stdout.splitlines())


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_is_walled_in_stays_in(attempt: str, attempts: dict[str, str]) -> None:
    if attempt in FILES and "files" not in walls_here():
        pytest.skip("this kernel has no Landlock")
    if attempt not in {*HARMLESS, *FILES, "takes memory"} and "network" not in walls_here():
        pytest.skip("this machine has no libseccomp")
    assert (attempts[attempt] == "done") == (attempt in HARMLESS), attempts[attempt]


def test_every_wall_of_the_machine_stands_around_a_scan(paper: Path) -> None:
    with open_scan(paper, bounds=Bounds()) as scan:
        assert isinstance(scan, WalledScan)
        assert scan.walls == walls_here() >= {"memory"}


def test_nothing_secret_goes_inside(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YANZHANG_DATABASE_PASSWORD", "open sesame")
    cell._keeper.stop()
    with open_scan(paper, bounds=Bounds()) as scan:
        assert isinstance(scan, WalledScan)
        around = Path(f"/proc/{scan._pid}/environ").read_bytes()
        assert b"PYTHONPATH" in around
        assert b"sesame" not in around


def test_a_killed_process_costs_one_answer(paper: Path) -> None:
    with open_scan(paper, bounds=Bounds()) as scan:
        assert isinstance(scan, WalledScan)
        first = scan.image(0)
        os.kill(scan._pid, signal.SIGKILL)
        with pytest.raises(CostlyScan, match=r"page 2 of paper\.pdf breaks"):
            scan.image(1)
        assert np.array_equal(scan.image(0), first)
        assert scan.image(2).min() < 128


def test_a_file_that_breaks_every_process_is_refused(paper: Path) -> None:
    with open_scan(paper, bounds=Bounds()) as scan:
        assert isinstance(scan, WalledScan)
        for _ in range(DEATHS):
            assert scan.dpi(1) == 200
            os.kill(scan._pid, signal.SIGKILL)
            with pytest.raises(CostlyScan):
                scan.image(0)
        with pytest.raises(CostlyScan, match="the rest of it is left out"):
            scan.image(2)
        assert scan.text_page(2) is None
        assert scan.dpi(2) is None


def test_text_that_breaks_its_reader_costs_no_picture(paper: Path) -> None:
    with open_scan(paper, bounds=Bounds()) as scan:
        assert isinstance(scan, WalledScan)
        assert scan.text_page(0) is not None
        os.kill(scan._pid, signal.SIGKILL)
        assert [scan.text_page(index) for index in range(3)] == [None] * 3
        assert scan._deaths == 1
        assert all(scan.image(index).min() < 128 for index in range(3))


def test_the_keeper_may_be_killed(paper: Path) -> None:
    with open_scan(paper, bounds=Bounds()) as scan:
        assert scan.page_count == 3
    assert cell._keeper._process is not None
    cell._keeper._process.kill()
    cell._keeper._process.wait()
    with open_scan(paper, bounds=Bounds()) as scan:
        assert scan.image(2).shape[2] == 3


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A PDF whose first page draws 10^12 times, through forms in forms; the second one is plain."""
    with pymupdf.open() as pdf:
        pdf.new_page()
        pdf.new_page().insert_text((72, 72), "plain", fontsize=24)
        page = pdf[0]
        inner = _form(pdf, b"0 0 9 9 re f " * 10, None)
        for _ in range(11):
            inner = _form(pdf, b"/X Do " * 10, inner)
        pdf.xref_set_key(page.xref, "Resources", f"<</XObject<</X {inner} 0 R>>>>")
        content = pdf.get_new_xref()
        pdf.update_object(content, "<<>>")
        pdf.update_stream(content, b"/X Do")
        pdf.xref_set_key(page.xref, "Contents", f"{content} 0 R")
        pdf.save(tmp_path / "endless.pdf")
    return tmp_path / "endless.pdf"


def _form(pdf: pymupdf.Document, content: bytes, inner: int | None) -> int:
    xref: int = pdf.get_new_xref()
    inside = f"/Resources<</XObject<</X {inner} 0 R>>>>" if inner else ""
    pdf.update_object(xref, f"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]{inside}>>")
    pdf.update_stream(xref, content)
    return xref


def test_a_page_that_takes_for_ever_costs_itself(endless: Path) -> None:
    with open_scan(endless, bounds=Bounds(page_seconds=2)) as scan:
        with pytest.raises(CostlyScan, match=r"page 1 of endless\.pdf takes longer than 2 s"):
            scan.image(0)
        assert scan.image(1).min() < 128


def test_a_page_that_takes_too_much_memory_says_so(tmp_path: Path) -> None:
    Pillow.new("RGB", (11_000, 10_000), "white").save(tmp_path / "wide.png", compress_level=1)
    with (
        open_scan(tmp_path / "wide.png", bounds=Bounds(page_memory=200_000_000)) as scan,
        pytest.raises(UnreadableScan, match="needs more than 200 MB"),
    ):
        scan.image(0)


@pytest.fixture
def orphan_maker(paper: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has a scan open and waits."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from pipeline.intake.open import open_scan; from pipeline.intake import cell\n"
        "from pipeline.settings import Bounds\n"
        "scan = open_scan(Path(sys.argv[1]), bounds=Bounds())\n"
        "print(scan._pid, cell._keeper._process.pid, flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(paper)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def test_walled_processes_end_with_who_asked(orphan_maker: subprocess.Popen[str]) -> None:
    assert orphan_maker.stdout is not None
    pids = [int(word) for word in orphan_maker.stdout.readline().split()]
    assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    orphan_maker.kill()
    orphan_maker.wait()
    deadline = time.monotonic() + 20
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
