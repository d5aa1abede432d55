"""Copies of originals that lie elsewhere, on this machine for as long as there is room: decoders open files by path.

Named by their sha256 and checked against it whenever they are asked for; the least lately used go first. A copy is
locked while it is used, so none is taken from under a decoder, whatever the other processes of this machine do.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time
from typing import BinaryIO

from pipeline.store.durable import new_beside, private_folder, sweep
from pipeline.store.flock import ALONE, taken
from pipeline.store.originals import sha256_of

__all__ = ["INCOMING", "Cache"]

INCOMING = ".incoming-"
MOST_DAYS = 30  # that a copy stays unused: what was forgotten on another machine does not stay here for ever
_HASH = re.compile(r"[0-9a-f]{64}")


class Cache:
    """A folder of copies, at most ``max_bytes`` of them, and those in use."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder, self._max_bytes = folder, max_bytes
        private_folder(folder)
        sweep(folder, INCOMING)
        self._make_room(0)

    def path(self, sha256: str) -> Path:
        """Where the copy of that hash lies (whether or not it is there)."""
        return self.folder / sha256

    @contextmanager
    def held(self, sha256: str, fetch: Callable[[Path], bool]) -> Iterator[Path]:
        """A copy of which nobody takes the file away meanwhile.

        :param fetch: brings the bytes into an empty file, and says whether there are any that are of that hash. Where
            there are none, the path is that of no file.
        :raises OSError: this machine's disk does not take them
        """
        path = self.path(sha256)
        while True:
            handle = self._known(path, sha256)
            if handle is not None:
                try:
                    yield path
                finally:
                    os.close(handle)
                return
            with self.coming() as (stream, temporary):
                if not fetch(temporary):
                    yield path
                    return
                if self.place(stream, temporary, sha256):
                    yield path
                    return

    @contextmanager
    def coming(self) -> Iterator[tuple[BinaryIO, Path]]:
        """An empty file for a copy to be."""
        with new_beside(self.folder, prefix=INCOMING) as made:
            yield made

    def place(self, stream: BinaryIO, temporary: Path, sha256: str) -> bool:
        """Make a file of bytes that are of that hash the copy, in use until ``stream`` is closed; whether it is.

        One that is there already stays: whoever uses it has a lock on that file, not on one that takes its name.
        """
        stream.flush()
        self._make_room(os.fstat(stream.fileno()).st_size)
        path = self.path(sha256)
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
        except OSError:  # a disk without links
            temporary.replace(path)
        fcntl.flock(stream.fileno(), fcntl.LOCK_SH)  # it was alone with it until now
        return _is_at(stream.fileno(), path)

    def remove(self, sha256: str) -> None:
        """Remove a copy, in use or not.

        :raises OSError: it would not go
        """
        self.path(sha256).unlink(missing_ok=True)

    def listed(self) -> Iterator[str]:
        """The hashes of all copies."""
        with os.scandir(self.folder) as entries:
            yield from [e.name for e in entries if _HASH.fullmatch(e.name)]

    def _known(self, path: Path, sha256: str) -> int | None:
        """The copy, in use by whoever asks until he closes it; None where there is none that is sound."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if _is_at(handle, path):
                if sha256_of(path) == sha256:
                    os.utime(path)
                    return handle
                path.unlink(missing_ok=True)
        except OSError:
            path.unlink(missing_ok=True)
        os.close(handle)
        return None

    def _make_room(self, wanted: int) -> None:
        """Remove copies that were not used for long, and the least lately used ones until there is room."""
        copies = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    if _HASH.fullmatch(entry.name):
                        told = entry.stat(follow_symlinks=False)
                        copies.append((told.st_mtime, told.st_size, Path(entry.path)))
        total = wanted + sum(size for _, size, _ in copies)
        oldest = time() - MOST_DAYS * 86400
        for used, size, path in sorted(copies):
            if total <= self._max_bytes and used >= oldest:
                return
            total -= size if _removed(path) else 0


def _removed(path: Path) -> bool:
    """Whether a copy could be removed: not one in use."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not taken(handle, ALONE) or not _is_at(handle, path):
            return False
        path.unlink(missing_ok=True)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
