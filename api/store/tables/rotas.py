"""On-call rotas: versions, overrides, swaps, notes and calendar feeds. Rows end; none is ever rewritten."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from api.store.tables.base import ROW_NUMBER, metadata

rota = Table(
    "rota",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("retired_by", Text, nullable=False),
    Column("retired_at", BigInteger),
)
Index("rota_by_enterprise", rota.c.enterprise, rota.c.id)

rota_version = Table(
    "rota_version",
    metadata,
    Column("rota", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("definition", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
)

rota_override = Table(
    "rota_override",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("rota", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("receivers", Text, nullable=False),
    Column("instead_of", Text, nullable=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("withdrawn_by", Text, nullable=False),
    Column("withdrawn_at", BigInteger),
    sqlite_autoincrement=True,
)
Index("rota_override_by_id", rota_override.c.id, unique=True)
Index("rota_override_by_end", rota_override.c.rota, rota_override.c.end_at)

rota_swap = Table(
    "rota_swap",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("rota", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("offered_by", Text, nullable=False),
    Column("offered_to", Text, nullable=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False),
    Column("return_start", BigInteger),
    Column("return_end", BigInteger),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("offered_at", BigInteger, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("answered_at", BigInteger),
    Column("answer_note", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("rota_swap_by_id", rota_swap.c.id, unique=True)
Index("rota_swap_by_rota", rota_swap.c.rota, rota_swap.c.number)

rota_note = Table(
    "rota_note",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("rota", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("rota_note_by_rota", rota_note.c.rota, rota_note.c.number)

rota_feed = Table(
    "rota_feed",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False),
    Column("rota", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
    Column("revoked_at", BigInteger),
)
Index("rota_feed_by_token", rota_feed.c.token_hash, unique=True)
Index("rota_feed_by_rota", rota_feed.c.rota, rota_feed.c.id)
