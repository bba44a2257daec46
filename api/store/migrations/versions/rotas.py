"""On-call rotas with their versions, overrides, swaps, notes and calendar feeds."""

import sqlalchemy as sa
from alembic import op

revision = "rotas"
down_revision = "notify"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "rota",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("retired_by", sa.Text, nullable=False),
        sa.Column("retired_at", sa.BigInteger),
    )
    op.create_index("rota_by_enterprise", "rota", ["enterprise", "id"])
    op.create_table(
        "rota_version",
        sa.Column("rota", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("entered_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "rota_override",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("rota", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("receivers", sa.Text, nullable=False),
        sa.Column("instead_of", sa.Text, nullable=False),
        sa.Column("start_at", sa.BigInteger, nullable=False),
        sa.Column("end_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("entered_at", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_by", sa.Text, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("rota_override_by_id", "rota_override", ["id"], unique=True)
    op.create_index("rota_override_by_end", "rota_override", ["rota", "end_at"])
    op.create_table(
        "rota_swap",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("rota", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("offered_by", sa.Text, nullable=False),
        sa.Column("offered_to", sa.Text, nullable=False),
        sa.Column("start_at", sa.BigInteger, nullable=False),
        sa.Column("end_at", sa.BigInteger, nullable=False),
        sa.Column("return_start", sa.BigInteger),
        sa.Column("return_end", sa.BigInteger),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("offered_at", sa.BigInteger, nullable=False),
        sa.Column("answered_by", sa.Text, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("answer_note", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("rota_swap_by_id", "rota_swap", ["id"], unique=True)
    op.create_index("rota_swap_by_rota", "rota_swap", ["rota", "number"])
    op.create_table(
        "rota_note",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("rota", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("written_by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("rota_note_by_rota", "rota_note", ["rota", "number"])
    op.create_table(
        "rota_feed",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("rota", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_by", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("rota_feed_by_token", "rota_feed", ["token_hash"], unique=True)
    op.create_index("rota_feed_by_rota", "rota_feed", ["rota", "id"])
