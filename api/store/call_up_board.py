"""What the call-up board is made of: who is called or was not woken, for which alarms, and who else was."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select

from api.alarms.model import Alarm
from api.auth.principal import Scope
from api.call_up.model import Attempt, CallUp
from api.store.alarms import LOOKUP, alarms_by_ids
from api.store.call_ups import attempts_of, call_ups_where
from api.store.tables.alarms import OPEN, alarm
from api.store.tables.escalation import call_up, told

_u = call_up.c
ON_BOARD = or_(
    _u.state == "calling", and_(_u.state.in_(("not_woken", "cannot_come")), _u.taken_over_at.is_(None))
)
"""Somebody still has to see to them."""


class Called(NamedTuple):
    """All that the board shows, not yet in order."""

    waiting: list[CallUp]
    """Who is being called, was not woken or cannot come, and whom nobody has taken over."""
    others: list[CallUp]
    """Who else was called for the same alarms, or by the same wish."""
    alarms: list[Alarm]
    pairs: set[tuple[str, str]]
    """(alarm, call-up that is or was for it)."""
    attempts: list[Attempt]
    complete: bool
    """False: more are waiting than were asked for."""


def called(connection: Connection, scope: Scope, most: int) -> Called:
    """At most so many that wait, the newest; an alarm out of sight is left out with its call-ups' places."""
    found = call_ups_where(connection, scope, ON_BOARD, limit=most + 1)
    waiting = found[:most]
    ids = [one.id for one in waiting]
    pairs = {(one.alarm_id, one.id) for one in waiting if one.alarm_id} | _joined(connection, ids)
    alarms = alarms_by_ids(connection, {alarm_id for alarm_id, _ in pairs}, scope)
    seen = {one.id for one in alarms}
    pairs |= _told_of(connection, seen)
    others = {one.id: one for one in _others(connection, scope, waiting, {one for _, one in pairs}, seen)}
    pairs |= {(one.alarm_id, one.id) for one in others.values() if one.alarm_id}
    for each in ids:
        others.pop(each, None)
    attempts = attempts_of(connection, [*ids, *others])
    in_sight = {pair for pair in pairs if pair[0] in seen}
    return Called(waiting, list(others.values()), alarms, in_sight, attempts, len(found) <= most)


def _joined(connection: Connection, call_ups: Collection[str]) -> set[tuple[str, str]]:
    """Open alarms that joined these call-ups: who is called already is not called a second time."""
    found: set[tuple[str, str]] = set()
    for some in _parts(call_ups):
        query = select(told.c.alarm_id, told.c.call_up).where(
            told.c.alarm_id.in_(select(alarm.c.id).where(OPEN)), told.c.call_up.in_(some)
        )
        found |= {(row[0], row[1]) for row in connection.execute(query)}
    return found


def _told_of(connection: Connection, alarms: Collection[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for some in _parts(alarms):
        query = select(told.c.alarm_id, told.c.call_up).where(told.c.alarm_id.in_(some), told.c.call_up != "")
        found |= {(row[0], row[1]) for row in connection.execute(query)}
    return found


def _others(
    connection: Connection,
    scope: Scope,
    waiting: Collection[CallUp],
    ids: Collection[str],
    alarms: Collection[str],
) -> Iterator[CallUp]:
    """Everybody called for these alarms; where there is no alarm, at the same moment by the same person."""
    for some in _parts(ids):
        yield from call_ups_where(connection, scope, _u.id.in_(some))
    for some in _parts(alarms):
        yield from call_ups_where(connection, scope, _u.alarm_id.in_(some))
    moments = {one.started_at for one in waiting if one.alarm_id is None}
    if moments:
        same = _u.started_at.in_(sorted(moments)[:LOOKUP])
        yield from call_ups_where(connection, scope, and_(_u.alarm_id.is_(None), same))


def _parts(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), LOOKUP):
        yield ordered[start : start + LOOKUP]
