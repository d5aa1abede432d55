"""The system's locks on files and folders: they end with their holder, however that ends."""

from __future__ import annotations

import fcntl

__all__ = ["ALONE", "TOGETHER", "taken"]

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
