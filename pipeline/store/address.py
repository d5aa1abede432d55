"""Where a store's database and originals are: addresses with passwords, which nothing here shows."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.errors import BadSetting
from pipeline.values.references import referred
from pipeline.values.secrets import redacted

__all__ = ["database_url", "looked_up", "shown"]

_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")
_DRIVER = "postgresql+psycopg"


def looked_up(address: str, setting: str) -> str:
    """What ``env:NAME`` refers to; any other address as it is.

    :raises BadSetting: there is no such variable
    """
    found, name = referred(address)
    if name and not found:
        raise BadSetting(f"{setting} refers to the variable {name}, which is not set: export {name}=… first")
    return found


def database_url(address: str) -> URL:
    """The address of a database server.

    :raises BadSetting: it is none that we know
    """
    wanted = "YANZHANG_DATABASE must be postgresql://user:password@host:5432/name (or env:NAME, the variable with it)"
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError) as error:
        raise BadSetting(f"{wanted}: what it holds cannot be read as an address") from error
    if url.drivername not in _SERVERS:
        raise BadSetting(f"{wanted}: {redacted(url.drivername)[:40]} is another kind; leave it out for SQLite")
    if not url.database:
        raise BadSetting(f"{wanted}: it names no database")
    return url.set(drivername=_DRIVER)


def shown(url: URL) -> str:
    """The address without what is confidential in it: no password, no query."""
    return URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database
    ).render_as_string()
