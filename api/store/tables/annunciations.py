"""Annunciations: every time that people were told of an alarm, with its end and its answer; and floods.

Made from the journal's lines that annunciate, so that figures of performance come from one narrow table.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, text

from api.store.tables.base import ROW_NUMBER, metadata

annunciation = Table(
    "annunciation",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("alarm_id", Text, nullable=False),
    Column("time", BigInteger, nullable=False),  # this service's clock
    Column("enterprise", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("alarm_class", Text, nullable=False),
    Column("second_level_gas", Boolean, nullable=False),
    Column("onset", BigInteger, nullable=False),  # source_time
    Column("returned_time", BigInteger),  # source_time
    Column("returned_at", BigInteger),  # this service's clock
    Column("acknowledged_time", BigInteger),  # this service's clock
    Column("acknowledged_by", Text),
    sqlite_autoincrement=True,
)
Index("annunciation_by_time", annunciation.c.time)
Index("annunciation_by_enterprise", annunciation.c.enterprise, annunciation.c.time)
Index("annunciation_by_alarm", annunciation.c.alarm_id)

flood = Table(
    "flood",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("enterprise", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    sqlite_autoincrement=True,
)
GOES_ON = text("ended IS NULL")
Index(
    "flood_going_on",
    flood.c.enterprise,
    unique=True,
    sqlite_where=GOES_ON,
    postgresql_where=GOES_ON,
)
Index("flood_by_enterprise", flood.c.enterprise, flood.c.started)
