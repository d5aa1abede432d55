"""A run of ``yanzhang process`` as a process that can be killed, and what is left of it then."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Place", "Running", "adopt_orphans", "descendants", "orphans_gone"]

_PR_SET_CHILD_SUBREAPER = 36
GONE_SECONDS = 10.0  # after which a process that lost its parent must have ended


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run finds and leaves things."""

    batch: Path
    records: Path
    home: Path
    out: Path
    workers: int = 1


class Running:
    """One run, in a session of its own."""

    def __init__(self, place: Place, *more: str) -> None:
        around = {**os.environ, "YANZHANG_HOME": str(place.home), "YANZHANG_WORKERS": str(place.workers)}
        around.pop("PREFECT_API_URL", None)
        command = ["process", str(place.batch), "--records", str(place.records), "--out", str(place.out), *more]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=around,
            start_new_session=True,
            preexec_fn=_listen_to_interrupts,
        )
        self.pid = self._process.pid
        self.said = ""

    def ended(self, seconds: float) -> int | None:
        """Its exit status, if it ends within so many seconds; ``said`` is what it wrote to stderr."""
        try:
            _, said = self._process.communicate(timeout=max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None
        self.said = said
        return self._process.returncode

    def worked(self) -> float:
        """Seconds of processor that it and what it made have taken: how far it is, whatever else the machine does."""
        return sum(map(_processor_seconds, (self.pid, *descendants(self.pid))))

    def kill_all(self) -> None:
        """SIGKILL to the run and whatever is in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """A signal to the run alone."""
        self._process.send_signal(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill_all()
        self.ended(30)


def adopt_orphans() -> None:
    """Have processes that lose their parent become this one's children, so that they can be seen."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """Ids of the processes that a process has made, and theirs."""
    found = list[int]()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def orphans_gone(before: frozenset[int], seconds: float = GONE_SECONDS) -> list[int]:
    """Wait until no process is left that was not there ``before``; those that are left all the same."""
    until = time.monotonic() + seconds
    while True:
        left = [pid for pid in descendants(os.getpid()) if pid not in before]
        for pid in left:
            with contextlib.suppress(ChildProcessError):  # a grandchild is not ours to bury
                os.waitpid(pid, os.WNOHANG)
        alive = [pid for pid in left if _is_alive(pid)]
        if not alive or time.monotonic() > until:
            return alive
        time.sleep(0.05)


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # its own, and of children that have ended


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _listen_to_interrupts() -> None:
    """What a shell starts in the background is told to ignore Ctrl-C, and tells so to its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
