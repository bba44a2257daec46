"""The limit that an alarm's rule had when it was raised. Alarms that are older have none."""

import sqlalchemy as sa
from alembic import op

revision = "alarm_limits"
down_revision = "witness"


def upgrade() -> None:
    op.add_column("alarm", sa.Column("limit_side", sa.Text, nullable=False, server_default=""))
    op.add_column("alarm", sa.Column("setpoint", sa.Float))
