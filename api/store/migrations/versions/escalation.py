"""Ladders, who was told, call-ups and their attempts, the clocks last seen, the auditor's proofs."""

import sqlalchemy as sa
from alembic import op

revision = "escalation"
down_revision = "answering"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
EXHAUSTED = sa.text("exhausted_at IS NOT NULL AND ended_at IS NULL")


def upgrade() -> None:
    _create_ladders()
    _create_call_ups()
    _create_proofs()


def _create_ladders() -> None:
    op.create_table(
        "climb",
        sa.Column("alarm_id", sa.Text, primary_key=True),
        *_texts("enterprise", "ladder", "phase"),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("slow", sa.Boolean, nullable=False),
        sa.Column("gap_ns", sa.BigInteger, nullable=False),
        sa.Column("exhausted_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        *_texts("ended_by"),
    )
    op.create_index(
        "climb_exhausted",
        "climb",
        ["exhausted_at", "alarm_id"],
        sqlite_where=EXHAUSTED,
        postgresql_where=EXHAUSTED,
    )
    op.create_table(
        "told",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("alarm_id", "enterprise"),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        *_texts("ladder", "phase"),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("repeat", sa.Integer, nullable=False),
        *_texts("receiver", "via", "on_call_source", "channels", "call_up"),
        sqlite_autoincrement=True,
    )
    op.create_index("told_by_alarm", "told", ["alarm_id", "number"])


def _create_call_ups() -> None:
    op.create_table(
        "call_up",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("enterprise"),
        sa.Column("alarm_id", sa.Text),
        *_texts("receiver", "via"),
        sa.Column("step", sa.Integer),
        *_texts("started_by"),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        *_texts("reason", "text"),
        sa.Column("priority", sa.Integer, nullable=False),
        *_texts("state", "superiors"),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("within_s", sa.Float, nullable=False),
        sa.Column("listen_s", sa.Float, nullable=False),
        sa.Column("ring_s", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        *_texts("answer", "answered_by", "comment", "taken_over_by"),
        sa.Column("taken_over_at", sa.BigInteger),
    )
    op.create_index("call_up_by_alarm", "call_up", ["alarm_id", "started_at"])
    op.create_index("call_up_by_start", "call_up", ["started_at", "id"])
    op.create_index("call_up_by_state", "call_up", ["state", "started_at", "id"])
    op.create_table(
        "call_attempt",
        sa.Column("call_id", sa.Text, primary_key=True),
        *_texts("call_up"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("called_at", sa.BigInteger, nullable=False),
        *_texts("provider_reference"),
        sa.Column("reported_at", sa.BigInteger),
        *_texts("outcome"),
        sa.Column("listened_s", sa.Float),
        *_texts("pressed", "note"),
        sa.UniqueConstraint("call_up", "number", name="call_attempt_number"),
    )


def _create_proofs() -> None:
    op.create_table(
        "last_seen",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("wall", sa.BigInteger, nullable=False),
        sa.Column("steady", sa.BigInteger, nullable=False),
        *_texts("boot"),
    )
    op.create_table(
        "audit_proof",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("open_alarms", sa.Integer, nullable=False),
        sa.Column("owed", sa.Integer, nullable=False),
        sa.Column("living", sa.Integer, nullable=False),
        sa.Column("owned", sa.Integer, nullable=False),
        sa.Column("holes", sa.Integer, nullable=False),
        sa.Column("repaired", sa.Integer, nullable=False),
        sa.Column("exhausted", sa.Integer, nullable=False),
        sa.Column("took_ms", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
