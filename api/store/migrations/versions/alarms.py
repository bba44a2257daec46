"""Alarms, their journal, the audit and the gateways' positions, as version 0.1 made them."""

import sqlalchemy as sa
from alembic import op

revision = "alarms"
down_revision = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ACTIVE, OPEN = sa.text("active"), sa.text("is_open")


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("point", "rule"),
        sa.Column("onset", sa.BigInteger, nullable=False),
        *_texts("gateway"),
        sa.Column("raised_time", sa.BigInteger, nullable=False),
        sa.Column("received_time", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("returned_time", sa.BigInteger),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_time", sa.BigInteger),
        sa.Column("acknowledge_comment", sa.Text),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *_texts("name", "name_en"),
        sa.Column("priority", sa.Integer, nullable=False),
        *_texts("alarm_class", "consequence", "response"),
        sa.Column("time_to_respond_s", sa.Float),
        sa.Column("latched", sa.Boolean, nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        *_texts("enterprise", "installation", "unit"),
        sa.Column("value", sa.Float),
        *_texts("quality"),
        sa.Column("figure", sa.Float),
        *_texts("text"),
        sa.UniqueConstraint("point", "rule", "onset", name="alarm_episode"),
    )
    op.create_index("alarm_by_onset", "alarm", ["onset", "id"])
    op.create_index("alarm_by_point", "alarm", ["point", "onset", "id"])
    op.create_index("alarm_by_priority", "alarm", ["priority", "onset", "id"])
    op.create_index("alarm_open", "alarm", ["onset", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("alarm_active", "alarm", ["point", "rule"], sqlite_where=ACTIVE, postgresql_where=ACTIVE)
    op.create_table(
        "journal",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("alarm_id", "kind"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("actor", "gateway", "journal"),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("source_time", sa.BigInteger),
        sa.Column("received_time", sa.BigInteger),
        sa.Column("value", sa.Float),
        *_texts("quality"),
        sa.Column("figure", sa.Float),
        *_texts("cause", "text"),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_by_alarm", "journal", ["alarm_id", "number"])
    op.create_table(
        "audit",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("actor", "action", "subject", "text"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "position",
        *_texts("gateway", "journal"),
        sa.Column("through", sa.BigInteger, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("gateway", "journal"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
