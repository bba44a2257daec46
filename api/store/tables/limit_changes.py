"""Changes of limits with their back-tests; who decided stands in the proposal of the same id."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from api.store.tables.base import metadata

limit_change = Table(
    "limit_change",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("based_on", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("backtest_before", Text, nullable=False),
    Column("backtest_after", Text, nullable=False),
    Column("comparison", Text, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("applied_at", BigInteger),
    Column("applied_file", Text, nullable=False),
    Column("applied_digest", Text, nullable=False),
)
Index("limit_change_by_enterprise", limit_change.c.enterprise)
