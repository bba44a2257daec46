"""Durable timers: what has to happen at a time, whatever is restarted in between."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from api.store.tables.base import metadata

timer = Table(
    "timer",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("timer_by_due", timer.c.due_at, timer.c.key)
Index("timer_by_subject", timer.c.kind, timer.c.subject)
