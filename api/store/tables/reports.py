"""Daily reports that are due, made, or could not be made. The files themselves lie in the data folder."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from api.store.tables.base import metadata

daily_report = Table(
    "daily_report",
    metadata,
    Column("desk", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),  # due, made, failed
    Column("attempts", Integer, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("made_at", BigInteger),
    Column("bytes", BigInteger),
    Column("error", Text, nullable=False),
    PrimaryKeyConstraint("desk", "day", "language"),
)
Index("daily_report_by_day", daily_report.c.day, daily_report.c.desk)
