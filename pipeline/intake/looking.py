"""Looks at a hot folder (扫描文件夹) that change nothing in it: what lies there, and whether it is written to its end.

Only listings are trusted, which every share answers: no notices of changes, no clock (a share has its own). A file is
told from what it was by its size and its times (of its bytes, of anything about it), as the share tells them; not by
its number, which some shares give anew at every look.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.intake.batch import plain_name
from pipeline.intake.complete import Completeness, completeness
from pipeline.intake.open import SCAN_SUFFIXES, natural_key
from pipeline.model import Text
from pipeline.watching import Exam, Kind, Seen, Whole

__all__ = ["Away", "Listing", "examined", "look_at"]

MAX_ENTRIES = 100_000  # of the folder; more are looked at when those before them are gone
MAX_FILES = 20_000  # of one sub-folder with all that lies in it
MAX_DEPTH = 32
TEMPORARY = frozenset(
    {
        ".tmp",
        ".temp",
        ".part",
        ".partial",
        ".filepart",
        ".crdownload",
        ".download",
        ".swp",
        ".lock",
        ".writing",
        ".!sync",
    }
)
MARKERS = frozenset({".done", "done", "完成"})  # a file of this name says that its folder is complete
LOCKED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN, errno.ETXTBSY, errno.EDEADLK})


class Away(Exception):
    """The folder cannot be listed now: one sentence."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a folder. ``identity``: which folder it is; ``left_out``: entries past the bound."""

    identity: tuple[int, int]
    entries: dict[str, Seen]
    left_out: int = 0


def look_at(folder: Path, known: Collection[str] = ()) -> Listing:
    """One look at all that lies in the folder.

    :param known: names seen before, which are not left out whatever else has come
    :raises Away: it cannot be listed
    """
    entries: dict[str, Seen] = {}
    left_out, room = 0, MAX_ENTRIES - len(known)
    try:
        own = folder.stat()
        with os.scandir(folder) as found:
            for entry in found:
                if _is_hidden(entry.name):
                    continue
                new = entry.name not in known
                if new and room <= 0:
                    left_out += 1
                elif (seen := _seen(entry)) is not None:
                    entries[entry.name] = seen
                    room -= new
    except (OSError, ValueError) as error:
        raise Away(str(getattr(error, "strerror", None) or error)) from error
    return Listing((own.st_dev, own.st_ino), entries, left_out)


def examined(folder: Path, seen: Seen) -> Exam:
    """Look into a file, or into all files of a sub-folder, that has been quiet for a while."""
    path = folder / seen.name
    if seen.kind is not Kind.FOLDER:
        return _examined_file(path, seen.print)
    files, _, trouble = _within(path)
    if trouble is not None:
        return Exam(Whole.LOCKED, trouble)
    scans = 0
    worst = Exam(Whole.YES)
    for name, sign in files:
        if _is_temporary(name.rpartition("/")[2]):
            worst = _worse(worst, Exam(Whole.CUT, _of(name, _TEMPORARY_NAME)))
            continue
        told = _examined_file(path / name, _print(sign))
        if told.whole is Whole.CHANGED:
            return told
        if told.whole is not Whole.NO_SCAN:
            scans += 1
            worst = _worse(worst, Exam(told.whole, _of(name, told.why) if told.why else None))
    return worst if scans or worst.whole is not Whole.YES else Exam(Whole.EMPTY, _NO_SCANS)


_TEMPORARY_NAME = Text(zh="是临时文件，扫描软件还没有改名", en="bears a temporary name: it is not renamed yet")
_NO_SCANS = Text(zh="文件夹里还没有扫描件", en="the folder holds no scans yet")
_SAYS = {
    Completeness.WHOLE: (Whole.YES, None),
    Completeness.CUT: (Whole.CUT, Text(zh="还没有写完", en="is not written to its end yet")),
    Completeness.UNSURE: (
        Whole.UNSURE,
        Text(
            zh="看不出是否写完，再等一等", en="does not tell whether it is written to its end: waiting a little longer"
        ),
    ),
    Completeness.EMPTY: (Whole.EMPTY, Text(zh="是空的（0 字节）", en="is empty (0 bytes)")),
    Completeness.NO_SCAN: (Whole.NO_SCAN, None),
}
_RANK = (Whole.YES, Whole.UNSURE, Whole.CUT, Whole.EMPTY, Whole.LOCKED)


def _worse(one: Exam, other: Exam) -> Exam:
    return one if _RANK.index(one.whole) >= _RANK.index(other.whole) else other


def _of(name: str, why: Text) -> Text:
    """Why, with the name of the file in its folder."""
    told = plain_name(Path(name))
    return Text(zh=f"{told} {why.zh}", en=f"{told} {why.en}")


