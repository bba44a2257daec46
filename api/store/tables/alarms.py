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
    false,
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
    Column("confirmed_by", Text),
    Column("confirmed_time", BigInteger),
    Column("confirm_comment", Text),
    Column("latch_holds", Boolean, nullable=False, server_default=false()),
    Column("reset_wanted", Text),  # JSON of Acknowledgement
    Column("shelved", Text),  # JSON of Held
    Column("out_of_service", Text),  # JSON of Held
    Column("suppressed_by", Text),  # JSON list of rule ids
    Column("proposed", Text),  # JSON of Proposed
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Column("annunciated_time", BigInteger, nullable=False, server_default="0"),
    Column("is_open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("alarm_class", Text, nullable=False),
    Column("consequence", Text, nullable=False),
    Column("consequence_en", Text, nullable=False, server_default=""),
    Column("response", Text, nullable=False),
    Column("response_en", Text, nullable=False, server_default=""),
    Column("time_to_respond_s", Float),
    Column("limit_side", Text, nullable=False, server_default=""),
    Column("setpoint", Float),
    Column("latched", Boolean, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("second_level_gas", Boolean, nullable=False, server_default=false()),
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
Index("alarm_by_enterprise", alarm.c.enterprise, alarm.c.onset, alarm.c.id)
Index("alarm_by_installation", alarm.c.enterprise, alarm.c.installation, alarm.c.onset, alarm.c.id)
Index("alarm_open", alarm.c.onset, alarm.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
Index(
    "alarm_open_by_priority",
    alarm.c.priority,
    alarm.c.onset,
    alarm.c.id,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index(
    "alarm_open_by_enterprise",
    alarm.c.enterprise,
    alarm.c.onset,
    alarm.c.id,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
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
    Column("annunciates", Boolean, nullable=False, server_default=false()),
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
