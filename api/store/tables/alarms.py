"""Alarms and their journal, with the indices that keep 10 million alarms quick.

`is_open` is derived from the facts when a row is written: the
partial indices on it stay as small as the work that is left, however long the history grows.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from api.store.tables.base import ROW_NUMBER, metadata

alarm = Table(
    "alarm",
    metadata,
    Column("id", Text, primary_key=True),
    Column("point", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("onset", BigInteger, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("raised_time", BigInteger, nullable=False),
    Column("received_time", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("returned_time", BigInteger),
    Column("acknowledged_by", Text),
    Column("acknowledged_time", BigInteger),
    Column("acknowledge_comment", Text),
    Column("is_open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("alarm_class", Text, nullable=False),
    Column("consequence", Text, nullable=False),
    Column("response", Text, nullable=False),
    Column("time_to_respond_s", Float),
    Column("latched", Boolean, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("value", Float),
    Column("quality", Text, nullable=False),
    Column("figure", Float),
    Column("text", Text, nullable=False),
    UniqueConstraint("point", "rule", "onset", name="alarm_episode"),
)

OPEN = text("is_open")
ACTIVE = text("active")

Index("alarm_by_onset", alarm.c.onset, alarm.c.id)
Index("alarm_by_point", alarm.c.point, alarm.c.onset, alarm.c.id)
Index("alarm_by_priority", alarm.c.priority, alarm.c.onset, alarm.c.id)
Index("alarm_open", alarm.c.onset, alarm.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
Index("alarm_active", alarm.c.point, alarm.c.rule, sqlite_where=ACTIVE, postgresql_where=ACTIVE)

entry = Table(
    "journal",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("alarm_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("journal", Text, nullable=False),
    Column("sequence", BigInteger),
    Column("source_time", BigInteger),
    Column("received_time", BigInteger),
    Column("value", Float),
    Column("quality", Text, nullable=False),
    Column("figure", Float),
    Column("cause", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("journal_by_alarm", entry.c.alarm_id, entry.c.number)

position = Table(
    "position",
    metadata,
    Column("gateway", Text, nullable=False),
    Column("journal", Text, nullable=False),
    Column("through", BigInteger, nullable=False),
    Column("current", Boolean, nullable=False),
    PrimaryKeyConstraint("gateway", "journal"),
)
