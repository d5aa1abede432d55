"""A store into one file (备份), and such a file into an empty store (恢复): all of it or nothing."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata as package
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import create_engine

from pipeline.errors import BadInput, StoreTrouble
from pipeline.store.archive import FORMAT, Manifest, Member, damaged, members, read_manifest, write_archive
from pipeline.store.database import Store
from pipeline.store.durable import new_beside, private_folder, settle, sweep, sync_folder
from pipeline.store.migrating import brought_up, newest_form
from pipeline.store.opening import DATABASE, ORIGINALS, RESTORING
from pipeline.store.originals import sha256_of
from pipeline.store.trouble import of_database, of_disk

__all__ = ["BackedUp", "back_up", "restore"]

Progress = Callable[[int, int], None]
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds, and a sentence for each envelope of which it lacks an original."""

    manifest: Manifest
    problems: tuple[str, ...]


def back_up(store: Store, target: Path, *, force: bool = False, progress: Progress | None = None) -> BackedUp:
    """Write the whole store into ``target``, for its owner only, while other runs may go on.

    The database is taken first, as it is at one moment: every arrival in it has its originals already.

    :raises BadInput: ``target`` is there and ``force`` is not asked for, or lies where it cannot be
    :raises StoreTrouble: the store is damaged
    """
    _may_be_written(store, target, force)
    try:
        sweep(target.parent)
        with new_beside(target.parent) as (_, copy), new_beside(target.parent) as (stream, temporary):
            _copied(store, copy)
            manifest, problems = _listed(store, copy, progress)
            if problems and target.exists():
                raise StoreTrouble(f"{'; '.join(problems)}; the backup {target} stays as it was: name another file")
            write_archive(stream, manifest, lambda m: copy if m.name == DATABASE else store.originals.path(m.sha256))
            stream.flush()
            _verified(temporary, target.name)
            _may_be_written(store, target, force)
            settle(stream, temporary, target)
    except OSError as error:
        raise BadInput(
            f"the backup {target} cannot be written ({error.strerror or error}): "
            "make room there or name another place, then run the same command again"
        ) from error
    return BackedUp(manifest, problems)


def restore(
    source: Path, home: Path, *, lock_seconds: float | None = None, progress: Progress | None = None
) -> Manifest:
    """Fill the empty store at ``home`` (or make one) from a backup. Until all of it is proved, nothing is in place.

    :raises BadInput: the file is no backup or damaged, or the store holds something
    :raises StoreTrouble: the store cannot be written, or others use it
    """
    with _opened(source) as stream:
        manifest = read_manifest(stream, source.name)
        if manifest.size > source.stat().st_size:
            raise damaged(source.name)
        if manifest.form > newest_form():
            raise BadInput(f"{source.name} is of a newer yanzhang: update yanzhang, then run the same command again")
        store = Store(home, lock_seconds=lock_seconds)
        with store.alone():
            _is_empty(store)
            try:
                _has_room(home, manifest)
                staged = Path(tempfile.mkdtemp(prefix=RESTORING, dir=home))
                try:
                    _staged(stream, manifest, staged, source.name, progress)
                    _proved(staged / DATABASE, manifest, source.name)
                    _moved(staged, manifest, store)
                finally:
                    shutil.rmtree(staged, ignore_errors=True)
            except OSError as error:
                raise of_disk(home, error) from error
    return manifest


# ------------------------------------------------------------------------------------------------------- writing


def _may_be_written(store: Store, target: Path, force: bool) -> None:
    if not target.parent.is_dir():
        raise BadInput(f"the folder {target.parent} is not there: make it, or name a file elsewhere")
    if target.is_dir():
        raise BadInput(f"{target} is a folder: name a file for the backup")
    if target.exists() and not force:
        raise BadInput(f"{target} is there already: name another file, or replace it with --force")
    if target.resolve().is_relative_to(store.home.resolve()):
        raise BadInput(f"{target} lies in the store itself: name a file elsewhere, best on another disk")


