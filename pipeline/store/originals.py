"""Originals, content-addressed: stored whole and durable before anything else happens to them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

__all__ = ["Originals", "write_atomically"]

CHUNK = 1 << 20
_ASKING = threading.Lock()  # the mask is asked for by setting it: two threads at once would leave the other's
PRIVATE_FOLDER = 0o700  # the paper names people: only the owner of the store may read it


class Originals:
    """A folder of files named by their sha256, two levels deep. Putting the same bytes twice stores them once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, source: Path) -> str:
        """Copy ``source`` into the store and return its sha256; durable when this returns.

        :raises OSError: the source cannot be read, or the store cannot be written
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        digest = hashlib.sha256()
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".incoming-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as target, source.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            sha256 = digest.hexdigest()
            home = self.path(sha256)
            if not home.exists():
                home.parent.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
                temporary.replace(home)
                _sync_folder(home.parent)
            return sha256
        finally:
            temporary.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash lie (whether or not they are there)."""
        return self.folder / sha256[:2] / sha256

    def size(self, sha256: str) -> int:
        """How many bytes of that hash lie there; 0 where none do."""
        try:
            return self.path(sha256).stat().st_size
        except OSError:
            return 0


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` so that ``path`` holds either all of it or what it held before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(data)
            target.flush()
            os.fsync(target.fileno())
        temporary.chmod(0o644 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    with _ASKING:
        mask = os.umask(0)
        os.umask(mask)
    return mask
