"""What the service was witness of: figures over time count from there.

Of points that had already reported, the hour of their first counted sample stands in; of the others, and of
the times in which the service ran, nothing is known before.
"""

import sqlalchemy as sa
from alembic import op

revision = "witness"
down_revision = "rule_words"

HOUR_NS = 3_600_000_000_000


def upgrade() -> None:
    op.create_table(
        "point_known",
        sa.Column("point", sa.Text, primary_key=True),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("heard_at", sa.BigInteger),
    )
    op.create_table(
        "witness_span",
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("begin", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "begin"),
    )
    op.create_index("witness_span_by_end", "witness_span", ["end"])
    op.execute(
        "INSERT INTO point_known (point, enterprise, known_at, heard_at) "
        f"SELECT point, enterprise, CAST(hour AS BIGINT) * {HOUR_NS}, CAST(hour AS BIGINT) * {HOUR_NS} "
        "FROM point_first"
    )
