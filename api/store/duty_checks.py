"""Duty checks on disk, and what their answers come to."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, select, tuple_, update

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.desks.duty_plan import CheckOutcome, DutyCheck
from api.store.errors import StoreConflict
from api.store.scope import in_scope
from api.store.tables.desks import duty_check as checks
from api.store.tables.timers import timer

_c = checks.c
_IN_TIME = and_(_c.answered_at.is_not(None), _c.answered_at < _c.due_at)


class CheckQuery(NamedTuple):
    """Which checks a page shows. Empty fields do not restrict."""

    scope: Scope
    now: int
    outcome: CheckOutcome | None = None
    enterprise: str | None = None
    since: int | None = None
    until: int | None = None
    """Sent from `since` on and before `until`, ns UTC."""


class CheckCursor(NamedTuple):
    sent_at: int
    id: str


class CheckTally(NamedTuple):
    """Checks of one enterprise whose time to answer is over."""

    enterprise: str
    checks: int
    answered: int
    late: int
    mean_answer_s: float | None
    """Of those answered in time."""


def add_checks(connection: Connection, rows: list[DutyCheck]) -> None:
    if rows:
        connection.execute(insert(checks), [msgspec.structs.asdict(row) for row in rows])


def planned_enterprises(connection: Connection, kind: str) -> set[str]:
    """Enterprises that have a timer of this kind."""
    return set(connection.execute(select(timer.c.subject).where(timer.c.kind == kind)).scalars())


def check_by_id(connection: Connection, check_id: str, scope: Scope = EVERYTHING) -> DutyCheck | None:
    """None if there is none in this scope."""
    query = select(checks).where(_c.id == check_id, in_scope(_c.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return DutyCheck(**row) if row else None


def keep_answer(connection: Connection, check: DutyCheck) -> None:
    """Store the answer. StoreConflict if somebody has answered meanwhile."""
    here = and_(_c.id == check.id, _c.answered_at.is_(None))
    values = {name: getattr(check, name) for name in ("answered_at", "answered_by", "answered_via")}
    if connection.execute(update(checks).where(here).values(**values)).rowcount != 1:
        raise StoreConflict(
            both(f"查岗 {check.id} 已由他人应答", f"duty check {check.id} was answered by somebody else")
        )


def mark_missed(connection: Connection, check_id: str) -> None:
    connection.execute(update(checks).where(_c.id == check_id).values(missed=True))


def page_of_checks(
    connection: Connection, query: CheckQuery, after: CheckCursor | None, limit: int
) -> list[DutyCheck]:
    """Newest first, at most `limit`, beginning after `after`."""
    statement = (
        select(checks).where(*_conditions(query)).order_by(_c.sent_at.desc(), _c.id.desc()).limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(_c.sent_at, _c.id) < tuple_(after.sent_at, after.id))
    return [DutyCheck(**row) for row in connection.execute(statement).mappings()]


def tally_checks(connection: Connection, query: CheckQuery) -> list[CheckTally]:
    """By enterprise: the lowest share answered in time first, then the one with more checks."""
    took = (_c.answered_at - _c.sent_at) * 1e-9
    statement = (
        select(
            _c.enterprise,
            func.count(),
            func.sum(case((_IN_TIME, 1), else_=0)),
            func.sum(case((and_(_c.answered_at.is_not(None), _c.answered_at >= _c.due_at), 1), else_=0)),
            func.avg(case((_IN_TIME, took))),
        )
        .where(_c.due_at <= query.now, *_conditions(query))
        .group_by(_c.enterprise)
    )
    tallies = [
        CheckTally(row[0], row[1], row[2], row[3], None if row[4] is None else float(row[4]))
        for row in connection.execute(statement)
    ]
    return sorted(tallies, key=lambda one: (one.answered / one.checks, -one.checks, one.enterprise))


def _conditions(query: CheckQuery) -> Iterator[ColumnElement[bool]]:
    yield in_scope(_c.enterprise, query.scope)
    if query.enterprise is not None:
        yield _c.enterprise == query.enterprise
    if query.since is not None:
        yield _c.sent_at >= query.since
    if query.until is not None:
        yield _c.sent_at < query.until
    if query.outcome == "answered":
        yield _IN_TIME
    elif query.outcome == "late":
        yield _c.answered_at >= _c.due_at
    elif query.outcome == "waiting":
        yield and_(_c.answered_at.is_(None), _c.due_at > query.now)
    elif query.outcome == "unanswered":
        yield and_(_c.answered_at.is_(None), _c.due_at <= query.now)
