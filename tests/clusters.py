"""A Prefect server, and a cluster of Dask, for tests: each a process on loopback.

``prefect_server``: a Prefect server with a password. ``running_dask``: a scheduler, and workers when asked for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import PATIENCE, free_port, waiting_for

__all__ = ["Cluster", "prefect_server", "running_dask", "without_prefect"]


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server; what the environment of a process has to say to use it."""
    folder, port = tmp_path_factory.mktemp("prefect"), free_port()
    here = {
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_API_AUTH_STRING": "night:watch",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**without_prefect(), **here, "PREFECT_SERVER_API_AUTH_STRING": "night:watch"},
        )
    try:
        waiting_for(port, process)
        yield here
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=PATIENCE)


def without_prefect() -> dict[str, str]:
    """The environment, in which nothing is said of Prefect."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}


class Cluster:
    """A Dask scheduler and its workers, each a process."""

    def __init__(self, folder: Path, environment: dict[str, str], *, protocol: str = "tcp") -> None:
        self._folder, self._environment = folder, environment
        self._port = free_port()
        self.address = f"{protocol}://127.0.0.1:{self._port}"
        where = ("--host", "127.0.0.1", "--protocol", protocol, "--port", str(self._port))
        self.scheduler = self._started("scheduler", *where, "--no-dashboard")
        waiting_for(self._port, self.scheduler)
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def add_worker(self, name: str, *more: str) -> None:
        """One more, which reads one envelope at a time."""
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--name", name)
        folder = ("--local-directory", str(self._folder / name))
        self.workers[name] = self._started("worker", self.address, *(more or options), *folder, name=name)

    def kill(self, name: str) -> None:
        """SIGKILL to one worker; its reading processes end with it."""
        process = self.workers.pop(name)
        process.kill()
        process.wait(timeout=PATIENCE)

    def said(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def end(self) -> None:
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait(timeout=PATIENCE)

    def _started(self, *arguments: str, name: str = "scheduler") -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("wb") as log:
            command = [str(Path(sys.executable).with_name("dask")), *arguments]
            own = {**self._environment, "YANZHANG_HOME": str(self._folder / f"home-{name}")}
            return subprocess.Popen(command, stdout=log, stderr=log, env=own)


@contextmanager
def running_dask(folder: Path, environment: dict[str, str]) -> Iterator[Cluster]:
    """A scheduler without workers; all that are added end with it."""
    cluster = Cluster(folder, environment)
    try:
        yield cluster
    finally:
        cluster.end()
