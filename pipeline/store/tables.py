"""The tables of the store.

``arrivals`` (what came in, in which order), ``readings`` (observations, kept under what made them: content, engine,
settings), ``snapshots`` (the online records with their time) and ``judgements`` (each envelope's last report);
``imprints`` (the ink of each seal of a reading, so that envelopes can be compared) and ``twins`` (imprints found to
agree, or to disagree in what they should not); ``sayings`` (what of a reading tells whose it is, so that a batch is
judged without loading the whole store; made anew where another edition of the program made it).

Whoever adds a table names its columns so that ``yanzhang forget`` finds its rows: ``arrival`` holds an arrival's id,
``reading`` (``other_reading``, ``reading_key``) a reading's key, ``application_no`` an application, ``envelope`` an
envelope's name, ``sha256`` an arrival's or a file's. Every change is a step in :mod:`pipeline.store.migrations`.
A table that no backup should hold says so (:data:`VOLATILE`).
"""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

__all__ = [
    "VOLATILE",
    "arrivals",
    "identity",
    "imprints",
    "judgements",
    "metadata",
    "readings",
    "sayings",
    "snapshots",
    "twins",
]

VOLATILE = "volatile"  # info of a table whose rows are of this moment: no backup holds them

metadata = MetaData()
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("split", String(8), nullable=False),
    Column("files", String, nullable=False),
    Column("received_on", Date),
    Column("problem", String, nullable=False, default=""),
    Column("reading_key", String(64), nullable=False, default=""),
    Column("taken_at", DateTime),  # UTC, for people: nothing is ordered by a clock that may be set back
    UniqueConstraint("name", "sha256", "split"),
    sqlite_autoincrement=True,  # the number of an arrival that was forgotten is never another's
)
readings = Table(
    "readings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("taken_at", DateTime, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
judgements = Table(
    "judgements",
    metadata,
    Column("envelope", String, primary_key=True),
    Column("arrival", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
)
imprints = Table(
    "imprints",
    metadata,
    Column("reading", String(64), primary_key=True),
    Column("seal", String(32), primary_key=True),  # where in its reading; "" says that the reading was gone through
    Column("name", String, nullable=False, default="", index=True),
    Column("hash", String(32), nullable=False, default=""),
    Column("data", LargeBinary, nullable=False),
)
twins = Table(
    "twins",
    metadata,
    Column("reading", String(64), primary_key=True),
    Column("seal", String(32), primary_key=True),
    Column("other_reading", String(64), primary_key=True),
    Column("other_seal", String(32), primary_key=True),
    Column("what", String(16), primary_key=True),
)
sayings = Table(
    "sayings",
    metadata,
    Column("reading", String(64), primary_key=True),
    Column("edition", String(16), nullable=False),
    Column("data", LargeBinary, nullable=False),
)
identity = Table(  # one row: what tells this store from another that might name the same originals
    "identity",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32)),
    info={VOLATILE: True},
)
