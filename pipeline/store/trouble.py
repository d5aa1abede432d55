"""What of a disk's or a database's complaint a user can do something about: one sentence."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from pipeline.errors import StoreTrouble

__all__ = ["COMPLAINTS", "of_database", "of_disk"]

COMPLAINTS = (DatabaseError, sqlite3.Error)  # the second: what goes wrong while a connection is being made ready

_OF_DATABASE = {
    "locked": "wait until the other run is done",
    "full": "make room on its disk",
    "readonly": "let yanzhang write to it",
    "unable to open": "let yanzhang write to it",
    "malformed": "move it aside and restore the last backup (yanzhang restore)",
    "not a database": "move it aside and restore the last backup (yanzhang restore)",
    "disk i/o error": "look at the disk and make room on it",
}
_OF_DISK = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room on its disk",
    errno.EFBIG: "put it on a disk that holds larger files",
    errno.EACCES: "let yanzhang write to it",
    errno.EPERM: "let yanzhang write to it",
    errno.EROFS: "let yanzhang write to it",
    errno.EMFILE: "close other programs",
    errno.ENFILE: "close other programs",
}
_ELSE = "look at the disk and at yanzhang doctor"


def of_database(home: Path, error: BaseException) -> StoreTrouble:
    """SQLite's complaint, as the driver raises it or wrapped."""
    told = str(getattr(error, "orig", None) or error)
    says = told.splitlines()[0].lower() if told else "no reason given"
    return _trouble(home, says, next((todo for sign, todo in _OF_DATABASE.items() if sign in says), _ELSE))


def of_disk(home: Path, error: OSError) -> StoreTrouble:
    """The system's complaint about a file of the store."""
    return _trouble(home, (error.strerror or str(error)).lower(), _OF_DISK.get(error.errno or 0, _ELSE))


def _trouble(home: Path, says: str, todo: str) -> StoreTrouble:
    return StoreTrouble(f"the store {home} cannot be used now ({says}): {todo}, then run the same command again")
