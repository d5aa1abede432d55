"""Work without pauses: the interpreter's look for objects that lead back to themselves takes a fifth of some work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_pauses"]


@contextmanager
def without_pauses() -> Iterator[None]:
    """For work whose many objects do not lead back to themselves: they go when nobody holds them.

    What does (an error with its traceback, say) goes soon after the work, whose pieces are to be small or its last.
    """
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()
