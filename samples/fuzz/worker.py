"""A process that puts cases through and says what happened: one line in (``seed number kind``), one line out (JSON)."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path

from samples.fuzz.cases import KINDS, case
from samples.fuzz.entry import put_through

__all__ = ["main"]


def main(folder: Path, limit_mb: int) -> None:
    """Until stdin ends."""
    from pipeline.settings import Bounds

    limit = limit_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (2 * limit + (4 << 30), resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        seed, number, kind = line.split()
        one = case(int(seed), int(number), kind if kind in KINDS else None)
        path = folder / one.name
        path.write_bytes(one.data)
        _forget_peak()
        began = time.monotonic()
        try:
            verdict, says = "ok", put_through(path, one.kind, Bounds())
            verdict = "refused" if says.startswith("refused") else "ok"
        except MemoryError:
            verdict, says = "MEMORY", traceback.format_exc(limit=-6)
        except Exception:
            verdict, says = "CRASH", traceback.format_exc(limit=-6)
        peak = _peak_kb() // 1024
        if peak > limit_mb:
            verdict, says = "MEMORY", f"{peak} MB; {says}"
        seconds = round(time.monotonic() - began, 2)
        path.unlink(missing_ok=True)
        print(
            json.dumps({"kind": one.kind, "verdict": verdict, "says": says, "mb": peak, "seconds": seconds}), flush=True
        )


def _forget_peak() -> None:
    """Linux keeps the most a process ever held; writing 5 there begins anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_kb() -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
