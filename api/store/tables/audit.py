"""The audit: acts of persons, and what touches trust in the record. Rows are only ever added.

Each row holds the hash that chains it to the one before (`api.audit.chain`); its number is its place.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from api.store.tables.base import ROW_NUMBER, metadata

audit = Table(
    "audit",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("enterprise", Text, nullable=False, server_default=""),
    Column("hash", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
Index("audit_by_time", audit.c.time, audit.c.number)
Index("audit_by_actor", audit.c.actor, audit.c.number)
Index("audit_by_subject", audit.c.subject, audit.c.number)
Index("audit_by_enterprise", audit.c.enterprise, audit.c.number)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)
"""One row of id 1: the end of the chain, so that rows cut off at the end are missed."""

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("time", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("sent_time", BigInteger),
)
Index("audit_checkpoint_unsent", audit_checkpoint.c.sent_time, audit_checkpoint.c.time)
