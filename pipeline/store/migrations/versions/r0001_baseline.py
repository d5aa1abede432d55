"""The tables as they were before there were steps. A store of that time has them, or some, or those of form 0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

tables = sa.MetaData()
sa.Table(
    "arrivals",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("split", sa.String(8), nullable=False),
    sa.Column("files", sa.String, nullable=False),
    sa.Column("received_on", sa.Date),
    sa.Column("problem", sa.String, nullable=False),
    sa.Column("reading_key", sa.String(64), nullable=False),
    sa.Column("taken_at", sa.DateTime),
    sa.UniqueConstraint("name", "sha256", "split"),
    sqlite_autoincrement=True,
)
sa.Table(
    "readings",
    tables,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
sa.Table(
    "snapshots",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("taken_at", sa.DateTime, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
sa.Table(
    "judgements",
    tables,
    sa.Column("envelope", sa.String, primary_key=True),
    sa.Column("arrival", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
sa.Table(
    "imprints",
    tables,
    sa.Column("reading", sa.String(64), primary_key=True),
    sa.Column("seal", sa.String(32), primary_key=True),
    sa.Column("name", sa.String, nullable=False, index=True),
    sa.Column("hash", sa.String(32), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
sa.Table(
    "twins",
    tables,
    sa.Column("reading", sa.String(64), primary_key=True),
    sa.Column("seal", sa.String(32), primary_key=True),
    sa.Column("other_reading", sa.String(64), primary_key=True),
    sa.Column("other_seal", sa.String(32), primary_key=True),
    sa.Column("what", sa.String(16), primary_key=True),
)
sa.Table(
    "sayings",
    tables,
    sa.Column("reading", sa.String(64), primary_key=True),
    sa.Column("edition", sa.String(16), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
sa.Table(
    "quarantine",
    tables,
    sa.Column("reading", sa.String(64), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("strikes", sa.Integer, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("noted_at", sa.DateTime, nullable=False),
)
sa.Table(
    "decisions",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("finding", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("called", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("application_no", sa.String, nullable=False, index=True),
    sa.Column("sheet", sa.String(80), nullable=False),
    sa.Column("code", sa.String(32), nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("document", sa.String(32)),
    sa.Column("field", sa.String(64)),
    sa.Column("expected", sa.String, nullable=False),
    sa.Column("found", sa.String, nullable=False),
    sqlite_autoincrement=True,
)
sa.Table(
    "corrections",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("called", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("application_no", sa.String, nullable=False, index=True),
    sa.Column("sheet", sa.String(80), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("document", sa.String(32), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("field", sa.String(64), nullable=False),
    sa.Column("value", sa.String, nullable=False),
    sa.Column("raw", sa.String, nullable=False),
    sa.Column("unit", sa.String(16)),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """What is there stays; arrivals of form 0 get the time they were taken in, which nobody knows any more."""
    db = op.get_bind()
    old = sa.inspect(db).has_table("arrivals") and "taken_at" not in _columns(db, "arrivals")
    if old:
        op.execute("ALTER TABLE arrivals RENAME TO arrivals_before")
        op.execute("DROP INDEX IF EXISTS ix_arrivals_sha256")
    tables.create_all(db)
    if old:
        columns = ", ".join(_columns(db, "arrivals_before"))
        op.execute(f"INSERT INTO arrivals ({columns}) SELECT {columns} FROM arrivals_before ORDER BY id")
        op.execute("DROP TABLE arrivals_before")
    for table in ("decisions", "corrections"):
        _only_added_to(table, server=db.dialect.name == "postgresql")


def _columns(db: sa.Connection, table: str) -> list[str]:
    return [str(column["name"]) for column in sa.inspect(db).get_columns(table)]


def _only_added_to(table: str, *, server: bool) -> None:
    """Whoever comes with another program than this one cannot rewrite what was said either."""
    if not server:
        op.execute(
            f"CREATE TRIGGER IF NOT EXISTS {table}_stay BEFORE UPDATE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'what people said is only added to'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'what people said is only added to'; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION only_added_to()")
