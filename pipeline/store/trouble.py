"""What of a disk's or a database's complaint a user can do something about: one sentence."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline.errors import StoreTrouble
from pipeline.values.secrets import redacted

__all__ = ["COMPLAINTS", "of_database", "of_disk", "of_server"]

# The second: what goes wrong while a connection is being made ready.
COMPLAINTS: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout, sqlite3.Error)

_OF_DATABASE = {
    "locked": "wait until the other run is done",
    "full": "make room on its disk",
    "readonly": "let yanzhang write to it",
    "unable to open": "let yanzhang write to it",
    "malformed": "move it aside and restore the last backup (yanzhang restore)",
    "not a database": "move it aside and restore the last backup (yanzhang restore)",
    "disk i/o error": "look at the disk and make room on it",
}
_ACCESS = "look at the user and password in YANZHANG_DATABASE and at the server's pg_hba.conf"
_SERVER_DOWN = "start the server, or look at the host and port in YANZHANG_DATABASE"
# By PostgreSQL's own numbers, which no language and no version changes; two signs name a class of them.
_OF_SQLSTATE = {
    "55P03": "wait until the other run is done",
    "57014": "it took too long: look at what else the server has to do",
    "53100": "make room on the server's disk",
    "53200": "give the server more memory",
    "53300": "let the server take more connections (max_connections), or set fewer YANZHANG_WORKERS",
    "25006": "the server only reads: name the primary server in YANZHANG_DATABASE",
    "42501": "let the user in YANZHANG_DATABASE make and write tables there (GRANT ALL ON SCHEMA public TO …)",
    "28": _ACCESS,
    "3D": "make the database (createdb), or look at its name in YANZHANG_DATABASE",
    "08": _SERVER_DOWN,
    "57P": "wait until the server is up again",
    "40": "two runs were in each other's way",
    "XX": "look at the server's log, and restore the last backup into an empty database (yanzhang restore)",
}
# A connection that was never made has no number.
_OF_WORDS = {
    "password": _ACCESS,
    "pg_hba": _ACCESS,
    "role": _ACCESS,
    "does not exist": "make the database (createdb), or look at its name in YANZHANG_DATABASE",
    "too many": "let the server take more connections (max_connections), or set fewer YANZHANG_WORKERS",
    "starting up": "wait until the server is up again",
    "shutting down": "wait until the server is up again",
    "ssl": "look at sslmode in YANZHANG_DATABASE and at the server's certificate",
    "certificate": "look at sslmode in YANZHANG_DATABASE and at the server's certificate",
    "server closed": _SERVER_DOWN,
    "connection": _SERVER_DOWN,
    "resolve": _SERVER_DOWN,
    "timeout": _SERVER_DOWN,
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
_ELSE_SERVER = "look at the server's log and at yanzhang doctor"


def of_database(place: Path | str, error: BaseException) -> StoreTrouble:
    """A database's complaint, as its driver raises it or wrapped. A folder holds SQLite, an address is a server's."""
    if isinstance(place, str):
        return of_server(place, error)
    told = str(getattr(error, "orig", None) or error)
    says = told.splitlines()[0].lower() if told else "no reason given"
    return _trouble(place, says, next((todo for sign, todo in _OF_DATABASE.items() if sign in says), _ELSE))


def of_server(place: str, error: BaseException) -> StoreTrouble:
    """PostgreSQL's complaint; ``place`` is its address without a password."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, PoolTimeout):
        return _trouble(place, "all connections of this process are in use", "set fewer YANZHANG_WORKERS")
    told = str(cause) if not isinstance(cause, SQLAlchemyError) else ""
    says = redacted((told.strip().splitlines() or ["no reason given"])[0].rpartition("failed: ")[2]).strip()
    number = getattr(cause, "sqlstate", None) or ""
    todo = next((todo for sign, todo in _OF_SQLSTATE.items() if number.startswith(sign)), None)
    if todo is None:
        todo = next((todo for sign, todo in _OF_WORDS.items() if not number and sign in told.lower()), _ELSE_SERVER)
    return _trouble(place, says, todo)


def of_disk(home: Path, error: OSError) -> StoreTrouble:
    """The system's complaint about a file of the store."""
    return _trouble(home, (error.strerror or str(error)).lower(), _OF_DISK.get(error.errno or 0, _ELSE))


def _trouble(place: Path | str, says: str, todo: str) -> StoreTrouble:
    return StoreTrouble(f"the store {place} cannot be used now ({says}): {todo}, then run the same command again")
