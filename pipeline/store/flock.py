"""The system's locks on files and folders: they end with their holder, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

__all__ = ["ALONE", "TOGETHER", "is_at", "removed", "taken"]

ALONE, TOGETHER = fcntl.LOCK_EX, fcntl.LOCK_SH


def taken(handle: int, how: int) -> bool:
    """Take a lock (:data:`ALONE`, :data:`TOGETHER`) without waiting; whether it was to be had.

    On a share that knows no locks everybody has it: what is written there is still whole.
    """
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def is_at(handle: int, path: Path) -> bool:
    """Whether an open file is still what stands under its name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def removed(path: Path) -> bool:
    """Take away a file that is locked while it is in use, if nobody has it: who was killed left it. Whether it went.

    Whoever opened it meanwhile finds it gone once it is locked (:func:`is_at`), and makes a new one. On a share that
    knows no locks nobody can tell, and it stays.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not is_at(handle, path):
            return False
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