def _examined_file(path: Path, was: str) -> Exam:
    try:
        with _opened(path) as handle:
            now = os.fstat(handle)
            # A share may tell an old size until a file is opened.
            if not stat.S_ISREG(now.st_mode) or _print(now) != was:
                return Exam(Whole.CHANGED)
            if _is_locked(handle):
                return Exam(Whole.LOCKED, Text(zh="正被别的程序占用", en="is locked by another program"))
            told = completeness(lambda at, most: os.pread(handle, most, at), now.st_size)
            if told is Completeness.NO_SCAN and path.suffix.lower() in SCAN_SUFFIXES:
                told = Completeness.UNSURE
            if told is Completeness.WHOLE and _has_hole(handle, now.st_size):
                told = Completeness.UNSURE
    except FileNotFoundError:
        return Exam(Whole.CHANGED)
    except (OSError, ValueError) as error:
        says = str(getattr(error, "strerror", None) or error)
        if getattr(error, "errno", None) in LOCKED:
            return Exam(
                Whole.LOCKED,
                Text(
                    zh=f"打不开（{says}）：可能正被占用，会再试",
                    en=f"cannot be opened ({says}): it will be tried again",
                ),
            )
        return Exam(
            Whole.LOCKED, Text(zh=f"读不了（{says}），会再试", en=f"cannot be read ({says}): it will be tried again")
        )
    whole, why = _SAYS[told]
    return Exam(whole, why)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def _is_locked(handle: int) -> bool:
    """Whether another program has locked bytes of the file for writing; nothing is locked by asking."""
    asked = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
    try:
        (kind,) = struct.unpack_from("h", fcntl.fcntl(handle, fcntl.F_GETLK, asked))
    except OSError:
        return False  # a share that knows no locks
    return bool(kind != fcntl.F_UNLCK)


def _has_hole(handle: int, size: int) -> bool:
    """Whether some of its room was reserved and never written."""
    try:
        return os.lseek(handle, 0, os.SEEK_HOLE) < size
    except OSError:
        return False


def _seen(entry: os.DirEntry[str]) -> Seen | None:
    try:
        if entry.is_symlink():
            return _refused(
                entry, Text(zh="是链接，不打开：请放文件本身", en="is a link and is not opened: put the file there")
            )
        if entry.is_dir(follow_symlinks=False):
            return _seen_folder(entry)
        now = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # gone since it was listed
    except OSError as error:
        says = error.strerror or str(error)
        return Seen(entry.name, Kind.TROUBLED, why=Text(zh=f"看不了（{says}）", en=f"cannot be looked at ({says})"))
    if not stat.S_ISREG(now.st_mode):
        return _refused(entry, Text(zh="不是普通文件，不打开", en="is no plain file and is not opened"))
    if _is_temporary(entry.name):
        return Seen(entry.name, Kind.TEMPORARY, _print(now), now.st_size, 1, now.st_ino, why=_TEMPORARY_NAME)
    return Seen(entry.name, Kind.FILE, _print(now), now.st_size, 1, now.st_ino)


def _refused(entry: os.DirEntry[str], why: Text) -> Seen:
    return Seen(entry.name, Kind.REFUSED, why=why)


def _seen_folder(entry: os.DirEntry[str]) -> Seen:
    files, marked, trouble = _within(Path(entry.path))
    if trouble is not None:
        return Seen(entry.name, Kind.TROUBLED, why=trouble)
    digest = hashlib.blake2b(digest_size=16)
    for name, now in files:
        digest.update(f"{name}\n{_print(now)}\n".encode("utf-8", "surrogateescape"))
    size = sum(now.st_size for _, now in files)
    return Seen(entry.name, Kind.FOLDER, digest.hexdigest(), size, len(files), marked=marked)


def _within(folder: Path) -> tuple[list[tuple[str, os.stat_result]], bool, Text | None]:
    """All plain files in a folder and in those within it, by their paths in natural order; whether a marker says that
    it is complete; what is wrong with it. Links and the like are named when it is taken in.
    """
    found: list[tuple[str, os.stat_result]] = []
    marked = False
    waiting = [("", 0)]
    try:
        while waiting:
            within, depth = waiting.pop()
            if depth > MAX_DEPTH or len(found) > MAX_FILES:
                return [], False, _TOO_MUCH
            with os.scandir(folder / within) as entries:
                for entry in entries:
                    name = f"{within}{entry.name}"
                    if not within and _is_marker(entry.name):
                        marked = True
                    elif _is_hidden(entry.name) or entry.is_symlink():
                        continue
                    elif entry.is_dir(follow_symlinks=False):
                        waiting.append((f"{name}/", depth + 1))
                    elif stat.S_ISREG((now := entry.stat(follow_symlinks=False)).st_mode):
                        found.append((name, now))
    except FileNotFoundError:  # it changes while it is looked at
        return [], False, Text(zh="正在变动", en="changes while it is looked at")
    except OSError as error:
        says = error.strerror or str(error)
        return [], False, Text(zh=f"文件夹列不出来（{says}）", en=f"the folder cannot be listed ({says})")
    return sorted(found, key=lambda one: natural_key(one[0])), marked, None


_TOO_MUCH = Text(
    zh=f"里面的文件太多或套得太深（最多 {MAX_FILES:,} 个、{MAX_DEPTH} 层）：请分开放",
    en=f"holds too many files or folders too deep (at most {MAX_FILES:,}, {MAX_DEPTH} deep): split it",
)


def _print(now: os.stat_result) -> str:
    """What a file looks like from outside. The time of change tells of another file moved into its place, too."""
    return f"{now.st_size}.{now.st_mtime_ns}.{now.st_ctime_ns}"


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _is_marker(name: str) -> bool:
    path = Path(name.lower())
    return path.name in MARKERS or (path.stem in MARKERS and path.suffix not in SCAN_SUFFIXES)


def _is_temporary(name: str) -> bool:
    return name.startswith("~") or name.endswith("~") or Path(name).suffix.lower() in TEMPORARY
