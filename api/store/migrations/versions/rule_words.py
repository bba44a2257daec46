"""Consequence and response of an alarm in English. Alarms that are older have them in one language."""

import sqlalchemy as sa
from alembic import op

revision = "rule_words"
down_revision = "limit_changes"


def upgrade() -> None:
    for name in ("consequence_en", "response_en"):
        op.add_column("alarm", sa.Column(name, sa.Text, nullable=False, server_default=""))
