"""The tables of the store.

``arrivals`` (what came in, in which order), ``readings`` (observations, kept under what made them: content, engine,
settings), ``snapshots`` (the online records with their time) and ``judgements`` (each envelope's last report);
``imprints`` (the ink of each seal of a reading, so that envelopes can be compared) and ``twins`` (imprints found to
agree, or to disagree in what they should not); ``sayings`` (what of a reading tells whose it is, so that a batch is
judged without loading the whole store; made anew where another edition of the program made it).

The record book: ``record_versions`` (every version a record ever had, in the order in which it came in force, with the
time it was first seen; one without data says that the record was gone from then on), ``record_now`` (which version of
each is in force, with the digest of the raw row it was made of), ``record_fetches`` (what each look at a source came
to), ``record_book`` (one row that counts; who writes takes it first, so that writers follow one another).

``matches`` (whose each envelope is) and ``rereadings`` (how often a reading was replaced by another under its key):
:mod:`pipeline.store.verdicts` says what for.

Whoever adds a table names its columns so that ``yanzhang forget`` finds its rows: ``arrival`` holds an arrival's id,
``reading`` (``other_reading``, ``reading_key``) a reading's key, ``application_no`` an application, ``envelope`` an
envelope's name, ``sha256`` an arrival's or a file's. Every change is a step in :mod:`pipeline.store.migrations`.
A table that no backup should hold says so (:data:`VOLATILE`).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

__all__ = [
    "VOLATILE",
    "arrivals",
    "identity",
    "imprints",
    "judgements",
    "matches",
    "metadata",
    "readings",
    "record_book",
    "record_fetches",
    "record_now",
    "record_versions",
    "rereadings",
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
    Column("arrival", Integer, primary_key=True, index=True),  # looked for without the envelope's name
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
record_versions = Table(
    "record_versions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # given by record_book: never twice, even forgotten
    Column("key", String, nullable=False, index=True),  # the number without regard to case
    Column("application_no", String, nullable=False, index=True),
    Column("digest", String(32), nullable=False),
    Column("since", DateTime, nullable=False),  # UTC
    Column("data", LargeBinary, nullable=False),  # empty: gone
)
record_now = Table(
    "record_now",
    metadata,
    Column("key", String, primary_key=True),
    Column("application_no", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("raw", String(32), nullable=False),  # of the row it was made of; "" where that is not known
    Column("digest", String(32), nullable=False),  # of the record
    Column("filled", Integer, nullable=False),  # which fields have a value, a bit each
    Column("seen", DateTime, nullable=False),  # UTC; or later, with the last look at a source as a whole
)
record_fetches = Table(
    "record_fetches",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False),  # UTC
    Column("source", String, nullable=False),  # redacted
    Column("whole", Boolean, nullable=False),  # all records there are, or some that were added
    Column("ok", Boolean, nullable=False),
    Column("rows", Integer, nullable=False, default=0),
    Column("usable", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("etag", String, nullable=False, default=""),  # with what else tells whether a source is as it was
    Column("generation", Integer, nullable=False, default=0),  # of the book when it was done
    Column("problem", String, nullable=False, default=""),
)
record_book = Table(
    "record_book",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),  # how often anything was written
    Column("last_version", Integer, nullable=False),
)
matches = Table(
    "matches",
    metadata,
    Column("arrival", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("reading", String(64), nullable=False),
    Column("own", String(32), nullable=False),  # digest of all about the arrival that matching depends on
    Column("application_no", String, nullable=False, index=True),
    Column("how", String, nullable=False),  # JSON: what agreed, rivals
    Column("codes", String, nullable=False),  # numbers and codes that it says
    Column("sha256", String(64), nullable=False),
)
rereadings = Table(
    "rereadings",
    metadata,
    Column("reading", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
)
