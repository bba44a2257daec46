"""Ladders and call-ups: how far each has come, who was told, what he answered."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text, UniqueConstraint, text

from api.store.tables.base import ROW_NUMBER, metadata

climb = Table(
    "climb",
    metadata,
    Column("alarm_id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("ladder", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("slow", Boolean, nullable=False),
    Column("gap_ns", BigInteger, nullable=False),
    Column("exhausted_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("ended_by", Text, nullable=False),
)
"""One row an alarm that ever climbed. `gap_ns`: its ladder's largest wait; `ended_at`: null until it ends."""
EXHAUSTED = text("exhausted_at IS NOT NULL AND ended_at IS NULL")
Index(
    "climb_exhausted",
    climb.c.exhausted_at,
    climb.c.alarm_id,
    sqlite_where=EXHAUSTED,
    postgresql_where=EXHAUSTED,
)

told = Table(
    "told",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("alarm_id", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("ladder", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("on_call_source", Text, nullable=False),
    Column("channels", Text, nullable=False),
    Column("call_up", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Who was told of an alarm at which step, and why he. Receiver "": the step reached nobody. Never changed."""
Index("told_by_alarm", told.c.alarm_id, told.c.number)

call_up = Table(
    "call_up",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("alarm_id", Text),
    Column("receiver", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("step", Integer),
    Column("started_by", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("superiors", Text, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("within_s", Float, nullable=False),
    Column("listen_s", Float, nullable=False),
    Column("ring_s", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("answer", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("taken_over_by", Text, nullable=False),
    Column("taken_over_at", BigInteger),
)
"""One person being called; the policy's figures are those of the moment it began."""
Index("call_up_by_alarm", call_up.c.alarm_id, call_up.c.started_at)
Index("call_up_by_state", call_up.c.state, call_up.c.started_at, call_up.c.id)
Index("call_up_by_start", call_up.c.started_at, call_up.c.id)

call_attempt = Table(
    "call_attempt",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("call_up", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("called_at", BigInteger, nullable=False),
    Column("provider_reference", Text, nullable=False),
    Column("reported_at", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("listened_s", Float),
    Column("pressed", Text, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("call_up", "number", name="call_attempt_number"),
)
"""One call of one call-up."""

last_seen = Table(
    "last_seen",
    metadata,
    Column("name", Text, primary_key=True),
    Column("wall", BigInteger, nullable=False),
    Column("steady", BigInteger, nullable=False),
    Column("boot", Text, nullable=False),
)
"""When the service last looked at its clocks: a wall clock that jumped is noticed, also over a restart."""

audit_proof = Table(
    "audit_proof",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("open_alarms", Integer, nullable=False),
    Column("owed", Integer, nullable=False),
    Column("living", Integer, nullable=False),
    Column("owned", Integer, nullable=False),
    Column("holes", Integer, nullable=False),
    Column("repaired", Integer, nullable=False),
    Column("exhausted", Integer, nullable=False),
    Column("took_ms", Float, nullable=False),
    sqlite_autoincrement=True,
)
"""What the auditor of the ladders found, the newest few."""
