"""Verdicts: whose each envelope is, what it was judged to be and why, so that a night judges only what changed."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    op.create_table(
        "matches",
        sa.Column("arrival", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reading", sa.String(64), nullable=False),
        sa.Column("own", sa.String(32), nullable=False),
        sa.Column("application_no", sa.String, nullable=False),
        sa.Column("how", sa.String, nullable=False),
        sa.Column("codes", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_index("ix_matches_application_no", "matches", ["application_no"])
    op.create_table(
        "match_mark",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mark", sa.Integer, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
    )
    op.create_table(
        "verdicts",
        sa.Column("arrival", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("envelope", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("application_no", sa.String, nullable=False),
        sa.Column("slip", sa.String, nullable=False),
        sa.Column("before", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_verdicts_application_no", "verdicts", ["application_no"])
    op.create_table(
        "rereadings",
        sa.Column("reading", sa.String(64), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "told_nights",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
