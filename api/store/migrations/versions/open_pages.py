"""Indices that keep pages of open alarms quick while ten millions are closed."""

import sqlalchemy as sa
from alembic import op

revision = "open_pages"
down_revision = "lifecycle"

OPEN = sa.text("is_open")


def upgrade() -> None:
    for name, column in (("alarm_open_by_priority", "priority"), ("alarm_open_by_enterprise", "enterprise")):
        op.create_index(name, "alarm", [column, "onset", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
