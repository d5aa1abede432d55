"""Several machines, each a process here: a Prefect server, PostgreSQL, an S3 server, a Dask scheduler and its workers.

Whatever becomes of the workers, the report is the one that a single machine writes, and nothing is read for ever.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from flows import cluster as module
from flows.cluster import check_cluster, translated
from flows.orders import carry_out, order_for
from pipeline.errors import BadSetting, ClusterDown
from pipeline.settings import Settings
from pipeline.store import Store, StoredFile, store_of
from samples.soak.pages import thick_pdf, write_records
from tests.clusters import Cluster, running_dask, without_prefect
from tests.servers import Bucket, free_port

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "samples" / "demo"
RUN_SECONDS = 420
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Office:
    """One machine's surroundings: who runs the flow."""

    folder: Path
    environment: dict[str, str]
    settings: Settings

    def store(self) -> Store:
        return store_of(self.settings)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("wb") as said:
            command = [sys.executable, "-m", "pipeline.cli", *arguments]
            return subprocess.Popen(command, stdout=said, stderr=said, env=self.environment, cwd=ROOT)

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def begun(self) -> dict[str, int]:
        """Readings that some worker has begun and not ended, with how often."""
        with self.store().looking() as db:
            asked = text("SELECT reading, sum(strikes) FROM quarantine WHERE page < -1 GROUP BY reading")
            return {row[0]: int(row[1]) for row in db.execute(asked)}


def environment(home: Path, **more: str) -> dict[str, str]:
    own = {"YANZHANG_HOME": str(home), "YANZHANG_WORKERS": "1", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return {**without_prefect(), **own, **more}


@pytest.fixture
def office(
    tmp_path: Path, prefect_server: dict[str, str], postgres: str, s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Office, Cluster]]:
    """Who runs the flow, and a cluster without workers."""
    store = {"YANZHANG_DATABASE": postgres, "YANZHANG_ORIGINALS": f"{s3.address}/originals", **s3.environment}
    for name, value in {"YANZHANG_HOME": str(tmp_path / "home"), **store}.items():
        monkeypatch.setenv(name, value)
    # Each machine has a home of its own: what they share is the database and the bucket.
    with running_dask(tmp_path, environment(tmp_path / "away", **store, **prefect_server)) as cluster:
        here = environment(tmp_path / "home", **store, **prefect_server, YANZHANG_CLUSTER=cluster.address)
        yield Office(tmp_path, here, Settings()), cluster


