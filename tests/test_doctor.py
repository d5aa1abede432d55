"""What ``yanzhang doctor`` calls weak: each setting alone, what it says to do, and that the status stays 0."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from servers import Bucket, free_port

from pipeline import weaknesses as module
from pipeline.doctor import Item, examine
from pipeline.settings import Bounds, Settings
from pipeline.weaknesses import weaknesses

ROOT = Path(__file__).parent.parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir(mode=0o700)
    return tmp_path / "home"


def told(home: Path, environment: dict[str, str] | None = None, **changes: object) -> str:
    settings = Settings(home=home, **changes)  # type: ignore[arg-type]
    return "\n".join(f"{name}: {says}" for name, says in weaknesses(settings, environment or {}))


def test_a_home_that_others_can_open(home: Path) -> None:
    assert "chmod 700" not in told(home)
    for mode in (0o750, 0o705, 0o777, 0o711):
        home.chmod(mode)
        assert f"store: {home} can be opened by others on this machine: chmod 700 {home}" in told(home)


def test_a_home_where_everybody_may_write(home: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    assert f"the store lies in {shared}" in told(shared / "deep" / "home")
    assert "where everybody may write" not in told(Path("/srv/home"))


def test_root(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" not in told(home)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "account: this runs as root" in told(home)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PREFECT_API_URL": "http://prefect.example:4200/api"}, "talks to prefect.example in clear text"),
        ({"PREFECT_API_URL": "https://prefect.example/api"}, "prefect.example is used without a password"),
        ({"PREFECT_API_URL": "http://u:hunter2secret@prefect.example/api"}, "prefect.example in clear text"),
        ({"PREFECT_API_URL": "http://[broken"}, "PREFECT_API_URL talks to ?"),
        ({"PREFECT_SERVER_API_HOST": "0.0.0.0"}, "set PREFECT_SERVER_API_AUTH_STRING"),
        ({"PREFECT_RESULTS_DEFAULT_SERIALIZER": "pickle"}, "set it to json"),
        ({"PREFECT_RESULTS_DEFAULT_SERIALIZER": "compressed/pickle"}, "set it to json"),
        ({"PREFECT_RESULTS_PERSIST_BY_DEFAULT": "TRUE"}, "unset it"),
        ({"PYTHONINSPECT": "1"}, "PYTHONINSPECT is set"),
    ],
)
def test_weak_surroundings(environment: dict[str, str], says: str, home: Path) -> None:
    assert says not in told(home)
    said = told(home, environment)
    assert says in said
    assert "hunter2secret" not in said


@pytest.mark.parametrize(
    "environment",
    [
        {"PREFECT_API_URL": "http://127.0.0.1:4200/api"},
        {"PREFECT_API_URL": "http://localhost:4200/api", "PREFECT_SERVER_API_HOST": "127.0.0.1"},
        {"PREFECT_API_URL": "https://prefect.example/api", "PREFECT_API_AUTH_STRING": "a:b"},
        {"PREFECT_SERVER_API_HOST": "0.0.0.0", "PREFECT_SERVER_API_AUTH_STRING": "a:b"},
        {"PREFECT_RESULTS_DEFAULT_SERIALIZER": "json", "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false"},
    ],
)
def test_sound_surroundings(environment: dict[str, str], home: Path) -> None:
    assert told(home, environment) == told(home)


CLEAR = "may be spoken to in clear text"


@pytest.mark.parametrize(
    ("address", "environment", "says"),
    [
        ("postgresql://u:hunter2@db.example/d", {}, CLEAR),
        ("postgresql://u:hunter2@db.example/d?sslmode=prefer", {}, CLEAR),
        ("postgresql:///d?host=db.example", {}, CLEAR),
        ("env:DB", {"DB": "postgresql://u:hunter2@db.example/d"}, CLEAR),
        ("postgresql://u:hunter2@db.example/d?sslmode=require", {}, "nobody checks that db.example is"),
        ("postgresql://u:hunter2@db.example/d?sslmode=verify-full", {}, ""),
        ("postgresql://u:hunter2@db.example/d", {"PGSSLMODE": "verify-full"}, ""),
        ("postgresql://u:hunter2@127.0.0.1/d", {}, ""),
        ("postgresql:///d?host=/run/postgresql", {}, ""),
        ("", {}, ""),
    ],
)
def test_a_database_elsewhere_without_tls(address: str, environment: dict[str, str], says: str, home: Path) -> None:
    found = told(home, environment, database=SecretStr(address))
    assert says in found
    assert says or "database:" not in found
    assert "hunter2" not in found


def test_scans_of_one_machine_and_a_database_for_many(home: Path) -> None:
    server = SecretStr("postgresql://127.0.0.1/d")
    assert "originals: the database is a server's and scans lie in a folder" in told(home, database=server)
    assert "originals:" not in told(home, database=server, originals="s3://b/p") + told(home)


def test_scans_that_travel_in_clear_text(home: Path) -> None:
    clear = {"AWS_ENDPOINT_URL": "http://s3.example:9000"}
    assert "scans travel to s3.example in clear text" in told(home, clear, originals="s3://b/p")
    assert "clear text" not in told(home, clear)
    for endpoint in ("https://s3.example", "http://127.0.0.1:9000"):
        assert "clear text" not in told(home, {"AWS_ENDPOINT_URL": endpoint}, originals="s3://b/p")


def test_files_with_passwords_that_others_may_read(home: Path, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    for path in (tmp_path / ".pgpass", tmp_path / ".aws" / "credentials"):
        path.write_text("secret")
        path.chmod(0o600)
        assert "passwords:" not in told(home, {"HOME": str(tmp_path)})
        path.chmod(0o644)
        assert f"passwords: {path} holds passwords and can be read by others" in told(home, {"HOME": str(tmp_path)})
        path.chmod(0o600)


def test_where_the_store_is(home: Path, postgres: str, s3: Bucket) -> None:
    here = {item.name: item for item in examine(Settings(home=home)) if item.state != "weak"}
    assert here["store"].says.startswith(f"{home} can be written, 0 arrivals in it (SQLite ")
    assert here["originals"].says == f"{home / 'originals'} can be written"
    settings = Settings(home=home, database=SecretStr(postgres), originals=f"{s3.address}/p")
    there = {item.name: item for item in examine(settings) if item.state != "weak"}
    assert f"{postgres} can be written, 0 arrivals in it (PostgreSQL" in there["store"].says
    assert there["originals"].says == f"{s3.address}/p can be written"
    down = Settings(home=home, database=SecretStr(f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d"))
    bad = {item.name: item for item in examine(down) if item.state != "weak"}
    assert bad["store"].state == "bad"
    assert "start the server" in bad["store"].says
    assert not [item for item in bad.values() if "hunter2" in item.says]


@pytest.mark.parametrize("name", Bounds.model_fields)
def test_raised_bounds(name: str, home: Path) -> None:
    usual = getattr(Bounds(), name)
    assert "bounds" not in told(home, bounds=Bounds(**{name: usual}))
    said = told(home, bounds=Bounds(**{name: usual + 1}))
    assert f"YANZHANG_BOUNDS__{name.upper()}={usual + 1}" in said and str(usual) in said


def test_core_dumps(home: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, before[1]))
        assert "core dumps" not in told(home)
        if before[1] == 0:
            pytest.skip("this machine allows no core dumps at all")
        resource.setrlimit(resource.RLIMIT_CORE, (4096 if before[1] < 0 else before[1], before[1]))
        assert "core dumps" in told(home)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def test_programs_that_everybody_may_change(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "lib"), *sys.path])
    assert str(tmp_path / "lib") not in told(home)
    (tmp_path / "lib").chmod(0o777)
    assert f"programs are loaded from {tmp_path / 'lib'}" in told(home)


def test_walls_that_this_machine_lacks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "walls_here", lambda: frozenset({"memory", "network"}))
    said = told(home)
    assert "without a wall around files" in said and "Landlock" in said
    assert "around memory" not in said and "around network" not in said


def test_weak_is_told_and_is_no_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.chmod(0o755)
    items = list(examine(Settings(home=home)))
    assert all(isinstance(item, Item) for item in items)
    weak = [item for item in items if item.state == "weak"]
    assert weak and all(item.ok for item in weak)
    assert not any(item.ok for item in items if item.state == "bad")


@pytest.mark.slow
def test_the_command_marks_the_weak_and_ends_well(home: Path) -> None:
    home.chmod(0o755)
    environment = {**os.environ, "YANZHANG_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "pipeline.cli", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    lines = done.stdout.splitlines()
    assert any(line.startswith("! store:") for line in lines), done.stdout
    assert done.returncode == (1 if any(line.startswith("✗") for line in lines) else 0)


@pytest.mark.parametrize(
    ("cluster", "environment", "says"),
    [
        ("tcp://dask.example:8786", {}, "dask.example is used in clear text"),
        ("tcp://dask.example:8786", {}, "the store is this one's own"),
        ("tls://dask.example:8786", {}, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=true"),
    ],
)
def test_a_cluster_that_strangers_can_use(cluster: str, environment: dict[str, str], says: str, home: Path) -> None:
    assert says in told(home, environment, cluster=cluster)


def test_a_cluster_that_is_closed(home: Path) -> None:
    required = {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
    database = "postgresql://db.example/yanzhang"
    assert "Dask" not in told(home, required, cluster="tls://dask.example:8786", database=database)
    assert "Dask" not in told(home, cluster="tcp://127.0.0.1:8786")
    assert "Dask" not in told(home)
