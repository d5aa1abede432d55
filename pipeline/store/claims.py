"""Claims: what one process reads, another waits for. A claim ends with the process that has it, however that ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from pipeline.store.durable import PRIVATE_FILE, private_folder
from pipeline.store.flock import ALONE, taken

__all__ = ["claimed"]

ASK_AGAIN = 0.2  # s


@contextmanager
def claimed(folder: Path, name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Have ``name`` to oneself; ``waiting`` is called again and again while another process has it.

    :raises OSError: the folder cannot be written
    """
    private_folder(folder)
    path = folder / name
    handle = _taken(path, waiting)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _taken(path: Path, waiting: Callable[[], None]) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        while not taken(handle, ALONE):
            waiting()
            sleep(ASK_AGAIN)
        if _is_at(handle, path):
            return handle
        os.close(handle)  # who had it took the file away: there may be a new one


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
