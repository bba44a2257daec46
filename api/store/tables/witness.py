"""What this service was witness of: since when it knows a point, when it first had a value of it, and the
times in which it ran and heard an enterprise's gateway.

Figures over time count nothing that lies outside of these: what nobody saw was neither good nor bad.
"""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text

from api.store.tables.base import metadata

point_known = Table(
    "point_known",
    metadata,
    Column("point", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("known_at", BigInteger, nullable=False),  # the service first ran with it in its register
    Column("heard_at", BigInteger),  # a value of it first arrived; null: none ever did
)

witness_span = Table(
    "witness_span",
    metadata,
    Column("enterprise", Text, nullable=False),  # "": the service itself ran
    Column("begin", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    PrimaryKeyConstraint("enterprise", "begin"),
)
Index("witness_span_by_end", witness_span.c.end)
