"""Cases by the thousand in processes of their own; one that dies or hangs is counted, and the run goes on."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from samples.fuzz.cases import case

__all__ = ["BAD", "Verdict", "run"]

BAD = ("CRASH", "HANG", "MEMORY")
CASE_SECONDS = 60.0  # of one case: four pages at the most
LIMIT_MB = 2_000  # of one process; 120 million pixels in colour are 360 MB, and are copied a few times


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case: ``ok``, ``refused`` (in one sentence), or one of :data:`BAD`."""

    number: int
    kind: str
    verdict: str
    says: str
    mb: int
    seconds: float


class _Worker:
    def __init__(self, folder: Path, limit_mb: int) -> None:
        command = [sys.executable, "-m", "samples.fuzz.worker", str(folder), str(limit_mb)]
        quiet = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet
        )
        self.number, self.began = -1, 0.0

    @property
    def answers(self) -> int:
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def give(self, seed: int, number: int, kind: str | None) -> None:
        self.number, self.began = number, time.monotonic()
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seed} {number} {kind or '-'}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """Its line; "" if it died."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self) -> int:
        """Kill it; how it had ended, if it had."""
        time.sleep(0.05)
        ended = self._process.poll()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()
        return ended or 0


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    kind: str | None = None,
    workers: int = 2,
    limit_mb: int = LIMIT_MB,
    case_seconds: float = CASE_SECONDS,
    aside: Path | None = None,
    progress: Callable[[Counter[str]], None] | None = None,
) -> list[Verdict]:
    """Put cases through.

    :param aside: where inputs are written that were not taken well
    """
    found, counts = list[Verdict](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="yanzhang-fuzz-") as folder:
        for verdict in _verdicts(seed, iter(numbers), kind, workers, Path(folder), limit_mb, case_seconds):
            found.append(verdict)
            counts[verdict.verdict] += 1
            if verdict.verdict in BAD and aside is not None:
                aside.mkdir(parents=True, exist_ok=True)
                one = case(seed, verdict.number, kind)
                (aside / one.name).write_bytes(one.data)
            if progress:
                progress(counts)
    return sorted(found, key=lambda v: v.number)


def _verdicts(
    seed: int, numbers: Iterator[int], kind: str | None, workers: int, folder: Path, limit_mb: int, case_seconds: float
) -> Iterator[Verdict]:
    selector = selectors.DefaultSelector()

    def begin(worker: _Worker) -> bool:
        number = next(numbers, None)
        if number is None:
            worker.end()
            return False
        worker.give(seed, number, kind)
        selector.register(worker.answers, selectors.EVENT_READ, worker)
        return True

    busy = [w for w in (_Worker(folder, limit_mb) for _ in range(workers)) if begin(w)]
    try:
        while busy:
            ready = [key.data for key, _ in selector.select(timeout=0.5)]
            late = [w for w in busy if w not in ready and time.monotonic() - w.began > case_seconds]
            for worker in (*ready, *late):
                selector.unregister(worker.answers)
                busy.remove(worker)
                line = worker.answer() if worker in ready else ""
                if line:
                    yield Verdict(number=worker.number, **json.loads(line))
                    following = worker
                else:
                    taken, ended = round(time.monotonic() - worker.began, 2), worker.end()
                    what = "HANG" if worker in late else "CRASH"
                    yield Verdict(worker.number, case(seed, worker.number, kind).kind, what, f"ended {ended}", 0, taken)
                    following = _Worker(folder, limit_mb)
                if begin(following):
                    busy.append(following)
    finally:
        for worker in busy:
            worker.end()
