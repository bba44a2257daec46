"""Warning levels and warnings, supervision orders, duty checks, commitments, and shift logs.

`*_step`, `level_change` and `shift_entry` are journals: rows are only ever added. Structs that a state is
derived from are kept whole as JSON in `facts`; what is filtered and sorted by stands beside it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from api.store.tables.alarms import ACTIVE, alarm
from api.store.tables.base import ROW_NUMBER, metadata

Index(
    "alarm_active_in_installation",
    alarm.c.enterprise,
    alarm.c.installation,
    sqlite_where=ACTIVE,
    postgresql_where=ACTIVE,
)

level = Table(
    "installation_level",
    metadata,
    Column("enterprise", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("standing", Text, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("active_alarms", Integer, nullable=False),
    Column("looked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("enterprise", "installation"),
)
"""One row an installation of the register; `since`: when `level` became what it is."""
Index("level_by_level", level.c.level, level.c.since, level.c.enterprise, level.c.installation)

level_change = Table(
    "level_change",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("enterprise", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("level_before", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("policy", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("level_change_by_place", level_change.c.enterprise, level_change.c.installation, level_change.c.number)
Index("level_change_by_time", level_change.c.time)

OPEN = text("is_open")

warning = Table(
    "warning",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("is_open", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("overdue", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("warning_by_begun", warning.c.begun_at, warning.c.id)
Index("warning_by_enterprise", warning.c.enterprise, warning.c.begun_at, warning.c.id)
Index(
    "warning_open",
    warning.c.enterprise,
    warning.c.installation,
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index(
    "warning_open_by_begun",
    warning.c.begun_at,
    warning.c.id,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)

warning_step = Table(
    "warning_step",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("warning_id", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("warning_step_by_warning", warning_step.c.warning_id, warning_step.c.number)
Index("warning_step_by_time", warning_step.c.time)

supervision = Table(
    "supervision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("warning_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("is_open", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("soon_at", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("overdue", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("supervision_by_created", supervision.c.created_at, supervision.c.id)
Index("supervision_by_enterprise", supervision.c.enterprise, supervision.c.created_at, supervision.c.id)
Index("supervision_by_warning", supervision.c.warning_id)

supervision_step = Table(
    "supervision_step",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("order_id", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("supervision_step_by_order", supervision_step.c.order_id, supervision_step.c.number)

duty_check = Table(
    "duty_check",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("answered_at", BigInteger),
    Column("answered_by", Text, nullable=False),
    Column("answered_via", Text, nullable=False),
    Column("missed", Boolean, nullable=False),
)
Index("duty_check_by_time", duty_check.c.sent_at, duty_check.c.id)
Index("duty_check_by_enterprise", duty_check.c.enterprise, duty_check.c.sent_at, duty_check.c.id)

commitment = Table(
    "commitment",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("correction", Text, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("enterprise", "day", "version", name="commitment_version"),
)
Index("commitment_by_day", commitment.c.day, commitment.c.enterprise, commitment.c.version)

commitment_day = Table(
    "commitment_day",
    metadata,
    Column("day", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("in_time", Boolean, nullable=False),
    Column("listed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "enterprise"),
)
"""What was found at the deadline of each day, for every enterprise of the register then."""

shift = Table(
    "shift",
    metadata,
    Column("id", Text, primary_key=True),
    Column("desk", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("on_duty", Text, nullable=False),
    Column("offered_at", BigInteger),
    Column("offered_to", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("taken_by", Text, nullable=False),
)
"""`enterprise`: of a control room; a bureau's desk has its own id there, which no enterprise sees."""
LASTING = text("ended_at IS NULL")
Index("shift_by_desk", shift.c.desk, shift.c.begun_at, shift.c.id)
Index("shift_lasting", shift.c.desk, unique=True, sqlite_where=LASTING, postgresql_where=LASTING)

shift_entry = Table(
    "shift_entry",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("desk", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("shift", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("critical", Boolean, nullable=False),
    Column("about", BigInteger),
    Column("subject", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("shift_entry_by_desk", shift_entry.c.desk, shift_entry.c.number)
Index("shift_entry_about", shift_entry.c.about)
MATTER = text("kind = 'matter'")
Index(
    "shift_entry_matters",
    shift_entry.c.desk,
    shift_entry.c.number,
    sqlite_where=MATTER,
    postgresql_where=MATTER,
)

shift_read = Table(
    "shift_read",
    metadata,
    Column("entry", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry", "person"),
)
"""Who has read which critical entry."""
