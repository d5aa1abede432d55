"""Two runs at once on one store and into one folder: no error, nothing twice, both reports right."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from store_places import ROOT, drawn, filled, keep_reading_of, write_records

from pipeline.errors import StoreTrouble
from pipeline.store import Arrival, Store, StoredFile
from pipeline.store.durable import alone_in

NUMBERS = (1, 2, 3)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A batch that nobody took in yet, of which all readings are kept: no engine is asked."""
    store = Store(tmp_path / "home")
    for number in NUMBERS:
        name = f"env-{number:04d}.pdf"
        sha256 = hashlib.sha256(drawn(tmp_path / "batch" / name, f"paper of {number}").read_bytes()).hexdigest()
        keep_reading_of(store, Arrival(0, name, sha256, "auto", (StoredFile(name, sha256),)), [number])
    write_records(tmp_path / "records.json", [*NUMBERS, 9])
    return tmp_path


def begun(place: Path, *arguments: str, out: str = "out") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pipeline.cli", *arguments, "--records", str(place / "records.json")]
    environment = {**os.environ, "YANZHANG_HOME": str(place / "home"), "YANZHANG_WORKERS": "1"}
    return subprocess.Popen(
        [*command, "--out", str(place / out)], stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )


def ended(run: subprocess.Popen[str]) -> tuple[int, bool]:
    _, told = run.communicate()
    return run.returncode, "Traceback" in told or "cannot" in told


def told_of(out: Path) -> dict[str, str | None]:
    report = json.loads((out / "report.json").read_text())
    for envelope in report["envelopes"]:
        for finding in envelope.get("findings", ()):
            assert finding.get("evidence") is None or (out / finding["evidence"]).is_file()
    assert report["not_received"] == ["CCIIP2023S00009"]
    return {e["envelope"]: e["application_no"] for e in report["envelopes"]}


def test_the_same_batch_twice_at_once_into_one_folder(place: Path) -> None:
    runs = [begun(place, "process", str(place / "batch")) for _ in range(2)]
    assert [ended(run) for run in runs] == [(0, False)] * 2
    expected = {f"env-{n:04d}.pdf": f"CCIIP2023S{n:05d}" for n in NUMBERS}
    assert told_of(place / "out") == expected
    store = Store(place / "home")
    assert sorted(a.name for a in store.arrivals()) == sorted(expected)
    assert len(store.judgements()) == len(NUMBERS)
    with store.looking() as db:
        twice = "SELECT count(*) - count(DISTINCT application_no) FROM record_versions"
        assert db.exec_driver_sql(twice).scalar_one() == 0
    assert not [p for p in (place / "out").rglob("*") if p.name.startswith(".")]
    assert not list((place / "home").rglob(".incoming-*"))


def test_the_main_job_and_the_nightly_one_at_once(place: Path) -> None:
    assert ended(begun(place, "process", str(place / "batch"), out="first")) == (0, False)
    runs = [begun(place, "process", str(place / "batch"), out="day"), begun(place, "reconcile", out="night")]
    assert [ended(run) for run in runs] == [(0, False)] * 2
    assert told_of(place / "day") == told_of(place / "night") == told_of(place / "first")


def test_one_run_at_a_time_writes_into_a_folder(tmp_path: Path) -> None:
    order: list[str] = []
    inside, outside = threading.Event(), threading.Event()

    def first() -> None:
        with alone_in(tmp_path):
            inside.set()
            outside.wait(10)
            order.append("first")

    def second() -> None:
        inside.wait(10)
        with alone_in(tmp_path):
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    handle = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)
    outside.set()
    for thread in threads:
        thread.join()
    assert order == ["first", "second"]


def test_who_takes_from_a_store_has_it_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(Store(home), tmp_path / "batch", [1])
    code = (
        "import sys; from pathlib import Path; from pipeline.store import Store\n"
        "store = Store(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        other.stdout.readline()
        mine = Store(home, lock_seconds=0.1)
        with pytest.raises(StoreTrouble, match=r"another run uses the store .* wait until it is done"), mine.alone():
            pass
        other.kill()
    # Its lock ended with it; while one takes, nobody else comes in, and afterwards everybody may.
    with mine.alone():
        code = (
            "import sys; from pathlib import Path; from pipeline.store import Store\n"
            "from pipeline.errors import StoreTrouble\n"
            "try:\n    Store(Path(sys.argv[1]), lock_seconds=0.1)\n"
            "except StoreTrouble as trouble:\n    print(trouble.message)"
        )
        refused = subprocess.run(
            [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert "is being restored or forgotten from: wait until that is done" in refused.stdout
    done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == ""
