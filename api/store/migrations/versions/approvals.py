"""Changes that take two persons."""

import sqlalchemy as sa
from alembic import op

revision = "approvals"
down_revision = "figures"

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("kind", "subject", "title", "enterprise", "change", "old", "new", "seen_version", "reason"),
        *_texts("proposed_by"),
        sa.Column("proposed_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        *_texts("state", "decided_by"),
        sa.Column("decided_at", sa.BigInteger),
        *_texts("comment"),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("approval_by_time", "approval", ["proposed_at", "id"])
    op.create_index(
        "approval_one_open",
        "approval",
        ["kind", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
