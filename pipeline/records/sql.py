"""Records from a database: SQLite, PostgreSQL, MySQL or MariaDB, a table, a view or a query; only ever read.

An address names the table or view after ``#``: ``postgresql://reader@host/declare#public.v_application``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import BadRecords, SourceDown
from pipeline.records.table import MAX_STREAMED_ROWS, RawRow, Table, exact, too_many
from pipeline.values.secrets import redacted

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Executable

__all__ = ["SCHEMES", "lines", "opened", "split_address"]

SCHEMES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb")
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 300  # 100,000 applications of a table took 5
AT_ONCE = 500  # rows that travel together
MAX_NAME = 128  # signs of a table's name; databases allow 63 or 64
_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_HOUR = "+08:00"  # what a database keeps as an instant is a day of China's calendar


def split_address(address: str) -> tuple[str, str]:
    """The address and the table named after its last ``#``; a ``#`` within a password is none."""
    before, sign, table = address.rpartition("#")
    return (before, table) if sign and not re.search(r"[@/]", table) else (address, "")


@contextmanager
def opened(address: str, *, table: str = "", query: str = "") -> Iterator[Table]:
    """The rows of a table, a view or an operator's own query, one at a time, in a transaction that only reads.

    :raises BadRecords: the address, the table or the query is of no use
    :raises SourceDown: (also while rows are taken) the database does not answer
    """
    with _connected(address) as db:
        name = redacted(address)
        yield _table(db, _asked(table, query, name), name)


@contextmanager
def lines(address: str, *, table: str = "", query: str = "") -> Iterator[Iterator[Mapping[str, object]]]:
    """The same rows bare, for what is joined to records."""
    with opened(address, table=table, query=query) as found:
        yield (row.opened().values for row in found.rows)


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    from sqlalchemy.exc import SQLAlchemyError

    name = redacted(address)
    engine = _engine(address, name)
    try:
        try:
            db = engine.connect()
        except SQLAlchemyError as error:
            raise _complaint(name, error) from error
        with db:
            try:
                _only_reading(db)
            except SQLAlchemyError as error:
                raise _complaint(name, error) from error
            yield db
    finally:
        engine.dispose()


def _engine(address: str, name: str) -> Engine:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        url = make_url(address)
        scheme = url.drivername.partition("+")[0]
        url = url.set(drivername=_DRIVERS[scheme])
    except (ArgumentError, KeyError, ValueError) as error:
        raise BadRecords(
            f"The records cannot be read from {name}: write the address as postgresql://user:password@host/database"
            "#table (in a password, signs like @ / # as %40 %2F %23)."
        ) from error
    try:
        return create_engine(_made_readable(url, name), poolclass=NullPool, connect_args=_arguments(scheme))
    except (SQLAlchemyError, TypeError, ValueError) as error:
        raise BadRecords(f"The records cannot be read from {name}: {_reason(error)}.") from error


def _made_readable(url: URL, name: str) -> URL:
    """SQLite makes a database where there is none, unless it is told that it may only read."""
    if url.drivername != "sqlite":
        return url
    path = Path(url.database or "")
    if not path.is_file():
        raise BadRecords(f"There is no file {path} to read records from ({name}): name the database file.")
    return url.set(database=path.resolve().as_uri(), query={"mode": "ro", "uri": "true"})


def _arguments(scheme: str) -> dict[str, Any]:
    if scheme == "sqlite":
        return {"timeout": CONNECT_SECONDS}
    if scheme in ("postgresql", "postgres"):
        session = {
            "default_transaction_read_only": "on",
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "timezone": "Asia/Shanghai",
        }
        return {
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {setting}={value}" for setting, value in session.items()),
            "application_name": "yanzhang",
        }
    return {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": STATEMENT_SECONDS,
        "write_timeout": CONNECT_SECONDS,
        "charset": "utf8mb4",
        "local_infile": False,
    }


