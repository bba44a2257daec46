"""Receivers and their targets, the outbox with its receipts, calls, and the sandbox.

The partial indices hold only what is still to be done, however long the history of messages grows.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from api.store.tables.base import ROW_NUMBER, metadata

receiver = Table(
    "receiver",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
)
Index("receiver_by_enterprise", receiver.c.enterprise, receiver.c.id)

target = Table(
    "target",
    metadata,
    Column("receiver", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("sealed_address", Text, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("verified_at", BigInteger),
    Column("version", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    PrimaryKeyConstraint("receiver", "number"),
)

WAITING = text("state = 'waiting'")
UNSETTLED = text("unsettled")

outbox = Table(
    "outbox",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False),
    Column("message_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("target", Integer),
    Column("channel", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("alarm_id", Text),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("lease", Text),
    Column("lease_until", BigInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("finished_at", BigInteger),
    Column("sent_with", BigInteger),
    Column("words", Text, nullable=False),
    Column("unsettled", Boolean, nullable=False),
    UniqueConstraint("key", name="outbox_key"),
    sqlite_autoincrement=True,
)
Index(
    "outbox_waiting",
    outbox.c.rank,
    outbox.c.number,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
Index("outbox_by_alarm", outbox.c.alarm_id, outbox.c.number)
Index("outbox_by_message", outbox.c.message_key)
Index("outbox_by_receiver", outbox.c.receiver, outbox.c.number)
Index("outbox_by_age", outbox.c.created_at)
Index("outbox_unsettled", outbox.c.lane, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)

receipt = Table(
    "receipt",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("outbox", BigInteger, nullable=False),
    Column("carrier", BigInteger, nullable=False),
    Column("message_key", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Integer),
    Column("lane", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("alarm_id", Text),
    Column("attempt", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("messages", Integer, nullable=False),
    sqlite_autoincrement=True,
)
Index("receipt_by_outbox", receipt.c.outbox, receipt.c.number)
Index("receipt_by_message", receipt.c.message_key, receipt.c.number)
Index("receipt_by_alarm", receipt.c.alarm_id, receipt.c.number)
Index("receipt_by_lane", receipt.c.lane, receipt.c.ended_at)

voice_call = Table(
    "voice_call",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("outbox", BigInteger, nullable=False),
    Column("message_key", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("alarm_id", Text),
    Column("started_at", BigInteger, nullable=False),
    Column("ask_at", BigInteger, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("answered", Boolean),
    Column("listened_s", Float),
    Column("keypad", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("words", Text, nullable=False),
)
OPEN_CALL = text("is_open")
Index("voice_call_open", voice_call.c.ask_at, sqlite_where=OPEN_CALL, postgresql_where=OPEN_CALL)
Index("voice_call_by_message", voice_call.c.message_key)

sandbox = Table(
    "sandbox",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False),
    Column("kept_at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("alarm_ids", Text, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("times", Integer, nullable=False),
    UniqueConstraint("key", "receiver", "channel", name="sandbox_key"),
    sqlite_autoincrement=True,
)
