"""What a daily report lists, read as it stood at the end of its day; and which reports were made.

States come from journals (of alarms, warnings and orders) up to `as_of`, not from what they are now: a
report of a past day reads the same whenever it is made.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, union

from api.auth.principal import Scope
from api.figures.cases import ACKNOWLEDGED, BEGUN, ENDED
from api.figures.spans import HOUR_NS, Span
from api.store.scope import in_scope
from api.store.tables.alarms import OPEN, alarm, entry
from api.store.tables.desks import (
    commitment_day,
    duty_check,
    shift,
    shift_entry,
    supervision,
    supervision_step,
    warning,
    warning_step,
)
from api.store.tables.escalation import call_attempt, call_up
from api.store.tables.figures import point_hour
from api.store.tables.holds import hold

_a, _j = alarm.c, entry.c
LOOKUP = 500
Rows = Sequence[Row[Any]]


class Standing(NamedTuple):
    """An alarm that was open at the end of the span."""

    id: str
    point: str
    rule: str
    name: str
    name_en: str
    priority: int
    alarm_class: str
    enterprise: str
    since: int
    """When people were told first in this case, ns UTC."""
    active: bool
    holder: str
    """Who acknowledged it last; empty: nobody."""


def announcements(connection: Connection, scope: Scope, span: Span) -> Rows:
    """(hour of the span, class, priority, announcements)."""
    hour = ((_j.time - span.start) // HOUR_NS).label("hour")
    found = (
        select(hour, _a.alarm_class, _a.priority, func.count().label("times"))
        .where(*_told(scope, span))
        .group_by(hour, _a.alarm_class, _a.priority)
        .order_by(hour, _a.alarm_class, _a.priority)
    )
    return connection.execute(found).all()


def bad_actors(connection: Connection, scope: Scope, span: Span, limit: int) -> Rows:
    """(point, rule, name, name_en, announcements) of process alarms, the most frequent first."""
    times = func.count().label("times")
    found = (
        select(
            _a.point, _a.rule, func.max(_a.name).label("name"), func.max(_a.name_en).label("name_en"), times
        )
        .where(*_told(scope, span), _a.alarm_class == "process")
        .group_by(_a.point, _a.rule)
        .order_by(times.desc(), _a.point, _a.rule)
        .limit(limit)
    )
    return connection.execute(found).all()


def _told(scope: Scope, span: Span) -> tuple[Any, ...]:
    return (
        _j.alarm_id == _a.id,
        _j.time >= span.start,
        _j.time < span.seen_end,
        _j.annunciates,
        in_scope(_a.enterprise, scope),
    )


def standing_alarms(connection: Connection, scope: Scope, as_of: int) -> list[Standing]:
    """Alarms that were open at `as_of` and had been told to people; the most urgent and oldest first."""
    changed = select(_j.alarm_id).where(_j.time >= as_of)
    some = union(select(_a.id).where(OPEN), changed).subquery("some")
    heads = select(
        _a.id, _a.point, _a.rule, _a.name, _a.name_en, _a.priority, _a.alarm_class, _a.enterprise
    ).where(_a.id == some.c.id, _a.raised_time < as_of, in_scope(_a.enterprise, scope))
    found = {row.id: row for row in connection.execute(heads)}
    standing = [
        Standing(*found[lines[0].alarm_id], *state)
        for lines in _lines_of(connection, sorted(found), as_of)
        if (state := _standing(lines))
    ]
    return sorted(standing, key=lambda one: (-one.priority, one.since, one.id))


def _lines_of(connection: Connection, ids: Sequence[str], as_of: int) -> Iterable[list[Any]]:
    for first in range(0, len(ids), LOOKUP):
        lines = (
            select(_j.alarm_id, _j.kind, _j.time, _j.annunciates, _j.actor)
            .where(_j.alarm_id.in_(ids[first : first + LOOKUP]), _j.time < as_of)
            .order_by(_j.alarm_id, _j.number)
        )
        for _, some in groupby(connection.execute(lines), key=attrgetter("alarm_id")):
            yield [*some]


def _standing(lines: Iterable[Row[Any]]) -> tuple[int, bool, str] | None:
    """Since when, whether active, and who holds it; None if it is closed or was never told."""
    active = waiting = False
    since, holder = None, ""
    for line in lines:
        if line.kind in BEGUN:
            active, waiting = True, False
        elif line.kind in ENDED:
            active = False
        elif line.kind == ACKNOWLEDGED:
            waiting, holder = False, line.actor.partition(":")[2]
        if line.annunciates:
            waiting, holder = True, ""
            since = line.time if since is None else since
        if not (active or waiting):
            since, holder = None, ""
    return None if since is None else (since, active, holder)


def warnings_of(connection: Connection, scope: Scope, span: Span) -> list[tuple[Row[Any], Rows]]:
    """Warnings that were open in the span, each with its steps before `as_of`, the oldest first."""
    w, s = warning.c, warning_step.c
    found = _list(
        connection,
        select(w.id, w.enterprise, w.installation, w.begun_at)
        .where(
            w.begun_at < span.seen_end,
            or_(w.closed_at.is_(None), w.closed_at >= span.start),
            in_scope(w.enterprise, scope),
        )
        .order_by(w.begun_at, w.id),
    )
    steps = select(s.warning_id, s.kind, s.time, s.level).where(s.time < span.as_of).order_by(s.number)
    return _with(connection, found, steps, s.warning_id, "warning_id")


def orders_of(connection: Connection, scope: Scope, span: Span) -> list[tuple[Row[Any], Rows]]:
    """Supervision orders that were open in the span, each with its steps before `as_of`."""
    o, s = supervision.c, supervision_step.c
    found = _list(
        connection,
        select(o.id, o.enterprise, o.facts, o.created_at, o.soon_at, o.deadline)
        .where(
            o.created_at < span.seen_end,
            or_(o.closed_at.is_(None), o.closed_at >= span.start),
            in_scope(o.enterprise, scope),
        )
        .order_by(o.deadline, o.id),
    )
    steps = select(s.order_id, s.kind, s.time).where(s.time < span.as_of).order_by(s.number)
    return _with(connection, found, steps, s.order_id, "order_id")


def _with(
    connection: Connection, found: Rows, steps: Select[Any], column: Any, name: str
) -> list[tuple[Row[Any], Rows]]:
    """Each row with its steps."""
    of: dict[str, list[Row[Any]]] = {row.id: [] for row in found}
    ids = list(of)
    for first in range(0, len(ids), LOOKUP):
        for step in connection.execute(steps.where(column.in_(ids[first : first + LOOKUP]))):
            of[getattr(step, name)].append(step)
    return [(row, of[row.id]) for row in found]


def call_ups_of(connection: Connection, scope: Scope, span: Span) -> Rows:
    """Call-ups begun in the span with the number of their calls."""
    c, a = call_up.c, call_attempt.c
    calls = (
        select(a.call_up, func.count().label("calls"))
        .where(a.called_at < span.as_of)
        .group_by(a.call_up)
        .subquery("made")
    )
    return _list(
        connection,
        select(
            c.enterprise,
            c.receiver,
            c.started_at,
            c.ended_at,
            c.state,
            func.coalesce(calls.c.calls, 0).label("calls"),
        )
        .select_from(call_up.outerjoin(calls, calls.c.call_up == c.id))
        .where(c.started_at >= span.start, c.started_at < span.seen_end, in_scope(c.enterprise, scope))
        .order_by(c.started_at, c.id),
    )


def duty_checks_of(connection: Connection, scope: Scope, span: Span) -> Rows:
    """Duty checks sent in the span."""
    c = duty_check.c
    return _list(
        connection,
        select(c.enterprise, c.sent_at, c.due_at, c.answered_at, c.answered_by)
        .where(c.sent_at >= span.start, c.sent_at < span.seen_end, in_scope(c.enterprise, scope))
        .order_by(c.sent_at, c.id),
    )


def commitments_of(connection: Connection, scope: Scope, span: Span) -> Rows:
    """What was found at the deadlines in the span; those not given first."""
    c = commitment_day.c
    return _list(
        connection,
        select(c.enterprise, c.day, c.in_time)
        .where(c.listed_at >= span.start, c.listed_at < span.seen_end, in_scope(c.enterprise, scope))
        .order_by(c.in_time, c.day, c.enterprise),
    )


def bad_points(connection: Connection, scope: Scope, span: Span, limit: int) -> tuple[Rows, int]:
    """(point, good, expected) of the points with the least valid data, and how many were not perfect."""
    p = point_hour.c
    first, after = span.hours()
    good, expected = func.sum(p.good).label("good"), func.sum(p.expected).label("expected")
    sums = (
        select(p.point, good, expected)
        .where(p.hour >= first, p.hour < after, p.expected > 0, in_scope(p.enterprise, scope))
        .group_by(p.point)
        .having(good < expected)
        .subquery("sums")
    )
    total = connection.execute(select(func.count()).select_from(sums)).scalar_one()
    worst = select(sums).order_by((sums.c.good * 1.0 / sums.c.expected), sums.c.point).limit(limit)
    return connection.execute(worst).all(), total


def holds_at(connection: Connection, scope: Scope, as_of: int) -> Rows:
    """Rules at points that were shelved or out of service at `as_of`."""
    h = hold.c
    return _list(
        connection,
        select(h.point, h.rule, h.kind, h.by, h.time, h.until, h.reason)
        .where(
            h.time < as_of,
            or_(h.ended_time.is_(None), h.ended_time >= as_of),
            h.until > as_of,
            in_scope(h.enterprise, scope),
        )
        .order_by(h.time, h.id),
    )


def shifts_of(connection: Connection, desk: str, span: Span) -> Rows:
    """Shifts of a desk that touched the span."""
    s = shift.c
    ended = or_(s.ended_at.is_(None), s.ended_at > span.start)
    return _list(
        connection,
        select(s.on_duty, s.begun_at, s.ended_at, s.taken_by)
        .where(s.desk == desk, s.begun_at < span.seen_end, ended)
        .order_by(s.begun_at, s.id),
    )


def log_of(connection: Connection, desk: str, span: Span) -> Rows:
    """The shift log of a desk in the span."""
    e = shift_entry.c
    within = and_(e.desk == desk, e.time >= span.start, e.time < span.seen_end)
    return _list(
        connection, select(e.time, e.kind, e.author, e.text, e.critical).where(within).order_by(e.number)
    )


def _list(connection: Connection, found: Select[Any]) -> Rows:
    return connection.execute(found).all()
