"""Leases (租约): what one process does, no other does meanwhile, on this machine and on all that share the store.

On SQLite the system's lock on a file, which ends with its holder. On a PostgreSQL server a row with a time until which
it counts, renewed while its holder lives: one that was killed loses it a minute later, or at once where whoever asks
can see that it is dead. Times are the server's, so machines need not agree on theirs.

A holder that was stopped for longer than that (a machine put to sleep) goes on without knowing it: what it writes is
keyed by content, so twice is once; what must not be done twice asks :meth:`Lease.check` first.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from sqlalchemy import Column, DateTime, String, Table, delete, literal_column, or_, select, update

from pipeline.errors import StoreTrouble
from pipeline.store.durable import PRIVATE_FILE, private_folder
from pipeline.store.flock import ALONE, is_at, taken
from pipeline.store.opening import CLAIMS
from pipeline.store.sql import insert
from pipeline.store.tables import VOLATILE, metadata
from pipeline.store.trouble import of_disk

if TYPE_CHECKING:
    from pipeline.store.database import Store

__all__ = ["Held", "Lease", "claimed", "held_on_server", "lease"]

log = logging.getLogger(__name__)

SECONDS = 60.0  # that a lease counts without being renewed
RENEWALS = 4  # within that time
ASK_AGAIN, ASK_SERVER_AGAIN = 0.2, 1.0  # s
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")

_leases = Table(
    "leases",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("holder", String, nullable=False),
    Column("since", DateTime, nullable=False),
    Column("until", DateTime, nullable=False),
    info={VOLATILE: True},
)
_NOW = literal_column("(clock_timestamp() AT TIME ZONE 'utc')", DateTime)


class Held(StoreTrouble):
    """Another process does it already. ``holder``: machine and process; ``since``: UTC."""

    def __init__(self, name: str, holder: str, since: datetime | None) -> None:
        at = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        super().__init__(
            f"{name} is under way already ({holder}{at}): wait until that is done, then run the same command again"
        )
        self.holder, self.since = holder, since


@dataclass(slots=True)
class Lease:
    """What its holder has to itself. ``lost``: somebody else may have it by now."""

    name: str
    lost: bool = False

    def check(self) -> None:
        """
        :raises StoreTrouble: somebody else may have it by now
        """
        if self.lost:
            raise StoreTrouble(
                f"{self.name} was stopped or cut off for too long and may be under way elsewhere: "
                "run the same command again"
            )


@contextmanager
def lease(
    store: Store,
    name: str,
    *,
    wait: bool = False,
    waiting: Callable[[], None] = lambda: None,
    seconds: float = SECONDS,
) -> Iterator[Lease]:
    """Have ``name`` to oneself until this ends.

    :param name: what it is, as it stands in a sentence ("the nightly run")
    :param wait: until whoever has it is done; ``waiting`` is called again and again meanwhile
    :param seconds: how long it counts on a server without being renewed
    :raises Held: another process has it, and ``wait`` is not asked for
    :raises StoreTrouble: the store cannot be used now
    """
    held = _on_server(store, name, wait, waiting, seconds) if store.on_server else _here(store, name, wait, waiting)
    with held as mine:
        yield mine


def held_on_server(store: Store, name: str) -> bool:
    """Whether some process has ``name`` now, told without taking it; of a store on a server only."""
    row = name if len(name) <= 200 else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    with store.looking() as db:
        asked = select(_leases.c.holder).where(_leases.c.name == row, _leases.c.until >= _NOW)
        holder = db.execute(asked).scalar_one_or_none()
    return holder is not None and not _is_dead(holder)


@contextmanager
def claimed(store: Store, name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Have ``name`` to oneself; ``waiting`` is called again and again while another process has it.

    :raises StoreTrouble: the store cannot be used now
    """
    with lease(store, name, wait=True, waiting=waiting):
        yield


# ------------------------------------------------------------------------------------------------- on one machine


@contextmanager
def _here(store: Store, name: str, wait: bool, waiting: Callable[[], None]) -> Iterator[Lease]:
    with ExitStack() as ending:
        try:
            private_folder(store.home / CLAIMS)
            path = store.home / CLAIMS / _file_name(name)
            handle = _locked(path, name, wait, waiting)
            ending.callback(os.close, handle)
            ending.callback(path.unlink, missing_ok=True)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{_shown(_me())}\n{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}".encode(), 0)
        except OSError as error:
            raise of_disk(store.home, error) from error
        yield Lease(name)


