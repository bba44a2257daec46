"""Synthetic alarms of the gateways."""

import sqlalchemy as sa
from alembic import op

revision = "watch"
down_revision = "publish"


def upgrade() -> None:
    op.create_table(
        "probe",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("tripped_at", sa.BigInteger, nullable=False),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
        sa.Column("came_out_at", sa.BigInteger),
        sa.Column("latency_s", sa.Float),
    )
    op.create_index("probe_by_gateway", "probe", ["gateway", "stored_at"])
    op.create_index("probe_by_time", "probe", ["stored_at"])