def _copied(store: Store, copy: Path) -> None:
    """The database as it is now, in one file, found sound."""
    store.copy_to(copy)
    try:
        with closing(sqlite3.connect(copy)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
            (says,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise of_database(store.home, error) from error
    if says != "ok":
        raise of_database(store.home, sqlite3.DatabaseError("database disk image is malformed"))


def _listed(store: Store, copy: Path, progress: Progress | None) -> tuple[Manifest, tuple[str, ...]]:
    """All there is to write, its originals read and found sound."""
    with closing(sqlite3.connect(copy)) as db:
        used = _files_of(db)
        counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("arrivals", "readings")]
    found = sorted(_kept(store.originals.folder))
    sound: list[Member] = []
    for done, path in enumerate(found, start=1):
        if sha256_of(path) == path.name:
            name = f"{ORIGINALS}/{path.parent.name}/{path.name}"
            sound.append(Member(name=name, size=path.stat().st_size, sha256=path.name))
        if progress:
            progress(done, len(found))
    there = {member.sha256 for member in sound}
    database = Member(name=DATABASE, size=copy.stat().st_size, sha256=sha256_of(copy))
    manifest = Manifest(
        format=FORMAT,
        made_by=f"yanzhang {package.version('yanzhang')}",
        made_at=datetime.now(UTC),
        form=newest_form(),
        arrivals=counts[0],
        readings=counts[1],
        members=(database, *sound),
    )
    lacking = {name: file for sha256, (name, file) in used.items() if sha256 not in there}
    return manifest, tuple(
        f"{name}: the original of {file} is missing or damaged in the store: take the envelope in again, then back up"
        for name, file in lacking.items()
    )


def _files_of(db: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Files in use: their hash, and the names of their arrival and their own."""
    rows = db.execute(
        "SELECT arrivals.name, json_extract(file.value, '$[0]'), json_extract(file.value, '$[1]') "
        "FROM arrivals, json_each(arrivals.files) AS file"
    )
    return {sha256: (name, file) for name, file, sha256 in rows}


def _kept(originals: Path) -> Iterator[Path]:
    for folder in originals.glob("[0-9a-f][0-9a-f]"):
        for path in folder.iterdir():
            if _HASH.fullmatch(path.name) and path.name[:2] == folder.name and not path.is_symlink() and path.is_file():
                yield path


def _verified(written: Path, name: str) -> None:
    with written.open("rb") as stream:
        for _, chunks in members(stream, read_manifest(stream, name), name):
            for _ in chunks:
                pass


# ----------------------------------------------------------------------------------------------------- restoring


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    try:
        if not source.is_file():
            raise BadInput(f"{source} is not there: name a file that yanzhang backup wrote")
        with source.open("rb") as stream:
            yield stream
    except OSError as error:
        raise BadInput(f"{source} cannot be read ({error.strerror or error})") from error


def _is_empty(store: Store) -> None:
    counts = store.counts()
    held = ", ".join(f"{count} {table}" for table, count in counts.items() if count)
    if held:
        raise BadInput(
            f"the store {store.home} is not empty ({held}): a backup is restored onto an empty one, "
            "set YANZHANG_HOME to a new folder"
        )


def _has_room(home: Path, manifest: Manifest) -> None:
    free = shutil.disk_usage(home).free
    if manifest.size > free:
        raise StoreTrouble(
            f"the backup needs {manifest.size / 1e6:,.0f} MB and the disk of {home} has {free / 1e6:,.0f} MB free: "
            "make room on it, then run the same command again"
        )


def _staged(stream: BinaryIO, manifest: Manifest, staged: Path, name: str, progress: Progress | None) -> None:
    for done, (member, chunks) in enumerate(members(stream, manifest, name), start=1):
        path = staged / member.name
        private_folder(path.parent)
        with new_beside(path.parent) as (target, temporary):
            for chunk in chunks:
                target.write(chunk)
            settle(target, temporary, path, sync=False)
        if progress:
            progress(done, len(manifest.members))


def _proved(database: Path, manifest: Manifest, name: str) -> None:
    """The database is sound and ours: nothing in it runs by itself, and no name in it leads out of the store."""
    try:
        with closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA trusted_schema=OFF")
            sound = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            runs = set(db.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"))
            files = _files_of(db)
            arrivals = db.execute("SELECT count(*) FROM arrivals").fetchone()[0]
            (form,) = db.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise BadInput(f"{name} holds no sound database: take another backup") from error
    well_named = all(isinstance(sha256, str) and _HASH.fullmatch(sha256) for sha256 in files)
    if not (sound and well_named and arrivals == manifest.arrivals and form == manifest.form and runs <= _our_own()):
        raise BadInput(f"{name} holds no database of yanzhang: take another backup")


def _our_own() -> set[tuple[str, str]]:
    """Triggers that a new store has."""
    engine = create_engine("sqlite://")
    with engine.begin() as db:
        brought_up(db)
        rows = db.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')").all()
    engine.dispose()
    return {(row[0], row[1]) for row in rows}


def _moved(staged: Path, manifest: Manifest, store: Store) -> None:
    """Into place: originals first, which nothing names yet, then the database that names them, in one step."""
    for member in manifest.members:
        if member.name != DATABASE:
            target = store.originals.path(member.sha256)
            private_folder(target.parent)
            (staged / member.name).replace(target)
    for folder in {store.originals.path(m.sha256).parent for m in manifest.members if m.name != DATABASE}:
        sync_folder(folder)
    private_folder(store.originals.folder)
    sync_folder(store.originals.folder)
    store.disconnect()
    # A journal belongs to the database beside which it was written, and to no other.
    for end in ("-wal", "-shm"):
        Path(f"{store.home / DATABASE}{end}").unlink(missing_ok=True)
    (staged / DATABASE).replace(store.home / DATABASE)
    sync_folder(store.home)
