"""Counted samples, daily reports, and the index that finds journal lines by time."""

import sqlalchemy as sa
from alembic import op

revision = "figures"
down_revision = "desks"


def upgrade() -> None:
    op.create_table(
        "point_hour",
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("point", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("expected", sa.Float, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("good", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hour", "point"),
    )
    op.create_table(
        "enterprise_hour",
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("expected", sa.Float, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("good", sa.Float, nullable=False),
        sa.Column("counted_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hour", "enterprise"),
    )
    op.create_table(
        "point_first",
        sa.Column("point", sa.Text, primary_key=True),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
    )
    op.create_table(
        "daily_report",
        sa.Column("desk", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.BigInteger),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("desk", "day", "language"),
    )
    op.create_index("daily_report_by_day", "daily_report", ["day", "desk"])
    op.create_index("journal_by_time", "journal", ["time"])
    instruments = sa.text("alarm_class = 'instrument'")
    op.create_index(
        "alarm_instrument_returned",
        "alarm",
        ["returned_time"],
        sqlite_where=instruments,
        postgresql_where=instruments,
    )
