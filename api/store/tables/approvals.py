"""Proposed changes and what became of them."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from api.store.tables.base import metadata

approval = Table(
    "approval",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("seen_version", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", BigInteger),
    Column("comment", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
OPEN = text("state = 'open'")
Index("approval_by_time", approval.c.proposed_at, approval.c.id)
Index(
    "approval_one_open",
    approval.c.kind,
    approval.c.subject,
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
