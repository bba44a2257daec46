"""Durable timers, and the enterprise that an audited act concerns."""

import sqlalchemy as sa
from alembic import op

revision = "timers"
down_revision = "alarms"


def upgrade() -> None:
    op.add_column("audit", sa.Column("enterprise", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "timer",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("timer_by_due", "timer", ["due_at", "key"])
    op.create_index("timer_by_subject", "timer", ["kind", "subject"])
