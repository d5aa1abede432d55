"""A process that puts files through and says what happened: one line of JSON in (path, kind), one out."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path

from samples.fuzz.entry import put_through

__all__ = ["main"]


def main(limit_mb: int, page_seconds: int, bare: bool) -> None:
    """Until stdin ends."""
    from pipeline.settings import Bounds

    bounds = Bounds(page_seconds=page_seconds, page_memory=limit_mb << 20)
    if bare:
        resource.setrlimit(resource.RLIMIT_AS, ((2 * limit_mb << 20) + (4 << 30), resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        asked = json.loads(line)
        _forget_peak()
        began = time.monotonic()
        try:
            says = put_through(Path(asked["path"]), asked["kind"], bounds, bare=bare)
            verdict = says.split(":", 1)[0]
        except MemoryError:
            verdict, says = "MEMORY", traceback.format_exc(limit=-6)
        except Exception:
            verdict, says = "CRASH", traceback.format_exc(limit=-6)
        peak = _peak_kb() // 1024
        if peak > limit_mb:
            verdict, says = "MEMORY", f"{peak} MB; {says}"
        seconds = round(time.monotonic() - began, 2)
        print(json.dumps({"verdict": verdict, "says": says, "mb": peak, "seconds": seconds}), flush=True)


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
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["bare"])
