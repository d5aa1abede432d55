"""Reading processes that come to grief at certain pages: what a page's picture measures in width says how."""

from __future__ import annotations

import mmap
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipeline.settings import Settings

_kept: list[Any] = []
KILLED, KILLED_ONCE, SLOW, GREEDY, HIDDEN_GREED, ENDED, HARMLESS = 801, 802, 803, 804, 805, 806, 800


def serve(wire: Connection, settings: Settings, programme_name: str) -> None:
    """As :func:`pipeline.reader.serve`, with a reader that looks at deadly pages."""
    from pipeline import reader, seeing

    look = seeing.look

    def deadly(image: Any, **more: Any) -> Any:
        width = image.shape[1]
        with (settings.home / "looked-at").open("a") as book:
            book.write(f"{width}\n")
        once = settings.home / "killed-once"
        if width == KILLED or (width == KILLED_ONCE and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if width == SLOW:
            time.sleep(600)
        if width == GREEDY:
            return [bytearray(100_000_000) for _ in range(200)]
        if width == HIDDEN_GREED:  # memory that no limit of the process counts
            for _ in range(24):
                shared = mmap.mmap(-1, 100_000_000)
                shared.write(b"x" * 100_000_000)
                _kept.append(shared)
            time.sleep(600)
        if width == ENDED:
            os._exit(7)
        return look(image, **more)

    seeing.look = deadly
    reader.serve(wire, settings, programme_name)


def children(pid: int) -> list[int]:
    """Ids of the processes that a process has made, and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found
