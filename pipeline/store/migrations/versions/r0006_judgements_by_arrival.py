"""Judgements are found by arrival: without an index each look went through all that were ever made."""

from alembic import op

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    op.create_index("ix_judgements_arrival", "judgements", ["arrival"], if_not_exists=True)
