"""What persons have put aside: holds of (point, rule), proposals that wait for a second person, the horn."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, text

from api.store.tables.base import ROW_NUMBER, metadata

hold = Table(
    "hold",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("agreed_by", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("one_shot", Boolean, nullable=False),
    Column("ended_time", BigInteger),
    Column("ended_by", Text, nullable=False),
    Column("ended_text", Text, nullable=False),
)

LASTS = text("ended_time IS NULL")
Index(
    "hold_lasting",
    hold.c.point,
    hold.c.rule,
    hold.c.kind,
    unique=True,
    sqlite_where=LASTS,
    postgresql_where=LASTS,
)
Index("hold_by_time", hold.c.time, hold.c.id)

proposal = Table(
    "proposal",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("one_shot", Boolean, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_time", BigInteger),
)

WAITS = text("outcome = ''")
Index(
    "proposal_waiting",
    proposal.c.point,
    proposal.c.rule,
    proposal.c.kind,
    unique=True,
    sqlite_where=WAITS,
    postgresql_where=WAITS,
)
Index("proposal_by_time", proposal.c.time, proposal.c.id)

silence = Table(
    "silence",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("enterprise", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Every silencing of a control room's horn; the newest of an enterprise counts."""
Index("silence_by_enterprise", silence.c.enterprise, silence.c.time)
