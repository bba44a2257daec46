"""Counts for the summary of a shift, from the tables of alarms, warnings, orders and duty checks."""

from typing import Any

from sqlalchemy import Connection, and_, func, select

from alarm_rules.model import Priority
from api.auth.principal import Scope
from api.desks.colours import WarningLevel
from api.desks.shift_summary import Totals
from api.store.scope import in_scope
from api.store.tables import alarms as alarm_tables
from api.store.tables.desks import OPEN, duty_check, supervision, warning

_a, _w, _o, _c = alarm_tables.alarm.c, warning.c, supervision.c, duty_check.c


def totals_of(connection: Connection, scope: Scope, since: int, until: int) -> Totals:
    """From `since` on and before `until`, ns UTC; what is open is open now."""
    raised = and_(_a.raised_time >= since, _a.raised_time < until, in_scope(_a.enterprise, scope))
    still = and_(alarm_tables.OPEN, in_scope(_a.enterprise, scope))
    checks = and_(_c.sent_at >= since, _c.sent_at < until, in_scope(_c.enterprise, scope))
    orders = and_(_o.is_open, in_scope(_o.enterprise, scope))
    open_levels = select(_w.level, func.count()).where(OPEN, in_scope(_w.enterprise, scope))
    return Totals(
        raised=_priorities(connection, raised),
        open_now=_priorities(connection, still),
        warnings_begun=_count(
            connection,
            warning,
            and_(_w.begun_at >= since, _w.begun_at < until, in_scope(_w.enterprise, scope)),
        ),
        warnings_open={
            WarningLevel(row[0]): row[1]
            for row in connection.execute(open_levels.group_by(_w.level).order_by(_w.level.desc()))
        },
        warnings_overdue=_count(
            connection, warning, and_(OPEN, _w.due_at <= until, in_scope(_w.enterprise, scope))
        ),
        orders_open=_count(connection, supervision, orders),
        orders_overdue=_count(connection, supervision, and_(orders, _o.deadline <= until)),
        checks=_count(connection, duty_check, checks),
        checks_unanswered=_count(
            connection, duty_check, and_(checks, _c.answered_at.is_(None), _c.due_at <= until)
        ),
    )


def _priorities(connection: Connection, where: Any) -> dict[Priority, int]:
    query = select(_a.priority, func.count()).where(where).group_by(_a.priority)
    return {Priority(row[0]): row[1] for row in connection.execute(query)}


def _count(connection: Connection, table: Any, where: Any) -> int:
    number: int = connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
    return number
