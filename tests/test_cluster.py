"""Several machines, each a process here: a Prefect server, PostgreSQL, an S3 server, a Dask scheduler and its workers.

Whatever becomes of the workers, the report is the one that a single machine writes, and nothing is read for ever.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.settings import Settings
from pipeline.store import Store
from samples.soak.pages import draw_page, thick_pdf
from tests.servers import Bucket, Cluster, running_dask, without_prefect

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "samples" / "demo"
RUN_SECONDS = 420
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Office:
    """One machine's surroundings: who runs the flow."""

    folder: Path
    environment: dict[str, str]

    def store(self) -> Store:
        return Store(self.folder / "home")

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("wb") as said:
            command = [sys.executable, "-m", "pipeline.cli", *arguments]
            return subprocess.Popen(command, stdout=said, stderr=said, env=self.environment, cwd=ROOT)

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def begun(self) -> dict[str, int]:
        """Readings that some worker has begun and not ended, with how often."""
        with self.store().looking() as db:
            return {
                row[0]: row[1] for row in db.execute(text("SELECT reading, strikes FROM quarantine WHERE page < -1"))
            }


def environment(home: Path, **more: str) -> dict[str, str]:
    own = {"YANZHANG_HOME": str(home), "YANZHANG_WORKERS": "1", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return {**without_prefect(), **own, **more}


@pytest.fixture
def office(
    tmp_path: Path, prefect_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Office, Cluster]]:
    """Who runs the flow, and a cluster without workers."""
    shared = environment(tmp_path / "home", **prefect_server)
    with running_dask(tmp_path, shared) as cluster:
        yield Office(tmp_path, {**shared, "YANZHANG_CLUSTER": cluster.address}), cluster


def wait_for(what: Callable[[], Any], run: subprocess.Popen[bytes], seconds: float = 120) -> Any:
    """Look again and again until there is something, or the run has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        if run.poll() is not None:
            return what()
        time.sleep(0.05)
    raise AssertionError("it did not come")


def report_of(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    del report["generated_at"]
    return report


def batch_of(folder: Path) -> Path:
    """Two envelopes of the demo, whose findings are known, and three of a few printed pages."""
    batch = folder / "batch"
    batch.mkdir()
    shutil.copy(DEMO / "batch" / "env-0007.pdf", batch)
    shutil.copytree(DEMO / "batch" / "env-0003", batch / "env-0003")
    for seed, name in enumerate(("x.pdf", "y.pdf", "z.pdf")):
        thick_pdf(batch / name, 3, seed)
    return batch


def test_a_worker_is_killed_and_the_report_is_the_one_of_a_single_machine(
    office: tuple[Office, Cluster], tmp_path: Path
) -> None:
    here, cluster = office
    batch = batch_of(tmp_path)
    for name in ("one", "two", "three"):
        cluster.add_worker(name)
    given = ("process", str(batch), "--records", str(DEMO / "records.json"), "--received-on", "2023-09-20")
    run = here.start(*given, "--out", str(tmp_path / "many"))
    begun = wait_for(lambda: (found := here.begun()) and len(found) == 3 and found, run)
    cluster.kill("two")  # each of the three is in the middle of an envelope
    again = wait_for(lambda: [key for key, times in here.begun().items() if times == 2], run)
    assert run.wait(timeout=RUN_SECONDS) == 0, here.said()
    assert len(again) == 1 and set(again) <= set(begun)  # one envelope was begun anew, by another
    assert here.begun() == {}

    alone = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *given, "--out", str(tmp_path / "single")],
        env=environment(tmp_path / "single-home"),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert alone.returncode == 0, alone.stderr.decode()
    many, single = report_of(tmp_path / "many"), report_of(tmp_path / "single")
    assert len(many["envelopes"]) == 5 and any(e["findings"] for e in many["envelopes"])
    assert many == single
    evidence = [sorted(p.name for p in (tmp_path / out / "evidence").iterdir()) for out in ("many", "single")]
    assert evidence[0] == evidence[1]
