"""Changes of limits, which take two persons, with their back-tests."""

import sqlalchemy as sa
from alembic import op

revision = "limit_changes"
down_revision = "watch"


def upgrade() -> None:
    op.create_table(
        "limit_change",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("enterprise", "based_on", "facts"),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        *_texts("backtest_before", "backtest_after", "comparison", "applied_by"),
        sa.Column("applied_at", sa.BigInteger),
        *_texts("applied_file", "applied_digest"),
    )
    op.create_index("limit_change_by_enterprise", "limit_change", ["enterprise"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
