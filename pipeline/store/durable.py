"""Files that are whole and durable, or not there at all: what a power cut leaves is what was, or what should be.

The order is always the same: bytes into a temporary beside the target, the file synced, renamed, the folder synced. A
temporary is locked while its writer lives, so what a killed run left can be told from what is being written.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pipeline.store.flock import ALONE, removed, taken

__all__ = [
    "PRIVATE_FILE",
    "PRIVATE_FOLDER",
    "alone_in",
    "new_beside",
    "private_folder",
    "settle",
    "sweep",
    "sync_folder",
    "tightened",
    "write_atomically",
    "written",
]

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600  # the paper names people: only the owner of the store may read it
SHARED_FILE = 0o644  # a report is its user's to hand on; the mask narrows it
_PREFIX = ".yanzhang-"
_OF_OURS = re.compile(r"[0-9a-f]{16}(-journal)?")


def write_atomically(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write ``data`` so that ``path`` holds either all of it or what it held before.

    :param sync: off: the folder is synced by whoever writes many files into it, once
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_beside(path.parent, mode=SHARED_FILE) as (stream, temporary):
        stream.write(data)
        settle(stream, temporary, path, sync=sync)


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """As :func:`write_atomically`, for what is too large to be held at once; a fault leaves what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_beside(path.parent, mode=SHARED_FILE) as (stream, temporary):
        yield stream
        settle(stream, temporary, path)


@contextmanager
def new_beside(folder: Path, *, prefix: str = _PREFIX, mode: int = PRIVATE_FILE) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary in ``folder``, open for writing; gone when this ends, unless it was settled."""
    stream, path = _created(folder, prefix, mode)
    try:
        with stream:
            yield stream, path
    finally:
        path.unlink(missing_ok=True)


def settle(stream: BinaryIO, temporary: Path, target: Path, *, sync: bool = True) -> None:
    """Make a temporary the target: its bytes are durable before the name is, and the name before this returns."""
    stream.flush()
    os.fsync(stream.fileno())
    temporary.replace(target)
    if sync:
        sync_folder(target.parent)


def sweep(folder: Path, prefix: str = _PREFIX) -> int:
    """Remove the temporaries that killed runs left in ``folder``; those of living ones are locked. How many."""
    gone = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if (
                _OF_OURS.fullmatch(entry.name[len(prefix) :])
                and entry.name.startswith(prefix)
                and entry.is_file(follow_symlinks=False)
            ):
                gone += removed(Path(entry.path))
    return gone


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some shares have no notion of syncing a folder; a report on them is better than none.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(handle)


def private_folder(folder: Path) -> None:
    """Make a folder, and those over it that are not there, for their owner only; durable when this returns."""
    if folder.is_dir():
        return
    private_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    sync_folder(folder.parent)


def tightened(path: Path, mode: int) -> bool:
    """Take from a file or folder of ours what it allows others; whether it had to be done. Links are left alone."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(now.st_mode) or now.st_uid != os.geteuid() or not stat.S_IMODE(now.st_mode) & ~mode & 0o777:
        return False
    path.chmod(stat.S_IMODE(now.st_mode) & mode)
    return True


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other run writes into ``folder``. The lock ends with its holder, however that ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a share that knows no locks: each file is still whole
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _created(folder: Path, prefix: str, mode: int) -> tuple[BinaryIO, Path]:
    while True:
        path = folder / f"{prefix}{secrets.token_hex(8)}"
        stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "w+b")
        # Between the two calls somebody who sweeps may have taken it for a dead run's: then once more.
        if _is_ours(stream):
            return stream, path
        stream.close()


def _is_ours(stream: BinaryIO) -> bool:
    return taken(stream.fileno(), ALONE) and os.fstat(stream.fileno()).st_nlink > 0