def _locked(path: Path, name: str, wait: bool, waiting: Callable[[], None]) -> int:
    refused = 0
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        while not taken(handle, ALONE):
            refused += 1
            if not wait and refused > 1:  # once may have been a store's opening, which looks at what is left
                told = os.pread(handle, 500, 0).decode("utf-8", "replace").splitlines()
                os.close(handle)
                raise Held(name, *_told(told))
            if wait:
                waiting()
            sleep(ASK_AGAIN)
        if is_at(handle, path):
            return handle
        os.close(handle)  # who had it took the file away: there may be a new one


def _told(lines: list[str]) -> tuple[str, datetime | None]:
    """Holder and time, as whoever has the lock wrote them; it may not have come to that yet."""
    with suppress(ValueError, IndexError):
        return lines[0], datetime.fromisoformat(lines[1])
    return "another process of this machine", None


def _file_name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


# --------------------------------------------------------------------------------------------------- on a server


@contextmanager
def _on_server(store: Store, name: str, wait: bool, waiting: Callable[[], None], seconds: float) -> Iterator[Lease]:
    row = name if len(name) <= 200 else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    me = f"{_me()} {secrets.token_hex(4)}"
    while (other := _taken_on_server(store, row, me, seconds)) is not None:
        if not wait:
            raise Held(name, _shown(other[0]), other[1])
        waiting()
        sleep(ASK_SERVER_AGAIN)
    mine, done = Lease(name), threading.Event()
    heart = threading.Thread(target=_renewed, args=(store, row, me, seconds, mine, done), daemon=True)
    heart.start()
    try:
        yield mine
    finally:
        done.set()
        heart.join()
        with suppress(StoreTrouble), store.writing(f"lease {row}") as db:  # else it ends by itself
            db.execute(delete(_leases).where(_leases.c.name == row, _leases.c.holder == me))


def _taken_on_server(store: Store, name: str, me: str, seconds: float) -> tuple[str, datetime] | None:
    """None: it is ours; else who has it and since when."""
    with store.writing(f"lease {name}") as db:
        held = db.execute(select(_leases.c.holder, _leases.c.since).where(_leases.c.name == name)).one_or_none()
        dead = held.holder if held is not None and _is_dead(held.holder) else ""
        statement = insert(db, _leases).values(
            name=name, holder=me, since=_NOW, until=_NOW + timedelta(seconds=seconds)
        )
        changed = {column: statement.excluded[column] for column in ("holder", "since", "until")}
        free = or_(_leases.c.until < _NOW, _leases.c.holder == dead)
        taken_over = statement.on_conflict_do_update(index_elements=["name"], set_=changed, where=free)
        if db.execute(taken_over.returning(_leases.c.holder)).first() is not None:
            return None
    return (held.holder, held.since) if held is not None else ("another process", datetime.now(UTC))


def _renewed(store: Store, name: str, me: str, seconds: float, mine: Lease, done: threading.Event) -> None:
    """The heartbeat: until it is done, or somebody else has it. A server that is away may come back in time."""
    missed = 0.0
    while not done.wait(seconds / RENEWALS):
        try:
            with store.writing(f"lease {name}") as db:
                whose = (_leases.c.name == name, _leases.c.holder == me)
                until = _NOW + timedelta(seconds=seconds)
                if not db.execute(update(_leases).where(*whose).values(until=until)).rowcount:
                    mine.lost = True
                    log.warning("%s is no longer ours: another machine took it over", name)
                    return
                missed, mine.lost = 0.0, False
        except StoreTrouble as trouble:
            missed += seconds / RENEWALS
            mine.lost = missed >= seconds
            log.info("%s could not be renewed: %s", name, trouble.message)


# --------------------------------------------------------------------------------------------------- who holds it


def _me() -> str:
    """This process, so that nobody takes another for it: machine, number, and what tells whether it is dead."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())} {_world()}"


def _shown(holder: str) -> str:
    host, _, rest = holder.partition(" ")
    return f"{host}, process {rest.partition(' ')[0]}" if rest else holder


def _is_dead(holder: str) -> bool:
    """Whether a holder is a process of this very system that is no more; of others nobody here can tell."""
    parts = holder.split(" ")
    return len(parts) >= 4 and parts[3] == _world() != "" and parts[1].isdigit() and _started(int(parts[1])) != parts[2]


def _started(pid: int) -> str:
    """When a process was started, in the system's own count; "-" where there is none. A number alone is given again."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return told[19] if told[0] not in "ZX" else "-"  # dead, though nobody has asked how it ended
    except (OSError, IndexError):
        return "-"


@cache
def _world() -> str:
    """Within what process numbers mean the same: this start of this kernel, and this container of it. "": unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116
    except OSError:
        return ""
