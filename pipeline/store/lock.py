"""Who uses a store: any number of runs at once, or one alone that takes from it (forget) or fills it (restore).

The lock lies on the home folder itself and ends with its holder, however that ends.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import StoreTrouble
from pipeline.store.flock import ALONE, TOGETHER, taken

__all__ = ["Use", "use"]

_PAUSE = 0.05  # seconds between two looks
_guard = threading.Lock()


class Use:
    """This process's share in a store; given back when nobody here uses it any more."""

    def __init__(self, handle: int, home: Path) -> None:
        self._handle, self._home = handle, home
        weakref.finalize(self, os.close, handle)

    @property
    def is_ours(self) -> bool:
        """Whether it may be used: always, for it ends with the process and goes with it into its children."""
        return True

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Have the store for this process alone.

        :raises StoreTrouble: others use it for longer than ``seconds``
        """
        try:
            if not _locked(self._handle, ALONE, seconds):
                raise StoreTrouble(
                    f"another run uses the store {self._home}: wait until it is done, then run the same command again"
                )
            yield
        finally:
            _locked(self._handle, TOGETHER, 0)


_uses: weakref.WeakValueDictionary[tuple[int, int], Use] = weakref.WeakValueDictionary()


def use(home: Path, seconds: float) -> Use:
    """Take part in a store.

    :raises StoreTrouble: it is being taken from or filled for longer than ``seconds``
    :raises OSError: the folder cannot be opened
    """
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    now = os.fstat(handle)
    with _guard:
        known = _uses.get((now.st_dev, now.st_ino))
        if known is not None:
            os.close(handle)
            return known
        if not _locked(handle, TOGETHER, seconds):
            os.close(handle)
            raise StoreTrouble(
                f"the store {home} is being restored or forgotten from: wait until that is done, "
                "then run the same command again"
            )
        _uses[now.st_dev, now.st_ino] = mine = Use(handle, home)
        return mine


def _locked(handle: int, how: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not taken(handle, how):
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE)
    return True
