"""Originals on any address that fsspec knows, S3 first (``YANZHANG_ORIGINALS=s3://bucket/prefix``).

What a folder gives, this gives: bytes are named by their sha256, whole or not there, durable before ``put`` returns.
An object store puts an object in one step; elsewhere it is written beside and renamed. What is kept is taken at its
word where its size is right: the store keeps sums of its own, and to fetch everything again at each run would cost more
than it finds. Whoever fetches an original checks it against its name, and so does every backup.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from pipeline.errors import BadSetting, StoreTrouble
from pipeline.store.cache import Cache
from pipeline.store.far_place import PART, FarPlace
from pipeline.store.originals import CHUNK, Originals, chunks_of, sha256_of
from pipeline.store.trouble import of_disk

__all__ = ["FarOriginals"]

SIGN_OF_LIFE_SECONDS = 5.0
_HASH = re.compile(r"[0-9a-f]{64}")
_START = re.compile(r"[0-9a-f]{2}")
_OWNER = ".yanzhang-store"
_DAMAGED = ".damaged"
T = TypeVar("T")


class FarOriginals(Originals):
    """Originals elsewhere, with copies of those in use on this machine (:mod:`pipeline.store.cache`)."""

    is_far = True

    def __init__(self, address: str, cache: Path, max_bytes: int, identity: Callable[[], str] | None = None) -> None:
        """Nothing is asked yet: who only looks at the database needs no object store.

        :param identity: tells whose originals lie there: what one store forgets must not be another's
        :raises BadSetting: the address is none
        :raises StoreTrouble: this machine's own folder cannot be written
        """
        self._far = FarPlace(address, setting="YANZHANG_ORIGINALS", what="the store of originals")
        self.place = self._far.place
        self._sizes: dict[str, int] = {}
        self._identity, self._is_ours = identity, identity is None
        try:
            self._cache = Cache(cache, max_bytes)
        except OSError as error:
            raise of_disk(cache.parent, error) from error
        self.folder = cache

    def path(self, sha256: str) -> Path:
        """Where this machine's copy lies, if there is one."""
        return self._cache.path(sha256)

    @contextmanager
    def local(self, sha256: str, waiting: Callable[[], None] = lambda: None) -> Iterator[Path]:
        """The bytes as a file of this machine, fetched if need be; a path of no file where nobody has them."""
        with self._on_this_disk():
            held = self._cache.held(
                sha256, lambda temporary: _patient(lambda: self._fetched(sha256, temporary), waiting)
            )
            path = held.__enter__()
        try:
            yield path
        finally:
            held.__exit__(None, None, None)

    def size(self, sha256: str) -> int:
        try:
            size = int(self._asked(lambda fs, root: fs.info(_key(root, sha256))["size"]))
        except FileNotFoundError:
            size = 0
        self._sizes[sha256] = size
        return size

    def weight(self, sha256: str) -> int:
        known = self._sizes.get(sha256)
        return self.size(sha256) if known is None else known

    def listed(self) -> Iterator[tuple[str, int]]:
        for start in self._starts():  # two million names at once would fill the memory
            yield from ((name, size) for name, size in self._names_in(start) if _HASH.fullmatch(name))

    @contextmanager
    def opened(self, sha256: str) -> Iterator[BinaryIO]:
        stream = self._asked(lambda fs, root: fs.open(_key(root, sha256), "rb", block_size=PART))
        with stream:
            yield cast(BinaryIO, _Reading(stream, self))

    def take_over(self) -> None:
        """From now on what lies there is this store's (a backup is restored into a new database).

        :raises StoreTrouble: it cannot be reached now
        """
        if self._identity is not None:
            told = self._identity().encode()
            self._asked(lambda fs, root: fs.pipe_file(f"{root}/{_OWNER}", told))
            self._is_ours = True

    def remove(self, sha256: str) -> None:
        self._see_to_owner()
        self._cache.remove(sha256)
        self._sizes.pop(sha256, None)
        self._removed(f"{sha256[:2]}/{sha256}")

    def remove_copies(self, kept: Callable[[str], bool]) -> None:
        for sha256 in self._cache.listed():
            if not kept(sha256):
                self._cache.remove(sha256)

    def sweep_strays(self) -> None:
        self._see_to_owner()
        for start in self._starts():
            for name, _ in self._names_in(start):
                if not _HASH.fullmatch(name):
                    self._removed(f"{start}/{name}")

    def adopt(self, path: Path, sha256: str) -> None:
        """Take over a file of this machine whose bytes are of that hash (a backup is restored)."""
        self._sent(path, sha256)

    def settle(self) -> None:
        """Nothing is to be done: what was sent is durable."""

    def look(self) -> str:
        """Whether it answers and lets us write: something small comes and goes.

        :raises StoreTrouble: it does not
        """
        name = f".yanzhang-{secrets.token_hex(8)}"
        self._asked(lambda fs, root: fs.pipe_file(f"{root}/{name}", b"yanzhang doctor"))
        self._asked(lambda fs, root: fs.rm_file(f"{root}/{name}"))
        return self.place

    def _is_kept(self, sha256: str, size: int) -> bool:
        self._see_to_owner()
        return self.size(sha256) == size and (size > 0 or self._exists(sha256))

    def _exists(self, sha256: str) -> bool:
        return bool(self._asked(lambda fs, root: fs.exists(_key(root, sha256))))

    def _copied(self, source: Path, stream: BinaryIO, before: os.stat_result, sha256: str) -> bool:
        """By way of a copy here, which is what is sent, whatever becomes of the source; it is read next anyway."""
        with self._on_this_disk(), self._cache.coming() as (target, temporary):
            stream.seek(0)
            digest = hashlib.sha256()
            for chunk in chunks_of(source, stream, before.st_size):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            if digest.hexdigest() != sha256:
                return False
            self._sent(temporary, sha256)
            self._cache.place(target, temporary, sha256)
        return True

    def _see_to_owner(self) -> None:
        """Two stores at one address: what one forgets would be the other's."""
        if self._is_ours or self._identity is None:
            return
        try:
            whose = self._asked(lambda fs, root: bytes(fs.cat_file(f"{root}/{_OWNER}"))).decode("utf-8", "replace")
        except FileNotFoundError:
            self.take_over()
            return
        if whose != self._identity():
            raise BadSetting(
                f"the originals at {self.place} belong to another store: name another prefix in YANZHANG_ORIGINALS, "
                "or the database that they belong to in YANZHANG_DATABASE"
            )
        self._is_ours = True

    def _sent(self, path: Path, sha256: str) -> None:
        self._see_to_owner()
        self._far.send(path, f"{sha256[:2]}/{sha256}")
        if self.size(sha256) != path.stat().st_size:
            raise StoreTrouble(
                f"the store of originals {self.place} did not keep what it was given: look at it, "
                "then run the same command again"
            )

    def _fetched(self, sha256: str, target: Path) -> bool:
        """Whether the bytes are there and, at the second try at the latest, are those of their name."""
        for _ in range(2):
            try:
                self._asked(lambda fs, root: fs.get_file(_key(root, sha256), str(target)))
            except FileNotFoundError:
                return False
            if sha256_of(target) == sha256:
                return True
        # Out of the way of the same file when it comes again; whoever looks into it finds it there.
        with suppress(FileNotFoundError):
            self._asked(lambda fs, root: fs.mv(_key(root, sha256), _key(root, sha256) + _DAMAGED))
        return False

    def _removed(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._asked(lambda fs, root: fs.rm_file(f"{root}/{name}"))

    def _starts(self) -> list[str]:
        return [name for name, _ in self._names_in("") if _START.fullmatch(name)]

    def _names_in(self, start: str) -> list[tuple[str, int]]:
        return self._far.listed(start)

    def _asked(self, ask: Callable[[Any, str], T]) -> T:
        return self._far.asked(ask)

    def _connected(self) -> tuple[Any, str]:
        return self._far.connected()

    @contextmanager
    def _on_this_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise of_disk(self.folder.parent, error) from error


class _Reading:
    """A stream whose complaints are sentences."""

    def __init__(self, stream: Any, of: FarOriginals) -> None:
        self._stream, self._of = stream, of

    def read(self, size: int = CHUNK) -> bytes:
        return self._of._asked(lambda _fs, _root: cast(bytes, self._stream.read(size)))


def _patient(ask: Callable[[], T], waiting: Callable[[], None]) -> T:
    """An answer that may take minutes, while ``waiting`` is called: a machine that is slow to fetch does not hang."""
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(ask)
        while not wait([answer], SIGN_OF_LIFE_SECONDS).done:
            waiting()
        return answer.result()


def _key(root: str, sha256: str) -> str:
    return f"{root}/{sha256[:2]}/{sha256}"
