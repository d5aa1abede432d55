"""A batch of scans becomes arrivals: every original is in the store before anything looks inside it.

What strangers can put into a folder is taken for what it is: only plain files are opened, links are not followed, pipes
are not waited for, and a name is a name, whatever signs it holds.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pipeline.errors import BadInput, NoScans, ScanTooLarge, StoreTrouble, UnreadableScan
from pipeline.intake.open import SCAN_SUFFIXES, is_scan, natural_key
from pipeline.store import Arrival, Store, StoredFile
from pipeline.values.file_names import readable_name
from pipeline.values.printable import printable

__all__ = ["Split", "TakenIn", "plain_name", "take_entry", "take_in"]

Split = Literal["auto", "file", "none"]

_FOLDER, _SCAN, _REFUSED, _OTHER = "folder", "scan", "refused", "other"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a batch brought: ``arrivals`` in order, and the names of files that are no scans and were left alone."""

    arrivals: tuple[Arrival, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One envelope to be: its files, and sentences on what of it will not be opened."""

    name: str
    files: tuple[Path, ...]
    folder: bool
    problems: tuple[str, ...] = ()


def take_in(
    batch: Path,
    store: Store,
    *,
    split: Split = "auto",
    received_on: date | None = None,
    max_bytes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TakenIn:
    """Store every original of ``batch`` and note its arrival (CONTRACT, "Scans in").

    :param batch: a folder of envelopes (files and sub-folders), or one file
    :param max_bytes: of one file; a larger one is a problem of its envelope
    :raises NoScans: nothing in it could be a scan
    :raises BadInput: it is not there or cannot be listed
    :raises StoreTrouble: the store cannot be written; what it says is stored is stored, nothing else is
    """
    ignored: list[str] = []
    parcels = list(_parcels(batch, split, ignored))
    if not parcels:
        raise NoScans(
            f"{batch} holds no scans: put PDF, TIFF, JPEG, PNG, WebP, GIF or BMP files, or folders of them, into it"
        )
    arrivals: list[Arrival] = []
    for parcel in parcels:
        try:
            arrivals.append(_stored(parcel, store, split, lambda _name, _sha256: received_on, max_bytes))
        except StoreTrouble as trouble:
            raise StoreTrouble(
                f"{len(arrivals)} of {len(parcels)} envelopes are stored, the others wait: {trouble.message}"
            ) from trouble
        if progress:
            progress(len(arrivals), len(parcels))
    return TakenIn(tuple(dict.fromkeys(arrivals)), tuple(ignored))


def take_entry(
    path: Path,
    store: Store,
    *,
    split: Split,
    received_on: Callable[[str, str], date | None],
    max_bytes: int | None = None,
) -> Arrival:
    """Store one entry of a folder, a plain file or a sub-folder, as the envelope that :func:`take_in` makes of it.

    :param received_on: asked with the arrival's name and sha256
    :raises UnreadableScan: it is a link or the like, or a file of it cannot be read now, or changes: nothing is noted
    :raises StoreTrouble: the store cannot be written
    """
    try:
        kind = path.lstat().st_mode
    except (OSError, ValueError) as error:
        raise UnreadableScan(f"{plain_name(path)} is not there any more") from error
    if stat.S_ISDIR(kind):
        parcel = _whole(path, [])
    elif stat.S_ISREG(kind):
        parcel = _Parcel(plain_name(path), (path,), folder=False)
    else:
        raise UnreadableScan(f"{plain_name(path)} is no plain file: put the file itself there")
    return _stored(parcel, store, split, received_on, max_bytes, at_once=False)


def plain_name(path: Path) -> str:
    """A file's name as it is kept and shown: text of one line, whatever its bytes are (Windows' GBK, too)."""
    return printable(readable_name(path.name))


def _parcels(batch: Path, split: Split, ignored: list[str]) -> Iterator[_Parcel]:
    try:
        batch = batch.resolve()  # whoever named it may name a link; what lies in it may be none
        kind = batch.stat().st_mode
    except (OSError, RuntimeError, ValueError) as error:
        raise BadInput(f"{batch} is not there: name a folder of scans, or one file") from error
    if stat.S_ISREG(kind):
        yield _Parcel(plain_name(batch), (batch,), folder=False)
        return
    if not stat.S_ISDIR(kind):
        raise BadInput(f"{batch} is no folder and no plain file: name a folder of scans, or one file")
    try:
        entries = _entries(batch)
    except OSError as error:
        raise BadInput(f"{batch} cannot be listed ({error.strerror}): check its permissions") from error
    if split == "none":
        whole = _whole(batch, ignored)
        if whole.files or whole.problems:
            yield whole
        return
    for path, entry in entries:
        kind_of = _kind(path, entry)
        if kind_of == _FOLDER:
            yield _whole(path, ignored)
        elif kind_of == _SCAN:
            yield _Parcel(plain_name(path), (path,), folder=False)
        elif kind_of == _REFUSED:
            yield _Parcel(plain_name(path), (), folder=False, problems=(_refusal(path, entry),))
        else:
            ignored.append(plain_name(path))


def _whole(folder: Path, ignored: list[str]) -> _Parcel:
    """All scans in a folder and in those within it, in natural order of their paths, as one envelope."""
    found: list[tuple[str, Path]] = []
    problems: list[str] = []
    waiting = [folder]
    while waiting:
        within = waiting.pop()
        try:
            entries = _entries(within)
        except OSError as error:
            problems.append(f"the folder {plain_name(within)} cannot be listed ({error.strerror}): check it")
            continue
        for path, entry in entries:
            kind = _kind(path, entry)
            if kind == _FOLDER:
                waiting.append(path)
            elif kind == _SCAN:
                found.append((path.relative_to(folder).as_posix(), path))
            elif kind == _REFUSED:
                problems.append(_refusal(path, entry))
            else:
                ignored.append(plain_name(path))
    files = tuple(path for _, path in sorted(found, key=lambda one: natural_key(one[0])))
    if not files and not problems:
        problems.append(f"the folder {plain_name(folder)} holds no scans")
    return _Parcel(plain_name(folder), files, folder=True, problems=tuple(problems))


def _entries(folder: Path) -> list[tuple[Path, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        shown = [(Path(e.path), e) for e in entries if not e.name.startswith(".")]
    return sorted(shown, key=lambda one: natural_key(one[1].name))


def _kind(path: Path, entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return _REFUSED
    if entry.is_dir(follow_symlinks=False):
        return _FOLDER
    # By its name it claims to be a scan (then failing to open it is worth a finding), or its bytes say that it is.
    claims = path.suffix.lower() in SCAN_SUFFIXES
    if not entry.is_file(follow_symlinks=False):
        return _REFUSED if claims else _OTHER
    if claims or (not path.suffix and not os.access(path, os.R_OK)) or is_scan(path):
        return _SCAN
    return _OTHER


def _refusal(path: Path, entry: os.DirEntry[str]) -> str:
    what = "a link" if entry.is_symlink() else "no plain file"
    return f"{plain_name(path)} is {what} and was not opened: put the file itself there"


def _stored(
    parcel: _Parcel,
    store: Store,
    split: Split,
    received_on: Callable[[str, str], date | None],
    max_bytes: int | None,
    *,
    at_once: bool = True,
) -> Arrival:
    """Every file of a parcel durable, then its arrival noted: never one without the other.

    :param at_once: what cannot be read now is a problem of the arrival; else the whole of it can wait
    """
    files: list[StoredFile] = []
    problems = list(parcel.problems)
    for path in parcel.files:
        name = plain_name(path)
        try:
            files.append(StoredFile(name, store.originals.put(path, max_bytes=max_bytes)))
        except UnreadableScan as error:
            if not at_once and not isinstance(error, ScanTooLarge):
                raise
            problems.append(error.message.replace(path.name, name))
    sha256 = _content_hash(parcel, files)
    return store.arrive(
        parcel.name,
        files,
        sha256=sha256,
        # A folder is never cut (CONTRACT: each sub-folder is one envelope).
        split=split if not parcel.folder else "none",
        received_on=received_on(parcel.name, sha256),
        problem="; ".join(problems),
    )


def _content_hash(parcel: _Parcel, files: Sequence[StoredFile]) -> str:
    if len(files) == 1 and not parcel.folder:
        return files[0].sha256
    # Of an envelope of which nothing could be read, the name is all there is: two of them are not the same pages.
    said = "\n".join(f.sha256 for f in files) if files else f"nothing of {parcel.name}"
    return hashlib.sha256(said.encode()).hexdigest()
