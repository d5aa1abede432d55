"""A process that puts files through and says what happened: one line of JSON in (path, kind), one out."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path

from pipeline.settings import Bounds
from samples.fuzz.entry import put_through

__all__ = ["main"]


def main(limit_mb: int, page_seconds: int, bare: bool) -> None:
    """Until stdin ends."""
    bounds = Bounds(page_seconds=page_seconds, page_memory=limit_mb << 20)
    if bare:
        resource.setrlimit(resource.RLIMIT_AS, ((2 * limit_mb << 20) + (4 << 30), resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_told(Path(asked["path"]), asked["kind"], bounds, bare)), flush=True)


def _told(path: Path, kind: str, bounds: Bounds, bare: bool) -> dict[str, object]:
    _forget_peak()
    peaks, began = list[int](), time.monotonic()
    try:
        says = put_through(path, kind, bounds, bare=bare, before_close=lambda pid: peaks.append(_peak_kb(pid)))
        verdict = says.split(":", 1)[0]
    except MemoryError:
        verdict, says = "MEMORY", traceback.format_exc(limit=-6)
    except Exception:
        verdict, says = "CRASH", traceback.format_exc(limit=-6)
    peak = max(_peak_kb(os.getpid()), *peaks, 0) << 10
    if peak > bounds.page_memory:
        verdict, says = "MEMORY", f"{peak >> 20} MB; {says}"
    return {"verdict": verdict, "says": says, "mb": peak >> 20, "seconds": round(time.monotonic() - began, 2)}


def _forget_peak() -> None:
    """Linux keeps the most a process ever held; writing 5 there begins anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["bare"])