def _only_reading(db: Connection) -> None:
    """What the database itself is told, so that nothing that is asked of it can change it."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("PRAGMA query_only = ON")
        db.exec_driver_sql("PRAGMA trusted_schema = OFF")
    elif db.dialect.name == "mysql":
        db.exec_driver_sql(f"SET SESSION time_zone = '{_HOUR}'")
        limit = f"max_statement_time = {STATEMENT_SECONDS}"  # s in MariaDB
        if not getattr(db.dialect, "is_mariadb", False):
            limit = f"max_execution_time = {1000 * STATEMENT_SECONDS}"  # ms in MySQL
        db.exec_driver_sql(f"SET SESSION {limit}")
        db.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
    db.rollback()  # what was told holds for the transaction that begins now


def _asked(table: str, query: str, name: str) -> Executable:
    from sqlalchemy import literal_column, quoted_name, select, text
    from sqlalchemy import table as table_of

    if query:
        return text(_one_question(query).replace(":", r"\:"))
    parts = table.split(".")
    if not table or len(parts) > 2 or not all(0 < len(part) <= MAX_NAME and part.isprintable() for part in parts):
        raise BadRecords(f"The records {name} name no table: write it after #, as in …#table or …#schema.view.")
    named = table_of(
        quoted_name(parts[-1], quote=True), schema=quoted_name(parts[0], quote=True) if len(parts) == 2 else None
    )
    return select(literal_column("*")).select_from(named)


def _one_question(query: str) -> str:
    asked = query.strip().removesuffix(";").strip()
    if ";" in asked or not re.match(r"(?i)(?:select|with)\b", asked):
        raise BadRecords("The query for records is not one SELECT: write a single one, without a semicolon inside.")
    return asked


def _table(db: Connection, asked: Executable, name: str) -> Table:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        result = db.execution_options(stream_results=True, yield_per=AT_ONCE).execute(asked)
    except SQLAlchemyError as error:
        raise _complaint(name, error) from error
    columns = tuple(result.keys())

    def rows() -> Iterator[RawRow]:
        try:
            for number, row in enumerate(result, 1):
                if number > MAX_STREAMED_ROWS:
                    raise too_many(name, MAX_STREAMED_ROWS)
                yield RawRow(f"row {number}", _values(columns, row))
        except SQLAlchemyError as error:
            raise _complaint(name, error) from error

    return Table(columns, rows())


def _values(columns: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    return {column: _plain(value) for column, value in zip(columns, row, strict=True)}


def _plain(value: object) -> object:
    """A value as other sources bring it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return _unpadded(value)
    if isinstance(value, float):
        return exact(value)
    return str(value) if isinstance(value, uuid.UUID) else value


def _unpadded(number: Decimal) -> Decimal:
    """A column of numbers pads with zeros (3000.5 becomes 3000.500000): nobody declared those decimals."""
    if not number.is_finite():
        return number
    bare = number.normalize()
    return bare if int(bare.as_tuple().exponent) <= 0 else bare.quantize(Decimal(1))


def _complaint(name: str, error: Exception) -> BadRecords:
    from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

    reason = _reason(error)
    told = f"The records cannot be read from {name}: {reason}"
    if re.search(r"(?i)no such table|no such column|does ?n[o']t exist|syntax error|denied for table", reason):
        return BadRecords(f"{told}: name a table or view that is there, and that this user may read.")
    if isinstance(error, (OperationalError, InterfaceError, InternalError)):
        return SourceDown(f"{told}: see whether the database runs and lets this user in.")
    return BadRecords(f"{told}.")


def _reason(error: Exception) -> str:
    """The driver's own words, the first line of them, without what is secret."""
    cause = getattr(error, "orig", None) or error
    numbered = len(getattr(cause, "args", ())) == 2 and isinstance(cause.args[0], int)  # MySQL: a number and the words
    told = str(cause.args[1]) if numbered else str(cause)
    return redacted(" ".join(told.split("\n")[0].split())).rstrip(".")[:200] or type(error).__name__
