"""A process of its own for files that may bring their reader down: asked about one after the other, begun anew."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BAD", "LIMIT_MB", "PAGE_SECONDS", "Prober", "Told"]

BAD = ("CRASH", "HANG", "MEMORY")
PAGE_SECONDS = 10  # the bounds under which files are opened: tighter than a user's, so that a run ends
LIMIT_MB = 1_500


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a file: ``ok``, ``refused`` (in one sentence), ``costly`` (refused because it ran into a bound or
    broke its decoder), or one of :data:`BAD`.
    """

    verdict: str
    says: str
    mb: int
    seconds: float


class Prober:
    """One file at a time. ``give`` returns at once; ``late`` and ``told`` say how it went."""

    def __init__(self, *, bare: bool = False, limit_mb: int = LIMIT_MB, page_seconds: int = PAGE_SECONDS) -> None:
        bounds = [str(limit_mb), str(page_seconds)]
        self._command = [sys.executable, "-m", "samples.fuzz.worker", *bounds, *(["bare"] if bare else [])]
        self._seconds = 5.0 * page_seconds + 30.0  # three of a file's pages may run into the bound, then it is refused
        self._began = 0.0
        self._begin()

    @property
    def answers(self) -> int:
        """Where its answer can be waited for."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    @property
    def pid(self) -> int:
        """The process asked now."""
        return self._process.pid

    def asked(self, path: Path, kind: str) -> Told:
        """What comes of a file."""
        self.give(path, kind)
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ)
            return self.told(late=not selector.select(self._seconds))

    def give(self, path: Path, kind: str) -> None:
        """Ask about a file."""
        assert self._process.stdin is not None
        self._began = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has died since: that is its answer
            self._process.stdin.write(json.dumps({"path": str(path), "kind": kind}) + "\n")
            self._process.stdin.flush()

    def late(self) -> bool:
        """Whether the answer takes too long."""
        return time.monotonic() - self._began > self._seconds

    def told(self, *, late: bool = False) -> Told:
        """The answer. Where there is none, because it died or is late, another process takes its place."""
        assert self._process.stdout is not None
        line = "" if late else self._process.stdout.readline()
        if line:
            return Told(**json.loads(line))
        seconds = round(time.monotonic() - self._began, 2)
        ended = self.end()
        self._begin()
        if late:
            return Told("HANG", f"no answer after {seconds:.0f} s", 0, seconds)
        return Told("CRASH", f"the process ended with {ended}", 0, seconds)

    def end(self) -> int:
        """Stop it; how it had ended by itself, if it had."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.05)
        ended = self._process.poll()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()
        return ended or 0

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"},
        )
