"""``yanzhang deploy`` against a real Prefect server: what it registers, twice is once, and what nobody may register."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clusters import without_prefect

ROOT = Path(__file__).parent.parent
PASSWORD = "hunter2secret"


def run(
    *arguments: str, environment: dict[str, str], home: Path, program: tuple[str, ...] = ("-m", "pipeline.cli")
) -> subprocess.CompletedProcess[str]:
    own = {"YANZHANG_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True,
        text=True,
        env={**without_prefect(), **environment, **own},
        cwd=ROOT,
        check=False,
    )


class Api:
    """The server, asked as its pages ask it."""

    def __init__(self, environment: dict[str, str]) -> None:
        name, _, password = environment["PREFECT_API_AUTH_STRING"].partition(":")
        self._client = httpx.Client(base_url=environment["PREFECT_API_URL"], auth=(name, password), timeout=60)

    def ask(self, path: str, **body: Any) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def start(self, deployment: str, **parameters: Any) -> httpx.Response:
        return self._client.post(f"/deployments/{deployment}/create_flow_run", json={"parameters": parameters})

    def deployments(self) -> dict[str, Any]:
        return {one["name"]: one for one in self.ask("/deployments/filter")}

    def propose(self, flow_run: str, kind: str) -> str:
        told = self.ask(f"/flow_runs/{flow_run}/set_state", state={"type": kind}, force=False)
        return str((told["state"] or {}).get("type") or told["status"])


@pytest.fixture(scope="module")
def api(prefect_server: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server to which was deployed twice, the second time for another hour."""
    home = tmp_path_factory.mktemp("deployed")
    for cron in ("30 2 * * *", "15 3 * * *"):
        done = run("deploy", "--cron", cron, "--out", str(home / "night"), environment=prefect_server, home=home)
        assert done.returncode == 0, done.stderr
    yield Api(prefect_server)


@pytest.mark.slow
def test_deploying_twice_is_once(api: Api) -> None:
    deployed = api.deployments()
    assert set(deployed) == {"nightly", "ingest"}
    times = [one["schedule"] for one in deployed["nightly"]["schedules"]]
    assert [(one["cron"], one["timezone"]) for one in times] == [("15 3 * * *", "Asia/Shanghai")]
    assert deployed["ingest"]["schedules"] == []
    assert [pool["type"] for pool in api.ask("/work_pools/filter") if pool["name"] == "yanzhang"] == ["process"]


@pytest.mark.slow
def test_the_worker_runs_the_installed_package(api: Api) -> None:
    for one in api.deployments().values():
        assert one["entrypoint"] in ("flows.steps.nightly_reconcile", "flows.steps.ingest_batch")
        assert not one["pull_steps"] and one["storage_document_id"] is None
        assert one["enforce_parameter_schema"] is True


