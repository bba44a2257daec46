"""Call-ups and their calls in the database. Writing functions belong into a `Transaction`."""

import json
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, tuple_, update

from alarm_rules.model import CallUpPolicy, Priority
from api.auth.principal import EVERYTHING, Scope
from api.call_up.model import Attempt, CallUp, State
from api.store.alarms import LOOKUP
from api.store.scope import in_scope
from api.store.tables.escalation import call_attempt, call_up, climb, told

_u, _n = call_up.c, call_attempt.c
_POLICY = ("calls", "within_s", "listen_s", "ring_s")
_PLAIN = tuple(name for name in CallUp.__struct_fields__ if name not in ("policy", "superiors", "priority"))


class Cursor(NamedTuple):
    """The last call-up of the page before."""

    started_at: int
    id: str


def add_call_ups(connection: Connection, call_ups: Sequence[CallUp]) -> None:
    """New ones."""
    if call_ups:
        connection.execute(insert(call_up), [_row_of(one) for one in call_ups])


def change_call_up(connection: Connection, changed: CallUp) -> None:
    """Put it in place of what is stored."""
    row = _row_of(changed)
    connection.execute(update(call_up).where(_u.id == row.pop("id")).values(**row))


def call_up_by_id(connection: Connection, call_up_id: str, scope: Scope = EVERYTHING) -> CallUp | None:
    """None if there is none, or none in sight."""
    query = select(call_up).where(_u.id == call_up_id, in_scope(_u.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return _call_up(row) if row else None


def known_ids(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of the ids that exist."""
    found: set[str] = set()
    for some in _parts(ids):
        found |= set(connection.execute(select(_u.id).where(_u.id.in_(some))).scalars())
    return found


def calling(connection: Connection, receivers: Collection[str]) -> dict[str, CallUp]:
    """Who of these is being called now, by receiver."""
    found: dict[str, CallUp] = {}
    for some in _parts(receivers):
        query = select(call_up).where(_u.state == "calling", _u.receiver.in_(some))
        for row in connection.execute(query).mappings():
            found[row["receiver"]] = _call_up(row)
    return found


def calling_for(connection: Connection, alarm_ids: Collection[str]) -> list[CallUp]:
    """The call-ups that are under way for these alarms."""
    found: list[CallUp] = []
    for some in _parts(alarm_ids):
        query = select(call_up).where(_u.state == "calling", _u.alarm_id.in_(some))
        found += [_call_up(row) for row in connection.execute(query).mappings()]
    return found


def other_alarm_of(connection: Connection, call_up_id: str, without: Collection[str]) -> str | None:
    """Another alarm that this call-up is also for and that still climbs unanswered; the earliest told."""
    query = (
        select(told.c.alarm_id)
        .join(climb, climb.c.alarm_id == told.c.alarm_id)
        .where(told.c.call_up == call_up_id, climb.c.ended_at.is_(None), climb.c.phase == "unacked")
        .where(told.c.alarm_id.not_in(sorted(without)))
        .order_by(told.c.number)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def alarms_of(connection: Connection, call_up_id: str, limit: int = 100) -> list[str]:
    """Every alarm that this call-up is for, the earliest told first."""
    query = (
        select(told.c.alarm_id)
        .where(told.c.call_up == call_up_id)
        .group_by(told.c.alarm_id)
        .order_by(func.min(told.c.number))
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def add_attempt(connection: Connection, attempt: Attempt) -> None:
    """A call that is placed now."""
    connection.execute(insert(call_attempt).values(**_attempt_row(attempt)))


def change_attempt(connection: Connection, attempt: Attempt) -> None:
    """What became of it."""
    row = _attempt_row(attempt)
    connection.execute(update(call_attempt).where(_n.call_id == row.pop("call_id")).values(**row))


def attempts_of(connection: Connection, call_up_ids: Collection[str]) -> list[Attempt]:
    """The calls of these call-ups, each one's in order."""
    found: list[Attempt] = []
    for some in _parts(call_up_ids):
        query = select(call_attempt).where(_n.call_up.in_(some)).order_by(_n.call_up, _n.number)
        found += [_attempt(row) for row in connection.execute(query).mappings()]
    return found


def attempt_by_call(connection: Connection, call_id: str) -> Attempt | None:
    """The call of this id."""
    row = connection.execute(select(call_attempt).where(_n.call_id == call_id)).mappings().first()
    return _attempt(row) if row else None


def call_ups_of_alarm(connection: Connection, alarm_id: str) -> list[CallUp]:
    """Those that are or were for an alarm, the earliest first."""
    joined = select(told.c.call_up).where(told.c.alarm_id == alarm_id, told.c.call_up != "")
    query = (
        select(call_up).where(or_(_u.alarm_id == alarm_id, _u.id.in_(joined))).order_by(_u.started_at, _u.id)
    )
    return [_call_up(row) for row in connection.execute(query).mappings()]


def page_of_call_ups(
    connection: Connection,
    scope: Scope,
    states: Collection[State],
    receiver: str | None,
    after: Cursor | None,
    limit: int,
    *,
    untaken: bool = False,
) -> list[CallUp]:
    """The newest first, beginning after `after`. untaken: without those that somebody has taken over."""
    query = select(call_up).where(in_scope(_u.enterprise, scope))
    if states:
        query = query.where(_u.state.in_(sorted(states)))
    if receiver is not None:
        query = query.where(_u.receiver == receiver)
    if untaken:
        query = query.where(_u.taken_over_at.is_(None))
    if after is not None:
        query = query.where(tuple_(_u.started_at, _u.id) < tuple_(after.started_at, after.id))
    query = query.order_by(_u.started_at.desc(), _u.id.desc()).limit(limit)
    return [_call_up(row) for row in connection.execute(query).mappings()]


def call_ups_where(
    connection: Connection, scope: Scope, which: ColumnElement[bool], limit: int | None = None
) -> list[CallUp]:
    """Those in sight for which this holds, the newest first."""
    query = select(call_up).where(in_scope(_u.enterprise, scope), which)
    query = query.order_by(_u.started_at.desc(), _u.id.desc()).limit(limit)
    return [_call_up(row) for row in connection.execute(query).mappings()]


def count_states(connection: Connection, since: int) -> dict[State, int]:
    """How many call-ups that began since then are in each state."""
    query = select(_u.state, func.count()).where(_u.started_at >= since).group_by(_u.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def not_woken_untaken(connection: Connection) -> int:
    """How many were not woken and nobody at the desk has seen to."""
    query = select(func.count()).where(and_(_u.state == "not_woken", _u.taken_over_at.is_(None)))
    return int(connection.execute(query).scalar_one())


def _row_of(one: CallUp) -> dict[str, Any]:
    return (
        {name: getattr(one, name) for name in _PLAIN}
        | {name: getattr(one.policy, name) for name in _POLICY}
        | {"superiors": json.dumps(one.superiors), "priority": int(one.priority)}
    )


def _call_up(row: Any) -> CallUp:
    return CallUp(
        **{name: row[name] for name in _PLAIN},
        policy=CallUpPolicy(**{name: row[name] for name in _POLICY}),
        superiors=tuple(json.loads(row["superiors"])),
        priority=Priority(row["priority"]),
    )


_COLUMNS = {"reference": "provider_reference"}


def _attempt_row(attempt: Attempt) -> dict[str, Any]:
    values = msgspec.structs.asdict(attempt)
    return {_COLUMNS.get(name, name): value for name, value in values.items()}


def _attempt(row: Any) -> Attempt:
    return Attempt(**{name: row[_COLUMNS.get(name, name)] for name in Attempt.__struct_fields__})


def _parts(keys: Collection[str]) -> list[list[str]]:
    ordered = sorted(set(keys))
    return [ordered[start : start + LOOKUP] for start in range(0, len(ordered), LOOKUP)]
