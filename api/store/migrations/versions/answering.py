"""Answering links and the answers given through them."""

import sqlalchemy as sa
from alembic import op

revision = "answering"
down_revision = "rotas"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "answer_link",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("token_hash", "kind", "subject", "receiver", "enterprise", "purposes", "channel", "base_url"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        *_texts("revoked_by", "nonce"),
    )
    op.create_index("answer_link_by_token", "answer_link", ["token_hash"], unique=True)
    op.create_index("answer_link_by_subject", "answer_link", ["kind", "subject"])
    op.create_index("answer_link_by_expiry", "answer_link", ["expires_at"])
    op.create_table(
        "answer",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("link", "kind", "subject", "receiver", "enterprise", "person", "choice", "colleague"),
        *_texts("comment"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("address"),
        sqlite_autoincrement=True,
    )
    op.create_index("answer_by_link", "answer", ["link", "number"])
    op.create_index("answer_by_subject", "answer", ["kind", "subject", "number"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