def wait_for(what: Callable[[], Any], run: subprocess.Popen[bytes], seconds: float = RUN_SECONDS) -> Any:
    """Look again and again until there is something, or the run has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        if run.poll() is not None:
            return what()
        time.sleep(0.05)
    raise AssertionError("what was waited for did not come")


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

    single_machine = environment(tmp_path / "single-home", YANZHANG_DATABASE="", YANZHANG_ORIGINALS="")
    alone = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *given, "--out", str(tmp_path / "single")],
        env=single_machine,
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
    # Nothing of it lies on one machine alone.
    assert not list((tmp_path / "home").glob("*.sqlite3")) and not list((tmp_path / "home" / "originals").rglob("*"))


def test_an_envelope_that_ends_worker_after_worker_is_put_into_quarantine(
    office: tuple[Office, Cluster], tmp_path: Path
) -> None:
    here, cluster = office
    (tmp_path / "batch").mkdir()
    thick_pdf(tmp_path / "batch" / "poison.pdf", 40, 1)
    thick_pdf(tmp_path / "batch" / "small.pdf", 1, 2)
    write_records(tmp_path / "r.json")
    cluster.add_worker("0")
    run = here.start(
        "process", str(tmp_path / "batch"), "--records", str(tmp_path / "r.json"), "--out", str(tmp_path / "out")
    )
    arrivals = wait_for(lambda: len(found := here.store().arrivals()) == 2 and found, run)
    poison = next(a for a in arrivals if a.name == "poison.pdf")
    key = order_for(poison, Settings(), "cciip-2023").key
    for death in range(1, 5):  # twice among others, twice alone
        wait_for(lambda times=death: here.begun().get(key, 0) == times, run)  # type: ignore[misc]
        cluster.kill(str(death - 1))
        cluster.add_worker(str(death))
    assert run.wait(timeout=RUN_SECONDS) == 3, here.said()
    envelopes = {e["envelope"]: e for e in report_of(tmp_path / "out")["envelopes"]}
    assert envelopes["poison.pdf"]["verdict"] == "unreadable" and envelopes["small.pdf"]["verdict"] != "unreadable"
    assert "machine after machine ended while it was read" in here.said() and "yanzhang retry" in here.said()
    assert "Traceback" not in here.said()


def test_a_scheduler_that_ends_is_one_sentence(office: tuple[Office, Cluster], tmp_path: Path) -> None:
    here, cluster = office
    (tmp_path / "batch").mkdir()
    thick_pdf(tmp_path / "batch" / "long.pdf", 40, 1)
    write_records(tmp_path / "r.json")
    cluster.add_worker("one")
    run = here.start(
        "process", str(tmp_path / "batch"), "--records", str(tmp_path / "r.json"), "--out", str(tmp_path / "out")
    )
    wait_for(here.begun, run)
    cluster.scheduler.kill()
    assert run.wait(timeout=RUN_SECONDS) == 1
    (line,) = (line for line in here.said().splitlines() if line.startswith("yanzhang: "))
    assert "what was read is kept" in line and "Traceback" not in here.said()


def test_what_a_cluster_lacks_is_one_sentence(
    office: tuple[Office, Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    here, cluster = office
    monkeypatch.setattr(module, "PATIENCE", 3)
    with pytest.raises(BadSetting, match=r"no Dask scheduler .*YANZHANG_CLUSTER"):
        check_cluster(f"tcp://127.0.0.1:{free_port()}")
    with pytest.raises(BadSetting, match="no Dask scheduler"):
        check_cluster(cluster.address.replace("tcp", "tls"))  # without certificates
    with pytest.raises(ClusterDown, match="--no-nanny"):
        check_cluster(cluster.address)
    # A client that is left half open closes when it is collected, which may be while another one starts.
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("IO loop")]
    # A worker under a nanny may not start a process of its own.
    cluster.add_worker("nanny", "--nthreads", "1", "--no-dashboard")
    thick_pdf(tmp_path / "a.pdf", 1, 1)
    store = here.store()
    sha256 = store.originals.put(tmp_path / "a.pdf")
    arrival = store.arrive("a.pdf", [StoredFile("a.pdf", sha256)], sha256=sha256, split="auto", received_on=None)
    order = order_for(arrival, Settings(), "cciip-2023")
    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
        monkeypatch.setattr(module, "PATIENCE", 30)
        assert check_cluster(cluster.address) == 1
        with pytest.raises(BadSetting, match="--no-nanny"):
            client.submit(carry_out, order).result(timeout=120)


def test_a_deployed_batch_is_read_by_the_cluster(office: tuple[Office, Cluster], tmp_path: Path) -> None:
    here, cluster = office
    (tmp_path / "批 [x](y)").mkdir()
    thick_pdf(tmp_path / "批 [x](y)" / "a.pdf", 1, 1)
    write_records(tmp_path / "r.json")
    cluster.add_worker("one")
    parameters = {"batch": tmp_path / "批 [x](y)", "out": tmp_path / "out", "records": tmp_path / "r.json"}
    given = [word for name, value in parameters.items() for word in ("--param", f"{name}={json.dumps(str(value))}")]
    for command in (
        ("pipeline.cli", "deploy", "--pool", "cluster"),
        ("prefect", "deployment", "run", "ingest-batch/ingest", *given),
        ("prefect", "worker", "start", "--pool", "cluster", "--run-once"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=here.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    report = wait_until(lambda: (tmp_path / "out" / "report.json").exists())
    assert report and report_of(tmp_path / "out")["totals"]["pages"] == 1
    assert "a.pdf" in cluster.said("one")
    runs = [sys.executable, "-m", "prefect", "flow-run", "ls", "--limit", "50"]
    wide = {**here.environment, "COLUMNS": "250"}
    listed = subprocess.run(runs, env=wide, capture_output=True, text=True, check=False)
    assert "batch-批_x_y" in listed.stdout and "](" not in listed.stdout


def wait_until(what: Callable[[], Any], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def test_a_cluster_without_a_prefect_server_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "batch").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "process", str(tmp_path / "batch"), "--records", "r.json", "--out", "o"],
        env=environment(tmp_path / "home", YANZHANG_CLUSTER="tcp://127.0.0.1:9"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "PREFECT_API_URL" in line and "YANZHANG_CLUSTER" in line


def test_only_the_cluster_s_own_faults_are_called_so() -> None:
    own = ValueError("ours")
    assert translated(own) is own
    lost = type("FutureCancelledError", (Exception,), {"__module__": "distributed.client"})("http://u:pw@h lost")
    told = translated(lost)
    assert isinstance(told, ClusterDown) and "pw" not in told.message and "same command" in told.message