@pytest.mark.slow
def test_the_record_source_is_protected_by_a_limit(api: Api) -> None:
    assert api.get("/v2/concurrency_limits/yanzhang-records")["limit"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("nightly", {"programme": "../../etc/passwd"}),
        ("nightly", {"out": ""}),
        ("nightly", {"records": 7}),
        ("ingest", {"batch": "b", "out": "o", "workers": 0}),
        ("ingest", {"batch": "b", "out": "o", "split": "maybe"}),
        ("ingest", {"batch": "b"}),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(api: Api, name: str, parameters: dict[str, Any]) -> None:
    answer = api.start(api.deployments()[name]["id"], **parameters)
    assert answer.status_code in (409, 422), answer.text
    wrong = next((key for key in parameters if parameters[key] not in ("b", "o")), "out")
    assert wrong in answer.text, answer.text


@pytest.mark.slow
def test_a_second_night_is_cancelled_while_the_first_runs(api: Api) -> None:
    nightly = api.deployments()["nightly"]["id"]
    first, second, third = (api.start(nightly).json()["id"] for _ in range(3))
    assert api.propose(first, "PENDING") == "PENDING"
    assert api.propose(first, "RUNNING") == "RUNNING"
    assert api.propose(second, "PENDING") == "CANCELLED"
    assert api.propose(first, "COMPLETED") == "COMPLETED"
    assert api.propose(third, "PENDING") == "PENDING"
    assert api.propose(third, "RUNNING") == "RUNNING"
    assert api.propose(third, "COMPLETED") == "COMPLETED"


def test_what_prefect_s_own_command_would_deploy_is_the_same(tmp_path: Path) -> None:
    done = run("deploy", "--dry-run", environment={}, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip() == (ROOT / "prefect.yaml").read_text(encoding="utf-8").rstrip()


@pytest.mark.slow
def test_prefect_deploy_takes_prefect_yaml(api: Api, prefect_server: dict[str, str], tmp_path: Path) -> None:
    before = {name: one["id"] for name, one in api.deployments().items()}
    done = run("--no-prompt", "deploy", "--all", environment=prefect_server, home=tmp_path, program=("-m", "prefect"))
    assert done.returncode == 0, done.stdout + done.stderr
    deployed = api.deployments()
    assert {name: one["id"] for name, one in deployed.items()} == before
    nightly = deployed["nightly"]
    assert [one["schedule"]["cron"] for one in nightly["schedules"]] == ["30 2 * * *"]
    assert nightly["global_concurrency_limit"]["limit"] == 1 and not nightly["pull_steps"]
    assert nightly["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--cron", "at night"), "--cron"),
        (("--timezone", "Mars/Olympus"), "Mars/Olympus"),
        (("--records", f"postgresql://u:{PASSWORD}@db/x#t"), "env:NAME"),
        (("--programme", "next-year"), "next-year"),
        (("--pool", "../pool"), "--pool"),
    ],
)
def test_what_cannot_be_registered_is_one_sentence(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = run("deploy", "--dry-run", *arguments, environment={}, home=tmp_path)
    assert done.returncode == 1 and not done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("yanzhang: ") and says in line and PASSWORD not in line


@pytest.mark.parametrize(
    ("environment", "says"),
    [({}, "prefect server start"), ({"PREFECT_API_URL": f"http://u:{PASSWORD}@127.0.0.1:9/api"}, "PREFECT_API_URL")],
)
def test_no_server_is_one_sentence(environment: dict[str, str], says: str, tmp_path: Path) -> None:
    done = run("deploy", environment=environment, home=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert says in line and "--dry-run" in line and PASSWORD not in line


@pytest.mark.slow
def test_a_worker_runs_the_night_once_and_its_page_shows_it(
    api: Api, prefect_server: dict[str, str], tmp_path: Path
) -> None:
    record = {"application_no": "1", "track": "park", "name": "[x](http://evil.example)"}
    (tmp_path / "r.json").write_text(json.dumps([record]))
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "a.pdf").write_bytes(b"no scan")
    home = tmp_path / "home"
    taken = run(
        "process", str(tmp_path / "batch"), "--records", str(tmp_path / "r.json"), "--out", str(tmp_path / "out"),
        environment={}, home=home,
    )  # fmt: skip
    assert taken.returncode == 3, taken.stderr
    nightly = api.deployments()["nightly"]["id"]
    # Three nights that wait, as after days without a worker: one is run, the others are cancelled.
    given = {"records": str(tmp_path / "r.json"), "out": str(tmp_path / "night")}
    waiting = [api.start(nightly, **given).json()["id"] for _ in range(3)]
    worked = run(
        "worker", "start", "--pool", "yanzhang", "--run-once",
        environment=prefect_server, home=home, program=("-m", "prefect"),
    )  # fmt: skip
    for _ in range(900):
        states = {one: api.get(f"/flow_runs/{one}") for one in waiting}
        if all(one["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") for one in states.values()):
            break
        time.sleep(0.5)
    ended = sorted(one["state_type"] for one in states.values())
    assert ended == ["CANCELLED", "CANCELLED", "COMPLETED"], worked.stdout + worked.stderr
    state = next(one for one in states.values() if one["state_type"] == "COMPLETED")
    assert state["name"].startswith("night-20")
    assert (tmp_path / "night" / "report.json").exists()
    tables = {one["key"]: one for one in api.ask("/artifacts/filter") if one["flow_run_id"] == state["id"]}
    shown = tables["nightly-reconcile"]["data"]
    rows = json.loads(shown) if isinstance(shown, str) else shown
    told = {row["what"].split()[0]: row["count"] for row in rows}
    assert told["未收到"] == 1 and told["无法读取"] == 1
