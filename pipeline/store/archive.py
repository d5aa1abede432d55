"""The form of a backup: a tar file that any tar can list, and that we read back only as we wrote it.

``manifest.json`` comes first and tells name, size and sha256 of all that follows, in order. Whatever differs from it (a
name, a size, a link, a member more, a byte) makes the whole file refused: nobody unpacks a stranger's archive here.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated, BinaryIO

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.errors import BadInput

__all__ = ["Manifest", "Member", "damaged", "members", "read_manifest", "write_archive"]

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST = 256_000_000  # bytes: two million originals
CHUNK = 1 << 20
_NAME = re.compile(r"yanzhang\.sqlite3|originals/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_END = b"\0" * (2 * tarfile.BLOCKSIZE)


class Member(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(max_length=100)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What a backup holds. ``form`` is the database's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    made_by: str
    made_at: datetime
    form: int
    arrivals: int
    readings: int
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Bytes of all members."""
        return sum(member.size for member in self.members)


def write_archive(
    stream: BinaryIO,
    manifest: Manifest,
    opened: Callable[[Member], AbstractContextManager[BinaryIO]],
    progress: Callable[[int, int], None] | None = None,
) -> frozenset[str]:
    """Write the archive; the hashes of members whose bytes are not those that the manifest tells: then it is none.

    :raises OSError: something cannot be written
    """
    told = manifest.model_dump_json(indent=1).encode()
    _write(stream, MANIFEST, len(told), io.BytesIO(told))
    unsound = set()
    for done, member in enumerate(manifest.members, start=1):
        try:
            with opened(member) as source:
                if _write(stream, member.name, member.size, source) != member.sha256:
                    unsound.add(member.sha256)
        except FileNotFoundError:
            unsound.add(member.sha256)
        if progress:
            progress(done, len(manifest.members))
    stream.write(_END)
    return frozenset(unsound)


def read_manifest(stream: BinaryIO, name: str) -> Manifest:
    """The manifest at the beginning of a backup.

    :param name: what to call the file in a sentence
    :raises BadInput: it is none, or one of a newer version
    """
    no_backup = f"{name} is no backup of yanzhang: name a file that yanzhang backup wrote"
    header = _header(stream)
    if header is None or header.name != MANIFEST or header.type != tarfile.REGTYPE or header.size > MAX_MANIFEST:
        raise BadInput(no_backup)
    data = stream.read(header.size)
    stream.read(-header.size % tarfile.BLOCKSIZE)
    found = re.match(rb'\s*\{\s*"format":\s*(\d{1,9})', data)
    if found and int(found[1]) > FORMAT:
        raise BadInput(f"{name} was written by a newer yanzhang: update yanzhang, then run the same command again")
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise BadInput(no_backup if len(data) == header.size else damaged(name).message) from error
    names = [member.name for member in manifest.members]
    if (
        not names
        or names[0] != "yanzhang.sqlite3"
        or len(set(names)) < len(names)
        or not all(map(_is_ours, manifest.members))
    ):
        raise BadInput(no_backup)
    return manifest


def members(stream: BinaryIO, manifest: Manifest, name: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """What follows the manifest: each member with its bytes, which must be taken before the next.

    :raises BadInput: (also while bytes are taken) it is not what the manifest tells
    """
    for member in manifest.members:
        header = _header(stream)
        if header is None or (header.name, header.size, header.type) != (member.name, member.size, tarfile.REGTYPE):
            raise damaged(name)
        yield member, _checked(stream, member, name)
    if stream.read(len(_END) + 1) != _END:
        raise damaged(name)


def _checked(stream: BinaryIO, member: Member, name: str) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), member.size
    while left:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            raise damaged(name)
        left -= len(chunk)
        digest.update(chunk)
        yield chunk
    stream.read(-member.size % tarfile.BLOCKSIZE)
    if digest.hexdigest() != member.sha256:
        raise damaged(name)


def _write(stream: BinaryIO, name: str, size: int, source: BinaryIO) -> str:
    """Write a member; the hash of all that its source has."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    stream.write(info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict"))
    left, digest = size, hashlib.sha256()
    while left and (chunk := source.read(min(CHUNK, left))):
        stream.write(chunk)
        digest.update(chunk)
        left -= len(chunk)
    digest.update(source.read(1))  # more than was told
    stream.write(b"\0" * (left + -size % tarfile.BLOCKSIZE))
    return digest.hexdigest()


def _header(stream: BinaryIO) -> tarfile.TarInfo | None:
    """The next header; None where there is none. Nothing after it is followed: no long names, no extensions."""
    block = stream.read(tarfile.BLOCKSIZE)
    try:
        return tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, ValueError, ArithmeticError):
        return None


def _is_ours(member: Member) -> bool:
    found = _NAME.fullmatch(member.name)
    return found is not None and found[2] in (None, member.sha256)


def damaged(name: str) -> BadInput:
    """A backup that is not what its manifest tells."""
    return BadInput(f"{name} is damaged or cut off, nothing of it was restored: take another backup")
