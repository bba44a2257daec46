"""Samples counted by hour, for the data-quality figures; and indices that find journal lines by
time, and instrument alarms by their end.

`point_hour` says which points are bad and is kept for weeks; `enterprise_hour` is its sum, kept for years;
`point_first` remembers for ever which points have reported at all.
"""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from api.store.tables.alarms import alarm, entry
from api.store.tables.base import metadata

point_hour = Table(
    "point_hour",
    metadata,
    Column("hour", Integer, nullable=False),  # number of the UTC hour since 1970
    Column("point", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("expected", Float, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("good", BigInteger, nullable=False),
    PrimaryKeyConstraint("hour", "point"),
)

enterprise_hour = Table(
    "enterprise_hour",
    metadata,
    Column("hour", Integer, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("expected", Float, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("good", Float, nullable=False),  # of each point no more than were expected of it
    Column("counted_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("hour", "enterprise"),
)

point_first = Table(
    "point_first",
    metadata,
    Column("point", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("hour", Integer, nullable=False),  # the first in which history has a sample of it
)

Index("journal_by_time", entry.c.time)

OF_INSTRUMENT = text("alarm_class = 'instrument'")
Index(
    "alarm_instrument_returned",
    alarm.c.returned_time,
    sqlite_where=OF_INSTRUMENT,
    postgresql_where=OF_INSTRUMENT,
)
