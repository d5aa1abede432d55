"""A PostgreSQL server as the store's database: one pool of connections a process, and who uses it (shared locks)."""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import PoolProxiedConnection

from pipeline.errors import StoreTrouble
from pipeline.store.address import shown
from pipeline.store.lock import Use
from pipeline.store.migrating import brought_up, form, newest_form
from pipeline.store.opening import home_taken
from pipeline.store.sql import alone_with, listening, lock_number
from pipeline.store.trouble import COMPLAINTS, of_server

__all__ = ["ServerUse", "opened_on_server"]

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 600  # a statement that takes longer is ended: no run hangs on a server for ever
CONNECTIONS, MORE_CONNECTIONS = 4, 8  # of a process: those that stay open, and those for a moment
RECYCLE_SECONDS = 1800  # firewalls forget connections that say nothing
_PAUSE = 0.1  # seconds between two looks
_UPDATING, _USING = "form of the store", "use of the store"

_guard = threading.Lock()
_engines: dict[tuple[str, float], Engine] = {}


def opened_on_server(url: URL, home: Path, lock_seconds: float) -> tuple[Engine, ServerUse]:
    """The database of a store on a server, its tables made ready, and this process's share in it.

    ``home`` is this machine's own folder.

    :raises BadSetting: ``home`` cannot be written
    :raises StoreTrouble: the server does not answer, does not let us in, or somebody has the store alone
    """
    mine = home_taken(home, lock_seconds, database=False)
    place = shown(url)
    try:
        engine = _engine(url, lock_seconds)
        return engine, _use(engine, url, home, mine, lock_seconds)
    except (*COMPLAINTS, _driver_error()) as error:
        raise of_server(place, error) from error


class ServerUse:
    """This process's share in a store on a server: a lock that its session holds, so it ends with the connection.

    A session that breaks off (the server was started anew) has lost it: that is found when the store is opened again.
    Until then a run that has the store alone may pass by a run that lost its session; writing asks the same server,
    and whatever a run of before the break writes late is keyed by content, not by what it had looked at.
    """

    def __init__(self, raw: PoolProxiedConnection, place: str, home: Use) -> None:
        connection: Any = raw.driver_connection
        connection.autocommit = True
        self._connection = connection
        raw.detach()  # no pool's any more: it lives as long as this process uses the store
        self._place, self._home = place, home
        self._pid = os.getpid()
        weakref.finalize(self, _closed, raw, self._pid)

    def take_part(self, seconds: float) -> None:
        """Use the store as others do.

        :raises StoreTrouble: it is being taken from or filled for longer than ``seconds``
        """
        if not _locked(self._connection, "pg_try_advisory_lock_shared", seconds):
            raise StoreTrouble(
                f"the store {self._place} is being restored or forgotten from: wait until that is done, "
                "then run the same command again"
            )

    @property
    def is_ours(self) -> bool:
        """Whether it may be used: not in a process that was forked from the one whose connection it is."""
        return self._pid == os.getpid()

    @property
    def is_held(self) -> bool:
        """Whether the session still lives."""
        if not self.is_ours or self._connection.closed:
            return False
        try:
            self._connection.execute("SELECT 1")
        except Exception:  # whatever the driver says: then it is dead
            return False
        return True

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Have the store for this process alone.

        :raises StoreTrouble: others use it for longer than ``seconds``
        """
        with ExitStack() as ending:
            try:
                ending.enter_context(self._home.alone(seconds))
                if not _locked(self._connection, "pg_try_advisory_lock", seconds):
                    raise StoreTrouble(
                        f"another run uses the store {self._place}: wait until it is done, "
                        "then run the same command again"
                    )
                ending.callback(self._let_go)
            except _driver_error() as error:
                raise of_server(self._place, error) from error
            yield

    def _let_go(self) -> None:
        with suppress(_driver_error()):  # a session that broke off holds nothing
            self._connection.execute("SELECT pg_advisory_unlock(%(ours)s, %(matter)s)", lock_number(_USING))


_uses: weakref.WeakValueDictionary[tuple[str, str], ServerUse] = weakref.WeakValueDictionary()


def _engine(url: URL, lock_seconds: float) -> Engine:
    """This process's connections to a server; the first who asks sees to the tables."""
    name = (url.render_as_string(hide_password=False), lock_seconds)
    with _guard:
        known = _engines.get(name)
        if known is not None:
            return known
        engine = listening(
            create_engine(
                url,
                isolation_level="READ COMMITTED",  # whatever the server's usual one is: locks see to the rest
                pool_size=CONNECTIONS,
                max_overflow=MORE_CONNECTIONS,
                pool_pre_ping=True,
                pool_recycle=RECYCLE_SECONDS,
                pool_timeout=max(1.0, lock_seconds),
                connect_args=_told(url, lock_seconds),
            )
        )
        try:
            _made_current(engine, shown(url))
        except BaseException:
            engine.dispose()
            raise
        _engines[name] = engine
        return engine


def _told(url: URL, lock_seconds: float) -> dict[str, Any]:
    """What a connection is told: bounds on waiting, and who it is (pg_stat_activity shows that)."""
    bounds = {
        "lock_timeout": f"{max(1, int(lock_seconds * 1000))}ms",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
        "client_encoding": "UTF8",
        "timezone": "UTC",
    }
    said = str(url.query.get("options", ""))
    usual: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": f"yanzhang on {socket.gethostname()[:40]}",
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    own = {name: value for name, value in usual.items() if name not in url.query}
    # What the address says comes last and counts.
    return own | {"options": " ".join((*(f"-c {n}={v}" for n, v in bounds.items()), said)).strip()}


def _made_current(engine: Engine, place: str) -> None:
    """Tables as this version has them; several processes, on several machines, may open a new store at once."""
    with engine.connect() as db:
        if _is_current(db, place):
            return
    with engine.begin() as db:
        alone_with(db, _UPDATING)
        if not _is_current(db, place):
            brought_up(db)


def _is_current(db: Connection, place: str) -> bool:
    return form(db, place) == newest_form()


def _use(engine: Engine, url: URL, home: Path, home_use: Use, seconds: float) -> ServerUse:
    name = (url.render_as_string(hide_password=False), str(home.absolute()))
    with _guard:
        known = _uses.get(name)
        if known is not None and known.is_held:
            return known
        raw = engine.raw_connection()
        mine = ServerUse(raw, shown(url), home_use)
        mine.take_part(seconds)
        _uses[name] = mine
        return mine


def _locked(connection: Any, function: str, seconds: float) -> bool:
    until = time.monotonic() + seconds
    asked = f"SELECT {function}(%(ours)s, %(matter)s)"
    while not connection.execute(asked, lock_number(_USING)).fetchone()[0]:
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE)
    return True


def _closed(raw: PoolProxiedConnection, pid: int) -> None:
    # A forked child would end its parent's session. Closed by the driver, not by way of the pool: that would roll back
    # first, and say at length that a session which was cut cannot.
    if pid == os.getpid() and raw.driver_connection is not None:
        raw.driver_connection.close()


def _driver_error() -> type[Exception]:
    import psycopg

    return psycopg.Error


def _forked() -> None:
    """A child has no connection of its parent's: two who talk on one would hear each other's answers."""
    global _guard
    _guard = threading.Lock()  # some thread of the parent may have held it
    for engine in _engines.values():
        engine.dispose(close=False)
    _uses.clear()


os.register_at_fork(after_in_child=_forked)
