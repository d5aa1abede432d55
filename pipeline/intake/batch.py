"""A batch of scans becomes arrivals: every original is in the store before anything looks inside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pipeline.errors import BadInput, NoScans
from pipeline.intake.open import SCAN_SUFFIXES, is_scan, natural_key
from pipeline.store import Arrival, Store, StoredFile
from pipeline.values.file_names import readable_name

__all__ = ["Split", "TakenIn", "take_in"]

Split = Literal["auto", "file", "none"]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a batch brought: ``arrivals`` in order, and the names of files that are no scans and were left alone."""

    arrivals: tuple[Arrival, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parcel:
    name: str
    files: tuple[Path, ...]
    folder: bool


def take_in(
    batch: Path,
    store: Store,
    *,
    split: Split = "auto",
    received_on: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TakenIn:
    """Store every original of ``batch`` and note its arrival (CONTRACT, "Scans in").

    :param batch: a folder of envelopes (files and sub-folders), or one file
    :raises NoScans: nothing in it could be a scan
    :raises BadInput: it is not there or cannot be listed
    """
    ignored: list[str] = []
    parcels = list(_parcels(batch, split, ignored))
    if not parcels:
        raise NoScans(
            f"{batch} holds no scans: put PDF, TIFF, JPEG, PNG, WebP, GIF or BMP files, or folders of them, into it"
        )
    arrivals = []
    for done, parcel in enumerate(parcels, start=1):
        arrivals.append(_stored(parcel, store, split, received_on))
        if progress:
            progress(done, len(parcels))
    return TakenIn(tuple(arrivals), tuple(ignored))


def _parcels(batch: Path, split: Split, ignored: list[str]) -> Iterator[_Parcel]:
    if batch.is_file():
        yield _Parcel(batch.name, (batch,), folder=False)
        return
    if not batch.is_dir():
        raise BadInput(f"{batch} is not there: name a folder of scans, or one file")
    try:
        entries = sorted((e for e in batch.iterdir() if not e.name.startswith(".")), key=lambda e: natural_key(e.name))
    except OSError as error:
        raise BadInput(f"{batch} cannot be listed ({error.strerror}): check its permissions") from error
    if split == "none":
        files = _scans_in(batch, ignored)
        if files:
            yield _Parcel(batch.name or batch.resolve().name, files, folder=True)
        return
    for entry in entries:
        if entry.is_dir():
            yield _Parcel(entry.name, _scans_in(entry, ignored), folder=True)
        elif _could_be_scan(entry):
            yield _Parcel(entry.name, (entry,), folder=False)
        else:
            ignored.append(entry.name)


def _scans_in(folder: Path, ignored: list[str]) -> tuple[Path, ...]:
    found: list[Path] = []
    for path in sorted(folder.rglob("*"), key=lambda p: natural_key(p.relative_to(folder).as_posix())):
        if path.is_dir() or path.name.startswith("."):
            continue
        if _could_be_scan(path):
            found.append(path)
        else:
            ignored.append(path.name)
    return tuple(found)


def _could_be_scan(path: Path) -> bool:
    # By its name it claims to be one (then failing to open it is worth a finding), or its bytes say that it is.
    return path.suffix.lower() in SCAN_SUFFIXES or (path.is_file() and is_scan(path))


def _stored(parcel: _Parcel, store: Store, split: Split, received_on: date | None) -> Arrival:
    files: list[StoredFile] = []
    name = readable_name(parcel.name)
    problem = "" if parcel.files else f"the folder {name} holds no scans"
    for path in parcel.files:
        try:
            files.append(StoredFile(readable_name(path.name), store.originals.put(path)))
        except OSError as error:
            why = error.strerror or error
            problem = f"{readable_name(path.name)} cannot be read ({why}): check the file and scan it again"
    # A folder is never cut (CONTRACT: each sub-folder is one envelope).
    cut = split if not parcel.folder else "none"
    return store.arrive(
        name, files, sha256=_content_hash(parcel, files), split=cut, received_on=received_on, problem=problem
    )


def _content_hash(parcel: _Parcel, files: Sequence[StoredFile]) -> str:
    if len(files) == 1 and not parcel.folder:
        return files[0].sha256
    return hashlib.sha256("\n".join(f.sha256 for f in files).encode()).hexdigest()
