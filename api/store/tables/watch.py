"""Synthetic alarms (probes) of the gateways, and when each came out as a notification."""

from sqlalchemy import BigInteger, Column, Float, Index, Table, Text

from api.store.tables.base import metadata

probe = Table(
    "probe",
    metadata,
    Column("id", Text, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("tripped_at", BigInteger, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("came_out_at", BigInteger),
    Column("latency_s", Float),
)
Index("probe_by_gateway", probe.c.gateway, probe.c.stored_at)
Index("probe_by_time", probe.c.stored_at)
