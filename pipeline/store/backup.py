"""A store into one file (备份), and such a file into an empty store (恢复): all of it or nothing."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
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
from pipeline.store.moving import rows_into
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
            manifest, problems = _written(store, copy, stream, target, progress)
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
    source: Path,
    place: Path | Callable[[], Store],
    *,
    lock_seconds: float | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Fill an empty store (or make one) from a backup. Until all of it is proved, nothing is in place.

    :param place: the store's home, or what opens it once the backup is known to be one
    :raises BadInput: the file is no backup or damaged, or the store holds something
    :raises StoreTrouble: the store cannot be written, or others use it
    """
    with _opened(source) as stream:
        manifest = read_manifest(stream, source.name)
        if manifest.size > source.stat().st_size:
            raise damaged(source.name)
        if manifest.form > newest_form():
            raise BadInput(f"{source.name} is of a newer yanzhang: update yanzhang, then run the same command again")
        store = Store(place, lock_seconds=lock_seconds) if isinstance(place, Path) else place()
        with store.alone():
            _is_empty(store)
            try:
                _has_room(store, manifest)
                staged = Path(tempfile.mkdtemp(prefix=RESTORING, dir=store.home))
                try:
                    _staged(stream, manifest, staged, source.name, progress, far=store.originals.is_far)
                    _proved(staged / DATABASE, manifest, source.name)
                    store.originals.take_over()
                    if store.originals.is_far:
                        _sent(source, manifest, staged, store, progress)
                    else:
                        _moved(staged, manifest, store)
                    _database_in_place(staged, store, source.name)
                finally:
                    shutil.rmtree(staged, ignore_errors=True)
            except OSError as error:
                raise of_disk(store.home, error) from error
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


def _written(
    store: Store, copy: Path, stream: BinaryIO, target: Path, progress: Progress | None
) -> tuple[Manifest, tuple[str, ...]]:
    """The archive, with all originals that are sound. Whether one is, is known when it has been read: then once more,
    without it.
    """
    found, unsound = tuple(store.originals.listed()), frozenset[str]()
    while True:
        manifest, problems = _told(copy, [(name, size) for name, size in found if name not in unsound])
        if problems and target.exists():
            raise StoreTrouble(f"{'; '.join(problems)}; the backup {target} stays as it was: name another file")
        stream.seek(0)
        stream.truncate()
        now = write_archive(stream, manifest, lambda member: _opened_member(store, copy, member), progress)
        if not now:
            return manifest, problems
        unsound |= now


def _opened_member(store: Store, copy: Path, member: Member) -> AbstractContextManager[BinaryIO]:
    return copy.open("rb") if member.name == DATABASE else store.originals.opened(member.sha256)


def _told(copy: Path, originals: Sequence[tuple[str, int]]) -> tuple[Manifest, tuple[str, ...]]:
    """What an archive with these originals holds, and a sentence for each that is in use and lacking."""
    with closing(sqlite3.connect(copy)) as db:
        used = _files_of(db)
        counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("arrivals", "readings")]
    database = Member(name=DATABASE, size=copy.stat().st_size, sha256=sha256_of(copy))
    manifest = Manifest(
        format=FORMAT,
        made_by=f"yanzhang {package.version('yanzhang')}",
        made_at=datetime.now(UTC),
        form=newest_form(),
        arrivals=counts[0],
        readings=counts[1],
        members=(
            database,
            *(Member(name=f"{ORIGINALS}/{name[:2]}/{name}", size=size, sha256=name) for name, size in originals),
        ),
    )
    there = {name for name, _ in originals}
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
            f"the store {store.place} is not empty ({held}): a backup is restored onto an empty one, "
            + ("name an empty one in YANZHANG_DATABASE" if store.on_server else "set YANZHANG_HOME to a new folder")
        )


def _has_room(store: Store, manifest: Manifest) -> None:
    free = shutil.disk_usage(store.home).free
    sizes = [member.size for member in manifest.members]
    wanted = sizes[0] + max(sizes[1:], default=0) if store.originals.is_far else sum(sizes)
    if wanted > free:
        raise StoreTrouble(
            f"the backup needs {wanted / 1e6:,.0f} MB and the disk of {store.home} has {free / 1e6:,.0f} MB free: "
            "make room on it, then run the same command again"
        )


def _staged(
    stream: BinaryIO, manifest: Manifest, staged: Path, name: str, progress: Progress | None, *, far: bool
) -> None:
    """All of it laid out, or where originals go elsewhere the database only: then they are gone through twice."""
    for done, (member, chunks) in enumerate(members(stream, manifest, name), start=1):
        if far and member.name != DATABASE:
            for _ in chunks:
                pass
        else:
            _laid_out(chunks, staged / member.name)
        if progress:
            progress(done, len(manifest.members))


def _laid_out(chunks: Iterator[bytes], path: Path) -> None:
    private_folder(path.parent)
    with new_beside(path.parent) as (target, temporary):
        for chunk in chunks:
            target.write(chunk)
        settle(target, temporary, path, sync=False)


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
    """Originals into place, which nothing names yet. A folder on another disk gets copies."""
    for member in manifest.members:
        if member.name != DATABASE:
            store.originals.adopt(staged / member.name, member.sha256)
    store.originals.settle()


def _sent(source: Path, manifest: Manifest, staged: Path, store: Store, progress: Progress | None) -> None:
    """Originals to where they shall be, one after the other; one that is there already is not sent again."""
    with _opened(source) as stream:
        read_manifest(stream, source.name)
        for done, (member, chunks) in enumerate(members(stream, manifest, source.name), start=1):
            if member.name == DATABASE or store.originals.size(member.sha256) == member.size > 0:
                for _ in chunks:
                    pass
            else:
                path = staged / member.name
                _laid_out(chunks, path)
                store.originals.adopt(path, member.sha256)
                path.unlink(missing_ok=True)
            if progress:
                progress(done, len(manifest.members))


def _database_in_place(staged: Path, store: Store, name: str) -> None:
    """The database that names them, in one step."""
    if store.on_server:
        private_folder(staged / "opened")
        (staged / DATABASE).replace(staged / "opened" / DATABASE)
        read = Store(staged / "opened")  # brought up to today's form
        try:
            with read.looking() as rows, store.writing() as db:
                rows_into(rows, db)
        except (ValueError, TypeError) as error:  # SQLite keeps anything in any column
            raise damaged(name) from error
        finally:
            read.close()
        return
    store.disconnect()
    # A journal belongs to the database beside which it was written, and to no other.
    for end in ("-wal", "-shm"):
        Path(f"{store.home / DATABASE}{end}").unlink(missing_ok=True)
    (staged / DATABASE).replace(store.home / DATABASE)
    sync_folder(store.home)
