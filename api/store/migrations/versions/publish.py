"""What waits to go to provincial platforms, and what was published of warnings."""

import sqlalchemy as sa
from alembic import op

revision = "publish"
down_revision = "approvals"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WAITING = sa.text("refused = ''")


def upgrade() -> None:
    op.create_table(
        "upstream",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        sa.Column("refused", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "upstream_waiting",
        "upstream",
        ["platform", "number"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("warning", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("message_type", sa.Text, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("publication_by_time", "publication", ["time", "id"])
    op.create_index("publication_by_warning", "publication", ["warning", "time"])
