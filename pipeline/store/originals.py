"""Originals, content-addressed: stored whole and durable before anything else happens to them."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import ScanTooLarge, UnreadableScan
from pipeline.store.durable import new_beside, private_folder, settle, sweep, sync_folder
from pipeline.store.trouble import of_disk

__all__ = ["Originals", "chunks_of", "sha256_of"]

CHUNK = 1 << 20
TRIES = 3  # a file that changes while it is copied is begun again; then it is still being written
INCOMING = ".incoming-"
_HASH = re.compile(r"[0-9a-f]{64}")


class Originals:
    """A folder of files named by their sha256, two levels deep. Putting the same bytes twice stores them once.

    Elsewhere than in a folder: :class:`pipeline.store.far.FarOriginals`.
    """

    is_far = False  # whether they lie elsewhere, and this machine has copies at most
    folder: Path
    place: str  # what sentences call it

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, str(folder)
        sweep(folder, INCOMING)

    def put(self, source: Path, *, max_bytes: int | None = None) -> str:
        """Copy ``source`` into the store and return its sha256; durable when this returns.

        Only a plain file is copied: no link is followed, no pipe waited for.

        :raises UnreadableScan: the source cannot be read, is larger than ``max_bytes`` or changes while it is copied
        :raises StoreTrouble: the store cannot be written
        """
        for _ in range(TRIES):
            with _opened(source) as stream:
                before = os.fstat(stream.fileno())
                if max_bytes is not None and before.st_size > max_bytes:
                    raise ScanTooLarge(
                        f"{source.name} has {before.st_size:,} bytes, more than the {max_bytes:,} allowed: split it"
                    )
                sha256 = _digest(source, stream, before.st_size)
                if sha256 is None:
                    continue
                if not (self._is_kept(sha256, before.st_size) or self._copied(source, stream, before, sha256)):
                    continue
                if _unchanged(before, os.fstat(stream.fileno())):
                    return sha256
        raise UnreadableScan(
            f"{source.name} was still being written while it was taken in: "
            "wait until that is done, then run the same command again"
        )

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash lie in a folder (whether or not they are there); decoders use :meth:`local`."""
        return self.folder / sha256[:2] / sha256

    @contextmanager
    def local(self, sha256: str, waiting: Callable[[], None] = lambda: None) -> Iterator[Path]:
        """The bytes as a file of this machine until this ends; a path of no file where nobody has them.

        :param waiting: is called again and again while they are fetched
        :raises StoreTrouble: they lie elsewhere and cannot be fetched now
        """
        yield self.path(sha256)

    @contextmanager
    def opened(self, sha256: str) -> Iterator[BinaryIO]:
        """The bytes as a stream, of which only ``read`` is asked.

        :raises OSError: they are not there or cannot be read
        :raises StoreTrouble: they lie elsewhere and cannot be fetched now
        """
        with self.path(sha256).open("rb") as stream:
            yield stream

    def listed(self) -> Iterator[tuple[str, int]]:
        """Every original there is, in order: its hash and how many bytes lie there."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if (
                    _HASH.fullmatch(path.name)
                    and path.name[:2] == folder.name
                    and not path.is_symlink()
                    and path.is_file()
                ):
                    yield path.name, path.stat().st_size

    def remove(self, sha256: str) -> None:
        """Remove an original.

        :raises OSError: it would not go
        :raises StoreTrouble: it lies elsewhere and cannot be reached now
        """
        self.path(sha256).unlink(missing_ok=True)

    def remove_copies(self, kept: Callable[[str], bool]) -> None:
        """Remove this machine's copies of originals that are not kept."""

    def adopt(self, path: Path, sha256: str) -> None:
        """Take over a file of this machine, durable, whose bytes are of that hash (a backup is restored).

        :raises OSError: it cannot be written
        """
        target = self.path(sha256)
        private_folder(target.parent)
        try:
            path.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with path.open("rb") as source, new_beside(self.folder, prefix=INCOMING) as (copy, temporary):
                shutil.copyfileobj(source, copy, CHUNK)
                settle(copy, temporary, target, sync=False)

    def take_over(self) -> None:
        """From now on what lies there is this store's; a folder of its home is so anyway."""

    def settle(self) -> None:
        """Make what was adopted durable under its name."""
        private_folder(self.folder)
        for folder in self.folder.glob("[0-9a-f][0-9a-f]"):
            sync_folder(folder)
        sync_folder(self.folder)

    def look(self) -> str:
        """Whether it answers and lets us in: what it is, in a few words.

        :raises StoreTrouble: it does not
        """
        return self.place

    def size(self, sha256: str) -> int:
        """How many bytes of that hash lie there; 0 where none do."""
        try:
            return self.path(sha256).stat().st_size
        except OSError:
            return 0

    def weight(self, sha256: str) -> int:
        """As :meth:`size`, of what was put by this process without asking again: good enough to order work by."""
        return self.size(sha256)

    def sweep_strays(self) -> None:
        """Remove what killed runs and damage left; only for who has the store alone.

        :raises StoreTrouble: they lie elsewhere and cannot be reached now
        """
        sweep(self.folder, INCOMING)

    def _is_kept(self, sha256: str, size: int) -> bool:
        """Whether the bytes are there already, and sound; then they are durable, too (a killed run's may not be)."""
        path = self.path(sha256)
        try:
            if sha256_of(path) != sha256:
                return False
            with path.open("rb") as kept:
                os.fsync(kept.fileno())
            self._sync(path.parent)
        except FileNotFoundError:
            return False
        except OSError:
            return False  # cannot be read: written anew
        return True

    def _copied(self, source: Path, stream: BinaryIO, before: os.stat_result, sha256: str) -> bool:
        """Copy and make durable; whether the bytes are those that were looked at."""
        home = self.path(sha256)
        try:
            private_folder(home.parent)
            stream.seek(0)
            with new_beside(self.folder, prefix=INCOMING) as (target, temporary):
                digest = hashlib.sha256()
                for chunk in chunks_of(source, stream, before.st_size):
                    digest.update(chunk)
                    target.write(chunk)
                if digest.hexdigest() != sha256:
                    return False
                settle(target, temporary, home, sync=False)
            self._sync(home.parent)
        except OSError as error:
            raise of_disk(self.folder.parent, error) from error
        return True

    def _sync(self, folder: Path) -> None:
        sync_folder(folder)
        sync_folder(self.folder)


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes.

    :raises OSError: it cannot be read
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnreadableScan(f"{source.name} is no plain file: put the file itself there")
    with os.fdopen(handle, "rb", buffering=0) as raw:
        yield raw


def _digest(source: Path, stream: BinaryIO, size: int) -> str | None:
    """The hash of the file's ``size`` bytes; None where it has more or fewer by now."""
    digest, seen = hashlib.sha256(), 0
    for chunk in _chunks(source, stream, size):
        digest.update(chunk)
        seen += len(chunk)
    return digest.hexdigest() if seen == size else None


def chunks_of(source: Path, stream: BinaryIO, size: int) -> Iterator[bytes]:
    """What :func:`_chunks` gives, for whoever copies elsewhere."""
    return _chunks(source, stream, size)


def _chunks(source: Path, stream: BinaryIO, size: int) -> Iterator[bytes]:
    """At most ``size`` bytes and one: a file that grows for ever is not followed."""
    left = size + 1
    while left > 0:
        try:
            chunk = stream.read(min(CHUNK, left))
        except OSError as error:
            raise _unreadable(source, error) from error
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _unchanged(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def _unreadable(source: Path, error: Exception) -> UnreadableScan:
    says = getattr(error, "strerror", None) or str(error)
    return UnreadableScan(f"{source.name} cannot be read ({says}): check the file and scan it again")
