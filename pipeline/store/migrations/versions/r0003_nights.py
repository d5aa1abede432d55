"""Nights: each run of the nightly job, what it came to, and who was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    op.create_table(
        "nights",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("process", sa.String(80), nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("problem", sa.String, nullable=False),
        sa.Column("summary", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "night_lines",
        sa.Column("night", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("application_no", sa.String, nullable=False, index=True),
        sa.Column("envelope", sa.String, nullable=False),
        sa.Column("data", sa.String, nullable=False),
    )
    op.create_table(
        "told",
        sa.Column("matter", sa.String(40), primary_key=True),
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("claimed_at", sa.DateTime, nullable=False),
        sa.Column("told_at", sa.DateTime),
    )
