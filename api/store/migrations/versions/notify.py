"""Receivers and their targets, the outbox with its receipts, calls, and the sandbox."""

import sqlalchemy as sa
from alembic import op

from api.store.tables.base import ROW_NUMBER

revision = "notify"
down_revision = "auth"

WAITING = sa.text("state = 'waiting'")
UNSETTLED = sa.text("unsettled")
OPEN_CALL = sa.text("is_open")


def upgrade() -> None:
    op.create_table(
        "receiver",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )
    op.create_table(
        "target",
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("sealed_address", sa.Text, nullable=False),
        sa.Column("sealed_secret", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("verified_at", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("receiver", "number"),
    )
    op.create_table(
        "outbox",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("message_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("target", sa.Integer),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("alarm_id", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("lease", sa.Text),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("sent_with", sa.BigInteger),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("unsettled", sa.Boolean, nullable=False),
        sa.UniqueConstraint("key", name="outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "receipt",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("outbox", sa.BigInteger, nullable=False),
        sa.Column("carrier", sa.BigInteger, nullable=False),
        sa.Column("message_key", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("target", sa.Integer),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("alarm_id", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "voice_call",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("outbox", sa.BigInteger, nullable=False),
        sa.Column("message_key", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("alarm_id", sa.Text),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ask_at", sa.BigInteger, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("answered", sa.Boolean),
        sa.Column("listened_s", sa.Float),
        sa.Column("keypad", sa.Text, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_table(
        "sandbox",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("alarm_ids", sa.Text, nullable=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.UniqueConstraint("key", "receiver", "channel", name="sandbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("receiver_by_enterprise", "receiver", ["enterprise", "id"])
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["rank", "number"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("outbox_by_alarm", "outbox", ["alarm_id", "number"])
    op.create_index("outbox_by_message", "outbox", ["message_key"])
    op.create_index("outbox_by_receiver", "outbox", ["receiver", "number"])
    op.create_index("outbox_by_age", "outbox", ["created_at"])
    op.create_index(
        "outbox_unsettled", "outbox", ["lane"], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
    )
    op.create_index("receipt_by_outbox", "receipt", ["outbox", "number"])
    op.create_index("receipt_by_message", "receipt", ["message_key", "number"])
    op.create_index("receipt_by_alarm", "receipt", ["alarm_id", "number"])
    op.create_index("receipt_by_lane", "receipt", ["lane", "ended_at"])
    op.create_index(
        "voice_call_open", "voice_call", ["ask_at"], sqlite_where=OPEN_CALL, postgresql_where=OPEN_CALL
    )
    op.create_index("voice_call_by_message", "voice_call", ["message_key"])
