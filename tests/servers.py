"""Real servers for tests, on loopback, started once a test process where a test asks for one.

``postgres``: an empty database of its own for each test. ``s3``: an S3-compatible server with an empty bucket.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["Bucket", "database", "free_port", "postgres", "postgres_server", "s3", "s3_server", "waiting_for"]

LOWEST, EPHEMERAL = 15_000, 32_768  # from the second on connections get their ports (net.ipv4.ip_local_port_range)
PATIENCE = 60  # s that a server may take to start, on a machine that has other things to do


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket: its address for fsspec, and what its client has to be told."""

    address: str
    endpoint: str
    key: str = "testing"
    secret: str = "testing"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it (botocore's own names)."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def free_port() -> int:
    """A port of loopback that nobody uses now, nor is given by the system while a server is only starting."""
    while True:
        port = secrets.randbelow(EPHEMERAL - LOWEST) + LOWEST
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


def waiting_for(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until somebody answers at a port of loopback."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as one:
            one.settimeout(1)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody answers at port {port}")


def _postgres_programs() -> Path | None:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def running_postgres() -> Iterator[str]:
    """A PostgreSQL server; the address of its database ``postgres``."""
    # Not among pytest's folders: each run of pytest closes them to others, also to the account of another's server.
    folder = Path(tempfile.mkdtemp(prefix="yanzhang-postgres-"))
    try:
        with _running_postgres(folder) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running_postgres(folder: Path) -> Iterator[str]:
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (.ci/setup test installs it)")
    who: dict[str, object] = {}
    if os.geteuid() == 0:  # it refuses to run as root
        user = pwd.getpwnam("postgres") if _has_user("postgres") else pwd.getpwnam("nobody")
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, port = folder / "data", free_port()
    said = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "yanzhang", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"],
        capture_output=True,
        cwd=folder,
        **who,  # type: ignore[call-overload]
    )
    if said.returncode:
        raise RuntimeError(said.stderr.decode())
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",  # nobody cuts the power of a test
        "max_connections": "100",
    }
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
        cwd=folder,
        **who,  # type: ignore[call-overload]
    )
    try:
        waiting_for(port, process)
        address = f"postgresql://yanzhang@127.0.0.1:{port}/postgres"
        _lets_in(address)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)


def _lets_in(address: str) -> None:
    """Wait until a server that answers has started, too."""
    import psycopg

    until = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server's own database."""
    with running_postgres() as address:
        yield address


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The address (``postgresql://…``) of an empty database."""
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    yield postgres_server.rpartition("/")[0] + "/" + name
    with psycopg.connect(postgres_server, autocommit=True) as db:
        db.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of an S3-compatible server."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        waiting_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(timeout=PATIENCE)


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket, which this process and those it starts can reach."""
    import s3fs

    bucket = Bucket(f"s3://test-{uuid.uuid4().hex}", s3_server)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem(endpoint_url=s3_server).mkdir(bucket.address)
    yield bucket
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each kind of database: "" for SQLite in the store's home, and the address of an empty one on a server."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres"))
